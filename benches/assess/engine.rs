//! The engine: bytes to objects, facts, checks, frameworks, report, part by part.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use plimsoll::assess::{self, Chosen, Content};
use plimsoll::checks::{self, Library, Params, Plan, Silent};
use plimsoll::facts::access::Access;
use plimsoll::facts::network::Network;
use plimsoll::facts::{FactName, Facts, Target};
use plimsoll::frameworks::Set;
use plimsoll::model::finding::RunResult;
use plimsoll::model::inventory::Inventory;
use plimsoll::model::kinds::workloads;
use plimsoll::model::ledger::Ledger;
use plimsoll::model::object::Object;
use plimsoll::report::{self, Judged};
use plimsoll::session::run::Selection;
use plimsoll::text::emit::Yaml;

use super::measure::{Table, Took, fastest, megabytes, part, peak_mib, row, seconds, time};
use super::{capture, places};

/// How often what can be repeated is repeated.
const TIMES: usize = 3;
/// How many of the costliest checks are named.
const COSTLIEST: usize = 20;

/// Measures the engine on the pages of a cluster.
pub fn measure(_: &Path, pages: &Path, column: &str, table: &mut Table) -> anyhow::Result<()> {
    part("engine", &[pages], column, table)
}

/// Everything on one cluster, in a process of its own.
pub fn run(dir: &Path) -> anyhow::Result<()> {
    library();
    let inventory = Arc::new(read(dir)?);
    row("peak memory, holding it", &format!("{} MiB", peak_mib()));
    let content = Content {
        library: Arc::new(Library::builtin()),
        frameworks: Arc::new(Set::builtin()),
        opt_in: BTreeSet::new(),
        params: Params::default(),
        policy_minor: None,
    };
    let chosen = content.choose(&Selection::default())?;
    let (plan, took) = time(|| content.plan(&chosen));
    anyhow::ensure!(plan.problems().is_empty(), "checks do not compile: {:?}", plan.problems());
    row("checks", &plan.ids().count().to_string());
    row("compile them", &took.cell());

    let facts = content.facts(Arc::clone(&inventory));
    let chosen = content.fit(chosen, assess::cluster(&facts));
    let (result, took) = time(|| content.run(&plan, &chosen, &facts, &Silent));
    anyhow::ensure!(result.problems.is_empty(), "problems: {:?}", result.problems.first());
    row("first run", &took.cell());
    row("findings", &result.findings.len().to_string());
    report(&content, &chosen, &inventory, &result)?;
    row("peak memory, after run and report", &format!("{} MiB", peak_mib()));

    let count = places::evaluations(&content, &chosen, &facts);
    row("evaluations", &count.to_string());
    let again = || {
        let facts = content.facts(Arc::clone(&inventory));
        drop(content.run(&plan, &chosen, &facts, &Silent));
    };
    row("run, all cores", &fastest(TIMES, again).cell());
    let single = rayon::ThreadPoolBuilder::new().num_threads(1).build()?;
    let took = single.install(|| fastest(TIMES, again));
    row("run, one thread", &took.cell());
    row("evaluations/s, one thread", &rate(count, took.cpu));
    let known = content.facts(Arc::clone(&inventory));
    single.install(|| drop(content.run(&plan, &chosen, &known, &Silent)));
    let took =
        single.install(|| fastest(TIMES, || drop(content.run(&plan, &chosen, &known, &Silent))));
    row("run, one thread, facts indexed", &took.cell());
    each_fact(&content, &plan, &inventory);
    relations(&content, &inventory);
    single.install(|| costliest(&content, &chosen, &known));
    yaml(&inventory);
    Ok(())
}

/// What the views of rights and of the network are made of.
fn relations(content: &Content, inventory: &Arc<Inventory>) {
    let access = || drop(Access::of(&content.facts(Arc::clone(inventory))));
    row("who may do what", &fastest(TIMES, access).cell());
    let network = || drop(Network::of(&content.facts(Arc::clone(inventory))));
    row("who reaches whom", &fastest(TIMES, network).cell());
}

/// Checks and frameworks from the bytes in the program: as a process that starts does, and again.
fn library() {
    let load = || (Library::builtin(), Set::builtin());
    let (_, took) = time(load);
    row("load the library, cold", &took.cell());
    row("load the library, warm", &fastest(20, || drop(load())).cell());
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
    row("each check alone, in all", &format!("({})", seconds(sum)));
    for (nth, (took, id)) in all.iter().take(COSTLIEST).enumerate() {
        row(&format!("check {}", nth + 1), &format!("{id}: {}", took.cell()));
    }
}

fn rate(count: usize, time: Duration) -> String {
    let micros = usize::try_from(time.as_micros()).unwrap_or(usize::MAX).max(1);
    let hundredths = count * 100 / micros;
    format!("{}.{:02} M", hundredths / 100, hundredths % 100)
}

/// Reads the pages as a live source does: one after the other, each dropped when it is parsed.
fn read(dir: &Path) -> anyhow::Result<Inventory> {
    let mut objects = Vec::new();
    let mut total = Took { wall: Duration::ZERO, cpu: Duration::ZERO };
    let mut bytes = 0;
    for page in capture::pages(dir)? {
        let (kind, body) = page?;
        bytes += body.len();
        let (parsed, took) = time(|| capture::parse(kind, &body));
        objects.extend(parsed?);
        total.wall += took.wall;
        total.cpu += took.cpu;
    }
    row("objects", &objects.len().to_string());
    row("bytes", &megabytes(bytes));
    row("parse, one thread", &total.cell());
    let (inventory, took) = time(|| capture::inventory(objects));
    row("inventory", &took.cell());
    Ok(inventory)
}

/// Frameworks and the JSON report.
fn report(
    content: &Content,
    chosen: &Chosen,
    inventory: &Inventory,
    result: &RunResult,
) -> anyhow::Result<()> {
    let ledger = Ledger::default();
    let today = "2026-04-01";
    let judge = || content.judge(chosen, result, inventory, &ledger, today);
    let (judged, took): (Vec<Judged>, Took) = time(judge);
    row("judge frameworks", &took.cell());
    let digest = content.digest();
    let input = report::Input {
        content: &digest,
        source: &inventory.source,
        reads: &inventory.reads,
        result,
        frameworks: &judged,
        ledger: &ledger,
        session: None,
        today,
        selection: &chosen.selection,
        profile: None,
        not_judged: &[],
        gone: &[],
        started: "2026-04-01T00:00:00Z",
        finished: "2026-04-01T00:00:00Z",
        check: &|id| content.text_of(id),
    };
    let (text, took) = time(|| report::document::json(&input));
    row("JSON report", &took.cell());
    row("its size", &megabytes(text?.len()));
    Ok(())
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
        row(&format!("facts.{}, index", name.as_str()), &first.cell());
        row(&format!("facts.{}, every answer", name.as_str()), &all.cell());
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
    row("a pod as YAML", &format!("{} ({} lines)", seconds(took.wall), lines(pod)));
}
