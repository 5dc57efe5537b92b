//! Connections and credentials that fail while a cluster is watched, or before.

use super::*;
use std::sync::atomic::AtomicBool;

/// A switch that tests turn while a server answers.
fn switch() -> (Arc<AtomicBool>, Arc<AtomicBool>) {
    let switch = Arc::new(AtomicBool::new(false));
    (Arc::clone(&switch), switch)
}

/// A server that takes only this token, one that can be changed; its watches end when it is.
struct Door {
    server: Server,
    token: Arc<Mutex<String>>,
    open: Hold,
}

impl Door {
    async fn start() -> Self {
        let token = Arc::new(Mutex::new("first".to_owned()));
        let (open, wanted) = (Hold::default(), Arc::clone(&token));
        let hold = Arc::clone(&open);
        let server = Server::start(move |request| {
            let wanted = format!("Bearer {}", wanted.lock().unwrap());
            if request.header("authorization") != Some(&wanted) {
                return status(401, "", "Unauthorized");
            }
            match (request.path.as_str(), request.is_watch()) {
                (_, true) => quiet(&hold),
                ("/api/v1/pods", false) => ok(list("Pod", "5", "", &[pod("a", "1", "3")])),
                _ => None,
            }
        })
        .await;
        Self { server, token, open }
    }

    /// From now on another token is wanted, and who is in has to show it.
    fn turn(&self, token: &str) {
        token.clone_into(&mut self.token.lock().unwrap());
        self.open.lock().unwrap().clear();
    }

    async fn enter(&self, kubeconfig: &std::path::Path) -> (Live, mpsc::Receiver<LiveEvent>) {
        let options =
            ConnectOptions { kubeconfig: Some(kubeconfig.to_owned()), ..self.server.hasty() };
        let (live, mut events) = Live::spawn(connect(&options).await.unwrap(), request(&["Pod"]));
        until(&mut events, loaded).await;
        (live, events)
    }
}

fn stale(event: &LiveEvent) -> Option<String> {
    match event {
        LiveEvent::Liveness(Liveness::Stale { reason, .. }) => Some(reason.clone()),
        LiveEvent::Inventory(i) => {
            assert_eq!(names(i, "Pod"), ["Pod/team-a/a"], "what is known stays");
            None
        }
        _ => None,
    }
}

fn recovered(event: &LiveEvent) -> Option<()> {
    matches!(event, LiveEvent::Liveness(Liveness::Live | Liveness::NotWatched(_))).then_some(())
}

#[tokio::test]
async fn a_token_that_runs_out_is_read_anew_from_the_kubeconfig() {
    let door = Door::start().await;
    let kubeconfig = door.server.kubeconfig("{token: first}", None);
    let (_live, mut events) = door.enter(&kubeconfig).await;
    door.turn("second");
    let reason = until(&mut events, stale).await;
    assert!(reason.contains("401") && reason.contains("log in again"), "{reason}");
    until(&mut events, |event| match event {
        LiveEvent::Inventory(i) => {
            let read = find(i, "Pod", None);
            assert_eq!((read.status, read.items), (ReadStatus::Complete, 1));
            let message = read.message.as_deref().unwrap_or_default();
            (message.starts_with("as of 2") && message.contains("log in again")).then_some(())
        }
        _ => None,
    })
    .await;
    // Somebody logs in.
    let text = std::fs::read_to_string(&kubeconfig).unwrap();
    std::fs::write(&kubeconfig, text.replace("token: first", "token: second")).unwrap();
    assert!(fresh(until_recovered(&mut events).await.as_ref()));
}

#[tokio::test]
async fn another_server_in_the_same_context_is_not_gone_to_by_itself() {
    let door = Door::start().await;
    let other = Door::start().await;
    let kubeconfig = door.server.kubeconfig("{token: first}", None);
    let (_live, mut events) = door.enter(&kubeconfig).await;
    let text = std::fs::read_to_string(&kubeconfig).unwrap();
    let (old, new) = (door.server.port.to_string(), other.server.port.to_string());
    std::fs::write(&kubeconfig, text.replace(&old, &new)).unwrap();
    door.turn("second");
    until(&mut events, stale).await;
    until(&mut events, stale).await;
    assert!(other.server.paths().is_empty());
}

