//! What rests on which right, worked out from what checks and facts declare, and not from what a
//! run did: the expectation that scans with fewer rights are held against.

use std::collections::{BTreeMap, BTreeSet};

use plimsoll::checks::check::Need;
use plimsoll::checks::{Library, Params, Plan, Scope};
use plimsoll::facts::FactName;
use plimsoll::frameworks::{Set, Strength};
use plimsoll::model::finding::Form;
use plimsoll::model::kinds::{self, Builtin, Kind};
use serde_json::Value;

use crate::binary::Scan;

/// What one check declares.
#[derive(Default)]
pub struct Declared {
    /// The kinds that it looks at: without one of them there may be more to look at.
    pub targets: BTreeSet<Kind>,
    /// The kinds behind its facts and lists: without one of them a verdict may be open.
    pub behind: BTreeSet<Kind>,
    /// The kinds that it looks at if they are there.
    pub beside: BTreeSet<Kind>,
    /// The kinds behind the facts and lists that say what it applies to.
    pub applies: BTreeSet<Kind>,
}

impl Declared {
    pub fn names(&self, kind: &Kind) -> bool {
        [&self.targets, &self.behind, &self.beside].iter().any(|kinds| kinds.contains(kind))
    }
}

/// What every check declares, and which checks decide every control.
pub struct Declarations {
    checks: BTreeMap<String, Declared>,
    controls: BTreeMap<String, Vec<String>>,
}

impl Declarations {
    pub fn builtin() -> Self {
        let library = Library::builtin();
        let checks = library.checks.keys().map(|id| (id.to_string(), declared(&library, id)));
        let mut controls: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for framework in &Set::builtin().frameworks {
            for control in &framework.controls {
                let decides = control.checks.iter().filter(|mapping| {
                    let form = library.checks.get(&*mapping.id).map(|check| check.form);
                    mapping.strength != Strength::Supporting
                        && form.is_some_and(|form| form != Form::Evidence)
                });
                let ids = decides.map(|mapping| mapping.id.clone()).collect();
                controls.insert(format!("{}/{}", framework.id, control.id), ids);
            }
        }
        Self { checks: checks.collect(), controls }
    }

    pub fn check(&self, id: &str) -> &Declared {
        &self.checks[id]
    }

    /// The checks that decide a control, named `framework/control`.
    pub fn deciding(&self, control: &str) -> &[String] {
        &self.controls[control]
    }

    /// Every kind behind the checks that decide a control.
    pub fn kinds(&self, control: &str) -> BTreeSet<Kind> {
        let declared = self.deciding(control).iter().map(|id| self.check(id));
        declared.flat_map(|d| d.targets.iter().chain(&d.behind).cloned()).collect()
    }
}

fn declared(library: &Library, id: &str) -> Declared {
    let check = &library.checks[id];
    let mut targets = BTreeSet::new();
    check.target.kinds.iter().for_each(|pattern| pattern.listed(&mut targets));
    let mut behind = Plan::new(library, &[id], &Params::default()).kinds();
    for kind in &targets {
        behind.remove(kind);
    }
    let mut beside = BTreeSet::new();
    for list in check.target.lists.iter().filter(|list| list.need == Need::Optional) {
        behind.remove(&list.kind);
        beside.insert(list.kind.clone());
    }
    // Objects of several kinds may show one component or kubelet, and one of them is enough; but
    // every node has a kubelet.
    if matches!(check.target.scope, Scope::Component | Scope::Kubelet) {
        behind.append(&mut targets);
    }
    if check.target.scope == Scope::Kubelet {
        targets.insert(Kind::new("", "Node"));
    }
    // PodTemplates run nothing: read if allowed, never required.
    targets.remove(&Kind::new("", "PodTemplate"));
    let when = check.target.when.as_deref().unwrap_or_default();
    let names = FactName::ALL.into_iter().filter(|fact| {
        ["facts.", "facts.?"].iter().any(|with| when.contains(&format!("{with}{}", fact.as_str())))
    });
    let mut applies: BTreeSet<Kind> =
        names.flat_map(|fact| fact.kinds(check.target.scope.word())).collect();
    let lists = check.target.lists.iter().filter(|list| when.contains(&list.name));
    applies.extend(lists.map(|list| list.kind.clone()));
    Declared { targets, behind, beside, applies }
}

