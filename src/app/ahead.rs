//! What is counted ahead: while a live cluster is followed, what the checks come to is counted, and the rows
//! of long lists are made of it, by whoever judged it. With tens of thousands of findings that takes longer
//! than somebody at the keys should wait.

use std::sync::{Arc, OnceLock, Weak};

use crate::frameworks::Judgement;
use crate::model::finding::RunResult;
use crate::model::inventory::Inventory;
use crate::model::ledger::Ledger;
use crate::triage::Brought;

use super::data::{Data, DataIndex, ShownContent};
use super::list::Row;
use super::route::{GroupBy, Subset};
use super::rows;

/// By what is counted, beside what is counted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CountedBy {
    /// With findings on the platform itself.
    pub platform: bool,
    /// In this namespace only.
    pub namespace: Option<String>,
    /// On this day, an RFC 3339 date.
    pub today: String,
    /// How all findings are grouped.
    pub group: GroupBy,
}

/// Rows that were made ahead.
#[derive(Clone, Debug, Default)]
pub struct ReadyRows {
    /// All findings, and how they are grouped.
    pub findings: Option<(GroupBy, Arc<Vec<Row>>)>,
    /// The heat map.
    pub heat: Option<Arc<Vec<Row>>>,
    /// Matrices, by the id of their framework.
    pub matrices: Vec<(Arc<str>, Arc<Vec<Row>>)>,
    /// All findings in groups that were not made ahead: made when they are asked for, and kept until something
    /// else is counted.
    kept: [OnceLock<Arc<Vec<Row>>>; 4],
}

impl ReadyRows {
    /// All findings in groups, made by `make` where they are not there. None where the groups rest on more
    /// than the findings: then they are made anew each time.
    pub(super) fn grouped(
        &self,
        by: GroupBy,
        make: impl FnOnce() -> Vec<Row>,
    ) -> Option<Arc<Vec<Row>>> {
        if let Some((_, rows)) = self.findings.as_ref().filter(|(group, _)| *group == by) {
            return Some(Arc::clone(rows));
        }
        let place = match by {
            GroupBy::Nothing => 0,
            GroupBy::Check => 1,
            GroupBy::Owner => 2,
            GroupBy::Namespace => 3,
            GroupBy::Image | GroupBy::Cause | GroupBy::Framework => return None,
        };
        let kept = self.kept.get(place)?;
        Some(Arc::clone(kept.get_or_init(|| Arc::new(make()))))
    }
}

/// What was counted ahead.
#[derive(Clone, Debug)]
pub struct CountedAhead {
    lens: CountedBy,
    index: Arc<DataIndex>,
}

/// What is counted.
#[derive(Debug)]
pub struct CountBasis<'a> {
    /// Checks and frameworks.
    pub content: Arc<ShownContent>,
    /// The objects.
    pub inventory: &'a Arc<Inventory>,
    /// What the checks came to on them.
    pub result: &'a Arc<RunResult>,
    /// What that makes of the frameworks.
    pub judged: &'a Judgement,
    /// The decisions.
    pub ledger: &'a Arc<Ledger>,
}

/// What was counted ahead of an earlier result, for as long as somebody shows it.
#[derive(Debug)]
pub struct CountedBefore {
    /// By which state of the decisions.
    decided: u64,
    brought: Arc<Brought>,
    result: Arc<RunResult>,
    lens: CountedBy,
    /// Whoever shows it may count decisions in it at once; that ends this.
    index: Weak<DataIndex>,
}

impl CountedBefore {
    /// What was counted, if it was by the same, however it was grouped.
    fn by(&self, decided: u64, brought: &Brought, lens: &CountedBy) -> Option<Arc<DataIndex>> {
        let same = CountedBy { group: lens.group, ..self.lens.clone() } == *lens;
        (same && self.decided == decided && *self.brought == *brought)
            .then(|| self.index.upgrade())?
    }
}

impl CountedAhead {
    /// Counts, and makes the rows of long lists.
    #[must_use]
    pub fn of(basis: &CountBasis<'_>, lens: CountedBy) -> Self {
        Self::made(basis, lens, Data::recount)
    }

    /// The same by what was counted `earlier`, as far as that was by the same: this state of the decisions
    /// and what is `brought` to them. What is counted now is `earlier` from now on.
    #[must_use]
    pub fn after(
        earlier: &mut Option<CountedBefore>,
        basis: &CountBasis<'_>,
        (decided, brought): (u64, &Arc<Brought>),
        lens: CountedBy,
    ) -> Self {
        let counted = Self::made(basis, lens.clone(), |data| {
            let known = earlier.as_ref().and_then(|e| Some((e, e.by(decided, brought, &lens)?)));
            if !known.is_some_and(|(e, index)| data.recount_after(&e.result, &index)) {
                data.recount();
            }
        });
        let (brought, result) = (Arc::clone(brought), Arc::clone(basis.result));
        let index = Arc::downgrade(&counted.index);
        *earlier = Some(CountedBefore { decided, brought, result, lens, index });
        counted
    }

    fn made(basis: &CountBasis<'_>, lens: CountedBy, count: impl FnOnce(&mut Data)) -> Self {
        let mut data = Data {
            content: Arc::clone(&basis.content),
            inventory: Arc::clone(basis.inventory),
            result: Some(Arc::clone(basis.result)),
            ledger: Arc::clone(basis.ledger),
            platform: lens.platform,
            namespace: lens.namespace.clone(),
            today: lens.today.clone(),
            ..Data::default()
        };
        data.show_judgement(basis.judged.clone());
        count(&mut data);
        let made = rows::grouped(&data, &Subset::All, lens.group);
        let ready = ReadyRows {
            findings: Some((lens.group, Arc::new(made))),
            heat: Some(Arc::new(data.heat_rows())),
            matrices: data.all_matrix_rows(),
            ..ReadyRows::default()
        };
        Arc::make_mut(&mut data.index).ready = ready;
        Self { lens, index: data.index }
    }
}

impl Data {
    /// By what it counts now.
    #[must_use]
    pub fn lens(&self, group: GroupBy) -> CountedBy {
        CountedBy {
            platform: self.platform,
            namespace: self.namespace.clone(),
            today: self.today.clone(),
            group,
        }
    }

    /// Takes over what was counted ahead; counts itself where that was by something else.
    pub(super) fn recount_from(&mut self, counted: Option<&CountedAhead>) {
        let group = counted.map_or(GroupBy::Nothing, |counted| counted.lens.group);
        match counted.filter(|counted| counted.lens == self.lens(group)) {
            Some(counted) => {
                self.stamp += 1;
                self.index = Arc::clone(&counted.index);
            }
            None => self.recount(),
        }
    }

    /// Rows by namespace are made anew when they are asked for: there are other namespaces.
    pub(super) fn forget_places(&mut self) {
        if self.index.ready.heat.is_some() {
            Arc::make_mut(&mut self.index).ready.heat = None;
        }
    }
}

#[cfg(test)]
mod tests;
