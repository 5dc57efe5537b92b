//! A run of checks, made as the program itself makes one.

use std::sync::Arc;

use plimsoll::assess::{Chosen, Content, RunTimes, cluster};
use plimsoll::checks::Silent;
use plimsoll::model::inventory::Inventory;
use plimsoll::session::run::{RunRecord, Selection};

/// What a selection chose of the content for these objects, the objects, and what the checks came to
/// between two moments.
pub fn run(
    content: &Content,
    inventory: Inventory,
    selection: &Selection,
    (started, finished): (&str, &str),
) -> (Chosen, Arc<Inventory>, RunRecord) {
    let inventory = Arc::new(inventory);
    let facts = content.facts(Arc::clone(&inventory));
    let chosen = content.fit(content.choose(selection).unwrap(), cluster(&facts));
    let result = content.run_chosen(&chosen, &facts, &Silent);
    let times = RunTimes { started: started.to_owned(), finished: finished.to_owned() };
    let record = content.record(&chosen, &inventory, times, result);
    (chosen, inventory, record)
}
