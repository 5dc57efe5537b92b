//! What a check file promises beyond its verdicts: that its fields exist in its examples, and that
//! its patch mends those that fail.

use std::sync::Arc;

use crate::facts::{Facts, Options};
use crate::model::finding::RunResult;
use crate::model::inventory::Inventory;
use crate::model::node::Node;
use crate::model::object::Object;
use crate::model::path::Seg;

use super::check::{Check, Example, Expected, Origin};
use super::compiled::Params;
use super::examples::{self, judge_example, verdict, without_clock};
use super::locate::Spot;
use super::place::{Anchor, Anchored};
use super::plan::Plan;
use super::remedy::{Remedy, remedy_with};
use super::run::{Silent, run};
use super::scope::Scope;
use super::select::RunScope;

/// What is wrong with a check, and where in its file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LintFault {
    spot: Spot,
    /// What is wrong.
    pub message: String,
}

impl LintFault {
    fn at(spot: &[&str], message: impl Into<String>) -> Self {
        Self { spot: Spot::of(spot), message: message.into() }
    }

    /// Its line and column in the text of the check.
    #[must_use]
    pub fn place(&self, text: &str) -> Option<(u32, u32)> {
        self.spot.find(text)
    }
}

/// What is wrong with a check, which must be in its full text.
#[must_use]
pub fn lint(check: &Arc<Check>) -> Vec<LintFault> {
    let mut faults = Vec::new();
    let mut patched = false;
    let mut trees = Vec::new();
    for (at, example) in check.examples.iter().enumerate() {
        let fault = match judge_example(check, example) {
            Ok((inventory, result)) => {
                trees.extend(inventory.objects().map(|object| (**object.body()).clone()));
                let fails = example.verdict == Expected::Fail && !check.patches.is_empty();
                let mended = fails.then(|| mended(check, example, inventory, result, &mut trees));
                let changed = mended.transpose();
                let wrong = changed.map(|changed| patched |= changed.unwrap_or(false)).err();
                wrong.map(|message| (Spot::default(), message))
            }
            Err(broken) => Some((broken.spot, broken.message)),
        };
        faults.extend(fault.map(|(spot, message)| LintFault {
            spot: examples::spot(at).then(spot),
            message: format!("example `{}`: {message}", example.name),
        }));
    }
    faults.extend(timeless(check));
    faults.extend(unseen(check, &trees));
    if !check.patches.is_empty() && !patched {
        faults.push(LintFault::at(&["patch"], "the patch changes no failing example"));
    }
    if matches!(check.origin, Origin::BuiltIn(_)) {
        if check.explain.references.is_empty() {
            faults.push(LintFault::at(&["explain"], "no reference says where to read on"));
        }
        let outside = |example: &Example| example.verdict == Expected::NotApplicable;
        if check.target.when.is_some() && !check.examples.iter().any(outside) {
            let message = "no example is not applicable, so nothing shows what `when` leaves out";
            faults.push(LintFault::at(&["target", "when"], message));
        }
    }
    for (at, reference) in check.explain.references.iter().enumerate() {
        if !crate::text::is_https(reference) {
            let spot = Spot::of(&["explain", "references"]).index(at);
            let message = format!("reference `{reference}` is no https address");
            faults.push(LintFault { spot, message });
        }
    }
    faults
}

/// What becomes of a rule that asks for the time where nothing tells it, as in manifests: it can still be
/// evaluated, and what fails by the time is not passed.
fn timeless(check: &Arc<Check>) -> Vec<LintFault> {
    let unknowns = check.rule.unknowns.iter().map(|unknown| &unknown.when);
    let mut rules = [&check.rule.fail].into_iter().chain(&check.target.when).chain(unknowns);
    if !rules.any(|rule| rule.contains("now")) {
        return Vec::new();
    }
    let fault = |(at, example): (usize, &Example)| {
        let (_, result) = judge_example(check, &without_clock(example)).ok()?;
        let told = match verdict(check, &result) {
            Expected::Error => "it cannot be evaluated",
            Expected::Pass if example.verdict == Expected::Fail => "it passes",
            _ => return None,
        };
        let why = result.problems.first().map(|p| format!(": {}", p.message)).unwrap_or_default();
        let name = &example.name;
        let message = format!("example `{name}`: where nothing tells when it was read {told}{why}");
        Some(LintFault { spot: examples::spot(at), message })
    };
    check.examples.iter().enumerate().filter_map(fault).collect()
}

