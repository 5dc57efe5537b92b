//! A comparison for the terminal.

use super::super::sheet::Layout;
use super::super::table::{interval, line};
use super::{Diff, answered};
use crate::frameworks::{self, ControlChange, FrameworkChange, Score, Status};
use crate::model::already::Already;
use crate::model::between::Authorship;
use crate::model::comparison::{ChangeCounts, ComparedFinding, Comparison, FindingChange, RunSide};
use crate::text::{clean, cut, cut_middle, mask};

/// Widest name shown, in cells: no name that an API server accepts is longer.
const NAME: usize = 400;
/// Widest message shown, in cells.
const MESSAGE: usize = 96;

/// Renders a comparison as aligned text: what is new, back, fixed and not to be told, what differs
/// in the rest, and what it means for severities, namespaces and frameworks.
#[must_use]
pub fn table(diff: &Diff<'_>) -> String {
    let comparison = diff.comparison;
    let mut out = String::new();
    line(&mut out, &format!("Before  {}", clean(&comparison.before.words())));
    line(&mut out, &format!("After   {}", clean(&comparison.after.words())));
    notes(comparison, &mut out);
    for change in FindingChange::ALL {
        section(comparison, change, &mut out);
    }
    line(&mut out, &format!("\n{}", comparison.totals.all.words()));
    platform(comparison, &mut out);
    decided(comparison, &mut out);
    totals(comparison, &mut out);
    frameworks(diff.frameworks, &mut out);
    out
}

/// What people decided and answered between the runs.
fn decided(comparison: &Comparison, out: &mut String) {
    let Some(words) = comparison.decided_in_words() else { return };
    line(out, &format!("\nDecided between them: {words}"));
    let who = |act: &Option<Authorship>| {
        act.as_ref().map_or_else(String::new, |act| clean(&act.by).into_owned())
    };
    let counted = comparison
        .decided
        .findings
        .iter()
        .filter(|d| d.finding.counts(comparison.include_platform));
    let rows: Vec<[String; 5]> = counted
        .map(|one| {
            let object = one.finding.object.as_ref();
            let object = object.map_or_else(|| "cluster".to_owned(), ToString::to_string);
            let check = one.finding.check.to_string();
            let object = cut_middle(&clean(&object), NAME).into_owned();
            [check, object, one.before.word().into(), one.after.word().into(), who(&one.act)]
        })
        .collect();
    if !rows.is_empty() {
        Layout::Columns.lay(&["CHECK", "OBJECT", "BEFORE", "AFTER", "BY"], &rows, out);
    }
    let answers = comparison.decided.controls.iter();
    let rows: Vec<[String; 5]> = answers
        .map(|one| {
            let (framework, control) = &one.control;
            let name = |text: &str| clean(text).into_owned();
            let [before, after] = [one.before, one.after].map(|a| answered(a).to_owned());
            [name(framework), name(control), before, after, who(&one.act)]
        })
        .collect();
    if !rows.is_empty() {
        Layout::Columns.lay(&["FRAMEWORK", "CONTROL", "BEFORE", "AFTER", "BY"], &rows, out);
    }
}

/// What a scan adds about its baseline: how many of each, and those that nothing shows to be old. What
/// one of the runs was not asked to look at is counted in one line.
#[must_use]
pub fn summary(comparison: &Comparison) -> String {
    let mut out = String::new();
    line(&mut out, &format!("\nSince {}:", clean(&comparison.before.words())));
    line(&mut out, &format!("  {}", comparison.totals.all.words()));
    if let Some(words) = comparison.already.as_ref().and_then(Already::words) {
        line(&mut out, &format!("  {words}"));
    }
    notes(comparison, &mut out);
    for change in [FindingChange::New, FindingChange::Regressed, FindingChange::Fixed] {
        section(comparison, change, &mut out);
    }
    let dark = |e: &&ComparedFinding| e.change == FindingChange::Incomparable && !e.unasked;
    listed("Incomparable", comparison.counted().filter(dark), &mut out);
    unasked(comparison, &mut out);
    out
}

/// What only one of the runs was asked about, and how to have it compared.
fn unasked(comparison: &Comparison, out: &mut String) {
    let of = |side: RunSide| comparison.counted().filter(|e| e.unasked && e.side == side).count();
    let (before, after) = (of(RunSide::Before), of(RunSide::After));
    if before + after == 0 {
        return;
    }
    let parts = [(after, "of this scan"), (before, "of the baseline")];
    let told: Vec<String> = parts
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, whose)| format!("{count} {whose}"))
        .collect();
    let in_files = comparison.counted().any(|e| e.unasked && e.finding.file.is_some());
    let files = if in_files { "the files and " } else { "" };
    line(
        out,
        &format!(
            "\nNot compared, because the other run was not asked to look there: {}. To compare them, \
             scan with {files}the selection of the baseline, or name a baseline with the selection of this scan.",
            told.join(", ")
        ),
    );
}

fn notes(comparison: &Comparison, out: &mut String) {
    for note in &comparison.notes {
        line(out, &format!("Mind: {}", clean(note)));
    }
}

