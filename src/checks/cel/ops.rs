//! Operators: arithmetic, comparison, equality and membership, as the language defines them.

use std::cmp::Ordering;

use crate::model::node::Node;

use super::eval::{Evaluated, Frame};
use super::ir::Op;
use super::value::{EvalError, Failure, Val};

/// The error of an operation on values it is not made for.
pub(super) fn no_overload(what: &str, values: &[&Val<'_>], at: u32) -> EvalError {
    let types: Vec<&str> = values.iter().map(|v| v.type_of().name()).collect();
    let text = format!("`{what}` does not work on {}", types.join(" and "));
    EvalError::new(Failure::NoOverload(text.into()), at)
}

fn arithmetic(what: &'static str, at: u32) -> EvalError {
    EvalError::new(Failure::Arithmetic(what), at)
}

/// An operator with two evaluated operands.
pub(super) fn binary<'a>(
    frame: &mut Frame<'a>,
    op: Op,
    left: &Val<'a>,
    right: &Val<'a>,
    at: u32,
) -> Evaluated<'a> {
    match op {
        Op::Eq => equal(frame, left, right, at).map(Val::Bool),
        Op::Ne => equal(frame, left, right, at).map(|v| Val::Bool(!v)),
        Op::In => contains(frame, left, right, at).map(Val::Bool),
        Op::Add => add(frame, left, right, at),
        Op::Lt | Op::Le | Op::Gt | Op::Ge => {
            let shorter = left.as_str().map_or(0, str::len).min(right.as_str().map_or(0, str::len));
            frame.charge(shorter / 64, at)?;
            let order =
                compare(left, right).ok_or_else(|| no_overload(op.symbol(), &[left, right], at))?;
            Ok(Val::Bool(match op {
                Op::Lt => order.is_lt(),
                Op::Le => order.is_le(),
                Op::Gt => order.is_gt(),
                _ => order.is_ge(),
            }))
        }
        _ => number(op, left, right, at),
    }
}

fn number<'a>(op: Op, left: &Val<'a>, right: &Val<'a>, at: u32) -> Evaluated<'a> {
    let overflow = || arithmetic("the number leaves its range", at);
    match (left, right) {
        (Val::Int(_), Val::Int(0)) | (Val::UInt(_), Val::UInt(0))
            if matches!(op, Op::Div | Op::Rem) =>
        {
            Err(arithmetic("division by zero", at))
        }
        (Val::Int(a), Val::Int(b)) => match op {
            Op::Sub => a.checked_sub(*b),
            Op::Mul => a.checked_mul(*b),
            Op::Div => a.checked_div(*b),
            _ => a.checked_rem(*b),
        }
        .map(Val::Int)
        .ok_or_else(overflow),
        (Val::UInt(a), Val::UInt(b)) => match op {
            Op::Sub => a.checked_sub(*b),
            Op::Mul => a.checked_mul(*b),
            Op::Div => a.checked_div(*b),
            _ => a.checked_rem(*b),
        }
        .map(Val::UInt)
        .ok_or_else(overflow),
        (Val::Double(a), Val::Double(b)) => match op {
            Op::Sub => Ok(Val::Double(a - b)),
            Op::Mul => Ok(Val::Double(a * b)),
            Op::Div => Ok(Val::Double(a / b)),
            _ => Err(no_overload(op.symbol(), &[left, right], at)),
        },
        _ => Err(no_overload(op.symbol(), &[left, right], at)),
    }
}

fn add<'a>(frame: &mut Frame<'a>, left: &Val<'a>, right: &Val<'a>, at: u32) -> Evaluated<'a> {
    let overflow = || arithmetic("the number leaves its range", at);
    match (left, right) {
        (Val::Int(a), Val::Int(b)) => a.checked_add(*b).map(Val::Int).ok_or_else(overflow),
        (Val::UInt(a), Val::UInt(b)) => a.checked_add(*b).map(Val::UInt).ok_or_else(overflow),
        (Val::Double(a), Val::Double(b)) => Ok(Val::Double(a + b)),
        _ => {
            if let (Some(a), Some(b)) = (left.as_str(), right.as_str()) {
                frame.charge((a.len() + b.len()) / 8 + 1, at)?;
                return Ok(Val::Text(format!("{a}{b}").into()));
            }
            if let (Val::List(_) | Val::Items(_), Val::List(_) | Val::Items(_)) = (left, right) {
                let total = left.count().unwrap_or(0) + right.count().unwrap_or(0);
                frame.charge(total + 1, at)?;
                let mut items = elements(left);
                items.extend(elements(right));
                return Ok(Val::items(items));
            }
            Err(no_overload("+", &[left, right], at))
        }
    }
}

