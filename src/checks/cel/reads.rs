//! What an expression looks at, told from its text alone.

use super::hoard::Hoard;
use super::ir::{Chain, End, Index, Ir};
use super::scope::Var;
use crate::model::node::Node;

/// Calls `note` with every variable an expression names, and with the member it takes of it: none
/// where it may look at the whole. Facts are not among them.
pub(super) fn each<'i>(ir: &'i Ir, hoard: &'i Hoard, note: &mut dyn FnMut(Var, Option<&'i str>)) {
    let mut stack = vec![ir];
    while let Some(ir) = stack.pop() {
        match ir {
            Ir::Var(slot) => named(*slot, None, note),
            Ir::Chain(chain) => {
                match chain.base {
                    Ir::Var(slot) => named(slot, first(chain), note),
                    ref base => stack.push(base),
                }
                if let End::OrValue(other) = &chain.end {
                    stack.push(other);
                }
            }
            Ir::Index(index) => match constant(index) {
                Some((slot, key)) => named(slot, Some(key), note),
                None => stack.extend([&index.base, &index.key]),
            },
            Ir::Shared(at) => stack.extend(hoard.value(*at)),
            Ir::Keyed(at) => {
                hoard.each(*at).into_iter().for_each(|l| l.inner(&mut |part| stack.push(part)));
            }
            _ => ir.inner(&mut |part| stack.push(part)),
        }
    }
}

fn named<'i>(slot: u8, member: Option<&'i str>, note: &mut dyn FnMut(Var, Option<&'i str>)) {
    if let Some(var) = Var::ALL.get(usize::from(slot)) {
        note(*var, member);
    }
}

/// The first member of a chain.
fn first(chain: &Chain) -> Option<&str> {
    match (chain.steps.first(), &chain.end) {
        (Some(step), _) => Some(step.key.as_str()),
        (None, End::Has(key)) => Some(key.as_str()),
        _ => None,
    }
}

/// A variable and a member of it that is named outright.
fn constant(index: &Index) -> Option<(u8, &str)> {
    match (&index.base, &index.key) {
        (Ir::Var(slot), Ir::Const(Node::Str(key))) => Some((*slot, key)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use crate::checks::cel::{Expr, Names, Var};

    fn reads(source: &str) -> Vec<String> {
        let vars = vec![Var::Pod, Var::Container, Var::Lists, Var::Params];
        let names = Names { vars, lists: vec!["services"], params: vec!["p"], facts: &[] };
        let expr = Expr::compile(source, &names).unwrap();
        let mut all = Vec::new();
        expr.reads(&mut |var, member| {
            all.push(format!("{}.{}", var.name(), member.unwrap_or("*")));
        });
        all.sort();
        all.dedup();
        all
    }

    #[test]
    fn members_that_are_named_and_wholes() {
        for (source, expected) in [
            ("pod.a.b == 1", "pod.a"),
            ("pod.?a.b.orValue(pod.c)", "pod.a pod.c"),
            ("has(pod.a)", "pod.a"),
            ("has(pod.a.b)", "pod.a"),
            ("pod['a'] == 1", "pod.a"),
            ("pod[?'a'].hasValue()", "pod.a"),
            ("pod[container.name] == 1", "container.name pod.*"),
            ("pod == container", "container.* pod.*"),
            ("size(pod) == 1", "pod.*"),
            ("'a' in pod", "pod.*"),
            ("pod.exists(k, k == 'a')", "pod.*"),
            ("[pod].exists(p, p.a == 1)", "pod.*"),
            ("pod.l.exists(x, x.b == container.n)", "container.n pod.l"),
            (
                "lists.services.filter(s, s.a == params.p).exists(s, s.b == pod.c)",
                "lists.services params.p pod.c",
            ),
            ("pod.l.all(x, x == container.n.lowerAscii())", "container.n pod.l"),
        ] {
            assert_eq!(reads(source).join(" "), expected, "{source}");
        }
    }
}
