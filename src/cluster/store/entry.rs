//! One list: what is known of it, and what becomes of that as it is read and followed.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use super::{Name, Slot, Tended, name};
use crate::cluster::health::{Kept, Silence, Stale, not_up_to_date};
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
    /// As of when the list is that was last taken in: when it was asked for.
    pub(super) read_at: Option<Timestamp>,
    /// How it is kept since then.
    pub(super) kept: Kept,
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
            kept: Kept::Current,
            over: false,
            known: false,
            doubted: false,
            due: false,
            current: false,
        }
    }

    /// Objects that came of it in the reading under way.
    pub(super) fn came(&self) -> usize {
        if self.due { self.arriving.len() } else { self.objects.len() }
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
    pub(super) fn done(&mut self, slot: &Slot, listed: Listed, begun: Option<Timestamp>) {
        let broken = matches!(listed.status, ReadStatus::Failed | ReadStatus::Partial)
            && listed.version.is_empty();
        let stays = (broken || listed.denied) && self.status == ReadStatus::Complete;
        if let Some(since) = self.heard(begun).filter(|_| stays) {
            let why = listed.message.unwrap_or_else(|| "the list failed".to_owned());
            self.kept.lose(Stale::new(since, self.of(slot, &why), Some(Duration::ZERO)));
            self.doubted = listed.denied;
            self.due = false;
            return;
        }
        self.take(listed);
        // Whether it is watched again its keeper tells.
        let brought = matches!(self.status, ReadStatus::Complete | ReadStatus::Partial);
        if !brought || !matches!(self.kept, Kept::Polled { .. }) {
            self.kept = Kept::Current;
        }
    }

    /// What came of a list before it broke off is kept, and as old as that.
    pub(super) fn part(&mut self, slot: &Slot) {
        let begin = self.begin(slot);
        let (Some(since), Some(why)) = (self.read_at, &self.message) else { return };
        if begin == Some(Begin::Failed) && !self.objects.is_empty() {
            self.kept.lose(Stale::new(since, self.of(slot, why), Some(Duration::ZERO)));
        }
    }

    /// `pods in team-a: why`, where it is known what it is called.
    fn of(&self, slot: &Slot, why: &str) -> String {
        let target = self.target.as_ref();
        target.map_or_else(|| why.to_owned(), |target| format!("{}: {why}", slot.words(target)))
    }

    /// Takes in a new list; tells whether it says anything new. An object that did not change stays
    /// the very same, so that nothing that rests on it is worked out again.
    pub(super) fn take(&mut self, listed: Listed) -> bool {
        // A server that was restored from a backup gives versions a second time, and objects of a kind
        // whose definition changed have another body in the version that they had.
        let custom = self.target.as_ref().is_some_and(|target| target.kind.builtin().is_none());
        let twice = custom || is_before(&listed.version, &self.version);
        let mut held = std::mem::take(&mut self.objects);
        let before = held.len();
        let mut kept = 0;
        for object in listed.objects {
            let key = name(&object);
            let old = held.remove(&key).filter(|old| is_same(old, &object, twice));
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
        // Where it is of one moment, that is the one at which its first page was made.
        let took = Duration::from_millis(listed.millis.unwrap_or_default());
        let now = Timestamp::now();
        self.read_at = Some(now.checked_sub(took).unwrap_or(now));
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
    pub(super) fn heard(&self, begun: Option<Timestamp>) -> Option<Timestamp> {
        self.read_at.map(|read| self.kept.until(read, begun.unwrap_or(read)))
    }

    /// What there is to keep, if it is to be kept.
    fn begin(&self, slot: &Slot) -> Option<Begin> {
        let whole = self.status == ReadStatus::Complete || !self.version.is_empty();
        let namespaces = slot.namespace.is_none() && slot.kind == Kind::new("", "Namespace");
        match self.status {
            _ if self.target.is_none() => None,
            _ if self.doubted => Some(Begin::Doubted),
            _ if whole => Some(Begin::Read),
            ReadStatus::Failed | ReadStatus::Partial => Some(Begin::Failed),
            ReadStatus::Forbidden if self.known || namespaces => Some(Begin::Refused),
            _ => None,
        }
    }

    pub(super) fn tended(&self, slot: &Slot, begun: Option<Timestamp>) -> Option<Tended> {
        let begin = self.begin(slot)?;
        Some(Tended {
            slot: slot.clone(),
            target: self.target.clone()?,
            version: self.version.clone(),
            begin,
            heard: self.heard(begun),
            missed: begin.is_here() && matches!(self.kept, Kept::Stale(_)),
            items: self.objects.len(),
            over: self.over,
        })
    }

    pub(super) fn read(&self, slot: &Slot, silence: Option<&Silence>) -> Read {
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
    fn words(&self, silence: Option<&Silence>) -> Option<String> {
        if !self.names.is_empty() {
            let (read, all) = (self.arriving.len(), self.names.len());
            return Some(format!("still loading, {read} of {all}"));
        }
        let Some(age) = self.age(silence) else { return self.message.clone() };
        // A list that broke off is out of date for the very reason.
        let message = self.message.iter().filter(|message| !age.ends_with(message.as_str()));
        Some(message.fold(age.clone(), |age, message| format!("{age}; {message}")))
    }

    fn age(&self, silence: Option<&Silence>) -> Option<String> {
        // A silent server makes old what was not lost before, and what was refused is not as of any
        // moment.
        let lost = matches!(self.kept, Kept::Stale(_));
        let brought = matches!(self.status, ReadStatus::Complete | ReadStatus::Partial);
        match (silence, self.read_at) {
            (Some(silence), Some(read)) if brought && !lost => {
                Some(not_up_to_date(self.kept.until(read, silence.since), &silence.reason))
            }
            (_, read) => self.kept.words(read.filter(|_| self.status != ReadStatus::Forbidden)),
        }
    }
}

/// Whether two objects of the same name are the same state of the same object. Versions tell, where
/// there are any and none may be given `twice`, to different states; else what is in them. A server that
/// hands an object out in another version of its kind changes its body and neither of them.
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
