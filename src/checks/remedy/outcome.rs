//! What a change comes to: the findings of a run on the objects as they are, and of one on the
//! objects as they would be.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::facts::Level;
use crate::model::finding::{CheckCounts, Finding, RunResult};
use crate::model::object::ObjectRef;
use crate::model::path::Seg;

/// What became of findings. Each list is in the order of reports.
#[derive(Clone, Debug, Default)]
pub struct RemedyOutcome {
    /// They do not fail any more.
    pub cleared: Vec<Arc<Finding>>,
    /// They fail only now.
    pub fresh: Vec<Arc<Finding>>,
    /// The same place fails with another severity: before and after.
    pub changed: Vec<(Arc<Finding>, Arc<Finding>)>,
    /// They are not seen any more, but their check could decide less than before.
    pub undecided: Vec<Arc<Finding>>,
    /// Places at which the same check fails on the same object, called differently than before: a
    /// rule of a role that lost one of its verbs. Before and after.
    pub moved: Vec<(Arc<Finding>, Arc<Finding>)>,
    /// How many findings are the same as before.
    pub same: usize,
}

/// The Pod Security level of a workload, with its pods, before and after a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LevelMove {
    /// The workload.
    pub workload: ObjectRef,
    /// Its level as it is.
    pub before: Level,
    /// Its level as it would be.
    pub after: Level,
}

/// Compares a run before a change with one after it.
#[must_use]
pub fn outcome(before: &RunResult, after: &RunResult) -> RemedyOutcome {
    let mut out = RemedyOutcome::default();
    let by_print = |result: &RunResult| -> BTreeMap<String, Arc<Finding>> {
        let all = result.findings.iter();
        all.map(|f| (f.fingerprint.clone(), Arc::clone(f))).collect()
    };
    let (old, new) = (by_print(before), by_print(after));
    for finding in &before.findings {
        match new.get(&finding.fingerprint) {
            None => out.cleared.push(Arc::clone(finding)),
            Some(now) if now.severity != finding.severity => {
                out.changed.push((Arc::clone(finding), Arc::clone(now)));
            }
            Some(_) => out.same += 1,
        }
    }
    let fresh = after.findings.iter().filter(|f| !old.contains_key(&f.fingerprint));
    out.fresh.extend(fresh.cloned());
    out.pair();
    let open = less_decided(before, after);
    let (undecided, cleared) =
        std::mem::take(&mut out.cleared).into_iter().partition(|f| open.contains(&f.check));
    (out.undecided, out.cleared) = (undecided, cleared);
    out
}

impl RemedyOutcome {
    /// A finding that went and one that came by the same check may be one that is called differently
    /// now; see [`again`]. It counts as neither.
    fn pair(&mut self) {
        let mut fresh = std::mem::take(&mut self.fresh);
        let mut cleared = Vec::new();
        for finding in std::mem::take(&mut self.cleared) {
            let same_path = |other: &Arc<Finding>| other.path == finding.path;
            let likely = |other: &Arc<Finding>| again(&finding, other);
            let at = fresh.iter().position(|other| likely(other) && same_path(other));
            match at.or_else(|| fresh.iter().position(likely)) {
                Some(at) => {
                    let now = fresh.remove(at);
                    self.moved.push((finding, now));
                }
                None => cleared.push(finding),
            }
        }
        (self.cleared, self.fresh) = (cleared, fresh);
    }

    /// Whether nothing fails that did not, and nothing fails worse.
    #[must_use]
    pub fn nothing_worse(&self) -> bool {
        self.fresh.is_empty() && self.worse().next().is_none()
    }

    /// Findings that are more severe than before.
    pub fn worse(&self) -> impl Iterator<Item = &(Arc<Finding>, Arc<Finding>)> {
        let changed = self.changed.iter().chain(&self.moved);
        changed.filter(|(before, after)| after.severity < before.severity)
    }
}

/// Whether a finding after the change may be one that was there before it: by the same check on the
/// same object, and at the same path, in a list whose elements are called by their content, or in
/// the same one of what the check looks at once.
fn again(before: &Finding, after: &Finding) -> bool {
    let by_content = |f: &Finding| {
        let first = f.path.0.first();
        matches!(first, Some(Seg::Field(name)) if matches!(&**name, "rules" | "subjects"))
    };
    // A check of these scopes may point at this field or that, but looks at each thing once.
    let once = matches!(&*before.scope, "container" | "pod" | "object" | "namespace" | "node");
    before.check == after.check
        && before.object == after.object
        && before.owner == after.owner
        && (before.path == after.path
            || (by_content(before) && by_content(after))
            || (once && before.container == after.container))
}

/// Checks that could decide less after the change than before it.
fn less_decided(before: &RunResult, after: &RunResult) -> BTreeSet<Arc<str>> {
    let open = |counts: &CheckCounts| counts.not_assessed + counts.error;
    let was = |id: &Arc<str>| before.checks.get(id).map_or(0, open);
    let less = after.checks.iter().filter(|(id, counts)| open(counts) > was(id));
    less.map(|(id, _)| Arc::clone(id)).collect()
}