/// Paths of the check that stand in no example, nor in one that was patched: the name of a field
/// is probably misspelt. Flags of a component are no fields of its object, and what Secrets hold is
/// dropped when they are read.
fn unseen(check: &Check, trees: &[Node]) -> Vec<LintFault> {
    if check.target.scope == Scope::Component {
        return Vec::new();
    }
    let spot = |keys: &[&str]| Spot::of(keys);
    let places = check.rule.at.iter().enumerate();
    let places = places.map(|(at, p)| ("at", spot(&["rule", "at"]).index(at), &p.path));
    let each = check.rule.each.iter().map(|path| ("each", spot(&["rule", "each"]), path));
    let patches = check.patches.iter().enumerate();
    let patches = patches.map(|(at, p)| ("patch", spot(&["patch"]).index(at).key("path"), &p.path));
    let secret =
        |path: &[Seg]| path.first() == Some(&Seg::Field("data".into())) && of_secrets(check);
    let missing = places.chain(each).chain(patches).filter(|(.., path)| {
        let (path, whole) = in_template(&path.path.0, path.anchor);
        let seen = |tree: &Node| if whole { leads(tree, path) } else { anywhere(tree, path) };
        !secret(path) && !trees.iter().any(seen)
    });
    let fault = |(key, spot, path): (&str, Spot, &Anchored)| {
        let message = format!(
            "`{key}` names `{}`, which no example has before or after its patch",
            path.path
        );
        LintFault { spot, message }
    };
    missing.map(fault).collect()
}

fn of_secrets(check: &Check) -> bool {
    let secret = crate::model::kinds::Kind::new("", "Secret");
    !check.target.kinds.is_empty() && check.target.kinds.iter().all(|k| k.matches(&secret))
}

/// What is left of a path inside the template of pods, wherever the kind keeps it, and whether it
/// starts at the object.
fn in_template(path: &[Seg], anchor: Anchor) -> (&[Seg], bool) {
    let prefixes: [&[&str]; 3] =
        [&["template"], &["spec", "template"], &["spec", "jobTemplate", "spec", "template"]];
    for prefix in prefixes.into_iter().filter(|_| anchor == Anchor::Object) {
        let (head, rest) = path.split_at_checked(prefix.len()).unwrap_or_default();
        let same =
            |(seg, name): (&Seg, &&str)| matches!(seg, Seg::Field(field) if **field == **name);
        if head.len() == prefix.len() && head.iter().zip(prefix).all(same) {
            return (rest, false);
        }
    }
    (path, anchor == Anchor::Object)
}

/// Whether a path leads somewhere from some node of a tree.
fn anywhere(node: &Node, path: &[Seg]) -> bool {
    let below = || match (node.as_map(), node.as_list()) {
        (Some(map), _) => map.iter().any(|(_, value)| anywhere(value, path)),
        (_, Some(list)) => list.iter().any(|item| anywhere(item, path)),
        _ => false,
    };
    leads(node, path) || below()
}

/// Whether a path leads somewhere from a node; a list stands for each of its items.
fn leads(node: &Node, path: &[Seg]) -> bool {
    let Some((first, rest)) = path.split_first() else { return true };
    match (first, node.as_list()) {
        (Seg::Index(at), list) => {
            list.and_then(|list| list.get(*at)).is_some_and(|item| leads(item, rest))
        }
        (Seg::Field(_), Some(list)) => list.iter().any(|item| leads(item, path)),
        (Seg::Field(name), None) => node.get(name).is_some_and(|value| leads(value, rest)),
    }
}

