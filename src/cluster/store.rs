//! What is known so far, list by list, and the inventories made of it.

mod entry;
mod parts;
mod places;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::Timestamp;

use self::entry::Entry;
use self::parts::Parts;
use super::health::{Health, Kept, Silence, Stale};
use super::keeper::Begin;
use super::liveness::Liveness;
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
    /// It is here and could not be read the last time: what happened since is not known.
    pub missed: bool,
    /// Objects in it.
    pub items: usize,
    /// It goes on beyond what is taken.
    pub over: bool,
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
    /// The server is silent as a whole.
    silence: Option<Silence>,
    /// How lists are kept may not be as it was last asked for.
    untold: bool,
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
        let (begun, silence, untold) = (None, None, true);
        Self { source, extra, incoming, begun, entries, silence, untold, revision: 0 }
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

    /// Until when they were, if one reading of everything followed another.
    pub(super) fn begun(&self) -> Option<Timestamp> {
        self.begun
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
        self.remove(&gone);
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

    /// Takes in what the keeper of a list says; tells whether its read says something else for it.
    pub(super) fn hear(&mut self, slot: &Slot, health: Health) -> bool {
        self.keep(slot, |kept| kept.hear(health))
    }

    /// A list is not up to date; tells whether its read says something else for it.
    pub(super) fn lose(&mut self, slot: &Slot, lost: Stale) -> bool {
        self.keep(slot, |kept| kept.lose(lost))
    }

    fn keep(&mut self, slot: &Slot, change: impl FnOnce(&mut Kept)) -> bool {
        let Some(entry) = self.entries.get_mut(slot) else { return false };
        let before = entry.kept.clone();
        change(&mut entry.kept);
        self.untold |= entry.kept != before;
        entry.kept.words(None) != before.words(None)
    }

    /// Lists that are here, and that the reading under way did not bring yet, are not up to date.
    pub(super) fn lose_unread(&mut self, lost: &Stale) {
        self.untold = true;
        let unread = |entry: &&mut Entry| entry.due || !entry.current;
        for entry in self.entries.values_mut().filter(unread) {
            if entry.read_at.is_some() {
                entry.kept.lose(lost.clone());
            }
        }
    }

    /// Lists of which only a part came, and which are to be read again, are as old as that part.
    pub(super) fn parts_are_old(&mut self, slot: Option<&Slot>) {
        self.untold = true;
        let asked =
            self.entries.iter_mut().filter(|(this, _)| slot.is_none_or(|slot| slot == *this));
        asked.for_each(|(slot, entry)| entry.part(slot));
    }

    /// Whether the server is silent as a whole; tells whether reads say something else for it.
    pub(super) fn silence(&mut self, silence: Option<Silence>) -> bool {
        let words = |silence: &Option<Silence>| {
            silence.as_ref().map(|silence| (silence.since, silence.reason.clone()))
        };
        let new = words(&self.silence) != words(&silence);
        self.untold |= self.silence != silence;
        self.silence = silence;
        new
    }

    /// What the server was silent for until now, if it was.
    pub(super) fn heard_again(&mut self) -> Option<Silence> {
        self.untold |= self.silence.is_some();
        self.silence.take()
    }

    /// Until when a list is known to have been so, if the server was heard of at that moment.
    pub(super) fn heard(&self, slot: &Slot, moment: Timestamp) -> Timestamp {
        let heard = self.entries.get(slot).and_then(|entry| entry.heard(Some(moment)));
        heard.unwrap_or(moment)
    }

    /// What all of it comes to, if that may be something else than when it was last asked for. What end
    /// points answered says its age, and is asked for seldom: it is no list that could be lost.
    pub(super) fn liveness(&mut self) -> Option<Liveness> {
        let lists = self.entries.iter().filter(|(slot, _)| slot.kind.is_list());
        let lists = lists.map(|(slot, entry)| (slot, &entry.kept));
        std::mem::take(&mut self.untold).then(|| Liveness::of(lists, self.silence.as_ref()))
    }

    fn remove(&mut self, gone: &[Slot]) {
        self.untold |= !gone.is_empty();
        for slot in gone {
            self.entries.remove(slot);
        }
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
                let entry = self.entry(slot.clone());
                entry.target = target;
                entry.done(&slot, listed, begun);
                self.untold = true;
            }
            Step::Note(_)
            | Step::Found(_)
            | Step::Renew(_)
            | Step::Renewed(_)
            | Step::Entered
            | Step::Allowed(..) => {
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
        let fresh = |entry: &Entry| entry.kept == Kept::Current && !entry.objects.is_empty();
        let answers = self.entries.iter().filter(|(_, entry)| fresh(entry));
        answers.map(|(slot, _)| slot).filter(asked).cloned().collect()
    }

    /// An object of a list.
    pub(super) fn object(&self, slot: &Slot, name: &Name) -> Option<&Arc<Object>> {
        self.entries.get(slot)?.objects.get(name)
    }

    /// Whether a kind is read.
    pub(super) fn has(&self, kind: &Kind) -> bool {
        self.entries.keys().any(|slot| slot.kind == *kind)
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
            planned: planned.clone().count(),
            objects: planned.map(Entry::came).sum(),
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
        let held = |entry: &Entry| entry.objects.len().max(entry.arriving.len());
        let mut objects = Vec::with_capacity(self.entries.values().map(held).sum());
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
