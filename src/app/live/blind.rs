//! What the checks could not look at: a finding that is not there any more may be there all the same.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use crate::model::finding::{Finding, Gap, RunResult};
use crate::model::inventory::{Inventory, SourceKind};

/// What was left open in a result, by check, with the objects that it comes of.
pub(super) struct Blind<'a> {
    gaps: HashMap<&'a str, Vec<&'a Gap>>,
    inventory: &'a Inventory,
}

impl<'a> Blind<'a> {
    pub(super) fn of(result: &'a RunResult, inventory: &'a Inventory) -> Self {
        let mut gaps: HashMap<&str, Vec<&Gap>> = HashMap::new();
        for gap in &result.not_assessed {
            gaps.entry(&gap.check).or_default().push(gap);
        }
        Self { gaps, inventory }
    }

    /// Which of some findings that went could not be looked at any more, by fingerprint.
    pub(super) fn lost(
        gone: &[Arc<Finding>],
        later: &'a RunResult,
        inventory: &'a Inventory,
    ) -> HashSet<Arc<str>> {
        if gone.is_empty() {
            return HashSet::new();
        }
        let blind = Self::of(later, inventory);
        let lost = gone.iter().filter(|finding| blind.hides(finding));
        lost.map(|finding| finding.fingerprint.as_str().into()).collect()
    }

    /// Whether nothing says that a finding which is not there is mended.
    pub(super) fn hides(&self, finding: &Finding) -> bool {
        let gaps = self.gaps.get(&*finding.check);
        gaps.is_some_and(|gaps| gaps.iter().any(|gap| self.is_about(gap, finding)))
    }

    fn is_about(&self, gap: &Gap, finding: &Finding) -> bool {
        if gap.count == 0 && self.inventory.source.kind == SourceKind::Files {
            // A document that could not be read is another one than that which was read.
            return finding.object.as_ref().is_none_or(|id| self.inventory.find(id).is_none());
        }
        // What concerns the whole cluster rests on every namespace.
        let here = finding.home();
        here.is_empty() || gap.missing.namespace.as_deref().is_none_or(|place| place == here)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::read::{Missing, ReadStatus};

    fn finding(object: &str) -> Finding {
        let text = format!(
            r#"{{"fingerprint": "p1:1", "check": "c", "severity": "low", "form": "rule",
            "scope": "object", "object": {object}, "owner": null, "instances": 0, "stale": 0,
            "origin": null, "container": null, "path": "spec", "missing": false, "value": null,
            "message": "m", "note": null, "platform": false, "file": null, "line": null}}"#
        );
        serde_json::from_str(&text).unwrap()
    }

    #[test]
    fn what_concerns_the_whole_cluster_cannot_be_seen_without_one_of_its_namespaces() {
        let missing = Missing::list("pods", Some("team-a"), ReadStatus::Forbidden);
        let gap = Gap { check: "c".into(), missing: missing.into(), count: 0, platform: false };
        let result = RunResult { not_assessed: vec![gap], ..RunResult::default() };
        let inventory = Inventory::default();
        let pod = |namespace: &str| {
            finding(&format!(
                r#"{{"apiVersion": "v1", "kind": "Pod", "namespace": "{namespace}", "name": "web"}}"#
            ))
        };
        let hides = |finding: &Finding| Blind::of(&result, &inventory).hides(finding);
        assert!(hides(&finding("null")));
        assert!(hides(&pod("team-a")));
        assert!(!hides(&pod("team-b")));
    }
}
