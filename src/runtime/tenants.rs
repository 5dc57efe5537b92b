//! Scorecards of tenants, off the main task: a run over each tenant's namespaces, which is kept while
//! the objects are the same, and judged anew whenever decisions change.

use std::sync::{Arc, Mutex};

use tokio::sync::mpsc::Sender;

use super::cancel::{Cancel, CancelToken};
use super::clock::today;
use crate::app::event::{Event, UserError};
use crate::assess::tenants::{By, Tenant, TenantRun};
use crate::assess::{Before, Content, Finished, KnownAtEnd, RunTimes, SelectionError};
use crate::checks::Monitor;
use crate::frameworks::tenant::Scorecard;
use crate::model::inventory::Inventory;
use crate::model::ledger::Ledger;
use crate::session::RunRecord;
use crate::triage::Sources;

/// What the tenants are to be judged by.
pub(super) struct TenantsWork {
    /// Checks and frameworks.
    pub content: Content,
    /// The tenants.
    pub tenants: Vec<Tenant>,
    /// The objects that the last run looked at.
    pub inventory: Arc<Inventory>,
    /// The last run: since when its findings are there, theirs are as well.
    pub last: Arc<RunRecord>,
    /// What is said about findings outside the session.
    pub sources: Sources,
    /// Decisions, answers and imports.
    pub ledger: Arc<Ledger>,
    /// Findings on objects of the platform decide.
    pub include_platform: bool,
    /// The number to answer with.
    pub asked: u64,
}

impl TenantsWork {
    /// What is known of the past of a tenant's findings: where no session has any, nothing.
    fn before(&self) -> Before<'_> {
        if self.last.result.history.is_empty() { Before::Nothing } else { Before::Run(&self.last) }
    }
}

/// The runs over some objects, one for each tenant.
struct KeptTenants {
    inventory: Arc<Inventory>,
    include_platform: bool,
    runs: Vec<TenantRun>,
}

/// What was worked out last, and the task at work.
#[derive(Default)]
pub(super) struct TenantsTask {
    kept: Arc<Mutex<Option<KeptTenants>>>,
    cancel: Cancel,
}

impl TenantsTask {
    /// Forgets what was worked out: profiles or checks are others.
    pub(super) fn forget(&mut self) {
        *self = Self::default();
    }

    /// Works scorecards out and sends them; what was at work before is told to stop.
    pub(super) fn start(&mut self, work: TenantsWork, events: Sender<Event>) {
        self.cancel = Cancel::default();
        let (token, kept) = (self.cancel.token(), Arc::clone(&self.kept));
        tokio::task::spawn_blocking(move || {
            let asked = work.asked;
            let cards = match cards(&work, &kept, &token) {
                Ok(Some(cards)) => Ok(cards),
                // Somebody asked again, and is answered by another task.
                Ok(None) => return,
                Err(error) => Err(UserError {
                    what: "A profile cannot be judged.".to_owned(),
                    why: error.to_string(),
                    next: "`plimsoll config check` names file and line; :reload reads it again."
                        .to_owned(),
                }),
            };
            // The shell may be gone.
            let _ = events.blocking_send(Event::Tenants { asked, cards });
        });
    }
}

/// The scorecards; none when it was told to stop.
fn cards(
    work: &TenantsWork,
    kept: &Mutex<Option<KeptTenants>>,
    monitor: &CancelToken,
) -> Result<Option<Vec<Scorecard>>, SelectionError> {
    // Whoever panicked with it left nothing half done: it is put in whole.
    let mut kept = kept.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let fresh = kept.as_ref().is_some_and(|kept| {
        Arc::ptr_eq(&kept.inventory, &work.inventory)
            && kept.include_platform == work.include_platform
    });
    if !fresh {
        let facts = work.content.facts(Arc::clone(&work.inventory));
        let mut runs = Vec::with_capacity(work.tenants.len());
        for tenant in &work.tenants {
            runs.push(work.content.run_tenant(tenant, &facts, work.include_platform, monitor)?);
            if monitor.cancelled() {
                return Ok(None);
            }
        }
        let inventory = Arc::clone(&work.inventory);
        *kept = Some(KeptTenants { inventory, include_platform: work.include_platform, runs });
    }
    let day = today();
    let known = KnownAtEnd { sources: &work.sources, before: work.before(), today: &day };
    let runs = kept.as_ref().map(|kept| kept.runs.as_slice()).unwrap_or_default();
    let card = |(tenant, run): (&Tenant, &TenantRun)| {
        let mut ledger = Arc::clone(&work.ledger);
        let (started, finished) = (work.last.started.clone(), work.last.finished.clone());
        let of = (&*work.inventory, RunTimes { started, finished });
        let Finished { record, judged, .. } =
            work.content.finish_tenant(tenant, run, of, known, &mut ledger);
        let include_platform = work.include_platform;
        let by = By { ledger: &ledger, today: &day, include_platform };
        work.content.card(tenant, &run.members, &record.result, &judged, by)
    };
    Ok(Some(work.tenants.iter().zip(runs).map(card).collect()))
}
