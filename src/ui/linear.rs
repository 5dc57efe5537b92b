//! Plain mode: the state in sentences, for screen readers and for terminals that only print. What a
//! sign or a colour says on the screen is said in words here; nothing is drawn.

mod grids;
mod words;

use crate::app::action::ACTIONS;
use crate::app::dialog::{Form, Picker, Popup};
use crate::app::item::Item;
use crate::app::linear::{COMMANDS, LinearShow, PAGE, places};
use crate::app::list::{List, Row};
use crate::app::route::{Route, Screen, Subset};
use crate::app::state::State;
use crate::app::toast::{ToastMessage, ToastTone};
use crate::text::{clean, counted, noun};

use super::{chrome, detail, live, way};
use words::{spoken_all, words};

/// Wide enough that no column is left out and nothing is cut.
const WIDTH: u16 = 1_000;
/// Lines of a text before and after the one that is wrong.
const AROUND: usize = 4;
/// Entries of a menu that are told at a time.
const ENTRIES: usize = 20;

/// Where the workbench is, from the cluster to what is open.
#[must_use]
pub fn place(state: &State) -> String {
    let crumbs = way::crumbs(state);
    if state.nav.depth() == 0 && crumbs.len() <= 2 {
        let view = state.nav.view().title().to_lowercase();
        return crumbs.into_iter().chain([view]).collect::<Vec<_>>().join(", ");
    }
    crumbs.join(", ")
}

/// What is asked next: the field of a form, a choice, or a command.
#[must_use]
pub fn prompt(state: &State) -> String {
    match state.popups.last() {
        Some(Popup::Form(form)) => {
            let field = form.fields.get(form.focus);
            field.map_or_else(String::new, |field| {
                let text = field.input.text();
                let kept = if text.is_empty() { text } else { format!(" [{}]", clean(&text)) };
                format!("{} ({}){kept}: ", field.label, field.hint)
            })
        }
        Some(Popup::Picker(picker)) => format!("{}: ", clean(&picker.title)),
        _ => "> ".to_owned(),
    }
}

/// A message in one line.
#[must_use]
pub fn message(message: &ToastMessage) -> String {
    let word = match message.tone {
        ToastTone::Done => "Done",
        ToastTone::Hint => "Note",
        ToastTone::Error => "Error",
    };
    clean(&format!("{word}: {}", chrome::sentence(&message.lines))).into_owned()
}

/// What the last line that was typed asked to be told.
#[must_use]
pub fn answer(state: &State) -> Vec<String> {
    match state.popups.last() {
        Some(Popup::Form(form)) => return form_lines(form),
        Some(Popup::Picker(picker)) => return picker_lines(picker),
        _ => {}
    }
    let route = state.nav.top();
    match &state.linear.show {
        LinearShow::Nothing => Vec::new(),
        LinearShow::Screen { from } => screen(state, route, *from),
        LinearShow::Row => {
            let mut lines = vec![place(state)];
            lines.extend(under_cursor(state, route));
            lines
        }
        LinearShow::About => about(state, route),
        LinearShow::Text { all } => text(state, route, *all),
        LinearShow::Commands(word) => commands(state, word),
    }
}

/// The screen that opened by itself.
#[must_use]
pub fn opened(state: &State) -> Vec<String> {
    if !state.popups.is_empty() {
        return answer(state);
    }
    let route = state.nav.top();
    let mut lines = screen(state, route, 0);
    // The row that is chosen already may stand further down.
    let told = places(&route.list).iter().take(PAGE).any(|at| *at == route.list.cursor());
    if route.screen == Screen::Start && !told {
        lines.extend(under_cursor(state, route).iter().map(|row| format!("Cursor: {row}")));
    }
    lines
}

fn form_lines(form: &Form) -> Vec<String> {
    let mut lines = Vec::new();
    if form.focus == 0 || form.error.is_some() {
        lines.push(format!(
            "{}. Enter keeps what stands in brackets, - empties it, cancel leaves.",
            form.title
        ));
        lines.extend(form.about.iter().map(|text| clean(text).into_owned()));
    }
    lines.extend(form.error.iter().map(|text| format!("Error: {text}")));
    lines
}

fn picker_lines(picker: &Picker) -> Vec<String> {
    let count = picker.shown.len();
    let mut lines = vec![format!("{}: {count} to choose from, or cancel.", clean(&picker.title))];
    for (at, place) in picker.shown.iter().take(ENTRIES).enumerate() {
        let Some(entry) = picker.entries.get(*place) else { continue };
        let letter = entry.letter.map(|c| format!(" ({c})")).unwrap_or_default();
        let detail = entry.off.as_ref().unwrap_or(&entry.detail).as_str();
        let said: Vec<&str> = [detail, &entry.told].into_iter().filter(|s| !s.is_empty()).collect();
        let detail = if said.is_empty() { String::new() } else { format!(": {}", said.join(". ")) };
        lines.push(clean(&format!("{}. {}{letter}{detail}", at + 1, entry.label)).into_owned());
    }
    if count > ENTRIES {
        lines.push(format!("{} more: say a part of the name.", count - ENTRIES));
    }
    lines
}

