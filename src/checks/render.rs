//! From merged hits to findings with their texts, and the sums of a run.

use std::collections::BTreeMap;
use std::sync::Arc;

use rayon::prelude::*;
use rustc_hash::FxHashMap;

use crate::facts::{Instance, Target};
use crate::model::finding::{CheckCounts, Finding, FindingOrigin, Form, Gap, RunResult};
use crate::model::inventory::{Problem, ProblemKind};
use crate::model::node::Node;
use crate::model::path::FieldPath;
use crate::model::read::Missing;

use super::cel::Var;
use super::cel::eval::Frame;
use super::compiled::{Compiled, fact_of, slots};
use super::fingerprint::{self, NormalPath, normalise};
use super::gaps;
use super::judge::{Item, Known, list_at, path_of};
use super::merge::{Broken, Key, Merged, Sink, Tally};
use super::place::Anchor;
use super::run::Run;
use super::scope::Scope;
use super::target::{Parts, flag_of};

mod bound;
mod fails;
mod order;
mod scene;

pub(super) use fails::Fails;
pub(super) use order::{in_order, sorted};
pub(super) use scene::Scene;

/// Stands for a value that no finding repeats.
const HIDDEN: &str = "••••••";

/// The result of a run.
pub(super) fn result(run: &Run<'_>, sink: &Sink, unlisted: Vec<Gap>) -> RunResult {
    let findings = sorted(findings(run, sink));
    let mut fails = Fails::default();
    for finding in &findings {
        fails.add(finding);
    }
    let (evidence, findings) = findings.into_iter().partition(|f| f.form == Form::Evidence);
    let broken = sink.broken.iter().filter_map(|(key, broken)| problem(run, key.check, broken));
    let not_assessed = gaps(run, sink, unlisted);
    let result = RunResult { findings, evidence, not_assessed, ..RunResult::default() };
    assemble(run, &sink.tallies, &fails, broken.collect(), result)
}

/// Completes a result that has findings, evidence and gaps in their order with the sums of a run.
pub(super) fn assemble(
    run: &Run<'_>,
    tallies: &[Tally],
    fails: &Fails,
    mut broken: Vec<(Arc<str>, Problem)>,
    result: RunResult,
) -> RunResult {
    let mut counts: BTreeMap<Arc<str>, CheckCounts> = BTreeMap::new();
    for (check, tally) in run.plan.checks.iter().zip(tallies) {
        let fail = fails.of(check.id());
        let entry = counts.entry(Arc::clone(check.id())).or_default();
        entry.pass = tally.pass;
        entry.not_applicable = tally.not_applicable;
        (entry.fail, entry.platform_fail) = (fail.all, fail.platform);
    }
    for gap in &result.not_assessed {
        counts.entry(Arc::clone(&gap.check)).or_default().not_assessed += gap.count.max(1);
    }
    for (check, _) in &broken {
        counts.entry(Arc::clone(check)).or_default().error += 1;
    }
    broken.sort_by(|(_, a), (_, b)| (&a.message, &a.object).cmp(&(&b.message, &b.object)));
    let mut problems = run.plan.problems().to_vec();
    problems.extend(broken.into_iter().map(|(_, problem)| problem));
    for count in counts.values_mut() {
        // Nothing to look at, and nothing missing that could hide something.
        if *count == CheckCounts::default() {
            count.not_applicable = 1;
        }
    }
    RunResult { checks: counts, problems, unseen: gaps::unseen(run), ..result }
}

/// Hits whose keys differ may still be of one place, seen in different ways.
fn findings(run: &Run<'_>, sink: &Sink) -> Vec<Arc<Finding>> {
    let mut merged: Vec<(&Key, &Merged)> = sink.hits.iter().collect();
    // Those of one object come one after the other, so that it is taken apart once.
    merged.par_sort_unstable_by_key(|(key, merged)| (merged.shown.object, key.check));
    // Each is put where it stays by the thread that makes it.
    let made: Vec<Option<Arc<Finding>>> = merged
        .par_iter()
        .map_init(
            || None,
            |scene, (key, merged)| finding(run, key.check, merged, scene).map(Arc::new),
        )
        .collect();
    // By fingerprint the place of a finding, with all its hits where they have several keys.
    let mut places: FxHashMap<&str, usize> = FxHashMap::default();
    places.reserve(made.len());
    let mut again: BTreeMap<usize, Merged> = BTreeMap::new();
    for (at, found) in made.iter().enumerate() {
        let (Some(found), Some((_, hits))) = (found, merged.get(at)) else { continue };
        let first = *places.entry(&found.fingerprint).or_insert(at);
        let Some((_, known)) = merged.get(first).filter(|_| first != at) else { continue };
        again.entry(first).or_insert_with(|| Merged::clone(known)).add(Merged::clone(hits));
    }
    let mut first = vec![false; made.len()];
    for at in places.into_values() {
        first.get_mut(at).into_iter().for_each(|first| *first = true);
    }
    let firsts = made.into_iter().zip(first).enumerate().filter(|(_, (_, first))| *first);
    let mut scene = None;
    let mut remade = |at: usize| {
        let (hits, (key, _)) = (again.get(&at)?, merged.get(at)?);
        finding(run, key.check, hits, &mut scene).map(Arc::new)
    };
    firsts.filter_map(|(at, (found, _))| remade(at).or(found)).collect()
}

