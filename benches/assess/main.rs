//! What Plimsoll costs, as one table: `cargo bench --bench assess`.
//! Described in docs/benchmarks.md.

#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    reason = "everything looked up was made here; a benchmark that cannot go on must end"
)]

mod apart;
mod asked;
mod bounds;
mod busy;
mod capture;
mod cluster;
mod crowd;
mod engine;
mod figure;
mod follow;
mod large;
mod live;
mod measure;
mod origin;
mod pace;
mod part;
mod places;
mod record;
mod reports;
mod scan;
mod screen;
mod sessions;
mod table;
mod terminal;
mod workbench;

use std::path::{Path, PathBuf};

use asked::Asked;
use cluster::Cluster;
use figure::Figure;
use part::part;
use record::Record;
use table::Table;

/// As in the program.
#[global_allocator]
static MEMORY: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[allow(clippy::print_stdout, reason = "the tables are this program's output")]
fn main() -> anyhow::Result<()> {
    if let Some((part, args)) = part::asked() {
        return run_part(&part, &args);
    }
    let asked = Asked::of(std::env::args().skip(1))?;
    if asked.serve {
        return live::serve(asked.shape(asked.sizes[0]), asked.churn);
    }
    let before = asked.compare.as_deref().map(Record::read).transpose()?;
    if let Some(file) = &asked.show {
        println!("{}", Record::read(file)?.text(before.as_ref()));
        return Ok(());
    }
    let mut table = Table::new("pods");
    let mut failed = 0;
    for pods in &asked.sizes {
        failed += of_cluster(*pods, &asked, &mut table)?;
    }
    let mut tables = vec![table];
    if asked.wants("sessions") {
        tables.push(sessions::table()?);
    }
    let record = Record::now(tables);
    println!("{}", record.text(before.as_ref()));
    asked.json.map_or(Ok(()), |file| record.write(&file))?;
    anyhow::ensure!(
        failed == 0,
        "{failed} measurements failed; what they measured is missing above"
    );
    Ok(())
}

/// All topics that are about a cluster with so many pods. Gives how many of them failed: the others
/// are measured all the same.
fn of_cluster(pods: usize, asked: &Asked, table: &mut Table) -> anyhow::Result<usize> {
    let dir = tempfile::tempdir()?;
    let pages = dir.path().join("pages");
    let uniform = ["engine", "follow", "reports", "screen", "scan", "terminal"];
    if uniform.iter().any(|topic| asked.wants(topic)) {
        std::fs::create_dir(&pages)?;
        let size = capture::write_pages(Cluster::uniform(pods), &pages)?;
        table.set("bytes of a pod", pods, Figure::count(size));
    }
    let mut failed = 0;
    for topic in &asked.topics {
        progress(&format!("{pods} pods: {topic}"));
        let done = match *topic {
            "engine" | "follow" | "reports" | "screen" => {
                part(topic, &[&pages]).map(|rows| table.take(pods, rows))
            }
            "wide" => wide(pods, table),
            "bare" => bare("follow", pods, table),
            "busy" => bare("busy", pods, table),
            "scan" => scan::measure(dir.path(), &pages, pods, table),
            "terminal" => terminal::measure(dir.path(), &pages, pods, table),
            "live" => live::measure(pods, table),
            "crowd" => crowd::measure(pods, table),
            "large" => large::measure(pods, table),
            _ => Ok(()),
        };
        if let Err(error) = done {
            failed += 1;
            progress(&format!("{pods} pods: {topic} failed: {error:#}"));
        }
    }
    Ok(failed)
}

#[allow(clippy::print_stderr, reason = "minutes pass until the table is there")]
fn progress(text: &str) {
    eprintln!("{text}");
}

/// The engine on a cluster in which everything grows, not the pods alone.
fn wide(pods: usize, table: &mut Table) -> anyhow::Result<()> {
    let pages = tempfile::tempdir()?;
    capture::write_pages(Cluster::wide(pods), pages.path())?;
    let rows = part("engine", &[pages.path()])?;
    let named = |(row, figure): (String, Figure)| (format!("wide: {row}"), figure);
    table.take(
        pods,
        rows.into_iter().filter(|(row, _)| !row.starts_with("load ")).map(named).collect(),
    );
    Ok(())
}

/// Following a cluster in which each pod has findings of its own.
fn bare(how: &str, pods: usize, table: &mut Table) -> anyhow::Result<()> {
    let pages = tempfile::tempdir()?;
    capture::write_pages(Cluster::bare(pods), pages.path())?;
    let rows = part(how, &[pages.path()])?;
    let named = |(row, figure): (String, Figure)| (format!("bare: {row}"), figure);
    table.take(pods, rows.into_iter().map(named).collect());
    Ok(())
}

/// Keeps the pages of a cluster, for a profiler: `--part pages wide 20000 DIR`.
fn pages(shape: &str, pods: &Path, dir: &Path) -> anyhow::Result<()> {
    let shape = match shape {
        "wide" => Cluster::wide,
        "bare" => Cluster::bare,
        _ => Cluster::uniform,
    };
    std::fs::create_dir_all(dir)?;
    capture::write_pages(shape(pods.to_string_lossy().parse()?), dir).map(drop)
}

fn run_part(name: &str, args: &[PathBuf]) -> anyhow::Result<()> {
    let args: Vec<&Path> = args.iter().map(PathBuf::as_path).collect();
    match (name, &*args) {
        ("session", [data]) => sessions::open(data),
        ("engine", [pages]) => engine::run(pages),
        ("run", [pages]) => engine::runs(pages),
        ("pages", [shape, pods, dir]) => pages(&shape.to_string_lossy(), pods, dir),
        ("follow", [pages]) => follow::run(pages),
        ("busy", [pages]) => busy::run(pages),
        ("reports", [pages]) => reports::run(pages),
        ("screen", [pages]) => screen::run(pages),
        ("crowd", [pods]) => crowd::run(pods.to_string_lossy().parse()?),
        ("large", [size]) => large::run(size.to_string_lossy().parse()?),
        ("save", [pages, file]) => scan::save(pages, file),
        ("load", [file]) => scan::load(file),
        ("scan", [file, format, output]) => scan::scan(file, &format.to_string_lossy(), output),
        ("scan-session", [file, output]) => scan::saved(file, output),
        ("live-load", [kubeconfig]) => live::load(kubeconfig),
        ("live-scan", [kubeconfig, output]) => live::scan(kubeconfig, output),
        ("bare", [kubeconfig, reads]) => live::bare(kubeconfig, reads),
        _ => anyhow::bail!("there is no part {name} with {} arguments", args.len()),
    }
}
