//! The end: what is being written is waited for, but not for ever.

use std::time::{Duration, Instant};

use super::{Shell, sleep_until};
use crate::app::event::{Event, UserError};
use crate::app::key::Key;
use crate::runtime::face::FaceInput;
use crate::term::signals::Wish;

/// When it is said that something is waited for. Until then nobody who leaves twice loses anything.
const SOON: Duration = Duration::from_secs(1);
/// Longest wait.
const PATIENCE: Duration = Duration::from_secs(30);

impl Shell {
    /// Waits for what is being written: whoever decided something, or asked for a file, and left at once has
    /// it. A disk may never answer: whoever says once more that they leave does not wait any longer.
    ///
    /// # Errors
    /// When something is left behind.
    pub(super) async fn leave(&mut self) -> anyhow::Result<()> {
        let begun = Instant::now();
        let (mut told, mut alone) = (false, false);
        loop {
            let writing = self.judging.is_writing();
            if !writing {
                // Nobody hears the desk any more; it must not wait for that.
                self.inbox.close();
            }
            let until = begun + if told { PATIENCE } else { SOON };
            let again = tokio::select! {
                biased;
                done = self.judging.done(), if writing => {
                    self.judged(done);
                    false
                }
                () = self.desk.finish(), if !writing => return Ok(()),
                wish = self.signals.next() => wish == Wish::End,
                said = self.stage.face.next(false), if !alone => {
                    alone = matches!(said, FaceInput::Gone);
                    leaves(&said)
                }
                () = sleep_until(Some(until)) => {
                    let late = std::mem::replace(&mut told, true);
                    if !late {
                        self.say_what_is_waited_for();
                    }
                    late
                }
            };
            if again && told {
                anyhow::bail!(
                    "the disk did not answer: what was not said to be saved may not be; look with \
                     `plimsoll sessions show last`"
                );
            }
        }
    }

    fn say_what_is_waited_for(&mut self) {
        self.feed(Event::Failed(UserError {
            what: "still writing".to_owned(),
            why: "the disk has not answered yet".to_owned(),
            next: "Ctrl-C leaves without waiting".to_owned(),
        }));
        self.stage.hasten();
        // A terminal that is gone shows nothing.
        let _ = self.draw_if_due();
    }
}

/// Whether somebody says that they leave.
fn leaves(said: &FaceInput) -> bool {
    let FaceInput::Event(event) = said else { return false };
    matches!(**event, Event::Key(key) if key == Key::ctrl('c'))
}
