//! Check files: what is refused, and where the fault is said to be.

use super::*;
use crate::model::inventory::Problem;
use std::fs;

fn fault(tables: &str) -> Problem {
    let text = file("probe", "rule", tables);
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir(dir.path().join("own")).unwrap();
    fs::write(dir.path().join("own/probe.toml"), text).unwrap();
    let library = Library::with_dirs(&[dir.path().to_owned()]);
    assert!(library.broken.contains("probe"), "{:?}", library.problems);
    library.problems.into_iter().next().unwrap()
}

fn place(problem: &Problem) -> (Option<u32>, Option<u32>) {
    (problem.line, problem.column)
}

const RULE: &str = "[target]\nscope = \"pod\"\n[rule]\nfail = \"FAIL\"\nmessage = \"m\"\n";

#[test]
fn faults_have_a_place() {
    // The tables start on line 5.
    for (from, to, at, says) in [
        ("FAIL", "pod.x ==", (8, 17), "the rule ends before its end"),
        ("FAIL", "podd.x == 1", (8, 9), "there is no variable `podd`"),
        ("FAIL", "true && container.x", (8, 17), "`container` does not exist in this scope"),
        ("FAIL", "facts.tokn.mounted", (8, 14), "there is no fact `tokn`"),
        ("FAIL", "cleanPth('/') == ''", (8, 17), "there is no function `cleanPth`"),
        ("FAIL", "'a'.startsWith()", (8, 23), "takes 1 arguments, not 0"),
        ("FAIL", "params.limit == 1", (8, 15), "has no parameter `limit`"),
        ("FAIL", "'a'.matches('(')", (8, 20), "the pattern is not usable"),
        ("\"m\"", "\"{pod.x} {nope.y}\"", (9, 12), "there is no `nope` here"),
        ("\"pod\"", "\"component\"", (5, 1), "needs `components`"),
        ("\"pod\"", "\"pods\"", (6, 9), "there is no scope `pods`"),
        ("fail =", "fial =", (8, 1), "unknown field `fial`"),
        ("\"pod\"", "\"object\"", (5, 1), "needs `kinds`"),
    ] {
        let rule = RULE.replacen(from, to, 1).replace("FAIL", "true");
        let problem = fault(&rule);
        let text = &problem.message;
        assert!(text.contains(says), "{to}: {text}");
        assert_eq!(place(&problem), (Some(at.0), Some(at.1)), "{to}: {text}");
    }
}

#[test]
fn a_check_needs_an_example_of_both_kinds() {
    let text = file("probe", "rule", RULE).replace("FAIL", "true");
    let read = |text: &str| schema::read(text, "own", "probe", Origin::BuiltIn("x".into()));
    assert!(read(&text).is_ok());
    let problem = read(&text.replace("\"pass\"", "\"fail\"")).unwrap_err();
    assert!(problem.message.contains("an example that passes"));
    let problem = read(&text.replace("\"fail\"", "\"pass\"")).unwrap_err();
    assert!(problem.message.contains("an example that fails"));
}

#[test]
fn params_have_types_and_bounds() {
    let params = "[params.limit]\ntype = \"int\"\ndefault = 5\nmin = 1\nmax = 9\n";
    let tables = format!("{}{params}", RULE.replace("FAIL", "params.limit > 5"));
    let check = check(&tables);
    let mut library = Library::default();
    library.checks.insert(Arc::clone(&check.id), Arc::clone(&check));
    let plan = |value: i64, name: &str| {
        let value = crate::model::node::Node::Int(value);
        Plan::new(&library, &["probe"], &Params([(name.to_owned(), value)].into()))
    };
    assert!(plan(9, "limit").problems().is_empty());
    assert!(plan(10, "other").problems().is_empty());
    let broken = plan(10, "probe/limit");
    assert!(broken.problems()[0].message.contains("from 1 to 9"), "{:?}", broken.problems());
    assert!(broken.broken().contains("probe"));
    assert!(
        fault(&tables.replace("default = 5", "default = 'x'")).message.contains("whole number")
    );
}

#[test]
fn a_built_in_id_is_taken_over_only_on_purpose() {
    let builtin = Library::builtin();
    let id = builtin.checks.keys().next().unwrap().to_string();
    let text = file(&id, "rule", &RULE.replace("FAIL", "true"));
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join(format!("{id}.toml"));
    fs::write(&path, &text).unwrap();
    let library = Library::with_dirs(&[dir.path().to_owned()]);
    assert!(library.problems[0].message.contains("replaces"), "{:?}", library.problems);
    assert!(matches!(library.checks[&*id].origin, Origin::BuiltIn(_)));
    assert!(!library.broken.contains(&id), "the built-in one still runs");
    fs::write(&path, format!("replaces = \"{id}\"\n{text}")).unwrap();
    let library = Library::with_dirs(&[dir.path().to_owned()]);
    assert!(library.problems.is_empty(), "{:?}", library.problems);
    assert_eq!(library.checks[&*id].origin, Origin::File(path));
    assert_ne!(library.digest(), builtin.digest());
    assert_eq!(builtin.digest(), Library::builtin().digest());
}

#[test]
fn a_missing_directory_is_a_problem() {
    let library = Library::with_dirs(&["/nonexistent/checks".into()]);
    assert!(library.problems[0].message.contains("cannot read the directory"));
    assert!(!library.checks.is_empty());
}

#[test]
fn a_plan_knows_what_must_be_listed() {
    let tables = RULE.replace("FAIL", "facts.token.mounted");
    let plan = Plan::of(&check(&tables), &Params::default()).unwrap();
    let kinds = plan.kinds();
    assert!(kinds.contains(&Kind::new("", "ServiceAccount")), "{kinds:?}");
    assert!(kinds.contains(&Kind::new("batch", "CronJob")));
    assert!(!kinds.contains(&Kind::new("", "Secret")));
}
