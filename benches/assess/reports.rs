//! A run in every format of reports: how long it takes, how long it is, and the memory beyond what
//! is held already.

use std::path::Path;
use std::sync::Arc;

use plimsoll::assess;
use plimsoll::checks::Silent;
use plimsoll::model::ledger::Ledger;
use plimsoll::report::{Assessment, Format, Input};
use plimsoll::session::run::Selection;

use super::capture;
use super::figure::Figure;
use super::measure::{beyond, time};
use super::part::row;

const NOW: &str = "2026-04-01T00:00:00Z";

/// Everything on one cluster, in a process of its own.
pub fn run(dir: &Path) -> anyhow::Result<()> {
    let inventory = Arc::new(capture::whole(dir)?);
    let content = capture::content();
    let facts = content.facts(Arc::clone(&inventory));
    let chosen = content.choose(&Selection::default())?;
    let chosen = content.fit(chosen, assess::cluster(&facts));
    let plan = content.plan(&chosen);
    let result = content.run(&plan, &chosen, &facts, &Silent);
    let ledger = Ledger::default();
    let today = "2026-04-01";
    let judged = content.judge(&chosen, &result, &inventory, &ledger, today);
    let times = assess::RunTimes { started: NOW.to_owned(), finished: NOW.to_owned() };
    let run = content.record(&chosen, &inventory, times, result);
    let assessment = Assessment {
        run: &run,
        frameworks: &judged,
        not_judged: &[],
        ledger: &ledger,
        today,
        max_age: content.max_import_age(),
    };
    let check = |id: &str| content.text_of(id);
    let input = Input::of(assessment, &check);
    for format in Format::ALL {
        let ((text, took), more) = beyond(|| time(|| format.render(&input)));
        let word = format.word();
        // A matrix that no default judges has no layer.
        let Ok(text) = text else { continue };
        row(&format!("report {word}"), Figure::took(took));
        row(&format!("report {word}: size"), Figure::bytes(text.len()));
        if let Some(more) = more {
            row(&format!("report {word}: memory beyond"), Figure::mib(more));
        }
    }
    Ok(())
}
