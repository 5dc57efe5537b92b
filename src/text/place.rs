//! Where in a text a byte is.

/// Line and column of a byte of a text, from 1, the column in characters. A byte within a character is
/// where that begins, and one beyond the end is the end.
#[must_use]
pub fn line_column(text: &str, byte: usize) -> (u32, u32) {
    let at = (0..=byte.min(text.len())).rev().find(|at| text.is_char_boundary(*at));
    let (before, _) = text.split_at(at.unwrap_or_default());
    let line = before.matches('\n').count();
    let column = before.rsplit('\n').next().map_or(0, |last| last.chars().count());
    let number = |count: usize| u32::try_from(count + 1).unwrap_or(u32::MAX);
    (number(line), number(column))
}

/// Characters are counted ahead in steps of so many bytes.
const STEP: usize = 256;

/// The places of many bytes of one text: it is gone through once, whatever is asked and in whatever order.
#[derive(Debug)]
pub struct Places<'a> {
    text: &'a str,
    /// Where lines begin.
    lines: Vec<usize>,
    /// Characters that begin before each step.
    characters: Vec<usize>,
}

impl<'a> Places<'a> {
    /// Of a text.
    #[must_use]
    pub fn new(text: &'a str) -> Self {
        let after = text.match_indices('\n').map(|(at, _)| at + 1);
        let lines = std::iter::once(0).chain(after).collect();
        let mut count = 0;
        let mut characters = vec![0];
        for step in text.as_bytes().chunks(STEP) {
            count += begun(step);
            characters.push(count);
        }
        Self { text, lines, characters }
    }

    /// As [`line_column`] tells it.
    #[must_use]
    pub fn line_column(&self, byte: usize) -> (u32, u32) {
        let at = (0..=byte.min(self.text.len())).rev().find(|at| self.text.is_char_boundary(*at));
        let at = at.unwrap_or_default();
        let line = self.lines.partition_point(|begin| *begin <= at);
        let begin = self.lines.get(line.saturating_sub(1)).copied().unwrap_or_default();
        let number = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        (number(line), number(self.before(at) - self.before(begin) + 1))
    }

    /// How many characters begin before a byte.
    fn before(&self, byte: usize) -> usize {
        let ahead = self.characters.get(byte / STEP).copied().unwrap_or_default();
        let rest = self.text.as_bytes().get(byte / STEP * STEP..byte).unwrap_or_default();
        ahead + begun(rest)
    }
}

/// Characters that begin in these bytes of a text.
fn begun(bytes: &[u8]) -> usize {
    bytes.iter().filter(|byte| **byte & 0xc0 != 0x80).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_byte_has_a_line_and_a_column_in_characters() {
        let text = "aä\n\nböc";
        for (byte, place) in [
            (0, (1, 1)),
            (1, (1, 2)),
            (2, (1, 2)),
            (3, (1, 3)),
            (4, (2, 1)),
            (5, (3, 1)),
            (7, (3, 2)),
            (8, (3, 3)),
            (9, (3, 4)),
            (99, (3, 4)),
        ] {
            assert_eq!(line_column(text, byte), place, "byte {byte}");
        }
        assert_eq!(line_column("", 0), (1, 1));
        assert_eq!(Places::new("").line_column(0), (1, 1));
    }

    #[test]
    fn many_places_are_told_as_one_is() {
        let line = format!("{}äb{}\n", "x".repeat(STEP / 3), "🦀".repeat(STEP / 5));
        let text = line.repeat(9);
        let places = Places::new(&text);
        for byte in (0..=text.len() + 1).rev() {
            assert_eq!(places.line_column(byte), line_column(&text, byte), "byte {byte}");
        }
    }
}
