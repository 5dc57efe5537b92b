//! An inventory with the objects of some namespaces alone: what may be handed to somebody else.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::model::inventory::Inventory;
use crate::model::kinds::{Builtin, Kind};
use crate::model::object::Object;
use crate::model::read::{Read, ReadStatus};
use crate::model::served;

/// What is left of an inventory.
#[derive(Debug)]
pub struct Narrowed {
    /// The objects of the namespaces, and reads that say what was left out.
    pub inventory: Inventory,
    /// Objects of the cluster itself that were kept, by kind.
    pub kept: BTreeMap<Kind, usize>,
    /// How many objects were left out.
    pub left_out: usize,
}

/// Keeps what lies in `namespaces`: their objects, their Namespace objects, and of what the cluster
/// has once the kinds in `wide`. A `PersistentVolume` that is bound to a claim of another namespace goes
/// with that namespace.
///
/// The reads say the same: a list of all namespaces becomes one of each that was kept, and one that was
/// not asked for, so that nothing is concluded about what is not here.
#[must_use]
pub fn narrow(inventory: &Inventory, namespaces: &[String], wide: &BTreeSet<Kind>) -> Narrowed {
    let scope = Scope { inventory, namespaces, wide };
    let objects: Vec<Arc<Object>> =
        inventory.objects().filter(|object| scope.takes(object)).cloned().collect();
    let mut kept = BTreeMap::new();
    for object in objects.iter().filter(|object| object.namespace().is_empty()) {
        if object.kind() != namespace_kind() {
            *kept.entry(object.kind()).or_default() += 1;
        }
    }
    let left_out = inventory.len() - objects.len();
    let mut source = inventory.source.clone();
    source.namespaces = namespaces.iter().filter(|name| source.holds(name)).cloned().collect();
    let mut narrowed = Inventory::new(source, objects, scope.reads());
    narrowed.problems.clone_from(&inventory.problems);
    narrowed.captured.clone_from(&inventory.captured);
    Narrowed { inventory: narrowed, kept, left_out }
}

fn namespace_kind() -> Kind {
    Kind::new("", "Namespace")
}

struct Scope<'a> {
    inventory: &'a Inventory,
    namespaces: &'a [String],
    wide: &'a BTreeSet<Kind>,
}

