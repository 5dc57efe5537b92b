//! What must be reached, on two cores.

use std::collections::BTreeMap;

use super::figure::Figure;
use super::table::{Table, markdown};

/// A bound of one row at one size. Times are the wall's.
struct Bound {
    row: &'static str,
    size: usize,
    limit: f64,
    /// At least, rather than at most.
    least: bool,
    words: &'static str,
}

impl Bound {
    fn verdict(&self, figure: Option<&Figure>) -> &'static str {
        match figure.map(|figure| figure.value) {
            None => "not measured",
            Some(value) if self.least && value >= self.limit => "met",
            Some(value) if !self.least && value <= self.limit => "met",
            Some(_) => "missed",
        }
    }
}

const fn most(row: &'static str, size: usize, limit: f64, words: &'static str) -> Bound {
    Bound { row, size, limit, least: false, words }
}

const BOUNDS: &[Bound] = &[
    most("run, all cores", 10_000, 1.5, "< 1.5 s"),
    Bound {
        row: "evaluations/s, one thread",
        size: 10_000,
        limit: 3.0,
        least: true,
        words: "≥ 3 M",
    },
    most("checks that could not be decided", 10_000, 0.0, "none"),
    most("wide: checks that could not be decided", 10_000, 0.0, "none"),
    most("peak memory, holding it", 20_000, 300.0, "< 300 MiB"),
    most("live: load ÷ bare client", 10_000, 1.3, "≤ 1.3 ×"),
    most("live: scan ÷ bare client", 10_000, 1.3, "≤ 1.3 ×"),
    most("live, apart: load ÷ bare client", 10_000, 1.3, "≤ 1.3 ×"),
    most("live, apart: scan ÷ bare client", 10_000, 1.3, "≤ 1.3 ×"),
    most("live, uniform: load ÷ bare client", 10_000, 1.3, "≤ 1.3 ×"),
    most("live, uniform: scan ÷ bare client", 10_000, 1.3, "≤ 1.3 ×"),
    most("live, uniform, apart: load ÷ bare client", 10_000, 1.3, "≤ 1.3 ×"),
    most("live, uniform, apart: scan ÷ bare client", 10_000, 1.3, "≤ 1.3 ×"),
    most("workbench: first frame", 10_000, 0.1, "< 100 ms"),
    most("workbench: first rows", 10_000, 1.0, "< 1 s"),
    most("live workbench: first frame", 10_000, 0.1, "< 100 ms"),
    most("live workbench: first rows", 10_000, 1.0, "< 1 s"),
    most("frame: findings, 200x60", 10_000, 0.004, "< 4 ms"),
    most("key to frame during runs: p99", 10_000, 0.05, "< 50 ms"),
    most("live workbench: key to frame while loading: p99", 10_000, 0.05, "< 50 ms"),
    most("live workbench: a change is on the screen: longest", 10_000, 1.0, "< 1 s"),
    most("idle for 10 s: CPU ticks", 10_000, 0.0, "none"),
    most("idle for 10 s: wake-ups", 10_000, 0.0, "none"),
    most("live workbench: idle for 10 s: CPU ticks", 10_000, 0.0, "none"),
    most("live workbench: idle for 10 s: wake-ups", 10_000, 0.0, "none"),
    most("one changed pod: evaluated again", 10_000, 0.01, "< 10 ms"),
    most("one changed RoleBinding: evaluated again", 10_000, 0.01, "< 10 ms"),
    most("one changed NetworkPolicy: evaluated again", 10_000, 0.01, "< 10 ms"),
    most("one changed label of a Namespace: evaluated again", 10_000, 0.01, "< 10 ms"),
    most("both, on the clock", 200_000, 1.0, "< 1 s"),
];

/// What a row must reach, and whether it does.
pub fn verdict(row: &str, cells: &BTreeMap<usize, Figure>) -> Option<String> {
    let bound = BOUNDS.iter().find(|bound| bound.row == row)?;
    let verdict = bound.verdict(cells.get(&bound.size));
    Some(format!("{} at {}: {verdict}", bound.words, bound.size))
}

/// All bounds, with what was measured of them, as Markdown.
pub fn all(tables: &[Table]) -> String {
    let mut lines = vec![["", "at", "must reach", "is", "verdict"].map(str::to_owned).to_vec()];
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for bound in BOUNDS {
        let figure = tables.iter().find_map(|table| table.get(bound.row, bound.size));
        let verdict = bound.verdict(figure);
        *counts.entry(verdict).or_default() += 1;
        let is = figure.map(Figure::to_string).unwrap_or_default();
        let size = bound.size.to_string();
        let cells = [bound.row, &*size, bound.words, &*is, verdict];
        lines.push(cells.map(str::to_owned).to_vec());
    }
    let counts: Vec<String> = counts.iter().map(|(word, n)| format!("{n} {word}")).collect();
    format!("Bounds: {}.\n\n{}", counts.join(", "), markdown(&lines))
}
