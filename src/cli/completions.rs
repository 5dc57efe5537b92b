//! Completions. A script tells the shell to call the program, under a variable of the environment,
//! with the words typed so far; it answers with what fits, so that names of frameworks, checks,
//! contexts and sessions are those of this user and this version.

mod values;

use std::ffi::OsString;
use std::path::Path;

use clap_complete::Shell;
use clap_complete::engine::{CompletionCandidate, complete};
use clap_complete::env::Shells;

use super::args::Cli;
use super::guise::PLUGIN;
use super::{CommandError, CommandResult, output};
use crate::text::clean;

/// The variable that makes a call a question about completions: its value is the asking shell.
const VARIABLE: &str = "_PLIMSOLL_COMPLETE";
/// In which the scripts of some shells say which word is being completed, counted from 0.
const INDEX: &str = "_CLAP_COMPLETE_INDEX";

/// How answers are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Asker {
    /// Values alone.
    Bash,
    /// Values alone.
    Elvish,
    /// A value, a tab, and what it is.
    Fish,
    /// A value, a tab, and what it is; closed by a line with what kubectl shall make of them.
    Kubectl,
    /// A value, a tab, and what it is.
    Powershell,
    /// A value, a colon, and what it is.
    Zsh,
}

impl Asker {
    fn of(word: &str) -> Option<Self> {
        Some(match word {
            "bash" => Self::Bash,
            "elvish" => Self::Elvish,
            "fish" => Self::Fish,
            "kubectl" => Self::Kubectl,
            "powershell" => Self::Powershell,
            "zsh" => Self::Zsh,
            _ => return None,
        })
    }
}

/// Prints the script for a shell.
///
/// # Errors
/// When stdout refuses.
pub fn print(shell: Shell) -> CommandResult {
    output::print(&script(shell)?)?;
    Ok(0)
}

/// The script for a shell.
///
/// # Errors
/// When there is none.
pub(super) fn script(shell: Shell) -> Result<String, CommandError> {
    if shell == Shell::Bash {
        return Ok(include_str!("completions/bash.sh").replace("@VARIABLE@", VARIABLE));
    }
    let shells = Shells::builtins();
    let Some(known) = shells.completer(&shell.to_string()) else {
        return Err(CommandError::Usage(format!("there are no completions for {shell}")));
    };
    let mut text = Vec::new();
    known.write_registration(VARIABLE, "plimsoll", "plimsoll", "plimsoll", &mut text)?;
    Ok(String::from_utf8_lossy(&text).trim_start().to_owned())
}

/// A program that kubectl runs for what fits behind `kubectl plimsoll`.
pub(super) fn for_kubectl(mark: &str) -> String {
    format!(
        "#!/bin/sh\n{mark}\n# kubectl runs this for what fits behind `kubectl plimsoll`.\n\
         {VARIABLE}=kubectl exec {PLUGIN} -- \"$@\"\n"
    )
}

/// The answer, if this call is a question about completions: behind `--` stand the words so far,
/// the last of them unfinished. Nothing that goes wrong may print over what somebody is typing.
#[must_use]
pub fn answer(args: &[OsString]) -> Option<String> {
    let asker = Asker::of(std::env::var_os(VARIABLE)?.to_str()?)?;
    let at = args.iter().position(|arg| arg == "--")?;
    let mut words: Vec<OsString> = args.get(at + 1..)?.to_vec();
    if asker == Asker::Kubectl {
        words.insert(0, "plimsoll".into());
    }
    let index = std::env::var(INDEX).ok().and_then(|index| index.parse::<usize>().ok());
    let index = match (asker, index) {
        (Asker::Zsh | Asker::Elvish, Some(index)) => index,
        _ => words.len().checked_sub(1)?,
    };
    if words.len() <= index {
        words.resize(index + 1, OsString::new());
    }
    let here = std::env::current_dir().ok();
    let found = fitting(words.clone(), index, here.as_deref());
    let word = words.get(index).map(|word| word.to_string_lossy().into_owned());
    Some(written(asker, &word.unwrap_or_default(), &found))
}

/// What fits for a word.
struct Offer {
    value: String,
    /// What it is; empty where there is nothing to say.
    help: String,
}

/// All that fits for a word.
fn fitting(words: Vec<OsString>, index: usize, here: Option<&Path>) -> Vec<Offer> {
    let empty = words.get(index).is_some_and(|word| word.is_empty());
    if let Some(found) = words.get(..=index).and_then(pages) {
        return found;
    }
    let mut command = values::completing(<Cli as clap::CommandFactory>::command());
    let found = complete(&mut command, words, index, here).unwrap_or_default();
    let mut found: Vec<Offer> = found.iter().filter_map(sound).collect();
    // Whoever has typed nothing yet wants to see commands and names; options show with a dash.
    let option = |offer: &Offer| offer.value.starts_with('-');
    if empty && !found.iter().all(option) {
        found.retain(|offer| !option(offer));
    }
    found
}

/// What fits behind `man`, if that is where the last word stands: the words of a command.
fn pages(words: &[OsString]) -> Option<Vec<Offer>> {
    let (typed, before) = words.split_last()?;
    let typed = typed.to_str().filter(|typed| !typed.starts_with('-'))?;
    let is_option = |word: &&OsString| word.to_string_lossy().starts_with('-');
    let mut before = before.iter().skip(1).skip_while(is_option);
    before.next().filter(|word| *word == "man")?;
    let mut command = <Cli as clap::CommandFactory>::command();
    for word in before.filter(|word| !is_option(word)) {
        let Some(sub) = command.find_subcommand(word) else { return Some(Vec::new()) };
        command = sub.clone();
    }
    let fits = |sub: &&clap::Command| !sub.is_hide_set() && sub.get_name().starts_with(typed);
    let about = |sub: &clap::Command| sub.get_about().map(ToString::to_string).unwrap_or_default();
    let found = command.get_subcommands().filter(fits);
    Some(found.map(|sub| Offer { value: sub.get_name().to_owned(), help: about(sub) }).collect())
}

