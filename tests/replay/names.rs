//! The names of a long list, told before its objects are there.

use super::*;
use plimsoll::model::arriving::Arriving;

/// A first page that says how much comes after it.
fn first_page(more: usize) -> String {
    let page = list("Pod", "9", "next", &[item("a", "team-a"), item("web", "team-a")]);
    page.replacen(r#""continue""#, &format!(r#""remainingItemCount":{more},"continue""#), 1)
}

const TABLE: &str = r#"{"kind":"Table","apiVersion":"meta.k8s.io/v1",
    "columnDefinitions":[{"name":"Name"},{"name":"Status"}],
    "rows":[{"cells":["a","Running"]},{"cells":["web","Running"]},{"cells":["z","Pending"]}]}"#;
const OTHER: &str = r#"{"kind":"Table","apiVersion":"meta.k8s.io/v1",
    "columnDefinitions":[{"name":"Name"},{"name":"Status"}],
    "rows":[{"cells":["web","Running"]}]}"#;

fn wants_table(request: &Request) -> bool {
    request.header("accept").is_some_and(|accept| accept.contains("as=Table"))
}

fn pods(request: &Request) -> bool {
    request.path == "/api/v1/pods" && !request.is_watch()
}

/// The table of one namespace, where the pods of the cluster are listed.
fn table_in(request: &Request) -> Option<&str> {
    let place = request.path.strip_prefix("/api/v1/namespaces/")?.strip_suffix("/pods")?;
    wants_table(request).then_some(place)
}

/// The first inventory with both pods of the first page and names besides.
async fn told_of(events: &mut mpsc::Receiver<LiveEvent>) -> Arc<Inventory> {
    until(events, |event| match event {
        LiveEvent::Inventory(i) if !i.arriving.is_empty() && names(i, "Pod").len() == 2 => {
            Some(Arc::clone(i))
        }
        _ => None,
    })
    .await
}

#[tokio::test]
async fn names_of_a_long_list_are_there_before_its_pages_and_count_for_nothing() {
    let server = Server::start(|request| match pods(request) {
        true if request.query.contains("continue=") => Some(Reply::Stall),
        true => ok(first_page(100_000)),
        false => match table_in(request)? {
            "team-a" => ok(TABLE),
            _ => ok(OTHER),
        },
    })
    .await;
    let (_live, mut events) = Live::spawn(server.connect().await, request(&["Pod"]));
    let kind = Kind::new("", "Pod");
    let seen = told_of(&mut events).await;
    let told = |a: &Arc<Arriving>| format!("{:?} {} {}", a.namespace, a.name, a.state);
    let coming: Vec<_> = seen.arriving[&kind].iter().map(told).collect();
    let wanted = [r#"Some("team-a") z Pending"#, r#"Some("kube-system") web Running"#];
    assert_eq!(coming, wanted, "the others are there already");
    let pods = find(&seen, "Pod", None);
    assert_eq!((pods.status, pods.items), (ReadStatus::Partial, 2));
    assert_eq!(pods.message.as_deref(), Some("still loading, 2 of 4"));
    assert!(seen.get(&kind, "team-a", "z").is_none() && seen.objects().all(|o| &*o.id.name != "z"));
}

#[tokio::test]
async fn nothing_is_missed_where_a_server_makes_no_tables() {
    for refused in [
        status(406, "", "only JSON"),
        status(415, "", "what?"),
        status(500, "", "broken"),
        ok(list("Pod", "9", "", &[item("b", "team-b")])),
        ok("<html>"),
        Some(Reply::Truncated(TABLE.to_owned())),
        Some(Reply::Stall),
    ] {
        let refused = Mutex::new(refused);
        let server = Server::start(move |request| match pods(request) {
            true if request.query.contains("continue=") => {
                ok(list("Pod", "9", "", &[item("b", "team-b")]))
            }
            true => ok(first_page(100_000)),
            false => table_in(request).and_then(|_| refused.lock().unwrap().take()),
        })
        .await;
        let (_live, mut events) = Live::spawn(server.connect().await, request(&["Pod"]));
        let mut last = None;
        until(&mut events, |event| {
            if let LiveEvent::Inventory(inventory) = event {
                last = Some(Arc::clone(inventory));
            }
            loaded(event)
        })
        .await;
        let last = last.unwrap();
        assert_eq!(names(&last, "Pod"), ["Pod/team-a/a", "Pod/team-a/web", "Pod/team-b/b"]);
        assert!(last.arriving.is_empty());
        assert_eq!(find(&last, "Pod", None).status, ReadStatus::Complete);
        let asked = server.log.lock().unwrap().iter().filter(|r| wants_table(r)).count();
        assert_eq!(asked, 1);
    }
}

#[tokio::test]
async fn tables_are_asked_for_long_lists_only_and_never_where_nobody_looks() {
    for (more, watched) in [(400, true), (100_000, false)] {
        let server = Server::start(move |request| match pods(request) {
            true if request.query.contains("continue=") => {
                ok(list("Pod", "9", "", &[item("b", "team-b")]))
            }
            true => ok(first_page(more)),
            false => None,
        })
        .await;
        if watched {
            let (_live, mut events) = Live::spawn(server.connect().await, request(&["Pod"]));
            until(&mut events, loaded).await;
        } else {
            capture(&server, &request(&["Pod"])).await.unwrap();
        }
        assert!(!server.log.lock().unwrap().iter().any(wants_table));
    }
}

#[tokio::test]
async fn of_very_many_namespaces_one_table_tells_names_alone() {
    let server = Server::start(|request| match (request.path.as_str(), pods(request)) {
        ("/api/v1/namespaces", _) => {
            let all: Vec<_> = (0..200).map(|at| item(&format!("ns-{at}"), "")).collect();
            ok(list("Namespace", "5", "", &all))
        }
        (_, true) if wants_table(request) => ok(TABLE),
        (_, true) if request.query.contains("continue=") => Some(Reply::Stall),
        (_, true) => ok(first_page(100_000)),
        _ => None,
    })
    .await;
    let (_live, mut events) = Live::spawn(server.connect().await, request(&["Pod"]));
    let kind = Kind::new("", "Pod");
    let seen = told_of(&mut events).await;
    let coming: Vec<_> = seen.arriving[&kind].iter().map(|a| (&a.namespace, &*a.name)).collect();
    assert_eq!(coming, [(&None, "z")]);
    assert_eq!(server.log.lock().unwrap().iter().filter(|r| wants_table(r)).count(), 1);
}
