//! Something to choose from: its entries, and what is typed to find one.

use ratatui::layout::Rect;

use crate::app::dialog::{COMMAND, Picker, PickerEntry};
use crate::app::filter::{found_in, matcher};
use crate::app::input::TextInput;
use crate::app::pointer::PointerTarget;
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
    let cells = usize::from(width.saturating_sub(4));
    let foot = foot(picker, cells, area.height);
    let height = wanted.min(20).saturating_add(lead).saturating_add(foot);
    let mut inner = frame(paint, spot, width, height, &picker.title);
    let whole = inner;
    inner = tell_current(picker, paint, inner, foot);
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
    let looks = Looks::of(picker, usize::from(inner.width));
    for (row, place) in (first..picker.shown.len()).take(height).enumerate() {
        let entry = picker.shown.get(place).and_then(|at| picker.entries.get(*at));
        let Some(entry) = entry else { continue };
        let spot = Rect { y: inner.y + rows(row), height: 1, ..inner };
        paint.targets.add(spot, PointerTarget::Entry(place));
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
        let longest = |of: fn(&PickerEntry) -> &str| alike().map(|entry| cells_of(of(entry))).max();
        let both = [longest(|e| &e.label), longest(|e| &e.detail)].into_iter().flatten();
        // With the gap between them, and the frame.
        rows(both.sum::<usize>() + 7).clamp(BOX, WIDEST)
    };
    wanted.min(width.saturating_sub(2))
}

/// The right part of the screen, as wide as a picker must be.
fn at_the_side(picker: &Picker, area: Rect) -> Rect {
    let most = |of: fn(&PickerEntry) -> &str| picker.entries.iter().map(|e| cells_of(of(e))).max();
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

/// Cells between what an entry is called and what is said of it.
const GAP: usize = 3;

/// Below so many cells little is seen of what is said beside names.
const NARROW: usize = 50;

/// Below so many rows few are left for entries.
const LOW: u16 = 16;

/// Below so many rows none is left for anything else.
const LOWEST: u16 = 12;

/// What the entries of a picker have in common.
struct Looks {
    /// Each may have a letter.
    letters: bool,
    /// Cells before what they are called.
    before: usize,
    /// Cells of the column of what they are called.
    labels: usize,
    /// Where names that are much alike are cut.
    lean: Lean,
    /// What is typed.
    typed: String,
}

impl Looks {
    fn of(picker: &Picker, width: usize) -> Self {
        let letters = picker.input.is_none() || picker.entries.iter().any(|e| e.letter.is_some());
        let kinds = picker.entries.iter().any(|entry| !entry.kind.is_empty());
        let before = if letters { 2 } else { 0 } + if kinds { KIND } else { 0 };
        let alike = || picker.entries.iter().filter(|entry| entry.alike).map(|e| e.label.as_str());
        let room = width.saturating_sub(before + 3 + BESIDE);
        let labels = match alike().map(cells_of).max() {
            Some(longest) if picker.asks.is_none() => longest.min(room),
            // Where there is little room, what entries are called comes before what is said of them.
            _ => label_width(picker, if width < NARROW { width / 2 } else { width / 3 }),
        };
        Self {
            letters,
            before,
            labels,
            lean: Lean::END.among(alike(), room),
            typed: picker.input.as_ref().map(TextInput::text).unwrap_or_default(),
        }
    }

    /// How wide what an entry is called is drawn at most.
    fn most_label(&self, entry: &PickerEntry, width: usize) -> usize {
        let beside = if entry.alike { cells_of(beside(entry)).min(BESIDE) } else { 0 };
        width.saturating_sub(self.before + GAP + beside)
    }

    /// Whether an entry says more than there is room for in its row.
    fn is_cut(&self, entry: &PickerEntry, width: usize) -> bool {
        let label = cells_of(&entry.label).max(self.labels);
        let key = if entry.key.is_empty() { 0 } else { cells_of(&entry.key) + 1 };
        self.before + label + GAP + cells_of(beside(entry)) + key > width
    }
}

/// What stands beside what an entry is called: what is said of it, or why it cannot be chosen.
fn beside(entry: &PickerEntry) -> &str {
    entry.off.as_ref().unwrap_or(&entry.detail)
}

/// What is said of an entry that has no room in its row.
fn told(entry: &PickerEntry, looks: &Looks, width: usize) -> Vec<String> {
    let is_cut = looks.is_cut(entry, width);
    let whole = is_cut && cells_of(&entry.label) > looks.most_label(entry, width);
    let label = Some(entry.label.as_str()).filter(|_| whole);
    let detail = Some(beside(entry)).filter(|_| is_cut);
    // What has no other place comes first: there may be room for little.
    let parts = [Some(entry.told.as_str()), label, detail].into_iter().flatten();
    let parts = parts.filter(|part| !part.is_empty());
    parts.flat_map(|part| wrap(&clean(part), width)).collect()
}

/// How many rows are kept for what is said of the entry under the cursor: as many as the longest of them
/// takes, so that nothing moves with the cursor.
fn foot(picker: &Picker, width: usize, height: u16) -> u16 {
    // Of the names of places most are cut somewhere, and few rows are for what can be chosen: it is what
    // contexts run that has to be seen.
    let told_alone = picker.asks.is_some() || width >= NARROW || height < LOWEST;
    let looks = Looks::of(picker, width);
    let entries = picker.entries.iter().filter(|e| !(told_alone && e.told.is_empty()));
    let needed = entries.map(|entry| told(entry, &looks, width).len()).max().unwrap_or(0);
    rows(needed).min(if height < LOW { 2 } else { 5 })
}

/// Says it in the last rows; the area above comes back.
fn tell_current(picker: &Picker, paint: &mut Paint<'_>, area: Rect, foot: u16) -> Rect {
    let (above, below) = split_top(area, area.height.saturating_sub(foot));
    let Some(entry) = picker.current() else { return above };
    let width = usize::from(area.width);
    let mut lines = told(entry, &Looks::of(picker, width), width);
    let room = usize::from(below.height);
    if lines.len() > room && room > 0 {
        let rest = lines.split_off(room - 1).join(" ");
        lines.push(cut(&rest, width).into_owned());
    }
    for (row, line) in lines.iter().take(room).enumerate() {
        paint.line(below, rows(row), &[piece(line.as_str(), Role::Dim)]);
    }
    above
}

/// One entry: its letter, what it is called, what is said of it, and its key; what is typed stands out.
fn draw_entry(entry: &PickerEntry, looks: &Looks, paint: &mut Paint<'_>, spot: Rect) {
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
    let detail = beside(entry);
    let beside = cells_of(detail);
    let free = usize::from(spot.width).saturating_sub(line_width(&line) + GAP);
    if entry.alike {
        let room = looks.most_label(entry, usize::from(spot.width));
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
    let commands = |entry: &&PickerEntry| picker.asks.is_none() || entry.kind == COMMAND;
    let widths = picker.entries.iter().filter(commands);
    let widths = widths.map(|entry| cells_of(&entry.label));
    widths.filter(|width| *width <= most).max().unwrap_or(0)
}
