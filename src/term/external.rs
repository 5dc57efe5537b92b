//! Programs that take the terminal over for a while: editor and pager.

#[cfg(unix)]
use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::fresh;

/// A text shown in another program, on a copy that is thrown away.
#[derive(Debug)]
pub struct View<'a> {
    /// The text.
    pub text: &'a str,
    /// Line to start on, from 1.
    pub line: usize,
    /// Ending of the file's name, without the dot.
    pub extension: &'a str,
    /// The editor rather than the pager.
    pub editor: bool,
}

/// Shows it and waits. The caller has given the terminal back before.
///
/// # Errors
/// Names the program that could not be started, or what the system says of the copy.
pub fn show(view: &View<'_>) -> Result<(), String> {
    let path = copy_of(view).map_err(|error| format!("cannot write a copy: {error}"))?;
    let shown = run(&program(view.editor), &path, view.line);
    // The copy is of no use any more; a leftover in the temporary directory harms nobody.
    let _ = std::fs::remove_file(&path);
    shown
}

/// Opens a file of the user in the editor, at a line from 1, and waits.
///
/// # Errors
/// Names the program that could not be started, or how it ended.
pub fn edit(path: &Path, line: usize) -> Result<(), String> {
    // A name that looks like an option is none.
    let path = if path.is_relative() { Path::new(".").join(path) } else { path.to_owned() };
    run(&program(true), &path, line)
}

/// Runs a program on a file, at a line, until it ends.
fn run(program: &str, path: &Path, line: usize) -> Result<(), String> {
    let mut words = program.split_whitespace();
    let name = words.next().unwrap_or("less");
    let mut command = Command::new(name);
    command.args(words).arg(format!("+{}", line.max(1))).arg(path);
    // Manifests may have come from standard input; whoever reads keys needs the terminal.
    #[cfg(unix)]
    if !std::io::stdin().is_terminal()
        && let Ok(terminal) = std::fs::File::open(super::input::TERMINAL)
    {
        command.stdin(terminal);
    }
    let status = command.status();
    match status {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("{name} ended with {status}")),
        Err(error) => Err(format!("cannot start {name}: {error}; set $EDITOR or $PAGER")),
    }
}

fn program(editor: bool) -> String {
    let names: &[&str] = if editor { &["VISUAL", "EDITOR"] } else { &["PAGER"] };
    let set =
        names.iter().find_map(|name| std::env::var(name).ok().filter(|v| !v.trim().is_empty()));
    set.unwrap_or_else(|| (if editor { "vi" } else { "less" }).to_owned())
}

fn copy_of(view: &View<'_>) -> std::io::Result<PathBuf> {
    use std::io::Write as _;
    let name = format!("plimsoll-{}.{}", ulid::Ulid::generate(), view.extension);
    let path = std::env::temp_dir().join(name);
    fresh::create(&path, 0o400, |out| out.write_all(view.text.as_bytes()))?;
    Ok(path)
}
