//! Lists that could not be read again: they are as old as they were until their keepers tell otherwise,
//! whatever else was read.

use super::*;
use std::sync::atomic::AtomicUsize;

const WELL: usize = 0;
/// The list of pods fails, and so does its watch.
const PODS: usize = 1;
/// Nothing is answered of pods.
const HELD: usize = 2;
/// The same, and everything else fails.
const ALL: usize = 3;

/// A server of pods, config maps and leases whose answers fail as it is turned.
struct Outage {
    server: Server,
    state: Arc<AtomicUsize>,
    open: Hold,
}

impl Outage {
    async fn start() -> Self {
        let (open, state) = (Hold::default(), Arc::<AtomicUsize>::default());
        let (hold, now) = (Arc::clone(&open), Arc::clone(&state));
        let server = Server::start(move |request| {
            let (path, state) = (request.path.as_str(), now.load(Ordering::SeqCst));
            let is_lost = path == "/api/v1/pods" || path.ends_with("/leases");
            if is_lost && state >= HELD {
                return Some(Reply::Mute);
            }
            if is_lost && state == PODS || state == ALL {
                return status(500, "", "boom");
            }
            match (path, request.is_watch()) {
                (_, true) => quiet(&hold),
                ("/apis", false) => ok(server::aggregated(&[(
                    "coordination.k8s.io",
                    "v1",
                    &[("leases", "Lease", true)],
                )])),
                ("/api/v1/pods", false) => ok(list("Pod", "5", "", &[item("a", "team-a")])),
                ("/apis/coordination.k8s.io/v1/leases", false) => {
                    let items = [item("l", "team-a")];
                    ok(server::list_of("coordination.k8s.io/v1", "Lease", "5", "", &items))
                }
                _ => None,
            }
        })
        .await;
        Self { server, state, open }
    }

    async fn watch(&self) -> (Live, mpsc::Receiver<LiveEvent>) {
        let (live, mut events) =
            hurry(&self.server, &["Pod", "ConfigMap", "Lease.coordination.k8s.io"]).await;
        until(&mut events, loaded).await;
        (live, events)
    }

    fn turn(&self, to: usize) {
        self.state.store(to, Ordering::SeqCst);
    }
}

/// Nothing is called up to date for a while, far longer than an open watch needs.
async fn stays_old(events: &mut mpsc::Receiver<LiveEvent>) {
    let over = tokio::time::sleep(Duration::from_secs(1));
    tokio::pin!(over);
    loop {
        tokio::select! {
            () = &mut over => return,
            event = events.recv() => match event.expect("it goes on") {
                LiveEvent::Liveness(Liveness::Live | Liveness::NotWatched(_)) => panic!("pods were not read"),
                LiveEvent::Inventory(inventory) => {
                    for kind in ["Pod", "Lease"] {
                        let read = find(&inventory, kind, None);
                        let message = read.message.as_deref().unwrap_or_default();
                        assert_eq!((read.status, read.items), (ReadStatus::Complete, 1));
                        assert!(message.contains("not up to date since"), "{kind}: {message}");
                    }
                }
                _ => {}
            },
        }
    }
}

fn reason(event: &LiveEvent) -> Option<String> {
    match event {
        LiveEvent::Liveness(Liveness::Stale { reason, .. }) => Some(reason.clone()),
        LiveEvent::Liveness(Liveness::Live | Liveness::NotWatched(_)) => {
            panic!("pods were not read")
        }
        _ => None,
    }
}

#[tokio::test]
async fn reading_again_during_an_outage_does_not_call_up_to_date_what_was_not_read() {
    let outage = Outage::start().await;
    let (live, mut events) = outage.watch().await;
    // The connections break, and pods cannot be had any more.
    outage.turn(PODS);
    outage.open.lock().unwrap().clear();
    until(&mut events, reason).await;
    live.refresh();
    until(&mut events, |event| match event {
        LiveEvent::Loaded => Some(()),
        other => reason(other).and(None),
    })
    .await;
    stays_old(&mut events).await;
    outage.turn(WELL);
    assert!(fresh(until_recovered(&mut events).await.as_ref()));
}

