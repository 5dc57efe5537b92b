//! The heat map: which controls of each framework fail in which namespace.
//!
//! A check's findings are kept as a set of namespaces for each severity, so that many controls with
//! many checks are joined in a few machine words each.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use crate::frameworks::{ControlResult, FrameworkResult};
use crate::model::finding::Severity;
use crate::model::severities::BySeverity;

use super::data::Data;
use super::item::Item;
use super::list::Row;

/// What a framework comes to in one namespace.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HeatCell {
    /// Controls with an open finding there, or techniques exposed by one.
    pub failing: usize,
    /// The worst of these findings.
    pub worst: Option<Severity>,
    /// Something that decides a control could not be assessed there.
    pub unknown: bool,
}

/// A namespace, and what the frameworks come to in it.
#[derive(Clone, Debug)]
pub struct HeatRow {
    /// Its name; empty for what is of no namespace.
    pub namespace: Arc<str>,
    /// Its open findings.
    pub tally: BySeverity,
    /// One for each framework judged, in their order.
    pub cells: Vec<HeatCell>,
}

/// A set of namespaces by their numbers.
#[derive(Clone, Debug, Default)]
struct Places(Vec<u64>);

impl Places {
    fn add(&mut self, at: usize) {
        let word = at / 64;
        if self.0.len() <= word {
            self.0.resize(word + 1, 0);
        }
        if let Some(slot) = self.0.get_mut(word) {
            *slot |= 1 << (at % 64);
        }
    }

    fn absorb(&mut self, other: &Self) {
        if self.0.len() < other.0.len() {
            self.0.resize(other.0.len(), 0);
        }
        for (own, more) in self.0.iter_mut().zip(&other.0) {
            *own |= more;
        }
    }

    fn iter(&self) -> impl Iterator<Item = usize> {
        self.0.iter().enumerate().flat_map(|(word, bits)| {
            (0..64).filter(move |bit| bits >> bit & 1 == 1).map(move |bit| word * 64 + bit)
        })
    }
}

/// Where a check finds something, and where it could not look.
#[derive(Clone, Debug, Default)]
struct Spread {
    open: [Places; 5],
    unknown: Places,
}

impl Data {
    /// The rows of the heat map, those with the worst findings first.
    #[must_use]
    pub(super) fn heat_rows(&self) -> Vec<Row> {
        if self.judged.is_empty() {
            return Vec::new();
        }
        let (names, tallies) = self.places();
        let number: HashMap<&str, usize> =
            names.iter().enumerate().map(|(at, name)| (&**name, at)).collect();
        let spreads = self.spreads(&number);
        let columns: Vec<Vec<HeatCell>> =
            self.judged.iter().map(|judged| column(judged, &spreads, names.len())).collect();
        let mut rows: Vec<HeatRow> = names
            .iter()
            .zip(tallies)
            .enumerate()
            .map(|(at, (name, tally))| HeatRow {
                namespace: Arc::clone(name),
                tally,
                cells: columns.iter().filter_map(|cells| cells.get(at).copied()).collect(),
            })
            .collect();
        rows.sort_by(|a, b| b.tally.cmp(&a.tally).then_with(|| a.namespace.cmp(&b.namespace)));
        rows.into_iter().map(|row| Row::new(Item::Heat(Arc::new(row)))).collect()
    }

    /// Every namespace that is shown, and the open findings in it; the empty one is the cluster.
    fn places(&self) -> (Vec<Arc<str>>, Vec<BySeverity>) {
        let here = |name: &str| self.namespace.as_deref().is_none_or(|only| only == name);
        let mut places: BTreeMap<&str, BySeverity> = BTreeMap::new();
        if self.namespace.is_none() {
            places.insert("", BySeverity::default());
        }
        let known = self.inventory.namespaces();
        places.extend(
            known.into_iter().filter(|name| here(name)).map(|n| (n, BySeverity::default())),
        );
        places.extend(self.index.namespaces.iter().map(|(name, tally)| (&**name, *tally)));
        places.into_iter().map(|(name, tally)| (Arc::from(name), tally)).unzip()
    }

