//! The loop: one task that owns the state, takes events, draws when something changed, and sleeps
//! until the next event or deadline. There is no tick.

mod acts;
mod aside;
mod dress;
mod follow;
mod hearing;
mod here;
mod inbox;
mod judging;
mod known;
mod leaving;
mod resuming;
mod runs;
mod session;
mod sources;
mod stage;
mod writing;

pub use sources::context_info;

use aside::Aside;
use here::Here;
use inbox::{Heard, Inbox};
use judging::Judging;
use known::Known;
use runs::Runs;
use session::Sitting;
use stage::Stage;

use std::time::{Duration, Instant};

use anyhow::Context as _;
use tokio::sync::mpsc;

use super::clock::Clock;
use super::desk::Desk;
use super::face::FaceInput;
use super::log::Log;
use super::{WorkbenchOptions, WorkbenchStart};
use crate::app::effect::Effect;
use crate::app::event::{Event, UserError};
use crate::app::key::{Code, Key};
use crate::app::state::State;
use crate::term::signals::{Signals, Wish};

/// Most events taken before the next frame.
const BURST: usize = 512;
/// How long a thread for blocking work waits for more of it. What ends only after a while would wake up
/// a workbench that rests.
const LINGER: Duration = Duration::from_secs(2);

/// Runs the workbench until the user leaves it.
///
/// # Errors
/// When there is no terminal, or it is lost.
pub fn run(options: WorkbenchOptions) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .thread_keep_alive(LINGER)
        .enable_all()
        .build()
        .context("cannot start the workbench")?;
    let result = runtime.block_on(async {
        let mut shell = Shell::start(options)?;
        let result = shell.work().await;
        let left = shell.leave().await;
        result.and(left)
    });
    // Blocking work that is under way stops by itself at its next look at the flag.
    runtime.shutdown_timeout(Duration::from_millis(200));
    result
}

struct Shell {
    options: WorkbenchOptions,
    state: State,
    clock: Clock,
    log: Log,
    signals: Signals,
    /// What others report.
    inbox: Inbox,
    /// What is on the terminal.
    stage: Stage,
    desk: Desk,
    session: Sitting,
    /// Decisions, answers and imports, and what is said besides.
    known: Known,
    /// What is looked at.
    here: Here,
    runs: Runs,
    /// What is judged, and what waits for that.
    judging: Judging,
    /// What is worked out besides.
    aside: Aside,
    quit: bool,
}

impl Shell {
    fn start(mut options: WorkbenchOptions) -> anyhow::Result<Self> {
        let clock = Clock::start();
        let (news_tx, news) = mpsc::channel(64);
        let desk = Desk::start(&options.data, &options.user, options.content.clone(), news_tx)
            .context("cannot start the session desk")?;
        // A panic or an error from here on finds a terminal that is given back.
        let face = dress::face(&options)?;
        let faults = std::mem::take(&mut options.ugly);
        let stage = Stage::new(face, &options.setup.look.theme, faults);
        let log = Log::new(&options.data);
        let mut setup = options.setup.clone();
        setup.start = matches!(options.start, WorkbenchStart::Screen);
        let state = State::new(setup, clock.now());
        let mut shell = Self {
            options,
            state,
            clock,
            log,
            signals: Signals::new().context("cannot listen to signals")?,
            inbox: Inbox::new(news),
            stage,
            desk,
            session: Sitting::default(),
            known: Known::default(),
            here: Here::default(),
            runs: Runs::default(),
            judging: Judging::default(),
            aside: Aside::default(),
            quit: false,
        };
        shell.begin();
        Ok(shell)
    }

    fn begin(&mut self) {
        let size = self.stage.face.size();
        self.feed(Event::Resize(size.0, size.1));
        self.log.note("start", concat!("plimsoll ", env!("CARGO_PKG_VERSION")));
        if self.state.look.mouse {
            self.perform(Effect::Mouse(true));
        }
        match std::mem::replace(&mut self.options.start, WorkbenchStart::Screen) {
            WorkbenchStart::Screen => self.perform(Effect::LoadSessions),
            WorkbenchStart::Source(choice) => self.perform(Effect::Connect(choice)),
            WorkbenchStart::Fleet(contexts) => self.feed(Event::Together(contexts)),
            WorkbenchStart::Objects { name, read, again } => self.read_files(name, read, again),
        }
        // For the menu, which shows what is known when it opens.
        self.perform(Effect::LoadContexts);
        if !self.here.awaits_files() {
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
                said = self.stage.face.next(busy) => match said {
                    FaceInput::Event(event) => self.said(*event),
                    FaceInput::Nothing => {}
                    // There is nobody to work for.
                    FaceInput::Gone => self.quit = true,
                },
                read = self.here.files() => self.files_read(read),
                done = self.judging.done() => self.judged(done),
                heard = self.inbox.next() => self.hear(heard),
                () = sleep_until(wake) => {
                    if self.state.next_deadline().is_some_and(|at| at <= self.clock.now().millis) {
                        self.feed(Event::Tick);
                    }
                }
            }
            self.drain();
        }
        if self.stage.face.tells_all() {
            self.draw_if_due()?;
        }
        Ok(())
    }

    fn drain(&mut self) {
        for _ in 0..BURST {
            let Some(heard) = self.inbox.arrived() else { break };
            self.hear(heard);
        }
    }

    fn hear(&mut self, heard: Heard) {
        match heard {
            Heard::Ran(outcome) => self.finish_run(*outcome),
            Heard::News(news) => self.take_news(news),
            Heard::Event(event) => self.take(event),
        }
    }

    fn wake(&self) -> Option<Instant> {
        let deadline = self.state.next_deadline().map(|at| self.clock.at(at));
        [deadline, self.stage.due()].into_iter().flatten().min()
    }

    /// Takes in what somebody said.
    fn said(&mut self, event: Event) {
        // A key is answered at once, whatever the last frame's time. Of many sizes in a row the last
        // one counts.
        if !matches!(event, Event::Resize(..)) {
            self.stage.hasten();
        }
        let back = matches!(event, Event::Focus(true));
        if let Some(source) = &self.here.source {
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
        let waits = state.source.loading || state.session.pending > 0 || state.is_awaited();
        let begins = state.is_beginning();
        begins || state.run.is_some() || waits || state.fleet.is_busy() || self.judging.is_busy()
    }

    fn draw_if_due(&mut self) -> anyhow::Result<()> {
        if self.options.title && self.stage.is_due() {
            self.stage.entitle(&self.state.source.name);
        }
        self.stage.show(&self.state)
    }

    fn feed(&mut self, event: Event) {
        self.log.event(&event);
        let effects = self.state.update(event, self.clock.now());
        self.stage.touch();
        for effect in effects {
            self.perform(effect);
        }
    }
}

async fn sleep_until(instant: Option<Instant>) {
    match instant {
        Some(instant) => tokio::time::sleep_until(instant.into()).await,
        None => std::future::pending().await,
    }
}
