//! The desk: one thread that owns the open session. Whatever it acknowledges is on disk.

mod comparing;
mod importing;

use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};

use tokio::sync::mpsc as events;

use super::clock::timestamp;
use super::source::name_of;
use crate::app::effect::With;
use crate::app::event::{Event, SessionEvent, SessionInfo, UserError};
use crate::assess::Content;
use crate::model::attestation::{Attestation, ControlKey};
use crate::model::decision::{Decision, Past};
use crate::model::finding::Finding;
use crate::model::inventory::SourceInfo;
use crate::model::trend::{FrameworkScore, Point};
use crate::report::Format;
use crate::session::evidence;
use crate::session::settle::words;
use crate::session::trend::trends;
use crate::session::{Act, Meta, RunRecord, Session, SessionError, State, Store, Summary};

/// What the desk is asked to do.
pub enum Order {
    /// Open a saved session.
    Open(String),
    /// Close the session; the next thing to save begins a new one about this source.
    Leave(Box<SourceInfo>),
    /// Save decisions.
    Decide(Vec<String>, Decision),
    /// Save answers to controls, with a file that they rest on; none withdraws an answer.
    Attest(Vec<(ControlKey, Option<Attestation>)>, Option<String>),
    /// Save a note on each of these findings.
    Note(Vec<String>, String),
    /// Bring in files of other tools' results.
    Import(String),
    /// Take the last act back.
    Undo,
    /// Do it again.
    Redo,
    /// Save a run with its scores.
    Run(Arc<RunRecord>, Vec<FrameworkScore>),
    /// Compare the last run of the open session.
    Compare(With),
    /// Tell which findings of earlier runs of the open session are fixed, for a report in this format.
    Departed(Format, String),
    /// List saved sessions.
    List,
}

/// News for the shell.
pub enum News {
    /// For the state machine.
    Event(Event),
    /// A session was opened: what it is about, and its last run.
    Resumed(Box<SourceInfo>, Option<Box<RunRecord>>),
    /// Findings of earlier runs that are fixed, for a report.
    Departed(Format, String, Vec<Arc<Finding>>),
}

