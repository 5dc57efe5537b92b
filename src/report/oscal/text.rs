//! Text of an OSCAL document. Titles, descriptions and remarks are Markdown there: nothing that
//! comes from a cluster may be markup.

use super::super::exchange::{line, line_or};

/// Text for a title, a description or a remark.
pub(super) fn markup(text: &str) -> Option<String> {
    line(text).map(|text| escape(&text))
}

/// The same, with a word in place of nothing.
pub(super) fn markup_or(text: &str, otherwise: &str) -> String {
    escape(&line_or(text, otherwise))
}

/// Several paragraphs, each escaped for itself.
pub(super) fn paragraphs<'a>(texts: impl IntoIterator<Item = &'a str>) -> Option<String> {
    let all: Vec<String> = texts.into_iter().filter_map(markup).collect();
    (!all.is_empty()).then(|| all.join("\n\n"))
}

fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        // Also what OSCAL adds to Markdown: super- and subscript, and inserted parameters.
        if matches!(
            c,
            '\\' | '`'
                | '*'
                | '_'
                | '['
                | ']'
                | '<'
                | '>'
                | '|'
                | '#'
                | '~'
                | '^'
                | '&'
                | '!'
                | '{'
                | '}'
        ) {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_markup() {
        let text = markup("<b>[x](y) {{ insert: param, p }} a\nb").unwrap();
        assert_eq!(text, "\\<b\\>\\[x\\](y) \\{\\{ insert: param, p \\}\\} a\\\\nb");
        assert_eq!(paragraphs(["a", " ", "b"]).as_deref(), Some("a\n\nb"));
        assert_eq!(markup(" "), None);
    }
}