#[tokio::test]
async fn a_token_file_is_read_again_when_its_token_is_refused() {
    let door = Door::start().await;
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("token");
    // As editors and `echo` write it.
    std::fs::write(&file, "first\n").unwrap();
    let user = format!("{{tokenFile: {:?}}}", file.to_str().unwrap());
    let (_live, mut events) = door.enter(&door.server.kubeconfig(&user, None)).await;
    std::fs::write(&file, " second \r\n").unwrap();
    door.turn("second");
    // It is not even noticed.
    door.server.log.lock().unwrap().clear();
    let log = Arc::clone(&door.server.log);
    tokio::time::timeout(SOON, async {
        let second = |r: &Request| r.header("authorization") == Some("Bearer second");
        while !log.lock().unwrap().iter().any(|r| r.is_watch() && second(r)) {
            tokio::select! {
                Some(event) = events.recv() => assert!(stale(&event).is_none(), "{event:?}"),
                () = tokio::time::sleep(Duration::from_millis(10)) => {}
            }
        }
    })
    .await
    .expect("the new token is never used");
}

#[cfg(unix)]
#[tokio::test]
async fn a_plugin_that_gives_what_is_not_taken_is_not_run_for_every_request() {
    let door = Door::start().await;
    let dir = tempfile::tempdir().unwrap();
    let runs = dir.path().join("runs");
    let script = format!(
        "echo x >> {}; echo '{{\\\"kind\\\":\\\"ExecCredential\\\",\\\"status\\\":{{\\\"token\\\":\\\"first\\\"}}}}'",
        runs.display()
    );
    let user = format!(
        "{{exec: {{apiVersion: client.authentication.k8s.io/v1, command: /bin/sh, \
         args: [\"-c\", \"{script}\"], interactiveMode: Never}}}}"
    );
    let (_live, mut events) = door.enter(&door.server.kubeconfig(&user, None)).await;
    door.turn("second");
    for _ in 0..5 {
        until(&mut events, stale).await;
    }
    let count = std::fs::read_to_string(&runs).unwrap().lines().count();
    assert!((1..=2).contains(&count), "the plugin ran {count} times");
}

#[tokio::test]
async fn a_server_that_never_answers_is_given_up_soon_and_tried_again_by_itself() {
    let (awake, wake) = switch();
    let server =
        Server::start(move |_| (!awake.load(Ordering::SeqCst)).then_some(Reply::Mute)).await;
    let begun = Instant::now();
    let (_live, mut events) = hurry(&server, &["Pod"]).await;
    let error = until(&mut events, |event| match event {
        LiveEvent::Failed(error) => Some(error.clone()),
        _ => None,
    })
    .await;
    assert!(begun.elapsed() < Duration::from_secs(3), "{:?}", begun.elapsed());
    assert_eq!(error.trouble, Trouble::Unreachable);
    assert!(error.why.contains("no answer for 0.6 s"), "{error}");
    assert!(error.next.contains("VPN"), "{error}");
    wake.store(true, Ordering::SeqCst);
    // The same failure is not told twice.
    until(&mut events, |event| match event {
        LiveEvent::Failed(error) => panic!("said again: {error}"),
        other => loaded(other),
    })
    .await;
}

#[tokio::test]
async fn a_name_that_leads_nowhere_says_so() {
    let server = Server::start(|_| None).await;
    let kubeconfig = server.kubeconfig("{token: abc}", None);
    let text = std::fs::read_to_string(&kubeconfig).unwrap();
    std::fs::write(&kubeconfig, text.replace("127.0.0.1", "plimsoll.invalid")).unwrap();
    let options = ConnectOptions { kubeconfig: Some(kubeconfig), ..server.hasty() };
    let connection = connect(&options).await.unwrap();
    let error = tokio::time::timeout(SOON, read(&connection, &request(&["Pod"]), |_| ())).await;
    let error = error.expect("it hangs").unwrap_err();
    assert_eq!(error.trouble, Trouble::Unreachable, "{error}");
    assert!(error.what.contains("plimsoll.invalid"), "{error}");
}

