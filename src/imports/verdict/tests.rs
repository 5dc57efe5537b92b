use super::*;
use crate::frameworks::{Set, Strength};

const TODAY: &str = "2026-05-30";
const FRESH: &str = "2026-05-28T08:00:00Z";

fn row(control: &str, node: Option<&str>, outcome: ImportOutcome) -> ImportedResult {
    ImportedResult {
        benchmark: Some("cis-kubernetes".into()),
        edition: Some("1.12".into()),
        control: Some(control.into()),
        rule: control.into(),
        title: "A row (Automated)".into(),
        node: node.map(str::to_owned),
        outcome,
        message: "permissions=644".into(),
        ..ImportedResult::default()
    }
}

fn import(taken: &str, results: Vec<ImportedResult>) -> Import {
    Import {
        tool: ImportTool::KubeBench,
        version: Some("cis-1.12".into()),
        origin: "kb.json".into(),
        taken: Some(taken.into()),
        clusters: Vec::new(),
        imported: FRESH.into(),
        sha256: String::new(),
        results,
        objects: Vec::new(),
    }
}

fn beside(nodes: &[(&str, bool)]) -> RunSurroundings {
    let node = |(name, control_plane): &(&str, bool)| KnownNode {
        name: (*name).to_owned(),
        control_plane: *control_plane,
    };
    RunSurroundings {
        nodes: nodes.iter().map(node).collect(),
        nodes_complete: true,
        ..RunSurroundings::default()
    }
}

fn of(
    framework: &str,
    control: &str,
    imports: &[Import],
    beside: &RunSurroundings,
) -> Option<ImportVerdict> {
    let set = Set::builtin();
    let framework = set.frameworks.iter().find(|f| f.id == framework).unwrap();
    let basis = Basis::new(imports, beside, TODAY, MAX_AGE_DAYS);
    basis.verdict(framework, framework.control(control).unwrap())
}

fn cis(control: &str, imports: &[Import], beside: &RunSurroundings) -> ImportVerdict {
    of("cis-kubernetes-2.0.1", control, imports, beside).unwrap()
}

