//! What of the rights bears on one namespace, and what has to be read to know them.

use std::sync::Arc;

use super::{Access, Holder, RoleUse, Subject};
use crate::facts::FactName;
use crate::facts::kind::{NAMESPACE, SERVICE_ACCOUNT, required_workloads};
use crate::model::kinds::Kind;
use crate::model::read::Missing;

impl Access {
    /// The kinds whose objects say who may do what, and who runs with it.
    #[must_use]
    pub fn kinds() -> Vec<Kind> {
        let mut kinds = FactName::Rbac.kinds("object");
        kinds.extend([NAMESPACE.clone(), SERVICE_ACCOUNT.clone()]);
        kinds.extend(required_workloads());
        kinds.sort();
        kinds.dedup();
        kinds
    }

    /// Who has a right in a namespace or is an account of it, the worst first; everybody without one.
    pub fn holders_in<'a>(
        &'a self,
        namespace: Option<&'a str>,
    ) -> impl Iterator<Item = &'a Arc<Holder>> {
        self.holders.iter().filter(move |holder| {
            let own = |name: &str| matches!(&holder.subject, Subject::Account { namespace, .. } if **namespace == *name);
            namespace.is_none_or(|name| holder.reach.covers(name) || own(name))
        })
    }

    /// The roles that a namespace has, or that are bound in it or in the whole cluster, the worst
    /// first; every role without one.
    #[must_use]
    pub fn roles_in(&self, namespace: Option<&str>) -> Vec<&Arc<RoleUse>> {
        let bound = |role: &RoleUse| {
            let mut places = role.bindings.iter().map(|binding| binding.place.as_deref());
            places.any(|place| place.is_none() || place == namespace)
        };
        let here = |role: &&Arc<RoleUse>| {
            let place = role.id.namespace.as_deref();
            namespace.is_none() || place == namespace || (place.is_none() && bound(role))
        };
        let mut roles: Vec<&Arc<RoleUse>> = self.roles.iter().filter(here).collect();
        roles.sort_by_cached_key(|role| {
            let worst = role.worst.as_ref().map(|worst| (worst.grade, worst.power));
            (worst.is_none(), worst, role.builtin, role.id.clone())
        });
        roles
    }

    /// What could not be read and may hide rights of a subject.
    #[must_use]
    pub fn unknown_of(&self, subject: &Subject) -> Vec<Arc<Missing>> {
        if *subject == Subject::Group("system:masters".into()) {
            return Vec::new();
        }
        let own = self.holder(subject).and_then(|holder| holder.unknown.clone());
        let mut all: Vec<Arc<Missing>> = own.into_iter().map(Arc::new).collect();
        let listed: Vec<_> = self.unknown.iter().filter(|m| !all.contains(m)).cloned().collect();
        all.extend(listed);
        all
    }
}

impl RoleUse {
    /// Whether only the distribution itself uses it.
    #[must_use]
    pub fn is_builtin_alone(&self) -> bool {
        self.builtin && !self.bindings.iter().any(|binding| binding.builtin.contains(&false))
    }
}
