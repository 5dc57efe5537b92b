//! The form in which rules run: names resolved to slots, constants to trees, patterns compiled.

use crate::model::key::Key;
use crate::model::node::Node;

use super::functions::Fun;
use super::pattern::Pattern;
use super::sieve::FactList;
use super::value::Type;

/// One operation. `at` is the offset in the rule's text, for errors.
#[derive(Debug)]
pub enum Ir {
    /// A constant; lists and maps of constants are one tree.
    Const(Node),
    /// An unsigned constant, which trees do not hold when it would fit a signed one.
    UInt(u64),
    /// The name of a type.
    Type(Type),
    /// `optional.none()`
    None,
    /// A variable of the scope, by slot.
    Var(u8),
    /// A variable bound by a macro, by its place on the stack.
    Local(u16),
    /// A required fact.
    Fact(u8, u32),
    /// A fact that may be unknown: an optional.
    FactOpt(u8),
    /// A chain of members of one value.
    Chain(Box<Chain>),
    /// `a[b]` and `a[?b]` with a computed index.
    Index(Box<Index>),
    /// A list with computed elements; `true` marks an optional element.
    List(Box<[(Self, bool)]>),
    /// A map with computed entries; `true` marks an optional entry.
    Map(Box<[(Self, Self, bool)]>, u32),
    /// `!a`
    Not(Box<Self>, u32),
    /// `a && b`, absorbing errors.
    And(Box<[Self; 2]>, u32),
    /// `a || b`, absorbing errors.
    Or(Box<[Self; 2]>, u32),
    /// `a ? b : c`
    If(Box<[Self; 3]>, u32),
    /// Operators with two operands.
    Binary(Op, Box<[Self; 2]>, u32),
    /// `-a`
    Neg(Box<Self>, u32),
    /// `text.matches('…')`
    Matches(Box<Self>, Box<Pattern>, u32),
    /// A function, receiver first.
    Call(Fun, Box<[Self]>, u32),
    /// `.orValue(x)`, which looks at `x` only when needed.
    OrValue(Box<[Self; 2]>, u32),
    /// `.or(x)`, which looks at `x` only when needed.
    OrOptional(Box<[Self; 2]>, u32),
    /// `all`, `exists`, `exists_one`, `map`, `filter`.
    Loop(Box<Loop>),
    /// A value bound to a name: what `optMap` expands to.
    Bind(Box<[Self; 2]>),
    /// A part that a loop around it works out once, by its place in the frame.
    Fixed(Box<Self>, u16),
    /// A value that is the same for every object with the same lists, by its place in the hoard.
    Shared(u16),
    /// A loop over such a value, by its place in the hoard.
    Keyed(u16),
}

impl Ir {
    /// Calls `work` with each operation right below this one, and how many names are bound there
    /// if `depth` are bound here.
    pub fn inner_mut(&mut self, depth: u16, work: &mut dyn FnMut(&mut Self, u16)) {
        match self {
            Self::Chain(chain) => {
                work(&mut chain.base, depth);
                if let End::OrValue(other) = &mut chain.end {
                    work(other, depth);
                }
            }
            Self::Index(index) => {
                work(&mut index.base, depth);
                work(&mut index.key, depth);
            }
            Self::List(items) => items.iter_mut().for_each(|(item, _)| work(item, depth)),
            Self::Map(entries, _) => entries.iter_mut().for_each(|(key, value, _)| {
                work(key, depth);
                work(value, depth);
            }),
            Self::Not(one, _)
            | Self::Neg(one, _)
            | Self::Matches(one, _, _)
            | Self::Fixed(one, _) => work(one, depth),
            Self::And(two, _)
            | Self::Or(two, _)
            | Self::Binary(_, two, _)
            | Self::OrValue(two, _)
            | Self::OrOptional(two, _) => two.iter_mut().for_each(|one| work(one, depth)),
            Self::If(three, _) => three.iter_mut().for_each(|one| work(one, depth)),
            Self::Call(_, args, _) => args.iter_mut().for_each(|arg| work(arg, depth)),
            Self::Loop(spec) => {
                work(&mut spec.range, depth);
                spec.condition.iter_mut().chain(&mut spec.body).for_each(|ir| work(ir, depth + 1));
            }
            Self::Bind(parts) => {
                let [init, result] = &mut **parts;
                work(init, depth);
                work(result, depth + 1);
            }
            _ => {}
        }
    }

