//! Rules: what is known of a check.

use std::collections::{BTreeSet, HashMap};

use serde_json::{Value, json};

use super::{level, safe};
use crate::model::finding::Severity;
use crate::report::document::{ControlRef, Controls};
use crate::report::html::is_web;
use crate::report::markdown::escape;
use crate::report::{CheckText, Input};

/// Tags that GitHub takes of a rule: with more of them it refuses the whole file.
const TAGS: usize = 20;

/// The rules of the run: every check that ran or that something is said about.
pub struct Rules {
    /// In the order of ids.
    pub list: Vec<Value>,
    index: HashMap<String, usize>,
}

impl Rules {
    /// Collects them.
    pub fn of(input: &Input<'_>, controls: &Controls<'_>) -> Self {
        let result = input.result;
        let mut ids: BTreeSet<&str> = result.checks.keys().map(AsRef::as_ref).collect();
        ids.extend(result.findings.iter().chain(&result.evidence).map(|f| &*f.check));
        ids.extend(result.not_assessed.iter().map(|g| &*g.check));
        let index = ids.iter().enumerate().map(|(at, id)| ((*id).to_owned(), at)).collect();
        let list = ids.iter().map(|id| rule(input, id, controls.of_check(id))).collect();
        Self { list, index }
    }

    /// The place of a check in the list.
    pub fn index(&self, id: &str) -> Option<usize> {
        self.index.get(id).copied()
    }
}

fn rule(input: &Input<'_>, id: &str, controls: &[ControlRef<'_>]) -> Value {
    let text = (input.check)(id);
    let counts = input.result.checks.get(id).copied().unwrap_or_default();
    let said = |text: &str, or: &str| safe(if text.is_empty() { or } else { text }.trim());
    let mut properties = json!({
        "tags": tags(&text, controls),
        "precision": "high",
        "severity": text.severity.word(),
        "controls": controls.iter().map(|c| json!({
            "framework": c.framework, "control": c.control, "strength": c.strength,
        })).collect::<Vec<_>>(),
        "counts": counts,
    });
    if let (Some(map), Some(score)) = (properties.as_object_mut(), score(text.severity)) {
        map.insert("security-severity".to_owned(), Value::from(score));
    }
    let mut rule = json!({
        "id": id,
        "name": name(id),
        "shortDescription": { "text": said(&text.title, id) },
        "fullDescription": { "text": said(&text.why, &text.title) },
        "help": { "text": help(&text), "markdown": markdown(&text, controls) },
        "defaultConfiguration": { "level": level(text.severity) },
        "properties": properties,
        "relationships": controls.iter().map(relationship).collect::<Vec<_>>(),
    });
    let address = text.references.iter().find(|address| is_web(address));
    if let (Some(map), Some(address)) = (rule.as_object_mut(), address) {
        map.insert("helpUri".to_owned(), Value::from(address.as_str()));
    }
    rule
}

/// The score by which code scanning sorts: the middle of the band that it gives this word.
fn score(severity: Severity) -> Option<&'static str> {
    match severity {
        Severity::Critical => Some("9.5"),
        Severity::High => Some("8.0"),
        Severity::Medium => Some("5.5"),
        Severity::Low => Some("2.0"),
        Severity::Info => None,
    }
}

/// `PrivilegedContainer` of `privileged-container`.
fn name(id: &str) -> String {
    let words = id.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    words
        .map(|word| {
            let mut chars = word.chars();
            let first = chars.next().map(|c| c.to_ascii_uppercase());
            first.into_iter().chain(chars).collect::<String>()
        })
        .collect()
}

/// As many as fit; `properties.controls` has all.
fn tags(text: &CheckText, controls: &[ControlRef<'_>]) -> Vec<String> {
    let general = ["security", "kubernetes"].map(str::to_owned).into_iter();
    let theme = (!text.theme.is_empty()).then(|| safe(&text.theme));
    let controls = controls.iter().map(|c| safe(&format!("{}/{}", c.framework, c.control)));
    let mut seen = BTreeSet::new();
    let all = general.chain(theme).chain(controls);
    all.filter(|tag| seen.insert(tag.clone())).take(TAGS).collect()
}

fn help(text: &CheckText) -> String {
    let parts = [("Why: ", &text.why), ("Fix: ", &text.fix)];
    let parts = parts.iter().filter(|(_, part)| !part.trim().is_empty());
    let mut lines: Vec<String> =
        parts.map(|(word, part)| format!("{word}{}", lines(part, safe))).collect();
    lines.extend(text.references.iter().map(|address| safe(address)));
    if let Some(file) = &text.file {
        lines.push(safe(&format!("A check of your own, from {file}.")));
    }
    if lines.is_empty() { safe(&text.title) } else { lines.join("\n\n") }
}

fn markdown(text: &CheckText, controls: &[ControlRef<'_>]) -> String {
    let mut parts = Vec::new();
    for (word, part) in [("Why", &text.why), ("Fix", &text.fix)] {
        if !part.trim().is_empty() {
            parts.push(format!("**{word}:** {}", lines(part, escape)));
        }
    }
    if !controls.is_empty() {
        let list = controls.iter().map(|c| {
            format!("- {} {} ({})", escape(c.framework), escape(c.control), c.strength.word())
        });
        parts.push(format!("**Controls**\n\n{}", list.collect::<Vec<_>>().join("\n")));
    }
    let links = text.references.iter().filter(|address| is_web(address));
    parts.extend(links.map(|address| format!("<{address}>")));
    if parts.is_empty() { escape(&text.title) } else { parts.join("\n\n") }
}

/// Line by line, so that breaks stay.
fn lines<T: AsRef<str>>(text: &str, each: impl Fn(&str) -> T) -> String {
    text.trim().lines().map(|line| each(line).as_ref().to_owned()).collect::<Vec<_>>().join("\n")
}

fn relationship(control: &ControlRef<'_>) -> Value {
    json!({
        "target": { "id": control.control, "toolComponent": { "name": control.framework } },
        "kinds": ["relevant"],
        "properties": { "strength": control.strength },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_never_has_more_tags_than_are_taken() {
        let names: Vec<String> = (0..40).map(|n| n.to_string()).collect();
        let controls: Vec<ControlRef<'_>> = names
            .iter()
            .map(|n| ControlRef {
                framework: "house",
                control: n,
                strength: crate::frameworks::Strength::Full,
            })
            .collect();
        let tags = tags(&CheckText::default(), &controls);
        assert_eq!(tags.len(), TAGS);
        assert_eq!(tags[..3], ["security", "kubernetes", "house/0"]);
    }

    #[test]
    fn names_are_in_one_word() {
        assert_eq!(name("privileged-container"), "PrivilegedContainer");
        assert_eq!(name("x"), "X");
    }
}
