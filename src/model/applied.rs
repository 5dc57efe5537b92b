//! What is kept of the copy of an object that `kubectl apply` leaves in an annotation.

use serde::Deserialize;

use super::node::Node;

/// The annotation that holds the copy.
pub const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

/// Longest version or kind that is kept, in bytes: the API server accepts none that is longer.
const MAX_WORD: usize = 253;

#[derive(Deserialize)]
struct Head {
    #[serde(rename = "apiVersion")]
    api_version: String,
    kind: String,
}

/// The version and the kind that were applied, as JSON; none where the copy names neither. The
/// rest repeats the object, and may hold what was taken out of it since.
#[must_use]
pub fn compact(copy: &Node) -> Option<Node> {
    let head: Head = serde_json::from_str(copy.as_str()?).ok()?;
    let fits = |word: &String| !word.is_empty() && word.len() <= MAX_WORD;
    if !fits(&head.api_version) || !fits(&head.kind) {
        return None;
    }
    let (version, kind) = (Node::str(&head.api_version), Node::str(&head.kind));
    Some(Node::str(&Node::map([("apiVersion", version), ("kind", kind)]).to_json().to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn version_and_kind_stay_and_nothing_else_does() {
        let copy = r#"{"apiVersion":"batch/v1beta1","kind":"CronJob","spec":{"x":"hunter2"}}"#;
        let kept = compact(&Node::str(copy)).unwrap();
        assert_eq!(kept.as_str(), Some(r#"{"apiVersion":"batch/v1beta1","kind":"CronJob"}"#));
        assert_eq!(compact(&kept), Some(kept.clone()), "what is compact stays as it is");
    }

    #[test]
    fn what_is_no_copy_is_dropped() {
        let long = format!(r#"{{"apiVersion":"{}","kind":"Pod"}}"#, "v".repeat(300));
        for text in ["", "{}", "[]", "hunter2", r#"{"apiVersion":1,"kind":"Pod"}"#, &long] {
            assert_eq!(compact(&Node::str(text)), None, "{text}");
        }
        assert_eq!(compact(&Node::Int(1)), None);
    }
}
