//! The workbench without a terminal: what an event costs the task that owns the state, and what a
//! frame costs.

use std::path::Path;
use std::sync::Arc;

use plimsoll::app::ahead::{CountBasis, CountedAhead};
use plimsoll::app::data::ShownContent as Known;
use plimsoll::app::event::{Event, Now, RunEvent, SourceEvent};
use plimsoll::app::key::macro_keys;
use plimsoll::app::live::Followed;
use plimsoll::app::route::GroupBy;
use plimsoll::app::state::{LookState, State, WorkbenchSetup};
use plimsoll::assess;
use plimsoll::checks::Silent;
use plimsoll::config::theme::Themes;
use plimsoll::frameworks::Judgement;
use plimsoll::model::ledger::Ledger;
use plimsoll::session::run::Selection;
use plimsoll::ui::{Depth, TerminalTheme};
use ratatui::Terminal;
use ratatui::backend::TestBackend;

use super::figure::Figure;
use super::measure::{Took, fastest, time};
use super::part::row;
use super::{capture, pace};

/// What is typed into the filter: a word that most rows lack, and terms of its language.
const FILTERS: [(&str, &str); 3] = [
    ("a word", "service-0007"),
    ("terms", "sev:high+ ns:team-0* !kind:ReplicaSet"),
    ("letters in order", "~srvc7"),
];
/// The lists in which it is typed, and the keys that lead there.
const LISTS: [(&str, &str); 2] = [("findings", "4"), ("pods", "22gg<enter>")];

/// A workbench with the time standing still.
pub struct Bench {
    pub state: State,
    theme: TerminalTheme,
    terminal: Terminal<TestBackend>,
}

impl Bench {
    pub fn new(known: Known) -> anyhow::Result<Self> {
        let themes = Themes::default();
        let look = LookState { theme: Themes::DEFAULT.to_owned(), ..LookState::default() };
        let setup = WorkbenchSetup { content: Arc::new(known), look, ..WorkbenchSetup::default() };
        let theme = TerminalTheme::new(&themes.get(Themes::DEFAULT)?, Depth::True);
        let terminal = Terminal::new(TestBackend::new(120, 40))?;
        let mut bench = Self { state: State::new(setup, NOW), theme, terminal };
        bench.event(Event::Resize(120, 40));
        Ok(bench)
    }

    pub fn event(&mut self, event: Event) -> Took {
        time(|| drop(self.state.update(event, NOW))).1
    }

    /// The time that all these keys took together.
    pub fn keys(&mut self, text: &str) -> anyhow::Result<Took> {
        let mut sum = Took::NOTHING;
        for key in macro_keys(text).map_err(|e| anyhow::anyhow!("{text}: {e:?}"))? {
            sum += self.event(Event::Key(key));
        }
        Ok(sum)
    }

    /// Draws it once.
    pub fn draw(&mut self) -> anyhow::Result<Took> {
        let Self { state, theme, terminal } = self;
        let (done, took) =
            time(|| terminal.draw(|frame| plimsoll::ui::draw(state, theme, frame)).map(|_| ()));
        Ok(done.map(|()| took)?)
    }

    fn frame(&mut self) -> anyhow::Result<Took> {
        self.draw()?;
        let Self { state, theme, terminal } = self;
        // Where the first frame could be drawn, so can others.
        let mut draw = || terminal.draw(|frame| plimsoll::ui::draw(state, theme, frame)).is_ok();
        Ok(fastest(20, || assert!(draw(), "the frame cannot be drawn")))
    }
}

const NOW: Now = Now { millis: 10_000, unix: 1_795_521_600 };

