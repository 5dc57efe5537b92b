//! Kinds, rights and namespaces that come and go while a cluster is watched.

use super::*;
use plimsoll::model::kinds::flagz;
use server::aggregated;
use std::sync::atomic::AtomicUsize;

fn status_of(inventory: &Inventory, kind: &str, namespace: Option<&str>) -> Option<ReadStatus> {
    let read = inventory.reads.iter().find(|read| {
        read.kind.as_ref().is_some_and(|k| &*k.kind == kind)
            && read.namespace.as_deref() == namespace
    });
    read.map(|read| read.status)
}

fn inventory<T>(
    mut wanted: impl FnMut(&Inventory) -> Option<T>,
) -> impl FnMut(&LiveEvent) -> Option<T> {
    move |event| match event {
        LiveEvent::Inventory(inventory) => wanted(inventory),
        _ => None,
    }
}

/// A number that tests turn while a server answers.
fn dial() -> (Arc<AtomicUsize>, Arc<AtomicUsize>) {
    let dial = Arc::new(AtomicUsize::new(0));
    (Arc::clone(&dial), dial)
}

#[tokio::test]
async fn a_kind_that_is_installed_appears_is_watched_and_goes_again() {
    let (stage, turn) = dial();
    let (sender, receiver) = mpsc::unbounded_channel();
    let first = Mutex::new(Some(receiver));
    let hold = Hold::default();
    let server = Server::start(move |request| {
        let stage = stage.load(Ordering::SeqCst);
        match request.path.as_str() {
            "/apis" if stage == 1 => {
                let things = [("things", "Thing", true)];
                ok(aggregated(&[("example.invalid", "v1", &things)]))
            }
            path if path.ends_with("/example.invalid/v1/things") && stage == 1 => {
                let mut thing = item("one", "team-a");
                thing["metadata"]["resourceVersion"] = "6".into();
                match (request.is_watch(), request.nth) {
                    (false, _) => ok(list("Thing", "6", "", &[thing])),
                    (true, 0) => Some(Reply::Watch(vec![], first.lock().unwrap().take()?)),
                    (true, _) => quiet(&hold),
                }
            }
            path if path.contains("example.invalid") => status(404, "", "page not found"),
            _ => None,
        }
    })
    .await;
    let thing = Kind::new("example.invalid", "Thing");
    let (_live, mut events) = hurry(&server, &["Pod", "Thing.example.invalid"]).await;
    until(&mut events, loaded).await;
    turn.store(1, Ordering::SeqCst);
    until(
        &mut events,
        inventory(|i| {
            let here = i.of(&thing).len() == 1;
            here.then(|| assert_eq!(status_of(i, "Thing", None), Some(ReadStatus::Complete)))
        }),
    )
    .await;
    // It is watched.
    let mut two = pod("two", "t2", "7");
    two["kind"] = "Thing".into();
    sender.send(line("ADDED", &two)).unwrap();
    until(&mut events, inventory(|i| (i.of(&thing).len() == 2).then_some(()))).await;
    // And taken away: its objects go, and that it is not there is known.
    turn.store(2, Ordering::SeqCst);
    drop(sender);
    until(
        &mut events,
        inventory(|i| {
            let gone = status_of(i, "Thing", None) == Some(ReadStatus::NotServed);
            gone.then(|| {
                assert!(i.of(&thing).is_empty());
                assert_eq!(i.knows(&thing, None), Knowledge::Complete);
            })
        }),
    )
    .await;
}

