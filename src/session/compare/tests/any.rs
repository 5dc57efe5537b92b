//! What holds of any two runs.

use super::*;

fn any_finding() -> impl Strategy<Value = Finding> {
    let check = prop::sample::select(CHECKS.to_vec());
    let kind = prop::sample::select(KINDS.to_vec());
    let namespace = prop::sample::select(vec!["pay", "shop"]);
    let name = prop::sample::select(vec!["x", "y"]);
    (check, kind, namespace, name, any::<bool>(), 0..3usize).prop_map(
        |(check, kind, namespace, name, platform, instances)| Finding {
            instances,
            platform,
            ..finding(check, object(kind, namespace, name))
        },
    )
}

fn any_run() -> impl Strategy<Value = RunRecord> {
    let gap = (
        prop::sample::select(CHECKS.to_vec()),
        prop::sample::select(vec!["deployments", "pods", "rolebindings", "selection"]),
        prop::option::of(prop::sample::select(vec!["pay", "shop"])),
        0..2usize,
    );
    let gaps = prop::collection::vec(gap.prop_map(|(c, p, n, count)| gap_of(c, p, n, count)), 0..3);
    let findings = prop::collection::vec(any_finding(), 0..12);
    let namespaces = prop::sample::subsequence(vec!["pay", "shop"], 0..2);
    let checks = prop::sample::subsequence(CHECKS.to_vec(), 2..=3);
    let listed = prop::sample::subsequence(KINDS.to_vec(), 2..=4);
    (findings, gaps, namespaces, checks, listed, any::<bool>()).prop_map(
        |(findings, gaps, namespaces, checks, listed, platform)| {
            let mut unique: BTreeMap<String, Finding> = BTreeMap::new();
            unique.extend(findings.into_iter().map(|f| (f.fingerprint.clone(), f)));
            let mut run = run(unique.into_values().collect());
            let result = Arc::make_mut(&mut run.result);
            result.not_assessed = gaps;
            result.checks.retain(|id, _| checks.contains(&&**id));
            run.selection.namespaces = namespaces.into_iter().map(str::to_owned).collect();
            run.selection.include_platform = platform;
            run.reads = listed.iter().map(|kind| read(kind, None, ReadStatus::Complete)).collect();
            run
        },
    )
}

fn gap_of(check: &str, plural: &str, namespace: Option<&str>, count: usize) -> Gap {
    gap(check, plural, namespace, count)
}

proptest! {
    #[test]
    fn a_run_and_itself_are_unchanged(run in any_run()) {
        let comparison = compare(&run, &run, &BTreeSet::new());
        prop_assert_eq!(comparison.entries.len(), run.result.findings.len());
        for entry in &comparison.entries {
            prop_assert_eq!((entry.change, entry.differs.len()), (FindingChange::Unchanged, 0));
        }
        prop_assert_eq!(comparison.notes, Vec::<String>::new());
        prop_assert_eq!(settle(&run, &run, &Ledger::default()), Settled::default());
    }

    #[test]
    fn swapping_the_runs_swaps_new_and_fixed_and_nothing_else(a in any_run(), b in any_run()) {
        let told = |x: &RunRecord, y: &RunRecord, swap: bool| {
            let of = |e: &ComparedFinding| {
                let change = match (e.change, swap) {
                    (FindingChange::New, true) => FindingChange::Fixed,
                    (FindingChange::Fixed, true) => FindingChange::New,
                    (other, _) => other,
                };
                (e.finding.fingerprint.clone(), change, e.reason.clone())
            };
            let mut all: Vec<_> =
                compare(x, y, &BTreeSet::new()).entries.iter().map(of).collect();
            all.sort();
            all
        };
        prop_assert_eq!(told(&a, &b, false), told(&b, &a, true));
    }

    #[test]
    fn every_finding_is_told_once_and_counted_once(a in any_run(), b in any_run()) {
        let comparison = compare(&a, &b, &BTreeSet::new());
        let all: BTreeSet<&str> = a.result.findings.iter().chain(&b.result.findings)
            .map(|f| f.fingerprint.as_str()).collect();
        let told: Vec<&str> =
            comparison.entries.iter().map(|e| e.finding.fingerprint.as_str()).collect();
        prop_assert_eq!(told.len(), all.len());
        let totals = &comparison.totals;
        let sum = |counts: &comparison::ChangeCounts| FindingChange::ALL.iter().map(|c| counts.of(*c)).sum::<usize>();
        prop_assert_eq!(sum(&totals.all) + sum(&totals.platform), all.len());
        prop_assert_eq!(totals.check.values().map(sum).sum::<usize>(), sum(&totals.all));
        prop_assert_eq!(totals.severity.values().map(sum).sum::<usize>(), sum(&totals.all));
        prop_assert_eq!(totals.namespace.values().map(sum).sum::<usize>(), sum(&totals.all));
    }

    #[test]
    fn a_gap_of_its_check_in_the_whole_cluster_leaves_nothing_fixed(
        a in any_run(), mut b in any_run()
    ) {
        result_of(&mut b).findings.clear();
        result_of(&mut b).not_assessed = CHECKS.iter().map(|c| gap(c, "rolebindings", None, 1)).collect();
        let comparison = compare(&a, &b, &BTreeSet::new());
        prop_assert!(comparison.entries.iter().all(|e| e.change == FindingChange::Incomparable));
        prop_assert_eq!(settle(&a, &b, &Ledger::default()), Settled::default());
    }
}
