//! Breaks sentences into lines.

use unicode_segmentation::UnicodeSegmentation as _;

use crate::text::width;

/// Breaks a text between words so that no line takes more than `cells` cells; a longer word is broken after
/// a dot or a slash, as paths of fields, names of objects and addresses are, or else wherever the line ends:
/// nothing that somebody wrote is lost.
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
        line.push_str(rest);
    }
    if !line.is_empty() {
        lines.push(line);
    }
    lines
}

/// The part of a long word up to the last dot or slash that fits, or else as much as fits, and what is left.
fn broken(word: &str, cells: usize) -> Option<(&str, &str)> {
    if width(word) <= cells {
        return None;
    }
    let fits = |at: &usize| word.get(..*at).is_some_and(|head| width(head) <= cells);
    // A line that ends after `https://` would be all but empty.
    let from = word.find("://").map_or(0, |at| at + 3);
    let dots = word.match_indices(['.', '/']).map(|(at, _)| at + 1).filter(|at| *at > from);
    let ends = word.grapheme_indices(true).map(|(at, _)| at).skip(1);
    let at = dots.take_while(fits).last().or_else(|| ends.take_while(fits).last())?;
    word.split_at_checked(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_break_between_words() {
        assert_eq!(wrap("one two  three", 7), ["one two", "three"]);
        assert_eq!(wrap("overlongword a", 6), ["overlo", "ngword", "a"]);
        assert_eq!(wrap("日本語 です", 6), ["日本語", "です"]);
        assert_eq!(
            wrap("at spec.template.spec.x end", 10),
            ["at", "spec.", "template.", "spec.x end"]
        );
        assert_eq!(wrap("Deployment/ci/dashboard", 14), ["Deployment/ci/", "dashboard"]);
        assert_eq!(wrap("https://a.example/b", 12), ["https://a.", "example/b"]);
        assert_eq!(wrap("日本語", 1), ["日本語"], "there is no room for any of it");
        assert!(wrap("", 5).is_empty() && wrap("a", 0).is_empty());
    }
}
