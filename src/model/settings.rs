//! What a person set that changes verdicts: parameters of checks, the version of the Pod Security
//! policy, and mirrors of platform images. Kept with every run, so that nothing passes by a setting that nobody sees.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::node::Node;

/// By what a run was judged, beside checks and frameworks.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct RunSettings {
    /// Parameters that are set to other values than the checks have, as `check/name`.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub params: BTreeMap<String, Node>,
    /// The version of the Pod Security policy that was applied, as its minor: 35 for `v1.35`. None in
    /// runs of versions that did not keep it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pod_security: Option<u32>,
    /// Whether that version was set and is another than the server's.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub pod_security_set: bool,
    /// Mirrors whose images count as the platform's own, where these are called as the platform's are.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub platform_mirrors: Vec<String>,
    /// Digest of what was set; none where nothing was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
}

impl RunSettings {
    /// Whether anything was set at all.
    #[must_use]
    pub fn is_plain(&self) -> bool {
        self.params.is_empty() && !self.pod_security_set && self.platform_mirrors.is_empty()
    }

    /// The parameters, as `check/name = value`.
    #[must_use]
    pub fn params_in_words(&self) -> Vec<String> {
        self.params.iter().map(|(name, value)| format!("{name} = {}", value.to_json())).collect()
    }

    /// The version of the Pod Security policy and where it came from: `v1.35`, `v1.20, as set`. Empty
    /// where it is not known.
    #[must_use]
    pub fn pod_security_in_words(&self) -> String {
        let set = if self.pod_security_set { ", as set" } else { "" };
        self.pod_security.map(|minor| format!("v1.{minor}{set}")).unwrap_or_default()
    }

    /// The parameters of one check that are set, as `check/name`.
    #[must_use]
    pub fn of_check(&self, check: &str) -> BTreeMap<String, Node> {
        let of = |name: &str| name.split_once('/').is_some_and(|(id, _)| id == check);
        let params = self.params.iter().filter(|(name, _)| of(name));
        params.map(|(name, value)| (name.clone(), value.clone())).collect()
    }

    /// Checks whose parameters are not those of another run; none of them where either does not say.
    #[must_use]
    pub fn differ<'a>(&'a self, other: &'a Self) -> BTreeSet<&'a str> {
        if self.pod_security.is_none() || other.pod_security.is_none() {
            return BTreeSet::new();
        }
        let names = self.params.keys().chain(other.params.keys());
        let changed = names.filter(|name| self.params.get(*name) != other.params.get(*name));
        changed.filter_map(|name| Some(name.split_once('/')?.0)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(params: &[(&str, i64)], pod_security: Option<u32>) -> RunSettings {
        let params = params.iter().map(|(name, value)| ((*name).to_owned(), Node::Int(*value)));
        RunSettings { params: params.collect(), pod_security, ..RunSettings::default() }
    }

    #[test]
    fn what_is_set_is_told_in_words() {
        assert!(settings(&[], Some(35)).is_plain());
        let two = settings(&[("a/n", 2)], Some(35));
        assert!(!two.is_plain());
        assert_eq!(two.params_in_words(), ["a/n = 2"]);
        assert_eq!((two.of_check("a"), two.of_check("b").len()), (two.params.clone(), 0));
        assert_eq!(two.pod_security_in_words(), "v1.35");
        let set = RunSettings { pod_security_set: true, ..settings(&[], Some(20)) };
        assert!(!set.is_plain());
        assert_eq!(set.pod_security_in_words(), "v1.20, as set");
        assert_eq!(settings(&[], None).pod_security_in_words(), "");
        let mirrors = vec!["mirror.example/k8s".to_owned()];
        let mirrored = RunSettings { platform_mirrors: mirrors, ..RunSettings::default() };
        assert!(!mirrored.is_plain());
    }

    #[test]
    fn checks_differ_by_their_parameters_where_both_runs_say_them() {
        let two = settings(&[("a/n", 2), ("b/n", 1)], Some(35));
        let three = settings(&[("a/n", 3), ("b/n", 1), ("c/m", 1)], Some(35));
        assert_eq!(two.differ(&three), BTreeSet::from(["a", "c"]));
        assert_eq!(two.differ(&two), BTreeSet::new());
        assert_eq!(
            two.differ(&settings(&[], None)),
            BTreeSet::new(),
            "of a version that kept none"
        );
    }

    #[test]
    fn runs_of_earlier_versions_say_nothing() {
        let none: RunSettings = serde_json::from_str("{}").unwrap();
        assert_eq!((none.is_plain(), none.pod_security), (true, None));
        let some = settings(&[("a/n", 2)], Some(35));
        let text = serde_json::to_string(&some).unwrap();
        assert_eq!(text, r#"{"params":{"a/n":2},"podSecurity":35}"#);
        assert_eq!(serde_json::from_str::<RunSettings>(&text).unwrap(), some);
    }
}
