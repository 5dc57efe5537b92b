//! Functions on strings. Places are counted in characters.

use super::call::Call;
use super::eval::{Evaluated, Frame};
use super::functions::{Fun, count};
use super::ops;
use super::value::{EvalError, Failure, Val};

/// Runs a string function, receiver first.
pub(super) fn call<'a>(frame: &mut Frame<'a>, call: Call<'_, 'a>) -> Evaluated<'a> {
    let at = call.at;
    if call.fun == Fun::Join {
        return join(frame, call);
    }
    let text = call.text(0)?;
    frame.charge(text.len() / 16 + 1, at)?;
    match call.fun {
        Fun::LowerAscii if !text.bytes().any(|byte| byte.is_ascii_uppercase()) => {
            return call.arg(0).cloned();
        }
        Fun::LowerAscii => return Ok(Val::Text(text.to_ascii_lowercase().into())),
        Fun::UpperAscii => return Ok(Val::Text(text.to_ascii_uppercase().into())),
        Fun::Trim => return Ok(Val::text(text.trim())),
        Fun::Reverse => return Ok(Val::Text(text.chars().rev().collect::<String>().into())),
        Fun::CharAt => return char_at(text, call.whole(1)?, at),
        Fun::Substring => return substring(text, call),
        _ => {}
    }
    let other = call.text(1)?;
    match call.fun {
        Fun::StartsWith => Ok(Val::Bool(text.starts_with(other))),
        Fun::EndsWith => Ok(Val::Bool(text.ends_with(other))),
        Fun::Contains => Ok(Val::Bool(text.contains(other))),
        Fun::Split => split(frame, text, other, call),
        Fun::Replace => replace(frame, text, other, call),
        Fun::IndexOf => index_of(text, other, call.maybe_whole(2)?, at),
        Fun::LastIndexOf => last_index_of(text, other, call.maybe_whole(2)?, at),
        _ => Err(call.wrong()),
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

fn outside(place: i64, at: u32) -> EvalError {
    EvalError::new(Failure::OutOfRange(place), at)
}

fn join<'a>(frame: &mut Frame<'a>, call: Call<'_, 'a>) -> Evaluated<'a> {
    let (list, at) = (call.list(0)?, call.at);
    let separator = if call.args.len() > 1 { call.text(1)? } else { "" };
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

fn char_at<'a>(text: &str, place: i64, at: u32) -> Evaluated<'a> {
    let index = usize::try_from(place).map_err(|_| outside(place, at))?;
    match text.chars().nth(index) {
        Some(c) => Ok(Val::Text(c.to_string().into())),
        None if text.chars().count() == index => Ok(Val::Str("")),
        None => Err(outside(place, at)),
    }
}

fn substring<'a>(text: &str, call: Call<'_, 'a>) -> Evaluated<'a> {
    let len = text.chars().count();
    let bound = |place: i64| {
        usize::try_from(place).ok().filter(|p| *p <= len).ok_or_else(|| outside(place, call.at))
    };
    let start = bound(call.whole(1)?)?;
    let end = call.maybe_whole(2)?.map_or(Ok(len), bound)?;
    if start > end {
        return Err(call.refuse("a substring cannot end before it starts"));
    }
    let cut: String = text.chars().skip(start).take(end - start).collect();
    Ok(Val::Text(cut.into()))
}

fn split<'a>(frame: &mut Frame<'a>, text: &str, by: &str, call: Call<'_, 'a>) -> Evaluated<'a> {
    let (limit, at) = (call.maybe_whole(2)?.unwrap_or(-1), call.at);
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

fn replace<'a>(frame: &mut Frame<'a>, text: &str, from: &str, call: Call<'_, 'a>) -> Evaluated<'a> {
    let (to, limit) = (call.text(2)?, call.maybe_whole(3)?.unwrap_or(-1));
    if !from.is_empty() && !text.contains(from) {
        return call.arg(0).cloned();
    }
    // What it will make is paid for before it is made.
    frame.charge(
        text.matches(from).count().saturating_mul(to.len()) / 8 + text.len() / 8,
        call.at,
    )?;
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

fn index_of<'a>(text: &str, needle: &str, from: Option<i64>, at: u32) -> Evaluated<'a> {
    let len = text.chars().count();
    let start = match from {
        None => 0,
        Some(place) => {
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

fn last_index_of<'a>(text: &str, needle: &str, until: Option<i64>, at: u32) -> Evaluated<'a> {
    let len = text.chars().count();
    let last = match until {
        None => len,
        Some(place) => {
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
