//! News of the session.

use std::sync::Arc;

use crate::app::event::{SessionEvent, SessionInfo, UserError};
use crate::app::item::{ControlRef, Item};
use crate::app::route::{Screen, View};
use crate::app::state::{SessionState, State};
use crate::app::toast::ToastTone;
use crate::model::attestation::{Attestation, AttestationAnswer, ControlKey};
use crate::model::ledger::Ledger;

impl State {
    /// News of runs that are on disk.
    fn saved_run_news(&mut self, news: SessionEvent) {
        match news {
            SessionEvent::RunSaved { number, trend } => {
                self.session.trend = trend;
                if let Some(info) = &mut self.session.info {
                    info.runs = number as usize;
                }
            }
            SessionEvent::Settled { changes, what } => {
                self.data.decided(changes);
                let lost = self.lost_in_words();
                let text = format!("{}{lost}.", what.trim_end_matches('.'));
                self.messages.say(ToastTone::Done, text, self.now);
            }
            SessionEvent::Renamed(names) => {
                for (before, now) in names {
                    if let Some(notes) = self.data.notes.remove(&before) {
                        self.data.notes.entry(now.clone()).or_default().extend(notes);
                    }
                    Arc::make_mut(&mut self.data.ledger).rename(before, now);
                }
                self.data.recount();
            }
            SessionEvent::Compared(comparison, controls) => {
                self.comparison = Some(comparison);
                self.compared_controls = controls;
                self.lists += 1;
                if self.nav.top().screen != Screen::Comparison {
                    self.nav.open(Screen::Comparison);
                    // What stayed as it was is counted, and opened by whoever wants to see it.
                    let unchanged = crate::app::compared::unchanged().id();
                    self.nav.top_mut().list.shut(unchanged);
                }
            }
            _ => {}
        }
    }

    fn opened(&mut self, info: SessionInfo, ledger: Arc<Ledger>, notes: Vec<(String, String)>) {
        // What is still on its way to the disk stays on its way.
        let pending = self.session.pending;
        self.session = SessionState { info: Some(info), pending, ..SessionState::default() };
        let ledger = ledger.after(&mut self.data.ledger);
        // The session that a first run begins knows nothing that would have to be counted anew.
        let same = self.data.ledger == ledger;
        self.data.ledger = ledger;
        self.data.notes.clear();
        for (fingerprint, text) in notes {
            self.data.notes.entry(fingerprint).or_default().push(text);
        }
        if same {
            self.data.stamp += 1;
        } else {
            self.data.recount();
        }
        if self.nav.view() == View::Start {
            self.nav.switch(View::Overview);
        }
    }

    fn closed(&mut self) {
        if self.session.unsaved {
            self.messages.say(
                ToastTone::Hint,
                "The run made here is gone: it was not saved.",
                self.now,
            );
        }
        let pending = self.session.pending;
        self.session = SessionState { pending, ..SessionState::default() };
        self.resumed = None;
        self.comparison = None;
        self.data.ledger = Arc::<Ledger>::default().after(&mut self.data.ledger);
        self.data.notes.clear();
        self.data.recount();
    }

    fn listed(&mut self, list: Vec<SessionInfo>) {
        self.sessions = list.into_iter().map(Arc::new).collect();
        self.lists += 1;
        self.looked_for.sessions = true;
        self.linear.listing = false;
        self.renew_palette();
    }

