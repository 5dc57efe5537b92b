//! Running a plan over an inventory.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use rayon::prelude::*;

use crate::facts::Facts;
use crate::model::finding::RunResult;
use crate::model::inventory::{Inventory, SourceInfo};
use crate::model::kinds::Kind;
use crate::model::node::Node;
use crate::model::object::Object;

use super::compiled::Compiled;
use super::cost::{self, Cost};
use super::merge::{Keyed, Sink};
use super::plan::Plan;
use super::replay::{PerTier, Tier, View};
use super::scope::Scope;
use super::select::RunScope;
use super::worker::Worker;
use super::{gaps, render};

/// Objects evaluated between two looks at the cancel flag.
const CHUNK: usize = 256;

/// Watches a run, and may end it.
pub trait Monitor: Sync {
    /// Whether the run shall end.
    fn cancelled(&self) -> bool;

    /// Called now and then from worker threads: objects done and in all.
    fn progress(&self, done: usize, total: usize);
}

/// A monitor that looks on in silence.
#[derive(Clone, Copy, Debug, Default)]
pub struct Silent;

impl Monitor for Silent {
    fn cancelled(&self) -> bool {
        false
    }

    fn progress(&self, _: usize, _: usize) {}
}

/// The checks that look at one kind, by scope.
pub(super) struct Group {
    pub(super) scope: Scope,
    /// Places in the plan of those that look at every object.
    pub(super) checks: Vec<u32>,
    /// Places of those that come to the same on every object of which they see the same, by tier.
    steady: PerTier<Vec<u32>>,
    /// Facts that any of them looks at.
    pub(super) facts: u32,
}

impl Group {
    /// The same with only some of the checks; none if nothing is left. They look at every object: what
    /// few checks see is not told faster than what they come to.
    pub(super) fn only(&self, plan: &Plan, wanted: &impl Fn(u32) -> bool) -> Option<Self> {
        let mut only = Self::new(self.scope);
        for at in self.all().filter(|at| wanted(*at)) {
            only.facts |= plan.checks.get(at as usize).map_or(0, |check| check.facts);
            only.checks.push(at);
        }
        (!only.checks.is_empty()).then_some(only)
    }

    /// Every check of it.
    pub(super) fn all(&self) -> impl Iterator<Item = u32> {
        self.checks.iter().chain(self.steady.iter().flatten()).copied()
    }

    fn new(scope: Scope) -> Self {
        Self { scope, checks: Vec::new(), steady: PerTier::default(), facts: 0 }
    }

    /// The steady checks of a tier.
    pub(super) fn of_tier(&self, tier: Tier) -> &[u32] {
        self.steady.of(tier)
    }
}

/// What a run works on.
pub(super) struct Run<'a> {
    pub(super) plan: &'a Plan,
    pub(super) facts: &'a Facts,
    pub(super) scope: &'a RunScope,
    /// The variable `cluster`.
    pub(super) cluster: Node,
    pub(super) keyed: Keyed,
    /// Every object that some check looks at, with the groups of its kind.
    pub(super) objects: Vec<(&'a Arc<Object>, usize)>,
    /// Kinds with their groups.
    pub(super) kinds: Vec<(Kind, Vec<Group>)>,
    /// What the steady checks see.
    pub(super) view: Arc<View>,
    /// What the checks have cost so far.
    pub(super) cost: Cost,
    /// How often an object was taken apart for the findings on it.
    #[cfg(test)]
    pub(super) apart: AtomicUsize,
}

/// Runs a plan. A run that was cancelled gives nothing: half a run is no verdict.
#[must_use]
pub fn run(plan: &Plan, facts: &Facts, scope: &RunScope, monitor: &dyn Monitor) -> RunResult {
    let view = Arc::new(View::of(plan, facts));
    carry_out(&Run::new(plan, facts, scope, view, Keyed::new()), monitor)
}

/// A run in which nothing is replayed: every check looks at every object.
#[cfg(test)]
pub(super) fn run_each(plan: &Plan, facts: &Facts, scope: &RunScope) -> RunResult {
    let view = Arc::new(View::default());
    carry_out(&Run::new(plan, facts, scope, view, Keyed::new()), &Silent)
}

/// A run in which no check may take more than so many steps.
#[cfg(test)]
pub(super) fn run_within(plan: &Plan, facts: &Facts, scope: &RunScope, most: u64) -> RunResult {
    let view = Arc::new(View::of(plan, facts));
    let mut run = Run::new(plan, facts, scope, view, Keyed::new());
    run.cost = Cost::new(plan.checks.len(), most);
    carry_out(&run, &Silent)
}

/// A run, and how often an object was taken apart for the findings on it.
#[cfg(test)]
pub(super) fn run_apart(plan: &Plan, facts: &Facts) -> (RunResult, usize) {
    let (view, scope) = (Arc::new(View::of(plan, facts)), RunScope::default());
    let run = Run::new(plan, facts, &scope, view, Keyed::new());
    let result = carry_out(&run, &Silent);
    let apart = run.apart.load(Ordering::Relaxed);
    (result, apart)
}

