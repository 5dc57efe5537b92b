//! Plain mode: lines that are typed, instead of keys. A line is a row's number, the name of an
//! action, the answer to what a form asks, or the name of a place.

use crate::app::action::{ACTIONS, Action};
use crate::app::dialog::{Picker, Popup};
use crate::app::effect::Effect;
use crate::app::filter::{Filter, NameFit};
use crate::app::input::TextInput;
use crate::app::key::Key;
use crate::app::linear::{LinearShow, PAGE, places};
use crate::app::route::Screen;
use crate::app::state::State;

/// Of how many places and commands one may have been meant.
const LIKELY: usize = 9;
/// Most rows that one line can name.
const MOST: usize = 10_000;

impl State {
    pub(super) fn line(&mut self, line: &str) -> Vec<Effect> {
        self.interrupted = None;
        let line = line.trim();
        match self.popups.last() {
            Some(Popup::Form(_)) => return self.line_of_form(line),
            Some(Popup::Picker(_)) => return self.line_of_picker(line),
            Some(Popup::Help(_)) => {
                self.popups.pop();
            }
            None => {}
        }
        let before = std::mem::take(&mut self.linear.show);
        let effects = self.command(line, &before);
        if matches!(self.popups.last(), Some(Popup::Help(_))) {
            self.popups.pop();
        }
        self.nav.top_mut().typing = None;
        effects
    }

    fn line_of_form(&mut self, line: &str) -> Vec<Effect> {
        self.linear.show = LinearShow::Nothing;
        if line == "cancel" {
            self.popups.pop();
            return self.hint("Nothing was changed.");
        }
        let Some(Popup::Form(form)) = self.popups.last_mut() else { return Vec::new() };
        form.error = None;
        let last = form.fields.len().saturating_sub(1);
        if let Some(input) = form.input().filter(|_| !line.is_empty()) {
            // A lone - empties a field that has something in it already.
            *input = TextInput::new(if line == "-" { "" } else { line });
        }
        if form.focus < last {
            form.focus += 1;
            return Vec::new();
        }
        self.submit()
    }

    fn line_of_picker(&mut self, line: &str) -> Vec<Effect> {
        self.linear.show = LinearShow::Screen { from: 0 };
        let Some(Popup::Picker(picker)) = self.popups.last() else { return Vec::new() };
        // `q` leaves what it would leave anywhere else, unless the menu has it as a letter.
        let quits = matches!(line, "q" | "quit" | "exit") && picker.by_letter('q').is_none();
        if matches!(line, "" | "cancel" | "back") || quits {
            let shut = self.popups.pop();
            return self.undress(shut.as_ref());
        }
        let Some(Popup::Picker(picker)) = self.popups.last_mut() else { return Vec::new() };
        let Some(place) = chosen(picker, line) else {
            if picker.shown.is_empty() {
                if let Some(input) = &mut picker.input {
                    *input = TextInput::default();
                }
                picker.retype();
            }
            return self.hint(format!("`{line}` chooses none, or several: say its number."));
        };
        picker.cursor = place;
        let effects = self.choose_current();
        // What is done outside is told by its message.
        let here = effects.iter().all(|effect| matches!(effect, Effect::SetNamespace(_)));
        if !here {
            self.linear.show = LinearShow::Nothing;
        }
        effects
    }

