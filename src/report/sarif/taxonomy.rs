//! Taxonomies: frameworks with their controls and what became of each.

use serde_json::{Value, json};

use super::safe;
use crate::frameworks::ControlResult;
use crate::report::html::is_web;
use crate::report::{Input, Judged};

/// Every framework that was judged.
pub fn all(input: &Input<'_>) -> Vec<Value> {
    input.frameworks.iter().map(taxonomy).collect()
}

/// Names them, for the tool that refers to them.
pub fn references(input: &Input<'_>) -> Vec<Value> {
    let each = |(at, judged): (usize, &Judged)| json!({ "name": judged.result.id, "index": at });
    input.frameworks.iter().enumerate().map(each).collect()
}

fn taxonomy(judged: &Judged) -> Value {
    let (framework, result) = (&judged.framework, &judged.result);
    let mut value = json!({
        "name": result.id,
        "fullName": safe(&format!("{} {}", framework.title, framework.version)),
        "organization": safe(&framework.publisher),
        "version": safe(&framework.version),
        "shortDescription": { "text": safe(&framework.title) },
        "taxa": result.controls.iter().map(|control| taxon(judged, control)).collect::<Vec<_>>(),
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

fn taxon(judged: &Judged, result: &ControlResult) -> Value {
    let control = judged.framework.control(&result.id);
    json!({
        "id": result.id,
        "shortDescription": { "text": safe(control.map_or(&*result.id, |c| &c.title)) },
        "properties": {
            "status": result.status.word(),
            "failing": result.failing,
            "reasons": result.reasons.iter().map(|r| safe(r)).collect::<Vec<_>>(),
            "assessment": control.map(|c| c.assessment.word()),
        },
    })
}
