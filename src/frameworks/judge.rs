//! From verdicts to the status of a control and the score of a framework.

mod causes;
mod decided;
mod seen;
mod unseen;

use serde::{Deserialize, Serialize};

use self::causes::Causes;
use self::decided::{Answered, ControlVerdict, technique};
use self::seen::{CheckSums, Index};
use super::fit::NotJudged;
use super::schema::{Control, Framework, FrameworkKind, Mapping, Strength};
use super::status::{Counts, Score, Status};
use crate::model::attestation::Attestations;
use crate::model::decision::DecisionState;
use crate::model::finding::{Form, RunResult};
use crate::text::times;

/// A check beside a control, with what it came to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ControlCheck {
    /// Id of the check.
    pub id: String,
    /// How much it says about the control.
    pub strength: Strength,
    /// Whether it ran.
    pub ran: bool,
    /// Findings that count, whatever their decision.
    pub findings: usize,
    /// Places that pass.
    pub pass: usize,
    /// Undecided places and failed evaluations.
    pub undecided: usize,
}

/// What became of one control.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ControlResult {
    /// Number of the control.
    pub id: String,
    /// Status.
    pub status: Status,
    /// Open findings of deciding checks.
    pub failing: usize,
    /// Why the status is what it is.
    pub reasons: Vec<String>,
    /// Whether the status rests on a person's answer.
    #[serde(default)]
    pub attested: bool,
    /// Checks that serve it.
    pub checks: Vec<ControlCheck>,
}

impl ControlResult {
    /// What an answer that a control is met, or not applicable, leaves as it is: findings fail it, and
    /// what is unknown stays unknown, whatever a person says.
    #[must_use]
    pub fn whatever_is_answered(&self) -> Option<String> {
        match self.status {
            Status::Fail if self.failing > 0 => {
                let decides = |check: &&ControlCheck| check.strength.decides();
                let found: usize = self.checks.iter().filter(decides).map(|c| c.findings).sum();
                Some(match found.min(self.failing) {
                    0 => "the control still fails: results of another tool decide it".to_owned(),
                    1 => "the control still fails: 1 finding decides it".to_owned(),
                    count => format!("the control still fails: {count} findings decide it"),
                })
            }
            Status::NotAssessed => {
                let why = self.reasons.first().map(|reason| format!(": {reason}"));
                Some(format!("the control is still not assessed{}", why.unwrap_or_default()))
            }
            _ => None,
        }
    }
}

/// What became of one framework.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FrameworkResult {
    /// Id of the framework.
    pub id: String,
    /// Its edition; of the Pod Security Standards the version that was applied.
    pub version: String,
    /// Standard or matrix.
    #[serde(default)]
    pub kind: FrameworkKind,
    /// Why it is judged.
    #[serde(default)]
    pub chosen_because: String,
    /// That it is written for another version or provider, if so.
    #[serde(default)]
    pub note: Option<String>,
    /// The level judged, none where the framework has none.
    pub level: Option<String>,
    /// The score, none when nothing is applicable and for a matrix.
    pub score: Option<Score>,
    /// The score if findings on objects of the platform decided too.
    pub score_platform: Option<Score>,
    /// Controls per status.
    pub counts: Counts,
    /// Every control of the level, in the order of the standard.
    pub controls: Vec<ControlResult>,
}

/// What became of every framework that was asked for.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Judgement {
    /// Those that were judged.
    pub frameworks: Vec<FrameworkResult>,
    /// Those that were not, and why.
    pub not_judged: Vec<NotJudged>,
}

impl From<Vec<FrameworkResult>> for Judgement {
    fn from(frameworks: Vec<FrameworkResult>) -> Self {
        Self { frameworks, not_judged: Vec::new() }
    }
}

/// What is known of a check when controls are judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CheckState {
    /// It ran, with this form.
    Ran(Form),
    /// It exists, but was not selected for this run.
    NotSelected,
    /// It is opt-in and off.
    Off,
    /// Its file is broken.
    Broken,
    /// There is no such check.
    Unknown,
}

/// What the results of other tools say of a control.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ImportVerdict {
    /// It passes everywhere; with which result, how old, from where.
    Pass(String),
    /// It fails, for these reasons.
    Fail(Vec<String>),
    /// They do not settle it: too old, or not about everything.
    Unknown(String),
    /// One that could fail it cannot be read any more.
    Damaged(String),
}

