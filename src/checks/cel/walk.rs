//! The quick way through an expression: what only walks the maps of a tree is decided without
//! making values. Anything else, every error included, is left to the general way.

use crate::model::node::{Map, Node};

use super::eval::Frame;
use super::ir::{Chain, ChainStep, End, Ir, Op, StepKind};
use super::value::Val;

impl<'a> Frame<'a> {
    /// A chain through maps of a tree that ends in a boolean, or in an expression to evaluate
    /// instead.
    pub(super) fn plain_truth(&self, chain: &'a Chain) -> Option<Result<bool, &'a Ir>> {
        let (node, optional) = self.walk(chain)?;
        match (&chain.end, node, optional) {
            (End::OrValue(_), Some(Node::Bool(value)), true)
            | (End::Value, Some(Node::Bool(value)), false) => Some(Ok(*value)),
            (End::OrValue(other), None, true) => Some(Err(other)),
            (End::HasValue, node, true) => Some(Ok(node.is_some())),
            (End::Has(key), Some(Node::Map(map)), _) => Some(Ok(map.get_key(key).is_some())),
            _ => None,
        }
    }

    /// Comparisons of what stands in a tree with a constant or with each other.
    pub(super) fn plain_binary(&self, op: Op, sides: &'a [Ir; 2]) -> Option<bool> {
        let [left, right] = sides;
        match (op, self.peek(left)?, self.peek(right)?) {
            (Op::Eq, Node::Str(a), Node::Str(b)) => Some(a == b),
            (Op::Ne, Node::Str(a), Node::Str(b)) => Some(a != b),
            (Op::Eq, Node::Int(a), Node::Int(b)) => Some(a == b),
            (Op::Ne, Node::Int(a), Node::Int(b)) => Some(a != b),
            (Op::Lt, Node::Int(a), Node::Int(b)) => Some(a < b),
            (Op::Le, Node::Int(a), Node::Int(b)) => Some(a <= b),
            (Op::Gt, Node::Int(a), Node::Int(b)) => Some(a > b),
            (Op::Ge, Node::Int(a), Node::Int(b)) => Some(a >= b),
            (Op::Eq, Node::Bool(a), Node::Bool(b)) => Some(a == b),
            (Op::Ne, Node::Bool(a), Node::Bool(b)) => Some(a != b),
            (Op::In, Node::Str(a), Node::List(items)) if items.len() <= 64 => {
                Some(items.iter().any(|item| matches!(item, Node::Str(b) if a == b)))
            }
            _ => None,
        }
    }

    /// The tree an operand comes to, where it takes no more than a walk.
    fn peek(&self, ir: &'a Ir) -> Option<&'a Node> {
        match ir {
            Ir::Const(node) => Some(node),
            Ir::Chain(chain) => match (&chain.end, self.walk(chain)?) {
                (End::Value, (node, false)) | (End::OrValue(_), (node @ Some(_), true)) => node,
                (End::OrValue(Ir::Const(other)), (None, true)) => Some(other),
                _ => None,
            },
            _ => None,
        }
    }

    /// Where a chain leads that runs through maps of a tree only, and whether it is an optional.
    /// None leaves the chain, and every error, to the general way.
    pub(super) fn walk(&self, chain: &'a Chain) -> Option<(Option<&'a Node>, bool)> {
        let (first, rest) = chain.steps.split_first()?;
        let base = match &chain.base {
            Ir::Var(slot) => self.vars.get(usize::from(*slot))?,
            Ir::Local(at) => self.locals.get(usize::from(*at))?,
            Ir::Fact(slot, _) => return follow(self.fact(*slot)?.as_map()?, first, rest),
            _ => return None,
        };
        match base {
            Val::Map(map) => follow(map, first, rest),
            Val::Container(map, _) if first.key.as_str() != "role" => follow(map, first, rest),
            _ => None,
        }
    }
}

/// From one map of a tree to the next.
fn follow<'a>(
    mut map: &'a Map,
    first: &ChainStep,
    rest: &[ChainStep],
) -> Option<(Option<&'a Node>, bool)> {
    let mut optional = first.kind == StepKind::Optional;
    let mut node = map.get_key(&first.key);
    for step in rest {
        match node {
            Some(Node::Map(next)) => map = next,
            None if optional => return Some((None, true)),
            _ => return None,
        }
        optional |= step.kind == StepKind::Optional;
        node = map.get_key(&step.key);
    }
    (node.is_some() || optional).then_some((node, optional))
}
