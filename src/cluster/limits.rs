//! How much a server may bring: in one answer, in one list, in all lists together.
//!
//! A server that lies, or a proxy that repeats itself, must cost a failed read and nothing else.
//! Every bound lies far above what a cluster of 20,000 pods comes to (about 350 MB of JSON in all).

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use super::store::Slot;

const MIB: usize = 1 << 20;
const GIB: usize = 1 << 30;

/// What an object counts beside its JSON: nodes of a tree, names, a place in maps.
pub(super) const OBJECT: usize = 1024;

/// The bounds of a connection. The defaults are what users get; tests lower them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Pages without items in a row. A real server fills a page before it sends it, also where it
    /// filters; a few are forgiven.
    pub empty_pages: usize,
    /// Items of one list. Kubernetes itself is made for 150,000 pods.
    pub items: usize,
    /// Bytes of one page, unpacked. 500 pods of a real cluster take about 8 MB. A page that is
    /// larger is asked for again in pages of 20 objects: of the largest that etcd
    /// keeps, 1.5 MiB each, these fit.
    pub page: usize,
    /// Bytes of a list that has to be asked for in one piece, unpacked.
    pub piece: usize,
    /// Bytes of every other answer, unpacked: version, discovery, single objects, refusals. All
    /// that a large cluster serves takes about 1 MB to tell.
    pub small: usize,
    /// Bytes of all lists together, each object with a kilobyte on top.
    pub all: usize,
    /// Objects that a watch may tell of beyond as many as the last list had. Then it is listed: only
    /// a list tells whether they are there.
    pub brought: usize,
}

impl Limits {
    /// Objects of a page that is asked for again because a usual one was too large.
    pub(super) const FEW: usize = 20;
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            empty_pages: 5,
            items: 500_000,
            page: 64 * MIB,
            piece: 512 * MIB,
            small: 8 * MIB,
            all: 2 * GIB,
            brought: 20_000,
        }
    }
}

/// A number of bytes in words: `64 MiB`.
pub(super) fn size(bytes: usize) -> String {
    match bytes {
        0 => "0 bytes".to_owned(),
        _ if bytes.is_multiple_of(GIB) => format!("{} GiB", bytes / GIB),
        _ if bytes.is_multiple_of(MIB) => format!("{} MiB", bytes / MIB),
        _ => format!("{bytes} bytes"),
    }
}

/// What one list costs, in bytes.
#[derive(Clone, Copy, Default)]
struct ListCost {
    /// What is here.
    held: usize,
    /// What is about to take its place, or what a watch brought since. Much of it is the same.
    coming: usize,
}

impl ListCost {
    fn counts(self) -> usize {
        self.held.max(self.coming)
    }
}

#[derive(Default)]
struct Costs {
    lists: HashMap<Slot, ListCost>,
    total: usize,
}

/// What all lists of a connection cost together.
pub(super) struct Budget {
    most: usize,
    costs: Mutex<Costs>,
}

impl Budget {
    /// Nothing is spent yet of so many bytes.
    pub(super) fn new(most: usize) -> Self {
        Self { most, costs: Mutex::default() }
    }

    /// Changes the cost of a list; tells whether all of them are within the bound.
    fn change(&self, slot: &Slot, change: impl FnOnce(&mut ListCost)) -> bool {
        // A task that died while holding it has left whole numbers behind.
        let mut costs = self.costs.lock().unwrap_or_else(PoisonError::into_inner);
        let cost = costs.lists.entry(slot.clone()).or_default();
        let before = cost.counts();
        change(cost);
        let now = cost.counts();
        costs.total = costs.total.saturating_sub(before).saturating_add(now);
        costs.total <= self.most
    }

    /// A list begins to come.
    pub(super) fn coming(&self, slot: Slot) -> Coming<'_> {
        self.change(&slot, |cost| cost.coming = 0);
        Coming { budget: self, slot }
    }

    /// A watch brought so much that it is still there; tells whether all is within the bound.
    pub(super) fn brought(&self, slot: &Slot, bytes: usize) -> bool {
        self.change(slot, |cost| cost.coming = bytes)
    }

    /// A list is no more.
    pub(super) fn forget(&self, slot: &Slot) {
        // In one piece: what somebody adds in between would count for ever.
        let mut costs = self.costs.lock().unwrap_or_else(PoisonError::into_inner);
        let gone = costs.lists.remove(slot).unwrap_or_default();
        costs.total = costs.total.saturating_sub(gone.counts());
    }

    /// The bound in words.
    pub(super) fn words(&self) -> String {
        format!("more than {} in all lists together", size(self.most))
    }
}

/// A list that is coming. What was counted for it is given back if it is dropped.
pub(super) struct Coming<'a> {
    budget: &'a Budget,
    slot: Slot,
}

impl Coming<'_> {
    /// So many bytes more; tells whether all is within the bound.
    pub(super) fn add(&self, bytes: usize) -> bool {
        self.budget.change(&self.slot, |cost| cost.coming = cost.coming.saturating_add(bytes))
    }

    /// It begins anew.
    pub(super) fn again(&self) {
        self.budget.change(&self.slot, |cost| cost.coming = 0);
    }

    /// It is here, in place of what was.
    pub(super) fn keep(self) {
        self.budget.change(&self.slot, |cost| *cost = ListCost { held: cost.coming, coming: 0 });
    }
}

impl Drop for Coming<'_> {
    fn drop(&mut self) {
        self.budget.change(&self.slot, |cost| cost.coming = 0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::kinds::Kind;

    fn slot(kind: &str) -> Slot {
        Slot { kind: Kind::new("", kind), namespace: None }
    }

    #[test]
    fn all_lists_share_one_bound_and_a_new_reading_of_one_does_not_count_twice() {
        let budget = Budget::new(100);
        let pods = budget.coming(slot("Pod"));
        assert!(pods.add(60));
        pods.keep();
        let again = budget.coming(slot("Pod"));
        assert!(again.add(70), "it takes the place of what is there");
        assert!(!budget.coming(slot("Node")).add(40), "together they are too much");
        drop(again);
        let nodes = budget.coming(slot("Node"));
        assert!(nodes.add(40), "what broke off is given back");
        nodes.keep();
        assert!(!budget.brought(&slot("Node"), 41));
        assert!(budget.brought(&slot("Node"), 0));
        budget.forget(&slot("Pod"));
        assert!(budget.coming(slot("Pod")).add(60));
    }

    #[test]
    fn a_list_that_is_forgotten_while_somebody_adds_to_it_costs_nothing_afterwards() {
        let budget = Budget::new(1000);
        let begun = std::time::Instant::now();
        std::thread::scope(|scope| {
            for bytes in [100, 200] {
                let budget = &budget;
                scope.spawn(move || {
                    while begun.elapsed().as_millis() < 200 {
                        budget.brought(&slot("Pod"), bytes);
                        budget.forget(&slot("Pod"));
                    }
                });
            }
        });
        budget.forget(&slot("Pod"));
        assert!(budget.brought(&slot("Node"), 1000), "something still counts");
    }

    #[test]
    fn sizes_are_told_in_the_unit_that_fits() {
        assert_eq!(
            [0, 3 * GIB, 64 * MIB, 999].map(size),
            ["0 bytes", "3 GiB", "64 MiB", "999 bytes"]
        );
    }
}
