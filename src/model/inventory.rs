//! The objects and the reads of one source at one moment. Immutable; shared by `Arc`.

mod again;
mod knows;
mod source;
mod source_id;

pub use knows::ReadIndex;
pub use source::{PROVIDERS, SourceInfo, SourceKind, manifests};
pub use source_id::SourceId;

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, OnceLock};

use serde::{Deserialize, Serialize};

use super::arriving::Arriving;
use super::captured::Captured;
use super::kinds::Kind;
use super::object::{Object, ObjectRef};
use super::read::{Missing, Read, ReadStatus};

/// A document that could not be read as objects.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// What is broken.
    pub kind: ProblemKind,
    /// The file, if it stands in one.
    pub file: Option<String>,
    /// Line, from 1.
    pub line: Option<u32>,
    /// Column, from 1.
    pub column: Option<u32>,
    /// The object it is about.
    pub object: Option<ObjectRef>,
    /// Of a rule that failed to evaluate: the id of its check. Runs of earlier versions have it in their
    /// words alone; ask [`Problem::of_check`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub check: Option<Arc<str>>,
    /// What went wrong and what to do.
    pub message: String,
}

impl Problem {
    /// The check whose rule failed to evaluate.
    #[must_use]
    pub fn of_check(&self) -> Option<&str> {
        if self.kind != ProblemKind::Evaluation {
            return None;
        }
        // As versions said it that kept it nowhere else.
        let said = || Some(self.message.strip_prefix("check ")?.split_once(": ")?.0);
        self.check.as_deref().or_else(said)
    }
}

/// What a problem is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ProblemKind {
    /// A check file.
    Check,
    /// A framework file.
    Framework,
    /// A document of a manifest.
    Document,
    /// A configuration, theme or key file.
    Config,
    /// A rule that failed to evaluate on an object.
    Evaluation,
    /// A result of another tool that a session cannot read any more.
    Import,
}

/// Whether a list can be relied on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Knowledge {
    /// Everything of that kind and scope is in the inventory.
    Complete,
    /// It is not, for this reason.
    Missing(Missing),
}

/// Objects and reads.
#[derive(Clone, Debug, Default)]
pub struct Inventory {
    /// Where it came from.
    pub source: SourceInfo,
    /// Every read, in the order of the report.
    pub reads: Vec<Read>,
    /// Documents that could not be read.
    pub problems: Vec<Problem>,
    /// Grows with every change of a live source; 0 for the others.
    pub revision: u64,
    /// Of lists under way: what is known to come, in the server's order. No check sees these, and
    /// no read counts them.
    pub arriving: BTreeMap<Kind, Vec<Arc<Arriving>>>,
    /// Of a capture: what was found before values were masked.
    pub captured: Option<Arc<Captured>>,
    /// By namespace and name within a kind.
    kinds: BTreeMap<Kind, Arc<Vec<Arc<Object>>>>,
    len: usize,
    /// How many namespaces there are: every frame says so.
    places: OnceLock<usize>,
}

impl Inventory {
    /// An inventory of these objects; within a kind they are ordered by namespace and name. Of two
    /// objects with the same identity the later one wins; what stands in files is all kept, in their order.
    #[must_use]
    pub fn new(source: SourceInfo, objects: Vec<Arc<Object>>, reads: Vec<Read>) -> Self {
        let mut kinds: BTreeMap<Kind, Vec<Arc<Object>>> = BTreeMap::new();
        let mut objects = objects.into_iter().peekable();
        while let Some(object) = objects.next() {
            // Objects come list by list: the kind is made and looked up once for each list.
            let kind = object.kind();
            let alike = |next: &Arc<Object>| kind.is_of(&next.id.api_version, &next.id.kind);
            let mut list = vec![object];
            list.extend(std::iter::from_fn(|| objects.next_if(alike)));
            match kinds.entry(kind) {
                Entry::Vacant(place) => drop(place.insert(list)),
                Entry::Occupied(mut before) => before.get_mut().append(&mut list),
            }
        }
        let written = source.kind == SourceKind::Files;
        let kinds: BTreeMap<_, _> = kinds
            .into_iter()
            .map(|(kind, list)| (kind, Arc::new(in_order(list, written))))
            .collect();
        let len = kinds.values().map(|list| list.len()).sum();
        Self {
            source,
            reads,
            problems: Vec::new(),
            revision: 0,
            arriving: BTreeMap::new(),
            captured: None,
            kinds,
            len,
            places: OnceLock::new(),
        }
    }

