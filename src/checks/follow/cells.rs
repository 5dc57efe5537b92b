//! Objects side by side, and what the checks came to on them.

use std::collections::BTreeMap;
use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use crate::checks::merge::{Broken, Key, Merged, Open, Sink, Tally};
use crate::checks::run::Run;
use crate::model::changes::Changes;
use crate::model::kinds::Kind;
use crate::model::object::Object;

use super::mask::Mask;

/// Most objects of a cell; a full one is taken apart into cells of half as many.
const MOST: usize = 16;

/// The place of the piece that belongs to the cluster as a whole.
pub(super) const CLUSTER: u32 = 0;

/// Objects of one kind that stand side by side in the inventory.
pub(super) struct Cell {
    /// Where its piece is.
    pub(super) id: u32,
    pub(super) objects: Vec<Arc<Object>>,
}

/// Cells whose objects are not the ones they had.
#[derive(Default)]
pub(super) struct Changed {
    /// Those that have others.
    pub(super) others: FxHashSet<u32>,
    /// In those that have the same, by their names: the places of the ones that changed, with what
    /// they were.
    pub(super) inside: FxHashMap<u32, Vec<(usize, Arc<Object>)>>,
}

/// What the checks came to on the objects of one cell.
#[derive(Default)]
struct Piece {
    /// Without tallies.
    sink: Sink,
    tallies: Vec<(u32, Tally)>,
    /// Place of its first object among all objects.
    first: u32,
}

/// The pieces of all cells.
#[derive(Default)]
pub(super) struct Pieces {
    list: Vec<Piece>,
    free: Vec<u32>,
    /// By key the pieces that speak of it.
    speak: FxHashMap<Key, Vec<u32>>,
    /// Cells that are gone, whose pieces are still to be taken out.
    gone: Vec<u32>,
}

impl Pieces {
    fn new_id(&mut self) -> u32 {
        if self.list.is_empty() {
            self.list.push(Piece::default());
        }
        self.free.pop().unwrap_or_else(|| {
            self.list.push(Piece::default());
            u32::try_from(self.list.len() - 1).unwrap_or(u32::MAX)
        })
    }

    /// Takes out what cells that are gone came to; gives the keys of which they spoke.
    pub(super) fn take_orphans(&mut self, sums: &mut [Tally]) -> FxHashSet<Key> {
        let mut keys = FxHashSet::default();
        for id in std::mem::take(&mut self.gone) {
            self.replace(id, None, Sink::default(), sums, &mut keys);
            self.free.push(id);
        }
        keys
    }

    /// Puts what some checks (none: all) came to on a cell in the place of what they came to before.
    /// Every key of which either speaks is added to `keys`.
    pub(super) fn replace(
        &mut self,
        id: u32,
        mask: Option<&Mask>,
        mut sink: Sink,
        sums: &mut [Tally],
        keys: &mut FxHashSet<Key>,
    ) {
        let given: Vec<(u32, Tally)> = (0..).zip(std::mem::take(&mut sink.tallies)).collect();
        while self.list.len() <= id as usize {
            self.list.push(Piece::default());
        }
        let Some(piece) = self.list.get_mut(id as usize) else { return };
        let goes = |check: u32| mask.is_none_or(|mask| mask.has(check));
        piece.sink.strained = sink.strained || piece.sink.strained && mask.is_some();
        let mut left: FxHashSet<Key> = FxHashSet::default();
        let mut note = |key: &Key| {
            let stays = !goes(key.check);
            if !stays {
                left.insert(*key);
            }
            stays
        };
        piece.sink.hits.retain(|key, _| note(key));
        piece.sink.open.retain(|key, _| note(key));
        piece.sink.broken.retain(|key, _| note(key));
        piece.tallies.retain(|(check, tally)| {
            if goes(*check) {
                change(sums, *check, |sum| sum.take_away(*tally));
            }
            !goes(*check)
        });
        for (check, tally) in given.into_iter().filter(|(_, tally)| !tally.is_zero()) {
            change(sums, check, |sum| sum.add(tally));
            piece.tallies.push((check, tally));
        }
        let came: FxHashSet<Key> =
            sink.hits.keys().chain(sink.open.keys()).chain(sink.broken.keys()).copied().collect();
        piece.sink.hits.extend(sink.hits);
        piece.sink.open.extend(sink.open);
        piece.sink.broken.extend(sink.broken);
        for key in left.difference(&came) {
            if let Some(ids) = self.speak.get_mut(key) {
                ids.retain(|known| *known != id);
                if ids.is_empty() {
                    self.speak.remove(key);
                }
            }
        }
        for key in came.difference(&left) {
            self.speak.entry(*key).or_default().push(id);
        }
        keys.extend(left);
        keys.extend(came);
    }

    /// Notes where the objects of each cell begin.
    pub(super) fn place(&mut self, cells: &BTreeMap<Kind, Vec<Cell>>) {
        let mut first = 0;
        for cell in cells.values().flatten() {
            if let Some(piece) = self.list.get_mut(cell.id as usize) {
                piece.first = first;
            }
            first += u32::try_from(cell.objects.len()).unwrap_or(u32::MAX);
        }
    }

    /// Whether what a check came to in a cell may hang on the size of an object.
    pub(super) fn is_strained(&self, id: u32) -> bool {
        self.list.get(id as usize).is_some_and(|piece| piece.sink.strained)
    }

