//! The command line: what each command does, and the exit status it ends with.

mod access;
pub mod args;
mod asked;
mod bundle;
mod checks;
mod compare;
mod completions;
mod configuration;
mod context;
mod doctor;
mod fleet;
mod frameworks;
mod gate;
mod guise;
mod import;
mod judging;
mod man;
mod network;
mod newest;
mod open;
mod output;
mod profiles;
mod recording;
mod relations;
mod reported;
mod role;
mod scan;
mod sessions;
mod setup;
mod snapshot;
mod tenants;
mod tint;
mod trend;
mod triage;
mod verify;
mod workbench;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::FromArgMatches as _;
use clap::error::ErrorKind;
use clap::parser::ValueSource;

use args::{Cli, Command};
use context::CommandContext;
use guise::Guise;

use crate::assess::{SelectionError, nearest};
use crate::session::SessionError;
use crate::text::{clean, is_safe};

/// Why a command ends early, and with which status.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    /// Wrong usage, configuration or check file: status 2.
    #[error("{0}")]
    Usage(String),
    /// The source could not be read at all: status 3.
    #[error("{0}")]
    Source(String),
    /// Anything else that cannot be done: status 2 as well, never 1, which says that a threshold
    /// was crossed.
    #[error("{0}")]
    Other(String),
    /// One of them with lines that follow its own: what to do, or what else is wrong.
    #[error("{}", self.lines().join("; "))]
    Lines(Box<Self>, Vec<String>),
}

impl CommandError {
    /// The same failure, with what it meant for the command before its cause.
    fn in_words(self, what: &str) -> Self {
        match self {
            Self::Usage(why) => Self::Usage(format!("{what}: {why}")),
            Self::Source(why) => Self::Source(format!("{what}: {why}")),
            Self::Other(why) => Self::Other(format!("{what}: {why}")),
            Self::Lines(first, more) => Self::Lines(Box::new(first.in_words(what)), more),
        }
    }

    /// The same failure, with a line that says what to do.
    fn then(self, next: &str) -> Self {
        if next.is_empty() { self } else { Self::Lines(Box::new(self), vec![next.to_owned()]) }
    }

    /// Everything that is wrong with what was given, a line each.
    fn usage<S: ToString>(wrong: impl IntoIterator<Item = S>) -> Self {
        let mut lines = wrong.into_iter().map(|line| line.to_string());
        let first = Self::Usage(lines.next().unwrap_or_default());
        let more: Vec<String> = lines.collect();
        if more.is_empty() { first } else { Self::Lines(Box::new(first), more) }
    }

    /// What it says, line by line. No line has been made safe to show.
    fn lines(&self) -> Vec<&str> {
        match self {
            Self::Usage(why) | Self::Source(why) | Self::Other(why) => vec![why],
            Self::Lines(first, more) => {
                first.lines().into_iter().chain(more.iter().map(String::as_str)).collect()
            }
        }
    }

    fn status(&self) -> u8 {
        match self {
            Self::Usage(_) | Self::Other(_) => 2,
            Self::Source(_) => 3,
            Self::Lines(first, _) => first.status(),
        }
    }
}

impl From<std::io::Error> for CommandError {
    fn from(error: std::io::Error) -> Self {
        Self::Other(error.to_string())
    }
}

impl From<SelectionError> for CommandError {
    fn from(error: SelectionError) -> Self {
        Self::Usage(error.to_string())
    }
}

impl From<SessionError> for CommandError {
    fn from(error: SessionError) -> Self {
        match error {
            SessionError::Unknown(_)
            | SessionError::Ambiguous(_)
            | SessionError::NoRun(_)
            | SessionError::NoImport { .. }
            | SessionError::OneRun { .. }
            | SessionError::OtherSource { .. } => Self::Usage(error.to_string()),
            other => Self::Other(other.to_string()),
        }
    }
}

/// What a command ends with: an exit status, or why it ended early.
pub type CommandResult = Result<u8, CommandError>;

