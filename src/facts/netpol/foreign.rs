//! Network policies of other engines: Cilium, Calico and the admin policies of SIG Network.
//!
//! Their selectors and rules are not interpreted. A namespaced policy counts as covering its whole
//! namespace, a cluster-wide one as covering everything.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use crate::facts::kind::{
    ADMIN_POLICY, BASELINE_ADMIN_POLICY, CALICO_API_GLOBAL_POLICY, CALICO_API_POLICY,
    CALICO_GLOBAL_POLICY, CALICO_POLICY, CILIUM_CLUSTER_POLICY, CILIUM_POLICY, CLUSTER_POLICY,
};
use crate::facts::unknown::{Answer, Reads};
use crate::model::inventory::Inventory;
use crate::model::kinds::Kind;

/// Kinds whose objects live in a namespace. Those of `projectcalico.org` show the same policies
/// as `crd.projectcalico.org` through another API, so they are only needed if they were asked for.
static NAMESPACED: LazyLock<[(Kind, bool); 3]> = LazyLock::new(|| {
    [
        (CILIUM_POLICY.clone(), true),
        (CALICO_POLICY.clone(), true),
        (CALICO_API_POLICY.clone(), false),
    ]
});

/// Kinds whose objects cover the cluster.
static CLUSTER: LazyLock<[(Kind, bool); 6]> = LazyLock::new(|| {
    [
        (CILIUM_CLUSTER_POLICY.clone(), true),
        (CALICO_GLOBAL_POLICY.clone(), true),
        (CALICO_API_GLOBAL_POLICY.clone(), false),
        (ADMIN_POLICY.clone(), true),
        (BASELINE_ADMIN_POLICY.clone(), true),
        (CLUSTER_POLICY.clone(), false),
    ]
});

/// The kinds that should be read.
pub(crate) fn kinds() -> impl Iterator<Item = Kind> {
    NAMESPACED.iter().chain(CLUSTER.iter()).map(|(kind, _)| kind.clone())
}

/// Which namespaces are covered, and by what; built once per inventory.
#[derive(Debug, PartialEq)]
pub(crate) struct Foreign {
    cluster: Option<String>,
    namespaces: BTreeMap<Box<str>, String>,
    /// Optional kinds that the source asked for after all.
    asked: Vec<Kind>,
}

impl Foreign {
    pub(crate) fn of(inventory: &Inventory, reads: &Reads) -> Self {
        let first = |kind: &Kind| inventory.of(kind).first().map(|o| o.id.to_string());
        let mut namespaces = BTreeMap::new();
        for object in NAMESPACED.iter().flat_map(|(kind, _)| inventory.of(kind)) {
            namespaces.entry(object.namespace().into()).or_insert_with(|| object.id.to_string());
        }
        let optional = NAMESPACED.iter().chain(CLUSTER.iter()).filter(|(_, needed)| !needed);
        Self {
            cluster: CLUSTER.iter().find_map(|(kind, _)| first(kind)),
            namespaces,
            asked: optional.map(|(kind, _)| kind).filter(|k| reads.asked(k)).cloned().collect(),
        }
    }

    /// A policy that covers a namespace; none when it is proven that there is none.
    pub(crate) fn cover(&self, reads: &Reads, namespace: &str) -> Answer<Option<&str>> {
        let seen = self.cluster.as_deref();
        let seen = seen.or_else(|| self.namespaces.get(namespace).map(String::as_str));
        if seen.is_some() {
            return Ok(seen);
        }
        let needed = |(kind, needed): &&(Kind, bool)| *needed || self.asked.contains(kind);
        for (kind, _) in NAMESPACED.iter().filter(needed) {
            reads.list(kind, Some(namespace))?;
        }
        for (kind, _) in CLUSTER.iter().filter(needed) {
            reads.list(kind, None)?;
        }
        Ok(None)
    }
}
