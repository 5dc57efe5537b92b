//! A part of a run: objects one after the other, all checks on each.

use std::cell::OnceCell;
use std::rc::Rc;
use std::sync::Arc;

use crate::facts::{Facts, Instance, PodInputs, Standing, Target};
use crate::model::captured::Captured;
use crate::model::object::Object;
use crate::model::read::Missing;

use super::beside::{self, Lists};
use super::cel::Var;
use super::cel::eval::Frame;
use super::cel::sieve::Sieves;
use super::compiled::{Compiled, fact_of, slots};
use super::cost::{Spent, Tab, too_dear, too_many};
use super::judge::{Hit, Known, Outcome, Trial};
use super::merge::{Broken, Digest, Key, Seen, Shown, Sink};
use super::replay::{Record, Remembered};
use super::run::Run;
use super::scope::Scope;
use super::settle::settled;
use super::target::{Element, Parts};

mod cluster;
mod doubt;
mod keys;

/// Works through a part of a run.
pub(super) struct Worker<'r, 'a> {
    pub(super) run: &'r Run<'a>,
    hits: Vec<Hit>,
    lists: Lists<'r>,
    sieves: Rc<Sieves>,
    pub(super) remembered: Remembered<'a>,
    /// The object whose identity was digested last: pods of one controller come one after the other.
    last: Option<(&'a Object, Digest)>,
    /// The pod whose facts were asked for last.
    asked: Option<Asked<'a>>,
    pub(super) tab: Tab,
}

/// What is known about a pod, and what that was told from.
struct Asked<'a> {
    pod: &'a Object,
    inputs: PodInputs<'a>,
    facts: u32,
    known: Rc<Known>,
}

/// One object under judgement.
pub(super) struct Subject<'p, 'a> {
    index: u32,
    pub(super) parts: &'p Parts<'a>,
    seen: Seen,
    /// Whether its passes count: instances only repeat their template.
    pub(super) counts: bool,
    platform: OnceCell<bool>,
    identity: OnceCell<Digest>,
    /// Identity and normalised path of the pod spec.
    pod: OnceCell<u128>,
}

/// One element under judgement.
pub(super) struct Looked<'p, 'a, 'k> {
    pub(super) subject: &'p Subject<'p, 'a>,
    pub(super) element: Element,
    known: &'k Known,
    /// Identity and normalised path.
    place: OnceCell<u128>,
}

impl<'p, 'a, 'k> Looked<'p, 'a, 'k> {
    pub(super) fn new(subject: &'p Subject<'p, 'a>, element: Element, known: &'k Known) -> Self {
        Self { subject, element, known, place: OnceCell::new() }
    }
}

impl<'r, 'a> Worker<'r, 'a> {
    pub(super) fn new(run: &'r Run<'a>) -> Self {
        let lists = Lists::new(run.facts, &run.cluster);
        let (remembered, tab) = (Remembered::default(), Tab::new(run.plan.checks.len()));
        let (hits, sieves) = (Vec::new(), Rc::default());
        Self { run, hits, lists, sieves, remembered, last: None, asked: None, tab }
    }

