//! What is counted and looked up of the findings that are shown, and how that follows a few that came or
//! went: places among the findings move, tallies change, and all else stays.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap, HashMap, HashSet};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::Arc;

use crate::app::ahead::ReadyRows;
use crate::app::gaps::GapGroup;
use crate::app::item::{ControlRef, ToMend};
use crate::app::patches::owner_of;
use crate::model::finding::Finding;
use crate::model::object::ObjectRef;
use crate::model::severities::BySeverity;

/// By check, the controls it serves.
pub type Serves = HashMap<Arc<str>, Vec<ControlRef>>;

/// What is counted and looked up.
#[derive(Clone, Debug, Default)]
pub struct DataIndex {
    /// Findings that are shown, in the order of reports.
    pub findings: Vec<Arc<Finding>>,
    /// By fingerprint, the place among them.
    pub by_print: HashMap<Arc<str>, usize>,
    /// By check, the places among them.
    pub by_check: HashMap<Arc<str>, Vec<usize>>,
    /// By object and by identity, the places among them.
    pub by_object: HashMap<Arc<ObjectRef>, Vec<usize>>,
    /// The places of those that are on no object.
    pub(super) loose: Vec<usize>,
    /// Findings that count, by object and by identity.
    pub objects: HashMap<Arc<ObjectRef>, BySeverity>,
    /// Findings that count, by namespace; the empty one is the cluster.
    pub namespaces: BTreeMap<Arc<str>, BySeverity>,
    /// Findings that count, by theme of their check.
    pub themes: BTreeMap<Arc<str>, BySeverity>,
    /// Findings that count, of everything.
    pub all: BySeverity,
    /// Findings on the platform itself.
    pub platform: usize,
    /// Where most is gained.
    pub mends: Vec<Arc<ToMend>>,
    /// What is unknown and why, most controls first.
    pub gaps: Vec<Arc<GapGroup>>,
    /// Reasons that are only about the platform itself, where that is not shown.
    pub gaps_aside: usize,
    /// What evidence checks list, by fingerprint.
    pub evidence: HashMap<Arc<str>, Arc<Finding>>,
    /// By check, the controls it serves in the frameworks judged.
    pub serves: Arc<Serves>,
    /// Rows of long lists, where they were made ahead.
    pub ready: ReadyRows,
}

/// The object that a finding is on, and its owner where that is another one.
fn named(finding: &Finding) -> impl Iterator<Item = &ObjectRef> {
    let owner = finding.owner.as_ref().filter(|owner| finding.object.as_ref() != Some(*owner));
    finding.object.iter().chain(owner)
}

impl DataIndex {
    /// Takes in one more finding, after all others.
    pub(super) fn add(&mut self, finding: &Arc<Finding>) {
        let at = self.findings.len();
        self.findings.push(Arc::clone(finding));
        self.note(finding, at);
    }

    fn note(&mut self, finding: &Finding, at: usize) {
        self.by_print.insert(finding.fingerprint.as_str().into(), at);
        if let Some(places) = self.by_check.get_mut(&finding.check) {
            places.push(at);
        } else {
            self.by_check.insert(Arc::clone(&finding.check), vec![at]);
        }
        for id in named(finding) {
            change(&mut self.by_object, id, |places| places.push(at));
        }
        if owner_of(finding).is_none() {
            self.loose.push(at);
        }
    }

    /// Goes over to other findings: `gone` are not among them any more, `new` of them were not there
    /// before, and the others stand in the order they had. Tallies stay as they are. False if that is not
    /// so, after which nothing holds.
    pub(super) fn follow(
        &mut self,
        gone: &[&Arc<Finding>],
        new: usize,
        findings: Vec<Arc<Finding>>,
    ) -> bool {
        let Some(shifts) = Shifts::between(&self.findings, &findings, gone) else { return false };
        if shifts.new.len() != new {
            return false;
        }
        for finding in gone {
            self.by_print.remove(finding.fingerprint.as_str());
        }
        if shifts.moves() {
            let lists = self.by_check.values_mut().chain(self.by_object.values_mut());
            for list in lists.chain([&mut self.loose]) {
                shifts.carry(list);
            }
            self.by_check.retain(|_, places| !places.is_empty());
            self.by_object.retain(|_, places| !places.is_empty());
            for at in self.by_print.values_mut() {
                *at = shifts.of(*at).unwrap_or(*at);
            }
        }
        self.findings = findings;
        for at in &shifts.new {
            let Some(finding) = self.findings.get(*at).cloned() else { return false };
            self.note(&finding, *at);
            let of_check = self.by_check.get_mut(&finding.check).into_iter();
            of_check.for_each(|places| places.sort_unstable());
            for id in named(&finding) {
                self.by_object.get_mut(id).into_iter().for_each(|places| places.sort_unstable());
            }
        }
        self.loose.sort_unstable();
        true
    }

