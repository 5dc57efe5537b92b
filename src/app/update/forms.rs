//! The forms for decisions, answers and notes.

use jiff::ToSpan;
use jiff::civil::Date;

use crate::app::dialog::{Form, FormField, FormPurpose, Popup};
use crate::app::effect::Effect;
use crate::app::input::TextInput;
use crate::app::state::State;
use crate::model::attestation::{Attestation, AttestationAnswer, ControlKey};
use crate::model::decision::{Decision, DecisionState};
use crate::model::finding::Finding;
use crate::report::Format;
use crate::report::{BUNDLE, stem};
use crate::text::{clean, is_ticket};

const REASON: &str = "Reason";
const UNTIL: &str = "Until";
const APPROVER: &str = "Approved by";
const TICKET: &str = "Ticket";
const NOTE: &str = "Note";
const EVIDENCE: &str = "Evidence";
const LINK: &str = "Link";
pub(super) const FILE: &str = "File";
const RESULTS: &str = "Files";
const TO: &str = "File";
const REVIEWER: &str = "Reviewer";
/// What is said of a decision without a reason.
const NO_REASON: &str = "A reason is required: it is what an auditor reads.";
/// What is said of an answer for which nobody answers.
const NOBODY: &str = "Somebody must answer for it.";
/// How long an acceptance holds unless another day is given.
const DAYS: i64 = 90;
/// How long an answer holds unless another day is given.
const YEAR: i64 = 365;

/// What a finding is about, before what it says: several that say the same are told apart by it.
fn named(finding: &Finding) -> String {
    let object = finding.owner.as_ref().or(finding.object.as_ref());
    object
        .map_or_else(|| finding.message.clone(), |object| format!("{object}: {}", finding.message))
}

impl State {
    /// Asks for what a decision needs.
    pub(super) fn ask_decision(&mut self, state: DecisionState) -> Vec<Effect> {
        let fingerprints = self.chosen_prints();
        let exceptions = self.chosen_exceptions();
        // An exception that is renewed brings along what it says.
        let before = exceptions.first().map(|e| e.entry.decision.clone()).unwrap_or_default();
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        let reason = field(REASON, "required: why", &text(&before.reason));
        let mut fields = vec![reason.required(NO_REASON)];
        if state == DecisionState::Accepted {
            let day = self.day(&format!("{DAYS}d")).unwrap_or_default();
            // A renewal never ends earlier than what it renews.
            let day = text(&before.expires).max(day);
            fields.push(field(UNTIL, "a day, or 30d: open again after it", &day));
            let approver = text(&before.approver);
            fields.push(field(APPROVER, "who answers for it; may stay empty", &approver));
        }
        let hint = "where the work is tracked; may stay empty";
        fields.push(field(TICKET, hint, &text(&before.link)));
        let title = match state {
            DecisionState::Accepted if !exceptions.is_empty() => "Renew the exception",
            DecisionState::Accepted => "Accept the risk",
            _ => "False positive",
        };
        let title = match (fingerprints.len(), exceptions.len()) {
            (2.., 0) => format!("{title}: {} findings", fingerprints.len()),
            (_, many @ 2..) => format!("{title}: {many} exceptions"),
            _ => title.to_owned(),
        };
        let all: Vec<String> = if exceptions.is_empty() {
            self.chosen_findings().iter().map(|finding| named(finding)).collect()
        } else {
            exceptions.iter().map(|e| e.entry.label.clone()).collect()
        };
        let mut about: Vec<String> = all.iter().take(3).map(|a| clean(a).into_owned()).collect();
        if all.len() > 3 {
            about.push(format!("and {} more", all.len() - 3));
        }
        self.open_form(Form {
            title,
            about,
            purpose: FormPurpose::Decide { state, fingerprints },
            fields,
            focus: 0,
            error: None,
        });
        Vec::new()
    }

    pub(super) fn ask_note(&mut self) -> Vec<Effect> {
        let chosen = self.chosen_findings();
        let mut about: Vec<String> =
            chosen.iter().take(3).map(|f| clean(&named(f)).into_owned()).collect();
        let title = match chosen.as_slice() {
            [] => return Vec::new(),
            [only] => {
                let notes = self.data.notes.get(&only.fingerprint).map(Vec::as_slice);
                let notes = notes.unwrap_or_default().iter();
                about.extend(notes.map(|note| format!("“{}”", clean(note))));
                "Note".to_owned()
            }
            many => {
                about.extend((many.len() > 3).then(|| format!("and {} more", many.len() - 3)));
                format!("Note on each of {} findings", many.len())
            }
        };
        let fingerprints = chosen.iter().map(|f| f.fingerprint.clone()).collect();
        self.open_form(Form {
            title,
            about,
            purpose: FormPurpose::Note { fingerprints },
            fields: vec![field(NOTE, "kept with the session, and in its report", "")],
            focus: 0,
            error: None,
        });
        Vec::new()
    }

