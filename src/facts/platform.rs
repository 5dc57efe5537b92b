//! Which objects belong to the platform itself: static pods, provider add-ons, built-in accounts,
//! roles and bindings. A name alone is never enough; what the object holds must fit it.

pub mod addons;
pub mod bindings;
mod registries;
pub mod roles;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::kind::{
    CLUSTER_ROLE, CLUSTER_ROLE_BINDING, ROLE, ROLE_BINDING, SERVICE_ACCOUNT, is_workload,
};
use super::owner;
use super::rbac::{Binding, Subject};
use super::workload::Workload;
use crate::model::inventory::Inventory;
use crate::model::kinds;
use crate::model::mirror::{Mirror, Mirrored};
use crate::model::object::{Object, ObjectRef};

/// One rule by which something is recognised as the platform's own, for people to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recognition {
    /// Which platform it belongs to.
    pub platform: &'static str,
    /// What is recognised: `static pod`, `add-on`, `images`, `role`, `binding`.
    pub what: &'static str,
    /// Its name, with kind and namespace where there is one.
    pub name: String,
    /// What must fit besides the name.
    pub content: String,
}

/// Every rule of recognition, as data.
#[must_use]
pub fn rules() -> Vec<Recognition> {
    let static_pods = addons::STATIC_PODS.iter().map(|pod| Recognition {
        platform: "kubernetes",
        what: "static pod",
        name: pod.name(),
        content: format!("kept by its Node; images {}", pod.images.join(", ")),
    });
    let addons = addons::ADDONS.iter().map(|addon| Recognition {
        platform: addon.platform,
        what: "add-on",
        name: format!("{}/{}/{}", addon.kind, addon.namespace, addon.name),
        content: format!("images {}", addon.images.join(", ")),
    });
    let roles = roles::ROLES.iter().map(|role| {
        let powers: Vec<_> = role.powers.iter().map(|power| power.reason()).collect();
        let powers = if powers.is_empty() { "nothing".to_owned() } else { powers.join(", ") };
        let labelled = role.platform == "kubernetes";
        let label = if labelled { "label kubernetes.io/bootstrapping; " } else { "" };
        Recognition {
            platform: role.platform,
            what: "role",
            name: scoped("ClusterRole", "Role", role.namespace, role.name),
            content: format!("{label}opens at most: {powers}"),
        }
    });
    let bindings = bindings::BINDINGS.iter().map(|binding| Recognition {
        platform: binding.platform,
        what: "binding",
        name: scoped("ClusterRoleBinding", "RoleBinding", binding.namespace, binding.name),
        content: format!("role {}; subjects {}", binding.role, binding.subjects.join(", ")),
    });
    static_pods.chain(addons).chain(registries()).chain(roles).chain(bindings).collect()
}

/// Where the images of static pods and add-ons must come from.
fn registries() -> impl Iterator<Item = Recognition> {
    let rule = |name, platform| Recognition {
        platform,
        what: "images",
        name,
        content: "where images of static pods and add-ons may come from".to_owned(),
    };
    let publishers = registries::PUBLISHERS.iter().map(|(host, start)| format!("{host}/{start}*"));
    let accounts = registries::EKS_ACCOUNTS.iter();
    let accounts = accounts.map(|account| format!("{account}.dkr.ecr.<region>.amazonaws.com/*"));
    publishers
        .map(move |name| rule(name, "kubernetes"))
        .chain(accounts.map(move |name| rule(name, "eks")))
}

fn scoped(cluster: &str, namespaced: &str, namespace: &str, name: &str) -> String {
    if namespace.is_empty() {
        format!("{cluster}/{name}")
    } else {
        format!("{namespaced}/{namespace}/{name}")
    }
}

/// Whether an object belongs to the platform; images of workloads may come from these mirrors, too.
pub(crate) fn is_platform(inventory: &Inventory, object: &Object, mirrors: &[Mirror]) -> bool {
    if let Some(workload) = Workload::of(object) {
        return recognised(inventory, workload, mirrors).is_some();
    }
    if object.is(&CLUSTER_ROLE) || object.is(&ROLE) {
        return roles::is_builtin_role(object);
    }
    if object.is(&CLUSTER_ROLE_BINDING) || object.is(&ROLE_BINDING) {
        return bindings::is_builtin_binding(&Binding::of(&Arc::new(object.clone())));
    }
    object.is(&SERVICE_ACCOUNT) && is_controller_account(inventory, object)
}

/// A workload that belongs to the platform.
struct Recognised<'m> {
    /// The known static pod that it is, or else what stands for it as an add-on.
    what: What,
    /// The mirrors without which it would not belong to it.
    mirrors: Vec<&'m Mirror>,
}

enum What {
    StaticPod(&'static addons::StaticPod),
    Addon(ObjectRef),
}

fn recognised<'m>(
    inventory: &Inventory,
    workload: Workload<'_>,
    mirrors: &'m [Mirror],
) -> Option<Recognised<'m>> {
    if workload.object.is_mirror_pod() {
        let (known, mirrors) = addons::static_pod(workload, mirrors)?;
        return Some(Recognised { what: What::StaticPod(known), mirrors });
    }
    let id = owner::identity(inventory, workload.object);
    if !is_workload(&id.group_kind()) {
        return None;
    }
    let mirrors = addons::addon(workload, &id, mirrors)?;
    Some(Recognised { what: What::Addon(id), mirrors })
}

/// What belongs to the platform only because its images come from a mirror, in the order of mirrors: static pods as
/// `Pod/kube-system/etcd-<node>`, add-ons by the workload that stands for them.
pub(crate) fn mirrored(inventory: &Inventory, mirrors: &[Mirror]) -> Vec<Mirrored> {
    if mirrors.is_empty() {
        return Vec::new();
    }
    let mut found: BTreeMap<&Mirror, BTreeSet<String>> = BTreeMap::new();
    let workloads = kinds::workloads().flat_map(|kind| inventory.of(&kind.kind()));
    for workload in workloads.filter_map(|object| Workload::of(object)) {
        let Some(Recognised { what, mirrors }) = recognised(inventory, workload, mirrors) else {
            continue;
        };
        for mirror in mirrors {
            let name = match &what {
                What::StaticPod(known) => known.name(),
                What::Addon(id) => id.to_string(),
            };
            found.entry(mirror).or_default().insert(name);
        }
    }
    let told =
        |(mirror, workloads): (&Mirror, _)| Mirrored { mirror: mirror.to_string(), workloads };
    found.into_iter().map(told).collect()
}

/// Whether one subject of a binding was put there by the platform.
pub(crate) fn is_platform_subject(binding: &Object, index: usize) -> bool {
    let Some(node) = binding.body().list_at(&["subjects"]).get(index) else { return false };
    let subject = Subject::parse(node, binding.namespace());
    bindings::is_platform_subject(&Binding::without_subjects(binding), &subject)
}

/// Whether an account of kube-system is that of a built-in controller: its role is a known one and
/// the binding of that name gives it nothing else.
fn is_controller_account(inventory: &Inventory, account: &Object) -> bool {
    if account.namespace() != "kube-system" {
        return false;
    }
    let name = format!("system:controller:{}", account.id.name);
    let cluster = inventory.get(&CLUSTER_ROLE_BINDING, "", &name);
    let binding = cluster.or_else(|| inventory.get(&ROLE_BINDING, "kube-system", &name));
    binding.is_some_and(|binding| bindings::is_builtin_binding(&Binding::of(binding)))
}

#[cfg(test)]
mod tests;
