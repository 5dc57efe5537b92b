//! A report for reading: Markdown.

mod record;

use std::collections::BTreeMap;

use super::alike::{Told, told};
use super::reasons::reasons;
use super::table::interval;
use super::{CheckText, Input, Judged, about};
use crate::frameworks::{FrameworkKind, Status};
use crate::model::decision::DecisionState;
use crate::model::finding::{Finding, Severity};
use crate::model::read::ReadStatus;
use crate::text::{clean, mask, noun};

/// Renders the whole report: scope, scores, controls, findings with their remedies, decisions,
/// what was not assessed, and the reads everything rests on.
#[must_use]
pub fn render(input: &Input<'_>) -> String {
    let mut out = Text::default();
    out.line("# Compliance assessment");
    head(input, &mut out);
    scores(input, &mut out);
    findings(input, &mut out);
    record::decisions(input, &mut out);
    record::answers(input, &mut out);
    record::imports(input, &mut out);
    not_assessed(input, &mut out);
    for judged in input.frameworks {
        controls(judged, &mut out);
    }
    reads(input, &mut out);
    out.0
}

#[derive(Default)]
pub(super) struct Text(pub(super) String);

impl Text {
    pub(super) fn line(&mut self, text: &str) {
        self.0.push_str(text);
        self.0.push('\n');
    }

    pub(super) fn heading(&mut self, text: &str) {
        self.0.push_str("\n## ");
        self.line(text);
        self.line("");
    }

    pub(super) fn row(&mut self, cells: &[String]) {
        self.line(&format!("| {} |", cells.join(" | ")));
    }

    pub(super) fn table_head(&mut self, names: &[&str]) {
        self.row(&names.iter().map(|n| (*n).to_owned()).collect::<Vec<_>>());
        self.row(&names.iter().map(|_| "---".to_owned()).collect::<Vec<_>>());
    }
}

