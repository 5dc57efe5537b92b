//! Hits of one check at the same place of the same identity are one finding. While a run goes on
//! a finding is a few words; its texts are made at the end.

use std::collections::hash_map::Entry;
use std::hash::{BuildHasher, DefaultHasher, Hasher, RandomState};
use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::model::finding::Severity;
use crate::model::read::Missing;

use super::judge::Item;
use super::target::Element;

/// Hashes what makes two findings one. Keyed afresh for each run, and 128 bits wide, so that
/// nobody can choose names that make another object's finding disappear in his own.
#[derive(Clone)]
pub(super) struct Keyed(RandomState, RandomState);

impl Keyed {
    pub(super) fn new() -> Self {
        Self(RandomState::new(), RandomState::new())
    }

    pub(super) fn start(&self) -> Digest {
        Digest(self.0.build_hasher(), self.1.build_hasher())
    }
}

/// A digest in the making; a copy of it can be continued differently.
#[derive(Clone)]
pub(super) struct Digest(DefaultHasher, DefaultHasher);

impl Digest {
    pub(super) fn write(&mut self, text: &str) {
        self.0.write(text.as_bytes());
        self.1.write(text.as_bytes());
    }

    pub(super) fn finish(&self) -> u128 {
        u128::from(self.0.finish()) << 64 | u128::from(self.1.finish())
    }
}

/// What kind of thing a hit was seen on; the first is shown when several are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Seen {
    /// A template, or an object that has no pods.
    Template,
    /// A live pod of the current revision, or without a template.
    Live,
    /// A live pod of an older revision.
    Stale,
}

/// The one of several hits that is shown.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Shown {
    pub(super) seen: Seen,
    /// Worst first.
    pub(super) severity: Severity,
    /// Which object of the run.
    pub(super) object: u32,
    pub(super) element: Element,
    pub(super) item: Item,
    pub(super) place: Option<u16>,
    pub(super) case: Option<u16>,
}

/// Hits that are one finding.
#[derive(Clone, Debug)]
pub(super) struct Merged {
    pub(super) template: bool,
    /// Live pods of the current revision.
    pub(super) live: u32,
    /// Live pods of older revisions.
    pub(super) stale: u32,
    pub(super) severity: Severity,
    pub(super) shown: Shown,
    /// The object counted last: two elements of one pod that merge count it once.
    last: u32,
}

impl Merged {
    fn new(shown: Shown) -> Self {
        let severity = shown.severity;
        let last = u32::MAX;
        Self { template: false, live: 0, stale: 0, severity, shown, last }
    }

    /// The same where the objects begin at another place; the cluster stands at none.
    pub(super) fn placed_at(mut self, first: u32) -> Self {
        if self.shown.object != u32::MAX {
            self.shown.object += first;
        }
        self
    }

    /// Adds hits on other objects.
    pub(super) fn add(&mut self, other: Self) {
        self.template |= other.template;
        self.live += other.live;
        self.stale += other.stale;
        self.severity = self.severity.min(other.severity);
        if other.shown < self.shown {
            self.shown = other.shown;
        }
    }

    fn count(&mut self, seen: Seen, object: u32) {
        if self.last == object {
            return;
        }
        self.last = object;
        match seen {
            Seen::Template => self.template = true,
            Seen::Live => self.live += 1,
            Seen::Stale => self.stale += 1,
        }
    }
}

/// Why some place could not be judged.
#[derive(Clone, Debug)]
pub(super) struct Open {
    pub(super) missing: Arc<Missing>,
    pub(super) platform: bool,
}

impl Open {
    /// Adds what another part says of the same place. It is of the platform only when everything
    /// seen of it is.
    pub(super) fn add(&mut self, other: &Self) {
        self.platform &= other.platform;
        if other.missing < self.missing {
            self.missing.clone_from(&other.missing);
        }
    }
}

/// A rule that could not be evaluated.
#[derive(Clone, Debug)]
pub(super) struct Broken {
    pub(super) object: u32,
    pub(super) message: String,
}

impl Broken {
    /// The same where the objects begin at another place; the cluster stands at none.
    pub(super) fn placed_at(mut self, first: u32) -> Self {
        if self.object != u32::MAX {
            self.object += first;
        }
        self
    }
}

/// How often a check passed and did not apply.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Tally {
    pub(super) pass: usize,
    pub(super) not_applicable: usize,
}

impl Tally {
    pub(super) fn is_zero(self) -> bool {
        self.pass == 0 && self.not_applicable == 0
    }

    pub(super) fn add(&mut self, other: Self) {
        self.pass += other.pass;
        self.not_applicable += other.not_applicable;
    }

