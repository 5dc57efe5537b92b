//! What a finding that is not there any more means.

use super::*;

#[test]
fn what_a_complete_run_does_not_show_is_fixed() {
    assert_eq!(gone(&web(), |_| {}), (FindingChange::Fixed, String::new()));
}

#[test]
fn absence_means_nothing_where_the_run_could_not_have_seen_the_finding() {
    type Doing = fn(&mut RunRecord);
    let cases: [(Doing, &str); 11] = [
        (|r| result_of(r).checks.retain(|id, _| &**id != "a"), "check a did not run"),
        (|r| r.selection.namespaces = vec!["shop".into()], "only namespaces shop"),
        (|r| r.selection.object = Some("deploy/api".into()), "only deploy/api was looked at"),
        (|r| r.selection.selector = Some("app=web".into()), "only objects with labels app=web"),
        (
            |r| result_of(r).not_assessed = vec![gap("a", "deployments", None, 0)],
            "cannot list deployments",
        ),
        (|r| result_of(r).not_assessed = vec![gap("a", "pods", Some("pay"), 0)], "pods in pay"),
        (
            |r| result_of(r).not_assessed = vec![gap("a", "networkpolicies", Some("pay"), 3)],
            "in pay",
        ),
        // Bindings of any namespace give rights to accounts of this one.
        (
            |r| result_of(r).not_assessed = vec![gap("a", "rolebindings", Some("shop"), 1)],
            "in shop",
        ),
        (|r| r.reads.retain(|r| !r.resource.ends_with("/deployments")), "were not asked for"),
        (
            |r| r.reads = vec![read("Deployment", Some("pay"), ReadStatus::Partial)],
            "the list of deployments is partial",
        ),
        (
            |r| {
                r.source.kind = SourceKind::Files;
                r.source.files = vec!["web.yaml".into()];
            },
            "it is of manifests of web.yaml",
        ),
    ];
    for (doing, reason) in cases {
        let found = match reason {
            r if r.starts_with("cannot list deployments") => {
                // The whole list is missing: nothing shows that this namespace was read.
                let (change, why) = gone(&web(), |r| {
                    doing(r);
                    r.reads.retain(|r| !r.resource.ends_with("/deployments"));
                });
                (change, why)
            }
            _ => gone(&web(), doing),
        };
        assert_eq!(found.0, FindingChange::Incomparable, "{reason}");
        assert!(found.1.contains(reason), "`{}` does not say `{reason}`", found.1);
    }
}

#[test]
fn a_check_that_the_other_version_did_not_have_is_told_as_that() {
    let other = |r: &mut RunRecord| {
        result_of(r).checks.retain(|id, _| &**id != "a");
        (r.content, r.tool) = ("sha256:1".to_owned(), "0.0.9".to_owned());
    };
    let compared = |doing: &dyn Fn(&mut RunRecord, &mut RunRecord)| {
        let (mut old, mut new) = (run(Vec::new()), run(vec![web()]));
        doing(&mut old, &mut new);
        let entry = compare(&old, &new, &BTreeSet::new()).entries.remove(0);
        assert_eq!(entry.change, FindingChange::Incomparable);
        (entry.reason.unwrap(), entry.unasked)
    };
    let plain = "check a did not run".to_owned();
    let (why, unasked) = compared(&|old, _| other(old));
    assert_eq!(
        why,
        format!(
            "{plain}: the checks of that run, by Plimsoll 0.0.9, did not have it, or had it off"
        )
    );
    assert!(!unasked, "everything was asked for");
    let asked = || vec!["nsa-cisa".to_owned()];
    let (why, unasked) = compared(&|old, new| {
        other(old);
        old.selection.frameworks = asked();
        new.selection.frameworks = asked();
    });
    assert!(why.ends_with("by Plimsoll 0.0.9, did not have it for what was asked"), "{why}");
    assert!(!unasked, "the same was asked for");
    let narrow = |old: &mut RunRecord, _: &mut RunRecord| {
        other(old);
        old.selection.frameworks = asked();
    };
    assert_eq!(compared(&narrow), (plain.clone(), true));
    let same = |old: &mut RunRecord, _: &mut RunRecord| {
        result_of(old).checks.retain(|id, _| &**id != "a");
    };
    assert_eq!(compared(&same), (plain.clone(), true));
    let broken = |old: &mut RunRecord, new: &mut RunRecord| {
        same(old, new);
        result_of(old).problems = vec![Problem {
            kind: ProblemKind::Check,
            file: Some("my/own/a.toml".to_owned()),
            line: Some(1),
            column: Some(1),
            object: None,
            check: None,
            message: "unknown field".to_owned(),
        }];
    };
    assert_eq!(compared(&broken), (format!("{plain}: its file was broken"), false));
}

