//! Runs compiled expressions over borrowed trees, within a budget of steps.

use std::rc::Rc;

use crate::model::node::{Map, Node};

use super::fuel::FUEL;
use super::functions;
use super::hoard::Hoard;
use super::ir::{Index, Ir, Op};
use super::memo::Memo;
use super::ops;
use super::scope::Var;
use super::sieve::Sieves;
use super::value::{EvalError, Failure, Val};

/// Most images that are remembered for one object.
const MAX_IMAGES: usize = 16;

/// Most facts a scope can hold.
pub const MAX_FACTS: usize = 24;

/// Result of an evaluation.
pub type Evaluated<'a> = Result<Val<'a>, EvalError>;

/// Where expressions remember.
pub type Memory<'a> = Rc<dyn Memo<'a> + 'a>;

/// What an expression sees of one object: variables, facts, and how much it may still cost.
pub struct Frame<'a> {
    pub(super) vars: [Val<'a>; Var::COUNT],
    facts: [Option<&'a Node>; MAX_FACTS],
    pub(super) locals: Vec<Val<'a>>,
    /// What the expression that runs shares between objects, and where it is remembered.
    pub(super) hoard: Option<&'a Hoard>,
    pub(super) memo: Option<Memory<'a>>,
    /// What loops have worked out, by its place.
    pub(super) fixed: Vec<Option<Evaluated<'a>>>,
    /// What conditions that are about the object as a whole came to, by where they lie.
    pub(super) of_object: Vec<(usize, bool)>,
    /// References to images, taken apart: many checks look at the same ones.
    images: Vec<(&'a str, Val<'a>)>,
    /// Which elements of facts' lists loops have to look at.
    pub(super) sieves: Option<Rc<Sieves>>,
    /// Whether everything fails that is of the object at hand.
    pub(super) apart: bool,
    /// Whether the budget was raised for the size of the object.
    pub(super) raised: bool,
    /// Whether it was since [`Frame::at_ease`] was asked.
    pub(super) strained: bool,
    pub(super) fuel: u32,
    pub(super) budget: u32,
    /// What `fuel` was when the evaluation began, with what it was raised by.
    pub(super) granted: u32,
    /// Steps of evaluations before this one.
    pub(super) spent: u64,
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
            of_object: Vec::new(),
            images: Vec::new(),
            sieves: None,
            apart: false,
            raised: false,
            strained: false,
            fuel: FUEL,
            budget: FUEL,
            granted: FUEL,
            spent: 0,
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
            Ir::Var(_) | Ir::FactOpt(_) if self.apart => self.common(ir),
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
                self.charge(regex.cost(found.len()), *at)?;
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

    /// An image's reference as `take_apart` makes it, remembered for texts of trees.
    pub(super) fn image(&mut self, text: &Val<'a>, take_apart: fn(&str) -> Val<'a>) -> Val<'a> {
        let Val::Str(place) = *text else {
            return take_apart(text.as_str().unwrap_or_default());
        };
        if let Some((_, known)) = self.images.iter().find(|(text, _)| std::ptr::eq(*text, place)) {
            return known.clone();
        }
        let made = take_apart(place);
        if self.images.len() < MAX_IMAGES {
            self.images.push((place, made.clone()));
        }
        made
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
}

pub(super) fn unknown(fact: u8, member: &str, at: u32) -> EvalError {
    EvalError::new(Failure::Unknown { fact, member: member.into() }, at)
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
