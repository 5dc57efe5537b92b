//! Syntax tree to the form that runs. Whatever can be found wrong without data is found here.

mod macros;

use cel::IdedExpr;
use cel::common::ast::{
    CallExpr, ComprehensionExpr, EntryExpr, Expr, ListExpr, LiteralValue, MapExpr, SelectExpr,
    SourceInfo, operators as sign,
};

use crate::model::key::Key;
use crate::model::node::Node;

use super::functions::{self, Fun};
use super::ir::{Chain, ChainStep, End, Index, Ir, Loop, Op, StepKind};
use super::parse::CelError;
use super::pattern::Pattern;
use super::scope::{Names, Var};
use super::value::Type;
use macros::Macro;

/// Turns syntax into operations, with the names it may use.
pub struct Compiler<'a> {
    names: &'a Names<'a>,
    info: &'a SourceInfo,
    locals: Vec<String>,
    /// Facts the expression needs, one bit each.
    pub required: u32,
    /// Facts it can do without, one bit each.
    pub optional: u32,
}

type Compiled = Result<Ir, CelError>;

impl<'a> Compiler<'a> {
    /// A compiler for one expression.
    #[must_use]
    pub fn new(names: &'a Names<'a>, info: &'a SourceInfo) -> Self {
        Self { names, info, locals: Vec::new(), required: 0, optional: 0 }
    }

    fn offset(&self, id: u64) -> u32 {
        self.info.offset_for(id).map_or(0, |(start, _)| start)
    }

    fn fail<T>(&self, id: u64, message: impl Into<String>) -> Result<T, CelError> {
        Err(CelError::at(&self.info.source, self.offset(id), message))
    }

    /// Compiles a node.
    ///
    /// # Errors
    /// Unknown names, functions and numbers of arguments, with their place.
    pub fn node(&mut self, expr: &IdedExpr) -> Compiled {
        match &expr.expr {
            Expr::Literal(literal) => self.literal(expr.id, literal),
            Expr::Ident(name) => self.ident(expr.id, name),
            Expr::Select(select) => self.select(expr.id, select),
            Expr::Call(call) => self.call(expr.id, call),
            Expr::List(list) => self.list(list),
            Expr::Map(map) => self.map(expr.id, map),
            Expr::Comprehension(comprehension) => self.comprehension(expr.id, comprehension),
            Expr::Struct(value) => {
                self.fail(expr.id, format!("there is no message type `{}`", value.type_name))
            }
            Expr::Unspecified => self.fail(expr.id, "an expression is missing"),
        }
    }

    fn literal(&self, id: u64, literal: &LiteralValue) -> Compiled {
        Ok(Ir::Const(match literal {
            LiteralValue::Boolean(v) => Node::Bool(*v.inner()),
            LiteralValue::Int(v) => Node::Int(*v.inner()),
            LiteralValue::UInt(v) => return Ok(Ir::UInt(*v.inner())),
            LiteralValue::Double(v) => Node::Float(*v.inner()),
            LiteralValue::String(v) => Node::str(v.inner()),
            LiteralValue::Null => Node::Null,
            LiteralValue::Bytes(_) => return self.fail(id, "bytes are not supported"),
        }))
    }

    fn ident(&self, id: u64, name: &str) -> Compiled {
        if let Some(at) = self.locals.iter().rposition(|l| l == name) {
            return Ok(Ir::Local(u16::try_from(at).unwrap_or(u16::MAX)));
        }
        if name == "params" && self.names.params.is_empty() {
            return self.fail(id, "the check has no parameters");
        }
        if name == "lists" && self.names.lists.is_empty() {
            return self
                .fail(id, "the check names no lists under `reads`, `seen` or `optional-reads`");
        }
        if let Some(var) = Var::parse(name).filter(|v| self.names.has(*v)) {
            return Ok(Ir::Var(var as u8));
        }
        if let Some(kind) = Type::parse(name) {
            return Ok(Ir::Type(kind));
        }
        if name == "facts" {
            return self.fail(id, "`facts` is followed by the name of one fact: `facts.rbac`");
        }
        if let Some(var) = Var::parse(name) {
            return self.fail(
                id,
                format!(
                    "`{}` does not exist in this scope; it has {}",
                    var.name(),
                    self.names.listed()
                ),
            );
        }
        self.fail(id, format!("there is no variable `{name}`; there are {}", self.names.listed()))
    }

