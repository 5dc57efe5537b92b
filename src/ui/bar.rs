//! The load line: a score as the interval it is.

use crate::config::theme::Role;
use crate::frameworks::{Counts, Score};

use super::paint::{Line, piece};

/// Solid for what passed or is mitigated, hatched for what is not decided, light for what failed or
/// is exposed.
pub(super) fn load_line(counts: &Counts, cells: usize) -> Line {
    let all = counts.applicable();
    if all == 0 {
        return vec![piece("·".repeat(cells), Role::NotApplicable)];
    }
    let part = |count: usize| {
        // A single control must still be seen.
        let rounded = (count * cells + all / 2) / all;
        if count > 0 { rounded.max(1) } else { 0 }
    };
    let (pass, fail) = (counts.good(), counts.bad());
    let undecided = all - pass - fail;
    let mut parts = [part(pass), part(undecided), part(fail)];
    // Rounding may give a cell too many or too few: the largest part bears it.
    while parts.iter().sum::<usize>() != cells {
        let sum: usize = parts.iter().sum();
        let Some(largest) = parts.iter_mut().max_by_key(|part| **part) else { break };
        if sum > cells {
            *largest -= 1;
        } else {
            *largest += 1;
        }
    }
    let [full, rest, empty] = parts;
    vec![
        piece("█".repeat(full), Role::BarFull),
        piece("▒".repeat(rest), Role::BarPart),
        piece("░".repeat(empty), Role::BarEmpty),
    ]
}

/// `39–66 %`, or one number where both ends meet.
pub(super) fn interval(score: Option<Score>) -> String {
    let Some(score) = score else { return "–".to_owned() };
    let percent = |part: f64| format!("{:.0}", (part * 100.0).floor());
    let (worst, best) = (percent(score.worst), percent(score.best));
    if worst == best { format!("{worst} %") } else { format!("{worst}–{best} %") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shape(pass: usize, manual: usize, fail: usize) -> String {
        let counts = Counts { fail, manual, pass, ..Counts::default() };
        load_line(&counts, 10).into_iter().map(|(text, _)| text).collect()
    }

    #[test]
    fn the_bar_shows_every_part_that_there_is() {
        assert_eq!(shape(5, 3, 2), "█████▒▒▒░░");
        assert_eq!(shape(10, 0, 0), "██████████");
        assert_eq!(shape(99, 0, 1), "█████████░");
        assert_eq!(shape(0, 0, 7), "░░░░░░░░░░");
        assert_eq!(shape(1, 98, 1), "█▒▒▒▒▒▒▒▒░");
        assert_eq!(shape(0, 0, 0), "··········");
        assert_eq!(shape(99, 1, 0), "█████████▒");
    }

    #[test]
    fn a_score_is_one_number_only_where_both_ends_meet() {
        assert_eq!(interval(Some(Score { worst: 0.391, best: 0.66 })), "39–66 %");
        assert_eq!(interval(Some(Score { worst: 0.5, best: 0.5 })), "50 %");
        assert_eq!(interval(None), "–");
        // Never rounded up to a hundred.
        assert_eq!(interval(Some(Score { worst: 0.996, best: 0.999 })), "99 %");
    }
}
