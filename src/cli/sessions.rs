//! `plimsoll sessions`.

mod asking;
mod attest;
mod decide;
mod decisions;
mod exceptions;
mod show;
mod withdraw;

use std::io::{BufRead as _, IsTerminal as _};
use std::path::Path;

use super::args::{DecisionsCommand, SessionsCommand, TriageArgs};
use super::context::CommandContext;
use super::output::{self, columns};
use super::reported::reported;
use super::{CommandError, CommandResult, bundle, compare, trend};
use crate::report::{self, Format};
use crate::runtime::clock::today;
use crate::session::RunRef;
use crate::triage::day;

/// Runs a command on sessions.
///
/// # Errors
/// When there is no such session, or it cannot be read.
pub fn run(context: &CommandContext, command: SessionsCommand) -> CommandResult {
    match command {
        SessionsCommand::List => list(context),
        SessionsCommand::Show { session, all, json } => {
            show::run(context, &session, show::ShowRequest { all, json })
        }
        SessionsCommand::Report { session, output, output_file, triage } => {
            report(context, &session, output, output_file.as_deref(), &triage)
        }
        SessionsCommand::Diff { a, b, output, output_file, fail_on_new } => {
            let (b, file) = (b.as_deref(), output_file.as_deref());
            compare::run(
                context,
                &compare::DiffRequest { a: &a, b, format: output, file, fail_on_new },
            )
        }
        SessionsCommand::Trend { cluster, context: name, framework, json } => {
            let (cluster, framework) = (cluster.as_deref(), framework.as_deref());
            let name = name.as_deref();
            trend::run(context, &trend::TrendRequest { cluster, context: name, framework, json })
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
        SessionsCommand::Withdraw { session, imports, by } => {
            withdraw::run(context, &session, &imports, by.as_deref())
        }
        SessionsCommand::Rm { session, yes } => remove(context, &session, yes),
    }
}

fn list(context: &CommandContext) -> CommandResult {
    let sessions = context.store().list()?;
    if sessions.is_empty() {
        output::complain("no sessions yet; the workbench begins one with its first run");
        return Ok(0);
    }
    let mut broken = Vec::new();
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
                    broken.push(format!("plimsoll: session {}: {problem}", summary.id));
                    vec![
                        summary.id,
                        blank(),
                        "cannot be opened".to_owned(),
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
    // Why is a sentence, and would push the numbers of all others off the screen.
    for line in &broken {
        output::complain(line);
    }
    Ok(0)
}

/// How many findings of a run are open: those that count, as trends and scores count them. Runs of
/// earlier versions say only how many there are of all.
fn open(run: &RunRef) -> String {
    run.open().map_or_else(|| format!("up to {}", run.findings), |open| open.to_string())
}

/// A last day as it is given: `2027-01-31`, or `90d` from today. It must not be over.
fn last_day(text: &str) -> Result<String, CommandError> {
    let today = today();
    let day = day::ahead(&today, text).ok_or_else(|| {
        CommandError::Usage(format!(
            "--until `{text}` is no day; write one such as 2027-01-31, or 90d"
        ))
    })?;
    if day < today {
        return Err(CommandError::Usage(format!("--until {day} is over")));
    }
    Ok(day)
}

fn report(
    context: &CommandContext,
    id: &str,
    format: Format,
    file: Option<&Path>,
    triage: &TriageArgs,
) -> CommandResult {
    let sources = super::triage::sources(context, triage)?;
    let saved = compare::ComparableRun::read(context, id)?;
    let (session, run) = (saved.session(), saved.run());
    // A plan lists what is done as well; no other report needs the earlier runs read.
    let gone = if format == Format::OscalPoam {
        session.departed(&run.result, run.number)
    } else {
        Vec::new()
    };
    let render =
        |input: &report::Input<'_>| format.render(&report::Input { gone: &gone, ..*input });
    let text = reported(context, session, run, &sources, render)?;
    let text = context.told(text.map_err(|e| CommandError::Other(e.to_string()))?, format);
    output::deliver(&text, file)?;
    Ok(0)
}

fn remove(context: &CommandContext, id: &str, yes: bool) -> CommandResult {
    if !yes && !confirmed(id)? {
        return Err(CommandError::Usage("nothing was removed".to_owned()));
    }
    let removed = context.store().remove(id)?;
    output::complain(&format!("removed session {removed}"));
    Ok(0)
}

/// Asks; anything but "yes" is no.
fn confirmed(id: &str) -> Result<bool, CommandError> {
    if !std::io::stdin().is_terminal() {
        return Err(CommandError::Usage(format!(
            "removing session {id} needs --yes when nobody can be asked"
        )));
    }
    output::complain(&format!("Remove session {id} with its decisions and runs? Type yes:"));
    let mut answer = String::new();
    std::io::stdin().lock().read_line(&mut answer)?;
    Ok(answer.trim() == "yes")
}
