//! One list: what is known of it, and what becomes of that as it is read and followed.

use std::collections::HashMap;
use std::sync::Arc;

use jiff::Timestamp;

use super::{Name, Slot, Tended, name};
use crate::cluster::health::Stamp;
use crate::cluster::keeper::Begin;
use crate::cluster::list::Listed;
use crate::cluster::merge::Change;
use crate::cluster::target::Target;
use crate::cluster::watch::is_before;
use crate::model::arriving::Arriving;
use crate::model::kinds::{Builtin, Kind};
use crate::model::object::Object;
use crate::model::read::{Read, ReadStatus};

/// What is known of one list.
#[allow(clippy::struct_excessive_bools, reason = "each is a state of its own")]
pub(super) struct Entry {
    pub(super) target: Option<Arc<Target>>,
    pub(super) status: ReadStatus,
    pub(super) message: Option<String>,
    millis: Option<u64>,
    pub(super) version: String,
    pub(super) objects: HashMap<Name, Arc<Object>>,
    /// Of a list under way that has never been complete.
    pub(super) arriving: Vec<Arc<Object>>,
    /// How often that list was begun anew.
    again: usize,
    /// The names of everything in it.
    pub(super) names: Vec<Arc<Arriving>>,
    /// When the list was last taken in.
    pub(super) read_at: Option<Timestamp>,
    /// How old it is, where it is not up to date.
    pub(super) stamp: Option<Stamp>,
    /// It goes on beyond what is taken.
    over: bool,
    /// It could be read once.
    known: bool,
    /// It was refused in the last reading, which is not believed yet.
    pub(super) doubted: bool,
    /// Still expected in the reading under way.
    pub(super) due: bool,
    /// Seen in the reading under way.
    pub(super) current: bool,
}

impl Entry {
    pub(super) fn empty() -> Self {
        Self {
            target: None,
            status: ReadStatus::Partial,
            message: Some("still loading".to_owned()),
            millis: None,
            version: String::new(),
            objects: HashMap::new(),
            arriving: Vec::new(),
            again: 0,
            names: Vec::new(),
            read_at: None,
            stamp: None,
            over: false,
            known: false,
            doubted: false,
            due: false,
            current: false,
        }
    }

    /// A page of a list that was begun anew so often: what came of it before is another state. What is
    /// here already stays as it is until the new list is whole.
    pub(super) fn arrive(&mut self, again: usize, objects: Vec<Arc<Object>>) {
        if self.read_at.is_some() {
            return;
        }
        if std::mem::replace(&mut self.again, again) != again {
            self.arriving.clear();
        }
        self.arriving.extend(objects);
    }

    /// Names that come when the list is there, or has been there before, say nothing new.
    pub(super) fn name(&mut self, names: Vec<Arc<Arriving>>) {
        if self.read_at.is_none() {
            self.names = names;
        }
    }

    /// A reading is done with it. What was whole and could not be read this time stays as it was, also
    /// if it was refused: whether a right is gone is asked more than once.
    pub(super) fn done(&mut self, listed: Listed, begun: Option<Timestamp>) {
        let broken = matches!(listed.status, ReadStatus::Failed | ReadStatus::Partial)
            && listed.version.is_empty();
        let kept = (broken || listed.denied) && self.status == ReadStatus::Complete;
        if let Some(since) = self.heard(begun).filter(|_| kept) {
            let reason = listed.message.unwrap_or_else(|| "the list failed".to_owned());
            self.stamp = Some(Stamp::Stale { since, reason });
            self.doubted = listed.denied;
            self.due = false;
        } else {
            self.take(listed);
            self.stamp = None;
        }
    }

    /// Takes in a new list; tells whether it says anything new. An object that did not change stays
    /// the very same, so that nothing that rests on it is worked out again.
    pub(super) fn take(&mut self, listed: Listed) -> bool {
        // A server that was restored from a backup gives versions a second time.
        let rewound = is_before(&listed.version, &self.version);
        let mut held = std::mem::take(&mut self.objects);
        let before = held.len();
        let mut kept = 0;
        for object in listed.objects {
            let key = name(&object);
            let old = held.remove(&key).filter(|old| is_same(old, &object, rewound));
            kept += usize::from(old.is_some());
            self.objects.insert(key, old.unwrap_or(object));
        }
        let told = (self.status, &self.message) != (listed.status, &listed.message);
        let changed = kept != before || kept != self.objects.len() || told;
        self.arriving = Vec::new();
        self.names = Vec::new();
        self.version = listed.version;
        self.status = listed.status;
        self.message = listed.message;
        self.millis = listed.millis;
        self.over = listed.over;
        self.known |= matches!(listed.status, ReadStatus::Complete | ReadStatus::Partial);
        self.doubted = false;
        self.read_at = Some(Timestamp::now());
        self.due = false;
        changed
    }

