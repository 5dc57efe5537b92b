mod absence;
mod any;

use std::sync::Arc;

use proptest::prelude::*;

use super::*;
use crate::model::comparison;
use crate::model::decision::{Decision, DecisionState, PastDecision};
use crate::model::finding::{CheckCounts, Gap, RunResult, Severity};
use crate::model::inventory::{Problem, ProblemKind, SourceKind};
use crate::model::kinds::lookup;
use crate::model::ledger::Ledger;
use crate::model::object::ObjectRef;
use crate::model::path::FieldPath;
use crate::model::read::{Missing, Read, ReadStatus};
use crate::session::history::follow;
use crate::session::settle::{Settled, settle};

const KINDS: [&str; 4] = ["Deployment", "Pod", "Role", "ClusterRole"];
const CHECKS: [&str; 3] = ["a", "b", "c"];

fn object(kind: &str, namespace: &str, name: &str) -> ObjectRef {
    let builtin = lookup(kind).unwrap();
    ObjectRef {
        api_version: builtin.api_version().into(),
        kind: builtin.kind.into(),
        namespace: builtin.namespaced.then(|| namespace.into()),
        name: name.into(),
    }
}

fn finding(check: &str, object: ObjectRef) -> Finding {
    Finding {
        fingerprint: format!("p1:{check} {object}"),
        check: check.into(),
        severity: Severity::High,
        scope: "object".into(),
        owner: Some(object.clone()),
        object: Some(object),
        path: FieldPath::parse("spec").unwrap(),
        message: "wrong".to_owned(),
        ..Finding::default()
    }
}

fn read(kind: &str, namespace: Option<&str>, status: ReadStatus) -> Read {
    let builtin = lookup(kind).unwrap();
    Read {
        resource: builtin.resource(),
        kind: Some(builtin.kind()),
        namespace: namespace.map(str::to_owned),
        status,
        items: 1,
        message: None,
        millis: None,
    }
}

/// A run in which every check ran and every list was complete.
fn result_of(run: &mut RunRecord) -> &mut RunResult {
    Arc::make_mut(&mut run.result)
}

fn run(findings: Vec<Finding>) -> RunRecord {
    let counts = |id: &&str| ((*id).into(), CheckCounts::default());
    RunRecord {
        schema: String::new(),
        number: 1,
        started: String::new(),
        finished: "2026-01-01T00:00:00Z".to_owned(),
        tool: "0".to_owned(),
        content: "sha256:0".to_owned(),
        settings: crate::model::settings::RunSettings::default(),
        selection: Selection::default(),
        source: SourceInfo { kind: SourceKind::Live, ..SourceInfo::default() },
        provider: None,
        reads: KINDS.iter().map(|kind| read(kind, None, ReadStatus::Complete)).collect(),
        result: Arc::new(RunResult {
            checks: CHECKS.iter().map(counts).collect(),
            findings: findings.into_iter().map(Arc::new).collect(),
            ..RunResult::default()
        }),
    }
}

fn web() -> Finding {
    finding("a", object("Deployment", "pay", "web"))
}

/// What becomes of one finding that the earlier run has and the later one has not.
#[track_caller]
fn gone(found: &Finding, change: impl FnOnce(&mut RunRecord)) -> (FindingChange, String) {
    let before = run(vec![found.clone()]);
    let mut after = run(Vec::new());
    change(&mut after);
    let comparison = compare(&before, &after, &BTreeSet::new());
    let [entry] = &comparison.entries[..] else { panic!("{comparison:?}") };
    // The other way round it is the same question.
    let back = compare(&after, &before, &BTreeSet::new());
    let mirrored = match entry.change {
        FindingChange::Fixed => FindingChange::New,
        other => other,
    };
    assert_eq!((back.entries[0].change, &back.entries[0].reason), (mirrored, &entry.reason));
    (entry.change, entry.reason.clone().unwrap_or_default())
}

fn gap(check: &str, plural: &str, namespace: Option<&str>, count: usize) -> Gap {
    let missing = Missing::list(plural, namespace, ReadStatus::Forbidden);
    Gap { check: check.into(), missing: missing.into(), count, platform: false }
}

#[test]
fn what_was_fixed_once_and_is_back_is_regressed() {
    let after = run(vec![web(), finding("b", object("Pod", "pay", "lone"))]);
    let fixed = BTreeSet::from([web().fingerprint]);
    let comparison = compare(&run(Vec::new()), &after, &fixed);
    let changes: Vec<FindingChange> = comparison.entries.iter().map(|e| e.change).collect();
    assert_eq!(changes, [FindingChange::New, FindingChange::Regressed]);
    // One that both have was not fixed between them.
    assert_eq!(compare(&after, &after, &fixed).totals.all.unchanged, 2);
}

