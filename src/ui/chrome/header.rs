//! The first line: where we are, and what becomes of the source.

use ratatui::layout::Rect;

use crate::app::barren::Barren;
use crate::app::live::age;
use crate::app::state::{SourceStatus, State};
use crate::config::context::{self, Tone as Loud};
use crate::config::theme::Role;
use crate::model::inventory::SourceKind;
use crate::text::{clean, cut, grouped, noun};

use super::super::paint::{Line, Paint, piece};
use super::super::{live, sign, way};

pub(super) fn header(state: &State, paint: &mut Paint<'_>, area: Rect) {
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
        let namespaces = inventory.namespace_count();
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
        && let SourceStatus::Stale(lost) = &state.source.status
    {
        line.push(piece(format!(": {}", cut(&clean(&lost.reason), 30)), Role::Fail));
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

/// What the source is: sign, word and role.
pub(in crate::ui) fn source_word(state: &State) -> (&'static str, String, Role) {
    match &state.source.status {
        SourceStatus::None => (sign::AWAITED, "no cluster".to_owned(), Role::Dim),
        SourceStatus::Connecting => (sign::AWAITED, "connecting".to_owned(), Role::Manual),
        _ if state.source.loading => (sign::AWAITED, "reading".to_owned(), Role::Manual),
        SourceStatus::Live => match (nothing_is_read(state), state.data.live.behind) {
            (Some(unread), _) => ("?", unread.to_owned(), Role::Unknown),
            (None, Some(since)) => {
                let seconds = state.now.millis.saturating_sub(since) / 1_000;
                (sign::AWAITED, format!("{JUDGING}{seconds} s behind"), Role::Manual)
            }
            (None, None) => (sign::THERE, "live".to_owned(), Role::Pass),
        },
        SourceStatus::NotWatched(_) => (sign::AWAITED, "not watched".to_owned(), Role::Unknown),
        SourceStatus::Stale(lost) => {
            ("✖", format!("stale {}", age(state.now.unix - lost.since)), Role::Fail)
        }
        SourceStatus::Failed(_) => ("✖", "no connection".to_owned(), Role::Fail),
        SourceStatus::Read => match state.data.inventory.source.kind {
            SourceKind::Live => (sign::THERE, "read".to_owned(), Role::Pass),
            other => (sign::THERE, other.word().to_owned(), Role::Pass),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::event::{LostConnection, Now, UserError};
    use crate::app::state::WorkbenchSetup;

    /// What the header can say of the source, in each state of it.
    fn words() -> Vec<String> {
        let mut state = State::new(WorkbenchSetup::default(), Now { millis: 9_000, unix: 1_000 });
        let stale = SourceStatus::Stale(LostConnection { since: 960, ..LostConnection::default() });
        let mut words = Vec::new();
        let mut status = SourceStatus::None;
        loop {
            state.source.status = status.clone();
            words.push(source_word(&state).1);
            // One after the other, so that none is left out.
            status = match status {
                SourceStatus::None => SourceStatus::Connecting,
                SourceStatus::Connecting => SourceStatus::Live,
                SourceStatus::Live => SourceStatus::NotWatched(String::new()),
                SourceStatus::NotWatched(_) => stale.clone(),
                SourceStatus::Stale(_) => SourceStatus::Failed(UserError::default()),
                SourceStatus::Failed(_) => SourceStatus::Read,
                SourceStatus::Read => break,
            };
        }
        state.source.loading = true;
        words.push(source_word(&state).1);
        state.source.loading = false;
        (state.source.status, state.data.live.behind) = (SourceStatus::Live, Some(5_000));
        words.push(source_word(&state).1);
        let blind = |failed| Barren::Blind { refused: 1, failed }.unread();
        words.extend([blind(0), blind(1)].into_iter().flatten().map(str::to_owned));
        let kinds = [SourceKind::Files, SourceKind::Snapshot, SourceKind::Demo];
        words.extend(kinds.map(|kind| kind.word().to_owned()));
        words.push(live::OTHER_COVERAGE.to_owned());
        (state.frozen, state.waiting.changes) = (true, 12);
        state.source.again.newer = true;
        for width in [60, 80, 120] {
            for line in [live::frozen(&state, width), live::newer(&state, width)] {
                words.extend(line.into_iter().map(|(text, _)| text.trim().to_owned()));
            }
        }
        words
    }

    #[test]
    fn every_word_of_the_header_is_explained() {
        let page = include_str!("../../../docs/workbench.md");
        let (_, section) = page.split_once("\n## What the header says\n").unwrap();
        let section = section.split_once("\n## ").unwrap().0;
        for word in words() {
            assert!(
                section.contains(&format!("`{word}`")),
                "docs/workbench.md: nothing on `{word}`"
            );
        }
    }
}
