//! Who owns the fields of an object: `metadata.managedFields`, read for one object when it is asked
//! for. Inventories do not keep them.
//!
//! Source: the format `FieldsV1` of apimachinery: maps of `f:<field>`, `k:<keys of an element>`,
//! `v:<value>` and `i:<index>`; `.` stands for the element itself.

use serde::Deserialize;
use serde_json::Value;

use super::node::Node;
use super::path::{FieldPath, Seg};

/// One manager's share of an object.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Managed {
    /// `helm`, `kubectl-client-side-apply`, `argocd-controller`.
    #[serde(default)]
    pub manager: String,
    /// `Apply` or `Update`.
    #[serde(default)]
    pub operation: String,
    /// RFC 3339, empty when unknown.
    #[serde(default)]
    pub time: String,
    /// `status`, or empty for the object itself.
    #[serde(default)]
    pub subresource: String,
    /// Which fields.
    #[serde(default, rename = "fieldsV1")]
    pub fields: Value,
}

/// Who owns a field.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Owners {
    /// Names of the managers, in the order of the object; none when nobody claims it.
    pub managers: Vec<String>,
    /// Whether they own the field itself rather than the nearest one above it.
    pub exact: bool,
}

/// The managers of the field at a path, or of the nearest field above it that somebody owns. `body`
/// is the object, by which elements of lists are told.
#[must_use]
pub fn owners(managed: &[Managed], body: &Node, path: &FieldPath) -> Owners {
    let reach = |entry: &Managed| depth(&entry.fields, body, &path.0);
    let all: Vec<(usize, &Managed)> = managed
        .iter()
        .filter(|entry| entry.subresource.is_empty())
        .map(|entry| (reach(entry), entry))
        .collect();
    let deepest = all.iter().map(|(depth, _)| *depth).max().unwrap_or(0);
    if deepest == 0 {
        return Owners::default();
    }
    let mut managers: Vec<String> = Vec::new();
    for (_, entry) in all.iter().filter(|(depth, _)| *depth == deepest) {
        if !managers.contains(&entry.manager) {
            managers.push(entry.manager.clone());
        }
    }
    Owners { managers, exact: deepest == path.0.len() }
}

/// How many steps of a path a set of fields follows.
fn depth(fields: &Value, body: &Node, path: &[Seg]) -> usize {
    let Some((first, rest)) = path.split_first() else { return 0 };
    let (below, next) = match first {
        Seg::Field(name) => (fields.get(format!("f:{name}")), body.get(name)),
        Seg::Index(index) => {
            let element = body.as_list().and_then(|list| list.get(*index));
            (element.and_then(|element| of_element(fields, element, *index)), element)
        }
    };
    let Some(below) = below else { return 0 };
    1 + next.map_or(0, |next| depth(below, next, rest))
}

/// The entry of a list's element: by its keys, its value, or its place.
fn of_element<'v>(fields: &'v Value, element: &Node, index: usize) -> Option<&'v Value> {
    let entries = fields.as_object()?;
    entries.iter().find_map(|(name, below)| {
        let fits = match name.split_once(':')? {
            ("k", keys) => fits(keys, element),
            ("v", value) => serde_json::from_str::<Value>(value).ok()? == element.to_json(),
            ("i", place) => place.parse() == Ok(index),
            _ => false,
        };
        fits.then_some(below)
    })
}

fn fits(keys: &str, element: &Node) -> bool {
    let Ok(Value::Object(keys)) = serde_json::from_str(keys) else { return false };
    // A port without a protocol is one of TCP: the server fills that in after it was claimed.
    let is = |name: &str, value: &Value| match element.get(name) {
        Some(node) => node.to_json() == *value,
        None => name == "protocol" && value == "TCP",
    };
    !keys.is_empty() && keys.iter().all(|(name, value)| is(name, value))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn managed() -> Vec<Managed> {
        let fields = |container: Value| {
            json!({"f:spec": {"f:containers": {
            "k:{\"name\":\"app\"}": container}, "f:args": {"v:\"-x\"": {}}}})
        };
        let entry = |manager: &str, subresource: &str, fields: Value| {
            let json = json!({"manager": manager, "operation": "Apply", "subresource": subresource,
                "fieldsV1": fields, "apiVersion": "v1", "time": "2026-01-01T00:00:00Z"});
            serde_json::from_value(json).unwrap()
        };
        vec![
            entry(
                "helm",
                "",
                fields(json!({".": {}, "f:name": {}, "f:securityContext": {"f:privileged": {}}})),
            ),
            entry("kubectl-edit", "", fields(json!({"f:image": {}}))),
            entry("kubelet", "status", fields(json!({"f:securityContext": {"f:privileged": {}}}))),
        ]
    }

    fn of(path: &str) -> (String, bool) {
        let body = Node::from(&json!({"spec": {"args": ["-y", "-x"], "containers": [
            {"name": "side"}, {"name": "app", "image": "a", "securityContext": {"privileged": true}}]}}));
        let owners = owners(&managed(), &body, &FieldPath::parse(path).unwrap());
        (owners.managers.join(" "), owners.exact)
    }

    #[test]
    fn the_manager_of_a_field_is_found_through_lists() {
        assert_eq!(of("spec.containers[1].securityContext.privileged"), ("helm".into(), true));
        assert_eq!(of("spec.containers[1].image"), ("kubectl-edit".into(), true));
        assert_eq!(of("spec.args[1]"), ("helm kubectl-edit".into(), true));
    }

    #[test]
    fn of_a_field_that_is_not_set_the_nearest_one_above_tells() {
        let read_only = "spec.containers[1].securityContext.readOnlyRootFilesystem";
        assert_eq!(of(read_only), ("helm".into(), false));
        assert_eq!(of("spec.containers[0].image"), ("helm kubectl-edit".into(), false));
        assert_eq!(of("data.x"), (String::new(), false));
    }
}
