//! Roles, bindings and subjects, joined once.

use std::sync::{Arc, OnceLock};

use rustc_hash::{FxHashMap, FxHashSet};

use super::grants::{Power, Rule, powers};
use crate::facts::kind::{CLUSTER_ROLE, CLUSTER_ROLE_BINDING, ROLE, ROLE_BINDING};
use crate::facts::platform::roles::is_builtin_with;
use crate::facts::unknown::{Answer, Fact, Reads};
use crate::model::inventory::Inventory;
use crate::model::node::{Map, Node};
use crate::model::object::Object;
use crate::model::selector::{self, Labels};

/// Who is bound.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Subject {
    /// A service account.
    Account {
        /// Its namespace; that of the binding where the subject names none.
        namespace: Box<str>,
        /// Its name.
        name: Box<str>,
    },
    /// A user name.
    User(Box<str>),
    /// A group name.
    Group(Box<str>),
    /// Nobody: an unknown kind, or an account that has no namespace.
    Invalid,
}

impl Subject {
    /// Reads a subject of a binding that lives in `namespace` (empty for a `ClusterRoleBinding`).
    /// An account without a namespace takes the binding's, as the authorizer does.
    pub(crate) fn parse(node: &Node, namespace: &str) -> Self {
        let Some(name) = node.str_at(&["name"]).filter(|name| !name.is_empty()) else {
            return Self::Invalid;
        };
        match node.str_at(&["kind"]) {
            Some("ServiceAccount") => {
                let own = node.str_at(&["namespace"]).filter(|ns| !ns.is_empty());
                match own.unwrap_or(namespace) {
                    "" => Self::Invalid,
                    namespace => Self::Account { namespace: namespace.into(), name: name.into() },
                }
            }
            // The user name by which the API server knows an account.
            Some("User") => name
                .strip_prefix("system:serviceaccount:")
                .and_then(|rest| rest.split_once(':'))
                .map_or_else(
                    || Self::User(name.into()),
                    |(ns, name)| Self::Account { namespace: ns.into(), name: name.into() },
                ),
            Some("Group") => Self::Group(name.into()),
            _ => Self::Invalid,
        }
    }

    /// `ServiceAccount/ns/name`, `User/x`, `Group/x`; empty for an invalid one.
    #[must_use]
    pub fn text(&self) -> String {
        match self {
            Self::Account { namespace, name } => format!("ServiceAccount/{namespace}/{name}"),
            Self::User(name) => format!("User/{name}"),
            Self::Group(name) => format!("Group/{name}"),
            Self::Invalid => String::new(),
        }
    }

    /// Whether this is its [text](Self::text).
    pub(crate) fn is_written(&self, text: &str) -> bool {
        let is = |kind: &str, name: &str| text.strip_prefix(kind) == Some(name);
        match self {
            Self::Account { namespace, name } => text
                .strip_prefix("ServiceAccount/")
                .and_then(|rest| rest.strip_prefix(&**namespace)?.strip_prefix('/'))
                .is_some_and(|rest| rest == &**name),
            Self::User(name) => is("User/", name),
            Self::Group(name) => is("Group/", name),
            Self::Invalid => text.is_empty(),
        }
    }

    /// Whether it stands for everybody, or for all service accounts of a namespace or the cluster.
    #[must_use]
    pub fn is_broad(&self) -> bool {
        match self {
            Self::User(name) => &**name == "system:anonymous",
            Self::Group(name) => {
                matches!(
                    &**name,
                    "system:authenticated" | "system:unauthenticated" | "system:serviceaccounts"
                ) || name.starts_with("system:serviceaccounts:")
            }
            _ => false,
        }
    }
}

/// Namespace (empty for cluster-scoped kinds) and name.
pub(crate) type RoleName = (Box<str>, Box<str>);

/// A binding, read once.
#[derive(Debug)]
pub(crate) struct Binding {
    pub(crate) object: Arc<Object>,
    /// None when the reference is malformed.
    pub(crate) role: Option<RoleName>,
    pub(crate) subjects: Vec<Subject>,
}

/// Where a binding grants: `cluster` or a namespace.
pub(super) type Place = Arc<str>;

