//! What people and other tools say beside the checks: decisions, answers, imports.

use std::collections::HashMap;
use std::sync::Arc;

use super::attestation::{Attestation, Attestations, ControlKey};
use super::decision::{Decision, DecisionState, PastDecision};
use super::finding::Finding;
use super::import::{DamagedImport, Import};

/// Everything but the run that a judgement and a report rest on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ledger {
    /// The session's own decisions by fingerprint. A decision on many findings is held once, and so
    /// is a fingerprint.
    pub decisions: HashMap<Arc<str>, Arc<Decision>>,
    /// Decisions that were brought along, by a reviewed file or by annotations on objects. The
    /// session's own go before them.
    pub brought: HashMap<String, Decision>,
    /// Every change of the session's own, by fingerprint, oldest first.
    pub history: HashMap<Arc<str>, Vec<Arc<PastDecision>>>,
    /// Answers by control, in force or expired.
    pub attestations: Attestations,
    /// Names that findings have now by those that earlier versions gave them: runs of that time
    /// know them by these.
    pub renamed: HashMap<String, String>,
    /// Results of other tools, oldest first.
    pub imports: Vec<Import>,
    /// Those that cannot be read any more.
    pub damaged: Vec<DamagedImport>,
}

impl Ledger {
    /// The decision on a finding, in force or expired.
    #[must_use]
    pub fn decision(&self, fingerprint: &str) -> Option<&Decision> {
        let own = self.decisions.get(self.name(fingerprint)).map(|decision| &**decision);
        own.or_else(|| self.brought.get(fingerprint))
    }

    /// The same, to be kept.
    #[must_use]
    pub fn shared(&self, fingerprint: &str) -> Option<Arc<Decision>> {
        let own = self.decisions.get(self.name(fingerprint)).cloned();
        own.or_else(|| self.brought.get(fingerprint).cloned().map(Arc::new))
    }

    /// The last change of the session's own decision on a finding.
    #[must_use]
    pub fn last(&self, fingerprint: &str) -> Option<&PastDecision> {
        self.history.get(self.name(fingerprint))?.last().map(|past| &**past)
    }

    /// The name that decisions know a finding by.
    #[must_use]
    pub fn name<'a>(&'a self, fingerprint: &'a str) -> &'a str {
        self.renamed.get(fingerprint).map_or(fingerprint, String::as_str)
    }

    /// Lets what was decided about a finding go along with its new name.
    pub fn rename(&mut self, before: String, now: String) {
        let name: Arc<str> = now.as_str().into();
        if let Some(decision) = self.decisions.remove(before.as_str()) {
            self.decisions.insert(Arc::clone(&name), decision);
        }
        if let Some(mut history) = self.history.remove(before.as_str()) {
            let later = self.history.remove(&name).unwrap_or_default();
            history.extend(later);
            self.history.insert(name, history);
        }
        self.renamed.insert(before, now);
    }

    /// The state in force on a finding on `today` (RFC 3339 date).
    #[must_use]
    pub fn state(&self, fingerprint: &str, today: &str) -> DecisionState {
        self.decision(fingerprint).map(|d| d.in_force(today)).unwrap_or_default()
    }

    /// Whether a finding of a run is open on `today` (RFC 3339 date): nobody set it aside. What is found
    /// is open even if it was fixed once.
    #[must_use]
    pub fn is_open(&self, finding: &Finding, today: &str) -> bool {
        !self.state(&finding.fingerprint, today).is_set_aside()
    }

    /// Whether a finding of a run counts and is open: the number that every screen, report and
    /// threshold gives.
    #[must_use]
    pub fn counts_open(&self, finding: &Finding, include_platform: bool, today: &str) -> bool {
        finding.counts(include_platform) && self.is_open(finding, today)
    }

    /// How many findings somebody decided about; what Plimsoll settled itself is no decision.
    #[must_use]
    pub fn decided_by_people(&self) -> usize {
        self.decisions.values().filter(|d| !d.state.is_settled()).count()
    }

    /// Takes in a change of the session's own decisions.
    pub fn decided(
        &mut self,
        fingerprint: impl Into<Arc<str>>,
        past: impl Into<Arc<PastDecision>>,
    ) {
        let (fingerprint, past) = (fingerprint.into(), past.into());
        match &past.after {
            Some(decision) => {
                self.decisions.insert(Arc::clone(&fingerprint), Arc::clone(decision));
            }
            None => {
                self.decisions.remove(&fingerprint);
            }
        }
        self.history.entry(fingerprint).or_default().push(past);
    }

    /// Makes room for changes of so many findings, where nothing was decided before.
    pub fn expect(&mut self, findings: usize) {
        if self.history.is_empty() {
            self.history.reserve(findings);
            self.decisions.reserve(findings);
        }
    }

    /// Replaces what was brought along. A ledger that others hold as well is copied only when that
    /// changes anything.
    pub fn bring(self: &mut Arc<Self>, brought: HashMap<String, Decision>) {
        if self.brought != brought {
            Arc::make_mut(self).brought = brought;
        }
    }

    /// This ledger, with what was brought along to the one before it.
    #[must_use]
    pub fn after(self: Arc<Self>, before: &mut Arc<Self>) -> Arc<Self> {
        let mut ledger = self;
        if !before.brought.is_empty() {
            ledger.bring(std::mem::take(&mut Arc::make_mut(before).brought));
        }
        ledger
    }

    /// Takes in an answer; none withdraws it.
    pub fn attested(&mut self, key: ControlKey, answer: Option<Attestation>) {
        match answer {
            Some(answer) => self.attestations.insert(key, answer),
            None => self.attestations.remove(&key),
        };
    }
}
