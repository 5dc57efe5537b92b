//! How severity, status and decision look: a sign, a word and a class for the colour. Colour alone
//! never says anything.

use super::page::Page;
use crate::frameworks::Status;
use crate::model::decision::DecisionState;
use crate::model::finding::Severity;

/// What is shown of a state.
#[derive(Clone, Copy)]
pub struct Sign {
    /// The sign, in text form rather than as a picture.
    pub glyph: &'static str,
    /// The word.
    pub word: &'static str,
    /// Class of the style sheet.
    pub class: &'static str,
}

/// The sign of a severity.
#[must_use]
pub fn severity(severity: Severity) -> Sign {
    let (glyph, word, class) = match severity {
        Severity::Critical => ("◆", "critical", "critical"),
        Severity::High => ("▲", "high", "high"),
        Severity::Medium => ("●", "medium", "medium"),
        Severity::Low => ("○", "low", "low"),
        Severity::Info => ("·", "info", "info"),
    };
    Sign { glyph, word, class }
}

/// The sign of a control's or technique's status.
#[must_use]
pub fn status(status: Status) -> Sign {
    let (glyph, word, class) = match status {
        Status::Fail => ("✖\u{fe0e}", "fail", "fail"),
        Status::Exposed => ("✖\u{fe0e}", "exposed", "fail"),
        Status::NotAssessed => ("?", "not assessed", "unknown"),
        Status::Manual => ("◐", "manual", "manual"),
        Status::Accepted => ("⚑\u{fe0e}", "accepted", "accepted"),
        Status::Pass => ("✔\u{fe0e}", "pass", "pass"),
        Status::Mitigated => ("✔\u{fe0e}", "mitigated", "pass"),
        Status::NotApplicable => ("–", "not applicable", "na"),
    };
    Sign { glyph, word, class }
}

/// The sign of something that is not known, in a word.
#[must_use]
pub fn unknown(word: &'static str) -> Sign {
    Sign { glyph: "?", word, class: "unknown" }
}

/// The sign of a decision.
#[must_use]
pub fn decision(state: DecisionState) -> Sign {
    let (glyph, word, class) = match state {
        DecisionState::Open => ("✖\u{fe0e}", "open", "fail"),
        DecisionState::InProgress => ("▸", "in progress", "manual"),
        DecisionState::Accepted => ("⚑\u{fe0e}", "accepted", "accepted"),
        DecisionState::FalsePositive => ("≠", "false positive", "na"),
        DecisionState::Fixed => ("✔\u{fe0e}", "fixed", "pass"),
        DecisionState::Regressed => ("↺\u{fe0e}", "regressed", "fail"),
    };
    Sign { glyph, word, class }
}

impl Sign {
    /// Writes sign and word as a badge.
    pub fn badge(self, page: &mut Page) {
        let class = format!("badge {}", self.class);
        page.open("span", &[("class", &class)]);
        page.markup("<span aria-hidden=\"true\">").text(self.glyph).markup("</span> ");
        page.text(self.word).close("span");
    }

    /// Sign and word as text.
    #[must_use]
    pub fn text(self) -> String {
        format!("{} {}", self.glyph, self.word)
    }
}
