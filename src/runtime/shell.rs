//! The loop: one task that owns the state, takes events, draws when something changed, and sleeps
//! until the next event or deadline. There is no tick.

use std::collections::HashMap;
use std::io::Stdout;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use crossterm::event::EventStream;
use futures::StreamExt as _;
use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;
use tokio::sync::mpsc;

use super::clock::{Clock, timestamp, today};
use super::desk::{Desk, News, Order};
use super::job::{self, Job, Outcome};
use super::reports;
use super::source::{Source, user_error};
use super::{Options, Start};
use crate::app::effect::{Effect, ReportFormat, RunPlace, RunRequest, RunWhat, SourceChoice};
use crate::app::event::{ContextInfo, Event, RunEvent, SessionEvent, SourceEvent, UserError};
use crate::app::state::State;
use crate::assess::{self, Chosen};
use crate::cluster::ReadRequest;
use crate::model::decision::Decision;
use crate::model::inventory::{Inventory, SourceInfo};
use crate::report::Judged;
use crate::session::RunRecord;
use crate::session::run::Selection;
use crate::term::clipboard::Through;
use crate::term::{Guard, Screen, clipboard, external, input};
use crate::ui;

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

struct Shell {
    options: Options,
    state: State,
    clock: Clock,
    // Dropped before the guard: nothing is drawn on a terminal that was given back.
    terminal: Terminal<CrosstermBackend<Screen<Stdout>>>,
    guard: Guard,
    styles: ui::theme::Styles,
    events: mpsc::Sender<Event>,
    inbox: mpsc::Receiver<Event>,
    news: mpsc::Receiver<News>,
    outcomes: mpsc::Receiver<Outcome>,
    outcome_tx: mpsc::Sender<Outcome>,
    desk: Desk,
    source: Option<Source>,
    inventory: Option<Arc<Inventory>>,
    job: Option<Job>,
    runs: u64,
    shown: Option<Shown>,
    decisions: HashMap<String, Decision>,
    namespace: Option<String>,
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
        let guard = Guard::enter().context("the workbench needs a terminal; `plimsoll scan` does not")?;
        let terminal = Terminal::new(CrosstermBackend::new(Screen::new(std::io::stdout())))?;
        let (events, inbox) = mpsc::channel(1024);
        let (news_tx, news) = mpsc::channel(64);
        let (outcome_tx, outcomes) = mpsc::channel(4);
        let desk = Desk::start(&options.data, &options.user, news_tx).context("cannot start the session desk")?;
        let styles = styles(&options, &options.setup.look.theme);
        let mut setup = options.setup.clone();
        setup.start = matches!(options.start, Start::Screen);
        let state = State::new(setup, clock.now());
        let mut shell = Self {
            options,
            state,
            clock,
            terminal,
            guard,
            styles,
            events,
            inbox,
            news,
            outcomes,
            outcome_tx,
            desk,
            source: None,
            inventory: None,
            job: None,
            runs: 0,
            shown: None,
            decisions: HashMap::new(),
            namespace: None,
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
            Start::Screen => {
                self.perform(Effect::LoadContexts);
                self.perform(Effect::LoadSessions);
            }
            Start::Source(choice) => self.perform(Effect::Connect(choice)),
            Start::Objects(inventory) => {
                self.leave_session(&inventory.source);
                self.source = Some(Source::fixed(move || *inventory, self.events.clone()));
            }
        }
        if let Some(id) = self.options.session.clone() {
            self.desk.order(Order::Open(id));
        }
    }

    async fn work(&mut self) -> anyhow::Result<()> {
        let mut keys = Some(EventStream::new());
        let mut signals = Signals::new()?;
        while !self.quit {
            self.draw_if_due()?;
            let wake = self.wake();
            let key = async {
                match &mut keys {
                    Some(keys) => keys.next().await,
                    None => std::future::pending().await,
                }
            };
            // Signals before keys before data: a flood of data never keeps a key waiting.
            tokio::select! {
                biased;
                () = signals.end() => self.feed(Event::Terminate),
                event = key => match event {
                    Some(Ok(event)) => {
                        if let Some(event) = input::translate(event) {
                            // A key is answered at once, whatever the last frame's time.
                            self.drawn = None;
                            self.feed(event);
                        }
                    }
                    // The terminal is gone: there is nobody to work for.
                    _ => self.quit = true,
                },
                Some(outcome) = self.outcomes.recv() => self.finish_run(outcome),
                Some(news) = self.news.recv() => self.take_news(news),
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

    /// Takes what waits already, so that a burst costs one frame.
    fn drain(&mut self) {
        for _ in 0..BURST {
            if let Ok(news) = self.news.try_recv() {
                self.take_news(news);
            } else if let Ok(outcome) = self.outcomes.try_recv() {
                self.finish_run(outcome);
            } else if let Ok(event) = self.inbox.try_recv() {
                self.take(event);
            } else {
                break;
            }
        }
    }

    /// When the loop must wake up by itself.
    fn wake(&self) -> Option<Instant> {
        let deadline = self.state.next_deadline().map(|at| self.clock.at(at));
        let frame = self.dirty.then(|| self.drawn.map_or_else(Instant::now, |at| at + FRAME));
        [deadline, frame].into_iter().flatten().min()
    }

    fn draw_if_due(&mut self) -> anyhow::Result<()> {
        if self.clear {
            self.terminal.clear()?;
            self.clear = false;
            self.dirty = true;
        }
        if !self.dirty || self.drawn.is_some_and(|at| at.elapsed() < FRAME) {
            return Ok(());
        }
        self.terminal.draw(|frame| ui::draw(&self.state, &self.styles, frame))?;
        self.drawn = Some(Instant::now());
        self.dirty = false;
        Ok(())
    }

    /// One event into the state machine, and its effects out into the world.
    fn feed(&mut self, event: Event) {
        let effects = self.state.update(event, self.clock.now());
        self.dirty = true;
        for effect in effects {
            self.perform(effect);
        }
    }

    /// News of the source: the shell keeps what it needs of them.
    fn take(&mut self, event: Event) {
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
            News::Resumed(record) => self.show_resumed(*record),
            News::Event(event) => {
                match &event {
                    Event::Session(SessionEvent::Opened { decisions, .. }) => {
                        self.decisions = decisions.iter().cloned().collect();
                    }
                    Event::Session(SessionEvent::Decided { decisions, .. }) => {
                        self.decisions.extend(decisions.iter().cloned());
                    }
                    _ => return self.feed(event),
                }
                self.feed(event);
                self.judge_again();
            }
        }
    }

    fn judge_again(&mut self) {
        let Some(shown) = &mut self.shown else { return };
        shown.judged = self.options.content.judge(
            &shown.chosen,
            &shown.record.result,
            &shown.inventory,
            &self.decisions,
            &today(),
        );
        let results = assess::results(&shown.judged);
        self.feed(Event::Judged(results));
    }

    fn perform(&mut self, effect: Effect) {
        match effect {
            Effect::Quit => self.quit = true,
            Effect::Redraw => self.clear = true,
            Effect::Suspend => self.suspend(),
            Effect::LoadContexts => self.load_contexts(),
            Effect::LoadSessions => self.desk.order(Order::List),
            Effect::Connect(choice) => self.connect(choice),
            Effect::Refresh => self.refresh(),
            Effect::SetNamespace(namespace) => self.namespace = namespace,
            Effect::Run(request) => self.start_run(&request),
            Effect::CancelRun => {
                if let Some(job) = &self.job {
                    job.cancel();
                }
            }
            Effect::Decide { fingerprints, decision } => self.desk.order(Order::Decide(fingerprints, decision)),
            Effect::Note { fingerprint, text } => self.desk.order(Order::Note(fingerprint, text)),
            Effect::Undo => self.desk.order(Order::Undo),
            Effect::Redo => self.desk.order(Order::Redo),
            Effect::ResumeSession(id) => self.desk.order(Order::Open(id)),
            Effect::NewSession => self.new_session(),
            Effect::WriteReport(format) => self.write_report(format),
            Effect::Copy(text) => self.copy(&text),
            Effect::View { text, line, extension, editor } => {
                self.view(&external::View { text: &text, line, extension, editor });
            }
            Effect::SetTheme(name) => {
                self.styles = styles(&self.options, &name);
                self.clear = true;
            }
        }
    }

    fn load_contexts(&mut self) {
        let found = crate::cluster::contexts(self.options.connect.kubeconfig.as_deref());
        let contexts = found.map_err(user_error).map(|found| {
            found.contexts.into_iter().map(|c| ContextInfo {
                current: found.current.as_deref() == Some(&c.name),
                name: c.name,
                server: c.server.unwrap_or_default(),
                user: c.user.unwrap_or_default(),
                namespace: c.namespace.unwrap_or_default(),
            })
        });
        self.feed(Event::Contexts(contexts.map(Iterator::collect)));
    }

    fn connect(&mut self, choice: SourceChoice) {
        self.job = None;
        self.shown = None;
        self.inventory = None;
        self.run_when_loaded = true;
        self.source = Some(match choice {
            SourceChoice::Demo => {
                let source = SourceInfo { context: Some("demo".to_owned()), ..SourceInfo::default() };
                self.leave_session(&source);
                Source::fixed(crate::source::demo::inventory, self.events.clone())
            }
            SourceChoice::Context(name) => {
                let mut options = self.options.connect.clone();
                options.context = Some(name).filter(|n| !n.is_empty());
                let source = SourceInfo {
                    kind: crate::model::inventory::SourceKind::Live,
                    context: options.context.clone(),
                    ..SourceInfo::default()
                };
                self.leave_session(&source);
                Source::live(options, self.read_request(), self.clock, self.events.clone())
            }
        });
    }

    /// Everything that the checks need and a person browses.
    fn read_request(&self) -> ReadRequest {
        let everything = self.options.content.choose(&Selection::default()).unwrap_or_default();
        let mut kinds = assess::browsed();
        for kind in self.options.content.plan(&everything).kinds() {
            if !kinds.contains(&kind) {
                kinds.push(kind);
            }
        }
        let namespaces = &self.options.selection.namespaces;
        ReadRequest {
            kinds,
            namespaces: (!namespaces.is_empty()).then(|| namespaces.clone()),
            secret_metadata: self.options.secret_metadata,
        }
    }

    fn leave_session(&mut self, source: &SourceInfo) {
        self.decisions.clear();
        self.desk.order(Order::Leave(Box::new(source.clone())));
    }

    fn new_session(&mut self) {
        let source = self.inventory.as_ref().map(|i| i.source.clone()).unwrap_or_default();
        self.leave_session(&source);
    }

    fn refresh(&mut self) {
        if !self.source.as_ref().is_some_and(Source::refresh) {
            let error = UserError {
                what: "nothing to read again".to_owned(),
                why: "this source does not change, or a reading is under way".to_owned(),
                next: String::new(),
            };
            self.feed(Event::Failed(error));
        }
    }

    fn start_run(&mut self, request: &RunRequest) {
        self.runs += 1;
        let id = self.runs;
        let Some(inventory) = self.inventory.clone() else {
            let error = UserError {
                what: "nothing to assess yet".to_owned(),
                why: "no objects have been read".to_owned(),
                next: "choose a source with c".to_owned(),
            };
            return self.feed(Event::Failed(error));
        };
        let selection = self.selection(request);
        match self.options.content.choose(&selection) {
            Ok(mut chosen) => {
                if let RunPlace::Object(object) = &request.place {
                    let namespace = object.namespace.as_deref().map(str::to_owned);
                    chosen.scope.object = Some((object.group_kind(), namespace, object.name.to_string()));
                }
                // Dropping the old job cancels it.
                self.job = Some(job::start(
                    id,
                    self.options.content.clone(),
                    chosen,
                    inventory,
                    self.events.clone(),
                    self.outcome_tx.clone(),
                ));
            }
            Err(error) => {
                let error = UserError {
                    what: "this cannot be run".to_owned(),
                    why: error.to_string(),
                    next: "choose something else to run".to_owned(),
                };
                self.feed(Event::Failed(error));
            }
        }
    }

    fn selection(&self, request: &RunRequest) -> Selection {
        let base = &self.options.selection;
        let mut selection = Selection {
            namespaces: self.namespace.clone().map_or_else(|| base.namespaces.clone(), |ns| vec![ns]),
            selector: base.selector.clone(),
            object: base.object.clone(),
            include_platform: self.state.data.platform || base.include_platform,
            ..Selection::default()
        };
        match &request.what {
            RunWhat::Everything => {
                selection.frameworks.clone_from(&base.frameworks);
                selection.controls.clone_from(&base.controls);
                selection.checks.clone_from(&base.checks);
            }
            RunWhat::Frameworks(ids) => selection.frameworks.clone_from(ids),
            RunWhat::Controls { framework, controls } => {
                selection.controls = controls.iter().map(|c| format!("{framework}/{c}")).collect();
            }
            RunWhat::Checks(ids) => selection.checks = ids.iter().map(ToString::to_string).collect(),
        }
        match &request.place {
            RunPlace::Scope => {}
            RunPlace::Namespace(namespace) => selection.namespaces = vec![namespace.clone()],
            RunPlace::Object(object) => {
                selection.object = Some(format!("{}/{}", object.kind, object.name));
                selection.namespaces = object.namespace.iter().map(ToString::to_string).collect();
            }
        }
        selection
    }

    fn finish_run(&mut self, outcome: Outcome) {
        if self.job.as_ref().is_some_and(|job| job.id == outcome.id) {
            self.job = None;
        }
        let (id, millis) = (outcome.id, outcome.millis);
        if id != self.runs {
            return;
        }
        let Some(result) = outcome.result else {
            return self.feed(Event::Run(RunEvent::Cancelled { id }));
        };
        let (chosen, result) = self.joined(outcome.chosen, result);
        let judged =
            self.options.content.judge(&chosen, &result, &outcome.inventory, &self.decisions, &today());
        let record = RunRecord {
            schema: String::new(),
            number: 0,
            started: outcome.started,
            finished: timestamp(),
            tool: env!("CARGO_PKG_VERSION").to_owned(),
            content: self.options.content.digest(),
            selection: chosen.selection.clone(),
            source: outcome.inventory.source.clone(),
            reads: outcome.inventory.reads.clone(),
            result: result.clone(),
        };
        let results = assess::results(&judged);
        self.desk.order(Order::Run(Box::new(record.clone())));
        self.shown = Some(Shown { chosen, record, judged, inventory: outcome.inventory });
        self.feed(Event::Run(RunEvent::Finished { id, result: Arc::new(result), judged: results, millis }));
    }

    /// A run of a part goes into the result that is shown; a whole one takes its place.
    fn joined(&self, chosen: Chosen, result: crate::model::finding::RunResult) -> (Chosen, crate::model::finding::RunResult) {
        let base = &self.options.selection;
        let whole = |s: &Selection| {
            s.frameworks == base.frameworks && s.controls == base.controls && s.checks == base.checks && s.namespaces == base.namespaces && s.object == base.object
        };
        match &self.shown {
            Some(shown) if !whole(&chosen.selection) => {
                let merged = assess::merge(&shown.record.result, &result, &chosen.checks, &chosen.scope);
                let mut all = shown.chosen.clone();
                all.checks.extend(chosen.checks);
                all.checks.sort();
                all.checks.dedup();
                (all, merged)
            }
            _ => (chosen, result),
        }
    }

    fn show_resumed(&mut self, record: RunRecord) {
        let inventory = self.inventory.clone().unwrap_or_else(|| {
            Arc::new(Inventory::new(record.source.clone(), Vec::new(), record.reads.clone()))
        });
        let chosen = self.options.content.choose(&record.selection).unwrap_or_default();
        let today = today();
        let judged = self.options.content.judge(&chosen, &record.result, &inventory, &self.decisions, &today);
        let results = assess::results(&judged);
        let result = Arc::new(record.result.clone());
        self.runs += 1;
        let id = self.runs;
        self.feed(Event::Run(RunEvent::Started { id, total: chosen.checks.len() }));
        self.feed(Event::Run(RunEvent::Finished { id, result, judged: results, millis: 0 }));
        let source = record.source.clone();
        self.shown = Some(Shown { chosen, record, judged, inventory });
        // The session remembers what it was about; its objects are read again, and then judged.
        if self.source.is_none() {
            self.reopen(&source);
        }
    }

    fn reopen(&mut self, source: &SourceInfo) {
        use crate::model::inventory::SourceKind;
        let events = self.events.clone();
        match source.kind {
            SourceKind::Demo => self.source = Some(Source::fixed(crate::source::demo::inventory, events)),
            SourceKind::Live => {
                let mut options = self.options.connect.clone();
                options.context = options.context.or_else(|| source.context.clone());
                self.source = Some(Source::live(options, self.read_request(), self.clock, events));
            }
            SourceKind::Files | SourceKind::Snapshot => {
                let error = UserError {
                    what: "the objects of this session are not read".to_owned(),
                    why: format!("it was made from {}", source.files.join(", ")),
                    next: "start with -f or --snapshot and --session to read them again".to_owned(),
                };
                self.feed(Event::Failed(error));
            }
        }
    }

    fn write_report(&mut self, format: ReportFormat) {
        let Some(shown) = &self.shown else {
            let error = UserError {
                what: "no report".to_owned(),
                why: "nothing has been assessed yet".to_owned(),
                next: "run the checks with r".to_owned(),
            };
            return self.feed(Event::Failed(error));
        };
        let name = shown.record.source.context.clone();
        let name = name.unwrap_or_else(|| shown.record.source.kind.word().to_owned());
        let safe: String = name.chars().map(|c| if c.is_ascii_alphanumeric() || c == '-' { c } else { '-' }).collect();
        let stem = format!("plimsoll-{safe}-{}", today());
        let ending = if format == ReportFormat::Json { "json" } else { "md" };
        let text = reports::render(
            &self.options.content,
            &shown.record,
            &shown.judged,
            &self.decisions,
            &today(),
            format,
        );
        let written = text.map_err(std::io::Error::from).and_then(|text| {
            let dir = std::env::current_dir()?;
            reports::write_new(&dir, &stem, ending, &text)
        });
        self.feed(match written {
            Ok(path) => Event::Done(format!("report written to {}", path.display())),
            Err(error) => Event::Failed(UserError {
                what: "the report could not be written".to_owned(),
                why: error.to_string(),
                next: "start Plimsoll in a directory where you may write".to_owned(),
            }),
        });
    }

    fn copy(&mut self, text: &str) {
        let term = std::env::var("TERM").unwrap_or_default();
        let through = Through::detect(self.options.caps.tmux, &term);
        if let Err(error) = clipboard::copy(text, through) {
            let error = UserError {
                what: "not copied".to_owned(),
                why: error.to_string(),
                next: "open it in the editor with e".to_owned(),
            };
            self.feed(Event::Failed(error));
        }
    }

    fn suspend(&mut self) {
        self.guard.pause();
        #[cfg(unix)]
        {
            let me = rustix::process::getpid();
            // Returns when the shell continues us; if the signal cannot be sent we go on at once.
            let _ = rustix::process::kill_process(me, rustix::process::Signal::STOP);
        }
        self.take_back();
    }

    fn view(&mut self, view: &external::View<'_>) {
        self.guard.pause();
        let shown = external::show(view);
        self.take_back();
        if let Err(why) = shown {
            let next = "set $EDITOR or $PAGER to a program that exists".to_owned();
            self.feed(Event::Failed(UserError { what: "not shown".to_owned(), why, next }));
        }
    }

    fn take_back(&mut self) {
        // A terminal that is gone ends the loop at its next key.
        if self.guard.resume().is_err() {
            self.quit = true;
        }
        self.clear = true;
    }
}

fn styles(options: &Options, theme: &str) -> ui::theme::Styles {
    ui::theme::Styles::new(&options.themes, theme, options.caps.depth)
}

async fn sleep_until(instant: Option<Instant>) {
    match instant {
        Some(instant) => tokio::time::sleep_until(instant.into()).await,
        None => std::future::pending().await,
    }
}

/// Signals that end the workbench.
struct Signals {
    #[cfg(unix)]
    term: tokio::signal::unix::Signal,
    #[cfg(unix)]
    hup: tokio::signal::unix::Signal,
}

impl Signals {
    #[cfg(unix)]
    fn new() -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self { term: signal(SignalKind::terminate())?, hup: signal(SignalKind::hangup())? })
    }

    #[cfg(not(unix))]
    fn new() -> std::io::Result<Self> {
        Ok(Self {})
    }

    #[cfg(unix)]
    async fn end(&mut self) {
        tokio::select! {
            _ = self.term.recv() => {}
            _ = self.hup.recv() => {}
        }
    }

    #[cfg(not(unix))]
    async fn end(&mut self) {
        std::future::pending().await
    }
}
