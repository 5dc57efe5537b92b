use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use super::*;
use crate::model::inventory::{Inventory, SourceInfo};
use crate::model::node::Node;
use crate::model::object::{Object, ObjectRef};
use crate::model::path::FieldPath;
use crate::triage::brought::Sources;
use crate::triage::file::DecisionFile;

const TODAY: &str = "2026-06-01";

fn finding(print: u8, check: &str, namespace: &str, name: &str) -> Arc<Finding> {
    let owner = ObjectRef {
        api_version: "apps/v1".into(),
        kind: "Deployment".into(),
        namespace: (!namespace.is_empty()).then(|| namespace.into()),
        name: name.into(),
    };
    Arc::new(Finding {
        fingerprint: format!("p1:{print:032x}"),
        check: check.into(),
        severity: crate::model::finding::Severity::High,
        scope: "pod".into(),
        object: Some(owner.clone()),
        owner: Some(owner),
        path: FieldPath::parse("spec.template.spec.hostPID").unwrap(),
        message: "m".into(),
        ..Finding::default()
    })
}

/// hostPID in pay (1, 2) and dev (3), a host port in pay (4).
fn result() -> RunResult {
    let findings = vec![
        finding(1, "host-pid-namespace", "pay", "web"),
        finding(2, "host-pid-namespace", "pay", "db"),
        finding(3, "host-pid-namespace", "dev", "web"),
        finding(4, "host-port", "pay", "web"),
    ];
    let checks: BTreeMap<Arc<str>, _> = findings
        .iter()
        .map(|f| (Arc::clone(&f.check), crate::model::finding::CheckCounts::default()))
        .collect();
    RunResult { checks, findings, ..RunResult::default() }
}

fn print(number: u8) -> String {
    format!("p1:{number:032x}")
}

fn sources(body: &str) -> Sources {
    let text = format!("schema = \"plimsoll.decisions/v1\"\n{body}");
    let file = DecisionFile::parse("d.toml", &text).unwrap();
    Sources { files: vec![file], ..Sources::default() }
}

fn accept(what: &str) -> String {
    format!("[[decision]]\n{what}\nstate = \"accepted\"\nreason = \"r\"\n")
}

fn work_out(ledger: &Ledger, sources: &Sources, inventory: &Inventory) -> (Board, Brought) {
    let result = result();
    let brought = Brought::of(sources, &result, inventory);
    (board(&input(ledger, &brought, &result)), brought)
}

fn input<'a>(ledger: &'a Ledger, brought: &'a Brought, result: &'a RunResult) -> Input<'a> {
    let (today, within, broad) = (TODAY, 30, 2);
    Input { ledger, brought, result, include_platform: false, today, within, broad }
}

#[test]
fn what_lies_on_the_platform_is_excepted_beside_what_counts() {
    let mut result = result();
    let all = result.findings.len();
    let first = Arc::make_mut(&mut result.findings[0]);
    first.platform = true;
    let ledger = Ledger::default();
    let sources = sources(&accept("namespace = \"pay\""));
    let brought = Brought::of(&sources, &result, &Inventory::default());
    let told = |include_platform| {
        let board = board(&Input { include_platform, ..input(&ledger, &brought, &result) });
        (board.excepted, board.counting, board.beside)
    };
    let (excepted, counting, beside) = told(false);
    assert_eq!((counting, beside), (all - 1, 1));
    assert_eq!(told(true), (excepted + 1, all, 0));
}

fn find<'a>(board: &'a Board, label: &str) -> &'a Entry {
    board.entries.iter().find(|e| e.label == label).unwrap_or_else(|| panic!("{label}: {board:?}"))
}

#[test]
fn an_entry_says_what_it_covers_and_what_comes_back_without_it() {
    let body = [
        accept("check = \"host-pid-namespace\"\nnamespace = \"pay\""),
        accept("namespace = \"pay\"\nname = \"web\""),
        accept("check = \"host-port\"\nnamespace = \"none\""),
        accept("check = \"not-run\"\nnamespace = \"pay\""),
    ]
    .concat();
    let (board, _) = work_out(&Ledger::default(), &sources(&body), &Inventory::default());
    let pid = find(&board, "check host-pid-namespace, namespace pay");
    assert_eq!((pid.covers.len(), &pid.returns[..]), (2, &[print(2)][..]));
    let web = find(&board, "namespace pay, name web");
    assert_eq!(web.returns, [print(4)], "1 is covered by the other entry as well");
    assert_eq!(find(&board, "check host-port, namespace none").usage, Use::Unused);
    let not_run = find(&board, "check not-run, namespace pay");
    assert_eq!(not_run.usage, Use::NotRun);
    assert!(!not_run.needs_review());
    assert_eq!(board.excepted, 3);
}

#[test]
fn findings_that_are_called_the_same_name_their_place() {
    let at = |print: u8, path: &str| {
        let mut one = Finding::clone(&finding(print, "hostpath-volume", "pay", "agent"));
        one.path = FieldPath::parse(path).unwrap();
        Arc::new(one)
    };
    let findings = vec![
        at(1, "spec.volumes[0].hostPath"),
        at(2, "spec.volumes[1].hostPath"),
        finding(3, "host-port", "pay", "agent"),
    ];
    let result = RunResult { findings, ..RunResult::default() };
    let decision = Decision { state: DecisionState::Accepted, ..Decision::default() };
    let decisions = (1..=3).map(|n| (print(n).into(), Arc::new(decision.clone()))).collect();
    let ledger = Ledger { decisions, ..Ledger::default() };
    let board = board(&input(&ledger, &Brought::default(), &result));
    let labels: Vec<&str> = board.entries.iter().map(|entry| entry.label.as_str()).collect();
    assert_eq!(
        labels,
        [
            "host-port on Deployment/pay/agent",
            "hostpath-volume on Deployment/pay/agent at spec.volumes[0].hostPath",
            "hostpath-volume on Deployment/pay/agent at spec.volumes[1].hostPath",
        ]
    );
}