impl Binding {
    pub(crate) fn of(object: &Arc<Object>) -> Self {
        let body = object.body();
        let namespace = object.namespace();
        let subjects = body.list_at(&["subjects"]);
        Self {
            object: Arc::clone(object),
            role: role_name(object),
            subjects: subjects.iter().map(|s| Subject::parse(s, namespace)).collect(),
        }
    }

    /// The binding for itself, when only one of its subjects is asked about.
    pub(crate) fn without_subjects(object: &Object) -> Self {
        let role = role_name(object);
        Self { object: Arc::new(object.clone()), role, subjects: Vec::new() }
    }

    /// Whether it grants in the whole cluster.
    pub(crate) fn is_cluster_wide(&self) -> bool {
        self.object.namespace().is_empty()
    }

    /// `RoleBinding/ns/x`, `ClusterRoleBinding/x`.
    #[must_use]
    pub fn text(&self) -> String {
        self.object.id.to_string()
    }

    /// Whether somebody is bound by it.
    pub(crate) fn has_subject(&self) -> bool {
        self.subjects.iter().any(|subject| *subject != Subject::Invalid)
    }
}

/// The role that a binding refers to. A `ClusterRoleBinding` cannot refer to a Role.
fn role_name(binding: &Object) -> Option<RoleName> {
    let body = binding.body();
    let name = body.str_at(&["roleRef", "name"]).filter(|name| !name.is_empty())?;
    match body.str_at(&["roleRef", "kind"])? {
        "ClusterRole" => Some(("".into(), name.into())),
        "Role" if !binding.namespace().is_empty() => {
            Some((binding.namespace().into(), name.into()))
        }
        _ => None,
    }
}

/// A role with what refers to it.
#[derive(Debug)]
pub(crate) struct Role {
    pub(crate) object: Arc<Object>,
    /// Bindings that refer to it, by place.
    pub(crate) bindings: Vec<usize>,
    /// `ClusterRole`s whose aggregationRule selects it.
    pub(crate) into: Vec<usize>,
    /// `ClusterRole`s that its own aggregationRule selects.
    pub(crate) sources: Vec<usize>,
    /// The facts of its rules, without and with `inherited`.
    pub(crate) rule_facts: [OnceLock<Fact>; 2],
    powers: OnceLock<Vec<Power>>,
    labels: OnceLock<bool>,
    builtin: OnceLock<bool>,
}

impl Role {
    fn new(object: &Arc<Object>) -> Self {
        Self {
            object: Arc::clone(object),
            bindings: Vec::new(),
            into: Vec::new(),
            sources: Vec::new(),
            rule_facts: [OnceLock::new(), OnceLock::new()],
            powers: OnceLock::new(),
            labels: OnceLock::new(),
            builtin: OnceLock::new(),
        }
    }

    pub(crate) fn rules(&self) -> &[Node] {
        self.object.body().list_at(&["rules"])
    }

    /// The same as a value. It is the list of the object itself, so that all who hold the role share it.
    pub(crate) fn rule_list(&self) -> Node {
        let list = self.object.body().get("rules").filter(|rules| rules.as_list().is_some());
        list.cloned().unwrap_or_else(|| Node::list(Vec::new()))
    }

    /// The ways to the whole cluster that its rules open.
    pub(crate) fn powers(&self) -> &[Power] {
        self.powers.get_or_init(|| powers(self.rules()))
    }

    /// Whether a rule allows to change labels of namespaces.
    pub(super) fn labels_namespaces(&self) -> bool {
        let labels = |rule| Rule(rule).grants("", "namespaces", &["update", "patch"]);
        *self.labels.get_or_init(|| self.rules().iter().any(labels))
    }

    /// Whether the platform created it, with no more power than it was created with.
    pub(super) fn is_builtin(&self) -> bool {
        *self.builtin.get_or_init(|| is_builtin_with(&self.object, || self.powers().to_vec()))
    }

    /// Whether its rules are all that it has in a cluster: one that is made of others may have more of them
    /// than manifests show.
    pub(crate) fn whole(&self, reads: &Reads) -> Answer<()> {
        if self.has_aggregation() && reads.is_manifests() {
            return reads.list(&CLUSTER_ROLE, None);
        }
        Ok(())
    }

