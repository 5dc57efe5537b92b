//! Facts after a change: what it cannot bear on is carried over, and what it may bear on is named, so
//! that only that has to be judged again.
//!
//! Which kinds a fact looks at is said twice in this crate: by `FactName::kinds`, what it has to have
//! read, and here, what can make it say something else. The tests change every kind in turn and hold
//! this against facts that were worked out from nothing.

use std::collections::BTreeSet;
use std::sync::{Arc, LazyLock, OnceLock, PoisonError};

use super::kind::{
    CILIUM_CLUSTER_POLICY, CILIUM_POLICY, CLUSTER_ROLE, CLUSTER_ROLE_BINDING, CONFIG_MAP,
    DAEMON_SET, DEPLOYMENT, ENDPOINT_SLICE, NAMESPACE, NETWORK_POLICY, NODE, PEER_AUTHENTICATION,
    POD, REPLICA_SET, ROLE, ROLE_BINDING, RUNTIME_CLASS, SERVICE_ACCOUNT, is_workload,
};
use super::mesh::Mesh;
use super::netpol::foreign_kinds;
use super::nodes::Nodes;
use super::provider::Platform;
use super::unknown::Reads;
use super::workload::Workload;
use super::{ControlPlane, FactName, Facts, Proxies, Users};
use crate::facts::cni::Cni;
use crate::facts::owner::Revisions;
use crate::model::changes::Changes;
use crate::model::inventory::Inventory;
use crate::model::kinds::{Kind, flagz, kubelet_configuration, workloads};
use crate::model::object::{Object, ObjectRef};

static WORKLOADS: LazyLock<Vec<Kind>> =
    LazyLock::new(|| workloads().map(crate::model::kinds::Builtin::kind).collect());
static FOREIGN: LazyLock<Vec<Kind>> = LazyLock::new(|| foreign_kinds().collect());
static END_POINTS: LazyLock<[Kind; 2]> = LazyLock::new(|| [flagz(), kubelet_configuration()]);

/// For which objects something may have changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Bearing {
    /// For none.
    #[default]
    Nowhere,
    /// For those that are or live in these namespaces.
    In(BTreeSet<Box<str>>),
    /// For any.
    Everywhere,
}

impl Bearing {
    /// Whether it is for an object that is or lives in a namespace.
    #[must_use]
    pub fn takes(&self, home: &str) -> bool {
        match self {
            Self::Nowhere => false,
            Self::In(namespaces) => namespaces.contains(home),
            Self::Everywhere => true,
        }
    }

    /// Both together.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Nowhere, bearing) | (bearing, Self::Nowhere) => bearing,
            (Self::In(mut one), Self::In(other)) => {
                one.extend(other);
                Self::In(one)
            }
            _ => Self::Everywhere,
        }
    }

    fn everywhere_if(any: bool) -> Self {
        if any { Self::Everywhere } else { Self::Nowhere }
    }

    /// In the namespaces in which anything of these kinds changed. What lives in none may be meant
    /// anywhere.
    #[must_use]
    pub fn here<'k>(changes: &Changes, kinds: impl IntoIterator<Item = &'k Kind>) -> Self {
        let homes = kinds.into_iter().filter_map(|kind| changes.of(kind)).map(|of| &of.homes);
        homes.fold(Self::Nowhere, |all, homes| {
            let wide = homes.contains("");
            all.and(if wide { Self::Everywhere } else { Self::In(homes.clone()) })
        })
    }
}

/// Kinds that are not built in: any of them may be an owner.
fn custom(changes: &Changes) -> impl Iterator<Item = &Kind> {
    changes.kinds().map(|(kind, _)| kind).filter(|kind| kind.builtin().is_none())
}

fn owners(changes: &Changes) -> Bearing {
    Bearing::here(changes, WORKLOADS.iter().chain(custom(changes)))
}

