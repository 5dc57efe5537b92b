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
use plimsoll::frameworks::{Mapping, Set};
use plimsoll::model::inventory::Problem;

/// What every framework has, in the version of its standard: controls, of these automated, partial, manual
/// and imported, those with a check, and the checks that they name, each once. They are the numbered items
/// of the standard itself, of the Pod Security Standards the upstream checks, of a matrix its techniques,
/// counted in the tables that the files were written from; a check that could only judge results which
/// nothing reads here is in neither. What is lost or moved is noticed here.
const NUMBERS: &[(&str, &str, [usize; 7])] = &[
    ("cis-aks-1.8", "1.8", [51, 26, 10, 10, 5, 40, 59]),
    ("cis-eks-1.8.0", "1.8.0", [50, 24, 10, 11, 5, 39, 56]),
    ("cis-gke-1.9.0", "1.9.0", [57, 18, 10, 24, 5, 32, 49]),
    ("cis-kubernetes-1.10", "1.10.0", [130, 73, 24, 2, 31, 99, 125]),
    ("cis-kubernetes-1.11", "1.11.1", [134, 76, 24, 3, 31, 102, 127]),
    ("cis-kubernetes-1.12", "1.12.0", [131, 75, 23, 2, 31, 100, 126]),
    ("cis-kubernetes-2.0.1", "2.0.1", [131, 75, 23, 2, 31, 100, 126]),
    ("hipaa-security-rule", "2013", [67, 7, 30, 30, 0, 43, 110]),
    ("microsoft-threat-matrix", "2023-01-23", [40, 0, 39, 1, 0, 40, 79]),
    ("mitre-containers", "19.2", [47, 0, 41, 6, 0, 47, 140]),
    ("nist-800-190", "SP 800-190", [47, 14, 26, 0, 7, 47, 141]),
    ("nist-800-210", "SP 800-210", [23, 5, 11, 6, 1, 19, 91]),
    (
        "nist-800-53-r5",
        "Rev. 5 (release 5.1.1, with additions of 5.2.0)",
        [319, 59, 144, 95, 21, 243, 268],
    ),
    ("nsa-cisa", "1.2", [83, 30, 36, 16, 1, 79, 177]),
    ("pci-container-guidance", "2022", [42, 22, 15, 1, 4, 42, 117]),
    ("pci-dss-4.0.1", "4.0.1", [164, 30, 65, 57, 12, 116, 193]),
    ("pss-baseline", "1.37", [12, 12, 0, 0, 0, 12, 14]),
    ("pss-restricted", "1.37", [18, 18, 0, 0, 0, 18, 21]),
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
fn no_control_is_lost_and_none_changes_who_decides_it() {
    let set = Set::builtin();
    for framework in &set.frameworks {
        let expected = NUMBERS.iter().find(|(id, ..)| *id == framework.id);
        let expected = expected.unwrap_or_else(|| panic!("`{}` is not in the table", framework.id));
        assert_eq!(framework.version, expected.1, "version of {}", framework.id);
        let n = catalogue::Numbers::of(framework);
        let found =
            [n.controls, n.automated, n.partial, n.manual, n.imported, n.with_check, n.checks];
        assert_eq!(found, expected.2, "{}", framework.id);
    }
    let here: BTreeSet<&str> = set.frameworks.iter().map(|f| &*f.id).collect();
    let missing: Vec<&str> =
        NUMBERS.iter().map(|(id, ..)| *id).filter(|id| !here.contains(id)).collect();
    assert!(missing.is_empty(), "missing: {missing:?}");
}

/// Who can bring every control to a status: a check, an import or a person. A technique needs none.
#[test]
fn every_control_can_come_to_a_status() {
    for framework in Set::builtin().frameworks.iter().filter(|f| !f.is_matrix()) {
        for control in &framework.controls {
            let decided = control.checks.iter().any(Mapping::decides_now);
            let can = decided || !control.imports.is_empty() || control.asks();
            assert!(can, "{} {}: nothing and nobody can decide it", framework.id, control.id);
            if control.asks() {
                let question = control.question.trim();
                assert!(!question.is_empty(), "{} {}: no question", framework.id, control.id);
            }
        }
    }
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
