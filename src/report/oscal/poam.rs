//! The plan of action and milestones: one item for each check that found something, and for the
//! controls of each framework that nobody has assessed or answered for.

use std::collections::BTreeMap;

use super::super::Judged;
use super::super::exchange::{line_or, name};
use super::controls::standards;
use super::ground::{Fault, Ground};
use super::ids::NS;
use super::model::{Finding, Props, ToFinding, ToObservation, ToRisk};
use super::risks::{Threats, due};
use super::roots::{Plan, PoamItem, SystemId};
use super::text::{markup_or, paragraphs};
use crate::frameworks::Status;
use crate::model::decision::DecisionState;
use crate::model::finding::Finding as Found;
use crate::model::inventory::SourceId;
use crate::text::noun;

const REMARKS: &str = "An item is one check with everything it found that decides something; each \
    finding has a risk of its own, with its state, its remedy and, where a decision names a day, its \
    deadline and milestone. An accepted risk and a false positive are deviations, approved where an \
    approver is named, else requested. Controls that were not assessed or wait for a person are items \
    too, and so is what earlier runs of the session found and is fixed: these are closed.";

/// A status of controls, what an item of them is called, and what is to be done.
type Other = (Status, &'static str, &'static str);

const OTHERS: [Other; 3] = [
    (
        Status::Fail,
        "Not met by an answer or an import",
        "A person answered that they are not met, or another tool found so; each finding says which.",
    ),
    (
        Status::NotAssessed,
        "Not assessed",
        "What they rest on could not be read or was not looked for; each finding says why.",
    ),
    (Status::Manual, "Awaiting attestation", "A person has to answer for them."),
];

/// The states of findings and the names of their counts.
const STATES: [(DecisionState, &str); 5] = [
    (DecisionState::Open, "open"),
    (DecisionState::Regressed, "regressed"),
    (DecisionState::InProgress, "in-progress"),
    (DecisionState::Accepted, "accepted"),
    (DecisionState::FalsePositive, "false-positive"),
];

