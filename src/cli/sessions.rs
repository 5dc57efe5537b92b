//! `plimsoll sessions`.

mod attest;
mod decide;
mod decisions;
mod exceptions;
mod show;

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::io::{BufRead as _, IsTerminal as _};
use std::path::Path;
use std::sync::Arc;

use super::args::{DecisionsCommand, SessionsCommand, TriageArgs};
use super::context::Context;
use super::output::{self, columns};
use super::{Done, Fail, bundle, compare, trend};
use crate::model::decision::DecisionState;
use crate::model::finding::{Finding, RunResult};
use crate::model::import::Damaged;
use crate::model::inventory::{Inventory, Problem, ProblemKind};
use crate::model::ledger::Ledger;
use crate::report::{self, Format, SessionRef};
use crate::runtime::clock::today;
use crate::session::{RunRecord, RunRef, Session, SessionError};
use crate::triage::brought::{Brought, Sources};
use crate::triage::day;

/// Runs a command on sessions.
///
/// # Errors
/// When there is no such session, or it cannot be read.
pub fn run(context: &Context, command: SessionsCommand) -> Done {
    match command {
        SessionsCommand::List => list(context),
        SessionsCommand::Show { session } => show::run(context, &session),
        SessionsCommand::Report { session, output, output_file, triage } => {
            report(context, &session, output, output_file.as_deref(), &triage)
        }
        SessionsCommand::Diff { a, b, output, output_file, fail_on_new } => {
            let (b, file) = (b.as_deref(), output_file.as_deref());
            compare::run(context, &compare::Asked { a: &a, b, format: output, file, fail_on_new })
        }
        SessionsCommand::Trend { cluster, context: name, framework, json } => {
            let (cluster, framework) = (cluster.as_deref(), framework.as_deref());
            let name = name.as_deref();
            trend::run(context, &trend::Asked { cluster, context: name, framework, json })
        }
        SessionsCommand::Bundle { session, output_file, key } => {
            bundle::write(context, &session, &output_file, key.as_deref())
        }
        SessionsCommand::Key { key } => bundle::key(context, key.as_deref()),
        SessionsCommand::Decisions(DecisionsCommand::Export { session, output_file }) => {
            decisions::export(context, &session, output_file.as_deref())
        }
        SessionsCommand::Decisions(DecisionsCommand::Import { session, file, by }) => {
            decisions::import(context, &session, &file, by.as_deref())
        }
        SessionsCommand::Decide(args) => decide::run(context, &args),
        SessionsCommand::Attest(args) => attest::run(context, &args),
        SessionsCommand::Exceptions(args) => exceptions::run(context, &args),
        SessionsCommand::Rm { session, yes } => remove(context, &session, yes),
    }
}

/// What a mistake about sessions means for the exit status.
pub(super) fn fail(error: SessionError) -> Fail {
    match error {
        SessionError::Unknown(_) | SessionError::Ambiguous(_) => Fail::Usage(error.to_string()),
        other => Fail::Other(other.to_string()),
    }
}

fn list(context: &Context) -> Done {
    let sessions = context.store().list().map_err(fail)?;
    if sessions.is_empty() {
        output::complain("no sessions yet; the workbench begins one with its first run");
        return Ok(0);
    }
    let rows: Vec<Vec<String>> = sessions
        .into_iter()
        .map(|summary| {
            let holder = summary.holder.map(|h| format!("open ({h})")).unwrap_or_default();
            match summary.state {
                Ok(state) => {
                    let findings = state.runs.last().map_or_else(|| "0".to_owned(), open);
                    let counts = [
                        state.runs.len().to_string(),
                        findings,
                        state.ledger.decided_by_people().to_string(),
                    ];
                    let [runs, findings, decisions] = counts;
                    vec![
                        summary.id,
                        state.updated,
                        state.meta.title,
                        runs,
                        findings,
                        decisions,
                        holder,
                    ]
                }
                Err(problem) => {
                    let blank = String::new;
                    vec![
                        summary.id,
                        blank(),
                        format!("cannot be opened: {problem}"),
                        blank(),
                        blank(),
                        blank(),
                        holder,
                    ]
                }
            }
        })
        .collect();
    let head = ["ID", "LAST WRITTEN", "TITLE", "RUNS", "OPEN", "DECISIONS", ""];
    output::print(&columns(&head, &rows))?;
    Ok(0)
}

/// How many findings of a run are open: those that count, as trends and scores count them. Runs of
/// earlier versions say only how many there are of all.
fn open(run: &RunRef) -> String {
    run.open().map_or_else(|| format!("up to {}", run.findings), |open| open.to_string())
}

/// What is said outside a session about the findings of one of its runs. A session keeps findings,
/// not objects: of their annotations it knows what the run kept.
fn brought(sources: &Sources, result: &RunResult, inventory: &Inventory) -> Brought {
    if !sources.honoured.is_empty() && result.beside.exempt.is_none() {
        output::complain(
            "plimsoll: an earlier version saved this run without the annotations of its objects, so \
             they are not looked at here; run it again",
        );
    }
    Brought::of(sources, result, inventory)
}

/// A last day as it is given: `2027-01-31`, or `90d` from today. It must not be over.
fn last_day(text: &str) -> Result<String, Fail> {
    let today = today();
    let day = day::ahead(&today, text).ok_or_else(|| {
        Fail::Usage(format!("--until `{text}` is no day; write one such as 2027-01-31, or 90d"))
    })?;
    if day < today {
        return Err(Fail::Usage(format!("--until {day} is over")));
    }
    Ok(day)
}

