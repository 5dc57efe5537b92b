//! Controls: which were reviewed, and what became of each.

use std::collections::BTreeSet;

use uuid::Uuid;

use super::super::Judged;
use super::ground::Ground;
use super::ids::{control, is_nist, objective, token};
use super::model::{Finding, Props, Status as Told, Target, ToObservation, ToRisk};
use super::roots::{ControlId, Objective, Part, Reviewed, Selection};
use super::text::{markup, markup_or, paragraphs};
use crate::frameworks::{Control, ControlResult, FrameworkKind, Status};

/// Standards that were judged. Techniques of an attack matrix are no controls: they stand as
/// threats at the risks.
pub(super) fn standards(judged: &[Judged]) -> impl Iterator<Item = &Judged> {
    judged.iter().filter(|judged| judged.result.kind == FrameworkKind::Standard)
}

/// What a status is in OSCAL, which knows only satisfied and not satisfied. Nothing is satisfied
/// but what passes: a control that nobody could or did assess is not, for another reason than a
/// failure. None for what does not apply: it is excluded.
fn told(status: Status) -> Option<(&'static str, &'static str)> {
    match status {
        Status::Pass => Some(("satisfied", "pass")),
        Status::Fail | Status::Exposed => Some(("not-satisfied", "fail")),
        Status::NotAssessed | Status::Manual | Status::Accepted | Status::Mitigated => {
            Some(("not-satisfied", "other"))
        }
        Status::NotApplicable => None,
    }
}

impl Ground<'_> {
    /// Which controls were reviewed, by framework.
    pub(super) fn reviewed(&self) -> Reviewed {
        let mut selections: Vec<Selection> =
            standards(self.input.frameworks).filter_map(selection).collect();
        let mut description =
            "The controls of the frameworks that were judged, each framework by itself.".to_owned();
        if selections.is_empty() {
            "No control was reviewed: no framework with a control that applies was judged. What \
             stands here are the checks that ran."
                .clone_into(&mut description);
            selections.push(self.checks());
        }
        Reviewed { description, control_selections: selections }
    }

    /// Checks in place of controls, because OSCAL has no result without any.
    fn checks(&self) -> Selection {
        let ids = self.input.result.checks.keys();
        let mut include: Vec<ControlId> =
            ids.map(|id| ControlId { control_id: token(&format!("check_{id}")) }).collect();
        if include.is_empty() {
            include.push(ControlId { control_id: "none".to_owned() });
        }
        Selection {
            description: "Checks of Plimsoll.".to_owned(),
            props: Vec::new(),
            include_controls: include,
            exclude_controls: Vec::new(),
            remarks: None,
        }
    }

    /// Controls that no catalog of OSCAL's defines.
    pub(super) fn objectives(&self) -> Vec<Objective> {
        let ours = standards(self.input.frameworks).filter(|judged| !is_nist(&judged.framework));
        ours.flat_map(|judged| {
            let framework = &judged.framework;
            judged.result.controls.iter().map(move |result| {
                let own = framework.control(&result.id);
                Objective {
                    control_id: control(framework, &result.id),
                    props: props(judged, &result.id).0,
                    parts: vec![Part {
                        id: Some(objective(framework, &result.id)),
                        uuid: None,
                        name: "objective",
                        title: title(&result.id, own),
                        props: Vec::new(),
                        prose: own.and_then(|own| markup(&own.question)),
                    }],
                }
            })
        })
        .collect()
    }

    /// UUID of what became of a control.
    pub(super) fn finding_id(&self, framework: &str, control: &str) -> Uuid {
        self.ids.of("finding", &[framework, control])
    }

    /// What became of a control; none where it does not apply.
    pub(super) fn finding(&self, judged: &Judged, result: &ControlResult) -> Option<Finding> {
        let (state, reason) = told(result.status)?;
        let framework = &judged.framework;
        let own = framework.control(&result.id);
        let reasons = result.reasons.join("; ");
        let word = result.status.word();
        let description =
            if reasons.is_empty() { word.to_owned() } else { format!("{word}: {reasons}") };
        let (mut observations, risks) = self.related(own);
        observations.extend(self.said_of(judged, &result.id));
        let props = props(judged, &result.id)
            .add("status", word)
            .maybe("attested", result.attested.then_some("true"))
            .maybe("assessment", own.map(|own| own.assessment.word()))
            .number("open-findings", result.failing);
        let title = title(&result.id, own);
        Some(Finding {
            uuid: self.finding_id(&framework.id, &result.id),
            title: title.clone(),
            description: markup_or(&description, word),
            props: props.0,
            origins: self.by_tool(),
            target: Target {
                kind: "objective-id",
                target_id: objective(framework, &result.id),
                title,
                status: Told { state, reason, remarks: markup(&description) },
            },
            related_observations: observations,
            related_risks: risks,
            remarks: own.and_then(|own| paragraphs([&*own.question, &*own.evidence])),
        })
    }

    /// What a control rests on: what its deciding checks came to, found and could not see.
    pub(super) fn related(&self, own: Option<&Control>) -> (Vec<ToObservation>, Vec<ToRisk>) {
        let mappings = own.map_or(&[][..], |own| &own.checks);
        let deciding: BTreeSet<&str> = mappings
            .iter()
            .filter(|m| m.strength.decides())
            .map(|m| &*m.id)
            .filter(|id| self.input.result.checks.contains_key(*id))
            .collect();
        let (mut observations, mut risks) = (Vec::new(), Vec::new());
        for check in &deciding {
            observations.push(self.check_id(check));
            for fault in self.of_check(check) {
                let Some(risk) = fault.risk else { continue };
                observations.push(fault.observation);
                risks.push(ToRisk { risk_uuid: risk });
            }
        }
        let gaps = self.input.result.not_assessed.iter();
        observations.extend(gaps.filter(|g| deciding.contains(&*g.check)).map(|g| self.gap_id(g)));
        let observations =
            observations.into_iter().map(|id| ToObservation { observation_uuid: id });
        (observations.collect(), risks)
    }
}

