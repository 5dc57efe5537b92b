//! Secrets stay secret: what is masked or dropped before an object is kept.

use crate::model::applied::{self, LAST_APPLIED};
use crate::model::key::Key;
use crate::model::node::{Map, Node};
use crate::model::path::{FieldPath, Seg};
use crate::text::mask_tree;
use crate::text::masking::MASK;
use crate::text::masking::names::is_mask;

/// What is kept of the metadata of a Secret; of annotations only the names, of `managedFields` only when
/// the data changed.
const OF_METADATA: &[&str] = &[
    "name",
    "generateName",
    "namespace",
    "uid",
    "labels",
    "annotations",
    "ownerReferences",
    "finalizers",
    "creationTimestamp",
    "deletionTimestamp",
    "managedFields",
];

/// The annotation of a token's Secret that names the account it is of, which is no secret.
const ACCOUNT: &str = "kubernetes.io/service-account.name";

/// What is kept of an object from a file. Of a Secret that is what it is called, of which type it is, who
/// owns it, how old it is, and its keys with the sizes of what they hold. In other objects Secrets that
/// stand in them, alone or in lists, lose their values, however deep; of the copy that `kubectl apply`
/// leaves in an annotation version and kind stay; keys of an `EncryptionConfiguration` are masked.
#[must_use]
pub fn object(node: Node) -> Node {
    if is_secret(&node) {
        return secret(node);
    }
    let keys = node.str_at(&["kind"]) == Some("EncryptionConfiguration");
    let node = map_entries(node, |key, value| match key {
        "metadata" => Some(map_entries(value, |key, value| match key {
            "annotations" => Some(map_entries(value, |key, value| match key {
                LAST_APPLIED => applied::compact(&value),
                _ => Some(value),
            })),
            _ => Some(value),
        })),
        "resources" if keys => Some(without_keys(value)),
        _ => Some(value),
    });
    if holds_secret(&node) { without_secrets(node) } else { node }
}

/// As [`object`], and every text that looks like a credential is masked, whatever the kind: for
/// what leaves the process. What checks found besides is hidden by [`shown`].
#[must_use]
pub fn for_capture(node: Node) -> Node {
    mask_tree(object(node))
}

/// An object as it may be seen outside of the process: on a screen, on the clipboard, in a capture. What
/// looks like a credential is masked, and what checks found to be one, at these places.
#[must_use]
pub fn shown<'p>(body: &Node, places: impl IntoIterator<Item = &'p FieldPath>) -> Node {
    let masked = for_capture(body.clone());
    places.into_iter().fold(masked, |masked, path| hide(masked, body, path))
}

fn is_secret(node: &Node) -> bool {
    node.str_at(&["kind"]) == Some("Secret") && node.str_at(&["apiVersion"]) == Some("v1")
}

/// A Secret, reduced to what may be known of it.
fn secret(node: Node) -> Node {
    map_entries(node, |key, value| match key {
        "apiVersion" | "kind" | "type" | "immutable" => Some(value),
        "data" | "stringData" => Some(sized(value)),
        "metadata" => Some(map_entries(value, |key, value| match key {
            "annotations" => Some(names_only(value)),
            "managedFields" => Some(changes_of_data(&value)),
            key => OF_METADATA.contains(&key).then_some(value),
        })),
        _ => None,
    })
}

/// Annotations without their values, which may hold what the Secret holds.
fn names_only(annotations: Node) -> Node {
    map_entries(annotations, |key, value| match key {
        LAST_APPLIED => None,
        ACCOUNT => Some(value),
        _ => Some(Node::str("")),
    })
}

/// Of each change of a Secret when it was made, and whether it was one of the data.
fn changes_of_data(managed: &Node) -> Node {
    let changes = managed.as_list().unwrap_or_default().iter().map(|entry| {
        let text = |key| entry.get(key).filter(|value| value.as_str().is_some()).cloned();
        let texts = ["manager", "operation", "time"].map(|key| Some((key, text(key)?)));
        let fields = entry.get("fieldsV1").map(|fields| {
            let none = || Node::map(std::iter::empty::<(&str, Node)>());
            let data = ["f:data", "f:stringData"].into_iter();
            Node::map(data.filter(|key| fields.get(key).is_some()).map(|key| (key, none())))
        });
        Node::map(texts.into_iter().flatten().chain(fields.map(|fields| ("fieldsV1", fields))))
    });
    Node::list(changes.collect())
}

/// Whether what stands within another object is a Secret. Parts of manifests, as templates have them,
/// may leave the version out.
fn is_inner(node: &Node) -> bool {
    is_secret(node) || node.str_at(&["kind"]) == Some("Secret") && node.get("apiVersion").is_none()
}

/// Whether it is a list of nothing but Secrets, whose items do not say what they are.
fn is_secrets(node: &Node) -> bool {
    node.str_at(&["kind"]) == Some("SecretList")
}