/// Everything on one cluster, in a process of its own.
pub fn run(dir: &Path) -> anyhow::Result<()> {
    let inventory = Arc::new(capture::whole(dir)?);
    let content = capture::content();
    let facts = content.facts(Arc::clone(&inventory));
    let chosen = content.choose(&Selection::default())?;
    let chosen = content.fit(chosen, assess::cluster(&facts));
    let plan = content.plan(&chosen);
    let result = Arc::new(content.run(&plan, &chosen, &facts, &Silent));
    let judged = content.judge(&chosen, &result, &inventory, &Ledger::default(), "2026-04-01");
    let judged = assess::results(&judged, &[]);

    let frameworks = Arc::clone(&content.frameworks);
    let mut bench = Bench::new(Known {
        library: Arc::clone(&content.library),
        frameworks,
        ..Known::default()
    })?;
    bench.event(Event::Source(SourceEvent::Connecting { context: "benchmark".to_owned() }));
    let loaded = Event::Source(SourceEvent::Loaded { inventory, complete: true });
    row("screen: the objects arrive", Figure::took(bench.event(loaded)));
    bench.event(Event::Source(SourceEvent::Live));
    bench.event(Event::Run(RunEvent::Started { id: 1, total: 1 }));
    let judged = judged.into();
    let finished = RunEvent::Finished { id: 1, result, judged, millis: 1_000 };
    row("screen: the result of a run arrives", Figure::took(bench.event(Event::Run(finished))));
    row("frame: overview", Figure::took(bench.frame()?));
    followed(&mut bench)?;
    for (list, keys) in LISTS {
        row(&format!("screen: open the list of {list}"), Figure::took(bench.keys(keys)?));
        row(&format!("frame: {list}"), Figure::took(bench.frame()?));
        filters(&mut bench, list)?;
        bench.keys("<enter>")?;
        row(&format!("frame: one of the {list}"), Figure::took(bench.frame()?));
    }
    Ok(())
}

/// Screens on which a change of the cluster arrives, and the keys that lead there.
const WATCHED: [(&str, &str); 5] = [
    ("overview", "1"),
    ("findings", "4"),
    ("ordered findings", "4s"),
    ("the heat map", "gh"),
    ("the matrix", "5"),
];

/// What the cluster comes to after a change: counted by the screen itself, and counted ahead.
fn followed(bench: &mut Bench) -> anyhow::Result<()> {
    let data = &bench.state.data;
    let (result, inventory) =
        (data.result.clone().unwrap_or_default(), Arc::clone(&data.inventory));
    let judged =
        Judgement { frameworks: (*data.judged).clone(), not_judged: (*data.not_judged).clone() };
    let basis = CountBasis {
        content: Arc::clone(&data.content),
        inventory: &inventory,
        result: &result,
        judged: &judged,
        ledger: &data.ledger,
    };
    let lens = data.lens(GroupBy::Nothing);
    let (counted, took) = time(|| CountedAhead::of(&basis, lens));
    row("screen: count ahead", Figure::took(took));
    let view = |counted| {
        let (result, inventory) = (Arc::clone(&result), Arc::clone(&inventory));
        let judged = judged.clone();
        let view = Followed { run: 1, result, inventory, judged, counted, ..Followed::default() };
        Event::Followed(Arc::new(view))
    };
    for (place, keys) in WATCHED {
        bench.keys(keys)?;
        let here = fastest(pace::times(), || {
            bench.event(view(None));
        });
        row(&format!("screen: a change arrives at {place}, counted there"), Figure::took(here));
        let ahead = fastest(pace::times(), || {
            bench.event(view(Some(counted.clone())));
        });
        row(&format!("screen: a change arrives at {place}"), Figure::took(ahead));
    }
    bench.keys("4sssss")?;
    bench.event(Event::Resize(200, 60));
    bench.terminal = Terminal::new(TestBackend::new(200, 60))?;
    row("frame: findings, 200x60", Figure::took(bench.frame()?));
    bench.event(Event::Resize(120, 40));
    bench.terminal = Terminal::new(TestBackend::new(120, 40))?;
    Ok(())
}

/// A filter is worked out anew with each letter: the longest that one of them takes counts.
fn filters(bench: &mut Bench, list: &str) -> anyhow::Result<()> {
    for (what, text) in FILTERS {
        let mut best: Option<Took> = None;
        for _ in 0..pace::times() {
            bench.keys("/")?;
            let mut worst = Took::NOTHING;
            for letter in text.chars() {
                let took = bench.keys(&letter.to_string())?;
                worst.wall = worst.wall.max(took.wall);
                worst.cpu = worst.cpu.max(took.cpu);
            }
            bench.keys("<esc>")?;
            let least =
                |best: Took| Took { wall: best.wall.min(worst.wall), cpu: best.cpu.min(worst.cpu) };
            best = Some(best.map_or(worst, least));
        }
        if let Some(best) = best {
            row(&format!("filter {list}, {what}: a letter"), Figure::took(best));
        }
    }
    Ok(())
}
