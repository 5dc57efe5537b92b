//! The source of the workbench: a live cluster, or objects that were read already.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::{Notify, mpsc, watch};
use tokio::task::JoinHandle;

use super::ReadAgain;
use super::clock::Clock;
use crate::app::event::{Event, LostConnection, SourceEvent, UserError};
use crate::cluster::{self, ConnectOptions, Connection, Live, LiveEvent, Liveness, ReadRequest};
use crate::model::inventory::Inventory;
use crate::model::kinds::Kind;
use crate::model::object::ObjectRef;
use crate::text::{counted, noun};

/// A source under way. Dropping it ends its tasks.
pub struct SourceTask {
    refresh: Option<mpsc::Sender<()>>,
    fixed: bool,
    looked_at: Option<watch::Sender<Option<ObjectRef>>>,
    looks: Arc<Notify>,
    task: JoinHandle<()>,
}

impl Drop for SourceTask {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl SourceTask {
    /// Reads again, where that means anything.
    #[must_use]
    pub fn refresh(&self) -> bool {
        self.refresh.as_ref().is_some_and(|refresh| refresh.try_send(()).is_ok())
    }

    /// Whether it stays as it was read until somebody reads it again, which is possible.
    #[must_use]
    pub fn is_read_again(&self) -> bool {
        self.fixed && self.refresh.is_some()
    }

    /// Somebody looks at it: where it may be out of date without anybody's knowing, that is found out.
    pub fn look(&self) {
        self.looks.notify_one();
    }

    /// Asks who owns the fields of an object, where that can be asked. Of several objects looked at
    /// one after the other only the last is asked for.
    #[must_use]
    pub fn ask_managers(&self, id: ObjectRef) -> bool {
        self.looked_at.as_ref().is_some_and(|looked_at| looked_at.send(Some(id)).is_ok())
    }

    /// A live cluster: connected, read, watched.
    #[must_use]
    pub fn live(
        options: ConnectOptions,
        request: ReadRequest,
        clock: Clock,
        events: mpsc::Sender<Event>,
    ) -> Self {
        let (refresh, asked) = mpsc::channel(1);
        let (looked_at, objects) = watch::channel(None);
        let looks = Arc::new(Notify::new());
        let seen = Arc::clone(&looks);
        let task = tokio::spawn(async move {
            let feed = Feed {
                events,
                clock,
                latest: None,
                complete: false,
                reading: false,
                liveness: Liveness::default(),
            };
            feed.run(options, request, asked, (objects, seen)).await;
        });
        let looked_at = Some(looked_at);
        Self { refresh: Some(refresh), fixed: false, looked_at, looks, task }
    }

