//! `scan --contexts` and `scan --snapshots`: several clusters judged side by side. One that cannot be
//! read spoils nothing for the others, and is never taken for one that passes.

mod files;
mod judge;
mod read;

use std::path::{Path, PathBuf};

use super::args::ScanArgs;
use super::asked::Asked;
use super::context::Context;
use super::{Done, Fail, open, output, triage};
use crate::assess::fleet::is_missing;
use crate::cluster::{self, ContextInfo};
use crate::frameworks::fit;
use crate::frameworks::fleet::Unread;
use crate::model::read::Read;
use crate::report::fleet::{Entry, Fleet, Outcome};
use crate::report::{Format, fleet as report};
use crate::runtime::clock::{timestamp, today};
use judge::Assessed;

/// The word for a session that is begun with the run.
const NEW: &str = "new";

/// Whether the command line asks for several clusters.
#[must_use]
pub(super) fn is_asked(args: &ScanArgs) -> bool {
    !args.contexts.is_empty() || !args.snapshots.is_empty()
}

/// One of the clusters to judge.
#[derive(Clone, Debug)]
pub(super) struct Member {
    /// What it is called in every result.
    pub name: String,
    /// Where its objects come from.
    pub from: From,
}

/// Where the objects of one of the clusters come from.
#[derive(Clone, Debug)]
pub(super) enum From {
    /// A context of the kubeconfig.
    Context(ContextInfo),
    /// A saved snapshot.
    Snapshot(PathBuf),
}

/// Judges every cluster and prints them side by side.
///
/// # Errors
/// When the command line makes no sense for several, or none could be read.
pub fn run(context: &Context, args: &ScanArgs) -> Done {
    sensible(args)?;
    output::vacant(args.output_file.as_deref())?;
    let members = members(args)?;
    let started = timestamp();
    let asked = Asked::of(context, args, None);
    let chosen = asked.content.choose(&asked.selection).map_err(|e| Fail::Usage(e.to_string()))?;
    let dir = args.output_dir.as_deref().map(files::ready).transpose()?;
    let sources = triage::sources(context, &args.triage)?;
    announce(&members);
    let work = judge::Work { context, args, asked: &asked, chosen: &chosen, sources: &sources };
    let results = read::all(&work, &members);
    for (member, result) in members.iter().zip(&results) {
        tell(&member.name, result);
    }
    let finished = timestamp();
    deliver(context, args, &asked, (&members, &results), (&started, &finished), dir)?;
    Ok(status(args, &results))
}

/// Prints the clusters side by side, and writes a file of each where that was asked for.
fn deliver(
    context: &Context,
    args: &ScanArgs,
    asked: &Asked,
    (members, results): (&[Member], &[Result<Assessed, Unread>]),
    (started, finished): (&str, &str),
    dir: Option<&Path>,
) -> Result<(), Fail> {
    let (content, day) = (&asked.content, today());
    let check = |id: &str| content.text_of(id);
    let mut entries = Vec::with_capacity(members.len());
    for (member, result) in members.iter().zip(results) {
        let outcome = match result {
            Ok(of) => Outcome::Read(Box::new(of.input(&day, &check)), Box::new(of.card.clone())),
            Err(error) => Outcome::Unread(error.clone()),
        };
        entries.push(Entry { name: member.name.clone(), outcome });
    }
    let mut fleet =
        Fleet::new(entries, &content.digest(), &asked.selection, started, finished, &check);
    let wrong = |error: crate::report::RenderError| Fail::Other(error.to_string());
    let mut format = args.output;
    if let Some(dir) = dir {
        files::write(&mut fleet, dir, format).map_err(|fail| fail.in_words("--output-dir"))?;
        format = Format::Table;
    }
    let mut text = match format {
        Format::Table if output::is_plain() => report::sentences(&fleet),
        format => report::render(&fleet, format).map_err(wrong)?,
    };
    if context.ascii && format.is_prose() {
        text = output::ascii(&text);
    }
    output::deliver(&text, args.output_file.as_deref())
}

/// Refuses what several clusters have no place for.
fn sensible(args: &ScanArgs) -> Result<(), Fail> {
    let refuse = |text: &str| Err(Fail::Usage(text.to_owned()));
    if !args.contexts.is_empty() && !args.snapshots.is_empty() {
        return refuse("--contexts and --snapshots are two sources: choose one");
    }
    if args.output_dir.is_none() && !report::has(args.output) {
        let word = args.output.word();
        return Err(Fail::Usage(format!(
            "{word} is about one cluster: with --output-dir D each of several gets a file of its own; \
             in one result they come as {}",
            report::words()
        )));
    }
    if !args.profile.profile.is_empty() {
        return refuse("--profile judges tenants of one cluster: name it with --context");
    }
    if !args.import.is_empty() {
        return refuse("--import brings results of one cluster: name it with --context");
    }
    if args.baseline.is_some() {
        return refuse("--baseline is a run of one cluster: name it with --context");
    }
    match args.session.as_deref() {
        None | Some(NEW) => Ok(()),
        Some(_) => {
            refuse("a session is of one cluster: with several, --session new begins one of each")
        }
    }
}

