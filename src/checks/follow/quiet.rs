//! Objects of which only the status changed, which is most of what happens in a cluster: the checks
//! that do not look at what is other there come to what they came to.
//!
//! As little as possible is told from the texts of checks: an object takes this way only if everything
//! but its status and its resource version is equal, its elements are its own, and it stands as it
//! stood; a check is left out only if no expression, no words and no place of it can lead to the
//! difference, and none of its facts says something else.

use crate::checks::cel::Var;
use crate::checks::cel::reads::{Extent, Read, Step};
use crate::checks::compiled::{Compiled, fact_of, slots};
use crate::checks::message::Template;
use crate::checks::place::{Anchor, Anchored};
use crate::checks::plan::Plan;
use crate::checks::replay::{ReadTree, Where};
use crate::checks::run::Group;
use crate::checks::scope::Scope;
use crate::checks::worker::own_facts;
use crate::facts::{FactName, Facts, Target};
use crate::model::key::Key;
use crate::model::kinds::kubelet_configuration;
use crate::model::node::{Map, Node};
use crate::model::object::Object;
use crate::model::path::Seg;

use super::mask::Mask;

/// What each check sees of its object outside the pod spec, by its place in the plan; none where that
/// cannot be told.
#[derive(Debug)]
pub(super) struct Quiet(Vec<Option<ReadTree>>);

impl Quiet {
    pub(super) fn of(plan: &Plan) -> Self {
        Self(plan.checks.iter().map(|check| look(check, Words::All)).collect())
    }

    /// The checks of a kind that have to look again at an object of which only the status changed;
    /// none if all have to.
    pub(super) fn again(
        &self,
        groups: &[Group],
        (now, object): (&Facts, &Object),
        (before, then): (&Facts, &Object),
    ) -> Option<Mask> {
        if !differs_in_status_alone(object, then)
            || !is_plain((now, object), (before, then))
            || groups
                .iter()
                .any(|group| own_facts(group.scope) && has_elements(group.scope, object))
        {
            return None;
        }
        let facts = groups.iter().fold(0, |all, group| all | group.facts);
        let mut moved = 0;
        for slot in slots(facts) {
            let of =
                |facts: &Facts, fact: FactName, object| facts.get(fact, &Target::Object(object));
            let same = fact_of(slot).is_some_and(|f| of(now, f, object) == of(before, f, then));
            moved |= u32::from(!same) << slot;
        }
        let sees = |look: &Option<ReadTree>| {
            look.as_ref().is_none_or(|look| !look.sees_the_same(object.body(), then.body()))
        };
        let again = |check: &u32| self.0.get(*check as usize).is_none_or(sees);
        let mut mask = Mask::default();
        for check in groups.iter().flat_map(Group::all).filter(again) {
            mask.add(check);
        }
        Some(mask).filter(|_| moved == 0)
    }
}

/// Scopes whose elements have facts of their own, if the object has any.
fn has_elements(scope: Scope, object: &Object) -> bool {
    let any = |key: &str| !object.body().list_at(&[key]).is_empty();
    match scope {
        Scope::Rule => any("rules"),
        Scope::Subject => any("subjects"),
        // Whether it shows any is asked of the facts.
        _ => false,
    }
}

/// Whether two states of an object differ in nothing but `status` and `metadata.resourceVersion`.
fn differs_in_status_alone(one: &Object, other: &Object) -> bool {
    let row = |o: &Object| {
        let Object { id, uid, owners, created, phase, origin, version: _, .. } = o.clone();
        (id, uid, owners, created, phase, origin)
    };
    let (Some(left), Some(right)) = (one.body().as_map(), other.body().as_map()) else {
        return false;
    };
    let in_metadata = |key: &str, one: &Node, other: &Node| {
        let (one, other) = (one.as_map(), other.as_map());
        let same = |one, other| is_equal_but_for("resourceVersion", one, other, &|_, a, b| a == b);
        key == "metadata" && one.zip(other).is_some_and(|(one, other)| same(one, other))
    };
    row(one) == row(other)
        && is_equal_but_for("status", left, right, &|key, one, other| {
            one == other || in_metadata(key, one, other)
        })
}

/// Whether two maps have the same keys, but for one, with values that are the same.
fn is_equal_but_for(
    key: &str,
    left: &Map,
    right: &Map,
    same: &dyn Fn(&str, &Node, &Node) -> bool,
) -> bool {
    let count = |map: &Map| map.len() - usize::from(map.get(key).is_some());
    let mut entries = left.iter().filter(|(known, _)| *known != key);
    count(left) == count(right)
        && entries.all(|(known, value)| right.get(known).is_some_and(|v| same(known, value, v)))
}

/// Whether an object stands as it stood, and no component or kubelet is told by it.
fn is_plain((now, object): (&Facts, &Object), (before, then): (&Facts, &Object)) -> bool {
    let shows = |facts: &Facts, object: &Object| {
        !facts.instances(object).is_empty() || facts.kubelet_template(object).is_some()
    };
    object.kind() != kubelet_configuration()
        && !shows(now, object)
        && !shows(before, then)
        && now.standing(object) == before.standing(then)
        && now.identity(object) == before.identity(then)
        && now.is_platform(object) == before.is_platform(then)
}

