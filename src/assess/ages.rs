//! Checks that look at the findings of a run: how long each is there, and what was decided about it.
//!
//! They run when the others have. Every finding becomes an object of [`kinds::finding_age`], as
//! results of other tools do, and is judged like anything else. What a session knows comes with the
//! run before; without one the age of an open finding is not known, and never taken for short.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::Timestamp;
use rayon::prelude::*;

use super::{Chosen, Content};
use crate::checks::{self, Plan, RunScope, Scope, Silent};
use crate::facts::{Facts, Options};
use crate::model::decision::{Decision, DecisionState};
use crate::model::finding::{CheckCounts, Finding, Gap, RunResult};
use crate::model::history::{History, Line};
use crate::model::inventory::{Inventory, SourceInfo, SourceKind};
use crate::model::kinds;
use crate::model::ledger::Ledger;
use crate::model::node::Node;
use crate::model::object::Object;
use crate::model::read::{Missing, ReadStatus};
use crate::session::run::Selection;
use crate::session::{RunRecord, follow};

const DAY: i64 = 86_400;
/// How many findings are objects at once: those of a large cluster would take more memory than it.
const AT_ONCE: usize = 8_192;

/// What was known before a run.
#[derive(Clone, Copy, Debug)]
pub enum Before<'a> {
    /// Nothing: no session is at hand.
    Nothing,
    /// The run begins a session.
    Begun,
    /// The run before it in its session.
    Run(&'a RunRecord),
}

impl Content {
    /// Whether a check looks at the findings of a run.
    pub(super) fn looks_back(&self, id: &str) -> bool {
        let check = self.library.checks.get(id);
        check.is_some_and(|check| check.target.is_only(&kinds::finding_age()))
    }

    /// Whether a check looks at each finding by itself, and at no list of others.
    fn looks_at_each(&self, id: &str) -> bool {
        let check = self.library.checks.get(id);
        check.is_some_and(|c| c.target.scope == Scope::Object && c.target.lists.is_empty())
    }

    /// Ends a run: says since when its findings are there, and runs the checks that look at that, by
    /// the decisions in force when it ended. What such checks came to before is replaced.
    pub fn look_back(
        &self,
        chosen: &Chosen,
        record: &mut RunRecord,
        before: Before<'_>,
        ledger: &Ledger,
    ) {
        let ids: Vec<&str> =
            chosen.checks.iter().map(|id| &**id).filter(|id| self.looks_back(id)).collect();
        self.forget(Arc::make_mut(&mut record.result));
        let history = Arc::new(match before {
            Before::Nothing => History::default(),
            Before::Begun => follow(None, record),
            Before::Run(previous) => follow(Some(previous), record),
        });
        Arc::make_mut(&mut record.result).history = history;
        if ids.is_empty() {
            return;
        }
        let plan = Plan::new(&self.library, &ids, &self.params);
        let at_once =
            if ids.iter().all(|id| self.looks_at_each(id)) { AT_ONCE } else { usize::MAX };
        let mut found = judged(&plan, record, ledger, (false, at_once));
        let narrow = leaves_checks_out(&record.selection);
        if let Some(reason) = overlooked(&record.result).filter(|_| !narrow) {
            for id in &ids {
                nothing_seen(&mut found, id, &reason);
            }
        }
        let aside = record.result.history.unseen.iter().map(|unseen| &unseen.finding);
        if record.result.findings.iter().chain(aside).any(|f| !f.decides(false)) {
            add(&mut found, judged(&plan, record, ledger, (true, at_once)));
        }
        if narrow {
            for id in &ids {
                narrowed(&mut found, id);
            }
        }
        let result = Arc::make_mut(&mut record.result);
        result.checks.append(&mut found.checks);
        result.problems.append(&mut found.problems);
        result.findings.append(&mut found.findings);
        result.findings.sort_by(|a, b| a.sort_key().cmp(&b.sort_key()));
        result.evidence.append(&mut found.evidence);
        result.not_assessed.append(&mut found.not_assessed);
        result.not_assessed.sort();
    }

