//! What is known so far, list by list, and the inventories made of it.

mod list_state;
mod parts;
mod places;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::Timestamp;

use self::list_state::{ListState, Reading};
use self::parts::InventoryParts;
use super::api_resource::ApiResource;
use super::health::{Freshness, Health, Silence, Stale};
use super::inbox::ListChanges;
use super::keeper::Begin;
use super::liveness::Liveness;
use super::read::ReadStep;
use crate::model::inventory::SourceInfo;
use crate::model::kinds::Kind;
use crate::model::object::Object;
use crate::model::read::Read;

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
    pub(super) fn words(&self, target: &ApiResource) -> String {
        match &self.namespace {
            Some(namespace) => format!("{} in {namespace}", target.words()),
            None => target.words(),
        }
    }
}

/// Namespace and name.
pub(super) type ObjectName = (Box<str>, Box<str>);

/// What identifies an object within its list.
pub(super) fn name(object: &Object) -> ObjectName {
    (object.namespace().into(), object.id.name.clone())
}

/// A list that is to be kept up to date.
pub(super) struct Tended {
    pub slot: Slot,
    pub target: Arc<ApiResource>,
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
    lists: BTreeMap<Slot, ListState>,
    /// The server is silent as a whole.
    silence: Option<Silence>,
    /// How lists are kept may not be as it was last asked for.
    untold: bool,
    revision: u64,
}

/// How far a reading is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct ReadingCounts {
    pub done: usize,
    pub planned: usize,
    pub objects: usize,
}

impl Store {
    pub(super) fn new(source: SourceInfo) -> Self {
        let (extra, incoming) = (Vec::new(), Vec::new());
        let lists = BTreeMap::new();
        let (begun, silence, untold) = (None, None, true);
        Self { source, extra, incoming, begun, lists, silence, untold, revision: 0 }
    }