/// Which of its words matter.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(in crate::checks) enum Words {
    /// All that it may say.
    All,
    /// Those that it says where it does not fail: why a question stays open.
    OfOpen,
}

/// What a check sees of its object where that may differ: in `metadata` and beside the pod spec. None where
/// that cannot be told.
pub(in crate::checks) fn look(check: &Compiled, words: Words) -> Option<ReadTree> {
    let scope = check.check.target.scope;
    if check.each_path.is_some() || matches!(scope, Scope::Component | Scope::Kubelet) {
        return None;
    }
    let mut look = ReadTree::default();
    let each = &check.check.rule.each;
    let places = check.places.iter().map(|place| &place.path);
    for place in places.chain(each) {
        match steps(place, scope) {
            Where::Unknown => return None,
            Where::Covered => {}
            Where::At(steps) => look.add(&steps, Extent::Whole),
        }
    }
    let reasons = check.unknowns.iter().map(|unknown| &unknown.reason);
    let notes = check.cases.iter().filter_map(|case| case.note.as_ref());
    let of_fails = notes.chain([&check.message]).filter(|_| words == Words::All);
    let words = reasons.chain(of_fails).flat_map(Template::reads);
    for read in check.exprs().flat_map(|expr| expr.reads.iter().cloned()).chain(words) {
        // Elements of a list that is looked at as a whole, or that stands in the pod spec.
        if each.is_none() || read.var != Var::Item {
            add(&mut look, &read)?;
        }
    }
    Some(look)
}

/// Takes in a read; none where it cannot be told what it leads to.
fn add(look: &mut ReadTree, read: &Read) -> Option<()> {
    let under = |look: &mut ReadTree, key: &str| {
        let steps: Vec<Step> =
            std::iter::once(Step::Field(Key::new(key))).chain(read.steps.iter().cloned()).collect();
        look.add(&steps, read.extent);
    };
    match read.var {
        Var::Object | Var::Namespace | Var::Node | Var::Role | Var::Binding => {
            look.add(&read.steps, read.extent);
        }
        // Of a template it lies in the spec.
        Var::Metadata | Var::PodMetadata => under(look, "metadata"),
        Var::RoleRef => under(look, "roleRef"),
        // Parts of what is equal, and what is the same for all objects.
        Var::Pod
        | Var::Container
        | Var::Volume
        | Var::Port
        | Var::Env
        | Var::Rule
        | Var::Subject
        | Var::Params
        | Var::Cluster
        | Var::Lists => {}
        Var::Item | Var::Component | Var::Config => return None,
    }
    Some(())
}

/// Where a place of a check stands in the object, if not in the pod spec. That cannot be told where it is
/// called by the number of an element.
fn steps(place: &Anchored, scope: Scope) -> Where<Vec<Step>> {
    let whole = matches!(scope, Scope::Object | Scope::Namespace | Scope::Node);
    match place.anchor {
        Anchor::Pod => return Where::Covered,
        Anchor::Scope if !whole => return Where::Covered,
        Anchor::Scope | Anchor::Object => {}
    }
    let steps = place.path.0.iter().map(|seg| match seg {
        Seg::Field(name) => Some(Step::Field(Key::new(name))),
        Seg::Index(_) => None,
    });
    match steps.collect::<Option<Vec<Step>>>() {
        None => Where::Unknown,
        // The object as a whole has no value of its own in a finding.
        Some(steps) if steps.is_empty() => Where::Covered,
        Some(steps) => Where::At(steps),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn object(json: &Value) -> Object {
        Object::new(Node::from(json)).unwrap()
    }

    fn pod(version: &str, status: &Value) -> Value {
        json!({"apiVersion": "v1", "kind": "Pod",
            "metadata": {"name": "a", "namespace": "b", "resourceVersion": version},
            "spec": {"containers": [{"name": "c"}]}, "status": status})
    }

    #[test]
    fn a_status_that_changed_is_told_from_anything_else() {
        let one = pod("1", &json!({"conditions": []}));
        let same = |other: &Value| differs_in_status_alone(&object(&one), &object(other));
        assert!(same(&one));
        assert!(same(&pod("2", &json!({"conditions": [1], "podIP": "10.0.0.1"}))));
        assert!(!same(&pod("2", &json!({"phase": "Failed"}))), "a phase is no mere status");
        for (path, value) in [
            ("/spec/containers/0/name", json!("d")),
            ("/metadata/labels", json!({"a": "b"})),
            ("/metadata/namespace", json!("c")),
            ("/spec/hostPID", json!(true)),
        ] {
            let mut other = pod("2", &json!({}));
            let (parent, key) = path.rsplit_once('/').unwrap();
            other.pointer_mut(parent).unwrap()[key] = value;
            assert!(!same(&other), "{path}");
        }
        let mut without = one.clone();
        without.as_object_mut().unwrap().remove("status");
        assert!(same(&without));
        without.as_object_mut().unwrap().remove("spec");
        assert!(!same(&without));
    }
}
