//! The loop: one task that owns the state, takes events, draws when something changed, and sleeps
//! until the next event or deadline. There is no tick.

mod acts;
mod previews;
mod runs;
mod signals;
mod sources;

use std::io::Stdout;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use crossterm::event::EventStream;
use futures::StreamExt as _;
use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;
use tokio::sync::mpsc;

use super::clock::Clock;
use super::desk::{Desk, News, Order};
use super::job::{Job, Outcome};
use super::preview::{Baseline, Under};
use super::source::Source;
use super::{Options, Start};
use crate::app::effect::{Effect, RunPlace, RunRequest, RunWhat};
use crate::app::event::{Event, SessionEvent, SessionInfo, SourceEvent, UserError};
use crate::app::state::State;
use crate::assess::Chosen;
use crate::config::theme::Themes;
use crate::imports::objects;
use crate::model::inventory::{Inventory, SourceInfo};
use crate::model::ledger::Ledger;
use crate::report::{Judged, SessionRef};
use crate::session::RunRecord;
use crate::term::caps::{Caps, ColorDepth};
use crate::term::{Guard, Screen, input};
use crate::triage::Brought;
use crate::ui;
use signals::{Signals, Wish};

/// Most events taken before the next frame.
const BURST: usize = 512;
/// Shortest time between two frames that no key asked for.
const FRAME: Duration = Duration::from_millis(16);

/// Runs the workbench until the user leaves it.
///
/// # Errors
/// When there is no terminal, or it is lost.
pub fn run(options: Options) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .context("cannot start the workbench")?;
    let result = runtime.block_on(async {
        let mut shell = Shell::start(options)?;
        let result = shell.work().await;
        shell.desk.finish();
        result
    });
    // Blocking work that is under way stops by itself at its next look at the flag.
    runtime.shutdown_timeout(Duration::from_millis(200));
    result
}

#[allow(clippy::struct_excessive_bools, reason = "four independent flags of the loop")]
struct Shell {
    options: Options,
    state: State,
    clock: Clock,
    // Dropped before the guard: nothing is drawn on a terminal that was given back.
    terminal: Terminal<CrosstermBackend<Screen<Stdout>>>,
    screen: Screen<Stdout>,
    guard: Guard,
    styles: ui::Theme,
    keys: Option<EventStream>,
    signals: Signals,
    events: mpsc::Sender<Event>,
    inbox: mpsc::Receiver<Event>,
    /// Of the present source alone: what an earlier one left unsaid goes with it.
    from_source: mpsc::Receiver<Event>,
    news: mpsc::Receiver<News>,
    outcomes: mpsc::Receiver<Outcome>,
    outcome_tx: mpsc::Sender<Outcome>,
    desk: Desk,
    source: Option<Source>,
    /// What the source is, as far as it was known when it was chosen.
    about: Option<SourceInfo>,
    /// The session being opened was named together with the source.
    session_given: bool,
    inventory: Option<Arc<Inventory>>,
    /// The same without what was imported.
    bare: Option<Arc<Inventory>>,
    job: Option<Job>,
    /// A preview under way, and what is kept from one to the next.
    preview: Option<Under>,
    baseline: Baseline,
    runs: u64,
    shown: Option<Shown>,
    /// The last run of the session.
    previous: Option<RunRecord>,
    ledger: Ledger,
    /// What files and annotations say about the findings that are shown.
    brought: Arc<Brought>,
    session: Option<SessionRef>,
    run_when_loaded: bool,
    dirty: bool,
    clear: bool,
    drawn: Option<Instant>,
    quit: bool,
}

/// What is on the screen: the last run, with everything a report of it needs.
struct Shown {
    chosen: Chosen,
    record: RunRecord,
    judged: Vec<Judged>,
    inventory: Arc<Inventory>,
}

