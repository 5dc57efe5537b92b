//! A person's answer to a control that no check can decide.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// What was answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AttestationAnswer {
    /// The control is met.
    Yes,
    /// It is not.
    No,
    /// There is nothing it could apply to.
    NotApplicable,
}

impl AttestationAnswer {
    /// All of them, in the order of the dialog.
    pub const ALL: [Self; 3] = [Self::Yes, Self::No, Self::NotApplicable];

    /// The word used in files, reports and on screens.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Yes => "yes",
            Self::No => "no",
            Self::NotApplicable => "not-applicable",
        }
    }

    /// Reads the word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|answer| answer.word() == word)
    }
}

/// A file that an answer rests on. The file stays where it is; its hash tells later whether it is
/// still the one that was looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EvidenceFile {
    /// Its name, without directories.
    pub name: String,
    /// sha256 of its content, in hex.
    pub sha256: String,
    /// Its size in bytes.
    pub size: u64,
}

/// Names a control: framework and number.
pub type ControlKey = (String, String);

/// Answers by control.
pub type Attestations = BTreeMap<ControlKey, Attestation>;

/// One answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Attestation {
    /// Id of the framework.
    pub framework: String,
    /// Number of the control.
    pub control: String,
    /// The answer.
    pub answer: AttestationAnswer,
    /// Who answers for it.
    pub reviewer: String,
    /// On which day it was answered, an RFC 3339 date.
    pub date: String,
    /// Until which day (RFC 3339 date, inclusive) it holds.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub expires: Option<String>,
    /// What it rests on, in words.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub evidence: Option<String>,
    /// Where the evidence can be looked at.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub link: Option<String>,
    /// A file it rests on.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub file: Option<EvidenceFile>,
}

impl Attestation {
    /// Which control it answers.
    #[must_use]
    pub fn key(&self) -> ControlKey {
        (self.framework.clone(), self.control.clone())
    }

    /// Whether it holds on `today` (RFC 3339 date): an expired one does not count.
    #[must_use]
    pub fn in_force(&self, today: &str) -> bool {
        self.expires.as_deref().is_none_or(|day| day >= today)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_holds_through_its_last_day() {
        let mut attestation = Attestation {
            framework: "f".into(),
            control: "1".into(),
            answer: AttestationAnswer::Yes,
            reviewer: "ada".into(),
            date: "2026-01-01".into(),
            expires: Some("2026-06-30".into()),
            evidence: None,
            link: None,
            file: None,
        };
        assert!(attestation.in_force("2026-06-30"));
        assert!(!attestation.in_force("2026-07-01"));
        attestation.expires = None;
        assert!(attestation.in_force("2099-01-01"));
    }

    #[test]
    fn the_words_read_back() {
        for answer in AttestationAnswer::ALL {
            assert_eq!(AttestationAnswer::parse(answer.word()), Some(answer));
        }
    }
}