/// The elements of a list or the keys of a map.
pub(super) fn elements<'a>(value: &Val<'a>) -> Vec<Val<'a>> {
    (0..value.count().unwrap_or(0)).filter_map(|at| value.nth(at)).collect()
}

/// `-value`
pub(super) fn negate<'a>(value: &Val<'a>, at: u32) -> Evaluated<'a> {
    match value {
        Val::Int(v) => v
            .checked_neg()
            .map(Val::Int)
            .ok_or_else(|| arithmetic("the number leaves its range", at)),
        Val::Double(v) => Ok(Val::Double(-v)),
        other => Err(no_overload("-", &[other], at)),
    }
}

/// The order of two values; none when they have none.
#[allow(clippy::cast_precision_loss, reason = "numbers of different types compare as doubles")]
pub(super) fn compare(left: &Val<'_>, right: &Val<'_>) -> Option<Ordering> {
    Some(match (left, right) {
        (Val::Int(a), Val::Int(b)) => a.cmp(b),
        (Val::UInt(a), Val::UInt(b)) => a.cmp(b),
        (Val::Double(a), Val::Double(b)) => return a.partial_cmp(b),
        (Val::Int(a), Val::UInt(b)) => u64::try_from(*a).map_or(Ordering::Less, |a| a.cmp(b)),
        (Val::UInt(a), Val::Int(b)) => u64::try_from(*b).map_or(Ordering::Greater, |b| a.cmp(&b)),
        (Val::Int(a), Val::Double(b)) => return (*a as f64).partial_cmp(b),
        (Val::Double(a), Val::Int(b)) => return a.partial_cmp(&(*b as f64)),
        (Val::UInt(a), Val::Double(b)) => return (*a as f64).partial_cmp(b),
        (Val::Double(a), Val::UInt(b)) => return a.partial_cmp(&(*b as f64)),
        (Val::Bool(a), Val::Bool(b)) => a.cmp(b),
        _ => left.as_str()?.cmp(right.as_str()?),
    })
}

/// Whether two values are equal; values of different types are not, except numbers.
pub(super) fn equal(
    frame: &mut Frame<'_>,
    left: &Val<'_>,
    right: &Val<'_>,
    at: u32,
) -> Result<bool, EvalError> {
    frame.charge(1, at)?;
    match (left, right) {
        (Val::Null, Val::Null) => Ok(true),
        (Val::Type(a), Val::Type(b)) => Ok(a == b),
        (Val::Opt(a), Val::Opt(b)) => match (a, b) {
            (None, None) => Ok(true),
            (Some(a), Some(b)) => equal(frame, a, b, at),
            _ => Ok(false),
        },
        (Val::List(a), Val::List(b)) if std::ptr::eq(*a, *b) => Ok(true),
        (Val::List(_) | Val::Items(_), Val::List(_) | Val::Items(_)) => {
            if left.count() != right.count() {
                return Ok(false);
            }
            for at_item in 0..left.count().unwrap_or(0) {
                let (Some(a), Some(b)) = (left.nth(at_item), right.nth(at_item)) else {
                    return Ok(false);
                };
                if !equal(frame, &a, &b, at)? {
                    return Ok(false);
                }
            }
            Ok(true)
        }
        _ if is_map(left) && is_map(right) => equal_maps(frame, left, right, at),
        _ => {
            if let (Some(a), Some(b)) = (left.as_str(), right.as_str()) {
                frame.charge(a.len().min(b.len()) / 64, at)?;
                return Ok(a == b);
            }
            Ok(compare(left, right) == Some(Ordering::Equal))
        }
    }
}

