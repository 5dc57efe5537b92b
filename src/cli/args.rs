//! The command line, defined once: parsing, help, completions and the man page come from here.

mod library;
mod relations;
mod role;
mod scan;
mod selection;
mod sessions;
mod setup;
mod source;
mod triage;

use std::path::PathBuf;

use clap::builder::{
    PathBufValueParser, PossibleValuesParser, StringValueParser, TypedValueParser,
};
use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::model::import::ImportTool;
use crate::model::naming::{is_label, no_namespace};
use crate::runtime::clock::timestamp;

pub use library::{ChecksCommand, FrameworksCommand};
pub use relations::{AccessArgs, AnswerArgs, AnswerFormat, NetworkArgs};
pub use role::{RoleArgs, RoleFormat, RolePurpose};
pub use scan::ScanArgs;
pub use selection::{ProfileArgs, SelectionArgs};
pub use sessions::{DiffFormat, SessionsCommand};
pub use setup::{SetupArgs, SetupShell};
use source::allowable;
pub use source::{Allow, SourceArgs};
pub use triage::{AttestArgs, DecideArgs, DecisionsCommand, ExceptionsArgs, TriageArgs};

/// Assess a Kubernetes cluster for compliance, read-only.
#[derive(Debug, Parser)]
#[command(
    name = "plimsoll",
    bin_name = "plimsoll",
    version,
    about,
    long_about = "Assess a Kubernetes cluster for compliance, read-only.\n\nWithout a command it opens the workbench: a start screen with the contexts of the kubeconfig and saved sessions, or what --context, --file or --snapshot names. A verdict needs its \
data: what could not be read is reported as not assessed, never as passed, and a score is the interval from worst to best.",
    override_usage = "plimsoll [OPTIONS] [KIND/NAME]\n       plimsoll <COMMAND>",
    after_help = "Start with `plimsoll demo`: a built-in cluster, no Kubernetes needed.\n\nExit status: 0 done, 1 a threshold was crossed, 2 wrong usage or configuration, 3 the source could not be read, 4 --require-complete and a read is missing or a check could not be evaluated."
)]
pub struct Cli {
    /// What to do; the workbench without it.
    #[command(subcommand)]
    pub command: Option<Command>,
    /// Options of the workbench.
    #[command(flatten)]
    pub workbench: WorkbenchArgs,
    /// Options everywhere.
    #[command(flatten)]
    pub global: GlobalArgs,
}

/// Options that every command takes.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Everywhere")]
pub struct GlobalArgs {
    /// When to use colour
    #[arg(long, global = true, value_enum, default_value_t = ColorWhen::Auto, value_name = "WHEN")]
    pub color: ColorWhen,
    /// ASCII characters only, on the screen and in reports
    #[arg(long, global = true, overrides_with = "no_ascii")]
    pub ascii: bool,
    /// Full character set, whatever the locale and the configuration say
    #[arg(long, global = true, overrides_with = "ascii")]
    pub no_ascii: bool,
    /// Work line by line, for screen readers: nothing is aligned, redrawn or moving
    #[arg(long, global = true)]
    pub plain: bool,
    /// A directory with checks of your own (may be given more than once)
    #[arg(long, global = true, value_name = "D")]
    pub checks_dir: Vec<PathBuf>,
    /// Configuration file instead of the usual one
    #[arg(long, global = true, value_name = "F")]
    pub config: Option<PathBuf>,
}

/// When to use colour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum ColorWhen {
    /// As the terminal and `NO_COLOR` say.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
    /// The sixteen of the terminal.
    #[value(name = "16")]
    Sixteen,
    /// 256.
    #[value(name = "256")]
    Many,
    /// 24 bits.
    Truecolor,
}

/// Options of the workbench.
#[derive(Clone, Debug, Default, Args)]
pub struct WorkbenchArgs {
    /// Where objects come from.
    #[command(flatten)]
    pub source: SourceArgs,
    /// Several kubeconfig contexts side by side: names and patterns such as prod-*, comma-separated,
    /// or `all`
    #[arg(
        long,
        value_name = "NAMES",
        help_heading = "Source",
        conflicts_with_all = ["context", "cluster", "user", "file", "snapshot", "demo", "session"]
    )]
    pub contexts: Vec<String>,
    /// What is assessed, and where it goes on.
    #[command(flatten)]
    pub what: DemoArgs,
}

/// Commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Open the workbench on the built-in demo cluster
    Demo(DemoArgs),
    /// Assess without a terminal and print the result
    Scan(Box<ScanArgs>),
    /// Save what a cluster holds, redacted, for later or elsewhere
    Snapshot(SnapshotArgs),
    /// Import results of other tools into a session: kube-bench, policy reports, trivy-operator,
    /// kubescape
    Import(ImportArgs),
    /// Saved sessions
    #[command(subcommand)]
    Sessions(SessionsCommand),
    /// Check a bundle offline: whether anything in it was changed, and who signed it
    Verify(VerifyArgs),
    /// Checks: what each looks at, and whether its examples hold
    #[command(subcommand)]
    Checks(ChecksCommand),
    /// Frameworks and their controls
    #[command(subcommand)]
    Frameworks(FrameworksCommand),
    /// Print the least-privilege role that a scan with the same selection needs, and what it leaves out
    Role(Box<RoleArgs>),
    /// Who may do what, through which binding and role
    Access(Box<AccessArgs>),
    /// Who is isolated by network policies, and who reaches whom
    Network(Box<NetworkArgs>),
    /// Configuration file
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Show what Plimsoll sees of this terminal, its files and the cluster
    Doctor(DoctorArgs),
    /// Print shell completions
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Print the man page, or that of a command
    Man {
        /// The command, such as `sessions list`
        command: Vec<String>,
    },
    /// Install man pages and shell completions for your user, or remove them
    Setup(SetupArgs),
}

/// Options of `demo`, which the workbench has on every source.
#[derive(Clone, Debug, Default, Args)]
pub struct DemoArgs {
    /// What to assess.
    #[command(flatten)]
    pub selection: SelectionArgs,
    /// What is said about findings outside the session.
    #[command(flatten)]
    pub triage: TriageArgs,
    /// Session to resume: its id, the beginning of it, or `last`
    #[arg(long, value_name = "S", help_heading = "Workbench")]
    pub session: Option<String>,
    /// Theme
    #[arg(long, value_name = "T", help_heading = "Workbench")]
    pub theme: Option<String>,
    /// Draw the workbench even if the terminal or the configuration asks for plain lines
    #[arg(long, conflicts_with = "no_tui", help_heading = "Workbench")]
    pub tui: bool,
    /// No workbench: print the result as `plimsoll scan` does
    #[arg(long, help_heading = "Workbench")]
    pub no_tui: bool,
}

/// Options of `import`.
#[derive(Debug, Args)]
#[command(
    after_help = "The format is recognised by the content. A file is imported whole or not at all.\n\n\
kube-bench writes neither node nor time: the node is that of --node or of NODE=FILE, else the name of \
the file (worker-1.json); the time is that of the file's last change."
)]
pub struct ImportArgs {
    /// Files with results, - for standard input
    #[arg(value_name = "[NODE=]FILE", required = true)]
    pub files: Vec<String>,
    /// Session to import them into: its id, the beginning of it, or `last`
    #[arg(long, value_name = "S")]
    pub session: String,
    /// The node on which kube-bench was run
    #[arg(long, value_name = "NAME")]
    pub node: Option<String>,
    /// Accept only results of this tool
    #[arg(long = "as", value_name = "TOOL", value_parser = tool_parser())]
    pub tool: Option<ImportTool>,
}

fn tool_parser() -> impl TypedValueParser<Value = ImportTool> {
    PossibleValuesParser::new(ImportTool::ALL.map(ImportTool::word))
        .try_map(|word| ImportTool::parse(&word).ok_or("no tool that is known"))
}

/// Options of `snapshot`.
#[derive(Debug, Args)]
pub struct SnapshotArgs {
    /// Where objects come from.
    #[command(flatten)]
    pub source: SourceArgs,
    /// Only the objects of these namespaces, and the cluster-wide objects they are judged by, such
    /// as cluster roles and nodes; the command says which it keeps
    #[arg(short = 'n', long, value_delimiter = ',', value_name = "NS", help_heading = "Selection",
        value_parser = namespace())]
    pub namespace: Vec<String>,
    /// File to write; it must not exist yet. {time} in its name becomes the time in UTC, such as
    /// 20260131T235959Z
    #[arg(long, value_parser = file(), value_name = "F", help_heading = "Result")]
    pub output_file: PathBuf,
}

