//! What an expression looks at, told from its text alone: which fields of its variables, and
//! which of their elements' fields.
//!
//! Every operation is gone through once, as if it ran. What it could give is a `Made`: parts of
//! trees, lists with such parts in them, or a few texts that are known. Going on to a part of a
//! tree notes that the part may be there; whatever else is done with it notes it as a whole.

use super::functions::Fun;
use super::hoard::Hoard;
use super::ir::{Chain, End, Index, Ir, Loop, LoopKind, Op};
use super::scope::Var;
use crate::model::key::Key;
use crate::model::node::Node;

mod made;
#[cfg(test)]
mod tests;

use made::{Made, Tree};

/// One step from a value to a part of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// The value of a map under this name.
    Field(Key),
    /// Each element of a list, and how many there are. Of anything that is no list, all of it.
    Each,
}

/// A place at which an expression looks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Read {
    /// The variable.
    pub var: Var,
    /// From the variable to the place.
    pub steps: Vec<Step>,
    /// How much of what is there it looks at.
    pub extent: Extent,
}

/// How much of what stands at a place is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// Whether anything is there.
    Presence,
    /// How many elements or entries it has. Of anything else, all of it.
    Count,
    /// All of it.
    Whole,
}

/// Whether a list is known to have no elements: a list of objects or a parameter, by its name.
pub type IsEmpty<'e> = &'e dyn Fn(Var, &str) -> bool;

/// Every place at which an expression looks. Facts are not among them, and what is the same for
/// all objects of a namespace is not: lists, parameters, the cluster. What would be done with the
/// elements of a list that has none is left out.
pub(super) fn of<'i>(ir: &'i Ir, hoard: &'i Hoard, is_empty: IsEmpty<'i>) -> Vec<Read> {
    Trace::through(ir, hoard, is_empty, false)
}

/// Every place of the objects in `lists` at which an expression looks: from the variable over the
/// name of the list and each element to a place of that.
pub(super) fn of_lists(ir: &Ir, hoard: &Hoard) -> Vec<Read> {
    let mut reads = Trace::through(ir, hoard, &|_, _| false, true);
    reads.retain(|read| read.var == Var::Lists);
    reads
}

struct Trace<'i> {
    hoard: &'i Hoard,
    /// Whether lists are gone into like the trees of the other variables.
    listing: bool,
    is_empty: IsEmpty<'i>,
    /// What the names that macros bind stand for.
    locals: Vec<Made<'i>>,
    reads: Vec<Read>,
}

impl<'i> Trace<'i> {
    fn through(ir: &'i Ir, hoard: &'i Hoard, is_empty: IsEmpty<'i>, listing: bool) -> Vec<Read> {
        let mut trace = Trace { hoard, listing, is_empty, locals: Vec::new(), reads: Vec::new() };
        let made = trace.follow(ir);
        trace.all_of(&made);
        trace.reads
    }

