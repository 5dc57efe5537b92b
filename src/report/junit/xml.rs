//! Text in XML.

use crate::text::{clean, mask};

/// Escapes for content and attribute values: masked, control characters shown. What XML 1.0 cannot
/// hold at all, even escaped, becomes U+FFFD.
pub fn escape(text: &str, out: &mut String) {
    for c in clean(&mask(text)).chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&apos;"),
            '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
}

/// Writes an attribute. White space is collapsed: names are tokens, in which it means nothing.
pub fn attribute(name: &str, value: &str, out: &mut String) {
    out.push(' ');
    out.push_str(name);
    out.push_str("=\"");
    let words: Vec<&str> = value.split_whitespace().collect();
    escape(&words.join(" "), out);
    out.push('"');
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn nothing_is_markup_and_everything_is_xml(text in "\\PC*|[<>&\"'\u{0}-\u{1f}\u{fffe}\u{ffff}\u{202e} a]{0,40}") {
            let mut out = String::new();
            attribute("a", &text, &mut out);
            let value = out.strip_prefix(" a=\"").unwrap().strip_suffix('"').unwrap();
            prop_assert!(!value.contains(['<', '>', '"', '\'']));
            let bare = value.split('&').skip(1).all(|after| after.contains(';'));
            prop_assert!(bare, "{value}");
            // Production [2] of XML 1.0, without the controls that are shown as escapes.
            let fine = |c| matches!(c, ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..);
            prop_assert!(out.chars().all(fine), "{out:?}");
        }
    }
}
