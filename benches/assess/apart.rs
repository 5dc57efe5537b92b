//! Server and client on cores of their own, as on two machines.

use std::path::Path;
use std::process::Command;

use anyhow::Context as _;

/// Some cores of this machine, as `taskset` takes them.
pub struct Cores(String);

impl Cores {
    /// The first half of the cores for a server, the other for its client; none on a machine with one.
    pub fn halves() -> Option<(Self, Self)> {
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let half = cores / 2;
        (half > 0).then(|| (Self(format!("0-{}", half - 1)), Self(format!("{half}-{}", cores - 1))))
    }

    /// All of them.
    pub fn all() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        Self(format!("0-{}", cores - 1))
    }

    /// A program that runs on these alone, and sees no others.
    pub fn command(&self, program: &Path) -> Command {
        let mut command = Command::new("taskset");
        command.args(["--cpu-list", &self.0]).arg(program);
        command
    }

    /// Moves all threads of a process to these.
    pub fn take(&self, pid: u32) -> anyhow::Result<()> {
        let mut command = Command::new("taskset");
        command.args(["--all-tasks", "--pid", "--cpu-list", &self.0, &pid.to_string()]);
        let done = command.output().context("cannot run taskset, of util-linux")?;
        let errors = String::from_utf8_lossy(&done.stderr);
        anyhow::ensure!(done.status.success(), "taskset: {errors}");
        Ok(())
    }
}
