//! Findings that are alike but for what they are called and about. A run without a session behind it finds
//! a hundred thousand of which nobody knows the age: one of each severity tells what is to be said of all.

use rustc_hash::FxHashMap;

use super::objects::{self, Aged};
use crate::checks::Plan;
use crate::model::decision::DecisionState;
use crate::model::finding::{Finding, RunResult, Severity};
use crate::model::ledger::Ledger;
use crate::model::object::ObjectRef;
use crate::model::path::{FieldPath, Seg};
use crate::session::RunRecord;

/// Fewer findings than this are sooner judged one by one than together.
const WORTH_IT: usize = 32;

/// All that checks are told of a finding beside what it is called and about.
#[derive(PartialEq, Eq, Hash)]
struct Trait<'a> {
    severity: Severity,
    hidden: Option<&'a str>,
    since: Option<&'a str>,
    before: Option<&'a str>,
    decision: Option<(DecisionState, Option<&'a str>, Option<&'a str>)>,
}

/// Whether the checks of a plan see nothing of what findings are called and about, before they fail.
pub(super) fn sees_only_traits(plan: &Plan, record: &RunRecord) -> bool {
    let named = |text: &str| {
        let id = ObjectRef {
            api_version: text.into(),
            kind: text.into(),
            namespace: Some(text.into()),
            name: text.into(),
        };
        let finding = Finding {
            fingerprint: text.to_owned(),
            check: text.into(),
            object: Some(id),
            path: FieldPath(vec![Seg::Field(text.into())].into()),
            ..Finding::default()
        };
        objects::body(&finding, record)
    };
    !plan.tells_apart(&named("one"), &named("other"))
}

/// Findings by what checks are told of them, and those of which there are few that are alike.
pub(super) fn groups<'a>(
    all: &[Aged<'a>],
    record: &'a RunRecord,
    ledger: &'a Ledger,
) -> (Vec<Vec<Aged<'a>>>, Vec<Aged<'a>>) {
    let mut places: FxHashMap<Trait<'_>, usize> = FxHashMap::default();
    let mut groups: Vec<Vec<Aged<'_>>> = Vec::new();
    for aged in all {
        let place = *places.entry(of(aged, record, ledger)).or_insert_with(|| {
            groups.push(Vec::new());
            groups.len() - 1
        });
        groups.get_mut(place).into_iter().for_each(|group| group.push(*aged));
    }
    let (many, few): (Vec<_>, Vec<_>) = groups.into_iter().partition(|g| g.len() >= WORTH_IT);
    (many, few.concat())
}

fn of<'a>((finding, hidden): &Aged<'a>, record: &'a RunRecord, ledger: &'a Ledger) -> Trait<'a> {
    let line = record.result.history.lines.get(&finding.fingerprint);
    let decision = ledger.decision(&finding.fingerprint);
    Trait {
        severity: finding.severity,
        hidden: *hidden,
        since: line.map(|line| line.since.as_str()),
        before: line.and_then(|line| line.before.as_deref()),
        decision: decision.map(|d| (d.state, d.expires.as_deref(), d.approver.as_deref())),
    }
}

/// What so many findings come to that are like the one which was judged; none if they have to be judged
/// one by one: where a check fails, or could not be evaluated.
pub(super) fn of_all(plan: &Plan, mut one: RunResult, count: usize) -> Option<RunResult> {
    let whole = one.problems.len() <= plan.problems().len();
    let counted = one.not_assessed.iter().all(|gap| gap.count > 0);
    if !(one.findings.is_empty() && one.evidence.is_empty() && whole && counted) {
        return None;
    }
    for counts in one.checks.values_mut() {
        counts.pass *= count;
        counts.not_assessed *= count;
        counts.not_applicable *= count;
    }
    one.not_assessed.iter_mut().for_each(|gap| gap.count *= count);
    Some(one)
}
