//! A run that is kept up to date: after a change of the cluster only what the change bears on is
//! judged again.
//!
//! Objects are kept in cells, a few of one kind side by side, each with what the checks came to on
//! them. A cell is judged again as a whole where one of its objects changed; where only something
//! beside them did, by the checks that look at it. Facts are compared before that: one that says the
//! same as before calls for nothing. What it comes to is the result of a run from nothing, which
//! `checks::tests::follow` holds.

mod bearings;
mod cells;
mod listed;
mod mask;
pub(super) mod quiet;
mod sums;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use rayon::prelude::*;

use crate::facts::Facts;
use crate::model::changes::Changes;
use crate::model::finding::{Form, Gap, RunResult};
use crate::model::inventory::Inventory;
use crate::model::kinds::{Kind, kubelet_configuration};
use crate::model::object::Object;

use super::merge::{Keyed, Sink};
use super::plan::Plan;
use super::replay::View;
use super::run::{Group, Monitor, Run};
use super::select::RunScope;
use super::worker::Worker;
use super::{gaps, render};
use bearings::Bearings;
use cells::{CLUSTER, Cell, Changed, Pieces, regroup};
use listed::Listed;
use mask::Mask;
use quiet::Quiet;
use sums::{Moved, Sums};

/// So many tasks or fewer are carried out one after the other.
const FEW_TASKS: usize = 3;

/// A run that is kept up to date.
pub struct Following {
    plan: Arc<Plan>,
    scope: RunScope,
    facts: Arc<Facts>,
    keyed: Keyed,
    view: Arc<View>,
    /// What the checks see of the objects that they list.
    listed: Arc<Listed>,
    /// What they see of an object that changed in its status alone.
    quiet: Arc<Quiet>,
    /// Listed kinds of which there is no object: what the view rests on.
    empty: Vec<Kind>,
    cells: BTreeMap<Kind, Vec<Cell>>,
    pieces: Pieces,
    sums: Sums,
    /// What could not be listed.
    unlisted: Vec<Gap>,
    result: RunResult,
    /// An update was ended half-way: the next one begins anew.
    torn: bool,
    judged: usize,
}

/// A part of the work of an update: some objects, and which checks look at them.
struct Task<'a> {
    cell: u32,
    objects: Vec<(&'a Arc<Object>, usize)>,
    /// Only these checks; none for all.
    mask: Option<Arc<Mask>>,
}

impl Following {
    /// Runs a plan from nothing; none when it was cancelled.
    #[must_use]
    pub fn start(
        plan: Arc<Plan>,
        facts: Arc<Facts>,
        scope: RunScope,
        monitor: &dyn Monitor,
    ) -> Option<Self> {
        let view = Arc::new(View::of(&plan, &facts));
        let mut following = Self {
            listed: Arc::new(Listed::of(&plan)),
            quiet: Arc::new(Quiet::of(&plan)),
            empty: empty_lists(&plan, facts.inventory()),
            sums: Sums::new(plan.checks.len()),
            plan,
            scope,
            facts,
            keyed: Keyed::new(),
            view,
            cells: BTreeMap::new(),
            pieces: Pieces::default(),
            unlisted: Vec::new(),
            result: RunResult::default(),
            torn: false,
            judged: 0,
        };
        following.work(None, monitor).then_some(following)
    }

    /// What the cluster comes to now.
    #[must_use]
    pub fn result(&self) -> &RunResult {
        &self.result
    }

    /// The facts by which it was judged.
    #[must_use]
    pub fn facts(&self) -> &Arc<Facts> {
        &self.facts
    }

    /// How many objects the last update looked at again.
    #[must_use]
    pub fn judged(&self) -> usize {
        self.judged
    }

    /// Judges again what differs in a newer inventory of the same source; false when it was
    /// cancelled, after which the result is still the last one.
    pub fn update(&mut self, inventory: Arc<Inventory>, monitor: &dyn Monitor) -> bool {
        let before = Arc::clone(&self.facts);
        let changes = Changes::between(before.inventory(), &inventory);
        let same = before.inventory().rests_on_the_same(&inventory);
        // Where two have one name, what rests on names cannot be carried on.
        let told_apart = !before.inventory().has_twins() && !inventory.has_twins();
        if self.torn || !same || !told_apart || may_know_other_lists(&inventory, &changes) {
            self.facts = Arc::new(Facts::new(inventory, before.options().clone()));
            drop(before);
            return self.anew(monitor);
        }
        self.facts = Arc::new(before.after(inventory, &changes));
        if changes.is_empty() {
            self.judged = 0;
            return true;
        }
        self.torn = true;
        let empty = empty_lists(&self.plan, self.facts.inventory());
        if empty != self.empty {
            self.view = Arc::new(View::of(&self.plan, &self.facts));
            self.empty = empty;
        }
        let done = self.work(Some((&before, &changes)), monitor);
        self.torn = !done;
        done
    }