impl Shell {
    fn start(options: Options) -> anyhow::Result<Self> {
        let clock = Clock::start();
        let guard =
            Guard::enter().context("the workbench needs a terminal; `plimsoll scan` does not")?;
        let screen = Screen::new(std::io::stdout());
        let terminal = Terminal::new(CrosstermBackend::new(screen.clone()))?;
        let (events, inbox) = mpsc::channel(1024);
        let (news_tx, news) = mpsc::channel(64);
        let (outcome_tx, outcomes) = mpsc::channel(4);
        let desk = Desk::start(&options.data, &options.user, news_tx)
            .context("cannot start the session desk")?;
        let styles = styles(&options.themes, options.caps, &options.setup.look.theme);
        let mut setup = options.setup.clone();
        setup.start = matches!(options.start, Start::Screen);
        let state = State::new(setup, clock.now());
        let mut shell = Self {
            options,
            state,
            clock,
            terminal,
            screen,
            guard,
            styles,
            keys: None,
            signals: Signals::new().context("cannot listen to signals")?,
            events,
            inbox,
            from_source: mpsc::channel(1).1,
            news,
            outcomes,
            outcome_tx,
            desk,
            source: None,
            about: None,
            session_given: false,
            inventory: None,
            bare: None,
            job: None,
            preview: None,
            baseline: Baseline::default(),
            runs: 0,
            shown: None,
            previous: None,
            ledger: Ledger::default(),
            brought: Arc::default(),
            session: None,
            run_when_loaded: true,
            dirty: true,
            clear: false,
            drawn: None,
            quit: false,
        };
        shell.begin();
        Ok(shell)
    }

    fn begin(&mut self) {
        let size = self.terminal.size().map_or((80, 24), |s| (s.width, s.height));
        self.feed(Event::Resize(size.0, size.1));
        match std::mem::replace(&mut self.options.start, Start::Screen) {
            Start::Screen => self.perform(Effect::LoadSessions),
            Start::Source(choice) => self.perform(Effect::Connect(choice)),
            Start::Objects(inventory) => {
                let source = inventory.source.clone();
                self.leave_session(&source);
                self.read_fixed(&source, move || Ok(*inventory));
            }
        }
        // For the menu, which shows what is known when it opens.
        self.perform(Effect::LoadContexts);
        if let Some(id) = self.options.session.take() {
            self.session_given = true;
            self.desk.order(Order::Open(id));
        }
        for why in std::mem::take(&mut self.options.problems) {
            let next = "the rest works; `plimsoll config check` lists everything".to_owned();
            self.feed(Event::Failed(UserError { what: "a file is broken".to_owned(), why, next }));
        }
    }

    async fn work(&mut self) -> anyhow::Result<()> {
        self.keys = Some(EventStream::new());
        while !self.quit {
            self.draw_if_due()?;
            let wake = self.wake();
            let key = async {
                match &mut self.keys {
                    Some(keys) => keys.next().await,
                    None => std::future::pending().await,
                }
            };
            // Signals before keys before data: a flood of data never keeps a key waiting.
            tokio::select! {
                biased;
                wish = self.signals.next() => match wish {
                    Wish::End => self.feed(Event::Terminate),
                    Wish::Stop => self.perform(Effect::Suspend),
                },
                event = key => match event {
                    Some(Ok(event)) => {
                        if let Some(event) = input::translate(event) {
                            // A key is answered at once, whatever the last frame's time.
                            self.drawn = None;
                            // Sizes in between may go unseen, and what the terminal did to the
                            // text meanwhile with them.
                            self.clear |= matches!(event, Event::Resize(..));
                            self.feed(event);
                        }
                    }
                    // The terminal is gone: there is nobody to work for.
                    _ => self.quit = true,
                },
                Some(outcome) = self.outcomes.recv() => self.finish_run(outcome),
                Some(news) = self.news.recv() => self.take_news(news),
                Some(event) = self.from_source.recv() => self.take(event),
                Some(event) = self.inbox.recv() => self.take(event),
                () = sleep_until(wake) => {
                    if self.state.next_deadline().is_some_and(|at| at <= self.clock.now().millis) {
                        self.feed(Event::Tick);
                    }
                }
            }
            self.drain();
        }
        Ok(())
    }

    fn drain(&mut self) {
        for _ in 0..BURST {
            if let Ok(news) = self.news.try_recv() {
                self.take_news(news);
            } else if let Ok(outcome) = self.outcomes.try_recv() {
                self.finish_run(outcome);
            } else if let Ok(event) = self.from_source.try_recv() {
                self.take(event);
            } else if let Ok(event) = self.inbox.try_recv() {
                self.take(event);
            } else {
                break;
            }
        }
    }

    fn wake(&self) -> Option<Instant> {
        let deadline = self.state.next_deadline().map(|at| self.clock.at(at));
        let frame = self.dirty.then(|| self.drawn.map_or_else(Instant::now, |at| at + FRAME));
        [deadline, frame].into_iter().flatten().min()
    }

