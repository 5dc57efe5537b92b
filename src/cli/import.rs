//! `plimsoll import`, and results of other tools wherever the command line takes them.

use std::collections::{BTreeMap, BTreeSet};

use super::args::ImportArgs;
use super::context::CommandContext;
use super::output::{self, columns};
use super::{CommandError, CommandResult, open};
use crate::assess::Content;
use crate::imports::age::{age, words};
use crate::imports::{Basis, gone, objects, of_another, old, unknown};
use crate::model::import::{Disagreement, Import, ImportOutcome, ImportTool, RunSurroundings};
use crate::model::inventory::Inventory;
use crate::model::object::ObjectRef;
use crate::runtime::clock::today;
use crate::runtime::imports::{LoadError, file_of, load};
use crate::text::noun;

/// Brings files into a session: all of them or none.
///
/// # Errors
/// When a file cannot be read or is no result, or the session cannot be written.
pub fn run(context: &CommandContext, args: &ImportArgs) -> CommandResult {
    let imports = load_all(&args.files, args.node.as_deref(), args.tool)?;
    let mut session = context.store().open(&args.session)?;
    session.writable()?;
    let (by, today) = (context.user(), today());
    let mut out = Vec::new();
    let mut there = session.whole_ledger().0.imports.clone();
    let run = session.newest_run().0;
    let nothing = RunSurroundings::default();
    let beside = run.as_ref().map_or(&nothing, |run| &*run.result.beside);
    for import in &imports {
        tell_unfit(import, beside, None, context.content.max_import_age());
        let other = run.as_ref().and_then(|run| of_another(import, &run.source));
        if let Some(words) = other {
            output::complain(&format!("plimsoll: {words}"));
        }
    }
    let mut new = Vec::new();
    for import in imports {
        if there.iter().any(|other| other.same(&import)) {
            out.push(format!("{}: in the session already, not taken twice", import.origin));
            continue;
        }
        there.push(import.clone());
        new.push(import);
    }
    let numbers = session.record_imports(&new, &by)?;
    for (import, number) in new.iter().zip(numbers) {
        out.extend(told(import, number, &context.content, &today));
    }
    let saved = if new.is_empty() { "nothing changes" } else { "saved" };
    out.push(format!("{saved} in session {}", session.id()));
    output::print(&output::in_lines(&out))?;
    Ok(0)
}

/// Reads every file, and says so where it names no node though it ought to.
///
/// # Errors
/// When one of them cannot be read or is no result.
pub fn load_all(
    files: &[String],
    node: Option<&str>,
    tool: Option<ImportTool>,
) -> Result<Vec<Import>, CommandError> {
    let one = |file: &String| {
        let _awaited = open::awaited(file_of(file));
        load(file, node, tool).map_err(|error| match error {
            LoadError::Io { .. } => CommandError::Source(error.to_string()),
            LoadError::Import(_) => CommandError::Usage(error.to_string()),
        })
    };
    let imports: Vec<Import> = files.iter().map(one).collect::<Result<_, _>>()?;
    for import in imports.iter().filter(|import| import.tool == ImportTool::KubeBench) {
        if import.results.iter().all(|result| result.node.is_none()) {
            output::complain(&format!(
                "plimsoll: {}: kube-bench does not say on which node it ran; name it with \
                 NODE=FILE or --node, or its results count only in a cluster of one node",
                import.origin
            ));
        }
    }
    Ok(imports)
}

/// Says what of an import settles nothing: what is too old, nodes and images that no run saw, and objects
/// that are not in an inventory, where there is one. A name that was mistyped leaves a control undecided,
/// and a scan of what runs elsewhere says nothing here.
pub fn tell_unfit(
    import: &Import,
    beside: &RunSurroundings,
    inventory: Option<&Inventory>,
    max_age: u32,
) {
    let gone = inventory.and_then(|inventory| gone(import, inventory));
    let other = inventory.and_then(|inventory| of_another(import, &inventory.source));
    let unfit = [old(import, &today(), max_age), unknown(import, beside), other, gone];
    for words in unfit.into_iter().flatten() {
        output::complain(&format!("plimsoll: {words}"));
    }
}

