//! Checks that look at the findings of a run: how long each is there, and what was decided about it.
//!
//! They run when the others have. Every finding becomes an object of [`kinds::finding_age`], as
//! results of other tools do, and is judged like anything else. What a session knows comes with the
//! run before; without one the age of an open finding is not known, and never taken for short.

mod alike;
mod objects;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rayon::prelude::*;

use self::objects::{Aged, inventory};
use super::{Chosen, Content};
use crate::checks::{self, Plan, RunScope, Scope, Silent};
use crate::facts::{Facts, Options};
use crate::model::finding::{CheckCounts, Finding, Gap, RunResult};
use crate::model::history::History;
use crate::model::kinds;
use crate::model::ledger::Ledger;
use crate::model::read::{Missing, ReadStatus};
use crate::session::run::Selection;
use crate::session::{RunRecord, follow};
use crate::text::noun;

/// How many findings are objects at once, for each thread: those of a large cluster would take more memory
/// than it.
const AT_ONCE: usize = 2_048;

/// What was known before a run.
#[derive(Clone, Copy, Debug)]
pub enum Before<'a> {
    /// Nothing: no session is at hand.
    Nothing,
    /// The run begins a session.
    Begun,
    /// The run before it in its session.
    Run(&'a RunRecord),
}

impl Content {
    /// Whether a check looks at the findings of a run.
    pub(super) fn looks_back(&self, id: &str) -> bool {
        let check = self.library.checks.get(id);
        check.is_some_and(|check| check.target.is_only(&kinds::finding_age()))
    }

    /// Whether a check looks at each finding by itself, and at no list of others.
    fn looks_at_each(&self, id: &str) -> bool {
        let check = self.library.checks.get(id);
        check.is_some_and(|c| c.target.scope == Scope::Object && c.target.lists.is_empty())
    }

    /// Ends a run: says since when its findings are there, and runs the checks that look at that, by
    /// the decisions in force when it ended. What such checks came to before is replaced.
    pub fn look_back(
        &self,
        chosen: &Chosen,
        record: &mut RunRecord,
        before: Before<'_>,
        ledger: &Ledger,
    ) {
        let ids: Vec<&str> =
            chosen.checks.iter().map(|id| &**id).filter(|id| self.looks_back(id)).collect();
        self.forget(Arc::make_mut(&mut record.result));
        let history = Arc::new(match before {
            Before::Nothing => History::default(),
            Before::Begun => follow(None, record),
            Before::Run(previous) => follow(Some(previous), record),
        });
        Arc::make_mut(&mut record.result).history = history;
        if ids.is_empty() {
            return;
        }
        let plan = Plan::new(&self.library, &ids, &self.params);
        let at_once =
            if ids.iter().all(|id| self.looks_at_each(id)) { AT_ONCE } else { usize::MAX };
        let mut found = judged(&plan, record, ledger, (false, at_once));
        let narrow = leaves_checks_out(&record.selection);
        if let Some(reason) = overlooked(&record.result).filter(|_| !narrow) {
            for id in &ids {
                nothing_seen(&mut found, id, &reason);
            }
        }
        let aside = record.result.history.unseen.iter().map(|unseen| &unseen.finding);
        if record.result.findings.iter().chain(aside).any(|f| !f.decides(false)) {
            add(&mut found, judged(&plan, record, ledger, (true, at_once)));
        }
        if narrow {
            for id in &ids {
                narrowed(&mut found, id);
            }
        }
        let result = Arc::make_mut(&mut record.result);
        result.checks.append(&mut found.checks);
        result.problems.append(&mut found.problems);
        result.findings.append(&mut found.findings);
        result.findings.sort_by(|a, b| a.sort_key().cmp(&b.sort_key()));
        result.evidence.append(&mut found.evidence);
        result.not_assessed.append(&mut found.not_assessed);
        result.not_assessed.sort();
    }

    /// Takes over from a run what looks back on its session: between runs no finding gets older, and
    /// nothing is settled. Findings are gone through only where such a check has any.
    pub fn keep_looking_back(&self, run: &RunResult, result: &mut RunResult) {
        self.forget(result);
        result.history = Arc::clone(&run.history);
        let back = self.looking_back(run);
        if back.is_empty() {
            return;
        }
        let counts = |id: &&Arc<str>| run.checks.get_key_value(&***id);
        let counts = back.iter().filter_map(counts);
        let found = counts.clone().any(|(_, counts)| counts.fail + counts.platform_fail > 0);
        result.checks.extend(counts.map(|(id, counts)| (Arc::clone(id), *counts)));
        let of = |list: &[Arc<Finding>]| -> Vec<Arc<Finding>> {
            list.iter().filter(|f| back.contains(&f.check)).cloned().collect()
        };
        if found {
            let before = std::mem::take(&mut result.findings);
            result.findings = in_order(before, of(&run.findings));
        }
        result.evidence.extend(of(&run.evidence));
        let gaps = run.not_assessed.iter().filter(|gap| back.contains(&gap.check));
        result.not_assessed.extend(gaps.cloned());
        result.not_assessed.sort();
    }

