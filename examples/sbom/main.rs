//! Writes the bill of materials of a release: `cargo run --example sbom -- --target
//! x86_64-unknown-linux-gnu --binary target/dist/plimsoll --output-file plimsoll.cdx.json`.
#![allow(
    clippy::print_stderr,
    clippy::print_stdout,
    clippy::indexing_slicing,
    reason = "a tool of the project, over JSON that it wrote itself or cargo did"
)]

mod bom;
mod notices;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;

/// Writes the bill of materials of a release as `CycloneDX` 1.6
#[derive(Debug, Parser)]
struct Args {
    /// Target that the release was built for
    #[arg(long, value_name = "TRIPLE")]
    target: String,
    /// The binary that it belongs to: its digest is written down
    #[arg(long, value_name = "F")]
    binary: Option<PathBuf>,
    /// File for the texts of the licences of everything in it
    #[arg(long, value_name = "F")]
    notices: Option<PathBuf>,
    /// File to write instead of standard output
    #[arg(long, value_name = "F")]
    output_file: Option<PathBuf>,
}

fn main() -> ExitCode {
    match run(&Args::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("sbom: {message}");
            ExitCode::FAILURE
        }
    }
}

fn run(args: &Args) -> Result<(), String> {
    let mut bom = bom::make(&args.target)?;
    if let Some(binary) = &args.binary {
        let bytes =
            std::fs::read(binary).map_err(|error| format!("{}: {error}", binary.display()))?;
        bom::belongs_to(&mut bom, &bytes);
    }
    if let Ok(epoch) = std::env::var("SOURCE_DATE_EPOCH") {
        bom::made_at(&mut bom, &epoch)?;
    }
    bom::number(&mut bom);
    if let Some(path) = &args.notices {
        let text = notices::make(&bom, &bom::sources(&args.target)?)?;
        std::fs::write(path, text).map_err(|error| format!("{}: {error}", path.display()))?;
    }
    let text = serde_json::to_string_pretty(&bom).map_err(|error| error.to_string())? + "\n";
    if let Some(path) = &args.output_file {
        std::fs::write(path, text).map_err(|error| format!("{}: {error}", path.display()))
    } else {
        print!("{text}");
        Ok(())
    }
}
