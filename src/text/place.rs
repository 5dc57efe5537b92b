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
    }
}