    fn is_global(&self, expr: &IdedExpr, wanted: &str) -> bool {
        matches!(&expr.expr, Expr::Ident(name) if name == wanted)
            && !self.locals.iter().any(|l| l == wanted)
    }

    fn fact(&mut self, id: u64, name: &str, optional: bool) -> Compiled {
        let Some(at) = self.names.facts.iter().position(|f| *f == name) else {
            let known = self.names.facts.join(", ");
            return self.fail(id, format!("there is no fact `{name}`; there are {known}"));
        };
        let slot = u8::try_from(at).unwrap_or(u8::MAX);
        if optional {
            self.optional |= 1 << slot;
            return Ok(Ir::FactOpt(slot));
        }
        self.required |= 1 << slot;
        Ok(Ir::Fact(slot, self.offset(id)))
    }

    fn select(&mut self, id: u64, select: &SelectExpr) -> Compiled {
        if self.is_global(&select.operand, "facts") {
            if select.test {
                return self.fail(id, format!("write `facts.?{0}.hasValue()`", select.field));
            }
            return self.fact(id, &select.field, false);
        }
        self.declared(id, &select.operand, &select.field)?;
        let base = self.node(&select.operand)?;
        let key = Key::new(&select.field);
        let at = self.offset(id);
        if select.test {
            return Ok(end(base, End::Has(key), at));
        }
        Ok(step(base, ChainStep { key, kind: StepKind::Field }, at))
    }

    /// Members of `params` and `lists` are those that the check declares.
    fn declared(&self, id: u64, base: &IdedExpr, name: &str) -> Result<(), CelError> {
        if self.is_global(base, "params")
            && self.names.has(Var::Params)
            && !self.names.params.contains(&name)
        {
            return self.fail(id, format!("the check has no parameter `{name}`"));
        }
        if self.is_global(base, "lists")
            && self.names.has(Var::Lists)
            && !self.names.lists.contains(&name)
        {
            let known = self.names.lists.join(", ");
            return self.fail(id, format!("the check names no list `{name}`; it names {known}"));
        }
        Ok(())
    }

    fn list(&mut self, list: &ListExpr) -> Compiled {
        let mut items = Vec::with_capacity(list.elements.len());
        for (at, element) in list.elements.iter().enumerate() {
            items.push((self.node(element)?, list.optional_indices.contains(&at)));
        }
        let constant =
            items.iter().all(|(item, optional)| matches!(item, Ir::Const(_)) && !optional);
        if !constant {
            return Ok(Ir::List(items.into_boxed_slice()));
        }
        let nodes = items.into_iter().filter_map(|(item, _)| match item {
            Ir::Const(node) => Some(node),
            _ => None,
        });
        Ok(Ir::Const(Node::list(nodes.collect())))
    }

    fn map(&mut self, id: u64, map: &MapExpr) -> Compiled {
        let mut entries = Vec::with_capacity(map.entries.len());
        for entry in &map.entries {
            let EntryExpr::MapEntry(entry) = &entry.expr else {
                return self.fail(entry.id, "expected a key and a value");
            };
            entries.push((self.node(&entry.key)?, self.node(&entry.value)?, entry.optional));
        }
        Ok(Ir::Map(entries.into_boxed_slice(), self.offset(id)))
    }

    fn call(&mut self, id: u64, call: &CallExpr) -> Compiled {
        let at = self.offset(id);
        if call.target.is_none() {
            if let Some(ir) = self.operator(id, call, at)? {
                return Ok(ir);
            }
            return self.function(id, &call.func_name, None, &call.args);
        }
        let Some(target) = call.target.as_deref() else {
            return self.fail(id, "the receiver is missing");
        };
        if let Expr::Ident(space) = &target.expr
            && matches!(space.as_str(), "optional" | "lists")
            && !self.locals.iter().any(|l| l == space)
        {
            let name = format!("{space}.{}", call.func_name);
            return self.function(id, &name, None, &call.args);
        }
        self.function(id, &call.func_name, Some(target), &call.args)
    }

