//! What people answered and other tools found: observations beside those of checks.

use super::super::Judged;
use super::super::exchange::{end_of_day, instant};
use super::ground::Ground;
use super::model::{Actor, Evidence, Observation, Origin, Props, ToObservation};
use super::roots::{Attested, Part, Responsible};
use super::text::{markup, markup_or, paragraphs};
use crate::model::attestation::Attestation;
use crate::model::import::{Import, ImportOutcome, ImportedResult};
use crate::text::counted;

impl Ground<'_> {
    /// Answers of people, imports, and the imported results that are about a control.
    pub(super) fn said(&self) -> Vec<Observation> {
        let ledger = self.input.ledger;
        let mut all: Vec<Observation> =
            ledger.attestations.values().map(|answer| self.answer(answer)).collect();
        for (number, import) in ledger.imports.iter().enumerate() {
            all.push(self.import(number, import));
            let results = import.results.iter().enumerate();
            let about = results.filter(|(_, result)| result.control.is_some());
            all.extend(about.map(|(at, result)| self.imported(number, at, import, result)));
        }
        all
    }

    /// What was said of a control.
    pub(super) fn said_of(&self, judged: &Judged, control: &str) -> Vec<ToObservation> {
        let ledger = self.input.ledger;
        let framework = &judged.framework;
        let key = (framework.id.clone(), control.to_owned());
        let answer = ledger.attestations.get(&key).map(|answer| self.answer_id(answer));
        let mut all: Vec<uuid::Uuid> = answer.into_iter().collect();
        for (number, import) in ledger.imports.iter().enumerate() {
            let about = |result: &ImportedResult| {
                let benchmark = result.benchmark.as_deref();
                let ours = benchmark == Some(&*framework.id)
                    || benchmark == Some(framework.family())
                        && result.edition.as_deref().is_none_or(|e| e == framework.version);
                ours && result.control.as_deref() == Some(control)
            };
            let results = import.results.iter().enumerate().filter(|(_, result)| about(result));
            all.extend(results.map(|(at, _)| self.imported_id(number, at)));
        }
        all.into_iter().map(|observation_uuid| ToObservation { observation_uuid }).collect()
    }

    /// Answers as statements of those who answer for them.
    pub(super) fn attestations(&self) -> Vec<Attested> {
        let answers = self.input.ledger.attestations.values();
        answers.map(|answer| self.statement(answer)).collect()
    }

    fn statement(&self, answer: &Attestation) -> Attested {
        let party = self.person(&answer.reviewer);
        let responsible =
            party.map(|uuid| Responsible { role_id: "reviewer", party_uuids: vec![uuid] });
        Attested {
            responsible_parties: responsible.into_iter().collect(),
            parts: vec![Part {
                id: None,
                uuid: Some(self.ids.of("attestation", &[&answer.framework, &answer.control])),
                name: "attestation",
                title: title(answer),
                props: self.answered(answer).0,
                prose: prose(answer),
            }],
        }
    }

    fn answer_id(&self, answer: &Attestation) -> uuid::Uuid {
        self.ids.of("answer", &[&answer.framework, &answer.control])
    }

    fn answered(&self, answer: &Attestation) -> Props {
        let held = if answer.in_force(self.input.today) { "in-force" } else { "expired" };
        Props::default()
            .add("framework", &answer.framework)
            .add("control", &answer.control)
            .add("answer", answer.answer.word())
            .add("reviewer", &answer.reviewer)
            .add("date", &answer.date)
            .maybe("expires", answer.expires.as_deref())
            .add("validity", held)
    }

    fn answer(&self, answer: &Attestation) -> Observation {
        let rests = answer.file.is_some() || answer.link.is_some();
        let by = self.person(&answer.reviewer);
        let origins = match by {
            Some(actor_uuid) => vec![Origin { actors: vec![Actor { kind: "party", actor_uuid }] }],
            None => self.by_tool(),
        };
        let day = instant(&format!("{}T00:00:00Z", answer.date));
        Observation {
            uuid: self.answer_id(answer),
            title: title(answer),
            description: prose(answer).unwrap_or_else(|| answer.answer.word().to_owned()),
            props: self.answered(answer).0,
            methods: vec![if rests { "EXAMINE" } else { "INTERVIEW" }],
            types: vec!["attested"],
            origins,
            subjects: vec![self.subject(None)],
            relevant_evidence: evidence(answer),
            collected: day.unwrap_or_else(|| self.finished.clone()),
            expires: answer.expires.as_deref().and_then(end_of_day),
            remarks: None,
        }
    }

    fn import(&self, number: usize, import: &Import) -> Observation {
        let count = |outcome: ImportOutcome| {
            import.results.iter().filter(|result| result.outcome == outcome).count()
        };
        let outcomes = [
            ImportOutcome::Fail,
            ImportOutcome::Error,
            ImportOutcome::Warn,
            ImportOutcome::Skip,
            ImportOutcome::Pass,
        ];
        let props = Props::default()
            .add("tool", import.tool.word())
            .maybe("version", import.version.as_deref())
            .add("imported", &import.imported);
        let props = outcomes
            .into_iter()
            .fold(props, |props, outcome| props.number(outcome.word(), count(outcome)));
        let file = Props::default().add("sha256", &import.sha256);
        let what = format!("{} of {}", counted(import.results.len(), "result"), import.tool.word());
        Observation {
            uuid: self.ids.of("import", &[&number.to_string(), &import.origin, &import.sha256]),
            title: markup_or(&format!("Import of {}", import.tool.word()), "Import"),
            description: markup_or(&what, "Import"),
            props: props.0,
            methods: vec!["TEST"],
            types: vec!["imported"],
            origins: self.by_other(import),
            subjects: vec![self.subject(None)],
            relevant_evidence: vec![Evidence {
                href: None,
                description: markup_or(&import.origin, "import"),
                props: file.0,
            }],
            collected: self.taken(import),
            expires: None,
            remarks: None,
        }
    }

    fn imported_id(&self, number: usize, at: usize) -> uuid::Uuid {
        self.ids.of("imported", &[&number.to_string(), &at.to_string()])
    }

    fn imported(
        &self,
        number: usize,
        at: usize,
        import: &Import,
        result: &ImportedResult,
    ) -> Observation {
        let object = result.object.as_ref().map(ToString::to_string);
        let props = Props::default()
            .add("tool", import.tool.word())
            .add("rule", &result.rule)
            .add("outcome", result.outcome.word())
            .maybe("benchmark", result.benchmark.as_deref())
            .maybe("edition", result.edition.as_deref())
            .maybe("control", result.control.as_deref())
            .maybe("node", result.node.as_deref())
            .maybe("object", object.as_deref());
        Observation {
            uuid: self.imported_id(number, at),
            title: markup_or(&result.title, &result.rule),
            description: markup_or(&result.message, result.outcome.word()),
            props: props.0,
            methods: vec!["TEST"],
            types: vec!["imported"],
            origins: self.by_other(import),
            subjects: vec![self.subject(None)],
            relevant_evidence: Vec::new(),
            collected: self.taken(import),
            expires: None,
            remarks: None,
        }
    }

    fn by_other(&self, import: &Import) -> Vec<Origin> {
        let actor_uuid = self.other_tool(import.tool);
        vec![Origin { actors: vec![Actor { kind: "tool", actor_uuid }] }]
    }

    /// When another tool looked, else when its result was brought in.
    fn taken(&self, import: &Import) -> String {
        let taken = import.taken.as_deref().and_then(instant);
        taken.or_else(|| instant(&import.imported)).unwrap_or_else(|| self.finished.clone())
    }
}

fn title(answer: &Attestation) -> String {
    markup_or(
        &format!("{} {}: {}", answer.framework, answer.control, answer.answer.word()),
        "answer",
    )
}

fn prose(answer: &Attestation) -> Option<String> {
    let who = format!("Answered \"{}\" by {}.", answer.answer.word(), answer.reviewer);
    paragraphs([who.as_str(), answer.evidence.as_deref().unwrap_or_default()])
}

/// The file and the address that an answer rests on. The address is text: whether it is one, nobody
/// has checked.
fn evidence(answer: &Attestation) -> Vec<Evidence> {
    let file = answer.file.as_ref().map(|file| Evidence {
        href: None,
        description: markup_or(&file.name, "file"),
        props: Props::default().add("sha256", &file.sha256).add("size", file.size.to_string()).0,
    });
    let link = answer.link.as_deref().map(|link| Evidence {
        href: None,
        description: markup(link).unwrap_or_else(|| "address".to_owned()),
        props: Props::default().add("address", link).0,
    });
    file.into_iter().chain(link).collect()
}
