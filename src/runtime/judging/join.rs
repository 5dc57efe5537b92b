//! A run of a part, joined with what is shown.

use std::sync::Arc;

use super::Past;
use crate::assess::{self, Chosen, Content};
use crate::frameworks::Framework;
use crate::model::finding::RunResult;
use crate::session::run::Selection;

/// What was run, joined with what is shown where it was only a part of that: what is judged, what
/// is run again when the cluster changes, and what came of it.
pub(super) fn joined(
    content: &Content,
    past: &Past,
    chosen: Arc<Chosen>,
    result: Arc<RunResult>,
) -> (Arc<Chosen>, Arc<Chosen>, Arc<RunResult>) {
    let base = &past.base;
    let whole = |s: &Selection| {
        s.frameworks == base.frameworks
            && s.controls == base.controls
            && s.checks == base.checks
            && s.namespaces == base.namespaces
            && s.object == base.object
    };
    match &past.shown {
        Some(shown) if !whole(&chosen.selection) => {
            // What the cluster came to since the last run is not taken back by a part of a new one.
            let before = past.moved.as_ref().map_or(&shown.record.result, |(view, _)| &view.result);
            let merged = assess::merge(before, &result, &chosen.checks, &chosen.scope);
            let known = chosen.checks.iter().all(|id| shown.again.checks.contains(id));
            let elsewhere = !known && chosen.scope != shown.again.scope;
            let all = Arc::new(widened(content, &shown.chosen, &chosen));
            // Checks that ran on one place alone are not run on all of them unasked.
            let again = if elsewhere || known && !Arc::ptr_eq(&shown.chosen, &shown.again) {
                Arc::clone(&shown.again)
            } else {
                Arc::clone(&all)
            };
            (all, again, Arc::new(merged))
        }
        _ => (Arc::clone(&chosen), chosen, result),
    }
}

/// What was asked for before, and now as well.
fn widened(content: &Content, before: &Chosen, now: &Chosen) -> Chosen {
    let mut all = before.clone();
    // An empty selection is everything already.
    if narrow(&before.selection) {
        let (old, new) = (&mut all.selection, &now.selection);
        add(&mut old.frameworks, &new.frameworks);
        add(&mut old.controls, &new.controls);
        add(&mut old.checks, &new.checks);
    }
    all.checks.extend(now.checks.iter().cloned());
    all.checks.sort();
    all.checks.dedup();
    for pick in &now.frameworks {
        match all.frameworks.iter_mut().find(|p| p.framework.id == pick.framework.id) {
            None => all.frameworks.push(pick.clone()),
            Some(part) => part.framework = united(content, &part.framework, &pick.framework),
        }
    }
    all.not_judged.extend(now.not_judged.iter().cloned());
    all.not_judged.sort();
    all.not_judged.dedup();
    let judged = |id: &str| all.frameworks.iter().any(|p| p.framework.id == id);
    all.not_judged.retain(|n| !judged(&n.id));
    all
}

/// A framework with the controls of two parts of it.
fn united(content: &Content, a: &Framework, b: &Framework) -> Arc<Framework> {
    let whole = content.frameworks.frameworks.iter().find(|f| f.id == a.id);
    let mut union = whole.map_or_else(|| a.clone(), |whole| (**whole).clone());
    union.controls.retain(|c| [a, b].iter().any(|f| f.controls.iter().any(|o| o.id == c.id)));
    Arc::new(union)
}

/// Whether a selection is of some checks only.
fn narrow(selection: &Selection) -> bool {
    let Selection { frameworks, controls, checks, .. } = selection;
    !(frameworks.is_empty() && controls.is_empty() && checks.is_empty())
}

fn add(to: &mut Vec<String>, more: &[String]) {
    to.extend_from_slice(more);
    to.sort();
    to.dedup();
}
