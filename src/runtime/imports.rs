//! Files of results, read and told apart.

use std::io::Read as _;
use std::path::Path;

use super::clock::timestamp;
use crate::imports::{self, Given, ImportError, MAX_FILE};
use crate::model::import::{Import, ImportTool};

/// Why a file of results could not be brought in.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The system refuses.
    #[error("{file}: {source}")]
    Io {
        /// The file.
        file: String,
        /// What the system says.
        source: std::io::Error,
    },
    /// It holds something else.
    #[error(transparent)]
    Import(#[from] ImportError),
}

/// Reads results from `[NODE=]FILE`, or from standard input for `-`.
///
/// # Errors
/// When the file cannot be read, or any part of it is not what its format promises.
pub fn load(what: &str, node: Option<&str>, tool: Option<ImportTool>) -> Result<Import, LoadError> {
    let (own, file) = split(what);
    let wrong = |source| LoadError::Io { file: file.to_owned(), source };
    let (bytes, changed) = bytes_of(file).map_err(wrong)?;
    let now = timestamp();
    let name = if file == "-" { "standard input" } else { file };
    let changed = changed.as_deref();
    Ok(imports::read(&Given { name, bytes: &bytes, node: own.or(node), tool, changed, now: &now })?)
}

/// Which file [`load`] reads, in words such as it takes.
#[must_use]
pub fn file_of(what: &str) -> &Path {
    Path::new(split(what).1)
}

/// The node and the file; a file whose name has a `=` in it is a file.
fn split(what: &str) -> (Option<&str>, &str) {
    match what.split_once('=') {
        Some((node, file)) if !node.is_empty() && !Path::new(what).exists() => (Some(node), file),
        _ => (None, what),
    }
}

/// What is in a file, and when it was last changed.
fn bytes_of(file: &str) -> std::io::Result<(Vec<u8>, Option<String>)> {
    let mut bytes = Vec::new();
    // One more than is accepted: then the size is told as an error.
    let most = MAX_FILE + 1;
    if file == "-" {
        std::io::stdin().lock().take(most).read_to_end(&mut bytes)?;
        return Ok((bytes, None));
    }
    let open = std::fs::File::open(file)?;
    let changed = open.metadata()?.modified().ok();
    let changed = changed.and_then(|time| jiff::Timestamp::try_from(time).ok());
    let changed = changed.and_then(|time| jiff::Timestamp::from_second(time.as_second()).ok());
    open.take(most).read_to_end(&mut bytes)?;
    Ok((bytes, changed.map(|time| time.to_string())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_node_may_stand_before_the_file() {
        assert_eq!(split("worker-1=out/a.json"), (Some("worker-1"), "out/a.json"));
        assert_eq!(split("out/a.json"), (None, "out/a.json"));
        let dir = tempfile::tempdir().unwrap();
        let odd = dir.path().join("a=b.json");
        std::fs::write(&odd, "{}").unwrap();
        let odd = odd.to_string_lossy().into_owned();
        assert_eq!(split(&odd), (None, &*odd));
    }

    #[test]
    fn the_time_of_a_file_is_read_and_a_missing_one_is_told() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("worker-1.json");
        std::fs::write(&file, include_bytes!("../../tests/imports/worker-1.json")).unwrap();
        let import = load(&file.to_string_lossy(), None, None).unwrap();
        assert!(import.taken.unwrap() <= import.imported);
        assert_eq!(import.results[0].node.as_deref(), Some("worker-1"));
        let named = format!("other={}", file.display());
        assert_eq!(load(&named, None, None).unwrap().results[0].node.as_deref(), Some("other"));
        let error = load("none.json", None, None).unwrap_err().to_string();
        assert!(error.starts_with("none.json: "), "{error}");
    }
}
