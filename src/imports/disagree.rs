//! Where an import and we come to different ends about the same thing.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::age::age;
use super::numbering::same_edition;
use crate::frameworks::{ControlResult, Framework, FrameworkResult};
use crate::model::finding::{Finding, RunResult};
use crate::model::import::{Disagreement, Import, ImportOutcome, ImportedResult};
use crate::model::object::ObjectRef;

/// A framework that was judged, with what became of it.
pub type Judged<'a> = (&'a Framework, &'a FrameworkResult);

/// What is compared.
pub struct Compared<'a> {
    /// Imports of the user.
    pub imports: &'a [Import],
    /// The run, with the reports that stood in the cluster.
    pub result: &'a RunResult,
    /// Frameworks that were judged.
    pub frameworks: &'a [Judged<'a>],
    /// Today, an RFC 3339 date.
    pub today: &'a str,
    /// Older results are not compared.
    pub max_age: u32,
}

/// Where results of imports and ours differ: a failure here and a pass there, or the other way
/// round, of the same check on the same object, or of the same control. Of several results about
/// one thing the newest is compared. Unknown ends differ from nothing.
#[must_use]
pub fn disagreements(compared: &Compared<'_>) -> Vec<Disagreement> {
    let ours = Ours::of(compared.result);
    let mut newest = Newest::new();
    for import in compared.imports.iter().chain(&compared.result.beside.reports) {
        for result in &import.results {
            let fresh = age(import.taken(result), compared.today)
                .is_some_and(|age| age <= i64::from(compared.max_age));
            let Some(subject) = Subject::of(import, result).filter(|_| fresh) else { continue };
            let stays = newest.get(&subject).is_some_and(|(other, old)| {
                let (old, new) = (other.taken(old), import.taken(result));
                // One failing container or node fails the whole.
                old > new || old == new && result.outcome == ImportOutcome::Pass
            });
            if !stays {
                newest.insert(subject, (import, result));
            }
        }
    }
    let mut found = Vec::new();
    for (subject, (import, result)) in over_nodes(newest) {
        let theirs = result.outcome;
        let base = |ours| Disagreement {
            check: result.check.clone(),
            framework: None,
            control: None,
            object: result.object.clone(),
            node: result.node.clone(),
            ours,
            theirs,
            tool: import.tool,
            rule: result.rule.clone(),
            origin: import.origin.clone(),
            taken: import.taken(result).to_owned(),
            message: result.message.clone(),
        };
        match subject {
            Subject::Check { check, object, .. } => {
                let say = ours.say(check, object).filter(|ours| *ours != theirs);
                found.extend(say.map(base));
            }
            Subject::Row { benchmark, control, .. } => {
                let edition = result.edition.as_deref().unwrap_or_default();
                for (framework, judged) in compared.frameworks {
                    let numbered = framework.family() == benchmark
                        && same_edition(benchmark, &framework.version, edition);
                    let ours = judged.controls.iter().find(|c| numbered && c.id == control);
                    let ours = ours.and_then(by_checks).filter(|ours| *ours != theirs);
                    found.extend(ours.map(|ours| Disagreement {
                        framework: Some(framework.id.clone()),
                        control: Some(control.to_owned()),
                        object: None,
                        ..base(ours)
                    }));
                }
            }
        }
    }
    found.sort();
    found
}

type Newest<'a> = HashMap<Subject<'a>, (&'a Import, &'a ImportedResult)>;

/// Of rows on several nodes one: a node that fails fails the row.
fn over_nodes(newest: Newest<'_>) -> Newest<'_> {
    let mut found = Newest::new();
    for (subject, one) in newest {
        let subject = match subject {
            Subject::Row { tool, benchmark, control, .. } => {
                Subject::Row { tool, benchmark, control, node: None }
            }
            of_check @ Subject::Check { .. } => of_check,
        };
        if one.1.outcome == ImportOutcome::Fail || !found.contains_key(&subject) {
            found.insert(subject, one);
        }
    }
    found
}

/// What checks alone say of a control: a failure where a deciding one found something, a pass where
/// all of them looked at everything and at something.
fn by_checks(control: &ControlResult) -> Option<ImportOutcome> {
    let deciding = || control.checks.iter().filter(|c| c.strength.decides());
    if deciding().any(|check| check.findings > 0) {
        return Some(ImportOutcome::Fail);
    }
    let whole = deciding().all(|check| check.ran && check.undecided == 0);
    let seen = deciding().any(|check| check.pass > 0);
    (whole && seen).then_some(ImportOutcome::Pass)
}

/// What two results are about alike.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Subject<'a> {
    Check { tool: u8, check: &'a str, object: &'a ObjectRef },
    Row { tool: u8, benchmark: &'a str, control: &'a str, node: Option<&'a str> },
}

impl<'a> Subject<'a> {
    fn of(import: &Import, result: &'a ImportedResult) -> Option<Self> {
        if !matches!(result.outcome, ImportOutcome::Pass | ImportOutcome::Fail) {
            return None;
        }
        let tool = import.tool as u8;
        if let (Some(benchmark), Some(control)) = (&result.benchmark, &result.control) {
            return Some(Self::Row { tool, benchmark, control, node: result.node.as_deref() });
        }
        let (check, object) = (result.check.as_deref()?, result.object.as_ref()?);
        Some(Self::Check { tool, check, object })
    }
}

/// Our findings by check, and the checks that looked at everything they were asked to.
struct Ours<'a> {
    findings: BTreeMap<&'a str, Vec<&'a Finding>>,
    whole: BTreeSet<&'a str>,
}

impl<'a> Ours<'a> {
    fn of(result: &'a RunResult) -> Self {
        let mut findings: BTreeMap<&str, Vec<&Finding>> = BTreeMap::new();
        for finding in &result.findings {
            findings.entry(&finding.check).or_default().push(finding);
        }
        let whole = result
            .checks
            .iter()
            .filter(|(_, counts)| counts.error == 0 && counts.not_assessed == 0 && counts.pass > 0);
        Self { findings, whole: whole.map(|(id, _)| &**id).collect() }
    }

    /// What a check says of an object. A pass is told only of a check that left nothing open and
    /// of an object of which something was found by some check: others may be gone.
    fn say(&self, check: &str, object: &ObjectRef) -> Option<ImportOutcome> {
        let about = |finding: &&Finding| is_about(finding, object);
        if self.findings.get(check).into_iter().flatten().any(about) {
            return Some(ImportOutcome::Fail);
        }
        let known = || self.findings.values().flatten().any(about);
        (self.whole.contains(check) && known()).then_some(ImportOutcome::Pass)
    }
}

/// Whether a finding is on an object, or on the workload that the object belongs to.
fn is_about(finding: &Finding, object: &ObjectRef) -> bool {
    let same = |own: &ObjectRef| {
        own.namespace == object.namespace
            && (own.group_kind() == object.group_kind() && own.name == object.name
                || is_revision(object, own))
    };
    finding.object.as_ref().is_some_and(same) || finding.owner.as_ref().is_some_and(same)
}

/// Whether an object is the `ReplicaSet` of a Deployment: `web-5d4f8c7b9` of `web`.
fn is_revision(object: &ObjectRef, owner: &ObjectRef) -> bool {
    let hash = object.name.strip_prefix(&*owner.name).and_then(|rest| rest.strip_prefix('-'));
    &*object.kind == "ReplicaSet"
        && &*owner.kind == "Deployment"
        && hash.is_some_and(|hash| {
            !hash.is_empty() && hash.len() <= 10 && hash.chars().all(|c| c.is_ascii_alphanumeric())
        })
}

#[cfg(test)]
mod tests;
