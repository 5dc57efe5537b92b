//! A list: rows, the order in which they are shown, and a cursor that follows a row's identity
//! rather than its place.

mod arrange;
mod marks;
mod measured;
mod motion;
mod sieve;

use std::cell::{Cell, OnceCell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::Arc;

use super::filter::{Filter, FilterField};
use super::item::{Item, Section, SortKey};
use crate::model::finding::Severity;
use crate::model::severities::BySeverity;
use marks::Steps;
pub use measured::{ColumnNeed, ColumnNeeds, NameCut};
use measured::{Measured, MeasuredOf};
pub use sieve::SLICE;
use sieve::Sieve;

/// How many values of a field are offered at most.
const VALUES: usize = 2_000;
/// In so many rows of a list terms are looked for that are worth offering.
pub const SAMPLE: usize = 500;

/// A row of a list. Trees are lists whose rows have a depth.
#[derive(Clone, Debug)]
pub struct Row {
    /// What the row is, for the cursor and the marks: the same after every refresh.
    pub id: u64,
    /// How deep it stands under the rows above it.
    pub depth: u8,
    /// What it shows.
    pub item: Item,
}

impl Row {
    /// A row at the top level.
    #[must_use]
    pub fn new(item: Item) -> Self {
        Self::deep(item, 0)
    }

    /// A row at a depth.
    #[must_use]
    pub fn deep(item: Item, depth: u8) -> Self {
        Self { id: item.id(), depth, item }
    }
}

/// What a list needs to know of its rows to filter and sort them.
pub trait RowReader {
    /// Whether one of a row's values of a field passes a test.
    fn any(&self, item: &Item, field: FilterField, test: &mut dyn FnMut(&str) -> bool) -> bool;
    /// A row's severity.
    fn severity(&self, item: &Item) -> Option<Severity>;
    /// What a column sorts by.
    fn sort_key(&self, item: &Item, column: usize) -> SortKey;
}

/// How a list is ordered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ListOrder {
    /// Which column.
    pub column: usize,
    /// From the largest to the smallest.
    pub down: bool,
}

/// Rows with cursor, filter, order, marks and folds.
#[derive(Clone, Debug, Default)]
pub struct List {
    rows: Arc<Vec<Row>>,
    shown: Vec<u32>,
    cursor: usize,
    /// First row on the screen, and how many fit, as last drawn. Only drawing knows the height, and
    /// it only reads the state otherwise.
    offset: Cell<usize>,
    height: Cell<usize>,
    /// How wide its columns are, as last drawn.
    measured: RefCell<Measured>,
    filter: Filter,
    sort: Option<ListOrder>,
    marks: BTreeSet<u64>,
    /// Where the marked rows stand: looked up once after each change, for the footer asks at every frame.
    marked_at: OnceCell<Vec<u32>>,
    anchor: Option<u64>,
    steps: Steps,
    folded: BTreeSet<u64>,
    matched: usize,
    total: usize,
    /// How many of the rows shown the cursor can stand on.
    choices: usize,
    /// What a filter leaves of each group.
    kept: BTreeMap<u64, GroupKept>,
    /// A filter that is being applied.
    sieve: Option<Sieve>,
    /// The rows shown are those of the filter before: the one in force is not through with them.
    outdated: bool,
    /// Somebody moved the cursor: until then it stays on the first row, whatever comes above it.
    moved: bool,
    /// The rows are all there and were seen: what comes now comes to rows that are known.
    known: bool,
}

/// What a filter leaves of a group.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GroupKept {
    /// How many rows the group has.
    pub of: usize,
    /// How many of them are left.
    pub rows: usize,
    /// The severities of these.
    pub tally: BySeverity,
}

impl GroupKept {
    /// `(8 of 33)`; nothing where none is hidden.
    #[must_use]
    pub fn words(&self) -> Option<String> {
        (self.rows < self.of).then(|| format!("({} of {})", self.rows, self.of))
    }
}

impl List {
    /// What the filter leaves of a group; nothing where there is no filter.
    #[must_use]
    pub fn kept(&self, id: u64) -> Option<&GroupKept> {
        self.kept.get(&id)
    }

