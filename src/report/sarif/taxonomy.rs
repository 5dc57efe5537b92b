//! Taxonomies: frameworks with their controls and what became of each.

use serde_json::{Value, json};

use super::safe;
use crate::frameworks::ControlResult;
use crate::model::attestation::Attestation;
use crate::report::html::is_web;
use crate::report::{Input, Judged, about};

/// Every framework that was judged.
pub fn all(input: &Input<'_>) -> Vec<Value> {
    input.frameworks.iter().map(|judged| taxonomy(input, judged)).collect()
}

/// Names them, for the tool that refers to them.
pub fn references(input: &Input<'_>) -> Vec<Value> {
    let each = |(at, judged): (usize, &Judged)| json!({ "name": judged.result.id, "index": at });
    input.frameworks.iter().enumerate().map(each).collect()
}

fn taxonomy(input: &Input<'_>, judged: &Judged) -> Value {
    let (framework, result) = (&judged.framework, &judged.result);
    let mut value = json!({
        "name": result.id,
        "fullName": safe(&format!("{} {}", framework.title, result.version)),
        "organization": safe(&framework.publisher),
        "version": safe(&result.version),
        "shortDescription": { "text": safe(&framework.title) },
        "taxa": result.controls.iter().map(|control| taxon(input, judged, control)).collect::<Vec<_>>(),
        "isComprehensive": false,
        "properties": {
            "kind": result.kind.word(),
            "level": result.level,
            "score": result.score,
            "scorePlatform": result.score_platform,
            "counts": result.counts,
            "chosenBecause": safe(&result.chosen_because),
            "note": result.note.as_deref().map(safe),
            "numbering": if framework.numbering.is_empty() { "official" } else { "plimsoll" },
        },
    });
    if let (Some(map), true) = (value.as_object_mut(), is_web(&framework.url)) {
        map.insert("informationUri".to_owned(), Value::from(framework.url.as_str()));
    }
    value
}

fn taxon(input: &Input<'_>, judged: &Judged, result: &ControlResult) -> Value {
    let answer = about::answer(input, &judged.result.id, &result.id);
    let control = judged.framework.control(&result.id);
    json!({
        "id": result.id,
        "shortDescription": { "text": safe(control.map_or(&*result.id, |c| &c.title)) },
        "properties": {
            "status": result.status.word(),
            "attested": result.attested,
            "attestation": answer.map(|a| attestation(a, input.today)),
            "failing": result.failing,
            "reasons": result.reasons.iter().map(|r| safe(r)).collect::<Vec<_>>(),
            "assessment": control.map(|c| c.assessment.word()),
        },
    })
}

/// An answer, with whether it holds today.
fn attestation(answer: &Attestation, today: &str) -> Value {
    let text = |value: &Option<String>| value.as_deref().map(safe);
    json!({
        "answer": answer.answer.word(),
        "inForce": answer.in_force(today),
        "reviewer": safe(&answer.reviewer),
        "date": safe(&answer.date),
        "expires": text(&answer.expires),
        "evidence": text(&answer.evidence),
        "link": text(&answer.link),
        "file": about::evidence_file(answer).map(|file| safe(&file)),
    })
}
