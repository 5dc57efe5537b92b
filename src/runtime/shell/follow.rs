//! Following a live cluster: what is judged when it changes, and when what is shown becomes a run.

use std::sync::Arc;

use super::Shell;
use super::runs::Ended;
use crate::app::event::{Event, RunEvent, UserError};
use crate::app::live::Followed;
use crate::app::route::{GroupBy, Screen, Subset};
use crate::model::finding::RunResult;
use crate::model::inventory::SourceKind;
use crate::runtime::clock::today;
use crate::runtime::follow::{Begin, Engine, Follow};

impl Shell {
    /// Follows the cluster from the last run on, if it can change.
    pub(super) fn follow_shown(&mut self, engine: Option<Engine>) {
        self.follow = None;
        let Some(shown) = self.shown.as_ref() else { return };
        if shown.inventory.source.kind != SourceKind::Live || self.inventory.is_none() {
            return;
        }
        let run = Arc::new(shown.record.result.clone());
        let (inventory, told) = match &self.live {
            Some((view, _)) => (&view.inventory, Arc::clone(&view.result)),
            None => (&shown.inventory, Arc::clone(&run)),
        };
        let begin = Begin {
            content: self.options.content.clone(),
            chosen: Arc::clone(&shown.chosen),
            again: Arc::clone(&shown.again),
            run: shown.id,
            result: run,
            seen: Some((Arc::clone(inventory), told)),
            engine,
            sources: self.options.sources.clone(),
        };
        self.follow = Some(Follow::start(begin, self.events.clone()));
        self.look();
    }

    /// Follows the cluster from the last run of a session that was taken up: what its objects come to by
    /// now is shown as what changed since, and saved by nobody.
    pub(super) fn follow_resumed(&mut self) {
        self.follow = None;
        let Some(shown) = self.shown.as_ref() else { return };
        if shown.inventory.source.kind != SourceKind::Live {
            return;
        }
        let begin = Begin {
            content: self.options.content.clone(),
            chosen: Arc::clone(&shown.chosen),
            again: Arc::clone(&shown.again),
            run: shown.id,
            result: Arc::new(shown.record.result.clone()),
            seen: None,
            engine: None,
            sources: self.options.sources.clone(),
        };
        self.follow = Some(Follow::start(begin, self.events.clone()));
    }

    /// Other checks and frameworks: what they say of the cluster is shown as what changed since the run.
    pub(super) fn follow_anew(&mut self) {
        let Some(shown) = self.shown.as_mut().filter(|_| self.follow.is_some()) else { return };
        let content = &self.options.content;
        let again = match content.choose(&shown.again.selection) {
            Ok(chosen) => {
                let mut again = content.fit(chosen, shown.again.cluster.clone());
                again.scope.clone_from(&shown.again.scope);
                Arc::new(again)
            }
            Err(error) => {
                self.follow = None;
                let error = UserError {
                    what: "the cluster is not followed any more".to_owned(),
                    why: error.to_string(),
                    next: "run the checks with r".to_owned(),
                };
                return self.feed(Event::Failed(error));
            }
        };
        let whole = Arc::ptr_eq(&shown.chosen, &shown.again);
        let begin = Begin {
            content: content.clone(),
            chosen: Arc::clone(if whole { &again } else { &shown.chosen }),
            again,
            run: shown.id,
            result: Arc::new(shown.record.result.clone()),
            seen: None,
            engine: None,
            sources: self.options.sources.clone(),
        };
        self.follow = Some(Follow::start(begin, self.events.clone()));
        self.look();
    }

    /// There may be newer objects to judge.
    pub(super) fn look(&self) {
        if let (Some(follow), Some(inventory)) = (&self.follow, &self.inventory)
            && !self.state.source.loading
        {
            let top = self.state.nav.top();
            let group = match &top.screen {
                Screen::Findings(Subset::All) => top.group,
                _ => GroupBy::Nothing,
            };
            let lens = self.state.data.lens(group);
            follow.look(Arc::clone(inventory), Arc::clone(&self.ledger), self.decided, lens);
        }
    }

    /// This is on the screen from now on.
    pub(super) fn show_followed(&mut self, view: Arc<Followed>) {
        // Something before it may have made a run of what was shown.
        let Some(shown) = self.shown.as_ref().filter(|shown| shown.id == view.run) else { return };
        let chosen = self.follow.as_ref().map_or(&shown.chosen, |follow| &follow.chosen);
        self.brought = Arc::clone(&view.brought);
        self.ledger.bring(view.brought.decisions(&today()));
        let late = view.decided != self.decided;
        self.live = Some((view, Arc::clone(chosen)));
        if late {
            // Something was decided while it was judged.
            self.judge_again();
        }
    }

    /// Makes what is on the screen a run of the session, if the cluster moved on since the last one:
    /// what is written or compared is always a run. Says whether it did.
    pub(super) fn settle(&mut self) -> bool {
        let Some(shown) = &self.shown else { return false };
        let Some((view, chosen)) = self.live.take_if(|(view, _)| !view.since.is_empty()) else {
            return false;
        };
        let again = Arc::clone(&shown.again);
        self.runs += 1;
        let id = self.runs;
        let ended = Ended {
            id,
            chosen,
            again,
            inventory: Arc::clone(&view.inventory),
            started: view.started.clone(),
            finished: view.finished.clone(),
        };
        let (result, judged) = self.keep(ended, RunResult::clone(&view.result));
        self.feed(Event::Run(RunEvent::Recorded { id, result, judged }));
        let text = if self.state.session.holder.is_some() {
            "What was on the screen is now a run; the session is open elsewhere and does not get it."
        } else {
            "What was on the screen is now a run of the session."
        };
        self.feed(Event::Done(text.to_owned()));
        self.follow_shown(None);
        true
    }
}
