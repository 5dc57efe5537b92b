//! What is known so far, list by list, and the inventories made of it.

mod entry;
mod parts;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use self::entry::Entry;
use self::parts::Parts;
use super::health::{Health, Stamp};
use super::keeper::Begin;
use super::merge::Pending;
use super::read::Step;
use super::target::Target;
use crate::model::inventory::SourceInfo;
use crate::model::kinds::Kind;
use crate::model::object::Object;
use crate::model::read::{Read, ReadStatus};

/// One list: a kind in one namespace, or everywhere.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Slot {
    pub kind: Kind,
    pub namespace: Option<String>,
}

impl Slot {
    /// A kind in one namespace, where it is not the namespace itself.
    fn is_narrow(&self) -> bool {
        self.namespace.is_some() && self.kind != Kind::new("", "Namespace")
    }

    /// `pods in team-a`.
    pub(super) fn words(&self, target: &Target) -> String {
        match &self.namespace {
            Some(namespace) => format!("{} in {namespace}", target.words()),
            None => target.words(),
        }
    }
}

/// Namespace and name.
pub(super) type Name = (Box<str>, Box<str>);

/// What identifies an object within its list.
pub(super) fn name(object: &Object) -> Name {
    (object.namespace().into(), object.id.name.clone())
}

/// A list that is to be kept up to date.
pub(super) struct Tended {
    pub slot: Slot,
    pub target: Arc<Target>,
    /// Where a watch goes on; empty if it cannot.
    pub version: String,
    /// What is there to keep.
    pub begin: Begin,
    /// When it was last known to be so.
    pub heard: Option<Timestamp>,
    /// Why it is not known to be so now, if it is not.
    pub lost: Option<String>,
    /// Objects in it.
    pub items: usize,
    /// It goes on beyond what is taken.
    pub over: bool,
}

impl Tended {
    /// What is to be said of it, if it could not be read just now.
    pub(super) fn down(&self) -> Option<Health> {
        let lost = self.lost.as_ref().filter(|_| self.begin.is_here() || self.items > 0)?;
        let since = self.heard.unwrap_or_else(Timestamp::now);
        let reason = format!("{}: {lost}", self.slot.words(&self.target));
        Some(Health::Down { since, reason, retry_in: Duration::ZERO })
    }
}

/// All lists.
pub(super) struct Store {
    source: SourceInfo,
    extra: Vec<Read>,
    /// Of the reading under way; takes the place of the others when it is complete.
    incoming: Vec<Read>,
    /// When the server was last heard of before the last reading of everything, until which lists
    /// were kept up to date.
    begun: Option<Timestamp>,
    entries: BTreeMap<Slot, Entry>,
    /// Said of every list while the server is silent.
    silence: Option<Stamp>,
    revision: u64,
}

/// How far a reading is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Counts {
    pub done: usize,
    pub planned: usize,
    pub objects: usize,
}

impl Store {
    pub(super) fn new(source: SourceInfo) -> Self {
        let (extra, incoming) = (Vec::new(), Vec::new());
        let entries = BTreeMap::new();
        Self { source, extra, incoming, begun: None, entries, silence: None, revision: 0 }
    }

    /// A reading of these kinds (none: of everything) begins. What is known stays until the new
    /// lists are complete.
    pub(super) fn begin(&mut self, kinds: Option<&BTreeSet<Kind>>) {
        self.incoming.clear();
        for entry in of_kinds(&mut self.entries, kinds) {
            entry.current = false;
            entry.due = false;
        }
    }

    /// The lists that are watched were kept up to date until then.
    pub(super) fn kept_until(&mut self, moment: Timestamp) {
        self.begun = Some(moment);
    }

    /// A reading of these kinds (none: of everything) is complete: lists that it did not ask for
    /// are gone. Returns these.
    pub(super) fn finish(&mut self, kinds: Option<&BTreeSet<Kind>>) -> Vec<Slot> {
        if kinds.is_none() {
            self.extra = std::mem::take(&mut self.incoming);
        }
        let doubted = self.entries.iter().filter(|(slot, e)| e.doubted && slot.namespace.is_none());
        let doubted: BTreeSet<Kind> = doubted.map(|(slot, _)| slot.kind.clone()).collect();
        let old = |slot: &Slot, entry: &Entry| {
            // What is kept for the whole cluster is not kept a second time by namespace.
            let twice = slot.namespace.is_some() && doubted.contains(&slot.kind);
            (!entry.current || twice) && kinds.is_none_or(|kinds| kinds.contains(&slot.kind))
        };
        let gone = self.entries.iter().filter(|(slot, entry)| old(slot, entry));
        let gone: Vec<Slot> = gone.map(|(slot, _)| slot.clone()).collect();
        for slot in &gone {
            self.entries.remove(slot);
        }
        gone
    }

