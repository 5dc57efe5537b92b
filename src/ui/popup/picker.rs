//! Something to choose from: its entries, and what is typed to find one.

use ratatui::layout::Rect;

use crate::app::dialog::{COMMAND, Entry, Picker};
use crate::app::filter::{found_in, matcher};
use crate::app::input::Input;
use crate::app::pointer::Target;
use crate::config::theme::Role;
use crate::text::{Lean, clean, cut, cut_showing, width as cells_of};

use super::super::paint::{Line, Paint, line_width, piece};
use super::super::split_top;
use super::super::wrap::wrap;
use super::{BOX, beyond, frame, rows};

pub(super) fn draw(picker: &Picker, paint: &mut Paint<'_>, area: Rect) {
    let wanted =
        rows(picker.entries.len()).saturating_add(if picker.input.is_some() { 4 } else { 2 });
    let width = picker_width(picker, area.width);
    // On low terminals what can be chosen matters more than what it is about.
    let room = area.height.saturating_sub(wanted.min(12).saturating_add(3)).min(8);
    let about: Vec<String> = picker
        .about
        .iter()
        .flat_map(|text| wrap(&clean(text), usize::from(width.saturating_sub(4))))
        .take(usize::from(room))
        .collect();
    let lead = if about.is_empty() { 0 } else { rows(about.len()).saturating_add(1) };
    let spot = if picker.aside { at_the_side(picker, area) } else { area };
    let mut inner = frame(paint, spot, width, wanted.min(20).saturating_add(lead), &picker.title);
    let whole = inner;
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
    let letters = picker.input.is_none() || picker.entries.iter().any(|e| e.letter.is_some());
    let looks = Looks::of(picker, letters, usize::from(inner.width));
    for (row, place) in (first..picker.shown.len()).take(height).enumerate() {
        let entry = picker.shown.get(place).and_then(|at| picker.entries.get(*at));
        let Some(entry) = entry else { continue };
        let spot = Rect { y: inner.y + rows(row), height: 1, ..inner };
        paint.targets.add(spot, Target::Entry(place));
        draw_entry(entry, &looks, paint, spot);
        if place == picker.cursor {
            paint.select(spot);
        }
    }
    beyond(paint, whole, first, picker.shown.len().saturating_sub(first + height));
}

/// The widest that a picker of names grows.
const WIDEST: u16 = 132;

/// How wide a picker is: where any command and place is found, as wide as what is said of them; where names
/// are much alike, as wide as they are.
fn picker_width(picker: &Picker, width: u16) -> u16 {
    let alike = || picker.entries.iter().filter(|entry| entry.alike);
    let wanted = if picker.asks.is_some() {
        width.saturating_sub(20).clamp(BOX, 100)
    } else {
        let longest = |of: fn(&Entry) -> &str| alike().map(|entry| cells_of(of(entry))).max();
        let both = [longest(|e| &e.label), longest(|e| &e.detail)].into_iter().flatten();
        // With the gap between them, and the frame.
        rows(both.sum::<usize>() + 7).clamp(BOX, WIDEST)
    };
    wanted.min(width.saturating_sub(2))
}

/// The right part of the screen, as wide as a picker must be.
fn at_the_side(picker: &Picker, area: Rect) -> Rect {
    let most = |of: fn(&Entry) -> &str| picker.entries.iter().map(|e| cells_of(of(e))).max();
    let cells = [most(|e| &e.label), most(|e| &e.detail), most(|e| &e.key)];
    // With the gaps between them, the frame, and the column beside it.
    let cells = cells.into_iter().flatten().sum::<usize>() + 11;
    let width = rows(cells).clamp(30, BOX + 2);
    // Where that would hide the screen anyhow, it stands where all dialogs do.
    if width + 30 > area.width {
        return area;
    }
    Rect { x: area.right() - width, width, ..area }
}

/// How many cells the kind of an entry takes, where entries of several kinds stand together.
const KIND: usize = 10;

