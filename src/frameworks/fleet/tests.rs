use super::*;
use crate::model::finding::Severity;
use crate::model::read::ReadStatus;

/// A score of a standard.
pub(crate) fn score(
    family: &str,
    version: &str,
    pass: usize,
    fail: usize,
    unknown: usize,
) -> ClusterScore {
    let counts = Counts { pass, fail, not_assessed: unknown, ..Counts::default() };
    ClusterScore {
        id: format!("{family}-{version}"),
        family: family.to_owned(),
        version: version.to_owned(),
        title: family.to_uppercase(),
        short: family.to_owned(),
        score: counts.score(),
        counts,
        ..ClusterScore::default()
    }
}

fn card(
    name: &str,
    frameworks: Vec<ClusterScore>,
    checks: &[(&str, Standing, usize)],
) -> ClusterCard {
    let checks = checks.iter().map(|(id, stands, open)| ((*id).into(), (*stands, *open))).collect();
    ClusterCard { name: name.to_owned(), frameworks, checks, ..ClusterCard::default() }
}

#[test]
fn editions_that_differ_and_what_is_unknown_are_said_in_each_cell() {
    let mut west = card("west", vec![score("cis", "1.0", 8, 1, 1)], &[]);
    west.reads.missing.push(Read {
        resource: "v1/pods".to_owned(),
        kind: None,
        namespace: None,
        status: ReadStatus::Forbidden,
        items: 0,
        message: None,
        millis: None,
    });
    let east = card("east", vec![score("cis", "2.0", 9, 1, 0), score("pss", "1", 3, 0, 0)], &[]);
    let rows = families(&[
        KnownCluster::Read(&west),
        KnownCluster::Read(&east),
        KnownCluster::Unread("south"),
    ]);
    let [cis, pss] = rows.as_slice() else { panic!("{rows:?}") };
    assert_eq!((cis.comparable, cis.editions.len()), (false, 2));
    assert_eq!(
        cis.cells[0].rests,
        "edition 1.0; 1 of 10 controls not assessed, and 1 read is missing"
    );
    assert_eq!(cis.cells[1].rests, "edition 2.0");
    assert_eq!(cis.cells[2].rests, "the cluster was not read");
    assert!(cis.cells[2].score.is_none());
    assert_eq!(pss.cells[0].rests, "not judged here");
    assert!(pss.comparable);
    let said = cautions(&rows);
    assert!(said[0].contains("1.0, 2.0") && said[1].ends_with("ends: cis."), "{said:?}");
}

#[test]
fn only_what_fails_in_some_differs_and_the_unknown_is_not_called_sound() {
    use Standing::{Accepted, Fail, NotAssessed, Pass};
    let a = card(
        "a",
        vec![],
        &[("all", Fail, 1), ("some", Fail, 2), ("dark", Fail, 1), ("ok", Pass, 0)],
    );
    let b = card(
        "b",
        vec![],
        &[("all", Fail, 1), ("some", Pass, 0), ("dark", NotAssessed, 0), ("ok", Pass, 0)],
    );
    let c = card("c", vec![], &[("all", Fail, 1), ("some", Accepted, 0), ("ok", Pass, 0)]);
    let all = [
        KnownCluster::Read(&a),
        KnownCluster::Read(&b),
        KnownCluster::Read(&c),
        KnownCluster::Unread("d"),
    ];
    let found = differences(&all, |id| (id.to_owned(), Severity::High));
    let [some, dark] = found.as_slice() else { panic!("{found:?}") };
    assert_eq!((&*some.check, some.certain, &*some.failing()), ("some", true, "a (2)"));
    assert_eq!(some.names(Standing::is_sound), "b, c");
    assert_eq!((&*dark.check, dark.certain), ("dark", false));
    assert_eq!(some.unknown(), "d (not read)");
    assert_eq!(dark.unknown(), "b (not assessed), c (not run), d (not read)");
    assert!(
        differences(&[KnownCluster::Read(&a), KnownCluster::Unread("d")], |id| (
            id.to_owned(),
            Severity::High
        ))
        .is_empty(),
        "one alone differs from nothing"
    );
}