    /// The same with further objects and reads. What is here already stays as it is.
    #[must_use]
    pub fn with(&self, objects: Vec<Arc<Object>>, reads: Vec<Read>) -> Self {
        let new = objects.into_iter().filter(|object| self.find(&object.id).is_none());
        let changes = new.map(|object| (object.id.clone(), Some(object)));
        let mut all = self.changed(changes.collect());
        all.reads.extend(reads);
        all
    }

    /// The same with some objects changed, each under the name it has; those that come to nothing are
    /// taken out. Kinds of which nothing changes are shared.
    #[must_use]
    pub fn changed(&self, changes: Vec<(ObjectRef, Option<Arc<Object>>)>) -> Self {
        let mut all = self.clone();
        let mut by_kind: BTreeMap<Kind, Changed> = BTreeMap::new();
        for (id, object) in changes {
            let place = id.namespace.as_deref().unwrap_or_default().into();
            by_kind.entry(id.group_kind()).or_default().insert((place, id.name), object);
        }
        for (kind, mut changed) in by_kind {
            let mut list: Vec<Arc<Object>> = Vec::with_capacity(self.of(&kind).len() + 1);
            for object in self.of(&kind) {
                let key = (object.namespace().into(), object.id.name.clone());
                list.push(match changed.remove(&key) {
                    None => Arc::clone(object),
                    Some(None) => continue,
                    Some(Some(new)) => new,
                });
            }
            list.extend(changed.into_values().flatten());
            if list.is_empty() {
                all.kinds.remove(&kind);
            } else {
                let written = all.source.kind == SourceKind::Files;
                all.kinds.insert(kind, Arc::new(in_order(list, written)));
            }
        }
        all.len = all.kinds.values().map(|list| list.len()).sum();
        all.places = OnceLock::new();
        all
    }

    /// All objects of a kind, by namespace and name.
    #[must_use]
    pub fn of(&self, kind: &Kind) -> &[Arc<Object>] {
        self.kinds.get(kind).map_or(&[], |list| list)
    }

    /// The objects of a kind in one namespace.
    #[must_use]
    pub fn in_namespace(&self, kind: &Kind, namespace: &str) -> &[Arc<Object>] {
        let list = self.of(kind);
        let from = list.partition_point(|o| o.namespace() < namespace);
        let to = list.partition_point(|o| o.namespace() <= namespace);
        list.get(from..to).unwrap_or_default()
    }

    /// One object. `namespace` is empty for cluster-scoped kinds.
    #[must_use]
    pub fn get(&self, kind: &Kind, namespace: &str, name: &str) -> Option<&Arc<Object>> {
        let list = self.of(kind);
        let at = list.binary_search_by(|o| (o.namespace(), &*o.id.name).cmp(&(namespace, name)));
        list.get(at.ok()?)
    }

    /// One object by reference, whatever its version.
    #[must_use]
    pub fn find(&self, id: &ObjectRef) -> Option<&Arc<Object>> {
        self.get(&id.group_kind(), id.namespace.as_deref().unwrap_or_default(), &id.name)
    }

    /// Kinds of which at least one object is here.
    pub fn kinds(&self) -> impl Iterator<Item = &Kind> {
        self.kinds.keys()
    }

    /// Every object, kind by kind.
    pub fn objects(&self) -> impl Iterator<Item = &Arc<Object>> {
        self.kinds.values().flat_map(|list| list.iter())
    }

