//! A whole `plimsoll scan` of a snapshot, and what of it is the snapshot.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use plimsoll::model::captured::Captured;
use plimsoll::source::snapshot::{load as load_file, save as save_file};

use super::capture;
use super::figure::Figure;
use super::measure::{Took, peak_mib, time};
use super::part::{part, row};
use super::table::Table;

/// Measures saving and loading a snapshot, and scans of it, each in a process of its own.
pub fn measure(dir: &Path, pages: &Path, pods: usize, table: &mut Table) -> anyhow::Result<()> {
    let file = snapshot(dir, pages, pods, table)?;
    table.take(pods, part("load", &[&file])?);
    for format in ["json", "table"] {
        let output = dir.join(format);
        table.take(pods, part("scan", &[&file, Path::new(format), &output])?);
    }
    let output = dir.join("json of a session");
    table.take(pods, part("scan-session", &[&file, &output])?);
    Ok(())
}

/// The snapshot of the cluster, saved if it is not there yet.
pub fn snapshot(
    dir: &Path,
    pages: &Path,
    pods: usize,
    table: &mut Table,
) -> anyhow::Result<PathBuf> {
    let file = dir.join("cluster.plimsoll");
    if !file.exists() {
        table.take(pods, part("save", &[pages, &file])?);
    }
    Ok(file)
}

/// Saves the cluster of the pages.
pub fn save(pages: &Path, file: &Path) -> anyhow::Result<()> {
    let mut inventory = capture::whole(pages)?;
    // A snapshot whose reads say something else than its objects is not believed.
    let mut reads = std::mem::take(&mut inventory.reads);
    for read in &mut reads {
        read.items = read.kind.as_ref().map_or(0, |kind| inventory.of(kind).len());
    }
    inventory.reads = reads;
    let (saved, took) =
        time(|| save_file(&inventory, &Captured::default(), file, "2026-04-01T00:00:00Z"));
    saved?;
    row("snapshot: save", Figure::took(took));
    let size = usize::try_from(std::fs::metadata(file)?.len())?;
    row("snapshot: size", Figure::bytes(size));
    Ok(())
}

/// Loads a snapshot.
pub fn load(file: &Path) -> anyhow::Result<()> {
    let (loaded, took) = time(|| load_file(file));
    row("snapshot: load", Figure::took(took));
    row("snapshot: peak memory, loaded", Figure::mib(peak_mib()));
    anyhow::ensure!(!loaded?.is_empty(), "the snapshot is empty");
    Ok(())
}

/// Scans a snapshot as the command line does.
pub fn scan(file: &Path, format: &str, output: &Path) -> anyhow::Result<()> {
    told(&format!("scan -o {format}"), command(&["-o", format, "--snapshot"], file, output)?);
    Ok(())
}

/// The same, with the run saved in a session: as a job does that keeps both.
pub fn saved(file: &Path, output: &Path) -> anyhow::Result<()> {
    let options = ["-o", "json", "--session=new", "--snapshot"];
    told("scan -o json --session=new", command(&options, file, output)?);
    Ok(())
}

fn told(name: &str, took: Took) {
    row(name, Figure::took(took));
    row(&format!("{name}: peak memory"), Figure::mib(peak_mib()));
}

/// Runs `plimsoll scan` in this process; the last of the options names the source.
pub fn command(options: &[&str], source: &Path, output: &Path) -> anyhow::Result<Took> {
    let words = ["plimsoll", "scan"].iter().chain(options).map(OsString::from);
    let args: Vec<OsString> =
        words.chain([source.into(), "--output-file".into(), output.into()]).collect();
    let (status, took) = time(|| plimsoll::cli::run(args));
    let ok = format!("{status:?}") == format!("{:?}", std::process::ExitCode::SUCCESS);
    anyhow::ensure!(ok, "plimsoll scan ended with {status:?}");
    Ok(took)
}
