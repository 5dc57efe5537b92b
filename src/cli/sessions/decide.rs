//! `plimsoll sessions decide`: one decision about many findings.

use std::collections::BTreeSet;

use super::last_day;
use crate::assess::library::no_check;
use crate::cli::args::DecideArgs;
use crate::cli::context::CommandContext;
use crate::cli::{CommandError, CommandResult, newest, output};
use crate::model::decision::{Decision, DecisionState};
use crate::model::finding::Finding;
use crate::model::kinds;
use crate::runtime::clock::timestamp;
use crate::session::act;
use crate::text::{is_ticket, noun};
use crate::triage::matcher::{Glob, Matcher};

/// Decides about findings of the last run.
///
/// # Errors
/// When nothing is meant, or the decision lacks what it needs.
pub fn run(context: &CommandContext, args: &DecideArgs) -> CommandResult {
    let decision = decision(args)?;
    let mut session = context.store().open_with_run(&args.session)?;
    let run = newest::needed(&session)?;
    let findings: Vec<&Finding> = run.result.findings.iter().map(|f| &**f).collect();
    let mut prints = named(&args.finding, &findings)?;
    prints.extend(matched(context, args, &findings)?);
    if prints.is_empty() {
        return Err(CommandError::Usage(
            "no finding of the last run fits; nothing was decided".to_owned(),
        ));
    }
    let meant = prints.len();
    let noun = |count: usize| noun(count, "finding");
    if decision.state == DecisionState::Open {
        // What nobody decided about is open already: the history would say nothing by it.
        let decided = &session.state().ledger.decisions;
        prints.retain(|print| decided.contains_key(print.as_str()));
    }
    if prints.is_empty() {
        let noun = noun(meant);
        output::complain(&format!("nothing changes: {meant} {noun} without a decision"));
        return Ok(0);
    }
    let prints: Vec<String> = prints.into_iter().collect();
    session.decide(&prints, &decision, &context.by(args.by.as_deref()), &timestamp())?;
    output::complain(&format!("saved: {}", act::decided(prints.len(), decision.state)));
    Ok(0)
}

fn decision(args: &DecideArgs) -> Result<Decision, CommandError> {
    let wrong = |text: String| Err(CommandError::Usage(text));
    let given = |text: &Option<String>| {
        text.as_deref().map(str::trim).filter(|t| !t.is_empty()).map(str::to_owned)
    };
    let word = args.state.word();
    let reason = given(&args.reason);
    let needs = matches!(args.state, DecisionState::Accepted | DecisionState::FalsePositive);
    if needs && reason.is_none() {
        return wrong(format!("`{word}` needs --reason: it is what an auditor reads"));
    }
    if args.until.is_some() && args.state != DecisionState::Accepted {
        return wrong(format!("--until belongs to `accepted`; `{word}` has no end"));
    }
    let link = given(&args.link);
    if let Some(link) = link.as_deref().filter(|link| !is_ticket(link)) {
        return wrong(format!(
            "--link takes an address (https://…) or the name of a ticket; this is `{link}`"
        ));
    }
    Ok(Decision {
        state: args.state,
        reason,
        approver: given(&args.approver),
        expires: args.until.as_deref().map(last_day).transpose()?,
        link,
        ..Decision::default()
    })
}

/// Findings by the beginning of their fingerprint.
fn named(words: &[String], findings: &[&Finding]) -> Result<BTreeSet<String>, CommandError> {
    let mut out = BTreeSet::new();
    for word in words {
        let begins = |f: &&&Finding| {
            let begins = |print: &str| {
                let hex = print.split_once(':').map_or(print, |(_, hex)| hex);
                print.starts_with(word.as_str()) || hex.starts_with(word.as_str())
            };
            !word.is_empty()
                && (begins(&f.fingerprint) || f.formerly.as_deref().is_some_and(begins))
        };
        let mut fits = findings.iter().filter(begins);
        match (fits.next(), fits.next()) {
            (Some(one), None) => out.insert(one.fingerprint.clone()),
            (Some(_), Some(_)) => {
                let text = format!("several findings begin with `{word}`: give more of it");
                return Err(CommandError::Usage(text));
            }
            (None, _) => {
                return Err(CommandError::Usage(format!("the last run has no finding `{word}`")));
            }
        };
    }
    Ok(out)
}

/// Findings by what they are about.
fn matched(
    context: &CommandContext,
    args: &DecideArgs,
    all: &[&Finding],
) -> Result<Vec<String>, CommandError> {
    let mut matcher = Matcher {
        check: args.check.clone(),
        namespace: args.namespace.as_deref().map(Glob::new),
        ..Matcher::default()
    };
    let library = &context.content.library;
    if let Some(check) = args.check.as_deref().filter(|c| !library.checks.contains_key(*c)) {
        return Err(CommandError::Usage(format!("--check: {}", no_check(library, check))));
    }
    if let Some(owner) = &args.owner {
        let (kind, name) = owner
            .split_once('/')
            .filter(|(k, n)| !k.is_empty() && !n.is_empty())
            .ok_or_else(|| {
                CommandError::Usage(format!(
                    "--owner `{owner}` names no owner; write KIND/NAME, such as deploy/web"
                ))
            })?;
        let known = kinds::lookup(kind).map(|k| k.kind().kind.to_string());
        matcher.kind = Some(known.unwrap_or_else(|| kind.to_owned()));
        matcher.name = Some(Glob::new(name));
    }
    if matcher == Matcher::default() && args.image.is_none() {
        return Ok(Vec::new());
    }
    let image = args.image.as_deref().map(Glob::new);
    let of_image = |f: &Finding| {
        image.as_ref().is_none_or(|i| f.image.as_deref().is_some_and(|image| i.fits(image)))
    };
    let fits =
        |f: &&&Finding| (args.include_platform || !f.platform) && matcher.fits(f) && of_image(f);
    Ok(all.iter().filter(fits).map(|f| f.fingerprint.clone()).collect())
}
