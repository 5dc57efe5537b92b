//! Patches on the clipboard, in the forms that tools take.

use crate::app::data::Data;
use crate::app::dialog::{PickerChoice, PickerEntry};
use crate::checks::Remedy;
use crate::model::node::Node;
use crate::text::emit::Yaml;
use crate::text::mask;

use super::entry;

/// What separates several documents in one text.
const NEXT: &str = "---\n";

/// The patches of one or several objects; forms that some of them do not have are left out.
pub(super) fn copies(data: &Data, remedies: &[&Remedy]) -> Vec<PickerEntry> {
    let mut entries = Vec::new();
    if remedies.is_empty() {
        return entries;
    }
    let several = |one: &str, many: &str| if remedies.len() == 1 { one } else { many }.to_owned();
    let commands: String = remedies.iter().map(|r| format!("{}\n", r.kubectl())).collect();
    let commands = commands.trim_end().to_owned();
    entries.push(patch('c', &several("kubectl command", "kubectl commands"), commands));
    let documents: Option<Vec<String>> = remedies
        .iter()
        .map(|r| r.strategic_document().map(|document| format!("{document:#}\n")))
        .collect();
    if let Some(documents) = documents {
        entries.push(patch('t', "strategic merge patch", documents.join(NEXT)));
    }
    if let [remedy] = remedies {
        entries.push(patch('j', "JSON patch (RFC 6902)", format!("{:#}", remedy.json_patch())));
    }
    let bodies: Vec<_> = remedies.iter().map(|r| r.patched()).collect();
    let shown = |(remedy, body): (&&Remedy, &Node)| data.shown(&remedy.target, body) != *body;
    let masked = remedies.iter().zip(&bodies).any(shown);
    let texts: Vec<String> = bodies.iter().map(|body| Yaml::of(body).text()).collect();
    let label = several("patched object as YAML", "patched objects as YAML");
    entries.push(hidden_if(masked, entry('a', &label, texts.join(NEXT))));
    entries
}

/// A masked patch would write the mask into the object, so it is rather not copied.
fn patch(letter: char, what: &str, text: String) -> PickerEntry {
    let masked = mask(&text) != text;
    hidden_if(masked, entry(letter, what, text))
}

fn hidden_if(masked: bool, mut entry: PickerEntry) -> PickerEntry {
    if masked {
        entry.off = Some("It holds a value that looks like a credential.".to_owned());
        entry.choice = PickerChoice::Nothing;
        "holds a value that looks like a credential".clone_into(&mut entry.detail);
    }
    entry
}
