//! One watch: what its stream says, and how it ends.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use serde::Deserialize;
use tokio::sync::watch;
use tokio::time::{Instant, sleep, timeout};

use super::api_resource::{ApiResource, escape};
use super::connect::Connection;
use super::error::RequestFault;
use super::health::Health;
use super::inbox::{ListSender, ObjectChange};
use super::limits::OBJECT;
use super::list::ListResult;
use super::page;
use super::request::{METADATA, WatchLines};
use super::sent::said;
use super::store::{Slot, name};
use super::told_objects::ToldObjects;
use crate::model::node::Node;
use crate::model::object::Object;

/// The server ends a watch after this many seconds; it is then opened anew. A right that was taken
/// away shows by then.
const LIFETIME: u64 = 240;

#[derive(Deserialize)]
struct WatchEvent {
    #[serde(rename = "type")]
    kind: String,
    object: Node,
}

fn read(line: &[u8]) -> serde_json::Result<WatchEvent> {
    serde_json::from_slice(line)
}

/// Whether a line is an event, for the fuzz target.
pub(super) fn is_event(line: &[u8]) -> bool {
    read(line).is_ok()
}

/// Why a stream ended.
#[derive(Debug)]
pub(super) enum WatchEnd {
    /// The server or the network closed it.
    Closed,
    /// Nothing came for longer than a living server is silent.
    Silent,
    /// Somebody doubts that it is alive: the computer slept.
    Woken,
    /// It told nothing, and whether the server is where it was could not be found out.
    Unsure,
    /// The server no longer knows where it was, or what it says cannot be so: list again.
    Lost,
    /// It told of more than there can be, in words.
    Flood(String),
    /// The server reports an error.
    Failed(RequestFault),
}

/// What follows when a stream has been open for so long and nothing came of it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Unheard {
    pub after: Duration,
    pub then: AfterOpen,
}

/// What that is.
#[derive(Clone, Copy, Debug)]
pub(super) enum AfterOpen {
    /// Its list is up to date.
    Enough,
    /// Where the server is has to be asked again.
    Unsure,
}

/// One list and where its watch is.
pub(super) struct Watch {
    pub connection: Connection,
    pub target: Arc<ApiResource>,
    pub slot: Slot,
    /// Everything up to here was seen; empty if the server does not say.
    pub version: String,
    /// Where what it sees goes.
    pub sender: ListSender,
    /// When the list was last known to be so: a reading, an event, a bookmark.
    pub heard: Timestamp,
    /// When that was, for timers.
    pub heard_at: Instant,
    /// An object was told of since the list was read.
    pub told: bool,
    /// Objects that the last list had.
    pub listed: usize,
    /// What was told of since then.
    pub brought: ToldObjects,
}

/// A version as a number, where it is one.
fn number(version: &str) -> Option<u128> {
    version.parse().ok()
}

/// Whether one version lies before another, as far as that can be told.
pub(super) fn is_before(version: &str, other: &str) -> bool {
    matches!((number(version), number(other)), (Some(a), Some(b)) if a < b)
}

impl Watch {
    /// What is known was so at this moment.
    pub(super) fn hear(&mut self, at: Timestamp) {
        (self.heard, self.heard_at) = (at, Instant::now());
    }

    /// How long ago that was.
    pub(super) fn silent_for(&self) -> Duration {
        self.heard_at.elapsed()
    }

    /// Whether a new list has what should have been told of before.
    pub(super) fn is_behind(&self, listed: &ListResult) -> bool {
        let newer = listed.objects.iter().any(|object| is_before(&self.version, &object.version));
        newer || !self.told && listed.objects.len() != self.listed
    }

    /// Opens the stream where the last one ended.
    pub(super) async fn open(&self) -> Result<WatchLines, RequestFault> {
        let path = self.target.path(self.slot.namespace.as_deref());
        let version = escape(&self.version);
        let url = format!(
            "{path}?watch=1&allowWatchBookmarks=true&resourceVersion={version}\
             &timeoutSeconds={LIFETIME}"
        );
        self.connection.stream(&url).await
    }

