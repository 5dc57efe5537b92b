//! What a check may cost on one object, and in a whole run. Each evaluation has a budget of its own
//! (`cel::fuel`), which keeps neither a dear rule from holding up a run over many objects, nor an object
//! with very many elements from holding up every rule that compares each of them with all others. So the
//! steps are added up, and a check that took too many is not evaluated on what is left.

use std::sync::atomic::{AtomicU64, Ordering};

use super::merge::Key;
use crate::model::object::Object;
use crate::model::read::{Missing, RULE, ReadStatus};

/// Steps that one check may take in a run: about a minute of one processor.
pub(super) const MOST: u64 = 4_000_000_000;

/// Steps that one check may take on the elements of one object: about a third of a second of one
/// processor. A pod with a thousand volumes that a thousand places mount takes less.
pub(super) const MOST_ON_ONE: u64 = 20_000_000;

/// The same where a single look at it takes more than other objects allow, because much text is in it.
const MOST_ON_A_LONG_ONE: u64 = 10 * MOST_ON_ONE;

/// Places of one object at which a check finds fault before it stops telling more of them. A server takes
/// objects of a megabyte and more, in which thousands of places may fail the same checks; a few of these
/// would fill the memory and every report.
pub(super) const MOST_FOUND: usize = 500;

/// Steps that a worker keeps for itself before it adds them to those of the others.
const BATCH: u64 = 1 << 20;

/// The steps of every check of a run, by its place in the plan.
pub(super) struct Cost {
    most: u64,
    on_one: u64,
    spent: Vec<AtomicU64>,
}

impl Cost {
    /// Nothing spent yet, and so many steps for each check.
    pub(super) fn new(checks: usize, most: u64) -> Self {
        let spent = std::iter::repeat_with(AtomicU64::default).take(checks).collect();
        Self { most, on_one: MOST_ON_ONE, spent }
    }

    /// The same, and at most so many steps for each check on one object.
    #[cfg(test)]
    pub(super) fn on_one(self, most: u64) -> Self {
        Self { on_one: most, ..self }
    }

    /// What each check took so far, by its place in the plan.
    #[cfg(test)]
    pub(super) fn taken(&self) -> Vec<u64> {
        self.spent.iter().map(|spent| spent.load(Ordering::Relaxed)).collect()
    }

    /// Why a check is not evaluated any more; none while it may be.
    pub(super) fn over(&self, check: u32, id: &str) -> Option<Missing> {
        let spent = self.spent.get(check as usize)?.load(Ordering::Relaxed);
        (spent >= self.most).then(|| ran_out(id, self.most))
    }

    fn add(&self, check: u32, steps: u64) {
        if let Some(spent) = self.spent.get(check as usize) {
            spent.fetch_add(steps, Ordering::Relaxed);
        }
    }
}

/// What one worker spent, by the places of checks.
pub(super) struct Tab {
    /// Steps that are not among those of the run yet.
    kept: Vec<u64>,
    on_one: Vec<OnOne>,
    /// Counts the objects that were begun.
    object: u64,
    /// The last of them on which a check found more than is told.
    crowded: u64,
}

/// What a check took on one object.
#[derive(Clone, Copy, Default)]
struct OnOne {
    /// Which object, by when it was begun.
    object: u64,
    steps: u64,
    /// Whether a single evaluation took more than every object allows.
    long: bool,
    /// At how many places it found fault.
    found: usize,
    /// The last of them.
    last: Option<Key>,
    /// It found fault at more, and that was told.
    over: bool,
}

impl Tab {
    pub(super) fn new(checks: usize) -> Self {
        Self {
            kept: vec![0; checks],
            on_one: vec![OnOne::default(); checks],
            object: 0,
            crowded: 0,
        }
    }

    /// Begins another object.
    pub(super) fn begin(&mut self) {
        self.object += 1;
    }

    /// How many steps a check has left on the object at hand.
    pub(super) fn left(&self, check: u32, cost: &Cost) -> u64 {
        let on_one = self.on_one.get(check as usize).filter(|one| one.object == self.object);
        let OnOne { steps, long, .. } = on_one.copied().unwrap_or_default();
        let most = if long { cost.on_one.max(MOST_ON_A_LONG_ONE) } else { cost.on_one };
        most.saturating_sub(steps)
    }

