//! Trends over all runs of all sessions, from journals alone.

use std::collections::BTreeMap;

use super::state::{JournalState, RunRef};
use super::summary::{RunSummary, named};
use crate::model::inventory::SourceId;
use crate::model::trend::{Trend, TrendPoint};

/// The trends of all runs: one for each cluster or set of files and each selection, the one with
/// the newest run first. `missing` makes the summary of a run whose journal entry has none, of a
/// session by its id; a run for which it has none either is left out.
pub fn trends<'a>(
    sessions: impl IntoIterator<Item = (&'a str, &'a JournalState)>,
    missing: &mut dyn FnMut(&str, &RunRef) -> Option<RunSummary>,
) -> Vec<Trend> {
    let mut groups: BTreeMap<(SourceId, String), Trend> = BTreeMap::new();
    for (id, state) in sessions {
        for run in &state.runs {
            let Some(summary) = run.summary.clone().or_else(|| missing(id, run)) else { continue };
            let key = (summary.place.known_by(), summary.scope());
            let scope = key.1.clone();
            let trend = groups.entry(key).or_insert_with(|| Trend {
                source: SourceId::default(),
                files: Vec::new(),
                scope,
                points: Vec::new(),
            });
            // The journal keeps a digest of what was named; what the session was begun for has it.
            let begun = state.meta.source.roots();
            if trend.files.is_empty() && summary.place.files == Some(named(&begun)) {
                trend.files = begun;
            }
            if trend.points.iter().all(|p| p.finished <= run.finished) {
                trend.source = summary.place;
            }
            trend.points.push(TrendPoint {
                session: id.to_owned(),
                run: run.number,
                finished: run.finished.clone(),
                open: summary.open,
                scores: summary.scores,
            });
        }
    }
    let mut trends: Vec<Trend> = groups.into_values().collect();
    for trend in &mut trends {
        trend.points.sort_by(|a, b| {
            (&a.finished, &a.session, a.run).cmp(&(&b.finished, &b.session, b.run))
        });
    }
    let newest = |t: &Trend| t.points.last().map(|p| p.finished.clone());
    trends.sort_by_key(|t| std::cmp::Reverse(newest(t)));
    trends
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::inventory::SourceKind;
    use crate::session::run::Selection;

    fn run(number: u32, finished: &str, summary: Option<RunSummary>) -> RunRef {
        RunRef {
            number,
            file: String::new(),
            sha256: String::new(),
            finished: finished.to_owned(),
            findings: 0,
            summary,
        }
    }

    fn with(runs: Vec<RunRef>) -> JournalState {
        let mut state = JournalState::default();
        state.runs = runs;
        state
    }

    fn at(uid: Option<&str>, context: &str, high: usize) -> RunSummary {
        let place = SourceId {
            kind: SourceKind::Live,
            cluster_uid: uid.map(str::to_owned),
            context: Some(context.to_owned()),
            ..SourceId::default()
        };
        RunSummary { place, open: [0, high, 0, 0, 0].into(), ..RunSummary::default() }
    }

    #[test]
    fn runs_of_one_cluster_are_one_trend_whatever_the_session_and_the_context() {
        let one = with(vec![run(1, "3", Some(at(Some("u"), "old", 5)))]);
        let two = with(vec![
            run(1, "1", Some(at(Some("u"), "older", 9))),
            run(2, "2", Some(at(None, "old", 1))),
            run(3, "4", Some(at(Some("u"), "new", 2))),
        ]);
        let all = trends([("A", &one), ("B", &two)], &mut |_, _| None);
        let [cluster, other] = &all[..] else { panic!("{all:?}") };
        assert_eq!(
            (cluster.source.words(), cluster.source.context.as_deref()),
            ("new", Some("new"))
        );
        let highs: Vec<usize> = cluster.points.iter().map(|p| p.open.total()).collect();
        assert_eq!(highs, [9, 5, 2]);
        assert_eq!((other.source.words(), other.points.len()), ("old", 1));
    }

    #[test]
    fn another_selection_is_another_trend_and_a_run_without_a_summary_is_asked_for() {
        let narrow = RunSummary {
            selection: Selection { namespaces: vec!["pay".into()], ..Selection::default() },
            ..at(Some("u"), "c", 1)
        };
        let runs = vec![
            run(1, "1", Some(narrow)),
            run(2, "2", None),
            run(3, "3", Some(at(Some("u"), "c", 3))),
        ];
        let state = with(runs);
        let mut asked = Vec::new();
        let all = trends([("A", &state)], &mut |id, run| {
            asked.push((id.to_owned(), run.number));
            Some(at(Some("u"), "c", 7))
        });
        assert_eq!(asked, [("A".to_owned(), 2)]);
        let scopes: Vec<(&str, usize)> = all.iter().map(|t| (&*t.scope, t.points.len())).collect();
        assert_eq!(scopes, [("everything", 2), ("namespaces pay", 1)]);
    }
}
