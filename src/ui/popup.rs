//! Dialogs over the screen: pickers, forms and the help.

mod form;
mod picker;

use ratatui::layout::Rect;

use crate::app::action::ACTIONS;
use crate::app::dialog::{Help, Popup};
use crate::app::filter::{FIELDS, find};
use crate::app::keymap::KeyMode;
use crate::app::state::State;
use crate::config::theme::Role;
use crate::text::clean;

use super::paint::{Line, Paint, line_width, piece};
use super::wrap::wrap;
use super::{sign, split_top};

pub(super) fn draw(state: &State, paint: &mut Paint<'_>, area: Rect) {
    if !state.popups.is_empty() {
        // What lies under a dialog cannot be hit.
        paint.targets.clear();
    }
    match state.popups.last() {
        Some(Popup::Picker(picker)) => picker::draw(picker, paint, area),
        Some(Popup::Form(form)) => form::draw(form, paint, area),
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
    if width + 2 == area.width {
        // What is left at the sides of a narrow screen would look like a part of it.
        paint.fill(Rect { x: area.x, width: area.width, ..outer }, Role::Text);
    }
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

/// How wide a dialog is.
const BOX: u16 = 76;

fn rows(count: usize) -> u16 {
    u16::try_from(count).unwrap_or(u16::MAX)
}

/// How many rows lie above and below those of a dialog that are in sight, on its lower edge.
fn beyond(paint: &mut Paint<'_>, inner: Rect, above: usize, below: usize) {
    let part = |sign: &str, count: usize| (count > 0).then(|| format!("{sign} {count} more "));
    let parts: Vec<String> = part("▲", above).into_iter().chain(part("▼", below)).collect();
    if parts.is_empty() {
        return;
    }
    let edge = Rect { y: inner.bottom(), height: 1, ..inner };
    paint.line_right(edge, 0, &[piece(format!(" {}", parts.join(" ")), Role::Dim)]);
}

/// How wide a column of the help is.
const HELP: u16 = 88;

fn draw_help(state: &State, help: &Help, paint: &mut Paint<'_>, area: Rect) {
    // Two columns where there is room for two of them, so that all of it is in sight.
    let two = area.width >= 2 * HELP + 12;
    let cells = if two { 2 * HELP + 8 } else { HELP + 4 };
    let column = usize::from(HELP.min(area.width.saturating_sub(6)));
    let lines = help_lines(state, help.input.text().trim(), column);
    let most = area.height.saturating_sub(6);
    let split = if two { halved(&lines, usize::from(most)) } else { lines.len() };
    let left = rows(split.max(lines.len().saturating_sub(split)).max(1));
    let needed = if two { left.min(most) + 3 } else { area.height };
    let inner = frame(paint, area, cells, needed, "Keys here; type to find");
    let before = [piece("› ", Role::Accent), piece(help.input.before(), Role::Text)];
    let x = paint.line(inner, 0, &before);
    paint.put_cursor(x, inner.y);
    let rest = Rect { x, width: inner.right().saturating_sub(x), ..inner };
    paint.line(rest, 0, &[piece(help.input.after(), Role::Text)]);
    let (_, body) = split_top(inner, 1);
    let height = usize::from(body.height);
    if lines.is_empty() {
        paint.line(body, 0, &[piece("No key does that here.", Role::Dim)]);
    }
    // What does not fit beside each other is scrolled in one column after the other.
    let (first, split) = match (two, split) {
        (true, split) if split <= height && lines.len() - split <= height => (0, split),
        (true, _) => {
            let first = help.scroll.min(lines.len().saturating_sub(2 * height - 2));
            // No key is parted from what it does.
            let goes_on = |at: &usize| {
                let lead = lines.get(first + at).and_then(|line| line.first());
                lead.is_some_and(|(text, _)| text.trim().is_empty())
            };
            (
                first,
                (height.saturating_sub(2)..=height).rev().find(|at| !goes_on(at)).unwrap_or(height),
            )
        }
        _ => (help.scroll.min(lines.len().saturating_sub(height)), height),
    };
    let shown = if two { 2 * height } else { height };
    help.height.set(shown);
    let mut spot = Rect { width: rows(column).min(body.width), ..body };
    let columns = [first..first + split, first + split..first + split + height];
    for column in columns.into_iter().take(if two { 2 } else { 1 }) {
        let lines = lines.iter().skip(column.start).take(column.len().min(height));
        // A gap between groups is none at the top of a column.
        let lines = lines.skip_while(|line| line.is_empty());
        for (row, line) in lines.enumerate() {
            paint.line(spot, rows(row), line);
        }
        spot.x += HELP + 4;
    }
    beyond(
        paint,
        inner,
        first,
        lines.len().saturating_sub(first + split + if two { height } else { 0 }),
    );
}

/// Where lines are parted into two columns: between two groups, as near to the middle as can be.
fn halved(lines: &[Line], most: usize) -> usize {
    let middle = lines.len().div_ceil(2);
    let gaps = lines.iter().enumerate().filter(|(_, line)| line.is_empty()).map(|(at, _)| at);
    let fits = |at: &usize| *at <= most && lines.len() - at <= most + 1;
    gaps.filter(fits).min_by_key(|at| at.abs_diff(middle)).unwrap_or(middle)
}

/// How many cells keys take; more than these stand in a line of their own.
const KEYS: usize = 8;

/// The keys of the screen's mode, by the mode they come from; those that cannot be used say why. Then
/// what can be typed in a filter, and what the signs mean.
fn help_lines(state: &State, typed: &str, width: usize) -> Vec<Line> {
    let mode = state.nav.top().mode();
    let mut parts: Vec<(&str, Vec<Line>)> = Vec::new();
    for part in mode.chain() {
        let mut rows = Vec::new();
        for doc in ACTIONS {
            let bound = state.keymap.of(mode).filter(|b| b.mode == *part && b.action == doc.action);
            let keys: Vec<String> = bound.map(|b| b.key.to_string()).collect();
            if !keys.is_empty()
                && state.may_ever(doc.action)
                && (find(doc.text, typed).is_some() || find(doc.name, typed).is_some())
            {
                let off = state.unavailable(doc.action);
                rows.extend(help_line(&keys.join(" "), doc.text, off.as_deref(), width));
            }
        }
        if *part == KeyMode::Global {
            for (keys, text) in [
                ("ctrl-c", "Leave; twice leaves at once"),
                ("ctrl-z", "Back to the shell; fg comes back"),
            ] {
                if find(text, typed).is_some() {
                    rows.extend(help_line(keys, text, None, width));
                }
            }
        }
        parts.push((part.name(), rows));
    }
    let in_list = mode.chain().contains(&KeyMode::List);
    let terms = FIELDS.iter().filter(|known| {
        in_list && (find(known.about, typed).is_some() || find(known.short, typed).is_some())
    });
    let terms =
        terms.flat_map(|known| help_line(&format!("{}:", known.short), known.about, None, width));
    parts.push(("after /, with ! before it for the opposite", terms.collect()));
    parts.push(("signs", sign_lines(state, typed, width)));
    let mut lines: Vec<Line> = Vec::new();
    for (name, rows) in parts.into_iter().filter(|(_, rows)| !rows.is_empty()) {
        if !lines.is_empty() {
            lines.push(Line::new());
        }
        lines.push(vec![piece(name, Role::Column)]);
        lines.extend(rows);
    }
    lines
}

/// What keys do, in as many lines as it takes, and why they do nothing now.
fn help_line(keys: &str, text: &str, off: Option<&str>, width: usize) -> Vec<Line> {
    let room = width.saturating_sub(KEYS + 1);
    let role = if off.is_some() { Role::Dim } else { Role::Text };
    let mut lines: Vec<Line> = Vec::new();
    let why = off.map(|off| format!("   {}", clean(off)));
    let beside = |why: &String| crate::text::width(text) + crate::text::width(why) <= room;
    // The reason stands beside it where both fit.
    let (why, off) = if why.as_ref().is_some_and(beside) { (why, None) } else { (None, off) };
    for (texts, role) in [
        (wrap(text, room), role),
        (wrap(&clean(off.unwrap_or_default()), room), Role::NotApplicable),
    ] {
        for text in texts.into_iter().filter(|text| !text.is_empty()) {
            lines.push(vec![piece(" ".repeat(KEYS + 1), Role::Text), piece(text, role)]);
        }
    }
    if let (Some(why), Some(line)) = (why, lines.first_mut()) {
        line.push(piece(why, Role::NotApplicable));
    }
    let short = crate::text::width(keys) <= KEYS;
    match lines.first_mut().and_then(|line| line.first_mut()).filter(|_| short) {
        Some(first) => *first = piece(format!("{keys:KEYS$} "), Role::Accent),
        None => lines.insert(0, vec![piece(keys, Role::Accent)]),
    }
    lines
}

/// What the signs mean, as many in a line as there is room for.
fn sign_lines(state: &State, typed: &str, width: usize) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    let mut line = Line::new();
    for sign::Sign { mark, word, role } in sign::legend() {
        if find(word, typed).is_none() {
            continue;
        }
        // Some have no sign of their own in plain letters.
        if state.look.ascii && sign::ascii(mark) == Some(" ") {
            continue;
        }
        if line_width(&line) + word.len() + 5 > width {
            lines.push(std::mem::take(&mut line));
        }
        line.push(piece(format!("{mark} "), role));
        line.push(piece(format!("{word}   "), Role::Text));
    }
    lines.extend((!line.is_empty()).then_some(line));
    lines
}
