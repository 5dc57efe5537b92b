//! Real API servers for tests: one shared by all, and others of a test's own.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::OnceLock;
use std::time::Duration;

use kube::Client;
use kube::client::Body;
use kube::config::{Config, KubeConfigOptions, Kubeconfig};
use plimsoll::cluster::ConnectOptions;
use plimsoll::cluster::connect::Patience;
use serde_json::{Value, json};

/// What was answered about Secrets stands in the log too: it tells whether bodies were.
const POLICY: &str = "apiVersion: audit.k8s.io/v1\nkind: Policy\nomitStages: [RequestReceived]\n\
                      rules:\n- level: RequestResponse\n  verbs: [get, list, watch]\n  \
                      resources: [{group: '', resources: [secrets]}]\n- level: Metadata\n";

const PREFIX: &str = "plimsoll-api-";

/// A running API server; it stops when this is dropped or the process ends.
pub struct Fixture {
    pub kubeconfig: PathBuf,
    pub url: String,
    pub audit: PathBuf,
    child: Child,
    stdin: Option<ChildStdin>,
    dir: tempfile::TempDir,
    flags: &'static [&'static str],
}

impl Fixture {
    /// The server that the tests of this binary share.
    pub fn shared() -> &'static Self {
        static SHARED: OnceLock<Fixture> = OnceLock::new();
        SHARED.get_or_init(Self::start)
    }

    /// A server of one's own.
    pub fn start() -> Self {
        Self::with(&[])
    }

    /// A server of one's own with these flags, written as kube-apiserver takes them.
    pub fn with(flags: &'static [&'static str]) -> Self {
        sweep();
        // Short: the sockets inside must fit into 100 bytes.
        let dir = tempfile::Builder::new().prefix(PREFIX).tempdir_in("/tmp").unwrap();
        Self::start_in(dir, 0, flags)
    }

    fn start_in(dir: tempfile::TempDir, port: u16, flags: &'static [&'static str]) -> Self {
        let policy = dir.path().join("policy.yaml");
        let audit = dir.path().join("audit.log");
        std::fs::write(&policy, POLICY).unwrap();
        let mut child = Command::new(program())
            .arg("-dir")
            .arg(dir.path().join("state"))
            .args(["-port", &port.to_string()])
            .arg(format!("-extra=--audit-policy-file={}", policy.display()))
            .arg(format!("-extra=--audit-log-path={}", audit.display()))
            .args(flags.iter().map(|flag| format!("-extra={flag}")))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let stdin = child.stdin.take();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let words: Vec<&str> = line.split_whitespace().collect();
        let ["READY", kubeconfig, url] = words[..] else { panic!("the fixture said {line:?}") };
        let (kubeconfig, url) = (kubeconfig.into(), url.to_owned());
        Self { kubeconfig, url, audit, child, stdin, dir, flags }
    }

    /// Stops it, waits `pause` and starts it again on the same port with the same state.
    pub fn restart(mut self, pause: impl FnOnce()) -> Self {
        let port = self.url.rsplit(':').next().unwrap().trim_end_matches('/').parse().unwrap();
        let empty = tempfile::tempdir().unwrap();
        let dir = std::mem::replace(&mut self.dir, empty);
        let flags = self.flags;
        drop(self);
        pause();
        Self::start_in(dir, port, flags)
    }

    /// The folder that holds all that the server knows, and its certificates.
    pub fn state(&self) -> PathBuf {
        self.dir.path().join("state")
    }

    /// A client of the administrator, for preparing what tests look at.
    pub async fn admin(&self) -> Admin {
        let config = Kubeconfig::read_from(&self.kubeconfig).unwrap();
        let asked = KubeConfigOptions::default();
        let config = Config::from_custom_kubeconfig(config, &asked).await.unwrap();
        Admin(Client::try_from(config).unwrap())
    }

    /// How the live source connects, as the administrator.
    pub fn options(&self) -> ConnectOptions {
        let patience = Patience { longest: Duration::from_secs(1), ..Patience::default() };
        ConnectOptions {
            kubeconfig: Some(self.kubeconfig.clone()),
            patience,
            ..ConnectOptions::default()
        }
    }

    /// The kubeconfig, changed, in a file of its own.
    pub fn changed(&self, name: &str, change: impl FnOnce(&mut Value)) -> PathBuf {
        let config = Kubeconfig::read_from(&self.kubeconfig).unwrap();
        let mut value = serde_json::to_value(config).unwrap();
        change(&mut value);
        let path = self.dir.path().join(name);
        std::fs::write(&path, value.to_string()).unwrap();
        path
    }
}

impl Drop for Fixture {
    fn drop(&mut self) {
        drop(self.stdin.take());
        // Ends by itself now; only then is its port free.
        let _ = self.child.wait();
    }
}

/// Removes what earlier runs left: the shared server ends with the process, its folder stays.
fn sweep() {
    let old = Duration::from_secs(3600);
    for entry in std::fs::read_dir("/tmp").unwrap().flatten() {
        let ours = entry.file_name().to_string_lossy().starts_with(PREFIX);
        let age = entry.metadata().and_then(|data| data.modified()).map(|time| time.elapsed());
        if ours && age.is_ok_and(|age| age.is_ok_and(|age| age > old)) {
            // Another run may be sweeping too.
            let _ = std::fs::remove_dir_all(entry.path());
        }
    }
}

