//! What people decided and answered between two runs.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::attestation::{AttestationAnswer, ControlKey};
use super::decision::DecisionState;
use super::finding::Finding;

/// Who decided something last, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authorship {
    /// RFC 3339.
    pub time: String,
    /// Who.
    pub by: String,
}

/// A finding of which something else is decided than before.
#[derive(Clone, Debug, PartialEq)]
pub struct RedecidedFinding {
    /// The finding.
    pub finding: Arc<Finding>,
    /// What was decided when the earlier run ended.
    pub before: DecisionState,
    /// What was decided when the later run ended.
    pub after: DecisionState,
    /// Why, where that was said.
    pub reason: Option<String>,
    /// Who did it; none where the session of the later run never knew of a decision.
    pub act: Option<Authorship>,
}

/// A control to which something else is answered than before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReansweredControl {
    /// Framework and number.
    pub control: ControlKey,
    /// The answer when the earlier run ended.
    pub before: Option<AttestationAnswer>,
    /// The answer when the later run ended; none where it was withdrawn.
    pub after: Option<AttestationAnswer>,
    /// Who did it.
    pub act: Option<Authorship>,
}

/// What was decided between two runs.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DecisionsBetween {
    /// Findings, in the order of the comparison.
    pub findings: Vec<RedecidedFinding>,
    /// Controls, in their order.
    pub controls: Vec<ReansweredControl>,
}

impl DecisionsBetween {
    /// `2 accepted, 1 open again, 1 question answered`; nothing where nothing was decided. Of findings only
    /// those that are counted.
    #[must_use]
    pub fn words(&self, counts: impl Fn(&Finding) -> bool) -> Option<String> {
        let mut decided: BTreeMap<DecisionState, usize> = BTreeMap::new();
        for one in self.findings.iter().filter(|one| counts(&one.finding)) {
            *decided.entry(one.after).or_default() += 1;
        }
        let mut parts: Vec<String> =
            decided.iter().map(|(state, many)| format!("{many} {}", word(*state))).collect();
        let answered = self.controls.iter().filter(|one| one.after.is_some()).count();
        for (many, what) in [(answered, "answered"), (self.controls.len() - answered, "withdrawn")]
        {
            let noun = if what == "answered" { "question" } else { "answer" };
            if many > 0 {
                let plural = if many == 1 { "" } else { "s" };
                parts.push(format!("{many} {noun}{plural} {what}"));
            }
        }
        (!parts.is_empty()).then(|| parts.join(", "))
    }
}

/// What is decided now, in words: of what is open, that it was not.
#[must_use]
pub fn word(state: DecisionState) -> String {
    match state {
        DecisionState::Open => "open again".to_owned(),
        other => other.word().replace('-', " "),
    }
}
