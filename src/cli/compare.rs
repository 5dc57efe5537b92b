//! `plimsoll sessions diff`, and the baseline of a scan.

use std::collections::BTreeSet;
use std::path::Path;

use super::args::DiffFormat;
use super::context::CommandContext;
use super::{CommandError, CommandResult, newest, output};
use crate::assess::compare::Compared;
use crate::frameworks::FrameworkChange;
use crate::model::already::Already;
use crate::model::comparison::{ComparedFinding, Comparison, RunLabel};
use crate::model::finding::Form;
use crate::model::ledger::Ledger;
use crate::report::diff::{self, Diff};
use crate::runtime::clock::today;
use crate::session::{RunInSession, RunRecord, Session, between};

/// Most findings named.
const NAMED: usize = 5;

/// A run of a session, with what is needed to compare it.
pub struct ComparableRun {
    session: Session,
    ledger: Ledger,
    run: RunRecord,
}

impl ComparableRun {
    /// Reads `SESSION` or `SESSION#RUN`; without a number, the last run.
    ///
    /// # Errors
    /// When there is no such session or run, or it cannot be read.
    pub fn read(context: &CommandContext, text: &str) -> Result<Self, CommandError> {
        let (session, number) = opened(context, text)?;
        let last = session.state().runs.last().map_or(0, |run| run.number);
        Self::of(session, number.unwrap_or(last))
    }

    /// The same for what goes on by itself, night by night: without a number, the newest run that can be
    /// read. What cannot is told.
    ///
    /// # Errors
    /// When there is no such session or run, or no run can be read.
    pub fn newest(context: &CommandContext, text: &str) -> Result<Self, CommandError> {
        let (session, number) = opened(context, text)?;
        match number {
            Some(number) => Self::of(session, number),
            None => newest::needed(&session).map(|run| Self::with(session, run)),
        }
    }

    /// The session.
    pub fn session(&self) -> &Session {
        &self.session
    }

    /// The run.
    pub fn run(&self) -> &RunRecord {
        &self.run
    }

    fn of(session: Session, number: u32) -> Result<Self, CommandError> {
        let run = session.run(number).map_err(|error| newest::unreadable(&session, &error))?;
        let run = run.ok_or_else(|| {
            let (id, runs) = (session.id(), session.state().runs.len());
            CommandError::Usage(format!(
                "session {id} has no run {number}; its runs go from 1 to {runs}"
            ))
        })?;
        Ok(Self::with(session, run))
    }

    fn with(session: Session, run: RunRecord) -> Self {
        let ledger = super::reported::ledger(&session);
        Self { session, ledger, run }
    }

    /// The run before this one in the same session.
    fn previous(self, context: &CommandContext) -> Result<(Self, Self), CommandError> {
        let id = self.session.id().to_owned();
        let numbers = self.session.state().runs.iter().map(|r| r.number);
        let before = numbers.filter(|n| *n < self.run.number).max().ok_or_else(|| {
            CommandError::Usage(format!(
                "session {id} has no run before run {}: name another session to compare with",
                self.run.number
            ))
        })?;
        let session = context.store().open_to_read(&id)?;
        Ok((Self::of(session, before)?, self))
    }

    fn label(&self, label: &mut RunLabel) {
        label.session = Some(self.session.id().to_owned());
        label.title = Some(self.session.state().meta.title.clone());
        label.run = self.run.number;
    }
}

/// The session, opened to read, and the number of the run if one was named.
fn opened(context: &CommandContext, text: &str) -> Result<(Session, Option<u32>), CommandError> {
    let (id, number) = named(text)?;
    Ok((context.store().open_to_read_with_run(id)?, number))
}

/// `ID`, or `ID#3`.
fn named(text: &str) -> Result<(&str, Option<u32>), CommandError> {
    let Some((id, number)) = text.rsplit_once('#') else { return Ok((text, None)) };
    let number = number.parse().map_err(|_| {
        CommandError::Usage(format!("`{text}` names no run; write SESSION#NUMBER, such as last#1"))
    })?;
    Ok((id, Some(number)))
}

/// What `sessions diff` was asked.
pub struct DiffRequest<'a> {
    /// The earlier run, or the later one if there is no other.
    pub a: &'a str,
    /// The later run.
    pub b: Option<&'a str>,
    /// How to print.
    pub format: DiffFormat,
    /// Where to.
    pub file: Option<&'a Path>,
    /// End with status 1 if something may be new.
    pub fail_on_new: bool,
}

