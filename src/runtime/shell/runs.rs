//! Runs: started, joined with what is shown, judged, saved.

use std::sync::Arc;

use super::{Shell, Shown};
use crate::app::effect::{RunPlace, RunRequest, RunWhat};
use crate::app::event::{Event, RunEvent, SourceEvent, UserError};
use crate::assess::{self, Before, Chosen};
use crate::frameworks::{Framework, Judgement};
use crate::imports::objects::with_imports;
use crate::model::finding::RunResult;
use crate::model::inventory::Inventory;
use crate::runtime::clock::{timestamp, today};
use crate::runtime::desk::Order;
use crate::runtime::job::{self, Outcome};
use crate::session::RunRecord;
use crate::session::run::Selection;
use crate::triage::Brought;

/// A run that is over, or a moment of a cluster that is to be one.
pub(super) struct Ended {
    /// Its number.
    pub id: u64,
    /// What is judged.
    pub chosen: Arc<Chosen>,
    /// What is run again when the cluster changes.
    pub again: Arc<Chosen>,
    /// What it looked at.
    pub inventory: Arc<Inventory>,
    /// RFC 3339.
    pub started: String,
    /// RFC 3339.
    pub finished: String,
}

impl Shell {
    pub(super) fn start_run(&mut self, request: &RunRequest) {
        self.runs += 1;
        let id = self.runs;
        let Some(inventory) = self.inventory.clone() else {
            let error = UserError {
                what: "nothing to assess yet".to_owned(),
                why: "no objects have been read".to_owned(),
                next: "choose a source with c".to_owned(),
            };
            return self.feed(Event::Failed(error));
        };
        let inventory = self.with_imports(inventory);
        let selection = self.selection(request);
        match self.options.content.choose(&selection) {
            Ok(chosen) => {
                let facts = self.options.content.facts(Arc::clone(&inventory));
                let mut chosen = self.options.content.fit(chosen, assess::cluster(&facts));
                if let RunPlace::Object(object) = &request.place {
                    let namespace = object.namespace.as_deref().map(str::to_owned);
                    chosen.scope.object =
                        Some((object.group_kind(), namespace, object.name.to_string()));
                }
                // Told here and not by the job: its end must never be heard before its beginning.
                let total = chosen.checks.len();
                self.feed(Event::Run(RunEvent::Started { id, total }));
                // Dropping the old job cancels it; nor is the cluster followed meanwhile.
                self.follow = None;
                self.job = Some(job::start(
                    id,
                    self.options.content.clone(),
                    Arc::new(chosen),
                    inventory,
                    self.events.clone(),
                    self.outcome_tx.clone(),
                ));
            }
            Err(error) => {
                let error = UserError {
                    what: "this cannot be run".to_owned(),
                    why: error.to_string(),
                    next: "choose something else to run".to_owned(),
                };
                self.feed(Event::Failed(error));
            }
        }
    }

    /// What was imported is shown and judged like what was read.
    pub(super) fn with_imports(&self, inventory: Arc<Inventory>) -> Arc<Inventory> {
        match self.ledger.imports.as_slice() {
            [] => inventory,
            imports => Arc::new(with_imports(&inventory, imports, &today())),
        }
    }

    /// Judges anew after results were brought in. Where they hold what checks look at, the checks
    /// run again.
    pub(super) fn judge_imported(&mut self, objects: bool) {
        self.judge_again();
        // What is still being read gets them when it is there.
        let here = objects && !self.state.source.loading;
        let Some(bare) = self.bare.clone().filter(|_| here) else { return };
        let inventory = self.with_imports(bare);
        self.inventory = Some(Arc::clone(&inventory));
        self.feed(Event::Source(SourceEvent::Loaded { inventory, complete: true }));
        self.start_run(&RunRequest { what: RunWhat::Everything, place: RunPlace::Scope });
    }

