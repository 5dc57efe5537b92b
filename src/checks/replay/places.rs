//! Which checks can be replayed, and the places at which they look.

use std::borrow::Cow;

use crate::checks::cel::reads::{Extent, Read, Step};
use crate::checks::cel::{Expr, Var};
use crate::checks::compiled::Compiled;
use crate::checks::place::{Anchor, Anchored};
use crate::checks::scope::Scope;
use crate::facts::Facts;
use crate::model::key::Key;
use crate::model::node::Node;
use crate::model::path::Seg;

/// Where a look starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Root {
    Object,
    Pod,
    PodMetadata,
    Container,
}

/// Places at which each pod has something of its own, so that a check that looks there is not
/// worth remembering. `*` is each element.
const OWN: [(Root, &[&str]); 30] = [
    (Root::Object, &["metadata", "name"]),
    (Root::Object, &["metadata", "uid"]),
    (Root::Object, &["metadata", "resourceVersion"]),
    (Root::Object, &["metadata", "creationTimestamp"]),
    (Root::Object, &["status", "podIP"]),
    (Root::Object, &["status", "podIPs"]),
    (Root::Object, &["status", "hostIP"]),
    (Root::Object, &["status", "startTime"]),
    (Root::Object, &["status", "conditions"]),
    (Root::Object, &["status", "containerStatuses", "*", "containerID"]),
    (Root::Object, &["status", "containerStatuses", "*", "state"]),
    (Root::Object, &["status", "containerStatuses", "*", "lastState"]),
    (Root::Object, &["status", "containerStatuses", "*", "restartCount"]),
    (Root::Object, &["status", "initContainerStatuses", "*", "containerID"]),
    (Root::Object, &["status", "initContainerStatuses", "*", "state"]),
    (Root::Object, &["status", "initContainerStatuses", "*", "lastState"]),
    (Root::Object, &["status", "initContainerStatuses", "*", "restartCount"]),
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

/// Places at which some pods have something of their own: their number in a `StatefulSet`, what
/// network plug-ins write about them, and the images that they run, which differ with the node and come
/// when they start.
const RESTLESS: [(Root, &[&str]); 8] = [
    (Root::Object, &["status", "containerStatuses"]),
    (Root::Object, &["status", "initContainerStatuses"]),
    (Root::Object, &["metadata", "labels", "statefulset.kubernetes.io/pod-name"]),
    (Root::Object, &["metadata", "annotations", "…"]),
    (Root::PodMetadata, &["labels", "statefulset.kubernetes.io/pod-name"]),
    (Root::PodMetadata, &["annotations", "…"]),
    (Root::Pod, &["hostname"]),
    (Root::Pod, &["volumes", "*", "persistentVolumeClaim", "claimName"]),
];

/// Places of a pod that servers fill in when it is made, so that its template differs there.
const FILLED_IN: [(Root, &[&str]); 11] = [
    (Root::Pod, &["volumes"]),
    (Root::Pod, &["tolerations"]),
    (Root::Pod, &["serviceAccountName"]),
    (Root::Pod, &["serviceAccount"]),
    (Root::Pod, &["enableServiceLinks"]),
    (Root::Pod, &["preemptionPolicy"]),
    (Root::Pod, &["priority"]),
    (Root::Pod, &["imagePullSecrets"]),
    (Root::Pod, &["containers", "*", "volumeMounts"]),
    (Root::Pod, &["initContainers", "*", "volumeMounts"]),
    (Root::Container, &["volumeMounts"]),
];

/// The tiers: what is the same for the pods of a controller, what some of them have of their own, and
/// what is the same in the template that they are made of.
const COMMON: usize = 0;
const OF_SOME: usize = 1;
pub(in crate::checks) const ALIKE: usize = 2;

/// How far a check that can be replayed can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::checks) struct Steady {
    /// Which of the groups of checks it belongs to.
    pub(in crate::checks) tier: usize,
    /// Whether a fail of it can be, with what it says of the place.
    pub(super) fails: bool,
    /// Whether it can be where its own rule leaves a question open, with the reason.
    pub(super) opens: bool,
}

