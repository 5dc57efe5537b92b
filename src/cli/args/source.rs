//! Options that say where objects come from.

use std::path::PathBuf;

use clap::builder::{EnumValueParser, TypedValueParser};
use clap::{Args, ValueEnum};

/// Where objects come from.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Source")]
pub struct SourceArgs {
    /// kubeconfig context
    #[arg(long, value_name = "NAME")]
    pub context: Option<String>,
    /// kubeconfig file
    #[arg(long, value_name = "PATH")]
    pub kubeconfig: Option<PathBuf>,
    /// kubeconfig cluster instead of the context's
    #[arg(long, value_name = "NAME")]
    pub cluster: Option<String>,
    /// kubeconfig user instead of the context's
    #[arg(long, value_name = "NAME")]
    pub user: Option<String>,
    /// User to impersonate
    #[arg(long = "as", value_name = "USER")]
    pub as_user: Option<String>,
    /// Group to impersonate (may be given more than once)
    #[arg(long = "as-group", value_name = "GROUP", requires = "as_user")]
    pub as_group: Vec<String>,
    /// Longest wait for one request, such as 30s or 2m
    #[arg(long, value_name = "TIME")]
    pub request_timeout: Option<String>,
    /// Manifests: files, directories, or - for standard input
    #[arg(short = 'f', long = "file", value_name = "PATH", num_args = 1.., conflicts_with_all = ["context", "snapshot", "demo"])]
    pub file: Vec<String>,
    /// The manifests are everything there is: what they lack counts as absent
    #[arg(long, requires = "file")]
    pub complete: bool,
    /// Kubernetes version to judge manifests by
    #[arg(long, value_name = "1.31", requires = "file")]
    pub kube_version: Option<String>,
    /// A saved snapshot
    #[arg(long, value_name = "F", conflicts_with_all = ["context", "demo"])]
    pub snapshot: Option<PathBuf>,
    /// The built-in demo cluster
    #[arg(long, conflicts_with = "context")]
    pub demo: bool,
    /// Switch on reads that are off by default
    #[arg(long, value_parser = allowable(), value_delimiter = ',', value_name = "WHAT")]
    pub allow: Vec<Allow>,
}

/// Reads that are off unless allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Allow {
    /// The running configuration of every kubelet. The right behind it, get on nodes/proxy, also
    /// lets its holder run commands in pods; Plimsoll asks for nothing but configz.
    Configz,
    /// Names, labels and types of Secrets. The right behind it is `list secrets`, which could read
    /// their values too; Plimsoll never asks for those.
    SecretMetadata,
    /// Single Secrets whole, for when certificates and tokens expire.
    #[value(hide = true)]
    SecretBodies,
    /// Every kind that the server offers, custom ones too, to browse. Costs a list for each.
    AllKinds,
    /// A patch sent to the server to be tried, not kept.
    #[value(hide = true)]
    DryRun,
}

/// The words of `--allow`: those that are reserved are told from those that mean nothing.
pub(super) fn allowable() -> impl TypedValueParser<Value = Allow> {
    EnumValueParser::<Allow>::new().try_map(|word| match word {
        Allow::SecretBodies | Allow::DryRun => Err("not available in this version"),
        word => Ok(word),
    })
}
