//! The form in which rules run: names resolved to slots, constants to trees, patterns compiled.

use regex::Regex;

use crate::model::key::Key;
use crate::model::node::Node;

use super::functions::Fun;
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
    Matches(Box<Self>, Box<Regex>, u32),
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
    pub steps: Box<[Step]>,
    /// What becomes of the last one.
    pub end: End,
    /// Offset, for errors.
    pub at: u32,
}

/// One member of a chain.
#[derive(Debug)]
pub struct Step {
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
    /// Offset, for errors.
    pub at: u32,
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
