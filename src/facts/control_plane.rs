//! The instances of control-plane components that can be seen, each with its flags: static pods,
//! what `/flagz` says, and the arguments that k3s and RKE2 write into a node's annotation.

mod defaults;
mod doubt;
mod environment;
mod flags;
mod reading;
mod words;

use std::collections::{BTreeSet, HashMap};

use super::kind::{CONFIG_MAP, NODE, POD};
use super::nodes::is_control_plane;
use super::unknown::{Answer, Draft, Fact, Reads, open_question};
use crate::model::inventory::{Inventory, SourceKind};
use crate::model::kinds::{flagz, kubelet_configuration};
use crate::model::node::{Map, Node};
use crate::model::object::{Object, ObjectRef};
use crate::model::path::FieldPath;
use crate::model::read::{Missing, ReadStatus};
use flags::{Flag, Flags};

pub use doubt::Doubt;
pub(crate) use flags::argument_flag;
pub use flags::{CommandFlag, command_flag};

/// The components whose flags are judged.
pub const COMPONENTS: [&str; 4] =
    ["kube-apiserver", "kube-controller-manager", "kube-scheduler", "etcd"];

/// Annotations of a node in which k3s and RKE2 keep the arguments of their server.
const NODE_ARGS: [&str; 2] = ["k3s.io/node-args", "rke2.io/node-args"];

/// What showed an instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Evidence {
    /// A static pod: its command and arguments are all there is.
    Pod,
    /// `/flagz`: every flag with its final value, of one replica.
    Flagz,
    /// A node's annotation: what is named there is set, what is not is unknown.
    NodeArgs,
}

impl Evidence {
    fn word(self) -> &'static str {
        match self {
            Self::Pod => "pod",
            Self::Flagz => "flagz",
            Self::NodeArgs => "node-args",
        }
    }
}

/// One instance of a component.
#[derive(Debug, PartialEq)]
pub struct Instance {
    /// `kube-apiserver`, …
    pub name: &'static str,
    /// The node it runs on; none for `/flagz`, which answers for whichever replica was asked.
    pub node: Option<Box<str>>,
    evidence: Evidence,
    flags: Vec<Flag>,
    /// Where a flag that is missing would stand.
    absent: FieldPath,
    /// The rule's variable `component`.
    tree: Node,
    effective: Node,
    /// What its own command line and environment leave open.
    doubts: Vec<Doubt>,
    /// The same of the API server that its rules see beside it.
    beside: Vec<Doubt>,
}

impl Instance {
    /// The rule's variable `component`.
    #[must_use]
    pub fn tree(&self) -> &Node {
        &self.tree
    }

    /// What its command line leaves open, and what that of the API server beside it does.
    #[must_use]
    pub fn doubts(&self) -> (&[Doubt], &[Doubt]) {
        (&self.doubts, &self.beside)
    }

    /// That a check cannot be decided for such a doubt.
    #[must_use]
    pub fn open(&self, doubt: &Doubt) -> Missing {
        open_question(self.name, None, doubt.reason().to_owned())
    }

    /// Where a flag stands in the object, or would stand.
    #[must_use]
    pub fn place(&self, flag: Option<&str>) -> &FieldPath {
        let set = flag.and_then(|name| self.flags.iter().find(|f| &*f.name == name));
        set.map_or(&self.absent, |flag| &flag.path)
    }

    /// A flag's value as it was given.
    #[must_use]
    pub fn value(&self, flag: &str) -> Option<&str> {
        self.flags.iter().find(|f| &*f.name == flag).map(|f| &*f.value)
    }

    /// What findings are told apart by: the component and its node, not the pod, whose name and
    /// uid change with every restart.
    #[must_use]
    pub fn identity(&self) -> ObjectRef {
        let name = match &self.node {
            Some(node) => format!("{}@{node}", self.name).into_boxed_str(),
            None => self.name.into(),
        };
        let (api_version, kind) = ("v1".into(), "Component".into());
        ObjectRef { api_version, kind, namespace: None, name }
    }
}

/// All instances of an inventory, by the object that shows them.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct ControlPlane {
    by_object: HashMap<ObjectRef, Vec<Instance>>,
    template: Option<(ObjectRef, Node)>,
}

