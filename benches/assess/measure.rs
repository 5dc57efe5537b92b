//! Clocks, memory and the table.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;
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
    /// As a cell of the table.
    pub fn cell(self) -> String {
        format!("{} ({})", seconds(self.wall), seconds(self.cpu))
    }
}

/// Times something.
pub fn time<T>(work: impl FnOnce() -> T) -> (T, Took) {
    let (cpu, start) = (cpu(), Instant::now());
    let result = work();
    let wall = start.elapsed();
    (result, Took { wall, cpu: self::cpu().saturating_sub(cpu) })
}

/// Times something several times; the fastest counts, since other load only ever slows it down.
pub fn fastest(times: usize, mut work: impl FnMut()) -> Took {
    let mut best = time(&mut work).1;
    for _ in 1..times {
        let took = time(&mut work).1;
        best.wall = best.wall.min(took.wall);
        best.cpu = best.cpu.min(took.cpu);
    }
    best
}

/// The median.
pub fn middle(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

/// Processor time of this process's living threads.
fn cpu() -> Duration {
    let Ok(tasks) = std::fs::read_dir("/proc/self/task") else { return Duration::ZERO };
    let of = |entry: std::io::Result<std::fs::DirEntry>| {
        let text = std::fs::read_to_string(entry.ok()?.path().join("schedstat")).ok()?;
        text.split_whitespace().next()?.parse::<u64>().ok()
    };
    Duration::from_nanos(tasks.filter_map(of).sum())
}

/// Peak resident memory of this process so far, in MiB; 0 where the system does not tell.
pub fn peak_mib() -> u64 {
    peak_of(&std::fs::read_to_string("/proc/self/status").unwrap_or_default())
}

/// Peak resident memory that the text of a `/proc/…/status` tells, in MiB.
pub fn peak_of(text: &str) -> u64 {
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = line.and_then(|l| l.split_whitespace().next()?.parse::<u64>().ok());
    kib.unwrap_or(0) / 1024
}

/// Seconds, milliseconds or microseconds, whatever reads best.
pub fn seconds(time: Duration) -> String {
    match time.as_micros() {
        micros @ 0..1000 => format!("{micros} µs"),
        1000..1_000_000 => format!("{:.1} ms", time.as_secs_f64() * 1e3),
        _ => format!("{:.2} s", time.as_secs_f64()),
    }
}

/// Millions of bytes.
pub fn megabytes(bytes: usize) -> String {
    format!("{}.{} MB", bytes / 1_000_000, bytes / 100_000 % 10)
}

/// Rows in the order of their first cell; columns by name.
#[derive(Default)]
pub struct Table {
    rows: Vec<String>,
    cells: BTreeMap<(String, String), String>,
}

impl Table {
    /// Sets a cell.
    pub fn set(&mut self, row: &str, column: &str, text: &str) {
        if !self.rows.iter().any(|known| known == row) {
            self.rows.push(row.to_owned());
        }
        self.cells.insert((row.to_owned(), column.to_owned()), text.to_owned());
    }

    /// The table as Markdown.
    pub fn text(&self, columns: &[String]) -> String {
        let first = self.rows.iter().map(|row| row.chars().count()).max().unwrap_or(0);
        let mut text = line(first, "", columns.iter().map(String::as_str));
        text.push_str(&line(first, "---", columns.iter().map(|_| "---:")));
        for row in &self.rows {
            let cell = |column: &String| {
                self.cells.get(&(row.clone(), column.clone())).map_or("", String::as_str)
            };
            text.push_str(&line(first, row, columns.iter().map(cell)));
        }
        text
    }
}

fn line<'a>(first: usize, row: &str, cells: impl Iterator<Item = &'a str>) -> String {
    let mut line = format!("| {row:<first$} |");
    for cell in cells {
        // Writing to a String cannot fail.
        let _ = write!(line, " {cell:>20} |");
    }
    line + "\n"
}

/// Sizes given as `--pods 1000,5000`, else the usual ones.
pub fn sizes(usual: &[usize]) -> anyhow::Result<Vec<usize>> {
    let args: Vec<String> = std::env::args().collect();
    let Some(at) = args.iter().position(|arg| arg == "--pods") else { return Ok(usual.to_vec()) };
    let list = args.get(at + 1).map(String::as_str).unwrap_or_default();
    let sizes = list.split(',').map(str::parse).collect::<Result<Vec<usize>, _>>();
    sizes.map_err(|_| anyhow::anyhow!("--pods `{list}` is no list of numbers such as 1000,5000"))
}

/// Runs this program again as `--part NAME ARGS…`, so that its memory is its own, and takes the
/// rows that it prints.
pub fn part(name: &str, args: &[&Path], column: &str, table: &mut Table) -> anyhow::Result<()> {
    let mut command = std::process::Command::new(std::env::current_exe()?);
    // Neither configuration nor sessions of whoever measures take part.
    let nowhere = tempfile::tempdir()?;
    command.env("PLIMSOLL_CONFIG_DIR", nowhere.path()).env("PLIMSOLL_DATA_DIR", nowhere.path());
    let output = command.args(["--part", name]).args(args).output()?;
    let errors = String::from_utf8_lossy(&output.stderr);
    anyhow::ensure!(output.status.success(), "part {name}: {}\n{errors}", output.status);
    for row in String::from_utf8(output.stdout)?.lines() {
        if let Some((row, cell)) = row.split_once('\t') {
            table.set(row, column, cell);
        }
    }
    Ok(())
}

/// The part that this process was started for, with its arguments.
pub fn asked_part() -> Option<(String, Vec<std::path::PathBuf>)> {
    let mut args = std::env::args_os().skip_while(|arg| arg != "--part").skip(1);
    let name = args.next()?.into_string().ok()?;
    Some((name, args.map(Into::into).collect()))
}

/// Prints a row for [`part`].
#[allow(clippy::print_stdout, reason = "the rows are this program's output")]
pub fn row(name: &str, cell: &str) {
    println!("{name}\t{cell}");
}
