//! Lists and discovery, whole and broken.

use super::*;

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
    assert!(begun.elapsed() < SOON, "{:?}", begun.elapsed());
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

/// A server with so many namespaces, of which this account may read one.
async fn many(namespaces: usize, readable: &'static str) -> Server {
    Server::start(move |request| match request.path.as_str() {
        "/api/v1/namespaces" => {
            let all: Vec<_> = (0..namespaces).map(|n| item(&format!("n{n:04}"), "")).collect();
            ok(list("Namespace", "5", "", &all))
        }
        path if path.contains(&format!("/namespaces/{readable}/")) => None,
        path if path.contains("/namespaces/") => status(403, "", "forbidden"),
        "/api/v1/pods"
        | "/api/v1/configmaps"
        | "/api/v1/services"
        | "/apis/apps/v1/deployments" => status(403, "", "forbidden"),
        _ => None,
    })
    .await
}

#[tokio::test]
async fn rights_in_one_of_many_namespaces_are_found() {
    let server = many(1_008, "n0500").await;
    let asked = request(&["Pod", "ConfigMap", "Deployment.apps"]);
    let inventory = capture(&server, &asked).await.unwrap();
    for kind in ["Pod", "ConfigMap", "Deployment"] {
        let there = find(&inventory, kind, Some("n0500"));
        assert_eq!(there.status, ReadStatus::Complete, "{there:?}");
    }
    let of = |status| {
        let reads = inventory.reads.iter().filter(|read| read.namespace.is_some());
        reads.filter(|read| read.status == status).count()
    };
    let refused = of(ReadStatus::Forbidden);
    assert!((2_000..2_100).contains(&refused), "{refused}: enough is enough");
    assert_eq!(of(ReadStatus::NotAsked), 3 * 1_007 - refused);
    // What was not asked is called that, and not what the whole cluster is.
    let missing = |kind: &str, namespace| match inventory.knows(&kinds(&[kind])[0], Some(namespace))
    {
        Knowledge::Missing(missing) => missing,
        Knowledge::Complete => panic!("{kind} in {namespace} cannot be known"),
    };
    let last = missing("Deployment.apps", "n1007");
    assert_eq!(last.status, ReadStatus::NotAsked);
    assert_eq!(
        last.reason,
        "deployments in n1007 were not asked for after too many refusals elsewhere; -n NAMESPACE asks"
    );
    assert_eq!(missing("Pod", "n1007").status, ReadStatus::Forbidden);
}

#[tokio::test]
async fn namespaces_that_were_named_are_all_asked() {
    let server = many(60, "n0050").await;
    let named = (0..60).map(|n| format!("n{n:04}")).collect();
    let asked = ReadRequest { namespaces: Some(named), ..request(&["Pod", "ConfigMap"]) };
    let inventory = capture(&server, &asked).await.unwrap();
    let refused = inventory.reads.iter().filter(|read| read.status == ReadStatus::Forbidden);
    assert_eq!(refused.filter(|read| read.namespace.is_some()).count(), 2 * 59);
}

/// Whoever may list nothing in the whole cluster has it read namespace by namespace: a list for each kind in each.
/// How far that is must not be worked out anew for every one of them.
#[tokio::test]
async fn thousands_of_namespaces_are_told_of_now_and_then_and_not_for_every_list() {
    const PLACES: usize = 3_000;
    let server = Server::start(|request| match request.path.as_str() {
        "/api/v1/namespaces" => {
            let items: Vec<_> = (0..PLACES).map(|n| item(&format!("ns-{n}"), "")).collect();
            ok(list("Namespace", "5", "", &items))
        }
        path if path.starts_with("/api/v1/") || path.starts_with("/apis/apps/v1/") => {
            status(403, "", "no")
        }
        _ => None,
    })
    .await;
    let connection = server.connect().await;
    let wanted = request(&["Pod", "ConfigMap", "Deployment.apps"]);
    let (mut told, mut last, begun) = (0_u128, Progress::default(), Instant::now());
    let reading = read(&connection, &wanted, |progress: &Progress| {
        told += 1;
        last = progress.clone();
    });
    tokio::time::timeout(SOON, reading).await.expect("it hangs").unwrap();
    let took = begun.elapsed();
    // The first, the last, and one every 50 ms.
    assert!(told <= took.as_millis() / 50 + 3, "{told} in {took:?}");
    // Three kinds everywhere and in each namespace, and namespaces themselves.
    assert_eq!((last.done, last.planned), (3 * PLACES + 4, 3 * PLACES + 4));
    assert_eq!((last.objects, last.waits), (PLACES, None));
}
