//! The demo: a cluster built into the program, so that the first command works without one.
//!
//! It stands for the cluster of a middling company: a control plane set up with kubeadm, the usual
//! add-ons, teams that care and teams that do not. Sheets in TOML say what runs where; the code
//! fills in what the API server, the controllers, the scheduler and the kubelets would, so that
//! the objects look as they do when listed. Everything is derived from names and one fixed moment:
//! two builds are equal. No person, company or credential in it is real.

mod attached;
mod controllers;
mod extensions;
mod jobs;
mod live;
mod nodes;
mod rbac;
mod server;
mod sets;
mod sheet;
mod shorthand;
mod stamp;
mod template;
mod tree;
mod world;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use self::controllers::Plan;
pub(super) use self::rbac::built_in_roles;
use self::sheet::{Loose, SHEETS, STYLES, Sheet, Styles};
use self::stamp::{NOW, metadata, time, uid};
use self::tree::{merge, node, texts};
use self::world::World;
use crate::model::inventory::{Inventory, SourceInfo, SourceKind};
use crate::model::key::Key;
use crate::model::kinds::{BUILTINS, Builtin, Kind, flagz, kubelet_configuration, lookup};
use crate::model::node::{Map, Node};
use crate::model::object::Object;
use crate::model::read::{CONFIGZ_NOT_ALLOWED, Read, ReadStatus, SECRETS_NOT_ALLOWED};

/// The Kubernetes version that the demo cluster runs.
pub const KUBERNETES: &str = "v1.35.2";

/// The demo cluster, with reads as a reader of everything but Secrets would get them, who asked for
/// these kinds besides: what was made up is all that the cluster has, so its API server serves no other.
#[must_use]
pub fn inventory(asked: impl IntoIterator<Item = Kind>) -> Inventory {
    let source = SourceInfo {
        kind: SourceKind::Demo,
        context: Some("demo".to_owned()),
        cluster_uid: Some(uid("Namespace", "", "kube-system")),
        kubernetes: Some(KUBERNETES.to_owned()),
        read_at: Some(time(NOW)),
        ..SourceInfo::default()
    };
    let mut objects = objects();
    let reads = reads(&objects, asked.into_iter().collect());
    // Leases are only read where a check needs them: who did not ask holds none.
    let listed: BTreeSet<&Kind> = reads.iter().filter_map(|read| read.kind.as_ref()).collect();
    objects.retain(|object| listed.contains(&object.kind()));
    Inventory::new(source, objects, reads)
}

/// Every object of the demo cluster.
#[must_use]
pub fn objects() -> Vec<Arc<Object>> {
    let styles: Styles = sheet::read(STYLES);
    let mut world = World::default();
    nodes::add(&mut world);
    nodes::static_pods(&mut world);
    for account in rbac::add(&mut world) {
        attached::account(&mut world, "kube-system", &account, None, nodes::AGE, Node::Null);
    }
    server::add(&mut world);
    extensions::add(&mut world);
    for text in SHEETS {
        namespace(&mut world, &sheet::read(text), &styles);
    }
    world.into_objects()
}

/// One namespace and everything in it.
fn namespace(world: &mut World, sheet: &Sheet, styles: &Styles) {
    let name = sheet.namespace.as_str();
    let own = node!({
        "labels": (merge(node!({ "kubernetes.io/metadata.name": name }), &texts(&sheet.labels))),
        "annotations": (texts(&sheet.annotations)),
    });
    world.add(node!({
        "apiVersion": "v1",
        "kind": "Namespace",
        "metadata": (merge(metadata("Namespace", "", name, sheet.age), &own)),
        "spec": { "finalizers": ["kubernetes"] },
        "status": { "phase": "Active" },
    }));
    attached::accounts(world, sheet);
    attached::config_maps(world, sheet);
    attached::named_claims(world, sheet);
    attached::limit_range(world, sheet);
    for workload in &sheet.workload {
        let plan = Plan::new(sheet, styles, workload);
        match workload.kind.as_str() {
            "Job" => jobs::job(world, &plan),
            "CronJob" => jobs::cron_job(world, &plan),
            _ => {
                let pods = controllers::make(world, &plan);
                attached::service(world, sheet, workload, &pods);
            }
        }
    }
    for loose in &sheet.object {
        world.add(written_out(sheet, loose));
    }
}

/// An object that a sheet spells out.
fn written_out(sheet: &Sheet, loose: &Loose) -> Node {
    let builtin = lookup(&loose.kind);
    let namespace =
        if builtin.is_some_and(|b| b.namespaced) { sheet.namespace.as_str() } else { "" };
    let version = builtin.map_or_else(|| "v1".to_owned(), Builtin::api_version);
    let own = node!({
        "labels": (texts(&loose.labels)),
        "annotations": (texts(&loose.annotations)),
    });
    let head = node!({
        "apiVersion": version,
        "kind": (&loose.kind),
        "metadata": (merge(metadata(&loose.kind, namespace, &loose.name, sheet.age - 15), &own)),
    });
    let rest = loose.body.iter().map(|(key, value)| (Key::new(key), value.clone()));
    merge(head, &Node::Map(Map::new(rest.collect())))
}

/// The reads that brought the objects. Secrets and configz are opt-ins that nobody took; the API
/// server of this version offers /flagz only behind a feature gate.
fn reads(objects: &[Arc<Object>], asked: BTreeSet<Kind>) -> Vec<Read> {
    let mut counts: BTreeMap<Kind, usize> = BTreeMap::new();
    for object in objects {
        *counts.entry(object.kind()).or_default() += 1;
    }
    let read = |kind: Kind, resource: String, status| Read {
        resource,
        namespace: None,
        status,
        items: counts.get(&kind).copied().unwrap_or(0),
        message: None,
        millis: None,
        kind: Some(kind),
    };
    let mut reads: Vec<Read> = BUILTINS
        .iter()
        .map(|builtin| {
            let secrets = builtin.plural == "secrets";
            let status = if secrets { ReadStatus::NotAsked } else { ReadStatus::Complete };
            let message = secrets.then(|| SECRETS_NOT_ALLOWED.to_owned());
            Read { message, ..read(builtin.kind(), builtin.resource(), status) }
        })
        .collect();
    let lists = asked.into_iter().filter(|kind| kind.is_list() && kind.builtin().is_none());
    reads.extend(lists.map(|kind| {
        match extensions::resource(&kind).or_else(|| server::resource(&kind)) {
            Some(resource) => read(kind, resource, ReadStatus::Complete),
            None => read(kind.clone(), kind.to_string(), ReadStatus::NotServed),
        }
    }));
    let answers = [
        (flagz(), ReadStatus::NotServed, None),
        (kubelet_configuration(), ReadStatus::NotAsked, Some(CONFIGZ_NOT_ALLOWED)),
    ];
    reads.extend(answers.into_iter().map(|(kind, status, message)| {
        let resource = kind.end_point().unwrap_or_default().to_owned();
        Read { message: message.map(str::to_owned), ..read(kind, resource, status) }
    }));
    reads
}

#[cfg(test)]
mod tests;
