//! What stands in a cell of the matrix: title, sign, word, number and shade.

use ratatui::layout::Rect;

use crate::app::matrix::{Exposure, Measures, Technique};
use crate::config::theme::Role;
use crate::text::{clean, cut, width};

use super::super::super::paint::{Line, piece};
use super::super::super::sign;
use super::super::super::wrap::wrap;

/// The lines of a cell, each with a gutter: the title, and below it sign, word and number; in one line
/// sign, short word and title.
pub(super) fn lines(
    cell: &Technique,
    area: Rect,
    said: &str,
    count: &str,
    role: Role,
) -> Vec<Line> {
    let room = usize::from(area.width).saturating_sub(1);
    let line = |text: &str| vec![piece(" ", role), piece(padded(text, room), role)];
    let (first, indent) = if cell.sub { ("└ ", "  ") } else { ("", "") };
    let title = clean(&cell.title);
    if area.height < 2 {
        let (mark, word) = said.split_once(' ').unwrap_or((said, ""));
        return vec![line(&format!("{mark} {:<4} {first}{title}", brief(word)))];
    }
    let mut parts = wrap(&title, room.saturating_sub(indent.len()));
    if area.height == 2 || parts.is_empty() {
        parts = vec![title.into_owned()];
    } else if parts.len() > 2 {
        let rest = parts.split_off(1).join(" ");
        parts.push(rest);
    }
    let head = |at: usize| if at == 0 { first } else { indent };
    let mut lines: Vec<Line> =
        parts.iter().enumerate().map(|(at, part)| line(&format!("{}{part}", head(at)))).collect();
    let fill = room.saturating_sub(indent.len() + width(said) + count.len() + 1);
    lines.push(line(&format!("{indent}{said}{}{count}", " ".repeat(fill))));
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
        other => other.split(' ').next().unwrap_or_default(),
    }
}

/// A text cut or filled to so many cells.
fn padded(text: &str, room: usize) -> String {
    let text = cut(text, room).into_owned();
    let fill = room.saturating_sub(width(&text));
    text + &" ".repeat(fill)
}

/// Sign, word, number and shade of a technique's exposure.
pub(super) fn exposure(cell: &Technique) -> (&'static str, &'static str, Option<usize>, Role) {
    match cell.exposure() {
        Exposure::Open(severity) => {
            let (mark, _) = sign::severity(severity);
            let total = cell.open.total();
            (mark, severity.word(), Some(total), sign::heat(Some(severity)))
        }
        Exposure::Elsewhere => ("■", "exposed", None, Role::HeatMedium),
        Exposure::Accepted => ("⚑", "accepted", Some(cell.accepted), Role::Accepted),
        Exposure::Mitigated => ("□", "mitigated", None, Role::HeatNone),
        Exposure::NotAssessed => ("?", "not assessed", None, Role::Unknown),
        Exposure::NotRun => ("?", "not run", None, Role::Dim),
    }
}

/// Sign, word, number and shade of what stands in its way.
pub(super) fn measures(measures: Measures) -> (&'static str, &'static str, Option<usize>, Role) {
    let Measures { held, lacking, unknown } = measures;
    match (held, lacking, unknown) {
        (0, 0, 0) => ("–", "none known", None, Role::Dim),
        (0, 0, _) => ("?", "unknown", Some(unknown), Role::Unknown),
        (0, ..) => ("✖", "none holds", Some(0), Role::HeatHigh),
        (_, 0, 0) => ("✔", "all hold", Some(held), Role::HeatNone),
        _ => ("◐", "some hold", Some(held), Role::HeatMedium),
    }
}
