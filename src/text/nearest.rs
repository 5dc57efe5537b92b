//! What was probably meant by a word that names nothing.

/// What was probably meant: the nearest by edits, or the first that contains the word.
#[must_use]
pub fn nearest<'a>(word: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let lower = word.to_ascii_lowercase();
    let known: Vec<&str> = known.collect();
    // Of two that are equally near, the one that begins alike was meant.
    let unlike = |k: &str| k.chars().next() != lower.chars().next();
    let limit = if lower.len() < 4 { 1 } else { lower.len().div_ceil(3).max(2) };
    // What would have to be written anew from end to end has nothing of the word.
    let near = |d: usize, k: &str| d <= limit && d < lower.chars().count().max(k.chars().count());
    let far = known.iter().map(|k| (distance(&lower, &k.to_ascii_lowercase()), unlike(k), *k));
    let near = far.filter(|(d, _, k)| near(*d, k)).min().map(|(.., k)| k);
    let holds = |k: &&&str| lower.len() > 1 && k.to_ascii_lowercase().contains(&lower);
    near.or_else(|| known.iter().find(holds).copied())
}

/// How many letters have to be put in, taken out or changed to make one of the other.
#[must_use]
pub fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.chars().enumerate() {
        let mut left = i + 1;
        let mut above_left = i;
        for (cell, to) in row.iter_mut().skip(1).zip(&b) {
            let above = *cell;
            let cost = above_left + usize::from(from != *to);
            left = cost.min(above + 1).min(left + 1);
            above_left = above;
            *cell = left;
        }
        if let Some(first) = row.first_mut() {
            *first = i + 1;
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_probably_meant_is_near_or_contains_the_word() {
        let known = ["nsa-cisa", "pss-baseline", "pss-restricted"];
        for (word, meant) in [
            ("pss-baselin", Some("pss-baseline")),
            ("nsa", Some("nsa-cisa")),
            ("RESTRICTED", Some("pss-restricted")),
            ("iso-27001", None),
            ("nsb", None),
            ("x", None),
            ("", None),
        ] {
            assert_eq!(nearest(word, known.into_iter()), meant, "{word}");
        }
        // Whatever is short is near to nothing, and to every other letter.
        for word in ["", "x", "ab"] {
            assert_eq!(nearest(word, ["", "y", "cd"].into_iter()), None, "{word}");
        }
    }

    #[test]
    fn edit_distance_counts_edits() {
        for (a, b, d) in
            [("", "abc", 3), ("kitten", "sitting", 3), ("same", "same", 0), ("ab", "ba", 2)]
        {
            assert_eq!(distance(a, b), d, "{a} {b}");
        }
    }
}
