//! Functions on strings. Places are counted in characters.

use super::eval::{Evaluated, Frame};
use super::functions::{Fun, count, refuse};
use super::ops;
use super::value::{EvalError, Failure, Val};

/// Runs a string function, receiver first.
pub(super) fn call<'a>(
    frame: &mut Frame<'a>,
    fun: Fun,
    args: &[Val<'a>],
    at: u32,
) -> Evaluated<'a> {
    let wrong = || {
        let all: Vec<&Val<'_>> = args.iter().collect();
        ops::no_overload(&format!("{fun:?}"), &all, at)
    };
    if fun == Fun::Join {
        return join(frame, args, at);
    }
    let text = args.first().and_then(Val::as_str).ok_or_else(wrong)?;
    frame.charge(text.len() / 16 + 1, at)?;
    match fun {
        Fun::LowerAscii if !text.bytes().any(|byte| byte.is_ascii_uppercase()) => {
            return args.first().cloned().ok_or_else(wrong);
        }
        Fun::LowerAscii => return Ok(Val::Text(text.to_ascii_lowercase().into())),
        Fun::UpperAscii => return Ok(Val::Text(text.to_ascii_uppercase().into())),
        Fun::Trim => return Ok(Val::text(text.trim())),
        Fun::Reverse => return Ok(Val::Text(text.chars().rev().collect::<String>().into())),
        Fun::CharAt => return char_at(text, args.get(1).ok_or_else(wrong)?, at),
        Fun::Substring => return substring(text, args, at),
        _ => {}
    }
    let other = args.get(1).and_then(Val::as_str).ok_or_else(wrong)?;
    match fun {
        Fun::StartsWith => Ok(Val::Bool(text.starts_with(other))),
        Fun::EndsWith => Ok(Val::Bool(text.ends_with(other))),
        Fun::Contains => Ok(Val::Bool(text.contains(other))),
        Fun::Split => split(frame, text, other, args.get(2), at),
        Fun::Replace => replace(frame, text, other, args, at),
        Fun::IndexOf => index_of(text, other, args.get(2), at),
        Fun::LastIndexOf => last_index_of(text, other, args.get(2), at),
        _ => Err(wrong()),
    }
}

/// Whether a text has another in it, paid for as the call of the function is.
pub(super) fn contains(
    frame: &mut Frame<'_>,
    text: &str,
    part: &str,
    at: u32,
) -> Result<bool, EvalError> {
    frame.charge(text.len() / 16 + 1, at)?;
    Ok(text.contains(part))
}

fn whole(value: Option<&Val<'_>>, at: u32) -> Result<i64, EvalError> {
    match value {
        Some(Val::Int(v)) => Ok(*v),
        _ => Err(refuse("expected a whole number", at)),
    }
}

fn outside(place: i64, at: u32) -> EvalError {
    EvalError::new(Failure::OutOfRange(place), at)
}

fn join<'a>(frame: &mut Frame<'a>, args: &[Val<'a>], at: u32) -> Evaluated<'a> {
    let Some(list @ (Val::List(_) | Val::Items(_))) = args.first() else {
        return Err(ops::no_overload("join", &args.iter().collect::<Vec<_>>(), at));
    };
    let separator = match args.get(1) {
        None => "",
        Some(value) => {
            value.as_str().ok_or_else(|| ops::no_overload("join", &[list, value], at))?
        }
    };
    let mut out = String::new();
    for place in 0..list.count().unwrap_or(0) {
        let Some(item) = list.nth(place) else { break };
        let Some(text) = item.as_str() else {
            return Err(ops::no_overload("join", &[&item], at));
        };
        frame.charge((text.len() + separator.len()) / 8 + 1, at)?;
        if place > 0 {
            out.push_str(separator);
        }
        out.push_str(text);
    }
    Ok(Val::Text(out.into()))
}

fn char_at<'a>(text: &str, place: &Val<'a>, at: u32) -> Evaluated<'a> {
    let place = whole(Some(place), at)?;
    let index = usize::try_from(place).map_err(|_| outside(place, at))?;
    match text.chars().nth(index) {
        Some(c) => Ok(Val::Text(c.to_string().into())),
        None if text.chars().count() == index => Ok(Val::Str("")),
        None => Err(outside(place, at)),
    }
}

