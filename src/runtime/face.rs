//! Where a workbench is seen, and where what is said to it comes from: a screen with keys, or lines.

mod canvas;
mod lines;
mod linked;
mod pen;
mod shown;

use std::io;

use crate::app::event::Event;
use crate::app::state::State;
use crate::ui;
use canvas::Canvas;
use lines::Lines;

/// What was said.
pub(super) enum FaceInput {
    /// Something for the state.
    Event(Box<Event>),
    /// Nothing of use.
    Nothing,
    /// Nobody is there any more.
    Gone,
}

/// How a workbench is shown.
pub(super) enum Face {
    /// On a screen.
    Canvas(Box<Canvas>),
    /// Line by line.
    Lines(Box<Lines>),
}

impl Face {
    /// A screen; the terminal is taken from now on.
    pub(super) fn canvas(theme: ui::TerminalTheme, late: bool) -> anyhow::Result<Self> {
        Canvas::start(theme, late).map(Box::new).map(Self::Canvas)
    }

    /// Lines on standard input and output.
    pub(super) fn lines() -> anyhow::Result<Self> {
        Lines::start().map(Box::new).map(Self::Lines)
    }

    /// Columns and rows.
    pub(super) fn size(&self) -> (u16, u16) {
        match self {
            Self::Canvas(canvas) => canvas.size(),
            Self::Lines(_) => (80, 24),
        }
    }

    /// Waits for what is said next. While the workbench is `busy`, lines that no person types wait:
    /// a script means the result of what it asked for.
    pub(super) async fn next(&mut self, busy: bool) -> FaceInput {
        match self {
            Self::Canvas(canvas) => canvas.next().await,
            Self::Lines(lines) => lines.next(busy).await,
        }
    }

    /// Shows the state.
    pub(super) fn show(&mut self, state: &State) -> io::Result<()> {
        match self {
            Self::Canvas(canvas) => canvas.show(state),
            Self::Lines(lines) => lines.show(state),
        }
    }

    /// Whether every change is shown by itself, and the last one before it goes: what is told is told.
    pub(super) fn tells_all(&self) -> bool {
        matches!(self, Self::Lines(_))
    }

    /// Paints everything anew at the next frame.
    pub(super) fn anew(&mut self) {
        if let Self::Canvas(canvas) = self {
            canvas.anew();
        }
    }

    /// Uses another theme from the next frame on.
    pub(super) fn dress(&mut self, theme: ui::TerminalTheme) {
        if let Self::Canvas(canvas) = self {
            canvas.dress(theme);
        }
    }

    /// Takes the mouse, or gives it back.
    pub(super) fn mouse(&mut self, on: bool) -> io::Result<()> {
        match self {
            Self::Canvas(canvas) => canvas.mouse(on),
            Self::Lines(_) => Ok(()),
        }
    }

    /// Sets the terminal's title.
    pub(super) fn title(&mut self, text: &str) -> io::Result<()> {
        match self {
            Self::Canvas(canvas) => canvas.title(text),
            Self::Lines(_) => Ok(()),
        }
    }

    /// Gives the terminal back for a while.
    pub(super) fn pause(&mut self) {
        if let Self::Canvas(canvas) = self {
            canvas.pause();
        }
    }

    /// Takes it again.
    pub(super) fn resume(&mut self) -> io::Result<()> {
        match self {
            Self::Canvas(canvas) => canvas.resume(),
            Self::Lines(_) => Ok(()),
        }
    }
}
