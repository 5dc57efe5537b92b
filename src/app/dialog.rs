//! Dialogs: pickers, forms and the help.

mod form;

use std::cell::Cell;

use crate::facts::access::Query;
use crate::model::attestation::AttestationAnswer;
use crate::model::decision::DecisionState;
use crate::report::Format;

use super::access::AccessPage;
use super::action::Action;
use super::effect::RunRequest;
use super::event::ContextInfo;
use super::filter::{NameFit, NamedEntry, rank};
use super::input::TextInput;
use super::route::Screen;

pub use form::{Form, FormDraft, FormField, FormPurpose};

/// What lies over the screen.
#[derive(Clone, Debug)]
pub enum Popup {
    /// Something to choose from.
    Picker(Picker),
    /// Something to fill in.
    Form(Form),
    /// The keys that work here.
    Help(Help),
}

/// What choosing an entry does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PickerChoice {
    /// Nothing: the dialog closes.
    Nothing,
    /// What a key would do.
    Action(Action),
    /// Shows a screen.
    Go(Screen),
    /// Shows one namespace; none is all of them.
    Namespace(Option<String>),
    /// Connects to a context.
    Context(String),
    /// Opens a session.
    Session(String),
    /// Opens the built-in cluster.
    Demo,
    /// Copies a text.
    Copy {
        /// The text.
        text: String,
        /// What it is, for the message.
        what: String,
    },
    /// Decides about the chosen findings.
    Decide(DecisionState),
    /// Answers the chosen controls; none withdraws the answers.
    Answer(Option<AttestationAnswer>),
    /// Runs checks.
    Run(RunRequest),
    /// Writes a report.
    Report(Format),
    /// Writes the session into one signed file.
    Bundle,
    /// Uses a theme.
    Theme(String),
    /// Leaves the program, whatever is lost.
    QuitNow,
}

impl PickerChoice {
    /// Whether it begins, ends or changes something, rather than to show something or to ask first.
    #[must_use]
    pub fn changes(&self) -> bool {
        use Action::{Cancel, Demo, InProgress, NewSession, Quit, Redo, Reopen, Undo};
        match self {
            Self::Action(action) => matches!(
                action,
                Cancel | Demo | InProgress | NewSession | Quit | Redo | Reopen | Undo
            ),
            Self::Context(_) | Self::Session(_) | Self::Demo | Self::QuitNow => true,
            _ => false,
        }
    }
}

/// The kind of entries that are commands.
pub const COMMAND: &str = "command";

/// One entry of a picker.
#[derive(Clone, Debug)]
pub struct PickerEntry {
    /// What it is called.
    pub label: String,
    /// What else it is called.
    pub aliases: Vec<String>,
    /// What kind of thing it is, where entries of several kinds stand together.
    pub kind: &'static str,
    /// What is said beside it.
    pub detail: String,
    /// What is said under all of them while the cursor is on it, and has no room beside it.
    pub told: String,
    /// The key that does the same without the picker.
    pub key: String,
    /// The letter that chooses it here; in pickers with an input, as long as nothing is typed.
    pub letter: Option<char>,
    /// What it does.
    pub choice: PickerChoice,
    /// Why it cannot be chosen now.
    pub off: Option<String>,
    /// Others are called much alike, as clusters are: what it is called comes before what is said of it.
    pub alike: bool,
}

impl PickerEntry {
    /// An entry that can be chosen.
    #[must_use]
    pub fn new(label: impl Into<String>, choice: PickerChoice) -> Self {
        Self {
            label: label.into(),
            aliases: Vec::new(),
            kind: "",
            detail: String::new(),
            told: String::new(),
            key: String::new(),
            letter: None,
            choice,
            off: None,
            alike: false,
        }
    }

    /// The context of a kubeconfig. What it runs to log in is told before it is chosen.
    #[must_use]
    pub fn context(label: impl Into<String>, context: &ContextInfo) -> Self {
        let told = context.runs().unwrap_or_default();
        Self { alike: true, told, ..Self::new(label, PickerChoice::Context(context.name.clone())) }
    }

    /// An entry that asks who can do something.
    #[must_use]
    pub fn who_can(query: Query) -> Self {
        let label = format!("who-can {}", query.text());
        Self::new(label, PickerChoice::Go(Screen::Access(AccessPage::WhoCan(query))))
            .kind("question")
    }

