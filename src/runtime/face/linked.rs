//! Writes frames with their links: ratatui knows cells, and no addresses behind them.

use std::cell::RefCell;
use std::io::{self, Write};
use std::rc::Rc;

use ratatui::backend::{Backend, ClearType, CrosstermBackend, WindowSize};
use ratatui::buffer::Cell;
use ratatui::layout::{Position, Size};

use super::pen::Pen;
use super::shown::{PlacedCell, WrittenCells};
use crate::term::link;
use crate::ui::Link;

/// A backend that puts what opens and closes a link around the cells that are one.
pub(super) struct Linked<W: Write> {
    inner: CrosstermBackend<W>,
    links: Rc<RefCell<Vec<Link>>>,
    shown: WrittenCells,
}

impl<W: Write> Linked<W> {
    /// Writes to `out`; whoever draws a frame leaves its links in `links`.
    pub(super) fn new(out: W, links: Rc<RefCell<Vec<Link>>>) -> Self {
        Self { inner: CrosstermBackend::new(out), links, shown: WrittenCells::default() }
    }
}

impl<W: Write> Backend for Linked<W> {
    type Error = io::Error;

    fn draw<'a, I>(&mut self, content: I) -> io::Result<()>
    where
        I: Iterator<Item = (u16, u16, &'a Cell)>,
    {
        let links = Rc::clone(&self.links);
        let links = links.borrow();
        let changed: Vec<PlacedCell<'_>> = content.collect();
        self.shown.take(&changed);
        let cells = self.shown.bridged(&changed);
        let (mut pen, end) = (Pen::default(), |row| self.shown.end(row));
        let of = |x: u16, y: u16| links.iter().position(|l| l.area.contains((x, y).into()));
        for run in cells.chunk_by(|a, b| of(a.0, a.1) == of(b.0, b.1)) {
            let link = run.first().and_then(|(x, y, _)| links.get(of(*x, *y)?));
            let open = link.and_then(|link| link::open(&link.url));
            self.inner.write_all(open.as_deref().unwrap_or_default().as_bytes())?;
            pen.draw(run, end, &mut self.inner)?;
            if open.is_some() {
                self.inner.write_all(link::CLOSE.as_bytes())?;
            }
        }
        pen.lift(&mut self.inner)
    }

    fn append_lines(&mut self, count: u16) -> io::Result<()> {
        self.inner.append_lines(count)
    }

    fn hide_cursor(&mut self) -> io::Result<()> {
        self.inner.hide_cursor()
    }

    fn show_cursor(&mut self) -> io::Result<()> {
        self.inner.show_cursor()
    }

    fn get_cursor_position(&mut self) -> io::Result<Position> {
        self.inner.get_cursor_position()
    }

    fn set_cursor_position<P: Into<Position>>(&mut self, position: P) -> io::Result<()> {
        self.inner.set_cursor_position(position)
    }

    fn clear(&mut self) -> io::Result<()> {
        self.shown.clear();
        self.inner.clear()
    }

    fn clear_region(&mut self, part: ClearType) -> io::Result<()> {
        self.shown.clear();
        self.inner.clear_region(part)
    }

    fn size(&self) -> io::Result<Size> {
        self.inner.size()
    }

    fn window_size(&mut self) -> io::Result<WindowSize> {
        self.inner.window_size()
    }

    fn flush(&mut self) -> io::Result<()> {
        Backend::flush(&mut self.inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ratatui::layout::Rect;

    #[test]
    fn cells_of_a_link_stand_between_its_marks() {
        let links = Rc::new(RefCell::new(Vec::new()));
        let mut out = Vec::new();
        let cell = |text: &str| {
            let mut cell = Cell::default();
            cell.set_symbol(text);
            cell
        };
        let cells = [cell("a"), cell("b"), cell("c")];
        let draw = |out: &mut Vec<u8>| {
            let content = (0_u16..).zip(&cells).map(|(x, cell)| (x, 0, cell));
            Linked::new(out, Rc::clone(&links)).draw(content).unwrap();
        };
        draw(&mut out);
        assert!(!String::from_utf8_lossy(&out).contains("\x1b]8"));
        out.clear();
        let area = Rect { x: 1, y: 0, width: 1, height: 1 };
        links.borrow_mut().push(Link { area, url: "https://a.example".into() });
        draw(&mut out);
        let text = String::from_utf8_lossy(&out).into_owned();
        let (before, rest) = text.split_once("\x1b]8;;https://a.example\x1b\\").unwrap();
        let (inside, after) = rest.split_once("\x1b]8;;\x1b\\").unwrap();
        assert!(before.contains('a') && inside.contains('b') && after.contains('c'), "{text:?}");
    }
}
