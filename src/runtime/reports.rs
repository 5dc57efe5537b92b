//! Reports written from the workbench.

use std::path::{Path, PathBuf};

use crate::app::event::UserError;
use crate::fresh;
use crate::report::{Format, Input};

/// After so many files of one name no further number is tried.
const MOST: u32 = 1000;

/// Where a file goes.
#[derive(Clone, Copy, Debug)]
pub struct Destination<'a> {
    /// Where somebody wants it: a file or a directory; nothing for where the program was started.
    pub to: &'a str,
    /// The usual name of such a file, without its ending.
    pub stem: &'a str,
}

/// Renders a report and writes it, as [`write_to`] does, in a format, in ASCII alone if that is wanted.
///
/// # Errors
/// Why there is no report, and what to do.
pub fn write(
    input: &Input<'_>,
    (format, ascii): (Format, bool),
    place: Destination<'_>,
) -> Result<PathBuf, UserError> {
    let text = format.render(input).map_err(|error| UserError {
        what: "no report".to_owned(),
        why: error.to_string(),
        next: "choose another format with :report".to_owned(),
    })?;
    let text = if ascii { format.in_ascii(text) } else { text };
    write_to(place, format.ending(), &text).map_err(|(path, error)| UserError {
        what: format!("the report was not written to {}", path.display()),
        why: error.to_string(),
        next: "name another file, or a directory where you may write".to_owned(),
    })
}

/// Writes a report to where somebody wants it: a file that must not exist yet, or a directory, where it
/// gets the usual name. That name alone is taken with a number where it is taken already. `~/` is the
/// home directory.
///
/// # Errors
/// The path, and why it was not written: it exists already, or what the system says.
pub fn write_to(
    place: Destination<'_>,
    ending: &str,
    text: &str,
) -> Result<PathBuf, (PathBuf, std::io::Error)> {
    match create(place, ending, is_there, |path| fresh::text(path, text)) {
        Ok((path, ())) => Ok(path),
        Err((path, error)) if is_there(&error) => {
            let text = "it exists already, and nothing is overwritten unasked";
            Err((path, std::io::Error::new(error.kind(), text)))
        }
        Err(failed) => Err(failed),
    }
}

/// Makes a file where somebody wants it, as [`write_to`] does; `taken` tells that `make` found one there
/// already.
///
/// # Errors
/// The path, and why it was not made.
pub fn create<T, E>(
    Destination { to, stem }: Destination<'_>,
    ending: &str,
    taken: impl Fn(&E) -> bool,
    mut make: impl FnMut(&Path) -> Result<T, E>,
) -> Result<(PathBuf, T), (PathBuf, E)> {
    let whole = |path: PathBuf| std::path::absolute(&path).unwrap_or(path);
    let path = at_home(to.trim());
    let usual = path.as_os_str() == format!("{stem}.{ending}").as_str();
    if usual || path.as_os_str().is_empty() || path.is_dir() {
        let here = usual || path.as_os_str().is_empty();
        let dir = whole(if here { ".".into() } else { path });
        return numbered(&dir, (stem, ending), taken, make).map_err(|error| (dir, error));
    }
    let path = whole(path);
    match make(&path) {
        Ok(made) => Ok((path, made)),
        Err(error) => Err((path, error)),
    }
}

/// A path as it was typed, where `~/` is the home directory.
fn at_home(typed: &str) -> PathBuf {
    match (typed.strip_prefix("~/"), std::env::var_os("HOME")) {
        (Some(rest), Some(home)) => Path::new(&home).join(rest),
        _ => PathBuf::from(typed),
    }
}

/// Writes a text to a new file of this name, or of the name with a number: nothing is overwritten.
///
/// # Errors
/// What the system says.
pub fn write_new(dir: &Path, stem: &str, ending: &str, text: &str) -> std::io::Result<PathBuf> {
    let make = |path: &Path| fresh::text(path, text);
    numbered(dir, (stem, ending), is_there, make).map(|(path, ())| path)
}

/// Makes a file of this name, or of the name with a number where it is taken.
fn numbered<T, E>(
    dir: &Path,
    (stem, ending): (&str, &str),
    taken: impl Fn(&E) -> bool,
    mut make: impl FnMut(&Path) -> Result<T, E>,
) -> Result<(PathBuf, T), E> {
    let mut number = 1;
    loop {
        let count = if number == 1 { String::new() } else { format!("-{number}") };
        let path = dir.join(format!("{stem}{count}.{ending}"));
        match make(&path) {
            Err(error) if taken(&error) && number < MOST => number += 1,
            made => return made.map(|made| (path, made)),
        }
    }
}

fn is_there(error: &std::io::Error) -> bool {
    error.kind() == std::io::ErrorKind::AlreadyExists
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_goes_where_it_is_wanted_and_over_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let write = |to: &str| write_to(Destination { to, stem: "stem" }, "json", "{}");
        let place = |name: &str| dir.path().join(name).to_string_lossy().into_owned();
        assert_eq!(write(&place("")).unwrap(), dir.path().join("stem.json"));
        assert_eq!(write(&place("")).unwrap(), dir.path().join("stem-2.json"), "a number");
        assert_eq!(write(&place("a.json")).unwrap(), dir.path().join("a.json"));
        let (path, error) = write(&place("a.json")).unwrap_err();
        assert_eq!(path, dir.path().join("a.json"));
        assert!(error.to_string().contains("nothing is overwritten"), "{error}");
        let (path, error) = write(&place("none/a.json")).unwrap_err();
        assert_eq!(error.kind(), std::io::ErrorKind::NotFound);
        assert_eq!(path, dir.path().join("none/a.json"));
    }
}
