use std::sync::Arc;

use super::*;
use crate::frameworks::{ControlCheck, Counts, Set, Status, Strength};
use crate::model::finding::{CheckCounts, Severity};
use crate::model::import::ImportTool;

const TODAY: &str = "2026-05-30";

fn object(kind: &str, name: &str) -> ObjectRef {
    ObjectRef {
        api_version: "apps/v1".into(),
        kind: kind.into(),
        namespace: Some("pay".into()),
        name: name.into(),
    }
}

fn finding(check: &str, name: &str) -> Arc<Finding> {
    Arc::new(Finding {
        fingerprint: format!("p1:{check}{name}"),
        check: check.into(),
        severity: Severity::High,
        scope: "container".into(),
        object: Some(object("Deployment", name)),
        owner: Some(object("Deployment", name)),
        ..Finding::default()
    })
}

/// `privileged-container` fails on `web`, `host-port` fails on `api`; both looked at everything.
fn run() -> RunResult {
    let counts = CheckCounts { pass: 3, fail: 1, ..CheckCounts::default() };
    RunResult {
        checks: [("privileged-container".into(), counts), ("host-port".into(), counts)].into(),
        findings: vec![finding("privileged-container", "web"), finding("host-port", "api")],
        ..RunResult::default()
    }
}

fn result(rule: &str, check: &str, object: ObjectRef, outcome: ImportOutcome) -> ImportedResult {
    ImportedResult {
        rule: rule.into(),
        check: Some(check.into()),
        object: Some(object),
        outcome,
        ..ImportedResult::default()
    }
}

fn import(tool: ImportTool, taken: &str, results: Vec<ImportedResult>) -> Import {
    Import {
        tool,
        version: None,
        origin: "scan.json".into(),
        taken: Some(taken.into()),
        clusters: Vec::new(),
        imported: taken.into(),
        sha256: String::new(),
        results,
        objects: Vec::new(),
    }
}

fn compare(imports: &[Import], run: &RunResult) -> Vec<String> {
    let compared = Compared { imports, result: run, frameworks: &[], today: TODAY, max_age: 30 };
    let line = |d: Disagreement| {
        let object = d.object.map(|o| o.to_string()).unwrap_or_default();
        format!(
            "{object}: {} {}, {} {}",
            d.check.unwrap_or_default(),
            d.ours.word(),
            d.rule,
            d.theirs.word()
        )
    };
    disagreements(&compared).into_iter().map(line).collect()
}

#[test]
fn a_pass_there_and_a_failure_here_differ_and_the_other_way_round() {
    let results = vec![
        result(
            "KSV017",
            "privileged-container",
            object("ReplicaSet", "web-5d4f8c7b9"),
            ImportOutcome::Pass,
        ),
        result("KSV017", "privileged-container", object("Deployment", "api"), ImportOutcome::Fail),
        // Alike: nothing to tell.
        result("KSV024", "host-port", object("Deployment", "api"), ImportOutcome::Fail),
        result("KSV024", "host-port", object("Deployment", "web"), ImportOutcome::Pass),
        // Neither of the two is an end.
        result("KSV017", "privileged-container", object("Deployment", "web"), ImportOutcome::Skip),
    ];
    let imports = [import(ImportTool::TrivyOperator, "2026-05-29T00:00:00Z", results)];
    assert_eq!(
        compare(&imports, &run()),
        [
            "Deployment/pay/api: privileged-container pass, KSV017 fail",
            "ReplicaSet/pay/web-5d4f8c7b9: privileged-container fail, KSV017 pass",
        ]
    );
}

#[test]
fn what_is_unknown_here_differs_from_nothing() {
    let fails = |name| {
        result("KSV017", "privileged-container", object("Deployment", name), ImportOutcome::Fail)
    };
    let imports = [import(
        ImportTool::TrivyOperator,
        "2026-05-29T00:00:00Z",
        vec![fails("api"), fails("gone")],
    )];
    let mut open = run();
    for counts in open.checks.values_mut() {
        counts.not_assessed = 1;
    }
    assert!(compare(&imports, &open).is_empty());
    // An object of which nothing is known here may be gone.
    assert_eq!(compare(&imports, &run()).len(), 1);
}

#[test]
fn of_several_results_the_newest_is_compared_and_old_ones_are_not() {
    let of = |taken: &str, outcome| {
        let results =
            vec![result("C-1", "privileged-container", object("Deployment", "web"), outcome)];
        import(ImportTool::Kubescape, taken, results)
    };
    let (old, new) = ("2026-05-01T00:00:00Z", "2026-05-29T00:00:00Z");
    assert!(
        compare(&[of(new, ImportOutcome::Fail), of(old, ImportOutcome::Pass)], &run()).is_empty()
    );
    assert_eq!(
        compare(&[of(new, ImportOutcome::Pass), of(old, ImportOutcome::Fail)], &run()).len(),
        1
    );
    assert!(compare(&[of("2026-01-01T00:00:00Z", ImportOutcome::Pass)], &run()).is_empty());
    // One container that fails makes the object fail.
    let both = [of(new, ImportOutcome::Fail), of(new, ImportOutcome::Pass)];
    assert!(compare(&both, &run()).is_empty());
}

#[test]
fn controls_are_compared_by_their_checks_alone() {
    let set = Set::builtin();
    let framework = set.frameworks.iter().find(|f| f.id == "cis-kubernetes-2.0.1").unwrap();
    let check = |findings, pass| ControlCheck {
        id: "apiserver-profiling".into(),
        strength: Strength::Full,
        ran: true,
        findings,
        pass,
        undecided: 0,
    };
    let control = |id: &str, check| crate::frameworks::ControlResult {
        id: id.into(),
        status: Status::Fail,
        failing: 1,
        reasons: Vec::new(),
        attested: false,
        checks: vec![check],
    };
    let judged = FrameworkResult {
        id: framework.id.clone(),
        version: framework.version.clone(),
        kind: framework.kind,
        chosen_because: String::new(),
        note: None,
        level: None,
        score: None,
        score_platform: None,
        counts: Counts::default(),
        // The first fails only because of the import.
        controls: vec![control("1.2.15", check(0, 1)), control("1.2.16", check(1, 0))],
    };
    let row = |number: &str, outcome| ImportedResult {
        benchmark: Some("cis-kubernetes".into()),
        edition: Some("1.12".into()),
        control: Some(number.into()),
        rule: number.into(),
        node: Some("cp".into()),
        outcome,
        ..ImportedResult::default()
    };
    let results = vec![row("1.2.15", ImportOutcome::Fail), row("1.2.16", ImportOutcome::Fail)];
    let imports = [import(ImportTool::KubeBench, "2026-05-29T00:00:00Z", results)];
    let frameworks = [(&**framework, &judged)];
    let run = run();
    let compared = Compared {
        imports: &imports,
        result: &run,
        frameworks: &frameworks,
        today: TODAY,
        max_age: 30,
    };
    let found = disagreements(&compared);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].control.as_deref(), Some("1.2.15"));
    assert_eq!((found[0].ours, found[0].theirs), (ImportOutcome::Pass, ImportOutcome::Fail));

    // A node that fails fails the row, however new the pass of another one is.
    let passes =
        ImportedResult { node: Some("other".into()), ..row("1.2.16", ImportOutcome::Pass) };
    let later = import(ImportTool::KubeBench, "2026-05-30T00:00:00Z", vec![passes]);
    let both = [imports[0].clone(), later];
    assert_eq!(disagreements(&Compared { imports: &both, ..compared }).len(), 1);
}
