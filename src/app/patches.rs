//! How many findings of each thing to mend a patch changes: asked for when they are shown, because
//! making the patches takes longer than a frame may.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use crate::model::finding::Finding;
use crate::model::object::ObjectRef;

use super::data::Data;
use super::effect::Effect;
use super::item::ToMend;
use super::route::Screen;
use super::state::State;

/// How many things to mend are shown.
pub(super) const SHOWN: usize = 10;

/// One thing to mend, of whose findings those are to be counted that a patch changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Patching {
    /// The identity that would be mended; none for the cluster as a whole.
    pub owner: Option<ObjectRef>,
    /// The number of its findings as they are now.
    pub key: u64,
    /// Their fingerprints, in order.
    pub prints: Vec<String>,
}

/// What is known of patches.
#[derive(Clone, Debug, Default)]
pub struct PatchCounts {
    /// By what would be mended: for which findings, and how many of them; none while it is awaited.
    known: HashMap<Option<ObjectRef>, (u64, Option<usize>)>,
}

impl PatchCounts {
    /// How many findings of something to mend a patch changes; none while that is not known.
    #[must_use]
    pub fn of(&self, mend: &ToMend) -> Option<usize> {
        let (key, count) = self.known.get(&mend.owner)?;
        count.filter(|_| *key == mend.key)
    }

    fn is_asked(&self, mend: &ToMend) -> bool {
        self.known.get(&mend.owner).is_some_and(|(key, _)| *key == mend.key)
    }

    /// Takes an answer in, unless the findings are others by now.
    pub(super) fn take(&mut self, owner: Option<ObjectRef>, key: u64, count: usize) {
        self.known.entry(owner).and_modify(|known| {
            if known.0 == key {
                known.1 = Some(count);
            }
        });
    }
}

impl State {
    /// Asks for what is shown of things to mend and is not known yet.
    pub(super) fn follow_patches(&mut self) -> Option<Effect> {
        let shown = matches!(self.nav.top().screen, Screen::Overview);
        if !shown || self.run.is_some() || self.data.inventory.is_empty() {
            return None;
        }
        let unknown = |mend: &&Arc<ToMend>| !self.data.patches.is_asked(mend);
        let mends: Vec<Arc<ToMend>> =
            self.data.index.mends.iter().take(SHOWN).filter(unknown).cloned().collect();
        if mends.is_empty() {
            return None;
        }
        let asked = self.data.patching(&mends);
        // What is no longer among them is asked for again when it comes back.
        let now = self.data.index.mends.iter().map(|mend| mend.owner.clone());
        let now: HashSet<Option<ObjectRef>> = now.collect();
        self.data.patches.known.retain(|owner, _| now.contains(owner));
        for one in &asked {
            self.data.patches.known.insert(one.owner.clone(), (one.key, None));
        }
        Some(Effect::CountPatches(asked))
    }
}

impl Data {
    /// The findings of things to mend, as they are patched together.
    fn patching(&self, mends: &[Arc<ToMend>]) -> Vec<Patching> {
        let places: HashMap<Option<&ObjectRef>, usize> =
            mends.iter().enumerate().map(|(at, mend)| (mend.owner.as_ref(), at)).collect();
        let asked = |mend: &Arc<ToMend>| Patching {
            owner: mend.owner.clone(),
            key: mend.key,
            prints: Vec::new(),
        };
        let mut asked: Vec<Patching> = mends.iter().map(asked).collect();
        for finding in &self.index.findings {
            let slot = places.get(&owner_of(finding)).and_then(|at| asked.get_mut(*at));
            if let Some(slot) = slot
                && self.is_open(finding)
            {
                slot.prints.push(finding.fingerprint.clone());
            }
        }
        asked
    }
}

/// The identity that would be mended.
pub(super) fn owner_of(finding: &Finding) -> Option<&ObjectRef> {
    finding.owner.as_ref().or(finding.object.as_ref())
}
