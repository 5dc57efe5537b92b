//! What stands in a cell of the matrix: title, sign, word, number and shade.

use ratatui::layout::Rect;

use crate::app::matrix::{Exposure, Measures, Technique};
use crate::config::theme::Role;
use crate::text::{clean, cut, width};

use super::super::super::paint::{Line, piece};
use super::super::super::sign;
use super::super::super::wrap::wrap;

/// What a cell shows: sign, word, number, the shade at its left edge, and the role of the words.
pub(super) struct Shown {
    pub(super) mark: &'static str,
    pub(super) word: &'static str,
    pub(super) count: Option<usize>,
    pub(super) shade: Role,
    pub(super) role: Role,
}

/// The lines of a cell, each with its shade: the title, and below it sign, word and number; in one line
/// sign, short word and title. Only the edge is shaded: a screen full of coloured ground shows nothing.
pub(super) fn lines(cell: &Technique, area: Rect, shown: &Shown) -> Vec<Line> {
    let room = usize::from(area.width).saturating_sub(1);
    // What nothing was found for stands back.
    let own = if shown.count.is_some_and(|n| n > 0) { Role::Text } else { Role::Dim };
    let edge = || piece(" ", shown.shade);
    let (first, indent) = if cell.sub { ("└ ", "  ") } else { ("", "") };
    let title = clean(&cell.title);
    let (mark, word) = (shown.mark, shown.word);
    if area.height < 2 {
        let said = format!("{mark} {:<4} ", brief(word));
        let left = room.saturating_sub(width(&said));
        let title = padded(&format!("{first}{title}"), left);
        return vec![vec![edge(), piece(said, shown.role), piece(title, own)]];
    }
    let mut parts = wrap(&title, room.saturating_sub(indent.len()));
    if area.height == 2 || parts.is_empty() {
        parts = vec![title.into_owned()];
    } else if parts.len() > 2 {
        let rest = parts.split_off(1).join(" ");
        parts.push(rest);
    }
    let head = |at: usize| if at == 0 { first } else { indent };
    let line = |(at, part): (usize, &String)| {
        vec![edge(), piece(padded(&format!("{}{part}", head(at)), room), own)]
    };
    let mut lines: Vec<Line> = parts.iter().enumerate().map(line).collect();
    let count = shown.count.map(|count| count.to_string()).unwrap_or_default();
    let said = format!("{mark} {word}");
    let fill = room.saturating_sub(indent.len() + width(&said) + count.len() + 1);
    let said = format!("{indent}{said}{}{count}", " ".repeat(fill));
    lines.push(vec![edge(), piece(padded(&said, room), shown.role)]);
    lines
}

/// A word in at most four letters, or none, where a cell has one line only; the legend and what is said of
/// the cell under the cursor have it whole.
fn brief(word: &str) -> &str {
    match word {
        "critical" => "crit",
        "medium" => "med",
        "exposed" => "open",
        "accepted" => "acc",
        "mitigated" => "mitg",
        // The legend over them has the words of these signs; a letter or two of each would be a third.
        "not assessed" | "not run" | "unknown" | "none known" => "",
        "no check" => "n/a",
        other => other.split(' ').next().unwrap_or_default(),
    }
}

/// A text cut or filled to so many cells.
fn padded(text: &str, room: usize) -> String {
    let text = cut(text, room).into_owned();
    let fill = room.saturating_sub(width(&text));
    text + &" ".repeat(fill)
}

/// A technique's exposure.
pub(super) fn exposure(cell: &Technique) -> Shown {
    let shown = |mark, word, count, shade, role| Shown { mark, word, count, shade, role };
    match cell.exposure() {
        Exposure::Open(severity) => {
            let (mark, role) = sign::severity(severity);
            let total = cell.open.total();
            shown(mark, severity.word(), Some(total), sign::heat(Some(severity)), role)
        }
        Exposure::Elsewhere => shown("■", "exposed", None, Role::HeatMedium, Role::Fail),
        Exposure::Accepted => {
            shown("⚑", "accepted", Some(cell.accepted), Role::Text, Role::Accepted)
        }
        Exposure::Mitigated => shown("□", "mitigated", None, Role::Text, Role::Pass),
        Exposure::NotAssessed => shown("?", "not assessed", None, Role::Text, Role::Unknown),
        Exposure::NotRun => shown("?", "not run", None, Role::Text, Role::Dim),
    }
}

/// What stands in its way.
pub(super) fn measures(measures: Measures) -> Shown {
    let shown = |(mark, word, shade, role), count| Shown { mark, word, count, shade, role };
    let Measures { held, lacking, unknown } = measures;
    match (held, lacking, unknown) {
        (0, 0, 0) => shown(NO_CHECK, None),
        (0, 0, _) => shown(UNKNOWN, Some(unknown)),
        (0, ..) => shown(NONE, Some(0)),
        (_, 0, 0) => shown(ALL, Some(held)),
        _ => shown(SOME, Some(held)),
    }
}

type Kind = (&'static str, &'static str, Role, Role);

const NONE: Kind = ("✖", "none holds", Role::HeatHigh, Role::Fail);
const SOME: Kind = ("◐", "some hold", Role::HeatMedium, Role::Manual);
const ALL: Kind = ("✔", "all hold", Role::Text, Role::Pass);
const UNKNOWN: Kind = ("?", "not assessed", Role::Text, Role::Unknown);
const NO_CHECK: Kind = ("–", "no check", Role::Text, Role::NotApplicable);

/// What mitigations can come to, in the order of their legend: sign, word, shade and role.
pub(super) const MEASURES: [Kind; 5] = [NONE, SOME, ALL, UNKNOWN, NO_CHECK];
