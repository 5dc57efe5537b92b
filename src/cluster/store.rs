//! What is known so far, list by list, and the inventories made of it.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::list::Listed;
use super::merge::Pending;
use super::read::Step;
use super::target::Target;
use crate::model::arriving::Arriving;
use crate::model::inventory::{Inventory, SourceInfo};
use crate::model::kinds::{Builtin, Kind};
use crate::model::object::Object;
use crate::model::read::{Read, ReadStatus};

/// One list: a kind in one namespace, or everywhere.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Slot {
    pub kind: Kind,
    pub namespace: Option<String>,
}

impl Slot {
    /// `pods in team-a`.
    pub(super) fn words(&self, target: &Target) -> String {
        match &self.namespace {
            Some(namespace) => format!("{} in {namespace}", target.words()),
            None => target.words(),
        }
    }
}

/// Namespace and name.
pub(super) type Name = (Box<str>, Box<str>);

/// What identifies an object within its list.
pub(super) fn name(object: &Object) -> Name {
    (object.namespace().into(), object.id.name.clone())
}

struct Entry {
    target: Option<Arc<Target>>,
    status: ReadStatus,
    message: Option<String>,
    millis: Option<u64>,
    version: String,
    objects: HashMap<Name, Arc<Object>>,
    /// Of a list under way that has never been complete.
    arriving: Vec<Arc<Object>>,
    /// The names of everything in it.
    names: Vec<Arc<Arriving>>,
    /// Still expected in the reading under way.
    due: bool,
    /// Seen in the reading under way.
    current: bool,
}

/// All lists.
pub(super) struct Store {
    source: SourceInfo,
    extra: Vec<Read>,
    entries: BTreeMap<Slot, Entry>,
    revision: u64,
}

/// How far a reading is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Counts {
    pub done: usize,
    pub planned: usize,
    pub objects: usize,
}

impl Store {
    pub(super) fn new(source: SourceInfo) -> Self {
        Self { source, extra: Vec::new(), entries: BTreeMap::new(), revision: 0 }
    }

    /// A reading begins. What is known stays until the new lists are complete.
    pub(super) fn begin(&mut self) {
        self.extra.clear();
        for entry in self.entries.values_mut() {
            entry.current = false;
            entry.due = false;
        }
    }

    /// A reading is complete: lists that it did not ask for are gone.
    pub(super) fn finish(&mut self) {
        self.entries.retain(|_, entry| entry.current);
    }

    /// Takes in what a reading reports; tells whether objects or reads changed.
    pub(super) fn apply(&mut self, step: Step) -> bool {
        match step {
            Step::Facts { kubernetes, uid } => {
                self.source.kubernetes = kubernetes.or_else(|| self.source.kubernetes.take());
                self.source.cluster_uid = uid.or_else(|| self.source.cluster_uid.take());
            }
            Step::Begun(moment) => self.source.read_at = Some(moment),
            Step::Extra(read) => self.extra.push(read),
            Step::Planned(slots) => {
                for (slot, target) in slots {
                    let entry = self.entry(slot);
                    entry.target = target;
                    entry.due = true;
                }
            }
            Step::Page(slot, objects) => self.entry(slot).arriving.extend(objects),
            Step::Names(slot, names) => self.entry(slot).name(names),
            Step::Done(slot, target, listed) => {
                let entry = self.entry(slot);
                entry.target = target;
                entry.take(listed);
            }
            Step::Note(_) => return false,
        }
        true
    }

    fn entry(&mut self, slot: Slot) -> &mut Entry {
        let entry = self.entries.entry(slot).or_insert_with(Entry::empty);
        entry.current = true;
        entry
    }

    /// Takes in what a watch saw.
    pub(super) fn merge(&mut self, slot: &Slot, pending: Pending) {
        let Some(entry) = self.entries.get_mut(slot) else { return };
        if let Some(listed) = pending.relist {
            entry.take(listed);
        }
        for (name, object) in pending.objects {
            match object {
                Some(object) => entry.objects.insert(name, object),
                None => entry.objects.remove(&name),
            };
        }
        if let Some(version) = pending.version {
            entry.version = version;
        }
    }

