//! Text in ASCII alone, for terminals and programs that know nothing else.

/// For people: signs of ours become their nearest, everything else an escape.
#[must_use]
pub fn prose(text: &str) -> String {
    each(text, |c, out| match c {
        '–' | '—' => out.push('-'),
        '…' => out.push('~'),
        '•' | '·' => out.push('*'),
        '×' => out.push('x'),
        '→' => out.push_str("->"),
        c => out.push_str(&format!("\\u{{{:x}}}", u32::from(c))),
    })
}

/// JSON, which outside of strings is ASCII: the values stay what they are.
#[must_use]
pub fn json(text: &str) -> String {
    each(text, |c, out| {
        for unit in c.encode_utf16(&mut [0; 2]) {
            out.push_str(&format!("\\u{unit:04x}"));
        }
    })
}

/// HTML and XML: a browser shows the same. What stands in a `style` of HTML is escaped as CSS has it.
#[must_use]
pub fn markup(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 16);
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("<style>") {
        let (style, behind) = after.split_once("</style>").unwrap_or((after, ""));
        out.push_str(&references(before));
        out.push_str("<style>");
        out.push_str(&each(style, |c, out| out.push_str(&format!("\\{:x} ", u32::from(c)))));
        if after.contains("</style>") {
            out.push_str("</style>");
        }
        rest = behind;
    }
    out + &references(rest)
}

fn references(text: &str) -> String {
    each(text, |c, out| out.push_str(&format!("&#{};", u32::from(c))))
}

/// Writes what is ASCII, and has the rest written by `other`.
fn each(text: &str, other: impl Fn(char, &mut String)) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_ascii() {
            out.push(c);
        } else {
            other(c, &mut out);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_syntax_has_escapes_of_its_own() {
        assert_eq!(prose("48–71 % é…"), "48-71 % \\u{e9}~");
        let value = serde_json::Value::String("é 🦀 \"".to_owned());
        let text = json(&value.to_string());
        assert!(text.is_ascii(), "{text}");
        assert_eq!(serde_json::from_str::<serde_json::Value>(&text).unwrap(), value);
        assert_eq!(markup("<p a=\"é\">–</p>"), "<p a=\"&#233;\">&#8211;</p>");
        let page = markup("é<style>a:after{content:\"–b\"}</style>é");
        assert_eq!(page, "&#233;<style>a:after{content:\"\\2013 b\"}</style>&#233;");
        assert_eq!(markup("<style>–"), "<style>\\2013 ");
    }
}