/// Options of `verify`.
#[derive(Debug, Args)]
#[command(
    after_help = "Exit status: 0 verified, 1 something does not fit, 2 wrong usage, 3 not a bundle, or it cannot be read."
)]
pub struct VerifyArgs {
    /// The bundle, or the directory of a session
    pub bundle: PathBuf,
    /// Public key that must have signed it, as `plimsoll sessions key` prints it
    #[arg(long, value_name = "F")]
    pub public_key: Option<PathBuf>,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// Commands on the configuration.
#[derive(Debug, Subcommand)]
pub enum ConfigCommand {
    /// Write a commented configuration file, if there is none
    Init,
    /// Read every configuration, key, theme and check file and report what is wrong
    Check,
    /// Print where Plimsoll looks for its files
    Path,
}

/// Options of `doctor`.
#[derive(Debug, Args)]
pub struct DoctorArgs {
    /// Where objects come from.
    #[command(flatten)]
    pub source: SourceArgs,
}

/// A file to write, in whose name `{time}` stands for now.
fn file() -> impl TypedValueParser<Value = PathBuf> {
    PathBufValueParser::new().map(|path| at(path, &timestamp()))
}

/// The name of a file at a moment, given in RFC 3339.
fn at(path: PathBuf, now: &str) -> PathBuf {
    let plain: String = now.chars().filter(|c| !matches!(c, '-' | ':')).collect();
    match path.to_str() {
        Some(text) if text.contains("{time}") => text.replace("{time}", &plain).into(),
        _ => path,
    }
}

/// A namespace. An empty one is a variable of a pipeline that nobody set, never all of them and never
/// what the cluster has once. What cannot be the name of one is never asked for.
pub(super) fn namespace() -> impl TypedValueParser<Value = String> {
    StringValueParser::new().try_map(|name| {
        if name.trim().is_empty() {
            return Err("it is empty: name a namespace, or leave -n out for all of them".to_owned());
        }
        if !is_label(&name) {
            let why = no_namespace(&name);
            return Err(format!("{why}; write it as `kubectl get namespaces` lists it"));
        }
        Ok(name)
    })
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;
    use crate::model::finding::Severity;

    #[test]
    fn the_definition_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn kubectl_habits_work() {
        let cli = Cli::parse_from([
            "plimsoll",
            "scan",
            "-n",
            "pay",
            "-l",
            "app=web",
            "deploy/web",
            "-o",
            "json",
        ]);
        let Some(Command::Scan(scan)) = cli.command else { panic!("scan") };
        assert_eq!(scan.selection.namespace, ["pay"]);
        assert_eq!(scan.selection.object.as_deref(), Some("deploy/web"));
        assert_eq!(scan.output, crate::report::Format::Json);
        let cli = Cli::parse_from(["plimsoll", "--context", "prod", "-A"]);
        assert_eq!(cli.workbench.source.context.as_deref(), Some("prod"));
    }

    #[test]
    fn a_threshold_is_one_of_the_severities() {
        for word in ["high", "HIGH"] {
            let cli = Cli::parse_from(["plimsoll", "scan", "--fail-on", word]);
            let Some(Command::Scan(scan)) = cli.command else { panic!("scan") };
            assert_eq!(scan.fail_on, Some(Severity::High));
        }
        let error = Cli::try_parse_from(["plimsoll", "scan", "--fail-on", "awful"]).unwrap_err();
        let words = "[possible values: critical, high, medium, low, info]";
        assert!(error.to_string().contains(words), "{error}");
        let help = Cli::command().find_subcommand_mut("scan").unwrap().render_help().to_string();
        let help = help.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(help.contains(words), "{help}");
    }

    #[test]
    fn a_file_is_named_after_the_moment() {
        let name = at("/reports/{time}.json".into(), "2026-01-31T23:59:59Z");
        assert_eq!(name, PathBuf::from("/reports/20260131T235959Z.json"));
        assert_eq!(at("a-b:c.json".into(), "2026-01-31T23:59:59Z"), PathBuf::from("a-b:c.json"));
    }

    #[test]
    fn sources_exclude_each_other() {
        assert!(Cli::try_parse_from(["plimsoll", "scan", "--demo", "-f", "a.yaml"]).is_err());
        assert!(Cli::try_parse_from(["plimsoll", "scan", "--complete"]).is_err());
    }
}
