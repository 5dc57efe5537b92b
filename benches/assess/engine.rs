//! The engine: bytes to objects, facts, checks, frameworks, report, part by part.

use std::path::Path;
use std::sync::Arc;

use plimsoll::assess::{self, Chosen, Content};
use plimsoll::checks::{self, Library, Plan, Silent};
use plimsoll::facts::access::Access;
use plimsoll::facts::network::Network;
use plimsoll::facts::{FactName, Facts, Target};
use plimsoll::frameworks::Set;
use plimsoll::model::inventory::Inventory;
use plimsoll::model::kinds::workloads;
use plimsoll::model::ledger::Ledger;
use plimsoll::model::object::Object;
use plimsoll::session::run::Selection;
use plimsoll::text::emit::Yaml;

use super::figure::Figure;
use super::measure::{Took, fastest, peak_mib, time};
use super::part::row;
use super::{capture, pace, places};

/// Runs that a profiler sees.
const PROFILED: usize = 10;
/// The day on which frameworks are judged.
const TODAY: &str = "2026-04-01";
/// How many of the costliest checks are named.
const COSTLIEST: usize = 20;

/// Everything on one cluster, in a process of its own.
pub fn run(dir: &Path) -> anyhow::Result<()> {
    library();
    let inventory = Arc::new(read(dir)?);
    row("peak memory, holding it", Figure::mib(peak_mib()));
    let content = capture::content();
    let chosen = content.choose(&Selection::default())?;
    let (plan, took) = time(|| content.plan(&chosen));
    anyhow::ensure!(plan.problems().is_empty(), "checks do not compile: {:?}", plan.problems());
    row("checks", Figure::count(plan.ids().count()));
    row("compile them", Figure::took(took));

    let facts = content.facts(Arc::clone(&inventory));
    let chosen = content.fit(chosen, assess::cluster(&facts));
    let (result, took) = time(|| content.run(&plan, &chosen, &facts, &Silent));
    anyhow::ensure!(result.problems.is_empty(), "problems: {:?}", result.problems.first());
    row("first run", Figure::took(took));
    row("findings", Figure::count(result.findings.len()));
    let judge = || content.judge(&chosen, &result, &inventory, &Ledger::default(), TODAY);
    let (judged, took) = time(judge);
    row("judge frameworks", Figure::took(took));
    drop(judged);
    row("peak memory, after run", Figure::mib(peak_mib()));

    let count = places::evaluations(&content, &chosen, &facts);
    row("evaluations", Figure::count(count));
    let again = || {
        let facts = content.facts(Arc::clone(&inventory));
        drop(content.run(&plan, &chosen, &facts, &Silent));
    };
    row("run, all cores", Figure::took(fastest(pace::times(), again)));
    let single = rayon::ThreadPoolBuilder::new().num_threads(1).build()?;
    let took = single.install(|| fastest(pace::times(), again));
    row("run, one thread", Figure::took(took));
    row("evaluations/s, one thread", Figure::rate(count, took.cpu));
    let known = content.facts(Arc::clone(&inventory));
    single.install(|| drop(content.run(&plan, &chosen, &known, &Silent)));
    let took = single
        .install(|| fastest(pace::times(), || drop(content.run(&plan, &chosen, &known, &Silent))));
    row("run, one thread, facts indexed", Figure::took(took));
    each_fact(&content, &plan, &inventory);
    relations(&content, &inventory);
    single.install(|| costliest(&content, &chosen, &known));
    yaml(&inventory);
    Ok(())
}

/// Nothing but runs on one thread, for a profiler: `--part run DIR`.
pub fn runs(dir: &Path) -> anyhow::Result<()> {
    let inventory = Arc::new(capture::whole(dir)?);
    let content = capture::content();
    let chosen = content.choose(&Selection::default())?;
    let plan = content.plan(&chosen);
    let single = rayon::ThreadPoolBuilder::new().num_threads(1).build()?;
    let once = || {
        let facts = content.facts(Arc::clone(&inventory));
        drop(content.run(&plan, &chosen, &facts, &Silent));
    };
    row("run, one thread", Figure::took(single.install(|| fastest(PROFILED, once))));
    Ok(())
}

