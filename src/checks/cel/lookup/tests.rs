use std::rc::Rc;

use serde_json::{Value, json};

use super::super::eval::Frame;
use super::super::memo::Common;
use super::super::parse::on_deep_stack;
use super::super::{Expr, Names, Val, Var};
use crate::model::node::Node;

/// Elements as they may be: some without the field, some with another type there.
fn elements() -> Value {
    let mut all: Vec<Value> = (0..40)
        .map(|at| {
            json!({"name": format!("n{}", at % 7), "labels": {"app": format!("a{}", at % 5), "tier": "x"},
                "selector": {"matchLabels": {"tier": "x", "app": format!("a{}", at % 5)}},
                "refs": [{"name": format!("r{at}")}, {"name": format!("n{}", at % 3)}], "on": at % 2 == 0})
        })
        .collect();
    all.extend([
        json!({}),
        json!({"name": 3}),
        json!({"name": ["n1"], "labels": "n1", "refs": {}}),
    ]);
    all.push(json!({"name": "n1", "selector": {}, "labels": {}, "refs": [{}]}));
    all.push(json!({"name": "n2", "selector": {"matchExpressions": [
        {"key": "app", "operator": "In", "values": ["a1", "a9"]}]}}));
    all.into()
}

/// What a rule gives for an object, remembered by the rules before it and not.
fn both(rule: &str, objects: &[Value]) -> Vec<(String, String)> {
    let names =
        Names { vars: vec![Var::Object, Var::Lists], lists: vec!["all"], ..Names::default() };
    let expr = Expr::compile(rule, &names).unwrap_or_else(|error| panic!("{rule}: {error}"));
    let lists = Node::from(&json!({"all": elements()}));
    let (lists, nothing) = (Val::from(&lists), Node::map([]));
    let vars = [
        (Var::Lists, lists.clone()),
        (Var::Params, Val::from(&nothing)),
        (Var::Cluster, Val::from(&nothing)),
    ];
    let common = Rc::new(Common::new([&expr].into_iter(), vars, 45).eager());
    let objects: Vec<Node> = objects.iter().map(Node::from).collect();
    let one = |object: &Node| {
        let run = |memo: bool| {
            let mut frame = Frame::default();
            frame.set(Var::Lists, lists.clone());
            frame.set(Var::Object, object.into());
            let common = Rc::<Common<'_>>::clone(&common);
            frame.remember(if memo { Some(common) } else { None });
            format!("{:?}", expr.run(&mut frame).map(|value| value.to_node()))
        };
        (run(true), run(false))
    };
    objects.iter().map(one).collect()
}

#[test]
fn looking_up_gives_what_looking_at_every_pair_gives() {
    let objects = [
        json!({"name": "n1", "labels": {"app": "a1", "tier": "x"}, "names": ["n1", "n2"]}),
        json!({"name": "n9", "labels": {"app": "a9"}, "names": []}),
        json!({"name": 3, "labels": [], "names": [3, "n1"]}),
        json!({}),
    ];
    let rules = [
        "lists.all.exists(e, e.name == object.name)",
        "lists.all.exists(e, object.name == e.?name.orValue('') && e.on)",
        "lists.all.filter(e, e.?name.orValue('') == object.?name.orValue('') && e.?on.orValue(false)).size()",
        "lists.all.exists_one(e, e.?refs[?0].?name.orValue('') == object.?name.orValue('none'))",
        "lists.all.exists(e, e.refs.exists(r, r.name == object.name))",
        "lists.all.exists(e, e.?refs.orValue([]).exists(r, r.?name.orValue('') == object.?name.orValue('')))",
        "lists.all.exists(e, e.?name.orValue('') == object.?name.orValue('x') || e.?labels.?app.orValue('') == 'a9')",
        "lists.all.filter(e, e.?on.orValue(false) ? e.name == object.?name.orValue('') : false).map(e, e.refs[0].name)",
        "lists.all.filter(e, e.?name.orValue('') in object.?names.orValue([])).size()",
        "lists.all.filter(e, object.?name.orValue('') in e.?refs.orValue([]).map(r, r.?name.orValue(''))).size()",
        "lists.all.filter(e, selectorMatches(e.?selector.orValue({}), object.?labels.orValue({}))).size()",
        "lists.all.filter(e, selectorMatches({'matchLabels': object.labels}, e.?labels.orValue({}))).size()",
        "lists.all.filter(e, e.?labels.orValue({}) == object.?labels.orValue({})).size()",
        "['n1', 'n2'].map(n, (lists.all + lists.all).filter(e, e.?name.orValue('') == n && has(object.name)).size())",
        "lists.all.map(e, e.?name.orValue('')).filter(n, n == object.?name.orValue('')).size()",
    ];
    on_deep_stack(|| {
        for rule in rules {
            for (object, (together, alone)) in objects.iter().zip(both(rule, &objects)) {
                assert_eq!(together, alone, "{rule} on {object}");
            }
        }
    })
    .unwrap();
}
