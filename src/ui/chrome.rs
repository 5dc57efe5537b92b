//! What surrounds every screen: the header with where we are and what becomes of the source, the
//! tabs, and the line for what is typed, runs and messages.

use ratatui::layout::Rect;

use crate::app::action::Action;
use crate::app::barren::Barren;
use crate::app::keymap::Mode;
pub(super) use crate::app::live::age;
use crate::app::pointer::Target;
use crate::app::route::{Screen, View};
use crate::app::state::{SourceStatus, State};
use crate::app::toast::Tone;
use crate::config::context::{self, Tone as Loud};
use crate::config::theme::Role;
use crate::model::inventory::SourceKind;
use crate::text::{clean, cut, grouped, noun};

use super::live;
use super::paint::{Line, Paint, Piece, line_width, piece};
use super::wrap::wrap;
use super::{sign, split_top, way};

/// Draws header, tabs and status line; the rest of the screen, without the footer, comes back.
pub(super) fn draw(state: &State, paint: &mut Paint<'_>, area: Rect) -> Rect {
    header(state, paint, area);
    let mut top = 1;
    if area.height >= 16 && state.nav.view() != View::Start {
        tabs(state, paint, area);
        top += 1;
    }
    if area.height >= 20 {
        paint.rule(area, top);
        top += 1;
    }
    let (_, rest) = split_top(area, top);
    let lines = error_lines(state, area);
    let taken = u16::try_from(lines.len()).unwrap_or(1).max(1) + 1;
    let (content, last) = split_top(rest, rest.height.saturating_sub(taken));
    if lines.is_empty() {
        status(state, paint, last);
    } else {
        let first = line_sign(state);
        for (row, line) in lines.into_iter().enumerate() {
            let (sign, role) = if row == 0 { first } else { (" ", Role::Text) };
            let line = [piece(format!(" {sign} "), role), piece(line, Role::Text)];
            if row == 0 {
                paint.rule(last, 0);
                on_rule(paint, last, &line);
            } else {
                let row = u16::try_from(row).unwrap_or(u16::MAX);
                paint.line(said_in(last), row, &line);
            }
        }
    }
    content
}

fn header(state: &State, paint: &mut Paint<'_>, area: Rect) {
    let inner = Rect { x: area.x + 1, width: area.width.saturating_sub(2), ..area };
    let right = facts(state, area.width);
    let from = paint.line_right(inner, 0, &right);
    let room = from.saturating_sub(inner.x + 2);
    let mark = if area.width >= 80 { "⊖ plimsoll   " } else { "⊖ " };
    let left = Rect { width: room, ..inner };
    let x = paint.line(left, 0, &[piece(mark, Role::Accent)]);
    let x = badge(state, paint, Rect { x, width: left.right().saturating_sub(x), ..left });
    let rest = Rect { x, width: left.right().saturating_sub(x), ..left };
    way::draw(state, paint, rest);
}

/// What a cluster is called that must not be mistaken for another; where the way here goes on.
fn badge(state: &State, paint: &mut Paint<'_>, area: Rect) -> u16 {
    let Some(badge) = context::badge(&state.look.badges, &state.source.name) else { return area.x };
    let role = match badge.tone {
        Loud::Danger => Role::HeatCritical,
        Loud::Caution => Role::HeatMedium,
        Loud::Calm => Role::Dim,
    };
    let label = clean(badge.label.as_deref().unwrap_or(&state.source.name));
    // It is there to be seen: what is open makes room, but half of the line stays for it.
    let text = way::named(state, &label, usize::from(area.width / 2).saturating_sub(3));
    paint.line(area, 0, &[piece(format!(" {text} "), role), piece(" ", Role::Text)])
}

/// What stands at the right of the header, as far as there is room.
fn facts(state: &State, width: u16) -> Line {
    let inventory = &state.data.inventory;
    let mut line: Line = Vec::new();
    // What moves comes before what stays.
    let moves = state.frozen || state.source.again.newer || state.data.live.moved().is_some();
    if width >= if moves { 100 } else { 70 }
        && let Some(version) = &inventory.source.kubernetes
    {
        line.push(piece(format!("{}  ", clean(version)), Role::Dim));
    }
    if width >= if moves { 140 } else { 110 } && !inventory.is_empty() {
        let namespaces = inventory.namespaces().len();
        let objects = inventory.len();
        let text = format!("{namespaces} ns  {} {}  ", grouped(objects), noun(objects, "object"));
        line.push(piece(text, Role::Dim));
    }
    if state.session.holder.is_some() {
        let word = if width >= 60 { "read-only  " } else { "ro  " };
        line.push(piece(word, Role::Manual));
    }
    line.extend(live::frozen(state, width));
    line.extend(live::moved(state, width));
    line.extend(live::newer(state, width));
    let (sign, word, role) = source_word(state);
    let short = word.strip_prefix(JUDGING).filter(|_| width < 100);
    line.push(piece(format!("{sign} {}", short.unwrap_or(&word)), role));
    if width >= 150
        && let SourceStatus::Stale { reason, .. } = &state.source.status
    {
        line.push(piece(format!(": {}", cut(&clean(reason), 30)), Role::Fail));
    }
    if width >= 110
        && let Some(info) = &state.session.info
    {
        line.push(piece(format!("   session {}", clean(&info.title)), Role::Dim));
    }
    line
}

