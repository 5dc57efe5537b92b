//! A line of text being typed.

use unicode_segmentation::UnicodeSegmentation;

use super::key::{Code, Key};

/// Longest text an input takes, in bytes: a paste of a whole file is no reason.
const MAX: usize = 2_000;

/// A line of text with a cursor between its graphemes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TextInput {
    before: String,
    after: String,
    /// It was filled in for somebody, and the first thing typed takes its place.
    offered: bool,
}

impl TextInput {
    /// An input that holds `text`, with the cursor behind it.
    #[must_use]
    pub fn new(text: &str) -> Self {
        let mut input = Self::default();
        input.insert(text);
        input
    }

    /// An input that offers `text`: typing takes its place, moving the cursor keeps it.
    #[must_use]
    pub fn offering(text: &str) -> Self {
        Self { offered: !text.is_empty(), ..Self::new(text) }
    }

    /// Whether what it holds was offered and nobody has changed or kept it yet.
    #[must_use]
    pub fn is_offered(&self) -> bool {
        self.offered
    }

    /// What was typed.
    #[must_use]
    pub fn text(&self) -> String {
        format!("{}{}", self.before, self.after)
    }

    /// The text before the cursor.
    #[must_use]
    pub fn before(&self) -> &str {
        &self.before
    }

    /// The text behind the cursor.
    #[must_use]
    pub fn after(&self) -> &str {
        &self.after
    }

    /// Whether nothing was typed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.before.is_empty() && self.after.is_empty()
    }

    /// Puts text in at the cursor; line ends and other control characters become spaces.
    pub fn insert(&mut self, text: &str) {
        if std::mem::take(&mut self.offered) {
            self.before.clear();
            self.after.clear();
        }
        for c in text.chars() {
            if self.before.len() + self.after.len() + c.len_utf8() > MAX {
                return;
            }
            self.before.push(if c.is_control() { ' ' } else { c });
        }
    }

    /// Puts text in place of what stands before the cursor from a byte on.
    pub fn replace_before(&mut self, from: usize, text: &str) {
        self.before.truncate(from);
        self.insert(text);
    }

    /// Does what a key means in an input. Says whether the key meant anything.
    pub fn key(&mut self, key: Key) -> bool {
        let offered = self.offered;
        // Whatever key comes, what it holds is somebody's own from then on.
        self.offered =
            offered && matches!((key.code, key.ctrl, key.alt), (Code::Char(_), false, false));
        match (key.code, key.ctrl, key.alt) {
            (Code::Backspace | Code::Delete, ..) if offered => {
                self.before.clear();
                self.after.clear();
            }
            (Code::Char('u'), true, _) => self.before.clear(),
            (Code::Char('w'), true, _) => self.cut_word(),
            (Code::Char(c), false, false) => self.insert(c.encode_utf8(&mut [0; 4])),
            (Code::Backspace, ..) => {
                let keep = self.before.grapheme_indices(true).next_back().map_or(0, |(at, _)| at);
                self.before.truncate(keep);
            }
            (Code::Delete, ..) => {
                let first = self.after.graphemes(true).next().map_or(0, str::len);
                self.after.drain(..first);
            }
            (Code::Left, ..) => {
                let keep = self.before.grapheme_indices(true).next_back().map_or(0, |(at, _)| at);
                let moved = self.before.split_off(keep);
                self.after.insert_str(0, &moved);
            }
            (Code::Right, ..) => {
                let first = self.after.graphemes(true).next().map_or(0, str::len);
                let moved: String = self.after.drain(..first).collect();
                self.before.push_str(&moved);
            }
            (Code::Home, ..) => {
                self.after.insert_str(0, &self.before);
                self.before.clear();
            }
            (Code::End, ..) => {
                self.before.push_str(&self.after);
                self.after.clear();
            }
            _ => return false,
        }
        true
    }

    fn cut_word(&mut self) {
        let trimmed = self.before.trim_end().len();
        self.before.truncate(trimmed);
        let keep = self.before.rfind(' ').map_or(0, |at| at + 1);
        self.before.truncate(keep);
    }
}

#[cfg(test)]
mod tests {
    use super::super::key::macro_keys;
    use super::*;

    fn typed(keys: &str) -> TextInput {
        let mut input = TextInput::default();
        for key in macro_keys(keys).unwrap() {
            input.key(key);
        }
        input
    }

    #[test]
    fn typing_and_moving() {
        assert_eq!(typed("ac<left>b").text(), "abc");
        assert_eq!(typed("abc<home><delete>x").text(), "xbc");
        assert_eq!(typed("one two<ctrl-w>").text(), "one ");
        assert_eq!(typed("one<ctrl-u>").text(), "");
    }

    #[test]
    fn what_is_offered_is_replaced_by_typing_and_kept_by_moving() {
        let offered = |keys: &str| {
            let mut input = TextInput::offering("2027-02-25");
            for key in macro_keys(keys).unwrap() {
                input.key(key);
            }
            input.text()
        };
        assert_eq!(offered("90d"), "90d");
        assert_eq!(offered("<right>x"), "2027-02-25x");
        assert_eq!(offered("<end><backspace>6"), "2027-02-26");
        assert_eq!(offered("<backspace>"), "");
        assert_eq!(offered("<delete>"), "");
        let mut pasted = TextInput::offering("2027-02-25");
        pasted.insert("30d");
        assert_eq!(pasted.text(), "30d");
        assert!(!TextInput::offering("").is_offered());
    }

    #[test]
    fn a_grapheme_is_one_step_and_a_paste_is_one_line() {
        let mut input = TextInput::new("e\u{301}");
        input.key(Key::plain(Code::Backspace));
        assert!(input.is_empty());
        input.insert("a\nb\u{1b}[31m");
        assert_eq!(input.text(), "a b [31m");
    }
}
