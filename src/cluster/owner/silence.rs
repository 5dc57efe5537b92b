//! Whether the server still answers, and what that makes of the lists.

use std::time::Duration;

use jiff::Timestamp;
use tokio::time::Instant;

use super::Owner;
use crate::cluster::error::RequestFault;
use crate::cluster::health::{Silence, Stale};
use crate::cluster::keeper::Begin;
use crate::cluster::pulse::Beat;

impl Owner {
    /// Takes in whether the server answers: everything that is known is out of date while it does
    /// not.
    pub(super) fn felt(&mut self, beat: Beat) {
        match beat {
            Beat::Unsure => {}
            Beat::Heard => {
                if let Some(silence) = self.store.heard_again() {
                    self.dirty = true;
                    self.doubt(&silence);
                    // Connections may have died meanwhile without a word.
                    self.keepers.wake();
                }
            }
            Beat::Silent(since, fault) => self.silent(since, &fault),
        }
    }

    /// The same while everything is read. Nobody keeps a list meanwhile: what does not come is as old as the
    /// beginning of the reading.
    pub(super) fn felt_while_reading(&mut self, beat: Beat) {
        match beat {
            Beat::Unsure => {}
            Beat::Heard => {
                if let Some(silence) = self.store.heard_again() {
                    self.dirty = true;
                    let reason = format!("{}, and is read again", silence.reason);
                    let lost = Stale::new(silence.since, reason, None);
                    self.store.lose_unread(&lost);
                }
            }
            Beat::Silent(since, fault) => {
                self.silent(self.store.begun().unwrap_or(since), &fault);
            }
        }
    }

    fn silent(&mut self, since: Timestamp, fault: &RequestFault) {
        let reason = format!("the server is silent: {fault}");
        let retry_at = Instant::now() + self.connection.inner.pace.pulse;
        let silence = Silence { since, reason, retry_at };
        self.dirty |= self.store.silence(Some(silence));
    }

    /// What happened during a silence each list has yet to learn: until its keeper tells how it is, it
    /// is as old as it was.
    fn doubt(&mut self, silence: &Silence) {
        for tended in self.store.tended() {
            if tended.begin != Begin::Read || !self.keepers.has(&tended.slot) {
                continue;
            }
            let since = self.store.heard(&tended.slot, silence.since);
            let reason = format!("{}, and is asked what happened meanwhile", silence.reason);
            let lost = Stale::new(since, reason, Some(Duration::ZERO));
            self.dirty |= self.store.lose(&tended.slot, lost);
        }
    }
}
