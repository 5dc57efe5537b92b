//! Scorecards of tenants: what each profile comes to, and whether it is met.

use std::fmt::Write as _;

use super::sheet::Layout;
use super::table::{interval, line};
use crate::frameworks::tenant::{CLUSTER, Scorecard, TenantScore, verdict, words};
use crate::model::finding::Severity;
use crate::text::{counted, safe};

/// Format of the document of several scorecards.
pub const SCHEMA: &str = "plimsoll.tenants/v1";

/// What stands over the table of a scan by a profile.
#[must_use]
pub fn head(card: &Scorecard) -> String {
    let mut out = String::new();
    line(&mut out, &format!("Profile {}", words(card)));
    for note in &card.notes {
        line(&mut out, &format!("  {}", safe(note)));
    }
    line(&mut out, CLUSTER);
    out.push('\n');
    out
}

/// What stands under it.
#[must_use]
pub fn foot(card: &Scorecard) -> String {
    let mut out = String::new();
    out.push('\n');
    let left: usize = card.frameworks.iter().map(|f| f.cluster_controls).sum();
    line(
        &mut out,
        &format!("Left out as the cluster's own: {} of these frameworks", counted(left, "control")),
    );
    let text = verdict(card);
    if !text.is_empty() {
        line(&mut out, &format!("Threshold of {}: {text}", safe(&card.profile)));
    }
    out
}

/// Scorecards as aligned text: one row each, then what each comes to.
#[must_use]
pub fn render(cards: &[Scorecard]) -> String {
    let mut out = String::new();
    let rows: Vec<[String; 9]> = cards.iter().map(row).collect();
    let head = [
        "PROFILE",
        "NAMESPACES",
        "CRITICAL",
        "HIGH",
        "MEDIUM",
        "LOW",
        "INFO",
        "UNDECIDED",
        "THRESHOLD",
    ];
    Layout::Columns.lay(&head, &rows, &mut out);
    for card in cards {
        line(&mut out, &format!("\n{}", words(card)));
        for note in &card.notes {
            line(&mut out, &format!("  {}", safe(note)));
        }
        let text = verdict(card);
        if !text.is_empty() {
            line(&mut out, &format!("  threshold {text}"));
        }
        let rows: Vec<[String; 5]> = card.frameworks.iter().map(framework).collect();
        if !rows.is_empty() {
            let mut text = String::new();
            let head = ["FRAMEWORK", "WORST-BEST", "FAIL", "NOT-DECIDED", "OF-THE-CLUSTER"];
            Layout::Columns.lay(&head, &rows, &mut text);
            text.lines().for_each(|row| line(&mut out, &format!("  {row}")));
        }
    }
    line(&mut out, &format!("\n{CLUSTER}"));
    out
}

/// In the place of a number where nothing was looked at.
const NONE: &str = "–";

/// Open findings by severity. Of a tenant without a namespace there is no number: none would look clean.
fn counts(card: &Scorecard) -> [String; 5] {
    if card.namespaces.is_empty() {
        return [(); 5].map(|()| NONE.to_owned());
    }
    Severity::ALL.map(|severity| card.findings.of(severity).to_string())
}

fn row(card: &Scorecard) -> [String; 9] {
    let [critical, high, medium, low, info] = counts(card);
    [
        safe(&card.profile),
        card.namespaces.len().to_string(),
        critical,
        high,
        medium,
        low,
        info,
        if card.namespaces.is_empty() {
            NONE.to_owned()
        } else {
            card.undecided_checks.to_string()
        },
        card.threshold.verdict.word().to_owned(),
    ]
}

fn framework(score: &TenantScore) -> [String; 5] {
    let counts = &score.counts;
    let level = score.level.as_deref().map(|level| format!(" {level}")).unwrap_or_default();
    let undecided = counts.not_assessed + counts.manual;
    let line = if score.matrix { "matrix".to_owned() } else { interval(score.score) };
    [
        format!("{}{level}", safe(&score.id)),
        line,
        counts.bad().to_string(),
        undecided.to_string(),
        score.cluster_controls.to_string(),
    ]
}

/// Scorecards in Markdown, a table of tenants and a table of frameworks for each.
#[must_use]
pub fn markdown(cards: &[Scorecard], source: &str) -> String {
    let mut out = String::new();
    let cell = super::markdown::escape;
    // Writing to a String cannot fail.
    let _ = writeln!(out, "# Tenants of {}\n", cell(source));
    out.push_str("| Profile | Namespaces | Critical | High | Medium | Low | Info | Threshold |\n");
    out.push_str("|---|--:|--:|--:|--:|--:|--:|---|\n");
    for card in cards {
        let [critical, high, medium, low, info] = counts(card);
        let _ = writeln!(
            out,
            "| {} | {} | {critical} | {high} | {medium} | {low} | {info} | {} |",
            cell(&card.profile),
            card.namespaces.len(),
            card.threshold.verdict.word(),
        );
    }
    for card in cards {
        let _ = writeln!(out, "\n## {}\n\n{}\n", cell(&card.title), cell(&words(card)));
        let text = verdict(card);
        if !text.is_empty() {
            let _ = writeln!(out, "Threshold {}.\n", cell(&text));
        }
        for note in &card.notes {
            let _ = writeln!(out, "- {}", cell(note));
        }
        out.push_str("\n| Framework | Worst–best | Fail | Not decided | Of the cluster |\n");
        out.push_str("|---|--:|--:|--:|--:|\n");
        for score in &card.frameworks {
            let [id, line, fail, undecided, cluster] = framework(score);
            let id = cell(&id);
            let _ = writeln!(out, "| {id} | {line} | {fail} | {undecided} | {cluster} |");
        }
    }
    let _ = writeln!(out, "\n{CLUSTER}");
    out
}
