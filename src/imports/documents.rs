//! From bytes to documents: one JSON value or many after each other, logs around them, or YAML.

use super::{ImportError, MAX_FILE};
use crate::model::node::Node;
use crate::text::{line_column, locate};

/// Most documents of one file.
const MAX_DOCUMENTS: usize = 100_000;

/// Most values of one file, lists and objects too. Files of tools have one in a dozen bytes or more.
const MAX_VALUES: usize = 24_000_000;

/// Every document of a file.
pub(super) fn read(file: &str, bytes: &[u8]) -> Result<Vec<Node>, ImportError> {
    read_within(file, bytes, MAX_VALUES)
}

fn read_within(file: &str, bytes: &[u8], values: usize) -> Result<Vec<Node>, ImportError> {
    let refused =
        |message: &str| ImportError::Refused { file: file.to_owned(), message: message.to_owned() };
    if bytes.len() as u64 > MAX_FILE {
        return Err(refused("it is larger than 256 MiB; split it"));
    }
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let good = bytes.get(..error.valid_up_to()).unwrap_or_default();
        let line = good.split(|b| *b == b'\n').count();
        broken(file, line, 1, "no UTF-8 text".to_owned())
    })?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if text.trim().is_empty() {
        return Err(refused("it is empty"));
    }
    // No value of JSON comes without one of these; there may be fewer values, with some in texts.
    if text.bytes().filter(|byte| matches!(byte, b',' | b'{' | b'[')).count() > values {
        return Err(refused("it holds too many values for a file of results; split it"));
    }
    let plain = unprefixed(text);
    let found = match json_start(&plain) {
        Some(_) => json(file, &plain)?,
        None => yaml(file, &plain).map_err(|error| stray(file, &plain).unwrap_or(error))?,
    };
    if found.len() > MAX_DOCUMENTS {
        return Err(refused("it holds more than 100,000 documents; split it"));
    }
    Ok(found)
}

/// What is wrong where no YAML is meant: the first line before JSON that is of no log.
fn stray(file: &str, text: &str) -> Option<ImportError> {
    let json = text.lines().position(opens_json)?;
    let strange = |line: &&str| !line.trim().is_empty() && !is_log(line.trim_start());
    let at = text.lines().take(json).position(|line| strange(&line))?;
    let message = "before JSON come lines of a log (with a time or level first), and this is none";
    Some(broken(file, at + 1, 1, message.to_owned()))
}

fn broken(file: &str, line: usize, column: usize, message: String) -> ImportError {
    ImportError::Broken { file: file.to_owned(), line, column, message }
}

/// What `kubectl logs --prefix` puts before every line is taken off.
fn unprefixed(text: &str) -> std::borrow::Cow<'_, str> {
    if !text.starts_with("[pod/") {
        return text.into();
    }
    let bare = |line: &str| match line.strip_prefix("[pod/").and_then(|l| l.split_once("] ")) {
        Some((_, rest)) => rest.to_owned(),
        None => line.to_owned(),
    };
    text.lines().map(bare).collect::<Vec<_>>().join("\n").into()
}

/// Where JSON begins: at a line that opens an object or a list. Lines of a log may stand before.
fn json_start(text: &str) -> Option<usize> {
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let bare = line.trim_start();
        if opens_json(bare) {
            return Some(at + line.len() - bare.len());
        }
        if !bare.is_empty() && !is_log(bare) {
            return None;
        }
        at += line.len();
    }
    None
}

/// A line that begins a JSON value: `{`, `[{`, `[`.
fn opens_json(line: &str) -> bool {
    let mut rest = line.chars().filter(|c| !c.is_whitespace());
    match rest.next() {
        Some('{') => matches!(rest.next(), None | Some('"' | '}')),
        Some('[') => matches!(rest.next(), None | Some('{' | '[' | ']')),
        _ => false,
    }
}

/// A line that a program logged: `I1127 08:00:00.000000 1 run.go:12] text`, or one with a time or
/// level first. YAML has a colon after its first word.
fn is_log(line: &str) -> bool {
    let mut chars = line.chars();
    let letter = chars.next().is_some_and(|c| "IWEF".contains(c));
    let klog = letter && chars.clone().take(4).filter(char::is_ascii_digit).count() == 4;
    let dated = line.len() > 10 && line.chars().take(4).all(|c| c.is_ascii_digit());
    let level = ["time=", "level=", "INFO", "WARN", "ERROR", "DEBUG"];
    klog || dated || level.iter().any(|word| line.starts_with(word))
}

