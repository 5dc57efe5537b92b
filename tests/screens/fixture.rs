//! A small cluster, three frameworks, a run with a dozen findings, and the means to drive it.

use std::sync::Arc;

use plimsoll::app::ahead::{CountBasis, CountedAhead, CountedBy};
use plimsoll::app::data::{Data, ShownContent};
use plimsoll::app::effect::Effect;
use plimsoll::app::event::{
    ContextInfo, Event, Now, RunEvent, SessionEvent, SessionInfo, SourceEvent,
};
use plimsoll::app::key::macro_keys;
use plimsoll::app::live::{Followed, RunDelta};
use plimsoll::app::patches::Patching;
use plimsoll::app::preview::{ControlMove, Preview, PreviewRequest};
use plimsoll::app::state::{LookState, State, WorkbenchSetup};
use plimsoll::checks::remedy::outcome::{LevelMove, RemedyOutcome};
use plimsoll::checks::{Library, Params, remedy_with};
use plimsoll::config::theme::Themes;
use plimsoll::facts::Level;
use plimsoll::frameworks::{
    CheckState, ControlChange, Counts as StatusCounts, FrameworkChange, FrameworkResult,
    JudgeInput, Score, Set, Status, judge,
};
use plimsoll::model::attestation::{Attestation, AttestationAnswer, Attestations, EvidenceFile};
use plimsoll::model::between::DecisionsBetween;
use plimsoll::model::comparison::{
    ChangeCounts, ChangeTotals, ComparedFinding, Comparison, FieldDifference, FindingChange,
    RunLabel, RunSide,
};
use plimsoll::model::decision::{Decision, DecisionOrigin, DecisionState, PastDecision};
use plimsoll::model::finding::{
    CheckCounts, Finding, FindingOrigin, Form, Gap, RunResult, Severity,
};
use plimsoll::model::import::{Import, ImportOutcome, ImportedResult};
use plimsoll::model::inventory::{Inventory, SourceInfo, SourceKind};
use plimsoll::model::kinds::{BUILTINS, Kind};
use plimsoll::model::node::Node;
use plimsoll::model::object::{Object, ObjectRef};
use plimsoll::model::path::FieldPath;
use plimsoll::model::read::{Missing, Read, ReadStatus};
use plimsoll::model::trend::{FrameworkScore, TrendPoint};
use plimsoll::text::locate;
use plimsoll::triage::brought::Saying;
use plimsoll::triage::{Brought, annotations};

/// 2026-11-24 12:00:00 UTC.
pub const NOON: i64 = 1_795_521_600;

const OBJECTS: &str = include_str!("objects.yaml");
const FRAMEWORKS: [(&str, &str); 3] = [
    ("fx-nsa.toml", include_str!("fx-nsa.toml")),
    ("fx-pods.toml", include_str!("fx-pods.toml")),
    ("fx-cis.toml", include_str!("fx-cis.toml")),
];

/// What became of controls between the two runs.
pub fn controls() -> Arc<[FrameworkChange]> {
    let control = |id: &str, before, after| ControlChange {
        id: id.to_owned(),
        before: Some(before),
        after: Some(after),
        attested_before: false,
        attested_after: false,
        findings: ChangeCounts::default(),
    };
    let change = FrameworkChange {
        id: "fx-nsa".to_owned(),
        score_before: Some(Score { worst: 0.25, best: 0.75 }),
        score_after: Some(Score { worst: 0.5, best: 0.5 }),
        before: Some(StatusCounts { fail: 2, not_assessed: 2, ..StatusCounts::default() }),
        after: Some(StatusCounts { fail: 2, pass: 2, attested: 1, ..StatusCounts::default() }),
        findings: ChangeCounts { regressed: 1, fixed: 1, unchanged: 4, ..ChangeCounts::default() },
        controls: vec![
            control("N1", Status::Fail, Status::Pass),
            control("N2", Status::Fail, Status::Fail),
            control("N4", Status::NotAssessed, Status::Fail),
        ],
    };
    // Each of its controls would be another, as the run before did not judge it.
    let only_after = FrameworkChange {
        id: "fx-pods".to_owned(),
        score_before: None,
        score_after: Some(Score { worst: 0.5, best: 1.0 }),
        before: None,
        after: Some(StatusCounts { pass: 1, not_assessed: 1, ..StatusCounts::default() }),
        findings: ChangeCounts::default(),
        controls: vec![ControlChange { before: None, ..control("P1", Status::Fail, Status::Pass) }],
    };
    Arc::new([change, only_after])
}

