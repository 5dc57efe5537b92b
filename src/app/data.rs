//! What the workbench shows: the inventory, the content, the last run and the decisions, with the
//! counts that the screens need.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use crate::checks::{Check, Library};
use crate::frameworks::{
    Control, ControlResult, Framework, FrameworkResult, Judgement, NotJudged, Set, Status, fit,
};
use crate::model::attestation::Attestation;
use crate::model::decision::DecisionState;
use crate::model::finding::{Finding, RunResult};
use crate::model::inventory::Inventory;
use crate::model::kinds::Kind;
use crate::model::ledger::Ledger;
use crate::model::object::ObjectRef;
use crate::model::read::{Missing, ReadStatus};
use crate::triage::Brought;

use super::columns::natural;
use super::item::{ControlRef, GapGroup, Mend, Tally};
use super::live::{Gone, Live};
use super::relations::Relations;
use super::tenants::Tenants;

/// How many things to mend are worked out.
const MENDS: usize = 50;

/// Checks and frameworks.
#[derive(Clone, Debug, Default)]
pub struct Content {
    /// Checks.
    pub library: Arc<Library>,
    /// Frameworks.
    pub frameworks: Arc<Set>,
}

/// What the workbench shows.
#[derive(Clone, Debug, Default)]
pub struct Data {
    /// Objects and reads.
    pub inventory: Arc<Inventory>,
    /// Checks and frameworks.
    pub content: Arc<Content>,
    /// The last run, as far as it has come.
    pub result: Option<Arc<RunResult>>,
    /// What it says of the frameworks.
    pub judged: Arc<Vec<FrameworkResult>>,
    /// Frameworks that it does not judge, and why.
    pub not_judged: Arc<Vec<NotJudged>>,
    /// Decisions, answers and imports.
    pub ledger: Arc<Ledger>,
    /// What files and annotations say about the findings, entry by entry; what comes of it stands
    /// in the ledger.
    pub brought: Arc<Brought>,
    /// What the cluster came to since the last run.
    pub live: Live,
    /// What the tenants come to, as far as it was worked out.
    pub tenants: Tenants,
    /// Notes by fingerprint, oldest first.
    pub notes: HashMap<String, Vec<String>>,
    /// What several objects say together.
    pub relations: Relations,
    /// Show and count findings on the platform itself.
    pub platform: bool,
    /// Only this namespace is shown.
    pub namespace: Option<String>,
    /// Today, an RFC 3339 date.
    pub today: String,
    /// What is counted from all of this.
    pub index: Index,
    /// Grows with every change.
    pub stamp: u64,
}

/// What is counted and looked up.
#[derive(Clone, Debug, Default)]
pub struct Index {
    /// Findings that are shown, in the order of reports.
    pub findings: Vec<Arc<Finding>>,
    /// By fingerprint, the place among them.
    pub by_print: HashMap<Arc<str>, usize>,
    /// By check, the places among them.
    pub by_check: HashMap<Arc<str>, Vec<usize>>,
    /// By object and by identity, the places among them.
    pub by_object: HashMap<ObjectRef, Vec<usize>>,
    /// Findings that count, by object and by identity.
    pub objects: HashMap<ObjectRef, Tally>,
    /// Findings that count, by kind.
    pub kinds: HashMap<Kind, Tally>,
    /// Findings that count, by namespace; the empty one is the cluster.
    pub namespaces: BTreeMap<Arc<str>, Tally>,
    /// Findings that count, of everything.
    pub all: Tally,
    /// Findings on the platform itself.
    pub platform: usize,
    /// Where most is gained.
    pub mends: Vec<Arc<Mend>>,
    /// What is unknown and why, most controls first.
    pub gaps: Vec<Arc<GapGroup>>,
    /// What evidence checks list, by fingerprint.
    pub evidence: HashMap<Arc<str>, Arc<Finding>>,
    /// By check, the controls it serves in the frameworks judged.
    pub serves: HashMap<Arc<str>, Vec<ControlRef>>,
}

impl Data {
    /// Counts everything anew, after a change.
    pub fn recount(&mut self) {
        self.stamp += 1;
        self.index = Index::default();
        let serves = self.count_serves();
        let Some(result) = self.result.clone() else {
            self.index.serves = serves;
            return;
        };
        for finding in &result.findings {
            if self.in_scope(finding) {
                self.count_finding(finding);
            }
        }
        for listed in &result.evidence {
            if self.in_scope(listed) {
                self.index.evidence.insert(listed.fingerprint.as_str().into(), Arc::clone(listed));
            }
        }
        self.index.serves = serves;
        self.index.gaps = self.count_gaps(&result);
        self.count_mends();
    }

