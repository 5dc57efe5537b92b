//! Several clusters for the terminal.

use std::fmt::Write as _;

use super::super::diff;
use super::super::sheet::Layout;
use super::super::table::line;
use super::{
    Fleet, Outcome, alike, called, cell, in_table, missing, name, provider, safe, version,
};
use crate::frameworks::fleet::Standing;
use crate::model::finding::Severity;
use crate::text::{cut, noun};

/// Widest title of a check, in cells.
const TITLE: usize = 60;

/// Aligned under heads.
pub(super) fn render(fleet: &Fleet<'_>) -> String {
    laid_out(fleet, Layout::Columns)
}

/// Each value with its name.
pub(super) fn sentences(fleet: &Fleet<'_>) -> String {
    laid_out(fleet, Layout::Sentences)
}

fn laid_out(fleet: &Fleet<'_>, layout: Layout) -> String {
    let mut out = String::new();
    line(&mut out, &fleet.words());
    out.push('\n');
    clusters(fleet, layout, &mut out);
    unread(fleet, &mut out);
    verdicts(fleet, &mut out);
    frameworks(fleet, layout, &mut out);
    for caution in &fleet.cautions {
        line(&mut out, &safe(caution));
    }
    differences(fleet, layout, &mut out);
    reads(fleet, &mut out);
    for entry in &fleet.entries {
        if let Some(since) = entry.since {
            let _ = write!(out, "\n{}", safe(&entry.name));
            out.push_str(&diff::summary(since));
        }
    }
    out
}

/// Whether the profile is met in each.
fn verdicts(fleet: &Fleet<'_>, out: &mut String) {
    for entry in &fleet.entries {
        let verdict = entry.verdict();
        if !verdict.is_empty() {
            line(out, &format!("Threshold in {}: {}", safe(&entry.name), safe(&verdict)));
        }
    }
}

fn clusters(fleet: &Fleet<'_>, layout: Layout, out: &mut String) {
    let head = [
        "CLUSTER",
        "KUBERNETES",
        "PROVIDER",
        "CRITICAL",
        "HIGH",
        "MEDIUM",
        "LOW",
        "INFO",
        "UNDECIDED",
        "READS-MISSING",
    ];
    let row = |entry: &super::Entry<'_>| match &entry.outcome {
        Outcome::Unread(_) => vec![called(&entry.name), "not read".to_owned()],
        Outcome::Read(_, card) => {
            let mut cells = vec![called(&entry.name), version(card), provider(card)];
            cells.extend(Severity::ALL.map(|severity| card.findings.of(severity).to_string()));
            cells.push(card.undecided_checks.to_string());
            cells.push(missing(card));
            cells
        }
    };
    let rows: Vec<Vec<String>> = fleet.entries.iter().map(row).collect();
    layout.lay(&head, &rows, out);
    let platform = |entry: &super::Entry<'_>| entry.card().map_or(0, |card| card.platform);
    let platform: usize = fleet.entries.iter().map(platform).sum();
    if platform > 0 {
        let verb = if platform == 1 { "is" } else { "are" };
        let text = format!(
            "{platform} more {} {verb} on objects of the platforms themselves (--include-platform)",
            noun(platform, "finding")
        );
        line(out, &text);
    }
}

/// Why clusters were not read: what is the same for several is told once, with all of them.
fn unread(fleet: &Fleet<'_>, out: &mut String) {
    for group in alike(fleet.unread()) {
        let sentence = safe(&group.sentence);
        match group.clusters.as_slice() {
            [(name, _)] => line(out, &format!("\n{} was not read: {sentence}", safe(name))),
            many => line(out, &format!("\n{} clusters were not read: {sentence}", many.len())),
        }
        if !group.next.is_empty() {
            line(out, &format!("  {}", safe(group.next)));
        }
        for (name, own) in group.clusters.iter().filter(|_| group.clusters.len() > 1) {
            let own = if own.is_empty() { String::new() } else { format!(": {}", safe(own)) };
            line(out, &format!("  {}{own}", safe(name)));
        }
    }
}

fn frameworks(fleet: &Fleet<'_>, layout: Layout, out: &mut String) {
    if fleet.families.is_empty() {
        return;
    }
    out.push('\n');
    let names = fleet.entries.iter().map(|entry| called(&entry.name));
    let names: Vec<String> = names.collect();
    let head: Vec<&str> =
        std::iter::once("FRAMEWORK").chain(names.iter().map(String::as_str)).collect();
    let rows: Vec<Vec<String>> = fleet
        .families
        .iter()
        .map(|row| {
            let cells = (0..fleet.entries.len()).map(|at| cell(row, at));
            std::iter::once(name(row)).chain(cells).collect()
        })
        .collect();
    layout.lay(&head, &rows, out);
}

fn differences(fleet: &Fleet<'_>, layout: Layout, out: &mut String) {
    let read = fleet.entries.iter().filter(|entry| entry.card().is_some()).count();
    if read < 2 {
        return line(out, "\nNothing to compare: fewer than two clusters were read.");
    }
    let (certain, open): (Vec<_>, Vec<_>) = fleet.differences.iter().partition(|d| d.certain);
    if certain.is_empty() {
        line(out, "\nNo check is known to fail in some of the clusters and not in others.");
    } else {
        line(out, "\nWhat differs: checks that fail in some of the clusters and not in others");
        let head = ["SEVERITY", "CHECK", "FAILS-IN", "NOT-IN", "NOT-KNOWN-IN"];
        let rows: Vec<Vec<String>> = certain
            .iter()
            .map(|d| {
                let d = in_table(d);
                let sound = d.names(Standing::is_sound);
                let cells = [d.severity.word(), &d.check, &d.failing(), &sound, &d.unknown()];
                cells.map(safe).to_vec()
            })
            .collect();
        layout.lay(&head, &rows, out);
    }
    if !open.is_empty() {
        line(
            out,
            "\nMay differ: checks that fail in some of the clusters and are not known in the others",
        );
        let head = ["SEVERITY", "CHECK", "FAILS-IN", "NOT-KNOWN-IN"];
        let rows: Vec<Vec<String>> = open
            .iter()
            .copied()
            .map(in_table)
            .map(|d| [d.severity.word(), &d.check, &d.failing(), &d.unknown()].map(safe).to_vec())
            .collect();
        layout.lay(&head, &rows, out);
    }
}

/// What could not be read, by cluster.
fn reads(fleet: &Fleet<'_>, out: &mut String) {
    for entry in &fleet.entries {
        let Some(card) = entry.card().filter(|card| !card.reads.missing.is_empty()) else {
            continue;
        };
        line(out, &format!("\nNot read in {}:", safe(&entry.name)));
        for read in &card.reads.missing {
            let place = read.namespace.as_deref().map(|n| format!(" in {n}")).unwrap_or_default();
            let text = format!("{}{place}: {}", read.resource, read.status.word());
            line(out, &format!("  {}", cut(&safe(&text), TITLE * 2)));
        }
    }
}
