//! Texts in double quotes, as YAML and TOML write them.

use crate::text::is_safe;

/// A text in double quotes on one line, in which nothing invisible stands. What YAML and TOML escape alike is
/// escaped here; for every other character that is not safe to show `escape` gives its escape.
pub(crate) fn double_quoted(text: &str, escape: impl Fn(char) -> String) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            c if is_safe(c) => out.push(c),
            c => out.push_str(&escape(c)),
        }
    }
    out.push('"');
    out
}
