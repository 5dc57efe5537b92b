//! What a selection leaves out of a check: never absent, never looked at, and so never a pass.
//!
//! Within namespaces that were chosen a complete list proves absence: what a namespace does not have,
//! a check does not apply to. What is of the cluster (cluster roles and their bindings, nodes, the
//! control plane) lies outside however many namespaces are chosen; and what a label selector or the
//! name of an object leaves out is there all the same.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::model::finding::Gap;
use crate::model::inventory::{Knowledge, SourceKind};
use crate::model::kinds::{Kind, flagz};
use crate::model::object::Object;
use crate::model::read::{Missing, ReadStatus};

use super::compiled::Compiled;
use super::run::Run;
use super::scope::Scope;
use super::select::RunScope;

/// How much of a check a selection leaves out.
pub(super) enum Outside {
    /// Nothing of it.
    Nothing,
    /// Some of what it looks at.
    Part(Missing),
    /// All that it looks at.
    Whole(Missing),
}

/// What of a kind a selection takes.
#[derive(Clone, Copy)]
struct Share {
    /// There are objects of it in the chosen namespaces.
    any: bool,
    /// Some of these are taken.
    taken: bool,
    /// Some of its objects are in no namespace, although namespaces were chosen.
    beyond: bool,
}

/// Tells it for every check of a run; what kinds come to is worked out once.
pub(super) struct Selected<'r, 'a> {
    run: &'r Run<'a>,
    shares: RefCell<BTreeMap<Kind, Share>>,
    shown: RefCell<BTreeMap<String, bool>>,
    /// None of the chosen namespaces is there.
    gone: Option<Missing>,
}

impl<'r, 'a> Selected<'r, 'a> {
    pub(super) fn new(run: &'r Run<'a>) -> Self {
        Self { run, shares: RefCell::default(), shown: RefCell::default(), gone: gone(run) }
    }

    /// What of a check the selection leaves out.
    pub(super) fn leaves_out(&self, check: &Compiled) -> Outside {
        let scope = self.run.scope;
        if scope.is_everything() {
            return Outside::Nothing;
        }
        if let Some(missing) = &self.gone {
            return Outside::Whole(missing.clone());
        }
        let target = &check.check.target;
        match target.scope {
            Scope::Cluster => return Outside::Whole(missing("it looks at the whole cluster")),
            Scope::Component if !target.components.iter().any(|name| self.shows(name)) => {
                let names: Vec<&str> = target.components.iter().map(|name| &**name).collect();
                return Outside::Whole(missing(&format!("it looks at {}", names.join(", "))));
            }
            Scope::Component => return Outside::Nothing,
            _ => {}
        }
        let mut kinds = BTreeSet::new();
        for pattern in &target.kinds {
            pattern.listed(&mut kinds);
            let known = self.run.facts.inventory().kinds();
            kinds.extend(known.filter(|kind| pattern.matches(kind)).cloned());
        }
        let shares: Vec<(&Kind, Share)> = kinds.iter().map(|k| (k, self.share(k))).collect();
        let beyond = || shares.iter().filter(|(_, share)| share.beyond).map(|(kind, _)| *kind);
        if !shares.is_empty() && shares.iter().all(|(_, share)| share.beyond) {
            return Outside::Whole(missing("it looks at the whole cluster"));
        }
        if target.scope == Scope::Kubelet && !shares.iter().any(|(_, share)| share.taken) {
            return Outside::Whole(missing("it looks at the kubelets of the cluster"));
        }
        let hidden = (scope.selector.is_some() || scope.object.is_some())
            && shares.iter().any(|(_, share)| share.any)
            && !shares.iter().any(|(_, share)| share.taken);
        if hidden {
            let kinds = shares.iter().filter(|(_, share)| share.any).map(|(kind, _)| *kind);
            return Outside::Whole(missing(&format!("there are objects of kind {}", names(kinds))));
        }
        if !scope.tenant && beyond().next().is_some() {
            let text = format!("it looks at the {} of the cluster too", names(beyond()));
            return Outside::Part(missing(&text));
        }
        Outside::Nothing
    }

    fn share(&self, kind: &Kind) -> Share {
        if let Some(share) = self.shares.borrow().get(kind) {
            return *share;
        }
        let Run { scope, facts, .. } = self.run;
        let namespaces = RunScope { namespaces: scope.namespaces.clone(), ..RunScope::default() };
        let objects = facts.inventory().of(kind);
        let mut within = objects.iter().filter(|object| namespaces.takes(facts, kind, object));
        let named = *kind == Kind::new("", "Namespace");
        let of_cluster = match kind.builtin() {
            Some(builtin) => !builtin.namespaced && !named,
            None => objects.iter().any(|object| object.namespace().is_empty()),
        };
        let share = Share {
            any: within.clone().next().is_some(),
            taken: within.any(|object| scope.takes(facts, kind, object)),
            beyond: scope.namespaces.is_some() && of_cluster,
        };
        self.shares.borrow_mut().insert(kind.clone(), share);
        share
    }

    /// Whether an object that the selection takes shows an instance of a component.
    fn shows(&self, component: &str) -> bool {
        if let Some(shows) = self.shown.borrow().get(component) {
            return *shows;
        }
        let Run { scope, facts, .. } = self.run;
        let shown = |kind: &Kind, object: &Object| {
            facts.instances(object).iter().any(|instance| instance.name == component)
                && scope.takes(facts, kind, object)
        };
        let kinds = [Kind::new("", "Pod"), Kind::new("", "Node"), flagz()];
        let shows = kinds
            .iter()
            .any(|kind| facts.inventory().of(kind).iter().any(|object| shown(kind, object)));
        self.shown.borrow_mut().insert(component.to_owned(), shows);
        shows
    }
}

/// That namespaces were chosen of which certainly none is there. An empty namespace was looked at; one
/// that does not exist was not.
fn gone(run: &Run<'_>) -> Option<Missing> {
    let chosen = run.scope.namespaces.as_ref().filter(|chosen| !chosen.is_empty())?;
    let inventory = run.facts.inventory();
    let known = inventory.source.kind == SourceKind::Files
        || inventory.knows(&Kind::new("", "Namespace"), None) == Knowledge::Complete;
    let there = inventory.namespaces();
    if !known || chosen.iter().any(|name| there.contains(name.as_str())) {
        return None;
    }
    let names: Vec<&str> = chosen.iter().map(|name| &**name).collect();
    Some(Missing {
        read: "selection".to_owned(),
        namespace: None,
        status: ReadStatus::NotAsked,
        reason: format!("there is no namespace {}", names.join(", ")),
    })
}

/// A few names of kinds in words.
fn names<'k>(kinds: impl Iterator<Item = &'k Kind>) -> String {
    const SHOWN: usize = 3;
    let all: Vec<&str> = kinds.map(|kind| &*kind.kind).collect();
    match all.get(..SHOWN) {
        Some(some) if all.len() > SHOWN => {
            format!("{} and {} more", some.join(", "), all.len() - SHOWN)
        }
        _ => all.join(", "),
    }
}

fn missing(what: &str) -> Missing {
    Missing {
        read: "selection".to_owned(),
        namespace: None,
        status: ReadStatus::NotAsked,
        reason: format!("{what}, which the selection leaves out"),
    }
}

/// The gap of a check.
pub(super) fn gap(check: &Compiled, missing: impl Into<Arc<Missing>>) -> Gap {
    Gap { check: check.id().clone(), missing: missing.into(), count: 0, platform: false }
}
