//! Facts after a change: what it cannot bear on is carried over, and what it may bear on is named, so
//! that only that has to be judged again.
//!
//! Which kinds a fact looks at is said twice in this crate: by `FactName::kinds`, what it has to have
//! read, and here, what can make it say something else. The tests change every kind in turn and hold
//! this against facts that were worked out from nothing.

mod carry;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::sync::{Arc, LazyLock, OnceLock, PoisonError};

use super::kind::{
    AUDIT_POLICY, CILIUM_CLUSTER_POLICY, CILIUM_POLICY, CLUSTER_ROLE, CLUSTER_ROLE_BINDING,
    NAMESPACE, NETWORK_POLICY, NODE, PEER_AUTHENTICATION, ROLE, ROLE_BINDING, RUNTIME_CLASS,
    SECRET, SERVICE_ACCOUNT, is_workload,
};
use super::netpol::{PeerNews, foreign_kinds};
use super::rbac::Concerned;
use super::workload::Workload;
use super::{FactName, Facts};
use crate::model::changes::Changes;
use crate::model::kinds::{Kind, flagz, kubelet_configuration, workloads};
use crate::model::node::{Map, Node};
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

    /// In these namespaces, if there is any.
    fn within(namespaces: BTreeSet<Box<str>>) -> Self {
        if namespaces.is_empty() { Self::Nowhere } else { Self::In(namespaces) }
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

/// What changed between two moments, as facts see it.
#[derive(Debug)]
pub struct News<'c> {
    changes: &'c Changes,
    /// Without objects that are to others what they were: owners, of the same revision.
    kin: Changes,
    /// For peers of network policies; none where nobody asked for these.
    peers: Option<PeerNews>,
    /// Whose rights may be other ones; none where nobody asked for any.
    rights: Option<Concerned>,
}

impl News<'_> {
    /// Whether a fact may say something else about an object, or about elements of it. False is
    /// certain.
    #[must_use]
    pub fn may_concern(&self, fact: FactName, object: &Object) -> bool {
        let kind = object.kind();
        match fact {
            FactName::Netpol if kind == *NETWORK_POLICY => {
                self.peers.as_ref().is_none_or(|news| news.concerns(object))
                    || self.changes.touches(&*FOREIGN)
            }
            FactName::Rbac => self.rights.as_ref().is_none_or(|rights| {
                if kind == *ROLE || kind == *CLUSTER_ROLE {
                    return rights.takes_role(object);
                }
                if kind == *SERVICE_ACCOUNT {
                    return rights.takes_account(object.namespace(), &object.id.name);
                }
                let pod = Workload::of(object);
                pod.is_none_or(|pod| rights.takes_account(object.namespace(), pod.account()))
            }),
            _ => true,
        }
    }
}

/// Whether an object is to others what it was: what is read of the owners of an object, of whichever
/// kind, to tell who stands behind it and whether it is of the current revision ([`super::owner`]).
fn is_kin_as(one: Option<&Object>, other: Option<&Object>) -> bool {
    let (Some(one), Some(other)) = (one, other) else {
        // Of what stands behind nothing else, no more is read than its name, which an owner's
        // reference has.
        return [one, other].into_iter().flatten().all(is_topmost);
    };
    let same = |keys: &[&str]| one.body().at(keys) == other.body().at(keys);
    one.id == other.id
        && one.owners == other.owners
        && (is_topmost(one)
            || same(&["metadata", "labels"])
                && same(&["metadata", "annotations"])
                && same(&["metadata", "generateName"])
                && same(&["status", "updateRevision"]))
}

/// Whether an object is built in, no workload, and has no owner.
fn is_topmost(object: &Object) -> bool {
    object.owners.is_empty() && object.builtin().is_some_and(|known| known.pod_spec.is_empty())
}

/// Whether two states of a workload run the same, under the same owners, and neither has finished
/// since. Of a Namespace, which has its labels in its metadata, nothing else is counted.
fn is_run_alike(one: Option<&Object>, other: Option<&Object>) -> bool {
    fn rest(object: &Object) -> impl Iterator<Item = (&str, &Node)> {
        let all = object.body().as_map().into_iter().flat_map(Map::iter);
        all.filter(|(key, _)| !matches!(*key, "metadata" | "status"))
    }
    let (Some(one), Some(other)) = (one, other) else { return false };
    let same = |keys: &[&str]| one.body().at(keys) == other.body().at(keys);
    is_kin_as(Some(one), Some(other))
        && same(&["metadata", "labels"])
        && same(&["metadata", "annotations"])
        && one.phase == other.phase
        && rest(one).eq(rest(other))
}

