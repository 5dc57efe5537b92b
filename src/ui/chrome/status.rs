//! The rule above the footer, and on it what is typed, the run, the newest message, or what holds for as
//! long as it holds.

use ratatui::layout::Rect;

use crate::app::action::Action;
use crate::app::barren::Barren;
use crate::app::event::LostConnection;
use crate::app::item::Item;
use crate::app::keymap::KeyMode;
use crate::app::route::{Screen, View};
use crate::app::state::{SourceStatus, State};
use crate::app::toast::ToastTone;
use crate::config::theme::Role;
use crate::model::inventory::SourceKind;
use crate::text::{clean, grouped};

use super::super::paint::{Line, Paint, Piece, piece};
use super::super::screens::WIDE;
use super::super::sign;
use super::super::wrap::wrap;

/// Where the words on the rule above the footer stand.
pub(super) fn said_in(area: Rect) -> Rect {
    Rect { x: area.x + 1, width: area.width.saturating_sub(2), ..area }
}

/// Writes a line on the rule above the footer, which goes on behind it.
pub(super) fn on_rule(paint: &mut Paint<'_>, area: Rect, line: &[Piece]) {
    let inner = said_in(area);
    let end = paint.line(inner, 0, line);
    paint.put(end, inner.y, inner.right().saturating_sub(end).min(1), " ", Role::Text);
}

/// The rule above the footer, and on it what is typed, the run, or the newest message: it stands still while
/// they come and go.
pub(super) fn status(state: &State, paint: &mut Paint<'_>, area: Rect) {
    paint.rule(area, 0);
    let route = state.nav.top();
    if let Some(input) = &route.typing {
        let area = said_in(area);
        let x =
            paint.line(area, 0, &[piece(" / ", Role::Accent), piece(input.before(), Role::Text)]);
        paint.put_cursor(x, area.y);
        let rest = Rect { x, width: area.right().saturating_sub(x), ..area };
        paint.line(rest, 0, &[piece(input.after(), Role::Text), piece(" ", Role::Text)]);
        paint.line_right(area, 0, &[piece(format!(" {} ", found(state)), Role::Dim)]);
    } else if let Some(run) = state.run.as_ref().filter(|_| !erring(state)) {
        let seconds = state.now.millis.saturating_sub(run.since) / 1_000;
        let word = if run.stopping { "stopping" } else { "running" };
        let text = format!(" ↻ {word}  {}/{}  {seconds} s", run.done, run.total);
        on_rule(paint, area, &[piece(text, Role::Manual)]);
    } else if let Some(message) = state.messages.current(state.now) {
        let (sign, role) = tone_sign(message.tone);
        let text = clean(&sentence(&message.lines)).into_owned();
        let line = [piece(format!(" {sign} "), role), piece(text, Role::Text)];
        on_rule(paint, area, &line);
    } else if let Some(line) = standing(state).or_else(|| runs(state, area.width)) {
        on_rule(paint, area, &line);
    }
}

/// What the context under the cursor runs to log in, unless a pane beside the list says so: whoever opens it
/// has seen it.
fn runs(state: &State, width: u16) -> Option<Line> {
    let route = state.nav.top();
    let Some(Item::Context(info)) = route.list.current().map(|row| &row.item) else { return None };
    let beside = width >= WIDE && route.screen != Screen::Start;
    let text = info.runs().filter(|_| !beside)?;
    Some(vec![piece(format!(" · {}", clean(&text)), Role::Dim)])
}

/// Whether an error is shown: a run has time to be told of, and what went wrong has not.
fn erring(state: &State) -> bool {
    state.messages.current(state.now).is_some_and(|message| message.tone == ToastTone::Error)
}

/// The sign before a message.
fn tone_sign(tone: ToastTone) -> (&'static str, Role) {
    match tone {
        ToastTone::Done => ("✔", Role::Pass),
        ToastTone::Hint => ("·", Role::Dim),
        ToastTone::Error => ("✖", Role::Fail),
    }
}

