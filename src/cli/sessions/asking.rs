//! What a control asks, and what the cluster offers beside it: for whoever is about to answer.

use crate::cli::context::CommandContext;
use crate::cli::output::columns;
use crate::frameworks::{Control, Framework};
use crate::runtime::clock::today;
use crate::session::{RunRecord, Session};
use crate::text::counted;

/// The question, what in the cluster bears on it, what the last run found of that, and the answer that is
/// there.
pub(super) fn of(
    context: &CommandContext,
    session: &Session,
    (framework, control): (&Framework, &Control),
) -> String {
    let run = session.newest_run().0;
    let mut lines = vec![
        ("control", format!("{} {}: {}", framework.id, control.id, control.title)),
        ("asks", control.question.clone()),
        ("evidence", control.evidence.clone()),
    ];
    let answers = &session.state().ledger.attestations;
    if let Some(answer) = answers.get(&(framework.id.clone(), control.id.clone())) {
        let over = if answer.in_force(&today()) { "" } else { ", which is over" };
        let until = answer.expires.as_ref().map(|day| format!(" until {day}{over}"));
        let (word, who, on) = (answer.answer.word(), &answer.reviewer, &answer.date);
        lines.push(("answer", format!("{word}, by {who} on {on}{}", until.unwrap_or_default())));
    }
    let mut out = String::new();
    for (name, value) in lines.iter().filter(|(_, value)| !value.is_empty()) {
        out.push_str(&format!("{name:<10}{}\n", crate::text::clean(value)));
    }
    let row = |mapping: &crate::frameworks::Mapping| {
        let title =
            context.content.library.checks.get(mapping.id.as_str()).map(|c| c.title.clone());
        let found = run.as_ref().map_or_else(|| "no run yet".to_owned(), |r| found(r, &mapping.id));
        vec![
            mapping.id.clone(),
            mapping.strength.word().to_owned(),
            found,
            title.unwrap_or_default(),
        ]
    };
    let rows: Vec<Vec<String>> = control.checks.iter().map(row).collect();
    if !rows.is_empty() {
        out.push('\n');
        out.push_str(&columns(&["CHECK", "BEARS ON IT", "LAST RUN", ""], &rows));
    }
    out
}

/// What a run has of a check: `2 findings, 5 pass, 1 not assessed`, or that it did not run.
fn found(run: &RunRecord, check: &str) -> String {
    let Some(counts) = run.result.checks.get(check) else { return "did not run".to_owned() };
    let listed = run.result.findings.iter().chain(&run.result.evidence);
    let mut parts = vec![counted(listed.filter(|f| *f.check == *check).count(), "finding")];
    let beside =
        [(counts.pass, "pass"), (counts.not_assessed, "not assessed"), (counts.error, "error")];
    parts.extend(beside.iter().filter(|(n, _)| *n > 0).map(|(n, word)| format!("{n} {word}")));
    parts.join(", ")
}
