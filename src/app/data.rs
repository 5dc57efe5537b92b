//! What the workbench shows: the inventory, the content, the last run and the decisions, with the
//! counts that the screens need.

mod lookup;

use std::collections::{BTreeMap, HashMap};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::Arc;

use crate::checks::{Library, Params};
use crate::frameworks::{FrameworkResult, Judgement, NotJudged, Set};
use crate::model::decision::Past;
use crate::model::finding::{Finding, RunResult};
use crate::model::inventory::Inventory;
use crate::model::ledger::Ledger;
use crate::model::object::ObjectRef;
use crate::model::read::{Missing, ReadStatus};
use crate::model::severities::BySeverity;
use crate::triage::Brought;

use super::ahead::Ready;
use super::columns::natural;
use super::item::{ControlRef, GapGroup, Mend};
use super::live::Live;
use super::narrowed::Narrowed;
use super::patches::{Patches, owner_of};
use super::relations::Relations;
use super::tenants::Tenants;

/// How many things to mend are worked out: for each of their findings a patch is tried.
const MENDS: usize = 10;

/// Checks and frameworks.
#[derive(Clone, Debug, Default)]
pub struct Content {
    /// Checks.
    pub library: Arc<Library>,
    /// Frameworks.
    pub frameworks: Arc<Set>,
    /// Days after which results of other tools count no more; none where nothing else was configured.
    pub max_import_age: Option<u32>,
    /// Parameters that were changed.
    pub params: Params,
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
    /// What the frameworks come to in the namespace that is chosen.
    pub narrowed: Narrowed,
    /// How many findings of each thing to mend a patch changes, as far as it is known.
    pub patches: Patches,
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
    pub index: Arc<Index>,
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
    pub objects: HashMap<ObjectRef, BySeverity>,
    /// Findings that count, by namespace; the empty one is the cluster.
    pub namespaces: BTreeMap<Arc<str>, BySeverity>,
    /// Findings that count, by theme of their check.
    pub themes: BTreeMap<Arc<str>, BySeverity>,
    /// Findings that count, of everything.
    pub all: BySeverity,
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
    /// Rows of long lists, where they were made ahead.
    pub ready: Ready,
}

/// The owner of what a finding is on, where that is another object.
fn apart(finding: &Finding) -> Option<&ObjectRef> {
    finding.owner.as_ref().filter(|owner| finding.object.as_ref() != Some(*owner))
}

impl Index {
    /// Counts a finding that counts from now on, or no longer.
    fn tally(&mut self, finding: &Finding, theme: Option<&Arc<str>>, counts: bool) {
        let severity = finding.severity;
        let one = |tally: &mut BySeverity| {
            if counts { tally.add(severity) } else { tally.remove(severity) }
        };
        for id in finding.object.iter().chain(apart(finding)) {
            change(&mut self.objects, id, one);
        }
        one(&mut self.all);
        if let Some(theme) = theme {
            one(self.themes.entry(Arc::clone(theme)).or_default());
        }
        if let Some(tally) = self.namespaces.get_mut(finding.home()) {
            one(tally);
        } else {
            one(self.namespaces.entry(finding.home().into()).or_default());
        }
        if !counts {
            self.forget_empty(finding, theme);
        }
    }

    /// What nothing counts in any more is in no list.
    fn forget_empty(&mut self, finding: &Finding, theme: Option<&Arc<str>>) {
        let empty = |tally: Option<&BySeverity>| tally.is_some_and(|tally| tally.total() == 0);
        for id in finding.object.iter().chain(apart(finding)) {
            if empty(self.objects.get(id)) {
                self.objects.remove(id);
            }
        }
        if let Some(theme) = theme.filter(|theme| empty(self.themes.get(*theme))) {
            self.themes.remove(theme);
        }
        if empty(self.namespaces.get(finding.home())) {
            self.namespaces.remove(finding.home());
        }
    }
}

