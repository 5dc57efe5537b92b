//! What a change bears on beside the objects that changed.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use rustc_hash::FxHashMap;

use crate::checks::compiled::{fact_of, slots};
use crate::checks::run::{Group, Run};
use crate::checks::scope::Scope;
use crate::checks::target::Parts;
use crate::checks::worker::own_facts;
use crate::facts::follow::{Bearing, News};
use crate::facts::{FactName, Facts, Target};
use crate::model::changes::{Changes, home};
use crate::model::kinds::{Kind, kubelet_configuration};
use crate::model::object::{Object, ObjectRef};

use super::cells::Cell;
use super::listed::Listed;
use super::mask::Mask;

/// By namespace and name of an account.
type SameRights = FxHashMap<(Box<str>, Box<str>), bool>;

/// What a change bears on.
pub(super) struct Bearings<'r> {
    run: &'r [(Kind, Vec<Group>)],
    checks: &'r [crate::checks::compiled::Compiled],
    before: &'r Facts,
    now: &'r Facts,
    news: News<'r>,
    /// For which objects the lists of each check are other ones to it.
    lists: Vec<Bearing>,
    kinds: BTreeMap<Kind, OfKind>,
    /// Objects that show other components than they did.
    showing: BTreeSet<ObjectRef>,
    cluster: Mask,
    /// Whether the rights of an account, by namespace and name, are as they were.
    rights: RefCell<SameRights>,
}

/// What a change bears on among the objects of one kind.
struct OfKind {
    /// Who stands behind them, and whether they are judged.
    standing: Bearing,
    /// Checks that list what changed, and where.
    lists: Vec<(Bearing, Mask)>,
    /// Facts that may say something else, by slot, and where; asked of the object.
    facts: Vec<(u8, Bearing)>,
    /// The same, asked of the elements of a scope, by the place of its group.
    own: Vec<(usize, u8, Bearing)>,
}

impl OfKind {
    fn is_idle(&self) -> bool {
        self.standing == Bearing::Nowhere
            && self.lists.is_empty()
            && self.facts.is_empty()
            && self.own.is_empty()
    }
}

impl<'r> Bearings<'r> {
    pub(super) fn of(
        run: &'r Run<'_>,
        listed: &Listed,
        before: &'r Facts,
        changes: &'r Changes,
    ) -> Self {
        let mut found = Self {
            run: &run.kinds,
            checks: &run.plan.checks,
            before,
            now: run.facts,
            news: run.facts.news(before, changes),
            lists: listed.bearings(run.plan, changes),
            kinds: BTreeMap::new(),
            showing: run.facts.showing_otherwise(before),
            cluster: Mask::default(),
            rights: RefCell::default(),
        };
        found.cluster = found.of_cluster();
        for (kind, groups) in &run.kinds {
            let of_kind = found.of_kind(kind, groups, changes);
            if !of_kind.is_idle() || !found.showing.is_empty() {
                found.kinds.insert(kind.clone(), of_kind);
            }
        }
        found
    }

    fn of_kind(&self, kind: &Kind, groups: &[Group], changes: &Changes) -> OfKind {
        let mut of_kind = OfKind {
            standing: Facts::bearing_on_standing(&self.news, kind),
            lists: Vec::new(),
            facts: Vec::new(),
            own: Vec::new(),
        };
        for (at, group) in groups.iter().enumerate() {
            let word = group.scope.word();
            for slot in slots(group.facts) {
                let Some(fact) = fact_of(slot) else { continue };
                let bearing = self.now.bearing(self.before, &self.news, fact, word, kind);
                match bearing {
                    Bearing::Nowhere => {}
                    _ if self.is_said_to_all_as_before(fact) => {}
                    bearing if own_facts(group.scope) => of_kind.own.push((at, slot, bearing)),
                    bearing => add(&mut of_kind.facts, slot, bearing),
                }
            }
            for check in group.all() {
                let bearing = self.of_lists(check).and(if group.scope == Scope::Kubelet {
                    of_kubelets(changes)
                } else {
                    Bearing::Nowhere
                });
                if bearing == Bearing::Nowhere {
                    continue;
                }
                match of_kind.lists.iter_mut().find(|(known, _)| *known == bearing) {
                    Some((_, mask)) => mask.add(check),
                    None => of_kind.lists.push((bearing, [check].into_iter().collect())),
                }
            }
        }
        of_kind
    }

    /// Whether a fact says the same of everything, and what it said.
    fn is_said_to_all_as_before(&self, fact: FactName) -> bool {
        let of = |facts: &Facts| facts.get(fact, &Target::Cluster);
        fact.is_of_cluster() && of(self.now) == of(self.before)
    }

    /// For which objects the lists of a check are other ones to it.
    fn of_lists(&self, check: u32) -> Bearing {
        self.lists.get(check as usize).cloned().unwrap_or(Bearing::Everywhere)
    }

