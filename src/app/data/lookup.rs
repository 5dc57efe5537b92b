//! Looking things up in what the workbench shows.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::Data;
use crate::app::item::ControlRef;
use crate::app::live::GoneFinding;
use crate::checks::Check;
use crate::frameworks::{
    Control, ControlResult, Framework, FrameworkResult, NotJudged, Status, fit,
};
use crate::model::attestation::Attestation;
use crate::model::decision::DecisionState;
use crate::model::finding::Finding;
use crate::model::node::Node;
use crate::model::object::ObjectRef;
use crate::model::path::FieldPath;
use crate::model::severities::BySeverity;
use crate::source::redact;

/// Looking things up.
impl Data {
    /// The decision in force on a finding.
    #[must_use]
    pub fn state_of(&self, fingerprint: &str) -> DecisionState {
        self.ledger.state(fingerprint, &self.today)
    }

    /// Whether a finding of the run is open today.
    #[must_use]
    pub fn is_open(&self, finding: &Finding) -> bool {
        self.ledger.is_open(finding, &self.today)
    }

    /// Open findings by namespace, whichever of them is chosen.
    pub(in crate::app) fn open_by_namespace(&self) -> BTreeMap<&str, BySeverity> {
        let mut found: BTreeMap<&str, BySeverity> = BTreeMap::new();
        let all = self.result.iter().flat_map(|result| &result.findings);
        let counts = |f: &&Arc<Finding>| (self.platform || !f.platform) && self.is_open(f);
        for finding in all.filter(counts) {
            found.entry(finding.home()).or_default().add(finding.severity);
        }
        found
    }

    /// A finding or a piece of evidence that is shown, by fingerprint.
    #[must_use]
    pub fn finding(&self, fingerprint: &str) -> Option<&Arc<Finding>> {
        let place = self.index.by_print.get(fingerprint);
        let finding = place.and_then(|at| self.index.findings.get(*at));
        finding.or_else(|| self.index.evidence.get(fingerprint))
    }

    /// The same for a finding that is open: one that went meanwhile stays as it was last.
    #[must_use]
    pub fn open_finding(&self, fingerprint: &str) -> Option<&Arc<Finding>> {
        let gone = || self.live.gone(fingerprint).map(|gone| &gone.finding);
        self.finding(fingerprint).or_else(gone)
    }

    /// What became of a finding that is not there any more, if it went while somebody was here.
    #[must_use]
    pub fn departed(&self, fingerprint: &str) -> Option<&GoneFinding> {
        self.live.gone(fingerprint).filter(|_| self.finding(fingerprint).is_none())
    }

    /// What an evidence check lists, in order.
    pub fn evidence_of(&self, id: &str) -> impl Iterator<Item = &Arc<Finding>> {
        let listed = self.result.iter().flat_map(|result| &result.evidence);
        listed.filter(move |f| *f.check == *id && self.index.evidence.contains_key(&*f.fingerprint))
    }

    /// Controls with a question: those that wait for an answer, then those whose answer ran out,
    /// then those that were answered, the ones that run out first before the others.
    #[must_use]
    pub fn questions(&self) -> Vec<ControlRef> {
        let mut asked = Vec::new();
        for judged in self.judged.iter() {
            let Some(framework) = self.framework(&judged.id) else { continue };
            for result in &judged.controls {
                let Some(control) = framework.control(&result.id) else { continue };
                let answer = self.answer(&judged.id, &result.id);
                if !control.asks() || (answer.is_none() && result.status != Status::Manual) {
                    continue;
                }
                let until =
                    answer.and_then(|a| a.expires.clone()).unwrap_or_else(|| "~".to_owned());
                let order = match answer {
                    None => (0, String::new()),
                    Some(answer) if !answer.in_force(&self.today) => (1, until),
                    Some(_) => (2, until),
                };
                let control = ControlRef {
                    framework: judged.id.as_str().into(),
                    control: result.id.as_str().into(),
                    strength: None,
                };
                asked.push((order, control));
            }
        }
        // Stable: within one answer's day they stay in the order of their standard.
        asked.sort_by(|a, b| a.0.cmp(&b.0));
        asked.into_iter().map(|(_, control)| control).collect()
    }

    /// The answer to a control, in force or expired.
    #[must_use]
    pub fn answer(&self, framework: &str, control: &str) -> Option<&Attestation> {
        self.ledger.attestations.get(&(framework.to_owned(), control.to_owned()))
    }

    /// The findings of a check, in order.
    pub fn of_check(&self, id: &str) -> impl Iterator<Item = &Arc<Finding>> {
        self.at(self.index.by_check.get(id))
    }