    /// Whether the server is at an earlier moment than we are: it was restored from a backup. A
    /// watch that goes on from a moment to come would be silent until then.
    ///
    /// # Errors
    /// When the server does not say: what it says instead.
    pub(super) async fn is_rewound(&self) -> Result<bool, String> {
        let path = self.target.path(self.slot.namespace.as_deref());
        let url = format!("{path}?limit=1");
        // The watch waits meanwhile: not for as long as a server may be too busy.
        let beat = self.connection.inner.pace.beat;
        let said = Mutex::new(RequestFault::Timeout(beat).to_string());
        let notify = |fault: &RequestFault, _| {
            *said.lock().unwrap_or_else(PoisonError::into_inner) = fault.to_string();
        };
        match timeout(beat, self.connection.get(&url, METADATA, &notify)).await {
            Ok(Ok(bytes)) => {
                let head = page::head(&bytes).ok_or("the answer is no list")?;
                Ok(is_before(&head.version, &self.version))
            }
            Ok(Err(fault)) => Err(fault.to_string()),
            Err(_) => Err(said.into_inner().unwrap_or_else(PoisonError::into_inner)),
        }
    }

    /// Takes in what comes until it ends. Tells whether anything did. The list is up to date with the
    /// first event or bookmark; or something follows when the stream was open for a while and told nothing.
    pub(super) async fn follow(
        &mut self,
        mut lines: WatchLines,
        quiet: Duration,
        mut unheard: Option<Unheard>,
        wake: &mut watch::Receiver<u64>,
    ) -> (bool, WatchEnd) {
        let mut told = false;
        let up = sleep(unheard.map(|unheard| unheard.after).unwrap_or_default());
        tokio::pin!(up);
        loop {
            // What waits to be taken in is bounded; meanwhile the server waits.
            self.sender.room().await;
            let line = tokio::select! {
                line = lines.next(quiet) => line,
                // Without anybody to wake it, it is about to be ended.
                Ok(()) = wake.changed() => return (told, WatchEnd::Woken),
                () = &mut up, if unheard.is_some() => {
                    if let Some(AfterOpen::Unsure) = unheard.take().map(|unheard| unheard.then) {
                        return (told, WatchEnd::Unsure);
                    }
                    self.sender.health(Health::Up);
                    continue;
                }
            };
            match self.heed(line) {
                Ok(good) if good && !told => {
                    (told, unheard) = (true, None);
                    self.sender.health(Health::Up);
                }
                Ok(_) => {}
                Err(end) => return (told, end),
            }
        }
    }

    /// Takes in a line. Tells whether it is an event or a bookmark of this list.
    fn heed(&mut self, line: Result<Option<Vec<u8>>, RequestFault>) -> Result<bool, WatchEnd> {
        let line = match line {
            Ok(Some(line)) => line,
            // A broken connection is an ordinary end: whether it can be opened again tells.
            Ok(None) | Err(RequestFault::Broken(_)) => return Err(WatchEnd::Closed),
            Err(RequestFault::Timeout(_)) => return Err(WatchEnd::Silent),
            Err(fault) => return Err(WatchEnd::Failed(fault)),
        };
        self.connection.inner.heard.note();
        if line.iter().all(u8::is_ascii_whitespace) {
            return Ok(false);
        }
        let garbled = |error: serde_json::Error| RequestFault::Unparsable(error.to_string());
        let event = read(&line).map_err(|error| WatchEnd::Failed(garbled(error)))?;
        let good = self.take(event, line.len())?;
        if good {
            self.hear(Timestamp::now());
        }
        Ok(good)
    }

