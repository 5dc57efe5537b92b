//! What can be copied from here.

use std::fmt::Write as _;

use crate::model::finding::Finding;
use crate::report::document::finding_json;
use crate::source::redact;
use crate::text::emit::Yaml;
use crate::text::{clean, mask};

use super::dialog::{Choice, Entry};
use super::item::Item;
use super::route::Screen;
use super::state::State;

impl State {
    /// The entries of the copy menu.
    #[must_use]
    pub fn copies(&self) -> Vec<Entry> {
        let route = self.nav.top();
        let marked = self.chosen_findings();
        if route.list.marked() > 0 && !marked.is_empty() {
            let text: String = marked.iter().map(|f| self.markdown(f)).collect();
            return vec![entry('m', "findings as Markdown", text)];
        }
        if let Some(finding) = self.current_finding() {
            return self.finding_copies(finding);
        }
        if let Screen::Object(id) = &route.screen {
            return object_copies(&id.to_string(), &id.name, route.text.yaml.text());
        }
        match route.list.current().map(|row| &row.item) {
            Some(Item::Object(object)) => {
                let yaml = Yaml::of(&redact::for_capture((**object.body()).clone()));
                object_copies(&object.id.to_string(), &object.id.name, yaml.text())
            }
            Some(Item::Control { framework, id, .. }) => {
                let title = self.data.control(framework, id).map(|(c, _)| c.title.clone());
                let title = title.unwrap_or_default();
                let url = self.data.framework(framework).map(|f| f.url.clone()).unwrap_or_default();
                vec![
                    entry('n', "number", id.to_string()),
                    entry('t', "title", title),
                    entry('l', "link", url),
                ]
            }
            Some(Item::Technique(cell)) => vec![
                entry('n', "number", cell.id.to_string()),
                entry('t', "title", cell.title.to_string()),
            ],
            Some(Item::Check { id, .. }) => vec![
                entry('n', "id", id.to_string()),
                entry('t', "title", self.data.check_title(id).to_owned()),
            ],
            Some(item) if item.is_leaf() => vec![entry('n', "text", self.data.name_of(item))],
            _ => Vec::new(),
        }
    }

    fn finding_copies(&self, finding: &Finding) -> Vec<Entry> {
        let mut entries = Vec::new();
        if let Some(id) = &finding.object {
            entries.push(entry('n', "name", id.name.to_string()));
            entries.push(entry('k', "kind/namespace/name", id.to_string()));
        }
        entries.push(entry('p', "field path", finding.path.to_string()));
        entries.push(entry('s', "sentence", finding.message.clone()));
        entries.push(entry('m', "finding as Markdown", self.markdown(finding)));
        entries.push(entry('o', "finding as JSON", finding_json(finding)));
        let references = self.data.check(&finding.check).map(|c| c.explain.references.as_slice());
        if let Some(url) = references.and_then(<[String]>::first) {
            entries.push(entry('l', "link", url.clone()));
        }
        let object = finding.object.as_ref().and_then(|id| self.data.inventory.find(id));
        if let Some(object) = object {
            let yaml = Yaml::of(&redact::for_capture((**object.body()).clone()));
            entries.push(entry('y', "object as YAML", yaml.text()));
        }
        if let Some(patch) = &self.nav.top().patch {
            entries.push(patch_entry('j', "patch as JSON", patch.remedy.json_patch().to_string()));
            entries.push(patch_entry('c', "kubectl command", patch.remedy.kubectl()));
        }
        entries
    }

    /// A finding as a piece of Markdown.
    fn markdown(&self, finding: &Finding) -> String {
        let mut out = String::new();
        let title = self.data.check_title(&finding.check);
        let place =
            finding.object.as_ref().map_or_else(|| "cluster".to_owned(), ToString::to_string);
        // Writing to a String cannot fail.
        let _ =
            writeln!(out, "### {title}\n\n- severity: {}\n- object: `{place}`", finding.severity);
        let _ = writeln!(out, "- field: `{}`\n- check: `{}`", finding.path, finding.check);
        let _ = writeln!(out, "- {}", clean(&mask(&finding.message)));
        if let Some(check) = self.data.check(&finding.check) {
            let _ = writeln!(
                out,
                "\n{}\n\nFix: {}",
                check.explain.why.trim(),
                check.explain.fix.trim()
            );
        }
        out.push('\n');
        out
    }
}

fn object_copies(reference: &str, name: &str, yaml: String) -> Vec<Entry> {
    vec![
        entry('n', "name", name.to_owned()),
        entry('k', "kind/namespace/name", reference.to_owned()),
        entry('y', "object as YAML", yaml),
    ]
}

/// A masked patch would write the mask into the object, so it is rather not copied.
fn patch_entry(letter: char, what: &str, text: String) -> Entry {
    let hidden = mask(&text) != text;
    let mut entry = entry(letter, what, text);
    if hidden {
        entry.off = Some("It holds a value that looks like a credential.".to_owned());
        entry.choice = Choice::Nothing;
    }
    entry
}

fn entry(letter: char, what: &str, text: String) -> Entry {
    let shown = text.lines().next().unwrap_or_default().to_owned();
    Entry::new(what, Choice::Copy { text, what: what.to_owned() }).letter(letter).detail(shown)
}
