//! One of several clusters, from its objects to its figures.

use std::sync::{Arc, Mutex, PoisonError};

use super::super::args::ScanArgs;
use super::super::asked::Asked;
use super::super::context::Context;
use super::super::judging::{self, Past};
use super::super::output::Progress;
use super::super::recording::Recording;
use crate::assess::compare::scores;
use crate::assess::fleet::Parts;
use crate::assess::{self, Chosen};
use crate::checks::Monitor;
use crate::frameworks::fit;
use crate::frameworks::fleet::ClusterCard;
use crate::model::finding::Finding;
use crate::model::inventory::Inventory;
use crate::model::kinds::Kind;
use crate::model::ledger::Ledger;
use crate::report::{CheckText, Input, Judged, SessionRef};
use crate::runtime::clock::{timestamp, today};
use crate::session::RunRecord;
use crate::triage::Sources;

/// What all clusters are judged by.
pub struct Work<'a> {
    /// Configuration and places.
    pub context: &'a Context,
    /// The command line.
    pub args: &'a ScanArgs,
    /// What it asks for.
    pub asked: &'a Asked,
    /// The same understood, before it is known which editions fit.
    pub chosen: &'a Chosen,
    /// What is said about findings outside sessions.
    pub sources: &'a Sources,
}

/// A cluster, judged; its objects are let go.
pub struct Assessed {
    /// What was chosen for it.
    pub chosen: Chosen,
    /// The run.
    pub record: RunRecord,
    /// Its frameworks.
    pub judged: Vec<Judged>,
    /// Decisions that were brought along.
    pub ledger: Ledger,
    /// Kinds that its checks looked at.
    pub kinds: Vec<Kind>,
    /// The session that was begun with it.
    pub session: Option<SessionRef>,
    /// It was to be saved, and was not.
    pub unsaved: bool,
    /// What to say of it on stderr.
    pub notes: Vec<String>,
    /// Its figures.
    pub card: ClusterCard,
}

/// A clusters' checks use every core: one cluster is evaluated at a time.
static EVALUATING: Mutex<()> = Mutex::new(());

impl Work<'_> {
    /// Runs the checks of one cluster and judges it.
    pub fn judge(&self, name: &str, read: Inventory, line: &Mutex<Progress>) -> Assessed {
        let started = read.source.read_at.clone().unwrap_or_else(timestamp);
        let content = &self.asked.content;
        let inventory = Arc::new(read);
        // Whoever panicked with it left nothing half done: it guards no data.
        let turn = EVALUATING.lock().unwrap_or_else(PoisonError::into_inner);
        let facts = content.facts(Arc::clone(&inventory));
        let chosen = content.fit(self.chosen.clone(), assess::cluster(&facts));
        let plan = content.plan(&chosen);
        let result = content.run(&plan, &chosen, &facts, &Quiet { name, line });
        drop(turn);
        let mut notes = Vec::new();
        let asked =
            !chosen.selection.frameworks.is_empty() || !chosen.selection.controls.is_empty();
        if asked {
            let lines = fit::told(&chosen.not_judged, &chosen.families());
            notes.extend(lines.iter().map(|line| format!("not judged: {line}")));
        }
        let takes =
            |o: &Arc<crate::model::object::Object>| chosen.scope.takes(&facts, &o.kind(), o);
        if !chosen.scope.is_everything() && !inventory.objects().any(takes) {
            notes.push("no object fits the selection".to_owned());
        }
        let mut record = judging::record(content, &chosen, &inventory, started, result);
        let mut recording = self.args.session.as_deref().map(|_| Recording::begin());
        let past = Past::of(self.sources, recording.as_ref(), None);
        let mut ledger = Ledger::default();
        judging::look_back(content, &chosen, &past, &mut ledger, &mut record, &inventory);
        let day = today();
        let judged = content.judge(&chosen, &record.result, &inventory, &ledger, &day);
        let saved =
            recording.as_mut().map(|to| to.save(self.context, &record, scores(&judged), &[]));
        let (session, unsaved) = match saved {
            None => (None, false),
            Some(Ok(session)) => (Some(session), false),
            Some(Err(fail)) => {
                notes.push(format!("the run was not saved in a session: {fail}"));
                (None, true)
            }
        };
        let parts = Parts {
            name,
            record: &record,
            chosen: &chosen,
            judged: &judged,
            ledger: &ledger,
            today: &day,
        };
        let card = content.cluster_card(&parts);
        let kinds = plan.kinds().into_iter().collect();
        Assessed { chosen, record, judged, ledger, kinds, session, unsaved, notes, card }
    }
}

impl Assessed {
    /// What a report of this cluster alone is made of.
    pub fn input<'a>(&'a self, today: &'a str, check: &'a dyn Fn(&str) -> CheckText) -> Input<'a> {
        Input {
            content: &self.record.content,
            settings: &self.record.settings,
            source: &self.record.source,
            reads: &self.record.reads,
            result: &self.record.result,
            gone: &[],
            frameworks: &self.judged,
            not_judged: &self.chosen.not_judged,
            ledger: &self.ledger,
            session: self.session.as_ref(),
            today,
            selection: &self.chosen.selection,
            profile: None,
            started: &self.record.started,
            finished: &self.record.finished,
            check,
        }
    }
}

/// Progress of one cluster among several.
struct Quiet<'a> {
    name: &'a str,
    line: &'a Mutex<Progress>,
}

impl Monitor for Quiet<'_> {
    fn cancelled(&self) -> bool {
        false
    }

    fn progress(&self, done: usize, total: usize, _: &str, _: &[Arc<Finding>]) {
        // Another thread is showing progress already: this step goes without.
        if let Ok(mut line) = self.line.try_lock() {
            line.show(&format!("assessing {}: {done} of {total} objects", self.name));
        }
    }
}
