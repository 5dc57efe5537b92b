//! Verdicts and findings: what a run of checks came to.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::history::History;
use super::import::RunSurroundings;
use super::inventory::Problem;
use super::mirror::Mirrored;
use super::node::Node;
use super::object::ObjectRef;
use super::path::FieldPath;
use super::read::Missing;
use super::shared;

/// How bad a finding is, worst first.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Whoever uses it owns the cluster or a node.
    Critical,
    /// A direct step of an attack, or a boundary missing.
    High,
    /// Makes an attack easier or its effect larger.
    #[default]
    Medium,
    /// Good practice.
    Low,
    /// Worth knowing.
    Info,
}

impl Severity {
    /// All of them, worst first.
    pub const ALL: [Self; 5] = [Self::Critical, Self::High, Self::Medium, Self::Low, Self::Info];

    /// The word used in files and reports.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Critical => "critical",
            Self::High => "high",
            Self::Medium => "medium",
            Self::Low => "low",
            Self::Info => "info",
        }
    }

    /// Reads the word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.word().eq_ignore_ascii_case(word))
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

/// Of a check on one object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// It fails.
    Fail,
    /// The rule could not be evaluated. Never a pass.
    Error,
    /// Something it rests on is unknown. Never a pass.
    NotAssessed,
    /// It passes.
    Pass,
    /// There is nothing to judge.
    NotApplicable,
}

/// What a check's outcome means for controls.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Form {
    /// A finding is a fault.
    #[default]
    Rule,
    /// A rule that is off unless asked for.
    OptIn,
    /// Lists things for a reviewer; never fails a control.
    Evidence,
}

/// Which of template and live pod fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FindingOrigin {
    /// Template and live pods alike.
    Both,
    /// Only the template; no live pod shows it.
    Template,
    /// Only live pods; the template was read and is clean.
    Live,
}

/// One check failing at one place of one object.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Finding {
    /// `p1:` or `p2:` and 32 hex digits; the same after pod churn, rollouts, reordered lists and
    /// added sidecars.
    pub fingerprint: String,
    /// What versions called it that let the order of lists of objects into the name: decisions and
    /// runs of their time know it by this one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub formerly: Option<String>,
    /// Id of the check.
    #[serde(deserialize_with = "shared::text")]
    pub check: Arc<str>,
    /// The check's severity, or that of the case that applied.
    pub severity: Severity,
    /// rule, opt-in or evidence.
    pub form: Form,
    /// The scope of the check: container, pod, rule, …
    #[serde(deserialize_with = "shared::text")]
    pub scope: Arc<str>,
    /// The object in which the path can be found; none for scope `cluster`.
    pub object: Option<ObjectRef>,
    /// The identity: topmost built-in workload, or the object itself.
    pub owner: Option<ObjectRef>,
    /// How many live pods fail this way.
    pub instances: usize,
    /// Instances that belong to a revision that is no longer current.
    pub stale: usize,
    /// Where it was seen; none for kinds without pods.
    pub origin: Option<FindingOrigin>,
    /// The container, where the check looks at containers.
    pub container: Option<Box<str>>,
    /// The image of that container.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub image: Option<Box<str>>,
    /// The intended path of the offending field.
    #[serde(with = "path_text")]
    pub path: FieldPath,
    /// Whether the field does not exist.
    pub missing: bool,
    /// The offending value, none when missing.
    pub value: Option<Node>,
    /// What is wrong, for a person.
    pub message: String,
    /// Added by the case that applied.
    pub note: Option<String>,
    /// On an object of the platform itself.
    pub platform: bool,
    /// Manifest file, for source `files`.
    pub file: Option<Arc<str>>,
    /// Line of the field, or of its nearest existing ancestor.
    pub line: Option<u32>,
}

/// A path, in the order of the texts it is written as. Few findings agree in everything before it, so
/// that the texts are hardly ever made.
#[derive(PartialEq, Eq)]
struct AsWritten<'a>(&'a FieldPath);

impl Ord for AsWritten<'_> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        if self == other {
            return std::cmp::Ordering::Equal;
        }
        self.0.to_string().cmp(&other.0.to_string())
    }
}

impl PartialOrd for AsWritten<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Finding {
    /// The order of every list and report.
    #[must_use]
    pub fn sort_key(&self) -> impl Ord + '_ {
        let object = self.object.as_ref();
        (
            self.severity,
            &*self.check,
            object.and_then(|o| o.namespace.as_deref()).unwrap_or_default(),
            object.map_or("", |o| &o.kind),
            object.map_or("", |o| &o.name),
            AsWritten(&self.path),
        )
    }

    /// Whether it decides controls: one on an object of the platform does only if that was asked
    /// for, unless it is about the platform itself.
    #[must_use]
    pub fn decides(&self, include_platform: bool) -> bool {
        let about = matches!(&*self.scope, "component" | "kubelet" | "node" | "cluster");
        include_platform || about || !self.platform
    }

    /// Whether it is counted, in lists, reports, thresholds and trends alike: evidence never is, and
    /// what lies on an object of the platform itself only if that was asked for.
    #[must_use]
    pub fn counts(&self, include_platform: bool) -> bool {
        self.form != Form::Evidence && (include_platform || !self.platform)
    }

    /// The namespace it belongs to wherever findings are counted or looked for by namespace: that of
    /// its object, or the Namespace that it is about; empty for cluster-wide ones.
    #[must_use]
    pub fn home(&self) -> &str {
        match &self.object {
            Some(object) if &*object.kind == "Namespace" && &*object.api_version == "v1" => {
                &object.name
            }
            _ => self.namespace(),
        }
    }

    /// Namespace of the object, empty for cluster-wide ones.
    #[must_use]
    pub fn namespace(&self) -> &str {
        self.object.as_ref().and_then(|o| o.namespace.as_deref()).unwrap_or_default()
    }
}

