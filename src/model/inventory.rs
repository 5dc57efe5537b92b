//! The objects and the reads of one source at one moment. Immutable; shared by `Arc`.

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::arriving::Arriving;
use super::captured::Captured;
use super::kinds::Kind;
use super::object::{Object, ObjectRef};
use super::read::{Missing, Read, ReadStatus};

/// Which kind of source.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SourceKind {
    /// A kubeconfig context.
    Live,
    /// Manifests.
    Files,
    /// A saved capture.
    Snapshot,
    /// The snapshot built into the binary.
    #[default]
    Demo,
}

impl SourceKind {
    /// The word used in reports and rules.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::Files => "files",
            Self::Snapshot => "snapshot",
            Self::Demo => "demo",
        }
    }
}

/// What the objects came from, as reports state it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct SourceInfo {
    /// live, files, snapshot or demo.
    pub kind: SourceKind,
    /// kubeconfig context.
    pub context: Option<String>,
    /// Server URL.
    pub server: Option<String>,
    /// uid of the namespace kube-system: the cluster's identity.
    pub cluster_uid: Option<String>,
    /// Server version as the server spells it, `v1.35.2`.
    pub kubernetes: Option<String>,
    /// Every file that was read, in order.
    pub files: Vec<String>,
    /// For `files`: the user says that these files are everything there is.
    #[serde(skip)]
    pub closed_world: bool,
    /// The provider as recognised, empty if unknown (`eks`, `gke`, …).
    #[serde(skip)]
    pub provider: String,
    /// When it was read, RFC 3339 in UTC and whole seconds: the moment at which the first list of
    /// a live cluster began; none for files.
    #[serde(skip)]
    pub read_at: Option<String>,
}

impl SourceInfo {
    /// The minor version, 35 for `v1.35.2-eks-1`.
    #[must_use]
    pub fn minor(&self) -> Option<u32> {
        let text = self.kubernetes.as_deref()?.trim_start_matches('v');
        let minor = text.split('.').nth(1)?;
        let digits: String = minor.chars().take_while(char::is_ascii_digit).collect();
        digits.parse().ok()
    }
}

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
    /// What went wrong and what to do.
    pub message: String,
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
    kinds: BTreeMap<Kind, Arc<Vec<Arc<Object>>>>,
    names: HashMap<(Kind, Box<str>, Box<str>), Arc<Object>>,
}

impl Inventory {
    /// An inventory of these objects; within a kind they are ordered by namespace and name. Of two
    /// objects with the same identity the later one wins.
    #[must_use]
    pub fn new(source: SourceInfo, objects: Vec<Arc<Object>>, reads: Vec<Read>) -> Self {
        let mut names = HashMap::with_capacity(objects.len());
        for object in objects {
            names.insert(key(&object), object);
        }
        let mut kinds: BTreeMap<Kind, Vec<Arc<Object>>> = BTreeMap::new();
        for ((kind, _, _), object) in &names {
            kinds.entry(kind.clone()).or_default().push(Arc::clone(object));
        }
        let kinds = kinds
            .into_iter()
            .map(|(kind, mut list)| {
                list.sort_by(|a, b| (a.namespace(), &a.id.name).cmp(&(b.namespace(), &b.id.name)));
                (kind, Arc::new(list))
            })
            .collect();
        Self {
            source,
            reads,
            problems: Vec::new(),
            revision: 0,
            arriving: BTreeMap::new(),
            captured: None,
            kinds,
            names,
        }
    }

    /// The same with further objects and reads. What is here already stays as it is.
    #[must_use]
    pub fn with(&self, objects: Vec<Arc<Object>>, reads: Vec<Read>) -> Self {
        let mut all = self.clone();
        let mut touched: BTreeMap<Kind, Vec<Arc<Object>>> = BTreeMap::new();
        for object in objects {
            if let Entry::Vacant(place) = all.names.entry(key(&object)) {
                place.insert(Arc::clone(&object));
                touched.entry(object.kind()).or_default().push(object);
            }
        }
        for (kind, mut list) in touched {
            list.extend(all.of(&kind).iter().cloned());
            list.sort_by(|a, b| (a.namespace(), &a.id.name).cmp(&(b.namespace(), &b.id.name)));
            all.kinds.insert(kind, Arc::new(list));
        }
        all.reads.extend(reads);
        all
    }

