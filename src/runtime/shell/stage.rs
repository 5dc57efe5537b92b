//! What is on the terminal: the face, when it was drawn last, and how it is dressed.

use std::time::{Duration, Instant};

use crate::app::state::State;
use crate::runtime::face::Face;
use crate::text::{clean, cut};
use crate::ui;

/// Shortest time between two frames that no key asked for.
const FRAME: Duration = Duration::from_millis(16);
/// Widest title, in cells.
const TITLE: usize = 80;

/// The face of the workbench, and what it shows.
pub(super) struct Stage {
    pub face: Face,
    /// The theme that it wears.
    theme: String,
    /// What was wrong with themes and keys when they were read last.
    pub faults: Vec<String>,
    /// What the title says.
    title: String,
    /// Something changed since the last frame.
    stale: bool,
    drawn: Option<Instant>,
}

impl Stage {
    /// Nothing is drawn yet; the face wears this theme, and this was wrong with themes and keys.
    pub fn new(face: Face, theme: &str, faults: Vec<String>) -> Self {
        let (theme, title) = (theme.to_owned(), String::new());
        Self { face, theme, faults, title, stale: true, drawn: None }
    }

    /// What was wrong is told again.
    pub fn forget_faults(&mut self) {
        self.faults.clear();
    }

    /// Something changed.
    pub fn touch(&mut self) {
        self.stale = true;
    }

    /// Somebody is there: the next frame does not wait for its time.
    pub fn hasten(&mut self) {
        self.drawn = None;
    }

    /// When the next frame is due; none where nothing changed.
    pub fn due(&self) -> Option<Instant> {
        self.stale.then(|| self.drawn.map_or_else(Instant::now, |at| at + FRAME))
    }

    /// Whether something changed and the time for the next frame has come.
    pub fn is_due(&self) -> bool {
        let soon = self.drawn.is_some_and(|at| at.elapsed() < FRAME);
        self.stale && (!soon || self.face.tells_all())
    }

    /// Draws if a frame is due.
    pub fn show(&mut self, state: &State) -> anyhow::Result<()> {
        if !self.is_due() {
            return Ok(());
        }
        self.face.show(state)?;
        self.drawn = Some(Instant::now());
        self.stale = false;
        Ok(())
    }

    /// The theme that it wears.
    pub fn theme(&self) -> &str {
        &self.theme
    }

    /// Puts a theme on.
    pub fn dress(&mut self, theme: ui::TerminalTheme, name: &str) {
        self.face.dress(theme);
        name.clone_into(&mut self.theme);
    }

    /// Says in the terminal's title what is assessed.
    pub fn entitle(&mut self, name: &str) {
        let text =
            if name.is_empty() { "plimsoll".to_owned() } else { format!("plimsoll: {name}") };
        let text = cut(&clean(&text), TITLE).into_owned();
        if text != self.title {
            // A terminal that is gone ends the loop at its next key.
            let _ = self.face.title(&text);
            self.title = text;
        }
    }

    /// Takes the terminal back from another program, and gives its size. None where it is gone.
    pub fn take_back(&mut self) -> Option<(u16, u16)> {
        let resumed = self.face.resume().is_ok();
        // Nobody told what became of it meanwhile.
        self.title.clear();
        resumed.then(|| self.face.size())
    }
}
