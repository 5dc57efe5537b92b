//! The live source against a server that misbehaves as real ones do, but on demand.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::unnecessary_wraps,
    reason = "helpers of tests may panic, and every answer of the server is an option"
)]

#[path = "replay/server.rs"]
mod server;

use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use plimsoll::cluster::connect::AGENT;
use plimsoll::cluster::{
    ConnectOptions, Live, LiveEvent, Progress, ReadRequest, Trouble, UserError, connect, read,
};
use plimsoll::model::inventory::{Inventory, Knowledge};
use plimsoll::model::kinds::Kind;
use plimsoll::model::read::{Read, ReadStatus};
use server::{Hold, Reply, Request, Server, event, item, list, ok, quiet, status};
use tokio::sync::mpsc;

const SOON: Duration = Duration::from_secs(20);

fn kinds(words: &[&str]) -> Vec<Kind> {
    words
        .iter()
        .map(|word| match word.split_once('.') {
            Some((kind, group)) => Kind::new(group, kind),
            None => Kind::new("", word),
        })
        .collect()
}

fn request(words: &[&str]) -> ReadRequest {
    ReadRequest { kinds: kinds(words), ..ReadRequest::default() }
}

async fn capture(server: &Server, request: &ReadRequest) -> Result<Inventory, UserError> {
    let connection = server.connect().await;
    tokio::time::timeout(SOON, read(&connection, request, |_| ())).await.expect("it hangs")
}

fn find<'a>(inventory: &'a Inventory, kind: &str, namespace: Option<&str>) -> &'a Read {
    let found = inventory.reads.iter().find(|read| {
        read.kind.as_ref().is_some_and(|k| &*k.kind == kind)
            && read.namespace.as_deref() == namespace
    });
    found.unwrap_or_else(|| panic!("no read of {kind} in {namespace:?}: {:#?}", inventory.reads))
}

fn names(inventory: &Inventory, kind: &str) -> Vec<String> {
    inventory.of(&Kind::new("", kind)).iter().map(|o| o.id.to_string()).collect()
}

/// Waits for an event, with everything seen before it in the failure's text.
async fn until<T>(
    events: &mut mpsc::Receiver<LiveEvent>,
    mut wanted: impl FnMut(&LiveEvent) -> Option<T>,
) -> T {
    let mut seen = Vec::new();
    let search = async {
        while let Some(event) = events.recv().await {
            if let Some(found) = wanted(&event) {
                return Some(found);
            }
            seen.push(match event {
                LiveEvent::Inventory(i) => format!("inventory {:?}", names(&i, "Pod")),
                other => format!("{other:?}"),
            });
        }
        None
    };
    match tokio::time::timeout(SOON, search).await {
        Ok(Some(found)) => found,
        Ok(None) => panic!("the events ended; seen: {seen:#?}"),
        Err(late) => panic!("it never came ({late}); seen: {seen:#?}"),
    }
}

fn with_pods(wanted: &'static [&'static str]) -> impl FnMut(&LiveEvent) -> Option<()> {
    move |event| match event {
        LiveEvent::Inventory(inventory) => (names(inventory, "Pod") == wanted).then_some(()),
        _ => None,
    }
}

fn loaded(event: &LiveEvent) -> Option<()> {
    matches!(event, LiveEvent::Loaded).then_some(())
}

fn three_pages(request: &Request) -> Option<Reply> {
    if request.path != "/api/v1/pods" || request.is_watch() {
        return None;
    }
    let next = request.query.split('&').find_map(|pair| pair.strip_prefix("continue="));
    match next {
        None => ok(list("Pod", "9", "p/2", &[item("a", "team-a")])),
        Some("p%2F2") => ok(list("Pod", "9", "p3", &[item("b", "team-a")])),
        Some("p3") => ok(list("Pod", "9", "", &[item("c", "team-b")])),
        Some(_) => status(400, "", "bad continue"),
    }
}

