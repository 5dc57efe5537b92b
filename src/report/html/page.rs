//! Writing HTML so that no text can become markup: markup is a literal of the program, everything
//! else goes through [`escape`].

use crate::text::{clean, mask};

/// A page being written.
#[derive(Default)]
pub struct Page(String);

/// Names and values of an element's attributes.
pub type Attributes<'a> = &'a [(&'static str, &'a str)];

impl Page {
    /// Markup of ours, as it is.
    pub fn markup(&mut self, literal: &'static str) -> &mut Self {
        self.0.push_str(literal);
        self
    }

    /// Text: masked, with control characters and bidirectional overrides shown, and escaped.
    pub fn text(&mut self, text: &str) -> &mut Self {
        escape(text, &mut self.0);
        self
    }

    /// A count.
    pub fn count(&mut self, count: usize) -> &mut Self {
        self.0.push_str(&count.to_string());
        self
    }

    /// The start tag of an element.
    pub fn open(&mut self, tag: &'static str, attributes: Attributes<'_>) -> &mut Self {
        self.0.push('<');
        self.0.push_str(tag);
        for (name, value) in attributes {
            self.0.push(' ');
            self.0.push_str(name);
            self.0.push_str("=\"");
            escape(value, &mut self.0);
            self.0.push('"');
        }
        self.0.push('>');
        self
    }

    /// The end tag of an element.
    pub fn close(&mut self, tag: &'static str) -> &mut Self {
        self.0.push_str("</");
        self.0.push_str(tag);
        self.0.push('>');
        self
    }

    /// An element that holds nothing but text.
    pub fn element(
        &mut self,
        tag: &'static str,
        attributes: Attributes<'_>,
        text: &str,
    ) -> &mut Self {
        self.open(tag, attributes).text(text).close(tag)
    }

    /// Text whose line breaks are kept: what people wrote.
    pub fn prose(&mut self, text: &str) -> &mut Self {
        for (at, line) in text.trim().lines().enumerate() {
            if at > 0 {
                self.markup("<br>");
            }
            self.text(line);
        }
        self
    }

    /// A link to a place in this page.
    pub fn anchor(&mut self, id: &str, text: &str) -> &mut Self {
        self.element("a", &[("href", &format!("#{id}"))], text)
    }

    /// A link to another page if the address is one of the web; the bare text if it is not.
    pub fn link(&mut self, address: &str, text: &str) -> &mut Self {
        if !is_web(address) {
            return self.text(text);
        }
        self.element("a", &[("href", address), ("rel", "noopener noreferrer nofollow")], text)
    }

    /// The page.
    #[must_use]
    pub fn finish(self) -> String {
        self.0
    }
}

/// Whether a text is an address of the web, written in full and in plain characters: no other
/// scheme can run anything in a reader's browser.
#[must_use]
pub fn is_web(address: &str) -> bool {
    let rest = address.strip_prefix("https://").or_else(|| address.strip_prefix("http://"));
    let plain = |c: char| c.is_ascii_graphic() && !matches!(c, '"' | '<' | '>' | '`' | '\\');
    rest.is_some_and(|rest| !rest.is_empty() && rest.chars().all(plain)) && mask(address) == address
}

/// Escapes for content and for quoted attribute values alike.
pub fn escape(text: &str, out: &mut String) {
    let masked = mask(text);
    let clean = clean(&masked);
    // Most text is written as it is; looking for what is not costs less than writing letter by letter.
    let plain = |byte: u8| byte.is_ascii() && !matches!(byte, b'&' | b'<' | b'>' | b'"' | b'\'');
    if clean.bytes().all(plain) {
        return out.push_str(&clean);
    }
    for c in clean.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c if is_noncharacter(c) => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
}

/// Code points that HTML forbids in a document.
fn is_noncharacter(c: char) -> bool {
    let code = u32::from(c);
    matches!(code, 0xfdd0..=0xfdef) || code & 0xfffe == 0xfffe
}

/// A text as the end of an id: letters, digits, `-`, `.` and `_` stay, the rest is written as `~hex`.
#[must_use]
pub fn slug(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            c if c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_') => out.push(c),
            c => out.push_str(&format!("~{:x}", u32::from(c))),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn no_text_becomes_markup(text in "\\PC*|[<>&\"'=/a-z\u{0}-\u{1f}\u{202e}\u{fdd0}]{0,40}") {
            let mut page = Page::default();
            page.open("p", &[("title", &text)]).text(&text).prose(&text).close("p");
            let html = page.finish();
            let inner = html.strip_prefix("<p title=\"").unwrap().strip_suffix("</p>").unwrap();
            let (value, content) = inner.split_once("\">").unwrap();
            prop_assert!(!value.contains(['<', '>', '"', '\'']), "{value}");
            prop_assert!(!content.replace("<br>", "").contains(['<', '>', '"', '\'']), "{content}");
            prop_assert!(html.chars().all(crate::text::is_safe), "{html:?}");
        }

        #[test]
        fn ids_hold_no_space_and_stay_apart(a in "\\PC{0,12}", b in "\\PC{0,12}") {
            prop_assert!(slug(&a).chars().all(|c| c.is_ascii_graphic()));
            prop_assert_eq!(slug(&a) == slug(&b), a == b);
        }
    }

    #[test]
    fn only_addresses_of_the_web_become_links() {
        assert!(is_web("https://example.com/T-1?a=b&c=d#e"));
        for bad in [
            "javascript:alert(1)",
            "data:text/html,x",
            "//example.com",
            "https://",
            "https://a b",
            "https://a\"onclick=x",
            "https://ex\u{202e}ample.com",
            "https://user:secret@example.com/",
        ] {
            assert!(!is_web(bad), "{bad}");
        }
    }
}
