//! The workbench in a pseudo-terminal: the real binary, real keys, the screen as a terminal shows
//! it.

use std::path::Path;
use std::time::{Duration, Instant};

use super::measure::{middle, peak_of};
use pty::Launch;
pub use pty::Pty;

#[path = "../../tests/support/pty.rs"]
#[allow(clippy::unwrap_used, reason = "shared with the tests: what cannot go on must end")]
mod pty;

/// The binary, built as for a release.
const BINARY: &str = env!("CARGO_BIN_EXE_plimsoll");
/// How often the screen is looked at.
const LOOK: Duration = Duration::from_micros(200);
/// The longest that anything may take before the measurement is given up.
const PATIENCE: Duration = Duration::from_secs(60);

/// Starts the workbench.
pub fn start(args: &[&str], home: &Path) -> Pty {
    Launch::new(home, args).size(120, 40).env("COLORTERM", "truecolor").start(BINARY)
}

/// From the start of the process until its screen shows `text`: the median of so many starts.
pub fn starts(times: usize, args: &[&str], text: &str) -> anyhow::Result<Duration> {
    let mut taken = Vec::new();
    for _ in 0..times {
        let home = tempfile::tempdir()?;
        let begin = Instant::now();
        let workbench = start(args, home.path());
        wait(&workbench, text)?;
        taken.push(begin.elapsed());
    }
    Ok(middle(taken))
}

/// How long it takes until the screen shows `text`.
pub fn wait(workbench: &Pty, text: &str) -> anyhow::Result<Duration> {
    until(workbench, &format!("no {text:?}"), |screen| screen.contents().contains(text))
}

/// How long it takes until the screen is as wished.
pub fn until(
    workbench: &Pty,
    otherwise: &str,
    wish: impl Fn(&vt100::Screen) -> bool,
) -> anyhow::Result<Duration> {
    let begin = Instant::now();
    while !workbench.with_screen(&wish) {
        let waiting = begin.elapsed() < PATIENCE;
        anyhow::ensure!(waiting, "{otherwise} on the screen:\n{}", workbench.text());
        std::thread::sleep(LOOK);
    }
    Ok(begin.elapsed())
}

/// Goes to the list of checks, with the cursor on its first row.
pub fn go_to_checks(workbench: &mut Pty) -> anyhow::Result<()> {
    // A command that leads to where one is already says so, and stays.
    if !workbench.with_screen(|screen| screen.contents().contains("› checks")) {
        workbench.send(":");
        workbench.settle();
        workbench.send("checks\r");
        wait(workbench, "› checks")?;
    }
    workbench.send("gg");
    workbench.settle();
    Ok(())
}

/// Moves about in a list for as long as the screen is as said, and adds how long each key took from
/// being sent until the cursor was on another row. The last key is sent while that ends, so that
/// whatever the end costs is among the times.
pub fn keys(
    workbench: &mut Pty,
    times: &mut Vec<Duration>,
    going_on: impl Fn(&vt100::Screen) -> bool,
) -> anyhow::Result<()> {
    let mut down = true;
    while workbench.with_screen(&going_on) {
        let before = workbench.with_screen(marked);
        // The cursor stays on its check, which results may take to an end of the list.
        down = !workbench.with_screen(|screen| is_at_end(screen, true))
            && (down || workbench.with_screen(|screen| is_at_end(screen, false)));
        workbench.send(if down { "j" } else { "k" });
        let moved = |screen: &vt100::Screen| marked(screen) != before || is_at_end(screen, down);
        times.push(until(workbench, "the mark stays", moved)?);
        down = !down;
        // A pace that a held key has, and not always in step with the frames.
        std::thread::sleep(Duration::from_millis(7 + times.len() as u64 % 11));
    }
    Ok(())
}

/// Whether the cursor is on the last row, or the first one, of the list of checks on the screen. A row
/// there has a sign of its severity in the fourth column.
fn is_at_end(screen: &vt100::Screen, down: bool) -> bool {
    let (_, columns) = screen.size();
    let Some(at) = marked(screen) else { return false };
    let beside = if down { at.checked_add(1) } else { at.checked_sub(1) };
    let row = beside.and_then(|at| screen.rows(0, columns.get()).nth(at)).unwrap_or_default();
    let sign = row.chars().nth(3).unwrap_or(' ');
    sign.is_alphanumeric() || sign.is_whitespace() || sign == '─'
}

/// The line of the row that the cursor is on.
fn marked(screen: &vt100::Screen) -> Option<usize> {
    let (_, columns) = screen.size();
    screen.rows(0, columns.get()).position(|row| row.starts_with('▸'))
}

/// Peak resident memory so far.
pub fn peak_mib(workbench: &Pty) -> u64 {
    let text = std::fs::read_to_string(format!("/proc/{}/status", workbench.pid()));
    peak_of(&text.unwrap_or_default())
}
