//! One task per list that keeps it up to date.

use std::sync::Arc;
use std::time::{Duration, Instant};

use serde::Deserialize;

use super::connect::Connection;
use super::error::Fault;
use super::list::list;
use super::merge::{Health, Merge};
use super::page;
use super::request::Lines;
use super::store::{Slot, name};
use super::target::{Target, escape};
use crate::model::node::Node;
use crate::model::read::ReadStatus;

/// The server ends a watch after this many seconds; it is then opened anew.
const LIFETIME: u64 = 240;
/// A watch that is silent for longer than it lives is dead.
const SILENCE: Duration = Duration::from_secs(LIFETIME + 60);
/// A watch that lived this long worked.
const LIVED: Duration = Duration::from_secs(5);

#[derive(Deserialize)]
struct Event {
    #[serde(rename = "type")]
    kind: String,
    object: Node,
}

fn read(line: &[u8]) -> serde_json::Result<Event> {
    serde_json::from_slice(line)
}

/// Whether a line is an event, for the fuzz target.
pub(super) fn is_event(line: &[u8]) -> bool {
    read(line).is_ok()
}

/// Why a watch ended.
enum End {
    /// The server or the network closed it.
    Closed,
    /// The server no longer knows where it was: list again.
    Gone,
    /// The server reports an error.
    Failed(Fault),
}

/// One watch and where it is.
pub(super) struct Watch {
    pub connection: Connection,
    pub target: Arc<Target>,
    pub slot: Slot,
    pub version: String,
    pub merge: Arc<Merge>,
}

impl Watch {
    /// Runs until the server refuses it; aborted from outside otherwise.
    pub(super) async fn run(mut self) {
        let mut failures = 0_u32;
        loop {
            let begun = Instant::now();
            let (opened, end) = match self.connection.stream(&self.url()).await {
                Ok(lines) => {
                    self.merge.health(&self.slot, Health::Up);
                    (true, self.follow(lines).await)
                }
                Err(fault) if fault.code() == Some(410) => (true, End::Gone),
                Err(fault) => (false, End::Failed(fault)),
            };
            failures = if begun.elapsed() >= LIVED { 0 } else { failures + 1 };
            let fault = match end {
                // A connection that worked is opened again at once, one that did not after a wait.
                End::Closed if failures == 0 => continue,
                End::Closed => None,
                End::Gone => match self.relist().await {
                    Ok(true) => None,
                    Ok(false) => return,
                    Err(fault) => Some(fault),
                },
                End::Failed(fault) => Some(fault),
            };
            if let Some(fault) = &fault
                && matches!(fault.code(), Some(403..=405))
            {
                self.merge.health(&self.slot, Health::Refused);
                return;
            }
            let wait = self.wait(failures.max(1), fault.as_ref());
            if let Some(fault) = fault.filter(|_| !opened || failures > 2) {
                let reason = format!("{}: {fault}", self.slot.words(&self.target));
                let health = Health::Down { reason, retry_in: wait };
                self.merge.health(&self.slot, health);
            }
            tokio::time::sleep(wait).await;
        }
    }

    fn wait(&self, failures: u32, fault: Option<&Fault>) -> Duration {
        let own = self.connection.inner.patience.backoff(failures);
        match fault {
            Some(Fault::Status { retry_after: Some(asked), .. }) => own.max(*asked),
            _ => own,
        }
    }

    fn url(&self) -> String {
        let path = self.target.path(self.slot.namespace.as_deref());
        let version = escape(&self.version);
        format!(
            "{path}?watch=1&allowWatchBookmarks=true&resourceVersion={version}\
             &timeoutSeconds={LIFETIME}"
        )
    }

    async fn follow(&mut self, mut lines: Lines) -> End {
        loop {
            let line = match lines.next(SILENCE).await {
                Ok(Some(line)) => line,
                // A broken connection is an ordinary end: whether it can be opened again tells.
                Ok(None) | Err(Fault::Broken(_) | Fault::Timeout(_)) => return End::Closed,
                Err(fault) => return End::Failed(fault),
            };
            if line.iter().all(u8::is_ascii_whitespace) {
                continue;
            }
            let event = match read(&line) {
                Ok(event) => event,
                Err(error) => return End::Failed(Fault::Unparsable(error.to_string())),
            };
            if let Some(end) = self.take(event) {
                return end;
            }
        }
    }

    fn take(&mut self, event: Event) -> Option<End> {
        if event.kind == "ERROR" {
            let code = event.object.get("code").and_then(Node::as_int);
            let code = code.and_then(|code| u16::try_from(code).ok()).unwrap_or(500);
            let text = |key| event.object.str_at(&[key]).unwrap_or_default().to_owned();
            return Some(if code == 410 {
                End::Gone
            } else {
                End::Failed(Fault::Status {
                    code,
                    reason: text("reason"),
                    message: super::error::cut(&text("message")),
                    retry_after: None,
                })
            });
        }
        let version = event.object.str_at(&["metadata", "resourceVersion"]);
        if let Some(version) = version {
            version.clone_into(&mut self.version);
            self.merge.version(&self.slot, version);
        }
        if matches!(event.kind.as_str(), "ADDED" | "MODIFIED" | "DELETED")
            && let Some(object) = page::object(event.object, &self.target, None)
        {
            let gone = event.kind == "DELETED";
            self.merge.object(&self.slot, name(&object), Some(object).filter(|_| !gone));
        }
        None
    }

    /// Lists again; false when the server now refuses even that.
    async fn relist(&mut self) -> Result<bool, Fault> {
        let place = self.slot.namespace.as_deref();
        let listed = list(&self.connection, &self.target, place, &|_| (), &|_, _| ()).await;
        match listed.status {
            ReadStatus::Forbidden => {
                self.merge.relisted(&self.slot, listed);
                self.merge.health(&self.slot, Health::Refused);
                Ok(false)
            }
            _ if listed.version.is_empty() => {
                let why = listed.message.unwrap_or_else(|| "the list failed".to_owned());
                Err(Fault::Broken(why))
            }
            _ => {
                self.version.clone_from(&listed.version);
                self.merge.relisted(&self.slot, listed);
                Ok(true)
            }
        }
    }
}
