//! Whether the terminal's ground is light or dark: asked with OSC 11, answered or not.

use std::time::{Duration, Instant};

use crate::config::keys::{Code, Key};

/// Longest wait for an answer. Terminals answer within a few milliseconds or never.
pub const PATIENCE: Duration = Duration::from_millis(100);
/// How long an answer that comes late is kept away from the keys.
const LATE: Duration = Duration::from_secs(5);
/// Longest late answer, in keys.
const LONGEST: usize = 48;

/// The ground of a terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Background {
    /// Dark letters stand out from it.
    Light,
    /// Light letters stand out from it.
    Dark,
}

/// What came of asking.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// The ground, if the terminal said.
    pub background: Option<Background>,
    /// Keys that were typed meanwhile, which are the workbench's.
    pub typed: String,
    /// The answer may still come, among the keys.
    pub open: bool,
}

/// Asks the terminal, and waits for at most [`PATIENCE`].
#[cfg(unix)]
#[must_use]
pub fn ask() -> Answer {
    // A terminal that cannot be asked is one that does not say.
    asked().unwrap_or_default()
}

/// Nobody is asked here.
#[cfg(not(unix))]
#[must_use]
pub fn ask() -> Answer {
    Answer::default()
}

#[cfg(unix)]
fn asked() -> std::io::Result<Answer> {
    use std::io::{Read as _, Write as _};

    use crossterm::terminal::{disable_raw_mode, enable_raw_mode};
    use rustix::event::{PollFd, PollFlags, Timespec, poll};

    let mut tty = std::fs::OpenOptions::new().read(true).write(true).open("/dev/tty")?;
    enable_raw_mode()?;
    // Behind the question stands one that every terminal answers: whoever does not know the first
    // need not be waited for.
    let wrote = tty.write_all(b"\x1b]11;?\x1b\\\x1b[c").and_then(|()| tty.flush());
    let until = Instant::now() + PATIENCE;
    let mut got = Vec::new();
    let mut whole = false;
    while wrote.is_ok() && !whole {
        let left = until.saturating_duration_since(Instant::now());
        let wait = Timespec { tv_sec: 0, tv_nsec: left.subsec_nanos().into() };
        let ready = poll(&mut [PollFd::new(&tty, PollFlags::IN)], Some(&wait));
        if left.is_zero() || !ready.is_ok_and(|count| count > 0) {
            break;
        }
        let mut bytes = [0; 256];
        let count = tty.read(&mut bytes).unwrap_or(0);
        if count == 0 {
            break;
        }
        got.extend(bytes.iter().take(count));
        whole = read(&got).1;
    }
    disable_raw_mode()?;
    wrote?;
    Ok(Answer::of(&got))
}

impl Answer {
    /// What came of asking, by the bytes that came.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        let (background, whole) = read(bytes);
        Self { background, typed: typed(bytes), open: !whole }
    }
}

/// What an answer says so far, and whether it is whole: the second question's answer ends it.
fn read(bytes: &[u8]) -> (Option<Background>, bool) {
    let text = String::from_utf8_lossy(bytes);
    let colour = text.split_once("\x1b]11;").map(|(_, rest)| rest);
    let colour = colour.and_then(|rest| {
        let end = rest.find(['\x07', '\x1b'])?;
        ground(rest.get(..end)?)
    });
    let attributes = text.split("\x1b[?").skip(1);
    let whole = attributes.into_iter().any(|rest| {
        rest.trim_start_matches(|c: char| c.is_ascii_digit() || c == ';').starts_with('c')
    });
    (colour, whole)
}

/// The ground of a colour as terminals write it: `rgb:1e1e/1e1e/2e2e`.
fn ground(colour: &str) -> Option<Background> {
    let parts = colour.strip_prefix("rgb:").or_else(|| colour.strip_prefix("rgba:"))?;
    let mut channels = parts.split('/').map(|part| {
        let most = 16_u32.checked_pow(u32::try_from(part.len()).ok()?)?.checked_sub(1)?;
        let value = u32::from_str_radix(part, 16).ok()?;
        Some(f64::from(value) / f64::from(most.max(1)))
    });
    let mut next = || channels.next().flatten();
    let (red, green, blue) = (next()?, next()?, next()?);
    // How bright it looks, near enough for telling two halves apart.
    let bright = 0.299 * red + 0.587 * green + 0.114 * blue;
    Some(if bright > 0.5 { Background::Light } else { Background::Dark })
}

