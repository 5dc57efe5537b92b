//! One crowded namespace: how the time of each check grows with what stands beside its objects.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use plimsoll::assess::{Chosen, Content};
use plimsoll::checks::{self, Plan, Silent};
use plimsoll::facts::Facts;
use plimsoll::model::inventory::Inventory;
use plimsoll::model::node::Node;
use plimsoll::model::object::Object;
use plimsoll::session::run::Selection;
use serde_json::{Value, json};

use super::capture;
use super::cluster::{Cluster, metadata, workload};
use super::figure::Figure;
use super::measure::{Took, fastest, time};
use super::part::{part, row};
use super::table::Table;

/// The namespace of everything.
const NAMESPACE: &str = "crowd";
/// How many checks are named, those whose time grows fastest first.
const NAMED: usize = 20;
/// A check that takes less for one object more is not worth a row, in nanoseconds.
const WORTH: u64 = 300;

/// Measures a namespace with so many pods, and one with half of them.
pub fn measure(pods: usize, table: &mut Table) -> anyhow::Result<()> {
    table.take(pods, part("crowd", &[Path::new(&pods.to_string())])?);
    Ok(())
}

/// Both namespaces, in a process of its own.
pub fn run(pods: usize) -> anyhow::Result<()> {
    let single = rayon::ThreadPoolBuilder::new().num_threads(1).build()?;
    let (half, whole) = (world(pods / 2)?, world(pods)?);
    single.install(|| {
        let content = capture::content();
        let chosen = content.choose(&Selection::default())?;
        let plan = content.plan(&chosen);
        let facts = content.facts(Arc::clone(&whole));
        let (result, took) = time(|| content.run(&plan, &chosen, &facts, &Silent));
        anyhow::ensure!(result.problems.is_empty(), "problems: {:?}", result.problems.first());
        row("crowd, all checks, one thread", Figure::took(took));
        let before = each(&content, &chosen, &content.facts(half));
        let after = each(&content, &chosen, &facts);
        let worth = Duration::from_nanos(WORTH) * u32::try_from(pods / 2)?;
        let mut grown: Vec<(Duration, Figure)> = Vec::new();
        for ((id, before), after) in chosen.checks.iter().zip(before).zip(after) {
            let times = after.cpu.as_secs_f64() / before.cpu.as_secs_f64().max(1e-6);
            let cell = Figure::seconds(after.cpu).about(&format!("{id}, ×{times:.1}"));
            grown.push((after.cpu.saturating_sub(before.cpu), cell));
        }
        grown.sort_by_key(|(more, _)| std::cmp::Reverse(*more));
        let named = grown.iter().take_while(|(more, _)| *more > worth).take(NAMED);
        named
            .enumerate()
            .for_each(|(nth, (_, cell))| row(&format!("crowd, check {}", nth + 1), cell.clone()));
        Ok(())
    })
}

/// How long every check takes alone, with the facts there.
fn each(content: &Content, chosen: &Chosen, facts: &Facts) -> Vec<Took> {
    let alone = |id: &Arc<str>| {
        let plan = Plan::new(&content.library, &[&**id], &content.params);
        let run = || drop(checks::run(&plan, facts, &chosen.scope, &Silent));
        run();
        fastest(2, run)
    };
    chosen.checks.iter().map(alone).collect()
}

/// Pods of as many templates, a tenth as many of all that pods refer to, and reports on each.
fn world(pods: usize) -> anyhow::Result<Arc<Inventory>> {
    let (few, cluster) = (pods.div_ceil(10), Cluster::uniform(pods));
    let mut objects = Vec::new();
    let mut add = |api: &str, kind: &str, mut body: Value| -> anyhow::Result<()> {
        body["apiVersion"] = api.into();
        body["kind"] = kind.into();
        body["metadata"]["namespace"] = NAMESPACE.into();
        objects.push(Arc::new(Object::new(Node::from(&body))?));
        Ok(())
    };
    add("v1", "Namespace", json!({"metadata": {"name": NAMESPACE}}))?;
    for at in 0..pods {
        let mut pod = workload::pod(&cluster, at, at);
        if at % 100 == 0 {
            pod["spec"]["containers"][0]["args"] = json!(["-c", script(60)]);
        }
        add("v1", "Pod", pod)?;
        for (api, kind, body) in reports(&cluster, at) {
            add(api, kind, body)?;
        }
    }
    for at in 0..few {
        for (api, kind, body) in beside(&cluster, at) {
            add(api, kind, body)?;
        }
    }
    Ok(Arc::new(capture::inventory(objects)))
}