    /// A reading of these kinds (none: of everything) begins. What is known stays until the new
    /// lists are complete.
    pub(super) fn begin(&mut self, kinds: Option<&BTreeSet<Kind>>) {
        self.incoming.clear();
        for list in of_kinds(&mut self.lists, kinds) {
            list.reading = Reading::Unseen;
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
        let doubted =
            self.lists.iter().filter(|(slot, e)| e.held.is_doubted() && slot.namespace.is_none());
        let doubted: BTreeSet<Kind> = doubted.map(|(slot, _)| slot.kind.clone()).collect();
        let old = |slot: &Slot, list: &ListState| {
            // What is kept for the whole cluster is not kept a second time by namespace.
            let twice = slot.namespace.is_some() && doubted.contains(&slot.kind);
            (list.reading == Reading::Unseen || twice)
                && kinds.is_none_or(|kinds| kinds.contains(&slot.kind))
        };
        let gone = self.lists.iter().filter(|(slot, list)| old(slot, list));
        let gone: Vec<Slot> = gone.map(|(slot, _)| slot.clone()).collect();
        self.remove(&gone);
        gone
    }

    /// A reading broke off: what it was about to read for the first time is not there.
    pub(super) fn abandon(&mut self, why: &str) {
        self.incoming.clear();
        self.lists.values_mut().for_each(|list| list.abandon(why));
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

    fn keep(&mut self, slot: &Slot, change: impl FnOnce(&mut Freshness)) -> bool {
        let Some(list) = self.lists.get_mut(slot) else { return false };
        let before = list.kept.clone();
        change(&mut list.kept);
        self.untold |= list.kept != before;
        list.kept.words(None) != before.words(None)
    }

    /// Lists that are here, and that the reading under way did not bring yet, are not up to date.
    pub(super) fn lose_unread(&mut self, lost: &Stale) {
        self.untold = true;
        let unread = |list: &&mut ListState| list.reading != Reading::Done;
        for list in self.lists.values_mut().filter(unread) {
            if list.held.first().is_none() {
                list.kept.lose(lost.clone());
            }
        }
    }

    /// Lists of which only a part came, and which are to be read again, are as old as that part.
    pub(super) fn parts_are_old(&mut self, slot: Option<&Slot>) {
        self.untold = true;
        let asked = self.lists.iter_mut().filter(|(this, _)| slot.is_none_or(|slot| slot == *this));
        asked.for_each(|(slot, list)| list.part(slot));
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
        let heard = self.lists.get(slot).and_then(|list| list.heard(Some(moment)));
        heard.unwrap_or(moment)
    }

    /// What all of it comes to, if that may be something else than when it was last asked for. What end
    /// points answered says its age, and is asked for seldom: it is no list that could be lost.
    pub(super) fn liveness(&mut self) -> Option<Liveness> {
        let lists = self.lists.iter().filter(|(slot, _)| slot.kind.is_list());
        let lists = lists.map(|(slot, list)| (slot, &list.kept));
        std::mem::take(&mut self.untold).then(|| Liveness::of(lists, self.silence.as_ref()))
    }

    fn remove(&mut self, gone: &[Slot]) {
        self.untold |= !gone.is_empty();
        for slot in gone {
            self.lists.remove(slot);
        }
    }

    /// Takes in what a reading reports; tells whether objects or reads changed.
    pub(super) fn apply(&mut self, step: ReadStep) -> bool {
        match step {
            ReadStep::Facts { kubernetes, uid } => {
                self.source.kubernetes = kubernetes.or_else(|| self.source.kubernetes.take());
                self.source.cluster_uid = uid.or_else(|| self.source.cluster_uid.take());
            }
            ReadStep::Begun(moment) => self.source.read_at = Some(moment),
            ReadStep::Extra(read) => self.incoming.push(read),
            ReadStep::Planned(slots) => {
                for (slot, target) in slots {
                    self.list(slot).plan(target);
                }
            }
            ReadStep::Page(slot, again, objects) => self.list(slot).arrive(again, objects),
            ReadStep::Names(slot, names) => self.list(slot).name(names),
            ReadStep::Done(slot, target, listed) => {
                let begun = self.begun;
                let list = self.list(slot.clone());
                list.target = target;
                list.done(&slot, listed, begun);
                self.untold = true;
            }
            ReadStep::Note(_)
            | ReadStep::Found(_)
            | ReadStep::Renew(_)
            | ReadStep::Renewed(_)
            | ReadStep::Entered
            | ReadStep::Allowed(..) => {
                return false;
            }
        }
        true
    }

    fn list(&mut self, slot: Slot) -> &mut ListState {
        self.lists.entry(slot).or_insert_with(ListState::new)
    }

    /// Takes in what a watch saw; tells whether objects or reads changed.
    pub(super) fn merge(&mut self, slot: &Slot, pending: ListChanges) -> bool {
        let Some(list) = self.lists.get_mut(slot) else { return false };
        let mut changed = false;
        if let Some(listed) = pending.relist {
            changed |= list.take(listed);
        }
        for (name, change) in pending.objects {
            changed |= list.change(name, change);
        }
        if let Some(version) = pending.version {
            list.reach(version);
        }
        changed
    }

    /// Lists that can be kept up to date. What was refused from the first is not asked for again by
    /// itself, but for namespaces; what is not served is looked up with the rest of what is.
    pub(super) fn tended(&self) -> Vec<Tended> {
        self.lists.iter().filter_map(|(slot, list)| list.tended(slot, self.begun)).collect()
    }

    /// The same for one list.
    pub(super) fn tended_one(&self, slot: &Slot) -> Option<Tended> {
        self.lists.get(slot).and_then(|list| list.tended(slot, self.begun))
    }

    /// What end points answered for just now.
    pub(super) fn answers(&self) -> Vec<Slot> {
        let asked = |slot: &&Slot| !slot.kind.is_list();
        let fresh = |list: &ListState| list.kept == Freshness::Current && !list.objects.is_empty();
        let answers = self.lists.iter().filter(|(_, list)| fresh(list));
        answers.map(|(slot, _)| slot).filter(asked).cloned().collect()
    }

    /// An object of a list.
    pub(super) fn object(&self, slot: &Slot, name: &ObjectName) -> Option<&Arc<Object>> {
        self.lists.get(slot)?.objects.get(name)
    }

    /// Whether a kind is read.
    pub(super) fn has(&self, kind: &Kind) -> bool {
        self.lists.keys().any(|slot| slot.kind == *kind)
    }

    /// Whether a list is refused.
    pub(super) fn is_forbidden(&self, slot: &Slot) -> bool {
        self.lists.get(slot).is_some_and(|list| list.held.is_refused())
    }

    /// How far the reading is.
    pub(super) fn counts(&self) -> ReadingCounts {
        let planned = self.lists.values().filter(|list| list.reading != Reading::Unseen);
        ReadingCounts {
            done: planned.clone().filter(|list| list.reading == Reading::Done).count(),
            planned: planned.clone().count(),
            objects: planned.map(ListState::came).sum(),
        }
    }

    /// A list that is expected and not here, as reads name it.
    pub(super) fn waits(&self) -> Option<String> {
        let (slot, list) = self.lists.iter().find(|(_, list)| list.reading == Reading::Due)?;
        list.target.as_ref().map(|target| slot.words(target))
    }

    /// Everything an inventory is made of, cheap to collect; making it is not.
    pub(super) fn parts(&mut self) -> InventoryParts {
        self.revision += 1;
        let mut objects = Vec::with_capacity(self.lists.values().map(ListState::shown).sum());
        let mut reads = self.extra.clone();
        let mut names = Vec::new();
        for (slot, list) in &self.lists {
            objects.extend(list.objects.values().cloned());
            reads.push(list.read(slot, self.silence.as_ref()));
            let Some(first) = list.held.first() else { continue };
            objects.extend(first.objects.iter().cloned());
            if !first.names.is_empty() {
                names.push((slot.kind.clone(), first.names.clone()));
            }
        }
        InventoryParts {
            source: self.source.clone(),
            objects,
            names,
            reads,
            revision: self.revision,
        }
    }
}

fn of_kinds<'a>(
    lists: &'a mut BTreeMap<Slot, ListState>,
    kinds: Option<&'a BTreeSet<Kind>>,
) -> impl Iterator<Item = &'a mut ListState> {
    let asked = move |slot: &Slot| kinds.is_none_or(|kinds| kinds.contains(&slot.kind));
    lists.iter_mut().filter(move |(slot, _)| asked(slot)).map(|(_, list)| list)
}