/// What a steady check sees.
pub(super) struct Sights {
    pub(super) steady: Steady,
    pub(super) places: Vec<Place>,
}

/// What a check sees, if nothing else than that and its facts can make a difference to whether it
/// passes. Messages may say anything: they are made at the end, from the object that is shown.
pub(super) fn of(check: &Compiled, facts: &Facts) -> Option<Sights> {
    let scope = check.check.target.scope;
    // Elements of lists in a path are called by what stands in them.
    let plain = |place: &Anchored| !place.path.0.iter().any(|seg| matches!(seg, Seg::Index(_)));
    if !(scope == Scope::Object || scope.in_pod())
        || !check.places.iter().all(|place| plain(&place.path))
    {
        return None;
    }
    sights(check, &|expr| Cow::Borrowed(&expr.reads)).or_else(|| {
        if check.check.target.lists.is_empty() && !check.has_params {
            return None;
        }
        // What it would do with the elements of empty lists need not count.
        let empty = |var: Var, name: &str| is_empty(check, facts, var, name);
        sights(check, &|expr| Cow::Owned(expr.reads_without(&empty).into_vec()))
    })
}

type ReadsOf<'r, 'e> = &'r dyn Fn(&'e Expr) -> Cow<'e, [Read]>;

fn sights<'e>(check: &'e Compiled, reads: ReadsOf<'_, 'e>) -> Option<Sights> {
    let start = start(check)?;
    let mut places = of_scope(check.check.target.scope);
    places.extend(start.clone());
    let all = |exprs: &mut dyn Iterator<Item = &'e Expr>| -> Option<Vec<Place>> {
        let places = exprs.flat_map(|expr| reads(expr).into_owned());
        places
            .map(|read| place(&read, start.as_ref()))
            .collect::<Option<Vec<_>>>()
            .map(|all| all.into_iter().flatten().collect())
    };
    places.extend(all(&mut check.deciding())?);
    if touch_any(&places, &OWN) {
        return None;
    }
    let own = |places: &Vec<Place>| !touch_any(places, &OWN);
    let details = all(&mut check.detailing()).filter(own);
    let reasons = check.unknowns.iter().flat_map(|unknown| unknown.reason.reads());
    let reasons = reasons.map(|read| place(&read, start.as_ref())).collect::<Option<Vec<_>>>();
    let reasons = reasons.map(|all| all.into_iter().flatten().collect()).filter(own);
    let (fails, opens) = (details.is_some(), reasons.is_some());
    places.extend(details.into_iter().flatten());
    places.extend(reasons.into_iter().flatten().filter(|_| opens));
    let tier = match (touch_any(&places, &RESTLESS), is_alike(check, &places)) {
        (true, _) => OF_SOME,
        (false, true) => ALIKE,
        (false, false) => COMMON,
    };
    Some(Sights { steady: Steady { tier, fails, opens }, places })
}

/// Whether a check comes to the same in a pod and in its template, and calls the places at which it fails
/// alike: it looks at whatever has a pod spec, and at nothing but that and its metadata.
fn is_alike(check: &Compiled, places: &[Place]) -> bool {
    let (target, rule) = (&check.check.target, &check.check.rule);
    let elsewhere = |anchored: &Anchored| anchored.anchor == Anchor::Object;
    target.scope.in_pod()
        && target.kinds == target.scope.kinds()
        && check.facts == 0
        && check.each_path.is_none()
        && !rule.each.iter().any(elsewhere)
        && !check.places.iter().any(|spotted| elsewhere(&spotted.path))
        && !places.iter().any(|place| place.root == Root::Object)
        && !touch_any(places, &FILLED_IN)
}