/// A check as a file, with what the screens show of it.
fn check_file(id: &str, severity: &str, title: &str, why: &str, fix: &str) -> String {
    format!(
        r#"
id = "{id}"
title = "{title}"
severity = "{severity}"
form = "rule"
[target]
scope = "object"
kinds = ["ConfigMap"]
[rule]
fail = "false"
at = "data"
message = "never"
[explain]
why = "{why}"
fix = "{fix}"
references = ["https://kubernetes.io/docs/concepts/security/pod-security-standards/"]
[[example]]
name = "one"
verdict = "pass"
yaml = '''
apiVersion: v1
kind: ConfigMap
metadata: {{name: a}}
'''
[[example]]
name = "two"
verdict = "fail"
yaml = '''
apiVersion: v1
kind: ConfigMap
metadata: {{name: b}}
'''
"#
    )
}

const CHECKS: &[(&str, &str, &str, &str, &str)] = &[
    // This one is a file of its own: it has a patch.
    ("fx-privileged", "critical", "Container runs privileged", "", ""),
    (
        "fx-host-path",
        "high",
        "Volume mounts a directory of the node",
        "Files of the node can be read and, unless mounted read-only, changed.",
        "Use a volume of the cluster instead.",
    ),
    (
        "fx-run-as-root",
        "medium",
        "Container may run as root",
        "Root in the container is root on the node once it gets out.",
        "Set runAsNonRoot to true and give the image a user.",
    ),
    (
        "fx-read-only-root",
        "low",
        "Root file system can be written",
        "An intruder can leave programs behind.",
        "Set readOnlyRootFilesystem to true and mount an emptyDir where the program writes.",
    ),
    (
        "fx-default-deny",
        "high",
        "Namespace without default deny",
        "Every pod may talk to every other one.",
        "Add a network policy that selects all pods and allows nothing.",
    ),
];

fn library() -> Library {
    let dir = tempfile::tempdir().unwrap();
    for (id, severity, title, why, fix) in CHECKS {
        let text = match *id {
            "fx-privileged" => include_str!("fx-privileged.toml").to_owned(),
            _ => check_file(id, severity, title, why, fix),
        };
        std::fs::write(dir.path().join(format!("{id}.toml")), text).unwrap();
    }
    let mut library = Library::with_dirs(&[dir.path().to_owned()]);
    assert_eq!(library.problems, []);
    // What is built in changes with every release; the frames must not.
    library.checks.retain(|id, _| id.starts_with("fx-"));
    library
}

pub fn content() -> ShownContent {
    let mut set = Set::default();
    for (file, text) in FRAMEWORKS {
        set.add(file, text);
    }
    assert_eq!(set.problems, []);
    ShownContent {
        library: Arc::new(library()),
        frameworks: Arc::new(set),
        ..ShownContent::default()
    }
}

/// As [`content`], where the patch of a check takes its value from a parameter, which is set or not.
pub fn content_with_param(set: Option<bool>) -> ShownContent {
    let dir = tempfile::tempdir().unwrap();
    let text = include_str!("fx-privileged.toml")
        .replace("value = false", "value-from = \"params.left\"")
        + "\n[params.left]\ndefault = true\ntype = \"bool\"\n";
    std::fs::write(dir.path().join("fx-privileged.toml"), text).unwrap();
    let other = Library::with_dirs(&[dir.path().to_owned()]);
    assert_eq!(other.problems, []);
    let mut library = library();
    library.checks.extend(other.checks.into_iter().filter(|(id, _)| **id == *"fx-privileged"));
    let set = set.map(|left| ("fx-privileged/left".to_owned(), Node::Bool(left)));
    let params = Params(set.into_iter().collect());
    ShownContent { library: Arc::new(library), params, ..content() }
}

/// As [`content`], with two matrices of attack techniques.
pub fn content_with_matrices() -> ShownContent {
    let content = content();
    let mut set = Set::clone(&content.frameworks);
    set.add("fx-attack.toml", include_str!("fx-attack.toml"));
    set.add("fx-threats.toml", include_str!("fx-threats.toml"));
    assert_eq!(set.problems, []);
    ShownContent { frameworks: Arc::new(set), ..content }
}

fn read(kind: &str, status: ReadStatus, namespace: Option<&str>, items: usize) -> Read {
    let builtin = BUILTINS.iter().find(|b| b.kind == kind).unwrap();
    let refused = status == ReadStatus::Forbidden;
    Read {
        resource: builtin.resource(),
        kind: Some(builtin.kind()),
        namespace: namespace.map(str::to_owned),
        status,
        items,
        message: refused.then(|| format!("{} is forbidden for user \"auditor\"", builtin.plural)),
        millis: Some(12),
    }
}