    /// The value of a variable. What is the same for all objects of a kind in a namespace is no
    /// part of any tree.
    fn variable(&self, var: Var) -> Made<'i> {
        match var {
            Var::Lists if self.listing => Made::of(var),
            Var::Lists | Var::Params | Var::Cluster => Made::default(),
            var => Made::of(var),
        }
    }

    /// What an operation could give.
    fn follow(&mut self, ir: &'i Ir) -> Made<'i> {
        match ir {
            Ir::Const(node) => constant(node),
            Ir::UInt(_) | Ir::Type(_) | Ir::None | Ir::Fact(..) | Ir::FactOpt(_) => Made::default(),
            Ir::Var(slot) => {
                Var::ALL.get(usize::from(*slot)).map_or_else(Made::default, |v| self.variable(*v))
            }
            Ir::Local(at) => self.locals.get(usize::from(*at)).cloned().unwrap_or_default(),
            Ir::Chain(chain) => self.chain(chain),
            Ir::Index(index) => self.index(index),
            Ir::List(items) => {
                let items = items.iter().map(|(item, _)| self.follow(item)).collect();
                Made::list(self.any(items))
            }
            Ir::Map(entries, _) => {
                entries.iter().for_each(|(key, _, _)| self.consume(key));
                let values = entries.iter().map(|(_, value, _)| self.follow(value)).collect();
                Made::list(self.any(values))
            }
            Ir::If(parts, _) => {
                let [when, then, other] = &**parts;
                self.consume(when);
                self.either(then, other)
            }
            Ir::OrValue(sides, _) | Ir::OrOptional(sides, _) => {
                let [this, other] = &**sides;
                self.either(this, other)
            }
            Ir::Binary(Op::Add, sides, _) => self.joined(sides),
            Ir::Binary(Op::In, sides, _) => self.held(sides),
            Ir::Call(fun, args, _) => self.call(*fun, args),
            Ir::Loop(spec) => self.each(spec),
            Ir::Bind(parts) => {
                let [init, result] = &**parts;
                let bound = self.follow(init);
                self.bound(bound, |trace| trace.follow(result))
            }
            Ir::Fixed(part, _) => self.follow(part),
            // Both stand for what was moved out of their place, under the same names.
            Ir::Shared(at) => match self.hoard.value(*at) {
                Some(ir) => self.follow(ir),
                None => Made::default(),
            },
            Ir::Keyed(at) => match self.hoard.each(*at) {
                Some(spec) => self.each(spec),
                None => Made::default(),
            },
            Ir::Not(..)
            | Ir::Neg(..)
            | Ir::Matches(..)
            | Ir::And(..)
            | Ir::Or(..)
            | Ir::Binary(..) => {
                ir.inner(&mut |part| self.consume(part));
                Made::default()
            }
        }
    }

    /// An operation of whose result everything makes a difference.
    fn consume(&mut self, ir: &'i Ir) {
        let made = self.follow(ir);
        self.all_of(&made);
    }

    fn all_of(&mut self, made: &Made<'i>) {
        made.trees.iter().for_each(|tree| self.note(tree, Extent::Whole));
        made.inner.iter().for_each(|inner| self.all_of(inner));
    }

    fn note(&mut self, tree: &Tree<'i>, extent: Extent) {
        let read = tree.read(extent);
        if !self.reads.contains(&read) {
            self.reads.push(read);
        }
    }

    /// Where values come together. Of parts that are too many to be told apart, all is looked at.
    fn any(&mut self, all: Vec<Made<'i>>) -> Made<'i> {
        let mut all = all.into_iter();
        let first = all.next().unwrap_or_default();
        let mut made = all.fold(first, Made::or);
        if made.is_too_much() {
            self.all_of(&made);
            made = Made::default();
        }
        made
    }

    fn either(&mut self, one: &'i Ir, other: &'i Ir) -> Made<'i> {
        let both = vec![self.follow(one), self.follow(other)];
        self.any(both)
    }

    fn bound<T>(&mut self, value: Made<'i>, work: impl FnOnce(&mut Self) -> T) -> T {
        self.locals.push(value);
        let result = work(self);
        self.locals.pop();
        result
    }

    /// A member of a value, whether it is there or not.
    fn member(&mut self, made: Made<'i>, key: &'i str) -> Made<'i> {
        self.part(made, |tree| tree.field(key))
    }

    /// Any element of a list, or any value of a map whose key is not known.
    fn element(&mut self, made: Made<'i>) -> Made<'i> {
        self.part(made, Tree::each)
    }

    fn part(&mut self, made: Made<'i>, step: impl Fn(Tree<'i>) -> Option<Tree<'i>>) -> Made<'i> {
        let mut parts = made.inner.map(|inner| *inner).unwrap_or_default();
        for tree in made.trees {
            if let Some(part) = step(tree.clone()) {
                self.note(&part, Extent::Presence);
                parts.add(part);
            } else {
                self.note(&tree, Extent::Whole);
                (parts.texts, parts.is_empty) = (None, false);
            }
        }
        self.any(vec![parts])
    }

    fn chain(&mut self, chain: &'i Chain) -> Made<'i> {
        if let (Ir::Var(slot), [step], End::Value) = (&chain.base, &*chain.steps, &chain.end)
            && let Some(var) = Var::ALL.get(usize::from(*slot))
            && (*var == Var::Params || *var == Var::Lists && !self.listing)
        {
            return Made { is_empty: (self.is_empty)(*var, step.key.as_str()), ..Made::default() };
        }
        let mut made = self.follow(&chain.base);
        for step in &chain.steps {
            made = self.member(made, step.key.as_str());
        }
        match &chain.end {
            End::Value => made,
            End::OrValue(other) => {
                let other = self.follow(other);
                self.any(vec![made, other])
            }
            End::HasValue if chain.steps.is_empty() => {
                // An optional that came from anywhere: what it holds was noted there.
                let vars = made.trees.iter().filter(|tree| tree.is_variable());
                vars.for_each(|tree| self.note(tree, Extent::Whole));
                Made::default()
            }
            End::HasValue => Made::default(),
            End::Has(key) => {
                self.member(made, key.as_str());
                Made::default()
            }
        }
    }

    fn index(&mut self, index: &'i Index) -> Made<'i> {
        let base = self.follow(&index.base);
        let key = self.follow(&index.key);
        let Some(texts) = &key.texts else {
            self.all_of(&key);
            return self.element(base);
        };
        let members = texts.iter().map(|text| self.member(base.clone(), text)).collect();
        self.any(members)
    }

    /// `+`: lists are put together, everything else is looked at.
    fn joined(&mut self, sides: &'i [Ir; 2]) -> Made<'i> {
        let [left, right] = sides;
        let (left, right) = (self.follow(left), self.follow(right));
        if left.is_empty && right.is_empty {
            return left;
        }
        let both = vec![self.element(left), self.element(right)];
        Made::list(self.any(both))
    }

    /// `in`: all of what it looks through, unless that is certainly a map and the key is known.
    fn held(&mut self, sides: &'i [Ir; 2]) -> Made<'i> {
        let [key, whole] = sides;
        let (key, whole) = (self.follow(key), self.follow(whole));
        match &key.texts {
            Some(texts) if whole.is_map() => {
                for text in texts {
                    self.member(whole.clone(), text);
                }
            }
            _ => {
                self.all_of(&key);
                self.all_of(&whole);
            }
        }
        Made::default()
    }

    fn call(&mut self, fun: Fun, args: &'i [Ir]) -> Made<'i> {
        let Some((first, rest)) = args.split_first() else { return Made::default() };
        match fun {
            Fun::Value | Fun::Dyn | Fun::OptionalOf => self.follow(first),
            Fun::Size => {
                let made = self.follow(first);
                made.trees.iter().for_each(|tree| self.note(tree, Extent::Count));
                Made::default()
            }
            Fun::Reverse | Fun::Slice => {
                for arg in rest {
                    self.consume(arg);
                }
                let made = self.follow(first);
                Made::list(self.element(made))
            }
            Fun::Flatten if rest.is_empty() => {
                let list = self.follow(first);
                let items = self.element(list);
                let inner = self.element(items.clone());
                Made::list(self.any(vec![items, inner]))
            }
            _ => {
                for arg in args {
                    self.consume(arg);
                }
                Made::default()
            }
        }
    }

    fn each(&mut self, spec: &'i Loop) -> Made<'i> {
        let range = self.follow(&spec.range);
        if range.is_empty {
            let collects = spec.kind == LoopKind::Collect;
            return if collects { range } else { Made::default() };
        }
        let element = self.element(range);
        let body = self.bound(element.clone(), |trace| {
            spec.condition.iter().for_each(|condition| trace.consume(condition));
            spec.body.as_ref().map(|body| trace.follow(body))
        });
        match spec.kind {
            LoopKind::Collect => Made::list(body.unwrap_or(element)),
            LoopKind::All | LoopKind::Exists | LoopKind::ExistsOne => Made::default(),
        }
    }
}

/// A constant: the texts that stand in it are known.
fn constant(node: &Node) -> Made<'_> {
    match node {
        Node::Str(text) => Made::text(text),
        Node::List(items) if items.is_empty() => Made { is_empty: true, ..Made::default() },
        Node::List(items) => {
            let mut items = items.iter().map(constant);
            let first = items.next().unwrap_or_default();
            Made::list(items.fold(first, Made::or))
        }
        _ => Made::default(),
    }
}
