//! One cluster of several: what its run comes to, in the few figures that are kept when its objects
//! are let go.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::{Chosen, Content};
use crate::frameworks::fleet::{ClusterCard, ClusterScore, Reads, Standing};
use crate::model::finding::{CheckCounts, Finding, Form, RunResult};
use crate::model::kinds;
use crate::model::ledger::Ledger;
use crate::model::read::{Read, ReadStatus};
use crate::model::severities::BySeverity;
use crate::report::Judged;
use crate::session::RunRecord;

/// A run over one cluster, judged.
pub struct Parts<'a> {
    /// What the cluster was asked for by.
    pub name: &'a str,
    /// The run.
    pub record: &'a RunRecord,
    /// What was chosen for it.
    pub chosen: &'a Chosen,
    /// Its frameworks.
    pub judged: &'a [Judged],
    /// Decisions.
    pub ledger: &'a Ledger,
    /// Today, RFC 3339.
    pub today: &'a str,
}

impl Parts<'_> {
    /// Whether a finding is open and counts.
    fn counts(&self, finding: &Finding) -> bool {
        let all = self.chosen.selection.include_platform;
        self.ledger.counts_open(finding, all, self.today)
    }
}

impl Content {
    /// What a run over one cluster comes to.
    #[must_use]
    pub fn cluster_card(&self, parts: &Parts<'_>) -> ClusterCard {
        let Parts { name, record, chosen, judged, .. } = *parts;
        let result = &record.result;
        let mut findings = BySeverity::default();
        let mut open: BTreeMap<&Arc<str>, usize> = BTreeMap::new();
        for finding in result.findings.iter().filter(|finding| parts.counts(finding)) {
            findings.add(finding.severity);
            *open.entry(&finding.check).or_default() += 1;
        }
        let undecided = undecided(result);
        let platform = result.findings.iter().filter(|finding| finding.platform).count();
        let left = if chosen.selection.include_platform { 0 } else { platform };
        let stands = |(id, counts): (&Arc<str>, &CheckCounts)| {
            let open = open.get(id).copied().unwrap_or_default();
            let rule = self.library.checks.get(id).is_none_or(|c| c.form != Form::Evidence);
            rule.then(|| (Arc::clone(id), (standing(open, counts, undecided.contains(id)), open)))
        };
        ClusterCard {
            name: name.to_owned(),
            source: record.source.clone(),
            provider: chosen.cluster.provider().map(str::to_owned),
            finished: record.finished.clone(),
            findings,
            platform: left,
            undecided_checks: undecided.len(),
            reads: reads(&record.reads),
            frameworks: judged.iter().map(score).collect(),
            not_judged: chosen.not_judged.clone(),
            checks: result.checks.iter().filter_map(stands).collect(),
        }
    }
}

/// Checks that could not decide everywhere, but for objects of the platform.
fn undecided(result: &RunResult) -> BTreeSet<&Arc<str>> {
    let gaps = result.not_assessed.iter().filter(|gap| !gap.platform).map(|gap| &gap.check);
    let broken = result.checks.iter().filter(|(_, counts)| counts.error > 0).map(|(id, _)| id);
    gaps.chain(broken).collect()
}

fn standing(open: usize, counts: &CheckCounts, undecided: bool) -> Standing {
    if open > 0 {
        Standing::Fail
    } else if undecided {
        Standing::NotAssessed
    } else if counts.fail > counts.platform_fail {
        Standing::Accepted
    } else if counts.pass + counts.fail > 0 {
        Standing::Pass
    } else {
        Standing::NotApplicable
    }
}

fn score(judged: &Judged) -> ClusterScore {
    let (framework, result) = (&judged.framework, &judged.result);
    ClusterScore {
        id: framework.id.clone(),
        family: framework.family().to_owned(),
        // Of the Pod Security Standards the version that was applied here.
        version: result.version.clone(),
        title: framework.title.clone(),
        short: framework.short().to_owned(),
        level: result.level.clone(),
        matrix: framework.is_matrix(),
        score: result.score,
        counts: result.counts,
        note: result.note.clone(),
    }
}

/// Whether a read did not bring what it was asked for. One that few accounts may do, and whose
/// answer static pods give as well, is not missed.
#[must_use]
pub fn is_missing(read: &Read) -> bool {
    let fine =
        matches!(read.status, ReadStatus::Complete | ReadStatus::NotServed | ReadStatus::NotAsked);
    !fine && read.kind.as_ref() != Some(&kinds::flagz())
}

fn reads(all: &[Read]) -> Reads {
    Reads {
        asked: all.iter().filter(|read| read.status != ReadStatus::NotAsked).count(),
        missing: all.iter().filter(|read| is_missing(read)).cloned().collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_unknown_is_never_called_a_pass() {
        let counts = CheckCounts { pass: 9, not_assessed: 1, ..CheckCounts::default() };
        assert_eq!(standing(0, &counts, true), Standing::NotAssessed);
        assert_eq!(standing(0, &counts, false), Standing::Pass);
        assert_eq!(standing(2, &counts, true), Standing::Fail);
        let set_aside = CheckCounts { fail: 2, platform_fail: 1, ..CheckCounts::default() };
        assert_eq!(standing(0, &set_aside, false), Standing::Accepted);
        let platform = CheckCounts { fail: 1, platform_fail: 1, ..CheckCounts::default() };
        assert_eq!(standing(0, &platform, false), Standing::Pass);
        assert_eq!(standing(0, &CheckCounts::default(), false), Standing::NotApplicable);
    }

    #[test]
    fn a_read_of_flags_that_is_refused_is_not_missed() {
        let read = |kind, status| Read {
            resource: "x".to_owned(),
            kind,
            namespace: None,
            status,
            items: 0,
            message: None,
            millis: None,
        };
        let all = [
            read(None, ReadStatus::Complete),
            read(Some(kinds::flagz()), ReadStatus::Forbidden),
            read(None, ReadStatus::Hidden),
            read(None, ReadStatus::NotAsked),
        ];
        let reads = reads(&all);
        assert_eq!((reads.asked, reads.missing.len()), (3, 1));
    }
}
