//! A reading of everything: at first, when somebody asks for it, and after one that came to nothing.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};

use super::{Over, Owner, WHILE_LOADING};
use crate::cluster::error::UserError;
use crate::cluster::health::Stale;
use crate::cluster::live::{LiveCommand, LiveEvent, finish, progress, start};
use crate::cluster::liveness::Liveness;
use crate::cluster::pulse::{Beat, Pulse};
use crate::cluster::read::ReadStep;

/// Shortest time between two progress reports.
const PROGRESS: Duration = Duration::from_millis(50);

impl Owner {
    /// Reads everything.
    pub(super) async fn load(
        &mut self,
        commands: &mut mpsc::Receiver<LiveCommand>,
    ) -> Result<(), Over> {
        self.side.end();
        self.keepers.end_all().await;
        // What the watches left is as true as the lists that it belongs to.
        self.absorb();
        self.store.begin(None);
        self.store.kept_until(self.connection.inner.heard.moment());
        // After a failure nothing is said until something is there: it is the same news.
        let mut quiet = self.failed > 0;
        if self.loaded && !quiet {
            // Nothing is kept up to date from now on, also if the server does not answer.
            let note = Some("everything again".to_owned());
            self.emit(LiveEvent::Progress(progress(&self.store, note))).await?;
        }
        let (mut reading, mut steps) = start(&self.connection, &self.request, !self.loaded);
        let mut told = Instant::now();
        // What is known may be out of date without anybody noticing, for nobody keeps it.
        let live = self.loaded;
        let looks = Arc::clone(&self.looks);
        let mut look_at = self.expects();
        let mut silent: Option<Instant> = None;
        loop {
            tokio::select! {
                command = commands.recv() => match command {
                    // One is under way.
                    Some(LiveCommand::Refresh) => quiet = false,
                    Some(LiveCommand::Wake) => {}
                    None => return Err(Over),
                },
                () = self.events.closed() => return Err(Over),
                step = steps.recv() => {
                    let Some(step) = step else { break };
                    let note = if let ReadStep::Note(text) = &step { Some(text.clone()) } else { None };
                    self.dirty |= matches!(step, ReadStep::Page(..) | ReadStep::Names(..) | ReadStep::Done(..));
                    quiet &= !self.dirty;
                    if let ReadStep::Found(found) = &step {
                        self.side.found(Arc::clone(found));
                    }
                    self.store.apply(step);
                    // That a silent server did not answer is no progress.
                    let heard = silent.is_none_or(|at| self.connection.inner.heard.at() > at);
                    if !quiet && heard && (note.is_some() || told.elapsed() >= PROGRESS) {
                        told = Instant::now();
                        self.emit(LiveEvent::Progress(progress(&self.store, note))).await?;
                    }
                }
                () = sleep_until(self.next), if self.dirty => self.publish(WHILE_LOADING).await?,
                () = sleep_until(look_at), if live => look_at = self.expects(),
                () = looks.notified(), if live => self.pulse.look(&self.connection),
                beat = self.pulse.step(&self.connection), if live => {
                    silent = matches!(beat, Beat::Silent(..)).then(Instant::now).or(silent);
                    self.felt_while_reading(beat);
                    self.tell().await?;
                }
            }
        }
        match finish(&mut reading, &self.connection).await {
            Ok(()) => self.complete().await,
            Err(error) => self.incomplete(error).await,
        }
    }

    /// An answer is expected all the time: the server is asked whether it still answers when nothing came for a
    /// while. When to look again.
    fn expects(&mut self) -> Instant {
        let pulse = self.connection.inner.pace.pulse;
        let (now, by) = (Instant::now(), self.connection.inner.heard.at() + pulse);
        if by > now {
            return by;
        }
        self.pulse.look(&self.connection);
        now + pulse
    }

    async fn complete(&mut self) -> Result<(), Over> {
        let gone = self.store.finish(None);
        self.drop_lists(&gone);
        self.store.silence(None);
        self.pulse = Pulse::new(&self.connection.inner.pace);
        self.loaded = true;
        self.failed = 0;
        self.error = None;
        self.emit(LiveEvent::Progress(progress(&self.store, None))).await?;
        self.side.all_read();
        self.store.parts_are_old(None);
        self.watch();
        self.publish(WHILE_LOADING).await?;
        // Those that could not be read this time are as old as they were, which comes first.
        let now = self.store.liveness().filter(|now| *now != self.told);
        let (before, after) = match now {
            Some(stale @ Liveness::Stale { .. }) => (Some(stale), None),
            other => (None, other),
        };
        self.say(before).await?;
        self.emit(LiveEvent::Loaded).await?;
        self.say(after).await
    }

    async fn say(&mut self, now: Option<Liveness>) -> Result<(), Over> {
        let Some(now) = now else { return Ok(()) };
        self.told = now.clone();
        self.emit(LiveEvent::Liveness(now)).await
    }

    /// The reading failed: what was known before stays, and its watches go on.
    async fn incomplete(&mut self, error: UserError) -> Result<(), Over> {
        self.failed += 1;
        self.store.abandon(&error.why);
        if self.loaded {
            self.lose_all(&error.to_string());
            self.watch();
            // It is told in any case: this is how the reading ends.
            let now = self.store.liveness();
            return self.say(now).await;
        }
        if self.error.as_ref() == Some(&error) {
            return Ok(());
        }
        self.error = Some(error.clone());
        self.emit(LiveEvent::Failed(error)).await
    }

    /// What happened meanwhile is not known of any list until its keeper tells.
    fn lose_all(&mut self, why: &str) {
        for tended in self.store.tended().into_iter().filter(|tended| tended.begin.is_here()) {
            let since = tended.heard.unwrap_or_else(Timestamp::now);
            let lost = Stale::new(since, why.to_owned(), None);
            self.dirty |= self.store.lose(&tended.slot, lost);
        }
    }
}