    fn spreads<'a>(&'a self, number: &HashMap<&str, usize>) -> HashMap<&'a str, Spread> {
        let mut spreads: HashMap<&str, Spread> = HashMap::new();
        // In the order of reports those of a check, and in it those of a namespace, come one after the other.
        for found in self.index.findings.chunk_by(|a, b| a.check == b.check && a.home() == b.home())
        {
            let mut open = found.iter().filter(|finding| self.is_open(finding)).peekable();
            let Some(first) = open.peek() else { continue };
            let Some(at) = number.get(first.home()) else { continue };
            let spread = spreads.entry(&first.check).or_default();
            for finding in open {
                if let Some(places) = spread.open.get_mut(finding.severity as usize) {
                    places.add(*at);
                }
            }
        }
        let mut everywhere = Places::default();
        for at in number.values() {
            everywhere.add(*at);
        }
        let gaps = self.result.as_ref().map_or(&[][..], |result| &result.not_assessed);
        for gaps in gaps.chunk_by(|a, b| a.check == b.check) {
            let mut shown = gaps.iter().filter(|gap| self.platform || !gap.platform).peekable();
            let Some(first) = shown.peek() else { continue };
            let spread = spreads.entry(&first.check).or_default();
            let inside = self.check(&first.check).is_some_and(|check| check.in_namespaces());
            for gap in shown {
                match gap.missing.namespace.as_deref() {
                    Some(namespace) => {
                        number.get(namespace).into_iter().for_each(|at| spread.unknown.add(*at));
                    }
                    // What is missing everywhere is missing in each namespace that it is about.
                    None if inside => spread.unknown.absorb(&everywhere),
                    None => number.get("").into_iter().for_each(|at| spread.unknown.add(*at)),
                }
            }
        }
        spreads
    }

    /// The checks that decide controls of a framework.
    #[must_use]
    pub fn deciding(&self, framework: &str) -> BTreeSet<&str> {
        let controls = self.judged(framework).into_iter().flat_map(|judged| &judged.controls);
        controls.flat_map(deciding).collect()
    }

    /// What a framework is called in a narrow column.
    #[must_use]
    pub fn short<'a>(&'a self, id: &'a str) -> &'a str {
        self.framework(id).map_or(id, |framework| framework.short())
    }
}

/// The checks that decide a control.
fn deciding(control: &ControlResult) -> impl Iterator<Item = &str> {
    control.checks.iter().filter(|c| c.strength.decides()).map(|c| c.id.as_str())
}

/// What a framework comes to in each of `count` namespaces.
fn column(
    judged: &FrameworkResult,
    spreads: &HashMap<&str, Spread>,
    count: usize,
) -> Vec<HeatCell> {
    let mut cells = vec![HeatCell::default(); count];
    let mut worst = Spread::default();
    for control in &judged.controls {
        let mut failing = Places::default();
        for spread in deciding(control).filter_map(|id| spreads.get(id)) {
            for (all, places) in worst.open.iter_mut().zip(&spread.open) {
                all.absorb(places);
                failing.absorb(places);
            }
            worst.unknown.absorb(&spread.unknown);
        }
        for at in failing.iter() {
            if let Some(cell) = cells.get_mut(at) {
                cell.failing += 1;
            }
        }
    }
    for at in worst.unknown.iter() {
        if let Some(cell) = cells.get_mut(at) {
            cell.unknown = true;
        }
    }
    // From the least to the worst, so that the worst stays.
    for (severity, places) in Severity::ALL.into_iter().zip(&worst.open).rev() {
        for at in places.iter() {
            if let Some(cell) = cells.get_mut(at) {
                cell.worst = Some(severity);
            }
        }
    }
    cells
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_of_namespaces_grow_as_they_must() {
        let mut places = Places::default();
        for at in [0, 63, 64, 200] {
            places.add(at);
        }
        assert_eq!(places.iter().collect::<Vec<_>>(), [0, 63, 64, 200]);
        let mut other = Places::default();
        other.add(1);
        other.absorb(&places);
        assert_eq!(other.iter().collect::<Vec<_>>(), [0, 1, 63, 64, 200]);
    }
}
