//! Which checks can be replayed, and what they see of an object.

use std::hash::{Hash as _, Hasher as _};
use std::sync::Arc;

use rustc_hash::FxHasher;

use crate::checks::cel::reads::{Read, Step};
use crate::checks::cel::{Role, Var};
use crate::checks::compiled::Compiled;
use crate::checks::judge::Known;
use crate::checks::place::{Anchor, Anchored};
use crate::checks::plan::Plan;
use crate::checks::scope::Scope;
use crate::checks::target::Parts;
use crate::facts::Facts;
use crate::model::key::Key;
use crate::model::node::Node;
use crate::model::path::Seg;

use super::look::{Look, Seen};

/// How many groups of steady checks there are.
pub(in crate::checks) const TIERS: usize = 2;

/// Where a look starts.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Root {
    Object,
    Pod,
    PodMetadata,
    Container,
}

/// Places at which each pod has something of its own, so that a check that looks there is not
/// worth remembering. `*` is each element.
const OWN: [(Root, &[&str]); 18] = [
    (Root::Object, &["metadata", "name"]),
    (Root::Object, &["metadata", "uid"]),
    (Root::Object, &["metadata", "resourceVersion"]),
    (Root::Object, &["metadata", "creationTimestamp"]),
    (Root::Object, &["status"]),
    (Root::Object, &["spec", "nodeName"]),
    (Root::Object, &["spec", "volumes", "*", "name"]),
    (Root::Object, &["spec", "containers", "*", "volumeMounts", "*", "name"]),
    (Root::Object, &["spec", "initContainers", "*", "volumeMounts", "*", "name"]),
    (Root::PodMetadata, &["name"]),
    (Root::PodMetadata, &["uid"]),
    (Root::PodMetadata, &["resourceVersion"]),
    (Root::PodMetadata, &["creationTimestamp"]),
    (Root::Pod, &["nodeName"]),
    (Root::Pod, &["volumes", "*", "name"]),
    (Root::Pod, &["containers", "*", "volumeMounts", "*", "name"]),
    (Root::Pod, &["initContainers", "*", "volumeMounts", "*", "name"]),
    (Root::Container, &["volumeMounts", "*", "name"]),
];

/// Places at which some pods have something of their own: their number in a `StatefulSet`, and
/// what network plug-ins write about them.
const RESTLESS: [(Root, &[&str]); 6] = [
    (Root::Object, &["metadata", "labels", "statefulset.kubernetes.io/pod-name"]),
    (Root::Object, &["metadata", "annotations", "…"]),
    (Root::PodMetadata, &["labels", "statefulset.kubernetes.io/pod-name"]),
    (Root::PodMetadata, &["annotations", "…"]),
    (Root::Pod, &["hostname"]),
    (Root::Pod, &["volumes", "*", "persistentVolumeClaim", "claimName"]),
];

/// What the steady checks of a plan look at.
#[derive(Debug, Default)]
pub(in crate::checks) struct View {
    /// The tier of each check, by its place in the plan; none if it looks at every object.
    tiers: Vec<Option<usize>>,
    looks: [Looks; TIERS],
}

/// What the checks of one tier look at.
#[derive(Debug, Default)]
struct Looks {
    object: Look,
    pod: Look,
    pod_metadata: Look,
    /// Of each container.
    container: Look,
    /// Facts, one bit each.
    facts: u32,
}

impl View {
    /// What can be replayed of a plan.
    pub(in crate::checks) fn of(plan: &Plan, facts: &Facts) -> Self {
        let masked = facts.inventory().captured.is_some();
        let mut view = Self::default();
        for check in &plan.checks {
            let places = places(check).filter(|_| !(masked && check.digest.is_some()));
            let tier = places.as_ref().map(|places| usize::from(touch_any(places, &RESTLESS)));
            view.tiers.push(tier);
            let looks = tier.and_then(|tier| view.looks.get_mut(tier));
            if let (Some(looks), Some(places)) = (looks, places) {
                places.iter().for_each(|place| looks.add(place));
                looks.facts |= check.facts;
            }
        }
        // What containers are called in paths.
        for looks in &mut view.looks {
            looks.container.add(&[Step::Field(Key::new("name"))], true);
        }
        view
    }

