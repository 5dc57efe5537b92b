//! Dialogs over the screen: pickers, forms and the help.

use ratatui::layout::Rect;

use crate::app::action::{ACTIONS, Doc};
use crate::app::dialog::{Entry, Form, Help, Picker, Popup};
use crate::app::filter::{FIELDS, find};
use crate::app::keymap::Mode;
use crate::app::pointer::Target;
use crate::app::state::State;
use crate::config::theme::Role;
use crate::text::{clean, cut, width as cells_of};

use super::paint::{Line, Paint, line_width, piece};
use super::wrap::wrap;
use super::{sign, split_top};

pub(super) fn draw(state: &State, paint: &mut Paint<'_>, area: Rect) {
    if !state.popups.is_empty() {
        // What lies under a dialog cannot be hit.
        paint.targets.clear();
    }
    match state.popups.last() {
        Some(Popup::Picker(picker)) => draw_picker(picker, paint, area),
        Some(Popup::Form(form)) => draw_form(form, paint, area),
        Some(Popup::Help(help)) => draw_help(state, help, paint, area),
        None => {}
    }
}

/// A frame in the middle of the screen, as large as it must be; what is in it comes back.
fn frame(paint: &mut Paint<'_>, area: Rect, width: u16, height: u16, title: &str) -> Rect {
    let width = width.min(area.width.saturating_sub(2));
    // Neither over the line of messages nor over the footer.
    let height = height.min(area.height.saturating_sub(3));
    let x = area.x + (area.width - width) / 2;
    // A third from the top: eyes rest there, and the rows below stay in sight.
    // Never over the header, which says which cluster this is.
    let down = ((area.height - height) / 3).max(u16::from(area.height > height));
    let y = area.y + down;
    let outer = Rect { x, y, width, height };
    paint.fill(outer, Role::Text);
    let side = "─".repeat(usize::from(width.saturating_sub(2)));
    paint.line(outer, 0, &[piece(format!("┌{side}┐"), Role::Border)]);
    for row in 1..height.saturating_sub(1) {
        paint.line(outer, row, &[piece("│", Role::Border)]);
        paint.line_right(outer, row, &[piece("│", Role::Border)]);
    }
    paint.line(outer, height.saturating_sub(1), &[piece(format!("└{side}┘"), Role::Border)]);
    let head = Rect { x: x + 2, y, width: width.saturating_sub(4), height: 1 };
    paint.line(head, 0, &[piece(format!(" {} ", clean(title)), Role::Title)]);
    Rect { x: x + 2, y: y + 1, width: width.saturating_sub(4), height: height.saturating_sub(2) }
}

fn rows(count: usize) -> u16 {
    u16::try_from(count).unwrap_or(u16::MAX)
}

