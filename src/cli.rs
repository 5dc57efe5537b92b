//! The command line: what each command does, and the exit status it ends with.

pub mod args;
mod checks;
mod configuration;
mod context;
mod doctor;
mod frameworks;
mod manual;
mod open;
mod output;
mod scan;
mod sessions;
mod snapshot;
mod workbench;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::Parser as _;

use args::{Cli, Command};
use context::Context;

/// Why a command ends early, and with which status.
#[derive(Debug, thiserror::Error)]
pub enum Fail {
    /// Wrong usage, configuration or check file: status 2.
    #[error("{0}")]
    Usage(String),
    /// The source could not be read at all: status 3.
    #[error("{0}")]
    Source(String),
    /// Anything else that cannot be done: status 1.
    #[error("{0}")]
    Other(String),
}

impl Fail {
    fn status(&self) -> u8 {
        match self {
            Self::Usage(_) => 2,
            Self::Source(_) => 3,
            Self::Other(_) => 1,
        }
    }
}

impl From<std::io::Error> for Fail {
    fn from(error: std::io::Error) -> Self {
        Self::Other(error.to_string())
    }
}

/// What a command ends with: an exit status, or why it ended early.
pub type Done = Result<u8, Fail>;

/// Runs the program.
#[must_use]
pub fn run(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    let cli = match Cli::try_parse_from(args) {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version go to stdout, mistakes to stderr; clap knows which.
            let _ = error.print();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
        }
    };
    match dispatch(cli) {
        Ok(status) => ExitCode::from(status),
        Err(fail) => {
            output::complain(&format!("plimsoll: {fail}"));
            ExitCode::from(fail.status())
        }
    }
}

fn dispatch(cli: Cli) -> Done {
    // These need no configuration, and must work when it is broken.
    match cli.command {
        Some(Command::Completions { shell }) => return manual::completions(shell),
        Some(Command::Man) => return manual::man(),
        Some(Command::Config(command)) => return configuration::run(&command, &cli.global),
        _ => {}
    }
    let context = Context::load(&cli.global)?;
    match cli.command {
        None => workbench::run(&context, &cli.global, cli.workbench),
        Some(Command::Demo(args)) => workbench::demo(&context, &cli.global, args),
        Some(Command::Scan(args)) => scan::run(&context, &args),
        Some(Command::Snapshot(args)) => snapshot::run(&context, &args),
        Some(Command::Sessions(command)) => sessions::run(&context, command),
        Some(Command::Checks(command)) => checks::run(&context, command),
        Some(Command::Frameworks(command)) => frameworks::run(&context, &command),
        Some(Command::Doctor(args)) => doctor::run(&context, &args),
        Some(Command::Completions { .. } | Command::Man | Command::Config(_)) => Ok(0),
    }
}
