//! A whole `plimsoll scan` of a snapshot, and what of it is the snapshot.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use plimsoll::model::captured::Captured;
use plimsoll::source::snapshot::{load as load_file, save as save_file};

use super::capture;
use super::measure::{Table, megabytes, part, peak_mib, row, time};

/// Measures saving and loading a snapshot, and scans of it, each in a process of its own.
pub fn measure(dir: &Path, pages: &Path, column: &str, table: &mut Table) -> anyhow::Result<()> {
    let file = snapshot(dir, pages, column, table)?;
    part("load", &[&file], column, table)?;
    for format in ["json", "table"] {
        let output = dir.join(format);
        part("scan", &[&file, Path::new(format), &output], column, table)?;
    }
    Ok(())
}

/// The snapshot of the cluster, saved if it is not there yet.
pub fn snapshot(
    dir: &Path,
    pages: &Path,
    column: &str,
    table: &mut Table,
) -> anyhow::Result<PathBuf> {
    let file = dir.join("cluster.plimsoll");
    if !file.exists() {
        part("save", &[pages, &file], column, table)?;
    }
    Ok(file)
}

/// Saves the cluster of the pages.
pub fn save(pages: &Path, file: &Path) -> anyhow::Result<()> {
    let inventory = capture::whole(pages)?;
    let (saved, took) =
        time(|| save_file(&inventory, &Captured::default(), file, "2026-04-01T00:00:00Z"));
    saved?;
    row("save", &took.cell());
    let size = usize::try_from(std::fs::metadata(file)?.len())?;
    row("size of the snapshot", &megabytes(size));
    Ok(())
}

/// Loads a snapshot.
pub fn load(file: &Path) -> anyhow::Result<()> {
    let (loaded, took) = time(|| load_file(file));
    row("load", &took.cell());
    row("peak memory, loaded", &format!("{} MiB", peak_mib()));
    anyhow::ensure!(!loaded?.is_empty(), "the snapshot is empty");
    Ok(())
}

/// Scans a snapshot as the command line does.
pub fn scan(file: &Path, format: &str, output: &Path) -> anyhow::Result<()> {
    let file = file.as_os_str();
    let words = ["plimsoll", "scan", "-o", format, "--snapshot"].map(OsString::from);
    let args = words.into_iter().chain([file.to_owned(), "--output-file".into(), output.into()]);
    let (status, took) = time(|| plimsoll::cli::run(args));
    let ok = format!("{status:?}") == format!("{:?}", std::process::ExitCode::SUCCESS);
    anyhow::ensure!(ok, "plimsoll scan ended with {status:?}");
    row(&format!("scan -o {format}"), &took.cell());
    row(&format!("peak memory, scan -o {format}"), &format!("{} MiB", peak_mib()));
    Ok(())
}
