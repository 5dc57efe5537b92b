//! Secrets whose manifest stands in a text, as YAML or as JSON: within a config map, an annotation, an
//! argument. Whatever they hold is masked, however it looks. A text is no tree: it may be a template, a part of a
//! script, or broken. So a document that speaks of a Secret loses what stands under `data` and `stringData`
//! anywhere in it, rather than showing what was not understood.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::OnceLock;

use regex::Regex;

use super::names::is_mask;
use super::{MASK, compiled};

/// Masks what Secrets in a text hold.
pub(super) fn masked(text: &str) -> Cow<'_, str> {
    if !text.contains("Secret") || !has_secret(text) {
        return Cow::Borrowed(text);
    }
    let mut found = Vec::new();
    for document in documents(text) {
        if text.get(document.clone()).is_some_and(has_secret) {
            blocks(text, document.clone(), &mut found);
            braces(text, document, &mut found);
        }
    }
    found.sort_by_key(|range| range.start);
    let (mut out, mut done) = (String::new(), 0);
    for range in found {
        let begins = range.start.max(done);
        let part = text.get(begins..range.end).filter(|part| !part.is_empty());
        if part.is_some_and(|part| !is_mask(part)) {
            out.push_str(text.get(done..begins).unwrap_or_default());
            // What goes on where the last one ended is one with it.
            if !out.ends_with(MASK) {
                out.push_str(MASK);
            }
            done = range.end;
        }
    }
    if done == 0 {
        return Cow::Borrowed(text);
    }
    out.push_str(text.get(done..).unwrap_or_default());
    Cow::Owned(out)
}

/// Whether a text speaks of a Secret, or of a list of them, as manifests do.
fn has_secret(text: &str) -> bool {
    static KIND: OnceLock<Regex> = OnceLock::new();
    compiled(&KIND, || {
        r#"(?:^|[^A-Za-z0-9_]|\\[nrt])kind[\\"']*\s*:\s*[\\"']*Secret(?:List)?(?:[^A-Za-z0-9]|$)"#
            .to_owned()
    })
    .is_match(text)
}

/// The documents of a text of YAML. What separates them stands in a line of its own, at its beginning: within
/// a value it would stand deeper.
fn documents(text: &str) -> Vec<Range<usize>> {
    static LINE: OnceLock<Regex> = OnceLock::new();
    let lines = compiled(&LINE, || r"(?m)^---[ \t]*(?:\r?$|#)".to_owned()).find_iter(text);
    let mut found = Vec::new();
    let mut begins = 0;
    for at in lines.map(|line| line.start()).chain([text.len()]) {
        found.push(begins..at);
        begins = at;
    }
    found
}

/// Finds the values of blocks: lines that stand deeper than the name before them.
fn blocks(text: &str, within: Range<usize>, found: &mut Vec<Range<usize>>) {
    static FIELD: OnceLock<Regex> = OnceLock::new();
    let field = || {
        let lead = r"(?P<lead>(?:[ \t#]|-[ \t])*)";
        format!(
            r#"(?m)(?P<before>^|\\+n|["'`]){lead}\\*["']?(?:data|stringData)\\*(?P<quote>["']?)[ \t]*:(?P<rest>)"#
        )
    };
    let field = compiled(&FIELD, field);
    let mut from = within.start;
    while let Some(fields) =
        text.get(..within.end).and_then(|document| field.captures_at(document, from))
    {
        let group = |name| fields.name(name).map_or(from..from, |group| group.range());
        let rest = group("rest").start;
        let lead = text.get(group("lead")).unwrap_or_default();
        let slashes = text.get(group("before")).unwrap_or_default().matches('\\').count();
        let lines = Lines { text, at: rest, end: within.end, slashes };
        let quoted = !group("quote").is_empty();
        from = block(lines, (lead, quoted), found).max(rest);
    }
}

