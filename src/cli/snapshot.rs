//! `plimsoll snapshot`.

use std::sync::Arc;

use super::args::SnapshotArgs;
use super::context::Context;
use super::{Done, Fail, open, output};
use crate::assess;
use crate::runtime::clock::timestamp;
use crate::source::snapshot;

/// Captures everything that the checks need and a person browses.
///
/// # Errors
/// When the source cannot be read or the file cannot be written.
pub fn run(context: &Context, args: &SnapshotArgs) -> Done {
    output::vacant(Some(&args.output_file))?;
    let kinds = assess::held(&context.content).map_err(|e| Fail::Usage(e.to_string()))?;
    let inventory = open::read(&args.source, kinds, &args.namespace)?;
    let inventory = Arc::new(inventory);
    let captured = context.content.captured(&inventory);
    snapshot::save(&inventory, &captured, &args.output_file, &timestamp())
        .map_err(|e| Fail::Usage(e.to_string()))?;
    let path = args.output_file.display();
    output::complain(&format!(
        "{} objects and {} reads saved to {path}",
        inventory.len(),
        inventory.reads.len()
    ));
    Ok(0)
}
