//! Watches that are open and bring nothing, and lists that are not what they seem.

use super::*;
use std::sync::atomic::AtomicBool;

fn polled(event: &LiveEvent) -> Option<String> {
    match event {
        LiveEvent::Liveness(Liveness::NotWatched(kinds)) => kinds.values().next().cloned(),
        _ => None,
    }
}

/// A server whose pods become more with every reading, and whose watch of them is answered like this.
async fn growing(watch: impl Fn(&Request) -> Option<Reply> + Send + Sync + 'static) -> Server {
    Server::start(move |request| {
        if request.path != "/api/v1/pods" {
            return None;
        }
        if request.is_watch() {
            return watch(request);
        }
        let version = (10 + request.nth).to_string();
        let names =
            (0..=request.nth.min(20)).map(|n| pod(&format!("p{n}"), "1", &(10 + n).to_string()));
        ok(list("Pod", &version, "", &names.collect::<Vec<_>>()))
    })
    .await
}

/// The objects come all the same, and say as of when they are.
async fn comes_by_reading(events: &mut mpsc::Receiver<LiveEvent>, says: &str) {
    until(events, |event| match event {
        LiveEvent::Inventory(i) if names(i, "Pod").len() >= 6 => {
            let message = find(i, "Pod", None).message.clone().unwrap_or_default();
            (message.starts_with("as of 2") && message.contains(says)).then_some(())
        }
        _ => None,
    })
    .await;
}

#[tokio::test]
async fn a_watch_that_holds_back_what_happens_is_not_believed() {
    let server = growing(|_| Some(Reply::Withheld)).await;
    let (_live, mut events) = hurry(&server, &["Pod"]).await;
    let why = until(&mut events, polled).await;
    assert!(why.contains("nothing comes through its watch"), "{why}");
    comes_by_reading(&mut events, "a proxy on the way may hold it back").await;
}

#[tokio::test]
async fn a_watch_without_bookmarks_is_not_believed_even_if_nothing_happens() {
    let well = Arc::new(AtomicBool::new(false));
    let is_well = Arc::clone(&well);
    let hold = Hold::default();
    let server = Server::start(move |request| match (request.path.as_str(), request.is_watch()) {
        ("/api/v1/pods", true) if is_well.load(Ordering::SeqCst) => quiet(&hold),
        ("/api/v1/pods", true) => Some(Reply::Withheld),
        _ => None,
    })
    .await;
    let (_live, mut events) = hurry(&server, &["Pod"]).await;
    let why = until(&mut events, polled).await;
    assert!(why.contains("not even the bookmarks"), "{why}");
    // The first silence makes it read the list once, the second ends it.
    let opened = server.count(|r| r.is_watch() && r.path == "/api/v1/pods");
    assert_eq!(opened, 2);
    // It is tried again now and then, and being open is not enough.
    let again = async {
        while server.count(|r| r.is_watch() && r.path == "/api/v1/pods") < opened + 2 {
            tokio::select! {
                event = events.recv() => {
                    assert!(event.as_ref().and_then(live).is_none(), "nothing came");
                }
                () = tokio::time::sleep(Duration::from_millis(20)) => {}
            }
        }
    };
    tokio::time::timeout(SOON, again).await.expect("it is not tried again");
    well.store(true, Ordering::SeqCst);
    until(&mut events, live).await;
    until(&mut events, |event| match event {
        LiveEvent::Inventory(i) => fresh(i).then_some(()),
        _ => None,
    })
    .await;
}

#[tokio::test]
async fn a_watch_that_ends_as_soon_as_it_is_opened_is_given_up_for_readings() {
    let server = growing(|_| Some(Reply::Watch(Vec::new(), mpsc::unbounded_channel().1))).await;
    let (_live, mut events) = hurry(&server, &["Pod"]).await;
    let why = until(&mut events, polled).await;
    assert!(why.contains("its watch ends as soon as it is opened"), "{why}");
    comes_by_reading(&mut events, "its watch ends as soon as it is opened").await;
    let (opened, listed) = (
        server.count(|r| r.is_watch() && r.path == "/api/v1/pods"),
        server.count(|r| !r.is_watch() && r.path == "/api/v1/pods"),
    );
    assert!(opened <= listed + 6, "{opened} openings and {listed} readings");
}

