//! `plimsoll sessions show`.

mod document;

use std::collections::{BTreeSet, HashMap};

use crate::cli::context::CommandContext;
use crate::cli::output::columns;
use crate::cli::reported::reported;
use crate::cli::{CommandError, CommandResult, import, output};
use crate::model::finding::Finding;
use crate::model::import::Disagreement;
use crate::report;
use crate::runtime::clock::today;
use crate::session::{JournalState, Session};
use crate::text::{mask, noun};
use crate::triage::brought::Sources;

/// How many rows of a table are shown unless all are asked for.
const SHOWN: usize = 50;

/// Which of a session's tables are shown, and how.
#[derive(Clone, Copy)]
pub struct ShowRequest {
    /// Every row of them.
    pub all: bool,
    /// Everything, for other programs.
    pub json: bool,
}

/// A table of a session.
struct Table {
    head: &'static [&'static str],
    rows: Vec<Vec<String>>,
    /// What a row is, in a word.
    one: &'static str,
    /// Rows stand in the order of time: the newest are shown.
    by_time: bool,
}

/// Shows a session.
///
/// # Errors
/// When there is no such session, or it cannot be read.
pub fn run(
    context: &CommandContext,
    id: &str,
    ShowRequest { all, json }: ShowRequest,
) -> CommandResult {
    let session = context.store().open_to_read(id)?;
    let differences = differences(context, &session)?;
    let names = Names::of(&session);
    if json {
        output::json(&document::of(&session, &names, &differences))?;
        return Ok(0);
    }
    let shown = if all { usize::MAX } else { SHOWN };
    let state = session.state();
    let mut out = format!("session   {}\n", session.id());
    for (name, value) in head(state) {
        out.push_str(&format!("{name:<10}{}\n", crate::text::clean(&value)));
    }
    if let Some(holder) = session.holder() {
        out.push_str(&format!("open in   {holder}\n"));
    }
    for line in damage(&session) {
        output::complain(&format!("plimsoll: {line}"));
    }
    let tables = [
        runs(state),
        decisions(state, &names),
        history(state, &names),
        answers(state),
        notes(state, &names),
    ];
    for mut table in tables.into_iter().filter(|table| !table.rows.is_empty()) {
        let left = table.rows.len().saturating_sub(shown);
        if table.by_time {
            table.rows.drain(..left);
        } else {
            table.rows.truncate(shown);
        }
        out.push('\n');
        out.push_str(&columns(table.head, &table.rows));
        out.push_str(&more(left, if table.by_time { "older" } else { "more" }, table.one));
    }
    let imports = session.whole_ledger().0.imports.clone();
    if !imports.is_empty() {
        let numbers: Vec<u32> = state.imports.iter().map(|import| import.number).collect();
        // Without those that cannot be read, which of them is which is not known here.
        let numbers = if numbers.len() == imports.len() { numbers } else { Vec::new() };
        out.push_str(&import::table(&imports, &numbers, &today()));
    }
    out.push_str(&import::differences(differences.get(..shown).unwrap_or(&differences)));
    out.push_str(&more(differences.len().saturating_sub(shown), "more", "difference"));
    output::print(&out)?;
    Ok(0)
}

/// How many rows are not shown, and how they are.
fn more(left: usize, which: &str, one: &str) -> String {
    match left {
        0 => String::new(),
        left => format!("{left} {which} {}; --all shows them\n", noun(left, one)),
    }
}

/// Files of a session that are not what the journal names: the rest of it is whole.
fn damage(session: &Session) -> Vec<String> {
    session.damaged().iter().map(|error| format!("damaged: {error}")).collect()
}

/// Where the last run and what was imported differ.
fn differences(
    context: &CommandContext,
    session: &Session,
) -> Result<Vec<Disagreement>, CommandError> {
    // A closure would do, but for its lifetimes.
    fn of(input: &report::Input<'_>) -> Vec<Disagreement> {
        input.disagreements()
    }
    let Some(run) = session.newest_run().0 else { return Ok(Vec::new()) };
    reported(context, session, &run, &Sources::default(), of)
}

