//! Matchers: which findings an entry of a file means, in words instead of fingerprints.

use crate::model::finding::Finding;
use crate::text::star_match;

/// A pattern in which `*` stands for any text, the empty one too. Everything else is itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Glob(String);

impl Glob {
    /// A pattern.
    #[must_use]
    pub fn new(pattern: &str) -> Self {
        Self(pattern.to_owned())
    }

    /// As it is written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether every text fits.
    #[must_use]
    pub fn is_anything(&self) -> bool {
        !self.0.is_empty() && self.0.bytes().all(|b| b == b'*')
    }

    /// Whether a text fits.
    #[must_use]
    pub fn fits(&self, text: &str) -> bool {
        star_match(text, &self.0)
    }
}

/// What a finding has to be; what is not named may be anything.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Matcher {
    /// Id of the check.
    pub check: Option<String>,
    /// Namespace of the owner; empty for what belongs to none.
    pub namespace: Option<Glob>,
    /// Kind of the owner.
    pub kind: Option<String>,
    /// Name of the owner.
    pub name: Option<Glob>,
    /// The container.
    pub container: Option<Glob>,
    /// The field, as findings show it: `spec.template.spec.hostPID`.
    pub path: Option<Glob>,
}

impl Matcher {
    /// Whether every finding fits: such a matcher switches the whole assessment off.
    #[must_use]
    pub fn is_everything(&self) -> bool {
        let open = |glob: &Option<Glob>| glob.as_ref().is_none_or(Glob::is_anything);
        self.check.is_none()
            && self.kind.is_none()
            && [&self.namespace, &self.name, &self.container, &self.path].into_iter().all(open)
    }

    /// Whether neither a namespace nor an object is named.
    #[must_use]
    pub fn is_everywhere(&self) -> bool {
        let open = |glob: &Option<Glob>| glob.as_ref().is_none_or(Glob::is_anything);
        open(&self.namespace) && open(&self.name)
    }

    /// Whether a finding is meant. Kind, namespace and name are those of the owner: the Deployment
    /// and not its pods, whatever of the two the finding was seen on. A finding of the cluster as a
    /// whole is of kind `Cluster`, named `cluster`.
    #[must_use]
    pub fn fits(&self, finding: &Finding) -> bool {
        let owner = finding.owner.as_ref().or(finding.object.as_ref());
        let namespace = owner.and_then(|o| o.namespace.as_deref()).unwrap_or_default();
        let kind = owner.map_or("Cluster", |o| &o.kind);
        let name = owner.map_or("cluster", |o| &o.name);
        let is = |word: &Option<String>, text: &str| word.as_deref().is_none_or(|w| w == text);
        let like = |glob: &Option<Glob>, text: &str| glob.as_ref().is_none_or(|g| g.fits(text));
        is(&self.check, &finding.check)
            && is(&self.kind, kind)
            && like(&self.namespace, namespace)
            && like(&self.name, name)
            && like(&self.container, finding.container.as_deref().unwrap_or_default())
            && (self.path.is_none() || like(&self.path, &finding.path.to_string()))
    }

    /// What is named, in the words and the order of the file: `check host-pid-namespace, namespace
    /// pay-*`.
    #[must_use]
    pub fn describe(&self) -> String {
        let glob = |g: &Option<Glob>| g.as_ref().map(|g| g.as_str().to_owned());
        let named = [
            ("check", self.check.clone()),
            ("namespace", glob(&self.namespace)),
            ("kind", self.kind.clone()),
            ("name", glob(&self.name)),
            ("container", glob(&self.container)),
            ("path", glob(&self.path)),
        ];
        let words: Vec<String> =
            named.into_iter().filter_map(|(k, v)| Some(format!("{k} {}", v?))).collect();
        words.join(", ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_names_nothing_is_everything() {
        assert!(Matcher::default().is_everything());
        let stars = Matcher {
            namespace: Some(Glob::new("*")),
            name: Some(Glob::new("**")),
            ..Matcher::default()
        };
        assert!(stars.is_everything() && stars.is_everywhere());
        let kind = Matcher { kind: Some("Pod".into()), ..stars };
        assert!(!kind.is_everything() && kind.is_everywhere());
    }
}
