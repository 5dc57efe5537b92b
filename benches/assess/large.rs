//! One pod, or one role, that holds very much: how a run grows with what is in it.

use std::path::Path;
use std::sync::Arc;

use plimsoll::checks::Silent;
use plimsoll::model::node::Node;
use plimsoll::model::object::Object;
use plimsoll::session::run::Selection;
use serde_json::{Value, json};

use super::capture;
use super::figure::Figure;
use super::measure::time;
use super::part::{part, row};
use super::table::Table;

/// Measures a pod with so many containers, one with so many volumes and mounts of them, and a role with so many
/// rules, to which as many subjects are bound.
pub fn measure(size: usize, table: &mut Table) -> anyhow::Result<()> {
    table.take(size, part("large", &[Path::new(&size.to_string())])?);
    Ok(())
}

/// Each of them, in a process of its own.
pub fn run(size: usize) -> anyhow::Result<()> {
    let content = capture::content();
    let chosen = content.choose(&Selection::default())?;
    let plan = content.plan(&chosen);
    let pod = |spec| {
        vec![
            json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "big", "namespace": "ns"}, "spec": spec}),
        ]
    };
    let worlds = [
        ("one pod, containers", pod(containers(size))),
        ("one pod, volumes and mounts", pod(volumes(size))),
        ("one role, rules and subjects", role(size)),
    ];
    for (name, bodies) in worlds {
        let objects = bodies.iter().map(|body| Ok(Arc::new(Object::new(Node::from(body))?)));
        let objects = objects.collect::<anyhow::Result<Vec<_>>>()?;
        let facts = content.facts(Arc::new(capture::inventory(objects)));
        let (result, took) = time(|| content.run(&plan, &chosen, &facts, &Silent));
        anyhow::ensure!(result.problems.is_empty(), "problems: {:?}", result.problems.first());
        row(&format!("{name}: all checks"), Figure::took(took));
        row(&format!("{name}: findings"), Figure::count(result.findings.len()));
    }
    Ok(())
}

fn containers(count: usize) -> Value {
    let one = |at: usize| json!({"name": format!("c{at:05}"), "image": format!("example.com/a/b{at}:latest")});
    json!({"containers": (0..count).map(one).collect::<Vec<_>>()})
}

fn volumes(count: usize) -> Value {
    let one = |at: usize| json!({"name": format!("v{at:05}"), "hostPath": {"path": format!("/data/{at}")}});
    let mount = |at: usize| json!({"name": format!("v{at:05}"), "mountPath": format!("/m/{at}")});
    let mounts: Vec<Value> = (0..count).map(mount).collect();
    json!({"containers": [{"name": "c", "image": "a", "volumeMounts": mounts}],
        "volumes": (0..count).map(one).collect::<Vec<_>>()})
}

fn role(size: usize) -> Vec<Value> {
    const API: &str = "rbac.authorization.k8s.io/v1";
    const BINDINGS: usize = 10;
    let rule = |at: usize| json!({"apiGroups": [format!("g{at}.example.com")], "resources": [format!("r{at}")], "verbs": ["get"]});
    let rules: Vec<Value> = (0..size).map(rule).collect();
    let role = json!({"apiVersion": API, "kind": "ClusterRole", "metadata": {"name": "big"}, "rules": rules});
    let subject =
        |at: usize| json!({"kind": "ServiceAccount", "namespace": "ns", "name": format!("s{at}")});
    let binding = |at: usize| {
        let subjects: Vec<Value> = (at..size).step_by(BINDINGS).map(subject).collect();
        json!({"apiVersion": API, "kind": "ClusterRoleBinding", "metadata": {"name": format!("b{at}")},
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "big"}, "subjects": subjects})
    };
    std::iter::once(role).chain((0..BINDINGS).map(binding)).collect()
}
