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

/// When what is looked up, and the task that does it.
pub(super) struct Side {
    pace: Pace,
    task: JoinSet<()>,
    steps: Option<mpsc::Receiver<Step>>,
    known: Option<Arc<Discovered>>,
    /// Kinds to read again whatever is served.
    kinds: BTreeSet<Kind>,
    /// Those of them that the task under way was asked for; they are due until it has read them.
    asked: BTreeSet<Kind>,
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
            kinds: BTreeSet::new(),
            asked: BTreeSet::new(),
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
        self.kinds.append(&mut self.asked);
    }

    /// Nothing is to be done for a while, but for what is due.
    pub(super) fn rest(&mut self) {
        let now = Instant::now();
        (self.look_at, self.ask_at) = (now + self.pace.discovery, now + self.pace.opt_in);
        if !self.kinds.is_empty() {
            self.look_at = now + SOON.min(self.pace.discovery);
        }
    }

    /// Everything was just read: nothing is due.
    pub(super) fn all_read(&mut self) {
        self.kinds.clear();
        self.in_vain = 0;
    }

    /// What was under way has ended. Kinds that it did not come to are due again, sooner or later.
    fn ended(&mut self) {
        self.steps = None;
        if self.asked.is_empty() {
            self.in_vain = 0;
            return;
        }
        self.kinds.append(&mut self.asked);
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
        self.kinds.extend(kinds);
        if !self.kinds.is_empty() {
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
                self.side.asked.clear();
                self.dirty = true;
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
            self.side.asked = std::mem::take(&mut self.side.kinds);
            let look = Look {
                known: self.side.known.clone(),
                kinds: self.side.asked.clone(),
                places: self.places(),
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
