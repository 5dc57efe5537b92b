//! What is judged, and what waits for that: one case after the other, off this task. What was decided
//! meanwhile counts, so a case that was judged by older decisions is judged once more before it is shown.

use std::collections::VecDeque;
use std::sync::Arc;

use tokio::sync::oneshot;

use super::Shell;
use crate::app::ahead::CountedBy;
use crate::app::event::{Event, RunEvent, RunStanding, SavedRun, UserError};
use crate::app::live::Followed;
use crate::app::route::{GroupBy, Screen, Subset};
use crate::assess::compare::scores;
use crate::model::finding::Finding;
use crate::report::{Format, Judged};
use crate::runtime::desk::DeskOrder;
use crate::runtime::follow::FollowEngine;
use crate::runtime::job::broke_off;
use crate::runtime::judging::{BeforeRun, EndedRun, JudgeTerms, KeptRun, ShownRun};
use crate::session::RunRecord;

/// What is to be done when all before it is done.
pub(super) enum Case {
    /// A run ended, which took so many milliseconds; what was learned of the objects serves what comes next.
    Ended(Box<EndedRun>, Option<Box<FollowEngine>>, u64),
    /// What is on the screen becomes a run of the session, if the cluster moved on since the last one:
    /// what is written or compared is always a run.
    Settle,
    /// What is on the screen becomes the first run of a session, unless it has one.
    First,
    /// A run that was saved is shown.
    Recall(Arc<RunRecord>),
    /// A report is written, with findings of earlier runs that are fixed.
    Report(Format, String, Vec<Arc<Finding>>),
    /// Somebody else is to do something.
    Order(DeskOrder),
}

/// What is under way.
enum Work {
    Run(Box<EndedRun>, Option<Box<FollowEngine>>, Option<u64>),
    Recall(Arc<RunRecord>),
    /// What was on the screen instead of the last run, and whether all that is said of it was looked
    /// for anew.
    Again(Option<Arc<Followed>>, bool),
    Report,
}

/// What came of it.
pub(super) enum Done {
    Kept(Box<KeptRun>),
    Recalled(Box<(ShownRun, RunStanding)>),
    Judged(Vec<Judged>, Box<RunStanding>),
    Written,
}

struct UnderWay {
    work: Work,
    /// By which state of the decisions.
    decided: u64,
    done: oneshot::Receiver<Done>,
}

/// What waits, and what is under way.
#[derive(Default)]
pub(super) struct Judging {
    waiting: VecDeque<Case>,
    under_way: Option<UnderWay>,
    /// What is shown has to be judged again.
    again: bool,
    /// What files and annotations say of it as well.
    anew: bool,
}

impl Judging {
    /// Whether anything waits or is under way.
    pub fn is_busy(&self) -> bool {
        self.under_way.is_some() || self.again || !self.waiting.is_empty()
    }

    /// Whether somebody waits for a file.
    pub fn is_writing(&self) -> bool {
        let writes = |work: &UnderWay| matches!(work.work, Work::Report);
        let report = |case: &Case| matches!(case, Case::Report(..));
        self.under_way.as_ref().is_some_and(writes) || self.waiting.iter().any(report)
    }

    /// What came of what is under way; none where it broke off. Waits for ever where nothing is.
    pub async fn done(&mut self) -> Option<Done> {
        match &mut self.under_way {
            Some(work) => (&mut work.done).await.ok(),
            None => std::future::pending().await,
        }
    }

    /// No run that was saved is to be shown any more.
    pub fn forget_recall(&mut self) {
        self.under_way.take_if(|work| matches!(work.work, Work::Recall(_)));
        self.waiting.retain(|case| !matches!(case, Case::Recall(_)));
    }

    /// What was asked for is of no use any more, but for what is written.
    pub fn forget(&mut self) {
        self.under_way.take_if(|work| !matches!(work.work, Work::Report));
        self.waiting.retain(|case| matches!(case, Case::Report(..) | Case::Order(_)));
        (self.again, self.anew) = (false, false);
    }
}

impl Shell {
    /// Does something when all before it is done.
    pub(super) fn judge(&mut self, case: Case) {
        self.judging.waiting.push_back(case);
        self.judge_next();
    }

    /// Judges what is shown by what is decided now.
    pub(super) fn judge_again(&mut self) {
        self.known.turn();
        self.judging.again |= self.runs.shown.is_some();
        self.judge_next();
    }

    /// The same after files were read again, or the objects came.
    pub(super) fn bring_again(&mut self) {
        self.judging.anew |= self.runs.shown.is_some();
        self.judge_again();
    }

