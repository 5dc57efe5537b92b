//! Findings of earlier runs that are fixed.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::Session;
use crate::model::decision::DecisionState;
use crate::model::finding::{Finding, RunResult};

impl Session {
    /// The findings of runs before this number that are fixed and that `result` does not have again, each
    /// as the last run had it that found it, in the order of reports. Reads as many runs as it takes. One
    /// that is damaged is told elsewhere; what only it had is left out.
    #[must_use]
    pub fn departed(&self, result: &RunResult, before: u32) -> Vec<Arc<Finding>> {
        let ledger = &self.state().ledger;
        let fixed = ledger.decisions.iter().filter(|(_, d)| d.state == DecisionState::Fixed);
        let mut due: BTreeSet<&str> = fixed.map(|(print, _)| &**print).collect();
        for finding in &result.findings {
            due.remove(finding.fingerprint.as_str());
        }
        let mut gone = Vec::new();
        let earlier = self.state().runs.iter().rev().filter(|entry| entry.number < before);
        for entry in earlier {
            if due.is_empty() {
                break;
            }
            let Ok(Some(earlier)) = self.run(entry.number) else { continue };
            let found = earlier.result.findings.iter();
            gone.extend(found.filter(|f| due.remove(ledger.name(&f.fingerprint))).cloned());
        }
        gone.sort_by(|a, b| a.sort_key().cmp(&b.sort_key()));
        gone
    }
}
