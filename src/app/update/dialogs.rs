//! Keys in dialogs, and the forms for decisions and notes.

use jiff::ToSpan;
use jiff::civil::Date;

use crate::app::action::Action;
use crate::app::dialog::{Field, Form, Popup, Purpose};
use crate::app::effect::Effect;
use crate::app::input::Input;
use crate::app::key::{Code, Key};
use crate::app::keymap::Mode;
use crate::app::state::State;
use crate::model::decision::{Decision, DecisionState};
use crate::text::clean;

const REASON: &str = "Reason";
const UNTIL: &str = "Until";
const APPROVER: &str = "Approved by";
const NOTE: &str = "Note";
/// How long an acceptance holds unless another day is given.
const DAYS: i64 = 90;

impl State {
    pub(super) fn popup_key(&mut self, key: Key) -> Vec<Effect> {
        let action = self.keymap.action(Mode::Popup, key);
        if action == Some(Action::Back) {
            self.popups.pop();
            return Vec::new();
        }
        match self.popups.last_mut() {
            Some(Popup::Picker(_)) => self.picker_key(key, action),
            Some(Popup::Form(_)) => self.form_key(key, action),
            Some(Popup::Help(help)) => {
                match action {
                    Some(Action::Up) => help.scroll = help.scroll.saturating_sub(1),
                    Some(Action::Down) => help.scroll += 1,
                    Some(Action::PageUp) => help.scroll = help.scroll.saturating_sub(10),
                    Some(Action::PageDown) => help.scroll += 10,
                    Some(Action::Top) => help.scroll = 0,
                    Some(Action::Open) => {
                        self.popups.pop();
                    }
                    _ => {
                        if help.input.key(key) {
                            help.scroll = 0;
                        }
                    }
                }
                Vec::new()
            }
            None => Vec::new(),
        }
    }

    fn picker_key(&mut self, key: Key, action: Option<Action>) -> Vec<Effect> {
        let Some(Popup::Picker(picker)) = self.popups.last_mut() else { return Vec::new() };
        match action {
            Some(Action::Up) => picker.step(-1),
            Some(Action::Down) => picker.step(1),
            Some(Action::PageUp) => picker.step(-10),
            Some(Action::PageDown) => picker.step(10),
            Some(Action::Top) => picker.cursor = 0,
            Some(Action::Bottom) => picker.step(isize::MAX),
            Some(Action::Open) => return self.choose_current(),
            _ => {
                if let Some(input) = &mut picker.input {
                    if input.key(key) {
                        picker.retype();
                    }
                } else if let Code::Char(letter) = key.code
                    && let Some(at) = picker.by_letter(letter)
                {
                    picker.cursor = at;
                    return self.choose_current();
                }
            }
        }
        Vec::new()
    }

    fn choose_current(&mut self) -> Vec<Effect> {
        let Some(Popup::Picker(picker)) = self.popups.last() else { return Vec::new() };
        let Some(entry) = picker.current().cloned() else { return Vec::new() };
        if let Some(reason) = entry.off {
            return self.hint(reason);
        }
        self.popups.pop();
        self.choose(entry.choice)
    }

    fn form_key(&mut self, key: Key, action: Option<Action>) -> Vec<Effect> {
        let Some(Popup::Form(form)) = self.popups.last_mut() else { return Vec::new() };
        let last = form.fields.len().saturating_sub(1);
        match (action, key.code) {
            (Some(Action::Open), _) if form.focus < last => form.focus += 1,
            (Some(Action::Open), _) => return self.submit(),
            (Some(Action::Up), _) | (_, Code::BackTab) => form.focus = form.focus.saturating_sub(1),
            (Some(Action::Down), _) | (_, Code::Tab) => form.focus = (form.focus + 1).min(last),
            _ => {
                form.error = None;
                if let Some(input) = form.input() {
                    input.key(key);
                }
            }
        }
        Vec::new()
    }

