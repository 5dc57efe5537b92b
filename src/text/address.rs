//! Addresses that people write down: where work is tracked, a standard can be read, a reference leads.

/// Whether a text is an address that may be kept as a link and followed: `https://` and something behind it
/// without blanks and signs that end a link. Anything else may be a script, a file, or a note.
#[must_use]
pub fn is_https(text: &str) -> bool {
    let plain = |c: char| !c.is_whitespace() && !c.is_control() && !"\"<>`\\".contains(c);
    text.strip_prefix("https://").is_some_and(|rest| !rest.is_empty() && rest.chars().all(plain))
}

#[cfg(test)]
mod tests {
    use super::is_https;

    #[test]
    fn only_https_is_a_link() {
        for link in
            ["https://tickets.example/SEC-7", "https://xn--a/b?c=d#e", "https://exämple.org/ü"]
        {
            assert!(is_https(link), "{link}");
        }
        for none in [
            "javascript:alert(1)",
            "http://tickets.example/1",
            "HTTPS://a",
            "https://",
            "SEC-7",
            "https://a b",
            "https://a\u{7}",
            "https://a\">x",
            " https://a",
        ] {
            assert!(!is_https(none), "{none}");
        }
    }
}
