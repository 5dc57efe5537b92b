//! One list: what is known of it, and what becomes of that as it is read and followed.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use super::{ObjectName, Slot, Tended, name};
use crate::cluster::api_resource::ApiResource;
use crate::cluster::health::{Freshness, Silence, Stale, not_up_to_date};
use crate::cluster::inbox::ObjectChange;
use crate::cluster::keeper::Begin;
use crate::cluster::list::ListResult;
use crate::cluster::watch::is_before;
use crate::model::arriving::Arriving;
use crate::model::kinds::{Builtin, Kind};
use crate::model::object::Object;
use crate::model::read::{Read, ReadStatus};

/// What the read of a list says that was never here.
const LOADING: &str = "still loading";

/// One list. Its objects are those of the last reading that brought any, with what its watch told since.
pub(super) struct ListState {
    pub(super) target: Option<Arc<ApiResource>>,
    /// What came of it, as its read says.
    pub(super) status: ReadStatus,
    pub(super) message: Option<String>,
    millis: Option<u64>,
    pub(super) held: HeldList,
    /// In the order of an inventory, so that making one need not sort them.
    pub(super) objects: BTreeMap<ObjectName, Arc<Object>>,
    /// How it is kept since it was read.
    pub(super) kept: Freshness,
    /// It goes on beyond what is taken.
    over: bool,
    /// It could be read once.
    was_read: bool,
    pub(super) reading: Reading,
}

/// What is held of a list, whatever is being done about it.
pub(super) enum HeldList {
    /// Nothing, for no reading of it has ended: what came so far of the first.
    Never(FirstPages),
    /// All of it, as of when it was asked for.
    Whole {
        as_of: Timestamp,
        /// Where a watch goes on; empty if it cannot.
        version: String,
        /// It was refused in the last reading, which is not believed yet.
        doubted: bool,
    },
    /// What came before its reading broke off, as of when it was asked for.
    Part { as_of: Timestamp },
    /// Nothing: its reading failed.
    Failed,
    /// Nothing: it may not be read.
    Refused,
    /// Nothing: it is not served, not asked for, or not told of.
    Absent,
}

/// What came so far of a list that was never here.
#[derive(Default)]
pub(super) struct FirstPages {
    pub(super) objects: Vec<Arc<Object>>,
    /// How often it was begun anew.
    again: usize,
    /// The names of everything in it.
    pub(super) names: Vec<Arc<Arriving>>,
}

/// How far the reading under way is with a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reading {
    /// It did not come to it yet, and may not.
    Unseen,
    /// It is expected.
    Due,
    /// It is done with it; or none is under way.
    Done,
}

impl HeldList {
    /// What is held of a list that came to this, and was asked for then.
    fn of(listed: &mut ListResult, as_of: Timestamp) -> Self {
        let version = std::mem::take(&mut listed.version);
        match listed.status {
            // Some of its items may be no objects.
            ReadStatus::Partial if version.is_empty() => Self::Part { as_of },
            ReadStatus::Complete | ReadStatus::Partial => {
                Self::Whole { as_of, version, doubted: false }
            }
            ReadStatus::Failed => Self::Failed,
            ReadStatus::Forbidden => Self::Refused,
            ReadStatus::NotServed | ReadStatus::NotAsked | ReadStatus::Hidden => Self::Absent,
        }
    }

    /// As of when it is; none where there is nothing.
    fn as_of(&self) -> Option<Timestamp> {
        match self {
            Self::Whole { as_of, .. } | Self::Part { as_of } => Some(*as_of),
            Self::Never(_) | Self::Failed | Self::Refused | Self::Absent => None,
        }
    }

    /// Where a watch goes on; empty if it cannot.
    fn version(&self) -> &str {
        if let Self::Whole { version, .. } = self { version } else { "" }
    }

    pub(super) fn is_whole(&self) -> bool {
        matches!(self, Self::Whole { .. })
    }

    pub(super) fn is_doubted(&self) -> bool {
        matches!(self, Self::Whole { doubted: true, .. })
    }

    pub(super) fn is_refused(&self) -> bool {
        matches!(self, Self::Refused)
    }

    /// What came so far of a list that was never here.
    pub(super) fn first(&self) -> Option<&FirstPages> {
        if let Self::Never(first) = self { Some(first) } else { None }
    }
}