    /// Judges a part of the run's objects, of which the first has this index.
    pub(super) fn chunk(&mut self, first: usize, objects: &[(&'a Arc<Object>, usize)]) -> Sink {
        let mut sink = Sink::new(self.run.plan.checks.len());
        for (at, (object, kind)) in objects.iter().enumerate() {
            let index = u32::try_from(first + at).unwrap_or(u32::MAX);
            self.object(index, object, *kind, &mut sink);
        }
        sink
    }

    /// Judges some of the run's objects, by their places, in this order.
    pub(super) fn some(&mut self, places: &[u32]) -> Sink {
        let mut sink = Sink::new(self.run.plan.checks.len());
        for &index in places {
            if let Some((object, kind)) = self.run.objects.get(index as usize) {
                self.object(index, object, *kind, &mut sink);
            }
        }
        sink
    }

    /// Adds all it has taken to the cost of the run.
    #[cfg(test)]
    pub(super) fn settle(&mut self) {
        self.tab.settle(&self.run.cost);
    }

    fn object(&mut self, index: u32, object: &'a Object, kind: usize, sink: &mut Sink) {
        let run = self.run;
        self.tab.begin();
        let at = kind;
        let Some((kind, groups)) = run.kinds.get(at) else { return };
        if !run.scope.is_everything() && !run.scope.takes(run.facts, kind, object) {
            return;
        }
        let (seen, counts) = match run.facts.standing(object) {
            Standing::Skipped(_) => return,
            Standing::Instance { current: true } => (Seen::Live, false),
            Standing::Instance { current: false } => (Seen::Stale, false),
            Standing::Judged => {
                (if is_live_pod(object) { Seen::Live } else { Seen::Template }, true)
            }
        };
        let parts = Parts::with_facts(object, run.facts);
        let same = self.last.as_ref().filter(|(last, _)| Facts::are_siblings(last, object));
        let identity = same.map_or_else(OnceCell::new, |(_, known)| OnceCell::from(known.clone()));
        let (platform, pod) = (OnceCell::new(), OnceCell::new());
        let subject = Subject { index, parts: &parts, seen, counts, platform, identity, pod };
        let shared = groups.iter().filter(|g| !own_facts(g.scope)).fold(0, |m, g| m | g.facts);
        let known = self.shared(shared, object);
        let mut frame = Frame::default();
        known.bind(&mut frame);
        self.bind(&parts, &mut frame);
        for group in groups.iter().filter(|g| !own_facts(g.scope)) {
            for element in parts.elements(group.scope) {
                parts.bind(&mut frame, element);
                let looked = Looked::new(&subject, element, &known);
                self.element(&group.checks, &looked, &mut frame, sink);
            }
        }
        self.steady(at, &subject, &known, &mut frame, sink);
        for group in groups.iter().filter(|g| own_facts(g.scope)) {
            for element in parts.elements(group.scope) {
                let known = self.known(group.facts, &parts.fact_target(element));
                let mut frame = Frame::default();
                known.bind(&mut frame);
                self.bind(&parts, &mut frame);
                parts.bind(&mut frame, element);
                let looked = Looked::new(&subject, element, &known);
                self.element(&group.checks, &looked, &mut frame, sink);
            }
        }
        self.last =
            subject.identity.into_inner().map(|known| (object, known)).or_else(|| self.last.take());
    }

    fn captured(&self) -> Option<&'a Captured> {
        self.run.facts.inventory().captured.as_deref()
    }

    fn bind<'f>(&self, parts: &Parts<'f>, frame: &mut Frame<'f>)
    where
        'r: 'f,
    {
        parts.bind_object(frame);
        frame.set(Var::Cluster, (&self.run.cluster).into());
        frame.sift(&self.sieves);
    }

    /// Facts about an object. Those of the pod before it are taken if they are of one controller and facts
    /// read the same of both.
    fn shared(&mut self, facts: u32, object: &'a Object) -> Rc<Known> {
        let all = || Rc::new(self.known(facts, &Target::Object(object)));
        let inputs = Facts::inputs(object).filter(|_| self.run.view.replays());
        let Some(inputs) = inputs else { return all() };
        let same = self.asked.as_ref().filter(|last| {
            last.facts == facts && Facts::are_siblings(last.pod, object) && last.inputs == inputs
        });
        let known = same.map_or_else(all, |last| Rc::clone(&last.known));
        self.asked = Some(Asked { pod: object, inputs, facts, known: Rc::clone(&known) });
        known
    }

    fn known(&self, mask: u32, target: &Target<'_>) -> Known {
        let mut known = Known::default();
        for slot in slots(mask) {
            if let Some(name) = fact_of(slot) {
                known.push(slot, self.run.facts.get(name, target));
            }
        }
        known
    }

    fn element<'f, 'k: 'f>(
        &mut self,
        checks: &[u32],
        looked: &Looked<'_, 'f, 'k>,
        frame: &mut Frame<'f>,
        sink: &mut Sink,
    ) where
        'r: 'f,
    {
        for &at in checks {
            self.check(at, looked, frame, sink, None);
        }
    }

