//! What every cluster makes of itself and no manifest has to hold.
//!
//! - The service account `default` of each namespace. Its token is mounted by each pod that names no account,
//!   unless the account or the pod says otherwise.
//! - The `ConfigMap` `kube-root-ca.crt` of each namespace, with the certificate of the API server's authority.
//! - The roles that the API server makes: `cluster-admin`, `admin`, `edit`, `view`, and those of its parts.
//! - The rules of roles with an `aggregationRule`: a controller fills them from the roles that it selects.
//!
//! Where manifests are said to be everything there is, what they do not have would be proven absent: a check
//! would have nothing to look at, and a binding would grant nothing. So all but the last are added as a cluster
//! creates them, where something refers to them. Manifests that may not be everything leave them open.

use std::collections::{BTreeSet, HashMap};
use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::sync::Arc;

use super::demo;
use crate::model::kinds::Kind;
use crate::model::node::Node;
use crate::model::object::Object;
use crate::model::selector::{self, Labels};

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

/// The name of the `ConfigMap` that a controller writes into every namespace.
const ROOT_CA: &str = "kube-root-ca.crt";

/// The certificates of the API server that are not among these objects although pods read them.
pub(super) fn root_certificates(objects: &[Arc<Object>]) -> Vec<Arc<Object>> {
    let is_one = |object: &&Arc<Object>| {
        &*object.id.kind == "ConfigMap"
            && &*object.id.api_version == "v1"
            && &*object.id.name == ROOT_CA
    };
    let there: BTreeSet<&str> = objects.iter().filter(is_one).map(|o| o.namespace()).collect();
    let reads =
        |object: &&Arc<Object>| object.pod_spec().is_some_and(|(_, spec)| refers_to_root_ca(spec));
    let missing: BTreeSet<&str> = objects.iter().filter(reads).map(|o| o.namespace()).collect();
    let data = || ("data", Node::map([("ca.crt", Node::str(""))]));
    let made = missing.difference(&there);
    made.filter_map(|ns| named("ConfigMap", ROOT_CA, ns, Some(data()))).map(Arc::new).collect()
}

/// Whether a volume or a variable anywhere in a pod spec takes something from that `ConfigMap`.
fn refers_to_root_ca(node: &Node) -> bool {
    const REFERENCES: [&str; 3] = ["configMap", "configMapRef", "configMapKeyRef"];
    match node {
        Node::Map(map) => map.iter().any(|(key, value)| {
            REFERENCES.contains(&key) && value.str_at(&["name"]) == Some(ROOT_CA)
                || refers_to_root_ca(value)
        }),
        Node::List(items) => items.iter().any(refers_to_root_ca),
        _ => false,
    }
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
    named("ServiceAccount", "default", namespace, None)
}