    fn speaking<'p>(&'p self, key: &'p Key) -> impl Iterator<Item = &'p Piece> {
        let ids = self.speak.get(key).into_iter().flatten();
        ids.filter_map(|id| self.list.get(*id as usize))
    }

    /// The hits of a key in all cells together.
    pub(super) fn hits(&self, key: &Key) -> Option<Merged> {
        let found = self.speaking(key);
        let mut found = found
            .filter_map(|piece| Some(piece.sink.hits.get(key)?.clone().placed_at(piece.first)));
        let mut all = found.next()?;
        found.for_each(|merged| all.add(merged));
        Some(all)
    }

    /// What of a key is open in any cell.
    pub(super) fn open(&self, key: &Key) -> Option<Open> {
        let mut found = self.speaking(key).filter_map(|piece| piece.sink.open.get(key));
        let mut all = found.next()?.clone();
        found.for_each(|open| all.add(open));
        Some(all)
    }

    /// The first error of a key.
    pub(super) fn broken(&self, key: &Key) -> Option<Broken> {
        let found = self.speaking(key);
        let found = found
            .filter_map(|piece| Some(piece.sink.broken.get(key)?.clone().placed_at(piece.first)));
        found.min_by_key(|broken| broken.object)
    }
}

fn change(sums: &mut [Tally], check: u32, how: impl FnOnce(&mut Tally)) {
    if let Some(sum) = sums.get_mut(check as usize) {
        how(sum);
    }
}

/// Sets the cells up for the objects of a run, and gives those whose objects are not the same as
/// before. Cells that nothing is left of are emptied.
pub(super) fn regroup(
    cells: &mut BTreeMap<Kind, Vec<Cell>>,
    pieces: &mut Pieces,
    run: &Run<'_>,
    changes: Option<&Changes>,
) -> Changed {
    let mut changed = Changed::default();
    let inventory = run.facts.inventory();
    let mut before = std::mem::take(cells);
    for (kind, _) in &run.kinds {
        let old = before.remove(kind).unwrap_or_default();
        let untouched = changes.is_some_and(|changes| changes.of(kind).is_none());
        let new = if untouched && !old.is_empty() {
            old
        } else {
            of_kind(old, inventory.of(kind), pieces, &mut changed)
        };
        cells.insert(kind.clone(), new);
    }
    pieces.gone.extend(before.into_values().flatten().map(|cell| cell.id));
    changed
}

fn of_kind(
    old: Vec<Cell>,
    objects: &[Arc<Object>],
    pieces: &mut Pieces,
    changed: &mut Changed,
) -> Vec<Cell> {
    let mut cells = Vec::with_capacity(old.len().max(objects.len() / (MOST / 2)));
    let mut rest = objects;
    let mut old = old.into_iter().peekable();
    if old.peek().is_none() {
        for part in rest.chunks(MOST / 2) {
            let id = pieces.new_id();
            changed.others.insert(id);
            cells.push(Cell { id, objects: part.to_vec() });
        }
        return cells;
    }
    while let Some(cell) = old.next() {
        let next = old.peek().and_then(|next| next.objects.first());
        if let Some(after) = as_before(&cell, rest, next) {
            rest = after;
            cells.push(cell);
            continue;
        }
        let end = match old.peek().and_then(|next| next.objects.first()) {
            Some(next) => {
                let next = (next.namespace(), &*next.id.name);
                rest.partition_point(|object| (object.namespace(), &*object.id.name) < next)
            }
            None => rest.len(),
        };
        let (here, after) = rest.split_at(end);
        rest = after;
        if here.is_empty() {
            pieces.gone.push(cell.id);
            continue;
        }
        if let Some(inside) = differing(&cell.objects, here) {
            changed.inside.insert(cell.id, inside);
            cells.push(Cell { id: cell.id, objects: here.to_vec() });
            continue;
        }
        let size = if here.len() > MOST { MOST / 2 } else { MOST };
        for (at, part) in here.chunks(size).enumerate() {
            let id = if at == 0 { cell.id } else { pieces.new_id() };
            changed.others.insert(id);
            cells.push(Cell { id, objects: part.to_vec() });
        }
    }
    cells
}

/// The places at which objects of the same names are not the same, with what they were; none where
/// the names are others.
fn differing(before: &[Arc<Object>], now: &[Arc<Object>]) -> Option<Vec<(usize, Arc<Object>)>> {
    let pairs = || before.iter().zip(now);
    if before.len() != now.len() || pairs().any(|(one, other)| one.id != other.id) {
        return None;
    }
    let moved = pairs().enumerate().filter(|(_, (one, other))| !Arc::ptr_eq(one, other));
    Some(moved.map(|(at, (one, _))| (at, Arc::clone(one))).collect())
}

/// What comes after the objects of a cell, if these are the ones it had and nothing came between them
/// and the next cell.
fn as_before<'o>(
    cell: &Cell,
    rest: &'o [Arc<Object>],
    next: Option<&Arc<Object>>,
) -> Option<&'o [Arc<Object>]> {
    let (here, after) = rest.split_at_checked(cell.objects.len())?;
    let same = here.iter().zip(&cell.objects).all(|(one, other)| Arc::ptr_eq(one, other));
    let place = |object: &Arc<Object>| (object.namespace().to_owned(), object.id.name.clone());
    let closed = match (after.first(), next) {
        (None, _) => true,
        (Some(first), Some(next)) => Arc::ptr_eq(first, next) || place(first) >= place(next),
        (Some(_), None) => false,
    };
    (same && closed).then_some(after)
}
