//! A text on a screen: its lines, how far it is scrolled, what is folded and what is searched in it.

use std::cell::{Cell, OnceCell};
use std::sync::Arc;

use super::filter::find;
use super::folds::Folds;
use crate::text::emit::{Line, Yaml};
use crate::text::width;

/// What was searched in a text.
#[derive(Clone, Debug, Default)]
pub struct TextSearch {
    /// The words.
    pub text: String,
    /// Lines that hold them, from 0.
    pub lines: Vec<usize>,
    /// Which of them is shown.
    pub at: usize,
}

/// A text on a screen: an object as YAML, scrolled to some place.
#[derive(Clone, Debug, Default)]
pub struct TextView {
    /// The lines.
    pub yaml: Arc<Yaml>,
    /// The line to show in the middle, from 0, until somebody scrolls.
    pub mark: Option<usize>,
    /// First line on the screen; none follows the mark.
    pub top: Option<usize>,
    /// Cells scrolled to the right.
    pub left: usize,
    /// Long lines are wrapped.
    pub wrap: bool,
    /// What is shown while the rest is folded.
    pub folds: Option<Arc<Folds>>,
    /// What was searched.
    pub search: Option<TextSearch>,
    /// Lines that fit, as last drawn.
    pub height: Cell<usize>,
    /// Cells that a line has, as last drawn.
    pub width: Cell<usize>,
    /// Cells that its longest line takes, once that was asked for.
    widest: OnceCell<usize>,
}

impl TextView {
    /// The first line to show in `height` lines.
    #[must_use]
    pub fn first(&self, height: usize) -> usize {
        self.height.set(height);
        let last = self.rows().saturating_sub(height);
        let mark = self.mark.unwrap_or(0);
        let mark = self.folds.as_ref().map_or(mark, |folds| folds.row_of(mark));
        self.top.unwrap_or_else(|| mark.saturating_sub(height / 2)).min(last)
    }

    /// How many rows it has: lines, without those that are folded.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.folds.as_ref().map_or(self.yaml.lines.len(), |folds| folds.rows.len())
    }

    /// The line of a row, and how many lines are folded under it.
    #[must_use]
    pub fn row(&self, row: usize) -> Option<(usize, usize)> {
        match &self.folds {
            Some(folds) => folds.rows.get(row).copied(),
            None => (row < self.yaml.lines.len()).then_some((row, 0)),
        }
    }

    /// Folds what is not about the marked line, or shows all of it again.
    pub fn fold(&mut self) {
        self.folds = match self.folds.take() {
            Some(_) => None,
            None => Some(Arc::new(Folds::of(&self.yaml.lines, self.mark))),
        };
        self.top = None;
    }

    /// Another text, or the same one with another line that is marked; it stays folded.
    pub fn renew(&mut self, yaml: Arc<Yaml>, mark: Option<usize>) {
        self.yaml = yaml;
        self.widest = OnceCell::new();
        self.mark = mark;
        if self.folds.is_some() {
            self.folds = Some(Arc::new(Folds::of(&self.yaml.lines, mark)));
        }
    }

    /// Whether wrapping long lines, or cutting them again, changes what is seen.
    #[must_use]
    pub fn can_wrap(&self) -> bool {
        let lines = || self.yaml.lines.iter().map(|line| width(&line.text)).max().unwrap_or(0);
        self.wrap || *self.widest.get_or_init(lines) > self.width.get()
    }

    /// Scrolls by so many lines.
    pub fn scroll(&mut self, by: isize) {
        let height = self.height.get();
        let last = self.rows().saturating_sub(height);
        self.top = Some(self.first(height).saturating_add_signed(by).min(last));
    }

    /// Looks for words, also in what is folded; goes to the first line at or below the one on top that holds them.
    pub fn find(&mut self, text: &str) {
        // What is looked for may be in what is folded.
        if self.folds.is_some() {
            self.fold();
        }
        let hit = |(at, line): (usize, &Line)| find(&line.text, text).map(|_| at);
        let lines: Vec<usize> = self.yaml.lines.iter().enumerate().filter_map(hit).collect();
        let top = self.first(self.height.get());
        let at = lines.iter().position(|line| *line >= top).unwrap_or(0);
        self.search = Some(TextSearch { text: text.to_owned(), lines, at });
        self.show_match(0);
    }

    /// Goes on by so many matches, round at the ends.
    pub fn show_match(&mut self, by: isize) {
        let Some(search) = &mut self.search else { return };
        let count = isize::try_from(search.lines.len()).unwrap_or(isize::MAX);
        if count == 0 {
            return;
        }
        let at = isize::try_from(search.at).unwrap_or(0).saturating_add(by).rem_euclid(count);
        search.at = at.unsigned_abs();
        if let Some(line) = search.lines.get(search.at) {
            self.top = Some(line.saturating_sub(self.height.get() / 2));
        }
    }
}
