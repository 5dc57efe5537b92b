//! What is said of one of several clusters, and of what differs between them.

use crate::app::fleet::{ClusterPhase, FleetCluster};
use crate::app::item::Item;
use crate::app::state::State;
use crate::config::theme::Role;
use crate::frameworks::fleet::{ClusterCard, ClusterScore, Difference, twins_in_words};
use crate::model::finding::Severity;
use crate::text::{clean, counted, cut, width as cells_of};

use super::super::chrome::age;
use super::super::paint::{Line, line_width, piece};
use super::super::{bar, cells, sign, way};
use super::{LABEL, paragraph, title};

/// Cells of a load line here.
const BAR: usize = 12;
/// From this width on it is said what a number counts.
const WORDS: usize = 60;
/// Reads that are named before the others are counted.
const READS: usize = 6;

/// A cluster or a difference.
pub(in crate::ui) fn of_fleet(state: &State, item: &Item, width: usize) -> Vec<Line> {
    let mut out = Vec::new();
    match item {
        Item::Cluster(cluster) => of_cluster(state, cluster, width, &mut out),
        Item::Difference(differs) => of_difference(differs, width, &mut out),
        Item::Context(info) => {
            title(&mut out, &info.name, Role::Title, width);
            paragraph(&mut out, "Server", &info.server, width);
            paragraph(&mut out, "User", &info.user, width);
            paragraph(&mut out, "Runs", &info.plugin, width);
        }
        _ => {}
    }
    out
}

fn of_cluster(state: &State, cluster: &FleetCluster, width: usize, out: &mut Vec<Line>) {
    let name = &cluster.context.name;
    let mut head: Line = cells::badge(state, name).into_iter().collect();
    if !head.is_empty() {
        head.push(piece(" ", Role::Text));
    }
    let room = width.saturating_sub(line_width(&head));
    head.push(piece(way::named(state, &clean(name), room).into_owned(), Role::Title));
    out.push(head);
    let label = piece(format!("{:LABEL$}", "State"), Role::Column);
    let mut line = vec![label, cells::phase(cluster)];
    if let Some(at) = cluster.at {
        line.push(piece(format!(", {} ago", age(state.now.unix - at)), Role::Dim));
    }
    out.push(line);
    if let ClusterPhase::Failed(error) = &cluster.phase {
        paragraph(out, "What", &error.what, width);
        paragraph(out, "Why", &error.why, width);
        paragraph(out, "Next", &error.next, width);
    }
    if cluster.card.is_some() && cluster.phase.is_busy() {
        paragraph(out, "Mind", "what stands here is of the reading before", width);
    }
    for (one, other) in &state.fleet.twins {
        if name == one || name == other {
            paragraph(out, "Mind", &twins_in_words((one, other)), width);
        }
    }
    if let Some(card) = &cluster.card {
        of_card(state, card, width, out);
    }
    paragraph(out, "Server", &cluster.context.server, width);
    paragraph(out, "User", &cluster.context.user, width);
    paragraph(out, "Runs", &cluster.context.plugin, width);
}

fn of_card(state: &State, card: &ClusterCard, width: usize, out: &mut Vec<Line>) {
    let version = card.source.kubernetes.as_deref().unwrap_or("unknown");
    let provider = card.provider.as_deref().unwrap_or("provider unknown");
    paragraph(out, "Cluster", &format!("Kubernetes {version}, {provider}"), width);
    let mut line: Line = vec![piece(format!("{:LABEL$}", "Findings"), Role::Column)];
    for severity in Severity::ALL {
        let (mark, role) = sign::severity(severity);
        line.push(piece(format!("{mark} {}  ", card.findings.of(severity)), role));
    }
    out.push(line);
    out.push(Line::new());
    out.extend(card.frameworks.iter().map(|score| score_line(state, score, width)));
    out.push(Line::new());
    if card.undecided_checks > 0 {
        let count = counted(card.undecided_checks, "check");
        paragraph(out, "Mind", &format!("{count} undecided in some places (?)"), width);
    }
    for read in card.reads.missing.iter().take(READS) {
        let place = read.namespace.as_deref().map(|n| format!(" in {n}")).unwrap_or_default();
        let text = format!("{}{place}: {}", read.resource, read.status.told());
        paragraph(out, "Not read", &text, width);
    }
    let more = card.reads.missing.len().saturating_sub(READS);
    if more > 0 {
        paragraph(out, "", &format!("and {}", counted(more, "read")), width);
    }
    if card.platform > 0 {
        let text =
            format!("{} on the platform itself, not counted", counted(card.platform, "finding"));
        paragraph(out, "Beside", &text, width);
    }
}

/// A framework: its name, with the edition where other clusters have another one, and its score.
fn score_line(state: &State, score: &ClusterScore, width: usize) -> Line {
    let mark = if score.whole() { ' ' } else { '?' };
    let word = if width >= WORDS { " fail" } else { "" };
    // Of a matrix nothing is passed: it has no score, and nothing of it is filled.
    let tail = if score.matrix {
        let of = format!("of {}", score.counts.applicable());
        format!("  {of:>9} {mark} {:>3}{:wide$}", "", "", wide = word.len())
    } else {
        let interval = bar::interval(score.score);
        format!("  {interval:>9} {mark} {:>3}{word}", score.counts.bad())
    };
    let room = width.saturating_sub(BAR + cells_of(&tail) + 2);
    let family = state.fleet.families.iter().find(|family| family.family == score.family);
    let text = match family {
        Some(family) if family.editions.len() > 1 => format!("{} {}", score.short, score.edition()),
        _ => score.short.clone(),
    };
    let name = cut(&clean(&text), room).into_owned();
    let fill = " ".repeat(room.saturating_sub(cells_of(&name)) + 2);
    let mut row: Line = vec![piece(name + &fill, Role::Text)];
    if score.matrix {
        let exposed = score.counts.exposed;
        let role = if exposed > 0 { Role::Fail } else { Role::Dim };
        row.push(piece(format!("{:BAR$}", format!("■ {exposed} exposed")), role));
    } else {
        row.extend(bar::load_line(&score.counts, BAR));
    }
    row.push(piece(tail, if score.counts.bad() > 0 { Role::Text } else { Role::Dim }));
    row
}

fn of_difference(differs: &Difference, width: usize, out: &mut Vec<Line>) {
    let (mark, role) = sign::severity(differs.severity);
    title(out, &format!("{mark} {}  {}", differs.severity, differs.title), role, width);
    paragraph(out, "Check", &differs.check, width);
    out.push(Line::new());
    for stands in &differs.clusters {
        let open = match stands.open {
            0 => String::new(),
            n => format!(", {}", counted(n, "finding")),
        };
        paragraph(
            out,
            "In",
            &format!("{}: {}{open}", stands.cluster, stands.standing.word()),
            width,
        );
    }
    if !differs.certain {
        paragraph(out, "Mind", "the other clusters may fail as well: it is not known", width);
    }
}
