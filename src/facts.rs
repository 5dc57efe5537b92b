//! Facts: what several objects say together. Rights reach, network cover, owner chains, tokens,
//! the platform. Computed when asked for, remembered per inventory, and unknown rather than
//! guessed when a read that they rest on is missing.

mod cni;
mod control_plane;
mod kind;
mod mesh;
mod name;
mod netpol;
mod nodes;
mod owner;
pub mod platform;
mod provider;
pub mod psa;
mod psa_labels;
pub mod rbac;
mod refs;
mod selector;
#[cfg(test)]
mod testing;
mod token;
mod unknown;
mod workload;

use std::sync::{Arc, OnceLock};

use crate::model::inventory::Inventory;
use crate::model::kinds::{Kind, kubelet_configuration};
use crate::model::node::Node;
use crate::model::object::{Object, ObjectRef};
use crate::model::read::{Missing, ReadStatus};
use cni::Cni;
use control_plane::ControlPlane;
use mesh::Mesh;
use netpol::{Addresses, Netpol};
use nodes::Nodes;
use owner::Revisions;
use provider::Platform;
use rbac::Rbac;
use refs::Users;
use unknown::{Draft, Reads, open_question};
use workload::Workload;

pub use control_plane::{COMPONENTS, Instance};
pub use name::FactName;
pub(crate) use nodes::is_control_plane;
pub use owner::Standing;
pub use unknown::Fact;

/// Newest Pod Security policy minor that is known: 37 is v1.37.
pub const NEWEST_POLICY_MINOR: u32 = 37;

/// What the user fixed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// Pod Security policy version to judge by, as its minor; none for the server's own.
    pub policy_minor: Option<u32>,
}

/// What a fact is asked about.
#[derive(Clone, Copy, Debug)]
pub enum Target<'a> {
    /// An object; for the scopes inside a pod, the workload that holds it.
    Object(&'a Object),
    /// One rule of a Role or `ClusterRole`.
    Rule {
        /// The role.
        role: &'a Object,
        /// Which of its rules, from 0.
        index: usize,
    },
    /// One subject of a binding.
    Subject {
        /// The binding.
        binding: &'a Object,
        /// Which of its subjects, from 0.
        index: usize,
    },
    /// One instance of a control-plane component.
    Instance {
        /// What shows it.
        object: &'a Object,
        /// The instance.
        instance: &'a Instance,
    },
    /// The cluster as a whole.
    Cluster,
}

impl<'a> Target<'a> {
    /// The object that the target stands in.
    #[must_use]
    pub fn object(&self) -> Option<&'a Object> {
        match *self {
            Self::Object(object) | Self::Instance { object, .. } => Some(object),
            Self::Rule { role, .. } => Some(role),
            Self::Subject { binding, .. } => Some(binding),
            Self::Cluster => None,
        }
    }
}

/// The facts of one inventory. Indexes are built on first use and shared between threads.
#[derive(Debug)]
pub struct Facts {
    inventory: Arc<Inventory>,
    options: Options,
    reads: Reads,
    revisions: OnceLock<Revisions>,
    rbac: OnceLock<Rbac>,
    users: OnceLock<Users>,
    netpol: OnceLock<Netpol>,
    nodes: OnceLock<Nodes>,
    platform: OnceLock<Platform>,
    cni: OnceLock<Cni>,
    mesh: OnceLock<Mesh>,
    control_plane: OnceLock<ControlPlane>,
}

impl Facts {
    /// Facts about an inventory. Nothing is computed yet.
    #[must_use]
    pub fn new(inventory: Arc<Inventory>, options: Options) -> Self {
        let reads = Reads::new(Arc::clone(&inventory));
        Self {
            inventory,
            options,
            reads,
            revisions: OnceLock::new(),
            rbac: OnceLock::new(),
            users: OnceLock::new(),
            netpol: OnceLock::new(),
            nodes: OnceLock::new(),
            platform: OnceLock::new(),
            cni: OnceLock::new(),
            mesh: OnceLock::new(),
            control_plane: OnceLock::new(),
        }
    }

    /// What the facts are about.
    #[must_use]
    pub fn inventory(&self) -> &Arc<Inventory> {
        &self.inventory
    }

