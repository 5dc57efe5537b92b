//! What checks that look for secrets found before the values were masked: part of a snapshot.

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};

use super::finding::Severity;
use super::object::ObjectRef;

/// Findings of such checks at the time of the capture.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Captured {
    /// The checks that looked, each with the digest of the rule and parameters it looked with.
    pub rules: BTreeMap<String, String>,
    matches: HashMap<ObjectRef, Vec<Match>>,
}

/// One place at which such a check failed, or could not be evaluated. It holds no value.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Match {
    /// Id of the check.
    pub check: String,
    /// Where the element that was judged stands in the object.
    pub element: String,
    /// Where in the object the secret stands.
    pub path: String,
    /// Where in the element it fails.
    pub item: MatchItem,
    /// Which of the check's places holds.
    pub place: Option<u16>,
    /// Which of its cases applies.
    pub case: Option<u16>,
    /// How bad it is.
    pub severity: Severity,
    /// Why the rule could not be evaluated; none for a match.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// Where in an element a check fails.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum MatchItem {
    /// The element as a whole.
    Whole,
    /// One element of its list.
    At(u32),
    /// A path that the rule gave.
    Path(String),
}

impl Captured {
    /// Adds a match on an object.
    pub fn add(&mut self, object: &ObjectRef, found: Match) {
        self.matches.entry(object.clone()).or_default().push(found);
    }

    /// The matches on an object.
    #[must_use]
    pub fn of(&self, object: &ObjectRef) -> &[Match] {
        self.matches.get(object).map_or(&[], Vec::as_slice)
    }
}
