//! From verdicts to the status of a control and the score of a framework.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde::{Deserialize, Serialize};

use super::schema::{Assessment, Control, Framework, Mapping, Strength};
use crate::model::decision::DecisionState;
use crate::model::finding::{CheckCounts, Finding, Form, Gap, RunResult};

/// Status of a control.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// At least one thing is wrong.
    Fail,
    /// Something it rests on is unknown.
    NotAssessed,
    /// A person must answer.
    Manual,
    /// What is wrong was accepted.
    Accepted,
    /// Everything that decides it passes.
    Pass,
    /// There is nothing to judge.
    NotApplicable,
}

impl Status {
    /// All of them, worst first.
    pub const ALL: [Self; 6] = [
        Self::Fail,
        Self::NotAssessed,
        Self::Manual,
        Self::Accepted,
        Self::Pass,
        Self::NotApplicable,
    ];

    /// The word used in reports and on screens.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Fail => "fail",
            Self::NotAssessed => "not-assessed",
            Self::Manual => "manual",
            Self::Accepted => "accepted",
            Self::Pass => "pass",
            Self::NotApplicable => "not-applicable",
        }
    }
}

/// A score is an interval over the applicable controls.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Score {
    /// Passed / applicable: everything undecided counted as failed.
    pub worst: f64,
    /// (Applicable − failed) / applicable: everything undecided counted as passed.
    pub best: f64,
}

/// How many controls have which status.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Counts {
    /// Failing.
    pub fail: usize,
    /// Not assessed.
    pub not_assessed: usize,
    /// Awaiting a person.
    pub manual: usize,
    /// Accepted.
    pub accepted: usize,
    /// Passing.
    pub pass: usize,
    /// Not applicable.
    pub not_applicable: usize,
}

impl Counts {
    fn add(&mut self, status: Status) {
        *match status {
            Status::Fail => &mut self.fail,
            Status::NotAssessed => &mut self.not_assessed,
            Status::Manual => &mut self.manual,
            Status::Accepted => &mut self.accepted,
            Status::Pass => &mut self.pass,
            Status::NotApplicable => &mut self.not_applicable,
        } += 1;
    }

    /// Controls that are not not-applicable.
    #[must_use]
    pub fn applicable(&self) -> usize {
        self.fail + self.not_assessed + self.manual + self.accepted + self.pass
    }

    /// The interval; none when nothing is applicable.
    #[must_use]
    #[allow(clippy::cast_precision_loss, reason = "counts of controls are far below 2^52")]
    pub fn score(&self) -> Option<Score> {
        let all = self.applicable();
        (all > 0).then(|| Score {
            worst: self.pass as f64 / all as f64,
            best: (all - self.fail) as f64 / all as f64,
        })
    }
}

/// A check beside a control, with what it came to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ControlCheck {
    /// Id of the check.
    pub id: String,
    /// full, partial or supporting.
    pub strength: String,
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
    /// Checks that serve it.
    pub checks: Vec<ControlCheck>,
}

/// What became of one framework.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FrameworkResult {
    /// Id of the framework.
    pub id: String,
    /// Its edition.
    pub version: String,
    /// The level judged, none where the framework has none.
    pub level: Option<String>,
    /// The score, none when nothing is applicable.
    pub score: Option<Score>,
    /// The score if findings on objects of the platform decided too.
    pub score_platform: Option<Score>,
    /// Controls per status.
    pub counts: Counts,
    /// Every control of the level, in the order of the standard.
    pub controls: Vec<ControlResult>,
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

/// What controls are judged by.
pub struct JudgeInput<'a> {
    /// The run.
    pub result: &'a RunResult,
    /// What is known of a check.
    pub check: &'a dyn Fn(&str) -> CheckState,
    /// The decision in force on a finding.
    pub decision: &'a dyn Fn(&str) -> DecisionState,
    /// Minor version of the server.
    pub minor: Option<u32>,
    /// Minor version of the Pod Security policy in force.
    pub policy_minor: u32,
    /// The level to judge; none for the framework's default.
    pub level: Option<&'a str>,
    /// Findings on objects of the platform decide too.
    pub include_platform: bool,
}

