//! Results of other tools, as they were brought in.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::finding::Severity;
use super::object::ObjectRef;

/// Which tool a result is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ImportTool {
    /// kube-bench: the CIS benchmark on nodes.
    KubeBench,
    /// A `PolicyReport` or an `OpenReports` report, of whichever engine wrote it.
    PolicyReport,
    /// Reports of the Trivy operator.
    TrivyOperator,
    /// kubescape.
    Kubescape,
}

impl ImportTool {
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

    /// Reads the word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|tool| tool.word() == word)
    }
}

/// What the tool says.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize,
)]
#[serde(rename_all = "kebab-case")]
pub enum ImportOutcome {
    /// It fails.
    Fail,
    /// The tool could not tell.
    Error,
    /// A person has to look.
    Warn,
    /// It was left out.
    #[default]
    Skip,
    /// It passes.
    Pass,
}

impl ImportOutcome {
    /// All of them, worst first.
    pub const ALL: [Self; 5] = [Self::Fail, Self::Error, Self::Warn, Self::Skip, Self::Pass];

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
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
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
    pub outcome: ImportOutcome,
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
    /// When the tool made this one, RFC 3339, where it tells that of each.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub taken: Option<String>,
}

/// Everything one file or one live list brought in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Import {
    /// Which tool.
    pub tool: ImportTool,
    /// Its version, where the result tells it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub version: Option<String>,
    /// The cluster that it is of, by the names that the result gives it: few tools do.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub clusters: Vec<String>,
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
    /// Report objects as the tool wrote them, cut down to what checks look at: checks judge these
    /// as they do in a cluster that holds them.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub objects: Vec<serde_json::Value>,
}

impl Import {
    /// How many results have an outcome.
    #[must_use]
    pub fn count(&self, outcome: ImportOutcome) -> usize {
        self.results.iter().filter(|result| result.outcome == outcome).count()
    }

    /// Whether two imports say the same: the same bytes, of the same node and time.
    #[must_use]
    pub fn same(&self, other: &Self) -> bool {
        self.sha256 == other.sha256 && self.taken == other.taken && self.results == other.results
    }

    /// When a result was made, as far as is known: by itself, else as the whole, RFC 3339.
    #[must_use]
    pub fn taken<'a>(&'a self, result: &'a ImportedResult) -> &'a str {
        result.taken.as_deref().or(self.taken.as_deref()).unwrap_or(&self.imported)
    }
}

/// A node of the cluster that a run looked at.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct KnownNode {
    /// Its name.
    pub name: String,
    /// Whether it runs the control plane, by its role labels.
    #[serde(default)]
    pub control_plane: bool,
}

impl Disagreement {
    /// What it is about, in a word: the object, or the node.
    #[must_use]
    pub fn place(&self) -> Option<String> {
        let node = || self.node.as_ref().map(|node| format!("Node/{node}"));
        self.object.as_ref().map(ToString::to_string).or_else(node)
    }
}

/// What a run saw beside what it judged: by it the results of other tools are told.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct RunSurroundings {
    /// Every node that runs Linux, as far as it was seen; the files of others no benchmark here is
    /// about.
    pub nodes: Vec<KnownNode>,
    /// Whether these are all nodes.
    pub nodes_complete: bool,
    /// Reports of other tools that stand in the cluster.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub reports: Vec<Import>,
    /// The images of all containers that were looked at, each by the one name of
    /// [`super::image::Image::name`]. None in runs of earlier versions.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub images: Option<Vec<String>>,
    /// On objects with findings, the annotations by which other tools are told to leave them alone:
    /// a run that was saved has no objects to look at. None in runs of earlier versions.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exempt: Option<Vec<ExemptObject>>,
}

/// An object with annotations that other tools heed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExemptObject {
    /// The object.
    pub object: ObjectRef,
    /// Its annotations of that kind.
    pub annotations: BTreeMap<String, String>,
}

impl RunSurroundings {
    /// Whether nothing was seen.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
            && self.reports.is_empty()
            && !self.nodes_complete
            && self.images.as_ref().is_none_or(Vec::is_empty)
            && self.exempt.as_ref().is_none_or(Vec::is_empty)
    }
}

/// An import that is missing from its session or was changed there: what it said is not known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DamagedImport {
    /// Which tool it was of.
    pub tool: ImportTool,
    /// The file or the live resource that it was read from.
    pub origin: String,
    /// What is wrong with it, and with which file.
    pub why: String,
}

/// Where an import and a check of ours come to different ends about the same thing.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Disagreement {
    /// The check of ours.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub check: Option<String>,
    /// The framework whose control it is about, where it is about one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub framework: Option<String>,
    /// The control.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub control: Option<String>,
    /// The object.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub object: Option<ObjectRef>,
    /// The node that the tool speaks of, of a row of a benchmark.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub node: Option<String>,
    /// What we say: `pass` or `fail`.
    pub ours: ImportOutcome,
    /// What the tool says: `pass` or `fail`.
    pub theirs: ImportOutcome,
    /// The tool.
    pub tool: ImportTool,
    /// The tool's own id of its rule.
    pub rule: String,
    /// Where its result was read.
    pub origin: String,
    /// When it was made, RFC 3339.
    pub taken: String,
    /// The tool's words.
    pub message: String,
}
