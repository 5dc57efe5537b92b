use super::*;
use crate::checks::{Params, Silent};
use crate::model::decision::{Decision, DecisionState};
use crate::model::node::Node;
use crate::source::files;

const OVERDUE: &str = "finding-overdue";

const WEB: &str = "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: pay}
spec:
  template:
    spec:
      hostNetwork: true
      containers:
      - {name: app, image: nginx, securityContext: {privileged: true}}
";

fn content() -> Content {
    Content::builtin()
}

/// What a run of some checks and this one came to on a day, before it looks back.
fn bare(content: &Content, text: &str, day: &str) -> (Chosen, RunRecord) {
    let selection = Selection {
        frameworks: vec!["pss-baseline".to_owned()],
        checks: vec![OVERDUE.to_owned()],
        ..Selection::default()
    };
    of(content, text, day, &selection)
}

fn of(content: &Content, text: &str, day: &str, selection: &Selection) -> (Chosen, RunRecord) {
    let inventory = Arc::new(files::from_text("web.yaml", text, &files::Options::default()));
    let chosen = content.choose(selection).unwrap();
    let facts = content.facts(Arc::clone(&inventory));
    let chosen = content.fit(chosen, crate::assess::cluster(&facts));
    let result = content.run(&content.plan(&chosen), &chosen, &facts, &Silent);
    let (started, finished) = (format!("{day}T00:00:00Z"), format!("{day}T00:01:00Z"));
    let times = crate::assess::RunTimes { started, finished };
    let record = content.record(&chosen, &inventory, times, result);
    (chosen, record)
}

fn run(text: &str, day: &str, before: Before<'_>, ledger: &Ledger) -> RunRecord {
    let content = content();
    let (chosen, mut record) = bare(&content, text, day);
    content.look_back(&chosen, &mut record, before, ledger);
    record
}

fn counts(run: &RunRecord) -> CheckCounts {
    run.result.checks.get(OVERDUE).copied().unwrap_or_default()
}

fn overdue(run: &RunRecord) -> Vec<&Arc<Finding>> {
    run.result.findings.iter().filter(|f| &*f.check == OVERDUE).collect()
}

fn accepted(run: &RunRecord, check: &str, approver: Option<&str>, expires: &str) -> Ledger {
    let print = &run.result.findings.iter().find(|f| &*f.check == check).unwrap().fingerprint;
    let decision = Decision {
        state: DecisionState::Accepted,
        reason: Some("needed".into()),
        approver: approver.map(str::to_owned),
        expires: Some(expires.into()),
        ..Decision::default()
    };
    Ledger { decisions: [(print.as_str().into(), Arc::new(decision))].into(), ..Ledger::default() }
}

#[test]
fn without_a_session_nothing_is_decided_and_nothing_passes() {
    let run = run(WEB, "2026-01-01", Before::Nothing, &Ledger::default());
    assert!(run.result.history.is_empty());
    assert_eq!(counts(&run), CheckCounts { not_assessed: 2, ..CheckCounts::default() });
    let gap = run.result.not_assessed.iter().find(|gap| &*gap.check == OVERDUE).unwrap();
    assert!(gap.missing.reason.contains("--baseline"), "{gap:?}");
}

#[test]
fn the_first_run_knows_no_ages_and_a_later_one_what_is_late() {
    let first = run(WEB, "2026-01-01", Before::Begun, &Ledger::default());
    assert_eq!(counts(&first), CheckCounts { not_assessed: 2, ..CheckCounts::default() });
    // Fifteen days are allowed for critical findings, thirty for high ones.
    let second = run(WEB, "2026-01-18", Before::Run(&first), &Ledger::default());
    assert_eq!(counts(&second), CheckCounts { fail: 1, not_assessed: 1, ..CheckCounts::default() });
    let [late] = overdue(&second)[..] else { panic!("{:?}", second.result.findings) };
    assert_eq!(
        late.message,
        "privileged-container on Deployment/pay/web, container app: open since 2026-01-01"
    );
    let note = "It is 16 days old or older; critical findings have 15 days.";
    assert_eq!((late.note.as_deref(), late.value.as_ref()), (Some(note), Some(&Node::Int(16))));
    assert_eq!((late.file.as_deref(), late.line), (Some("web.yaml"), Some(10)));
    let third = run(WEB, "2026-02-17", Before::Run(&second), &Ledger::default());
    assert_eq!(counts(&third), CheckCounts { fail: 2, ..CheckCounts::default() });
    let again = overdue(&third).into_iter().find(|f| f.message == late.message).unwrap();
    assert_eq!(again.fingerprint, late.fingerprint);
    assert!(third.result.findings.is_sorted_by(|a, b| a.sort_key() <= b.sort_key()));
}