    /// Takes out what checks that look back came to.
    fn forget(&self, result: &mut RunResult) {
        let back: BTreeSet<Arc<str>> = self.looking_back(result).into_iter().cloned().collect();
        if back.is_empty() {
            return;
        }
        result.checks.retain(|id, _| !back.contains(id));
        result.findings.retain(|f| !back.contains(&f.check));
        result.evidence.retain(|f| !back.contains(&f.check));
        result.not_assessed.retain(|gap| !back.contains(&gap.check));
    }

    /// The checks of a result that look back.
    fn looking_back<'r>(&self, result: &'r RunResult) -> BTreeSet<&'r Arc<str>> {
        result.checks.keys().filter(|id| self.looks_back(id)).collect()
    }
}

/// Two lists in the order of reports as one.
fn in_order(list: Vec<Arc<Finding>>, more: Vec<Arc<Finding>>) -> Vec<Arc<Finding>> {
    let places: Vec<usize> = more
        .iter()
        .map(|finding| list.partition_point(|known| known.sort_key() <= finding.sort_key()))
        .collect();
    let mut all = Vec::with_capacity(list.len() + more.len());
    let mut rest = list.into_iter();
    let mut taken = 0;
    for (finding, place) in more.into_iter().zip(places) {
        all.extend(rest.by_ref().take(place.saturating_sub(taken)));
        taken = taken.max(place);
        all.push(finding);
    }
    all.extend(rest);
    all
}

/// What the checks say of the findings that decide, or of those on the `platform`, which do not; so
/// many of them are objects `at_once`.
fn judged(
    plan: &Plan,
    record: &RunRecord,
    ledger: &Ledger,
    (platform, at_once): (bool, usize),
) -> RunResult {
    let here: BTreeMap<&str, &Arc<Finding>> = record
        .result
        .findings
        .iter()
        .filter(|f| f.decides(false) != platform)
        .map(|f| (f.fingerprint.as_str(), f))
        .collect();
    let all = looked_at(record, &here, platform);
    let run = |part: &[Aged<'_>]| {
        let inventory = Arc::new(inventory(record, part, ledger));
        let facts = Facts::new(inventory, Options::default());
        checks::run(plan, &facts, &RunScope::default(), &Silent)
    };
    let (mut parts, all) = if at_once < usize::MAX && alike::sees_only_traits(plan, record) {
        alone_or_together(plan, alike::groups(&all, record, ledger), run)
    } else {
        (Vec::new(), all)
    };
    parts.par_extend(all.par_chunks(at_once).map(run));
    let mut parts = parts.into_iter();
    // Without a finding, too, each check has something to say.
    let mut result = parts.next().unwrap_or_else(|| run(&[]));
    for mut part in parts {
        // What is wrong with the checks themselves each part says.
        part.problems.drain(..plan.problems().len().min(part.problems.len()));
        add(&mut result, part);
    }
    for finding in result.findings.iter_mut().chain(&mut result.evidence) {
        let finding = Arc::make_mut(finding);
        let about = finding.object.as_ref().and_then(|object| here.get(&*object.name));
        finding.platform = platform;
        // It is mended where the other is.
        finding.file = about.and_then(|about| about.file.clone());
        finding.line = about.and_then(|about| about.line);
    }
    for gap in &mut result.not_assessed {
        gap.platform = platform;
    }
    // Parts may leave the same open.
    result.not_assessed.sort();
    result.not_assessed.dedup_by(|next, gap| {
        let same = next.check == gap.check && next.missing == gap.missing;
        gap.count += if same { next.count } else { 0 };
        same
    });
    if platform {
        result.checks.values_mut().for_each(|counts| counts.platform_fail = counts.fail);
    }
    result
}

