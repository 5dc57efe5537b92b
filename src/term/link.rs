//! Links in text (OSC 8). Terminals that know none show the text, which is the address itself.

/// What opens a link to an address. Only plain addresses of the web become links.
#[must_use]
pub fn open(url: &str) -> Option<String> {
    let web = url.starts_with("https://") || url.starts_with("http://");
    let sound = url.len() <= 2_000 && url.bytes().all(|b| b.is_ascii_graphic());
    (web && sound).then(|| format!("\x1b]8;;{url}\x1b\\"))
}

/// What closes a link.
pub const CLOSE: &str = "\x1b]8;;\x1b\\";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_of_the_web_become_links() {
        let wanted = "\x1b]8;;https://example.com/a?b#c\x1b\\";
        assert_eq!(open("https://example.com/a?b#c").as_deref(), Some(wanted));
        for bad in
            ["file:///etc/passwd", "javascript:1", "https://a b", "https://a\x1b\\", "https://ä"]
        {
            assert_eq!(open(bad), None, "{bad}");
        }
    }
}
