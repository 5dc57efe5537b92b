//! Fields of manifests that hold what no server takes there. A rule that goes through a list finds nothing
//! in a text or a set of fields, and would pass what was meant to be that list.

mod fields;

use self::Shape::{Any, Dict, Fields, List, One};
use crate::model::kinds::Kind;
use crate::model::node::Node;
use crate::model::object::Object;
use crate::model::path::{FieldPath, Seg};

/// What a field holds.
#[derive(Debug)]
enum Shape {
    /// A plain value.
    One,
    /// Anything.
    Any,
    /// A set of fields, of which these are known.
    Fields(&'static [(&'static str, Self)]),
    /// A set of fields with names of any kind.
    Dict(&'static Self),
    /// A list.
    List(&'static Self),
}

/// Fields that lead to containers: one of them at another place than its own is there by a mistake.
const LEADING: [&str; 6] =
    ["containers", "ephemeralContainers", "initContainers", "jobTemplate", "spec", "template"];

/// The first field of an object of a built-in kind that no server takes as it stands, and why; none for
/// other kinds.
pub(super) fn misfit(object: &Object) -> Option<(FieldPath, String)> {
    object.builtin()?;
    let kind = object.kind();
    let mut walk = Walk { path: Vec::new() };
    walk.object(object.body(), &kind).or_else(|| misplaced(object))
}

/// What stands where containers belong at another level: a level was left out, or is there twice.
fn misplaced(object: &Object) -> Option<(FieldPath, String)> {
    let way = object.builtin()?.pod_spec;
    if way.is_empty() {
        return None;
    }
    let mut node: &Node = object.body();
    for depth in 0..=way.len() {
        let next = way.get(depth);
        let belongs = |word: &str| match next {
            Some(next) => word == *next,
            None => word.ends_with("ontainers"),
        };
        if let Some(word) = LEADING.iter().find(|word| !belongs(word) && node.get(word).is_some()) {
            let (above, _) = way.split_at(depth);
            let steps = above.iter().chain([word]).map(|name| field(name));
            let path = FieldPath(steps.collect());
            let why = format!(
                "{kind} has no field `{path}`; its containers belong under `{}`, and it is not assessed",
                way.join("."),
                kind = object.id.kind,
            );
            return Some((path, why));
        }
        node = node.get(next?)?;
    }
    None
}

struct Walk {
    path: Vec<Seg>,
}

impl Walk {
    fn object(&mut self, node: &Node, kind: &Kind) -> Option<(FieldPath, String)> {
        let known = fields::of(kind);
        self.fields(node, &known)
    }

    fn value(&mut self, node: &Node, shape: &Shape) -> Option<(FieldPath, String)> {
        match (shape, node) {
            (One, Node::List(_) | Node::Map(_)) => Some(self.refused("a plain value", node)),
            (Any | One, _) => None,
            (Fields(known), Node::Map(_)) => self.fields(node, &[*known]),
            (Dict(shape), Node::Map(map)) => {
                map.iter().find_map(|(key, value)| self.within(|| field(key), value, shape))
            }
            (List(shape), Node::List(items)) => items
                .iter()
                .enumerate()
                .find_map(|(at, item)| self.within(|| Seg::Index(at), item, shape)),
            (Fields(_) | Dict(_), _) => Some(self.refused("a set of fields", node)),
            (List(_), _) => Some(self.refused("a list", node)),
        }
    }

    fn fields(
        &mut self,
        node: &Node,
        known: &[&'static [(&'static str, Shape)]],
    ) -> Option<(FieldPath, String)> {
        let all = || known.iter().copied().flatten();
        node.as_map()?.iter().find_map(|(key, value)| {
            if let Some((_, shape)) = all().find(|(name, _)| *name == key) {
                return self.within(|| field(key), value, shape);
            }
            let (meant, _) = all().find(|(name, _)| name.eq_ignore_ascii_case(key))?;
            let path = self.at(field(key));
            let why = format!(
                "there is no field `{path}`; did you mean `{meant}`? Servers refuse it or drop it, and it \
                 is not assessed"
            );
            Some((path, why))
        })
    }

    fn within(
        &mut self,
        seg: impl FnOnce() -> Seg,
        node: &Node,
        shape: &Shape,
    ) -> Option<(FieldPath, String)> {
        if matches!((shape, node), (Any, _) | (One, Node::Str(_))) {
            return None;
        }
        self.path.push(seg());
        let found = self.value(node, shape);
        self.path.pop();
        found
    }

    fn at(&self, seg: Seg) -> FieldPath {
        FieldPath(self.path.iter().cloned().chain([seg]).collect())
    }

    fn refused(&self, expected: &str, found: &Node) -> (FieldPath, String) {
        let path = FieldPath(self.path.iter().cloned().collect());
        let why = not_a(expected, &path.to_string(), found);
        (path, why)
    }
}

