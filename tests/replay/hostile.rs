//! A server, or whoever may write objects, that means harm.

use super::*;
use plimsoll::model::object::ObjectRef;
use server::aggregated;

/// Serves this as the list of pods.
async fn pods(items: &str) -> (Inventory, Duration) {
    let body = format!(
        r#"{{"kind":"PodList","apiVersion":"v1","metadata":{{"resourceVersion":"7"}},"items":[{items}]}}"#
    );
    let server = Server::start(move |request| {
        (request.path == "/api/v1/pods" && !request.is_watch())
            .then(|| Reply::Json(200, "", body.clone()))
    })
    .await;
    let begun = Instant::now();
    let inventory = capture(&server, &request(&["Pod"])).await.unwrap();
    (inventory, begun.elapsed())
}

#[tokio::test]
async fn a_page_that_nests_without_end_is_no_answer_and_says_so() {
    let deep = format!(
        r#"{{"metadata":{{"name":"a"}},"x":{}{}}}"#,
        "[".repeat(100_000),
        "]".repeat(100_000)
    );
    let (inventory, took) = pods(&deep).await;
    let read = find(&inventory, "Pod", None);
    assert_eq!(read.status, ReadStatus::Failed, "{read:?}");
    let message = read.message.clone().unwrap();
    assert!(message.contains("recursion limit") && message.contains("column"), "{message}");
    assert!(took < SOON, "{took:?}");
}

