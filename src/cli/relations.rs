//! What `access` and `network` have in common: how an answer is given.

use super::args::AnswerArgs;
use super::context::CommandContext;
use super::{CommandResult, output};
use crate::model::inventory::Inventory;
use crate::report::sheet::{self, Part};

/// Prints sentences and tables.
pub(super) fn tell(context: &CommandContext, parts: &[Part], args: &AnswerArgs) -> CommandResult {
    let text = sheet::text(parts, output::layout());
    let text = if context.ascii { output::ascii(&text) } else { text };
    document(&text, args)
}

/// Prints a document.
pub(super) fn document(text: &str, args: &AnswerArgs) -> CommandResult {
    output::deliver(text, args.output_file.as_deref())?;
    Ok(0)
}

/// Says which namespaces nothing that was read is in: a typing error must not look like a clean one.
pub(super) fn strange(inventory: &Inventory, namespaces: &[String]) {
    let known = inventory.namespaces();
    for namespace in namespaces.iter().filter(|namespace| !known.contains(namespace.as_str())) {
        output::complain(&format!("plimsoll: nothing here is in namespace `{namespace}`"));
    }
}
