//! Bodies of entries that earlier versions wrote in another form: one answer, one note, one import an
//! entry. What is done in one act is one entry since then.

use serde::de::DeserializeOwned;
use serde::{Deserialize, de};
use serde_json::{Error, Value, json};

use super::ImportRef;
use crate::session::act::{AnswerChange, FindingNote};

/// One of several forms: what is none of them is told as what it was to be.
fn one_of<T: DeserializeOwned>(kind: &str, text: &str) -> Result<T, Error> {
    let wrong =
        |_| de::Error::custom(format!("the body of an entry of kind `{kind}` is not of its form"));
    serde_json::from_str(text).map_err(wrong)
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Notes {
    Together { fingerprints: Vec<String>, text: String },
    One(FindingNote),
}

/// The notes of `noted`.
pub(super) fn noted(text: &str) -> Result<Vec<FindingNote>, Error> {
    Ok(match one_of("noted", text)? {
        Notes::One(note) => vec![note],
        Notes::Together { fingerprints, text } => {
            let note = |fingerprint| FindingNote { fingerprint, text: text.clone() };
            fingerprints.into_iter().map(note).collect()
        }
    })
}

/// The body of a note on these findings.
pub(in crate::session) fn of_note(fingerprints: &[String], text: &str) -> Value {
    json!({ "fingerprints": fingerprints, "text": text })
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Answers {
    Together { answers: Vec<AnswerChange> },
    One(Box<AnswerChange>),
}

/// The answers of `attested`.
pub(super) fn attested(text: &str) -> Result<Vec<AnswerChange>, Error> {
    Ok(match one_of("attested", text)? {
        Answers::One(answered) => vec![*answered],
        Answers::Together { answers } => answers,
    })
}

/// The body of these answers.
pub(in crate::session) fn of_answers(answers: &[AnswerChange]) -> Value {
    json!({ "answers": answers })
}

/// The imports of `imported`, and whether they can be taken back: earlier versions went past them.
pub(super) enum Imports {
    /// Taken in by an earlier version.
    One(ImportRef),
    /// In one act.
    Together(Vec<ImportRef>),
}

#[derive(Deserialize)]
#[serde(untagged)]
enum ImportsBody {
    Together { imports: Vec<ImportRef> },
    One(Box<ImportRef>),
}

pub(super) fn imported(text: &str) -> Result<Imports, Error> {
    Ok(match one_of("imported", text)? {
        ImportsBody::One(import) => Imports::One(*import),
        ImportsBody::Together { imports } => Imports::Together(imports),
    })
}

/// The body of these imports.
pub(in crate::session) fn of_imports(imports: &[ImportRef]) -> Value {
    json!({ "imports": imports })
}

#[derive(Deserialize)]
struct Withdrawn {
    numbers: Vec<u32>,
}

/// The numbers of `withdrawn`.
pub(super) fn withdrawn(text: &str) -> Result<Vec<u32>, Error> {
    Ok(serde_json::from_str::<Withdrawn>(text)?.numbers)
}

/// The body that takes back the imports of these numbers.
pub(in crate::session) fn of_withdrawn(numbers: &[u32]) -> Value {
    json!({ "numbers": numbers })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_of_no_form_is_told_by_the_kind_of_its_entry() {
        let told = [
            noted("{\"text\": 1}").map(drop).unwrap_err(),
            attested("[]").map(drop).unwrap_err(),
            imported("{}").map(drop).unwrap_err(),
        ];
        assert_eq!(
            told.map(|error| error.to_string()),
            [
                "the body of an entry of kind `noted` is not of its form",
                "the body of an entry of kind `attested` is not of its form",
                "the body of an entry of kind `imported` is not of its form"
            ]
        );
    }
}