/// The values of the block behind a name that stands so deep; gives where it ends.
fn block(
    mut lines: Lines<'_>,
    (lead, quoted): (&str, bool),
    found: &mut Vec<Range<usize>>,
) -> usize {
    if let Some(ends) = beside(&lines, quoted, found) {
        return ends;
    }
    let text = lines.text;
    let Some(first) = lines.line() else { return lines.at };
    let begun = trimmed(text, first);
    let said = text.get(begun.clone()).unwrap_or_default();
    // The value that is under way, and how deep the names stand.
    let mut value = Some(begun).filter(|_| !said.starts_with(['#', '&', '!']) && !is_mark(said));
    let mut deep = None;
    let of_comments = lead.contains('#');
    let mut ends = lines.at;
    while let Some(line) = lines.line() {
        let whole = text.get(line.clone()).unwrap_or_default();
        let rest = whole.trim_start_matches([' ', '\t']);
        let is_comment = rest.starts_with('#') && !of_comments;
        let rest = if of_comments { whole.trim_start_matches([' ', '\t', '#']) } else { rest };
        let indent = whole.len() - rest.len();
        if rest.trim().is_empty() {
            continue;
        }
        let is_template = rest.starts_with("{{");
        if indent <= lead.len() && !is_comment && !is_template {
            break;
        }
        ends = lines.at;
        let is_whole = is_template && rest.trim_end().ends_with("}}");
        if is_whole && rest.matches("}}").count() == 1 {
            continue;
        }
        let at = line.start + indent;
        let depth = *deep.get_or_insert(indent);
        let name = (indent <= depth && !is_comment).then(|| name(rest)).flatten();
        let said = trimmed(text, at + name.unwrap_or_default()..line.end);
        if is_comment || name.is_some() {
            found.extend(value.take());
        }
        match &mut value {
            _ if text
                .get(said.clone())
                .is_none_or(|said| said.is_empty() || name.is_some() && is_mark(said)) => {}
            Some(value) => value.end = said.end,
            None => value = Some(said),
        }
        if is_comment {
            found.extend(value.take());
        }
    }
    found.extend(value);
    ends
}

/// What stands in braces behind a name, or within those around it, is no block; gives where to go on.
fn beside(lines: &Lines<'_>, quoted: bool, found: &mut Vec<Range<usize>>) -> Option<usize> {
    let Lines { text, at, end, .. } = *lines;
    let rest = text.get(at..end)?;
    let begins = at + rest.len() - rest.trim_start_matches([' ', '\t']).len();
    let rest = text.get(begins..end)?;
    let quote = rest.trim_start_matches('\\').starts_with(['"', '\'']);
    match rest.chars().next()? {
        // See `braces`.
        '{' | '[' => Some(begins),
        // Other names follow in the same line.
        next if quoted && (quote || !matches!(next, '\\' | '\r' | '\n' | '#' | '&' | '!')) => {
            let mut value = Braces { text, at: begins, end };
            found.extend(Some(value.word()).filter(|word| text.get(word.clone()) != Some("null")));
            Some(value.at)
        }
        _ => None,
    }
}

/// How long the name at the beginning of a line is, with its sign.
fn name(line: &str) -> Option<usize> {
    static NAME: OnceLock<Regex> = OnceLock::new();
    let name = || r#"^(?:\\*"[^"]*"|'[^']*'|[^\s"'\\#:{][^:]*)[ \t]*:(?P<rest>[ \t]|$)"#.to_owned();
    Some(compiled(&NAME, name).captures(line)?.name("rest")?.start())
}

/// Whether a text is only the mark of a value in lines of its own.
fn is_mark(text: &str) -> bool {
    static MARK: OnceLock<Regex> = OnceLock::new();
    compiled(&MARK, || r"^[|>][+-]?[0-9]?[+-]?[ \t]*(?:#.*)?$".to_owned()).is_match(text)
}

/// A part of the text without the blanks around it.
fn trimmed(text: &str, range: Range<usize>) -> Range<usize> {
    let part = text.get(range.clone()).unwrap_or_default();
    let begins = range.end - part.trim_start().len();
    begins..(range.start + part.trim_end().len()).max(begins)
}

/// Lines of a text, or of one within quotes whose line feeds have so many backslashes before them.
struct Lines<'t> {
    text: &'t str,
    at: usize,
    end: usize,
    slashes: usize,
}

