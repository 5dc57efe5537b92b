//! Assessments made by what the program itself makes them with, and reports of them.

use std::sync::Arc;

use plimsoll::assess::{Chosen, Content, held};
use plimsoll::model::attestation::{Attestation, AttestationAnswer, EvidenceFile};
use plimsoll::model::decision::{Decision, DecisionState, PastDecision};
use plimsoll::model::finding::RunResult;
use plimsoll::model::import::{Import, ImportOutcome, ImportTool, ImportedResult};
use plimsoll::model::inventory::Inventory;
use plimsoll::model::ledger::Ledger;
use plimsoll::report::{Assessment, Format, Input, RenderError};
use plimsoll::session::run::{RunRecord, Selection};
use plimsoll::source::{demo, files};

use super::run::run;

pub const TODAY: &str = "2026-06-01";

/// An assessment before it is judged.
pub struct Assessed {
    content: Content,
    pub inventory: Arc<Inventory>,
    chosen: Chosen,
    /// All but its result, which tests change.
    record: RunRecord,
    pub result: RunResult,
    pub ledger: Ledger,
    pub finished: String,
}

impl Assessed {
    pub fn new(inventory: Inventory, selection: &Selection) -> Self {
        let content = Content::builtin();
        let moments = ("2026-06-01T08:00:00Z", "2026-06-01T08:00:02Z");
        let (chosen, inventory, mut record) = run(&content, inventory, selection, moments);
        let result = Arc::unwrap_or_clone(std::mem::take(&mut record.result));
        let (ledger, finished) = (Ledger::default(), moments.1.to_owned());
        Self { content, inventory, chosen, record, result, ledger, finished }
    }

    /// The demo cluster, with these frameworks; all that fit for none.
    pub fn demo(frameworks: &[&str]) -> Self {
        let frameworks = frameworks.iter().map(|&id| id.to_owned()).collect();
        let demo = demo::inventory(held(&Content::builtin()).unwrap());
        Self::new(demo, &Selection { frameworks, ..Selection::default() })
    }

    pub fn manifest(text: &str, selection: &Selection) -> Self {
        Self::new(files::from_text("web.yaml", text, &files::Options::default()), selection)
    }

    pub fn render(&self, format: Format) -> Result<String, RenderError> {
        let judged =
            self.content.judge(&self.chosen, &self.result, &self.inventory, &self.ledger, TODAY);
        let check = |id: &str| self.content.text_of(id);
        let assessment = Assessment {
            run: &self.record,
            frameworks: &judged,
            not_judged: &self.chosen.not_judged,
            ledger: &self.ledger,
            today: TODAY,
            max_age: self.content.max_import_age(),
        };
        let input = Input::of(assessment, &check);
        format.render(&Input { result: &self.result, finished: &self.finished, ..input })
    }

    /// Decides the findings at these places of the list.
    pub fn decide(&mut self, at: usize, decision: Decision) -> String {
        let fingerprint = self.result.findings[at].fingerprint.clone();
        let past = |after: Option<Decision>, time: &str| PastDecision {
            time: time.into(),
            by: "ada".into(),
            after: after.map(Arc::new),
            undone: false,
        };
        let begun = Decision { state: DecisionState::InProgress, ..Decision::default() };
        self.ledger.decided(&*fingerprint, past(Some(begun), "2026-05-01T10:00:00Z"));
        self.ledger.decided(&*fingerprint, past(Some(decision), "2026-05-02T10:00:00Z"));
        fingerprint
    }

    /// One decision of each kind, on the first findings that decide something, in this order:
    /// accepted, accepted without an approver, expired, being worked on, false positive.
    pub fn decide_all(&mut self) -> Vec<String> {
        let full = |state, expires: &str, approver: Option<&str>| Decision {
            state,
            reason: Some("needed by the CNI".into()),
            approver: approver.map(str::to_owned),
            expires: Some(expires.into()),
            link: Some("https://tickets.example/1".into()),
            ..Decision::default()
        };
        let decisions = [
            full(DecisionState::Accepted, "2026-12-31", Some("grace")),
            full(DecisionState::Accepted, "2026-12-31", None),
            full(DecisionState::Accepted, "2026-05-31", Some("grace")),
            full(DecisionState::InProgress, "2026-07-01", None),
            full(DecisionState::FalsePositive, "9999-12-31", Some("grace")),
        ];
        let places: Vec<usize> = (0..self.result.findings.len())
            .filter(|at| self.result.findings[*at].decides(false))
            .take(decisions.len())
            .collect();
        places.into_iter().zip(decisions).map(|(at, decision)| self.decide(at, decision)).collect()
    }

    pub fn attest(
        &mut self,
        framework: &str,
        control: &str,
        answer: AttestationAnswer,
        file: bool,
    ) {
        let attestation = Attestation {
            framework: framework.into(),
            control: control.into(),
            answer,
            reviewer: "grace".into(),
            date: "2026-05-01".into(),
            expires: Some("2027-05-01".into()),
            evidence: Some("the policy of 2026".into()),
            link: None,
            file: file.then(|| EvidenceFile {
                name: "policy.pdf".into(),
                sha256: "00".repeat(32),
                size: 12,
            }),
        };
        self.ledger.attested(attestation.key(), Some(attestation));
    }

    pub fn import(&mut self, control: &str) {
        let result = ImportedResult {
            benchmark: Some("cis-kubernetes".into()),
            edition: None,
            control: Some(control.into()),
            rule: control.into(),
            title: "mode of a file".into(),
            outcome: ImportOutcome::Fail,
            severity: None,
            object: None,
            node: Some("cp-1".into()),
            message: "mode is 644".into(),
            check: None,
            taken: None,
        };
        self.ledger.imports.push(Import {
            tool: ImportTool::KubeBench,
            version: None,
            origin: "bench.json".into(),
            taken: None,
            clusters: Vec::new(),
            imported: "2026-05-03T10:00:00Z".into(),
            sha256: "11".repeat(32),
            results: vec![result],
            objects: Vec::new(),
        });
    }
}

/// A manifest that was made to do harm: escape sequences, overrides, markup, credentials, a
/// namespace that no server has, a name of a hundred thousand characters, one object twice.
pub fn hostile() -> String {
    let long = "x".repeat(100_000);
    let pod = r#"apiVersion: v1
kind: Pod
metadata: {name: "NAME", namespace: "x\ty\u2066 ", labels: {"k\e": "v"}}
spec:
  hostNetwork: true
  volumes: [{name: "v\e[2J", hostPath: {path: "/etc\u200b\e]0;x\a {{ insert: param, a }}"}}]
  containers:
  - name: " c\e]0;pwn\a"
    image: "i\u009b2J:AKIAABCDEFGHIJKLMNOP"
    securityContext: {privileged: true}
    env: [{name: PASSWORD, value: hunter2}, {name: A, value: AKIAABCDEFGHIJKLMNOP}]
"#;
    let odd = pod.replace("NAME", "a\\e[31m\\u202e|`<b>[x](y)\\n## x");
    let long = pod.replace("NAME", &long);
    [&*odd, &*odd, &*long].join("---\n")
}

/// Nothing that a terminal obeys, and no credential.
#[track_caller]
pub fn harmless(text: &str) {
    let obeyed = |c: &char| {
        c.is_control() && *c != '\n'
            || matches!(*c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    assert_eq!(text.chars().find(obeyed), None);
    assert!(!text.contains("hunter2") && !text.contains("AKIAABCD"));
}