    /// Objects that `read` produces off the main task, and `again` whenever they are to be read again.
    #[must_use]
    pub fn fixed(
        read: impl FnOnce() -> Result<Inventory, UserError> + Send + 'static,
        again: Option<ReadAgain>,
        events: mpsc::Sender<Event>,
    ) -> Self {
        let (refresh, mut asked) = mpsc::channel(1);
        let refresh = again.is_some().then_some(refresh);
        let task = tokio::spawn(async move {
            let read = aside(read).await.map(Arc::new);
            let mut last = read.as_ref().ok().cloned();
            // The shell may be gone; here and below this task then ends with it.
            let _ = events.send(Event::Source(brought(read, SourceEvent::Failed))).await;
            let Some(again) = again else { return };
            while asked.recv().await.is_some() {
                let (again, before) = (Arc::clone(&again), last.clone());
                let read = aside(move || {
                    let now = again()?;
                    Ok(match before {
                        Some(before) => now.sharing(&before),
                        None => now,
                    })
                });
                let read = read.await.map(Arc::new);
                last = read.as_ref().ok().cloned().or(last);
                let event = brought(read, SourceEvent::NotReadAgain);
                let _ = events.send(Event::Source(event)).await;
            }
        });
        Self { refresh, fixed: true, looked_at: None, looks: Arc::default(), task }
    }
}

/// What a reading off the main task brought.
async fn aside(
    read: impl FnOnce() -> Result<Inventory, UserError> + Send + 'static,
) -> Result<Inventory, UserError> {
    let broke_off = |error: tokio::task::JoinError| UserError {
        what: "the objects could not be read".to_owned(),
        why: error.to_string(),
        next: "choose another source with c".to_owned(),
    };
    tokio::task::spawn_blocking(read).await.map_err(broke_off)?
}

/// What is told of a reading: its objects, or what kept it from any.
fn brought(
    read: Result<Arc<Inventory>, UserError>,
    failed: impl FnOnce(UserError) -> SourceEvent,
) -> SourceEvent {
    read.map_or_else(failed, |inventory| SourceEvent::Loaded { inventory, complete: true })
}

/// Longest wait for the screen to show what is about to be run, and how long it takes to draw it.
const UNTAKEN: Duration = Duration::from_secs(2);
const DRAWN: Duration = Duration::from_millis(100);

/// Connects, and says first what that makes run: it is on the screen before the command begins.
///
/// # Errors
/// As [`cluster::connect`].
pub(super) async fn connect(
    options: &ConnectOptions,
    events: &mpsc::Sender<Event>,
) -> Result<Connection, cluster::UserError> {
    let prepared = cluster::prepare(options).await?;
    if !prepared.notices().is_empty() {
        let text = format!("context {}: {}", prepared.context(), prepared.notices().join("; "));
        // The shell may be gone; then this task is about to be ended too.
        let _ = events.send(Event::Source(SourceEvent::Notice(text))).await;
        taken(events).await;
    }
    let runs = prepared.plugin().is_some();
    let connected = prepared.connect().await;
    if runs {
        // As above.
        let _ = events.send(Event::Source(SourceEvent::Ran)).await;
    }
    connected
}

/// Waits until all that was said has been taken in, and drawn.
async fn taken(events: &mpsc::Sender<Event>) {
    let begun = Instant::now();
    while events.capacity() < events.max_capacity() && begun.elapsed() < UNTAKEN {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    tokio::time::sleep(DRAWN).await;
}

struct Feed {
    events: mpsc::Sender<Event>,
    clock: Clock,
    latest: Option<Arc<Inventory>>,
    complete: bool,
    reading: bool,
    /// How live it was called last.
    liveness: Liveness,
}

impl Feed {
    async fn run(
        mut self,
        options: ConnectOptions,
        request: ReadRequest,
        mut asked: mpsc::Receiver<()>,
        (objects, looks): (watch::Receiver<Option<ObjectRef>>, Arc<Notify>),
    ) {
        let connection = loop {
            match connect(&options, &self.events).await {
                Ok(connection) => break connection,
                Err(error) => {
                    self.tell(SourceEvent::Failed(user_error(error))).await;
                    if asked.recv().await.is_none() {
                        return;
                    }
                }
            }
        };
        self.tell(SourceEvent::Named { context: connection.context().to_owned() }).await;
        let managers = managers(connection.clone(), objects, self.events.clone());
        tokio::pin!(managers);
        let (live, mut inbox) = Live::spawn(connection, request);
        loop {
            tokio::select! {
                // Ends with the source that asks.
                () = &mut managers => return,
                () = looks.notified() => live.look(),
                wish = asked.recv() => match wish {
                    Some(()) => live.refresh(),
                    None => return,
                },
                event = inbox.recv() => match event {
                    Some(event) => self.translate(event).await,
                    None => return,
                },
            }
        }
    }

    async fn tell(&self, event: SourceEvent) {
        // The shell may be gone; then this task is about to be ended too.
        let _ = self.events.send(Event::Source(event)).await;
    }

    async fn translate(&mut self, event: LiveEvent) {
        match event {
            LiveEvent::Progress(progress) => {
                let lists = format!("{} of {}", progress.done, counted(progress.planned, "list"));
                let resource = progress.note.unwrap_or(lists);
                self.reading = true;
                self.tell(SourceEvent::Progress { resource, items: progress.objects }).await;
            }
            LiveEvent::Inventory(inventory) => {
                self.latest = Some(Arc::clone(&inventory));
                let complete = self.complete;
                self.tell(SourceEvent::Loaded { inventory, complete }).await;
                // Some of it arrived; what is still lost makes the whole out of date.
                if self.liveness.is_stale() {
                    self.tell(self.standing()).await;
                }
            }
            LiveEvent::Loaded => {
                self.complete = true;
                self.reading = false;
                if let Some(inventory) = self.latest.clone() {
                    self.tell(SourceEvent::Loaded { inventory, complete: true }).await;
                }
                self.tell(self.standing()).await;
            }
            LiveEvent::Liveness(liveness) => {
                self.liveness = liveness;
                // A reading that failed is over: what was known before is all there is for now.
                let over = self.liveness.is_stale() && std::mem::take(&mut self.reading);
                if let Some(inventory) = self.latest.clone().filter(|_| over) {
                    let complete = self.complete;
                    self.tell(SourceEvent::Loaded { inventory, complete }).await;
                }
                self.tell(self.standing()).await;
            }
            LiveEvent::Failed(mut error) => {
                error.next.push_str(" R on the overview tries again at once.");
                self.tell(SourceEvent::Failed(user_error(error))).await;
            }
        }
    }

    /// How live it is, in words.
    fn standing(&self) -> SourceEvent {
        match &self.liveness {
            Liveness::Live => SourceEvent::Live,
            Liveness::NotWatched(kinds) => SourceEvent::NotWatched { reason: unwatched(kinds) },
            Liveness::Stale { since, reason, retry_at, waiting } => {
                let millis = |at: &Instant| {
                    let wait = at.saturating_duration_since(Instant::now()).as_millis();
                    let wait = u64::try_from(wait).unwrap_or(u64::MAX);
                    self.clock.now().millis.saturating_add(wait)
                };
                SourceEvent::Stale(LostConnection {
                    since: *since,
                    reason: reason.clone(),
                    retry_at: retry_at.as_ref().map(millis),
                    waiting: *waiting,
                })
            }
        }
    }
}

/// The kinds that are not watched, the first with the reasons.
fn unwatched(kinds: &BTreeMap<Kind, String>) -> String {
    let named: Vec<String> =
        kinds.iter().take(NAMED).map(|(kind, why)| format!("{kind}: {why}")).collect();
    let named = named.join("; ");
    match kinds.len().saturating_sub(NAMED) {
        0 => named,
        rest => format!("{named}; and {rest} more {}", noun(rest, "kind")),
    }
}

/// Kinds that are not watched that are named.
const NAMED: usize = 3;

/// How long an object is looked at before its managers are asked for.
const LOOK: Duration = Duration::from_millis(150);

/// Asks for the managers of whatever is looked at, until nobody can look any more.
async fn managers(
    connection: cluster::Connection,
    mut objects: watch::Receiver<Option<ObjectRef>>,
    events: mpsc::Sender<Event>,
) {
    while objects.changed().await.is_ok() {
        tokio::time::sleep(LOOK).await;
        let Some(id) = objects.borrow_and_update().clone() else { continue };
        let answer = cluster::managed(&connection, &id).await;
        // The shell may be gone; then this task is about to be ended too.
        let _ = events.send(Event::Managed(id, answer.map(Arc::new))).await;
    }
}

/// The cluster's error in the workbench's words.
#[must_use]
pub fn user_error(error: cluster::UserError) -> UserError {
    UserError { what: error.what, why: error.why, next: error.next }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a kubeconfig has run shows on the screen first.
    #[cfg(unix)]
    #[tokio::test]
    async fn a_command_of_the_kubeconfig_begins_when_it_was_shown() {
        let dir = tempfile::tempdir().unwrap();
        let (config, ran) = (dir.path().join("config"), dir.path().join("ran"));
        let exec = format!(
            r#"{{"apiVersion": "client.authentication.k8s.io/v1", "interactiveMode": "Never", "command": "sh",
            "args": ["-c", "touch {}; exit 1"]}}"#,
            ran.display()
        );
        let text = format!(
            r#"{{"apiVersion": "v1", "kind": "Config", "current-context": "prod",
            "clusters": [{{"name": "c", "cluster": {{"server": "https://127.0.0.1:1"}}}}],
            "users": [{{"name": "u", "user": {{"exec": {exec}}}}}],
            "contexts": [{{"name": "prod", "context": {{"cluster": "c", "user": "u"}}}}]}}"#
        );
        std::fs::write(&config, text).unwrap();
        let options = ConnectOptions { kubeconfig: Some(config), ..ConnectOptions::default() };
        let (sender, mut events) = mpsc::channel(8);
        let connecting = tokio::spawn(async move { connect(&options, &sender).await.err() });
        // Nobody takes anything in: nothing is run.
        tokio::time::sleep(Duration::from_millis(500)).await;
        assert!(!ran.exists(), "it ran before anybody could see it");
        let Some(Event::Source(SourceEvent::Notice(said))) = events.recv().await else {
            panic!("what is run is said");
        };
        assert!(!ran.exists(), "it ran before it was drawn");
        assert!(said.starts_with("context prod: ") && said.contains("sh -c"), "{said}");
        assert!(connecting.await.unwrap().is_some(), "the command gives no credentials");
        assert!(ran.exists());
    }
}
