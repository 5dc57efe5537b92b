//! Man pages, from the one definition of the command line: one of the program, one of every command.

use clap::{Command, CommandFactory as _};
use clap_mangen::Man;
use clap_mangen::roff::{Roff, bold, roman};

use super::args::Cli;
use super::{CommandError, CommandResult, output};
use crate::assess::nearest;

/// A man page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ManPage {
    /// `plimsoll-sessions-list`.
    pub name: String,
    /// Its text in roff.
    pub text: String,
}

impl ManPage {
    /// The name of its file: section 1 is that of commands.
    #[must_use]
    pub fn file(&self) -> String {
        format!("{}.1", self.name)
    }
}

/// Prints the page of a command, or of the program.
///
/// # Errors
/// When there is no such command, or stdout refuses.
pub fn print(words: &[String]) -> CommandResult {
    let pages = pages()?;
    let name = std::iter::once("plimsoll").chain(words.iter().map(String::as_str));
    let name = name.collect::<Vec<_>>().join("-");
    let Some(page) = pages.iter().find(|page| page.name == name) else {
        let near = nearest(&name, pages.iter().map(|page| page.name.as_str()));
        let hint = near.map(|near| {
            let words = near.replace('-', " ");
            format!("; did you mean `{}`?", words.trim_start_matches("plimsoll").trim_start())
        });
        let words = words.join(" ");
        let hint = hint.unwrap_or_default();
        return Err(CommandError::Usage(format!("there is no command `{words}`{hint}")));
    };
    output::print(&page.text)?;
    Ok(0)
}

/// Every page: that of the program first.
///
/// # Errors
/// Never, as long as text can be written to memory.
pub fn pages() -> Result<Vec<ManPage>, CommandError> {
    let mut command = Cli::command().disable_help_subcommand(true);
    command.build();
    let mut pages = Vec::new();
    walk(&command, &mut pages)?;
    Ok(pages)
}

fn walk(command: &Command, pages: &mut Vec<ManPage>) -> Result<(), CommandError> {
    pages.push(page(command)?);
    command.get_subcommands().filter(|sub| !sub.is_hide_set()).try_for_each(|sub| walk(sub, pages))
}

fn page(command: &Command) -> Result<ManPage, CommandError> {
    let name = command.get_display_name().unwrap_or_else(|| command.get_name()).to_owned();
    let root = command.get_display_name().is_none_or(|name| name == "plimsoll");
    let man = Man::new(command.clone());
    // By hand, since the empty day would be left out and what follows would take its place.
    let title = name.to_uppercase();
    let mut text = format!(".TH {title} 1 \"\" \"plimsoll {}\" \"\"\n", env!("CARGO_PKG_VERSION"))
        .into_bytes();
    man.render_name_section(&mut text)?;
    synopsis(command).to_writer(&mut text)?;
    man.render_description_section(&mut text)?;
    man.render_options_section(&mut text)?;
    if command.get_subcommands().any(|sub| !sub.is_hide_set()) {
        man.render_subcommands_section(&mut text)?;
    }
    let closing = if root { of_program() } else { of_command(command, &name) };
    closing.to_writer(&mut text)?;
    Ok(ManPage { name, text: String::from_utf8_lossy(&text).into_owned() })
}

/// How it is called, as its help has it: every option by its name alone would say nothing of what belongs
/// to it.
fn synopsis(command: &Command) -> Roff {
    let mut roff = Roff::new();
    roff.control("SH", ["SYNOPSIS"]);
    let usage = command.clone().render_usage().to_string();
    let lines = usage.trim_start_matches("Usage:").lines();
    for (at, line) in lines.map(str::trim).enumerate() {
        if at > 0 {
            roff.control("br", []);
        }
        // The words to type as they stand, then what is to be put in.
        let typed = line.find(['[', '<', '-']).unwrap_or(line.len());
        let (words, rest) = line.split_at(typed);
        roff.text([bold(words.trim_end()), roman(" "), roman(rest)]);
    }
    roff
}

