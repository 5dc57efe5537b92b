//! Risks: what a finding means, what was decided about it, and by when something is due.

use std::collections::HashMap;

use uuid::Uuid;

use super::super::exchange::{end_of_day, instant};
use super::super::{CheckText, Judged};
use super::ground::{Fault, Ground};
use super::ids::NS;
use super::model::{
    Characterization, Facet, Log, OnDate, Props, Response, Risk, RiskEntry, Task, Threat, Timing,
    ToObservation,
};
use super::text::{markup, markup_or};
use crate::model::decision::{Decision, DecisionState};

/// Where techniques are described.
const ATTACK: &str = "https://attack.mitre.org";

/// The attack techniques that a check bears on, by check.
pub(super) struct Threats<'a>(HashMap<&'a str, Vec<Threat>>);

impl<'a> Threats<'a> {
    /// Of the ATT&CK matrices that were judged.
    pub(super) fn of(judged: &'a [Judged]) -> Self {
        let mut all: HashMap<&str, Vec<Threat>> = HashMap::new();
        for judged in judged.iter().filter(|j| j.framework.family() == "mitre-attack") {
            for control in &judged.framework.controls {
                let url = format!("{ATTACK}/techniques/{}", control.id.replace('.', "/"));
                let deciding = control.checks.iter().filter(|c| c.strength.decides());
                for mapping in deciding {
                    let threat = Threat { system: ATTACK, href: url.clone(), id: url.clone() };
                    all.entry(&mapping.id).or_default().push(threat);
                }
            }
        }
        Self(all)
    }
}

/// What OSCAL calls the state of a finding. A deviation is approved only where somebody is named
/// who answers for it.
pub(super) fn status(state: DecisionState, decision: Option<&Decision>) -> &'static str {
    let approved = decision.is_some_and(|d| d.approver.is_some());
    match state {
        DecisionState::Open | DecisionState::Regressed => "open",
        DecisionState::InProgress => "remediating",
        DecisionState::Accepted | DecisionState::FalsePositive if approved => "deviation-approved",
        DecisionState::Accepted | DecisionState::FalsePositive => "deviation-requested",
        DecisionState::Fixed => "closed",
    }
}

impl Ground<'_> {
    /// The risk of a finding that decides something.
    pub(super) fn risk(&self, uuid: Uuid, fault: &Fault<'_>, threats: &Threats<'_>) -> Risk {
        let finding = fault.finding;
        let decision = self.input.decision(finding);
        let text = (self.input.check)(&finding.check);
        let object =
            finding.object.as_ref().map_or_else(|| "cluster".to_owned(), ToString::to_string);
        let severity =
            Facet { name: "severity", system: NS, value: finding.severity.word().to_owned() };
        let [origin] = &self.by_tool()[..] else { unreachable!("the tool is one origin") };
        Risk {
            uuid,
            title: markup_or(&format!("{}: {object}", text.title), &finding.check),
            description: markup_or(&finding.message, &finding.check),
            statement: markup_or(&text.why, &text.title),
            props: props(fault, decision, self.input.since(finding)),
            status: status(fault.state, decision),
            origins: vec![origin.clone()],
            threat_ids: threats.0.get(&*finding.check).cloned().unwrap_or_default(),
            characterizations: vec![Characterization {
                origin: origin.clone(),
                facets: vec![severity],
            }],
            deadline: decision.and_then(due),
            remediations: self.remediation(fault, decision, &text).into_iter().collect(),
            risk_log: self.log_of(fault),
            related_observations: vec![ToObservation { observation_uuid: fault.observation }],
        }
    }

    /// What is to be done, and by when. Nothing where there is nothing wrong.
    fn remediation(
        &self,
        fault: &Fault<'_>,
        decision: Option<&Decision>,
        text: &CheckText,
    ) -> Option<Response> {
        if fault.state == DecisionState::FalsePositive {
            return None;
        }
        let id = fault.observation.to_string();
        let planned = fault.state == DecisionState::InProgress;
        Some(Response {
            uuid: self.ids.of("response", &[&id]),
            lifecycle: if planned { "planned" } else { "recommendation" },
            title: "Remedy".to_owned(),
            description: markup_or(&text.fix, "No remedy is described."),
            props: Vec::new(),
            tasks: decision.and_then(|d| self.milestone(fault.state, d, &id)).into_iter().collect(),
        })
    }

    /// Every change of the decision on a finding, oldest first.
    fn log_of(&self, fault: &Fault<'_>) -> Option<Log<RiskEntry>> {
        let history = self.input.ledger.history.get(fault.finding.fingerprint.as_str())?;
        let id = fault.observation.to_string();
        let entries: Vec<RiskEntry> = history
            .iter()
            .enumerate()
            .filter_map(|(number, past)| {
                let after = past.after.as_deref();
                let state = after.map(|decision| decision.state).unwrap_or_default();
                let undone = if past.undone { " (taken back)" } else { "" };
                Some(RiskEntry {
                    uuid: self.ids.of("risk-entry", &[&id, &number.to_string()]),
                    title: format!("{}{undone}", state.word()),
                    description: after.and_then(|d| d.reason.as_deref()).and_then(markup),
                    start: instant(&past.time)?,
                    props: after.map(decided).unwrap_or_default().0,
                    logged_by: self.logged_by(&past.by),
                    status_change: status(state, after),
                })
            })
            .collect();
        (!entries.is_empty()).then_some(Log { entries })
    }

    fn milestone(&self, state: DecisionState, decision: &Decision, id: &str) -> Option<Task> {
        let title = match (state, decision.state) {
            (DecisionState::Accepted, _) => "The acceptance ends: mended or decided again",
            (_, DecisionState::Accepted) => "The acceptance has ended: mended or decided again",
            _ => "Mended",
        };
        let timing = Timing { on_date: OnDate { date: due(decision)? } };
        Some(Task {
            uuid: self.ids.of("milestone", &[id]),
            kind: "milestone",
            title: title.to_owned(),
            description: None,
            timing,
        })
    }
}

/// When something is due: the end of the day that a decision names.
pub(super) fn due(decision: &Decision) -> Option<String> {
    end_of_day(decision.expires.as_deref()?)
}

fn props(
    fault: &Fault<'_>,
    decision: Option<&Decision>,
    since: Option<&str>,
) -> Vec<super::model::Prop> {
    let props = Props::default()
        .add("check", &*fault.finding.check)
        .add("fingerprint", &fault.finding.fingerprint)
        .add("severity", fault.finding.severity.word())
        .add("decision", fault.state.word())
        .maybe("since", since.and_then(instant).as_deref());
    let Some(decision) = decision else { return props.0 };
    let expired = decision.state != fault.state;
    let props = if expired { props.add("expired", decision.state.word()) } else { props };
    let told = decided(decision).maybe("reason", decision.reason.as_deref());
    props.0.into_iter().chain(told.0).collect()
}

/// Who answers for a decision, until when, where it is tracked and who brought it.
fn decided(decision: &Decision) -> Props {
    Props::default()
        .maybe("approver", decision.approver.as_deref())
        .maybe("expires", decision.expires.as_deref())
        .maybe("ticket", decision.link.as_deref())
        .add("decided-in", decision.origin.describe())
}