#[tokio::test]
async fn all_pages_are_read_and_only_gets_leave() {
    let server = Server::start(three_pages).await;
    let inventory = capture(&server, &request(&["Pod", "Deployment.apps"])).await.unwrap();
    assert_eq!(names(&inventory, "Pod"), ["Pod/team-a/a", "Pod/team-a/b", "Pod/team-b/c"]);
    let pods = find(&inventory, "Pod", None);
    assert_eq!((pods.resource.as_str(), pods.items), ("v1/pods", 3));
    assert_eq!(pods.status, ReadStatus::Complete);
    assert_eq!(find(&inventory, "Deployment", None).resource, "apps/v1/deployments");
    assert_eq!(inventory.source.kubernetes.as_deref(), Some("v1.36.2"));
    assert_eq!(inventory.source.cluster_uid.as_deref(), Some("uid-kube-system"));
    assert_eq!(inventory.source.context.as_deref(), Some("replay"));
    for request in server.log.lock().unwrap().iter() {
        assert_eq!(request.method, "GET", "{request:?}");
        assert_eq!(request.header("user-agent"), Some(AGENT));
        assert_eq!(request.header("authorization"), Some("Bearer abc"));
    }
}

#[tokio::test]
async fn retry_after_is_honoured_and_reported() {
    let server = Server::start(|request| {
        let busy = request.path == "/api/v1/pods" && request.nth == 0;
        busy.then(|| status(429, "retry-after: 1\r\n", "slow down").unwrap())
    })
    .await;
    let connection = server.connect().await;
    let begun = Instant::now();
    let mut notes = Vec::new();
    let inventory = read(&connection, &request(&["Pod"]), |progress: &Progress| {
        notes.extend(progress.note.clone());
    })
    .await
    .unwrap();
    assert!(begun.elapsed() >= Duration::from_secs(1), "{:?}", begun.elapsed());
    assert_eq!(find(&inventory, "Pod", None).status, ReadStatus::Complete);
    assert!(notes.iter().any(|note| note.contains("pods: slow down")), "{notes:?}");
}

#[tokio::test]
async fn a_stalled_list_fails_by_itself() {
    let server =
        Server::start(|request| (request.path == "/api/v1/pods").then_some(Reply::Stall)).await;
    let limit = Duration::from_millis(300);
    let options = ConnectOptions { request_timeout: Some(limit), ..server.options() };
    let connection = connect(&options).await.unwrap();
    let begun = Instant::now();
    let inventory = read(&connection, &request(&["Pod", "ConfigMap"]), |_| ()).await.unwrap();
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
    let pods = find(&inventory, "Pod", None);
    assert_eq!(pods.status, ReadStatus::Failed);
    assert!(pods.message.as_deref().unwrap().contains("no answer for 0.3 s"), "{pods:?}");
    assert_eq!(find(&inventory, "ConfigMap", None).status, ReadStatus::Complete);
}

#[tokio::test]
async fn a_truncated_answer_is_asked_for_again_and_never_taken_for_whole() {
    let server = Server::start(|request| match (request.path.as_str(), request.nth) {
        ("/api/v1/pods", 0) => {
            Some(Reply::Truncated(list("Pod", "5", "", &[item("half", "team-a")])))
        }
        ("/api/v1/pods", _) => ok(list("Pod", "5", "", &[item("whole", "team-a")])),
        ("/api/v1/configmaps", _) => Some(Reply::Truncated("{\"kind\":\"ConfigMapL".into())),
        _ => None,
    })
    .await;
    let inventory = capture(&server, &request(&["Pod", "ConfigMap"])).await.unwrap();
    assert_eq!(names(&inventory, "Pod"), ["Pod/team-a/whole"]);
    let broken = find(&inventory, "ConfigMap", None);
    assert_eq!(broken.status, ReadStatus::Failed);
    assert!(matches!(inventory.knows(&Kind::new("", "ConfigMap"), None), Knowledge::Missing(_)));
}

#[tokio::test]
async fn an_answer_that_is_no_json_fails_and_is_not_tried_again() {
    let server = Server::start(|request| {
        (request.path == "/api/v1/pods").then(|| ok("<html>sorry</html>").unwrap())
    })
    .await;
    let inventory = capture(&server, &request(&["Pod"])).await.unwrap();
    assert_eq!(find(&inventory, "Pod", None).status, ReadStatus::Failed);
    assert_eq!(server.paths().iter().filter(|path| *path == "/api/v1/pods").count(), 1);
}

#[tokio::test]
async fn an_expired_continue_begins_the_list_anew() {
    let server = Server::start(|request| {
        if request.path == "/api/v1/pods" && request.nth == 1 {
            return status(410, "", "the provided continue parameter is too old");
        }
        three_pages(request)
    })
    .await;
    let inventory = capture(&server, &request(&["Pod"])).await.unwrap();
    assert_eq!(names(&inventory, "Pod").len(), 3);
    assert_eq!(find(&inventory, "Pod", None).items, 3);
    assert_eq!(find(&inventory, "Pod", None).status, ReadStatus::Complete);
}

