//! `plimsoll scan`.

mod selected;

use std::sync::Arc;

use super::args::ScanArgs;
use super::asked::ScanOrder;
use super::context::{CommandContext, problem_line};
use super::gate::Gate;
use super::judging::{EndingRun, ProgressBar, before};
use super::output;
use super::recording::Recording;
use super::{CommandError, CommandResult, compare, fleet, import, open, profiles, triage};
use crate::assess::compare::scores;
use crate::assess::tenants::Tenant;
use crate::assess::{Chosen, Content, Finished};
use crate::checks::Plan;
use crate::config::profile;
use crate::frameworks::fleet::Unread;
use crate::frameworks::tenant::Scorecard;
use crate::imports::objects::with_imports;
use crate::model::comparison::Comparison;
use crate::model::finding::{Finding, Severity};
use crate::model::import::Import;
use crate::model::inventory::Inventory;
use crate::model::kinds::Kind;
use crate::model::ledger::Ledger;
use crate::report::{self, Assessment, Format, Judged, SessionRef};
use crate::runtime::clock::{timestamp, today};
use crate::session::RunRecord;
pub(super) use selected::relied;
use selected::{fitted, judged_at_all, lost, matched};

/// Assesses and prints.
///
/// # Errors
/// When the selection means nothing or the source cannot be read.
pub fn run(context: &CommandContext, args: &ScanArgs) -> CommandResult {
    let content = &context.content;
    let mut broken = content.library.problems.iter().chain(&content.frameworks.problems).peekable();
    let whole = broken.peek().is_none();
    broken.for_each(|problem| output::complain(&format!("plimsoll: {}", problem_line(problem))));
    let done = if fleet::is_asked(args) { fleet::run(context, args) } else { alone(context, args) };
    match done {
        Ok(status) if whole => Ok(status),
        // What works was assessed all the same; the status says that something did not.
        Ok(_) => Ok(2),
        Err(CommandError::Source(text)) if !whole => Err(CommandError::Usage(text)),
        Err(fail) => Err(fail),
    }
}

/// One cluster, or one other source.
fn alone(context: &CommandContext, args: &ScanArgs) -> CommandResult {
    if args.output_dir.is_some() {
        let text = "--output-dir is for several clusters; write one with --output-file";
        return Err(CommandError::Usage(text.to_owned()));
    }
    scan(context, args)
}

fn scan(context: &CommandContext, args: &ScanArgs) -> CommandResult {
    let profiles::PickedProfiles { tenants, broken } =
        profiles::chosen(context, &args.profile.profile)?;
    if tenants.len() > 1 || args.profile.profile.iter().any(|name| name == profile::ALL) {
        return super::tenants::run(context, args, &tenants, &broken);
    }
    one(context, args, tenants.into_iter().next())
}