/// JSON values one after the other; lines of a log between them are passed over.
fn json(file: &str, text: &str) -> Result<Vec<Node>, ImportError> {
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(rest) = text.get(from..) {
        let Some(start) = json_start(rest) else {
            let left = rest.trim();
            if left.is_empty() || left.lines().all(|line| is_log(line.trim_start())) {
                break;
            }
            let skipped = rest.len() - rest.trim_start().len();
            let (line, column) = line_column(text, from + skipped);
            let message = "expected a JSON value, a line of a log (with a time or level first) or the end of \
                           the file";
            return Err(broken(file, line as usize, column as usize, message.to_owned()));
        };
        from += start;
        let mut stream =
            serde_json::Deserializer::from_str(text.get(from..).unwrap_or_default()).into_iter();
        match stream.next() {
            Some(Ok(node)) => found.push(node),
            Some(Err(error)) => {
                let (first, _) = line_column(text, from);
                let line = first as usize + error.line().saturating_sub(1);
                let message = error.to_string();
                let message = message.split(" at line ").next().unwrap_or_default().to_owned();
                return Err(broken(file, line, error.column(), message));
            }
            None => break,
        }
        from += stream.byte_offset();
        if found.len() > MAX_DOCUMENTS {
            break;
        }
    }
    Ok(found)
}

fn yaml(file: &str, text: &str) -> Result<Vec<Node>, ImportError> {
    let read = |document: locate::Document| {
        document.node.map_err(|error| {
            let number = |n: u32| usize::try_from(n).unwrap_or(usize::MAX);
            broken(file, number(error.line), number(error.column), error.message)
        })
    };
    locate::documents(text).into_iter().map(read).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(text: &str) -> usize {
        read("x", text.as_bytes()).unwrap().len()
    }

    #[test]
    fn json_comes_alone_one_after_the_other_and_between_lines_of_a_log() {
        assert_eq!(count(r#"{"a": 1}"#), 1);
        assert_eq!(count("{\"a\": 1}{\"a\": 2}\n[{\"b\": 1}]"), 3);
        let log = "I1127 08:00:00.000000 1 run.go:12] begins\n{\n  \"a\": 1\n}\nW1127 08:00:01.0 1 x.go:1] odd\n{\"a\": 2}\n";
        assert_eq!(count(log), 2);
        assert_eq!(count("[pod/kb-1/kb] {\n[pod/kb-1/kb]   \"a\": 1\n[pod/kb-1/kb] }\n"), 1);
    }

    #[test]
    fn yaml_comes_in_several_documents() {
        assert_eq!(count("kind: A\n---\nkind: B\n"), 2);
        assert_eq!(count("# a comment\nkind: A\n"), 1);
    }

    #[test]
    fn a_broken_text_is_told_with_its_place() {
        let error = read("x.json", b"{\"a\": 1}\n{\"a\": 1,\n  oops}").unwrap_err();
        let text = error.to_string();
        assert!(text.starts_with("x.json:3:"), "{text}");
        let error = read("x.json", b"{\"a\": 1}\nrubbish").unwrap_err().to_string();
        assert!(error.starts_with("x.json:2:1:") && error.contains("end of the file"), "{error}");
        let error = read("x.json", b"I1127 08:00:00.0 1 a]\nsome line: of: words\n{\n\"a\": 1}")
            .unwrap_err();
        assert!(error.to_string().starts_with("x.json:2:1: before JSON come lines"), "{error}");
        let error = read("x.yaml", b"a: [1\n").unwrap_err().to_string();
        assert!(error.starts_with("x.yaml:"), "{error}");
        let error = read("x", b"ab\ncd\xff").unwrap_err().to_string();
        assert!(error.starts_with("x:2:"), "{error}");
        assert!(read("x", b" \n").unwrap_err().to_string().contains("empty"));
    }

    #[test]
    fn values_are_counted_before_they_are_made() {
        for text in ["[1,1,1,1,1]", "[[],[],[],[]]", "{}{}{}{}{}{}", "a: [1,1,1,1,1]"] {
            let error = read_within("x", text.as_bytes(), 4).unwrap_err().to_string();
            assert!(error.contains("too many values"), "{text}: {error}");
            assert!(read_within("x", text.as_bytes(), 9).is_ok(), "{text}");
        }
    }

    #[test]
    fn deep_nesting_is_an_error_and_no_crash() {
        let deep = "[".repeat(200_000);
        assert!(read("x", deep.as_bytes()).is_err());
        let deep = format!("{}{}", "{\"a\":".repeat(100_000), "}".repeat(100_000));
        assert!(read("x", deep.as_bytes()).is_err());
    }
}