    /// The filter in force.
    #[must_use]
    pub fn filter(&self) -> &Filter {
        &self.filter
    }

    /// How wide the columns are drawn. They are measured when the list comes up, and anew for another `of`,
    /// such as another width or order, and while its rows are still coming and have become twice as many:
    /// what changes later moves no column.
    pub fn measured(&self, of: u64, measure: impl FnOnce() -> ColumnNeeds) -> ColumnNeeds {
        let now = MeasuredOf { of, known: self.known, rows: self.rows.len() };
        self.measured.borrow_mut().at(now, measure)
    }

    /// The order in force; none is the natural one.
    #[must_use]
    pub fn sort(&self) -> Option<ListOrder> {
        self.sort
    }

    /// How many rows can be chosen in all.
    #[must_use]
    pub fn total(&self) -> usize {
        self.total
    }

    /// How many of them the filter lets through.
    #[must_use]
    pub fn matched(&self) -> usize {
        self.matched
    }

    /// How many rows are shown, headings and groups included.
    #[must_use]
    pub fn len(&self) -> usize {
        self.shown.len()
    }

    /// Whether no row is shown.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.shown.is_empty()
    }

    /// A row by its place on the screen's list.
    #[must_use]
    pub fn row(&self, place: usize) -> Option<&Row> {
        self.rows.get(*self.shown.get(place)? as usize)
    }

    /// The rows shown, in order.
    pub fn shown(&self) -> impl Iterator<Item = &Row> {
        self.shown.iter().filter_map(|at| self.rows.get(*at as usize))
    }

    /// All rows, filtered or not.
    #[must_use]
    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// Place of the cursor.
    #[must_use]
    pub fn cursor(&self) -> usize {
        self.cursor
    }

    /// The row under the cursor.
    #[must_use]
    pub fn current(&self) -> Option<&Row> {
        self.row(self.cursor).filter(|row| row.item.is_choice())
    }

    /// The rows that fit into `height`, with the cursor among them; remembers the place.
    pub fn window(&self, height: usize) -> Range<usize> {
        self.height.set(height);
        let mut start = self.offset.get().min(self.cursor);
        start = start.max((self.cursor + 1).saturating_sub(height));
        start = start.min(self.shown.len().saturating_sub(height));
        // What stands over the first row that can be chosen is in sight with it.
        let over = self.shown().take(start).all(|row| !row.item.is_choice());
        if self.cursor < height && over {
            start = 0;
        }
        self.offset.set(start);
        start..(start + height).min(self.shown.len())
    }

    /// First row on the screen as last drawn.
    #[must_use]
    pub fn offset(&self) -> usize {
        self.offset.get()
    }

    /// The place of the cursor among the rows that it can stand on, and how many these are; none where all rows
    /// are in sight, as last drawn.
    #[must_use]
    pub fn position(&self) -> Option<(usize, usize)> {
        let height = self.height.get();
        if height == 0 || self.shown.len() <= height {
            return None;
        }
        if self.choices == self.shown.len() {
            return Some((self.cursor + 1, self.choices));
        }
        let above = self.shown().take(self.cursor + 1).filter(|row| row.item.is_choice());
        Some((above.count(), self.choices))
    }

    /// Whether one of its rows, or of so many of them, has any value of a field.
    #[must_use]
    pub fn answers(&self, field: FilterField, source: &dyn RowReader, rows: usize) -> bool {
        let mut choices = self.rows.iter().filter(|row| row.item.is_choice()).take(rows);
        choices.any(|row| match field {
            FilterField::Severity => source.severity(&row.item).is_some(),
            _ => source.any(&row.item, field, &mut |value| !value.is_empty()),
        })
    }

    /// The values of a field that its rows have, each once.
    #[must_use]
    pub fn values(&self, field: FilterField, source: &dyn RowReader) -> BTreeSet<String> {
        let mut values = BTreeSet::new();
        for row in self.rows.iter().filter(|row| row.item.is_choice()) {
            source.any(&row.item, field, &mut |value| {
                if !value.is_empty() && !values.contains(value) {
                    values.insert(value.to_owned());
                }
                values.len() >= VALUES
            });
        }
        values
    }
}
