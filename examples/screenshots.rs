//! Draws the pictures in `screenshots/`, and records the tour there, from the real binary, driven in
//! a pseudo-terminal on the demo cluster: `cargo build --release && cargo run --release --example screenshots [NAME...]`.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a tool of the project, built on helpers of its tests"
)]

#[path = "../tests/support/pty.rs"]
mod pty;
#[path = "../tests/support/shots.rs"]
mod shots;
#[path = "../tests/support/svg.rs"]
mod svg;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

fn main() -> ExitCode {
    let wanted: Vec<String> = std::env::args().skip(1).collect();
    match draw(&wanted) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            println!("{message}");
            ExitCode::FAILURE
        }
    }
}

fn draw(wanted: &[String]) -> Result<(), String> {
    let binary = binary()?;
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("screenshots");
    let shots = shots::SHOTS.iter();
    for shot in shots.filter(|s| wanted.is_empty() || wanted.iter().any(|name| name == s.name)) {
        // A home of its own: no session of another picture, and none of whoever draws.
        let home = tempfile::tempdir().map_err(|e| format!("cannot make a home: {e}"))?;
        let path = folder.join(format!("{}.svg", shot.name));
        std::fs::write(&path, shots::take(shot, &binary, home.path()))
            .map_err(|e| format!("cannot write {}: {e}", path.display()))?;
        println!("{}", path.display());
    }
    if wanted.is_empty() || wanted.iter().any(|name| name == shots::TOUR.name) {
        let home = tempfile::tempdir().map_err(|e| format!("cannot make a home: {e}"))?;
        let path = folder.join(format!("{}.cast", shots::TOUR.name));
        std::fs::write(&path, shots::record(&shots::TOUR, &binary, home.path()))
            .map_err(|e| format!("cannot write {}: {e}", path.display()))?;
        println!("{}", path.display());
    }
    Ok(())
}

/// The binary that was built beside this program, in `target/<profile>/`.
fn binary() -> Result<PathBuf, String> {
    let me = std::env::current_exe().map_err(|e| format!("cannot tell where this is: {e}"))?;
    let folder = me.parent().and_then(Path::parent).unwrap_or_else(|| Path::new("."));
    let binary = folder.join("plimsoll");
    if binary.is_file() {
        return Ok(binary);
    }
    Err(format!(
        "{} is not there: `cargo build` with the same profile comes first",
        binary.display()
    ))
}
