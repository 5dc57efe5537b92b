//! The results of policy reports.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::super::document;
use super::super::exchange::{line, line_or, seconds};
use super::super::{Input, Judged};
use super::NAME;
use crate::frameworks::{ControlResult, FrameworkKind, Status, Strength};
use crate::model::decision::DecisionState;
use crate::model::finding::{Finding, Gap};
use crate::model::node::Node;
use crate::model::object::ObjectRef;
use crate::model::read::ReadStatus;
use crate::text::times;

/// What a policy report knows of a result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// A check that passes wherever it looked; a control that somebody answers for.
    Pass,
    /// A finding that counts.
    Fail,
    /// A finding that decides nothing: on the platform's own objects, or accepted.
    Warn,
    /// Something could not be read or evaluated.
    Error,
    /// Nobody looked, or it is not to be counted: not asked for, a false positive, waiting for a person.
    Skip,
}

impl Outcome {
    pub(super) const ALL: [Self; 5] = [Self::Pass, Self::Fail, Self::Warn, Self::Error, Self::Skip];

    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::Warn => "warn",
            Self::Error => "error",
            Self::Skip => "skip",
        }
    }
}

/// One result, ready to be written.
pub(super) struct Entry {
    pub(super) outcome: Outcome,
    pub(super) node: Node,
}

/// All results, by the namespace whose report holds them; none for the cluster's.
pub(super) fn by_namespace(input: &Input<'_>) -> BTreeMap<Option<String>, Vec<Entry>> {
    let writer = Writer::new(input);
    let mut all: BTreeMap<Option<String>, Vec<Entry>> = BTreeMap::new();
    all.entry(None).or_default();
    for finding in &input.result.findings {
        let namespace = home(finding.object.as_ref().and_then(|o| o.namespace.as_deref()));
        all.entry(namespace).or_default().push(writer.finding(finding));
    }
    for gap in &input.result.not_assessed {
        let namespace = home(gap.missing.namespace.as_deref());
        all.entry(namespace).or_default().push(writer.gap(gap));
    }
    let cluster = all.entry(None).or_default();
    cluster.extend(writer.checks());
    cluster.extend(writer.controls());
    all
}

/// The namespace whose report can hold a result: a manifest may name one that no server takes.
fn home(namespace: Option<&str>) -> Option<String> {
    let name = namespace?;
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let valid = (1..=63).contains(&name.len())
        && name.chars().all(fits)
        && !name.starts_with('-')
        && !name.ends_with('-');
    valid.then(|| name.to_owned())
}

/// What a result is about and says.
#[derive(Clone, Copy)]
struct Told<'a> {
    policy: &'a str,
    outcome: Outcome,
    message: &'a str,
    severity: Option<&'a str>,
    object: Option<&'a ObjectRef>,
    /// Framework and number, where they are not those that the policy decides.
    control: Option<(&'a str, &'a str)>,
}

impl<'a> Told<'a> {
    fn new(policy: &'a str, outcome: Outcome, message: &'a str) -> Self {
        Self { policy, outcome, message, severity: None, object: None, control: None }
    }
}

struct Writer<'a> {
    input: &'a Input<'a>,
    /// The controls that each check decides: framework and number, the strongest first.
    controls: HashMap<&'a str, Vec<(&'a str, &'a str)>>,
    reads: HashMap<&'a str, ReadStatus>,
    undecided: HashSet<&'a str>,
    time: Node,
}

impl<'a> Writer<'a> {
    fn new(input: &'a Input<'a>) -> Self {
        let time = seconds(input.finished)
            .map(|seconds| Node::map([("seconds", Node::Int(seconds)), ("nanos", Node::Int(0))]));
        Self {
            input,
            controls: controls(input.frameworks),
            reads: input.reads.iter().map(|read| (&*read.resource, read.status)).collect(),
            undecided: input.result.not_assessed.iter().map(|gap| &*gap.check).collect(),
            time: time.unwrap_or_default(),
        }
    }

