//! One program for all fuzz targets; `FUZZ_TARGET` names the one to run. tests/fuzz.sh builds and
//! runs it. The loop, the mutations and the command line are libFuzzer's.

#![no_main]

mod pack;
// With its path, so that the modules of it are found here as they are from tests/corpus.rs.
#[path = "targets.rs"]
mod targets;

use std::path::Path;
use std::sync::OnceLock;

static TARGET: OnceLock<fn(&[u8])> = OnceLock::new();

libfuzzer_sys::fuzz_target!(
    init: begin(),
    |data: &[u8]| {
        if let Some(run) = TARGET.get() {
            run(data);
        }
    }
);

/// Chooses the target; or, with `FUZZ_UNPACK` or `FUZZ_PACK`, turns a packed corpus into a
/// directory or back, and ends.
fn begin() {
    let var = |name: &str| std::env::var(name).ok();
    let name = var("FUZZ_TARGET").unwrap_or_default();
    if name == "list" {
        targets::ALL.iter().for_each(|(name, _)| println!("{name}"));
        std::process::exit(0);
    }
    let Some(run) = targets::named(&name) else {
        eprintln!("FUZZ_TARGET: there is no target `{name}`");
        std::process::exit(2);
    };
    let moved = match (var("FUZZ_UNPACK"), var("FUZZ_PACK")) {
        (Some(dir), _) => pack::unpack(&name, Path::new(&dir)),
        (_, Some(dir)) => pack::pack(&name, Path::new(&dir)),
        _ => {
            TARGET.get_or_init(|| run);
            return;
        }
    };
    match moved {
        Ok(count) => println!("{name}: {count} inputs"),
        Err(error) => {
            eprintln!("{name}: {error}");
            std::process::exit(1);
        }
    }
    std::process::exit(0);
}