/// What came in, for a person, line by line.
fn told(import: &Import, number: u32, content: &Content, today: &str) -> Vec<String> {
    let version = import.version.as_deref().map(|v| format!(" {v}")).unwrap_or_default();
    let when = import.taken.as_deref().map(|taken| words(taken, today));
    let when = when.unwrap_or_else(|| "of unknown age".to_owned());
    let counts: Vec<String> = counts(import)
        .into_iter()
        .map(|(outcome, count)| format!("{count} {}", outcome.word()))
        .collect();
    let mut out = vec![
        format!("{}: {}{version}, {when}", import.origin, import.tool.word()),
        format!(
            "  import {number}: {} {}: {}",
            import.results.len(),
            noun(import.results.len(), "result"),
            counts.join(", ")
        ),
    ];
    let nodes = nodes(import);
    if !nodes.is_empty() {
        out.push(format!("  nodes: {}", objects::listed(&nodes)));
    }
    let about = about(import);
    if about > 0 {
        let objects = if about == 1 { "1 object" } else { &format!("{about} objects") };
        out.push(format!("  it is about {objects}; the next run names those that are not there"));
    }
    let touched: Vec<String> = touched(import, content, today)
        .into_iter()
        .map(|(framework, count)| format!("{framework} ({count})"))
        .collect();
    let touched = if touched.is_empty() { "none".to_owned() } else { touched.join(", ") };
    out.push(format!("  controls it is about: {touched}"));
    out
}

/// The nodes that an import names.
fn nodes(import: &Import) -> Vec<&str> {
    let named = import.results.iter().filter_map(|result| result.node.as_deref());
    named.collect::<BTreeSet<&str>>().into_iter().collect()
}

/// How many objects policy reports or results of kubescape are about. A session keeps none to look for them.
fn about(import: &Import) -> usize {
    let named = import.results.iter().filter_map(|result| result.object.as_ref());
    let named_in_full = matches!(import.tool, ImportTool::PolicyReport | ImportTool::Kubescape);
    named.filter(|_| named_in_full).collect::<BTreeSet<&ObjectRef>>().len()
}

/// Results per outcome, those that there are.
fn counts(import: &Import) -> Vec<(ImportOutcome, usize)> {
    let all = ImportOutcome::ALL.into_iter().map(|outcome| (outcome, import.count(outcome)));
    all.filter(|(_, count)| *count > 0).collect()
}

/// How many controls of each framework an import is about.
fn touched(import: &Import, content: &Content, today: &str) -> BTreeMap<String, usize> {
    let beside = RunSurroundings::default();
    let basis = Basis::new(std::slice::from_ref(import), &beside, today, u32::MAX);
    let count = |framework: &std::sync::Arc<crate::frameworks::Framework>| {
        let about = framework.controls.iter().filter(|c| basis.touches(framework, c)).count();
        (framework.id.clone(), about)
    };
    content.frameworks.frameworks.iter().map(count).filter(|(_, count)| *count > 0).collect()
}

/// Imports as a table, with their numbers in the session where they have one.
#[must_use]
pub fn table(imports: &[Import], numbers: &[u32], today: &str) -> String {
    let row = |(at, import): (usize, &Import)| {
        let when = import.taken.as_deref().and_then(|taken| age(taken, today));
        let mut row = vec![
            numbers.get(at).map(u32::to_string).unwrap_or_default(),
            import.origin.clone(),
            import.tool.word().to_owned(),
            import.version.clone().unwrap_or_default(),
            objects::listed(&nodes(import)),
            when.map_or_else(|| "unknown".to_owned(), |days| format!("{days}d")),
        ];
        row.extend(ImportOutcome::ALL.map(|outcome| import.count(outcome).to_string()));
        row
    };
    let rows: Vec<Vec<String>> = imports.iter().enumerate().map(row).collect();
    let head =
        ["", "IMPORT", "TOOL", "VERSION", "NODES", "AGE", "FAIL", "ERROR", "WARN", "SKIP", "PASS"];
    format!("\n{}", columns(&head, &rows))
}

/// Where other tools and our checks differ, as a table; nothing where they do not.
#[must_use]
pub fn differences(all: &[Disagreement]) -> String {
    if all.is_empty() {
        return String::new();
    }
    let row = |d: &Disagreement| {
        let about = match (&d.framework, &d.control, &d.check) {
            (Some(framework), Some(control), _) => format!("{framework} {control}"),
            (_, _, Some(check)) => check.clone(),
            _ => String::new(),
        };
        vec![
            about,
            d.place().unwrap_or_default(),
            d.ours.word().to_owned(),
            d.theirs.word().to_owned(),
            format!("{} {}", d.tool.word(), d.rule),
            d.origin.clone(),
        ]
    };
    let rows: Vec<Vec<String>> = all.iter().map(row).collect();
    format!("\n{}", columns(&["DIFFERS", "OBJECT", "HERE", "THERE", "BY", "FROM"], &rows))
}