pub fn inventory() -> Inventory {
    let objects = locate::documents(OBJECTS)
        .into_iter()
        .map(|document| Arc::new(Object::new(document.node.unwrap()).unwrap()))
        .collect();
    let source = SourceInfo {
        kind: SourceKind::Live,
        context: Some("prod-eu".into()),
        kubernetes: Some("v1.35.2".into()),
        ..SourceInfo::default()
    };
    let reads = vec![
        read("Pod", ReadStatus::Complete, None, 1),
        read("Deployment", ReadStatus::Complete, None, 4),
        read("DaemonSet", ReadStatus::Complete, None, 1),
        read("Namespace", ReadStatus::Complete, None, 4),
        read("NetworkPolicy", ReadStatus::Complete, None, 0),
        read("RoleBinding", ReadStatus::Forbidden, Some("team-a"), 0),
        read("Secret", ReadStatus::NotAsked, None, 0),
    ];
    Inventory::new(source, objects, reads)
}

fn finding(
    check: &str,
    severity: Severity,
    (kind, namespace, name): (&str, &str, &str),
    path: &str,
    message: &str,
) -> Finding {
    let api_version = match kind {
        "Deployment" | "DaemonSet" => "apps/v1",
        _ => "v1",
    };
    let object = ObjectRef {
        api_version: api_version.into(),
        kind: kind.into(),
        namespace: (!namespace.is_empty()).then(|| namespace.into()),
        name: name.into(),
    };
    Finding {
        fingerprint: format!("p1:{check}/{kind}/{namespace}/{name}/{path}"),
        check: check.into(),
        severity,
        scope: "container".into(),
        owner: Some(object.clone()),
        object: Some(object),
        instances: 3,
        origin: Some(FindingOrigin::Both),
        container: path.contains("containers").then(|| "app".into()),
        path: FieldPath::parse(path).unwrap(),
        missing: message.contains("does not"),
        message: message.to_owned(),
        platform: namespace == "kube-system",
        ..Finding::default()
    }
}

pub fn findings() -> Vec<Finding> {
    let container = "spec.template.spec.containers[0].securityContext";
    let privileged = format!("{container}.privileged");
    let root = format!("{container}.runAsNonRoot");
    let read_only = format!("{container}.readOnlyRootFilesystem");
    let web = ("Deployment", "pay", "web");
    let api = ("Deployment", "shop", "api");
    let mut all = vec![
        finding(
            "fx-privileged",
            Severity::Critical,
            web,
            &privileged,
            "container app runs privileged",
        ),
        finding(
            "fx-privileged",
            Severity::Critical,
            ("DaemonSet", "kube-system", "net-agent"),
            &privileged,
            "container app runs privileged",
        ),
        finding(
            "fx-host-path",
            Severity::High,
            api,
            "spec.template.spec.volumes[0].hostPath",
            "volume run mounts /var/run of the node",
        ),
    ];
    for namespace in ["pay", "shop", "team-a"] {
        let object = ("Namespace", "", namespace);
        let message = format!("{namespace} has no policy that denies by default");
        all.push(finding("fx-default-deny", Severity::High, object, "metadata.name", &message));
    }
    for object in
        [web, api, ("Deployment", "shop", "cart"), ("Deployment", "team-a", "日本語-sørvice")]
    {
        let message = "container app does not say that it runs as another user than root";
        all.push(finding("fx-run-as-root", Severity::Medium, object, &root, message));
        let message = "container app can write to its root file system";
        all.push(finding("fx-read-only-root", Severity::Low, object, &read_only, message));
    }
    all.sort_by(|a, b| a.sort_key().cmp(&b.sort_key()));
    all
}

/// The findings of the run, to be changed.
pub fn found() -> Vec<Arc<Finding>> {
    findings().into_iter().map(Arc::new).collect()
}

/// A finding that the run does not have: another container of `cart` runs privileged.
pub fn another() -> Arc<Finding> {
    let path = "spec.template.spec.containers[1].securityContext.privileged";
    let cart = ("Deployment", "shop", "cart");
    Arc::new(finding(
        "fx-privileged",
        Severity::Critical,
        cart,
        path,
        "container log runs privileged",
    ))
}