fn screen(state: &State, route: &Route, from: usize) -> Vec<String> {
    let mut lines = Vec::new();
    if from == 0 {
        lines.push(head(state, route));
        match &route.screen {
            Screen::Finding(_) => {
                lines.extend(about(state, route));
                lines.extend(text(state, route, false));
                return lines;
            }
            Screen::Object(_) => lines.push("yaml tells the whole text.".to_owned()),
            Screen::Control { framework, id } => {
                lines.extend(spoken_all(&detail::about_control(
                    &state.data,
                    framework,
                    state.data.control_here(framework, id),
                    usize::from(WIDTH),
                )));
            }
            Screen::Check(id) => {
                lines.extend(spoken_all(&detail::of_check(&state.data, id, usize::from(WIDTH))));
            }
            _ => {}
        }
    }
    lines.extend(rows(state, route, from));
    lines
}

/// Where we are, how much there is, and what holds.
fn head(state: &State, route: &Route) -> String {
    let mut text = place(state);
    let list = &route.list;
    if state.is_awaited() {
        text.push_str(": this is being worked out, and told when it is there");
    } else if !matches!(route.screen, Screen::Finding(_)) {
        text.push_str(&format!(": {}", counted(list.total(), "row")));
    }
    text.push_str(&of_matrix(state, route).unwrap_or_default());
    if !list.filter().is_empty() {
        let filter = clean(list.filter().text()).into_owned();
        text.push_str(&format!(", the filter {filter} shows {}", list.matched()));
    }
    if list.marked() > 0 {
        text.push_str(&format!(", {} marked", list.marked()));
    }
    if let Some((at, all)) = state.place_of_finding() {
        text.push_str(&format!(": finding {at} of {all}"));
    }
    if state.source.again.newer {
        text.push_str(". The files changed since the run");
    }
    text.push_str(&format!(". The cluster is: {}.", chrome::source_word(state).1));
    for (text_of, words) in
        [(live::moved(state, WIDTH), "Shown is"), (live::frozen(state, WIDTH), "It is")]
    {
        if let Some((what, _)) = text_of.first() {
            text.push_str(&format!(" {words} {}.", what.trim()));
        }
    }
    text
}

/// Which matrix it is, what its cells tell, and what it comes to.
fn of_matrix(state: &State, route: &Route) -> Option<String> {
    let Screen::Matrix(id) = &route.screen else { return None };
    let framework = state.data.matrix(id.as_deref())?;
    let mut text = format!(", {}, {}", clean(&framework.title), route.grid.lens.word());
    if let Some(judged) = state.data.judged(&framework.id) {
        let c = judged.counts;
        text.push_str(&format!(
            ", {} exposed, {} mitigated, {} not assessed",
            c.exposed, c.mitigated, c.not_assessed
        ));
        if state.data.namespace.is_some() {
            text.push_str(" of all that was assessed");
        }
    }
    Some(text)
}

/// Rows from one on: headings, and what has a number.
fn rows(state: &State, route: &Route, from: usize) -> Vec<String> {
    let list = &route.list;
    let numbered = places(list);
    if numbered.is_empty() && state.is_awaited() {
        return Vec::new();
    }
    if numbered.is_empty() && !list.is_empty() {
        // Sentences alone: why there are no rows.
        return list
            .shown()
            .map(|row| words(state, row, route))
            .filter(|text| !text.is_empty())
            .collect();
    }
    if numbered.is_empty() {
        let detail::Nothing { what, next } = detail::nothing(state, route);
        // Keys are for screens.
        let next = if list.filter().is_empty() { next } else { "filter takes it away.".to_owned() };
        return vec![clean(&what).into_owned(), clean(&next).into_owned()];
    }
    let Some(first) = numbered.get(from) else { return vec!["No more rows.".to_owned()] };
    // The heading over the first one belongs to it.
    let first = if from == 0 { 0 } else { heading_of(list, *first) };
    let last = numbered.get((from + PAGE).min(numbered.len()) - 1).copied().unwrap_or(first);
    let mut lines = Vec::new();
    let mut number = from;
    for at in first..=last {
        let Some(row) = list.row(at) else { continue };
        if row.item.is_choice() {
            number += 1;
            let here = if at == list.cursor() { ", cursor" } else { "" };
            let marked = if list.is_marked(row.id) { ", marked" } else { "" };
            lines.push(format!("{number}. {}{marked}{here}", words(state, row, route)));
        } else {
            let text = words(state, row, route);
            let over = matches!(row.item, Item::Heading(_) | Item::Tactic { .. });
            let colon = if over { ":" } else { "" };
            lines.extend((!text.is_empty()).then(|| format!("{text}{colon}")));
        }
    }
    let left = numbered.len().saturating_sub(from + PAGE);
    if left > 0 {
        lines.push(format!(
            "{left} more {}: more tells {}.",
            noun(left, "row"),
            if left == 1 { "it" } else { "them" }
        ));
    }
    lines
}

