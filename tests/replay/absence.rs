//! What discovery does not name: absent only if the place where it would be says so.

use super::*;
use server::aggregated;

const THING: &str = "Thing.example.invalid";
const NOTHING: &str = r#"{"kind":"APIGroupDiscoveryList","items":[]}"#;
const GROUP: &str = r#"{"kind":"APIGroup","apiVersion":"v1","name":"example.invalid",
    "versions":[{"groupVersion":"example.invalid/v1","version":"v1"}],
    "preferredVersion":{"groupVersion":"example.invalid/v1","version":"v1"}}"#;
const RESOURCES: &str = r#"{"kind":"APIResourceList","groupVersion":"example.invalid/v1",
    "resources":[{"name":"things","kind":"Thing","namespaced":true,"verbs":["list","watch"]}]}"#;

/// What a server that has just been started answers of a group that its list lacks.
fn things(request: &Request) -> Option<Reply> {
    match request.path.as_str() {
        "/apis/example.invalid" => ok(GROUP),
        "/apis/example.invalid/v1" => ok(RESOURCES),
        path if path.ends_with("/things") && !request.is_watch() => {
            ok(list("Thing", "6", "", &[item("one", "team-a")]))
        }
        _ => None,
    }
}

fn thing() -> Kind {
    Kind::new("example.invalid", "Thing")
}

#[tokio::test]
async fn a_group_that_the_list_of_a_starting_server_lacks_is_found_where_it_is() {
    let server = Server::start(|request| match request.path.as_str() {
        // As it says while not all its paths are installed.
        "/apis/example.invalid" if request.nth == 0 => status(503, "", "please retry"),
        "/apis/example.invalid/v1/things" if request.nth == 0 => status(429, "", "starting"),
        _ => things(request),
    })
    .await;
    let inventory = capture(&server, &request(&["Pod", THING])).await.unwrap();
    let read = find(&inventory, "Thing", None);
    assert_eq!((read.status, read.items), (ReadStatus::Complete, 1), "{read:?}");
    assert_eq!(read.resource, "example.invalid/v1/things");
}

#[tokio::test]
async fn a_version_that_the_list_lacks_is_asked_for_by_itself() {
    let server = Server::start(|request| match request.path.as_str() {
        "/apis" => ok(aggregated(&[("example.invalid", "v2", &[("others", "Other", true)])])),
        _ => things(request),
    })
    .await;
    let words = [THING, "Other.example.invalid", "None.example.invalid"];
    let inventory = capture(&server, &request(&words)).await.unwrap();
    assert_eq!(find(&inventory, "Thing", None).status, ReadStatus::Complete);
    assert_eq!(find(&inventory, "None", None).status, ReadStatus::NotServed);
    let asked = server.count(|request| request.path == "/apis/example.invalid/v2");
    assert_eq!(asked, 0, "that was told");
}

#[tokio::test]
async fn only_a_404_proves_that_a_group_is_not_there() {
    for (code, expected) in [
        (404, ReadStatus::NotServed),
        (403, ReadStatus::Failed),
        (429, ReadStatus::Failed),
        (500, ReadStatus::Failed),
        (503, ReadStatus::Failed),
    ] {
        let server = Server::start(move |request| {
            let group = request.path == "/apis/example.invalid";
            group.then(|| status(code, "", "not now").unwrap())
        })
        .await;
        let mut options = server.options();
        options.patience.asked = Duration::from_millis(200);
        let connection = connect(&options).await.unwrap();
        let inventory = read(&connection, &request(&["Pod", THING]), |_| ()).await.unwrap();
        let read = find(&inventory, "Thing", None);
        assert_eq!(read.status, expected, "{code}: {read:?}");
        let gap = inventory.reads.iter().any(|read| read.resource == "/apis/example.invalid");
        assert_eq!(gap, code != 404, "{code}");
        assert_eq!(inventory.knows(&thing(), None) == Knowledge::Complete, code == 404);
        let told = read.message.as_deref().unwrap_or_default();
        assert!(code == 404 || told.contains("could not be found out: not now"), "{told}");
    }
    // Another document proves nothing either.
    let server = Server::start(|request| {
        (request.path == "/apis/example.invalid").then(|| ok(NOTHING).unwrap())
    })
    .await;
    let inventory = capture(&server, &request(&[THING])).await.unwrap();
    assert_eq!(find(&inventory, "Thing", None).status, ReadStatus::Failed);
}

