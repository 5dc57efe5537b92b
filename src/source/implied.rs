//! What every cluster makes of itself and no manifest has to hold.
//!
//! - The service account `default` of each namespace. Its token is mounted by each pod that names no account,
//!   unless the account or the pod says otherwise.
//! - The `ClusterRole` `cluster-admin`.
//! - The rules of roles with an `aggregationRule`: a controller fills them from the roles that it selects.
//!
//! Where manifests are said to be everything there is, what they do not have would be proven absent: a check
//! would have nothing to look at, and a binding would grant nothing. So the first two are added as a cluster
//! creates them, where something refers to them. Manifests that may not be everything leave them open.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::model::kinds::Kind;
use crate::model::node::Node;
use crate::model::object::Object;

/// The accounts that are not among these objects although pods of theirs run as them.
pub(super) fn default_accounts(objects: &[Arc<Object>]) -> Vec<Arc<Object>> {
    let is_one = |object: &&Arc<Object>| {
        &*object.id.kind == "ServiceAccount"
            && &*object.id.api_version == "v1"
            && &*object.id.name == "default"
    };
    let there: BTreeSet<&str> = objects.iter().filter(is_one).map(|o| o.namespace()).collect();
    let users = objects.iter().filter(|object| runs_as_default(object));
    let missing: BTreeSet<&str> =
        users.map(|object| object.namespace()).filter(|ns| !there.contains(ns)).collect();
    missing.into_iter().filter_map(account).map(Arc::new).collect()
}

fn runs_as_default(object: &Object) -> bool {
    let Some((_, spec)) = object.pod_spec().filter(|_| !object.is_mirror_pod()) else {
        return false;
    };
    let named = |key: &str| spec.str_at(&[key]).filter(|name| !name.is_empty());
    matches!(
        named("serviceAccountName").or_else(|| named("serviceAccount")),
        None | Some("default")
    )
}

fn account(namespace: &str) -> Option<Object> {
    let place = (!namespace.is_empty()).then(|| ("namespace", Node::str(namespace)));
    let metadata = Node::map([("name", Node::str("default"))].into_iter().chain(place));
    let body = Node::map([
        ("apiVersion", Node::str("v1")),
        ("kind", Node::str("ServiceAccount")),
        ("metadata", metadata),
    ]);
    Object::new(body).ok()
}

/// `cluster-admin`, where a binding refers to it and it is not among these objects.
pub(super) fn cluster_admin(objects: &[Arc<Object>]) -> Option<Arc<Object>> {
    let rbac = |object: &&Arc<Object>| &*object.kind().group == RBAC;
    let is_it = |o: &Arc<Object>| &*o.id.kind == "ClusterRole" && &*o.id.name == ADMIN;
    let refers = |object: &Arc<Object>| {
        let word = |key| object.body().str_at(&["roleRef", key]);
        word("kind") == Some("ClusterRole") && word("name") == Some(ADMIN)
    };
    let mut all = objects.iter().filter(rbac);
    if !all.clone().any(refers) || all.any(is_it) {
        return None;
    }
    let every = || Node::list(vec![Node::str("*")]);
    let rules = vec![
        Node::map([("apiGroups", every()), ("resources", every()), ("verbs", every())]),
        Node::map([("nonResourceURLs", every()), ("verbs", every())]),
    ];
    let labels = Node::map([("kubernetes.io/bootstrapping", Node::str("rbac-defaults"))]);
    let body = Node::map([
        ("apiVersion", Node::str("rbac.authorization.k8s.io/v1")),
        ("kind", Node::str("ClusterRole")),
        ("metadata", Node::map([("name", Node::str(ADMIN)), ("labels", labels)])),
        ("rules", Node::list(rules)),
    ]);
    Object::new(body).ok().map(Arc::new)
}

const RBAC: &str = "rbac.authorization.k8s.io";
const ADMIN: &str = "cluster-admin";
/// Roles that are made of roles that are made of roles: the shipped ones take two steps.
const STEPS: usize = 4;

/// Fills the rules of roles with an `aggregationRule`, as far as the roles that it selects are here.
pub(super) fn aggregate(objects: &mut [Arc<Object>]) {
    let kind = Kind::new(RBAC, "ClusterRole");
    let roles: Vec<usize> = (0..objects.len())
        .filter(|at| objects.get(*at).is_some_and(|o| o.kind() == kind))
        .collect();
    for _ in 0..STEPS {
        let mut filled: BTreeMap<usize, Arc<Object>> = BTreeMap::new();
        for at in &roles {
            let Some(role) = objects.get(*at) else { continue };
            let selectors = role.body().list_at(&["aggregationRule", "clusterRoleSelectors"]);
            let sources = roles.iter().filter(|other| *other != at).filter_map(|o| objects.get(*o));
            let selected = sources.filter(|o| selectors.iter().any(|s| selects(s, o)));
            let mut rules: Vec<Node> = Vec::new();
            for rule in selected.flat_map(|source| source.body().list_at(&["rules"])) {
                if !rules.contains(rule) {
                    rules.push(rule.clone());
                }
            }
            if !rules.is_empty() && rules != role.body().list_at(&["rules"]) {
                filled.extend(with_rules(role, rules).map(|role| (*at, Arc::new(role))));
            }
        }
        if filled.is_empty() {
            return;
        }
        for (at, role) in filled {
            if let Some(place) = objects.get_mut(at) {
                *place = role;
            }
        }
    }
}

