//! Where frames are written: each one whole, inside a synchronized update.

use std::cell::RefCell;
use std::io::{self, Write};
use std::rc::Rc;

const BEGIN: &[u8] = b"\x1b[?2026h";
const END: &[u8] = b"\x1b[?2026l";

/// Collects what a frame writes and hands it to the terminal in one piece, so that neither a slow
/// line nor tmux ever shows half of one. Clones share the frame: one is drawn on, the other
/// presents.
#[derive(Debug)]
pub struct Screen<W: Write> {
    shared: Rc<RefCell<Frame<W>>>,
}

#[derive(Debug)]
struct Frame<W> {
    out: W,
    bytes: Vec<u8>,
}

impl<W: Write> Clone for Screen<W> {
    fn clone(&self) -> Self {
        Self { shared: Rc::clone(&self.shared) }
    }
}

impl<W: Write> Screen<W> {
    /// A screen on this output.
    pub fn new(out: W) -> Self {
        let bytes = Vec::with_capacity(16 * 1024);
        Self { shared: Rc::new(RefCell::new(Frame { out, bytes })) }
    }

    /// Writes what was drawn since the last time.
    ///
    /// # Errors
    /// When the terminal is gone.
    pub fn present(&self) -> io::Result<()> {
        let Frame { out, bytes } = &mut *self.shared.borrow_mut();
        if bytes.is_empty() {
            return Ok(());
        }
        bytes.extend_from_slice(END);
        let written = out.write_all(bytes).and_then(|()| out.flush());
        bytes.clear();
        written
    }
}

impl<W: Write> Write for Screen<W> {
    fn write(&mut self, drawn: &[u8]) -> io::Result<usize> {
        let bytes = &mut self.shared.borrow_mut().bytes;
        if bytes.is_empty() {
            bytes.extend_from_slice(BEGIN);
        }
        bytes.extend_from_slice(drawn);
        Ok(drawn.len())
    }

    /// Does nothing: a frame is flushed several times while it is drawn, after the cursor is
    /// shown and before it is where it belongs.
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_is_one_synchronized_write_and_nothing_writes_nothing() {
        let mut out = Vec::new();
        let mut screen = Screen::new(&mut out);
        let presenter = screen.clone();
        presenter.present().unwrap();
        screen.write_all(b"ab").unwrap();
        screen.flush().unwrap();
        screen.write_all(b"c").unwrap();
        screen.flush().unwrap();
        presenter.present().unwrap();
        drop((screen, presenter));
        assert_eq!(out, b"\x1b[?2026habc\x1b[?2026l");
    }
}
