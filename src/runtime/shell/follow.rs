//! Following a live cluster: what is judged when it changes, and when what is shown becomes a run.

use std::sync::Arc;

use super::Shell;
use crate::app::event::{Event, UserError};
use crate::app::live::Followed;
use crate::assess::Chosen;
use crate::model::finding::RunResult;
use crate::model::inventory::{Inventory, SourceKind};
use crate::runtime::follow::{Follow, FollowEngine, FollowStart};

impl Shell {
    /// Follows the cluster from the last run on, if it can change. What was learned of manifests is kept for
    /// the next run of them.
    pub(super) fn follow_shown(&mut self, engine: Option<FollowEngine>) {
        self.runs.follow = None;
        let Some(shown) = self.runs.shown.as_ref() else { return };
        if shown.inventory.source.kind != SourceKind::Live {
            if let Some(engine) = engine {
                self.runs.learned.put(engine);
            }
            return;
        }
        if self.here.inventory.is_none() {
            return;
        }
        let (inventory, told) = match &self.runs.live {
            Some((view, _)) => (&view.inventory, &view.result),
            None => (&shown.inventory, &shown.record.result),
        };
        let seen = Some((Arc::clone(inventory), Arc::clone(told)));
        self.begin_following(Arc::clone(&shown.chosen), seen, engine);
        self.look();
    }

    /// Follows the cluster by what is judged.
    fn begin_following(
        &mut self,
        chosen: Arc<Chosen>,
        seen: Option<(Arc<Inventory>, Arc<RunResult>)>,
        engine: Option<FollowEngine>,
    ) {
        let Some(shown) = self.runs.shown.as_ref() else { return };
        let begin = FollowStart {
            content: self.options.content.clone(),
            chosen,
            run: shown.id,
            result: Arc::clone(&shown.record.result),
            seen,
            engine,
            sources: self.options.sources.clone(),
        };
        self.runs.follow = Some(Follow::start(begin, self.inbox.events()));
    }

    /// Follows the cluster from the last run of a session that was taken up: what its objects come to by
    /// now is shown as what changed since, and saved by nobody.
    pub(super) fn follow_resumed(&mut self) {
        self.runs.follow = None;
        let Some(shown) = self.runs.shown.as_ref() else { return };
        if shown.inventory.source.kind != SourceKind::Live {
            return;
        }
        self.begin_following(Arc::clone(&shown.chosen), None, None);
    }

    /// Other checks and frameworks: what they say of the cluster is shown as what changed since the run.
    pub(super) fn follow_anew(&mut self) {
        let Some(shown) = self.runs.shown.as_ref().filter(|_| self.runs.follow.is_some()) else {
            return;
        };
        let chosen = match self.options.content.renew(&shown.chosen, &shown.chosen.cluster) {
            Ok(chosen) => Arc::new(chosen),
            Err(error) => {
                self.runs.follow = None;
                let error = UserError {
                    what: "the cluster is not followed any more".to_owned(),
                    why: error.to_string(),
                    next: "run the checks with r".to_owned(),
                };
                return self.feed(Event::Failed(error));
            }
        };
        self.begin_following(chosen, None, None);
        self.look();
    }

    /// There may be newer objects to judge.
    pub(super) fn look(&self) {
        if let (Some(follow), Some(inventory)) = (&self.runs.follow, &self.here.inventory)
            && !self.state.source.loading
        {
            let (inventory, ledger) = (Arc::clone(inventory), self.known.ledger());
            follow.look(inventory, ledger, self.known.version(), self.lens());
        }
    }

    /// This is on the screen from now on.
    pub(super) fn show_followed(&mut self, view: Arc<Followed>) {
        // Something before it may have made a run of what was shown.
        let Some(shown) = self.runs.shown.as_ref().filter(|shown| shown.id == view.run) else {
            return;
        };
        let chosen = self.runs.follow.as_ref().map_or(&shown.chosen, |follow| &follow.chosen);
        self.known.bring(&view.brought);
        let late = self.known.is_past(view.decided);
        self.runs.live = Some((view, Arc::clone(chosen)));
        if late {
            // Something was decided while it was judged.
            self.judge_again();
        }
    }
}
