//! A text as an outline: what is not about the marked line is folded, block by block.

use crate::text::emit::Line;

/// The lines of a text that are shown while others are folded.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Folds {
    /// Each line shown, from 0, and how many are folded under it.
    pub rows: Vec<(usize, usize)>,
}

impl Folds {
    /// Folds every block that the marked line is not in; without one, all but the outermost keys.
    #[must_use]
    pub fn of(lines: &[Line], mark: Option<usize>) -> Self {
        let depths: Vec<Option<usize>> = lines.iter().map(depth).collect();
        let mut rows = Vec::new();
        let mut at = 0;
        while let Some(own) = depths.get(at) {
            // A line without a depth is a part of the text above it.
            let deeper = |other: &Option<usize>| other.is_none_or(|other| Some(other) > *own);
            let under = depths.iter().skip(at + 1).take_while(|other| deeper(other)).count();
            let marked = mark.is_some_and(|mark| (at..=at + under).contains(&mark));
            let folded = if marked || own.is_none() { 0 } else { under };
            rows.push((at, folded));
            at += 1 + folded;
        }
        Self { rows }
    }

    /// The row that shows a line, or the block that it is folded into.
    #[must_use]
    pub fn row_of(&self, line: usize) -> usize {
        self.rows.partition_point(|(at, _)| *at <= line).saturating_sub(1)
    }
}

/// How deep a line stands: elements of a list are deeper than the key over them, though they begin in the
/// same column. None for a line that is empty.
fn depth(line: &Line) -> Option<usize> {
    let text = line.text.trim_start();
    let indent = line.text.len() - text.len();
    let element = text == "-" || text.starts_with("- ");
    (!text.is_empty()).then_some(indent + usize::from(element))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "apiVersion: v1\nmetadata:\n  name: web\n  labels:\n    app: web\nspec:\n  replicas: 2\n  \
containers:\n  - name: app\n    args:\n    - a\n    - b\n  - name: log\n    image: log";

    fn text() -> Vec<Line> {
        let line = |text: &str| Line { text: text.to_owned(), spans: Vec::new() };
        TEXT.lines().map(line).collect()
    }

    #[test]
    fn everything_but_the_way_to_the_marked_line_is_folded() {
        let shown: Vec<&str> = Folds::of(&text(), Some(10))
            .rows
            .iter()
            .map(|(at, _)| TEXT.lines().nth(*at).unwrap().trim_start())
            .collect();
        assert_eq!(
            shown,
            [
                "apiVersion: v1",
                "metadata:",
                "spec:",
                "replicas: 2",
                "containers:",
                "- name: app",
                "args:",
                "- a",
                "- b",
                "- name: log",
            ]
        );
    }

    #[test]
    fn no_line_is_lost_and_each_is_found_again() {
        for mark in (0..14).map(Some).chain([None]) {
            let folds = Folds::of(&text(), mark);
            let all: usize = folds.rows.iter().map(|(_, folded)| 1 + folded).sum();
            assert_eq!(all, 14, "{mark:?}");
            for line in 0..14 {
                let (at, folded) = folds.rows[folds.row_of(line)];
                assert!((at..=at + folded).contains(&line), "{mark:?}, line {line}");
            }
            if let Some(mark) = mark {
                assert!(folds.rows.iter().any(|(at, _)| *at == mark), "the marked line is folded");
            }
        }
        let outline = Folds::of(&text(), None);
        assert_eq!(outline.rows, [(0, 0), (1, 3), (5, 8)]);
        assert_eq!(Folds::of(&[], Some(3)), Folds::default());
    }
}
