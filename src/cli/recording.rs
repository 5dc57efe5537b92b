//! `scan --session`: a run without a terminal that becomes part of a session, with what was decided in it.

use std::sync::Arc;

use super::context::CommandContext;
use super::newest::newest;
use super::{CommandError, output};
use crate::assess::Before;
use crate::model::finding::Finding;
use crate::model::import::Import;
use crate::model::inventory::SourceInfo;
use crate::model::ledger::Ledger;
use crate::model::trend::FrameworkScore;
use crate::report::{Format, SessionRef};
use crate::session::{Recorded, RunRecord, Session, SessionError, SessionMeta};

/// The word for a session that is begun with the run.
pub(super) const NEW: &str = "new";

/// The session that a run goes to.
pub struct Recording {
    /// None until there is something to save.
    session: Option<Session>,
    before: Option<RunRecord>,
}

impl Recording {
    /// Opens the session, so that a wrong one is told before anything is read from a cluster.
    ///
    /// # Errors
    /// When there is no such session, it cannot be read, or somebody else has it.
    pub fn open(context: &CommandContext, name: &str) -> Result<Self, CommandError> {
        if name == NEW {
            return Ok(Self::begin());
        }
        let session = context.store().open(name)?;
        session.writable()?;
        let before = newest(&session);
        Ok(Self { session: Some(session), before })
    }

    /// One that is begun when there is something to save.
    #[must_use]
    pub fn begin() -> Self {
        Self { session: None, before: None }
    }

    /// What was decided, answered and imported in it.
    ///
    /// # Errors
    /// When an import of it cannot be read.
    pub fn ledger(&self) -> Result<Ledger, CommandError> {
        self.session
            .as_ref()
            .map_or_else(|| Ok(Ledger::default()), |s| s.ledger().map_err(CommandError::from))
    }

    /// What was known before this run.
    #[must_use]
    pub fn before(&self) -> Before<'_> {
        self.before.as_ref().map_or(Before::Begun, Before::Run)
    }

    /// Holds that the session is of what was read now.
    ///
    /// # Errors
    /// When it is of another cluster.
    pub fn fits(&self, source: &SourceInfo) -> Result<(), CommandError> {
        let Some(session) = &self.session else { return Ok(()) };
        session.takes(self.before.as_ref(), source).map_err(|error| {
            CommandError::Usage(format!("{error}: --session {NEW} begins one for it"))
        })
    }

    /// Findings of the session's earlier runs that are fixed and that this one, which is saved, does not
    /// have again. A plan lists what is done; no other format needs the earlier runs read.
    #[must_use]
    pub fn departed(&self, record: &RunRecord, format: Format) -> Vec<Arc<Finding>> {
        if format != Format::OscalPoam {
            return Vec::new();
        }
        let last = |session: &Session| session.state().runs.last().map_or(0, |run| run.number);
        let gone = |session: &Session| session.departed(&record.result, last(session));
        self.session.as_ref().map(gone).unwrap_or_default()
    }

    /// Saves the run, and before it the imports that the session does not have. On disk when this
    /// returns.
    ///
    /// # Errors
    /// When it cannot be saved.
    pub fn save(
        &mut self,
        context: &CommandContext,
        record: &RunRecord,
        scores: Vec<FrameworkScore>,
        imports: &[Import],
    ) -> Result<SessionRef, CommandError> {
        let begins = self.session.is_none();
        let recorded = self.record(context, record, scores, imports);
        if begins && recorded.is_err() {
            self.unbegin(context);
        }
        let recorded = recorded?;
        let Some(session) = &self.session else {
            return Err(CommandError::Other("the session could not be begun".to_owned()));
        };
        let settled = recorded.told().map(|told| format!("; {told}"));
        output::complain(&format!(
            "plimsoll: saved as run {} of session {}{}",
            recorded.number,
            session.id(),
            settled.unwrap_or_default()
        ));
        Ok(SessionRef {
            id: session.id().to_owned(),
            title: session.state().meta.title.clone(),
            created: session.state().created.clone(),
            run: Some(recorded.number),
        })
    }

    fn record(
        &mut self,
        context: &CommandContext,
        record: &RunRecord,
        scores: Vec<FrameworkScore>,
        imports: &[Import],
    ) -> Result<Recorded, SessionError> {
        let by = context.user();
        let session = match &mut self.session {
            Some(session) => session,
            none => {
                let source = record.source.clone();
                let meta = SessionMeta { title: source.name(), source, ..SessionMeta::default() };
                none.insert(context.store().create(meta, &by, &record.started)?)
            }
        };
        let there = session.imports()?;
        let new = imports.iter().filter(|import| !there.iter().any(|t| t.same(import)));
        session.record_imports(&new.cloned().collect::<Vec<_>>(), &by)?;
        session.record_judged(record.clone(), scores, &by)
    }

    /// A session that was begun for a run, which could not be saved, is nobody's `last`.
    fn unbegin(&mut self, context: &CommandContext) {
        if let Some(session) = self.session.take() {
            let id = session.id().to_owned();
            drop(session);
            // Why the run was not saved is told; what cannot be removed has no run and is passed over.
            let _ = context.store().remove(&id);
        }
    }
}
