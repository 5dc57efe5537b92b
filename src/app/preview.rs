//! What a patch would come to: what was asked, and the answer as the screen shows it.

use std::collections::HashMap;
use std::sync::Arc;

use crate::checks::Remedy;
use crate::checks::remedy::DiffLine;
use crate::checks::remedy::outcome::{LevelMove, RemedyOutcome};
use crate::frameworks::{FrameworkResult, Status};
use crate::model::finding::{Finding, RunResult};
use crate::model::object::Object;

use super::event::UserError;

/// Which findings are to be mended.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PreviewRequest {
    /// What they are of, in words: `Deployment/pay/web`, or the title of a check.
    pub label: Arc<str>,
    /// Their fingerprints, in order.
    pub prints: Arc<[Arc<str>]>,
}

/// A control of which the status changes, or would.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ControlMove {
    /// Id of the framework.
    pub framework: Arc<str>,
    /// Id of the control.
    pub control: Arc<str>,
    /// Its status before.
    pub before: Status,
    /// Its status after.
    pub after: Status,
}

impl ControlMove {
    /// Whether it fails now and would not any more.
    #[must_use]
    pub fn clears(&self) -> bool {
        bad(self.before) && !bad(self.after)
    }

    /// Whether it would fail and does not now.
    #[must_use]
    pub fn breaks(&self) -> bool {
        !bad(self.before) && bad(self.after)
    }
}

fn bad(status: Status) -> bool {
    matches!(status, Status::Fail | Status::Exposed)
}

/// What a patch would come to.
#[derive(Clone, Debug, Default)]
pub struct Preview {
    /// What is changed, object by object, with the lines that change.
    pub changes: Vec<(Remedy, Vec<DiffLine>)>,
    /// Findings that are mended.
    pub mended: Vec<Arc<Finding>>,
    /// Findings that are not, each with the reason.
    pub left: Vec<(Arc<Finding>, String)>,
    /// What becomes of all findings.
    pub outcome: RemedyOutcome,
    /// Controls of which the status changes, framework by framework.
    pub controls: Vec<ControlMove>,
    /// The Pod Security level of each changed workload.
    pub levels: Vec<LevelMove>,
    /// The policy version of the levels, as its minor.
    pub policy_minor: u32,
    /// How many live pods were made anew from the new template.
    pub pods: usize,
    /// How many checks looked again.
    pub checks: usize,
    /// What a person has to know.
    pub remarks: Vec<String>,
}

impl Preview {
    /// How many controls would not fail any more.
    #[must_use]
    pub fn controls_cleared(&self) -> usize {
        self.controls.iter().filter(|control| control.clears()).count()
    }

    /// The outcome in a line: `clears 37 findings, 12 controls; nothing new fails`.
    #[must_use]
    pub fn words(&self) -> String {
        let count = |n: usize, word: &str| match n {
            1 => format!("1 {word}"),
            n => format!("{n} {word}s"),
        };
        let cleared = count(self.outcome.cleared.len(), "finding");
        let controls = count(self.controls_cleared(), "control");
        let fresh = self.outcome.fresh.len();
        let broken = self.controls.iter().filter(|control| control.breaks()).count();
        let worse = self.outcome.worse().count();
        let mut bad = Vec::new();
        if fresh > 0 {
            bad.push(format!("{} would newly fail", count(fresh, "finding")));
        }
        if worse > 0 {
            bad.push(format!("{} would be more severe", count(worse, "finding")));
        }
        if broken > 0 {
            bad.push(format!("{} would newly fail", count(broken, "control")));
        }
        let bad = if bad.is_empty() { "nothing new fails".to_owned() } else { bad.join(", ") };
        format!("clears {cleared}, {controls}; {bad}")
    }
}

/// The controls of which the status differs, framework by framework.
#[must_use]
pub fn moves(before: &[FrameworkResult], after: &[FrameworkResult]) -> Vec<ControlMove> {
    let mut moves = Vec::new();
    for now in after {
        let Some(old) = before.iter().find(|old| old.id == now.id) else { continue };
        let known: HashMap<&str, Status> =
            old.controls.iter().map(|c| (c.id.as_str(), c.status)).collect();
        let framework: Arc<str> = now.id.as_str().into();
        for control in &now.controls {
            let was = known.get(control.id.as_str()).filter(|was| **was != control.status);
            moves.extend(was.map(|was| ControlMove {
                framework: Arc::clone(&framework),
                control: control.id.as_str().into(),
                before: *was,
                after: control.status,
            }));
        }
    }
    moves
}

/// How far a preview has come.
#[derive(Clone, Debug)]
pub enum PreviewProgress {
    /// It is being worked out.
    Working,
    /// This is what comes of it.
    Done(Arc<Preview>),
    /// It could not be worked out.
    Failed(UserError),
}

/// The preview that was asked for last, and what it rests on.
#[derive(Clone, Debug)]
pub struct PreviewState {
    /// What was asked.
    pub asked: PreviewRequest,
    /// How far it has come.
    pub progress: PreviewProgress,
    /// The run whose findings are to be mended.
    pub(super) result: Option<Arc<RunResult>>,
    /// The objects that would be changed, as they were when it was asked.
    pub(super) objects: Vec<Arc<Object>>,
}

impl PreviewState {
    /// What came of it, if it is there.
    #[must_use]
    pub fn done(&self) -> Option<&Arc<Preview>> {
        match &self.progress {
            PreviewProgress::Done(preview) => Some(preview),
            PreviewProgress::Working | PreviewProgress::Failed(_) => None,
        }
    }
}

/// What becomes of one finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FindingFate {
    /// It does not fail any more.
    Clears,
    /// It fails only then.
    Appears,
    /// It is less severe.
    Milder,
    /// It is more severe.
    Worse,
    /// It is called differently: the same check still fails on the object.
    Moves,
    /// Its check can decide less then.
    Undecided,
    /// It was to be mended and still fails.
    Stays,
    /// There is no patch for it.
    Unpatched,
}

impl FindingFate {
    /// What becomes of the finding, in words.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Clears => "it does not fail any more",
            Self::Appears => "it fails, and does not now",
            Self::Milder => "it is less severe",
            Self::Worse => "it is more severe",
            Self::Moves => "the same check still fails on the object, in other words",
            Self::Undecided => "it is not decided",
            Self::Stays => "it still fails",
            Self::Unpatched => "it is not patched",
        }
    }
}

/// A finding and what becomes of it.
#[derive(Clone, Debug)]
pub struct Foreseen {
    /// The finding: as it is now, or as it would be where it is new.
    pub finding: Arc<Finding>,
    /// What becomes of it.
    pub fate: FindingFate,
    /// Why, or what differs; empty when there is nothing to say.
    pub remark: String,
}
