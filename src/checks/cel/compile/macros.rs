//! Macros, of which the parser leaves only what they expand to.

use cel::IdedExpr;
use cel::common::ast::{ComprehensionExpr, Expr, LiteralValue, operators as sign};

use crate::checks::cel::ir::LoopKind;

/// The macro that a comprehension came from.
pub(super) struct Macro<'e> {
    pub(super) kind: LoopKind,
    pub(super) condition: Option<&'e IdedExpr>,
    pub(super) body: Option<&'e IdedExpr>,
}

impl<'e> Macro<'e> {
    /// Which macro it is; none where it is not supported.
    pub(super) fn of(c: &'e ComprehensionExpr) -> Option<Self> {
        let Expr::Call(step) = &c.loop_step.expr else { return None };
        let is_accu = |e: &IdedExpr| matches!(&e.expr, Expr::Ident(name) if *name == c.accu_var);
        let (kind, condition, body) = match (step.func_name.as_str(), step.args.as_slice()) {
            (sign::LOGICAL_AND, [accu, p]) if is_accu(accu) => (LoopKind::All, Some(p), None),
            (sign::LOGICAL_OR, [accu, p]) if is_accu(accu) => (LoopKind::Exists, Some(p), None),
            (sign::CONDITIONAL, [p, then, other]) if is_accu(other) => match &c.accu_init.expr {
                Expr::Literal(LiteralValue::Int(_)) => (LoopKind::ExistsOne, Some(p), None),
                Expr::List(_) => (LoopKind::Collect, Some(p), Some(element(then)?)),
                _ => return None,
            },
            (sign::ADD, [accu, _]) if is_accu(accu) => {
                (LoopKind::Collect, None, Some(element(&c.loop_step)?))
            }
            _ => return None,
        };
        Some(Self { kind, condition, body })
    }
}

/// The one element of the list that `accumulator + [element]` appends.
fn element(append: &IdedExpr) -> Option<&IdedExpr> {
    let Expr::Call(add) = &append.expr else { return None };
    let Expr::List(list) = &add.args.get(1)?.expr else { return None };
    list.elements.first()
}
