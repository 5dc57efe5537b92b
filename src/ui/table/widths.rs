//! How wide the columns of a list are: what its rows need, and how they share what there is.

use std::collections::BTreeSet;
use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash as _, Hasher as _};
use std::mem::discriminant;

use ratatui::layout::Rect;

use crate::app::item::{Item, Section};
use crate::app::list::{ColumnNeed, ColumnNeeds, List, Row};
use crate::app::route::{Route, Screen};
use crate::app::state::State;
use crate::text::width;

use super::GUTTER;
use super::names::{named, need, told_apart};
use crate::ui::cells::{self, Column, ColumnFit, ColumnText, InCommon};

/// How many rows are looked at to tell how wide columns have to be: the first ones of the list, not
/// those in sight, so that nothing moves while the list is scrolled.
const MEASURED: usize = 200;

/// From this width on a column of a fixed width gives back what it does not need; narrower ones
/// would save little, and would move whenever a number gets another digit.
const GIVES_BACK: u16 = 10;

/// What the rows of a list have in common, and how many cells the columns of each kind of row need.
#[derive(Debug, Default)]
pub(in crate::ui) struct Needs {
    pub(super) common: InCommon,
    known: ColumnNeeds,
}

impl Needs {
    /// Measures rows as they are drawn at a width.
    pub(in crate::ui) fn of<'a>(
        state: &State,
        rows: impl Iterator<Item = &'a Row>,
        list: &List,
        width: u16,
    ) -> Self {
        let common = InCommon::of(state.nav.top());
        Self { common, known: measured(state, rows, list, (common, width)) }
    }

    /// Of all rows of a list, as they were measured when it came up: what changes later moves nothing.
    pub(super) fn kept(state: &State, route: &Route, width: u16) -> Self {
        let (common, list) = (InCommon::of(route), &route.list);
        let measure = || measured(state, list.rows().iter(), list, (common, width));
        if !matches!(route.screen, Screen::Findings(_) | Screen::Objects(_)) {
            // These are short, and what stands in their rows may come after them.
            return Self { common, known: measure() };
        }
        let data = &state.data;
        let order = list.sort().map(|sort| (sort.column, sort.down));
        let mut of = DefaultHasher::new();
        (width, order, discriminant(&route.group), &data.namespace, data.platform, data.live.run)
            .hash(&mut of);
        Self { common, known: list.measured(of.finish(), measure) }
    }

    /// What the columns of such rows need; nothing when none was measured.
    pub(super) fn get(&self, section: Option<Section>, columns: usize) -> &[ColumnNeed] {
        let section = section.map(cells::grid);
        let known = self.known.iter().find(|(s, n)| *s == section && n.len() == columns);
        known.map_or(&[], |(_, needs)| needs)
    }
}

/// Rows of one kind that were measured.
struct Kind {
    section: Option<Section>,
    columns: Vec<Column>,
    needs: Vec<ColumnNeed>,
    /// What stands in the columns of names, with how many cells stand before them.
    names: Vec<(BTreeSet<String>, usize)>,
}

impl Kind {
    fn take(&mut self, cells: &[ColumnText]) {
        let columns = self.columns.iter().zip(cells).zip(self.needs.iter_mut());
        for (((column, cell), known), (names, before)) in columns.zip(&mut self.names) {
            let need = need(column, cell);
            known.full = known.full.max(need.full);
            known.bare = known.bare.max(need.bare);
            known.floor = known.floor.max(need.floor);
            if let Some((name, cells)) = named(column.cut, cell) {
                *before = cells.max(*before);
                names.insert(name.to_owned());
            }
        }
    }

    /// What its columns need; those of names that do not fit know where these are cut.
    fn settled(mut self, width: u16) -> (Option<Section>, Vec<ColumnNeed>) {
        let places = places(&self.columns, Rect { width, height: 1, ..Rect::ZERO }, &self.needs);
        let of_names = self.columns.iter().zip(&self.names).zip(places);
        for (((column, (names, before)), (_, wide)), need) in of_names.zip(&mut self.needs) {
            if column.cut.is_of_names() && usize::from(wide) < need.bare {
                need.cut = told_apart(column.cut, names, usize::from(wide).saturating_sub(*before));
            }
        }
        (self.section, self.needs)
    }
}

