//! `plimsoll checks`.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::{Value, json};

use super::args::ChecksCommand;
use super::context::{CommandContext, framework_files, problem_line};
use super::output::{self, columns};
use super::{CommandError, CommandResult, frameworks};
use crate::assess::catalogue::{self, form};
use crate::assess::clauses::{self, Clause};
use crate::assess::library::{self as assess_library, no_check};
use crate::checks::check::Origin;
use crate::checks::lint::lint;
use crate::checks::{Check, Library, Scope, run_examples};
use crate::frameworks::Set;
use crate::handwritten;
use crate::model::inventory::Problem;
use crate::text::{clean, counted};

/// Runs a command on checks.
///
/// # Errors
/// When a check does not exist.
pub fn run(context: &CommandContext, command: ChecksCommand) -> CommandResult {
    match command {
        ChecksCommand::List { json } => list(context, json),
        ChecksCommand::Show { id, json } => show(context, &id, json),
        ChecksCommand::Test { what } => test(context, &what),
        ChecksCommand::New { id, output_file } => begin(context, &id, output_file.as_deref()),
        ChecksCommand::Scopes => scopes(),
        ChecksCommand::Readme => {
            output::print(&catalogue::render(&Library::builtin(), &Set::builtin()))?;
            Ok(0)
        }
    }
}

/// Writes a check to begin with.
fn begin(context: &CommandContext, id: &str, file: Option<&Path>) -> CommandResult {
    let word = |word: &str| {
        !word.is_empty() && word.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit())
    };
    if !id.split('-').all(word) {
        return Err(CommandError::Usage(format!(
            "`{}` is no id of a check: lower-case words with dashes between, such as \
             image-registry-of-ours",
            clean(id)
        )));
    }
    if context.content.library.checks.contains_key(id) {
        return Err(CommandError::Usage(format!(
            "there is a check `{id}` already: plimsoll checks show {id}"
        )));
    }
    if let Some(dir) = file.and_then(Path::parent).filter(|dir| !dir.as_os_str().is_empty()) {
        std::fs::create_dir_all(dir).map_err(|error| {
            CommandError::Usage(format!("cannot make {}: {error}", dir.display()))
        })?;
    }
    output::deliver(&include_str!("checks/template.toml").replace("@ID@", id), file)?;
    Ok(0)
}

