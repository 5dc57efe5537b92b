//! What rests on which right, worked out from what checks and facts declare, and not from what a
//! run did: the expectation that scans with fewer rights are held against.

use std::collections::{BTreeMap, BTreeSet};

use plimsoll::checks::check::Need;
use plimsoll::checks::{Library, Params, Plan, Scope};
use plimsoll::facts::FactName;
use plimsoll::frameworks::{Set, Strength};
use plimsoll::model::finding::Form;
use plimsoll::model::kinds::{Builtin, Kind};
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
        let checks = library.checks.iter().map(|(id, _)| (id.to_string(), declared(&library, id)));
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

fn is_lazy(check: &str, plural: &str) -> bool {
    let meant = |pattern: &&str| match pattern.strip_suffix('*') {
        Some(start) => check.starts_with(start),
        None => *pattern == check,
    };
    LAZY.iter().any(|(checks, kinds, _)| checks.iter().any(meant) && kinds.contains(&plural))
}

const BINDINGS: &[&str] = &["rolebindings", "clusterrolebindings"];
const ROLES: &[&str] = &["roles", "clusterroles"];
const WORKLOADS: &[&str] = &[
    "pods", "deployments", "statefulsets", "daemonsets", "replicasets", "replicationcontrollers", "jobs",
    "cronjobs",
];

/// Checks, kinds behind their facts, and why what is judged in this cluster is known without them.
/// Each of them is held to it: without the kind nothing about the check may change. A trailing
/// `*` stands for all checks whose ids begin so.
const LAZY: &[(&[&str], &[&str], &str)] = &[
    (
        &["psa-enforce-privileged", "psa-violating-pods", "psa-warn-or-audit-only"],
        WORKLOADS,
        "labels of the namespace alone say that it enforces nothing",
    ),
    (
        &["netpol-dangling-selector", "netpol-peer-matches-nothing"],
        WORKLOADS,
        "a selector that selects something seen does not dangle, whatever else there is",
    ),
    (&["service-account-unused"], WORKLOADS, "a template that is seen uses the account"),
];

/// Whether a control is outside the versions that it applies to.
pub fn is_off(control: &Value) -> bool {
    control["reasons"].to_string().contains("applies to Kubernetes")
}
