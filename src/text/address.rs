//! Addresses that people write down: where work is tracked, a standard can be read, a reference leads.

/// Whether a text is an address that may be kept as a link and followed: `https://` and something behind it
/// without blanks and signs that end a link. Anything else may be a script, a file, or a note.
#[must_use]
pub fn is_https(text: &str) -> bool {
    let plain = |c: char| !c.is_whitespace() && !c.is_control() && !"\"<>`\\".contains(c);
    text.strip_prefix("https://").is_some_and(|rest| !rest.is_empty() && rest.chars().all(plain))
}

/// Whether a text may say where work on a finding is tracked: an address of the web, or the name of a ticket,
/// such as `SEC-7`. With any other scheme it may be a script or a file, which nobody should follow.
#[must_use]
pub fn is_ticket(text: &str) -> bool {
    let secure = text.strip_prefix("http://").map(|rest| format!("https://{rest}"));
    if is_https(secure.as_deref().unwrap_or(text)) {
        return true;
    }
    let in_scheme = |c: char| c.is_ascii_alphanumeric() || "+.-".contains(c);
    let scheme = text.trim_start().split_once(':').is_some_and(|(it, _)| it.chars().all(in_scheme));
    !scheme && !text.trim().is_empty() && !text.chars().any(char::is_control)
}

#[cfg(test)]
mod tests {
    use super::{is_https, is_ticket};

    #[test]
    fn a_ticket_has_an_address_or_a_name() {
        for ticket in
            ["https://tickets.example/SEC-7", "http://tickets.example/7", "SEC-7", "#7", "SEC 7"]
        {
            assert!(is_ticket(ticket), "{ticket}");
        }
        for none in [
            "javascript:alert(1)",
            " data:x",
            "file:///etc/passwd",
            "",
            " ",
            "a\u{7}",
            "http://a b",
        ] {
            assert!(!is_ticket(none), "{none}");
        }
    }

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
