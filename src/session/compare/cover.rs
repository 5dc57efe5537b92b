//! Whether a run would have seen a finding if it were there.

use std::cell::OnceCell;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::path::Path;

use crate::model::finding::{Finding, Gap};
use crate::model::inventory::{Problem, ProblemKind, SourceKind};
use crate::model::kinds::{self, Builtin, Kind};
use crate::model::object::ObjectRef;
use crate::model::read::{Read, ReadStatus};
use crate::model::served;

use super::super::run::RunRecord;

/// What a run looked at.
pub(in crate::session) struct RunCover<'a> {
    run: &'a RunRecord,
    /// The run that it is compared with.
    other: Option<&'a RunRecord>,
    namespaces: BTreeSet<&'a str>,
    files: HashSet<&'a str>,
    gaps: HashMap<&'a str, Vec<&'a Gap>>,
    reads: HashMap<&'a str, Vec<&'a Read>>,
    /// Objects that the run certainly looked at, because it found something on them.
    seen: HashSet<&'a ObjectRef>,
    /// Fingerprints of what is there as far as the run knows; made when it is asked for.
    there: OnceCell<HashSet<&'a str>>,
}

impl<'a> RunCover<'a> {
    pub(in crate::session) fn of(run: &'a RunRecord) -> Self {
        let mut gaps: HashMap<&str, Vec<&Gap>> = HashMap::new();
        for gap in &run.result.not_assessed {
            gaps.entry(&gap.check).or_default().push(gap);
        }
        let mut reads: HashMap<&str, Vec<&Read>> = HashMap::new();
        for read in &run.reads {
            reads.entry(&read.resource).or_default().push(read);
        }
        let found = run.result.findings.iter().chain(&run.result.evidence);
        Self {
            run,
            other: None,
            namespaces: run.selection.namespaces.iter().map(String::as_str).collect(),
            files: run.source.files.iter().map(String::as_str).collect(),
            gaps,
            reads,
            seen: found.flat_map(|f| ids(f)).collect(),
            there: OnceCell::new(),
        }
    }

    /// The same, beside a run that may have had other checks.
    pub(in crate::session) fn beside(run: &'a RunRecord, other: &'a RunRecord) -> Self {
        Self { other: Some(other), ..Self::of(run) }
    }

    /// Why the run could not have seen a finding; none when it would have.
    pub(in crate::session) fn hides(&self, finding: &Finding) -> Option<String> {
        let unasked = self.not_run(finding).or_else(|| self.not_selected(finding));
        if let Some(other) = about(finding) {
            // It goes with the finding whose age it is about.
            let open = || self.not_assessed(finding).or_else(|| self.not_evaluated(finding));
            return unasked.or_else(|| self.is_there(other).then(open).flatten());
        }
        unasked
            .or_else(|| self.not_among_files(finding))
            .or_else(|| self.not_assessed(finding))
            .or_else(|| self.not_evaluated(finding))
            .or_else(|| self.not_listed(finding))
    }

    /// Whether the run was not asked to look where a finding is: its check, object or file was not
    /// selected.
    pub(in crate::session) fn leaves_out(&self, finding: &Finding) -> bool {
        let other_file = self.run.source.kind == SourceKind::Files
            && finding.file.as_deref().is_some_and(|file| !self.reads_file(file));
        let unasked = self.not_run(finding).is_some() && self.had_no(&finding.check).is_none();
        other_file || unasked || self.not_selected(finding).is_some()
    }

    /// Whether a finding is there, or could not be seen gone.
    fn is_there(&self, fingerprint: &str) -> bool {
        let result = &self.run.result;
        let unseen = || result.history.unseen.iter().map(|unseen| &unseen.finding);
        let all = || result.findings.iter().chain(unseen()).map(|f| f.fingerprint.as_str());
        self.there.get_or_init(|| all().collect()).contains(fingerprint)
    }

