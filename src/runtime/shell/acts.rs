//! Carrying out what the state machine asks for.

use std::sync::Arc;

use super::Shell;
use super::signals::Signals;
use crate::app::data::Content as AppContent;
use crate::app::effect::Effect;
use crate::app::event::{Event, UserError};
use crate::report::Format;
use crate::runtime::clock::today;
use crate::runtime::desk::Order;
use crate::runtime::reports;
use crate::runtime::source::name_of;
use crate::term::clipboard::{self, Through};
use crate::term::external;

impl Shell {
    pub(super) fn perform(&mut self, effect: Effect) {
        match effect {
            Effect::Quit => self.quit = true,
            Effect::Redraw => self.clear = true,
            Effect::Suspend => self.suspend(),
            Effect::LoadContexts => self.load_contexts(),
            Effect::LoadSessions => self.desk.order(Order::List),
            Effect::Connect(choice) => self.connect(choice),
            Effect::Refresh => self.refresh(),
            // The state keeps it; runs take it from there.
            Effect::SetNamespace(_) => {}
            Effect::Run(request) => self.start_run(&request),
            Effect::CancelRun => {
                if let Some(job) = &self.job {
                    job.cancel();
                }
            }
            Effect::Decide { fingerprints, decision } => {
                self.desk.order(Order::Decide(fingerprints, decision));
            }
            Effect::Attest { answers, file } => self.desk.order(Order::Attest(answers, file)),
            Effect::Note { fingerprint, text } => self.desk.order(Order::Note(fingerprint, text)),
            Effect::Compare(with) => self.desk.order(Order::Compare(with)),
            Effect::Import(path) => self.desk.order(Order::Import(path)),
            Effect::Preview(asked) => self.start_preview(asked),
            Effect::AskManagers(id) => self.ask_managers(id),
            Effect::CancelPreview => self.preview = None,
            Effect::Undo => self.desk.order(Order::Undo),
            Effect::Redo => self.desk.order(Order::Redo),
            Effect::ResumeSession(id) => self.desk.order(Order::Open(id)),
            Effect::NewSession => self.new_session(),
            Effect::WriteReport(format) => self.write_report(format),
            Effect::Copy(text) => self.copy(&text),
            Effect::View { text, line, extension, editor } => {
                self.view(&external::View { text: &text, line, extension, editor });
            }
            Effect::SetTheme(name) => {
                self.styles = super::styles(&self.options.themes, self.options.caps, &name);
                self.clear = true;
            }
            Effect::Reload => self.reload(),
        }
    }

    pub(super) fn write_report(&mut self, format: Format) {
        let Some(shown) = &self.shown else {
            let error = UserError {
                what: "no report".to_owned(),
                why: "nothing has been assessed yet".to_owned(),
                next: "run the checks with r".to_owned(),
            };
            return self.feed(Event::Failed(error));
        };
        let name = name_of(&shown.record.source);
        let safe: String = name
            .chars()
            .map(|c| if c.is_ascii_alphanumeric() || c == '-' { c } else { '-' })
            .collect();
        let stem = format!("plimsoll-{safe}-{}", today());
        let assessed = reports::Assessed {
            run: &shown.record,
            judged: &shown.judged,
            not_judged: &shown.chosen.not_judged,
            ledger: &self.ledger,
            session: self.session.as_ref(),
        };
        let text = match reports::render(&self.options.content, &assessed, &today(), format) {
            Ok(text) => text,
            Err(error) => {
                return self.feed(Event::Failed(UserError {
                    what: "no report".to_owned(),
                    why: error.to_string(),
                    next: "choose another format with :report".to_owned(),
                }));
            }
        };
        let written = std::env::current_dir()
            .and_then(|dir| reports::write_new(&dir, &stem, format.ending(), &text));
        self.feed(match written {
            Ok(path) => Event::Done(format!("report written to {}", path.display())),
            Err(error) => Event::Failed(UserError {
                what: "the report could not be written".to_owned(),
                why: error.to_string(),
                next: "start Plimsoll in a directory where you may write".to_owned(),
            }),
        });
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
        // Nobody may read keys that are meant for another program.
        self.keys = None;
        self.guard.pause();
        #[cfg(unix)]
        {
            let me = rustix::process::getpid();
            // Returns when the shell continues us; if the signal cannot be sent we go on at once.
            let _ = rustix::process::kill_process(me, rustix::process::Signal::STOP);
        }
        self.take_back();
    }

    pub(super) fn view(&mut self, view: &external::View<'_>) {
        self.keys = None;
        self.guard.pause();
        let shown = external::show(view);
        // Ctrl-C in the other program was meant for it, although the terminal tells us both.
        if let Ok(signals) = Signals::new() {
            self.signals = signals;
        }
        self.take_back();
        if let Err(why) = shown {
            let next = "set $EDITOR or $PAGER to a program that exists".to_owned();
            self.feed(Event::Failed(UserError { what: "not shown".to_owned(), why, next }));
        }
    }

    pub(super) fn take_back(&mut self) {
        // A terminal that is gone ends the loop at its next key.
        if self.guard.resume().is_err() {
            self.quit = true;
        }
        self.keys = Some(crossterm::event::EventStream::new());
        self.clear = true;
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
        let content = AppContent {
            library: Arc::clone(&read.content.library),
            frameworks: Arc::clone(&read.content.frameworks),
        };
        self.options.content = read.content;
        self.options.sources = read.sources;
        self.options.themes = Arc::new(read.themes);
        let theme = self.state.look.theme.clone();
        self.styles = super::styles(&self.options.themes, self.options.caps, &theme);
        self.clear = true;
        self.feed(Event::Content(Arc::new(content)));
        self.bring_again();
        for why in read.problems {
            let next = "mend it and reload".to_owned();
            self.feed(Event::Failed(UserError { what: "a file is broken".to_owned(), why, next }));
        }
        self.feed(Event::Done(
            "checks, frameworks, themes and decisions were read again".to_owned(),
        ));
    }
}