impl ListState {
    pub(super) fn new() -> Self {
        Self {
            target: None,
            status: ReadStatus::Partial,
            message: Some(LOADING.to_owned()),
            millis: None,
            held: HeldList::Never(FirstPages::default()),
            objects: BTreeMap::new(),
            kept: Freshness::Current,
            over: false,
            was_read: false,
            reading: Reading::Unseen,
        }
    }

    /// Objects that came of it in the reading under way.
    pub(super) fn came(&self) -> usize {
        match self.reading {
            Reading::Due => self.held.first().map_or(0, |first| first.objects.len()),
            _ => self.objects.len(),
        }
    }

    /// Objects that are there to be shown.
    pub(super) fn shown(&self) -> usize {
        let arriving = self.held.first().map_or(0, |first| first.objects.len());
        self.objects.len() + arriving
    }

    /// A reading will bring it. What broke off before it ever came is loading again.
    pub(super) fn plan(&mut self, target: Option<Arc<ApiResource>>) {
        self.target = target;
        self.reading = Reading::Due;
        if let HeldList::Never(_) = self.held {
            (self.status, self.message) = (ReadStatus::Partial, Some(LOADING.to_owned()));
        }
    }

    /// The reading that was to bring it broke off.
    pub(super) fn abandon(&mut self, why: &str) {
        let was_due = std::mem::replace(&mut self.reading, Reading::Done) == Reading::Due;
        if let HeldList::Never(first) = &mut self.held
            && was_due
        {
            *first = FirstPages::default();
            (self.status, self.message) = (ReadStatus::Failed, Some(why.to_owned()));
        }
    }

    /// A page of a list that was begun anew so often: what came of it before is another state. What is
    /// here already stays as it is until the new list is whole.
    pub(super) fn arrive(&mut self, again: usize, objects: Vec<Arc<Object>>) {
        let HeldList::Never(first) = &mut self.held else { return };
        if std::mem::replace(&mut first.again, again) != again {
            first.objects.clear();
        }
        first.objects.extend(objects);
    }

    /// Names that come when the list is there, or has been there before, say nothing new.
    pub(super) fn name(&mut self, names: Vec<Arc<Arriving>>) {
        if let HeldList::Never(first) = &mut self.held {
            first.names = names;
        }
    }

    /// A reading is done with it. What was whole and could not be read this time stays as it was, also
    /// if it was refused: whether a right is gone is asked more than once.
    pub(super) fn done(&mut self, slot: &Slot, listed: ListResult, begun: Option<Timestamp>) {
        self.reading = Reading::Done;
        let broken = matches!(listed.status, ReadStatus::Failed | ReadStatus::Partial)
            && listed.version.is_empty();
        let since = self.heard(begun).filter(|_| broken || listed.denied);
        if let (HeldList::Whole { doubted, .. }, Some(since)) = (&mut self.held, since) {
            *doubted = listed.denied;
            let why = listed.message.unwrap_or_else(|| "the list failed".to_owned());
            self.kept.lose(Stale::new(since, self.of(slot, &why), Some(Duration::ZERO)));
            return;
        }
        self.take(listed);
        // Whether it is watched again its keeper tells.
        if self.held.as_of().is_none() || !matches!(self.kept, Freshness::Polled { .. }) {
            self.kept = Freshness::Current;
        }
    }

    /// What came of a list before it broke off is kept, and as old as that.
    pub(super) fn part(&mut self, slot: &Slot) {
        if let (HeldList::Part { as_of }, Some(why), Some(_)) =
            (&self.held, &self.message, &self.target)
        {
            let lost = Stale::new(*as_of, self.of(slot, why), Some(Duration::ZERO));
            self.kept.lose(lost);
        }
    }

    /// `pods in team-a: why`, where it is known what it is called.
    fn of(&self, slot: &Slot, why: &str) -> String {
        let target = self.target.as_ref();
        target.map_or_else(|| why.to_owned(), |target| format!("{}: {why}", slot.words(target)))
    }

