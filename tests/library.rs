//! The library as a whole: checks and frameworks fit together, nothing is lost, and the tables of
//! `checks/README.md` say what there is.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test that meets what it does not expect shall fail"
)]

use std::collections::BTreeSet;

use plimsoll::assess::{catalogue, library};
use plimsoll::checks::Library;
use plimsoll::frameworks::Set;
use plimsoll::model::inventory::Problem;

/// Whether every framework of the table has to be there.
const COMPLETE: bool = true;

/// How many controls every framework has: the numbered items of the standard itself, of the Pod
/// Security Standards the upstream checks, of a matrix its techniques. A lost one is noticed here.
const CONTROLS: &[(&str, usize)] = &[
    ("cis-aks-1.8", 51),
    ("cis-eks-1.8.0", 50),
    ("cis-gke-1.9.0", 57),
    ("cis-kubernetes-1.10", 130),
    ("cis-kubernetes-1.11", 134),
    ("cis-kubernetes-1.12", 131),
    ("cis-kubernetes-2.0.1", 131),
    ("hipaa-security-rule", 67),
    ("microsoft-threat-matrix", 40),
    ("mitre-containers", 47),
    ("nist-800-190", 47),
    ("nist-800-210", 23),
    ("nist-800-53-r5", 319),
    ("nsa-cisa", 83),
    ("pci-container-guidance", 42),
    ("pci-dss-4.0.1", 164),
    ("pss-baseline", 12),
    ("pss-restricted", 18),
];

fn lines(problems: &[Problem]) -> String {
    let line = |p: &Problem| {
        let file = p.file.as_deref().unwrap_or_default();
        format!("{file}:{}:{}: {}", p.line.unwrap_or(0), p.column.unwrap_or(0), p.message)
    };
    problems.iter().map(line).collect::<Vec<_>>().join("\n")
}

#[test]
fn frameworks_and_checks_fit_together() {
    let (checks, set) = (Library::builtin(), Set::builtin());
    let mut wrong = set.problems.clone();
    wrong.extend(library::unknown_checks(&checks, &set));
    wrong.extend(library::faults(&checks, &set));
    assert!(wrong.is_empty(), "{}", lines(&wrong));
}

#[test]
fn no_control_is_lost() {
    let set = Set::builtin();
    for framework in &set.frameworks {
        let expected = CONTROLS.iter().find(|(id, _)| *id == framework.id);
        let expected = expected.unwrap_or_else(|| panic!("`{}` is not in the table", framework.id));
        assert_eq!(framework.controls.len(), expected.1, "controls of {}", framework.id);
    }
    let here: BTreeSet<&str> = set.frameworks.iter().map(|f| &*f.id).collect();
    let missing: Vec<&str> =
        CONTROLS.iter().map(|(id, _)| *id).filter(|id| !here.contains(id)).collect();
    assert!(!COMPLETE || missing.is_empty(), "missing: {missing:?}");
}

#[test]
fn the_tables_are_up_to_date() {
    let written = include_str!("../checks/README.md");
    let now = catalogue::render(&Library::builtin(), &Set::builtin());
    let differs = written.lines().zip(now.lines()).position(|(a, b)| a != b);
    assert!(
        written == now,
        "checks/README.md is stale from line {}; renew it with\n  cargo run -- checks readme > checks/README.md",
        differs.unwrap_or_else(|| written.lines().count().min(now.lines().count())) + 1
    );
}
