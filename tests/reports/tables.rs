//! The tables for spreadsheets, read by another's reader.

use std::collections::BTreeMap;

use plimsoll::report::Format;

use super::fixture::{Assessed, TODAY, demo, hostile, many};

type Row = BTreeMap<String, String>;

fn rows(assessed: &Assessed, format: Format) -> Vec<Row> {
    let text = assessed.report(format);
    let mut reader = csv::ReaderBuilder::new().from_reader(text.as_bytes());
    reader.deserialize().map(Result::unwrap).collect()
}

const TABLES: [Format; 4] =
    [Format::Csv, Format::CsvControls, Format::CsvDecisions, Format::CsvRun];

#[test]
fn findings_come_with_everything_known_of_them() {
    let demo = demo();
    let rows = rows(demo, Format::Csv);
    let result = &demo.result;
    assert_eq!(rows.len(), result.findings.len() + result.evidence.len());
    for (finding, row) in result.findings.iter().zip(&rows) {
        assert_eq!(row["fingerprint"], finding.fingerprint);
        assert_eq!(row["severity"], finding.severity.word());
        assert_eq!(row["path"], finding.path.to_string());
        assert!(!row["title"].is_empty() && !row["why"].is_empty() && !row["fix"].is_empty());
    }
    let words = |at: usize| [&*rows[at]["decision"], &rows[at]["approver"], &rows[at]["expires"]];
    assert_eq!(words(0), ["accepted", "grace", "2027-01-01"]);
    assert_eq!(words(1), ["open", "grace", "2026-05-31"], "its acceptance is over on {TODAY}");
    assert!(rows.iter().filter(|r| r["list"] == "evidence").all(|r| r["decision"].is_empty()));
}

#[test]
fn controls_come_with_status_and_answer() {
    let demo = demo();
    let rows = rows(demo, Format::CsvControls);
    let all = demo.judged().iter().flat_map(|j| &j.result.controls);
    assert_eq!(rows.len(), all.clone().count());
    for (control, row) in all.zip(&rows) {
        assert_eq!((&*row["control"], &*row["status"]), (&*control.id, control.status.word()));
        assert_eq!(row["attested"], control.attested.to_string());
        assert!(!control.attested || row["reviewer"] == "grace", "{row:?}");
    }
    assert!(rows.iter().any(|r| r["in_force"] == "false" && r["expires"] == "2026-01-01"));
}

#[test]
fn decisions_come_also_without_their_finding() {
    let rows = rows(demo(), Format::CsvDecisions);
    assert_eq!(rows.len(), 6);
    assert_eq!(rows.iter().filter(|r| r["found"] == "false").count(), 1);
    assert_eq!((&*rows[0]["by"], &*rows[0]["origin"]), ("ada", "session"));
    assert_eq!((&*rows[1]["state"], &*rows[1]["decided"]), ("open", "accepted"));
    assert_eq!(rows[4]["origin"], "file decisions.yaml");
}

#[test]
fn the_run_has_scope_reads_gaps_and_verdicts() {
    let demo = demo();
    let rows = rows(demo, Format::CsvRun);
    let of = |about: &str| rows.iter().filter(|r| r["about"] == about).count();
    assert_eq!(of("read"), demo.with(|input| input.reads.len()));
    assert_eq!(of("not assessed"), demo.result.not_assessed.len());
    assert_eq!(of("framework"), demo.judged().len());
    assert_eq!(of("not judged"), demo.with(|input| input.not_judged.len()));
    assert_eq!(of("import"), 1);
    assert!(of("assessment") > 6 && of("check") > demo.result.checks.len() / 2);
    assert!(rows.iter().any(|r| r["status"] == "attested"));
}

#[test]
fn no_cell_is_a_formula_and_none_is_lost() {
    let assessed = hostile();
    for format in TABLES {
        let text = assessed.report(format);
        assert!(!text.contains("AKIAABCDEFGHIJKLMNOP"), "{format:?}");
        assert!(text.chars().all(|c| "\r\n".contains(c) || plimsoll::text::is_safe(c)));
        assert!(text.ends_with("\r\n") && !text.replace("\r\n", "").contains(['\r', '\n']));
        for row in rows(&assessed, format) {
            for (name, cell) in row {
                let formula = cell.trim_start().starts_with(['=', '+', '-', '@', '\t', '\r']);
                assert!(!formula, "{name}: {cell}");
            }
        }
    }
    let rows = rows(&assessed, Format::Csv);
    assert!(rows.iter().any(|r| r["name"].starts_with("'=1+1\\u{1b}[31m")), "{:?}", rows[0]);
}

#[test]
fn twenty_thousand_findings_are_all_there() {
    let assessed = many();
    assert_eq!(rows(assessed, Format::Csv).len(), 20_000 + assessed.result.evidence.len());
}
