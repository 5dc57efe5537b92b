//! `plimsoll setup`: man pages and completions where the system looks for them. Nothing is written
//! to a start-up file of a shell, and nothing over a file of somebody else.

mod files;
mod places;
mod summary;

use super::args::{SetupArgs, SetupShell};
use super::guise::{Guise, PLUGIN};
use super::{CommandError, CommandResult, completions, man, output};
use files::{Doing, FileContent, FileOutcome, SetupFile};
use places::SetupPlaces;
use summary::SetupSummary;

/// What every file says in its first lines: only such files are renewed or taken away.
const MARK: &str = "Written by `plimsoll setup`; `plimsoll setup --remove` takes it away.";

/// Writes what is missing, renews what is old, or takes everything away.
///
/// # Errors
/// When there is no place for it, the system refuses, or a file of somebody else stands there.
pub fn run(args: &SetupArgs, guise: Guise) -> CommandResult {
    let places = SetupPlaces::find(args.prefix.as_deref(), &|name| std::env::var_os(name))?;
    let shells = shells(args, guise, &places);
    let kubectl = args.kubectl || args.remove || guise == Guise::Kubectl;
    let mut wanted: Vec<SetupFile> =
        man::pages()?.iter().map(|page| manual(page, &places)).collect();
    let outdated = files::outdated(&places.man, &wanted);
    wanted.extend(shells.iter().map(|shell| completion(*shell, &places)));
    if kubectl {
        wanted.extend(plugin(args, guise, &places)?);
    }
    let doing = Doing { remove: args.remove, force: args.force, dry: args.dry_run };
    let away = Doing { remove: true, ..doing };
    let all = wanted.iter().map(|file| (file, doing)).chain(outdated.iter().map(|f| (f, away)));
    let mut summary = SetupSummary::default();
    let mut left = Vec::new();
    let mut stopped = None;
    for (file, doing) in all {
        let path = file.path.display().to_string();
        match file.settle(doing) {
            Ok(FileOutcome::Foreign) => left.push(path),
            Ok(outcome) => summary.add(file, outcome.words(doing.dry)),
            // What was done until then is told all the same.
            Err(error) => {
                stopped = Some(CommandError::Other(format!("{path}: {error}")));
                break;
            }
        }
    }
    for line in summary.lines(&places.man) {
        output::print(&format!("{line}\n"))?;
    }
    if args.remove && !args.dry_run {
        summary.touched.iter().for_each(|file| files::tidy(file, places.roots()));
    }
    if let Some(fail) = stopped {
        return Err(fail);
    }
    let hints = if args.remove { Vec::new() } else { places.hints(&shells, kubectl) };
    if !hints.is_empty() {
        let head = ["", "left to do:"].map(str::to_owned);
        let hints = hints.iter().map(|hint| format!("  {hint}"));
        output::complain_lines(&head.into_iter().chain(hints).collect::<Vec<_>>());
    }
    if left.is_empty() {
        return Ok(0);
    }
    let list = left.join(", ");
    let how = if args.remove { "" } else { "; --force writes over it" };
    Err(CommandError::Usage(format!(
        "not written by `plimsoll setup`, so left as it is: {list}{how}"
    )))
}

/// The shells asked for; else the one of the user, if it is one that looks into directories.
fn shells(args: &SetupArgs, guise: Guise, places: &SetupPlaces) -> Vec<SetupShell> {
    if args.remove {
        return SetupShell::ALL.to_vec();
    }
    if !args.shell.is_empty() {
        let asked = |shell: &SetupShell| args.shell.contains(shell);
        return SetupShell::ALL.into_iter().filter(asked).collect();
    }
    // What is only a plugin is not called `plimsoll`: kubectl completes it.
    if guise == Guise::Kubectl {
        return Vec::new();
    }
    let found = places.shell();
    if found.is_none() {
        output::complain(
            "no completions: $SHELL names neither bash, zsh nor fish; --shell chooses one, and \
             `plimsoll completions` prints those of other shells",
        );
    }
    found.into_iter().collect()
}

fn manual(page: &man::ManPage, places: &SetupPlaces) -> SetupFile {
    let text = format!(".\\\" {MARK}\n{}", page.text);
    SetupFile {
        path: places.man.join(page.file()),
        content: FileContent::Text { text, run: false },
    }
}

/// What a shell reads when it first completes the command: it asks the program for the rest, so
/// that an update of the program needs no update of the file.
fn completion(shell: SetupShell, places: &SetupPlaces) -> SetupFile {
    let text = match shell {
        SetupShell::Bash => {
            format!(
                "# {MARK}\ncommand -v plimsoll >/dev/null && eval \"$(plimsoll completions bash)\"\n"
            )
        }
        SetupShell::Zsh => format!(
            "#compdef plimsoll\n# {MARK}\n(( $+commands[plimsoll] )) || return\n\
             eval \"$(plimsoll completions zsh)\"\n_clap_dynamic_completer_plimsoll \"$@\"\n"
        ),
        SetupShell::Fish => {
            format!("# {MARK}\ncommand -q plimsoll; and plimsoll completions fish | source\n")
        }
    };
    SetupFile { path: places.completion(shell), content: FileContent::Text { text, run: false } }
}

/// What kubectl looks for on the `PATH`: the plugin, and who completes it.
fn plugin(
    args: &SetupArgs,
    guise: Guise,
    places: &SetupPlaces,
) -> Result<Vec<SetupFile>, CommandError> {
    let text = completions::for_kubectl(&format!("# {MARK}"));
    let completer = SetupFile {
        path: places.bin.join("kubectl_complete-plimsoll"),
        content: FileContent::Text { text, run: true },
    };
    // Called as a plugin it is one already.
    if guise == Guise::Kubectl {
        return Ok(vec![completer]);
    }
    // With a prefix the program is going to stand beside the link, wherever it is now.
    let program = match args.prefix {
        Some(_) => "plimsoll".into(),
        None => std::env::current_exe()?,
    };
    Ok(vec![
        SetupFile { path: places.bin.join(PLUGIN), content: FileContent::Link(program) },
        completer,
    ])
}
