//! A run of a few checks, or on a few objects, brought into the result of an earlier one.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::checks::RunScope;
use crate::model::finding::{Finding, RunResult};
use crate::model::import::Beside;

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
        problems: new.problems.clone(),
        beside: beside(old, new),
        // Said anew of the whole.
        history: Arc::default(),
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
        }
    }
    merged
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
        let same = |id: &crate::model::object::ObjectRef| {
            id.group_kind() == *kind
                && *id.name == **name
                && ns.as_deref().is_none_or(|ns| id.namespace.as_deref().unwrap_or_default() == ns)
        };
        finding.object.as_ref().is_some_and(same) || finding.owner.as_ref().is_some_and(same)
    });
    // Labels are not known here: what a selector left out cannot be told from what it passed.
    namespace && object && scope.selector.is_none()
}