fn draw_picker(picker: &Picker, paint: &mut Paint<'_>, area: Rect) {
    let wanted =
        rows(picker.entries.len()).saturating_add(if picker.input.is_some() { 4 } else { 2 });
    let width = 76.min(area.width.saturating_sub(2));
    // On low terminals what can be chosen matters more than what it is about.
    let room = area.height.saturating_sub(wanted.min(12).saturating_add(3)).min(8);
    let about: Vec<String> = picker
        .about
        .iter()
        .flat_map(|text| wrap(&clean(text), usize::from(width.saturating_sub(4))))
        .take(usize::from(room))
        .collect();
    let lead = if about.is_empty() { 0 } else { rows(about.len()).saturating_add(1) };
    let mut inner = frame(paint, area, 76, wanted.min(20).saturating_add(lead), &picker.title);
    for (row, line) in about.iter().enumerate() {
        paint.line(inner, rows(row), &[piece(line.as_str(), Role::Dim)]);
    }
    if lead > 0 {
        inner = split_top(inner, lead).1;
    }
    if let Some(input) = &picker.input {
        let before = [piece("› ", Role::Accent), piece(input.before(), Role::Text)];
        let x = paint.line(inner, 0, &before);
        paint.put_cursor(x, inner.y);
        let rest = Rect { x, width: inner.right().saturating_sub(x), ..inner };
        paint.line(rest, 0, &[piece(input.after(), Role::Text)]);
        let count = format!("{} of {}", picker.shown.len(), picker.entries.len());
        paint.line_right(inner, 0, &[piece(count, Role::Dim)]);
        inner = split_top(inner, if inner.height > 6 { 2 } else { 1 }).1;
    }
    if picker.shown.is_empty() {
        let text = if picker.entries.is_empty() {
            picker.empty.as_str()
        } else {
            "Nothing fits what is typed."
        };
        paint.line(inner, 0, &[piece(text, Role::Dim)]);
        return;
    }
    let height = usize::from(inner.height).max(1);
    let first = (picker.cursor + 1).saturating_sub(height);
    let labels = label_width(picker, usize::from(inner.width) / 3);
    let letters = picker.input.is_none() || picker.entries.iter().any(|e| e.letter.is_some());
    for (row, place) in (first..picker.shown.len()).take(height).enumerate() {
        let entry = picker.shown.get(place).and_then(|at| picker.entries.get(*at));
        let Some(entry) = entry else { continue };
        let spot = Rect { y: inner.y + rows(row), height: 1, ..inner };
        paint.targets.add(spot, Target::Entry(place));
        draw_entry(entry, letters, labels, paint, spot);
        if place == picker.cursor {
            paint.select(spot);
        }
    }
}

/// One entry: its letter, what it is called, what is said of it, and its key.
fn draw_entry(entry: &Entry, letters: bool, labels: usize, paint: &mut Paint<'_>, spot: Rect) {
    let mut line = Line::new();
    if letters {
        let letter = entry.letter.map(|c| c.to_string()).unwrap_or_default();
        line.push(piece(format!("{letter:2}"), Role::Accent));
    }
    let role = if entry.off.is_some() { Role::Dim } else { Role::Text };
    let mut label = clean(&entry.label).into_owned();
    let wide = cells_of;
    // A long title is cut before the short name beside it, which may be all that tells two apart.
    let beside = wide(entry.off.as_ref().unwrap_or(&entry.detail));
    let room = usize::from(spot.width).saturating_sub(if letters { 5 } else { 3 } + beside);
    if entry.key.is_empty() && wide(&label) > room && beside <= usize::from(spot.width) / 2 {
        label = crate::text::cut(&label, room).into_owned();
    }
    let pad = labels.saturating_sub(cells_of(&label));
    line.push(piece(format!("{label}{}", " ".repeat(pad)), role));
    let detail = entry.off.as_ref().unwrap_or(&entry.detail);
    line.push(piece(format!("   {}", clean(detail)), Role::Dim));
    let key = [piece(format!(" {}", entry.key), Role::Accent)];
    let room = if entry.key.is_empty() {
        spot
    } else {
        let from = paint.line_right(spot, 0, &key);
        Rect { width: from.saturating_sub(spot.x), ..spot }
    };
    paint.line(room, 0, &line);
}

/// How wide the column of labels is: as wide as the longest one, but no wider than `most`.
fn label_width(picker: &Picker, most: usize) -> usize {
    let widths = picker.entries.iter().map(|entry| cells_of(&entry.label));
    widths.filter(|width| *width <= most).max().unwrap_or(0)
}

/// The end of a text that is too long, after an ellipsis.
fn cut_front(text: &str, room: usize) -> String {
    let mut over = cells_of(text).saturating_sub(room);
    if over == 0 {
        return text.to_owned();
    }
    // The ellipsis takes a cell, too.
    over += 1;
    let mut gone = 0;
    let from = text.char_indices().find_map(|(at, c)| {
        let enough = gone >= over;
        gone += cells_of(c.encode_utf8(&mut [0; 4]));
        enough.then_some(at)
    });
    format!("…{}", from.and_then(|at| text.get(at..)).unwrap_or_default())
}