/// Whether a Secret with values, or with annotations, stands anywhere within.
fn holds_secret(node: &Node) -> bool {
    match node {
        Node::List(items) => items.iter().any(holds_secret),
        Node::Map(map) => {
            is_inner(node) || is_secrets(node) || map.iter().any(|(_, value)| holds_secret(value))
        }
        _ => false,
    }
}

/// Secrets within another object without their values. Who reads the object may judge the rest, so that
/// it stays; what only refers to a Secret has none.
fn without_secrets(node: Node) -> Node {
    match node {
        Node::List(items) => Node::list(items.iter().cloned().map(without_secrets).collect()),
        Node::Map(_) if is_inner(&node) => without_values(node),
        Node::Map(_) if is_secrets(&node) => map_entries(node, |key, value| match (key, value) {
            ("items", Node::List(items)) => {
                Some(Node::list(items.iter().cloned().map(without_values).collect()))
            }
            (_, value) => Some(without_secrets(value)),
        }),
        Node::Map(_) => map_entries(node, |_, value| Some(without_secrets(value))),
        other => other,
    }
}

/// A Secret within another object without its values.
fn without_values(secret: Node) -> Node {
    map_entries(secret, |key, value| match key {
        "data" | "stringData" => Some(sized(value)),
        "metadata" => Some(map_entries(value, |key, value| match key {
            "annotations" => Some(names_only(value)),
            "managedFields" => None,
            _ => Some(value),
        })),
        _ => Some(without_secrets(value)),
    })
}

/// Masks every text within, however deep, and tells how long it was.
fn sized(node: Node) -> Node {
    match node {
        Node::List(items) => Node::list(items.iter().cloned().map(sized).collect()),
        Node::Map(_) => map_entries(node, |_, value| Some(sized(value))),
        Node::Str(text) if is_mask(&text) => Node::Str(text),
        Node::Null => Node::Null,
        Node::Str(text) => Node::str(&format!("{MASK} ({} bytes)", text.len())),
        // Digits and truths are values as well.
        _ => Node::str(MASK),
    }
}

/// Masks every `secret`, however deep.
fn without_keys(node: Node) -> Node {
    match node {
        Node::List(items) => Node::list(items.iter().cloned().map(without_keys).collect()),
        Node::Map(_) => map_entries(node, |key, value| match (key, &value) {
            ("secret", Node::Str(_)) => Some(sized(value)),
            _ => Some(without_keys(value)),
        }),
        other => other,
    }
}

/// Masks the text at a path, unless a part of it is masked already.
#[must_use]
fn hide(node: Node, original: &Node, path: &FieldPath) -> Node {
    let text = |node: &Node| path.walk(node).and_then(Node::as_str).map(str::to_owned);
    if text(&node).is_none() || text(&node) != text(original) {
        return node;
    }
    hide_at(node, &path.0)
}

fn hide_at(node: Node, path: &[Seg]) -> Node {
    let Some((first, rest)) = path.split_first() else { return Node::str(MASK) };
    match (node, first) {
        (Node::Map(map), Seg::Field(field)) => Node::Map(Map::new(
            map.into_entries()
                .into_iter()
                .map(|(key, value)| {
                    let value = if key.as_str() == &**field { hide_at(value, rest) } else { value };
                    (key, value)
                })
                .collect(),
        )),
        (Node::List(items), Seg::Index(index)) => Node::list(
            items
                .iter()
                .cloned()
                .enumerate()
                .map(|(at, item)| if at == *index { hide_at(item, rest) } else { item })
                .collect(),
        ),
        (other, _) => other,
    }
}

