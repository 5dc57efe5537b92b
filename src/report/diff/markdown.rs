//! A comparison for reading.

use super::super::markdown::{Text, code, escape};
use super::table::{score, status};
use super::{Diff, answered};
use crate::model::between::{Authorship, RedecidedFinding};
use crate::model::comparison::{ChangeCounts, ComparedFinding, Comparison, FindingChange};
use crate::text::mask;

/// Renders a comparison as Markdown.
#[must_use]
pub fn markdown(diff: &Diff<'_>) -> String {
    let comparison = diff.comparison;
    let mut out = Text::default();
    out.line("# Comparison of two runs");
    out.line("");
    out.line(&format!("- Before: {}", escape(&comparison.before.words())));
    out.line(&format!("- After: {}", escape(&comparison.after.words())));
    out.line(&format!("- Findings: {}", comparison.totals.all.words()));
    if comparison.totals.platform.moved() {
        let platform = comparison.totals.platform.words();
        out.line(&format!("- On objects of the platform itself: {platform}"));
    }
    for note in &comparison.notes {
        out.line(&format!("- Mind: {}", escape(note)));
    }
    for change in FindingChange::ALL {
        section(comparison, change, &mut out);
    }
    decided(comparison, &mut out);
    totals(comparison, &mut out);
    frameworks(diff, &mut out);
    out.0
}

/// What people decided and answered between the runs.
fn decided(comparison: &Comparison, out: &mut Text) {
    let Some(words) = comparison.decided_in_words() else { return };
    out.heading("Decided between them");
    out.line(&format!("{words}."));
    let who =
        |act: &Option<Authorship>| act.as_ref().map_or_else(String::new, |act| escape(&act.by));
    let counted = |d: &&RedecidedFinding| d.finding.counts(comparison.include_platform);
    let findings: Vec<&RedecidedFinding> =
        comparison.decided.findings.iter().filter(counted).collect();
    if !findings.is_empty() {
        out.line("");
        out.table_head(&["Check", "Object", "Before", "After", "By", "Reason"]);
    }
    for one in findings {
        let object = one.finding.object.as_ref();
        out.row(&[
            code(&one.finding.check),
            escape(&object.map_or_else(|| "cluster".to_owned(), ToString::to_string)),
            one.before.word().to_owned(),
            one.after.word().to_owned(),
            who(&one.act),
            escape(one.reason.as_deref().unwrap_or_default()),
        ]);
    }
    if !comparison.decided.controls.is_empty() {
        out.line("");
        out.table_head(&["Framework", "Control", "Before", "After", "By"]);
    }
    for one in &comparison.decided.controls {
        out.row(&[
            escape(&one.control.0),
            escape(&one.control.1),
            answered(one.before).to_owned(),
            answered(one.after).to_owned(),
            who(&one.act),
        ]);
    }
}

fn section(comparison: &Comparison, change: FindingChange, out: &mut Text) {
    let of = |e: &&ComparedFinding| {
        e.change == change && (change != FindingChange::Unchanged || !e.differs.is_empty())
    };
    let entries: Vec<&ComparedFinding> = comparison.counted().filter(of).collect();
    if entries.is_empty() {
        return;
    }
    out.heading(match change {
        FindingChange::New => "New",
        FindingChange::Regressed => "Regressed: fixed once, and back",
        FindingChange::Fixed => "Fixed",
        FindingChange::Incomparable => "Not to be compared",
        FindingChange::Unchanged => "In both, with another severity, message or number",
    });
    out.table_head(&["Severity", "Check", "Object", "Where", "What", "Remark"]);
    for entry in entries {
        let finding = &entry.finding;
        let object =
            finding.object.as_ref().map_or_else(|| "cluster".to_owned(), ToString::to_string);
        out.row(&[
            finding.severity.word().to_owned(),
            code(&finding.check),
            escape(&object),
            code(&finding.path.to_string()),
            escape(&mask(&finding.message)),
            escape(&entry.remark()),
        ]);
    }
}

fn totals(comparison: &Comparison, out: &mut Text) {
    let totals = &comparison.totals;
    let severity = totals.severity.iter().map(|(s, c)| (s.word().to_owned(), *c));
    counted("Severity", severity.collect(), out);
    let place = |name: &str| if name.is_empty() { "cluster-wide".to_owned() } else { escape(name) };
    counted("Namespace", totals.namespace.iter().map(|(n, c)| (place(n), *c)).collect(), out);
    counted("Check", totals.check.iter().map(|(id, c)| (code(id), *c)).collect(), out);
}

fn counted(title: &str, all: Vec<(String, ChangeCounts)>, out: &mut Text) {
    let moved: Vec<(String, ChangeCounts)> = all.into_iter().filter(|(_, c)| c.moved()).collect();
    if moved.is_empty() {
        return;
    }
    out.heading(&format!("By {}", title.to_lowercase()));
    out.table_head(&[title, "New", "Regressed", "Fixed", "Incomparable", "Unchanged"]);
    for (name, counts) in moved {
        let numbers = FindingChange::ALL.map(|c| counts.of(c).to_string());
        out.row(&[vec![name], numbers.to_vec()].concat());
    }
}

fn frameworks(diff: &Diff<'_>, out: &mut Text) {
    if diff.frameworks.is_empty() {
        return;
    }
    out.heading("Frameworks");
    out.table_head(&["Framework", "Before", "After", "Findings"]);
    for f in diff.frameworks {
        out.row(&[
            escape(&f.id),
            score(f.before.as_ref(), f.score_before),
            score(f.after.as_ref(), f.score_after),
            f.findings.words(),
        ]);
    }
    let both = diff.frameworks.iter().filter(|f| f.before.is_some() && f.after.is_some());
    let moved: Vec<_> =
        both.flat_map(|f| f.controls.iter().filter(|c| c.moved()).map(move |c| (f, c))).collect();
    if moved.is_empty() {
        return;
    }
    out.heading("Controls with another status");
    out.table_head(&["Framework", "Control", "Before", "After"]);
    for (f, c) in moved {
        out.row(&[
            escape(&f.id),
            escape(&c.id),
            status(c.before, c.attested_before),
            status(c.after, c.attested_after),
        ]);
    }
}
