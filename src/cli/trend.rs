//! `plimsoll sessions trend`.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::context::CommandContext;
use super::{CommandError, CommandResult, output};
use crate::assess::compare::scores;
use crate::frameworks::Score;
use crate::model::finding::Severity;
use crate::model::inventory::manifests;
use crate::model::trend::{FrameworkScore, Trend, TrendPoint, sparkline};
use crate::report::table::interval;
use crate::runtime::clock::today;
use crate::session::summary::RunSummary;
use crate::session::{JournalState, RunRef};

/// Format of the document.
const SCHEMA: &str = "plimsoll.trend/v1";

/// What `sessions trend` was asked.
pub struct TrendRequest<'a> {
    /// uid of the cluster.
    pub cluster: Option<&'a str>,
    /// kubeconfig context.
    pub context: Option<&'a str>,
    /// Only this framework.
    pub framework: Option<&'a str>,
    /// As JSON.
    pub json: bool,
}

/// Prints how findings and scores went over all sessions.
///
/// # Errors
/// When sessions cannot be listed, or nothing fits.
pub fn run(context: &CommandContext, asked: &TrendRequest<'_>) -> CommandResult {
    let listed = context.store().list()?;
    let mut states: Vec<(String, JournalState)> = Vec::new();
    for summary in listed {
        match summary.state {
            Ok(state) => states.push((summary.id, state)),
            Err(problem) => {
                output::complain(&format!("plimsoll: session {}: {problem}", summary.id));
            }
        }
    }
    let sessions: Vec<(&str, &JournalState)> =
        states.iter().map(|(id, s)| (id.as_str(), s)).collect();
    let mut missing = |id: &str, run: &RunRef| judged_again(context, id, run);
    let mut trends = crate::session::trend::trends(sessions, &mut missing);
    trends.retain(|trend| fits(trend, asked));
    if let Some(framework) = asked.framework {
        known(framework, &trends)?;
        for point in trends.iter_mut().flat_map(|t| &mut t.points) {
            point.scores.retain(|s| s.framework == framework);
        }
    }
    if trends.is_empty() {
        return nothing(asked, states.is_empty());
    }
    for trend in &mut trends {
        name_files(context, trend);
    }
    if asked.json {
        let trends: Vec<Value> = trends.iter().map(document).collect();
        let document = json!({ "schema": SCHEMA, "trends": trends });
        output::json(&document)?;
        return Ok(0);
    }
    let blocks: Vec<String> = trends.iter().map(|t| block(t, context.ascii)).collect();
    let text = blocks.join("\n");
    output::print(&if context.ascii { output::ascii(&text) } else { text })?;
    Ok(0)
}

/// A framework that no run has a score of is a word that was mistyped.
fn known(framework: &str, trends: &[Trend]) -> Result<(), CommandError> {
    let scores = trends.iter().flat_map(|t| &t.points).flat_map(|p| &p.scores);
    let ids: BTreeSet<&str> = scores.map(|score| score.framework.as_str()).collect();
    if trends.is_empty() || ids.contains(framework) {
        return Ok(());
    }
    let ids: Vec<&str> = ids.into_iter().collect();
    Err(CommandError::Usage(format!(
        "no run has a score of framework `{framework}`; there are scores of {}",
        if ids.is_empty() { "none".to_owned() } else { ids.join(", ") }
    )))
}

fn fits(trend: &Trend, asked: &TrendRequest<'_>) -> bool {
    let uid = asked.cluster.is_none_or(|uid| trend.source.cluster_uid.as_deref() == Some(uid));
    uid && asked.context.is_none_or(|name| trend.source.context.as_deref() == Some(name))
}

fn nothing(asked: &TrendRequest<'_>, no_sessions: bool) -> CommandResult {
    if asked.cluster.is_some() || asked.context.is_some() {
        return Err(CommandError::Usage(
            "no saved run is of that cluster; `plimsoll sessions trend` shows all".to_owned(),
        ));
    }
    output::complain(if no_sessions {
        "no sessions yet; the workbench begins one with its first run"
    } else {
        "no session has a run yet"
    });
    Ok(0)
}

/// The summary of a run that was saved without one: its file is read and judged by the decisions
/// of its session as they are now.
fn judged_again(context: &CommandContext, id: &str, run: &RunRef) -> Option<RunSummary> {
    let session = context.store().open_to_read(id);
    let read = session.and_then(|session| Ok((session.run(run.number)?, session.whole_ledger().0)));
    let (record, ledger) = match read {
        Ok((record, ledger)) => (record?, ledger),
        Err(error) => {
            output::complain(&format!("plimsoll: run {} of session {id}: {error}", run.number));
            return None;
        }
    };
    let today = today();
    let judged = context.content.judge_run(&record, &ledger, &today);
    let scores = judged.map(|(_, judged)| scores(&judged)).unwrap_or_default();
    Some(RunSummary::of(&record, scores, &ledger, &today))
}

