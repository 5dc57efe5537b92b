use super::*;
use crate::assess::Before;
use crate::checks::Silent;
use crate::source::demo;

const TODAY: &str = "2026-11-24";

fn content() -> Content {
    Content::builtin()
}

fn tenant(patterns: &[&str]) -> Tenant {
    Tenant {
        name: "t".to_owned(),
        title: "T".to_owned(),
        patterns: patterns.iter().map(|p| (*p).to_owned()).collect(),
        frameworks: vec!["pss-restricted".to_owned(), "nsa-cisa".to_owned()],
        ..Tenant::default()
    }
}

fn card(content: &Content, tenant: &Tenant) -> Scorecard {
    let demo = demo::inventory(crate::assess::held(content).unwrap());
    let facts = content.facts(Arc::new(demo));
    let run = content.run_tenant(tenant, &facts, false, &Silent).unwrap();
    finished(content, tenant, &run, &facts)
}

/// The scorecard of a run of which no session knows.
fn finished(content: &Content, tenant: &Tenant, run: &TenantRun, facts: &Facts) -> Scorecard {
    let sources = crate::triage::Sources::default();
    let known = KnownAtEnd { sources: &sources, before: Before::Nothing, today: TODAY };
    let (moment, mut ledger) = (format!("{TODAY}T08:00:00Z"), Arc::default());
    let times = RunTimes { started: moment.clone(), finished: moment };
    let of = (&**facts.inventory(), times);
    let Finished { record, judged, .. } =
        content.finish_tenant(tenant, run, of, known, &mut ledger);
    let by = By { ledger: &ledger, today: TODAY, include_platform: false };
    content.card(tenant, &run.members, &record.result, &judged, by)
}

#[test]
fn a_namespace_belongs_to_a_tenant_by_name_or_by_label() {
    let inventory = demo::inventory([]);
    let members = tenant(&["pay*", "shop"]).members(&inventory);
    assert_eq!(members.names.iter().map(String::as_str).collect::<Vec<_>>(), ["pay", "shop"]);
    assert!(!members.unsure && members.notes.is_empty(), "{:?}", members.notes);
    let mut labelled = tenant(&[]);
    labelled.selector = Some(LabelSelector::parse("kubernetes.io/metadata.name=legacy").unwrap());
    let names = labelled.members(&inventory).names;
    assert_eq!(names.into_iter().collect::<Vec<_>>(), ["legacy"]);
    let missing = tenant(&["gone"]).members(&inventory);
    assert!(missing.names.is_empty());
    assert_eq!(missing.notes, ["there is nothing here of a namespace `gone`"]);
}

#[test]
fn only_what_is_in_its_namespaces_and_not_the_clusters_own_counts() {
    let content = content();
    let (pay, legacy) = (card(&content, &tenant(&["pay"])), card(&content, &tenant(&["legacy"])));
    assert!(legacy.findings.of(Severity::Critical) > 0, "{:?}", legacy.findings);
    assert_eq!(pay.findings.of(Severity::Critical), 0, "{:?}", pay.findings);
    let nsa = legacy.frameworks.iter().find(|score| score.id == "nsa-cisa").unwrap();
    assert!(nsa.cluster_controls > 0, "the control plane is not a tenant's");
    let whole = content.frameworks.frameworks.iter().find(|f| f.id == "nsa-cisa").unwrap();
    let counts = nsa.counts;
    let judged = counts.applicable() + counts.not_applicable;
    assert_eq!(judged + nsa.cluster_controls, whole.of_level(None).count());
    assert!(content.tenants_part(whole).controls.iter().flat_map(|c| &c.checks).all(|mapping| {
        content.library.checks.get(mapping.id.as_str()).is_none_or(|check| check.in_namespaces())
    }));
}

#[test]
fn a_threshold_is_met_missed_or_not_decided() {
    let content = content();
    let mut held = tenant(&["legacy"]);
    assert_eq!(card(&content, &held).threshold.verdict, Verdict::NotSet);
    held.fail_on = Some(Severity::Critical);
    let missed = card(&content, &held).threshold;
    assert_eq!(missed.verdict, Verdict::Missed);
    assert!(missed.reasons[0].ends_with("critical"), "{missed:?}");

    let mut light = tenant(&["pay"]);
    light.fail_on = Some(Severity::Critical);
    assert_eq!(card(&content, &light).threshold.verdict, Verdict::Met);
    light.scores.insert("pss-restricted".to_owned(), 0);
    assert_eq!(card(&content, &light).threshold.verdict, Verdict::Met);
    light.scores.insert("nsa-cisa".to_owned(), 100);
    assert!(card(&content, &light).threshold.verdict.crossed());
    light.scores = BTreeMap::from([("hipaa".to_owned(), 10)]);
    let undecided = card(&content, &light).threshold;
    assert_eq!(undecided.verdict, Verdict::Undecided, "hipaa is not among its frameworks");
    assert_eq!(undecided.reasons, ["hipaa was not judged"]);

    let mut nobody = tenant(&["gone"]);
    nobody.fail_on = Some(Severity::Critical);
    let empty = card(&content, &nobody);
    assert_eq!(empty.threshold.verdict, Verdict::Undecided, "nothing to look at is not met");
    assert!(empty.frameworks.is_empty());
}