/// Whether a selector by labels takes an object. One with expressions is left to a cluster.
fn selects(selector: &Node, object: &Object) -> bool {
    let labels = selector.get("matchLabels").and_then(Node::as_map);
    selector.list_at(&["matchExpressions"]).is_empty()
        && labels.is_some_and(|labels| {
            labels.iter().next().is_some()
                && labels.iter().all(|(key, value)| object.label(key) == value.as_str())
        })
}

fn with_rules(role: &Object, rules: Vec<Node>) -> Option<Object> {
    let map = role.body().as_map()?;
    let rest = map.iter().filter(|(key, _)| *key != "rules");
    let entries = rest.map(|(key, value)| (key, value.clone()));
    let body = Node::map(entries.chain([("rules", Node::list(rules))]).collect::<Vec<_>>());
    let mut filled = Object::new(body).ok()?;
    filled.origin.clone_from(&role.origin);
    Some(filled)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn objects(texts: &[&str]) -> Vec<Arc<Object>> {
        let object = |text: &&str| Object::new(Node::from_json(text.as_bytes()).unwrap()).unwrap();
        texts.iter().map(object).map(Arc::new).collect()
    }

    fn role(name: &str, label: &str, more: &str) -> String {
        format!(
            r#"{{"apiVersion":"{RBAC}/v1","kind":"ClusterRole","metadata":{{"name":"{name}","labels":{{"into":"{label}"}}}},{more}}}"#
        )
    }

    #[test]
    fn roles_are_filled_from_those_that_they_select_through_several_steps() {
        let of = |into: &str| {
            format!(
                r#""aggregationRule":{{"clusterRoleSelectors":[{{"matchLabels":{{"into":"{into}"}}}}]}},"rules":[]"#
            )
        };
        let rules = r#""rules":[{"apiGroups":[""],"resources":["secrets"],"verbs":["get"]}]"#;
        let texts = [
            role("part", "edit", rules),
            role("edit", "admin", &of("edit")),
            role("admin", "", &of("admin")),
        ];
        let mut all = objects(&texts.each_ref().map(String::as_str));
        aggregate(&mut all);
        for role in &all {
            let first = role.body().list_at(&["rules"]).first().expect("it is filled");
            assert_eq!(first.list_at(&["resources"]), [Node::str("secrets")], "{}", role.id);
        }
        // Two that select each other come to an end.
        let texts = [role("a", "b", &of("a")), role("b", "a", &of("b"))];
        aggregate(&mut objects(&texts.each_ref().map(String::as_str)));
    }

    #[test]
    fn cluster_admin_is_there_where_something_is_bound_to_it() {
        let binding = r#"{"apiVersion":"rbac.authorization.k8s.io/v1","kind":"ClusterRoleBinding","metadata":{"name":"b"},"roleRef":{"kind":"ClusterRole","name":"cluster-admin"}}"#;
        assert!(cluster_admin(&objects(&[binding])).is_some());
        let own = role("cluster-admin", "", r#""rules":[]"#);
        assert!(cluster_admin(&objects(&[binding, &own])).is_none());
        let other = binding.replace("cluster-admin", "view");
        assert!(cluster_admin(&objects(&[&other])).is_none());
    }

    #[test]
    fn a_default_account_is_where_pods_run_as_it_and_nowhere_else() {
        let pod = |namespace: &str, spec: &str| {
            format!(
                r#"{{"apiVersion":"v1","kind":"Pod","metadata":{{"name":"p","namespace":"{namespace}"}},"spec":{spec}}}"#
            )
        };
        let account = r#"{"apiVersion":"v1","kind":"ServiceAccount","metadata":{"name":"default","namespace":"has"}}"#;
        let texts = [
            pod("plain", "{}"),
            pod("named", r#"{"serviceAccountName":"default"}"#),
            pod("own", r#"{"serviceAccount":"web"}"#),
            pod("has", "{}"),
            account.to_owned(),
        ];
        let made = default_accounts(&objects(&texts.each_ref().map(String::as_str)));
        let places: Vec<&str> = made.iter().map(|account| account.namespace()).collect();
        assert_eq!(places, ["named", "plain"]);
    }
}