impl Ground<'_> {
    /// The whole plan.
    pub(super) fn plan(&self) -> Plan {
        let threats = Threats::of(self.input.frameworks);
        let deciding: Vec<(&Fault<'_>, uuid::Uuid)> =
            self.faults.iter().filter_map(|fault| Some((fault, fault.risk?))).collect();
        let mut observations: Vec<_> =
            deciding.iter().map(|(fault, _)| self.fault(fault)).collect();
        observations.extend(self.input.result.checks.iter().map(|(id, c)| self.check(id, *c)));
        observations.extend(self.input.result.not_assessed.iter().map(|gap| self.gap(gap)));
        observations.extend(self.said());
        let mut items = self.by_check();
        items.extend(self.closed());
        items.extend(self.others());
        if items.is_empty() {
            items.push(self.nothing());
        }
        let objects = deciding.iter().filter_map(|(fault, _)| fault.finding.object.as_ref());
        Plan {
            uuid: self.document("plan-of-action"),
            metadata: self.metadata("Plan of action and milestones", REMARKS),
            system_id: self.system_id(),
            local_definitions: self.definitions(objects),
            observations,
            risks: deciding.iter().map(|(fault, id)| self.risk(*id, fault, &threats)).collect(),
            findings: self.unmet(),
            poam_items: items,
        }
    }

    fn system_id(&self) -> SystemId {
        let source = self.input.source;
        let kind = if source.cluster_uid.is_some() { "cluster-uid" } else { "source" };
        let id = line_or(SourceId::of(source).text(), &name(source));
        SystemId { identifier_type: format!("{NS}:{kind}"), id }
    }

    /// Every control that is not satisfied.
    fn unmet(&self) -> Vec<Finding> {
        let all = standards(self.input.frameworks).flat_map(|judged| {
            let controls = judged.result.controls.iter().filter(|c| c.status != Status::Pass);
            controls.filter_map(|control| self.finding(judged, control))
        });
        all.collect()
    }

    /// One item for each check that found something, in the order of the findings: the worst first.
    fn by_check(&self) -> Vec<PoamItem> {
        let mut done = std::collections::HashSet::new();
        let checks = self.faults.iter().filter(|f| f.risk.is_some()).map(|f| &*f.finding.check);
        checks.filter(|check| done.insert(*check)).map(|check| self.weakness(check)).collect()
    }

    /// One item for each check of which something was found once and is fixed.
    fn closed(&self) -> Vec<PoamItem> {
        let mut by_check: BTreeMap<&str, Vec<&Found>> = BTreeMap::new();
        for finding in self.input.gone {
            by_check.entry(&finding.check).or_default().push(finding);
        }
        by_check.into_iter().map(|(check, gone)| self.done(check, &gone)).collect()
    }

    fn done(&self, check: &str, gone: &[&Found]) -> PoamItem {
        let text = (self.input.check)(check);
        let ledger = self.input.ledger;
        let line = |finding: &&Found| {
            let object = finding.object.as_ref();
            let object = object.map_or_else(|| "the cluster".to_owned(), ToString::to_string);
            let why = ledger.decision(&finding.fingerprint).and_then(|d| d.reason.as_deref());
            format!("{object}: {}", why.unwrap_or("not found any more"))
        };
        let lines: Vec<String> = gone.iter().map(line).collect();
        let when = gone.iter().filter_map(|f| Some(ledger.last(&f.fingerprint)?.time.as_str()));
        let worst = gone.iter().map(|f| f.severity).min().unwrap_or_default();
        let title = format!("Closed: {}", if text.title.is_empty() { check } else { &text.title });
        let description = paragraphs(lines.iter().map(String::as_str));
        PoamItem {
            uuid: self.ids.of("item-of-closed", &[check]),
            title: markup_or(&title, check),
            description: description.unwrap_or_else(|| check.to_owned()),
            props: Props::default()
                .add("check", check)
                .add("severity", worst.word())
                .add("status", "closed")
                .number(DecisionState::Fixed.word(), gone.len())
                .maybe("closed", when.max())
                .0,
            origins: self.by_tool(),
            related_findings: Vec::new(),
            related_observations: Vec::new(),
            related_risks: Vec::new(),
            remarks: None,
        }
    }

    fn weakness(&self, check: &str) -> PoamItem {
        let faults: Vec<&Fault<'_>> = self.of_check(check).filter(|f| f.risk.is_some()).collect();
        let text = (self.input.check)(check);
        let worst = faults.iter().map(|f| f.finding.severity).min().unwrap_or_default();
        let mut props = Props::default().add("check", check).add("severity", worst.word());
        for (state, name) in STATES {
            let count = faults.iter().filter(|f| f.state == state).count();
            if count > 0 {
                props = props.number(name, count);
            }
        }
        let decided = faults.iter().filter_map(|f| self.input.decision(f.finding));
        props = props.maybe("due", decided.filter_map(due).min().as_deref());
        let what = format!("{} found by the check {check}.", faults.len());
        let description = paragraphs([&*what, &*text.why, &*text.fix]);
        PoamItem {
            uuid: self.ids.of("item-of-check", &[check]),
            title: markup_or(&text.title, check),
            description: description.unwrap_or_else(|| check.to_owned()),
            props: props.0,
            origins: self.by_tool(),
            related_findings: self.failed_by(check),
            related_observations: faults
                .iter()
                .map(|f| ToObservation { observation_uuid: f.observation })
                .collect(),
            related_risks: faults
                .iter()
                .filter_map(|f| Some(ToRisk { risk_uuid: f.risk? }))
                .collect(),
            remarks: None,
        }
    }

    /// Controls that a check fails, or would if the risk had not been accepted.
    fn failed_by(&self, check: &str) -> Vec<ToFinding> {
        let all = standards(self.input.frameworks).flat_map(|judged| {
            let unmet = |c: &&crate::frameworks::ControlResult| {
                matches!(c.status, Status::Fail | Status::Accepted)
                    && judged.framework.control(&c.id).is_some_and(|own| {
                        let decides =
                            |m: &crate::frameworks::Mapping| m.id == check && m.strength.decides();
                        own.checks.iter().any(decides)
                    })
            };
            judged.result.controls.iter().filter(unmet).map(|control| ToFinding {
                finding_uuid: self.finding_id(&judged.framework.id, &control.id),
            })
        });
        all.collect()
    }

    /// Controls of each framework that no check of ours fails and that are not met all the same.
    fn others(&self) -> Vec<PoamItem> {
        let all = standards(self.input.frameworks)
            .flat_map(|judged| OTHERS.iter().filter_map(|other| self.other(judged, other)));
        all.collect()
    }

    fn other(&self, judged: &Judged, (status, what, next): &Other) -> Option<PoamItem> {
        let id = &judged.framework.id;
        let of = judged.result.controls.iter().filter(|c| c.status == *status);
        let findings: Vec<ToFinding> = of
            .filter(|c| *status != Status::Fail || !self.fails_by_finding(judged, &c.id))
            .map(|c| ToFinding { finding_uuid: self.finding_id(id, &c.id) })
            .collect();
        if findings.is_empty() {
            return None;
        }
        let noun = noun(findings.len(), "control");
        let title = format!("{what}: {} {noun} of {}", findings.len(), judged.framework.title);
        let props = Props::default()
            .add("framework", id)
            .add("status", status.word())
            .number("controls", findings.len());
        Some(PoamItem {
            uuid: self.ids.of("item-of-framework", &[id, status.word()]),
            title: markup_or(&title, what),
            description: (*next).to_owned(),
            props: props.0,
            origins: self.by_tool(),
            related_findings: findings,
            related_observations: Vec::new(),
            related_risks: Vec::new(),
            remarks: None,
        })
    }

    /// Whether an item of a check stands for a control already.
    fn fails_by_finding(&self, judged: &Judged, control: &str) -> bool {
        let (_, risks) = self.related(judged.framework.control(control));
        !risks.is_empty()
    }

    /// OSCAL has no plan without an item.
    fn nothing(&self) -> PoamItem {
        PoamItem {
            uuid: self.ids.of("item-of-nothing", &[]),
            title: "Nothing to plan".to_owned(),
            description: "No finding is there to be dealt with in what was assessed. This item \
                          stands here because a plan needs one; it is no weakness."
                .to_owned(),
            props: Props::default().add("placeholder", "true").0,
            origins: self.by_tool(),
            related_findings: Vec::new(),
            related_observations: Vec::new(),
            related_risks: Vec::new(),
            remarks: None,
        }
    }
}
