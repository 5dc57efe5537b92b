//! The stock interpreter, set up to know what our rules know.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test")]
#![allow(clippy::needless_pass_by_value, reason = "the interpreter hands values over")]

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;

use cel::extractors::This;
use cel::objects::{Key, Map, OptionalValue};
use cel::{Context, Env, ExecutionError, Program, Value, extensions};

use super::model::node::Node;

/// The stock interpreter with the same functions.
pub struct Oracle {
    env: Arc<Env>,
}

impl Oracle {
    pub fn new() -> Self {
        let mut env = Env::stdlib();
        env.add_extension(extensions::strings).unwrap();
        env.add_extension(extensions::lists).unwrap();
        Self { env: Arc::new(env) }
    }

    pub fn compile(&self, source: &str) -> Program {
        self.env.compile(source).unwrap_or_else(|error| panic!("{source}: {error}"))
    }

    /// What the program gives, in the trees that our values become; optionals as `{"some": x}`
    /// or `{"none": true}`.
    pub fn run(&self, program: &Program, vars: &[(&str, Node)]) -> Result<Node, String> {
        let mut context = Context::with_env(Arc::clone(&self.env));
        for (name, node) in vars {
            context.add_variable_from_value(*name, value(node));
        }
        functions(&mut context);
        program.execute(&context).map(|v| node(&v)).map_err(|error| error.to_string())
    }
}

fn value(node: &Node) -> Value {
    match node {
        Node::Null => Value::Null,
        Node::Bool(v) => Value::Bool(*v),
        // Whole numbers of manifests are ints, as the API server has them.
        Node::Int(v) => Value::Int(*v),
        Node::UInt(v) => Value::UInt(*v),
        Node::Float(v) => Value::Float(*v),
        Node::Str(v) => Value::String(Arc::new(v.to_string())),
        Node::List(v) => Value::List(Arc::new(v.iter().map(value).collect())),
        Node::Map(v) => {
            let entries = v.iter().map(|(k, v)| (Key::String(Arc::new(k.to_owned())), value(v)));
            Value::Map(Map { map: Arc::new(entries.collect::<HashMap<_, _>>()) })
        }
    }
}

fn node(value: &Value) -> Node {
    match value {
        Value::Bool(v) => Node::Bool(*v),
        Value::Int(v) => Node::Int(*v),
        Value::UInt(v) => i64::try_from(*v).map_or(Node::UInt(*v), Node::Int),
        Value::Float(v) => Node::Float(*v),
        Value::String(v) => Node::str(v),
        Value::List(v) => Node::list(v.iter().map(node).collect()),
        Value::Map(v) => {
            let mut entries: Vec<(String, Node)> =
                v.map.iter().map(|(k, v)| (format!("{k}"), node(v))).collect();
            entries.sort_by(|a, b| a.0.cmp(&b.0));
            Node::map(entries.iter().map(|(k, v)| (k.as_str(), v.clone())))
        }
        Value::Opaque(_) => match <&OptionalValue>::try_from(value) {
            Ok(optional) => match optional.value() {
                Some(inner) => Node::map([("some", node(inner))]),
                None => Node::map([("none", Node::Bool(true))]),
            },
            Err(_) => Node::str("opaque"),
        },
        _ => Node::Null,
    }
}

fn functions(context: &mut Context<'_, '_>) {
    let add = |result: Result<(), cel::DeclarationError>| result.unwrap();
    add(context.add_function("cleanPath", |p: Arc<String>| clean(&p)));
    add(context.add_function("pathWithin", |p: Arc<String>, d: Arc<String>| {
        let (p, d) = (clean(&p), clean(&d));
        let rest = match d.as_str() {
            "/" => p.strip_prefix('/'),
            "." if !p.starts_with('/') => Some(p.as_str()),
            d => p.strip_prefix(&format!("{d}/")),
        };
        p == d || rest.is_some_and(|rest| rest != ".." && !rest.starts_with("../"))
    }));
    add(context.add_function("capability", |c: Arc<String>| {
        c.to_ascii_uppercase().trim_start_matches("CAP_").to_owned()
    }));
    add(context.add_function("globMatch", |t: Arc<String>, p: Arc<String>| {
        let escaped = regex::escape(&p).replace(r"\*", ".*").replace(r"\?", ".");
        regex::Regex::new(&format!("(?s)^{escaped}$")).unwrap().is_match(&t)
    }));
    add(context.add_function("isQuantity", |t: Arc<String>| quantity(&t).is_some()));
    add(context.add_function("quantity", |t: Arc<String>| {
        quantity(&t).ok_or_else(|| ExecutionError::function_error("quantity", "none"))
    }));
    add(context.add_function("isCidr", |t: Arc<String>| range(&t).is_some()));
    add(context.add_function("cidrContains", |r: Arc<String>, ip: Arc<String>| {
        let (Some((net, prefix)), Ok(ip)) = (range(&r), ip.parse::<IpAddr>()) else { return false };
        net.len() == octets(ip).len() && bits(&octets(ip), prefix) == bits(&net, prefix)
    }));
    add(context.add_function("cidrWithin", |outer: Arc<String>, inner: Arc<String>| {
        let (Some(outer), Some(inner)) = (range(&outer), range(&inner)) else { return false };
        outer.0.len() == inner.0.len()
            && outer.1 <= inner.1
            && bits(&outer.0, outer.1) == bits(&inner.0, outer.1)
    }));
    add(context.add_function("narrowed", |This(rule): This<Value>| {
        !strings(&rule, "resourceNames").is_empty()
    }));
    add(context.add_function("grants", grants));
}

