//! Checks that look for secrets, run when a capture is taken: afterwards values are masked.

use std::sync::Arc;

use crate::facts::{Facts, Target};
use crate::model::captured::{Captured, Match, MatchItem};
use crate::model::object::Object;

use super::cel::Var;
use super::cel::eval::Frame;
use super::compiled::{Compiled, Params, fact_of, slots};
use super::judge::{Hit, Item, Known, Outcome, Trial, path_of};
use super::library::Library;
use super::plan::Plan;
use super::run;
use super::target::Parts;

/// What the checks that look for secrets find in an inventory, and with which rules. A capture of
/// a capture passes on what it remembers.
#[must_use]
pub fn capture(library: &Library, params: &Params, facts: &Facts) -> Captured {
    if let Some(known) = &facts.inventory().captured {
        return Captured::clone(known);
    }
    let secret = library.checks.values().filter(|check| check.rule.secret);
    let ids: Vec<&str> = secret.map(|check| &*check.id).collect();
    let plan = Plan::new(library, &ids, params);
    let cluster = run::cluster(&facts.inventory().source);
    let mut captured = Captured::default();
    for check in &plan.checks {
        if let Some(digest) = &check.digest {
            captured.rules.insert(check.id().to_string(), digest.clone());
        }
    }
    for object in facts.inventory().objects() {
        let kind = object.kind();
        let meant = |check: &&Compiled| check.check.target.kinds.iter().any(|p| p.matches(&kind));
        for check in plan.checks.iter().filter(meant) {
            let parts = Parts::with_facts(object, facts);
            for element in parts.elements(check.check.target.scope) {
                let known = known(facts, check, &parts.fact_target(element));
                let mut frame = Frame::default();
                known.bind(&mut frame);
                parts.bind_object(&mut frame);
                frame.set(Var::Cluster, (&cluster).into());
                parts.bind(&mut frame, element);
                let trial = Trial {
                    check,
                    parts: &parts,
                    element,
                    known: &known,
                    captured: None,
                    left: u64::MAX,
                };
                judge(&trial, object, &mut frame, &mut captured);
            }
        }
    }
    captured
}

fn known(facts: &Facts, check: &Compiled, target: &Target<'_>) -> Known {
    let mut known = Known::default();
    for slot in slots(check.facts) {
        if let Some(name) = fact_of(slot) {
            known.push(slot, facts.get(name, target));
        }
    }
    known
}

fn judge<'a, 'k: 'a>(
    trial: &Trial<'_, 'a, 'k>,
    object: &Arc<Object>,
    frame: &mut Frame<'a>,
    captured: &mut Captured,
) {
    let mut hits = Vec::new();
    let outcome = trial.judge(frame, &mut hits);
    let (check, element) = (trial.check, trial.element);
    let found = |item, path: String, error| Match {
        check: check.id().to_string(),
        element: trial.parts.path(element).to_string(),
        path,
        item,
        place: None,
        case: None,
        severity: check.check.severity,
        error,
    };
    for hit in hits {
        let path = path_of(check, trial.parts, element, &hit.item, hit.place).to_string();
        let Hit { item, place, case, severity } = hit;
        let found = found(item_of(item), path, None);
        captured.add(&object.id, Match { place, case, severity, ..found });
    }
    if let Outcome::Error(message) = outcome {
        captured.add(&object.id, found(MatchItem::Whole, String::new(), Some(message)));
    }
}

fn item_of(item: Item) -> MatchItem {
    match item {
        Item::Whole => MatchItem::Whole,
        Item::At(at) => MatchItem::At(at),
        Item::Path(path) => MatchItem::Path(path.into()),
    }
}
