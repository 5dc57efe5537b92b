//! What a check file promises beyond its verdicts: that its fields exist where its examples
//! fail, and that its patch mends them.

use std::sync::Arc;

use crate::facts::{Facts, Options};
use crate::model::inventory::Inventory;
use crate::model::object::Object;

use super::check::{Check, Example, Expected};
use super::compiled::Params;
use super::examples::{judge_example, verdict};
use super::plan::Plan;
use super::remedy::{Remedy, remedy_with};
use super::run::{Silent, run};
use super::select::RunScope;

/// What is wrong with a check, which must be in its full text.
#[must_use]
pub fn lint(check: &Arc<Check>) -> Vec<String> {
    let mut faults = Vec::new();
    let mut patched = false;
    for example in check.examples.iter().filter(|e| e.verdict == Expected::Fail) {
        match mended(check, example) {
            Ok(changed) => patched |= changed,
            Err(fault) => faults.push(format!("example `{}`: {fault}", example.name)),
        }
    }
    if !check.patches.is_empty() && !patched {
        faults.push("the patch changes no failing example".to_owned());
    }
    for reference in &check.explain.references {
        if !reference.starts_with("https://") {
            faults.push(format!("reference `{reference}` is no https address"));
        }
    }
    faults
}

/// Applies the patch to every finding of an example, until none of them has one. The example
/// must not fail then at a place that was patched. Whether anything was patched.
fn mended(check: &Arc<Check>, example: &Example) -> Result<bool, String> {
    let (inventory, result) = judge_example(check, example)?;
    if check.patches.is_empty() {
        return Ok(false);
    }
    let params = Params(example.params.clone());
    let mut inventory = inventory;
    let mut result = result;
    let mut patched = Vec::new();
    // Every finding is mended in turn, on the tree as the ones before left it.
    for _ in 0..result.findings.len() {
        let found = result.findings.iter().filter(|f| !patched.contains(&f.fingerprint));
        let next = found.clone().find_map(|finding| {
            let remedy = remedy_with(check, &params, finding, &inventory)?;
            Some((finding.fingerprint.clone(), remedy))
        });
        let Some((fingerprint, remedy)) = next else { break };
        forms(&remedy)?;
        patched.push(fingerprint);
        inventory = Arc::new(replaced(&inventory, &remedy)?);
        let plan = Plan::of(check, &params).map_err(|problem| problem.message)?;
        let facts = Facts::new(Arc::clone(&inventory), Options::default());
        result = run(&plan, &facts, &RunScope::default(), &Silent);
    }
    let left = result.findings.iter().find(|f| patched.contains(&f.fingerprint));
    if let Some(left) = left {
        return Err(format!("the patch does not mend {}", left.path));
    }
    if verdict(check, &result) == Expected::Error {
        return Err("the patched example cannot be evaluated".to_owned());
    }
    Ok(!patched.is_empty())
}

/// Each form of the change says something.
fn forms(remedy: &Remedy) -> Result<(), String> {
    let empty = |value: &serde_json::Value| {
        value.as_object().is_some_and(serde_json::Map::is_empty)
            || value.as_array().is_some_and(Vec::is_empty)
    };
    let strategic = remedy.strategic_merge().is_some_and(|patch| empty(&patch));
    if strategic || empty(&remedy.json_merge()) || empty(&remedy.json_patch()) {
        return Err("a form of the patch is empty".to_owned());
    }
    Ok(())
}

fn replaced(inventory: &Inventory, remedy: &Remedy) -> Result<Inventory, String> {
    let mut objects: Vec<Arc<Object>> = inventory.objects().cloned().collect();
    for object in &mut objects {
        if object.id == remedy.target {
            let changed = Object::new(remedy.after.clone()).map_err(|error| error.to_string())?;
            *object = Arc::new(changed);
        }
    }
    Ok(Inventory::new(inventory.source.clone(), objects, inventory.reads.clone()))
}
