//! What the bindings of each subject come to.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::grade::{Ability, Grade};
use super::rights::grade;
use super::{Allowed, Bound, Power, RoleState, RoleUse, Subject};
use crate::model::read::Missing;

/// What a subject's own bindings come to.
#[derive(Default)]
pub(super) struct Sum {
    pub(super) own: Vec<usize>,
    /// By power, how far it leads and where.
    pub(super) powers: BTreeMap<Power, SeenAbility>,
    /// The best of plain changing and reading.
    pub(super) plain: Option<SeenAbility>,
    pub(super) cluster: bool,
    pub(super) namespaces: BTreeSet<Box<str>>,
    pub(super) builtin: bool,
    pub(super) unread: Option<Missing>,
}

/// What the bindings of each subject come to.
pub(super) fn sums(roles: &[RoleUse], bindings: &[Arc<Bound>]) -> FxHashMap<Subject, Sum> {
    let mut sums: FxHashMap<Subject, Sum> = FxHashMap::default();
    for (at, binding) in bindings.iter().enumerate() {
        let role = binding.at.and_then(|at| roles.get(at));
        let given = role.map(|role| abilities(role, binding, at)).unwrap_or_default();
        let mut seen: FxHashSet<&Subject> = FxHashSet::default();
        for (subject, builtin) in binding.subjects.iter().zip(&binding.builtin) {
            if *subject == Subject::Invalid || !seen.insert(subject) {
                continue;
            }
            let sum = sums
                .entry(subject.clone())
                .or_insert_with(|| Sum { builtin: true, ..Sum::default() });
            sum.own.push(at);
            sum.builtin &= *builtin;
            if let Some(RoleState::Unread(missing)) = role.map(|role| &role.state) {
                sum.unread.get_or_insert_with(|| missing.clone());
            }
            for ability in &given {
                sum.add(ability);
            }
            if !given.is_empty() {
                match &binding.place {
                    None => sum.cluster = true,
                    Some(place) => {
                        sum.namespaces.insert(place.clone());
                    }
                }
            }
        }
    }
    sums
}

/// The first rule with each power, and the first that changes or reads something, in the cluster and in a
/// namespace, where some powers come to nothing. A role may have thousands of rules and of bindings.
pub(super) fn telling(rules: &[Arc<Allowed>]) -> Vec<usize> {
    let mut seen: FxHashSet<(bool, Option<Power>, Grade)> = FxHashSet::default();
    let mut tells = |allowed: &Allowed| {
        let mut any = false;
        for place in [None, Some("")] {
            let powers = allowed.powers.iter();
            let powers = powers.filter_map(|power| Some((Some(*power), Grade::of(*power, place)?)));
            for (power, grade) in powers.chain([(None, grade(allowed, place))]) {
                any |= seen.insert((place.is_some(), power, grade));
            }
        }
        any
    };
    rules.iter().enumerate().filter(|(_, allowed)| tells(allowed)).map(|(at, _)| at).collect()
}

/// What a role gives through a binding: each power once, and one entry for everything plain.
pub(super) fn abilities(role: &RoleUse, binding: &Bound, at: usize) -> Vec<Ability> {
    let mut found: Vec<Ability> = Vec::new();
    let place = binding.place.as_deref();
    let telling = role.telling.iter().filter_map(|at| Some((*at, role.rules.get(*at)?)));
    for (rule, allowed) in telling.filter(|(_, allowed)| allowed.holds_in(place)) {
        let ability = |grade, power| Ability {
            grade,
            power,
            place: binding.place.clone(),
            places: usize::from(place.is_some()),
            binding: Some(at),
            rule,
            through: None,
        };
        for power in &allowed.powers {
            let known = found.iter().any(|a| a.power == Some(*power));
            if let Some(grade) = Grade::of(*power, place).filter(|_| !known) {
                found.push(ability(grade, Some(*power)));
            }
        }
        let plain = grade(allowed, place);
        let better = found.iter().all(|a| a.power.is_some() || a.grade > plain);
        if matches!(plain, Grade::Change | Grade::Read) && better {
            found.retain(|a| a.power.is_some());
            found.push(ability(plain, None));
        }
    }
    found
}

/// An ability found so far, with the place where it was last seen.
pub(super) struct SeenAbility {
    pub(super) ability: Ability,
    last: Option<Box<str>>,
}

impl SeenAbility {
    fn new(ability: &Ability) -> Self {
        Self { ability: ability.clone(), last: ability.place.clone() }
    }

    /// The same in yet another place; what holds everywhere says it all. Bindings come namespace
    /// by namespace.
    fn again(&mut self, ability: &Ability) {
        let known = &mut self.ability;
        if known.place.is_none() && known.grade <= ability.grade {
            return;
        }
        let more = usize::from(ability.place != self.last);
        let places = if ability.place.is_none() { 0 } else { known.places + more };
        if ability.grade < known.grade || ability.place.is_none() {
            *known = ability.clone();
        }
        known.places = places;
        self.last.clone_from(&ability.place);
    }
}

impl Sum {
    fn add(&mut self, ability: &Ability) {
        let known = match ability.power {
            Some(power) => self.powers.get_mut(&power),
            None => self.plain.as_mut(),
        };
        match (known, ability.power) {
            (Some(known), _) => known.again(ability),
            (None, Some(power)) => {
                self.powers.insert(power, SeenAbility::new(ability));
            }
            (None, None) => self.plain = Some(SeenAbility::new(ability)),
        }
    }

    /// Everything, the worst first; plain rights only where there is nothing worse.
    pub(super) fn abilities(&self) -> Vec<Ability> {
        let mut all: Vec<Ability> = self.powers.values().map(|s| s.ability.clone()).collect();
        all.sort_by_key(Ability::order);
        if all.is_empty() {
            all.extend(self.plain.as_ref().map(|seen| seen.ability.clone()));
        }
        all
    }
}