    fn finding(&self, finding: &Finding) -> Entry {
        let input = self.input;
        let state = input.state(finding);
        let decides = finding.decides(input.selection.include_platform);
        let outcome = match state {
            DecisionState::FalsePositive | DecisionState::Fixed => Outcome::Skip,
            DecisionState::Accepted => Outcome::Warn,
            _ if decides => Outcome::Fail,
            _ => Outcome::Warn,
        };
        let path = finding.path.to_string();
        let place = finding.line.map(|line| line.to_string());
        let value = finding.value.as_ref().map(|_| document::value(finding).to_string());
        let decision = input.decision(finding);
        let instances = (finding.instances > 0).then(|| finding.instances.to_string());
        let namespace = finding.object.as_ref().and_then(|o| o.namespace.as_deref());
        let odd = namespace.filter(|name| home(Some(name)).is_none());
        let properties = [
            ("fingerprint", Some(&*finding.fingerprint)),
            ("path", Some(&*path)),
            ("value", value.as_deref()),
            ("container", finding.container.as_deref()),
            ("instances", instances.as_deref()),
            ("namespace", odd),
            ("file", finding.file.as_deref()),
            ("line", place.as_deref()),
            ("platform", finding.platform.then_some("true")),
            ("decision", Some(state.word())),
            ("reason", decision.and_then(|d| d.reason.as_deref())),
            ("approver", decision.and_then(|d| d.approver.as_deref())),
            ("expires", decision.and_then(|d| d.expires.as_deref())),
            ("ticket", decision.and_then(|d| d.link.as_deref())),
        ];
        let told = Told {
            severity: Some(finding.severity.word()),
            object: finding.object.as_ref(),
            ..Told::new(&finding.check, outcome, &finding.message)
        };
        self.entry(&told, &properties)
    }

    /// What could not be decided: an error where it was tried, skipped where nobody asked.
    fn gap(&self, gap: &Gap) -> Entry {
        let missing = &gap.missing;
        let asked = self.reads.get(&*missing.read) != Some(&ReadStatus::NotAsked)
            && !missing.reason.contains("not asked for");
        let outcome = if asked { Outcome::Error } else { Outcome::Skip };
        let count = gap.count.to_string();
        let properties = [
            ("read", Some(&*missing.read)),
            ("places", Some(&*count)),
            ("platform", gap.platform.then_some("true")),
        ];
        let message = format!("not assessed: {}", missing.reason);
        self.entry(&Told::new(&gap.check, outcome, &message), &properties)
    }

    /// Checks that pass wherever they looked, and those whose rule could not be evaluated.
    fn checks(&self) -> Vec<Entry> {
        let mut all = Vec::new();
        let platform = self.input.selection.include_platform;
        let fails: HashSet<&str> = self
            .input
            .result
            .findings
            .iter()
            .filter(|finding| finding.decides(platform))
            .map(|finding| &*finding.check)
            .collect();
        for (id, counts) in &self.input.result.checks {
            if counts.error > 0 {
                let message = format!("the rule could not be evaluated {}", times(counts.error));
                all.push(self.entry(&Told::new(id, Outcome::Error, &message), &[]));
            }
            let open = counts.error + counts.not_assessed > 0
                || self.undecided.contains(&**id)
                || fails.contains(&**id);
            if counts.pass > 0 && !open {
                let noun = if counts.pass == 1 { "place passes" } else { "places pass" };
                let message = format!("{} {noun}", counts.pass);
                all.push(self.entry(&Told::new(id, Outcome::Pass, &message), &[]));
            }
        }
        all
    }

    /// Controls that no check decides: those that wait for a person or were not looked at, and
    /// those that a person answered.
    fn controls(&self) -> Vec<Entry> {
        let standards =
            self.input.frameworks.iter().filter(|j| j.result.kind == FrameworkKind::Standard);
        let all = standards.flat_map(|judged| {
            let controls = judged.result.controls.iter();
            controls.filter_map(|control| self.control(judged, control))
        });
        all.collect()
    }

