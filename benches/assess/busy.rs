//! A cluster in which pods change all the time, without a server: what following it costs, step by step,
//! and whether the memory stays what it is.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use anyhow::Context as _;
use plimsoll::app::data::ShownContent as Known;
use plimsoll::app::event::{Event, RunEvent, SourceEvent};
use plimsoll::app::live::Followed;
use plimsoll::assess::{self, Chosen, Content};
use plimsoll::checks::Silent;
use plimsoll::model::inventory::Inventory;
use plimsoll::model::ledger::Ledger;
use plimsoll::model::node::Node;
use plimsoll::model::object::Object;
use plimsoll::runtime::follow::{FollowEngine, FollowJudge, FollowStart, ToJudge};
use plimsoll::session::run::Selection;
use plimsoll::triage::Sources;
use serde_json::Value;
use tokio::runtime::Runtime;

use super::figure::Figure;
use super::measure::{Took, held_mib, time};
use super::part::row;
use super::screen::Bench;
use super::{capture, pace};

/// Changes that are taken in together: what happens within a second.
const TOGETHER: usize = 50;
/// After so many changes memory is looked at.
const LOOKS: [usize; 4] = [1_000, 5_000, 10_000, 20_000];
/// Texts that stand for what each change makes another one.
const LABEL: &str = "a-label-that-changes";
const VERSION: &str = "a-version-that-changes";

/// The steps from changed objects to the screen.
const STEPS: [&str; 5] = ["read", "put in order", "judged and counted", "taken in", "drawn"];

/// Everything on one cluster, in a process of its own.
pub fn run(dir: &Path) -> anyhow::Result<()> {
    let inventory = Arc::new(capture::whole(dir)?);
    let content = capture::content();
    let facts = content.facts(Arc::clone(&inventory));
    let chosen = content.choose(&Selection::default())?;
    let chosen = Arc::new(content.fit(chosen, assess::cluster(&facts)));
    let begun = FollowEngine::start(&content, &chosen, facts, &Silent);
    let (engine, result) = begun.context("it was cancelled")?;
    row("busy: open findings", Figure::count(result.findings.len()));
    let mut bench = opened(&content, &chosen, &inventory, &Arc::new(result))?;
    let result = bench.state.data.result.clone().unwrap_or_default();
    let begin = FollowStart {
        content,
        chosen,
        run: 1,
        seen: Some((Arc::clone(&inventory), Arc::clone(&result))),
        result,
        engine: Some(engine),
        sources: Sources::default(),
    };
    let judge = FollowJudge::new(begin, plimsoll::runtime::cancel::CancelToken::default());
    let mut busy = Busy::new(&inventory, judge)?;
    drop(inventory);
    row("busy: memory at first", Figure::mib(held_mib()));
    let mut sums = [Took::NOTHING; STEPS.len()];
    let (mut made, mut rounds) = (0, 0);
    let looks = if pace::quick() { &LOOKS[..1] } else { &LOOKS[..] };
    for most in looks {
        while made < *most {
            let took = busy.round(&mut bench, made)?;
            sums.iter_mut().zip(took).for_each(|(sum, took)| *sum += took);
            (made, rounds) = (made + TOGETHER, rounds + 1);
        }
        row(&format!("busy: memory after {most} changes"), Figure::mib(held_mib()));
    }
    for (step, sum) in STEPS.iter().zip(sums) {
        let mean = Took { wall: sum.wall / rounds, cpu: sum.cpu / rounds };
        row(&format!("busy: {TOGETHER} changes: {step}"), Figure::took(mean));
    }
    Ok(())
}

/// A workbench that shows a run of all checks, with the list of findings open.
fn opened(
    content: &Content,
    chosen: &Chosen,
    inventory: &Arc<Inventory>,
    result: &Arc<plimsoll::model::finding::RunResult>,
) -> anyhow::Result<Bench> {
    let judged = content.judge(chosen, result, inventory, &Ledger::default(), "2026-04-01");
    let judged = assess::results(&judged, &[]);
    let (library, frameworks) = (Arc::clone(&content.library), Arc::clone(&content.frameworks));
    let mut bench = Bench::new(Known { library, frameworks, ..Known::default() })?;
    bench.event(Event::Source(SourceEvent::Connecting { context: "benchmark".to_owned() }));
    let inventory = Arc::clone(inventory);
    bench.event(Event::Source(SourceEvent::Loaded { inventory, complete: true }));
    bench.event(Event::Source(SourceEvent::Live));
    bench.event(Event::Run(RunEvent::Started { id: 1, total: 1 }));
    let result = Arc::clone(result);
    let finished = RunEvent::Finished { id: 1, result, judged: judged.into(), millis: 1_000 };
    bench.event(Event::Run(finished));
    bench.keys("4")?;
    Ok(bench)
}