impl Lines<'_> {
    fn line(&mut self) -> Option<Range<usize>> {
        let rest = self.text.get(self.at..self.end).filter(|rest| !rest.is_empty())?;
        let begins = self.at;
        let mut slashes = 0;
        for (at, byte) in rest.bytes().enumerate() {
            match byte {
                b'\\' => {
                    slashes += 1;
                    continue;
                }
                b'\n' => {
                    // Within quotes there is none: they were not closed.
                    self.at = if self.slashes == 0 { begins + at + 1 } else { self.end };
                    return Some(begins..begins + at);
                }
                b'n' if slashes > 0 && slashes == self.slashes => {
                    self.at = begins + at + 1;
                    return Some(begins..begins + at - slashes);
                }
                b'"' if slashes < self.slashes => {
                    self.at = self.end;
                    return Some(begins..begins + at - slashes);
                }
                _ => {}
            }
            slashes = 0;
        }
        self.at = self.end;
        Some(begins..self.end)
    }
}

/// Finds the values of maps in braces.
fn braces(text: &str, within: Range<usize>, found: &mut Vec<Range<usize>>) {
    static FIELD: OnceLock<Regex> = OnceLock::new();
    let field = || {
        r#"(?:^|[^A-Za-z0-9_.-]|\\[nrt])(?:data|stringData)[\\"']*\s*:\s*(?:[&!][^\s{]*\s+)?[\{\[]"#
            .to_owned()
    };
    let field = compiled(&FIELD, field);
    let mut from = within.start;
    while let Some(at) = text.get(..within.end).and_then(|document| field.find_at(document, from)) {
        from = Braces { text, at: at.end(), end: within.end }.values(found);
    }
}

/// What stands in braces, from behind the first on.
struct Braces<'t> {
    text: &'t str,
    at: usize,
    end: usize,
}

impl Braces<'_> {
    fn rest(&self) -> &str {
        self.text.get(self.at..self.end).unwrap_or_default()
    }

    /// Finds the values; gives where the braces end, which is where the text does if nothing closes them.
    fn values(mut self, found: &mut Vec<Range<usize>>) -> usize {
        let mut depth = 1_usize;
        while let Some(next) = self.rest().chars().next() {
            match next {
                '{' | '[' => depth += 1,
                '}' | ']' => depth -= 1,
                ',' | ':' => {}
                _ if next.is_whitespace() => {}
                _ => {
                    let word = self.word();
                    if !self.is_name() {
                        found.push(word);
                    }
                    continue;
                }
            }
            self.at += next.len_utf8();
            if depth == 0 {
                break;
            }
        }
        self.at
    }

    /// A text, within its quotes or without any; goes on behind it.
    fn word(&mut self) -> Range<usize> {
        let rest = self.rest();
        let slashes = rest.len() - rest.trim_start_matches('\\').len();
        let begins = self.at + slashes;
        match rest.get(slashes..).and_then(|rest| rest.chars().next()) {
            Some(quote @ ('"' | '\'')) => {
                let within = begins + 1;
                let text = self.text.get(within..self.end).unwrap_or_default();
                let (length, behind) = quoted(text, quote, slashes);
                self.at = within + behind;
                within..within + length
            }
            // The escape of a blank: nothing.
            Some('n' | 'r' | 't') if slashes > 0 => {
                self.at = begins + 1;
                begins..begins
            }
            _ => {
                let text = self.text.get(begins..self.end).unwrap_or_default();
                let ends = |at: usize, c: char| {
                    matches!(c, ',' | '{' | '}' | '[' | ']' | '\n')
                        || text.get(at..).is_some_and(|rest| rest.starts_with(": "))
                };
                let mut chars = text.char_indices();
                let end = chars.find(|(at, c)| ends(*at, *c));
                let length = end.map_or(text.len(), |(at, _)| at);
                self.at = begins + length;
                trimmed(self.text, begins..begins + length)
            }
        }
    }

    /// Whether what was just passed is the name of what follows.
    fn is_name(&self) -> bool {
        self.rest().trim_start().starts_with(':')
    }
}

/// How long a text in quotes is that stands in so many others, and where it goes on behind it.
fn quoted(text: &str, quote: char, slashes: usize) -> (usize, usize) {
    let mut before = 0;
    for (at, c) in text.char_indices() {
        match c {
            '\\' => before += 1,
            // With fewer, the text around it ends.
            c if c == quote
                && (before < slashes || (before - slashes).is_multiple_of(2 * (slashes + 1))) =>
            {
                return (at - before.min(slashes), at + 1);
            }
            _ => before = 0,
        }
    }
    (text.len(), text.len())
}

#[cfg(test)]
mod tests;
