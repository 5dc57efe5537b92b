//! What people and other tools say beside the checks: decisions, answers, imports.

use std::collections::HashMap;

use super::attestation::{Attestation, Attestations, ControlKey};
use super::decision::{Decision, DecisionState, Past};
use super::import::{Damaged, Import};

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
    /// Names that findings have now by those that earlier versions gave them: runs of that time
    /// know them by these.
    pub renamed: HashMap<String, String>,
    /// Results of other tools, oldest first.
    pub imports: Vec<Import>,
    /// Those that cannot be read any more.
    pub damaged: Vec<Damaged>,
}

impl Ledger {
    /// The decision on a finding, in force or expired.
    #[must_use]
    pub fn decision(&self, fingerprint: &str) -> Option<&Decision> {
        let own = self.decisions.get(self.name(fingerprint));
        own.or_else(|| self.brought.get(fingerprint))
    }

    /// The last change of the session's own decision on a finding.
    #[must_use]
    pub fn last(&self, fingerprint: &str) -> Option<&Past> {
        self.history.get(self.name(fingerprint))?.last()
    }

    /// The name that decisions know a finding by.
    #[must_use]
    pub fn name<'a>(&'a self, fingerprint: &'a str) -> &'a str {
        self.renamed.get(fingerprint).map_or(fingerprint, String::as_str)
    }

    /// Lets what was decided about a finding go along with its new name.
    pub fn rename(&mut self, before: String, now: String) {
        if let Some(decision) = self.decisions.remove(&before) {
            self.decisions.insert(now.clone(), decision);
        }
        if let Some(mut history) = self.history.remove(&before) {
            let later = self.history.remove(&now).unwrap_or_default();
            history.extend(later);
            self.history.insert(now.clone(), history);
        }
        self.renamed.insert(before, now);
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