    /// Checks of the cluster that may come to something else.
    fn of_cluster(&self) -> Mask {
        let kind = Kind::new("", "");
        let mut mask = Mask::default();
        for (at, check) in (0_u32..).zip(self.checks) {
            if check.check.target.scope != Scope::Cluster {
                continue;
            }
            let listed = self.of_lists(at) != Bearing::Nowhere;
            let moved = || {
                slots(check.facts).filter_map(fact_of).any(|fact| {
                    let word = Scope::Cluster.word();
                    let of = |facts: &Facts| facts.get(fact, &Target::Cluster);
                    self.now.bearing(self.before, &self.news, fact, word, &kind) != Bearing::Nowhere
                        && of(self.now) != of(self.before)
                })
            };
            if listed || moved() {
                mask.add(at);
            }
        }
        mask
    }

    /// The checks of the cluster as a whole that have to run again.
    pub(super) fn on_cluster(self) -> Mask {
        self.cluster
    }

    /// The checks that have to look at the objects of a cell again, of which none changed itself.
    pub(super) fn on(&self, kind: &Kind, cell: &Cell) -> Mask {
        let mut mask = Mask::default();
        let Some(of_kind) = self.kinds.get(kind) else { return mask };
        let groups = self.run.iter().find(|(known, _)| known == kind).map(|(_, groups)| groups);
        let groups = groups.map(Vec::as_slice).unwrap_or_default();
        for object in &cell.objects {
            let home = home(object);
            // What lives in no namespace sees the lists of the whole cluster.
            let seen = |bearing: &Bearing| home.is_empty() || bearing.takes(home);
            for (_, checks) in of_kind.lists.iter().filter(|(bearing, _)| seen(bearing)) {
                mask.add_all(checks);
            }
            if self.stands_otherwise(of_kind, object, home) {
                return groups.iter().flat_map(Group::all).collect();
            }
            self.facts(of_kind, groups, object, &mut mask);
        }
        mask
    }

    fn stands_otherwise(&self, of_kind: &OfKind, object: &Object, home: &str) -> bool {
        let shows = || !self.showing.is_empty() && self.showing.contains(&object.id);
        // What has no owner stands for itself; accounts of the platform are known by a binding.
        let owned = !object.owners.is_empty() || &*object.id.kind == "ServiceAccount";
        owned && of_kind.standing.takes(home) && !self.now.stands_as(self.before, object) || shows()
    }

    fn facts(&self, of_kind: &OfKind, groups: &[Group], object: &Object, mask: &mut Mask) {
        let (home, target) = (home(object), Target::Object(object));
        for (slot, _) in of_kind.facts.iter().filter(|(_, bearing)| bearing.takes(home)) {
            if self.is_the_same(*slot, object, &target) {
                continue;
            }
            for group in groups.iter().filter(|group| !own_facts(group.scope)) {
                self.looking(group, *slot, mask);
            }
        }
        for (at, slot, _) in of_kind.own.iter().filter(|(.., bearing)| bearing.takes(home)) {
            let Some(group) = groups.get(*at) else { continue };
            // What is said of a subject hangs on more than the binding.
            if group.scope == Scope::Rule && !self.may_concern(*slot, object) {
                continue;
            }
            let (now, then) =
                (Parts::with_facts(object, self.now), Parts::with_facts(object, self.before));
            let mut elements = now.elements(group.scope).into_iter();
            if elements.any(|element| {
                !self.says_the_same(*slot, &now.fact_target(element), &then.fact_target(element))
            }) {
                self.looking(group, *slot, mask);
            }
        }
    }

    /// Whether a fact says of an object what it said; rights are compared once for each account.
    fn is_the_same(&self, slot: u8, object: &Object, target: &Target<'_>) -> bool {
        if !self.may_concern(slot, object) {
            return true;
        }
        let key = self.now.rights_key(object).filter(|_| fact_of(slot) == Some(FactName::Rbac));
        let Some((namespace, account)) = key else {
            return self.says_the_same(slot, target, target);
        };
        let key = (namespace.into(), account.into());
        let known = self.rights.borrow().get(&key).copied();
        known.unwrap_or_else(|| {
            let same = self.says_the_same(slot, target, target);
            self.rights.borrow_mut().insert(key, same);
            same
        })
    }

    fn may_concern(&self, slot: u8, object: &Object) -> bool {
        fact_of(slot).is_none_or(|fact| self.news.may_concern(fact, object))
    }

    fn says_the_same(&self, slot: u8, now: &Target<'_>, then: &Target<'_>) -> bool {
        fact_of(slot).is_none_or(|fact| self.now.get(fact, now) == self.before.get(fact, then))
    }

    /// Adds the checks of a group that look at a fact.
    fn looking(&self, group: &Group, slot: u8, mask: &mut Mask) {
        for check in group.all() {
            if self.checks.get(check as usize).is_some_and(|c| c.facts & (1 << slot) != 0) {
                mask.add(check);
            }
        }
    }
}

fn add(facts: &mut Vec<(u8, Bearing)>, slot: u8, bearing: Bearing) {
    match facts.iter_mut().find(|(known, _)| *known == slot) {
        Some((_, known)) => *known = std::mem::take(known).and(bearing),
        None => facts.push((slot, bearing)),
    }
}

/// A kubelet's rule sees its Node.
fn of_kubelets(changes: &Changes) -> Bearing {
    if changes.touches([&Kind::new("", "Node"), &kubelet_configuration()]) {
        Bearing::Everywhere
    } else {
        Bearing::Nowhere
    }
}
