//! When a journal was last written, told by the head of its last line: a session with a decision on
//! many findings need not be read to know whether it is the last one.

use std::fs::File;
use std::io::{Read as _, Result, Seek as _, SeekFrom};
use std::path::Path;

/// Read at a time, from the end.
const BLOCK: u64 = 64 << 10;
/// Number and time of an entry stand in so many bytes.
const HEAD: u64 = 128;

/// Number and time of the last line that was written to its end, as they stand there. None when there is no
/// such line, or it does not begin as the lines of this version do. Whether the line is genuine is seen
/// when the journal is opened.
pub(super) fn written(journal: &Path) -> Option<(u64, String)> {
    let mut file = crate::fresh::open(journal).ok()?;
    let mut head = Vec::new();
    let start = last_line(&mut file).ok()??;
    file.seek(SeekFrom::Start(start)).ok()?;
    file.take(HEAD).read_to_end(&mut head).ok()?;
    let head = String::from_utf8_lossy(&head);
    let (number, rest) = head.strip_prefix("{\"seq\":")?.split_once(",\"time\":\"")?;
    let (time, _) = rest.split_once('"')?;
    Some((number.parse().ok()?, time.to_owned()))
}

/// Where the last whole line begins.
fn last_line(file: &mut File) -> Result<Option<u64>> {
    let mut before = file.metadata()?.len();
    let mut ended = false;
    let mut block = Vec::new();
    while before > 0 {
        let at = before.saturating_sub(BLOCK);
        file.seek(SeekFrom::Start(at))?;
        block.clear();
        file.by_ref().take(before - at).read_to_end(&mut block)?;
        for (place, _) in block.iter().enumerate().rev().filter(|(_, byte)| **byte == b'\n') {
            if ended {
                return Ok(Some(at + place as u64 + 1));
            }
            ended = true;
        }
        before = at;
    }
    Ok(ended.then_some(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> Option<String> {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        written(file.path()).map(|(number, time)| {
            assert_eq!(number, 7);
            time
        })
    }

    #[test]
    fn it_is_the_time_of_the_last_whole_line_however_long_lines_are() {
        let block = usize::try_from(BLOCK).unwrap();
        for long in [0, 1, block - 60, block - 1, block, block + 1, 3 * block] {
            let line = |time: &str| {
                let body = "x".repeat(long);
                format!("{{\"seq\":7,\"time\":\"{time}\",\"by\":\"ada\",\"body\":\"{body}\"}}\n")
            };
            assert_eq!(told(&line("one")).as_deref(), Some("one"), "{long}");
            let two = line("one") + &line("two");
            assert_eq!(told(&two).as_deref(), Some("two"), "{long}");
            let torn = two.clone() + line("three").trim_end();
            assert_eq!(told(&torn).as_deref(), Some("two"), "{long}");
        }
    }

    #[test]
    fn what_is_no_line_of_this_version_tells_nothing() {
        for text in ["", "\n", "{\"seq\":1,\"time\":\"t\"", "{\"time\":\"t\"}\n", "{\"seq\":1}\n"] {
            assert_eq!(told(text), None, "{text:?}");
        }
        assert_eq!(written(Path::new("/nowhere/journal.jsonl")), None);
    }
}
