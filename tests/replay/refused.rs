//! Refusals that do not last: of a server that has just been started, of a right that comes back.

use super::*;
use std::sync::atomic::AtomicUsize;

/// What the server refuses at the moment.
#[derive(Clone, Default)]
struct Door(Arc<AtomicUsize>);

const OPEN: usize = 0;
const SHUT: usize = 1;

impl Door {
    fn turn(&self, to: usize) {
        self.0.store(to, Ordering::SeqCst);
    }

    fn is_shut(&self) -> bool {
        self.0.load(Ordering::SeqCst) == SHUT
    }
}

/// A server that refuses every list and watch while its door is shut.
async fn guarded(door: &Door, open: &Hold) -> Server {
    let (door, open) = (door.clone(), Arc::clone(open));
    Server::start(move |request| {
        let is_list = request.path.starts_with("/api/v1/");
        if is_list && door.is_shut() {
            return status(403, "", "clusterrole not found");
        }
        match (request.path.as_str(), request.is_watch()) {
            (_, true) => quiet(&open),
            ("/api/v1/pods", false) => ok(list("Pod", "5", "", &[item("a", "team-a")])),
            ("/api/v1/namespaces/team-a/pods", false) => {
                ok(list("Pod", "5", "", &[item("a", "team-a")]))
            }
            _ => None,
        }
    })
    .await
}

fn all_there(inventory: &Inventory) -> bool {
    let there = |kind: &str| find(inventory, kind, None).status == ReadStatus::Complete;
    names(inventory, "Pod") == ["Pod/team-a/a"]
        && names(inventory, "Namespace").len() == 2
        && there("Pod")
        && there("Namespace")
}

fn up_to_date(inventory: &Inventory) -> bool {
    let says = |kind: &str| find(inventory, kind, None).message.is_some();
    all_there(inventory) && !says("Pod") && !says("Namespace")
}

fn forbidden(inventory: &Inventory) -> bool {
    let shut = |kind: &str| find(inventory, kind, None).status == ReadStatus::Forbidden;
    shut("Pod") && shut("Namespace")
}

/// The first event for which this holds of its inventory.
fn inventory(wanted: impl Fn(&Inventory) -> bool) -> impl FnMut(&LiveEvent) -> Option<()> {
    move |event| match event {
        LiveEvent::Inventory(inventory) => wanted(inventory).then_some(()),
        _ => None,
    }
}

/// The reason for which what is shown is out of date. Nothing is let go meanwhile.
fn stale(event: &LiveEvent) -> Option<String> {
    match event {
        LiveEvent::Liveness(Liveness::Stale { reason, .. }) => Some(reason.clone()),
        LiveEvent::Inventory(i) => {
            assert!(all_there(i), "what is known stays: {:#?}", i.reads);
            None
        }
        _ => None,
    }
}

/// Whether everything is up to date, and called so. A list that is not watched yet is as old as its
/// last reading, but not lost.
fn recovered() -> impl FnMut(&LiveEvent) -> Option<()> {
    let (mut told, mut is) = (false, false);
    move |event| {
        let lost = stale(event).is_some();
        told = !lost
            && (told
                || matches!(event, LiveEvent::Liveness(Liveness::Live | Liveness::NotWatched(_))));
        if let LiveEvent::Inventory(i) = event {
            is = up_to_date(i);
        }
        (told && is).then_some(())
    }
}