    /// The same with some objects changed, each under the name it has; those that come to nothing are
    /// taken out. Kinds of which nothing changes are shared.
    #[must_use]
    pub fn changed(&self, changes: Vec<(ObjectRef, Option<Arc<Object>>)>) -> Self {
        let mut all = self.clone();
        let mut touched: BTreeSet<Kind> = BTreeSet::new();
        for (id, object) in changes {
            let kind = id.group_kind();
            let place = id.namespace.as_deref().unwrap_or_default();
            let name = (kind.clone(), place.into(), id.name.clone());
            match object {
                Some(object) => all.names.insert(name, object),
                None => all.names.remove(&name),
            };
            touched.insert(kind);
        }
        for kind in touched {
            let of_kind = all.names.iter().filter(|((k, ..), _)| *k == kind);
            let mut list: Vec<Arc<Object>> = of_kind.map(|(_, o)| Arc::clone(o)).collect();
            list.sort_by(|a, b| (a.namespace(), &a.id.name).cmp(&(b.namespace(), &b.id.name)));
            all.kinds.insert(kind, Arc::new(list));
        }
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
        self.names.get(&(kind.clone(), namespace.into(), name.into()))
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

    /// How many objects there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.names.len()
    }

    /// Whether there is no object at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    /// Names of all namespaces that are listed or that some object lives in.
    #[must_use]
    pub fn namespaces(&self) -> BTreeSet<&str> {
        let listed = self.of(&Kind::new("", "Namespace")).iter().map(|o| &*o.id.name);
        let used = self.objects().map(|o| o.namespace()).filter(|ns| !ns.is_empty());
        listed.chain(used).collect()
    }

    /// Whether all objects of a kind in a namespace (none: in the whole cluster) are here.
    #[must_use]
    pub fn knows(&self, kind: &Kind, namespace: Option<&str>) -> Knowledge {
        if self.source.closed_world {
            return Knowledge::Complete;
        }
        let mut best: Option<ReadStatus> = None;
        let mut words = None;
        for read in self.reads.iter().filter(|r| r.kind.as_ref() == Some(kind)) {
            let covers = match (&read.namespace, namespace) {
                (None, _) => true,
                (Some(read), Some(asked)) => read == asked,
                (Some(_), None) => false,
            };
            if covers && read.status.proves_absence() {
                return Knowledge::Complete;
            }
            if covers {
                words = words.or(read.message.as_deref());
                best = Some(best.map_or(read.status, |b| b.min(read.status)));
            }
        }
        let plural = kind.builtin().map_or_else(|| kind.to_string(), |b| b.plural.to_owned());
        if self.source.kind == SourceKind::Files && best.is_none() {
            return Knowledge::Missing(Missing::in_files(&plural, namespace));
        }
        let status = best.unwrap_or(ReadStatus::NotAsked);
        if words.is_none() && *kind == super::kinds::node_file_result() {
            words = Some("nothing was imported");
        }
        if let Some(end_point) = kind.end_point() {
            return Knowledge::Missing(Missing::answer(end_point, status, words));
        }
        // What nobody asked for in any namespace is one thing that is not known.
        let asked =
            || self.reads.iter().any(|r| r.kind.as_ref() == Some(kind) && r.namespace.is_some());
        let namespace = namespace.filter(|_| status != ReadStatus::NotAsked || asked());
        Knowledge::Missing(Missing::list(&plural, namespace, status))
    }
}

fn key(object: &Object) -> (Kind, Box<str>, Box<str>) {
    (object.kind(), object.namespace().into(), object.id.name.clone())
}
