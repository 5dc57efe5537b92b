//! Who can do something: a verb, a resource, a place.

use std::sync::Arc;

use super::rights::{Right, grade, order};
use super::rule::allows_url;
use super::{Access, Bound, RoleState, RoleUse};
use crate::facts::rbac::grants::Rule;
use crate::model::kinds::lookup;
use crate::model::node::Node;
use crate::model::read::{Missing, ReadStatus};

/// A question: who can do this there?
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Query {
    /// `get`; `*` asks for the right to every verb.
    pub verb: Box<str>,
    /// `secrets`, `pods/exec`, or a path such as `/metrics`.
    pub resource: Box<str>,
    /// The API group, where it is named or known; none for a resource of any group.
    pub group: Option<Box<str>>,
    /// Only there; none for everywhere.
    pub namespace: Option<Box<str>>,
}

impl Query {
    /// Puts a question together. The resource may be a kind or kubectl's short name (`deploy`,
    /// `Secret`), and carry its group: `deployments.apps`, `pods/exec`. None when verb or resource
    /// is empty.
    #[must_use]
    pub fn new(verb: &str, resource: &str, namespace: Option<&str>) -> Option<Self> {
        let (verb, resource) = (verb.trim(), resource.trim());
        if verb.is_empty() || resource.is_empty() || resource.contains(char::is_whitespace) {
            return None;
        }
        let namespace = namespace.map(str::trim).filter(|ns| !ns.is_empty()).map(Into::into);
        let verb = verb.to_ascii_lowercase().into();
        if resource.starts_with('/') || resource == "*" {
            return Some(Self { verb, resource: resource.into(), group: None, namespace });
        }
        let (name, sub) =
            resource.split_once('/').map_or((resource, ""), |(name, sub)| (name, sub));
        let (name, group) = name.split_once('.').map_or((name, None), |(n, g)| (n, Some(g)));
        let known = lookup(name).filter(|kind| group.is_none_or(|group| group == kind.group));
        let plural = known.map_or_else(|| name.to_ascii_lowercase(), |kind| kind.plural.to_owned());
        let resource = if sub.is_empty() { plural } else { format!("{plural}/{sub}") };
        // Virtual resources hang below kinds of the same group.
        let group = group.or_else(|| known.map(|kind| kind.group)).map(Into::into);
        Some(Self { verb, resource: resource.into(), group, namespace })
    }

    /// Reads `get secrets`, `get secrets in pay`, `get secrets -n pay`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let words: Vec<&str> = text.split_whitespace().collect();
        match words.as_slice() {
            [verb, resource] => Self::new(verb, resource, None),
            [verb, resource, "in" | "-n", namespace] => Self::new(verb, resource, Some(*namespace)),
            _ => None,
        }
    }

    /// `get secrets in pay`.
    #[must_use]
    pub fn text(&self) -> String {
        let group = self.group.as_deref().filter(|group| !group.is_empty());
        let group = group.map(|group| format!(".{group}")).unwrap_or_default();
        let (name, sub) = match self.resource.split_once('/') {
            Some((name, sub)) if !name.is_empty() => (name, format!("/{sub}")),
            _ => (&*self.resource, String::new()),
        };
        let place = self.namespace.as_deref().map_or(String::new(), |ns| format!(" in {ns}"));
        format!("{} {name}{group}{sub}{place}", self.verb)
    }

    /// Whether what it asks about lives outside namespaces, so that only cluster-wide bindings
    /// grant it.
    fn is_cluster_scoped(&self) -> bool {
        if self.resource.starts_with('/') {
            return true;
        }
        let plural = self.resource.split('/').next().unwrap_or_default();
        let kind = lookup(plural).filter(|k| self.group.as_deref().is_none_or(|g| g == k.group));
        // Only what is known to be so: a custom resource may be either.
        kind.is_some_and(|kind| !kind.namespaced)
    }

    fn fits(&self, rule: &Node) -> bool {
        if self.resource.starts_with('/') {
            return allows_url(rule, &self.resource, &self.verb);
        }
        let verbs = [&*self.verb];
        match &self.group {
            Some(group) => Rule(rule).grants(group, &self.resource, &verbs),
            None => Rule(rule).grants_somewhere(&self.resource, &verbs),
        }
    }

    /// Whether a binding grants where the question is about.
    fn in_place(&self, binding: &Bound) -> bool {
        match &binding.place {
            None => true,
            Some(_) if self.is_cluster_scoped() => false,
            Some(place) => self.namespace.as_ref().is_none_or(|wanted| wanted == place),
        }
    }
}

/// Verbs that every resource has; others are asked for by name in rules (`bind`, `use`, `sign`).
const VERBS: [&str; 9] =
    ["get", "list", "watch", "create", "update", "patch", "delete", "deletecollection", "*"];

/// Most rights that are told. Only where very many rules of one role answer the same for very many
/// subjects are there more; then only the worst of those rules are told of each subject.
const MOST_RIGHTS: usize = 100_000;

/// What answers a question: rules of a role, through bindings.
struct Answering<'a> {
    role: &'a RoleUse,
    rules: Vec<usize>,
    bindings: Vec<&'a Arc<Bound>>,
}

