//! One check on one element.

use std::borrow::Cow;
use std::sync::Arc;

use crate::facts::Fact;
use crate::model::captured::{Captured, Match, MatchItem};
use crate::model::finding::Severity;
use crate::model::node::Node;
use crate::model::path::FieldPath;
use crate::model::read::{Missing, ReadStatus};

use super::cel::eval::Frame;
use super::cel::{EvalError, Expr, Failure, Val, Var};
use super::compiled::{Compiled, slots};
use super::cost;
use super::place::{Anchor, Anchored};
use super::target::{Element, Parts};

/// The facts of one target, by slot.
#[derive(Default)]
pub(super) struct Known {
    facts: Vec<(u8, Fact)>,
}

impl Known {
    pub(super) fn push(&mut self, slot: u8, fact: Fact) {
        self.facts.push((slot, fact));
    }

    pub(super) fn bind<'a>(&'a self, frame: &mut Frame<'a>) {
        for (slot, fact) in &self.facts {
            frame.set_fact(*slot, fact.node().map(|node| &**node));
        }
    }

    fn get(&self, slot: u8) -> Option<&Fact> {
        self.facts.iter().find(|(s, _)| *s == slot).map(|(_, fact)| fact)
    }

    /// What is known of some facts, in the order of their slots.
    pub(super) fn nodes(&self, mask: u32) -> Vec<Option<Arc<Node>>> {
        slots(mask).map(|slot| self.get(slot).and_then(Fact::node).cloned()).collect()
    }

    /// The first of some facts of which nothing is known.
    fn unknown(&self, mask: u32) -> Option<&Missing> {
        if mask == 0 {
            return None;
        }
        slots(mask).find_map(|slot| match self.get(slot) {
            Some(Fact::Unknown(missing)) => Some(missing),
            _ => None,
        })
    }
}

/// What a check came to on one element.
pub(super) enum Outcome<'k> {
    Pass,
    NotApplicable,
    /// It fails at the places handed to the sink.
    Fail,
    Unknown(Cow<'k, Missing>),
    Error(String),
}

/// Where in the element it fails.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Item {
    /// The element as a whole.
    Whole,
    /// One element of the list named by `each`.
    At(u32),
    /// A path that `each-path` gave.
    Path(Box<str>),
}

/// One place at which a check fails.
#[derive(Clone)]
pub(super) struct Hit {
    pub(super) item: Item,
    /// Which of the check's places holds; none for the element or item itself.
    pub(super) place: Option<u16>,
    pub(super) severity: Severity,
    /// Which case applies.
    pub(super) case: Option<u16>,
}

impl From<&Match> for Hit {
    fn from(found: &Match) -> Self {
        let item = match &found.item {
            MatchItem::Whole => Item::Whole,
            MatchItem::At(at) => Item::At(*at),
            MatchItem::Path(path) => Item::Path(path.as_str().into()),
        };
        let (place, case) = (found.place, found.case);
        Self { item, place, severity: found.severity, case }
    }
}

/// One check, one element and what is known of it.
pub(super) struct Trial<'t, 'a, 'k> {
    pub(super) check: &'a Compiled,
    pub(super) parts: &'t Parts<'a>,
    pub(super) element: Element,
    pub(super) known: &'k Known,
    /// Of a capture: what the check found before values were masked.
    pub(super) captured: Option<&'t Captured>,
    /// How many steps the check may still take on the object, looking at one item after the other.
    pub(super) left: u64,
}

