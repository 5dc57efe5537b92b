//! Under which name the program was called: its own, or that of a plugin of kubectl. Usage lines say
//! what has to be typed.

use std::ffi::OsStr;
use std::path::Path;

use clap::{Command, CommandFactory as _};

use super::args::Cli;

/// The name by which kubectl finds a plugin for `kubectl plimsoll`.
pub const PLUGIN: &str = "kubectl-plimsoll";

/// How the program was called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Guise {
    /// As `plimsoll`, or by a name that says nothing.
    Own,
    /// As `kubectl plimsoll`.
    Kubectl,
}

impl Guise {
    /// From the first word of the command line, which holds the name or path that was executed.
    #[must_use]
    pub fn of(first: Option<&OsStr>) -> Self {
        let stem = first.and_then(|path| Path::new(path).file_stem());
        if stem.is_some_and(|stem| stem == PLUGIN) { Self::Kubectl } else { Self::Own }
    }

    /// The command line whose usage lines and examples begin with what was typed.
    #[must_use]
    pub fn command(self) -> Command {
        match self {
            Self::Own => Cli::command(),
            Self::Kubectl => {
                let command = Cli::command();
                let usage = command.get_overridden_usage().map(ToString::to_string);
                let usage = usage.unwrap_or_default().replace("plimsoll ", "kubectl plimsoll ");
                reworded(command).bin_name("kubectl plimsoll").override_usage(usage)
            }
        }
    }
}

/// A command and those below it, whose closing words name the plugin where they name the program.
fn reworded(mut command: Command) -> Command {
    if let Some(text) = command.get_after_help() {
        let text = text.to_string().replace("`plimsoll ", "`kubectl plimsoll ");
        command = command.after_help(text);
    }
    command.mut_subcommands(reworded)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_is_told_from_paths_and_endings() {
        let of = |name: &str| Guise::of(Some(OsStr::new(name)));
        for name in
            ["kubectl-plimsoll", "/home/a/.krew/bin/kubectl-plimsoll", "kubectl-plimsoll.exe"]
        {
            assert_eq!(of(name), Guise::Kubectl, "{name}");
        }
        for name in ["plimsoll", "/usr/bin/plimsoll", "kubectl", "kubectl-plimsoll/plimsoll", ""] {
            assert_eq!(of(name), Guise::Own, "{name}");
        }
        assert_eq!(Guise::of(None), Guise::Own);
    }
}
