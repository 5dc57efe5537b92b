//! Following a live cluster: what the checks come to after a run, while the cluster changes; what of
//! it is new, and for how long that is marked; what is held back while the screen is frozen.

mod blind;
mod delta;

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::sync::Arc;

use crate::frameworks::{Judgement, Status};
use crate::model::finding::{Finding, RunResult};
use crate::model::inventory::Inventory;
use crate::model::object::ObjectRef;
use crate::triage::Brought;

use super::ahead::CountedAhead;
use blind::Blind;
pub(super) use delta::apart;
pub use delta::{ChangedFinding, DeltaStep, RunDelta};

/// How long a row that is new or changed is marked, in milliseconds.
pub const MARKED: u64 = 10_000;
/// Shortest time between two messages about what changed, in milliseconds.
pub const TELLS: u64 = 5_000;
/// Most rows that are marked at a time: where everything changes, no mark says anything.
const MOST_MARKS: usize = 2_000;
/// How many findings that are gone are remembered.
const DEPARTED: usize = 500;

/// What the checks of a run come to on the cluster as it is later. It is shown and never saved.
#[derive(Debug, Default)]
pub struct Followed {
    /// Number of the run that it follows; what follows another one is dropped.
    pub run: u64,
    /// The objects.
    pub inventory: Arc<Inventory>,
    /// What the checks came to.
    pub result: Arc<RunResult>,
    /// What that makes of the frameworks.
    pub judged: Judgement,
    /// What files and annotations say about the findings.
    pub brought: Arc<Brought>,
    /// What is different from what the run found.
    pub since: RunDelta,
    /// When the checks began to look, RFC 3339.
    pub started: String,
    /// When they had done, RFC 3339.
    pub finished: String,
    /// By which state of the decisions it was judged.
    pub decided: u64,
    /// What was counted of it ahead, by those decisions.
    pub counted: Option<CountedAhead>,
}

/// What a row is marked with for a while.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RowMark {
    /// It was not there before.
    New,
    /// It was there, and is not the same any more.
    Changed,
    /// The status of a control before it changed.
    Was(Status),
}

impl RowMark {
    /// The sign in front of the row.
    #[must_use]
    pub fn sign(self) -> &'static str {
        match self {
            Self::New => "+",
            Self::Changed | Self::Was(_) => "±",
        }
    }

    /// The word for it.
    #[must_use]
    pub fn word(self) -> String {
        match self {
            Self::New => "new".to_owned(),
            Self::Changed => "changed".to_owned(),
            Self::Was(status) => format!("was {}", status.word()),
        }
    }
}

/// What is marked.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum MarkedRow {
    /// A finding, by fingerprint.
    Finding(Arc<str>),
    /// A control, by framework and number.
    Control(Arc<str>, Arc<str>),
    /// An object.
    Object(ObjectRef),
}

/// Why a finding is not there any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WhyGone {
    /// The object is there and passes.
    Fixed,
    /// The object is gone.
    Removed,
    /// It could not be looked at any more: nothing says that it is mended.
    Unknown,
}

impl WhyGone {
    /// The words for it.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Fixed => "it is fixed",
            Self::Removed => "its object was removed",
            Self::Unknown => "it can no longer be assessed",
        }
    }

    /// Why a finding is not in a result, given the objects that it was made of.
    #[must_use]
    pub fn of(finding: &Finding, result: &RunResult, inventory: &Inventory) -> Self {
        if Blind::of(result, inventory).hides(finding) {
            return Self::Unknown;
        }
        let removed = finding.object.as_ref().is_some_and(|id| inventory.find(id).is_none());
        if removed { Self::Removed } else { Self::Fixed }
    }
}

/// A finding that is gone.
#[derive(Clone, Debug)]
pub struct GoneFinding {
    /// As it was last.
    pub finding: Arc<Finding>,
    /// Since when, in seconds since 1970.
    pub since: i64,
    /// Why.
    pub why: WhyGone,
}

