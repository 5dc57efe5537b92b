//! Our evaluator against the stock interpreter, on expressions nobody wrote. Both must give the
//! same value, or both none.
//!
//! Documented differences, which the generator keeps away from: `orValue` and `or` look at their
//! argument only when it is needed (as cel-go does; the stock interpreter always does); a map's
//! keys come in the order of the document (the stock interpreter has none); and a map cannot be
//! added to a list (as in cel-go; the stock interpreter adds its keys).

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test")]

use plimsoll::checks::cel::eval::Frame;
use plimsoll::checks::cel::parse::on_deep_stack;
use plimsoll::checks::cel::{Expr, Names, Val, Var};
use plimsoll::model;
use plimsoll::model::node::Node;

#[path = "cel/oracle.rs"]
mod oracle;

const WORLD: &str = r#"{
  "s": "text", "t": "Ünï cödé", "w": " a b ", "p": "/var//run/../x", "i": 3, "z": 0, "n": -2,
  "d": 1.5, "b": true, "f": false, "l": [1, 2, 3], "ls": ["b", "a", "b"], "e": [], "em": {},
  "m": {"a": 1, "b": {"c": "x", "d": [1]}}, "lm": [{"k": "a", "v": 1}, {"k": "b"}],
  "q": "500m", "c": "10.0.0.0/8", "mixed": [1, "a", true, 1.0, null, [1], {"a": 1}],
  "rule": {"apiGroups": [""], "resources": ["pods/exec", "*/log"], "verbs": ["get", "create"]}
}"#;

/// The third documented difference.
const LIST_AND_MAP: &str = "`+` does not work on list and map";

/// A small generator of its own: the same seed gives the same expressions everywhere.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).unwrap() % sides
    }

    fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.roll(from.len())]
    }
}

struct Writer {
    dice: Dice,
    bound: Vec<&'static str>,
}

const NAMES: [&str; 3] = ["x", "y", "v"];

impl Writer {
    /// Any expression; usually of the kind its place wants.
    fn any(&mut self, depth: usize) -> String {
        match self.dice.roll(8) {
            0 => self.boolean(depth),
            1 => self.number(depth),
            2 => self.text(depth),
            3 => self.list(depth),
            4 => self.map(depth),
            5 => self.optional(depth),
            6 if !self.bound.is_empty() => {
                let at = self.dice.roll(self.bound.len());
                self.bound[at].to_owned()
            }
            _ => self.path(),
        }
    }

    /// Of the kind wanted, but for one time in twelve.
    fn mostly(&mut self, depth: usize, wanted: fn(&mut Self, usize) -> String) -> String {
        if self.dice.roll(12) == 0 { self.any(depth) } else { wanted(self, depth) }
    }

    fn path(&mut self) -> String {
        let paths = [
            "object.s",
            "object.i",
            "object.m.a",
            "object.m.b.c",
            "object.l",
            "object.lm[1].k",
            "object.gone",
            "object.m.gone.x",
            "object.l[1]",
            "object.l[9]",
            "object['s']",
            "object",
            "object.m",
            "object.mixed",
            "object.d",
            "object.b",
            "object.em",
            "object.s.x",
            "object.lm[0]['v']",
            "object.m['b'].d[0]",
        ];
        self.dice.pick(&paths).to_owned()
    }

    fn optional(&mut self, depth: usize) -> String {
        let plain = [
            "object.?s",
            "object.?gone",
            "object.?m.?b.?c",
            "object.?m.b.c",
            "object.?m.gone.c",
            "object.?gone.x.y",
            "object.m.?b",
            "object[?'s']",
            "object.l[?1]",
            "object.l[?9]",
            "object.?l[0]",
            "object.?l[9]",
            "object.?i.x",
            "object.?s.?x",
            "optional.none()",
            "object.?lm[1].?v",
            "object.?lm[0].v",
            "object.?e",
            "object.?f",
        ];
        if depth == 0 {
            return self.dice.pick(&plain).to_owned();
        }
        match self.dice.roll(6) {
            0 => format!("optional.of({})", self.any(depth - 1)),
            1 => format!("optional.ofNonZeroValue({})", self.any(depth - 1)),
            2 => {
                let name = self.name();
                let target = self.optional(0);
                let body = self.within(name, depth, Self::any);
                format!("{target}.optMap({name}, {body})")
            }
            3 => {
                let name = self.name();
                let target = self.optional(0);
                let body = self.within(name, depth, Self::optional);
                format!("{target}.optFlatMap({name}, {body})")
            }
            _ => self.dice.pick(&plain).to_owned(),
        }
    }

