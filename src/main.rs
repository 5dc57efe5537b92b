//! The `plimsoll` binary: everything is in the library.

/// A workbench that follows a cluster takes and gives back small parts of trees on many threads, for days.
/// The allocators of systems keep what such threads leave behind, and grow by it.
#[global_allocator]
static MEMORY: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    plimsoll::cli::run(std::env::args_os())
}
