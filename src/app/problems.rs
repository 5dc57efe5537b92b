//! What is wrong with documents of files: where it stands, and whether anything rests on it.

use std::collections::HashSet;

use crate::model::inventory::{Inventory, Problem, ProblemKind};
use crate::model::read::{Read, ReadStatus};

use super::action::Action;
use super::data::Data;
use super::item::Item;
use super::state::State;
use super::written::FilePlace;

/// What is wrong with documents of an inventory.
fn documents(inventory: &Inventory) -> impl Iterator<Item = &Problem> {
    inventory.problems.iter().filter(|problem| problem.kind == ProblemKind::Document)
}

/// `deploy/web.yaml:16:4`, as far as it is known.
#[must_use]
pub fn spelt(problem: &Problem) -> String {
    let number = |n: Option<u32>| n.map(|n| format!(":{n}")).unwrap_or_default();
    let file = problem.file.as_deref().map_or("", |file| if file == "-" { "stdin" } else { file });
    format!("{file}{}{}", number(problem.line), number(problem.column))
}

/// Whether it is the read of a file of which not all is known.
fn is_lost(read: &Read) -> bool {
    read.kind.is_none() && matches!(read.status, ReadStatus::Partial | ReadStatus::Failed)
}

impl Data {
    /// What is wrong with documents, those that are not assessed for it first.
    pub(super) fn problems(&self) -> Vec<&Problem> {
        let lost = self.unread_files();
        let mut all: Vec<&Problem> = documents(&self.inventory).collect();
        all.sort_by_key(|problem| !problem.file.as_deref().is_some_and(|f| lost.contains(f)));
        all
    }

    /// What is wrong with documents of a file.
    pub fn problems_in<'a>(&'a self, file: &'a str) -> impl Iterator<Item = &'a Problem> {
        documents(&self.inventory).filter(move |problem| problem.file.as_deref() == Some(file))
    }

    /// How many documents are not assessed for what is wrong with them.
    #[must_use]
    pub fn lost_documents(&self) -> usize {
        let lost = self.unread_files();
        let of = |problem: &&Problem| problem.file.as_deref().is_some_and(|f| lost.contains(f));
        documents(&self.inventory).filter(of).count()
    }

    /// Whether something is not assessed for what is wrong.
    #[must_use]
    pub fn is_lost(&self, problem: &Problem) -> bool {
        let mut reads = self.inventory.reads.iter().filter(|read| is_lost(read));
        problem.file.as_deref().is_some_and(|file| reads.any(|read| read.resource == file))
    }

    /// Files of which not all is known.
    fn unread_files(&self) -> HashSet<&str> {
        let reads = self.inventory.reads.iter().filter(|read| is_lost(read));
        reads.map(|read| &*read.resource).collect()
    }
}

impl State {
    /// How many documents are not assessed, as the rest of a sentence; empty where there is none.
    pub(super) fn lost_in_words(&self) -> String {
        let key = self.keymap.told(Action::Coverage);
        match self.data.lost_documents() {
            0 => String::new(),
            1 => format!("; 1 document is not assessed ({key} says why)"),
            many => format!("; {many} documents are not assessed ({key} says why)"),
        }
    }

    /// The place in a file to mend for a row: of what is wrong, or of the first thing that is wrong with
    /// the file that the row is about.
    #[must_use]
    pub fn place_to_mend(&self, item: &Item) -> Option<FilePlace> {
        let source = &self.data.inventory.source;
        let file = match item {
            Item::Problem(problem) => return place(problem).filter(|_| source.is_manifests()),
            Item::Gap(gap) => &gap.missing.read,
            Item::Read(read) => &read.resource,
            _ => return None,
        };
        let first = self.data.problems_in(file).next().filter(|_| source.is_manifests())?;
        place(first)
    }
}

/// Where something is wrong, if that can be opened.
fn place(problem: &Problem) -> Option<FilePlace> {
    let file = problem.file.as_deref().filter(|file| *file != "-")?;
    Some(FilePlace { file: file.into(), line: problem.line })
}
