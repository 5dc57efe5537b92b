//! Several clusters side by side: what each comes to, its frameworks, and what differs. In every
//! format a cluster that was not read stands among the others with why, and no figure.

mod alike;
mod json;
mod markdown;
mod table;

use super::{CheckText, Format, Input, RenderError, csv, html};
use crate::frameworks::fleet::{
    ClusterCard, Difference, FamilyRow, KnownCluster, Unread, cautions, differences, families,
    twins, twins_in_words,
};
use crate::frameworks::tenant;
use crate::model::comparison::Comparison;
use crate::model::finding::RunResult;
use crate::session::run::Selection;
use crate::text::{cut, cut_middle, noun, safe};

pub use alike::{Alike, alike};
pub use json::SCHEMA;

/// One of the clusters.
pub struct Entry<'a> {
    /// What it is called.
    pub name: String,
    /// What became of it.
    pub outcome: Outcome<'a>,
    /// What became of its findings since a run that it was compared with.
    pub since: Option<&'a Comparison>,
}

/// What became of a cluster.
pub enum Outcome<'a> {
    /// It was read and judged: all there is for a report of it alone, and its figures.
    Read(Box<Input<'a>>, Box<ClusterCard>),
    /// It was not.
    Unread(Unread),
}

/// Several clusters.
pub struct Fleet<'a> {
    /// The clusters, in the order in which they were asked for.
    pub entries: Vec<Entry<'a>>,
    /// Names of the files in which the reports of single clusters stand beside this one, in the order
    /// of the entries; empty where there are none.
    pub links: Vec<Option<String>>,
    /// Frameworks, cluster by cluster.
    pub families: Vec<FamilyRow>,
    /// Checks that fail in some clusters only.
    pub differences: Vec<Difference>,
    /// Why figures may not be compared as if they were alike.
    pub cautions: Vec<String>,
    /// Digest of checks and frameworks.
    content: String,
    selection: &'a Selection,
    started: &'a str,
    finished: &'a str,
}

impl<'a> Fleet<'a> {
    /// Puts clusters side by side.
    #[must_use]
    pub fn new(
        entries: Vec<Entry<'a>>,
        content: &str,
        selection: &'a Selection,
        started: &'a str,
        finished: &'a str,
        check: &(dyn Fn(&str) -> CheckText + Sync),
    ) -> Self {
        let known: Vec<KnownCluster<'_>> = entries
            .iter()
            .map(|entry| match &entry.outcome {
                Outcome::Read(_, card) => KnownCluster::Read(card),
                Outcome::Unread(_) => KnownCluster::Unread(&entry.name),
            })
            .collect();
        let cards: Vec<&ClusterCard> = entries.iter().filter_map(Entry::card).collect();
        let families = families(&known);
        let about = |id: &str| {
            let text = check(id);
            (text.title, text.severity)
        };
        let differences = differences(&known, about);
        let mut said: Vec<String> = twins(&cards).into_iter().map(twins_in_words).collect();
        said.extend(taken_over(&entries));
        said.extend(mirrored(&entries));
        said.extend(cautions(&families));
        Self {
            families,
            differences,
            cautions: said,
            entries,
            links: Vec::new(),
            content: content.to_owned(),
            selection,
            started,
            finished,
        }
    }

    /// When the last of them was judged, RFC 3339.
    #[must_use]
    pub fn finished(&self) -> &str {
        self.finished
    }

    /// The clusters that were not read, with why.
    pub fn unread(&self) -> impl Iterator<Item = (&str, &Unread)> {
        self.entries.iter().filter_map(|entry| match &entry.outcome {
            Outcome::Unread(error) => Some((&*entry.name, error)),
            Outcome::Read(..) => None,
        })
    }

    /// How many were read, in words.
    #[must_use]
    pub fn words(&self) -> String {
        let (all, unread) = (self.entries.len(), self.unread().count());
        let noun = noun(all, "cluster");
        match unread {
            0 => format!("{all} {noun}, all of them read"),
            n => format!("{all} {noun}, {n} of them not read: nothing is known of these"),
        }
    }
}

impl Entry<'_> {
    /// Whether the profile that it was judged by is met in it, in words; empty without a threshold.
    #[must_use]
    pub fn verdict(&self) -> String {
        match &self.outcome {
            Outcome::Read(input, _) => input.profile.map(tenant::verdict).unwrap_or_default(),
            Outcome::Unread(_) => String::new(),
        }
    }

    /// Its figures; none where it was not read.
    #[must_use]
    pub fn card(&self) -> Option<&ClusterCard> {
        match &self.outcome {
            Outcome::Read(_, card) => Some(&**card),
            Outcome::Unread(_) => None,
        }
    }
}

