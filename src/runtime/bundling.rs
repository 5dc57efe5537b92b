//! What a bundle holds besides the session itself: the reports of its last run, every read, and the texts
//! by which it was judged.

use serde_json::{Value, json};

use crate::assess::reported::Saved;
use crate::assess::versions::TextVersion;
use crate::assess::{Content, SelectionError};
use crate::bundle::ExtraMember;
use crate::model::inventory::SourceInfo;
use crate::model::mirror::Mirror;
use crate::report::{Format, RenderError};
use crate::session::{Session, SessionError};

/// Reports that a bundle holds, by their words.
const REPORTS: [&str; 3] = ["json", "markdown", "html"];

/// Why there is no bundle.
#[derive(Debug, thiserror::Error)]
pub enum BundlingError {
    /// A run or an import is missing or was changed: a record of damage would be signed as if it were
    /// whole.
    #[error(transparent)]
    Session(#[from] SessionError),
    /// The last run cannot be judged any more.
    #[error("the run selected something that this version does not have: {0}")]
    Selection(#[from] SelectionError),
    /// A report cannot be made.
    #[error(transparent)]
    Render(#[from] RenderError),
    /// Something does not go into JSON.
    #[error(transparent)]
    Json(#[from] serde_json::Error),
}

/// What the bundle of a session holds besides the session. `environment` says what the user calls a
/// cluster.
///
/// # Errors
/// When part of the session is damaged, or its last run cannot be reported.
pub fn extras(
    content: &Content,
    session: &Session,
    environment: &dyn Fn(&SourceInfo) -> Option<String>,
) -> Result<Vec<ExtraMember>, BundlingError> {
    if let Some(damage) = session.damaged().into_iter().next() {
        return Err(damage.into());
    }
    let mut extras = vec![extra("content.json", &texts(content))?];
    extras.extend(of_runs(content, session, environment)?);
    Ok(extras)
}

/// The reports of the last run, as of the last entry of the journal, and the reads of every run.
fn of_runs(
    content: &Content,
    session: &Session,
    environment: &dyn Fn(&SourceInfo) -> Option<String>,
) -> Result<Vec<ExtraMember>, BundlingError> {
    let Some(last) = session.state().runs.last() else { return Ok(Vec::new()) };
    let mut reads = Vec::new();
    let mut reports = Vec::new();
    for entry in &session.state().runs {
        let run = session.run(entry.number)?;
        let of_run = run.as_ref().map(|run| &run.reads);
        reads.push(json!({ "run": entry.number, "reads": of_run }));
        let Some(run) = run.as_ref().filter(|run| run.number == last.number) else { continue };
        // What was accepted until a day is judged by the day of the last entry: the same state
        // makes the same bundle whenever it is made.
        let day = session.state().updated.split('T').next().unwrap_or_default();
        let (ledger, _) = session.whole_ledger();
        let environment = environment(&run.source);
        let saved = Saved { session, run, environment: environment.as_deref(), day };
        let formats = Format::ALL.into_iter().filter(|f| REPORTS.contains(&f.word()));
        reports = content.reported(saved, &ledger, |input| {
            let each = formats.map(|format| {
                let path = format!("reports/report.{}", format.ending());
                let bytes = format.render(input)?.into_bytes();
                Ok(ExtraMember { path, bytes })
            });
            each.collect::<Result<Vec<_>, RenderError>>()
        })??;
    }
    reports.insert(0, extra("reads.json", &Value::Array(reads))?);
    Ok(reports)
}

/// The texts by which the reports were judged, each by its digest.
fn texts(content: &Content) -> Value {
    let rows = |versions: &mut dyn Iterator<Item = TextVersion>| -> Value {
        let row = |v: TextVersion| json!({ "id": v.id, "version": v.version, "builtin": v.builtin, "sha256": v.sha256 });
        versions.map(row).collect()
    };
    let mirrors: Vec<Value> = content
        .mirrors
        .set()
        .map(|(context, mirrors)| {
            let mirrors: Vec<&str> = mirrors.iter().map(Mirror::as_str).collect();
            json!({ "context": context, "mirrors": mirrors })
        })
        .collect();
    json!({
        "tool": env!("CARGO_PKG_VERSION"),
        "digest": content.digest(),
        "params": content.params.0,
        "podSecurity": content.policy_minor.map(|minor| format!("1.{minor}")),
        "platformMirrors": mirrors,
        "frameworks": rows(&mut content.framework_versions()),
        "checks": rows(&mut content.check_versions()),
    })
}

fn extra(path: &str, value: &Value) -> Result<ExtraMember, serde_json::Error> {
    let mut bytes = serde_json::to_vec_pretty(value)?;
    bytes.push(b'\n');
    Ok(ExtraMember { path: path.to_owned(), bytes })
}