    fn judge_next(&mut self) {
        while self.judging.under_way.is_none() {
            if std::mem::take(&mut self.judging.again) {
                let anew = std::mem::take(&mut self.judging.anew);
                let moved = self.runs.live.as_ref().map(|(view, _)| Arc::clone(view));
                self.work_on(Work::Again(moved, anew));
                continue;
            }
            let Some(case) = self.judging.waiting.pop_front() else { return };
            match case {
                Case::Ended(ended, engine, millis) => {
                    self.work_on(Work::Run(ended, engine, Some(millis)));
                }
                Case::Settle => self.settle(),
                Case::First => self.record_first(),
                Case::Recall(record) => self.work_on(Work::Recall(record)),
                Case::Report(format, to, gone) => self.report(format, to, gone),
                Case::Order(order) => self.desk.order(order),
            }
        }
    }

    /// By what is judged now.
    fn terms(&self) -> JudgeTerms {
        JudgeTerms {
            content: self.options.content.clone(),
            sources: self.options.sources.clone(),
            ledger: self.known.ledger(),
            lens: self.lens(),
        }
    }

    /// By what the screen counts.
    pub(super) fn lens(&self) -> CountedBy {
        let top = self.state.nav.top();
        let group = match &top.screen {
            Screen::Findings(Subset::All) => top.group,
            _ => GroupBy::Nothing,
        };
        self.state.data.lens(group)
    }

    fn work_on(&mut self, work: Work) {
        let terms = self.terms();
        let (tell, done) = oneshot::channel();
        match &work {
            Work::Run(ended, ..) => {
                let (ended, past) = (EndedRun::clone(ended), self.past());
                off(tell, move || Done::Kept(Box::new(terms.keep(ended, &past))));
            }
            Work::Recall(record) => {
                let (id, record) = (self.runs.next(), Arc::clone(record));
                off(tell, move || Done::Recalled(Box::new(terms.recall(id, record))));
            }
            Work::Again(_, anew) => {
                let Some(shown) = self.runs.shown.clone() else { return };
                let (moved, anew) = (self.runs.live.clone(), *anew);
                off(tell, move || {
                    let (judged, standing) = terms.judge_again(&shown, moved.as_ref(), anew);
                    Done::Judged(judged, Box::new(standing))
                });
            }
            Work::Report => return,
        }
        self.under_way(work, done);
    }

    fn under_way(&mut self, work: Work, done: oneshot::Receiver<Done>) {
        self.judging.under_way = Some(UnderWay { work, decided: self.known.version(), done });
    }

    /// Waits for something that is written off this task before anything else is judged.
    pub(super) fn write(&mut self, write: impl FnOnce() + Send + 'static) {
        let (tell, done) = oneshot::channel();
        off(tell, move || {
            write();
            Done::Written
        });
        self.under_way(Work::Report, done);
    }

    fn past(&self) -> BeforeRun {
        BeforeRun {
            previous: self.session.last.clone(),
            // What a session that was named knows is on its way.
            begins: !self.session.named,
        }
    }

    fn settle(&mut self) {
        let Some((view, chosen)) =
            self.runs.live.as_ref().filter(|(view, _)| !view.since.is_empty())
        else {
            return;
        };
        // What cannot be looked at any more is no run: the last one stands.
        if view.inventory.blind().is_some() {
            let inventory = Arc::clone(&view.inventory);
            return self.no_run(&inventory);
        }
        let (chosen, view) = (Arc::clone(chosen), Arc::clone(view));
        let ended = EndedRun {
            id: self.runs.next(),
            chosen,
            inventory: Arc::clone(&view.inventory),
            started: view.started.clone(),
            finished: view.finished.clone(),
            result: Arc::clone(&view.result),
            of_job: false,
        };
        self.work_on(Work::Run(Box::new(ended), None, None));
    }

    fn record_first(&mut self) {
        if let Some(shown) = self.runs.shown.as_ref().filter(|_| self.session.last.is_none()) {
            self.session.last = Some(Arc::clone(&shown.record));
            self.desk.order(DeskOrder::Run(Arc::clone(&shown.record), scores(&shown.judged)));
        }
    }