fn platform(comparison: &Comparison, out: &mut String) {
    let counts = comparison.totals.platform;
    if counts.moved() {
        line(out, &format!("On objects of the platform itself: {}", counts.words()));
    }
}

fn section(comparison: &Comparison, change: FindingChange, out: &mut String) {
    // Those that stayed as they were are counted, not listed.
    let of = |e: &&ComparedFinding| {
        e.change == change && (change != FindingChange::Unchanged || !e.differs.is_empty())
    };
    let word = if change == FindingChange::Unchanged {
        "changed in severity, words or number"
    } else {
        change.word()
    };
    listed(&capital(word), comparison.counted().filter(of), out);
}

fn listed<'a>(title: &str, entries: impl Iterator<Item = &'a ComparedFinding>, out: &mut String) {
    let rows: Vec<[String; 5]> = entries.map(row).collect();
    if !rows.is_empty() {
        line(out, &format!("\n{title}:"));
        let head = ["SEVERITY", "CHECK", "OBJECT", "WHERE", "MESSAGE"];
        Layout::Columns.lay(&head, &rows, out);
    }
}

fn row(entry: &ComparedFinding) -> [String; 5] {
    let finding = &entry.finding;
    let object = finding.object.as_ref().map_or_else(|| "cluster".to_owned(), ToString::to_string);
    let remark = entry.remark();
    let message = if remark.is_empty() {
        cut(&clean(&mask(&finding.message)), MESSAGE).into_owned()
    } else {
        // The reason is why it is listed here: it is never cut away.
        format!("{} ({})", cut(&clean(&mask(&finding.message)), MESSAGE), clean(&remark))
    };
    [
        finding.severity.word().to_owned(),
        finding.check.to_string(),
        cut_middle(&clean(&object), NAME).into_owned(),
        cut_middle(&clean(&finding.path.to_string()), NAME).into_owned(),
        message,
    ]
}

fn capital(word: &str) -> String {
    let mut chars = word.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

fn totals(comparison: &Comparison, out: &mut String) {
    let totals = &comparison.totals;
    let severity = totals.severity.iter().map(|(s, c)| (s.word().to_owned(), *c));
    counted("SEVERITY", severity, out);
    let place = |name: &str| if name.is_empty() { "cluster-wide" } else { name }.to_owned();
    counted("NAMESPACE", totals.namespace.iter().map(|(n, c)| (place(n), *c)), out);
    counted("CHECK", totals.check.iter().map(|(id, c)| (id.to_string(), *c)), out);
}

/// A table of those in which anything moved.
fn counted(title: &str, all: impl Iterator<Item = (String, ChangeCounts)>, out: &mut String) {
    let row = |(name, counts): (String, ChangeCounts)| {
        let [new, back, fixed, dark, same] = FindingChange::ALL.map(|c| counts.of(c).to_string());
        [clean(&name).into_owned(), new, back, fixed, dark, same]
    };
    let rows: Vec<[String; 6]> = all.filter(|(_, c)| c.moved()).map(row).collect();
    if !rows.is_empty() {
        out.push('\n');
        let head = [title, "NEW", "REGRESSED", "FIXED", "INCOMPARABLE", "UNCHANGED"];
        Layout::Columns.lay(&head, &rows, out);
    }
}

fn frameworks(all: &[FrameworkChange], out: &mut String) {
    let moved = |f: &&FrameworkChange| {
        f.before != f.after || f.findings.moved() || f.controls.iter().any(ControlChange::moved)
    };
    let rows: Vec<[String; 4]> = all
        .iter()
        .filter(moved)
        .map(|f| {
            [
                clean(&f.id).into_owned(),
                score(f.before.as_ref(), f.score_before),
                score(f.after.as_ref(), f.score_after),
                f.findings.words(),
            ]
        })
        .collect();
    if !rows.is_empty() {
        out.push('\n');
        Layout::Columns.lay(&["FRAMEWORK", "BEFORE", "AFTER", "FINDINGS"], &rows, out);
    }
    let rows: Vec<[String; 4]> = all
        .iter()
        .filter(|f| f.before.is_some() && f.after.is_some())
        .flat_map(|f| f.controls.iter().filter(|c| c.moved()).map(move |c| (f, c)))
        .map(|(f, c)| {
            [
                clean(&f.id).into_owned(),
                clean(&c.id).into_owned(),
                status(c.before, c.attested_before),
                status(c.after, c.attested_after),
            ]
        })
        .collect();
    if !rows.is_empty() {
        out.push('\n');
        Layout::Columns.lay(&["FRAMEWORK", "CONTROL", "BEFORE", "AFTER"], &rows, out);
    }
}

/// The word for a status, and that a person says so; a control that was not judged has none.
pub(super) fn status(status: Option<Status>, attested: bool) -> String {
    let word = status.map_or("not judged", Status::word);
    if attested { format!("{word} (attested)") } else { word.to_owned() }
}

/// A score, and how many of the controls that pass do so by what a person says.
pub(super) fn score(judged: Option<&frameworks::Counts>, score: Option<Score>) -> String {
    match judged {
        None => "not judged".to_owned(),
        Some(counts) if counts.attested > 0 => {
            format!("{} ({} attested)", interval(score), counts.attested)
        }
        Some(_) => interval(score),
    }
}