    /// Takes in a new list; tells whether it says anything new. An object that did not change stays
    /// the very same, so that nothing that rests on it is worked out again.
    pub(super) fn take(&mut self, mut listed: ListResult) -> bool {
        // A server that was restored from a backup gives versions a second time, and objects of a kind
        // whose definition changed have another body in the version that they had.
        let custom = self.target.as_ref().is_some_and(|target| target.kind.builtin().is_none());
        let twice = custom || is_before(&listed.version, self.held.version());
        // Where it is of one moment, that is the one at which its first page was made.
        let took = Duration::from_millis(listed.millis.unwrap_or_default());
        let now = Timestamp::now();
        self.held = HeldList::of(&mut listed, now.checked_sub(took).unwrap_or(now));
        let mut before = std::mem::take(&mut self.objects);
        let many = before.len();
        let mut stayed = 0;
        for object in listed.objects {
            let key = name(&object);
            let old = before.remove(&key).filter(|old| is_same(old, &object, twice));
            stayed += usize::from(old.is_some());
            self.objects.insert(key, old.unwrap_or(object));
        }
        let told = (self.status, &self.message) != (listed.status, &listed.message);
        self.status = listed.status;
        self.message = listed.message;
        self.millis = listed.millis;
        self.over = listed.over;
        self.was_read |= self.held.as_of().is_some();
        stayed != many || stayed != self.objects.len() || told
    }

    /// Its watch got this far.
    pub(super) fn reach(&mut self, to: String) {
        if let HeldList::Whole { version, .. } = &mut self.held {
            *version = to;
        }
    }

    pub(super) fn change(&mut self, name: ObjectName, change: ObjectChange) -> bool {
        let held = self.objects.get(&name);
        match change {
            ObjectChange::Now(object) if held.is_some_and(|held| is_same(held, &object, false)) => {
                false
            }
            // A watch that begins before the last page of its list tells some of it again.
            ObjectChange::Now(object)
                if held.is_some_and(|held| is_before(&object.version, &held.version)) =>
            {
                false
            }
            ObjectChange::Now(object) => {
                self.objects.insert(name, object);
                true
            }
            ObjectChange::Gone(_) if held.is_some_and(|held| change.is_late_for(&held.uid)) => {
                false
            }
            ObjectChange::Gone(_) => self.objects.remove(&name).is_some(),
        }
    }

    /// When it was last known to be so, if it was kept until `begun`; none where there is nothing.
    pub(super) fn heard(&self, begun: Option<Timestamp>) -> Option<Timestamp> {
        self.held.as_of().map(|read| self.kept.until(read, begun.unwrap_or(read)))
    }

    /// What there is to keep, if it is to be kept.
    fn begin(&self, slot: &Slot) -> Option<Begin> {
        self.target.as_ref()?;
        let namespaces = slot.namespace.is_none() && slot.kind == Kind::new("", "Namespace");
        match &self.held {
            HeldList::Whole { doubted: true, .. } => Some(Begin::Doubted),
            HeldList::Whole { .. } => Some(Begin::Read),
            HeldList::Never(_) | HeldList::Part { .. } | HeldList::Failed => Some(Begin::Failed),
            HeldList::Refused if self.was_read || namespaces => Some(Begin::Refused),
            HeldList::Refused | HeldList::Absent => None,
        }
    }

    pub(super) fn tended(&self, slot: &Slot, begun: Option<Timestamp>) -> Option<Tended> {
        let begin = self.begin(slot)?;
        Some(Tended {
            slot: slot.clone(),
            target: self.target.clone()?,
            version: self.held.version().to_owned(),
            begin,
            heard: self.heard(begun),
            missed: begin.is_here() && matches!(self.kept, Freshness::Stale(_)),
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
            items: self.shown(),
            message: self.words(silence),
            millis: self.millis,
        }
    }

    /// What is to be said of the list: how old it is, and what the server said.
    fn words(&self, silence: Option<&Silence>) -> Option<String> {
        if let HeldList::Never(first) = &self.held
            && !first.names.is_empty()
        {
            let (read, all) = (first.objects.len(), first.names.len());
            return Some(format!("{LOADING}, {read} of {all}"));
        }
        let Some(age) = self.age(silence) else { return self.message.clone() };
        // A list that broke off is out of date for the very reason.
        let message = self.message.iter().filter(|message| !age.ends_with(message.as_str()));
        Some(message.fold(age.clone(), |age, message| format!("{age}; {message}")))
    }

    fn age(&self, silence: Option<&Silence>) -> Option<String> {
        // A silent server makes old what was not lost before, and of what there is nothing there is no age.
        let lost = matches!(self.kept, Freshness::Stale(_));
        match (silence, self.held.as_of()) {
            (Some(silence), Some(read)) if !lost => {
                Some(not_up_to_date(self.kept.until(read, silence.since), &silence.reason))
            }
            (_, read) => self.kept.words(read),
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
