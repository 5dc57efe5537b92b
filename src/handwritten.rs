//! Files that a person writes: configuration, checks, frameworks, themes, profiles, decisions. They
//! are read whole, so each has a limit: a wrong path must not fill the memory, nor wait for ever.

use std::fs::File;
use std::io::{Error, Read as _, Result};
use std::path::Path;

/// Largest file, in bytes. The largest of those that ship has 200 KiB.
pub const LARGEST: u64 = 4 << 20;
/// Largest file of decisions, in bytes: a program may have written it, a line for each finding.
pub const LARGEST_DECISIONS: u64 = 64 << 20;

/// Reads a file that was found in a directory. It must be one: nobody asked for a pipe or a device.
///
/// # Errors
/// What the system says; that it is no regular file, is too large, or holds what is no text, with
/// the line.
pub fn found(path: &Path) -> Result<String> {
    if !std::fs::metadata(path)?.is_file() {
        return Err(Error::other("it is no regular file"));
    }
    named(path, LARGEST)
}

/// Reads a file that the user names, which may be a pipe: at most so many bytes of it.
///
/// # Errors
/// What the system says; that it is larger, or holds what is no text, with the line.
pub fn named(path: &Path, most: u64) -> Result<String> {
    text(bytes(path, most)?)
}

/// The bytes of a file that the user names, at most so many.
///
/// # Errors
/// What the system says, or that it is larger.
pub fn bytes(path: &Path, most: u64) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(most + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > most {
        return Err(Error::other(format!("it is larger than {} MiB", most >> 20)));
    }
    Ok(bytes)
}

fn text(bytes: Vec<u8>) -> Result<String> {
    String::from_utf8(bytes).map_err(|error| {
        let good = error.utf8_error().valid_up_to();
        let line = error.as_bytes().iter().take(good).filter(|b| **b == b'\n').count() + 1;
        Error::other(format!("line {line} is no UTF-8 text"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_has_a_limit_and_text_in_it() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.toml");
        std::fs::write(&path, "a = 1\n").unwrap();
        assert_eq!(found(&path).unwrap(), "a = 1\n");
        assert_eq!(named(&path, 6).unwrap(), "a = 1\n");
        std::fs::write(&path, b"a\nb\n\xff").unwrap();
        assert_eq!(found(&path).unwrap_err().to_string(), "line 3 is no UTF-8 text");
        File::create(&path).unwrap().set_len(LARGEST + 1).unwrap();
        assert_eq!(found(&path).unwrap_err().to_string(), "it is larger than 4 MiB");
    }

    #[cfg(unix)]
    #[test]
    fn a_device_ends_at_the_limit_and_is_no_file_of_a_directory() {
        let error = named(Path::new("/dev/zero"), LARGEST).unwrap_err();
        assert_eq!(error.to_string(), "it is larger than 4 MiB");
        let error = found(Path::new("/dev/zero")).unwrap_err();
        assert_eq!(error.to_string(), "it is no regular file");
    }
}
