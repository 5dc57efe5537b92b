//! Roles and bindings from a line-based shorthand.
//!
//! A line without indentation starts an object; indented lines are its rules.
//!
//! ```text
//! ClusterRole NAME [aggregation labels]
//!   verbs groups resources [resource names]      lists with commas; `core` is the core group
//!   verbs url paths
//!   = aggregation label                          its rules are those of the roles so labelled
//! Role NAMESPACE/NAME
//! ClusterRoleBinding NAME KIND/ROLE [SUBJECT ...]
//! RoleBinding NAMESPACE/NAME KIND/ROLE [SUBJECT ...]
//! ```
//! Subjects are `User/x`, `Group/x` and `ServiceAccount/namespace/x`.

use super::stamp::{DAY, NOW, draw, metadata, metadata_at};
use super::tree::{merge, node, some_list};
use super::world::World;
use crate::model::key::Key;
use crate::model::node::{Map, Node};

const GROUP: &str = "rbac.authorization.k8s.io";
const API: &str = "rbac.authorization.k8s.io/v1";

/// Roles that the API server makes, as of Kubernetes 1.35.
const BUILTIN: &str = include_str!("rbac-builtin.txt");
/// Roles of the built-in controllers, as of Kubernetes 1.35; each has a binding of its name.
const CONTROLLERS: &str = include_str!("rbac-controllers.txt");
/// What kubeadm and the add-ons of the platform bring.
const PLATFORM: &str = include_str!("rbac-platform.txt");
/// What the teams made.
const TEAMS: &str = include_str!("rbac-teams.txt");

/// One entry of the shorthand.
struct RbacEntry<'a> {
    kind: &'a str,
    /// Empty for cluster-scoped kinds.
    namespace: &'a str,
    name: &'a str,
    /// What stands behind the name: labels of a role; role and subjects of a binding.
    words: Vec<&'a str>,
    rules: Vec<&'a str>,
    /// Whether the API server keeps it.
    bootstrap: bool,
}

fn parse(text: &str, bootstrap: bool) -> Vec<RbacEntry<'_>> {
    let mut entries: Vec<RbacEntry<'_>> = Vec::new();
    for line in text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        if let Some(rule) = line.strip_prefix("  ") {
            if let Some(entry) = entries.last_mut() {
                entry.rules.push(rule);
            }
            continue;
        }
        let mut words = line.split(' ');
        let (kind, full) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        let (namespace, name) = match kind {
            "Role" | "RoleBinding" => full.split_once('/').unwrap_or(("default", full)),
            _ => ("", full),
        };
        entries.push(RbacEntry {
            kind,
            namespace,
            name,
            words: words.collect(),
            rules: Vec::new(),
            bootstrap,
        });
    }
    entries
}

/// Adds every role and binding; returns the names of the controllers' accounts.
pub(crate) fn add(world: &mut World) -> Vec<String> {
    let mut all = parse(BUILTIN, true);
    all.extend(parse(CONTROLLERS, true));
    all.extend(parse(PLATFORM, false));
    all.extend(parse(TEAMS, false));
    let mut accounts = Vec::new();
    for entry in &all {
        if entry.kind.ends_with("Binding") {
            world.add(binding(entry));
            continue;
        }
        world.add(role(entry, &all));
        if entry.kind == "ClusterRole"
            && let Some(controller) = entry.name.strip_prefix("system:controller:")
        {
            accounts.push(controller.to_owned());
            let subject = format!("ServiceAccount/kube-system/{controller}");
            let role = format!("ClusterRole/{}", entry.name);
            world.add(binding(&RbacEntry {
                kind: "ClusterRoleBinding",
                namespace: "",
                name: entry.name,
                words: vec![&role, &subject],
                rules: Vec::new(),
                bootstrap: true,
            }));
        }
    }
    // Two more controllers run in a kubeadm cluster, with Roles instead of a ClusterRole.
    accounts.extend(["bootstrap-signer", "token-cleaner"].map(str::to_owned));
    accounts
}

/// The roles that the API server itself makes, with no more in their metadata than it writes there.
pub(crate) fn built_in_roles() -> Vec<Node> {
    let all = parse(BUILTIN, true);
    let roles = all.iter().filter(|entry| !entry.kind.ends_with("Binding"));
    let bare = |entry: &RbacEntry<'_>| {
        let place =
            if entry.namespace.is_empty() { Node::Null } else { Node::str(entry.namespace) };
        let metadata = node!({ "name": (entry.name), "namespace": place });
        role_with(entry, &all, |labels| merge(metadata, &bootstrapped(entry, labels)))
    };
    roles.map(bare).collect()
}

