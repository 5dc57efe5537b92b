//! What goes on beside the watches: looking up what is served, reading kinds that came, asking end
//! points again. One thing at a time, in a task of its own.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};

use super::discovery::Discovered;
use super::pace::Pace;
use super::read::ReadStep;
use super::store::Slot;
use crate::model::kinds::Kind;

/// A new definition is served a moment after it is written: it is looked for some times in a row.
const SOON: Duration = Duration::from_secs(1);
const TIMES: u32 = 5;

/// What is to be read.
#[derive(Clone, Default)]
pub(super) struct Due {
    /// Kinds to read again.
    pub kinds: BTreeSet<Kind>,
    /// Namespaces that came.
    pub places: BTreeSet<String>,
}

impl Due {
    fn is_empty(&self) -> bool {
        self.kinds.is_empty() && self.places.is_empty()
    }

    fn append(&mut self, mut more: Self) {
        self.kinds.append(&mut more.kinds);
        self.places.append(&mut more.places);
    }
}

/// The task that goes on beside the watches of a live source, and when it does what; the owner has it.
pub(super) struct SideTask {
    pace: Pace,
    task: JoinSet<()>,
    steps: Option<mpsc::Receiver<ReadStep>>,
    known: Option<Arc<Discovered>>,
    /// Whatever is served.
    due: Due,
    /// What of it the task under way was asked for; it is due until it was read.
    asked: Due,
    /// Looks in a row that read nothing of what was due.
    in_vain: u32,
    look_at: Instant,
    ask_at: Instant,
    /// When what was refused is asked for again, and the last that was.
    beg_at: Instant,
    begged: Option<Slot>,
    /// Looks that follow soon.
    eager: u32,
}

/// What it is time for.
pub(super) enum Duty {
    /// To look up what is served, and to read this.
    Look(Due),
    /// To ask end points.
    Answers,
    /// To ask for what was refused from the first, from after this list on.
    Refused(Option<Slot>),
}

/// What happens on the side, told to the owner.
pub(super) enum SideEvent {
    /// A step of the task under way.
    Step(ReadStep),
    /// The task under way has ended.
    Ended,
    /// Nothing is under way, and it is time to do something.
    Due,
}

impl SideTask {
    /// Nothing is known and nothing is due.
    pub(super) fn new(pace: &Pace) -> Self {
        let now = Instant::now();
        Self {
            pace: *pace,
            task: JoinSet::new(),
            steps: None,
            known: None,
            due: Due::default(),
            asked: Due::default(),
            in_vain: 0,
            look_at: now + pace.discovery,
            ask_at: now + pace.opt_in,
            beg_at: now + pace.denied,
            begged: None,
            eager: 0,
        }
    }

    /// Ends what is under way. What was due is due.
    pub(super) fn end(&mut self) {
        self.task.abort_all();
        self.steps = None;
        self.due.append(std::mem::take(&mut self.asked));
    }

    /// Nothing is to be done for a while, but for what is due.
    pub(super) fn rest(&mut self) {
        let now = Instant::now();
        (self.look_at, self.ask_at) = (now + self.pace.discovery, now + self.pace.opt_in);
        self.beg_at = now + self.pace.denied;
        if !self.due.is_empty() {
            self.look_at = now + SOON.min(self.pace.discovery);
        }
    }

    /// Everything was just read: nothing is due.
    pub(super) fn all_read(&mut self) {
        self.due = Due::default();
        self.in_vain = 0;
    }

    /// What was under way has ended. What it did not come to is due again, sooner or later.
    pub(super) fn ended(&mut self) {
        self.steps = None;
        if self.asked.is_empty() {
            self.in_vain = 0;
            return;
        }
        self.due.append(std::mem::take(&mut self.asked));
        let wait = SOON.saturating_mul(1 << self.in_vain.min(6)).min(self.pace.discovery);
        self.in_vain += 1;
        self.look_at = self.look_at.min(Instant::now() + wait);
    }

    /// What is served now.
    pub(super) fn found(&mut self, found: Arc<Discovered>) {
        self.known = Some(found);
    }

    /// What is served may just have changed.
    pub(super) fn soon(&mut self) {
        self.eager = TIMES;
        self.look_at = self.look_at.min(Instant::now() + SOON.min(self.pace.discovery));
    }

    /// These kinds have to be read again.
    pub(super) fn again(&mut self, kinds: impl IntoIterator<Item = Kind>) {
        self.due.kinds.extend(kinds);
        if !self.due.kinds.is_empty() {
            self.look_at = self.look_at.min(Instant::now());
        }
    }

    /// These namespaces came: what is read namespace by namespace is to be read there.
    pub(super) fn also(&mut self, places: BTreeSet<String>) {
        if !places.is_empty() {
            self.due.places.extend(places);
            self.look_at = self.look_at.min(Instant::now());
        }
    }

    /// Waits for the next thing to do. Can be dropped at any time.
    pub(super) async fn step(&mut self) -> SideEvent {
        if let Some(steps) = &mut self.steps {
            steps.recv().await.map_or(SideEvent::Ended, SideEvent::Step)
        } else {
            sleep_until(self.look_at.min(self.ask_at).min(self.beg_at)).await;
            SideEvent::Due
        }
    }

    /// What it is time for, if nothing is under way.
    pub(super) fn duty(&mut self) -> Option<Duty> {
        let now = Instant::now();
        if self.steps.is_some() {
            return None;
        }
        if self.look_at <= now {
            self.asked = std::mem::take(&mut self.due);
            let eager = self.eager > 0;
            self.eager = self.eager.saturating_sub(1);
            let wait = if eager { SOON.min(self.pace.discovery) } else { self.pace.discovery };
            self.look_at = now + wait;
            return Some(Duty::Look(self.asked.clone()));
        }
        if self.ask_at <= now {
            self.ask_at = now + self.pace.opt_in;
            return Some(Duty::Answers);
        }
        if self.beg_at <= now {
            self.beg_at = now + self.pace.denied;
            return Some(Duty::Refused(self.begged.clone()));
        }
        None
    }

    /// This list is the last that is asked for again for now.
    pub(super) fn begs(&mut self, last: Option<Slot>) {
        self.begged = last;
    }

    /// These kinds have to be read again when the server had time for what changed of them.
    pub(super) fn later(&mut self, kinds: Vec<Kind>) {
        if !kinds.is_empty() {
            self.due.kinds.extend(kinds);
            self.soon();
        }
    }

    /// Begins something that tells its steps.
    pub(super) fn begin<F>(&mut self, work: impl FnOnce(mpsc::Sender<ReadStep>) -> F)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let (sender, steps) = mpsc::channel(256);
        self.steps = Some(steps);
        self.task.spawn(work(sender));
        // Those that have ended are not remembered.
        while self.task.try_join_next().is_some() {}
    }

    /// What was served when it was last looked up.
    pub(super) fn known(&self) -> Option<Arc<Discovered>> {
        self.known.clone()
    }

    /// The kinds that were due have been read.
    pub(super) fn kinds_read(&mut self) {
        self.asked.kinds.clear();
    }

    /// The namespaces that came have been read.
    pub(super) fn places_read(&mut self) {
        self.asked.places.clear();
    }
}
