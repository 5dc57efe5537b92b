//! A run of a few checks, or on a few objects, brought into the result of an earlier one.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::checks::RunScope;
use crate::model::finding::{Finding, Gap, RunResult};
use crate::model::import::Beside;
use crate::model::inventory::Problem;
use crate::model::object::ObjectRef;

/// `new` ran `checks` on `scope`; what `old` says of them there is replaced, the rest stays.
#[must_use]
pub fn merge(old: &RunResult, new: &RunResult, checks: &[Arc<str>], scope: &RunScope) -> RunResult {
    let again: BTreeSet<&str> = checks.iter().map(|id| &**id).collect();
    let whole = scope.namespaces.is_none() && scope.selector.is_none() && scope.object.is_none();
    let names = |f: &'_ Arc<Finding>| [Some(f.fingerprint.clone()), f.formerly.clone()];
    let fresh: BTreeSet<String> = new.findings.iter().flat_map(names).flatten().collect();
    let stays = |f: &&Arc<Finding>| {
        let judged_again = again.contains(&*f.check) && (whole || covers(scope, f));
        !judged_again && !fresh.contains(&f.fingerprint)
    };
    let joined = |a: &[Arc<Finding>], b: &[Arc<Finding>]| {
        let mut all: Vec<Arc<Finding>> = a.iter().filter(stays).chain(b).cloned().collect();
        all.sort_by(|x, y| x.sort_key().cmp(&y.sort_key()));
        all
    };
    let mut merged = RunResult {
        checks: old.checks.clone(),
        findings: joined(&old.findings, &new.findings),
        evidence: joined(&old.evidence, &new.evidence),
        not_assessed: old
            .not_assessed
            .iter()
            .filter(|g| !whole || !again.contains(&*g.check))
            .cloned()
            .collect(),
        unseen: unseen(old, new, &again, whole),
        problems: problems(old, new, &again, scope),
        beside: beside(old, new),
        // Said anew of the whole.
        history: Arc::default(),
        taken_over: taken_over(old, new, |id| whole && again.contains(id)),
    };
    for gap in &new.not_assessed {
        if !merged.not_assessed.contains(gap) {
            merged.not_assessed.push(gap.clone());
        }
    }
    merged.not_assessed.sort();
    for (id, counts) in &new.checks {
        let entry = merged.checks.entry(Arc::clone(id)).or_insert(*counts);
        if whole {
            *entry = *counts;
        } else {
            // What failed here before and does not any more passes, and the other way round.
            let fails = merged.findings.iter().filter(|f| f.check == *id).count();
            entry.pass = (entry.pass + entry.fail).saturating_sub(fails);
            entry.fail = fails;
            // What failed to evaluate anywhere is no pass.
            let told = |result: &RunResult| of_check(&result.problems, id);
            entry.error = if told(old) == entry.error && told(new) == counts.error {
                of_check(&merged.problems, id)
            } else {
                entry.error.max(counts.error)
            };
            entry.not_assessed = entry.not_assessed.max(counts.not_assessed);
            let of_platform =
                merged.findings.iter().filter(|f| f.check == *id && f.platform).count();
            entry.platform_fail = of_platform;
        }
    }
    merged
}

/// The checks taken over, with their files: what was not looked at `again` stands as it was judged.
fn taken_over(
    old: &RunResult,
    new: &RunResult,
    again: impl Fn(&str) -> bool,
) -> BTreeMap<String, String> {
    let stands = old.taken_over.iter().filter(|(id, _)| !again(id));
    stands.chain(&new.taken_over).map(|(id, file)| (id.clone(), file.clone())).collect()
}

/// The problems of files as they are now, and failed evaluations: those of the new run, and those of the
/// old one where it did not look again.
fn problems(
    old: &RunResult,
    new: &RunResult,
    again: &BTreeSet<&str>,
    scope: &RunScope,
) -> Vec<Problem> {
    let stays = |problem: &&Problem| {
        let Some(check) = problem.of_check() else { return false };
        let again = again.contains(check) && looks_at(scope, problem.object.as_ref());
        !again && !new.problems.contains(problem)
    };
    new.problems.iter().chain(old.problems.iter().filter(stays)).cloned().collect()
}

/// Whether a scope certainly takes an object; none is the whole cluster.
fn looks_at(scope: &RunScope, object: Option<&ObjectRef>) -> bool {
    if scope.is_everything() {
        return true;
    }
    let Some(object) = object.filter(|_| scope.selector.is_none()) else { return false };
    let home = match &*object.kind {
        "Namespace" if &*object.api_version == "v1" => &*object.name,
        _ => object.namespace.as_deref().unwrap_or_default(),
    };
    scope.namespaces.as_ref().is_none_or(|set| set.contains(home))
        && scope.object.as_ref().is_none_or(|(kind, ns, name)| {
            object.group_kind() == *kind
                && *object.name == **name
                && ns
                    .as_deref()
                    .is_none_or(|ns| object.namespace.as_deref().unwrap_or_default() == ns)
        })
}

/// How many of these problems are failed evaluations of a check.
fn of_check(problems: &[Problem], id: &str) -> usize {
    problems.iter().filter(|problem| problem.of_check() == Some(id)).count()
}

/// Of checks that ran again on everything what the new run says; of the others what had nothing to look
/// at before, and now had not either.
fn unseen(old: &RunResult, new: &RunResult, again: &BTreeSet<&str>, whole: bool) -> Vec<Gap> {
    let of = |gap: &&Gap| again.contains(&*gap.check);
    let stays = |gap: &&Gap| !of(gap) || !whole && new.unseen.contains(gap);
    let mut unseen: Vec<Gap> = old.unseen.iter().filter(stays).cloned().collect();
    unseen.extend(new.unseen.iter().filter(|_| whole).cloned());
    unseen.sort();
    unseen
}

/// What the new run saw, and of objects that it did not come to what the old one did.
fn beside(old: &RunResult, new: &RunResult) -> Arc<Beside> {
    let (Some(before), Some(now)) = (&old.beside.exempt, &new.beside.exempt) else {
        return Arc::clone(&new.beside);
    };
    let again: BTreeSet<_> = now.iter().map(|exempt| &exempt.object).collect();
    let stays = before.iter().filter(|exempt| !again.contains(&exempt.object));
    let exempt = Some(stays.chain(now).cloned().collect());
    Arc::new(Beside { exempt, ..Beside::clone(&new.beside) })
}

/// Whether a finding lies in a narrowed scope.
fn covers(scope: &RunScope, finding: &Finding) -> bool {
    let namespace = scope.namespaces.as_ref().is_none_or(|set| set.contains(finding.home()));
    let object = scope.object.as_ref().is_none_or(|(kind, ns, name)| {
        let same = |id: &ObjectRef| {
            id.group_kind() == *kind
                && *id.name == **name
                && ns.as_deref().is_none_or(|ns| id.namespace.as_deref().unwrap_or_default() == ns)
        };
        finding.object.as_ref().is_some_and(same) || finding.owner.as_ref().is_some_and(same)
    });
    // Labels are not known here: what a selector left out cannot be told from what it passed.
    namespace && object && scope.selector.is_none()
}

#[cfg(test)]
mod tests;
