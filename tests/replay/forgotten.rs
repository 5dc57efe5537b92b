//! A server that has forgotten what happened meanwhile: what was known is old, and said to be, until
//! the list is there again; and a list that was begun anew holds nothing of the one that was given up.

use super::*;
use std::sync::atomic::AtomicUsize;

/// What the server does: it is as it was at first, or it is silent; then it has forgotten what was,
/// first without giving its list.
const AT_FIRST: usize = 0;
const SILENT: usize = 1;
const REFUSING: usize = 2;
const FORGOT: usize = 3;
const AS_IT_IS: usize = 4;

struct World {
    server: Server,
    stage: Arc<AtomicUsize>,
    open: Hold,
}

/// A server of one pod, `old` at first, `new` in the end.
async fn world() -> World {
    let (stage, open) = (Arc::new(AtomicUsize::new(AT_FIRST)), Hold::default());
    let (at, hold) = (Arc::clone(&stage), Arc::clone(&open));
    let server = Server::start(move |request| {
        let stage = at.load(Ordering::SeqCst);
        if stage == SILENT && !request.is_watch() {
            return Some(Reply::Mute);
        }
        if request.path != "/api/v1/pods" {
            return None;
        }
        let from_before = request.query.contains("resourceVersion=5&");
        match (request.is_watch(), stage) {
            (_, REFUSING) => status(500, "", "not now"),
            (true, FORGOT | AS_IT_IS) if from_before => {
                let (sender, receiver) = mpsc::unbounded_channel();
                hold.lock().unwrap().push(sender);
                let gone = r#"{"type":"ERROR","object":{"kind":"Status","code":410}}"#;
                Some(Reply::Watch(vec![gone.to_owned()], receiver))
            }
            (true, _) => quiet(&hold),
            (false, FORGOT) if request.query != "limit=1" => status(503, "", "not yet"),
            (false, AT_FIRST) => ok(list("Pod", "5", "", &[pod("old", "1", "3")])),
            (false, _) => ok(list("Pod", "9", "", &[pod("new", "2", "8")])),
        }
    })
    .await;
    World { server, stage, open }
}

impl World {
    fn turn(&self, stage: usize) {
        self.stage.store(stage, Ordering::SeqCst);
    }

    /// Ends the watches that are open.
    fn cut(&self) {
        self.open.lock().unwrap().clear();
    }

    fn lists(&self) -> usize {
        self.server.count(|r| r.path == "/api/v1/pods" && r.query == "limit=500")
    }

    /// From now on it is known that what is known is old: it is called up to date only once it is what
    /// the server has, however often that is refused before.
    async fn is_old_until_listed(&self, events: &mut mpsc::Receiver<LiveEvent>) {
        let mut last = None;
        let mut check = |event: &LiveEvent| match event {
            LiveEvent::Inventory(i) => {
                let names = names(i, "Pod");
                let new = names == ["Pod/team-a/new"];
                assert!(new || names == ["Pod/team-a/old"], "{names:?}");
                let read = find(i, "Pod", None);
                let said = read.message.as_deref().unwrap_or_default();
                let old = said.contains("not up to date since");
                assert!(new || old, "old and not said: {read:?}");
                last = Some(new && !old);
                None
            }
            LiveEvent::Liveness(Liveness::Live | Liveness::NotWatched(_)) => Some(last),
            _ => None,
        };
        let enough = self.lists() + 8;
        until(events, |event| {
            assert!(check(event).is_none(), "it is called up to date before it was listed");
            (self.lists() > enough).then_some(())
        })
        .await;
        self.turn(AS_IT_IS);
        let as_said = until(events, check).await;
        assert_eq!(as_said, Some(true), "the inventory that was sent last is not up to date");
    }
}

fn stale(event: &LiveEvent) -> Option<()> {
    matches!(event, LiveEvent::Liveness(Liveness::Stale { .. })).then_some(())
}

/// A live view that has its list and then loses its watch, at a stage of the server.
async fn cut_at(world: &World, stage: usize) -> (Live, mpsc::Receiver<LiveEvent>) {
    let (live, mut events) = hurry(&world.server, &["Pod"]).await;
    until(&mut events, loaded).await;
    world.turn(stage);
    world.cut();
    until(&mut events, stale).await;
    (live, events)
}

#[tokio::test]
async fn a_watch_that_opens_only_to_say_that_it_is_too_old_makes_nothing_up_to_date() {
    let world = world().await;
    let (_live, mut events) = cut_at(&world, REFUSING).await;
    world.turn(FORGOT);
    world.is_old_until_listed(&mut events).await;
}

#[tokio::test]
async fn a_list_that_is_refused_after_the_history_was_forgotten_is_old_from_the_first_refusal_on() {
    let world = world().await;
    let (_live, mut events) = cut_at(&world, FORGOT).await;
    world.is_old_until_listed(&mut events).await;
}

#[tokio::test]
async fn a_silence_is_over_only_when_every_list_has_learned_what_happened_in_it() {
    let world = world().await;
    let pulse = Duration::from_millis(100);
    let pace = Pace { unheard: pulse, pulse, beat: Duration::from_millis(500), ..Pace::default() };
    let options = ConnectOptions { pace, ..world.server.options() };
    let connection = connect(&options).await.unwrap();
    let (_live, mut events) = Live::spawn(connection, request(&["Pod"]));
    until(&mut events, loaded).await;
    world.turn(SILENT);
    until(&mut events, stale).await;
    // Until every read says so.
    until(&mut events, |event| match event {
        LiveEvent::Inventory(i) => (!fresh(i)).then_some(()),
        _ => None,
    })
    .await;
    world.turn(FORGOT);
    world.is_old_until_listed(&mut events).await;
}

#[tokio::test]
async fn pages_of_a_list_that_was_begun_anew_are_gone_with_its_new_first_page() {
    let server = Server::start(|request| match (request.path.as_str(), request.nth) {
        ("/api/v1/pods", 0) => {
            ok(list("Pod", "5", "next", &[item("gone", "team-a"), item("stays", "team-a")]))
        }
        ("/api/v1/pods", 1) => {
            let body = r#"{"kind":"Status","code":410,"reason":"Expired","message":"too old",
                "metadata":{"continue":"offered"}}"#;
            Some(Reply::Json(410, "", body.to_owned()))
        }
        ("/api/v1/pods", 2) => ok(list("Pod", "9", "more", &[item("stays", "team-a")])),
        // The last page is long in coming.
        ("/api/v1/pods", _) => Some(Reply::Mute),
        _ => None,
    })
    .await;
    let (_live, mut events) = Live::spawn(server.connect().await, request(&["Pod"]));
    let items = until(&mut events, |event| match event {
        LiveEvent::Inventory(i) if names(i, "Pod") == ["Pod/team-a/stays"] => {
            let read = find(i, "Pod", None);
            assert_eq!(read.status, ReadStatus::Partial);
            Some(read.items)
        }
        _ => None,
    })
    .await;
    assert_eq!(items, 1);
    // The server offers to go on with what is there now, which would be a mixture.
    assert_eq!(server.count(|request| request.query.contains("offered")), 0);
}
