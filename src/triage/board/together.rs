//! Findings that the session decided about in one act, more of them than one exception should cover: one
//! entry, as somebody decided about them once.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::{Breadth, Entry, Input, Use};
use crate::model::decision::{Decision, PastDecision};
use crate::model::finding::Finding;
use crate::text::counted;

/// What the findings of one act have in common: when and by whom they were decided, and what was said.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Act<'a> {
    time: &'a str,
    by: &'a str,
    state: &'a str,
    words: [Option<&'a str>; 4],
}

impl<'a> Act<'a> {
    fn of(past: &'a PastDecision, decision: &'a Decision) -> Self {
        let Decision { state, reason, approver, expires, link, .. } = decision;
        let words = [reason, approver, expires, link].map(Option::as_deref);
        Self { time: &past.time, by: &past.by, state: state.word(), words }
    }
}

/// The entries of single findings, those of one act in one entry where it covers more than is not too broad.
pub(super) fn folded(
    entries: Vec<Entry>,
    input: &Input<'_>,
    by_print: &HashMap<&str, &Finding>,
) -> Vec<Entry> {
    let mut acts: BTreeMap<Act<'_>, Vec<Entry>> = BTreeMap::new();
    let mut single = Vec::new();
    for entry in entries {
        let decided = entry.decided.first().and_then(|print| {
            Some((input.ledger.last(print)?, input.ledger.decisions.get(print.as_str())?))
        });
        match decided {
            Some((past, decision)) => {
                acts.entry(Act::of(past, decision)).or_default().push(entry);
            }
            None => single.push(entry),
        }
    }
    for (act, mut own) in acts {
        let covers = own.iter().map(|entry| entry.covers.len()).sum::<usize>();
        if covers <= input.broad {
            single.append(&mut own);
            continue;
        }
        own.sort_by(|a, b| a.decided.cmp(&b.decided));
        let label = label(&act, &own, by_print);
        let together = own.into_iter().reduce(|mut all, one| {
            all.decided.extend(one.decided);
            all.covers.extend(one.covers);
            all.returns.extend(one.returns);
            all
        });
        single.extend(together.map(|all| Entry {
            label,
            usage: Use::Covers,
            breadth: Some(Breadth::Findings(covers)),
            ..all
        }));
    }
    single
}

/// `1924 findings of 31 checks in 4 namespaces, decided together on 2026-01-31 by ada`.
fn label(act: &Act<'_>, own: &[Entry], by_print: &HashMap<&str, &Finding>) -> String {
    let found = || own.iter().flat_map(|e| &e.covers).filter_map(|p| by_print.get(p.as_str()));
    let checks: BTreeSet<&str> = found().map(|f| &*f.check).collect();
    let homes: BTreeSet<&str> = found().map(|f| f.home()).filter(|home| !home.is_empty()).collect();
    let of = match checks.first() {
        Some(one) if checks.len() == 1 => format!(" of {one}"),
        _ => format!(" of {}", counted(checks.len(), "check")),
    };
    let place = match homes.first() {
        None => String::new(),
        Some(one) if homes.len() == 1 => format!(" in {one}"),
        Some(_) => format!(" in {}", counted(homes.len(), "namespace")),
    };
    let day = act.time.get(..10).unwrap_or(act.time);
    let findings = counted(own.len(), "finding");
    format!("{findings}{of}{place}, decided together on {day} by {}", act.by)
}
