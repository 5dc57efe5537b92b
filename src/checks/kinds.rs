//! Which kinds a check looks at.

use std::collections::BTreeSet;

use crate::model::kinds::{BUILTINS, Builtin, Kind};
use crate::model::served;
use crate::text::nearest::nearest;

/// One entry of `kinds`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pattern {
    /// One kind.
    One(Kind),
    /// Every kind of a group: `*.cilium.io`.
    Group(Box<str>),
    /// The kinds with a pod spec.
    Workloads,
    /// Every kind.
    Any,
    /// Every kind whose objects live in namespaces.
    AnyNamespaced,
}

impl Pattern {
    /// Reads an entry: `Kind` for built-in kinds, `Kind.group`, `*.group`, `workloads`, `any`,
    /// `any-namespaced`.
    ///
    /// # Errors
    /// A sentence on what is wrong.
    pub fn parse(text: &str) -> Result<Self, String> {
        match text {
            "workloads" => return Ok(Self::Workloads),
            "any" => return Ok(Self::Any),
            "any-namespaced" => return Ok(Self::AnyNamespaced),
            _ => {}
        }
        match text.split_once('.') {
            Some(("*", group)) if !group.is_empty() => Ok(Self::Group(group.into())),
            Some((kind, group)) if !kind.is_empty() && !group.is_empty() => {
                named(kind, group).map_err(|hint| format!("there is no kind `{text}`{hint}"))?;
                Ok(Self::One(Kind::new(group, kind)))
            }
            Some(_) => Err(format!("`{text}` is no kind")),
            None => BUILTINS.iter().find(|b| b.kind == text).map(|b| Self::One(b.kind())).ok_or_else(
                || match nearest(text, BUILTINS.iter().map(|b| b.kind)) {
                    Some(near) => format!(
                        "no kind `{text}` is built in; did you mean `{near}`? A custom kind is written \
                         with its group: `Kind.its.group`"
                    ),
                    None => format!(
                        "no kind `{text}` is built in; a custom kind is written with its group: \
                         `{text}.its.group`"
                    ),
                },
            ),
        }
    }

    /// Whether a kind is meant.
    #[must_use]
    pub fn matches(&self, kind: &Kind) -> bool {
        match self {
            Self::One(one) => one == kind,
            Self::Group(group) => **group == *kind.group,
            Self::Workloads => kind.builtin().is_some_and(|b| !b.pod_spec.is_empty()),
            Self::Any => true,
            Self::AnyNamespaced => kind.builtin().is_none_or(|b| b.namespaced),
        }
    }

    /// The kinds that can be named without looking at a cluster.
    pub fn listed(&self, into: &mut BTreeSet<Kind>) {
        match self {
            Self::One(kind) => {
                into.insert(kind.clone());
            }
            Self::Group(_) => {}
            Self::Workloads | Self::Any | Self::AnyNamespaced => {
                into.extend(BUILTINS.iter().map(Builtin::kind).filter(|k| self.matches(k)));
            }
        }
    }
}

/// A kind by its plural as RBAC and kubectl spell it, among those given and the built-in ones.
#[must_use]
pub fn by_plural<'a>(plural: &str, known: impl IntoIterator<Item = &'a Kind>) -> Option<Kind> {
    if let Some(builtin) = BUILTINS.iter().find(|b| b.plural == plural) {
        return Some(builtin.kind());
    }
    let bare = plural.split('.').next().unwrap_or_default();
    known.into_iter().find(|kind| served::plural(kind) == bare).cloned()
}

/// Whether a kind may be one of a group: none begins with a small letter, and one that is only like one of
/// a built-in group is misspelt.
///
/// # Errors
/// What was probably meant, as the end of a sentence.
fn named(kind: &str, group: &str) -> Result<(), String> {
    let own = || BUILTINS.iter().filter(|b| b.group == group).map(|b| b.kind);
    if own().any(|known| known == kind) {
        return Ok(());
    }
    let near = nearest(kind, own()).filter(|near| near.len().abs_diff(kind.len()) < 3);
    if let Some(near) = near {
        return Err(format!("; did you mean `{near}`?"));
    }
    if kind.starts_with(|c: char| c.is_ascii_uppercase()) {
        return Ok(());
    }
    Err(": a kind begins with a capital letter".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns() {
        let deployment = Kind::new("apps", "Deployment");
        assert!(Pattern::parse("Deployment").unwrap().matches(&deployment));
        assert!(Pattern::parse("workloads").unwrap().matches(&deployment));
        let cilium = Kind::new("cilium.io", "CiliumNetworkPolicy");
        assert!(Pattern::parse("*.cilium.io").unwrap().matches(&cilium));
        assert!(Pattern::parse("CiliumNetworkPolicy.cilium.io").unwrap().matches(&cilium));
        assert!(!Pattern::parse("any-namespaced").unwrap().matches(&Kind::new("", "Node")));
        assert!(Pattern::parse("CiliumNetworkPolicy").unwrap_err().contains("its.group"));
        for wrong in
            ["deployment", "Deploymnt", "Deployments", "deployment.apps", "Deployments.apps"]
        {
            let told = Pattern::parse(wrong).unwrap_err();
            assert!(told.contains("did you mean `Deployment`?"), "{told}");
        }
        assert!(Pattern::parse("rollout.argoproj.io").unwrap_err().contains("capital letter"));
        assert!(Pattern::parse("Deployment.apps").unwrap().matches(&deployment));
        assert!(Pattern::parse("Rollout.argoproj.io").is_ok());
    }

    #[test]
    fn plurals_of_custom_kinds() {
        let cilium = Kind::new("cilium.io", "CiliumNetworkPolicy");
        assert_eq!(by_plural("ciliumnetworkpolicies", [&cilium]), Some(cilium.clone()));
        assert_eq!(by_plural("secrets", []), Some(Kind::new("", "Secret")));
        assert_eq!(by_plural("nonsense", [&cilium]), None);
    }
}
