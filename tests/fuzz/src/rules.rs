//! Expressions of checks: whatever compiles comes to an end, within a budget.

use std::sync::OnceLock;

use plimsoll::checks::cel::eval::Frame;
use plimsoll::checks::cel::parse::{on_deep_stack, position};
use plimsoll::checks::cel::{Expr, Names, Val, Var};
use plimsoll::model::node::Node;

const OBJECT: &str = r#"{
  "s": "text", "t": "Ünï cödé", "y": "a: &a [x, x]\nb: [*a, *a]\n", "i": 3, "n": -2, "d": 1.5,
  "b": true, "l": [1, 2, 3], "ls": ["b", "a", "b"], "e": [], "m": {"a": 1, "b": {"c": ["x"]}},
  "lm": [{"k": "a", "v": 1}, {"k": "b"}], "q": "500m", "c": "10.0.0.0/8", "img": "a.b:5/c:d@e",
  "time": "2026-01-02T03:04:05Z", "sel": {"matchLabels": {"a": "b"}}, "big": 18446744073709551615
}"#;

/// An expression: parsed, compiled and evaluated. An error has its place in the text.
pub fn cel(data: &[u8]) {
    static TREE: OnceLock<Node> = OnceLock::new();
    let Some(text) = super::text(data) else { return };
    let tree = TREE.get_or_init(|| Node::from_json(OBJECT.as_bytes()).expect("it is JSON"));
    let ran = on_deep_stack(|| {
        let names = Names { vars: vec![Var::Object, Var::Item], ..Names::default() };
        let expr = match Expr::compile(text, &names) {
            Ok(expr) => expr,
            Err(error) => return assert!(error.line >= 1 && error.column >= 1, "{error:?}"),
        };
        let mut frame = Frame::default();
        frame.set(Var::Object, Val::from(tree));
        frame.set(Var::Item, Val::from(tree));
        match expr.run(&mut frame) {
            Ok(value) => drop(value.type_of()),
            Err(error) => {
                let (line, column) = position(text, error.offset());
                assert!(line >= 1 && column >= 1);
                super::harmless(&plimsoll::text::clean(&expr.describe(&error)));
            }
        }
        let once = expr.test(&mut frame).ok();
        assert_eq!(once, expr.test(&mut frame).ok(), "a second look gives the same");
    });
    ran.expect("the thread that evaluates ends");
}