    /// Judges everything as if nothing were known; false when it was cancelled. What the cells came to goes
    /// first, for both together would take twice the memory.
    fn anew(&mut self, monitor: &dyn Monitor) -> bool {
        self.torn = true;
        self.cells.clear();
        self.pieces = Pieces::default();
        self.keyed = Keyed::new();
        self.sums.begin_anew();
        self.view = Arc::new(View::of(&self.plan, &self.facts));
        self.empty = empty_lists(&self.plan, self.facts.inventory());
        let last = std::mem::take(&mut self.result);
        self.torn = !self.work(None, monitor);
        if self.torn {
            self.result = last;
        } else {
            self.sums.end_anew();
        }
        !self.torn
    }

    /// Judges everything, or what bears on these changes since those facts.
    fn work(&mut self, since: Option<(&Facts, &Changes)>, monitor: &dyn Monitor) -> bool {
        let (plan, facts) = (Arc::clone(&self.plan), Arc::clone(&self.facts));
        let scope = self.scope.clone();
        let mut run = Run::new(&plan, &facts, &scope, Arc::clone(&self.view), self.keyed.clone());
        let changed = regroup(&mut self.cells, &mut self.pieces, &run, since.map(|(_, c)| c));
        let (listed, quiet) = (Arc::clone(&self.listed), Arc::clone(&self.quiet));
        let bearings = since.map(|(before, changes)| Bearings::of(&run, &listed, before, changes));
        let known = since.zip(bearings.as_ref()).map(|((before, _), bearings)| Since {
            bearings,
            changed: &changed,
            quiet: &quiet,
            pieces: &self.pieces,
            before,
        });
        let (tasks, narrow) = tasks(&self.cells, &run, known.as_ref());
        let of_cluster = bearings.map(Bearings::on_cluster);
        for (at, mask) in narrow {
            let Some((kind, groups)) = run.kinds.get(at) else { continue };
            let wanted = |check: u32| mask.has(check);
            let groups = groups.iter().filter_map(|group| group.only(&plan, &wanted)).collect();
            run.kinds.push((kind.clone(), groups));
        }
        self.judged = tasks.iter().map(|task| task.objects.len()).sum();
        let Some(sinks) = evaluate(&run, &tasks, monitor) else { return false };
        let mut keys = self.pieces.take_orphans(&mut self.sums.tallies);
        for (task, sink) in tasks.iter().zip(sinks) {
            let mask = task.mask.as_deref();
            self.pieces.replace(task.cell, mask, sink, &mut self.sums.tallies, &mut keys);
        }
        let mut sink = Sink::new(plan.checks.len());
        let wanted = |at: u32| of_cluster.as_ref().is_none_or(|mask| mask.has(at));
        Worker::new(&run).cluster(&mut sink, &wanted);
        self.pieces.replace(CLUSTER, of_cluster.as_ref(), sink, &mut self.sums.tallies, &mut keys);
        self.pieces.place(&self.cells);
        let moved = self.sums.take(&run, &self.pieces, keys);
        // What a selection leaves out rests on every object and its labels.
        if !scope.is_everything()
            || since.is_none_or(|(before, changes)| may_be_unlisted(&facts, before, changes))
        {
            self.unlisted = gaps::unlisted(&run);
        }
        self.assemble(&run, &moved);
        let total = run.objects.len();
        monitor.progress(total, total);
        true
    }

    fn assemble(&mut self, run: &Run<'_>, moved: &Moved) {
        let mut result = RunResult {
            findings: std::mem::take(&mut self.result.findings),
            evidence: std::mem::take(&mut self.result.evidence),
            not_assessed: self.sums.gaps(run, self.unlisted.clone()),
            ..RunResult::default()
        };
        moved.on(&mut result.findings, |finding| finding.form != Form::Evidence);
        moved.on(&mut result.evidence, |finding| finding.form == Form::Evidence);
        let Sums { tallies, fails, .. } = &self.sums;
        self.result = render::assemble(run, tallies, fails, self.sums.broken(), result);
    }
}

/// Whether it may be known of other lists than before that they are complete: where namespaces are read
/// one by one, all of them together are the cluster.
fn may_know_other_lists(inventory: &Inventory, changes: &Changes) -> bool {
    changes.in_number([&Kind::new("", "Namespace")])
        && inventory.reads.iter().any(|read| read.namespace.is_some())
}

