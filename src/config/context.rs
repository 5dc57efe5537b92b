//! What a user calls clusters and how they are to stand out: `[contexts."prod-*"]`.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::text::glob_match;

/// How a cluster stands out in the header.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
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

/// The badge of a context: that of its own name, or else of the longest pattern that fits.
#[must_use]
pub fn badge<'a>(badges: &'a [(String, Badge)], context: &str) -> Option<&'a Badge> {
    of(badges.iter().map(|(name, badge)| (name, badge)), context)
}

/// What a user calls the cluster of a context, for reports of it; none where the context has no label.
#[must_use]
pub fn label<'a>(badges: &'a BTreeMap<String, Badge>, context: &str) -> Option<&'a str> {
    of(badges.iter(), context)?.label.as_deref().filter(|label| !label.is_empty())
}

fn of<'a>(
    badges: impl Iterator<Item = (&'a String, &'a Badge)> + Clone,
    context: &str,
) -> Option<&'a Badge> {
    let own = badges.clone().find(|(name, _)| *name == context);
    let fits = || badges.filter(|(pattern, _)| glob_match(context, pattern));
    own.or_else(|| fits().max_by_key(|(pattern, _)| pattern.len())).map(|(_, badge)| badge)
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
        let map = badges.into_iter().collect();
        let words = ["prod-eu", "prod-us", "dev"].map(|context| super::label(&map, context));
        assert_eq!(words, [Some("eu"), Some("prod"), Some("any")]);
        let plain = [("*".to_owned(), Badge::default())].into();
        assert_eq!(super::label(&plain, "dev"), None, "no name but that of the context");
    }
}