#[tokio::test]
async fn a_list_that_fails_when_everything_is_read_again_is_told_at_once() {
    let outage = Outage::start().await;
    let (live, mut events) = outage.watch().await;
    outage.turn(PODS);
    live.refresh();
    let why = until(&mut events, |event| match event {
        LiveEvent::Loaded => panic!("that pods could not be read comes first"),
        other => reason(other),
    })
    .await;
    assert!(why.contains("boom"), "{why}");
    until(&mut events, loaded).await;
    stays_old(&mut events).await;
    outage.turn(WELL);
    assert!(fresh(until_recovered(&mut events).await.as_ref()));
}

#[tokio::test]
async fn what_came_of_a_list_before_it_broke_off_is_as_old_as_that() {
    let turn = Arc::<AtomicUsize>::default();
    let now = Arc::clone(&turn);
    let server = Server::start(move |request| {
        let well = now.load(Ordering::SeqCst) == 1;
        match (request.path.as_str(), request.is_watch()) {
            ("/api/v1/pods", false) if request.query.contains("continue=") => {
                status(500, "", "boom")
            }
            ("/api/v1/pods", false) if well => ok(list("Pod", "6", "", &[item("b", "team-a")])),
            ("/api/v1/pods", false) => ok(list("Pod", "5", "next", &[item("a", "team-a")])),
            _ => None,
        }
    })
    .await;
    let (_live, mut events) = hurry(&server, &["Pod"]).await;
    let mut last = None;
    let why = until(&mut events, |event| match event {
        LiveEvent::Inventory(inventory) => {
            last = Some(Arc::clone(inventory));
            None
        }
        LiveEvent::Loaded => panic!("that pods broke off comes first"),
        other => reason(other),
    })
    .await;
    assert!(why.contains("pods: boom"), "{why}");
    let read = find(last.as_ref().unwrap(), "Pod", None).clone();
    let message = read.message.unwrap();
    assert_eq!((read.status, read.items), (ReadStatus::Partial, 1));
    assert!(message.starts_with("as of 2") && message.matches("boom").count() == 1, "{message}");
    // It stays as old as it was, however often it is tried again.
    let tried = server.count(|r| r.query.contains("continue=")) + 6;
    until(&mut events, |event| {
        if let LiveEvent::Inventory(inventory) = event {
            assert_eq!(find(inventory, "Pod", None).message.as_ref(), Some(&message));
        }
        assert!(
            !matches!(event, LiveEvent::Liveness(Liveness::Live | Liveness::NotWatched(_))),
            "it was not read"
        );
        (server.count(|r| r.query.contains("continue=")) > tried).then_some(())
    })
    .await;
    turn.store(1, Ordering::SeqCst);
    let inventory = until_recovered(&mut events).await;
    assert!(fresh(&inventory) && names(&inventory, "Pod") == ["Pod/team-a/b"]);
}

#[tokio::test]
async fn after_a_reading_that_came_to_nothing_one_list_does_not_speak_for_all() {
    let outage = Outage::start().await;
    let (live, mut events) = outage.watch().await;
    // Nobody noticed yet that the server is gone.
    outage.turn(ALL);
    live.refresh();
    until(&mut events, |event| match event {
        LiveEvent::Liveness(Liveness::Stale { retry_at: None, .. }) => Some(()),
        other => reason(other).and(None),
    })
    .await;
    // Config maps are there again before anything is heard of pods.
    outage.turn(HELD);
    stays_old(&mut events).await;
    outage.turn(WELL);
    assert!(fresh(until_recovered(&mut events).await.as_ref()));
}

