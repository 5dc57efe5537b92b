//! News from outside: of the source, of runs, of the session.

use std::collections::HashMap;
use std::sync::Arc;

use crate::app::event::{
    Event, RunEvent, SavedRun, SessionEvent, SessionInfo, SourceEvent, UserError,
};
use crate::app::item::{ControlRef, Item};
use crate::app::live::{Live, Waiting, age};
use crate::app::patches::Patches;
use crate::app::relations::Relations;
use crate::app::route::{Screen, View};
use crate::app::state::{RunState, SessionState, SourceStatus, State};
use crate::app::toast::Tone;
use crate::frameworks::Judgement;
use crate::model::attestation::{Answer, Attestation, ControlKey};
use crate::model::inventory::Inventory;
use crate::model::ledger::Ledger;

impl State {
    pub(super) fn news(&mut self, event: Event) {
        match event {
            Event::Source(news) => self.source_news(news),
            Event::Run(news) => self.run_news(news),
            Event::Session(news) => self.session_news(news),
            Event::Judged(standing) => self.take_standing(*standing),
            Event::Brought(brought) => {
                let decisions = brought.decisions(&self.data.today);
                let same = self.data.ledger.brought == decisions;
                self.data.ledger.bring(decisions);
                self.data.brought = brought;
                if same {
                    // Nothing counts otherwise than before; what is told of it stands on the screens.
                    self.data.stamp += 1;
                } else {
                    self.data.recount();
                }
            }
            Event::Fleet(event) => self.fleet_news(event),
            Event::Related(of, related) => self.related(of, related),
            Event::Tenants { asked, cards } => {
                self.data.tenants.take(asked, cards);
                self.data.stamp += 1;
            }
            Event::Narrowed { asked, namespace, results } => {
                self.data.narrowed.take(asked, &namespace, results);
                self.data.stamp += 1;
            }
            Event::Content(content) => {
                self.data.tenants.judgement += 1;
                self.data.patches = Patches::default();
                self.data.content = content;
                self.data.recount();
            }
            Event::Themes { theme, names } => {
                self.look.theme = theme;
                self.look.themes = names;
            }
            Event::Keys(keymap) => self.keymap = *keymap,
            Event::Managed(id, answer) => self.managed(&id, answer),
            Event::Written(id, yaml) => self.take_written(&id, yaml),
            Event::Patched { owner, key, count } => self.data.patches.take(owner, key, count),
            Event::Previewed(asked, answer) => self.previewed(&asked, answer),
            Event::Contexts(answer) => {
                self.lists += 1;
                match answer {
                    Ok(list) => {
                        self.contexts = list.into_iter().map(Arc::new).collect();
                        self.no_contexts = None;
                    }
                    Err(error) => self.no_contexts = Some(error),
                }
                self.renew_palette();
            }
            _ => {}
        }
    }

    fn source_news(&mut self, news: SourceEvent) {
        match news {
            SourceEvent::Connecting { context } => self.connecting(context),
            // What is on the terminal is not of this state.
            SourceEvent::Ran => {}
            SourceEvent::Named { context } => self.source.name = context,
            SourceEvent::Notice(text) => self.messages.say(Tone::Hint, text, self.now),
            SourceEvent::Progress { resource, items } => {
                self.source.loading = true;
                self.source.progress = Some((resource, items));
            }
            SourceEvent::Loaded { inventory, complete } => self.loaded(inventory, complete),
            SourceEvent::Live => self.source.status = SourceStatus::Live,
            SourceEvent::NotWatched { reason } => {
                self.source.status = SourceStatus::NotWatched(reason);
            }
            SourceEvent::Stale { since, reason, retry_at } => {
                self.source.status = SourceStatus::Stale { since, reason, retry_at };
            }
            SourceEvent::Failed(error) => {
                self.messages.error(&error, self.now);
                self.source.loading = false;
                self.source.status = SourceStatus::Failed(error);
            }
        }
    }

    /// Another source: what was known of the old one goes, its screens too.
    fn connecting(&mut self, context: String) {
        if self.source.name != context || self.nav.view() == View::Start {
            self.nav.reset();
            self.data.inventory = Arc::default();
            self.data.result = None;
            self.data.ledger.bring(HashMap::new());
            self.data.brought = Arc::default();
            self.data.take_judgement(Judgement::default());
            self.data.live = Live::default();
            self.data.namespace = None;
            self.data.relations = Relations::default();
            self.frozen = false;
            self.waiting = Waiting::default();
            self.run = None;
            self.last_run = None;
            self.preview = None;
            self.resumed = None;
            self.source.read = false;
            self.managers = None;
            self.written = None;
            self.data.patches = Patches::default();
            self.data.recount();
        }
        self.offered = false;
        self.source.name = context;
        self.source.status = SourceStatus::Connecting;
        self.source.loading = true;
        self.source.progress = None;
    }

    fn loaded(&mut self, inventory: Arc<Inventory>, complete: bool) {
        self.source.loading = !complete;
        if self.source.name.is_empty() {
            // Files and snapshots are there at once: nobody connected to them.
            let source = &inventory.source;
            self.source.name =
                source.context.clone().unwrap_or_else(|| source.kind.word().to_owned());
        }
        if complete {
            self.source.progress = None;
        }
        // What is live, or stale, stays so until the source says otherwise.
        if !matches!(
            self.source.status,
            SourceStatus::Live | SourceStatus::NotWatched(_) | SourceStatus::Stale { .. }
        ) {
            self.source.status = SourceStatus::Read;
        }
        self.take_objects(inventory);
        self.source.read |= complete;
    }