    /// Takes over what was told of it before.
    pub(crate) fn take_powers(&mut self, before: &Self) {
        self.powers.clone_from(&before.powers);
        self.labels.clone_from(&before.labels);
        self.builtin.clone_from(&before.builtin);
    }

    pub(crate) fn has_aggregation(&self) -> bool {
        self.object.body().get("aggregationRule").is_some()
    }
}

/// All roles and bindings of an inventory.
#[derive(Debug)]
pub(crate) struct Index {
    pub(crate) roles: Vec<Role>,
    pub(crate) bindings: Vec<Binding>,
    by_name: FxHashMap<RoleName, usize>,
    by_binding: FxHashMap<RoleName, usize>,
    by_subject: FxHashMap<Subject, Vec<usize>>,
    /// Where each binding grants.
    places: Vec<Place>,
}

impl Index {
    pub(crate) fn of(inventory: &Inventory) -> Self {
        let roles = inventory.of(&CLUSTER_ROLE).iter().chain(inventory.of(&ROLE));
        let mut roles: Vec<Role> = roles.map(Role::new).collect();
        let by_name: FxHashMap<RoleName, usize> = roles
            .iter()
            .enumerate()
            .map(|(at, role)| ((role.object.namespace().into(), role.object.id.name.clone()), at))
            .collect();
        let bindings =
            inventory.of(&CLUSTER_ROLE_BINDING).iter().chain(inventory.of(&ROLE_BINDING));
        let bindings: Vec<Binding> = bindings.map(Binding::of).collect();
        let by_binding = bindings
            .iter()
            .enumerate()
            .map(|(at, b)| ((b.object.namespace().into(), b.object.id.name.clone()), at))
            .collect();
        let mut by_subject: FxHashMap<Subject, Vec<usize>> = FxHashMap::default();
        for (at, binding) in bindings.iter().enumerate() {
            let role = binding.role.as_ref().and_then(|name| by_name.get(name));
            if let Some(role) = role.and_then(|role| roles.get_mut(*role)) {
                role.bindings.push(at);
            }
            for subject in &binding.subjects {
                let list = by_subject.entry(subject.clone()).or_default();
                if list.last() != Some(&at) {
                    list.push(at);
                }
            }
        }
        aggregate(&mut roles);
        let places = places(&bindings);
        Self { roles, bindings, by_name, by_binding, by_subject, places }
    }

    /// Where a role stands.
    pub(crate) fn role_at(&self, object: &Object) -> Option<usize> {
        self.by_name.get(&(object.namespace().into(), object.id.name.clone())).copied()
    }

    /// Where the role of a name stands.
    pub(crate) fn place_of(&self, name: &RoleName) -> Option<usize> {
        self.by_name.get(name).copied()
    }

    /// A binding of this inventory.
    pub(crate) fn binding_at(&self, object: &Object) -> Option<&Binding> {
        let at = self.by_binding.get(&(object.namespace().into(), object.id.name.clone()))?;
        self.bindings.get(*at)
    }

    /// The role that a binding refers to: none when it is proven not to exist.
    pub(crate) fn role_of(&self, reads: &Reads, binding: &Binding) -> Answer<Option<&Role>> {
        Ok(self.role_place(reads, binding)?.and_then(|at| self.roles.get(at)))
    }

    /// Where that role stands.
    pub(super) fn role_place(&self, reads: &Reads, binding: &Binding) -> Answer<Option<usize>> {
        let Some(name) = &binding.role else { return Ok(None) };
        if let Some(at) = self.by_name.get(name) {
            return Ok(Some(*at));
        }
        let (namespace, _) = name;
        let read = if namespace.is_empty() {
            reads.list(&CLUSTER_ROLE, None)
        } else {
            reads.list(&ROLE, Some(namespace))
        };
        read.map(|()| None)
    }

    /// Everybody who is named by some binding.
    pub(crate) fn subjects(&self) -> impl Iterator<Item = &Subject> {
        self.by_subject.keys()
    }

    /// The bindings that name a subject.
    pub(crate) fn of_subject(&self, subject: &Subject) -> impl Iterator<Item = &Binding> {
        self.places_of(subject).iter().filter_map(|at| self.bindings.get(*at))
    }

