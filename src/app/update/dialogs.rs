//! Keys in dialogs.

use crate::app::action::Action;
use crate::app::dialog::{FormField, Picker, PickerChoice, PickerEntry, Popup};
use crate::app::effect::Effect;
use crate::app::filter::NameFit;
use crate::app::key::{Code, Key};
use crate::app::keymap::KeyMode;
use crate::app::state::State;

impl State {
    pub(super) fn popup_key(&mut self, key: Key) -> Vec<Effect> {
        let action = self.keymap.action(KeyMode::Popup, key);
        if action == Some(Action::Back) {
            return match self.popups.pop() {
                Some(Popup::Form(form)) => self.leave_form(form),
                shut => self.undress(shut.as_ref()),
            };
        }
        match self.popups.last_mut() {
            Some(Popup::Picker(_)) => self.picker_key(key, action),
            Some(Popup::Form(_)) => self.form_key(key, action),
            Some(Popup::Help(help)) => {
                match action {
                    Some(Action::Up) => help.scroll = help.scroll.saturating_sub(1),
                    Some(Action::Down) => help.scroll += 1,
                    Some(Action::PageUp) => help.scroll = help.scroll.saturating_sub(help.page()),
                    Some(Action::PageDown) => help.scroll += help.page(),
                    Some(Action::Top) => help.scroll = 0,
                    // As in every text, until something is typed.
                    _ if key == Key::char(' ') && help.input.text().is_empty() => {
                        help.scroll += help.page();
                    }
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
        let before = picker.current().map(|entry| entry.choice.clone());
        match action {
            Some(Action::Up) => picker.step(-1),
            Some(Action::Down) => picker.step(1),
            Some(Action::PageUp) => picker.step(-10),
            Some(Action::PageDown) => picker.step(10),
            Some(Action::Top) => picker.cursor = 0,
            Some(Action::Bottom) => picker.step(isize::MAX),
            Some(Action::Open) => return self.choose_current(),
            _ => {
                // Where something is typed, letters and digits belong to it.
                let typed = picker.input.as_ref().is_some_and(|input| !input.text().is_empty());
                if let Code::Char(letter) = key.code
                    && !(typed || key.ctrl || key.alt)
                    && let Some(at) = picker.by_letter(letter)
                {
                    picker.cursor = at;
                    return self.choose_current();
                }
                if let Some(input) = &mut picker.input {
                    if input.key(key) {
                        picker.retype();
                        self.offer_named();
                    }
                } else if let Code::Char(letter) = key.code
                    && !(key.ctrl || key.alt)
                {
                    return self.hint(format!("No entry here has the letter {letter}."));
                }
            }
        }
        let Some(Popup::Picker(picker)) = self.popups.last() else { return Vec::new() };
        let moved = before.as_ref() != picker.current().map(|entry| &entry.choice);
        if moved { self.preview() } else { Vec::new() }
    }

    /// Shows at once what the entry under the cursor would look like.
    pub(super) fn preview(&self) -> Vec<Effect> {
        let Some(Popup::Picker(picker)) = self.popups.last() else { return Vec::new() };
        match picker.current().map(|entry| &entry.choice) {
            Some(PickerChoice::Theme(name)) => vec![Effect::SetTheme(name.clone())],
            _ => Vec::new(),
        }
    }

    /// Takes a preview back when its picker is shut without a choice.
    pub(super) fn undress(&self, shut: Option<&Popup>) -> Vec<Effect> {
        let Some(Popup::Picker(picker)) = shut else { return Vec::new() };
        let themes =
            picker.entries.iter().any(|entry| matches!(entry.choice, PickerChoice::Theme(_)));
        if themes { vec![Effect::SetTheme(self.look.theme.clone())] } else { Vec::new() }
    }

    pub(super) fn choose_current(&mut self) -> Vec<Effect> {
        let Some(Popup::Picker(picker)) = self.popups.last() else { return Vec::new() };
        let Some(entry) = picker.current().cloned() else { return Vec::new() };
        if let Some(reason) = entry.off {
            // As if its key were pressed: the reason may name the key to press, which is then for the screen.
            if picker.asks.is_some() {
                self.popups.pop();
            }
            return self.hint(reason);
        }
        let by_name = picker.asks.is_some() && picker.fit().is_some_and(NameFit::is_meant);
        let sure = picker.asks.is_none() || by_name || !entry.choice.changes();
        self.popups.pop();
        if !sure {
            return self.ask_whether(entry);
        }
        self.choose(entry.choice)
    }

    /// Asks before something is begun, ended or changed that was found by a few letters only.
    fn ask_whether(&mut self, entry: PickerEntry) -> Vec<Effect> {
        let what = if entry.detail.is_empty() || !matches!(entry.choice, PickerChoice::Action(_)) {
            entry.label
        } else {
            entry.detail
        };
        let entries = vec![
            PickerEntry::new("No", PickerChoice::Nothing).letter('n'),
            PickerEntry::new("Yes", entry.choice).letter('y'),
        ];
        self.popups.push(Popup::Picker(Picker::menu(&format!("{what}?"), entries)));
        Vec::new()
    }

    pub(super) fn form_key(&mut self, key: Key, action: Option<Action>) -> Vec<Effect> {
        let Some(Popup::Form(form)) = self.popups.last_mut() else { return Vec::new() };
        let (here, last) = (form.focus, form.fields.len().saturating_sub(1));
        match (action, key.code) {
            (Some(Action::Open), _) if here < last => {
                let missing = form.fields.get(here).and_then(FormField::missing);
                form.turn_to(if missing.is_some() { here } else { here + 1 });
                form.error = missing.map(str::to_owned);
            }
            (Some(Action::Open), _) => return self.submit(),
            (Some(Action::Up), _) | (_, Code::BackTab) => form.turn_to(here.saturating_sub(1)),
            (Some(Action::Down), _) | (_, Code::Tab) => form.turn_to(here + 1),
            _ => {
                if let Some(input) = form.input() {
                    input.key(key);
                }
            }
        }
        Vec::new()
    }
}