#[tokio::test]
async fn twice_named_keys_absurd_numbers_and_giant_texts_are_one_object_each() {
    let giant = "x".repeat(10 << 20);
    let items = [
        r#"{"metadata":{"name":"a","namespace":"n","namespace":"m"},"spec":{"hostNetwork":false,"hostNetwork":true}}"#,
        r#"{"metadata":{"name":"b"},"spec":{"n":[-0,1e308,18446744073709551616,1180591620717411303424,0.1e-400]}}"#,
        &format!(r#"{{"metadata":{{"name":"c","annotations":{{"x":"{giant}"}}}}}}"#),
        "{\"metadata\":{\"name\":\"d\\u001b[31m\\u202e\",\"ownerReferences\":[{\"kind\":\"Pod\",\"name\":\"d\\u001b[31m\\u202e\",\"controller\":true}]}}",
        r#"{"metadata":{"name":"../../x","namespace":"-rf"}}"#,
        r#"{"metadata":{"name":7}}"#,
        r#"{"metadata":"x"}"#,
        "[]",
    ]
    .join(",");
    let (inventory, took) = pods(&items).await;
    assert!(took < Duration::from_secs(20), "{took:?}");
    assert_eq!(names(&inventory, "Pod").len(), 5, "what has no name is no object");
    let a = inventory.objects().find(|o| &*o.id.name == "a").unwrap();
    assert_eq!(a.namespace(), "m", "the last of two keys holds, as in the server");
    for object in inventory.of(&Kind::new("", "Pod")) {
        let shown = plimsoll::text::clean(&object.id.to_string()).into_owned();
        assert!(shown.chars().all(plimsoll::text::is_safe), "{shown}");
    }
}

#[tokio::test]
async fn a_number_that_no_float_holds_fails_the_list_with_its_place() {
    let (inventory, _) = pods(r#"{"metadata":{"name":"a"},"spec":{"n":1e400}}"#).await;
    let read = find(&inventory, "Pod", None);
    assert_eq!(read.status, ReadStatus::Failed, "{read:?}");
    assert!(read.message.as_deref().unwrap().contains("number out of range"), "{read:?}");
}

/// Texts that would lead a request elsewhere, or nowhere, as the name of a namespace.
const NO_NAMESPACES: [&str; 9] = [
    "pay/secrets",
    "pay/secrets/dbs",
    "../x",
    "..",
    "a b",
    "A_b",
    "%2F",
    "pay%2Fsecrets",
    "pay?x=",
];

/// A server on which nothing may be listed in the whole cluster, as for whoever has rights in some namespaces.
async fn narrow(also: impl Fn(&Request) -> Option<Reply> + Send + Sync + 'static) -> Server {
    Server::start(move |request| {
        let wide = ["/api/v1/namespaces", "/api/v1/pods", "/api/v1/configmaps"];
        also(request).or_else(|| {
            wide.contains(&request.path.as_str()).then(|| status(403, "", "no").unwrap())
        })
    })
    .await
}

/// Every path that was asked for is one of names, and what is in Secrets was never asked for.
#[track_caller]
fn leads_nowhere_else(server: &Server) {
    let log = server.log.lock().unwrap();
    assert!(!log.is_empty());
    for request in log.iter() {
        let path = &request.path;
        assert!(!path.contains(['%', ' ', '_']) && !path.contains(".."), "{path}");
        let secrets = path.contains("secrets") || path.contains("/watch");
        let metadata = request.header("accept").unwrap().contains("PartialObjectMetadataList");
        assert!(!secrets || metadata, "{request:?}");
    }
}

#[tokio::test]
async fn a_namespace_that_cannot_be_one_is_never_asked_for_whoever_names_it() {
    // As an argument that came past the command line.
    let server = narrow(|_| None).await;
    let asked = NO_NAMESPACES.into_iter().map(str::to_owned).chain([String::new(), "a".repeat(64)]);
    let namespaces = Some(asked.chain(["team-a".to_owned()]).collect::<Vec<_>>());
    let wanted = ReadRequest { namespaces, secret_metadata: true, ..request(&["Pod", "Secret"]) };
    let inventory = capture(&server, &wanted).await.unwrap();
    leads_nowhere_else(&server);
    for place in NO_NAMESPACES {
        for kind in ["Pod", "Namespace", "Secret"] {
            let read = find(&inventory, kind, Some(place));
            assert_eq!(read.status, ReadStatus::Failed, "{read:?}");
            let message = read.message.as_deref().unwrap();
            assert!(message.contains("cannot be the name of a namespace"), "{message}");
        }
        assert!(inventory.knows(&Kind::new("", "Pod"), Some(place)) != Knowledge::Complete);
    }
    assert_eq!(find(&inventory, "Pod", Some("team-a")).status, ReadStatus::Complete);
    assert!(server.paths().contains(&"/api/v1/namespaces/team-a/pods".to_owned()));

    // The same when it is kept up to date, and read again.
    let server = narrow(|_| None).await;
    let connection = connect(&server.hasty()).await.unwrap();
    let (live, mut events) = Live::spawn(connection, wanted);
    until(&mut events, loaded).await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    live.refresh();
    until(&mut events, loaded).await;
    leads_nowhere_else(&server);
}

#[tokio::test]
async fn a_namespace_of_the_context_that_cannot_be_one_is_told_before_anything_is_asked() {
    let server = narrow(|_| None).await;
    for place in NO_NAMESPACES {
        let kubeconfig = server.kubeconfig("{token: abc}", Some(&format!("{place:?}")));
        let file = kubeconfig.display().to_string();
        let options = ConnectOptions { kubeconfig: Some(kubeconfig), ..server.options() };
        let error = connect(&options).await.err().unwrap();
        assert_eq!(error.trouble, Trouble::Kubeconfig);
        assert_eq!(
            error.what,
            format!("namespace of the context \"replay\" in {file} cannot be used")
        );
        assert!(error.why.starts_with(&format!("`{place}` cannot be the name of")), "{error}");
        assert!(error.next.contains("kubectl get namespaces"), "{error}");
    }
    assert_eq!(server.paths(), [""; 0]);
}

#[tokio::test]
async fn names_that_the_server_gives_lead_nowhere_else() {
    let server = Server::start(|request| match request.path.as_str() {
        // Namespaces that are none, and one that is.
        "/api/v1/namespaces" if !request.is_watch() => {
            let items = NO_NAMESPACES.into_iter().chain(["team-a"]);
            let items =
                items.map(|name| serde_json::json!({"metadata": {"name": name, "uid": name}}));
            ok(list("Namespace", "5", "", &items.collect::<Vec<_>>()))
        }
        // A node that is a way to elsewhere.
        "/api/v1/nodes" if !request.is_watch() => {
            let items = ["../namespaces/pay/secrets/dbs?x=", "..", "a/b", "node-a"]
                .map(|name| serde_json::json!({"metadata": {"name": name, "uid": name}}));
            ok(list("Node", "5", "", &items))
        }
        "/api/v1/pods" | "/api/v1/secrets" => status(403, "", "no"),
        _ => None,
    })
    .await;
    let mut wanted =
        ReadRequest { configz: true, secret_metadata: true, ..request(&["Pod", "Node", "Secret"]) };
    wanted.kinds.push(plimsoll::model::kinds::kubelet_configuration());
    let inventory = capture(&server, &wanted).await.unwrap();
    leads_nowhere_else(&server);
    assert_eq!(find(&inventory, "Pod", Some("team-a")).status, ReadStatus::Complete);
    assert_eq!(find(&inventory, "Pod", Some("pay/secrets")).status, ReadStatus::Failed);
    let paths = server.paths();
    assert!(paths.contains(&"/api/v1/nodes/node-a/proxy/configz".to_owned()), "{paths:?}");
    assert_eq!(paths.iter().filter(|path| path.ends_with("/configz")).count(), 1, "{paths:?}");
}

#[tokio::test]
async fn a_kind_that_is_called_otherwise_does_not_bring_secrets() {
    let server = Server::start(|request| {
        let served: &[(&str, &str, bool)] =
            &[("pods", "Pod", true), ("secrets", "Recipe", true), ("watch", "Clock", true)];
        (request.path == "/api").then(|| ok(aggregated(&[("", "v1", served)])).unwrap())
    })
    .await;
    let wanted = ReadRequest { all_kinds: true, ..request(&["Pod"]) };
    let inventory = capture(&server, &wanted).await.unwrap();
    leads_nowhere_else(&server);
    for kind in ["Recipe", "Clock"] {
        let read = find(&inventory, kind, None);
        assert_eq!(read.status, ReadStatus::Failed, "{read:?}");
        assert!(read.message.as_deref().unwrap().contains("not asked for: "), "{read:?}");
    }
}

#[tokio::test]
async fn an_object_of_a_file_that_is_looked_up_leads_nowhere_else() {
    let server = Server::start(|_| None).await;
    let connection = server.connect().await;
    let id = |kind: &str, namespace: Option<&str>, name: &str| ObjectRef {
        api_version: if kind == "ClusterRole" { "rbac.authorization.k8s.io/v1" } else { "v1" }
            .into(),
        kind: kind.into(),
        namespace: namespace.map(Into::into),
        name: name.into(),
    };
    for id in [
        id("Pod", Some("pay/secrets/dbs?"), "web"),
        id("Pod", Some("pay"), "../secrets/dbs"),
        id("Namespace", None, "pay/secrets"),
        id("ClusterRole", None, ".."),
        id("ClusterRole", None, "%2e%2e"),
        ObjectRef { api_version: "v1/../../x".into(), ..id("Pod", Some("pay"), "web") },
        ObjectRef { api_version: "/../../api/v1/secrets?".into(), ..id("Pod", None, "web") },
    ] {
        assert!(plimsoll::cluster::managed(&connection, &id).await.is_err(), "{id}");
    }
    assert_eq!(server.paths(), [""; 0]);
    let fine = id("ClusterRole", None, "system:node");
    assert!(plimsoll::cluster::managed(&connection, &fine).await.is_err(), "it is not there");
    let path = "/apis/rbac.authorization.k8s.io/v1/clusterroles/system%3Anode";
    assert_eq!(server.paths(), [path]);
}
