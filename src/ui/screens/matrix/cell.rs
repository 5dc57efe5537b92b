//! What stands in a cell of the matrix: title, sign, word, number and shade.

use ratatui::layout::Rect;

use crate::app::matrix::{Exposure, MeasureCounts, Technique};
use crate::config::theme::Role;
use crate::text::{clean, cut, width};

use super::super::super::paint::{Line, piece};
use super::super::super::sign;
use super::super::super::wrap::wrap;

/// What a cell shows: sign, word, number, the shade at its left edge, and the role of the words.
pub(super) struct CellLook {
    pub(super) mark: &'static str,
    /// The word of the legend.
    pub(super) word: &'static str,
    /// What the cell itself says, where that is more than the word.
    pub(super) said: Option<String>,
    pub(super) count: Option<usize>,
    /// Nothing was found for it: it stands back.
    pub(super) calm: bool,
    pub(super) shade: Role,
    pub(super) role: Role,
}

impl CellLook {
    /// Sign and words.
    pub(super) fn words(&self) -> String {
        format!("{} {}", self.mark, self.said.as_deref().unwrap_or(self.word))
    }
}

/// Cells that the edge of a cell takes: its shade, and a blank.
const EDGE: usize = 2;

/// Cells by which a sub-technique stands in.
const INDENT: usize = 2;

/// How many lines the title of a technique takes in a column of that width.
pub(super) fn title_lines(cell: &Technique, width: u16) -> usize {
    let indent = if cell.sub { INDENT } else { 0 };
    wrap(&clean(&cell.title), usize::from(width).saturating_sub(EDGE + indent)).len().max(1)
}

/// The lines of a cell, each with its shade: the title, and below it sign, word and number; in one line
/// sign, short word and title. Only the edge is shaded: a screen full of coloured ground shows nothing.
pub(super) fn lines(cell: &Technique, area: Rect, shown: &CellLook) -> Vec<Line> {
    let room = usize::from(area.width).saturating_sub(EDGE);
    let own = if shown.calm { Role::Dim } else { Role::Text };
    let edge = || [piece(" ", shown.shade), piece(" ", Role::Text)];
    let (first, indent) = if cell.sub { ("└ ", "  ") } else { ("", "") };
    let title = clean(&cell.title);
    let (mark, word) = (shown.mark, shown.word);
    if area.height < 2 {
        let said = format!("{mark} {:<4} ", brief(word));
        let left = room.saturating_sub(width(&said));
        let title = padded(&format!("{first}{title}"), left);
        let mut line = edge().to_vec();
        line.extend([piece(said, shown.role), piece(title, own)]);
        return vec![line];
    }
    let mut parts = wrap(&title, room.saturating_sub(indent.len()));
    let most = usize::from(area.height) - 1;
    if parts.len() > most {
        let rest = parts.split_off(most - 1).join(" ");
        parts.push(rest);
    }
    let head = |at: usize| if at == 0 { first } else { indent };
    let line = |(at, part): (usize, &String)| {
        let mut line = edge().to_vec();
        line.push(piece(padded(&format!("{}{part}", head(at)), room), own));
        line
    };
    let mut lines: Vec<Line> = parts.iter().enumerate().map(line).collect();
    let count = shown.count.map(|count| count.to_string()).unwrap_or_default();
    // The number ends where that of the tactic does.
    let said =
        cut(&shown.words(), room.saturating_sub(indent.len() + count.len() + 1)).into_owned();
    let fill = room.saturating_sub(indent.len() + width(&said) + count.len());
    let mut last = edge().to_vec();
    last.push(piece(format!("{indent}{said}{}{count}", " ".repeat(fill)), shown.role));
    lines.push(last);
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
pub(super) fn exposure(cell: &Technique) -> CellLook {
    let shown = |mark, word, count: Option<usize>, shade, role| {
        let calm = count.is_none_or(|n| n == 0);
        CellLook { mark, word, said: None, count, calm, shade, role }
    };
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
pub(super) fn measures(measures: MeasureCounts) -> CellLook {
    let MeasureCounts { held, lacking, unknown } = measures;
    let of_all = || Some(format!("{held} of {} hold", measures.total()));
    let (CellKind { mark, word, shade, role }, said) = match (held, lacking, unknown) {
        (0, 0, 0) => (NO_CHECK, None),
        (0, 0, _) => (UNKNOWN, None),
        (0, ..) => (NONE, of_all()),
        (_, 0, 0) => (ALL, of_all()),
        _ => (SOME, of_all()),
    };
    CellLook { mark, word, said, count: None, calm: held + lacking == 0, shade, role }
}

/// What cells have in common that came to the same.
#[derive(Clone, Copy)]
pub(super) struct CellKind {
    pub(super) mark: &'static str,
    pub(super) word: &'static str,
    pub(super) shade: Role,
    pub(super) role: Role,
}

impl CellKind {
    const fn new(mark: &'static str, word: &'static str, shade: Role, role: Role) -> Self {
        Self { mark, word, shade, role }
    }
}

const NONE: CellKind = CellKind::new("✖", "none holds", Role::HeatHigh, Role::Fail);
const SOME: CellKind = CellKind::new("◧", "some hold", Role::HeatMedium, Role::Medium);
const ALL: CellKind = CellKind::new("✔", "all hold", Role::Text, Role::Pass);
const UNKNOWN: CellKind = CellKind::new("?", "not assessed", Role::Text, Role::Unknown);
const NO_CHECK: CellKind = CellKind::new("–", "no check", Role::Text, Role::NotApplicable);

/// What techniques can come to that no severity says, and whether something was found for them.
pub(super) const EXPOSURES: [(CellKind, bool); 5] = [
    (CellKind::new("■", "exposed", Role::HeatMedium, Role::Fail), true),
    (CellKind::new("⚑", "accepted", Role::Text, Role::Accepted), true),
    (CellKind::new("□", "mitigated", Role::Text, Role::Pass), false),
    (CellKind::new("?", "not assessed", Role::Text, Role::Unknown), false),
    (CellKind::new("?", "not run", Role::Text, Role::Dim), false),
];

/// What mitigations can come to, in the order of their legend.
pub(super) const MEASURES: [CellKind; 5] = [NONE, SOME, ALL, UNKNOWN, NO_CHECK];
