//! Several clusters in Markdown.

use super::super::markdown::{Text, escape};
use super::super::{Input, about};
use super::{Fleet, Outcome, alike, called, cell, in_table, missing, name, provider, version};
use crate::frameworks::fleet::{ClusterCard, Difference, Standing};
use crate::model::finding::{Finding, Severity};
use crate::text::mask;

pub(super) fn render(fleet: &Fleet<'_>) -> String {
    let mut out = Text::default();
    out.line("# Clusters side by side\n");
    out.line(&format!("{}. Finished {}.", fleet.words(), escape(fleet.finished)));
    clusters(fleet, &mut out);
    frameworks(fleet, &mut out);
    differences(fleet, &mut out);
    unread(fleet, &mut out);
    for (at, entry) in fleet.entries.iter().enumerate() {
        let Outcome::Read(input, card) = &entry.outcome else { continue };
        out.heading(&escape(&mask(&entry.name)));
        cluster(fleet, at, input, card, &mut out);
        let verdict = entry.verdict();
        if !verdict.is_empty() {
            out.line(&format!("\nThreshold: {}.", escape(&mask(&verdict))));
        }
        if let Some(since) = entry.since {
            let words = [since.before.words(), since.totals.all.words()];
            let [before, became] = words.map(|text| escape(&mask(&text)));
            out.line(&format!("\nSince {before}: {became}."));
        }
    }
    out.0
}

/// Why clusters were not read: what is the same for several is told once, with all of them.
fn unread(fleet: &Fleet<'_>, out: &mut Text) {
    let groups = alike(fleet.unread());
    if groups.is_empty() {
        return;
    }
    out.heading("Not read");
    for group in groups {
        let text = format!("{}. {}", group.sentence, group.next);
        out.line(&escape(&mask(text.trim_end())));
        out.line("");
        for (name, own) in &group.clusters {
            let own = if own.is_empty() { String::new() } else { format!(": {own}") };
            out.line(&format!("- {}", escape(&mask(&format!("{name}{own}")))));
        }
        out.line("");
    }
}

fn clusters(fleet: &Fleet<'_>, out: &mut Text) {
    out.heading("Clusters");
    out.table_head(&[
        "Cluster",
        "Kubernetes",
        "Provider",
        "Critical",
        "High",
        "Medium",
        "Low",
        "Info",
        "Undecided checks",
        "Reads missing",
    ]);
    for entry in &fleet.entries {
        let mut cells = vec![escape(&called(&entry.name))];
        match entry.card() {
            None => {
                cells.push("not read".to_owned());
                cells.extend(std::iter::repeat_n("–".to_owned(), 8));
            }
            Some(card) => {
                cells.extend([escape(&version(card)), escape(&provider(card))]);
                cells.extend(Severity::ALL.map(|s| card.findings.of(s).to_string()));
                cells.extend([card.undecided_checks.to_string(), missing(card)]);
            }
        }
        out.row(&cells);
    }
}

fn frameworks(fleet: &Fleet<'_>, out: &mut Text) {
    out.heading("Frameworks");
    let names: Vec<String> = fleet.entries.iter().map(|e| escape(&called(&e.name))).collect();
    let head: Vec<&str> =
        std::iter::once("Framework").chain(names.iter().map(String::as_str)).collect();
    out.table_head(&head);
    for row in &fleet.families {
        let mut cells = vec![escape(&name(row))];
        cells.extend((0..fleet.entries.len()).map(|at| escape(&cell(row, at))));
        out.row(&cells);
    }
    out.line("");
    for caution in &fleet.cautions {
        out.line(&format!("- {}", escape(&mask(caution))));
    }
}

fn differences(fleet: &Fleet<'_>, out: &mut Text) {
    out.heading("What differs");
    if fleet.differences.is_empty() {
        return out.line("No check fails in some of the clusters only.");
    }
    out.table_head(&["Severity", "Check", "Fails in", "Not in", "Not known in"]);
    for d in &fleet.differences {
        out.row(&row(&in_table(d)).map(|cell| escape(&mask(&cell))));
    }
}

fn row(d: &Difference) -> [String; 5] {
    let check = format!("{} ({})", d.title, d.check);
    [d.severity.word().to_owned(), check, d.failing(), d.names(Standing::is_sound), d.unknown()]
}

/// One cluster: what its figures rest on, what was not read, its open findings by check.
fn cluster(fleet: &Fleet<'_>, at: usize, input: &Input<'_>, card: &ClusterCard, out: &mut Text) {
    let server = card.source.server.as_deref().unwrap_or_default();
    if !server.is_empty() {
        out.line(&format!("Server {}.", escape(&mask(server))));
    }
    out.line("");
    for row in &fleet.families {
        if let Some(cell) = row.cells.get(at) {
            let text = format!("{}: {}", row.family, cell.rests);
            out.line(&format!("- {}", escape(&mask(&text))));
        }
    }
    for read in &card.reads.missing {
        let place = read.namespace.as_deref().map(|n| format!(" in {n}")).unwrap_or_default();
        let text = format!("not read: {}{place}: {}", read.resource, read.status.word());
        out.line(&format!("- {}", escape(&mask(&text))));
    }
    let open = open(input);
    if open.is_empty() {
        return out.line("\nNo finding is open.");
    }
    out.line("");
    out.table_head(&["Severity", "Check", "Findings", "First of them"]);
    for group in about::by_check(input, open.iter().copied()) {
        let first = group.findings.first().map(|f| about::object(f)).unwrap_or_default();
        out.row(&[
            group.severity(input).word().to_owned(),
            escape(group.check),
            group.findings.len().to_string(),
            escape(&first),
        ]);
    }
}

/// Open findings that count.
pub(super) fn open<'a>(input: &'a Input<'_>) -> Vec<&'a Finding> {
    let counted = input.counted().map(AsRef::as_ref);
    counted.filter(|f: &&Finding| input.is_open(f)).collect()
}