fn map_entries(node: Node, change: impl Fn(&str, Node) -> Option<Node>) -> Node {
    match node {
        Node::Map(map) => {
            let entries = map.into_entries().into_iter().filter_map(|(key, value): (Key, Node)| {
                let value = change(key.as_str(), value)?;
                Some((key, value))
            });
            Node::Map(Map::new(entries.collect()))
        }
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_keeps_its_keys_and_loses_its_values() {
        let secret = br#"{"apiVersion":"v1","kind":"Secret","data":{"dsn":"aGVsbG8="},"metadata":{"name":"a","annotations":{"kubectl.kubernetes.io/last-applied-configuration":"{}","x":"y"}}}"#;
        let node = object(Node::from_json(secret).unwrap());
        assert_eq!(node.str_at(&["data", "dsn"]), Some("•••••• (8 bytes)"));
        assert_eq!(
            node.at(&["metadata", "annotations"]).unwrap().to_json(),
            serde_json::json!({"x": ""})
        );
    }

    #[test]
    fn of_a_secret_only_what_may_be_known_is_kept() {
        let secret = serde_json::json!({
            "apiVersion": "v1", "kind": "Secret", "type": "Opaque", "extra": "hunter2", "data": {"a": "aGVsbG8=", "n": 7},
            "stringData": "hunter2",
            "metadata": {"name": "s", "labels": {"app": "x"}, "selfLink": "hunter2", "creationTimestamp": "2026-01-01T00:00:00Z",
                "annotations": {"note": "hunter2", "kubernetes.io/service-account.name": "boss"},
                "managedFields": [{"manager": "m", "time": "2026-01-02T00:00:00Z", "x": "hunter2",
                    "fieldsV1": {"f:data": {"f:a": {"v:hunter2": {}}}, "f:metadata": {"hunter2": 1}}}]},
        });
        let kept = object(Node::from(&secret));
        assert_eq!(
            kept.to_json(),
            serde_json::json!({
                "apiVersion": "v1", "kind": "Secret", "type": "Opaque",
                "data": {"a": "•••••• (8 bytes)", "n": MASK}, "stringData": "•••••• (7 bytes)",
                "metadata": {"name": "s", "labels": {"app": "x"}, "creationTimestamp": "2026-01-01T00:00:00Z",
                    "annotations": {"note": "", "kubernetes.io/service-account.name": "boss"},
                    "managedFields": [{"manager": "m", "time": "2026-01-02T00:00:00Z", "fieldsV1": {"f:data": {}}}]},
            })
        );
        assert_eq!(object(kept.clone()), kept);
        assert_eq!(for_capture(kept.clone()), kept);
    }

    #[test]
    fn a_secret_within_another_object_loses_its_values_however_deep() {
        let inner = serde_json::json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s",
            "annotations": {"note": "hunter2"}}, "data": {"y": "aHVudGVyMg=="}, "stringData": {"x": "hunter2"}});
        let reference = serde_json::json!({"apiVersion": "v1", "kind": "Secret", "name": "s", "namespace": "n"});
        let outer = serde_json::json!({"apiVersion": "a/v1", "kind": "Template", "metadata": {"name": "t"},
            "objects": [inner, reference], "spec": {"forProvider": {"manifest": inner}}});
        let kept = object(Node::from(&outer)).to_json();
        let text = kept.to_string();
        assert!(!text.contains("hunter2") && !text.contains("aHVudGVyMg"), "{text}");
        assert_eq!(kept["objects"][1], reference);
        assert_eq!(kept["spec"]["forProvider"]["manifest"]["data"]["y"], "•••••• (12 bytes)");
        assert_eq!(object(Node::from(&kept)).to_json(), kept);
    }

    #[test]
    fn secrets_in_lists_within_another_object_lose_their_values() {
        let body = |fields: &[(&str, &str)]| {
            let mut item =
                serde_json::json!({"metadata": {"name": "s"}, "data": {"y": "aHVudGVyMg=="}});
            for (key, value) in fields {
                item[*key] = (*value).into();
            }
            item
        };
        let whole = body(&[("apiVersion", "v1"), ("kind", "Secret")]);
        let outer = serde_json::json!({"apiVersion": "a/v1", "kind": "Bundle", "metadata": {"name": "t"}, "spec": {
            "all": {"apiVersion": "v1", "kind": "SecretList", "items": [body(&[]), whole]},
            "some": {"apiVersion": "v1", "kind": "List", "items": [
                {"apiVersion": "v1", "kind": "ConfigMap", "data": {"a": "b"}}, whole,
                {"kind": "SecretList", "items": [body(&[])]}]},
            "part": body(&[("kind", "Secret")]), "other": body(&[("apiVersion", "b/v1"), ("kind", "Secret")])}});
        let kept = object(Node::from(&outer)).to_json();
        let hidden = |value: &serde_json::Value| value["data"]["y"] == "•••••• (12 bytes)";
        let spec = &kept["spec"];
        for secret in [
            &spec["all"]["items"][0],
            &spec["all"]["items"][1],
            &spec["some"]["items"][1],
            &spec["some"]["items"][2]["items"][0],
            &spec["part"],
        ] {
            assert!(hidden(secret), "{secret}");
        }
        assert_eq!(spec["some"]["items"][0], outer["spec"]["some"]["items"][0]);
        assert_eq!(spec["other"], outer["spec"]["other"], "a Secret of another group");
        assert_eq!(object(Node::from(&kept)).to_json(), kept);
    }

    #[test]
    fn the_manifest_of_a_secret_that_an_object_has_as_text_loses_its_values() {
        let yaml =
            "apiVersion: v1\nkind: Secret\nmetadata:\n  name: db\nstringData:\n  dsn: OddValue1\n";
        let json = r#"{"kind":"Secret","data":{"dsn":"OddValue1"}}"#;
        let of = |kind: &str| {
            serde_json::json!({"apiVersion": "v1", "kind": kind,
            "metadata": {"name": "a", "annotations": {"yaml": yaml, "json": json}}, "data": {"a.yaml": yaml, "b": json},
            "spec": {"containers": [{"name": "c", "command": ["sh", "-c", format!("kubectl apply -f - <<E\n{yaml}E")]}]}})
        };
        for kind in ["ConfigMap", "Pod"] {
            let shown = for_capture(Node::from(&of(kind))).to_json();
            let text = shown.to_string();
            assert!(!text.contains("OddValue1"), "{text}");
            assert_eq!(text.matches(MASK).count(), 5, "{text}");
            assert_eq!(shown["data"]["b"], json.replace("OddValue1", MASK));
        }
    }

    #[test]
    fn other_objects_keep_what_was_applied_and_encryption_keys_go() {
        let job = br#"{"apiVersion":"batch/v1","kind":"CronJob","metadata":{"name":"a","annotations":{"kubectl.kubernetes.io/last-applied-configuration":"{\"apiVersion\":\"batch/v1beta1\",\"kind\":\"CronJob\",\"spec\":{}}"}}}"#;
        let kept = object(Node::from_json(job).unwrap());
        let kept = kept.str_at(&["metadata", "annotations", LAST_APPLIED]);
        assert_eq!(kept, Some(r#"{"apiVersion":"batch/v1beta1","kind":"CronJob"}"#));
        let keys = br#"{"apiVersion":"apiserver.config.k8s.io/v1","kind":"EncryptionConfiguration","resources":[{"providers":[{"aescbc":{"keys":[{"name":"k","secret":"aGVsbG8="}]}}]}]}"#;
        let text = format!("{:?}", object(Node::from_json(keys).unwrap()));
        assert!(!text.contains("aGVsbG8=") && text.contains("aescbc"), "{text}");
    }

    #[test]
    fn a_place_is_hidden_unless_it_is_masked_already() {
        let original = Node::from_json(br#"{"a":[{"b":"hunter2"},{"b":"x"}]}"#).unwrap();
        let path = FieldPath::parse("a[0].b").unwrap();
        let hidden = hide(original.clone(), &original, &path);
        assert_eq!(hidden.to_json(), serde_json::json!({"a": [{"b": MASK}, {"b": "x"}]}));
        let masked = Node::from_json(br#"{"a":[{"b":"u:***@h"},{"b":"x"}]}"#).unwrap();
        assert_eq!(hide(masked.clone(), &original, &path), masked);
    }

    #[test]
    fn captured_environment_variables_named_like_credentials_are_masked() {
        let pod = br#"{"apiVersion":"v1","kind":"Pod","env":[{"name":"DB_PASSWORD","value":"x"},{"name":"URL","value":"http://u:p@h"}]}"#;
        let node = for_capture(Node::from_json(pod).unwrap());
        let values: Vec<_> =
            node.list_at(&["env"]).iter().map(|e| e.str_at(&["value"]).unwrap()).collect();
        assert_eq!(values, [MASK, "http://••••••@h"]);
    }

    #[test]
    fn a_credential_that_ends_with_its_line_is_masked_too() {
        let values = [
            ("S3cr3tPassw0rd-01", true),
            ("S3cr3tPassw0rd-01\n", true),
            ("S3cr3tPassw0rd-01\r\nx", true),
            ("\nsecond line\nS3cr3tPassw0rd-01", true),
            ("the password is\nin the vault\n", false),
            ("${PASSWORD}\n", false),
        ];
        for (value, masked) in values {
            for place in ["data", "annotations"] {
                let entries = Node::map([("password", Node::str(value))]);
                let shown = for_capture(Node::map([("metadata", Node::map([(place, entries)]))]));
                let found = shown.str_at(&["metadata", place, "password"]).unwrap();
                assert_eq!(found == MASK, masked, "{place}: {value:?} became {found:?}");
            }
        }
    }

    #[test]
    fn what_checks_for_credentials_find_is_nowhere_in_what_is_shown() {
        let pod = br#"{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a","annotations":{"note":"password: AnnSecret55","api-token":"TokSecret77","x":"OddSecret99"}},"spec":{"containers":[{"name":"c","args":["--password=ArgSecret33","--token","TokSecret44","-pPwdSecret66","--token-auth-file=/etc/x"],"livenessProbe":{"httpGet":{"httpHeaders":[{"name":"Authorization","value":"Bearer HdrSecret88"}]}}}]}}"#;
        let pod = Node::from_json(pod).unwrap();
        let place = FieldPath::parse("metadata.annotations.x").unwrap();
        let shown = shown(&pod, [&place]).to_json().to_string();
        assert!(!shown.contains("Secret"), "{shown}");
        for kept in ["--password=", "--token", "--token-auth-file=/etc/x", "Authorization", "note"]
        {
            assert!(shown.contains(kept), "{kept}: {shown}");
        }
    }
}
