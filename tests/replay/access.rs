//! Who asks, and what happens when the server does not let them.

use super::*;

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
    assert!(begun.elapsed() < SOON);
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
    // Nobody knows what may be read: nothing was refused for lack of rights.
    assert_eq!(find(&inventory, "Pod", None).status, ReadStatus::Failed);
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