/// Measures rows as they are drawn at a width.
fn measured<'a>(
    state: &State,
    rows: impl Iterator<Item = &'a Row>,
    list: &List,
    (common, width): (InCommon, u16),
) -> ColumnNeeds {
    let mut kinds: Vec<Kind> = Vec::new();
    let bare = |item: &Item| matches!(item, Item::Heading(_) | Item::Text(_));
    for row in rows.filter(|row| !bare(&row.item)).take(MEASURED) {
        let cells = cells::cells(state, row, list, (common, width));
        let section = cells::section(&row.item).map(cells::grid);
        let known = kinds
            .iter_mut()
            .find(|kind| kind.section == section && kind.needs.len() == cells.len());
        if let Some(kind) = known {
            kind.take(&cells);
            continue;
        }
        let columns = cells::columns(&row.item, common, width);
        let needs = vec![ColumnNeed::default(); cells.len()];
        let names = vec![(BTreeSet::new(), 0); cells.len()];
        let mut kind = Kind { section, columns, needs, names };
        kind.take(&cells);
        kinds.push(kind);
    }
    kinds.into_iter().map(|kind| kind.settled(width)).collect()
}

pub(super) fn fits(cells: usize) -> u16 {
    u16::try_from(cells).unwrap_or(u16::MAX)
}

/// Where the columns stand: the fixed ones as wide as they are, the others share what is left, and
/// those that need less than their part leave the rest to those that need more.
pub(super) fn places(columns: &[Column], area: Rect, needs: &[ColumnNeed]) -> Vec<(u16, u16)> {
    // A title that is cut names nothing: a column that has anything in it has room for its own.
    let titled = |column: &Column, cells: usize| match cells {
        0 if column.cut.is_of_names() => 0,
        0 if matches!(column.fit, ColumnFit::Fixed(wide) if wide >= GIVES_BACK) => 0,
        _ => cells.max(width(column.title)),
    };
    let all = || columns.iter().zip(needs);
    let full: Vec<usize> = all().map(|(column, need)| titled(column, need.full)).collect();
    let places = shared(columns, area, &full);
    let short = places.iter().zip(needs).any(|((_, wide), need)| usize::from(*wide) < need.bare);
    if !short {
        return places;
    }
    // Names come before what follows them.
    let names = all().map(|(column, need)| {
        titled(column, if column.cut.is_of_names() { need.bare } else { need.full })
    });
    let places = shared(columns, area, &names.collect::<Vec<_>>());
    floored(columns, area, needs, &places)
}

/// The fewest cells that a text keeps beside a name whose namespace would be cut.
const LEAST: u16 = 20;

/// The same places, where columns of names have as much as keeps namespaces whole: what stands beside them
/// gives way, down to the few cells in which something is left of it.
fn floored(
    columns: &[Column],
    area: Rect,
    needs: &[ColumnNeed],
    places: &[(u16, u16)],
) -> Vec<(u16, u16)> {
    let mut wide: Vec<u16> = places.iter().map(|(_, wide)| *wide).collect();
    let of_names = |at: usize| columns.get(at).is_some_and(|c| c.cut.is_of_names());
    let shares = |at: usize| columns.get(at).is_some_and(|c| matches!(c.fit, ColumnFit::Share(_)));
    let floor = |at: usize| needs.get(at).map_or(0, |need| fits(need.floor));
    for at in (0..wide.len()).filter(|at| of_names(*at) && shares(*at)) {
        for other in (0..wide.len()).rev().filter(|other| *other != at && shares(*other)) {
            let (Some(own), Some(beside)) = (wide.get(at).copied(), wide.get(other).copied())
            else {
                continue;
            };
            let lacks = floor(at).saturating_sub(own);
            let given = lacks.min(beside.saturating_sub(LEAST.max(floor(other))));
            if let Some(own) = wide.get_mut(at) {
                *own += given;
            }
            if let Some(beside) = wide.get_mut(other) {
                *beside -= given;
            }
        }
    }
    let mut x = area.x + GUTTER;
    let place = |(column, wide): (&Column, u16)| {
        x += column.gap;
        let from = x;
        x += wide + 1;
        (from, wide)
    };
    columns.iter().zip(wide).map(place).collect()
}

