//! `plimsoll frameworks`.

use std::sync::Arc;

use serde_json::{Value, json};

use super::args::FrameworksCommand;
use super::context::{CommandContext, problem_line};
use super::output::{self, columns};
use super::{CommandError, CommandResult};
use crate::assess::catalogue::Numbers;
use crate::assess::clauses::{self, Clause};
use crate::assess::{library, nearest};
use crate::frameworks::{Control, Framework, Mapping};
use crate::text::counted;

/// Runs a command on frameworks.
///
/// # Errors
/// When a framework, control or check does not exist.
pub fn run(context: &CommandContext, command: &FrameworksCommand) -> CommandResult {
    match command {
        FrameworksCommand::List { json } => list(context, *json),
        FrameworksCommand::Show { id, control, json } => {
            let framework = framework(context, id)?;
            match (control, json) {
                (None, false) => show(&framework),
                (None, true) => print_json(&framework_json(context, &framework)),
                (Some(id), false) => show_control(context, control_of(&framework, id)?),
                (Some(id), true) => print_json(&control_json(context, control_of(&framework, id)?)),
            }
        }
        FrameworksCommand::Crosswalk { what, json } => match what.split_once('/') {
            None => of_check(context, what, *json),
            Some((id, number)) => {
                let framework = framework(context, id)?;
                of_control(context, &framework, control_of(&framework, number)?, *json)
            }
        },
    }
}

fn print_json(value: &Value) -> CommandResult {
    output::json(value)?;
    Ok(0)
}

fn framework(context: &CommandContext, name: &str) -> Result<Arc<Framework>, CommandError> {
    let set = &context.content.frameworks;
    set.get(name).ok_or_else(|| {
        let ids: Vec<&str> = set.frameworks.iter().map(|f| &*f.id).collect();
        let hint = match nearest(name, ids.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("there are {}", ids.join(", ")),
        };
        CommandError::Usage(format!("there is no framework `{name}`; {hint}"))
    })
}

fn control_of<'a>(framework: &'a Framework, id: &str) -> Result<&'a Control, CommandError> {
    framework.control(id).ok_or_else(|| {
        let near = nearest(id, framework.controls.iter().map(|c| &*c.id));
        let hint = near.map(|k| format!("; did you mean `{k}`?")).unwrap_or_default();
        CommandError::Usage(format!("framework `{}` has no control `{id}`{hint}", framework.id))
    })
}

fn list(context: &CommandContext, as_json: bool) -> CommandResult {
    let set = &context.content.frameworks;
    for problem in &set.problems {
        output::complain(&format!("plimsoll: {}", problem_line(problem)));
    }
    if as_json {
        return print_json(&set.frameworks.iter().map(|f| head_json(context, f)).collect());
    }
    let rows: Vec<Vec<String>> = set.frameworks.iter().map(|f| list_row(f)).collect();
    let head = [
        "ID",
        "FAMILY",
        "KIND",
        "VERSION",
        "KUBERNETES",
        "PROVIDER",
        "CONTROLS",
        "AUTOMATED",
        "PARTIAL",
        "MANUAL",
        "IMPORTED",
        "CHECKS",
        "TITLE",
    ];
    output::print(&columns(&head, &rows))?;
    Ok(0)
}

fn list_row(f: &Framework) -> Vec<String> {
    let n = Numbers::of(f);
    let any = |text: String| if text.is_empty() { "any".to_owned() } else { text };
    let counts = [n.controls, n.automated, n.partial, n.manual, n.imported, n.checks];
    let mut row = vec![f.id.clone(), f.family().to_owned(), f.kind.word().to_owned()];
    row.extend([f.version.clone(), any(f.kubernetes.to_string()), any(f.provider.clone())]);
    row.extend(counts.map(|count| count.to_string()));
    row.push(f.title.clone());
    row
}

