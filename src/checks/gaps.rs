//! Objects that could not be listed: one gap per check, read and namespace.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::model::finding::Gap;
use crate::model::inventory::{Inventory, Knowledge, SourceKind};
use crate::model::kinds::Kind;
use crate::model::read::{Missing, ReadStatus};

use super::kinds::Pattern;
use super::outside::{Outside, Selected, gap};
use super::run::Run;
use super::scope::Scope;

/// What every check of a run could not look at.
pub(super) fn unlisted(run: &Run<'_>) -> Vec<Gap> {
    let inventory = run.facts.inventory();
    let mut memory = BTreeMap::new();
    let mut gaps = Vec::new();
    let selected = Selected::new(run);
    for check in &run.plan.checks {
        match selected.leaves_out(check) {
            Outside::Nothing => {}
            Outside::Part(missing) => gaps.push(gap(check, missing)),
            Outside::Whole(missing) => {
                gaps.push(gap(check, missing));
                continue;
            }
        }
        match check.check.target.scope {
            Scope::Component => {
                let names = check.check.target.components.iter();
                let unseen = names.flat_map(|name| run.facts.unseen(name));
                gaps.extend(unseen.map(|missing| gap(check, missing)));
                continue;
            }
            Scope::Kubelet => {
                let unread = run.facts.unread_kubelets();
                gaps.extend(unread.map(|missing| gap(check, missing)));
                continue;
            }
            _ => {}
        }
        // Manifests are an open world: what is not among them is not asked about, but what is and
        // could not be read may be what the check would find.
        if inventory.source.kind == SourceKind::Files {
            if run.scope.object.is_none() {
                gaps.extend(unread(inventory).map(|missing| gap(check, missing)));
                let kinds = &check.check.target.kinds;
                gaps.extend(unjudged(run, kinds).map(|missing| gap(check, missing)));
            }
            gaps.extend(narrowed(run).map(|missing| gap(check, missing)));
            continue;
        }
        let mut kinds = BTreeSet::new();
        for pattern in &check.check.target.kinds {
            pattern.listed(&mut kinds);
            let read = run.facts.read_index().kinds();
            kinds.extend(read.filter(|kind| pattern.matches(kind)).cloned());
        }
        for kind in kinds {
            // PodTemplates run nothing: read if allowed, never required.
            if kind == Kind::new("", "PodTemplate") {
                continue;
            }
            let missing: &Vec<Arc<Missing>> = memory.entry(kind).or_insert_with_key(|kind| {
                missing(inventory, kind, run).into_iter().map(Arc::new).collect()
            });
            gaps.extend(missing.iter().map(|missing| gap(check, Arc::clone(missing))));
        }
    }
    gaps
}

/// Checks of whose kinds manifests show no object that the selection takes, although the cluster that
/// they are for may have some. Control plane, kubelets and the cluster as a whole have gaps of their own.
pub(super) fn unseen(run: &Run<'_>) -> Vec<Gap> {
    let source = &run.facts.inventory().source;
    if source.kind != SourceKind::Files || source.closed_world {
        return Vec::new();
    }
    let seen: Vec<&Kind> =
        run.kinds.iter().map(|(kind, _)| kind).filter(|k| shows(run, k)).collect();
    let mut gaps = Vec::new();
    for check in &run.plan.checks {
        let target = &check.check.target;
        let elsewhere = matches!(target.scope, Scope::Component | Scope::Kubelet | Scope::Cluster);
        let looked = |pattern: &Pattern| seen.iter().any(|kind| pattern.matches(kind));
        if !elsewhere && !target.kinds.iter().any(looked) {
            gaps.push(gap(check, Missing::in_files(&plurals(&target.kinds), None)));
        }
    }
    gaps.sort();
    gaps
}

/// Whether there is an object of a kind that the selection takes.
fn shows(run: &Run<'_>, kind: &Kind) -> bool {
    let objects = run.facts.inventory().of(kind);
    objects.iter().any(|object| run.scope.takes(run.facts, kind, object))
}