fn head(state: &JournalState) -> Vec<(&'static str, String)> {
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

/// What somebody wrote, with what looks like a credential masked.
fn text(value: Option<&String>) -> String {
    value.map(|text| mask(text).into_owned()).unwrap_or_default()
}

fn runs(state: &JournalState) -> Table {
    let row = |r: &crate::session::RunRef| {
        vec![r.number.to_string(), r.finished.clone(), super::open(r), r.findings.to_string()]
    };
    let rows = state.runs.iter().map(row).collect();
    Table { head: &["RUN", "FINISHED", "OPEN", "OF ALL"], rows, one: "run", by_time: true }
}

fn decisions(state: &JournalState, names: &Names) -> Table {
    let mut rows: Vec<Vec<String>> = state
        .ledger
        .decisions
        .iter()
        .map(|(fingerprint, d)| {
            let FindingName { check, object } = names.get(fingerprint);
            vec![
                check,
                object,
                d.state.word().to_owned(),
                text(d.expires.as_ref()),
                text(d.approver.as_ref()),
                text(d.reason.as_ref()),
                text(d.link.as_ref()),
                fingerprint.to_string(),
            ]
        })
        .collect();
    rows.sort();
    let head = &["CHECK", "OBJECT", "DECISION", "UNTIL", "APPROVER", "REASON", "LINK", "FINDING"];
    Table { head, rows, one: "decision", by_time: false }
}

/// Every change of a decision, of an answer and of what is imported, oldest first.
fn history(state: &JournalState, names: &Names) -> Table {
    let mut rows = Vec::new();
    for (fingerprint, changes) in &state.ledger.history {
        let FindingName { check, object } = names.get(fingerprint);
        for past in changes {
            let word = past.after.as_ref().map_or("open", |d| d.state.word());
            let undone = if past.undone { "taken back to " } else { "" };
            let after = past.after.as_deref();
            rows.push(vec![
                past.time.clone(),
                past.by.clone(),
                format!("{check} {object}"),
                format!("{undone}{word}"),
                text(after.and_then(|d| d.approver.as_ref())),
                text(after.and_then(|d| d.reason.as_ref())),
            ]);
        }
    }
    for ((framework, control), changes) in &state.answered {
        for past in changes {
            let after = past.after.as_ref();
            rows.push(vec![
                past.time.clone(),
                past.by.clone(),
                format!("{framework} {control}"),
                after.map_or("no answer", |a| a.answer.word()).to_owned(),
                after.map(|a| a.reviewer.clone()).unwrap_or_default(),
                text(after.and_then(|a| a.evidence.as_ref())),
            ]);
        }
    }
    for past in &state.imported {
        let word = if past.counts { "imported" } else { "taken back" };
        let name = format!("import {} from {}", past.number, past.origin);
        let (time, by) = (past.time.clone(), past.by.clone());
        rows.push(vec![time, by, name, word.to_owned(), String::new(), String::new()]);
    }
    rows.sort_by(|a, b| (a.first(), a.get(2)).cmp(&(b.first(), b.get(2))));
    let head = &["WHEN", "WHO", "FINDING OR CONTROL", "IS SINCE THEN", "APPROVER", "REASON"];
    Table { head, rows, one: "change", by_time: true }
}

/// What a finding is called.
#[derive(Clone)]
struct FindingName {
    check: String,
    /// The object it is on.
    object: String,
}

/// What findings are called.
struct Names(HashMap<String, FindingName>);

impl Names {
    /// Of every finding that something is said of. Earlier runs are read as far as the later ones do not
    /// know them all.
    fn of(session: &Session) -> Self {
        let state = session.state();
        let notes = state.notes.iter().map(|note| note.fingerprint.as_str());
        let mut due: BTreeSet<&str> = state.ledger.history.keys().map(|print| &**print).collect();
        due.extend(notes);
        let mut names = HashMap::new();
        for run in state.runs.iter().rev() {
            if due.is_empty() {
                break;
            }
            // One that is damaged is told of above.
            let Ok(Some(run)) = session.run(run.number) else { continue };
            for finding in run.result.findings.iter().chain(&run.result.evidence) {
                let print = state.ledger.name(&finding.fingerprint);
                if due.remove(print) {
                    names.insert(print.to_owned(), name(finding));
                }
            }
        }
        Self(names)
    }

    /// What it is called, where a run that is here has the finding.
    fn known(&self, fingerprint: &str) -> Option<&FindingName> {
        self.0.get(fingerprint)
    }

    /// What it is called: by its fingerprint where no run that is here has the finding.
    fn get(&self, fingerprint: &str) -> FindingName {
        let known = self.known(fingerprint).cloned();
        let unknown = || FindingName { check: fingerprint.to_owned(), object: String::new() };
        known.unwrap_or_else(unknown)
    }
}

fn name(finding: &Finding) -> FindingName {
    let object = finding.owner.as_ref().or(finding.object.as_ref());
    let object = object.map_or_else(|| "the cluster".to_owned(), ToString::to_string);
    let object = match &finding.container {
        Some(container) => format!("{object} {container}"),
        None => object,
    };
    FindingName { check: finding.check.to_string(), object }
}

fn answers(state: &JournalState) -> Table {
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
    let rows = state.ledger.attestations.values().map(row).collect();
    Table { head, rows, one: "answer", by_time: false }
}

fn notes(state: &JournalState, names: &Names) -> Table {
    let row = |n: &crate::session::act::FindingNote| {
        let FindingName { check, object } = names.get(&n.fingerprint);
        vec![check, object, n.text.clone()]
    };
    let rows = state.notes.iter().map(row).collect();
    Table { head: &["CHECK", "OBJECT", "NOTE"], rows, one: "note", by_time: true }
}
