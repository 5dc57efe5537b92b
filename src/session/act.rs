//! What a person did and can take back.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::state::ImportRef;
use crate::model::attestation::{Attestation, ControlKey};
use crate::model::decision::{Decision, DecisionState};
use crate::text::counted;

/// A decision as it was and as it is. What is equal in a bulk decision is held once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DecisionChange {
    /// Of which finding.
    pub fingerprint: Arc<str>,
    /// None: nothing had been decided.
    pub before: Option<Arc<Decision>>,
    /// None: nothing is decided any more.
    pub after: Option<Arc<Decision>>,
}

/// A note on a finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FindingNote {
    /// On which finding.
    pub fingerprint: String,
    /// The note.
    pub text: String,
}

/// An answer as it was and as it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnswerChange {
    /// Id of the framework.
    pub framework: String,
    /// Number of the control.
    pub control: String,
    /// None: it had not been answered.
    pub before: Option<Attestation>,
    /// None: the answer was withdrawn.
    pub after: Option<Attestation>,
}

impl AnswerChange {
    /// Which control it is about.
    #[must_use]
    pub fn key(&self) -> ControlKey {
        (self.framework.clone(), self.control.clone())
    }
}

/// Something that can be taken back, whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Act {
    /// Decisions.
    Decided(Vec<DecisionChange>),
    /// A note, on one finding or several.
    Noted(Vec<FindingNote>),
    /// Answers to controls that were given together.
    Attested(Vec<AnswerChange>),
    /// Results of other tools that were brought in together.
    Imported(Vec<ImportRef>),
    /// Results of other tools that do not count any more.
    Withdrawn(Vec<ImportRef>),
}

impl Act {
    /// What was done, for the message: `decision "accepted" on 2 findings`.
    #[must_use]
    pub fn describe(&self) -> String {
        match self {
            Self::Decided(changes) => {
                let word = changes.first().and_then(|c| c.after.as_ref());
                let word = word.map_or("open", |d| d.state.told());
                match changes.len() {
                    1 => format!("decision \"{word}\" on one finding"),
                    many => format!("decision \"{word}\" on {many} findings"),
                }
            }
            Self::Noted(notes) if notes.len() > 1 => format!("a note on {} findings", notes.len()),
            Self::Noted(_) => "a note".to_owned(),
            Self::Attested(all) => {
                let word = all.first().and_then(|one| one.after.as_ref());
                let word = word.map_or("withdrawn", |a| a.answer.word());
                match all.as_slice() {
                    [one] => format!("answer \"{word}\" to {} {}", one.framework, one.control),
                    many => format!("answer \"{word}\" to {} controls", many.len()),
                }
            }
            Self::Imported(imports) => format!("the import of {}", origins(imports)),
            Self::Withdrawn(imports) => {
                format!("the removal of the import of {}", origins(imports))
            }
        }
    }
}

/// So many findings with what was decided about them, for the message: `2 findings accepted`.
#[must_use]
pub fn decided(count: usize, state: DecisionState) -> String {
    let findings = counted(count, "finding");
    match state {
        DecisionState::FalsePositive if count == 1 => format!("{findings} as a false positive"),
        DecisionState::FalsePositive => format!("{findings} as false positives"),
        other => format!("{findings} {}", other.told()),
    }
}

fn origins(imports: &[ImportRef]) -> String {
    let all: Vec<&str> = imports.iter().map(|import| import.origin.as_str()).collect();
    all.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_decided_is_said_in_words_of_people() {
        assert_eq!(decided(1, DecisionState::InProgress), "1 finding in progress");
        assert_eq!(decided(1, DecisionState::FalsePositive), "1 finding as a false positive");
        assert_eq!(decided(2, DecisionState::FalsePositive), "2 findings as false positives");
        assert_eq!(decided(3, DecisionState::Accepted), "3 findings accepted");
        let decision = Decision { state: DecisionState::InProgress, ..Decision::default() };
        let change =
            DecisionChange { fingerprint: "a".into(), before: None, after: Some(decision.into()) };
        assert_eq!(
            Act::Decided(vec![change]).describe(),
            "decision \"in progress\" on one finding"
        );
    }
}
