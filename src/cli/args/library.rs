//! Commands on checks and frameworks.

use std::path::PathBuf;

use clap::Subcommand;

/// Commands on checks.
#[derive(Debug, Subcommand)]
pub enum ChecksCommand {
    /// List checks
    List {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Show one check: every clause it serves, rule, explanation, examples
    Show {
        /// Id of the check
        id: String,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Run the examples of all checks and look for mistakes in the library, or only in these ids,
    /// files or directories
    Test {
        /// Ids, files or directories
        what: Vec<String>,
    },
    /// Write a working check to start from, which says what each part is for
    New {
        /// Its id: lower-case words with dashes between
        id: String,
        /// Write it to a file that does not exist yet
        #[arg(long, value_name = "F")]
        output_file: Option<PathBuf>,
    },
    /// Show the scopes and what a rule sees in each
    Scopes,
    /// Print the tables of `checks/README.md`
    #[command(hide = true)]
    Readme,
}

/// Commands on frameworks.
#[derive(Debug, Subcommand)]
pub enum FrameworksCommand {
    /// List frameworks, what they are written for, and how much of each can be decided here
    List {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Show a framework and its controls, or one control
    Show {
        /// Id of the framework, or its family for the newest edition
        id: String,
        /// Id or older number of a control
        control: Option<String>,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Show every clause that a check touches, or the controls of other frameworks that share the
    /// deciding checks of one
    Crosswalk {
        /// Id of a check, or FRAMEWORK/CONTROL
        what: String,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
}
