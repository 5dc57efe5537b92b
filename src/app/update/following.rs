//! Taking in what a live cluster came to: at once, or held back while the screen is frozen or a
//! dialog is open.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::app::ahead::CountedAhead;
use crate::app::effect::{ByIdentity, Effect};
use crate::app::event::RunStanding;
use crate::app::live::{
    DeltaStep, Followed, GoneFinding, HeldChanges, MarkedRow, RowMark, RunDelta, WhyGone, clock,
};
use crate::app::preview::{ControlMove, moves};
use crate::app::route::Screen;
use crate::app::state::State;
use crate::app::toast::ToastTone;
use crate::model::difference::InventoryDifference;
use crate::model::finding::{Finding, RunResult};
use crate::model::inventory::{Inventory, SourceKind};
use crate::model::object::Object;

/// How many findings a message names.
const NAMED: usize = 2;

impl State {
    /// Whether rows stay as they are: the screen is frozen, or a dialog is open over rows that would
    /// move under it.
    fn holds(&self) -> bool {
        let steady = self.data.live.run > 0 && self.source.read && !self.source.loading;
        self.frozen || (steady && !self.popups.is_empty())
    }

    /// Takes objects in, or lets them wait. What holds the same as before changes nothing.
    pub(super) fn take_objects(&mut self, inventory: Arc<Inventory>) {
        let changes = InventoryDifference::between(&self.data.inventory, &inventory);
        if self.holds() {
            // What reads say in words stands on one screen only.
            let told = changes.words && matches!(self.nav.top().screen, Screen::Coverage);
            self.waiting.changes = changes.count().max(usize::from(told));
            self.waiting.inventory = (!changes.is_empty()).then_some(inventory);
        } else if !changes.is_empty() {
            self.show_objects(inventory, &changes);
        }
    }

    fn show_objects(&mut self, inventory: Arc<Inventory>, changes: &InventoryDifference) {
        // Until a run was done, all that comes is being read for the first time.
        // So it is after a session was taken up, whose last run is shown before its objects are here.
        if self.data.live.run > 0 && self.source.read && !self.source.loading {
            let now = self.now.millis;
            let added = changes.added.iter().map(|o| (o, RowMark::New));
            let changed = changes.changed_in_more_than_status().map(|o| (o, RowMark::Changed));
            for (object, flip) in added.chain(changed) {
                self.data.live.mark(MarkedRow::Object(object.id.clone()), flip, now);
            }
        }
        let known = self.source.read || self.source.loading;
        let counted = self.data.live.run > 0 && known && !self.data.inventory.is_empty();
        let places = |o: &Arc<Object>| &*o.id.kind == "Namespace";
        if changes.added.iter().chain(&changes.removed).any(places) {
            self.data.forget_places();
        }
        self.data.inventory = inventory;
        if counted {
            // Findings are counted anew when the checks have looked; until then they are as they were.
            self.data.stamp += 1;
        } else {
            self.data.recount();
        }
    }

    /// Takes in what the checks came to, or lets it wait.
    pub(super) fn take_followed(&mut self, mut view: Arc<Followed>) -> Option<Effect> {
        // It is used at once or not at all: while it waits, somebody may decide something.
        let counted = Arc::get_mut(&mut view).and_then(|view| view.counted.take());
        if view.run != self.data.live.run {
            // It follows a run that is not the last one any more.
            return None;
        }
        if self.holds() {
            self.waiting.followed = Some(view);
            return None;
        }
        Some(self.show_followed(view, counted.as_ref()))
    }

    /// Shows it; what was counted ahead is true as long as nothing was decided meanwhile.
    fn show_followed(&mut self, view: Arc<Followed>, counted: Option<&CountedAhead>) -> Effect {
        let none = RunDelta::default();
        let before = self.data.live.shown.as_ref().map_or(&none, |view| &view.since);
        let step = view.since.step(before, (&view.result, &view.inventory));
        let moved = moves(&self.data.judged, &view.judged.frameworks);
        self.mark(&step);
        let now = self.now.millis;
        for ControlMove { framework, control, before, .. } in &moved {
            let control = MarkedRow::Control(Arc::clone(framework), Arc::clone(control));
            self.data.live.mark(control, RowMark::Was(*before), now);
        }
        for finding in &step.gone {
            self.depart(finding, &view.result, &view.inventory);
        }
        self.data.live.untold.add(&step, moved.len(), self.now.unix);
        self.data.result = Some(Arc::clone(&view.result));
        self.data.show_judgement(view.judged.clone());
        self.data.ledger.bring(view.brought.decisions(&self.data.today));
        self.data.brought = Arc::clone(&view.brought);
        self.data.live.shown = Some(Arc::clone(&view));
        self.data.recount_from(counted);
        Effect::Followed(ByIdentity(view))
    }

