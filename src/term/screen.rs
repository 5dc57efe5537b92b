//! Where frames are written: each one whole, inside a synchronized update.

use std::io::{self, Write};

const BEGIN: &[u8] = b"\x1b[?2026h";
const END: &[u8] = b"\x1b[?2026l";

/// Collects what a frame writes and hands it to the terminal in one piece, so that neither a slow
/// line nor tmux ever shows half of one.
#[derive(Debug)]
pub struct Screen<W: Write> {
    out: W,
    frame: Vec<u8>,
}

impl<W: Write> Screen<W> {
    /// A screen on this output.
    pub fn new(out: W) -> Self {
        Self { out, frame: Vec::with_capacity(16 * 1024) }
    }
}

impl<W: Write> Write for Screen<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.frame.is_empty() {
            self.frame.extend_from_slice(BEGIN);
        }
        self.frame.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.frame.is_empty() {
            return Ok(());
        }
        self.frame.extend_from_slice(END);
        let written = self.out.write_all(&self.frame).and_then(|()| self.out.flush());
        self.frame.clear();
        written
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_is_one_synchronized_write_and_nothing_writes_nothing() {
        let mut out = Vec::new();
        let mut screen = Screen::new(&mut out);
        screen.flush().unwrap();
        screen.write_all(b"ab").unwrap();
        screen.write_all(b"c").unwrap();
        screen.flush().unwrap();
        assert_eq!(out, b"\x1b[?2026habc\x1b[?2026l");
    }
}
