use std::sync::Arc;

use super::*;
use crate::model::finding::CheckCounts;
use crate::model::inventory::ProblemKind;
use crate::model::kinds::Kind;
use crate::model::read::Missing;

fn object(namespace: &str) -> ObjectRef {
    ObjectRef {
        api_version: "v1".into(),
        kind: "Pod".into(),
        namespace: Some(namespace.into()),
        name: "web".into(),
    }
}

fn problem(check: &str, namespace: &str) -> Problem {
    Problem {
        kind: ProblemKind::Evaluation,
        file: None,
        line: None,
        column: None,
        object: Some(object(namespace)),
        check: Some(check.into()),
        message: "there is no `gone`".to_owned(),
    }
}

/// What checks came to: each with places that pass and namespaces in which it could not be evaluated.
fn result(checks: &[(&str, usize, &[&str])]) -> RunResult {
    let mut result = RunResult::default();
    for (check, pass, broken) in checks {
        let counts = CheckCounts { pass: *pass, error: broken.len(), ..CheckCounts::default() };
        result.checks.insert((*check).into(), counts);
        result.problems.extend(broken.iter().map(|namespace| problem(check, namespace)));
    }
    result
}

fn within(namespace: &str) -> RunScope {
    RunScope { namespaces: Some([namespace.to_owned()].into()), ..RunScope::default() }
}

fn errors(result: &RunResult, check: &str) -> (usize, usize) {
    let told = result.problems.iter().filter(|p| p.of_check() == Some(check)).count();
    (result.checks[check].error, told)
}

#[test]
fn an_error_of_a_part_is_an_error_of_the_whole() {
    let old = result(&[("a", 5, &[]), ("b", 5, &[])]);
    let new = result(&[("a", 1, &["shop"])]);
    let merged = merge(&old, &new, &["a".into()], &within("shop"));
    assert_eq!(errors(&merged, "a"), (1, 1));
    // The same part again, mended.
    let mended = merge(&merged, &result(&[("a", 2, &[])]), &["a".into()], &within("shop"));
    assert_eq!(errors(&mended, "a"), (0, 0));
}

#[test]
fn errors_stay_where_nothing_looked_again() {
    let old = result(&[("a", 5, &["shop", "pay"]), ("b", 5, &["pay"])]);
    let new = result(&[("a", 1, &[])]);
    let part = merge(&old, &new, &["a".into()], &within("shop"));
    assert_eq!((errors(&part, "a"), errors(&part, "b")), ((1, 1), (1, 1)));
    let all = merge(&old, &new, &["a".into()], &RunScope::default());
    assert_eq!((errors(&all, "a"), errors(&all, "b")), ((0, 0), (1, 1)));
    let object = Some((Kind::new("", "Pod"), Some("pay".to_owned()), "web".to_owned()));
    let one = merge(&old, &new, &["a".into()], &RunScope { object, ..RunScope::default() });
    assert_eq!(errors(&one, "a"), (1, 1), "the one in shop");
}

#[test]
fn errors_that_are_not_told_are_counted_all_the_same() {
    let mut old = result(&[("a", 5, &["pay"])]);
    old.problems.clear();
    let merged = merge(&old, &result(&[("a", 1, &[])]), &["a".into()], &within("shop"));
    assert_eq!(merged.checks["a"].error, 1);
}

#[test]
fn what_files_show_nothing_of_stays_open_until_it_is_seen() {
    let unseen = |result: RunResult, checks: &[&str]| {
        let gap = |check: &&str| Gap {
            check: Arc::from(*check),
            missing: Missing::in_files("roles", None).into(),
            count: 0,
            platform: false,
        };
        RunResult { unseen: checks.iter().map(gap).collect(), ..result }
    };
    let old = unseen(result(&[("a", 0, &[]), ("b", 0, &[])]), &["a", "b"]);
    let left = |new: RunResult, scope: &RunScope| {
        let merged = merge(&old, &new, &["a".into()], scope);
        merged.unseen.iter().map(|gap| gap.check.to_string()).collect::<Vec<_>>()
    };
    let none = || unseen(result(&[("a", 0, &[])]), &["a"]);
    let some = || result(&[("a", 1, &[])]);
    assert_eq!(left(some(), &RunScope::default()), ["b"]);
    assert_eq!(left(none(), &RunScope::default()), ["a", "b"]);
    assert_eq!(left(none(), &within("shop")), ["a", "b"]);
    assert_eq!(left(some(), &within("shop")), ["b"]);
}
