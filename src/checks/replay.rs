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
use super::target::Element;
use super::worker::{Looked, Subject, Worker, shown};

mod look;
mod places;
mod view;

pub(super) use look::Look;
pub(super) use places::Steady;
use view::Sight;
pub(super) use view::{TIERS, View};

/// Most sights of a tier that a worker remembers: pods of one controller are read one after the
/// other.
const MAX_SIGHTS: usize = 128;

/// What the steady checks came to on one object.
pub(super) struct Record {
    /// The digest of the identity for which the keys are.
    identity: u128,
    passes: Vec<u32>,
    not_applicable: Vec<u32>,
    hits: Vec<Fault>,
    open: Vec<Question>,
    /// Checks that have to look at each object after all.
    unsettled: Vec<(u32, Element)>,
}

struct Fault {
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
        self.hits.push(Fault { check, element, hit: hit.clone(), key });
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
pub(super) type Remembered<'a> = [OfTier<'a>; TIERS];

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
        for tier in 0..TIERS {
            if groups.iter().all(|group| group.of_tier(tier).is_empty()) {
                continue;
            }
            let Some(sight) = self.run.view.sight(tier, kind, subject.parts, known) else {
                self.work_out((groups, tier), (subject, known), frame, sink, None);
                continue;
            };
            let (hash, identity) = (sight.hash(), self.identity(subject).finish());
            if let Some(of_tier) = self.remembered.get(tier)
                && let Some(remembered) = of_tier.get(hash, &sight)
            {
                self.replay(&remembered.1, identity, (subject, known), frame, sink);
                continue;
            }
            let mut record = Record::new(identity);
            self.work_out((groups, tier), (subject, known), frame, sink, Some(&mut record));
            if let Some(of_tier) = self.remembered.get_mut(tier) {
                of_tier.put(hash, sight, record);
            }
        }
    }

    fn work_out<'f, 'k: 'f>(
        &mut self,
        (groups, tier): (&[Group], usize),
        (subject, known): (&Subject<'_, 'a>, &'k Known),
        frame: &mut Frame<'f>,
        sink: &mut Sink,
        mut record: Option<&mut Record>,
    ) where
        'r: 'f,
    {
        for group in groups.iter().filter(|group| !group.of_tier(tier).is_empty()) {
            for element in subject.parts.elements(group.scope) {
                subject.parts.bind(frame, element);
                let looked = Looked::new(subject, element, known);
                for &at in group.of_tier(tier) {
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
        (subject, known): (&Subject<'_, 'a>, &'k Known),
        frame: &mut Frame<'f>,
        sink: &mut Sink,
    ) where
        'r: 'f,
    {
        if subject.counts {
            record.passes.iter().for_each(|check| sink.pass(*check));
            record.not_applicable.iter().for_each(|check| sink.not_applicable(*check));
        }
        for Fault { check, element, hit, key } in &record.hits {
            let key = match self.run.check(*check) {
                Some(compiled) if record.identity != identity || anywhere(*element, &hit.item) => {
                    let looked = Looked::new(subject, *element, known);
                    self.key(*check, compiled, &looked, hit)
                }
                _ => *key,
            };
            sink.hit(key, shown(subject, *element, hit.clone()));
        }
        for Question { check, element, missing, key } in &record.open {
            let looked = Looked::new(subject, *element, known);
            let same = record.identity == identity && !anywhere(*element, &Item::Whole);
            let key = if same { *key } else { self.whole_key(*check, &looked) };
            self.open(key, &looked, missing, sink);
        }
        for (check, element) in &record.unsettled {
            subject.parts.bind(frame, *element);
            let looked = Looked::new(subject, *element, known);
            self.check(*check, &looked, frame, sink, None);
        }
    }
}