    /// Calls `work` with each operation right below this one; those in the hoard are left out.
    pub fn inner<'i>(&'i self, work: &mut dyn FnMut(&'i Self)) {
        match self {
            Self::Chain(chain) => {
                work(&chain.base);
                if let End::OrValue(other) = &chain.end {
                    work(other);
                }
            }
            Self::Index(index) => [&index.base, &index.key].into_iter().for_each(work),
            Self::List(items) => items.iter().for_each(|(item, _)| work(item)),
            Self::Map(entries, _) => entries.iter().for_each(|(key, value, _)| {
                work(key);
                work(value);
            }),
            Self::Not(one, _)
            | Self::Neg(one, _)
            | Self::Matches(one, _, _)
            | Self::Fixed(one, _) => work(one),
            Self::And(two, _)
            | Self::Or(two, _)
            | Self::Binary(_, two, _)
            | Self::OrValue(two, _)
            | Self::OrOptional(two, _)
            | Self::Bind(two) => two.iter().for_each(work),
            Self::If(three, _) => three.iter().for_each(work),
            Self::Call(_, args, _) => args.iter().for_each(work),
            Self::Loop(spec) => spec.inner(work),
            _ => {}
        }
    }
}

/// Operators that evaluate both sides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Op {
    /// `+`
    Add,
    /// `-`
    Sub,
    /// `*`
    Mul,
    /// `/`
    Div,
    /// `%`
    Rem,
    /// `==`
    Eq,
    /// `!=`
    Ne,
    /// `<`
    Lt,
    /// `<=`
    Le,
    /// `>`
    Gt,
    /// `>=`
    Ge,
    /// `in`
    In,
}

impl Op {
    /// As it is written.
    #[must_use]
    pub fn symbol(self) -> &'static str {
        match self {
            Self::Add => "+",
            Self::Sub => "-",
            Self::Mul => "*",
            Self::Div => "/",
            Self::Rem => "%",
            Self::Eq => "==",
            Self::Ne => "!=",
            Self::Lt => "<",
            Self::Le => "<=",
            Self::Gt => ">",
            Self::Ge => ">=",
            Self::In => "in",
        }
    }
}

/// `base.a.?b["c"]`, and what is done with the end of it.
#[derive(Debug)]
pub struct Chain {
    /// Where it starts.
    pub base: Ir,
    /// The members, in order.
    pub steps: Box<[ChainStep]>,
    /// What becomes of the last one.
    pub end: End,
    /// Offset, for errors.
    pub at: u32,
}

/// One member of a chain.
#[derive(Debug)]
pub struct ChainStep {
    /// Its name.
    pub key: Key,
    /// How it is reached.
    pub kind: StepKind,
}

/// How a member is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StepKind {
    /// `.a`
    Field,
    /// `.?a` and `[?"a"]`
    Optional,
    /// `["a"]`
    Index,
}

/// What becomes of the end of a chain.
#[derive(Debug)]
pub enum End {
    /// It is the value.
    Value,
    /// `.orValue(x)`
    OrValue(Ir),
    /// `.hasValue()`
    HasValue,
    /// `has(…)`: whether this last member is there.
    Has(Key),
}

/// `base[index]`
#[derive(Debug)]
pub struct Index {
    /// The list or map.
    pub base: Ir,
    /// The index or key.
    pub key: Ir,
    /// `[?…]`
    pub optional: bool,
    /// Offset, for errors.
    pub at: u32,
}

/// How `exists` holds one text against each element of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Against {
    /// `patterns.exists(p, globMatch(text, p))`
    Globs,
    /// `parts.exists(p, text.contains(p))`
    Parts,
}

/// A macro over a list or over the keys of a map.
#[derive(Debug)]
pub struct Loop {
    /// Which macro.
    pub kind: LoopKind,
    /// What is looped over.
    pub range: Ir,
    /// The condition of `all`, `exists`, `exists_one`, `filter` and `map` with three arguments.
    pub condition: Option<Ir>,
    /// The element made by `map`; none for `filter`, which keeps the element.
    pub body: Option<Ir>,
    /// How many names are bound around it, which is where its own stands on the stack.
    pub depth: u16,
    /// What is worked out once each time it runs, by its place in the frame.
    pub fixed: Vec<u16>,
    /// It holds one text, which is the same for all, against each element.
    pub against: Option<Against>,
    /// Its elements are those of a fact, and can be told apart for many objects.
    pub sieve: Option<FactList>,
    /// Offset, for errors.
    pub at: u32,
}

impl Loop {
    /// Calls `work` with its range, condition and body.
    pub fn inner<'i>(&'i self, work: &mut dyn FnMut(&'i Ir)) {
        [&self.range].into_iter().chain(&self.condition).chain(&self.body).for_each(work);
    }
}

/// The macros over lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LoopKind {
    /// `all`
    All,
    /// `exists`
    Exists,
    /// `exists_one`
    ExistsOne,
    /// `map` and `filter`
    Collect,
}
