//! Patterns: those of filters and checks with `*` and `?`, those of decisions and profiles with `*` alone.

use std::str::Chars;

/// The word of a pattern that is one word, perhaps with a `*` before and behind it, as most are.
fn word_of(pattern: &str) -> Option<&str> {
    let is_plain = |word: &&str| !word.bytes().any(|byte| matches!(byte, b'*' | b'?'));
    Some(pattern.trim_matches('*')).filter(is_plain)
}

/// Most letters that [`glob_match`] looks at for a text and a pattern of these lengths in bytes.
#[must_use]
pub fn glob_effort(text: usize, pattern: &str) -> usize {
    let each = if word_of(pattern).is_some() { 1 } else { pattern.len() };
    text.saturating_mul(each).saturating_add(pattern.len())
}

/// `*` stands for any run of characters, `?` for one.
#[must_use]
pub fn glob_match(text: &str, pattern: &str) -> bool {
    if let Some(word) = word_of(pattern) {
        return match (pattern.starts_with('*'), pattern.ends_with('*')) {
            (true, true) => text.contains(word),
            (true, false) => text.ends_with(word),
            (false, true) => text.starts_with(word),
            (false, false) => text == word,
        };
    }
    // Places of the text and the pattern still to be matched, and where to try again after a `*`.
    let (mut text, mut pattern) = (text.chars(), pattern.chars());
    let mut retry: Option<(Chars<'_>, Chars<'_>)> = None;
    loop {
        let (mut rest, mut left) = (text.clone(), pattern.clone());
        match (left.next(), rest.next()) {
            (Some('*'), _) => {
                // A `*` at the end takes everything.
                if left.as_str().is_empty() {
                    return true;
                }
                retry = Some((text.clone(), left.clone()));
                pattern = left;
            }
            (None, None) => return true,
            (Some(wanted), Some(found)) if wanted == '?' || wanted == found => {
                (text, pattern) = (rest, left);
            }
            _ => {
                let Some((from, after)) = &mut retry else { return false };
                if from.next().is_none() {
                    return false;
                }
                (text, pattern) = (from.clone(), after.clone());
            }
        }
    }
}

/// `*` stands for any run of characters, and nothing else is special. Takes time in the length of the
/// text for every `*`, never more.
#[must_use]
pub fn star_match(text: &str, pattern: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = text.strip_prefix(parts.next().unwrap_or_default()) else { return false };
    let Some(last) = parts.next_back() else { return rest.is_empty() };
    for part in parts {
        let Some((_, after)) = rest.split_once(part) else { return false };
        rest = after;
    }
    rest.ends_with(last)
}

/// What is set of a name: under the name itself, or else under the longest pattern that fits it.
#[must_use]
pub fn set_of<'a, T>(entries: impl Iterator<Item = (&'a str, T)> + Clone, name: &str) -> Option<T> {
    let own = entries.clone().find(|(known, _)| *known == name);
    let fits = || entries.filter(|(pattern, _)| glob_match(name, pattern));
    own.or_else(|| fits().max_by_key(|(pattern, _)| pattern.len())).map(|(_, set)| set)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_is_any_text_and_nothing_else_is_special() {
        for (pattern, text, fits) in [
            ("pay", "pay", true),
            ("pay", "pay-eu", false),
            ("", "", true),
            ("", "x", false),
            ("pay-*", "pay-", true),
            ("*-eu", "pay-eu", true),
            ("a*b*c", "axxbyyc", true),
            ("a*b*c", "acb", false),
            ("a*a", "a", false),
            ("*", "", true),
            ("a.c", "abc", false),
            ("a?c", "abc", false),
            ("a?c", "a?c", true),
            ("containers[*].x", "containers[12].x", true),
            ("*aa*", "xaax", true),
            ("pay-*", "pay", false),
            ("*-prod", "prod", false),
        ] {
            assert_eq!(star_match(text, pattern), fits, "{pattern} {text}");
        }
    }

    #[test]
    fn a_word_is_cheap_and_what_has_to_be_tried_again_is_not() {
        assert_eq!(glob_effort(1000, "*word*"), 1006);
        assert_eq!(glob_effort(1000, "*wo*rd"), 6006);
        assert_eq!(glob_effort(usize::MAX, "a?"), usize::MAX);
    }

    #[test]
    fn globs() {
        for (text, pattern, fits) in [
            ("docker.io/library/nginx", "docker.io/*", true),
            ("abc", "a?c", true),
            ("abc", "a?", false),
            ("", "*", true),
            ("aaab", "*a*b", true),
            ("aaac", "*a*b", false),
            ("ä", "?", true),
            ("abc", "abc", true),
            ("abc", "ab", false),
            ("abc", "*b*", true),
            ("abc", "**", true),
            ("", "", true),
            ("a", "", false),
            ("a-key-b", "*a*key*", true),
            ("abcabxd", "*ab?d", true),
            ("abcd", "*c?e", false),
        ] {
            assert_eq!(glob_match(text, pattern), fits, "{text} {pattern}");
        }
    }
}
