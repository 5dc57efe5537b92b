//! `plimsoll checks`.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::json;

use super::args::ChecksCommand;
use super::context::{Context, no_check, problem_line};
use super::output::{self, columns};
use super::{Done, Fail};
use crate::checks::check::Origin;
use crate::checks::{Check, Library, Scope, run_examples};
use crate::model::finding::Form;

/// Runs a command on checks.
///
/// # Errors
/// When a check does not exist.
pub fn run(context: &Context, command: ChecksCommand) -> Done {
    match command {
        ChecksCommand::List { json } => list(context, json),
        ChecksCommand::Show { id } => show(context, &id),
        ChecksCommand::Test { what } => test(context, &what),
        ChecksCommand::Scopes => scopes(),
    }
}

fn form(form: Form) -> &'static str {
    match form {
        Form::Rule => "rule",
        Form::OptIn => "opt-in",
        Form::Evidence => "evidence",
    }
}

fn list(context: &Context, as_json: bool) -> Done {
    let library = &context.content.library;
    complain_of(library);
    if as_json {
        let all: Vec<_> = library
            .checks
            .values()
            .map(|c| {
                json!({
                    "id": &*c.id, "title": c.title, "theme": &*c.theme, "severity": c.severity.word(),
                    "form": form(c.form), "scope": c.target.scope.word(), "file": c.origin.file(),
                    "controls": serving(context, &c.id),
                })
            })
            .collect();
        let text = serde_json::to_string_pretty(&all).map_err(|e| Fail::Other(e.to_string()))?;
        output::print(&format!("{text}\n"))?;
        return Ok(0);
    }
    let mut checks: Vec<&Arc<Check>> = library.checks.values().collect();
    checks.sort_by(|a, b| (&a.theme, a.severity, &a.id).cmp(&(&b.theme, b.severity, &b.id)));
    let rows: Vec<Vec<String>> = checks
        .iter()
        .map(|c| {
            let words = [
                &*c.theme,
                &*c.id,
                c.severity.word(),
                form(c.form),
                c.target.scope.word(),
                &*c.title,
            ];
            words.map(str::to_owned).to_vec()
        })
        .collect();
    output::print(&columns(&["THEME", "ID", "SEVERITY", "FORM", "SCOPE", "TITLE"], &rows))?;
    Ok(0)
}

fn complain_of(library: &Library) {
    for problem in &library.problems {
        output::complain(&format!("plimsoll: {}", problem_line(problem)));
    }
}

/// Controls that a check serves: `nsa-cisa/NSA-POD-11 (full)`.
fn serving(context: &Context, id: &str) -> Vec<String> {
    let frameworks = context.content.frameworks.frameworks.iter();
    frameworks
        .flat_map(|f| f.controls.iter().map(move |c| (f, c)))
        .flat_map(|(f, c)| c.checks.iter().filter(|m| m.id == id).map(move |m| (f, c, m)))
        .map(|(f, c, m)| format!("{}/{} ({})", f.id, c.id, m.strength.word()))
        .collect()
}

fn show(context: &Context, id: &str) -> Done {
    let library = &context.content.library;
    let unknown = || {
        let named = |f: &str| Path::new(f).file_stem().is_some_and(|stem| stem == id);
        match library.problems.iter().find(|p| p.file.as_deref().is_some_and(named)) {
            Some(p) => Fail::Usage(format!("check `{id}` is broken: {}", problem_line(p))),
            None => Fail::Usage(no_check(library, id)),
        }
    };
    let check = library.checks.get(id).ok_or_else(unknown)?;
    let mut out = format!("# {}\n# {}\n", check.id, check.origin.file());
    for control in serving(context, id) {
        out.push_str(&format!("# serves {control}\n"));
    }
    out.push('\n');
    out.push_str(library.text(id).unwrap_or_default());
    output::print(&output::by_line(&out))?;
    Ok(0)
}

fn scopes() -> Done {
    let rows: Vec<Vec<String>> = Scope::ALL
        .iter()
        .map(|scope| {
            let vars: Vec<&str> = scope.vars().iter().map(|v| v.name()).collect();
            vec![scope.word().to_owned(), scope.about().to_owned(), vars.join(" ")]
        })
        .collect();
    output::print(&columns(&["SCOPE", "IS", "VARIABLES OF ITS RULES"], &rows))?;
    Ok(0)
}

fn test(context: &Context, what: &[String]) -> Done {
    let paths: Vec<PathBuf> = what.iter().map(PathBuf::from).filter(|p| p.exists()).collect();
    let extended;
    let library: &Library = if paths.is_empty() {
        &context.content.library
    } else {
        let dirs: BTreeSet<PathBuf> = paths.iter().map(|p| dir_of(p)).collect();
        extended = Library::with_dirs(&dirs.into_iter().collect::<Vec<_>>());
        &extended
    };
    let wanted = |check: &Check| {
        let in_path = |p: &PathBuf| matches!(&check.origin, Origin::File(f) if f.starts_with(p));
        what.is_empty() || what.iter().any(|w| **w == *check.id) || paths.iter().any(in_path)
    };
    if let Some(missing) =
        what.iter().find(|w| !Path::new(w).exists() && !library.checks.contains_key(w.as_str()))
    {
        let why = no_check(library, missing);
        return Err(Fail::Usage(format!("`{missing}` is neither a check nor a file: {why}")));
    }
    let (mut checks, mut examples, mut failed) = (0, 0, 0);
    let mut out = String::new();
    for id in library.checks.iter().filter(|(_, c)| wanted(c)).map(|(id, _)| id) {
        let Some(full) = library.full(id) else { continue };
        checks += 1;
        for outcome in run_examples(&full) {
            examples += 1;
            if !outcome.holds() {
                failed += 1;
                out.push_str(&format!("{}: example \"{}\"\n", full.origin.file(), outcome.name));
                for fault in outcome.faults {
                    out.push_str(&format!("  {}\n", crate::text::clean(&fault)));
                }
            }
        }
    }
    let asked =
        |file: &str| what.is_empty() || paths.iter().any(|p| Path::new(file).starts_with(p));
    let broken: Vec<_> =
        library.problems.iter().filter(|p| p.file.as_deref().is_some_and(asked)).collect();
    for problem in &broken {
        out.push_str(&format!("{}\n", problem_line(problem)));
    }
    out.push_str(&format!(
        "{checks} checks, {examples} examples, {failed} failed, {} files broken\n",
        broken.len()
    ));
    output::print(&out)?;
    Ok(if broken.is_empty() { u8::from(failed > 0) } else { 2 })
}

/// The directory whose checks a path means.
fn dir_of(path: &Path) -> PathBuf {
    if path.is_dir() {
        return path.to_owned();
    }
    path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or_else(|| Path::new(".")).to_owned()
}
