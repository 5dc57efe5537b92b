//! Options of `plimsoll access` and `plimsoll network`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::SourceArgs;

/// Formats of an answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum AnswerFormat {
    /// Tables and sentences.
    #[default]
    Table,
    /// For other programs.
    Json,
}

/// How an answer is given.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Result")]
pub struct AnswerArgs {
    /// Format of the result
    #[arg(short = 'o', long = "output", value_enum, default_value_t = AnswerFormat::Table, value_name = "FORMAT")]
    pub output: AnswerFormat,
    /// Write the result to a file that does not exist yet; {time} in its name becomes the time in
    /// UTC, such as 20260131T235959Z
    #[arg(long, value_parser = super::file(), value_name = "F")]
    pub output_file: Option<PathBuf>,
}

/// Options of `access`.
#[derive(Debug, Args)]
#[command(
    after_help = "Rights come from RBAC as it could be read; admission, webhooks for authorization and the node authorizer are not looked at.\n\n  \
  plimsoll access                                   everybody, the worst right first\n  \
  plimsoll access sa/shop/cart                      what one account may do, and through what\n  \
  plimsoll access clusterrole/edit                  who is bound to a role\n  \
  plimsoll access --who-can 'get secrets' -n shop"
)]
pub struct AccessArgs {
    /// Where objects come from.
    #[command(flatten)]
    pub source: SourceArgs,
    /// One subject or role: ServiceAccount/NS/NAME, User/NAME, Group/NAME, Role/NS/NAME, ClusterRole/NAME
    #[arg(value_name = "WHO", conflicts_with_all = ["who_can", "roles"])]
    pub who: Option<String>,
    /// Who can do this: a verb and a resource as kubectl names it, such as 'create pods/exec'
    #[arg(long, value_name = "VERB RESOURCE", conflicts_with = "roles", help_heading = "Question")]
    pub who_can: Option<String>,
    /// List roles and who is bound to them
    #[arg(long, help_heading = "Question")]
    pub roles: bool,
    /// Only rights that hold in this namespace
    #[arg(short = 'n', long, value_name = "NS", help_heading = "Question",
        value_parser = super::namespace())]
    pub namespace: Option<String>,
    /// Also show what the distribution itself installed
    #[arg(long, help_heading = "Question")]
    pub include_platform: bool,
    /// How the answer is given.
    #[command(flatten)]
    pub answer: AnswerArgs,
}

/// Options of `network`.
#[derive(Debug, Args)]
#[command(after_help = "NetworkPolicies are evaluated; those of other kinds are named.\n\n  \
  plimsoll network                                  every namespace: what is shut, and how many pods are isolated\n  \
  plimsoll network -n shop                          its workloads and policies\n  \
  plimsoll network -n shop deploy/cart              who may reach it, and where it may go")]
pub struct NetworkArgs {
    /// Where objects come from.
    #[command(flatten)]
    pub source: SourceArgs,
    /// One workload: KIND/NAME, such as deploy/cart
    #[arg(value_name = "KIND/NAME")]
    pub workload: Option<String>,
    /// These namespaces, with what runs in them (may be given more than once)
    #[arg(short = 'n', long, value_delimiter = ',', value_name = "NS", help_heading = "Question",
        value_parser = super::namespace())]
    pub namespace: Vec<String>,
    /// How the answer is given.
    #[command(flatten)]
    pub answer: AnswerArgs,
}