fn draw_form(form: &Form, paint: &mut Paint<'_>, area: Rect) {
    let width = 70.max(area.width / 2).min(area.width.saturating_sub(2));
    let inside = usize::from(width.saturating_sub(4));
    // Of several things each takes a line, so that it is seen how many there are.
    let about: Vec<String> = match form.about.as_slice() {
        [_, _, _, ..] => form.about.iter().map(|text| cut(&clean(text), inside).into()).collect(),
        few => few.iter().flat_map(|text| wrap(&clean(text), inside)).collect(),
    };
    // On low terminals the fields matter more than what they are about.
    let room = usize::from(area.height).saturating_sub(form.fields.len() + 6);
    let about: Vec<String> = about.into_iter().take(room.min(6)).collect();
    let height = rows(about.len() + form.fields.len() + 5);
    let inner = frame(paint, area, width, height, &form.title);
    let mut row = 0;
    for line in &about {
        paint.line(inner, row, &[piece(line.as_str(), Role::Dim)]);
        row += 1;
    }
    row += u16::from(
        !about.is_empty() && usize::from(inner.height) > about.len() + form.fields.len() + 2,
    );
    let mut hint = String::new();
    for (at, field) in form.fields.iter().enumerate() {
        let focused = at == form.focus;
        let role = if focused { Role::Accent } else { Role::Column };
        // What was filled in stands back until somebody keeps it: typing takes its place.
        let offered = focused && field.input.is_offered();
        let own = if offered { Role::Match } else { Role::Text };
        let sign = if focused { "▸" } else { " " };
        let label = format!("{sign} {:12}", field.label);
        // The cursor stays in sight, with a cell of its own.
        let room = usize::from(inner.width).saturating_sub(cells_of(&label) + 1);
        let head = [piece(label, role), piece(cut_front(field.input.before(), room), own)];
        let x = paint.line(inner, row, &head);
        let rest = Rect { x, width: inner.right().saturating_sub(x), ..inner };
        let end = paint.line(rest, row, &[piece(field.input.after(), Role::Text)]);
        // As far as it goes, so that it is seen where something can be typed.
        let free = Rect { x: end, width: inner.right().saturating_sub(end), ..inner };
        let line = "_".repeat(usize::from(free.width));
        paint.line(free, row, &[piece(line, Role::Border)]);
        if focused {
            paint.put_cursor(x.min(inner.right().saturating_sub(1)), inner.y + row);
            let more = if offered { "; typing replaces it" } else { "" };
            let is = if field.hint.starts_with("required") { " is " } else { ": " };
            hint = format!("  {}{is}{}{more}", field.label, field.hint);
        }
        row += 1;
    }
    let (text, role) = match &form.error {
        Some(error) => (format!("  {error}"), Role::Fail),
        None => (hint, Role::Dim),
    };
    paint.line(inner, inner.height.saturating_sub(1).min(row + 1), &[piece(text, role)]);
}

fn draw_help(state: &State, help: &Help, paint: &mut Paint<'_>, area: Rect) {
    let inner = frame(paint, area, 92, area.height, "Keys here; type to find");
    let before = [piece("› ", Role::Accent), piece(help.input.before(), Role::Text)];
    let x = paint.line(inner, 0, &before);
    paint.put_cursor(x, inner.y);
    let rest = Rect { x, width: inner.right().saturating_sub(x), ..inner };
    paint.line(rest, 0, &[piece(help.input.after(), Role::Text)]);
    let (_, body) = split_top(inner, 1);
    let lines = help_lines(state, &help.input.text(), usize::from(inner.width));
    let last = lines.len().saturating_sub(usize::from(body.height));
    let first = help.scroll.min(last);
    help.height.set(usize::from(body.height));
    for (row, line) in lines.iter().skip(first).take(usize::from(body.height)).enumerate() {
        paint.line(body, rows(row), line);
    }
    if lines.is_empty() {
        paint.line(body, 0, &[piece("No key does that here.", Role::Dim)]);
    }
}

