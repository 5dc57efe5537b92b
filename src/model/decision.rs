//! Triage: what a person decided about a finding.

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
    /// The word used in files, reports and on screens.
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

    /// Whether a finding in this state fails its control.
    #[must_use]
    pub fn counts_as_fail(self) -> bool {
        matches!(self, Self::Open | Self::InProgress | Self::Regressed)
    }

    /// Whether a person set the finding aside: the risk is accepted, or it is none.
    #[must_use]
    pub fn is_set_aside(self) -> bool {
        matches!(self, Self::Accepted | Self::FalsePositive)
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