#[tokio::test]
async fn an_empty_discovery_takes_no_built_in_kind_away() {
    let server = Server::start(|request| match request.path.as_str() {
        "/api" | "/apis" => ok(NOTHING),
        "/api/v1/pods" => ok(list("Pod", "5", "", &[item("a", "team-a")])),
        "/apis/apps/v1/statefulsets" => status(403, "", "forbidden"),
        "/apis/batch/v1/jobs" => status(500, "", "not now"),
        _ => None,
    })
    .await;
    let words =
        ["Pod", "Deployment.apps", "Ingress.networking.k8s.io", "StatefulSet.apps", "Job.batch"];
    let inventory = capture(&server, &request(&words)).await.unwrap();
    let of = |kind: &str| find(&inventory, kind, None).status;
    assert_eq!((of("Pod"), names(&inventory, "Pod").len()), (ReadStatus::Complete, 1));
    assert_eq!(of("Deployment"), ReadStatus::Complete);
    // Its own path says so, as the group does.
    assert_eq!(of("Ingress"), ReadStatus::NotServed);
    // Whoever may not list it is told by the version that it would be in.
    assert_eq!(of("StatefulSet"), ReadStatus::NotServed);
    assert_eq!(of("Job"), ReadStatus::Failed);
    assert!(inventory.reads.iter().any(|read| read.resource == "/api"), "it is a gap");
}

#[tokio::test]
async fn what_may_not_be_listed_and_is_named_by_its_version_is_forbidden_not_absent() {
    const APPS: &str = r#"{"kind":"APIResourceList","groupVersion":"apps/v1","resources":[
        {"name":"statefulsets","kind":"StatefulSet","namespaced":true,"verbs":["list"]}]}"#;
    let server = Server::start(|request| match request.path.as_str() {
        "/apis/apps/v1" => ok(APPS),
        path if path.ends_with("/statefulsets") => status(403, "", "forbidden"),
        _ => None,
    })
    .await;
    let inventory = capture(&server, &request(&["StatefulSet.apps"])).await.unwrap();
    assert_eq!(find(&inventory, "StatefulSet", None).status, ReadStatus::Forbidden);
}

#[tokio::test]
async fn a_group_that_leaves_the_list_while_its_server_restarts_stays_until_it_is_gone() {
    let stage = Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let now = Arc::clone(&stage);
    let server = Server::start(move |request| {
        let stage = now.load(Ordering::SeqCst);
        match request.path.as_str() {
            "/apis" if stage == 0 => {
                ok(aggregated(&[("example.invalid", "v1", &[("things", "Thing", true)])]))
            }
            "/apis" => ok(NOTHING),
            "/apis/example.invalid" if stage == 1 => status(503, "", "please retry"),
            "/apis/example.invalid" => None,
            _ => things(request),
        }
    })
    .await;
    let (_live, mut events) = hurry(&server, &["Pod", THING, "Other.absent.invalid"]).await;
    until(&mut events, loaded).await;
    stage.store(1, Ordering::SeqCst);
    until(&mut events, |event| match event {
        LiveEvent::Inventory(i) => {
            assert_eq!(i.of(&thing()).len(), 1, "nothing proves that they are gone");
            let gap = i.reads.iter().any(|read| read.resource == "/apis/example.invalid");
            gap.then_some(())
        }
        _ => None,
    })
    .await;
    stage.store(2, Ordering::SeqCst);
    until(&mut events, |event| match event {
        LiveEvent::Inventory(i) => {
            let gone = find(i, "Thing", None).status == ReadStatus::NotServed;
            gone.then(|| assert!(i.of(&thing()).is_empty()))
        }
        _ => None,
    })
    .await;
    let looks = server.count(|request| request.path == "/apis");
    let asked = server.count(|request| request.path == "/apis/absent.invalid");
    assert!(looks > 2 && asked == 1, "what stays away is not looked for each time: {asked}");
}
