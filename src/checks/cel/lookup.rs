//! Elements of a list by what a condition compares them with, so that a rule which joins two lists
//! does not have to look at every pair.
//!
//! A condition such as `s.type == "x" && s.metadata.name == metadata.name` is false for every
//! element whose name is another one. The names of all elements are worked out once; for each
//! object only the elements with its name are left to look at. Whatever is not certain to be false
//! stays among them: elements whose name cannot be worked out, or is no text.

use std::collections::HashMap;
use std::rc::Rc;

use crate::model::node::Node;

use super::eval::Frame;
use super::functions::Fun;
use super::hoard::{Hoard, Name, is_common_name};
use super::ir::{Ir, Loop, LoopKind, Op};
use super::value::Val;

mod terms;
#[cfg(test)]
mod tests;

use terms::Terms;

/// Finds the elements of one list for which one condition may hold.
pub struct Finder<'a> {
    look: ConditionPart<'a>,
    terms: Terms,
}

/// A part of the condition.
enum ConditionPart<'a> {
    Leaf(Leaf<'a>),
    /// All of the parts have to hold: any of them will do.
    Both(Box<[Self; 2]>),
    /// One of the parts has to hold.
    Either(Vec<Self>),
}

/// A comparison of something of the element with something that does not depend on it.
struct Leaf<'a> {
    way: Way,
    /// How one comes from the element to where the comparison stands.
    steps: Box<[LookupStep<'a>]>,
    /// What is of the element.
    made: &'a Ir,
    /// What it is compared with.
    sought: &'a Ir,
    /// How many names are bound where the comparison stands.
    depth: u16,
    table: Table,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    /// `made == sought`
    Equal,
    /// `sought in made`
    Holds,
    /// `made in sought`
    Among,
    /// `selectorMatches(made, sought)`
    Selects,
    /// `selectorMatches(sought, made)`
    Selected,
}

#[derive(Clone, Copy)]
enum LookupStep<'a> {
    /// Each element of this.
    Each(&'a Ir),
    /// Nothing is compared where this is the other value; if it fails, nothing is certain.
    Only(&'a Ir, bool),
    /// Nothing is compared where this is false; if it fails, it makes no difference.
    Where(&'a Ir),
}

#[derive(Default)]
struct Table {
    places: HashMap<u64, Rc<[u32]>>,
    /// Elements of which nothing is certain.
    always: Vec<u32>,
}

/// Looks through a condition for comparisons.
struct Scout<'a> {
    hoard: &'a Hoard,
    /// Where the element stands on the stack.
    element: u16,
}

impl<'a> Scout<'a> {
    fn look(&self, ir: &'a Ir, steps: &[LookupStep<'a>], depth: u16) -> Option<ConditionPart<'a>> {
        let with = |step| [steps, &[step]].concat();
        match ir {
            Ir::Fixed(part, _) => self.look(part, steps, depth),
            Ir::Const(Node::Bool(false)) => Some(ConditionPart::Either(Vec::new())),
            Ir::And(sides, _) => self.both(sides, steps, depth),
            Ir::Or(sides, _) => {
                let [left, right] = &**sides;
                let (left, right) =
                    (self.look(left, steps, depth)?, self.look(right, steps, depth)?);
                Some(ConditionPart::Either(vec![left, right]))
            }
            Ir::If(parts, _) => {
                let [when, then, other] = &**parts;
                if !self.is_of_element(when) {
                    return None;
                }
                let then = self.look(then, &with(LookupStep::Only(when, true)), depth)?;
                let other = self.look(other, &with(LookupStep::Only(when, false)), depth)?;
                Some(ConditionPart::Either(vec![then, other]))
            }
            Ir::Loop(spec) => self.nested(spec, steps, depth),
            Ir::Keyed(at) => self.nested(self.hoard.each(*at)?, steps, depth),
            Ir::Binary(Op::Eq, sides, _) => {
                let [left, right] = &**sides;
                self.leaf(Way::Equal, left, right, steps, depth)
                    .or_else(|| self.leaf(Way::Equal, right, left, steps, depth))
            }
            Ir::Binary(Op::In, sides, _) => {
                let [left, right] = &**sides;
                self.leaf(Way::Holds, right, left, steps, depth)
                    .or_else(|| self.leaf(Way::Among, left, right, steps, depth))
            }
            Ir::Call(Fun::SelectorMatches, args, _) => {
                let [selector, labels] = &**args else { return None };
                self.leaf(Way::Selects, selector, labels, steps, depth)
                    .or_else(|| self.leaf(Way::Selected, labels, selector, steps, depth))
            }
            _ => None,
        }
    }

    fn both(
        &self,
        sides: &'a [Ir; 2],
        steps: &[LookupStep<'a>],
        depth: u16,
    ) -> Option<ConditionPart<'a>> {
        let [left, right] = sides;
        let first = self.look(left, steps, depth);
        // Where the left side is false, the right one does not matter.
        let filtered =
            self.is_of_element(left).then(|| [steps, &[LookupStep::Where(left)]].concat());
        let second = self.look(right, filtered.as_deref().unwrap_or(steps), depth);
        match (first, second) {
            (Some(first), Some(second)) => Some(match (first.varies(), second.varies()) {
                (true, false) => first,
                (false, true) => second,
                _ => ConditionPart::Both(Box::new([first, second])),
            }),
            (first, second) => first.or(second),
        }
    }

    fn nested(
        &self,
        spec: &'a Loop,
        steps: &[LookupStep<'a>],
        depth: u16,
    ) -> Option<ConditionPart<'a>> {
        if spec.kind != LoopKind::Exists || !self.is_of_element(&spec.range) {
            return None;
        }
        let steps = [steps, &[LookupStep::Each(&spec.range)]].concat();
        self.look(spec.condition.as_ref()?, &steps, depth + 1)
    }

    fn leaf(
        &self,
        way: Way,
        made: &'a Ir,
        sought: &'a Ir,
        steps: &[LookupStep<'a>],
        depth: u16,
    ) -> Option<ConditionPart<'a>> {
        let bound = |name| matches!(name, Name::Local(at) if at >= self.element && at < depth);
        let uses_element = !self.hoard.every_name(made, &mut |name| !bound(name));
        let independent = self.hoard.every_name(sought, &mut |name| !bound(name));
        if !uses_element || !independent || !self.is_of_element(made) {
            return None;
        }
        let (steps, table) = (steps.into(), Table::default());
        Some(ConditionPart::Leaf(Leaf { way, steps, made, sought, depth, table }))
    }

    /// Whether something depends on the element and on what all objects share only.
    fn is_of_element(&self, ir: &Ir) -> bool {
        self.hoard.every_name(ir, &mut |name| is_common_name(name, self.element))
    }
}

