//! One right of one subject.

use std::sync::Arc;

use super::grade::Grade;
use super::{Access, Allowed, Bound, Holder, RoleUse, Subject, groups};
use crate::facts::access::Power;
use crate::model::node::Node;
use crate::model::object::ObjectRef;

/// What a rule gives to a subject through a binding.
#[derive(Clone, Debug)]
pub struct Right {
    /// Whom the binding names.
    pub subject: Subject,
    /// Its place in the binding's list.
    pub at: usize,
    /// The binding.
    pub binding: Arc<Bound>,
    /// The role.
    pub role: ObjectRef,
    /// Which of its rules, from 0.
    pub rule: usize,
    /// What the rule allows.
    pub allowed: Arc<Allowed>,
    /// How far it leads.
    pub grade: Grade,
    /// The distribution itself bound the subject here.
    pub builtin: bool,
}

/// What rights are sorted by.
pub(super) fn order(right: &Right) -> (Grade, Option<Power>, bool, &Subject, &ObjectRef, usize) {
    let power = right.allowed.powers.first().copied();
    (right.grade, power, right.builtin, &right.subject, &right.binding.id, right.rule)
}

impl RoleUse {
    /// Its rules as they stand.
    pub(super) fn nodes(&self) -> &[Node] {
        self.object.as_ref().map(|object| object.body().list_at(&["rules"])).unwrap_or_default()
    }
}

impl RoleUse {
    /// How far one of its rules leads at worst, through the bindings that name somebody; without any, as
    /// far as one could let it.
    #[must_use]
    pub fn leads(&self, allowed: &Allowed) -> Grade {
        let held = self.places.iter().filter(|place| allowed.holds_in(place.as_deref()));
        let worst = held.map(|place| grade(allowed, place.as_deref())).min();
        worst.unwrap_or_else(|| grade(allowed, self.id.namespace.as_deref()))
    }
}

/// How far a rule leads at a place.
pub(super) fn grade(allowed: &Allowed, place: Option<&str>) -> Grade {
    let powers = allowed.powers.iter().filter_map(|power| Grade::of(*power, place));
    let plain = if allowed.changes { Grade::Change } else { Grade::Read };
    powers.min().unwrap_or(plain)
}

impl Right {
    fn new(role: &RoleUse, binding: &Arc<Bound>, at: usize, rule: usize) -> Option<Self> {
        let subject = binding.subjects.get(at)?.clone();
        let allowed = role.rules.get(rule)?;
        let allowed = Arc::clone(Some(allowed).filter(|a| a.holds_in(binding.place.as_deref()))?);
        Some(Self {
            subject,
            at,
            binding: Arc::clone(binding),
            role: role.id.clone(),
            rule,
            grade: grade(&allowed, binding.place.as_deref()),
            allowed,
            builtin: binding.builtin.get(at).copied().unwrap_or(false),
        })
    }

    /// What a rule gives to everybody whom a binding names.
    pub(super) fn of_binding(
        role: &RoleUse,
        binding: &Arc<Bound>,
        rule: usize,
    ) -> impl Iterator<Item = Self> {
        let named = binding.subjects.iter().enumerate();
        let named = named.filter(|(_, subject)| **subject != Subject::Invalid);
        named.filter_map(move |(at, _)| Self::new(role, binding, at, rule))
    }
}

impl Access {
    /// The rights that bindings give to a subject by name, the worst first.
    #[must_use]
    pub fn rights(&self, subject: &Subject) -> Vec<Right> {
        let Some(holder) = self.holder(subject) else { return Vec::new() };
        let mut rights = Vec::new();
        for binding in holder.own.iter().filter_map(|at| self.bindings.get(*at)) {
            let Some(role) = binding.at.and_then(|at| self.roles.get(at)) else { continue };
            let Some(at) = binding.subjects.iter().position(|one| one == subject) else { continue };
            rights.extend((0..role.rules.len()).filter_map(|n| Right::new(role, binding, at, n)));
        }
        rights.sort_by(|a, b| order(a).cmp(&order(b)));
        rights
    }

    /// The rights that come with the groups a subject is certainly in, the worst first.
    #[must_use]
    pub fn rights_through_groups(&self, subject: &Subject) -> Vec<Right> {
        let mut rights: Vec<Right> =
            groups(subject).iter().flat_map(|group| self.rights(group)).collect();
        rights.sort_by(|a, b| order(a).cmp(&order(b)));
        rights
    }

    /// The bindings of a subject that grant nothing that is known, each with what is known of its
    /// role.
    #[must_use]
    pub fn silent(&self, subject: &Subject) -> Vec<(Arc<Bound>, Option<Arc<RoleUse>>)> {
        let own = self.holder(subject).map(|holder| holder.own.as_slice()).unwrap_or_default();
        let bindings = own.iter().filter_map(|at| self.bindings.get(*at));
        bindings
            .map(|bound| (Arc::clone(bound), bound.at.and_then(|at| self.roles.get(at)).cloned()))
            .filter(|(bound, role)| {
                let place = bound.place.as_deref();
                let grants = |role: &Arc<RoleUse>| role.rules.iter().any(|a| a.holds_in(place));
                !role.as_ref().is_some_and(grants)
            })
            .collect()
    }

    /// The steps from something that runs to the worst that a subject can do: workload, account,
    /// binding, role. Empty where nothing leads beyond a namespace.
    #[must_use]
    pub fn path(&self, holder: &Holder) -> Vec<String> {
        let Some(worst) = holder.abilities.first() else { return Vec::new() };
        if worst.grade > Grade::Takeover {
            return Vec::new();
        }
        let Some(binding) = worst.binding.and_then(|at| self.bindings.get(at)) else {
            return Vec::new();
        };
        let mut steps = Vec::new();
        let held = holder.runs.iter().find(|runner| runner.mounted == Some(true));
        steps.extend(held.or_else(|| holder.runs.first()).map(|runner| runner.id.to_string()));
        steps.push(holder.subject.text());
        steps.extend(worst.through.as_ref().map(Subject::text));
        steps.push(binding.id.to_string());
        steps.extend(binding.role.as_ref().map(ToString::to_string));
        steps
    }
}
