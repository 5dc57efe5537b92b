//! What is said of a tenant: whether it is met and why, its namespaces, its frameworks.

use crate::app::data::Data;
use crate::config::theme::Role;
use crate::text::{clean, counted, cut, width as cells_of};

use super::super::bar;
use super::super::cells::verdict;
use super::super::paint::{Line, piece};
use super::{LABEL, paragraph, title};

/// Cells of a load line here, where the names of the frameworks leave so many.
const BAR: usize = 12;

/// A scorecard, over its own page: its frameworks stand below it there.
pub(in crate::ui) fn about_tenant(data: &Data, name: &str, width: usize) -> Vec<Line> {
    told(data, name, width, false)
}

/// A scorecard.
pub(in crate::ui) fn of_tenant(data: &Data, name: &str, width: usize) -> Vec<Line> {
    told(data, name, width, true)
}

fn told(data: &Data, name: &str, width: usize, frameworks: bool) -> Vec<Line> {
    let mut out = Vec::new();
    let Some(card) = data.tenants.of(name) else {
        title(&mut out, name, Role::Title, width);
        return out;
    };
    title(&mut out, &card.title, Role::Title, width);
    let outcome = &card.threshold;
    let (mark, role) = verdict(outcome.verdict);
    let label = piece(format!("{:LABEL$}", "Threshold"), Role::Column);
    out.push(vec![label, piece(format!(" {mark} {}", outcome.verdict.word()), role)]);
    for reason in &outcome.reasons {
        paragraph(&mut out, "Because", reason, width);
    }
    paragraph(&mut out, "Profile", &card.profile, width);
    paragraph(&mut out, "Where", &card.namespaces.join(", "), width);
    for note in &card.notes {
        paragraph(&mut out, "Mind", note, width);
    }
    if card.undecided_checks > 0 {
        let count = counted(card.undecided_checks, "check");
        let said = outcome.reasons.iter().any(|reason| reason.contains(&count));
        let text = format!("{count} undecided in some places");
        paragraph(&mut out, "Mind", if said { "" } else { &text }, width);
    }
    out.push(Line::new());
    let shown = if frameworks { card.frameworks.as_slice() } else { &[] };
    let names = shown.iter().map(|score| cells_of(&clean(&score.short)));
    let longest = names.max().unwrap_or(0);
    for score in shown {
        let line = if score.matrix { "matrix".to_owned() } else { bar::interval(score.score) };
        let word = if score.matrix { "exposed" } else { "fail" };
        let tail = format!("  {line:>9}  {:>3} {word:7}", score.counts.bad());
        let bar = width.saturating_sub(longest + cells_of(&tail) + 2).min(BAR);
        let room = width.saturating_sub(bar + cells_of(&tail) + 2);
        let name = cut(&clean(&score.short), room).into_owned();
        let fill = " ".repeat(room.saturating_sub(cells_of(&name)) + 2);
        let mut row: Line = vec![piece(name + &fill, Role::Text)];
        if bar >= 4 {
            row.extend(bar::load_line(&score.counts, bar));
        }
        row.push(piece(tail, if score.counts.bad() > 0 { Role::Text } else { Role::Dim }));
        out.push(row);
    }
    if !shown.is_empty() {
        out.push(Line::new());
    }
    let left: usize = card.frameworks.iter().map(|score| score.cluster_controls).sum();
    if left > 0 {
        let text = format!(
            "{} about the cluster itself, its nodes and its control plane: not a tenant's",
            counted(left, "control")
        );
        paragraph(&mut out, "Left out", &text, width);
    }
    out
}
