//! An object as it stands in its file: the lines that somebody wrote, with the numbers they have there.

use std::fs::File;
use std::io::Read as _;

use super::redact;
use crate::model::object::Object;
use crate::model::path::FieldPath;
use crate::text::emit::Yaml;
use crate::text::{locate, mask};

/// Largest file that is read again for its text, in bytes.
const MAX_FILE: u64 = 16 << 20;
/// Longest line that a person may have written; longer ones are laid out anew to be read.
const MAX_LINE: usize = 1_000;

/// Reads the lines of an object from its file once more. None where they cannot be shown: the object
/// came from elsewhere or from standard input, the file changed meanwhile, it holds what has to be
/// masked, or nobody could read its lines.
#[must_use]
pub fn written(object: &Object) -> Option<Yaml> {
    let origin = object.origin.as_ref().filter(|origin| &*origin.file != "-")?;
    let file = File::open(&*origin.file).ok()?;
    // A pipe may never end.
    if !file.metadata().is_ok_and(|meta| meta.is_file() && meta.len() <= MAX_FILE) {
        return None;
    }
    let mut text = String::new();
    file.take(MAX_FILE).read_to_string(&mut text).ok()?;
    within(object, text.strip_prefix('\u{feff}').unwrap_or(&text))
}

/// The lines of an object within the text of its file.
fn within(object: &Object, text: &str) -> Option<Yaml> {
    let index = &object.origin.as_ref()?.lines;
    let (line, column) = index.find(&FieldPath::default())?;
    let (first, before) = ((line as usize).checked_sub(1)?, (column as usize).checked_sub(1)?);
    let mut rest = text.split_inclusive('\n').skip(first);
    let head = rest.next()?;
    let from = head.char_indices().nth(before)?.0;
    // The document, or the item of a list: the first line without what stands before the object.
    let mut part = format!("{}{}", " ".repeat(before), head.get(from..)?);
    let mut shown = vec![head];
    for next in rest.take_while(|next| belongs(next, before)) {
        part.push_str(next);
        shown.push(next);
    }
    if before > 0 && part.trim_start().starts_with('{') {
        part.truncate(end_of_braces(&part)?);
        shown.truncate(part.lines().count());
    }
    // What is shown is what was judged, and nothing of it is hidden elsewhere.
    let documents = locate::documents(&part);
    let [document] = documents.as_slice() else { return None };
    let node = document.node.as_ref().ok()?;
    // Comments may hold what values may not.
    let masked = redact::for_capture(node.clone()) != *node || mask(&part) != part;
    if masked || node != &**object.body() {
        return None;
    }
    while shown.last().is_some_and(|line| line.trim().is_empty()) {
        shown.pop();
    }
    let readable = shown.iter().all(|line| line.len() <= MAX_LINE);
    readable.then(|| Yaml::written(&shown, first, (**index).clone()))
}

/// Whether a line is still of the object that begins after so many cells.
fn belongs(line: &str, before: usize) -> bool {
    let text = line.trim_end();
    if text.starts_with("---") || text.starts_with("...") {
        return false;
    }
    let indent = text.len() - text.trim_start().len();
    before == 0 || indent >= before || text.is_empty() || text.trim_start().starts_with('#')
}

