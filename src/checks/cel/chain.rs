//! Chains of members, the general way: through computed values and optionals, with every error.

use super::eval::{Evaluated, Frame, unknown};
use super::ir::{Chain, ChainStep, End, Ir, StepKind};
use super::ops;
use super::value::{EvalError, Failure, Val};

impl<'a> Frame<'a> {
    /// Follows a chain, and does with its end what is to be done.
    pub(super) fn chain(&mut self, chain: &'a Chain) -> Evaluated<'a> {
        if let Some((node, optional)) = self.walk(chain) {
            return self.finish(chain, node.map(Val::from), optional);
        }
        let known_fact = match &chain.base {
            Ir::Fact(slot, _) => Some(*slot),
            _ => None,
        };
        let (mut value, mut optional) = match &chain.base {
            Ir::FactOpt(slot) if !self.apart => (self.fact(*slot).map(Val::from), true),
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
    step: &ChainStep,
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
