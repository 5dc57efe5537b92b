use std::collections::{BTreeMap, HashMap};

use proptest::prelude::*;

use super::*;
use crate::model::finding::{Finding, Severity};
use crate::model::ledger::Ledger;

/// Findings by number and state, each made once: what does not change is the same allocation.
#[derive(Default)]
struct Made(HashMap<(usize, u8), Arc<Finding>>);

impl Made {
    /// A finding in a state: nothing for 0, else of that severity.
    fn of(&mut self, number: usize, state: u8) -> Option<Arc<Finding>> {
        let severity = *Severity::ALL.get(usize::from(state.checked_sub(1)?))?;
        let made = self.0.entry((number, state)).or_insert_with(|| finding(number, severity));
        Some(Arc::clone(made))
    }

    fn result(&mut self, states: &[u8]) -> Arc<RunResult> {
        let all = states.iter().enumerate();
        let mut findings: Vec<Arc<Finding>> = all.filter_map(|(n, s)| self.of(n, *s)).collect();
        findings.sort_by(|a, b| {
            a.sort_key().cmp(&b.sort_key()).then_with(|| a.fingerprint.cmp(&b.fingerprint))
        });
        Arc::new(RunResult { findings, ..RunResult::default() })
    }
}

/// Of four checks, on pods of three namespaces of which some belong to a Deployment; every seventh is of
/// the cluster, and every fifth of the platform.
fn finding(number: usize, severity: Severity) -> Arc<Finding> {
    let (namespace, check) = (number % 3, number % 4);
    let of = |version: &str, kind: &str, name: usize| {
        format!(
            r#"{{"apiVersion": "{version}", "kind": "{kind}", "namespace": "n{namespace}", "name": "x{name}"}}"#
        )
    };
    let (object, owner) = match number % 7 {
        0 => ("null".to_owned(), "null".to_owned()),
        1 | 2 => (of("v1", "Pod", number % 5), of("apps/v1", "Deployment", number % 2)),
        3 => (of("v1", "Pod", number % 5), "null".to_owned()),
        _ => (of("v1", "Pod", number % 5), of("v1", "Pod", number % 5)),
    };
    let platform = number % 5 == 4;
    let text = format!(
        r#"{{"fingerprint": "p1:{number}", "check": "c{check}", "severity": "{severity}", "form": "rule",
        "scope": "object", "object": {object}, "owner": {owner}, "instances": 0, "stale": 0,
        "origin": null, "container": null, "path": "spec", "missing": false, "value": null,
        "message": "m", "note": null, "platform": {platform}, "file": null, "line": null}}"#
    );
    Arc::new(serde_json::from_str(&text).unwrap())
}

/// Everything that is counted, in an order.
fn told(counted: &CountedAhead) -> impl PartialEq + std::fmt::Debug {
    let index = &*counted.index;
    let prints: Vec<&str> = index.findings.iter().map(|f| f.fingerprint.as_str()).collect();
    let mends: Vec<_> =
        index.mends.iter().map(|m| (&m.owner, &m.worst.fingerprint, m.tally, m.key)).collect();
    let rows = index
        .ready
        .findings
        .as_ref()
        .map(|(_, rows)| rows.iter().map(|row| row.id).collect::<Vec<_>>());
    format!(
        "{prints:?} {:?} {:?} {:?} {:?} {:?} {:?} {:?} {:?} {mends:?} {rows:?}",
        index.by_print.iter().collect::<BTreeMap<_, _>>(),
        index.by_check.iter().collect::<BTreeMap<_, _>>(),
        index.by_object.iter().collect::<BTreeMap<_, _>>(),
        index.objects.iter().collect::<BTreeMap<_, _>>(),
        index.namespaces,
        index.themes,
        index.all,
        index.platform,
    )
}

