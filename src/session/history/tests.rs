use super::*;
use crate::model::finding::{CheckCounts, RunResult, Severity};
use crate::model::inventory::{SourceInfo, SourceKind};
use crate::model::kinds::lookup;
use crate::model::object::ObjectRef;
use crate::model::path::FieldPath;
use crate::model::read::{Read, ReadStatus};
use crate::session::run::Selection;

fn finding(check: &str, namespace: &str) -> Finding {
    let builtin = lookup("Deployment").unwrap();
    let object = ObjectRef {
        api_version: builtin.api_version().into(),
        kind: builtin.kind.into(),
        namespace: Some(namespace.into()),
        name: "web".into(),
    };
    Finding {
        fingerprint: format!("{check} {namespace}"),
        check: check.into(),
        severity: Severity::High,
        scope: "object".into(),
        owner: Some(object.clone()),
        object: Some(object),
        path: FieldPath::parse("spec").unwrap(),
        ..Finding::default()
    }
}

/// A run on a day of January that looked at everything.
fn run(day: u32, findings: &[Finding]) -> RunRecord {
    let deployments = lookup("Deployment").unwrap();
    RunRecord {
        schema: String::new(),
        number: day,
        started: format!("2026-01-{day:02}T00:00:00Z"),
        finished: format!("2026-01-{day:02}T00:01:00Z"),
        tool: String::new(),
        content: "one".to_owned(),
        settings: crate::model::settings::RunSettings::default(),
        selection: Selection::default(),
        source: SourceInfo {
            kind: SourceKind::Live,
            cluster_uid: Some("u".to_owned()),
            ..SourceInfo::default()
        },
        provider: None,
        reads: vec![Read {
            resource: deployments.resource(),
            kind: Some(deployments.kind()),
            namespace: None,
            status: ReadStatus::Complete,
            items: 1,
            message: None,
            millis: None,
        }],
        result: Arc::new(RunResult {
            checks: ["a", "b"].map(|id| (id.into(), CheckCounts::default())).into(),
            findings: findings.iter().cloned().map(Arc::new).collect(),
            ..RunResult::default()
        }),
    }
}

/// Runs one after the other, each with what the one before it knew.
fn session(runs: impl IntoIterator<Item = RunRecord>) -> History {
    let mut previous: Option<RunRecord> = None;
    for mut run in runs {
        let history = Arc::new(follow(previous.as_ref(), &run));
        Arc::make_mut(&mut run.result).history = history;
        previous = Some(run);
    }
    History::clone(&previous.unwrap().result.history)
}

/// Days of since and before.
#[track_caller]
fn line(history: &History, print: &str) -> (u32, Option<u32>) {
    let day = |time: &str| time.get(8..10).unwrap().parse().unwrap();
    let line = &history.lines[print];
    (day(&line.since), line.before.as_deref().map(day))
}

fn blind(mut run: RunRecord) -> RunRecord {
    run.reads[0].status = ReadStatus::Forbidden;
    run
}

#[test]
fn an_age_begins_with_the_first_run_that_found_it() {
    let found = [finding("a", "pay")];
    let history = session([run(1, &found), run(5, &found), run(9, &found)]);
    assert_eq!(line(&history, "a pay"), (1, None), "nothing says how long before");
    let history = session([run(1, &[]), run(5, &found), run(9, &found)]);
    assert_eq!(line(&history, "a pay"), (5, Some(1)));
}

#[test]
fn what_was_fixed_and_is_back_begins_anew() {
    let found = [finding("a", "pay")];
    let history = session([run(1, &found), run(5, &[]), run(9, &found)]);
    assert_eq!(line(&history, "a pay"), (9, Some(5)));
    let gone = session([run(1, &found), run(5, &[])]);
    assert!(gone.is_empty(), "{gone:?}");
}

#[test]
fn a_run_that_could_not_look_breaks_no_line() {
    let found = [finding("a", "pay")];
    let runs = [run(1, &found), blind(run(3, &[])), blind(run(5, &[]))];
    let history = session(runs.clone());
    assert_eq!(line(&history, "a pay"), (1, None));
    let [unseen] = &history.unseen[..] else { panic!("{history:?}") };
    assert_eq!((&*unseen.reason, unseen.outside), ("the list of deployments is forbidden", false));
    let history = session(runs.into_iter().chain([run(9, &found)]));
    assert_eq!((line(&history, "a pay"), history.unseen.len()), ((1, None), 0));
    // A run that could not look does not show either that it was not there yet.
    let history = session([blind(run(1, &[])), run(2, &found)]);
    assert_eq!(line(&history, "a pay"), (2, None));
}

#[test]
fn a_run_that_was_not_asked_to_look_breaks_none_either() {
    let found = [finding("a", "pay"), finding("a", "shop")];
    let mut narrow = run(3, &found[1..]);
    narrow.selection.namespaces = vec!["shop".to_owned()];
    let history = session([run(1, &found), narrow.clone()]);
    assert_eq!((line(&history, "a pay"), line(&history, "a shop")), ((1, None), (1, None)));
    assert!(history.unseen[0].outside, "{history:?}");
    let mut other = run(3, &[]);
    Arc::make_mut(&mut other.result).checks.remove("a");
    let history = session([run(1, &found), other, run(9, &found)]);
    assert_eq!(line(&history, "a pay"), (1, None));
}

#[test]
fn other_rules_and_other_clusters_show_nothing() {
    let found = [finding("a", "pay")];
    let mut newer = run(5, &found);
    newer.content = "two".to_owned();
    assert_eq!(line(&session([run(1, &[]), newer.clone()]), "a pay"), (5, None));
    assert_eq!(line(&session([run(1, &found), newer]), "a pay"), (1, None), "it was there");
    let mut elsewhere = run(5, &found);
    elsewhere.source.cluster_uid = Some("v".to_owned());
    assert_eq!(line(&session([run(1, &found), elsewhere]), "a pay"), (5, None));
}

#[test]
fn runs_of_earlier_versions_begin_the_lines() {
    let found = [finding("a", "pay")];
    let now = run(9, &found);
    let history = follow(Some(&run(4, &found)), &now);
    assert_eq!(line(&history, "a pay"), (4, None));
}

#[test]
fn findings_about_ages_have_none() {
    let mut about = finding("finding-overdue", "pay");
    let kind = kinds::finding_age();
    let object = about.object.as_mut().unwrap();
    object.api_version = format!("{}/v1", kind.group).into();
    object.kind = kind.kind.clone();
    let history = session([run(1, &[about.clone()]), run(2, &[about])]);
    assert!(history.is_empty(), "{history:?}");
}
