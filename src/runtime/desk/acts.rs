//! What people do in the open session: decisions, notes, answers, and taking them back.

use std::path::Path;
use std::sync::Arc;

use super::{Clerk, DeskNews};
use crate::app::event::{Event, SessionEvent};
use crate::model::attestation::{Attestation, ControlKey};
use crate::model::decision::{Decision, PastDecision};
use crate::runtime::clock::timestamp;
use crate::session::act::{AnswerChange, decided};
use crate::session::{Act, SessionError, evidence};

/// What becomes of the last act of a session.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Turn {
    /// It is taken back.
    Back,
    /// What was taken back is done again.
    Again,
}

impl Clerk {
    pub(super) fn decide(
        &mut self,
        fingerprints: &[String],
        decision: &Decision,
    ) -> Result<(), SessionError> {
        let (by, now) = (self.user.clone(), timestamp());
        self.session()?.decide(fingerprints, decision, &by, &now)?;
        let what = format!("saved: {}", decided(fingerprints.len(), decision.state));
        let changes = self.last_changes(fingerprints.iter().map(String::as_str));
        self.tell(SessionEvent::Decided { changes, what });
        Ok(())
    }

    pub(super) fn note(
        &mut self,
        fingerprints: Vec<String>,
        text: String,
    ) -> Result<(), SessionError> {
        let (by, now) = (self.user.clone(), timestamp());
        self.session()?.note_each(&fingerprints, &text, &by, &now)?;
        self.tell(SessionEvent::Noted { fingerprints, text: Some(text) });
        Ok(())
    }

    /// The last change of each of these findings.
    pub(super) fn last_changes<'a>(
        &self,
        fingerprints: impl Iterator<Item = &'a str>,
    ) -> Vec<(Arc<str>, Arc<PastDecision>)> {
        let history = self.session.as_ref().map(|s| &s.state().ledger.history);
        let last = |print: &str| {
            let (print, changes) = history?.get_key_value(print)?;
            Some((Arc::clone(print), Arc::clone(changes.last()?)))
        };
        fingerprints.filter_map(last).collect()
    }

    pub(super) fn attest(
        &mut self,
        mut answers: Vec<(ControlKey, Option<Attestation>)>,
        file: Option<&str>,
    ) -> Result<(), SessionError> {
        if let Some(path) = file {
            let evidence = evidence::of(Path::new(path))?;
            for answer in answers.iter_mut().filter_map(|(_, answer)| answer.as_mut()) {
                answer.file = Some(evidence.clone());
            }
        }
        let (by, now) = (self.user.clone(), timestamp());
        self.session()?.attest(&answers, &by, &now)?;
        let word = match answers.first() {
            Some((_, Some(answer))) => format!("saved: answer \"{}\" to", answer.answer.word()),
            _ => "withdrew the answer to".to_owned(),
        };
        let what = match answers.as_slice() {
            [((framework, control), _)] => format!("{word} {framework} {control}"),
            many => format!("{word} {} controls", many.len()),
        };
        self.tell(SessionEvent::Attested { answers, what });
        Ok(())
    }

    /// Takes the last act back, or does again what was taken back.
    pub(super) fn turn(&mut self, turn: Turn) -> Result<(), SessionError> {
        let (by, now) = (self.user.clone(), timestamp());
        let session = self.session.as_mut();
        let session = |what| session.ok_or(SessionError::Nothing(what));
        let (act, verb) = match turn {
            Turn::Back => (session("undo")?.undo(&by, &now)?, "took back"),
            Turn::Again => (session("redo")?.redo(&by, &now)?, "did again"),
        };
        let back = turn == Turn::Back;
        let what = format!("{verb} {}", act.describe());
        match act {
            Act::Decided(changes) => {
                let changes = self.last_changes(changes.iter().map(|c| &*c.fingerprint));
                self.tell(SessionEvent::Decided { changes, what });
            }
            Act::Attested(all) => {
                let answer =
                    |one: AnswerChange| (one.key(), if back { one.before } else { one.after });
                let answers = all.into_iter().map(answer).collect();
                self.tell(SessionEvent::Attested { answers, what });
            }
            Act::Noted(notes) => {
                let text = notes.first().filter(|_| !back).map(|note| note.text.clone());
                let fingerprints = notes.into_iter().map(|note| note.fingerprint).collect();
                self.tell(SessionEvent::Noted { fingerprints, text });
                let _ = self.news.blocking_send(DeskNews::Event(Event::Done(what)));
            }
            Act::Imported(_) | Act::Withdrawn(_) => self.tell_imports(what),
        }
        Ok(())
    }
}