fn show(framework: &Framework) -> CommandResult {
    let title = format!("{} {}", framework.title, framework.version);
    let mut out = output::in_lines(&[&title, &framework.publisher, &framework.url]);
    for (name, value) in facts(framework) {
        if !value.is_empty() {
            out.push_str(&format!("{name:<11} {}\n", output::by_line(&value)));
        }
    }
    if framework.numbering == "plimsoll" {
        out.push_str("The standard has no numbers; these are Plimsoll's.\n");
    }
    out.push('\n');
    let rows: Vec<Vec<String>> = framework
        .controls
        .iter()
        .map(|c| {
            let named = |m: &Mapping| {
                if m.planned { format!("{} (planned)", m.id) } else { m.id.clone() }
            };
            let checks: Vec<String> = c.checks.iter().map(named).collect();
            vec![c.id.clone(), c.assessment.word().to_owned(), c.title.clone(), checks.join(" ")]
        })
        .collect();
    out.push_str(&columns(&["CONTROL", "ASSESSMENT", "TITLE", "CHECKS"], &rows));
    output::print(&out)?;
    Ok(0)
}

/// What is said of a framework as a whole.
fn facts(framework: &Framework) -> Vec<(&'static str, String)> {
    let n = Numbers::of(framework);
    let mut levels = framework.levels.join(", ");
    if let Some(level) = framework.level(None) {
        let adds = if framework.cumulative { ", each with the lower ones" } else { "" };
        levels.push_str(&format!(" (judged unless another is chosen: {level}{adds})"));
    }
    let controls = format!(
        "{}: {} automated, {} partial, {} manual, {} imported",
        n.controls, n.automated, n.partial, n.manual, n.imported
    );
    vec![
        ("id", framework.id.clone()),
        ("family", framework.family().to_owned()),
        ("kind", framework.kind.word().to_owned()),
        ("published", framework.published.clone()),
        ("kubernetes", framework.kubernetes.to_string()),
        ("provider", framework.provider.clone()),
        ("levels", levels),
        ("controls", controls),
        ("checks", format!("{}, serving {}", n.checks, counted(n.with_check, "control"))),
    ]
}

fn baselines(control: &Control) -> String {
    let one = |(name, levels): (&String, &Vec<String>)| format!("{name}: {}", levels.join(", "));
    control.baselines.iter().map(one).collect::<Vec<_>>().join("; ")
}

fn show_control(context: &CommandContext, control: &Control) -> CommandResult {
    let mut out = output::in_lines(&[format!("{}  {}", control.id, control.title)]);
    let mut fact = |name: &str, value: &str| {
        if !value.is_empty() {
            out.push_str(&format!("{name:<11} {}\n", output::by_line(value)));
        }
    };
    fact("section", &control.section);
    fact("tactics", &control.tactics.join(", "));
    fact("parent", control.parent.as_deref().unwrap_or_default());
    fact("assessment", control.assessment.word());
    fact("kubernetes", &control.kubernetes.to_string());
    fact("levels", &control.levels.join(", "));
    fact("baselines", &baselines(control));
    fact("aliases", &control.aliases.join(", "));
    let imports: Vec<String> = control.imports.iter().map(ToString::to_string).collect();
    fact("imports", &imports.join(", "));
    fact("question", &control.question);
    fact("evidence", &control.evidence);
    let rows: Vec<Vec<String>> = control
        .checks
        .iter()
        .map(|m| {
            let known = context.content.library.checks.contains_key(m.id.as_str());
            let state = if known { "" } else { "not available in this version" };
            vec![m.id.clone(), m.strength.word().to_owned(), state.to_owned(), m.because.clone()]
        })
        .collect();
    if !rows.is_empty() {
        out.push('\n');
        out.push_str(&columns(&["CHECK", "STRENGTH", "", "BECAUSE"], &rows));
    }
    output::print(&out)?;
    Ok(0)
}

/// A framework without its controls.
fn head_json(context: &CommandContext, f: &Framework) -> Value {
    let n = Numbers::of(f);
    let text = |value: &str| Some(value.to_owned()).filter(|v| !v.is_empty());
    json!({
        "id": f.id, "family": f.family(), "kind": f.kind, "title": f.title,
        "publisher": f.publisher, "version": f.version, "published": text(&f.published),
        "url": f.url, "numbering": text(&f.numbering), "provider": text(&f.provider),
        "kubernetes": text(&f.kubernetes.to_string()), "levels": f.levels,
        "cumulative": f.cumulative, "defaultLevel": f.level(None),
        "file": context.content.frameworks.file(&f.id),
        "counts": {
            "controls": n.controls, "automated": n.automated, "partial": n.partial,
            "manual": n.manual, "imported": n.imported, "withCheck": n.with_check,
            "checks": n.checks,
        },
    })
}