    fn operator(&mut self, id: u64, call: &CallExpr, at: u32) -> Result<Option<Ir>, CelError> {
        Ok(Some(match (call.func_name.as_str(), call.args.as_slice()) {
            (sign::CONDITIONAL, [a, b, c]) => {
                Ir::If(Box::new([self.node(a)?, self.node(b)?, self.node(c)?]), at)
            }
            (sign::LOGICAL_AND, [a, b]) => Ir::And(Box::new([self.node(a)?, self.node(b)?]), at),
            (sign::LOGICAL_OR, [a, b]) => Ir::Or(Box::new([self.node(a)?, self.node(b)?]), at),
            (sign::LOGICAL_NOT, [a]) => Ir::Not(Box::new(self.node(a)?), at),
            (sign::NEGATE, [a]) => match self.node(a)? {
                Ir::Const(Node::Int(v)) if v != i64::MIN => Ir::Const(Node::Int(-v)),
                Ir::Const(Node::Float(v)) => Ir::Const(Node::Float(-v)),
                other => Ir::Neg(Box::new(other), at),
            },
            (sign::INDEX, [base, index]) => self.index(id, base, index, false)?,
            (sign::OPT_INDEX, [base, index]) => self.index(id, base, index, true)?,
            (sign::OPT_SELECT, [base, field]) => self.opt_select(id, base, field)?,
            (name, [a, b]) => match binary(name) {
                Some(op) => Ir::Binary(op, Box::new([self.node(a)?, self.node(b)?]), at),
                None => return Ok(None),
            },
            _ => return Ok(None),
        }))
    }

    fn opt_select(&mut self, id: u64, base: &IdedExpr, field: &IdedExpr) -> Compiled {
        let Expr::Literal(LiteralValue::String(name)) = &field.expr else {
            return self.fail(id, "`.?` is followed by a name");
        };
        if self.is_global(base, "facts") {
            return self.fact(id, name.inner(), true);
        }
        self.declared(id, base, name.inner())?;
        let base = self.node(base)?;
        let key = Key::new(name.inner());
        Ok(step(base, ChainStep { key, kind: StepKind::Optional }, self.offset(id)))
    }

    fn index(&mut self, id: u64, base: &IdedExpr, index: &IdedExpr, optional: bool) -> Compiled {
        let at = self.offset(id);
        if let Expr::Literal(LiteralValue::String(name)) = &index.expr {
            self.declared(id, base, name.inner())?;
            let kind = if optional { StepKind::Optional } else { StepKind::Index };
            return Ok(step(self.node(base)?, ChainStep { key: Key::new(name.inner()), kind }, at));
        }
        let (base, index) = (self.node(base)?, self.node(index)?);
        Ok(Ir::Index(Box::new(Index { base, key: index, optional, at })))
    }

    fn function(
        &mut self,
        id: u64,
        name: &str,
        target: Option<&IdedExpr>,
        args: &[IdedExpr],
    ) -> Compiled {
        let at = self.offset(id);
        let count = args.len() + usize::from(target.is_some());
        let fun = match functions::find(name, target.is_some(), count) {
            Ok(fun) => fun,
            Err(message) => return self.fail(id, message),
        };
        let mut irs = Vec::with_capacity(count);
        for arg in target.into_iter().chain(args) {
            irs.push(self.node(arg)?);
        }
        self.special(id, fun, irs, at)
    }

