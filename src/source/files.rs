//! Manifests: files, directories and standard input, with the file and line of every field.

mod batch;
mod list;

use std::path::{Path, PathBuf};

use self::batch::Batch;
use super::text::load;
use crate::model::inventory::Inventory;

/// The path that stands for standard input.
pub const STDIN: &str = "-";

/// Deepest directory followed.
const MAX_DEPTH: usize = 32;

/// How manifests are to be taken.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The user says that these files are everything there is.
    pub complete: bool,
    /// Kubernetes version to judge by, `1.31` or `v1.31.2`.
    pub kube_version: Option<String>,
}

/// Why nothing could be read at all.
#[derive(Debug, thiserror::Error)]
pub enum FilesError {
    /// A path given by the user cannot be read.
    #[error("cannot read {path}: {source}")]
    Unreadable {
        /// The path as given.
        path: String,
        /// What the system says.
        source: std::io::Error,
    },
    /// No manifest under the paths given.
    #[error("no .yaml, .yml or .json file under {0}")]
    Nothing(String),
    /// There are files, and nothing in them.
    #[error("there is no object in {0}")]
    Empty(String),
    /// There are files, and nothing in them can be read.
    #[error("no Kubernetes object could be read: {0}")]
    Broken(String),
}

/// The first of these paths that can be read only once: standard input, or a pipe. What is not there is
/// none: reading tells.
#[must_use]
pub fn only_once(paths: &[String]) -> Option<String> {
    let pipe = |path: &&String| {
        std::fs::metadata(path).is_ok_and(|meta| !meta.is_file() && !meta.is_dir())
    };
    let once = paths.iter().find(|path| *path == STDIN || pipe(path))?;
    Some(if once == STDIN { "standard input".to_owned() } else { once.clone() })
}

/// Reads manifests. Broken documents become problems of the inventory; the others are kept.
///
/// # Errors
/// When a path that the user gave cannot be read, or none of them holds an object. An empty `List`
/// is an answer, an empty file is none.
pub fn read(paths: &[String], options: &Options) -> Result<Inventory, FilesError> {
    read_telling(paths, options, None)
}

/// The same; `waiting` is told the name of a pipe that has brought nothing for a second, and may never.
///
/// # Errors
/// As [`read`].
pub fn read_telling(
    paths: &[String],
    options: &Options,
    waiting: Option<fn(&str)>,
) -> Result<Inventory, FilesError> {
    let mut files = Vec::new();
    for path in paths {
        if path == "-" {
            files.push(PathBuf::from("-"));
        } else {
            let unreadable = |source| FilesError::Unreadable { path: path.clone(), source };
            let meta = std::fs::metadata(path).map_err(unreadable)?;
            if meta.is_dir() {
                walk(Path::new(path), 0, &mut files).map_err(unreadable)?;
            } else {
                files.push(PathBuf::from(path));
            }
        }
    }
    if files.is_empty() {
        return Err(FilesError::Nothing(paths.join(", ")));
    }
    let mut batch = Batch::default();
    for file in &files {
        let name = file.to_string_lossy().into_owned();
        let asked = paths.contains(&name);
        match load(file, asked, waiting) {
            Ok(text) => batch.text(&name, &text),
            Err(source) if asked => return Err(FilesError::Unreadable { path: name, source }),
            Err(error) => batch.failed(&name, &error),
        }
    }
    if batch.documents == 0 {
        return Err(FilesError::Empty(shown(paths)));
    }
    if batch.objects.is_empty() && !batch.problems.is_empty() {
        return Err(FilesError::Broken(batch.first_problems()));
    }
    let mut inventory = batch.finish(options);
    inventory.source.given = paths.to_vec();
    Ok(inventory)
}

fn shown(paths: &[String]) -> String {
    let name = |p: &String| if p == "-" { "standard input".to_owned() } else { p.clone() };
    paths.iter().map(name).collect::<Vec<_>>().join(", ")
}

/// Reads one text as if it were a file: for standard input that was read already, and examples.
#[must_use]
pub fn from_text(name: &str, text: &str, options: &Options) -> Inventory {
    let mut batch = Batch::default();
    batch.text(name, text);
    batch.finish(options)
}

fn walk(dir: &Path, depth: usize, files: &mut Vec<PathBuf>) -> std::io::Result<()> {
    let mut entries: Vec<_> = std::fs::read_dir(dir)?.collect::<Result<_, _>>()?;
    entries.sort_by_key(std::fs::DirEntry::file_name);
    for entry in entries {
        let path = entry.path();
        let hidden = entry.file_name().to_string_lossy().starts_with('.');
        let kind = entry.file_type()?;
        if kind.is_dir() && !hidden && depth < MAX_DEPTH {
            walk(&path, depth + 1, files)?;
        } else if !kind.is_dir() && is_manifest(&path) {
            files.push(path);
        }
    }
    Ok(())
}

fn is_manifest(path: &Path) -> bool {
    let extension = path.extension().and_then(|e| e.to_str()).unwrap_or_default();
    ["yaml", "yml", "json"].iter().any(|known| known.eq_ignore_ascii_case(extension))
}

#[cfg(test)]
mod tests;