    /// Lists that a watch can keep up to date: slot, target and where to go on.
    pub(super) fn watchable(&self) -> Vec<(Slot, Arc<Target>, String)> {
        let watchable = self.entries.iter().filter(|(_, entry)| !entry.version.is_empty());
        watchable
            .filter_map(|(slot, entry)| {
                let target = entry.target.as_ref()?;
                Some((slot.clone(), Arc::clone(target), entry.version.clone()))
            })
            .collect()
    }

    /// Kinds that were listed but give a watch nothing to go on from. A namespace that was got by
    /// its name was not listed: whoever may not list namespaces still has everything in it live.
    pub(super) fn unwatchable(&self) -> impl Iterator<Item = Kind> {
        let by_name =
            |slot: &Slot| slot.namespace.is_some() && slot.kind == Kind::new("", "Namespace");
        let read = |entry: &Entry| {
            entry.version.is_empty()
                && matches!(entry.status, ReadStatus::Complete | ReadStatus::Partial)
                && entry.target.is_some()
        };
        let unwatchable = self.entries.iter().filter(move |(slot, e)| read(e) && !by_name(slot));
        unwatchable.map(|(slot, _)| slot.kind.clone())
    }

    /// How far the reading is.
    pub(super) fn counts(&self) -> Counts {
        let planned = self.entries.values().filter(|entry| entry.current);
        Counts {
            done: planned.clone().filter(|entry| !entry.due).count(),
            planned: planned.count(),
            objects: self.entries.values().map(|e| e.objects.len().max(e.arriving.len())).sum(),
        }
    }

    /// Everything an inventory is made of, cheap to collect; making it is not.
    pub(super) fn parts(&mut self) -> Parts {
        self.revision += 1;
        let mut objects = Vec::with_capacity(self.counts().objects);
        let mut reads = self.extra.clone();
        let mut names = Vec::new();
        for (slot, entry) in &self.entries {
            objects.extend(entry.objects.values().cloned());
            objects.extend(entry.arriving.iter().cloned());
            reads.push(entry.read(slot));
            if !entry.names.is_empty() {
                names.push((slot.kind.clone(), entry.names.clone()));
            }
        }
        Parts { source: self.source.clone(), objects, names, reads, revision: self.revision }
    }
}

/// What an inventory is made of.
pub(super) struct Parts {
    source: SourceInfo,
    objects: Vec<Arc<Object>>,
    names: Vec<(Kind, Vec<Arc<Arriving>>)>,
    reads: Vec<Read>,
    revision: u64,
}

impl Parts {
    /// Sorts and indexes; milliseconds for thousands of objects.
    pub(super) fn inventory(self) -> Inventory {
        let mut inventory = Inventory::new(self.source, self.objects, self.reads);
        inventory.revision = self.revision;
        for (kind, names) in self.names {
            let missing = missing(names, inventory.of(&kind));
            inventory.arriving.entry(kind).or_default().extend(missing);
        }
        inventory
    }
}

/// Those of a list's names that none of these objects has. Objects of several namespaces may have
/// one name: then as many are left as there are more of them.
fn missing(names: Vec<Arc<Arriving>>, objects: &[Arc<Object>]) -> Vec<Arc<Arriving>> {
    let mut there: HashMap<&str, Vec<&str>> = HashMap::with_capacity(objects.len());
    for object in objects {
        there.entry(&object.id.name).or_default().push(object.namespace());
    }
    let mut is_there = |name: &Arriving| {
        let Some(places) = there.get_mut(&*name.name) else { return false };
        let same = |place: &&str| name.namespace.as_deref().is_none_or(|own| own == *place);
        places.iter().position(same).map(|at| places.swap_remove(at)).is_some()
    };
    names.into_iter().filter(|name| !is_there(name)).collect()
}

impl Entry {
    fn empty() -> Self {
        Self {
            target: None,
            status: ReadStatus::Partial,
            message: Some("still loading".to_owned()),
            millis: None,
            version: String::new(),
            objects: HashMap::new(),
            arriving: Vec::new(),
            names: Vec::new(),
            due: false,
            current: false,
        }
    }

