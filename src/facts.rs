//! Facts: what several objects say together. Rights reach, network cover, owner chains, tokens,
//! the platform. Computed when asked for, remembered per inventory, and unknown rather than
//! guessed when a read that they rest on is missing.

pub mod access;
mod admission;
mod answers;
mod audit;
mod by_namespace;
mod cni;
mod control_plane;
mod credentials;
pub mod follow;
mod inputs;
pub mod keeper;
mod kind;
mod mesh;
mod name;
mod netpol;
pub mod network;
mod nodes;
mod owner;
pub mod platform;
mod provider;
pub mod psa;
mod psa_labels;
pub mod rbac;
mod refs;
#[cfg(test)]
pub(crate) mod testing;
mod token;
mod unknown;
mod workload;

pub(crate) use owner::HASH_LABELS;
pub use owner::identity;

use std::sync::{Arc, Mutex, OnceLock};

use rustc_hash::FxHashMap;

use crate::model::inventory::{Inventory, ReadIndex};
use crate::model::kinds::{KUBELET_CONFIGURATION, Kind, kubelet_configuration};
use crate::model::mirror::{Mirror, Mirrored};
use crate::model::node::Node;
use crate::model::object::{Object, ObjectRef};
use crate::model::read::{Missing, ReadStatus};
use admission::Admission;
use cni::Cni;
use control_plane::ControlPlane;
use mesh::{Mesh, Proxies};
use netpol::{Addresses, Around, Netpol, Population};
use nodes::Nodes;
use owner::Revisions;
use provider::Platform;
use rbac::Rbac;
use refs::Users;
use unknown::Reads;

pub use control_plane::{COMPONENTS, CommandFlag, Doubt, Instance, command_flag};
pub(crate) use inputs::PodInputs;
pub use name::FactName;
pub(crate) use nodes::is_control_plane;
pub use owner::Standing;
pub use psa::Level;
pub use unknown::{Answer, Fact};

/// Newest Pod Security policy minor that is known: 37 is v1.37.
pub const NEWEST_POLICY_MINOR: u32 = 37;