/// Applies the patch to every finding of an example, until none of them has one. The example
/// must not fail then at a place that was patched. Whether anything was patched; what came of it
/// is added to `trees`.
fn mended(
    check: &Arc<Check>,
    example: &Example,
    mut inventory: Arc<Inventory>,
    mut result: RunResult,
    trees: &mut Vec<Node>,
) -> Result<bool, String> {
    let params = Params(example.params.clone());
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
        trees.push(remedy.after.clone());
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::check::Origin;
    use crate::checks::schema;

    const CHECK: &str = r#"
id = "x"
title = "t"
severity = "low"
form = "rule"
[target]
scope = "pod"
[rule]
fail = "pod.?hostPID.orValue(false)"
at = "hostPID"
message = "m"
[explain]
why = "w"
fix = "f"
references = ["https://kubernetes.io/"]
[[patch]]
op = "remove"
path = "hostPID"
[[example]]
name = "fails"
verdict = "fail"
at = ["spec.hostPID"]
yaml = "{apiVersion: v1, kind: Pod, metadata: {name: a}, spec: {hostPID: true, containers: []}}"
[[example]]
name = "passes"
verdict = "pass"
yaml = "{apiVersion: v1, kind: Pod, metadata: {name: a}, spec: {containers: []}}"
"#;

    fn faults(from: &str, to: &str) -> Vec<String> {
        assert!(CHECK.contains(from));
        let text = CHECK.replace(from, to);
        let check = schema::read(&text, "t", "x", Origin::BuiltIn("t/x.toml".into()));
        let found = lint(&Arc::new(check.unwrap_or_else(|problem| panic!("{problem:?}"))));
        assert!(found.iter().all(|fault| fault.place(&text).is_some()), "{found:?}");
        found.into_iter().map(|fault| fault.message).collect()
    }

    #[test]
    fn a_sound_check_has_no_faults() {
        assert_eq!(faults("hostPID", "hostPID"), Vec::<String>::new());
    }

    #[test]
    fn a_check_that_leaves_something_out_shows_it() {
        let scope = "scope = \"pod\"";
        let when = "scope = \"pod\"\nwhen = \"pod.?hostPID.hasValue()\"";
        let found = faults(scope, when);
        assert!(found.iter().any(|fault| fault.contains("not applicable")), "{found:?}");
    }

    #[test]
    fn what_stands_nowhere_is_misspelt() {
        let found = faults("at = \"hostPID\"", "at = \"hostPid\"");
        assert!(found.iter().any(|f| f.contains("`at` names `hostPid`")), "{found:?}");
        let found = faults("path = \"hostPID\"", "path = \"hostPid\"");
        assert!(found.iter().any(|f| f.contains("`patch` names `hostPid`")), "{found:?}");
        assert!(found.iter().any(|f| f.contains("changes no failing example")), "{found:?}");
    }

    #[test]
    fn a_rule_that_asks_for_the_time_can_do_without() {
        let by_time = |guard: &str| {
            let fail = format!(
                "pod.?hostPID.orValue(false) && {guard}daysBetween('2025-01-01', cluster.now) > 9.0"
            );
            faults("pod.?hostPID.orValue(false)", &fail)
        };
        let found = by_time("");
        assert!(
            found[0].contains("`fails`") && found[0].contains("cannot be evaluated"),
            "{found:?}"
        );
        let found = by_time("has(cluster.now) && ");
        assert!(found[0].contains("`fails`") && found[0].ends_with("it passes"), "{found:?}");
    }

    #[test]
    fn a_patch_has_to_mend_and_a_reference_to_lead_somewhere() {
        let found = faults("op = \"remove\"", "op = \"set\"\nvalue = true");
        assert!(found.iter().any(|f| f.contains("the patch")), "{found:?}");
        let found = faults("https://", "http://");
        assert!(found[0].contains("no https address"), "{found:?}");
        let found = faults("[\"https://kubernetes.io/\"]", "[]");
        assert!(found[0].contains("no reference"), "{found:?}");
    }
}