#[tokio::test]
async fn a_kind_that_is_served_in_another_version_is_shown_as_it_is_in_that() {
    const VERSIONS: [&str; 2] = ["v1beta1", "v1"];
    let (stage, turn) = dial();
    let server = Server::start(move |request| {
        let version = VERSIONS[stage.load(Ordering::SeqCst)];
        let path = format!("/apis/example.invalid/{version}/things");
        match request.path.as_str() {
            "/apis" => {
                let things = [("things", "Thing", true)];
                ok(aggregated(&[("example.invalid", version, &things)]))
            }
            asked if asked == path && request.is_watch() => None,
            asked if asked == path => {
                // It is the same object in the same state.
                let mut thing = item("one", "team-a");
                thing["spec"] = serde_json::json!({"shape": version});
                let api = format!("example.invalid/{version}");
                ok(server::list_of(&api, "Thing", "6", "", &[thing]))
            }
            asked if asked.contains("example.invalid") => status(404, "", "page not found"),
            _ => None,
        }
    })
    .await;
    let thing = Kind::new("example.invalid", "Thing");
    let shown = |i: &Inventory| {
        let [one] = i.of(&thing) else { return None };
        let shape = one.body().str_at(&["spec", "shape"]).unwrap_or_default();
        Some((one.id.api_version.to_string(), shape.to_owned()))
    };
    let is = |version: &str| Some((format!("example.invalid/{version}"), version.to_owned()));
    let (_live, mut events) = hurry(&server, &["Thing.example.invalid"]).await;
    until(&mut events, inventory(|i| (shown(i) == is("v1beta1")).then_some(()))).await;
    turn.store(1, Ordering::SeqCst);
    until(&mut events, inventory(|i| (shown(i) == is("v1")).then_some(()))).await;
}

#[tokio::test]
async fn an_aggregated_server_that_is_down_leaves_its_objects_and_says_so() {
    let (stage, turn) = dial();
    let hold = Hold::default();
    let sender = Arc::new(Mutex::new(None));
    let given = Arc::clone(&sender);
    let server = Server::start(move |request| {
        let down = stage.load(Ordering::SeqCst) == 1;
        let things = [("things", "Thing", true)];
        match request.path.as_str() {
            "/apis" if down => ok(r#"{"kind":"APIGroupDiscoveryList","items":[{"metadata":
                {"name":"example.invalid"},"versions":[{"version":"v1","freshness":"Stale"}]}]}"#),
            "/apis" => ok(aggregated(&[("example.invalid", "v1", &things)])),
            path if path.ends_with("/things") && down => status(503, "", "no endpoints available"),
            path if path.ends_with("/things") && request.is_watch() => {
                let (sender, receiver) = mpsc::unbounded_channel();
                let first = given.lock().unwrap().replace(sender);
                hold.lock().unwrap().extend(first);
                Some(Reply::Watch(vec![], receiver))
            }
            path if path.ends_with("/things") => {
                ok(list("Thing", "6", "", &[item("one", "team-a")]))
            }
            _ => None,
        }
    })
    .await;
    let thing = Kind::new("example.invalid", "Thing");
    let (_live, mut events) = hurry(&server, &["Pod", "Thing.example.invalid"]).await;
    until(&mut events, loaded).await;
    turn.store(1, Ordering::SeqCst);
    sender.lock().unwrap().take();
    until(
        &mut events,
        inventory(|i| {
            assert_eq!(i.of(&thing).len(), 1, "what is known stays");
            let read = find(i, "Thing", None);
            assert_eq!(read.status, ReadStatus::Complete);
            let gap = i.reads.iter().any(|read| read.resource == "/apis/example.invalid");
            let message = read.message.as_deref().unwrap_or_default();
            (message.starts_with("as of ") && message.contains("no endpoints") && gap).then_some(())
        }),
    )
    .await;
    turn.store(0, Ordering::SeqCst);
    until(
        &mut events,
        inventory(|i| {
            let gap = i.reads.iter().any(|read| read.resource == "/apis/example.invalid");
            (find(i, "Thing", None).message.is_none() && !gap).then_some(())
        }),
    )
    .await;
}

#[tokio::test]
async fn what_may_not_be_watched_is_read_again_until_it_may() {
    let (stage, turn) = dial();
    let server = Server::start(move |request| match (request.path.as_str(), request.is_watch()) {
        ("/api/v1/pods", true) if stage.load(Ordering::SeqCst) == 0 => {
            status(403, "", "cannot watch pods")
        }
        ("/api/v1/pods", false) => {
            ok(list("Pod", "5", "", &[item(&format!("p{}", request.nth.min(3)), "team-a")]))
        }
        _ => None,
    })
    .await;
    let (_live, mut events) = hurry(&server, &["Pod"]).await;
    let why = until(&mut events, |event| match event {
        LiveEvent::Liveness(Liveness::NotWatched(kinds)) => {
            assert_eq!(kinds.len(), 1, "{kinds:?}");
            Some(kinds[&Kind::new("", "Pod")].clone())
        }
        _ => None,
    })
    .await;
    assert!(why.contains("cannot watch pods") && why.contains("read every"), "{why}");
    // It follows what happens, and says how old it is.
    until(
        &mut events,
        inventory(|i| {
            (names(i, "Pod") == ["Pod/team-a/p3"]).then(|| {
                let read = find(i, "Pod", None);
                assert_eq!(read.status, ReadStatus::Complete);
                let message = read.message.as_deref().unwrap();
                assert!(message.starts_with("as of 2"), "{message}");
                assert!(message.contains("cannot watch pods"), "{message}");
            })
        }),
    )
    .await;
    turn.store(1, Ordering::SeqCst);
    until(&mut events, live).await;
    until(&mut events, inventory(|i| fresh(i).then_some(()))).await;
}