/// Whether what could not be listed may be other than before: it rests on reads, which are the same,
/// on which namespaces and nodes there are, and on which components are shown.
fn may_be_unlisted(now: &Facts, before: &Facts, changes: &Changes) -> bool {
    let kinds = [&Kind::new("", "Namespace"), &Kind::new("", "Node"), &kubelet_configuration()];
    changes.touches(kinds) || changes.places() || now.shows_otherwise(before)
}

/// Kinds, by their places in the run, with the checks to which they are narrowed for some objects.
/// In the run they follow the others.
type Narrow = Vec<(usize, Arc<Mask>)>;

/// What is known of the changes since the last update.
struct Since<'s, 'r> {
    bearings: &'s Bearings<'r>,
    changed: &'s Changed,
    quiet: &'s Quiet,
    pieces: &'s Pieces,
    before: &'s Facts,
}

impl Since<'_, '_> {
    /// The checks that have to look at a cell again; none for all.
    fn again(
        &self,
        run: &Run<'_>,
        (kind, groups): &(Kind, Vec<Group>),
        cell: &Cell,
    ) -> Option<Mask> {
        if self.changed.others.contains(&cell.id) {
            return None;
        }
        let mut mask = self.bearings.on(kind, cell);
        let Some(inside) = self.changed.inside.get(&cell.id) else { return Some(mask) };
        if self.pieces.is_strained(cell.id) {
            return None;
        }
        for (at, then) in inside {
            let now = (run.facts, &**cell.objects.get(*at)?);
            mask.add_all(&self.quiet.again(groups, now, (self.before, then))?);
        }
        Some(mask)
    }
}

/// What has to be done: all checks on what changed, and on the others those that a change bears on.
fn tasks<'c>(
    cells: &'c BTreeMap<Kind, Vec<Cell>>,
    run: &Run<'_>,
    since: Option<&Since<'_, '_>>,
) -> (Vec<Task<'c>>, Narrow) {
    let (mut tasks, mut narrow) = (Vec::new(), Narrow::new());
    for ((at, of_kind), cells) in run.kinds.iter().enumerate().zip(cells.values()) {
        for cell in cells {
            let mask = match since.map(|since| since.again(run, of_kind, cell)) {
                None | Some(None) => None,
                Some(Some(mask)) if mask.is_empty() => continue,
                Some(Some(mask)) => Some(Arc::new(mask)),
            };
            let kind_at = match &mask {
                None => at,
                Some(mask) => narrowed(&mut narrow, run.kinds.len(), at, mask),
            };
            let objects = cell.objects.iter().map(|object| (object, kind_at)).collect();
            tasks.push(Task { cell: cell.id, objects, mask });
        }
    }
    (tasks, narrow)
}

/// The place among the kinds of the run at which the groups of a kind stand with only some checks.
fn narrowed(narrow: &mut Narrow, first: usize, kind: usize, mask: &Arc<Mask>) -> usize {
    let known = narrow.iter().position(|(at, known)| *at == kind && *known == *mask);
    first
        + known.unwrap_or_else(|| {
            narrow.push((kind, Arc::clone(mask)));
            narrow.len() - 1
        })
}

fn evaluate(run: &Run<'_>, tasks: &[Task<'_>], monitor: &dyn Monitor) -> Option<Vec<Sink>> {
    let total: usize = tasks.iter().map(|task| task.objects.len()).sum();
    let done = AtomicUsize::new(0);
    let tell = |task: &Task<'_>| {
        let all = done.fetch_add(task.objects.len(), Ordering::Relaxed) + task.objects.len();
        monitor.progress(all, total);
    };
    // Few tasks are done before other threads are awake.
    let sinks: Vec<Sink> = if tasks.len() <= FEW_TASKS {
        let mut worker = Worker::new(run);
        tasks.iter().map(|task| judge(&mut worker, task, monitor, &tell)).collect()
    } else {
        let all = tasks.par_iter();
        all.map_init(|| Worker::new(run), |worker, task| judge(worker, task, monitor, &tell))
            .collect()
    };
    (!monitor.cancelled()).then_some(sinks)
}

fn judge<'a>(
    worker: &mut Worker<'_, 'a>,
    task: &Task<'a>,
    monitor: &dyn Monitor,
    tell: &dyn Fn(&Task<'_>),
) -> Sink {
    if monitor.cancelled() {
        return Sink::default();
    }
    let sink = worker.chunk(0, &task.objects);
    tell(task);
    sink
}

/// The kinds that checks list and of which there is no object.
fn empty_lists(plan: &Plan, inventory: &Inventory) -> Vec<Kind> {
    let lists = plan.checks.iter().flat_map(|check| &check.check.target.lists);
    let mut kinds: Vec<Kind> = lists
        .map(|list| &list.kind)
        .filter(|kind| inventory.of(kind).is_empty())
        .cloned()
        .collect();
    kinds.sort();
    kinds.dedup();
    kinds
}