#[test]
fn what_does_not_touch_the_finding_does_not_hide_it() {
    type Doing = fn(&mut RunRecord);
    let cases: [(Doing, &str); 9] = [
        (|r| result_of(r).checks.retain(|id, _| &**id != "b"), "another check"),
        (|r| r.selection.namespaces = vec!["pay".into()], "its namespace"),
        (|r| r.selection.object = Some("deployment/web".into()), "the object itself"),
        (
            |r| result_of(r).not_assessed = vec![gap("b", "deployments", None, 0)],
            "a gap of another check",
        ),
        (
            |r| result_of(r).not_assessed = vec![gap("a", "roles", None, 0)],
            "a kind it is not seen on",
        ),
        (
            |r| result_of(r).not_assessed = vec![gap("a", "pods", Some("shop"), 0)],
            "another namespace",
        ),
        (
            |r| {
                let of_platform = Gap { platform: true, ..gap("a", "pods", None, 4) };
                result_of(r).not_assessed = vec![of_platform];
            },
            "a gap of the platform alone",
        ),
        (
            |r| {
                result_of(r).not_assessed = vec![gap("a", "deployments", None, 0)];
                r.reads.push(read("Deployment", Some("pay"), ReadStatus::Complete));
                r.reads.retain(|r| !r.resource.ends_with("/deployments") || r.namespace.is_some());
            },
            "its own namespace was listed",
        ),
        (
            |r| {
                r.selection.selector = Some("app=web".into());
                result_of(r).evidence =
                    vec![Arc::new(finding("c", object("Deployment", "pay", "web")))];
            },
            "something else was found on the object",
        ),
    ];
    for (doing, what) in cases {
        assert_eq!(gone(&web(), doing).0, FindingChange::Fixed, "{what}");
    }
}

#[test]
fn an_evaluation_error_hides_what_it_may_be_about() {
    let error = |object: Option<ObjectRef>| Problem {
        kind: ProblemKind::Evaluation,
        file: None,
        line: None,
        column: None,
        object,
        check: None,
        message: "check a: no such key".to_owned(),
    };
    let fail = |problem: Option<Problem>| {
        let (change, _) = gone(&web(), |r| {
            result_of(r)
                .checks
                .insert("a".into(), CheckCounts { error: 1, ..CheckCounts::default() });
            result_of(r).problems = problem.into_iter().collect();
        });
        change
    };
    assert_eq!(
        fail(Some(error(Some(object("Deployment", "pay", "web"))))),
        FindingChange::Incomparable
    );
    assert_eq!(fail(Some(error(Some(object("Pod", "pay", "web-1"))))), FindingChange::Incomparable);
    assert_eq!(fail(Some(error(None))), FindingChange::Incomparable);
    assert_eq!(fail(None), FindingChange::Incomparable, "it may have been anywhere");
    assert_eq!(fail(Some(error(Some(object("Deployment", "shop", "api"))))), FindingChange::Fixed);
}

#[test]
fn files_are_compared_file_by_file() {
    let in_file = |name: &str| Finding { file: Some(name.into()), ..web() };
    let files = |names: &'static [&'static str]| {
        move |r: &mut RunRecord| {
            r.source.kind = SourceKind::Files;
            r.source.files = names.iter().map(|n| (*n).to_owned()).collect();
            r.reads.clear();
        }
    };
    let later = |found: Finding, names: &'static [&'static str]| {
        let (mut before, mut after) = (run(vec![found]), run(Vec::new()));
        files(&["web.yaml"])(&mut before);
        files(names)(&mut after);
        let entry = compare(&before, &after, &BTreeSet::new()).entries.remove(0);
        (entry.change, entry.reason.unwrap_or_default())
    };
    assert_eq!(later(in_file("web.yaml"), &["api.yaml", "web.yaml"]).0, FindingChange::Fixed);
    let (change, why) = later(in_file("web.yaml"), &["api.yaml"]);
    assert_eq!((change, &*why), (FindingChange::Incomparable, "web.yaml was not among the files"));
    let (change, why) = later(web(), &["web.yaml"]);
    assert_eq!(change, FindingChange::Incomparable);
    assert!(why.contains("manifests show only what was written"), "{why}");
}

#[test]
fn the_reason_is_about_the_namespace_of_the_finding() {
    let open = finding("a", object("Namespace", "", "open"));
    let of = |namespace: &str| {
        let missing = Missing::in_files("pods", Some(namespace)).into();
        Gap { check: "a".into(), missing, count: 1, platform: false }
    };
    let (change, reason) = gone(&open, |run| {
        result_of(run).not_assessed = ["audit", "open", "web"].map(of).into();
    });
    assert_eq!(change, FindingChange::Incomparable);
    assert_eq!(reason, "not assessed: the files may not show all pods in open");
}

#[test]
fn an_object_of_a_custom_kind_is_told_by_any_of_its_names() {
    let web = ObjectRef {
        api_version: "argoproj.io/v1alpha1".into(),
        kind: "Application".into(),
        namespace: Some("pay".into()),
        name: "web".into(),
    };
    let found = finding("a", web);
    let asked = |object: &str| {
        gone(&found, |run| {
            // Of its kind no list is a built-in one: that it was looked at is all there is to say.
            run.selection.object = Some(object.to_owned());
        })
    };
    for itself in ["application/web", "Applications/web", "applications.argoproj.io/web"] {
        assert_eq!(asked(itself).0, FindingChange::Fixed, "{itself}");
    }
    for other in ["application/api", "applications.example.com/web", "deploy/web", "web"] {
        let (change, why) = asked(other);
        assert_eq!(change, FindingChange::Incomparable, "{other}");
        assert!(why.contains(&format!("only {other} was looked at")), "{why}");
    }
}