    /// The findings on an object, or on what it owns, in order.
    pub fn of_object(&self, id: &ObjectRef) -> impl Iterator<Item = &Arc<Finding>> {
        self.at(self.index.by_object.get(id))
    }

    /// How many findings on an object are not shown because they are about the platform itself.
    #[must_use]
    pub fn aside_on(&self, id: &ObjectRef) -> usize {
        let found = self.result.iter().flat_map(|result| &result.findings);
        found.filter(|f| f.object.as_ref() == Some(id) && f.platform && !self.is_shown(f)).count()
    }

    /// An object's tree as it may be seen: what checks found to be a credential on it is masked, as
    /// is what looks like one.
    #[must_use]
    pub fn shown(&self, id: &ObjectRef, tree: &Node) -> Node {
        redact::shown(tree, self.secrets(id))
    }

    /// Where checks found credentials on an object.
    pub fn secrets(&self, id: &ObjectRef) -> impl Iterator<Item = &FieldPath> {
        let secret = |finding: &&Arc<Finding>| {
            finding.object.as_ref() == Some(id)
                && self.check(&finding.check).is_some_and(|check| check.rule.secret)
        };
        self.of_object(id).filter(secret).map(|finding| &finding.path)
    }

    fn at<'a>(&'a self, places: Option<&'a Vec<usize>>) -> impl Iterator<Item = &'a Arc<Finding>> {
        places.into_iter().flatten().filter_map(|at| self.index.findings.get(*at))
    }

    /// A check.
    #[must_use]
    pub fn check(&self, id: &str) -> Option<&Arc<Check>> {
        self.content.library.checks.get(id)
    }

    /// A check's title, or its id when the check is not known.
    #[must_use]
    pub fn check_title<'a>(&'a self, id: &'a str) -> &'a str {
        self.check(id).map_or(id, |check| check.title.as_str())
    }

    /// A framework.
    #[must_use]
    pub fn framework(&self, id: &str) -> Option<&Arc<Framework>> {
        self.content.frameworks.frameworks.iter().find(|f| f.id == id)
    }

    /// The edition of a framework; of the Pod Security Standards the version by which was judged, once
    /// something was.
    #[must_use]
    pub fn version_of<'a>(&'a self, framework: &'a Framework) -> &'a str {
        self.judged(&framework.id).map_or(&framework.version, |judged| &judged.version)
    }

    /// What the last run says of a framework.
    #[must_use]
    pub fn judged(&self, id: &str) -> Option<&FrameworkResult> {
        self.judged.iter().find(|f| f.id == id)
    }

    /// Why the last run does not judge a framework.
    #[must_use]
    pub fn not_judged(&self, id: &str) -> Option<&NotJudged> {
        self.not_judged.iter().find(|f| f.id == id)
    }

    /// Why a run that is there says nothing of a framework; none where it was judged, or nothing has run.
    #[must_use]
    pub fn why_not_judged(&self, id: &str) -> Option<&str> {
        let silent = self.result.is_some() && self.judged(id).is_none();
        let reason =
            || self.not_judged(id).map_or("this run was about something else", |not| &not.reason);
        silent.then(reason)
    }

    /// What is told of the frameworks that are not judged, line by line.
    #[must_use]
    pub fn left_out(&self) -> Vec<String> {
        let judged = self.judged.iter().filter_map(|j| self.framework(&j.id));
        let families = judged.map(|f| f.family()).collect();
        fit::told_as(&self.not_judged, &families, |n| self.short(&n.id))
    }

    /// A control, and what the last run says of it.
    #[must_use]
    pub fn control(&self, framework: &str, id: &str) -> Option<(&Control, Option<&ControlResult>)> {
        let control = self.framework(framework)?.controls.iter().find(|c| c.id == id)?;
        let judged = self.judged(framework);
        Some((control, judged.and_then(|j| j.controls.iter().find(|c| c.id == id))))
    }

    /// The level by which a framework was judged, where a control does not belong to it.
    #[must_use]
    pub fn other_level(&self, framework: &str, id: &str) -> Option<&str> {
        let judged = self.judged(framework)?;
        let level = judged.level.as_deref()?;
        (!judged.controls.iter().any(|control| control.id == id)).then_some(level)
    }

    /// The image of the container a finding is in.
    #[must_use]
    pub fn image_of(&self, finding: &Finding) -> Option<String> {
        let object = self.inventory.find(finding.object.as_ref()?)?;
        let (_, spec) = object.pod_spec()?;
        let name = finding.container.as_deref()?;
        ["containers", "initContainers", "ephemeralContainers"]
            .iter()
            .flat_map(|list| spec.list_at(&[list]))
            .find(|c| c.str_at(&["name"]) == Some(name))
            .and_then(|c| c.str_at(&["image"]))
            .map(str::to_owned)
    }
}
