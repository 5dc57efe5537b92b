//! Which elements of a fact's list a loop has to look at. Thousands of subjects may hold the same rules:
//! `facts.holder.rules.exists(h, h.scope == metadata.namespace && h.rule.grants(…))` asks the same of each
//! rule for every one of them, but for the namespace.
//!
//! The condition is worked out once for each element without what is of the object at hand. `&&` and `||`
//! decide where one side does, so that what comes out decided holds for every object; whatever needs the
//! rest of the condition stays among the elements to look at.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::eval::{Evaluated, Frame};
use super::hoard::{Hoard, Name, is_common_name};
use super::ir::{End, Ir, Loop, LoopKind};
use super::scope::Var;
use super::value::{EvalError, Failure, Val};
use crate::model::key::Key;
use crate::model::node::Node;

/// Fewest elements for which remembering pays.
const FEWEST: usize = if cfg!(test) { 1 } else { 8 };

/// Most elements of the lists that are remembered: some 50 MB, where nothing else holds the lists.
const MOST_KEPT: usize = 500_000;

/// The list of a fact that a loop goes through.
#[derive(Debug)]
pub struct FactList {
    slot: u8,
    member: Key,
}

/// Marks the loops whose elements can be told apart for many objects.
pub(super) fn mark(ir: &mut Ir, hoard: &Hoard) {
    if let Ir::Loop(spec) = ir {
        spec.sieve = fact_list(spec, hoard);
    }
    ir.inner_mut(0, &mut |part, _| mark(part, hoard));
}

fn fact_list(spec: &Loop, hoard: &Hoard) -> Option<FactList> {
    if !matches!(spec.kind, LoopKind::All | LoopKind::Exists) || spec.against.is_some() {
        return None;
    }
    let Ir::Chain(chain) = &spec.range else { return None };
    let (Ir::Fact(slot, _) | Ir::FactOpt(slot)) = chain.base else { return None };
    let ([step], End::Value | End::OrValue(_)) = (&*chain.steps, &chain.end) else { return None };
    // What is listed differs from one namespace to the next, and names bound around it from one round of
    // that loop to the next.
    let within = |name| match name {
        Name::Var(slot) => slot != Var::Lists as u8,
        Name::Local(at) => at >= spec.depth,
        Name::Fact => true,
    };
    let fits = hoard.every_name(spec.condition.as_ref()?, &mut |name| within(name));
    fits.then(|| FactList { slot, member: step.key.clone() })
}

/// What is remembered of loops and the lists that they went through.
#[derive(Default)]
pub struct Sieves {
    known: RefCell<FxHashMap<Place, Sifted>>,
    /// How many elements the lists have.
    kept: Cell<usize>,
    /// Steps that were taken to work these out.
    spent: Cell<u64>,
}

/// Where a loop and a list lie.
type Place = (usize, usize);

/// A list, which is held so that no other can lie at its place, and what is left of it.
type Sifted = (Arc<[Node]>, Rc<[u32]>);

impl Sieves {
    /// Steps taken since this was last asked.
    #[must_use]
    pub fn take_spent(&self) -> u64 {
        self.spent.take()
    }

    fn keep(&self, place: Place, sifted: Sifted) {
        let count = sifted.0.len();
        let mut known = self.known.borrow_mut();
        if self.kept.get().saturating_add(count) > MOST_KEPT {
            known.clear();
            self.kept.set(0);
        }
        self.kept.set(self.kept.get().saturating_add(count));
        known.insert(place, sifted);
    }
}

impl<'a> Frame<'a> {
    /// Shares with other frames which elements loops have to look at.
    pub fn sift(&mut self, sieves: &Rc<Sieves>) {
        self.sieves = Some(Rc::clone(sieves));
    }

    /// The elements of a fact's list that a loop has to look at; none if it has to look at all of them.
    pub(super) fn sifted(&mut self, spec: &'a Loop) -> Option<Rc<[u32]>> {
        let FactList { slot, member } = spec.sieve.as_ref()?;
        let sieves = self.sieves.clone()?;
        let Node::List(list) = self.fact(*slot)?.as_map()?.get_key(member)? else { return None };
        if list.len() < FEWEST {
            return None;
        }
        let place = (std::ptr::from_ref(spec).addr(), list.as_ptr().addr());
        if let Some((_, left)) = sieves.known.borrow().get(&place) {
            return Some(Rc::clone(left));
        }
        let mut frame = self.apart(spec, list.len());
        let left = frame.left(spec, list);
        sieves.spent.set(sieves.spent.get().saturating_add(frame.take_spent()));
        sieves.keep(place, (Arc::clone(list), Rc::clone(&left)));
        Some(left)
    }

    /// A frame in which everything that is of the object at hand fails.
    fn apart(&self, spec: &Loop, elements: usize) -> Self {
        let mut frame = Self::default();
        (frame.apart, frame.hoard) = (true, self.hoard);
        for var in [Var::Params, Var::Cluster] {
            frame.set(var, self.get(var));
        }
        frame.remember(self.memo.clone());
        frame.allow(elements);
        frame.refuel();
        frame.locals.resize(usize::from(spec.depth), Val::Null);
        frame
    }

