//! A change in the forms that tools take.

use serde_json::{Map, Value, json};

use crate::model::applied::LAST_APPLIED;
use crate::model::kinds::Kind;
use crate::model::node::{Map as Tree, Node};
use crate::model::path::{FieldPath, Seg};

use super::{Remedy, edit};

/// The lists of a pod spec that the API server merges, with the field that names an element.
/// Source: the patch merge keys of `k8s.io/api/core/v1`.
const POD_LISTS: &[(&str, &str)] = &[
    ("containers", "name"),
    ("initContainers", "name"),
    ("ephemeralContainers", "name"),
    ("volumes", "name"),
    ("env", "name"),
    ("ports", "containerPort"),
    ("volumeMounts", "mountPath"),
    ("volumeDevices", "devicePath"),
    ("imagePullSecrets", "name"),
    ("hostAliases", "ip"),
    ("topologySpreadConstraints", "topologyKey"),
];

impl Remedy {
    fn kind(&self) -> Kind {
        self.target.group_kind()
    }

    /// A strategic merge patch; none for custom kinds, whose lists have no merge keys.
    #[must_use]
    pub fn strategic_merge(&self) -> Option<Value> {
        let kind = self.kind();
        let builtin = kind.builtin()?;
        let lists: &[(&str, &str)] = match builtin.kind {
            _ if !builtin.pod_spec.is_empty() => POD_LISTS,
            "Service" => &[("ports", "port")],
            "ServiceAccount" => &[("secrets", "name"), ("imagePullSecrets", "name")],
            _ => &[],
        };
        Some(merge(&self.before, &self.after, &|list| {
            lists.iter().find(|(name, _)| *name == list).map(|(_, key)| *key)
        }))
    }

    /// As [`Self::strategic_merge`], with the names by which tools such as kustomize find the object
    /// it is for.
    #[must_use]
    pub fn strategic_document(&self) -> Option<Value> {
        let Value::Object(patch) = self.strategic_merge()? else { return None };
        let mut document = Map::new();
        document.insert("apiVersion".to_owned(), json!(self.target.api_version));
        document.insert("kind".to_owned(), json!(self.target.kind));
        document.insert("metadata".to_owned(), json!({}));
        document.extend(patch);
        if let Some(Value::Object(metadata)) = document.get_mut("metadata") {
            metadata.insert("name".to_owned(), json!(self.target.name));
            if let Some(namespace) = &self.target.namespace {
                metadata.insert("namespace".to_owned(), json!(namespace));
            }
        }
        Some(Value::Object(document))
    }

    /// The object as it would be, without what only the server writes and without the copy of it
    /// that kubectl keeps in an annotation.
    #[must_use]
    pub fn patched(&self) -> Node {
        const OF_SERVER: [&str; 6] = [
            "uid",
            "resourceVersion",
            "creationTimestamp",
            "generation",
            "managedFields",
            "selfLink",
        ];
        let Some(map) = self.after.as_map() else { return self.after.clone() };
        let entries = map.entries().iter().filter(|(key, _)| key.as_str() != "status");
        let entries = entries.map(|(key, value)| match (key.as_str(), value) {
            ("metadata", Node::Map(metadata)) => {
                let own = metadata.entries().iter();
                let own = own.filter(|(key, _)| !OF_SERVER.contains(&key.as_str())).cloned();
                let own = Node::Map(Tree::new(own.collect()));
                let copy = ["annotations", LAST_APPLIED].map(|name| Seg::Field(name.into()));
                (key.clone(), edit::remove(&own, &FieldPath(copy.into())))
            }
            _ => (key.clone(), value.clone()),
        });
        Node::Map(Tree::new(entries.collect()))
    }

    /// A JSON merge patch (RFC 7386): lists are given whole.
    #[must_use]
    pub fn json_merge(&self) -> Value {
        merge(&self.before, &self.after, &|_| None)
    }

    /// A JSON patch (RFC 6902).
    #[must_use]
    pub fn json_patch(&self) -> Value {
        let mut operations = Vec::new();
        operate(&self.before, &self.after, "", &mut operations);
        Value::Array(operations)
    }

    /// What to type. A bare pod is replaced; everything else is patched.
    #[must_use]
    pub fn kubectl(&self) -> String {
        let kind = self.kind();
        let mut place = String::new();
        if let Some(namespace) = &self.target.namespace {
            place = format!(" -n {}", quote(namespace));
        }
        if &*kind.kind == "Pod" {
            let file = quote(&format!("{}.yaml", self.target.name));
            // Nearly nothing of a pod can be changed while it runs.
            return format!(
                "# deletes the pod and makes it anew from {file}: its whole YAML, patched\n\
                 kubectl replace --force{place} -f {file}"
            );
        }
        let resource = match kind.builtin() {
            Some(b) if b.group.is_empty() => b.plural.to_owned(),
            Some(b) => format!("{}.{}", b.plural, b.group),
            None => format!("{}.{}", kind.kind.to_lowercase(), kind.group),
        };
        let (form, patch) = match self.strategic_merge() {
            Some(patch) => ("strategic", patch),
            None => ("merge", self.json_merge()),
        };
        let (resource, name) = (quote(&resource), quote(&self.target.name));
        format!(
            "kubectl patch {resource} {name}{place} --type {form} -p {}",
            quote(&patch.to_string())
        )
    }
}