fn framework_json(context: &CommandContext, framework: &Framework) -> Value {
    let mut value = head_json(context, framework);
    let controls = framework.controls.iter().map(|c| control_json(context, c)).collect();
    if let Some(map) = value.as_object_mut() {
        map.insert("controls".to_owned(), controls);
    }
    value
}

fn control_json(context: &CommandContext, c: &Control) -> Value {
    let known = |id: &str| context.content.library.checks.contains_key(id);
    let text = |value: &str| Some(value.to_owned()).filter(|v| !v.is_empty());
    let check = |m: &Mapping| {
        json!({
            "id": m.id, "strength": m.strength.word(), "because": m.because,
            "available": known(&m.id),
        })
    };
    let imports: Vec<String> = c.imports.iter().map(ToString::to_string).collect();
    json!({
        "id": c.id, "title": c.title, "section": text(&c.section), "tactics": c.tactics,
        "imports": imports,
        "parent": c.parent, "assessment": c.assessment.word(), "levels": c.levels,
        "kubernetes": text(&c.kubernetes.to_string()), "baselines": c.baselines,
        "aliases": c.aliases, "question": text(&c.question), "evidence": text(&c.evidence),
        "checks": c.checks.iter().map(check).collect::<Vec<_>>(),
    })
}

/// A clause as JSON.
#[must_use]
pub fn clause_json(clause: &Clause<'_>) -> Value {
    json!({
        "framework": clause.framework.id, "control": clause.control.id,
        "title": clause.control.title, "strength": clause.mapping.strength.word(),
        "because": clause.mapping.because,
    })
}

fn of_check(context: &CommandContext, id: &str, as_json: bool) -> CommandResult {
    let content = &context.content;
    let found = clauses::of_check(&content.frameworks, id);
    if found.is_empty() && !content.library.checks.contains_key(id) {
        let why = library::no_check(&content.library, id);
        return Err(CommandError::Usage(format!("{why}. A control is written FRAMEWORK/ID")));
    }
    if as_json {
        let clauses: Vec<Value> = found.iter().map(clause_json).collect();
        return print_json(&json!({ "check": id, "clauses": clauses }));
    }
    if found.is_empty() {
        output::complain(&format!("no framework names `{id}`"));
        return Ok(0);
    }
    let row = |c: &Clause<'_>| {
        let words =
            [&*c.framework.id, &*c.control.id, c.mapping.strength.word(), &*c.control.title];
        words.iter().chain([&&*c.mapping.because]).map(|word| (*word).to_owned()).collect()
    };
    let rows: Vec<Vec<String>> = found.iter().map(row).collect();
    output::print(&columns(&["FRAMEWORK", "CONTROL", "STRENGTH", "TITLE", "BECAUSE"], &rows))?;
    Ok(0)
}

fn of_control(
    context: &CommandContext,
    framework: &Framework,
    control: &Control,
    as_json: bool,
) -> CommandResult {
    let content = &context.content;
    let found = clauses::shared(&content.frameworks, &content.library, framework, control);
    if as_json {
        let shared: Vec<Value> = found
            .iter()
            .map(|s| {
                json!({
                    "framework": s.framework.id, "control": s.control.id,
                    "title": s.control.title, "checks": s.checks,
                })
            })
            .collect();
        let deciding: Vec<&str> = clauses::deciding(&content.library, control).collect();
        return print_json(&json!({
            "framework": framework.id, "control": control.id, "deciding": deciding,
            "shared": shared,
        }));
    }
    if found.is_empty() {
        let (id, number) = (&framework.id, &control.id);
        output::complain(&format!("no other framework rests on what decides {id}/{number}"));
        return Ok(0);
    }
    let row = |s: &clauses::Shared<'_>| {
        let checks = s.checks.join(" ");
        vec![s.framework.id.clone(), s.control.id.clone(), s.control.title.clone(), checks]
    };
    let rows: Vec<Vec<String>> = found.iter().map(row).collect();
    output::print(&columns(&["FRAMEWORK", "CONTROL", "TITLE", "SHARED CHECKS"], &rows))?;
    Ok(0)
}