/// What a page of a command ends with.
fn of_command(command: &Command, name: &str) -> Roff {
    let mut roff = Roff::new();
    if let Some(help) = command.get_after_help() {
        roff.control("SH", ["NOTES"]);
        paragraphs(&mut roff, &help.to_string());
    }
    roff.control("SH", ["SEE ALSO"]);
    let mut above: Vec<&str> = vec!["plimsoll"];
    if let Some((parent, _)) = name.rsplit_once('-').filter(|(parent, _)| *parent != "plimsoll") {
        above.push(parent);
    }
    let mut line = Vec::new();
    for (at, name) in above.into_iter().enumerate() {
        line.extend([roman(if at == 0 { "" } else { ", " }), bold(name), roman("(1)")]);
    }
    roff.text(line);
    roff
}

/// What the page of the program ends with.
fn of_program() -> Roff {
    let mut roff = Roff::new();
    let pairs = |roff: &mut Roff, title: &str, pairs: &[(&str, &str)]| {
        roff.control("SH", [title]);
        for (term, meaning) in pairs {
            roff.control("TP", []);
            roff.text([bold(*term)]);
            roff.text([roman(*meaning)]);
        }
    };
    pairs(&mut roff, "EXIT STATUS", &STATUS);
    pairs(&mut roff, "ENVIRONMENT", &ENVIRONMENT);
    pairs(&mut roff, "FILES", &FILES);
    roff.control("SH", ["SEE ALSO"]);
    roff.text([
        bold("kubectl"),
        roman("(1); `plimsoll doctor` and `plimsoll config path` for this machine."),
    ]);
    roff
}

const STATUS: [(&str, &str); 5] = [
    ("0", "Done."),
    (
        "1",
        "A threshold was crossed: --fail-on, --fail-on-new; or it cannot be said to be kept, because a \
         file could not be read or a check not be evaluated.",
    ),
    ("2", "Wrong usage, configuration or check file."),
    ("3", "The source could not be read at all."),
    (
        "4",
        "--require-complete, and a read that was asked for is missing or a check could not be \
         evaluated.",
    ),
];

const ENVIRONMENT: [(&str, &str); 5] = [
    ("KUBECONFIG", "Kubeconfig files, as kubectl reads them."),
    ("NO_COLOR", "No colour, whatever its value."),
    ("PLIMSOLL_CONFIG_DIR", "Directory of the configuration, instead of the system's usual one."),
    ("PLIMSOLL_DATA_DIR", "Directory of sessions, instead of the system's usual one."),
    ("VISUAL, EDITOR", "The editor that the workbench opens files with."),
];

const FILES: [(&str, &str); 2] = [
    (
        "~/.config/plimsoll/",
        "config.toml, keys.toml, and the directories themes, checks and profiles. On macOS in ~/Library/Application Support.",
    ),
    ("~/.local/share/plimsoll/sessions/", "Saved sessions, each in a directory of its own."),
];

/// Text with a paragraph for each empty line.
fn paragraphs(roff: &mut Roff, text: &str) {
    for line in text.lines() {
        if line.trim().is_empty() {
            roff.control("PP", []);
        } else {
            roff.text([roman(line)]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_has_its_page() {
        let pages = pages().unwrap();
        let names: Vec<&str> = pages.iter().map(|page| page.name.as_str()).collect();
        assert_eq!(names.first(), Some(&"plimsoll"));
        for name in ["plimsoll-scan", "plimsoll-sessions-decisions-export", "plimsoll-setup"] {
            assert!(names.contains(&name), "{names:?}");
        }
        assert!(!names.iter().any(|name| name.contains("help") || name.contains("readme")));
        for page in &pages {
            let title = format!(".TH {} 1 ", page.name.to_uppercase());
            assert!(page.text.starts_with(&title), "{:.300}", page.text);
        }
    }

    #[test]
    fn a_synopsis_says_what_belongs_to_what() {
        let pages = pages().unwrap();
        let said = |name: &str| {
            let page = pages.iter().find(|page| page.name == name).unwrap();
            let (_, rest) = page.text.split_once(".SH SYNOPSIS\n").unwrap();
            // Each part of a page begins by saying what an apostrophe is.
            rest.split_once("\n.ie ").unwrap().0.to_owned()
        };
        assert_eq!(said("plimsoll-scan"), r"\fBplimsoll scan\fR [OPTIONS] [KIND/NAME]");
        assert_eq!(
            said("plimsoll"),
            "\\fBplimsoll\\fR [OPTIONS] [KIND/NAME]\n.br\n\\fBplimsoll\\fR <COMMAND>"
        );
        let import = said("plimsoll-import");
        assert!(import.contains(r"\-\-session <S>") && import.contains("FILE>"), "{import}");
    }
}