    /// Names that come when the list is there, or has been there before, say nothing new.
    fn name(&mut self, names: Vec<Arc<Arriving>>) {
        if self.millis.is_none() && self.objects.is_empty() {
            self.names = names;
        }
    }

    /// Why it is not complete.
    fn message(&self) -> Option<String> {
        if self.names.is_empty() {
            return self.message.clone();
        }
        Some(format!("still loading, {} of {}", self.arriving.len(), self.names.len()))
    }

    fn take(&mut self, listed: Listed) {
        self.objects = listed.objects.into_iter().map(|object| (name(&object), object)).collect();
        self.arriving = Vec::new();
        self.names = Vec::new();
        self.version = listed.version;
        self.status = listed.status;
        self.message = listed.message;
        self.millis = listed.millis;
        self.due = false;
    }

    fn read(&self, slot: &Slot) -> Read {
        let resource = self.target.as_ref().map_or_else(
            || slot.kind.builtin().map_or_else(|| unnamed(&slot.kind), Builtin::resource),
            |target| target.resource(),
        );
        Read {
            resource,
            kind: Some(slot.kind.clone()),
            namespace: slot.namespace.clone(),
            status: self.status,
            items: self.objects.len().max(self.arriving.len()),
            message: self.message(),
            millis: self.millis,
        }
    }
}

/// How a kind is named whose version and plural nobody told, or which no list brings.
fn unnamed(kind: &Kind) -> String {
    let end_point = kind.end_point().map(str::to_owned);
    end_point.unwrap_or_else(|| format!("{}/{}", kind.group, kind.kind))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::node::Node;

    fn pod(name: &str, namespace: &str) -> Arc<Object> {
        let body = format!(
            r#"{{"apiVersion":"v1","kind":"Pod","metadata":{{"name":"{name}","namespace":"{namespace}"}}}}"#
        );
        Arc::new(Object::new(Node::from_json(body.as_bytes()).unwrap()).unwrap())
    }

    fn names(namespace: Option<&str>, names: &[&str]) -> Vec<Arc<Arriving>> {
        let name = |name: &&str| Arriving {
            namespace: namespace.map(Into::into),
            name: (*name).into(),
            state: "".into(),
        };
        names.iter().map(|n| Arc::new(name(n))).collect()
    }

    #[test]
    fn a_name_is_arriving_until_its_object_is_there() {
        let kind = Kind::new("", "Pod");
        let slot = Slot { kind: kind.clone(), namespace: None };
        let mut store = Store::new(SourceInfo::default());
        store.apply(Step::Planned(vec![(slot.clone(), None)]));
        store.apply(Step::Names(slot.clone(), names(None, &["a", "b", "b", "c"])));
        let coming = |store: &mut Store| -> Vec<String> {
            let inventory = store.parts().inventory();
            let coming = inventory.arriving.get(&kind).into_iter().flatten();
            coming.map(|name| name.name.to_string()).collect()
        };
        assert_eq!(coming(&mut store), ["a", "b", "b", "c"]);
        store.apply(Step::Page(slot.clone(), vec![pod("b", "x"), pod("new", "x")]));
        assert_eq!(coming(&mut store), ["a", "b", "c"]);
        let mut listed = Listed::without(ReadStatus::Complete, None);
        listed.objects = vec![pod("a", "x"), pod("b", "x"), pod("new", "x")];
        listed.millis = Some(1);
        store.apply(Step::Done(slot.clone(), None, listed));
        assert_eq!(coming(&mut store), [""; 0], "what is not there now was deleted meanwhile");
        store.apply(Step::Names(slot, names(None, &["late"])));
        assert_eq!(coming(&mut store), [""; 0]);
    }

    #[test]
    fn names_of_one_namespace_are_not_taken_for_those_of_another() {
        let objects = [pod("web", "a")];
        assert_eq!(missing(names(Some("b"), &["web"]), &objects).len(), 1);
        assert_eq!(missing(names(Some("a"), &["web"]), &objects).len(), 0);
    }
}