/// Runs the program.
#[must_use]
pub fn run(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    let args: Vec<OsString> = args.into_iter().collect();
    if let Some(answer) = completions::answer(&args) {
        // Whoever asked is a shell in the middle of a line: there is nobody to tell of an error.
        let _ = output::print(&answer);
        return ExitCode::SUCCESS;
    }
    let guise = Guise::of(args.first().map(OsString::as_os_str));
    let cli = match parse(args.clone(), guise) {
        Ok(cli) => cli,
        Err(error) => {
            mistaken(&error, &args, guise);
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
        }
    };
    match dispatch(cli, guise) {
        Ok(status) => ExitCode::from(status),
        Err(fail) => {
            let told = fail.in_words("plimsoll");
            output::complain_lines(&told.lines());
            ExitCode::from(told.status())
        }
    }
}

/// Prints what clap says of the arguments: help and version to stdout, mistakes to stderr. It repeats what was
/// typed, so where that is not safe to show it is asked again with what is.
fn mistaken(error: &clap::Error, args: &[OsString], guise: Guise) {
    let typed: Vec<_> = args.iter().map(|arg| arg.to_string_lossy()).collect();
    let shown: Vec<OsString> = typed.iter().map(|arg| clean(arg).into_owned().into()).collect();
    // Nobody is left to tell where it cannot be printed.
    if typed.iter().all(|arg| arg.chars().all(is_safe)) {
        let _ = error.print();
    } else if let Err(error) = parse(shown, guise) {
        let _ = error.print();
    } else {
        output::complain(error.render().to_string().trim_end());
    }
}

/// Reads the command line, and refuses what would be misunderstood: options of the workbench before
/// a command, and a misspelt command that would be taken for an object.
fn parse(args: Vec<OsString>, guise: Guise) -> Result<Cli, clap::Error> {
    let mut command = guise.command();
    let matches = command.try_get_matches_from_mut(args)?;
    if let Some(name) = matches.subcommand_name() {
        let given = |arg: &&clap::Arg| {
            let id = arg.get_id().as_str();
            !arg.is_global_set() && matches.value_source(id) == Some(ValueSource::CommandLine)
        };
        let stray = command.get_arguments().find(given).map(ToString::to_string);
        if let Some(arg) = stray {
            let message = format!("`{arg}` stands before `{name}`; write it after");
            return Err(command.error(ErrorKind::ArgumentConflict, message));
        }
    }
    let cli = Cli::from_arg_matches(&matches)?;
    if let (None, Some(word)) = (&cli.command, &cli.workbench.what.selection.object)
        && !word.contains('/')
    {
        let names: Vec<&str> = command.get_subcommands().map(clap::Command::get_name).collect();
        let near = nearest(word, names.into_iter());
        let hint = near.map(|name| format!("; did you mean `{name}`?")).unwrap_or_default();
        let message = format!("`{word}` is neither a command nor KIND/NAME{hint}");
        return Err(command.error(ErrorKind::InvalidSubcommand, message));
    }
    Ok(cli)
}

fn dispatch(cli: Cli, guise: Guise) -> CommandResult {
    // These need no configuration, and must work when it is broken.
    match cli.command {
        Some(Command::Completions { shell }) => return completions::print(shell),
        Some(Command::Man { command }) => return man::print(&command),
        Some(Command::Setup(args)) => return setup::run(&args, guise),
        Some(Command::Verify(args)) => return verify::run(&args),
        Some(Command::Config(command)) => return configuration::run(&command, &cli.global),
        _ => {}
    }
    let context = CommandContext::load(&cli.global)?;
    match cli.command {
        None => workbench::run(&context, &cli.global, cli.workbench),
        Some(Command::Demo(args)) => workbench::demo(&context, &cli.global, args),
        Some(Command::Scan(args)) => scan::run(&context, &args),
        Some(Command::Snapshot(args)) => snapshot::run(&context, &args),
        Some(Command::Import(args)) => import::run(&context, &args),
        Some(Command::Sessions(command)) => sessions::run(&context, command),
        Some(Command::Checks(command)) => checks::run(&context, command),
        Some(Command::Frameworks(command)) => frameworks::run(&context, &command),
        Some(Command::Role(args)) => role::run(&context, &args),
        Some(Command::Access(args)) => access::run(&context, &args),
        Some(Command::Network(args)) => network::run(&context, &args),
        Some(Command::Doctor(args)) => doctor::run(&context, &args),
        Some(
            Command::Completions { .. }
            | Command::Man { .. }
            | Command::Setup(_)
            | Command::Config(_)
            | Command::Verify(_),
        ) => Ok(0),
    }
}