/// What the views of rights and of the network are made of.
fn relations(content: &Content, inventory: &Arc<Inventory>) {
    let access = || drop(Access::of(&content.facts(Arc::clone(inventory))));
    row("who may do what", Figure::took(fastest(pace::times(), access)));
    let network = || drop(Network::of(&content.facts(Arc::clone(inventory))));
    row("who reaches whom", Figure::took(fastest(pace::times(), network)));
}

/// Checks and frameworks from the bytes in the program: as a process that starts does, and again.
fn library() {
    let load = || (Library::builtin(), Set::builtin());
    let (_, took) = time(load);
    row("load the library, cold", Figure::took(took));
    row("load the library, warm", Figure::took(fastest(20, || drop(load()))));
}

/// The checks that take longest, each run alone on one thread with the facts' indexes there.
fn costliest(content: &Content, chosen: &Chosen, facts: &Facts) {
    let alone = |id: &Arc<str>| {
        let plan = Plan::new(&content.library, &[&**id], &content.params);
        let run = || drop(checks::run(&plan, facts, &chosen.scope, &Silent));
        (fastest(2, run), Arc::clone(id))
    };
    let mut all: Vec<(Took, Arc<str>)> = chosen.checks.iter().map(alone).collect();
    all.sort_by_key(|(took, _)| std::cmp::Reverse(took.cpu));
    let sum = all.iter().map(|(took, _)| took.cpu).sum();
    row("each check alone, in all: processor time", Figure::seconds(sum));
    for (nth, (took, id)) in all.iter().take(COSTLIEST).enumerate() {
        row(&format!("check {}", nth + 1), Figure::took(*took).about(id));
    }
}

/// Reads the pages as a live source does: one after the other, each dropped when it is parsed.
fn read(dir: &Path) -> anyhow::Result<Inventory> {
    let mut objects = Vec::new();
    let mut total = Took::NOTHING;
    let mut bytes = 0;
    for page in capture::pages(dir)? {
        let (kind, body) = page?;
        bytes += body.len();
        let (parsed, took) = time(|| capture::parse(kind, &body));
        objects.extend(parsed?);
        total += took;
    }
    row("objects", Figure::count(objects.len()));
    row("bytes", Figure::bytes(bytes));
    row("parse, one thread", Figure::took(total));
    let (inventory, took) = time(|| capture::inventory(objects));
    row("inventory", Figure::took(took));
    Ok(inventory)
}

/// The first answer of each fact, with its index, and all answers: about every workload that is
/// not a `ReplicaSet`, every role, binding and account.
fn each_fact(content: &Content, plan: &Plan, inventory: &Arc<Inventory>) {
    let others = ["Role", "ClusterRole", "RoleBinding", "ClusterRoleBinding", "ServiceAccount"];
    let judged = workloads().map(|b| b.kind).filter(|kind| *kind != "ReplicaSet");
    let asked: Vec<&Arc<Object>> = judged
        .chain(others)
        .chain(["Namespace", "NetworkPolicy"])
        .filter_map(plimsoll::model::kinds::lookup)
        .flat_map(|builtin| inventory.of(&builtin.kind()))
        .collect();
    for name in plan.facts() {
        let facts = content.facts(Arc::clone(inventory));
        let (first, all) = ask(&facts, name, &asked);
        row(&format!("facts.{}, index", name.as_str()), Figure::took(first));
        row(&format!("facts.{}, every answer", name.as_str()), Figure::took(all));
    }
}

fn ask(facts: &Facts, name: FactName, asked: &[&Arc<Object>]) -> (Took, Took) {
    let (_, first) = time(|| asked.first().map(|object| facts.get(name, &Target::Object(object))));
    let ((), all) = time(|| {
        for object in asked {
            drop(facts.get(name, &Target::Object(object)));
        }
    });
    (first, all)
}

/// The longest pod as YAML.
fn yaml(inventory: &Inventory) {
    let Some(pods) = plimsoll::model::kinds::lookup("pods") else { return };
    let lines = |pod: &Arc<Object>| Yaml::of(pod.body()).lines.len();
    let Some(pod) = inventory.of(&pods.kind()).iter().take(500).max_by_key(|pod| lines(pod)) else {
        return;
    };
    let took = fastest(50, || drop(Yaml::of(pod.body())));
    row("a pod as YAML", Figure::seconds(took.wall));
}