pub fn result() -> RunResult {
    let findings = findings();
    let mut result = RunResult::default();
    for (id, ..) in CHECKS {
        let fail = findings.iter().filter(|f| &*f.check == *id && !f.platform).count();
        let counts = CheckCounts { pass: 5, fail, ..CheckCounts::default() };
        result.checks.insert((*id).into(), counts);
    }
    result
        .checks
        .insert("fx-bindings".into(), CheckCounts { not_assessed: 1, ..Default::default() });
    result.findings = findings.into_iter().map(Arc::new).collect();
    result.not_assessed = vec![
        Gap {
            check: "fx-bindings".into(),
            missing: Missing::list("rolebindings", Some("team-a"), ReadStatus::Forbidden).into(),
            count: 0,
            platform: false,
        },
        Gap {
            check: "fx-default-deny".into(),
            missing: Missing::list("secrets", None, ReadStatus::NotAsked).into(),
            count: 2,
            platform: false,
        },
    ];
    result
}

pub fn judged(content: &ShownContent, decisions: &[(String, Decision)]) -> Vec<FrameworkResult> {
    judged_with(content, decisions, &Attestations::default())
}

fn judged_with(
    content: &ShownContent,
    decisions: &[(String, Decision)],
    attestations: &Attestations,
) -> Vec<FrameworkResult> {
    judged_of(result(), content, decisions, attestations)
}

/// A cluster of which every list has this answer, with these objects.
fn answered_by(status: ReadStatus, objects: &str) -> Inventory {
    let objects = locate::documents(objects)
        .into_iter()
        .map(|document| Arc::new(Object::new(document.node.unwrap()).unwrap()))
        .collect();
    let mut reads: Vec<Read> =
        BUILTINS.iter().map(|kind| read(kind.kind, status, None, 0)).collect();
    // What every server tells everybody.
    let version = read("Pod", ReadStatus::Complete, None, 0);
    reads.push(Read { resource: "/version".into(), kind: None, ..version });
    Inventory::new(inventory().source, objects, reads)
}

/// What a run comes to where nothing fails.
fn nothing_found() -> RunResult {
    let mut result = RunResult::default();
    result.checks.extend(CHECKS.iter().map(|(id, ..)| ((*id).into(), CheckCounts::default())));
    result
}

fn judged_of(
    mut result: RunResult,
    content: &ShownContent,
    decisions: &[(String, Decision)],
    attestations: &Attestations,
) -> Vec<FrameworkResult> {
    // A check without a finding, for a technique that is mitigated.
    result.checks.insert("fx-clean".into(), CheckCounts { pass: 3, ..CheckCounts::default() });
    let input = JudgeInput {
        result: &result,
        check: &|id| {
            if result.checks.contains_key(id) {
                CheckState::Ran(Form::Rule)
            } else {
                CheckState::Unknown
            }
        },
        decision: &|print| {
            let decision = decisions.iter().find(|(known, _)| known == print);
            decision.map_or(DecisionState::Open, |(_, d)| d.state)
        },
        attestations,
        imported: &|_, _| None,
        today: "2026-11-24",
        minor: Some(35),
        policy_minor: 35,
        level: None,
        open_world: false,
        include_platform: false,
    };
    content.frameworks.frameworks.iter().map(|f| judge(f, &input)).collect()
}

/// The run compared with one before it: some of each.
pub fn comparison() -> Comparison {
    let label = |run, finished: &str| RunLabel {
        session: Some("01A".into()),
        title: Some("web audit".into()),
        run,
        finished: finished.into(),
        ..RunLabel::default()
    };
    let entry = |change, side, finding: Finding| ComparedFinding {
        change,
        side,
        finding: Arc::new(finding),
        differs: Vec::new(),
        reason: None,
        unasked: false,
    };
    let gone = |name: &str, message: &str| {
        let path = "spec.template.spec.containers[0].image";
        finding("fx-privileged", Severity::Critical, ("Deployment", "shop", name), path, message)
    };
    let mut entries: Vec<ComparedFinding> = Vec::new();
    for (at, finding) in findings().into_iter().enumerate() {
        entries.push(match at {
            0 => entry(FindingChange::New, RunSide::After, finding),
            2 => entry(FindingChange::Regressed, RunSide::After, finding),
            3 => ComparedFinding {
                reason: Some("check fx-default-deny did not run".into()),
                ..entry(FindingChange::Incomparable, RunSide::After, finding)
            },
            4 => ComparedFinding {
                differs: vec![FieldDifference {
                    field: "severity",
                    before: "medium".into(),
                    after: "high".into(),
                }],
                ..entry(FindingChange::Unchanged, RunSide::Both, finding)
            },
            _ => entry(FindingChange::Unchanged, RunSide::Both, finding),
        });
    }
    let privileged = "container app runs privileged";
    entries.push(entry(FindingChange::Fixed, RunSide::Before, gone("old", privileged)));
    let unread = gone("cart", privileged);
    entries.push(ComparedFinding {
        reason: Some("cannot list deployments in shop: forbidden".into()),
        ..entry(FindingChange::Incomparable, RunSide::Before, unread)
    });
    entries.sort_by_key(|e| (e.change, e.side));
    let totals = ChangeTotals::of(&entries, false);
    Comparison {
        before: label(1, "2026-11-23T12:00:00Z"),
        after: label(2, "2026-11-24T12:00:00Z"),
        notes: vec!["Kubernetes went from v1.34.1 to v1.35.2".into()],
        entries,
        include_platform: false,
        totals,
        decided: DecisionsBetween::default(),
        already: None,
    }
}

