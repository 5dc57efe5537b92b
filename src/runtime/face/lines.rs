//! Lines: for screen readers, for terminals that only print, and for scripts. Nothing moves, nothing
//! is drawn over, nothing spins.

use std::io::{self, BufRead as _, IsTerminal as _, Read as _, Write as _};

use anyhow::Context as _;
use tokio::sync::mpsc;

use super::FaceInput;
use crate::app::event::Event;
use crate::app::route::Screen;
use crate::app::state::State;
use crate::text::counted;
use crate::ui::linear;

/// Longest line taken, in bytes.
const LONGEST: u64 = 64 * 1024;

/// Standard input and output, line by line.
#[allow(clippy::struct_excessive_bools, reason = "independent facts about what was told")]
pub(in crate::runtime) struct Lines {
    typed: mpsc::Receiver<String>,
    /// Somebody sits there, rather than a script.
    person: bool,
    /// Messages told so far.
    told: u64,
    /// The run that was told to have begun.
    run: Option<u64>,
    /// What was open when something was told last.
    place: Option<(Screen, usize)>,
    /// A line was typed that is still to be answered.
    asked: bool,
    /// The start screen was told.
    started: bool,
    /// The first run was told.
    begun: bool,
    /// What is open was still being worked out when it was told.
    awaits: bool,
    /// The prompt stands at the end of the last line.
    prompted: bool,
}

impl Lines {
    pub(super) fn start() -> anyhow::Result<Self> {
        let (sender, typed) = mpsc::channel(16);
        std::thread::Builder::new()
            .name("lines".to_owned())
            .spawn(move || {
                while let Some(line) = read_line() {
                    if sender.blocking_send(line).is_err() {
                        break;
                    }
                }
            })
            .context("cannot read lines")?;
        let person = io::stdin().is_terminal();
        let mut lines = Self {
            typed,
            person,
            told: 0,
            run: None,
            place: None,
            asked: false,
            started: false,
            begun: false,
            awaits: false,
            prompted: false,
        };
        lines.say(&["Plimsoll, line by line. help tells the commands, quit leaves.".to_owned()])?;
        Ok(lines)
    }

    pub(super) async fn next(&mut self, busy: bool) -> FaceInput {
        if busy && !self.person {
            return std::future::pending().await;
        }
        match self.typed.recv().await {
            Some(line) => {
                self.asked = true;
                self.prompted = false;
                if !self.person {
                    // A script's lines stand in what it is told, as they would on a screen.
                    let _ = writeln!(io::stdout(), "> {}", crate::text::clean(line.trim()));
                }
                FaceInput::Event(Box::new(Event::Line(line)))
            }
            None => FaceInput::Gone,
        }
    }

    pub(super) fn show(&mut self, state: &State) -> io::Result<()> {
        let mut lines = Vec::new();
        let run = state.run.as_ref().map(|run| run.id);
        if let Some(run) = state.run.as_ref().filter(|_| run != self.run && run.is_some()) {
            lines.push(format!("Running: {} of work.", counted(run.total, "unit")));
        }
        self.run = run.or(self.run);
        let all = state.messages.all();
        let new = usize::try_from(state.messages.count() - self.told).unwrap_or(usize::MAX);
        let from = all.len().saturating_sub(new);
        lines.extend(all.iter().skip(from).map(|message| linear::message(message)));
        self.told = state.messages.count();
        let place = Some((state.nav.top().screen.clone(), state.popups.len()));
        let starts = state.nav.top().screen == Screen::Start && !state.is_beginning();
        let start = starts && !self.started;
        self.started |= starts;
        let ready = state.run.is_none() && state.data.result.is_some();
        let first = ready && !self.begun;
        self.begun |= ready;
        let moved = self.place.is_some() && self.place != place;
        let awaits = state.is_awaited();
        let ready = std::mem::replace(&mut self.awaits, awaits) && !awaits;
        if self.asked && (self.person || !awaits) {
            // A script has the answer when it is there, and nothing before.
            self.asked = false;
            lines.extend(linear::answer(state));
        } else if !self.asked && (start || first || moved || ready) {
            // Something opened by itself: the start screen, a session, a comparison, the result of the first
            // run, or what was still being worked out when it was asked for.
            lines.extend(linear::opened(state));
        }
        self.place = place;
        if lines.is_empty() && self.prompted {
            return Ok(());
        }
        self.say(&lines)?;
        if self.person {
            let mut out = io::stdout();
            write!(out, "{}", linear::prompt(state))?;
            out.flush()?;
            self.prompted = true;
        }
        Ok(())
    }

    fn say(&mut self, lines: &[String]) -> io::Result<()> {
        let mut out = io::stdout().lock();
        if std::mem::take(&mut self.prompted) && !lines.is_empty() {
            writeln!(out)?;
        }
        for line in lines {
            writeln!(out, "{line}")?;
        }
        out.flush()
    }
}

/// One line of standard input; none at its end.
fn read_line() -> Option<String> {
    let mut bytes = Vec::new();
    let input = io::stdin().lock();
    let count = input.take(LONGEST).read_until(b'\n', &mut bytes).ok()?;
    (count > 0).then(|| String::from_utf8_lossy(&bytes).into_owned())
}
