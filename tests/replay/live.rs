//! Watching: changes, lost connections, restarts, and the end.

use super::*;

#[tokio::test]
async fn the_first_page_is_shown_while_the_next_is_still_coming() {
    let server = Server::start(|request| {
        let last = request.path == "/api/v1/pods" && request.query.contains("continue=");
        if last { Some(Reply::Stall) } else { three_pages(request) }
    })
    .await;
    let connection = server.connect().await;
    let (_live, mut events) = Live::spawn(connection, request(&["Pod"]));
    let pods = until(&mut events, |event| match event {
        LiveEvent::Inventory(i) if names(i, "Pod") == ["Pod/team-a/a"] => Some(i.clone()),
        _ => None,
    })
    .await;
    assert_eq!(find(&pods, "Pod", None).status, ReadStatus::Partial);
}

#[tokio::test]
async fn watched_changes_arrive_and_a_lost_watch_is_opened_again() {
    let (sender, receiver) = mpsc::unbounded_channel();
    let first = Mutex::new(Some(receiver));
    let hold = Hold::default();
    let server = Server::start(move |request| {
        if !request.is_watch() || request.path != "/api/v1/pods" {
            return three_pages(request);
        }
        match first.lock().unwrap().take() {
            Some(receiver) => Some(Reply::Watch(Vec::new(), receiver)),
            None if request.query.contains("resourceVersion=12") => {
                let (sender, receiver) = mpsc::unbounded_channel();
                hold.lock().unwrap().push(sender);
                Some(Reply::Watch(vec![event("ADDED", "d", "13", "Running")], receiver))
            }
            None => status(400, "", "went on from the wrong place"),
        }
    })
    .await;
    let (_live, mut events) = Live::spawn(server.connect().await, request(&["Pod"]));
    until(&mut events, loaded).await;
    sender.send(event("DELETED", "a", "10", "Running")).unwrap();
    sender.send(event("MODIFIED", "b", "11", "Failed")).unwrap();
    let bookmark =
        r#"{"type":"BOOKMARK","object":{"kind":"Pod","metadata":{"resourceVersion":"12"}}}"#;
    sender.send(bookmark.to_owned()).unwrap();
    let seen = until(&mut events, |event| match event {
        LiveEvent::Inventory(i) if names(i, "Pod").len() == 2 => Some(i.clone()),
        _ => None,
    })
    .await;
    let changed = seen.get(&Kind::new("", "Pod"), "team-a", "b").unwrap();
    assert_eq!(changed.phase.as_deref(), Some("Failed"));
    drop(sender);
    until(&mut events, with_pods(&["Pod/team-a/b", "Pod/team-a/d", "Pod/team-b/c"])).await;
}