/// A workbench under test, with what it asked to be done.
pub struct Bench {
    pub state: State,
    pub effects: Vec<Effect>,
    pub now: Now,
}

impl Bench {
    /// At the start screen, or at an overview without a cluster.
    pub fn new(start: bool) -> Self {
        let look = LookState {
            theme: "terminal".into(),
            themes: Themes::default().described(),
            ..LookState::default()
        };
        let setup = WorkbenchSetup {
            content: Arc::new(content()),
            look,
            start,
            ..WorkbenchSetup::default()
        };
        let now = Now { millis: 10_000, unix: NOON };
        Self { state: State::new(setup, now), effects: Vec::new(), now }
    }

    /// As [`Self::assessed`], with two matrices of attack techniques.
    pub fn attacked() -> Self {
        let mut bench = Self::new(false);
        bench.event(Event::Content(Arc::new(content_with_matrices())));
        bench.assess();
        bench
    }

    /// With the cluster read, a run done and a session open.
    pub fn assessed() -> Self {
        let mut bench = Self::new(false);
        bench.assess();
        bench
    }

    /// With a cluster that says its version and shows this user no list, so that no run was made.
    pub fn refused() -> Self {
        let mut bench = Self::new(false);
        bench.load(answered_by(ReadStatus::Forbidden, ""));
        bench.wait(60_000);
        bench
    }

    /// As [`Self::assessed`], where nothing but a namespace is there.
    pub fn idle() -> Self {
        let mut bench = Self::new(false);
        let namespace = "apiVersion: v1\nkind: Namespace\nmetadata: {name: default}\n";
        bench.assess_with(answered_by(ReadStatus::Complete, namespace), nothing_found());
        bench
    }

    fn assess(&mut self) {
        self.assess_with(inventory(), result());
    }

    fn load(&mut self, inventory: Inventory) {
        self.event(Event::Source(SourceEvent::Connecting { context: "prod-eu".into() }));
        let inventory = Arc::new(inventory);
        self.event(Event::Source(SourceEvent::Loaded { inventory, complete: true }));
        self.event(Event::Source(SourceEvent::Live));
    }

    fn assess_with(&mut self, inventory: Inventory, result: RunResult) {
        self.load(inventory);
        let bench = self;
        bench.event(Event::Session(SessionEvent::Opened {
            info: sessions().remove(0),
            ledger: Arc::default(),
            notes: Vec::new(),
            trend: Vec::new(),
        }));
        bench.event(Event::Run(RunEvent::Started { id: 1, total: 6 }));
        let answers = Attestations::default();
        let judged = judged_of(result.clone(), &bench.state.data.content, &[], &answers).into();
        let result = Arc::new(result);
        bench.event(Event::Run(RunEvent::Finished { id: 1, result, judged, millis: 1_240 }));
        bench.wait(60_000);
    }

    /// The cluster comes to these findings now.
    pub fn follow(&mut self, findings: Vec<Arc<Finding>>) {
        self.follow_on(findings, Arc::clone(&self.state.data.inventory));
    }

    /// The same, on these objects.
    pub fn follow_on(&mut self, findings: Vec<Arc<Finding>>, inventory: Arc<Inventory>) {
        let view = self.comes_to(findings, inventory);
        self.event(Event::Followed(Arc::new(view)));
    }

    /// As [`Self::follow`], with all of it counted ahead as it would be counted by `lens`.
    pub fn follow_ahead(&mut self, findings: Vec<Arc<Finding>>, lens: CountedBy) {
        let mut view = self.comes_to(findings, Arc::clone(&self.state.data.inventory));
        let basis = CountBasis {
            content: Arc::clone(&self.state.data.content),
            inventory: &view.inventory,
            result: &view.result,
            judged: &view.judged,
            ledger: &self.state.data.ledger,
        };
        view.counted = Some(CountedAhead::of(&basis, lens));
        self.event(Event::Followed(Arc::new(view)));
    }