    fn left(&mut self, spec: &'a Loop, list: &'a [Node]) -> Rc<[u32]> {
        let Some(condition) = &spec.condition else { return Rc::default() };
        let hoard = self.hoard;
        let decides = spec.kind == LoopKind::Exists;
        let left = list.iter().zip(0_u32..).filter(|(element, _)| {
            self.fixed.clear();
            self.fixed.resize(hoard.map_or(0, |hoard| hoard.fixed), None);
            self.push((*element).into());
            let found = self.truth(condition, spec.at);
            self.pop();
            found != Ok(!decides)
        });
        left.map(|(_, at)| at).collect()
    }

    /// What a name comes to in a frame that is apart from the object at hand.
    #[cold]
    pub(super) fn common(&self, ir: &Ir) -> Evaluated<'a> {
        match ir {
            Ir::Var(slot) if is_common_name(Name::Var(*slot), 0) => {
                Ok(self.vars.get(usize::from(*slot)).cloned().unwrap_or(Val::Null))
            }
            _ => Err(EvalError::new(Failure::NoSuchKey("object".into()), 0)),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::checks::cel::Expr;
    use crate::checks::cel::parse::on_deep_stack;
    use crate::checks::cel::scope::Names;

    const RULES: [&str; 8] = [
        "facts.holder.rules.exists(h, h.at == object.at && h.n > 2)",
        "facts.holder.rules.exists(h, h.n > 2)",
        "facts.holder.rules.all(h, h.n < 9 || h.at == object.at)",
        "facts.holder.rules.all(h, !(h.n == 4 && object.?at.hasValue()))",
        "facts.?holder.?rules.orValue([]).exists(h, h.n == 3 && h.odd)",
        "facts.holder.rules.exists(h, facts.?other.hasValue() || h.n == 2)",
        "facts.holder.rules.exists(h, (object.at == 'a' ? h.n : 0) == 5)",
        "['a', 'b'].exists(x, facts.holder.rules.exists(h, h.at == x && h.n == 1))",
    ];

    fn names() -> Names<'static> {
        let facts = &["holder", "other"];
        Names { vars: vec![Var::Object], facts, ..Names::default() }
    }

    /// A list of elements, and objects that ask about it.
    fn world() -> (Node, Vec<Node>) {
        let element = |n: i64| {
            let mut element = json!({"n": n, "at": if n % 2 == 0 { "a" } else { "b" }});
            if n == 7 {
                element["odd"] = json!("no boolean");
            }
            element
        };
        let fact = json!({"rules": (0..10).map(element).collect::<Vec<_>>()});
        let objects = [json!({"at": "a"}), json!({"at": "b"}), json!({"at": "c"}), json!({})];
        (Node::from(&fact), objects.iter().map(Node::from).collect())
    }

    fn run(expr: &Expr, fact: &Node, object: &Node, sieves: Option<&Rc<Sieves>>) -> (String, u64) {
        let mut frame = Frame::default();
        frame.set(Var::Object, object.into());
        frame.set_fact(0, Some(fact));
        if let Some(sieves) = sieves {
            frame.sift(sieves);
        }
        let found = expr.run(&mut frame).map(|value| value.to_node());
        (format!("{found:?}"), frame.take_spent())
    }

    #[test]
    fn what_is_left_to_look_at_makes_no_difference_to_what_it_gives() {
        let (fact, objects) = world();
        on_deep_stack(|| {
            let mut seen = std::collections::BTreeSet::new();
            for rule in RULES {
                let expr = Expr::compile(rule, &names()).unwrap_or_else(|e| panic!("{rule}: {e}"));
                let sieves = Rc::default();
                for object in objects.iter().chain(&objects) {
                    let (found, _) = run(&expr, &fact, object, Some(&sieves));
                    assert_eq!(found, run(&expr, &fact, object, None).0, "{rule} {object:?}");
                    seen.insert(found.chars().take(5).collect::<String>());
                }
            }
            assert_eq!(seen.len(), 3, "both results and errors: {seen:?}");
        })
        .unwrap();
    }

    #[test]
    fn elements_are_looked_at_once_for_all_objects() {
        let rules: Vec<_> = (0..5000).map(|n| json!({"n": n, "at": "a"})).collect();
        let fact = Node::from(&json!({"rules": rules}));
        on_deep_stack(|| {
            let rule = "facts.holder.rules.exists(h, h.at == object.at && h.n > 4990)";
            let expr = Expr::compile(rule, &names()).unwrap();
            let sieves: Rc<Sieves> = Rc::default();
            let object = Node::from(&json!({"at": "b"}));
            let (found, steps) = run(&expr, &fact, &object, Some(&sieves));
            let shared = sieves.take_spent();
            assert_eq!(found, "Ok(false)");
            assert!(steps < 200 && shared > 5000, "{steps} {shared}");
            for _ in 0..3 {
                let (_, steps) = run(&expr, &fact, &object, Some(&sieves));
                assert!(steps < 200 && sieves.take_spent() == 0, "{steps}");
            }
            // Another list is another matter, wherever it lies.
            let other = Node::from(&json!({"rules": [{"n": 4999, "at": "b"}]}));
            assert_eq!(run(&expr, &other, &object, Some(&sieves)).0, "Ok(true)");
        })
        .unwrap();
    }
}
