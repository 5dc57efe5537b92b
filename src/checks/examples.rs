//! Running the examples of a check: each is a closed world with an expected verdict.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::facts::{FactName, Facts, Options};
use crate::model::finding::{CheckCounts, Finding, RunResult};
use crate::model::inventory::{Inventory, SourceInfo, SourceKind};
use crate::model::kinds::{BUILTINS, Builtin, Kind, lookup};
use crate::model::node::Node;
use crate::model::object::{FileOrigin, Object, ObjectRef};
use crate::model::read::{Read, ReadStatus};
use crate::text::locate;

use super::check::{Check, Example, Expected};
use super::compiled::Params;
use super::kinds::by_plural;
use super::locate::Spot;
use super::plan::Plan;
use super::run::{Silent, run};
use super::scope::Scope;
use super::select::RunScope;

/// When examples were read, unless they say otherwise.
const NOW: &str = "2026-01-01T00:00:00Z";
/// For `now`: nothing tells when they were read, as of manifests.
const UNKNOWN: &str = "unknown";

/// What an example came to.
#[derive(Clone, Debug, PartialEq)]
pub struct ExampleOutcome {
    /// The example's name.
    pub name: String,
    /// What is different from what the file says; empty when nothing is.
    pub faults: Vec<String>,
    /// The findings, for showing.
    pub findings: Vec<Arc<Finding>>,
    /// The example, or what in it is wrong by itself.
    spot: Spot,
}

impl ExampleOutcome {
    /// Whether the example came out as the file says.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.faults.is_empty()
    }

    /// Where it begins in the text of its check, or where what is wrong with it stands: line and column.
    #[must_use]
    pub fn place(&self, text: &str) -> Option<(u32, u32)> {
        self.spot.find(text)
    }
}

/// What is wrong with an example by itself, so that it comes to nothing.
#[derive(Debug)]
pub(super) struct Broken {
    /// Where in the example.
    pub(super) spot: Spot,
    /// What it is.
    pub(super) message: String,
}

impl Broken {
    fn at(spot: Spot, message: String) -> Self {
        Self { spot, message }
    }
}

/// An example of a check, in its file.
pub(super) fn spot(at: usize) -> Spot {
    Spot::of(&["example"]).index(at)
}

/// Runs every example of a check, which must be in its full text.
#[must_use]
pub fn run_examples(check: &Arc<Check>) -> Vec<ExampleOutcome> {
    let examples = check.examples.iter().enumerate();
    examples.map(|(at, example)| run_example(check, example, spot(at))).collect()
}

fn run_example(check: &Arc<Check>, example: &Example, spot: Spot) -> ExampleOutcome {
    let (faults, findings) = (Vec::new(), Vec::new());
    let mut outcome = ExampleOutcome { name: example.name.clone(), faults, findings, spot };
    match judge_example(check, example) {
        Ok((inventory, result)) => {
            outcome.faults = compare(check, example, &inventory, &result);
            let all = result.findings.into_iter().chain(result.evidence);
            outcome.findings = all.collect();
        }
        Err(broken) => {
            outcome.faults.push(broken.message);
            outcome.spot = outcome.spot.then(broken.spot);
        }
    }
    outcome
}

/// The world of an example and what the check says of it.
///
/// # Errors
/// What is wrong with the example itself.
pub(super) fn judge_example(
    check: &Arc<Check>,
    example: &Example,
) -> Result<(Arc<Inventory>, RunResult), Broken> {
    for (name, value) in &example.params {
        let wrong = match check.params.get(name).map(|param| param.accept(value)) {
            Some(Ok(())) => continue,
            Some(Err(error)) => format!("parameter `{name}`: {error}"),
            None => format!("there is no parameter `{name}`"),
        };
        return Err(Broken::at(Spot::of(&["params", name]), wrong));
    }
    let params = Params(example.params.clone());
    let plan =
        Plan::of(check, &params).map_err(|problem| Broken::at(Spot::default(), problem.message))?;
    let inventory = Arc::new(world(&plan, example)?);
    let facts = Facts::new(Arc::clone(&inventory), Options::default());
    let result = run(&plan, &facts, &RunScope::default(), &Silent);
    Ok((inventory, result))
}

/// The same example where nothing tells when it was read.
pub(super) fn without_clock(example: &Example) -> Example {
    Example { now: Some(UNKNOWN.to_owned()), ..example.clone() }
}

/// Everything there is in an example.
pub(super) fn world(plan: &Plan, example: &Example) -> Result<Inventory, Broken> {
    let mut objects = Vec::new();
    let yaml = |line, column| Spot::of(&["yaml"]).within(line, column);
    for document in locate::documents(&example.yaml) {
        let node = document.node.map_err(|e| Broken::at(yaml(e.line, e.column), e.message))?;
        if node == Node::Null {
            continue;
        }
        let mut object = Object::new(node)
            .map_err(|error| Broken::at(yaml(document.first_line, 1), error.to_string()))?;
        let lines = Arc::new(document.lines);
        object.origin = Some(FileOrigin { file: "example.yaml".into(), lines });
        objects.push(Arc::new(object));
    }
    let source = SourceInfo {
        kind: SourceKind::Snapshot,
        kubernetes: example.kubernetes.clone().map(|v| format!("v{}.0", v.trim_start_matches('v'))),
        provider: example.provider.clone().unwrap_or_default(),
        closed_world: example.forbidden.is_empty(),
        read_at: Some(example.now.as_deref().unwrap_or(NOW))
            .filter(|now| *now != UNKNOWN)
            .map(str::to_owned),
        ..SourceInfo::default()
    };
    let reads = reads(plan, example, &objects)?;
    Ok(Inventory::new(source, objects, reads))
}

