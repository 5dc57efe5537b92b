//! A small cluster that answers over HTTP: discovery, and the lists of what it is given. One thread
//! for each connection, no runtime.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

/// Group, version, plural, kind, and whether it is of a namespace.
pub type Served = (&'static str, &'static str, &'static str, &'static str, bool);

/// Everything that is served.
pub const SERVED: [Served; 8] = [
    ("", "v1", "namespaces", "Namespace", false),
    ("", "v1", "nodes", "Node", false),
    ("", "v1", "pods", "Pod", true),
    ("", "v1", "services", "Service", true),
    ("", "v1", "serviceaccounts", "ServiceAccount", true),
    ("apps", "v1", "deployments", "Deployment", true),
    ("networking.k8s.io", "v1", "networkpolicies", "NetworkPolicy", true),
    ("rbac.authorization.k8s.io", "v1", "rolebindings", "RoleBinding", true),
];

/// A cluster, gone when this is dropped only with the process.
pub struct Cluster {
    /// Where it answers.
    pub server: String,
}

/// What a cluster is made of.
#[derive(Clone, Default)]
pub struct Made {
    /// `v1.35.1`.
    pub version: &'static str,
    /// Objects by the plural of their kind.
    pub objects: BTreeMap<&'static str, Vec<Value>>,
    /// Plurals that may not be listed.
    pub forbidden: Vec<&'static str>,
    /// Every answer waits so long.
    pub slow: Duration,
}

impl Made {
    /// Of this version, with the namespaces kube-system and pay.
    pub fn new(version: &'static str) -> Self {
        let named =
            |name: &str| json!({"metadata": {"name": name, "uid": format!("{version}-{name}")}});
        let namespaces = vec![named("kube-system"), named("pay")];
        Self { version, objects: BTreeMap::from([("namespaces", namespaces)]), ..Self::default() }
    }

    /// With a Deployment of one container, privileged or not.
    pub fn deployment(mut self, name: &str, privileged: bool) -> Self {
        let object = json!({
            "metadata": {"name": name, "namespace": "pay", "uid": name},
            "spec": {"replicas": 1, "selector": {"matchLabels": {"app": name}}, "template": {
                "metadata": {"labels": {"app": name}},
                "spec": {"containers": [{"name": "app", "image": "registry.example.com/web:1.4.2",
                    "securityContext": {"privileged": privileged}}]},
            }},
        });
        self.objects.entry("deployments").or_default().push(object);
        self
    }

    /// Where this may not be listed.
    pub fn without(mut self, plural: &'static str) -> Self {
        self.forbidden.push(plural);
        self
    }

    /// Begins to answer.
    pub fn start(self) -> Cluster {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let server = format!("http://{}", listener.local_addr().unwrap());
        let made = Arc::new(self);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let made = Arc::clone(&made);
                std::thread::spawn(move || made.serve(stream));
            }
        });
        Cluster { server }
    }

    fn serve(&self, stream: TcpStream) {
        let mut write = stream.try_clone().unwrap();
        let mut lines = BufReader::new(stream).lines();
        loop {
            let Some(Ok(first)) = lines.next() else { return };
            // The rest of the head; these requests have no body.
            while lines.next().is_some_and(|line| line.is_ok_and(|line| !line.is_empty())) {}
            let target = first.split(' ').nth(1).unwrap_or("/").to_owned();
            std::thread::sleep(self.slow);
            let (path, query) = target.split_once('?').unwrap_or((&target, ""));
            if query.contains("watch=") {
                let head = "HTTP/1.1 200 X\r\ntransfer-encoding: chunked\r\n\r\n";
                let _ = write.write_all(head.as_bytes());
                // Open, and nothing changes, until the client hangs up.
                while lines.next().is_some_and(|line| line.is_ok()) {}
                return;
            }
            let (status, body) = self.answer(path);
            let body = body.to_string();
            let head = format!(
                "HTTP/1.1 {status} X\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
                body.len()
            );
            if write.write_all((head + &body).as_bytes()).is_err() {
                return;
            }
        }
    }

    fn answer(&self, path: &str) -> (u16, Value) {
        let failure = |code: u16, text: &str| {
            (code, json!({"kind": "Status", "status": "Failure", "code": code, "message": text}))
        };
        match path {
            "/version" => {
                let minor = self.version.split('.').nth(1).unwrap_or_default();
                (200, json!({"gitVersion": self.version, "major": "1", "minor": minor}))
            }
            "/api" => (200, discovery(str::is_empty)),
            "/apis" => (200, discovery(|group| !group.is_empty())),
            _ => {
                let plural = path.rsplit('/').next().unwrap_or_default();
                let Some((group, version, _, kind, _)) = SERVED.iter().find(|s| s.2 == plural)
                else {
                    return failure(404, "not found");
                };
                if self.forbidden.contains(&plural) {
                    return failure(403, &format!("{plural} is forbidden"));
                }
                let api = if group.is_empty() {
                    (*version).to_owned()
                } else {
                    format!("{group}/{version}")
                };
                let items = self.objects.get(plural).cloned().unwrap_or_default();
                (
                    200,
                    json!({"kind": format!("{kind}List"), "apiVersion": api,
                    "metadata": {"resourceVersion": "5"}, "items": items}),
                )
            }
        }
    }
}

fn discovery(wanted: impl Fn(&str) -> bool) -> Value {
    let mut groups: BTreeMap<&str, Vec<Value>> = BTreeMap::new();
    for (group, _, plural, kind, namespaced) in SERVED.iter().filter(|s| wanted(s.0)) {
        let scope = if *namespaced { "Namespaced" } else { "Cluster" };
        groups.entry(group).or_default().push(json!({"resource": plural,
            "responseKind": {"kind": kind}, "scope": scope, "verbs": ["get", "list", "watch"]}));
    }
    let items: Vec<Value> = groups
        .into_iter()
        .map(|(group, resources)| {
            json!({"metadata": {"name": group}, "versions": [{"version": "v1", "resources": resources}]})
        })
        .collect();
    json!({"kind": "APIGroupDiscoveryList", "items": items})
}

/// A kubeconfig with a context for each server; `user` is that of all of them.
pub fn kubeconfig(contexts: &[(&str, &str)], user: &str) -> String {
    let mut text = "apiVersion: v1\nkind: Config\nclusters:\n".to_owned();
    for (name, server) in contexts {
        text += &format!("- name: c-{name}\n  cluster: {{server: \"{server}\"}}\n");
    }
    text += &format!("users:\n- name: u\n  user: {user}\ncontexts:\n");
    for (name, _) in contexts {
        text += &format!("- name: {name}\n  context: {{cluster: c-{name}, user: u}}\n");
    }
    text
}
