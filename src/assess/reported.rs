//! A run that is saved in a session, as a report has it.

use std::borrow::Cow;

use super::{Content, SelectionError};
use crate::model::finding::RunResult;
use crate::model::import::DamagedImport;
use crate::model::inventory::{Inventory, Problem, ProblemKind};
use crate::model::ledger::Ledger;
use crate::report::{self, Assessment, CheckText, SessionRef};
use crate::session::{RunRecord, Session};

/// What is judged, by what, and when.
#[derive(Clone, Copy, Debug)]
pub struct Saved<'a> {
    /// The session.
    pub session: &'a Session,
    /// One of its runs.
    pub run: &'a RunRecord,
    /// What the user calls the cluster.
    pub environment: Option<&'a str>,
    /// An RFC 3339 date: by it answers and acceptances run out.
    pub day: &'a str,
}

impl Content {
    /// Judges a run of a session by these decisions, answers and imports, and gives the whole to whoever
    /// renders it.
    ///
    /// # Errors
    /// When this version lacks what the run selected.
    pub fn reported<T>(
        &self,
        saved: Saved<'_>,
        ledger: &Ledger,
        render: impl FnOnce(&report::Input<'_>) -> T,
    ) -> Result<T, SelectionError> {
        let Saved { session, run, environment, day } = saved;
        let result = with_damage(&run.result, &ledger.damaged);
        let about = SessionRef {
            id: session.id().to_owned(),
            title: session.state().meta.title.clone(),
            created: session.state().created.clone(),
            run: Some(run.number),
        };
        let (chosen, judged) = self.judge_run(run, ledger, day)?;
        let check = |id: &str| self.text_then(id, run);
        let assessment = Assessment {
            run,
            frameworks: &judged,
            not_judged: &chosen.not_judged,
            ledger,
            today: day,
            max_age: self.max_import_age(),
        };
        let input = report::Input::of(assessment, &check);
        let now = self.digest();
        let judged_by = Some(&*now).filter(|now| *now != run.content);
        let session = Some(&about);
        Ok(render(&report::Input { environment, judged_by, result: &result, session, ..input }))
    }

    /// What is known of a check, and whether another one stood in its place when a run was made: that is
    /// the run's to say, whatever is there now.
    #[must_use]
    pub fn text_then(&self, id: &str, run: &RunRecord) -> CheckText {
        let text = self.text_of(id);
        match run.result.taken_over.get(id) {
            Some(file) => {
                CheckText { file: Some(file.clone()), replaces: Some(id.to_owned()), ..text }
            }
            None if text.replaces.is_some() => CheckText { file: None, replaces: None, ..text },
            None => text,
        }
    }
}

/// What a run says by itself: its source and reads, without objects.
#[must_use]
pub fn without_objects(run: &RunRecord) -> Inventory {
    Inventory::new(run.source.clone(), Vec::new(), run.reads.clone())
}

/// A result that names the imports which cannot be read, where every report lists problems.
fn with_damage<'a>(result: &'a RunResult, damaged: &[DamagedImport]) -> Cow<'a, RunResult> {
    if damaged.is_empty() {
        return Cow::Borrowed(result);
    }
    let problem = |damaged: &DamagedImport| Problem {
        kind: ProblemKind::Import,
        file: None,
        line: None,
        column: None,
        object: None,
        check: None,
        message: format!(
            "the import of {} from {} cannot be read, and what rests on it is not assessed: {}",
            damaged.tool.word(),
            damaged.origin,
            damaged.why
        ),
    };
    let mut result = result.clone();
    result.problems.extend(damaged.iter().map(problem));
    Cow::Owned(result)
}
