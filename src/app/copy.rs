//! What can be copied from here.

mod patches;

use std::fmt::Write as _;

use crate::model::finding::Finding;
use crate::report::document;
use crate::text::emit::Yaml;
use crate::text::{clean, counted, mask};

use super::dialog::{PickerChoice, PickerEntry};
use super::item::Item;
use super::preview::{Preview, PreviewRequest};
use super::route::Screen;
use super::state::State;

impl State {
    /// The entries of the copy menu.
    #[must_use]
    pub fn copies(&self) -> Vec<PickerEntry> {
        let route = self.nav.top();
        let preview = self.preview.as_ref().and_then(|known| Some((known.done()?, &known.asked)));
        if let Screen::Preview(open) = &route.screen
            && let Some((preview, asked)) = preview.filter(|(_, asked)| *asked == open)
            && route.list.marked() == 0
        {
            return self.preview_copies(preview, asked);
        }
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
                let yaml = Yaml::of(&self.data.shown(&object.id, object.body()));
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
            Some(item) if item.is_leaf() => vec![entry('n', "name", self.data.name_of(item))],
            _ => Vec::new(),
        }
    }

    /// Whether there is anything to copy, without writing it.
    #[must_use]
    pub fn can_copy(&self) -> bool {
        let route = self.nav.top();
        let has_text = |item: &Item| {
            let named = matches!(
                item,
                Item::Object(_) | Item::Control { .. } | Item::Technique(_) | Item::Check { .. }
            );
            named || item.is_leaf()
        };
        matches!(route.screen, Screen::Object(_))
            || self.current_finding().is_some()
            || route.list.current().is_some_and(|row| has_text(&row.item))
            || route.list.marked() > 0 && self.each_chosen().next().is_some()
            || matches!(&route.screen, Screen::Preview(_)) && !self.copies().is_empty()
    }

    fn finding_copies(&self, finding: &Finding) -> Vec<PickerEntry> {
        let mut entries = Vec::new();
        if let Some(id) = &finding.object {
            entries.push(entry('n', "name", id.name.to_string()));
            entries.push(entry('k', "kind/namespace/name", id.to_string()));
        }
        entries.push(entry('p', "field path", finding.path.to_string()));
        entries.push(entry('s', "sentence", finding.message.clone()));
        entries.push(entry('m', "finding as Markdown", self.markdown(finding)));
        if let Some(json) = self.json(finding) {
            entries.push(entry('f', "finding as JSON", json));
        }
        let references = self.data.check(&finding.check).map(|c| c.explain.references.as_slice());
        if let Some(url) = references.and_then(<[String]>::first) {
            entries.push(entry('l', "link", url.clone()));
        }
        let object = finding.object.as_ref().and_then(|id| self.data.inventory.find(id));
        if let Some(object) = object {
            let yaml = Yaml::of(&self.data.shown(&object.id, object.body()));
            entries.push(entry('y', "object as YAML", yaml.text()));
        }
        if let Some(patch) = &self.nav.top().patch {
            entries.extend(patches::copies(&self.data, &[&patch.remedy]));
        }
        entries
    }

    /// The patches of a preview, and what it comes to.
    fn preview_copies(&self, preview: &Preview, asked: &PreviewRequest) -> Vec<PickerEntry> {
        let mut entries =
            vec![entry('m', "preview as Markdown", self.preview_told(preview, asked))];
        let remedies: Vec<_> = preview.changes.iter().map(|(remedy, _)| remedy).collect();
        entries.extend(patches::copies(&self.data, &remedies));
        entries
    }

    /// A preview as a piece of Markdown.
    fn preview_told(&self, preview: &Preview, asked: &PreviewRequest) -> String {
        let mut out = format!("### Patch of {}\n\nIt {}.\n", asked.label, preview.words());
        let outcome = &preview.outcome;
        for (what, found) in [("Clears", &outcome.cleared), ("Fails only then", &outcome.fresh)] {
            if !found.is_empty() {
                let _ = writeln!(out, "\n{what}:\n");
            }
            for finding in found {
                let title = self.data.check_title(&finding.check);
                let place = finding.object.as_ref();
                let place = place.map_or_else(|| "cluster".to_owned(), ToString::to_string);
                let _ = writeln!(out, "- {}: {title} (`{place}`)", finding.severity);
            }
        }
        if !preview.controls.is_empty() {
            out.push_str("\nControls:\n\n");
        }
        for moved in &preview.controls {
            let (before, after) = (moved.before.word(), moved.after.word());
            let _ = writeln!(out, "- {} {}: {before} → {after}", moved.framework, moved.control);
        }
        for remark in &preview.remarks {
            let _ = writeln!(out, "\nMind: {}", clean(remark));
        }
        out
    }

    /// A finding in the shape that it has in a scan's JSON.
    fn json(&self, finding: &Finding) -> Option<String> {
        let serves = self.data.index.serves.get(&finding.check).map(Vec::as_slice);
        let controls: Vec<document::ControlRef<'_>> = serves
            .unwrap_or_default()
            .iter()
            .filter_map(|c| {
                let (framework, control) = (&*c.framework, &*c.control);
                Some(document::ControlRef { framework, control, strength: c.strength? })
            })
            .collect();
        let state = self.decision(finding).word();
        let decision = self.data.ledger.decision(&finding.fingerprint);
        document::one(finding, &controls, state, decision).ok()
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

fn object_copies(reference: &str, name: &str, yaml: String) -> Vec<PickerEntry> {
    vec![
        entry('n', "name", name.to_owned()),
        entry('k', "kind/namespace/name", reference.to_owned()),
        entry('y', "object as YAML", yaml),
    ]
}

/// What a text of this kind is for.
fn use_of(what: &str) -> Option<&'static str> {
    Some(match what {
        "finding as Markdown" | "findings as Markdown" | "preview as Markdown" => "for an issue",
        "finding as JSON" => "for scripts",
        "strategic merge patch" => "for kustomize",
        "JSON patch (RFC 6902)" => "for kubectl patch --type=json",
        "patched object as YAML" | "patched objects as YAML" => "to compare or apply",
        _ => return None,
    })
}

/// An entry that shows its text, or of a longer one what it is good for.
fn entry(letter: char, what: &str, text: String) -> PickerEntry {
    let mut lines = text.lines();
    let shown = match (lines.next(), lines.count()) {
        (None, _) => String::new(),
        (Some(line), 0) => line.to_owned(),
        (Some(_), more) => {
            let what = use_of(what).map(|what| format!("{what}, ")).unwrap_or_default();
            format!("{what}{}", counted(more + 1, "line"))
        }
    };
    PickerEntry::new(what, PickerChoice::Copy { text, what: what.to_owned() })
        .letter(letter)
        .detail(shown)
}
