//! What plain scalars stand for, as kubectl reads them.

use std::borrow::Cow;

use crate::model::node::Node;

/// What a plain key is called. kubectl turns YAML into JSON, where all keys are text, once it has read what
/// they stand for: `on` and `y` become `true`, and `0x10` becomes `16`. Decimal fractions stay as written.
pub(super) fn key_name(text: &str) -> Cow<'_, str> {
    match special(text) {
        Some(Node::Bool(value)) => if value { "true" } else { "false" }.into(),
        Some(Node::Int(number)) => number.to_string().into(),
        Some(Node::UInt(number)) => number.to_string().into(),
        _ => text.into(),
    }
}

/// What a plain scalar stands for, as kubectl reads it: by YAML 1.1, octals and all words for booleans
/// included, whatever the field is that it stands in. (Servers refuse a boolean where a text is due, so
/// that no object of a cluster differs by it.)
pub(super) fn resolve(text: &str) -> Node {
    special(text).unwrap_or_else(|| Node::str(text))
}

/// What a plain scalar stands for where that is no text.
fn special(text: &str) -> Option<Node> {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Some(Node::Null),
        "true" | "True" | "TRUE" | "yes" | "Yes" | "YES" | "on" | "On" | "ON" | "y" | "Y" => {
            return Some(Node::Bool(true));
        }
        "false" | "False" | "FALSE" | "no" | "No" | "NO" | "off" | "Off" | "OFF" | "n" | "N" => {
            return Some(Node::Bool(false));
        }
        ".nan" | ".NaN" | ".NAN" => return Some(Node::Float(f64::NAN)),
        _ => {}
    }
    let first = text.trim_start_matches(['-', '+']);
    first.starts_with(|c: char| c.is_ascii_digit() || c == '.').then(|| number(text))?
}

fn number(text: &str) -> Option<Node> {
    let digits = text.replace('_', "");
    let (negative, body) = match digits.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, digits.strip_prefix('+').unwrap_or(&digits)),
    };
    let radix = |prefix: &str, radix| {
        let (head, rest) = body.split_at_checked(prefix.len())?;
        head.eq_ignore_ascii_case(prefix).then(|| u64::from_str_radix(rest, radix).ok())?
    };
    let octal = || {
        let rest = body.strip_prefix('0').filter(|r| !r.is_empty())?;
        u64::from_str_radix(rest, 8).ok()
    };
    let whole =
        radix("0x", 16).or_else(|| radix("0o", 8)).or_else(|| radix("0b", 2)).or_else(octal);
    let decimal = || body.bytes().all(|b| b.is_ascii_digit()).then(|| body.parse::<u64>().ok())?;
    if let Some(value) = whole.or_else(decimal) {
        return Some(match (i64::try_from(value), negative) {
            (Ok(value), true) => Node::Int(-value),
            (Ok(value), false) => Node::Int(value),
            (Err(_), false) => Node::UInt(value),
            (Err(_), true) if value == 1 << 63 => Node::Int(i64::MIN),
            (Err(_), true) => Node::Float(body.parse::<f64>().map_or(f64::NEG_INFINITY, |v| -v)),
        });
    }
    if matches!(body, ".inf" | ".Inf" | ".INF") {
        return Some(Node::Float(if negative { f64::NEG_INFINITY } else { f64::INFINITY }));
    }
    let shape =
        body.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'e' | b'E' | b'+' | b'-'));
    let value: f64 = shape.then(|| body.parse().ok())??;
    Some(Node::Float(if negative { -value } else { value }))
}
