//! Every command that the documentation shows: those of the guide are run, one page after another as a
//! reader would, and all others are understood by the command line.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use clap::CommandFactory as _;
use plimsoll::cli::args::Cli;

/// A fenced block.
struct Block {
    /// What stands behind the fence.
    language: String,
    /// The file that the line before it names.
    file: Option<String>,
    /// Line of the fence, from 1.
    line: usize,
    text: String,
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn pages(folder: &str) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(root().join(folder)).unwrap();
    let paths = entries.map(|entry| entry.unwrap().path());
    let mut pages: Vec<PathBuf> =
        paths.filter(|p| p.extension().is_some_and(|e| e == "md")).collect();
    pages.sort();
    pages
}

fn blocks(page: &Path) -> Vec<Block> {
    let text = std::fs::read_to_string(page).unwrap();
    let mut blocks: Vec<Block> = Vec::new();
    let mut open: Option<Block> = None;
    let mut before = "";
    for (at, line) in text.lines().enumerate() {
        match (&mut open, line.strip_prefix("```")) {
            (None, Some(language)) => {
                let file = before.strip_prefix('`').and_then(|rest| rest.strip_suffix("`:"));
                let file = file.map(str::to_owned);
                let language = language.to_owned();
                open = Some(Block { language, file, line: at + 1, text: String::new() });
            }
            (Some(_), Some(_)) => {
                blocks.extend(open.take());
                before = "";
            }
            (Some(block), None) => writeln!(block.text, "{line}").unwrap(),
            (None, None) if !line.trim().is_empty() => before = line,
            (None, None) => {}
        }
    }
    assert!(open.is_none(), "{}: a block is not closed", page.display());
    blocks
}

/// Runs the blocks of a page in a directory of its own.
fn follow(page: &Path) {
    let dir = tempfile::tempdir().unwrap();
    let binary = Path::new(env!("CARGO_BIN_EXE_plimsoll")).parent().unwrap();
    let mut printed = String::new();
    let mut ran = 0;
    for block in blocks(page) {
        let place = format!("{}:{}", page.display(), block.line);
        if let Some(file) = &block.file {
            let path = dir.path().join(file);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, &block.text).unwrap();
            continue;
        }
        match block.language.as_str() {
            "sh" => {
                let run = Command::new("sh")
                    .args(["-eu", "-c", &block.text])
                    .current_dir(dir.path())
                    .env_clear()
                    .env("PATH", format!("{}:/usr/bin:/bin", binary.display()))
                    .env("HOME", dir.path())
                    .output()
                    .unwrap();
                printed = String::from_utf8(run.stdout).unwrap();
                let errors = String::from_utf8_lossy(&run.stderr);
                assert!(run.status.success(), "{place}: {}\n{printed}\n{errors}", run.status);
                ran += 1;
            }
            // What stands under a command is what it prints, in part.
            "text" if !printed.is_empty() && !block.text.contains("plimsoll ") => {
                for line in block.text.lines().filter(|line| !line.trim().is_empty()) {
                    assert!(printed.contains(line.trim()), "{place}: no `{line}` in\n{printed}");
                }
            }
            _ => {}
        }
    }
    assert!(ran > 0, "{}: nothing is run", page.display());
}

#[test]
fn getting_started() {
    follow(&root().join("docs/guide/getting-started.md"));
}

#[test]
fn triage() {
    follow(&root().join("docs/guide/triage.md"));
}

#[test]
fn own_check() {
    follow(&root().join("docs/guide/own-check.md"));
}

#[test]
fn ci() {
    follow(&root().join("docs/guide/ci.md"));
}

#[test]
fn tenants() {
    follow(&root().join("docs/guide/tenants.md"));
}

#[test]
fn evidence() {
    follow(&root().join("docs/guide/evidence.md"));
}

