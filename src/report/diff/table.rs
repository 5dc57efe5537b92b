//! A comparison for the terminal.

use super::super::table::{interval, line, table as aligned};
use super::Diff;
use crate::frameworks::{ControlChange, FrameworkChange, Status};
use crate::model::comparison::{Change, Comparison, Counts, Entry};
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
    for change in Change::ALL {
        section(comparison, change, &mut out);
    }
    line(&mut out, &format!("\n{}", comparison.totals.all.words()));
    platform(comparison, &mut out);
    totals(comparison, &mut out);
    frameworks(diff.frameworks, &mut out);
    out
}

/// What a scan adds about its baseline: how many of each, and those that nothing shows to be old.
#[must_use]
pub fn summary(comparison: &Comparison) -> String {
    let mut out = String::new();
    line(&mut out, &format!("\nSince {}:", clean(&comparison.before.words())));
    line(&mut out, &format!("  {}", comparison.totals.all.words()));
    notes(comparison, &mut out);
    for change in [Change::New, Change::Regressed, Change::Fixed, Change::Incomparable] {
        section(comparison, change, &mut out);
    }
    out
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

fn section(comparison: &Comparison, change: Change, out: &mut String) {
    // Those that stayed as they were are counted, not listed.
    let of =
        |e: &&Entry| e.change == change && (change != Change::Unchanged || !e.differs.is_empty());
    let rows: Vec<[String; 5]> = comparison.counted().filter(of).map(row).collect();
    if rows.is_empty() {
        return;
    }
    let word = if change == Change::Unchanged {
        "changed in severity, words or number"
    } else {
        change.word()
    };
    line(out, &format!("\n{}:", capital(word)));
    aligned(&["SEVERITY", "CHECK", "OBJECT", "WHERE", "MESSAGE"], &rows, out);
}

fn row(entry: &Entry) -> [String; 5] {
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
fn counted(title: &str, all: impl Iterator<Item = (String, Counts)>, out: &mut String) {
    let row = |(name, counts): (String, Counts)| {
        let [new, back, fixed, dark, same] = Change::ALL.map(|c| counts.of(c).to_string());
        [clean(&name).into_owned(), new, back, fixed, dark, same]
    };
    let rows: Vec<[String; 6]> = all.filter(|(_, c)| c.moved()).map(row).collect();
    if !rows.is_empty() {
        out.push('\n');
        let head = [title, "NEW", "REGRESSED", "FIXED", "INCOMPARABLE", "UNCHANGED"];
        aligned(&head, &rows, out);
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
            let score = |judged: bool, score| {
                if judged { interval(score) } else { "not judged".to_owned() }
            };
            [
                clean(&f.id).into_owned(),
                score(f.before.is_some(), f.score_before),
                score(f.after.is_some(), f.score_after),
                f.findings.words(),
            ]
        })
        .collect();
    if !rows.is_empty() {
        out.push('\n');
        aligned(&["FRAMEWORK", "BEFORE", "AFTER", "FINDINGS"], &rows, out);
    }
    let rows: Vec<[String; 4]> = all
        .iter()
        .filter(|f| f.before.is_some() && f.after.is_some())
        .flat_map(|f| f.controls.iter().filter(|c| c.moved()).map(move |c| (f, c)))
        .map(|(f, c)| {
            [
                clean(&f.id).into_owned(),
                clean(&c.id).into_owned(),
                status(c.before).to_owned(),
                status(c.after).to_owned(),
            ]
        })
        .collect();
    if !rows.is_empty() {
        out.push('\n');
        aligned(&["FRAMEWORK", "CONTROL", "BEFORE", "AFTER"], &rows, out);
    }
}

/// The word for a status; a control that was not judged has none.
pub(super) fn status(status: Option<Status>) -> &'static str {
    status.map_or("not judged", Status::word)
}
