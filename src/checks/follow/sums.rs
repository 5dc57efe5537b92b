//! What all cells come to together, kept up to date key by key.

use std::collections::BTreeMap;
use std::sync::Arc;

use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};

use crate::checks::merge::{Key, Merged, Open, Tally};
use crate::checks::render::{self, Fails, Scene};
use crate::checks::run::Run;
use crate::model::finding::{Finding, Gap};
use crate::model::inventory::Problem;
use crate::model::read::Missing;

use super::cells::Pieces;

/// So many findings or fewer are worked out one by one.
const FEW: usize = 64;

/// The sums of all cells.
pub(super) struct Sums {
    pub(super) tallies: Vec<Tally>,
    pub(super) fails: Fails,
    /// By fingerprint.
    findings: FxHashMap<Arc<str>, Arc<Finding>>,
    /// The fingerprint of what a key is about.
    prints: FxHashMap<Key, Arc<str>>,
    /// By fingerprint the keys of it: one place may be seen in different ways.
    keys: FxHashMap<Arc<str>, Vec<Key>>,
    open: FxHashMap<Key, Open>,
    /// How often each check is left open for each reason.
    grouped: BTreeMap<(u32, Arc<Missing>, bool), usize>,
    broken: FxHashMap<Key, (Arc<str>, Problem)>,
    /// While everything is worked out anew: the findings that there were.
    old: FxHashMap<Arc<str>, Arc<Finding>>,
}

impl Sums {
    pub(super) fn new(checks: usize) -> Self {
        Self {
            tallies: vec![Tally::default(); checks],
            fails: Fails::default(),
            findings: FxHashMap::default(),
            prints: FxHashMap::default(),
            keys: FxHashMap::default(),
            open: FxHashMap::default(),
            grouped: BTreeMap::new(),
            broken: FxHashMap::default(),
            old: FxHashMap::default(),
        }
    }

    /// Nothing is known any more but which findings there were.
    pub(super) fn begin_anew(&mut self) {
        let mut old = std::mem::take(&mut self.old);
        // Those that an attempt which was broken off left are as they were.
        old.extend(std::mem::take(&mut self.findings));
        *self = Self { old, ..Self::new(self.tallies.len()) };
    }

    /// Everything was worked out.
    pub(super) fn end_anew(&mut self) {
        self.old = FxHashMap::default();
    }