#[tokio::test]
async fn a_list_that_always_expires_is_asked_for_in_one_piece() {
    let server = Server::start(|request| {
        if request.path != "/api/v1/pods" {
            return None;
        }
        match (request.query.contains("limit="), request.query.contains("continue=")) {
            (true, false) => ok(list("Pod", "9", "next", &[item("a", "team-a")])),
            (true, true) => status(410, "", "expired"),
            _ => ok(list("Pod", "9", "", &[item("a", "team-a"), item("b", "team-a")])),
        }
    })
    .await;
    let inventory = capture(&server, &request(&["Pod"])).await.unwrap();
    assert_eq!(find(&inventory, "Pod", None).status, ReadStatus::Complete);
    assert_eq!(names(&inventory, "Pod"), ["Pod/team-a/a", "Pod/team-a/b"]);
}

#[tokio::test]
async fn errors_in_the_middle_leave_a_partial_list() {
    let server = Server::start(|request| {
        if request.path == "/api/v1/pods" && request.query.contains("continue=p3") {
            return status(500, "", "etcdserver: leader changed");
        }
        three_pages(request)
    })
    .await;
    let inventory = capture(&server, &request(&["Pod"])).await.unwrap();
    let pods = find(&inventory, "Pod", None);
    assert_eq!((pods.status, pods.items), (ReadStatus::Partial, 2));
    assert!(pods.message.as_deref().unwrap().contains("leader changed"), "{pods:?}");
    let tries = server.log.lock().unwrap();
    assert_eq!(tries.iter().filter(|r| r.query.contains("continue=p3")).count(), 3);
}

#[tokio::test]
async fn old_servers_are_discovered_group_by_group_and_a_broken_group_is_a_gap() {
    let server = Server::start(|request| match request.path.as_str() {
        "/api" => ok(r#"{"kind":"APIVersions","versions":["v1"]}"#),
        "/apis" => ok(r#"{"kind":"APIGroupList","groups":[
            {"name":"apps","versions":[{"version":"v1"}],"preferredVersion":{"version":"v1"}},
            {"name":"example.invalid","versions":[{"version":"v1"}]}]}"#),
        "/api/v1" => ok(r#"{"kind":"APIResourceList","resources":[
            {"name":"pods","kind":"Pod","namespaced":true,"verbs":["list","watch"]},
            {"name":"pods/status","kind":"Pod","namespaced":true,"verbs":["get"]}]}"#),
        "/apis/apps/v1" => ok(r#"{"kind":"APIResourceList","resources":[
            {"name":"deployments","kind":"Deployment","namespaced":true,"verbs":["list"]}]}"#),
        "/apis/example.invalid/v1" => status(503, "", "service unavailable"),
        _ => None,
    })
    .await;
    let words = ["Pod", "Deployment.apps", "Thing.example.invalid", "Other.absent.invalid"];
    let inventory = capture(&server, &request(&words)).await.unwrap();
    assert_eq!(find(&inventory, "Pod", None).status, ReadStatus::Complete);
    assert_eq!(find(&inventory, "Deployment", None).status, ReadStatus::Complete);
    let thing = find(&inventory, "Thing", None);
    assert_eq!(thing.status, ReadStatus::Failed);
    assert!(thing.message.as_deref().unwrap().contains("service unavailable"), "{thing:?}");
    assert_eq!(find(&inventory, "Other", None).status, ReadStatus::NotServed);
    let absent = Kind::new("absent.invalid", "Other");
    assert_eq!(inventory.knows(&absent, None), Knowledge::Complete);
    let gap = inventory.reads.iter().find(|read| read.resource == "/apis/example.invalid");
    assert_eq!(gap.unwrap().status, ReadStatus::Failed);
}

#[tokio::test]
async fn without_discovery_built_in_kinds_are_read_all_the_same() {
    let server = Server::start(|request| match request.path.as_str() {
        "/apis" => status(500, "", "no groups today"),
        _ => None,
    })
    .await;
    let words = ["Pod", "Deployment.apps", "Ingress.networking.k8s.io", "Thing.example.invalid"];
    let inventory = capture(&server, &request(&words)).await.unwrap();
    assert_eq!(find(&inventory, "Deployment", None).status, ReadStatus::Complete);
    // The server answers 404 for it, which proves nothing without discovery.
    assert_eq!(find(&inventory, "Ingress", None).status, ReadStatus::Failed);
    assert_eq!(find(&inventory, "Thing", None).status, ReadStatus::Failed);
}

