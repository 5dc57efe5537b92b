//! Two runs compared, finding by finding, by fingerprint.
//!
//! That a run does not have a finding says something only if it would have seen it: its check ran,
//! its selection held the object, and everything that the verdict needs was read. Where that is not
//! certain the finding is incomparable, with the reason; it is never called fixed or new.

pub(super) mod cover;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::sync::Arc;

use self::cover::RunCover;
use super::run::{RunRecord, Selection};
use crate::model::between::DecisionsBetween;
use crate::model::comparison::{
    ChangeTotals, ComparedFinding, Comparison, FieldDifference, FindingChange, RunLabel, RunSide,
};
use crate::model::finding::Finding;
use crate::model::history::Unseen;
use crate::model::inventory::SourceInfo;
use crate::model::settings::RunSettings;
use crate::text::{mask, mask_tree};

/// Names of a selection that a note tells.
const NAMED: usize = 8;

/// Compares two runs. Between manifests and a cluster only what both have says anything: what one of
/// them lacks was never in the other. `fixed_before` are fingerprints of findings that were fixed in a run before
/// the later one: what is there again of them is regressed rather than new.
#[must_use]
pub fn compare(
    before: &RunRecord,
    after: &RunRecord,
    fixed_before: &BTreeSet<String>,
) -> Comparison {
    let (old, new) = (Named::of(before), Named::of(after));
    let (seen_before, seen_after) =
        (RunCover::beside(before, after), RunCover::beside(after, before));
    let mixed = before.source.is_manifests() != after.source.is_manifests();
    let foreign = |run: &RunRecord| mixed.then(|| format!("it is of {}", run.source.full_name()));
    let otherwise = before.settings.differ(&after.settings);
    let set = |finding: &Finding| {
        let why = || "the parameters of the check are not the same in both runs".to_owned();
        otherwise.contains(&*finding.check).then(why)
    };
    let mut entries = Vec::new();
    for (print, finding) in &new.now {
        entries.push(match old.twin(finding) {
            Some(was) => unchanged(was, finding),
            None if !mixed && fixed_before.contains(*print) && set(finding).is_none() => {
                entry(FindingChange::Regressed, RunSide::After, finding)
            }
            None => match foreign(before)
                .or_else(|| seen_before.hides(finding))
                .or_else(|| set(finding))
            {
                Some(reason) => incomparable(RunSide::After, finding, reason, &seen_before),
                None => entry(FindingChange::New, RunSide::After, finding),
            },
        });
    }
    for finding in old.now.values().filter(|f| new.twin(f).is_none()) {
        let why = foreign(after).or_else(|| seen_after.hides(finding)).or_else(|| set(finding));
        entries.push(match why {
            Some(reason) => incomparable(RunSide::Before, finding, reason, &seen_after),
            None => entry(FindingChange::Fixed, RunSide::Before, finding),
        });
    }
    entries.sort_by(|a, b| {
        let key = |e: &ComparedFinding| (e.change, e.side);
        key(a)
            .cmp(&key(b))
            .then_with(|| a.finding.sort_key().cmp(&b.finding.sort_key()))
            .then_with(|| a.finding.fingerprint.cmp(&b.finding.fingerprint))
    });
    let include_platform = after.selection.include_platform;
    let totals = ChangeTotals::of(&entries, include_platform);
    Comparison {
        before: label(before),
        after: label(after),
        notes: notes(before, after),
        entries,
        include_platform,
        totals,
        decided: DecisionsBetween::default(),
        already: None,
    }
}

/// Findings that the run before could not look at, and that the later one would have seen and does not
/// show.
pub(super) fn gone_unseen<'a>(before: &'a RunRecord, after: &RunRecord) -> Vec<&'a Arc<Finding>> {
    let unseen = &before.result.history.unseen;
    if unseen.is_empty() {
        return Vec::new();
    }
    let (old, new, seen) = (Named::of(before), Named::of(after), RunCover::beside(after, before));
    let gone = |unseen: &&Unseen| {
        let finding = &unseen.finding;
        old.twin(finding).is_none()
            && new.twin(finding).is_none()
            && after.settings.of_check(&finding.check) == unseen.params
            && seen.hides(finding).is_none()
    };
    unseen.iter().filter(gone).map(|unseen| &unseen.finding).collect()
}