    /// Counts a finding that counts from now on, or no longer.
    pub(super) fn tally(&mut self, finding: &Finding, theme: Option<&Arc<str>>, counts: bool) {
        let severity = finding.severity;
        let one = |tally: &mut BySeverity| {
            if counts { tally.add(severity) } else { tally.remove(severity) }
        };
        for id in named(finding) {
            change(&mut self.objects, id, one);
        }
        one(&mut self.all);
        if let Some(theme) = theme {
            if let Some(tally) = self.themes.get_mut(theme) {
                one(tally);
            } else {
                one(self.themes.entry(Arc::clone(theme)).or_default());
            }
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
        for id in named(finding) {
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

    /// So many identities whose findings are worth mending most, the best first. What counts on an
    /// object is never less than what would be mended there, so that only the first few are gone into.
    pub(super) fn count_mends(
        &self,
        most: usize,
        is_open: impl Fn(&Finding) -> bool,
    ) -> Vec<Arc<ToMend>> {
        let mut mends: Vec<ToMend> = Vec::new();
        let sort = |mends: &mut Vec<ToMend>| {
            mends.sort_by(|a, b| b.tally.cmp(&a.tally).then_with(|| a.owner.cmp(&b.owner)));
            mends.truncate(most);
        };
        mends.extend(self.mend(None, &self.loose, &is_open));
        let mut rest: BinaryHeap<(BySeverity, Reverse<&ObjectRef>)> =
            self.objects.iter().map(|(id, tally)| (*tally, Reverse(&**id))).collect();
        while let Some((tally, Reverse(id))) = rest.pop() {
            let last = mends.get(most.saturating_sub(1));
            if last.is_some_and(|last| {
                (tally, Reverse(Some(id))) <= (last.tally, Reverse(last.owner.as_ref()))
            }) {
                break;
            }
            let places = self.by_object.get(id).map(Vec::as_slice).unwrap_or_default();
            mends.extend(self.mend(Some(id), places, &is_open));
            sort(&mut mends);
        }
        mends.into_iter().map(Arc::new).collect()
    }

    /// What is mended with an identity, of the findings at these places.
    fn mend(
        &self,
        owner: Option<&ObjectRef>,
        places: &[usize],
        is_open: impl Fn(&Finding) -> bool,
    ) -> Option<ToMend> {
        let found = places.iter().filter_map(|at| self.findings.get(*at));
        let mut found = found.filter(|f| owner_of(f) == owner && is_open(f)).peekable();
        // They come worst first, so the first one of an owner is its worst.
        let worst = Arc::clone(found.peek()?);
        let (mut tally, mut key) = (BySeverity::default(), DefaultHasher::new());
        for finding in found {
            tally.add(finding.severity);
            finding.fingerprint.hash(&mut key);
        }
        Some(ToMend { owner: owner.cloned(), worst, tally, key: key.finish() })
    }
}

/// Where findings of one list stand in a later one.
struct Shifts {
    /// From which place on, by how much.
    from: Vec<(usize, isize)>,
    /// The places of those that are gone.
    gone: Vec<usize>,
    /// The places, in the later list, of those that are new.
    new: Vec<usize>,
}

impl Shifts {
    /// None where findings that are not gone are missing.
    fn between(
        before: &[Arc<Finding>],
        after: &[Arc<Finding>],
        gone: &[&Arc<Finding>],
    ) -> Option<Self> {
        let goes: HashSet<*const Finding> =
            gone.iter().map(|finding| Arc::as_ptr(finding)).collect();
        let mut shifts = Self { from: Vec::new(), gone: Vec::new(), new: Vec::new() };
        let (mut i, mut j, mut by) = (0, 0, 0);
        loop {
            match (before.get(i), after.get(j)) {
                (None, None) => return Some(shifts),
                (Some(one), Some(other)) if Arc::ptr_eq(one, other) => {
                    let now = j.cast_signed() - i.cast_signed();
                    if now != by {
                        by = now;
                        shifts.from.push((i, by));
                    }
                    (i, j) = (i + 1, j + 1);
                }
                (Some(one), _) if goes.contains(&Arc::as_ptr(one)) => {
                    shifts.gone.push(i);
                    i += 1;
                }
                (_, Some(_)) => {
                    shifts.new.push(j);
                    j += 1;
                }
                (Some(_), None) => return None,
            }
        }
    }

    /// Whether any place is another one.
    fn moves(&self) -> bool {
        !(self.from.is_empty() && self.gone.is_empty())
    }

    fn of(&self, at: usize) -> Option<usize> {
        if self.gone.binary_search(&at).is_ok() {
            return None;
        }
        let next = self.from.partition_point(|(from, _)| *from <= at);
        let by = next.checked_sub(1).and_then(|last| self.from.get(last)).map_or(0, |(_, by)| *by);
        at.checked_add_signed(by)
    }

    /// Carries places over; those of what is gone go.
    fn carry(&self, places: &mut Vec<usize>) {
        places.retain_mut(|at| match self.of(*at) {
            Some(now) => {
                *at = now;
                true
            }
            None => false,
        });
    }
}

/// Changes a value of a map; the key is copied only when it is new.
fn change<V: Default>(
    map: &mut HashMap<Arc<ObjectRef>, V>,
    key: &ObjectRef,
    change: impl FnOnce(&mut V),
) {
    if let Some(value) = map.get_mut(key) {
        return change(value);
    }
    change(map.entry(Arc::new(key.clone())).or_default());
}
