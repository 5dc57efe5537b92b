//! Judging, off the task of the keys: what a run came to is said to be so old, judged by the decisions in force, and counted. With tens of thousands of findings each of these takes
//! longer than somebody at the keys should wait.

use std::sync::Arc;

use super::clock::today;
use crate::app::ahead::{CountBasis, CountedAhead, CountedBy};
use crate::app::event::RunStanding;
use crate::app::live::Followed;
use crate::assess::{self, Before, Chosen, Content, Finished, KnownAtEnd, Ran, RunTimes, compare};
use crate::frameworks::Cluster;
use crate::model::finding::RunResult;
use crate::model::inventory::Inventory;
use crate::model::ledger::Ledger;
use crate::model::trend::FrameworkScore;
use crate::report::Judged;
use crate::session::RunRecord;
use crate::triage::{Brought, Sources};

/// By what is judged.
pub struct JudgeTerms {
    /// Checks and frameworks.
    pub content: Content,
    /// What is said about findings outside the session.
    pub sources: Sources,
    /// Decisions, answers and imports.
    pub ledger: Arc<Ledger>,
    /// By what is counted.
    pub lens: CountedBy,
}

/// The last run, with everything a report of it needs. Cheap to copy.
#[derive(Clone)]
pub struct ShownRun {
    /// Its number, as the state machine knows it.
    pub id: u64,
    /// What is judged.
    pub chosen: Arc<Chosen>,
    /// As it is saved.
    pub record: Arc<RunRecord>,
    /// The frameworks, by the decisions that were in force when it was judged last.
    pub judged: Arc<Vec<Judged>>,
    /// What it looked at.
    pub inventory: Arc<Inventory>,
}

/// What is on the screen instead of the last run since the cluster changed, and by what it was judged.
pub type Moved = (Arc<Followed>, Arc<Chosen>);

/// A result, with what it is of.
#[derive(Clone, Copy)]
struct ResultOf<'a> {
    /// What was judged.
    chosen: &'a Chosen,
    /// What the checks came to.
    result: &'a Arc<RunResult>,
    /// What they looked at.
    inventory: &'a Arc<Inventory>,
}

/// A run that is over, or a moment of a cluster that is to be one.
#[derive(Clone)]
pub struct EndedRun {
    /// Its number.
    pub id: u64,
    /// What it judged.
    pub chosen: Arc<Chosen>,
    /// What it looked at.
    pub inventory: Arc<Inventory>,
    /// RFC 3339.
    pub started: String,
    /// RFC 3339.
    pub finished: String,
    /// What the checks came to.
    pub result: Arc<RunResult>,
    /// A job ran the checks, which may be stopped meanwhile; otherwise it is what is on the screen.
    pub of_job: bool,
}

/// What was there before a run.
pub struct BeforeRun {
    /// The last run of the session.
    pub previous: Option<Arc<RunRecord>>,
    /// There is a session that begins with this run.
    pub begins: bool,
}

impl BeforeRun {
    /// What was known before a run.
    fn before(&self) -> Before<'_> {
        match &self.previous {
            Some(run) => Before::Run(run),
            None if self.begins => Before::Begun,
            None => Before::Nothing,
        }
    }
}

/// What a run comes to.
pub struct KeptRun {
    /// The run, as it is shown and reported.
    pub shown: ShownRun,
    /// Its scores, as they are saved.
    pub scores: Vec<FrameworkScore>,
    /// What the screen shows of it.
    pub standing: RunStanding,
}

impl JudgeTerms {
    /// Makes what the checks came to the last run of the session.
    pub fn keep(&self, ended: EndedRun, past: &BeforeRun) -> KeptRun {
        let EndedRun { id, chosen, inventory, started, finished, result, .. } = ended;
        let times = RunTimes { started, finished };
        let (mut ledger, today) = (Arc::clone(&self.ledger), today());
        let known = KnownAtEnd { sources: &self.sources, before: past.before(), today: &today };
        let ran = Ran { chosen: &chosen, inventory: &inventory, times, result };
        let Finished { record, judged, brought } = self.content.finish(ran, known, &mut ledger);
        let record = Arc::new(record);
        let of = ResultOf { chosen: &chosen, result: &record.result, inventory: &inventory };
        let standing = self.standing(of, &ledger, &judged, Some(Arc::new(brought)));
        let scores = compare::scores(&judged);
        let judged = Arc::new(judged);
        KeptRun { shown: ShownRun { id, chosen, record, judged, inventory }, scores, standing }
    }

    /// A run that was saved, as it is shown until its objects are here.
    pub fn recall(&self, id: u64, record: Arc<RunRecord>) -> (ShownRun, RunStanding) {
        let inventory = Inventory::new(record.source.clone(), Vec::new(), record.reads.clone());
        let inventory = Arc::new(inventory);
        let chosen = self.content.choose(&record.selection).unwrap_or_default();
        let cluster = Cluster { provider: record.provider.clone(), minor: record.source.minor() };
        let chosen = Arc::new(self.content.fit(chosen, cluster));
        let of = ResultOf { chosen: &chosen, result: &record.result, inventory: &inventory };
        let (judged, standing) = self.judged(of, true);
        let judged = Arc::new(judged);
        (ShownRun { id, chosen, record, judged, inventory }, standing)
    }

    /// Judges the last run, and what is on the screen instead of it, by what is decided now; `anew` also
    /// what is said about findings outside the session.
    pub fn judge_again(
        &self,
        shown: &ShownRun,
        moved: Option<&Moved>,
        anew: bool,
    ) -> (Vec<Judged>, RunStanding) {
        let (result, inventory) = (&shown.record.result, &shown.inventory);
        let Some((view, chosen)) = moved else {
            return self.judged(ResultOf { chosen: &shown.chosen, result, inventory }, anew);
        };
        let judged = self.content.judge(&shown.chosen, result, inventory, &self.ledger, &today());
        let now = ResultOf { chosen, result: &view.result, inventory: &view.inventory };
        (judged, self.judged(now, anew).1)
    }

    fn judged(&self, of: ResultOf<'_>, anew: bool) -> (Vec<Judged>, RunStanding) {
        let ResultOf { chosen, result, inventory } = of;
        let (mut ledger, today) = (Arc::clone(&self.ledger), today());
        let brought = anew.then(|| Arc::new(Brought::of(&self.sources, result, inventory)));
        if let Some(brought) = &brought {
            ledger.bring(brought.decisions(&today));
        }
        let judged = self.content.judge(chosen, result, inventory, &ledger, &today);
        let standing = self.standing(of, &ledger, &judged, brought);
        (judged, standing)
    }

    /// What the screen shows of something that was judged.
    fn standing(
        &self,
        ResultOf { chosen, result, inventory }: ResultOf<'_>,
        ledger: &Arc<Ledger>,
        judged: &[Judged],
        brought: Option<Arc<Brought>>,
    ) -> RunStanding {
        let results = assess::results(judged, &chosen.not_judged);
        let content = Arc::new(crate::runtime::shown_content(&self.content));
        let basis = CountBasis { content, inventory, result, judged: &results, ledger };
        let counted = Some(CountedAhead::of(&basis, self.lens.clone()));
        RunStanding { judged: results, brought, counted }
    }
}