#[test]
fn what_changed_about_a_finding_is_told() {
    let worse = Finding {
        severity: Severity::Critical,
        message: "token=hunter2hunter2".to_owned(),
        instances: 4,
        ..web()
    };
    let comparison = compare(&run(vec![web()]), &run(vec![worse]), &BTreeSet::new());
    let fields: Vec<&str> = comparison.entries[0].differs.iter().map(|d| d.field).collect();
    assert_eq!(fields, ["severity", "message", "instances"]);
    assert_eq!(comparison.entries[0].remark(), "severity was high; instances was 0");
    assert_eq!(comparison.totals.severity[&Severity::Critical].unchanged, 1);
}

#[test]
fn notes_say_what_else_differs() {
    let mut before = run(Vec::new());
    let mut after = run(Vec::new());
    assert_eq!(compare(&before, &after, &BTreeSet::new()).notes, Vec::<String>::new());
    before.source.cluster_uid = Some("u1".to_owned());
    before.source.context = Some("prod".to_owned());
    after.source.cluster_uid = Some("u2".to_owned());
    after.source.context = Some("test".to_owned());
    after.content = "sha256:1".to_owned();
    after.selection.namespaces = vec!["pay".to_owned()];
    let notes = compare(&before, &after, &BTreeSet::new()).notes.join("\n");
    for part in
        ["different clusters (prod and test)", "checks or frameworks changed", "namespaces pay"]
    {
        assert!(notes.contains(part), "no `{part}` in {notes}");
    }
    // The same cluster under another name is the same cluster.
    after.source.cluster_uid = Some("u1".to_owned());
    let notes = compare(&before, &after, &BTreeSet::new()).notes.join("\n");
    assert!(!notes.contains("different"), "{notes}");
}

#[test]
fn a_run_settles_what_is_gone_and_what_is_back_and_nothing_that_a_person_set_aside() {
    let names = ["open", "progress", "accepted", "false", "back", "again"];
    let of = |name: &str| finding("a", object("Deployment", "pay", name));
    let print = |name: &str| of(name).fingerprint;
    let mut ledger = Ledger::default();
    for (name, state) in [
        ("progress", DecisionState::InProgress),
        ("accepted", DecisionState::Accepted),
        ("false", DecisionState::FalsePositive),
        ("back", DecisionState::Fixed),
        ("again", DecisionState::Regressed),
    ] {
        let after = Some(Arc::new(Decision { state, ..Decision::default() }));
        let past = PastDecision { time: String::new(), by: String::new(), after, undone: false };
        ledger.decided(print(name), past);
    }
    let before = run(names.iter().filter(|n| **n != "back").map(|n| of(n)).collect());
    let now = run(vec![of("back"), of("first")]);
    let settled = settle(&before, &now, &ledger);
    let mut told: Vec<(String, DecisionState)> = settled
        .changes
        .iter()
        .map(|c| (c.fingerprint.to_string(), c.after.as_ref().unwrap().state))
        .collect();
    told.sort();
    assert_eq!(
        told,
        [
            (print("again"), DecisionState::Fixed),
            (print("back"), DecisionState::Regressed),
            (print("open"), DecisionState::Fixed),
            (print("progress"), DecisionState::Fixed),
        ]
    );
    assert_eq!(settled.words().as_deref(), Some("1 new, 3 fixed, 1 regressed"));
    // A run that could not look, or that looked elsewhere, settles nothing.
    let mut blind = run(Vec::new());
    result_of(&mut blind).not_assessed = vec![gap("a", "pods", None, 2)];
    assert_eq!(settle(&before, &blind, &ledger), Settled::default());
    let mut other = run(Vec::new());
    other.source.cluster_uid = Some("u2".to_owned());
    let mut here = before;
    here.source.cluster_uid = Some("u1".to_owned());
    assert_eq!(settle(&here, &other, &ledger), Settled::default());
    assert_eq!(Settled::default().words(), None);
}

/// Runs of a session one after the other: what each settles, with what was decided until then.
fn settled(runs: Vec<RunRecord>, ledger: &mut Ledger) -> Vec<Option<String>> {
    let mut previous: Option<RunRecord> = None;
    let mut told = Vec::new();
    for mut run in runs {
        result_of(&mut run).history = Arc::new(follow(previous.as_ref(), &run));
        let settled = previous.map(|p| settle(&p, &run, ledger)).unwrap_or_default();
        for change in &settled.changes {
            let after = change.after.clone();
            let past =
                PastDecision { time: String::new(), by: String::new(), after, undone: false };
            ledger.decided(Arc::clone(&change.fingerprint), past);
        }
        told.push(settled.words());
        previous = Some(run);
    }
    told
}

