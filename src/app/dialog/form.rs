//! Dialogs to fill in.

use crate::app::input::TextInput;
use crate::model::attestation::{AttestationAnswer, ControlKey};
use crate::model::decision::DecisionState;
use crate::report::Format;

/// What a form is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FormPurpose {
    /// A decision about these findings.
    Decide {
        /// Accepted or false positive.
        state: DecisionState,
        /// The findings.
        fingerprints: Vec<String>,
    },
    /// An answer to these controls.
    Answer {
        /// Yes, no or not applicable.
        answer: AttestationAnswer,
        /// The controls.
        keys: Vec<ControlKey>,
    },
    /// A note on these findings.
    Note {
        /// Which.
        fingerprints: Vec<String>,
    },
    /// Files of other tools' results to bring in.
    Import,
    /// A report in this format: where it is written.
    Report(Format),
    /// The session in one signed file: where it is written.
    Bundle,
    /// A question: who can do this?
    WhoCan,
}

/// One field of a form.
#[derive(Clone, Debug)]
pub struct FormField {
    /// What it asks.
    pub label: &'static str,
    /// What is said of it.
    pub hint: &'static str,
    /// What is typed.
    pub input: TextInput,
    /// What stood there before anybody typed.
    pub offered: String,
    /// What is said where it must not stay empty, and does.
    pub required: Option<&'static str>,
}

impl FormField {
    /// With what is said where it stays empty, which it must not.
    #[must_use]
    pub fn required(mut self, missing: &'static str) -> Self {
        self.required = Some(missing);
        self
    }

    /// What is missing in it.
    #[must_use]
    pub fn missing(&self) -> Option<&'static str> {
        self.required.filter(|_| self.input.text().trim().is_empty())
    }
}

/// Something to fill in.
#[derive(Clone, Debug)]
pub struct Form {
    /// What is asked.
    pub title: String,
    /// What it is about.
    pub about: Vec<String>,
    /// What it is for.
    pub purpose: FormPurpose,
    /// Its fields.
    pub fields: Vec<FormField>,
    /// Which field is typed in.
    pub focus: usize,
    /// What is wrong with what was typed.
    pub error: Option<String>,
}

impl Form {
    /// What was typed in a field, without spaces around it.
    #[must_use]
    pub fn value(&self, label: &str) -> String {
        let field = self.fields.iter().find(|f| f.label == label);
        field.map(|f| f.input.text().trim().to_owned()).unwrap_or_default()
    }

    /// Whether somebody has typed something that is not saved yet.
    #[must_use]
    pub fn is_begun(&self) -> bool {
        self.fields.iter().any(|field| field.input.text() != field.offered)
    }

    /// Goes to another field; what was wrong with the one before is not said there.
    pub fn turn_to(&mut self, field: usize) {
        self.focus = field.min(self.fields.len().saturating_sub(1));
        self.error = None;
    }

    /// The input that is typed in.
    pub fn input(&mut self) -> Option<&mut TextInput> {
        self.fields.get_mut(self.focus).map(|f| &mut f.input)
    }
}

/// A form that is not on the screen, and whose words may be needed again.
#[derive(Clone, Debug)]
pub struct FormDraft {
    /// The form as it was.
    pub form: Form,
    /// It was handed in, and what came of it is not known yet; else it was left.
    pub handed_in: bool,
}
