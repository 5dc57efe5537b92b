//! What a change would come to, before anybody makes it: the checks of the last run on a copy of the
//! inventory in which remedies are applied and rolled out.
//!
//! Every check of the run looks at every object of the copy again, so that what joins several
//! objects is as right as in a run: a patched Role changes what is said of its bindings, of the
//! accounts in them and of the pods that use those.

use std::sync::Arc;

use super::{Chosen, Content};
use crate::checks::remedy::outcome::{LevelMove, RemedyOutcome, outcome};
use crate::checks::remedy::rollout::rollout;
use crate::checks::remedy::together::{Together, together};
use crate::checks::{Monitor, RunScope};
use crate::facts::{Facts, Level};
use crate::frameworks::FrameworkResult;
use crate::model::finding::{Finding, RunResult};
use crate::model::inventory::Inventory;
use crate::model::ledger::Ledger;
use crate::model::object::ObjectRef;

/// What to work out.
#[derive(Clone, Debug)]
pub struct Question<'a> {
    /// What ran last, and on what part of the cluster.
    pub chosen: &'a Chosen,
    /// The objects as they are.
    pub inventory: &'a Arc<Inventory>,
    /// The result on them; none to have it worked out.
    pub before: Option<Arc<RunResult>>,
    /// The findings to mend.
    pub findings: &'a [Arc<Finding>],
    /// Decisions, answers and imports.
    pub ledger: &'a Ledger,
    /// RFC 3339 date.
    pub today: &'a str,
}

/// What it comes to.
#[derive(Clone, Debug)]
pub struct PreviewResult {
    /// What is changed, and for what there is no change.
    pub together: Together,
    /// What becomes of findings.
    pub outcome: RemedyOutcome,
    /// The result on the objects as they are.
    pub before: Arc<RunResult>,
    /// The frameworks as they are.
    pub judged_before: Vec<FrameworkResult>,
    /// The frameworks as they would be.
    pub judged_after: Vec<FrameworkResult>,
    /// The Pod Security level of each changed workload.
    pub levels: Vec<LevelMove>,
    /// The policy version of the levels, as its minor.
    pub policy_minor: u32,
    /// How many live pods were made anew from the new template.
    pub pods: usize,
    /// What a person has to know.
    pub remarks: Vec<String>,
}

impl Content {
    /// Works out what the remedies of findings come to together; none when it was cancelled.
    #[must_use]
    pub fn preview(&self, question: &Question<'_>, monitor: &dyn Monitor) -> Option<PreviewResult> {
        let Question { chosen, inventory, findings, .. } = *question;
        let together = together(&self.library, &self.params, findings, inventory, monitor);
        let facts = self.facts(Arc::clone(inventory));
        let rollout = rollout(&facts, &together.remedies);
        let plan = self.plan(chosen);
        let before = match &question.before {
            Some(before) => Arc::clone(before),
            None => Arc::new(self.run(&plan, chosen, &facts, monitor)),
        };
        if monitor.cancelled() {
            return None;
        }
        let copy = Arc::new(rollout.inventory);
        let facts_after = self.facts(Arc::clone(&copy));
        let after = self.run(&plan, chosen, &facts_after, monitor);
        if monitor.cancelled() {
            return None;
        }
        let judge = |result: &RunResult, inventory: &Inventory| -> Vec<FrameworkResult> {
            let judged = self.judge(chosen, result, inventory, question.ledger, question.today);
            judged.into_iter().map(|judged| judged.result).collect()
        };
        let mut remarks = rollout.remarks;
        remarks.extend(narrowed(&chosen.scope));
        Some(PreviewResult {
            outcome: outcome(&before, &after),
            judged_before: judge(&before, inventory),
            judged_after: judge(&after, &copy),
            levels: levels(&together, &facts, &facts_after),
            policy_minor: facts.policy_minor(),
            before,
            together,
            pods: rollout.pods,
            remarks,
        })
    }
}

/// What of the cluster was left out, if anything was.
fn narrowed(scope: &RunScope) -> Option<String> {
    if scope.is_everything() {
        return None;
    }
    let place = match (&scope.namespaces, &scope.object) {
        (_, Some((kind, _, name))) => format!("{kind}/{name} and what it owns"),
        (Some(namespaces), None) => {
            let names: Vec<&str> = namespaces.iter().map(String::as_str).collect();
            format!("namespace {}", names.join(", "))
        }
        (None, None) => "the objects that the selector takes".to_owned(),
    };
    Some(format!(
        "the last run looked at {place} only, and so does this: what changes elsewhere, and checks \
         on the cluster as a whole, are left out"
    ))
}

/// The levels of what is changed and has a pod, or a template with its pods: the weakest of them.
fn levels(together: &Together, before: &Facts, after: &Facts) -> Vec<LevelMove> {
    let level = |facts: &Facts, id: &ObjectRef| {
        let object = facts.inventory().find(id)?;
        let own = facts.level(object)?;
        let identity = facts.identity(object);
        let pod = crate::model::kinds::Kind::new("", "Pod");
        let pods = facts.inventory().in_namespace(&pod, object.namespace()).iter();
        let pods = pods.filter(|pod| facts.identity(pod) == identity);
        Some(pods.filter_map(|pod| facts.level(pod)).fold(own, Level::min))
    };
    let targets = together.remedies.iter().map(|remedy| &remedy.target);
    let moved = |id: &ObjectRef| {
        let (before, after) = (level(before, id)?, level(after, id)?);
        Some(LevelMove { workload: id.clone(), before, after })
    };
    targets.filter_map(moved).collect()
}
