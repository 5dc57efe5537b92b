//! What the command line gives for single clusters of several: runs to compare with, told by what they
//! are of, and results of other tools, told by the name in front of the file.

use super::super::args::ScanArgs;
use super::super::compare::ComparableRun;
use super::super::context::CommandContext;
use super::super::{CommandError, import};
use super::FleetMember;
use crate::model::import::Import;
use crate::model::inventory::SourceInfo;

/// The word for the last run of whichever session is of a cluster.
const LAST: &str = "last";

/// Runs that clusters are compared with.
#[derive(Default)]
pub struct Baselines {
    /// `SESSION` or `SESSION#RUN`, and what that run is of.
    named: Vec<(String, SourceInfo)>,
    /// Sessions that were named: that one is of no cluster is told.
    told: bool,
}

impl Baselines {
    /// Reads which sessions are meant: those that are named, with commas between, or for `last` all that
    /// have a run, the one that was used last before the others.
    ///
    /// # Errors
    /// When a session that is named is not there, or has no run.
    pub fn of(context: &CommandContext, text: &str) -> Result<Self, CommandError> {
        if text != LAST {
            let one = |name: &str| {
                let saved = ComparableRun::newest(context, name)?;
                Ok((name.to_owned(), saved.run().source.clone()))
            };
            let named = text.split(',').map(str::trim).filter(|name| !name.is_empty());
            let named = named.map(one).collect::<Result<_, CommandError>>()?;
            return Ok(Self { named, told: true });
        }
        let all = context.store().list()?;
        let with_run = all.into_iter().filter_map(|summary| {
            let state = summary.state.ok().filter(|state| !state.runs.is_empty())?;
            Some((summary.id, state.meta.source))
        });
        Ok(Self { named: with_run.collect(), told: false })
    }

    /// The run that a cluster is compared with; none where no session is of it.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn find(
        &self,
        context: &CommandContext,
        source: &SourceInfo,
    ) -> Result<Option<ComparableRun>, CommandError> {
        let own = self.named.iter().find(|(_, of)| of.is_same_as(source));
        own.map(|(name, _)| ComparableRun::newest(context, name)).transpose()
    }

    /// Sessions that were named and are of none of these.
    pub fn strangers<'a>(
        &'a self,
        read: &'a [&SourceInfo],
    ) -> impl Iterator<Item = &'a str> + use<'a> {
        let stray = |of: &SourceInfo| !read.iter().any(|source| of.is_same_as(source));
        let named = self.named.iter().filter(move |(_, of)| self.told && stray(of));
        named.map(|(name, _)| name.as_str())
    }
}

/// Reads `CLUSTER=FILE` and `CLUSTER=NODE=FILE`; the results of each cluster are in the place of the
/// member.
///
/// # Errors
/// When one names no cluster, or cannot be read.
pub fn imports(args: &ScanArgs, members: &[FleetMember]) -> Result<Vec<Vec<Import>>, CommandError> {
    let mut all: Vec<Vec<Import>> = members.iter().map(|_| Vec::new()).collect();
    for text in &args.import {
        let rest = |member: &FleetMember| text.strip_prefix(&member.name)?.strip_prefix('=');
        let fits = members.iter().enumerate().filter_map(|(at, m)| Some((at, rest(m)?)));
        // A name may be the beginning of another one: the longer one is meant.
        let Some((at, file)) = fits.min_by_key(|(_, rest)| rest.len()) else {
            let names: Vec<&str> = members.iter().map(|member| member.name.as_str()).collect();
            return Err(CommandError::Usage(format!(
                "--import {text}: results are of one cluster: write CLUSTER=FILE, where the cluster is one \
                 of {}",
                names.join(", ")
            )));
        };
        let read = import::load_all(&[file.to_owned()], None, None)?;
        if let Some(own) = all.get_mut(at) {
            own.extend(read);
        }
    }
    Ok(all)
}
