//! Findings that an earlier version called by another name: what was said about them goes along.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::JournalState;
use crate::model::finding::RunResult;
use crate::session::act::Act;

/// The body of `renamed`.
#[derive(Serialize, Deserialize)]
pub(in crate::session) struct Renames {
    /// The name now, by the name before.
    pub(in crate::session) names: BTreeMap<String, String>,
}

impl JournalState {
    /// The findings of a run of which something is said under the name that they had before, and
    /// nothing under the one that they have now.
    #[must_use]
    pub fn renames(&self, result: &RunResult) -> BTreeMap<String, String> {
        let said = |print: &str| {
            self.ledger.history.contains_key(print)
                || self.notes.iter().any(|note| note.fingerprint == print)
        };
        let all = result.findings.iter().chain(&result.evidence);
        let former = all.filter_map(|f| Some((f.formerly.as_ref()?, &f.fingerprint)));
        former
            .filter(|(before, now)| said(before) && !said(now))
            .map(|(before, now)| (before.clone(), now.clone()))
            .collect()
    }

    /// Takes in new names: of decisions, their history, notes, and of what can be taken back.
    pub(super) fn rename(&mut self, names: BTreeMap<String, String>) {
        let renamed = |print: &mut String| {
            if let Some(now) = names.get(print) {
                print.clone_from(now);
            }
        };
        for note in &mut self.notes {
            renamed(&mut note.fingerprint);
        }
        for act in self.undo.iter_mut().chain(&mut self.redo) {
            match act {
                Act::Decided(changes) => {
                    for change in changes {
                        if let Some(now) = names.get(&*change.fingerprint) {
                            change.fingerprint = now.as_str().into();
                        }
                    }
                }
                Act::Noted(notes) => notes.iter_mut().for_each(|n| renamed(&mut n.fingerprint)),
                Act::Attested(_) | Act::Imported(_) | Act::Withdrawn(_) => {}
            }
        }
        for (before, now) in &names {
            if let Some(run) = self.fixed.remove(before.as_str()) {
                self.fixed.entry(now.as_str().into()).or_insert(run);
            }
        }
        let ledger = Arc::make_mut(&mut self.ledger);
        for (before, now) in names {
            ledger.rename(before, now);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::decision::{Decision, DecisionState};
    use crate::session::act::{DecisionChange, FindingNote};
    use crate::session::journal::JournalEntry;
    use serde_json::json;

    fn entry(kind: &str, body: &serde_json::Value) -> JournalEntry {
        let line = json!({ "seq": 1, "time": "2026-01-01T00:00:00Z", "by": "ada", "type": kind,
            "body": body, "prev": "", "hash": "" });
        serde_json::from_value(line).unwrap()
    }

    fn result(formerly: &str, now: &str) -> RunResult {
        let finding = json!({ "fingerprint": now, "formerly": formerly, "check": "c",
            "severity": "high", "form": "rule", "scope": "object", "object": null, "owner": null,
            "instances": 0, "stale": 0, "origin": null, "container": null, "path": "",
            "missing": false, "value": null, "message": "m", "note": null, "platform": false,
            "file": null, "line": null });
        let findings = vec![serde_json::from_value(finding).unwrap()];
        RunResult { findings, ..RunResult::default() }
    }

    fn decided() -> (JournalState, Decision) {
        let accepted = Decision { state: DecisionState::Accepted, ..Decision::default() };
        let change = DecisionChange {
            fingerprint: "p1:a".into(),
            before: None,
            after: Some(Arc::new(accepted.clone())),
        };
        let note = FindingNote { fingerprint: "p1:a".into(), text: "look".into() };
        let mut state = JournalState::default();
        state.apply(&entry("decided", &json!({ "changes": [change] }))).unwrap();
        state.apply(&entry("noted", &json!(note))).unwrap();
        (state, accepted)
    }

    #[test]
    fn what_was_said_goes_along_and_runs_of_before_still_find_it() {
        let (mut state, accepted) = decided();
        let names = state.renames(&result("p1:a", "p2:b"));
        assert_eq!(names, BTreeMap::from([("p1:a".to_owned(), "p2:b".to_owned())]));
        state.apply(&entry("renamed", &json!(Renames { names }))).unwrap();
        assert_eq!(state.ledger.decision("p2:b"), Some(&accepted));
        assert_eq!(state.ledger.decision("p1:a"), Some(&accepted), "a run of before");
        assert_eq!(state.ledger.decided_by_people(), 1, "there is one decision");
        assert_eq!(state.ledger.last("p2:b").unwrap().by, "ada");
        assert_eq!(state.notes[0].fingerprint, "p2:b");
        // And it can still be taken back.
        for _ in 0..2 {
            state.apply(&entry("undone", &json!({}))).unwrap();
        }
        assert_eq!(state.ledger.decision("p2:b"), None);
        assert_eq!(state.notes, []);
    }

    #[test]
    fn nothing_is_renamed_that_nobody_spoke_of_or_that_has_a_say_of_its_own() {
        let (mut state, accepted) = decided();
        assert!(state.renames(&result("p1:other", "p2:b")).is_empty());
        let own = DecisionChange {
            fingerprint: "p2:b".into(),
            before: None,
            after: Some(Arc::new(accepted)),
        };
        state.apply(&entry("decided", &json!({ "changes": [own] }))).unwrap();
        assert!(state.renames(&result("p1:a", "p2:b")).is_empty());
    }
}