/// What groups of findings come to of which one could be judged for all, and the findings that have to be
/// judged one by one.
fn alone_or_together<'a>(
    plan: &Plan,
    (groups, mut alone): (Vec<Vec<Aged<'a>>>, Vec<Aged<'a>>),
    run: impl Fn(&[Aged<'_>]) -> RunResult,
) -> (Vec<RunResult>, Vec<Aged<'a>>) {
    let mut parts = Vec::new();
    for group in groups {
        let one = run(group.get(..1).unwrap_or_default());
        match alike::of_all(plan, one, group.len()) {
            Some(all) => parts.push(all),
            None => alone.extend(group),
        }
    }
    (parts, alone)
}

/// Whether a selection names single controls or checks: then findings of others are not looked for.
/// The checks of a framework are all that matter to it.
fn leaves_checks_out(selection: &Selection) -> bool {
    let Selection { frameworks, controls, checks, .. } = selection;
    frameworks.is_empty() && !(controls.is_empty() && checks.is_empty())
}

/// What a check says that looked at the findings of some checks alone: a fail stands.
fn narrowed(result: &mut RunResult, id: &str) {
    let Some((id, counts)) = result.checks.get_key_value(id) else { return };
    let (id, mut counts) = (Arc::clone(id), *counts);
    if counts == (CheckCounts { not_applicable: 1, ..CheckCounts::default() }) {
        counts.not_applicable = 0;
    }
    counts.not_assessed += 1;
    result.checks.insert(Arc::clone(&id), counts);
    let missing = Missing {
        read: "selection".to_owned(),
        namespace: None,
        status: ReadStatus::NotAsked,
        reason: "it looks at the findings of every check, and the selection leaves checks out"
            .to_owned(),
    };
    result.not_assessed.push(Gap {
        check: id,
        missing: Arc::new(missing),
        count: 0,
        platform: false,
    });
}

/// Why there may be findings that a run did not see: not everything could be looked at.
fn overlooked(result: &RunResult) -> Option<String> {
    let gaps: BTreeMap<&str, &str> = result
        .not_assessed
        .iter()
        .filter(|gap| !gap.platform)
        .map(|gap| (&*gap.check, gap.missing.reason.as_str()))
        .collect();
    let errors = result.checks.iter().filter(|(_, counts)| counts.error > 0);
    let checks: BTreeSet<&str> = gaps.keys().copied().chain(errors.map(|(id, _)| &**id)).collect();
    let noun = noun(checks.len(), "check");
    let first = gaps.values().next().map(|reason| format!(" ({reason})")).unwrap_or_default();
    (!checks.is_empty()).then(|| {
        format!(
            "no finding was seen, and {} {noun} could not look everywhere{first}: there may be findings whose \
             deadline has passed",
            checks.len()
        )
    })
}

/// What a check says that saw no finding, where there may be some.
fn nothing_seen(result: &mut RunResult, id: &str, reason: &str) {
    let nothing = CheckCounts { not_applicable: 1, ..CheckCounts::default() };
    let Some((id, counts)) = result.checks.get_key_value(id) else { return };
    if *counts != nothing {
        return;
    }
    let id = Arc::clone(id);
    let counts = CheckCounts { not_assessed: 1, ..CheckCounts::default() };
    result.checks.insert(Arc::clone(&id), counts);
    let missing = Missing {
        read: "findings".to_owned(),
        namespace: None,
        status: ReadStatus::Partial,
        reason: reason.to_owned(),
    };
    result.not_assessed.push(Gap { check: id, missing: missing.into(), count: 0, platform: false });
}

/// Adds what was found on the platform.
fn add(result: &mut RunResult, platform: RunResult) {
    for (id, counts) in platform.checks {
        let CheckCounts { pass, fail, error, not_assessed, not_applicable, platform_fail } = counts;
        let sum = result.checks.entry(id).or_default();
        sum.pass += pass;
        sum.fail += fail;
        sum.error += error;
        sum.not_assessed += not_assessed;
        sum.not_applicable += not_applicable;
        sum.platform_fail += platform_fail;
    }
    result.findings.extend(platform.findings);
    result.evidence.extend(platform.evidence);
    result.not_assessed.extend(platform.not_assessed);
    result.problems.extend(platform.problems);
}

/// The findings of a run, and those of earlier ones that it could not look at although it was asked
/// to. There are no others: what nobody found has no age.
fn looked_at<'a>(
    record: &'a RunRecord,
    here: &BTreeMap<&str, &'a Arc<Finding>>,
    platform: bool,
) -> Vec<Aged<'a>> {
    let asked = |unseen: &&crate::model::history::Unseen| {
        !unseen.outside && unseen.finding.decides(false) != platform
    };
    let unseen = record.result.history.unseen.iter().filter(asked);
    let seen = here.values().map(|finding| (&***finding, None));
    seen.chain(unseen.map(|u| (&*u.finding, Some(u.reason.as_str())))).collect()
}

#[cfg(test)]
mod tests;
