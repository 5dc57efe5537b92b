//! The macros over lists and map keys.

use std::rc::Rc;

use super::eval::{Evaluated, Frame};
use super::ir::{Ir, Loop, LoopKind};
use super::ops;
use super::value::{EvalError, Val};

/// The elements of a list that have to be looked at, in their order.
enum Places {
    /// The first so many, which are all.
    All(usize),
    /// Those whose condition may hold or fail to evaluate; for the others it is false.
    Some(Rc<[u32]>),
}

impl Places {
    fn iter(&self) -> impl Iterator<Item = usize> {
        let (all, some) = match self {
            Self::All(len) => (*len, None),
            Self::Some(places) => (0, Some(places)),
        };
        (0..all).chain(some.into_iter().flat_map(|places| places.iter().map(|at| *at as usize)))
    }
}

impl<'a> Frame<'a> {
    /// Runs `all`, `exists`, `exists_one`, `map` or `filter`. With its place in the hoard, the
    /// elements are looked up where they can be.
    pub(super) fn each(&mut self, spec: &'a Loop, keyed: Option<u16>) -> Evaluated<'a> {
        let range = self.eval(&spec.range)?;
        let Some(len) = range.count() else {
            return Err(ops::no_overload("a loop over", &[&range], spec.at));
        };
        for at in &spec.fixed {
            if let Some(known) = self.fixed.get_mut(usize::from(*at)) {
                *known = None;
            }
        }
        let found = keyed.filter(|_| len > 0).and_then(|at| self.narrowed(at));
        let places = found.map_or(Places::All(len), Places::Some);
        match spec.kind {
            LoopKind::All => self.quantify(spec, &range, &places, false),
            LoopKind::Exists => self.quantify(spec, &range, &places, true),
            LoopKind::ExistsOne => self.count(spec, &range, &places),
            LoopKind::Collect => self.collect(spec, &range, &places),
        }
    }

    fn narrowed(&mut self, at: u16) -> Option<Rc<[u32]>> {
        let finder = self.memo.clone()?.finder(self.hoard?, at)?;
        finder.find(self)
    }

    fn with<T>(
        &mut self,
        element: Val<'a>,
        work: impl FnOnce(&mut Self) -> Result<T, EvalError>,
    ) -> Result<T, EvalError> {
        self.push(element);
        let result = work(self);
        self.pop();
        result
    }

    /// An error of one element gives way to another element that decides.
    fn quantify(
        &mut self,
        spec: &'a Loop,
        range: &Val<'a>,
        places: &Places,
        stop: bool,
    ) -> Evaluated<'a> {
        let Some(condition) = &spec.condition else { return Ok(Val::Bool(!stop)) };
        let mut pending = None;
        for at in places.iter() {
            self.charge(1, spec.at)?;
            let Some(element) = range.nth(at) else { break };
            match self.with(element, |frame| frame.truth(condition, spec.at)) {
                Ok(value) if value == stop => return Ok(Val::Bool(stop)),
                Ok(_) => {}
                Err(error) => pending = Some(error),
            }
        }
        pending.map_or(Ok(Val::Bool(!stop)), Err)
    }

    fn count(&mut self, spec: &'a Loop, range: &Val<'a>, places: &Places) -> Evaluated<'a> {
        let Some(condition) = &spec.condition else { return Ok(Val::Bool(false)) };
        let mut found = 0_usize;
        for at in places.iter() {
            self.charge(1, spec.at)?;
            let Some(element) = range.nth(at) else { break };
            if self.with(element, |frame| frame.truth(condition, spec.at))? {
                found += 1;
            }
        }
        Ok(Val::Bool(found == 1))
    }

    fn collect(&mut self, spec: &'a Loop, range: &Val<'a>, places: &Places) -> Evaluated<'a> {
        let mut kept = Vec::new();
        for at in places.iter() {
            self.charge(1, spec.at)?;
            let Some(element) = range.nth(at) else { break };
            let keep = self.with(element.clone(), |frame| {
                if let Some(condition) = &spec.condition
                    && !frame.truth(condition, spec.at)?
                {
                    return Ok(None);
                }
                frame.body(spec.body.as_ref(), element).map(Some)
            })?;
            kept.extend(keep);
        }
        Ok(Val::items(kept))
    }

    fn body(&mut self, body: Option<&'a Ir>, element: Val<'a>) -> Evaluated<'a> {
        body.map_or(Ok(element), |body| self.eval(body))
    }
}
