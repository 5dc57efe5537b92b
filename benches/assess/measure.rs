//! Clocks and memory.

use std::time::{Duration, Instant};

/// How long something took.
#[derive(Clone, Copy)]
pub struct Took {
    /// On the clock on the wall.
    pub wall: Duration,
    /// On all cores together. Unlike the wall's, it hardly depends on what else the machine does.
    pub cpu: Duration,
}

impl Took {
    /// Nothing yet.
    pub const NOTHING: Self = Self { wall: Duration::ZERO, cpu: Duration::ZERO };
}

impl std::ops::AddAssign for Took {
    fn add_assign(&mut self, other: Self) {
        self.wall += other.wall;
        self.cpu += other.cpu;
    }
}

/// Times something.
pub fn time<T>(work: impl FnOnce() -> T) -> (T, Took) {
    let (before, start) = (Processor::now(), Instant::now());
    let result = work();
    let wall = start.elapsed();
    (result, Took { wall, cpu: Processor::now().since(before) })
}

/// Times something several times; the one that was fastest on the wall counts, with its own
/// processor time, since other load only ever slows it down.
pub fn fastest(times: usize, mut work: impl FnMut()) -> Took {
    let mut best = time(&mut work).1;
    for _ in 1..times {
        let took = time(&mut work).1;
        if took.wall < best.wall {
            best = took;
        }
    }
    best
}

/// The median.
pub fn middle(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

/// Processor time of this process so far.
#[derive(Clone, Copy)]
struct Processor {
    /// Of the threads that are there, to the nanosecond.
    living: Duration,
    /// Of all threads that there ever were, in ticks.
    ever: Duration,
}

impl Processor {
    /// A clock tick.
    const TICK: Duration = Duration::from_millis(10);

    fn now() -> Self {
        let of = |entry: std::io::Result<std::fs::DirEntry>| {
            let text = std::fs::read_to_string(entry.ok()?.path().join("schedstat")).ok()?;
            text.split_whitespace().next()?.parse::<u64>().ok()
        };
        let tasks = std::fs::read_dir("/proc/self/task").into_iter().flatten();
        let living = Duration::from_nanos(tasks.filter_map(of).sum());
        let ticks = u32::try_from(Activity::of(std::process::id()).ticks).unwrap_or(u32::MAX);
        Self { living, ever: Self::TICK.saturating_mul(ticks) }
    }

    /// Since an earlier moment: what threads took that ended meanwhile is in the ticks alone, which
    /// say nothing of less than a few of them.
    fn since(self, before: Self) -> Duration {
        let living = self.living.saturating_sub(before.living);
        let ever = self.ever.saturating_sub(before.ever);
        if ever > living + Self::TICK * 2 { ever } else { living }
    }
}

/// Peak resident memory of this process so far, in MiB; 0 where the system does not tell.
pub fn peak_mib() -> u64 {
    peak_of(&std::fs::read_to_string("/proc/self/status").unwrap_or_default())
}

/// Resident memory of this process now, in MiB; 0 where the system does not tell.
pub fn held_mib() -> u64 {
    mib_of(&std::fs::read_to_string("/proc/self/status").unwrap_or_default(), "VmRSS:")
}

/// Peak resident memory that the text of a `/proc/…/status` tells, in MiB.
pub fn peak_of(text: &str) -> u64 {
    mib_of(text, "VmHWM:")
}

fn mib_of(text: &str, what: &str) -> u64 {
    let line = text.lines().find_map(|line| line.strip_prefix(what));
    let kib = line.and_then(|l| l.split_whitespace().next()?.parse::<u64>().ok());
    kib.unwrap_or(0) / 1024
}

/// How much memory some work takes beyond what is held when it begins, in MiB; none where the
/// system does not tell.
pub fn beyond<T>(work: impl FnOnce() -> T) -> (T, Option<u64>) {
    // Sets the peak to what is held now.
    let reset = std::fs::write("/proc/self/clear_refs", "5").is_ok();
    let held = peak_mib();
    let result = work();
    (result, reset.then(|| peak_mib().saturating_sub(held)))
}

/// The time below which so many of a thousand lie.
pub fn permille(sorted: &[Duration], permille: usize) -> Duration {
    let at = (sorted.len() * permille / 1000).min(sorted.len().saturating_sub(1));
    sorted.get(at).copied().unwrap_or_default()
}

/// What a process has used so far.
#[derive(Clone, Copy, Default)]
pub struct Activity {
    /// Clock ticks on a processor, user and system; a hundredth of a second each.
    pub ticks: u64,
    /// How often one of its threads was woken.
    pub switches: u64,
}

impl Activity {
    /// Of a process, so far.
    pub fn of(pid: u32) -> Self {
        let process = format!("/proc/{pid}");
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

    /// Since an earlier moment.
    pub fn since(self, before: Self) -> Self {
        Self {
            ticks: self.ticks.saturating_sub(before.ticks),
            switches: self.switches.saturating_sub(before.switches),
        }
    }
}