    /// Works out anew what these keys are about; gives the findings that are gone and those that are
    /// new, of which one that became another is both.
    pub(super) fn take<'a>(
        &mut self,
        run: &Run<'a>,
        pieces: &Pieces,
        keys: FxHashSet<Key>,
    ) -> Moved {
        let hits = |key: Key| (key, pieces.hits(&key));
        let told = |scene: &mut Option<Scene<'a>>, (key, merged): (Key, Option<Merged>)| {
            let made = merged.and_then(|merged| {
                let finding = render::finding(run, key.check, &merged, scene)?;
                Some((merged, finding))
            });
            (key, made)
        };
        // For a few it is not worth while to wake other threads.
        let made: Vec<(Key, Option<(Merged, Finding)>)> = if keys.len() < FEW {
            let mut scene = None;
            keys.into_iter().map(|key| told(&mut scene, hits(key))).collect()
        } else {
            let mut merged: Vec<_> = keys.into_par_iter().map(hits).collect();
            // Those of one object come one after the other, so that it is taken apart once.
            merged.par_sort_unstable_by_key(|(_, merged)| merged.as_ref().map(|m| m.shown.object));
            merged.into_par_iter().map_init(|| None, told).collect()
        };
        for (key, _) in &made {
            self.take_open(*key, pieces.open(key));
            match pieces.broken(key).and_then(|b| render::problem(run, key.check, &b)) {
                Some(problem) => drop(self.broken.insert(*key, problem)),
                None => drop(self.broken.remove(key)),
            }
        }
        let mut prints: FxHashMap<Arc<str>, Option<Finding>> = FxHashMap::default();
        for (key, made) in made {
            self.rename(key, made, &mut prints);
        }
        self.merge(run, pieces, prints)
    }

    /// Notes which finding a key is of now. `prints` takes every finding that has to be made anew,
    /// with what was made of this key.
    fn rename(
        &mut self,
        key: Key,
        made: Option<(Merged, Finding)>,
        prints: &mut FxHashMap<Arc<str>, Option<Finding>>,
    ) {
        let now: Option<Arc<str>> = made.as_ref().map(|(_, f)| f.fingerprint.as_str().into());
        if let Some(before) = self.prints.remove(&key) {
            if let Some(keys) = self.keys.get_mut(&before) {
                keys.retain(|known| *known != key);
            }
            prints.entry(before).or_default();
        }
        let (Some(print), Some((_, finding))) = (now, made) else { return };
        self.prints.insert(key, Arc::clone(&print));
        self.keys.entry(Arc::clone(&print)).or_default().push(key);
        prints.insert(print, Some(finding));
    }

    /// Puts findings that were made anew in the place of those of the same fingerprint.
    fn merge(
        &mut self,
        run: &Run<'_>,
        pieces: &Pieces,
        prints: FxHashMap<Arc<str>, Option<Finding>>,
    ) -> Moved {
        let (mut moved, mut scene) = (Moved::default(), None);
        for (print, made) in prints {
            let keys = self.keys.get(&print).map(Vec::as_slice).unwrap_or_default();
            let finding = match (keys, made) {
                ([], _) => None,
                ([_], Some(finding)) => Some(finding),
                ([first, ..], _) => together(pieces, keys)
                    .and_then(|merged| render::finding(run, first.check, &merged, &mut scene)),
            };
            // What did not change stays the same allocation, by which others know it.
            if let (Some(known), Some(finding)) = (self.findings.get(&print), &finding)
                && **known == *finding
            {
                continue;
            }
            if let Some(known) = self.findings.remove(&print) {
                self.fails.take_away(&known);
                moved.gone.push(known);
            }
            match finding.map(|finding| self.shared(&print, finding)) {
                Some(finding) => {
                    self.fails.add(&finding);
                    moved.new.push(Arc::clone(&finding));
                    self.findings.insert(print, finding);
                }
                None => drop(self.keys.remove(&print)),
            }
        }
        moved
    }

    /// A finding that has to be shared by whoever knows it. One that there was before, and that says the
    /// same, stays the same allocation.
    fn shared(&mut self, print: &Arc<str>, finding: Finding) -> Arc<Finding> {
        let old = self.old.remove(print).filter(|old| **old == finding);
        old.unwrap_or_else(|| Arc::new(finding))
    }

    fn take_open(&mut self, key: Key, now: Option<Open>) {
        if let Some(before) = self.open.remove(&key) {
            let group = (key.check, before.missing, before.platform);
            if let Some(count) = self.grouped.get_mut(&group) {
                *count -= 1;
                if *count == 0 {
                    self.grouped.remove(&group);
                }
            }
        }
        if let Some(open) = now {
            *self.grouped.entry((key.check, open.missing.clone(), open.platform)).or_default() += 1;
            self.open.insert(key, open);
        }
    }

    /// What was left open, and what could not be listed.
    pub(super) fn gaps(&self, run: &Run<'_>, unlisted: Vec<Gap>) -> Vec<Gap> {
        let grouped = self.grouped.iter().filter_map(|((check, missing, platform), count)| {
            let check = run.check(*check)?;
            Some(((Arc::clone(check.id()), missing.clone(), *platform), *count))
        });
        render::gathered(unlisted, grouped)
    }

    /// Rules that could not be evaluated.
    pub(super) fn broken(&self) -> Vec<(Arc<str>, Problem)> {
        self.broken.values().cloned().collect()
    }
}

fn together(pieces: &Pieces, keys: &[Key]) -> Option<Merged> {
    let mut found = keys.iter().filter_map(|key| pieces.hits(key));
    let mut all = found.next()?;
    found.for_each(|merged| all.add(merged));
    Some(all)
}

/// Findings that are gone, and those that are new.
#[derive(Default)]
pub(super) struct Moved {
    gone: Vec<Arc<Finding>>,
    new: Vec<Arc<Finding>>,
}

impl Moved {
    /// Carries out on a list in order, of which it is about the findings that `takes` is true of.
    pub(super) fn on(&self, list: &mut Vec<Arc<Finding>>, takes: impl Fn(&Finding) -> bool) {
        let of = |all: &[Arc<Finding>]| -> Vec<Arc<Finding>> {
            all.iter().filter(|finding| takes(finding)).cloned().collect()
        };
        let (gone, new) = (of(&self.gone), of(&self.new));
        if gone.len() + new.len() < FEW {
            for finding in gone {
                take_out(list, &finding);
            }
            for finding in new {
                put_in(list, finding);
            }
            return;
        }
        let places: FxHashSet<*const Finding> = gone.iter().map(Arc::as_ptr).collect();
        list.retain(|finding| !places.contains(&Arc::as_ptr(finding)));
        *list = merged(std::mem::take(list), render::sorted(new));
    }
}

fn take_out(list: &mut Vec<Arc<Finding>>, finding: &Finding) {
    if let Ok(at) = list.binary_search_by(|known| render::in_order(known, finding)) {
        list.remove(at);
    }
}

fn put_in(list: &mut Vec<Arc<Finding>>, finding: Arc<Finding>) {
    let at = list.partition_point(|known| render::in_order(known, &finding).is_lt());
    list.insert(at, finding);
}

/// Two lists in order as one.
fn merged(one: Vec<Arc<Finding>>, other: Vec<Arc<Finding>>) -> Vec<Arc<Finding>> {
    if other.is_empty() {
        return one;
    }
    let mut all = Vec::with_capacity(one.len() + other.len());
    let mut other = other.into_iter().peekable();
    for finding in one {
        while let Some(next) = other.next_if(|next| render::in_order(next, &finding).is_lt()) {
            all.push(next);
        }
        all.push(finding);
    }
    all.extend(other);
    all
}
