//! Manifests: files, directories and standard input, with the file and line of every field.

mod batch;
mod kustomize;
mod likely;
mod list;
mod pods;
mod walk;

use std::path::Path;

use self::batch::Batch;
use self::kustomize::Patches;
use self::walk::Walk;
use super::text::load;
pub use super::text::{Awaited, Waiting, awaited};
use crate::model::inventory::Inventory;

/// The path that stands for standard input.
pub const STDIN: &str = "-";

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
    /// There is nothing but what kustomize makes objects of.
    #[error("there is no object in {0}, only what kustomize makes some of: {1}")]
    Unbuilt(String, String),
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

/// The same; `waiting` is told of a pipe or device that has brought nothing for a second, and may never.
///
/// # Errors
/// As [`read`].
pub fn read_telling(
    paths: &[String],
    options: &Options,
    waiting: Option<&Waiting>,
) -> Result<Inventory, FilesError> {
    let mut walk = Walk::default();
    for path in paths {
        let unreadable = |source| FilesError::Unreadable { path: path.clone(), source };
        if path == STDIN {
            walk.file(Path::new(STDIN));
        } else {
            walk.path(Path::new(path)).map_err(unreadable)?;
        }
    }
    let mut patches = Patches::default();
    for file in &walk.kustomizations {
        // Whatever is wrong with it is told when it is read itself.
        if let Ok(text) = load(file, false, None) {
            patches.add(file, &text);
        }
    }
    let mut batch = Batch::default();
    for file in &walk.files {
        let name = file.to_string_lossy().into_owned();
        let asked = paths.contains(&name);
        match load(file, asked, waiting) {
            Ok(text) => match patches.of(file) {
                Some(patch) => batch.patch(&name, &text, patch),
                None => batch.text(&name, &text),
            },
            Err(source) if asked => return Err(FilesError::Unreadable { path: name, source }),
            Err(error) => batch.failed(&name, &error.to_string()),
        }
    }
    for (dir, why) in &walk.closed {
        batch.failed(&dir.to_string_lossy(), why);
    }
    for (dir, files) in walk.take_hidden() {
        let texts = files.iter().filter_map(|file| Some((file, load(file, false, None).ok()?)));
        let looked: Vec<_> =
            texts.map(|(file, text)| batch::look(&file.to_string_lossy(), &text)).collect();
        batch.hidden(&dir.to_string_lossy(), &looked);
    }
    if walk.files.is_empty() && batch.problems.is_empty() {
        return Err(FilesError::Nothing(paths.join(", ")));
    }
    if batch.documents == 0 {
        return Err(FilesError::Empty(shown(paths)));
    }
    if batch.objects.is_empty() && !batch.problems.is_empty() {
        return Err(FilesError::Broken(batch.first_problems()));
    }
    if let ([kustomization, ..], true) = (&walk.kustomizations[..], batch.objects.is_empty()) {
        let built = kustomize::built(kustomization);
        return Err(FilesError::Unbuilt(shown(paths), built));
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

#[cfg(test)]
mod tests;
