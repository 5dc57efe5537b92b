//! The workbench in a pseudo-terminal: the real binary, real keys, the screen as a terminal shows
//! it.

use std::path::Path;
use std::time::{Duration, Instant};

use super::measure::{Table, middle, seconds};
use super::scan;
use pty::{Launch, Pty};

#[path = "../../tests/support/pty.rs"]
#[allow(clippy::unwrap_used, reason = "shared with the tests: what cannot go on must end")]
mod pty;

/// The binary, built as for a release.
const BINARY: &str = env!("CARGO_BIN_EXE_plimsoll");
/// How often the start is timed.
const STARTS: usize = 9;
/// Keys that are timed while runs are under way.
const KEYS: usize = 400;
/// How often the screen is looked at.
const LOOK: Duration = Duration::from_micros(200);
/// How long idleness is watched.
const IDLE: Duration = Duration::from_secs(10);
/// The longest that anything may take before the measurement is given up.
const PATIENCE: Duration = Duration::from_secs(60);

/// Measures the workbench on a snapshot of the cluster.
pub fn measure(dir: &Path, pages: &Path, column: &str, table: &mut Table) -> anyhow::Result<()> {
    let file = scan::snapshot(dir, pages, column, table)?;
    let file = file.to_string_lossy().into_owned();
    let demo = starts(&["demo"], "Overview")?;
    table.set("demo: first frame (median of 9)", column, &seconds(demo));
    let frame = starts(&["--snapshot", &file], "Overview")?;
    table.set("workbench: first frame (median of 9)", column, &seconds(frame));
    let rows = starts(&["--snapshot", &file], " objects")?;
    table.set("workbench: first rows (median of 9)", column, &seconds(rows));

    let mut workbench = start(&["--snapshot", &file], dir);
    wait(&workbench, "The run took")?;
    let mut times = Vec::new();
    let mut runs = 0;
    while times.len() < KEYS {
        runs += 1;
        keys_during_a_run(&mut workbench, &mut times)?;
    }
    times.sort_unstable();
    table.set("key to frame: keys during runs", column, &format!("{} in {runs}", times.len()));
    for (name, permille) in [("median", 500), ("p99", 990), ("longest", 1000)] {
        let at = (times.len() * permille / 1000).min(times.len() - 1);
        table.set(&format!("key to frame: {name}"), column, &seconds(times[at]));
    }
    table.set("workbench: peak memory", column, &format!("{} MiB", peak_mib(&workbench)));
    // Messages go away by themselves, which is a frame of its own.
    std::thread::sleep(IDLE);
    let before = Activity::of(&workbench);
    std::thread::sleep(IDLE);
    let after = Activity::of(&workbench);
    table.set("idle for 10 s: CPU ticks", column, &(after.ticks - before.ticks).to_string());
    let switches = after.switches - before.switches;
    table.set("idle for 10 s: wake-ups", column, &switches.to_string());
    Ok(())
}

fn start(args: &[&str], home: &Path) -> Pty {
    Launch::new(home, args).size(120, 40).env("COLORTERM", "truecolor").start(BINARY)
}

/// From the start of the process until its screen shows `text`.
fn starts(args: &[&str], text: &str) -> anyhow::Result<Duration> {
    let mut times = Vec::new();
    for _ in 0..STARTS {
        let home = tempfile::tempdir()?;
        let begin = Instant::now();
        let workbench = start(args, home.path());
        wait(&workbench, text)?;
        times.push(begin.elapsed());
    }
    Ok(middle(times))
}

fn wait(workbench: &Pty, text: &str) -> anyhow::Result<()> {
    until(workbench, |screen| screen.contents().contains(text))
        .ok_or_else(|| anyhow::anyhow!("no {text:?} on the screen:\n{}", workbench.text()))
        .map(drop)
}

/// How long it takes until the screen is as wished; none if it never comes to that.
fn until(workbench: &Pty, wish: impl Fn(&vt100::Screen) -> bool) -> Option<Duration> {
    let begin = Instant::now();
    while !workbench.with_screen(&wish) {
        if begin.elapsed() > PATIENCE {
            return None;
        }
        std::thread::sleep(LOOK);
    }
    Some(begin.elapsed())
}

/// Starts a run of everything, and moves about in the list of checks until it has ended. The last
/// key is sent while it ends, so that whatever the end costs is among the times.
fn keys_during_a_run(workbench: &mut Pty, times: &mut Vec<Duration>) -> anyhow::Result<()> {
    workbench.send("5");
    wait(workbench, "› checks")?;
    workbench.send("g");
    workbench.settle();
    workbench.send("r");
    wait(workbench, "All checks")?;
    workbench.send("r");
    wait(workbench, "running")?;
    let running = |screen: &vt100::Screen| screen.contents().contains("running");
    let mut down = true;
    while workbench.with_screen(running) {
        let before = workbench.with_screen(marked);
        workbench.send(if down { "j" } else { "k" });
        let took = until(workbench, |screen| marked(screen) != before);
        times.push(
            took.ok_or_else(|| anyhow::anyhow!("the mark does not move:\n{}", workbench.text()))?,
        );
        down = !down;
        // A pace that a held key has, and not always in step with the frames.
        std::thread::sleep(Duration::from_millis(7 + times.len() as u64 % 11));
    }
    Ok(())
}

/// The line of the row that the cursor is on.
fn marked(screen: &vt100::Screen) -> Option<usize> {
    let (_, columns) = screen.size();
    screen.rows(0, columns.get()).position(|row| row.starts_with('▸'))
}

fn peak_mib(workbench: &Pty) -> u64 {
    let text = std::fs::read_to_string(format!("/proc/{}/status", workbench.pid()));
    super::measure::peak_of(&text.unwrap_or_default())
}

/// What a process has used so far.
struct Activity {
    /// Clock ticks on a processor, user and system.
    ticks: u64,
    /// How often one of its threads was woken.
    switches: u64,
}

impl Activity {
    fn of(workbench: &Pty) -> Self {
        let process = format!("/proc/{}", workbench.pid());
        let read = |path: String| std::fs::read_to_string(path).unwrap_or_default();
        let stat = read(format!("{process}/stat"));
        // The name in brackets may hold anything; after it, utime and stime are the 12th and 13th.
        let fields = stat.rsplit_once(')').map_or("", |(_, rest)| rest).split_whitespace();
        let ticks = fields.skip(11).take(2).filter_map(|n| n.parse::<u64>().ok()).sum();
        let tasks = std::fs::read_dir(format!("{process}/task")).into_iter().flatten().flatten();
        let of = |task: std::fs::DirEntry| {
            let status = read(task.path().join("status").to_string_lossy().into_owned());
            let line = status.lines().find_map(|l| l.strip_prefix("voluntary_ctxt_switches:"));
            line.and_then(|n| n.trim().parse::<u64>().ok())
        };
        Self { ticks, switches: tasks.filter_map(of).sum() }
    }
}