/// What stands around the answers: letters that somebody typed.
fn typed(bytes: &[u8]) -> String {
    let mut out = String::new();
    let text = String::from_utf8_lossy(bytes);
    let mut rest = text.as_ref();
    while let Some(c) = rest.chars().next() {
        rest = rest.get(c.len_utf8()..).unwrap_or_default();
        if c != '\x1b' {
            if !c.is_control() {
                out.push(c);
            }
        } else if let Some(body) = rest.strip_prefix(']') {
            let end = body.find(['\x07', '\x1b']).unwrap_or(body.len());
            let after = body.get(end..).unwrap_or_default();
            let after = after.strip_prefix('\x07').unwrap_or(after);
            rest = after.strip_prefix("\x1b\\").unwrap_or(after);
        } else if let Some(body) = rest.strip_prefix('[') {
            let end = body.find(|c: char| c.is_ascii_alphabetic()).map_or(body.len(), |at| at + 1);
            rest = body.get(end..).unwrap_or_default();
        }
    }
    out
}

/// Keeps an answer that comes late from being taken for keys.
#[derive(Debug)]
pub struct Late {
    until: Instant,
    inside: usize,
}

impl Late {
    /// From now on.
    #[must_use]
    pub fn from_now() -> Self {
        Self { until: Instant::now() + LATE, inside: 0 }
    }

    /// Whether a key is a piece of an answer. They come as Alt-], letters, and Alt-\ or Ctrl-G.
    pub fn takes(&mut self, key: Key) -> bool {
        let begins = key.alt && key.code == Code::Char(']');
        if self.inside == 0 {
            if begins && Instant::now() < self.until {
                self.inside = 1;
                return true;
            }
            return false;
        }
        let ends = key.alt && key.code == Code::Char('\\') || key == Key::ctrl('g');
        self.inside = if ends || self.inside > LONGEST { 0 } else { self.inside + 1 };
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_tells_light_from_dark() {
        let whole = |colour: &str| format!("\x1b]11;{colour}\x1b\\\x1b[?62;22c");
        for (colour, wanted) in [
            ("rgb:ffff/ffff/ffff", Some(Background::Light)),
            ("rgb:fdfd/f6f6/e3e3", Some(Background::Light)),
            ("rgb:1e1e/1e1e/2e2e", Some(Background::Dark)),
            ("rgb:00/2b/36", Some(Background::Dark)),
            ("rgba:ff/ff/ff/80", Some(Background::Light)),
            ("#ffffff", None),
            ("rgb:zz/00/00", None),
            ("rgb:ff", None),
            ("rgb:fffffffffffffffff/0/0", None),
        ] {
            assert_eq!(read(whole(colour).as_bytes()), (wanted, true), "{colour}");
        }
        assert_eq!(read(b"\x1b]11;rgb:ffff/ffff/ff"), (None, false), "half an answer");
        assert_eq!(read(b"\x1b]11;rgb:0/0/0\x07"), (Some(Background::Dark), false));
        assert_eq!(read(b"\x1b[?6c"), (None, true), "a terminal that does not know the question");
    }

    #[test]
    fn keys_typed_meanwhile_are_kept() {
        assert_eq!(typed(b"4j\x1b]11;rgb:0/0/0\x1b\\\x1b[?62;22ck"), "4jk");
        assert_eq!(typed(b"\x1b]11;rgb:0/0/0\x07q\r"), "q");
        assert_eq!(typed(b"\x1b[?6c"), "");
    }

    #[test]
    fn a_late_answer_is_no_keys() {
        let mut late = Late::from_now();
        let key = |c| Key { code: Code::Char(c), ctrl: false, alt: false };
        let alt = |c| Key { alt: true, ..key(c) };
        assert!(!late.takes(key('1')));
        assert!(late.takes(alt(']')));
        assert!("11;rgb:ffff/ffff/ffff".chars().all(|c| late.takes(key(c))));
        assert!(late.takes(alt('\\')));
        assert!(!late.takes(key('1')), "keys after the answer are keys");
    }
}