    /// Tells whether it says anything of this list.
    fn take(&mut self, event: WatchEvent, bytes: usize) -> Result<bool, WatchEnd> {
        let gone = match event.kind.as_str() {
            "ADDED" | "MODIFIED" => false,
            "DELETED" => true,
            "BOOKMARK" => {
                let version = event.object.str_at(&["metadata", "resourceVersion"]);
                if version.is_some_and(|version| is_before(version, &self.version)) {
                    // It is at an earlier moment: what is true there only a list tells.
                    return Err(WatchEnd::Lost);
                }
                self.reach(version);
                return Ok(version.is_some_and(|version| !version.is_empty()));
            }
            "ERROR" => return Err(failure(&event.object)),
            // Servers to come may tell more.
            _ => return Ok(false),
        };
        let object = self.object(event.object)?;
        let here = self.slot.namespace.as_deref();
        if here.is_some_and(|here| here != object.namespace()) {
            // Not asked for, and not of this list.
            return Ok(false);
        }
        let late = !object.version.is_empty()
            && !self.version.is_empty()
            && (object.version.as_ref() == self.version
                || is_before(&object.version, &self.version));
        if late && !gone {
            // It was seen before, or it should have been: what is true now only a list tells.
            return Err(WatchEnd::Lost);
        }
        if !late {
            self.reach(Some(&object.version));
        }
        let change =
            if gone { ObjectChange::gone(&object.uid) } else { ObjectChange::Now(object.clone()) };
        let name = name(&object);
        if gone {
            self.brought.gone(&name);
        } else {
            self.brought.there(&name, bytes + OBJECT);
        }
        self.sender.object(name, change, bytes);
        self.told = true;
        self.flood().map(|()| true)
    }

    /// A watch may tell of every object of its list and of some more. What goes beyond that, or
    /// beyond what all lists may take together, is for a list to say.
    fn flood(&self) -> Result<(), WatchEnd> {
        let inner = &self.connection.inner;
        let most = self.listed.saturating_add(inner.limits.brought);
        if self.brought.len() > most {
            return Err(WatchEnd::Flood(format!("more than {most} objects")));
        }
        if !inner.budget.brought(&self.slot, self.brought.bytes()) {
            return Err(WatchEnd::Flood(inner.budget.words()));
        }
        Ok(())
    }

    /// The object of an event, which must be one of this list's kind.
    fn object(&self, node: Node) -> Result<Arc<Object>, WatchEnd> {
        let odd = |what: String| WatchEnd::Failed(RequestFault::Unparsable(what));
        let kind = node.str_at(&["kind"]).unwrap_or_default();
        if !kind.is_empty() && kind != &*self.target.kind.kind {
            return Err(odd(format!("an event about a {kind:?}")));
        }
        page::object(node, &self.target, None)
            .ok_or_else(|| odd("an event about something that is no object".to_owned()))
    }

    /// Everything up to this version was seen.
    fn reach(&mut self, version: Option<&str>) {
        let Some(version) = version.filter(|version| !version.is_empty()) else { return };
        if !is_before(version, &self.version) {
            version.clone_into(&mut self.version);
            self.sender.version(version);
        }
    }
}

/// What an ERROR event says.
fn failure(status: &Node) -> WatchEnd {
    let code = status.get("code").and_then(Node::as_int);
    let text = |key| status.str_at(&[key]).unwrap_or_default().to_owned();
    let wait = status.at(&["details", "retryAfterSeconds"]).and_then(Node::as_int);
    let wait = wait.and_then(|seconds| u64::try_from(seconds).ok()).filter(|seconds| *seconds > 0);
    let fault = RequestFault::Status {
        code: code.and_then(|code| u16::try_from(code).ok()).unwrap_or(500),
        reason: text("reason"),
        message: said(&text("message")),
        retry_after: wait.map(std::time::Duration::from_secs),
    };
    if fault.is_gone() { WatchEnd::Lost } else { WatchEnd::Failed(fault) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_only_where_they_are_numbers() {
        assert!(is_before("9", "10"));
        assert!(!is_before("10", "9") && !is_before("9", "9"));
        assert!(!is_before("a", "b") && !is_before("", "1"));
    }

    #[test]
    fn an_expired_version_is_recognised_by_its_code_or_its_reason() {
        let error = |text: &str| failure(&Node::from_json(text.as_bytes()).unwrap());
        assert!(matches!(error(r#"{"code":410,"reason":"Gone"}"#), WatchEnd::Lost));
        assert!(matches!(error(r#"{"reason":"Expired"}"#), WatchEnd::Lost));
        let busy = error(r#"{"code":429,"message":"m","details":{"retryAfterSeconds":3}}"#);
        let WatchEnd::Failed(RequestFault::Status { code: 429, retry_after: Some(wait), .. }) =
            busy
        else {
            panic!("{busy:?}")
        };
        assert_eq!(wait.as_secs(), 3);
        assert!(matches!(error("{}"), WatchEnd::Failed(RequestFault::Status { code: 500, .. })));
    }
}