impl Scope<'_> {
    fn names(&self, namespace: &str) -> bool {
        self.namespaces.iter().any(|name| name == namespace)
    }

    fn takes(&self, object: &Object) -> bool {
        let kind = object.kind();
        if !object.namespace().is_empty() {
            return self.names(object.namespace());
        }
        if kind == namespace_kind() {
            return self.names(&object.id.name);
        }
        self.wide.contains(&kind) && !self.is_bound_elsewhere(object)
    }

    /// Whether it is the volume of a claim in another namespace.
    fn is_bound_elsewhere(&self, object: &Object) -> bool {
        let claim = object.body().str_at(&["spec", "claimRef", "namespace"]);
        &*object.id.kind == "PersistentVolume" && claim.is_some_and(|name| !self.names(name))
    }

    /// The reads, as far as they still say what is here.
    fn reads(&self) -> Vec<Read> {
        let mut reads = Vec::new();
        let mut known: BTreeSet<Kind> = BTreeSet::new();
        for read in &self.inventory.reads {
            let Some(kind) = &read.kind else {
                reads.push(read.clone());
                continue;
            };
            match &read.namespace {
                Some(namespace) if self.names(namespace) => reads.push(read.clone()),
                Some(_) if known.insert(kind.clone()) => reads.push(self.left_out(read)),
                Some(_) => {}
                None if self.is_divided(kind) => {
                    reads.extend(self.namespaces.iter().map(|name| self.of(read, kind, name)));
                    if known.insert(kind.clone()) {
                        reads.push(self.left_out(read));
                    }
                }
                None => {
                    known.insert(kind.clone());
                    reads.push(self.wide(read, kind));
                }
            }
        }
        // Manifests are read by file: that a kind is not all here has no read of its own yet.
        for kind in self.inventory.kinds().filter(|kind| !known.contains(*kind)) {
            if self.inventory.of(kind).iter().any(|object| !self.takes(object)) {
                reads.push(self.left_out(&Read {
                    resource: kind.builtin().map_or_else(|| kind.to_string(), Builtin::resource),
                    kind: Some(kind.clone()),
                    namespace: None,
                    status: ReadStatus::NotAsked,
                    items: 0,
                    message: None,
                    millis: None,
                }));
            }
        }
        reads
    }

    /// Whether objects of a kind belong to namespaces, or are namespaces.
    fn is_divided(&self, kind: &Kind) -> bool {
        let lives = |object: &Arc<Object>| !object.namespace().is_empty();
        *kind == namespace_kind()
            || kind.is_list()
                && self.inventory.of(kind).first().map_or_else(|| served::namespaced(kind), lives)
    }

    /// What a list of all namespaces says of one of them.
    fn of(&self, read: &Read, kind: &Kind, namespace: &str) -> Read {
        let items = if *kind == namespace_kind() {
            usize::from(self.inventory.get(kind, "", namespace).is_some())
        } else {
            self.inventory.in_namespace(kind, namespace).len()
        };
        Read { namespace: Some(namespace.to_owned()), items, ..read.clone() }
    }

    fn wide(&self, read: &Read, kind: &Kind) -> Read {
        let items = self.inventory.of(kind).iter().filter(|object| self.takes(object)).count();
        if items == self.inventory.of(kind).len() {
            return read.clone();
        }
        Read { items, ..self.left_out(read) }
    }

    fn left_out(&self, read: &Read) -> Read {
        let kept = self.namespaces.join(", ");
        Read {
            namespace: None,
            status: ReadStatus::NotAsked,
            items: 0,
            message: Some(format!("left out of the snapshot, which is of {kept} alone")),
            millis: None,
            ..read.clone()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::inventory::Knowledge;
    use crate::source::{demo, files};

    fn pay() -> Vec<String> {
        vec!["pay".to_owned()]
    }

    fn wide(kinds: &[(&str, &str)]) -> BTreeSet<Kind> {
        kinds.iter().map(|(group, kind)| Kind::new(group, kind)).collect()
    }

    #[test]
    fn nothing_of_other_namespaces_is_left_and_the_reads_say_so() {
        let whole = demo::inventory([]);
        let roles = ("rbac.authorization.k8s.io", "ClusterRole");
        let narrowed = narrow(&whole, &pay(), &wide(&[roles]));
        let inventory = &narrowed.inventory;
        assert!(inventory.objects().all(|o| matches!(o.namespace(), "pay" | "")));
        assert_eq!(inventory.namespaces().into_iter().collect::<Vec<_>>(), ["pay"]);
        assert_eq!(narrowed.kept.keys().map(|k| &*k.kind).collect::<Vec<_>>(), ["ClusterRole"]);
        assert_eq!(narrowed.left_out + inventory.len(), whole.len());
        let pods = Kind::new("", "Pod");
        assert!(!inventory.in_namespace(&pods, "pay").is_empty());
        assert_eq!(inventory.knows(&pods, Some("pay")), Knowledge::Complete);
        assert_eq!(inventory.knows(&namespace_kind(), Some("pay")), Knowledge::Complete);
        assert_eq!(inventory.knows(&Kind::new(roles.0, roles.1), None), Knowledge::Complete);
        for namespace in [None, Some("shop")] {
            let Knowledge::Missing(missing) = inventory.knows(&pods, namespace) else {
                panic!("{namespace:?} was left out");
            };
            assert!(missing.reason.contains("of pay alone"), "{}", missing.reason);
        }
        // What is kept of the cluster without its objects is not known either.
        let nodes = inventory.knows(&Kind::new("", "Node"), None);
        assert!(matches!(nodes, Knowledge::Missing(_)), "{nodes:?}");
    }

    #[test]
    fn a_volume_goes_with_the_namespace_of_its_claim() {
        let volume = |name: &str, claim: &str| {
            format!(
                "---\napiVersion: v1\nkind: PersistentVolume\nmetadata: {{name: {name}}}\nspec: {{claimRef: {{namespace: {claim}, name: data}}}}\n"
            )
        };
        let text = volume("ours", "pay") + &volume("theirs", "shop");
        let whole = files::from_text("v.yaml", &text, &files::Options::default());
        let narrowed = narrow(&whole, &pay(), &wide(&[("", "PersistentVolume")]));
        let names: Vec<&str> = narrowed.inventory.objects().map(|o| &*o.id.name).collect();
        assert_eq!(names, ["ours"]);
    }

    #[test]
    fn manifests_that_are_everything_stay_so_where_nothing_was_left_out() {
        let text = "apiVersion: v1\nkind: Pod\nmetadata: {name: a, namespace: pay}\n";
        let options = files::Options { complete: true, ..files::Options::default() };
        let whole = files::from_text("a.yaml", text, &options);
        let inventory = narrow(&whole, &pay(), &BTreeSet::new()).inventory;
        let services = Kind::new("", "Service");
        assert_eq!(inventory.knows(&services, Some("pay")), Knowledge::Complete);
        assert!(matches!(inventory.knows(&services, Some("shop")), Knowledge::Missing(_)));
        assert!(matches!(inventory.knows(&services, None), Knowledge::Missing(_)));
    }
}