/// `$PLIMSOLL_FIXTURE`, or what `tests/fixture.sh` prints.
pub fn program() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| {
        if let Some(path) = std::env::var_os("PLIMSOLL_FIXTURE") {
            return path.into();
        }
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixture.sh");
        let done = Command::new(&script).stderr(Stdio::inherit()).output().unwrap();
        assert!(done.status.success(), "{} failed", script.display());
        String::from_utf8(done.stdout).unwrap().trim().into()
    })
}

/// Writes to the cluster, which the live source never does.
pub struct Admin(Client);

impl Admin {
    async fn send(&self, method: &str, path: &str, kind: &str, body: &Value) -> Value {
        let (status, text) = self.answer(method, path, kind, body.to_string()).await;
        assert!(status.is_success(), "{method} {path}: {text}");
        serde_json::from_str(&text).unwrap()
    }

    /// Status and body of the answer to a request.
    pub async fn answer(
        &self,
        method: &str,
        path: &str,
        kind: &str,
        body: String,
    ) -> (http::StatusCode, String) {
        let request = http::Request::builder()
            .method(method)
            .uri(path)
            .header("content-type", kind)
            .body(body.into_bytes())
            .unwrap();
        let response = self.0.send(request.map(Body::from)).await.unwrap();
        let status = response.status();
        let bytes = response.into_body().collect_bytes().await.unwrap();
        (status, String::from_utf8_lossy(&bytes).into_owned())
    }

    /// Passes a GET on; the answer comes as the server sends it.
    pub async fn pass(&self, uri: &str, accept: &str) -> kube::Result<http::Response<Body>> {
        let request = http::Request::get(uri).header("accept", accept).body(Body::empty());
        self.0.send(request.unwrap()).await
    }

    /// Creates an object and returns it as the server made it.
    pub async fn create(&self, path: &str, body: &Value) -> Value {
        self.send("POST", path, "application/json", body).await
    }

    pub async fn patch(&self, path: &str, body: &Value) {
        self.send("PATCH", path, "application/merge-patch+json", body).await;
    }

    pub async fn delete(&self, path: &str) {
        self.send("DELETE", path, "application/json", &json!({})).await;
    }

    pub async fn get(&self, path: &str) -> Value {
        let bytes = self.0.request_text(http::Request::get(path).body(Vec::new()).unwrap()).await;
        serde_json::from_str(&bytes.unwrap()).unwrap()
    }

    /// Whether the server answers for that path.
    pub async fn found(&self, path: &str) -> bool {
        let request = http::Request::get(path).body(Vec::new()).unwrap();
        match self.0.request_text(request).await {
            Ok(_) => true,
            Err(kube::Error::Api(status)) if status.code == 404 => false,
            Err(error) => panic!("{path}: {error}"),
        }
    }

    pub async fn namespace(&self, name: &str) {
        let body = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}});
        self.create("/api/v1/namespaces", &body).await;
    }

    pub async fn config_map(&self, namespace: &str, name: &str) {
        let body = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name,
            "annotations": {"kubectl.kubernetes.io/last-applied-configuration": "{}"}},
            "data": {"k": "v"}});
        self.create(&format!("/api/v1/namespaces/{namespace}/configmaps"), &body).await;
    }

    pub async fn deployment(&self, namespace: &str, name: &str) {
        let body = json!({"apiVersion": "apps/v1", "kind": "Deployment",
            "metadata": {"name": name}, "spec": {"replicas": 1,
            "selector": {"matchLabels": {"app": name}}, "template": {
                "metadata": {"labels": {"app": name}},
                "spec": {"containers": [{"name": "c", "image": "registry.invalid/a:1"}]}}}});
        self.create(&format!("/apis/apps/v1/namespaces/{namespace}/deployments"), &body).await;
    }

    pub async fn role(&self, name: &str, resources: &[(&str, &str)]) {
        let rules: Vec<Value> = resources
            .iter()
            .map(|(group, plural)| {
                json!({"apiGroups": [group], "resources": [plural],
                    "verbs": ["get", "list", "watch"]})
            })
            .collect();
        let body = json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole",
            "metadata": {"name": name}, "rules": rules});
        self.create("/apis/rbac.authorization.k8s.io/v1/clusterroles", &body).await;
    }

    /// Binds a cluster role to a user, in a namespace or everywhere.
    pub async fn bind(&self, role: &str, user: &str, namespace: Option<&str>) {
        let root = "/apis/rbac.authorization.k8s.io/v1";
        let (kind, path) = match namespace {
            Some(ns) => ("RoleBinding", format!("{root}/namespaces/{ns}/rolebindings")),
            None => ("ClusterRoleBinding", format!("{root}/clusterrolebindings")),
        };
        let body = json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": kind,
            "metadata": {"name": format!("{user}-{role}")},
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole",
                "name": role},
            "subjects": [{"apiGroup": "rbac.authorization.k8s.io", "kind": "User",
                "name": user}]});
        self.create(&path, &body).await;
    }
}
