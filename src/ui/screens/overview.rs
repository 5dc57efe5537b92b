//! The overview: how the session's runs went, and the list; on a wide screen as four panels.

use std::ops::Range;

use ratatui::layout::Rect;

use crate::app::action::Action;
use crate::app::item::{Item, Section};
use crate::app::list::Row;
use crate::app::pointer::PointerTarget;
use crate::app::route::Route;
use crate::app::state::State;
use crate::config::theme::Role;
use crate::frameworks::Score;
use crate::model::trend::{FrameworkScore, sparkline};
use crate::text::{clean, counted};

use super::super::paint::{Line, Paint, line_width, piece};
use super::super::table::{self, Needs};
use super::super::{bar, split_left, split_top};
use super::{WIDE, beside};

/// A section's heading and rows, and the place of the heading in the list.
struct Panel<'a> {
    first: usize,
    rows: Vec<&'a Row>,
}

/// From this width and height on there is room for the trend.
const TREND: (u16, u16) = (100, 16);

pub(super) fn draw(state: &State, paint: &mut Paint<'_>, area: Rect, route: &Route) {
    let wide = area.width >= WIDE && area.height >= 24;
    // On the rule above, where it takes no row from what stands below.
    let room = area.width >= TREND.0 && area.height >= TREND.1;
    if let Some(line) = trend(state, usize::from(area.width / 2)).filter(|_| room && area.y > 0) {
        paint.line_right(Rect { y: area.y - 1, height: 1, ..area }, 0, &line);
    }
    // What a filter leaves is one list: the heads of the parts are not among its rows.
    let parts = route.list.shown().any(|row| matches!(row.item, Item::Heading(_)));
    if wide && parts {
        panels(state, paint, area, route);
    } else {
        beside(state, paint, area, route);
        below(paint, area, route);
    }
}

/// How many parts begin below what is in sight, on the rule under the list, unless a message stands there.
fn below(paint: &mut Paint<'_>, area: Rect, route: &Route) {
    let end = route.list.offset() + usize::from(area.height);
    let parts = route.list.shown().skip(end).filter(|row| matches!(row.item, Item::Heading(_)));
    let text = match (parts.count(), route.list.shown().nth(end)) {
        (0, None) => return,
        (0, Some(_)) => " ▼ more ".to_owned(),
        (parts, _) => format!(" ▼ {} below ", counted(parts, "part")),
    };
    paint.on_rule(area, &text);
}

/// How open findings went over the runs of the session, and of as many frameworks as fit the scores that
/// changed; nothing while there is only one run.
fn trend(state: &State, width: usize) -> Option<Line> {
    let points = &state.session.trend;
    let (first, last) = (points.first()?, points.last()?);
    if points.len() < 2 {
        return None;
    }
    // No more than fit beside the words: the newest.
    let newest = points.get(points.len().saturating_sub(40)..).unwrap_or_default();
    let counts: Vec<usize> = newest.iter().map(|p| p.open.total()).collect();
    let mut line = vec![piece(" Open findings  ", Role::Column)];
    line.extend(
        bars(&counts, state.look.ascii).map(|bars| piece(format!("{bars} "), Role::Accent)),
    );
    let text = format!("{} → {} over {} runs", first.open.total(), last.open.total(), points.len());
    line.push(piece(text, Role::Text));
    let scores: Vec<(&str, String, String)> = last
        .scores
        .iter()
        .filter_map(|score| {
            let before = interval(first.score(&score.framework)?)?;
            Some((score.framework.as_str(), before, interval(score)?))
        })
        .filter(|(_, before, now)| before != now)
        .collect();
    for (id, before, now) in scores {
        let name = format!("   {}", clean(state.data.short(id)));
        let text = format!(" {before} → {now}");
        let piece = [piece(name, Role::Dim), piece(text, Role::Text)];
        if line_width(&line) + line_width(&piece) > width {
            break;
        }
        line.extend(piece);
    }
    line.push((" ".to_owned(), Role::Text));
    Some(line)
}

/// A bar for each run, where they tell more than the two numbers beside them: of two runs, or of runs
/// that look alike, they would only look like a load line.
fn bars(counts: &[usize], ascii: bool) -> Option<String> {
    let largest = counts.iter().copied().max()?;
    #[allow(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
    let values: Vec<Option<f64>> = counts.iter().map(|count| Some(*count as f64)).collect();
    #[allow(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
    let bars = sparkline(&values, largest as f64, ascii);
    let differ = bars.chars().zip(bars.chars().skip(1)).any(|(one, next)| one != next);
    (counts.len() > 2 && differ).then_some(bars)
}

/// `39–66 %` of a score that was kept.
fn interval(score: &FrameworkScore) -> Option<String> {
    let score = Score { worst: score.worst()?, best: score.best()? };
    Some(bar::interval(Some(score)))
}