    /// One fact about one target. A fact that says nothing about such a target is unknown.
    #[must_use]
    pub fn get(&self, name: FactName, target: &Target<'_>) -> Fact {
        let found = match name {
            FactName::Version => Some(self.version()),
            FactName::Token => workload_of(target)
                .map(|workload| token::of(&self.inventory, &self.reads, workload)),
            FactName::Rbac => self.rights(target),
            FactName::Refs => self.refs(target),
            FactName::Account => workload_of(target)
                .map(|pod| self.users().account(&self.inventory, &self.reads, pod)),
            FactName::Netpol => self.cover(target),
            FactName::Platform => Some(self.platform().fact()),
            FactName::Components => Some(self.components()),
            FactName::Cni => Some(self.cni().fact()),
            FactName::Mesh => target
                .object()
                .map(|object| self.mesh().fact(&self.inventory, &self.reads, namespace_of(object))),
            FactName::RuntimeClass => workload_of(target).map(|pod| self.runtime_class(pod)),
            FactName::Nodes => Some(self.nodes().fact()),
            FactName::Namespace => target.object().map(|object| self.namespace(object)),
            FactName::Flags => Some(self.flags(target)),
            FactName::Psa => target.object().map(|object| self.psa(object)),
            FactName::Holder => match *target {
                Target::Subject { binding, index } => {
                    self.rbac().holder(&self.reads, binding, index)
                }
                _ => None,
            },
            FactName::Owner => target.object().map(|object| self.owner(object)),
        };
        found.unwrap_or_else(|| {
            let what = target.object().map_or("the cluster", |object| &*object.id.kind);
            let name = name.as_str();
            let reason = format!("facts.{name} says nothing about {what}");
            Fact::Unknown(open_question(name, None, reason))
        })
    }

    /// The identity of an object, by which findings are told apart across rollouts: the topmost
    /// built-in workload kind in the chain of its controllers, else the topmost owner by kind and
    /// name, else the object itself.
    #[must_use]
    pub fn identity(&self, object: &Object) -> ObjectRef {
        if object.kind() == kubelet_configuration() {
            let (api_version, kind) = ("v1".into(), "Node".into());
            return ObjectRef { api_version, kind, namespace: None, name: object.id.name.clone() };
        }
        owner::identity(&self.inventory, object)
    }

    /// Whether a list is complete in a namespace, or in the cluster.
    ///
    /// # Errors
    /// The read that is missing.
    pub fn list(&self, kind: &Kind, namespace: Option<&str>) -> Result<(), Missing> {
        self.reads.list(kind, namespace)
    }

    /// The instances of control-plane components that an object shows.
    #[must_use]
    pub fn instances(&self, object: &Object) -> &[Instance] {
        self.control_plane().shown_by(object)
    }

    /// Why instances of a component may be out of sight; empty when all of them are seen.
    #[must_use]
    pub fn unseen(&self, component: &str) -> Vec<Missing> {
        let (inventory, reads) = (&self.inventory, &self.reads);
        self.control_plane().unseen(inventory, reads, self.provider(), component)
    }

    /// The kubelet configuration that an object gives to nodes when they join; only where no
    /// running configuration is known.
    #[must_use]
    pub fn kubelet_template(&self, object: &Object) -> Option<&Node> {
        self.control_plane().template(object)
    }

    /// Why the running configuration of some kubelets is not known, one reason for all of them.
    #[must_use]
    pub fn unread_kubelets(&self) -> Option<Missing> {
        if let Err(missing) = self.reads.list(&kind::NODE, None) {
            return Some(missing);
        }
        let configured = |node: &&Arc<Object>| {
            self.inventory.get(&kubelet_configuration(), "", &node.id.name).is_some()
        };
        let nodes = self.inventory.of(&kind::NODE);
        let unread = nodes.iter().filter(|node| !configured(node)).count();
        if unread == 0 {
            return None;
        }
        let read = self.inventory.reads.iter().find(|r| r.kind == Some(kubelet_configuration()));
        let why = read.and_then(|read| read.message.as_deref()).unwrap_or("not asked for");
        let all = nodes.len();
        Some(Missing {
            read: "configz".to_owned(),
            namespace: None,
            status: read.map_or(ReadStatus::NotAsked, |read| read.status),
            reason: format!(
                "the running configuration of {unread} of {all} kubelets is not known: {why}"
            ),
        })
    }

