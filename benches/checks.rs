//! Speed of the engine: all built-in checks on 10,000 pods of 200 Deployments.
//!
//! `cargo bench --bench checks`; `PLIMSOLL_BENCH_THREADS=1` for one core.

use std::io::Write;
use std::sync::Arc;
use std::time::Instant;

use plimsoll::checks::{Library, Params, Plan, RunScope, Silent, run};
use plimsoll::facts::{Facts, Options};
use plimsoll::model::finding::RunResult;
use plimsoll::model::inventory::{Inventory, SourceInfo, SourceKind};
use plimsoll::model::kinds::BUILTINS;
use plimsoll::model::node::Node;
use plimsoll::model::object::Object;
use plimsoll::model::read::{Read, ReadStatus};
use serde_json::{Value, json};

const TEMPLATES: usize = 200;
const PODS_EACH: usize = 50;

fn spec(template: usize) -> Value {
    let container = |name: &str| {
        let env: Vec<Value> = (0..12)
            .map(|n| json!({"name": format!("SETTING_{n}"), "value": "some value"}))
            .collect();
        json!({
            "name": name,
            "image": format!("registry.example.com/team/{name}-{template}:1.{template}"),
            "command": ["/bin/app", "--serve", "--config=/etc/app/config.yaml"],
            "env": env,
            "ports": [{"containerPort": 8080, "name": "http", "protocol": "TCP"}],
            "resources": {"requests": {"cpu": "100m", "memory": "128Mi"}},
            "livenessProbe": {"httpGet": {"path": "/healthz", "port": 8080}},
            "securityContext": match template % 3 {
                0 => json!({"privileged": template.is_multiple_of(9), "runAsUser": 0}),
                1 => json!({"capabilities": {"add": ["NET_ADMIN"], "drop": ["ALL"]}}),
                _ => json!({"allowPrivilegeEscalation": false, "runAsNonRoot": true,
                            "capabilities": {"drop": ["ALL"]}, "readOnlyRootFilesystem": true}),
            },
            "volumeMounts": [{"name": "config", "mountPath": "/etc/app"}]
        })
    };
    json!({
        "serviceAccountName": format!("sa-{template}"),
        "hostNetwork": template.is_multiple_of(20),
        "initContainers": [container("init")],
        "containers": [container("app"), container("proxy")],
        "volumes": [{"name": "config", "configMap": {"name": "config"}},
                    {"name": "host", "hostPath": {"path": "/var/log"}}]
    })
}

fn object(body: &Value) -> Arc<Object> {
    Arc::new(Object::new(Node::from(body)).expect("the bench writes whole objects"))
}

fn inventory() -> Inventory {
    let mut objects = Vec::new();
    for template in 0..TEMPLATES {
        let (name, namespace) = (format!("web-{template}"), format!("team-{}", template % 20));
        let labels = json!({"app": name});
        let owner = |kind: &str, name: &str| json!([{"apiVersion": "apps/v1", "kind": kind, "name": name, "controller": true}]);
        objects.push(object(&json!({"apiVersion": "v1", "kind": "ServiceAccount",
            "metadata": {"name": format!("sa-{template}"), "namespace": namespace}})));
        objects.push(object(&json!({"apiVersion": "apps/v1", "kind": "Deployment",
            "metadata": {"name": name, "namespace": namespace,
                         "annotations": {"deployment.kubernetes.io/revision": "1"}},
            "spec": {"template": {"metadata": {"labels": labels}, "spec": spec(template)}}})));
        let set = format!("{name}-5d4f");
        objects.push(object(&json!({"apiVersion": "apps/v1", "kind": "ReplicaSet",
            "metadata": {"name": set, "namespace": namespace,
                         "annotations": {"deployment.kubernetes.io/revision": "1"},
                         "ownerReferences": owner("Deployment", &name)},
            "spec": {"template": {"metadata": {"labels": labels}, "spec": spec(template)}}})));
        for pod in 0..PODS_EACH {
            objects.push(object(&json!({"apiVersion": "v1", "kind": "Pod",
                "metadata": {"name": format!("{set}-{pod}"), "namespace": namespace,
                             "uid": format!("{template}-{pod}"), "labels": labels,
                             "ownerReferences": owner("ReplicaSet", &set)},
                "spec": spec(template), "status": {"phase": "Running"}})));
        }
    }
    let read = |kind: &plimsoll::model::kinds::Builtin| Read {
        resource: kind.resource(),
        kind: Some(kind.kind()),
        namespace: None,
        status: ReadStatus::Complete,
        items: 0,
        message: None,
        millis: None,
    };
    let source = SourceInfo {
        kind: SourceKind::Live,
        kubernetes: Some("v1.35.0".to_owned()),
        ..SourceInfo::default()
    };
    Inventory::new(source, objects, BUILTINS.iter().map(read).collect())
}