#[test]
fn a_run_that_could_not_see_a_finding_does_not_hide_that_it_is_fixed_and_back() {
    let found = || vec![finding("a", object("Pod", "pay", "web"))];
    let words = |words: &str| Some(words.to_owned());
    // Its check was not asked for, what it rests on could not be read, or its list was refused.
    let mut unasked = run(Vec::new());
    result_of(&mut unasked).checks.remove("a");
    let mut gappy = run(Vec::new());
    result_of(&mut gappy).not_assessed = vec![gap("a", "pods", None, 2)];
    let mut refused = run(Vec::new());
    refused.reads = vec![read("Pod", None, ReadStatus::Forbidden)];
    for blind in [unasked, gappy, refused] {
        // Twice, and between each two that could look.
        let runs = [run(found()), blind.clone(), blind.clone(), run(vec![]), blind, run(found())];
        let mut ledger = Ledger::default();
        let told = settled(runs.into(), &mut ledger);
        assert_eq!(told, [None, None, None, words("1 fixed"), None, words("1 regressed")]);
    }
}

#[test]
fn what_an_earlier_run_saw_is_told_apart_from_what_the_run_before_saw() {
    let found = || run(vec![finding("a", object("Pod", "pay", "web"))]);
    let mut blind = run(Vec::new());
    result_of(&mut blind).checks.remove("a");
    result_of(&mut blind).history = Arc::new(follow(Some(&found()), &blind));
    let by_earlier = |previous: &RunRecord, now: &RunRecord, ledger: &Ledger| {
        let settled = settle(previous, now, ledger);
        (settled.words().unwrap(), settled.by_earlier)
    };
    let fixed = || "1 fixed".to_owned();
    let (gone, mut ledger) = (run(Vec::new()), Ledger::default());
    assert_eq!(by_earlier(&found(), &gone, &ledger), (fixed(), false));
    assert_eq!(by_earlier(&blind, &gone, &ledger), (fixed(), true));

    let after = Decision { state: DecisionState::Fixed, ..Decision::default() };
    let past = PastDecision {
        time: String::new(),
        by: String::new(),
        after: Some(after.into()),
        undone: false,
    };
    ledger.decided(found().result.findings[0].fingerprint.clone(), past);
    let mut blind = run(Vec::new());
    result_of(&mut blind).checks.remove("a");
    let back = || "1 regressed".to_owned();
    assert_eq!(by_earlier(&gone, &found(), &ledger), (back(), false));
    assert_eq!(by_earlier(&blind, &found(), &ledger), (back(), true));
}

#[test]
fn what_a_run_could_not_see_and_is_there_again_is_as_it_was() {
    let found = || vec![finding("a", object("Pod", "pay", "web"))];
    let mut blind = run(Vec::new());
    result_of(&mut blind).checks.remove("a");
    let runs = vec![run(found()), blind.clone(), run(found())];
    assert_eq!(settled(runs, &mut Ledger::default()), [None, None, None]);
    // Nor is what was set aside settled by anything.
    let mut ledger = Ledger::default();
    let after = Decision { state: DecisionState::Accepted, ..Decision::default() };
    let past = PastDecision {
        time: String::new(),
        by: String::new(),
        after: Some(after.into()),
        undone: false,
    };
    ledger.decided(found()[0].fingerprint.clone(), past);
    let runs = vec![run(found()), blind, run(Vec::new())];
    assert_eq!(settled(runs, &mut ledger), [None, None, None]);
}

#[test]
fn other_parameters_fix_nothing_behind_a_run_that_did_not_look() {
    use crate::model::node::Node;
    let set = |mut run: RunRecord, value: Option<i64>| {
        run.settings.pod_security = Some(35);
        let param = value.map(|value| ("a/least".to_owned(), Node::Int(value)));
        run.settings.params = param.into_iter().collect();
        run
    };
    let found = || vec![finding("a", object("Pod", "pay", "web"))];
    // A run does not say the parameters of checks that did not run.
    let blind = || {
        let mut run = set(run(Vec::new()), None);
        result_of(&mut run).checks.remove("a");
        run
    };
    let told = |before, after| {
        let runs = vec![set(run(found()), before), blind(), blind(), set(run(Vec::new()), after)];
        settled(runs, &mut Ledger::default()).pop().unwrap()
    };
    assert_eq!(told(Some(2), Some(2)).as_deref(), Some("1 fixed"));
    assert_eq!(told(None, None).as_deref(), Some("1 fixed"));
    assert_eq!(told(Some(2), Some(3)), None);
    assert_eq!(told(Some(2), None), None);
    assert_eq!(told(None, Some(2)), None);
}

