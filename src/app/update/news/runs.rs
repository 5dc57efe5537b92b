//! News of runs.

use crate::app::action::Action;
use crate::app::event::{RunEvent, SavedRun};
use crate::app::live::age;
use crate::app::state::{RunState, State};
use crate::app::toast::ToastTone;
use crate::text::noun;

impl State {
    pub(super) fn run_news(&mut self, news: RunEvent) {
        if let RunEvent::Started { id, total } = news {
            let since = self.now.millis;
            self.thaw_for_run();
            // It looks at what was read last.
            let newer = std::mem::take(&mut self.source.again.newer);
            self.run = Some(RunState { id, total, since, newer, ..RunState::default() });
            return;
        }
        if let RunEvent::Recorded { id, result, judged } = news {
            self.resumed = None;
            return self.show_run(id, result, *judged);
        }
        if let RunEvent::Resumed { id, result, judged, saved } = news {
            self.show_run(id, result, *judged);
            return self.taken_up(saved);
        }
        let Some(run) = &mut self.run else { return };
        match news {
            RunEvent::Progress { id, done, total } if id == run.id => {
                (run.done, run.total) = (done, total);
            }
            RunEvent::Finished { id, result, judged, millis } if id == run.id => {
                self.run = None;
                self.resumed = None;
                self.last_run = Some(millis);
                self.show_run(id, result, *judged);
                self.tell_run(millis);
            }
            RunEvent::Cancelled { id } if id == run.id => {
                self.source.again.newer |= run.newer;
                self.run = None;
                self.messages.say(
                    ToastTone::Hint,
                    "The run was stopped; its result is dropped.",
                    self.now,
                );
                if self.data.judged.is_empty() {
                    self.data.result = None;
                    self.data.recount();
                }
            }
            RunEvent::Failed { id, error } if id == run.id => {
                self.source.again.newer |= run.newer;
                self.run = None;
                self.messages.error(&error, self.now);
            }
            // News of an older run.
            _ => {}
        }
    }

    /// The last run of a session that was taken up is shown, and none is under way.
    fn taken_up(&mut self, saved: SavedRun) {
        self.thaw_for_run();
        self.run = None;
        self.source.again.newer = false;
        self.last_run = None;
        let (number, ago) = (saved.number, age(self.now.unix - saved.finished));
        let found = self.counted();
        let run = self.keymap.told(Action::Run);
        let text = format!("Run {number} of the session, {ago} ago: {found}; {run} runs again.");
        self.messages.tell(text, self.now);
        self.resumed = Some(saved);
    }

    /// `12 open findings`, counted as everywhere else, and how many somebody set aside.
    fn counted(&self) -> String {
        let open = self.data.index.all.total();
        let aside = self.data.index.findings.len() - open;
        let noun = noun(open, "finding");
        let place = self.data.namespace.as_ref().map(|ns| format!(" in {ns}")).unwrap_or_default();
        let aside = if aside == 0 { String::new() } else { format!(", {aside} set aside") };
        format!("{open} open {noun}{place}{aside}")
    }

    /// What a run came to, in a line.
    fn tell_run(&mut self, millis: u64) {
        let found = self.counted();
        #[allow(clippy::cast_precision_loss, reason = "a run takes far below 2^52 ms")]
        let seconds = millis as f64 / 1_000.0;
        let lost = self.lost_in_words();
        let unsaved = self.unsaved_run();
        let text = format!("The run took {seconds:.1} s: {found}{lost}.{unsaved}");
        self.messages.tell(text, self.now);
    }

    /// That a run is not saved in a session that is only read; remembered, for whoever leaves loses it.
    fn unsaved_run(&mut self) -> &'static str {
        self.session.unsaved |= self.session.holder.is_some();
        match (&self.session.holder, self.session.barred) {
            (None, _) => "",
            (Some(_), false) => " It is not saved: the session is open elsewhere.",
            (Some(_), true) => " It is not saved: the session cannot be written.",
        }
    }
}
