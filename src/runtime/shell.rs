//! The loop: one task that owns the state, takes events, draws when something changed, and sleeps
//! until the next event or deadline. There is no tick.

mod acts;
mod dress;
mod follow;
mod hearing;
mod judging;
mod previews;
mod resuming;
mod runs;
mod sources;

pub use sources::context_info;

use judging::Judging;

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use tokio::sync::{mpsc, oneshot};

use super::cancel::Cancel;
use super::clock::Clock;
use super::desk::{Desk, News};
use super::face::{Face, Said};
use super::fleet::Fleet;
use super::follow::Follow;
use super::job::{Job, Outcome};
use super::judging::{Moved, Shown};
use super::log::Log;
use super::narrowed::Narrow;
use super::preview::Baseline;
use super::source::Source;
use super::tenants::Tenants;
use super::{Options, ReadAgain, Start};
use crate::app::effect::{Effect, RunRequest};
use crate::app::event::{Event, UserError};
use crate::app::key::{Code, Key};
use crate::app::state::State;
use crate::model::inventory::{Inventory, SourceInfo};
use crate::model::ledger::Ledger;
use crate::report::SessionRef;
use crate::session::RunRecord;
use crate::term::signals::{Signals, Wish};
use crate::triage::Brought;

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
        shell.finish_writing().await;
        // Nobody hears the desk any more; it must not wait for that.
        shell.news.close();
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
    face: Face,
    log: Log,
    /// The theme that is on the screen.
    theme: String,
    /// What the title says.
    titled: String,
    /// What was wrong with themes and keys when they were read last.
    ugly: Vec<String>,
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
    /// Files that are being read before there is anything else.
    files: Option<oneshot::Receiver<Option<Inventory>>>,
    /// How to read those again.
    again: Option<ReadAgain>,
    /// What the source is, as far as it was known when it was chosen.
    about: Option<SourceInfo>,
    /// The session being opened was named together with the source.
    session_given: bool,
    inventory: Option<Arc<Inventory>>,
    /// The same without what was imported.
    bare: Option<Arc<Inventory>>,
    job: Option<Job>,
    /// What is judged, and what waits for that.
    judging: Judging,
    /// What the runs over the namespaces of tenants came to, and the task that is at them.
    tenants: Tenants,
    /// The same of the one namespace that is chosen.
    narrowed: Narrow,
    /// Several clusters side by side that are under way.
    fleet: Fleet,
    /// A preview under way, and what is kept from one to the next.
    preview: Option<Cancel>,
    baseline: Baseline,
    runs: u64,
    shown: Option<Shown>,
    /// What is on the screen instead, since the cluster changed, and by what it was judged.
    live: Option<Moved>,
    /// Judges the cluster as it changes.
    follow: Option<Follow>,
    /// Grows whenever what is decided changes.
    decided: u64,
    /// The last run of the session.
    previous: Option<Arc<RunRecord>>,
    ledger: Arc<Ledger>,
    /// What files and annotations say about the findings that are shown.
    brought: Arc<Brought>,
    session: Option<SessionRef>,
    run_when_loaded: bool,
    /// A run that somebody asked for, and that begins when its files were read again.
    wanted: Option<RunRequest>,
    /// The run that is shown was recorded earlier, and the objects of its source are still to come.
    awaits: bool,
    dirty: bool,
    drawn: Option<Instant>,
    quit: bool,
}

impl Shell {
    fn start(options: Options) -> anyhow::Result<Self> {
        let clock = Clock::start();
        let (events, inbox) = mpsc::channel(1024);
        let (news_tx, news) = mpsc::channel(64);
        let (outcome_tx, outcomes) = mpsc::channel(4);
        let desk = Desk::start(&options.data, &options.user, options.content.clone(), news_tx)
            .context("cannot start the session desk")?;
        // A panic or an error from here on finds a terminal that is given back.
        let face = dress::face(&options)?;
        let log = Log::new(&options.data);
        let mut setup = options.setup.clone();
        setup.start = matches!(options.start, Start::Screen);
        let state = State::new(setup, clock.now());
        let mut shell = Self {
            options,
            state,
            clock,
            face,
            log,
            theme: String::new(),
            titled: String::new(),
            ugly: Vec::new(),
            signals: Signals::new().context("cannot listen to signals")?,
            events,
            inbox,
            from_source: mpsc::channel(1).1,
            news,
            outcomes,
            outcome_tx,
            desk,
            source: None,
            files: None,
            again: None,
            about: None,
            session_given: false,
            inventory: None,
            bare: None,
            job: None,
            judging: Judging::default(),
            tenants: Tenants::default(),
            narrowed: Narrow::default(),
            fleet: Fleet::default(),
            preview: None,
            baseline: Baseline::default(),
            runs: 0,
            shown: None,
            live: None,
            follow: None,
            decided: 0,
            previous: None,
            ledger: Arc::default(),
            brought: Arc::default(),
            session: None,
            run_when_loaded: true,
            wanted: None,
            awaits: false,
            dirty: true,
            drawn: None,
            quit: false,
        };
        shell.begin();
        Ok(shell)
    }

