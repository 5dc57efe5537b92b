//! Functions that rules on Kubernetes need and the language does not have.

use crate::model::cidr::Cidr;
use crate::model::node::Node;

use super::call::Call;
use super::eval::{Evaluated, Frame};
use super::functions::Fun;
use super::value::{EvalError, Val};
use super::{ops, quantity};
use crate::text::{glob_effort, glob_match};

/// Runs one of our own functions, receiver first.
pub(super) fn call<'a>(frame: &mut Frame<'a>, call: Call<'_, 'a>) -> Evaluated<'a> {
    let Call { fun, args, at } = call;
    if fun == Fun::Grants {
        return grants(frame, call);
    }
    if fun == Fun::Narrowed {
        let names = args.first().and_then(|rule| rule.named("resourceNames"));
        return Ok(Val::Bool(names.and_then(|n| n.count()).is_some_and(|n| n > 0)));
    }
    let (text, other) = (call.text(0)?, call.maybe_text(1));
    if let (Fun::GlobMatch, Some(pattern)) = (fun, other) {
        return glob(frame, text, pattern, at).map(Val::Bool);
    }
    frame.charge((text.len() + other.map_or(0, str::len)) / 8 + 1, at)?;
    Ok(match (fun, other) {
        (Fun::CleanPath, None) => Val::Text(clean_path(text).into()),
        (Fun::Capability, None) => Val::Text(capability(text).into()),
        (Fun::IsQuantity, None) => Val::Bool(quantity::parse(text).is_some()),
        (Fun::Quantity, None) => Val::Double(
            quantity::parse(text)
                .ok_or_else(|| call.refuse(&format!("`{text}` is no quantity")))?,
        ),
        (Fun::IsCidr, None) => Val::Bool(Cidr::parse(text).is_some()),
        (Fun::PathWithin, Some(dir)) => Val::Bool(path_within(text, dir)),
        (Fun::CidrContains, Some(ip)) => Val::Bool(contains(text, ip)),
        (Fun::CidrWithin, Some(inner)) => Val::Bool(covers(text, inner)),
        _ => return Err(call.wrong()),
    })
}

/// Whether an address lies in a block; not where either cannot be read.
fn contains(block: &str, address: &str) -> bool {
    let (block, address) = (Cidr::parse(block), address.parse());
    matches!((block, address), (Some(block), Ok(address)) if block.contains(address))
}

/// Whether a block lies in another; not where either cannot be read.
fn covers(outer: &str, inner: &str) -> bool {
    let (outer, inner) = (Cidr::parse(outer), Cidr::parse(inner));
    outer.zip(inner).is_some_and(|(outer, inner)| outer.covers(inner))
}

/// Whether a text fits a pattern, paid for by the letters that have to be looked at.
pub(super) fn glob(
    frame: &mut Frame<'_>,
    text: &str,
    pattern: &str,
    at: u32,
) -> Result<bool, EvalError> {
    frame.charge(glob_effort(text.len(), pattern) / 64 + 1, at)?;
    Ok(glob_match(text, pattern))
}

/// Whether a `PolicyRule` grants one of some verbs on a resource, as the RBAC authorizer decides:
/// `*` matches every group, resource and verb; `*/exec` a subresource of every resource.
fn grants<'a>(frame: &mut Frame<'a>, call: Call<'_, 'a>) -> Evaluated<'a> {
    let (rule, group, resource) = (call.arg(0)?, call.text(1)?, call.text(2)?);
    let verbs = call.list(3)?;
    let (count, at) = (verbs.count().unwrap_or(0), call.at);
    let entries = |member: &str| rule.named(member).and_then(|list| list.count()).unwrap_or(0);
    let steps = entries("verbs").saturating_mul(count) / 4;
    frame.charge(steps + (entries("apiGroups") + entries("resources")) / 4 + count + 8, at)?;
    if !holds(rule, "apiGroups", |g| g == "*" || g == group) {
        return Ok(Val::Bool(false));
    }
    let sub = resource.split_once('/').map(|(_, sub)| sub);
    let of_resource = |r: &str| {
        r == "*" || r == resource || sub.is_some_and(|sub| r.strip_prefix("*/") == Some(sub))
    };
    if !holds(rule, "resources", of_resource) {
        return Ok(Val::Bool(false));
    }
    let mut any = holds(rule, "verbs", |v| v == "*");
    for place in 0..count {
        if any {
            break;
        }
        let Some(verb) = verbs.nth(place) else { break };
        let verb = verb.as_str().ok_or_else(|| call.wrong())?.to_owned();
        any = holds(rule, "verbs", |v| v == verb);
    }
    Ok(Val::Bool(any))
}

