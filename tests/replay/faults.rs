//! Watches that go wrong: what is known stays true, and becomes right again by itself.

use super::*;
use plimsoll::model::object::Object;
use std::sync::atomic::AtomicUsize;

fn the_pod(inventory: &Inventory, name: &str) -> Option<Arc<Object>> {
    inventory.get(&Kind::new("", "Pod"), "team-a", name).cloned()
}

/// A server of pods: `lists` answers each list in turn (the last one for ever), `watches` each watch;
/// later ones are quiet.
async fn pods(
    lists: Vec<(&'static str, Vec<serde_json::Value>)>,
    watches: Vec<Vec<String>>,
) -> Server {
    let hold = Hold::default();
    Server::start(move |request| {
        if request.path != "/api/v1/pods" {
            return None;
        }
        if request.query.contains("limit=1&") || request.query.ends_with("limit=1") {
            let (version, _) = lists.last()?;
            return ok(list("Pod", version, "", &[]));
        }
        if !request.is_watch() {
            let (version, items) = lists.get(request.nth).or_else(|| lists.last())?;
            return ok(list("Pod", version, "", items));
        }
        let (sender, receiver) = mpsc::unbounded_channel();
        match watches.get(request.nth) {
            // It says what it has to say and ends.
            Some(lines) => Some(Reply::Watch(lines.clone(), receiver)).filter(|_| {
                drop(sender);
                true
            }),
            None => quiet(&hold),
        }
    })
    .await
}

fn gone() -> String {
    r#"{"type":"ERROR","object":{"kind":"Status","code":410,"reason":"Expired"}}"#.to_owned()
}

#[tokio::test]
async fn a_relist_takes_nothing_away_and_what_did_not_change_stays_the_very_same() {
    let first = vec![pod("a", "1", "3"), pod("b", "2", "4"), pod("c", "3", "5")];
    let second = vec![pod("a", "1", "3"), pod("b", "2", "9"), pod("d", "4", "8")];
    let server = pods(vec![("5", first), ("9", second)], vec![vec![gone()]]).await;
    let (_live, mut events) = hurry(&server, &["Pod"]).await;
    let before = until(&mut events, |event| match event {
        LiveEvent::Inventory(i) if names(i, "Pod").len() == 3 && fresh(i) => Some(i.clone()),
        _ => None,
    })
    .await;
    let after = until(&mut events, |event| match event {
        LiveEvent::Inventory(i) => {
            assert!(names(i, "Pod").len() == 3, "it flickers: {:?}", names(i, "Pod"));
            the_pod(i, "d").map(|_| i.clone())
        }
        LiveEvent::Liveness(Liveness::Stale { reason, .. }) => panic!("nothing was lost: {reason}"),
        _ => None,
    })
    .await;
    assert!(the_pod(&after, "c").is_none());
    assert!(Arc::ptr_eq(&the_pod(&before, "a").unwrap(), &the_pod(&after, "a").unwrap()));
    assert_eq!(&*the_pod(&after, "b").unwrap().version, "9");
}

#[tokio::test]
async fn a_refresh_keeps_what_did_not_change_even_where_the_server_gives_no_versions() {
    let bare = |name: &str| serde_json::json!({"metadata": {"name": name, "namespace": "team-a"}});
    let second = vec![
        bare("a"),
        serde_json::json!({"metadata": {"name": "b", "namespace": "team-a",
        "labels": {"x": "y"}}}),
    ];
    let server = pods(vec![("5", vec![bare("a"), bare("b")]), ("6", second)], vec![]).await;
    let (live, mut events) = hurry(&server, &["Pod"]).await;
    let before = until(&mut events, |event| match event {
        LiveEvent::Inventory(i) if names(i, "Pod").len() == 2 => Some(i.clone()),
        _ => None,
    })
    .await;
    until(&mut events, loaded).await;
    live.refresh();
    let after = until(&mut events, |event| match event {
        LiveEvent::Inventory(i) => {
            assert_eq!(names(i, "Pod").len(), 2);
            the_pod(i, "b").filter(|b| b.label("x").is_some()).map(|_| i.clone())
        }
        _ => None,
    })
    .await;
    assert!(Arc::ptr_eq(&the_pod(&before, "a").unwrap(), &the_pod(&after, "a").unwrap()));
}

#[tokio::test]
async fn a_watch_refused_with_410_lists_again() {
    let server = Server::start(|request| match (request.path.as_str(), request.is_watch()) {
        ("/api/v1/pods", true) if request.nth == 0 => status(410, "", "too old resource version"),
        ("/api/v1/pods", false) if request.nth == 0 => ok(list("Pod", "5", "", &[])),
        ("/api/v1/pods", false) => ok(list("Pod", "9", "", &[pod("a", "1", "9")])),
        _ => None,
    })
    .await;
    let (_live, mut events) = hurry(&server, &["Pod"]).await;
    until(&mut events, with_pods(&["Pod/team-a/a"])).await;
}

#[tokio::test]
async fn duplicates_and_late_events_change_nothing_that_is_true() {
    let list_after = vec![pod("a", "2", "8")];
    let server = pods(
        vec![("5", vec![pod("a", "1", "3")]), ("9", list_after)],
        vec![vec![
            line("DELETED", &pod("a", "1", "6")),
            line("ADDED", &pod("a", "2", "8")),
            // Of the one that is gone; then something that was long over.
            line("DELETED", &pod("a", "1", "6")),
            line("MODIFIED", &pod("a", "1", "4")),
        ]],
    )
    .await;
    let (_live, mut events) = hurry(&server, &["Pod"]).await;
    // The late event made it list again.
    until(&mut events, |event| match event {
        LiveEvent::Inventory(i) => {
            let a = the_pod(i, "a");
            assert!(a.as_ref().is_none_or(|a| &*a.version != "4"), "an old state came back");
            let listed =
                server.count(|r| r.path == "/api/v1/pods" && r.query.contains("limit=500"));
            (a.is_some_and(|a| &*a.uid == "2") && listed > 1).then_some(())
        }
        _ => None,
    })
    .await;
}

#[tokio::test]
async fn events_of_other_namespaces_and_of_other_kinds_are_not_taken_in() {
    let hold = Hold::default();
    let server = Server::start(move |request| {
        if request.path != "/api/v1/namespaces/team-a/pods" {
            return None;
        }
        if !request.is_watch() {
            let version = if request.nth == 0 { "5" } else { "8" };
            return ok(list("Pod", version, "", &[pod("a", "1", "3")]));
        }
        let mut other = pod("x", "7", "6");
        other["metadata"]["namespace"] = "team-b".into();
        let mut odd = pod("y", "8", "7");
        odd["kind"] = "Table".into();
        let (sender, receiver) = mpsc::unbounded_channel();
        hold.lock().unwrap().push(sender);
        let lines = match request.nth {
            0 => {
                vec![line("ADDED", &other), line("ADDED", &pod("b", "2", "8")), line("ADDED", &odd)]
            }
            _ => vec![line("ADDED", &pod("c", "3", "9"))],
        };
        Some(Reply::Watch(lines, receiver))
    })
    .await;
    let asked = ReadRequest { namespaces: Some(vec!["team-a".into()]), ..request(&["Pod"]) };
    let connection = connect(&server.hasty()).await.unwrap();
    let (_live, mut events) = Live::spawn(connection, asked);
    until(&mut events, |event| match event {
        LiveEvent::Inventory(i) => {
            let seen = names(i, "Pod");
            assert!(
                !seen.iter().any(|name| name.ends_with('x') || name.ends_with('y')),
                "{seen:?}"
            );
            (seen.len() == 3).then_some(())
        }
        _ => None,
    })
    .await;
}

#[tokio::test]
async fn a_garbled_event_is_asked_for_again_and_nothing_is_skipped() {
    let hold = Hold::default();
    let server = Server::start(move |request| {
        if request.path != "/api/v1/pods" {
            return None;
        }
        if !request.is_watch() {
            return ok(list("Pod", if request.nth == 0 { "5" } else { "6" }, "", &[]));
        }
        let from = request.query.split("resourceVersion=").nth(1).unwrap_or_default();
        let from = from.split('&').next().unwrap_or_default().to_owned();
        let (sender, receiver) = mpsc::unbounded_channel();
        hold.lock().unwrap().push(sender);
        let lines = match (request.nth, from.as_str()) {
            (0, "5") => {
                vec![line("ADDED", &pod("a", "1", "6")), "{\"type\":\"ADDED\",\"obj".into()]
            }
            (_, "6") => vec![line("ADDED", &pod("b", "2", "7"))],
            (_, other) => panic!("went on from {other}"),
        };
        Some(Reply::Watch(lines, receiver))
    })
    .await;
    let (_live, mut events) = hurry(&server, &["Pod"]).await;
    until(&mut events, with_pods(&["Pod/team-a/a", "Pod/team-a/b"])).await;
}

#[tokio::test]
async fn a_watch_that_falls_silent_is_opened_anew() {
    let hold = Hold::default();
    let server = Server::start(move |request| {
        let pods = request.path == "/api/v1/pods" && request.is_watch();
        match request.nth {
            0 if pods => Some(Reply::Withheld),
            _ if pods => {
                let (sender, receiver) = mpsc::unbounded_channel();
                hold.lock().unwrap().push(sender);
                Some(Reply::Watch(vec![line("ADDED", &pod("a", "1", "6"))], receiver))
            }
            _ => None,
        }
    })
    .await;
    let (_live, mut events) = hurry(&server, &["Pod"]).await;
    until(&mut events, with_pods(&["Pod/team-a/a"])).await;
}

#[tokio::test]
async fn after_a_nap_every_watch_is_opened_anew() {
    let server = Server::start(|_| None).await;
    // Slow enough that nothing but the wake-up opens a watch again.
    let (live, mut events) = Live::spawn(server.connect().await, request(&["Pod", "ConfigMap"]));
    until(&mut events, loaded).await;
    let log = server.log.clone();
    let watches = move || {
        let log = log.lock().unwrap();
        let of = |path: &str| log.iter().filter(|r| r.is_watch() && r.path == path).count();
        (of("/api/v1/pods"), of("/api/v1/configmaps"))
    };
    let reach = async |wanted: (usize, usize)| {
        while watches() != wanted {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(SOON, reach((1, 1))).await.expect("watched at first");
    live.wake();
    tokio::time::timeout(SOON, reach((2, 2))).await.expect("watched anew");
}

#[tokio::test]
async fn a_server_restored_from_a_backup_is_listed_again() {
    let restored = Arc::new(std::sync::atomic::AtomicBool::new(false));
    let (sender, receiver) = mpsc::unbounded_channel::<String>();
    let first = Mutex::new(Some(receiver));
    let back = Arc::clone(&restored);
    let server = Server::start(move |request| {
        if request.path != "/api/v1/pods" {
            return None;
        }
        let old = back.load(Ordering::SeqCst);
        match (request.is_watch(), old) {
            (false, false) => ok(list("Pod", "100", "", &[pod("new", "1", "90")])),
            (false, true) => ok(list("Pod", "50", "", &[pod("old", "2", "40")])),
            (true, false) => Some(Reply::Watch(vec![], first.lock().unwrap().take().unwrap())),
            // As servers do that have not come as far: silence, but only on the second try.
            (true, true) if request.nth == 1 => {
                status(504, "", "Too large resource version: 100, current: 50")
            }
            (true, true) => Some(Reply::Withheld),
        }
    })
    .await;
    let (_live, mut events) = hurry(&server, &["Pod"]).await;
    until(&mut events, with_pods(&["Pod/team-a/new"])).await;
    restored.store(true, Ordering::SeqCst);
    drop(sender);
    until(&mut events, with_pods(&["Pod/team-a/old"])).await;
}

/// A server of one pod, restored to an earlier moment at the second stage, where it takes no question for
/// that; at the third it does. Its watches bring bookmarks of the moment at which it is then only if `told`.
async fn rewinding(told: bool) -> (Server, Arc<AtomicUsize>, Hold) {
    let (stage, open) = (Arc::<AtomicUsize>::default(), Hold::default());
    let (now, hold) = (Arc::clone(&stage), Arc::clone(&open));
    let server = Server::start(move |request| {
        let stage = now.load(Ordering::SeqCst);
        if request.path != "/api/v1/pods" {
            return None;
        }
        match (request.is_watch(), stage) {
            (true, 0) => quiet(&hold),
            (true, _) if told => {
                let (sender, receiver) = mpsc::unbounded_channel();
                hold.lock().unwrap().push(sender);
                Some(Reply::Watch(vec![server::bookmark("50")], receiver))
            }
            (true, _) => Some(Reply::Withheld),
            (false, 1) if request.query == "limit=1" => status(429, "", "too many requests"),
            (false, 0) => ok(list("Pod", "100", "", &[pod("new", "1", "90")])),
            (false, _) => ok(list("Pod", "50", "", &[pod("old", "2", "40")])),
        }
    })
    .await;
    (server, stage, open)
}

#[tokio::test]
async fn a_bookmark_of_an_earlier_moment_is_of_a_server_that_was_restored() {
    let (server, stage, open) = rewinding(true).await;
    let (_live, mut events) = hurry(&server, &["Pod"]).await;
    until(&mut events, with_pods(&["Pod/team-a/new"])).await;
    stage.store(1, Ordering::SeqCst);
    open.lock().unwrap().clear();
    until(&mut events, with_pods(&["Pod/team-a/old"])).await;
}

#[tokio::test]
async fn whether_a_server_was_restored_is_asked_until_it_says() {
    let (server, stage, open) = rewinding(false).await;
    let hasty = server.hasty();
    // Only the question tells: the silence of a watch would be noticed too late.
    let pace = Pace { quiet_watch: Duration::from_secs(60), ..hasty.pace };
    let connection = connect(&ConnectOptions { pace, ..hasty }).await.unwrap();
    let (_live, mut events) = Live::spawn(connection, request(&["Pod"]));
    until(&mut events, loaded).await;
    while open.lock().unwrap().is_empty() {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    stage.store(1, Ordering::SeqCst);
    open.lock().unwrap().clear();
    let why = until(&mut events, |event| match event {
        LiveEvent::Liveness(Liveness::Stale { reason, .. }) => Some(reason.clone()),
        _ => None,
    })
    .await;
    assert!(why.contains("restored") && why.contains("too many requests"), "{why}");
    // A watch that is only open makes nothing up to date.
    let asked = server.count(|r| r.query == "limit=1") + 4;
    until(&mut events, |event| {
        assert!(
            !matches!(event, LiveEvent::Liveness(Liveness::Live | Liveness::NotWatched(_))),
            "nobody said where the server is"
        );
        (server.count(|r| r.query == "limit=1") > asked).then_some(())
    })
    .await;
    stage.store(2, Ordering::SeqCst);
    until(&mut events, with_pods(&["Pod/team-a/old"])).await;
}

#[tokio::test]
async fn ten_thousand_changes_a_second_are_few_inventories_and_end_in_the_truth() {
    const STORM: usize = 10_000;
    let (server, sender) = fed().await;
    // Bookmarks come late here.
    let (_live, mut events) = Live::spawn(server.connect().await, request(&["Pod"]));
    until(&mut events, loaded).await;
    // As many objects come and go as there are; one stays.
    for n in 0..STORM {
        let (name, version) = (format!("p{n}"), (10 + 2 * n).to_string());
        sender.send(line("ADDED", &pod(&name, &name, &version))).unwrap();
        if n + 1 < STORM {
            let version = (11 + 2 * n).to_string();
            sender.send(line("DELETED", &pod(&name, &name, &version))).unwrap();
        }
    }
    let last = format!("Pod/team-a/p{}", STORM - 1);
    let mut inventories = 0;
    until(&mut events, |event| match event {
        LiveEvent::Inventory(i) => {
            inventories += 1;
            (names(i, "Pod") == [last.clone()]).then_some(())
        }
        _ => None,
    })
    .await;
    assert!(inventories < 100, "{inventories}");
}
