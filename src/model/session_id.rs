//! Ids of sessions, as lists show them.

/// How many signs of an id tell sessions apart: those of the moment at which it was begun.
const SHOWN: usize = 10;

/// The beginning of a session's id, which commands take for the whole.
#[must_use]
pub fn short(id: &str) -> &str {
    id.char_indices().nth(SHOWN).map_or(id, |(end, _)| id.get(..end).unwrap_or(id))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_moment_of_its_beginning_is_what_is_shown_of_an_id() {
        assert_eq!(short("01KB2X9Q4TJ5V0M7C1Z8R3W6AE"), "01KB2X9Q4T");
        assert_eq!(short("01A"), "01A");
    }
}