/// The kinds of a check as they are listed.
fn plurals(kinds: &[Pattern]) -> String {
    let plural =
        |kind: &Kind| kind.builtin().map_or_else(|| kind.to_string(), |b| b.plural.to_owned());
    let words = kinds.iter().map(|pattern| match pattern {
        Pattern::One(kind) => plural(kind),
        Pattern::Group(group) => format!("objects of {group}"),
        Pattern::Workloads => "workloads".to_owned(),
        Pattern::Any | Pattern::AnyNamespaced => "objects".to_owned(),
    });
    words.collect::<Vec<_>>().join(", ")
}

/// Manifests of which something could not be read.
fn unread(inventory: &Inventory) -> impl Iterator<Item = Missing> {
    let lost =
        inventory.reads.iter().filter(|r| r.kind.is_none() && r.status != ReadStatus::Complete);
    lost.map(|read| Missing {
        read: read.resource.clone(),
        namespace: None,
        status: read.status,
        reason: format!("{}: {}", read.resource, read.message.as_deref().unwrap_or_default()),
    })
}

/// Objects of these kinds that manifests hold where no check looks.
fn unjudged<'a>(run: &'a Run<'_>, kinds: &'a [Pattern]) -> impl Iterator<Item = Missing> + 'a {
    let lost = run.facts.inventory().reads.iter().filter(move |read| {
        let asked =
            |name: &String| run.scope.namespaces.as_ref().is_none_or(|all| all.contains(name));
        read.status.is_lost()
            && read.namespace.as_ref().is_none_or(asked)
            && read.kind.as_ref().is_some_and(|kind| kinds.iter().any(|p| p.matches(kind)))
    });
    lost.map(|read| {
        let plural = read.resource.rsplit('/').next().unwrap_or_default();
        let list = Missing::list(plural, read.namespace.as_deref(), read.status);
        Missing { reason: read.message.clone().unwrap_or_else(|| list.reason.clone()), ..list }
    })
}

/// What a capture of some namespaces of manifests left out of what is asked for.
fn narrowed(run: &Run<'_>) -> Option<Missing> {
    let source = &run.facts.inventory().source;
    let whole = source.namespaces.is_empty()
        || run.scope.namespaces.as_ref().is_some_and(|all| all.iter().all(|ns| source.holds(ns)));
    (!whole).then(|| Missing::left_out("objects of other namespaces", &source.namespaces))
}

/// The lists of a kind that are missing, per namespace where the source read by namespace.
fn missing(inventory: &Inventory, kind: &Kind, run: &Run<'_>) -> Vec<Missing> {
    let index = run.facts.read_index();
    let whole = match inventory.knows_by(index, kind, None) {
        Knowledge::Complete => return Vec::new(),
        Knowledge::Missing(missing) => missing,
    };
    let in_namespace = |namespace: &str| match inventory.knows_by(index, kind, Some(namespace)) {
        Knowledge::Complete => None,
        Knowledge::Missing(missing) => Some(missing),
    };
    if let Some(namespaces) = &run.scope.namespaces {
        if *kind == Kind::new("", "Namespace") {
            let unseen = |name: &&String| inventory.get(kind, "", name).is_none();
            return namespaces.iter().filter(unseen).filter_map(|ns| in_namespace(ns)).collect();
        }
        if kind.builtin().is_some_and(|b| !b.namespaced) {
            return Vec::new();
        }
        return namespaces.iter().filter_map(|ns| in_namespace(ns)).collect();
    }
    let read: BTreeSet<&str> = index.namespaces(kind).collect();
    if read.is_empty() {
        return vec![whole];
    }
    // Read namespace by namespace: each that is missing, and the rest of the cluster unless the
    // namespaces are known to be all.
    let namespaces = Kind::new("", "Namespace");
    let all_known = inventory.knows_by(index, &namespaces, None) == Knowledge::Complete;
    let listed = inventory.of(&namespaces).iter().map(|ns| &*ns.id.name);
    let asked: BTreeSet<&str> =
        if all_known { read.into_iter().chain(listed).collect() } else { read };
    let mut gaps: Vec<Missing> = asked.into_iter().filter_map(in_namespace).collect();
    if !all_known {
        gaps.push(whole);
    }
    gaps
}
