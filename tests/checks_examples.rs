//! Every shipped check loads, compiles and does what its examples say.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test that meets what it does not expect shall fail"
)]

use plimsoll::checks::{Library, Params, Plan, examples, lint};

#[test]
fn every_file_loads_and_every_rule_compiles() {
    let library = Library::builtin();
    assert!(library.problems.is_empty(), "{:#?}", library.problems);
    assert!(library.broken.is_empty(), "{:?}", library.broken);
    let ids: Vec<&str> = library.checks.keys().map(|id| &**id).collect();
    assert!(!ids.is_empty());
    let plan = Plan::new(&library, &ids, &Params::default());
    let wrong: Vec<String> = plan
        .problems()
        .iter()
        .map(|p| {
            let file = p.file.as_deref().unwrap_or_default();
            format!("{file}:{}:{}: {}", p.line.unwrap_or(0), p.column.unwrap_or(0), p.message)
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_example_comes_out_as_its_file_says() {
    let library = Library::builtin();
    let mut wrong = Vec::new();
    let mut count = 0;
    for id in library.checks.keys() {
        let check = library.full(id).unwrap_or_else(|| panic!("{id} has no full text"));
        for outcome in examples::run_examples(&check) {
            count += 1;
            wrong.extend(outcome.faults.iter().map(|f| format!("{id}, {}: {f}", outcome.name)));
        }
    }
    assert!(count >= library.checks.len() * 2);
    assert!(wrong.is_empty(), "{} of {count}:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn every_check_is_sound() {
    let library = Library::builtin();
    let mut wrong = Vec::new();
    for id in library.checks.keys() {
        let check = library.full(id).unwrap_or_else(|| panic!("{id} has no full text"));
        wrong
            .extend(lint::lint(&check).into_iter().map(|fault| format!("{id}: {}", fault.message)));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
