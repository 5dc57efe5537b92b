//! Several clusters side by side: their list beside what is said of one, and the grid of their
//! frameworks, a row for each cluster, columns that scroll sideways.

use ratatui::layout::Rect;

use crate::app::fleet::{ClusterPhase, FleetCluster, FleetCounts, FleetPage};
use crate::app::item::Item;
use crate::app::route::Route;
use crate::app::state::State;
use crate::config::theme::Role;
use crate::frameworks::fleet::{FamilyCell, FamilyRow};
use crate::text::{clean, cut};

use super::super::paint::{Line, Paint, Piece, piece};
use super::super::{bar, cells, detail, split_top, table, way};
use super::headed;

/// Width of a framework's column, with the gap to the next one.
const COLUMN: u16 = 13;

pub(super) fn draw(
    state: &State,
    paint: &mut Paint<'_>,
    area: Rect,
    route: &Route,
    page: FleetPage,
) {
    let (top, rest) = split_top(area, u16::from(area.height >= 6));
    pages(state, paint, top, page);
    let grid = page == FleetPage::Scores && !state.fleet.families.is_empty();
    if grid && !route.list.is_empty() {
        return scores(state, paint, rest, route);
    }
    let about = |width| {
        let row = route.list.current();
        row.map(|row| detail::of_fleet(state, &row.item, width)).unwrap_or_default()
    };
    if about(40).is_empty() {
        table::draw(state, paint, rest, route);
    } else {
        headed(state, paint, rest, route, &about);
    }
}

/// The pages, the open one standing out, and how many clusters are known.
fn pages(state: &State, paint: &mut Paint<'_>, area: Rect, page: FleetPage) {
    let FleetCounts { judged, failed, all } = state.fleet.counts();
    let mut right: Line = Vec::new();
    if all > 0 {
        let failed = if failed > 0 { format!(", {failed} not read") } else { String::new() };
        right.push(piece(format!("{judged} of {all} judged{failed} "), Role::Dim));
    }
    let from = paint.line_right(area, 0, &right);
    let room = Rect { width: from.saturating_sub(area.x + 1), ..area };
    let mut line: Line = vec![piece(" ", Role::Text)];
    // Before a cluster is read the other pages have nothing to show.
    let all = [FleetPage::Clusters, FleetPage::Scores, FleetPage::Differs, FleetPage::Choose];
    for one in all.into_iter().filter(|one| *one == page || !state.fleet.clusters.is_empty()) {
        // As in the row of the screens above.
        let role = if one == page { Role::Accent } else { Role::Dim };
        line.push(piece(format!("{}  ", one.title()), role));
    }
    paint.line(room, 0, &line);
}

/// Where things stand at a width.
struct Layout {
    /// Cells for the names of clusters.
    name: u16,
    /// Columns that fit beside them.
    fit: usize,
}

impl Layout {
    fn of(width: u16) -> Self {
        let name = (width / 4).clamp(14, 36);
        let fit = usize::from(width.saturating_sub(name + 4) / COLUMN).max(1);
        Self { name, fit }
    }

    /// Left edges of the columns.
    fn places(&self, area: Rect) -> impl Iterator<Item = u16> {
        let from = area.x + 3 + self.name + 1;
        (0..self.fit).map(move |at| {
            from.saturating_add(u16::try_from(at).unwrap_or(u16::MAX).saturating_mul(COLUMN))
        })
    }
}

fn scores(state: &State, paint: &mut Paint<'_>, area: Rect, route: &Route) {
    let families = &state.fleet.families;
    let layout = Layout::of(area.width);
    let column = route.grid.column.min(families.len().saturating_sub(1));
    let shown = route.grid.columns(column, layout.fit, families.len());
    let (titles, rest) = split_top(area, 1);
    let spot = Rect { x: area.x + 3, width: layout.name, ..titles };
    paint.line(spot, 0, &[piece("cluster", Role::Column)]);
    for (at, x) in shown.clone().zip(layout.places(area)) {
        let Some(family) = families.get(at) else { continue };
        let role = if at == column { Role::Title } else { Role::Column };
        let spot = Rect { x, width: COLUMN - 1, ..titles };
        let mark = if family.editions.len() > 1 { "≠" } else { " " };
        let title = cut(&clean(&family.short), usize::from(spot.width - 3)).into_owned();
        paint.line_right(spot, 0, &[piece(title, role), piece(format!("{mark} "), Role::Unknown)]);
    }
    let columns = Columns { layout, shown };
    let foot = 3.min(rest.height.saturating_sub(1));
    let (body, below) = split_top(rest, rest.height.saturating_sub(foot));
    for (y, place) in route.list.window(usize::from(body.height)).enumerate() {
        let Some(row) = route.list.row(place) else { continue };
        let Item::Cluster(cluster) = &row.item else { continue };
        let y = body.y + u16::try_from(y).unwrap_or(u16::MAX);
        let line = Rect { y, height: 1, ..body };
        if route.list.is_marked(row.id) {
            paint.put(area.x + 1, y, 1, "•", Role::Mark);
        }
        let selected = (place == route.list.cursor()).then_some(column);
        columns.draw_row(state, paint, line, cluster, selected);
    }
    let shown = &columns.shown;
    let more = (shown.start, families.len().saturating_sub(shown.end));
    footnote(paint, below, route, families.get(column), more);
}

