//! Clusters side by side, and what differs between them.

use super::super::super::chrome::age;
use super::super::super::sign;
use super::{ColumnText, count, dim, plain, severity};
use crate::app::event::ClusterStep;
use crate::app::fleet::{ClusterPhase, FleetCluster};
use crate::app::item::Item;
use crate::app::state::State;
use crate::config::context::{self, Tone};
use crate::config::theme::Role;
use crate::frameworks::fleet::{Difference, Standing};
use crate::model::finding::Severity;
use crate::text::{clean, mask};
use crate::ui::paint::{Piece, piece};

/// What a cluster is called that must not be mistaken for another, as it stands in the header.
pub(in crate::ui) fn badge(state: &State, name: &str) -> Option<Piece> {
    let badge = context::badge(&state.look.badges, name)?;
    let role = match badge.tone {
        Tone::Danger => Role::HeatCritical,
        Tone::Caution => Role::HeatMedium,
        Tone::Calm => Role::Dim,
    };
    let label = badge.label.as_deref()?;
    Some(piece(format!(" {} ", clean(label)), role))
}

/// How far a cluster is: sign, words and role.
pub(in crate::ui) fn phase(cluster: &FleetCluster) -> Piece {
    let (mark, role) = match &cluster.phase {
        ClusterPhase::Judged => (sign::THERE, Role::Pass),
        ClusterPhase::Failed(_) => ("✖", Role::Fail),
        ClusterPhase::Stopped => ("–", Role::Dim),
        ClusterPhase::Busy(_) => (sign::AWAITED, Role::Manual),
    };
    let word = cluster.phase.word();
    match &cluster.phase {
        ClusterPhase::Busy(ClusterStep::Reading { done, planned }) => {
            piece(format!("{mark} read {done}/{planned}"), role)
        }
        _ => piece(format!("{mark} {word}"), role),
    }
}

/// The cells of a cluster, or of what differs between some.
pub(super) fn cells(state: &State, item: &Item, width: u16) -> Vec<ColumnText> {
    match item {
        Item::Cluster(known) => cluster(state, known, width),
        Item::Difference(differs) => difference(differs, width),
        _ => Vec::new(),
    }
}

/// A cluster: its name, how far it is, and its figures. Of one that was not read there are none.
fn cluster(state: &State, cluster: &FleetCluster, width: u16) -> Vec<ColumnText> {
    let name = &cluster.context.name;
    let mut first: ColumnText = Vec::new();
    if width >= 60
        && let Some(label) = badge(state, name)
    {
        first.extend([label, piece(" ", Role::Text)]);
    }
    first.extend(plain(name));
    let mut cells = vec![first, vec![phase(cluster)]];
    let card = cluster.card.as_deref();
    let text = |text: Option<&str>| dim(text.unwrap_or("–"));
    if width >= 92 {
        cells.push(text(card.and_then(|card| card.source.kubernetes.as_deref())));
    }
    if width >= 110 {
        cells.push(text(card.and_then(|card| card.provider.as_deref())));
    }
    let shown = if width >= 50 { 4 } else { 2 };
    for severity in Severity::ALL.into_iter().take(shown) {
        let role = sign::severity(severity).1;
        cells.push(card.map_or_else(|| dim("–"), |card| count(card.findings.of(severity), role)));
    }
    let number = |of: fn(&crate::frameworks::fleet::ClusterCard) -> usize| {
        card.map_or_else(|| dim("–"), |card| count(of(card), Role::Unknown))
    };
    if width >= 66 {
        cells.push(number(|card| card.undecided_checks));
    }
    if width >= 56 {
        cells.push(number(|card| card.reads.missing.len()));
    }
    if width >= 90 {
        let when = cluster.at.map(|at| age(state.now.unix - at));
        cells.push(dim(when.as_deref().unwrap_or("–")));
    }
    cells
}

/// A check that fails in some of the clusters only.
fn difference(differs: &Difference, width: u16) -> Vec<ColumnText> {
    let safe = |text: &str| plain(mask(text));
    let mut cells = vec![severity(differs.severity, width >= 70), safe(&differs.title)];
    cells.push(safe(&differs.failing()));
    if differs.certain {
        cells.push(safe(&differs.names(Standing::is_sound)));
    }
    if width >= if differs.certain { 90 } else { 50 } {
        // Why it is not known of each stands beside, or above, for the one under the cursor.
        let names = differs.names(Standing::is_unknown);
        cells.push(vec![piece(clean(&mask(&names)).into_owned(), Role::Unknown)]);
    }
    cells
}