    fn not_run(&self, finding: &Finding) -> Option<String> {
        let check = &finding.check;
        (!self.run.result.checks.contains_key(check)).then(|| {
            let why = self.had_no(check).map(|why| format!(": {why}")).unwrap_or_default();
            format!("check {check} did not run{why}")
        })
    }

    /// Why a check that did not run could not have, though it was asked for as in the other run or with
    /// everything else: its file was broken, or the checks of the run were others.
    fn had_no(&self, check: &str) -> Option<String> {
        let of_check = |file: &str| Path::new(file).file_stem().is_some_and(|stem| stem == check);
        let mut broken = self.run.result.problems.iter().filter(|p| p.kind == ProblemKind::Check);
        if broken.any(|p| p.file.as_deref().is_some_and(of_check)) {
            return Some("its file was broken".to_owned());
        }
        let other = self.other.filter(|other| other.content != self.run.content)?;
        let tool = &self.run.tool;
        let (asked, there) = (self.run.selection.judged_by(), other.selection.judged_by());
        if asked.is_everything() {
            Some(format!(
                "the checks of that run, by Plimsoll {tool}, did not have it, or had it off"
            ))
        } else if asked == there {
            Some(format!(
                "the checks and frameworks of that run, by Plimsoll {tool}, did not have it for what was asked"
            ))
        } else {
            None
        }
    }

    fn not_selected(&self, finding: &Finding) -> Option<String> {
        let selection = &self.run.selection;
        if !self.namespaces.is_empty() && !self.namespaces.contains(place(finding)) {
            let asked = selection.namespaces.join(", ");
            return Some(format!("only namespaces {asked} were looked at"));
        }
        if let Some(object) = &selection.object
            && !ids(finding).any(|id| names(object, id))
        {
            return Some(format!("only {object} was looked at"));
        }
        // Labels are not kept with a run: whether the object still has them is known only if
        // something else was found on it.
        let selector = selection.selector.as_ref()?;
        let seen = ids(finding).any(|id| self.seen.contains(id));
        (!seen).then(|| {
            format!("only objects with labels {selector} were looked at, and nothing shows that this is one")
        })
    }

    /// Whether the run read a file, or would have if it had been there: it is in a directory that was read.
    fn reads_file(&self, file: &str) -> bool {
        self.files.contains(file) || self.run.source.is_of_directory(file)
    }

    /// Manifests are an open world: what a file does not hold may exist all the same.
    fn not_among_files(&self, finding: &Finding) -> Option<String> {
        if self.run.source.kind != SourceKind::Files {
            return None;
        }
        match finding.file.as_deref() {
            Some(file) if self.reads_file(file) => None,
            Some(file) => Some(format!("{file} was not among the files")),
            // About the files as a whole: they were said to be everything there is.
            None if finding.object.is_none() => None,
            None => Some("manifests show only what was written into them".to_owned()),
        }
    }

    fn not_assessed(&self, finding: &Finding) -> Option<String> {
        let gaps = self.gaps.get(&*finding.check)?;
        let touching = || gaps.iter().filter(|gap| self.touches(gap, finding));
        // Of several reasons the one that is about its own namespace.
        let own = |gap: &&&Gap| gap.missing.namespace.as_deref() == Some(place(finding));
        let gap = touching().find(own).or_else(|| touching().next())?;
        Some(format!("not assessed: {}", gap.missing.reason))
    }

    fn not_evaluated(&self, finding: &Finding) -> Option<String> {
        let errors = self.run.result.checks.get(&finding.check)?.error;
        if errors == 0 {
            return None;
        }
        let of_check = |p: &&Problem| p.of_check() == Some(&*finding.check);
        let told: Vec<&Problem> = self.run.result.problems.iter().filter(of_check).collect();
        // An error that is not told any more may have been anywhere.
        let near = told.iter().any(|p| p.object.as_ref().is_none_or(|o| near(o, finding)));
        (near || told.len() < errors)
            .then(|| format!("check {} could not be evaluated everywhere", finding.check))
    }