#[tokio::test]
async fn beyond_the_bound_lists_are_read_again_instead_of_watched() {
    let server = Server::start(|request| {
        let names = format!("c{}", request.nth.min(4));
        match (request.path.as_str(), request.is_watch()) {
            ("/api/v1/configmaps", false) => ok(list("ConfigMap", "5", "", &[item(&names, "a")])),
            _ => None,
        }
    })
    .await;
    let mut options = server.hasty();
    options.pace.watches = 2;
    let connection = connect(&options).await.unwrap();
    let asked = request(&["Pod", "ConfigMap"]);
    let (_live, mut events) = Live::spawn(connection, asked);
    let mut refused = Vec::new();
    until(&mut events, |event| {
        if let LiveEvent::Liveness(Liveness::NotWatched(kinds)) = event {
            assert!(kinds.values().all(|why| why.contains("2 watches are open")), "{kinds:?}");
            refused = kinds.keys().map(|kind| kind.kind.to_string()).collect();
        }
        let LiveEvent::Inventory(i) = event else { return None };
        (names(i, "ConfigMap") == ["ConfigMap/a/c4"]).then_some(())
    })
    .await;
    // Namespaces come first, then kinds as they were asked for.
    assert_eq!(refused, ["ConfigMap"]);
    assert!(server.count(|r| r.is_watch() && r.path == "/api/v1/pods") > 0);
    assert_eq!(server.count(|r| r.is_watch() && r.path == "/api/v1/configmaps"), 0);
}

#[tokio::test]
async fn lists_that_are_read_again_are_not_all_read_at_once() {
    const PLACES: usize = 60;
    let server = Server::start(|request| match request.path.as_str() {
        "/api/v1/namespaces" => {
            let all: Vec<_> = (0..PLACES).map(|n| item(&format!("n{n}"), "")).collect();
            ok(list("Namespace", "5", "", &all))
        }
        "/api/v1/pods" => status(403, "", "pods is forbidden"),
        _ => None,
    })
    .await;
    let mut options = server.hasty();
    options.pace = Pace { watches: 1, poll: Duration::from_secs(8), ..options.pace };
    let connection = connect(&options).await.unwrap();
    let (_live, mut events) = Live::spawn(connection, request(&["Pod"]));
    until(&mut events, loaded).await;
    let lists = || server.count(|r| r.path.ends_with("/pods"));
    let before = lists();
    // A quarter of the time brings about a quarter of them.
    tokio::time::sleep(Duration::from_secs(2)).await;
    let again = lists() - before;
    assert!((1..PLACES * 3 / 4).contains(&again), "{again} of {PLACES}");
}

