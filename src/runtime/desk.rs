//! The desk: one thread that owns the open session. Whatever it acknowledges is on disk.

mod acts;
mod bundle;
mod comparing;
mod importing;
mod orders;
mod refused;
mod told;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};

use tokio::sync::{mpsc as events, oneshot};

use self::acts::Turn;
pub use self::orders::{BundleOrder, DeskNews, DeskOrder, ResumedSession};
use self::refused::{explain, not_meant, unsaved_run};
use self::told::{info, info_of, trend_of, turns};
use super::clock::timestamp;
use crate::app::event::{Event, SessionEvent, UserError};
use crate::app::sentence;
use crate::assess::Content;
use crate::model::inventory::SourceInfo;
use crate::model::trend::FrameworkScore;
use crate::report::Format;
use crate::session::{RunRecord, Session, SessionError, SessionMeta, SessionStore};

/// The handle. Dropping it lets the desk finish its orders and end.
///
/// Every order is meant for a session: the one that whoever gives it looks at. Opening takes its time,
/// and until the news of it was heard that is the session before.
pub struct Desk {
    orders: Option<Sender<(u64, DeskOrder)>>,
    /// Hears when every order is carried out and the desk has ended; none once that was heard.
    over: Option<oneshot::Receiver<()>>,
    /// Counts what was opened and left.
    given: u64,
    /// What orders are meant for.
    epoch: u64,
}

impl Desk {
    /// Starts the desk over the sessions of a data directory.
    pub fn start(
        data: &Path,
        user: &str,
        content: Content,
        news: events::Sender<DeskNews>,
    ) -> std::io::Result<Self> {
        let (orders, inbox) = channel();
        let clerk = Clerk {
            store: SessionStore::new(data),
            data: data.to_owned(),
            user: user.to_owned(),
            content,
            news,
            session: None,
            source: SourceInfo::default(),
            epoch: 0,
        };
        let (tell, over) = oneshot::channel();
        std::thread::Builder::new().name("session".into()).spawn(move || {
            clerk.work(&inbox);
            let _ = tell.send(());
        })?;
        Ok(Self { orders: Some(orders), over: Some(over), given: 0, epoch: 0 })
    }

    /// Gives an order, meant for the session that was heard of last.
    pub fn order(&mut self, order: DeskOrder) {
        let meant = match order {
            DeskOrder::Open(_) => {
                self.given += 1;
                self.given
            }
            // Nothing has to be heard for it: whoever leaves looks at nothing any more.
            DeskOrder::Leave(_) => {
                self.given += 1;
                self.epoch = self.given;
                self.given
            }
            _ => self.epoch,
        };
        if let Some(orders) = &self.orders {
            // The desk ends only with this handle.
            let _ = orders.send((meant, order));
        }
    }

    /// Whoever gives orders looks at the session that was opened. False where it was left meanwhile:
    /// then it is nothing to look at.
    pub fn turned(&mut self, epoch: u64) -> bool {
        let newer = epoch > self.epoch;
        self.epoch = self.epoch.max(epoch);
        newer
    }

    /// Takes no more orders, and waits until every one is carried out.
    pub async fn finish(&mut self) {
        self.orders = None;
        if let Some(over) = &mut self.over {
            // A desk that fell has ended too.
            let _ = over.await;
        }
        self.over = None;
    }
}

struct Clerk {
    store: SessionStore,
    /// The data directory.
    data: PathBuf,
    user: String,
    /// By which runs that are compared are judged.
    content: Content,
    news: events::Sender<DeskNews>,
    session: Option<Session>,
    source: SourceInfo,
    /// Which of the sessions that were opened and left is the present one.
    epoch: u64,
}

impl Clerk {
    fn work(mut self, inbox: &Receiver<(u64, DeskOrder)>) {
        while let Ok((meant, order)) = inbox.recv() {
            let (act, run) = (order.is_act(), matches!(order, DeskOrder::Run(..)));
            match self.carry_out(meant, order) {
                Ok(()) => {}
                Err(error) if run => self.tell(SessionEvent::Failed(unsaved_run(&error))),
                Err(error) => self.tell(SessionEvent::Failed(explain(&error, &self.store))),
            }
            if act {
                self.tell(turns(self.session.as_ref()));
                self.tell(SessionEvent::Carried);
            }
        }
    }

    fn tell(&self, event: SessionEvent) {
        // The shell may be gone; what is on disk stays on disk.
        let _ = self.news.blocking_send(DeskNews::Event(Event::Session(event)));
    }