/// A run of one worker, with what every check took; at most so many steps of a check on one object.
#[cfg(test)]
pub(super) fn run_counted(plan: &Plan, facts: &Facts, on_one: u64) -> (RunResult, Vec<u64>) {
    let (view, scope) = (Arc::new(View::of(plan, facts)), RunScope::default());
    let mut run = Run::new(plan, facts, &scope, view, Keyed::new());
    run.cost = Cost::new(plan.checks.len(), u64::MAX).on_one(on_one);
    let mut worker = Worker::new(&run);
    let sink = worker.chunk(0, &run.objects);
    worker.settle();
    (render::result(&run, &sink, gaps::unlisted(&run)), run.cost.taken())
}

fn carry_out(run: &Run<'_>, monitor: &dyn Monitor) -> RunResult {
    let total = run.objects.len();
    let done = AtomicUsize::new(0);
    let sink = run
        .order()
        .par_chunks(CHUNK)
        .map_init(
            // Lists and what is known of them are kept from one chunk to the next.
            || Worker::new(run),
            |worker, chunk| {
                if monitor.cancelled() {
                    return Sink::default();
                }
                let sink = worker.some(chunk);
                let done = done.fetch_add(chunk.len(), Ordering::Relaxed) + chunk.len();
                monitor.progress(done, total);
                sink
            },
        )
        .reduce(Sink::default, Sink::absorb);
    if monitor.cancelled() {
        return RunResult::default();
    }
    let mut sink = Sink::new(run.plan.checks.len()).absorb(sink);
    Worker::new(run).cluster(&mut sink, &|_| true);
    let unlisted = gaps::unlisted(run);
    let result = render::result(run, &sink, unlisted);
    monitor.progress(total, total);
    result
}

impl<'a> Run<'a> {
    pub(super) fn new(
        plan: &'a Plan,
        facts: &'a Facts,
        scope: &'a RunScope,
        view: Arc<View>,
        keyed: Keyed,
    ) -> Self {
        let inventory: &'a Inventory = facts.inventory();
        let mut run = Self {
            plan,
            facts,
            scope,
            cluster: cluster(&inventory.source),
            keyed,
            objects: Vec::new(),
            kinds: Vec::new(),
            view,
            cost: Cost::new(plan.checks.len(), cost::MOST),
            #[cfg(test)]
            apart: AtomicUsize::default(),
        };
        for kind in inventory.kinds() {
            let groups = groups(plan, kind, &run.view);
            if groups.is_empty() {
                continue;
            }
            let at = run.kinds.len();
            run.objects.extend(inventory.of(kind).iter().map(|object| (object, at)));
            run.kinds.push((kind.clone(), groups));
        }
        run
    }

    /// The places of the objects in the order in which they are judged: by namespace and name, so that
    /// pods follow the template that they are made of, whose name they begin with.
    fn order(&self) -> Vec<u32> {
        let count = u32::try_from(self.objects.len()).unwrap_or(u32::MAX);
        let mut order: Vec<u32> = (0..count).collect();
        let name = |at: &u32| self.object(*at).map(|object| (object.namespace(), &*object.id.name));
        order.par_sort_by(|one, other| name(one).cmp(&name(other)));
        order
    }

    pub(super) fn check(&self, at: u32) -> Option<&'a Compiled> {
        self.plan.checks.get(at as usize)
    }

    pub(super) fn object(&self, at: u32) -> Option<&'a Arc<Object>> {
        self.objects.get(at as usize).map(|(object, _)| *object)
    }
}

fn groups(plan: &Plan, kind: &Kind, view: &View) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for (at, check) in plan.checks.iter().enumerate() {
        let target = &check.check.target;
        if !target.kinds.iter().any(|pattern| pattern.matches(kind)) {
            continue;
        }
        let at = u32::try_from(at).unwrap_or(u32::MAX);
        let known = groups.iter().position(|group| group.scope == target.scope);
        let known = known.unwrap_or_else(|| {
            groups.push(Group::new(target.scope));
            groups.len() - 1
        });
        let Some(group) = groups.get_mut(known) else { continue };
        group.facts |= check.facts;
        let checks = match view.steady(at) {
            Some(steady) => group.steady.of_mut(steady.tier),
            None => &mut group.checks,
        };
        checks.push(at);
    }
    groups
}

/// `version`, `minor`, `provider` and `source`; what is unknown is absent.
pub(super) fn cluster(source: &SourceInfo) -> Node {
    let text = |text: &str| if text.is_empty() { Node::Null } else { Node::str(text) };
    // Manifests are of no moment: what they say does not age between one reading and the next.
    let read_at = source.read_at.as_deref().filter(|_| !source.is_manifests());
    Node::map([
        ("version", source.kubernetes.as_deref().map_or(Node::Null, text)),
        ("minor", source.minor().map_or(Node::Null, |minor| Node::Int(i64::from(minor)))),
        ("provider", text(&source.provider)),
        ("source", Node::str(source.kind.word())),
        ("now", read_at.map_or(Node::Null, text)),
    ])
}