    /// A reading broke off: what it was about to read for the first time is not there.
    pub(super) fn abandon(&mut self, why: &str) {
        self.incoming.clear();
        for entry in self.entries.values_mut().filter(|entry| entry.due) {
            entry.due = false;
            if entry.read_at.is_none() {
                entry.arriving = Vec::new();
                entry.names = Vec::new();
                entry.status = ReadStatus::Failed;
                entry.message = Some(why.to_owned());
            }
        }
        self.entries.values_mut().for_each(|entry| entry.current = true);
    }

    /// Groups whose discovery fails, as it is now.
    pub(super) fn gaps(&mut self, gaps: &[Read]) -> bool {
        let is_gap = |read: &Read| read.resource.starts_with("/api");
        let before: Vec<Read> = self.extra.iter().filter(|read| is_gap(read)).cloned().collect();
        self.extra.retain(|read| !is_gap(read));
        self.extra.extend(gaps.iter().cloned());
        before != gaps
    }

    /// How old a list is; tells whether that is new.
    pub(super) fn stamp(&mut self, slot: &Slot, stamp: Option<Stamp>) -> bool {
        let Some(entry) = self.entries.get_mut(slot) else { return false };
        let new = entry.stamp != stamp;
        entry.stamp = stamp;
        new
    }

    /// Whether the server is silent as a whole; tells whether that is new.
    pub(super) fn silence(&mut self, silence: Option<Stamp>) -> bool {
        let new = self.silence != silence;
        self.silence = silence;
        new
    }

    /// The names that a complete list of namespaces or nodes gives, with what came of the list.
    pub(super) fn names(&self, kind: Kind) -> (Vec<String>, ReadStatus, Option<String>) {
        let entry = self.entries.get(&Slot { kind, namespace: None });
        let Some(entry) = entry else { return (Vec::new(), ReadStatus::NotAsked, None) };
        let names = entry.objects.values().map(|object| object.id.name.to_string()).collect();
        (names, entry.status, entry.message.clone())
    }

    /// Kinds that are read namespace by namespace.
    pub(super) fn narrow(&self) -> BTreeMap<Kind, Arc<Target>> {
        let narrow = self.entries.iter().filter(|(slot, _)| slot.is_narrow());
        let target = |(slot, entry): (&Slot, &Entry)| {
            entry.target.clone().map(|target| (slot.kind.clone(), target))
        };
        narrow.filter_map(target).collect()
    }

    /// Lists of single namespaces are gone where theirs is not among these. So are those of kinds that
    /// are here for the whole cluster. Returns these.
    pub(super) fn leave(&mut self, places: &BTreeSet<String>) -> Vec<Slot> {
        let gone = |slot: &Slot| {
            let wide = Slot { kind: slot.kind.clone(), namespace: None };
            let wide = self.entries.get(&wide).map(|entry| entry.status);
            slot.namespace.as_ref().is_some_and(|place| !places.contains(place))
                || wide == Some(ReadStatus::Complete)
        };
        let gone: Vec<Slot> =
            self.entries.keys().filter(|slot| slot.is_narrow() && gone(slot)).cloned().collect();
        for slot in &gone {
            self.entries.remove(slot);
        }
        gone
    }

    /// A kind may be listed in the whole cluster again: its lists by namespace are gone. Returns these.
    pub(super) fn widen(&mut self, kind: &Kind) -> Vec<Slot> {
        let narrow = self.entries.keys().filter(|s| s.kind == *kind && s.namespace.is_some());
        let narrow: Vec<Slot> = narrow.cloned().collect();
        for slot in &narrow {
            self.entries.remove(slot);
        }
        narrow
    }