/// Text from a cluster in a Markdown cell: nothing of it is taken for markup.
pub(super) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    for c in clean(&mask(text)).chars() {
        if matches!(c, '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '|' | '#' | '~' | '&' | '!')
        {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

/// The same as code: a fence longer than any run of backticks inside.
pub(super) fn code(text: &str) -> String {
    let text = clean(text);
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    let pad = if longest > 0 { " " } else { "" };
    format!("{fence}{pad}{}{pad}{fence}", text.replace('|', "\\|"))
}

fn head(input: &Input<'_>, out: &mut Text) {
    out.line("");
    out.table_head(&["", ""]);
    for (name, value) in about::facts(input) {
        out.row(&[name.to_owned(), escape(&value)]);
    }
}

fn scores(input: &Input<'_>, out: &mut Text) {
    let of = |kind: FrameworkKind| input.frameworks.iter().filter(move |j| j.result.kind == kind);
    if of(FrameworkKind::Standard).next().is_some() {
        out.heading("Scores");
        out.line("Worst counts everything undecided as failed, best as passed.\n");
        let mut names = vec!["Framework", "Worst–best"];
        names.extend(STANDARD.iter().map(|(_, name)| name));
        out.table_head(&names);
        for judged in of(FrameworkKind::Standard) {
            let mut row = vec![escape(&name(judged)), interval(judged.result.score)];
            row.extend(STANDARD.iter().map(|(s, _)| judged.result.counts.words(*s)));
            out.row(&row);
        }
    }
    if of(FrameworkKind::Matrix).next().is_some() {
        out.heading("Attack techniques");
        out.line(
            "A technique is exposed where something that it needs is there. None is passed.\n",
        );
        let mut names = vec!["Matrix"];
        names.extend(MATRIX.iter().map(|(_, name)| name));
        out.table_head(&names);
        for judged in of(FrameworkKind::Matrix) {
            let mut row = vec![escape(&name(judged))];
            row.extend(MATRIX.iter().map(|(s, _)| judged.result.counts.of(*s).to_string()));
            out.row(&row);
        }
    }
    choice(input, out);
}

/// Which statuses are counted, and their heads.
const STANDARD: [(Status, &str); 6] = [
    (Status::Pass, "Pass"),
    (Status::Fail, "Fail"),
    (Status::Manual, "Manual"),
    (Status::NotAssessed, "Not assessed"),
    (Status::Accepted, "Accepted"),
    (Status::NotApplicable, "Not applicable"),
];
const MATRIX: [(Status, &str); 3] = [
    (Status::Exposed, "Exposed"),
    (Status::Mitigated, "Mitigated"),
    (Status::NotAssessed, "Not assessed"),
];

fn name(judged: &Judged) -> String {
    let level = judged.result.level.as_deref().map(|l| format!(" ({l})")).unwrap_or_default();
    format!("{} {}{level}", judged.framework.title, judged.result.version)
}

/// Why these frameworks, and why not the others.
fn choice(input: &Input<'_>, out: &mut Text) {
    let left = input.not_judged();
    if input.frameworks.is_empty() && left.is_empty() {
        return;
    }
    out.heading("Choice of frameworks");
    for judged in input.frameworks {
        let (id, result) = (code(&judged.framework.id), &judged.result);
        let note = result.note.as_deref().map(|note| format!("; mind: {}", escape(note)));
        let note = note.unwrap_or_default();
        out.line(&format!("- {id}: {}{note}", escape(&result.chosen_because)));
    }
    for line in left {
        out.line(&format!("- Not judged: {}", escape(&line)));
    }
}

fn findings(input: &Input<'_>, out: &mut Text) {
    let open: Vec<&Finding> =
        input.counted().map(AsRef::as_ref).filter(|f| input.is_open(f)).collect();
    out.heading("Findings");
    let total: Vec<String> = Severity::ALL
        .iter()
        .map(|s| (s, open.iter().filter(|f| f.severity == *s).count()))
        .filter(|(_, count)| *count > 0)
        .map(|(s, count)| format!("{count} {}", s.word()))
        .collect();
    if open.is_empty() {
        out.line("None open.");
    } else {
        out.line(&format!("{} open: {}.", open.len(), total.join(", ")));
    }
    let platform = input.result.findings.len() - input.counted().count();
    if platform > 0 {
        let (are, decide) = if platform == 1 { ("is", "decides") } else { ("are", "decide") };
        out.line(&format!(
            "{platform} more {are} on objects of the platform itself and {decide} nothing."
        ));
    }
    let mut by_check: BTreeMap<(Severity, &str), Vec<&Finding>> = BTreeMap::new();
    for finding in open {
        by_check.entry((finding.severity, &finding.check)).or_default().push(finding);
    }
    for ((severity, check), group) in by_check {
        let text = (input.check)(check);
        out.line(&format!("\n### {} ({})\n", escape(&text.title), severity.word()));
        let noun = noun(group.len(), "finding");
        out.line(&format!("Check {}, {} {noun}.{}\n", code(check), group.len(), own(&text)));
        out.line(&format!("Why: {}\n", escape(&text.why)));
        out.line(&format!("Fix: {}\n", escape(&text.fix)));
        out.table_head(&["Object", "Where", "What", "State"]);
        for told in told(&group) {
            match told {
                Told::One(finding) => finding_row(finding, input.state(finding), out),
                Told::More(finding, count) => {
                    let object = escape(&about::object(finding));
                    out.row(&[object, String::new(), escape(&Told::more(count)), String::new()]);
                }
            }
        }
    }
}

/// That a check is not a built-in one.
fn own(text: &CheckText) -> String {
    let Some(file) = &text.file else { return String::new() };
    let replaced = text.replaces.as_deref();
    let replaced = replaced.map(|id| format!(", in place of the built-in {}", code(id)));
    format!(" From {}{}.", code(file), replaced.unwrap_or_default())
}

fn finding_row(finding: &Finding, state: DecisionState, out: &mut Text) {
    let object = finding.object.as_ref().map_or_else(|| "cluster".to_owned(), ToString::to_string);
    let place = match (&finding.file, finding.line) {
        (Some(file), Some(line)) => format!("{file}:{line} {}", finding.path),
        _ => finding.path.to_string(),
    };
    let place = if place.is_empty() { String::new() } else { code(&place) };
    out.row(&[code(&object), place, escape(&finding.message), state.word().to_owned()]);
}

fn not_assessed(input: &Input<'_>, out: &mut Text) {
    let gaps = &input.result.not_assessed;
    let problems = &input.result.problems;
    if gaps.is_empty() && problems.is_empty() {
        return;
    }
    out.heading("Not assessed");
    let mut reasons = reasons(gaps);
    reasons.sort_by(|a, b| a.sentence.cmp(&b.sentence));
    for reason in reasons {
        let names: Vec<String> = reason.checks.keys().map(|c| code(c)).collect();
        let named = reason.named().map(|named| format!("; {}", escape(&named)));
        let named = named.unwrap_or_default();
        out.line(&format!("- {}: {}{named}", escape(&reason.told()), names.join(", ")));
    }
    for problem in problems {
        let place =
            problem.file.clone().or_else(|| problem.object.as_ref().map(ToString::to_string));
        let line = problem.line.map(|l| format!(":{l}")).unwrap_or_default();
        let place = format!("{}{line}", place.unwrap_or_default());
        let place = if place.is_empty() { place } else { format!("{}: ", code(&place)) };
        out.line(&format!("- {place}{}", escape(&problem.message)));
    }
}

fn controls(judged: &Judged, out: &mut Text) {
    out.heading(&escape(&format!("{} {}", judged.framework.title, judged.result.version)));
    let number =
        if judged.framework.numbering == "plimsoll" { "Control (our number)" } else { "Control" };
    out.table_head(&[number, "Title", "Status", "Reasons"]);
    for result in &judged.result.controls {
        let title = judged.framework.control(&result.id).map_or("", |c| &c.title);
        let status = match result.status {
            bad @ (Status::Fail | Status::Exposed) => format!("**{}**", bad.word()),
            other => other.word().to_owned(),
        };
        out.row(&[escape(&result.id), escape(title), status, escape(&result.reasons.join("; "))]);
    }
}

fn reads(input: &Input<'_>, out: &mut Text) {
    out.heading("Reads");
    out.line("Every verdict rests on these.\n");
    out.table_head(&["Resource", "Namespace", "Status", "Items", "Message"]);
    let mut reads: Vec<_> = input.reads.iter().collect();
    reads.sort_by_key(|r| (r.status == ReadStatus::Complete, &r.resource, &r.namespace));
    for read in reads {
        out.row(&[
            code(&read.resource),
            escape(read.namespace.as_deref().unwrap_or("all")),
            read.status.word().to_owned(),
            read.items.to_string(),
            escape(read.message.as_deref().unwrap_or_default()),
        ]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_from_a_cluster_is_never_markup() {
        assert_eq!(escape("<b>|`x`\u{1b}"), "\\<b\\>\\|\\`x\\`\\\\u{1b}");
        assert_eq!(code("a`b|c"), "`` a`b\\|c ``");
    }
}