#[tokio::test]
async fn an_answer_that_trickles_or_stalls_half_way_fails_and_the_rest_is_read() {
    let server = Server::start(|request| match request.path.as_str() {
        "/api/v1/pods" => Some(Reply::Trickle),
        "/api/v1/configmaps" if request.query.contains("continue=") => Some(Reply::Stall),
        "/api/v1/configmaps" => ok(list("ConfigMap", "5", "next", &[item("a", "team-a")])),
        _ => None,
    })
    .await;
    let connection = connect(&server.hasty()).await.unwrap();
    let asked = request(&["Pod", "ConfigMap", "Deployment.apps"]);
    let begun = Instant::now();
    let inventory = read(&connection, &asked, |_| ()).await.unwrap();
    assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
    let slow = find(&inventory, "Pod", None);
    assert_eq!(slow.status, ReadStatus::Failed);
    assert!(slow.message.as_deref().unwrap().contains("too slowly"), "{slow:?}");
    let half = find(&inventory, "ConfigMap", None);
    assert_eq!((half.status, half.items), (ReadStatus::Partial, 1));
    assert!(half.message.as_deref().unwrap().contains("no answer for"), "{half:?}");
    assert_eq!(find(&inventory, "Deployment", None).status, ReadStatus::Complete);
}

#[tokio::test]
async fn web_pages_are_told_from_answers() {
    let server = Server::start(|request| match request.path.as_str() {
        "/api/v1/pods" => Some(Reply::Page(200)),
        "/api/v1/configmaps" => Some(Reply::Page(502)),
        _ => None,
    })
    .await;
    let inventory = capture(&server, &request(&["Pod", "ConfigMap"])).await.unwrap();
    let pods = find(&inventory, "Pod", None);
    assert_eq!(pods.status, ReadStatus::Failed);
    assert!(pods.message.as_deref().unwrap().contains("a web page came"), "{pods:?}");
    let maps = find(&inventory, "ConfigMap", None);
    assert_eq!(maps.status, ReadStatus::Failed);
    assert!(maps.message.as_deref().unwrap().contains("on a web page"), "{maps:?}");
}

#[tokio::test]
async fn a_busy_server_is_asked_again_when_it_says() {
    let (busy, turn) = switch();
    let open = Hold::default();
    let hold = Arc::clone(&open);
    let times = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&times);
    let server = Server::start(move |request| {
        if request.path != "/api/v1/pods" || !request.is_watch() {
            return None;
        }
        if busy.load(Ordering::SeqCst) {
            seen.lock().unwrap().push(Instant::now());
            return status(429, "retry-after: 1\r\n", "too many requests");
        }
        quiet(&hold)
    })
    .await;
    let (_live, mut events) = hurry(&server, &["Pod"]).await;
    until(&mut events, loaded).await;
    turn.store(true, Ordering::SeqCst);
    open.lock().unwrap().clear();
    let (reason, retry) = until(&mut events, |event| match event {
        LiveEvent::Liveness(Liveness::Stale { reason, retry_at, .. }) => {
            let wait = retry_at.map(|at| at.saturating_duration_since(Instant::now()));
            Some((reason.clone(), wait))
        }
        _ => None,
    })
    .await;
    assert!(reason.contains("pods: too many requests (HTTP 429)"), "{reason}");
    assert!(retry.is_some_and(|wait| wait >= Duration::from_millis(900)), "{retry:?}");
    tokio::time::sleep(Duration::from_millis(2500)).await;
    turn.store(false, Ordering::SeqCst);
    until(&mut events, recovered).await;
    let times = times.lock().unwrap();
    let gaps = times.windows(2).map(|pair| pair[1] - pair[0]);
    assert!(times.len() <= 5, "{} tries", times.len());
    assert!(
        gaps.clone().all(|gap| gap >= Duration::from_millis(950)),
        "{:?}",
        gaps.collect::<Vec<_>>()
    );
}

#[tokio::test]
async fn data_that_is_not_up_to_date_says_since_when_until_it_is() {
    let server = Server::start(three_pages).await;
    let (_live, mut events) = hurry(&server, &["Pod"]).await;
    until(&mut events, loaded).await;
    let before = jiff::Timestamp::now().as_second();
    let port = server.stop().await;
    let since = until(&mut events, |event| match event {
        LiveEvent::Liveness(Liveness::Stale { since, .. }) => Some(*since),
        _ => None,
    })
    .await;
    assert!((before - 2..=before + 5).contains(&since), "{since} {before}");
    let mut first = None;
    until(&mut events, |event| match event {
        LiveEvent::Inventory(i) => {
            let read = find(i, "Pod", None);
            assert_eq!((read.status, read.items), (ReadStatus::Complete, 3));
            first = read.message.clone();
            first.as_deref().is_some_and(|m| m.starts_with("as of 2")).then_some(())
        }
        _ => None,
    })
    .await;
    assert!(first.unwrap().contains("not up to date since: pods: no connection"));
    let _again = Server::start_on(port, Arc::new(three_pages)).await;
    assert!(fresh(until_recovered(&mut events).await.as_ref()));
}
