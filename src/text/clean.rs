//! Text from a cluster is hostile: whoever can create an object chooses it. Nothing of it reaches a
//! terminal or a report before it went through here.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::sync::OnceLock;

use regex::Regex;
use unicode_width::UnicodeWidthChar;

/// Most marks without a width of their own that may stand on one letter. Written languages need
/// three; a pile of a hundred covers the lines above.
const MARKS: usize = 4;

/// Whether a character may be shown as it is: no control, no bidirectional override, no invisible
/// formatting or filling, none that Unicode keeps out of texts (YAML refuses two of those).
#[must_use]
pub fn is_safe(c: char) -> bool {
    c.is_ascii_graphic()
        || c == ' '
        || !(c.is_control()
            || u32::from(c) & 0xfffe == 0xfffe
            || matches!(c,
                '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
                | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{feff}' | '\u{ffa0}'
                | '\u{fdd0}'..='\u{fdef}' | '\u{fff9}'..='\u{fffb}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}'))
}

/// Whether a character stands on the one before it.
fn is_mark(c: char) -> bool {
    c >= '\u{300}' && UnicodeWidthChar::width(c) == Some(0)
}

/// Tells of each character whether it may be shown where it stands: safe, and on no pile of marks.
fn may_stand() -> impl FnMut(char) -> bool {
    let mut marks = 0;
    move |c| {
        marks = if is_mark(c) { marks + 1 } else { 0 };
        is_safe(c) && marks <= MARKS
    }
}

/// Shows control characters, escape sequences, bidirectional overrides and piles of marks as
/// escapes: `\n`, `\t`, `\u{1b}`.
#[must_use]
pub fn clean(text: &str) -> Cow<'_, str> {
    // Nearly all text is plain ASCII, which needs no look at each letter and what stands on it.
    if text.bytes().all(|byte| matches!(byte, b' '..=b'~')) || text.chars().all(may_stand()) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    let mut stands = may_stand();
    for c in text.chars() {
        match (c, stands(c)) {
            ('\n', _) => out.push_str("\\n"),
            ('\t', _) => out.push_str("\\t"),
            ('\r', _) => out.push_str("\\r"),
            (c, true) => out.push(c),
            (c, false) => {
                // Writing to a String cannot fail.
                let _ = write!(out, "\\u{{{:x}}}", u32::from(c));
            }
        }
    }
    Cow::Owned(out)
}

/// Text that may be shown anywhere: [`mask`]ed and [`clean`]ed.
#[must_use]
pub fn safe(text: &str) -> String {
    clean(&mask(text)).into_owned()
}

/// What stands in place of a credential.
pub const MASK: &str = "••••••";

fn credentials() -> &'static Regex {
    static PATTERN: OnceLock<Regex> = OnceLock::new();
    PATTERN.get_or_init(|| {
        // Shapes that issuers document: AWS key ids, GitHub, GitLab, Slack and Google tokens, JSON
        // web tokens, PEM private keys, and passwords inside URLs.
        let shapes = [
            r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b",
            r"\bgh[pousr]_[0-9A-Za-z]{36,}\b",
            r"\bglpat-[0-9A-Za-z_\-]{20,}\b",
            r"\bxox[abprs]-[0-9A-Za-z\-]{10,}\b",
            r"\bAIza[0-9A-Za-z_\-]{35}\b",
            r"\beyJ[0-9A-Za-z_\-]{8,}\.[0-9A-Za-z_\-]{8,}\.[0-9A-Za-z_\-]*",
            r"-----BEGIN [A-Z ]*PRIVATE KEY-----[^-]*(?:-----END [A-Z ]*PRIVATE KEY-----)?",
            r"://[^/\s:@]+:[^/\s:@]+@",
        ];
        Regex::new(&shapes.join("|")).unwrap_or_else(|error| unreachable!("{error}"))
    })
}

/// Masks values that look like credentials.
#[must_use]
pub fn mask(text: &str) -> Cow<'_, str> {
    credentials().replace_all(text, |found: &regex::Captures<'_>| {
        let hit = found.get(0).map_or("", |m| m.as_str());
        if hit.starts_with("://") { format!("://{MASK}@") } else { MASK.to_owned() }
    })
}

/// Whether a value under this name is shown masked: names that say they hold a credential.
#[must_use]
pub fn names_a_credential(name: &str) -> bool {
    let name = name.to_ascii_lowercase().replace('-', "_");
    [
        "password",
        "passwd",
        "secret",
        "token",
        "api_key",
        "apikey",
        "private_key",
        "access_key",
        "credential",
    ]
    .iter()
    .any(|word| name.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escape_sequences_and_overrides_become_visible() {
        assert_eq!(clean("a\u{1b}[31mb\u{202e}c\n"), "a\\u{1b}[31mb\\u{202e}c\\n");
        assert!(matches!(clean("plain – ünïcode 日本"), Cow::Borrowed(_)));
    }

    #[test]
    fn marks_do_not_pile_up_and_fillers_are_seen() {
        let vietnamese = "e\u{302}\u{301} क्षि ก็้";
        assert!(matches!(clean(vietnamese), Cow::Borrowed(_)), "{}", clean(vietnamese));
        let pile = format!("a{}b", "\u{301}".repeat(6));
        let shown = format!("a{}\\u{{301}}\\u{{301}}b", "\u{301}".repeat(4));
        assert_eq!(clean(&pile), shown);
        assert_eq!(clean(&shown), shown);
        assert_eq!(clean("a\u{3164}\u{ad}\u{e0101}"), "a\\u{3164}\\u{ad}\\u{e0101}");
    }

    #[test]
    fn credentials_are_masked_and_the_rest_stays() {
        assert_eq!(mask("key=AKIAABCDEFGHIJKLMNOP."), format!("key={MASK}."));
        assert_eq!(mask("postgres://u:hunter2@db/x"), format!("postgres://{MASK}@db/x"));
        assert_eq!(mask("nothing here"), "nothing here");
    }
}
