//! Carrying out what the state machine asks for.

use std::sync::Arc;

use super::Shell;
use super::judging::Case;
use crate::app::effect::Effect;
use crate::app::event::{Event, UserError};
use crate::runtime::desk::DeskOrder;
use crate::runtime::source::SourceTask;
use crate::term::clipboard::{self, Through};
use crate::term::external;
use crate::term::signals::stop_here;

impl Shell {
    pub(super) fn perform(&mut self, effect: Effect) {
        match effect {
            Effect::Quit => self.quit = true,
            Effect::Redraw => self.stage.face.anew(),
            Effect::Suspend => self.suspend(),
            Effect::LoadContexts => self.load_contexts(),
            Effect::LoadSessions => self.desk.order(DeskOrder::List),
            Effect::Connect(choice) => self.connect(choice),
            Effect::Refresh => self.refresh(),
            // The state keeps it; runs take it from there.
            Effect::SetNamespace(_) => {}
            Effect::Run(request) => self.order_run(request),
            Effect::CancelRun => self.runs.cancel(),
            Effect::Tenants(asked) => self.work_out_tenants(asked),
            Effect::Narrow { asked, namespace } => self.narrow_down(asked, namespace),
            Effect::Fleet(order) => self.fleet(order),
            Effect::Decide { fingerprints, decision } => {
                self.desk.order(DeskOrder::Decide(fingerprints, decision));
            }
            Effect::Attest { answers, file } => self.desk.order(DeskOrder::Attest(answers, file)),
            Effect::Note { fingerprints, text } => {
                self.desk.order(DeskOrder::Note(fingerprints, text));
            }
            Effect::Compare(with) => {
                self.judge(Case::Settle);
                self.judge(Case::Order(DeskOrder::Compare(with)));
            }
            Effect::Followed(view) => self.show_followed(view.0),
            Effect::Import(path) => self.desk.order(DeskOrder::Import(path)),
            Effect::Preview(asked) => self.start_preview(asked),
            Effect::AskManagers(id) => self.ask_managers(id),
            Effect::CountPatches(asked) => self.count_patches(asked),
            Effect::ReadText(id) => self.read_text(id),
            Effect::CancelPreview => self.aside.cancel_preview(),
            Effect::Undo => self.desk.order(DeskOrder::Undo),
            Effect::Redo => self.desk.order(DeskOrder::Redo),
            Effect::ResumeSession(id) => self.desk.order(DeskOrder::Open(id)),
            Effect::NewSession => self.new_session(),
            Effect::WriteReport { format, to } => self.write_report(format, to),
            Effect::WriteBundle { to } => self.write_bundle(to),
            Effect::Copy(text) => self.copy(&text),
            Effect::View { text, line, extension, editor } => {
                self.view(&external::View { text: &text, line, extension, editor });
            }
            Effect::Edit { file, line } => self.edit(&file, line),
            Effect::SetTheme(name) => self.set_theme(&name),
            Effect::Mouse(on) => {
                // A terminal that is gone ends the loop at its next key.
                let _ = self.stage.face.mouse(on);
            }
            Effect::Reload => self.reload(),
            Effect::Relate(relation, objects) => self.relate(relation, objects.0),
        }
    }

    pub(super) fn copy(&mut self, text: &str) {
        let term = std::env::var("TERM").unwrap_or_default();
        let through = Through::detect(self.options.caps.tmux, &term);
        if let Err(error) = clipboard::copy(text, through) {
            let error = UserError {
                what: "not copied".to_owned(),
                why: error.to_string(),
                next: "open it in the editor with e".to_owned(),
            };
            self.feed(Event::Failed(error));
        }
    }

    pub(super) fn suspend(&mut self) {
        self.stage.face.pause();
        stop_here();
        self.take_back();
    }

    pub(super) fn view(&mut self, view: &external::View<'_>) {
        self.outside(|| external::show(view));
    }

    /// Opens a file of the user in the editor. Where it says something else then, it is read again.
    fn edit(&mut self, file: &str, line: usize) {
        let before = changed(file);
        self.outside(|| external::edit(std::path::Path::new(file), line));
        if changed(file) == before {
            return;
        }
        if self.here.source.as_ref().is_some_and(SourceTask::is_read_again) {
            return self.refresh();
        }
        let text = format!("{file} changed: what stands here is what was read before.");
        self.feed(Event::Done(text));
    }

    /// Gives the terminal to another program until it ends.
    fn outside(&mut self, show: impl FnOnce() -> Result<(), String>) {
        self.stage.face.pause();
        let shown = show();
        // Ctrl-C in the other program was meant for it, although the terminal tells us both.
        self.signals.forget_keys();
        self.take_back();
        if let Err(why) = shown {
            let next = "set $EDITOR or $PAGER to a program that exists".to_owned();
            self.feed(Event::Failed(UserError { what: "not shown".to_owned(), why, next }));
        }
    }

    pub(super) fn take_back(&mut self) {
        match self.stage.take_back() {
            Some((width, height)) => self.feed(Event::Resize(width, height)),
            // There is nobody to work for.
            None => self.quit = true,
        }
    }

    /// Checks, frameworks and themes anew; what is broken is reported and the old one kept.
    fn reload(&mut self) {
        let read = match (self.options.reload)() {
            Ok(read) => read,
            Err(why) => {
                let next = "mend it and reload; until then nothing changes".to_owned();
                let what = "the configuration is broken".to_owned();
                return self.feed(Event::Failed(UserError { what, why, next }));
            }
        };
        let content = crate::runtime::shown_content(&read.content);
        self.options.content = read.content;
        self.options.sources = read.sources;
        self.options.tenants = read.tenants;
        self.aside.forget_content();
        self.feed(Event::Content(Arc::new(content)));
        self.bring_again();
        self.follow_anew();
        let sound = read.problems.is_empty() && read.appearance.problems.is_empty();
        // Who asks is told, also what was told before.
        self.stage.forget_faults();
        self.wear(read.appearance);
        for why in read.problems {
            let next = "mend it and reload".to_owned();
            self.feed(Event::Failed(UserError { what: "a file is broken".to_owned(), why, next }));
        }
        // Nor does a good word cover the bad ones.
        if sound {
            self.feed(Event::Done(
                "checks, frameworks, themes, keys and decisions were read again".to_owned(),
            ));
        }
    }
}

/// When a file was last changed, as far as the system says.
fn changed(file: &str) -> Option<std::time::SystemTime> {
    std::fs::metadata(file).and_then(|meta| meta.modified()).ok()
}
