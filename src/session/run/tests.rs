use super::*;
use crate::model::finding::Severity;
use crate::model::node::Node;
use crate::model::path::FieldPath;

fn finding(number: usize) -> Arc<Finding> {
    Arc::new(Finding {
        fingerprint: format!("p1:{number:032x}"),
        check: "privileged-container".into(),
        severity: Severity::High,
        scope: "container".into(),
        instances: number,
        container: Some("app".into()),
        path: FieldPath::parse("spec.containers[0].image").unwrap(),
        value: Some(Node::from_json(br#"{"a\n]": "\"findings\":[]"}"#).unwrap()),
        message: "line\nfeed, \"findings\":[\n] and \"findings\":[]".into(),
        ..Finding::default()
    })
}

pub(super) fn record(findings: usize) -> RunRecord {
    RunRecord {
        schema: "s".into(),
        number: 7,
        started: "\"findings\":[]".into(),
        finished: String::new(),
        tool: "0".into(),
        content: String::new(),
        settings: crate::model::settings::RunSettings::default(),
        selection: Selection::default(),
        source: SourceInfo { files: vec!["\"findings\":[\n]".into()], ..SourceInfo::default() },
        provider: None,
        reads: Vec::new(),
        result: Arc::new(RunResult {
            findings: (0..findings).map(finding).collect(),
            evidence: vec![finding(1)],
            ..RunResult::default()
        }),
    }
}

#[test]
fn a_run_comes_back_from_its_text() {
    for findings in [0, 1, 2, BATCH, BATCH + 1, 3 * BATCH] {
        let record = record(findings);
        let text = record.to_text().unwrap();
        assert_eq!(RunRecord::from_text(&text).unwrap(), record, "{findings}");
        // For everybody else it is JSON.
        assert_eq!(serde_json::from_slice::<RunRecord>(&text).unwrap(), record, "{findings}");
        let lines = text.split(|b| *b == b'\n').count() - 1;
        assert_eq!(lines, if findings == 0 { 0 } else { findings + 1 });
        assert_eq!(RunRecord::from_lines(&*text).is_some(), findings > 0);
    }
}

#[test]
fn any_other_layout_is_read_too_and_what_is_broken_is_refused() {
    let record = record(2);
    let pretty = serde_json::to_vec_pretty(&record).unwrap();
    assert_eq!(RunRecord::from_text(&pretty).unwrap(), record);
    assert_eq!(RunRecord::from_text(&serde_json::to_vec(&record).unwrap()).unwrap(), record);
    let text = record.to_text().unwrap();
    for cut in [0, 1, text.len() / 2, text.len() - 1] {
        assert!(RunRecord::from_text(&text[..cut]).is_err(), "cut to {cut}");
    }
    let text = String::from_utf8(text).unwrap();
    assert!(RunRecord::from_text(text.replacen("\n{", "\n", 1).as_bytes()).is_err());
}
