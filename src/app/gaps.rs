//! Why something is unknown: one reason is one row, however many places and objects it stands for, with
//! what can be done about it.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;

use crate::model::finding::RunResult;
use crate::model::inventory::{Problem, SourceKind};
use crate::model::read::{Missing, ReadStatus};
use crate::text::{in_common, of_its_own};

use super::action::Action;
use super::columns::natural;
use super::data::{Data, Serves};
use super::item::ControlRef;
use super::problems::spelt;
use super::route::Screen;
use super::state::State;

/// What stands for checks that frameworks name and this version does not have.
const PLANNED: &str = "checks";

/// One reason why something is unknown, and what rests on it.
#[derive(Clone, Debug)]
pub struct GapGroup {
    /// What is missing. Where reasons were drawn together, `…` stands where they differ.
    pub missing: Missing,
    /// Checks that could not decide for this reason.
    pub checks: Vec<Arc<str>>,
    /// Places that are undecided for this reason; 0 when nothing could be listed.
    pub places: usize,
    /// Controls decided by those checks, of the frameworks and levels judged.
    pub controls: Vec<ControlRef>,
    /// The reasons that were drawn together; empty where it is one alone.
    pub each: Vec<Arc<Self>>,
    /// Of one of those, what it says that the others do not: an image, a namespace.
    pub own: Option<String>,
}

impl GapGroup {
    fn new(missing: Missing) -> Self {
        Self {
            missing,
            checks: Vec::new(),
            places: 0,
            controls: Vec::new(),
            each: Vec::new(),
            own: None,
        }
    }

    /// The reason as a list has it: how many stand for it, or what is its own.
    #[must_use]
    pub fn told(&self) -> String {
        let reason = self.own.as_ref().unwrap_or(&self.missing.reason);
        match self.each.len() {
            0 => reason.clone(),
            many => format!("{many} × {reason}"),
        }
    }

    /// Whether it is a rule that leaves its question open, so that the page of the check says what would
    /// answer it.
    #[must_use]
    pub fn asks_its_check(&self) -> bool {
        self.missing.is_of_rule()
    }

    /// Whether it is one of the reasons by the name of its page.
    fn find(self: &Arc<Self>, reason: &str) -> Option<&Arc<Self>> {
        std::iter::once(self).chain(&self.each).find(|gap| gap.missing.reason == reason)
    }

    /// Reasons that say the same about different things, as one.
    fn together(reason: String, each: Vec<Self>) -> Option<Self> {
        let first = each.first()?;
        let namespace = first.missing.namespace.clone();
        let mut whole = Self::new(Missing { reason, ..first.missing.clone() });
        let mut each = each;
        for gap in &mut each {
            gap.own = Some(of_its_own(&gap.missing.reason, &whole.missing.reason));
            if gap.missing.namespace != namespace {
                whole.missing.namespace = None;
            }
            whole.places += gap.places;
            for check in &gap.checks {
                if !whole.checks.contains(check) {
                    whole.checks.push(Arc::clone(check));
                }
            }
        }
        whole.each = each.into_iter().map(Arc::new).collect();
        Some(whole)
    }

    /// The controls that its checks decide, of those that were judged.
    fn find_controls(&mut self, judged: &HashSet<(&str, &str)>, serves: &Serves) {
        let served = self.checks.iter().filter_map(|id| serves.get(id)).flatten();
        let deciding =
            served.filter(|c| c.decides() && judged.contains(&(&*c.framework, &*c.control)));
        self.controls = deciding.cloned().collect();
        self.controls.sort_by_cached_key(|c| {
            (Arc::clone(&c.framework), natural(&c.control), Arc::clone(&c.control), c.strength)
        });
        self.controls.dedup();
        for gap in &mut self.each {
            let gap = Arc::make_mut(gap);
            // Of one check there may be hundreds, one for each image.
            if gap.checks == self.checks {
                gap.controls.clone_from(&self.controls);
            } else {
                gap.find_controls(judged, serves);
            }
        }
    }
}