fn is_map(value: &Val<'_>) -> bool {
    matches!(value, Val::Map(_) | Val::Entries(_) | Val::Container(..) | Val::EnvFrom(_))
}

fn equal_maps(
    frame: &mut Frame<'_>,
    left: &Val<'_>,
    right: &Val<'_>,
    at: u32,
) -> Result<bool, EvalError> {
    if left.count() != right.count() {
        return Ok(false);
    }
    for place in 0..left.count().unwrap_or(0) {
        let Some(key) = left.nth(place) else { return Ok(false) };
        let (Some(a), Some(b)) = (lookup(frame, left, &key, at)?, lookup(frame, right, &key, at)?)
        else {
            return Ok(false);
        };
        if !equal(frame, &a, &b, at)? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// The value of a map's key; keys that are numbers match by value.
fn lookup<'a>(
    frame: &mut Frame<'_>,
    map: &Val<'a>,
    key: &Val<'_>,
    at: u32,
) -> Result<Option<Val<'a>>, EvalError> {
    frame.charge(map.count().unwrap_or(0) / 8 + 1, at)?;
    if let Some(name) = key.as_str() {
        return Ok(map.named(name));
    }
    let Val::Entries(entries) = map else { return Ok(None) };
    for (known, value) in entries.iter() {
        if equal(frame, known, key, at)? {
            return Ok(Some(value.clone()));
        }
    }
    Ok(None)
}

fn is_key(value: &Val<'_>) -> bool {
    matches!(value, Val::Bool(_) | Val::Int(_) | Val::UInt(_) | Val::Double(_))
        || value.as_str().is_some()
}

/// `needle in list` and `key in map`.
pub(super) fn contains(
    frame: &mut Frame<'_>,
    needle: &Val<'_>,
    within: &Val<'_>,
    at: u32,
) -> Result<bool, EvalError> {
    if is_map(within) {
        if !is_key(needle) {
            return Err(no_overload("in", &[needle, within], at));
        }
        return Ok(lookup(frame, within, needle, at)?.is_some());
    }
    if let (Val::List(items), Some(text)) = (within, needle.as_str()) {
        frame.charge(items.len() / 4, at)?;
        if text.len() >= 64 {
            let alike = |item: &&Node| matches!(item, Node::Str(s) if s.len() == text.len());
            let alike = items.iter().filter(alike).count();
            frame.charge(alike.saturating_mul(text.len() / 64), at)?;
        }
        return Ok(items.iter().any(|item| matches!(item, Node::Str(s) if *s == *text)));
    }
    let (Val::List(_) | Val::Items(_)) = within else {
        return Err(no_overload("in", &[needle, within], at));
    };
    for place in 0..within.count().unwrap_or(0) {
        let Some(item) = within.nth(place) else { break };
        if equal(frame, needle, &item, at)? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// `base[index]`
pub(super) fn at_index<'a>(
    frame: &mut Frame<'a>,
    base: &Val<'a>,
    index: &Val<'a>,
    at: u32,
) -> Evaluated<'a> {
    if is_map(base) && is_key(index) {
        return lookup(frame, base, index, at)?
            .ok_or_else(|| EvalError::new(Failure::NoSuchKey(show(index).into()), at));
    }
    if !matches!(base, Val::List(_) | Val::Items(_)) {
        return Err(no_overload("[]", &[base, index], at));
    }
    let place = match index {
        Val::Int(v) => *v,
        Val::UInt(v) => i64::try_from(*v).unwrap_or(i64::MAX),
        #[allow(clippy::cast_possible_truncation, reason = "the number is whole and small")]
        Val::Double(v) if v.fract() == 0.0 && v.abs() < 1e9 => *v as i64,
        other => return Err(no_overload("[]", &[base, other], at)),
    };
    usize::try_from(place)
        .ok()
        .and_then(|p| base.nth(p))
        .ok_or_else(|| EvalError::new(Failure::OutOfRange(place), at))
}

fn show(value: &Val<'_>) -> String {
    value.as_str().map_or_else(|| format!("{:?}", value.to_node()), str::to_owned)
}
