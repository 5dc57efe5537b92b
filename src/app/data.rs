//! What the workbench shows: the inventory, the content, the last run and the decisions, with the
//! counts that the screens need.

mod index;
mod lookup;

use std::collections::HashMap;
use std::sync::Arc;

use crate::checks::{Library, Params};
use crate::frameworks::{FrameworkResult, Judgement, NotJudged, Set};
use crate::model::decision::PastDecision;
use crate::model::finding::{Finding, RunResult};
use crate::model::inventory::Inventory;
use crate::model::ledger::Ledger;
use crate::triage::Brought;

use super::ahead::ReadyRows;
use super::item::ControlRef;
use super::live::{LiveState, apart};
use super::narrowed::NarrowedScores;
use super::patches::PatchCounts;
use super::relations::Relations;
use super::tenants::TenantsState;
pub use index::{DataIndex, Serves};

/// How many things to mend are worked out: for each of their findings a patch is tried.
const MENDS: usize = 10;
/// Where more than one in so many findings are others, everything is counted anew.
const MOST_ANEW: usize = 4;

/// Checks and frameworks.
#[derive(Clone, Debug, Default)]
pub struct ShownContent {
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
    pub content: Arc<ShownContent>,
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
    pub live: LiveState,
    /// What the tenants come to, as far as it was worked out.
    pub tenants: TenantsState,
    /// What the frameworks come to in the namespace that is chosen.
    pub narrowed: NarrowedScores,
    /// How many findings of each thing to mend a patch changes, as far as it is known.
    pub patches: PatchCounts,
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
    pub index: Arc<DataIndex>,
    /// Grows with every change.
    pub stamp: u64,
}

impl Data {
    /// Counts everything anew, after a change.
    pub fn recount(&mut self) {
        self.stamp += 1;
        let serves = Arc::new(self.count_serves());
        let mut index = DataIndex { serves, ..DataIndex::default() };
        if let Some(result) = self.result.clone() {
            let mut themes = Themes::default();
            for finding in &result.findings {
                index.platform += usize::from(self.is_aside(finding));
                if self.is_shown(finding) {
                    index.add(finding);
                    if self.is_open(finding) {
                        let theme = themes.of(self, finding);
                        index.tally(finding, theme.as_ref(), true);
                    }
                }
            }
            self.count_rest(&mut index, &result);
        }
        self.index = Arc::new(index);
    }

    /// The same from what was counted of an earlier result by the same decisions, in the same places: only
    /// what is not in both is counted. False where that is too much, or does not fit: nothing is counted
    /// then.
    pub(super) fn recount_after(&mut self, earlier: &RunResult, index: &DataIndex) -> bool {
        let Some(result) = self.result.clone() else { return false };
        let (gone, new) = apart(&earlier.findings, &result.findings);
        if gone.len() + new.len() > index.findings.len() / MOST_ANEW {
            return false;
        }
        let mut index = index.clone();
        index.ready = ReadyRows::default();
        let aside = |all: &[&Arc<Finding>]| all.iter().filter(|f| self.is_aside(f)).count();
        let listed: Vec<&Arc<Finding>> = earlier.evidence.iter().collect();
        index.platform =
            (index.platform + aside(&new)).saturating_sub(aside(&gone) + aside(&listed));
        let shown = |finding: &&Arc<Finding>| self.is_shown(finding);
        let gone: Vec<&Arc<Finding>> = gone.into_iter().filter(shown).collect();
        let new: Vec<&Arc<Finding>> = new.into_iter().filter(shown).collect();
        let findings = result.findings.iter().filter(shown).cloned().collect();
        if !index.follow(&gone, new.len(), findings) {
            return false;
        }
        let mut themes = Themes::default();
        let went = gone.into_iter().map(|finding| (finding, false));
        for (finding, came) in went.chain(new.into_iter().map(|finding| (finding, true))) {
            if self.is_open(finding) {
                index.tally(finding, themes.of(self, finding).as_ref(), came);
            }
        }
        index.evidence.clear();
        self.count_rest(&mut index, &result);
        self.index = Arc::new(index);
        self.stamp += 1;
        true
    }

    /// What does not grow with the findings.
    fn count_rest(&self, index: &mut DataIndex, result: &RunResult) {
        for listed in &result.evidence {
            index.platform += usize::from(self.is_aside(listed));
            if self.is_shown(listed) {
                index.evidence.insert(listed.fingerprint.as_str().into(), Arc::clone(listed));
            }
        }
        index.gaps = self.count_gaps(result, &index.serves);
        index.gaps_aside = self.count_gaps_aside(result);
        index.mends = index.count_mends(MENDS, |finding| self.is_open(finding));
    }

    /// Whether a finding is one of the platform's, in the place that is looked at.
    fn is_aside(&self, finding: &Finding) -> bool {
        let other = self.namespace.as_deref().is_some_and(|ns| finding.home() != ns);
        finding.platform && !other
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
    pub(super) fn decided(&mut self, changes: Vec<(Arc<str>, Arc<PastDecision>)>) {
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

    fn count_serves(&self) -> Serves {
        let mut serves = Serves::new();
        for judged in self.judged.iter() {
            let Some(framework) = self.framework(&judged.id) else { continue };
            for control in &framework.controls {
                for mapping in control.checks.iter().filter(|m| !m.planned) {
                    serves.entry(mapping.id.as_str().into()).or_default().push(ControlRef {
                        framework: framework.id.as_str().into(),
                        control: control.id.as_str().into(),
                        strength: Some(mapping.strength),
                    });
                }
            }
        }
        serves
    }
}

/// The themes of checks, as findings come: most are of the same check as the one before.
#[derive(Default)]
struct Themes(Option<(Arc<str>, Option<Arc<str>>)>);

impl Themes {
    fn of(&mut self, data: &Data, finding: &Finding) -> Option<Arc<str>> {
        if let Some((_, theme)) = self.0.as_ref().filter(|(check, _)| *check == finding.check) {
            return theme.clone();
        }
        let theme = data.theme_of(finding);
        self.0 = Some((Arc::clone(&finding.check), theme.clone()));
        theme
    }
}