    fn mark(&mut self, step: &DeltaStep) {
        let now = self.now.millis;
        let new = step.new.iter().map(|f| (f, RowMark::New));
        let changed = step.changed.iter().map(|f| (f, RowMark::Changed));
        for (finding, flip) in new.chain(changed) {
            let what = MarkedRow::Finding(finding.fingerprint.as_str().into());
            self.data.live.mark(what, flip, now);
        }
    }

    fn depart(&mut self, finding: &Arc<Finding>, result: &RunResult, inventory: &Inventory) {
        let why = WhyGone::of(finding, result, inventory);
        let gone = GoneFinding { finding: Arc::clone(finding), since: self.now.unix, why };
        self.data.live.depart(gone);
    }

    /// A run is over, or what is shown became one: it is what is followed from now on.
    pub(super) fn show_run(&mut self, id: u64, result: Arc<RunResult>, standing: RunStanding) {
        self.waiting.followed = None;
        // A finding that is open and was not found again says so.
        let open = self.nav.path().filter_map(|route| match &route.screen {
            Screen::Finding(print) => self.data.finding(print).cloned(),
            _ => None,
        });
        let open: Vec<Arc<Finding>> = open.collect();
        let known = |f: &Finding| {
            let mut all = result.findings.iter().chain(&result.evidence);
            all.any(|other| other.fingerprint == f.fingerprint)
        };
        for finding in open.iter().filter(|f| !known(f)) {
            if self.data.live.gone(&finding.fingerprint).is_none() {
                let inventory = Arc::clone(&self.data.inventory);
                self.depart(finding, &result, &inventory);
            }
        }
        self.data.live.begin(id);
        self.data.result = Some(result);
        self.take_standing(standing);
    }

    /// Takes in what the decisions make of what is shown.
    pub(super) fn take_standing(&mut self, standing: RunStanding) {
        let RunStanding { judged, brought, counted } = standing;
        if let Some(brought) = brought {
            self.data.ledger.bring(brought.decisions(&self.data.today));
            self.data.brought = brought;
        }
        self.data.take_judgement(judged);
        self.data.recount_from(counted.as_ref());
    }

    /// Lets in what waited, once nothing holds it back any more.
    pub(super) fn catch_up(&mut self) -> Option<Effect> {
        let none = self.waiting.inventory.is_none() && self.waiting.followed.is_none();
        if none || self.holds() {
            return None;
        }
        let HeldChanges { inventory, followed, .. } = std::mem::take(&mut self.waiting);
        if let Some(inventory) = inventory {
            let changes = InventoryDifference::between(&self.data.inventory, &inventory);
            self.show_objects(inventory, &changes);
        }
        let followed = followed.filter(|view| view.run == self.data.live.run);
        followed.map(|view| self.show_followed(view, None))
    }

    pub(super) fn freeze(&mut self) {
        self.frozen = !self.frozen;
        if self.frozen {
            self.waiting = HeldChanges::default();
        }
    }

    /// Why the screen cannot be frozen.
    pub(super) fn cannot_freeze(&self) -> Option<String> {
        let fixed = self.data.inventory.source.kind != SourceKind::Live;
        (fixed && !self.frozen && !self.source.loading)
            .then(|| "This source does not change by itself.".to_owned())
    }

    /// Why the source cannot be read again.
    pub(super) fn cannot_read_again(&self) -> Option<String> {
        let Inventory { source, reads, .. } = &*self.data.inventory;
        // Nothing is known of a source of which nothing was read.
        if reads.is_empty() {
            return None;
        }
        match source.kind {
            SourceKind::Demo => Some("The demo is built in and does not change.".to_owned()),
            SourceKind::Files if source.given.iter().any(|path| path == "-") => Some(
                "Standard input can be read only once: start again, or name files with -f."
                    .to_owned(),
            ),
            _ => None,
        }
    }