    /// Takes in what was judged; none where that broke off.
    pub(super) fn judged(&mut self, done: Option<Done>) {
        let Some(UnderWay { work, decided, .. }) = self.judging.under_way.take() else { return };
        let late = self.known.is_past(decided);
        match (work, done) {
            (Work::Run(ended, ..), _) if self.is_dropped(&ended) => self.drop_run(ended.id),
            // Something was decided while it was judged: that counts.
            (work @ (Work::Run(..) | Work::Recall(_)), Some(_)) if late => self.work_on(work),
            (Work::Run(_, engine, millis), Some(Done::Kept(kept))) => {
                self.show_kept(*kept, engine, millis);
            }
            (Work::Recall(_), Some(Done::Recalled(recalled))) => {
                self.show_recalled(recalled.0, recalled.1);
            }
            // What is late is judged again already.
            (Work::Again(_, anew), Some(Done::Judged(..))) if late => self.judging.anew |= anew,
            (Work::Again(moved, _), Some(Done::Judged(judged, standing))) => {
                if let Some(shown) = &mut self.runs.shown {
                    shown.judged = Arc::new(judged);
                }
                // What moved on meanwhile was judged by whoever told it.
                let now = self.runs.live.as_ref().map(|(view, _)| Arc::as_ptr(view));
                if now == moved.as_ref().map(Arc::as_ptr) {
                    self.bring(&standing);
                    self.feed(Event::Judged(standing));
                }
            }
            (Work::Report, _) => {}
            (work, _) => self.broke_off(&work),
        }
        self.judge_next();
    }

    /// Whether a run was stopped, or another one was asked for, while it was judged. What is made a run
    /// without checks that ran has no job.
    fn is_dropped(&self, ended: &EndedRun) -> bool {
        ended.of_job && !self.runs.goes_on(ended.id)
    }

    fn broke_off(&mut self, work: &Work) {
        if let Work::Run(ended, _, Some(_)) = work {
            self.drop_run(ended.id);
        }
        self.feed(Event::Failed(UserError {
            what: "what the checks came to could not be judged".to_owned(),
            ..broke_off()
        }));
    }

    fn bring(&mut self, standing: &RunStanding) {
        if let Some(brought) = &standing.brought {
            self.known.bring(brought);
        }
    }

    fn show_kept(&mut self, kept: KeptRun, engine: Option<Box<FollowEngine>>, millis: Option<u64>) {
        let KeptRun { shown, scores, standing } = kept;
        let (id, record) = (shown.id, Arc::clone(&shown.record));
        let engine = engine.filter(|engine| engine.is_of(&self.options.content, &shown.chosen));
        self.desk.order(DeskOrder::Run(Arc::clone(&record), scores));
        self.bring(&standing);
        let result = Arc::clone(&record.result);
        self.session.last = Some(record);
        self.here.awaits = false;
        let before = (self.runs.show(shown), self.on_screen());
        let judged = Box::new(standing);
        if let Some(millis) = millis {
            self.runs.job = None;
            self.feed(Event::Run(RunEvent::Finished { id, result, judged, millis }));
        } else {
            self.feed(Event::Run(RunEvent::Recorded { id, result, judged }));
            let text = if self.state.session.holder.is_some() {
                "What was on the screen is now a run; the session is open elsewhere and does not \
                 get it."
            } else {
                "What was on the screen is now a run of the session."
            };
            self.feed(Event::Done(text.to_owned()));
        }
        discard(before);
        self.follow_shown(engine.map(|engine| *engine));
    }

    fn show_recalled(&mut self, shown: ShownRun, standing: RunStanding) {
        self.bring(&standing);
        let record = &shown.record;
        let finished = record.finished.parse::<jiff::Timestamp>();
        let saved = SavedRun {
            number: record.number,
            finished: finished.map_or(0, jiff::Timestamp::as_second),
            namespaces: record.selection.namespaces.clone(),
        };
        let (id, result, judged) = (shown.id, Arc::clone(&record.result), Box::new(standing));
        let before = (self.runs.show(shown), self.on_screen());
        self.feed(Event::Run(RunEvent::Resumed { id, result, judged, saved }));
        discard(before);
        self.runs.follow = None;
        self.here.awaits = true;
        if self.here.inventory.is_some() && !self.state.source.loading {
            self.arrived();
            self.look();
        }
    }

    /// What the screen holds of a run.
    fn on_screen(&self) -> impl Send + 'static + use<> {
        let data = &self.state.data;
        (Arc::clone(&data.index), data.result.clone(), Arc::clone(&data.judged))
    }
}

/// Works something out off this task.
fn off(tell: oneshot::Sender<Done>, work: impl FnOnce() -> Done + Send + 'static) {
    tokio::task::spawn_blocking(move || {
        // Nobody may want to know any more.
        let _ = tell.send(work());
    });
}

/// Gives back the memory of something large, off this task: that takes its time.
pub(super) fn discard(what: impl Send + 'static) {
    tokio::task::spawn_blocking(move || drop(what));
}
