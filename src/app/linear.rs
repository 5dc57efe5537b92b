//! What plain mode tells after a line was typed: one thing at a time, rows by number.

use super::list::List;
use super::preview::PreviewProgress;
use super::relations::Relation;
use super::route::Screen;
use super::state::State;

/// How many rows are told at a time.
pub const PAGE: usize = 20;

/// What is to be told.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum LinearShow {
    /// Nothing but messages.
    #[default]
    Nothing,
    /// The screen, its rows from this one on.
    Screen {
        /// How many rows are left out before.
        from: usize,
    },
    /// The row under the cursor.
    Row,
    /// Everything that is said of the row under the cursor, or of what is open.
    About,
    /// The text that is open: the lines about the one that is wrong, or all of them.
    Text {
        /// All of them.
        all: bool,
    },
    /// The commands; only those that hold a word, if there is one.
    Commands(String),
}

/// What plain mode remembers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Linear {
    /// What the last line asked for.
    pub show: LinearShow,
    /// The saved sessions are being read again, for the list that is shown.
    pub(super) listing: bool,
}

/// Commands of plain mode beside the names of actions, and what each does.
pub const COMMANDS: &[(&str, &str)] = &[
    ("NUMBER", "Open that row"),
    ("show", "Tell the screen again"),
    ("more", "Tell the next rows"),
    ("about", "Tell everything about the row under the cursor; about NUMBER for another"),
    ("text", "Tell the lines about the one that is wrong"),
    ("yaml", "Tell the whole text"),
    ("where", "Tell the row under the cursor and where it is"),
    ("filter WORDS", "Keep only rows that hold the words; filter alone takes the filter away"),
    ("ACTION NUMBERS", "Do something to those rows: accept 3, mark 2 5 7-9"),
    ("ACTION WORDS", "Choose right away: run all, report html, namespace pay"),
    ("cancel", "Leave a question or a menu"),
];

/// The places in a list of the rows that have a number, in order: the first is number 1.
#[must_use]
pub fn places(list: &List) -> Vec<usize> {
    let choices = list.shown().enumerate().filter(|(_, row)| row.item.is_choice());
    choices.map(|(place, _)| place).collect()
}

impl State {
    /// Whether what the screen on top shows is still being worked out, so that what it says is not the
    /// answer.
    #[must_use]
    pub fn is_awaited(&self) -> bool {
        match &self.nav.top().screen {
            Screen::Access(_) => self.data.relations.is_awaited(Relation::Access),
            Screen::Network(_) => self.data.relations.is_awaited(Relation::Network),
            Screen::Tenants | Screen::Tenant(_) => self.data.tenants.is_awaited(),
            Screen::Overview
            | Screen::Frameworks
            | Screen::Framework(_)
            | Screen::Control { .. } => self.data.narrowed.is_under_way(),
            Screen::Preview(asked) => self.preview.as_ref().is_some_and(|known| {
                known.asked == *asked && matches!(known.progress, PreviewProgress::Working)
            }),
            Screen::Sessions => self.linear.listing,
            _ => false,
        }
    }
}
