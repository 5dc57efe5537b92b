//! The findings of a run as objects of [`kinds::finding_age`].

use std::sync::Arc;

use jiff::Timestamp;
use rayon::prelude::*;

use crate::model::decision::{Decision, DecisionState};
use crate::model::finding::Finding;
use crate::model::history::FindingSpan;
use crate::model::inventory::{Inventory, SourceInfo, SourceKind};
use crate::model::kinds;
use crate::model::ledger::Ledger;
use crate::model::node::Node;
use crate::model::object::Object;
use crate::session::RunRecord;

const DAY: i64 = 86_400;

/// A finding, and why it is hidden if the run could not look at it.
pub(super) type Aged<'a> = (&'a Finding, Option<&'a str>);

/// Findings as objects.
pub(super) fn inventory(record: &RunRecord, findings: &[Aged<'_>], ledger: &Ledger) -> Inventory {
    let history = &record.result.history;
    let moment = Moment::of(record);
    let object = |(finding, hidden): &Aged<'_>| {
        let line = history.lines.get(&finding.fingerprint);
        let decision = ledger.decision(&finding.fingerprint);
        Object::new(tree(finding, line, decision, *hidden, &moment)).ok().map(Arc::new)
    };
    let objects = findings.par_iter().filter_map(object).collect();
    let source = SourceInfo {
        kind: SourceKind::Snapshot,
        closed_world: true,
        read_at: Some(record.finished.clone()),
        ..record.source.clone()
    };
    Inventory::new(source, objects, Vec::new())
}

/// The tree of a finding of which nothing else is known.
pub(super) fn body(finding: &Finding, record: &RunRecord) -> Node {
    tree(finding, None, None, None, &Moment::of(record))
}

/// When a run took place.
struct Moment<'a> {
    began: Option<Timestamp>,
    ended: Option<Timestamp>,
    today: &'a str,
}

impl<'a> Moment<'a> {
    fn of(record: &'a RunRecord) -> Self {
        let ended = record.finished.parse().ok();
        Self { began: record.started.parse().ok().or(ended), ended, today: day(&record.finished) }
    }

    /// Whole days that a finding is there at least.
    fn least(&self, line: &FindingSpan) -> Option<i64> {
        let since: Timestamp = line.since.parse().ok()?;
        Some(self.began?.duration_since(since).as_secs().max(0) / DAY)
    }

    /// Days, rounded up, that it is there at most.
    fn most(&self, line: &FindingSpan) -> Option<i64> {
        let before: Timestamp = line.before.as_deref()?.parse().ok()?;
        Some((self.ended?.duration_since(before).as_secs().max(0) + DAY - 1) / DAY)
    }
}

/// The day of a moment, both RFC 3339.
fn day(moment: &str) -> &str {
    moment.get(..10).unwrap_or(moment)
}

fn tree(
    finding: &Finding,
    line: Option<&FindingSpan>,
    decision: Option<&Decision>,
    hidden: Option<&str>,
    moment: &Moment<'_>,
) -> Node {
    let kind = kinds::finding_age();
    let place = finding.object.as_ref().and_then(|object| object.namespace.as_deref());
    let name = Node::str(&finding.fingerprint);
    let metadata = place.map(|namespace| ("namespace", Node::str(namespace)));
    let mut spec = vec![
        ("check", Node::str(&finding.check)),
        ("severity", Node::str(finding.severity.word())),
        ("subject", Node::str(&subject(finding))),
        ("path", Node::str(&finding.path.to_string())),
        ("seen", Node::Bool(hidden.is_none())),
        ("standing", Node::str(&standing(line, decision, moment))),
        ("decision", decided(decision, moment)),
    ];
    spec.extend(hidden.map(|reason| ("hidden", Node::str(reason))));
    if let Some(line) = line {
        spec.push(("since", Node::str(day(&line.since))));
        spec.extend(line.before.as_deref().map(|before| ("before", Node::str(day(before)))));
        spec.extend(moment.least(line).map(|days| ("ageDays", Node::Int(days))));
        spec.extend(moment.most(line).map(|days| ("maxAgeDays", Node::Int(days))));
    }
    Node::map([
        ("apiVersion", Node::str(&format!("{}/v1", kind.group))),
        ("kind", Node::str(&kind.kind)),
        ("metadata", Node::map([("name", name)].into_iter().chain(metadata))),
        ("spec", Node::map(spec)),
    ])
}

/// What a finding is about, in words.
fn subject(finding: &Finding) -> String {
    let object = finding.owner.as_ref().or(finding.object.as_ref());
    let object = object.map_or_else(|| "the cluster".to_owned(), ToString::to_string);
    match &finding.container {
        Some(container) => format!("{object}, container {container}"),
        None => object,
    }
}

/// How it stands with a finding. It does not change from day to day: two runs are compared by it.
fn standing(
    line: Option<&FindingSpan>,
    decision: Option<&Decision>,
    moment: &Moment<'_>,
) -> String {
    if let Some(decision) = decision.filter(|d| d.state == DecisionState::Accepted) {
        return match (&decision.expires, &decision.approver) {
            (Some(day), _) if has_expired(decision, moment) => {
                format!("the acceptance of its risk ended on {day}")
            }
            (_, None) => "nobody is named who answers for the acceptance of its risk".to_owned(),
            (_, Some(approver)) => format!("{approver} accepted its risk"),
        };
    }
    line.map_or_else(|| "open".to_owned(), |line| format!("open since {}", day(&line.since)))
}

fn has_expired(decision: &Decision, moment: &Moment<'_>) -> bool {
    decision.in_force(moment.today) != decision.state
}

fn decided(decision: Option<&Decision>, moment: &Moment<'_>) -> Node {
    let state = decision.map(|d| d.state).unwrap_or_default();
    let text = |key, text: Option<&String>| text.map(|text| (key, Node::str(text)));
    let own = [("state", Node::str(state.word()))];
    let expired = decision.map(|d| ("expired", Node::Bool(has_expired(d, moment))));
    let approver = text("approver", decision.and_then(|d| d.approver.as_ref()));
    let expires = text("expires", decision.and_then(|d| d.expires.as_ref()));
    Node::map(own.into_iter().chain(expired).chain(approver).chain(expires))
}
