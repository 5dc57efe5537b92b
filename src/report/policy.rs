//! Policy reports as Kubernetes objects: `PolicyReport` of the policy working group, and `Report` of
//! `OpenReports`. One for each namespace and one for the cluster, in pieces that a server stores.
//!
//! A result is a finding, a check that passes everywhere, or something that nobody could decide.

mod results;
mod split;

use super::Input;
use super::exchange::{facts, line_or, name};
use crate::model::inventory::SourceInfo;
use crate::model::node::Node;
use crate::text::emit::Yaml;
use results::{Entry, Outcome};

/// Which kinds are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// `wgpolicyk8s.io/v1alpha2`, which most readers know.
    PolicyReport,
    /// `openreports.io/v1alpha1`, its successor.
    OpenReports,
}

impl Dialect {
    fn api_version(self) -> &'static str {
        match self {
            Self::PolicyReport => "wgpolicyk8s.io/v1alpha2",
            Self::OpenReports => "openreports.io/v1alpha1",
        }
    }

    fn kind(self, namespaced: bool) -> &'static str {
        match (self, namespaced) {
            (Self::PolicyReport, true) => "PolicyReport",
            (Self::PolicyReport, false) => "ClusterPolicyReport",
            (Self::OpenReports, true) => "Report",
            (Self::OpenReports, false) => "ClusterReport",
        }
    }
}

/// What everything of ours is named by.
const NAME: &str = "plimsoll";

/// Renders the reports, YAML documents one after another: that of the cluster, then those of the
/// namespaces by name.
#[must_use]
pub fn render(input: &Input<'_>, dialect: Dialect) -> String {
    let mut out = String::new();
    for (namespace, entries) in results::by_namespace(input) {
        for (number, piece) in split::pieces(&entries).into_iter().enumerate() {
            let report = report(input, dialect, namespace.as_deref(), number, piece);
            out.push_str("---\n");
            out.push_str(&Yaml::text_of(&report));
        }
    }
    out
}

fn report(
    input: &Input<'_>,
    dialect: Dialect,
    namespace: Option<&str>,
    number: usize,
    entries: &[Entry],
) -> Node {
    let mut name = NAME.to_owned();
    if number > 0 {
        name = format!("{name}-{}", number + 1);
    }
    // The older kind has it at each result only.
    let source = match dialect {
        Dialect::OpenReports => Node::str(NAME),
        Dialect::PolicyReport => Node::Null,
    };
    Node::map([
        ("apiVersion", Node::str(dialect.api_version())),
        ("kind", Node::str(dialect.kind(namespace.is_some()))),
        (
            "metadata",
            Node::map([
                ("name", Node::str(&name)),
                ("namespace", namespace.map(Node::str).unwrap_or_default()),
                ("labels", Node::map([("app.kubernetes.io/managed-by", Node::str(NAME))])),
                ("annotations", annotations(input)),
            ]),
        ),
        ("source", source),
        ("scope", scope(input.source, namespace)),
        ("summary", summary(entries)),
        ("results", Node::list(entries.iter().map(|entry| entry.node.clone()).collect())),
    ])
}

/// What the assessment was of, with and how far it went.
fn annotations(input: &Input<'_>) -> Node {
    let facts = facts(input);
    let named: Vec<(String, String)> =
        facts.into_iter().map(|(name, value)| (format!("{NAME}/{name}"), value)).collect();
    Node::map(named.iter().map(|(name, value)| (name.as_str(), Node::str(value))))
}

fn scope(source: &SourceInfo, namespace: Option<&str>) -> Node {
    match namespace {
        Some(namespace) => Node::map([
            ("apiVersion", Node::str("v1")),
            ("kind", Node::str("Namespace")),
            ("name", Node::str(namespace)),
        ]),
        None => Node::map([
            ("kind", Node::str("Cluster")),
            ("name", Node::str(&name(source))),
            (
                "uid",
                source
                    .cluster_uid
                    .as_deref()
                    .map(|uid| Node::str(&line_or(uid, "unknown")))
                    .unwrap_or_default(),
            ),
        ]),
    }
}

/// How many results have which outcome: exactly those of this report.
fn summary(entries: &[Entry]) -> Node {
    let count = |outcome| entries.iter().filter(|entry| entry.outcome == outcome).count();
    Node::map(Outcome::ALL.map(|outcome| {
        let count = i64::try_from(count(outcome)).unwrap_or(i64::MAX);
        (outcome.word(), Node::Int(count))
    }))
}
