//! What a run came to, check by check, as far as controls rest on it. A run may have tens of thousands of
//! findings, and a check may serve controls of every framework: all of them are gone through once.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use super::JudgeInput;
use super::causes::MOST;
use crate::model::decision::DecisionState;
use crate::model::finding::CheckCounts;

/// What a run came to on one check.
#[derive(Debug, Default)]
pub(super) struct CheckSums<'a> {
    /// Findings that count and that nobody set aside.
    pub(super) open: usize,
    /// Findings that count and are accepted.
    pub(super) accepted: usize,
    /// Findings that count and are none.
    pub(super) dismissed: usize,
    /// Findings that do not count, since they are the platform's.
    pub(super) aside: usize,
    /// Why something was left open, each reason once, and one more than are told.
    pub(super) reasons: Vec<&'a str>,
    known: HashSet<&'a str>,
}

impl CheckSums<'_> {
    /// Findings that count, whatever their decision.
    pub(super) fn findings(&self) -> usize {
        self.open + self.accepted + self.dismissed
    }
}

/// The same without findings on objects of the platform, and with them.
type Both<'a> = [CheckSums<'a>; 2];

/// What a run came to on every check.
pub(super) struct Index<'a> {
    checks: HashMap<&'a str, Both<'a>>,
    counts: &'a BTreeMap<Arc<str>, CheckCounts>,
    unseen: HashMap<&'a str, &'a str>,
    nothing: CheckSums<'a>,
}

impl<'a> Index<'a> {
    pub(super) fn new(input: &JudgeInput<'a>) -> Self {
        let mut checks: HashMap<&str, Both<'_>> = HashMap::new();
        for finding in &input.result.findings {
            let state = (input.decision)(&finding.fingerprint);
            let both = checks.entry(&finding.check).or_default();
            for (seen, platform) in both.iter_mut().zip([false, true]) {
                let count = match state {
                    _ if !finding.decides(platform) => &mut seen.aside,
                    DecisionState::Accepted => &mut seen.accepted,
                    DecisionState::FalsePositive => &mut seen.dismissed,
                    _ => &mut seen.open,
                };
                *count += 1;
            }
        }
        for gap in &input.result.not_assessed {
            let both = checks.entry(&gap.check).or_default();
            for (seen, platform) in both.iter_mut().zip([false, true]) {
                let more = seen.reasons.len() <= MOST && (platform || !gap.platform);
                if more && seen.known.insert(&gap.missing.reason) {
                    seen.reasons.push(&gap.missing.reason);
                }
            }
        }
        let unseen = input.result.unseen.iter();
        let unseen = unseen.map(|gap| (&*gap.check, &*gap.missing.reason)).collect();
        Self { checks, counts: &input.result.checks, unseen, nothing: CheckSums::default() }
    }

    /// What it came to on a check, with findings on objects of the platform or without them.
    pub(super) fn of(&self, id: &str, platform: bool) -> &CheckSums<'a> {
        let [without, with] = match self.checks.get(id) {
            Some(both) => both.each_ref(),
            None => [&self.nothing; 2],
        };
        if platform { with } else { without }
    }

    /// Why a check had nothing to look at, where files may not show all of it.
    pub(super) fn unseen(&self, id: &str) -> Option<&'a str> {
        self.unseen.get(id).copied()
    }

    /// How often it came to what.
    pub(super) fn counts(&self, id: &str) -> CheckCounts {
        self.counts.get(id).copied().unwrap_or_default()
    }
}
