//! Sessions with many findings: saved, decided, opened, bundled, checked.

use std::path::Path;
use std::sync::Arc;

use plimsoll::bundle::{self, SigningKey};
use plimsoll::model::decision::{Decision, DecisionState};
use plimsoll::model::finding::{Finding, FindingOrigin, RunResult, Severity};
use plimsoll::model::node::Node;
use plimsoll::model::object::ObjectRef;
use plimsoll::model::path::FieldPath;
use plimsoll::session::{RunRecord, SessionMeta, SessionStore};

use super::figure::Figure;
use super::measure::{self, peak_mib};
use super::part::{part, row};
use super::table::Table;

/// Findings of a session.
const SIZES: [usize; 2] = [20_000, 200_000];
const NOW: &str = "2026-01-01T00:00:00Z";

/// The table of all sizes.
pub fn table() -> anyhow::Result<Table> {
    let mut table = Table::new("findings");
    for findings in SIZES {
        measure(findings, &mut table)?;
    }
    Ok(table)
}

fn measure(findings: usize, table: &mut Table) -> anyhow::Result<()> {
    let dir = tempfile::tempdir()?;
    let store = SessionStore::new(dir.path());
    let mut session = store.create(SessionMeta::default(), "ada", NOW)?;
    let run = run(findings)?;
    let prints: Vec<String> = run.result.findings.iter().map(|f| f.fingerprint.clone()).collect();
    let (saved, took) = measure::time(|| session.record_judged(run, Vec::new(), "ada"));
    saved?;
    table.set("save a run", findings, Figure::took(took));
    let decision = Decision {
        state: DecisionState::Accepted,
        reason: Some("needed until the next release".to_owned()),
        approver: Some("grace".to_owned()),
        expires: Some("2026-06-30".to_owned()),
        ..Decision::default()
    };
    let (decided, took) = measure::time(|| session.decide(&prints, &decision, "ada", NOW));
    decided?;
    table.set("decide about all of them", findings, Figure::took(took));
    let (noted, took) = measure::time(|| session.note("a", "b", "ada", NOW));
    noted?;
    table.set("add a note", findings, Figure::took(took));
    let size = |path: &Path| path.metadata().map(|m| usize::try_from(m.len()).unwrap_or(0));
    let run = session.dir().join("runs/1.json.zst");
    let journal = session.dir().join("journal.jsonl");
    table.set("size of the run", findings, Figure::bytes(size(&run)?));
    table.set("size of the journal", findings, Figure::bytes(size(&journal)?));
    drop(session);
    table.take(findings, part("session", &[dir.path()])?);
    let took = measure::fastest(3, || drop(store.list()));
    table.set("list sessions", findings, Figure::took(took));
    let session = store.open("last")?;
    let file = dir.path().join("b.tar");
    let key = SigningKey::of(dir.path())?;
    let (made, took) = measure::time(|| bundle::save(&session, "", Vec::new(), &key, &file));
    made?;
    table.set("bundle, without reports", findings, Figure::took(took));
    let input = std::io::BufReader::new(std::fs::File::open(&file)?);
    let (checked, took) = measure::time(|| bundle::verify(input, Some(key.public())));
    checked?;
    table.set("verify it", findings, Figure::took(took));
    Ok(())
}

/// Opening a session, in a process of its own.
pub fn open(data: &Path) -> anyhow::Result<()> {
    let store = SessionStore::new(data);
    let (session, took) = measure::time(|| store.open("last"));
    let session = session?;
    row("open the session: what was decided", Figure::took(took));
    let (run, run_took) = measure::time(|| session.latest_run());
    let run = run?;
    row("read its last run", Figure::took(run_took));
    row("both, on the clock", Figure::seconds(took.wall + run_took.wall));
    row("peak memory, with both", Figure::mib(peak_mib()));
    drop(run);
    Ok(())
}

/// A run of as many findings, with what a finding of a cluster holds.
fn run(findings: usize) -> anyhow::Result<RunRecord> {
    let path = FieldPath::parse("spec.template.spec.containers[0].securityContext.privileged")?;
    let object = |number: usize| ObjectRef {
        api_version: "apps/v1".into(),
        kind: "Deployment".into(),
        namespace: Some(format!("team-{}", number % 50).into()),
        name: format!("service-{}", number / 7).into(),
    };
    let finding = |number: usize| {
        Arc::new(Finding {
            fingerprint: format!("p1:{:032x}", number.wrapping_mul(0x9e37_79b9_7f4a_7c15)),
            check: "privileged-container".into(),
            severity: Severity::ALL[number % 5],
            scope: "container".into(),
            object: Some(object(number)),
            owner: Some(object(number)),
            instances: number % 9,
            origin: Some(FindingOrigin::Both),
            container: Some(format!("app-{}", number % 3).into()),
            path: path.clone(),
            value: Some(Node::Bool(true)),
            message: format!("container app-{} of service {number} runs privileged", number % 3),
            ..Finding::default()
        })
    };
    let result =
        RunResult { findings: (0..findings).map(finding).collect(), ..RunResult::default() };
    Ok(RunRecord {
        started: NOW.to_owned(),
        finished: NOW.to_owned(),
        tool: env!("CARGO_PKG_VERSION").to_owned(),
        content: "sha256:0".to_owned(),
        result: result.into(),
        ..RunRecord::default()
    })
}