    fn begin(&mut self) {
        let size = self.face.size();
        self.feed(Event::Resize(size.0, size.1));
        self.log.note("start", concat!("plimsoll ", env!("CARGO_PKG_VERSION")));
        self.ugly = std::mem::take(&mut self.options.ugly);
        self.theme.clone_from(&self.state.look.theme);
        if self.state.look.mouse {
            self.perform(Effect::Mouse(true));
        }
        match std::mem::replace(&mut self.options.start, Start::Screen) {
            Start::Screen => self.perform(Effect::LoadSessions),
            Start::Source(choice) => self.perform(Effect::Connect(choice)),
            Start::Fleet(contexts) => self.feed(Event::Together(contexts)),
            Start::Objects { name, read, again } => self.read_files(name, read, again),
        }
        // For the menu, which shows what is known when it opens.
        self.perform(Effect::LoadContexts);
        if self.files.is_none() {
            self.open_given();
        }
        for c in std::mem::take(&mut self.options.typed).chars() {
            let key = if c == '\r' { Key::plain(Code::Enter) } else { Key::char(c) };
            self.feed(Event::Key(key));
        }
        for why in std::mem::take(&mut self.options.problems) {
            let next = "the rest works; `plimsoll config check` lists everything".to_owned();
            self.feed(Event::Failed(UserError { what: "a file is broken".to_owned(), why, next }));
        }
    }

    async fn work(&mut self) -> anyhow::Result<()> {
        while !self.quit {
            self.draw_if_due()?;
            let wake = self.wake();
            let busy = self.busy();
            // Signals before keys before data: a flood of data never keeps a key waiting.
            tokio::select! {
                biased;
                wish = self.signals.next() => match wish {
                    Wish::End => self.feed(Event::Terminate),
                    Wish::Stop => self.perform(Effect::Suspend),
                    Wish::Reload => self.perform(Effect::Reload),
                },
                said = self.face.next(busy) => match said {
                    Said::Event(event) => self.said(*event),
                    Said::Nothing => {}
                    // There is nobody to work for.
                    Said::Gone => self.quit = true,
                },
                Some(outcome) = self.outcomes.recv() => self.finish_run(outcome),
                read = read_now(&mut self.files) => self.files_read(read),
                done = self.judging.done() => self.judged(done),
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
        if self.face.tells_all() {
            self.draw_if_due()?;
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

    /// Takes in what somebody said.
    fn said(&mut self, event: Event) {
        // A key is answered at once, whatever the last frame's time. Of many sizes in a row the last
        // one counts.
        if !matches!(event, Event::Resize(..)) {
            self.drawn = None;
        }
        let back = matches!(event, Event::Focus(true));
        if let Some(source) = &self.source {
            source.look();
        }
        self.feed(event);
        if back {
            self.look_again();
        }
    }

    /// Whether something is under way that the next line of a script waits for.
    fn busy(&self) -> bool {
        let state = &self.state;
        let waits = state.source.loading || state.session.pending > 0;
        state.run.is_some() || waits || state.fleet.is_busy() || self.judging.is_busy()
    }

    fn draw_if_due(&mut self) -> anyhow::Result<()> {
        let soon = self.drawn.is_some_and(|at| at.elapsed() < FRAME);
        if !self.dirty || soon && !self.face.tells_all() {
            return Ok(());
        }
        self.entitle();
        self.face.show(&self.state)?;
        self.drawn = Some(Instant::now());
        self.dirty = false;
        Ok(())
    }

    fn feed(&mut self, event: Event) {
        self.log.event(&event);
        let effects = self.state.update(event, self.clock.now());
        self.dirty = true;
        for effect in effects {
            self.perform(effect);
        }
    }
}

/// What files hold; waits for ever where none are read.
async fn read_now(files: &mut Option<oneshot::Receiver<Option<Inventory>>>) -> Option<Inventory> {
    match files {
        Some(read) => read.await.ok().flatten(),
        None => std::future::pending().await,
    }
}

async fn sleep_until(instant: Option<Instant>) {
    match instant {
        Some(instant) => tokio::time::sleep_until(instant.into()).await,
        None => std::future::pending().await,
    }
}