    /// Takes away what was added before.
    pub(super) fn take_away(&mut self, other: Self) {
        self.pass -= other.pass;
        self.not_applicable -= other.not_applicable;
    }
}

/// What makes hits one finding: the check, a digest of identity and normalised path of the
/// element, and the fields that follow. Two keys of one place are possible where a check points
/// at it in different ways; findings are compared by fingerprint at the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Key {
    pub(super) place: u128,
    pub(super) check: u32,
    /// Which fields, by their place among the plan's tails; none for the place itself.
    pub(super) tail: u32,
}

/// What a part of a run came to.
#[derive(Default)]
pub(super) struct Sink {
    pub(super) hits: FxHashMap<Key, Merged>,
    pub(super) open: FxHashMap<Key, Open>,
    pub(super) broken: FxHashMap<Key, Broken>,
    pub(super) tallies: Vec<Tally>,
    /// Whether any outcome may hang on the size of its object, which allows a rule more steps.
    pub(super) strained: bool,
    /// The last reason why a place was left open: one forbidden list leaves thousands open.
    reason: Option<Arc<Missing>>,
}

impl Sink {
    pub(super) fn new(checks: usize) -> Self {
        Self { tallies: vec![Tally::default(); checks], ..Self::default() }
    }

    pub(super) fn hit(&mut self, key: Key, shown: Shown) {
        let (seen, object) = (shown.seen, shown.object);
        let merged = match self.hits.entry(key) {
            Entry::Occupied(known) => {
                let known = known.into_mut();
                known.severity = known.severity.min(shown.severity);
                if shown < known.shown {
                    known.shown = shown;
                }
                known
            }
            Entry::Vacant(free) => free.insert(Merged::new(shown)),
        };
        merged.count(seen, object);
    }

    /// A place that could not be judged. It is of the platform only when everything seen of it is.
    pub(super) fn open(&mut self, key: Key, missing: &Missing, platform: bool) {
        let last = &mut self.reason;
        match self.open.entry(key) {
            Entry::Occupied(known) => {
                let known = known.into_mut();
                known.platform &= platform;
                if *missing < *known.missing {
                    known.missing = shared(last, missing);
                }
            }
            Entry::Vacant(free) => {
                free.insert(Open { missing: shared(last, missing), platform });
            }
        }
    }

    /// A rule that could not be evaluated; the first object is told.
    pub(super) fn broken(&mut self, key: Key, broken: Broken) {
        match self.broken.entry(key) {
            Entry::Occupied(mut known) if broken.object < known.get().object => {
                known.insert(broken);
            }
            Entry::Occupied(_) => {}
            Entry::Vacant(free) => {
                free.insert(broken);
            }
        }
    }

    pub(super) fn pass(&mut self, check: u32) {
        if let Some(tally) = self.tallies.get_mut(check as usize) {
            tally.pass += 1;
        }
    }

    pub(super) fn not_applicable(&mut self, check: u32) {
        if let Some(tally) = self.tallies.get_mut(check as usize) {
            tally.not_applicable += 1;
        }
    }

    /// Adds what another part came to. The order of parts does not matter.
    pub(super) fn absorb(mut self, other: Self) -> Self {
        if self.tallies.is_empty() {
            return other;
        }
        self.strained |= other.strained;
        join(&mut self.hits, other.hits, Merged::add);
        join(&mut self.open, other.open, |ours, theirs| ours.add(&theirs));
        other.broken.into_iter().for_each(|(key, broken)| self.broken(key, broken));
        for (ours, theirs) in self.tallies.iter_mut().zip(other.tallies) {
            ours.add(theirs);
        }
        self
    }
}

/// A reason as it is held already, if it was the last one.
fn shared(last: &mut Option<Arc<Missing>>, missing: &Missing) -> Arc<Missing> {
    match last.as_ref().filter(|last| ***last == *missing) {
        Some(last) => Arc::clone(last),
        None => Arc::clone(last.insert(Arc::new(missing.clone()))),
    }
}

/// Adds one map to another, whichever of them is the larger: what is in both is added up.
fn join<V>(ours: &mut FxHashMap<Key, V>, mut theirs: FxHashMap<Key, V>, add: impl Fn(&mut V, V)) {
    if theirs.len() > ours.len() {
        std::mem::swap(ours, &mut theirs);
    }
    for (key, value) in theirs {
        match ours.entry(key) {
            Entry::Occupied(known) => add(known.into_mut(), value),
            Entry::Vacant(free) => {
                free.insert(value);
            }
        }
    }
}