/// Where it may be others who stand behind an object: in the namespaces of what changed among these.
fn owners(kin: &Changes) -> Bearing {
    Bearing::here(kin, kin.kinds().map(|(kind, _)| kind))
}

impl Facts {
    /// What changed between `before` and now.
    #[must_use]
    pub fn news<'c>(&self, before: &Self, changes: &'c Changes) -> News<'c> {
        let rights = before.rbac.get().map(|rbac| Concerned::by(changes, &rbac.index));
        let peers = match (self.netpol.get(), before.netpol.get()) {
            (Some(now), Some(then)) => Some(PeerNews::between(now, then, changes.places())),
            _ => None,
        };
        News { changes, kin: changes.but_for(is_kin_as), peers, rights }
    }

    /// For which objects of a kind a fact, asked in a scope, may say something else than `before`
    /// did. Both are about inventories that rest on the same reads.
    #[must_use]
    pub fn bearing(
        &self,
        before: &Self,
        news: &News<'_>,
        fact: FactName,
        scope: &str,
        kind: &Kind,
    ) -> Bearing {
        let changes = news.changes;
        let here = |kinds: &[&Kind]| Bearing::here(changes, kinds.iter().copied());
        let existence = || {
            let any = changes.in_number([&*SERVICE_ACCOUNT, &*NAMESPACE]) || changes.places();
            Bearing::everywhere_if(any)
        };
        let mesh = moved(&self.mesh, &before.mesh)
            || changes.touches([&*PEER_AUTHENTICATION, &*CILIUM_POLICY, &*CILIUM_CLUSTER_POLICY]);
        match fact {
            FactName::Version => Bearing::Nowhere,
            FactName::Token => here(&[&SERVICE_ACCOUNT]),
            FactName::Rbac if scope == "subject" => self.strong_news(before, news).and(existence()),
            FactName::Rbac => bearing_of_rights(news, kind),
            FactName::Holder => self.holder_news(before, news),
            FactName::Labellers => {
                let any = news.rights.as_ref().is_some_and(|r| r.is_any() || r.is_all());
                Bearing::everywhere_if(any)
            }
            // Any account of the namespace may be the one whose token a Secret holds.
            FactName::Credentials => {
                bearing_of_rights(news, kind).and(here(&[&SERVICE_ACCOUNT, &SECRET]))
            }
            FactName::Refs if scope == "subject" => existence(),
            FactName::Refs => self.user_news(before),
            FactName::Owner => owners(&news.kin),
            FactName::Account => here(&[&SERVICE_ACCOUNT]).and(self.user_news(before)),
            FactName::Netpol => self.policy_news(before, news, kind),
            FactName::Platform => Bearing::everywhere_if(moved(&self.platform, &before.platform)),
            FactName::Nodes => Bearing::everywhere_if(moved(&self.nodes, &before.nodes)),
            FactName::Cni => Bearing::everywhere_if(moved(&self.cni, &before.cni)),
            FactName::Mesh => Bearing::everywhere_if(mesh).and(here(&[&NAMESPACE])),
            FactName::Components => {
                let cni = moved(&self.cni, &before.cni);
                Bearing::everywhere_if(mesh || cni || changes.touches([&*NAMESPACE]))
            }
            FactName::Namespace => here(&[&NAMESPACE]),
            FactName::RuntimeClass => Bearing::everywhere_if(changes.touches([&*RUNTIME_CLASS])),
            FactName::Flags => {
                let shown = moved(&self.control_plane, &before.control_plane)
                    || moved(&self.platform, &before.platform);
                Bearing::everywhere_if(shown || changes.touches([&*NODE]))
            }
            FactName::Psa => self.level_news(before, changes),
            FactName::Audit => Bearing::everywhere_if(changes.touches([&*AUDIT_POLICY])),
            FactName::Admission => {
                let policies = moved(&self.admission, &before.admission);
                let wide = policies || scope == "cluster" && changes.touches([&*NAMESPACE]);
                Bearing::everywhere_if(wide).and(here(&[&NAMESPACE]))
            }
        }
    }

    /// Where other accounts than before could take over the cluster.
    fn strong_news(&self, before: &Self, news: &News<'_>) -> Bearing {
        let Some(rights) = news.rights.as_ref().filter(|rights| rights.is_any()) else {
            return Bearing::Nowhere;
        };
        let Some(then) = before.rbac.get().filter(|_| !rights.is_all()) else {
            return Bearing::Everywhere;
        };
        match self.rbac().stronger_than(then, &self.reads) {
            Some(namespaces) => Bearing::within(namespaces),
            None => Bearing::Everywhere,
        }
    }

    /// Where subjects stand that hold other rights than before, through whichever binding or group, or
    /// beside whom others could take over the cluster.
    fn holder_news(&self, before: &Self, news: &News<'_>) -> Bearing {
        match &news.rights {
            None => Bearing::Nowhere,
            Some(rights) if rights.is_all() => Bearing::Everywhere,
            Some(rights) if !rights.is_any() => Bearing::Nowhere,
            Some(rights) if rights.is_of_groups() => Bearing::Everywhere,
            Some(_) if self.strong_news(before, news) != Bearing::Nowhere => Bearing::Everywhere,
            Some(rights) => {
                let homes = |facts: &Self| facts.rbac().homes_of(rights);
                Bearing::within(homes(self)).and(Bearing::within(homes(before)))
            }
        }
    }

    /// Where somebody else than before runs as some account.
    fn user_news(&self, before: &Self) -> Bearing {
        match (self.users.get(), before.users.get()) {
            (_, None) => Bearing::Nowhere,
            (None, Some(_)) => Bearing::Everywhere,
            (Some(now), Some(then)) => {
                Bearing::within(now.moved_since(then).into_iter().map(Into::into).collect())
            }
        }
    }

    /// Where Pod Security levels, or those that workloads meet, may be others.
    fn level_news(&self, before: &Self, changes: &Changes) -> Bearing {
        let mut homes = match Bearing::here(changes, WORKLOADS.iter().chain([&*NAMESPACE])) {
            Bearing::In(homes) => homes,
            bearing => return bearing,
        };
        // What was taken over is the same.
        let known = |facts: &Self, name: &str| {
            facts.psa.lock().unwrap_or_else(PoisonError::into_inner).get(name).cloned()
        };
        homes.retain(|name| known(self, name).is_none_or(|now| known(before, name) != Some(now)));
        Bearing::within(homes)
    }

    /// For which objects of a kind network policies may come to something else.
    fn policy_news(&self, before: &Self, news: &News<'_>, kind: &Kind) -> Bearing {
        let (now, then) = match (self.netpol.get(), before.netpol.get()) {
            (_, None) => return Bearing::Nowhere,
            (None, Some(_)) => return Bearing::Everywhere,
            (Some(now), Some(then)) => (now, then),
        };
        let foreign = Bearing::here(news.changes, &*FOREIGN);
        let around = Bearing::everywhere_if(!now.is_around_as(then)).and(foreign);
        let own = Bearing::here(news.changes, [&*NETWORK_POLICY]);
        let moved = news.peers.iter().flat_map(PeerNews::moved);
        let population = match &news.peers {
            // Its peers may be in any namespace.
            Some(peers) if *kind == *NETWORK_POLICY => Bearing::everywhere_if(!peers.is_empty()),
            _ if is_workload(kind) => Bearing::Nowhere,
            _ => Bearing::within(moved.map(Into::into).collect()),
        };
        around.and(own).and(population)
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
    pub fn bearing_on_standing(news: &News<'_>, kind: &Kind) -> Bearing {
        let mut bearing = owners(&news.kin);
        let changes = news.changes;
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

/// For which objects of a kind rights may be other ones, but for those of subjects.
fn bearing_of_rights(news: &News<'_>, kind: &Kind) -> Bearing {
    let Some(rights) = news.rights.as_ref().filter(|rights| rights.is_any()) else {
        return Bearing::Nowhere;
    };
    if rights.is_all() {
        return Bearing::Everywhere;
    }
    if *kind == *ROLE || *kind == *CLUSTER_ROLE {
        return Bearing::within(rights.homes_of_roles());
    }
    // A binding goes by its role.
    if *kind == *ROLE_BINDING || *kind == *CLUSTER_ROLE_BINDING {
        return Bearing::Nowhere;
    }
    rights.homes_of_accounts().map_or(Bearing::Everywhere, Bearing::within)
}

/// Whether an index is another one. One that nobody asked for has told nobody anything.
fn moved<T>(now: &OnceLock<Arc<T>>, before: &OnceLock<Arc<T>>) -> bool {
    match (now.get(), before.get()) {
        (Some(now), Some(before)) => !Arc::ptr_eq(now, before),
        (_, None) => false,
        (None, Some(_)) => true,
    }
}
