//! Triage: what a person decided about a finding.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// State of a finding.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize,
)]
#[serde(rename_all = "kebab-case")]
pub enum DecisionState {
    /// Nobody decided anything.
    #[default]
    Open,
    /// Somebody is at it.
    InProgress,
    /// The risk is accepted, with a reason, until a day.
    Accepted,
    /// It is none, with a reason. Counts as no finding.
    FalsePositive,
    /// Set by Plimsoll: it was found before and is gone.
    Fixed,
    /// Set by Plimsoll: it was fixed and is back.
    Regressed,
}

impl DecisionState {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Open,
        Self::InProgress,
        Self::Accepted,
        Self::FalsePositive,
        Self::Fixed,
        Self::Regressed,
    ];

    /// As a sentence has it.
    #[must_use]
    pub fn told(self) -> &'static str {
        match self {
            Self::InProgress => "in progress",
            Self::FalsePositive => "false positive",
            other => other.word(),
        }
    }

    /// The word used in files and reports.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::InProgress => "in-progress",
            Self::Accepted => "accepted",
            Self::FalsePositive => "false-positive",
            Self::Fixed => "fixed",
            Self::Regressed => "regressed",
        }
    }

    /// Reads the word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.word() == word)
    }

    /// Whether a finding in this state fails its control.
    #[must_use]
    pub fn counts_as_fail(self) -> bool {
        matches!(self, Self::Open | Self::InProgress | Self::Regressed)
    }

    /// Whether Plimsoll itself says so, after a re-run.
    #[must_use]
    pub fn is_settled(self) -> bool {
        matches!(self, Self::Fixed | Self::Regressed)
    }

    /// Whether a person set the finding aside: the risk is accepted, or it is none.
    #[must_use]
    pub fn is_set_aside(self) -> bool {
        matches!(self, Self::Accepted | Self::FalsePositive)
    }
}

/// Who says so: the session's own decision, or one that was brought along.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DecisionOrigin {
    /// Decided here.
    #[default]
    Session,
    /// A reviewed file of decisions, by its path.
    File(String),
    /// An annotation on the object that another tool reads, by its key.
    Annotation(String),
}

impl DecisionOrigin {
    /// How reports and screens name it.
    #[must_use]
    pub fn describe(&self) -> String {
        match self {
            Self::Session => "session".to_owned(),
            Self::File(path) => format!("file {path}"),
            Self::Annotation(key) => format!("annotation {key}"),
        }
    }

    #[must_use]
    fn is_session(&self) -> bool {
        *self == Self::Session
    }
}

/// A decision with what it rests on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Decision {
    /// The state.
    pub state: DecisionState,
    /// Why, required for accepted and false-positive.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub reason: Option<String>,
    /// Who answers for it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub approver: Option<String>,
    /// Until which day (RFC 3339 date, inclusive) an acceptance holds.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub expires: Option<String>,
    /// Where the work is tracked: the address of a ticket.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub link: Option<String>,
    /// Who says so.
    #[serde(skip_serializing_if = "DecisionOrigin::is_session", default)]
    pub origin: DecisionOrigin,
}

impl Decision {
    /// The state in force on `today` (RFC 3339 date): an expired acceptance is open again.
    #[must_use]
    pub fn in_force(&self, today: &str) -> DecisionState {
        match (&self.state, self.expires.as_deref()) {
            (DecisionState::Accepted, Some(day)) if day < today => DecisionState::Open,
            (state, _) => *state,
        }
    }
}

/// One change of decisions: who made it, when, and what is decided since. Findings that were decided
/// in one act share it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PastDecision {
    /// RFC 3339.
    pub time: String,
    /// Who: a person, or `plimsoll` itself after a re-run.
    pub by: String,
    /// What is decided since; none when nothing is any more.
    pub after: Option<Arc<Decision>>,
    /// That a change was taken back by this.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub undone: bool,
}