/// The sign before what takes several lines: of a message, or of a source that cannot be read.
pub(super) fn line_sign(state: &State) -> (&'static str, Role) {
    let message = state.messages.current(state.now).filter(|_| unreadable(state).is_none());
    tone_sign(message.map_or(ToastTone::Error, |message| message.tone))
}

/// What, why and what to do in one line.
pub(in crate::ui) fn sentence(lines: &[String]) -> String {
    let mut out = String::new();
    for (at, line) in lines.iter().enumerate() {
        if at > 0 {
            let sign = if at == 1 { ":" } else { ";" };
            let ended = out.ends_with(['.', ':', ';', '!', '?']);
            out.push_str(if ended { "" } else { sign });
            out.push(' ');
        }
        out.push_str(line);
    }
    out
}

/// A message that needs more than one line: of an error what, why and what to do each have their own, above the
/// footer, where the list makes room.
pub(super) fn error_lines(state: &State, area: Rect) -> Vec<String> {
    let free = state.nav.top().typing.is_none() && (state.run.is_none() || erring(state));
    if !free || area.height < 16 {
        return Vec::new();
    }
    let width = usize::from(area.width.saturating_sub(6));
    let wrapped = |lines: &[String]| -> Vec<String> {
        lines.iter().flat_map(|line| wrap(&clean(line), width)).take(6).collect()
    };
    if let Some(lines) = unreadable(state) {
        return wrapped(&lines);
    }
    let message = state.messages.current(state.now);
    let long = |lines: &[String]| crate::text::width(&sentence(lines)) > width;
    message.filter(|m| long(&m.lines)).map(|m| wrapped(&m.lines)).unwrap_or_default()
}

/// Why there is nothing to see, and the ways on. It stays on the overview, where people look first;
/// other screens say it in place of their rows.
fn unreadable(state: &State) -> Option<Vec<String>> {
    let SourceStatus::Failed(error) = &state.source.status else { return None };
    if !matches!(state.nav.top().screen, Screen::Overview) {
        return None;
    }
    let keys = state.keymap.keys(state.mode(), Action::Context);
    let key = keys.first().map(|key| format!(" ({key})")).unwrap_or_default();
    let ways = format!("Choose another cluster{key}, or look at the demo (:demo).");
    let lines = [&error.what, &error.why, &error.next, &ways];
    Some(lines.into_iter().filter(|line| !line.is_empty()).cloned().collect())
}

fn found(state: &State) -> String {
    let route = state.nav.top();
    if route.in_text() {
        return match &route.text.search {
            Some(search) if search.lines.is_empty() => "not found".to_owned(),
            Some(search) => format!("{} of {}", search.at + 1, search.lines.len()),
            None => String::new(),
        };
    }
    let (left, all) = (grouped(route.list.matched()), grouped(route.list.total()));
    if route.list.is_outdated() {
        return format!("filtering {all} …");
    }
    format!("{left} of {all}")
}

/// Where the cursor is in a list that goes on beyond the screen, at the right end of the rule under it, unless
/// something stands there.
pub(in crate::ui) fn position(state: &State, paint: &mut Paint<'_>, area: Rect) {
    let route = state.nav.top();
    // A grid of techniques goes two ways, and the overview has parts side by side.
    let other = matches!(route.screen, Screen::Matrix(_) | Screen::Finding(_) | Screen::Overview);
    let rows = !other && !route.in_text();
    if let Some((at, all)) = route.list.position().filter(|_| rows) {
        paint.on_rule(area, &format!(" {} of {} ", grouped(at), grouped(all)));
    }
}

/// How many rows are marked, if any.
fn marked(state: &State) -> Option<(String, Role)> {
    let count = state.nav.top().list.marked();
    (count > 0).then(|| piece(format!("   • {count} marked"), Role::Mark))
}