    fn command(&mut self, line: &str, before: &LinearShow) -> Vec<Effect> {
        let (word, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
        let rest = rest.trim();
        if let Some(filter) = line.strip_prefix('/') {
            return self.narrow(filter.trim());
        }
        if let Some(rows) = rows(line).filter(|rows| rows.len() == 1) {
            return self.on_rows(Action::Open, &rows);
        }
        self.linear.show = match word {
            "" => return Vec::new(),
            "help" | "?" => LinearShow::Commands(rest.to_owned()),
            "show" | "list" => LinearShow::Screen { from: 0 },
            "more" => {
                let from =
                    if let LinearShow::Screen { from } = before { from + PAGE } else { PAGE };
                LinearShow::Screen { from }
            }
            "about" | "where" if rest.is_empty() => {
                if word == "about" {
                    LinearShow::About
                } else {
                    LinearShow::Row
                }
            }
            "about" => {
                return match rows(rest) {
                    Some(rows) if self.cursor_to(&rows) => {
                        self.linear.show = LinearShow::About;
                        Vec::new()
                    }
                    _ => self.hint(format!("There is no row {rest}.")),
                };
            }
            "cancel" if self.unavailable(Action::Cancel).is_some() => {
                return self.hint("No question is asked, and no run is under way.");
            }
            "text" => LinearShow::Text { all: false },
            "yaml" => LinearShow::Text { all: true },
            "filter" | "search" => return self.narrow(rest),
            _ => return self.named(line, word, rest),
        };
        Vec::new()
    }

    /// Filters the list, or searches the text.
    fn narrow(&mut self, words: &str) -> Vec<Effect> {
        self.linear.show = LinearShow::Screen { from: 0 };
        let route = self.nav.top_mut();
        if route.in_text() {
            self.linear.show = LinearShow::Text { all: false };
            if words.is_empty() {
                route.text.search = None;
            } else {
                route.text.find(words);
            }
        } else {
            route.list.set_filter(Filter::new(words), &self.data);
        }
        Vec::new()
    }

    /// An action by its name, by its key, or else a place by its name.
    fn named(&mut self, line: &str, word: &str, rest: &str) -> Vec<Effect> {
        let whole = ACTIONS.iter().find(|doc| doc.word == line || doc.name == line);
        let first = ACTIONS.iter().find(|doc| doc.name == word);
        let (action, rest) = match (whole, first, word) {
            (Some(doc), ..) => (doc.action, ""),
            (None, Some(doc), _) => (doc.action, rest),
            (None, None, "exit" | "bye") => (Action::Quit, ""),
            _ => match self.by_key(word) {
                Some(action) => (action, rest),
                None => return self.go_by_name(line),
            },
        };
        if rest.is_empty() {
            return self.told(action);
        }
        if let Some(rows) = rows(rest) {
            return self.on_rows(action, &rows);
        }
        // What is opened by words has them in its name.
        if action == Action::Open {
            return self.go_by_name(rest);
        }
        let mut effects = self.told(action);
        // Where a report goes may be said in the same line, and need not be.
        let split = rest.split_once(char::is_whitespace).filter(|_| action == Action::Report);
        let (choice, to) = split.unwrap_or((rest, ""));
        effects.extend(match self.popups.last() {
            Some(Popup::Picker(_)) => self.line_of_picker(choice),
            Some(Popup::Form(_)) => self.line_of_form(rest),
            _ => {
                let text =
                    format!("`{rest}` was not heeded: `{word}` takes numbers of rows, or nothing.");
                self.hint(text)
            }
        });
        if action == Action::Report && matches!(self.popups.last(), Some(Popup::Form(_))) {
            effects.extend(self.line_of_form(to.trim()));
        }
        effects
    }

    /// The action of a key that stands for itself; digits are numbers of rows.
    fn by_key(&self, word: &str) -> Option<Action> {
        let mut letters = word.chars();
        let letter = letters.next().filter(|c| !c.is_ascii_digit() && letters.next().is_none())?;
        self.keymap.action(self.nav.top().mode(), Key::char(letter))
    }

    /// Does what an action stands for; what is told afterwards depends on it.
    fn told(&mut self, action: Action) -> Vec<Effect> {
        self.linear.show = match action {
            Action::Help => LinearShow::Commands(String::new()),
            Action::Filter => return self.narrow(""),
            Action::Up
            | Action::Down
            | Action::PageUp
            | Action::PageDown
            | Action::HalfUp
            | Action::HalfDown
            | Action::Top
            | Action::Bottom => LinearShow::Row,
            Action::NextMatch | Action::PreviousMatch => LinearShow::Text { all: false },
            // Their message says it all.
            Action::Run
            | Action::Cancel
            | Action::Refresh
            | Action::Report
            | Action::Compare
            | Action::Copy
            | Action::Undo
            | Action::Redo
            | Action::Mark
            | Action::MarkAll
            | Action::MarkRange
            | Action::ClearMarks
            | Action::Reload
            | Action::Quit => LinearShow::Nothing,
            _ => LinearShow::Screen { from: 0 },
        };
        let said = self.messages.count();
        let effects = self.act(action);
        // What cannot be done is told, and nothing else.
        if self.messages.count() > said && effects.is_empty() {
            self.linear.show = LinearShow::Nothing;
        }
        if matches!(action, Action::Mark | Action::MarkAll | Action::MarkRange | Action::ClearMarks)
        {
            let text = format!("{} marked.", self.nav.top().list.marked());
            return self.hint(text);
        }
        effects
    }

    /// Puts the cursor on the first of these rows, if all of them are there.
    fn cursor_to(&mut self, rows: &[usize]) -> bool {
        let list = &mut self.nav.top_mut().list;
        let places = places(list);
        let there = rows.iter().all(|row| (1..=places.len()).contains(row));
        let first = rows.first().and_then(|row| places.get(row.checked_sub(1)?));
        there && first.is_some_and(|place| list.point(*place))
    }

    /// An action on rows by their numbers, and on no others: on one it is under the cursor, several are
    /// marked. Marks that were set before stay only where more are set, or a row is opened.
    fn on_rows(&mut self, action: Action, rows: &[usize]) -> Vec<Effect> {
        if !self.cursor_to(rows) {
            let count = places(&self.nav.top().list).len();
            return self.hint(format!("There is no such row; there are {count}."));
        }
        let route = self.nav.top_mut();
        if route.has_text() {
            route.pane = 1;
        }
        let list = &mut route.list;
        if !matches!(action, Action::Mark | Action::MarkRange | Action::Open) {
            list.clear_marks();
        }
        if rows.len() == 1 {
            return self.told(action);
        }
        let places = places(list);
        for row in rows {
            if let Some(place) = row.checked_sub(1).and_then(|at| places.get(at)) {
                list.point(*place);
                let marked = list.current().is_some_and(|row| list.is_marked(row.id));
                if !marked {
                    list.toggle_mark();
                }
            }
        }
        self.cursor_to(rows);
        if action == Action::Mark {
            let text = format!("{} marked.", self.nav.top().list.marked());
            return self.hint(text);
        }
        self.told(action)
    }

    /// A place or an action by a part of its name, as in the palette.
    fn go_by_name(&mut self, line: &str) -> Vec<Effect> {
        if let [id] = self.data.objects_named(line).as_slice() {
            self.linear.show = LinearShow::Screen { from: 0 };
            self.nav.open(Screen::Object(id.clone()));
            return Vec::new();
        }
        let effects = self.open_menu(Action::Palette);
        let Some(Popup::Picker(picker)) = self.popups.last_mut() else { return effects };
        if let Some(place) = chosen(picker, line) {
            picker.cursor = place;
            self.linear.show = LinearShow::Screen { from: 0 };
            return self.choose_current();
        }
        // What is a little like many names is none of them.
        if picker.shown.is_empty() || picker.shown.len() > LIKELY {
            self.popups.pop();
            return self.hint(format!("There is no command or place `{line}`; help lists them."));
        }
        effects
    }
}

/// The one entry that a line chooses: by its number, its letter, its name or a part of it. What is
/// shown narrows to those that fit, where the picker can be searched.
fn chosen(picker: &mut Picker, line: &str) -> Option<usize> {
    if let Ok(number) = line.parse::<usize>() {
        return number.checked_sub(1).filter(|at| *at < picker.shown.len());
    }
    let mut letters = line.chars();
    let letter = letters.next()?;
    if picker.input.is_none() {
        if letters.next().is_none() {
            return picker.by_letter(letter);
        }
    } else {
        picker.input = Some(TextInput::new(line));
        picker.retype();
        if picker.shown.len() == 1 || picker.fits.first() == Some(&NameFit::Name) {
            return Some(0);
        }
    }
    let lower = line.to_lowercase();
    let labels = picker.shown.iter().map(|at| picker.entries.get(*at).map(|e| e.label.as_str()));
    let labels: Vec<String> = labels.map(|l| l.unwrap_or_default().to_lowercase()).collect();
    let exact = labels.iter().position(|label| *label == lower);
    let holding = |label: &&String| label.contains(&lower);
    let one = (labels.iter().filter(holding).count() == 1)
        .then(|| labels.iter().position(|label| label.contains(&lower)))
        .flatten();
    exact.or_else(|| one.filter(|_| picker.input.is_none()))
}

/// Numbers of rows: `3`, `2 5`, `7-9`; none if the text is anything else.
fn rows(text: &str) -> Option<Vec<usize>> {
    let mut rows = Vec::new();
    for part in text.split([' ', ',']).filter(|part| !part.is_empty()) {
        let (from, to) = part.split_once('-').unwrap_or((part, part));
        let (from, to) = (from.parse::<usize>().ok()?, to.parse::<usize>().ok()?);
        if to < from || to - from > MOST || rows.len() > MOST {
            return None;
        }
        rows.extend(from..=to);
    }
    (!rows.is_empty()).then_some(rows)
}

#[cfg(test)]
mod tests {
    use super::rows;

    #[test]
    fn rows_are_numbers_and_ranges() {
        assert_eq!(rows("3"), Some(vec![3]));
        assert_eq!(rows("2 5, 7-9"), Some(vec![2, 5, 7, 8, 9]));
        for none in ["", "x", "3 x", "9-7", "1-99999999999", "-", "sev:high"] {
            assert_eq!(rows(none), None, "{none}");
        }
    }
}