/// The handle. Dropping it lets the desk finish its orders and end.
pub struct Desk {
    orders: Option<Sender<Order>>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Desk {
    /// Starts the desk over the sessions of a data directory.
    pub fn start(
        data: &Path,
        user: &str,
        content: Content,
        news: events::Sender<News>,
    ) -> std::io::Result<Self> {
        let (orders, inbox) = channel();
        let clerk = Clerk {
            store: Store::new(data),
            user: user.to_owned(),
            content,
            news,
            session: None,
            source: SourceInfo::default(),
        };
        let thread =
            std::thread::Builder::new().name("session".into()).spawn(move || clerk.work(&inbox))?;
        Ok(Self { orders: Some(orders), thread: Some(thread) })
    }

    /// Gives an order.
    pub fn order(&self, order: Order) {
        if let Some(orders) = &self.orders {
            // The desk ends only with this handle.
            let _ = orders.send(order);
        }
    }

    /// Waits until every order is carried out.
    pub fn finish(&mut self) {
        self.orders = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

struct Clerk {
    store: Store,
    user: String,
    /// By which runs that are compared are judged.
    content: Content,
    news: events::Sender<News>,
    session: Option<Session>,
    source: SourceInfo,
}

impl Clerk {
    fn work(mut self, inbox: &Receiver<Order>) {
        while let Ok(order) = inbox.recv() {
            if let Err(error) = self.carry_out(order) {
                self.tell(SessionEvent::Failed(explain(&error, &self.store)));
            }
        }
    }

    fn tell(&self, event: SessionEvent) {
        // The shell may be gone; what is on disk stays on disk.
        let _ = self.news.blocking_send(News::Event(Event::Session(event)));
    }

    fn carry_out(&mut self, order: Order) -> Result<(), SessionError> {
        match order {
            Order::Open(id) => return self.open(&id),
            Order::Leave(source) => {
                self.session = None;
                self.source = *source;
                self.tell(SessionEvent::Closed);
            }
            Order::List => {
                let list = self.store.list()?.into_iter().map(info).collect();
                self.tell(SessionEvent::List(list));
            }
            Order::Decide(fingerprints, decision) => self.decide(&fingerprints, &decision)?,
            Order::Note(fingerprints, text) => self.note(fingerprints, &text)?,
            Order::Attest(answers, file) => self.attest(answers, file.as_deref())?,
            Order::Import(path) => self.import(&path)?,
            Order::Undo => self.turn(true)?,
            Order::Redo => self.turn(false)?,
            // A session that is open elsewhere is looked at; whoever has it saves its own runs.
            Order::Run(..) if self.session.as_ref().is_some_and(|s| s.holder().is_some()) => {}
            Order::Run(record, scores) => self.record(Arc::unwrap_or_clone(record), scores)?,
            Order::Compare(with) => self.compare(&with),
            Order::Departed(format, to) => self.departed(format, to),
        }
        Ok(())
    }

    /// What is done belongs into a plan; without it the plan is still made, and says less.
    fn departed(&self, format: Format, to: String) {
        let session = self.session.as_ref();
        let run = session.and_then(|session| session.latest_run().ok().flatten());
        let gone = session.zip(run).map(|(session, run)| session.departed(&run.result, run.number));
        // The shell may be gone.
        let _ = self.news.blocking_send(News::Departed(format, to, gone.unwrap_or_default()));
    }

    fn record(
        &mut self,
        record: RunRecord,
        scores: Vec<FrameworkScore>,
    ) -> Result<(), SessionError> {
        let by = self.user.clone();
        let recorded = self.session()?.record_judged(record, scores, &by)?;
        let trend = self.session.as_ref().map(trend_of).unwrap_or_default();
        self.tell(SessionEvent::RunSaved { number: recorded.number, trend });
        if !recorded.renamed.is_empty() {
            self.tell(SessionEvent::Renamed(recorded.renamed));
        }
        if let Some(words) = words(&recorded.settled) {
            let changes = self.last_changes(recorded.settled.iter().map(|c| &*c.fingerprint));
            let what = format!("Since the run before: {words}.");
            // Nobody waits for it to be saved.
            self.tell(SessionEvent::Settled { changes, what });
        }
        Ok(())
    }

    fn open(&mut self, id: &str) -> Result<(), SessionError> {
        self.session = None;
        let session = self.store.open(id)?;
        // What was decided shows at once; a large run takes its time to unpack.
        self.announce(&session);
        let run = session.latest_run().unwrap_or_else(|error| {
            self.damaged(&error);
            None
        });
        let begun = &session.state().meta.source;
        self.source = run.as_ref().map_or(begun, |run| &run.source).clone();
        self.session = Some(session);
        let source = Box::new(self.source.clone());
        let _ = self.news.blocking_send(News::Resumed(source, run.map(Box::new)));
        Ok(())
    }

    fn announce(&self, session: &Session) {
        let state = session.state();
        let (ledger, damage) = session.whole_ledger();
        self.tell(SessionEvent::Opened {
            info: info_of(session.id(), state),
            ledger,
            notes: state.notes.iter().map(|n| (n.fingerprint.clone(), n.text.clone())).collect(),
            trend: trend_of(session),
        });
        if let Some(holder) = session.holder() {
            self.tell(SessionEvent::ReadOnly { holder: holder.to_owned() });
        } else if let Some(notice) = session.notice() {
            let _ = self.news.blocking_send(News::Event(Event::Done(notice.to_owned())));
        }
        for error in &damage {
            self.damaged(error);
        }
    }

    /// A run or an import that is missing or was changed is no reason not to open the rest.
    fn damaged(&self, error: &SessionError) {
        let error = UserError {
            what: "part of the session is damaged".to_owned(),
            why: error.to_string(),
            next: "everything else is whole: run again, or bring the file back".to_owned(),
        };
        let _ = self.news.blocking_send(News::Event(Event::Failed(error)));
    }

    /// The open session; the first thing to save begins one.
    fn session(&mut self) -> Result<&mut Session, SessionError> {
        if self.session.is_none() {
            let title = name_of(&self.source);
            let meta = Meta { title, source: self.source.clone(), ..Meta::default() };
            let session = self.store.create(meta, &self.user, &timestamp())?;
            self.announce(&session);
            self.session = Some(session);
        }
        self.session.as_mut().ok_or_else(|| SessionError::Unknown(String::new()))
    }

    fn decide(&mut self, fingerprints: &[String], decision: &Decision) -> Result<(), SessionError> {
        let (by, now) = (self.user.clone(), timestamp());
        self.session()?.decide(fingerprints, decision, &by, &now)?;
        let noun = if fingerprints.len() == 1 { "finding" } else { "findings" };
        let what = format!("saved: {} {noun} {}", fingerprints.len(), decision.state.word());
        let changes = self.last_changes(fingerprints.iter().map(String::as_str));
        self.tell(SessionEvent::Decided { changes, what });
        Ok(())
    }

    fn note(&mut self, fingerprints: Vec<String>, text: &str) -> Result<(), SessionError> {
        let (by, now) = (self.user.clone(), timestamp());
        let last = fingerprints.len();
        for (at, fingerprint) in fingerprints.into_iter().enumerate() {
            self.session()?.note(&fingerprint, text, &by, &now)?;
            let (text, last) = (Some(text.to_owned()), at + 1 == last);
            self.tell(SessionEvent::Noted { fingerprint, text, last });
        }
        Ok(())
    }

    /// The last change of each of these findings.
    fn last_changes<'a>(
        &self,
        fingerprints: impl Iterator<Item = &'a str>,
    ) -> Vec<(Arc<str>, Arc<Past>)> {
        let history = self.session.as_ref().map(|s| &s.state().ledger.history);
        let last = |print: &str| {
            let (print, changes) = history?.get_key_value(print)?;
            Some((Arc::clone(print), Arc::clone(changes.last()?)))
        };
        fingerprints.filter_map(last).collect()
    }

    fn attest(
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
        let session = self.session()?;
        for (key, answer) in &answers {
            session.attest(key, answer.clone(), &by, &now)?;
        }
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

    fn turn(&mut self, back: bool) -> Result<(), SessionError> {
        let (by, now) = (self.user.clone(), timestamp());
        let session = self.session.as_mut().ok_or(SessionError::Nothing(if back {
            "undo"
        } else {
            "redo"
        }))?;
        let act = if back { session.undo(&by, &now)? } else { session.redo(&by, &now)? };
        let verb = if back { "took back" } else { "did again" };
        let what = format!("{verb} {}", act.describe());
        match act {
            Act::Decided(changes) => {
                let changes = self.last_changes(changes.iter().map(|c| &*c.fingerprint));
                self.tell(SessionEvent::Decided { changes, what });
            }
            Act::Attested(answered) => {
                let key = answered.key();
                let answer = if back { answered.before } else { answered.after };
                self.tell(SessionEvent::Attested { answers: vec![(key, answer)], what });
            }
            Act::Noted(note) => {
                let text = (!back).then_some(note.text);
                let fingerprint = note.fingerprint;
                self.tell(SessionEvent::Noted { fingerprint, text, last: true });
                let _ = self.news.blocking_send(News::Event(Event::Done(what)));
            }
        }
        Ok(())
    }
}

/// The runs of a session that looked at the same part of the same thing as its last one.
fn trend_of(session: &Session) -> Vec<Point> {
    let last = session.state().runs.last().map(|run| run.number);
    // A run without a summary is of an older version; reading it would take too long here.
    let all = trends([(session.id(), session.state())], &mut |_, _| None);
    let newest = all.into_iter().find(|t| t.points.last().map(|p| p.run) == last);
    newest.map(|trend| trend.points).unwrap_or_default()
}

fn info(summary: Summary) -> SessionInfo {
    match summary.state {
        Ok(state) => SessionInfo { holder: summary.holder, ..info_of(&summary.id, &state) },
        Err(problem) => SessionInfo {
            id: summary.id,
            holder: summary.holder,
            problem: Some(problem),
            ..SessionInfo::default()
        },
    }
}

fn info_of(id: &str, state: &State) -> SessionInfo {
    let seconds =
        |time: &str| time.parse::<jiff::Timestamp>().map_or(0, jiff::Timestamp::as_second);
    let source = &state.meta.source;
    SessionInfo {
        id: id.to_owned(),
        title: state.meta.title.clone(),
        source: source.context.clone().unwrap_or_else(|| match source.files.as_slice() {
            [] => source.kind.word().to_owned(),
            files => files.join(", "),
        }),
        created: seconds(&state.created),
        updated: seconds(&state.updated),
        runs: state.runs.len(),
        findings: state.runs.last().map_or(0, |run| run.open().unwrap_or(run.findings)),
        decisions: state.ledger.decided_by_people(),
        holder: None,
        problem: None,
    }
}

fn explain(error: &SessionError, store: &Store) -> UserError {
    let next = match error {
        SessionError::ReadOnly(_) => "close the other one, or start a new session".to_owned(),
        SessionError::Nothing(_) => String::new(),
        SessionError::Evidence { .. } => "name a file that exists, or leave it out".to_owned(),
        SessionError::Unknown(_) | SessionError::Ambiguous(_) => {
            "choose one from the list".to_owned()
        }
        _ => format!("look at {}; nothing that was saved before is lost", store.root().display()),
    };
    let what = match error {
        SessionError::Nothing(what) => format!("nothing to {what}"),
        _ => "not saved".to_owned(),
    };
    let why = match error {
        SessionError::Nothing("undo") => {
            "no decision, answer or note of this session is left to take back".to_owned()
        }
        SessionError::Nothing(_) => "nothing was taken back last".to_owned(),
        other => other.to_string(),
    };
    UserError { what, why, next }
}
