//! Statuses of controls and techniques, how many there are of each, and the score they make.

use serde::{Deserialize, Serialize};

/// Status of a control, or of an attack technique.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// At least one thing is wrong.
    Fail,
    /// Of a technique: something that it needs is there.
    Exposed,
    /// Something it rests on is unknown.
    NotAssessed,
    /// A person must answer.
    Manual,
    /// What is wrong was accepted.
    Accepted,
    /// Everything that decides it passes.
    Pass,
    /// Of a technique: nothing that it needs was found, and all of it was looked for.
    Mitigated,
    /// There is nothing to judge.
    NotApplicable,
}

impl Status {
    /// All of them, worst first.
    pub const ALL: [Self; 8] = [
        Self::Fail,
        Self::Exposed,
        Self::NotAssessed,
        Self::Manual,
        Self::Accepted,
        Self::Pass,
        Self::Mitigated,
        Self::NotApplicable,
    ];

    /// The word used in reports and on screens.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Fail => "fail",
            Self::Exposed => "exposed",
            Self::NotAssessed => "not-assessed",
            Self::Manual => "manual",
            Self::Accepted => "accepted",
            Self::Pass => "pass",
            Self::Mitigated => "mitigated",
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

/// How many controls have which status. A standard has none exposed or mitigated, a matrix none
/// that fail, pass or wait for a person.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Counts {
    /// Failing.
    pub fail: usize,
    /// Exposed techniques.
    pub exposed: usize,
    /// Not assessed.
    pub not_assessed: usize,
    /// Awaiting a person.
    pub manual: usize,
    /// Accepted.
    pub accepted: usize,
    /// Passing.
    pub pass: usize,
    /// Of the passing ones, how many rest on a person's answer.
    pub attested: usize,
    /// Mitigated techniques.
    pub mitigated: usize,
    /// Not applicable.
    pub not_applicable: usize,
}

impl Counts {
    /// Counts one.
    pub fn add(&mut self, status: Status) {
        *match status {
            Status::Fail => &mut self.fail,
            Status::Exposed => &mut self.exposed,
            Status::NotAssessed => &mut self.not_assessed,
            Status::Manual => &mut self.manual,
            Status::Accepted => &mut self.accepted,
            Status::Pass => &mut self.pass,
            Status::Mitigated => &mut self.mitigated,
            Status::NotApplicable => &mut self.not_applicable,
        } += 1;
    }

    /// How many have a status.
    #[must_use]
    pub fn of(&self, status: Status) -> usize {
        match status {
            Status::Fail => self.fail,
            Status::Exposed => self.exposed,
            Status::NotAssessed => self.not_assessed,
            Status::Manual => self.manual,
            Status::Accepted => self.accepted,
            Status::Pass => self.pass,
            Status::Mitigated => self.mitigated,
            Status::NotApplicable => self.not_applicable,
        }
    }

    /// How many have a status, in words that tell what people answered from what checks passed:
    /// `12 (3 attested)`.
    #[must_use]
    pub fn words(&self, status: Status) -> String {
        match (status, self.attested) {
            (Status::Pass, 1..) => format!("{} ({} attested)", self.pass, self.attested),
            _ => self.of(status).to_string(),
        }
    }

    /// What is wrong: failing controls, exposed techniques.
    #[must_use]
    pub fn bad(&self) -> usize {
        self.fail + self.exposed
    }

    /// What is in order: passing controls, mitigated techniques.
    #[must_use]
    pub fn good(&self) -> usize {
        self.pass + self.mitigated
    }

    /// Controls that are not not-applicable.
    #[must_use]
    pub fn applicable(&self) -> usize {
        self.bad() + self.good() + self.not_assessed + self.manual + self.accepted
    }

    /// The interval of a standard; none when nothing is applicable. A matrix has none.
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

/// From each status and whether it rests on a person's answer.
impl FromIterator<(Status, bool)> for Counts {
    fn from_iter<I: IntoIterator<Item = (Status, bool)>>(statuses: I) -> Self {
        let mut counts = Self::default();
        for (status, attested) in statuses {
            counts.add(status);
            counts.attested += usize::from(attested && status == Status::Pass);
        }
        counts
    }
}
