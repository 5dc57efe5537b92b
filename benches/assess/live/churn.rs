//! Changes at a steady pace, as a busy cluster makes them: statuses of pods, and now and then a
//! Deployment that is rolled out, with a pod that goes and one that comes.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use kube::Client;
use kube::client::Body;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use super::bare::client;
use crate::cluster::{Cluster, workload};

/// Every so many changes are a rollout.
const ROLLOUT: usize = 20;
/// Requests under way at once.
const AT_ONCE: usize = 8;

/// Changes under way.
pub struct Churn {
    over: Arc<AtomicBool>,
    made: Arc<AtomicUsize>,
    thread: Option<JoinHandle<anyhow::Result<()>>>,
}

impl Churn {
    /// Begins to change a cluster so many times a second.
    pub fn start(kubeconfig: &Path, cluster: Cluster, rate: f64) -> anyhow::Result<Self> {
        let (over, made) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let client = runtime.block_on(client(kubeconfig, false))?;
        let (stop, count) = (Arc::clone(&over), Arc::clone(&made));
        let pause = Duration::from_secs_f64(1.0 / rate.max(0.01));
        let work = move || runtime.block_on(changes(client, cluster, pause, &stop, &count));
        Ok(Self { over, made, thread: Some(std::thread::spawn(work)) })
    }

    /// Ends it after a while. Gives how many changes were made.
    pub fn stop(mut self, after: Duration) -> usize {
        std::thread::sleep(after);
        self.over.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
        self.made.load(Ordering::Relaxed)
    }
}

impl Drop for Churn {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Relaxed);
    }
}

async fn changes(
    client: Client,
    cluster: Cluster,
    pause: Duration,
    over: &AtomicBool,
    made: &Arc<AtomicUsize>,
) -> anyhow::Result<()> {
    let begin = Instant::now();
    let mut under_way = JoinSet::new();
    for number in 0.. {
        if over.load(Ordering::Relaxed) {
            break;
        }
        let due = begin + pause * number;
        tokio::time::sleep_until(due.into()).await;
        if under_way.len() >= AT_ONCE {
            under_way.join_next().await;
        }
        let (client, made) = (client.clone(), Arc::clone(made));
        under_way.spawn(async move {
            // A change that the server refuses, or is too busy for, is none.
            if change(&client, cluster, number as usize).await.is_ok() {
                made.fetch_add(1, Ordering::Relaxed);
            }
        });
    }
    while under_way.join_next().await.is_some() {}
    Ok(())
}

async fn change(client: &Client, cluster: Cluster, number: usize) -> anyhow::Result<()> {
    if number % ROLLOUT == ROLLOUT - 1 && cluster.templates() > 0 {
        return rollout(client, cluster, number).await;
    }
    let (namespace, name) = cluster.pod_name(number * 37 % cluster.pods());
    let time = jiff::Timestamp::now().to_string();
    let ready = json!({"type": "Ready", "status": "True", "lastTransitionTime": time});
    let path = format!("/api/v1/namespaces/{namespace}/pods/{name}/status");
    patch(client, &path, &json!({"status": {"conditions": [ready]}})).await
}

async fn rollout(client: &Client, cluster: Cluster, number: usize) -> anyhow::Result<()> {
    let template = number * 37 % cluster.templates();
    let (namespace, name) = (cluster.namespace(template), workload::name(template));
    let path = format!("/apis/apps/v1/namespaces/{namespace}/deployments/{name}");
    let annotations = json!({"example.com/restarted": number.to_string()});
    let change = json!({"spec": {"template": {"metadata": {"annotations": annotations}}}});
    patch(client, &path, &change).await?;
    let pods = format!("/api/v1/namespaces/{namespace}/pods");
    let mut pod = workload::pod(&cluster, template, number);
    pod["metadata"] = json!({"name": format!("{name}-rolled-{number}"),
        "labels": pod["metadata"]["labels"], "annotations": pod["metadata"]["annotations"],
        "ownerReferences": pod["metadata"]["ownerReferences"]});
    send(client, "POST", &pods, "application/json", &pod).await?;
    let old =
        format!("{pods}/{name}-rolled-{}", number.saturating_sub(ROLLOUT * cluster.templates()));
    let _ = send(client, "DELETE", &old, "application/json", &json!({})).await;
    Ok(())
}

/// Changes an object as `kubectl patch` does.
pub async fn patch(client: &Client, path: &str, change: &Value) -> anyhow::Result<()> {
    send(client, "PATCH", path, "application/merge-patch+json", change).await
}

async fn send(
    client: &Client,
    method: &str,
    path: &str,
    kind: &str,
    body: &Value,
) -> anyhow::Result<()> {
    let request = http::Request::builder().method(method).uri(path).header("content-type", kind);
    let response = client.send(request.body(Body::from(body.to_string().into_bytes()))?).await?;
    anyhow::ensure!(response.status().is_success(), "{method} {path}: {}", response.status());
    Ok(())
}
