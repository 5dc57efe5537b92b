//! Forms that were left, or refused after they were handed in: what was typed in them is not lost.

use crate::app::action::Action;
use crate::app::dialog::{Form, FormDraft, FormPurpose, Popup};
use crate::app::effect::Effect;
use crate::app::event::UserError;
use crate::app::state::State;
use crate::model::decision::DecisionState;

use super::forms::FILE;

impl State {
    /// Opens a form, with what was typed in it if it was left before.
    pub(super) fn open_form(&mut self, mut form: Form) {
        if let Some(draft) = self.draft.take_if(|draft| draft.form.purpose == form.purpose) {
            form.focus = draft.form.focus;
            form.fields = draft.form.fields;
        }
        self.popups.push(Popup::Form(form));
    }

    /// Keeps what was typed in a form that is left.
    pub(super) fn leave_form(&mut self, form: Form) -> Vec<Effect> {
        if !form.is_begun() {
            return Vec::new();
        }
        let key = self.keymap.told(opened_by(&form.purpose));
        self.draft = Some(FormDraft { form, handed_in: false });
        self.hint(format!("Nothing was saved; {key} brings back what was typed."))
    }

    /// Closes the form on the screen, whose words are on their way to be saved.
    pub(super) fn hand_in(&mut self) {
        if let Some(Popup::Form(form)) = self.popups.pop() {
            self.draft = Some(FormDraft { form, handed_in: true });
        }
    }

    /// What was handed in last was refused: the form comes back, unless something else is going on
    /// by now; then it is kept for the next time.
    pub(super) fn refused(&mut self, error: &UserError) {
        let Some(draft) = self.draft.as_mut().filter(|draft| draft.handed_in) else { return };
        draft.handed_in = false;
        let free = self.popups.is_empty() && self.nav.top().typing.is_none() && !self.look.plain;
        let Some(FormDraft { mut form, .. }) = self.draft.take_if(|_| free) else { return };
        let file = form.fields.iter().position(|f| f.label == FILE && !f.input.is_empty());
        form.focus = file.unwrap_or(form.focus);
        let parts = [&error.why, &error.next].into_iter().filter(|text| !text.is_empty());
        form.error = Some(parts.cloned().collect::<Vec<_>>().join("; "));
        self.popups.push(Popup::Form(form));
        // The form says it by now.
        self.messages.leave(self.now);
    }

    /// A report that was asked for is written: the words of its form are not needed any more.
    pub(super) fn report_is_written(&mut self) {
        self.draft.take_if(|draft| draft.handed_in && is_report(&draft.form));
    }

    /// What was handed in for the session is done; likewise.
    pub(super) fn act_is_done(&mut self) {
        self.draft.take_if(|draft| draft.handed_in && !is_report(&draft.form));
    }
}

fn is_report(form: &Form) -> bool {
    matches!(form.purpose, FormPurpose::Report(_))
}

/// What leads to a form again.
fn opened_by(purpose: &FormPurpose) -> Action {
    match purpose {
        FormPurpose::Decide { state: DecisionState::Accepted, .. } => Action::Accept,
        FormPurpose::Decide { .. } => Action::FalsePositive,
        FormPurpose::Answer { .. } => Action::Answer,
        FormPurpose::Note { .. } => Action::Note,
        FormPurpose::Import => Action::Import,
        FormPurpose::Report(_) | FormPurpose::Bundle => Action::Report,
        FormPurpose::WhoCan => Action::WhoCan,
    }
}