    fn run_news(&mut self, news: RunEvent) {
        if let RunEvent::Started { id, total } = news {
            let since = self.now.millis;
            self.thaw_for_run();
            self.run = Some(RunState { id, total, since, ..RunState::default() });
            return;
        }
        if let RunEvent::Recorded { id, result, judged } = news {
            self.resumed = None;
            return self.show_run(id, result, *judged);
        }
        if let RunEvent::Resumed { id, result, judged, saved } = news {
            self.show_run(id, result, *judged);
            return self.taken_up(saved);
        }
        let Some(run) = &mut self.run else { return };
        match news {
            RunEvent::Progress { id, done, total } if id == run.id => {
                (run.done, run.total) = (done, total);
            }
            RunEvent::Finished { id, result, judged, millis } if id == run.id => {
                self.run = None;
                self.resumed = None;
                self.last_run = Some(millis);
                self.show_run(id, result, *judged);
                let found = self.counted();
                #[allow(clippy::cast_precision_loss, reason = "a run takes far below 2^52 ms")]
                let seconds = millis as f64 / 1_000.0;
                match self.data.inventory.blind() {
                    None => {
                        let text = format!("The run took {seconds:.1} s: {found}.");
                        self.messages.say(Tone::Done, text, self.now);
                    }
                    Some(read) => {
                        let error = UserError {
                            what: "the run assessed nothing: no list could be read".to_owned(),
                            why: format!("{}: {}", read.resource, read.status.word()),
                            next: "8 names every read and what it lacks; c chooses another cluster"
                                .to_owned(),
                        };
                        self.messages.error(&error, self.now);
                    }
                }
            }
            RunEvent::Cancelled { id } if id == run.id => {
                self.run = None;
                self.messages.say(
                    Tone::Hint,
                    "The run was stopped; its result is dropped.",
                    self.now,
                );
                if self.data.judged.is_empty() {
                    self.data.result = None;
                    self.data.recount();
                }
            }
            RunEvent::Failed { id, error } if id == run.id => {
                self.run = None;
                self.messages.error(&error, self.now);
            }
            // News of an older run.
            _ => {}
        }
    }

    /// The last run of a session that was taken up is shown, and none is under way.
    fn taken_up(&mut self, saved: SavedRun) {
        self.thaw_for_run();
        self.run = None;
        self.last_run = None;
        let (number, ago) = (saved.number, age(self.now.unix - saved.finished));
        let found = self.counted();
        let text = format!("Run {number} of the session, {ago} ago: {found}; r runs again.");
        self.messages.say(Tone::Done, text, self.now);
        self.resumed = Some(saved);
    }

    /// `12 open findings`, counted as everywhere else, and how many somebody set aside.
    fn counted(&self) -> String {
        let open = self.data.index.all.total();
        let aside = self.data.index.findings.len() - open;
        let noun = if open == 1 { "finding" } else { "findings" };
        let place = self.data.namespace.as_ref().map(|ns| format!(" in {ns}")).unwrap_or_default();
        let aside = if aside == 0 { String::new() } else { format!(", {aside} set aside") };
        format!("{open} open {noun}{place}{aside}")
    }

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
                self.messages.say(Tone::Done, what, self.now);
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

    fn session_news(&mut self, news: SessionEvent) {
        match news {
            SessionEvent::Opened { info, ledger, notes, trend } => {
                self.opened(info, ledger, notes);
                self.session.trend = trend;
            }
            SessionEvent::Closed => {
                let pending = self.session.pending;
                self.session = SessionState { pending, ..SessionState::default() };
                self.resumed = None;
                self.comparison = None;
                self.data.ledger = Arc::<Ledger>::default().after(&mut self.data.ledger);
                self.data.notes.clear();
                self.data.recount();
            }
            SessionEvent::ReadOnly { holder } => {
                let text = format!("{holder} has the session open: it is shown, but not changed.");
                self.messages.say(Tone::Hint, text, self.now);
                self.session.holder = Some(holder);
            }
            SessionEvent::Barred { why } => {
                let text = format!("{why}: the session is shown, but not changed.");
                self.messages.say(Tone::Hint, text, self.now);
                self.session.holder = Some(why);
                self.session.barred = true;
            }
            SessionEvent::Carried => {
                self.session.pending = self.session.pending.saturating_sub(1);
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
            SessionEvent::List(list) => {
                self.sessions = list.into_iter().map(Arc::new).collect();
                self.lists += 1;
                self.renew_palette();
            }
            SessionEvent::Failed(error) => self.messages.error(&error, self.now),
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
        let said = if text.is_some() { "Note saved." } else { "Note taken back." };
        self.messages.say(Tone::Done, said, self.now);
    }

    /// What is said of answers that are on disk: also that they do not change what findings decide.
    fn answered(&self, answers: &[(ControlKey, Option<Attestation>)], what: String) -> String {
        let favours = |answer: &Attestation| answer.answer != Answer::No;
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
        // What it makes of the frameworks is on its way.
        self.data.stamp += 1;
        self.messages.say(Tone::Done, what, self.now);
    }
}