impl Facts {
    /// The facts of an inventory that differs by these changes from the one that these facts are
    /// about, and rests on the same reads. What the changes cannot bear on is not worked out again.
    #[must_use]
    pub fn after(&self, inventory: Arc<Inventory>, changes: &Changes) -> Self {
        let mut next = Self::new(inventory, self.options);
        next.reads = Reads::new(Arc::clone(&next.inventory));
        let in_homes = |kinds: &[&Kind]| homes(changes, kinds.iter().copied());
        let sets = in_homes(&[&REPLICA_SET]);
        carry(&self.revisions, &mut next.revisions, |old: &Revisions| {
            (!sets.is_empty()).then(|| old.after(&next.inventory, &sets))
        });
        let pods = in_homes(&[&POD]);
        carry(&self.proxies, &mut next.proxies, |old: &Proxies| {
            (!pods.is_empty()).then(|| old.after(&next.inventory, &pods))
        });
        self.carry_users(&mut next, changes);
        self.carry_population(&mut next, changes);
        if !changes.touches([&*ROLE, &*CLUSTER_ROLE, &*ROLE_BINDING, &*CLUSTER_ROLE_BINDING]) {
            next.rbac = self.rbac.clone();
        }
        self.carry_platform(&mut next, changes);
        let kinds = [&*NETWORK_POLICY, &*NODE, &*ENDPOINT_SLICE, &*NAMESPACE];
        let policies = changes.touches(kinds.into_iter().chain(&*FOREIGN)) || changes.places();
        if !policies && !moved(&next.population, &self.population) {
            next.netpol = self.netpol.clone();
        }
        let stale = Bearing::here(changes, WORKLOADS.iter().chain([&*NAMESPACE]));
        let known = self.psa.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = known.iter().filter(|(name, _)| !stale.takes(name));
        let kept = kept.map(|(name, fact)| (name.clone(), fact.clone())).collect();
        drop(known);
        next.psa = std::sync::Mutex::new(kept);
        next
    }

    fn carry_users(&self, next: &mut Self, changes: &Changes) {
        // The identity of a user may hang on an owner of any kind.
        if let Bearing::Everywhere = owners(changes) {
            return;
        }
        let touched = homes(changes, WORKLOADS.iter().chain(custom(changes)));
        carry(&self.users, &mut next.users, |old: &Users| {
            (!touched.is_empty()).then(|| old.after(&next.inventory, &touched))
        });
    }

    fn carry_population(&self, next: &mut Self, changes: &Changes) {
        let Some(old) = self.population.get() else { return };
        let touched = homes(changes, &*WORKLOADS);
        let moved = old.moved(&next.inventory, &touched, |object| next.runs(object));
        next.population = OnceLock::from(moved.map_or_else(|| Arc::clone(old), Arc::new));
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

    /// For which objects of a kind a fact, asked in a scope, may say something else than `before`
    /// did. Both are about inventories that rest on the same reads.
    #[must_use]
    pub fn bearing(
        &self,
        before: &Self,
        changes: &Changes,
        fact: FactName,
        scope: &str,
        kind: &Kind,
    ) -> Bearing {
        let wide = |kinds: &[&Kind]| Bearing::everywhere_if(changes.touches(kinds.iter().copied()));
        let here = |kinds: &[&Kind]| Bearing::here(changes, kinds.iter().copied());
        let rights = || wide(&[&ROLE, &CLUSTER_ROLE, &ROLE_BINDING, &CLUSTER_ROLE_BINDING]);
        let places = Bearing::everywhere_if(changes.places());
        let workloads = || Bearing::here(changes, &*WORKLOADS);
        let existence = || wide(&[&SERVICE_ACCOUNT, &NAMESPACE]).and(places.clone());
        let mesh = moved(&self.mesh, &before.mesh)
            || changes.touches([&*PEER_AUTHENTICATION, &*CILIUM_POLICY, &*CILIUM_CLUSTER_POLICY]);
        match fact {
            FactName::Version => Bearing::Nowhere,
            FactName::Token => here(&[&SERVICE_ACCOUNT]),
            FactName::Rbac if scope == "subject" => rights().and(existence()),
            FactName::Rbac | FactName::Holder => rights(),
            FactName::Refs if scope == "subject" => existence(),
            FactName::Refs | FactName::Owner => owners(changes),
            FactName::Account => here(&[&SERVICE_ACCOUNT]).and(workloads()),
            FactName::Netpol => {
                let population = moved(&self.population, &before.population);
                bearing_of_policies(changes, kind, population)
            }
            FactName::Platform => Bearing::everywhere_if(moved(&self.platform, &before.platform)),
            FactName::Nodes => Bearing::everywhere_if(moved(&self.nodes, &before.nodes)),
            FactName::Cni => Bearing::everywhere_if(moved(&self.cni, &before.cni)),
            FactName::Mesh => Bearing::everywhere_if(mesh).and(here(&[&NAMESPACE])),
            FactName::Components => {
                let cni = moved(&self.cni, &before.cni);
                Bearing::everywhere_if(mesh || cni).and(wide(&[&NAMESPACE]))
            }
            FactName::Namespace => here(&[&NAMESPACE]),
            FactName::RuntimeClass => wide(&[&RUNTIME_CLASS]),
            FactName::Flags => {
                let shown = moved(&self.control_plane, &before.control_plane)
                    || moved(&self.platform, &before.platform);
                Bearing::everywhere_if(shown).and(wide(&[&NODE]))
            }
            FactName::Psa => workloads().and(here(&[&NAMESPACE])),
        }
    }

    /// What of an object decides what its rights are: objects of equal ones have equal rights.
    #[must_use]
    pub fn rights_key<'o>(&self, object: &'o Object) -> Option<(&'o str, &'o str)> {
        let pod = Workload::of(object).filter(|_| !object.is_mirror_pod())?;
        Some((object.namespace(), pod.account()))
    }

