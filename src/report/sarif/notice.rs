//! What went wrong or could not be looked at: notifications of the run.

use serde_json::{Value, json};

use super::location::Files;
use super::rule::Rules;
use super::safe;
use crate::model::finding::Gap;
use crate::model::inventory::{Problem, ProblemKind};
use crate::report::{Input, about};

/// The kinds of notifications.
pub fn descriptors() -> Value {
    let each = |id: &str, text: &str| json!({ "id": id, "shortDescription": { "text": text } });
    json!([
        each("not-assessed", "Something that a check rests on is not known"),
        each("not-judged", "A framework was not judged"),
        each("problem-check", "A check file is broken"),
        each("problem-framework", "A framework file is broken"),
        each("problem-document", "A document could not be read"),
        each("problem-config", "A configuration file is broken"),
        each("problem-evaluation", "A rule could not be evaluated"),
    ])
}

/// The run as an invocation.
pub fn invocation(input: &Input<'_>, rules: &Rules, files: &Files) -> Value {
    let gaps = input.result.not_assessed.iter().map(|gap| unknown(gap, rules));
    let (configuration, execution): (Vec<&Problem>, Vec<&Problem>) =
        input.result.problems.iter().partition(|p| {
            matches!(p.kind, ProblemKind::Check | ProblemKind::Framework | ProblemKind::Config)
        });
    let all = |list: Vec<&Problem>| list.into_iter().map(|p| problem(p, files)).collect::<Vec<_>>();
    let mut set_up = all(configuration);
    set_up.extend(input.not_judged.iter().map(|n| {
        json!({
            "descriptor": { "id": "not-judged" },
            "level": "note",
            "message": { "text": safe(&format!("{}: {}", n.id, n.reason)) },
        })
    }));
    let mut told = all(execution);
    told.extend(gaps);
    json!({
        "executionSuccessful": true,
        "startTimeUtc": input.started,
        "endTimeUtc": input.finished,
        "toolConfigurationNotifications": set_up,
        "toolExecutionNotifications": told,
    })
}

fn unknown(gap: &Gap, rules: &Rules) -> Value {
    json!({
        "descriptor": { "id": "not-assessed" },
        "associatedRule": { "id": &*gap.check, "index": rules.index(&gap.check) },
        "level": "warning",
        "message": { "text": safe(&gap.missing.reason) },
        "properties": {
            "read": safe(&gap.missing.read),
            "namespace": gap.missing.namespace.as_deref().map(safe),
            "status": gap.missing.status.word(),
            "count": gap.count,
            "platform": gap.platform,
        },
    })
}

fn problem(problem: &Problem, files: &Files) -> Value {
    let id = format!("problem-{}", about::problem_word(problem.kind));
    let mut value = json!({
        "descriptor": { "id": id },
        "level": "error",
        "message": { "text": safe(&problem.message) },
        "properties": { "object": problem.object.as_ref().map(super::named) },
    });
    if let (Some(map), Some(file)) = (value.as_object_mut(), problem.file.as_deref()) {
        let mut place = json!({ "artifactLocation": files.location(file) });
        if let (Some(place), Some(line)) = (place.as_object_mut(), problem.line.filter(|l| *l > 0))
        {
            let mut region = json!({ "startLine": line });
            if let (Some(map), Some(column)) =
                (region.as_object_mut(), problem.column.filter(|c| *c > 0))
            {
                map.insert("startColumn".to_owned(), json!(column));
            }
            place.insert("region".to_owned(), region);
        }
        map.insert("locations".to_owned(), json!([{ "physicalLocation": place }]));
    }
    value
}
