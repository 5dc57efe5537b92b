//! Since when findings are there: what the runs of one session say together.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::finding::Finding;
use super::node::Node;

/// What the runs of a session, up to and with one of them, say of findings over time.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct History {
    /// By fingerprint: the findings of the run, and of earlier ones those that it could not see gone.
    pub lines: BTreeMap<String, FindingSpan>,
    /// Findings of earlier runs of which the run cannot say whether they are still there.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unseen: Vec<Unseen>,
}

/// How long a finding is known to be there.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FindingSpan {
    /// When the first run ended that found it, with no run after it that saw it gone; RFC 3339.
    pub since: String,
    /// When the last run before that began, if it looked there by the same rules and did not find
    /// it; RFC 3339. Without it nothing says how long the finding was there before it was found.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub before: Option<String>,
}

/// A finding of an earlier run that this one could not look at.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Unseen {
    /// As it was found last.
    pub finding: Arc<Finding>,
    /// Why it could not be seen.
    pub reason: String,
    /// That the run was not asked to look there.
    #[serde(default)]
    pub outside: bool,
    /// Parameters of its check that were set when it was found last, as `check/name`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub params: BTreeMap<String, Node>,
}

impl History {
    /// Whether nothing is known: there was no session.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty() && self.unseen.is_empty()
    }

    /// Since when a finding is known to be there, RFC 3339.
    #[must_use]
    pub fn since(&self, fingerprint: &str) -> Option<&str> {
        self.lines.get(fingerprint).map(|line| line.since.as_str())
    }
}