    /// Asks for what a decision needs.
    pub(super) fn ask_decision(&mut self, state: DecisionState) -> Vec<Effect> {
        let chosen = self.chosen_findings();
        let mut fields = vec![field(REASON, "required: why", "")];
        if state == DecisionState::Accepted {
            let day = self.day(&format!("{DAYS}d")).unwrap_or_default();
            fields.push(field(UNTIL, "a day, or 30d: open again after it", &day));
            fields.push(field(APPROVER, "who answers for it; may stay empty", ""));
        }
        let title = match state {
            DecisionState::Accepted => "Accept the risk",
            _ => "False positive",
        };
        let mut about: Vec<String> =
            chosen.iter().take(3).map(|f| clean(&f.message).into_owned()).collect();
        if chosen.len() > 3 {
            about.push(format!("and {} more", chosen.len() - 3));
        }
        let fingerprints = chosen.iter().map(|f| f.fingerprint.clone()).collect();
        self.popups.push(Popup::Form(Form {
            title: title.to_owned(),
            about,
            purpose: Purpose::Decide { state, fingerprints },
            fields,
            focus: 0,
            error: None,
        }));
        Vec::new()
    }

    pub(super) fn ask_note(&mut self) -> Vec<Effect> {
        let Some(finding) = self.chosen_findings().into_iter().next() else { return Vec::new() };
        let mut about = vec![clean(&finding.message).into_owned()];
        let notes = self.data.notes.get(&finding.fingerprint).map(Vec::as_slice);
        about.extend(notes.unwrap_or_default().iter().map(|note| format!("“{}”", clean(note))));
        self.popups.push(Popup::Form(Form {
            title: "Note".to_owned(),
            about,
            purpose: Purpose::Note { fingerprint: finding.fingerprint.clone() },
            fields: vec![field(NOTE, "kept with the session, and in its report", "")],
            focus: 0,
            error: None,
        }));
        Vec::new()
    }

    fn submit(&mut self) -> Vec<Effect> {
        let Some(Popup::Form(form)) = self.popups.last() else { return Vec::new() };
        let checked = match &form.purpose {
            Purpose::Note { fingerprint } => {
                let text = form.value(NOTE);
                if text.is_empty() {
                    Err((0, "A note needs words.".to_owned()))
                } else {
                    Ok(vec![Effect::Note { fingerprint: fingerprint.clone(), text }])
                }
            }
            Purpose::Decide { state, fingerprints } => {
                self.decision_of(form, *state).map(|decision| {
                    vec![Effect::Decide { fingerprints: fingerprints.clone(), decision }]
                })
            }
        };
        match checked {
            Ok(effects) => {
                self.popups.pop();
                self.session.pending += 1;
                effects
            }
            Err((focus, error)) => {
                if let Some(Popup::Form(form)) = self.popups.last_mut() {
                    form.focus = focus;
                    form.error = Some(error);
                }
                Vec::new()
            }
        }
    }

    /// The decision that a form says, or which field is wrong and why.
    fn decision_of(&self, form: &Form, state: DecisionState) -> Result<Decision, (usize, String)> {
        let reason = form.value(REASON);
        if reason.is_empty() {
            return Err((0, "A reason is required: it is what an auditor reads.".to_owned()));
        }
        let mut decision = Decision { state, reason: Some(reason), ..Decision::default() };
        if state == DecisionState::Accepted {
            let typed = form.value(UNTIL);
            let day = self.day(&typed).ok_or_else(|| {
                (1, format!("`{typed}` is no day; write {} or 90d.", self.data.today))
            })?;
            if day < self.data.today {
                return Err((1, format!("{day} is over.")));
            }
            decision.expires = Some(day);
            decision.approver = Some(form.value(APPROVER)).filter(|name| !name.is_empty());
        }
        Ok(decision)
    }

    /// A day as it is typed: `2027-03-01`, or `90d` from today.
    fn day(&self, typed: &str) -> Option<String> {
        if let Some(days) = typed.strip_suffix('d') {
            let days: i64 = days.parse().ok().filter(|days| (0..=3_660).contains(days))?;
            let today: Date = self.data.today.parse().ok()?;
            return Some(today.checked_add(days.days()).ok()?.to_string());
        }
        let day: Date = typed.parse().ok()?;
        Some(day.to_string())
    }
}

fn field(label: &'static str, hint: &'static str, text: &str) -> Field {
    Field { label, hint, input: Input::new(text) }
}