    /// A run looks at the cluster as it is, so the screen cannot stay as it was.
    pub(super) fn thaw_for_run(&mut self) {
        if std::mem::take(&mut self.frozen) {
            let text = "A run looks at the cluster as it is: the screen is not frozen any more.";
            self.messages.say(ToastTone::Hint, text, self.now);
        }
    }

    /// Tells what changed, now and then: every change would be a flood on a busy cluster.
    pub(super) fn tell_changes(&mut self) {
        let live = &self.data.live;
        let error = self.messages.current(self.now).is_some_and(|m| m.tone == ToastTone::Error);
        if live.untold.is_empty() || live.due() > self.now.millis || error {
            return;
        }
        let untold = std::mem::take(&mut self.data.live.untold);
        self.data.live.told = Some(self.now.millis);
        let shown = |all: BTreeMap<String, Arc<Finding>>| -> Vec<Arc<Finding>> {
            let mut all: Vec<Arc<Finding>> =
                all.into_values().filter(|finding| self.data.is_shown(finding)).collect();
            all.sort_by(|a, b| a.sort_key().cmp(&b.sort_key()));
            all
        };
        // What can no longer be assessed went too, and nothing says that it was mended.
        let is_lost = |finding: &Arc<Finding>| untold.lost.contains(finding.fingerprint.as_str());
        let (lost, gone) = shown(untold.gone).into_iter().partition(is_lost);
        let lists = [shown(untold.new), gone, shown(untold.passed), lost];
        if let Some(text) = self.changes(&lists, untold.controls, untold.since) {
            self.messages.say(ToastTone::Hint, text, self.now);
        }
    }

    /// `2 new findings, 1 gone since 12:03:07: new: container runs privileged (Deployment/shop/web); gone: …`.
    fn changes(
        &self,
        [new, gone, passed, lost]: &[Vec<Arc<Finding>>; 4],
        controls: usize,
        since: i64,
    ) -> Option<String> {
        let counted = |count: usize, word: &str| {
            format!("{count} {word}{}", if count == 1 { "" } else { "s" })
        };
        let mut parts = Vec::new();
        if !new.is_empty() {
            parts.push(counted(new.len(), "new finding"));
        }
        if !gone.is_empty() {
            let word = if new.is_empty() { " finding" } else { "" };
            let s = if new.is_empty() && gone.len() > 1 { "s" } else { "" };
            parts.push(format!("{}{word}{s} gone", gone.len()));
        }
        if !passed.is_empty() {
            let first = new.is_empty() && gone.is_empty();
            let word = if first { "finding" } else { "" };
            let part = if first { counted(passed.len(), word) } else { passed.len().to_string() };
            parts.push(format!("{part} came and went"));
        }
        if !lost.is_empty() {
            let first = parts.is_empty();
            let part = if first { counted(lost.len(), "finding") } else { lost.len().to_string() };
            parts.push(format!("{part} no longer assessed"));
        }
        if controls > 0 {
            parts.push(format!("{} changed", counted(controls, "control")));
        }
        if parts.is_empty() {
            return None;
        }
        let name = |finding: &Arc<Finding>| {
            let title = self.data.check_title(&finding.check);
            let place = finding.owner.as_ref().or(finding.object.as_ref());
            place.map_or_else(|| title.to_owned(), |place| format!("{title} ({place})"))
        };
        // What came stands before what went, and the worst of each before the others.
        let sorts =
            [("new", new), ("gone", gone), ("came and went", passed), ("not assessed", lost)];
        let sorts: Vec<_> = sorts.into_iter().filter(|(_, all)| !all.is_empty()).collect();
        let mut room = NAMED;
        let mut named: Vec<String> = Vec::new();
        for (at, (sort, all)) in sorts.iter().enumerate() {
            // Each sort is named as long as there is room, so that none is taken for another.
            let others = sorts.len() - at - 1;
            let few = all.len().min(room.saturating_sub(others).max(1)).min(room);
            room -= few;
            let names: Vec<String> = all.iter().take(few).map(name).collect();
            if few > 0 {
                let sort = if sorts.len() > 1 { format!("{sort}: ") } else { String::new() };
                named.push(format!("{sort}{}", names.join(", ")));
            }
        }
        let all: usize = sorts.iter().map(|(_, all)| all.len()).sum();
        let more = match all - (NAMED - room) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        let colon = if named.is_empty() { "" } else { ": " };
        let since = clock(since);
        Some(format!("{} since {since}{colon}{}{more}", parts.join(", "), named.join("; ")))
    }
}
