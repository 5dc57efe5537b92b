//! Lines that somebody wrote, with what their words mean as far as one line tells it.

use std::ops::Range;

use super::{Line, Token};
use crate::text::clean;

/// One line without its end, safe to be shown.
pub(super) fn line(text: &str) -> Line {
    let text = text.trim_end_matches(['\n', '\r']).replace('\t', "    ");
    let text = clean(&text).into_owned();
    let spans = spans(&text);
    Line { text, spans }
}

fn spans(text: &str) -> Vec<(Range<usize>, Token)> {
    let mut spans = Vec::new();
    let mut from = text.len() - text.trim_start().len();
    // Items of lists begin with a dash.
    while text.get(from..).is_some_and(|rest| rest == "-" || rest.starts_with("- ")) {
        spans.push((from..from + 1, Token::Punct));
        let rest = text.get(from + 1..).unwrap_or_default();
        from += 1 + rest.len() - rest.trim_start().len();
    }
    let rest = text.get(from..).unwrap_or_default();
    let to = from + comment(rest).unwrap_or(rest.len());
    let content = text.get(from..to).unwrap_or_default();
    let mut value = from;
    if let Some(colon) = key_end(content) {
        spans.push((from..from + colon, Token::Key));
        spans.push((from + colon..from + colon + 1, Token::Punct));
        value = from + colon + 1;
    }
    let told = text.get(value..to).unwrap_or_default();
    let start = value + told.len() - told.trim_start().len();
    let end = value + told.trim_end().len();
    if start < end {
        spans.push((start..end, token(text.get(start..end).unwrap_or_default())));
    }
    if to < text.len() {
        spans.push((to..text.len(), Token::Punct));
    }
    spans.retain(|(at, _)| !at.is_empty());
    spans
}

/// Where a comment begins.
fn comment(text: &str) -> Option<usize> {
    let mut quote = None;
    let mut before = ' ';
    for (at, c) in text.char_indices() {
        match (quote, c) {
            (Some(open), c) if c == open && before != '\\' => quote = None,
            (None, '"' | '\'') if matches!(before, ' ' | '[' | '{') => quote = Some(c),
            (None, '#') if before == ' ' => return Some(at),
            _ => {}
        }
        before = c;
    }
    None
}

/// Where the key ends that a line begins with: at its colon.
fn key_end(text: &str) -> Option<usize> {
    let quote = text.chars().next().filter(|c| matches!(c, '"' | '\''));
    let after = match quote {
        Some(quote) => text.get(1..)?.find(quote)? + 2,
        None if text.starts_with(['{', '[', '}', ']', '|', '>', '&', '*']) => return None,
        None => 0,
    };
    let ends = |at: &usize| {
        text.get(at + 1..).is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
    };
    let mut colons = text.match_indices(':').map(|(at, _)| at).filter(|at| *at >= after);
    let at = colons.find(ends)?;
    (quote.is_none() || at == after).then_some(at)
}

fn token(value: &str) -> Token {
    match value.trim_end_matches(',') {
        "true" | "false" => Token::Bool,
        "null" | "~" => Token::Null,
        "|" | ">" | "|-" | ">-" | "{" | "[" | "}" | "]" | "{}" | "[]" => Token::Punct,
        text if text.parse::<f64>().is_ok() => Token::Number,
        _ => Token::Str,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> Vec<(String, Token)> {
        let line = line(text);
        line.spans
            .iter()
            .map(|(at, token)| (line.text.get(at.clone()).unwrap().to_owned(), *token))
            .collect()
    }

    fn words(text: &str) -> Vec<String> {
        told(text).into_iter().map(|(word, _)| word).collect()
    }

    #[test]
    fn keys_values_and_comments_are_told_apart() {
        use Token::{Bool, Key, Number, Punct, Str};
        let own = |all: &[(&str, Token)]| -> Vec<(String, Token)> {
            all.iter().map(|(word, token)| ((*word).to_owned(), *token)).collect()
        };
        assert_eq!(
            told("  - privileged: true  # why\n"),
            own(&[
                ("-", Punct),
                ("privileged", Key),
                (":", Punct),
                ("true", Bool),
                ("# why", Punct)
            ])
        );
        assert_eq!(
            told("\timage: a:1.2\r\n"),
            own(&[("image", Key), (":", Punct), ("a:1.2", Str)])
        );
        assert_eq!(told("\"a:b\": 3,"), own(&[("\"a:b\"", Key), (":", Punct), ("3,", Number)]));
        assert_eq!(told("# all of it"), own(&[("# all of it", Punct)]));
        assert_eq!(words("- - a"), ["-", "-", "a"]);
        assert_eq!(words("x: \"a # b\" # c"), ["x", ":", "\"a # b\"", "# c"]);
        assert_eq!(words(""), [] as [&str; 0]);
    }

    #[test]
    fn spans_are_in_order_and_hostile_lines_are_harmless() {
        let hostile = [
            "é: é",
            "\"",
            "'a",
            "- ",
            "-",
            ":",
            "a:",
            "#",
            " # x",
            "x: \u{1b}[31m",
            "日本: '語' #",
        ];
        for text in hostile {
            let line = line(text);
            let mut last = 0;
            for (at, _) in &line.spans {
                assert!(last <= at.start && at.start < at.end, "{text}: {:?}", line.spans);
                assert!(line.text.get(at.clone()).is_some(), "{text}");
                last = at.end;
            }
            assert!(!line.text.contains('\u{1b}'));
        }
    }
}
