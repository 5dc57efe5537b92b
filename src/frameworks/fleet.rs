//! Several clusters side by side: what each comes to, what a figure of it rests on, and where they
//! differ. What could not be read is never set equal to what was.

mod differ;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::Serialize;

pub use differ::{Difference, Standing, differences};

use super::fit::NotJudged;
use super::status::{Counts, Score};
use crate::model::inventory::{Inventory, SourceInfo, SourceKind};
use crate::model::read::{Read, ReadStatus};
use crate::model::severities::BySeverity;

/// What a framework comes to in one cluster.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ClusterScore {
    /// Id of the edition that was judged.
    pub id: String,
    /// What its editions have in common.
    pub family: String,
    /// The edition.
    pub version: String,
    /// Its title, without the edition.
    pub title: String,
    /// What it is called in little room.
    #[serde(skip)]
    pub short: String,
    /// The level judged.
    pub level: Option<String>,
    /// Whether it is a matrix of attack techniques, which has no score.
    pub matrix: bool,
    /// The score; none when nothing is applicable, and for a matrix.
    pub score: Option<Score>,
    /// Its controls per status.
    pub counts: Counts,
    /// That the edition is written for another version or provider, if so.
    pub note: Option<String>,
}

impl ClusterScore {
    /// The edition and level: `2.0.1 L1`.
    #[must_use]
    pub fn edition(&self) -> String {
        let level = self.level.as_deref().map(|level| format!(" {level}")).unwrap_or_default();
        format!("{}{level}", self.version)
    }

    /// Whether every applicable control was decided or waits for a person alone.
    #[must_use]
    pub fn whole(&self) -> bool {
        self.counts.not_assessed == 0
    }
}

/// What was read of a cluster.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Reads {
    /// How many reads were asked for.
    pub asked: usize,
    /// Those that did not bring everything.
    pub missing: Vec<Read>,
}

/// One cluster, judged.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ClusterCard {
    /// The context, or what else it was asked for by.
    pub name: String,
    /// Where its objects came from.
    pub source: SourceInfo,
    /// Its provider, if it is known.
    pub provider: Option<String>,
    /// When it was judged, RFC 3339.
    pub finished: String,
    /// Open findings that count.
    pub findings: BySeverity,
    /// Findings on objects of the platform itself, which do not count unless asked for.
    pub platform: usize,
    /// Checks that could not decide everywhere.
    pub undecided_checks: usize,
    /// What was read.
    pub reads: Reads,
    /// Frameworks that were judged.
    pub frameworks: Vec<ClusterScore>,
    /// Frameworks that were not, and why.
    pub not_judged: Vec<NotJudged>,
    /// What each check came to: its standing and its open findings.
    #[serde(skip)]
    pub checks: BTreeMap<Arc<str>, (Standing, usize)>,
}

/// Why nothing is known of a cluster.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Unread {
    /// What went wrong.
    pub what: String,
    /// Why, as far as it is known.
    pub why: String,
    /// What to do.
    pub next: String,
}

impl Unread {
    /// Why nothing is known of a cluster that answered and showed none of its lists.
    #[must_use]
    pub fn blind(inventory: &Inventory) -> Option<Self> {
        let first = inventory.blind()?;
        let refused = first.status == ReadStatus::Forbidden;
        let own = if refused && inventory.source.kind == SourceKind::Live {
            "Whoever has rights in some namespaces only names them with -n, or sets one as the \
             context's namespace. "
        } else {
            ""
        };
        let message = first.message.as_deref().map(|text| format!(": {text}")).unwrap_or_default();
        Some(Self {
            what: format!("nothing could be read: {}", lost_in_words(inventory)),
            why: format!("{}: {}{message}", first.resource, first.status.word()),
            next: format!(
                "{own}`plimsoll role` prints the rights that a scan needs; `plimsoll doctor` shows who \
                 is asking."
            ),
        })
    }
}

/// What became of lists none of which was brought: `all 43 lists were refused`.
fn lost_in_words(inventory: &Inventory) -> String {
    match inventory.failed() {
        (0, all) => format!("all {all} lists were refused"),
        (failed, all) if failed == all => format!("all {all} lists failed"),
        (failed, all) => format!("{failed} of {all} lists failed, and the others were refused"),
    }
}

/// What is known of one cluster among several.
#[derive(Clone, Copy, Debug)]
pub enum KnownCluster<'a> {
    /// It was read and judged.
    Read(&'a ClusterCard),
    /// It was not.
    Unread(&'a str),
}

/// One framework over all clusters.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FamilyRow {
    /// What the editions have in common.
    pub family: String,
    /// Its title.
    pub title: String,
    /// What it is called in little room.
    #[serde(skip)]
    pub short: String,
    /// Whether it is a matrix of attack techniques.
    pub matrix: bool,
    /// Editions and levels that were judged somewhere.
    pub editions: Vec<String>,
    /// Whether the scores of the clusters judged rest on the same edition and level, and on
    /// everything that was asked for.
    pub comparable: bool,
    /// A cell for each cluster, in their order.
    pub cells: Vec<FamilyCell>,
}