impl ControlPlane {
    pub(crate) fn of(inventory: &Inventory) -> Self {
        let files = inventory.source.kind == SourceKind::Files;
        let minor = inventory.source.minor();
        let mut found: Vec<(ObjectRef, Instance)> = Vec::new();
        for pod in inventory.of(&POD) {
            if let Some(flags) = flags::of_pod(pod, files) {
                let node = pod.body().str_at(&["spec", "nodeName"]).map(Into::into);
                found.push((pod.id.clone(), instance(flags, node, Evidence::Pod, minor)));
            }
        }
        let seen = |found: &[(ObjectRef, Instance)], name: &str| {
            found.iter().any(|(_, instance)| instance.name == name)
        };
        for answer in inventory.of(&flagz()) {
            if let Some(flags) = flags::of_flagz(answer)
                && !seen(&found, flags.name)
            {
                found.push((answer.id.clone(), instance(flags, None, Evidence::Flagz, minor)));
            }
        }
        for node in inventory.of(&NODE) {
            for flags in NODE_ARGS.into_iter().flat_map(|key| flags::of_node(node, key)) {
                if !found.iter().any(|(_, i)| i.name == flags.name && i.evidence == Evidence::Pod) {
                    let name = Some(node.id.name.clone());
                    found.push((node.id.clone(), instance(flags, name, Evidence::NodeArgs, minor)));
                }
            }
        }
        let apiserver = found.iter().find(|(_, i)| i.name == "kube-apiserver");
        let apiserver = apiserver.map(|(_, i)| ("apiserver", i.tree.clone(), i.doubts.clone()));
        let mut by_object: HashMap<ObjectRef, Vec<Instance>> = HashMap::new();
        for (id, mut instance) in found {
            if let (Some((key, tree, doubts)), true) =
                (&apiserver, instance.name != "kube-apiserver")
            {
                instance.beside.clone_from(doubts);
                let own = instance.tree.as_map().into_iter().flat_map(Map::iter);
                let own = own.map(|(k, v)| (k, v.clone()));
                instance.tree = Node::map(own.chain([(*key, tree.clone())]));
            }
            by_object.entry(id).or_default().push(instance);
        }
        Self { by_object, template: template(inventory) }
    }

    /// Objects that show other instances, or another template, than they do elsewhere.
    pub(crate) fn differing(&self, other: &Self) -> BTreeSet<ObjectRef> {
        let ids = self.by_object.keys().chain(other.by_object.keys());
        let mut found: BTreeSet<ObjectRef> =
            ids.filter(|id| self.by_object.get(id) != other.by_object.get(id)).cloned().collect();
        if self.template != other.template {
            let templates = self.template.iter().chain(&other.template);
            found.extend(templates.map(|(id, _)| id.clone()));
        }
        found
    }

    /// The instances that an object shows.
    pub(crate) fn shown_by(&self, object: &Object) -> &[Instance] {
        self.by_object.get(&object.id).map_or(&[], Vec::as_slice)
    }

    /// The kubelet configuration that nodes are given when they join, where no running one is
    /// known and this object holds it.
    pub(crate) fn template(&self, object: &Object) -> Option<&Node> {
        self.template.as_ref().filter(|(id, _)| *id == object.id).map(|(_, config)| config)
    }

    fn instances(&self, name: &str) -> impl Iterator<Item = &Instance> {
        self.by_object.values().flatten().filter(move |instance| instance.name == name)
    }

    /// Why instances of a component may be out of sight.
    pub(crate) fn unseen(
        &self,
        inventory: &Inventory,
        reads: &Reads,
        provider: Option<&str>,
        name: &str,
    ) -> Vec<Missing> {
        let missing = |status, reason: String| Missing {
            read: name.to_owned(),
            namespace: None,
            status,
            reason,
        };
        let seen: Vec<&Instance> = self.instances(name).collect();
        if inventory.source.kind == SourceKind::Files && !inventory.source.closed_world {
            let reason = if seen.is_empty() {
                format!("the files show no static pod of {name}")
            } else {
                format!("the files may not show every instance of {name}")
            };
            return vec![missing(ReadStatus::NotAsked, reason)];
        }
        if seen.is_empty() {
            if let Some(provider) = provider.filter(|p| matches!(*p, "eks" | "aks" | "gke")) {
                let reason = format!("{name} is run by the provider ({provider}) and hidden");
                return vec![missing(ReadStatus::Hidden, reason)];
            }
            if let Err(unread) = reads.list(&POD, Some("kube-system")) {
                return vec![unread];
            }
            let also = if name == "kube-apiserver" { ", and /flagz does not answer" } else { "" };
            let reason = format!("no static pod shows {name}{also}");
            return vec![missing(ReadStatus::Hidden, reason)];
        }
        if seen.iter().all(|i| i.evidence == Evidence::Flagz) {
            let reason = format!("/flagz answers for one replica of {name} only");
            let alone = inventory.source.closed_world;
            return if alone { Vec::new() } else { vec![missing(ReadStatus::Partial, reason)] };
        }
        let mut gaps: Vec<Missing> =
            reads.list(&POD, Some("kube-system")).err().into_iter().collect();
        for node in inventory.of(&NODE).iter().filter(|node| is_control_plane(node)) {
            let here = seen.iter().any(|i| i.node.as_deref() == Some(&*node.id.name));
            let external = name == "etcd" && self.etcd_is_elsewhere(node);
            if !here && !external {
                let reason = format!("no {name} was seen on node {}", node.id.name);
                gaps.push(missing(ReadStatus::Partial, reason));
            }
        }
        gaps
    }

