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
mod sets;
mod sheet;
mod shorthand;
mod stamp;
mod template;
mod tree;
mod world;

use std::collections::BTreeMap;
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

/// Custom kinds that facts ask for: resource, group, kind, whether the demo cluster serves them.
const CUSTOM: [(&str, &str, &str, bool); 8] = [
    ("cert-manager.io/v1/certificates", "cert-manager.io", "Certificate", true),
    ("cilium.io/v2/ciliumnetworkpolicies", "cilium.io", "CiliumNetworkPolicy", false),
    (
        "cilium.io/v2/ciliumclusterwidenetworkpolicies",
        "cilium.io",
        "CiliumClusterwideNetworkPolicy",
        false,
    ),
    (
        "policy.networking.k8s.io/v1alpha1/adminnetworkpolicies",
        "policy.networking.k8s.io",
        "AdminNetworkPolicy",
        false,
    ),
    (
        "policy.networking.k8s.io/v1alpha1/baselineadminnetworkpolicies",
        "policy.networking.k8s.io",
        "BaselineAdminNetworkPolicy",
        false,
    ),
    ("security.istio.io/v1/peerauthentications", "security.istio.io", "PeerAuthentication", false),
    ("crd.projectcalico.org/v1/networkpolicies", "crd.projectcalico.org", "NetworkPolicy", true),
    (
        "crd.projectcalico.org/v1/globalnetworkpolicies",
        "crd.projectcalico.org",
        "GlobalNetworkPolicy",
        true,
    ),
];

/// Kinds that checks ask for and that its API server does not serve, by their group.
const NOT_SERVED: &[(&str, &[&str])] = &[
    ("aquasecurity.github.io", &["ExposedSecretReport", "SbomReport", "VulnerabilityReport"]),
    ("argoproj.io", &["Application"]),
    ("cilium.io", &["CiliumEgressGatewayPolicy"]),
    ("config.gatekeeper.sh", &["Config"]),
    ("crd.projectcalico.org", &["FelixConfiguration"]),
    (
        "extensions",
        &["DaemonSet", "Deployment", "Ingress", "NetworkPolicy", "PodSecurityPolicy", "ReplicaSet"],
    ),
    ("external-secrets.io", &["ExternalSecret"]),
    ("fileintegrity.openshift.io", &["FileIntegrity"]),
    ("gateway.networking.k8s.io", &["Gateway", "HTTPRoute"]),
    ("helm.toolkit.fluxcd.io", &["HelmRelease"]),
    ("kustomize.toolkit.fluxcd.io", &["Kustomization"]),
    ("kyverno.io", &["ClusterPolicy", "Policy", "PolicyException"]),
    ("monitoring.coreos.com", &["PrometheusRule"]),
    ("openreports.io", &["ClusterReport", "Report"]),
    ("policy", &["PodSecurityPolicy"]),
    ("route.openshift.io", &["Route"]),
    ("security.openshift.io", &["SecurityContextConstraints"]),
    ("snapshot.storage.k8s.io", &["VolumeSnapshot", "VolumeSnapshotClass"]),
    ("velero.io", &["Backup", "BackupStorageLocation", "Restore"]),
    ("wgpolicyk8s.io", &["ClusterPolicyReport", "PolicyReport"]),
];

/// The demo cluster, with reads as a reader of everything but Secrets would get them.
#[must_use]
pub fn inventory() -> Inventory {
    let source = SourceInfo {
        kind: SourceKind::Demo,
        context: Some("demo".to_owned()),
        cluster_uid: Some(uid("Namespace", "", "kube-system")),
        kubernetes: Some(KUBERNETES.to_owned()),
        read_at: Some(time(NOW)),
        ..SourceInfo::default()
    };
    let objects = objects();
    let reads = reads(&objects);
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
fn reads(objects: &[Arc<Object>]) -> Vec<Read> {
    let mut counts: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for object in objects {
        *counts.entry((&object.id.api_version, &object.id.kind)).or_default() += 1;
    }
    let builtin = BUILTINS.iter().map(|builtin| {
        let version = builtin.api_version();
        let asked = builtin.plural != "secrets";
        Read {
            resource: builtin.resource(),
            namespace: None,
            status: if asked { ReadStatus::Complete } else { ReadStatus::NotAsked },
            items: counts.get(&(version.as_str(), builtin.kind)).copied().unwrap_or(0),
            message: (!asked).then(|| SECRETS_NOT_ALLOWED.to_owned()),
            millis: None,
            kind: Some(builtin.kind()),
        }
    });
    let custom = CUSTOM.iter().map(|(resource, group, kind, served)| Read {
        resource: (*resource).to_owned(),
        kind: Some(Kind::new(group, kind)),
        namespace: None,
        status: if *served { ReadStatus::Complete } else { ReadStatus::NotServed },
        items: 0,
        message: None,
        millis: None,
    });
    let kinds = NOT_SERVED
        .iter()
        .flat_map(|(group, kinds)| kinds.iter().map(|kind| Kind::new(group, kind)));
    let absent = kinds.map(|kind| Read {
        resource: kind.to_string(),
        namespace: None,
        status: ReadStatus::NotServed,
        items: 0,
        message: None,
        millis: None,
        kind: Some(kind),
    });
    let answers = [
        (flagz(), ReadStatus::NotServed, None),
        (kubelet_configuration(), ReadStatus::NotAsked, Some(CONFIGZ_NOT_ALLOWED)),
    ];
    let answers = answers.into_iter().map(|(kind, status, message)| Read {
        resource: kind.end_point().unwrap_or_default().to_owned(),
        kind: Some(kind),
        namespace: None,
        status,
        items: 0,
        message: message.map(str::to_owned),
        millis: None,
    });
    builtin.chain(custom).chain(absent).chain(answers).collect()
}

#[cfg(test)]
mod tests;
