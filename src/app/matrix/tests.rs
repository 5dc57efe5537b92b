use super::*;
use crate::frameworks::{ControlCheck, Counts, FrameworkKind, FrameworkResult, Set, Strength};
use crate::model::finding::RunResult;
use crate::model::severities::BySeverity;

use super::super::data::ShownContent;

const MATRIX: &str = r#"
id = "m"
kind = "matrix"
title = "M"
publisher = "P"
version = "1"
url = "https://example.com"
[[control]]
id = "T2"
title = "Two"
assessment = "partial"
tactics = ["Impact", "Homemade"]
checks = [{ id = "a", strength = "partial" }, { id = "b", strength = "supporting" }]
[[control]]
id = "T2.001"
title = "Part of two"
assessment = "partial"
tactics = ["Impact"]
parent = "T2"
[[control]]
id = "T1"
title = "One"
assessment = "partial"
tactics = ["Execution"]
[[control]]
id = "T1.001"
title = "A part whose whole is not here"
assessment = "partial"
tactics = ["Initial Access"]
parent = "T1"
"#;

fn data() -> Data {
    let mut set = Set::default();
    set.add("m.toml", MATRIX);
    assert_eq!(set.problems, []);
    let content = ShownContent { frameworks: Arc::new(set), ..ShownContent::default() };
    Data { content: Arc::new(content), ..Data::default() }
}

fn judged(status: Status, checks: Vec<ControlCheck>) -> FrameworkResult {
    let control = ControlResult {
        id: "T2".to_owned(),
        status,
        failing: 0,
        reasons: Vec::new(),
        attested: false,
        checks,
    };
    FrameworkResult {
        id: "m".to_owned(),
        version: "1".to_owned(),
        kind: FrameworkKind::Matrix,
        chosen_because: String::new(),
        note: None,
        level: None,
        score: None,
        score_platform: None,
        counts: Counts::default(),
        controls: vec![control],
    }
}

fn check(id: &str, findings: usize, undecided: usize) -> ControlCheck {
    ControlCheck {
        id: id.to_owned(),
        strength: Strength::Full,
        ran: true,
        findings,
        pass: 0,
        undecided,
    }
}

/// Tactics as `=name`, techniques as their number, sub-techniques indented.
fn outline(rows: &[Row]) -> Vec<String> {
    rows.iter()
        .map(|row| match &row.item {
            Item::Tactic { name, .. } => format!("={name}"),
            Item::Technique(cell) if cell.sub => format!("  {}", cell.id),
            Item::Technique(cell) => cell.id.to_string(),
            other => panic!("{other:?}"),
        })
        .collect()
}

fn cell(data: &Data, id: &str) -> Arc<Technique> {
    let rows = data.matrix_rows(None);
    let found = rows.iter().find_map(|row| match &row.item {
        Item::Technique(cell) if &*cell.id == id => Some(Arc::clone(cell)),
        _ => None,
    });
    found.expect("the technique is there")
}

#[test]
fn tactics_stand_in_the_order_of_an_attack_and_parts_under_their_technique() {
    let rows = data().matrix_rows(None);
    let expected = [
        "=Initial Access",
        "T1.001",
        "=Execution",
        "T1",
        "=Impact",
        "T2",
        "  T2.001",
        "=Homemade",
        "T2",
    ];
    assert_eq!(outline(&rows), expected);
    let ids: std::collections::BTreeSet<u64> = rows.iter().map(|row| row.id).collect();
    assert_eq!(ids.len(), rows.len(), "a technique under two tactics is two cells");
}

#[test]
fn nothing_is_ever_passed() {
    let mut data = data();
    assert_eq!(cell(&data, "T2").exposure(), Exposure::NotRun);
    for (status, exposure) in [
        (Status::Mitigated, Exposure::Mitigated),
        (Status::NotAssessed, Exposure::NotAssessed),
        (Status::Exposed, Exposure::Elsewhere),
        // A matrix has no control that passes; should one say so, it is not taken for mitigated.
        (Status::Pass, Exposure::NotAssessed),
    ] {
        data.judged = Arc::new(vec![judged(status, Vec::new())]);
        assert_eq!(cell(&data, "T2").exposure(), exposure);
    }
}

#[test]
fn open_findings_are_counted_by_severity_and_those_of_the_platform_only_where_they_decide() {
    let mut data = data();
    let finding = |print: &str, severity, platform| {
        let json = serde_json::json!({
            "fingerprint": print, "check": "a", "severity": severity, "form": "rule",
            "scope": "pod", "object": null, "owner": null, "instances": 0, "stale": 0,
            "origin": null, "container": null, "path": "spec", "missing": false, "value": null,
            "message": "", "note": null, "platform": platform, "file": null, "line": null,
        });
        Arc::new(serde_json::from_value::<Finding>(json).unwrap())
    };
    let findings = vec![
        finding("1", "high", false),
        finding("2", "low", false),
        finding("3", "critical", true),
    ];
    data.result = Some(Arc::new(RunResult { findings, ..RunResult::default() }));
    data.judged = Arc::new(vec![judged(Status::Exposed, vec![check("a", 2, 0), check("b", 0, 0)])]);
    let seen = cell(&data, "T2");
    assert_eq!(seen.open, BySeverity::from([0, 1, 0, 1, 0]));
    assert_eq!(seen.exposure(), Exposure::Open(Severity::High));
    assert_eq!(seen.measures, MeasureCounts { held: 1, lacking: 0, unknown: 0 });
    data.judged = Arc::new(vec![judged(Status::Exposed, vec![check("a", 3, 0), check("b", 0, 2)])]);
    let seen = cell(&data, "T2");
    assert_eq!(seen.exposure(), Exposure::Open(Severity::Critical), "the platform was included");
    assert_eq!(seen.measures, MeasureCounts { held: 0, lacking: 0, unknown: 1 });
}
