//! How much of the pods of a namespace something takes in.

use crate::model::node::{Map, Node};
use crate::model::object::Object;
use crate::model::selector::{self, Labelled as _, Labels};
use crate::text::glob_match;

/// How many of the pods that anybody may create in a namespace.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Share {
    /// None of them.
    Nothing,
    /// Perhaps some: it goes by the pod, by who creates it, or by an expression.
    Some,
    /// All of them.
    All,
}

impl Share {
    /// Those that both take in.
    pub(super) fn and(self, other: Self) -> Self {
        self.min(other)
    }

    /// Without what is excluded.
    pub(super) fn less(self, excluded: Self) -> Self {
        match excluded {
            Self::Nothing => self,
            Self::Some => self.min(Self::Some),
            Self::All => Self::Nothing,
        }
    }

    /// What any of these takes in.
    pub(super) fn any(shares: impl IntoIterator<Item = Self>) -> Self {
        shares.into_iter().max().unwrap_or(Self::Nothing)
    }

    /// All, or nothing.
    pub(super) fn all_if(takes: bool) -> Self {
        if takes { Self::All } else { Self::Nothing }
    }

    /// All, unless there is a condition that cannot be decided here.
    pub(super) fn unless(condition: bool) -> Self {
        if condition { Self::Some } else { Self::All }
    }
}

/// A namespace, as policies see it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place<'a> {
    pub(super) name: &'a str,
    labels: Labels<'a>,
}

impl<'a> Place<'a> {
    pub(super) fn of(namespace: &'a Object) -> Self {
        let name = &*namespace.id.name;
        let labels = namespace.body().at(&["metadata", "labels"]).unwrap_or(&Node::Null);
        Self { name, labels: Labels::of_namespace(labels, name) }
    }

    /// Whether it carries a label, of whichever value.
    pub(super) fn has_label(&self, key: &str) -> bool {
        self.labels.label(key, |value| value.is_some())
    }

    /// Whether one of these patterns is its name.
    pub(super) fn is_named(&self, patterns: &[Node]) -> bool {
        let fits = |pattern: &str| glob_match(self.name, pattern);
        patterns.iter().filter_map(Node::as_str).any(fits)
    }

    /// What a selector of namespaces takes in of it; one that is absent takes in everything.
    pub(super) fn selected(&self, selector: Option<&Node>) -> Share {
        let selector = selector.filter(|selector| selector.as_map().is_some());
        Share::all_if(selector.is_none_or(|selector| selector::selects(selector, self.labels)))
    }
}

/// Which pods a selector of objects takes in: any of them, if it is absent or empty.
pub(super) fn of_objects(selector: Option<&Node>) -> Share {
    Share::unless(selector.is_some_and(|selector| !selector::is_empty(selector)))
}

/// Whether a list or a map is there with something in it.
pub(super) fn is_filled(node: Option<&Node>) -> bool {
    node.is_some_and(|node| {
        node.as_list().is_some_and(|list| !list.is_empty())
            || node.as_map().is_some_and(|map| !Map::is_empty(map))
    })
}
