//! The workbench on a snapshot: start, keys while checks run, rest.

use std::path::Path;
use std::time::Duration;

use super::figure::Figure;
use super::measure::{Activity, permille};
use super::table::Table;
use super::workbench::{Pty, go_to_checks, keys, peak_mib, start, starts, wait};
use super::{pace, scan};

/// Measures the workbench on a snapshot of the cluster.
pub fn measure(dir: &Path, pages: &Path, pods: usize, table: &mut Table) -> anyhow::Result<()> {
    let file = scan::snapshot(dir, pages, pods, table)?;
    let file = file.to_string_lossy().into_owned();
    let on_file = ["--snapshot", &file];
    let mut begin = |row: &str, args: &[&str], text: &str| -> anyhow::Result<()> {
        table.set(row, pods, Figure::seconds(starts(pace::starts(), args, text)?));
        Ok(())
    };
    begin("workbench, demo: first frame", &["demo"], "Overview")?;
    begin("workbench: first frame", &on_file, "Overview")?;
    begin("workbench: first rows", &on_file, " objects")?;

    let mut workbench = start(&on_file, dir);
    wait(&workbench, "The run took")?;
    let mut times = Vec::new();
    while times.len() < pace::keys() {
        keys_during_a_run(&mut workbench, &mut times)?;
    }
    of_keys("key to frame during runs", times, pods, table);
    table.set("workbench: peak memory", pods, Figure::mib(peak_mib(&workbench)));
    idle("idle", &workbench, pods, table);
    Ok(())
}

/// The rows of keys.
pub fn of_keys(what: &str, mut times: Vec<Duration>, pods: usize, table: &mut Table) {
    times.sort_unstable();
    table.set(&format!("{what}: keys"), pods, Figure::count(times.len()));
    for (name, part) in [("median", 500), ("p99", 990), ("longest", 1000)] {
        table.set(&format!("{what}: {name}"), pods, Figure::seconds(permille(&times, part)));
    }
}

/// The rows of a workbench that rests.
pub fn idle(what: &str, workbench: &Pty, pods: usize, table: &mut Table) {
    // Messages go away by themselves, which is a frame of its own.
    std::thread::sleep(Duration::from_secs(10));
    rest(what, pace::idle(), &[span(workbench, pace::idle())], pods, table);
}

/// The rows of a workbench that rests and from time to time asks for what no watch brings: the quietest of
/// several spans of time in a row, and all of them together.
pub fn idle_between(what: &str, workbench: &Pty, pods: usize, table: &mut Table) {
    std::thread::sleep(Duration::from_secs(10));
    let each = pace::idle();
    let spans: Vec<Activity> = (0..pace::idle_spans()).map(|_| span(workbench, each)).collect();
    let quietest = spans.iter().min_by_key(|span| (span.ticks, span.switches));
    rest(what, each, quietest, pods, table);
    rest(what, each.saturating_mul(pace::idle_spans()), &spans, pods, table);
}

/// What a workbench does that is left alone for a while.
fn span(workbench: &Pty, how_long: Duration) -> Activity {
    let before = Activity::of(workbench.pid());
    std::thread::sleep(how_long);
    Activity::of(workbench.pid()).since(before)
}

fn rest<'a>(
    what: &str,
    how_long: Duration,
    spans: impl IntoIterator<Item = &'a Activity> + Copy,
    pods: usize,
    table: &mut Table,
) {
    let what = format!("{what} for {} s", how_long.as_secs());
    let sum = |of: fn(&Activity) -> u64| {
        Figure::count(usize::try_from(spans.into_iter().map(of).sum::<u64>()).unwrap_or(usize::MAX))
    };
    table.set(&format!("{what}: CPU ticks"), pods, sum(|span| span.ticks));
    table.set(&format!("{what}: wake-ups"), pods, sum(|span| span.switches));
}

/// Starts a run of everything, and moves about in the list of checks until it has ended.
fn keys_during_a_run(workbench: &mut Pty, times: &mut Vec<Duration>) -> anyhow::Result<()> {
    go_to_checks(workbench)?;
    workbench.send("r");
    wait(workbench, "All checks")?;
    workbench.send("r");
    wait(workbench, "running")?;
    keys(workbench, times, |screen| screen.contents().contains("running"))
}