/// How often a check came to something.
pub fn count(scan: &Scan, check: &str, what: &str) -> u64 {
    let row = scan.list("checks").iter().find(|row| row["id"] == check);
    row.map_or(0, |row| row[what].as_u64().unwrap())
}

/// How a check rests on a right.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rests {
    /// Nothing about it changes without the right.
    No,
    /// What it found wrong, or left open already, may be open for another reason.
    Maybe,
    /// It must leave something open without the right.
    Yes,
}

/// How a check rests on a kind, by what it declares and by what a scan with every right came to.
pub fn rests(full: &Scan, check: &str, declared: &Declared, kind: &Builtin) -> Rests {
    // What other checks find is looked at: any right takes findings away, or adds some.
    if declared.targets.contains(&kinds::finding_age()) {
        return Rests::Maybe;
    }
    if declared.targets.contains(&kind.kind()) {
        return Rests::Yes;
    }
    if !declared.names(&kind.kind()) || is_lazy(check, kind.plural) {
        return Rests::No;
    }
    let applies =
        declared.applies.contains(&kind.kind()) && count(full, check, "notApplicable") > 0;
    let passes = count(full, check, "pass") > 0;
    if declared.behind.contains(&kind.kind()) && (passes || applies) {
        return Rests::Yes;
    }
    let otherwise = ["fail", "notAssessed"].iter().any(|what| count(full, check, what) > 0);
    if otherwise || passes { Rests::Maybe } else { Rests::No }
}

/// How a control rests on a kind by one of its deciding checks: as the check does, unless what the
/// check leaves open is about the platform itself, which decides nothing.
pub fn deciding(full: &Scan, check: &str, declared: &Declared, kind: &Builtin) -> Rests {
    if PLATFORM_ONLY.contains(&check) && BINDINGS.contains(&kind.plural) {
        return Rests::No;
    }
    rests(full, check, declared, kind)
}

/// Checks that need bindings here for rules of the platform's own roles alone.
const PLATFORM_ONLY: &[&str] = &["rbac-coredns-configmap-write", "rbac-delete-important-resources"];

fn is_lazy(check: &str, plural: &str) -> bool {
    LAZY.iter().any(|(checks, kinds, _)| checks.contains(&check) && kinds.contains(&plural))
}

const BINDINGS: &[&str] = &["rolebindings", "clusterrolebindings"];
const ROLES: &[&str] = &["roles", "clusterroles"];
const WORKLOADS: &[&str] = &[
    "pods",
    "deployments",
    "statefulsets",
    "daemonsets",
    "replicasets",
    "replicationcontrollers",
    "jobs",
    "cronjobs",
];
/// But for Deployments: one of them is all that shows an account of this cluster in use.
const UNUSED_KINDS: &[&str] = &[
    "pods",
    "statefulsets",
    "daemonsets",
    "replicasets",
    "replicationcontrollers",
    "jobs",
    "cronjobs",
];