impl Data {
    /// Counts everything anew, after a change.
    pub fn recount(&mut self) {
        self.stamp += 1;
        let serves = self.count_serves();
        self.index = Arc::new(Index { serves, ..Index::default() });
        let Some(result) = self.result.clone() else { return };
        for finding in &result.findings {
            if self.in_scope(finding) {
                self.count_finding(finding);
            }
        }
        for listed in &result.evidence {
            if self.in_scope(listed) {
                let print = listed.fingerprint.as_str().into();
                Arc::make_mut(&mut self.index).evidence.insert(print, Arc::clone(listed));
            }
        }
        let gaps = self.count_gaps(&result);
        Arc::make_mut(&mut self.index).gaps = gaps;
        let mends = self.count_mends();
        Arc::make_mut(&mut self.index).mends = mends;
    }

    fn in_scope(&mut self, finding: &Finding) -> bool {
        let other = self.namespace.as_deref().is_some_and(|ns| finding.home() != ns);
        if finding.platform && !other {
            Arc::make_mut(&mut self.index).platform += 1;
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

    /// Takes in decisions that are on disk. The counts follow at once; what else comes of them, for the
    /// frameworks and for what to mend first, is told when it was judged.
    pub(super) fn decided(&mut self, changes: Vec<(Arc<str>, Arc<Past>)>) {
        for (fingerprint, past) in changes {
            let place = self.index.by_print.get(&fingerprint);
            let finding = place.and_then(|at| self.index.findings.get(*at)).cloned();
            let counted = finding.as_ref().is_some_and(|finding| self.is_open(finding));
            Arc::make_mut(&mut self.ledger).decided(fingerprint, past);
            let Some(finding) = finding else { continue };
            let counts = self.is_open(&finding);
            if counts != counted {
                let theme = self.theme_of(&finding);
                Arc::make_mut(&mut self.index).tally(&finding, theme.as_ref(), counts);
            }
        }
        self.stamp += 1;
    }

    fn theme_of(&self, finding: &Finding) -> Option<Arc<str>> {
        self.content.library.checks.get(&finding.check).map(|check| Arc::clone(&check.theme))
    }

    fn count_finding(&mut self, finding: &Arc<Finding>) {
        let counts = self.is_open(finding);
        let theme = self.theme_of(finding);
        let index = Arc::make_mut(&mut self.index);
        let at = index.findings.len();
        index.findings.push(Arc::clone(finding));
        index.by_print.insert(finding.fingerprint.as_str().into(), at);
        index.by_check.entry(Arc::clone(&finding.check)).or_default().push(at);
        for id in finding.object.iter().chain(apart(finding)) {
            change(&mut index.by_object, id, |places| places.push(at));
        }
        if counts {
            index.tally(finding, theme.as_ref(), true);
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
            let Missing { read, status, reason, namespace } = &*gap.missing;
            let group = groups.entry((read, status, reason)).or_insert_with(|| GapGroup {
                missing: Missing::clone(&gap.missing),
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

    fn count_mends(&self) -> Vec<Arc<Mend>> {
        let mut mends: HashMap<Option<&ObjectRef>, (Arc<Finding>, BySeverity, DefaultHasher)> =
            HashMap::new();
        for finding in &self.index.findings {
            if !self.is_open(finding) {
                continue;
            }
            // The findings come worst first, so the first one of an owner is its worst.
            let (_, tally, key) = mends.entry(owner_of(finding)).or_insert_with(|| {
                (Arc::clone(finding), BySeverity::default(), DefaultHasher::new())
            });
            tally.add(finding.severity);
            finding.fingerprint.hash(key);
        }
        let mut mends: Vec<Mend> = mends
            .into_iter()
            .map(|(owner, (worst, tally, key))| Mend {
                owner: owner.cloned(),
                worst,
                tally,
                key: key.finish(),
            })
            .collect();
        mends.sort_by(|a, b| b.tally.cmp(&a.tally).then_with(|| a.owner.cmp(&b.owner)));
        mends.truncate(MENDS);
        mends.into_iter().map(Arc::new).collect()
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