#[tokio::test]
async fn what_is_refused_everywhere_is_read_where_namespaces_are_known() {
    let server = Server::start(|request| match request.path.as_str() {
        "/api/v1/pods" | "/api/v1/namespaces/kube-system/pods" => {
            status(403, "", "pods is forbidden")
        }
        "/api/v1/namespaces/team-a/pods" => ok(list("Pod", "5", "", &[item("a", "team-a")])),
        _ => None,
    })
    .await;
    let inventory = capture(&server, &request(&["Pod"])).await.unwrap();
    assert_eq!(find(&inventory, "Pod", None).status, ReadStatus::Forbidden);
    assert_eq!(find(&inventory, "Pod", Some("team-a")).status, ReadStatus::Complete);
    assert_eq!(find(&inventory, "Pod", Some("kube-system")).status, ReadStatus::Forbidden);
    let pod = Kind::new("", "Pod");
    assert_eq!(inventory.knows(&pod, Some("team-a")), Knowledge::Complete);
    assert!(matches!(inventory.knows(&pod, None), Knowledge::Missing(_)));
    assert!(matches!(inventory.knows(&pod, Some("kube-system")), Knowledge::Missing(_)));
}

#[tokio::test]
async fn a_user_of_one_namespace_gets_what_that_namespace_holds() {
    let server = Server::start(|request| match request.path.as_str() {
        "/api/v1/namespaces/mine/pods" => ok(list("Pod", "5", "", &[item("a", "mine")])),
        "/api/v1/namespaces/mine" => ok(item("mine", "").to_string()),
        path if path.contains("/namespaces/mine/") => None,
        path if path.starts_with("/api/v1/") => status(403, "", "forbidden"),
        _ => None,
    })
    .await;
    let mut options = server.options();
    options.kubeconfig = Some(server.kubeconfig("{token: abc}", Some("mine")));
    let connection = connect(&options).await.unwrap();
    let inventory = read(&connection, &request(&["Pod", "ConfigMap"]), |_| ()).await.unwrap();
    assert_eq!(names(&inventory, "Pod"), ["Pod/mine/a"]);
    assert_eq!(names(&inventory, "Namespace"), ["Namespace/mine"]);
    assert_eq!(find(&inventory, "ConfigMap", Some("mine")).status, ReadStatus::Complete);
    assert_eq!(find(&inventory, "Namespace", None).status, ReadStatus::Forbidden);
    assert_eq!(inventory.source.cluster_uid, None);
}

#[tokio::test]
async fn asked_namespaces_are_the_only_ones_read() {
    let server = Server::start(|_| None).await;
    let asked = ReadRequest { namespaces: Some(vec!["team-a".into()]), ..request(&["Pod"]) };
    let inventory = capture(&server, &asked).await.unwrap();
    assert_eq!(find(&inventory, "Pod", Some("team-a")).status, ReadStatus::Complete);
    let paths = server.paths();
    assert!(paths.contains(&"/api/v1/namespaces/team-a/pods".to_owned()), "{paths:?}");
    assert!(!paths.contains(&"/api/v1/pods".to_owned()), "{paths:?}");
}

#[tokio::test]
async fn after_many_refusals_the_other_namespaces_are_not_asked() {
    let server = Server::start(|request| match request.path.as_str() {
        "/api/v1/namespaces" => {
            let all: Vec<_> = (0..60).map(|n| item(&format!("n{n}"), "")).collect();
            ok(list("Namespace", "5", "", &all))
        }
        path if path.ends_with("/pods") => status(403, "", "forbidden"),
        _ => None,
    })
    .await;
    let inventory = capture(&server, &request(&["Pod"])).await.unwrap();
    let asked = server.paths().iter().filter(|path| path.ends_with("/pods")).count();
    assert!((21..40).contains(&asked), "{asked}");
    assert_eq!(find(&inventory, "Pod", Some("n59")).status, ReadStatus::NotAsked);
}

