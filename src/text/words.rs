//! Counts in words, and sentences that say the same about different things.

use std::fmt::Display;

/// How often something happened: `once`, `3 times`.
#[must_use]
pub fn times(count: usize) -> String {
    match count {
        1 => "once".to_owned(),
        many => format!("{many} times"),
    }
}

/// A number with its noun: `1 check`, `2 checks`. Nouns that end in `y` after a consonant become `ies`.
#[must_use]
pub fn counted<N: Copy + Display + PartialEq + From<u8>>(count: N, one: &str) -> String {
    format!("{count} {}", noun(count, one))
}

/// A number with its thousands apart: `149,692`. Short ones are read as they are.
#[must_use]
pub fn grouped(number: usize) -> String {
    let digits = number.to_string();
    if digits.len() < 5 {
        return digits;
    }
    let first = digits.len() % 3;
    let mut out = digits.get(..first).unwrap_or_default().to_owned();
    for at in (first..digits.len()).step_by(3) {
        if !out.is_empty() {
            out.push(',');
        }
        out.push_str(digits.get(at..at + 3).unwrap_or_default());
    }
    out
}

/// A noun as it stands after a number: `check` after 1, `checks` after all others.
#[must_use]
pub fn noun<N: Copy + PartialEq + From<u8>>(count: N, one: &str) -> String {
    if count == N::from(1) { one.to_owned() } else { plural(one) }
}

fn plural(noun: &str) -> String {
    match noun.strip_suffix('y') {
        Some(stem) if !stem.ends_with(['a', 'e', 'i', 'o', 'u']) => format!("{stem}ies"),
        _ => format!("{noun}s"),
    }
}

/// What sentences of equally many words say, with `…` where they differ; none where it is one alone or
/// they have too little in common to be about the same.
#[must_use]
pub fn in_common(sentences: &[&str]) -> Option<String> {
    let (first, others) = sentences.split_first().filter(|(_, others)| !others.is_empty())?;
    let words: Vec<&str> = first.split(' ').collect();
    let mut same = vec![true; words.len()];
    for other in others {
        for ((word, other), same) in words.iter().zip(other.split(' ')).zip(&mut same) {
            *same &= *word == other;
        }
    }
    let kept = same.iter().filter(|same| **same).count();
    let alike = kept >= 3 && kept * 2 > words.len();
    let shown = words.iter().zip(&same).map(|(word, same)| {
        let mark = word.chars().next_back().filter(|c| matches!(c, ':' | ';' | ','));
        match (same, mark) {
            (true, _) => (*word).to_owned(),
            (false, Some(mark)) => format!("…{mark}"),
            (false, None) => "…".to_owned(),
        }
    });
    alike.then(|| shown.collect::<Vec<_>>().join(" "))
}

/// What a sentence says where [`in_common`] has `…`: an image, a namespace.
#[must_use]
pub fn of_its_own(sentence: &str, common: &str) -> String {
    let words = sentence.split(' ').zip(common.split(' ')).filter(|(word, all)| word != all);
    let own: Vec<&str> = words.map(|(word, _)| word.trim_end_matches([':', ';', ','])).collect();
    own.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_time_is_once() {
        assert_eq!([1, 2].map(times), ["once", "2 times"]);
    }

    #[test]
    fn thousands_stand_apart() {
        let all = [0, 9_999, 10_000, 149_692, 1_000_000].map(grouped);
        assert_eq!(all, ["0", "9999", "10,000", "149,692", "1,000,000"]);
    }

    #[test]
    fn one_is_no_plural() {
        assert_eq!([0, 1, 2].map(|n| counted(n, "check")), ["0 checks", "1 check", "2 checks"]);
        assert_eq!([1, 3].map(|n| counted(n, "policy")), ["1 policy", "3 policies"]);
        assert_eq!([1, 3].map(|n| noun(n, "day")), ["day", "days"]);
    }

    #[test]
    fn what_sentences_have_in_common_leaves_out_what_is_each_ones_own() {
        let all = ["cannot list roles in shop: forbidden", "cannot list roles in pay: forbidden"];
        let common = in_common(&all).unwrap();
        assert_eq!(common, "cannot list roles in …: forbidden");
        assert_eq!(all.map(|one| of_its_own(one, &common)), ["shop", "pay"]);
        assert_eq!(in_common(&["a b c d", "a x y z"]), None);
        assert_eq!(in_common(&all[..1]), None);
    }
}
