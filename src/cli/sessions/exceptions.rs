//! `plimsoll sessions exceptions`: the board of exceptions.

use crate::cli::args::ExceptionsArgs;
use crate::cli::context::CommandContext;
use crate::cli::output::columns;
use crate::cli::reported::brought;
use crate::cli::{CommandResult, compare, output, triage};
use crate::model::decision::DecisionOrigin;
use crate::model::inventory::Inventory;
use crate::runtime::clock::today;
use crate::text::counted;
use crate::triage::board::board;
use crate::triage::board::{self, Board, Entry, Input};

/// Prints what every exception covers, when it ends, and what comes back without it.
///
/// # Errors
/// When there is no such session or run, or a file is wrong.
pub fn run(context: &CommandContext, args: &ExceptionsArgs) -> CommandResult {
    let sources = triage::sources(context, &args.triage)?;
    let saved = compare::ComparableRun::newest(context, &args.session)?;
    let (session, run) = (saved.session(), saved.run());
    let inventory = Inventory::new(run.source.clone(), Vec::new(), run.reads.clone());
    let brought = brought(&sources, &run.result, &inventory);
    let today = today();
    let board = board(&Input {
        ledger: &session.state().ledger,
        brought: &brought,
        result: &run.result,
        include_platform: run.selection.include_platform,
        today: &today,
        within: args.within,
        broad: args.broad,
    });
    let shown: Vec<&Entry> =
        if args.review { board.for_review().collect() } else { board.entries.iter().collect() };
    if shown.is_empty() {
        output::complain(if args.review { "nothing needs a look" } else { "no exceptions" });
        return Ok(0);
    }
    let rows: Vec<Vec<String>> = shown.into_iter().map(row).collect();
    let head = ["STATE", "UNTIL", "COVERS", "COMES BACK", "FROM", "WHAT", "REMARKS"];
    let mut text = columns(&head, &rows);
    text.push_str(&total(&board));
    output::print(&text)?;
    Ok(0)
}

/// How many findings that count are excepted, and how many others.
fn total(board: &Board) -> String {
    let Board { excepted, counting, beside, .. } = board;
    let beside = match beside {
        0 => String::new(),
        count => format!("; and {count} on objects of the platform itself, which do not count"),
    };
    let count = if *counting == 1 { "counts" } else { "count" };
    let is = if *excepted == 1 { "is" } else { "are" };
    format!(
        "\n{excepted} of {} that {count} {is} excepted{beside}.\n",
        counted(*counting, "finding")
    )
}

fn row(entry: &board::Entry) -> Vec<String> {
    let from = match (&entry.origin, entry.line) {
        (DecisionOrigin::Session, _) => "session".to_owned(),
        (DecisionOrigin::File(path), Some(line)) => format!("{path}:{line}"),
        (DecisionOrigin::File(path), None) => path.clone(),
        (DecisionOrigin::Annotation(key), _) => key.clone(),
    };
    vec![
        entry.decision.state.word().to_owned(),
        entry.decision.expires.clone().unwrap_or_default(),
        entry.covers.len().to_string(),
        entry.returns.len().to_string(),
        from,
        entry.label.clone(),
        entry.remarks().join("; "),
    ]
}