    fn in_scope(&mut self, finding: &Finding) -> bool {
        let other = self.namespace.as_deref().is_some_and(|ns| finding.home() != ns);
        if finding.platform && !other {
            self.index.platform += 1;
        }
        self.is_shown(finding)
    }

    /// Whether a finding is shown, by namespace and platform.
    #[must_use]
    pub fn is_shown(&self, finding: &Finding) -> bool {
        let other = self.namespace.as_deref().is_some_and(|ns| finding.home() != ns);
        !other && (self.platform || !finding.platform)
    }

    /// Takes in what the frameworks come to; what rests on it has to be worked out anew.
    pub(super) fn take_judgement(&mut self, judgement: Judgement) {
        self.tenants.judgement += 1;
        self.show_judgement(judgement);
    }

    /// Shows what the frameworks come to.
    pub(super) fn show_judgement(&mut self, judgement: Judgement) {
        self.judged = Arc::new(judgement.frameworks);
        self.not_judged = Arc::new(judgement.not_judged);
    }

    fn count_finding(&mut self, finding: &Arc<Finding>) {
        let counts = self.is_open(finding);
        let index = &mut self.index;
        let at = index.findings.len();
        index.findings.push(Arc::clone(finding));
        index.by_print.insert(finding.fingerprint.as_str().into(), at);
        index.by_check.entry(Arc::clone(&finding.check)).or_default().push(at);
        let owner = finding.owner.as_ref().filter(|o| finding.object.as_ref() != Some(*o));
        for id in finding.object.iter().chain(owner) {
            change(&mut index.by_object, id, |places| places.push(at));
            if counts {
                change(&mut index.objects, id, |tally| tally.add(finding.severity));
            }
        }
        if counts {
            index.all.add(finding.severity);
            if let Some(tally) = index.namespaces.get_mut(finding.home()) {
                tally.add(finding.severity);
            } else {
                let tally = index.namespaces.entry(finding.home().into()).or_default();
                tally.add(finding.severity);
            }
            if let Some(object) = &finding.object {
                index.kinds.entry(object.group_kind()).or_default().add(finding.severity);
            }
        }
    }

    fn count_serves(&self) -> HashMap<Arc<str>, Vec<ControlRef>> {
        let mut serves: HashMap<Arc<str>, Vec<ControlRef>> = HashMap::new();
        for judged in self.judged.iter() {
            let Some(framework) = self.framework(&judged.id) else { continue };
            for control in &framework.controls {
                for mapping in control.checks.iter().filter(|m| !m.planned) {
                    serves.entry(mapping.id.as_str().into()).or_default().push(ControlRef {
                        framework: framework.id.as_str().into(),
                        control: control.id.as_str().into(),
                        strength: mapping.strength.word(),
                    });
                }
            }
        }
        serves
    }

    fn count_gaps(&self, result: &RunResult) -> Vec<Arc<GapGroup>> {
        // One reason is one row, in however many namespaces it stands.
        let mut groups: BTreeMap<_, GapGroup> = BTreeMap::new();
        for gap in result.not_assessed.iter().filter(|gap| self.platform || !gap.platform) {
            let Missing { read, status, reason, namespace } = &gap.missing;
            let group = groups.entry((read, status, reason)).or_insert_with(|| GapGroup {
                missing: gap.missing.clone(),
                checks: Vec::new(),
                places: 0,
                controls: Vec::new(),
            });
            if group.missing.namespace != *namespace {
                group.missing.namespace = None;
            }
            group.places += gap.count;
            if !group.checks.contains(&gap.check) {
                group.checks.push(Arc::clone(&gap.check));
            }
        }
        let mut groups: Vec<GapGroup> = groups.into_values().collect();
        groups.extend(self.planned());
        for group in &mut groups {
            let served = group.checks.iter().filter_map(|id| self.index.serves.get(id)).flatten();
            let deciding = served.filter(|c| c.strength != "supporting");
            group.controls = deciding.cloned().collect();
            group.controls.sort_by_cached_key(|c| {
                (Arc::clone(&c.framework), natural(&c.control), Arc::clone(&c.control), c.strength)
            });
            group.controls.dedup();
        }
        groups.sort_by_key(|g| std::cmp::Reverse((g.controls.len(), g.checks.len())));
        groups.into_iter().map(Arc::new).collect()
    }

