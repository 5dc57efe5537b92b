//! Whether what was asked for is there: nothing that was looked at must not look like nothing that was found.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::assess::fleet::is_missing;
use crate::assess::{self, Chosen, Content};
use crate::cli::args::ScanArgs;
use crate::cli::{CommandError, gate, output};
use crate::facts::Facts;
use crate::frameworks::fit;
use crate::model::inventory::SourceKind;
use crate::model::object::Object;

/// The editions that fit the cluster. Says that nothing is looked at if no namespace belongs to the profile,
/// which is no run that others could be `compared` with.
pub(super) fn fitted(
    content: &Content,
    chosen: Chosen,
    facts: &Facts,
    compared: bool,
) -> Result<Chosen, CommandError> {
    if !chosen.scope.is_nothing() {
        return Ok(content.fit(chosen, assess::cluster(facts)));
    }
    let nothing = "no namespace here belongs to the profile, and nothing was looked at";
    if compared {
        // A run of nothing would say of every finding that it is gone.
        return Err(CommandError::Usage(format!("{nothing}: --session and --baseline need a run")));
    }
    output::complain(&format!("plimsoll: {nothing}"));
    Ok(chosen)
}

/// Says what was asked for by its family and has no edition that fits. Whether everything has.
pub(super) fn judged_at_all(chosen: &Chosen) -> bool {
    let asked = !chosen.selection.frameworks.is_empty() || !chosen.selection.controls.is_empty();
    if !asked {
        return true;
    }
    let lines = fit::told(&chosen.not_judged, &chosen.families());
    for line in &lines {
        output::complain(&format!("plimsoll: not judged: {line}"));
    }
    lines.is_empty()
}

/// Says when a selection leaves nothing: an empty result must not look like a clean one. `absent` are
/// namespaces of which it is said already. False where somebody relies on the exit status, and the labels that
/// were asked for are on nothing.
///
/// # Errors
/// When the one object that was asked for is certainly not there.
pub(super) fn matched(
    args: &ScanArgs,
    chosen: &Chosen,
    facts: &Facts,
    absent: &BTreeSet<String>,
) -> Result<bool, CommandError> {
    let inventory = facts.inventory();
    // That is told by itself: nothing is known of what fits, or nobody asked for anything.
    if inventory.blind().is_some() || chosen.scope.is_nothing() {
        return Ok(true);
    }
    let whole = inventory.reads.iter().all(|read| !is_missing(read));
    let asked = &chosen.selection.namespaces;
    let there = inventory.namespaces();
    let (here, empty): (Vec<_>, Vec<_>) =
        asked.iter().partition(|name| there.contains(name.as_str()));
    for namespace in empty.iter().filter(|name| !absent.contains(name.as_str())) {
        let seen = if whole { "nothing here" } else { "nothing that could be read" };
        output::complain(&format!("plimsoll: {seen} is in namespace `{namespace}`"));
    }
    let takes = |o: &Arc<Object>| chosen.scope.takes(facts, &o.kind(), o);
    if chosen.scope.is_everything() || inventory.objects().any(takes) {
        return Ok(true);
    }
    if let Some((kind, _, name)) = &chosen.scope.object
        && gate::proves_absence(inventory, kind)
    {
        let place = match &asked[..] {
            [] => String::new(),
            some => format!(" in {}", some.join(", ")),
        };
        return Err(CommandError::Usage(format!("there is no {} `{name}`{place} here", kind.kind)));
    }
    // Of what is in no namespace that was asked for, that was said.
    if asked.is_empty() || !here.is_empty() {
        let seen = if whole { "no object" } else { "nothing that could be read" };
        output::complain(&format!("plimsoll: {seen} fits the selection"));
    }
    // What is missing by `--require-complete` has a status of its own.
    let told = args.require_complete && !whole;
    Ok(chosen.selection.selector.is_none() || !relied(args) || told)
}

/// Whether somebody relies on the exit status.
pub(in crate::cli) fn relied(args: &ScanArgs) -> bool {
    args.fail_on.is_some() || args.fail_on_new || args.require_complete
}

/// The namespaces that were named and are certainly not there: a typing error must not look like a clean
/// namespace. Manifests may have nothing for it, unless somebody relies on the exit status.
pub(super) fn lost(args: &ScanArgs, chosen: &Chosen, facts: &Facts) -> BTreeSet<String> {
    // Manifests may have nothing for a namespace; a file that was made without it does not.
    let source = &facts.inventory().source;
    if !relied(args) && source.kind == SourceKind::Files && source.namespaces.is_empty() {
        return BTreeSet::new();
    }
    let absent = gate::absent(facts.inventory(), &chosen.selection.namespaces);
    for why in absent.values() {
        output::complain(&format!("plimsoll: {why}: nothing was looked at"));
    }
    absent.into_keys().collect()
}