#[tokio::test]
async fn rights_that_are_taken_away_take_the_objects_with_them() {
    let (stage, turn) = dial();
    let (sender, receiver) = mpsc::unbounded_channel();
    let first = Mutex::new(Some(receiver));
    let server = Server::start(move |request| {
        let taken = stage.load(Ordering::SeqCst) == 1;
        match request.path.as_str() {
            "/api/v1/pods" if taken => status(403, "", "pods is forbidden"),
            "/api/v1/namespaces/kube-system/pods" => status(403, "", "pods is forbidden"),
            "/api/v1/namespaces/team-a/pods" if request.is_watch() => None,
            "/api/v1/namespaces/team-a/pods" => ok(list("Pod", "7", "", &[pod("a", "1", "3")])),
            "/api/v1/pods" if request.is_watch() => {
                Some(Reply::Watch(vec![], first.lock().unwrap().take()?))
            }
            "/api/v1/pods" => {
                let mut other = item("b", "kube-system");
                other["metadata"]["resourceVersion"] = "4".into();
                ok(list("Pod", "5", "", &[pod("a", "1", "3"), other]))
            }
            _ => None,
        }
    })
    .await;
    let (_live, mut events) = hurry(&server, &["Pod"]).await;
    until(&mut events, inventory(|i| (names(i, "Pod").len() == 2).then_some(()))).await;
    turn.store(1, Ordering::SeqCst);
    drop(sender);
    // What was seen by a right that is gone is no longer shown, let alone passed; what may still be
    // read in some namespaces is read there.
    until(
        &mut events,
        inventory(|i| {
            let narrow = status_of(i, "Pod", Some("team-a")) == Some(ReadStatus::Complete)
                && status_of(i, "Pod", Some("kube-system")) == Some(ReadStatus::Forbidden);
            narrow.then(|| {
                assert_eq!(names(i, "Pod"), ["Pod/team-a/a"]);
                assert_eq!(status_of(i, "Pod", None), Some(ReadStatus::Forbidden));
                let pods = Kind::new("", "Pod");
                assert!(matches!(i.knows(&pods, None), Knowledge::Missing(_)));
            })
        }),
    )
    .await;
}

#[tokio::test]
async fn a_namespace_that_appears_is_read_where_everything_is_read_by_namespace() {
    let (stage, turn) = dial();
    let (sender, receiver) = mpsc::unbounded_channel();
    let first = Mutex::new(Some(receiver));
    let server = Server::start(move |request| match request.path.as_str() {
        "/api/v1/pods" => status(403, "", "pods is forbidden"),
        "/api/v1/namespaces" if request.is_watch() => {
            Some(Reply::Watch(vec![], first.lock().unwrap().take()?))
        }
        "/api/v1/namespaces/fresh/pods" if stage.load(Ordering::SeqCst) == 1 => {
            ok(list("Pod", "9", "", &[item("x", "fresh")])).filter(|_| !request.is_watch())
        }
        _ => None,
    })
    .await;
    let (_live, mut events) = hurry(&server, &["Pod"]).await;
    until(&mut events, loaded).await;
    turn.store(1, Ordering::SeqCst);
    let space = serde_json::json!({"kind": "Namespace", "metadata": {"name": "fresh", "uid": "f",
        "resourceVersion": "9"}});
    sender.send(line("ADDED", &space)).unwrap();
    until(&mut events, inventory(|i| (names(i, "Pod") == ["Pod/fresh/x"]).then_some(()))).await;
    let mut gone = space;
    gone["metadata"]["resourceVersion"] = "11".into();
    sender.send(line("DELETED", &gone)).unwrap();
    until(&mut events, inventory(|i| status_of(i, "Pod", Some("fresh")).is_none().then_some(())))
        .await;
    // What was there before is not read again for it.
    tokio::time::sleep(Duration::from_millis(500)).await;
    let asked = |path: &str, watch| server.count(|r| r.path == path && r.is_watch() == watch);
    assert_eq!(asked("/api/v1/pods", false), 1);
    let other = "/api/v1/namespaces/team-a/pods";
    assert_eq!((asked(other, false), asked(other, true)), (1, 1));
}

#[tokio::test]
async fn a_namespace_that_was_not_asked_for_reads_nothing_again() {
    let (sender, receiver) = mpsc::unbounded_channel();
    let first = Mutex::new(Some(receiver));
    let server = Server::start(move |request| match request.path.as_str() {
        "/api/v1/namespaces" if request.is_watch() => {
            Some(Reply::Watch(vec![], first.lock().unwrap().take()?))
        }
        _ => None,
    })
    .await;
    let connection = connect(&server.hasty()).await.unwrap();
    let asked = ReadRequest { namespaces: Some(vec!["team-a".into()]), ..request(&["Pod"]) };
    let (_live, mut events) = Live::spawn(connection, asked);
    until(&mut events, loaded).await;
    let space = serde_json::json!({"kind": "Namespace", "metadata": {"name": "ci", "uid": "c",
        "resourceVersion": "9"}});
    sender.send(line("ADDED", &space)).unwrap();
    until(&mut events, inventory(|i| (names(i, "Namespace").len() == 3).then_some(()))).await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(server.count(|r| r.path.ends_with("/pods") && !r.is_watch()), 1);
}

