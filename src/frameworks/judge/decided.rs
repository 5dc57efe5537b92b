//! The order in which a status is decided.

use super::super::status::Status;
use super::Tally;
use crate::model::attestation::{Attestation, AttestationAnswer};
use crate::text::{counted, noun};

/// A status with its reasons.
pub(super) struct ControlVerdict {
    pub(super) status: Status,
    pub(super) reasons: Vec<String>,
    pub(super) attested: bool,
}

impl ControlVerdict {
    pub(super) fn of(status: Status, reasons: Vec<String>) -> Self {
        Self { status, reasons, attested: false }
    }

    fn attested(status: Status, reasons: Vec<String>) -> Self {
        Self { status, reasons, attested: true }
    }
}

/// What a person says of a control.
pub(super) enum Answered<'a> {
    /// No person has a say in it.
    NotAsked,
    /// Nobody has answered.
    Never,
    /// Somebody has, and it holds.
    InForce(&'a Attestation),
    /// Somebody had, and it holds no longer.
    Expired(&'a Attestation),
}

impl Answered<'_> {
    fn is(&self, answer: AttestationAnswer) -> Option<&Attestation> {
        match self {
            Self::InForce(attestation) if attestation.answer == answer => Some(attestation),
            _ => None,
        }
    }
}

/// A failure is a failure whatever else is missing, and nothing passes that rests on something
/// unknown or on a person who has not answered.
pub(super) fn status(tally: &Tally, answered: &Answered<'_>) -> ControlVerdict {
    let refused = answered.is(AttestationAnswer::No);
    if tally.open > 0 || !tally.imported.is_empty() || refused.is_some() {
        let attested = tally.open == 0 && tally.imported.is_empty();
        return ControlVerdict { status: Status::Fail, reasons: open(tally, refused), attested };
    }
    if !tally.causes.is_empty() {
        return ControlVerdict::of(Status::NotAssessed, tally.causes.words().collect());
    }
    if let Answered::Never | Answered::Expired(_) = answered {
        return ControlVerdict::of(Status::Manual, vec![awaiting(tally, answered)]);
    }
    let all = tally.accepted + tally.dismissed;
    if tally.accepted > 0 {
        let reason = format!("{} of {} accepted", tally.accepted, counted(all, "finding"));
        return ControlVerdict::of(Status::Accepted, vec![reason]);
    }
    if let Some(attestation) = answered.is(AttestationAnswer::NotApplicable) {
        return ControlVerdict::attested(Status::NotApplicable, vec![words(attestation)]);
    }
    let empty = tally.pass + tally.dismissed == 0 && tally.import_passes.is_none();
    let vacant =
        (tally.deciding > 0 && empty).then(|| "its checks have nothing to look at".to_owned());
    if let Some(attestation) = answered.is(AttestationAnswer::Yes) {
        // A person answers for the whole control, also where none of the part that checks see is here.
        let reasons = std::iter::once(words(attestation)).chain(vacant);
        return ControlVerdict::attested(Status::Pass, reasons.collect());
    }
    if let Some(vacant) = vacant {
        return ControlVerdict::of(Status::NotApplicable, vec![vacant]);
    }
    if tally.deciding == 0 && tally.import_passes.is_none() {
        return ControlVerdict::of(Status::NotAssessed, vec!["no check decides it".to_owned()]);
    }
    ControlVerdict::of(Status::Pass, tally.import_passes.iter().cloned().collect())
}

/// A technique is exposed by what it needs and finds; accepting that takes nothing from an
/// attacker. It is mitigated only where everything it needs was looked for and nothing was found.
pub(super) fn technique(tally: &Tally) -> ControlVerdict {
    if tally.open > 0 || !tally.imported.is_empty() {
        return ControlVerdict::of(Status::Exposed, open(tally, None));
    }
    if tally.accepted > 0 {
        let noun = noun(tally.accepted, "finding");
        let mut reasons = vec![format!("{} accepted {noun}", tally.accepted)];
        reasons.extend(tally.causes.words());
        return ControlVerdict::of(Status::Exposed, reasons);
    }
    if !tally.causes.is_empty() {
        return ControlVerdict::of(Status::NotAssessed, tally.causes.words().collect());
    }
    if tally.deciding == 0 {
        let reason = "no check looks for what it needs".to_owned();
        return ControlVerdict::of(Status::NotAssessed, vec![reason]);
    }
    ControlVerdict::of(Status::Mitigated, Vec::new())
}

/// What is wrong, and what is unknown beside it.
fn open(tally: &Tally, refused: Option<&Attestation>) -> Vec<String> {
    let mut reasons = Vec::new();
    if tally.open > 0 {
        let noun = noun(tally.open, "finding");
        reasons.push(format!("{} open {noun}", tally.open));
    }
    reasons.extend(tally.imported.iter().cloned());
    reasons.extend(refused.map(words));
    reasons.extend(tally.causes.words());
    reasons
}

fn awaiting(tally: &Tally, answered: &Answered<'_>) -> String {
    let seen = tally.pass + tally.accepted + tally.dismissed > 0;
    let word = if seen { "evidence passes, awaiting attestation" } else { "awaiting attestation" };
    match answered {
        Answered::Expired(Attestation { expires: Some(day), reviewer, .. }) => {
            format!("{word}; that of {reviewer} held until {day}")
        }
        _ => word.to_owned(),
    }
}

/// Who says what, since when and until when.
fn words(attestation: &Attestation) -> String {
    let Attestation { answer, reviewer, date, expires, .. } = attestation;
    let until = expires.as_deref().map(|day| format!(", until {day}")).unwrap_or_default();
    format!("attested \"{}\" by {reviewer} on {date}{until}", answer.word())
}