/// An object of the core group with no more than its name, and maybe one field.
fn named(
    kind: &str,
    name: &str,
    namespace: &str,
    field: Option<(&'static str, Node)>,
) -> Option<Object> {
    let place = (!namespace.is_empty()).then(|| ("namespace", Node::str(namespace)));
    let metadata = Node::map([("name", Node::str(name))].into_iter().chain(place));
    let head = [("apiVersion", Node::str("v1")), ("kind", Node::str(kind)), ("metadata", metadata)];
    Object::new(Node::map(head.into_iter().chain(field))).ok()
}

const RBAC: &str = "rbac.authorization.k8s.io";

/// A role by its namespace, which is empty for a `ClusterRole`, and its name.
type Name = (String, String);

/// Roles that the API server makes, where a binding refers to them and they are not among these objects. What
/// the objects here add to them by aggregation is in their rules.
pub(super) fn built_in_roles(objects: &[Arc<Object>]) -> Vec<Arc<Object>> {
    let mut bound: BTreeSet<Name> = objects.iter().filter_map(|object| role_of(object)).collect();
    if bound.is_empty() {
        return Vec::new();
    }
    let roles = objects.iter().filter(|object| is_role(object));
    let there: BTreeSet<Name> = roles.clone().map(|role| name_of(role)).collect();
    bound.retain(|name| !there.contains(name));
    let made = demo::built_in_roles().into_iter().filter_map(|body| Object::new(body).ok());
    let made = made.map(Arc::new).filter(|role| !there.contains(&name_of(role)));
    let mut all: Vec<Arc<Object>> = made.collect();
    if !all.iter().any(|role| bound.contains(&name_of(role))) {
        return Vec::new();
    }
    let count = all.len();
    all.extend(roles.cloned());
    aggregate(&mut all);
    all.truncate(count);
    all.retain(|role| bound.contains(&name_of(role)));
    all
}

fn is_role(object: &Object) -> bool {
    matches!(&*object.id.kind, "Role" | "ClusterRole") && *object.kind().group == *RBAC
}

fn name_of(role: &Object) -> Name {
    (role.namespace().to_owned(), role.id.name.to_string())
}

/// The role that a binding refers to.
fn role_of(binding: &Object) -> Option<Name> {
    let is_one = matches!(&*binding.id.kind, "RoleBinding" | "ClusterRoleBinding");
    if !is_one || *binding.kind().group != *RBAC {
        return None;
    }
    let name = binding.body().str_at(&["roleRef", "name"])?.to_owned();
    match binding.body().str_at(&["roleRef", "kind"])? {
        "ClusterRole" => Some((String::new(), name)),
        "Role" => Some((binding.namespace().to_owned(), name)),
        _ => None,
    }
}

/// Fills the rules of roles with an `aggregationRule` from the roles that it selects: those here, and those that
/// the API server makes.
pub(super) fn aggregate(objects: &mut [Arc<Object>]) {
    let selectors =
        |role: &Object| role.body().list_at(&["aggregationRule", "clusterRoleSelectors"]).to_vec();
    let kind = Kind::new(RBAC, "ClusterRole");
    let here: Vec<usize> = (0..objects.len())
        .filter(|at| objects.get(*at).is_some_and(|o| o.kind() == kind))
        .collect();
    let mut roles: Vec<Arc<Object>> =
        here.iter().filter_map(|at| objects.get(*at)).cloned().collect();
    if roles.iter().all(|role| selectors(role).is_empty()) {
        return;
    }
    let names: BTreeSet<Name> = roles.iter().map(|role| name_of(role)).collect();
    let made = demo::built_in_roles().into_iter().filter_map(|body| Object::new(body).ok());
    roles.extend(made.filter(|r| r.kind() == kind && !names.contains(&name_of(r))).map(Arc::new));
    let sources: Vec<Vec<usize>> =
        roles.iter().enumerate().map(|(at, role)| selected(&roles, at, &selectors(role))).collect();
    let mut rules: Vec<Vec<Node>> =
        roles.iter().map(|role| role.body().list_at(&["rules"]).to_vec()).collect();
    fill(&sources, &mut rules);
    for ((at, role), rules) in here.iter().zip(&roles).zip(rules) {
        if rules != role.body().list_at(&["rules"])
            && let Some(filled) = with_rules(role, rules)
            && let Some(place) = objects.get_mut(*at)
        {
            *place = Arc::new(filled);
        }
    }
}

/// The other roles that any of these selectors takes.
fn selected(roles: &[Arc<Object>], own: usize, selectors: &[Node]) -> Vec<usize> {
    if selectors.is_empty() {
        return Vec::new();
    }
    let takes = |role: &Object| {
        let labels = role.body().at(&["metadata", "labels"]).unwrap_or(&Node::Null);
        selectors.iter().any(|selector| selector::selects(selector, Labels::of(labels)))
    };
    let others = roles.iter().enumerate().filter(|(at, _)| *at != own);
    others.filter(|(_, role)| takes(role)).map(|(at, _)| at).collect()
}

/// Gives every role that has sources their rules, until none is left that a source has more for. Roles may select
/// each other: rules are only added, so that comes to an end too.
fn fill(sources: &[Vec<usize>], rules: &mut [Vec<Node>]) {
    let mut users: Vec<Vec<usize>> = vec![Vec::new(); sources.len()];
    for (at, source) in
        sources.iter().enumerate().flat_map(|(at, all)| all.iter().map(move |s| (at, *s)))
    {
        if let Some(users) = users.get_mut(source) {
            users.push(at);
        }
    }
    let mut open: BTreeSet<usize> =
        (0..sources.len()).filter(|at| sources.get(*at).is_some_and(|s| !s.is_empty())).collect();
    while let Some(at) = open.pop_first() {
        let union =
            union(sources.get(at).into_iter().flatten().filter_map(|s| rules.get(*s)).flatten());
        let Some(own) = rules.get_mut(at) else { continue };
        if !union.is_empty() && union != *own {
            *own = union;
            open.extend(users.get(at).into_iter().flatten());
        }
    }
}

/// Each rule once, in order.
fn union<'r>(rules: impl Iterator<Item = &'r Node>) -> Vec<Node> {
    let mut union: Vec<Node> = Vec::new();
    // By what equal rules have alike; others hardly ever have it too.
    let mut places: HashMap<u64, Vec<usize>> = HashMap::new();
    let keyed = RandomState::new();
    for rule in rules {
        let mut hasher = keyed.build_hasher();
        rule.hash_into(&mut hasher);
        let known = places.entry(hasher.finish()).or_default();
        if !known.iter().any(|at| union.get(*at) == Some(rule)) {
            known.push(union.len());
            union.push(rule.clone());
        }
    }
    union
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
    fn every_selector_counts_and_the_roles_of_the_api_server_are_there_to_be_selected() {
        let rules = r#""rules":[{"apiGroups":["*"],"resources":["*"],"verbs":["*"]}]"#;
        let verbs = |selector: &str| {
            let sum = format!(r#""aggregationRule":{{"clusterRoleSelectors":[{selector}]}}"#);
            let mut all = objects(&[&role("sum", "", &sum), &role("part", "x", rules)]);
            aggregate(&mut all);
            let rules = all[0].body().list_at(&["rules"]);
            let of = |rule: &Node| {
                rule.list_at(&["resources"])
                    .iter()
                    .filter_map(Node::as_str)
                    .map(str::to_owned)
                    .collect::<Vec<_>>()
            };
            rules.iter().flat_map(of).collect::<BTreeSet<String>>()
        };
        let exists = r#"{"matchExpressions":[{"key":"into","operator":"Exists"}]}"#;
        assert!(verbs(exists).contains("*"));
        assert!(verbs("{}").contains("*"), "it selects everything");
        assert!(
            verbs(r#"{"matchExpressions":[{"key":"into","operator":"In","values":["y"]}]}"#)
                .is_empty()
        );
        let view = format!(r#"{{"matchLabels":{{"{RBAC}/aggregate-to-view":"true"}}}}"#);
        let view = verbs(&view);
        assert!(view.contains("pods") && !view.contains("secrets"), "{view:?}");
    }

    #[test]
    fn a_long_chain_of_roles_is_followed_to_its_end() {
        let rules = r#""rules":[{"apiGroups":[""],"resources":["secrets"],"verbs":["get"]}]"#;
        let link = |at: usize| {
            let next = at + 1;
            let sum = format!(
                r#""aggregationRule":{{"clusterRoleSelectors":[{{"matchLabels":{{"into":"r{at}"}}}}]}},"rules":[]"#
            );
            if at == 20 {
                role("end", "r19", rules)
            } else {
                role(&format!("r{next}"), &format!("r{}", at.wrapping_sub(1)), &sum)
            }
        };
        let texts: Vec<String> = (0..=20).map(link).collect();
        let mut all = objects(&texts.iter().map(String::as_str).collect::<Vec<_>>());
        aggregate(&mut all);
        assert_eq!(all[0].body().list_at(&["rules"]).len(), 1);
    }

    fn binding(kind: &str, role: &str) -> String {
        format!(
            r#"{{"apiVersion":"{RBAC}/v1","kind":"{kind}Binding","metadata":{{"name":"b","namespace":"kube-system"}},"roleRef":{{"kind":"{kind}","name":"{role}"}}}}"#
        )
    }

    #[test]
    fn roles_of_the_api_server_are_there_where_something_is_bound_to_them() {
        let names = |texts: &[&str]| -> Vec<String> {
            built_in_roles(&objects(texts)).iter().map(|role| role.id.to_string()).collect()
        };
        for role in ["cluster-admin", "admin", "edit", "view", "system:auth-delegator"] {
            let bound = binding("ClusterRole", role);
            assert_eq!(names(&[&bound]), [format!("ClusterRole/{role}")]);
            let own = role_text(role);
            assert_eq!(names(&[&bound, &own]), Vec::<String>::new(), "the manifests have it");
        }
        let reader = binding("Role", "extension-apiserver-authentication-reader");
        assert_eq!(
            names(&[&reader]),
            ["Role/kube-system/extension-apiserver-authentication-reader"]
        );
        assert!(names(&[&binding("ClusterRole", "web")]).is_empty());
        assert!(names(&[&binding("Role", "view")]).is_empty(), "that is a role of the namespace");
    }

    fn role_text(name: &str) -> String {
        role(name, "", r#""rules":[]"#)
    }

    #[test]
    fn what_manifests_add_to_a_role_of_the_api_server_is_in_it() {
        let part = format!(
            r#"{{"apiVersion":"{RBAC}/v1","kind":"ClusterRole","metadata":{{"name":"backups","labels":{{"{RBAC}/aggregate-to-edit":"true"}}}},
            "rules":[{{"apiGroups":["example.com"],"resources":["backups"],"verbs":["create"]}}]}}"#
        );
        let made = built_in_roles(&objects(&[&part, &binding("ClusterRole", "admin")]));
        let resources = |resource: &str| {
            let rules = made[0].body().list_at(&["rules"]);
            rules.iter().any(|rule| rule.list_at(&["resources"]).contains(&Node::str(resource)))
        };
        assert!(resources("backups") && resources("secrets") && resources("rolebindings"));
        assert!(!resources("nodes"));
    }

    #[test]
    fn the_root_certificate_is_where_pods_read_it() {
        let pod = |namespace: &str, spec: &str| {
            format!(
                r#"{{"apiVersion":"v1","kind":"Pod","metadata":{{"name":"p","namespace":"{namespace}"}},"spec":{spec}}}"#
            )
        };
        let here = r#"{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"kube-root-ca.crt","namespace":"has"}}"#;
        let volume = r#"{"volumes":[{"name":"v","configMap":{"name":"kube-root-ca.crt"}}]}"#;
        let texts = [
            pod("volume", volume),
            pod(
                "env",
                r#"{"containers":[{"envFrom":[{"configMapRef":{"name":"kube-root-ca.crt"}}]}]}"#,
            ),
            pod("other", r#"{"volumes":[{"name":"kube-root-ca.crt","configMap":{"name":"x"}}]}"#),
            pod("has", volume),
            here.to_owned(),
        ];
        let made = root_certificates(&objects(&texts.each_ref().map(String::as_str)));
        let places: Vec<&str> = made.iter().map(|map| map.namespace()).collect();
        assert_eq!(places, ["env", "volume"]);
        assert!(made[0].body().at(&["data", "ca.crt"]).is_some());
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