#[tokio::test]
async fn reading_again_while_the_server_stands_still_is_told_at_once_and_nothing_is_newer_for_it() {
    let still = Arc::<AtomicUsize>::default();
    let stands = Arc::clone(&still);
    let server = Server::start(move |request| match stands.load(Ordering::SeqCst) {
        0 => request.is_watch().then_some(Reply::Withheld),
        _ => Some(Reply::Mute),
    })
    .await;
    let late = Duration::from_secs(60);
    let hasty = server.hasty();
    let answer = Duration::from_secs(2);
    let pace = Pace { answer, unheard: late, pulse: late, quiet_watch: late, ..hasty.pace };
    let connection = connect(&ConnectOptions { pace, ..hasty }).await.unwrap();
    let (live, mut events) = Live::spawn(connection, request(&["Pod"]));
    until(&mut events, loaded).await;
    still.store(1, Ordering::SeqCst);
    let heard = jiff::Timestamp::now().as_second();
    tokio::time::sleep(Duration::from_secs(3)).await;
    let asked = Instant::now();
    live.refresh();
    until(&mut events, |event| matches!(event, LiveEvent::Progress(_)).then_some(())).await;
    assert!(asked.elapsed() < answer, "it is told before the server fails to answer");
    let since = until(&mut events, |event| match event {
        LiveEvent::Liveness(Liveness::Stale { since, .. }) => Some(*since),
        _ => None,
    })
    .await;
    assert!(since <= heard + 1, "nothing was heard since {heard}, not {since}");
}

#[tokio::test]
async fn a_quiet_list_is_up_to_date_with_the_first_bookmark_after_a_break() {
    let outage = Outage::start().await;
    let hasty = outage.server.hasty();
    // Being open alone would take a minute.
    let pace = Pace { lived: Duration::from_secs(60), ..hasty.pace };
    let connection = connect(&ConnectOptions { pace, ..hasty }).await.unwrap();
    let (_live, mut events) = Live::spawn(connection, request(&["Pod"]));
    until(&mut events, loaded).await;
    outage.turn(PODS);
    outage.open.lock().unwrap().clear();
    until(&mut events, reason).await;
    outage.turn(WELL);
    let begun = Instant::now();
    assert!(fresh(until_recovered(&mut events).await.as_ref()));
    assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
}

#[tokio::test]
async fn a_whole_list_with_an_item_that_is_no_object_stays_when_it_cannot_be_read_again() {
    let (turn, open) = (Arc::<AtomicUsize>::default(), Hold::default());
    let now = Arc::clone(&turn);
    let server = Server::start(move |request| match (request.path.as_str(), request.is_watch()) {
        (_, true) => quiet(&open),
        ("/api/v1/pods", false) if now.load(Ordering::SeqCst) == PODS => status(500, "", "boom"),
        ("/api/v1/pods", false) => {
            let items = [item("a", "team-a"), serde_json::json!({"metadata": {}})];
            ok(list("Pod", "5", "", &items))
        }
        _ => None,
    })
    .await;
    let (live, mut events) = hurry(&server, &["Pod"]).await;
    until(&mut events, loaded).await;
    turn.store(PODS, Ordering::SeqCst);
    live.refresh();
    let old = |inventory: &Inventory| {
        assert_eq!(names(inventory, "Pod"), ["Pod/team-a/a"], "{:?}", inventory.reads);
        let read = find(inventory, "Pod", None);
        assert_eq!(read.status, ReadStatus::Partial);
        let message = read.message.clone().unwrap_or_default();
        assert!(message.ends_with("1 item is no pods"), "{message}");
        message.contains("not up to date since: pods: boom")
    };
    until(&mut events, |event| match event {
        LiveEvent::Inventory(inventory) => old(inventory).then_some(()),
        _ => None,
    })
    .await;
    turn.store(WELL, Ordering::SeqCst);
    until(&mut events, |event| match event {
        LiveEvent::Inventory(inventory) => (!old(inventory)).then_some(()),
        _ => None,
    })
    .await;
}
