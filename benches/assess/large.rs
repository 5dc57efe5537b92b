//! One pod that holds very much: how a run grows with what is in it.

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

/// Measures a pod with so many containers, and one with so many volumes and mounts of them.
pub fn measure(size: usize, table: &mut Table) -> anyhow::Result<()> {
    table.take(size, part("large", &[Path::new(&size.to_string())])?);
    Ok(())
}

/// Both pods, in a process of its own.
pub fn run(size: usize) -> anyhow::Result<()> {
    let content = capture::content();
    let chosen = content.choose(&Selection::default())?;
    let plan = content.plan(&chosen);
    for (name, spec) in [("containers", containers(size)), ("volumes and mounts", volumes(size))] {
        let pod = json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "big", "namespace": "ns"}, "spec": spec});
        let objects = vec![Arc::new(Object::new(Node::from(&pod))?)];
        let facts = content.facts(Arc::new(capture::inventory(objects)));
        let (result, took) = time(|| content.run(&plan, &chosen, &facts, &Silent));
        anyhow::ensure!(result.problems.is_empty(), "problems: {:?}", result.problems.first());
        row(&format!("one pod, {name}: all checks"), Figure::took(took));
        row(&format!("one pod, {name}: findings"), Figure::count(result.findings.len()));
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