impl Data {
    /// Every reason why something is unknown, those that most rests on first.
    pub(super) fn count_gaps(&self, result: &RunResult, serves: &Serves) -> Vec<Arc<GapGroup>> {
        // One reason is one row, in however many namespaces it stands.
        let mut groups: BTreeMap<_, GapGroup> = BTreeMap::new();
        for gap in result.not_assessed.iter().filter(|gap| self.platform || !gap.platform) {
            let Missing { read, status, reason, namespace } = &*gap.missing;
            let group = groups
                .entry((read, status, reason))
                .or_insert_with(|| GapGroup::new(Missing::clone(&gap.missing)));
            if group.missing.namespace != *namespace {
                group.missing.namespace = None;
            }
            group.places += gap.count;
            if !group.checks.contains(&gap.check) {
                group.checks.push(Arc::clone(&gap.check));
            }
        }
        let mut groups = drawn_together(groups.into_values());
        groups.extend(self.planned(serves));
        let mut judged: HashSet<(&str, &str)> = HashSet::new();
        for framework in self.judged.iter() {
            judged.extend(framework.controls.iter().map(|c| (&*framework.id, &*c.id)));
        }
        for group in &mut groups {
            group.find_controls(&judged, serves);
        }
        groups.sort_by_key(|g| std::cmp::Reverse((g.controls.len(), g.checks.len())));
        groups.into_iter().map(Arc::new).collect()
    }

    /// How many reasons are only about the platform itself, and therefore neither shown nor counted.
    pub(super) fn count_gaps_aside(&self, result: &RunResult) -> usize {
        if self.platform {
            return 0;
        }
        let of = |platform| -> BTreeSet<_> {
            let gaps = result.not_assessed.iter().filter(|gap| gap.platform == platform);
            gaps.map(|gap| (&gap.missing.read, gap.missing.status, &gap.missing.reason)).collect()
        };
        of(true).difference(&of(false)).count()
    }

    /// Checks that the frameworks judged rest on and that this version does not have.
    fn planned(&self, serves: &Serves) -> Option<GapGroup> {
        let known = |id: &Arc<str>| self.content.library.checks.contains_key(id);
        let decides = |refs: &[ControlRef]| refs.iter().any(ControlRef::decides);
        let missing = serves.iter().filter(|(id, refs)| !known(id) && decides(refs));
        let mut checks: Vec<Arc<str>> = missing.map(|(id, _)| Arc::clone(id)).collect();
        checks.sort_unstable();
        let missing = Missing {
            read: PLANNED.to_owned(),
            namespace: None,
            status: ReadStatus::NotAsked,
            reason: "checks that this version does not have yet".to_owned(),
        };
        (!checks.is_empty()).then(|| GapGroup { checks, ..GapGroup::new(missing) })
    }

    /// A reason by its words, also one of those that were drawn together.
    #[must_use]
    pub fn gap(&self, reason: &str) -> Option<&Arc<GapGroup>> {
        self.index.gaps.iter().find_map(|gap| gap.find(reason))
    }
}

impl State {
    /// Why it is not known beyond the reason itself, in the words of the read, and what to do about it.
    #[must_use]
    pub fn about_gap(&self, gap: &GapGroup) -> (Option<&str>, Option<String>) {
        let Missing { read, status, reason, .. } = &gap.missing;
        let mut reads = self.data.inventory.reads.iter().filter(|known| {
            let plural = known.resource.rsplit('/').next().unwrap_or_default();
            (plural == read || known.resource == *read) && known.status == *status
        });
        // What a read did not bring, another one may; what the reads that came to an end do not show, none will.
        let unread = reads.clone().next().is_some();
        let why = reads.find_map(|known| known.message.as_deref());
        let next = if *status == ReadStatus::NotAsked && gap.asks_its_check() {
            Some(self.next_of_question(gap))
        } else {
            self.mend(gap).or_else(|| self.next_of_gap(read, *status, (unread, why.is_some())))
        };
        // Some reasons hold the words of the read already.
        (why.filter(|why| !reason.contains(why)), next)
    }

