//! Every shipped rule, on everything its examples show it, against the stock interpreter.

use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

use cel::Program;

use super::beside::Lists;
use super::cel::eval::Frame;
use super::cel::parse::on_deep_stack;
use super::cel::{Expr, Var};
use super::compiled::{Compiled, FACTS, fact_of, slots};
use super::examples::world;
use super::judge::{Known, list_at};
use super::library::Library;
use super::plan::Plan;
use super::run::cluster;
use super::scope::Scope;
use super::target::Parts;
use super::{Check, Params};
use crate::facts::{Facts, Options, Target};
use crate::model;
use crate::model::node::Node;
use crate::model::object::Object;

#[path = "../../tests/cel/oracle.rs"]
mod oracle;

/// Functions that the stock interpreter is not taught: their own tests hold them.
const OURS: [&str; 8] = [
    "imageRef(",
    "selectorMatches(",
    "parseYaml(",
    "daysBetween(",
    "versionCompare(",
    "certificatesEnd(",
    "durationSeconds(",
    "commandFlag(",
];

struct Comparison {
    oracle: oracle::Oracle,
    programs: HashMap<String, Program>,
    compared: usize,
    remembered: usize,
    different: Vec<String>,
}

impl Comparison {
    fn example(&mut self, check: &Arc<Check>, plan: &Plan, inventory: model::inventory::Inventory) {
        let facts = Facts::new(Arc::new(inventory), Options::default());
        let compiled = &plan.checks[0];
        let cluster = cluster(&facts.inventory().source);
        if check.target.scope == Scope::Cluster {
            let known = known(&facts, compiled, &Target::Cluster);
            let mut frame = Frame::default();
            known.bind(&mut frame);
            frame.set(Var::Cluster, (&cluster).into());
            frame.set(Var::Params, (&compiled.params).into());
            let nowhere = Object::new(Node::map([
                ("apiVersion", Node::str("plimsoll")),
                ("kind", Node::str("Cluster")),
                ("metadata", Node::map([("name", Node::str("cluster"))])),
            ]));
            let mut lists = Lists::new(&facts, &cluster);
            if let Some(beside) = lists.of(0, compiled, &nowhere.unwrap()) {
                beside.bind(&mut frame);
            }
            self.exprs(compiled, &mut frame);
            return;
        }
        for object in facts.inventory().objects() {
            if check.target.kinds.iter().any(|k| k.matches(&object.kind())) {
                self.object(compiled, &facts, &cluster, object);
            }
        }
    }

    fn object<'a>(
        &mut self,
        compiled: &'a Compiled,
        facts: &'a Facts,
        cluster: &'a Node,
        object: &'a Object,
    ) {
        let parts = Parts::with_facts(object, facts);
        let mut lists = Lists::new(facts, cluster);
        let sieves = Rc::default();
        for element in parts.elements(compiled.check.target.scope) {
            let known = known(facts, compiled, &parts.fact_target(element));
            let mut frame = Frame::default();
            known.bind(&mut frame);
            parts.bind_object(&mut frame);
            parts.bind(&mut frame, element);
            frame.set(Var::Cluster, cluster.into());
            frame.set(Var::Params, (&compiled.params).into());
            frame.sift(&sieves);
            if let Some(beside) = lists.of(0, compiled, object) {
                beside.bind(&mut frame);
            }
            let each = compiled.check.rule.each.as_ref();
            let items = each.and_then(|each| list_at(&parts, element, each)?.as_list());
            match items {
                Some(items) => {
                    for item in items {
                        frame.set(Var::Item, item.into());
                        self.exprs(compiled, &mut frame);
                    }
                }
                None => self.exprs(compiled, &mut frame),
            }
        }
    }

    fn exprs<'a>(&mut self, compiled: &'a Compiled, frame: &mut Frame<'a>) {
        for expr in compiled.exprs() {
            self.compare(compiled, expr, frame);
        }
    }

    /// What an expression remembers and looks up makes no difference to what it gives.
    fn compare_alone<'a>(&mut self, compiled: &Compiled, expr: &'a Expr, frame: &mut Frame<'a>) {
        if expr.hoard.is_empty() {
            return;
        }
        let memo = frame.remember(None);
        let alone = expr.run(frame).map(|value| value.to_node());
        frame.remember(memo);
        let together = expr.run(frame).map(|value| value.to_node());
        self.remembered += 1;
        if alone != together {
            self.different.push(format!(
                "{}: {}\n    alone:    {alone:?}\n    together: {together:?}",
                compiled.id(),
                expr.source()
            ));
        }
    }

    fn compare<'a>(&mut self, compiled: &Compiled, expr: &'a Expr, frame: &mut Frame<'a>) {
        self.compare_alone(compiled, expr, frame);
        if OURS.iter().any(|name| expr.source().contains(name)) {
            return;
        }
        let mut names = compiled.check.target.scope.vars();
        names.push(Var::Item);
        let mut vars: Vec<(&str, Node)> =
            names.iter().map(|v| (v.name(), frame.get(*v).to_node())).collect();
        let known = FACTS.iter().enumerate().filter_map(|(slot, name)| {
            frame.fact(u8::try_from(slot).unwrap()).map(|fact| (*name, fact.clone()))
        });
        vars.push(("facts", Node::map(known)));
        let oracle = &self.oracle;
        let program =
            self.programs.entry(expr.source().to_owned()).or_insert_with_key(|s| oracle.compile(s));
        let theirs = oracle.run(program, &vars);
        let ours = expr.run(frame).map(|value| value.to_node());
        self.compared += 1;
        // Keys of a map come in no order of their own there.
        let (ours, theirs) = (ours.map(sorted), theirs.map(sorted));
        match (&ours, &theirs) {
            (Ok(ours), Ok(theirs)) if ours == theirs => {}
            (Err(_), Err(_)) => {}
            _ => self.different.push(format!(
                "{}: {}\n    ours:   {ours:?}\n    theirs: {theirs:?}",
                compiled.id(),
                expr.source()
            )),
        }
    }
}

/// A list of texts in one order.
fn sorted(node: Node) -> Node {
    match node {
        Node::List(items) if items.iter().all(|item| item.as_str().is_some()) => {
            let mut items = items.to_vec();
            items.sort_by(|a, b| a.as_str().cmp(&b.as_str()));
            Node::list(items)
        }
        other => other,
    }
}

fn known(facts: &Facts, compiled: &Compiled, target: &Target<'_>) -> Known {
    let mut known = Known::default();
    for slot in slots(compiled.facts) {
        known.push(slot, facts.get(fact_of(slot).unwrap(), target));
    }
    known
}

fn compare_all() -> Comparison {
    let library = Library::builtin();
    let mut comparison = Comparison {
        oracle: oracle::Oracle::new(),
        programs: HashMap::new(),
        compared: 0,
        remembered: 0,
        different: Vec::new(),
    };
    for id in library.checks.keys() {
        let check = library.full(id).unwrap();
        for example in &check.examples {
            let plan = Plan::of(&check, &Params(example.params.clone())).unwrap();
            let inventory = world(&plan, example).unwrap();
            comparison.example(&check, &plan, inventory);
        }
    }
    comparison
}

#[test]
fn every_shipped_rule_agrees_with_the_stock_interpreter_on_its_examples() {
    let comparison = on_deep_stack(compare_all).unwrap();
    assert!(comparison.compared > 1000, "{}", comparison.compared);
    assert!(comparison.remembered > 1000, "{}", comparison.remembered);
    let different = comparison.different;
    assert!(different.is_empty(), "{}:\n{}", different.len(), different.join("\n"));
}