/// One source, judged as a whole or for one tenant.
fn one(context: &CommandContext, args: &ScanArgs, tenant: Option<Tenant>) -> CommandResult {
    let started = timestamp();
    let asked = ScanOrder::of(context, args, tenant);
    let content = &asked.content;
    let chosen = content.choose(&asked.selection)?;
    output::vacant(args.output_file.as_deref())?;
    let imports = import::load_all(&args.import, None, None)?;
    let saved =
        args.baseline.as_deref().map(|s| compare::ComparableRun::newest(context, s)).transpose()?;
    let mut recording =
        args.session.as_deref().map(|name| Recording::open(context, name)).transpose()?;
    let mut ledger = Arc::new(known(recording.as_ref(), &imports)?);
    let sources = triage::sources(context, &args.triage)?;
    let read = || open::read(&args.source, asked.kinds(&chosen), &asked.namespaces());
    let (mut plan, read) = compiled_while(content, &chosen, read);
    let read = read?;
    recording.iter().try_for_each(|recording| recording.fits(&read.source))?;
    let inventory = joined(content, &read, &ledger.imports);
    let facts = content.facts(Arc::clone(&inventory));
    let planned = chosen.checks.clone();
    let (members, chosen) = asked.narrow(chosen, &inventory)?;
    let chosen = fitted(content, chosen, &facts, recording.is_some() || saved.is_some())?;
    if chosen.checks != planned {
        plan = content.plan(&chosen);
    }
    let kinds: Vec<Kind> = plan.kinds().into_iter().collect();
    let fits = judged_at_all(&chosen);
    let lost = lost(args, &chosen, &facts);
    let lost = !matched(args, &chosen, &facts, &lost)? || !lost.is_empty();
    let result = content.run(&plan, &chosen, &facts, &ProgressBar::default());
    for one in &imports {
        import::tell_unfit(one, &result.beside, Some(&inventory), content.max_import_age());
    }
    let before = before(recording.as_ref(), saved.as_ref());
    let (chosen, sources) = (&chosen, &sources);
    let run = EndingRun { chosen, inventory: &inventory, started, result, sources, before };
    let say = &mut |text: String| output::complain(&format!("plimsoll: {text}"));
    let Finished { record, judged, .. } = run.finish(content, &mut ledger, say);
    let card = asked.card(&members, &record.result, &judged, &ledger);
    // What was found is told even if it cannot be kept: another scan may find another cluster.
    let saving = recording.as_mut().map(|to| to.save(context, &record, scores(&judged), &imports));
    let (session, unsaved) = saving.transpose().map_or_else(|f| (None, Some(f)), |s| (s, None));
    let gone = recording.as_ref().map(|of| of.departed(&record, args.output)).unwrap_or_default();
    let scan = Scan {
        content,
        chosen,
        record: &record,
        judged: &judged,
        ledger: &ledger,
        kinds: &kinds,
        session: session.as_ref(),
        gone: &gone,
        card: card.as_ref(),
    };
    let since = saved.map(|saved| compare::since(&saved, &record, &ledger));
    let blind = hand_over(&scan, (context, args), since.as_ref(), &inventory)?;
    if let Some(fail) = unsaved {
        return Err(fail.in_words("the run was not saved in the session"));
    }
    let status = scan.ended(blind.as_ref(), fits && !lost, args, since.as_ref());
    // The process ends now, and with it all its memory: to give back a large cluster and its findings
    // one by one takes a sixth of a second.
    std::mem::forget((facts, inventory, read, record, judged));
    Ok(status)
}

/// The checks of a selection, of every edition that may be judged: which one is, the cluster tells. They are
/// compiled while something else is done, such as waiting for a server.
fn compiled_while<T>(
    content: &Content,
    chosen: &Chosen,
    meanwhile: impl FnOnce() -> T,
) -> (Plan, T) {
    std::thread::scope(|scope| {
        let compiling = scope.spawn(|| content.plan(chosen));
        let done = meanwhile();
        // A thread that died is no reason to do without: another try tells why.
        (compiling.join().unwrap_or_else(|_| content.plan(chosen)), done)
    })
}

/// Delivers what was found. Why nothing at all could be read, if that is so.
fn hand_over(
    scan: &Scan<'_>,
    (context, args): (&CommandContext, &ScanArgs),
    since: Option<&Comparison>,
    inventory: &Inventory,
) -> Result<Option<Unread>, CommandError> {
    // A table of a cluster of which nothing is known would look like one of a cluster. Other formats say
    // of every list that it could not be read.
    let blind = Unread::blind(inventory);
    let (failed, asked) = inventory.failed();
    if blind.is_none() && failed * 2 > asked {
        output::complain(&format!(
            "plimsoll: {failed} of {asked} lists failed; what needs them is not assessed"
        ));
    }
    if blind.is_none() || args.output != Format::Table {
        scan.deliver(context, args, since)?;
    }
    Ok(blind)
}

/// What was read, with what was imported.
fn joined(content: &Content, read: &Inventory, imports: &[Import]) -> Arc<Inventory> {
    Arc::new(with_imports(read, imports, &today(), content.max_import_age()))
}

/// Says that nothing could be read, and gives the status for it.
fn tell_blind(Unread { what, why, next }: &Unread) -> u8 {
    output::complain_lines(&[format!("plimsoll: {what}: {why}").as_str(), next]);
    3
}

struct Scan<'a> {
    content: &'a Content,
    chosen: &'a Chosen,
    record: &'a RunRecord,
    judged: &'a [Judged],
    ledger: &'a Ledger,
    kinds: &'a [Kind],
    session: Option<&'a SessionRef>,
    /// Findings of earlier runs that are fixed.
    gone: &'a [Arc<Finding>],
    card: Option<&'a Scorecard>,
}

/// What is decided and imported already, with the imports of this scan.
fn known(recording: Option<&Recording>, imports: &[Import]) -> Result<Ledger, CommandError> {
    let mut ledger = recording.map_or_else(|| Ok(Ledger::default()), Recording::ledger)?;
    for import in imports {
        if !ledger.imports.iter().any(|there| there.same(import)) {
            ledger.imports.push(import.clone());
        }
    }
    Ok(ledger)
}