    /// One check on one element. What it comes to is taken down in `record` as well.
    pub(super) fn check<'f, 'k: 'f>(
        &mut self,
        at: u32,
        looked: &Looked<'_, 'f, 'k>,
        frame: &mut Frame<'f>,
        sink: &mut Sink,
        record: Option<&mut Record>,
    ) where
        'r: 'f,
    {
        let Looked { subject, element, known, .. } = *looked;
        let Some(check) = self.run.check(at) else { return };
        let object = subject.parts.object;
        let other = |instance: &Instance| !meant(check, instance);
        if subject.parts.instance(element).is_some_and(other) || self.tab.is_over(at) {
            return;
        }
        if let Some(missing) = subject.parts.instance(element).and_then(|i| doubt::on(check, i)) {
            return self.leave(at, looked, &missing, sink, record);
        }
        let left = match self.left(at, check, object) {
            Ok(left) => left,
            Err((missing, large)) => {
                sink.strained |= large;
                return self.leave(at, looked, &missing, sink, record);
            }
        };
        let (parts, captured) = (subject.parts, self.captured());
        let trial = Trial { check, parts, element, known, captured, left };
        let beside = self.lists.of(at, check, object);
        if let Some(beside) = &beside {
            beside.bind(frame);
        }
        if let Some(missing) = beside.as_ref().and_then(|beside| beside.unread.as_ref()) {
            let unseen = beside::applies_unseen(self.run.facts, check, object);
            let excluded = !unseen && trial.is_excluded(frame);
            // What is missing is the same for the whole namespace.
            let sure = self.run.view.steady(at).filter(|_| frame.at_ease());
            let record = record.map(|record| (record, sure.is_some()));
            return self.unread(at, looked, (!excluded).then_some(missing), sink, record);
        }
        let mut hits = std::mem::take(&mut self.hits);
        let outcome = trial.judge(frame, &mut hits);
        let outcome = settled(check, parts, element, beside.as_deref(), outcome, &mut hits);
        let shared = beside.as_ref().map_or(0, |beside| beside.take_spent());
        let shared = shared.saturating_add(self.sieves.take_spent());
        let (on_it, at_ease) = (frame.take_spent(), frame.at_ease());
        self.tab.note(at, Spent { on_it, shared, long: !at_ease }, &self.run.cost);
        let at_ease = at_ease && on_it < left;
        sink.strained |= !at_ease;
        let sure = self.run.view.steady(at).filter(|_| at_ease);
        let mut record =
            record.and_then(|to| to.came_to(at, element, &outcome, sure).then_some(to));
        match outcome {
            Outcome::Pass if subject.counts => sink.pass(at),
            Outcome::NotApplicable if subject.counts => sink.not_applicable(at),
            Outcome::Pass | Outcome::NotApplicable | Outcome::Fail => {}
            Outcome::Unknown(missing) => {
                let key = self.whole_key(at, looked);
                self.open(key, looked, &missing, sink);
                if let Some(record) = &mut record {
                    record.open(at, element, missing.into_owned(), key);
                }
            }
            Outcome::Error(message) => {
                sink.broken(self.whole_key(at, looked), Broken { object: subject.index, message });
            }
        }
        self.take((at, check), looked, &mut hits, record, sink);
        self.hits = hits;
    }

    /// How many steps a check has left on an object, or why it is not evaluated, and whether that is
    /// because of the size of the object.
    fn left(&self, at: u32, check: &Compiled, object: &Object) -> Result<u64, (Missing, bool)> {
        if let Some(missing) = self.run.cost.over(at, check.id()) {
            return Err((missing, false));
        }
        match self.tab.left(at, &self.run.cost) {
            0 => Err((too_dear(check.id(), object), true)),
            left => Ok(left),
        }
    }

    /// Adds where a check failed to what the part came to.
    fn take(
        &mut self,
        (at, check): (u32, &Compiled),
        looked: &Looked<'_, '_, '_>,
        hits: &mut Vec<Hit>,
        mut record: Option<&mut Record>,
        sink: &mut Sink,
    ) {
        for hit in hits.drain(..) {
            let key = self.key(at, check, looked, &hit);
            if !self.tab.found(at, key) {
                sink.strained = true;
                let missing = too_many(check.id(), looked.subject.parts.object);
                self.open(self.whole_key(at, looked), looked, &missing, sink);
                break;
            }
            if let Some(record) = &mut record {
                record.hit(at, looked.element, &hit, key);
            }
            sink.hit(key, shown(looked.subject, looked.element, hit));
        }
    }

    /// Leaves open a check that is not evaluated on an element.
    fn leave(
        &self,
        at: u32,
        looked: &Looked<'_, '_, '_>,
        missing: &Missing,
        sink: &mut Sink,
        record: Option<&mut Record>,
    ) {
        self.open(self.whole_key(at, looked), looked, missing, sink);
        if let Some(record) = record {
            record.unsettled(at, looked.element);
        }
    }

    /// A check whose lists could not all be read: it does not apply, or it is left open for what is
    /// `missing`. With whether that is sure for what is the same to the check.
    fn unread(
        &self,
        at: u32,
        looked: &Looked<'_, '_, '_>,
        missing: Option<&Missing>,
        sink: &mut Sink,
        record: Option<(&mut Record, bool)>,
    ) {
        let key = missing.map(|missing| (self.whole_key(at, looked), missing));
        match key {
            Some((key, missing)) => self.open(key, looked, missing, sink),
            None if looked.subject.counts => sink.not_applicable(at),
            None => {}
        }
        match (record, key) {
            (Some((record, true)), Some((key, missing))) => {
                record.open(at, looked.element, missing.clone(), key);
            }
            (Some((record, true)), None) => record.does_not_apply(at),
            (Some((record, false)), _) => record.unsettled(at, looked.element),
            (None, _) => {}
        }
    }

    /// Notes that a check leaves a place open.
    pub(super) fn open(
        &self,
        key: Key,
        looked: &Looked<'_, '_, '_>,
        missing: &Missing,
        sink: &mut Sink,
    ) {
        let subject = looked.subject;
        let on_platform = || self.run.facts.is_platform(subject.parts.object);
        let platform = *subject.platform.get_or_init(on_platform)
            && self.run.check(key.check).is_some_and(|check| !always_counts(check));
        sink.open(key, missing, platform);
    }
}

/// Whether findings of a check decide even on objects of the platform.
pub(super) fn always_counts(check: &Compiled) -> bool {
    check.check.target.scope.is_about_the_platform()
}

/// Scopes whose elements each have facts of their own.
pub(super) fn own_facts(scope: Scope) -> bool {
    matches!(scope, Scope::Rule | Scope::Subject | Scope::Component)
}

/// Whether an instance is of a component that a check is about.
fn meant(check: &Compiled, instance: &Instance) -> bool {
    check.check.target.components.iter().any(|name| name == instance.name)
}

/// A pod that runs, or ran: a manifest of a pod has neither identity nor phase yet.
fn is_live_pod(object: &Object) -> bool {
    &*object.id.kind == "Pod" && (!object.uid.is_empty() || object.phase.is_some())
}

pub(super) fn shown(subject: &Subject<'_, '_>, element: Element, hit: Hit) -> Shown {
    Shown {
        seen: subject.seen,
        severity: hit.severity,
        object: subject.index,
        element,
        item: hit.item,
        place: hit.place,
        case: hit.case,
    }
}