    /// For which objects it may have changed who stands behind them, whether they are judged, and
    /// whether they are of the platform.
    #[must_use]
    pub fn bearing_on_standing(changes: &Changes, kind: &Kind) -> Bearing {
        let mut bearing = owners(changes);
        if *kind == *SERVICE_ACCOUNT && changes.touches([&*ROLE_BINDING, &*CLUSTER_ROLE_BINDING]) {
            bearing = bearing.and(Bearing::In(BTreeSet::from(["kube-system".into()])));
        }
        bearing
    }

    /// Whether an object is to these facts what it was to `before`: in who stands behind it, whether
    /// it is judged, and whether it is of the platform.
    #[must_use]
    pub fn stands_as(&self, before: &Self, object: &Object) -> bool {
        self.standing(object) == before.standing(object)
            && self.identity(object) == before.identity(object)
            && self.is_platform(object) == before.is_platform(object)
    }

    /// Whether other components, or other configurations of kubelets, are shown than before.
    #[must_use]
    pub fn shows_otherwise(&self, before: &Self) -> bool {
        moved(&self.control_plane, &before.control_plane) || moved(&self.platform, &before.platform)
    }

    /// Objects that show other components, or other configurations of kubelets, than they did.
    #[must_use]
    pub fn showing_otherwise(&self, before: &Self) -> BTreeSet<ObjectRef> {
        if !moved(&self.control_plane, &before.control_plane) {
            return BTreeSet::new();
        }
        self.control_plane().differing(before.control_plane())
    }
}

fn bearing_of_policies(changes: &Changes, kind: &Kind, population: bool) -> Bearing {
    let foreign: Vec<&Kind> = FOREIGN.iter().collect();
    let wide = changes.touches([&*NODE, &*ENDPOINT_SLICE]);
    let wide = Bearing::everywhere_if(wide).and(Bearing::here(changes, foreign));
    let own = Bearing::here(changes, [&*NETWORK_POLICY]);
    if *kind == *NETWORK_POLICY {
        // Its peers may be in any namespace.
        let peers = population || changes.touches([&*NAMESPACE]) || changes.places();
        return wide.and(own).and(Bearing::everywhere_if(peers));
    }
    let of_pods = is_workload(kind);
    let population = Bearing::here(changes, WORKLOADS.iter().filter(|_| !of_pods));
    wide.and(own).and(population)
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

/// Whether an index is another one. One that nobody asked for has told nobody anything.
fn moved<T>(now: &OnceLock<Arc<T>>, before: &OnceLock<Arc<T>>) -> bool {
    match (now.get(), before.get()) {
        (Some(now), Some(before)) => !Arc::ptr_eq(now, before),
        (_, None) => false,
        (None, Some(_)) => true,
    }
}