fn gaps(run: &Run<'_>, sink: &Sink, unlisted: Vec<Gap>) -> Vec<Gap> {
    // Reasons are shared by most of what they leave open: only those that are not the same memory are
    // compared.
    let mut shared: FxHashMap<(u32, usize, bool), (&Arc<Missing>, usize)> = FxHashMap::default();
    for (key, open) in &sink.open {
        let reason = Arc::as_ptr(&open.missing).addr();
        let same = shared.entry((key.check, reason, open.platform));
        same.or_insert((&open.missing, 0)).1 += 1;
    }
    let mut grouped: BTreeMap<(Arc<str>, Arc<Missing>, bool), usize> = BTreeMap::new();
    for ((check, _, platform), (missing, count)) in shared {
        let Some(check) = run.check(check) else { continue };
        let key = (Arc::clone(check.id()), Arc::clone(missing), platform);
        *grouped.entry(key).or_default() += count;
    }
    gathered(unlisted, grouped)
}

/// What was left open, by check and reason, and what could not be listed, in order.
pub(super) fn gathered(
    unlisted: Vec<Gap>,
    grouped: impl IntoIterator<Item = ((Arc<str>, Arc<Missing>, bool), usize)>,
) -> Vec<Gap> {
    let mut gaps = unlisted;
    gaps.extend(grouped.into_iter().map(|((check, missing, platform), count)| Gap {
        check,
        missing,
        count,
        platform,
    }));
    gaps.sort();
    gaps
}

/// A rule that could not be evaluated, as a problem of its check.
pub(super) fn problem(run: &Run<'_>, check: u32, broken: &Broken) -> Option<(Arc<str>, Problem)> {
    let check = run.check(check)?;
    let problem = Problem {
        kind: ProblemKind::Evaluation,
        file: Some(check.check.origin.file()),
        line: None,
        column: None,
        object: run.object(broken.object).map(|object| object.id.clone()),
        check: Some(Arc::clone(check.id())),
        message: bound::text(format!("check {}: {}", check.id(), broken.message)),
    };
    Some((Arc::clone(check.id()), problem))
}

/// One finding with its texts. `scene` keeps the object that the last one was on.
pub(super) fn finding<'a>(
    run: &Run<'a>,
    check: u32,
    merged: &Merged,
    scene: &mut Option<Scene<'a>>,
) -> Option<Finding> {
    let check = run.check(check)?;
    match Scene::next(scene, run, merged.shown.object) {
        Some(scene) => Some(on_object(run, check, merged, scene)),
        None => Some(of_cluster(run, check, merged)),
    }
}

fn on_object<'a>(
    run: &Run<'a>,
    check: &'a Compiled,
    merged: &Merged,
    scene: &Scene<'a>,
) -> Finding {
    let (shown, object, parts) = (&merged.shown, scene.object, &scene.parts);
    let path = path_of(check, parts, shown.element, &shown.item, shown.place);
    let instance = parts.instance(shown.element);
    let identity = instance.map_or_else(|| scene.identity(run).clone(), Instance::identity);
    let field = spotted(check, merged);
    let named: NormalPath = match instance {
        Some(_) => field.map(FieldPath::to_string).unwrap_or_default().into(),
        None if parts.is_template(shown.element) => field
            .map_or_else(
                || path.to_string(),
                |field| format!("{path}/{}", normalise(object.body(), &[], field)),
            )
            .into(),
        None => {
            let secret = check.check.rule.secret;
            fingerprint::place(object.body(), parts.pod_keys, &path, secret)
        }
    };
    let print = fingerprint::print(check.id(), Some(&identity), &named);
    let given = instance.and_then(|instance| instance.value(field.and_then(flag_of)?));
    let given = given.map(Node::str);
    let missing = match instance {
        Some(_) => given.is_none(),
        None => path.walk(object.body()).is_none(),
    };
    let value = if instance.is_some() { given } else { path.walk(object.body()).cloned() };
    let (message, note) = texts(run, check, merged, scene);
    let (instances, origin) = instances(run, merged, scene);
    let container = container(check, merged, parts);
    Finding {
        fingerprint: print.now,
        formerly: print.formerly,
        check: Arc::clone(check.id()),
        severity: merged.severity,
        form: check.check.form,
        scope: check.check.target.scope.word().into(),
        object: Some(object.id.clone()),
        owner: Some(identity),
        instances,
        stale: merged.stale as usize,
        origin,
        image: container.as_deref().and_then(|name| scene.image(name)).map(Into::into),
        container,
        missing,
        value: value
            .filter(|_| !path.is_empty())
            .map(|v| if check.check.rule.secret { Node::str(HIDDEN) } else { bound::value(v) }),
        message,
        note,
        platform: scene.platform(run, check, shown.element),
        file: object.origin.as_ref().map(|o| Arc::clone(&o.file)),
        line: object.origin.as_ref().and_then(|o| o.lines.find(&path)).map(|at| at.0),
        path,
    }
}