/// The fewest cells for what is said beside a name that is much like others.
const BESIDE: usize = 20;

/// What the entries of a picker have in common.
struct Looks {
    /// Each may have a letter.
    letters: bool,
    /// Cells of the column of what they are called.
    labels: usize,
    /// Where names that are much alike are cut.
    lean: Lean,
    /// What is typed.
    typed: String,
}

impl Looks {
    fn of(picker: &Picker, letters: bool, width: usize) -> Self {
        let kinds = picker.entries.iter().any(|entry| !entry.kind.is_empty());
        let before = if letters { 2 } else { 0 } + if kinds { KIND } else { 0 };
        let alike = || picker.entries.iter().filter(|entry| entry.alike).map(|e| e.label.as_str());
        let room = width.saturating_sub(before + 3 + BESIDE);
        let labels = match alike().map(cells_of).max() {
            Some(longest) if picker.asks.is_none() => longest.min(room),
            _ => label_width(picker, width / 3),
        };
        Self {
            letters,
            labels,
            lean: Lean::END.among(alike(), room),
            typed: picker.input.as_ref().map(Input::text).unwrap_or_default(),
        }
    }
}

/// One entry: its letter, what it is called, what is said of it, and its key; what is typed stands out.
fn draw_entry(entry: &Entry, looks: &Looks, paint: &mut Paint<'_>, spot: Rect) {
    let mut line = Line::new();
    if looks.letters {
        let letter = entry.letter.map(|c| c.to_string()).unwrap_or_default();
        line.push(piece(format!("{letter:2}"), Role::Accent));
    }
    if !entry.kind.is_empty() {
        line.push(piece(format!("{:KIND$}", entry.kind), Role::Column));
    }
    let role = if entry.off.is_some() { Role::Dim } else { Role::Text };
    let matcher = matcher();
    let found = |text: &str| found_in(text, &looks.typed, &matcher);
    let mut label = clean(&entry.label).into_owned();
    let detail = entry.off.as_ref().unwrap_or(&entry.detail);
    let beside = cells_of(detail);
    let free = usize::from(spot.width).saturating_sub(line_width(&line) + 3);
    if entry.alike {
        let room = free.saturating_sub(beside.min(BESIDE));
        label = match found(&label).first() {
            Some(at) => cut_showing(&label, room, looks.lean, at),
            None => looks.lean.cut(&label, room).into_owned(),
        };
    } else if entry.key.is_empty()
        && cells_of(&label) > free.saturating_sub(beside)
        && beside <= usize::from(spot.width) / 2
    {
        // A long title is cut before the short name beside it, which may be all that tells two apart.
        label = cut(&label, free.saturating_sub(beside)).into_owned();
    }
    let pad = " ".repeat(looks.labels.saturating_sub(cells_of(&label)));
    let from = spot.x.saturating_add(rows(line_width(&line)));
    line.push(piece(format!("{label}{pad}"), role));
    line.push(piece(format!("   {}", clean(detail)), Role::Dim));
    let key = [piece(format!(" {}", entry.key), Role::Accent)];
    let room = if entry.key.is_empty() {
        spot
    } else {
        let from = paint.line_right(spot, 0, &key);
        Rect { width: from.saturating_sub(spot.x), ..spot }
    };
    paint.line(room, 0, &line);
    paint.tint_found(room, from, &label, &found(&label));
}

/// How wide the column of labels is: as wide as the longest one, but no wider than `most`. Where any command
/// and place is found, as wide as commands are called: names of places may be much longer.
fn label_width(picker: &Picker, most: usize) -> usize {
    let commands = |entry: &&Entry| picker.asks.is_none() || entry.kind == COMMAND;
    let widths = picker.entries.iter().filter(commands);
    let widths = widths.map(|entry| cells_of(&entry.label));
    widths.filter(|width| *width <= most).max().unwrap_or(0)
}