/// Judges every control of a framework.
#[must_use]
pub fn judge(framework: &Framework, input: &JudgeInput<'_>) -> FrameworkResult {
    let index = Index::new(input.result);
    let level = level(framework, input.level);
    let levels = levels_of(framework, level.as_deref());
    let judged: Vec<&Control> = framework
        .controls
        .iter()
        .filter(|c| {
            c.levels.is_empty()
                || levels.is_empty()
                || c.levels.iter().any(|l| levels.contains(&&**l))
        })
        .collect();
    let run = |platform| {
        let judge = Judge { framework, input, index: &index, platform };
        judged.iter().map(|control| judge.control(control)).collect::<Vec<_>>()
    };
    let count = |controls: &[ControlResult]| {
        let mut counts = Counts::default();
        for control in controls {
            counts.add(control.status);
        }
        counts
    };
    let controls = run(input.include_platform);
    let counts = count(&controls);
    FrameworkResult {
        id: framework.id.clone(),
        version: framework.version.clone(),
        level,
        score: counts.score(),
        score_platform: count(&run(true)).score(),
        counts,
        controls,
    }
}

fn level(framework: &Framework, asked: Option<&str>) -> Option<String> {
    let known = |name: &&str| framework.levels.iter().any(|l| l == name);
    asked
        .filter(known)
        .map(str::to_owned)
        .or_else(|| Some(framework.default_level.clone()).filter(|l| !l.is_empty()))
        .or_else(|| framework.levels.first().cloned())
}

fn levels_of<'a>(framework: &'a Framework, level: Option<&str>) -> BTreeSet<&'a str> {
    let Some(at) = framework.levels.iter().position(|l| Some(&**l) == level) else {
        return BTreeSet::new();
    };
    let from = if framework.cumulative { 0 } else { at };
    framework.levels.iter().take(at + 1).skip(from).map(|l| &**l).collect()
}

/// Findings and gaps by check.
struct Index<'a> {
    findings: HashMap<&'a str, Vec<&'a Finding>>,
    gaps: HashMap<&'a str, Vec<&'a Gap>>,
    counts: &'a BTreeMap<std::sync::Arc<str>, CheckCounts>,
}

impl<'a> Index<'a> {
    fn new(result: &'a RunResult) -> Self {
        let mut findings: HashMap<&str, Vec<&Finding>> = HashMap::new();
        for finding in &result.findings {
            findings.entry(&finding.check).or_default().push(finding);
        }
        let mut gaps: HashMap<&str, Vec<&Gap>> = HashMap::new();
        for gap in &result.not_assessed {
            gaps.entry(&gap.check).or_default().push(gap);
        }
        Self { findings, gaps, counts: &result.checks }
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
    open: usize,
    accepted: usize,
    dismissed: usize,
    pass: usize,
    causes: Vec<String>,
}

impl Judge<'_> {
    fn control(&self, control: &Control) -> ControlResult {
        let checks = control.checks.iter().map(|m| self.check(m)).collect();
        let done = |status, failing, reasons| ControlResult {
            id: control.id.clone(),
            status,
            failing,
            reasons,
            checks,
        };
        let follows = self.framework.follows_policy_version();
        let minor = if follows { Some(self.input.policy_minor) } else { self.input.minor };
        if minor.is_some() && !control.kubernetes.contains(minor) {
            let reason = format!("applies to Kubernetes {}", control.kubernetes);
            return done(Status::NotApplicable, 0, vec![reason]);
        }
        let mut tally = Tally::default();
        for mapping in &control.checks {
            self.tally(mapping, &mut tally);
        }
        if minor.is_none() && !control.kubernetes.is_any() {
            tally.causes.push("the server's version is unknown".to_owned());
        }
        if control.assessment == Assessment::Imported {
            tally.causes.push("needs a result from another tool; none was imported".to_owned());
        }
        let (status, reasons) = status(control, &tally);
        done(status, tally.open, reasons)
    }