/// What a busy cluster is followed by: as in the program, objects are read by many tasks, and judged by
/// whichever thread has nothing else to do.
struct Busy {
    runtime: Runtime,
    objects: HashMap<String, Arc<Object>>,
    /// The pods as texts, with places for what changes.
    pods: Vec<Arc<str>>,
    like: Arc<Inventory>,
    judge: Option<FollowJudge>,
}

impl Busy {
    fn new(inventory: &Arc<Inventory>, judge: FollowJudge) -> anyhow::Result<Self> {
        let named = |object: &Arc<Object>| (object.id.to_string(), Arc::clone(object));
        let pods = inventory.objects().filter(|object| &*object.id.kind == "Pod");
        let text = |pod: &Arc<Object>| {
            let mut body: Value = pod.body().to_json();
            body["metadata"]["labels"]["example.com/turn"] = LABEL.into();
            body["metadata"]["resourceVersion"] = VERSION.into();
            Arc::from(body.to_string())
        };
        let pods: Vec<Arc<str>> = pods.map(text).collect();
        anyhow::ensure!(!pods.is_empty(), "there are no pods");
        let objects = inventory.objects().map(named).collect();
        // Whatever is asked about lists is in the first inventory; its objects shall not stay.
        let like = Inventory::new(inventory.source.clone(), Vec::new(), inventory.reads.clone());
        Ok(Self {
            runtime: Runtime::new()?,
            objects,
            pods,
            like: Arc::new(like),
            judge: Some(judge),
        })
    }

    /// Changes so many labels, the first of which has this number, and shows what comes of it. Gives what
    /// each step took.
    fn round(&mut self, bench: &mut Bench, first: usize) -> anyhow::Result<[Took; STEPS.len()]> {
        let (done, read) = time(|| self.read(first));
        done?;
        let (made, ordered) = time(|| self.ordered());
        let inventory = made?;
        let shown = Arc::clone(&inventory);
        let mut taken =
            bench.event(Event::Source(SourceEvent::Loaded { inventory: shown, complete: true }));
        // As the list is grouped that is open.
        let lens = bench.state.data.lens(bench.state.nav.top().group);
        let ledger = Arc::new(Ledger::default());
        let look = ToJudge { inventory, ledger, decided: 0, lens };
        let (view, judged) = time(|| self.judged(look));
        if let Some(view) = view? {
            taken += bench.event(Event::Followed(Arc::new(view)));
        }
        Ok([read, ordered, judged, taken, bench.draw()?])
    }

    fn read(&mut self, first: usize) -> anyhow::Result<()> {
        let tasks: Vec<_> = (first..first + TOGETHER)
            .map(|number| {
                let text = Arc::clone(&self.pods[number * 37 % self.pods.len()]);
                self.runtime.spawn(async move {
                    let text = text.replace(LABEL, &format!("turn-{number}"));
                    let text = text.replace(VERSION, &(90_000_000 + number).to_string());
                    anyhow::Ok(Arc::new(Object::new(Node::from_json(text.as_bytes())?)?))
                })
            })
            .collect();
        for task in tasks {
            let object = self.runtime.block_on(task)??;
            self.objects.insert(object.id.to_string(), object);
        }
        Ok(())
    }

    fn ordered(&self) -> anyhow::Result<Arc<Inventory>> {
        let (all, like) = (self.objects.values().cloned().collect(), Arc::clone(&self.like));
        let make = move || Inventory::new(like.source.clone(), all, like.reads.clone());
        Ok(Arc::new(self.runtime.block_on(self.runtime.spawn_blocking(make))?))
    }

    fn judged(&mut self, look: ToJudge) -> anyhow::Result<Option<Followed>> {
        let mut judge = self.judge.take().context("it judges already")?;
        let work = self.runtime.spawn_blocking(move || {
            let view = judge.look(look);
            (judge, view)
        });
        let (judge, view) = self.runtime.block_on(work)?;
        self.judge = Some(judge);
        Ok(view)
    }
}
