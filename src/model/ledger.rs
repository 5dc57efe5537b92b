//! What people and other tools say beside the checks: decisions, answers, imports.

use std::collections::HashMap;

use super::attestation::{Attestation, Attestations, ControlKey};
use super::decision::{Decision, DecisionState, Past};
use super::import::Import;

/// Everything but the run that a judgement and a report rest on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ledger {
    /// The session's own decisions by fingerprint.
    pub decisions: HashMap<String, Decision>,
    /// Decisions that were brought along, by a reviewed file or by annotations on objects. The
    /// session's own go before them.
    pub brought: HashMap<String, Decision>,
    /// Every change of the session's own, by fingerprint, oldest first.
    pub history: HashMap<String, Vec<Past>>,
    /// Answers by control, in force or expired.
    pub attestations: Attestations,
    /// Results of other tools, oldest first.
    pub imports: Vec<Import>,
}

impl Ledger {
    /// The decision on a finding, in force or expired.
    #[must_use]
    pub fn decision(&self, fingerprint: &str) -> Option<&Decision> {
        self.decisions.get(fingerprint).or_else(|| self.brought.get(fingerprint))
    }

    /// The state in force on a finding on `today` (RFC 3339 date).
    #[must_use]
    pub fn state(&self, fingerprint: &str, today: &str) -> DecisionState {
        self.decision(fingerprint).map(|d| d.in_force(today)).unwrap_or_default()
    }

    /// How many findings somebody decided about; what Plimsoll settled itself is no decision.
    #[must_use]
    pub fn decided_by_people(&self) -> usize {
        self.decisions.values().filter(|d| !d.state.is_settled()).count()
    }

    /// Takes in a change of the session's own decisions.
    pub fn decided(&mut self, fingerprint: &str, past: Past) {
        match &past.after {
            Some(decision) => {
                self.decisions.insert(fingerprint.to_owned(), decision.clone());
            }
            None => {
                self.decisions.remove(fingerprint);
            }
        }
        self.history.entry(fingerprint.to_owned()).or_default().push(past);
    }

    /// Takes in an answer; none withdraws it.
    pub fn attested(&mut self, key: ControlKey, answer: Option<Attestation>) {
        match answer {
            Some(answer) => self.attestations.insert(key, answer),
            None => self.attestations.remove(&key),
        };
    }
}
