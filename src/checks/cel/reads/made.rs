//! What an operation could give, as far as its text tells.

use super::{Extent, Read, Step};
use crate::checks::cel::scope::Var;
use crate::model::key::Key;

/// Most steps that are followed into a tree.
const MAX_STEPS: usize = 16;
/// Most parts of trees that are told apart in one value.
const MAX_TREES: usize = 64;
/// Deepest nesting of computed lists that is told apart.
const MAX_DEPTH: usize = 8;

/// What a value may be or hold. Whatever is said nothing of is no part of any tree: it was
/// computed from parts that were looked at.
#[derive(Clone, Debug, Default)]
pub(super) struct Made<'i> {
    /// Parts of trees that it may be, or be an optional of.
    pub(super) trees: Vec<Tree<'i>>,
    /// What may stand in it, if it is a computed list or map.
    pub(super) inner: Option<Box<Self>>,
    /// The texts it may be, if it is certainly one of them.
    pub(super) texts: Option<Vec<&'i str>>,
    /// Whether it is certainly a list without elements.
    pub(super) is_empty: bool,
}

/// A part of a variable's tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Tree<'i> {
    var: Var,
    steps: Vec<Way<'i>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way<'i> {
    Field(&'i str),
    Each,
}

impl<'i> Made<'i> {
    /// The value of a variable.
    pub(super) fn of(var: Var) -> Self {
        Self { trees: vec![Tree { var, steps: Vec::new() }], ..Self::default() }
    }

    pub(super) fn text(text: &'i str) -> Self {
        Self { texts: Some(vec![text]), ..Self::default() }
    }

    /// A computed list with such things in it.
    pub(super) fn list(inner: Self) -> Self {
        Self { inner: Some(Box::new(inner)), ..Self::default() }
    }

    /// One or the other.
    pub(super) fn or(mut self, other: Self) -> Self {
        other.trees.into_iter().for_each(|tree| self.add(tree));
        self.inner = match (self.inner, other.inner) {
            (Some(ours), Some(theirs)) => Some(Box::new(ours.or(*theirs))),
            (ours, theirs) => ours.or(theirs),
        };
        self.texts = match (self.texts, other.texts) {
            (Some(mut ours), Some(theirs)) => {
                ours.extend(theirs);
                Some(ours)
            }
            _ => None,
        };
        self.is_empty &= other.is_empty;
        self
    }

    /// Adds a part of a tree that it may be.
    pub(super) fn add(&mut self, tree: Tree<'i>) {
        self.texts = None;
        self.is_empty = false;
        if !self.trees.contains(&tree) {
            self.trees.push(tree);
        }
    }

    /// Whether it is certainly no list: everything under a component that has members is a map.
    pub(super) fn is_map(&self) -> bool {
        let of_component = |tree: &Tree<'_>| tree.var == Var::Component;
        self.inner.is_none() && !self.trees.is_empty() && self.trees.iter().all(of_component)
    }

    pub(super) fn is_too_much(&self) -> bool {
        let mut made = self;
        for _ in 0..MAX_DEPTH {
            if made.trees.len() > MAX_TREES {
                return true;
            }
            match &made.inner {
                Some(inner) => made = inner,
                None => return false,
            }
        }
        true
    }
}

impl<'i> Tree<'i> {
    /// The value under a name; none where it is too far down to be told apart.
    pub(super) fn field(self, name: &'i str) -> Option<Self> {
        self.then(Way::Field(name))
    }

    /// An element.
    pub(super) fn each(self) -> Option<Self> {
        self.then(Way::Each)
    }

    fn then(mut self, way: Way<'i>) -> Option<Self> {
        if self.steps.len() >= MAX_STEPS {
            return None;
        }
        self.steps.push(way);
        Some(self)
    }

    /// Whether it is the variable itself.
    pub(super) fn is_variable(&self) -> bool {
        self.steps.is_empty()
    }

    /// A look at it.
    pub(super) fn read(&self, extent: Extent) -> Read {
        let steps = self.steps.iter().map(|way| match way {
            Way::Field(name) => Step::Field(Key::new(name)),
            Way::Each => Step::Each,
        });
        Read { var: self.var, steps: steps.collect(), extent }
    }
}