/// What the results of other tools say of a control; none where they say nothing.
pub type Imported<'a> = &'a dyn Fn(&Framework, &Control) -> Option<ImportVerdict>;

/// What controls are judged by.
pub struct JudgeInput<'a> {
    /// The run.
    pub result: &'a RunResult,
    /// What is known of a check.
    pub check: &'a dyn Fn(&str) -> CheckState,
    /// The decision in force on a finding.
    pub decision: &'a dyn Fn(&str) -> DecisionState,
    /// The answer to a control, in force or expired.
    pub attestations: &'a Attestations,
    /// What the results of other tools say of a control.
    pub imported: Imported<'a>,
    /// Today, an RFC 3339 date: decides whether an answer has expired.
    pub today: &'a str,
    /// Minor version of the server.
    pub minor: Option<u32>,
    /// Minor version of the Pod Security policy in force.
    pub policy_minor: u32,
    /// The level to judge; none for the framework's default.
    pub level: Option<&'a str>,
    /// What is not among the objects may be there all the same: manifests that are not said to be
    /// everything. Then no control passes, and no attack is without what it needs, because nothing was
    /// seen.
    pub open_world: bool,
    /// Findings on objects of the platform decide too.
    pub include_platform: bool,
}

/// Judges every control of a framework.
#[must_use]
pub fn judge(framework: &Framework, input: &JudgeInput<'_>) -> FrameworkResult {
    Bench::new(input).judge(framework, input.level)
}

/// What several frameworks are judged by: what the run came to is gone through once.
pub struct Bench<'a> {
    input: &'a JudgeInput<'a>,
    index: Index<'a>,
}

impl<'a> Bench<'a> {
    /// Goes through the run.
    #[must_use]
    pub fn new(input: &'a JudgeInput<'a>) -> Self {
        Self { input, index: Index::new(input) }
    }

    /// Judges every control of a framework, of this level; none for its default.
    #[must_use]
    pub fn judge(&self, framework: &Framework, level: Option<&str>) -> FrameworkResult {
        judged(framework, level, self)
    }
}

fn judged(framework: &Framework, level: Option<&str>, bench: &Bench<'_>) -> FrameworkResult {
    let Bench { input, index } = bench;
    let level = framework.level(level);
    let judged: Vec<&Control> = framework.of_level(level.as_deref()).collect();
    let run = |platform| {
        let judge = Judge { framework, input, index, platform };
        judged.iter().map(|control| judge.control(control)).collect::<Vec<_>>()
    };
    let count = |controls: &[ControlResult]| {
        controls.iter().map(|c| (c.status, c.attested)).collect::<Counts>()
    };
    let score = |counts: &Counts| counts.score().filter(|_| !framework.is_matrix());
    let controls = run(input.include_platform);
    let counts = count(&controls);
    FrameworkResult {
        id: framework.id.clone(),
        version: if framework.follows_policy_version() {
            format!("1.{}", input.policy_minor)
        } else {
            framework.version.clone()
        },
        kind: framework.kind,
        chosen_because: String::new(),
        note: None,
        level,
        score: score(&counts),
        score_platform: score(&count(&run(true))),
        counts,
        controls,
    }
}

struct Judge<'a> {
    framework: &'a Framework,
    input: &'a JudgeInput<'a>,
    index: &'a Index<'a>,
    platform: bool,
}

/// What the deciding checks of one control add up to.
#[derive(Default)]
struct Tally {
    /// Checks that ran and may decide.
    deciding: usize,
    open: usize,
    accepted: usize,
    dismissed: usize,
    pass: usize,
    /// Why another tool says that it fails.
    imported: Vec<String>,
    /// By what another tool says that it passes, where that is what is asked for.
    import_passes: Option<String>,
    /// Why it is not settled.
    causes: Causes,
}

