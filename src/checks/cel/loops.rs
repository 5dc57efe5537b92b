//! The macros over lists and map keys.

use super::eval::{Evaluated, Frame};
use super::ir::{Ir, Loop, LoopKind};
use super::ops;
use super::value::{EvalError, Val};

impl<'a> Frame<'a> {
    /// Runs `all`, `exists`, `exists_one`, `map` or `filter`.
    pub(super) fn each(&mut self, spec: &'a Loop) -> Evaluated<'a> {
        let range = self.eval(&spec.range)?;
        let Some(len) = range.count() else {
            return Err(ops::no_overload("a loop over", &[&range], spec.at));
        };
        match spec.kind {
            LoopKind::All => self.quantify(spec, &range, len, false),
            LoopKind::Exists => self.quantify(spec, &range, len, true),
            LoopKind::ExistsOne => self.count(spec, &range, len),
            LoopKind::Collect => self.collect(spec, &range, len),
        }
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
        len: usize,
        stop: bool,
    ) -> Evaluated<'a> {
        let Some(condition) = &spec.condition else { return Ok(Val::Bool(!stop)) };
        let mut pending = None;
        for at in 0..len {
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

    fn count(&mut self, spec: &'a Loop, range: &Val<'a>, len: usize) -> Evaluated<'a> {
        let Some(condition) = &spec.condition else { return Ok(Val::Bool(false)) };
        let mut found = 0_usize;
        for at in 0..len {
            self.charge(1, spec.at)?;
            let Some(element) = range.nth(at) else { break };
            if self.with(element, |frame| frame.truth(condition, spec.at))? {
                found += 1;
            }
        }
        Ok(Val::Bool(found == 1))
    }

    fn collect(&mut self, spec: &'a Loop, range: &Val<'a>, len: usize) -> Evaluated<'a> {
        let mut kept = Vec::new();
        for at in 0..len {
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