    /// What a macro loops over: no map, whose keys have no order elsewhere.
    fn range(&mut self, depth: usize) -> String {
        if self.dice.roll(12) == 0 { self.text(depth) } else { self.list(depth) }
    }

    fn name(&mut self) -> &'static str {
        NAMES[self.dice.roll(NAMES.len())]
    }

    fn within(
        &mut self,
        name: &'static str,
        depth: usize,
        what: fn(&mut Self, usize) -> String,
    ) -> String {
        self.bound.push(name);
        let body = self.mostly(depth.saturating_sub(1), what);
        self.bound.pop();
        body
    }

    fn boolean(&mut self, depth: usize) -> String {
        if depth == 0 {
            let plain =
                ["true", "false", "object.b", "object.f", "has(object.s)", "has(object.gone)"];
            return self.dice.pick(&plain).to_owned();
        }
        let d = depth - 1;
        match self.dice.roll(13) {
            0 => {
                format!("({} && {})", self.mostly(d, Self::boolean), self.mostly(d, Self::boolean))
            }
            1 => {
                format!("({} || {})", self.mostly(d, Self::boolean), self.mostly(d, Self::boolean))
            }
            2 => format!("!({})", self.mostly(d, Self::boolean)),
            3 => {
                let sign = self.dice.pick(&["<", "<=", ">", ">=", "==", "!="]);
                format!(
                    "({} {sign} {})",
                    self.mostly(d, Self::number),
                    self.mostly(d, Self::number)
                )
            }
            4 => {
                let sign = self.dice.pick(&["==", "!="]);
                format!("({} {sign} {})", self.any(d), self.any(d))
            }
            5 => {
                let sign = self.dice.pick(&["<", ">=", "=="]);
                format!("({} {sign} {})", self.mostly(d, Self::text), self.mostly(d, Self::text))
            }
            6 => format!("({} in {})", self.any(d), self.mostly(d, Self::list)),
            7 => format!("({} in {})", self.text(d), self.mostly(d, Self::map)),
            8 => {
                let call = self.dice.pick(&["startsWith", "endsWith", "contains"]);
                format!("{}.{call}({})", self.mostly(d, Self::text), self.mostly(d, Self::text))
            }
            9 | 10 => {
                let call = self.dice.pick(&["all", "exists", "exists_one"]);
                let name = self.name();
                let range = self.range(d);
                format!("{range}.{call}({name}, {})", self.within(name, depth, Self::boolean))
            }
            11 => format!("{}.hasValue()", self.optional(d)),
            _ => self.own(d),
        }
    }

    fn own(&mut self, depth: usize) -> String {
        match self.dice.roll(6) {
            0 => format!("pathWithin({}, '/var')", self.text(depth)),
            1 => {
                format!("globMatch({}, '*{}?')", self.text(depth), self.dice.pick(&["x", "", "*"]))
            }
            2 => format!("isQuantity({})", self.text(depth)),
            3 => "cidrContains(object.c, '10.2.3.4')".to_owned(),
            4 => {
                let resource = self.dice.pick(&["pods/exec", "pods", "nodes/log", "pods/log"]);
                let verb = self.dice.pick(&["get", "delete", "create"]);
                format!("object.rule.grants('', '{resource}', ['{verb}'])")
            }
            _ => format!("{}.matches('^[a-z]+$')", self.mostly(depth, Self::text)),
        }
    }

    fn number(&mut self, depth: usize) -> String {
        if depth == 0 {
            let plain = [
                "0",
                "1",
                "-1",
                "2",
                "3u",
                "1.5",
                "-0.5",
                "object.i",
                "object.z",
                "object.n",
                "object.d",
                "9223372036854775807",
                "0u",
            ];
            return self.dice.pick(&plain).to_owned();
        }
        let d = depth - 1;
        match self.dice.roll(8) {
            0..=2 => {
                let sign = self.dice.pick(&["+", "-", "*", "/", "%"]);
                format!(
                    "({} {sign} {})",
                    self.mostly(d, Self::number),
                    self.mostly(d, Self::number)
                )
            }
            3 => format!("size({})", self.any(d)),
            4 => format!("{}.size()", self.mostly(d, Self::list)),
            5 => format!("(-({}))", self.number(d)),
            6 => {
                let call = self.dice.pick(&["indexOf", "lastIndexOf"]);
                format!("{}.{call}({})", self.mostly(d, Self::text), self.mostly(d, Self::text))
            }
            _ => format!("{}({})", self.dice.pick(&["int", "uint", "double"]), self.any(d)),
        }
    }

    fn text(&mut self, depth: usize) -> String {
        if depth == 0 {
            let plain = [
                "''",
                "'a'",
                "'text'",
                "'ö'",
                "object.s",
                "object.t",
                "object.w",
                "object.p",
                "object.q",
                "object.m.b.c",
                "'12'",
                "'1.5'",
                "object.c",
            ];
            return self.dice.pick(&plain).to_owned();
        }
        let d = depth - 1;
        match self.dice.roll(10) {
            0 => format!("({} + {})", self.mostly(d, Self::text), self.mostly(d, Self::text)),
            1 => {
                let call = self.dice.pick(&["lowerAscii", "upperAscii", "trim", "reverse"]);
                format!("{}.{call}()", self.mostly(d, Self::text))
            }
            2 => format!("{}.replace('a', {})", self.text(d), self.mostly(d, Self::text)),
            3 => format!("{}.substring({})", self.text(d), self.number(0)),
            4 => format!("{}.substring({}, {})", self.text(d), self.number(0), self.number(0)),
            5 => format!("{}.charAt({})", self.text(d), self.number(0)),
            6 => format!("{}.join('-')", self.mostly(d, Self::list)),
            7 => format!("cleanPath({})", self.mostly(d, Self::text)),
            8 => format!("capability({})", self.mostly(d, Self::text)),
            _ => {
                let (a, b) = (self.text(d), self.text(d));
                format!("({} ? {a} : {b})", self.mostly(d, Self::boolean))
            }
        }
    }

    fn list(&mut self, depth: usize) -> String {
        if depth == 0 {
            let plain = [
                "[]",
                "[1, 2]",
                "['a', 'b']",
                "object.l",
                "object.ls",
                "object.lm",
                "object.e",
                "object.mixed",
                "[[1], [2]]",
                "[1, 1u, 1.0]",
            ];
            return self.dice.pick(&plain).to_owned();
        }
        let d = depth - 1;
        match self.dice.roll(9) {
            0 => format!("[{}, {}]", self.any(d), self.any(d)),
            1 => format!("[?{}, {}]", self.optional(0), self.any(d)),
            2 => format!("({} + {})", self.mostly(d, Self::list), self.range(d)),
            3 => {
                let name = self.name();
                let range = self.range(d);
                format!("{range}.map({name}, {})", self.within(name, depth, Self::any))
            }
            4 => {
                let name = self.name();
                let range = self.range(d);
                format!("{range}.filter({name}, {})", self.within(name, depth, Self::boolean))
            }
            5 => {
                let name = self.name();
                let range = self.range(d);
                let keep = self.within(name, depth, Self::boolean);
                format!("{range}.map({name}, {keep}, {})", self.within(name, depth, Self::any))
            }
            6 => format!("{}.split({})", self.mostly(d, Self::text), self.text(0)),
            7 => {
                let call = self.dice.pick(&["sort", "distinct", "reverse", "flatten"]);
                format!("{}.{call}()", self.mostly(d, Self::list))
            }
            _ => format!("{}.slice({}, {})", self.list(d), self.number(0), self.number(0)),
        }
    }

    fn map(&mut self, depth: usize) -> String {
        let plain = ["{}", "object.m", "object.em", "{'a': 1, 'b': 'x'}", "object"];
        if depth == 0 || self.dice.roll(2) == 0 {
            return self.dice.pick(&plain).to_owned();
        }
        let d = depth - 1;
        format!("{{'a': {}, ?'b': {}}}", self.any(d), self.optional(0))
    }
}

