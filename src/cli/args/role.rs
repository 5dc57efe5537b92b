//! Options of `plimsoll role`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::{Allow, ProfileArgs, SelectionArgs, allowable};

/// What the role is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum RolePurpose {
    /// One reading: to list what the selected checks look at.
    #[default]
    Scan,
    /// The workbench: whatever is selected it lists what a person browses and what any check looks
    /// at, watches it, and gets the object that is looked at.
    Workbench,
    /// A snapshot: to list what a person browses and what any check looks at.
    Snapshot,
}

/// Formats of a role.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum RoleFormat {
    /// With comments that say what each right is for.
    #[default]
    Yaml,
    /// For other programs: a List, without comments.
    Json,
}

/// Options of `role`.
#[derive(Debug, Args)]
#[command(
    after_help = "Nothing is sent to a cluster unless --discover is given; then Plimsoll asks only what the cluster serves.\n\n\
  plimsoll role --bind-service-account audit/plimsoll | kubectl apply -f -\n  plimsoll role --framework pss-restricted -n shop --bind-group shop-team"
)]
pub struct RoleArgs {
    /// What to assess.
    #[command(flatten)]
    pub selection: SelectionArgs,
    /// A profile in place of a selection.
    #[command(flatten)]
    pub profile: ProfileArgs,
    /// Switch on reads that are off by default
    #[arg(long, value_parser = allowable(), value_delimiter = ',', value_name = "WHAT", help_heading = "Selection")]
    pub allow: Vec<Allow>,
    /// What the role is for
    #[arg(long = "for", value_enum, default_value_t = RolePurpose::Scan, value_name = "WHAT", help_heading = "Role")]
    pub purpose: RolePurpose,
    /// Only the roles in the namespaces, for someone who may not grant rights in the whole cluster
    #[arg(long, help_heading = "Role")]
    pub namespaced: bool,
    /// Name of the roles and bindings
    #[arg(long, default_value = "plimsoll", value_name = "NAME", help_heading = "Role")]
    pub name: String,
    /// Also print the binding to this user (may be given more than once)
    #[arg(long, value_name = "USER", help_heading = "Role")]
    pub bind_user: Vec<String>,
    /// Also print the binding to this group (may be given more than once)
    #[arg(long, value_name = "GROUP", help_heading = "Role")]
    pub bind_group: Vec<String>,
    /// Also print the binding to this service account (may be given more than once)
    #[arg(long, value_name = "NS/NAME", help_heading = "Role")]
    pub bind_service_account: Vec<String>,
    /// Ask the cluster what it serves: kinds that it lacks are left out, and custom kinds are named
    /// as it names them
    #[arg(long, help_heading = "Role")]
    pub discover: bool,
    /// kubeconfig context to ask
    #[arg(long, value_name = "NAME", requires = "discover", help_heading = "Role")]
    pub context: Option<String>,
    /// kubeconfig file
    #[arg(long, value_name = "PATH", requires = "discover", help_heading = "Role")]
    pub kubeconfig: Option<PathBuf>,
    /// Format of the result
    #[arg(short = 'o', long = "output", value_enum, default_value_t = RoleFormat::Yaml, value_name = "FORMAT", help_heading = "Result")]
    pub output: RoleFormat,
}