/// The findings of a run by their names.
struct Named<'a> {
    /// By the fingerprint that the run gives them.
    now: BTreeMap<&'a str, &'a Arc<Finding>>,
    /// By the one that they had in earlier versions.
    formerly: BTreeMap<&'a str, &'a Arc<Finding>>,
}

impl<'a> Named<'a> {
    fn of(run: &'a RunRecord) -> Self {
        let all = run.result.findings.iter();
        Self {
            now: all.clone().map(|f| (f.fingerprint.as_str(), f)).collect(),
            formerly: all.filter_map(|f| Some((f.formerly.as_deref()?, f))).collect(),
        }
    }

    /// What is here of a finding of another run, which may be of an earlier version or a later one.
    fn twin(&self, finding: &Finding) -> Option<&'a Arc<Finding>> {
        let former = || self.now.get(finding.formerly.as_deref()?);
        let found = self.now.get(finding.fingerprint.as_str()).or_else(former);
        found.or_else(|| self.formerly.get(finding.fingerprint.as_str())).copied()
    }
}

/// What a run is called, without its session.
pub(super) fn label(run: &RunRecord) -> RunLabel {
    RunLabel {
        session: None,
        title: None,
        run: run.number,
        finished: run.finished.clone(),
        tool: run.tool.clone(),
        content: run.content.clone(),
    }
}

fn entry(change: FindingChange, side: RunSide, finding: &Arc<Finding>) -> ComparedFinding {
    let finding = Arc::clone(finding);
    ComparedFinding { change, side, finding, differs: Vec::new(), reason: None, unasked: false }
}

/// A finding of one run that `other`, what the other one looked at, hides.
fn incomparable(
    side: RunSide,
    finding: &Arc<Finding>,
    reason: String,
    other: &RunCover<'_>,
) -> ComparedFinding {
    let unasked = other.leaves_out(finding);
    ComparedFinding {
        reason: Some(reason),
        unasked,
        ..entry(FindingChange::Incomparable, side, finding)
    }
}

fn unchanged(before: &Arc<Finding>, after: &Arc<Finding>) -> ComparedFinding {
    let mut differs = Vec::new();
    let mut tell = |field, before: String, after: String| {
        if before != after {
            differs.push(FieldDifference { field, before, after });
        }
    };
    tell("severity", before.severity.to_string(), after.severity.to_string());
    let message = |f: &Finding| mask(&f.message).into_owned();
    tell("message", message(before), message(after));
    tell("instances", before.instances.to_string(), after.instances.to_string());
    ComparedFinding { differs, ..entry(FindingChange::Unchanged, RunSide::Both, after) }
}

/// What has to be kept in mind when the comparison is read.
fn notes(before: &RunRecord, after: &RunRecord) -> Vec<String> {
    let mut notes = Vec::new();
    let (a, b) = (&before.source, &after.source);
    if !a.is_same_as(b) {
        let (one, other) = (a.full_name(), b.full_name());
        notes.push(match (a.is_manifests(), b.is_manifests()) {
            (false, false) => format!(
                "the runs are of different clusters ({one} and {other}): findings are matched by \
                 what they are about; `new` means only in the second, `fixed` only in the first"
            ),
            (true, true) => format!(
                "the runs are of different manifests ({one} and {other}): findings are matched by \
                 what they are about"
            ),
            _ => format!(
                "{one} and {other} are different sources: what only one of them has is neither new \
                 nor fixed"
            ),
        });
    }
    if before.content != after.content {
        notes.push(
            "checks or frameworks changed between the runs: a finding may come or go because its \
             rule is another one"
                .to_owned(),
        );
    }
    notes.extend(settings(&before.settings, &after.settings));
    if a.kubernetes != b.kubernetes {
        let version = |s: &SourceInfo| s.kubernetes.clone().unwrap_or_else(|| "unknown".to_owned());
        notes.push(format!("Kubernetes went from {} to {}", version(a), version(b)));
    }
    if before.selection.include_platform != after.selection.include_platform {
        notes.push(
            "only one of the runs lets findings on the platform itself decide: statuses of \
             controls may differ for that alone"
                .to_owned(),
        );
    }
    let (old, new) = (scope(&before.selection), scope(&after.selection));
    if old != new {
        notes.push(format!("the first run looked at {old}, the second at {new}"));
    }
    let (old, new) = (asked(&before.selection), asked(&after.selection));
    if old != new {
        notes.push(format!(
            "the first run was asked for {old}, the second for {new}: what only one of them judged is \
             incomparable"
        ));
    }
    if a.is_manifests() && b.is_manifests() && a.closed_world != b.closed_world {
        let which = if a.closed_world { "first" } else { "second" };
        notes.push(format!(
            "only the {which} run took its manifests for everything there is (--complete): what rests on \
             absence is not assessed in the other"
        ));
    }
    notes
}

