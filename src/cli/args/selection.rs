//! Options that say what to assess.

use clap::Args;

/// What to assess.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Selection")]
pub struct SelectionArgs {
    /// Frameworks, comma-separated, each ID or ID:LEVEL
    #[arg(long, value_delimiter = ',', value_name = "ID")]
    pub framework: Vec<String>,
    /// Controls, comma-separated
    #[arg(long, value_delimiter = ',', value_name = "FRAMEWORK/ID")]
    pub control: Vec<String>,
    /// Checks, comma-separated
    #[arg(long, value_delimiter = ',', value_name = "ID")]
    pub check: Vec<String>,
    /// Namespaces (may be given more than once)
    #[arg(
        short = 'n',
        long,
        value_delimiter = ',',
        value_name = "NS",
        value_parser = super::namespace(),
        conflicts_with = "all_namespaces"
    )]
    pub namespace: Vec<String>,
    /// All namespaces (the default)
    #[arg(short = 'A', long)]
    pub all_namespaces: bool,
    /// Label selector, such as app=web,tier!=cache
    #[arg(short = 'l', long, value_name = "SELECTOR")]
    pub selector: Option<String>,
    /// One object: KIND/NAME, such as deploy/web
    #[arg(value_name = "KIND/NAME")]
    pub object: Option<String>,
    /// Count findings on objects of the platform itself too
    #[arg(long)]
    pub include_platform: bool,
}

/// A profile in place of a selection.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Selection")]
pub struct ProfileArgs {
    /// Judge by a profile (a tenant's namespaces, and what it is held to), given by name or file;
    /// several, or `all`, are judged side by side
    #[arg(
        long,
        value_delimiter = ',',
        value_name = "P",
        conflicts_with_all = ["framework", "control", "check", "namespace", "all_namespaces", "selector", "object"]
    )]
    pub profile: Vec<String>,
}