fn grants(
    This(rule): This<Value>,
    group: Arc<String>,
    resource: Arc<String>,
    verbs: Arc<Vec<Value>>,
) -> bool {
    let any =
        |have: &[String], wanted: &dyn Fn(&str) -> bool| have.iter().any(|h| h == "*" || wanted(h));
    let sub = resource.split_once('/').map(|(_, sub)| format!("*/{sub}"));
    any(&strings(&rule, "apiGroups"), &|g| *g == **group)
        && any(&strings(&rule, "resources"), &|r| *r == **resource || sub.as_deref() == Some(r))
        && any(&strings(&rule, "verbs"), &|v| {
            verbs.iter().any(|w| matches!(w, Value::String(w) if ***w == *v))
        })
}

fn strings(rule: &Value, key: &str) -> Vec<String> {
    let Value::Map(map) = rule else { return Vec::new() };
    let Some(Value::List(items)) = map.map.get(&Key::String(Arc::new(key.to_owned()))) else {
        return Vec::new();
    };
    items
        .iter()
        .filter_map(|i| if let Value::String(s) = i { Some(s.to_string()) } else { None })
        .collect()
}

/// Written apart from the one under test.
fn clean(path: &str) -> String {
    let rooted = path.starts_with('/');
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/').filter(|p| !p.is_empty() && *p != ".") {
        let up = part == "..";
        if up && parts.last().is_some_and(|last| *last != "..") {
            parts.pop();
        } else if !(up && rooted) {
            parts.push(part);
        }
    }
    let text = format!("{}{}", if rooted { "/" } else { "" }, parts.join("/"));
    if text.is_empty() { ".".to_owned() } else { text }
}

fn quantity(text: &str) -> Option<f64> {
    let form =
        r"^([+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+))(?:([numkMGTPE]|[KMGTPE]i)|[eE]([+-]?[0-9]{1,3}))?$";
    let found = regex::Regex::new(form).unwrap().captures(text)?;
    let number: f64 = found[1].parse().ok()?;
    if let Some(power) = found.get(3) {
        return Some(number * 10_f64.powi(power.as_str().parse().ok()?));
    }
    let suffix = found.get(2).map_or("", |s| s.as_str());
    let small = ["n", "u", "m"].iter().position(|s| *s == suffix);
    let big = ["", "k", "M", "G", "T", "P", "E"].iter().position(|s| *s == suffix);
    let binary = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"].iter().position(|s| *s == suffix);
    let power = |n: usize| i32::try_from(n).unwrap();
    Some(match (small, big, binary) {
        (Some(at), ..) => number * [1e-9, 1e-6, 1e-3][at],
        (_, Some(at), _) => number * 10_f64.powi(3 * power(at)),
        (_, _, Some(at)) => number * 1024_f64.powi(power(at)),
        _ => return None,
    })
}

fn octets(ip: IpAddr) -> Vec<u8> {
    match ip {
        IpAddr::V4(ip) => ip.octets().to_vec(),
        IpAddr::V6(ip) => ip.octets().to_vec(),
    }
}

fn bits(octets: &[u8], count: usize) -> Vec<bool> {
    let bit = |octet: u8, at: u32| octet >> (7 - at) & 1 == 1;
    let all = octets.iter().flat_map(|o| (0..8).map(move |at| bit(*o, at)));
    all.take(count).collect()
}

fn range(text: &str) -> Option<(Vec<u8>, usize)> {
    let (ip, prefix) = text.split_once('/')?;
    let octets = octets(ip.parse().ok()?);
    let prefix: usize = if prefix.starts_with('+') { return None } else { prefix.parse().ok()? };
    (prefix <= octets.len() * 8).then_some((octets, prefix))
}