    /// Whether a check found all on the object at hand that is told of one, and more.
    pub(super) fn is_over(&self, check: u32) -> bool {
        let on_one = self.on_one.get(check as usize);
        on_one.is_some_and(|one| one.object == self.object && one.over)
    }

    /// Whether any check did.
    pub(super) fn is_crowded(&self) -> bool {
        self.crowded == self.object
    }

    /// Notes a place where a check finds fault on the object at hand; tells whether it is told. Containers
    /// that say the same of a field of their pod have one place.
    pub(super) fn found(&mut self, check: u32, place: Key) -> bool {
        let Some(on_one) = self.at_hand(check) else { return true };
        if on_one.last == Some(place) {
            return true;
        }
        if on_one.found >= MOST_FOUND {
            on_one.over = true;
            self.crowded = self.object;
            return false;
        }
        (on_one.found, on_one.last) = (on_one.found + 1, Some(place));
        true
    }

    /// What a check took on the object at hand.
    fn at_hand(&mut self, check: u32) -> Option<&mut OnOne> {
        let object = self.object;
        let on_one = self.on_one.get_mut(check as usize)?;
        if on_one.object != object {
            *on_one = OnOne { object, ..OnOne::default() };
        }
        Some(on_one)
    }

    /// Notes the steps of one evaluation, and how many of them the object at hand is charged with;
    /// none of what was worked out for others too.
    pub(super) fn note(&mut self, check: u32, spent: Spent, cost: &Cost) {
        if let Some(on_one) = self.at_hand(check) {
            on_one.steps = on_one.steps.saturating_add(spent.on_it);
            on_one.long |= spent.long;
        }
        let Some(mine) = self.kept.get_mut(check as usize) else { return };
        *mine = mine.saturating_add(spent.on_it).saturating_add(spent.shared);
        if *mine >= BATCH.min(cost.most) {
            cost.add(check, std::mem::take(mine));
        }
    }

    /// Adds what is left to the steps of the run.
    #[cfg(test)]
    pub(super) fn settle(&mut self, cost: &Cost) {
        for (check, mine) in self.kept.iter_mut().enumerate() {
            cost.add(u32::try_from(check).unwrap(), std::mem::take(mine));
        }
    }
}

/// What one evaluation took.
#[derive(Clone, Copy)]
pub(super) struct Spent {
    /// Steps on the object at hand.
    pub(super) on_it: u64,
    /// Steps for what other objects use as well.
    pub(super) shared: u64,
    /// Whether it took more than every object allows.
    pub(super) long: bool,
}

/// Why the rest of an object is not looked at by a check.
pub(super) fn too_dear(id: &str, object: &Object) -> Missing {
    rest_of(
        object,
        format!(
            "{} costs too much to look at: it holds so much that {id} ran out of the steps that a check may take \
             on one object, and the rest of it was not looked at",
            object.id
        ),
    )
}

/// Why no more of an object is told than so many places.
pub(super) fn too_many(id: &str, object: &Object) -> Missing {
    rest_of(
        object,
        format!(
            "{} fails {id} at more than {MOST_FOUND} places: the first {MOST_FOUND} are told, and the rest of it was \
             not looked at",
            object.id
        ),
    )
}

fn rest_of(object: &Object, reason: String) -> Missing {
    let namespace = Some(object.namespace()).filter(|name| !name.is_empty());
    Missing {
        read: RULE.to_owned(),
        namespace: namespace.map(str::to_owned),
        status: ReadStatus::NotAsked,
        reason,
    }
}

fn ran_out(id: &str, most: u64) -> Missing {
    Missing {
        read: "rule".to_owned(),
        namespace: None,
        status: ReadStatus::NotAsked,
        reason: format!(
            "{id} ran out of steps: it took more than the {most} that a check may take in one run, and the \
             rest was not looked at; make its rule cheaper, or select fewer objects"
        ),
    }
}
