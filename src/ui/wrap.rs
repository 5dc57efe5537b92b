//! Breaks sentences into lines.

use crate::text::{cut, width};

/// Breaks a text between words so that no line takes more than `cells` cells; a longer word is cut.
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
        line.push_str(&cut(word, cells));
    }
    if !line.is_empty() {
        lines.push(line);
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_break_between_words() {
        assert_eq!(wrap("one two  three", 7), ["one two", "three"]);
        assert_eq!(wrap("overlongword a", 6), ["overl…", "a"]);
        assert_eq!(wrap("日本語 です", 6), ["日本語", "です"]);
        assert!(wrap("", 5).is_empty() && wrap("a", 0).is_empty());
    }
}