/// The place of the check that the hit which is shown is at, as the check writes it.
fn spotted<'c>(check: &'c Compiled, merged: &Merged) -> Option<&'c FieldPath> {
    let place = check.places.get(usize::from(merged.shown.place?))?;
    Some(&place.path.path)
}

/// A finding at a path of the pod or the object does not name the container.
fn container(check: &Compiled, merged: &Merged, parts: &Parts<'_>) -> Option<Box<str>> {
    let shown = &merged.shown;
    let place = shown.place.and_then(|p| check.places.get(usize::from(p)));
    let anchor = match (&shown.item, &check.check.rule.each) {
        (Item::At(_), Some(each)) => each.anchor,
        (Item::Path(_), _) => Anchor::Object,
        _ => Anchor::Scope,
    };
    let anchor = place
        .map_or(anchor, |p| if p.path.anchor == Anchor::Scope { anchor } else { p.path.anchor });
    if anchor != Anchor::Scope {
        return None;
    }
    parts.container_name(shown.element).map(Into::into)
}

/// How many live pods fail, and whether template, pods or both do. Of pods alone that is told only
/// where their template was read: a pod by itself has none, and one that nobody may read may fail too.
fn instances<'a>(
    run: &Run<'a>,
    merged: &Merged,
    scene: &Scene<'a>,
) -> (usize, Option<FindingOrigin>) {
    let pods = (merged.live + merged.stale) as usize;
    if scene.parts.pod_keys.is_empty() {
        return (0, None);
    }
    let origin = match (merged.template, pods) {
        (true, 0) => Some(FindingOrigin::Template),
        (true, _) => Some(FindingOrigin::Both),
        (false, _) => scene.has_template(run).then_some(FindingOrigin::Live),
    };
    (pods, origin)
}

/// Message and note, with the values of the hit that is shown.
fn texts<'a>(
    run: &Run<'a>,
    check: &'a Compiled,
    merged: &Merged,
    scene: &Scene<'a>,
) -> (String, Option<String>) {
    let (shown, parts) = (&merged.shown, &scene.parts);
    let known = scene.known(run, check, shown.element);
    let item = match (&shown.item, &check.check.rule.each) {
        (Item::At(at), Some(each)) => list_at(parts, shown.element, each)
            .and_then(|list| list.as_list()?.get(*at as usize))
            .cloned(),
        (Item::Path(path), _) => Some(Node::str(path)),
        _ => None,
    };
    let mut frame = Frame::default();
    known.bind(&mut frame);
    parts.bind_object(&mut frame);
    parts.bind(&mut frame, shown.element);
    frame.set(Var::Cluster, (&run.cluster).into());
    frame.set(Var::Params, (&check.params).into());
    if let Some(item) = &item {
        frame.set(Var::Item, item.into());
    }
    (bound::text(check.message.render(&frame)), note(check, merged, &frame))
}

fn note(check: &Compiled, merged: &Merged, frame: &Frame<'_>) -> Option<String> {
    let case = check.cases.get(usize::from(merged.shown.case?))?;
    case.note.as_ref().map(|note| bound::text(note.render(frame)))
}

/// Facts that message and notes of a check tell.
fn told(check: &Compiled) -> u32 {
    let notes = check.cases.iter().filter_map(|c| c.note.as_ref());
    notes.fold(check.message.facts, |mask, note| mask | note.facts)
}

fn known_of_cluster(run: &Run<'_>, check: &Compiled) -> Known {
    let mut known = Known::default();
    for slot in slots(told(check)) {
        if let Some(name) = fact_of(slot) {
            known.push(slot, run.facts.get(name, &Target::Cluster));
        }
    }
    known
}

fn of_cluster(run: &Run<'_>, check: &Compiled, merged: &Merged) -> Finding {
    let known = known_of_cluster(run, check);
    let mut frame = Frame::default();
    known.bind(&mut frame);
    frame.set(Var::Cluster, (&run.cluster).into());
    frame.set(Var::Params, (&check.params).into());
    Finding {
        fingerprint: fingerprint::fingerprint(check.id(), None, ""),
        check: Arc::clone(check.id()),
        severity: merged.severity,
        form: check.check.form,
        scope: Scope::Cluster.word().into(),
        message: bound::text(check.message.render(&frame)),
        note: note(check, merged, &frame),
        ..Finding::default()
    }
}
