//! `facts.mesh`: whether a namespace is in a service mesh, and whether the mesh insists on mutual
//! TLS there.

mod cilium;
mod istio;
mod linkerd;

use std::collections::{BTreeMap, BTreeSet};

use super::by_namespace::ByNamespace;
use super::kind::{
    CILIUM_CLUSTER_POLICY, CILIUM_POLICY, DEPLOYMENT, NAMESPACE, PEER_AUTHENTICATION, POD,
};
use super::unknown::{Answer, Draft, Fact, Reads};
use super::workload::Workload;
use crate::model::inventory::Inventory;

/// The sidecars of each namespace.
#[derive(Debug)]
pub(crate) struct Proxies(ByNamespace<Sidecars>);

/// The sidecars of one namespace.
#[derive(Debug, Default)]
struct Sidecars {
    istio: bool,
    /// Inbound policies of Linkerd's proxies.
    linkerd: BTreeSet<String>,
}

impl Proxies {
    pub(crate) fn of(inventory: &Inventory) -> Self {
        Self(ByNamespace::of(inventory, |namespace| Sidecars::of(inventory, namespace)))
    }

    /// The same after something changed in some namespaces.
    pub(crate) fn after(&self, inventory: &Inventory, namespaces: &BTreeSet<&str>) -> Self {
        Self(self.0.after(namespaces, |namespace| Sidecars::of(inventory, namespace)))
    }
}

impl Sidecars {
    fn of(inventory: &Inventory, namespace: &str) -> Self {
        let mut found = Self::default();
        let pods = inventory.in_namespace(&POD, namespace).iter();
        for container in pods.filter_map(|pod| Workload::of(pod)).flat_map(|pod| pod.containers()) {
            match container.str_at(&["name"]) {
                Some("istio-proxy") => found.istio = true,
                Some("linkerd-proxy") => {
                    let policy = linkerd::inbound_policy(container).unwrap_or_default();
                    found.linkerd.insert(policy.to_owned());
                }
                _ => {}
            }
        }
        found
    }
}

/// What is known of the mesh, built once per inventory.
#[derive(Debug, PartialEq)]
pub(crate) struct Mesh {
    /// `istio`, `linkerd`, `cilium`, empty for none; known once a sign is seen or all is read.
    name: Answer<&'static str>,
    /// Namespaces with a pod that carries the sidecar of the mesh.
    sidecars: BTreeSet<Box<str>>,
    /// Inbound policies of Linkerd's proxies by namespace.
    linkerd: BTreeMap<Box<str>, BTreeSet<String>>,
}

impl Mesh {
    pub(crate) fn of(inventory: &Inventory, reads: &Reads, proxies: &Proxies) -> Self {
        let mut istio = BTreeSet::new();
        let mut linkerd: BTreeMap<Box<str>, BTreeSet<String>> = BTreeMap::new();
        for (namespace, found) in proxies.0.iter() {
            if found.istio {
                istio.insert(namespace.into());
            }
            if !found.linkerd.is_empty() {
                linkerd.insert(namespace.into(), found.linkerd.clone());
            }
        }
        let deployments = inventory.of(&DEPLOYMENT);
        let pilot = || deployments.iter().any(|deployment| istio::runs_pilot(deployment));
        let has_istio =
            !istio.is_empty() || !inventory.of(&PEER_AUTHENTICATION).is_empty() || pilot();
        let has_linkerd =
            !linkerd.is_empty() || deployments.iter().any(|d| &*d.id.name == "linkerd-destination");
        let has_cilium = cilium::is_there(inventory);
        let name = match (has_istio, has_linkerd, has_cilium) {
            (true, ..) => Ok("istio"),
            (_, true, _) => Ok("linkerd"),
            (_, _, true) => Ok("cilium"),
            _ => absent(reads).map(|()| ""),
        };
        let sidecars = if name == Ok("istio") { istio } else { linkerd.keys().cloned().collect() };
        Self { name, sidecars, linkerd }
    }

    /// The mesh's name, empty for none.
    pub(crate) fn name(&self) -> Answer<&'static str> {
        self.name.clone()
    }

    /// `facts.mesh` of a namespace.
    pub(crate) fn fact(&self, inventory: &Inventory, reads: &Reads, namespace: &str) -> Fact {
        let mut draft = Draft::default();
        draft.put("name", self.name.clone());
        let member = self.member(inventory, reads, namespace);
        draft.put("member", member.clone());
        draft.put(
            "strict",
            match member {
                Ok(true) => self.strict(inventory, reads, namespace),
                Ok(false) => Ok(false),
                Err(missing) => Err(missing),
            },
        );
        draft.finish()
    }

    /// Namespaces in the mesh that admit plain text.
    pub(crate) fn permissive(&self, inventory: &Inventory, reads: &Reads) -> Answer<Vec<String>> {
        if self.name.clone()?.is_empty() {
            return Ok(Vec::new());
        }
        reads.list(&NAMESPACE, None)?;
        let mut found = Vec::new();
        for namespace in inventory.of(&NAMESPACE) {
            let name = &namespace.id.name;
            if self.member(inventory, reads, name)? && !self.strict(inventory, reads, name)? {
                found.push(name.to_string());
            }
        }
        Ok(found)
    }

    fn member(&self, inventory: &Inventory, reads: &Reads, namespace: &str) -> Answer<bool> {
        let name = self.name.clone()?;
        if name.is_empty() {
            return Ok(false);
        }
        if name == "cilium" {
            return cilium::member(inventory, reads, namespace);
        }
        if self.sidecars.contains(namespace) {
            return Ok(true);
        }
        let Some(object) = inventory.get(&NAMESPACE, "", namespace) else {
            reads.list(&NAMESPACE, None)?;
            return Ok(false);
        };
        let marked = if name == "istio" { istio::marks(object) } else { linkerd::marks(object) };
        if !marked {
            reads.list(&POD, Some(namespace))?;
        }
        Ok(marked)
    }

    fn strict(&self, inventory: &Inventory, reads: &Reads, namespace: &str) -> Answer<bool> {
        match self.name.clone()? {
            "istio" => istio::strict(inventory, reads, namespace),
            "linkerd" => linkerd::strict(inventory, reads, namespace, self.linkerd.get(namespace)),
            _ => cilium::strict(inventory, reads, namespace),
        }
    }
}

/// Whether everything that would show a mesh was read.
fn absent(reads: &Reads) -> Answer<()> {
    reads.lists([&*DEPLOYMENT, &*POD, &*PEER_AUTHENTICATION, &*CILIUM_POLICY], None)?;
    reads.list(&CILIUM_CLUSTER_POLICY, None)
}

#[cfg(test)]
mod tests;