    /// The list that would have brought the object.
    fn not_listed(&self, finding: &Finding) -> Option<String> {
        if self.run.source.kind == SourceKind::Files {
            return None;
        }
        let object = finding.object.as_ref()?;
        let kind = object.group_kind().builtin()?;
        match self.list_of(kind, place(finding)) {
            Some(status) if status.proves_absence() => None,
            Some(status) => Some(format!("the list of {} is {}", kind.plural, status.word())),
            None => Some(format!("{} were not asked for", kind.plural)),
        }
    }

    /// What came of listing a kind in a namespace, or in the cluster: complete if any list is.
    fn list_of(&self, kind: &Builtin, namespace: &str) -> Option<ReadStatus> {
        let reads = self.reads.get(kind.resource().as_str())?;
        let covers = |read: &&&Read| read.namespace.as_deref().is_none_or(|ns| ns == namespace);
        let statuses = reads.iter().filter(covers).map(|read| read.status);
        statuses.min_by_key(|status| (!status.proves_absence(), *status))
    }

    /// Whether what a gap leaves undecided may be the finding.
    fn touches(&self, gap: &Gap, finding: &Finding) -> bool {
        if gap.platform && !finding.platform {
            return false;
        }
        let Some(object) = &finding.object else { return true };
        let missing = kinds::lookup(&gap.missing.read);
        let unlisted = missing.filter(|_| gap.count == 0);
        if unlisted.is_some_and(|kind| !brings(kind, finding)) {
            return false;
        }
        let Some(namespace) = gap.missing.namespace.as_deref() else {
            // Not listed in the whole cluster, but perhaps where the object is.
            let here = unlisted.and_then(|kind| self.list_of(kind, place(finding)));
            return !here.is_some_and(ReadStatus::proves_absence);
        };
        // Roles and bindings of one namespace give rights to accounts of any.
        let far = missing.is_some_and(|kind| kind.group == "rbac.authorization.k8s.io")
            || object.namespace.is_none();
        namespace == place(finding) || far && gap.count > 0
    }
}

/// The fingerprint of the finding whose age a finding is about.
fn about(finding: &Finding) -> Option<&str> {
    let object = finding.object.as_ref()?;
    (object.group_kind() == kinds::finding_age()).then_some(&*object.name)
}

/// Object and identity of a finding.
fn ids(finding: &Finding) -> impl Iterator<Item = &ObjectRef> {
    finding.object.iter().chain(&finding.owner)
}

/// The namespace by which a selection takes a finding: that of the object, or the object's own name
/// if it is one; empty for the cluster.
fn place(finding: &Finding) -> &str {
    finding.home()
}

/// Whether `KIND/NAME` of a selection names an object.
fn names(text: &str, id: &ObjectRef) -> bool {
    let Some((kind, name)) = text.split_once('/') else { return false };
    let own = id.group_kind();
    let means =
        || kinds::lookup(kind).map_or_else(|| served::is_called(&own, kind), |k| k.kind() == own);
    *name == *id.name && means()
}

/// Whether something on one object may be about the place of a finding.
fn near(object: &ObjectRef, finding: &Finding) -> bool {
    ids(finding).any(|id| id == object)
        || finding.object.is_none()
        || (object.namespace.as_deref().unwrap_or_default() == finding.namespace()
            && pods(object)
            && ids(finding).any(pods))
}

fn pods(id: &ObjectRef) -> bool {
    id.group_kind().builtin().is_some_and(runs_pods)
}

fn runs_pods(kind: &Builtin) -> bool {
    !kind.pod_spec.is_empty()
}

/// Whether a list brings the objects that a finding may be seen on: its own kind, and the kinds
/// between a workload and its pods.
fn brings(missing: &Builtin, finding: &Finding) -> bool {
    let kind: Kind = missing.kind();
    if ids(finding).any(|id| id.group_kind() == kind) {
        return true;
    }
    let between = matches!(missing.kind, "Pod" | "ReplicaSet" | "Job");
    between && ids(finding).any(pods)
}
