//! What a scan is asked for: a selection of the command line, or a profile.

use std::collections::BTreeSet;

use super::CommandError;
use super::args::{ScanArgs, SelectionArgs};
use super::context::CommandContext;
use super::{open, output};
use crate::assess::tenants::{By, Members, Tenant, namespace_kind};
use crate::assess::{Chosen, Content};
use crate::checks::RunScope;
use crate::frameworks::tenant::Scorecard;
use crate::model::finding::RunResult;
use crate::model::inventory::Inventory;
use crate::model::kinds::Kind;
use crate::model::ledger::Ledger;
use crate::report::Judged;
use crate::runtime::clock::today;
use crate::session::run::Selection;

/// What the command line asks for, by itself or by a profile.
pub(super) struct ScanOrder {
    /// Checks and frameworks, with the parameters of a profile.
    pub content: Content,
    /// What to assess; of a profile without its namespaces, which only the objects tell.
    pub selection: Selection,
    tenant: Option<Tenant>,
}

impl ScanOrder {
    /// Understands the command line.
    pub fn of(context: &CommandContext, args: &ScanArgs, tenant: Option<Tenant>) -> Self {
        let mut asked = Self::by(context, &args.selection, tenant);
        if let Some(version) = args.source.kube_version.as_deref() {
            let content = &mut asked.content;
            content.policy_minor =
                content.policy_minor.or_else(|| crate::config::file::minor(version));
        }
        asked
    }

    /// Understands a selection, or a profile that stands in its place.
    pub fn by(context: &CommandContext, args: &SelectionArgs, tenant: Option<Tenant>) -> Self {
        let mut content = context.content.clone();
        let mut selection = open::selection(args);
        if let Some(tenant) = &tenant {
            content.params = tenant.params.clone();
            selection = tenant.selection(&BTreeSet::new(), selection.include_platform);
        }
        Self { content, selection, tenant }
    }

    /// The kinds to read: which namespaces are a tenant's, only they tell.
    pub fn kinds(&self, chosen: &Chosen) -> Vec<Kind> {
        let own = self.tenant.as_ref().map(|_| namespace_kind());
        let kinds: BTreeSet<Kind> = self.content.kinds(chosen).into_iter().chain(own).collect();
        kinds.into_iter().collect()
    }

    /// The namespaces to read; none for all.
    pub fn namespaces(&self) -> Vec<String> {
        match &self.tenant {
            Some(tenant) => tenant.named().unwrap_or_default(),
            None => self.selection.namespaces.clone(),
        }
    }

    /// Narrows what was chosen to the namespaces of a tenant, once they are known.
    ///
    /// # Errors
    /// When none is there.
    pub fn settle(
        &self,
        chosen: Chosen,
        inventory: &Inventory,
    ) -> Result<(Members, Chosen), CommandError> {
        let (members, chosen) = self.narrow(chosen, inventory)?;
        if chosen.scope.is_nothing() {
            return Err(self.nowhere());
        }
        Ok((members, chosen))
    }

    /// That no namespace is a tenant's.
    fn nowhere(&self) -> CommandError {
        let name = self.tenant.as_ref().map_or("", |tenant| &tenant.name);
        CommandError::Usage(format!("no namespace here belongs to profile `{name}`"))
    }

    /// As [`ScanOrder::settle`], but where none is there nothing is left to look at, and a profile that has a
    /// threshold is not decided.
    ///
    /// # Errors
    /// When none is there and the profile has no threshold: an empty result would look like a clean one.
    pub fn narrow(
        &self,
        chosen: Chosen,
        inventory: &Inventory,
    ) -> Result<(Members, Chosen), CommandError> {
        let Some(tenant) = &self.tenant else { return Ok((Members::default(), chosen)) };
        let members = tenant.members(inventory);
        for note in &members.notes {
            output::complain(&format!("plimsoll: profile {}: {note}", tenant.name));
        }
        if members.names.is_empty() {
            if !tenant.has_threshold() {
                return Err(self.nowhere());
            }
            let selection = chosen.selection;
            return Ok((
                members,
                Chosen { selection, scope: RunScope::nothing(), ..Chosen::default() },
            ));
        }
        let selection = tenant.selection(&members.names, self.selection.include_platform);
        Ok((members, self.content.choose(&selection)?))
    }

    /// Whether the profile is met.
    pub fn card(
        &self,
        members: &Members,
        result: &RunResult,
        judged: &[Judged],
        ledger: &Ledger,
    ) -> Option<Scorecard> {
        let by = By { ledger, today: &today(), include_platform: self.selection.include_platform };
        Some(self.content.card(self.tenant.as_ref()?, members, result, judged, by))
    }
}