    /// The checks come to these findings, and something could not be looked at.
    pub fn follow_blind(&mut self, findings: Vec<Arc<Finding>>, gap: Gap) {
        let mut view = self.comes_to(findings, Arc::clone(&self.state.data.inventory));
        let now = Arc::make_mut(&mut view.result);
        now.not_assessed.push(gap);
        view.since = RunDelta::between(&result(), now, &view.inventory);
        self.event(Event::Followed(Arc::new(view)));
    }

    fn comes_to(&self, mut findings: Vec<Arc<Finding>>, inventory: Arc<Inventory>) -> Followed {
        findings.sort_by(|a, b| a.sort_key().cmp(&b.sort_key()));
        let mut now = result();
        for (id, ..) in CHECKS {
            let fail = findings.iter().filter(|f| &*f.check == *id && !f.platform).count();
            now.checks.insert((*id).into(), CheckCounts { pass: 5, fail, ..Default::default() });
        }
        now.findings = findings;
        let answers = Attestations::default();
        let judged = judged_of(now.clone(), &self.state.data.content, &[], &answers).into();
        let since = RunDelta::between(&result(), &now, &inventory);
        let result = Arc::new(now);
        Followed { run: 1, inventory, result, judged, since, ..Followed::default() }
    }

    /// Objects come that are read completely.
    pub fn objects(&mut self, inventory: Inventory) {
        let inventory = Arc::new(inventory);
        self.event(Event::Source(SourceEvent::Loaded { inventory, complete: true }));
    }

    /// As [`Self::assessed`], with the run compared with one before it, and that shown.
    pub fn compared() -> Self {
        let mut bench = Self::assessed();
        bench.compare();
        bench
    }

    /// Shows the run compared with one before it.
    pub fn compare(&mut self) {
        self.event(Event::Session(SessionEvent::Compared(Arc::new(comparison()), controls())));
    }

    /// With the question of N5 answered and judged.
    pub fn answered(&mut self) {
        let answer = Attestation {
            framework: "fx-nsa".into(),
            control: "N5".into(),
            answer: AttestationAnswer::Yes,
            reviewer: "Grace".into(),
            date: "2026-11-24".into(),
            expires: Some("2027-06-30".into()),
            evidence: Some("Logs are shipped to the archive of the other region.".into()),
            link: Some("https://wiki.example/logs".into()),
            file: Some(EvidenceFile {
                name: "archive.pdf".into(),
                sha256: "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad".into(),
                size: 48_213,
            }),
        };
        let answers = vec![(answer.key(), Some(answer.clone()))];
        let what = "saved: answer \"yes\" to fx-nsa N5".to_owned();
        self.event(Event::Session(SessionEvent::Attested { answers, what }));
        let attestations = Attestations::from([(answer.key(), answer)]);
        let judged = judged_with(&self.state.data.content, &[], &attestations);
        self.event(Event::Judged(judged.into()));
    }

    /// With exceptions of the session, of a file and of annotations, and with a result of a policy engine
    /// that is not ours.
    pub fn reviewed(&mut self) {
        let prints: Vec<String> = findings().iter().map(|f| f.fingerprint.clone()).collect();
        let of =
            |check: &str| prints.iter().filter(|p| p.contains(check)).cloned().collect::<Vec<_>>();
        let accepted = |reason: &str, expires: Option<&str>| Decision {
            state: DecisionState::Accepted,
            reason: Some(reason.into()),
            approver: Some("Grace".into()),
            expires: expires.map(str::to_owned),
            ..Decision::default()
        };
        let decide = |print: String, after: Decision| {
            let time = "2026-10-01T09:00:00Z".into();
            let past =
                PastDecision { time, by: "ada".into(), after: Some(after.into()), undone: false };
            (print.into(), past.into())
        };
        let linked = Decision {
            link: Some("https://tickets.example/SEC-7".into()),
            ..accepted("the agent needs it until it is replaced", Some("2026-11-29"))
        };
        let changes = vec![
            decide(of("fx-host-path")[0].clone(), linked),
            decide("p1:gone".into(), accepted("a test pod", Some("2026-11-21"))),
        ];
        let what = "saved: 2 findings accepted".into();
        self.event(Event::Session(SessionEvent::Decided { changes, what }));
        let saying = |origin, line, label: &str, covers: Vec<String>| Saying {
            origin,
            line,
            label: label.into(),
            checks: Some(vec!["fx-run-as-root".into()]),
            everywhere: false,
            exact: false,
            tool: None,
            applied: true,
            decision: accepted("images are rebuilt by March", Some("2027-03-31")),
            covers,
        };
        let file = |line| (DecisionOrigin::File("decisions.toml".into()), Some(line));
        let (origin, line) = file(12);
        let label = "check fx-run-as-root, all namespaces";
        let broad =
            Saying { everywhere: true, ..saying(origin, line, label, of("fx-run-as-root")) };
        let (origin, line) = file(20);
        let unused = saying(origin, line, "check fx-run-as-root, namespace old-*", Vec::new());
        let key = DecisionOrigin::Annotation("ignore-check.kube-linter.io/writable".into());
        let noted = Saying {
            tool: Some(annotations::Tool::KubeLinter),
            decision: Decision { expires: None, ..accepted("writes a cache", None) },
            ..saying(
                key,
                None,
                "Deployment/shop/cart",
                of("fx-read-only-root/Deployment/shop/cart"),
            )
        };
        let brought = Brought { sayings: vec![broad, unused, noted] };
        self.event(Event::Brought(Arc::new(brought)));
        self.imported();
    }