/// The columns of a frame.
struct Columns {
    layout: Layout,
    /// Those that are shown.
    shown: std::ops::Range<usize>,
}

impl Columns {
    /// Draws the row of a cluster; `selected` is the column under the cursor, if the row is.
    fn draw_row(
        &self,
        state: &State,
        paint: &mut Paint<'_>,
        area: Rect,
        cluster: &FleetCluster,
        selected: Option<usize>,
    ) {
        let name = &cluster.context.name;
        let spot = Rect { x: area.x + 3, width: self.layout.name, ..area };
        let mut line: Line = Vec::new();
        let mut room = usize::from(self.layout.name);
        if let Some(label) = cells::badge(state, name).filter(|_| self.layout.name >= 20) {
            let label = (cut(&label.0, room / 2).into_owned(), label.1);
            room = room.saturating_sub(crate::text::width(&label.0) + 1);
            line.extend([label, piece(" ", Role::Text)]);
        }
        line.push(piece(way::named(state, &clean(name), room).into_owned(), Role::Text));
        paint.line(spot, 0, &line);
        if selected.is_some() {
            paint.put(area.x, area.y, 1, "▸", Role::Accent);
            paint.select(spot);
        }
        for (at, x) in self.shown.clone().zip(self.layout.places(area)) {
            let cell = state.fleet.families.get(at).and_then(|family| cell_of(family, name));
            let spot = Rect { x, width: COLUMN - 1, ..area };
            paint.line(spot, 0, &[cell_text(cell, cluster)]);
            if selected == Some(at) {
                paint.select(spot);
                paint.put(x, area.y, 1, "▸", Role::Selection);
            }
        }
    }
}

fn cell_of<'a>(family: &'a FamilyRow, cluster: &str) -> Option<&'a FamilyCell> {
    family.cells.iter().find(|cell| cell.cluster == cluster)
}

/// `  39–66 % ? `: the interval, and whether something of it is not assessed.
fn cell_text(cell: Option<&FamilyCell>, cluster: &FleetCluster) -> Piece {
    match cell.and_then(|cell| cell.score.as_ref()) {
        Some(score) => {
            let text = if score.matrix {
                format!("{}/{}", score.counts.exposed, score.counts.applicable())
            } else {
                bar::interval(score.score)
            };
            let mark = if score.whole() { ' ' } else { '?' };
            let role = if score.whole() { Role::Text } else { Role::Unknown };
            piece(format!("{text:>9} {mark} "), role)
        }
        None if cluster.card.is_some() => piece("        –   ", Role::NotApplicable),
        None => {
            let word =
                if matches!(cluster.phase, ClusterPhase::Failed(_)) { "not read" } else { "…" };
            piece(format!("{word:>9}   "), Role::Dim)
        }
    }
}

/// What the cell under the cursor is and rests on.
fn footnote(
    paint: &mut Paint<'_>,
    area: Rect,
    route: &Route,
    family: Option<&FamilyRow>,
    (before, after): (usize, usize),
) {
    let current = route.list.current().map(|row| &row.item);
    let (Some(Item::Cluster(cluster)), Some(family)) = (current, family) else { return };
    let name = &cluster.context.name;
    let left = if before > 0 { format!("◀ {before} ") } else { String::new() };
    let right = if after > 0 { format!("{after} more ▶ ") } else { String::new() };
    let from = paint.line_right(area, 0, &[piece(format!("{left}{right}"), Role::Dim)]);
    let room = Rect { width: from.saturating_sub(area.x + 1), ..area };
    let title = clean(&family.title).into_owned();
    let head =
        [piece(format!(" {}", clean(name)), Role::Title), piece(format!("   {title}"), Role::Text)];
    paint.line(room, 0, &head);
    let rests = cell_of(family, name).map(|cell| cell.rests.as_str()).unwrap_or_default();
    let why = match &cluster.phase {
        ClusterPhase::Failed(error) => format!("{}: {}", error.what, error.why),
        phase if cluster.card.is_none() => phase.word().to_owned(),
        _ => format!("rests on {rests}"),
    };
    let partly = cell_of(family, name).and_then(|c| c.score.as_ref()).is_none_or(|s| !s.whole());
    let role = if partly { Role::Unknown } else { Role::Dim };
    if area.height > 1 {
        paint.line(area, 1, &[piece(format!(" {}", clean(&why)), role)]);
    }
    if area.height > 2 && family.editions.len() > 1 {
        let text = " ≠ other clusters are judged by another edition or level: not comparable";
        paint.line(area, 2, &[piece(text, Role::Unknown)]);
    }
}
