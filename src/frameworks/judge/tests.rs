use std::sync::Arc;

use super::*;
use crate::model::path::FieldPath;
use crate::model::read::{Missing, ReadStatus};

fn framework(assessment: &str, mappings: &str) -> Framework {
    let question = if assessment == "automated" { "" } else { "question='q?'" };
    toml::from_str(&format!(
        "id='f'\ntitle='F'\npublisher='p'\nversion='1'\nurl='u'\n[[control]]\nid='1'\ntitle='t'\nassessment='{assessment}'\n{question}\nchecks=[{mappings}]\n"
    ))
    .unwrap()
}

const FULL: &str = "{id='a', strength='full'}";

fn finding(check: &str, fingerprint: &str, platform: bool) -> Arc<Finding> {
    Arc::new(Finding {
        fingerprint: fingerprint.into(),
        check: check.into(),
        severity: crate::model::finding::Severity::High,
        form: Form::Rule,
        scope: "pod".into(),
        object: None,
        owner: None,
        instances: 0,
        stale: 0,
        origin: None,
        container: None,
        path: FieldPath::default(),
        missing: false,
        value: None,
        message: String::new(),
        note: None,
        platform,
        file: None,
        line: None,
    })
}

#[derive(Default)]
struct Case {
    pass: usize,
    error: usize,
    findings: Vec<(&'static str, bool)>,
    gap: bool,
    decisions: Vec<(&'static str, DecisionState)>,
    state: Option<CheckState>,
}

fn judged(framework: &Framework, case: &Case) -> FrameworkResult {
    let mut result = RunResult::default();
    let counts = CheckCounts {
        pass: case.pass,
        error: case.error,
        fail: case.findings.len(),
        not_assessed: usize::from(case.gap),
        ..CheckCounts::default()
    };
    result.checks.insert("a".into(), counts);
    result.findings = case.findings.iter().map(|(f, p)| finding("a", f, *p)).collect();
    if case.gap {
        result.not_assessed.push(Gap {
            check: "a".into(),
            missing: Missing::list("pods", Some("x"), ReadStatus::Forbidden),
            count: 0,
            platform: false,
        });
    }
    let decision = |f: &str| {
        case.decisions.iter().find(|(d, _)| *d == f).map_or(DecisionState::Open, |(_, s)| *s)
    };
    let state = case.state.unwrap_or(CheckState::Ran(Form::Rule));
    judge(
        framework,
        &JudgeInput {
            result: &result,
            check: &|id| if id == "a" { state } else { CheckState::Unknown },
            decision: &decision,
            minor: Some(35),
            policy_minor: 35,
            level: None,
            include_platform: false,
        },
    )
}

fn status_of(assessment: &str, case: &Case) -> Status {
    judged(&framework(assessment, FULL), case).controls[0].status
}

#[test]
fn statuses_are_decided_in_the_order_of_the_promises() {
    use DecisionState::{Accepted, FalsePositive, InProgress};
    let open = || vec![("x", false)];
    let cases = [
        ("automated", Case { pass: 3, ..Case::default() }, Status::Pass),
        ("automated", Case::default(), Status::NotApplicable),
        ("automated", Case { findings: open(), pass: 1, ..Case::default() }, Status::Fail),
        ("automated", Case { findings: open(), gap: true, ..Case::default() }, Status::Fail),
        ("automated", Case { gap: true, pass: 9, ..Case::default() }, Status::NotAssessed),
        ("automated", Case { error: 1, pass: 9, ..Case::default() }, Status::NotAssessed),
        ("partial", Case { pass: 9, ..Case::default() }, Status::Manual),
        ("partial", Case { gap: true, ..Case::default() }, Status::NotAssessed),
        ("partial", Case { findings: open(), ..Case::default() }, Status::Fail),
        ("imported", Case { pass: 1, ..Case::default() }, Status::NotAssessed),
        (
            "automated",
            Case { findings: open(), decisions: vec![("x", Accepted)], ..Case::default() },
            Status::Accepted,
        ),
        (
            "automated",
            Case { findings: open(), decisions: vec![("x", FalsePositive)], ..Case::default() },
            Status::Pass,
        ),
        (
            "automated",
            Case { findings: open(), decisions: vec![("x", InProgress)], ..Case::default() },
            Status::Fail,
        ),
        ("automated", Case { findings: vec![("x", true)], ..Case::default() }, Status::Pass),
    ];
    for (at, (assessment, case, expected)) in cases.iter().enumerate() {
        assert_eq!(status_of(assessment, case), *expected, "case {at}");
    }
}

#[test]
fn a_check_that_could_not_speak_is_never_a_pass() {
    for state in [CheckState::NotSelected, CheckState::Off, CheckState::Broken, CheckState::Unknown]
    {
        let case = Case { pass: 5, state: Some(state), ..Case::default() };
        assert_eq!(status_of("automated", &case), Status::NotAssessed, "{state:?}");
    }
}

#[test]
fn supporting_and_evidence_checks_decide_nothing() {
    let supporting = framework("manual", "{id='a', strength='supporting'}");
    let case = Case { findings: vec![("x", false)], ..Case::default() };
    assert_eq!(judged(&supporting, &case).controls[0].status, Status::Manual);
    let case = Case { state: Some(CheckState::Ran(Form::Evidence)), ..case };
    assert_eq!(status_of("partial", &case), Status::Manual);
}

#[test]
fn the_score_is_an_interval() {
    let counts = Counts { pass: 2, fail: 1, manual: 1, not_applicable: 7, ..Counts::default() };
    assert_eq!(counts.score(), Some(Score { worst: 0.5, best: 0.75 }));
    assert_eq!(Counts { not_applicable: 3, ..Counts::default() }.score(), None);
}

#[test]
fn platform_findings_have_a_score_of_their_own() {
    let case = Case { findings: vec![("x", true)], ..Case::default() };
    let result = judged(&framework("automated", FULL), &case);
    assert_eq!(result.score, Some(Score { worst: 1.0, best: 1.0 }));
    assert_eq!(result.score_platform, Some(Score { worst: 0.0, best: 0.0 }));
}

#[test]
fn outside_its_versions_a_control_is_not_applicable() {
    let mut old = framework("automated", FULL);
    old.controls[0].kubernetes = crate::frameworks::range::VersionRange::parse("<1.25").unwrap();
    let case = Case { findings: vec![("x", false)], ..Case::default() };
    let control = &judged(&old, &case).controls[0];
    assert_eq!(control.status, Status::NotApplicable);
    assert_eq!(control.reasons, ["applies to Kubernetes <1.25"]);
}
