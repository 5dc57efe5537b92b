//! Assessments to report: the demo cluster with decisions, answers and imports; manifests made to do
//! harm; many findings.

use std::sync::{Arc, OnceLock};

use plimsoll::assess::{Chosen, Content, held};
use plimsoll::frameworks;
use plimsoll::model::attestation::{Attestation, AttestationAnswer, EvidenceFile};
use plimsoll::model::decision::{Decision, DecisionOrigin, DecisionState, PastDecision};
use plimsoll::model::finding::{Finding, RunResult};
use plimsoll::model::import::{Import, ImportTool};
use plimsoll::model::inventory::Inventory;
use plimsoll::model::ledger::Ledger;
use plimsoll::report::{Assessment, Format, Input, Judged, SessionRef};
use plimsoll::session::run::{RunRecord, Selection};
use plimsoll::source::{demo, files};

use super::run::run;

/// The day of every report.
pub const TODAY: &str = "2026-06-01";
const TIME: &str = "2026-06-01T09:00:00Z";

/// Escape sequences, overrides, markup of HTML, XML, Markdown and SARIF, formulas, a credential.
pub const EVIL: &str = "=1+1\u{1b}[31m\u{202e}\u{0}\u{fffe}</td><script>alert(1)</script>&amp;\"'`]]>[a](javascript:x),;\r\nAKIAABCDEFGHIJKLMNOP";

/// One assessment and what people say of it.
pub struct Assessed {
    content: Content,
    chosen: Chosen,
    inventory: Arc<Inventory>,
    /// All but its result, which tests change.
    record: RunRecord,
    pub result: RunResult,
    pub ledger: Ledger,
    judged: Vec<Judged>,
    session: Option<SessionRef>,
}

fn assess(inventory: Inventory, selection: &Selection) -> Assessed {
    let content = Content::builtin();
    let (chosen, inventory, mut record) = run(&content, inventory, selection, (TIME, TIME));
    let result = Arc::unwrap_or_clone(std::mem::take(&mut record.result));
    let mut assessed = Assessed {
        content,
        chosen,
        inventory,
        record,
        result,
        ledger: Ledger::default(),
        judged: Vec::new(),
        session: None,
    };
    assessed.judge();
    assessed
}

impl Assessed {
    fn judge(&mut self) {
        self.judged =
            self.content.judge(&self.chosen, &self.result, &self.inventory, &self.ledger, TODAY);
    }

    /// Hands over what a report is made of.
    pub fn with<T>(&self, what: impl FnOnce(&Input<'_>) -> T) -> T {
        let check = |id: &str| self.content.text_of(id);
        let assessment = Assessment {
            run: &self.record,
            frameworks: &self.judged,
            not_judged: &self.chosen.not_judged,
            ledger: &self.ledger,
            today: TODAY,
            max_age: self.content.max_import_age(),
        };
        let session = self.session.as_ref();
        what(&Input { result: &self.result, session, ..Input::of(assessment, &check) })
    }

    /// Rendered.
    pub fn report(&self, format: Format) -> String {
        self.with(|input| format.render(input).unwrap())
    }

    /// Findings that no decision closes, without those of the platform.
    pub fn open(&self) -> usize {
        self.with(|input| input.counted().filter(|f| input.state(f).counts_as_fail()).count())
    }

    pub fn judged(&self) -> &[Judged] {
        &self.judged
    }
}

fn decision(state: DecisionState, reason: &str, expires: Option<&str>) -> Decision {
    Decision {
        state,
        reason: Some(reason.to_owned()),
        approver: Some("grace".to_owned()),
        expires: expires.map(str::to_owned),
        link: Some("https://tickets.example.com/SEC-12".to_owned()),
        origin: DecisionOrigin::Session,
    }
}

/// Decisions of every kind on the first findings, one on a finding that is gone.
fn decide(assessed: &mut Assessed) {
    let ids: Vec<String> =
        assessed.result.findings.iter().map(|f| f.fingerprint.clone()).take(5).collect();
    let ledger = &mut assessed.ledger;
    let accepted = decision(DecisionState::Accepted, "needed by the CNI", Some("2027-01-01"));
    let past = |decision: &Decision| PastDecision {
        time: TIME.to_owned(),
        by: "ada".to_owned(),
        after: Some(Arc::new(decision.clone())),
        undone: false,
    };
    ledger.decided(&*ids[0], past(&decision(DecisionState::InProgress, "being looked at", None)));
    ledger.decided(&*ids[0], past(&accepted));
    ledger.decisions.insert(
        ids[1].as_str().into(),
        decision(DecisionState::Accepted, "until the move", Some("2026-05-31")).into(),
    );
    let none = decision(DecisionState::FalsePositive, EVIL, None);
    ledger.decisions.insert(ids[2].as_str().into(), none.into());
    let mut hostile = decision(DecisionState::InProgress, "see the ticket", None);
    hostile.link = Some("javascript:alert(1)".to_owned());
    ledger.decisions.insert(ids[3].as_str().into(), hostile.into());
    let mut brought = decision(DecisionState::Accepted, "reviewed", None);
    brought.origin = DecisionOrigin::File("decisions.yaml".to_owned());
    ledger.brought.insert(ids[4].clone(), brought);
    let gone = decision(DecisionState::Fixed, "mended", None);
    ledger.decisions.insert(format!("p1:{}", "0".repeat(32)).into(), gone.into());
}

/// Every question of the Pod Security and NSA frameworks that could be answered is: yes, but one
/// each with no, with an answer that is over, and with one that does not apply.
fn attest(assessed: &mut Assessed) {
    let keys: Vec<(String, String)> = assessed
        .judged
        .iter()
        .filter(|j| j.framework.id == "nsa-cisa")
        .flat_map(|j| j.framework.controls.iter().map(|c| (j.framework.id.clone(), c)))
        .filter(|(_, c)| c.assessment == frameworks::Assessment::Manual)
        .map(|(framework, c)| (framework, c.id.clone()))
        .collect();
    assert!(keys.len() > 4, "the fixture needs questions");
    for (at, (framework, control)) in keys.into_iter().enumerate() {
        let answer = match at {
            0 => AttestationAnswer::No,
            1 => AttestationAnswer::NotApplicable,
            _ => AttestationAnswer::Yes,
        };
        let expires = if at == 2 { "2026-01-01" } else { "2027-01-01" };
        assessed.ledger.attestations.insert(
            (framework.clone(), control.clone()),
            Attestation {
                framework,
                control,
                answer,
                reviewer: "grace".to_owned(),
                date: "2025-12-01".to_owned(),
                expires: Some(expires.to_owned()),
                evidence: Some("minutes of the review <b>".to_owned()),
                link: Some("https://wiki.example.com/review".to_owned()),
                file: Some(EvidenceFile {
                    name: "minutes.pdf".to_owned(),
                    sha256: "ab".repeat(32),
                    size: 1200,
                }),
            },
        );
    }
}

fn built_demo() -> Assessed {
    let inventory = demo::inventory(held(&Content::builtin()).unwrap());
    let mut assessed = assess(inventory, &Selection::default());
    decide(&mut assessed);
    attest(&mut assessed);
    assessed.ledger.imports.push(Import {
        tool: ImportTool::KubeBench,
        version: Some("0.10.1".to_owned()),
        origin: "kube-bench.json".to_owned(),
        taken: None,
        clusters: Vec::new(),
        imported: TIME.to_owned(),
        sha256: "cd".repeat(32),
        results: Vec::new(),
        objects: Vec::new(),
    });
    assessed.session = Some(SessionRef {
        id: "01JZZZ".to_owned(),
        title: "web-audit".to_owned(),
        created: TIME.to_owned(),
        run: Some(1),
    });
    assessed.judge();
    assessed
}

/// The demo cluster, assessed once for all tests.
pub fn demo() -> &'static Assessed {
    static DEMO: OnceLock<Assessed> = OnceLock::new();
    DEMO.get_or_init(built_demo)
}