/// That checks stand in the place of others of their ids, in whichever cluster.
fn taken_over(entries: &[Entry<'_>]) -> Option<String> {
    let all = said_of_runs(entries, RunResult::taken_over_in_words)?;
    Some(format!("Checks taken over: {all}."))
}

/// That workloads count as the platform's only by a mirror, in whichever cluster.
fn mirrored(entries: &[Entry<'_>]) -> Option<String> {
    let all = said_of_runs(entries, RunResult::mirrored_in_words)?;
    Some(format!("Counted as the platform's only by a mirror (platform-mirrors): {all}."))
}

/// What the runs of clusters say, each thing once; none where they say nothing.
fn said_of_runs(entries: &[Entry<'_>], words: fn(&RunResult) -> Vec<String>) -> Option<String> {
    let of = |entry: &Entry<'_>| match &entry.outcome {
        Outcome::Read(input, _) => words(input.result),
        Outcome::Unread(_) => Vec::new(),
    };
    let all: std::collections::BTreeSet<String> = entries.iter().flat_map(of).collect();
    let all: Vec<String> = all.into_iter().collect();
    (!all.is_empty()).then(|| all.join("; "))
}

/// Formats that hold several clusters.
const HELD: [Format; 5] =
    [Format::Table, Format::Json, Format::Markdown, Format::Html, Format::Csv];

/// Whether a format holds several clusters.
#[must_use]
pub fn has(format: Format) -> bool {
    HELD.contains(&format)
}

/// The words of the formats that do.
#[must_use]
pub fn words() -> String {
    HELD.map(Format::word).join(", ")
}

/// Renders several clusters; a format that holds but one gives a table.
///
/// # Errors
/// When a document cannot be written.
pub fn render(fleet: &Fleet<'_>, format: Format) -> Result<String, RenderError> {
    match format {
        Format::Json => json::render(fleet),
        Format::Markdown => Ok(markdown::render(fleet)),
        Format::Html => Ok(html::fleet(fleet)),
        Format::Csv => Ok(csv::fleet(fleet)),
        _ => Ok(table::render(fleet)),
    }
}

/// The table as sentences, each value with its name: for screen readers.
#[must_use]
pub fn sentences(fleet: &Fleet<'_>) -> String {
    table::sentences(fleet)
}

/// Widest name of a cluster in a table, in cells: no cloud calls one by a longer name, and all rows are as
/// wide as the widest.
const NAME: usize = 160;

/// What a cluster is called in a table, safe to show.
fn called(name: &str) -> String {
    cut_middle(&safe(name), NAME).into_owned()
}

/// What differs, with the clusters as they are called in a table.
fn in_table(difference: &Difference) -> Difference {
    let mut shown = difference.clone();
    for stands in &mut shown.clusters {
        stands.cluster = called(&stands.cluster);
    }
    shown
}

/// What is known of a cluster's version and provider, in a word each.
fn version(card: &ClusterCard) -> String {
    safe(card.source.kubernetes.as_deref().unwrap_or("–"))
}

fn provider(card: &ClusterCard) -> String {
    safe(card.provider.as_deref().unwrap_or("–"))
}

/// Reads that are missing, of how many: `3 of 40`.
fn missing(card: &ClusterCard) -> String {
    match card.reads.missing.len() {
        0 => "none".to_owned(),
        n => format!("{n} of {}", card.reads.asked),
    }
}

/// The interval of a score with the marks that say what it rests on.
fn cell(row: &FamilyRow, at: usize) -> String {
    let Some(cell) = row.cells.get(at) else { return String::new() };
    let Some(score) = &cell.score else {
        return if cell.read { "not judged" } else { "not read" }.to_owned();
    };
    let line = if score.matrix {
        let of = score.counts.applicable();
        format!("{} of {of} exposed", score.counts.exposed)
    } else {
        super::table::interval(score.score)
    };
    let edition = if row.editions.len() > 1 {
        format!(" ({})", short(&score.edition()))
    } else {
        String::new()
    };
    let mark = if score.whole() { "" } else { " ?" };
    safe(&format!("{line}{edition}{mark}"))
}

/// A framework with its edition, where all clusters have the same.
fn name(row: &FamilyRow) -> String {
    match row.editions.as_slice() {
        [one] => safe(&format!("{} {}", row.family, short(one))),
        _ => safe(&row.family),
    }
}

/// An edition in little room: some are sentences.
fn short(edition: &str) -> std::borrow::Cow<'_, str> {
    cut(edition, 24)
}