    /// Takes over from a run what looks back on its session: between runs no finding gets older, and
    /// nothing is settled. Findings are gone through only where such a check has any.
    pub fn keep_looking_back(&self, run: &RunResult, result: &mut RunResult) {
        self.forget(result);
        result.history = Arc::clone(&run.history);
        let back = self.looking_back(run);
        if back.is_empty() {
            return;
        }
        let counts = |id: &&Arc<str>| run.checks.get_key_value(&***id);
        let counts = back.iter().filter_map(counts);
        let found = counts.clone().any(|(_, counts)| counts.fail + counts.platform_fail > 0);
        result.checks.extend(counts.map(|(id, counts)| (Arc::clone(id), *counts)));
        let of = |list: &[Arc<Finding>]| -> Vec<Arc<Finding>> {
            list.iter().filter(|f| back.contains(&f.check)).cloned().collect()
        };
        if found {
            let before = std::mem::take(&mut result.findings);
            result.findings = in_order(before, of(&run.findings));
        }
        result.evidence.extend(of(&run.evidence));
        let gaps = run.not_assessed.iter().filter(|gap| back.contains(&gap.check));
        result.not_assessed.extend(gaps.cloned());
        result.not_assessed.sort();
    }

    /// Takes out what checks that look back came to.
    fn forget(&self, result: &mut RunResult) {
        let back: BTreeSet<Arc<str>> = self.looking_back(result).into_iter().cloned().collect();
        if back.is_empty() {
            return;
        }
        result.checks.retain(|id, _| !back.contains(id));
        result.findings.retain(|f| !back.contains(&f.check));
        result.evidence.retain(|f| !back.contains(&f.check));
        result.not_assessed.retain(|gap| !back.contains(&gap.check));
    }

    /// The checks of a result that look back.
    fn looking_back<'r>(&self, result: &'r RunResult) -> BTreeSet<&'r Arc<str>> {
        result.checks.keys().filter(|id| self.looks_back(id)).collect()
    }
}

/// Two lists in the order of reports as one.
fn in_order(list: Vec<Arc<Finding>>, more: Vec<Arc<Finding>>) -> Vec<Arc<Finding>> {
    let places: Vec<usize> = more
        .iter()
        .map(|finding| list.partition_point(|known| known.sort_key() <= finding.sort_key()))
        .collect();
    let mut all = Vec::with_capacity(list.len() + more.len());
    let mut rest = list.into_iter();
    let mut taken = 0;
    for (finding, place) in more.into_iter().zip(places) {
        all.extend(rest.by_ref().take(place.saturating_sub(taken)));
        taken = taken.max(place);
        all.push(finding);
    }
    all.extend(rest);
    all
}

/// What the checks say of the findings that decide, or of those on the `platform`, which do not; so
/// many of them are objects `at_once`.
fn judged(
    plan: &Plan,
    record: &RunRecord,
    ledger: &Ledger,
    (platform, at_once): (bool, usize),
) -> RunResult {
    let here: BTreeMap<&str, &Arc<Finding>> = record
        .result
        .findings
        .iter()
        .filter(|f| f.decides(false) != platform)
        .map(|f| (f.fingerprint.as_str(), f))
        .collect();
    let all = looked_at(record, &here, platform);
    let mut parts = all.chunks(at_once);
    // Without a finding, too, each check has something to say.
    let first = parts.next().unwrap_or_default();
    let run = |part: &[Aged<'_>]| {
        let inventory = Arc::new(inventory(record, part, ledger));
        let facts = Facts::new(inventory, Options::default());
        checks::run(plan, &facts, &RunScope::default(), &Silent)
    };
    let mut result = run(first);
    for part in parts {
        let mut part = run(part);
        // What is wrong with the checks themselves each part says.
        part.problems.drain(..plan.problems().len().min(part.problems.len()));
        add(&mut result, part);
    }
    for finding in result.findings.iter_mut().chain(&mut result.evidence) {
        let finding = Arc::make_mut(finding);
        let about = finding.object.as_ref().and_then(|object| here.get(&*object.name));
        finding.platform = platform;
        // It is mended where the other is.
        finding.file = about.and_then(|about| about.file.clone());
        finding.line = about.and_then(|about| about.line);
    }
    for gap in &mut result.not_assessed {
        gap.platform = platform;
    }
    // Parts may leave the same open.
    result.not_assessed.sort();
    result.not_assessed.dedup_by(|next, gap| {
        let same = next.check == gap.check && next.missing == gap.missing;
        gap.count += if same { next.count } else { 0 };
        same
    });
    if platform {
        result.checks.values_mut().for_each(|counts| counts.platform_fail = counts.fail);
    }
    result
}

/// Whether a selection names single controls or checks: then findings of others are not looked for.
/// The checks of a framework are all that matter to it.
fn leaves_checks_out(selection: &Selection) -> bool {
    let Selection { frameworks, controls, checks, .. } = selection;
    frameworks.is_empty() && !(controls.is_empty() && checks.is_empty())
}