/// Manifests made to do harm, one document of them broken.
pub fn hostile() -> Assessed {
    // What YAML takes only as an escape.
    let escaped = |c: char| if c > '~' { format!("\\u{:04x}", u32::from(c)) } else { c.into() };
    let name: String = serde_json::to_string(EVIL).unwrap().chars().map(escaped).collect();
    let text = format!(
        "apiVersion: v1\nkind: Pod\nmetadata:\n  name: {name}\n  namespace: {name}\nspec:\n  \
         hostNetwork: true\n  volumes: [{{name: {name}, hostPath: {{path: {name}}}}}]\n  \
         containers:\n  - name: {name}\n    image: {name}\n    \
         securityContext: {{privileged: true, capabilities: {{add: [{name}]}}}}\n    \
         env: [{{name: {name}, value: {name}}}]\n---\na: [1\n"
    );
    let file = "dir/a b<\u{1b}>.yaml";
    let selection = Selection::default();
    let mut assessed =
        assess(files::from_text(file, &text, &files::Options::default()), &selection);
    let inventory = Arc::clone(&assessed.inventory);
    assessed.result.problems.extend(inventory.problems.iter().cloned());
    let id = assessed.result.findings[0].fingerprint.clone();
    let accepted = decision(DecisionState::Accepted, EVIL, None);
    assessed.ledger.decisions.insert(id.into(), accepted.into());
    assessed.judge();
    assessed
}

/// Twenty thousand findings: those of the demo cluster, again on other objects.
pub fn many() -> &'static Assessed {
    static MANY: OnceLock<Assessed> = OnceLock::new();
    MANY.get_or_init(|| built_many(20_000))
}

fn built_many(count: usize) -> Assessed {
    let mut assessed = built_demo();
    let first = assessed.result.findings.clone();
    let copies = first.iter().cycle().skip(first.len()).enumerate();
    let more = copies.take(count - first.len()).map(|(number, finding)| {
        let mut copy = Finding::clone(finding);
        copy.fingerprint = format!("p1:{number:032x}");
        if let Some(object) = &mut copy.object {
            object.name = format!("{}-{number}", object.name).into();
        }
        Arc::new(copy)
    });
    let more: Vec<Arc<Finding>> = more.collect();
    assessed.result.findings.extend(more);
    assessed.result.findings.sort_by(|a, b| a.sort_key().cmp(&b.sort_key()));
    assert_eq!(assessed.result.findings.len(), count);
    assessed
}