/// Where rows are told from that begin in the middle of a tactic: at its name.
fn heading_of(list: &List, first: usize) -> usize {
    let above = (0..first).rev().take_while(|at| {
        list.row(*at)
            .is_some_and(|row| matches!(row.item, Item::Tactic { .. } | Item::Technique(_)))
    });
    let mut tactics =
        above.filter(|at| list.row(*at).is_some_and(|row| matches!(row.item, Item::Tactic { .. })));
    tactics.next().unwrap_or(first)
}

fn under_cursor(state: &State, route: &Route) -> Vec<String> {
    let number = places(&route.list).iter().position(|place| *place == route.list.cursor());
    let row = route.list.current().zip(number);
    let told = |(row, number): (&Row, usize)| {
        let under = match &row.item {
            Item::Technique(cell) => format!(", under {}", clean(&cell.tactic)),
            _ => String::new(),
        };
        format!("{}. {}{under}", number + 1, words(state, row, route))
    };
    row.map(told).into_iter().collect()
}

/// What is said of what is open, or of the row under the cursor.
fn about(state: &State, route: &Route) -> Vec<String> {
    let width = usize::from(WIDTH);
    let lines = match &route.screen {
        Screen::Finding(print) => {
            state.data.open_finding(print).map(|f| detail::of_finding(state, f, width))
        }
        Screen::Control { framework, id } => {
            let found = state.data.control_here(framework, id);
            Some(detail::of_control(&state.data, framework, found, width))
        }
        Screen::Check(id) => Some(detail::of_check(&state.data, id, width)),
        Screen::Findings(Subset::Covered { .. }) => {
            let exception = route.exception.as_ref();
            exception.map(|exception| detail::review::about_exception(state, exception, width))
        }
        _ => {
            let item = route.list.current().map(|row| &row.item);
            if let Some(Item::Heat(row)) = item {
                return grids::about_heat(state, row);
            }
            item.map(|item| detail::of_item(state, item, width))
        }
    };
    let lines = spoken_all(&lines.unwrap_or_default());
    if lines.is_empty() { under_cursor(state, route) } else { lines }
}

/// The text: around what is wrong or what was searched, or all of it.
fn text(state: &State, route: &Route, all: bool) -> Vec<String> {
    let yaml = &route.text.yaml;
    let (lines, place) = (&yaml.lines, state.place_in_file(route));
    if lines.is_empty() {
        return vec!["There is no text here.".to_owned()];
    }
    let found = route.text.search.as_ref().and_then(|s| s.lines.get(s.at).copied());
    let middle = found.or(route.text.mark).unwrap_or(0);
    let (from, to) = if all {
        (0, lines.len())
    } else {
        (middle.saturating_sub(AROUND), (middle + AROUND + 1).min(lines.len()))
    };
    let mut out = vec![format!("Lines {} to {to} of {}:", from + 1, lines.len())];
    if let Some(place) = place {
        out.push(clean(&format!("It stands in {place}.")).into_owned());
    }
    for (at, line) in lines.iter().enumerate().take(to).skip(from) {
        let wrong = if route.text.mark == Some(at) { ", this one fails" } else { "" };
        let hit = if found == Some(at) { ", found" } else { "" };
        let number =
            yaml.number(at).map_or_else(|| " of it".to_owned(), |number| format!(" {number}"));
        out.push(clean(&format!("line{number}{wrong}{hit}: {}", line.text)).into_owned());
    }
    out
}

/// The commands, with what each does, and why one cannot be used now.
fn commands(state: &State, word: &str) -> Vec<String> {
    let word = word.to_lowercase();
    let holds =
        |name: &str, text: &str| name.contains(&word) || text.to_lowercase().contains(&word);
    let own = COMMANDS.iter().filter(|(name, text)| holds(name, text));
    let mut lines: Vec<String> = own.map(|(name, text)| format!("{name}: {text}.")).collect();
    for doc in ACTIONS.iter().filter(|doc| holds(doc.name, doc.text)) {
        let off = state.unavailable(doc.action);
        let off = off.map(|why| format!(" Not now: {}", clean(&why))).unwrap_or_default();
        lines.push(format!("{}: {}.{off}", doc.name, doc.text));
    }
    if lines.is_empty() {
        lines.push("No command does that.".to_owned());
    }
    lines
}