    pub(super) fn session_news(&mut self, news: SessionEvent) {
        match news {
            SessionEvent::Opened { info, ledger, notes, trend } => {
                self.opened(info, ledger, notes);
                self.session.trend = trend;
            }
            SessionEvent::Closed => self.closed(),
            SessionEvent::ReadOnly { holder } => {
                self.only_read(format!("it is open elsewhere ({holder})"), holder);
            }
            SessionEvent::Barred { why } => {
                self.only_read(why.clone(), why);
                self.session.barred = true;
            }
            SessionEvent::Carried => {
                self.session.pending = self.session.pending.saturating_sub(1);
                self.act_is_done();
            }
            SessionEvent::Turns { back, again } => {
                (self.session.back, self.session.again) = (back, again);
            }
            SessionEvent::Decided { changes, what } => {
                self.data.decided(changes);
                self.saved(what);
            }
            SessionEvent::Attested { answers, what } => {
                self.leave_question(&answers);
                let what = self.answered(&answers, what);
                let ledger = Arc::make_mut(&mut self.data.ledger);
                for (key, answer) in answers {
                    ledger.attested(key, answer);
                }
                self.saved(what);
            }
            SessionEvent::Imported { imports, what } => {
                Arc::make_mut(&mut self.data.ledger).imports.extend(imports);
                self.saved(what);
            }
            SessionEvent::Imports { imports, what } => {
                Arc::make_mut(&mut self.data.ledger).imports = imports;
                self.saved(what);
            }
            SessionEvent::Noted { fingerprints, text } => self.noted(fingerprints, text.as_deref()),
            news @ (SessionEvent::RunSaved { .. }
            | SessionEvent::Settled { .. }
            | SessionEvent::Renamed(_)
            | SessionEvent::Compared(..)) => self.saved_run_news(news),
            SessionEvent::List(list) => self.listed(list),
            SessionEvent::Failed(error) => {
                // Sessions that cannot be listed are waited for no longer.
                self.looked_for.sessions = true;
                self.linear.listing = false;
                self.messages.error(&error, self.now);
                self.refused(&error);
            }
        }
    }

    /// A question that was answered goes to the end of the queue: the cursor goes to the next one
    /// instead of along with it.
    fn leave_question(&mut self, answers: &[(ControlKey, Option<Attestation>)]) {
        let list = &mut self.nav.top_mut().list;
        let answered = |control: &ControlRef| {
            answers.iter().any(|((framework, id), answer)| {
                answer.is_some() && **framework == *control.framework && **id == *control.control
            })
        };
        if list.current().is_some_and(|row| matches!(&row.item, Item::Question(c) if answered(c))) {
            list.step(1);
        }
    }

    /// A note is on disk, or none any more.
    fn noted(&mut self, fingerprints: Vec<String>, text: Option<&str>) {
        for fingerprint in fingerprints {
            let notes = self.data.notes.entry(fingerprint).or_default();
            match text {
                Some(text) => notes.push(text.to_owned()),
                None => drop(notes.pop()),
            }
        }
        self.draft = None;
        let said = if text.is_some() { "Note saved." } else { "Note taken back." };
        self.messages.say(ToastTone::Done, said, self.now);
    }

    /// What is said of answers that are on disk: also that they do not change what findings decide.
    fn answered(&self, answers: &[(ControlKey, Option<Attestation>)], what: String) -> String {
        let favours = |answer: &Attestation| answer.answer != AttestationAnswer::No;
        let given = answers.iter().filter(|(_, answer)| answer.as_ref().is_some_and(favours));
        let stays = |(framework, id): &ControlKey| {
            self.data.control(framework, id)?.1?.whatever_is_answered()
        };
        let stay: Vec<String> = given.filter_map(|(key, _)| stays(key)).collect();
        match (answers.len(), stay.as_slice()) {
            (_, []) => what,
            (1, [one]) => format!("saved; {one}"),
            (_, some) => format!("{what}; {} still fail or are not assessed", some.len()),
        }
    }

    fn saved(&mut self, what: String) {
        self.draft = None;
        // What it makes of the frameworks is on its way.
        self.data.stamp += 1;
        self.messages.say(ToastTone::Done, what, self.now);
    }

    /// Nothing can be saved in the session, and this is why: said as an error, so that what is said of its
    /// run does not cover it.
    fn only_read(&mut self, why: String, holder: String) {
        let error = UserError {
            what: "the session is read-only".to_owned(),
            why,
            next: "it is shown, and nothing that is done here is saved".to_owned(),
        };
        self.messages.error(&error, self.now);
        self.session.holder = Some(holder);
    }
}
