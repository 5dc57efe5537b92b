//! Values that look like credentials are masked wherever they are shown: by their own shape, or by what
//! stands before them. Everything that masks goes through here, so that all know the same names and shapes.

mod assigned;
mod manifest;
pub mod names;
mod shapes;
mod tree;

use std::borrow::Cow;
use std::ops::Range;
use std::sync::OnceLock;

use regex::{Captures, Regex};

pub use self::tree::{mask_tree, mask_words};

/// What stands in place of a credential.
pub const MASK: &str = "••••••";

/// Fewest characters of a credential.
pub const LEAST: usize = 4;

/// Most rounds of masking: what stands behind a credential may be one itself, which is seen when the
/// first is masked.
const ROUNDS: usize = 16;

/// Masks values that look like credentials, by their shape or by what stands before them. Masked once
/// more, the text stays as it is.
#[must_use]
pub fn mask(text: &str) -> Cow<'_, str> {
    // Most texts cannot hold any, and are told from those that can by this.
    if !may_hold(text) {
        return Cow::Borrowed(text);
    }
    let mut masked = Cow::Borrowed(text);
    for _ in 0..ROUNDS {
        let Cow::Owned(next) = once(&masked) else { break };
        masked = Cow::Owned(next);
    }
    masked
}

fn once(text: &str) -> Cow<'_, str> {
    [manifest::masked, shapes::masked, assigned::masked].into_iter().fold(
        Cow::Borrowed(text),
        |text, masked| match masked(&text) {
            Cow::Borrowed(_) => text,
            Cow::Owned(masked) => Cow::Owned(masked),
        },
    )
}

fn may_hold(text: &str) -> bool {
    static ANY: OnceLock<Regex> = OnceLock::new();
    compiled(&ANY, || {
        let words = "pass|pwd|secret|token|key|credential|connection|auth|bearer|basic|cookie|://";
        let shapes = r"LS0tLS1CRUdJTi|akia|asia|gh[pousr]_|_pat_|glpat-|xox|npm_|hvs\.|k_live_|sk-|sg\.|aiza|eyj|hooks\.slack";
        format!(r"(?i){words}|{shapes}|(?:^|\s)-[up]|:(?:[0-9]{{2,5}}|\*):[^\s:]+:")
    })
    .is_match(text)
}

fn compiled(once: &'static OnceLock<Regex>, pattern: impl Fn() -> String) -> &'static Regex {
    once.get_or_init(|| {
        Regex::new(&pattern()).unwrap_or_else(|error| unreachable!("a pattern of ours: {error}"))
    })
}

/// The text with the mask in place of what `value` makes of each find. What follows on it is looked at anew.
fn replaced<'t>(
    text: &'t str,
    pattern: &Regex,
    value: impl Fn(&Captures<'t>) -> Option<Range<usize>>,
) -> Cow<'t, str> {
    let (mut out, mut done, mut from) = (String::new(), 0, 0);
    while let Some(found) = pattern.captures_at(text, from) {
        let whole = found.get(0).map_or(from..from, |whole| whole.range());
        let range = value(&found).filter(|range| range.start >= done && !range.is_empty());
        from = match range.filter(|range| text.get(range.clone()).is_some_and(|text| text != MASK))
        {
            Some(range) => {
                out.push_str(text.get(done..range.start).unwrap_or_default());
                out.push_str(MASK);
                done = range.end;
                range.end
            }
            None => whole.end.max(from + 1),
        };
        // A find may be empty, and the next place no beginning of a letter.
        while from < text.len() && !text.is_char_boundary(from) {
            from += 1;
        }
        if from > text.len() {
            break;
        }
    }
    if done == 0 {
        return Cow::Borrowed(text);
    }
    out.push_str(text.get(done..).unwrap_or_default());
    Cow::Owned(out)
}
