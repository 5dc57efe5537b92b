//! `plimsoll sessions show`.

use crate::cli::context::Context;
use crate::cli::output::columns;
use crate::cli::reported::reported;
use crate::cli::{Done, Fail, import, output};
use crate::model::import::Disagreement;
use crate::report;
use crate::runtime::clock::today;
use crate::session::{Session, State};
use crate::triage::brought::Sources;

/// How many changes are shown, the newest ones.
const HISTORY: usize = 50;

/// A head and its rows.
type Table = (&'static [&'static str], Vec<Vec<String>>);

/// Shows a session.
///
/// # Errors
/// When there is no such session, or it cannot be read.
pub fn run(context: &Context, id: &str) -> Done {
    let session = context.store().open(id).map_err(Fail::from)?;
    let state = session.state();
    let mut out = format!("session   {}\n", session.id());
    for (name, value) in head(state) {
        out.push_str(&format!("{name:<10}{}\n", crate::text::clean(&value)));
    }
    if let Some(holder) = session.holder() {
        out.push_str(&format!("open in   {holder}\n"));
    }
    for line in session.notice().map(str::to_owned).into_iter().chain(damage(&session)) {
        output::complain(&format!("plimsoll: {line}"));
    }
    let tables = [runs(state), decisions(state), history(state), answers(state), notes(state)];
    for (head, rows) in tables.into_iter().filter(|(_, rows)| !rows.is_empty()) {
        out.push('\n');
        out.push_str(&columns(head, &rows));
    }
    let imports = session.whole_ledger().0.imports.clone();
    if !imports.is_empty() {
        out.push_str(&import::table(&imports, &today()));
    }
    out.push_str(&import::differences(&differences(context, &session)?));
    output::print(&out)?;
    Ok(0)
}

/// Files of a session that are not what the journal names: the rest of it is whole.
fn damage(session: &Session) -> Vec<String> {
    session.damaged().iter().map(|error| format!("damaged: {error}")).collect()
}

/// Where the last run and what was imported differ.
fn differences(context: &Context, session: &Session) -> Result<Vec<Disagreement>, Fail> {
    // A closure would do, but for its lifetimes.
    fn of(input: &report::Input<'_>) -> Vec<Disagreement> {
        input.disagreements()
    }
    let Ok(Some(run)) = session.latest_run() else { return Ok(Vec::new()) };
    reported(context, session, &run, &today(), &Sources::default(), of)
}

fn head(state: &State) -> Vec<(&'static str, String)> {
    let source = &state.meta.source;
    let mut rows = vec![
        ("title", state.meta.title.clone()),
        ("source", source.kind.word().to_owned()),
        ("context", source.context.clone().unwrap_or_default()),
        ("server", source.server.clone().unwrap_or_default()),
        ("begun", state.created.clone()),
        ("written", state.updated.clone()),
    ];
    rows.retain(|(_, value)| !value.is_empty());
    rows
}

fn text(value: Option<&String>) -> String {
    value.cloned().unwrap_or_default()
}

fn runs(state: &State) -> Table {
    let row = |r: &crate::session::RunRef| {
        vec![r.number.to_string(), r.finished.clone(), super::open(r), r.findings.to_string()]
    };
    (&["RUN", "FINISHED", "OPEN", "OF ALL"], state.runs.iter().map(row).collect())
}

fn decisions(state: &State) -> Table {
    let mut rows: Vec<Vec<String>> = state
        .ledger
        .decisions
        .iter()
        .map(|(fingerprint, d)| {
            vec![
                fingerprint.to_string(),
                d.state.word().to_owned(),
                text(d.expires.as_ref()),
                text(d.approver.as_ref()),
                text(d.reason.as_ref()),
                text(d.link.as_ref()),
            ]
        })
        .collect();
    rows.sort();
    (&["FINDING", "DECISION", "UNTIL", "APPROVER", "REASON", "LINK"], rows)
}

/// Every change of a decision and of an answer, oldest first.
fn history(state: &State) -> Table {
    let mut rows = Vec::new();
    for (fingerprint, changes) in &state.ledger.history {
        for past in changes {
            let word = past.after.as_ref().map_or("open", |d| d.state.word());
            let undone = if past.undone { "taken back to " } else { "" };
            let what = format!("{undone}{word}");
            rows.push(vec![past.time.clone(), past.by.clone(), fingerprint.to_string(), what]);
        }
    }
    for ((framework, control), changes) in &state.answered {
        for past in changes {
            let what = past.after.as_ref().map_or("no answer", |a| a.answer.word()).to_owned();
            let name = format!("{framework} {control}");
            rows.push(vec![past.time.clone(), past.by.clone(), name, what]);
        }
    }
    rows.sort_by(|a, b| (a.first(), a.get(2)).cmp(&(b.first(), b.get(2))));
    // The whole of it is in the journal and in every report.
    let older = rows.len().saturating_sub(HISTORY);
    if older > 0 {
        rows.drain(..older);
        let blank = String::new;
        rows.insert(0, vec![blank(), blank(), format!("{older} older changes"), blank()]);
    }
    (&["WHEN", "WHO", "FINDING OR CONTROL", "IS SINCE THEN"], rows)
}

fn answers(state: &State) -> Table {
    let row = |a: &crate::model::attestation::Attestation| {
        let file = a.file.as_ref().map(|f| {
            let hash: String = f.sha256.chars().take(12).collect();
            format!("{} ({} bytes, sha256 {hash})", f.name, f.size)
        });
        vec![
            format!("{} {}", a.framework, a.control),
            a.answer.word().to_owned(),
            a.date.clone(),
            text(a.expires.as_ref()),
            a.reviewer.clone(),
            text(a.evidence.as_ref()),
            text(a.link.as_ref()),
            file.unwrap_or_default(),
        ]
    };
    let head = &["CONTROL", "ANSWER", "ON", "UNTIL", "REVIEWER", "EVIDENCE", "LINK", "FILE"];
    (head, state.ledger.attestations.values().map(row).collect())
}

fn notes(state: &State) -> Table {
    let row = |n: &crate::session::act::Note| vec![n.fingerprint.clone(), n.text.clone()];
    (&["FINDING", "NOTE"], state.notes.iter().map(row).collect())
}