    pub(super) fn selection(&self, request: &RunRequest) -> Selection {
        let base = &self.options.selection;
        let mut selection = Selection {
            namespaces: self
                .state
                .data
                .namespace
                .clone()
                .map_or_else(|| base.namespaces.clone(), |ns| vec![ns]),
            selector: base.selector.clone(),
            object: base.object.clone(),
            include_platform: self.state.data.platform || base.include_platform,
            ..Selection::default()
        };
        match &request.what {
            RunWhat::Everything => {
                selection.frameworks.clone_from(&base.frameworks);
                selection.controls.clone_from(&base.controls);
                selection.checks.clone_from(&base.checks);
            }
            RunWhat::Frameworks(ids) => selection.frameworks.clone_from(ids),
            RunWhat::Controls { framework, controls } => {
                selection.controls = controls.iter().map(|c| format!("{framework}/{c}")).collect();
            }
            RunWhat::Checks(ids) => {
                selection.checks = ids.iter().map(ToString::to_string).collect();
            }
        }
        match &request.place {
            RunPlace::Scope => {}
            RunPlace::Namespace(namespace) => selection.namespaces = vec![namespace.clone()],
            RunPlace::Object(object) => {
                selection.object = Some(format!("{}/{}", object.kind, object.name));
                selection.namespaces = object.namespace.iter().map(ToString::to_string).collect();
            }
        }
        selection
    }

    pub(super) fn finish_run(&mut self, outcome: Outcome) {
        let (id, millis) = (outcome.id, outcome.millis);
        // A job that was let go looked at another source, or was asked for something else since.
        let result = match &self.job {
            Some(job) if job.id == id => {
                self.job = None;
                outcome.result
            }
            _ => None,
        };
        let Some(result) = result else {
            self.feed(Event::Run(RunEvent::Cancelled { id }));
            if self.job.is_none() && self.follow.is_none() {
                // What was shown before is shown again, and followed.
                self.follow_shown(None);
            }
            return;
        };
        let Outcome { chosen, inventory, engine, started, .. } = outcome;
        let (chosen, again, result) = self.joined(chosen, result);
        let engine = engine.filter(|engine| engine.is_of(&again));
        let ended = Ended { id, chosen, again, inventory, started, finished: timestamp() };
        let (result, judged) = self.keep(ended, result);
        self.feed(Event::Run(RunEvent::Finished { id, result, judged, millis }));
        self.follow_shown(engine);
    }

    /// Makes what the checks came to the last run of the session.
    pub(super) fn keep(&mut self, ended: Ended, result: RunResult) -> (Arc<RunResult>, Judgement) {
        let Ended { id, chosen, again, inventory, started, finished } = ended;
        let mut record = RunRecord {
            schema: String::new(),
            number: 0,
            started,
            finished,
            tool: env!("CARGO_PKG_VERSION").to_owned(),
            content: self.options.content.digest(),
            selection: chosen.selection.clone(),
            source: inventory.source.clone(),
            provider: chosen.cluster.provider.clone(),
            reads: inventory.reads.clone(),
            result,
        };
        (self.live, self.awaits) = (None, false);
        self.look_back(&chosen, &mut record, &inventory);
        let content = &self.options.content;
        let judged = content.judge(&chosen, &record.result, &inventory, &self.ledger, &today());
        let results = assess::results(&judged, &chosen.not_judged);
        let scores = assess::compare::scores(&judged);
        self.desk.order(Order::Run(Box::new(record.clone()), scores));
        let result = Arc::new(record.result.clone());
        self.previous = Some(record.clone());
        self.shown = Some(Shown { id, chosen, again, record, judged, inventory });
        (result, results)
    }

    /// Says how long findings are there by the run before, and what is said about them outside the
    /// session: before that counts, and of what came of it.
    fn look_back(&mut self, chosen: &Chosen, record: &mut RunRecord, inventory: &Inventory) {
        let brought = Brought::of(&self.options.sources, &record.result, inventory);
        Arc::make_mut(&mut self.ledger).brought = brought.decisions(&today());
        let before = match &self.previous {
            Some(run) => Before::Run(run),
            // What the session knows is on its way.
            None if self.session_given => Before::Nothing,
            None => Before::Begun,
        };
        self.options.content.look_back(chosen, record, before, &self.ledger);
        self.bring(&record.result, inventory);
    }

