//! How thoroughly everything is measured: `--quick` repeats less and watches for shorter.

use std::sync::OnceLock;
use std::time::Duration;

/// Tells the parts, which are processes of their own.
const VARIABLE: &str = "PLIMSOLL_BENCH_QUICK";

/// Whether this is a quick measurement.
pub fn quick() -> bool {
    static QUICK: OnceLock<bool> = OnceLock::new();
    *QUICK.get_or_init(|| {
        let here = std::env::args().any(|arg| arg == "--quick");
        here || std::env::var_os(VARIABLE).is_some()
    })
}

/// What a part's process is told.
pub fn told() -> Option<(&'static str, &'static str)> {
    quick().then_some((VARIABLE, "1"))
}

fn of<T>(thorough: T, hasty: T) -> T {
    if quick() { hasty } else { thorough }
}

/// How often what can be repeated is repeated.
pub fn times() -> usize {
    of(3, 1)
}

/// How often a start is timed.
pub fn starts() -> usize {
    of(9, 3)
}

/// Keys that are timed while runs are under way.
pub fn keys() -> usize {
    of(400, 30)
}

/// How long idleness is watched.
pub fn idle() -> Duration {
    Duration::from_secs(of(10, 2))
}

/// How many of these in a row, where something is done from time to time.
pub fn idle_spans() -> u32 {
    of(6, 1)
}

/// How often a live cluster is read.
pub fn rounds() -> usize {
    of(3, 1)
}