/// What a framework comes to in one cluster, and what that rests on.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FamilyCell {
    /// The cluster.
    pub cluster: String,
    /// Whether the cluster was read.
    pub read: bool,
    /// What it comes to; none where it was not judged.
    pub score: Option<ClusterScore>,
    /// What the score rests on, or why there is none.
    pub rests: String,
}

/// Every framework that was judged in any of the clusters, in the order in which the first has them.
#[must_use]
pub fn families(all: &[KnownCluster<'_>]) -> Vec<FamilyRow> {
    let mut rows: Vec<FamilyRow> = Vec::new();
    let read = all.iter().filter_map(|known| match known {
        KnownCluster::Read(card) => Some(*card),
        KnownCluster::Unread(_) => None,
    });
    for score in read.flat_map(|card| &card.frameworks) {
        if !rows.iter().any(|row| row.family == score.family) {
            rows.push(FamilyRow {
                family: score.family.clone(),
                title: score.title.clone(),
                short: score.short.clone(),
                matrix: score.matrix,
                editions: Vec::new(),
                comparable: true,
                cells: Vec::new(),
            });
        }
    }
    for row in &mut rows {
        row.cells = all.iter().map(|known| cell(known, &row.family)).collect();
        let judged = || row.cells.iter().filter_map(|cell| cell.score.as_ref());
        let editions: BTreeSet<String> = judged().map(ClusterScore::edition).collect();
        row.comparable = editions.len() < 2 && judged().all(ClusterScore::whole);
        row.editions = editions.into_iter().collect();
    }
    rows
}

fn cell(known: &KnownCluster<'_>, family: &str) -> FamilyCell {
    let card = match known {
        KnownCluster::Read(card) => card,
        KnownCluster::Unread(name) => {
            let rests = "the cluster was not read".to_owned();
            return FamilyCell { cluster: (*name).to_owned(), read: false, score: None, rests };
        }
    };
    let score = card.frameworks.iter().find(|score| score.family == family).cloned();
    let rests = score.as_ref().map_or_else(|| left_out(card, family), |score| rests(score, card));
    FamilyCell { cluster: card.name.clone(), read: true, score, rests }
}

/// Why a framework is not judged in a cluster.
fn left_out(card: &ClusterCard, family: &str) -> String {
    let reasons: BTreeSet<&str> =
        card.not_judged.iter().filter(|n| n.family == family).map(|n| &*n.reason).collect();
    if reasons.is_empty() {
        return "not judged here".to_owned();
    }
    format!("not judged: {}", reasons.into_iter().collect::<Vec<_>>().join("; "))
}

/// What a score rests on: its edition, and what of it is unknown.
fn rests(score: &ClusterScore, card: &ClusterCard) -> String {
    let mut parts = vec![format!("edition {}", score.edition())];
    if !score.whole() {
        let missing = match card.reads.missing.len() {
            0 => String::new(),
            1 => ", and 1 read is missing".to_owned(),
            n => format!(", and {n} reads are missing"),
        };
        let (unknown, all) = (score.counts.not_assessed, score.counts.applicable());
        let what = if score.matrix { "techniques" } else { "controls" };
        parts.push(format!("{unknown} of {all} {what} not assessed{missing}"));
    }
    parts.extend(score.note.clone());
    parts.join("; ")
}

/// Names of one and the same cluster, two and two: what is counted under both is there once.
#[must_use]
pub fn twins<'a>(cards: &[&'a ClusterCard]) -> Vec<(&'a str, &'a str)> {
    let uid = |card: &'a ClusterCard| card.source.cluster_uid.as_ref();
    let of = |(at, one): (usize, &&'a ClusterCard)| {
        let mut before = cards.iter().take(at).rev();
        let twin = before.find(|other| uid(one).is_some() && uid(other) == uid(one))?;
        Some((&*twin.name, &*one.name))
    };
    cards.iter().enumerate().filter_map(of).collect()
}

/// That two names are one cluster, in words.
#[must_use]
pub fn twins_in_words((one, other): (&str, &str)) -> String {
    format!("{one} and {other} are one and the same cluster, seen twice.")
}

/// The sentences that belong under scores of several clusters: why some may not be compared.
#[must_use]
pub fn cautions(rows: &[FamilyRow]) -> Vec<String> {
    let several = |row: &&FamilyRow| row.editions.len() > 1;
    let partly = |row: &&FamilyRow| {
        row.cells.iter().filter_map(|c| c.score.as_ref()).any(|score| !score.whole())
    };
    let mut out = Vec::new();
    for row in rows.iter().filter(several) {
        out.push(format!(
            "{}: the clusters are judged by different editions or levels ({}), whose controls are \
             not the same: their scores are not comparable.",
            row.family,
            row.editions.join(", ")
        ));
    }
    let names: Vec<&str> = rows.iter().filter(partly).map(|row| &*row.family).collect();
    if !names.is_empty() {
        out.push(format!(
            "A score marked ? has controls that could not be assessed; compare intervals, not their \
             ends: {}.",
            names.join(", ")
        ));
    }
    out
}

#[cfg(test)]
pub(crate) mod tests;