    /// What was run, joined with what is shown where it was only a part of that: what is judged, what
    /// is run again when the cluster changes, and what came of it.
    fn joined(
        &self,
        chosen: Arc<Chosen>,
        result: RunResult,
    ) -> (Arc<Chosen>, Arc<Chosen>, RunResult) {
        let base = &self.options.selection;
        let whole = |s: &Selection| {
            s.frameworks == base.frameworks
                && s.controls == base.controls
                && s.checks == base.checks
                && s.namespaces == base.namespaces
                && s.object == base.object
        };
        match &self.shown {
            Some(shown) if !whole(&chosen.selection) => {
                // What the cluster came to since the last run is not taken back by a part of a new one.
                let before =
                    self.live.as_ref().map_or(&shown.record.result, |(view, _)| &view.result);
                let merged = assess::merge(before, &result, &chosen.checks, &chosen.scope);
                let known = chosen.checks.iter().all(|id| shown.again.checks.contains(id));
                let elsewhere = !known && chosen.scope != shown.again.scope;
                let all = Arc::new(self.widened(&shown.chosen, &chosen));
                // Checks that ran on one place alone are not run on all of them unasked.
                let again = if elsewhere || known && !Arc::ptr_eq(&shown.chosen, &shown.again) {
                    Arc::clone(&shown.again)
                } else {
                    Arc::clone(&all)
                };
                (all, again, merged)
            }
            _ => (Arc::clone(&chosen), chosen, result),
        }
    }

    /// What was asked for before, and now as well.
    fn widened(&self, before: &Chosen, now: &Chosen) -> Chosen {
        let mut all = before.clone();
        // An empty selection is everything already.
        if narrow(&before.selection) {
            let (old, new) = (&mut all.selection, &now.selection);
            add(&mut old.frameworks, &new.frameworks);
            add(&mut old.controls, &new.controls);
            add(&mut old.checks, &new.checks);
        }
        all.checks.extend(now.checks.iter().cloned());
        all.checks.sort();
        all.checks.dedup();
        for pick in &now.frameworks {
            match all.frameworks.iter_mut().find(|p| p.framework.id == pick.framework.id) {
                None => all.frameworks.push(pick.clone()),
                Some(part) => part.framework = self.united(&part.framework, &pick.framework),
            }
        }
        all.not_judged.extend(now.not_judged.iter().cloned());
        all.not_judged.sort();
        all.not_judged.dedup();
        let judged = |id: &str| all.frameworks.iter().any(|p| p.framework.id == id);
        all.not_judged.retain(|n| !judged(&n.id));
        all
    }

    /// A framework with the controls of two parts of it.
    fn united(&self, a: &Framework, b: &Framework) -> Arc<Framework> {
        let whole = self.options.content.frameworks.frameworks.iter().find(|f| f.id == a.id);
        let mut union = whole.map_or_else(|| a.clone(), |whole| (**whole).clone());
        union.controls.retain(|c| [a, b].iter().any(|f| f.controls.iter().any(|o| o.id == c.id)));
        Arc::new(union)
    }

    /// Works out what files and annotations say about the findings of a run.
    pub(super) fn bring(&mut self, result: &RunResult, inventory: &Inventory) {
        self.brought = Arc::new(Brought::of(&self.options.sources, result, inventory));
        self.ledger.bring(self.brought.decisions(&today()));
        self.feed(Event::Brought(Arc::clone(&self.brought)));
    }

    /// The same after the files were read again.
    pub(super) fn bring_again(&mut self) {
        let seen = match (&self.live, &self.shown) {
            (Some((view, _)), _) => (Arc::clone(&view.result), Arc::clone(&view.inventory)),
            (None, Some(shown)) => {
                (Arc::new(shown.record.result.clone()), Arc::clone(&shown.inventory))
            }
            (None, None) => return,
        };
        self.bring(&seen.0, &seen.1);
        self.judge_again();
    }

    /// Judges the run, and what is shown instead of it, by what is decided now.
    pub(super) fn judge_again(&mut self) {
        self.decided += 1;
        let Some(shown) = &mut self.shown else { return };
        let (content, today) = (&self.options.content, today());
        shown.judged = content.judge(
            &shown.chosen,
            &shown.record.result,
            &shown.inventory,
            &self.ledger,
            &today,
        );
        let results = match &self.live {
            None => assess::results(&shown.judged, &shown.chosen.not_judged),
            Some((view, chosen)) => {
                let (result, inventory) = (&view.result, &view.inventory);
                let judged = content.judge(chosen, result, inventory, &self.ledger, &today);
                assess::results(&judged, &chosen.not_judged)
            }
        };
        self.feed(Event::Judged(results));
    }
}

/// Whether a selection is of some checks only.
fn narrow(selection: &Selection) -> bool {
    let Selection { frameworks, controls, checks, .. } = selection;
    !(frameworks.is_empty() && controls.is_empty() && checks.is_empty())
}

fn add(to: &mut Vec<String>, more: &[String]) {
    to.extend_from_slice(more);
    to.sort();
    to.dedup();
}