    /// Whether another inventory is of the same source and rests on the same answers, so that only
    /// objects can make a difference. How many items a read brought, and how long it took, do not; nor
    /// does what is said of a whole list, or the moment of the last reading of one that is not whole.
    #[must_use]
    pub fn rests_on_the_same(&self, other: &Self) -> bool {
        let same = |one: &Read, other: &Read| {
            one.status == other.status
                && one.kind == other.kind
                && one.namespace == other.namespace
                && one.resource == other.resource
                && (one.status == ReadStatus::Complete || one.said() == other.said())
        };
        self.source.rests_on_the_same(&other.source)
            && self.reads.len() == other.reads.len()
            && self.reads.iter().zip(&other.reads).all(|(one, other)| same(one, other))
            && self.captured.is_none()
            && other.captured.is_none()
    }

    /// The first list that could not be had, where none could: whoever asks has no right to any, or
    /// every one failed. Then nothing is known, however well the server answers otherwise.
    #[must_use]
    pub fn blind(&self) -> Option<&Read> {
        let lists = self.reads.iter().filter(|read| {
            read.is_list()
                && !matches!(
                    read.status,
                    ReadStatus::NotAsked | ReadStatus::NotServed | ReadStatus::Hidden
                )
        });
        let lost = |read: &&Read| matches!(read.status, ReadStatus::Forbidden | ReadStatus::Failed);
        let mut missing = lists.clone().filter(lost);
        let first = missing.next()?;
        // What end points say of flags or kubelets is no object of the cluster.
        let nothing = self.kinds.iter().all(|(kind, list)| !kind.is_list() || list.is_empty());
        (nothing && lists.count() == missing.count() + 1).then_some(first)
    }

    /// How many lists failed, of how many that were asked for.
    #[must_use]
    pub fn failed(&self) -> (usize, usize) {
        let asked = |read: &&Read| {
            read.is_list() && !matches!(read.status, ReadStatus::NotAsked | ReadStatus::NotServed)
        };
        let asked = self.reads.iter().filter(asked);
        let failed = asked.clone().filter(|read| read.status == ReadStatus::Failed);
        (failed.count(), asked.count())
    }

    /// How many objects there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there is no object at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Names of all namespaces that are listed or that some object lives in.
    #[must_use]
    pub fn namespaces(&self) -> BTreeSet<&str> {
        let listed = self.of(&Kind::new("", "Namespace")).iter().map(|o| &*o.id.name);
        let mut names: BTreeSet<&str> = listed.collect();
        for list in self.kinds.values() {
            let mut rest = list.as_slice();
            while let Some(first) = rest.first() {
                let namespace = first.namespace();
                if !namespace.is_empty() {
                    names.insert(namespace);
                }
                let next = rest.partition_point(|object| object.namespace() <= namespace);
                rest = rest.get(next..).unwrap_or_default();
            }
        }
        names
    }

    /// How many of them there are, counted once.
    #[must_use]
    pub fn namespace_count(&self) -> usize {
        *self.places.get_or_init(|| self.namespaces().len())
    }
}

/// What becomes of objects of one kind, by namespace and name.
type Changed = BTreeMap<(Box<str>, Box<str>), Option<Arc<Object>>>;

/// By namespace and name; of several with the same the last, but for those that each stand in a file.
fn in_order(mut list: Vec<Arc<Object>>, written: bool) -> Vec<Arc<Object>> {
    let place = |o: &Arc<Object>, p: &Arc<Object>| {
        (o.namespace(), &*o.id.name).cmp(&(p.namespace(), &*p.id.name))
    };
    if list.is_sorted_by(|one, next| place(one, next).is_lt()) {
        return list;
    }
    list.sort_by(place);
    list.dedup_by(|next, kept| {
        let same = place(next, kept).is_eq() && !written;
        if same {
            std::mem::swap(next, kept);
        }
        same
    });
    list
}
