//! Options of `plimsoll setup`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

/// Shells that find completions in a directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum SetupShell {
    /// Found where bash-completion is installed.
    Bash,
    /// Found in a directory of `fpath`.
    Zsh,
    /// Found by fish itself.
    Fish,
}

impl SetupShell {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Bash, Self::Zsh, Self::Fish];

    /// The name of its program.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Bash => "bash",
            Self::Zsh => "zsh",
            Self::Fish => "fish",
        }
    }
}

/// Options of `setup`.
#[allow(clippy::struct_excessive_bools, reason = "switches of a command line")]
#[derive(Debug, Args)]
#[command(
    after_help = "A file from an earlier run is renewed; any other file is left as it is, and the exit status is 2. `plimsoll setup --remove` removes everything again."
)]
pub struct SetupArgs {
    /// Shells to write completions for, comma-separated; the one that $SHELL names if none is given
    #[arg(long, value_enum, value_delimiter = ',', value_name = "SHELL")]
    pub shell: Vec<SetupShell>,
    /// Install the kubectl plugin as well: `kubectl plimsoll`, with completions
    #[arg(long)]
    pub kubectl: bool,
    /// Write to DIR/share and DIR/bin, such as /usr/local, instead of your own directories
    #[arg(long, value_name = "DIR")]
    pub prefix: Option<PathBuf>,
    /// List what would be done, without doing it
    #[arg(long)]
    pub dry_run: bool,
    /// Also overwrite files that `plimsoll setup` did not write
    #[arg(long, conflicts_with = "remove")]
    pub force: bool,
    /// Remove what was written, for every shell
    #[arg(long, conflicts_with_all = ["shell", "kubectl"])]
    pub remove: bool,
}
