//! Where a key goes: to what is being typed, to a dialog, or through the key table.

use crate::app::action::Action;
use crate::app::dialog::{Picker, PickerChoice, PickerEntry, Popup};
use crate::app::effect::Effect;
use crate::app::filter::{Filter, completion, names};
use crate::app::input::TextInput;
use crate::app::key::{Code, Key};
use crate::app::keymap::KeyMode;
use crate::app::list::SAMPLE;
use crate::app::state::State;

/// Within this time a second Ctrl-C quits whatever is open, in milliseconds.
const INSIST: u64 = 2_000;

impl State {
    pub(super) fn key(&mut self, key: Key) -> Vec<Effect> {
        if key == Key::ctrl('c') {
            return self.interrupt();
        }
        self.interrupted = None;
        if key == Key::ctrl('z') {
            return vec![Effect::Suspend];
        }
        if self.is_too_small() {
            // What nobody can see must not be done.
            let leaves = self.keymap.action(self.mode(), key) == Some(Action::Quit);
            return if leaves && self.popups.is_empty() { self.quit() } else { Vec::new() };
        }
        if !self.popups.is_empty() {
            return self.popup_key(key);
        }
        if self.nav.top().typing.is_some() {
            return self.typing_key(key);
        }
        match self.keymap.action(self.mode(), key) {
            Some(action) => self.act(action),
            None => self.elsewhere(key),
        }
    }

    /// A key that does something on other screens says why it does nothing on this one.
    fn elsewhere(&mut self, key: Key) -> Vec<Effect> {
        let Some(action) = self.keymap.elsewhere(key) else { return Vec::new() };
        let word = action.doc().word;
        let told = |action| self.keymap.told(action);
        let why = if self.mode() == KeyMode::Search {
            format!("{} ends the search; then {key} ({word}) works again.", told(Action::Back))
        } else {
            self.unavailable(action).unwrap_or_else(|| {
                format!(
                    "{key} ({word}) works on other screens; {} lists what works here.",
                    told(Action::Help)
                )
            })
        };
        self.hint(why)
    }

    /// Ctrl-C quits like `q`, from anywhere; pressed twice it asks nothing.
    fn interrupt(&mut self) -> Vec<Effect> {
        let now = self.now.millis;
        if self.interrupted.is_some_and(|then| now.saturating_sub(then) <= INSIST) {
            return vec![Effect::Quit];
        }
        self.interrupted = Some(now);
        if let Some(Popup::Form(form)) = self.popups.last()
            && form.is_begun()
        {
            // The form stays below: whoever stays goes on in it.
            self.popups.push(leaving("What was typed is not saved and would be lost."));
            return Vec::new();
        }
        let mut effects = self.undress(self.popups.last());
        self.popups.clear();
        self.nav.top_mut().typing = None;
        effects.extend(self.quit());
        effects
    }

    /// Leaves, unless something would be lost: then it asks.
    pub(super) fn quit(&mut self) -> Vec<Effect> {
        let lost = if self.session.pending > 0 {
            "What was done is still being written to disk."
        } else if self.run.is_some() {
            "A run is under way and would be lost."
        } else if self.session.unsaved {
            "The run made here is not saved and would be lost: the session is read-only."
        } else {
            return vec![Effect::Quit];
        };
        self.popups.push(leaving(lost));
        Vec::new()
    }

    pub(super) fn paste(&mut self, text: &str) -> Vec<Effect> {
        if let Some(popup) = self.popups.last_mut() {
            let input = match popup {
                Popup::Picker(picker) => picker.input.as_mut(),
                Popup::Form(form) => form.input(),
                Popup::Help(help) => Some(&mut help.input),
            };
            if let Some(input) = input {
                input.insert(text);
            }
            if let Some(Popup::Picker(picker)) = self.popups.last_mut() {
                picker.retype();
            }
        } else if let Some(input) = &mut self.nav.top_mut().typing {
            input.insert(text);
            self.typed();
        }
        // Anywhere else pasted text means nothing: it must never run actions.
        Vec::new()
    }

    fn typing_key(&mut self, key: Key) -> Vec<Effect> {
        match key.code {
            Code::Esc => {
                self.nav.top_mut().typing = None;
                self.clear_filter();
            }
            Code::Enter if self.ask_by_filter() => {}
            Code::Enter => {
                // What the filter hides is said where an older word would stand.
                self.messages.hush_hint(self.now);
                let route = self.nav.top_mut();
                route.typing = None;
                if route.in_text() && route.text.search.as_ref().is_some_and(|s| s.text.is_empty())
                {
                    route.text.search = None;
                }
            }
            Code::Up | Code::Down | Code::PageUp | Code::PageDown => {
                let action = match key.code {
                    Code::Up => Action::Up,
                    Code::Down => Action::Down,
                    Code::PageUp => Action::PageUp,
                    _ => Action::PageDown,
                };
                return self.act(action);
            }
            Code::Tab => self.complete(),
            _ => {
                let typing = self.nav.top_mut().typing.as_mut();
                if typing.is_some_and(|input| input.key(key)) {
                    self.typed();
                }
            }
        }
        Vec::new()
    }

    /// Completes the word before the cursor: the name of a term, or a value that a row has.
    fn complete(&mut self) {
        let route = self.nav.top_mut();
        let in_text = route.in_text();
        let Some(input) = route.typing.as_mut().filter(|_| !in_text) else { return };
        let open = completion(input.before());
        let list = &route.list;
        let values = match open.field {
            Some(field) => list.values(field, &self.data),
            None => names(|field| list.answers(field, &self.data, SAMPLE)),
        };
        if let Some(value) = open.next(&values) {
            let spaced = value.contains(char::is_whitespace);
            let value = if spaced { format!("\"{value}\"") } else { value };
            input.replace_before(open.from, &value);
            self.typed();
        }
    }

    /// What was typed filters the list, or searches the text.
    pub(super) fn typed(&mut self) {
        let route = self.nav.top_mut();
        let text = route.typing.as_ref().map(TextInput::text).unwrap_or_default();
        if route.in_text() {
            if text.is_empty() {
                route.text.search = None;
            } else {
                route.text.find(&text);
            }
        } else {
            route.list.begin_filter(Filter::new(&text), &self.data);
        }
    }

    /// Takes the filter or the search away. Says whether there was one.
    pub(super) fn clear_filter(&mut self) -> bool {
        let route = self.nav.top_mut();
        if route.in_text() {
            return route.text.search.take().is_some();
        }
        if route.list.filter().text().is_empty() {
            return false;
        }
        route.list.set_filter(Filter::default(), &self.data);
        true
    }

    pub(super) fn hint(&mut self, text: impl Into<String>) -> Vec<Effect> {
        self.messages.hint(text, self.now);
        Vec::new()
    }
}

/// Asks whether to leave though something would be lost.
fn leaving(lost: &str) -> Popup {
    let entries = vec![
        PickerEntry::new("Stay", PickerChoice::Nothing).letter('n'),
        PickerEntry::new("Leave", PickerChoice::QuitNow).letter('y'),
    ];
    Popup::Picker(Picker::menu(lost, entries))
}