/// As the oracle spells values: maps with sorted keys, optionals as maps.
fn spelled(value: &Val<'_>) -> Node {
    match value {
        Val::Opt(None) => Node::map([("none", Node::Bool(true))]),
        Val::Opt(Some(inner)) => Node::map([("some", spelled(inner))]),
        Val::List(_) | Val::Items(_) => {
            let count = value.count().unwrap();
            Node::list((0..count).map(|at| spelled(&value.nth(at).unwrap())).collect())
        }
        Val::Map(_) | Val::Entries(_) => {
            let count = value.count().unwrap();
            let mut entries: Vec<(String, Node)> = (0..count)
                .map(|at| {
                    let key = value.nth(at).unwrap().as_str().unwrap().to_owned();
                    let member = spelled(&value.named(&key).unwrap());
                    (key, member)
                })
                .collect();
            entries.sort_by(|a, b| a.0.cmp(&b.0));
            Node::map(entries.iter().map(|(k, v)| (k.as_str(), v.clone())))
        }
        plain => plain.to_node(),
    }
}

fn differences(seed: u64, count: usize) -> Vec<String> {
    let names = Names { vars: vec![Var::Object], ..Names::default() };
    let world = Node::from_json(WORLD.as_bytes()).unwrap();
    let vars = [("object", world.clone())];
    let oracle = oracle::Oracle::new();
    let mut writer = Writer { dice: Dice(seed), bound: Vec::new() };
    let mut different = Vec::new();
    let mut values = 0;
    for _ in 0..count {
        let depth = 1 + writer.dice.roll(3);
        let source = writer.any(depth);
        let theirs = oracle.run(&oracle.compile(&source), &vars);
        let expr = Expr::compile(&source, &names).unwrap_or_else(|e| panic!("{source}: {e}"));
        let mut frame = Frame::default();
        frame.set(Var::Object, (&world).into());
        let ours = expr.run(&mut frame);
        match (&ours, &theirs) {
            (Ok(ours), Ok(theirs)) if spelled(ours) == *theirs => values += 1,
            (Err(_), Err(_)) => {}
            (Err(error), Ok(_)) if error.to_string() == LIST_AND_MAP => {}
            _ => different.push(format!("{source}\n    ours:   {ours:?}\n    theirs: {theirs:?}")),
        }
    }
    // Errors agree too easily: enough of the expressions must come to something.
    assert!(values > count / 3, "only {values} of {count} expressions have a value");
    different
}

#[test]
fn the_evaluator_agrees_with_the_stock_interpreter() {
    let (mut all, mut seed) = (Vec::new(), 0x5EED_1234_5678_9ABC_u64);
    let rounds =
        std::env::var("PLIMSOLL_FUZZ_ROUNDS").ok().and_then(|r| r.parse().ok()).unwrap_or(4);
    for _ in 0..rounds {
        all.extend(on_deep_stack(|| differences(seed, 5_000)).unwrap());
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
    }
    all.sort_by_key(String::len);
    let shown: Vec<&str> = all.iter().take(25).map(String::as_str).collect();
    assert!(all.is_empty(), "{} differences, the shortest:\n{}", all.len(), shown.join("\n"));
}