    /// Where the bindings stand that name a subject.
    pub(super) fn places_of(&self, subject: &Subject) -> &[usize] {
        self.by_subject.get(subject).map(Vec::as_slice).unwrap_or_default()
    }

    /// Where a binding grants, by where it stands.
    pub(super) fn place_of_binding(&self, at: usize) -> Option<&Place> {
        self.places.get(at)
    }

    /// A role and all others that a walk along `links` reaches from it.
    pub(crate) fn closure(&self, from: usize, links: impl Fn(&Role) -> &[usize]) -> Vec<&Role> {
        let places = self.closure_places(from, links);
        places.into_iter().filter_map(|at| self.roles.get(at)).collect()
    }

    /// As [`Self::closure`], by where they stand.
    pub(super) fn closure_places(
        &self,
        from: usize,
        links: impl Fn(&Role) -> &[usize],
    ) -> Vec<usize> {
        let mut order = vec![from];
        let mut seen: FxHashSet<usize> = order.iter().copied().collect();
        let mut next = 0;
        while let Some(at) = order.get(next).copied() {
            next += 1;
            let found = self.roles.get(at).map(&links).unwrap_or_default();
            order.extend(found.iter().copied().filter(|link| seen.insert(*link)));
        }
        order
    }
}

/// Where each binding grants; those of one namespace share its name.
fn places(bindings: &[Binding]) -> Vec<Place> {
    let mut known: FxHashMap<&str, Place> = FxHashMap::default();
    let places = bindings.iter().map(|binding| {
        let name = match binding.object.namespace() {
            "" => "cluster",
            namespace => namespace,
        };
        Arc::clone(known.entry(name).or_insert_with(|| name.into()))
    });
    places.collect()
}

/// Links aggregating `ClusterRole`s with those that their selectors match.
fn aggregate(roles: &mut [Role]) {
    let mut by_label: FxHashMap<(&str, &str), Vec<usize>> = FxHashMap::default();
    for (at, role) in roles.iter().enumerate().filter(|(_, r)| r.object.namespace().is_empty()) {
        let labels = role.object.body().at(&["metadata", "labels"]).and_then(Node::as_map);
        for (key, value) in labels.into_iter().flat_map(Map::iter) {
            if let Some(value) = value.as_str() {
                by_label.entry((key, value)).or_default().push(at);
            }
        }
    }
    let mut links = Vec::new();
    for (at, role) in roles.iter().enumerate() {
        let body = role.object.body();
        for selector in body.list_at(&["aggregationRule", "clusterRoleSelectors"]) {
            // The first label narrows the search; what has none is matched against all.
            let first = selector
                .get("matchLabels")
                .and_then(Node::as_map)
                .and_then(|m| m.iter().find_map(|(key, value)| Some((key, value.as_str()?))));
            let all: Vec<usize>;
            let candidates = if let Some(pair) = first {
                by_label.get(&pair).map_or(&[][..], Vec::as_slice)
            } else {
                all = (0..roles.len()).collect();
                &all
            };
            for candidate in candidates {
                let Some(source) = roles.get(*candidate) else { continue };
                let labels = source.object.body().at(&["metadata", "labels"]);
                let labels = Labels::of(labels.unwrap_or(&Node::Null));
                let cluster = source.object.namespace().is_empty();
                if *candidate != at && cluster && selector::selects(selector, labels) {
                    links.push((at, *candidate));
                }
            }
        }
    }
    links.sort_unstable();
    links.dedup();
    for (into, source) in links {
        if let Some(role) = roles.get_mut(into) {
            role.sources.push(source);
        }
        if let Some(role) = roles.get_mut(source) {
            role.into.push(into);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Subject;

    #[test]
    fn a_subject_is_written_as_its_text_and_no_other() {
        let account = |namespace: &str, name: &str| Subject::Account {
            namespace: namespace.into(),
            name: name.into(),
        };
        let subjects = [
            account("a", "b/c"),
            account("a/b", "d"),
            account("a", "b"),
            Subject::User("a".into()),
            Subject::Group("a".into()),
            Subject::Invalid,
        ];
        for one in &subjects {
            for other in &subjects {
                assert_eq!(one.is_written(&other.text()), one == other, "{one:?} {other:?}");
            }
        }
        assert!(!account("a", "b").is_written("ServiceAccount/ab"));
    }
}
