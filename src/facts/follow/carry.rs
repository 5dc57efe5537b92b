//! Taking over what a change does not bear on.

use std::collections::BTreeSet;
use std::sync::{Arc, OnceLock, PoisonError};

use super::{Bearing, END_POINTS, FOREIGN, WORKLOADS, is_kin_as, is_run_alike, moved, owners};
use crate::facts::admission;
use crate::facts::cni::Cni;
use crate::facts::kind::{
    CILIUM_CLUSTER_POLICY, CILIUM_POLICY, CONFIG_MAP, DAEMON_SET, DEPLOYMENT, ENDPOINT_SLICE,
    NAMESPACE, NETWORK_POLICY, NODE, PEER_AUTHENTICATION, POD, REPLICA_SET,
};
use crate::facts::mesh::Mesh;
use crate::facts::netpol::Netpol;
use crate::facts::nodes::Nodes;
use crate::facts::owner::Revisions;
use crate::facts::provider::Platform;
use crate::facts::rbac::{Concerned, Rbac};
use crate::facts::unknown::Reads;
use crate::facts::{ControlPlane, Facts, Proxies, Users};
use crate::model::changes::Changes;
use crate::model::inventory::Inventory;
use crate::model::kinds::Kind;

impl Facts {
    /// The facts of an inventory that differs by these changes from the one that these facts are
    /// about, and rests on the same reads. What the changes cannot bear on is not worked out again.
    #[must_use]
    pub fn after(&self, inventory: Arc<Inventory>, changes: &Changes) -> Self {
        let mut next = Self::new(inventory, self.options.clone());
        next.reads = Reads::new(Arc::clone(&next.inventory));
        // What is counted of workloads hangs on what they are, not on how they fare.
        let lasting = &changes.but_for(is_run_alike);
        let in_homes = |kinds: &[&Kind]| homes(lasting, kinds.iter().copied());
        let sets = in_homes(&[&REPLICA_SET]);
        carry(&self.revisions, &mut next.revisions, |old: &Revisions| {
            (!sets.is_empty()).then(|| old.after(&next.inventory, &sets))
        });
        let pods = in_homes(&[&POD]);
        carry(&self.proxies, &mut next.proxies, |old: &Proxies| {
            (!pods.is_empty()).then(|| old.after(&next.inventory, &pods))
        });
        self.carry_users(&mut next, lasting, &changes.but_for(is_kin_as));
        self.carry_population(&mut next, lasting);
        carry(&self.rbac, &mut next.rbac, |old: &Rbac| {
            let concerned = Concerned::by(changes, &old.index);
            concerned.is_any().then(|| old.after(&next.inventory, &concerned))
        });
        self.carry_platform(&mut next, changes);
        self.carry_policies(&mut next, changes);
        if !changes.kinds().any(|(kind, _)| admission::looks_at(kind)) {
            next.admission = self.admission.clone();
        }
        let stale = Bearing::here(lasting, WORKLOADS.iter().chain([&*NAMESPACE]));
        let known = self.psa.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = known.iter().filter(|(name, _)| !stale.takes(name));
        let kept = kept.map(|(name, fact)| (name.clone(), fact.clone())).collect();
        drop(known);
        next.psa = std::sync::Mutex::new(kept);
        next
    }

    fn carry_users(&self, next: &mut Self, lasting: &Changes, kin: &Changes) {
        // The identity of a user may hang on an owner of any kind.
        if let Bearing::Everywhere = owners(kin) {
            return;
        }
        let mut touched = homes(lasting, &*WORKLOADS);
        touched.extend(homes(kin, kin.kinds().map(|(kind, _)| kind)));
        carry(&self.users, &mut next.users, |old: &Users| old.moved(&next.inventory, &touched));
    }

    fn carry_population(&self, next: &mut Self, changes: &Changes) {
        let Some(old) = self.population.get() else { return };
        let touched = homes(changes, &*WORKLOADS);
        let moved = old.moved(&next.inventory, &touched, |object| next.runs(object));
        next.population = OnceLock::from(moved.map_or_else(|| Arc::clone(old), Arc::new));
    }