fn unknown(verdict: &ImportVerdict) -> &str {
    match verdict {
        ImportVerdict::Unknown(reason) => reason,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_row_passes_only_with_a_pass_of_every_node_it_is_about() {
    let world = beside(&[("cp", true), ("a", false), ("b", false)]);
    let pass = |node| row("4.1.1", Some(node), ImportOutcome::Pass);
    let all = [import(FRESH, vec![pass("cp"), pass("a"), pass("b")])];
    let ImportVerdict::Pass(reason) = cis("4.1.1", &all, &world) else { panic!() };
    assert_eq!(
        reason,
        "4.1.1 passes on every node it is about by cis-1.12 (2 days old, from kb.json)"
    );
    let some = [import(FRESH, vec![pass("cp"), pass("a")])];
    assert_eq!(unknown(&cis("4.1.1", &some, &world)), "4.1.1 has no result of node b");
    // A row of the control plane asks nothing of workers.
    let master = [import(FRESH, vec![row("1.1.1", Some("cp"), ImportOutcome::Pass)])];
    assert!(matches!(cis("1.1.1", &master, &world), ImportVerdict::Pass(_)));
    // Which nodes there are must be known.
    let partly = RunSurroundings { nodes_complete: false, ..world.clone() };
    assert!(unknown(&cis("4.1.1", &all, &partly)).contains("is not known"));
    let hidden = beside(&[("a", false)]);
    assert!(unknown(&cis("1.1.1", &master, &hidden)).contains("no control plane node"));
}

#[test]
fn nodes_that_differ_are_named() {
    let world = beside(&[("a", false), ("b", false)]);
    let results = vec![
        row("4.1.1", Some("a"), ImportOutcome::Pass),
        row("4.1.1", Some("b"), ImportOutcome::Fail),
    ];
    let ImportVerdict::Fail(reasons) = cis("4.1.1", &[import(FRESH, results)], &world) else {
        panic!()
    };
    assert_eq!(
        reasons,
        [
            "4.1.1 fails on b by cis-1.12, and passes on a: permissions=644 (2 days old, from kb.json)"
        ]
    );
}

#[test]
fn of_results_made_at_once_the_worst_counts_also_on_a_node_that_is_named() {
    let nodes = beside(&[("cp-1", true)]);
    let of = |outcome| row("1.1.1", Some("cp-1"), outcome);
    for order in
        [[ImportOutcome::Fail, ImportOutcome::Pass], [ImportOutcome::Pass, ImportOutcome::Fail]]
    {
        let one_file = [import(FRESH, order.map(of).to_vec())];
        assert!(matches!(cis("1.1.1", &one_file, &nodes), ImportVerdict::Fail(_)), "{order:?}");
        let two_files = order.map(|outcome| import(FRESH, vec![of(outcome)]));
        assert!(matches!(cis("1.1.1", &two_files, &nodes), ImportVerdict::Fail(_)), "{order:?}");
    }
    // What was mended and run again passes.
    let again = [
        import(FRESH, vec![of(ImportOutcome::Pass)]),
        import("2026-05-28T09:00:00+02:00", vec![of(ImportOutcome::Fail)]),
    ];
    assert!(matches!(cis("1.1.1", &again, &nodes), ImportVerdict::Pass(_)));
}

#[test]
fn of_results_that_name_no_node_the_worst_counts_whichever_came_later() {
    let world = beside(&[("a", false), ("b", false)]);
    let of = |origin: &str, taken: &str, outcome| Import {
        origin: origin.into(),
        ..import(taken, vec![row("4.1.1", None, outcome)])
    };
    let (earlier, later) = ("2026-05-27T08:00:00Z", FRESH);
    for (fail, pass) in [(earlier, later), (later, earlier), (later, later)] {
        let mut both =
            vec![of("a.json", fail, ImportOutcome::Fail), of("b.json", pass, ImportOutcome::Pass)];
        for _ in 0..2 {
            assert!(matches!(cis("4.1.1", &both, &world), ImportVerdict::Fail(_)), "{fail} {pass}");
            both.reverse();
        }
    }
    // Of the same file the newest counts, and so it does where there is one node only.
    let again =
        [of("a.json", earlier, ImportOutcome::Fail), of("a.json", later, ImportOutcome::Pass)];
    assert!(!matches!(cis("4.1.1", &again, &world), ImportVerdict::Fail(_)));
    let one = beside(&[("a", false)]);
    let mended =
        [of("a.json", earlier, ImportOutcome::Fail), of("b.json", later, ImportOutcome::Pass)];
    assert!(matches!(cis("4.1.1", &mended, &one), ImportVerdict::Pass(_)));
}

#[test]
fn absence_is_no_pass_and_says_what_is_needed() {
    let world = beside(&[("a", true)]);
    let none = cis("4.1.1", &[], &world);
    assert_eq!(unknown(&none), "needs kube-bench results with row 4.1.1: nothing was imported");
    for outcome in [ImportOutcome::Warn, ImportOutcome::Skip, ImportOutcome::Error] {
        let import = import(FRESH, vec![row("4.1.1", Some("a"), outcome)]);
        assert!(unknown(&cis("4.1.1", &[import], &world)).ends_with("permissions=644"));
    }
}

#[test]
fn an_old_import_settles_nothing() {
    let world = beside(&[("a", true)]);
    let old = |outcome| import("2026-04-01T00:00:00Z", vec![row("4.1.1", Some("a"), outcome)]);
    for outcome in [ImportOutcome::Pass, ImportOutcome::Fail] {
        let verdict = cis("4.1.1", &[old(outcome)], &world);
        assert_eq!(
            unknown(&verdict),
            "stale: 4.1.1 on a, 59 days old; more than 30 days do not count"
        );
    }
    // The newer one goes before, whichever was imported last.
    let new = import(FRESH, vec![row("4.1.1", Some("a"), ImportOutcome::Pass)]);
    let verdict = cis("4.1.1", &[new, old(ImportOutcome::Fail)], &world);
    assert!(matches!(verdict, ImportVerdict::Pass(_)));
}

#[test]
fn a_result_without_a_node_is_enough_only_where_there_is_one_node() {
    let results = vec![row("4.1.1", None, ImportOutcome::Pass)];
    let imports = [import(FRESH, results)];
    let one = cis("4.1.1", &imports, &beside(&[("a", true)]));
    assert!(matches!(one, ImportVerdict::Pass(_)));
    let two = cis("4.1.1", &imports, &beside(&[("a", true), ("b", false)]));
    assert!(unknown(&two).ends_with("import it with --node"));
    // Of several in one file the worst counts.
    let mixed = vec![
        row("4.1.1", None, ImportOutcome::Pass),
        row("4.1.1", None, ImportOutcome::Fail),
        row("4.1.1", None, ImportOutcome::Pass),
    ];
    let verdict = cis("4.1.1", &[import(FRESH, mixed)], &beside(&[("a", true)]));
    assert!(matches!(verdict, ImportVerdict::Fail(_)));
}

#[test]
fn another_edition_decides_only_where_the_row_says_the_same() {
    let world = beside(&[("a", true)]);
    let mut other = row("4.1.1", Some("a"), ImportOutcome::Pass);
    other.edition = Some("1.8".into());
    let verdict = cis("4.1.1", &[import(FRESH, vec![other.clone()])], &world);
    assert_eq!(unknown(&verdict), "kube-bench ran edition 1.8, where 4.1.1 is another row");
    let set = Set::builtin();
    let framework = set.frameworks.iter().find(|f| f.id == "cis-kubernetes-2.0.1").unwrap();
    other.title = format!("{} (Automated)", framework.control("4.1.1").unwrap().title);
    let verdict = cis("4.1.1", &[import(FRESH, vec![other])], &world);
    assert!(matches!(verdict, ImportVerdict::Pass(_)));
}

#[test]
fn a_row_fails_a_control_that_asks_for_no_import_and_never_passes_it() {
    let world = beside(&[("a", true)]);
    let of_row = |outcome| {
        let imports = [import(FRESH, vec![row("1.2.1", Some("a"), outcome)])];
        of("cis-kubernetes-2.0.1", "1.2.1", &imports, &world)
    };
    assert!(matches!(of_row(ImportOutcome::Fail), Some(ImportVerdict::Fail(_))));
    assert_eq!(of_row(ImportOutcome::Pass), None);
}

#[test]
fn reports_that_checks_judge_have_to_be_there_and_fresh() {
    let report = |taken: &str| Import {
        tool: ImportTool::TrivyOperator,
        ..import(
            taken,
            vec![ImportedResult {
                rule: "vulnerabilities".into(),
                outcome: ImportOutcome::Fail,
                ..ImportedResult::default()
            }],
        )
    };
    let say = |imports: &[Import]| {
        of("nist-800-190", "3.1.1", imports, &RunSurroundings::default()).unwrap()
    };
    // Their failures are findings of the checks, which can be accepted one by one.
    assert!(matches!(say(&[report(FRESH)]), ImportVerdict::Pass(_)));
    assert!(unknown(&say(&[report("2026-01-01T00:00:00Z")])).starts_with("stale"));
    assert!(unknown(&say(&[])).contains("vulnerability reports"));
    let live = RunSurroundings { reports: vec![report(FRESH)], ..RunSurroundings::default() };
    let verdict = of("nist-800-190", "3.1.1", &[], &live).unwrap();
    assert!(matches!(verdict, ImportVerdict::Pass(_)));
}

#[test]
fn every_control_whose_import_checks_judge_has_such_a_check() {
    for framework in &Set::builtin().frameworks {
        for control in framework.controls.iter().filter(|c| !c.imports.is_empty()) {
            let decided = control.checks.iter().any(|m| m.strength != Strength::Supporting)
                || control.imports.iter().all(Serving::decides);
            assert!(decided, "{} {}", framework.id, control.id);
        }
    }
}

#[test]
fn what_a_damaged_import_could_fail_is_not_known() {
    let set = Set::builtin();
    let of = |framework: &str, control: &str, imports: &[Import], tool: ImportTool| {
        let framework = set.frameworks.iter().find(|f| f.id == framework).unwrap();
        let world = beside(&[("cp", true)]);
        let lost = [DamagedImport { tool, origin: "kb.json".into(), why: "x".into() }];
        let basis = Basis::new(imports, &world, TODAY, MAX_AGE_DAYS).without(&lost);
        basis.verdict(framework, framework.control(control).unwrap())
    };
    let row = |outcome| [import(FRESH, vec![row("4.1.1", Some("cp"), outcome)])];
    let lost = |verdict: Option<ImportVerdict>| matches!(verdict, Some(ImportVerdict::Damaged(_)));
    let cis = "cis-kubernetes-2.0.1";
    assert!(lost(of(cis, "4.1.1", &row(ImportOutcome::Pass), ImportTool::KubeBench)));
    assert!(lost(of(cis, "5.2.2", &[], ImportTool::KubeBench)), "its row could fail it");
    let fails = of(cis, "4.1.1", &row(ImportOutcome::Fail), ImportTool::KubeBench);
    assert!(matches!(fails, Some(ImportVerdict::Fail(_))), "a fail stands: {fails:?}");
    let other = of(cis, "4.1.1", &row(ImportOutcome::Pass), ImportTool::TrivyOperator);
    assert!(matches!(other, Some(ImportVerdict::Pass(_))), "{other:?}");
    assert_eq!(of("pss-baseline", "privileged", &[], ImportTool::KubeBench), None);
}