fn panels(state: &State, paint: &mut Paint<'_>, area: Rect, route: &Route) {
    let mut panels: Vec<Panel<'_>> = Vec::new();
    for (place, row) in route.list.shown().enumerate() {
        if matches!(row.item, Item::Heading(_)) || panels.is_empty() {
            panels.push(Panel { first: place, rows: Vec::new() });
        }
        if let Some(panel) = panels.last_mut() {
            panel.rows.push(row);
        }
    }
    let height = |panel: &Panel<'_>| u16::try_from(panel.rows.len()).unwrap_or(u16::MAX);
    let Some((frameworks, others)) = panels.split_first() else { return };
    let top = height(frameworks).min(area.height / 2) + 1;
    let (above, below) = split_top(area, top);
    draw_panel(state, paint, Rect { height: above.height - 1, ..above }, route, frameworks);
    let (left, right) = split_left(below, below.width / 2);
    let gap = Rect { x: right.x + 1, width: right.width.saturating_sub(1), ..right };
    let middle = others.iter().take(2).map(height).max().unwrap_or(0).min(below.height / 2) + 1;
    let mut places = others.iter();
    for column in [left, gap] {
        let (upper, _) = split_top(column, middle);
        if let Some(panel) = places.next() {
            draw_panel(state, paint, Rect { height: upper.height - 1, ..upper }, route, panel);
        }
    }
    for column in [left, gap] {
        if let Some(panel) = places.next() {
            draw_panel(state, paint, split_top(column, middle).1, route, panel);
        }
    }
}

/// Draws a panel; the rows about the cursor where not all fit, and then how many there are beyond.
fn draw_panel(state: &State, paint: &mut Paint<'_>, area: Rect, route: &Route, panel: &Panel<'_>) {
    let cursor = route.list.cursor().checked_sub(panel.first);
    let inside = cursor.filter(|at| *at < panel.rows.len()).unwrap_or(0);
    let needs = Needs::of(state, panel.rows.iter().copied(), &route.list, area.width);
    let room = usize::from(area.height.saturating_sub(1));
    let Some((section, window, last)) = fitted(state, panel, inside, room) else { return };
    table::heading(state, paint, Rect { height: 1, ..area }, (section, true), &needs);
    paint.targets.add(Rect { height: 1, ..area }, PointerTarget::Row(panel.first));
    let mut line = Rect { y: area.y + 1, height: 1, ..area };
    for at in window {
        paint.targets.add(line, PointerTarget::Row(panel.first + at));
        let place = (panel.first + at, &route.list, &needs);
        table::draw_row(state, paint, line, place, cursor == Some(at));
        line.y += 1;
    }
    for text in last {
        let spot = Rect { x: line.x + 3, width: line.width.saturating_sub(3), ..line };
        paint.line(spot, 0, &[piece(text, Role::Dim)]);
        line.y += 1;
    }
}

/// What fits under the heading of a panel: which of its rows, and below them, where that is not all, how many
/// things lie beyond and what lists them. Sentences are no things, and are not counted.
fn fitted(
    state: &State,
    panel: &Panel<'_>,
    inside: usize,
    room: usize,
) -> Option<(Section, Range<usize>, Vec<String>)> {
    let Item::Heading(section) = panel.rows.first()?.item else { return None };
    let all = panel.rows.len();
    if all <= room + 1 {
        return Some((section, 1..all, Vec::new()));
    }
    let is_text = |row: &&&Row| matches!(row.item, Item::Text(_));
    let tail = panel.rows.iter().rev().take_while(is_text).count();
    let things = all - tail;
    // What is said of the platform stays in sight where there is room for rows beside it.
    let aside = panel.rows.last().filter(|_| section == Section::Gaps && room >= 6);
    let aside = aside.and_then(|row| match &row.item {
        Item::Text(text) if state.data.index.gaps_aside > 0 => Some(clean(text).into_owned()),
        _ => None,
    });
    let body = room.saturating_sub(1 + usize::from(aside.is_some()));
    let skip = inside.min(things.saturating_sub(1)).saturating_sub(body);
    let window = 1 + skip..things.min(1 + skip + body);
    let unlisted = match section {
        Section::Gaps => (state.data.index.gaps.len() + 1).saturating_sub(things),
        _ => 0,
    };
    let below = things - window.end + unlisted;
    let lists = match section {
        Section::Mend => format!("; {} lists all findings", state.keymap.told(Action::Findings)),
        Section::Gaps => format!("; {} lists them all", state.keymap.told(Action::Coverage)),
        _ => String::new(),
    };
    let above = (skip > 0).then(|| format!("▲ {skip} above"));
    let below = match below {
        0 if section == Section::Mend && tail > 0 => Some(format!("▼ more{lists}")),
        0 => None,
        some => Some(format!("▼ {some} more{lists}")),
    };
    let beyond: Vec<String> = above.into_iter().chain(below).collect();
    let last = std::iter::once(beyond.join("   ")).chain(aside).collect();
    Some((section, window, last))
}