    fn control(&self, judged: &Judged, result: &ControlResult) -> Option<Entry> {
        let deciding = || result.checks.iter().filter(|c| c.strength.decides());
        let ran = deciding().any(|check| check.ran);
        let found = deciding().any(|check| check.findings > 0);
        let outcome = match result.status {
            // What checks find and pass stands for itself; here is what people and other tools say.
            Status::Pass if result.attested || !ran => Outcome::Pass,
            Status::Fail if !found => Outcome::Fail,
            Status::Manual => Outcome::Skip,
            Status::NotAssessed if !ran => Outcome::Skip,
            Status::Fail
            | Status::Exposed
            | Status::NotAssessed
            | Status::Accepted
            | Status::Pass
            | Status::Mitigated
            | Status::NotApplicable => return None,
        };
        let own = judged.framework.control(&result.id);
        let title = own.map_or("", |own| &own.title);
        let reasons = result.reasons.join("; ");
        let message = format!("{} {title}: {}: {reasons}", result.id, result.status.word());
        let framework = &judged.framework;
        let key = (framework.id.clone(), result.id.clone());
        let answer = self.input.ledger.attestations.get(&key);
        let properties = [
            ("status", Some(result.status.word())),
            ("reviewer", answer.map(|answer| &*answer.reviewer)),
            ("date", answer.map(|answer| &*answer.date)),
            ("expires", answer.and_then(|answer| answer.expires.as_deref())),
        ];
        let control = Some((&*framework.id, &*result.id));
        let told = Told { control, ..Told::new(&framework.id, outcome, &message) };
        Some(self.entry(&told, &properties))
    }

    fn entry(&self, told: &Told<'_>, properties: &[(&str, Option<&str>)]) -> Entry {
        let Told { policy, outcome, .. } = *told;
        let serves = self.controls.get(policy).map_or(&[][..], Vec::as_slice);
        let first = told.control.or_else(|| serves.first().copied());
        let named: Vec<String> = serves.iter().map(|(f, c)| format!("{f}/{c}")).collect();
        let named = named.join(", ");
        let properties = properties.iter().copied().chain([("controls", Some(&*named))]);
        let properties: Vec<(&str, Node)> = properties
            .filter_map(|(name, value)| Some((name, Node::str(&line(value?)?))))
            .collect();
        let text =
            |text: Option<&str>| text.and_then(line).map(|t| Node::str(&t)).unwrap_or_default();
        let node = Node::map([
            ("policy", Node::str(&line_or(policy, NAME))),
            ("rule", text(first.map(|(_, control)| control))),
            ("category", text(first.map(|(framework, _)| framework))),
            ("severity", told.severity.map(Node::str).unwrap_or_default()),
            ("result", Node::str(outcome.word())),
            ("scored", Node::Bool(matches!(outcome, Outcome::Pass | Outcome::Fail))),
            ("message", text(Some(told.message))),
            ("source", Node::str(NAME)),
            ("timestamp", self.time.clone()),
            ("resources", told.object.map(|o| Node::list(vec![reference(o)])).unwrap_or_default()),
            ("properties", Node::map(properties)),
        ]);
        Entry { outcome, node }
    }
}

fn reference(object: &ObjectRef) -> Node {
    let text = |text: &str| line(text).map(|text| Node::str(&text)).unwrap_or_default();
    Node::map([
        ("apiVersion", text(&object.api_version)),
        ("kind", text(&object.kind)),
        ("namespace", object.namespace.as_deref().map(text).unwrap_or_default()),
        ("name", text(&object.name)),
    ])
}

/// The controls that each check decides, of the standards and matrices that were judged: those it
/// settles before those it can only fail.
fn controls(judged: &[Judged]) -> HashMap<&str, Vec<(&str, &str)>> {
    let mut all: HashMap<&str, Vec<(&str, &str)>> = HashMap::new();
    for wanted in [Strength::Full, Strength::Partial] {
        for judged in judged {
            let shown: HashSet<&str> = judged.result.controls.iter().map(|c| &*c.id).collect();
            for control in judged.framework.controls.iter().filter(|c| shown.contains(&*c.id)) {
                for mapping in control.checks.iter().filter(|m| m.strength == wanted) {
                    let serves = all.entry(&mapping.id).or_default();
                    serves.push((&judged.framework.id, &control.id));
                }
            }
        }
    }
    all
}
