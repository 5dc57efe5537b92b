//! Whether the server still answers, asked in small while its watches have nothing to say: a server
//! that stands still keeps its connections open, and a watch on it looks like a quiet one.

use jiff::Timestamp;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until, timeout};

use super::connect::Connection;
use super::error::Fault;
use super::health::Silence;
use super::owner::Owner;
use super::pace::Pace;

/// What came of asking.
#[derive(Debug)]
pub(super) enum Beat {
    /// Something answered, asked at this moment.
    Heard(Timestamp),
    /// Nothing came in time.
    Silent(Fault),
    /// It could not be asked. The watches tell of that, whose connections are gone too.
    Unsure,
}

/// Asks from time to time.
pub(super) struct Pulse {
    pace: Pace,
    task: JoinSet<Beat>,
    next: Instant,
    heard: Timestamp,
}

impl Pulse {
    /// It was heard of just now.
    pub(super) fn new(pace: &Pace) -> Self {
        Self {
            pace: *pace,
            task: JoinSet::new(),
            next: Instant::now() + pace.pulse,
            heard: Timestamp::now(),
        }
    }

    /// Waits for the next answer, or for the lack of one. Can be dropped at any time.
    pub(super) async fn step(&mut self, connection: &Connection) -> Beat {
        loop {
            if let Some(done) = self.task.join_next().await {
                self.next = Instant::now() + self.pace.pulse;
                return done.unwrap_or(Beat::Unsure);
            }
            sleep_until(self.next).await;
            let (connection, limit) = (connection.clone(), self.pace.beat);
            self.task.spawn(async move {
                let asked = Timestamp::now();
                match timeout(limit, connection.beat()).await {
                    Err(_) => Beat::Silent(Fault::Timeout(limit)),
                    Ok(true) => Beat::Heard(asked),
                    Ok(false) => Beat::Unsure,
                }
            });
        }
    }
}

impl Owner {
    /// Takes in whether the server answers: everything that is known is out of date while it does
    /// not.
    pub(super) fn felt(&mut self, beat: Beat) {
        match beat {
            Beat::Unsure => {}
            Beat::Heard(asked) => {
                self.pulse.heard = asked;
                if self.board.silence(None) {
                    self.dirty |= self.store.silence(None);
                    self.untold = true;
                    // Connections may have died meanwhile without a word.
                    self.keepers.wake();
                }
            }
            Beat::Silent(fault) => {
                let (since, reason) = (self.pulse.heard, format!("the server is silent: {fault}"));
                let retry_in = self.pulse.pace.pulse;
                let silence = Silence { since, reason, retry_in };
                self.dirty |= self.store.silence(Some(silence.stamp()));
                self.board.silence(Some(silence));
                self.untold = true;
            }
        }
    }
}
