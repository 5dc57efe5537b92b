//! Roles and bindings as YAML with comments, and as JSON.

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::report::harmless;
use crate::text::emit::{plain_or_quoted, quoted};

const API: &str = "rbac.authorization.k8s.io";

/// Everything that is printed.
pub(super) struct RoleDocument {
    /// Lines that stand before the first object.
    pub head: Vec<String>,
    pub roles: Vec<RoleObject>,
    pub bindings: Vec<RoleBinding>,
}

/// A role of a namespace, or of the cluster.
pub(super) struct RoleObject {
    pub namespace: Option<String>,
    pub name: String,
    pub rules: Vec<RoleRule>,
}

/// A rule, with what it is for.
pub(super) struct RoleRule {
    /// Lines that stand before it.
    pub about: Vec<String>,
    /// The API group; none for a rule on paths.
    pub group: Option<String>,
    /// Resources or paths, each with what it is for.
    pub on: Vec<(String, String)>,
    pub verbs: Vec<&'static str>,
}

/// Who holds a role.
#[derive(Clone)]
pub(super) struct RoleSubject {
    /// `User`, `Group` or `ServiceAccount`.
    pub kind: &'static str,
    pub namespace: Option<String>,
    pub name: String,
}

/// A binding to the role of its own name and place.
pub(super) struct RoleBinding {
    pub namespace: Option<String>,
    pub name: String,
    pub subjects: Vec<RoleSubject>,
}

fn kind(namespace: Option<&String>, what: &str) -> String {
    let word = if namespace.is_some() { "" } else { "Cluster" };
    format!("{word}Role{what}")
}

impl RoleDocument {
    pub fn yaml(&self) -> String {
        let mut out: String = comment(&self.head, "");
        let roles = self.roles.iter().map(RoleObject::yaml);
        let parts: Vec<String> = roles.chain(self.bindings.iter().map(RoleBinding::yaml)).collect();
        out.push_str(&parts.join("---\n"));
        out
    }

    pub fn json(&self) -> String {
        let roles = self.roles.iter().map(RoleObject::json);
        let items: Vec<Value> = roles.chain(self.bindings.iter().map(RoleBinding::json)).collect();
        harmless(format!("{:#}\n", json!({"apiVersion": "v1", "kind": "List", "items": items})))
    }
}

fn comment(lines: &[String], indent: &str) -> String {
    let line = |text: &String| match text.as_str() {
        "" => format!("{indent}#\n"),
        text => format!("{indent}# {text}\n"),
    };
    lines.iter().map(line).collect()
}

/// What begins an object.
fn top(kind: &str, namespace: Option<&String>, name: &str) -> String {
    let mut out = format!("apiVersion: {API}/v1\nkind: {kind}\nmetadata:\n");
    // Writing to a String cannot fail.
    let _ = writeln!(out, "  name: {}", plain_or_quoted(name));
    if let Some(namespace) = namespace {
        let _ = writeln!(out, "  namespace: {}", plain_or_quoted(namespace));
    }
    out
}

fn metadata(namespace: Option<&String>, name: &str) -> Value {
    match namespace {
        Some(namespace) => json!({"name": name, "namespace": namespace}),
        None => json!({"name": name}),
    }
}

impl RoleObject {
    fn yaml(&self) -> String {
        let namespace = self.namespace.as_ref();
        let mut out = top(&kind(namespace, ""), namespace, &self.name);
        out.push_str("rules:\n");
        for rule in &self.rules {
            out.push_str(&comment(&rule.about, ""));
            let list = match &rule.group {
                Some(group) => {
                    let _ = writeln!(out, "- apiGroups: [{}]", quoted(group));
                    "  resources:"
                }
                None => "- nonResourceURLs:",
            };
            let _ = writeln!(out, "{list}");
            for (name, what) in &rule.on {
                let name = plain_or_quoted(name);
                let gap = if what.is_empty() { "" } else { " # " };
                let _ = writeln!(out, "  - {name}{gap}{what}");
            }
            let verbs: Vec<String> = rule.verbs.iter().map(|verb| quoted(verb)).collect();
            let _ = writeln!(out, "  verbs: [{}]", verbs.join(", "));
        }
        out
    }

