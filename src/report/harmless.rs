//! JSON in which a terminal finds nothing to obey: control characters and what changes the direction
//! of text are `\u` escapes. JSON itself demands that only below U+0020. Outside strings JSON is plain
//! ASCII, so the values stay.

use std::fmt::Write as _;
use std::io::{self, BufWriter, Write};

use serde::Serialize;
use serde_json::Serializer;
use serde_json::ser::Formatter;

use crate::text::is_safe;

/// Writes a value as indented JSON with a final newline, piece by piece: reports of large clusters
/// have hundreds of megabytes, which nobody has to hold.
///
/// # Errors
/// What the writer says; that the value cannot be serialised, never in practice.
pub fn write_pretty(value: &impl Serialize, out: &mut dyn Write) -> io::Result<()> {
    // The pieces are small, and whoever takes them is not known here: he gets many at once.
    let mut out = BufWriter::with_capacity(1 << 16, out);
    value.serialize(&mut Serializer::with_formatter(&mut out, Harmless::default()))?;
    out.write_all(b"\n")?;
    out.flush()
}

/// Adds a value to a text of JSON as one line.
///
/// # Errors
/// That the value cannot be serialised, never in practice.
pub fn add_line(value: &impl Serialize, text: &mut Vec<u8>) -> io::Result<()> {
    let line = Harmless { one_line: true, ..Harmless::default() };
    value.serialize(&mut Serializer::with_formatter(text, line))?;
    Ok(())
}

/// Makes a text of JSON harmless. Takes the text and gives it back where nothing has to change.
#[must_use]
pub fn harmless(json: String) -> String {
    if is_harmless(&json) {
        return json;
    }
    let mut out = String::with_capacity(json.len() + 64);
    escape(&json, &mut out);
    out
}

fn is_fine(c: char) -> bool {
    c == '\n' || is_safe(c)
}

fn is_harmless(text: &str) -> bool {
    // Nearly all of it is ASCII, of which only control characters are told apart.
    let plain = |byte: &u8| matches!(byte, b' '..=b'~' | b'\n');
    text.as_bytes().iter().all(plain) || text.chars().all(is_fine)
}

fn escape(text: &str, out: &mut String) {
    for c in text.chars() {
        if is_fine(c) {
            out.push(c);
        } else {
            for unit in c.encode_utf16(&mut [0; 2]) {
                // Writing to a String cannot fail.
                let _ = write!(out, "\\u{unit:04x}");
            }
        }
    }
}

/// Spaces before a line.
const INDENT: &str = "                                                                ";

/// JSON with harmless strings, indented as `serde_json` does it; a line begins with one write. Or all of
/// it in one line, with a space where an indented one has a new line between elements.
#[derive(Default)]
struct Harmless {
    one_line: bool,
    depth: usize,
    /// Whether something stands in what was begun last.
    filled: bool,
}

impl Harmless {
    fn begin<W: ?Sized + Write>(&mut self, writer: &mut W, bracket: &[u8]) -> io::Result<()> {
        self.depth += 1;
        self.filled = false;
        writer.write_all(bracket)
    }

    fn end<W: ?Sized + Write>(&mut self, writer: &mut W, bracket: &[u8]) -> io::Result<()> {
        self.depth -= 1;
        if self.filled && !self.one_line {
            self.line(writer, b"\n")?;
        }
        writer.write_all(bracket)
    }

    fn next<W: ?Sized + Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        match (self.one_line, first) {
            (true, true) => Ok(()),
            (true, false) => writer.write_all(b", "),
            (false, true) => self.line(writer, b"\n"),
            (false, false) => self.line(writer, b",\n"),
        }
    }

    fn line<W: ?Sized + Write>(&self, writer: &mut W, end: &[u8]) -> io::Result<()> {
        writer.write_all(end)?;
        let mut left = 2 * self.depth;
        while left > 0 {
            let spaces = INDENT.as_bytes();
            let spaces = spaces.get(..left).unwrap_or(spaces);
            writer.write_all(spaces)?;
            left -= spaces.len();
        }
        Ok(())
    }
}

impl Formatter for Harmless {
    fn write_string_fragment<W: ?Sized + Write>(
        &mut self,
        writer: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        if is_harmless(fragment) {
            return writer.write_all(fragment.as_bytes());
        }
        let mut escaped = String::with_capacity(fragment.len() + 64);
        escape(fragment, &mut escaped);
        writer.write_all(escaped.as_bytes())
    }

    fn begin_array<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.begin(writer, b"[")
    }

    fn end_array<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.end(writer, b"]")
    }

    fn begin_array_value<W: ?Sized + Write>(
        &mut self,
        writer: &mut W,
        first: bool,
    ) -> io::Result<()> {
        self.next(writer, first)
    }

    fn end_array_value<W: ?Sized + Write>(&mut self, _: &mut W) -> io::Result<()> {
        self.filled = true;
        Ok(())
    }

    fn begin_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.begin(writer, b"{")
    }

    fn end_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.end(writer, b"}")
    }

    fn begin_object_key<W: ?Sized + Write>(
        &mut self,
        writer: &mut W,
        first: bool,
    ) -> io::Result<()> {
        self.next(writer, first)
    }

    fn begin_object_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        writer.write_all(b": ")
    }

    fn end_object_value<W: ?Sized + Write>(&mut self, _: &mut W) -> io::Result<()> {
        self.filled = true;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    #[test]
    fn what_a_terminal_obeys_is_escaped_and_the_value_stays() {
        let value = Value::String("a\u{9b}31m\u{202e}\u{e0041}\u{7f}ü\n".to_owned());
        let text = harmless(value.to_string());
        assert_eq!(text, r#""a\u009b31m\u202e\udb40\udc41\u007fü\n""#);
        assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), value);
    }

    #[test]
    fn what_is_written_piece_by_piece_is_the_same() {
        let value = json!({
            "a\u{9b}": [1, "x\"\u{202e}\ty", {}, [], {"b": null, "ü": [true, "\u{7f}"]}],
            "c": {"d": 0.5, "e": "\u{e0041}\\\u{1b}[31m"},
            "deep": (0..40).fold(json!({}), |deep, at| json!([at, {"in": deep}, []])),
        });
        let mut written = Vec::new();
        write_pretty(&value, &mut written).unwrap();
        let whole = harmless(serde_json::to_string_pretty(&value).unwrap()) + "\n";
        assert_eq!(String::from_utf8(written).unwrap(), whole);
        assert!(whole.contains(r"\u001b[31m") && whole.contains(r"\u202e"));
        let mut line = b"[".to_vec();
        add_line(&value, &mut line).unwrap();
        let line = String::from_utf8(line).unwrap();
        let line = line.strip_prefix('[').unwrap();
        assert!(
            line.starts_with(r#"{"a\u009b": [1, "x\"\u202e\ty", {}, [], {"b": null, "#),
            "{line}"
        );
        assert_eq!(serde_json::from_str::<Value>(line).unwrap(), value);
    }
}