    fn draw_if_due(&mut self) -> anyhow::Result<()> {
        if self.clear {
            // Not `clear`: that asks the terminal where its cursor is, and some never answer.
            let size = self.terminal.size()?;
            self.terminal.resize(size.into())?;
            self.clear = false;
            self.dirty = true;
        }
        if !self.dirty || self.drawn.is_some_and(|at| at.elapsed() < FRAME) {
            return Ok(());
        }
        self.terminal.draw(|frame| ui::draw(&self.state, &self.styles, frame))?;
        self.screen.present()?;
        self.drawn = Some(Instant::now());
        self.dirty = false;
        Ok(())
    }

    fn feed(&mut self, event: Event) {
        let effects = self.state.update(event, self.clock.now());
        self.dirty = true;
        for effect in effects {
            self.perform(effect);
        }
    }

    fn take(&mut self, event: Event) {
        let event = match event {
            Event::Source(SourceEvent::Loaded { inventory, complete }) => {
                self.bare = Some(Arc::clone(&inventory));
                let inventory = self.with_imports(inventory);
                Event::Source(SourceEvent::Loaded { inventory, complete })
            }
            other => other,
        };
        if let Event::Source(SourceEvent::Loaded { inventory, complete }) = &event {
            self.inventory = Some(Arc::clone(inventory));
            if *complete && std::mem::take(&mut self.run_when_loaded) {
                self.feed(event);
                let request = RunRequest { what: RunWhat::Everything, place: RunPlace::Scope };
                return self.start_run(&request);
            }
        }
        self.feed(event);
    }

    fn take_news(&mut self, news: News) {
        match news {
            News::Resumed(source, run) => self.resume(&source, run.map(|run| *run)),
            News::Event(event) => {
                match &event {
                    Event::Session(SessionEvent::Opened { info, ledger, .. }) => {
                        let brought = std::mem::take(&mut self.ledger.brought);
                        self.ledger = Ledger { brought, ..Ledger::clone(ledger) };
                        self.session = Some(reference(info));
                    }
                    Event::Session(SessionEvent::Closed) => {
                        let brought = std::mem::take(&mut self.ledger.brought);
                        self.ledger = Ledger { brought, ..Ledger::default() };
                        self.session = None;
                    }
                    Event::Session(
                        SessionEvent::Decided { changes, .. }
                        | SessionEvent::Settled { changes, .. },
                    ) => {
                        for (fingerprint, past) in changes {
                            self.ledger.decided(fingerprint, past.clone());
                        }
                    }
                    Event::Session(SessionEvent::Attested { answers, .. }) => {
                        for (key, answer) in answers {
                            self.ledger.attested(key.clone(), answer.clone());
                        }
                    }
                    Event::Session(SessionEvent::Imported { imports, .. }) => {
                        let objects = imports.iter().any(objects::has_objects);
                        self.ledger.imports.extend_from_slice(imports);
                        self.feed(event);
                        return self.judge_imported(objects);
                    }
                    _ => return self.feed(event),
                }
                self.feed(event);
                self.judge_again();
            }
        }
    }
}

/// What a report says of a session.
fn reference(info: &SessionInfo) -> SessionRef {
    let created = jiff::Timestamp::from_second(info.created).map(|t| t.to_string());
    SessionRef {
        id: info.id.clone(),
        title: info.title.clone(),
        created: created.unwrap_or_default(),
    }
}

/// A theme as the terminal can show it; one that is broken gives way to the default.
fn styles(themes: &Themes, caps: Caps, name: &str) -> ui::Theme {
    let depth = match caps.depth {
        ColorDepth::True => ui::Depth::True,
        ColorDepth::Ansi256 => ui::Depth::TwoHundred,
        ColorDepth::Ansi16 | ColorDepth::Mono => ui::Depth::Sixteen,
    };
    // Where there must be no colour, the theme that was chosen waits for a terminal that has some.
    let name = if caps.depth == ColorDepth::Mono { Themes::MONO } else { name };
    let theme = themes.get(name).unwrap_or_else(|_| Themes::built_in());
    ui::Theme::new(&theme, depth)
}

async fn sleep_until(instant: Option<Instant>) {
    match instant {
        Some(instant) => tokio::time::sleep_until(instant.into()).await,
        None => std::future::pending().await,
    }
}