    /// A node whose API server talks to an etcd on other machines needs none of its own.
    fn etcd_is_elsewhere(&self, node: &Object) -> bool {
        let local = |servers: &str| servers.contains("127.0.0.1") || servers.contains("localhost");
        self.instances("kube-apiserver").any(|instance| {
            instance.node.as_deref() == Some(&*node.id.name)
                && instance.value("etcd-servers").is_some_and(|servers| !local(servers))
        })
    }

    /// `facts.flags` of one instance, or of the cluster: the flags of every API server.
    pub(crate) fn fact(
        &self,
        inventory: &Inventory,
        reads: &Reads,
        provider: Option<&str>,
        instance: Option<&Instance>,
    ) -> Fact {
        let mut draft = Draft::default();
        if let Some(minor) = inventory.source.minor() {
            draft.set("minor", Node::Int(i64::from(minor)));
        }
        if let Some(instance) = instance {
            // A flag that is left open has no default.
            let open = instance.doubts.first().map(|doubt| instance.open(doubt));
            draft.put("effective", open.map_or_else(|| Ok(instance.effective.clone()), Err));
            return draft.finish();
        }
        let servers: Vec<Node> = self.instances("kube-apiserver").map(|i| i.tree.clone()).collect();
        let unseen = self.unseen(inventory, reads, provider, "kube-apiserver").into_iter().next();
        let partial = self.instances("kube-apiserver").any(|i| i.evidence == Evidence::NodeArgs);
        let open = self.instances("kube-apiserver").find_map(|i| Some(i.open(i.doubts.first()?)));
        let known: Answer<Node> = match unseen.or(open) {
            Some(missing) => Err(missing),
            None if partial => Err(open_question(
                "kube-apiserver",
                None,
                "the node's annotation does not show every flag of kube-apiserver".to_owned(),
            )),
            None => Ok(Node::list(servers.clone())),
        };
        draft.set("seen", Node::list(servers));
        draft.put("apiservers", known);
        draft.finish()
    }
}

fn instance(
    found: Flags,
    node: Option<Box<str>>,
    evidence: Evidence,
    minor: Option<u32>,
) -> Instance {
    let Flags { name, given: flags, absent, files, doubts } = found;
    let pairs = |flags: &[Flag]| -> Vec<(Box<str>, Node)> {
        flags.iter().map(|f| (f.name.clone(), Node::str(&f.value))).collect()
    };
    let map = |pairs: Vec<(Box<str>, Node)>| {
        Node::map(pairs.iter().map(|(name, value)| (&**name, value.clone())))
    };
    let set = pairs(&flags);
    let mut effective = set.clone();
    if evidence != Evidence::NodeArgs {
        let absent =
            defaults::of(name, minor).filter(|(flag, _)| !set.iter().any(|(n, _)| &**n == *flag));
        effective.extend(absent.map(|(flag, value)| (flag.into(), Node::str(value))));
    }
    let tree = Node::map([
        ("name", Node::str(name)),
        ("node", node.as_deref().map_or(Node::Null, Node::str)),
        ("source", Node::str(evidence.word())),
        ("complete", Node::Bool(evidence != Evidence::NodeArgs)),
        ("flags", map(set)),
        ("files", files),
    ]);
    let effective = map(effective);
    let beside = Vec::new();
    Instance { name, node, evidence, flags, absent, tree, effective, doubts, beside }
}

/// The kubeadm template of kubelet configurations: intent at the time a node joins, not what
/// runs. It is looked at only where no running configuration is known.
fn template(inventory: &Inventory) -> Option<(ObjectRef, Node)> {
    if !inventory.of(&kubelet_configuration()).is_empty() {
        return None;
    }
    let maps = inventory.in_namespace(&CONFIG_MAP, "kube-system");
    let map = maps.iter().find(|map| map.id.name.starts_with("kubelet-config"))?;
    let text = map.body().str_at(&["data", "kubelet"])?;
    let config = crate::text::locate::documents(text).into_iter().next()?.node.ok()?;
    config.as_map().is_some().then(|| (map.id.clone(), config))
}

#[cfg(test)]
mod tests;
