//! How many findings there are of each severity.

use crate::model::finding::Severity;

/// How many findings there are of each severity, worst first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tally(pub [usize; 5]);

impl Tally {
    /// Counts one.
    pub fn add(&mut self, severity: Severity) {
        if let Some(slot) = self.0.get_mut(severity as usize) {
            *slot += 1;
        }
    }

    /// Counts one less.
    pub fn remove(&mut self, severity: Severity) {
        if let Some(slot) = self.0.get_mut(severity as usize) {
            *slot = slot.saturating_sub(1);
        }
    }

    /// Counts as many as another one did.
    pub fn absorb(&mut self, other: Self) {
        self.0.iter_mut().zip(other.0).for_each(|(own, more)| *own += more);
    }

    /// How many of one severity.
    #[must_use]
    pub fn of(self, severity: Severity) -> usize {
        self.0.get(severity as usize).copied().unwrap_or_default()
    }

    /// How many in all.
    #[must_use]
    pub fn total(self) -> usize {
        self.0.iter().sum()
    }

    /// The worst severity there is.
    #[must_use]
    pub fn worst(self) -> Option<Severity> {
        Severity::ALL.into_iter().find(|s| self.of(*s) > 0)
    }
}