/// For a POSIX shell; plain words stay plain.
fn quote(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '/' | '=');
    if !text.is_empty() && text.chars().all(plain) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

type MergeKey<'k> = &'k dyn Fn(&str) -> Option<&'static str>;

/// The patch from one map to another. Lists are merged where they have a key, else given whole.
fn merge(before: &Node, after: &Node, key_of: MergeKey<'_>) -> Value {
    let (Some(old), Some(new)) = (before.as_map(), after.as_map()) else { return after.to_json() };
    let mut patch = Map::new();
    for (name, _) in old.iter().filter(|(name, _)| new.get(name).is_none()) {
        patch.insert(name.to_owned(), Value::Null);
    }
    for (name, value) in new.iter() {
        let change = match (old.get(name), value) {
            (Some(old), new) if old == new => continue,
            (Some(old @ Node::Map(_)), Node::Map(_)) => merge(old, value, key_of),
            (Some(Node::List(old)), Node::List(new)) => match key_of(name) {
                Some(key) => merge_lists(old, new, key, key_of).unwrap_or_else(|| value.to_json()),
                None => value.to_json(),
            },
            _ => value.to_json(),
        };
        patch.insert(name.to_owned(), change);
    }
    Value::Object(patch)
}

/// Elements added, changed and taken out, by key; none when keys do not tell elements apart.
fn merge_lists(old: &[Node], new: &[Node], key: &str, key_of: MergeKey<'_>) -> Option<Value> {
    let unique = |items: &[Node]| {
        let keys: Vec<&Node> = items.iter().filter_map(|item| item.get(key)).collect();
        let repeated = keys.iter().enumerate().any(|(at, k)| keys.iter().take(at).any(|o| o == k));
        keys.len() == items.len() && !repeated
    };
    if !unique(old) || !unique(new) {
        return None;
    }
    let find =
        |items: &'_ [Node], item: &Node| items.iter().position(|i| i.get(key) == item.get(key));
    let name = |item: &Node| item.get(key).map_or(Value::Null, Node::to_json);
    let mut changes = Vec::new();
    for item in new {
        match find(old, item).and_then(|at| old.get(at)) {
            Some(known) if known == item => {}
            Some(known) => {
                let mut change = merge(known, item, key_of);
                if let Value::Object(map) = &mut change {
                    map.insert(key.to_owned(), name(item));
                }
                changes.push(change);
            }
            None => changes.push(item.to_json()),
        }
    }
    for item in old.iter().filter(|item| find(new, item).is_none()) {
        changes.push(json!({ "$patch": "delete", key: name(item) }));
    }
    Some(Value::Array(changes))
}

fn pointer(at: &str, step: &str) -> String {
    format!("{at}/{}", step.replace('~', "~0").replace('/', "~1"))
}