/// What is said before how far behind the cluster the screen is.
const JUDGING: &str = "judging, ";

/// That not one list of the source was answered, if that is so.
fn nothing_is_read(state: &State) -> Option<&'static str> {
    state.data.barren().and_then(Barren::unread)
}

pub(super) fn source_word(state: &State) -> (&'static str, String, Role) {
    match &state.source.status {
        SourceStatus::None => (sign::source(false), "no cluster".to_owned(), Role::Dim),
        SourceStatus::Connecting => (sign::source(false), "connecting".to_owned(), Role::Manual),
        _ if state.source.loading => (sign::source(false), "reading".to_owned(), Role::Manual),
        SourceStatus::Live => match (nothing_is_read(state), state.data.live.behind) {
            (Some(unread), _) => ("?", unread.to_owned(), Role::Unknown),
            (None, Some(since)) => {
                let seconds = state.now.millis.saturating_sub(since) / 1_000;
                (sign::source(false), format!("{JUDGING}{seconds} s behind"), Role::Manual)
            }
            (None, None) => (sign::source(true), "live".to_owned(), Role::Pass),
        },
        SourceStatus::NotWatched(_) => {
            (sign::source(false), "not watched".to_owned(), Role::Unknown)
        }
        SourceStatus::Stale { since, .. } => {
            ("✖", format!("stale {}", age(state.now.unix - since)), Role::Fail)
        }
        SourceStatus::Failed(_) => ("✖", "no connection".to_owned(), Role::Fail),
        SourceStatus::Read => match state.data.inventory.source.kind {
            SourceKind::Live => (sign::source(true), "read".to_owned(), Role::Pass),
            other => (sign::source(true), other.word().to_owned(), Role::Pass),
        },
    }
}

/// The row that the tabs stand in.
fn inner_row(inner: Rect) -> Rect {
    Rect { y: inner.y + 1, height: 1, ..inner }
}

fn tabs(state: &State, paint: &mut Paint<'_>, area: Rect) {
    let inner = Rect { x: area.x + 1, width: area.width.saturating_sub(2), ..area };
    let here = state.nav.view();
    let entry = |view: View| {
        let key = state.keymap.keys(Mode::Screen, view.action());
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
        paint.targets.add(spot.intersection(inner_row(inner)), Target::Tab(view));
        line.push(piece(gap, Role::Text));
    }
    paint.line(inner, 1, &line);
}

/// Where the words on the rule above the footer stand.
fn said_in(area: Rect) -> Rect {
    Rect { x: area.x + 1, width: area.width.saturating_sub(2), ..area }
}

/// Writes a line on the rule above the footer, which goes on behind it.
fn on_rule(paint: &mut Paint<'_>, area: Rect, line: &[Piece]) {
    let inner = said_in(area);
    let end = paint.line(inner, 0, line);
    paint.put(end, inner.y, inner.right().saturating_sub(end).min(1), " ", Role::Text);
}

/// The rule above the footer, and on it what is typed, the run, or the newest message: it stands still while
/// they come and go.
fn status(state: &State, paint: &mut Paint<'_>, area: Rect) {
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
    } else if let Some(line) = standing(state) {
        on_rule(paint, area, &line);
    }
}

/// Whether an error is shown: a run has time to be told of, and what went wrong has not.
fn erring(state: &State) -> bool {
    state.messages.current(state.now).is_some_and(|message| message.tone == Tone::Error)
}

/// The sign before a message.
fn tone_sign(tone: Tone) -> (&'static str, Role) {
    match tone {
        Tone::Done => ("✔", Role::Pass),
        Tone::Hint => ("·", Role::Dim),
        Tone::Error => ("✖", Role::Fail),
    }
}

/// The sign before what takes several lines: of a message, or of a source that cannot be read.
fn line_sign(state: &State) -> (&'static str, Role) {
    let message = state.messages.current(state.now).filter(|_| unreadable(state).is_none());
    tone_sign(message.map_or(Tone::Error, |message| message.tone))
}

/// What, why and what to do in one line.
pub(super) fn sentence(lines: &[String]) -> String {
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
fn error_lines(state: &State, area: Rect) -> Vec<String> {
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
pub(super) fn position(state: &State, paint: &mut Paint<'_>, area: Rect) {
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
    if let SourceStatus::Stale { reason, retry_at, .. } = &state.source.status {
        let retry = retry_at.map_or_else(String::new, |at| {
            match at.saturating_sub(state.now.millis).div_ceil(1_000) {
                0 => "; trying".to_owned(),
                seconds => format!("; next try in {seconds} s"),
            }
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
            let text =
                format!(" {} reading {}: {items} so far", sign::source(false), clean(resource));
            Some(vec![piece(text, Role::Manual)])
        }
        _ => unknown(state).map(|text| vec![piece(format!(" ? {text}"), Role::Unknown)]),
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
    let keys = state.keymap.keys(Mode::Screen, View::Coverage.action());
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
