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

use super::unsteady::{Among, differ};

/// Where a look starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Root {
    Object,
    Pod,
    PodMetadata,
    Container,
}

/// Among which objects what steady checks see is the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::checks) enum Tier {
    /// The pods of a controller.
    Common,
    /// Those of the pods of a controller that have the same of what some have of their own.
    OfSome,
    /// The pods of a controller and the template that they are made of.
    Alike,
}

impl Tier {
    /// In the order in which checks are looked through.
    pub(in crate::checks) const ALL: [Self; 3] = [Self::Common, Self::OfSome, Self::Alike];
}

/// One of something for each tier.
#[derive(Debug, Default)]
pub(in crate::checks) struct PerTier<T> {
    common: T,
    of_some: T,
    alike: T,
}

impl<T> PerTier<T> {
    pub(in crate::checks) fn of(&self, tier: Tier) -> &T {
        match tier {
            Tier::Common => &self.common,
            Tier::OfSome => &self.of_some,
            Tier::Alike => &self.alike,
        }
    }

    pub(in crate::checks) fn of_mut(&mut self, tier: Tier) -> &mut T {
        match tier {
            Tier::Common => &mut self.common,
            Tier::OfSome => &mut self.of_some,
            Tier::Alike => &mut self.alike,
        }
    }

    pub(in crate::checks) fn iter(&self) -> impl Iterator<Item = &T> {
        Tier::ALL.into_iter().map(|tier| self.of(tier))
    }
}

/// Where something stands that a check looks at.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::checks) enum Where<P> {
    /// That cannot be told.
    Unknown,
    /// In what is the same or looked at as a whole anyway.
    Covered,
    At(P),
}

/// How far a check that can be replayed can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::checks) struct Steady {
    /// Among which objects it can be.
    pub(in crate::checks) tier: Tier,
    /// Whether a fail of it can be, with what it says of the place.
    pub(super) fails: bool,
    /// Whether it can be where its own rule leaves a question open, with the reason.
    pub(super) opens: bool,
}

/// What a steady check sees.
pub(super) struct Sights {
    pub(super) steady: Steady,
    pub(super) places: Vec<ReadPlace>,
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
    let list = list(check);
    let mut places = of_scope(check.check.target.scope);
    match &list {
        Where::Unknown => return None,
        Where::Covered => {}
        Where::At(list) => places.push(list.clone()),
    }
    let of_exprs = |exprs: &mut dyn Iterator<Item = &'e Expr>| {
        told(exprs.flat_map(|expr| reads(expr).into_owned()), &list)
    };
    places.extend(of_exprs(&mut check.deciding())?);
    if differ(&places, Among::Pods) {
        return None;
    }
    let alike = |places: &Vec<ReadPlace>| !differ(places, Among::Pods);
    let details = of_exprs(&mut check.detailing()).filter(alike);
    let reasons = check.unknowns.iter().flat_map(|unknown| unknown.reason.reads());
    let reasons = told(reasons, &list).filter(alike);
    let (fails, opens) = (details.is_some(), reasons.is_some());
    places.extend(details.into_iter().flatten());
    places.extend(reasons.into_iter().flatten());
    let tier = match (differ(&places, Among::SomePods), is_alike(check, &places)) {
        (true, _) => Tier::OfSome,
        (false, true) => Tier::Alike,
        (false, false) => Tier::Common,
    };
    Some(Sights { steady: Steady { tier, fails, opens }, places })
}

/// Whether a check comes to the same in a pod and in its template, and calls the places at which it fails
/// alike: it looks at whatever has a pod spec, and at nothing but that and its metadata.
fn is_alike(check: &Compiled, places: &[ReadPlace]) -> bool {
    let (target, rule) = (&check.check.target, &check.check.rule);
    let elsewhere = |anchored: &Anchored| anchored.anchor == Anchor::Object;
    target.scope.in_pod()
        && target.kinds == target.scope.kinds()
        && check.facts == 0
        && check.each_path.is_none()
        && !rule.each.iter().any(elsewhere)
        && !check.places.iter().any(|spotted| elsewhere(&spotted.path))
        && !places.iter().any(|place| place.root == Root::Object)
        && !differ(places, Among::PodAndTemplate)
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
fn of_scope(scope: Scope) -> Vec<ReadPlace> {
    match scope {
        Scope::Port => vec![ReadPlace::all_of(Root::Container, &["ports"])],
        Scope::Env => vec![
            ReadPlace::all_of(Root::Container, &["env"]),
            ReadPlace::all_of(Root::Container, &["envFrom"]),
        ],
        Scope::Volume => vec![ReadPlace::each_of(Root::Pod, &["volumes"])],
        _ => Vec::new(),
    }
}

/// A place at which a check looks.
#[derive(Clone, Debug)]
pub(super) struct ReadPlace {
    pub(super) root: Root,
    pub(super) steps: Vec<Step>,
    pub(super) extent: Extent,
}

impl ReadPlace {
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
}

/// The places of reads; none where one of them cannot be told. `list` is the one of `each`.
fn told(reads: impl Iterator<Item = Read>, list: &Where<ReadPlace>) -> Option<Vec<ReadPlace>> {
    let mut places = Vec::new();
    for read in reads {
        match place(&read, list) {
            Where::Unknown => return None,
            Where::Covered => {}
            Where::At(place) => places.push(place),
        }
    }
    Some(places)
}

/// Where an expression looks. `list` is the one of `each`.
fn place(read: &Read, list: &Where<ReadPlace>) -> Where<ReadPlace> {
    let at = |root, steps: &[&str]| Where::At(ReadPlace::all_of(root, steps).part(read));
    match read.var {
        Var::Object => at(Root::Object, &[]),
        Var::Metadata => at(Root::Object, &["metadata"]),
        Var::Pod => at(Root::Pod, &[]),
        Var::PodMetadata => at(Root::PodMetadata, &[]),
        Var::Container => at(Root::Container, &[]),
        Var::Volume => Where::At(ReadPlace::each_of(Root::Pod, &["volumes"]).part(read)),
        Var::Item => match list {
            Where::At(list) => Where::At(list.part(read)),
            Where::Covered => Where::Covered,
            Where::Unknown => Where::Unknown,
        },
        Var::Port | Var::Env => Where::Covered,
        _ => Where::Unknown,
    }
}

/// The elements of the list that `each` goes through, if it does.
fn list(check: &Compiled) -> Where<ReadPlace> {
    let Some(each) = &check.check.rule.each else { return Where::Covered };
    let root = match (each.anchor, check.check.target.scope) {
        (Anchor::Pod, _) | (Anchor::Scope, Scope::Pod) => Root::Pod,
        (Anchor::Object, _) | (Anchor::Scope, Scope::Object) => Root::Object,
        (Anchor::Scope, Scope::Container) => Root::Container,
        _ => return Where::Unknown,
    };
    let names = each.path.0.iter().map(|seg| match seg {
        Seg::Field(name) => Some(&**name),
        Seg::Index(_) => None,
    });
    let names: Option<Vec<&str>> = names.collect();
    names.map_or(Where::Unknown, |names| Where::At(ReadPlace::each_of(root, &names)))
}
