//! Places that expressions look at.

use super::{Extent, Read, Step};
use crate::checks::cel::{Expr, Names, Var};

/// `pod.a`: all of it; `pod.a?`: whether it is there; `pod.a#`: how many; `*`: each element.
fn reads(source: &str) -> String {
    shown(&compiled(source).reads)
}

fn compiled(source: &str) -> Expr {
    let vars = vec![Var::Pod, Var::Container, Var::Component, Var::Lists, Var::Params];
    let names =
        Names { vars, lists: vec!["services"], params: vec!["p"], facts: &["f"], trusted: false };
    Expr::compile(source, &names).unwrap()
}

fn shown(reads: &[Read]) -> String {
    let place = |steps: &[Step]| -> String {
        let step = |step: &Step| match step {
            Step::Field(key) => format!(".{}", key.as_str()),
            Step::Each => ".*".to_owned(),
        };
        steps.iter().map(step).collect()
    };
    // Whether something is there need not be said where more of it is looked at.
    let implied = |of: &Read| {
        reads.iter().any(|other| {
            other.var == of.var
                && other.steps.starts_with(&of.steps)
                && (other.steps.len() > of.steps.len() || other.extent != Extent::Presence)
        })
    };
    let mut all: Vec<String> = Vec::new();
    for read in reads.iter().filter(|read| read.extent != Extent::Presence || !implied(read)) {
        let end = match read.extent {
            Extent::Presence => "?",
            Extent::Count => "#",
            Extent::Whole => "",
        };
        all.push(format!("{}{}{end}", read.var.name(), place(&read.steps)));
    }
    all.sort();
    all.dedup();
    all.join(" ")
}

#[test]
fn members_that_are_named_and_wholes() {
    for (source, expected) in [
        ("pod.a.b == 1", "pod.a.b"),
        ("pod.?a.b.orValue(pod.c)", "pod.a.b pod.c"),
        ("has(pod.a)", "pod.a?"),
        ("has(pod.a.b)", "pod.a.b?"),
        ("pod.?a.hasValue()", "pod.a?"),
        ("pod['a'] == 1", "pod.a"),
        ("pod[?'a'].hasValue()", "pod.a?"),
        ("pod == container", "container pod"),
        ("'a' in pod", "pod"),
        ("'a' in component.flags", "component.flags.a?"),
        ("['a', 'b'].exists(f, f in component.flags)", "component.flags.a? component.flags.b?"),
        ("component.name in component.flags", "component.flags component.name"),
        ("[pod].exists(p, p == 1)", "pod"),
        ("pod", "pod"),
        ("[1, pod.a]", "pod.a"),
        ("{'k': pod.a}", "pod.a"),
        ("pod.a == container.b + 'x'", "container.b.* pod.a"),
        ("lists.services.exists(s, s.b == pod.c) && params.p == 1", "pod.c"),
        ("lists.services.filter(s, s.a == params.p).exists(s, s.b == pod.c)", "pod.c"),
        ("facts.f.x == pod.c", "pod.c"),
        ("pod.?a.optMap(x, x.b).orValue(1) == 1", "pod.a.b"),
    ] {
        assert_eq!(reads(source), expected, "{source}");
    }
}

#[test]
fn elements_of_lists() {
    for (source, expected) in [
        ("pod.l.exists(x, x.b == container.n)", "container.n pod.l.*.b"),
        ("pod.l.all(x, x == container.n.lowerAscii())", "container.n pod.l.*"),
        ("pod.l.map(x, x.a).exists(a, a == 1)", "pod.l.*.a"),
        ("pod.l.filter(x, x.a == 1).exists(x, x.b)", "pod.l.*.a pod.l.*.b"),
        ("pod.l.filter(x, x.a == 1)", "pod.l.* pod.l.*.a"),
        ("pod.l[0].a == 1", "pod.l.*.a"),
        ("size(pod.?l.orValue([])) > 0", "pod.l#"),
        ("size(pod) == 1", "pod#"),
        ("lists.range(size(pod.l)).exists(i, pod.l[i].?a.hasValue())", "pod.l# pod.l.*.a?"),
        ("(pod.l + pod.m).exists(x, x.a)", "pod.l.*.a pod.m.*.a"),
        ("[pod.l, pod.m].flatten().exists(x, x.a == 1)", "pod.l.*.a pod.l.a pod.m.*.a pod.m.a"),
        ("pod.l.map(x, x.m).flatten().exists(y, y.a == 1)", "pod.l.*.m.*.a pod.l.*.m.a"),
        ("pod.l.sort().size() > 0", "pod.l"),
        ("pod.l.reverse()[0].a == 1", "pod.l.*.a"),
        ("pod.exists(k, k == 'a')", "pod.*"),
        ("pod.l.exists(x, pod.m.exists(y, y.a == x.b))", "pod.l.*.b pod.m.*.a"),
        ("pod.l.exists(x, lists.services.exists(s, s.a == x.b))", "pod.l.*.b"),
    ] {
        assert_eq!(reads(source), expected, "{source}");
    }
}