/// What the user fixed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// Pod Security policy version to judge by, as its minor; none for the server's own.
    pub policy_minor: Option<u32>,
    /// Where images of the platform itself come from besides the registries in which platforms publish.
    pub mirrors: Arc<[Mirror]>,
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
    revisions: OnceLock<Arc<Revisions>>,
    rbac: OnceLock<Arc<Rbac>>,
    users: OnceLock<Arc<Users>>,
    netpol: OnceLock<Arc<Netpol>>,
    population: OnceLock<Arc<Population>>,
    nodes: OnceLock<Arc<Nodes>>,
    platform: OnceLock<Arc<Platform>>,
    cni: OnceLock<Arc<Cni>>,
    mesh: OnceLock<Arc<Mesh>>,
    proxies: OnceLock<Arc<Proxies>>,
    control_plane: OnceLock<Arc<ControlPlane>>,
    admission: OnceLock<Arc<Admission>>,
    /// `facts.psa` by namespace: each takes a look at all workloads of one.
    psa: Mutex<FxHashMap<Box<str>, Fact>>,
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
            population: OnceLock::new(),
            nodes: OnceLock::new(),
            platform: OnceLock::new(),
            cni: OnceLock::new(),
            mesh: OnceLock::new(),
            proxies: OnceLock::new(),
            control_plane: OnceLock::new(),
            admission: OnceLock::new(),
            psa: Mutex::default(),
        }
    }

    /// What the user fixed.
    #[must_use]
    pub fn options(&self) -> &Options {
        &self.options
    }

    /// What the facts are about.
    #[must_use]
    pub fn inventory(&self) -> &Arc<Inventory> {
        &self.inventory
    }

    /// The identity of an object, by which findings are told apart across rollouts: the topmost
    /// built-in workload kind in the chain of its controllers, else the topmost owner by kind and
    /// name, else the object itself.
    #[must_use]
    pub fn identity(&self, object: &Object) -> ObjectRef {
        if object.is(&KUBELET_CONFIGURATION) {
            let (api_version, kind) = ("v1".into(), "Node".into());
            return ObjectRef { api_version, kind, namespace: None, name: object.id.name.clone() };
        }
        owner::identity(&self.inventory, object)
    }

    /// Whether two pods have the same identity, told by what they have in common: a controller. False
    /// says nothing.
    #[must_use]
    pub fn are_siblings(one: &Object, other: &Object) -> bool {
        owner::are_siblings(one, other)
    }

    /// Where the reads of each kind stand, for whoever asks about many of them.
    #[must_use]
    pub fn read_index(&self) -> &ReadIndex {
        self.reads.index()
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
        owner::standing(&self.inventory, &self.reads, self.revisions(), object)
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
        platform::is_platform(&self.inventory, object, &self.options.mirrors)
    }

    /// Workloads that belong to the platform itself only because their images come from a mirror that the
    /// user set.
    #[must_use]
    pub fn mirrored(&self) -> Vec<Mirrored> {
        platform::mirrored(&self.inventory, &self.options.mirrors)
    }

    /// Whether one subject of a binding was put there by the platform. Subjects that stand for
    /// everybody are, in the platform's own bindings only.
    #[must_use]
    pub fn is_platform_subject(&self, binding: &Object, index: usize) -> bool {
        platform::is_platform_subject(binding, index)
    }

    fn revisions(&self) -> &Revisions {
        self.revisions.get_or_init(|| Arc::new(Revisions::of(&self.inventory)))
    }

    fn rbac(&self) -> &Rbac {
        self.rbac.get_or_init(|| Arc::new(Rbac::of(&self.inventory)))
    }

    fn users(&self) -> &Users {
        self.users.get_or_init(|| Arc::new(Users::of(&self.inventory)))
    }

    fn nodes(&self) -> &Nodes {
        self.nodes.get_or_init(|| Arc::new(Nodes::of(&self.inventory, &self.reads)))
    }

    fn platform(&self) -> &Platform {
        self.platform.get_or_init(|| Arc::new(Platform::of(&self.inventory, &self.reads)))
    }

    fn cni(&self) -> &Cni {
        self.cni.get_or_init(|| Arc::new(Cni::of(&self.inventory, &self.reads, self.provider())))
    }

    fn proxies(&self) -> &Proxies {
        self.proxies.get_or_init(|| Arc::new(Proxies::of(&self.inventory)))
    }

    fn mesh(&self) -> &Mesh {
        let make = || Arc::new(Mesh::of(&self.inventory, &self.reads, self.proxies()));
        self.mesh.get_or_init(make)
    }

    fn control_plane(&self) -> &ControlPlane {
        self.control_plane.get_or_init(|| Arc::new(ControlPlane::of(&self.inventory)))
    }

    fn admission(&self) -> &Admission {
        self.admission.get_or_init(|| Arc::new(Admission::of(&self.inventory)))
    }

    fn population(&self) -> &Arc<Population> {
        self.population.get_or_init(|| Arc::new(Population::of(&self.inventory, |o| self.runs(o))))
    }

    /// Whether a pod or template is one that runs: it has not finished, and no other template
    /// stands for it.
    fn runs(&self, object: &Object) -> bool {
        !matches!(self.standing(object), Standing::Skipped(_))
    }

    fn netpol(&self) -> &Netpol {
        self.netpol.get_or_init(|| {
            let population = Arc::clone(self.population());
            Arc::new(Netpol::of(&self.inventory, self.around_policies(), population))
        })
    }

    /// What network policies come to rests on it, beside themselves and the pods.
    fn around_policies(&self) -> Around {
        let cloud = self.platform().cloud;
        let addresses = Addresses::of(&self.inventory, &self.reads, self.nodes(), cloud);
        Around::of(&self.inventory, &self.reads, addresses)
    }
}
