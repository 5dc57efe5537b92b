//! What the header says of what is not as the last run saw it: that the screen is frozen, how far the
//! cluster moved on, and that files changed.

use std::sync::Arc;

use crate::app::state::State;
use crate::config::theme::Role;
use crate::model::finding::Finding;

use super::paint::{Line, piece};

/// What is said where findings are those of the run, and what could be assessed is not.
pub(super) const OTHER_COVERAGE: &str = "other coverage";

/// From this width on there is room for whole words.
const WORDS: u16 = 100;

/// `frozen · 12 changes waiting`.
pub(super) fn frozen(state: &State, width: u16) -> Line {
    if !state.frozen {
        return Line::new();
    }
    let count = state.waiting.changes;
    let word = match (count, width >= WORDS) {
        (1, true) => " change waiting",
        (_, true) => " changes waiting",
        (_, false) => " waiting",
    };
    vec![piece(format!("frozen · {count}{word}  "), Role::Manual)]
}

/// That files were read again since the run that is shown, and say something else.
pub(super) fn newer(state: &State, width: u16) -> Line {
    if !state.source.again.newer {
        return Line::new();
    }
    let text = match width {
        ..70 => "changed  ",
        70..WORDS => "changed since the run  ",
        WORDS.. => "files changed since the run  ",
    };
    vec![piece(text, Role::Manual)]
}

/// `run 3 · live +4 -2`: findings that came and went since the run that is saved. What can no longer be
/// assessed did not go: `?7`.
pub(super) fn moved(state: &State, width: u16) -> Line {
    let Some(since) = state.data.live.moved() else { return Line::new() };
    let shown = |all: &[Arc<Finding>]| all.iter().filter(|f| state.data.is_shown(f)).count();
    let is_lost = |f: &&Arc<Finding>| since.lost.contains(f.fingerprint.as_str());
    let lost = since.gone.iter().filter(is_lost).filter(|f| state.data.is_shown(f)).count();
    let (new, gone) = (shown(&since.new), shown(&since.gone) - lost);
    let changed = since.changed.iter().filter(|c| state.data.is_shown(&c.now)).count();
    let mut words = Vec::new();
    if new > 0 {
        words.push(format!("+{new}"));
    }
    if gone > 0 {
        words.push(format!("−{gone}"));
    }
    if lost > 0 {
        words.push(format!("?{lost}"));
    }
    if changed > 0 {
        words.push(format!("~{changed}"));
    }
    if words.is_empty() && since.coverage {
        words.push(OTHER_COVERAGE.to_owned());
    }
    if words.is_empty() {
        return Line::new();
    }
    let saved = state.session.info.as_ref().filter(|_| state.session.holder.is_none());
    let run = match saved.map(|info| info.runs).filter(|runs| *runs > 0 && width >= WORDS) {
        Some(runs) => format!("run {runs} · "),
        None => String::new(),
    };
    let live = if width >= 70 { "live " } else { "" };
    let role = if lost > 0 { Role::Unknown } else { Role::Manual };
    vec![piece(format!("{run}{live}{}  ", words.join(" ")), role)]
}
