//! Options of `plimsoll scan`.

use std::path::PathBuf;

use clap::Args;
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};

use super::{ProfileArgs, SelectionArgs, SourceArgs, TriageArgs};
use crate::model::finding::Severity;
use crate::report::Format;

/// Options of `scan`.
#[derive(Debug, Args)]
pub struct ScanArgs {
    /// Where objects come from.
    #[command(flatten)]
    pub source: SourceArgs,
    /// Several kubeconfig contexts side by side: names and patterns such as prod-*, comma-separated,
    /// or `all`
    #[arg(long, value_name = "NAMES", help_heading = "Source",
        conflicts_with_all = ["context", "cluster", "user", "file", "snapshot", "demo"])]
    pub contexts: Vec<String>,
    /// Several saved snapshots side by side
    #[arg(long, value_name = "F", num_args = 1.., help_heading = "Source",
        conflicts_with_all = ["context", "cluster", "user", "file", "snapshot", "demo"])]
    pub snapshots: Vec<PathBuf>,
    /// What to assess.
    #[command(flatten)]
    pub selection: SelectionArgs,
    /// A profile in place of a selection.
    #[command(flatten)]
    pub profile: ProfileArgs,
    /// Results of another tool to take into account (may be given more than once); NODE=FILE for
    /// kube-bench results of one node
    #[arg(long, value_name = "[NODE=]FILE", help_heading = "Selection")]
    pub import: Vec<String>,
    /// What is said about findings outside the session.
    #[command(flatten)]
    pub triage: TriageArgs,
    /// Format of the result
    #[arg(short = 'o', long = "output", value_parser = format(), default_value = "table", value_name = "FORMAT", help_heading = "Result")]
    pub output: Format,
    /// Write the result to a file that does not exist yet; {time} in its name becomes the time in
    /// UTC, such as 20260131T235959Z
    #[arg(long, value_parser = super::file(), value_name = "F", help_heading = "Result")]
    pub output_file: Option<PathBuf>,
    /// With several clusters, write each result to a file of its own in this directory, and print a
    /// table of all of them
    #[arg(long, value_name = "D", conflicts_with = "output_file", help_heading = "Result")]
    pub output_dir: Option<PathBuf>,
    /// End with status 1 if an open finding is at least this severe, or if a file could not be read
    /// or a check could not be evaluated
    #[arg(long, value_name = "SEV", value_parser = severity(), ignore_case = true, help_heading = "Result")]
    pub fail_on: Option<Severity>,
    /// Save the run in a session and apply the decisions made in it: its id, the beginning of it,
    /// `last`, or `new` to begin one
    #[arg(long, value_name = "S", help_heading = "Result")]
    pub session: Option<String>,
    /// Say what is new since an earlier run: a session for its last run, or SESSION#RUN
    #[arg(long, value_name = "S", help_heading = "Result")]
    pub baseline: Option<String>,
    /// End with status 1 if a finding is not in the baseline, even if the baseline could not have
    /// seen it
    #[arg(long, requires = "baseline", help_heading = "Result")]
    pub fail_on_new: bool,
    /// End with status 4 if a read that was asked for is missing or a check could not be evaluated
    #[arg(long, help_heading = "Result")]
    pub require_complete: bool,
}

/// The words of `--output`.
pub(super) fn format() -> impl TypedValueParser<Value = Format> {
    let words = Format::ALL.map(|f| PossibleValue::new(f.word()).help(f.about()));
    PossibleValuesParser::new(words)
        .try_map(|word| Format::ALL.into_iter().find(|f| f.word() == word).ok_or("not a format"))
}

/// The words of `--fail-on`, in capitals too.
fn severity() -> impl TypedValueParser<Value = Severity> {
    PossibleValuesParser::new(Severity::ALL.map(Severity::word))
        .try_map(|word| Severity::parse(&word).ok_or("not a severity"))
}