fn named(name: &str, at: usize) -> Value {
    json!({"metadata": metadata(name, None, at, 900)})
}

/// What pods refer to, and what refers to pods.
fn beside(cluster: &Cluster, at: usize) -> Vec<(&'static str, &'static str, Value)> {
    let name = workload::name(at);
    let with = |name: &str, parts: Value| {
        let mut body = named(name, at);
        for (key, value) in parts.as_object().into_iter().flatten() {
            body[key] = value.clone();
        }
        body
    };
    let selector = json!({"matchLabels": workload::selector(at)});
    let target = json!({"apiVersion": "apps/v1", "kind": "Deployment", "name": name});
    let backend = json!({"service": {"name": name, "port": {"number": 80}}});
    let rule = json!({"host": format!("{name}.example.com"), "http": {"paths": [{"path": "/", "pathType": "Prefix", "backend": backend}]}});
    vec![
        ("apps/v1", "Deployment", workload::deployment(cluster, at)),
        ("v1", "Service", workload::service(cluster, at)),
        ("v1", "ServiceAccount", named(&name, at)),
        ("v1", "Secret", with(&format!("{name}-tls"), json!({"type": "kubernetes.io/tls"}))),
        ("v1", "Secret", with(&format!("{name}-unused"), json!({"type": "Opaque"}))),
        ("v1", "ConfigMap", with(&format!("{name}-settings"), json!({"data": {"a": "b"}}))),
        (
            "v1",
            "PersistentVolumeClaim",
            with(&name, json!({"spec": {"accessModes": ["ReadWriteMany"]}})),
        ),
        ("networking.k8s.io/v1", "Ingress", with(&name, json!({"spec": {"rules": [rule]}}))),
        (
            "policy/v1",
            "PodDisruptionBudget",
            with(&name, json!({"spec": {"minAvailable": 1, "selector": selector}})),
        ),
        (
            "autoscaling/v2",
            "HorizontalPodAutoscaler",
            with(&name, json!({"spec": {"scaleTargetRef": target, "maxReplicas": 3}})),
        ),
        (
            "cert-manager.io/v1",
            "Certificate",
            with(&name, json!({"spec": {"secretName": format!("{name}-tls")}})),
        ),
    ]
}

/// What scanners say of one pod.
fn reports(cluster: &Cluster, at: usize) -> Vec<(&'static str, &'static str, Value)> {
    let (name, pod) = (workload::name(at), workload::pod(cluster, at, at));
    let artifact =
        json!({"repository": format!("shop/{name}-app"), "tag": format!("3.{}.1", at % 17)});
    let report = json!({"artifact": artifact, "registry": {"server": "registry.example.com"}, "summary": {"criticalCount": 0}, "updateTimestamp": "2026-03-30T00:00:00Z"});
    let of = |kind: &'static str| {
        let mut body = named(&format!("{name}-{}", kind.to_lowercase()), at);
        body["report"] = report.clone();
        ("aquasecurity.github.io/v1alpha1", kind, body)
    };
    let result = |policy: &str| {
        json!({"source": "kyverno", "policy": policy, "rule": "a", "result": "pass",
            "resources": [{"kind": "Pod", "name": pod["metadata"]["name"]}]})
    };
    let mut policy = named(&name, at);
    policy["results"] = json!([result("check-image-signature"), result("require-labels")]);
    vec![
        of("VulnerabilityReport"),
        of("ExposedSecretReport"),
        of("SbomReport"),
        ("wgpolicyk8s.io/v1alpha2", "PolicyReport", policy),
    ]
}

/// A shell script of so many kilobytes that handles credentials as it should.
fn script(kilobytes: usize) -> String {
    let line = "if [ -z \"$DATABASE_PASSWORD\" ]; then echo 'no password' >&2; exit 1; fi\n";
    line.repeat(kilobytes * 1024 / line.len())
}