    /// The tier of the check with this place in the plan, if it can be replayed.
    pub(in crate::checks) fn tier(&self, check: u32) -> Option<usize> {
        self.tiers.get(check as usize).copied().flatten()
    }

    /// What the checks of a tier see of an object; none if it has no pod spec.
    pub(super) fn sight<'a>(
        &self,
        tier: usize,
        kind: usize,
        parts: &Parts<'a>,
        known: &Known,
    ) -> Option<Sight<'a>> {
        let (looks, pod) = (self.looks.get(tier)?, parts.pod()?);
        let mut seen = Vec::with_capacity(64);
        looks.object.at(Some(parts.body()), &mut seen);
        looks.pod.at(Some(pod), &mut seen);
        looks.pod_metadata.at(parts.pod_metadata(), &mut seen);
        let mut shape = Vec::new();
        for (list, index, role, node) in parts.containers() {
            shape.push((list, index, role));
            looks.container.at(Some(node), &mut seen);
        }
        let facts = known.nodes(looks.facts);
        Some(Sight { kind, namespace: parts.object.namespace(), shape, seen, facts })
    }
}

impl Looks {
    fn add(&mut self, place: &Place) {
        let look = match place.root {
            Root::Object => &mut self.object,
            Root::Pod => &mut self.pod,
            Root::PodMetadata => &mut self.pod_metadata,
            Root::Container => &mut self.container,
        };
        look.add(&place.steps, place.whole);
    }
}

/// What the checks of one tier see of one object.
pub(super) struct Sight<'a> {
    kind: usize,
    namespace: &'a str,
    /// List, index and role of each container.
    shape: Vec<(&'static str, usize, Role)>,
    seen: Vec<Seen<'a>>,
    /// What is known of the facts. Why one is not known does not matter: a check that would have
    /// to say it is never settled.
    facts: Vec<Option<Arc<Node>>>,
}

impl Sight<'_> {
    /// Facts are left out: objects that are otherwise the same seldom differ in them.
    pub(super) fn hash(&self) -> u64 {
        let mut hasher = FxHasher::default();
        (self.kind, self.namespace, &self.shape).hash(&mut hasher);
        self.seen.iter().for_each(|seen| seen.hash_into(&mut hasher));
        hasher.finish()
    }
}

impl PartialEq for Sight<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.kind == other.kind
            && self.namespace == other.namespace
            && self.shape == other.shape
            && self.seen == other.seen
            && self.facts.len() == other.facts.len()
            && self.facts.iter().zip(&other.facts).all(|(ours, theirs)| same(ours, theirs))
    }
}

/// Facts that are shared are not looked through.
fn same(one: &Option<Arc<Node>>, other: &Option<Arc<Node>>) -> bool {
    match (one, other) {
        (Some(one), Some(other)) => Arc::ptr_eq(one, other) || one == other,
        (one, other) => one.is_none() && other.is_none(),
    }
}

/// A place at which a check looks.
struct Place {
    root: Root,
    steps: Vec<Step>,
    whole: bool,
}

impl Place {
    fn all_of(root: Root, steps: &[&str]) -> Self {
        let steps = steps.iter().map(|name| Step::Field(Key::new(name))).collect();
        Self { root, steps, whole: true }
    }

    /// Whether what is looked at hangs on what stands at another place.
    fn touches(&self, root: Root, path: &[&str]) -> bool {
        if self.root != root {
            return false;
        }
        for (step, next) in self.steps.iter().zip(path) {
            match step {
                Step::Each if *next == "*" => {}
                Step::Field(key) if *next != "*" => {
                    if key.as_str() != *next {
                        return false;
                    }
                }
                // Of what is no list or no map as expected, all is looked at.
                _ => return true,
            }
        }
        self.whole || self.steps.len() > path.len()
    }
}