/// What a check says that looked at the findings of some checks alone: a fail stands.
fn narrowed(result: &mut RunResult, id: &str) {
    let Some((id, counts)) = result.checks.get_key_value(id) else { return };
    let (id, mut counts) = (Arc::clone(id), *counts);
    if counts == (CheckCounts { not_applicable: 1, ..CheckCounts::default() }) {
        counts.not_applicable = 0;
    }
    counts.not_assessed += 1;
    result.checks.insert(Arc::clone(&id), counts);
    let missing = Missing {
        read: "selection".to_owned(),
        namespace: None,
        status: ReadStatus::NotAsked,
        reason: "it looks at the findings of every check, and the selection leaves checks out"
            .to_owned(),
    };
    result.not_assessed.push(Gap {
        check: id,
        missing: Arc::new(missing),
        count: 0,
        platform: false,
    });
}

/// Why there may be findings that a run did not see: not everything could be looked at.
fn overlooked(result: &RunResult) -> Option<String> {
    let gaps: BTreeMap<&str, &str> = result
        .not_assessed
        .iter()
        .filter(|gap| !gap.platform)
        .map(|gap| (&*gap.check, gap.missing.reason.as_str()))
        .collect();
    let errors = result.checks.iter().filter(|(_, counts)| counts.error > 0);
    let checks: BTreeSet<&str> = gaps.keys().copied().chain(errors.map(|(id, _)| &**id)).collect();
    let noun = if checks.len() == 1 { "check" } else { "checks" };
    let first = gaps.values().next().map(|reason| format!(" ({reason})")).unwrap_or_default();
    (!checks.is_empty()).then(|| {
        format!(
            "no finding was seen, and {} {noun} could not look everywhere{first}: there may be findings whose \
             deadline has passed",
            checks.len()
        )
    })
}

/// What a check says that saw no finding, where there may be some.
fn nothing_seen(result: &mut RunResult, id: &str, reason: &str) {
    let nothing = CheckCounts { not_applicable: 1, ..CheckCounts::default() };
    let Some((id, counts)) = result.checks.get_key_value(id) else { return };
    if *counts != nothing {
        return;
    }
    let id = Arc::clone(id);
    let counts = CheckCounts { not_assessed: 1, ..CheckCounts::default() };
    result.checks.insert(Arc::clone(&id), counts);
    let missing = Missing {
        read: "findings".to_owned(),
        namespace: None,
        status: ReadStatus::Partial,
        reason: reason.to_owned(),
    };
    result.not_assessed.push(Gap { check: id, missing: missing.into(), count: 0, platform: false });
}

/// Adds what was found on the platform.
fn add(result: &mut RunResult, platform: RunResult) {
    for (id, counts) in platform.checks {
        let CheckCounts { pass, fail, error, not_assessed, not_applicable, platform_fail } = counts;
        let sum = result.checks.entry(id).or_default();
        sum.pass += pass;
        sum.fail += fail;
        sum.error += error;
        sum.not_assessed += not_assessed;
        sum.not_applicable += not_applicable;
        sum.platform_fail += platform_fail;
    }
    result.findings.extend(platform.findings);
    result.evidence.extend(platform.evidence);
    result.not_assessed.extend(platform.not_assessed);
    result.problems.extend(platform.problems);
}

/// A finding, and why it is hidden if the run could not look at it.
type Aged<'a> = (&'a Finding, Option<&'a str>);

/// The findings of a run, and those of earlier ones that it could not look at although it was asked
/// to. There are no others: what nobody found has no age.
fn looked_at<'a>(
    record: &'a RunRecord,
    here: &BTreeMap<&str, &'a Arc<Finding>>,
    platform: bool,
) -> Vec<Aged<'a>> {
    let asked = |unseen: &&crate::model::history::Unseen| {
        !unseen.outside && unseen.finding.decides(false) != platform
    };
    let unseen = record.result.history.unseen.iter().filter(asked);
    let seen = here.values().map(|finding| (&***finding, None));
    seen.chain(unseen.map(|u| (&*u.finding, Some(u.reason.as_str())))).collect()
}

/// Findings as objects.
fn inventory(record: &RunRecord, findings: &[Aged<'_>], ledger: &Ledger) -> Inventory {
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
    fn least(&self, line: &Line) -> Option<i64> {
        let since: Timestamp = line.since.parse().ok()?;
        Some(self.began?.duration_since(since).as_secs().max(0) / DAY)
    }

    /// Days, rounded up, that it is there at most.
    fn most(&self, line: &Line) -> Option<i64> {
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
    line: Option<&Line>,
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
fn standing(line: Option<&Line>, decision: Option<&Decision>, moment: &Moment<'_>) -> String {
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

#[cfg(test)]
mod tests;