impl GoneFinding {
    /// `gone since 12:04:11 (fixed in the cluster)`, in UTC.
    #[must_use]
    pub fn words(&self) -> String {
        format!("gone since {} ({})", clock(self.since), self.why.words())
    }
}

/// The time of day of a moment, in UTC.
#[must_use]
pub fn clock(unix: i64) -> String {
    let time = jiff::Timestamp::from_second(unix).unwrap_or_default();
    time.to_zoned(jiff::tz::TimeZone::UTC).time().to_string()
}

/// `2026-11-24 12:00`, in UTC; nothing for a time that is not known.
#[must_use]
pub fn moment(unix: i64) -> String {
    let time = jiff::Timestamp::from_second(unix).ok().filter(|_| unix > 0);
    let time = time.map(|time| time.to_zoned(jiff::tz::TimeZone::UTC));
    time.map(|time| time.strftime("%Y-%m-%d %H:%M").to_string()).unwrap_or_default()
}

/// `2026-11-24 12:00 UTC` of a time that is written in RFC 3339; what is not one stays as it is.
#[must_use]
pub fn dated(time: &str) -> String {
    let parsed = time.parse::<jiff::Timestamp>().ok().map(|time| moment(time.as_second()));
    parsed
        .filter(|text| !text.is_empty())
        .map_or_else(|| time.to_owned(), |text| format!("{text} UTC"))
}

/// How long, in the largest unit that fits.
#[must_use]
pub fn age(seconds: i64) -> String {
    match seconds.max(0) {
        s @ 0..=59 => format!("{s} s"),
        s @ 60..=3_599 => format!("{} min", s / 60),
        s @ 3_600..=86_399 => format!("{} h", s / 3_600),
        s => format!("{} d", s / 86_400),
    }
}

/// Findings by fingerprint.
type Told = BTreeMap<String, Arc<Finding>>;

/// What changed and was not told yet.
#[derive(Clone, Debug, Default)]
pub(super) struct Untold {
    /// Since when, in seconds since 1970.
    pub since: i64,
    /// Findings that came, by fingerprint.
    pub new: Told,
    /// Findings that went.
    pub gone: Told,
    /// Of those, the fingerprints of what can no longer be assessed.
    pub lost: HashSet<Arc<str>>,
    /// Findings that came and went before anybody was told: short as they were there, they were.
    pub passed: Told,
    /// Controls of which the status changed.
    pub controls: usize,
}

impl Untold {
    pub fn is_empty(&self) -> bool {
        let none = self.new.is_empty() && self.gone.is_empty() && self.passed.is_empty();
        none && self.controls == 0
    }

    /// Adds a step. What went and is back before that was told is not worth a word.
    pub fn add(&mut self, step: &DeltaStep, controls: usize, unix: i64) {
        if self.is_empty() {
            self.since = unix;
        }
        for finding in &step.new {
            self.lost.remove(finding.fingerprint.as_str());
            if self.gone.remove(&finding.fingerprint).is_none() {
                self.new.insert(finding.fingerprint.clone(), Arc::clone(finding));
            }
        }
        for finding in &step.gone {
            let short = self.new.remove(&finding.fingerprint).is_some();
            let list = if short { &mut self.passed } else { &mut self.gone };
            list.insert(finding.fingerprint.clone(), Arc::clone(finding));
            if !short {
                self.lost.extend(step.lost.get(finding.fingerprint.as_str()).cloned());
            }
        }
        self.controls += controls;
    }
}

/// What the workbench knows of the cluster's changes since the run.
#[derive(Clone, Debug, Default)]
pub struct LiveState {
    /// Number of the run that is followed; 0 before any.
    pub run: u64,
    /// What is shown instead of the run, since the cluster changed.
    pub shown: Option<Arc<Followed>>,
    /// Since when changes wait to be judged, in milliseconds of [`super::event::Now::millis`], where that
    /// takes long enough to be said.
    pub behind: Option<u64>,
    /// What is marked, and until when in milliseconds of [`super::event::Now::millis`].
    marks: HashMap<MarkedRow, (RowMark, u64)>,
    departed: HashMap<Arc<str>, GoneFinding>,
    order: VecDeque<Arc<str>>,
    pub(super) untold: Untold,
    /// When changes were told last.
    pub(super) told: Option<u64>,
}