#[tokio::test]
async fn secrets_are_read_only_when_allowed_and_then_only_as_metadata() {
    let server = Server::start(|request| {
        let opaque = request.query.contains("type%3DOpaque");
        let secret = serde_json::json!({"metadata": {"name": "s", "namespace": "team-a",
            "annotations": {"note": "hunter2"}}, "data": {"p": "aHVudGVyMg=="}});
        (request.path == "/api/v1/secrets" && opaque)
            .then(|| ok(list("PartialObjectMetadata", "5", "", &[secret])).unwrap())
    })
    .await;
    let inventory = capture(&server, &request(&["Secret"])).await.unwrap();
    assert_eq!(find(&inventory, "Secret", None).status, ReadStatus::NotAsked);
    assert!(server.paths().iter().all(|path| !path.contains("secrets")));

    let allowed = ReadRequest { secret_metadata: true, ..request(&["Secret"]) };
    let inventory = capture(&server, &allowed).await.unwrap();
    assert_eq!(find(&inventory, "Secret", None).status, ReadStatus::Complete);
    let secret = inventory.get(&Kind::new("", "Secret"), "team-a", "s").unwrap();
    assert_eq!(secret.body().str_at(&["type"]), Some("Opaque"));
    assert!(!format!("{:?}", secret.body()).contains("hunter2"));
    assert!(secret.body().get("data").is_none());
    for request in server.log.lock().unwrap().iter().filter(|r| r.path.contains("secrets")) {
        let accept = request.header("accept").unwrap();
        assert!(accept.contains("as=PartialObjectMetadataList"), "{accept}");
        assert!(!accept.contains(",application/json"), "{accept}");
    }
}

#[tokio::test]
async fn impersonation_is_sent_with_every_group() {
    let server = Server::start(|_| None).await;
    let options = ConnectOptions {
        impersonate: Some("ann".into()),
        impersonate_groups: vec!["dev".into(), "ops".into()],
        ..server.options()
    };
    let connection = connect(&options).await.unwrap();
    read(&connection, &request(&["Pod"]), |_| ()).await.unwrap();
    for request in server.log.lock().unwrap().iter() {
        assert_eq!(request.header("impersonate-user"), Some("ann"));
        let groups: Vec<&str> = request
            .headers
            .iter()
            .filter(|(key, _)| key == "impersonate-group")
            .map(|(_, value)| value.as_str())
            .collect();
        assert_eq!(groups, ["dev", "ops"]);
    }
    let alone = ConnectOptions { impersonate_groups: vec!["dev".into()], ..server.options() };
    let error = connect(&alone).await.err().unwrap();
    assert!(error.next.contains("--as USER"), "{error}");
}

#[tokio::test]
async fn what_stops_everything_is_one_clear_error() {
    let expired = Server::start(|_| status(401, "", "Unauthorized")).await;
    let error = capture(&expired, &request(&["Pod"])).await.unwrap_err();
    assert_eq!(error.trouble, Trouble::Unauthorized, "{error}");

    let page = Server::start(|_| ok("<html>welcome</html>")).await;
    let error = capture(&page, &request(&["Pod"])).await.unwrap_err();
    assert_eq!(error.trouble, Trouble::Server, "{error}");

    let gone = Server::start(|_| None).await;
    let connection = gone.connect().await;
    gone.stop().await;
    let begun = Instant::now();
    let error = read(&connection, &request(&["Pod"]), |_| ()).await.unwrap_err();
    assert_eq!(error.trouble, Trouble::Unreachable, "{error}");
    assert!(error.what.contains("http://127.0.0.1:"), "{error}");
    assert!(begun.elapsed() < Duration::from_secs(5));
}

#[tokio::test]
async fn plain_http_where_tls_is_expected_says_so() {
    let server = Server::start(|_| None).await;
    let path = server.kubeconfig("{token: abc}", None);
    let text = std::fs::read_to_string(&path).unwrap().replace("http://", "https://");
    std::fs::write(&path, text).unwrap();
    let connection = connect(&ConnectOptions { kubeconfig: Some(path), ..server.options() }).await;
    let connection = connection.unwrap();
    let error = read(&connection, &request(&["Pod"]), |_| ()).await.unwrap_err();
    assert_eq!(error.trouble, Trouble::Tls, "{error}");
}

#[tokio::test]
async fn credentials_that_run_out_midway_are_not_tried_namespace_by_namespace() {
    let server = Server::start(|request| {
        request.path.ends_with("/pods").then(|| status(401, "", "Unauthorized").unwrap())
    })
    .await;
    let inventory = capture(&server, &request(&["Pod"])).await.unwrap();
    assert_eq!(find(&inventory, "Pod", None).status, ReadStatus::Forbidden);
    let paths = server.paths();
    assert_eq!(paths.iter().filter(|path| path.ends_with("/pods")).count(), 1, "{paths:?}");
}