impl Answering<'_> {
    fn count(&self) -> usize {
        let subjects: usize = self.bindings.iter().map(|binding| binding.subjects.len()).sum();
        subjects.saturating_mul(self.rules.len())
    }

    /// Keeps the worst of the rules, in proportion, and at least one; says so where any is left out.
    fn keep(&mut self, most: usize, of: usize) -> Option<Missing> {
        let all = self.rules.len();
        let kept = (all.saturating_mul(most) / of).max(1);
        if kept >= all {
            return None;
        }
        let worst = |at: &usize| {
            let allowed = self.role.rules.get(*at)?;
            let place = self.bindings.first().and_then(|binding| binding.place.as_deref());
            Some((grade(allowed, place), allowed.powers.first().copied(), *at))
        };
        self.rules.sort_by_cached_key(worst);
        self.rules.truncate(kept);
        let reason = format!("{all} rules of {} answer; the worst {kept} are told", self.role.id);
        Some(Missing {
            read: "rules".to_owned(),
            namespace: self.role.id.namespace.as_deref().map(str::to_owned),
            status: ReadStatus::NotAsked,
            reason,
        })
    }
}

/// Who can do what was asked.
#[derive(Clone, Debug, Default)]
pub struct WhoCan {
    /// One right for each subject, binding and rule, the worst first.
    pub rights: Vec<Right>,
    /// Why there may be more.
    pub unknown: Vec<Arc<Missing>>,
}

impl Access {
    /// Everybody who can do what is asked. Takes time with the number of rules and with what is
    /// found, not with both multiplied.
    #[must_use]
    pub fn who_can(&self, query: &Query) -> WhoCan {
        let answering = self.answering(query);
        let all: usize = answering.iter().map(Answering::count).sum();
        let (mut rights, mut cut) = (Vec::new(), Vec::new());
        for mut found in answering {
            if all > MOST_RIGHTS {
                cut.extend(found.keep(MOST_RIGHTS, all));
            }
            for binding in found.bindings {
                for rule in &found.rules {
                    rights.extend(Right::of_binding(found.role, binding, *rule));
                }
            }
        }
        rights.sort_by(|a, b| order(a).cmp(&order(b)));
        let place = query.namespace.as_deref();
        let relevant = |missing: &&Arc<Missing>| {
            let namespaced = matches!(missing.read.as_str(), "rolebindings" | "roles");
            !(namespaced && query.is_cluster_scoped()) && concerns_rights(missing)
        };
        let mut unknown: Vec<Arc<Missing>> =
            self.unknown_in(place).filter(relevant).cloned().collect();
        let open = self.roles.iter().filter(|role| matches!(role.state, RoleState::Unread(_)));
        for role in open {
            let bound = role.bindings.iter().filter(|binding| query.in_place(binding));
            unknown.extend(bound.map(|binding| Arc::new(unread(role, binding))));
        }
        unknown.extend(cut.into_iter().map(Arc::new));
        WhoCan { rights, unknown }
    }

    fn answering(&self, query: &Query) -> Vec<Answering<'_>> {
        let roles = self.roles.iter().map(|role| {
            let rules = role.nodes().iter().enumerate().filter(|(_, rule)| query.fits(rule));
            let rules: Vec<usize> = rules.map(|(at, _)| at).collect();
            let bound = role.bindings.iter().filter(|binding| query.in_place(binding));
            let bindings = if rules.is_empty() { Vec::new() } else { bound.collect() };
            Answering { role, rules, bindings }
        });
        roles.filter(|found| !found.bindings.is_empty()).collect()
    }

    /// Words of a question that nothing bears out, and that may be slips: whoever may do everything
    /// is an answer to them as well, so that the list alone does not tell.
    #[must_use]
    pub fn doubts(&self, query: &Query) -> Vec<String> {
        if query.resource.starts_with('/') {
            return Vec::new();
        }
        let (verb, resource) = (&*query.verb, &*query.resource);
        let mut doubts = Vec::new();
        if !VERBS.contains(&verb) && !self.names("verbs", verb) {
            doubts.push(format!(
                "No rule that was read names the verb {verb}; only rules for every verb grant it."
            ));
        }
        let plural = resource.split('/').next().unwrap_or_default();
        let named = resource == "*" || lookup(plural).is_some() || self.names("resources", plural);
        if !named {
            doubts.push(format!(
                "No rule that was read names {plural}, and it is no resource of Kubernetes that is \
                 known here; only rules for every resource grant it."
            ));
        }
        doubts
    }

    /// Whether a rule has the word in a list, alone or before a subresource.
    fn names(&self, list: &str, word: &str) -> bool {
        let is = |text: &str| text.split('/').next() == Some(word);
        let rules = self.roles.iter().flat_map(|role| role.nodes());
        rules.flat_map(|rule| rule.list_at(&[list])).any(|node| node.as_str().is_some_and(is))
    }
}

/// Whether a missing read hides rights, rather than who runs with them.
fn concerns_rights(missing: &Missing) -> bool {
    matches!(
        missing.read.as_str(),
        "clusterrolebindings" | "rolebindings" | "clusterroles" | "roles" | "namespaces"
    )
}

/// What is not known because a role could not be read.
fn unread(role: &RoleUse, binding: &Bound) -> Missing {
    let why = match role.object {
        Some(_) => "which is made of roles that the files may not show",
        None => "which could not be read",
    };
    let reason = format!("{} gives {}, {why}", binding.id, role.id);
    Missing {
        read: if role.id.namespace.is_none() { "clusterroles" } else { "roles" }.to_owned(),
        namespace: role.id.namespace.as_deref().map(str::to_owned),
        status: match &role.state {
            RoleState::Unread(missing) => missing.status,
            _ => ReadStatus::NotAsked,
        },
        reason,
    }
}