/// Waits for so many requests.
async fn wait_for(server: &Server, many: usize, fits: impl Fn(&Request) -> bool) {
    let enough = async {
        while server.count(&fits) < many {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(SOON, enough).await.expect("it is never asked for");
}

#[tokio::test]
async fn what_is_refused_for_a_moment_is_asked_for_again_before_it_is_let_go() {
    let (door, open) = (Door::default(), Hold::default());
    let server = guarded(&door, &open).await;
    let (_live, mut events) = hurry(&server, &["Pod"]).await;
    until(&mut events, loaded).await;
    door.turn(SHUT);
    server.log.lock().unwrap().clear();
    open.lock().unwrap().clear();
    let reason = until(&mut events, stale).await;
    assert!(reason.contains("clusterrole not found (HTTP 403)"), "{reason}");
    assert!(reason.contains("it could be read before"), "{reason}");
    wait_for(&server, 2, |r| r.path == "/api/v1/pods" && !r.is_watch()).await;
    door.turn(OPEN);
    until(&mut events, recovered()).await;
    // Watches are open again, and what was never gone was not looked for elsewhere.
    assert!(server.count(|r| r.path.contains("/namespaces/")) == 0, "{:?}", server.paths());
    wait_for(&server, 1, |r| r.path == "/api/v1/namespaces" && r.is_watch()).await;
}

#[tokio::test]
async fn what_is_refused_while_everything_is_read_anew_is_not_let_go_either() {
    let (door, open) = (Door::default(), Hold::default());
    let server = guarded(&door, &open).await;
    let (live, mut events) = hurry(&server, &["Pod"]).await;
    until(&mut events, loaded).await;
    door.turn(SHUT);
    live.refresh();
    let reason = until(&mut events, stale).await;
    assert!(reason.contains(": clusterrole not found (HTTP 403) (and 1 more list)"), "{reason}");
    let again = |event: &LiveEvent| stale(event).filter(|r| r.contains("it could be read before"));
    until(&mut events, again).await;
    door.turn(OPEN);
    until(&mut events, recovered()).await;
}

#[tokio::test]
async fn what_stays_refused_is_let_go_and_is_there_again_when_it_may_be_read() {
    let (door, open) = (Door::default(), Hold::default());
    let server = guarded(&door, &open).await;
    let (live, mut events) = hurry(&server, &["Pod"]).await;
    until(&mut events, loaded).await;
    for anew in [false, true] {
        door.turn(SHUT);
        open.lock().unwrap().clear();
        if anew {
            live.refresh();
        }
        until(
            &mut events,
            inventory(|i| {
                forbidden(i) && names(i, "Pod").is_empty() && names(i, "Namespace").is_empty()
            }),
        )
        .await;
        door.turn(OPEN);
        // What was looked for by namespace meanwhile is not kept beside it.
        until(
            &mut events,
            inventory(|i| up_to_date(i) && i.reads.iter().all(|read| read.namespace.is_none())),
        )
        .await;
    }
}

#[tokio::test]
async fn namespaces_that_were_refused_from_the_first_are_asked_for_again() {
    let (door, open) = (Door::default(), Hold::default());
    let server = {
        let door = door.clone();
        Server::start(move |request| match (request.path.as_str(), request.is_watch()) {
            (_, true) => quiet(&open),
            ("/api/v1/namespaces", false) if door.is_shut() => status(403, "", "no"),
            _ => None,
        })
        .await
    };
    door.turn(SHUT);
    let (_live, mut events) = hurry(&server, &["Pod"]).await;
    until(&mut events, loaded).await;
    door.turn(OPEN);
    until(&mut events, inventory(|i| names(i, "Namespace").len() == 2)).await;
}

#[tokio::test]
async fn a_watch_that_is_refused_for_a_moment_is_opened_again_and_nothing_is_said() {
    let (door, open) = (Door::default(), Hold::default());
    let server = {
        let (door, open) = (door.clone(), Arc::clone(&open));
        Server::start(move |request| match (request.path.as_str(), request.is_watch()) {
            ("/api/v1/pods", true) if door.is_shut() => status(403, "", "cannot watch pods"),
            (_, true) => quiet(&open),
            _ => None,
        })
        .await
    };
    let (_live, mut events) = hurry(&server, &["Pod"]).await;
    until(&mut events, loaded).await;
    wait_for(&server, 1, |r| r.path == "/api/v1/pods" && r.is_watch()).await;
    server.log.lock().unwrap().clear();
    door.turn(SHUT);
    open.lock().unwrap().clear();
    wait_for(&server, 2, |r| r.path == "/api/v1/pods" && r.is_watch()).await;
    door.turn(OPEN);
    wait_for(&server, 3, |r| r.path == "/api/v1/pods" && r.is_watch()).await;
    let quiet = async {
        loop {
            match events.recv().await {
                Some(LiveEvent::Liveness(Liveness::NotWatched(kinds))) => {
                    panic!("said: {kinds:?}")
                }
                Some(_) => {}
                None => return,
            }
        }
    };
    let _ = tokio::time::timeout(Duration::from_millis(300), quiet).await;
}

#[tokio::test]
async fn a_watch_that_stays_refused_is_asked_for_at_every_reading() {
    let server = Server::start(|request| match (request.path.as_str(), request.is_watch()) {
        ("/api/v1/pods", true) => status(403, "", "cannot watch pods"),
        _ => None,
    })
    .await;
    let (_live, mut events) = hurry(&server, &["Pod"]).await;
    until(&mut events, |event| {
        matches!(event, LiveEvent::Liveness(Liveness::NotWatched(_))).then_some(())
    })
    .await;
    let watches = |r: &Request| r.path == "/api/v1/pods" && r.is_watch();
    wait_for(&server, 5, watches).await;
    let lists = server.count(|r| r.path == "/api/v1/pods" && !r.is_watch());
    assert!((4..=7).contains(&lists), "{lists} lists for five watches");
}

#[tokio::test]
async fn credentials_that_run_out_while_everything_is_read_anew_take_nothing_away() {
    let (door, open) = (Door::default(), Hold::default());
    let server = {
        let door = door.clone();
        Server::start(move |request| match (request.path.as_str(), request.is_watch()) {
            (_, true) => quiet(&open),
            ("/api/v1/pods", false) if door.is_shut() => status(401, "", "Unauthorized"),
            ("/api/v1/pods", false) => ok(list("Pod", "5", "", &[item("a", "team-a")])),
            _ => None,
        })
        .await
    };
    let (live, mut events) = hurry(&server, &["Pod"]).await;
    until(&mut events, loaded).await;
    door.turn(SHUT);
    live.refresh();
    until(&mut events, |event| match event {
        LiveEvent::Inventory(i) => {
            assert!(all_there(i), "{:#?}", i.reads);
            let message = find(i, "Pod", None).message.as_deref().unwrap_or_default();
            (message.starts_with("as of ") && message.contains("401")).then_some(())
        }
        _ => None,
    })
    .await;
}

#[tokio::test]
async fn what_is_due_when_discovery_fails_is_read_when_it_works_again() {
    let door = Door::default();
    let (sender, receiver) = mpsc::unbounded_channel();
    let first = Mutex::new(Some(receiver));
    let server = {
        let door = door.clone();
        Server::start(move |request| match request.path.as_str() {
            "/api" if door.is_shut() => status(401, "", "Unauthorized"),
            "/api/v1/pods" => status(403, "", "pods is forbidden"),
            "/api/v1/namespaces" if request.is_watch() => {
                Some(Reply::Watch(vec![], first.lock().unwrap().take()?))
            }
            "/api/v1/namespaces" if door.0.load(Ordering::SeqCst) != OPEN => {
                let names = ["team-a", "kube-system", "fresh"].map(|name| item(name, ""));
                ok(list("Namespace", "9", "", &names))
            }
            "/api/v1/namespaces/fresh/pods" if !request.is_watch() => {
                ok(list("Pod", "9", "", &[item("x", "fresh")]))
            }
            _ => None,
        })
        .await
    };
    let (_live, mut events) = hurry(&server, &["Pod"]).await;
    until(&mut events, loaded).await;
    door.turn(SHUT);
    server.log.lock().unwrap().clear();
    let space = serde_json::json!({"kind": "Namespace", "metadata": {"name": "fresh", "uid": "f",
        "resourceVersion": "9"}});
    sender.send(line("ADDED", &space)).unwrap();
    until(&mut events, inventory(|i| names(i, "Namespace").len() == 3)).await;
    wait_for(&server, 2, |r| r.path == "/api").await;
    door.turn(SHUT + 1);
    until(&mut events, inventory(|i| names(i, "Pod") == ["Pod/fresh/x"])).await;
}