impl<'a> Finder<'a> {
    /// Looks at all elements of the list of a loop, whose surroundings `frame` stands for. None if
    /// its condition has nothing to look for.
    pub(super) fn build(
        spec: &'a Loop,
        hoard: &'a Hoard,
        range: &Val<'a>,
        frame: &mut Frame<'a>,
    ) -> Option<Self> {
        let scout = Scout { hoard, element: spec.depth };
        let mut look = scout.look(spec.condition.as_ref()?, &[], spec.depth + 1)?;
        let terms = Terms::default();
        look.fill(&terms, range, frame);
        Some(Self { look, terms })
    }

    /// The elements for which the condition is not certain to be false, in their order. None where
    /// what they are compared with gives nothing to look for.
    pub(super) fn find(&self, frame: &mut Frame<'a>) -> Option<Rc<[u32]>> {
        self.look.find(&self.terms, frame)
    }
}

impl<'a> ConditionPart<'a> {
    /// Whether what is sought depends on the object at all.
    fn varies(&self) -> bool {
        match self {
            Self::Leaf(leaf) => !matches!(leaf.sought, Ir::Const(_)),
            Self::Both(parts) => parts.iter().any(Self::varies),
            Self::Either(parts) => parts.iter().any(Self::varies),
        }
    }

    fn fill(&mut self, terms: &Terms, range: &Val<'a>, frame: &mut Frame<'a>) {
        match self {
            Self::Leaf(leaf) => leaf.fill(terms, range, frame),
            Self::Both(parts) => parts.iter_mut().for_each(|part| part.fill(terms, range, frame)),
            Self::Either(parts) => parts.iter_mut().for_each(|part| part.fill(terms, range, frame)),
        }
    }

    fn find(&self, terms: &Terms, frame: &mut Frame<'a>) -> Option<Rc<[u32]>> {
        match self {
            Self::Leaf(leaf) => leaf.find(terms, frame),
            Self::Both(parts) => {
                let [first, second] = &**parts;
                match (first.find(terms, frame), second.find(terms, frame)) {
                    (Some(first), Some(second)) if second.len() < first.len() => Some(second),
                    (first, second) => first.or(second),
                }
            }
            Self::Either(parts) => {
                let found: Option<Vec<_>> =
                    parts.iter().map(|part| part.find(terms, frame)).collect();
                Some(union(&found?))
            }
        }
    }
}