/// A candidate that a terminal and a shell can be given. Names come from files of others: one
/// with control characters is left out, since it could not be typed as it is shown.
fn sound(candidate: &CompletionCandidate) -> Option<Offer> {
    let value = candidate.get_value().to_str()?;
    if value.is_empty() || clean(value) != value {
        return None;
    }
    let help = candidate.get_help().map(ToString::to_string).unwrap_or_default();
    let help = clean(help.lines().next().unwrap_or_default()).into_owned();
    Some(Offer { value: value.to_owned(), help })
}

fn written(asker: Asker, word: &str, found: &[Offer]) -> String {
    let mut out = String::new();
    // kubectl puts what stands before the sign back by itself.
    let before = match word.split_once('=') {
        Some((option, _)) if asker == Asker::Kubectl && word.starts_with('-') => option.len() + 1,
        _ => 0,
    };
    for Offer { value, help } in found {
        let (value, sign) = match asker {
            Asker::Zsh => (value.replace('\\', "\\\\").replace(':', "\\:"), ':'),
            _ => (value.get(before..).unwrap_or_default().to_owned(), '\t'),
        };
        out.push_str(&value);
        if !help.is_empty() && !matches!(asker, Asker::Bash | Asker::Elvish) {
            out.push(sign);
            out.push_str(&help.replace('\\', "\\\\"));
        }
        out.push('\n');
    }
    if asker == Asker::Kubectl {
        out.push_str(directive(found));
    }
    out
}

/// What kubectl shall do besides: 4 is to offer no files of its own, 2 to add no space, since a
/// directory or a framework goes on.
fn directive(found: &[Offer]) -> &'static str {
    let open = |offer: &Offer| offer.value.ends_with(['/', '=', ':']);
    if found.iter().any(open) { ":6\n" } else { ":4\n" }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fit(words: &[&str]) -> Vec<String> {
        let words: Vec<OsString> =
            std::iter::once(&"plimsoll").chain(words).map(OsString::from).collect();
        let last = words.len() - 1;
        fitting(words, last, None).into_iter().map(|offer| offer.value).collect()
    }

    #[test]
    fn commands_come_first_and_options_with_a_dash() {
        let commands = fit(&[""]);
        assert!(commands.iter().any(|c| c == "scan") && commands.iter().any(|c| c == "setup"));
        assert!(!commands.iter().any(|c| c.starts_with('-')), "{commands:?}");
        assert_eq!(fit(&["scan", "--fail-on-"]), ["--fail-on-new"]);
        assert_eq!(fit(&["scan", "--fail-on", ""]), ["critical", "high", "medium", "low", "info"]);
        assert_eq!(fit(&["scan", "--fail-on=h"]), ["--fail-on=high"]);
        assert_eq!(fit(&["sessions", "tre"]), ["trend"]);
    }

    #[test]
    fn man_is_completed_with_the_words_of_commands() {
        let all = fit(&["man", ""]);
        assert!(["scan", "sessions", "man"].iter().all(|c| all.iter().any(|a| a == c)), "{all:?}");
        assert_eq!(fit(&["man", "sess"]), ["sessions"]);
        assert_eq!(fit(&["--ascii", "man", "sessions", "tre"]), ["trend"]);
        assert_eq!(fit(&["man", "sessions", "trend", ""]), [""; 0]);
        assert_eq!(fit(&["man", "no-such", ""]), [""; 0]);
        // Options and other commands are as they were.
        assert!(fit(&["man", "--asc"]).contains(&"--ascii".to_owned()));
        assert_eq!(fit(&["scan", "man"]), [""; 0]);
        // Whatever is offered has a page.
        let pages = crate::cli::man::pages().unwrap();
        for command in all {
            assert!(pages.iter().any(|p| p.name == format!("plimsoll-{command}")), "{command}");
        }
    }

    #[test]
    fn what_cannot_be_typed_as_it_is_shown_is_left_out() {
        for hostile in ["a\u{1b}[2Jb", "a\nb", "a\tb", "", "a\u{202e}b"] {
            assert!(sound(&CompletionCandidate::new(hostile)).is_none(), "{hostile:?}");
        }
        let help = CompletionCandidate::new("a").help(Some("x\u{7}\ny".into()));
        let Offer { value, help } = sound(&help).unwrap();
        assert_eq!(value, "a");
        assert!(!help.contains(['\u{7}', '\n']) && help.starts_with('x'), "{help:?}");
    }

    #[test]
    fn each_shell_is_answered_in_its_way() {
        let offer = |value: &str, help: &str| Offer { value: value.into(), help: help.into() };
        let found = [offer("a:b", "what \\ it is"), offer("c/", "")];
        assert_eq!(written(Asker::Bash, "", &found), "a:b\nc/\n");
        assert_eq!(written(Asker::Zsh, "", &found), "a\\:b:what \\\\ it is\nc/\n");
        assert_eq!(written(Asker::Kubectl, "", &found[..1]), "a:b\twhat \\\\ it is\n:4\n");
        let option = [offer("--framework=nsa", "")];
        assert_eq!(written(Asker::Kubectl, "--framework=n", &option), "nsa\n:4\n");
        assert_eq!(written(Asker::Kubectl, "c", &found[1..]), "c/\n:6\n");
    }
}