    fn json(&self) -> Value {
        let rule = |rule: &RoleRule| {
            let on: Vec<&String> = rule.on.iter().map(|(name, _)| name).collect();
            match &rule.group {
                Some(group) => json!({"apiGroups": [group], "resources": on, "verbs": rule.verbs}),
                None => json!({"nonResourceURLs": on, "verbs": rule.verbs}),
            }
        };
        let namespace = self.namespace.as_ref();
        json!({
            "apiVersion": format!("{API}/v1"),
            "kind": kind(namespace, ""),
            "metadata": metadata(namespace, &self.name),
            "rules": self.rules.iter().map(rule).collect::<Vec<_>>(),
        })
    }
}

impl RoleBinding {
    fn yaml(&self) -> String {
        let namespace = self.namespace.as_ref();
        let mut out = top(&kind(namespace, "Binding"), namespace, &self.name);
        let _ = write!(
            out,
            "roleRef:\n  apiGroup: {API}\n  kind: {}\n  name: {}\nsubjects:\n",
            kind(namespace, ""),
            plain_or_quoted(&self.name)
        );
        for subject in &self.subjects {
            let _ = writeln!(out, "- kind: {}", subject.kind);
            let _ = match &subject.namespace {
                Some(namespace) => writeln!(out, "  namespace: {}", plain_or_quoted(namespace)),
                None => writeln!(out, "  apiGroup: {API}"),
            };
            let _ = writeln!(out, "  name: {}", plain_or_quoted(&subject.name));
        }
        out
    }

    fn json(&self) -> Value {
        let subject = |subject: &RoleSubject| match &subject.namespace {
            Some(namespace) => {
                json!({"kind": subject.kind, "namespace": namespace, "name": subject.name})
            }
            None => json!({"kind": subject.kind, "apiGroup": API, "name": subject.name}),
        };
        let namespace = self.namespace.as_ref();
        json!({
            "apiVersion": format!("{API}/v1"),
            "kind": kind(namespace, "Binding"),
            "metadata": metadata(namespace, &self.name),
            "roleRef": {"apiGroup": API, "kind": kind(namespace, ""), "name": self.name},
            "subjects": self.subjects.iter().map(subject).collect::<Vec<_>>(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::locate;

    #[test]
    fn hostile_names_stay_texts_and_both_forms_say_the_same() {
        let hostile = "a: b\n- kind: \u{1b}[31m\u{202e}# \"x\"";
        let rule = RoleRule {
            about: vec!["why".to_owned(), String::new()],
            group: Some(hostile.to_owned()),
            on: vec![(hostile.to_owned(), String::new()), ("pods".to_owned(), "two".to_owned())],
            verbs: vec!["list"],
        };
        let paths = RoleRule {
            about: Vec::new(),
            group: None,
            on: vec![("/api/*".to_owned(), String::new())],
            verbs: vec!["get"],
        };
        let namespace = Some("team".to_owned());
        let subject = |kind, namespace| RoleSubject { kind, namespace, name: hostile.to_owned() };
        let document = RoleDocument {
            head: vec!["head".to_owned()],
            roles: vec![RoleObject {
                namespace: namespace.clone(),
                name: "no".to_owned(),
                rules: vec![rule, paths],
            }],
            bindings: vec![RoleBinding {
                namespace: namespace.clone(),
                name: "no".to_owned(),
                subjects: vec![subject("User", None), subject("ServiceAccount", namespace)],
            }],
        };
        let yaml = document.yaml();
        assert!(!yaml.contains('\u{1b}') && !yaml.contains('\u{202e}'), "{yaml}");
        let read: Vec<Value> = locate::documents(&yaml)
            .into_iter()
            .map(|document| document.node.unwrap().to_json())
            .collect();
        let json: Value = serde_json::from_str(&document.json()).unwrap();
        assert_eq!(Value::Array(read), json["items"], "{yaml}");
        assert_eq!(json["items"][0]["metadata"]["name"], "no");
        assert_eq!(json["items"][1]["subjects"][0]["name"], hostile);
    }
}
