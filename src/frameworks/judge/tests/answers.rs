//! What people and other tools say of a control.

use super::*;

fn answer(answer: AttestationAnswer, expires: Option<&str>) -> Attestations {
    let attestation = Attestation {
        framework: "f".into(),
        control: "1".into(),
        answer,
        reviewer: "ada".into(),
        date: "2026-01-02".into(),
        expires: expires.map(str::to_owned),
        evidence: None,
        link: None,
        file: None,
    };
    Attestations::from([(attestation.key(), attestation)])
}

#[test]
fn an_answer_settles_what_a_person_has_a_say_in_and_nothing_else() {
    use AttestationAnswer::{No, NotApplicable, Yes};
    let open = || vec![("x", false)];
    let accepted = || vec![("x", DecisionState::Accepted)];
    let with = |attestations, case: Case| Case { attestations, ..case };
    let seen = || Case { pass: 3, ..Case::default() };
    let evidence = || Case { state: Some(CheckState::Ran(Form::Evidence)), ..Case::default() };
    for (at, (assessment, case, status, attested)) in [
        ("manual", with(answer(Yes, None), evidence()), Status::Pass, true),
        ("manual", with(answer(No, None), evidence()), Status::Fail, true),
        ("manual", with(answer(NotApplicable, None), evidence()), Status::NotApplicable, true),
        ("partial", with(answer(Yes, Some("2026-06-01")), seen()), Status::Pass, true),
        ("partial", with(answer(Yes, Some("2026-05-31")), seen()), Status::Manual, false),
        ("partial", with(answer(No, None), seen()), Status::Fail, true),
        ("partial", with(answer(No, None), Case { gap: true, ..seen() }), Status::Fail, true),
        // What is unknown stays unknown, and what is found stays found, whoever says yes.
        (
            "partial",
            with(answer(Yes, None), Case { gap: true, ..seen() }),
            Status::NotAssessed,
            false,
        ),
        (
            "partial",
            with(answer(Yes, None), Case { findings: open(), ..seen() }),
            Status::Fail,
            false,
        ),
        (
            "partial",
            with(
                answer(Yes, None),
                Case { findings: open(), decisions: accepted(), ..Case::default() },
            ),
            Status::Accepted,
            false,
        ),
        // A person answers for the whole control, also where its checks have nothing to look at.
        ("partial", with(answer(Yes, None), Case::default()), Status::Pass, true),
        ("partial", Case::default(), Status::Manual, false),
        ("automated", with(answer(No, None), seen()), Status::Pass, false),
        ("imported", with(answer(Yes, None), seen()), Status::NotAssessed, false),
    ]
    .into_iter()
    .enumerate()
    {
        let result = judged(&framework(assessment, FULL), &case);
        let control = &result.controls[0];
        assert_eq!((control.status, control.attested), (status, attested), "case {at}");
        let counted = usize::from(attested && status == Status::Pass);
        assert_eq!(result.counts.attested, counted, "case {at}");
    }
}

/// What no tool that is read here decides is asked of a person; with neither, its checks decide it.
#[test]
fn an_imported_control_that_no_import_serves_is_asked_of_a_person() {
    let unserved = |question: &str, mappings: &str| {
        let mut framework = framework("imported", mappings);
        framework.controls[0].imports.clear();
        framework.controls[0].question = question.to_owned();
        framework
    };
    let yes = |case: Case| Case { attestations: answer(AttestationAnswer::Yes, None), ..case };
    let seen = || Case { pass: 1, ..Case::default() };
    for (at, (question, mappings, case, status, attested)) in [
        ("q?", "", Case::default(), Status::Manual, false),
        ("q?", "", yes(Case::default()), Status::Pass, true),
        ("q?", FULL, seen(), Status::Manual, false),
        ("q?", FULL, yes(seen()), Status::Pass, true),
        (
            "q?",
            FULL,
            yes(Case { findings: vec![("x", false)], ..Case::default() }),
            Status::Fail,
            false,
        ),
        ("q?", FULL, yes(Case { gap: true, ..Case::default() }), Status::NotAssessed, false),
        ("", FULL, yes(seen()), Status::Pass, false),
        ("", "", yes(Case::default()), Status::NotAssessed, false),
    ]
    .into_iter()
    .enumerate()
    {
        let result = judged(&unserved(question, mappings), &case);
        let control = &result.controls[0];
        assert_eq!((control.status, control.attested), (status, attested), "case {at}");
        assert_eq!(result.counts.attested, usize::from(attested), "case {at}");
    }
    // Where an import serves it, the question is nobody's to answer.
    let mut served = framework("imported", FULL);
    served.controls[0].question = "q?".to_owned();
    assert!(!served.controls[0].asks());
    assert_eq!(judged(&served, &yes(seen())).controls[0].status, Status::NotAssessed);
}

#[test]
fn an_answer_is_named_with_who_and_until_when() {
    let case =
        Case { attestations: answer(AttestationAnswer::No, Some("2026-12-31")), ..Case::default() };
    let control = &judged(&framework("partial", FULL), &case).controls[0];
    assert_eq!(control.reasons, ["attested \"no\" by ada on 2026-01-02, until 2026-12-31"]);
    let case = Case {
        attestations: answer(AttestationAnswer::Yes, Some("2026-02-01")),
        ..Case::default()
    };
    let control = &judged(&framework("manual", FULL), &case).controls[0];
    assert_eq!(control.reasons, ["awaiting attestation; that of ada held until 2026-02-01"]);
}

#[test]
fn an_import_fails_any_control_and_passes_only_what_asks_for_it() {
    let fail = || Some(ImportVerdict::Fail(vec!["kube-bench: fail on node-a".into()]));
    let pass = || Some(ImportVerdict::Pass("kube-bench, 3 nodes".into()));
    let unknown = || Some(ImportVerdict::Unknown("no result from node-b".into()));
    let with = |imported| Case { pass: 1, imported, ..Case::default() };
    for (assessment, imported, status) in [
        ("imported", pass(), Status::Pass),
        ("imported", fail(), Status::Fail),
        ("imported", unknown(), Status::NotAssessed),
        ("automated", pass(), Status::Pass),
        ("automated", fail(), Status::Fail),
        ("automated", unknown(), Status::Pass),
        ("partial", pass(), Status::Manual),
    ] {
        let found = status_of(assessment, &with(imported.clone()));
        assert_eq!(found, status, "{assessment} {imported:?}");
    }
    // Nothing of ours decides it: the import alone does.
    let alone =
        Case { imported: pass(), state: Some(CheckState::Ran(Form::Evidence)), ..Case::default() };
    assert_eq!(status_of("imported", &alone), Status::Pass);
    assert_eq!(status_of("automated", &alone), Status::NotAssessed);
}

#[test]
fn what_findings_or_gaps_decide_stays_whatever_is_answered() {
    let partial = framework("partial", FULL);
    let told = |case: &Case| judged(&partial, case).controls[0].whatever_is_answered();
    let one = Case { findings: vec![("x", false)], ..Case::default() };
    assert_eq!(told(&one).unwrap(), "the control still fails: 1 finding decides it");
    let two = Case { findings: vec![("x", false), ("y", false)], ..Case::default() };
    assert_eq!(told(&two).unwrap(), "the control still fails: 2 findings decide it");
    let gap = Case { pass: 1, gap: true, ..Case::default() };
    assert!(told(&gap).unwrap().starts_with("the control is still not assessed: "));
    assert_eq!(told(&Case { pass: 1, ..Case::default() }), None, "it waits for an answer");
}
