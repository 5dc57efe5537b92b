//! Breaks sentences into lines.

use crate::text::{cut, width};

/// Breaks a text between words so that no line takes more than `cells` cells; a longer word
/// is broken after a dot or a slash, as paths of fields and names of objects are, or else cut. Addresses are cut: a part of one leads
/// nowhere.
pub(super) fn wrap(text: &str, cells: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    if cells == 0 {
        return lines;
    }
    let mut line = String::new();
    for word in text.split_whitespace() {
        let needed = width(&line) + usize::from(!line.is_empty()) + width(word);
        if needed > cells && !line.is_empty() {
            lines.push(std::mem::take(&mut line));
        }
        if !line.is_empty() {
            line.push(' ');
        }
        let mut rest = word;
        while let Some((head, tail)) = broken(rest, cells) {
            lines.push(head.to_owned());
            rest = tail;
        }
        line.push_str(&cut(rest, cells));
    }
    if !line.is_empty() {
        lines.push(line);
    }
    lines
}

/// The part of a long word up to the last dot or slash that fits, and what is left.
fn broken(word: &str, cells: usize) -> Option<(&str, &str)> {
    if width(word) <= cells || word.contains("://") {
        return None;
    }
    let dots = word.match_indices(['.', '/']).map(|(at, _)| at + 1);
    let fits = |at: &usize| word.get(..*at).is_some_and(|head| width(head) <= cells);
    let at = dots.take_while(fits).last().filter(|at| *at < word.len())?;
    word.split_at_checked(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_break_between_words() {
        assert_eq!(wrap("one two  three", 7), ["one two", "three"]);
        assert_eq!(wrap("overlongword a", 6), ["overl…", "a"]);
        assert_eq!(wrap("日本語 です", 6), ["日本語", "です"]);
        assert_eq!(
            wrap("at spec.template.spec.x end", 10),
            ["at", "spec.", "template.", "spec.x end"]
        );
        assert_eq!(wrap("Deployment/ci/dashboard", 14), ["Deployment/ci/", "dashboard"]);
        assert_eq!(wrap("https://a.example/b", 12), ["https://a.e…"]);
        assert!(wrap("", 5).is_empty() && wrap("a", 0).is_empty());
    }
}