fn holds(rule: &Val<'_>, member: &str, fits: impl Fn(&str) -> bool) -> bool {
    match rule.named(member) {
        Some(Val::List(items)) => items.iter().filter_map(Node::as_str).any(fits),
        Some(list @ Val::Items(_)) => ops::elements(&list).iter().filter_map(Val::as_str).any(fits),
        _ => false,
    }
}

/// The shortest path that names the same place, without looking at a file system: the rules of
/// Go's `path.Clean`.
#[must_use]
pub fn clean_path(path: &str) -> String {
    let rooted = path.starts_with('/');
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|p| *p != "..") => {
                parts.pop();
            }
            ".." if rooted => {}
            part => parts.push(part),
        }
    }
    let joined = parts.join("/");
    match (rooted, joined.is_empty()) {
        (true, _) => format!("/{joined}"),
        (false, true) => ".".to_owned(),
        (false, false) => joined,
    }
}

fn path_within(path: &str, dir: &str) -> bool {
    let up = |p: &str| p.split('/').any(|part| part == "..");
    if up(path) || up(dir) {
        return plainly_within(&clean_path(path), &clean_path(dir));
    }
    plainly_within(path, dir)
}

/// For paths that never lead upwards.
fn plainly_within(path: &str, dir: &str) -> bool {
    fn parts(path: &str) -> impl Iterator<Item = &str> {
        path.split('/').filter(|part| !part.is_empty() && *part != ".")
    }
    let mut path_parts = parts(path);
    path.starts_with('/') == dir.starts_with('/')
        && parts(dir).all(|part| path_parts.next() == Some(part))
        && path_parts.next() != Some("..")
}

fn capability(name: &str) -> String {
    let upper = name.to_ascii_uppercase();
    upper.strip_prefix("CAP_").unwrap_or(&upper).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_cleaned_as_go_does() {
        for (path, clean) in [
            ("/var//run/../x", "/var/x"),
            ("", "."),
            ("/", "/"),
            ("/../a", "/a"),
            ("a/../..", ".."),
            ("../a/./b/", "../a/b"),
            ("a/..", "."),
            ("//", "/"),
        ] {
            assert_eq!(clean_path(path), clean, "{path}");
        }
    }

    #[test]
    fn a_path_is_within_itself_and_what_holds_it() {
        assert!(path_within("/var/run/docker.sock", "/var/run"));
        assert!(path_within("/var/run/", "/var/run"));
        assert!(path_within("/anything", "/"));
        assert!(!path_within("/var/running", "/var/run"));
        assert!(!path_within("/etc/../var", "/etc"));
        assert!(path_within("/var/./run//x", "//var/run/"));
        assert!(!path_within("var/run", "/var"));
        assert!(path_within("../a/b", "../a"));
        assert!(path_within("a", ".") && !path_within("../a", ".") && !path_within("../..", ".."));
    }

    #[test]
    fn capabilities_have_one_spelling() {
        assert_eq!(capability("cap_net_admin"), "NET_ADMIN");
        assert_eq!(capability("SYS_ADMIN"), "SYS_ADMIN");
    }
}
