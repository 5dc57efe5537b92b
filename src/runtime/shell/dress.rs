//! How the workbench looks: themes, keys, and reading them again.

use std::sync::Arc;

use super::Shell;
use crate::app::event::{Event, UserError};
use crate::config::theme::{ThemeError, Themes};
use crate::runtime::face::Face;
use crate::runtime::{Appearance, FaceChoice, WorkbenchOptions};
use crate::term::caps::{Caps, ColorDepth};
use crate::ui;

/// Where the workbench is shown.
pub(super) fn face(options: &WorkbenchOptions) -> anyhow::Result<Face> {
    match options.shown {
        FaceChoice::Lines => Face::lines(),
        FaceChoice::Screen { late } => {
            let name = &options.setup.look.theme;
            // What is wrong with one that cannot be used is said among the problems; the default one is
            // sound.
            let theme = styles(&options.themes, options.caps, name)
                .or_else(|_| styles(&options.themes, options.caps, Themes::DEFAULT))?;
            Face::canvas(theme, late)
        }
    }
}

/// A theme as the terminal can show it.
fn styles(themes: &Themes, caps: Caps, name: &str) -> Result<ui::TerminalTheme, ThemeError> {
    let depth = match caps.depth {
        ColorDepth::True => ui::Depth::True,
        ColorDepth::Ansi256 => ui::Depth::TwoHundred,
        ColorDepth::Ansi16 | ColorDepth::Mono => ui::Depth::Sixteen,
    };
    let theme = themes.get(name)?;
    // Where there must be no colour, the theme that was chosen waits for a terminal that has some.
    let theme = if caps.depth == ColorDepth::Mono { themes.get(Themes::MONO)? } else { theme };
    Ok(ui::TerminalTheme::new(&theme, depth))
}

impl Shell {
    /// Puts a theme on. One that is broken is not: the one before stays, and what is wrong is said
    /// with its place.
    pub(super) fn set_theme(&mut self, name: &str) {
        match styles(&self.options.themes, self.options.caps, name) {
            Ok(theme) => {
                self.stage.dress(theme, name);
            }
            Err(error) => {
                let error = UserError {
                    what: format!("the theme {name} is broken; the colours stay as they were"),
                    why: error.to_string(),
                    next: "mend that line; the file is read again when the terminal gains the \
                           focus, and by :reload"
                        .to_owned(),
                };
                self.feed(Event::Failed(error));
            }
        }
        if self.stage.theme() != self.state.look.theme && self.state.popups.is_empty() {
            self.tell_themes();
        }
    }

    fn tell_themes(&mut self) {
        let names = self.options.themes.described();
        self.feed(Event::Themes { theme: self.stage.theme().to_owned(), names });
    }

    /// Reads themes and keys again, and uses them if they changed. Said only if something did.
    pub(super) fn look_again(&mut self) {
        let read = (self.options.dress)();
        let same = *self.options.themes == read.themes
            && read.keymap.as_ref().is_none_or(|keymap| *keymap == self.state.keymap)
            && read.problems == self.stage.faults;
        if same {
            return;
        }
        let broken = !read.problems.is_empty();
        self.wear(read);
        if !broken {
            self.feed(Event::Done("themes and keys were read again".to_owned()));
        }
    }

    /// Uses other themes and keys. What is broken is said once, and the old one kept.
    pub(super) fn wear(&mut self, read: Appearance) {
        let changed = *self.options.themes != read.themes;
        self.options.themes = Arc::new(read.themes);
        if let Some(keymap) = read
            .keymap
            .map(|keymap| keymap.for_lines(self.state.look.plain))
            .filter(|keymap| *keymap != self.state.keymap)
        {
            self.feed(Event::Keys(Box::new(keymap)));
        }
        if changed {
            let name = self.stage.theme().to_owned();
            // The message of a theme in use that is broken now stands among the problems.
            if let Ok(theme) = styles(&self.options.themes, self.options.caps, &name) {
                self.stage.dress(theme, &name);
            }
            self.tell_themes();
        }
        if read.problems != self.stage.faults {
            for why in &read.problems {
                self.feed(Event::Failed(UserError {
                    what: "a file is broken; what it said before stays".to_owned(),
                    why: why.clone(),
                    next: "mend that line".to_owned(),
                }));
            }
            self.stage.faults = read.problems;
        }
    }
}