#[tokio::test]
async fn a_namespace_that_is_read_by_its_name_goes_and_comes_without_a_look_at_what_is_served() {
    let (stage, turn) = dial();
    let server = Server::start(move |request| match request.path.as_str() {
        "/api/v1/namespaces" => status(403, "", "namespaces is forbidden"),
        "/api/v1/namespaces/mine" if stage.load(Ordering::SeqCst) == 1 => {
            let body = r#"{"kind":"Status","code":404,"reason":"NotFound",
                "message":"namespaces \"mine\" not found"}"#;
            Some(server::Reply::Json(404, "", body.to_owned()))
        }
        "/api/v1/namespaces/mine" => ok(item("mine", "").to_string()),
        _ => None,
    })
    .await;
    let hasty = server.hasty();
    let pace = Pace { discovery: Duration::from_secs(60), ..hasty.pace };
    let connection = connect(&ConnectOptions { pace, ..hasty }).await.unwrap();
    let asked = ReadRequest { namespaces: Some(vec!["mine".into()]), ..request(&["Pod"]) };
    let (_live, mut events) = Live::spawn(connection, asked);
    until(&mut events, loaded).await;
    let looks = || server.count(|r| r.path == "/apis");
    let before = looks();
    for (to, there) in [(1, 0), (0, 1), (1, 0)] {
        turn.store(to, Ordering::SeqCst);
        until(&mut events, |event| match event {
            LiveEvent::Inventory(i) => (names(i, "Namespace").len() == there).then(|| {
                assert_eq!(status_of(i, "Namespace", Some("mine")), Some(ReadStatus::Complete));
            }),
            LiveEvent::Liveness(Liveness::Stale { reason, .. }) => {
                panic!("that it is not there is known: {reason}")
            }
            _ => None,
        })
        .await;
    }
    // Whoever looks at once looks some times within seconds.
    let read = server.count(|r| r.path == "/api/v1/namespaces/mine") + 10;
    let reading = async {
        while server.count(|r| r.path == "/api/v1/namespaces/mine") < read {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(SOON, reading).await.expect("it is read again from time to time");
    assert_eq!(looks(), before, "what is served is looked up again");
}

#[tokio::test]
async fn answers_of_end_points_are_asked_for_again_and_say_how_old_they_are() {
    let server = Server::start(|request| {
        let body =
            |value: usize| format!(r#"{{"kind":"Flagz","flags":{{"profiling":"{value}"}}}}"#);
        (request.path == "/flagz").then(|| ok(body(request.nth.min(2))).unwrap())
    })
    .await;
    let connection = connect(&server.hasty()).await.unwrap();
    let asked = ReadRequest { kinds: vec![flagz()], ..ReadRequest::default() };
    let (_live, mut events) = Live::spawn(connection, asked);
    until(
        &mut events,
        inventory(|i| {
            let [flags] = i.of(&flagz()) else { return None };
            (flags.body().str_at(&["flags", "profiling"]) == Some("2")).then(|| {
                let message = find(i, "Flagz", None).message.clone().unwrap_or_default();
                assert!(message.starts_with("as of 2"), "{message}");
            })
        }),
    )
    .await;
}

#[tokio::test]
async fn a_kind_that_is_defined_otherwise_is_shown_as_it_is_handed_out_then() {
    let (stage, turn) = dial();
    let (sender, receiver) = mpsc::unbounded_channel();
    let first = Mutex::new(Some(receiver));
    let definition = |version: &str, default: &str| {
        serde_json::json!({"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
            "metadata": {"name": "things.example.invalid", "uid": "d", "resourceVersion": version},
            "spec": {"group": "example.invalid", "names": {"kind": "Thing"},
                "versions": [{"name": "v1", "schema": {"shape": default}}]}})
    };
    let server = Server::start(move |request| {
        let shape = ["round", "square"][stage.load(Ordering::SeqCst)];
        match (request.path.as_str(), request.is_watch()) {
            ("/apis", _) => ok(aggregated(&[
                ("example.invalid", "v1", &[("things", "Thing", true)]),
                (
                    "apiextensions.k8s.io",
                    "v1",
                    &[("customresourcedefinitions", "CustomResourceDefinition", false)],
                ),
            ])),
            ("/apis/apiextensions.k8s.io/v1/customresourcedefinitions", true) => {
                Some(Reply::Watch(vec![], first.lock().unwrap().take()?))
            }
            ("/apis/apiextensions.k8s.io/v1/customresourcedefinitions", false) => {
                let items = [definition("5", "round")];
                ok(server::list_of(
                    "apiextensions.k8s.io/v1",
                    "CustomResourceDefinition",
                    "5",
                    "",
                    &items,
                ))
            }
            ("/apis/example.invalid/v1/things", false) => {
                // It is the same object in the same state: what it leaves out is filled in.
                let mut thing = item("one", "team-a");
                thing["metadata"]["resourceVersion"] = "6".into();
                thing["spec"] = serde_json::json!({"shape": shape});
                ok(server::list_of("example.invalid/v1", "Thing", "6", "", &[thing]))
            }
            _ => None,
        }
    })
    .await;
    let kinds = ["Thing.example.invalid", "CustomResourceDefinition.apiextensions.k8s.io"];
    let (live, mut events) = hurry(&server, &kinds).await;
    let thing = Kind::new("example.invalid", "Thing");
    let shown = |i: &Inventory, shape: &str| {
        let [one] = i.of(&thing) else { return None };
        (one.body().str_at(&["spec", "shape"]) == Some(shape)).then_some(())
    };
    until(&mut events, inventory(|i| shown(i, "round"))).await;
    until(&mut events, loaded).await;
    turn.store(1, Ordering::SeqCst);
    sender.send(line("MODIFIED", &definition("7", "square"))).unwrap();
    until(&mut events, inventory(|i| shown(i, "square"))).await;
    // Nobody may have told of it: then reading everything again shows it.
    turn.store(0, Ordering::SeqCst);
    live.refresh();
    until(&mut events, inventory(|i| shown(i, "round"))).await;
}

#[tokio::test]
async fn rights_that_come_later_are_found_one_list_at_a_time_and_then_all_of_a_namespace() {
    let (stage, turn) = dial();
    let server = Server::start(move |request| {
        let (stage, path) = (stage.load(Ordering::SeqCst), request.path.as_str());
        let wide = matches!(path, "/api/v1/pods" | "/api/v1/configmaps");
        let narrow = path.contains("/namespaces/team-a/");
        if wide && stage < 2 || path.contains("/namespaces/") && !(narrow && stage == 1) {
            return status(403, "", "forbidden");
        }
        None
    })
    .await;
    let mut options = server.hasty();
    options.pace.denied = Duration::from_millis(200);
    let connection = connect(&options).await.unwrap();
    let (_live, mut events) = Live::spawn(connection, request(&["Pod", "ConfigMap"]));
    until(&mut events, loaded).await;
    let is = |i: &Inventory, place, wanted| {
        ["Pod", "ConfigMap"].iter().all(|kind| status_of(i, kind, place) == wanted)
    };
    let complete = Some(ReadStatus::Complete);
    turn.store(1, Ordering::SeqCst);
    server.log.lock().unwrap().clear();
    until(
        &mut events,
        inventory(|i| {
            assert!(is(i, None, Some(ReadStatus::Forbidden)));
            assert!(is(i, Some("kube-system"), Some(ReadStatus::Forbidden)));
            is(i, Some("team-a"), complete).then_some(())
        }),
    )
    .await;
    // What showed that it may be read is here, and is not read once more with the others.
    tokio::time::sleep(Duration::from_millis(600)).await;
    for list in ["pods", "configmaps"] {
        let path = format!("/api/v1/namespaces/team-a/{list}");
        let read = server.count(|r| r.path == path && r.part("limit") == Some("500"));
        assert!(read <= 1, "{list} was read {read} times");
    }
    turn.store(2, Ordering::SeqCst);
    until(
        &mut events,
        inventory(|i| (is(i, None, complete) && is(i, Some("team-a"), None)).then_some(())),
    )
    .await;
}
