//! What leaves the process is judged as what was there: masks hide credentials, not what checks look at.

use super::*;
use crate::checks::capture::capture;
use crate::checks::examples::{judge_example, verdict};
use crate::model::node::Node;
use crate::model::path::FieldPath;
use crate::source::redact;
use crate::text::mask;

/// The same objects as a snapshot brings them back.
fn redacted(inventory: &Arc<Inventory>, secret: Option<(&Library, &Params)>) -> Inventory {
    let facts = Facts::new(Arc::clone(inventory), Options::default());
    let captured = secret.map(|(library, params)| Arc::new(capture(library, params, &facts)));
    let objects = inventory.objects().map(|object| {
        let found = captured.iter().flat_map(|captured| captured.of(&object.id));
        let places: Vec<_> = found.filter_map(|found| FieldPath::parse(&found.path).ok()).collect();
        Arc::new(Object::new(redact::shown(object.body(), &places)).unwrap())
    });
    let objects: Vec<_> = objects.collect();
    let mut world = Inventory::new(inventory.source.clone(), objects, inventory.reads.clone());
    world.captured = captured;
    world
}

#[test]
fn a_redacted_example_is_judged_as_the_raw_one() {
    // Looks into the body of a Secret, of which nothing but the sizes may be known.
    const BODIES: [&str; 1] = ["bootstrap-token-present"];
    let library = Library::builtin();
    let (mut wrong, mut count) = (Vec::new(), 0);
    for id in library.checks.keys().filter(|id| !BODIES.contains(&&***id)) {
        let check = library.full(id).unwrap();
        for example in &check.examples {
            let Ok((inventory, raw)) = judge_example(&check, example) else { continue };
            let params = Params(example.params.clone());
            let secret = check.rule.secret.then_some((&library, &params));
            let plan = Plan::of(&check, &params).unwrap();
            let facts = Facts::new(Arc::new(redacted(&inventory, secret)), Options::default());
            let again = run(&plan, &facts, &RunScope::default(), &Silent);
            count += 1;
            let told = |result: &RunResult| {
                let places = result.findings.iter().map(|f| (f.object.clone(), f.path.to_string()));
                (
                    verdict(&check, result).word(),
                    result.checks.get(&check.id).copied(),
                    places.collect::<Vec<_>>(),
                )
            };
            if told(&raw) != told(&again) {
                let why = again.not_assessed.iter().map(|gap| gap.missing.reason.clone());
                let why: Vec<_> = why.collect();
                wrong.push(format!(
                    "{id}, {}: {:?} became {:?} {why:?}",
                    example.name,
                    told(&raw),
                    told(&again)
                ));
            }
        }
    }
    assert!(count > 500, "{count}");
    assert!(wrong.is_empty(), "{} of {count}:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn what_checks_find_by_its_shape_is_masked_where_no_check_looks() {
    let library = Library::builtin();
    let (mut shown, mut count) = (Vec::new(), 0);
    for check in library.checks.values().filter(|check| check.rule.secret) {
        let check = library.full(&check.id).unwrap();
        // Names that somebody sets are known to the check alone.
        for example in check.examples.iter().filter(|example| example.params.is_empty()) {
            let Ok((inventory, result)) = judge_example(&check, example) else { continue };
            for finding in &result.findings {
                let object = inventory.objects().find(|o| finding.object.as_ref() == Some(&o.id));
                let Some(text) = object.and_then(|o| finding.path.walk(o.body())?.as_str()) else {
                    continue;
                };
                count += 1;
                // Its name may tell it as well; the tree knows that.
                let name = finding.path.to_string();
                let masked = redact::for_capture(Node::clone(object.unwrap().body()));
                let kept = finding.path.walk(&masked).and_then(Node::as_str) == Some(text);
                if kept && mask(text) == text {
                    shown.push(format!("{}, {}: {name}: {text}", check.id, example.name));
                }
            }
        }
    }
    assert!(count > 20, "{count}");
    assert!(shown.is_empty(), "{} of {count}:\n{}", shown.len(), shown.join("\n"));
}
