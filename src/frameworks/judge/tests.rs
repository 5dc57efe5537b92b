mod answers;
mod files;

use std::sync::Arc;

use super::*;
use crate::model::attestation::{Attestation, AttestationAnswer};
use crate::model::finding::{CheckCounts, Finding, Gap};
use crate::model::read::{Missing, ReadStatus};

fn framework(assessment: &str, mappings: &str) -> Framework {
    of_kind("standard", assessment, mappings)
}

fn of_kind(kind: &str, assessment: &str, mappings: &str) -> Framework {
    let more = match assessment {
        "automated" => "",
        "imported" => "imports=['trivy-operator:vulnerabilities']",
        _ => "question='q?'",
    };
    toml::from_str(&format!(
        "kind='{kind}'\nid='f'\ntitle='F'\npublisher='p'\nversion='1'\nurl='https://u'\n[[control]]\nid='1'\ntitle='t'\nassessment='{assessment}'\n{more}\nchecks=[{mappings}]\n"
    ))
    .unwrap()
}

const FULL: &str = "{id='a', strength='full'}";

fn finding(check: &str, fingerprint: &str, platform: bool) -> Arc<Finding> {
    Arc::new(Finding {
        fingerprint: fingerprint.into(),
        check: check.into(),
        severity: crate::model::finding::Severity::High,
        scope: "pod".into(),
        platform,
        ..Finding::default()
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
    attestations: Attestations,
    imported: Option<ImportVerdict>,
}

/// A result beside which nobody said anything, judged.
fn judged_alone(
    framework: &Framework,
    result: &RunResult,
    level: Option<&str>,
    open_world: bool,
) -> FrameworkResult {
    let input = JudgeInput {
        result,
        check: &|_| CheckState::Ran(Form::Rule),
        decision: &|_| DecisionState::Open,
        attestations: &Attestations::default(),
        imported: &|_, _| None,
        today: "2026-06-01",
        minor: Some(35),
        policy_minor: 35,
        level,
        open_world,
        include_platform: false,
    };
    judge(framework, &input)
}

fn judged(framework: &Framework, case: &Case) -> FrameworkResult {
    judged_in(framework, case, false)
}

fn judged_in(framework: &Framework, case: &Case, open_world: bool) -> FrameworkResult {
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
            missing: Missing::list("pods", Some("x"), ReadStatus::Forbidden).into(),
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
            attestations: &case.attestations,
            imported: &|_, _| case.imported.clone(),
            today: "2026-06-01",
            minor: Some(35),
            policy_minor: 35,
            level: None,
            open_world,
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

#[test]
fn the_pod_security_standards_carry_the_version_that_was_applied() {
    let mut framework = framework("automated", FULL);
    assert_eq!(judged(&framework, &Case::default()).version, "1");
    framework.id = "pss-baseline".into();
    assert_eq!(judged(&framework, &Case::default()).version, "1.35");
}

#[test]
fn a_technique_is_exposed_mitigated_or_not_assessed_and_has_no_score() {
    use DecisionState::{Accepted, FalsePositive, InProgress};
    let open = || vec![("x", false)];
    let decided =
        |state| Case { findings: open(), decisions: vec![("x", state)], ..Case::default() };
    let state = |state| Case { pass: 1, state: Some(state), ..Case::default() };
    for (at, (assessment, mapping, case, expected)) in [
        ("partial", FULL, Case { pass: 3, ..Case::default() }, Status::Mitigated),
        ("partial", FULL, Case::default(), Status::Mitigated),
        ("automated", FULL, Case { findings: open(), ..Case::default() }, Status::Exposed),
        ("partial", FULL, Case { findings: open(), gap: true, ..Case::default() }, Status::Exposed),
        ("partial", FULL, Case { gap: true, pass: 9, ..Case::default() }, Status::NotAssessed),
        ("partial", FULL, Case { error: 1, ..Case::default() }, Status::NotAssessed),
        ("partial", FULL, decided(InProgress), Status::Exposed),
        ("partial", FULL, decided(Accepted), Status::Exposed),
        ("partial", FULL, decided(FalsePositive), Status::Mitigated),
        ("partial", FULL, state(CheckState::Off), Status::NotAssessed),
        ("partial", FULL, state(CheckState::Unknown), Status::NotAssessed),
        ("partial", FULL, state(CheckState::Ran(Form::Evidence)), Status::NotAssessed),
        ("manual", "", Case::default(), Status::NotAssessed),
        (
            "partial",
            "{id='a', strength='supporting'}",
            Case { findings: open(), ..Case::default() },
            Status::NotAssessed,
        ),
        ("imported", FULL, Case { pass: 1, ..Case::default() }, Status::NotAssessed),
    ]
    .iter()
    .enumerate()
    {
        let result = judged(&of_kind("matrix", assessment, mapping), case);
        assert_eq!(result.controls[0].status, *expected, "case {at}");
        assert_eq!((result.score, result.score_platform), (None, None), "case {at}");
        assert_eq!(result.counts.of(*expected), 1);
    }
}

#[test]
fn what_no_check_decides_is_neither_passed_nor_not_applicable() {
    let evidence = Case { state: Some(CheckState::Ran(Form::Evidence)), ..Case::default() };
    let control = &judged(&framework("automated", FULL), &evidence).controls[0];
    assert_eq!(control.status, Status::NotAssessed);
    assert_eq!(control.reasons, ["no check decides it"]);
}

#[test]
fn reasons_name_what_is_missing() {
    let reasons = |assessment: &str, case: &Case| {
        judged(&framework(assessment, FULL), case).controls[0].reasons.join("; ")
    };
    let state = |state| Case { state: Some(state), ..Case::default() };
    for (state_of, word) in [
        (CheckState::Off, "a is switched off"),
        (CheckState::Unknown, "a is not available"),
        (CheckState::Broken, "the file of a is broken"),
        (CheckState::NotSelected, "a was not run"),
    ] {
        let text = reasons("automated", &state(state_of));
        assert!(text.contains(word), "{text}");
    }
    assert!(reasons("imported", &Case { pass: 1, ..Case::default() }).contains("needs an import"));
    let partial = reasons("partial", &Case { pass: 1, ..Case::default() });
    assert_eq!(partial, "evidence passes, awaiting attestation");
    assert_eq!(reasons("manual", &Case::default()), "awaiting attestation");
}

#[test]
fn what_a_provider_hides_is_not_assessed() {
    let mut result = RunResult::default();
    result.checks.insert("a".into(), CheckCounts { not_assessed: 1, ..CheckCounts::default() });
    result.not_assessed.push(Gap {
        check: "a".into(),
        missing: Missing::list("flags of kube-apiserver", None, ReadStatus::Hidden).into(),
        count: 0,
        platform: false,
    });
    let control = &judged_alone(&framework("automated", FULL), &result, None, false).controls[0];
    assert_eq!(control.status, Status::NotAssessed);
    assert!(control.reasons[0].contains("hidden by the provider"), "{:?}", control.reasons);
}

fn levelled(head: &str, level: Option<&str>) -> (Option<String>, Vec<String>) {
    let control = |id: &str, levels: &str| {
        format!(
            "[[control]]\nid='{id}'\ntitle='t'\nassessment='manual'\nquestion='q?'\nlevels=[{levels}]\n"
        )
    };
    let text = format!(
        "id='f'\ntitle='F'\npublisher='p'\nversion='1'\nurl='https://u'\n{head}\n{}{}{}{}",
        control("low", "'low', 'high'"),
        control("lowest", "'low'"),
        control("high", "'high'"),
        control("none", ""),
    );
    let framework: Framework = toml::from_str(&text).unwrap();
    let judged = judged_alone(&framework, &RunResult::default(), level, false);
    (judged.level, judged.controls.into_iter().map(|c| c.id).collect())
}

#[test]
fn levels_are_alone_or_cumulative_and_all_is_everything() {
    let plain = "levels=['low', 'high']";
    let sum = "levels=['low', 'high']\ncumulative=true\ndefault-level='high'";
    for (head, asked, level, controls) in [
        (plain, None, Some("low"), &["low", "lowest"][..]),
        (plain, Some("high"), Some("high"), &["low", "high"]),
        (plain, Some("all"), Some("all"), &["low", "lowest", "high", "none"]),
        (plain, Some("unheard"), Some("low"), &["low", "lowest"]),
        (sum, None, Some("high"), &["low", "lowest", "high"]),
        (sum, Some("low"), Some("low"), &["low", "lowest"]),
    ] {
        let (found, ids) = levelled(head, asked);
        assert_eq!(
            (found.as_deref(), ids),
            (level, controls.iter().map(|c| (*c).to_owned()).collect())
        );
    }
}
