//! What Kubernetes takes as names. Whatever becomes a part of the path of a request is held against it.

/// Longest label, in bytes.
const LONGEST: usize = 63;

/// Whether a text is a DNS label (RFC 1123), as the names of namespaces, versions and resources are.
#[must_use]
pub fn is_label(text: &str) -> bool {
    let inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (1..=LONGEST).contains(&text.len())
        && text.bytes().all(inner)
        && !text.starts_with('-')
        && !text.ends_with('-')
}

/// Whether a text is a DNS name, as those of API groups and service accounts are.
#[must_use]
pub fn is_group(text: &str) -> bool {
    text.len() <= 253 && text.split('.').all(is_label)
}

/// Whether an object of any kind can be called so: what is one segment of a path and stays one, also where it
/// is decoded first. Most kinds are narrower; those of RBAC are not.
#[must_use]
pub fn is_segment(text: &str) -> bool {
    !matches!(text, "" | "." | "..") && !text.contains(['/', '%'])
}

/// What is said of a text that no namespace can be called.
#[must_use]
pub fn no_namespace(text: &str) -> String {
    let name = if text.is_empty() { "an empty text".to_owned() } else { shown(text) };
    format!(
        "{name} cannot be the name of a namespace, which is 1 to {LONGEST} of a-z, 0-9 and - (inside)"
    )
}

/// What is said of a text that no object can be called.
#[must_use]
pub fn no_name(text: &str) -> String {
    let name = if text.is_empty() { "an empty text".to_owned() } else { shown(text) };
    format!("{name} cannot be the name of an object, which holds no / and no % and is not . or ..")
}

/// A text in backquotes; of a long one its beginning.
fn shown(text: &str) -> String {
    match text.char_indices().nth(LONGEST + 1) {
        Some((end, _)) => format!("`{}…`", text.get(..end).unwrap_or(text)),
        None => format!("`{text}`"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_that_a_server_takes() {
        for good in ["a", "0", "team-a", "a-0-b", &"a".repeat(63)] {
            assert!(is_label(good) && is_segment(good), "{good}");
        }
        let wrong = [
            "",
            "-a",
            "a-",
            "A",
            "A_b",
            "a.b",
            "a b",
            "a\n",
            "ä",
            "../x",
            "pay/secrets",
            "pay/secrets/dbs",
            "pay%2Fsecrets",
            "%2F",
            ".",
            "..",
            &"a".repeat(64),
        ];
        for wrong in wrong {
            assert!(!is_label(wrong), "{wrong:?}");
        }
        assert!(is_group("apps") && is_group("a-b.example.invalid"));
        for wrong in ["", "x..y", "../x", "a/b", &["a".repeat(63).as_str(); 4].join(".")] {
            assert!(!is_group(wrong), "{wrong:?}");
        }
        assert!(is_segment("system:node") && is_segment("a b") && is_segment("kube-root-ca.crt"));
        for wrong in ["", ".", "..", "a/b", "/", "%2F", "a%"] {
            assert!(!is_segment(wrong), "{wrong:?}");
        }
    }

    #[test]
    fn what_is_said_of_a_giant_name_is_short() {
        let said = no_namespace(&"ä".repeat(50_000));
        assert!(said.len() < 300 && said.starts_with("`ä") && said.contains("…`"), "{said}");
        assert!(no_namespace("pay/secrets").starts_with("`pay/secrets` cannot be the name of"));
        assert!(no_namespace("").starts_with("an empty text cannot be"));
        assert!(no_name("..").starts_with("`..` cannot be the name of an object"));
    }
}
