//! How many findings there are of each check.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::model::finding::{Finding, Form};

/// How many findings there are of each check, of the platform and in all. Evidence is none.
#[derive(Default)]
pub(in crate::checks) struct Fails(FxHashMap<Arc<str>, Fail>);

/// Those of one check.
#[derive(Clone, Copy, Default)]
pub(super) struct Fail {
    pub(super) all: usize,
    pub(super) platform: usize,
}

impl Fails {
    /// Those of a check.
    pub(super) fn of(&self, check: &str) -> Fail {
        self.0.get(check).copied().unwrap_or_default()
    }

    /// One finding more.
    pub(in crate::checks) fn add(&mut self, finding: &Finding) {
        if finding.form == Form::Evidence {
            return;
        }
        let known = self.0.get_mut(&finding.check);
        let of_check = match known {
            Some(known) => known,
            None => self.0.entry(Arc::clone(&finding.check)).or_default(),
        };
        of_check.all += 1;
        of_check.platform += usize::from(finding.platform);
    }

    /// One that was added goes.
    pub(in crate::checks) fn take_away(&mut self, finding: &Finding) {
        let counted = finding.form != Form::Evidence;
        if let Some(of_check) = self.0.get_mut(&finding.check).filter(|_| counted) {
            of_check.all -= 1;
            of_check.platform -= usize::from(finding.platform);
        }
    }
}