impl Judge<'_> {
    fn control(&self, control: &Control) -> ControlResult {
        let checks = control.checks.iter().map(|m| self.check(m)).collect();
        let done = |mut verdict: ControlVerdict, failing| {
            verdict.reasons.extend(self.taken_over(control));
            ControlResult {
                id: control.id.clone(),
                status: verdict.status,
                failing,
                reasons: verdict.reasons,
                attested: verdict.attested,
                checks,
            }
        };
        let follows = self.framework.follows_policy_version();
        let minor = if follows { Some(self.input.policy_minor) } else { self.input.minor };
        if minor.is_some() && !control.kubernetes.contains(minor) {
            let reason = format!("applies to Kubernetes {}", control.kubernetes);
            let matrix = self.framework.is_matrix();
            let status = if matrix { Status::Mitigated } else { Status::NotApplicable };
            return done(ControlVerdict::of(status, vec![reason]), 0);
        }
        let mut tally = Tally::default();
        for mapping in &control.checks {
            self.tally(mapping, &mut tally);
        }
        if self.input.open_world {
            self.tally_unseen(control, &mut tally);
        }
        if minor.is_none() && !control.kubernetes.is_any() {
            tally.causes.push("the server's version is unknown".to_owned());
        }
        self.tally_import(control, &mut tally);
        let failing = tally.open + tally.imported.len();
        if self.framework.is_matrix() {
            return done(technique(&tally), failing);
        }
        done(decided::status(&tally, &self.answer(control)), failing)
    }

    /// What a person says of a control that a person has a say in.
    fn answer(&self, control: &Control) -> Answered<'_> {
        if !control.asks() {
            return Answered::NotAsked;
        }
        let key = (self.framework.id.clone(), control.id.clone());
        match self.input.attestations.get(&key) {
            None => Answered::Never,
            Some(attestation) if attestation.in_force(self.input.today) => {
                Answered::InForce(attestation)
            }
            Some(attestation) => Answered::Expired(attestation),
        }
    }

    fn tally_import(&self, control: &Control, tally: &mut Tally) {
        let needed = control.awaits_import();
        match (self.input.imported)(self.framework, control) {
            Some(ImportVerdict::Fail(reasons)) => tally.imported = reasons,
            Some(ImportVerdict::Pass(reason)) if needed => tally.import_passes = Some(reason),
            Some(ImportVerdict::Unknown(reason)) if needed => tally.causes.push(reason),
            Some(ImportVerdict::Damaged(reason)) => tally.causes.push(reason),
            None if needed => {
                let cause = "needs an import: a result of another tool, and there is none yet";
                tally.causes.push(cause.to_owned());
            }
            _ => {}
        }
    }

    /// That it is not judged by the checks that ship, where others stand in their place: whatever it
    /// comes to rests on these.
    fn taken_over<'b>(&'b self, control: &'b Control) -> impl Iterator<Item = String> + 'b {
        let deciding = control.checks.iter().filter(|mapping| mapping.strength.decides());
        let taken = deciding.filter_map(|mapping| {
            Some((&mapping.id, self.input.result.taken_over.get(&mapping.id)?))
        });
        taken.map(|(id, file)| format!("{id} is taken over by {file}"))
    }

    /// What the run came to on a check.
    fn seen(&self, id: &str) -> &CheckSums<'_> {
        self.index.of(id, self.platform)
    }

    fn check(&self, mapping: &Mapping) -> ControlCheck {
        let ran = matches!((self.input.check)(&mapping.id), CheckState::Ran(_));
        let counts = self.index.counts(&mapping.id);
        ControlCheck {
            id: mapping.id.clone(),
            strength: mapping.strength,
            ran,
            findings: self.seen(&mapping.id).findings(),
            pass: counts.pass,
            undecided: counts.error + counts.not_assessed,
        }
    }

    fn tally(&self, mapping: &Mapping, tally: &mut Tally) {
        if !mapping.strength.decides() {
            return;
        }
        let id = &mapping.id;
        match (self.input.check)(id) {
            CheckState::Ran(Form::Evidence) => return,
            CheckState::Ran(_) => tally.deciding += 1,
            CheckState::NotSelected => return tally.causes.push(format!("{id} was not run")),
            CheckState::Off => return tally.causes.push(format!("{id} is switched off")),
            CheckState::Broken => return tally.causes.push(format!("the file of {id} is broken")),
            CheckState::Unknown => {
                return tally.causes.push(format!("{id} is not available in this version"));
            }
        }
        let counts = self.index.counts(id);
        let seen = self.seen(id);
        tally.open += seen.open;
        tally.accepted += seen.accepted;
        tally.dismissed += seen.dismissed;
        // A fault of the platform that does not count leaves the place judged.
        tally.pass += counts.pass + seen.aside;
        tally.causes.gaps(seen.reasons.iter().copied());
        if counts.error > 0 {
            tally.causes.push(format!("{id} could not be evaluated {}", times(counts.error)));
        }
    }
}

#[cfg(test)]
mod tests;
