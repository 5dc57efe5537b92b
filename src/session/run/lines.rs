//! A run read line by line: while one block of its text is unpacked, the findings of the block before
//! are read. The text as a whole is never in memory.

use std::io::{BufRead as _, BufReader, Read};
use std::sync::Arc;

use rayon::prelude::*;

use super::{BATCH, BEGIN, EMPTY, RunRecord};
use crate::model::finding::Finding;

/// Bytes of text that are unpacked at a time.
const BLOCK: u64 = 8 << 20;

impl RunRecord {
    /// Reads the text of a run that has a line for each finding. None when it is laid out in another
    /// way, or broken: then the whole is to be read, which tells.
    pub(in crate::session) fn from_lines(text: impl Read + Send) -> Option<Self> {
        let mut text = BufReader::new(text);
        let mut head = Vec::new();
        text.read_until(b'\n', &mut head).ok()?;
        let head = std::str::from_utf8(&head).ok()?.strip_suffix('\n')?.strip_suffix(BEGIN)?;
        let (findings, tail) = findings(&mut text, BLOCK)?;
        let tail = std::str::from_utf8(&tail).ok()?.strip_prefix(']')?;
        let mut record: Self = serde_json::from_str(&format!("{head}{EMPTY}{tail}")).ok()?;
        Arc::make_mut(&mut record.result).findings = findings;
        Some(record)
    }
}

/// The findings that stand in whole lines, and what follows the last line feed.
fn findings(text: &mut (impl Read + Send), size: u64) -> Option<(Vec<Arc<Finding>>, Vec<u8>)> {
    let (mut block, mut next) = (Vec::new(), Vec::new());
    let mut out = Vec::new();
    let mut more = fill(text, &mut block, size)?;
    loop {
        let whole = block.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        if whole == 0 && more {
            more = fill(text, &mut block, size)?;
            continue;
        }
        let (lines, rest) = block.split_at_checked(whole)?;
        if !more {
            out.extend(parse(lines)?);
            return Some((out, rest.to_vec()));
        }
        next.clear();
        next.extend_from_slice(rest);
        let (filled, parsed) = rayon::join(|| fill(text, &mut next, size), || parse(lines));
        out.extend(parsed?);
        more = filled?;
        std::mem::swap(&mut block, &mut next);
    }
}

/// Adds so many bytes. Whether there may be more of them.
fn fill(text: &mut impl Read, block: &mut Vec<u8>, size: u64) -> Option<bool> {
    Some(text.take(size).read_to_end(block).ok()? as u64 == size)
}

fn parse(lines: &[u8]) -> Option<Vec<Arc<Finding>>> {
    let lines: Vec<&str> = std::str::from_utf8(lines).ok()?.split_terminator('\n').collect();
    let read = |line: &&str| serde_json::from_str(line.strip_suffix(',').unwrap_or(line)).ok();
    lines.par_iter().with_min_len(BATCH).map(read).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::run::tests::record;

    #[test]
    fn wherever_blocks_end_it_reads_the_same() {
        let record = record(5);
        let text = record.to_text().unwrap();
        let from = text.iter().position(|b| *b == b'\n').unwrap() + 1;
        for size in 1..text.len() as u64 {
            let (findings, tail) = findings(&mut &text[from..], size).unwrap();
            assert_eq!(findings, record.result.findings, "{size}");
            assert!(tail.starts_with(b"]"), "{size}");
        }
    }

    #[test]
    fn text_that_cannot_be_read_to_its_end_is_no_run() {
        struct Broken;
        impl Read for Broken {
            fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
                Err(std::io::Error::other("broken"))
            }
        }
        let text = record(5).to_text().unwrap();
        assert!(RunRecord::from_lines(&*text).is_some());
        assert!(RunRecord::from_lines(text.chain(Broken)).is_none());
    }
}