/// Where the first pair of braces ends, in bytes.
fn end_of_braces(text: &str) -> Option<usize> {
    let (mut depth, mut quote, mut escaped) = (0_usize, None, false);
    for (at, c) in text.char_indices() {
        match (quote, c) {
            _ if escaped => escaped = false,
            (Some('"'), '\\') => escaped = true,
            (Some(open), c) if c == open => quote = None,
            (None, '"' | '\'') => quote = Some(c),
            (None, '{' | '[') => depth += 1,
            (None, '}' | ']') => {
                depth = depth.checked_sub(1)?;
                if depth == 0 {
                    return Some(at + c.len_utf8());
                }
            }
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::super::files::{Options, from_text};
    use super::*;

    /// The first and last line that is shown of each object, from 1.
    fn shown(text: &str) -> Vec<Option<(usize, usize, String)>> {
        let inventory = from_text("x.yaml", text, &Options::default());
        let mut objects: Vec<_> = inventory.objects().collect();
        let root = |object: &Object| {
            let lines = &object.origin.as_ref().unwrap().lines;
            lines.find(&FieldPath::default()).unwrap()
        };
        objects.sort_by_key(|object| root(object));
        let span = |object: &Object| {
            let yaml = within(object, text)?;
            let last = yaml.lines.len() - 1;
            let middle = yaml.line_of(&FieldPath::parse("metadata.name").unwrap());
            let number = |at| yaml.number(at).unwrap();
            Some((number(0), number(last), yaml.lines[middle].text.clone()))
        };
        objects.into_iter().map(|object| span(object)).collect()
    }

    #[test]
    fn documents_are_shown_with_their_comments_and_their_own_numbers() {
        let text = "# first\n---\n# about a\nkind: Pod\napiVersion: v1\nmetadata:\n  # the name\n  \
                    name: a\n\n---\napiVersion: v1\nkind: Pod\nmetadata: {name: b}   # short\n";
        assert_eq!(
            shown(text),
            [
                Some((4, 8, "  name: a".to_owned())),
                Some((11, 13, "metadata: {name: b}   # short".to_owned()))
            ]
        );
        assert_eq!(shown(&text.replace('\n', "\r\n"))[0].as_ref().unwrap().1, 8);
    }

    #[test]
    fn items_of_lists_are_shown_without_their_neighbours() {
        let text = "apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Pod\n  metadata:\n    \
                    name: a\n- apiVersion: v1\n  kind: Pod\n  metadata: {name: b}\n";
        let lines = ["    name: a", "  metadata: {name: b}"].map(str::to_owned);
        let [a, b] = lines;
        assert_eq!(shown(text), [Some((4, 7, a)), Some((8, 10, b))]);
        let json = "{\"apiVersion\": \"v1\", \"kind\": \"List\", \"items\": [\n  {\n    \"apiVersion\": \
                    \"v1\",\n    \"kind\": \"Pod\",\n    \"metadata\": {\"name\": \"a}\"}\n  },\n  {\n    \
                    \"apiVersion\": \"v1\", \"kind\": \"Pod\", \"metadata\": {\"name\": \"b\"}\n  }\n]}\n";
        let found = shown(json);
        assert_eq!(found[0].as_ref().map(|(from, to, _)| (*from, *to)), Some((2, 6)));
        assert_eq!(found[1].as_ref().map(|(from, to, _)| (*from, *to)), Some((7, 9)));
    }

    #[test]
    fn what_is_masked_or_changed_or_endless_is_not_shown() {
        let secret = "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\ndata: {k: aHVudGVyMg==}\n";
        assert_eq!(shown(secret), [None]);
        let env = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  containers:\n  - name: c\n    \
                   env: [{name: DB_PASSWORD, value: hunter2}]\n";
        assert_eq!(shown(env), [None]);
        let comment =
            "apiVersion: v1\nkind: Pod\n# postgres://u:hunter2@db/x\nmetadata: {name: a}\n";
        assert_eq!(shown(comment), [None]);
        let long =
            format!("apiVersion: v1\nkind: Pod\nmetadata: {{name: a, x: {}}}\n", "y".repeat(2_000));
        assert_eq!(shown(&long), [None]);
        let before = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\n";
        let inventory = from_text("x.yaml", before, &Options::default());
        let object = inventory.objects().next().unwrap();
        assert!(within(object, before).is_some());
        for after in ["# a line more\nspec: {}\n", "", "\n", "apiVersion: v1\nkind: Pod\n", "{"] {
            assert!(within(object, after).is_none(), "{after}");
        }
        assert!(written(object).is_none(), "there is no such file");
    }

    #[test]
    fn a_file_is_read_again() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("web.yaml");
        let text = "# comment\napiVersion: v1\nkind: Pod\nmetadata:\n  name: a\n";
        std::fs::write(&path, text).unwrap();
        let paths = [path.to_string_lossy().into_owned()];
        let inventory = super::super::files::read(&paths, &Options::default()).unwrap();
        let object = inventory.objects().next().unwrap();
        let yaml = written(object).unwrap();
        assert_eq!(yaml.number(0), Some(2));
        assert_eq!(yaml.text(), "apiVersion: v1\nkind: Pod\nmetadata:\n  name: a\n");
        std::fs::write(&path, text.replace("name: a", "name: b")).unwrap();
        assert!(written(object).is_none(), "the file changed");
    }
}
