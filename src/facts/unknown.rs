//! What is known and what is not: answers, the reads they rest on, and facts with gaps.

use std::sync::{Arc, OnceLock, PoisonError, RwLock};

use rustc_hash::FxHashMap;

use super::kind::NAMESPACE;
use crate::model::inventory::{Inventory, Knowledge, ReadIndex};
use crate::model::kinds::Kind;
use crate::model::node::Node;
use crate::model::read::{Missing, ReadStatus};

/// An answer, or the read that would have given it.
pub type Answer<T> = Result<T, Missing>;

/// One fact about one target.
#[derive(Clone, Debug, PartialEq)]
pub enum Fact {
    /// Everything it can say is known.
    Known(Arc<Node>),
    /// Some members are known and stand in the tree; the others are absent from it, each for its
    /// reason. A rule that needs an absent member is not assessed.
    Partial(Arc<Node>, Arc<[(&'static str, Missing)]>),
    /// Nothing of it is known.
    Unknown(Missing),
}

impl Fact {
    /// What is known of it.
    #[must_use]
    pub fn node(&self) -> Option<&Arc<Node>> {
        match self {
            Self::Known(node) | Self::Partial(node, _) => Some(node),
            Self::Unknown(_) => None,
        }
    }

    /// Why something of it is not known: the first reason.
    #[must_use]
    pub fn missing(&self) -> Option<&Missing> {
        match self {
            Self::Known(_) => None,
            Self::Partial(_, gaps) => gaps.first().map(|(_, missing)| missing),
            Self::Unknown(missing) => Some(missing),
        }
    }

    /// Why one member of it is not known; none for a member that is.
    #[must_use]
    pub fn missing_member(&self, member: &str) -> Option<&Missing> {
        match self {
            Self::Known(_) => None,
            Self::Partial(_, gaps) => {
                gaps.iter().find(|(name, _)| *name == member).map(|(_, missing)| missing)
            }
            Self::Unknown(missing) => Some(missing),
        }
    }
}

/// A fact in the making.
#[derive(Clone, Debug, Default)]
pub(crate) struct Draft {
    members: Vec<(&'static str, Node)>,
    gaps: Vec<(&'static str, Missing)>,
}

impl Draft {
    /// A member that is known.
    pub(crate) fn set(&mut self, name: &'static str, value: impl Into<Value>) {
        self.members.push((name, value.into().0));
    }

    /// A member that may be unknown.
    pub(crate) fn put(&mut self, name: &'static str, value: Answer<impl Into<Value>>) {
        match value {
            Ok(value) => self.set(name, value),
            Err(missing) => self.gaps.push((name, missing)),
        }
    }

    pub(crate) fn finish(self) -> Fact {
        let Self { members, gaps } = self;
        if members.is_empty()
            && let Some((_, missing)) = gaps.first()
        {
            return Fact::Unknown(missing.clone());
        }
        let node = Arc::new(Node::map(members));
        if gaps.is_empty() { Fact::Known(node) } else { Fact::Partial(node, gaps.into()) }
    }
}

/// A member's value, from the types that facts are made of.
pub(crate) struct Value(pub(crate) Node);

impl From<Node> for Value {
    fn from(node: Node) -> Self {
        Self(node)
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self(Node::Bool(value))
    }
}

impl From<usize> for Value {
    fn from(value: usize) -> Self {
        Self(Node::Int(i64::try_from(value).unwrap_or(i64::MAX)))
    }
}

impl From<&str> for Value {
    fn from(value: &str) -> Self {
        Self(Node::str(value))
    }
}

impl From<String> for Value {
    fn from(value: String) -> Self {
        Self(Node::str(&value))
    }
}

impl<T: Into<Self>> From<Vec<T>> for Value {
    fn from(items: Vec<T>) -> Self {
        Self(Node::list(items.into_iter().map(|item| item.into().0).collect()))
    }
}

/// True as soon as it is seen; false only with the reads that prove absence.
pub(crate) fn exists(seen: bool, absence: impl FnOnce() -> Answer<()>) -> Answer<bool> {
    if seen { Ok(true) } else { absence().map(|()| false) }
}

/// A reason that is no missing list: something a present object leaves open.
pub(crate) fn open_question(read: &str, namespace: Option<&str>, reason: String) -> Missing {
    Missing {
        read: read.to_owned(),
        namespace: namespace.map(str::to_owned),
        status: ReadStatus::NotAsked,
        reason,
    }
}

/// What the reads of an inventory prove, remembered per kind and scope.
#[derive(Debug)]
pub(crate) struct Reads {
    inventory: Arc<Inventory>,
    index: OnceLock<ReadIndex>,
    known: RwLock<FxHashMap<Kind, Scopes>>,
}

/// What is known of one kind. It is asked for with every pod, by names that are at hand.
#[derive(Debug, Default)]
struct Scopes {
    cluster: Option<Answer<()>>,
    namespaces: FxHashMap<Box<str>, Answer<()>>,
}

impl Scopes {
    fn get(&self, namespace: Option<&str>) -> Option<&Answer<()>> {
        namespace.map_or(self.cluster.as_ref(), |name| self.namespaces.get(name))
    }

    fn set(&mut self, namespace: Option<&str>, answer: Answer<()>) {
        match namespace {
            Some(name) => drop(self.namespaces.insert(name.into(), answer)),
            None => self.cluster = Some(answer),
        }
    }
}

impl Reads {
    pub(crate) fn new(inventory: Arc<Inventory>) -> Self {
        Self { inventory, index: OnceLock::new(), known: RwLock::default() }
    }

    /// Whether every object of a kind in a namespace (none: in the cluster) is in hand. For the
    /// whole cluster, complete reads of each namespace do as well, once all namespaces are known.
    pub(crate) fn list(&self, kind: &Kind, namespace: Option<&str>) -> Answer<()> {
        if self.inventory.source.closed_world {
            return Ok(());
        }
        // A poisoned lock only means that another thread died; entries are written whole.
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(answer) = known.get(kind).and_then(|scopes| scopes.get(namespace)) {
            return answer.clone();
        }
        drop(known);
        let answer = self.decide(kind, namespace);
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        known.entry(kind.clone()).or_default().set(namespace, answer.clone());
        answer
    }

    /// What the reads themselves say of one list.
    pub(crate) fn knows(&self, kind: &Kind, namespace: Option<&str>) -> Knowledge {
        self.inventory.knows_by(self.index(), kind, namespace)
    }

    /// Where the reads of each kind stand.
    pub(crate) fn index(&self) -> &ReadIndex {
        self.index.get_or_init(|| ReadIndex::of(&self.inventory))
    }

    fn decide(&self, kind: &Kind, namespace: Option<&str>) -> Answer<()> {
        let cluster = match self.knows(kind, namespace) {
            Knowledge::Complete => return Ok(()),
            Knowledge::Missing(missing) => missing,
        };
        let namespaced = kind.builtin().is_none_or(|b| b.namespaced);
        let whole = Knowledge::Complete;
        if namespace.is_some() || !namespaced || self.knows(&NAMESPACE, None) != whole {
            return Err(cluster);
        }
        let named = self.inventory.of(&NAMESPACE);
        if named.is_empty() {
            return Err(cluster);
        }
        named.iter().try_for_each(|ns| self.list(kind, Some(&ns.id.name)))
    }

    /// Several lists of one scope; the first that is missing is the reason.
    pub(crate) fn lists<'a>(
        &self,
        kinds: impl IntoIterator<Item = &'a Kind>,
        namespace: Option<&str>,
    ) -> Answer<()> {
        kinds.into_iter().try_for_each(|kind| self.list(kind, namespace))
    }

    /// Whether this is about manifests, which no cluster has filled in.
    pub(crate) fn is_manifests(&self) -> bool {
        self.inventory.source.is_manifests()
    }

    /// Whether any read of this kind was recorded at all.
    pub(crate) fn asked(&self, kind: &Kind) -> bool {
        self.inventory.reads.iter().any(|read| read.kind.as_ref() == Some(kind))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::testing::{World, read};

    #[test]
    fn complete_reads_of_every_namespace_are_a_read_of_the_cluster() {
        let mut world = World::open();
        world.namespace("a").namespace("b");
        world.reads.push(read(&NAMESPACE, None, ReadStatus::Complete));
        let kind = Kind::new("", "Pod");
        world.reads.push(read(&kind, Some("a"), ReadStatus::Complete));
        let half = Reads::new(world.inventory());
        assert_eq!(half.list(&kind, Some("a")), Ok(()));
        let missing = half.list(&kind, None).unwrap_err();
        assert_eq!(missing.namespace.as_deref(), Some("b"));
        world.reads.push(read(&kind, Some("b"), ReadStatus::NotServed));
        assert_eq!(Reads::new(world.inventory()).list(&kind, None), Ok(()));
    }

    #[test]
    fn a_draft_with_nothing_known_is_unknown_and_one_with_something_is_partial() {
        let missing = Missing::list("pods", None, ReadStatus::Forbidden);
        let mut draft = Draft::default();
        draft.put("a", Err::<bool, _>(missing.clone()));
        assert_eq!(draft.finish(), Fact::Unknown(missing.clone()));
        let mut draft = Draft::default();
        draft.put("a", Err::<bool, _>(missing.clone()));
        draft.set("b", true);
        let fact = draft.finish();
        assert_eq!(fact.missing(), Some(&missing));
        assert_eq!(fact.missing_member("a"), Some(&missing));
        assert_eq!(fact.missing_member("b"), None);
        assert_eq!(fact.node().unwrap().get("b"), Some(&Node::Bool(true)));
    }
}