fn props(judged: &Judged, control: &str) -> Props {
    Props::default()
        .add("framework", &judged.result.id)
        .add("framework-version", &judged.result.version)
        .add("control", control)
}

fn title(id: &str, own: Option<&Control>) -> String {
    let title = own.map_or("", |own| &own.title);
    markup_or(&format!("{id} {title}"), "control")
}

/// The controls of one framework; none where all of them do not apply.
fn selection(judged: &Judged) -> Option<Selection> {
    let (framework, result) = (&judged.framework, &judged.result);
    let (excluded, included): (Vec<_>, Vec<_>) =
        result.controls.iter().partition(|c| told(c.status).is_none());
    if included.is_empty() {
        return None;
    }
    let ids = |list: &[&ControlResult]| -> Vec<ControlId> {
        list.iter().map(|c| ControlId { control_id: control(framework, &c.id) }).collect()
    };
    let why = excluded.iter().map(|c| format!("{}: {}", c.id, c.reasons.join("; ")));
    let why: Vec<String> = why.collect();
    let remarks = why.first().map(|_| format!("Not applicable: {}.", why.join(". ")));
    let percent = |share: f64| format!("{:.1}%", share * 100.0);
    let score = result.score;
    let mut props = Props::default()
        .add("framework", &result.id)
        .add("framework-version", &result.version)
        .maybe("level", result.level.as_deref())
        .add("chosen-because", &result.chosen_because)
        .maybe("note", result.note.as_deref())
        .maybe("score-worst", score.map(|s| percent(s.worst)).as_deref())
        .maybe("score-best", score.map(|s| percent(s.best)).as_deref());
    for (name, status) in [
        ("pass", Status::Pass),
        ("fail", Status::Fail),
        ("not-assessed", Status::NotAssessed),
        ("manual", Status::Manual),
        ("accepted", Status::Accepted),
        ("not-applicable", Status::NotApplicable),
    ] {
        props = props.number(name, result.counts.of(status));
    }
    props = props.number("attested", result.counts.attested);
    Some(Selection {
        description: markup_or(&format!("{} {}", framework.title, result.version), "framework"),
        props: props.0,
        include_controls: ids(&included),
        exclude_controls: ids(&excluded),
        remarks: remarks.as_deref().and_then(markup),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_satisfied_but_what_passes() {
        for status in Status::ALL {
            let state = told(status).map(|(state, _)| state);
            assert_eq!(state == Some("satisfied"), status == Status::Pass, "{status:?}");
        }
    }
}
