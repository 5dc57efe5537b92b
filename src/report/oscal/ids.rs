//! Names of an OSCAL document: UUIDs that are the same in every scan of the same thing, and tokens.

use uuid::Uuid;

use crate::frameworks::Framework;

/// The namespace of the properties that are ours.
pub(super) const NS: &str = "urn:plimsoll:ns:oscal";

/// Makes UUIDs of version 5 from what a thing is and of which system. Two scans of one system name
/// the same finding alike; two systems never do.
pub(super) struct Ids {
    system: Uuid,
}

impl Ids {
    /// For the system with this identity.
    pub(super) fn new(identity: &str) -> Self {
        let ours = Uuid::new_v5(&Uuid::NAMESPACE_URL, NS.as_bytes());
        Self { system: Uuid::new_v5(&ours, identity.as_bytes()) }
    }

    /// The UUID of the thing of a kind that these parts name.
    pub(super) fn of(&self, kind: &str, parts: &[&str]) -> Uuid {
        // A separator that no part holds: text from a cluster may hold any other.
        let mut name = kind.to_owned();
        for part in parts {
            name.push_str(&format!("\u{0}{}\u{0}", part.len()));
            name.push_str(part);
        }
        Uuid::new_v5(&self.system, name.as_bytes())
    }
}

/// The family whose controls have ids in a catalog of OSCAL's own.
const NIST: &str = "nist-800-53";

/// The id of a control: that of NIST's catalog for SP 800-53 (`AC-2(1)` is `ac-2.1`), else ours,
/// with the framework before it (`nsa-cisa_NSA-POD-1`).
pub(super) fn control(framework: &Framework, id: &str) -> String {
    if is_nist(framework) {
        return token(&id.to_ascii_lowercase().replace('(', ".").replace(')', ""));
    }
    token(&format!("{}_{id}", framework.id))
}

/// Whether its controls are those of NIST's catalog.
pub(super) fn is_nist(framework: &Framework) -> bool {
    framework.family() == NIST
}

/// The id of a control's objective: that of NIST's catalog, or one that the document defines.
pub(super) fn objective(framework: &Framework, id: &str) -> String {
    format!("{}_obj", control(framework, id))
}

/// A text as a token: a letter or `_` first, then letters, digits, points, hyphens and `_`.
pub(super) fn token(text: &str) -> String {
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    let out: String = text.chars().map(|c| if fits(c) { c } else { '-' }).collect();
    let starts = out.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    if starts { out } else { format!("_{out}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_stable_and_tell_systems_and_parts_apart() {
        let (a, b) = (Ids::new("a"), Ids::new("b"));
        assert_eq!(a.of("risk", &["p1:x"]).to_string(), "35e80d6d-a3cb-5cee-9066-1c074e098f77");
        assert_ne!(a.of("risk", &["p1:x"]), b.of("risk", &["p1:x"]));
        assert_ne!(a.of("risk", &["p1:x"]), a.of("observation", &["p1:x"]));
        assert_ne!(a.of("item", &["a", "bc"]), a.of("item", &["ab", "c"]));
        assert_ne!(a.of("item", &["a\u{0}1\u{0}b"]), a.of("item", &["a", "b"]));
    }

    #[test]
    fn tokens_fit_the_schema() {
        assert_eq!(token("5.2.1"), "_5.2.1");
        assert_eq!(token("164.308(a)(1)"), "_164.308-a--1-");
        assert_eq!(token("ü\u{1b}"), "_--");
        assert_eq!(token(""), "_");
    }
}
