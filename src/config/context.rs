//! What is set of clusters by the names of their contexts: `[contexts."prod-*"]`.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::model::mirror::Mirror;
use crate::text::set_of;

/// What is set of the contexts of one name or pattern. Each part is set by itself: an entry that says nothing of one
/// leaves it to the next that fits.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(from = "Written")]
pub struct OfContext {
    /// How the cluster stands out.
    pub badge: Option<Badge>,
    /// Where the images of its platform come from besides the platform's own registries, in the place of what is set
    /// for every cluster.
    pub platform_mirrors: Option<Vec<Mirror>>,
}

/// The same as it is written.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
struct Written {
    label: Option<String>,
    tone: Option<Tone>,
    platform_mirrors: Option<Vec<Mirror>>,
}

impl From<Written> for OfContext {
    fn from(Written { label, tone, platform_mirrors }: Written) -> Self {
        let stands_out = label.is_some() || tone.is_some() || platform_mirrors.is_none();
        let badge = stands_out.then(|| Badge { label, tone: tone.unwrap_or_default() });
        Self { badge, platform_mirrors }
    }
}

/// How a cluster stands out in the header.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Badge {
    /// What it is called: `PRODUCTION`. Without it, the name of the context stands there.
    pub label: Option<String>,
    /// How loud.
    pub tone: Tone,
}

/// How loud a badge is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Tone {
    /// As the worst severity.
    Danger,
    /// As a middling one.
    Caution,
    /// As text that is not in the way.
    #[default]
    Calm,
}

/// The badges that are set, each with the name or pattern of its contexts.
#[must_use]
pub fn badges(contexts: &BTreeMap<String, OfContext>) -> Vec<(String, Badge)> {
    let badge = |(name, of): (&String, &OfContext)| Some((name.clone(), of.badge.clone()?));
    contexts.iter().filter_map(badge).collect()
}

/// The badge of a context: that of its own name, or else of the longest pattern that fits.
#[must_use]
pub fn badge<'a>(badges: &'a [(String, Badge)], context: &str) -> Option<&'a Badge> {
    set_of(badges.iter().map(|(name, badge)| (&**name, badge)), context)
}

/// What a user calls the cluster of a context, for reports of it; none where the context has no label.
#[must_use]
pub fn label<'a>(contexts: &'a BTreeMap<String, OfContext>, context: &str) -> Option<&'a str> {
    let badges = contexts.iter().filter_map(|(name, of)| Some((&**name, of.badge.as_ref()?)));
    set_of(badges, context)?.label.as_deref().filter(|label| !label.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_itself_goes_before_patterns_and_longer_ones_before_shorter() {
        let named = |label: &str| Badge { label: Some(label.into()), tone: Tone::Danger };
        let badges = [("*", "any"), ("prod-*", "prod"), ("prod-eu", "eu")]
            .map(|(pattern, label)| (pattern.to_owned(), named(label)));
        let label = |context| badge(&badges, context)?.label.as_deref();
        assert_eq!(label("prod-eu"), Some("eu"));
        assert_eq!(label("prod-us"), Some("prod"));
        assert_eq!(label("dev"), Some("any"));
        assert_eq!(badge(&[], "dev"), None);
        let of = |(name, badge)| (name, OfContext { badge: Some(badge), platform_mirrors: None });
        let map = badges.into_iter().map(of).collect();
        let words = ["prod-eu", "prod-us", "dev"].map(|context| super::label(&map, context));
        assert_eq!(words, [Some("eu"), Some("prod"), Some("any")]);
        let plain = [("*".to_owned(), Badge::default())].map(of).into();
        assert_eq!(super::label(&plain, "dev"), None, "no name but that of the context");
    }

    #[test]
    fn an_entry_that_sets_only_mirrors_hides_no_badge() {
        let text =
            "[prod-eu]\nplatform-mirrors = []\n[\"prod-*\"]\nlabel = \"PRODUCTION\"\n[lab]\n";
        let contexts: BTreeMap<String, OfContext> = toml::from_str(text).unwrap();
        assert_eq!(super::label(&contexts, "prod-eu"), Some("PRODUCTION"));
        assert_eq!(
            badge(&badges(&contexts), "lab"),
            Some(&Badge::default()),
            "an empty entry is one"
        );
        assert_eq!(contexts["prod-eu"].platform_mirrors.as_deref(), Some(&[][..]));
        assert_eq!(contexts["prod-*"].platform_mirrors, None);
    }
}