fn operate(before: &Node, after: &Node, at: &str, into: &mut Vec<Value>) {
    match (before, after) {
        (old, new) if old == new => {}
        (Node::Map(old), Node::Map(new)) => {
            for (name, _) in old.iter().filter(|(name, _)| new.get(name).is_none()) {
                into.push(json!({ "op": "remove", "path": pointer(at, name) }));
            }
            for (name, value) in new.iter() {
                let place = pointer(at, name);
                match old.get(name) {
                    Some(known) => operate(known, value, &place, into),
                    None => {
                        into.push(json!({ "op": "add", "path": place, "value": value.to_json() }));
                    }
                }
            }
        }
        (Node::List(old), Node::List(new)) if old.len() == new.len() => {
            for (index, (known, value)) in old.iter().zip(new.iter()).enumerate() {
                operate(known, value, &pointer(at, &index.to_string()), into);
            }
        }
        _ => into.push(json!({ "op": "replace", "path": at, "value": after.to_json() })),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::object::ObjectRef;
    use std::sync::Arc;

    fn remedy(api: &str, kind: &str, before: &Value, after: &Value) -> Remedy {
        Remedy {
            target: ObjectRef {
                api_version: api.into(),
                kind: kind.into(),
                namespace: Some("pay".into()),
                name: "web".into(),
            },
            before: Arc::new(Node::from(before)),
            after: Node::from(after),
            note: None,
        }
    }

    #[test]
    fn containers_merge_by_name_and_plain_lists_are_given_whole() {
        let before = json!({"spec":{"template":{"spec":{"hostPID":true,"containers":[
            {"name":"a","args":["x","y"]},{"name":"b","image":"i"}],"volumes":[{"name":"v"},{"name":"w"}]}}}});
        let after = json!({"spec":{"template":{"spec":{"containers":[
            {"name":"a","args":["x"]},{"name":"b","image":"i"}],"volumes":[{"name":"w"}]}}}});
        let change = remedy("apps/v1", "Deployment", &before, &after);
        assert_eq!(
            change.strategic_merge().unwrap(),
            json!({"spec":{"template":{"spec":{"hostPID":null,
                "containers":[{"name":"a","args":["x"]}],
                "volumes":[{"$patch":"delete","name":"v"}]}}}})
        );
        assert_eq!(
            change.json_merge(),
            json!({"spec":{"template":{"spec":{"hostPID":null,
                "containers":[{"name":"a","args":["x"]},{"name":"b","image":"i"}],
                "volumes":[{"name":"w"}]}}}})
        );
        assert_eq!(
            change.json_patch(),
            json!([
                {"op":"remove","path":"/spec/template/spec/hostPID"},
                {"op":"replace","path":"/spec/template/spec/containers/0/args","value":["x"]},
                {"op":"replace","path":"/spec/template/spec/volumes","value":[{"name":"w"}]}
            ])
        );
    }

    #[test]
    fn two_ports_of_one_number_are_given_whole() {
        let ports = |host: u16| {
            json!({"spec":{"containers":[{"name":"a","ports":[
            {"containerPort":53,"protocol":"UDP"},{"containerPort":53,"hostPort":host}]}]}})
        };
        let change = remedy("v1", "Pod", &ports(53), &ports(54)).strategic_merge().unwrap();
        let ports = change.pointer("/spec/containers/0/ports").unwrap();
        assert_eq!(ports.as_array().unwrap().len(), 2);
    }

    #[test]
    fn custom_kinds_have_no_strategic_merge_and_commands_are_quoted() {
        let change = remedy("argoproj.io/v1", "Rollout", &json!({"a":1}), &json!({"a":"it's"}));
        assert_eq!(change.strategic_merge(), None);
        assert_eq!(
            change.kubectl(),
            r#"kubectl patch rollout.argoproj.io web -n pay --type merge -p '{"a":"it'\''s"}'"#
        );
        let pod = remedy("v1", "Pod", &json!({"a":1}), &json!({}));
        assert_eq!(
            pod.kubectl(),
            "# deletes the pod and makes it anew from web.yaml: its whole YAML, patched\n\
             kubectl replace --force -n pay -f web.yaml"
        );
    }

    #[test]
    fn a_document_names_its_object_and_the_patched_one_is_as_a_person_would_write_it() {
        let before = json!({"apiVersion":"apps/v1","kind":"Deployment","status":{"replicas":1},
            "metadata":{"name":"web","namespace":"pay","uid":"1","resourceVersion":"7","labels":{"a":"b"},
                "annotations":{"kubectl.kubernetes.io/last-applied-configuration":"{}","x":"y"}},
            "spec":{"paused":true}});
        let mut after = before.clone();
        after["spec"]["paused"] = json!(false);
        let change = remedy("apps/v1", "Deployment", &before, &after);
        assert_eq!(
            change.strategic_document().unwrap(),
            json!({"apiVersion":"apps/v1","kind":"Deployment",
                "metadata":{"name":"web","namespace":"pay"},"spec":{"paused":false}})
        );
        assert_eq!(
            change.patched().to_json(),
            json!({"apiVersion":"apps/v1","kind":"Deployment",
                "metadata":{"name":"web","namespace":"pay","labels":{"a":"b"},"annotations":{"x":"y"}},
                "spec":{"paused":false}})
        );
        let custom = remedy("argoproj.io/v1", "Rollout", &json!({"a":1}), &json!({"a":2}));
        assert_eq!(custom.strategic_document(), None);
    }

    #[test]
    fn what_a_shell_would_obey_is_quoted() {
        let evil = "$(id)`id`'\"\\!;\n&|";
        let change = remedy("apps/v1", "Deployment", &json!({"a":"x"}), &json!({"a":evil}));
        let command = change.kubectl();
        let (_, quoted) = command.split_once(" -p ").unwrap();
        // Within single quotes a POSIX shell obeys nothing; each of the text's own ends them,
        // stands escaped, and begins them again.
        let inner = quoted.strip_prefix('\'').and_then(|t| t.strip_suffix('\'')).unwrap();
        let read = inner.replace(r"'\''", "\u{1}");
        assert!(!read.contains('\''), "{command}");
        let patch: Value = serde_json::from_str(&read.replace('\u{1}', "'")).unwrap();
        assert_eq!(patch, json!({"a": evil}));
    }

    #[test]
    fn pointers_escape_slashes() {
        let change = remedy("v1", "Pod", &json!({"l":{"a/b":"1"}}), &json!({"l":{"a/b":"2"}}));
        assert_eq!(change.json_patch(), json!([{"op":"replace","path":"/l/a~1b","value":"2"}]));
    }
}