impl<'a, 'k: 'a> Trial<'_, 'a, 'k> {
    /// Judges the element, whose variables are bound. Hits are added to `hits`.
    pub(super) fn judge(&self, frame: &mut Frame<'a>, hits: &mut Vec<Hit>) -> Outcome<'k> {
        let check = self.check;
        if check.has_params {
            frame.set(Var::Params, (&check.params).into());
        }
        if let Some(when) = &check.when {
            if let Some(missing) = self.known.unknown(when.required) {
                return Outcome::Unknown(Cow::Borrowed(missing));
            }
            match when.test(frame) {
                Ok(true) => {}
                Ok(false) => return Outcome::NotApplicable,
                Err(error) => return self.failed(when, "target.when", &error),
            }
        }
        for unknown in &check.unknowns {
            if let Some(missing) = self.known.unknown(unknown.when.required) {
                return Outcome::Unknown(Cow::Borrowed(missing));
            }
            match unknown.when.test(frame) {
                Ok(false) => {}
                Ok(true) => {
                    let reason = unknown.reason.render(frame);
                    return Outcome::Unknown(Cow::Owned(self.open(reason)));
                }
                Err(error) => return self.failed(&unknown.when, "rule.unknown", &error),
            }
        }
        if let Some(missing) = self.known.unknown(check.required) {
            return Outcome::Unknown(Cow::Borrowed(missing));
        }
        if let (Some(captured), Some(digest)) = (self.captured, &check.digest) {
            return self.recall(captured, digest, hits);
        }
        if let Some(each) = &check.check.rule.each {
            return self.each_item(each, frame, hits);
        }
        if let Some(paths) = &check.each_path {
            return self.each_path(paths, frame, hits);
        }
        match check.fail.test(frame) {
            Ok(false) => Outcome::Pass,
            Ok(true) => {
                hit(check, Item::Whole, frame, hits);
                Outcome::Fail
            }
            Err(error) => self.failed(&check.fail, "rule.fail", &error),
        }
    }

    /// Whether the check is known not to apply to the element.
    pub(super) fn is_excluded(&self, frame: &mut Frame<'a>) -> bool {
        let Some(when) = &self.check.when else { return false };
        if self.known.unknown(when.required).is_some() {
            return false;
        }
        if self.check.has_params {
            frame.set(Var::Params, (&self.check.params).into());
        }
        matches!(when.test(frame), Ok(false))
    }

    /// What the check found when the capture was taken: by now the values are masked.
    fn recall(&self, captured: &Captured, digest: &str, hits: &mut Vec<Hit>) -> Outcome<'k> {
        let id = &*self.check.check.id;
        if captured.rules.get(id).is_none_or(|known| known != digest) {
            return Outcome::Unknown(Cow::Owned(Missing {
                read: "snapshot".to_owned(),
                namespace: None,
                status: ReadStatus::NotAsked,
                reason: format!(
                    "{id} looks for other secrets now than when the capture was taken, and its \
                     values are masked; take it again"
                ),
            }));
        }
        let element = self.parts.path(self.element).to_string();
        let all = captured.of(&self.parts.object.id).iter();
        let mut outcome = Outcome::Pass;
        for found in all.filter(|found| found.check == id && found.element == element) {
            if let Some(error) = &found.error {
                outcome = Outcome::Error(error.clone());
                continue;
            }
            hits.push(Hit::from(found));
            if matches!(outcome, Outcome::Pass) {
                outcome = Outcome::Fail;
            }
        }
        outcome
    }

    /// A question that the rule itself leaves open.
    fn open(&self, reason: String) -> Missing {
        let namespace = Some(self.parts.object.namespace()).filter(|name| !name.is_empty());
        Missing {
            read: "rule".to_owned(),
            namespace: namespace.map(str::to_owned),
            status: ReadStatus::NotAsked,
            reason,
        }
    }