    /// Checks that the frameworks judged rest on and that this version does not have.
    fn planned(&self) -> Option<GapGroup> {
        let known = |id: &Arc<str>| self.content.library.checks.contains_key(id);
        let decides = |refs: &[ControlRef]| refs.iter().any(|c| c.strength != "supporting");
        let missing = self.index.serves.iter().filter(|(id, refs)| !known(id) && decides(refs));
        let mut checks: Vec<Arc<str>> = missing.map(|(id, _)| Arc::clone(id)).collect();
        checks.sort_unstable();
        let missing = Missing {
            read: "checks".to_owned(),
            namespace: None,
            status: ReadStatus::NotAsked,
            reason: "checks that this version does not have yet".to_owned(),
        };
        (!checks.is_empty()).then(|| GapGroup { missing, checks, places: 0, controls: Vec::new() })
    }

    fn count_mends(&mut self) {
        let mut mends: HashMap<Option<&ObjectRef>, (Arc<Finding>, Tally)> = HashMap::new();
        for finding in &self.index.findings {
            if !self.is_open(finding) {
                continue;
            }
            let owner = finding.owner.as_ref().or(finding.object.as_ref());
            // The findings come worst first, so the first one of an owner is its worst.
            let (_, tally) =
                mends.entry(owner).or_insert_with(|| (Arc::clone(finding), Tally::default()));
            tally.add(finding.severity);
        }
        let mut mends: Vec<Mend> = mends
            .into_iter()
            .map(|(owner, (worst, tally))| Mend {
                owner: owner.cloned(),
                worst,
                tally,
                patched: None,
            })
            .collect();
        mends.sort_by(|a, b| b.tally.cmp(&a.tally).then_with(|| a.owner.cmp(&b.owner)));
        mends.truncate(MENDS);
        self.count_patches(&mut mends);
        self.index.mends = mends.into_iter().map(Arc::new).collect();
    }
}

impl Data {
    /// How many findings of each thing to mend have a patch.
    fn count_patches(&self, mends: &mut [Mend]) {
        if self.inventory.is_empty() {
            return;
        }
        let places: HashMap<Option<&ObjectRef>, usize> =
            mends.iter().enumerate().map(|(at, mend)| (mend.owner.as_ref(), at)).collect();
        let mut patched = vec![0_usize; mends.len()];
        for finding in &self.index.findings {
            let owner = finding.owner.as_ref().or(finding.object.as_ref());
            let slot = places.get(&owner).and_then(|at| patched.get_mut(*at));
            if let Some(slot) = slot
                && self.is_open(finding)
                && self.is_patched(finding) == Some(true)
            {
                *slot += 1;
            }
        }
        for (mend, patched) in mends.iter_mut().zip(patched) {
            mend.patched = Some(patched);
        }
    }
}

/// Changes a value of a map; the key is copied only when it is new.
fn change<V: Default>(
    map: &mut HashMap<ObjectRef, V>,
    key: &ObjectRef,
    change: impl FnOnce(&mut V),
) {
    if let Some(value) = map.get_mut(key) {
        return change(value);
    }
    change(map.entry(key.clone()).or_default());
}

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
    pub fn departed(&self, fingerprint: &str) -> Option<&Gone> {
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
                if !control.assessment.asks()
                    || (answer.is_none() && result.status != Status::Manual)
                {
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
                    strength: control.assessment.word(),
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

    /// What is told of the frameworks that are not judged, line by line.
    #[must_use]
    pub fn left_out(&self) -> Vec<String> {
        let judged = self.judged.iter().filter_map(|j| self.framework(&j.id));
        let families = judged.map(|f| f.family()).collect();
        fit::told(&self.not_judged, &families)
    }

    /// A control, and what the last run says of it.
    #[must_use]
    pub fn control(&self, framework: &str, id: &str) -> Option<(&Control, Option<&ControlResult>)> {
        let control = self.framework(framework)?.controls.iter().find(|c| c.id == id)?;
        let judged = self.judged(framework);
        Some((control, judged.and_then(|j| j.controls.iter().find(|c| c.id == id))))
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
