//! `plimsoll sessions`.

use std::io::{BufRead as _, IsTerminal as _};
use std::path::Path;

use super::args::SessionsCommand;
use super::context::Context;
use super::output::{self, columns};
use super::{Done, Fail, bundle, compare, trend};
use crate::report::{self, Format, SessionRef};
use crate::runtime::clock::today;
use crate::session::{RunRecord, Session, SessionError, State};

/// Runs a command on sessions.
///
/// # Errors
/// When there is no such session, or it cannot be read.
pub fn run(context: &Context, command: SessionsCommand) -> Done {
    match command {
        SessionsCommand::List => list(context),
        SessionsCommand::Show { session } => show(context, &session),
        SessionsCommand::Report { session, output, output_file } => {
            report(context, &session, output, output_file.as_deref())
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
                    let findings = state.runs.last().map_or(0, |r| r.findings).to_string();
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
    let head = ["ID", "LAST WRITTEN", "TITLE", "RUNS", "FINDINGS", "DECISIONS", ""];
    output::print(&columns(&head, &rows))?;
    Ok(0)
}

fn show(context: &Context, id: &str) -> Done {
    let session = context.store().open(id).map_err(fail)?;
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
    let runs: Vec<Vec<String>> = state
        .runs
        .iter()
        .map(|r| vec![r.number.to_string(), r.finished.clone(), r.findings.to_string()])
        .collect();
    out.push('\n');
    out.push_str(&columns(&["RUN", "FINISHED", "FINDINGS"], &runs));
    let mut decisions: Vec<Vec<String>> = state
        .ledger
        .decisions
        .iter()
        .map(|(fingerprint, d)| {
            let text = |v: &Option<String>| v.clone().unwrap_or_default();
            vec![
                fingerprint.clone(),
                d.state.word().to_owned(),
                text(&d.expires),
                text(&d.approver),
                text(&d.reason),
            ]
        })
        .collect();
    decisions.sort();
    if !decisions.is_empty() {
        out.push('\n');
        out.push_str(&columns(&["FINDING", "DECISION", "UNTIL", "APPROVER", "REASON"], &decisions));
    }
    let notes: Vec<Vec<String>> =
        state.notes.iter().map(|n| vec![n.fingerprint.clone(), n.text.clone()]).collect();
    if !notes.is_empty() {
        out.push('\n');
        out.push_str(&columns(&["FINDING", "NOTE"], &notes));
    }
    output::print(&out)?;
    Ok(0)
}

/// Files of a session that are not what the journal names: the rest of it is whole.
fn damage(session: &Session) -> Vec<String> {
    session.damaged().iter().map(|error| format!("damaged: {error}")).collect()
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

fn report(context: &Context, id: &str, format: Format, file: Option<&Path>) -> Done {
    let session = context.store().open(id).map_err(fail)?;
    let run = session.latest_run().map_err(fail)?.ok_or_else(|| {
        Fail::Usage(format!("session {} has no run yet; resume it and press r", session.id()))
    })?;
    let text = reported(context, &session, &run, &today(), |input| format.render(input))?;
    output::deliver(&text.map_err(|e| Fail::Other(e.to_string()))?, file)?;
    Ok(0)
}

/// Judges a run of a session by what is decided in it and the day, and gives the whole to whoever
/// renders it.
///
/// # Errors
/// When this version lacks what the run selected, or an import is damaged.
pub fn reported<T>(
    context: &Context,
    session: &Session,
    run: &RunRecord,
    day: &str,
    render: impl FnOnce(&report::Input<'_>) -> T,
) -> Result<T, Fail> {
    let content = &context.content;
    let ledger = session.ledger().map_err(fail)?;
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
        result: &run.result,
        frameworks: &judged,
        not_judged: &chosen.not_judged,
        ledger: &ledger,
        session: Some(&about),
        today: day,
        selection: &run.selection,
        started: &run.started,
        finished: &run.finished,
        check: &check,
    }))
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