impl<'a> Leaf<'a> {
    fn fill(&mut self, terms: &Terms, range: &Val<'a>, frame: &mut Frame<'a>) {
        let mut gathered: Vec<(u32, Vec<Vec<u64>>)> = Vec::new();
        for at in 0..range.count().unwrap_or_default() {
            let (Some(element), Ok(place)) = (range.nth(at), u32::try_from(at)) else { break };
            frame.refuel();
            frame.locals.push(element);
            let mut found = Vec::new();
            let certain = self.gather(terms, &self.steps, frame, &mut found);
            frame.locals.pop();
            if certain.is_some() {
                gathered.push((place, found));
            } else {
                self.table.always.push(place);
            }
        }
        // An element with several selectors may match by any of them.
        let single = !self.steps.iter().any(|step| matches!(step, LookupStep::Each(_)));
        if self.way == Way::Selects && single {
            terms::keep_rarest(&mut gathered);
        }
        let mut places: HashMap<u64, Vec<u32>> = HashMap::new();
        for (place, found) in gathered {
            for term in found.into_iter().flatten() {
                let of_term = places.entry(term).or_default();
                if of_term.last() != Some(&place) {
                    of_term.push(place);
                }
            }
        }
        self.table.places = places.into_iter().map(|(term, of)| (term, of.into())).collect();
    }

    /// The terms of one element, each with those that would do in its place; none if they are not
    /// certain.
    fn gather(
        &self,
        terms: &Terms,
        steps: &[LookupStep<'a>],
        frame: &mut Frame<'a>,
        found: &mut Vec<Vec<u64>>,
    ) -> Option<()> {
        let Some((step, rest)) = steps.split_first() else {
            let value = frame.eval(self.made).ok()?;
            found.extend(match self.way {
                Way::Equal | Way::Among => vec![vec![terms.of(&value)?]],
                Way::Holds => vec![terms.within(&value)?],
                Way::Selected => vec![terms.labels(&value)?],
                Way::Selects => terms.demands(&value).filter(|demands| !demands.is_empty())?,
            });
            return Some(());
        };
        match *step {
            LookupStep::Each(list) => {
                let list = frame.eval(list).ok()?;
                for at in 0..list.count()? {
                    frame.locals.push(list.nth(at)?);
                    let certain = self.gather(terms, rest, frame, found);
                    frame.locals.pop();
                    certain?;
                }
                Some(())
            }
            LookupStep::Only(when, wanted) => {
                if frame.truth(when, 0).ok()? == wanted {
                    self.gather(terms, rest, frame, found)
                } else {
                    Some(())
                }
            }
            LookupStep::Where(when) => {
                if frame.truth(when, 0) == Ok(false) {
                    Some(())
                } else {
                    self.gather(terms, rest, frame, found)
                }
            }
        }
    }

    fn find(&self, terms: &Terms, frame: &mut Frame<'a>) -> Option<Rc<[u32]>> {
        let value = frame.eval_at(self.sought, self.depth).ok()?;
        let found = |term: &u64| self.table.places.get(term).cloned();
        let mut parts: Vec<Rc<[u32]>> = match self.way {
            Way::Equal | Way::Holds => found(&terms.of(&value)?).into_iter().collect(),
            Way::Among => terms.within(&value)?.iter().filter_map(found).collect(),
            Way::Selects => terms.labels(&value)?.iter().filter_map(found).collect(),
            Way::Selected => {
                let demands = terms.demands(&value)?.into_iter();
                let met = demands.map(|any| any.iter().filter_map(found).collect::<Vec<_>>());
                met.min_by_key(|parts| parts.iter().map(|part| part.len()).sum::<usize>())?
            }
        };
        if parts.len() == 1 && self.table.always.is_empty() {
            return parts.pop();
        }
        parts.push(self.table.always.as_slice().into());
        Some(union(&parts))
    }
}

/// What is in any of some ordered lists, in order.
fn union(parts: &[Rc<[u32]>]) -> Rc<[u32]> {
    if let [one] = parts {
        return Rc::clone(one);
    }
    let mut all: Vec<u32> = parts.iter().flat_map(|part| part.iter().copied()).collect();
    all.sort_unstable();
    all.dedup();
    all.into()
}
