//! The sheets: one TOML file per namespace that says what runs there, in shorthand.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::model::node::Node;

/// One namespace and what is in it.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct Sheet {
    /// Its name.
    pub(crate) namespace: String,
    /// Days since it was made.
    pub(crate) age: i64,
    /// Labels beside `kubernetes.io/metadata.name`.
    #[serde(default)]
    pub(crate) labels: BTreeMap<String, String>,
    /// Its annotations.
    #[serde(default)]
    pub(crate) annotations: BTreeMap<String, String>,
    /// What its workloads have in common.
    #[serde(default)]
    pub(crate) defaults: Defaults,
    /// Service accounts that are more than a name.
    #[serde(default)]
    pub(crate) account: Vec<Account>,
    /// `ConfigMap`s that are referred to and do not exist.
    #[serde(default)]
    pub(crate) absent: Vec<String>,
    /// Its workloads.
    #[serde(default)]
    pub(crate) workload: Vec<Workload>,
    /// Any other object, written out.
    #[serde(default)]
    pub(crate) object: Vec<Loose>,
}

/// What the workloads of a namespace have in common.
#[derive(Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub(crate) struct Defaults {
    /// Name of the hardening style of `styles.toml`.
    pub(crate) style: String,
    /// Old workloads carry only the label `app`, and no mark of a deployment tool.
    pub(crate) old_labels: bool,
    /// `own` gives each workload an account of its name; empty is `default`.
    pub(crate) account: String,
    /// Whether accounts mount tokens.
    pub(crate) automount: Option<bool>,
    /// Put before image names that have no slash.
    pub(crate) registry: String,
    /// Label `team` of everything.
    pub(crate) team: String,
    /// Requests and limits that a `LimitRange` gives at admission, as in [`Container::res`].
    pub(crate) limits: String,
}

/// A service account.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct Account {
    /// Its name.
    pub(crate) name: String,
    /// Whether it mounts tokens.
    pub(crate) automount: Option<bool>,
    /// Its annotations.
    #[serde(default)]
    pub(crate) annotations: BTreeMap<String, String>,
}

/// One container, in shorthand.
#[derive(Clone, Default, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
pub(crate) struct Container {
    /// Name; that of the workload if empty.
    #[serde(rename = "container")]
    pub(crate) called: String,
    /// Image; `@` at the end pins it by digest.
    pub(crate) image: String,
    /// `NAME:PORT`, `NAME:PORT/UDP`, `NAME:PORT:HOSTPORT`.
    pub(crate) ports: Vec<String>,
    /// `NAME=value`, `NAME=@secret/key`, `NAME=#configmap/key`, `NAME=^field.path`.
    pub(crate) env: Vec<String>,
    /// `secret:NAME` or `config:NAME`.
    pub(crate) env_from: Vec<String>,
    /// The entry point.
    pub(crate) command: Vec<String>,
    /// Its arguments.
    pub(crate) args: Vec<String>,
    /// `CPU[/LIMIT] MEMORY[/LIMIT] [EPHEMERAL]`, `-` for none.
    pub(crate) res: String,
    /// `http:/path:PORT`, `https:/path:PORT`, `tcp:PORT`, `exec:command`.
    pub(crate) probe: String,
    /// Volumes and where they are mounted, see `shorthand::mount`.
    pub(crate) mounts: Vec<String>,
    /// Style that differs from the workload's.
    pub(crate) style: String,
    /// Laid over the container at last.
    pub(crate) with: Node,
}

/// One workload, in shorthand; its first container stands in it.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct Workload {
    /// Its name.
    pub(crate) name: String,
    /// Its kind, `Deployment` unless said.
    #[serde(default = "deployment")]
    pub(crate) kind: String,
    /// Pods wanted.
    #[serde(default = "one")]
    pub(crate) replicas: i64,
    /// Days since it was made; drawn when 0.
    #[serde(default)]
    pub(crate) age: i64,
    /// The first container.
    #[serde(flatten)]
    pub(crate) main: Container,
    /// Further containers.
    #[serde(default)]
    pub(crate) sidecars: Vec<Container>,
    /// Init containers.
    #[serde(default)]
    pub(crate) init: Vec<Container>,
    /// Service account: `own`, a name, or the sheet's default when empty.
    #[serde(default)]
    pub(crate) account: String,
    /// Further labels of the pods.
    #[serde(default)]
    pub(crate) labels: BTreeMap<String, String>,
    /// Annotations of the pods.
    #[serde(default)]
    pub(crate) annotations: BTreeMap<String, String>,
    /// Laid over the pod spec.
    #[serde(default)]
    pub(crate) pod: Node,
    /// Service type: `ClusterIP` when there are ports, `None` for a headless one, `-` for none.
    #[serde(default)]
    pub(crate) service: String,
    /// Laid over the Service.
    #[serde(default)]
    pub(crate) service_with: Node,
    /// `SIZE:/path`: a volume claim template named `data`.
    #[serde(default)]
    pub(crate) claim: String,
    /// When a `CronJob` runs.
    #[serde(default)]
    pub(crate) schedule: String,
    /// Finished Jobs of a `CronJob` that are still there.
    #[serde(default)]
    pub(crate) runs: i64,
    /// Revision of a Deployment; earlier ones leave an empty `ReplicaSet` each, at most two.
    #[serde(default = "one")]
    pub(crate) revision: i64,
    /// Pods that still run the revision before, with this image.
    #[serde(default)]
    pub(crate) stale: Option<Stale>,
    /// Where the live pods differ from the template.
    #[serde(default)]
    pub(crate) live: Option<Live>,
    /// `crash`, `pending`, `failed` or `done` for the last pod, empty for a healthy one.
    #[serde(default)]
    pub(crate) state: String,
    /// A custom object that keeps it: `APIVERSION KIND NAME`.
    #[serde(default)]
    pub(crate) owner: String,
    /// Nodes of a `DaemonSet`: `all` unless `workers`.
    #[serde(default)]
    pub(crate) nodes: String,
}

