//! Results of other tools, as they were brought in.

use serde::{Deserialize, Serialize};

use super::finding::Severity;
use super::object::ObjectRef;

/// Which tool a result is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Tool {
    /// kube-bench: the CIS benchmark on nodes.
    KubeBench,
    /// A `PolicyReport` or an `OpenReports` report, of whichever engine wrote it.
    PolicyReport,
    /// Reports of the Trivy operator.
    TrivyOperator,
    /// kubescape.
    Kubescape,
}

impl Tool {
    /// All of them.
    pub const ALL: [Self; 4] =
        [Self::KubeBench, Self::PolicyReport, Self::TrivyOperator, Self::Kubescape];

    /// The word used in files, reports and on screens.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::KubeBench => "kube-bench",
            Self::PolicyReport => "policy-report",
            Self::TrivyOperator => "trivy-operator",
            Self::Kubescape => "kubescape",
        }
    }
}

/// What the tool says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// It fails.
    Fail,
    /// The tool could not tell.
    Error,
    /// A person has to look.
    Warn,
    /// It was left out.
    Skip,
    /// It passes.
    Pass,
}

impl Outcome {
    /// The word used in files, reports and on screens.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Fail => "fail",
            Self::Error => "error",
            Self::Warn => "warn",
            Self::Skip => "skip",
            Self::Pass => "pass",
        }
    }
}

/// One result.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ImportedResult {
    /// Family or id of the framework that it is about, such as `cis-kubernetes`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub benchmark: Option<String>,
    /// Edition of that framework, such as `1.10`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub edition: Option<String>,
    /// Number of the control.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub control: Option<String>,
    /// The tool's own id of the rule.
    pub rule: String,
    /// What the rule is called.
    pub title: String,
    /// What the tool says.
    pub outcome: Outcome,
    /// How bad the tool calls it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub severity: Option<Severity>,
    /// The object it is about.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub object: Option<ObjectRef>,
    /// The node it is about.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub node: Option<String>,
    /// The tool's words.
    pub message: String,
    /// The check here that is about the same thing.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub check: Option<String>,
}

/// Everything one file or one live list brought in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Import {
    /// Which tool.
    pub tool: Tool,
    /// Its version, where the result tells it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub version: Option<String>,
    /// The file, or the live resource, that it was read from.
    pub origin: String,
    /// When the tool made it, RFC 3339, where the result tells it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub taken: Option<String>,
    /// When it was brought in, RFC 3339.
    pub imported: String,
    /// sha256 of the file, in hex; empty for what was read live.
    #[serde(default)]
    pub sha256: String,
    /// The results, in the order of the tool.
    pub results: Vec<ImportedResult>,
}