/// The places of columns that need so many cells.
fn shared(columns: &[Column], area: Rect, needs: &[usize]) -> Vec<(u16, u16)> {
    let need = |at: usize| needs.get(at).map(|cells| fits(*cells));
    let fixed = |at: usize, cells: u16, title: &str| match need(at) {
        // What no row has takes no room, as the strength of checks where they are those of no control.
        Some(0) if cells >= GIVES_BACK => 0,
        // Where a title is all that is wide, the next one must not run into it.
        Some(need) if cells >= GIVES_BACK => {
            let title = fits(width(title));
            cells.min(need.max(title + u16::from(title > 0)))
        }
        _ => cells,
    };
    let gaps = fits(columns.len().saturating_sub(1)) + columns.iter().map(|c| c.gap).sum::<u16>();
    // Names that nobody needs here, as on the page of the one thing they would name, take no room.
    let empty = |at: usize, column: &Column| column.cut.is_of_names() && need(at) == Some(0);
    let (mut taken, mut shares) = (0_u16, 0_u16);
    for (at, column) in columns.iter().enumerate() {
        match column.fit {
            ColumnFit::Fixed(n) => taken = taken.saturating_add(fixed(at, n, column.title)),
            ColumnFit::Share(_) if empty(at, column) => {}
            ColumnFit::Share(n) => shares = shares.saturating_add(n),
        }
    }
    let free = area.width.saturating_sub((GUTTER + 1 + gaps).saturating_add(taken));
    let part = |n: u16| free * n / shares.max(1);
    let (mut spare, mut wanted) = (0_u16, 0_u16);
    for (at, column) in columns.iter().enumerate().filter(|(at, column)| !empty(*at, column)) {
        if let (ColumnFit::Share(n), Some(need)) = (column.fit, need(at)) {
            spare = spare.saturating_add(part(n).saturating_sub(need));
            wanted = wanted.saturating_add(need.saturating_sub(part(n)));
        }
    }
    let moved = u32::from(spare.min(wanted));
    // The part of `of` that moves, of `all` that could: never more than `of`.
    let scaled = |of: u16, all: u16| {
        u16::try_from(u32::from(of) * moved / u32::from(all.max(1))).unwrap_or(of)
    };
    let mut x = area.x + GUTTER;
    let mut out = Vec::with_capacity(columns.len());
    for (at, column) in columns.iter().enumerate() {
        let wide = match (column.fit, need(at)) {
            (ColumnFit::Fixed(n), _) => fixed(at, n, column.title),
            (ColumnFit::Share(_), _) if empty(at, column) => 0,
            (ColumnFit::Share(n), None) => part(n),
            (ColumnFit::Share(n), Some(need)) if need > part(n) => {
                part(n) + scaled(need - part(n), wanted)
            }
            (ColumnFit::Share(n), Some(need)) => part(n) - scaled(part(n) - need, spare),
        };
        x += column.gap;
        let wide = wide.min(area.right().saturating_sub(x + 1));
        out.push((x, wide));
        x += wide + 1;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::theme::Role;
    use crate::ui::cells::CellCut;

    #[test]
    fn columns_leave_each_other_what_they_do_not_need() {
        let column = |fit| Column { title: "", fit, right: false, cut: CellCut::End, gap: 0 };
        let columns = [
            column(ColumnFit::Share(1)),
            column(ColumnFit::Share(1)),
            column(ColumnFit::Fixed(20)),
        ];
        let area = Rect { x: 0, y: 0, width: 66, height: 1 };
        let widths_of = |columns: &[Column], needs: &[usize]| -> Vec<u16> {
            shared(columns, area, needs).into_iter().map(|(_, width)| width).collect()
        };
        let widths = |needs: &[usize]| widths_of(&columns, needs);
        assert_eq!(widths(&[]), [20, 20, 20]);
        assert_eq!(widths(&[8, 30, 20]), [10, 30, 20]);
        assert_eq!(widths(&[90, 5, 20]), [35, 5, 20]);
        assert_eq!(widths(&[90, 90, 8]), [26, 26, 8]);
        assert_eq!(widths(&[0, 0, 0]), [30, 30, 0]);
        let names = Column { cut: CellCut::Name, ..column(ColumnFit::Share(1)) };
        let named = [names, column(ColumnFit::Share(1)), column(ColumnFit::Fixed(20))];
        assert_eq!(widths_of(&named, &[0, 30, 20]), [0, 40, 20]);
    }

    #[test]
    fn a_text_gives_way_to_a_long_namespace_down_to_a_few_cells() {
        let column = |fit, cut| Column { title: "", fit, right: false, cut, gap: 0 };
        let columns =
            [column(ColumnFit::Share(2), CellCut::Name), column(ColumnFit::Share(3), CellCut::End)];
        let area = |width| Rect { x: 0, y: 0, width, height: 1 };
        let name = "payments-production-europe-west-1/a-deployment-of-a-long-name";
        let needs = [
            need(&columns[0], &vec![(name.to_owned(), Role::Text)]),
            ColumnNeed { full: 60, bare: 60, ..ColumnNeed::default() },
        ];
        let wide = |width| {
            places(&columns, area(width), &needs).into_iter().map(|(_, w)| w).collect::<Vec<_>>()
        };
        assert_eq!(wide(75), [40, 30], "the namespace, the slash and six letters of the name");
        assert_eq!(wide(60), [35, 20], "something is left of the text");
        assert_eq!(wide(130), [61, 64], "there is room for both");
    }
}
