//! A screen: frames out, keys and clicks in.

use std::cell::RefCell;
use std::io::{self, Stdout};
use std::rc::Rc;

use anyhow::Context as _;
use crossterm::event::EventStream;
use futures::StreamExt as _;
use ratatui::Terminal;

use super::FaceInput;
use super::linked::Linked;
use crate::app::event::Event;
use crate::app::pointer::Pointer;
use crate::app::state::State;
use crate::term::background::Late;
use crate::term::input::{self, Pointed};
use crate::term::{Guard, Hangup, Screen};
use crate::ui::{self, Link, Targets};

/// The terminal as a screen.
pub(in crate::runtime) struct Canvas {
    // Dropped before the guard: nothing is drawn on a terminal that was given back.
    terminal: Terminal<Linked<Screen<Stdout>>>,
    screen: Screen<Stdout>,
    guard: Guard,
    theme: ui::TerminalTheme,
    keys: Option<EventStream>,
    hangup: Hangup,
    targets: Targets,
    links: Rc<RefCell<Vec<Link>>>,
    late: Option<Late>,
    clear: bool,
}

impl Canvas {
    /// Takes the terminal. `late`: an answer to a question may still come among the keys.
    pub(super) fn start(theme: ui::TerminalTheme, late: bool) -> anyhow::Result<Self> {
        let guard =
            Guard::enter().context("the workbench needs a terminal; `plimsoll scan` does not")?;
        let screen = Screen::new(std::io::stdout());
        let links = Rc::default();
        let terminal = Terminal::new(Linked::new(screen.clone(), Rc::clone(&links)))?;
        let late = late.then(Late::from_now);
        let targets = Targets::default();
        Ok(Self {
            terminal,
            screen,
            guard,
            theme,
            keys: None,
            hangup: Hangup::watch(),
            targets,
            links,
            late,
            clear: false,
        })
    }

    pub(super) fn size(&self) -> (u16, u16) {
        self.terminal.size().map_or((80, 24), |size| (size.width, size.height))
    }

    pub(super) async fn next(&mut self) -> FaceInput {
        // Made at the first look: nobody may read keys that are meant for another program.
        let keys = self.keys.get_or_insert_with(EventStream::new);
        let event = tokio::select! {
            biased;
            () = self.hangup.heard() => return FaceInput::Gone,
            event = keys.next() => event,
        };
        // A terminal that says nothing more is gone.
        let Some(Ok(event)) = event else { return FaceInput::Gone };
        if let Some(pointed) = input::pointed(&event) {
            return self
                .pointed(pointed)
                .map_or(FaceInput::Nothing, |p| FaceInput::Event(Box::new(Event::Pointer(p))));
        }
        match input::translate(event) {
            Some(Event::Key(key)) if self.late.as_mut().is_some_and(|late| late.takes(key)) => {
                FaceInput::Nothing
            }
            Some(event) => {
                // Sizes in between may go unseen, and what the terminal did to the text meanwhile
                // with them.
                self.clear |= matches!(event, Event::Resize(..));
                FaceInput::Event(Box::new(event))
            }
            None => FaceInput::Nothing,
        }
    }

    fn pointed(&self, pointed: Pointed) -> Option<Pointer> {
        let wheel = |x, y, down| Some(Pointer::Wheel { down, over: self.targets.at(x, y) });
        match pointed {
            Pointed::Click(x, y) => self.targets.at(x, y).map(Pointer::Click),
            Pointed::Down(x, y) => wheel(x, y, true),
            Pointed::Up(x, y) => wheel(x, y, false),
        }
    }

    pub(super) fn show(&mut self, state: &State) -> io::Result<()> {
        if std::mem::take(&mut self.clear) {
            // Not `clear`: that asks the terminal where its cursor is, and some never answer.
            let size = self.terminal.size()?;
            self.terminal.resize(size.into())?;
        }
        let (targets, links, theme) = (&mut self.targets, &self.links, &self.theme);
        self.terminal.draw(|frame| {
            let drawn = ui::draw_all(state, theme, frame);
            *targets = drawn.targets;
            *links.borrow_mut() = if state.look.links { drawn.links } else { Vec::new() };
        })?;
        self.screen.present()
    }

    pub(super) fn anew(&mut self) {
        self.clear = true;
    }

    pub(super) fn dress(&mut self, theme: ui::TerminalTheme) {
        self.theme = theme;
        self.clear = true;
    }

    pub(super) fn mouse(&mut self, on: bool) -> io::Result<()> {
        self.guard.mouse(on)
    }

    pub(super) fn title(&mut self, text: &str) -> io::Result<()> {
        self.guard.title(text)
    }

    pub(super) fn pause(&mut self) {
        self.keys = None;
        self.guard.pause();
    }

    pub(super) fn resume(&mut self) -> io::Result<()> {
        self.clear = true;
        self.guard.resume()
    }
}