/// What holds for as long as it holds: a lost connection, a filter, a list under way.
fn standing(state: &State) -> Option<Line> {
    // The footer of a reading that somebody asked for is that of the reading.
    let lost = (!state.source.loading).then_some(&state.source.status);
    if let (SourceStatus::Connecting, Some((text, since))) =
        (&state.source.status, &state.source.told)
    {
        let seconds = state.now.millis.saturating_sub(*since) / 1_000;
        // The header says which context it is.
        let of = format!("context {}: ", state.source.name);
        let text = clean(text.strip_prefix(&of).unwrap_or(text));
        let text = format!(" {} {seconds} s: {text}", sign::AWAITED);
        return Some(vec![piece(text, Role::Manual)]);
    }
    if let Some(SourceStatus::Stale(LostConnection { reason, retry_at, waiting, .. })) = lost {
        let retry = retry_at.map_or_else(String::new, |at| {
            let seconds = at.saturating_sub(state.now.millis).div_ceil(1_000);
            next_try(seconds, *waiting)
        });
        let live = state.data.inventory.source.kind == SourceKind::Live;
        let what = if live { "connection lost" } else { "not read again" };
        let text = format!(" ✖ {what}: {}{retry}", clean(reason));
        return Some(vec![piece(text, Role::Fail)]);
    }
    let route = state.nav.top();
    if let Some(search) = route.text.search.as_ref().filter(|_| route.in_text()) {
        let text = format!(" / {}   {}", clean(&search.text), found(state));
        return Some(vec![piece(text, Role::Match)]);
    }
    if !route.in_text() && !route.list.filter().is_empty() {
        // Where it leaves nothing, the screen says so and how it goes.
        let hidden = route.list.total() - route.list.matched();
        let hidden = format!(", {} hidden; esc clears", grouped(hidden));
        let known = !route.list.is_empty() && !route.list.is_outdated();
        let clears = if known { hidden.as_str() } else { "" };
        let filter = clean(route.list.filter().text()).into_owned();
        let mut line = vec![
            piece(format!(" / {filter}"), Role::Match),
            piece(format!("   {}{clears}", found(state)), Role::Dim),
        ];
        line.extend(marked(state));
        return Some(line);
    }
    if let Some(marked) = marked(state) {
        return Some(vec![marked, piece("; esc clears", Role::Dim)]);
    }
    match &state.source.progress {
        Some((resource, items)) if state.source.loading => {
            let text = format!(" {} reading {}: {items} so far", sign::AWAITED, clean(resource));
            Some(vec![piece(text, Role::Manual)])
        }
        _ => unknown(state).map(|text| vec![piece(format!(" ? {text}"), Role::Unknown)]),
    }
}

/// `; next try in 4 s`: the nearest, where several lists wait for theirs.
fn next_try(seconds: u64, waiting: usize) -> String {
    match (seconds, waiting) {
        (0, ..=1) => "; trying".to_owned(),
        (0, _) => format!("; trying, {waiting} lists in all"),
        (_, ..=1) => format!("; next try in {seconds} s"),
        _ => format!("; next of {waiting} tries in {seconds} s"),
    }
}

/// That the counts say nothing, or less than before, because lists are refused.
fn unknown(state: &State) -> Option<String> {
    if state.source.loading {
        return None;
    }
    if let Some(barren @ Barren::Blind { .. }) = state.data.barren() {
        // The overview, and what has no rows, says so itself.
        let route = state.nav.top();
        let says = matches!(route.screen, Screen::Overview) || route.list.total() == 0;
        return (!says).then(|| barren.told(&state.keymap).join(" "));
    }
    let keys = state.keymap.keys(KeyMode::Screen, View::Coverage.action());
    let key = keys.first().map(|key| format!("; {key} says why")).unwrap_or_default();
    let since = state.data.live.moved()?;
    match since.gone.iter().filter(|f| since.lost.contains(&*f.fingerprint)).count() {
        0 => None,
        1 => Some(format!("1 finding can no longer be assessed, which mends nothing{key}")),
        lost => {
            Some(format!("{lost} findings can no longer be assessed, which mends nothing{key}"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_in_one_line_is_a_sentence() {
        let lines = |texts: &[&str]| texts.iter().map(|t| (*t).to_owned()).collect::<Vec<_>>();
        assert_eq!(sentence(&lines(&["not saved"])), "not saved");
        assert_eq!(
            sentence(&lines(&["not compared", "one run only", "run again"])),
            "not compared: one run only; run again"
        );
        assert_eq!(sentence(&lines(&["Gone.", "why"])), "Gone. why");
    }
}