    fn imported(&mut self) {
        let imports = imports();
        let what = "imported 1 result of policy-report (0 fail)".into();
        self.event(Event::Session(SessionEvent::Imported { imports, what }));
        self.wait(60_000);
    }

    /// Opens the preview of what the cursor is on with `keys`, and answers it.
    pub fn previewed(&mut self, keys: &str) {
        self.keys(keys);
        let Some(Effect::Preview(asked)) = self.taken().pop() else { panic!("nothing was asked") };
        let preview = preview(&self.state.data, &asked);
        self.event(Event::Previewed(asked, Ok(Arc::new(preview))));
    }

    pub fn event(&mut self, event: Event) {
        let effects = self.state.update(event, self.now);
        for effect in &effects {
            if let Effect::CountPatches(asked) = effect {
                self.count_patches(asked);
            }
        }
        self.effects.extend(effects);
    }

    /// Answers how many findings of things to mend a patch changes.
    fn count_patches(&mut self, asked: &[Patching]) {
        for one in asked {
            let data = &self.state.data;
            let found = one.prints.iter().filter_map(|print| data.finding(print));
            let patched = |f: &&Arc<Finding>| {
                data.check(&f.check).is_some_and(|check| {
                    remedy_with(check, &Params::default(), f, &data.inventory).is_some()
                })
            };
            let count = found.filter(patched).count();
            self.event(Event::Patched { owner: one.owner.clone(), key: one.key, count });
        }
    }

    pub fn wait(&mut self, millis: u64) {
        self.now.millis += millis;
        self.event(Event::Tick);
    }

    /// Types a macro: `jj<enter>/priv<enter>`.
    pub fn keys(&mut self, text: &str) -> &mut Self {
        for key in macro_keys(text).unwrap() {
            self.event(Event::Key(key));
        }
        self
    }

    /// What was asked to be done. Who owns the fields of an object is asked for whenever a finding is
    /// opened, its lines in a file and the patches of what to mend likewise; only the tests of these
    /// look at them, in `effects`.
    /// Answers what was asked last about one namespace; says which one that was.
    pub fn narrow(&mut self, results: Vec<FrameworkResult>) -> String {
        let asked = self.effects.iter().rev().find_map(|effect| match effect {
            Effect::Narrow { asked, namespace } => Some((*asked, namespace.clone())),
            _ => None,
        });
        let (asked, namespace) = asked.expect("asked about a namespace");
        self.effects.clear();
        let about = namespace.clone();
        self.event(Event::Narrowed { asked, namespace, results });
        about
    }

    /// What was asked for, but for what is worked out beside the screen.
    pub fn taken(&mut self) -> Vec<Effect> {
        let mut all = std::mem::take(&mut self.effects);
        let asides = |effect: &Effect| {
            matches!(
                effect,
                Effect::AskManagers(_)
                    | Effect::CountPatches(_)
                    | Effect::ReadText(_)
                    | Effect::Narrow { .. }
            )
        };
        all.retain(|effect| !asides(effect));
        all
    }
}

