//! Commands on sessions.

use std::path::PathBuf;

use clap::{Subcommand, ValueEnum};

use super::scan::format;
use super::{AttestArgs, DecideArgs, DecisionsCommand, ExceptionsArgs, TriageArgs};
use crate::report::Format;

/// Formats of a comparison.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum DiffFormat {
    /// For the terminal.
    #[default]
    Table,
    /// For other programs.
    Json,
    /// For reading.
    Markdown,
}

/// Commands on sessions.
#[derive(Debug, Subcommand)]
pub enum SessionsCommand {
    /// List saved sessions
    List,
    /// Show one session: scope, runs, decisions and their history, answers, imports, notes
    Show {
        /// Its id, the beginning of it, or `last`
        session: String,
        /// Every row of every table; without it at most 50 of each are shown
        #[arg(long)]
        all: bool,
        /// Print JSON, with everything
        #[arg(long)]
        json: bool,
    },
    /// Render the last run of a session with its decisions
    Report {
        /// Its id, the beginning of it, or `last`; SESSION#RUN for another run than the last
        session: String,
        /// Format
        #[arg(short = 'o', long = "output", value_parser = format(), default_value = "markdown", value_name = "FORMAT")]
        output: Format,
        /// Write the report to a file that does not exist yet; {time} in its name becomes the time in
        /// UTC, such as 20260131T235959Z
        #[arg(long, value_parser = super::file(), value_name = "F")]
        output_file: Option<PathBuf>,
        /// What is said about findings outside the session.
        #[command(flatten)]
        triage: TriageArgs,
    },
    /// Compare two runs: what is new, regressed or fixed, and what cannot be compared
    Diff {
        /// The earlier run: a session for its last run, or SESSION#RUN; given alone, it is compared
        /// with the run before it
        #[arg(value_name = "A")]
        a: String,
        /// The later run
        #[arg(value_name = "B")]
        b: Option<String>,
        /// Format
        #[arg(short = 'o', long = "output", value_enum, default_value_t = DiffFormat::Table, value_name = "FORMAT")]
        output: DiffFormat,
        /// Write the comparison to a file that does not exist yet
        #[arg(long, value_name = "F")]
        output_file: Option<PathBuf>,
        /// End with status 1 if an open finding is new or regressed, or nothing shows that it is
        /// old
        #[arg(long)]
        fail_on_new: bool,
    },
    /// Show how open findings and scores developed, run by run, over all sessions of a cluster
    Trend {
        /// Only the cluster with this uid (that of its namespace kube-system)
        #[arg(long, value_name = "UID")]
        cluster: Option<String>,
        /// Only this kubeconfig context
        #[arg(long, value_name = "NAME")]
        context: Option<String>,
        /// Only the score of this framework
        #[arg(long, value_name = "ID")]
        framework: Option<String>,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Write a session into one signed file that can be checked with `plimsoll verify`: journal,
    /// runs, imports, reads, reports
    Bundle {
        /// Its id, the beginning of it, or `last`
        session: String,
        /// File to write, a tar archive; it must not exist yet
        #[arg(long, value_name = "F")]
        output_file: PathBuf,
        /// Private key to sign with instead of your own: ed25519, PKCS#8, PEM
        #[arg(long, value_name = "FILE")]
        key: Option<PathBuf>,
    },
    /// Print the public key that checks your bundles; the key is made on first use
    Key {
        /// Private key whose public key is printed, instead of your own
        #[arg(long, value_name = "FILE")]
        key: Option<PathBuf>,
    },
    /// Decisions of a session as a file that can be reviewed
    #[command(subcommand)]
    Decisions(DecisionsCommand),
    /// Decide about findings of the last run
    Decide(DecideArgs),
    /// Answer a control that no check can decide, or take the answer back
    Attest(AttestArgs),
    /// Show what every exception covers, when it ends, and what comes back without it
    Exceptions(ExceptionsArgs),
    /// Take imported results back: they no longer count, and the journal records who took them back
    Withdraw {
        /// Its id, the beginning of it, or `last`
        session: String,
        /// Numbers of imports, or the files they came from, as `sessions show` lists them
        #[arg(required = true, value_name = "IMPORT")]
        imports: Vec<String>,
        /// Name to record for this; the user of this process by default
        #[arg(long, value_name = "NAME")]
        by: Option<String>,
    },
    /// Remove a session and everything in it
    Rm {
        /// Its id or the beginning of it
        session: String,
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
}