    fn failed(&self, expr: &Expr, what: &str, error: &EvalError) -> Outcome<'k> {
        if let Failure::Unknown { fact, .. } = error.failure()
            && let Some(missing) = self.known.get(*fact).and_then(Fact::missing)
        {
            return Outcome::Unknown(Cow::Borrowed(missing));
        }
        Outcome::Error(format!("{what}: {}", expr.describe(error)))
    }

    fn each_item(
        &self,
        each: &Anchored,
        frame: &mut Frame<'a>,
        hits: &mut Vec<Hit>,
    ) -> Outcome<'k> {
        let list = list_at(self.parts, self.element, each);
        let mut outcome = Outcome::Pass;
        for (at, item) in list.and_then(Node::as_list).unwrap_or_default().iter().enumerate() {
            if frame.spent() >= self.left {
                return self.too_dear();
            }
            frame.set(Var::Item, item.into());
            let at = Item::At(u32::try_from(at).unwrap_or(u32::MAX));
            self.one(at, frame, hits, &mut outcome);
        }
        outcome
    }

    fn each_path(
        &self,
        paths: &'a Expr,
        frame: &mut Frame<'a>,
        hits: &mut Vec<Hit>,
    ) -> Outcome<'k> {
        let list = match paths.run(frame) {
            Ok(list @ (Val::List(_) | Val::Items(_))) => list,
            Ok(_) => return Outcome::Error("rule.each-path: it gives no list of paths".to_owned()),
            Err(error) => return self.failed(paths, "rule.each-path", &error),
        };
        let mut outcome = Outcome::Pass;
        for at in 0..list.count().unwrap_or(0) {
            let Some(item) = list.nth(at) else { break };
            if frame.spent() >= self.left {
                return self.too_dear();
            }
            let path = item.as_str().map(str::to_owned).filter(|p| FieldPath::parse(p).is_ok());
            let Some(path) = path else {
                outcome = Outcome::Error(format!("rule.each-path: entry {at} is no path"));
                continue;
            };
            frame.set(Var::Item, item);
            self.one(Item::Path(path.into()), frame, hits, &mut outcome);
        }
        outcome
    }

    /// The items that are left are not looked at; what was found stands.
    fn too_dear(&self) -> Outcome<'k> {
        Outcome::Unknown(Cow::Owned(cost::too_dear(self.check.id(), self.parts.object)))
    }

    /// The rule on one item. A fail of one item stands whatever the others come to.
    fn one(&self, at: Item, frame: &mut Frame<'a>, hits: &mut Vec<Hit>, outcome: &mut Outcome<'k>) {
        match self.check.fail.test(frame) {
            Ok(false) => {}
            Ok(true) => {
                hit(self.check, at, frame, hits);
                if matches!(outcome, Outcome::Pass) {
                    *outcome = Outcome::Fail;
                }
            }
            Err(error) => *outcome = self.failed(&self.check.fail, "rule.fail", &error),
        }
    }
}

/// The tree an anchored path leads to.
pub(super) fn list_at<'a>(
    parts: &Parts<'a>,
    element: Element,
    place: &Anchored,
) -> Option<&'a Node> {
    let start = match place.anchor {
        Anchor::Scope => parts.node(element),
        Anchor::Pod => parts.node(Element::Pod),
        Anchor::Object => parts.node(Element::Whole),
    };
    place.path.walk(start?)
}

fn hit<'a>(check: &'a Compiled, item: Item, frame: &mut Frame<'a>, hits: &mut Vec<Hit>) {
    // A condition that cannot be evaluated does not hold: it only chooses words and severity.
    let mut holds = |when: &'a Expr| when.test_element(frame).unwrap_or(false);
    let place = check.places.iter().position(|p| p.when.as_ref().is_none_or(&mut holds));
    let case = check.cases.iter().position(|c| holds(&c.when));
    let severity = case.and_then(|at| check.cases.get(at)).and_then(|c| c.severity);
    let small = |at: usize| u16::try_from(at).unwrap_or(u16::MAX);
    hits.push(Hit {
        item,
        place: place.map(small),
        severity: severity.unwrap_or(check.check.severity),
        case: case.map(small),
    });
}

/// Where a hit points, from the object's root.
pub(super) fn path_of(
    check: &Compiled,
    parts: &Parts<'_>,
    element: Element,
    item: &Item,
    place: Option<u16>,
) -> FieldPath {
    let base = match (item, &check.check.rule.each) {
        (Item::At(at), Some(each)) => parts.resolve(element, each).index(*at as usize),
        (Item::Path(path), _) => FieldPath::parse(path).unwrap_or_default(),
        _ => parts.path(element),
    };
    let Some(spotted) = place.and_then(|p| check.places.get(usize::from(p))) else { return base };
    match (&spotted.path.anchor, item) {
        // With `each`, a place is relative to the item.
        (Anchor::Scope, Item::At(_) | Item::Path(_)) => base.join(&spotted.path.path),
        _ => parts.resolve(element, &spotted.path),
    }
}
