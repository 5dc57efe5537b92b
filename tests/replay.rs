//! The live source against a server that misbehaves as real ones do, but on demand.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::unnecessary_wraps,
    reason = "helpers of tests may panic, and every answer of the server is an option"
)]

#[path = "replay/absence.rs"]
mod absence;
#[path = "replay/access.rs"]
mod access;
#[path = "replay/answers.rs"]
mod answers;
#[path = "replay/binary.rs"]
mod binary;
#[path = "replay/bounds.rs"]
mod bounds;
#[path = "replay/busy.rs"]
mod busy;
#[path = "replay/coming.rs"]
mod coming;
#[path = "support/events.rs"]
mod events;
#[path = "replay/faults.rs"]
mod faults;
#[path = "replay/forgotten.rs"]
mod forgotten;
#[path = "replay/hostile.rs"]
mod hostile;
#[path = "replay/live.rs"]
mod live;
#[path = "replay/missed.rs"]
mod missed;
#[path = "replay/model.rs"]
mod model;
#[path = "replay/names.rs"]
mod names_first;
#[path = "replay/outages.rs"]
mod outages;
#[path = "replay/reading.rs"]
mod reading;
#[path = "replay/refused.rs"]
mod refused;
#[path = "replay/server.rs"]
mod server;
#[path = "replay/told.rs"]
mod told;
#[path = "replay/withheld.rs"]
mod withheld;

use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use events::{find, until};
use plimsoll::cluster::connect::{AGENT, Limits, Pace, Patience};
use plimsoll::cluster::{
    ConnectOptions, Live, LiveEvent, Liveness, Progress, ReadRequest, Trouble, UserError, connect,
    read,
};
use plimsoll::model::inventory::{Inventory, Knowledge};
use plimsoll::model::kinds::Kind;
use plimsoll::model::read::{Read, ReadStatus};
use server::{Hold, Reply, Request, Server, event, item, line, list, ok, pod, quiet, status};
use tokio::sync::mpsc;

const SOON: Duration = Duration::from_secs(20);

fn kinds(words: &[&str]) -> Vec<Kind> {
    words
        .iter()
        .map(|word| match word.split_once('.') {
            Some((kind, group)) => Kind::new(group, kind),
            None => Kind::new("", word),
        })
        .collect()
}

fn request(words: &[&str]) -> ReadRequest {
    ReadRequest { kinds: kinds(words), ..ReadRequest::default() }
}

async fn capture(server: &Server, request: &ReadRequest) -> Result<Inventory, UserError> {
    let connection = server.connect().await;
    tokio::time::timeout(SOON, read(&connection, request, |_| ())).await.expect("it hangs")
}

fn names(inventory: &Inventory, kind: &str) -> Vec<String> {
    inventory.of(&Kind::new("", kind)).iter().map(|o| o.id.to_string()).collect()
}

/// A server whose watch of pods says what is sent to it.
async fn fed() -> (Server, mpsc::UnboundedSender<String>) {
    let (sender, receiver) = mpsc::unbounded_channel();
    let first = Mutex::new(Some(receiver));
    let server = Server::start(move |request| {
        (request.is_watch() && request.path == "/api/v1/pods")
            .then(|| Reply::Watch(Vec::new(), first.lock().unwrap().take().unwrap()))
    })
    .await;
    (server, sender)
}

fn with_pods(wanted: &'static [&'static str]) -> impl FnMut(&LiveEvent) -> Option<()> {
    move |event| match event {
        LiveEvent::Inventory(inventory) => (names(inventory, "Pod") == wanted).then_some(()),
        _ => None,
    }
}

/// Waits until what is known is called up to date, and gives what was known last.
async fn until_recovered(events: &mut mpsc::Receiver<LiveEvent>) -> Arc<Inventory> {
    let mut last = None;
    until(events, |event| match event {
        LiveEvent::Inventory(inventory) => {
            last = Some(Arc::clone(inventory));
            None
        }
        LiveEvent::Liveness(Liveness::Live | Liveness::NotWatched(_)) => {
            Some(last.take().expect("nothing was sent before it"))
        }
        _ => None,
    })
    .await
}

/// A list of pods that came whole and is up to date.
fn fresh(inventory: &Inventory) -> bool {
    let pods = find(inventory, "Pod", None);
    pods.status == ReadStatus::Complete && pods.message.is_none()
}

/// Watches pods (and what else is asked for) in a hurry.
async fn hurry(server: &Server, words: &[&str]) -> (Live, mpsc::Receiver<LiveEvent>) {
    let connection = connect(&server.hasty()).await.unwrap();
    Live::spawn(connection, request(words))
}

/// Whether every list is called up to date.
fn live(event: &LiveEvent) -> Option<()> {
    matches!(event, LiveEvent::Liveness(Liveness::Live)).then_some(())
}

fn loaded(event: &LiveEvent) -> Option<()> {
    matches!(event, LiveEvent::Loaded).then_some(())
}

fn three_pages(request: &Request) -> Option<Reply> {
    if request.path != "/api/v1/pods" || request.is_watch() {
        return None;
    }
    if request.query == "limit=1" {
        // Asks only how far the server is.
        return ok(list("Pod", "99", "", &[]));
    }
    let next = request.query.split('&').find_map(|pair| pair.strip_prefix("continue="));
    match next {
        None => ok(list("Pod", "9", "p/2", &[item("a", "team-a")])),
        Some("p%2F2") => ok(list("Pod", "9", "p3", &[item("b", "team-a")])),
        Some("p3") => ok(list("Pod", "9", "", &[item("c", "team-b")])),
        Some(_) => status(400, "", "bad continue"),
    }
}
