//! What the journal says of a run without its file being read: enough for lists and trends.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::compare::scope;
use super::run::{RunRecord, Selection};
use crate::model::finding::Finding;
use crate::model::inventory::SourceInfo;
use crate::model::ledger::Ledger;
use crate::model::severities::{BySeverity, listed};
use crate::model::trend::FrameworkScore;
use crate::text::hex;

/// What a run came to, in a few numbers, by the decisions in force when it ended.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct RunSummary {
    /// What was assessed.
    pub place: Place,
    /// What was asked for.
    pub selection: Selection,
    /// Findings that count and fail, by severity, worst first.
    #[serde(with = "listed")]
    pub open: BySeverity,
    /// Score of every framework that was judged.
    pub scores: Vec<FrameworkScore>,
}

/// What was assessed, as far as it takes to know it again.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Place {
    /// live, files, snapshot or demo.
    pub kind: String,
    /// uid of the cluster.
    pub cluster_uid: Option<String>,
    /// kubeconfig context.
    pub context: Option<String>,
    /// Server URL.
    pub server: Option<String>,
    /// Digest of the names of the files and directories that were named.
    pub files: Option<String>,
}

impl Place {
    /// Of a source.
    #[must_use]
    pub fn of(source: &SourceInfo) -> Self {
        let files = source
            .is_manifests()
            .then(|| hex(&Sha256::digest(source.roots().join("\n").as_bytes())));
        Self {
            kind: source.kind.word().to_owned(),
            cluster_uid: source.cluster_uid.clone(),
            context: source.context.clone(),
            server: source.server.clone(),
            files,
        }
    }

    /// What two runs of the same thing have in common: the cluster's uid, or else how it was
    /// reached, or the files.
    #[must_use]
    pub fn key(&self) -> String {
        match (&self.cluster_uid, &self.files) {
            (Some(uid), _) => format!("uid {uid}"),
            (None, Some(files)) => format!("files {files}"),
            (None, None) => {
                let text = |t: &Option<String>| t.clone().unwrap_or_default();
                format!("{} {} {}", self.kind, text(&self.context), text(&self.server))
            }
        }
    }

    /// What a person calls it.
    #[must_use]
    pub fn words(&self) -> String {
        if self.files.is_some() {
            return "manifests".to_owned();
        }
        let known = [&self.context, &self.server, &self.cluster_uid];
        known.into_iter().flatten().next().unwrap_or(&self.kind).clone()
    }
}

impl RunSummary {
    /// Of a run, by decisions in force on a day (RFC 3339 date), with scores that whoever judged
    /// the run knows.
    #[must_use]
    pub fn of(run: &RunRecord, scores: Vec<FrameworkScore>, ledger: &Ledger, today: &str) -> Self {
        let all = run.selection.include_platform;
        let counted = |f: &&Arc<Finding>| ledger.counts_open(f, all, today);
        let open = run.result.findings.iter().filter(counted).map(|f| f.severity).collect();
        let (place, selection) = (Place::of(&run.source), run.selection.clone());
        Self { place, selection, open, scores }
    }

    /// Which objects and checks it was of, in words.
    #[must_use]
    pub fn scope(&self) -> String {
        let Selection { frameworks, controls, checks, include_platform, .. } = &self.selection;
        let mut parts = vec![scope(&self.selection)];
        for (word, ids) in [("frameworks", frameworks), ("controls", controls), ("checks", checks)]
        {
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
