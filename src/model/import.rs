//! Results of other tools, in one shape.

use serde::{Deserialize, Serialize};

use super::finding::Severity;
use super::node::Node;
use super::object::ObjectRef;

/// Whose results are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Tool {
    /// kube-bench: rows of a CIS benchmark, looked at on a node.
    KubeBench,
    /// Policy reports of any engine: `wgpolicyk8s.io`, `openreports.io`, `reports.x-k8s.io`.
    PolicyReport,
    /// Reports of trivy-operator: `aquasecurity.github.io`.
    TrivyOperator,
    /// The JSON of a kubescape scan.
    Kubescape,
}

impl Tool {
    /// All of them.
    pub const ALL: [Self; 4] =
        [Self::KubeBench, Self::PolicyReport, Self::TrivyOperator, Self::Kubescape];

    /// The word used in files, options and on screens.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::KubeBench => "kube-bench",
            Self::PolicyReport => "policy-report",
            Self::TrivyOperator => "trivy-operator",
            Self::Kubescape => "kubescape",
        }
    }

    /// Reads the word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|tool| tool.word() == word)
    }
}

/// What a tool says of one thing.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// It is in order.
    Pass,
    /// It is wrong.
    Fail,
    /// The tool leaves it to a person.
    Warn,
    /// It was not looked at, or an exception stands in for an answer.
    #[default]
    Skip,
    /// It could not be looked at.
    Error,
}

impl Outcome {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Pass, Self::Fail, Self::Warn, Self::Skip, Self::Error];

    /// The word used in files and on screens.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::Warn => "warn",
            Self::Skip => "skip",
            Self::Error => "error",
        }
    }
}

/// One result of a tool.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ImportedResult {
    /// Family of the frameworks of ours that the result is about, such as `cis-kubernetes`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub benchmark: Option<String>,
    /// Edition of the benchmark by the tool, `1.10`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub edition: Option<String>,
    /// Number of the control in that edition.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub control: Option<String>,
    /// The tool's own id of its rule.
    pub rule: String,
    /// What the rule is about, in the tool's words.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub title: String,
    /// What came of it.
    pub outcome: Outcome,
    /// How bad the tool holds it to be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub severity: Option<Severity>,
    /// The object it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub object: Option<ObjectRef>,
    /// The node it was looked at on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub node: Option<String>,
    /// What the tool saw; credentials masked.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub message: String,
    /// The check of ours about the same thing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub check: Option<String>,
    /// When this result was made, where the tool says it of each; RFC 3339.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub taken: Option<String>,
}

/// Results of one tool from one place.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Import {
    /// Which tool.
    pub tool: Tool,
    /// Its version, or that of the benchmark it ran.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// File name, or where in the cluster it stands.
    pub origin: String,
    /// When the tool made it, RFC 3339; of many reports the newest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub taken: Option<String>,
    /// When it was imported, RFC 3339.
    pub imported: String,
    /// sha256 of the file in hex; empty for what was read from a cluster.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub sha256: String,
    /// Every result.
    pub results: Vec<ImportedResult>,
    /// Report objects as the tool wrote them, cut down to what checks look at: checks judge these
    /// as they do in a cluster that holds them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub objects: Vec<Node>,
}

impl Import {
    /// How many results have an outcome.
    #[must_use]
    pub fn count(&self, outcome: Outcome) -> usize {
        self.results.iter().filter(|result| result.outcome == outcome).count()
    }

    /// When a result was made as far as is known: by itself, else as the whole.
    #[must_use]
    pub fn taken<'a>(&'a self, result: &'a ImportedResult) -> &'a str {
        result.taken.as_deref().or(self.taken.as_deref()).unwrap_or(&self.imported)
    }
}
