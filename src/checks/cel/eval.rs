//! Runs compiled expressions over borrowed trees, within a budget of steps.

use std::rc::Rc;

use crate::model::node::{Map, Node};

use super::functions;
use super::hoard::Hoard;
use super::ir::{Chain, End, Index, Ir, Op, Step, StepKind};
use super::memo::Memo;
use super::ops;
use super::scope::Var;
use super::value::{EvalError, Failure, Val};

/// Steps one evaluation may take; memory it makes is charged as steps.
pub const FUEL: u32 = 1_000_000;

/// Steps that a rule may take besides for each object of its lists.
const FUEL_PER_OBJECT: usize = 400;

/// Steps that a rule may take besides for each byte of text in its object, so that a long script
/// can be looked at word by word.
const FUEL_PER_BYTE: usize = 100;

/// Most facts a scope can hold.
pub const MAX_FACTS: usize = 24;

/// Result of an evaluation.
pub type Evaluated<'a> = Result<Val<'a>, EvalError>;

/// Where expressions remember.
pub type Memory<'a> = Rc<dyn Memo<'a> + 'a>;

/// What an expression sees: variables, facts, and how much it may still cost.
pub struct Frame<'a> {
    pub(super) vars: [Val<'a>; Var::COUNT],
    facts: [Option<&'a Node>; MAX_FACTS],
    pub(super) locals: Vec<Val<'a>>,
    /// What the expression that runs shares between objects, and where it is remembered.
    pub(super) hoard: Option<&'a Hoard>,
    pub(super) memo: Option<Memory<'a>>,
    /// What loops have worked out, by its place.
    pub(super) fixed: Vec<Option<Evaluated<'a>>>,
    /// Whether the budget was raised for the size of the object.
    raised: bool,
    fuel: u32,
    budget: u32,
}

impl Default for Frame<'_> {
    fn default() -> Self {
        Self {
            vars: std::array::from_fn(|_| Val::Null),
            facts: [None; MAX_FACTS],
            locals: Vec::with_capacity(8),
            hoard: None,
            memo: None,
            fixed: Vec::new(),
            raised: false,
            fuel: FUEL,
            budget: FUEL,
        }
    }
}

impl<'a> Frame<'a> {
    /// Sets a variable.
    pub fn set(&mut self, var: Var, value: Val<'a>) {
        if let Some(slot) = self.vars.get_mut(var as usize) {
            *slot = value;
        }
    }