    pub(super) fn change(&mut self, name: Name, change: Change) -> bool {
        let held = self.objects.get(&name);
        match change {
            Change::Now(object) if held.is_some_and(|held| is_same(held, &object, false)) => false,
            // A watch that begins before the last page of its list tells some of it again.
            Change::Now(object)
                if held.is_some_and(|held| is_before(&object.version, &held.version)) =>
            {
                false
            }
            Change::Now(object) => {
                self.objects.insert(name, object);
                true
            }
            Change::Gone(_) if held.is_some_and(|held| change.is_late_for(&held.uid)) => false,
            Change::Gone(_) => self.objects.remove(&name).is_some(),
        }
    }

    /// When it was last known to be so, if it was kept until `begun`; none if it was never read.
    fn heard(&self, begun: Option<Timestamp>) -> Option<Timestamp> {
        match &self.stamp {
            Some(Stamp::Stale { since, .. }) => Some(*since),
            Some(Stamp::Polled { .. }) => self.read_at,
            None => self.read_at.map(|read| begun.map_or(read, |begun| begun.max(read))),
        }
    }

    pub(super) fn tended(&self, slot: &Slot, begun: Option<Timestamp>) -> Option<Tended> {
        let target = self.target.clone()?;
        let whole = self.status == ReadStatus::Complete || !self.version.is_empty();
        let namespaces = slot.namespace.is_none() && slot.kind == Kind::new("", "Namespace");
        let begin = match self.status {
            _ if self.doubted => Begin::Doubted,
            _ if whole => Begin::Read,
            ReadStatus::Failed | ReadStatus::Partial => Begin::Failed,
            ReadStatus::Forbidden if self.known || namespaces => Begin::Refused,
            _ => return None,
        };
        let version = self.version.clone();
        let heard = self.heard(begun);
        let (slot, items, over) = (slot.clone(), self.objects.len(), self.over);
        let lost = match &self.stamp {
            Some(Stamp::Stale { reason, .. }) => Some(reason.clone()),
            // What came of a list before it broke off is kept, and as old as that.
            _ if begin == Begin::Failed && items > 0 => self.message.clone(),
            _ => None,
        };
        Some(Tended { slot, target, version, begin, heard, lost, items, over })
    }

    pub(super) fn read(&self, slot: &Slot, silence: Option<&Stamp>) -> Read {
        let resource = self.target.as_ref().map_or_else(
            || slot.kind.builtin().map_or_else(|| unnamed(&slot.kind), Builtin::resource),
            |target| target.resource(),
        );
        Read {
            resource,
            kind: Some(slot.kind.clone()),
            namespace: slot.namespace.clone(),
            status: self.status,
            items: self.objects.len().max(self.arriving.len()),
            message: self.words(silence),
            millis: self.millis,
        }
    }

    /// What is to be said of the list: how old it is, and what the server said.
    fn words(&self, silence: Option<&Stamp>) -> Option<String> {
        if !self.names.is_empty() {
            let (read, all) = (self.arriving.len(), self.names.len());
            return Some(format!("still loading, {read} of {all}"));
        }
        // A silent server makes old what was not lost before.
        let brought = matches!(self.status, ReadStatus::Complete | ReadStatus::Partial);
        let silence = silence.filter(|_| brought && self.read_at.is_some());
        let lost = self.stamp.as_ref().filter(|stamp| matches!(stamp, Stamp::Stale { .. }));
        let Some(stamp) = lost.or(silence).or(self.stamp.as_ref()) else {
            return self.message.clone();
        };
        // What was refused is not as of any moment.
        let as_of = self.read_at.filter(|_| self.status != ReadStatus::Forbidden);
        let age = stamp.words(as_of);
        // A list that broke off is out of date for the very reason.
        let message = self.message.iter().filter(|message| !age.ends_with(message.as_str()));
        Some(message.fold(age.clone(), |age, message| format!("{age}; {message}")))
    }
}

/// Whether two objects of the same name are the same state of the same object. Versions tell, where
/// there are any and they are not given `twice`; else what is in them. A server that hands an object out
/// in another version of its kind changes its body and neither of them.
fn is_same(held: &Object, new: &Object, twice: bool) -> bool {
    if held.uid != new.uid
        || held.version != new.version
        || held.id.api_version != new.id.api_version
    {
        return false;
    }
    (!twice && !new.version.is_empty()) || held == new
}

/// How a kind is named whose version and plural nobody told, or which no list brings.
fn unnamed(kind: &Kind) -> String {
    let end_point = kind.end_point().map(str::to_owned);
    end_point.unwrap_or_else(|| format!("{}/{}", kind.group, kind.kind))
}