#[test]
fn what_a_run_shortly_before_did_not_find_is_in_time() {
    let fixed = WEB.replace("true", "false");
    let before = run(&fixed, "2026-01-01", Before::Begun, &Ledger::default());
    assert_eq!(counts(&before), CheckCounts { not_applicable: 1, ..CheckCounts::default() });
    let soon = run(WEB, "2026-01-08", Before::Run(&before), &Ledger::default());
    assert_eq!(counts(&soon), CheckCounts { pass: 2, ..CheckCounts::default() });
    // Too long ago: it may be there for longer than it may.
    let late = run(WEB, "2026-01-20", Before::Run(&before), &Ledger::default());
    assert_eq!(
        counts(&late),
        CheckCounts { pass: 1, not_assessed: 1, ..CheckCounts::default() },
        "{:?}",
        late.result.not_assessed
    );
}

#[test]
fn an_acceptance_counts_until_its_day_and_where_policy_asks_for_it_with_a_name() {
    let first = run(WEB, "2026-01-01", Before::Begun, &Ledger::default());
    let by = |content: &Content, ledger: &Ledger, day: &str| {
        let (chosen, mut run) = bare(content, WEB, day);
        content.look_back(&chosen, &mut run, Before::Run(&first), ledger);
        let mine = overdue(&run).into_iter().filter(|f| f.message.contains("privileged"));
        mine.map(|f| (f.path.to_string(), f.message.clone())).next()
    };
    let at = |ledger: &Ledger, day: &str| by(&content(), ledger, day);
    let named = accepted(&first, "privileged-container", Some("grace"), "2026-03-01");
    assert_eq!(at(&named, "2026-03-01"), None);
    let (path, message) = at(&named, "2026-03-02").unwrap();
    assert_eq!(path, "spec.decision.expires");
    assert!(message.ends_with("the acceptance of its risk ended on 2026-03-01"), "{message}");
    let nobody = accepted(&first, "privileged-container", None, "2026-03-01");
    assert_eq!(at(&nobody, "2026-01-02"), None);
    let asks = ("finding-overdue/approver_required".to_owned(), Node::Bool(true));
    let strict = Content { params: Params([asks].into()), ..content() };
    assert_eq!(by(&strict, &nobody, "2026-01-02").unwrap().0, "spec.decision.approver");
}

#[test]
fn an_expired_acceptance_fails_without_a_session_too() {
    let plain = run(WEB, "2026-01-01", Before::Nothing, &Ledger::default());
    let ledger = accepted(&plain, "privileged-container", Some("grace"), "2025-12-31");
    let run = run(WEB, "2026-01-01", Before::Nothing, &ledger);
    assert_eq!(counts(&run), CheckCounts { fail: 1, not_assessed: 1, ..CheckCounts::default() });
}

#[test]
fn what_could_not_be_looked_at_is_not_in_time() {
    let first = run(WEB, "2026-01-01", Before::Begun, &Ledger::default());
    let content = content();
    let (chosen, mut blind) = bare(&content, "", "2026-06-01");
    blind.source.files.push("web.yaml".to_owned());
    let problem = "check privileged-container: it broke";
    let result = Arc::make_mut(&mut blind.result);
    result.checks.get_mut("privileged-container").unwrap().error = 1;
    result.problems.push(crate::model::inventory::Problem {
        kind: crate::model::inventory::ProblemKind::Evaluation,
        file: None,
        line: None,
        column: None,
        object: None,
        check: None,
        message: problem.to_owned(),
    });
    content.look_back(&chosen, &mut blind, Before::Run(&first), &Ledger::default());
    assert_eq!(counts(&blind), CheckCounts { not_assessed: 1, ..CheckCounts::default() });
    let gap = blind.result.not_assessed.iter().find(|gap| &*gap.check == OVERDUE).unwrap();
    assert!(gap.missing.reason.contains("could not look whether it is still there"), "{gap:?}");
}

#[test]
fn where_not_everything_was_looked_at_no_finding_is_no_answer() {
    let fixed = WEB.replace("true", "false");
    let content = content();
    let seen = |platform: bool| {
        let (chosen, mut run) = bare(&content, &fixed, "2026-01-01");
        let missing = Missing::list("pods", Some("pay"), ReadStatus::Forbidden);
        let gap = Gap { check: "host-network".into(), missing: missing.into(), count: 0, platform };
        Arc::make_mut(&mut run.result).not_assessed.push(gap);
        content.look_back(&chosen, &mut run, Before::Begun, &Ledger::default());
        run
    };
    let blind = seen(false);
    assert_eq!(counts(&blind), CheckCounts { not_assessed: 1, ..CheckCounts::default() });
    let gap = blind.result.not_assessed.iter().find(|gap| &*gap.check == OVERDUE).unwrap();
    for says in ["no finding was seen, and 1 check could not", "cannot list pods in pay: forbidden"]
    {
        assert!(gap.missing.reason.contains(says), "{gap:?}");
    }
    // What is not known of the platform itself decides nothing.
    assert_eq!(counts(&seen(true)), CheckCounts { not_applicable: 1, ..CheckCounts::default() });
}