    /// The value of a variable.
    #[must_use]
    pub fn get(&self, var: Var) -> Val<'a> {
        self.vars.get(var as usize).cloned().unwrap_or(Val::Null)
    }

    /// Sets a fact; none when it is unknown.
    pub fn set_fact(&mut self, slot: u8, fact: Option<&'a Node>) {
        if let Some(place) = self.facts.get_mut(usize::from(slot)) {
            *place = fact;
        }
    }

    /// A fact, none when unknown.
    #[must_use]
    pub fn fact(&self, slot: u8) -> Option<&'a Node> {
        self.facts.get(usize::from(slot)).copied().flatten()
    }

    /// Evaluates with a full budget.
    ///
    /// # Errors
    /// What the expression ran into.
    pub fn run(&mut self, ir: &'a Ir, hoard: &'a Hoard) -> Evaluated<'a> {
        self.start(hoard);
        self.locals.clear();
        self.eval(ir)
    }

    /// Evaluates a condition with a full budget.
    ///
    /// # Errors
    /// What the expression ran into, or that it gives no boolean.
    pub fn decide(&mut self, ir: &'a Ir, hoard: &'a Hoard) -> Result<bool, EvalError> {
        self.start(hoard);
        self.locals.clear();
        self.truth(ir, 0)
    }

    /// Makes room for a look at every one of so many listed objects.
    pub fn allow(&mut self, objects: usize) {
        let more = u32::try_from(objects.saturating_mul(FUEL_PER_OBJECT)).unwrap_or(u32::MAX);
        self.budget = FUEL.saturating_add(more);
    }

    /// Remembers in `memo` what objects share; without, everything is worked out each time. Gives
    /// back what it remembered in.
    pub fn remember(&mut self, memo: Option<Memory<'a>>) -> Option<Memory<'a>> {
        std::mem::replace(&mut self.memo, memo)
    }

    /// Makes ready for an expression.
    pub(super) fn start(&mut self, hoard: &'a Hoard) {
        self.refuel();
        self.hoard = Some(hoard);
        self.fixed.clear();
        self.fixed.resize(hoard.fixed, None);
    }

    /// Fills up the budget.
    pub(super) fn refuel(&mut self) {
        self.fuel = self.budget;
        self.raised = false;
    }

    /// What is left when the budget is used up: an object that is large may take more steps.
    #[cold]
    fn raise(&mut self) {
        if !self.raised {
            self.raised = true;
            let text = text_in(&self.get(Var::Object)).saturating_mul(FUEL_PER_BYTE);
            self.fuel = self.fuel.saturating_add(u32::try_from(text).unwrap_or(u32::MAX));
        }
    }

    /// Takes steps off the budget.
    ///
    /// # Errors
    /// When none are left.
    pub(super) fn charge(&mut self, steps: usize, at: u32) -> Result<(), EvalError> {
        let steps = u32::try_from(steps).unwrap_or(u32::MAX);
        if steps > self.fuel {
            self.raise();
        }
        let left = self.fuel.checked_sub(steps);
        self.fuel = left.unwrap_or(0);
        left.map(|_| ()).ok_or_else(|| EvalError::new(Failure::TooExpensive, at))
    }

    pub(super) fn push(&mut self, value: Val<'a>) {
        self.locals.push(value);
    }

    pub(super) fn pop(&mut self) {
        self.locals.pop();
    }

    /// Evaluates an operation that stands below `depth` bound names of which it uses none, or
    /// only those that are bound here already.
    pub(super) fn eval_at(&mut self, ir: &'a Ir, depth: u16) -> Evaluated<'a> {
        let bound = self.locals.len();
        self.locals.resize(usize::from(depth).max(bound), Val::Null);
        let value = self.eval(ir);
        self.locals.truncate(bound);
        value
    }

    /// Evaluates one operation within what is left of the budget.
    pub(super) fn eval(&mut self, ir: &'a Ir) -> Evaluated<'a> {
        if self.fuel == 0 {
            self.raise();
        }
        let Some(left) = self.fuel.checked_sub(1) else {
            return Err(EvalError::new(Failure::TooExpensive, 0));
        };
        self.fuel = left;
        match ir {
            Ir::Const(node) => Ok(node.into()),
            Ir::UInt(value) => Ok(Val::UInt(*value)),
            Ir::Type(kind) => Ok(Val::Type(*kind)),
            Ir::None => Ok(Val::Opt(None)),
            Ir::Var(slot) => Ok(self.vars.get(usize::from(*slot)).cloned().unwrap_or(Val::Null)),
            Ir::Local(at) => Ok(self.locals.get(usize::from(*at)).cloned().unwrap_or(Val::Null)),
            Ir::Fact(slot, at) => match self.fact(*slot) {
                Some(node) => Ok(node.into()),
                None => Err(unknown(*slot, "", *at)),
            },
            Ir::FactOpt(slot) => {
                Ok(self.fact(*slot).map_or(Val::Opt(None), |node| Val::some(node.into())))
            }
            Ir::Chain(chain) => self.chain(chain),
            Ir::And(sides, at) => self.logic(sides, false, *at).map(Val::Bool),
            Ir::Or(sides, at) => self.logic(sides, true, *at).map(Val::Bool),
            Ir::Not(inner, at) => self.truth(inner, *at).map(|value| Val::Bool(!value)),
            Ir::If(parts, at) => self.branch(parts, *at),
            Ir::Binary(op, sides, at) => self.binary(*op, sides, *at),
            Ir::Loop(spec) => self.each(spec, None),
            _ => self.rare(ir),
        }
    }

    /// Operations outside the hot path, kept apart so that the recursion's frame stays small.
    #[inline(never)]
    fn rare(&mut self, ir: &'a Ir) -> Evaluated<'a> {
        match ir {
            Ir::Index(index) => self.index(index),
            Ir::List(items) => self.list(items),
            Ir::Map(entries, at) => self.map(entries, *at),
            Ir::Neg(inner, at) => ops::negate(&self.eval(inner)?, *at),
            Ir::Matches(text, regex, at) => {
                let text = self.eval(text)?;
                let Some(found) = text.as_str() else {
                    return Err(ops::no_overload("matches", &[&text], *at));
                };
                self.charge(found.len() / 16 + 1, *at)?;
                Ok(Val::Bool(regex.is_match(found)))
            }
            Ir::Call(fun, args, at) => self.call(*fun, args, *at),
            Ir::OrValue(sides, at) => self.or_value(sides, *at, true),
            Ir::OrOptional(sides, at) => self.or_value(sides, *at, false),
            Ir::Fixed(part, at) => self.fixed(part, *at),
            Ir::Shared(at) => self.shared(*at),
            Ir::Keyed(at) => match self.hoard.and_then(|hoard| hoard.each(*at)) {
                Some(spec) => self.each(spec, Some(*at)),
                None => Ok(Val::Null),
            },
            Ir::Bind(parts) => {
                let [init, result] = &**parts;
                let value = self.eval(init)?;
                self.push(value);
                let result = self.eval(result);
                self.pop();
                result
            }
            _ => Ok(Val::Null),
        }
    }

    fn fixed(&mut self, part: &'a Ir, at: u16) -> Evaluated<'a> {
        let place = usize::from(at);
        if let Some(Some(known)) = self.fixed.get(place) {
            return known.clone();
        }
        let value = self.eval(part);
        if let Some(known) = self.fixed.get_mut(place) {
            *known = Some(value.clone());
        }
        value
    }

    fn shared(&mut self, at: u16) -> Evaluated<'a> {
        let Some(hoard) = self.hoard else { return Ok(Val::Null) };
        let known = self.memo.clone().and_then(|memo| memo.value(hoard, at));
        match (known, hoard.value(at)) {
            (Some(value), _) => value,
            (None, Some(ir)) => self.eval(ir),
            (None, None) => Ok(Val::Null),
        }
    }

    fn call(&mut self, fun: functions::Fun, args: &'a [Ir], at: u32) -> Evaluated<'a> {
        let mut values = [Val::Null, Val::Null, Val::Null, Val::Null];
        for (place, arg) in values.iter_mut().zip(args) {
            *place = self.eval(arg)?;
        }
        let count = args.len().min(values.len());
        functions::call(self, fun, values.get(..count).unwrap_or_default(), at)
    }

    fn or_value(&mut self, sides: &'a [Ir; 2], at: u32, unwrap: bool) -> Evaluated<'a> {
        let [this, other] = sides;
        match self.eval(this)? {
            Val::Opt(Some(value)) if unwrap => Ok((*value).clone()),
            Val::Opt(Some(value)) => Ok(Val::Opt(Some(value))),
            Val::Opt(None) => self.eval(other),
            value => Err(ops::no_overload(if unwrap { "orValue" } else { "or" }, &[&value], at)),
        }
    }

    /// `&&` (absorbing false) and `||` (absorbing true): an error on one side gives way to the
    /// absorbing value on the other.
    fn logic(&mut self, sides: &'a [Ir; 2], absorbing: bool, at: u32) -> Result<bool, EvalError> {
        let [left, right] = sides;
        let left = self.truth(left, at);
        if left == Ok(absorbing) {
            return Ok(absorbing);
        }
        match (left, self.truth(right, at)?) {
            (_, value) if value == absorbing => Ok(absorbing),
            (Ok(_), value) => Ok(value),
            (Err(error), _) => Err(error),
        }
    }

    /// Evaluates to a boolean or fails. Conditions are most of what rules are made of, so the
    /// common ones are decided here without making values.
    pub(super) fn truth(&mut self, ir: &'a Ir, at: u32) -> Result<bool, EvalError> {
        match ir {
            Ir::And(sides, at) => return self.logic(sides, false, *at),
            Ir::Or(sides, at) => return self.logic(sides, true, *at),
            Ir::Not(inner, at) => return self.truth(inner, *at).map(|value| !value),
            Ir::Const(Node::Bool(value)) => return Ok(*value),
            Ir::Chain(chain) => {
                if let Some(value) = self.plain_truth(chain) {
                    self.charge(1, at)?;
                    return value.map_or_else(|other| self.truth(other, at), Ok);
                }
            }
            Ir::Binary(op, sides, _) => {
                if let Some(value) = self.plain_binary(*op, sides) {
                    self.charge(3, at)?;
                    return Ok(value);
                }
            }
            _ => {}
        }
        match self.eval(ir)? {
            Val::Bool(value) => Ok(value),
            other => {
                let what = format!("expected a bool, found {}", other.type_of().name());
                Err(EvalError::new(Failure::NoOverload(what.into()), at))
            }
        }
    }

    fn branch(&mut self, parts: &'a [Ir; 3], at: u32) -> Evaluated<'a> {
        let [condition, then, other] = parts;
        if self.truth(condition, at)? { self.eval(then) } else { self.eval(other) }
    }

    fn binary(&mut self, op: Op, sides: &'a [Ir; 2], at: u32) -> Evaluated<'a> {
        let [left, right] = sides;
        let left = self.eval(left)?;
        let right = self.eval(right)?;
        ops::binary(self, op, &left, &right, at)
    }

    fn list(&mut self, items: &'a [(Ir, bool)]) -> Evaluated<'a> {
        let mut values = Vec::with_capacity(items.len());
        for (item, optional) in items {
            match (self.eval(item)?, optional) {
                (Val::Opt(None), true) => {}
                (Val::Opt(Some(value)), true) => values.push((*value).clone()),
                (value, _) => values.push(value),
            }
        }
        self.charge(values.len(), 0)?;
        Ok(Val::items(values))
    }

    fn map(&mut self, entries: &'a [(Ir, Ir, bool)], at: u32) -> Evaluated<'a> {
        let mut values: Vec<(Val<'a>, Val<'a>)> = Vec::with_capacity(entries.len());
        for (key, value, optional) in entries {
            let key = self.eval(key)?;
            if !matches!(key, Val::Bool(_) | Val::Int(_) | Val::UInt(_)) && key.as_str().is_none() {
                return Err(ops::no_overload("a map key of", &[&key], at));
            }
            let value = match (self.eval(value)?, optional) {
                (Val::Opt(None), true) => continue,
                (Val::Opt(Some(value)), true) => (*value).clone(),
                (value, _) => value,
            };
            for (known, _) in &values {
                if ops::equal(self, known, &key, at)? {
                    let what = "a map has the same key twice";
                    return Err(EvalError::new(Failure::Function(what.into()), at));
                }
            }
            values.push((key, value));
        }
        Ok(Val::Entries(values.into()))
    }

    fn index(&mut self, spec: &'a Index) -> Evaluated<'a> {
        let base = self.eval(&spec.base)?;
        let (base, optional) = match base {
            Val::Opt(None) => return Ok(Val::Opt(None)),
            Val::Opt(Some(value)) => ((*value).clone(), true),
            value => (value, spec.optional),
        };
        let index = self.eval(&spec.key)?;
        let found = ops::at_index(self, &base, &index, spec.at);
        if !optional {
            return found;
        }
        Ok(found.map_or(Val::Opt(None), Val::some))
    }

    fn chain(&mut self, chain: &'a Chain) -> Evaluated<'a> {
        if let Some((node, optional)) = self.walk(chain) {
            return self.finish(chain, node.map(Val::from), optional);
        }
        let known_fact = match &chain.base {
            Ir::Fact(slot, _) => Some(*slot),
            _ => None,
        };
        let (mut value, mut optional) = match &chain.base {
            Ir::FactOpt(slot) => (self.fact(*slot).map(Val::from), true),
            base => match self.eval(base)? {
                Val::Opt(inner) => (inner.map(|v| (*v).clone()), true),
                value => (Some(value), false),
            },
        };
        for (at, step) in chain.steps.iter().enumerate() {
            let Some(from) = value.take() else { break };
            let member = from.member(&step.key);
            optional |= step.kind == StepKind::Optional;
            value = match member {
                Some(member) => settle(member, &mut optional, step.kind),
                None => missing(&from, step, optional, known_fact.filter(|_| at == 0), chain.at)?,
            };
        }
        self.finish(chain, value, optional)
    }

    fn finish(
        &mut self,
        chain: &'a Chain,
        value: Option<Val<'a>>,
        optional: bool,
    ) -> Evaluated<'a> {
        match &chain.end {
            End::Value if optional => Ok(value.map_or(Val::Opt(None), Val::some)),
            End::Value => Ok(value.unwrap_or(Val::Null)),
            End::OrValue(other) if optional => match value {
                Some(value) => Ok(value),
                None => self.eval(other),
            },
            End::HasValue if optional => Ok(Val::Bool(value.is_some())),
            End::OrValue(_) => {
                Err(ops::no_overload("orValue", &[&value.unwrap_or(Val::Null)], chain.at))
            }
            End::HasValue => {
                Err(ops::no_overload("hasValue", &[&value.unwrap_or(Val::Null)], chain.at))
            }
            End::Has(key) => match value {
                None => Ok(Val::Bool(false)),
                Some(Val::Opt(inner)) => {
                    Ok(Val::Bool(inner.is_some_and(|v| v.member(key).is_some())))
                }
                Some(value) if value.type_of() == super::value::Type::Map => {
                    Ok(Val::Bool(value.member(key).is_some()))
                }
                Some(value) => Err(ops::no_overload("has", &[&value], chain.at)),
            },
        }
    }
}

/// What a member that is not there comes to.
#[inline(never)]
fn missing<'a>(
    from: &Val<'a>,
    step: &Step,
    optional: bool,
    fact: Option<u8>,
    at: u32,
) -> Result<Option<Val<'a>>, EvalError> {
    if optional {
        // `.a` on an optional of something that has no members is a mistake, not an absence.
        return if step.kind == StepKind::Field && !from.is_indexable() {
            Err(ops::no_overload(".", &[from], at))
        } else {
            Ok(None)
        };
    }
    if let (Some(slot), true) = (fact, matches!(from, Val::Map(_))) {
        return Err(unknown(slot, step.key.as_str(), at));
    }
    match from {
        Val::Map(_) | Val::Container(..) | Val::EnvFrom(_) | Val::Entries(_) => {
            Err(EvalError::new(Failure::NoSuchKey(step.key.as_str().into()), at))
        }
        other => Err(ops::no_overload(&format!(".{}", step.key.as_str()), &[other], at)),
    }
}

/// A member that is itself an optional (of a computed map) keeps the chain optional.
fn settle<'a>(member: Val<'a>, optional: &mut bool, kind: StepKind) -> Option<Val<'a>> {
    match member {
        Val::Opt(inner) if kind != StepKind::Optional && !*optional => {
            *optional = true;
            inner.map(|v| (*v).clone())
        }
        member => Some(member),
    }
}

fn unknown(fact: u8, member: &str, at: u32) -> EvalError {
    EvalError::new(Failure::Unknown { fact, member: member.into() }, at)
}

/// Bytes of text in a value of a tree.
fn text_in(value: &Val<'_>) -> usize {
    let mut bytes = 0_usize;
    let mut stack: Vec<&Node> = match value {
        Val::Map(map) => map.iter().map(|(_, node)| node).collect(),
        _ => Vec::new(),
    };
    while let Some(node) = stack.pop() {
        match node {
            Node::Str(text) => bytes = bytes.saturating_add(text.len()),
            Node::List(items) => stack.extend(items.iter()),
            Node::Map(map) => stack.extend(map.iter().map(|(_, node)| node)),
            _ => {}
        }
    }
    bytes
}

/// A map of a tree, for setting variables.
#[must_use]
pub fn map_of(node: Option<&Node>) -> Val<'_> {
    static EMPTY: std::sync::LazyLock<Map> = std::sync::LazyLock::new(Map::default);
    match node {
        Some(node) => node.into(),
        None => Val::Map(&EMPTY),
    }
}
