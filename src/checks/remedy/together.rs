//! The remedies of several findings, made one after the other into one change of each object.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::checks::compiled::Params;
use crate::checks::library::Library;
use crate::checks::plan::Plan;
use crate::checks::run::Monitor;
use crate::model::finding::Finding;
use crate::model::inventory::Inventory;
use crate::model::object::{Object, ObjectRef};

use super::{NOTHING_TO_CHANGE, Remedy, step, without};

/// What can be changed for some findings, and what is left.
#[derive(Clone, Debug, Default)]
pub struct Together {
    /// One change for each object, in order of the objects.
    pub remedies: Vec<Remedy>,
    /// The findings for which something is changed.
    pub mended: Vec<Arc<Finding>>,
    /// The others, each with the reason.
    pub left: Vec<(Arc<Finding>, String)>,
}

/// Makes the remedies of findings into one change of each object. A finding that the change made
/// for others mends as well counts as mended.
#[must_use]
pub fn together(
    library: &Library,
    params: &Params,
    findings: &[Arc<Finding>],
    inventory: &Inventory,
    monitor: &dyn Monitor,
) -> Together {
    let mut plans: BTreeMap<&str, Option<Plan>> = BTreeMap::new();
    let mut out = Together::default();
    let mut changed: BTreeMap<ObjectRef, (Remedy, Object)> = BTreeMap::new();
    for finding in findings {
        if monitor.cancelled() {
            break;
        }
        let check = library.checks.get(&finding.check);
        if let Some(why) = without(check.map(|check| &**check), finding, inventory) {
            out.left.push((Arc::clone(finding), why));
            continue;
        }
        let Some(check) = check else { continue };
        let plan = plans.entry(&finding.check).or_insert_with(|| Plan::of(check, params).ok());
        let Some(plan) = plan else {
            out.left.push((Arc::clone(finding), "the check does not compile".to_owned()));
            continue;
        };
        let Some(alone) = step(plan, finding, inventory, None) else {
            out.left.push((Arc::clone(finding), NOTHING_TO_CHANGE.to_owned()));
            continue;
        };
        out.mended.push(Arc::clone(finding));
        let target = alone.target.clone();
        let next = match changed.remove(&target) {
            None => alone,
            Some((so_far, object)) => {
                match step(plan, finding, inventory, Some(&object)) {
                    Some(more) => Remedy { after: more.after, ..so_far },
                    // What was changed for another finding mends this one too.
                    None => so_far,
                }
            }
        };
        // The tree of an object stays one: apiVersion, kind and name are never patched.
        let Ok(object) = Object::new(next.after.clone()) else { continue };
        changed.insert(target, (next, object));
    }
    out.remedies = changed.into_values().map(|(remedy, _)| remedy.finished()).collect();
    out
}
