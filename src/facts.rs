//! Facts: what several objects say together. Rights reach, network cover, owner chains, tokens,
//! the platform. Computed when asked for, remembered per inventory, and unknown rather than
//! guessed when a read that they rest on is missing.

mod kind;
mod owner;
pub mod platform;
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
use crate::model::kinds::Kind;
use crate::model::node::Node;
use crate::model::object::{Object, ObjectRef};
use owner::Revisions;
use rbac::Rbac;
use refs::Users;
use unknown::{Draft, Reads, open_question};
use workload::Workload;

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

/// A fact that rules may name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum FactName {
    /// Pod Security policy version in force.
    Version,
    /// Service account token of a pod.
    Token,
    /// Who may do what.
    Rbac,
    /// Whether an account is used, or a subject exists.
    Refs,
    /// The service account of a pod.
    Account,
    /// The Namespace of an object.
    Namespace,
    /// Topmost built-in owner.
    Owner,
}

impl FactName {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Version,
        Self::Token,
        Self::Rbac,
        Self::Refs,
        Self::Account,
        Self::Namespace,
        Self::Owner,
    ];

    /// The name in rules: `facts.<name>`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Version => "version",
            Self::Token => "token",
            Self::Rbac => "rbac",
            Self::Refs => "refs",
            Self::Account => "account",
            Self::Namespace => "namespace",
            Self::Owner => "owner",
        }
    }

    /// Reads the name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|fact| fact.as_str() == name)
    }

    /// The kinds whose lists the fact rests on, for targets of a scope (`pod`, `container`,
    /// `rule`, `subject`, `namespace`, `object`, `cluster` …). Reading them all makes it known.
    #[must_use]
    pub fn kinds(self, scope: &str) -> Vec<Kind> {
        match self {
            Self::Rbac => rbac_kinds(),
            Self::Refs if scope == "subject" => {
                vec![kind::SERVICE_ACCOUNT.clone(), kind::NAMESPACE.clone()]
            }
            Self::Refs => kind::required_workloads().collect(),
            Self::Account => vec![kind::SERVICE_ACCOUNT.clone(), kind::POD.clone()],
            Self::Version => Vec::new(),
            Self::Token => vec![kind::SERVICE_ACCOUNT.clone()],
            Self::Namespace => vec![kind::NAMESPACE.clone()],
            Self::Owner => vec![kind::REPLICA_SET.clone(), kind::JOB.clone()],
        }
    }
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
    /// The cluster as a whole.
    Cluster,
}

impl<'a> Target<'a> {
    /// The object that the target stands in.
    #[must_use]
    pub fn object(&self) -> Option<&'a Object> {
        match *self {
            Self::Object(object) => Some(object),
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
            FactName::Namespace => target.object().map(|object| self.namespace(object)),
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
        owner::identity(&self.inventory, object)
    }

    /// Whether an object is judged, is an instance of something judged, or is only browsed.
    #[must_use]
    pub fn standing(&self, object: &Object) -> Standing {
        let revisions = self.revisions.get_or_init(|| Revisions::of(&self.inventory));
        owner::standing(&self.inventory, &self.reads, revisions, object)
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

    fn rights(&self, target: &Target<'_>) -> Option<Fact> {
        let object = match *target {
            Target::Rule { role, index } => return self.rbac().rule(&self.reads, role, index),
            Target::Subject { binding, index } => {
                return self.rbac().subject(&self.inventory, &self.reads, binding, index);
            }
            Target::Object(object) => object,
            Target::Cluster => return None,
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
        let server = self.inventory.source.minor();
        let minor = self.options.policy_minor.or(server).unwrap_or(NEWEST_POLICY_MINOR);
        let mut draft = Draft::default();
        draft.set("policy", Node::Int(i64::from(minor.min(NEWEST_POLICY_MINOR))));
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
        let name = if is_namespace { &object.id.name } else { object.namespace() };
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

fn rbac_kinds() -> Vec<Kind> {
    crate::model::kinds::rbac().map(crate::model::kinds::Builtin::kind).collect()
}

/// The workload of a target, for facts about pods.
fn workload_of<'a>(target: &Target<'a>) -> Option<Workload<'a>> {
    if let Target::Object(object) = target { Workload::of(object) } else { None }
}