    fn carry_out(&mut self, meant: u64, order: DeskOrder) -> Result<(), SessionError> {
        if order.is_about_a_session() && meant != self.epoch {
            self.tell(SessionEvent::Failed(not_meant(&order)));
            return Ok(());
        }
        match order {
            DeskOrder::Open(id) => return self.open(&id, meant),
            DeskOrder::Leave(source) => {
                self.session = None;
                self.source = *source;
                self.epoch = meant;
                self.tell(SessionEvent::Closed);
            }
            DeskOrder::List => {
                let list = self.store.list()?.into_iter().map(info).collect();
                self.tell(SessionEvent::List(list));
            }
            DeskOrder::Decide(fingerprints, decision) => self.decide(&fingerprints, &decision)?,
            DeskOrder::Note(fingerprints, text) => self.note(fingerprints, text)?,
            DeskOrder::Attest(answers, file) => self.attest(answers, file.as_deref())?,
            DeskOrder::Import(path) => self.import(&path)?,
            DeskOrder::Undo => self.turn(Turn::Back)?,
            DeskOrder::Redo => self.turn(Turn::Again)?,
            // A session that is open elsewhere is looked at; whoever has it saves its own runs.
            DeskOrder::Run(..) if self.session.as_ref().is_some_and(|s| s.holder().is_some()) => {}
            DeskOrder::Run(record, scores) => self.record(Arc::unwrap_or_clone(record), scores)?,
            DeskOrder::Compare(with) => self.compare(&with),
            DeskOrder::Departed(format, to) => self.departed(format, to),
            DeskOrder::Bundle(bundle) => self.bundle(&bundle),
        }
        Ok(())
    }

    /// What is done belongs into a plan; without it the plan is still made, and says less.
    fn departed(&self, format: Format, to: String) {
        let session = self.session.as_ref();
        let run = session.and_then(|session| session.latest_run().ok().flatten());
        let gone = session.zip(run).map(|(session, run)| session.departed(&run.result, run.number));
        // The shell may be gone.
        let _ = self.news.blocking_send(DeskNews::Departed(format, to, gone.unwrap_or_default()));
    }

    fn record(
        &mut self,
        record: RunRecord,
        scores: Vec<FrameworkScore>,
    ) -> Result<(), SessionError> {
        let by = self.user.clone();
        let begins = self.session.is_none();
        if begins {
            // It knows more than was known when the source was chosen.
            self.source = record.source.clone();
        }
        // A session that a run begins has begun with it.
        let started = record.started.clone();
        let recorded = match self.session_since(&started)?.record_judged(record, scores, &by) {
            Ok(recorded) => recorded,
            Err(error) => {
                if begins {
                    self.unbegin();
                }
                return Err(error);
            }
        };
        let trend = self.session.as_ref().map(trend_of).unwrap_or_default();
        self.tell(SessionEvent::RunSaved { number: recorded.number, trend });
        let told = recorded.told();
        if !recorded.renamed.is_empty() {
            self.tell(SessionEvent::Renamed(recorded.renamed));
        }
        if let Some(told) = told {
            let changes = recorded.settled.changes.iter().map(|c| &*c.fingerprint);
            let changes = self.last_changes(changes);
            let what = format!("{}.", sentence(&told));
            // Nobody waits for it to be saved.
            self.tell(SessionEvent::Settled { changes, what });
        }
        Ok(())
    }

    /// A session that was begun for a run, which could not be saved, is nobody's `last`.
    fn unbegin(&mut self) {
        if let Some(session) = self.session.take() {
            let id = session.id().to_owned();
            drop(session);
            // What cannot be removed is empty, and passed over.
            let _ = self.store.remove(&id);
            self.tell(SessionEvent::Closed);
        }
    }

    /// Opens a session. The one before stays open until that is done, and where it cannot be done.
    fn open(&mut self, id: &str, epoch: u64) -> Result<(), SessionError> {
        let id = self.store.id_of(id)?;
        // Whoever holds it cannot take it a second time.
        let own = self.session.take_if(|own| own.id() == id && own.holder().is_none());
        let session = match own {
            Some(own) => own,
            None => self.store.open(&id)?,
        };
        self.epoch = epoch;
        // What was decided shows at once; a large run takes its time to unpack.
        self.announce(&session);
        let run = session.latest_run().unwrap_or_else(|error| {
            self.damaged(&error);
            None
        });
        let begun = &session.state().meta.source;
        self.source = run.as_ref().map_or(begun, |run| &run.source).clone();
        self.session = Some(session);
        let resumed = ResumedSession { epoch, source: self.source.clone(), run };
        let _ = self.news.blocking_send(DeskNews::Resumed(Box::new(resumed)));
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
        self.tell(turns(Some(session)));
        match session.writable() {
            Err(SessionError::Barred(why)) => self.tell(SessionEvent::Barred { why }),
            Err(_) => {
                let holder = session.holder().unwrap_or_default().to_owned();
                self.tell(SessionEvent::ReadOnly { holder });
            }
            Ok(()) => {
                if let Some(notice) = session.notice() {
                    let _ =
                        self.news.blocking_send(DeskNews::Event(Event::Done(notice.to_owned())));
                }
            }
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
        let _ = self.news.blocking_send(DeskNews::Event(Event::Failed(error)));
    }

    /// The open session; the first thing to save begins one.
    fn session(&mut self) -> Result<&mut Session, SessionError> {
        self.session_since(&timestamp())
    }

    fn session_since(&mut self, begun: &str) -> Result<&mut Session, SessionError> {
        if self.session.is_none() {
            let title = self.source.name();
            let meta = SessionMeta { title, source: self.source.clone(), ..SessionMeta::default() };
            let session = self.store.create(meta, &self.user, begun)?;
            self.announce(&session);
            self.session = Some(session);
        }
        self.session.as_mut().ok_or_else(|| SessionError::Unknown(String::new()))
    }
}

#[cfg(test)]
mod tests;