#[test]
fn what_is_too_broad_is_told() {
    let body = [accept("check = \"host-pid-namespace\""), accept("namespace = \"pay\"")].concat();
    let (board, _) = work_out(&Ledger::default(), &sources(&body), &Inventory::default());
    let all = find(&board, "check host-pid-namespace");
    assert_eq!(all.breadth, Some(Breadth::AllNamespaces));
    assert_eq!(find(&board, "namespace pay").breadth, Some(Breadth::Findings(3)));
    assert_eq!(all.remarks(), ["too broad: all namespaces"]);
}

#[test]
fn ends_are_counted_in_days_and_come_first() {
    let ends = |day: &str, name: &str| {
        accept(&format!("namespace = \"pay\"\nname = \"{name}\"\nexpires = \"{day}\""))
    };
    let body = [
        ends("2027-06-01", "later"),
        ends("2026-06-01", "web"),
        ends("2026-05-31", "db"),
        ends("2026-07-01", "soon"),
    ]
    .concat();
    let (board, brought) = work_out(&Ledger::default(), &sources(&body), &Inventory::default());
    let order: Vec<(&str, End)> = board.entries.iter().map(|e| (e.label.as_str(), e.end)).collect();
    assert_eq!(
        order,
        [
            ("namespace pay, name db", End::Past(1)),
            ("namespace pay, name web", End::Soon(0)),
            ("namespace pay, name soon", End::Soon(30)),
            ("namespace pay, name later", End::Later(365)),
        ]
    );
    let db = &board.entries[0];
    assert_eq!((db.covers.len(), db.returns.len()), (1, 0), "it holds nothing back any more");
    assert_eq!(brought.decisions(TODAY)[&print(2)].in_force(TODAY), DecisionState::Open);
    assert_eq!(board.entries[3].usage, Use::Unused);
    assert_eq!(board.for_review().count(), 4);
}

#[test]
fn an_expired_entry_does_not_stand_before_one_in_force() {
    let body = [
        accept(&format!("fingerprint = \"{}\"\nexpires = \"2026-01-01\"", print(1))),
        accept("namespace = \"pay\"\nname = \"web\""),
    ]
    .concat();
    let (board, brought) = work_out(&Ledger::default(), &sources(&body), &Inventory::default());
    assert_eq!(brought.decisions(TODAY)[&print(1)].in_force(TODAY), DecisionState::Accepted);
    assert_eq!(find(&board, "namespace pay, name web").returns, [print(1), print(4)]);
}

#[test]
fn the_session_goes_before_the_files() {
    let mut ledger = Ledger::default();
    let decide =
        |state| Arc::new(Decision { state, reason: Some("r".into()), ..Decision::default() });
    ledger.decisions.insert(print(1).into(), decide(DecisionState::InProgress));
    ledger.decisions.insert(print(4).into(), decide(DecisionState::FalsePositive));
    ledger.decisions.insert(print(9).into(), decide(DecisionState::Accepted));
    let sources = sources(&accept("namespace = \"pay\"\nname = \"web\""));
    let (board, _) = work_out(&ledger, &sources, &Inventory::default());
    let file = find(&board, "namespace pay, name web");
    assert_eq!((file.covers.len(), file.returns.len()), (2, 0), "the session speaks of both");
    let own = find(&board, "host-port on Deployment/pay/web");
    assert_eq!(
        (&own.origin, own.returns.len()),
        (&DecisionOrigin::Session, 0),
        "the file would except it"
    );
    assert_eq!(find(&board, &format!("fingerprint {}", print(9))).usage, Use::Unused);
    assert_eq!(board.excepted, 1);
    assert_eq!(board.entries.len(), 3, "who is at it is no exception");
}

#[test]
fn annotations_are_offered_until_they_are_switched_on() {
    let json = r#"{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web","namespace":"pay",
        "annotations":{"ignore-check.kube-linter.io/host-pid":"agent","polaris.fairwinds.com/exempt":"true"}}}"#;
    let object = Arc::new(Object::new(Node::from_json(json.as_bytes()).unwrap()).unwrap());
    let inventory = Inventory::new(SourceInfo::default(), vec![object], Vec::new());
    let (board, brought) = work_out(&Ledger::default(), &Sources::default(), &inventory);
    assert_eq!(board.offered, BTreeMap::from([(Tool::KubeLinter, 1), (Tool::Polaris, 2)]));
    assert_eq!((board.excepted, brought.decisions(TODAY).len()), (0, 0));
    assert!(board.entries.iter().all(|e| !e.applied && !e.needs_review() && e.returns.is_empty()));

    let honoured = BTreeSet::from([Tool::KubeLinter]);
    let sources = Sources { honoured, ..Sources::default() };
    let (board, brought) = work_out(&Ledger::default(), &sources, &inventory);
    let decisions: HashMap<String, Decision> = brought.decisions(TODAY);
    assert_eq!(decisions.keys().collect::<Vec<_>>(), [&print(1)]);
    let key = "ignore-check.kube-linter.io/host-pid";
    assert_eq!(decisions[&print(1)].origin, DecisionOrigin::Annotation(key.into()));
    let entry = find(&board, &format!("{key} on Deployment/pay/web"));
    assert_eq!(entry.returns, [print(1)]);
    assert_eq!(board.offered.keys().collect::<Vec<_>>(), [&Tool::Polaris]);
}
