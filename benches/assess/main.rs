//! What Plimsoll costs: `cargo bench --bench assess -- [engine] [crowd] [scan] [terminal] [sessions]
//! [--pods 1000,…]`.
//! Described in docs/benchmarks.md.

#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    reason = "everything looked up was made here; a benchmark that cannot go on must end"
)]

mod capture;
mod cluster;
mod crowd;
mod engine;
mod measure;
mod places;
mod scan;
mod sessions;
mod terminal;

use std::path::{Path, PathBuf};

use measure::Table;

/// Numbers of pods that are measured unless others are asked for.
const SIZES: [usize; 3] = [1_000, 5_000, 10_000];
/// What is measured unless something else is asked for.
const TOPICS: [&str; 4] = ["engine", "crowd", "scan", "terminal"];

#[allow(clippy::print_stdout, reason = "the tables are this program's output")]
fn main() -> anyhow::Result<()> {
    if let Some((part, args)) = measure::asked_part() {
        return run_part(&part, &args);
    }
    let sizes = measure::sizes(&SIZES)?;
    let args: Vec<String> = std::env::args().collect();
    let asked = |topic: &&str| args.iter().any(|arg| arg == topic);
    let all = !TOPICS.iter().chain([&"sessions"]).any(&asked);
    let pods = all || TOPICS.iter().any(&asked);
    let mut table = Table::default();
    for pods in sizes.iter().filter(|_| pods) {
        let column = column(*pods);
        let dir = tempfile::tempdir()?;
        let pages = dir.path().join("pages");
        std::fs::create_dir(&pages)?;
        let size = capture::write_pages(cluster::Cluster::new(*pods), &pages)?;
        table.set("bytes of a pod", &column, &size.to_string());
        for topic in TOPICS.iter().filter(|topic| all || asked(topic)) {
            match *topic {
                "engine" => engine::measure(dir.path(), &pages, &column, &mut table)?,
                "crowd" => crowd::measure(*pods, &column, &mut table)?,
                "scan" => scan::measure(dir.path(), &pages, &column, &mut table)?,
                _ => terminal::measure(dir.path(), &pages, &column, &mut table)?,
            }
        }
    }
    println!("Wall time, and in brackets the time on all cores together.\n");
    if pods {
        let columns: Vec<String> = sizes.iter().map(|pods| column(*pods)).collect();
        println!("{}", table.text(&columns));
    }
    if all || asked(&"sessions") {
        println!("{}", sessions::table()?);
    }
    Ok(())
}

fn column(pods: usize) -> String {
    format!("{pods} pods")
}

fn run_part(name: &str, args: &[PathBuf]) -> anyhow::Result<()> {
    let args: Vec<&Path> = args.iter().map(PathBuf::as_path).collect();
    match (name, &*args) {
        ("session", [data]) => sessions::open(data),
        ("engine", [pages]) => engine::run(pages),
        ("crowd", [pods]) => crowd::run(pods.to_string_lossy().parse()?),
        ("save", [pages, file]) => scan::save(pages, file),
        ("load", [file]) => scan::load(file),
        ("scan", [file, format, output]) => scan::scan(file, &format.to_string_lossy(), output),
        _ => anyhow::bail!("there is no part {name} with {} arguments", args.len()),
    }
}