/// A report as a text, with what became of findings since a baseline.
fn render(
    input: &report::Input<'_>,
    format: Format,
    since: Option<&Comparison>,
) -> Result<String, CommandError> {
    let rendered = || {
        if format == Format::Table && output::is_plain() {
            return Ok(report::table::sentences(input));
        }
        format.render(input).map_err(|e| CommandError::Other(e.to_string()))
    };
    let Some(since) = since else { return rendered() };
    let summary = report::diff::summary(since);
    if format == Format::Sarif {
        output::complain_lines(&summary.trim().lines().collect::<Vec<_>>());
        return report::sarif::since(input, Some(since))
            .map_err(|e| CommandError::Other(e.to_string()));
    }
    let text = rendered()?;
    if format == Format::Table {
        return Ok(text + &summary);
    }
    // Other formats have no room for it.
    output::complain_lines(&summary.trim().lines().collect::<Vec<_>>());
    Ok(text)
}

impl Scan<'_> {
    /// Prints the report, or writes it to its file.
    fn deliver(
        &self,
        context: &CommandContext,
        args: &ScanArgs,
        since: Option<&Comparison>,
    ) -> Result<(), CommandError> {
        let check = |id: &str| self.content.text_of(id);
        let today = today();
        let assessment = Assessment {
            run: self.record,
            frameworks: self.judged,
            not_judged: &self.chosen.not_judged,
            ledger: self.ledger,
            today: &today,
            max_age: self.content.max_import_age(),
        };
        let input = report::Input {
            environment: context.environment(&self.record.source),
            gone: self.gone,
            session: self.session,
            profile: self.card,
            ..report::Input::of(assessment, &check)
        };
        let file = args.output_file.as_deref();
        if args.output == Format::Json && !context.ascii_everywhere {
            return output::deliver_as(file, |out| report::document::write(&input, since, out));
        }
        let text = if args.output == Format::Json {
            let mut text = Vec::new();
            report::document::write(&input, since, &mut text)?;
            String::from_utf8(text).map_err(|error| CommandError::Other(error.to_string()))?
        } else {
            render(&input, args.output, since)?
        };
        output::deliver(&context.shown(text, args.output, file), file)
    }

    /// The status of a scan of which, if everything could not be read, it is said why; `whole` is whether
    /// all that was asked for is there and fits.
    fn ended(
        &self,
        blind: Option<&Unread>,
        whole: bool,
        args: &ScanArgs,
        since: Option<&Comparison>,
    ) -> u8 {
        match blind {
            // An account whose rights have ended must not make a gate open.
            Some(blind) => tell_blind(blind),
            // A framework that was asked for and does not fit must not look like one that is met.
            None if !whole => 2,
            None => self.status(args, since),
        }
    }

    /// The exit status: the first that applies.
    fn status(&self, args: &ScanArgs, since: Option<&Comparison>) -> u8 {
        let gate = self.gate();
        if args.require_complete && gate.lacks() {
            return 4;
        }
        let crossed = |limit: Severity| self.counted().any(|f| f.severity <= limit);
        let new = |since| compare::tell_new(since, self.ledger);
        let missed = self.card.is_some_and(|card| card.threshold.verdict.crossed());
        let crossed = args.fail_on.is_some_and(crossed) || missed;
        let option = if args.fail_on.is_some() { "--fail-on" } else { "--fail-on-new" };
        let relied = args.fail_on.is_some() || args.fail_on_new;
        // What could not be judged is said even where a finding is reason enough.
        let doubts = relied && gate.doubts(option);
        let new = args.fail_on_new && since.is_some_and(new);
        u8::from(doubts || crossed || new)
    }

    fn gate(&self) -> Gate<'_> {
        Gate {
            name: "",
            source: &self.record.source,
            reads: &self.record.reads,
            result: &self.record.result,
            library: &self.content.library,
            selection: &self.chosen.selection,
            kinds: self.kinds,
        }
    }

    /// Findings that a threshold looks at: open and in progress.
    fn counted(&self) -> impl Iterator<Item = &Arc<Finding>> {
        let (all, today) = (self.chosen.selection.include_platform, today());
        let found = self.record.result.findings.iter();
        found.filter(move |f| self.ledger.counts_open(f, all, &today))
    }
}
