//! What checks come to is worked out once for pods that are the same to them, and replayed for the
//! others. The pods of one controller are: they differ in name, node, address, and in the name of
//! the volume of their token, at which most checks do not look.
//!
//! A check is steady if its text proves that it looks at nothing but certain places of the object,
//! at facts about it, and at what is the same for its whole namespace. Two objects of one kind and
//! namespace in which all places of all steady checks are equal, and all facts they look at, are
//! in one sight. Checks that look at what some pods have of their own are a tier for themselves, so
//! that the others are replayed for these pods as well; and so are checks that look at nothing but what
//! is alike in a pod and in the template that it is made of, which are replayed from the one to the other.

use std::borrow::Cow;
use std::rc::Rc;

use rustc_hash::FxHashMap;

use crate::model::read::Missing;

use super::cel::eval::Frame;
use super::judge::{Hit, Item, Known, Outcome};
use super::merge::{Key, Sink};
use super::run::Group;
use super::scope::Scope;
use super::target::Element;
use super::worker::{Looked, Subject, Worker, shown};

mod look;
mod places;
mod unsteady;
mod view;

pub(super) use look::ReadTree;
pub(super) use places::{PerTier, Steady, Tier, Where};
use view::Sight;
pub(super) use view::View;

/// Most sights of a tier that a worker remembers: pods of one controller are read one after the
/// other.
const MAX_SIGHTS: usize = 128;

/// What the steady checks came to on one object.
pub(super) struct Record {
    /// The digest of the identity for which the keys are.
    identity: u128,
    passes: Vec<u32>,
    not_applicable: Vec<u32>,
    hits: Vec<RecordedFail>,
    open: Vec<Question>,
    /// Checks that have to look at each object after all.
    unsettled: Vec<(u32, Element)>,
}

/// Where a check failed.
struct RecordedFail {
    check: u32,
    element: Element,
    hit: Hit,
    key: Key,
}

/// What a check leaves open.
struct Question {
    check: u32,
    element: Element,
    missing: Missing,
    key: Key,
}

impl Record {
    fn new(identity: u128) -> Self {
        Self {
            identity,
            passes: Vec::new(),
            not_applicable: Vec::new(),
            hits: Vec::new(),
            open: Vec::new(),
            unsettled: Vec::new(),
        }
    }

    /// Takes down an outcome, and says whether its hits, or what it leaves open, are to be taken
    /// down as well. `sure` is none where it may hang on more than the check sees.
    pub(super) fn came_to(
        &mut self,
        check: u32,
        element: Element,
        outcome: &Outcome<'_>,
        sure: Option<Steady>,
    ) -> bool {
        match (outcome, sure) {
            (Outcome::Pass, Some(_)) => self.passes.push(check),
            (Outcome::NotApplicable, Some(_)) => self.not_applicable.push(check),
            (Outcome::Fail, Some(Steady { fails: true, .. }))
            // Why a fact is not known, which is not compared, is lent by the fact.
            | (Outcome::Unknown(Cow::Owned(_)), Some(Steady { opens: true, .. })) => return true,
            _ => self.unsettled(check, element),
        }
        false
    }

    /// Nothing can be said of a check but by itself.
    pub(super) fn unsettled(&mut self, check: u32, element: Element) {
        self.unsettled.push((check, element));
    }

    pub(super) fn hit(&mut self, check: u32, element: Element, hit: &Hit, key: Key) {
        self.hits.push(RecordedFail { check, element, hit: hit.clone(), key });
    }

    pub(super) fn does_not_apply(&mut self, check: u32) {
        self.not_applicable.push(check);
    }

    pub(super) fn open(&mut self, check: u32, element: Element, missing: Missing, key: Key) {
        self.open.push(Question { check, element, missing, key });
    }
}

/// Whether a place may lie in a list of which not everything is looked at, where it is called by
/// what stands there.
fn anywhere(element: Element, item: &Item) -> bool {
    matches!(element, Element::Volume(_)) || *item != Item::Whole
}

/// What a worker remembers of the checks of each tier.
pub(super) type Remembered<'a> = PerTier<OfTier<'a>>;

/// By hash of the sight. The sight itself is compared as well.
#[derive(Default)]
pub(super) struct OfTier<'a>(FxHashMap<u64, Rc<(Sight<'a>, Record)>>);

impl<'a> OfTier<'a> {
    fn get(&self, hash: u64, sight: &Sight<'a>) -> Option<Rc<(Sight<'a>, Record)>> {
        self.0.get(&hash).filter(|known| known.0 == *sight).map(Rc::clone)
    }