    /// Functions with a form of their own.
    fn special(&self, id: u64, fun: Fun, mut irs: Vec<Ir>, at: u32) -> Compiled {
        match (fun, irs.len()) {
            (Fun::OptionalNone, _) => Ok(Ir::None),
            (Fun::Matches, 2) => {
                let (pattern, text) = (irs.pop(), irs.pop());
                let (Some(Ir::Const(Node::Str(pattern))), Some(text)) = (pattern, text) else {
                    return self.fail(id, "the pattern of `matches` must be a literal string");
                };
                match Pattern::new(&pattern, self.names.trusted) {
                    Ok(pattern) => Ok(Ir::Matches(Box::new(text), Box::new(pattern), at)),
                    Err(error) => self.fail(id, format!("the pattern is not usable: {error}")),
                }
            }
            (Fun::OrValue | Fun::Or, 2) => {
                let (Some(other), Some(this)) = (irs.pop(), irs.pop()) else {
                    return self.fail(id, "an argument is missing");
                };
                if fun == Fun::Or {
                    return Ok(Ir::OrOptional(Box::new([this, other]), at));
                }
                Ok(match this {
                    Ir::Chain(chain) if matches!(chain.end, End::Value) => {
                        Ir::Chain(Box::new(Chain { end: End::OrValue(other), ..*chain }))
                    }
                    this => Ir::OrValue(Box::new([this, other]), at),
                })
            }
            (Fun::HasValue, 1) => match irs.pop() {
                Some(this) => Ok(end(this, End::HasValue, at)),
                None => self.fail(id, "an argument is missing"),
            },
            _ => Ok(Ir::Call(fun, irs.into_boxed_slice(), at)),
        }
    }

    fn comprehension(&mut self, id: u64, c: &ComprehensionExpr) -> Compiled {
        let at = self.offset(id);
        if c.iter_var == "#unused" {
            let init = self.node(&c.accu_init)?;
            self.locals.push(c.accu_var.clone());
            let result = self.node(&c.result);
            self.locals.pop();
            return Ok(Ir::Bind(Box::new([init, result?])));
        }
        let Some(Macro { kind, condition, body }) = Macro::of(c) else {
            return self.fail(id, "this macro is not supported");
        };
        let range = self.node(&c.iter_range)?;
        self.locals.push(c.iter_var.clone());
        let condition = condition.map(|e| self.node(e)).transpose();
        let body = body.map(|e| self.node(e)).transpose();
        self.locals.pop();
        let (condition, body) = (condition?, body?);
        let depth = u16::try_from(self.locals.len()).unwrap_or(u16::MAX);
        // `filter` expands to a body that is the element itself.
        let body =
            body.filter(|b| condition.is_none() || !matches!(b, Ir::Local(at) if *at == depth));
        Ok(Ir::Loop(Box::new(Loop {
            kind,
            range,
            condition,
            body,
            depth,
            fixed: Vec::new(),
            against: None,
            sieve: None,
            at,
        })))
    }
}

fn binary(name: &str) -> Option<Op> {
    Some(match name {
        sign::ADD => Op::Add,
        sign::SUBSTRACT => Op::Sub,
        sign::MULTIPLY => Op::Mul,
        sign::DIVIDE => Op::Div,
        sign::MODULO => Op::Rem,
        sign::EQUALS => Op::Eq,
        sign::NOT_EQUALS => Op::Ne,
        sign::LESS => Op::Lt,
        sign::LESS_EQUALS => Op::Le,
        sign::GREATER => Op::Gt,
        sign::GREATER_EQUALS => Op::Ge,
        sign::IN => Op::In,
        _ => return None,
    })
}

/// Adds a member to a chain, or starts one.
fn step(base: Ir, step: ChainStep, at: u32) -> Ir {
    match base {
        Ir::Chain(chain) if matches!(chain.end, End::Value) => {
            let mut steps = chain.steps.into_vec();
            steps.push(step);
            Ir::Chain(Box::new(Chain { steps: steps.into_boxed_slice(), at, ..*chain }))
        }
        base => Ir::Chain(Box::new(Chain { base, steps: Box::new([step]), end: End::Value, at })),
    }
}

fn end(base: Ir, end: End, at: u32) -> Ir {
    match base {
        Ir::Chain(chain) if matches!(chain.end, End::Value) => {
            Ir::Chain(Box::new(Chain { end, at, ..*chain }))
        }
        base => Ir::Chain(Box::new(Chain { base, steps: Box::new([]), end, at })),
    }
}
