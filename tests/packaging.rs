//! What is handed out: the published crate, the bill of materials, archives, the manifest for krew, and
//! what the binary links to.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test that cannot go on must fail"
)]

#[path = "packaging/binary.rs"]
mod binary;
#[path = "../examples/sbom/bom.rs"]
#[allow(dead_code, reason = "the tool that it belongs to uses all of it")]
mod bom;
#[path = "packaging/example.rs"]
mod example;
#[path = "packaging/krew.rs"]
mod krew;
#[path = "packaging/materials.rs"]
mod materials;
#[path = "../examples/sbom/notices.rs"]
mod notices;
#[path = "packaging/package.rs"]
mod package;
#[path = "packaging/release.rs"]
mod release;

use std::path::Path;
use std::process::{Command, Output};

/// Where the project is.
fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Runs a script of `packaging/`.
fn script(name: &str, args: &[&str]) -> Output {
    let path = root().join("packaging").join(name);
    Command::new("bash")
        .arg(path)
        .args(args)
        .env("SOURCE_DATE_EPOCH", "1700000000")
        .output()
        .unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}