    /// The same of what is missing, whatever rests on it.
    #[must_use]
    pub fn about_missing(&self, missing: Missing) -> (Option<&str>, Option<String>) {
        self.about_gap(&GapGroup::new(missing))
    }

    /// Where the check of a question that a rule leaves open is reached.
    fn next_of_question(&self, gap: &GapGroup) -> String {
        let open = self.keymap.told(Action::Open);
        let check = gap.checks.first().map_or("the check", |id| &**id);
        let place = match self.nav.top().screen {
            Screen::Gap(_) => format!("the first row here, {open} opens it"),
            _ => format!("the first row behind {open}"),
        };
        format!("The page of {check} says what would tell it: {place}.")
    }

    /// What to mend in a file of which not all is known.
    fn mend(&self, gap: &GapGroup) -> Option<String> {
        let (missing, data) = (&gap.missing, &self.data);
        let manifests = data.inventory.source.is_manifests();
        if !manifests || !matches!(missing.status, ReadStatus::Failed | ReadStatus::Partial) {
            return None;
        }
        let run = self.keymap.told(Action::Run);
        let mut problems = data.problems_in(&missing.read);
        let Some(first) = problems.next() else {
            let text = "It was read again, and nothing is wrong there any more";
            return Some(format!("{text}: {run} runs the checks on it."));
        };
        let more = match problems.count() {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        Some(self.told_to_mend(first, &more))
    }

    /// What to do about something that is wrong in a file, and about others.
    #[must_use]
    pub fn told_to_mend(&self, problem: &Problem, more: &str) -> String {
        let place = Problem { column: None, ..problem.clone() };
        let run = self.keymap.told(Action::Run);
        format!("Mend {}{more}, then {run}.", spelt(&place))
    }

    fn next_of_gap(
        &self,
        read: &str,
        status: ReadStatus,
        (unread, told): (bool, bool),
    ) -> Option<String> {
        let again = self.keymap.told(Action::Refresh);
        let kind = self.data.inventory.source.kind;
        Some(match (status, kind) {
            (ReadStatus::Forbidden, _) => format!(
                "`plimsoll role` prints a role with the rights that are missing; {again} reads again."
            ),
            (ReadStatus::Partial, _) if !unread => "An answer, or results of another tool taken in with \
                                                    --import, may stand for what is not seen."
                .to_owned(),
            (ReadStatus::Failed | ReadStatus::Partial, _) => format!("{again} reads again."),
            (ReadStatus::Hidden, _) => "The provider keeps it: an answer, or results of another tool \
                                        taken in with --import, may stand for it."
                .to_owned(),
            (ReadStatus::Complete | ReadStatus::NotServed, _) => return None,
            (ReadStatus::NotAsked, _) if read == PLANNED => {
                "Nothing: a later version may have them. Until then a person, or another tool, has to \
                 look."
                    .to_owned()
            }
            // The words of the read name the option that asks for it.
            (ReadStatus::NotAsked, _) if told => return None,
            (ReadStatus::NotAsked, SourceKind::Files) => {
                "Where the files are everything there is, --complete says so.".to_owned()
            }
            (ReadStatus::NotAsked, SourceKind::Snapshot) => {
                "The capture does not hold it: take it again of the whole cluster, or look at the \
                 cluster itself."
                    .to_owned()
            }
            (ReadStatus::NotAsked, _) => {
                format!("The run that is shown did not ask for it; {} runs every check.", self.keymap.told(Action::Run))
            }
        })
    }
}

/// Reasons that say the same about different things (an image each, a namespace each) as one, with `…`
/// where they differ; all others as they are.
fn drawn_together(all: impl Iterator<Item = GapGroup>) -> Vec<GapGroup> {
    let mut alike: BTreeMap<_, Vec<GapGroup>> = BTreeMap::new();
    for gap in all {
        let likeness = gap.missing.likeness(gap.checks.iter().map(|id| &**id));
        alike.entry(likeness).or_default().push(gap);
    }
    let mut groups = Vec::new();
    for each in alike.into_values() {
        let reasons: Vec<&str> = each.iter().map(|gap| gap.missing.reason.as_str()).collect();
        match in_common(&reasons) {
            Some(reason) => groups.extend(GapGroup::together(reason, each)),
            None => groups.extend(each),
        }
    }
    groups
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::event::Now;
    use crate::app::state::WorkbenchSetup;
    use crate::model::inventory::Inventory;
    use crate::model::read::{RULE, Read};

    fn gap(check: &str, read: &str, reason: &str) -> GapGroup {
        let missing = Missing {
            read: read.to_owned(),
            namespace: None,
            status: ReadStatus::NotAsked,
            reason: reason.to_owned(),
        };
        GapGroup { checks: vec![check.into()], places: 2, ..GapGroup::new(missing) }
    }

    fn reasons(all: Vec<GapGroup>) -> Vec<(String, usize, usize)> {
        let groups = drawn_together(all.into_iter());
        groups.into_iter().map(|g| (g.missing.reason, g.each.len(), g.places)).collect()
    }

    #[test]
    fn what_is_said_of_each_image_is_one_reason_with_the_images_below_it() {
        let of =
            |image: &str| gap("a", RULE, &format!("there is no scan result for image {image}"));
        let got = reasons(vec![of("web:1"), of("db:2"), of("x/y@sha256:0")]);
        assert_eq!(got, [("there is no scan result for image …".to_owned(), 3, 6)]);
    }

    #[test]
    fn reasons_of_other_checks_or_with_little_in_common_stay_apart() {
        let of = |check: &str, text: &str| gap(check, RULE, text);
        let text = "there is no scan result for image web:1";
        assert_eq!(
            reasons(vec![of("a", text), of("b", "there is no scan result for image db:2")]).len(),
            2
        );
        let other = "there was a scan of long ago: web:1";
        assert_eq!(reasons(vec![of("a", text), of("a", other)]).len(), 2);
        assert_eq!(reasons(vec![of("a", text)]), [(text.to_owned(), 0, 2)]);
    }

    #[test]
    fn a_list_that_is_refused_in_many_namespaces_is_one_reason() {
        let of = |check: &str, ns: &str| {
            gap(check, "roles", &format!("cannot list roles in {ns}: forbidden"))
        };
        let got = reasons(vec![of("a", "shop"), of("b", "pay")]);
        assert_eq!(got, [("cannot list roles in …: forbidden".to_owned(), 2, 4)]);
        let groups = drawn_together([of("a", "shop"), of("b", "pay")].into_iter());
        assert_eq!(groups[0].told(), "2 × cannot list roles in …: forbidden");
        let mut own: Vec<String> = groups[0].each.iter().map(|gap| gap.told()).collect();
        own.sort();
        assert_eq!(own, ["pay", "shop"]);
    }

    #[test]
    fn reading_again_is_advised_only_where_it_can_bring_more() {
        let mut state = State::new(WorkbenchSetup::default(), Now::default());
        let missing = Missing {
            read: "pods".to_owned(),
            namespace: None,
            status: ReadStatus::Partial,
            reason: "/flagz answers for one replica of kube-apiserver only".to_owned(),
        };
        let next = |state: &State| state.about_missing(missing.clone()).1.unwrap();
        assert!(next(&state).contains("--import"), "every read came to its end: {}", next(&state));
        let read = Read {
            resource: "v1/pods".to_owned(),
            kind: None,
            namespace: None,
            status: ReadStatus::Partial,
            items: 3,
            message: None,
            millis: None,
        };
        let mut inventory = Inventory::default();
        inventory.reads.push(read);
        state.data.inventory = Arc::new(inventory);
        assert!(next(&state).ends_with("reads again."), "{}", next(&state));
    }
}
