//! Plain mode: the state in sentences, for screen readers and for terminals that only print. What a
//! sign or a colour says on the screen is said in words here; nothing is drawn.

use crate::app::action::ACTIONS;
use crate::app::dialog::{Form, Picker, Popup};
use crate::app::item::Item;
use crate::app::linear::{COMMANDS, PAGE, Show, places};
use crate::app::list::Row;
use crate::app::route::{Route, Screen, Subset};
use crate::app::state::State;
use crate::app::toast::{Message, Tone};
use crate::config::theme::Role;
use crate::text::{clean, counted, mask, noun};

use super::cells::{self, Column, Common};
use super::paint::{Line, Piece};
use super::{chrome, detail, live, way};

/// Wide enough that no column is left out and nothing is cut.
const WIDTH: u16 = 1_000;
/// Lines of a text before and after the one that is wrong.
const AROUND: usize = 4;
/// Columns that are said before their number: `serves 3`.
const VERBS: [&str; 5] = ["covers", "fails in", "not in", "not known in", "serves"];
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
pub fn message(message: &Message) -> String {
    let word = match message.tone {
        Tone::Done => "Done",
        Tone::Hint => "Note",
        Tone::Error => "Error",
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
        Show::Nothing => Vec::new(),
        Show::Screen { from } => screen(state, route, *from),
        Show::Row => {
            let mut lines = vec![place(state)];
            lines.extend(under_cursor(state, route));
            lines
        }
        Show::About => about(state, route),
        Show::Text { all } => text(state, route, *all),
        Show::Commands(word) => commands(state, word),
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
        let detail = entry.off.as_ref().unwrap_or(&entry.detail);
        let detail = if detail.is_empty() { String::new() } else { format!(": {detail}") };
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
    if !matches!(route.screen, Screen::Finding(_)) {
        text.push_str(&format!(": {}", counted(list.total(), "row")));
    }
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

/// Rows from one on: headings, and what has a number.
fn rows(state: &State, route: &Route, from: usize) -> Vec<String> {
    let list = &route.list;
    let numbered = places(list);
    if numbered.is_empty() {
        let (what, next) = detail::nothing(state, route);
        // Keys are for screens.
        let next = if list.filter().is_empty() { next } else { "filter takes it away.".to_owned() };
        return vec![clean(&what).into_owned(), clean(&next).into_owned()];
    }
    let Some(first) = numbered.get(from) else { return vec!["No more rows.".to_owned()] };
    // The heading over the first one belongs to it.
    let first = if from == 0 { 0 } else { *first };
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
            let colon = if matches!(row.item, Item::Heading(_)) { ":" } else { "" };
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

fn under_cursor(state: &State, route: &Route) -> Vec<String> {
    let number = places(&route.list).iter().position(|place| *place == route.list.cursor());
    let row = route.list.current().zip(number);
    row.map(|(row, number)| format!("{}. {}", number + 1, words(state, row, route)))
        .into_iter()
        .collect()
}

/// A row in words: texts as they are, numbers with what they count.
fn words(state: &State, row: &Row, route: &Route) -> String {
    match &row.item {
        Item::Heading(section) => {
            let words = cells::heading(*section);
            let aside = cells::aside(state, *section, WIDTH);
            return aside.map_or_else(|| words.to_owned(), |aside| format!("{words} ({aside})"));
        }
        Item::Text(text) => return clean(text).into_owned(),
        _ => {}
    }
    let common = Common::of(route);
    let columns = cells::columns(&row.item, common, WIDTH);
    let cells = cells::cells(state, row, &route.list, (common, WIDTH));
    let parts = columns.iter().zip(&cells).filter_map(|(column, cell)| valued(column, cell));
    parts.collect::<Vec<_>>().join(", ")
}

/// A cell with what it counts, or what it says.
fn valued(column: &Column, cell: &Line) -> Option<String> {
    let text = mask(&spoken(cell)).into_owned();
    let title = column.title.trim_start_matches(|c: char| !c.is_ascii_alphanumeric());
    if text.is_empty() || column.right && text == "0" {
        return None;
    }
    Some(match (column.right, text.parse::<usize>().is_ok()) {
        // The number before it is still being worked out.
        (true, false) if text.starts_with("of ") => format!("{title} not counted yet, {text}"),
        (true, true) if VERBS.contains(&title) => format!("{title} {text}"),
        (true, true) if !title.is_empty() => match title.strip_suffix('s') {
            Some(one) if text == "1" && !one.ends_with('s') => counted(1_u8, one),
            _ => format!("{text} {title}"),
        },
        (true, false) if !title.is_empty() => format!("{title} {text}"),
        _ => text,
    })
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
        _ => route.list.current().map(|row| detail::of_item(state, &row.item, width)),
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

fn spoken_all(lines: &[Line]) -> Vec<String> {
    lines.iter().map(|line| spoken(line)).filter(|text| !text.is_empty()).collect()
}

/// A line in words.
fn spoken(line: &[Piece]) -> String {
    let mut out = String::new();
    for (at, (text, role)) in line.iter().enumerate() {
        let bar = matches!(role, Role::BarFull | Role::BarPart | Role::BarEmpty);
        if bar || text.len() > '·'.len_utf8() && text.chars().all(|c| c == '·') {
            continue;
        }
        if at == 0 && *role == Role::Column && line.len() > 1 {
            let label = text.trim();
            if !label.is_empty() {
                out.push_str(&format!("{label}: "));
            }
            continue;
        }
        let (word, rest) = sign(text, *role);
        let said = !word.is_empty() && !rest.to_lowercase().starts_with(word);
        if said && !out.is_empty() && !out.ends_with(": ") {
            out.push(',');
        }
        if !out.is_empty() && !out.ends_with(' ') {
            out.push(' ');
        }
        if said {
            out.push_str(word);
            if !rest.is_empty() {
                out.push(' ');
            }
        }
        out.push_str(&rest);
    }
    out.trim().to_owned()
}

/// The word for a sign at the beginning of a piece, and the rest of the piece. The same sign means
/// different things; its role says which.
fn sign(text: &str, role: Role) -> (&'static str, String) {
    let text = text.trim();
    let mut letters = text.chars();
    let first = letters.next().unwrap_or(' ');
    let alone = letters.as_str().is_empty() || letters.as_str().starts_with(' ');
    let word = match (first, role) {
        ('◆', _) => "critical",
        ('▲', _) => "high",
        ('●', Role::Medium) => "medium",
        ('■', _) => "exposed",
        ('□', _) => "mitigated",
        ('○', Role::Low) => "low",
        ('·', Role::Info) => "info",
        ('✔', _) => "pass",
        ('✖', _) => "fail",
        ('⚑', _) => "accepted",
        ('◐', _) => "manual",
        ('?', Role::Unknown) => "not assessed",
        ('–', Role::NotApplicable) => "not applicable",
        ('–', Role::Accepted) => "false positive",
        ('▼', Role::Fail) => "regressed",
        // A hop of a way stands on a line of its own.
        ('→', _) => "to",
        ('-', Role::Removed) => "remove",
        ('+', Role::Added) => "add",
        // Of rights the word stands beside the sign.
        (
            '★' | '⇑' | '▣' | '✎' | '≡' | '▸' | '⏎' | '⊞' | '⊟' | '●' | '○' | '◉' | '◌' | '·' | '▼'
            | '↻' | '–' | '…',
            _,
        ) => "",
        _ => return ("", tidy(text)),
    };
    if alone { (word, tidy(letters.as_str().trim())) } else { ("", tidy(text)) }
}

/// Runs of blanks become one, and an interval is said as one: `39–66 %`.
fn tidy(text: &str) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    // `1 patch → 12 findings` counts, `privileged → baseline` goes somewhere.
    // `2 × in …`: so many of these, which differ there.
    let text = text.replace(" ×", " times:").replace('…', "...");
    let text = text.replace(" → ", if text.contains("finding") { ": " } else { " to " });
    let digits = |part: &str| part.chars().next_back().is_some_and(|c| c.is_ascii_digit());
    match text.split_once('–') {
        Some((from, to)) if digits(from) => format!("{from} to {to}"),
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::super::cells::Fit;
    use super::super::paint::piece;
    use super::*;

    #[test]
    fn a_number_is_told_with_its_noun_as_one_says_it() {
        let column =
            |title| Column { title, fit: Fit::Fixed(9), right: true, cut: cells::Cut::End, gap: 0 };
        let told = |title, number: &str| {
            valued(&column(title), &vec![piece(number, Role::Text)]).unwrap_or_default()
        };
        assert_eq!(told("checks", "1"), "1 check");
        assert_eq!(told("checks", "2"), "2 checks");
        assert_eq!(told("pass", "1"), "1 pass");
        assert_eq!(told("serves", "1"), "serves 1");
        assert_eq!(told("checks", "0"), "");
    }

    #[test]
    fn signs_become_words_once() {
        assert_eq!(spoken(&[piece("◆ critical  Title", Role::Critical)]), "critical Title");
        assert_eq!(spoken(&[piece("◆", Role::Critical)]), "critical");
        assert_eq!(spoken(&[piece("■", Role::Fail)]), "exposed");
        assert_eq!(spoken(&[piece("●", Role::Medium)]), "medium");
        assert_eq!(spoken(&[piece("███", Role::BarFull), piece("░", Role::BarEmpty)]), "");
        assert_eq!(spoken(&[piece("39–66 %", Role::Text)]), "39 to 66 %");
        let counted = [piece("2 × ", Role::Dim), piece("roles in …", Role::Text)];
        assert_eq!(spoken(&counted), "2 times: roles in ...");
        let why = [piece("Why      ", Role::Column), piece("because", Role::Text)];
        assert_eq!(spoken(&why), "Why: because");
        let hop = [piece("         ", Role::Column), piece("→ binding b", Role::Text)];
        assert_eq!(spoken(&hop), "to binding b");
        let controls = [
            piece("Controls ", Role::Column),
            piece("nsa", Role::Text),
            piece("  ✖", Role::Fail),
            piece(" N1", Role::Text),
            piece("  ✔", Role::Pass),
            piece(" N2", Role::Text),
        ];
        assert_eq!(spoken(&controls), "Controls: nsa, fail N1, pass N2");
    }
}
