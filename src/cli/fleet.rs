//! `scan --contexts` and `scan --snapshots`: several clusters judged side by side. One that cannot be
//! read spoils nothing for the others, and is never taken for one that passes.

mod files;
mod given;
mod judge;
mod read;

use std::path::{Path, PathBuf};

use super::args::ScanArgs;
use super::asked::ScanOrder;
use super::context::CommandContext;
use super::gate::Gate;
use super::recording::NEW;
use super::{CommandError, CommandResult, compare, open, output, profiles, scan, triage};
use crate::assess::tenants::Tenant;
use crate::cluster::{self, ContextInfo};
use crate::config::profile::ALL;
use crate::frameworks::fit;
use crate::frameworks::fleet::Unread;
use crate::model::inventory::SourceInfo;
use crate::report::fleet::{Entry, Fleet, Outcome};
use crate::report::{Format, fleet as report};
use crate::runtime::clock::{timestamp, today};
use given::Baselines;
use judge::AssessedCluster;

/// Whether the command line asks for several clusters.
#[must_use]
pub(super) fn is_asked(args: &ScanArgs) -> bool {
    !args.contexts.is_empty() || !args.snapshots.is_empty()
}

/// One of the clusters to judge.
#[derive(Clone, Debug)]
pub(super) struct FleetMember {
    /// What it is called in every result.
    pub name: String,
    /// Where its objects come from.
    pub from: MemberSource,
}

/// Where the objects of one of the clusters come from.
#[derive(Clone, Debug)]
pub(super) enum MemberSource {
    /// A context of the kubeconfig.
    Context(ContextInfo),
    /// A saved snapshot.
    Snapshot(PathBuf),
}

/// Judges every cluster and prints them side by side.
///
/// # Errors
/// When the command line makes no sense for several, or none could be read.
pub fn run(context: &CommandContext, args: &ScanArgs) -> CommandResult {
    sensible(args)?;
    output::vacant(args.output_file.as_deref())?;
    let members = members(args)?;
    let started = timestamp();
    let tenant = tenant(context, args)?;
    let asked = ScanOrder::of(context, args, tenant.clone());
    let chosen = asked.content.choose(&asked.selection)?;
    let dir = args.output_dir.as_deref().map(files::ready).transpose()?;
    let sources = triage::sources(context, &args.triage)?;
    let imports = given::imports(args, &members)?;
    let baselines =
        args.baseline.as_deref().map(|text| Baselines::of(context, text)).transpose()?;
    announce(&members);
    let work = judge::FleetWork {
        context,
        args,
        asked: &asked,
        chosen: &chosen,
        sources: &sources,
        imports: &imports,
        baselines: baselines.as_ref(),
    };
    let results = read::all(&work, &members);
    tell(&members, &results);
    let finished = timestamp();
    let judged = JudgedFleet {
        asked: &asked,
        members: &members,
        results: &results,
        started: &started,
        finished: &finished,
    };
    judged.deliver(context, args, dir)?;
    let strays = baselines.as_ref().is_some_and(|baselines| strays(baselines, &results));
    let promises = tenant.is_some_and(|t| t.fail_on.is_some() || !t.scores.is_empty());
    Ok(if strays { 2 } else { status(args, &asked, &results, promises) })
}

/// The profile in place of a selection.
fn tenant(context: &CommandContext, args: &ScanArgs) -> Result<Option<Tenant>, CommandError> {
    let names = &args.profile.profile;
    if names.len() > 1 || names.iter().any(|name| name == ALL) {
        let text = "several clusters are judged by one profile at a time: a scorecard of each profile in \
                    each cluster has no form yet. Name one profile, or one cluster with --context";
        return Err(CommandError::Usage(text.to_owned()));
    }
    Ok(profiles::chosen(context, names)?.tenants.into_iter().next())
}

/// Says which sessions that were named are of none of the clusters: what was to be compared was not.
/// Where a cluster was not read it may be that one.
fn strays(baselines: &Baselines, results: &[Result<AssessedCluster, Unread>]) -> bool {
    let read: Vec<&SourceInfo> =
        results.iter().filter_map(|r| r.as_ref().ok()).map(|of| &of.record.source).collect();
    let all = read.len() == results.len();
    let strange: Vec<&str> = baselines.strangers(&read).collect();
    for name in &strange {
        let text = "is of none of the clusters that were read";
        output::complain(&format!("plimsoll: --baseline {name} {text}"));
    }
    all && !strange.is_empty()
}

/// Several clusters, judged.
#[derive(Clone, Copy)]
struct JudgedFleet<'a> {
    asked: &'a ScanOrder,
    members: &'a [FleetMember],
    /// What each of them came to.
    results: &'a [Result<AssessedCluster, Unread>],
    /// When the first began to be read, RFC 3339.
    started: &'a str,
    /// When the last was judged, RFC 3339.
    finished: &'a str,
}