/// The labels and notes of a role or binding.
fn bootstrapped(entry: &RbacEntry<'_>, mut labels: Vec<(Key, Node)>) -> Node {
    if entry.bootstrap {
        labels.push((Key::new("kubernetes.io/bootstrapping"), Node::str("rbac-defaults")));
    }
    let notes = if entry.bootstrap {
        node!({ "rbac.authorization.kubernetes.io/autoupdate": "true" })
    } else {
        Node::Null
    };
    node!({
        "labels": (if labels.is_empty() { Node::Null } else { Node::Map(Map::new(labels)) }),
        "annotations": notes,
    })
}

fn stamped(entry: &RbacEntry<'_>, labels: Vec<(Key, Node)>) -> Node {
    let own = bootstrapped(entry, labels);
    let base = if entry.bootstrap {
        // Made in the first minute of the cluster.
        let made = NOW - 432 * DAY + draw(60, &[entry.kind, entry.name]);
        metadata_at(entry.kind, entry.namespace, entry.name, made)
    } else {
        metadata(entry.kind, entry.namespace, entry.name, 60 + draw(300, &[entry.name]))
    };
    merge(base, &own)
}

/// The full key of an aggregation label; those without a domain are Kubernetes' own.
fn label(word: &str) -> String {
    if word.contains('/') { word.to_owned() } else { format!("{GROUP}/{word}") }
}

fn role(entry: &RbacEntry<'_>, all: &[RbacEntry<'_>]) -> Node {
    role_with(entry, all, |labels| stamped(entry, labels))
}

fn role_with(
    entry: &RbacEntry<'_>,
    all: &[RbacEntry<'_>],
    metadata: impl FnOnce(Vec<(Key, Node)>) -> Node,
) -> Node {
    let labels =
        entry.words.iter().map(|word| (Key::new(&label(word)), Node::str("true"))).collect();
    let selected: Vec<&str> =
        entry.rules.iter().filter_map(|rule| rule.strip_prefix("= ")).collect();
    let aggregation = selected.iter().map(|word| {
        let key = label(word);
        let key = key.as_str();
        node!({ "matchLabels": { key: "true" } })
    });
    let aggregation = some_list(aggregation.collect());
    let rules: Vec<Node> = rules_of(entry, all).into_iter().map(rule).collect();
    node!({
        "apiVersion": API,
        "kind": (entry.kind),
        "metadata": (metadata(labels)),
        "aggregationRule": (if aggregation == Node::Null { Node::Null } else {
            node!({ "clusterRoleSelectors": aggregation })
        }),
        "rules": (some_list(rules)),
    })
}

/// The rules of a role, those of the roles that it aggregates instead of its own.
fn rules_of<'a>(entry: &RbacEntry<'a>, all: &[RbacEntry<'a>]) -> Vec<&'a str> {
    let mut rules = Vec::new();
    for rule in &entry.rules {
        let Some(word) = rule.strip_prefix("= ") else {
            rules.push(*rule);
            continue;
        };
        let sources = all.iter().filter(|e| e.kind == "ClusterRole" && e.words.contains(&word));
        for rule in sources.flat_map(|source| rules_of(source, all)) {
            if !rules.contains(&rule) {
                rules.push(rule);
            }
        }
    }
    rules
}

fn list(text: &str) -> Node {
    let group = |item| if item == "core" { "" } else { item };
    Node::list(text.split(',').map(|item| Node::str(group(item))).collect())
}

fn rule(text: &str) -> Node {
    let mut words = text.split(' ');
    let mut next = || words.next();
    let (verbs, groups, what) =
        (next().unwrap_or("*"), next().unwrap_or("*"), next().unwrap_or("*"));
    if groups == "url" {
        return node!({ "verbs": (list(verbs)), "nonResourceURLs": (list(what)) });
    }
    node!({
        "verbs": (list(verbs)),
        "apiGroups": (list(groups)),
        "resources": (list(what)),
        "resourceNames": (next().map(list)),
    })
}

fn binding(entry: &RbacEntry<'_>) -> Node {
    let mut words = entry.words.iter();
    let role = words.next().copied().unwrap_or_default();
    let (role_kind, role) = role.split_once('/').unwrap_or(("ClusterRole", role));
    let subjects: Vec<Node> = words.map(|word| subject(word)).collect();
    node!({
        "apiVersion": API,
        "kind": (entry.kind),
        "metadata": (stamped(entry, Vec::new())),
        "subjects": (some_list(subjects)),
        "roleRef": { "apiGroup": GROUP, "kind": role_kind, "name": role },
    })
}

fn subject(word: &str) -> Node {
    match word.split_once('/') {
        Some(("ServiceAccount", full)) => {
            let (namespace, name) = full.split_once('/').unwrap_or(("default", full));
            node!({ "kind": "ServiceAccount", "name": name, "namespace": namespace })
        }
        Some((kind, name)) => node!({ "kind": kind, "apiGroup": GROUP, "name": name }),
        None => Node::Null,
    }
}
