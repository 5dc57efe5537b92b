//! The encoding itself: numbers of variable length, tags, and bytes with their length before them.

use super::Unread;

/// What is left to read.
#[derive(Clone, Copy)]
pub(super) struct Wire<'a>(pub(super) &'a [u8]);

/// How a field is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Written {
    /// A number of variable length.
    Number,
    /// So many bytes.
    Bytes,
}

impl<'a> Wire<'a> {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// A number in at most ten bytes, seven bits each, the lowest first.
    pub(super) fn number(&mut self) -> Result<u64, Unread> {
        let mut number = 0_u64;
        for shift in (0..64).step_by(7) {
            let (byte, rest) = self.0.split_first().ok_or(Unread::Short)?;
            self.0 = rest;
            let bits = u64::from(byte & 0x7f);
            // The tenth byte has one bit left.
            if shift == 63 && *byte > 1 {
                return Err(Unread::Number);
            }
            number |= bits << shift;
            if byte & 0x80 == 0 {
                return Ok(number);
            }
        }
        Err(Unread::Number)
    }

    /// The number of the next field, and how it is written. Kubernetes writes neither groups nor
    /// numbers of fixed length.
    pub(super) fn tag(&mut self) -> Result<(u32, Written), Unread> {
        let tag = self.number()?;
        let number = u32::try_from(tag >> 3).map_err(|_| Unread::Number)?;
        match tag & 7 {
            0 => Ok((number, Written::Number)),
            2 => Ok((number, Written::Bytes)),
            _ => Err(Unread::Written),
        }
    }

    /// So many bytes as the number before them says.
    pub(super) fn bytes(&mut self) -> Result<&'a [u8], Unread> {
        let length = usize::try_from(self.number()?).map_err(|_| Unread::Short)?;
        let (bytes, rest) = self.0.split_at_checked(length).ok_or(Unread::Short)?;
        self.0 = rest;
        Ok(bytes)
    }

    /// The bytes of a field that is written so.
    pub(super) fn bytes_of(&mut self, written: Written) -> Result<&'a [u8], Unread> {
        if written == Written::Bytes { self.bytes() } else { Err(Unread::Written) }
    }

    /// The number of a field that is written so.
    pub(super) fn number_of(&mut self, written: Written) -> Result<u64, Unread> {
        if written == Written::Number { self.number() } else { Err(Unread::Written) }
    }

    /// The text of a field that is written so.
    pub(super) fn text_of(&mut self, written: Written) -> Result<&'a str, Unread> {
        std::str::from_utf8(self.bytes_of(written)?).map_err(|_| Unread::Text)
    }

    /// Passes over all fields that follow with this tag: their bytes and how many there are, counting
    /// the one whose tag was read just now, which begins at `begin`.
    pub(super) fn run(&mut self, begin: &'a [u8], written: Written) -> Result<Run<'a>, Unread> {
        let tag = begin.get(..begin.len() - self.0.len()).unwrap_or_default();
        let mut count = 0;
        loop {
            match written {
                Written::Bytes => self.bytes().map(drop)?,
                Written::Number => self.number().map(drop)?,
            }
            count += 1;
            match self.0.strip_prefix(tag) {
                Some(rest) => self.0 = rest,
                None => break,
            }
        }
        let bytes = begin.get(..begin.len() - self.0.len()).unwrap_or_default();
        Ok(Run { bytes, count })
    }
}

/// Fields with one tag in a row.
pub(super) struct Run<'a> {
    /// All of them, with their tags.
    pub(super) bytes: &'a [u8],
    pub(super) count: usize,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(bytes: &[u8]) -> Result<u64, Unread> {
        Wire(bytes).number()
    }

    #[test]
    fn numbers_have_at_most_ten_bytes_and_sixty_four_bits() {
        assert_eq!(number(&[0]), Ok(0));
        assert_eq!(number(&[0xac, 0x02, 9]), Ok(300));
        let mut most = [0xff; 10];
        most[9] = 1;
        assert_eq!(number(&most), Ok(u64::MAX));
        most[9] = 2;
        assert_eq!(number(&most), Err(Unread::Number));
        assert_eq!(number(&[0x80; 11]), Err(Unread::Number));
        assert_eq!(number(&[0x80, 0x80]), Err(Unread::Short));
    }

    #[test]
    fn a_length_beyond_the_end_is_an_error_however_large() {
        assert_eq!(Wire(&[3, 1, 2, 3, 4]).bytes(), Ok(&[1, 2, 3][..]));
        assert_eq!(Wire(&[4, 1, 2, 3]).bytes(), Err(Unread::Short));
        let mut endless = vec![0xff; 9];
        endless.extend([1, 0]);
        assert_eq!(Wire(&endless).bytes(), Err(Unread::Short));
    }

    #[test]
    fn groups_and_fixed_numbers_are_refused() {
        for kind in [1, 3, 4, 5, 6, 7] {
            assert_eq!(Wire(&[8 | kind, 0]).tag(), Err(Unread::Written));
        }
        assert_eq!(Wire(&[0x0a]).tag(), Ok((1, Written::Bytes)));
        assert_eq!(Wire(&[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02]).tag(), Err(Unread::Number));
    }

    #[test]
    fn a_run_ends_where_another_field_begins() {
        let bytes = [0x0a, 1, b'x', 0x0a, 0, 0x12, 0];
        let mut wire = Wire(&bytes);
        let begin = wire.0;
        let (_, written) = wire.tag().unwrap();
        let run = wire.run(begin, written).unwrap();
        assert_eq!((run.bytes, run.count, wire.0), (&bytes[..5], 2, &bytes[5..]));
    }
}
