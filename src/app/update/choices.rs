//! What choosing an entry of a menu does.

use crate::app::action::Action;
use crate::app::dialog::PickerChoice;
use crate::app::effect::{Effect, SourceChoice};
use crate::app::route::{Screen, View};
use crate::app::state::State;
use crate::app::toast::ToastTone;
use crate::model::decision::DecisionState;
use crate::text::counted;

impl State {
    pub(super) fn choose(&mut self, choice: PickerChoice) -> Vec<Effect> {
        match choice {
            PickerChoice::Nothing => Vec::new(),
            PickerChoice::Action(action) => self.act(action),
            PickerChoice::Go(screen) => {
                let view = self.home_of(&screen);
                self.nav.go(view, screen);
                Vec::new()
            }
            PickerChoice::Namespace(name) => self.set_namespace(name),
            PickerChoice::Context(name) => self.connect(SourceChoice::Context(name)),
            PickerChoice::Demo => self.connect(SourceChoice::Demo),
            PickerChoice::Session(id) => self.resume(id),
            PickerChoice::Copy { text, what } => {
                let size = text.len();
                self.messages.say(
                    ToastTone::Done,
                    format!("Copied: {what} ({}).", counted(size, "byte")),
                    self.now,
                );
                vec![Effect::Copy(text)]
            }
            PickerChoice::Decide(
                state @ (DecisionState::Accepted | DecisionState::FalsePositive),
            ) => self.ask_decision(state),
            PickerChoice::Decide(state) => self.decide_now(state),
            PickerChoice::Answer(Some(answer)) => self.ask_answer(answer),
            PickerChoice::Answer(None) => self.withdraw(),
            PickerChoice::Run(request) => vec![Effect::Run(request)],
            PickerChoice::Report(format) => self.ask_report(format),
            PickerChoice::Bundle => self.ask_bundle(),
            PickerChoice::Theme(name) => {
                self.look.theme.clone_from(&name);
                vec![Effect::SetTheme(name)]
            }
            PickerChoice::QuitNow => vec![Effect::Quit],
        }
    }

    /// Opens a saved session, unless it is the one that is open.
    pub(super) fn resume(&mut self, id: String) -> Vec<Effect> {
        if self.session.info.as_ref().is_some_and(|own| own.id == id) {
            let [run, compare] = [Action::Run, Action::Compare].map(|act| self.keymap.told(act));
            return self.hint(format!(
                "This session is open already; {run} runs its checks, {compare} compares its runs."
            ));
        }
        vec![Effect::ResumeSession(id)]
    }

    /// The view that a screen belongs to, whoever opens it.
    fn home_of(&self, screen: &Screen) -> View {
        let is_matrix = |id: &str| self.data.matrices().iter().any(|m| *m.id == *id);
        match screen {
            Screen::Control { framework, .. } if is_matrix(framework) => View::Matrix,
            Screen::Framework(id) if is_matrix(id) => View::Matrix,
            screen => View::home(screen),
        }
    }

    fn connect(&mut self, choice: SourceChoice) -> Vec<Effect> {
        let mut effects = self.cancel_run();
        effects.push(Effect::Connect(choice));
        effects
    }

    /// The screen stays; what it shows is narrowed at once, and the source told.
    fn set_namespace(&mut self, name: Option<String>) -> Vec<Effect> {
        if self.nav.view() == View::Start {
            return Vec::new();
        }
        if let Some(name) = &name {
            self.remember_namespace(name);
        }
        self.data.namespace.clone_from(&name);
        self.data.recount();
        vec![Effect::SetNamespace(name)]
    }
}