fn list(context: &CommandContext, as_json: bool) -> CommandResult {
    let library = &context.content.library;
    complain_of(library);
    if as_json {
        let all: Value = library
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
        output::json(&all)?;
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
fn serving(context: &CommandContext, id: &str) -> Vec<String> {
    let word = |c: &Clause<'_>| {
        format!("{}/{} ({})", c.framework.id, c.control.id, c.mapping.strength.word())
    };
    clauses::of_check(&context.content.frameworks, id).iter().map(word).collect()
}

fn show(context: &CommandContext, id: &str, as_json: bool) -> CommandResult {
    let library = &context.content.library;
    let unknown = || {
        let named = |f: &str| Path::new(f).file_stem().is_some_and(|stem| stem == id);
        match library.problems.iter().find(|p| p.file.as_deref().is_some_and(named)) {
            Some(p) => CommandError::Usage(format!("check `{id}` is broken: {}", problem_line(p))),
            None => CommandError::Usage(no_check(library, id)),
        }
    };
    let check = library.checks.get(id).ok_or_else(unknown)?;
    if as_json {
        let found = clauses::of_check(&context.content.frameworks, id);
        let serves: Vec<_> = found.iter().map(frameworks::clause_json).collect();
        output::json(&json!({
            "id": &*check.id, "title": check.title, "theme": &*check.theme,
            "severity": check.severity.word(), "form": form(check.form),
            "scope": check.target.scope.word(), "file": check.origin.file(),
            "why": check.explain.why, "fix": check.explain.fix,
            "references": check.explain.references, "clauses": serves,
            "text": library.text(id).unwrap_or_default(),
        }))?;
        return Ok(0);
    }
    let mut head = vec![format!("# {}", check.id), format!("# {}", check.origin.file())];
    head.extend(serving(context, id).into_iter().map(|control| format!("# serves {control}")));
    head.push(String::new());
    let text = output::by_line(library.text(id).unwrap_or_default());
    output::print(&(output::in_lines(&head) + &text))?;
    Ok(0)
}

fn scopes() -> CommandResult {
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

/// What `checks test` was asked to look at.
struct CheckQuery {
    /// Everything, built in and of the configuration.
    all: bool,
    /// Ids.
    ids: Vec<String>,
    /// Files and directories.
    paths: Vec<PathBuf>,
}

impl CheckQuery {
    fn file(&self, file: &str) -> bool {
        self.all || self.paths.iter().any(|p| Path::new(file).starts_with(p))
    }

    fn check(&self, check: &Check) -> bool {
        let in_path = |p: &PathBuf| matches!(&check.origin, Origin::File(f) if f.starts_with(p));
        self.all || self.ids.iter().any(|id| **id == *check.id) || self.paths.iter().any(in_path)
    }

    /// Directories of checks that the paths mean.
    fn dirs(&self) -> Vec<PathBuf> {
        let dirs = self.paths.iter().map(|p| dir_of(p)).filter(|dir| !is_frameworks(dir));
        dirs.collect::<BTreeSet<_>>().into_iter().collect()
    }

    /// Framework files that the paths mean.
    fn frameworks(&self) -> Vec<PathBuf> {
        let mut files = BTreeSet::new();
        for path in &self.paths {
            if is_frameworks(path) {
                files.extend(framework_files(path));
            } else if path.is_dir() {
                files.extend(framework_files(&path.join("frameworks")));
            } else if is_frameworks(&dir_of(path)) {
                files.insert(path.clone());
            }
        }
        files.into_iter().collect()
    }
}

fn test(context: &CommandContext, what: &[String]) -> CommandResult {
    let (paths, ids): (Vec<&String>, Vec<&String>) =
        what.iter().partition(|w| Path::new(w).exists());
    let asked = CheckQuery {
        all: what.is_empty(),
        ids: ids.into_iter().cloned().collect(),
        paths: paths.into_iter().map(PathBuf::from).collect(),
    };
    let (extended, own);
    let (library, set): (&Library, &Set) = if asked.paths.is_empty() {
        (&context.content.library, &context.content.frameworks)
    } else {
        extended = Library::with_dirs(&asked.dirs());
        own = set_of(&asked.frameworks(), &extended);
        (&extended, &own)
    };
    if let Some(missing) = asked.ids.iter().find(|id| !library.checks.contains_key(id.as_str())) {
        let why = no_check(library, missing);
        return Err(CommandError::Usage(format!(
            "`{missing}` is neither a check nor a file: {why}"
        )));
    }
    let mut tested = Tested::default();
    for id in library.checks.iter().filter(|(_, c)| asked.check(c)).map(|(id, _)| id) {
        if let Some(full) = library.full(id) {
            tested.check(&full, library.text(id).unwrap_or_default());
        }
    }
    // One check that was named says nothing of the frameworks.
    let frameworks = asked.all || !asked.paths.is_empty();
    if frameworks {
        tested.faults(&assess_library::faults(library, set));
    }
    let of_checks =
        library.problems.iter().filter(|p| p.file.as_deref().is_some_and(|f| asked.file(f)));
    let of_frameworks = set.problems.iter().filter(|_| frameworks);
    let broken: Vec<_> = of_checks.chain(of_frameworks).collect();
    for problem in &broken {
        tested.out.push_str(&format!("{}\n", problem_line(problem)));
    }
    let Tested { checks, examples, failed, faults, mut out } = tested;
    if checks == 0 && set.frameworks.is_empty() && broken.is_empty() {
        let what = what.join(", ");
        return Err(CommandError::Usage(format!("there is no check and no framework in {what}")));
    }
    let held = if frameworks { set.frameworks.len() } else { 0 };
    out.push_str(&format!(
        "{}, {}, {}, {failed} failed, {}, {}\n",
        counted(checks, "check"),
        counted(examples, "example"),
        counted(held, "framework"),
        counted(faults, "fault"),
        counted(broken.len(), "problem")
    ));
    output::print(&out)?;
    Ok(if broken.is_empty() { u8::from(failed + faults > 0) } else { 2 })
}

/// Framework files alone, held to what is asked of those that ship.
fn set_of(files: &[PathBuf], library: &Library) -> Set {
    let mut set = Set::default();
    for file in files {
        let name = file.display().to_string();
        match handwritten::named(file, handwritten::LARGEST) {
            Ok(text) => set.add_strictly(&name, &text),
            Err(error) => set.add_unreadable(&name, &error.to_string()),
        }
    }
    let unknown = assess_library::unknown_checks(library, &set);
    set.problems.extend(unknown);
    let taken = set.taken_ids(&Set::builtin());
    set.problems.extend(taken);
    set
}

/// What came of it so far.
#[derive(Default)]
struct Tested {
    checks: usize,
    examples: usize,
    failed: usize,
    faults: usize,
    out: String,
}

impl Tested {
    /// Runs the examples of a check, and looks for faults in it; `text` is its file.
    fn check(&mut self, full: &Arc<Check>, text: &str) {
        self.checks += 1;
        let file = full.origin.file();
        let placed = |place: Option<(u32, u32)>| {
            place.map_or_else(|| file.clone(), |(line, column)| format!("{file}:{line}:{column}"))
        };
        for outcome in run_examples(full) {
            self.examples += 1;
            if !outcome.holds() {
                self.failed += 1;
                let place = placed(outcome.place(text));
                self.out.push_str(&format!("{place}: example \"{}\"\n", outcome.name));
                for fault in outcome.faults {
                    self.out.push_str(&format!("  {}\n", crate::text::clean(&fault)));
                }
            }
        }
        for fault in lint(full) {
            self.faults += 1;
            let place = placed(fault.place(text));
            self.out.push_str(&format!("{place}: {}\n", crate::text::clean(&fault.message)));
        }
    }

    fn faults(&mut self, faults: &[Problem]) {
        self.faults += faults.len();
        for fault in faults {
            self.out.push_str(&format!("{}\n", problem_line(fault)));
        }
    }
}

/// Whether a directory holds frameworks.
fn is_frameworks(path: &Path) -> bool {
    path.is_dir() && path.file_name().is_some_and(|name| name == "frameworks")
}

/// The directory whose checks a path means.
fn dir_of(path: &Path) -> PathBuf {
    if path.is_dir() {
        return path.to_owned();
    }
    path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or_else(|| Path::new(".")).to_owned()
}