    /// Asks which files of other tools' results are brought in.
    pub(super) fn ask_import(&mut self) -> Vec<Effect> {
        let about = "kube-bench, policy reports, trivy-operator or kubescape; the format is known \
                     by its content";
        let hint = "a path, or several with spaces between; NODE=PATH names the node";
        self.open_form(Form {
            title: "Import results".to_owned(),
            about: vec![about.to_owned()],
            purpose: FormPurpose::Import,
            fields: vec![field(RESULTS, hint, "")],
            focus: 0,
            error: None,
        });
        Vec::new()
    }

    /// Asks where a report is written.
    pub(super) fn ask_report(&mut self, format: Format) -> Vec<Effect> {
        let name = format.file_name(&self.source.name, &self.data.today);
        let hint = "a new file, or a directory; empty: this name, here";
        self.open_form(Form {
            title: format!("Write a report: {}", format.word()),
            // What it is of is said first: where there is little room, it is all that is said.
            about: self
                .whole_run()
                .map(|words| format!("{words}."))
                .into_iter()
                .chain(std::iter::once(format.about().to_owned()))
                .collect(),
            purpose: FormPurpose::Report(format),
            fields: vec![field(TO, hint, &name)],
            focus: 0,
            error: None,
        });
        Vec::new()
    }

    /// Asks where the session is written as one signed file.
    pub(super) fn ask_bundle(&mut self) -> Vec<Effect> {
        // The run that is shown may still be on its way to disk: the bundle is made after it.
        if self.data.result.is_none() {
            return self.hint("No checks have run yet.");
        }
        let name = format!("{}.{BUNDLE}", stem(&self.source.name, &self.data.today));
        let hint = "a new file, or a directory; empty: this name, here";
        self.open_form(Form {
            title: "Write a bundle".to_owned(),
            about: vec![
                "Every run, decision and answer of the session, and its reports, signed."
                    .to_owned(),
                "`plimsoll verify FILE` checks it anywhere, without this machine or a network."
                    .to_owned(),
            ],
            purpose: FormPurpose::Bundle,
            fields: vec![field(TO, hint, &name)],
            focus: 0,
            error: None,
        });
        Vec::new()
    }

    pub(super) fn submit(&mut self) -> Vec<Effect> {
        let Some(Popup::Form(form)) = self.popups.last() else { return Vec::new() };
        let checked = match &form.purpose {
            FormPurpose::Note { fingerprints } => {
                let text = filled(form, NOTE).ok_or_else(|| (0, "A note needs words.".to_owned()));
                let note = |text: String| Effect::Note { fingerprints: fingerprints.clone(), text };
                text.map(|text| vec![note(text)])
            }
            FormPurpose::Report(format) => {
                let effect = Effect::WriteReport { format: *format, to: form.value(TO) };
                // It is no act of the session: nothing waits for it.
                self.hand_in();
                return vec![effect];
            }
            FormPurpose::Bundle => {
                let effect = Effect::WriteBundle { to: form.value(TO) };
                self.hand_in();
                return vec![effect];
            }
            FormPurpose::Import => {
                let path = filled(form, RESULTS).ok_or_else(|| (0, "Name a file.".to_owned()));
                path.map(|path| vec![Effect::Import(path)])
            }
            FormPurpose::WhoCan => return self.submit_who_can(),
            FormPurpose::Answer { answer, keys } => self.answer_of(form, *answer, keys),
            FormPurpose::Decide { state, fingerprints } => {
                self.decision_of(form, *state).map(|decision| {
                    vec![Effect::Decide { fingerprints: fingerprints.clone(), decision }]
                })
            }
        };
        match checked {
            Ok(effects) => {
                self.hand_in();
                effects
            }
            Err((focus, error)) => {
                if let Some(Popup::Form(form)) = self.popups.last_mut() {
                    form.focus = focus;
                    form.error = Some(error);
                }
                Vec::new()
            }
        }
    }

    /// The decision that a form says, or which field is wrong and why.
    fn decision_of(&self, form: &Form, state: DecisionState) -> Result<Decision, (usize, String)> {
        let reason = form.value(REASON);
        if reason.is_empty() {
            return Err((0, NO_REASON.to_owned()));
        }
        let mut decision = Decision { state, reason: Some(reason), ..Decision::default() };
        if state == DecisionState::Accepted {
            let typed = form.value(UNTIL);
            let day = self.day(&typed).ok_or_else(|| {
                (1, format!("`{typed}` is no day; write {} or 90d.", self.data.today))
            })?;
            if day < self.data.today {
                return Err((1, format!("{day} is over.")));
            }
            decision.expires = Some(day);
            decision.approver = filled(form, APPROVER);
        }
        decision.link = filled(form, TICKET);
        if decision.link.as_deref().is_some_and(|link| !is_ticket(link)) {
            let field = form.fields.iter().position(|field| field.label == TICKET).unwrap_or(0);
            return Err((
                field,
                "A ticket is an address (https://…) or a name, such as SEC-7.".to_owned(),
            ));
        }
        Ok(decision)
    }