fn field(name: &str) -> Seg {
    Seg::Field(name.into())
}

/// Says of a field that it holds something else than it should.
pub(super) fn not_a(expected: &str, path: &str, found: &Node) -> String {
    let found = match found {
        Node::Null => "nothing",
        Node::List(_) => "a list",
        Node::Map(_) => "a set of fields",
        Node::Str(_) => "a text",
        _ => "a plain value",
    };
    format!(
        "`{path}` holds {found} where {expected} belongs; no server takes that, and it is not assessed"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::kinds::workloads;
    use crate::source::demo;
    use crate::text::locate;

    fn told(text: &str) -> Option<(String, String)> {
        let document = locate::documents(text).remove(0);
        let object = Object::new(document.node.unwrap()).unwrap();
        misfit(&object).map(|(path, why)| (path.to_string(), why))
    }

    fn pod(spec: &str) -> String {
        format!("apiVersion: v1\nkind: Pod\nmetadata: {{name: a}}\nspec: {spec}\n")
    }

    #[test]
    fn a_field_that_holds_something_else_is_told_with_its_place() {
        let container = |field: &str| pod(&format!("{{containers: [{{name: a, {field}}}]}}"));
        for (text, path, says) in [
            (
                container("securityContext: {capabilities: {add: SYS_ADMIN}}"),
                "spec.containers[0].securityContext.capabilities.add",
                "holds a text where a list belongs",
            ),
            (
                container("securityContext: privileged"),
                "spec.containers[0].securityContext",
                "holds a text where a set of fields belongs",
            ),
            (
                container("ports: {hostPort: 80}"),
                "spec.containers[0].ports",
                "holds a set of fields where a list belongs",
            ),
            (
                container("securityContext: {Privileged: true}"),
                "spec.containers[0].securityContext.Privileged",
                "did you mean `privileged`?",
            ),
            (
                pod("{containers: [], securityContext: {sysctls: {name: kernel.x}}}"),
                "spec.securityContext.sysctls",
                "where a list belongs",
            ),
            (pod("{containers: [oops]}"), "spec.containers[0]", "where a set of fields belongs"),
            (pod("{containers: [], hostPID: [true]}"), "spec.hostPID", "where a plain value"),
        ] {
            let (at, why) = told(&text).unwrap_or_else(|| panic!("{text}"));
            assert_eq!(at, path);
            assert!(why.contains(says), "{why}");
        }
    }

    #[test]
    fn roles_and_bindings_are_looked_at_too() {
        let rbac = |kind: &str, rest: &str| {
            format!(
                "apiVersion: rbac.authorization.k8s.io/v1\nkind: {kind}\nmetadata: {{name: a}}\n{rest}\n"
            )
        };
        let all = "{apiGroups: ['*'], resources: ['*'], verbs: ['*']}";
        for (text, path) in [
            (rbac("ClusterRole", &format!("rules: {all}")), "rules"),
            (rbac("ClusterRole", "rules: ['*']"), "rules[0]"),
            (rbac("ClusterRole", &format!("Rules: [{all}]")), "Rules"),
            (rbac("ClusterRole", "rules: [{verbs: '*'}]"), "rules[0].verbs"),
            (rbac("ClusterRoleBinding", "subjects: {kind: Group, name: a}"), "subjects"),
        ] {
            assert_eq!(told(&text).map(|(at, _)| at).as_deref(), Some(path), "{text}");
        }
        assert_eq!(told(&rbac("ClusterRole", &format!("rules: [{all}]"))), None);
    }

    #[test]
    fn containers_at_another_level_are_told() {
        let deployment = |rest: &str| {
            format!("apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: a}}\n{rest}\n")
        };
        for (text, path) in [
            (deployment("spec: {template: {containers: []}}"), "spec.template.containers"),
            (deployment("spec: {containers: []}"), "spec.containers"),
            (deployment("template: {spec: {containers: []}}"), "template"),
            (deployment("spec: {template: {spec: {template: {}}}}"), "spec.template.spec.template"),
            (pod("{template: {spec: {containers: []}}}"), "spec.template"),
        ] {
            let (at, why) = told(&text).unwrap_or_else(|| panic!("{text}"));
            assert_eq!(at, path);
            assert!(why.contains("has no field"), "{why}");
        }
        // Patches hold a part of an object.
        assert_eq!(told(&deployment("spec: {replicas: 3}")), None);
        assert_eq!(told(&deployment("metadata2: {}")), None);
    }

    #[test]
    fn what_a_server_gives_fits() {
        for object in demo::inventory([]).objects() {
            assert_eq!(misfit(object), None, "{}", object.id);
        }
        for builtin in workloads() {
            let [_, own] = fields::of(&builtin.kind());
            assert_eq!(own.first().map(|(name, _)| name), builtin.pod_spec.first());
        }
    }
}