/// What was set in one run and not, or otherwise, in the other.
fn settings(before: &RunSettings, after: &RunSettings) -> Vec<String> {
    let mut notes = Vec::new();
    let names: BTreeSet<&String> = before.params.keys().chain(after.params.keys()).collect();
    let value = |settings: &RunSettings, name: &str| match settings.params.get(name) {
        Some(value) => mask_tree(value.clone()).to_json().to_string(),
        None if settings.pod_security.is_none() => "a value that the run does not say".to_owned(),
        None => "its default".to_owned(),
    };
    for name in names {
        if before.params.get(name) != after.params.get(name) {
            let (old, new) = (value(before, name), value(after, name));
            notes.push(format!("the parameter {name} went from {old} to {new}"));
        }
    }
    let (old, new) = (&before.platform_mirrors, &after.platform_mirrors);
    if old != new {
        let words = |mirrors: &[String]| match mirrors {
            [] => "none".to_owned(),
            mirrors => mirrors.join(", "),
        };
        notes.push(format!(
            "the mirrors of platform images (platform-mirrors) went from {} to {}: findings on what runs \
             images of theirs may count in one run and not in the other",
            mask(&words(old)),
            mask(&words(new))
        ));
    }
    if let (Some(old), Some(new)) = (before.pod_security, after.pod_security)
        && old != new
    {
        notes.push(format!(
            "the Pod Security policy went from {} to {}: findings of its controls may come or go for \
             that alone",
            before.pod_security_in_words(),
            after.pod_security_in_words()
        ));
    }
    notes
}

/// What a run was asked to judge by, in words.
fn asked(selection: &Selection) -> String {
    let Selection { frameworks, controls, checks, beside, .. } = selection;
    let all = in_words(frameworks, controls, checks);
    let mut words = all.unwrap_or_else(|| "everything that fits".to_owned());
    if let Some(beside) = in_words(&beside.frameworks, &beside.controls, &beside.checks) {
        let _ = write!(words, ", with {beside} beside it");
    }
    words
}

/// Frameworks, controls and checks; none where there are none.
fn in_words(frameworks: &[String], controls: &[String], checks: &[String]) -> Option<String> {
    let mut parts = Vec::new();
    for (what, chosen) in [("frameworks", frameworks), ("controls", controls), ("checks", checks)] {
        if !chosen.is_empty() {
            let names: Vec<&str> = chosen.iter().map(String::as_str).collect();
            let one = what.strip_suffix('s').filter(|_| names.len() == 1);
            parts.push(format!("{} {}", one.unwrap_or(what), listed(&names)));
        }
    }
    (!parts.is_empty()).then(|| parts.join(" and "))
}

/// A few names, and how many more there are.
fn listed(names: &[&str]) -> String {
    let shown = names.iter().take(NAMED).copied().collect::<Vec<_>>().join(", ");
    match names.len().saturating_sub(NAMED) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

/// The objects of a selection, in words.
#[must_use]
pub fn scope(selection: &Selection) -> String {
    let mut parts = Vec::new();
    if !selection.namespaces.is_empty() {
        parts.push(format!("namespaces {}", selection.namespaces.join(", ")));
    }
    if let Some(selector) = &selection.selector {
        parts.push(format!("labels {selector}"));
    }
    parts.extend(selection.object.clone());
    if parts.is_empty() { "everything".to_owned() } else { parts.join(", ") }
}

#[cfg(test)]
mod tests;
