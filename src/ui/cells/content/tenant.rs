//! Tenants, and what frameworks come to for them.

use super::super::super::{bar, sign};
use super::super::{IN_WORDS, UNDECIDED, bar_cells};
use super::{ColumnText, count, plain};
use crate::config::theme::Role;
use crate::frameworks::tenant::{Scorecard, TenantScore, Verdict};
use crate::model::finding::Severity;
use crate::text::counted;
use crate::ui::paint::piece;

/// Sign and role of whether a threshold is met.
pub(in crate::ui) fn verdict(verdict: Verdict) -> (&'static str, Role) {
    match verdict {
        Verdict::NotSet => ("–", Role::Dim),
        Verdict::Met => ("✔", Role::Pass),
        Verdict::Missed => ("✖", Role::Fail),
        Verdict::Undecided => ("?", Role::Unknown),
    }
}

/// A tenant: its name, its namespaces, its open findings, and whether it is met.
pub(super) fn card(card: &Scorecard, width: u16) -> Vec<ColumnText> {
    let mut cells = vec![plain(&card.title)];
    if width >= 60 {
        cells.push(count(card.namespaces.len(), Role::Text));
    }
    let shown = if width >= 50 { 4 } else { 2 };
    for severity in Severity::ALL.into_iter().take(shown) {
        cells.push(count(card.findings.of(severity), sign::severity(severity).1));
    }
    let (mark, role) = verdict(card.threshold.verdict);
    let word = match card.threshold.verdict {
        Verdict::NotSet => "none set",
        other => other.word(),
    };
    // What could not be decided takes nothing from a threshold that is met, and is said beside it.
    let open = match (card.threshold.verdict, card.undecided_checks) {
        (Verdict::Met, count @ 1..) if width >= IN_WORDS => {
            format!(", {} undecided", counted(count, "check"))
        }
        (Verdict::Met, count @ 1..) if width >= UNDECIDED => {
            format!(", {} ?", counted(count, "check"))
        }
        (Verdict::Met, count @ 1..) => format!(", {count} ?"),
        _ => String::new(),
    };
    cells.push(vec![piece(format!("{mark} {word}{open}"), role)]);
    cells
}

/// The framework at this place of a tenant's.
pub(super) fn score(card: &Scorecard, at: usize, width: u16) -> Vec<ColumnText> {
    card.frameworks.get(at).map(|score| framework(score, width)).unwrap_or_default()
}

fn framework(score: &TenantScore, width: u16) -> Vec<ColumnText> {
    let level = score.level.as_deref().map(|level| format!(" {level}")).unwrap_or_default();
    let mut cells = vec![plain(format!("{}{level}", score.title))];
    if width >= 60 {
        cells.push(bar::load_line(&score.counts, usize::from(bar_cells(width))));
    }
    cells.push(plain(bar::interval(score.score)));
    cells.push(count(score.counts.bad(), Role::Fail));
    if width >= 76 {
        cells.push(count(score.counts.manual + score.counts.not_assessed, Role::Unknown));
    }
    if width >= 90 {
        cells.push(count(score.cluster_controls, Role::Dim));
    }
    cells
}
