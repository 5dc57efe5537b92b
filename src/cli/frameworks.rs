//! `plimsoll frameworks`.

use super::args::FrameworksCommand;
use super::context::{Context, problem_line};
use super::output::{self, columns};
use super::{Done, Fail};
use crate::assess::nearest;
use crate::frameworks::{Assessment, Control, Framework};

/// Runs a command on frameworks.
///
/// # Errors
/// When a framework or control does not exist.
pub fn run(context: &Context, command: &FrameworksCommand) -> Done {
    match command {
        FrameworksCommand::List => list(context),
        FrameworksCommand::Show { id, control } => {
            let known =
                || context.content.frameworks.frameworks.iter().map(|f| &*f.id).collect::<Vec<_>>();
            let framework = context.content.frameworks.get(id).ok_or_else(|| {
                Fail::Usage(format!(
                    "there is no framework `{id}`; there are {}",
                    known().join(", ")
                ))
            })?;
            match control {
                None => show(framework),
                Some(control) => {
                    let found = framework.control(control).ok_or_else(|| {
                        let ids = framework.controls.iter().map(|c| &*c.id);
                        let near = nearest(control, ids);
                        let hint = near.map(|k| format!("; did you mean `{k}`?"));
                        let hint = hint.unwrap_or_default();
                        Fail::Usage(format!("framework `{id}` has no control `{control}`{hint}"))
                    })?;
                    show_control(context, found)
                }
            }
        }
    }
}

fn list(context: &Context) -> Done {
    for problem in &context.content.frameworks.problems {
        output::complain(&format!("plimsoll: {}", problem_line(problem)));
    }
    let rows: Vec<Vec<String>> = context
        .content
        .frameworks
        .frameworks
        .iter()
        .map(|f| {
            let counts = f.assessments();
            let count = |a: Assessment| counts.get(&a).copied().unwrap_or_default().to_string();
            vec![
                f.id.clone(),
                f.version.clone(),
                f.controls.len().to_string(),
                count(Assessment::Automated),
                count(Assessment::Partial),
                count(Assessment::Manual),
                count(Assessment::Imported),
                f.title.clone(),
            ]
        })
        .collect();
    let head = ["ID", "VERSION", "CONTROLS", "AUTOMATED", "PARTIAL", "MANUAL", "IMPORTED", "TITLE"];
    output::print(&columns(&head, &rows))?;
    Ok(0)
}

fn show(framework: &Framework) -> Done {
    let mut out = output::by_line(&format!(
        "{} {}\n{}\n{}\n",
        framework.title, framework.version, framework.publisher, framework.url
    ));
    if framework.numbering == "plimsoll" {
        out.push_str("The standard has no numbers; these are Plimsoll's.\n");
    }
    out.push('\n');
    let rows: Vec<Vec<String>> = framework
        .controls
        .iter()
        .map(|c| {
            let checks: Vec<&str> = c.checks.iter().map(|m| m.id.as_str()).collect();
            vec![c.id.clone(), c.assessment.word().to_owned(), c.title.clone(), checks.join(" ")]
        })
        .collect();
    out.push_str(&columns(&["CONTROL", "ASSESSMENT", "TITLE", "CHECKS"], &rows));
    output::print(&out)?;
    Ok(0)
}

fn show_control(context: &Context, control: &Control) -> Done {
    let mut out = output::by_line(&format!("{}  {}\n", control.id, control.title));
    let mut fact = |name: &str, value: &str| {
        if !value.is_empty() {
            out.push_str(&format!("{name:<11} {}\n", output::by_line(value)));
        }
    };
    fact("section", &control.section);
    fact("assessment", control.assessment.word());
    fact("kubernetes", &control.kubernetes.to_string());
    fact("levels", &control.levels.join(", "));
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
