//! What somebody should look at: questions and exceptions, what is unknown, what was read.

use std::sync::Arc;

use crate::app::action::Action;
use crate::app::data::Data;
use crate::app::item::{Item, Section};
use crate::app::keymap::Keymap;
use crate::app::list::Row;
use crate::model::inventory::Problem;
use crate::model::read::{Read, ReadStatus};

use super::text;

/// Exceptions; questions that wait for an answer, those whose answer ran out, and those that were
/// answered; where other tools differ.
pub(super) fn review_rows(data: &Data, not_yet: &str) -> Vec<Row> {
    let mut rows = vec![Row::new(Item::Heading(Section::Exceptions))];
    let exceptions = data.exceptions();
    if exceptions.is_empty() {
        rows.push(text(match &data.result {
            None => not_yet,
            Some(_) => "No finding is accepted, and none is called a false positive.",
        }));
    }
    rows.extend(exceptions.into_iter().map(|exception| Row::new(Item::Exception(exception))));
    rows.push(Row::new(Item::Heading(Section::Questions)));
    let questions = data.questions();
    if questions.is_empty() {
        rows.push(text(match &data.result {
            None => not_yet,
            Some(_) => "No control of the frameworks judged waits for an answer.",
        }));
    }
    rows.extend(questions.into_iter().map(|control| Row::new(Item::Question(control))));
    let differences = data.disagreements();
    if !differences.is_empty() {
        rows.push(Row::new(Item::Heading(Section::Disagreements)));
    }
    rows.extend(differences.into_iter().map(|differs| Row::new(Item::Disagreement(differs))));
    rows
}

/// What is unknown first, then every read, those that are not complete before the others.
pub(super) fn coverage_rows(data: &Data, keymap: &Keymap, not_yet: &str) -> Vec<Row> {
    let mut rows = vec![Row::new(Item::Heading(Section::Gaps))];
    rows.extend(data.index.gaps.iter().map(|gap| Row::new(Item::Gap(Arc::clone(gap)))));
    if data.index.gaps.is_empty() {
        rows.push(text(match &data.result {
            None => not_yet,
            Some(_) => "Everything the checks asked for could be read.",
        }));
    }
    rows.extend(of_the_platform(data, keymap));
    rows.extend(problem_rows(data.problems()));
    if !data.inventory.reads.is_empty() {
        rows.push(Row::new(Item::Heading(Section::Reads)));
    }
    let mut reads: Vec<_> = data.inventory.reads.iter().collect();
    reads.sort_by_key(|read| (good(read), read.resource.clone(), read.namespace.clone()));
    rows.extend(reads.into_iter().map(|read| Row::new(Item::Read(Arc::new(read.clone())))));
    rows
}

/// How many reasons are not shown because they are about the platform alone, and the key that shows them.
pub(super) fn of_the_platform(data: &Data, keymap: &Keymap) -> Option<Row> {
    let hidden = data.index.gaps_aside;
    let key = keymap.told(Action::Platform);
    (hidden > 0).then(|| text(&format!("{hidden} about the platform alone; {key} shows them")))
}

/// What is wrong in files, if anything is.
fn problem_rows(problems: Vec<&Problem>) -> Vec<Row> {
    let mut rows = Vec::new();
    if !problems.is_empty() {
        rows.push(Row::new(Item::Heading(Section::Problems)));
    }
    let row = |problem: &Problem| Row::new(Item::Problem(Arc::new(problem.clone())));
    rows.extend(problems.into_iter().map(row));
    rows
}

fn good(read: &Read) -> u8 {
    match read.status {
        ReadStatus::Forbidden | ReadStatus::Failed | ReadStatus::Partial | ReadStatus::Hidden => 0,
        ReadStatus::Complete if read.age().is_some() => 1,
        ReadStatus::NotAsked => 2,
        ReadStatus::Complete => 3,
        ReadStatus::NotServed => 4,
    }
}

pub(super) fn gap_page(data: &Data, reason: &str) -> Vec<Row> {
    let Some(gap) = data.gap(reason) else { return vec![text("Nothing rests on it any more.")] };
    let checks = || {
        let check = |id: &Arc<str>| Row::new(Item::Check { id: Arc::clone(id), serves: None });
        let heading = Row::new(Item::Heading(Section::Checks));
        std::iter::once(heading).chain(gap.checks.iter().map(check))
    };
    let mut rows = problem_rows(data.problems_in(&gap.missing.read).collect());
    // The check is where it goes on, however many things its question is about.
    if gap.asks_its_check() {
        rows.extend(checks());
    }
    if !gap.each.is_empty() {
        rows.push(Row::new(Item::Heading(Section::Gaps)));
        rows.extend(gap.each.iter().map(|one| Row::new(Item::Gap(Arc::clone(one)))));
    }
    rows.push(Row::new(Item::Heading(Section::Controls)));
    rows.extend(gap.controls.iter().map(|c| Row::new(Item::ControlRef(c.clone()))));
    if gap.controls.is_empty() {
        rows.push(text("No control is decided by these checks."));
    }
    if !gap.asks_its_check() {
        rows.extend(checks());
    }
    rows
}
