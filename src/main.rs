//! The `plimsoll` binary: everything is in the library.

fn main() -> std::process::ExitCode {
    plimsoll::cli::run(std::env::args_os())
}
