//! Answers that are not what was asked for, go on for ever, or never come: none is taken for whole, and
//! none takes more time or memory than it may.

use super::*;
use std::sync::atomic::AtomicBool;

fn is_list(request: &Request) -> bool {
    request.path == "/api/v1/pods" && !request.is_watch()
}

async fn within(server: &Server, limits: Limits, words: &[&str]) -> Inventory {
    let connection = connect(&ConnectOptions { limits, ..server.options() }).await.unwrap();
    let asked = request(words);
    let reading = read(&connection, &asked, |_| ());
    tokio::time::timeout(SOON, reading).await.expect("it hangs").unwrap()
}

fn message(read: &Read) -> &str {
    read.message.as_deref().unwrap_or_default()
}

#[tokio::test]
async fn only_the_list_that_was_asked_for_proves_anything() {
    for (body, said) in [
        (r#"{"kind":"SecretList","apiVersion":"v1","items":[]}"#, r#"found "SecretList" of "v1""#),
        (r#"{"kind":"PodList","apiVersion":"v2","items":[]}"#, "expected PodList of v1"),
        (r#"{"kind":"PodList","items":[]}"#, "without a version"),
        (r#"{"kind":"PodList","apiVersion":"v1"}"#, "a PodList without items"),
    ] {
        let server =
            Server::start(move |request| is_list(request).then(|| ok(body).unwrap())).await;
        let inventory = capture(&server, &request(&["Pod"])).await.unwrap();
        let pods = find(&inventory, "Pod", None);
        assert_eq!(pods.status, ReadStatus::Failed, "{body}");
        assert!(message(pods).contains(said), "{pods:?}");
        let knows = inventory.knows(&Kind::new("", "Pod"), None);
        assert!(matches!(knows, Knowledge::Missing(_)), "{body}");
    }
    let null = r#"{"kind":"PodList","apiVersion":"v1","metadata":{"resourceVersion":"5",
        "remainingItemCount":-5},"items":null}"#;
    let server = Server::start(move |request| is_list(request).then(|| ok(null).unwrap())).await;
    let inventory = capture(&server, &request(&["Pod"])).await.unwrap();
    assert_eq!(find(&inventory, "Pod", None).status, ReadStatus::Complete, "as servers write it");
}

#[tokio::test]
async fn a_later_page_of_another_kind_and_items_of_another_kind_leave_a_part() {
    let server = Server::start(|request| {
        if request.query.contains("continue=p3") {
            ok(list("ConfigMap", "9", "", &[item("c", "team-b")]))
        } else {
            three_pages(request)
        }
    })
    .await;
    let inventory = capture(&server, &request(&["Pod"])).await.unwrap();
    let pods = find(&inventory, "Pod", None);
    assert_eq!((pods.status, pods.items), (ReadStatus::Partial, 2));
    assert!(message(pods).contains("ConfigMapList"), "{pods:?}");

    let server = Server::start(|request| {
        let mut odd = item("b", "team-a");
        odd["kind"] = "Deployment".into();
        odd["apiVersion"] = "apps/v1".into();
        is_list(request).then(|| ok(list("Pod", "9", "", &[item("a", "team-a"), odd])).unwrap())
    })
    .await;
    let inventory = capture(&server, &request(&["Pod"])).await.unwrap();
    let pods = find(&inventory, "Pod", None);
    assert_eq!(
        (pods.status, names(&inventory, "Pod")),
        (ReadStatus::Partial, vec!["Pod/team-a/a".into()])
    );
    assert_eq!(message(pods), "1 item is no pods");
}

#[tokio::test]
async fn discovery_does_not_choose_the_path() {
    let server = Server::start(|request| match request.path.as_str() {
        "/apis" => ok(server::aggregated(&[
            ("example.invalid", "v1", &[("../../../../api/v1/secrets", "Thing", true)]),
            ("apps", "v1/../..", &[("secrets?x=", "Deployment", true)]),
        ])),
        _ => None,
    })
    .await;
    let asked = request(&["Thing.example.invalid", "Deployment.apps"]);
    let inventory = capture(&server, &asked).await.unwrap();
    let thing = find(&inventory, "Thing", None);
    assert_eq!(thing.status, ReadStatus::Failed, "it is not known to be absent: {thing:?}");
    assert!(message(thing).contains("a name that no resource can have"), "{thing:?}");
    // Where a built-in kind is served is known without.
    assert_eq!(find(&inventory, "Deployment", None).status, ReadStatus::Complete);
    for path in server.paths() {
        assert!(!path.contains("..") && !path.contains("secrets"), "{path}");
    }
}

#[tokio::test]
async fn pages_that_bring_nothing_or_never_end_are_given_up() {
    let server = Server::start(|request| {
        let next = format!("p{}", request.nth);
        is_list(request).then(|| ok(list("Pod", "9", &next, &[])).unwrap())
    })
    .await;
    let inventory = capture(&server, &request(&["Pod"])).await.unwrap();
    let pods = find(&inventory, "Pod", None);
    assert_eq!(pods.status, ReadStatus::Failed);
    assert!(message(pods).contains("pages in a row without objects"), "{pods:?}");
    assert!(server.count(is_list) <= 10, "{}", server.count(is_list));

    let server = Server::start(|request| {
        let next = format!("p{}", request.nth);
        let items: Vec<_> =
            (0..500).map(|n| item(&format!("a{}-{n}", request.nth), "team-a")).collect();
        is_list(request).then(|| ok(list("Pod", "9", &next, &items)).unwrap())
    })
    .await;
    let limits = Limits { items: 2000, ..Limits::default() };
    let inventory = within(&server, limits, &["Pod"]).await;
    let pods = find(&inventory, "Pod", None);
    assert_eq!((pods.status, pods.items), (ReadStatus::Partial, 2000));
    assert_eq!(message(pods), "more than 2000 objects");

    let server = Server::start(|request| {
        let next = format!("p{}", request.nth);
        let one = item(&format!("a{}", request.nth), "team-a");
        is_list(request).then(|| ok(list("Pod", "9", &next, &[one])).unwrap())
    })
    .await;
    let inventory = capture(&server, &request(&["Pod"])).await.unwrap();
    let pods = find(&inventory, "Pod", None);
    assert_eq!(pods.status, ReadStatus::Partial);
    assert!(message(pods).contains("101 pages with 101 objects"), "{pods:?}");
}

#[tokio::test]
async fn a_page_that_is_too_large_is_asked_for_in_smaller_ones() {
    let pods: fn(&Request) -> Option<Reply> = |request| {
        let few = request.query.contains("limit=20");
        let items: Vec<_> =
            (0..if few { 20 } else { 200 }).map(|n| item(&format!("a{n}"), "team-a")).collect();
        is_list(request).then(|| ok(list("Pod", "9", "", &items)).unwrap())
    };
    let server = Server::start(pods).await;
    let limits = Limits { page: 10_000, ..Limits::default() };
    let inventory = within(&server, limits, &["Pod"]).await;
    let read = find(&inventory, "Pod", None);
    assert_eq!((read.status, read.items), (ReadStatus::Complete, 20));
    assert_eq!(server.count(is_list), 2);

    let limits = Limits { page: 1000, ..Limits::default() };
    let inventory = within(&server, limits, &["Pod"]).await;
    let read = find(&inventory, "Pod", None);
    assert_eq!(read.status, ReadStatus::Failed);
    assert_eq!(message(read), "the answer is larger than 1000 bytes");
    assert_eq!(server.count(is_list), 4, "not asked for again and again");
}

/// What counts is what an answer unpacks to, and it is not unpacked beyond that.
#[tokio::test]
async fn a_small_answer_that_unpacks_to_a_huge_one_is_given_up() {
    let bomb = server::bomb("{\"kind\":\"PodList\",\"apiVersion\":\"v1\",\"x\":\"a", 1_000_000);
    assert!(bomb.len() < 2 << 20, "{}", bomb.len());
    let server = Server::start(move |request| {
        let packed = request.header("accept-encoding").is_some_and(|all| all.contains("gzip"));
        is_list(request).then(|| {
            assert!(packed, "an answer may be packed");
            Reply::Packed(bomb.clone())
        })
    })
    .await;
    let limits = Limits { page: 4 << 20, ..Limits::default() };
    let begun = Instant::now();
    let inventory = within(&server, limits, &["Pod"]).await;
    let pods = find(&inventory, "Pod", None);
    assert_eq!((pods.status, pods.items), (ReadStatus::Failed, 0), "{pods:?}");
    assert_eq!(message(pods), "the answer is larger than 4 MiB");
    // Whole it would be 250 MB.
    assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
    // Packed by itself is fine.
    let server = Server::start(|request| {
        let text = list("Pod", "9", "", &[item("a", "team-a")]);
        is_list(request).then(|| Reply::Packed(server::packed(&text)))
    })
    .await;
    let inventory = within(&server, limits, &["Pod"]).await;
    assert_eq!(find(&inventory, "Pod", None).status, ReadStatus::Complete);
    assert_eq!(names(&inventory, "Pod"), ["Pod/team-a/a"]);
}

#[tokio::test]
async fn small_answers_are_small() {
    let server = Server::start(|request| {
        (request.path == "/version")
            .then(|| ok(format!(r#"{{"gitVersion":"{}"}}"#, "v".repeat(20_000))).unwrap())
    })
    .await;
    let limits = Limits { small: 10_000, ..Limits::default() };
    let connection = connect(&ConnectOptions { limits, ..server.options() }).await.unwrap();
    let error = read(&connection, &request(&["Pod"]), |_| ()).await.unwrap_err();
    assert_eq!(error.trouble, Trouble::Server, "{error}");
    assert!(error.why.contains("larger than 10000 bytes"), "{error}");
}

#[tokio::test]
async fn all_lists_together_are_bounded() {
    let server = Server::start(|request| {
        let kind = match request.path.as_str() {
            "/api/v1/pods" => "Pod",
            "/api/v1/configmaps" => "ConfigMap",
            _ => return None,
        };
        let items: Vec<_> = (0..100).map(|n| item(&format!("a{n}"), "team-a")).collect();
        ok(list(kind, "9", "", &items))
    })
    .await;
    // An object counts a kilobyte beside its text.
    let limits = Limits { all: 180 << 10, ..Limits::default() };
    let inventory = within(&server, limits, &["Pod", "ConfigMap"]).await;
    let reads = ["Pod", "ConfigMap"].map(|kind| find(&inventory, kind, None));
    let whole = reads.iter().filter(|read| read.status == ReadStatus::Complete).count();
    assert_eq!(whole, 1, "{reads:?}");
    let cut = reads.iter().find(|read| read.status == ReadStatus::Failed).unwrap();
    assert_eq!(message(cut), "more than 184320 bytes in all lists together");
    let whole = within(&server, Limits::default(), &["Pod", "ConfigMap"]).await;
    assert_eq!(whole.objects().filter(|object| object.namespace() == "team-a").count(), 200);
}

#[cfg(unix)]
#[tokio::test]
async fn a_plugin_that_does_not_answer_is_ended_and_named() {
    let server = Server::start(|_| None).await;
    let user = "{exec: {apiVersion: client.authentication.k8s.io/v1, command: sleep, \
                args: [\"60\"], interactiveMode: Never}}";
    let pace = Pace { plugin: Duration::from_millis(300), ..Pace::default() };
    let kubeconfig = Some(server.kubeconfig(user, None));
    let options = ConnectOptions { kubeconfig, pace, ..server.options() };
    let prepared = plimsoll::cluster::prepare(&options).await.unwrap();
    assert_eq!(prepared.plugin(), Some(("sleep", Duration::from_millis(300))));
    let begun = Instant::now();
    let error = prepared.connect().await.err().unwrap();
    assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
    assert_eq!(error.trouble, Trouble::Credentials);
    assert!(error.what.contains("\"sleep\""), "{error}");
    assert!(error.why.contains("no answer within 0.3 s, so it was ended"), "{error}");
    assert!(error.next.contains("Log in with it"), "{error}");
}

#[tokio::test]
async fn whoever_asks_to_be_left_alone_for_years_is_asked_once_more() {
    let server = Server::start(|request| {
        is_list(request).then(|| status(429, "retry-after: 99999999\r\n", "slow").unwrap())
    })
    .await;
    let mut options = server.options();
    options.patience = Patience { asked: Duration::from_millis(400), ..options.patience };
    let connection = connect(&options).await.unwrap();
    let begun = Instant::now();
    let inventory = read(&connection, &request(&["Pod"]), |_| ()).await.unwrap();
    assert!(begun.elapsed() >= Duration::from_millis(400), "{:?}", begun.elapsed());
    let pods = find(&inventory, "Pod", None);
    assert_eq!((pods.status, server.count(is_list)), (ReadStatus::Failed, 2));
    assert!(message(pods).contains("asks not to be asked for 99999999 s"), "{pods:?}");
}

#[tokio::test]
async fn an_answer_that_begins_well_and_then_trickles_is_given_up_at_once() {
    let server = Server::start(|request| {
        is_list(request).then(|| Reply::Fade(format!("{{\"x\":\"{}", "a".repeat(300_000))))
    })
    .await;
    let connection = connect(&server.hasty()).await.unwrap();
    let begun = Instant::now();
    let inventory = read(&connection, &request(&["Pod"]), |_| ()).await.unwrap();
    assert!(begun.elapsed() < Duration::from_secs(8), "{:?}", begun.elapsed());
    let pods = find(&inventory, "Pod", None);
    assert_eq!((pods.status, server.count(is_list)), (ReadStatus::Failed, 1));
    assert!(message(pods).contains("too slowly"), "{pods:?}");
}

/// A server that stands still as long as it is told to: its watches stay open and say nothing, as those of a
/// stopped process do.
async fn that_stands() -> (Server, Arc<AtomicBool>) {
    let still = Arc::new(AtomicBool::new(false));
    let stands = Arc::clone(&still);
    let server = Server::start(move |request| {
        let mute = stands.load(Ordering::SeqCst) && !request.is_watch();
        if mute { Some(Reply::Mute) } else { three_pages(request) }
    })
    .await;
    (server, still)
}

#[tokio::test]
async fn a_server_that_stands_still_makes_everything_stale_until_it_goes_on() {
    let (server, still) = that_stands().await;
    let pulse = Duration::from_millis(100);
    let pace = Pace { unheard: pulse, pulse, beat: Duration::from_millis(500), ..Pace::default() };
    let connection = connect(&ConnectOptions { pace, ..server.options() }).await.unwrap();
    let (_live, mut events) = Live::spawn(connection, request(&["Pod", "ConfigMap"]));
    until(&mut events, loaded).await;
    let before = jiff::Timestamp::now().as_second();
    still.store(true, Ordering::SeqCst);
    let (since, reason) = until(&mut events, |event| match event {
        LiveEvent::Liveness(Liveness::Stale { since, reason, retry_at: Some(_), .. }) => {
            Some((*since, reason.clone()))
        }
        _ => None,
    })
    .await;
    assert!((before - 2..=before + 5).contains(&since), "{since} {before}");
    assert_eq!(reason, "the server is silent: no answer for 0.5 s");
    until(&mut events, |event| match event {
        LiveEvent::Inventory(i) => {
            let old = |kind| {
                let read = find(i, kind, None);
                read.status == ReadStatus::Complete
                    && message(read).starts_with("as of 2")
                    && message(read).contains("not up to date since: the server is silent")
            };
            assert_eq!(names(i, "Pod").len(), 3, "what is known stays");
            (old("Pod") && old("ConfigMap")).then_some(())
        }
        _ => None,
    })
    .await;
    let watches = server.count(Request::is_watch);
    still.store(false, Ordering::SeqCst);
    assert!(fresh(until_recovered(&mut events).await.as_ref()));
    let opened = async {
        while server.count(Request::is_watch) < watches + 2 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(SOON, opened).await.expect("its watches are opened anew");
}

#[tokio::test]
async fn a_quiet_server_is_asked_only_when_somebody_looks() {
    let (server, still) = that_stands().await;
    let pulse = Duration::from_millis(200);
    let pace = Pace { pulse, beat: Duration::from_millis(300), ..Pace::default() };
    let connection = connect(&ConnectOptions { pace, ..server.options() }).await.unwrap();
    let (live, mut events) = Live::spawn(connection, request(&["Pod"]));
    until(&mut events, loaded).await;
    let asked = || server.count(|request| request.path == "/version");
    let before = asked();
    tokio::time::sleep(4 * pulse).await;
    assert_eq!(asked(), before, "nobody looks");
    for _ in 0..50 {
        live.look();
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    assert_eq!(asked(), before + 1, "it answered a moment ago, however often one looks");
    still.store(true, Ordering::SeqCst);
    tokio::time::sleep(4 * pulse).await;
    assert_eq!(asked(), before + 1, "nobody looks again");
    live.look();
    let looked = Instant::now();
    until(&mut events, |event| {
        matches!(event, LiveEvent::Liveness(Liveness::Stale { .. })).then_some(())
    })
    .await;
    assert!(looked.elapsed() < Duration::from_secs(3), "{:?}", looked.elapsed());
    still.store(false, Ordering::SeqCst);
    until(&mut events, |event| {
        matches!(event, LiveEvent::Liveness(Liveness::Live | Liveness::NotWatched(_))).then_some(())
    })
    .await;
}

/// A server whose watch of pods tells of 200 that its list has only if they `are` there.
async fn flood(are: bool) -> (Server, Live, mpsc::Receiver<LiveEvent>) {
    let hold = Hold::default();
    let server = Server::start(move |request| {
        if request.path != "/api/v1/pods" {
            return None;
        }
        let name = |n: u64| pod(&format!("p{n:03}"), &n.to_string(), &(10 + n).to_string());
        if !request.is_watch() {
            let all = are && request.nth > 0;
            let items: Vec<_> = (0..if all { 200 } else { 1 }).map(name).collect();
            return ok(list("Pod", if request.nth > 0 { "300" } else { "10" }, "", &items));
        }
        let (sender, receiver) = mpsc::unbounded_channel();
        hold.lock().unwrap().push(sender);
        let lines = (1..200).map(|n| line("ADDED", &name(n)));
        Some(Reply::Watch(if request.nth == 0 { lines.collect() } else { vec![] }, receiver))
    })
    .await;
    let limits = Limits { brought: 50, ..Limits::default() };
    let connection = connect(&ConnectOptions { limits, ..server.hasty() }).await.unwrap();
    let (live, events) = Live::spawn(connection, request(&["Pod"]));
    (server, live, events)
}

#[tokio::test]
async fn a_watch_that_tells_of_more_than_there_is_is_not_believed() {
    let (_server, _live, mut events) = flood(false).await;
    until(&mut events, loaded).await;
    let why = until(&mut events, |event| match event {
        LiveEvent::Liveness(Liveness::NotWatched(kinds)) => kinds.values().next().cloned(),
        LiveEvent::Inventory(i) => {
            assert!(names(i, "Pod").len() <= 53, "{}", names(i, "Pod").len());
            None
        }
        _ => None,
    })
    .await;
    assert!(
        why.contains("its watch told of more than 51 objects, which the list does not"),
        "{why}"
    );
    until(&mut events, |event| match event {
        LiveEvent::Inventory(i) => {
            let told = message(find(i, "Pod", None)).contains("more than 51 objects");
            (told && names(i, "Pod") == ["Pod/team-a/p000"]).then_some(())
        }
        _ => None,
    })
    .await;
}

#[tokio::test]
async fn a_list_that_really_grew_is_watched_on() {
    let (server, _live, mut events) = flood(true).await;
    until(&mut events, |event| match event {
        LiveEvent::Inventory(i) => (names(i, "Pod").len() == 200 && fresh(i)).then_some(()),
        LiveEvent::Liveness(Liveness::NotWatched(kinds)) => panic!("{kinds:?}"),
        _ => None,
    })
    .await;
    let opened = async {
        while server.count(|r| r.is_watch() && r.query.contains("resourceVersion=300")) == 0 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(SOON, opened).await.expect("the watch goes on from the list");
}

/// After a flood whose list cannot be read either, the next try may be minutes away.
#[tokio::test]
async fn a_wait_after_a_flood_ends_when_every_watch_is_to_be_opened_anew() {
    let hold = Hold::default();
    let server = Server::start(move |request| {
        if request.path != "/api/v1/pods" {
            return None;
        }
        let name = |n: u64| pod(&format!("p{n:03}"), &n.to_string(), &(10 + n).to_string());
        match (request.is_watch(), request.nth) {
            (false, 0) => ok(list("Pod", "10", "", &[name(0)])),
            (false, _) => status(500, "", "boom"),
            (true, nth) => {
                let (sender, receiver) = mpsc::unbounded_channel();
                hold.lock().unwrap().push(sender);
                let lines = (1..200).map(|n| line("ADDED", &name(n)));
                Some(Reply::Watch(if nth == 0 { lines.collect() } else { vec![] }, receiver))
            }
        }
    })
    .await;
    let limits = Limits { brought: 50, ..Limits::default() };
    let (hasty, long) = (server.hasty(), Duration::from_secs(600));
    let pace = Pace { poll: long, nap: long, pulse: long, unheard: long, ..hasty.pace };
    let connection = connect(&ConnectOptions { limits, pace, ..hasty }).await.unwrap();
    let (live, mut events) = Live::spawn(connection, request(&["Pod"]));
    until(&mut events, |event| match event {
        LiveEvent::Liveness(Liveness::Stale { reason, retry_at: Some(at), .. }) => {
            let waits = at.saturating_duration_since(Instant::now()) > SOON;
            (reason.contains("its watch told of more than") && waits).then_some(())
        }
        _ => None,
    })
    .await;
    let watches = |r: &Request| r.is_watch() && r.path == "/api/v1/pods";
    let before = server.count(watches);
    live.wake();
    let opened = async {
        while server.count(watches) == before {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(SOON, opened).await.expect("it waits on");
}

/// Whoever asks for a reading because nothing moves must not be told for a minute that it is under way.
#[tokio::test]
async fn a_reading_to_which_a_silent_server_says_nothing_is_stale_long_before_it_fails() {
    let (server, still) = that_stands().await;
    let (pulse, beat) = (Duration::from_millis(300), Duration::from_millis(300));
    let answer = Duration::from_secs(4);
    let pace = Pace { pulse, beat, answer, ..Pace::default() };
    let connection = connect(&ConnectOptions { pace, ..server.options() }).await.unwrap();
    let (live, mut events) = Live::spawn(connection, request(&["Pod", "ConfigMap"]));
    until(&mut events, loaded).await;
    still.store(true, Ordering::SeqCst);
    tokio::time::sleep(Duration::from_millis(500)).await;
    let asked = Instant::now();
    let before = jiff::Timestamp::now().as_second();
    live.refresh();
    let objects = until(&mut events, |event| match event {
        LiveEvent::Progress(progress) => Some(progress.objects),
        _ => None,
    })
    .await;
    assert_eq!(objects, 0, "nothing came of it yet");
    let (since, reason) = until(&mut events, |event| match event {
        LiveEvent::Liveness(Liveness::Stale { since, reason, retry_at: Some(_), .. }) => {
            Some((*since, reason.clone()))
        }
        _ => None,
    })
    .await;
    assert!(asked.elapsed() < Duration::from_secs(2), "{:?}", asked.elapsed());
    // It may have been heard in the very second in which the reading was asked for.
    assert!(since <= before && since > before - 10, "{since} {before}");
    assert_eq!(reason, "the server is silent: no answer for 0.3 s");
    until(&mut events, |event| match event {
        LiveEvent::Inventory(i) => {
            let old = |kind| message(find(i, kind, None)).contains("the server is silent");
            assert_eq!(names(i, "Pod").len(), 3, "what is known stays");
            (old("Pod") && old("ConfigMap")).then_some(())
        }
        _ => None,
    })
    .await;
    // It answers again, long before its requests are given up: they are tried again, and all is well.
    still.store(false, Ordering::SeqCst);
    let mut live_before = false;
    until(&mut events, |event| {
        live_before |= matches!(event, LiveEvent::Liveness(Liveness::Live));
        loaded(event)
    })
    .await;
    assert!(!live_before, "nothing is called live before all of it was read");
    let recovered =
        |event: &LiveEvent| matches!(event, LiveEvent::Liveness(Liveness::Live)).then_some(());
    until(&mut events, recovered).await;
}