    /// After `carry_population` and `carry_platform`.
    fn carry_policies(&self, next: &mut Self, changes: &Changes) {
        let Some(old) = self.netpol.get() else { return };
        let around = changes.touches(FOREIGN.iter().chain([&*ENDPOINT_SLICE]))
            || moved(&next.nodes, &self.nodes)
            || moved(&next.platform, &self.platform);
        let places = changes.touches([&*NAMESPACE]) || changes.places();
        let population = moved(&next.population, &self.population);
        let own = homes(changes, [&*NETWORK_POLICY]);
        if !around && !places && !population && own.is_empty() {
            next.netpol = self.netpol.clone();
            return;
        }
        let mut netpol = Netpol::clone(old);
        if places {
            netpol = netpol.with_places(&next.inventory);
        }
        if !own.is_empty() {
            netpol = netpol.with_policies(&next.inventory, &own);
        }
        if around {
            netpol = netpol.with_around(&next.inventory, next.around_policies());
        }
        let netpol = netpol.with_population(next.population());
        next.netpol = OnceLock::from(Arc::new(netpol));
    }

    /// What is the same for the whole cluster, and seldom changes though what shows it does: the old
    /// value stays where the new one is equal, by which [`Facts::bearing`] knows it.
    fn carry_platform(&self, next: &mut Self, changes: &Changes) {
        let nodes = changes.touches([&*NODE]);
        carry(&self.nodes, &mut next.nodes, |old: &Nodes| {
            differs(old, nodes, || Nodes::of(&next.inventory, &next.reads))
        });
        carry(&self.platform, &mut next.platform, |old: &Platform| {
            differs(old, nodes, || Platform::of(&next.inventory, &next.reads))
        });
        let cni = nodes || changes.touches([&*DAEMON_SET]);
        let provider = next.provider();
        carry(&self.cni, &mut next.cni, |old: &Cni| {
            differs(old, cni, || Cni::of(&next.inventory, &next.reads, provider))
        });
        let signs =
            [&*POD, &*DEPLOYMENT, &*PEER_AUTHENTICATION, &*CILIUM_POLICY, &*CILIUM_CLUSTER_POLICY];
        let mesh = changes.touches(signs);
        if let Some(old) = self.mesh.get() {
            let new =
                differs(&**old, mesh, || Mesh::of(&next.inventory, &next.reads, next.proxies()));
            next.mesh = OnceLock::from(new.map_or_else(|| Arc::clone(old), Arc::new));
        }
        let system =
            |kind: &Kind| changes.of(kind).is_some_and(|of| of.homes.contains("kube-system"));
        let shown = system(&POD) || system(&CONFIG_MAP) || nodes || changes.touches(&*END_POINTS);
        carry(&self.control_plane, &mut next.control_plane, |old: &ControlPlane| {
            differs(old, shown, || ControlPlane::of(&next.inventory))
        });
    }
}

/// The namespaces in which something of these kinds changed.
fn homes<'c, 'k>(
    changes: &'c Changes,
    kinds: impl IntoIterator<Item = &'k Kind>,
) -> BTreeSet<&'c str> {
    let found = kinds.into_iter().filter_map(|kind| changes.of(kind));
    found.flat_map(|of| &of.homes).map(|name| &**name).filter(|name| !name.is_empty()).collect()
}

/// Takes over what was worked out before; `anew` gives what has to take its place.
fn carry<T>(
    from: &OnceLock<Arc<T>>,
    to: &mut OnceLock<Arc<T>>,
    anew: impl FnOnce(&T) -> Option<T>,
) {
    if let Some(old) = from.get() {
        *to = OnceLock::from(anew(old).map_or_else(|| Arc::clone(old), Arc::new));
    }
}

/// The new value where one is called for and is not the old one.
fn differs<T: PartialEq>(old: &T, called_for: bool, make: impl FnOnce() -> T) -> Option<T> {
    called_for.then(make).filter(|new| new != old)
}
