//! `facts.labellers`: who may change labels of namespaces without being an administrator.

use rustc_hash::FxHashSet;

use super::index::{Binding, Subject};
use super::reach::everywhere;
use super::{Rbac, is_builtin_subject, names_cluster_admin};
use crate::facts::unknown::{Answer, Draft, Fact, Reads};

impl Rbac {
    /// `facts.labellers`, of the cluster as a whole: `namespaces`, subjects that may change labels of some
    /// namespace, and `seen`, those in sight, where there may be more.
    pub(crate) fn labellers(&self, reads: &Reads) -> Fact {
        let make = || {
            let mut draft = Draft::default();
            let (seen, whole) = self.find_labellers(reads);
            let known = if seen.is_empty() { whole } else { Ok(()) };
            draft.put("namespaces", known.map(|()| seen.clone()));
            draft.set("seen", seen);
            draft.finish()
        };
        self.labellers.get_or_init(make).clone()
    }

    /// Those that are seen, and whether there are no others.
    fn find_labellers(&self, reads: &Reads) -> (Vec<String>, Answer<()>) {
        let mut found: Vec<String> = Vec::new();
        let mut unread = None;
        let admins = self.admins(reads);
        // In kube-system a role reaches the labels of kube-system alone.
        let bindings = self.index.bindings.iter();
        for binding in bindings.filter(|binding| binding.object.namespace() != "kube-system") {
            match self.index.role_of(reads, binding) {
                _ if self.makes_admin(reads, binding) => {}
                Ok(None) => {}
                Ok(Some(role)) => {
                    if role.labels_namespaces() {
                        let foreign = |subject: &&Subject| {
                            **subject != Subject::Invalid
                                && !is_builtin_subject(binding, subject, role.powers())
                                && !admins.contains(subject)
                        };
                        found.extend(binding.subjects.iter().filter(foreign).map(Subject::text));
                    } else {
                        unread = unread.or_else(|| role.whole(reads).err());
                    }
                }
                Err(missing) => unread = unread.or(Some(missing)),
            }
        }
        found.sort();
        found.dedup();
        (found, unread.map_or_else(|| everywhere(reads), Err))
    }

    /// Whom some binding makes an administrator of the cluster.
    fn admins(&self, reads: &Reads) -> FxHashSet<&Subject> {
        let making = self.index.bindings.iter().filter(|binding| self.makes_admin(reads, binding));
        making.flat_map(|binding| &binding.subjects).collect()
    }

    fn makes_admin(&self, reads: &Reads, binding: &Binding) -> bool {
        let admin = || {
            let role = self.index.role_of(reads, binding).ok().flatten();
            role.is_some_and(|role| role.powers().iter().any(|power| power.is_admin()))
        };
        binding.is_cluster_wide() && (names_cluster_admin(binding) || admin())
    }
}