impl JudgedFleet<'_> {
    /// Prints the clusters side by side, and writes a file of each where that was asked for.
    fn deliver(
        &self,
        context: &CommandContext,
        args: &ScanArgs,
        dir: Option<&Path>,
    ) -> Result<(), CommandError> {
        let Self { asked, members, results, started, finished } = *self;
        let (content, day) = (&asked.content, today());
        let check = |id: &str| content.text_of(id);
        let mut entries = Vec::with_capacity(members.len());
        for (member, result) in members.iter().zip(results) {
            let outcome = match result {
                Ok(of) => Outcome::Read(
                    Box::new(of.input(context, &day, &check)),
                    Box::new(of.card.clone()),
                ),
                Err(error) => Outcome::Unread(error.clone()),
            };
            let since = result.as_ref().ok().and_then(|of| of.since.as_ref());
            entries.push(Entry { name: member.name.clone(), outcome, since });
        }
        let mut fleet =
            Fleet::new(entries, &content.digest(), &asked.selection, started, finished, &check);
        let wrong = |error: crate::report::RenderError| CommandError::Other(error.to_string());
        let mut format = args.output;
        if let Some(dir) = dir {
            files::write(context, &mut fleet, dir, format)
                .map_err(|fail| fail.in_words("--output-dir"))?;
            format = Format::Table;
        }
        let text = match format {
            Format::Table if output::is_plain() => report::sentences(&fleet),
            format => report::render(&fleet, format).map_err(wrong)?,
        };
        output::deliver(&context.told(text, format), args.output_file.as_deref())
    }
}

/// Refuses what several clusters have no place for.
fn sensible(args: &ScanArgs) -> Result<(), CommandError> {
    let refuse = |text: &str| Err(CommandError::Usage(text.to_owned()));
    if !args.contexts.is_empty() && !args.snapshots.is_empty() {
        return refuse("--contexts and --snapshots are two sources: choose one");
    }
    if args.output_dir.is_none() && !report::has(args.output) {
        let word = args.output.word();
        return Err(CommandError::Usage(format!(
            "{word} is about one cluster: with --output-dir D each of several gets a file of its own; \
             in one result they come as {}",
            report::words()
        )));
    }
    match args.session.as_deref() {
        None | Some(NEW) => Ok(()),
        Some(_) => {
            refuse("a session is of one cluster: with several, --session new begins one of each")
        }
    }
}

/// The clusters that the command line means.
fn members(args: &ScanArgs) -> Result<Vec<FleetMember>, CommandError> {
    if args.contexts.is_empty() {
        return Ok(snapshots(&args.snapshots));
    }
    let awaited = args.source.kubeconfig.as_deref().and_then(open::awaited);
    let found = cluster::contexts(args.source.kubeconfig.as_deref())
        .map_err(|error| open::unreached(&error))?;
    drop(awaited);
    let named = found.named(&args.contexts).map_err(|error| open::misnamed(&error))?;
    // A time-out that is none is told before anything is read.
    open::connect_options(&args.source)?;
    Ok(named
        .into_iter()
        .map(|c| FleetMember { name: c.name.clone(), from: MemberSource::Context(c) })
        .collect())
}

/// Snapshots by the names of their files, with as much of the path as tells them apart.
fn snapshots(paths: &[PathBuf]) -> Vec<FleetMember> {
    let stem = |path: &Path| path.file_stem().map(|s| s.to_string_lossy().into_owned());
    let name = |path: &PathBuf| {
        let short = stem(path).unwrap_or_default();
        let twin = paths.iter().filter(|other| stem(other).as_ref() == Some(&short)).count() > 1;
        if twin || short.is_empty() { path.display().to_string() } else { short }
    };
    let member = |path: &PathBuf| FleetMember {
        name: name(path),
        from: MemberSource::Snapshot(path.clone()),
    };
    paths.iter().map(member).collect()
}

/// Says which programs are run for credentials, before any of them is.
fn announce(members: &[FleetMember]) {
    for member in members {
        if let MemberSource::Context(ContextInfo { plugin: Some(plugin), .. }) = &member.from {
            output::complain(&format!(
                "plimsoll: {} runs for its credentials: {plugin}",
                member.name
            ));
        }
    }
}

