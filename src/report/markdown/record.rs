//! What people and other tools say: decisions with their history, answers, imports.

use super::super::Input;
use super::{Text, code, escape};
use crate::model::decision::DecisionState;
use crate::model::finding::Finding;

/// Findings with a decision, in force or expired.
pub(super) fn decisions(input: &Input<'_>, out: &mut Text) {
    let decided = |f: &&Finding| input.decision(f).is_some();
    let all = input.result.findings.iter().map(AsRef::as_ref);
    let decided: Vec<&Finding> = all.filter(decided).collect();
    if decided.is_empty() {
        return;
    }
    out.heading("Decisions");
    out.table_head(&[
        "Check", "Object", "Decision", "Until", "Approver", "Reason", "Ticket", "From",
    ]);
    for finding in &decided {
        let Some(decision) = input.decision(finding) else { continue };
        let state = input.state(finding);
        let word = if state == decision.state {
            state.word().to_owned()
        } else {
            format!("{}, expired", decision.state.word())
        };
        let text = |value: &Option<String>| escape(value.as_deref().unwrap_or_default());
        out.row(&[
            code(&finding.check),
            object(finding),
            word,
            text(&decision.expires),
            text(&decision.approver),
            text(&decision.reason),
            text(&decision.link),
            escape(&decision.origin.describe()),
        ]);
    }
    history(input, &decided, out);
}

fn object(finding: &Finding) -> String {
    code(&finding.object.as_ref().map_or_else(|| "cluster".to_owned(), ToString::to_string))
}

/// Who changed what when.
fn history(input: &Input<'_>, decided: &[&Finding], out: &mut Text) {
    let changes = |f: &&&Finding| input.ledger.history.contains_key(f.fingerprint.as_str());
    if decided.iter().filter(changes).count() == 0 {
        return;
    }
    out.heading("Changes of decisions");
    out.table_head(&["Time", "By", "Check", "Object", "Decision", "Reason"]);
    for finding in decided.iter().filter(changes) {
        for past in input.ledger.history.get(finding.fingerprint.as_str()).into_iter().flatten() {
            let after = past.after.as_ref();
            let word = after.map_or(DecisionState::Open, |d| d.state).word();
            let undone = if past.undone { ", taken back" } else { "" };
            let reason = after.and_then(|d| d.reason.as_deref()).unwrap_or_default();
            out.row(&[
                escape(&past.time),
                escape(&past.by),
                code(&finding.check),
                object(finding),
                format!("{word}{undone}"),
                escape(reason),
            ]);
        }
    }
}

/// Answers to the questions of controls, in force or expired.
pub(super) fn answers(input: &Input<'_>, out: &mut Text) {
    let answers = &input.ledger.attestations;
    if answers.is_empty() {
        return;
    }
    out.heading("Answers by people");
    out.line("These rest on a person's word and not on a check.\n");
    out.table_head(&["Framework", "Control", "Answer", "Reviewer", "Date", "Until", "Rests on"]);
    for answer in answers.values() {
        let over = if answer.in_force(input.today) { "" } else { ", expired" };
        let file = answer.file.as_ref();
        let file = file.map(|f| format!("{}, {} bytes, sha256 {}", f.name, f.size, f.sha256));
        let rests: Vec<&str> =
            [&answer.evidence, &answer.link, &file].into_iter().flatten().map(|t| &**t).collect();
        out.row(&[
            code(&answer.framework),
            code(&answer.control),
            format!("{}{over}", answer.answer.word()),
            escape(&answer.reviewer),
            escape(&answer.date),
            escape(answer.expires.as_deref().unwrap_or_default()),
            escape(&rests.join("; ")),
        ]);
    }
}

/// What was brought in from other tools.
pub(super) fn imports(input: &Input<'_>, out: &mut Text) {
    if input.ledger.imports.is_empty() {
        return;
    }
    out.heading("Results of other tools");
    out.table_head(&["Tool", "Version", "From", "Made", "Brought in", "Results", "sha256"]);
    for import in &input.ledger.imports {
        out.row(&[
            import.tool.word().to_owned(),
            escape(import.version.as_deref().unwrap_or_default()),
            escape(&import.origin),
            escape(import.taken.as_deref().unwrap_or("unknown")),
            escape(&import.imported),
            import.results.len().to_string(),
            escape(&import.sha256),
        ]);
    }
}
