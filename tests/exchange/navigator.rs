//! Layers of the ATT&CK Navigator. There is no schema: what its description asks for is held here.

use std::collections::BTreeSet;

use plimsoll::model::decision::{Decision, DecisionState};
use plimsoll::report::Format;
use plimsoll::session::run::Selection;
use serde_json::Value;

use super::assessed::{Assessed, harmless, hostile};

fn layer(assessed: &Assessed) -> Value {
    let text = assessed.render(Format::Navigator).unwrap();
    harmless(&text);
    let layer: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(layer["domain"], "enterprise-attack");
    assert_eq!(layer["versions"]["layer"], "4.5");
    assert_eq!(layer["versions"]["attack"], "19.2");
    assert!(layer["gradient"]["maxValue"].as_u64() > layer["gradient"]["minValue"].as_u64());
    let mut ids = BTreeSet::new();
    for technique in techniques(&layer) {
        let id = technique["techniqueID"].as_str().unwrap();
        let bare = id.strip_prefix('T').unwrap();
        let (number, sub) = bare.split_once('.').unwrap_or((bare, "000"));
        let digits =
            |text: &str, len| text.len() == len && text.bytes().all(|b| b.is_ascii_digit());
        assert!(digits(number, 4) && digits(sub, 3), "{id}");
        assert!(ids.insert(id.to_owned()), "{id} stands twice");
        for part in ["metadata", "comment", "color", "enabled"] {
            assert!(!technique[part].is_null(), "{id}: {part}");
        }
    }
    layer
}

fn techniques(layer: &Value) -> &[Value] {
    layer["techniques"].as_array().unwrap()
}

fn status(technique: &Value) -> &str {
    let all = technique["metadata"].as_array().unwrap();
    all.iter().find(|m| m["name"] == "status").unwrap()["value"].as_str().unwrap()
}

fn one<'a>(layer: &'a Value, id: &str) -> &'a Value {
    techniques(layer).iter().find(|t| t["techniqueID"] == id).unwrap()
}

#[test]
fn techniques_have_the_colour_and_score_of_their_status() {
    let layer = layer(&Assessed::demo(&["mitre-attack"]));
    let legend = layer["legendItems"].as_array().unwrap();
    let mut seen = BTreeSet::new();
    for technique in techniques(&layer) {
        let status = status(technique);
        let shown = legend.iter().find(|item| item["color"] == technique["color"]).unwrap();
        assert!(shown["label"].as_str().unwrap().starts_with(&status.replace('-', " ")));
        match status {
            "exposed" => assert!(technique["score"].as_u64().unwrap() > 0, "{technique}"),
            "mitigated" => assert_eq!(technique["score"], 0),
            _ => assert!(technique["score"].is_null(), "{technique}"),
        }
        seen.insert(status);
    }
    assert_eq!(Vec::from_iter(seen), ["exposed", "mitigated", "not-assessed"]);
    let escape = one(&layer, "T1611");
    let comment = escape["comment"].as_str().unwrap();
    assert!(
        comment.contains("open findings") && comment.contains("privileged-container: "),
        "{comment}"
    );
    // The ids are those of the version named: this one replaced two older ones.
    assert!(techniques(&layer).iter().any(|t| t["techniqueID"] == "T1685"));
    assert!(!techniques(&layer).iter().any(|t| t["techniqueID"] == "T1562"));
    let names: Vec<&str> =
        layer["metadata"].as_array().unwrap().iter().filter_map(|m| m["name"].as_str()).collect();
    for name in ["source", "started", "content", "reads", "selected-frameworks"] {
        assert!(names.contains(&name), "{names:?}");
    }
    assert!(layer["description"].as_str().unwrap().contains("© The MITRE Corporation"));
}

#[test]
fn accepting_takes_nothing_from_an_attacker() {
    let mut assessed = Assessed::demo(&["mitre-attack"]);
    let before = one(&layer(&assessed), "T1611").clone();
    for at in 0..assessed.result.findings.len() {
        let decision = Decision { state: DecisionState::Accepted, ..Decision::default() };
        assessed.decide(at, decision);
    }
    let after = one(&layer(&assessed), "T1611").clone();
    assert_eq!(status(&after), "exposed");
    assert_eq!(after["score"], before["score"]);
    assert!(after["comment"].as_str().unwrap().contains("(accepted)"));
}

#[test]
fn without_the_matrix_there_is_no_layer() {
    let error = Assessed::demo(&["pss-baseline"]).render(Format::Navigator).unwrap_err();
    let text = error.to_string();
    assert!(text.contains("was not judged") && text.contains("--framework mitre-attack"), "{text}");
    layer(&Assessed::manifest(&hostile(), &Selection::default()));
}