/// Whether a parameter is an empty list, or a list of objects has none in the whole inventory.
fn is_empty(check: &Compiled, facts: &Facts, var: Var, name: &str) -> bool {
    if var == Var::Params {
        return check.params.get(name).and_then(Node::as_list).is_some_and(<[_]>::is_empty);
    }
    let mut lists = check.check.target.lists.iter();
    let list = lists.find(|list| list.name == name);
    list.is_some_and(|list| facts.inventory().of(&list.kind).is_empty())
}

/// What is seen as a whole because elements of it are looked at, and how many there are.
fn of_scope(scope: Scope) -> Vec<Place> {
    match scope {
        Scope::Port => vec![Place::all_of(Root::Container, &["ports"])],
        Scope::Env => vec![
            Place::all_of(Root::Container, &["env"]),
            Place::all_of(Root::Container, &["envFrom"]),
        ],
        Scope::Volume => vec![Place::each_of(Root::Pod, &["volumes"])],
        _ => Vec::new(),
    }
}

/// A place at which a check looks.
#[derive(Clone, Debug)]
pub(super) struct Place {
    pub(super) root: Root,
    pub(super) steps: Vec<Step>,
    pub(super) extent: Extent,
}

impl Place {
    pub(super) fn all_of(root: Root, steps: &[&str]) -> Self {
        let steps = steps.iter().map(|name| Step::Field(Key::new(name))).collect();
        Self { root, steps, extent: Extent::Whole }
    }

    /// The elements of a list, of which nothing is known but how many there are.
    fn each_of(root: Root, steps: &[&str]) -> Self {
        let mut place = Self::all_of(root, steps);
        place.steps.push(Step::Each);
        place.extent = Extent::Presence;
        place
    }

    /// A part of what stands here.
    fn part(&self, read: &Read) -> Self {
        let steps = [&*self.steps, &*read.steps].concat();
        Self { root: self.root, steps, extent: read.extent }
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
        self.extent == Extent::Whole || self.steps.len() > path.len()
    }
}

fn touch_any(places: &[Place], others: &[(Root, &[&str])]) -> bool {
    places.iter().any(|place| others.iter().any(|(root, path)| place.touches(*root, path)))
}

/// Where an expression looks: the inner option is empty for what is seen as a whole anyway, the
/// outer one for what cannot be told. `start` is the list of `each`.
#[allow(clippy::option_option, reason = "none that is needed, or none that can be told")]
fn place(read: &Read, start: Option<&Place>) -> Option<Option<Place>> {
    let at = |root, steps: &[&str]| Some(Some(Place::all_of(root, steps).part(read)));
    match read.var {
        Var::Object => at(Root::Object, &[]),
        Var::Metadata => at(Root::Object, &["metadata"]),
        Var::Pod => at(Root::Pod, &[]),
        Var::PodMetadata => at(Root::PodMetadata, &[]),
        Var::Container => at(Root::Container, &[]),
        Var::Volume => Some(Some(Place::each_of(Root::Pod, &["volumes"]).part(read))),
        Var::Item => Some(start.map(|start| start.part(read))),
        Var::Port | Var::Env => Some(None),
        _ => None,
    }
}

/// The elements of the list that `each` goes through; the inner option is empty without one, the
/// outer one where it cannot be told which list that is.
#[allow(clippy::option_option, reason = "none to go through, or none that can be told")]
fn start(check: &Compiled) -> Option<Option<Place>> {
    let Some(each) = &check.check.rule.each else { return Some(None) };
    let root = match (each.anchor, check.check.target.scope) {
        (Anchor::Pod, _) | (Anchor::Scope, Scope::Pod) => Root::Pod,
        (Anchor::Object, _) | (Anchor::Scope, Scope::Object) => Root::Object,
        (Anchor::Scope, Scope::Container) => Root::Container,
        _ => return None,
    };
    let names: Option<Vec<&str>> = each
        .path
        .0
        .iter()
        .map(|seg| match seg {
            Seg::Field(name) => Some(&**name),
            Seg::Index(_) => None,
        })
        .collect();
    Some(Some(Place::each_of(root, &names?)))
}