fn substring<'a>(text: &str, args: &[Val<'a>], at: u32) -> Evaluated<'a> {
    let len = text.chars().count();
    let bound = |place: i64| {
        usize::try_from(place).ok().filter(|p| *p <= len).ok_or_else(|| outside(place, at))
    };
    let start = bound(whole(args.get(1), at)?)?;
    let end = if args.len() > 2 { bound(whole(args.get(2), at)?)? } else { len };
    if start > end {
        return Err(refuse("a substring cannot end before it starts", at));
    }
    let cut: String = text.chars().skip(start).take(end - start).collect();
    Ok(Val::Text(cut.into()))
}

fn split<'a>(
    frame: &mut Frame<'a>,
    text: &str,
    by: &str,
    limit: Option<&Val<'a>>,
    at: u32,
) -> Evaluated<'a> {
    let limit = limit.map(|l| whole(Some(l), at)).transpose()?.unwrap_or(-1);
    frame.charge(text.len() / 4, at)?;
    let parts: Vec<String> = match (usize::try_from(limit), by.is_empty()) {
        (Ok(0), _) => Vec::new(),
        (Ok(n), true) => {
            let mut rest = text.chars();
            let mut parts: Vec<String> = rest.by_ref().take(n - 1).map(|c| c.to_string()).collect();
            let left: String = rest.collect();
            parts.extend((!left.is_empty()).then_some(left));
            parts
        }
        (Ok(n), false) => text.splitn(n, by).map(str::to_owned).collect(),
        (Err(_), true) => text.chars().map(|c| c.to_string()).collect(),
        (Err(_), false) => text.split(by).map(str::to_owned).collect(),
    };
    frame.charge(parts.len(), at)?;
    Ok(Val::items(parts.iter().map(|p| Val::text(p)).collect()))
}

fn replace<'a>(
    frame: &mut Frame<'a>,
    text: &str,
    from: &str,
    args: &[Val<'a>],
    at: u32,
) -> Evaluated<'a> {
    let Some(to) = args.get(2).and_then(Val::as_str) else {
        return Err(ops::no_overload("replace", &args.iter().collect::<Vec<_>>(), at));
    };
    let limit = match args.get(3) {
        None => -1,
        limit => whole(limit, at)?,
    };
    if !from.is_empty() && !text.contains(from) {
        return args.first().cloned().ok_or_else(|| refuse("there is no text", at));
    }
    // What it will make is paid for before it is made.
    frame.charge(text.matches(from).count().saturating_mul(to.len()) / 8 + text.len() / 8, at)?;
    Ok(Val::Text(match usize::try_from(limit) {
        Ok(n) => text.replacen(from, to, n).into(),
        Err(_) => text.replace(from, to).into(),
    }))
}

/// Byte offset of a character, none beyond the end.
fn byte_at(text: &str, place: usize) -> Option<usize> {
    text.char_indices().map(|(at, _)| at).chain([text.len()]).nth(place)
}

fn characters(text: &str, bytes: usize) -> usize {
    text.get(..bytes).map_or(0, |head| head.chars().count())
}

fn index_of<'a>(text: &str, needle: &str, from: Option<&Val<'a>>, at: u32) -> Evaluated<'a> {
    let len = text.chars().count();
    let start = match from {
        None => 0,
        from => {
            let place = whole(from, at)?;
            let start = usize::try_from(place).map_err(|_| outside(place, at))?;
            if needle.is_empty() {
                return Ok(count(start.min(len)));
            }
            if start >= len {
                return Err(outside(place, at));
            }
            start
        }
    };
    let skipped = byte_at(text, start).unwrap_or(text.len());
    let found = text.get(skipped..).and_then(|rest| rest.find(needle));
    Ok(found.map_or(Val::Int(-1), |at| count(characters(text, skipped + at))))
}

fn last_index_of<'a>(text: &str, needle: &str, until: Option<&Val<'a>>, at: u32) -> Evaluated<'a> {
    let len = text.chars().count();
    let last = match until {
        None => len,
        until => {
            let place = whole(until, at)?;
            let last = usize::try_from(place).map_err(|_| outside(place, at))?;
            if needle.is_empty() {
                return Ok(count(last.min(len)));
            }
            if last >= len {
                return Err(outside(place, at));
            }
            last
        }
    };
    let end =
        byte_at(text, last).unwrap_or(text.len()).saturating_add(needle.len()).min(text.len());
    let end = (end..=text.len()).find(|e| text.is_char_boundary(*e)).unwrap_or(text.len());
    let found = text.get(..end).and_then(|head| {
        let place = head.rfind(needle)?;
        (characters(text, place) <= last).then_some(place)
    });
    Ok(found.map_or(Val::Int(-1), |at| count(characters(text, at))))
}