    /// With other names, by which it is found as well.
    #[must_use]
    pub fn called<N: Into<String>>(mut self, names: impl IntoIterator<Item = N>) -> Self {
        self.aliases.extend(names.into_iter().map(Into::into));
        self
    }

    /// With what kind of thing it is.
    #[must_use]
    pub fn kind(mut self, kind: &'static str) -> Self {
        self.kind = kind;
        self
    }

    /// With words beside it.
    #[must_use]
    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = detail.into();
        self
    }

    /// With a letter that chooses it.
    #[must_use]
    pub fn letter(mut self, letter: char) -> Self {
        self.letter = Some(letter);
        self
    }
}

/// Something to choose from.
#[derive(Clone, Debug)]
pub struct Picker {
    /// What is chosen.
    pub title: String,
    /// What is typed to find it; none when letters choose.
    pub input: Option<TextInput>,
    /// Everything there is.
    pub entries: Vec<PickerEntry>,
    /// What fits the typed text, best first.
    pub shown: Vec<usize>,
    /// How well each of them fits.
    pub fits: Vec<NameFit>,
    /// Place of the cursor among them.
    pub cursor: usize,
    /// What is said when there is nothing at all.
    pub empty: String,
    /// Typing `who-can get secrets` asks: an entry for the question comes after so many others.
    pub asks: Option<usize>,
    /// What it is about, a paragraph each, above the entries.
    pub about: Vec<String>,
    /// It stands at the right edge of the screen and leaves the middle free.
    pub aside: bool,
}

impl Picker {
    /// A picker in which typing finds.
    #[must_use]
    pub fn search(title: &str, entries: Vec<PickerEntry>, empty: &str) -> Self {
        let mut picker = Self::menu(title, entries);
        picker.input = Some(TextInput::default());
        empty.clone_into(&mut picker.empty);
        picker
    }

    /// A picker in which letters choose.
    #[must_use]
    pub fn menu(title: &str, entries: Vec<PickerEntry>) -> Self {
        Self {
            title: title.to_owned(),
            input: None,
            shown: (0..entries.len()).collect(),
            fits: vec![NameFit::Beginning; entries.len()],
            entries,
            cursor: 0,
            empty: String::new(),
            asks: None,
            about: Vec::new(),
            aside: false,
        }
    }

    /// The entry under the cursor.
    #[must_use]
    pub fn current(&self) -> Option<&PickerEntry> {
        self.entries.get(*self.shown.get(self.cursor)?)
    }

    /// How well the entry under the cursor fits what was typed.
    #[must_use]
    pub fn fit(&self) -> Option<NameFit> {
        self.fits.get(self.cursor).copied()
    }

    /// The entry that a letter chooses.
    #[must_use]
    pub fn by_letter(&self, letter: char) -> Option<usize> {
        self.shown
            .iter()
            .position(|at| self.entries.get(*at).is_some_and(|entry| entry.letter == Some(letter)))
    }

    /// Finds again after typing.
    pub fn retype(&mut self) {
        let typed = self.input.as_ref().map(TextInput::text).unwrap_or_default();
        if let Some(fixed) = self.asks {
            self.entries.truncate(fixed);
        }
        let named = self.entries.iter().map(|entry| NamedEntry {
            label: &entry.label,
            aliases: &entry.aliases,
            detail: &entry.detail,
        });
        (self.shown, self.fits) = rank(named, &typed).into_iter().unzip();
        let question = typed.trim().strip_prefix("who-can ").filter(|_| self.asks.is_some());
        if let Some(query) = question.and_then(Query::parse) {
            self.shown.insert(0, self.entries.len());
            self.fits.insert(0, NameFit::Name);
            self.entries.push(PickerEntry::who_can(query));
        }
        self.cursor = 0;
    }

    /// Moves the cursor by so many entries.
    pub fn step(&mut self, by: isize) {
        let last = self.shown.len().saturating_sub(1);
        self.cursor = self.cursor.saturating_add_signed(by).min(last);
    }
}

/// The help: what is typed to find a key in it, and how far it is scrolled.
#[derive(Clone, Debug, Default)]
pub struct Help {
    /// What is typed.
    pub input: TextInput,
    /// Lines scrolled down.
    pub scroll: usize,
    /// How many lines were shown of it last.
    pub height: Cell<usize>,
}

impl Help {
    /// By how much a page goes down: all that is shown but one line.
    #[must_use]
    pub fn page(&self) -> usize {
        self.height.get().saturating_sub(1).max(1)
    }
}