    /// Asks for what an answer rests on.
    pub(super) fn ask_answer(&mut self, answer: AttestationAnswer) -> Vec<Effect> {
        let keys = self.chosen_questions();
        let Some(first) = keys.first() else { return Vec::new() };
        let before = self.data.answer(&first.0, &first.1);
        let before = |get: fn(&Attestation) -> Option<&str>| {
            before.and_then(get).unwrap_or_default().to_owned()
        };
        let year = self.day(&format!("{YEAR}d")).unwrap_or_default();
        let reviewer = match before(|a| Some(&a.reviewer)) {
            name if name.is_empty() => self.user.clone(),
            name => name,
        };
        let fields = vec![
            field(
                EVIDENCE,
                "what the answer rests on, in words",
                &before(|a| a.evidence.as_deref()),
            ),
            field(
                LINK,
                "where it can be looked at: an address, a file, a page",
                &before(|a| a.link.as_deref()),
            ),
            field(FILE, "a file: its name and hash are kept, not the file", ""),
            field(REVIEWER, "required: who answers for it", &reviewer).required(NOBODY),
            field(UNTIL, "a day, or 90d: the question comes back after it", &year),
        ];
        let about = self.questions(&keys);
        self.open_form(Form {
            title: format!("Answer \"{}\"", answer.word()),
            about,
            purpose: FormPurpose::Answer { answer, keys },
            fields,
            focus: 0,
            error: None,
        });
        Vec::new()
    }

    /// The first questions of these controls, and how many more there are.
    pub(super) fn questions(&self, keys: &[ControlKey]) -> Vec<String> {
        let mut about: Vec<String> = keys.iter().take(3).map(|key| self.question(key)).collect();
        if keys.len() > 3 {
            about.push(format!("and {} more", keys.len() - 3));
        }
        about
    }

    /// The question of a control, with its number.
    fn question(&self, (framework, id): &ControlKey) -> String {
        let control = self.data.control(framework, id).map(|(control, _)| control);
        let question = control.map_or("", |c| c.question.as_str());
        clean(&format!("{id}: {question}")).into_owned()
    }

    /// The answers that a form says, or which field is wrong and why.
    fn answer_of(
        &self,
        form: &Form,
        answer: AttestationAnswer,
        keys: &[ControlKey],
    ) -> Result<Vec<Effect>, (usize, String)> {
        let (evidence, link, file) =
            (filled(form, EVIDENCE), filled(form, LINK), filled(form, FILE));
        if evidence.is_none() && link.is_none() && file.is_none() {
            let text = "Say what it rests on: words, a link or a file.";
            return Err((0, text.to_owned()));
        }
        let reviewer = filled(form, REVIEWER).ok_or_else(|| (3, NOBODY.to_owned()))?;
        let typed = form.value(UNTIL);
        let day = self.day(&typed).ok_or_else(|| {
            (4, format!("`{typed}` is no day; write {} or 90d.", self.data.today))
        })?;
        if day < self.data.today {
            return Err((4, format!("{day} is over.")));
        }
        let of = |(framework, control): &ControlKey| Attestation {
            framework: framework.clone(),
            control: control.clone(),
            answer,
            reviewer: reviewer.clone(),
            date: self.data.today.clone(),
            expires: Some(day.clone()),
            evidence: evidence.clone(),
            link: link.clone(),
            file: None,
        };
        let answers = keys.iter().map(|key| (key.clone(), Some(of(key)))).collect();
        Ok(vec![Effect::Attest { answers, file }])
    }

    /// Takes the answers to the chosen controls away.
    pub(super) fn withdraw(&mut self) -> Vec<Effect> {
        let answered = |key: &ControlKey| self.data.ledger.attestations.contains_key(key);
        let keys = self.chosen_questions().into_iter().filter(answered);
        let answers: Vec<(ControlKey, Option<Attestation>)> = keys.map(|key| (key, None)).collect();
        if answers.is_empty() {
            return self.hint("There is no answer to withdraw.");
        }
        vec![Effect::Attest { answers, file: None }]
    }

    /// A day as it is typed: `2027-03-01`, or `90d` from today.
    fn day(&self, typed: &str) -> Option<String> {
        if let Some(days) = typed.strip_suffix('d') {
            let days: i64 = days.parse().ok().filter(|days| (0..=3_660).contains(days))?;
            let today: Date = self.data.today.parse().ok()?;
            return Some(today.checked_add(days.days()).ok()?.to_string());
        }
        let day: Date = typed.parse().ok()?;
        Some(day.to_string())
    }
}

/// What was typed in a field, if anything.
fn filled(form: &Form, label: &str) -> Option<String> {
    Some(form.value(label)).filter(|text| !text.is_empty())
}

pub(super) fn field(label: &'static str, hint: &'static str, text: &str) -> FormField {
    FormField {
        label,
        hint,
        input: TextInput::offering(text),
        offered: text.to_owned(),
        required: None,
    }
}
