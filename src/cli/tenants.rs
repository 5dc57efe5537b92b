//! `plimsoll scan --profile all`: a scorecard of each tenant.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::json;

use super::args::ScanArgs;
use super::context::CommandContext;
use super::gate::Gate;
use super::judging::ProgressBar;
use super::profiles::BrokenProfile;
use super::{CommandError, CommandResult, import, open, output, triage};
use crate::assess::tenants::{By, Tenant, namespace_kind};
use crate::assess::{Before, Content, Finished, KnownAtEnd, RunTimes};
use crate::checks::Plan;
use crate::frameworks::tenant::{CLUSTER, Scorecard, ThresholdOutcome, Verdict};
use crate::imports::objects::with_imports;
use crate::model::finding::Severity;
use crate::model::inventory::Inventory;
use crate::model::kinds::Kind;
use crate::model::ledger::Ledger;
use crate::report::{Format, about, harmless, tenants};
use crate::runtime::clock::{timestamp, today};
use crate::session::run::Selection;

/// Judges every tenant and prints a scorecard of each; what is wrong with the other profiles stands in
/// their places, and the status is that of a wrong file.
///
/// # Errors
/// When the format or an option makes no sense for several, or the source cannot be read.
pub fn run(
    context: &CommandContext,
    args: &ScanArgs,
    all: &[Tenant],
    broken: &[BrokenProfile],
) -> CommandResult {
    sensible(args)?;
    output::vacant(args.output_file.as_deref())?;
    let started = timestamp();
    let content = &context.content;
    let imports = import::load_all(&args.import, None, None)?;
    let sources = triage::sources(context, &args.triage)?;
    let kinds = kinds(content, all)?;
    let read = open::read(&args.source, kinds.clone(), &names(all))?;
    let inventory = Arc::new(with_imports(&read, &imports, &today(), content.max_import_age()));
    let facts = content.facts(Arc::clone(&inventory));
    let platform = args.selection.include_platform;
    let day = today();
    let mut cards = Vec::new();
    let (mut doubted, mut lacking) = (false, false);
    for tenant in all {
        let run = content.run_tenant(tenant, &facts, platform, &ProgressBar::default());
        let run = run.map_err(|error| CommandError::Usage(error.to_string()))?;
        let mut ledger = Arc::new(Ledger { imports: imports.clone(), ..Ledger::default() });
        let known = KnownAtEnd { sources: &sources, before: Before::Nothing, today: &day };
        let times = RunTimes { started: started.clone(), finished: timestamp() };
        let of = (&*inventory, times);
        let Finished { record, judged, .. } =
            content.finish_tenant(tenant, &run, of, known, &mut ledger);
        let by = By { ledger: &ledger, today: &day, include_platform: platform };
        let gate = Gate {
            name: &tenant.name,
            source: &inventory.source,
            reads: &inventory.reads,
            result: &record.result,
            library: &content.library,
            selection: &run.chosen.selection,
            kinds: &kinds,
        };
        doubted |= args.fail_on.is_some() && gate.doubts("--fail-on");
        // Each of them is said, not only the first.
        lacking |= args.require_complete && gate.lacks();
        cards.push(content.card(tenant, &run.members, &record.result, &judged, by));
    }
    for BrokenProfile { name, why } in broken {
        for line in why {
            output::complain(&format!("plimsoll: {line}"));
        }
        cards.push(Scorecard {
            profile: name.clone(),
            title: name.clone(),
            threshold: ThresholdOutcome { verdict: Verdict::Undecided, reasons: why.clone() },
            ..Scorecard::default()
        });
    }
    if !broken.is_empty() {
        cards.sort_by(|a, b| a.profile.cmp(&b.profile));
    }
    let text = render(args.output, &inventory, &content.digest(), &cards, &started);
    let text = context.told(text, args.output);
    output::deliver(&text, args.output_file.as_deref())?;
    if !broken.is_empty() {
        return Ok(2);
    }
    Ok(if lacking { 4 } else { u8::from(doubted || crossed(&cards, args.fail_on)) })
}

/// Refuses what several scorecards have no place for.
fn sensible(args: &ScanArgs) -> Result<(), CommandError> {
    if !matches!(args.output, Format::Table | Format::Json | Format::Markdown) {
        let text = "scorecards of several profiles come as table, json or markdown, not as";
        return Err(CommandError::Usage(format!(
            "{text} {}; name one profile",
            args.output.word()
        )));
    }
    if args.session.is_some() {
        let text = "--session keeps runs of one selection, and each profile is another one: name one profile";
        return Err(CommandError::Usage(text.to_owned()));
    }
    if args.baseline.is_some() {
        let text = "--baseline compares one run with another, and scorecards of several profiles hold no \
                    findings to compare: name one profile";
        return Err(CommandError::Usage(text.to_owned()));
    }
    Ok(())
}

/// Every kind that a tenant's checks look at, and namespaces.
fn kinds(content: &Content, all: &[Tenant]) -> Result<Vec<Kind>, CommandError> {
    let mut kinds = BTreeSet::from([namespace_kind()]);
    for plan in plans(content, all)? {
        kinds.extend(plan.kinds());
    }
    Ok(kinds.into_iter().collect())
}

/// The checks of every tenant.
///
/// # Errors
/// When a profile names a framework that does not exist.
pub(super) fn plans(content: &Content, all: &[Tenant]) -> Result<Vec<Plan>, CommandError> {
    let plan = |tenant: &Tenant| {
        let selection = Selection {
            frameworks: tenant.frameworks.clone(),
            profile: Some(tenant.name.clone()),
            ..Selection::default()
        };
        let chosen = content.choose(&selection)?;
        Ok(content.plan(&chosen))
    };
    all.iter().map(plan).collect()
}

/// The namespaces to read, where every tenant names its own in full; none to read all.
pub(super) fn names(all: &[Tenant]) -> Vec<String> {
    let named: Option<Vec<Vec<String>>> = all.iter().map(Tenant::named).collect();
    let mut names: Vec<String> = named.into_iter().flatten().flatten().collect();
    names.sort();
    names.dedup();
    names
}

fn render(
    format: Format,
    inventory: &Inventory,
    digest: &str,
    cards: &[Scorecard],
    started: &str,
) -> String {
    match format {
        Format::Json => {
            let document = json!({
                "schema": tenants::SCHEMA,
                "tool": {"version": env!("CARGO_PKG_VERSION"), "content": digest},
                "source": inventory.source,
                "startedAt": started,
                "finishedAt": timestamp(),
                "leftOut": CLUSTER,
                "reads": inventory.reads,
                "tenants": cards,
            });
            harmless(format!("{document:#}\n"))
        }
        Format::Markdown => tenants::markdown(cards, &about::subject(&inventory.source)),
        _ => tenants::render(cards),
    }
}

/// Whether a threshold was crossed: that of a profile, or the one of the command line.
fn crossed(cards: &[Scorecard], limit: Option<Severity>) -> bool {
    cards.iter().any(|card| {
        card.threshold.verdict.crossed()
            || limit.is_some_and(|limit| card.findings.at_least(limit) > 0)
    })
}
