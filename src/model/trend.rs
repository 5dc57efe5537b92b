//! How open findings and scores went from run to run.

use serde::{Deserialize, Serialize};

use super::inventory::SourceId;
use super::severities::BySeverity;

/// The score of one framework in one run, as the counts that make it: they are kept in hash-chained
/// journals, where a fraction that is not read back to the last bit would break the chain.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FrameworkScore {
    /// Id of the framework.
    pub framework: String,
    /// The level judged, where it has levels.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub level: Option<String>,
    /// Controls that a score is over; 0 where there is none: nothing is applicable, or it is a
    /// matrix.
    pub applicable: usize,
    /// Passing controls.
    pub pass: usize,
    /// Failing controls, or exposed techniques of a matrix.
    pub failing: usize,
}

impl FrameworkScore {
    /// Everything undecided counted as failed, from 0 to 1; none where there is no score.
    #[must_use]
    pub fn worst(&self) -> Option<f64> {
        self.share(self.pass)
    }

    /// Everything undecided counted as passed, from 0 to 1; none where there is no score.
    #[must_use]
    pub fn best(&self) -> Option<f64> {
        self.share(self.applicable.saturating_sub(self.failing))
    }

    #[allow(clippy::cast_precision_loss, reason = "counts of controls are far below 2^52")]
    fn share(&self, part: usize) -> Option<f64> {
        (self.applicable > 0).then(|| part as f64 / self.applicable as f64)
    }
}

/// One run of a trend.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrendPoint {
    /// Id of the session.
    pub session: String,
    /// Number of the run within it.
    pub run: u32,
    /// When it ended, RFC 3339.
    pub finished: String,
    /// Findings that failed when it ended, by severity.
    pub open: BySeverity,
    /// Scores as they were when it ended, in the order of the run.
    pub scores: Vec<FrameworkScore>,
}

impl TrendPoint {
    /// The score of a framework, if it was judged.
    #[must_use]
    pub fn score(&self, framework: &str) -> Option<&FrameworkScore> {
        self.scores.iter().find(|s| s.framework == framework)
    }
}

/// Runs that looked at the same part of the same thing, oldest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trend {
    /// What they looked at, as the newest run knows it.
    pub source: SourceId,
    /// Of manifests: the files and directories that were named, where they are known.
    pub files: Vec<String>,
    /// The part of it, and the checks: `everything`, or what was asked for.
    pub scope: String,
    /// The runs.
    pub points: Vec<TrendPoint>,
}

impl Trend {
    /// Ids of every framework that some run judged, in the order in which they first appear.
    #[must_use]
    pub fn frameworks(&self) -> Vec<&str> {
        let mut ids: Vec<&str> = Vec::new();
        for score in self.points.iter().flat_map(|p| &p.scores) {
            if !ids.contains(&score.framework.as_str()) {
                ids.push(&score.framework);
            }
        }
        ids
    }
}

/// One sign for each value, its height in proportion to the largest; a value that is not there is
/// a dot, and all are equally low where the largest is nothing.
#[must_use]
pub fn sparkline(values: &[Option<f64>], largest: f64, ascii: bool) -> String {
    const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    const PLAIN: [char; 8] = ['_', '.', '-', '~', '=', '+', '*', '#'];
    let signs = if ascii { PLAIN } else { BARS };
    let sign = |value: &Option<f64>| {
        let Some(value) = value.filter(|v| v.is_finite()) else {
            return if ascii { ' ' } else { '·' };
        };
        let share = if largest > 0.0 { (value / largest).clamp(0.0, 1.0) } else { 0.0 };
        #[allow(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "between 0 and 7"
        )]
        let at = (share * 7.0).round() as usize;
        signs.get(at).copied().unwrap_or(' ')
    };
    values.iter().map(sign).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_score_is_what_its_counts_make() {
        let score =
            FrameworkScore { applicable: 8, pass: 2, failing: 4, ..FrameworkScore::default() };
        assert_eq!((score.worst(), score.best()), (Some(0.25), Some(0.5)));
        assert_eq!(FrameworkScore { failing: 3, ..FrameworkScore::default() }.best(), None);
    }

    #[test]
    fn a_sparkline_rises_with_its_values_and_shows_what_is_missing() {
        let values = [Some(0.0), Some(5.0), None, Some(10.0)];
        assert_eq!(sparkline(&values, 10.0, false), "▁▅·█");
        assert_eq!(sparkline(&values, 10.0, true), "_= #");
        assert_eq!(sparkline(&[Some(0.0), Some(f64::NAN)], 0.0, true), "_ ");
        assert_eq!(sparkline(&[], 1.0, false), "");
    }
}
