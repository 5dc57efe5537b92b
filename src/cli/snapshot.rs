//! `plimsoll snapshot`.

use std::sync::Arc;

use super::args::SnapshotArgs;
use super::context::CommandContext;
use super::{CommandError, CommandResult, gate, open, output};
use crate::assess;
use crate::model::inventory::Inventory;
use crate::runtime::clock::timestamp;
use crate::source::narrow::narrow;
use crate::source::snapshot;
use crate::text::counted;

/// Captures everything that the checks need and a person browses, of all namespaces or of some.
///
/// # Errors
/// When the source cannot be read, a namespace is certainly not there, or the file cannot be written.
pub fn run(context: &CommandContext, args: &SnapshotArgs) -> CommandResult {
    output::vacant(Some(&args.output_file))?;
    let usage = |error: assess::SelectionError| CommandError::Usage(error.to_string());
    let kinds = assess::held(&context.content).map_err(usage)?;
    let mut inventory = Arc::new(open::seen(&args.source, kinds, &args.namespace)?);
    // Before anything is left out: what a check finds may rest on what lies elsewhere.
    let captured = context.content.captured(&inventory);
    let mut about = Vec::new();
    if !args.namespace.is_empty() {
        let wide = context.content.shared_kinds().map_err(usage)?;
        present(&inventory, &args.namespace)?;
        let narrowed = narrow(&inventory, &args.namespace, &wide);
        let kept: Vec<String> =
            narrowed.kept.iter().map(|(kind, count)| format!("{kind} {count}")).collect();
        let kept = if kept.is_empty() { "nothing".to_owned() } else { kept.join(", ") };
        about = vec![
            format!(
                "It holds what is in {} alone; left out: {}.",
                args.namespace.join(", "),
                counted(narrowed.left_out, "object")
            ),
            format!("Of the cluster it keeps: {kept}; these may name other namespaces."),
        ];
        inventory = Arc::new(narrowed.inventory);
    }
    snapshot::save(&inventory, &captured, &args.output_file, &timestamp())
        .map_err(|e| CommandError::Usage(e.to_string()))?;
    let path = args.output_file.display();
    let saved = format!(
        "{} and {} saved to {path}",
        counted(inventory.len(), "object"),
        counted(inventory.reads.len(), "read")
    );
    about.insert(0, saved);
    output::complain_lines(&about);
    Ok(0)
}

/// That namespaces are there, as far as the source tells: a file without what was meant helps nobody.
fn present(inventory: &Inventory, namespaces: &[String]) -> Result<(), CommandError> {
    let absent = gate::absent(inventory, namespaces);
    if !absent.is_empty() {
        let why: Vec<String> = absent.into_values().collect();
        return Err(CommandError::Usage(format!("{}: nothing was saved", why.join(", "))));
    }
    let known = inventory.namespaces();
    for name in namespaces.iter().filter(|name| !known.contains(name.as_str())) {
        output::complain(&format!("plimsoll: nothing here is in namespace `{name}`"));
    }
    Ok(())
}
