//! Programs that take the terminal over for a while: editor and pager.

use std::ffi::OsString;
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
    command.args(words).args(at_line(name, path, line.max(1)));
    // Manifests may have come from standard input; whoever reads keys needs the terminal.
    #[cfg(unix)]
    if !std::io::stdin().is_terminal()
        && let Ok(terminal) = std::fs::File::open(super::input::TERMINAL)
    {
        command.stdin(terminal);
    }
    match wait(&mut command) {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("{name} ended with {status}")),
        Err(error) => Err(format!("cannot start {name}: {error}; set $EDITOR or $PAGER")),
    }
}

/// Starts a program and waits for its end. Where it is stopped by a key this process stops as well: the shell
/// takes the terminal back when all of a job have stopped, and continues all of them together.
fn wait(command: &mut Command) -> std::io::Result<std::process::ExitStatus> {
    #[cfg(unix)]
    {
        use std::os::unix::process::ExitStatusExt as _;

        use rustix::io::Errno;
        use rustix::process::{Pid, WaitOptions, waitpid};

        let child = command.spawn()?;
        loop {
            match waitpid(Some(Pid::from_child(&child)), WaitOptions::UNTRACED) {
                Ok(Some((_, status))) if status.stopped() => super::signals::stop_here(),
                Ok(Some((_, status))) => {
                    return Ok(std::process::ExitStatus::from_raw(status.as_raw()));
                }
                Ok(None) | Err(Errno::INTR) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }
    #[cfg(not(unix))]
    command.status()
}

/// How a program is told of a line in a file: as vi and less are, unless it is known to take no line, or to
/// take it otherwise.
fn at_line(program: &str, path: &Path, line: usize) -> Vec<OsString> {
    let place = || {
        let mut place = path.as_os_str().to_owned();
        place.push(format!(":{line}"));
        place
    };
    match stem(program) {
        "bat" | "batcat" => vec![path.into()],
        "hx" | "helix" | "subl" | "zed" => vec![place()],
        "code" | "code-insiders" | "codium" => vec!["--goto".into(), place()],
        _ => vec![format!("+{line}").into(), path.into()],
    }
}

/// The name of a program, without where it is and without an ending.
fn stem(program: &str) -> &str {
    Path::new(program).file_stem().and_then(|name| name.to_str()).unwrap_or(program)
}

fn program(editor: bool) -> String {
    let names: &[&str] = if editor { &["VISUAL", "EDITOR"] } else { &["PAGER"] };
    let set = names.iter().filter_map(|name| std::env::var(name).ok());
    chosen(set, editor)
}

/// The first program that is named and waits to be read: `cat` is what says that nothing is to be paged, and
/// what it wrote would be gone at once.
fn chosen(mut set: impl Iterator<Item = String>, editor: bool) -> String {
    let waits = |value: &String| {
        value.split_whitespace().next().is_some_and(|name| editor || stem(name) != "cat")
    };
    set.find(waits).unwrap_or_else(|| (if editor { "vi" } else { "less" }).to_owned())
}

fn copy_of(view: &View<'_>) -> std::io::Result<PathBuf> {
    use std::io::Write as _;
    let name = format!("plimsoll-{}.{}", ulid::Ulid::generate(), view.extension);
    let path = std::env::temp_dir().join(name);
    fresh::create(&path, 0o400, |out| out.write_all(view.text.as_bytes()))?;
    Ok(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_are_told_of_a_line_as_they_understand_it() {
        let told = |program: &str| {
            let words = at_line(program, Path::new("/tmp/a.yaml"), 40);
            words.iter().map(|word| word.to_string_lossy().into_owned()).collect::<Vec<_>>()
        };
        assert_eq!(told("/usr/bin/vim"), ["+40", "/tmp/a.yaml"]);
        assert_eq!(told("less"), ["+40", "/tmp/a.yaml"]);
        assert_eq!(told("bat"), ["/tmp/a.yaml"]);
        assert_eq!(told("hx"), ["/tmp/a.yaml:40"]);
        assert_eq!(told("/opt/code.exe"), ["--goto", "/tmp/a.yaml:40"]);
    }

    #[test]
    fn what_does_not_wait_is_no_pager() {
        let of = |set: &[&str], editor| chosen(set.iter().map(ToString::to_string), editor);
        assert_eq!(of(&["cat"], false), "less");
        assert_eq!(of(&["/bin/cat -v"], false), "less");
        assert_eq!(of(&[" "], false), "less");
        assert_eq!(of(&["most -s"], false), "most -s");
        assert_eq!(of(&["", "nano"], true), "nano");
        assert_eq!(of(&[], true), "vi");
    }
}
