//! Text from a cluster is hostile: whoever can create an object chooses it. Nothing of it reaches a
//! terminal or a report before it went through here.

use std::borrow::Cow;
use std::fmt::Write as _;

use unicode_width::UnicodeWidthChar;

use super::mask;

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
}
