//! Files that are packed, unpacked within what their size lets expect: a small one must neither fill the
//! memory nor hold a core for long, whoever made it.

use std::io::{BufReader, Error, Read, Result};

/// How much a packed file may come to.
#[derive(Clone, Copy, Debug)]
pub struct Within {
    /// Bytes that any may unpack to.
    pub free: u64,
    /// So many times its size beyond that. Pods of clusters pack to a seventieth, pods that differ in
    /// nothing but a number in their names to a thousandth, nothing but repetition to less.
    pub times: u64,
    /// Lines that any may have, and one more for every byte of it: each line has a name of its own.
    pub lines: u64,
}

/// Of a snapshot, which is looked at whole.
pub const SNAPSHOT: Within = Within { free: 128 << 20, times: 1000, lines: 200_000 };
/// Of a run or an import, of which a session or bundle may have many.
pub const RUN: Within = Within { free: 1 << 20, times: 1000, lines: 10_000 };

/// The text of a packed file.
pub struct Unpacked<R: Read> {
    text: zstd::Decoder<'static, BufReader<Counted<R>>>,
    within: Within,
    bytes: u64,
    lines: u64,
}

/// Unpacks while it is read, which ends with an error where there is too much of it.
///
/// # Errors
/// When the system has no memory for it.
pub fn unpack<R: Read>(packed: R, within: Within) -> Result<Unpacked<R>> {
    let text = zstd::Decoder::new(Counted { inner: packed, bytes: 0 })?;
    Ok(Unpacked { text, within, bytes: 0, lines: 0 })
}

impl<R: Read> Read for Unpacked<R> {
    fn read(&mut self, into: &mut [u8]) -> Result<usize> {
        let count = self.text.read(into)?;
        let new = into.get(..count).unwrap_or_default();
        self.bytes += count as u64;
        let ends = |part: &[u8]| part.split(|byte| *byte == b'\n').count() as u64 - 1;
        self.lines += ends(new);
        let packed = self.text.get_ref().get_ref().bytes;
        let Within { free, times, lines } = self.within;
        if self.bytes > free.saturating_add(packed.saturating_mul(times)) {
            let why = format!(
                "it unpacks to more than {times} times its size; Plimsoll writes none such"
            );
            return Err(Error::other(why));
        }
        if self.lines > lines.saturating_add(packed) {
            let why = "it has more lines than one of its size has; Plimsoll writes none such";
            return Err(Error::other(why));
        }
        Ok(count)
    }
}

/// Counts what is read through it.
struct Counted<R> {
    inner: R,
    bytes: u64,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, into: &mut [u8]) -> Result<usize> {
        let count = self.inner.read(into)?;
        self.bytes += count as u64;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SMALL: Within = Within { free: 1000, times: 10, lines: 10 };

    fn read(text: &[u8]) -> Result<Vec<u8>> {
        let packed = zstd::encode_all(text, 3)?;
        let mut unpacked = Vec::new();
        unpack(&*packed, SMALL)?.read_to_end(&mut unpacked)?;
        Ok(unpacked)
    }

    #[test]
    fn what_is_packed_as_things_are_comes_back() {
        assert_eq!(read(&[b' '; 900]).unwrap(), [b' '; 900]);
        let name = |at: u64| format!("{:x}\n", at.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let lines: Vec<u8> = (0..2000).flat_map(|at| name(at).into_bytes()).collect();
        assert_eq!(read(&lines).unwrap(), lines);
    }

    #[test]
    fn what_says_the_same_without_end_is_refused() {
        let error = read(&[b' '; 2000]).unwrap_err().to_string();
        assert!(error.contains("more than 10 times its size"), "{error}");
        let error = read(&[b'\n'; 900]).unwrap_err().to_string();
        assert!(error.contains("more lines than one of its size"), "{error}");
        // Long before its end: a gigabyte of it would be as quick.
        let packed = zstd::encode_all(&*vec![b' '; 1 << 20], 19).unwrap();
        let mut unpacked = unpack(&*packed, SMALL).unwrap();
        let mut given = 0;
        let mut some = [0; 512];
        while let Ok(count) = unpacked.read(&mut some) {
            assert_ne!(count, 0, "it came to its end");
            given += count;
        }
        assert!(given < 4000, "{given}");
    }
}
