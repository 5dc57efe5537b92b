//! Checks that fail in some clusters and not in others.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde::Serialize;

use super::{ClusterCard, KnownCluster};
use crate::model::finding::Severity;

/// What a check came to in one cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    /// It has open findings that count.
    Fail,
    /// It could not decide everywhere, and where it could, nothing is open.
    NotAssessed,
    /// All its findings were set aside by people.
    Accepted,
    /// It passes wherever it looked.
    Pass,
    /// There was nothing to look at.
    NotApplicable,
    /// It did not run.
    NotRun,
    /// The cluster was not read.
    NotRead,
}

impl Standing {
    /// The word on screens and in reports.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Fail => "fail",
            Self::NotAssessed => "not assessed",
            Self::Accepted => "accepted",
            Self::Pass => "pass",
            Self::NotApplicable => "nothing to look at",
            Self::NotRun => "not run",
            Self::NotRead => "not read",
        }
    }

    /// Whether it says for certain that nothing is open.
    #[must_use]
    pub fn is_sound(self) -> bool {
        matches!(self, Self::Accepted | Self::Pass | Self::NotApplicable)
    }

    /// Whether it says that nobody can tell.
    #[must_use]
    pub fn is_unknown(self) -> bool {
        matches!(self, Self::NotAssessed | Self::NotRun | Self::NotRead)
    }
}

/// A check that fails in some of the clusters only.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Difference {
    /// Id of the check.
    pub check: Arc<str>,
    /// What is wrong, in a line.
    pub title: String,
    /// How bad a finding of it is.
    pub severity: Severity,
    /// Whether it is certain: some other cluster was looked at and has nothing open. Otherwise the
    /// others are unknown, and may fail as well.
    pub certain: bool,
    /// What it came to in each cluster, and how many findings are open.
    pub clusters: Vec<Stands>,
}

/// A cluster, what a check came to in it, and how many findings of it are open.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Stands {
    /// The cluster.
    pub cluster: String,
    /// What it came to.
    pub standing: Standing,
    /// Open findings.
    pub open: usize,
}

impl Difference {
    /// The clusters of which something holds, in their order.
    pub fn those(&self, holds: impl Fn(Standing) -> bool) -> impl Iterator<Item = &Stands> {
        self.clusters.iter().filter(move |stands| holds(stands.standing))
    }

    /// Names of the clusters of which something holds, with a comma between.
    #[must_use]
    pub fn names(&self, holds: impl Fn(Standing) -> bool) -> String {
        self.those(holds).map(|stands| &*stands.cluster).collect::<Vec<_>>().join(", ")
    }

    /// Names of the clusters in which it fails, each with how many findings are open.
    #[must_use]
    pub fn failing(&self) -> String {
        let one = |stands: &Stands| format!("{} ({})", stands.cluster, stands.open);
        self.those(|s| s == Standing::Fail).map(one).collect::<Vec<_>>().join(", ")
    }

    /// Names of the clusters of which it is not known, each with why.
    #[must_use]
    pub fn unknown(&self) -> String {
        let one = |stands: &Stands| format!("{} ({})", stands.cluster, stands.standing.word());
        self.those(Standing::is_unknown).map(one).collect::<Vec<_>>().join(", ")
    }
}

/// Checks that fail in some of the clusters that were read, and not in all: those that are certain
/// first, then the worst, then by id. `about` tells title and severity of a check.
#[must_use]
pub fn differences(
    all: &[KnownCluster<'_>],
    about: impl Fn(&str) -> (String, Severity),
) -> Vec<Difference> {
    let cards = || {
        all.iter().filter_map(|known| match known {
            KnownCluster::Read(card) => Some(*card),
            KnownCluster::Unread(_) => None,
        })
    };
    let ids: BTreeSet<&Arc<str>> = cards().flat_map(|card| card.checks.keys()).collect();
    let read = cards().count();
    let mut out = Vec::new();
    for id in ids {
        let of = |card: &ClusterCard| {
            let (standing, open) = card.checks.get(id).copied().unwrap_or((Standing::NotRun, 0));
            Stands { cluster: card.name.clone(), standing, open }
        };
        let stands = |known: &KnownCluster<'_>| match known {
            KnownCluster::Read(card) => of(card),
            KnownCluster::Unread(name) => {
                Stands { cluster: (*name).to_owned(), standing: Standing::NotRead, open: 0 }
            }
        };
        let clusters: Vec<Stands> = all.iter().map(stands).collect();
        let failing = clusters.iter().filter(|s| s.standing == Standing::Fail).count();
        if failing == 0 || failing == read {
            continue;
        }
        let certain = clusters.iter().any(|s| s.standing.is_sound());
        let (title, severity) = about(id);
        out.push(Difference { check: Arc::clone(id), title, severity, certain, clusters });
    }
    out.sort_by(|a, b| (!a.certain, a.severity, &a.check).cmp(&(!b.certain, b.severity, &b.check)));
    out
}
