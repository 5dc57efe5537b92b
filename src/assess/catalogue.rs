//! The tables of `checks/README.md`: what ships, counted and listed.

use std::collections::{BTreeMap, BTreeSet};

use crate::checks::{Check, Library};
use crate::frameworks::{Assessment, Control, Framework, Set};
use crate::model::finding::Form;

/// How much of a framework is decided how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Numbers {
    /// Controls.
    pub controls: usize,
    /// Decided by checks.
    pub automated: usize,
    /// Failed by checks, confirmed by a person.
    pub partial: usize,
    /// Answered by a person.
    pub manual: usize,
    /// Decided by another tool, or by a person where no result of the kind can be read.
    pub imported: usize,
    /// Controls that name a check that exists.
    pub with_check: usize,
    /// Checks that they name and that exist, each once.
    pub checks: usize,
}

impl Numbers {
    /// Counts a framework.
    #[must_use]
    pub fn of(framework: &Framework) -> Self {
        let counts = framework.assessments();
        let has_check = |c: &&Control| c.checks.iter().any(|m| !m.planned);
        let count = |a: Assessment| counts.get(&a).copied().unwrap_or_default();
        Self {
            controls: framework.controls.len(),
            automated: count(Assessment::Automated),
            partial: count(Assessment::Partial),
            manual: count(Assessment::Manual),
            imported: count(Assessment::Imported),
            with_check: framework.controls.iter().filter(has_check).count(),
            checks: framework.checks().len(),
        }
    }
}

/// The word for a form, as check files have it.
#[must_use]
pub fn form(form: Form) -> &'static str {
    match form {
        Form::Rule => "rule",
        Form::OptIn => "opt-in",
        Form::Evidence => "evidence",
    }
}

/// The whole file.
#[must_use]
pub fn render(library: &Library, set: &Set) -> String {
    let mut out = String::from(
        "# Checks and frameworks\n\nThis file is generated: `cargo run -- checks readme > checks/README.md` renews it.\n",
    );
    numbers(set, &mut out);
    let mut themes: BTreeMap<&str, Vec<&Check>> = BTreeMap::new();
    for check in library.checks.values() {
        themes.entry(&check.theme).or_default().push(check);
    }
    forms(library, &themes, &mut out);
    for (theme, checks) in themes {
        out.push_str(&format!("\n## Checks: {theme}\n\n"));
        head(&mut out, &["Id", "Severity", "Form", "Scope", "Title"]);
        for c in checks {
            let words = [c.severity.word(), form(c.form), c.target.scope.word()];
            row(
                &mut out,
                std::iter::once(code(&c.id)).chain(words.map(cell)).chain([cell(&c.title)]),
            );
        }
    }
    for framework in &set.frameworks {
        controls(framework, &mut out);
    }
    out
}

fn numbers(set: &Set, out: &mut String) {
    out.push_str("\n## Frameworks\n\n");
    let names = [
        "Framework",
        "Version",
        "Controls",
        "Automated",
        "Partial",
        "Manual",
        "Imported",
        "With a check",
        "Distinct checks",
    ];
    head(out, &names);
    for f in &set.frameworks {
        let n = Numbers::of(f);
        let counts =
            [n.controls, n.automated, n.partial, n.manual, n.imported, n.with_check, n.checks];
        let counts = counts.map(|count| count.to_string());
        row(out, [code(&f.id), cell(&f.version)].into_iter().chain(counts));
    }
}

fn forms(library: &Library, themes: &BTreeMap<&str, Vec<&Check>>, out: &mut String) {
    out.push_str("\n## Themes\n\n");
    head(out, &["Theme", "Checks", "Rule", "Opt-in", "Evidence"]);
    let all: Vec<&Check> = library.checks.values().map(|c| &**c).collect();
    let rows = themes.iter().map(|(theme, checks)| (*theme, checks)).chain([("total", &all)]);
    for (theme, checks) in rows {
        let of = |form| checks.iter().filter(|c| c.form == form).count();
        let counts = [checks.len(), of(Form::Rule), of(Form::OptIn), of(Form::Evidence)];
        row(out, std::iter::once(cell(theme)).chain(counts.map(|count| count.to_string())));
    }
}

fn controls(framework: &Framework, out: &mut String) {
    out.push_str(&format!("\n## {}: {} {}\n\n", framework.id, framework.title, framework.version));
    let mut sections = BTreeSet::new();
    let number = if framework.numbering == "plimsoll" { "Control (our number)" } else { "Control" };
    head(out, &[number, "Title", "Assessment", "Checks"]);
    for control in &framework.controls {
        if !control.section.is_empty() && sections.insert(&control.section) {
            let blank = String::new;
            row(out, [blank(), format!("**{}**", cell(&control.section)), blank(), blank()]);
        }
        let words = [cell(&control.id), cell(&control.title)];
        let assessment = control.assessment.word().to_owned();
        row(out, words.into_iter().chain([assessment, checks(control)]));
    }
}

fn checks(control: &Control) -> String {
    let word = |m: &crate::frameworks::Mapping| {
        let planned = if m.planned { ", planned" } else { "" };
        format!("{} ({}{planned})", code(&m.id), m.strength.word())
    };
    control.checks.iter().map(word).collect::<Vec<_>>().join(", ")
}

fn code(text: &str) -> String {
    format!("`{text}`")
}

/// Text that is no markup: titles of ours hold little that could be taken for it.
fn cell(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(c, '|' | '\\' | '`' | '*' | '_' | '<' | '[') {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

fn head(out: &mut String, names: &[&str]) {
    row(out, names.iter().map(|name| (*name).to_owned()));
    row(out, names.iter().map(|_| "---".to_owned()));
}

fn row(out: &mut String, cells: impl IntoIterator<Item = String>) {
    let cells: Vec<String> = cells.into_iter().collect();
    out.push_str(&format!("| {} |\n", cells.join(" | ")));
}