/// The clusters that the command line means.
fn members(args: &ScanArgs) -> Result<Vec<Member>, Fail> {
    if args.contexts.is_empty() {
        return Ok(snapshots(&args.snapshots));
    }
    let source = |error: cluster::UserError| Fail::Source(error.to_string());
    let found = cluster::contexts(args.source.kubeconfig.as_deref()).map_err(source)?;
    let named = found.named(&args.contexts).map_err(|error| Fail::Usage(error.to_string()))?;
    // A time-out that is none is told before anything is read.
    open::connect_options(&args.source)?;
    Ok(named.into_iter().map(|c| Member { name: c.name.clone(), from: From::Context(c) }).collect())
}

/// Snapshots by the names of their files, with as much of the path as tells them apart.
fn snapshots(paths: &[PathBuf]) -> Vec<Member> {
    let stem = |path: &Path| path.file_stem().map(|s| s.to_string_lossy().into_owned());
    let name = |path: &PathBuf| {
        let short = stem(path).unwrap_or_default();
        let twin = paths.iter().filter(|other| stem(other).as_ref() == Some(&short)).count() > 1;
        if twin || short.is_empty() { path.display().to_string() } else { short }
    };
    let member = |path: &PathBuf| Member { name: name(path), from: From::Snapshot(path.clone()) };
    paths.iter().map(member).collect()
}

/// Says which programs are run for credentials, before any of them is.
fn announce(members: &[Member]) {
    for member in members {
        if let From::Context(ContextInfo { plugin: Some(plugin), .. }) = &member.from {
            output::complain(&format!(
                "plimsoll: {} runs for its credentials: {plugin}",
                member.name
            ));
        }
    }
}

/// Says why a cluster was not read, and what of the selection does not fit one.
fn tell(name: &str, result: &Result<Assessed, Unread>) {
    match result {
        Err(Unread { what, why, next }) => {
            output::complain(&format!("plimsoll: {name} was not read: {what}: {why}\n{next}"));
        }
        Ok(of) => {
            of.notes.iter().for_each(|note| output::complain(&format!("plimsoll: {name}: {note}")));
        }
    }
}

/// The exit status, the first that applies: 2 a framework that was asked for fits no cluster, or a
/// run was not saved; 3 no cluster could be read; 4 a read is missing and all were required; 1 a
/// threshold was crossed, or cannot be said not to be, because a cluster was not read; 0.
fn status(args: &ScanArgs, results: &[Result<Assessed, Unread>]) -> u8 {
    let read: Vec<&Assessed> = results.iter().filter_map(|r| r.as_ref().ok()).collect();
    if read.is_empty() {
        return 3;
    }
    if read.iter().any(|of| of.unsaved) || !judged_somewhere(&read) {
        return 2;
    }
    let unread = read.len() < results.len();
    if args.require_complete {
        let missing = read.iter().map(|of| missing(of)).sum::<usize>();
        if unread || missing > 0 {
            return 4;
        }
    }
    let crossed = |limit| unread || read.iter().any(|of| of.card.findings.from(limit) > 0);
    u8::from(args.fail_on.is_some_and(crossed))
}

/// Whether everything that was asked for by name is judged in one of the clusters at least.
fn judged_somewhere(read: &[&Assessed]) -> bool {
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

/// How many reads of a cluster are missing that its checks needed, each of them said.
fn missing(of: &Assessed) -> usize {
    let namespaces = &of.chosen.selection.namespaces;
    let needed = |read: &&Read| {
        let kind = read.kind.as_ref().is_none_or(|kind| of.kinds.contains(kind));
        let here = |n: &String| namespaces.is_empty() || namespaces.contains(n);
        kind && read.namespace.as_ref().is_none_or(here) && is_missing(read)
    };
    let missing: Vec<&Read> = of.record.reads.iter().filter(needed).collect();
    for read in &missing {
        let place = read.namespace.as_deref().map(|n| format!(" in {n}")).unwrap_or_default();
        let (name, word) = (&of.card.name, read.status.word());
        output::complain(&format!("plimsoll: {name}: {}{place}: {word}", read.resource));
    }
    missing.len()
}
