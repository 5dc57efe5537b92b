//! Runs over small worlds.

mod components;
mod cost;
mod files;
mod follow;
mod identity;
mod large;
mod places;
mod redacted;
mod remedies;
mod replay;
mod verdicts;
mod whatif;

use std::sync::Arc;

use super::check::{Check, Origin};
use super::library::Library;
use super::plan::Plan;
use super::run::{Silent, run};
use super::select::RunScope;
use super::{Params, schema};
use crate::facts::testing::read;
use crate::facts::{Facts, Options};
use crate::model::finding::{Finding, RunResult};
use crate::model::inventory::{Inventory, SourceInfo, SourceKind};
use crate::model::kinds::{BUILTINS, Kind};
use crate::model::object::{FileOrigin, Object};
use crate::model::read::{Read, ReadStatus};
use crate::text::locate;

const EXAMPLES: &str = "
[explain]
why = \"why\"
fix = \"fix\"

[[example]]
name = \"a\"
verdict = \"fail\"
yaml = \"\"

[[example]]
name = \"b\"
verdict = \"pass\"
yaml = \"\"
";

/// A check file around the tables that matter.
fn file(id: &str, form: &str, tables: &str) -> String {
    format!(
        "id = \"{id}\"\ntitle = \"t\"\nseverity = \"medium\"\nform = \"{form}\"\n{tables}\n{EXAMPLES}"
    )
}

fn check_of(id: &str, form: &str, tables: &str) -> Arc<Check> {
    let text = file(id, form, tables);
    let origin = Origin::BuiltIn(format!("test/{id}.toml").as_str().into());
    Arc::new(schema::read(&text, "test", id, origin).unwrap_or_else(|p| panic!("{p:?}")))
}

fn check(tables: &str) -> Arc<Check> {
    check_of("probe", "rule", tables)
}

/// A privileged container, and a patch for it.
const PATCHED: &str = r#"
[target]
scope = "container"
[rule]
fail = "container.?securityContext.?privileged.orValue(false)"
at = "securityContext.privileged"
message = "x"
[[patch]]
op = "set"
path = "securityContext.privileged"
value = false
"#;

/// A plan of these checks, which all compile.
fn planned(checks: &[Arc<Check>]) -> Plan {
    let mut library = Library::default();
    for check in checks {
        library.checks.insert(Arc::clone(&check.id), Arc::clone(check));
    }
    let ids: Vec<&str> = checks.iter().map(|c| &*c.id).collect();
    let plan = Plan::new(&library, &ids, &Params::default());
    assert!(plan.problems().is_empty(), "{:?}", plan.problems());
    plan
}

/// Objects and reads; everything is read completely unless a test says otherwise.
struct World {
    source: SourceInfo,
    objects: Vec<Arc<Object>>,
    reads: Vec<Read>,
}

impl World {
    fn of(yaml: &str) -> Self {
        let mut objects = Vec::new();
        for document in locate::documents(yaml) {
            let mut object = Object::new(document.node.unwrap()).unwrap();
            let lines = Arc::new(document.lines);
            object.origin = Some(FileOrigin { file: "world.yaml".into(), lines });
            objects.push(Arc::new(object));
        }
        let reads = BUILTINS.iter().map(|b| read(&b.kind(), None, ReadStatus::Complete)).collect();
        let source = SourceInfo { kind: SourceKind::Live, ..SourceInfo::default() };
        Self { source, objects, reads }
    }

    fn status(mut self, kind: &str, namespace: Option<&str>, status: ReadStatus) -> Self {
        let kind = BUILTINS.iter().find(|b| b.kind == kind).unwrap().kind();
        self.reads.retain(|r| r.kind.as_ref() != Some(&kind) || r.namespace.is_some());
        self.reads.push(read(&kind, namespace, status));
        self
    }

    fn inventory(&self) -> Inventory {
        Inventory::new(self.source.clone(), self.objects.clone(), self.reads.clone())
    }

    fn run_in(&self, checks: &[Arc<Check>], scope: &RunScope) -> RunResult {
        let plan = planned(checks);
        let facts = Facts::new(Arc::new(self.inventory()), Options::default());
        run(&plan, &facts, scope, &Silent)
    }

    fn run(&self, check: &Arc<Check>) -> RunResult {
        self.run_in(std::slice::from_ref(check), &RunScope::default())
    }
}

fn places(result: &RunResult) -> Vec<String> {
    let place = |f: &Arc<Finding>| match &f.object {
        Some(object) => format!("{object} {}", f.path),
        None => "cluster".to_owned(),
    };
    result.findings.iter().map(place).collect()
}

/// A Deployment, its current and its former `ReplicaSet`, and pods of both.
fn rollout(template: &str, live: &str, old: &str) -> String {
    let set = |hash: &str, revision: u32, spec: &str| {
        format!(
            "---
apiVersion: apps/v1
kind: ReplicaSet
metadata:
  name: web-{hash}
  namespace: pay
  annotations: {{deployment.kubernetes.io/revision: '{revision}'}}
  labels: {{pod-template-hash: {hash}}}
  ownerReferences: [{{apiVersion: apps/v1, kind: Deployment, name: web, controller: true}}]
spec: {{template: {{spec: {spec}}}}}
"
        )
    };
    let pod = |hash: &str, name: &str, spec: &str| {
        format!(
            "---
apiVersion: v1
kind: Pod
metadata:
  name: web-{hash}-{name}
  namespace: pay
  uid: u-{name}
  labels: {{pod-template-hash: {hash}}}
  ownerReferences: [{{apiVersion: apps/v1, kind: ReplicaSet, name: web-{hash}, controller: true}}]
spec: {spec}
status: {{phase: Running}}
"
        )
    };
    format!(
        "apiVersion: apps/v1
kind: Deployment
metadata: {{name: web, namespace: pay, annotations: {{deployment.kubernetes.io/revision: '2'}}}}
spec: {{template: {{metadata: {{labels: {{app: web}}}}, spec: {template}}}}}
{}{}{}{}{}",
        set("new", 2, template),
        set("old", 1, old),
        pod("new", "a", live),
        pod("new", "b", live),
        pod("old", "c", old)
    )
}
