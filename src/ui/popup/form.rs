//! A form over the screen: what it is about, its fields, and what is said of the one that is typed in.

use ratatui::layout::Rect;

use crate::app::dialog::{Form, FormField};
use crate::config::theme::Role;
use crate::text::{clean, cut, cut_start};

use super::super::paint::{Paint, piece};
use super::super::split_top;
use super::super::wrap::wrap;
use super::{BOX, frame, rows};

/// How many cells the sign of the field that is typed in and the labels take; where there is little room, only
/// what the longest label of the form takes.
const LABELS: u16 = 14;

fn labels(form: &Form, width: u16) -> u16 {
    let longest = form.fields.iter().map(|field| field.label.len()).max().unwrap_or(0);
    if width < BOX { LABELS.min(rows(longest + 3)) } else { LABELS }
}

/// So many of these lines; where that is not all of them, the last one says so.
fn shortened(mut lines: Vec<String>, most: usize, inside: usize) -> Vec<String> {
    if lines.len() > most {
        lines.truncate(most);
        if let Some(last) = lines.last_mut() {
            *last = cut(&format!("{last} …"), inside).into_owned();
        }
    }
    lines
}

/// A form: of each field its label, where it is typed, and what is said of it.
pub(super) fn draw(form: &Form, paint: &mut Paint<'_>, area: Rect) {
    let width = BOX.min(area.width.saturating_sub(2));
    let inside = usize::from(width.saturating_sub(4));
    // Of several things each takes a line, so that it is seen how many there are.
    let about: Vec<String> = match form.about.as_slice() {
        [_, _, _, ..] => form.about.iter().map(|text| cut(&clean(text), inside).into()).collect(),
        few => few.iter().flat_map(|text| wrap(&clean(text), inside)).collect(),
    };
    let labels = labels(form, width);
    let notes: Vec<Vec<String>> = (0..form.fields.len())
        .map(|at| note(form, at, inside.saturating_sub(usize::from(labels))))
        .collect();
    let lines = |notes: &[Vec<String>]| notes.iter().map(|note| note.len() + 1).sum::<usize>();
    // On low terminals only one field has a note, under all of them, so that there is room for a line of what they
    // are about; the fields matter more.
    let most = usize::from(area.height).saturating_sub(5);
    let least = if about.is_empty() { 0 } else { 2 };
    let low = lines(&notes) + least > most;
    let under = if low {
        one_note(form, inside, most.saturating_sub(form.fields.len() + least).max(1))
    } else {
        Vec::new()
    };
    let needed = if low { form.fields.len() + under.len() } else { lines(&notes) };
    let about = shortened(about, most.saturating_sub(needed + 1).min(6), inside);
    let lead = if about.is_empty() { 0 } else { about.len() + 1 };
    let inner = frame(paint, area, width, rows(lead + needed + 2), &form.title);
    for (row, line) in about.iter().enumerate() {
        paint.line(inner, rows(row), &[piece(line.as_str(), Role::Dim)]);
    }
    let role = if form.error.is_some() { Role::Fail } else { Role::Dim };
    let mut row = rows(lead);
    // On the lowest not even all fields have room: the one that is typed in has.
    let room = if low {
        usize::from(inner.height).saturating_sub(lead + under.len())
    } else {
        notes.len()
    };
    let first = (form.focus + 1).saturating_sub(room.max(1));
    for (at, (field, note)) in form.fields.iter().zip(&notes).enumerate().skip(first).take(room) {
        let focused = at == form.focus;
        draw_field(field, focused, paint, (split_top(inner, row).1, labels));
        row += 1;
        if low {
            continue;
        }
        let spot = Rect { x: inner.x + labels, width: inner.width.saturating_sub(labels), ..inner };
        for line in note {
            // Every field keeps the room, so that nothing moves when one goes on to the next.
            paint.line(spot, row, &[piece(if focused { line.as_str() } else { "" }, role)]);
            row += 1;
        }
    }
    for line in &under {
        paint.line(inner, row, &[piece(line.as_str(), role)]);
        row += 1;
    }
}

/// What stands under all fields where each has no room for its own: of the one that is typed in. As many lines for
/// each of them, so that nothing moves.
fn one_note(form: &Form, inside: usize, most: usize) -> Vec<String> {
    let lines = |text: &str| shortened(wrap(&clean(text), inside), most, inside);
    let hints = form.fields.iter().map(|field| lines(field.hint).len()).max().unwrap_or(1);
    let hint = form.fields.get(form.focus).map_or("", |field| field.hint);
    let mut note = lines(form.error.as_deref().unwrap_or(hint));
    note.resize(hints.max(note.len()), String::new());
    note
}

/// What stands under a field, as long as it is typed in: what is wrong, or what is said of it.
fn note(form: &Form, at: usize, width: usize) -> Vec<String> {
    let Some(field) = form.fields.get(at) else { return Vec::new() };
    let hint = if field.offered.is_empty() {
        field.hint.to_owned()
    } else {
        format!("{}; typing replaces it", field.hint)
    };
    let mut lines = wrap(&hint, width);
    if at != form.focus {
        return lines;
    }
    let kept = !field.input.is_offered() && !field.offered.is_empty();
    let says = match &form.error {
        Some(error) => wrap(&clean(error), width),
        None if kept => wrap(field.hint, width),
        None => return lines,
    };
    let room = lines.len().max(says.len());
    lines = says;
    lines.resize(room, String::new());
    lines
}

/// A field: its label, and what is typed over all of where it can be typed.
fn draw_field(
    field: &FormField,
    focused: bool,
    paint: &mut Paint<'_>,
    (area, labels): (Rect, u16),
) {
    let (sign, role) = if focused { ("▸", Role::Accent) } else { (" ", Role::Column) };
    paint.line(area, 0, &[piece(format!("{sign} {}", field.label), role)]);
    let spot =
        Rect { x: area.x + labels, width: area.width.saturating_sub(labels), height: 1, ..area };
    // What was filled in stands back until somebody keeps it: typing takes its place.
    let own = if focused && field.input.is_offered() { Role::Match } else { Role::Text };
    let room = usize::from(spot.width.saturating_sub(1));
    let before = cut_start(field.input.before(), room);
    let x = paint.line(spot, 0, &[piece(before, own)]);
    let rest = Rect { x, width: spot.right().saturating_sub(x), ..spot };
    paint.line(rest, 0, &[piece(field.input.after(), Role::Text)]);
    paint.tint(spot, Role::Field);
    if focused {
        paint.put_cursor(x.min(spot.right().saturating_sub(1)), spot.y);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_form_leaves_out_is_seen() {
        let lines = |texts: &[&str]| texts.iter().map(|t| (*t).to_owned()).collect::<Vec<_>>();
        let all = lines(&["first thing", "second thing", "that goes on"]);
        assert_eq!(shortened(all.clone(), 3, 20), all);
        assert_eq!(shortened(all.clone(), 2, 20), lines(&["first thing", "second thing …"]));
        assert_eq!(shortened(all, 2, 12), lines(&["first thing", "second thin…"]));
    }
}
