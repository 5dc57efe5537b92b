//! Why something was not assessed, as reports for people tell it: reasons that say the same about different things
//! (an image each, a namespace each) are one. Reports for programs tell all of them.

use std::collections::BTreeMap;

use crate::model::finding::Gap;
use crate::model::read::{Missing, ReadStatus};
use crate::text::{cut_middle, in_common, of_its_own};

/// So many of the things that a reason stands for are named.
const NAMED: usize = 3;
/// Widest of these names, in cells: an image may have a digest.
const NAME: usize = 48;

/// What is missing, and the checks that it is in the way of, each with a number of places.
type One<'a> = (&'a Missing, BTreeMap<&'a str, usize>);

/// Why something is not known, with the checks that it is in the way of.
pub(super) struct Reason<'a> {
    /// The sentence, with `…` where those that it stands for differ.
    pub sentence: String,
    /// What was to be read; of manifests the file.
    pub read: &'a str,
    /// Of each of those, what it says there; empty where it is one alone.
    pub own: Vec<String>,
    /// The checks, each with the number of places that it leaves undecided (0: none could be listed).
    pub checks: BTreeMap<&'a str, usize>,
}

impl Reason<'_> {
    /// The sentence, with the number of reasons that it stands for.
    pub fn told(&self) -> String {
        match self.own.len() {
            0 => self.sentence.clone(),
            many => format!("{many} × {}", self.sentence),
        }
    }

    /// A few of those that it stands for, and how many more there are.
    pub fn named(&self) -> Option<String> {
        let named: Vec<_> = self.own.iter().take(NAMED).map(|own| cut_middle(own, NAME)).collect();
        let named = named.join(", ");
        match self.own.len().saturating_sub(NAMED) {
            _ if self.own.is_empty() => None,
            0 => Some(named),
            more => Some(format!("{named} and {more} more, which -o json lists")),
        }
    }
}

/// The gaps by reason, in the order in which each was met first.
pub(super) fn reasons(gaps: &[Gap]) -> Vec<Reason<'_>> {
    let mut places: BTreeMap<(&str, ReadStatus, &str), usize> = BTreeMap::new();
    let mut alone: Vec<One<'_>> = Vec::new();
    for gap in gaps {
        let missing = &*gap.missing;
        let key = (missing.read.as_str(), missing.status, missing.reason.as_str());
        let place = *places.entry(key).or_insert_with(|| {
            alone.push((missing, BTreeMap::new()));
            alone.len() - 1
        });
        if let Some((_, checks)) = alone.get_mut(place) {
            *checks.entry(&gap.check).or_default() += gap.count;
        }
    }
    let mut groups: BTreeMap<_, usize> = BTreeMap::new();
    let mut alike: Vec<Vec<One<'_>>> = Vec::new();
    for (missing, checks) in alone {
        let key = missing.likeness(checks.keys().copied());
        let place = *groups.entry(key).or_insert_with(|| {
            alike.push(Vec::new());
            alike.len() - 1
        });
        if let Some(group) = alike.get_mut(place) {
            group.push((missing, checks));
        }
    }
    alike.into_iter().flat_map(together).collect()
}

fn alone((missing, checks): One<'_>) -> Reason<'_> {
    let (sentence, own) = (missing.reason.clone(), Vec::new());
    Reason { sentence, read: &missing.read, own, checks }
}

fn together(each: Vec<One<'_>>) -> Vec<Reason<'_>> {
    let sentences: Vec<&str> = each.iter().map(|(missing, _)| missing.reason.as_str()).collect();
    let Some(sentence) = in_common(&sentences) else {
        return each.into_iter().map(alone).collect();
    };
    let read = each.first().map_or("", |(missing, _)| missing.read.as_str());
    let own = sentences.iter().map(|one| of_its_own(one, &sentence)).collect();
    let mut all: BTreeMap<&str, usize> = BTreeMap::new();
    for (check, count) in each.into_iter().flat_map(|(_, checks)| checks) {
        *all.entry(check).or_default() += count;
    }
    vec![Reason { sentence, read, own, checks: all }]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::read::RULE;

    fn gap(check: &str, missing: Missing) -> Gap {
        Gap { check: check.into(), missing: missing.into(), count: 2, platform: false }
    }

    fn told(gaps: &[Gap]) -> Vec<String> {
        let one = |r: &Reason<'_>| {
            let named = r.named().map(|named| format!(": {named}")).unwrap_or_default();
            format!("{} ({}){named}", r.told(), r.checks.len())
        };
        reasons(gaps).iter().map(one).collect()
    }

    #[test]
    fn what_is_refused_in_many_namespaces_is_one_reason() {
        let refused = |namespace| Missing::list("roles", Some(namespace), ReadStatus::Forbidden);
        let gaps = [
            gap("a", refused("team-0")),
            gap("a", refused("team-1")),
            gap("b", refused("team-1")),
            gap("b", Missing::list("roles", Some("team-2"), ReadStatus::Partial)),
            gap("b", Missing::list("nodes", None, ReadStatus::Forbidden)),
            gap("b", Missing::list("namespaces", Some("default"), ReadStatus::Forbidden)),
        ];
        assert_eq!(
            told(&gaps),
            [
                "2 × cannot list roles in …: forbidden (2): team-0, team-1",
                "the list of roles in team-2 is incomplete (1)",
                "cannot list nodes: forbidden (1)",
                "cannot get the namespace default: forbidden (1)",
            ]
        );
        assert_eq!(reasons(&gaps)[0].checks, BTreeMap::from([("a", 4), ("b", 2)]));
    }

    #[test]
    fn of_many_images_a_few_are_named() {
        let of = |check: &str, image: &str| {
            let reason = format!("there is no scan result for image {image}");
            let status = ReadStatus::NotAsked;
            gap(check, Missing { read: RULE.into(), namespace: None, status, reason })
        };
        let gaps = ["web:1", "db:2", "log:3", "x:4", "y:5"].map(|image| of("a", image));
        assert_eq!(
            told(&gaps),
            [
                "5 × there is no scan result for image … (1): web:1, db:2, log:3 and 2 more, which -o json lists"
            ]
        );
        // What another check leaves open is another matter.
        assert_eq!(told(&[of("a", "web:1"), of("b", "web:2")]).len(), 2);
    }
}