/// Names the files of manifests of which no session says that it was begun for them: their last run that
/// can be read says it.
fn name_files(context: &CommandContext, trend: &mut Trend) {
    if trend.source.files.is_none() || !trend.files.is_empty() {
        return;
    }
    let roots = |p: &TrendPoint| {
        let session = context.store().open_to_read(&p.session).ok()?;
        Some(session.run(p.run).ok()??.source.roots())
    };
    trend.files = trend.points.iter().rev().find_map(roots).unwrap_or_default();
}

/// What a trend is of, for a person.
fn place(trend: &Trend) -> String {
    match &trend.source.files {
        Some(_) => manifests(&trend.files),
        None => trend.source.words().to_owned(),
    }
}

/// A trend for other programs.
fn document(trend: &Trend) -> Value {
    let score = |s: &FrameworkScore| {
        let (worst, best) = (s.worst(), s.best());
        json!({ "framework": s.framework, "level": s.level, "worst": worst, "best": best,
                "failing": s.failing })
    };
    let point = |p: &TrendPoint| {
        let open: Value =
            Severity::ALL.map(|s| (s.word().to_owned(), json!(p.open.of(s)))).into_iter().collect();
        json!({ "session": p.session, "run": p.run, "finished": p.finished, "open": open,
                "scores": p.scores.iter().map(score).collect::<Vec<_>>() })
    };
    json!({
        "place": trend.source.words(),
        "clusterUid": trend.source.cluster_uid,
        "context": trend.source.context,
        "files": trend.files,
        "scope": trend.scope,
        "points": trend.points.iter().map(point).collect::<Vec<_>>(),
    })
}

fn block(trend: &Trend, ascii: bool) -> String {
    let mut out = String::new();
    let uid = trend.source.cluster_uid.as_deref().map(|u| format!(" ({u})")).unwrap_or_default();
    let head = format!("{}{uid}: {}", place(trend), trend.scope);
    out.push_str(&format!("{}\n\n", crate::text::clean(&head)));
    out.push_str(&lines(trend, ascii));
    out.push('\n');
    out.push_str(&runs(trend));
    out
}

/// One line for each severity and each framework, with its course and where it stands now.
fn lines(trend: &Trend, ascii: bool) -> String {
    let points = &trend.points;
    let mut rows = Vec::new();
    #[allow(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
    let mut counted = |name: &str, of: &dyn Fn(&TrendPoint) -> usize| {
        let values: Vec<usize> = points.iter().map(of).collect();
        let largest = values.iter().copied().max().unwrap_or_default();
        if largest > 0 {
            let heights: Vec<Option<f64>> = values.iter().map(|v| Some(*v as f64)).collect();
            let ends = [values.first(), values.last()].map(|v| v.copied().unwrap_or_default());
            let line = sparkline(&heights, largest as f64, ascii);
            rows.push(vec![name.to_owned(), line, ends[0].to_string(), ends[1].to_string()]);
        }
    };
    for severity in Severity::ALL {
        counted(severity.word(), &|p| p.open.of(severity));
    }
    counted("open findings", &|p| p.open.total());
    for id in trend.frameworks() {
        let worst: Vec<Option<f64>> =
            points.iter().map(|p| p.score(id).and_then(FrameworkScore::worst)).collect();
        let best: Vec<Option<f64>> =
            points.iter().map(|p| p.score(id).and_then(FrameworkScore::best)).collect();
        let judged: Vec<&TrendPoint> = points.iter().filter(|p| p.score(id).is_some()).collect();
        let ends =
            [judged.first(), judged.last()].map(|p| p.map_or_else(String::new, |p| score(p, id)));
        if worst.iter().any(Option::is_some) {
            rows.push(vec![
                format!("{id} worst"),
                sparkline(&worst, 1.0, ascii),
                ends[0].clone(),
                ends[1].clone(),
            ]);
            rows.push(vec![format!("{id} best"), sparkline(&best, 1.0, ascii)]);
        }
    }
    output::columns(&["", "COURSE", "FIRST", "LAST"], &rows)
}

fn score(point: &TrendPoint, id: &str) -> String {
    let score = point.score(id).and_then(|s| Some(Score { worst: s.worst()?, best: s.best()? }));
    interval(score)
}

/// Every run with its numbers.
fn runs(trend: &Trend) -> String {
    let ids = trend.frameworks();
    let mut head = vec!["FINISHED", "SESSION", "RUN", "OPEN"];
    head.extend(Severity::ALL.map(Severity::word));
    head.extend(&ids);
    let row = |p: &TrendPoint| {
        let mut row = vec![
            p.finished.clone(),
            p.session.clone(),
            p.run.to_string(),
            p.open.total().to_string(),
        ];
        row.extend(Severity::ALL.map(|s| p.open.of(s).to_string()));
        row.extend(ids.iter().map(|id| score(p, id)));
        row
    };
    let rows: Vec<Vec<String>> = trend.points.iter().map(row).collect();
    output::columns(&head, &rows)
}