/// The keys of the screen's mode, by the mode they come from; those that cannot be used say why. Then what
/// can be typed in a filter, and what the signs mean.
fn help_lines(state: &State, typed: &str, width: usize) -> Vec<Line> {
    let mode = state.nav.top().mode();
    let column = if width >= 60 { 14 } else { 7 };
    let mut lines = Vec::new();
    for part in mode.chain() {
        let mut rows = Vec::new();
        for doc in ACTIONS {
            let bound = state.keymap.of(mode).filter(|b| b.mode == *part && b.action == doc.action);
            let keys: Vec<String> = bound.map(|b| b.key.to_string()).collect();
            if !keys.is_empty()
                && state.may_ever(doc.action)
                && (find(doc.text, typed).is_some() || find(doc.name, typed).is_some())
            {
                rows.extend(help_entry(state, doc, &keys.join(" "), (column, width)));
            }
        }
        if *part == Mode::Global {
            for (keys, text) in [
                ("ctrl-c", "Leave; twice leaves at once"),
                ("ctrl-z", "Back to the shell; fg comes back"),
            ] {
                if find(text, typed).is_some() {
                    rows.push(vec![
                        piece(format!("{keys:column$} "), Role::Accent),
                        piece(text, Role::Text),
                    ]);
                }
            }
        }
        add_part(&mut lines, part.name(), rows);
    }
    let in_list = mode.chain().contains(&Mode::List);
    let terms = FIELDS.iter().filter(|(name, _, _, text)| {
        in_list && (find(text, typed).is_some() || find(name, typed).is_some())
    });
    let terms: Vec<Line> = terms
        .map(|(name, _, _, text)| {
            let name = format!("{name}:");
            vec![piece(format!("{name:column$} "), Role::Accent), piece(*text, Role::Text)]
        })
        .collect();
    add_part(&mut lines, "after /, with ! before it for the opposite", terms);
    let signs = sign::legend().into_iter().filter(|(_, word, _)| find(word, typed).is_some());
    let signs = signs.map(|(sign, word, role)| {
        let gap = " ".repeat(column.saturating_sub(1));
        vec![piece(sign, role), piece(format!("{gap} {word}"), Role::Text)]
    });
    add_part(&mut lines, "signs", signs.collect());
    lines
}

/// Adds what stands under a heading, if anything does.
fn add_part(lines: &mut Vec<Line>, heading: &str, rows: Vec<Line>) {
    if rows.is_empty() {
        return;
    }
    if !lines.is_empty() {
        lines.push(Line::new());
    }
    lines.push(vec![piece(heading, Role::Column)]);
    lines.extend(rows);
}

/// What a key does; where it cannot be used, why not, in lines of its own where that is long.
fn help_entry(state: &State, doc: &Doc, keys: &str, (column, width): (usize, usize)) -> Vec<Line> {
    let room = width.saturating_sub(column + 1);
    let reason = state.unavailable(doc.action).map(|reason| clean(&reason).into_owned());
    let role = if reason.is_some() { Role::Dim } else { Role::Text };
    let mut lines: Vec<Line> = Vec::new();
    for (at, part) in wrap(doc.text, room).into_iter().enumerate() {
        let keys = if at == 0 { keys } else { "" };
        lines.push(vec![piece(format!("{keys:column$} "), Role::Accent), piece(part, role)]);
    }
    let Some(reason) = reason else { return lines };
    if let [only] = lines.as_mut_slice()
        && line_width(only) + cells_of(&reason) + 2 <= width
    {
        only.push(piece(format!("  {reason}"), Role::Manual));
        return lines;
    }
    let indent = " ".repeat(column + 3);
    let parts = wrap(&reason, room.saturating_sub(2)).into_iter();
    lines.extend(parts.map(|part| vec![piece(format!("{indent}{part}"), Role::Manual)]));
    lines
}
