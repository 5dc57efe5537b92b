//! The assessment results: one result that holds everything.

use super::super::exchange::{instant, name};
use super::controls::standards;
use super::ground::Ground;
use super::model::{Entry, Log, Props};
use super::risks::Threats;
use super::roots::{BackMatter, Import, Objectives, Outcome, Resource, Results};
use super::text::{markup, markup_or};

const REMARKS: &str = "How statuses are told: a control is satisfied only if it passes. One that \
    fails is not satisfied for the reason fail. One that was not assessed, that waits for a person, \
    or whose findings are accepted is not satisfied for the reason other, and its property status \
    says which. One that does not apply has no finding and is excluded. Observations of type finding \
    have a risk; those of type platform are about the platform's own objects and decide nothing; \
    those of type not-assessed say what could not be seen; those of type evidence are for a \
    reviewer; those of type attested are what a person answered, those of type imported what another \
    tool found. The method is TEST for what a check or a tool found, EXAMINE for an answer that names \
    a file or an address it rests on, INTERVIEW for one that does not. Techniques of MITRE ATT&CK are no controls: they are the threats of risks.";

impl Ground<'_> {
    /// The whole document.
    pub(super) fn results(&self) -> Results {
        let plan = self.ids.of("resource", &["plan"]);
        let objectives = self.objectives();
        Results {
            uuid: self.document("assessment-results"),
            metadata: self.metadata("Compliance assessment", "Written by Plimsoll."),
            import_ap: Import { href: format!("#{plan}"), remarks: None },
            local_definitions: (!objectives.is_empty())
                .then_some(Objectives { objectives_and_methods: objectives }),
            results: vec![self.outcome()],
            back_matter: BackMatter {
                resources: vec![Resource {
                    uuid: plan,
                    title: "Assessment plan".to_owned(),
                    description: "There is no separate assessment plan. What was to be assessed \
                                  is the selection that the properties of the result name."
                        .to_owned(),
                }],
            },
        }
    }

    fn outcome(&self) -> Outcome {
        let input = self.input;
        let threats = Threats::of(input.frameworks);
        let mut observations: Vec<_> = self.faults.iter().map(|fault| self.fault(fault)).collect();
        observations.extend(input.result.checks.iter().map(|(id, c)| self.check(id, *c)));
        observations.extend(input.result.not_assessed.iter().map(|gap| self.gap(gap)));
        let evidence = input.result.evidence.iter().enumerate();
        observations.extend(evidence.map(|(number, finding)| self.evidence(finding, number)));
        observations.extend(self.said());
        let objects = input.result.findings.iter().chain(&input.result.evidence);
        let risks = self.faults.iter();
        let risks = risks.filter_map(|f| f.risk.map(|id| self.risk(id, f, &threats))).collect();
        let findings = standards(input.frameworks).flat_map(|judged| {
            judged.result.controls.iter().filter_map(|control| self.finding(judged, control))
        });
        let entries = self.log();
        Outcome {
            uuid: self.ids.of("result", &[]),
            title: markup_or(&format!("Assessment of {}", name(input.source)), "Assessment"),
            description: "Objects were read and judged by rules; nothing was changed.".to_owned(),
            start: instant(input.started).unwrap_or_else(|| self.finished.clone()),
            end: self.finished.clone(),
            props: self.facts(),
            local_definitions: self.definitions(objects.filter_map(|f| f.object.as_ref())),
            reviewed_controls: self.reviewed(),
            attestations: self.attestations(),
            assessment_log: (!entries.is_empty()).then_some(Log { entries }),
            observations,
            risks,
            findings: findings.collect(),
            remarks: markup(REMARKS),
        }
    }

    /// Every read, and everything that could not be understood.
    fn log(&self) -> Vec<Entry> {
        let input = self.input;
        let reads = input.reads.iter().enumerate().map(|(number, read)| {
            let props = Props::default()
                .add("resource", &read.resource)
                .maybe("namespace", read.namespace.as_deref())
                .add("status", read.status.word())
                .number("items", read.items);
            Entry {
                uuid: self.ids.of("read", &[&number.to_string(), &read.resource]),
                title: markup_or(&format!("Read {}", read.resource), "Read"),
                description: read.message.as_deref().and_then(markup),
                start: self.collected.clone(),
                props: props.0,
            }
        });
        let problems = input.result.problems.iter().enumerate().map(|(number, problem)| {
            let object = problem.object.as_ref().map(ToString::to_string);
            let line = problem.line.map(|line| line.to_string());
            let props = Props::default()
                .maybe("file", problem.file.as_deref())
                .maybe("line", line.as_deref())
                .maybe("object", object.as_deref());
            Entry {
                uuid: self.ids.of("problem", &[&number.to_string()]),
                title: "Could not be understood".to_owned(),
                description: markup(&problem.message),
                start: self.collected.clone(),
                props: props.0,
            }
        });
        reads.chain(problems).collect()
    }
}
