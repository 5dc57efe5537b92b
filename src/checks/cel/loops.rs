//! The macros over lists and map keys.

use std::rc::Rc;

use super::eval::{Evaluated, Frame};
use super::ir::{Against, Ir, Loop, LoopKind};
use super::ops;
use super::own;
use super::strings;
use super::value::{EvalError, Val};

/// The elements of a list that have to be looked at, in their order.
enum WhichElements {
    /// The first so many, which are all.
    All(usize),
    /// Those whose condition may hold or fail to evaluate; for the others it is false.
    Some(Rc<[u32]>),
}

impl WhichElements {
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
        let found = match keyed.filter(|_| len > 0) {
            Some(at) => self.narrowed(at),
            None => self.sifted(spec),
        };
        let places = found.map_or(WhichElements::All(len), WhichElements::Some);
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
        places: &WhichElements,
        stop: bool,
    ) -> Evaluated<'a> {
        let Some(condition) = &spec.condition else { return Ok(Val::Bool(!stop)) };
        if let Some(way) = spec.against
            && let Some(found) = self.any_fits(way, spec, range, places)
        {
            return found;
        }
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

    /// `patterns.exists(p, globMatch(text, p))` and the like without working the text out for each
    /// pattern. None if something in it is no text: then it goes the long way, and fails where that fails.
    fn any_fits(
        &mut self,
        way: Against,
        spec: &'a Loop,
        range: &Val<'a>,
        places: &WhichElements,
    ) -> Option<Evaluated<'a>> {
        let Some(Ir::Call(_, args, at)) = &spec.condition else { return None };
        // Names that are bound within it are counted from where it stands: behind the pattern's.
        let text = self.eval_at(args.first()?, spec.depth.saturating_add(1)).ok()?;
        let text = text.as_str()?;
        for place in places.iter() {
            let pattern = range.nth(place)?;
            let pattern = pattern.as_str()?;
            let fits = match way {
                Against::Globs => own::glob(self, text, pattern, *at),
                Against::Parts => strings::contains(self, text, pattern, *at),
            };
            match fits {
                Ok(false) => {}
                found => return Some(found.map(Val::Bool)),
            }
        }
        Some(Ok(Val::Bool(false)))
    }

    fn count(&mut self, spec: &'a Loop, range: &Val<'a>, places: &WhichElements) -> Evaluated<'a> {
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

    fn collect(
        &mut self,
        spec: &'a Loop,
        range: &Val<'a>,
        places: &WhichElements,
    ) -> Evaluated<'a> {
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::checks::cel::Expr;
    use crate::checks::cel::eval::Frame;
    use crate::checks::cel::parse::on_deep_stack;
    use crate::checks::cel::scope::{Names, Var};
    use crate::model::node::Node;

    fn run(rule: &str, object: &Node) -> String {
        let names = Names { vars: vec![Var::Object], ..Names::default() };
        let expr = Expr::compile(rule, &names).unwrap_or_else(|error| panic!("{rule}: {error}"));
        let mut frame = Frame::default();
        frame.set(Var::Object, object.into());
        format!("{:?}", expr.run(&mut frame).map(|value| value.to_node()))
    }

    #[test]
    fn a_text_against_patterns_is_the_same_as_pattern_by_pattern() {
        let object = Node::from(&json!({"name": "Web-1", "words": ["web", "1"], "patterns": {
            "some": ["db*", "web-?", "x*y*"], "none": ["db*", "*2"], "empty": [],
            "mixed": [7, "web*"], "late": ["db*", 7], "map": {"web*": 1}, "text": "web*"}}));
        let texts = [
            "object.name.lowerAscii()",
            "object.name",
            "object.?nick.orValue('web-9')",
            "object.nick",
            "object.words",
            "object.words.map(w, w + '-1')[0]",
            "object.words.filter(w, object.words.exists(v, v == w)).join('-')",
        ];
        let ranges = ["some", "none", "empty", "mixed", "late", "map", "text", "absent"];
        on_deep_stack(|| {
            let mut seen = std::collections::BTreeSet::new();
            for (text, range) in texts.iter().flat_map(|t| ranges.iter().map(move |r| (t, r))) {
                for test in [format!("globMatch({text}, g)"), format!("{text}.contains(g)")] {
                    let rule = format!("object.patterns.{range}.exists(g, {test}");
                    let (quick, slow) = (format!("{rule})"), format!("{rule} || false)"));
                    let quick = run(&quick, &object);
                    assert_eq!(quick, run(&slow, &object), "{rule}");
                    seen.insert(quick.split('(').next().map(str::to_owned));
                }
            }
            assert_eq!(seen.len(), 2, "both results and errors");
        })
        .unwrap();
    }

    #[test]
    fn thousands_of_texts_against_dozens_of_words_fit_into_the_budget() {
        let images: Vec<String> = (0..2000)
            .map(|n| format!("registry.example.com/shop/service-{n:04}-app:3.1.1"))
            .collect();
        let words: Vec<String> = (0..22).map(|n| format!("*/log-shipper-{n}:*")).collect();
        let object = Node::from(&json!({"images": images, "words": words}));
        let rule = "object.images.exists(i, object.words.exists(g, globMatch(i, g)))";
        on_deep_stack(|| assert_eq!(run(rule, &object), "Ok(false)")).unwrap();
    }
}