impl LiveState {
    /// From now on this run is followed, and it is what is shown.
    pub(super) fn begin(&mut self, run: u64) {
        self.run = run;
        self.shown = None;
        self.behind = None;
        self.untold = Untold::default();
    }

    /// What is different from the run, where anything is.
    #[must_use]
    pub fn moved(&self) -> Option<&RunDelta> {
        self.shown.as_ref().map(|view| &view.since).filter(|since| !since.is_empty())
    }

    /// Marks something for a while.
    pub(super) fn mark(&mut self, what: MarkedRow, flip: RowMark, now: u64) {
        if self.marks.len() < MOST_MARKS || self.marks.contains_key(&what) {
            self.marks.insert(what, (flip, now.saturating_add(MARKED)));
        }
    }

    /// Takes away the marks whose time is over.
    pub(super) fn prune(&mut self, now: u64) {
        if !self.marks.is_empty() {
            self.marks.retain(|_, (_, until)| *until > now);
        }
    }

    /// The mark on a finding.
    #[must_use]
    pub fn on_finding(&self, fingerprint: &str) -> Option<RowMark> {
        // Most of the time nothing is marked, and then no key is made.
        if self.marks.is_empty() {
            return None;
        }
        self.on(&MarkedRow::Finding(fingerprint.into()))
    }

    /// The mark on a control.
    #[must_use]
    pub fn on_control(&self, framework: &str, id: &str) -> Option<RowMark> {
        if self.marks.is_empty() {
            return None;
        }
        self.on(&MarkedRow::Control(framework.into(), id.into()))
    }

    /// The mark on an object.
    #[must_use]
    pub fn on_object(&self, id: &ObjectRef) -> Option<RowMark> {
        if self.marks.is_empty() {
            return None;
        }
        self.on(&MarkedRow::Object(id.clone()))
    }

    fn on(&self, what: &MarkedRow) -> Option<RowMark> {
        self.marks.get(what).map(|(flip, _)| *flip)
    }

    /// When the next mark goes away, or the next message is due.
    #[must_use]
    pub fn deadline(&self) -> Option<u64> {
        let mark = self.marks.values().map(|(_, until)| *until).min();
        let tell = (!self.untold.is_empty()).then(|| self.due());
        mark.into_iter().chain(tell).min()
    }

    /// From when on what changed may be told.
    pub(super) fn due(&self) -> u64 {
        self.told.map_or(0, |told| told.saturating_add(TELLS))
    }

    /// Remembers a finding that is gone.
    pub(super) fn depart(&mut self, gone: GoneFinding) {
        let print: Arc<str> = gone.finding.fingerprint.as_str().into();
        if self.departed.insert(Arc::clone(&print), gone).is_none() {
            self.order.push_back(print);
        }
        if self.order.len() > DEPARTED
            && let Some(oldest) = self.order.pop_front()
        {
            self.departed.remove(&oldest);
        }
    }

    /// A finding that is gone, if it went while somebody was here.
    #[must_use]
    pub fn gone(&self, fingerprint: &str) -> Option<&GoneFinding> {
        self.departed.get(fingerprint)
    }
}

/// Live changes that are held back.
#[derive(Clone, Debug, Default)]
pub struct HeldChanges {
    /// The newest objects.
    pub inventory: Option<Arc<Inventory>>,
    /// What the checks come to on them.
    pub followed: Option<Arc<Followed>>,
    /// How many objects are not as they are shown.
    pub changes: usize,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_one_shape_on_the_screen() {
        assert_eq!(dated("2025-06-20T06:54:41Z"), "2025-06-20 06:54 UTC");
        assert_eq!(dated("2025-06-20T08:54:41+02:00"), "2025-06-20 06:54 UTC");
        assert_eq!(dated("yesterday"), "yesterday");
        assert_eq!(dated(""), "");
    }
}