#[test]
fn no_page_of_the_guide_is_forgotten() {
    let source = std::fs::read_to_string(root().join("tests/cli/guide.rs")).unwrap();
    for page in pages("docs/guide") {
        let name = format!("docs/guide/{}", page.file_name().unwrap().to_str().unwrap());
        assert!(source.contains(&format!("root().join(\"{name}\")")), "{name} is not followed");
    }
}

/// The words of a command line as a shell would split them; none from a pipe, a comment or the
/// explanation behind two spaces on.
fn words(line: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut quote = None;
    let mut last = ' ';
    for c in line.chars() {
        match (quote, c) {
            (Some(q), c) if c == q => quote = None,
            (None, '\'' | '"') => quote = Some(c),
            (None, '|' | '#' | '>' | ';') => break,
            (None, ' ') if last == ' ' => break,
            (None, ' ') => words.push(String::new()),
            (_, c) => words.last_mut().unwrap().push(c),
        }
        last = if quote.is_some() { '"' } else { c };
    }
    words.retain(|word| !word.is_empty());
    words
}

/// Whether a text has a word that is not part of a longer one.
fn has_word(text: &str, word: &str) -> bool {
    let part = |c: char| c.is_ascii_alphanumeric() || c == '-';
    text.match_indices(word).any(|(at, _)| {
        let after = text[at + word.len()..].chars().next();
        !text[..at].ends_with(part) && !after.is_some_and(part)
    })
}

#[test]
fn every_command_and_option_is_told_of() {
    fn walk(command: &clap::Command, path: &str, text: &str, missing: &mut Vec<String>) {
        for option in command.get_arguments().filter(|arg| !arg.is_hide_set()) {
            let Some(long) = option.get_long().filter(|long| !matches!(*long, "help" | "version"))
            else {
                continue;
            };
            if !has_word(text, &format!("--{long}")) {
                missing.push(format!("{path} --{long}"));
            }
        }
        for sub in command.get_subcommands().filter(|sub| !sub.is_hide_set()) {
            let path = format!("{path} {}", sub.get_name());
            // In a row of commands only the first is written in full.
            let short = format!("`{}`", sub.get_name());
            if !has_word(text, path.trim_start_matches("plimsoll ")) && !text.contains(&short) {
                missing.push(path.clone());
            }
            walk(sub, &path, text, missing);
        }
    }
    let mut pages_of_all = vec![root().join("README.md")];
    pages_of_all.extend(pages("docs"));
    pages_of_all.extend(pages("docs/guide"));
    let text: String =
        pages_of_all.iter().map(|page| std::fs::read_to_string(page).unwrap()).collect();
    let mut missing = Vec::new();
    walk(&Cli::command(), "plimsoll", &text, &mut missing);
    assert!(missing.is_empty(), "the documentation does not speak of: {missing:#?}");
    assert!(!has_word("--output-file", "--output") && has_word("`--output`", "--output"));
}

#[test]
fn every_command_that_is_shown_is_understood() {
    let mut count = 0;
    let mut all = vec![root().join("README.md")];
    all.extend(pages("docs"));
    all.extend(pages("docs/guide"));
    for page in all {
        for block in blocks(&page).into_iter().filter(|b| b.file.is_none()) {
            let joined = block.text.replace("\\\n", " ");
            for line in joined.lines().map(str::trim) {
                if !line.starts_with("plimsoll ") {
                    continue;
                }
                // Continued lines are indented; blanks between words do not end the command there.
                let line = if block.text.contains("\\\n") {
                    line.split_whitespace().collect::<Vec<_>>().join(" ")
                } else {
                    line.to_owned()
                };
                let outcome = Cli::command().try_get_matches_from(words(&line));
                if let Err(error) = outcome {
                    let fine = matches!(
                        error.kind(),
                        clap::error::ErrorKind::DisplayHelp
                            | clap::error::ErrorKind::DisplayVersion
                    );
                    assert!(fine, "{}:{}: {line}\n{error}", page.display(), block.line);
                }
                count += 1;
            }
        }
    }
    assert!(count > 50, "only {count} commands");
}
