//! Parts that run in a process of their own, so that their memory is their own.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::apart::Cores;
use super::figure::Figure;
use super::pace;

/// Rows with one cell each.
pub type Rows = Vec<(String, Figure)>;

/// Runs this program again as `--part NAME ARGS…` and takes the rows that it prints.
pub fn part(name: &str, args: &[&Path]) -> anyhow::Result<Rows> {
    part_on(None, name, args)
}

/// The same on some of the cores alone.
pub fn part_on(cores: Option<&Cores>, name: &str, args: &[&Path]) -> anyhow::Result<Rows> {
    let program = std::env::current_exe()?;
    let mut command = match cores {
        Some(cores) => cores.command(&program),
        None => Command::new(program),
    };
    // Neither configuration nor sessions of whoever measures take part.
    let nowhere = tempfile::tempdir()?;
    command.env("PLIMSOLL_CONFIG_DIR", nowhere.path()).env("PLIMSOLL_DATA_DIR", nowhere.path());
    command.env_remove("KUBECONFIG").envs(pace::told());
    let output = command.args(["--part", name]).args(args).output()?;
    let errors = String::from_utf8_lossy(&output.stderr);
    anyhow::ensure!(output.status.success(), "part {name}: {}\n{errors}", output.status);
    let text = String::from_utf8(output.stdout)?;
    let rows = text.lines().filter_map(|line| line.split_once('\t'));
    rows.map(|(row, cell)| Ok((row.to_owned(), serde_json::from_str(cell)?))).collect()
}

/// The part that this process was started for, with its arguments.
pub fn asked() -> Option<(String, Vec<PathBuf>)> {
    let mut args = std::env::args_os().skip_while(|arg| arg != "--part").skip(1);
    let name = args.next()?.into_string().ok()?;
    Some((name, args.map(Into::into).collect()))
}

/// Prints a row for [`part`].
#[allow(
    clippy::print_stdout,
    clippy::needless_pass_by_value,
    reason = "the rows are this program's output; whoever measures is done with the figure"
)]
pub fn row(name: &str, figure: Figure) {
    let cell = serde_json::to_string(&figure).unwrap_or_default();
    println!("{name}\t{cell}");
}
