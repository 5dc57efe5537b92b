//! Files of decisions, exceptions of other tools, and annotations: read before a run, whole or not
//! at all.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::path::{Path, PathBuf};

use super::CommandError;
use super::args::TriageArgs;
use super::context::CommandContext;
use super::{open, output};
use crate::assess::Chosen;
use crate::assess::library::no_check;
use crate::checks::Library;
use crate::handwritten;
use crate::model::finding::RunResult;
use crate::model::kinds;
use crate::model::ledger::Ledger;
use crate::session::run::Selection;
use crate::text::nearest::nearest;
use crate::text::{clean, noun};
use crate::triage::annotations::Tool;
use crate::triage::brought::{Brought, Sources};
use crate::triage::file::{DecisionFile, FileError, Target};
use crate::triage::kubescape::Exceptions;

/// Everything that the configuration and the command line name.
///
/// # Errors
/// With everything that is wrong with any of the files, a line each.
pub fn sources(context: &CommandContext, args: &TriageArgs) -> Result<Sources, CommandError> {
    let config = &context.config;
    let given = |from: &[PathBuf], more: &[PathBuf]| -> Vec<PathBuf> {
        from.iter().chain(more).cloned().collect()
    };
    let (sources, wrong) = read(
        &given(&config.decisions, &args.decisions),
        &given(&config.exceptions_kubescape, &args.exceptions_kubescape),
        &context.content.library,
    );
    if !wrong.is_empty() {
        return Err(CommandError::usage(wrong));
    }
    let configured = config.honour_annotations.iter().filter_map(|word| Tool::parse(word));
    let honoured: BTreeSet<Tool> =
        configured.chain(args.honour_annotations.iter().copied()).collect();
    Ok(Sources { honoured, ..sources })
}

/// Reads files, and says what is wrong with them.
pub fn read(
    decisions: &[PathBuf],
    exceptions: &[PathBuf],
    library: &Library,
) -> (Sources, Vec<String>) {
    let mut sources = Sources::default();
    let mut wrong = Vec::new();
    for path in decisions {
        match decision_file(path, library) {
            Ok(file) => sources.files.push(file),
            Err(errors) => wrong.extend(errors),
        }
    }
    for path in exceptions {
        let parse = |text: String| {
            let name = path.display().to_string();
            Exceptions::parse(&name, &text).map_err(|errors| lines(&errors))
        };
        match text(path).and_then(parse) {
            Ok(file) => {
                tell_strange(&file);
                sources.exceptions.push(file);
            }
            Err(errors) => wrong.extend(errors),
        }
    }
    (sources, wrong)
}

/// Most controls of a file that are named.
const STRANGE: usize = 10;

/// Says which controls of a file no check here is about: one that was mistyped excepts nothing, and nobody
/// would see it.
fn tell_strange(file: &Exceptions) {
    let all = file.strange();
    let count = all.len();
    if count == 0 {
        return;
    }
    let mut names = all.take(STRANGE).map(clean).collect::<Vec<_>>().join(", ");
    if count > STRANGE {
        names.push_str(&format!(" and {} more", count - STRANGE));
    }
    output::complain(&format!(
        "plimsoll: {}: no check here is about {} {names}, so excepting it does nothing; controls are \
         written as C-0057",
        file.path,
        noun(count, "control"),
    ));
}

/// Most words of a file for which it is looked what was probably meant.
const MOST_WORDS: usize = 100;

/// Reads a file of decisions whose checks all exist.
///
/// # Errors
/// With everything that is wrong with it, a line each.
pub fn decision_file(path: &Path, library: &Library) -> Result<DecisionFile, Vec<String>> {
    let name = path.display().to_string();
    let file = DecisionFile::parse(&name, &text(path)?).map_err(|errors| lines(&errors))?;
    let mut told: HashMap<&str, String> = HashMap::new();
    let mut unknown = Vec::new();
    for entry in &file.entries {
        let Target::Matching(matcher) = &entry.target else { continue };
        let Some(check) = matcher.check.as_deref() else { continue };
        if library.checks.contains_key(check) || library.broken.contains(check) {
            continue;
        }
        // What was probably meant is looked for once a word, and not for any number of them.
        let message = match told.get(check) {
            Some(message) => message.clone(),
            None if told.len() < MOST_WORDS => {
                told.entry(check).or_insert_with(|| no_check(library, check)).clone()
            }
            None => format!("there is no check `{check}`"),
        };
        let (line, column) = entry.check_at;
        unknown.push(FileError { path: name.clone(), line, column, message });
    }
    unknown.extend(misspelled(&name, &file));
    if unknown.is_empty() { Ok(file) } else { Err(lines(&unknown)) }
}

