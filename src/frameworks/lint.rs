//! What a framework file must hold to mean something, whatever checks there are.

use std::collections::{BTreeMap, BTreeSet};

use super::schema::{Assessment, Control, Framework};
use crate::model::inventory::PROVIDERS;
use crate::text::is_https;
use crate::text::nearest::nearest;

/// Most characters of a short title: columns are that wide.
const SHORT: usize = 9;

/// What is wrong, and with which control; none for the framework as a whole.
pub(super) type FrameworkFault = (Option<usize>, String);

/// Looks at one framework. Those that ship say of every mapping why it holds.
///
/// # Errors
/// The first thing that is wrong.
pub(super) fn lint(framework: &Framework, ships: bool) -> Result<(), FrameworkFault> {
    head(framework).map_err(|message| (None, message))?;
    let ids = ids(framework)?;
    for (at, control) in framework.controls.iter().enumerate() {
        let wrong = |message| (Some(at), message);
        of_control(framework, control, &ids).map_err(wrong)?;
        of_mappings(control, ships).map_err(wrong)?;
    }
    Ok(())
}

fn head(framework: &Framework) -> Result<(), String> {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-._".contains(c);
    for (what, word) in [("an id", &framework.id), ("a family", &framework.family)] {
        let empty = what == "an id" && word.is_empty();
        if empty || !word.chars().all(plain) {
            return Err(format!(
                "{what} has lower-case letters, digits, hyphens, dots and underscores"
            ));
        }
    }
    let written = [
        ("title", &framework.title),
        ("publisher", &framework.publisher),
        ("version", &framework.version),
    ];
    if let Some((what, _)) = written.iter().find(|(_, text)| text.trim().is_empty()) {
        return Err(format!("its `{what}` is empty"));
    }
    if !is_https(&framework.url) {
        return Err(format!("url `{}` is no https address", framework.url));
    }
    if framework.short.chars().count() > SHORT {
        let short = &framework.short;
        return Err(format!("short `{short}` has more than {SHORT} characters"));
    }
    let provider = &framework.provider;
    let providers = PROVIDERS;
    if !provider.is_empty() && !providers.contains(&provider.as_str()) {
        let (known, near) = (providers.join(", "), nearest(provider, providers.into_iter()));
        let near = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
        return Err(format!("no cluster has provider `{provider}`; there are {known}{near}"));
    }
    if framework.kubernetes.is_none() {
        let range = &framework.kubernetes;
        return Err(format!("no version of Kubernetes is {range}: it would never be judged"));
    }
    let mut levels = BTreeSet::new();
    if let Some(twice) = framework.levels.iter().find(|level| !levels.insert(*level)) {
        return Err(format!("level `{twice}` stands here twice"));
    }
    if framework.levels.iter().any(String::is_empty) {
        return Err("a level has no name".to_owned());
    }
    let known = |level: &String| framework.levels.contains(level);
    if !framework.default_level.is_empty() && !known(&framework.default_level) {
        let level = &framework.default_level;
        return Err(format!("default-level `{level}` is none of its levels"));
    }
    if framework.levels.iter().any(|level| level == super::schema::ALL_LEVELS) {
        return Err("no level is named `all`: that means every control".to_owned());
    }
    Ok(())
}

/// The ids of the controls, in lower case. Ids and older numbers are each given once: a number
/// names one control.
fn ids(framework: &Framework) -> Result<BTreeSet<String>, FrameworkFault> {
    let mut ids = BTreeSet::new();
    for (at, control) in framework.controls.iter().enumerate() {
        if !ids.insert(control.id.to_ascii_lowercase()) {
            return Err((Some(at), format!("control `{}` stands here twice", control.id)));
        }
    }
    let mut aliases: BTreeMap<String, &str> = BTreeMap::new();
    for (at, control) in framework.controls.iter().enumerate() {
        for alias in &control.aliases {
            let lower = alias.to_ascii_lowercase();
            if ids.contains(&lower) {
                let message = format!("alias `{alias}` of `{}` is the id of a control", control.id);
                return Err((Some(at), message));
            }
            if let Some(other) = aliases.insert(lower, &control.id) {
                let message =
                    format!("alias `{alias}` of `{}` is one of `{other}` as well", control.id);
                return Err((Some(at), message));
            }
        }
    }
    Ok(ids)
}

fn of_control(
    framework: &Framework,
    control: &Control,
    ids: &BTreeSet<String>,
) -> Result<(), String> {
    let id = &control.id;
    for (what, text) in [("id", id), ("title", &control.title)] {
        if text.trim().is_empty() {
            return Err(format!("control `{id}`: its `{what}` is empty"));
        }
    }
    if control.kubernetes.is_none() {
        let range = &control.kubernetes;
        return Err(format!(
            "control `{id}`: no version of Kubernetes is {range}: it would never be judged"
        ));
    }
    let deciding = control.checks.iter().any(|m| m.strength.decides());
    match control.assessment {
        Assessment::Automated if !deciding => {
            return Err(format!("control `{id}` is automated, but no check decides it"));
        }
        Assessment::Partial | Assessment::Manual
            if !framework.is_matrix() && control.question.trim().is_empty() =>
        {
            return Err(format!("control `{id}` needs a person, but asks no `question`"));
        }
        Assessment::Imported if control.evidence.trim().is_empty() => {
            let message = "is imported, but its `evidence` does not say from where";
            return Err(format!("control `{id}` {message}"));
        }
        _ => {}
    }
    if !deciding && let Some(serving) = control.imports.iter().find(|serving| !serving.decides()) {
        let message = "only presents what checks judge, and no check decides";
        return Err(format!("control `{id}`: import `{serving}` {message}"));
    }
    if let Some(level) = control.levels.iter().find(|l| !framework.levels.contains(l)) {
        return Err(format!("control `{id}` has level `{level}`, which the framework lacks"));
    }
    if let Some(parent) = &control.parent {
        if parent.eq_ignore_ascii_case(id) {
            return Err(format!("control `{id}` is its own parent"));
        }
        if !ids.contains(&parent.to_ascii_lowercase()) {
            return Err(format!("control `{id}` has parent `{parent}`, which does not exist"));
        }
    }
    Ok(())
}

fn of_mappings(control: &Control, ships: bool) -> Result<(), String> {
    let mut seen = BTreeSet::new();
    for mapping in &control.checks {
        if !seen.insert(&mapping.id) {
            return Err(format!("control `{}` names check `{}` twice", control.id, mapping.id));
        }
        if ships && mapping.because.trim().is_empty() {
            let (id, check) = (&control.id, &mapping.id);
            return Err(format!("control `{id}` does not say because of what it names `{check}`"));
        }
    }
    Ok(())
}
