//! Findings of one check on one object, of which a report for people tells so many one by one and
//! counts the others: a hostile object can have tens of thousands. Reports for programs tell all.

use crate::model::finding::Finding;

/// So many are told one by one.
const MOST: usize = 20;

/// What a report tells.
#[derive(Clone, Copy)]
pub(super) enum Told<'f> {
    /// One finding.
    One(&'f Finding),
    /// So many more, of which this is the first, of the same severity and check on the same object.
    More(&'f Finding, usize),
}

impl Told<'_> {
    /// What is said in place of the findings that are only counted.
    pub(super) fn more(count: usize) -> String {
        format!("and {count} more of this check on this object, which -o json lists")
    }
}

/// Tells findings that stand in the order of reports, in which those of one object follow each other.
pub(super) fn told<'f>(findings: &[&'f Finding]) -> Vec<Told<'f>> {
    let same = |one: &&Finding, other: &&Finding| {
        one.severity == other.severity && one.check == other.check && one.object == other.object
    };
    let mut told = Vec::new();
    for alike in findings.chunk_by(same) {
        // One more takes the place of saying that there is one more.
        let most = if alike.len() == MOST + 1 { alike.len() } else { MOST };
        let (shown, rest) = alike.split_at(most.min(alike.len()));
        told.extend(shown.iter().map(|finding| Told::One(finding)));
        told.extend(rest.first().map(|first| Told::More(first, rest.len())));
    }
    told
}