/// What the patches of findings come to: they clear, one finding is milder, one is new, one has no patch.
pub fn preview(data: &Data, asked: &PreviewRequest) -> Preview {
    let found = asked.prints.iter().filter_map(|print| data.finding(print)).cloned();
    let found: Vec<Arc<Finding>> = found.collect();
    let remedy = |f: &Arc<Finding>| {
        remedy_with(data.check(&f.check).unwrap(), &Params::default(), f, &data.inventory)
    };
    let changes: Vec<_> = found.iter().filter_map(remedy).collect();
    let (mended, left): (Vec<_>, Vec<_>) = found
        .into_iter()
        .partition(|f| data.check(&f.check).is_some_and(|c| !c.patches.is_empty()));
    let root = data.index.findings.iter().find(|f| &*f.check == "fx-run-as-root").unwrap();
    let milder = Finding { severity: Severity::Low, ..Finding::clone(root) };
    let new = finding(
        "fx-read-only-root",
        Severity::Low,
        ("Deployment", "pay", "web"),
        "spec.template.spec.volumes",
        "container app writes to a volume that nothing holds",
    );
    let moved = |id: &str, before, after| ControlMove {
        framework: "fx-nsa".into(),
        control: id.into(),
        before,
        after,
    };
    let levels = changes.iter().map(|r| LevelMove {
        workload: r.target.clone(),
        before: Level::Privileged,
        after: Level::Baseline,
    });
    Preview {
        levels: levels.collect(),
        changes: changes.iter().map(|r| (r.clone(), r.yaml_diff())).collect(),
        outcome: RemedyOutcome {
            cleared: mended.clone(),
            fresh: vec![Arc::new(new)],
            changed: vec![(Arc::clone(root), Arc::new(milder))],
            ..RemedyOutcome::default()
        },
        left: left.into_iter().map(|f| (f, "the check has no patch".to_owned())).collect(),
        mended,
        controls: vec![
            moved("N1", Status::Fail, Status::Pass),
            moved("N5", Status::Fail, Status::Manual),
        ],
        policy_minor: 35,
        pods: 3,
        checks: 374,
        remarks: vec![
            "Deployment/pay/web: it is paused: no rollout begins before it is resumed".into(),
        ],
    }
}

/// A run a day, fewer findings each time but once.
pub fn trend() -> Vec<TrendPoint> {
    let point = |(at, high): (usize, usize)| TrendPoint {
        session: "01A".into(),
        run: u32::try_from(at).unwrap() + 1,
        finished: format!("2026-11-2{at}T12:00:00Z"),
        open: [2, high, 10, 8, 0].into(),
        scores: vec![FrameworkScore {
            framework: "fx-nsa".into(),
            level: None,
            applicable: 10,
            pass: 2 + at,
            failing: 4 - at / 2,
        }],
    };
    [21, 14, 18, 11, 17].into_iter().enumerate().map(point).collect()
}

/// Results of another tool that are not ours: it passes what fails here.
fn imports() -> Vec<Import> {
    let object = ObjectRef {
        api_version: "apps/v1".into(),
        kind: "Deployment".into(),
        namespace: Some("pay".into()),
        name: "web".into(),
    };
    let result = ImportedResult {
        rule: "disallow-privileged".into(),
        title: "Privileged containers".into(),
        outcome: ImportOutcome::Pass,
        object: Some(object),
        message: "validation rule 'privileged' passed.".into(),
        check: Some("fx-privileged".into()),
        ..ImportedResult::default()
    };
    vec![Import {
        tool: plimsoll::model::import::ImportTool::PolicyReport,
        version: None,
        origin: "reports.yaml".into(),
        taken: Some("2026-11-20T08:00:00Z".into()),
        imported: "2026-11-24T12:00:00Z".into(),
        sha256: String::new(),
        results: vec![result],
        objects: Vec::new(),
        clusters: Vec::new(),
    }]
}

pub fn sessions() -> Vec<SessionInfo> {
    let session = |id: &str, title: &str, ago: i64| SessionInfo {
        id: id.into(),
        title: title.into(),
        source: "prod-eu".into(),
        created: NOON - ago - 7_200,
        updated: NOON - ago,
        runs: 2,
        findings: 13,
        decisions: 4,
        holder: None,
        problem: None,
    };
    let mut all =
        vec![session("01A", "web audit", 7_200), session("01B", "yearly review", 900_000)];
    all[1].holder = Some("pid 4711 on host-a".into());
    all
}

pub fn contexts() -> Vec<ContextInfo> {
    let context = |name: &str, current| ContextInfo {
        name: name.into(),
        server: format!("https://{name}.example:6443"),
        user: "auditor".into(),
        namespace: "default".into(),
        current,
        plugin: String::new(),
    };
    vec![context("prod-eu", true), context("staging", false)]
}

/// A kind, for opening its list.
pub fn kind(name: &str) -> Kind {
    BUILTINS.iter().find(|b| b.kind == name).unwrap().kind()
}
