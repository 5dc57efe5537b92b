//! How much one finding may say. What an object holds stands in the object; a finding repeats no more of
//! it than a person reads, so that one hostile object with a long text does not make every report of it
//! many times as long. What a finding is called does not depend on it.

use std::borrow::Cow;

use crate::model::node::Node;
use crate::text::{mask, mask_tree};

/// Longest message or note, in bytes.
const MOST_TEXT: usize = 2_000;
/// Most that a value may hold, in bytes of its texts and names, and for each element.
const MOST_VALUE: usize = 4_000;
/// What an element takes beside its text.
const ELEMENT: usize = 8;
/// Longest text within a value, in bytes.
const MOST_STRING: usize = 1_000;

/// A text of a finding, with credentials masked as in its value; a long one is cut and says by how much.
pub(super) fn text(text: String) -> String {
    if let Some(short) = cut(&text, MOST_TEXT) {
        return short;
    }
    match mask(&text) {
        Cow::Borrowed(_) => text,
        Cow::Owned(masked) => masked,
    }
}

/// A value of a finding. Of a large one the beginning is kept, and what is left out is counted. It is
/// saved with the run and handed on in bundles, so that credentials are masked here already.
pub(super) fn value(value: Node) -> Node {
    if fits(&value, &mut { MOST_VALUE }) {
        return mask_tree(value);
    }
    let mut left = MOST_VALUE;
    mask_tree(shortened(&value, &mut left))
}

/// The beginning of a text that is too long. A credential is masked before it is cut: half of one would
/// not be known for what it is.
fn cut(text: &str, most: usize) -> Option<String> {
    if text.len() <= most {
        return None;
    }
    let whole = mask(text);
    let at = (0..=most.min(whole.len())).rev().find(|at| whole.is_char_boundary(*at));
    let (shown, rest) = whole.split_at(at.unwrap_or_default());
    Some(if rest.is_empty() {
        shown.to_owned()
    } else {
        format!("{shown}… (and {} more characters)", rest.chars().count())
    })
}

/// Whether a value holds no more than is left, which is taken off.
fn fits(value: &Node, left: &mut usize) -> bool {
    let takes = |bytes: usize, left: &mut usize| {
        let fits = bytes + ELEMENT <= *left;
        *left = left.saturating_sub(bytes + ELEMENT);
        fits
    };
    match value {
        Node::Str(text) => text.len() <= MOST_STRING && takes(text.len(), left),
        Node::List(items) => takes(0, left) && items.iter().all(|item| fits(item, left)),
        Node::Map(map) => {
            takes(0, left)
                && map.iter().all(|(key, item)| takes(key.len(), left) && fits(item, left))
        }
        _ => takes(0, left),
    }
}

fn shortened(value: &Node, left: &mut usize) -> Node {
    *left = left.saturating_sub(ELEMENT);
    match value {
        Node::Str(text) => {
            let short = cut(text, MOST_STRING.min(*left));
            *left = left.saturating_sub(short.as_deref().unwrap_or(text).len());
            short.map_or_else(|| value.clone(), |short| Node::str(&short))
        }
        Node::List(items) => {
            let mut kept = Vec::new();
            for item in items.iter() {
                if *left <= ELEMENT {
                    kept.push(Node::str(&format!("… and {} more", items.len() - kept.len())));
                    break;
                }
                kept.push(shortened(item, left));
            }
            Node::list(kept)
        }
        Node::Map(map) => {
            let mut kept: Vec<(String, Node)> = Vec::new();
            for (key, item) in map.iter() {
                if *left <= ELEMENT {
                    let more = format!("and {} more", map.len() - kept.len());
                    kept.push(("…".to_owned(), Node::str(&more)));
                    break;
                }
                let name = cut(key, MOST_STRING.min(*left)).unwrap_or_else(|| key.to_owned());
                *left = left.saturating_sub(name.len());
                kept.push((name, shortened(item, left)));
            }
            Node::map(kept.iter().map(|(key, item)| (key.as_str(), item.clone())))
        }
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    fn shown(json: &Value) -> Value {
        value(Node::from(json)).to_json()
    }

    #[test]
    fn what_people_write_stays_as_it_is() {
        for whole in [
            json!({"runAsUser": 0, "capabilities": {"add": ["SYS_ADMIN"]}}),
            json!("x".repeat(MOST_STRING)),
            json!(vec!["get"; 100]),
            json!(null),
        ] {
            assert_eq!(shown(&whole), whole);
        }
        let said = "container web runs privileged".to_owned();
        assert_eq!(text(said.clone()), said);
    }

    #[test]
    fn credentials_are_masked_before_a_finding_is_saved() {
        let yaml = "kind: Secret\nstringData:\n  a: OddValue1\n";
        let long = format!("{}{yaml}", "# x\n".repeat(1_000));
        let found =
            shown(&json!({"args": ["sh", "-c", yaml], "password": "OddValue1", "x": long, "n": 1}));
        assert!(!found.to_string().contains("OddValue1"), "{found}");
        assert_eq!(found["args"][2], yaml.replace("OddValue1", crate::text::masking::MASK));
        let said = text("env DB holds postgres://app:OddValue1@db/pay".to_owned());
        assert_eq!(said, "env DB holds postgres://••••••@db/pay");
    }

    #[test]
    fn what_is_left_out_is_counted() {
        assert_eq!(
            text("ä".repeat(3_000)),
            format!("{}… (and 2000 more characters)", "ä".repeat(1_000))
        );
        let list = shown(&json!((0..5_000).collect::<Vec<_>>()));
        let list = list.as_array().unwrap();
        let kept = list.len() - 1;
        assert!((100..1_000).contains(&kept), "{kept}");
        assert_eq!(list[kept], json!(format!("… and {} more", 5_000 - kept)));
        let map: serde_json::Map<_, _> =
            (0..5_000).map(|n| (format!("k{n:04}"), json!(n))).collect();
        let map = shown(&Value::Object(map));
        let kept = map.as_object().unwrap().len() - 1;
        assert_eq!(map["…"], json!(format!("and {} more", 5_000 - kept)));
        assert_eq!(map["k0000"], json!(0));
    }

    #[test]
    fn a_credential_is_masked_before_it_is_cut() {
        let token = format!("ghp_{}", "a".repeat(36));
        let text = format!("{} {token}", "x".repeat(MOST_STRING - 10));
        for said in
            [super::text(format!("{}{text}", "y".repeat(1_000))), shown(&json!(text)).to_string()]
        {
            assert!(!said.contains("ghp_a"), "{said}");
        }
    }

    proptest! {
        /// Whatever an object holds, a finding repeats little of it.
        #[test]
        fn no_value_is_long(sizes in prop::collection::vec(0_usize..20_000, 0..40), deep in 0_usize..200) {
            let texts: Vec<Value> = sizes.iter().map(|size| json!("x".repeat(*size))).collect();
            let map: serde_json::Map<_, _> =
                sizes.iter().enumerate().map(|(at, size)| (format!("{at}{}", "k".repeat(*size)), json!(1))).collect();
            let mut nested = json!([texts, map]);
            for _ in 0..deep {
                nested = json!([nested, {"a": 1}]);
            }
            prop_assert!(shown(&nested).to_string().len() < 4 * MOST_VALUE);
        }
    }
}