/// A complete read of every kind, but for the forbidden ones. Kinds that do not occur and are
/// not built in are not served.
fn reads(plan: &Plan, example: &Example, objects: &[Arc<Object>]) -> Result<Vec<Read>, Broken> {
    let here: BTreeSet<Kind> = objects.iter().map(|object| object.kind()).collect();
    let mut kinds: BTreeSet<Kind> = BUILTINS.iter().map(Builtin::kind).collect();
    kinds.extend(plan.kinds());
    let scopes = Scope::ALL.map(Scope::word);
    kinds.extend(
        FactName::ALL.into_iter().flat_map(|f| scopes.into_iter().flat_map(move |s| f.kinds(s))),
    );
    kinds.extend(here.iter().cloned());
    let mut forbidden = BTreeMap::new();
    for (at, plural) in example.forbidden.iter().enumerate() {
        let kind = by_plural(plural, &kinds).ok_or_else(|| {
            let message = format!("forbidden: there is no resource `{plural}`");
            Broken::at(Spot::of(&["forbidden"]).index(at), message)
        })?;
        forbidden.insert(kind, plural.as_str());
    }
    let read = |kind: Kind| {
        let status = match (forbidden.contains_key(&kind), kind.builtin(), here.contains(&kind)) {
            (true, ..) => ReadStatus::Forbidden,
            (_, None, false) => ReadStatus::NotServed,
            _ => ReadStatus::Complete,
        };
        let plural = forbidden.get(&kind).map(|plural| (*plural).to_owned());
        Read {
            resource: plural.unwrap_or_else(|| {
                kind.builtin().map_or_else(|| kind.to_string(), |b| b.plural.to_owned())
            }),
            kind: Some(kind),
            namespace: None,
            status,
            items: 0,
            message: None,
            millis: None,
        }
    };
    Ok(kinds.into_iter().map(read).collect())
}

/// The verdict of a run of one check: fail, error, not-assessed, pass, not-applicable, the first
/// that occurs.
#[must_use]
pub fn verdict(check: &Check, result: &RunResult) -> Expected {
    let counts = result.checks.get(&check.id).copied().unwrap_or_default();
    let CheckCounts { pass, error, not_assessed, .. } = counts;
    if !result.evidence.is_empty() {
        return Expected::Listed;
    }
    if !result.findings.is_empty() {
        return Expected::Fail;
    }
    match (error, not_assessed, pass) {
        (1.., _, _) => Expected::Error,
        (_, 1.., _) => Expected::NotAssessed,
        (_, _, 1..) => Expected::Pass,
        _ => Expected::NotApplicable,
    }
}

fn compare(
    check: &Check,
    example: &Example,
    inventory: &Inventory,
    result: &RunResult,
) -> Vec<String> {
    let mut faults = Vec::new();
    let found = verdict(check, result);
    if found != example.verdict {
        let why = result.problems.iter().map(|p| p.message.clone());
        let gaps = result.not_assessed.iter().map(|gap| gap.missing.reason.clone());
        let why: Vec<String> = why.chain(gaps).collect();
        let why = if why.is_empty() { String::new() } else { format!(" ({})", why.join("; ")) };
        let (expected, found) = (example.verdict.word(), found.word());
        faults.push(format!("expected {expected}, got {found}{why}"));
    }
    let fails = matches!(example.verdict, Expected::Fail | Expected::Listed);
    if !fails && example.at.is_some() {
        faults.push("`at` has a meaning only where the check fails".to_owned());
    }
    let findings = || result.findings.iter().chain(&result.evidence);
    if fails {
        // The cluster is one place, which goes without saying.
        let whole = check.target.scope == Scope::Cluster && example.at.is_none();
        let expected = if whole {
            BTreeSet::from(["Cluster/cluster".to_owned()])
        } else {
            expected_places(example, inventory)
        };
        let found: BTreeSet<String> = findings().map(|f| spelled(f)).collect();
        faults.extend(expected.difference(&found).map(|p| format!("expected a finding at {p}")));
        faults.extend(found.difference(&expected).map(|p| format!("unexpected finding at {p}")));
        if findings().count() != found.len() {
            faults.push("two findings have the same object and path".to_owned());
        }
    }
    faults
}

fn spelled(finding: &Finding) -> String {
    let object =
        finding.object.as_ref().map_or_else(|| "Cluster/cluster".to_owned(), ToString::to_string);
    format!("{object} {}", finding.path).trim_end().to_owned()
}

/// The places of an example, each with its object.
fn expected_places(example: &Example, inventory: &Inventory) -> BTreeSet<String> {
    let mut ids = inventory.objects().map(|object| &object.id);
    let only = match (ids.next(), ids.next()) {
        (Some(only), None) => Some(only),
        _ => None,
    };
    let nothing = vec![String::new()];
    let at = example.at.as_ref().unwrap_or(&nothing);
    at.iter().map(|text| place(text.trim(), only)).collect()
}

/// `Kind/[namespace/]name path`, with the namespace filled in, or `path` of the only object.
fn place(text: &str, only: Option<&ObjectRef>) -> String {
    let (head, path) = text.split_once(' ').unwrap_or((text, ""));
    let parts: Vec<&str> = head.split('/').collect();
    let named = head.chars().next().is_some_and(char::is_uppercase) && parts.len() > 1;
    if !named {
        let object = only.map(ToString::to_string).unwrap_or_default();
        return format!("{object} {text}").trim().to_owned();
    }
    let object = match parts.as_slice() {
        [kind, name] if lookup(kind).is_some_and(|b| b.namespaced) => {
            format!("{kind}/default/{name}")
        }
        _ => head.to_owned(),
    };
    format!("{object} {path}").trim_end().to_owned()
}
