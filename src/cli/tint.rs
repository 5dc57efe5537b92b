//! Colour in a table that is printed: severities, where colour is wanted. The colours are the terminal's
//! own, so that they are readable on whatever background it has.

use crate::model::finding::Severity;
use crate::term::caps::{ColorChoice, ColorDepth};

/// Whether what is printed gets colours: in a terminal as it, `NO_COLOR` and `--color` say (which is in
/// `depth` already), and in a pipe or a file only with `--color always`.
#[must_use]
pub fn wanted(choice: ColorChoice, depth: ColorDepth, terminal: bool) -> bool {
    choice == ColorChoice::Always || terminal && depth != ColorDepth::Mono
}

/// A table of findings with its severities in colour: the first word of each row below `SEVERITY`, and the
/// counts of the sum below. The table has no escape sequences itself.
#[must_use]
pub fn severities(table: &str) -> String {
    let mut out = String::with_capacity(table.len() + table.len() / 8);
    let mut rows = false;
    for line in table.split_inclusive('\n') {
        if line.starts_with("SEVERITY ") {
            rows = true;
        } else if line == "\n" {
            rows = false;
        } else if rows {
            let end = line.find(' ').unwrap_or(0);
            let (word, rest) = line.split_at(end);
            out.push_str(&word_in_colour(word, word));
            out.push_str(rest);
            continue;
        } else if let Some(sum) = sum(line) {
            out.push_str(&sum);
            continue;
        }
        out.push_str(line);
    }
    out
}

/// `5 findings: 1 critical, 4 low` in colour; none if the line is no such sum.
fn sum(line: &str) -> Option<String> {
    let (head, counts) = line.trim_end().split_once(": ")?;
    let (count, noun) = head.split_once(' ')?;
    if !matches!(noun, "finding" | "findings") || count.parse::<usize>().is_err() {
        return None;
    }
    let tinted = counts.split(", ").map(|part| match part.split_once(' ') {
        Some((_, word)) => word_in_colour(word, part),
        None => part.to_owned(),
    });
    Some(format!("{head}: {}\n", tinted.collect::<Vec<_>>().join(", ")))
}

/// A text in the colour of a severity, if the word is one.
fn word_in_colour(word: &str, text: &str) -> String {
    let code = match Severity::ALL.into_iter().find(|severity| severity.word() == word) {
        Some(Severity::Critical) => "1;31",
        Some(Severity::High) => "31",
        Some(Severity::Medium) => "33",
        Some(Severity::Low) => "36",
        Some(Severity::Info) => "2",
        None => return text.to_owned(),
    };
    format!("\u{1b}[{code}m{text}\u{1b}[0m")
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &str = "SEVERITY  CHECK  OBJECT\ncritical  a      Pod/n/high\nlow       b      cluster\n\n\
        2 findings: 1 critical, 1 low\n3 more accepted or marked false-positive\n\nNot assessed:\n  low is the read (1 check)\n";

    #[test]
    fn severities_are_in_colour_and_nothing_else_is() {
        let tinted = severities(TABLE);
        assert!(
            tinted.contains("\u{1b}[1;31mcritical\u{1b}[0m  a      Pod/n/high\n"),
            "{tinted:?}"
        );
        assert!(tinted.contains("\u{1b}[36mlow\u{1b}[0m       b"), "{tinted:?}");
        assert!(tinted.contains("2 findings: \u{1b}[1;31m1 critical\u{1b}[0m, "), "{tinted:?}");
        assert_eq!(tinted.matches("\u{1b}[0m").count(), 4);
        let mut bare = tinted;
        for code in ["1;31", "36", "0"] {
            bare = bare.replace(&format!("\u{1b}[{code}m"), "");
        }
        assert_eq!(bare, TABLE);
    }

    #[test]
    fn a_pipe_has_colour_only_where_it_is_asked_for() {
        use ColorChoice::{Always, Auto, Depth, Never};
        use ColorDepth::{Ansi16, Ansi256, Mono};
        assert!(wanted(Auto, Ansi16, true) && !wanted(Auto, Ansi16, false));
        assert!(!wanted(Auto, Mono, true), "NO_COLOR, or a terminal that knows none");
        assert!(wanted(Always, Ansi16, false));
        assert!(!wanted(Never, Mono, true));
        assert!(wanted(Depth(Ansi256), Ansi256, true) && !wanted(Depth(Ansi256), Ansi256, false));
    }
}