    fn put(&mut self, hash: u64, sight: Sight<'a>, record: Record) {
        if self.0.len() >= MAX_SIGHTS {
            self.0.clear();
        }
        self.0.insert(hash, Rc::new((sight, record)));
    }
}

/// The checks of one tier, of all groups of a kind.
#[derive(Clone, Copy)]
struct OfOneTier<'g> {
    groups: &'g [Group],
    tier: Tier,
}

impl<'g> OfOneTier<'g> {
    /// By scope, where there are any.
    fn by_scope(self) -> impl Iterator<Item = (Scope, &'g [u32])> {
        let checks = move |group: &'g Group| (group.scope, group.of_tier(self.tier));
        self.groups.iter().map(checks).filter(|(_, checks)| !checks.is_empty())
    }
}

/// An object under judgement, with what is known of it.
#[derive(Clone, Copy)]
struct AtHand<'s, 'p, 'a, 'k> {
    subject: &'s Subject<'p, 'a>,
    known: &'k Known,
}

impl<'s, 'a, 'k> AtHand<'s, '_, 'a, 'k> {
    fn look(&self, element: Element) -> Looked<'s, 'a, 'k> {
        Looked::new(self.subject, element, self.known)
    }
}

impl<'r, 'a> Worker<'r, 'a> {
    /// The steady checks of an object's kind, which has this place in the run.
    pub(super) fn steady<'f, 'k: 'f>(
        &mut self,
        kind: usize,
        subject: &Subject<'_, 'a>,
        known: &'k Known,
        frame: &mut Frame<'f>,
        sink: &mut Sink,
    ) where
        'r: 'f,
    {
        let groups = self.run.kinds.get(kind).map(|(_, groups)| &**groups).unwrap_or_default();
        let object = AtHand { subject, known };
        for tier in Tier::ALL {
            let checks = OfOneTier { groups, tier };
            if checks.by_scope().next().is_none() {
                continue;
            }
            let Some(sight) = self.run.view.sight(tier, kind, subject.parts, known) else {
                self.work_out(checks, &object, frame, sink, None);
                continue;
            };
            let (hash, identity) = (sight.hash(), self.identity(subject).finish());
            if let Some(remembered) = self.remembered.of(tier).get(hash, &sight) {
                self.replay(&remembered.1, identity, &object, frame, sink);
                continue;
            }
            let mut record = Record::new(identity);
            self.work_out(checks, &object, frame, sink, Some(&mut record));
            // What is told of an object with very many faults hangs on which were found before.
            if !self.tab.is_crowded() {
                self.remembered.of_mut(tier).put(hash, sight, record);
            }
        }
    }

    fn work_out<'f, 'k: 'f>(
        &mut self,
        checks: OfOneTier<'_>,
        object: &AtHand<'_, '_, 'a, 'k>,
        frame: &mut Frame<'f>,
        sink: &mut Sink,
        mut record: Option<&mut Record>,
    ) where
        'r: 'f,
    {
        for (scope, checks) in checks.by_scope() {
            for element in object.subject.parts.elements(scope) {
                object.subject.parts.bind(frame, element);
                let looked = object.look(element);
                for &at in checks {
                    self.check(at, &looked, frame, sink, record.as_deref_mut());
                }
            }
        }
    }

    /// Does what the checks did on an object that is the same to them.
    fn replay<'f, 'k: 'f>(
        &mut self,
        record: &Record,
        identity: u128,
        object: &AtHand<'_, '_, 'a, 'k>,
        frame: &mut Frame<'f>,
        sink: &mut Sink,
    ) where
        'r: 'f,
    {
        let subject = object.subject;
        if subject.counts {
            record.passes.iter().for_each(|check| sink.pass(*check));
            record.not_applicable.iter().for_each(|check| sink.not_applicable(*check));
        }
        for RecordedFail { check, element, hit, key } in &record.hits {
            let key = match self.run.check(*check) {
                Some(compiled) if record.identity != identity || anywhere(*element, &hit.item) => {
                    self.key(*check, compiled, &object.look(*element), hit)
                }
                _ => *key,
            };
            sink.hit(key, shown(subject, *element, hit.clone()));
        }
        for Question { check, element, missing, key } in &record.open {
            let looked = object.look(*element);
            let same = record.identity == identity && !anywhere(*element, &Item::Whole);
            let key = if same { *key } else { self.whole_key(*check, &looked) };
            self.open(key, &looked, missing, sink);
        }
        for (check, element) in &record.unsettled {
            subject.parts.bind(frame, *element);
            self.check(*check, &object.look(*element), frame, sink, None);
        }
    }
}