/// Counts one result after the other, and how often that was from what was counted before.
fn follow(results: &[Arc<RunResult>], lens: &CountedBy) -> usize {
    let (mut earlier, mut taken) = (None, 0);
    let (inventory, ledger, judged) =
        (Arc::default(), Arc::<Ledger>::default(), Judgement::default());
    let mut shown: Option<CountedAhead> = None;
    for result in results {
        let content = Arc::default();
        let basis =
            CountBasis { content, inventory: &inventory, result, judged: &judged, ledger: &ledger };
        let known =
            earlier.as_ref().and_then(|e: &CountedBefore| e.by(0, &Brought::default(), lens));
        taken += usize::from(known.is_some());
        drop(known);
        let counted = CountedAhead::after(&mut earlier, &basis, (0, &Arc::default()), lens.clone());
        let anew = CountedAhead::of(&basis, lens.clone());
        assert_eq!(told(&counted), told(&anew));
        shown = Some(counted);
    }
    drop(shown);
    taken
}

proptest! {
    #[test]
    fn what_is_counted_step_by_step_is_what_is_counted_anew(
        first in prop::collection::vec(0_u8..5, 40),
        steps in prop::collection::vec(prop::collection::vec((0_usize..40, 0_u8..5), 0..4), 1..5),
        platform in any::<bool>(),
        namespace in prop::option::of(0_usize..3),
    ) {
        let mut made = Made::default();
        let mut states = first;
        let mut results = vec![made.result(&states)];
        for step in steps {
            for (at, state) in step {
                states[at] = state;
            }
            results.push(made.result(&states));
        }
        let namespace = namespace.map(|n| format!("n{n}"));
        let lens = CountedBy { platform, namespace, ..CountedBy::default() };
        prop_assert_eq!(follow(&results, &lens), results.len() - 1);
    }
}

#[test]
fn what_nobody_shows_any_more_or_was_decided_otherwise_is_counted_anew() {
    let mut made = Made::default();
    let result = made.result(&[1; 20]);
    let (inventory, ledger, judged) =
        (Arc::default(), Arc::<Ledger>::default(), Judgement::default());
    let content = Arc::default();
    let basis = CountBasis {
        content,
        inventory: &inventory,
        result: &result,
        judged: &judged,
        ledger: &ledger,
    };
    let (lens, brought) = (CountedBy::default(), Arc::default());
    let mut earlier = None;
    let counted = CountedAhead::after(&mut earlier, &basis, (7, &brought), lens.clone());
    let by = |decided, lens: &CountedBy| earlier.as_ref().unwrap().by(decided, &brought, lens);
    assert!(by(7, &lens).is_some());
    assert!(by(7, &CountedBy { group: GroupBy::Check, ..lens.clone() }).is_some());
    assert!(by(8, &lens).is_none(), "something was decided");
    assert!(by(7, &CountedBy { platform: true, ..lens.clone() }).is_none());
    drop(counted);
    assert!(by(7, &lens).is_none());
}

#[test]
fn rows_that_were_made_stay_until_something_else_is_counted() {
    let mut made = Made::default();
    let mut data = Data { result: Some(made.result(&[1, 2, 3])), ..Data::default() };
    data.recount();
    let rows = |data: &Data, by| {
        let make = || rows::grouped(data, &Subset::All, by);
        data.index.ready.grouped(by, make)
    };
    for by in [GroupBy::Nothing, GroupBy::Check, GroupBy::Owner, GroupBy::Namespace] {
        let (first, again) = (rows(&data, by).unwrap(), rows(&data, by).unwrap());
        assert!(Arc::ptr_eq(&first, &again), "{by:?}");
        let ids = |rows: &[Row]| rows.iter().map(|row| row.id).collect::<Vec<_>>();
        assert_eq!(ids(&first), ids(&rows::grouped(&data, &Subset::All, by)));
    }
    // Images and what to change are told by the objects as well.
    assert!(rows(&data, GroupBy::Image).is_none() && rows(&data, GroupBy::Cause).is_none());
    let before = rows(&data, GroupBy::Nothing).unwrap();
    data.result = Some(made.result(&[1, 2]));
    data.recount();
    assert_eq!((before.len(), rows(&data, GroupBy::Nothing).unwrap().len()), (3, 2));
}
