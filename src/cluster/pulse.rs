//! Whether the server still answers: a server that stands still keeps its connections open, and a
//! watch on it looks like a quiet one.
//!
//! A server that lives says something about every minute, for that is how often it sends bookmarks.
//! While it does, nothing is asked, and nothing wakes. It is asked, in small, when it was silent for
//! longer than that, or when somebody looks at what it may have been silent about.

use std::time::Duration;

use jiff::Timestamp;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until, timeout};

use super::connect::Connection;
use super::error::RequestFault;
use super::pace::Pace;

/// What came of asking.
#[derive(Debug)]
pub(super) enum Beat {
    /// Something came of it.
    Heard,
    /// Nothing came in time; when it was last heard of, and what happened.
    Silent(Timestamp, RequestFault),
    /// It could not be asked. The watches tell of that, whose connections are gone too.
    Unsure,
}

/// Asks where there is a reason to.
pub(super) struct Pulse {
    pace: Pace,
    task: JoinSet<Beat>,
    /// When it is looked whether there is one.
    next: Instant,
    /// There is one by then, whatever came meanwhile.
    surely: bool,
    /// When it was asked last.
    asked: Option<Instant>,
}

impl Pulse {
    /// It was heard of just now.
    pub(super) fn new(pace: &Pace) -> Self {
        Self {
            pace: *pace,
            task: JoinSet::new(),
            next: Instant::now() + pace.unheard,
            surely: false,
            asked: None,
        }
    }

    /// Somebody looks: what is shown should not be older than a moment.
    pub(super) fn look(&mut self, connection: &Connection) {
        let rests = |since: Instant| since.elapsed() < self.pace.pulse;
        if !rests(connection.inner.heard.at()) && !self.asked.is_some_and(rests) {
            (self.next, self.surely) = (Instant::now(), true);
        }
    }

    /// Waits for the next answer, or for the lack of one. Can be dropped at any time.
    pub(super) async fn step(&mut self, connection: &Connection) -> Beat {
        loop {
            if let Some(done) = self.task.join_next().await {
                let beat = done.unwrap_or(Beat::Unsure);
                // Until it is back it is asked whoever looks.
                self.surely = !matches!(beat, Beat::Heard);
                let wait = if self.surely { self.pace.pulse } else { self.pace.unheard };
                self.next = Instant::now() + wait;
                return beat;
            }
            sleep_until(self.next).await;
            let silent_at = connection.inner.heard.at() + self.pace.unheard;
            if !self.surely && silent_at > Instant::now() {
                self.next = silent_at;
                continue;
            }
            self.asked = Some(Instant::now());
            self.task.spawn(ask(connection.clone(), self.pace.beat));
        }
    }
}

async fn ask(connection: Connection, beat: Duration) -> Beat {
    let asked = Instant::now();
    match timeout(beat, connection.beat()).await {
        Ok(true) => Beat::Heard,
        Ok(false) => Beat::Unsure,
        // Whoever goes on telling what changes is not silent.
        Err(_) if connection.inner.heard.at() > asked => Beat::Heard,
        Err(_) => Beat::Silent(connection.inner.heard.moment(), RequestFault::Timeout(beat)),
    }
}