#[test]
fn members_whose_names_are_worked_out() {
    for (source, expected) in [
        ("['a', 'b'].exists(k, pod[k].c == 1)", "pod.a.c pod.b.c"),
        ("['a', 'b'].exists(k, pod[?k].orValue([]).exists(x, x.c))", "pod.a.*.c pod.b.*.c"),
        ("[container.r == 'x' ? 'a' : 'b'].exists(k, pod[k] == 1)", "container.r pod.a pod.b"),
        ("pod[container.name] == 1", "container.name pod.*"),
        ("['a', container.name].exists(k, pod[k] == 1)", "container.name pod.*"),
        ("['a'].exists(k, pod[k + 'x'] == 1)", "pod.*"),
        ("[pod.l].exists(l, l.exists(x, x.a == 1))", "pod.l.*.a"),
        ("[[pod.l], [pod.m]].exists(p, p[0].exists(x, x.a == 1))", "pod.l.*.a pod.m.*.a"),
    ] {
        assert_eq!(reads(source), expected, "{source}");
    }
}

#[test]
fn what_goes_too_far_is_looked_at_as_a_whole() {
    let deep = format!("pod{} == 1", ".a".repeat(40));
    assert_eq!(reads(&deep), format!("pod{}", ".a".repeat(16)));
    let many: Vec<String> = (0..100).map(|n| format!("pod.a{n}")).collect();
    let many = reads(&format!("[{}].exists(x, x.b == 1)", many.join(", ")));
    assert!(many.contains("pod.a99") && !many.contains("pod.a99.b"), "{many}");
}

#[test]
fn nothing_is_done_with_elements_of_a_list_that_has_none() {
    for (source, expected) in [
        ("lists.services.exists(s, s.a == pod.b)", ""),
        ("!lists.services.all(s, s.a == pod.b) || pod.c == 1", "pod.c"),
        ("(lists.services + params.p).filter(s, s.a == pod.b).exists(s, s.a == pod.c)", ""),
        ("(lists.services + pod.l).exists(s, s.a == pod.b)", "pod.b pod.l.*.a"),
        ("[].exists(s, s == pod.b)", ""),
        ("pod.?l.orValue([]).exists(s, s == pod.b)", "pod.b pod.l.*"),
    ] {
        let reads = compiled(source).reads_without(&|_, name| ["services", "p"].contains(&name));
        assert_eq!(shown(&reads), expected, "{source}");
    }
    assert_eq!(reads("lists.services.exists(s, s.a == pod.b)"), "pod.b");
}

#[test]
fn places_of_the_objects_in_lists() {
    for (source, expected) in [
        ("lists.services.exists(s, s.a == pod.b)", "lists.services.*.a"),
        ("size(lists.services) > 1", "lists.services#"),
        ("lists.services.size() <= 1 && pod.a == 1", "lists.services#"),
        (
            "lists.services.filter(s, s.?a.orValue('') == params.p).exists(s, s.b.c == 1)",
            "lists.services.*.a lists.services.*.b.c",
        ),
        ("lists.services.filter(s, s.a == 1)", "lists.services.* lists.services.*.a"),
        ("(lists.services + [pod]).exists(s, s.a == 1)", "lists.services.*.a"),
        (
            "lists.services.map(s, s.?l.orValue([])).flatten().exists(x, x.a)",
            "lists.services.*.l.*.a lists.services.*.l.a",
        ),
        ("lists.services.exists(s, s.exists(k, k == 'a'))", "lists.services.*.*"),
        ("lists.services[0].a == 1", "lists.services.*.a"),
        ("lists.?services.orValue([]).exists(s, s == pod)", "lists.services.*"),
        ("lists.exists(k, k == 'a')", "lists.*"),
        // What was moved out of the expression to be worked out once is gone into as well.
        ("pod.l.exists(x, lists.services.map(s, s.m.n).exists(n, n == x))", "lists.services.*.m.n"),
        ("pod.a == container.b", ""),
    ] {
        assert_eq!(shown(&compiled(source).list_reads()), expected, "{source}");
    }
}