#[tokio::test]
async fn a_moment_moves_only_with_what_was_heard() {
    let server = Server::start(|request| match (request.path.as_str(), request.is_watch()) {
        ("/api/v1/pods", true) => {
            let error =
                r#"{"type":"ERROR","object":{"kind":"Status","code":500,"message":"boom"}}"#;
            Some(Reply::Watch(vec![error.to_owned()], mpsc::unbounded_channel().1))
        }
        ("/api/v1/pods", false) if request.nth > 0 => status(500, "", "no list either"),
        _ => None,
    })
    .await;
    let (_live, mut events) = hurry(&server, &["Pod"]).await;
    until(&mut events, loaded).await;
    let read = jiff::Timestamp::now().as_second();
    let begun = Instant::now();
    let mut told = 0;
    until(&mut events, |event| {
        match event {
            LiveEvent::Liveness(Liveness::Stale { since, reason, .. }) => {
                told += 1;
                assert!((read - 1..=read).contains(since), "{since} is not {read}");
                assert!(reason.contains("boom") || reason.contains("no list either"), "{reason}");
            }
            LiveEvent::Liveness(Liveness::Live | Liveness::NotWatched(_)) => {
                panic!("nothing was heard")
            }
            _ => {}
        }
        (told > 2 && begun.elapsed() > Duration::from_millis(2500)).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_last_page_that_says_that_more_follow_is_not_the_last() {
    let whole = Arc::new(AtomicBool::new(false));
    let is_whole = Arc::clone(&whole);
    let server = Server::start(move |request| {
        if request.path != "/api/v1/pods" || request.is_watch() {
            return None;
        }
        let items = [item("a", "team-a"), item("b", "team-a")];
        if is_whole.load(Ordering::SeqCst) {
            return ok(list("Pod", "9", "", &items));
        }
        let text = list("Pod", "9", "", &items[..1]);
        ok(text.replace(r#""continue":"""#, r#""continue":"","remainingItemCount":35"#))
    })
    .await;
    let inventory = capture(&server, &request(&["Pod"])).await.unwrap();
    let read = find(&inventory, "Pod", None);
    assert_eq!((read.status, read.items), (ReadStatus::Partial, 1));
    let message = read.message.as_deref().unwrap();
    assert!(message.contains("35 more objects are said to follow"), "{message}");
    assert!(matches!(inventory.knows(&Kind::new("", "Pod"), None), Knowledge::Missing(_)));
    // Followed, it is asked for until it is whole.
    let (_live, mut events) = hurry(&server, &["Pod"]).await;
    until(&mut events, loaded).await;
    whole.store(true, Ordering::SeqCst);
    until(&mut events, |event| match event {
        LiveEvent::Inventory(i) => (names(i, "Pod").len() == 2 && fresh(i)).then_some(()),
        _ => None,
    })
    .await;
}

#[tokio::test]
async fn what_changed_between_two_pages_is_told_by_the_watch() {
    let hold = Hold::default();
    let server = Server::start(move |request| {
        if request.path != "/api/v1/pods" {
            return None;
        }
        if request.is_watch() {
            let from = request.part("resourceVersion").unwrap_or_default();
            assert_eq!(from, "5", "where the first page was");
            let (sender, receiver) = mpsc::unbounded_channel();
            hold.lock().unwrap().push(sender);
            let lines = [pod("c", "3", "6"), pod("a", "1", "7"), pod("c", "3", "8")];
            return Some(Reply::Watch(
                lines.iter().map(|p| line("MODIFIED", p)).collect(),
                receiver,
            ));
        }
        match request.part("continue") {
            None => ok(list("Pod", "5", "next", &[pod("a", "1", "3"), pod("b", "2", "4")])),
            Some(_) => ok(list("Pod", "9", "", &[pod("c", "3", "8")])),
        }
    })
    .await;
    let (_live, mut events) = hurry(&server, &["Pod"]).await;
    until(&mut events, |event| match event {
        LiveEvent::Inventory(i) => {
            let version =
                |name| i.get(&Kind::new("", "Pod"), "team-a", name).map(|o| o.version.clone());
            let c = version("c");
            assert!(c.as_deref().is_none_or(|c| c == "8"), "what was told before came back: {c:?}");
            (version("a").as_deref() == Some("7")).then_some(())
        }
        _ => None,
    })
    .await;
}