fn report(
    context: &Context,
    id: &str,
    format: Format,
    file: Option<&Path>,
    triage: &TriageArgs,
) -> Done {
    let sources = super::triage::sources(context, triage)?;
    let saved = compare::Saved::read(context, id)?;
    let (session, run) = saved.parts();
    // A plan lists what is done as well; no other report needs the earlier runs read.
    let gone = if format == Format::OscalPoam { gone(session, run) } else { Vec::new() };
    let render =
        |input: &report::Input<'_>| format.render(&report::Input { gone: &gone, ..*input });
    let text = reported(context, session, run, &today(), &sources, render)?;
    let text = context.told(text.map_err(|e| Fail::Other(e.to_string()))?, format);
    output::deliver(&text, file)?;
    Ok(0)
}

/// The findings of earlier runs that are fixed, each as the last run had it that found it.
fn gone(session: &Session, run: &RunRecord) -> Vec<Arc<Finding>> {
    let ledger = &session.state().ledger;
    let fixed = ledger.decisions.iter().filter(|(_, d)| d.state == DecisionState::Fixed);
    let mut due: BTreeSet<&str> = fixed.map(|(print, _)| &**print).collect();
    for finding in &run.result.findings {
        due.remove(finding.fingerprint.as_str());
    }
    let mut gone = Vec::new();
    let earlier = session.state().runs.iter().rev().filter(|entry| entry.number < run.number);
    for entry in earlier {
        if due.is_empty() {
            break;
        }
        // A run that is damaged is told elsewhere; what only it had stays without its words.
        let Ok(Some(earlier)) = session.run(entry.number) else { continue };
        let found = earlier.result.findings.iter();
        gone.extend(found.filter(|f| due.remove(ledger.name(&f.fingerprint))).cloned());
    }
    gone.sort_by(|a, b| a.sort_key().cmp(&b.sort_key()));
    gone
}

/// Judges a run of a session by what is decided in it and the day, and gives the whole to whoever
/// renders it.
///
/// # Errors
/// When this version lacks what the run selected.
pub fn reported<T>(
    context: &Context,
    session: &Session,
    run: &RunRecord,
    day: &str,
    sources: &Sources,
    render: impl FnOnce(&report::Input<'_>) -> T,
) -> Result<T, Fail> {
    let content = &context.content;
    let mut ledger = ledger(session);
    let result = with_damage(&run.result, &ledger.damaged);
    let inventory = Inventory::new(run.source.clone(), Vec::new(), run.reads.clone());
    ledger.brought = brought(sources, &run.result, &inventory).decisions(day);
    let about = SessionRef {
        id: session.id().to_owned(),
        title: session.state().meta.title.clone(),
        created: session.state().created.clone(),
    };
    let (chosen, judged) = content.judge_run(run, &ledger, day).map_err(|e| {
        Fail::Usage(format!("the run selected something that this version does not have: {e}"))
    })?;
    let check = |id: &str| content.text_of(id);
    Ok(render(&report::Input {
        content: &run.content,
        source: &run.source,
        reads: &run.reads,
        result: &result,
        gone: &[],
        frameworks: &judged,
        not_judged: &chosen.not_judged,
        ledger: &ledger,
        session: Some(&about),
        today: day,
        selection: &run.selection,
        profile: None,
        started: &run.started,
        finished: &run.finished,
        check: &check,
    }))
}

/// What people and other tools say in a session, as far as it can be read; the rest is told.
pub(super) fn ledger(session: &Session) -> Ledger {
    let (ledger, damage) = session.whole_ledger();
    for error in damage {
        output::complain(&format!("plimsoll: damaged: {error}; what rests on it is not assessed"));
    }
    Arc::unwrap_or_clone(ledger)
}

/// A result that names the imports which cannot be read, where every report lists problems.
fn with_damage<'a>(result: &'a RunResult, damaged: &[Damaged]) -> Cow<'a, RunResult> {
    if damaged.is_empty() {
        return Cow::Borrowed(result);
    }
    let problem = |damaged: &Damaged| Problem {
        kind: ProblemKind::Import,
        file: None,
        line: None,
        column: None,
        object: None,
        message: format!(
            "the import of {} from {} cannot be read, and what rests on it is not assessed: {}",
            damaged.tool.word(),
            damaged.origin,
            damaged.why
        ),
    };
    let mut result = result.clone();
    result.problems.extend(damaged.iter().map(problem));
    Cow::Owned(result)
}

fn remove(context: &Context, id: &str, yes: bool) -> Done {
    if !yes && !confirmed(id)? {
        return Err(Fail::Usage("nothing was removed".to_owned()));
    }
    let removed = context.store().remove(id).map_err(fail)?;
    output::complain(&format!("removed session {removed}"));
    Ok(0)
}

/// Asks; anything but "yes" is no.
fn confirmed(id: &str) -> Result<bool, Fail> {
    if !std::io::stdin().is_terminal() {
        return Err(Fail::Usage(format!(
            "removing session {id} needs --yes when nobody can be asked"
        )));
    }
    output::complain(&format!("Remove session {id} with its decisions and runs? Type yes:"));
    let mut answer = String::new();
    std::io::stdin().lock().read_line(&mut answer)?;
    Ok(answer.trim() == "yes")
}