#[tokio::test]
async fn a_watch_that_lost_its_place_lists_again() {
    let hold = Hold::default();
    let server = Server::start(move |request| {
        if request.path != "/api/v1/pods" {
            return None;
        }
        match (request.is_watch(), request.nth) {
            (true, 0) => {
                let (_, receiver) = mpsc::unbounded_channel();
                let gone =
                    r#"{"type":"ERROR","object":{"kind":"Status","code":410,"message":"too old"}}"#;
                Some(Reply::Watch(vec![gone.to_owned()], receiver))
            }
            (true, _) => quiet(&hold),
            (false, 0) => ok(list("Pod", "5", "", &[item("old", "team-a")])),
            (false, _) => ok(list("Pod", "8", "", &[item("new", "team-a")])),
        }
    })
    .await;
    let (_live, mut events) = Live::spawn(server.connect().await, request(&["Pod"]));
    until(&mut events, with_pods(&["Pod/team-a/new"])).await;
    let log = server.log.clone();
    tokio::time::timeout(SOON, async {
        while !log.lock().unwrap().iter().any(|r| r.query.contains("resourceVersion=8")) {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    })
    .await
    .expect("the watch never went on from the new list");
}

#[tokio::test]
async fn a_refused_watch_is_reported_and_refreshed_on_demand() {
    let server = Server::start(|request| match (request.path.as_str(), request.is_watch()) {
        ("/api/v1/pods", true) => status(403, "", "cannot watch pods"),
        ("/api/v1/pods", false) => {
            let name = format!("p{}", request.nth);
            ok(list("Pod", "5", "", &[item(&name, "team-a")]))
        }
        _ => None,
    })
    .await;
    let (live, mut events) = Live::spawn(server.connect().await, request(&["Pod"]));
    let refused = until(&mut events, |event| match event {
        LiveEvent::Liveness(Liveness::NotWatched(kinds)) => kinds.keys().next().cloned(),
        _ => None,
    })
    .await;
    assert_eq!(refused, Kind::new("", "Pod"));
    live.refresh();
    until(&mut events, with_pods(&["Pod/team-a/p2"])).await;
}

#[tokio::test]
async fn a_server_that_goes_away_leaves_its_data_and_is_found_again() {
    let server = Server::start(three_pages).await;
    let (live, mut events) = Live::spawn(server.connect().await, request(&["Pod"]));
    until(&mut events, loaded).await;
    let port = server.stop().await;
    let retry = until(&mut events, |event| match event {
        LiveEvent::Inventory(i) => {
            assert_eq!(names(i, "Pod").len(), 3, "data must stay");
            None
        }
        LiveEvent::Liveness(Liveness::Stale { retry_at, .. }) => Some(*retry_at),
        _ => None,
    })
    .await;
    assert!(retry.is_some());
    // A refresh meanwhile fails and still keeps what is known.
    live.refresh();
    until(&mut events, |event| match event {
        LiveEvent::Liveness(Liveness::Stale { reason, retry_at: None, .. }) => {
            reason.contains("cannot read").then_some(())
        }
        LiveEvent::Failed(error) => panic!("{error}"),
        _ => None,
    })
    .await;
    let _again = Server::start_on(port, Arc::new(three_pages)).await;
    until(&mut events, |event| {
        matches!(event, LiveEvent::Liveness(Liveness::Live | Liveness::NotWatched(_))).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_source_that_failed_at_first_can_be_refreshed() {
    let server = Server::start(|request| {
        (request.path == "/version" && request.nth < 3).then(|| status(401, "", "no").unwrap())
    })
    .await;
    let (live, mut events) = Live::spawn(server.connect().await, request(&["Pod"]));
    for _ in 0..3 {
        until(&mut events, |event| matches!(event, LiveEvent::Failed(_)).then_some(())).await;
        live.refresh();
    }
    until(&mut events, loaded).await;
}

#[tokio::test]
async fn a_storm_of_changes_becomes_few_inventories() {
    const STORM: usize = 5000;
    let (server, sender) = fed().await;
    let (_live, mut events) = Live::spawn(server.connect().await, request(&["Pod"]));
    until(&mut events, loaded).await;
    for n in 0..STORM {
        sender.send(event("MODIFIED", "a", &(n + 10).to_string(), &format!("{n}"))).unwrap();
    }
    let mut inventories = 0;
    until(&mut events, |event| match event {
        LiveEvent::Inventory(i) => {
            inventories += 1;
            let pod = i.get(&Kind::new("", "Pod"), "team-a", "a")?;
            (pod.phase.as_deref() == Some("4999")).then_some(())
        }
        _ => None,
    })
    .await;
    assert!(inventories < 100, "{inventories}");
}

#[tokio::test]
async fn dropping_the_handle_ends_every_task() {
    let server = Server::start(three_pages).await;
    let words = request(&["Pod", "ConfigMap", "Deployment.apps"]);
    let (live, mut events) = Live::spawn(server.connect().await, words);
    until(&mut events, loaded).await;
    let open = Arc::clone(&server.open);
    assert!(open.load(Ordering::SeqCst) > 0);
    drop(live);
    let end = async {
        while events.recv().await.is_some() {}
        while open.load(Ordering::SeqCst) > 0 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(SOON, end).await.expect("connections stay open");
}