/// Checks, kinds behind their facts, and why what is judged in this cluster is known without them.
/// Each of them is held to it: without the kind nothing about the check may change.
const LAZY: &[(&[&str], &[&str], &str)] = &[
    (
        &[
            "rbac-admission-policy-control",
            "rbac-api-priority-write",
            "rbac-bind",
            "rbac-create-pods",
            "rbac-csr-signing",
            "rbac-custom-resource-admin",
            "rbac-delete-events",
            "rbac-delete-pod-logs",
            "rbac-ephemeral-containers",
            "rbac-escalate",
            "rbac-impersonate",
            "rbac-manage-network-policies",
            "rbac-manage-rbac-objects",
            "rbac-manage-workload-controllers",
            "rbac-modify-pods",
            "rbac-namespace-labels-modify",
            "rbac-nodes-modify",
            "rbac-nodes-proxy",
            "rbac-pod-attach",
            "rbac-pod-exec",
            "rbac-pod-port-forward",
            "rbac-pod-proxy-or-service-proxy",
            "rbac-read-secrets",
            "rbac-service-account-token-create",
            "rbac-service-status-modify",
            "rbac-webhook-config-control",
            "rbac-wildcard-all",
            "rbac-wildcard-api-groups",
            "rbac-wildcard-nonresource-urls",
            "rbac-wildcard-resources",
            "rbac-wildcard-verbs",
            "rbac-write-secrets",
        ],
        BINDINGS,
        "a rule that grants nothing of the kind is harmless, and one that does is wrong, whoever holds it",
    ),
    (
        &["rbac-csr-approval", "rbac-delete-important-resources", "rbac-read-pod-logs"],
        &["rolebindings"],
        "what counts is held in the whole cluster, or the rule grants nothing of the kind",
    ),
    (
        &[
            "default-service-account-bound",
            "rbac-binding-all-service-accounts",
            "rbac-binding-anonymous",
            "rbac-binding-authenticated-group",
            "rbac-binding-bootstrap-groups",
            "rbac-binding-missing-service-account",
            "rbac-binding-unauthenticated-group",
            "rbac-cluster-binding-to-service-account",
            "rbac-log-store-access",
        ],
        ROLES,
        "who is bound decides, not what to",
    ),
    (
        &["rbac-admin-equivalent-binding"],
        &["roles"],
        "administration of the cluster is held by ClusterRoles",
    ),
    (&["rbac-binding-missing-service-account"], &["namespaces"], "the account itself is seen"),
    (
        &["psa-enforce-privileged", "psa-warn-or-audit-only"],
        WORKLOADS,
        "labels of the namespace alone say that it enforces nothing",
    ),
    (
        &["netpol-dangling-selector", "netpol-peer-matches-nothing"],
        WORKLOADS,
        "a selector that selects something seen does not dangle, whatever else there is",
    ),
    (
        &["netpol-dangling-selector", "netpol-peer-matches-nothing"],
        &["namespaces"],
        "the policies here select pods of their own namespaces",
    ),
    (
        &["netpol-pod-not-selected", "netpol-pod-not-isolated-both-ways"],
        &["nodes", "endpointslices"],
        "the policies say which pods they select",
    ),
    (
        &["netpol-kubelet-port-reachable", "netpol-metadata-endpoint-reachable"],
        &["endpointslices"],
        "endpoints say where the API server is, which is not asked here",
    ),
    (
        &["netpol-metadata-endpoint-reachable"],
        &["nodes"],
        "without a known cloud the addresses of all clouds are looked at",
    ),
    (
        &["netpol-control-plane-reachable"],
        &["endpointslices"],
        "pods without isolation reach it anyway, and without a node the place of etcd is open for the others",
    ),
    (
        &["service-account-unused", "user-service-account-tokens"],
        UNUSED_KINDS,
        "the account is seen in use",
    ),
    (
        &["service-account-unused", "user-service-account-tokens"],
        &["roles", "clusterroles", "rolebindings"],
        "an account in use is no login, whatever it may do",
    ),
    (&["service-account-unused"], &["clusterrolebindings"], "rights only say how bad it is"),
    (
        &["sa-token-automounted-unneeded", "workload-sa-token-with-bindings"],
        &["clusterroles"],
        "a binding is seen, and the Role that it names",
    ),
    (
        &["workload-with-admin-role", "workload-with-cluster-takeover-role"],
        &["roles"],
        "a Role outside the platform's namespaces does not open the cluster",
    ),
    (
        &["workload-with-admin-role"],
        &["rolebindings"],
        "administration of the cluster comes of bindings of the whole cluster",
    ),
    (
        &[
            "sa-token-automounted-unneeded",
            "workload-with-admin-role",
            "workload-with-cluster-takeover-role",
            "operator-service-account-cluster-admin",
        ],
        &["serviceaccounts"],
        "accounts say whether a token is mounted, and the rights of these pods are harmless or needed",
    ),
    (&["default-service-account-used"], &["serviceaccounts"], "the pod names its account"),
    (
        &["default-service-account-automount-enabled"],
        &["namespaces"],
        "a namespace counts unless it is known to be going away",
    ),
    (
        &["gke-logging-agents-absent", "gke-managed-certificate-missing"],
        &["nodes"],
        "the version of the server tells GKE",
    ),
    (
        &["control-plane-node-scheduling"],
        &["nodes"],
        "a pod that tolerates no taint of control planes is not placed there, whoever runs them",
    ),
];

/// Whether a control is outside the versions that it applies to.
pub fn is_off(control: &Value) -> bool {
    control["reasons"].to_string().contains("applies to Kubernetes")
}