/// Says what of the selection does not fit a cluster, and why clusters were not read: once where it is the same
/// for many.
fn tell(members: &[FleetMember], results: &[Result<AssessedCluster, Unread>]) {
    let named = || members.iter().map(|member| member.name.as_str()).zip(results);
    for (name, of) in named().filter_map(|(name, result)| Some((name, result.as_ref().ok()?))) {
        of.notes.iter().for_each(|note| output::complain(&format!("plimsoll: {name}: {note}")));
    }
    let unread = named().filter_map(|(name, result)| Some((name, result.as_ref().err()?)));
    for group in report::alike(unread) {
        let (sentence, next) = (&group.sentence, group.next);
        let next = next.to_owned();
        let mut lines = match group.clusters.as_slice() {
            [(name, _)] => vec![format!("plimsoll: {name} was not read: {sentence}"), next],
            many => vec![
                format!("plimsoll: {} clusters were not read: {sentence}", many.len()),
                next,
                format!("They are {}.", group.named()),
            ],
        };
        lines.retain(|line| !line.is_empty());
        output::complain_lines(&lines);
    }
}

/// The exit status, the first that applies: 2 a framework that was asked for fits no cluster, what was
/// selected is in none, or a run was not saved; 3 no cluster could be read; 4 a read is missing and all were required; 1 a
/// threshold was crossed, that of a profile too, or cannot be said not to be, because a cluster was not
/// read, has nothing to be compared with, or something of it could not be judged; 0. `promises` says that
/// the profile has a threshold.
fn status(
    args: &ScanArgs,
    asked: &ScanOrder,
    results: &[Result<AssessedCluster, Unread>],
    promises: bool,
) -> u8 {
    let read: Vec<&AssessedCluster> = results.iter().filter_map(|r| r.as_ref().ok()).collect();
    if read.is_empty() {
        return 3;
    }
    if read.iter().any(|of| of.unsaved) || !judged_somewhere(&read) {
        return 2;
    }
    let unread = read.len() < results.len();
    // It may be in one that was not read.
    if !unread && found_nowhere(args, &read) {
        return 2;
    }
    if args.require_complete {
        // Each of them is said, not only the first.
        let lacking = read.iter().filter(|of| gate(asked, of).lacks()).count();
        if unread || lacking > 0 {
            return 4;
        }
    }
    let option = if args.fail_on.is_some() { "--fail-on" } else { "--fail-on-new" };
    let relied = args.fail_on.is_some() || args.fail_on_new;
    // Each of them is said here, too.
    let doubted =
        if relied { read.iter().filter(|of| gate(asked, of).doubts(option)).count() } else { 0 };
    let unsure = unread || doubted > 0;
    let bad = |limit| read.iter().any(|of| of.card.findings.at_least(limit) > 0);
    // Of a cluster that was compared with nothing nobody can say that nothing is new.
    let new = |of: &&AssessedCluster| {
        of.since.as_ref().is_none_or(|since| compare::any_new(since, &of.ledger))
    };
    let missed = |of: &&AssessedCluster| {
        of.profile.as_ref().is_some_and(|card| card.threshold.verdict.crossed())
    };
    u8::from(
        relied && unsure
            || args.fail_on.is_some_and(bad)
            || args.fail_on_new && read.iter().any(new)
            || promises && unread
            || read.iter().any(missed),
    )
}

/// Whether everything that was asked for by name is judged in one of the clusters at least.
fn judged_somewhere(read: &[&AssessedCluster]) -> bool {
    let Some(first) = read.first() else { return true };
    let selection = &first.chosen.selection;
    if selection.frameworks.is_empty() && selection.controls.is_empty() {
        return true;
    }
    let families: std::collections::BTreeSet<&str> =
        read.iter().flat_map(|of| of.chosen.families()).collect();
    let lines = fit::told(&first.chosen.not_judged, &families);
    for line in &lines {
        output::complain(&format!("plimsoll: judged nowhere: {line}"));
    }
    lines.is_empty()
}

/// Says what was selected and is in none of the clusters: there it would be wrong usage too. Whether anything is.
/// Labels may be on nothing, unless somebody relies on the exit status.
fn found_nowhere(args: &ScanArgs, read: &[&AssessedCluster]) -> bool {
    let mut lines = Vec::new();
    for name in &args.selection.namespace {
        if read.iter().all(|of| of.absent.namespaces.contains(name)) {
            lines.push(format!("there is no namespace `{name}` in any of the clusters"));
        }
    }
    if let Some(object) = args.selection.object.as_ref()
        && read.iter().all(|of| of.absent.object)
    {
        lines.push(format!("there is no {object} in any of the clusters"));
    }
    if scan::relied(args) && read.iter().all(|of| of.absent.labels) {
        lines.push("no object of any of the clusters fits the labels".to_owned());
    }
    for line in &lines {
        output::complain(&format!("plimsoll: {line}"));
    }
    !lines.is_empty()
}

/// What stands between a cluster and a status that somebody relies on.
fn gate<'a>(asked: &'a ScanOrder, of: &'a AssessedCluster) -> Gate<'a> {
    Gate {
        name: &of.card.name,
        source: &of.record.source,
        reads: &of.record.reads,
        result: &of.record.result,
        library: &asked.content.library,
        selection: &of.chosen.selection,
        kinds: &of.kinds,
    }
}