    /// Whether an object is judged, is an instance of something judged, or is only browsed.
    #[must_use]
    pub fn standing(&self, object: &Object) -> Standing {
        let revisions = self.revisions.get_or_init(|| Revisions::of(&self.inventory));
        owner::standing(&self.inventory, &self.reads, revisions, object)
    }

    /// The provider's word (`eks`, `gke`, `self-managed`, `unknown` …); none when the nodes that
    /// would tell it could not be read.
    #[must_use]
    pub fn provider(&self) -> Option<&'static str> {
        self.platform().provider
    }

    /// Whether an object belongs to the platform itself: recognised by name and content, never
    /// by a label or a namespace alone.
    #[must_use]
    pub fn is_platform(&self, object: &Object) -> bool {
        platform::is_platform(&self.inventory, object)
    }

    /// Whether one subject of a binding was put there by the platform. Subjects that stand for
    /// everybody are, in the platform's own bindings only.
    #[must_use]
    pub fn is_platform_subject(&self, binding: &Object, index: usize) -> bool {
        platform::is_platform_subject(binding, index)
    }

    fn rbac(&self) -> &Rbac {
        self.rbac.get_or_init(|| Rbac::of(&self.inventory))
    }

    fn users(&self) -> &Users {
        self.users.get_or_init(|| Users::of(&self.inventory))
    }

    fn nodes(&self) -> &Nodes {
        self.nodes.get_or_init(|| Nodes::of(&self.inventory, &self.reads))
    }

    fn platform(&self) -> &Platform {
        self.platform.get_or_init(|| Platform::of(&self.inventory, &self.reads))
    }

    fn cni(&self) -> &Cni {
        self.cni.get_or_init(|| Cni::of(&self.inventory, &self.reads, self.provider()))
    }

    fn mesh(&self) -> &Mesh {
        self.mesh.get_or_init(|| Mesh::of(&self.inventory, &self.reads))
    }

    fn control_plane(&self) -> &ControlPlane {
        self.control_plane.get_or_init(|| ControlPlane::of(&self.inventory))
    }

    fn flags(&self, target: &Target<'_>) -> Fact {
        let instance = match *target {
            Target::Instance { instance, .. } => Some(instance),
            _ => None,
        };
        let (inventory, reads) = (&self.inventory, &self.reads);
        self.control_plane().fact(inventory, reads, self.provider(), instance)
    }

    fn psa(&self, object: &Object) -> Fact {
        let name = namespace_of(object);
        let minor = self.policy_minor();
        let counts = |object: &Object| !matches!(self.standing(object), Standing::Skipped(_));
        psa_labels::of(&self.inventory, &self.reads, name, minor, counts)
    }

    fn policy_minor(&self) -> u32 {
        let server = self.inventory.source.minor();
        self.options.policy_minor.or(server).unwrap_or(NEWEST_POLICY_MINOR).min(NEWEST_POLICY_MINOR)
    }

    fn netpol(&self) -> &Netpol {
        self.netpol.get_or_init(|| {
            let cloud = self.platform().cloud;
            let addresses = Addresses::of(&self.inventory, &self.reads, self.nodes(), cloud);
            let counts = |object: &Object| !matches!(self.standing(object), Standing::Skipped(_));
            Netpol::of(&self.inventory, &self.reads, addresses, counts)
        })
    }

    fn cover(&self, target: &Target<'_>) -> Option<Fact> {
        let Target::Object(object) = *target else { return None };
        if let Some(pod) = Workload::of(object) {
            return Some(self.netpol().pod(&self.reads, pod));
        }
        let kind = object.kind();
        if kind == *kind::NAMESPACE {
            return Some(self.netpol().namespace(&self.reads, &object.id.name));
        }
        (kind == *kind::NETWORK_POLICY)
            .then(|| self.netpol().policy(&self.inventory, &self.reads, object))
    }

    /// Network plug-in and mesh of the cluster.
    fn components(&self) -> Fact {
        let mut draft = Draft::default();
        draft.put("cni", self.cni().member());
        draft.put("mesh", self.mesh().name());
        draft.put("meshPermissive", self.mesh().permissive(&self.inventory, &self.reads));
        draft.finish()
    }

    fn runtime_class(&self, pod: Workload<'_>) -> Fact {
        let name = pod.spec.str_at(&["runtimeClassName"]).unwrap_or_default();
        let found = self.inventory.get(&kind::RUNTIME_CLASS, "", name);
        if found.is_none()
            && !name.is_empty()
            && let Err(missing) = self.reads.list(&kind::RUNTIME_CLASS, None)
        {
            return Fact::Unknown(missing);
        }
        let handler = found.and_then(|class| class.body().str_at(&["handler"]));
        let mut draft = Draft::default();
        draft.set("handler", handler.unwrap_or_default());
        draft.set("exists", found.is_some());
        draft.finish()
    }

    fn rights(&self, target: &Target<'_>) -> Option<Fact> {
        let object = match *target {
            Target::Rule { role, index } => return self.rbac().rule(&self.reads, role, index),
            Target::Subject { binding, index } => {
                return self.rbac().subject(&self.inventory, &self.reads, binding, index);
            }
            Target::Object(object) => object,
            Target::Cluster | Target::Instance { .. } => return None,
        };
        if let Some(pod) = Workload::of(object) {
            if object.is_mirror_pod() {
                return Some(rbac::nobody());
            }
            return Some(self.rbac().account(&self.reads, object.namespace(), pod.account()));
        }
        let kind = object.kind();
        if kind == *kind::SERVICE_ACCOUNT {
            return Some(self.rbac().account(&self.reads, object.namespace(), &object.id.name));
        }
        if kind == *kind::ROLE || kind == *kind::CLUSTER_ROLE {
            return self.rbac().role(&self.reads, object);
        }
        if kind == *kind::ROLE_BINDING || kind == *kind::CLUSTER_ROLE_BINDING {
            return self.rbac().binding(&self.reads, object);
        }
        None
    }

    fn refs(&self, target: &Target<'_>) -> Option<Fact> {
        match *target {
            Target::Subject { binding, index } => {
                Some(refs::subject(&self.inventory, &self.reads, binding, index))
            }
            Target::Object(object) if object.kind() == *kind::SERVICE_ACCOUNT => {
                Some(self.users().refs(&self.reads, object))
            }
            _ => None,
        }
    }

    fn version(&self) -> Fact {
        let mut draft = Draft::default();
        draft.set("policy", Node::Int(i64::from(self.policy_minor())));
        draft.finish()
    }

    fn owner(&self, object: &Object) -> Fact {
        let id = self.identity(object);
        let mut draft = Draft::default();
        draft.set("kind", &*id.kind);
        draft.set("name", &*id.name);
        draft.finish()
    }

    /// The Namespace of an object, or the object itself if it is one. Proven not to exist, it has
    /// no labels and no phase.
    fn namespace(&self, object: &Object) -> Fact {
        let is_namespace = object.kind() == *kind::NAMESPACE;
        let name = namespace_of(object);
        let found = self.inventory.get(&kind::NAMESPACE, "", name);
        let namespace = if is_namespace { Some(object) } else { found.map(|o| &**o) };
        if namespace.is_none()
            && let Err(missing) = self.reads.list(&kind::NAMESPACE, None)
        {
            return Fact::Unknown(missing);
        }
        let part = |keys: &[&str]| {
            namespace.and_then(|ns| ns.body().at(keys)).filter(|node| node.as_map().is_some())
        };
        let empty = || Node::map([]);
        let mut draft = Draft::default();
        draft.set("labels", part(&["metadata", "labels"]).cloned().unwrap_or_else(empty));
        draft.set("annotations", part(&["metadata", "annotations"]).cloned().unwrap_or_else(empty));
        draft.set("phase", namespace.and_then(|ns| ns.phase.as_deref()).unwrap_or_default());
        draft.finish()
    }
}

/// The namespace that an object is or lives in.
fn namespace_of(object: &Object) -> &str {
    if object.kind() == *kind::NAMESPACE { &object.id.name } else { object.namespace() }
}

/// The workload of a target, for facts about pods.
fn workload_of<'a>(target: &Target<'a>) -> Option<Workload<'a>> {
    if let Target::Object(object) = target { Workload::of(object) } else { None }
}