#[test]
fn a_selection_that_leaves_checks_out_shows_what_is_late_and_passes_nothing() {
    let fixed = WEB.replace("true", "false");
    let content = content();
    let run = |text: &str, day: &str, before: Before<'_>| {
        let checks = ["privileged-container", OVERDUE].map(str::to_owned).to_vec();
        let selection = Selection { checks, ..Selection::default() };
        let (chosen, mut record) = of(&content, text, day, &selection);
        content.look_back(&chosen, &mut record, before, &Ledger::default());
        record
    };
    let none = run(&fixed, "2026-01-01", Before::Begun);
    assert_eq!(counts(&none), CheckCounts { not_assessed: 1, ..CheckCounts::default() });
    let first = run(WEB, "2026-01-01", Before::Begun);
    let late = run(WEB, "2026-02-01", Before::Run(&first));
    assert_eq!(counts(&late), CheckCounts { fail: 1, not_assessed: 1, ..CheckCounts::default() });
    let gap = late.result.not_assessed.iter().find(|gap| &*gap.check == OVERDUE).unwrap();
    assert!(gap.missing.reason.contains("the selection leaves checks out"), "{gap:?}");
}

#[test]
fn looking_back_twice_is_looking_back_once() {
    let first = run(WEB, "2026-01-01", Before::Begun, &Ledger::default());
    let mut second = run(WEB, "2026-06-01", Before::Run(&first), &Ledger::default());
    let once = second.clone();
    let content = content();
    let (chosen, _) = bare(&content, WEB, "2026-06-01");
    content.look_back(&chosen, &mut second, Before::Run(&first), &Ledger::default());
    assert_eq!(second, once);
}

#[test]
fn findings_on_the_platform_stay_apart() {
    let mut first = run(WEB, "2026-01-01", Before::Begun, &Ledger::default());
    for finding in &mut Arc::make_mut(&mut first.result).findings {
        Arc::make_mut(finding).platform = true;
    }
    let content = content();
    let (chosen, mut now) = bare(&content, WEB, "2026-06-01");
    for finding in &mut Arc::make_mut(&mut now.result).findings {
        Arc::make_mut(finding).platform = true;
    }
    content.look_back(&chosen, &mut now, Before::Run(&first), &Ledger::default());
    assert_eq!((counts(&now).fail, counts(&now).platform_fail), (2, 2));
    assert!(overdue(&now).iter().all(|f| f.platform));
    content.look_back(&chosen, &mut now, Before::Nothing, &Ledger::default());
    let gaps = now.result.not_assessed.iter().filter(|gap| &*gap.check == OVERDUE);
    assert!(gaps.clone().count() > 0 && gaps.clone().all(|gap| gap.platform));
}

#[test]
fn what_is_said_of_findings_does_not_depend_on_how_many_are_looked_at_at_once() {
    let content = content();
    let (chosen, mut record) = of(&content, WEB, "2026-01-01", &Selection::default());
    content.look_back(&chosen, &mut record, Before::Begun, &Ledger::default());
    // Half a year later they are late.
    let first = record.clone();
    record.finished = "2026-07-01T00:01:00Z".to_owned();
    record.started = "2026-07-01T00:00:00Z".to_owned();
    content.look_back(&chosen, &mut record, Before::Run(&first), &Ledger::default());
    let plan = Plan::new(&content.library, &[OVERDUE], &content.params);
    let said = |platform, at_once| {
        let mut said = judged(&plan, &record, &Ledger::default(), (platform, at_once));
        said.findings.sort_by(|a, b| a.sort_key().cmp(&b.sort_key()));
        said
    };
    let whole = said(false, usize::MAX);
    assert!(whole.findings.len() > 5, "{whole:?}");
    for platform in [false, true] {
        for at_once in [1, 3] {
            assert_eq!(said(platform, at_once), said(platform, usize::MAX), "{at_once}");
        }
    }
}

#[test]
fn what_is_said_of_many_that_are_alike_is_what_would_be_said_of_each() {
    let content = content();
    let many: Vec<String> =
        (0..40).map(|at| WEB.replace("name: web", &format!("name: web-{at}"))).collect();
    let (chosen, record) = of(&content, &many.join("---"), "2026-01-01", &Selection::default());
    let plan = Plan::new(&content.library, &[OVERDUE], &content.params);
    assert!(alike::sees_only_traits(&plan, &record), "else each is judged by itself");
    let mut first = record.clone();
    content.look_back(&chosen, &mut first, Before::Begun, &Ledger::default());
    let mut later = record.clone();
    // What is severe is late then, and the rest in time.
    later.started = "2026-04-15T00:00:00Z".to_owned();
    later.finished = "2026-04-15T00:01:00Z".to_owned();
    content.look_back(&chosen, &mut later, Before::Run(&first), &Ledger::default());
    for (record, fails) in [(&record, 0), (&first, 0), (&later, 40)] {
        let said = |at_once| {
            let mut said = judged(&plan, record, &Ledger::default(), (false, at_once));
            said.findings.sort_by(|a, b| a.sort_key().cmp(&b.sort_key()));
            said
        };
        let counts = said(7).checks[OVERDUE];
        assert!(counts.fail >= fails && counts.fail + counts.not_assessed + counts.pass > 200);
        assert_eq!(said(7), said(usize::MAX));
    }
}
