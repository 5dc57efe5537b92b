//! Texts and numbers of one line, plain or in quotes, so that every reader takes them for what they are.

use crate::text::{double_quoted, is_safe};

/// A number with a point or an exponent, so that it reads back as one.
pub(super) fn float(value: f64) -> String {
    if value.is_nan() {
        ".nan".to_owned()
    } else if value.is_infinite() {
        if value > 0.0 { ".inf".to_owned() } else { "-.inf".to_owned() }
    } else {
        // Debug keeps the point, so that the value reads back as a float.
        format!("{value:?}")
    }
}

/// Whether a text is shown as a literal block: several safe lines, none that a reader would fold,
/// cut or take for indentation.
pub(super) fn is_block(text: &str) -> bool {
    text.contains('\n')
        && !text.starts_with([' ', '\n', '\t'])
        && !text.ends_with("\n\n")
        && text != "\n"
        && text.chars().all(|c| c == '\n' || is_safe(c))
        && !text.split('\n').any(|line| line.ends_with(' '))
}

/// A text as one line of block YAML: plain where every reader takes it for a text, else in quotes.
#[must_use]
pub fn plain_or_quoted(text: &str) -> String {
    if is_plain(text) { text.to_owned() } else { quoted(text) }
}

/// A text in quotes, fit for one line of YAML wherever it stands.
#[must_use]
pub fn quoted(text: &str) -> String {
    double_quoted(text, |c| match u32::from(c) {
        0x0d => "\\r".to_owned(),
        code @ 0x1_0000.. => format!("\\U{code:08x}"),
        code => format!("\\u{code:04x}"),
    })
}

/// Whether a text stands for itself without quotes in YAML 1.1 and 1.2.
fn is_plain(text: &str) -> bool {
    let Some(first) = text.chars().next() else { return false };
    let starts_well = first.is_ascii_alphabetic()
        || matches!(first, '/' | '_' | '.' | '(' | '$' | '^')
        || (first.is_ascii_digit() && !may_be_a_number(text))
        || (first == '-'
            && text.len() > 2
            && !text.starts_with("- ")
            && !text.starts_with("---")
            && !may_be_a_number(text));
    starts_well
        && text.chars().all(|c| is_safe(c) && !matches!(c, '\u{85}'))
        && !text.contains(": ")
        && !text.contains(" #")
        && !text.ends_with([':', ' '])
        && !may_be_a_number(text)
        && !is_word(text)
}

/// Words that a YAML reader turns into booleans or null.
fn is_word(text: &str) -> bool {
    let words = ["true", "false", "yes", "no", "on", "off", "y", "n", "null"];
    words.iter().any(|word| word.eq_ignore_ascii_case(text)) || text.starts_with("...")
}

/// Anything of digits, signs, points, colons and number letters: better quoted than misread
/// (sexagesimals, octals, dates, `1e3`, `.inf`).
fn may_be_a_number(text: &str) -> bool {
    let body = text.trim_start_matches(['-', '+']);
    let lower = body.to_ascii_lowercase();
    if matches!(lower.as_str(), ".inf" | ".nan" | "") {
        return true;
    }
    let starts = body.starts_with(|c: char| c.is_ascii_digit() || c == '.');
    starts
        && (body.chars().all(|c| {
            c.is_ascii_digit() || matches!(c, '.' | '_' | ':' | ',' | '-' | '+' | 'e' | 'E')
        }) || lower.starts_with("0x")
            || lower.starts_with("0o")
            || lower.starts_with("0b"))
}
