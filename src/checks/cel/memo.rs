//! Where expressions remember what is the same for many objects.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use rustc_hash::FxHashMap;

use super::Expr;
use super::eval::{Evaluated, Frame};
use super::hoard::Hoard;
use super::lookup::Finder;
use super::scope::Var;
use super::value::Val;

/// Fewest elements for which looking up pays.
const FEWEST: usize = 8;

/// Remembers parts of expressions.
pub trait Memo<'a> {
    /// A shared value of an expression; none if the expression is not known here.
    fn value(self: Rc<Self>, of: &Hoard, at: u16) -> Option<Evaluated<'a>>;

    /// What finds the elements of a loop; none if it has to look at every one.
    fn finder(self: Rc<Self>, of: &Hoard, at: u16) -> Option<Rc<Finder<'a>>>;
}

/// What the expressions of one check share between the objects that have the same lists.
pub struct Common<'c> {
    hoards: Vec<&'c Hoard>,
    vars: [(Var, Val<'c>); 3],
    /// How many objects the lists hold.
    objects: usize,
    /// Visits of a loop before its elements are looked up.
    patience: u8,
    values: RefCell<FxHashMap<HoardPlace, Evaluated<'c>>>,
    finders: RefCell<FxHashMap<HoardPlace, LoopState<'c>>>,
    /// Steps that were taken to work these out.
    spent: Cell<u64>,
}

/// Which expression, and the place in its hoard.
type HoardPlace = (usize, u16);

/// A loop that was met.
#[derive(Clone)]
enum LoopState<'c> {
    /// So many times, and gone through.
    Walked(u8),
    /// Its condition gives nothing to look for.
    Never,
    Found(Rc<Finder<'c>>),
}

impl<'c> Common<'c> {
    /// Nothing remembered yet, of expressions that see these variables.
    #[must_use]
    pub fn new(
        exprs: impl Iterator<Item = &'c Expr>,
        vars: [(Var, Val<'c>); 3],
        objects: usize,
    ) -> Self {
        Self {
            hoards: exprs.map(|expr| &expr.hoard).filter(|hoard| !hoard.is_empty()).collect(),
            vars,
            objects,
            patience: 1,
            values: RefCell::default(),
            finders: RefCell::default(),
            spent: Cell::new(0),
        }
    }

    /// Steps taken since this was last asked.
    #[must_use]
    pub fn take_spent(&self) -> u64 {
        self.spent.take()
    }

    fn pay(&self, frame: &mut Frame<'_>) {
        self.spent.set(self.spent.get().saturating_add(frame.take_spent()));
    }

    /// Looks elements up from the first time on, however few there are.
    #[cfg(test)]
    #[must_use]
    pub fn eager(self) -> Self {
        Self { patience: 0, ..self }
    }

    fn hoard(&self, of: &Hoard) -> Option<(usize, &'c Hoard)> {
        self.hoards.iter().copied().enumerate().find(|(_, hoard)| std::ptr::eq(*hoard, of))
    }

    fn frame(self: &Rc<Self>, hoard: &'c Hoard) -> Frame<'c> {
        let mut frame = Frame::default();
        for (var, value) in &self.vars {
            frame.set(*var, value.clone());
        }
        frame.allow(self.objects);
        frame.start(hoard);
        frame.remember(Some(Rc::<Self>::clone(self)));
        frame
    }

    fn build(self: &Rc<Self>, hoard: &'c Hoard, at: u16) -> LoopState<'c> {
        let Some(spec) = hoard.each(at) else { return LoopState::Never };
        let mut frame = self.frame(hoard);
        // The steps of the condition are gone without their loops, which would forget in time.
        frame.fixed.clear();
        frame.locals.resize(usize::from(spec.depth), Val::Null);
        let range = frame.eval(&spec.range).ok();
        let enough =
            |range: &Val<'c>| self.patience == 0 || range.count().is_some_and(|n| n >= FEWEST);
        let finder =
            range.filter(enough).and_then(|range| Finder::build(spec, hoard, &range, &mut frame));
        self.pay(&mut frame);
        finder.map_or(LoopState::Never, |finder| LoopState::Found(Rc::new(finder)))
    }
}

impl<'a, 'c: 'a> Memo<'a> for Common<'c> {
    fn value(self: Rc<Self>, of: &Hoard, at: u16) -> Option<Evaluated<'a>> {
        let (nth, hoard) = self.hoard(of)?;
        if let Some(known) = self.values.borrow().get(&(nth, at)) {
            return Some(known.clone());
        }
        let ir = hoard.value(at)?;
        let mut frame = self.frame(hoard);
        let value = frame.eval_at(ir, hoard.depth(at));
        self.pay(&mut frame);
        self.values.borrow_mut().insert((nth, at), value.clone());
        Some(value)
    }

    fn finder(self: Rc<Self>, of: &Hoard, at: u16) -> Option<Rc<Finder<'a>>> {
        let (nth, hoard) = self.hoard(of)?;
        let known = self.finders.borrow().get(&(nth, at)).cloned();
        let next = match known.unwrap_or(LoopState::Walked(0)) {
            LoopState::Found(finder) => return Some(finder),
            LoopState::Never => return None,
            LoopState::Walked(times) if times < self.patience => LoopState::Walked(times + 1),
            LoopState::Walked(_) => self.build(hoard, at),
        };
        self.finders.borrow_mut().insert((nth, at), next.clone());
        match next {
            LoopState::Found(finder) => Some(finder),
            _ => None,
        }
    }
}