#[test]
fn what_could_not_be_read_leaves_a_threshold_undecided_and_what_nobody_asked_for_does_not() {
    use crate::model::read::{Missing, ReadStatus};
    let content = content();
    let mut light = tenant(&["pay"]);
    light.fail_on = Some(Severity::High);
    let demo = demo::inventory(crate::assess::held(&content).unwrap());
    let facts = content.facts(Arc::new(demo));
    let mut run = content.run_tenant(&light, &facts, false, &Silent).unwrap();
    let result = Arc::make_mut(&mut run.result);
    result.findings.retain(|finding| finding.severity > Severity::High);
    result.not_assessed.clear();
    let verdict = |run: &TenantRun| {
        let card = finished(&content, &light, run, &facts);
        (card.threshold.verdict, card.threshold.reasons)
    };
    let gap = |check: &str, status| Gap {
        check: check.into(),
        missing: Missing::list("pods", Some("pay"), status).into(),
        count: 0,
        platform: false,
    };
    assert_eq!(verdict(&run).0, Verdict::Met);
    Arc::make_mut(&mut run.result).not_assessed =
        vec![gap("privileged-container", ReadStatus::NotAsked)];
    assert_eq!(verdict(&run).0, Verdict::Met);
    let low = content.library.checks.iter().find(|(_, check)| {
        let mut cases = check.rule.cases.iter().filter_map(|case| case.severity);
        check.severity > Severity::High && cases.all(|severity| severity > Severity::High)
    });
    Arc::make_mut(&mut run.result).not_assessed.push(gap(low.unwrap().0, ReadStatus::Forbidden));
    assert_eq!(verdict(&run).0, Verdict::Met, "it could find nothing that bad");
    Arc::make_mut(&mut run.result)
        .not_assessed
        .push(gap("privileged-container", ReadStatus::Forbidden));
    let (undecided, reasons) = verdict(&run);
    assert_eq!(undecided, Verdict::Undecided, "{reasons:?}");
    assert!(reasons[0].starts_with("1 check of high or worse could not look everywhere: "));
}

#[test]
fn what_looks_back_is_looked_at_for_a_tenant_too() {
    let content = content();
    let mut due = tenant(&["legacy"]);
    due.frameworks = vec!["pci-dss-4.0.1".to_owned()];
    let facts = content.facts(Arc::new(demo::inventory(crate::assess::held(&content).unwrap())));
    let run = content.run_tenant(&due, &facts, false, &Silent).unwrap();
    let sources = crate::triage::Sources::default();
    let ended = |since: Before<'_>| {
        let known = KnownAtEnd { sources: &sources, before: since, today: TODAY };
        let (started, finished) = ("2026-01-01T08:00:00Z".into(), "2026-01-01T08:01:00Z".into());
        let of = (&**facts.inventory(), RunTimes { started, finished });
        content.finish_tenant(&due, &run, of, known, &mut Arc::default()).record
    };
    let unknown = ended(Before::Nothing);
    let counts = |record: &crate::session::RunRecord| record.result.checks["finding-overdue"];
    assert!(
        counts(&unknown).not_assessed > 0 && counts(&unknown).fail == 0,
        "{:?}",
        counts(&unknown)
    );
    // Where a run tells since when they are there, they are late when their days are over.
    let first = ended(Before::Begun);
    let known = KnownAtEnd { sources: &sources, before: Before::Run(&first), today: TODAY };
    let (started, finished) = (format!("{TODAY}T08:00:00Z"), format!("{TODAY}T08:01:00Z"));
    let of = (&**facts.inventory(), RunTimes { started, finished });
    let late = content.finish_tenant(&due, &run, of, known, &mut Arc::default()).record;
    assert!(counts(&late).fail > 0, "{:?}", counts(&late));
}

#[test]
fn a_scorecard_names_the_findings_that_it_counts() {
    let content = content();
    let card = card(&content, &tenant(&["legacy"]));
    let critical = card.open.iter().filter(|f| f.severity == Severity::Critical).count();
    assert_eq!(card.findings.of(Severity::Critical), critical);
    assert_eq!(card.findings.at_least(Severity::Info), card.open.len());
    assert!(card.open.iter().any(|f| f.namespace().is_empty() && f.home() == "legacy"));
}

#[test]
fn a_score_is_met_by_its_worst_end_alone() {
    let content = content();
    let mut held = tenant(&["pay"]);
    let seen = card(&content, &held);
    let nsa = seen.frameworks.iter().find(|score| score.id == "nsa-cisa").unwrap();
    let score = nsa.score.unwrap();
    assert!(score.worst < score.best, "some of it waits for a person: {score:?}");
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 100")]
    let between = ((score.worst + score.best) * 50.0) as u8;
    held.scores.insert("nsa-cisa".to_owned(), between);
    assert_eq!(card(&content, &held).threshold.verdict, Verdict::Undecided);
}

#[test]
fn a_tenant_is_judged_by_its_own_age_of_imports() {
    let content = content();
    let mut own = tenant(&["pay"]);
    assert_eq!(own.content(&content).max_import_age(), 30);
    own.params
        .0
        .insert(crate::assess::MAX_IMPORT_AGE.to_owned(), crate::model::node::Node::Int(90));
    assert_eq!(own.content(&content).max_import_age(), 90);
    assert_eq!(content.max_import_age(), 30, "the others go by theirs");
}