mod path_text {
    use serde::{Deserializer, Serializer};

    use crate::model::path::FieldPath;
    use crate::model::shared;

    pub fn serialize<S: Serializer>(path: &FieldPath, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(path)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<FieldPath, D::Error> {
        shared::path(deserializer)
    }
}

/// How often a check came to which verdict. `fail` counts findings, each of them once however many
/// places are merged in it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CheckCounts {
    /// Places that pass.
    pub pass: usize,
    /// Findings (merged).
    pub fail: usize,
    /// Evaluations that failed.
    pub error: usize,
    /// Verdicts that rest on something unknown, and objects that could not be listed.
    pub not_assessed: usize,
    /// Places that the check does not apply to.
    pub not_applicable: usize,
    /// Of `fail`: findings on objects of the platform itself.
    #[serde(skip_serializing_if = "is_zero", default)]
    pub platform_fail: usize,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
fn is_zero(value: &usize) -> bool {
    *value == 0
}

/// One reason why a check could not decide.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Gap {
    /// Id of the check.
    pub check: Arc<str>,
    /// What would have told it.
    #[serde(flatten)]
    pub missing: Arc<Missing>,
    /// How many places are undecided for this reason; 0 when nothing could be listed.
    pub count: usize,
    /// Only about objects of the platform itself.
    #[serde(default)]
    pub platform: bool,
}

/// What a run came to.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RunResult {
    /// Every check that ran, by id.
    pub checks: BTreeMap<Arc<str>, CheckCounts>,
    /// Faults, in the order of reports.
    pub findings: Vec<Arc<Finding>>,
    /// What evidence checks list.
    pub evidence: Vec<Arc<Finding>>,
    /// What could not be decided and why.
    pub not_assessed: Vec<Gap>,
    /// Of manifests that are not said to be everything: checks of whose kinds they show no object. Such a
    /// check applies to nothing that is there, and is not undecided; but a control does not pass by it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unseen: Vec<Gap>,
    /// Broken files, broken documents and failed evaluations.
    pub problems: Vec<Problem>,
    /// What was seen beside: by it the results of other tools are told.
    #[serde(default, skip_serializing_if = "nothing_beside")]
    pub beside: Arc<RunSurroundings>,
    /// Since when findings are there; empty where no session says.
    #[serde(default, skip_serializing_if = "no_history")]
    pub history: Arc<History>,
    /// Checks that stand in the place of others of their ids, each with its file: a control that passes
    /// by one passes by what a person wrote there. Kept with the run, whatever is there when it is
    /// reported.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub taken_over: BTreeMap<String, String>,
    /// Workloads that count as the platform's own only because their images come from a mirror that was set.
    /// Their findings decide nothing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mirrored: Vec<Mirrored>,
}

impl RunResult {
    /// The checks that stand in the place of others, in words: `privileged-container by
    /// own/privileged-container.toml`.
    #[must_use]
    pub fn taken_over_in_words(&self) -> Vec<String> {
        self.taken_over.iter().map(|(id, file)| format!("{id} by {file}")).collect()
    }

    /// What counts as the platform's only by a mirror, in words: `mirror.example/k8s:
    /// Deployment/kube-system/coredns, Pod/kube-system/etcd-<node>`.
    #[must_use]
    pub fn mirrored_in_words(&self) -> Vec<String> {
        self.mirrored.iter().map(ToString::to_string).collect()
    }

    /// Whether it says the same as another one. Findings that both hold as the same allocation are not
    /// looked at.
    #[must_use]
    pub fn is_same_as(&self, other: &Self) -> bool {
        let alike = |one: &[Arc<Finding>], other: &[Arc<Finding>]| {
            let mut pairs = one.iter().zip(other);
            one.len() == other.len() && pairs.all(|(a, b)| Arc::ptr_eq(a, b) || a == b)
        };
        let Self { checks, findings, evidence, not_assessed, unseen, problems, .. } = self;
        let Self { beside, history, taken_over, mirrored, .. } = self;
        *checks == other.checks
            && *not_assessed == other.not_assessed
            && *unseen == other.unseen
            && *problems == other.problems
            && *beside == other.beside
            && *history == other.history
            && *taken_over == other.taken_over
            && *mirrored == other.mirrored
            && alike(findings, &other.findings)
            && alike(evidence, &other.evidence)
    }
}

fn no_history(history: &Arc<History>) -> bool {
    history.is_empty()
}

fn nothing_beside(beside: &Arc<RunSurroundings>) -> bool {
    beside.is_empty()
}