fn touch_any(places: &[Place], others: &[(Root, &[&str])]) -> bool {
    places.iter().any(|place| others.iter().any(|(root, path)| place.touches(*root, path)))
}

/// Places at which a check looks, if nothing else than these and its facts can make a difference
/// to what it comes to. Messages may say anything: they are made at the end, from the object that
/// is shown.
fn places(check: &Compiled) -> Option<Vec<Place>> {
    let scope = check.check.target.scope;
    // Elements of lists in a path are called by what stands in them.
    let plain = |place: &Anchored| !place.path.0.iter().any(|seg| matches!(seg, Seg::Index(_)));
    if !(scope == Scope::Object || scope.in_pod())
        || !check.places.iter().all(|place| plain(&place.path))
    {
        return None;
    }
    let mut places = match scope {
        Scope::Port => vec![Place::all_of(Root::Container, &["ports"])],
        Scope::Env => vec![
            Place::all_of(Root::Container, &["env"]),
            Place::all_of(Root::Container, &["envFrom"]),
        ],
        Scope::Volume => vec![within_volumes(&[], false)],
        _ => Vec::new(),
    };
    if let Some(each) = &check.check.rule.each {
        places.push(start(scope, each)?);
    }
    for read in check.exprs().flat_map(|expr| &expr.reads) {
        match place(read) {
            Some(Some(place)) => places.push(place),
            // Part of something that is looked at as a whole.
            Some(None) => {}
            None => return None,
        }
    }
    Some(places).filter(|places| !touch_any(places, &OWN))
}

fn within_volumes(steps: &[Step], whole: bool) -> Place {
    let steps = [&[Step::Field(Key::new("volumes")), Step::Each], steps].concat();
    Place { root: Root::Pod, steps, whole }
}

/// Where an expression looks: the inner option is empty for what is covered by the scope or by
/// `each`, the outer one for what cannot be told.
fn place(read: &Read) -> Option<Option<Place>> {
    let (steps, whole) = (read.steps.clone(), read.whole);
    let root = match read.var {
        Var::Object => Root::Object,
        Var::Pod => Root::Pod,
        Var::PodMetadata => Root::PodMetadata,
        Var::Container => Root::Container,
        Var::Metadata => {
            let steps = [&[Step::Field(Key::new("metadata"))], &*steps].concat();
            return Some(Some(Place { root: Root::Object, steps, whole }));
        }
        Var::Volume => return Some(Some(within_volumes(&steps, whole))),
        Var::Port | Var::Env | Var::Item => return Some(None),
        _ => return None,
    };
    Some(Some(Place { root, steps, whole }))
}

/// The list that `each` goes through, as a whole: its elements are called by what stands in them.
/// None where that cannot be told.
fn start(scope: Scope, each: &Anchored) -> Option<Place> {
    let root = match (each.anchor, scope) {
        (Anchor::Pod, _) | (Anchor::Scope, Scope::Pod) => Root::Pod,
        (Anchor::Object, _) | (Anchor::Scope, Scope::Object) => Root::Object,
        (Anchor::Scope, Scope::Container) => Root::Container,
        // Within an entry that is seen as a whole.
        (Anchor::Scope, Scope::Port) => return Some(Place::all_of(Root::Container, &["ports"])),
        _ => return None,
    };
    let named = each.path.0.iter().map_while(|seg| match seg {
        Seg::Field(name) => Some(&**name),
        Seg::Index(_) => None,
    });
    Some(Place::all_of(root, &named.collect::<Vec<_>>()))
}

#[cfg(test)]
impl View {
    /// How many checks can be replayed.
    pub(in crate::checks) fn steady(&self) -> usize {
        self.tiers.iter().flatten().count()
    }

    /// The hash of what the checks of a tier see of an object of the first kind, without facts.
    pub(in crate::checks) fn hash_of(
        &self,
        tier: usize,
        object: &crate::model::object::Object,
    ) -> Option<u64> {
        self.sight(tier, 0, &Parts::of(object), &Known::default()).map(|sight| sight.hash())
    }
}