/// Compares two saved runs.
///
/// # Errors
/// When one of them is missing or cannot be read.
pub fn run(context: &CommandContext, asked: &DiffRequest<'_>) -> CommandResult {
    output::vacant(asked.file)?;
    let first = ComparableRun::read(context, asked.a)?;
    let (before, after) = match asked.b {
        Some(b) => (first, ComparableRun::read(context, b)?),
        None => first.previous(context)?,
    };
    let mut fixed = after.session.state().fixed_before(after.run.number);
    if before.session.id() != after.session.id() {
        fixed.extend(before.session.state().fixed_before(u32::MAX));
    }
    let sides = [&before, &after].map(|s| Compared { run: &s.run, ledger: &s.ledger });
    let [old, new] = &sides;
    let (mut comparison, frameworks) = context.content.compare(old, new, &fixed, &today());
    let [earlier, later] =
        [&before, &after].map(|s| RunInSession { state: s.session.state(), run: &s.run });
    comparison.decided = between(earlier, later, &comparison);
    before.label(&mut comparison.before);
    after.label(&mut comparison.after);
    let mut text = render(&comparison, &frameworks, asked.format)?;
    if context.ascii && asked.format != DiffFormat::Json {
        text = output::ascii(&text);
    }
    output::deliver(&text, asked.file)?;
    let trips = asked.fail_on_new && any_new(&comparison, &after.ledger);
    Ok(u8::from(trips))
}

fn render(
    comparison: &Comparison,
    frameworks: &[FrameworkChange],
    format: DiffFormat,
) -> Result<String, CommandError> {
    let diff = Diff { comparison, frameworks };
    match format {
        DiffFormat::Table => Ok(diff::table(&diff)),
        DiffFormat::Markdown => Ok(diff::markdown(&diff)),
        DiffFormat::Json => diff::json(&diff).map_err(|e| CommandError::Other(e.to_string())),
    }
}

/// Whether a finding that counts may be new.
#[must_use]
pub fn any_new(comparison: &Comparison, ledger: &Ledger) -> bool {
    new_ones(comparison, ledger).next().is_some()
}

/// Whether a finding that counts may be new; the first of them are said, with why they are not known to be old.
pub fn tell_new(comparison: &Comparison, ledger: &Ledger) -> bool {
    let all: Vec<&ComparedFinding> = new_ones(comparison, ledger).collect();
    for entry in all.iter().take(NAMED) {
        let finding = &entry.finding;
        let on =
            finding.object.as_ref().map_or_else(|| "the cluster".to_owned(), ToString::to_string);
        let line = finding.line.map(|line| format!(":{line}")).unwrap_or_default();
        let place = finding.file.as_ref().map(|file| format!(" ({file}{line})"));
        let why = entry.reason.as_ref().map(|_| format!("; {}", entry.remark()));
        output::complain(&format!(
            "plimsoll: --fail-on-new: {} on {on}{}{}",
            finding.check,
            place.unwrap_or_default(),
            why.unwrap_or_default()
        ));
    }
    if let Some(more) = all.len().checked_sub(NAMED).filter(|more| *more > 0) {
        output::complain(&format!("plimsoll: --fail-on-new: and {more} more"));
    }
    !all.is_empty()
}

/// What nothing shows to have been there before. What the earlier run could not have seen is among it, because
/// there is no pass without data.
fn new_ones<'a>(
    comparison: &'a Comparison,
    ledger: &Ledger,
) -> impl Iterator<Item = &'a ComparedFinding> {
    let today = today();
    let open = move |print: &str| !ledger.state(print, &today).is_set_aside();
    let counts = move |e: &&ComparedFinding| {
        let rule = e.finding.form != Form::Evidence;
        e.may_be_new() && rule && open(&e.finding.fingerprint)
    };
    comparison.counted().filter(counts)
}

/// Compares a scan, and the decisions that it goes by, with the run of a session.
#[must_use]
pub fn since(baseline: &ComparableRun, now: &RunRecord, ledger: &Ledger) -> Comparison {
    let fixed: BTreeSet<String> = baseline.session.state().fixed_before(u32::MAX);
    let mut comparison = crate::session::compare(&baseline.run, now, &fixed);
    baseline.label(&mut comparison.before);
    comparison.already = Already::of(&comparison, ledger, &baseline.ledger, &today());
    comparison
}