#[cfg(unix)]
#[tokio::test]
async fn a_plugin_runs_once_and_its_token_is_used() {
    let server = Server::start(|_| None).await;
    let log = tempfile::NamedTempFile::new().unwrap();
    let script = format!(
        "echo run >> {}; echo '{{\"status\":{{\"token\":\"from-plugin\",\
         \"expirationTimestamp\":\"2001-01-01T00:00:00Z\"}}}}'",
        log.path().display()
    );
    let script = serde_json::to_string(&script).unwrap();
    let user = format!(
        "{{exec: {{apiVersion: client.authentication.k8s.io/v1, command: sh, \
         args: [\"-c\", {script}], interactiveMode: IfAvailable}}}}"
    );
    let options =
        ConnectOptions { kubeconfig: Some(server.kubeconfig(&user, None)), ..server.options() };
    let connection = connect(&options).await.unwrap();
    read(&connection, &request(&["Pod"]), |_| ()).await.unwrap();
    assert_eq!(std::fs::read_to_string(log.path()).unwrap(), "run\n");
    for request in server.log.lock().unwrap().iter() {
        assert_eq!(request.header("authorization"), Some("Bearer from-plugin"));
    }
}

#[tokio::test]
async fn the_first_page_is_shown_while_the_next_is_still_coming() {
    let server = Server::start(|request| {
        let last = request.path == "/api/v1/pods" && request.query.contains("continue=");
        if last { Some(Reply::Stall) } else { three_pages(request) }
    })
    .await;
    let connection = server.connect().await;
    let (_live, mut events) = Live::spawn(connection, request(&["Pod"]), true);
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
    let (_live, mut events) = Live::spawn(server.connect().await, request(&["Pod"]), true);
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
    let (_live, mut events) = Live::spawn(server.connect().await, request(&["Pod"]), true);
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
    let (live, mut events) = Live::spawn(server.connect().await, request(&["Pod"]), true);
    let refused = until(&mut events, |event| match event {
        LiveEvent::WatchRefused { kind } => Some(kind.clone()),
        _ => None,
    })
    .await;
    assert_eq!(refused, Kind::new("", "Pod"));
    live.refresh();
    until(&mut events, with_pods(&["Pod/team-a/p1"])).await;
}

#[tokio::test]
async fn a_server_that_goes_away_leaves_its_data_and_is_found_again() {
    let server = Server::start(three_pages).await;
    let (live, mut events) = Live::spawn(server.connect().await, request(&["Pod"]), true);
    until(&mut events, loaded).await;
    let port = server.stop().await;
    let retry = until(&mut events, |event| match event {
        LiveEvent::Inventory(i) => {
            assert_eq!(names(i, "Pod").len(), 3, "data must stay");
            None
        }
        LiveEvent::Stale { retry_in, .. } => Some(*retry_in),
        _ => None,
    })
    .await;
    assert!(retry.is_some());
    // A refresh meanwhile fails and still keeps what is known.
    live.refresh();
    until(&mut events, |event| match event {
        LiveEvent::Stale { reason, retry_in: None } => reason.contains("cannot read").then_some(()),
        LiveEvent::Failed(error) => panic!("{error}"),
        _ => None,
    })
    .await;
    let _again = Server::start_on(port, Arc::new(three_pages)).await;
    until(&mut events, |event| matches!(event, LiveEvent::Recovered).then_some(())).await;
}

#[tokio::test]
async fn a_source_that_failed_at_first_can_be_refreshed() {
    let server = Server::start(|request| {
        (request.path == "/version" && request.nth < 3).then(|| status(401, "", "no").unwrap())
    })
    .await;
    let (live, mut events) = Live::spawn(server.connect().await, request(&["Pod"]), true);
    for _ in 0..3 {
        until(&mut events, |event| matches!(event, LiveEvent::Failed(_)).then_some(())).await;
        live.refresh();
    }
    until(&mut events, loaded).await;
}

#[tokio::test]
async fn a_storm_of_changes_becomes_few_inventories() {
    const STORM: usize = 5000;
    let (sender, receiver) = mpsc::unbounded_channel();
    let first = Mutex::new(Some(receiver));
    let server = Server::start(move |request| {
        (request.is_watch() && request.path == "/api/v1/pods")
            .then(|| Reply::Watch(Vec::new(), first.lock().unwrap().take().unwrap()))
    })
    .await;
    let (_live, mut events) = Live::spawn(server.connect().await, request(&["Pod"]), true);
    until(&mut events, loaded).await;
    for n in 0..STORM {
        sender.send(event("MODIFIED", "a", &n.to_string(), &format!("{n}"))).unwrap();
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
    let (live, mut events) = Live::spawn(server.connect().await, words, true);
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
