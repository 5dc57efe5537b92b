//! What a profile of a tenant comes to: its namespaces, its findings, its frameworks as far as they are
//! a tenant's, and whether its threshold is met.

use std::sync::Arc;

use serde::Serialize;

use super::status::{Counts, Score};
use crate::model::finding::Finding;
use crate::model::severities::BySeverity;
use crate::text::{noun, safe};

/// What is said wherever a tenant is judged.
pub const CLUSTER: &str = "Controls about the cluster itself, its nodes and its control plane are not a tenant's: they are left out.";

/// Whether the threshold of a profile is met.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// It has none.
    #[default]
    NotSet,
    /// It is met.
    Met,
    /// It is not met.
    Missed,
    /// Too little is decided to say that it is met.
    Undecided,
}

impl Verdict {
    /// The word on screens and in reports.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::NotSet => "no threshold",
            Self::Met => "met",
            Self::Missed => "not met",
            Self::Undecided => "not decided",
        }
    }

    /// Whether a scan ends with the status of a threshold that was crossed: what cannot be said to
    /// be met is not met.
    #[must_use]
    pub fn crossed(self) -> bool {
        matches!(self, Self::Missed | Self::Undecided)
    }
}

/// Whether a profile is met, and why.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ThresholdOutcome {
    /// The end.
    pub verdict: Verdict,
    /// Why it is that; of one that is met, what it leaves open.
    pub reasons: Vec<String>,
}

/// What a framework comes to for a tenant: its controls as far as they look into namespaces.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TenantScore {
    /// Id of the framework.
    pub id: String,
    /// Its title and edition.
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
    /// Controls that are about the cluster, and so are not the tenant's.
    pub cluster_controls: usize,
}

/// One tenant, judged.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Scorecard {
    /// Name of the profile.
    pub profile: String,
    /// What a person calls it.
    pub title: String,
    /// Its namespaces that are there.
    pub namespaces: Vec<String>,
    /// What is not known of its namespaces: one that is not there, labels that could not be read.
    pub notes: Vec<String>,
    /// Open findings in its namespaces.
    pub findings: BySeverity,
    /// Which they are, in the order of reports.
    #[serde(skip)]
    pub open: Vec<Arc<Finding>>,
    /// Checks that could not decide everywhere in its namespaces.
    pub undecided_checks: usize,
    /// Its frameworks.
    pub frameworks: Vec<TenantScore>,
    /// Whether it is met.
    pub threshold: ThresholdOutcome,
}

/// Name, title and namespaces in a line.
#[must_use]
pub fn words(card: &Scorecard) -> String {
    let count = card.namespaces.len();
    let noun = noun(count, "namespace");
    let title =
        if card.title == card.profile { String::new() } else { format!(" ({})", card.title) };
    let names = if count == 0 { "none".to_owned() } else { card.namespaces.join(", ") };
    safe(&format!("{}{title}: {count} {noun}: {names}", card.profile))
}

/// Whether it is met and why, in a line; empty where nothing is asked for.
#[must_use]
pub fn verdict(card: &Scorecard) -> String {
    let ThresholdOutcome { verdict, reasons } = &card.threshold;
    match (verdict, reasons.as_slice()) {
        (Verdict::NotSet, _) => String::new(),
        (verdict, []) => verdict.word().to_owned(),
        (verdict, reasons) => safe(&format!("{}: {}", verdict.word(), reasons.join("; "))),
    }
}
