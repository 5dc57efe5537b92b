//! What one tree became on its way to a second, done to a third: what admission made of a template,
//! done to the template as it will be.

use crate::checks::fingerprint::element_key;
use crate::model::key::Key;
use crate::model::node::{Map, Node};

/// `next`, with what made `seen` out of `base`. Where both changed the same field, `next` wins.
pub(super) fn three_way(base: Option<&Node>, seen: &Node, next: &Node) -> Node {
    at("", base, seen, next)
}

fn at(field: &str, base: Option<&Node>, seen: &Node, next: &Node) -> Node {
    match (base, seen, next) {
        (Some(base), seen, next) if base == next => seen.clone(),
        (Some(base), seen, next) if base == seen => next.clone(),
        (base, Node::Map(seen), Node::Map(next)) => maps(base.and_then(Node::as_map), seen, next),
        (base, Node::List(seen), Node::List(next)) => {
            let base = base.and_then(Node::as_list).unwrap_or_default();
            lists(field, base, seen, next).unwrap_or_else(|| Node::list(next.to_vec()))
        }
        _ => next.clone(),
    }
}

fn maps(base: Option<&Map>, seen: &Map, next: &Map) -> Node {
    let of_base = |key: &str| base.and_then(|base| base.get(key));
    let mut entries = Vec::with_capacity(seen.len());
    for (key, value) in seen.iter() {
        let kept = match (of_base(key), next.get(key)) {
            (base, Some(next)) => at(key, base, value, next),
            // Added on the way: it will be again.
            (None, None) => value.clone(),
            (Some(_), None) => continue,
        };
        entries.push((Key::new(key), kept));
    }
    let fresh = next.iter().filter(|(key, _)| seen.get(key).is_none());
    for (key, value) in fresh {
        // What was taken out on the way stays out, unless it is another value now.
        if of_base(key) != Some(value) {
            entries.push((Key::new(key), value.clone()));
        }
    }
    Node::Map(Map::new(entries))
}

/// Lists whose elements are told apart by a key; none where they cannot be.
fn lists(field: &str, base: &[Node], seen: &[Node], next: &[Node]) -> Option<Node> {
    let keys = |items: &[Node]| -> Option<Vec<String>> {
        let keys: Vec<String> = items.iter().map(|item| element_key(field, item)).collect();
        let mut sorted = keys.clone();
        sorted.sort_unstable();
        sorted.dedup();
        (sorted.len() == keys.len()).then_some(keys)
    };
    let (base_keys, seen_keys, next_keys) = (keys(base)?, keys(seen)?, keys(next)?);
    let find = |keys: &[String], items: &'_ [Node], key: &String| {
        keys.iter().position(|k| k == key).and_then(|at| items.get(at).cloned())
    };
    let mut out = Vec::with_capacity(seen.len());
    for (key, item) in seen_keys.iter().zip(seen) {
        let of_base = find(&base_keys, base, key);
        match (of_base, find(&next_keys, next, key)) {
            (base, Some(next)) => out.push(at("", base.as_ref(), item, &next)),
            (None, None) => out.push(item.clone()),
            (Some(_), None) => {}
        }
    }
    for (key, item) in next_keys.iter().zip(next) {
        let of_base = find(&base_keys, base, key);
        if !seen_keys.contains(key) && of_base.as_ref() != Some(item) {
            out.push(item.clone());
        }
    }
    Some(Node::list(out))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn merged(base: &Value, seen: &Value, next: &Value) -> Value {
        three_way(Some(&Node::from(base)), &Node::from(seen), &Node::from(next)).to_json()
    }

    #[test]
    fn what_admission_added_stays_and_what_the_patch_changes_is_changed() {
        let base = json!({"hostPID": true, "containers": [
            {"name": "app", "securityContext": {"privileged": true}}]});
        let seen = json!({"hostPID": true, "nodeName": "n1", "containers": [
            {"name": "proxy", "image": "mesh"},
            {"name": "app", "securityContext": {"privileged": true}, "volumeMounts": [{"mountPath": "/t"}]}]});
        let next = json!({"containers": [
            {"name": "app", "securityContext": {"privileged": false}}, {"name": "new"}]});
        assert_eq!(
            merged(&base, &seen, &next),
            json!({"nodeName": "n1", "containers": [
                {"name": "proxy", "image": "mesh"},
                {"name": "app", "securityContext": {"privileged": false}, "volumeMounts": [{"mountPath": "/t"}]},
                {"name": "new"}]})
        );
    }

    #[test]
    fn what_admission_changed_stays_changed_unless_the_patch_says_otherwise() {
        let base = json!({"a": 1, "b": 1, "gone": 1});
        let seen = json!({"a": 2, "b": 2});
        assert_eq!(
            merged(&base, &seen, &json!({"a": 1, "b": 3, "gone": 1})),
            json!({"a": 2, "b": 3})
        );
        assert_eq!(
            merged(&base, &seen, &json!({"a": 1, "b": 1, "gone": 2})),
            json!({"a": 2, "b": 2, "gone": 2})
        );
    }

    #[test]
    fn lists_of_words_are_merged_and_lists_without_keys_are_as_the_patch_says() {
        let (base, seen) = (json!({"drop": ["A"]}), json!({"drop": ["A", "X"]}));
        assert_eq!(merged(&base, &seen, &json!({"drop": ["B"]})), json!({"drop": ["X", "B"]}));
        let twice = json!({"args": ["-v", "-v", "x"]});
        let base = json!({"args": ["-v", "-v"]});
        assert_eq!(merged(&base, &twice, &json!({"args": ["-q"]})), json!({"args": ["-q"]}));
    }
}