/// Pods of a revision that is no longer current.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Stale {
    /// The image of then.
    pub(crate) image: String,
    /// How many of the pods.
    pub(crate) pods: i64,
}

/// What admission or a person changed in live pods.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Live {
    /// How many of the pods; the first ones.
    pub(crate) pods: i64,
    /// Laid over their spec.
    pub(crate) spec: Node,
    /// Further annotations.
    #[serde(default)]
    pub(crate) annotations: BTreeMap<String, String>,
}

/// An object that is written out. Namespaced kinds lie in the sheet's namespace.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct Loose {
    /// A built-in kind.
    pub(crate) kind: String,
    /// Its name.
    pub(crate) name: String,
    /// Its labels.
    #[serde(default)]
    pub(crate) labels: BTreeMap<String, String>,
    /// Its annotations.
    #[serde(default)]
    pub(crate) annotations: BTreeMap<String, String>,
    /// The rest of the object.
    #[serde(flatten)]
    pub(crate) body: BTreeMap<String, Node>,
}

/// How hardened a workload was written.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Style {
    /// Laid over the pod spec.
    pub(crate) pod: Node,
    /// Laid over each container.
    pub(crate) container: Node,
}

/// The styles by name.
pub(crate) type Styles = BTreeMap<String, Style>;

fn deployment() -> String {
    "Deployment".to_owned()
}

fn one() -> i64 {
    1
}

impl Workload {
    /// The name of the account that its pods run as.
    pub(crate) fn account<'a>(&'a self, sheet: &'a Sheet) -> &'a str {
        let chosen = if self.account.is_empty() { &sheet.defaults.account } else { &self.account };
        match chosen.as_str() {
            "" => "default",
            "own" => &self.name,
            name => name,
        }
    }

    /// The name of one of its containers.
    pub(crate) fn container_name<'a>(&'a self, container: &'a Container) -> &'a str {
        if container.called.is_empty() { &self.name } else { &container.called }
    }

    /// Every container, init containers last.
    pub(crate) fn containers(&self) -> impl Iterator<Item = &Container> {
        std::iter::once(&self.main).chain(&self.sidecars).chain(&self.init)
    }
}

impl Sheet {
    /// Whether an account mounts tokens, none where it does not say.
    pub(crate) fn automount(&self, account: &str) -> Option<bool> {
        let own = self.account.iter().find(|a| a.name == account).and_then(|a| a.automount);
        own.or(self.defaults.automount)
    }
}

/// The texts of the sheets, in the order in which they are read.
pub(crate) const SHEETS: &[&str] = &[
    include_str!("sheets/kube-system.toml"),
    include_str!("sheets/kube-public.toml"),
    include_str!("sheets/kube-node-lease.toml"),
    include_str!("sheets/default.toml"),
    include_str!("sheets/monitoring.toml"),
    include_str!("sheets/ingress.toml"),
    include_str!("sheets/cert-manager.toml"),
    include_str!("sheets/pay.toml"),
    include_str!("sheets/shop.toml"),
    include_str!("sheets/web.toml"),
    include_str!("sheets/data.toml"),
    include_str!("sheets/ci.toml"),
    include_str!("sheets/legacy.toml"),
    include_str!("sheets/batch.toml"),
];

/// The text of the styles.
pub(crate) const STYLES: &str = include_str!("styles.toml");

/// Reads one embedded text.
pub(crate) fn read<T: serde::de::DeserializeOwned>(text: &str) -> T {
    toml::from_str(text).expect("the texts are part of the program, and a test reads each of them")
}
