//! What goes on beside the watches: looking up what is served, reading kinds that came, asking end
//! points again. One thing at a time, in a task of its own.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};

use super::again::{self, Look};
use super::configz::Nodes;
use super::discovery::Discovered;
use super::owner::Owner;
use super::pace::Pace;
use super::read::Step;
use crate::model::kinds::Kind;
use crate::model::read::ReadStatus;

/// A new definition is served a moment after it is written: it is looked for some times in a row.
const SOON: Duration = Duration::from_secs(1);
const TIMES: u32 = 5;

/// What is to be read.
#[derive(Default)]
struct Due {
    /// Kinds to read again.
    kinds: BTreeSet<Kind>,
    /// Namespaces that came.
    places: BTreeSet<String>,
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

/// When what is looked up, and the task that does it.
pub(super) struct Side {
    pace: Pace,
    task: JoinSet<()>,
    steps: Option<mpsc::Receiver<Step>>,
    known: Option<Arc<Discovered>>,
    /// Whatever is served.
    due: Due,
    /// What of it the task under way was asked for; it is due until it was read.
    asked: Due,
    /// Looks in a row that read nothing of what was due.
    in_vain: u32,
    look_at: Instant,
    ask_at: Instant,
    /// Looks that follow soon.
    eager: u32,
}

/// What the side has to say.
pub(super) enum Beside {
    /// A step of the task under way.
    Step(Step),
    /// The task under way has ended.
    Ended,
    /// Nothing is under way, and it is time to do something.
    Due,
}

impl Side {
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
    fn ended(&mut self) {
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
    fn also(&mut self, places: BTreeSet<String>) {
        if !places.is_empty() {
            self.due.places.extend(places);
            self.look_at = self.look_at.min(Instant::now());
        }
    }

    /// Waits for the next thing to do. Can be dropped at any time.
    pub(super) async fn step(&mut self) -> Beside {
        if let Some(steps) = &mut self.steps {
            steps.recv().await.map_or(Beside::Ended, Beside::Step)
        } else {
            sleep_until(self.look_at.min(self.ask_at)).await;
            Beside::Due
        }
    }

    fn is_idle(&self) -> bool {
        self.steps.is_none()
    }
}

impl Owner {
    /// Takes in what happened beside.
    pub(super) fn beside(&mut self, beside: Beside) {
        match beside {
            Beside::Ended => self.side.ended(),
            Beside::Due => {}
            Beside::Step(Step::Found(found)) => {
                self.dirty |= self.store.gaps(&again::gaps(&found));
                self.side.found(found);
            }
            Beside::Step(Step::Renew(kinds)) => self.store.begin(Some(&kinds)),
            Beside::Step(Step::Renewed(kinds)) => {
                for slot in self.store.finish(Some(&kinds)) {
                    self.drop_list(&slot);
                    self.connection.inner.budget.forget(&slot);
                }
                self.side.asked.kinds.clear();
                self.dirty = true;
            }
            Beside::Step(Step::Entered) => {
                self.side.asked.places.clear();
                // Some may have gone meanwhile.
                if let Some(places) = self.all_places() {
                    self.leave(&places);
                }
            }
            Beside::Step(Step::Done(slot, target, listed)) => {
                // What the watch left belongs to the list that is replaced.
                self.keepers.end(&slot);
                self.absorb();
                self.drop_list(&slot);
                self.store.apply(Step::Done(slot.clone(), target, listed));
                if let Some(tended) = self.store.tended_one(&slot) {
                    if let Some(down) = tended.down() {
                        self.hear(slot, down);
                    }
                    self.keepers.keep(&self.connection, &self.merge, tended);
                }
                self.stamp_answers();
                self.dirty = true;
            }
            Beside::Step(step) => {
                self.store.apply(step);
            }
        }
    }

    /// Begins what is due.
    pub(super) fn look_around(&mut self) {
        let now = Instant::now();
        if !self.side.is_idle() {
            return;
        }
        if self.side.look_at <= now {
            self.side.asked = std::mem::take(&mut self.side.due);
            let came = self.side.asked.places.iter().cloned().collect();
            let look = Look {
                known: self.side.known.clone(),
                kinds: self.side.asked.kinds.clone(),
                places: self.places(),
                came,
                narrow: self.store.narrow(),
            };
            let eager = self.side.eager > 0;
            self.side.eager = self.side.eager.saturating_sub(1);
            let wait =
                if eager { SOON.min(self.side.pace.discovery) } else { self.side.pace.discovery };
            self.side.look_at = now + wait;
            let (connection, request) = (self.connection.clone(), self.request.clone());
            let (sender, steps) = mpsc::channel(256);
            self.side.steps = Some(steps);
            self.side.task.spawn(async move {
                again::look(&connection, &request, look, &sender).await;
            });
        } else if self.side.ask_at <= now {
            self.side.ask_at = now + self.side.pace.opt_in;
            let (names, status, message) = self.store.names(Kind::new("", "Node"));
            let nodes = Nodes { names, status, message };
            let (connection, request) = (self.connection.clone(), self.request.clone());
            let (sender, steps) = mpsc::channel(256);
            self.side.steps = Some(steps);
            self.side.task.spawn(async move {
                again::answers(&connection, &request, nodes, &sender).await;
            });
        }
        while self.side.task.try_join_next().is_some() {}
    }

    /// All namespaces there are, if that is known.
    pub(super) fn all_places(&self) -> Option<BTreeSet<String>> {
        let (names, status, _) = self.store.names(Kind::new("", "Namespace"));
        (status == ReadStatus::Complete).then(|| names.into_iter().collect())
    }

    /// Namespaces may have come or gone: lists go with theirs, and what came is read.
    pub(super) fn look_in(&mut self, before: Option<BTreeSet<String>>) {
        let now = self.all_places();
        if before == now {
            return;
        }
        let narrow = self.store.narrow();
        match (before, now) {
            _ if narrow.is_empty() => {}
            (Some(before), Some(now)) => {
                self.leave(&now);
                self.side.also(now.difference(&before).cloned().collect());
            }
            _ => self.side.again(narrow.into_keys()),
        }
    }

    /// What is read namespace by namespace is gone outside of these.
    fn leave(&mut self, places: &BTreeSet<String>) {
        for slot in self.store.leave(places) {
            self.drop_list(&slot);
            self.connection.inner.budget.forget(&slot);
            self.dirty = true;
        }
    }

    /// Where to look for what may not be listed everywhere.
    fn places(&self) -> Vec<String> {
        let (mut names, status, _) = self.store.names(Kind::new("", "Namespace"));
        match &self.request.namespaces {
            Some(asked) => asked.clone(),
            None if status == ReadStatus::Complete => {
                names.sort();
                names
            }
            None => vec![self.connection.namespace().unwrap_or("default").to_owned()],
        }
    }
}