/// Elements a scope has in one of the pods above.
fn elements(scope: &str) -> usize {
    match scope {
        "pod" => 1,
        "container" | "port" => 3,
        "volume" => 2,
        "env" => 36,
        _ => 0,
    }
}

fn main() {
    if let Some(threads) = std::env::var("PLIMSOLL_BENCH_THREADS").ok().and_then(|t| t.parse().ok())
    {
        rayon::ThreadPoolBuilder::new().num_threads(threads).build_global().ok();
    }
    let mut out = std::io::stdout();
    let started = Instant::now();
    let library = Library::builtin();
    let loaded = started.elapsed();
    let ids: Vec<&str> = library.checks.keys().map(|id| &**id).collect();
    let started = Instant::now();
    let plan = Plan::new(&library, &ids, &Params::default());
    let compiled = started.elapsed();
    writeln!(out, "{} checks: library {loaded:.1?}, plan {compiled:.1?}", ids.len()).ok();
    let inventory = Arc::new(inventory());
    let per_pod: usize =
        library.checks.values().map(|check| elements(check.target.scope.word())).sum();
    let evaluations = per_pod * TEMPLATES * (PODS_EACH + 1);
    // Without facts that join objects: what the evaluator itself takes.
    let factless: Vec<&str> =
        library.checks.values().filter(|c| !names_facts(c)).map(|c| &*c.id).collect();
    let alone = Plan::new(&library, &factless, &Params::default());
    let few: usize = library
        .checks
        .values()
        .filter(|c| factless.contains(&&*c.id))
        .map(|check| elements(check.target.scope.word()))
        .sum();
    measure(&mut out, "all checks", &plan, &inventory, evaluations);
    measure(
        &mut out,
        "checks without facts",
        &alone,
        &inventory,
        few * TEMPLATES * (PODS_EACH + 1),
    );
}

fn names_facts(check: &plimsoll::checks::Check) -> bool {
    let when = check.target.when.as_deref().unwrap_or_default();
    [check.rule.fail.as_str(), when].iter().any(|text| text.contains("facts."))
}

fn measure(
    out: &mut impl Write,
    name: &str,
    plan: &Plan,
    inventory: &Arc<Inventory>,
    evaluations: usize,
) {
    let mut best = f64::INFINITY;
    let mut result = RunResult::default();
    for _ in 0..5 {
        let facts = Facts::new(Arc::clone(inventory), Options::default());
        let started = Instant::now();
        result = run(plan, &facts, &RunScope::default(), &Silent);
        best = best.min(started.elapsed().as_secs_f64());
    }
    #[allow(clippy::cast_precision_loss, reason = "a rate for people")]
    let rate = evaluations as f64 / best / 1e6;
    let findings = result.findings.len();
    writeln!(
        out,
        "{name}: {best:.3} s, {evaluations} evaluations, {rate:.1} M/s, {findings} findings"
    )
    .ok();
}
