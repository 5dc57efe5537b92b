//! Copying by OSC 52: the terminal's clipboard, over SSH and inside tmux and screen.

use std::io::Write as _;

use base64::Engine as _;

/// Longest text copied, in bytes: terminals drop longer sequences without a word.
pub const MAX: usize = 74_994;

/// Why a text was not copied.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CopyError {
    /// It is too long.
    #[error("{0} bytes are more than a terminal takes ({MAX})")]
    TooLong(usize),
    /// The terminal refused the bytes.
    #[error("{0}")]
    Io(String),
}

/// Which multiplexer the sequence has to pass through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Through {
    /// None.
    Plain,
    /// tmux (1.5 or newer, with `allow-passthrough` or `set-clipboard`).
    Tmux,
    /// GNU screen.
    Screen,
}

impl Through {
    /// From the environment: `$TMUX` and `$TERM`.
    #[must_use]
    pub fn detect(tmux: bool, term: &str) -> Self {
        if tmux {
            Self::Tmux
        } else if term.starts_with("screen") {
            Self::Screen
        } else {
            Self::Plain
        }
    }
}

/// The sequence that copies a text.
#[must_use]
pub fn sequence(text: &str, through: Through) -> Vec<u8> {
    let payload = base64::engine::general_purpose::STANDARD.encode(text);
    let plain = format!("\x1b]52;c;{payload}\x07");
    match through {
        Through::Plain => plain.into_bytes(),
        // tmux understands the plain sequence itself (set-clipboard) and passes the wrapped one on.
        Through::Tmux => format!("{plain}\x1bPtmux;\x1b{plain}\x1b\\").into_bytes(),
        Through::Screen => screen_chunks(&plain),
    }
}

/// screen passes strings of at most 768 bytes.
fn screen_chunks(plain: &str) -> Vec<u8> {
    let mut out = Vec::new();
    for chunk in plain.as_bytes().chunks(240) {
        out.extend_from_slice(b"\x1bP");
        out.extend_from_slice(chunk);
        out.extend_from_slice(b"\x1b\\");
    }
    out
}

/// Copies a text.
///
/// # Errors
/// When it is too long or the terminal is gone.
pub fn copy(text: &str, through: Through) -> Result<(), CopyError> {
    if text.len() > MAX {
        return Err(CopyError::TooLong(text.len()));
    }
    let mut out = std::io::stdout();
    let written = out.write_all(&sequence(text, through)).and_then(|()| out.flush());
    written.map_err(|error| CopyError::Io(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sequence_is_wrapped_for_multiplexers() {
        assert_eq!(sequence("hi", Through::Plain), b"\x1b]52;c;aGk=\x07");
        assert!(sequence("hi", Through::Tmux).ends_with(b"\x1bPtmux;\x1b\x1b]52;c;aGk=\x07\x1b\\"));
        assert_eq!(Through::detect(false, "screen-256color"), Through::Screen);
        assert_eq!(Through::detect(true, "screen-256color"), Through::Tmux);
    }

    #[test]
    fn what_no_terminal_takes_is_refused() {
        assert_eq!(copy(&"x".repeat(MAX + 1), Through::Plain), Err(CopyError::TooLong(MAX + 1)));
    }
}