#[test]
fn a_finding_is_the_same_under_the_name_of_another_version() {
    let old = finding("a", object("Role", "x", "r"));
    let new = Finding {
        formerly: Some(old.fingerprint.clone()),
        fingerprint: "p2:now".to_owned(),
        ..old.clone()
    };
    let (before, after) = (run(vec![old]), run(vec![new]));
    for (one, other) in [(&before, &after), (&after, &before), (&after, &after)] {
        let comparison = compare(one, other, &BTreeSet::new());
        let changes: Vec<_> = comparison.entries.iter().map(|e| e.change).collect();
        assert_eq!(changes, [comparison::FindingChange::Unchanged]);
    }
}

#[test]
fn what_other_parameters_made_is_neither_new_nor_fixed() {
    use crate::model::node::Node;
    let (here, there) =
        (finding("a", object("Pod", "n", "x")), finding("b", object("Pod", "n", "y")));
    let set = |findings: Vec<Finding>, value: Option<i64>| {
        let mut run = run(findings);
        run.settings.pod_security = Some(35);
        if let Some(value) = value {
            run.settings.params.insert("a/least".to_owned(), Node::Int(value));
        }
        run
    };
    let changes = |before: &RunRecord, after: &RunRecord, fixed: &[&str]| {
        let fixed = fixed.iter().map(|f| (*f).to_owned()).collect();
        let comparison = compare(before, after, &fixed);
        let told: Vec<_> =
            comparison.entries.iter().map(|e| (e.change, e.finding.check.to_string())).collect();
        (told, comparison.notes)
    };
    let (before, after) = (set(vec![here.clone(), there], None), set(vec![], Some(3)));
    let (told, notes) = changes(&before, &after, &[]);
    let incomparable = (FindingChange::Incomparable, "a".to_owned());
    assert_eq!(told, [(FindingChange::Fixed, "b".to_owned()), incomparable.clone()]);
    assert_eq!(notes, ["the parameter a/least went from its default to 3"]);
    let (told, _) = changes(&set(vec![], Some(3)), &set(vec![here.clone()], None), &["a"]);
    assert_eq!(told, std::slice::from_ref(&incomparable));
    let (told, notes) = changes(&set(vec![here.clone()], Some(3)), &set(vec![], Some(3)), &[]);
    assert_eq!((told, notes.len()), (vec![(FindingChange::Fixed, "a".to_owned())], 0));
    // Earlier versions did not say what was set.
    let (told, notes) = changes(&run(vec![here]), &set(vec![], Some(3)), &[]);
    assert_eq!(told, [(FindingChange::Fixed, "a".to_owned())]);
    assert_eq!(notes, ["the parameter a/least went from a value that the run does not say to 3"]);
}

#[test]
fn another_pod_security_policy_is_told() {
    let of = |minor| {
        let mut run = run(Vec::new());
        run.settings.pod_security = Some(minor);
        run
    };
    let notes = compare(&of(35), &of(20), &BTreeSet::new()).notes;
    assert!(notes[0].starts_with("the Pod Security policy went from v1.35 to v1.20"), "{notes:?}");
}

#[test]
fn a_comparison_says_what_was_asked_for_otherwise() {
    let before = run(vec![web()]);
    let mut after = run(vec![web()]);
    assert!(compare(&before, &after, &BTreeSet::new()).notes.is_empty());
    after.selection.checks = vec!["a".to_owned()];
    after.selection.frameworks = vec!["nsa-cisa".to_owned(), "pss-baseline".to_owned()];
    let notes = compare(&before, &after, &BTreeSet::new()).notes;
    assert_eq!(
        notes,
        ["the first run was asked for everything that fits, the second for frameworks nsa-cisa, \
          pss-baseline and check a: what only one of them judged is incomparable"]
    );
    after.selection = Selection::default();
    for one in [&before.source, &after.source] {
        assert!(!one.is_manifests());
    }
    let files = |complete: bool| {
        let mut run = run(vec![web()]);
        run.source =
            SourceInfo { kind: SourceKind::Files, closed_world: complete, ..SourceInfo::default() };
        run
    };
    let notes = compare(&files(true), &files(false), &BTreeSet::new()).notes;
    assert!(notes[0].starts_with("only the first run took its manifests"), "{notes:?}");
    assert!(compare(&files(true), &files(true), &BTreeSet::new()).notes.is_empty());
}
