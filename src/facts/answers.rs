//! Which module answers for which fact, and the facts that are little more than a look at one
//! object.

use std::sync::PoisonError;

use crate::model::node::Node;
use crate::model::object::Object;

use super::unknown::{Draft, Fact, open_question};
use super::workload::Workload;
use super::{
    FactName, Facts, Level, NEWEST_POLICY_MINOR, PodInputs, Target, audit, credentials, kind, psa,
    psa_labels, rbac, refs, token,
};

impl Facts {
    /// One fact about one target. A fact that says nothing about such a target is unknown.
    #[must_use]
    pub fn get(&self, name: FactName, target: &Target<'_>) -> Fact {
        let found = match name {
            FactName::Version => Some(self.version()),
            FactName::Token => {
                pod_of(target).map(|pod| token::of(&self.inventory, &self.reads, &pod))
            }
            FactName::Rbac => self.rights(target),
            FactName::Credentials => pod_of(target)
                .map(|pod| credentials::of(&self.inventory, &self.reads, self.rbac(), &pod)),
            FactName::Labellers => Some(self.rbac().labellers(&self.reads)),
            FactName::Refs => self.refs(target),
            FactName::Account => {
                pod_of(target).map(|pod| self.users().account(&self.inventory, &self.reads, &pod))
            }
            FactName::Netpol => self.cover(target),
            FactName::Platform => Some(self.platform().fact()),
            FactName::Components => Some(self.components()),
            FactName::Cni => Some(self.cni().fact()),
            FactName::Mesh => target
                .object()
                .map(|object| self.mesh().fact(&self.inventory, &self.reads, namespace_of(object))),
            FactName::RuntimeClass => pod_of(target).map(|pod| self.runtime_class(&pod)),
            FactName::Nodes => Some(self.nodes().fact()),
            FactName::Namespace => target.object().map(|object| self.namespace(object)),
            FactName::Flags => Some(self.flags(target)),
            FactName::Psa => target.object().map(|object| self.psa(object)),
            FactName::Holder => match *target {
                Target::Subject { binding, index } => {
                    self.rbac().holding(&self.reads, binding, index)
                }
                _ => None,
            },
            FactName::Owner => target.object().map(|object| self.owner(object)),
            FactName::Admission => self.guarded(target),
            FactName::Audit => Some(audit::of(&self.inventory, &self.reads)),
        };
        found.unwrap_or_else(|| {
            let what = target.object().map_or("the cluster", |object| &*object.id.kind);
            let name = name.as_str();
            let reason = format!("facts.{name} says nothing about {what}");
            Fact::Unknown(open_question(name, None, reason))
        })
    }

    /// What facts about a pod, or a template, read of it.
    pub(crate) fn inputs(object: &Object) -> Option<PodInputs<'_>> {
        Workload::of(object).map(PodInputs::of)
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
        // A poisoned lock only means that another thread died; entries are written whole.
        let known = || self.psa.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(fact) = known().get(name) {
            return fact.clone();
        }
        let minor = self.policy_minor();
        let fact = psa_labels::of(&self.inventory, &self.reads, name, minor, |o| self.runs(o));
        known().insert(name.into(), fact.clone());
        fact
    }

    /// The strongest Pod Security level that a pod or the template of a workload meets; none for
    /// other kinds.
    #[must_use]
    pub fn level(&self, object: &Object) -> Option<Level> {
        let pod = Workload::of(object)?;
        Some(psa::reached(self.policy_minor(), pod.metadata, pod.spec))
    }

    /// The Pod Security policy version by which pods are judged, as its minor.
    #[must_use]
    pub fn policy_minor(&self) -> u32 {
        let server = self.inventory.source.minor();
        self.options.policy_minor.or(server).unwrap_or(NEWEST_POLICY_MINOR).min(NEWEST_POLICY_MINOR)
    }

    fn cover(&self, target: &Target<'_>) -> Option<Fact> {
        let Target::Object(object) = *target else { return None };
        if let Some(pod) = pod_of(target) {
            return Some(self.netpol().pod(&self.reads, &pod));
        }
        if object.is(&kind::NAMESPACE) {
            return Some(self.netpol().namespace(&self.reads, &object.id.name));
        }
        object.is(&kind::NETWORK_POLICY).then(|| self.netpol().policy(&self.reads, object))
    }

    fn guarded(&self, target: &Target<'_>) -> Option<Fact> {
        match *target {
            Target::Cluster => Some(self.admission().cluster(&self.inventory, &self.reads)),
            Target::Object(object) if object.is(&kind::NAMESPACE) => {
                Some(self.admission().namespace(&self.reads, object))
            }
            _ => None,
        }
    }

    /// Network plug-in and mesh of the cluster.
    fn components(&self) -> Fact {
        let mut draft = Draft::default();
        draft.put("cni", self.cni().member());
        draft.put("mesh", self.mesh().name());
        draft.put("meshPermissive", self.mesh().permissive(&self.inventory, &self.reads));
        draft.finish()
    }

    fn runtime_class(&self, pod: &PodInputs<'_>) -> Fact {
        let name = pod.runtime_class;
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
        if let Some(pod) = pod_of(target) {
            if pod.mirror {
                return Some(rbac::nobody());
            }
            return Some(self.rbac().account(&self.reads, pod.namespace, pod.account));
        }
        if object.is(&kind::SERVICE_ACCOUNT) {
            return Some(self.rbac().account(&self.reads, object.namespace(), &object.id.name));
        }
        if object.is(&kind::ROLE) || object.is(&kind::CLUSTER_ROLE) {
            return self.rbac().role(&self.reads, object);
        }
        if object.is(&kind::ROLE_BINDING) || object.is(&kind::CLUSTER_ROLE_BINDING) {
            return self.rbac().binding(&self.reads, object);
        }
        None
    }

    fn refs(&self, target: &Target<'_>) -> Option<Fact> {
        match *target {
            Target::Subject { binding, index } => {
                Some(refs::subject(&self.inventory, &self.reads, binding, index))
            }
            Target::Object(object) if object.is(&kind::SERVICE_ACCOUNT) => {
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
        let is_namespace = object.is(&kind::NAMESPACE);
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
    if object.is(&kind::NAMESPACE) { &object.id.name } else { object.namespace() }
}

/// What facts about pods read of a target.
fn pod_of<'a>(target: &Target<'a>) -> Option<PodInputs<'a>> {
    if let Target::Object(object) = target { Facts::inputs(object) } else { None }
}