/// Kinds that are written as a kind never is: such an entry would cover nothing. A kind that is only
/// like a built-in one may be of the cluster's own, and is told.
fn misspelled(path: &str, file: &DecisionFile) -> Vec<FileError> {
    let mut wrong = Vec::new();
    let mut looked: HashSet<&str> = HashSet::new();
    for entry in &file.entries {
        let Target::Matching(matcher) = &entry.target else { continue };
        let Some(kind) = &matcher.kind else { continue };
        let (line, column) = entry.kind_at;
        if let Some(known) = kinds::lookup(kind) {
            if known.kind != kind {
                let message =
                    format!("no kind is written `{kind}`; did you mean `{}`?", known.kind);
                wrong.push(FileError { path: path.to_owned(), line, column, message });
            }
        } else if looked.len() < MOST_WORDS
            && looked.insert(kind)
            && let Some(near) = nearest(kind, kinds::BUILTINS.iter().map(|known| known.kind))
                .filter(|near| near.len().abs_diff(kind.len()) < 3)
        {
            output::complain(&format!(
                "plimsoll: {path}:{line}:{column}: `{}` is no built-in kind; did you mean `{near}`?",
                clean(kind)
            ));
        }
    }
    wrong
}

fn text(path: &Path) -> Result<String, Vec<String>> {
    let _awaited = open::awaited(path);
    handwritten::named(path, handwritten::LARGEST_DECISIONS)
        .map_err(|error| vec![format!("{}: {error}", path.display())])
}

fn lines(errors: &[FileError]) -> Vec<String> {
    errors.iter().map(ToString::to_string).collect()
}

/// Most decisions that ran out and are named one by one.
const NAMED: usize = 20;

/// Says which decisions of files and annotations have run out, so that what they were about is open
/// again: a gate that closes by it must not leave anybody guessing.
pub fn tell_ran_out(brought: &Brought, ledger: &Ledger, today: &str, say: &mut dyn FnMut(String)) {
    let open = |print: &str| !ledger.state(print, today).is_set_aside();
    let all: Vec<_> = brought.ran_out(today, open).collect();
    for (saying, count) in all.iter().take(NAMED) {
        let line = saying.line.map(|line| format!(":{line}")).unwrap_or_default();
        let place = format!("{}{line}", saying.origin.describe());
        let day = saying.decision.expires.as_deref().unwrap_or_default();
        let back = if *count == 1 { "1 finding is" } else { &format!("{count} findings are") };
        say(format!(
            "{}: what was decided about {} ran out on {}: {back} open again",
            clean(&place),
            clean(&saying.label),
            clean(day),
        ));
    }
    if all.len() > NAMED {
        let more = all.len() - NAMED;
        say(format!(
            "{more} more {} ran out; `plimsoll sessions exceptions` lists them all",
            noun(more, "decision")
        ));
    }
}

/// Most decisions about nothing that are named one by one.
const IDLE: usize = 5;

/// Says which decisions of files are about nothing: a fingerprint or a name that was mistyped excepts
/// nothing, and nobody would see it. Where only some namespaces or objects were looked at, what is said of
/// others is none of these.
pub fn tell_unused(
    brought: &Brought,
    chosen: &Chosen,
    result: &RunResult,
    say: &mut dyn FnMut(String),
) {
    let Selection { frameworks, controls, checks, .. } = &chosen.selection;
    if !chosen.scope.is_everything() {
        return;
    }
    let whole = frameworks.is_empty() && controls.is_empty() && checks.is_empty();
    let all: Vec<_> = brought.unused(whole, |check| result.checks.contains_key(check)).collect();
    for saying in all.iter().take(IDLE) {
        let line = saying.line.map(|line| format!(":{line}")).unwrap_or_default();
        let place = format!("{}{line}", saying.origin.describe());
        let (place, label) = (clean(&place), clean(&saying.label));
        say(format!("{place}: covers no finding ({label})"));
    }
    if all.len() > IDLE {
        let more = all.len() - IDLE;
        say(format!(
            "{more} more entries cover no finding; `plimsoll sessions exceptions` lists them all"
        ));
    }
}

/// Says which findings carry annotations that are not heeded: nobody should wonder.
pub fn tell_offered(brought: &Brought, say: &mut dyn FnMut(String)) {
    for (tool, count) in brought.offered() {
        let carry = if count == 1 { "1 finding is" } else { &format!("{count} findings are") };
        say(format!(
            "{carry} on objects whose annotations tell {tool} to leave them alone; \
             --honour-annotations {tool} takes these for decisions"
        ));
    }
}