    fn counts(&self, finding: &Finding) -> bool {
        // What is about the platform itself always counts.
        let about = matches!(&*finding.scope, "component" | "kubelet" | "node" | "cluster");
        self.platform || about || !finding.platform
    }

    fn check(&self, mapping: &Mapping) -> ControlCheck {
        let ran = matches!((self.input.check)(&mapping.id), CheckState::Ran(_));
        let counts = self.index.counts.get(&*mapping.id).copied().unwrap_or_default();
        let findings = self.index.findings.get(&*mapping.id).map_or(&[][..], Vec::as_slice);
        ControlCheck {
            id: mapping.id.clone(),
            strength: mapping.strength.word().to_owned(),
            ran,
            findings: findings.iter().filter(|f| self.counts(f)).count(),
            pass: counts.pass,
            undecided: counts.error + counts.not_assessed,
        }
    }

    fn tally(&self, mapping: &Mapping, tally: &mut Tally) {
        if mapping.strength == Strength::Supporting {
            return;
        }
        let id = &mapping.id;
        match (self.input.check)(id) {
            CheckState::Ran(Form::Evidence) => return,
            CheckState::Ran(_) => {}
            CheckState::NotSelected => return tally.causes.push(format!("{id} was not run")),
            CheckState::Off => return tally.causes.push(format!("{id} is switched off")),
            CheckState::Broken => return tally.causes.push(format!("the file of {id} is broken")),
            CheckState::Unknown => {
                return tally.causes.push(format!("{id} is not available in this version"));
            }
        }
        let counts = self.index.counts.get(&**id).copied().unwrap_or_default();
        tally.pass += counts.pass;
        for finding in self.index.findings.get(&**id).into_iter().flatten() {
            if self.counts(finding) {
                match (self.input.decision)(&finding.fingerprint) {
                    DecisionState::Accepted => tally.accepted += 1,
                    DecisionState::FalsePositive => tally.dismissed += 1,
                    _ => tally.open += 1,
                }
            } else {
                // A fault of the platform that does not count leaves the place judged.
                tally.pass += 1;
            }
        }
        let gaps = self.index.gaps.get(&**id).map_or(&[][..], Vec::as_slice);
        for gap in gaps.iter().filter(|g| self.platform || !g.platform) {
            push_new(&mut tally.causes, gap.missing.reason.clone());
        }
        if counts.error > 0 {
            push_new(
                &mut tally.causes,
                format!("{id} could not be evaluated {} times", counts.error),
            );
        }
    }
}

fn push_new(list: &mut Vec<String>, text: String) {
    if !list.contains(&text) {
        list.push(text);
    }
}

/// The order in which a status is decided: a failure is a failure whatever else is missing, and
/// nothing passes that rests on something unknown or on a person who has not answered.
fn status(control: &Control, tally: &Tally) -> (Status, Vec<String>) {
    let person = matches!(control.assessment, Assessment::Partial | Assessment::Manual);
    if tally.open > 0 {
        let noun = if tally.open == 1 { "finding" } else { "findings" };
        let mut reasons = vec![format!("{} open {noun}", tally.open)];
        reasons.extend(tally.causes.iter().cloned());
        return (Status::Fail, reasons);
    }
    if !tally.causes.is_empty() {
        return (Status::NotAssessed, tally.causes.clone());
    }
    if person {
        let seen = tally.pass + tally.accepted + tally.dismissed > 0;
        let word =
            if seen { "evidence passes, awaiting attestation" } else { "awaiting attestation" };
        return (Status::Manual, vec![word.to_owned()]);
    }
    if tally.accepted > 0 {
        let all = tally.accepted + tally.dismissed;
        return (Status::Accepted, vec![format!("{} of {all} findings accepted", tally.accepted)]);
    }
    if tally.pass + tally.dismissed == 0 {
        return (Status::NotApplicable, vec!["nothing to look at".to_owned()]);
    }
    (Status::Pass, Vec::new())
}

#[cfg(test)]
mod tests;