    /// Takes in what a reading reports; tells whether objects or reads changed.
    pub(super) fn apply(&mut self, step: Step) -> bool {
        match step {
            Step::Facts { kubernetes, uid } => {
                self.source.kubernetes = kubernetes.or_else(|| self.source.kubernetes.take());
                self.source.cluster_uid = uid.or_else(|| self.source.cluster_uid.take());
            }
            Step::Begun(moment) => self.source.read_at = Some(moment),
            Step::Extra(read) => self.incoming.push(read),
            Step::Planned(slots) => {
                for (slot, target) in slots {
                    let entry = self.entry(slot);
                    entry.target = target;
                    entry.due = true;
                }
            }
            Step::Page(slot, again, objects) => self.entry(slot).arrive(again, objects),
            Step::Names(slot, names) => self.entry(slot).name(names),
            Step::Done(slot, target, listed) => {
                let begun = self.begun;
                let entry = self.entry(slot);
                entry.target = target;
                entry.done(listed, begun);
            }
            Step::Note(_) | Step::Found(_) | Step::Renew(_) | Step::Renewed(_) | Step::Entered => {
                return false;
            }
        }
        true
    }

    fn entry(&mut self, slot: Slot) -> &mut Entry {
        let entry = self.entries.entry(slot).or_insert_with(Entry::empty);
        entry.current = true;
        entry
    }

    /// Takes in what a watch saw; tells whether objects or reads changed.
    pub(super) fn merge(&mut self, slot: &Slot, pending: Pending) -> bool {
        let Some(entry) = self.entries.get_mut(slot) else { return false };
        let mut changed = false;
        if let Some(listed) = pending.relist {
            changed |= entry.take(listed);
        }
        for (name, change) in pending.objects {
            changed |= entry.change(name, change);
        }
        if let Some(version) = pending.version {
            entry.version = version;
        }
        changed
    }

    /// Lists that can be kept up to date. What was refused from the first is not asked for again by
    /// itself, but for namespaces; what is not served is looked up with the rest of what is.
    pub(super) fn tended(&self) -> Vec<Tended> {
        self.entries.iter().filter_map(|(slot, entry)| entry.tended(slot, self.begun)).collect()
    }

    /// The same for one list.
    pub(super) fn tended_one(&self, slot: &Slot) -> Option<Tended> {
        self.entries.get(slot).and_then(|entry| entry.tended(slot, self.begun))
    }

    /// What end points answered for just now.
    pub(super) fn answers(&self) -> Vec<Slot> {
        let asked = |slot: &&Slot| !slot.kind.is_list();
        let fresh = |entry: &Entry| entry.stamp.is_none() && !entry.objects.is_empty();
        let answers = self.entries.iter().filter(|(_, entry)| fresh(entry));
        answers.map(|(slot, _)| slot).filter(asked).cloned().collect()
    }

    /// Whether a list is refused.
    pub(super) fn is_forbidden(&self, slot: &Slot) -> bool {
        self.entries.get(slot).is_some_and(|entry| entry.status == ReadStatus::Forbidden)
    }

    /// How far the reading is.
    pub(super) fn counts(&self) -> Counts {
        let planned = self.entries.values().filter(|entry| entry.current);
        Counts {
            done: planned.clone().filter(|entry| !entry.due).count(),
            planned: planned.count(),
            objects: self.entries.values().map(|e| e.objects.len().max(e.arriving.len())).sum(),
        }
    }

    /// A list that is expected and not here, as reads name it.
    pub(super) fn waits(&self) -> Option<String> {
        let (slot, entry) = self.entries.iter().find(|(_, entry)| entry.due)?;
        entry.target.as_ref().map(|target| slot.words(target))
    }

    /// Everything an inventory is made of, cheap to collect; making it is not.
    pub(super) fn parts(&mut self) -> Parts {
        self.revision += 1;
        let mut objects = Vec::with_capacity(self.counts().objects);
        let mut reads = self.extra.clone();
        let mut names = Vec::new();
        for (slot, entry) in &self.entries {
            objects.extend(entry.objects.values().cloned());
            objects.extend(entry.arriving.iter().cloned());
            reads.push(entry.read(slot, self.silence.as_ref()));
            if !entry.names.is_empty() {
                names.push((slot.kind.clone(), entry.names.clone()));
            }
        }
        Parts { source: self.source.clone(), objects, names, reads, revision: self.revision }
    }
}

fn of_kinds<'a>(
    entries: &'a mut BTreeMap<Slot, Entry>,
    kinds: Option<&'a BTreeSet<Kind>>,
) -> impl Iterator<Item = &'a mut Entry> {
    let asked = move |slot: &Slot| kinds.is_none_or(|kinds| kinds.contains(&slot.kind));
    entries.iter_mut().filter(move |(slot, _)| asked(slot)).map(|(_, entry)| entry)
}
