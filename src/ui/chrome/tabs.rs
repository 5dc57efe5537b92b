//! The tabs: one for each view, with the key that leads there.

use ratatui::layout::Rect;

use crate::app::keymap::KeyMode;
use crate::app::pointer::PointerTarget;
use crate::app::route::View;
use crate::app::state::State;
use crate::config::theme::Role;

use super::super::paint::{Line, Paint, line_width, piece};

/// The row that the tabs stand in.
fn inner_row(inner: Rect) -> Rect {
    Rect { y: inner.y + 1, height: 1, ..inner }
}

pub(super) fn tabs(state: &State, paint: &mut Paint<'_>, area: Rect) {
    let inner = Rect { x: area.x + 1, width: area.width.saturating_sub(2), ..area };
    let here = state.nav.view();
    let entry = |view: View| {
        let key = state.keymap.keys(KeyMode::Screen, view.action());
        (view, key.first().map(ToString::to_string).unwrap_or_default())
    };
    let tabs: Vec<(View, String)> = View::TABS.into_iter().map(entry).collect();
    let room = usize::from(inner.width);
    // All words are shortened or none, so that the tabs stand where they stand on every screen. Where
    // not even short ones fit, a digit alone still says that there is a screen.
    let bare: fn(View) -> &'static str = |_| "";
    let ways =
        [("  ", View::title as fn(View) -> &'static str), (" ", View::title), (" ", View::short)];
    let wide = |word: fn(View) -> &'static str, gap: &str| {
        let tabs = tabs.iter().map(|(view, key)| key.len() + 1 + word(*view).len() + gap.len());
        tabs.sum::<usize>() - gap.len()
    };
    let (gap, word) =
        ways.into_iter().find(|(gap, word)| wide(*word, gap) <= room).unwrap_or((" ", bare));
    let mut line: Line = Vec::new();
    for (view, key) in tabs {
        let role = if view == here { Role::Accent } else { Role::Dim };
        let from = line_width(&line);
        line.push(piece(key, role));
        let word = if view == here && word(view).is_empty() { view.title() } else { word(view) };
        if !word.is_empty() {
            line.push(piece(format!(" {word}"), role));
        }
        let cells = |n: usize| u16::try_from(n).unwrap_or(u16::MAX);
        let wide = cells(line_width(&line) - from);
        let spot =
            Rect { x: inner.x.saturating_add(cells(from)), y: area.y + 1, width: wide, height: 1 };
        paint.targets.add(spot.intersection(inner_row(inner)), PointerTarget::Tab(view));
        line.push(piece(gap, Role::Text));
    }
    paint.line(inner, 1, &line);
}
