//! Options of triage: what is applied to a run, and the commands that decide, answer and review.

use std::path::PathBuf;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{ArgGroup, Args, Subcommand};

use crate::model::attestation::AttestationAnswer;
use crate::model::decision::DecisionState;
use crate::triage::annotations::Tool;
use crate::triage::day;

/// What is said about findings outside the session.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Triage")]
pub struct TriageArgs {
    /// File of decisions to apply (may be given more than once)
    #[arg(long, value_name = "FILE")]
    pub decisions: Vec<PathBuf>,
    /// File of Kubescape exceptions to apply (may be given more than once)
    #[arg(long, value_name = "FILE")]
    pub exceptions_kubescape: Vec<PathBuf>,
    /// Tools whose annotations on objects are taken for decisions, comma-separated
    #[arg(long, value_delimiter = ',', value_parser = tool(), value_name = "TOOL")]
    pub honour_annotations: Vec<Tool>,
}

fn tool() -> impl TypedValueParser<Value = Tool> {
    PossibleValuesParser::new(Tool::ALL.map(Tool::word))
        .try_map(|word| Tool::parse(&word).ok_or("not a tool"))
}

/// Commands on the decisions of a session.
#[derive(Debug, Subcommand)]
pub enum DecisionsCommand {
    /// Write the decisions of a session as a file for review
    Export {
        /// Its id, the beginning of it, or `last`
        session: String,
        /// Write to a file that does not exist yet
        #[arg(long, value_name = "F")]
        output_file: Option<PathBuf>,
    },
    /// Import the decisions of a file into a session, all or none
    Import {
        /// Its id, the beginning of it, or `last`
        session: String,
        /// The file
        file: PathBuf,
        /// Name to record for this; the configured one by default
        #[arg(long, value_name = "NAME")]
        by: Option<String>,
    },
}

/// Options of `sessions decide`.
#[derive(Debug, Args)]
#[command(
    override_usage = "plimsoll sessions decide [OPTIONS] --state <STATE> <WHICH FINDINGS> <SESSION>"
)]
#[command(group(ArgGroup::new("what").required(true).multiple(true)
    .args(["finding", "check", "namespace", "owner", "image"])))]
pub struct DecideArgs {
    /// Its id, the beginning of it, or `last`
    pub session: String,
    /// Findings by fingerprint or the beginning of one, comma-separated
    #[arg(long, value_delimiter = ',', value_name = "FP", help_heading = "Which findings")]
    pub finding: Vec<String>,
    /// Findings of this check
    #[arg(long, value_name = "ID", help_heading = "Which findings")]
    pub check: Option<String>,
    /// Findings in this namespace; * stands for any text
    #[arg(short = 'n', long, value_name = "NS", help_heading = "Which findings")]
    pub namespace: Option<String>,
    /// Findings of this owner, such as deploy/web; * stands for any text
    #[arg(long, value_name = "KIND/NAME", help_heading = "Which findings")]
    pub owner: Option<String>,
    /// Findings in containers of this image, none of those about a whole pod or workload; * stands
    /// for any text
    #[arg(long, value_name = "IMAGE", help_heading = "Which findings")]
    pub image: Option<String>,
    /// Findings on objects of the platform itself as well
    #[arg(long, help_heading = "Which findings")]
    pub include_platform: bool,
    /// The decision; `open` takes one back
    #[arg(long, value_parser = state(), value_name = "STATE", help_heading = "Decision")]
    pub state: DecisionState,
    /// Why; required for accepted and false-positive
    #[arg(long, value_name = "TEXT", help_heading = "Decision")]
    pub reason: Option<String>,
    /// Who approves it
    #[arg(long, value_name = "NAME", help_heading = "Decision")]
    pub approver: Option<String>,
    /// Last day of an acceptance: 2027-01-31, or 90d from today
    #[arg(long, value_name = "DATE", help_heading = "Decision")]
    pub until: Option<String>,
    /// Where the work is tracked
    #[arg(long, value_name = "URL", help_heading = "Decision")]
    pub link: Option<String>,
    /// Name to record for this; the configured one by default
    #[arg(long, value_name = "NAME", help_heading = "Decision")]
    pub by: Option<String>,
}

/// The states that a person can give.
fn state() -> impl TypedValueParser<Value = DecisionState> {
    let given = [
        DecisionState::Open,
        DecisionState::InProgress,
        DecisionState::Accepted,
        DecisionState::FalsePositive,
    ];
    PossibleValuesParser::new(given.map(DecisionState::word))
        .try_map(|word| DecisionState::parse(&word).ok_or("not a state"))
}

/// Options of `sessions attest`.
#[derive(Debug, Args)]
pub struct AttestArgs {
    /// Its id, the beginning of it, or `last`
    pub session: String,
    /// Which control
    #[arg(value_name = "FRAMEWORK/CONTROL")]
    pub control: String,
    /// The answer; without it the question is shown, with what the cluster offers as evidence
    #[arg(long, value_parser = answer(), value_name = "ANSWER")]
    pub answer: Option<AttestationAnswer>,
    /// Who gives the answer; whoever enters it by default
    #[arg(long, value_name = "NAME", requires = "answer")]
    pub reviewer: Option<String>,
    /// The evidence, in words
    #[arg(long, value_name = "TEXT", requires = "answer")]
    pub evidence: Option<String>,
    /// Where the evidence can be seen
    #[arg(long, value_name = "URL", requires = "answer")]
    pub link: Option<String>,
    /// A file with evidence; its name, size and hash are kept, the file itself is not
    #[arg(long, value_name = "PATH", requires = "answer")]
    pub file: Option<PathBuf>,
    /// Last day on which the answer holds: 2027-01-31, or 90d from today
    #[arg(long, value_name = "DATE", requires = "answer")]
    pub until: Option<String>,
    /// Take the answer back
    #[arg(long, conflicts_with_all = ["answer", "reviewer", "evidence", "link", "file", "until"])]
    pub withdraw: bool,
    /// Name to record for this; the configured one by default
    #[arg(long, value_name = "NAME")]
    pub by: Option<String>,
}

fn answer() -> impl TypedValueParser<Value = AttestationAnswer> {
    PossibleValuesParser::new(AttestationAnswer::ALL.map(AttestationAnswer::word))
        .try_map(|word| AttestationAnswer::parse(&word).ok_or("not an answer"))
}

/// Options of `sessions exceptions`.
#[derive(Debug, Args)]
pub struct ExceptionsArgs {
    /// Its id, the beginning of it, or `last`; SESSION#RUN for another run than the last
    pub session: String,
    /// How many days ahead an end counts as near
    #[arg(long, value_parser = span, default_value = "30d", value_name = "DAYS")]
    pub within: i64,
    /// An exception that covers more findings than this is too broad
    #[arg(long, default_value_t = crate::triage::board::BROAD, value_name = "N")]
    pub broad: usize,
    /// Only what needs attention now
    #[arg(long)]
    pub review: bool,
    /// What is said outside the session.
    #[command(flatten)]
    pub triage: TriageArgs,
}

fn span(text: &str) -> Result<i64, String> {
    day::span(text).ok_or_else(|| "expected days, such as 30d".to_owned())
}
