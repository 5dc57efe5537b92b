//! What the journal says of a run without its file being read: enough for lists and trends.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::compare::scope;
use super::run::{RunRecord, Selection};
use crate::model::finding::Finding;
use crate::model::inventory::SourceId;
use crate::model::ledger::Ledger;
use crate::model::severities::{BySeverity, listed};
use crate::model::trend::FrameworkScore;
use crate::text::hex;

/// What a run came to, in a few numbers, by the decisions in force when it ended.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct RunSummary {
    /// What was assessed.
    pub place: SourceId,
    /// What was asked for.
    pub selection: Selection,
    /// Findings that count and fail, by severity, worst first.
    #[serde(with = "listed")]
    pub open: BySeverity,
    /// Score of every framework that was judged.
    pub scores: Vec<FrameworkScore>,
}

/// What a journal knows files and directories by that were named: so many as there may be of them, it is
/// one line.
pub(super) fn named(roots: &[String]) -> String {
    hex(&Sha256::digest(roots.join("\n").as_bytes()))
}

impl RunSummary {
    /// Of a run, by decisions in force on a day (RFC 3339 date), with scores that whoever judged
    /// the run knows.
    #[must_use]
    pub fn of(run: &RunRecord, scores: Vec<FrameworkScore>, ledger: &Ledger, today: &str) -> Self {
        let all = run.selection.include_platform;
        let counted = |f: &&Arc<Finding>| ledger.counts_open(f, all, today);
        let open = run.result.findings.iter().filter(counted).map(|f| f.severity).collect();
        let mut place = SourceId::of(&run.source);
        place.files = place.files.map(|_| named(&run.source.roots()));
        Self { place, selection: run.selection.clone(), open, scores }
    }

    /// Which objects and checks it was of, in words.
    #[must_use]
    pub fn scope(&self) -> String {
        let Selection { frameworks, controls, checks, beside, include_platform, .. } =
            &self.selection;
        let mut parts = vec![scope(&self.selection)];
        for (word, ids) in [
            ("frameworks", frameworks),
            ("controls", controls),
            ("checks", checks),
            ("also frameworks", &beside.frameworks),
            ("also controls", &beside.controls),
            ("also checks", &beside.checks),
        ] {
            if !ids.is_empty() {
                parts.push(format!("{word} {}", ids.join(", ")));
            }
        }
        if *include_platform {
            parts.push("platform included".to_owned());
        }
        parts.join("; ")
    }
}
