//! What no list of a built-in kind brings: /flagz, configz, Secrets, custom kinds.

use super::*;
use plimsoll::model::captured::Captured;
use plimsoll::model::kinds::{flagz, kubelet_configuration};
use plimsoll::model::object::Object;
use server::aggregated;

const BETA: &str = "application/json;v=v1beta1;g=config.k8s.io;as=Flagz";
const ALPHA: &str = "application/json;v=v1alpha1;g=config.k8s.io;as=Flagz";

fn asking(kinds: &[Kind]) -> ReadRequest {
    ReadRequest { kinds: kinds.to_vec(), ..ReadRequest::default() }
}

fn only<'a>(inventory: &'a Inventory, kind: &Kind) -> &'a Object {
    let [object] = inventory.of(kind) else { panic!("{:?}", inventory.of(kind)) };
    object
}

/// A server that answers /flagz with `body` where it is asked in one of these forms, else with 406.
async fn flags(forms: &'static [&'static str], body: &'static str) -> (Server, Inventory) {
    let server = Server::start(move |request| {
        let form = request.header("accept").unwrap_or_default();
        match request.path.as_str() {
            "/flagz" if forms.contains(&form) => ok(body),
            "/flagz" => status(406, "", "only one of these forms"),
            _ => None,
        }
    })
    .await;
    let inventory = capture(&server, &asking(&[flagz()])).await.unwrap();
    (server, inventory)
}

fn forms_asked(server: &Server) -> Vec<String> {
    let log = server.log.lock().unwrap();
    let asked = log.iter().filter(|request| request.path == "/flagz");
    asked.map(|request| request.header("accept").unwrap().to_owned()).collect()
}

#[tokio::test]
async fn flagz_is_an_object_with_its_flags_and_lists_as_on_a_command_line() {
    const BODY: &str = r#"{"kind":"Flagz","apiVersion":"config.k8s.io/v1beta1",
        "metadata":{"name":"kube-apiserver"},"flags":{"anonymous-auth":"true",
        "authorization-mode":"[Node,RBAC]","audit-policy-file":"","token-auth-file":"CLASSIFIED"}}"#;
    let (server, inventory) = flags(&[BETA], BODY).await;
    let read = find(&inventory, "Flagz", None);
    assert_eq!((read.resource.as_str(), read.items), ("/flagz", 1));
    assert_eq!((read.status, &read.message), (ReadStatus::Complete, &None));
    assert!(read.millis.is_some());
    assert_eq!(
        only(&inventory, &flagz()).body().to_json(),
        serde_json::json!({"apiVersion": "config.k8s.io/v1beta1", "kind": "Flagz",
            "metadata": {"name": "kube-apiserver"}, "flags": {"anonymous-auth": "true",
            "audit-policy-file": "", "authorization-mode": "Node,RBAC",
            "token-auth-file": "CLASSIFIED"}})
    );
    assert_eq!(inventory.knows(&flagz(), None), Knowledge::Complete);
    assert_eq!(forms_asked(&server), [BETA]);
}

#[tokio::test]
async fn older_forms_of_flagz_are_asked_for_where_the_newer_are_not_acceptable() {
    const TEXT: &str = "\nkube-apiserver flags\nWarning: not machine parseable.\n\n\
                        authorization-mode=[Node,RBAC]\nprofiling=false\n";
    const BODY: &str = r#"{"kind":"Flagz","flags":{"profiling":"false"}}"#;
    let (server, inventory) = flags(&[ALPHA], BODY).await;
    assert_eq!(only(&inventory, &flagz()).body().str_at(&["flags", "profiling"]), Some("false"));
    assert_eq!(forms_asked(&server), [BETA, ALPHA]);

    let (server, inventory) = flags(&["text/plain"], TEXT).await;
    let object = only(&inventory, &flagz());
    assert_eq!(&*object.id.api_version, "config.k8s.io/v1beta1");
    assert_eq!(object.body().str_at(&["flags", "authorization-mode"]), Some("Node,RBAC"));
    assert_eq!(object.body().str_at(&["flags", "profiling"]), Some("false"));
    assert_eq!(forms_asked(&server), [BETA, ALPHA, "text/plain"]);

    let (_, inventory) = flags(&[], "").await;
    assert_eq!(find(&inventory, "Flagz", None).status, ReadStatus::Failed);
}

#[tokio::test]
async fn a_flagz_that_is_not_there_is_not_served_and_a_refused_one_is_unknown() {
    for (code, expected) in [
        (404, ReadStatus::NotServed),
        (403, ReadStatus::Forbidden),
        (401, ReadStatus::Failed),
        (500, ReadStatus::Failed),
    ] {
        let server = Server::start(move |request| match request.path.as_str() {
            "/flagz" => status(code, "", "no flags for you"),
            _ => None,
        })
        .await;
        let inventory = capture(&server, &asking(&[flagz()])).await.unwrap();
        let read = find(&inventory, "Flagz", None);
        assert_eq!(read.status, expected, "{code}: {read:?}");
        let message = read.message.as_deref().unwrap();
        assert!(message.contains("no flags for you"), "{message}");
        assert!(inventory.of(&flagz()).is_empty());
        match inventory.knows(&flagz(), None) {
            Knowledge::Complete => assert_eq!(code, 404),
            Knowledge::Missing(missing) => {
                assert_eq!(missing.read, "/flagz");
                assert!(missing.reason.contains("no flags for you"), "{missing:?}");
            }
        }
        // The first form was refused: the others would be too.
        assert!(forms_asked(&server).iter().all(|form| form == BETA));
    }
}

#[tokio::test]
async fn a_flagz_that_says_something_else_or_nothing_fails() {
    for body in ["<html>sorry</html>", r#"{"kind":"Status"}"#, r#"{"kind":"Flagz"}"#] {
        let (_, inventory) = flags(&[BETA, ALPHA, "text/plain"], body).await;
        assert_eq!(find(&inventory, "Flagz", None).status, ReadStatus::Failed, "{body}");
    }
    let (_, inventory) = flags(&["text/plain"], "<html>sorry</html>").await;
    assert_eq!(find(&inventory, "Flagz", None).status, ReadStatus::Failed);

    let server = Server::start(|request| (request.path == "/flagz").then_some(Reply::Stall)).await;
    let limit = Duration::from_millis(300);
    let options = ConnectOptions { request_timeout: Some(limit), ..server.options() };
    let connection = connect(&options).await.unwrap();
    let mut asked = asking(&[flagz()]);
    asked.kinds.extend(kinds(&["Pod"]));
    let inventory = read(&connection, &asked, |_| ()).await.unwrap();
    assert_eq!(find(&inventory, "Flagz", None).status, ReadStatus::Failed);
    assert_eq!(find(&inventory, "Pod", None).status, ReadStatus::Complete);
}

#[tokio::test]
async fn flagz_is_asked_for_only_where_it_is_wanted() {
    let server = Server::start(|_| None).await;
    capture(&server, &request(&["Pod"])).await.unwrap();
    assert!(!server.paths().contains(&"/flagz".to_owned()));
}

/// A cluster of these nodes; `answer` says what configz of each gives.
async fn nodes(
    names: &'static [&'static str],
    answer: impl Fn(&str) -> Option<Reply> + Send + Sync + 'static,
) -> Server {
    Server::start(move |request| {
        let node = request.path.strip_prefix("/api/v1/nodes/");
        if let Some(node) = node.and_then(|rest| rest.strip_suffix("/proxy/configz")) {
            return answer(node);
        }
        match request.path.as_str() {
            "/api" => ok(aggregated(&[("", "v1", &[("nodes", "Node", false)])])),
            "/api/v1/nodes" if !request.is_watch() => {
                let items: Vec<_> = names.iter().map(|name| item(name, "")).collect();
                ok(list("Node", "5", "", &items))
            }
            _ => None,
        }
    })
    .await
}

fn config(port: u32) -> Option<Reply> {
    let config = serde_json::json!({"kubeletconfig": {"readOnlyPort": port,
        "authentication": {"anonymous": {"enabled": false}}}});
    ok(config.to_string())
}

async fn configz(server: &Server) -> (Inventory, Read) {
    let request = ReadRequest { configz: true, ..asking(&[kubelet_configuration()]) };
    let inventory = capture(server, &request).await.unwrap();
    let read = find(&inventory, "KubeletConfiguration", None).clone();
    assert_eq!(read.resource, "nodes/proxy/configz");
    (inventory, read)
}

fn proxied(server: &Server) -> usize {
    server.paths().iter().filter(|path| path.contains("/proxy")).count()
}

#[tokio::test]
async fn kubelets_are_asked_only_when_allowed() {
    let server = nodes(&["a"], |_| config(0)).await;
    let asked = asking(&[Kind::new("", "Node"), kubelet_configuration()]);
    let inventory = capture(&server, &asked).await.unwrap();
    let read = find(&inventory, "KubeletConfiguration", None);
    assert_eq!(
        (read.status, read.resource.as_str()),
        (ReadStatus::NotAsked, "nodes/proxy/configz")
    );
    let why = read.message.as_deref().unwrap();
    assert!(why.contains("--allow configz") && why.contains("run commands"), "{why}");
    assert_eq!(read.millis, None);
    assert_eq!(proxied(&server), 0);
    assert!(matches!(inventory.knows(&kubelet_configuration(), None), Knowledge::Missing(_)));

    // Allowed, but no check wants it.
    let request = ReadRequest { configz: true, ..asking(&[Kind::new("", "Node")]) };
    capture(&server, &request).await.unwrap();
    assert_eq!(proxied(&server), 0);
}

#[tokio::test]
async fn every_node_is_asked_for_its_configuration() {
    let server = nodes(&["b", "a", "c"], |node| config(if node == "a" { 10255 } else { 0 })).await;
    let (inventory, read) = configz(&server).await;
    assert_eq!((read.status, read.items, &read.message), (ReadStatus::Complete, 3, &None));
    let kubelet = inventory.get(&kubelet_configuration(), "", "a").unwrap();
    assert_eq!(kubelet.id.to_string(), "KubeletConfiguration/a");
    assert_eq!(
        kubelet.body().to_json(),
        serde_json::json!({"apiVersion": "kubelet.config.k8s.io/v1beta1",
            "kind": "KubeletConfiguration", "metadata": {"name": "a"}, "readOnlyPort": 10255,
            "authentication": {"anonymous": {"enabled": false}}})
    );
    assert_eq!(proxied(&server), 3);
    // The nodes are listed for it, although nothing else asked for them.
    assert_eq!(find(&inventory, "Node", None).items, 3);

    let none = nodes(&[], |_| None).await;
    let (_, read) = configz(&none).await;
    assert_eq!((read.status, read.items), (ReadStatus::Complete, 0));
}

#[tokio::test]
async fn nodes_that_do_not_answer_leave_it_partial_and_are_named() {
    let server = nodes(&["a", "b", "c"], |node| match node {
        "a" => status(403, "", "nodes \"a\" is forbidden"),
        "b" => config(0),
        _ => ok("<html>"),
    })
    .await;
    let (inventory, read) = configz(&server).await;
    assert_eq!((read.status, read.items), (ReadStatus::Partial, 1));
    let message = read.message.unwrap();
    assert!(message.starts_with("1 of 3 nodes answered; a: forbidden"), "{message}");
    assert!(message.contains("; c: the answer is not understood"), "{message}");
    assert!(inventory.get(&kubelet_configuration(), "", "b").is_some());

    let refused = nodes(&["a", "b"], |_| status(403, "", "forbidden")).await;
    let (_, read) = configz(&refused).await;
    assert_eq!(read.status, ReadStatus::Forbidden);
    assert!(read.message.unwrap().starts_with("0 of 2 nodes answered"));

    let mixed = nodes(&["a", "b"], |node| match node {
        "a" => status(403, "", "forbidden"),
        _ => status(404, "", "the server could not find the requested resource"),
    })
    .await;
    assert_eq!(configz(&mixed).await.1.status, ReadStatus::Failed);
}

#[tokio::test]
async fn a_node_that_hangs_does_not_hold_up_the_others() {
    let server = nodes(&["a", "b"], |node| match node {
        "a" => Some(Reply::Stall),
        _ => config(0),
    })
    .await;
    let limit = Duration::from_millis(300);
    let options = ConnectOptions { request_timeout: Some(limit), ..server.options() };
    let connection = connect(&options).await.unwrap();
    let request = ReadRequest { configz: true, ..asking(&[kubelet_configuration()]) };
    let begun = Instant::now();
    let inventory = read(&connection, &request, |_| ()).await.unwrap();
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
    let read = find(&inventory, "KubeletConfiguration", None);
    assert_eq!((read.status, read.items), (ReadStatus::Partial, 1));
    let message = read.message.as_deref().unwrap();
    assert!(message.contains("a: no answer for 0.3 s"), "{message}");
}

#[tokio::test]
async fn without_the_list_of_nodes_no_kubelet_is_asked() {
    let server = Server::start(|request| match request.path.as_str() {
        "/api" => ok(aggregated(&[("", "v1", &[("nodes", "Node", false)])])),
        "/api/v1/nodes" => status(403, "", "nodes is forbidden"),
        _ => None,
    })
    .await;
    let (_, read) = configz(&server).await;
    assert_eq!(read.status, ReadStatus::Forbidden);
    assert!(read.message.unwrap().contains("nodes is forbidden"));
    assert_eq!(proxied(&server), 0);
}

#[tokio::test]
async fn after_many_silent_nodes_the_others_are_not_asked() {
    const NAMES: &[&str] = &[
        "00", "01", "02", "03", "04", "05", "06", "07", "08", "09", "10", "11", "12", "13", "14",
        "15", "16", "17", "18", "19", "20", "21", "22", "23", "24", "25", "26", "27", "28", "29",
        "30", "31", "32", "33", "34", "35", "36", "37", "38", "39",
    ];
    let server = nodes(NAMES, |_| status(403, "", "forbidden")).await;
    let (_, read) = configz(&server).await;
    assert_eq!(read.status, ReadStatus::Forbidden);
    assert!((20..28).contains(&proxied(&server)), "{}", proxied(&server));
    let message = read.message.unwrap();
    assert!(message.contains("not asked") && message.contains("more"), "{message}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 8)]
async fn at_most_four_kubelets_are_asked_at_once() {
    use std::sync::atomic::AtomicUsize;
    const NAMES: &[&str] = &["a", "b", "c", "d", "e", "f", "g", "h", "i"];
    static MOST: AtomicUsize = AtomicUsize::new(0);
    static UNDER_WAY: AtomicUsize = AtomicUsize::new(0);
    let server = nodes(NAMES, |_| {
        MOST.fetch_max(UNDER_WAY.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
        std::thread::sleep(Duration::from_millis(20));
        UNDER_WAY.fetch_sub(1, Ordering::SeqCst);
        config(0)
    })
    .await;
    let (_, read) = configz(&server).await;
    assert_eq!(read.status, ReadStatus::Complete);
    let most = MOST.load(Ordering::SeqCst);
    assert!((2..=4).contains(&most), "{most}");
}

#[tokio::test]
async fn secrets_come_one_list_a_type_and_the_rest_without_a_type() {
    const TYPES: [&str; 9] = [
        "kubernetes.io/service-account-token",
        "kubernetes.io/dockerconfigjson",
        "kubernetes.io/dockercfg",
        "kubernetes.io/tls",
        "bootstrap.kubernetes.io/token",
        "helm.sh/release.v1",
        "Opaque",
        "kubernetes.io/basic-auth",
        "kubernetes.io/ssh-auth",
    ];
    let selector = |request: &Request| {
        let mut pairs = request.query.split('&');
        let found = pairs.find_map(|pair| pair.strip_prefix("fieldSelector="));
        let found = found.unwrap_or_default();
        found.replace("%3D", "=").replace("%2F", "/").replace("%2C", ",").replace("%21", "!")
    };
    let server = Server::start(move |request| {
        if request.path != "/api/v1/secrets" {
            return None;
        }
        let selector = selector(request);
        let name = match selector.strip_prefix("type=") {
            Some(one) => one.replace('/', "-").to_ascii_lowercase(),
            None => "odd".to_owned(),
        };
        let secret = serde_json::json!({"metadata": {"name": name, "namespace": "team-a",
            "managedFields": [{"manager": "hunter2"}],
            "annotations": {"kubectl.kubernetes.io/last-applied-configuration": "hunter2"},
            "ownerReferences": [{"apiVersion": "cert-manager.io/v1", "kind": "Certificate",
                "name": "c", "uid": "u"}]}});
        ok(list("PartialObjectMetadata", "5", "", &[secret]))
    })
    .await;
    let allowed = ReadRequest { secret_metadata: true, ..request(&["Secret"]) };
    let inventory = capture(&server, &allowed).await.unwrap();
    let secrets = inventory.of(&Kind::new("", "Secret"));
    assert_eq!(secrets.len(), 10);
    for name in TYPES {
        let id = name.replace('/', "-").to_ascii_lowercase();
        let secret = inventory.get(&Kind::new("", "Secret"), "team-a", &id).unwrap();
        assert_eq!(secret.body().str_at(&["type"]), Some(name));
        assert_eq!(&*secret.owners[0].kind, "Certificate");
        let last = secret.annotation("kubectl.kubernetes.io/last-applied-configuration");
        assert_eq!(last, Some(""), "the name stays, the value goes");
        assert!(!format!("{:?}", secret.body()).contains("hunter2"));
    }
    let odd = inventory.get(&Kind::new("", "Secret"), "team-a", "odd").unwrap();
    assert!(odd.body().get("type").is_none());

    let log = server.log.lock().unwrap();
    let asked: Vec<&Request> = log.iter().filter(|r| r.path.contains("secrets")).collect();
    assert_eq!(asked.len(), 10);
    let rest = asked.iter().map(|r| selector(r)).find(|s| s.contains("!=")).unwrap();
    assert!(TYPES.iter().all(|name| rest.contains(&format!("type!={name}"))), "{rest}");
    for request in asked {
        assert_eq!(
            request.header("accept"),
            Some("application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1")
        );
    }
}

#[tokio::test]
async fn no_way_of_asking_brings_the_body_of_a_secret() {
    // Discovery broken, everything asked for, refused cluster-wide, watched, read again.
    let server = Server::start(|request| match request.path.as_str() {
        "/apis" => status(500, "", "no groups today"),
        "/api/v1/secrets" => status(403, "", "secrets is forbidden"),
        _ => None,
    })
    .await;
    for (secret_metadata, all_kinds) in [(false, false), (false, true), (true, false), (true, true)]
    {
        let asked = ReadRequest { secret_metadata, all_kinds, ..request(&["Secret", "Pod"]) };
        let connection = server.connect().await;
        let (live, mut events) = Live::spawn(connection, asked);
        until(&mut events, loaded).await;
        live.refresh();
        let mut last = None;
        until(&mut events, |event| match event {
            LiveEvent::Inventory(inventory) => {
                last = Some(Arc::clone(inventory));
                None
            }
            other => loaded(other),
        })
        .await;
        let read = find(last.as_ref().unwrap(), "Secret", None).clone();
        if !secret_metadata {
            assert_eq!(read.status, ReadStatus::NotAsked);
            let why = read.message.unwrap();
            assert!(why.contains("--allow secret-metadata"), "{why}");
            assert!(why.contains("`list secrets`"), "{why}");
            assert!(server.paths().iter().all(|path| !path.contains("secrets")));
        }
    }
    let log = server.log.lock().unwrap();
    let asked: Vec<&Request> = log.iter().filter(|r| r.path.contains("secrets")).collect();
    assert!(!asked.is_empty());
    for request in asked {
        let accept = request.header("accept").unwrap();
        assert_eq!(accept, "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1");
        assert!(request.path.ends_with("/secrets"), "a single one was asked for: {request:?}");
        assert!(!request.is_watch(), "{request:?}");
    }
}

#[tokio::test]
async fn a_custom_kind_is_listed_in_the_version_that_the_server_prefers() {
    let server = Server::start(|request| match request.path.as_str() {
        "/apis" => {
            let resource = r#"{"resource":"applications","responseKind":{"kind":"Application"},
                "scope":"Namespaced","verbs":["list","get"]}"#;
            ok(format!(
                r#"{{"kind":"APIGroupDiscoveryList","items":[{{"metadata":{{"name":"argoproj.io"}},
                "versions":[{{"version":"v2","resources":[{resource}]}},
                {{"version":"v1alpha1","resources":[{resource}]}}]}}]}}"#
            ))
        }
        "/apis/argoproj.io/v2/applications" => {
            let shop = [item("shop", "team-a")];
            ok(server::list_of("argoproj.io/v2", "Application", "5", "", &shop))
        }
        _ => None,
    })
    .await;
    let application = Kind::new("argoproj.io", "Application");
    let rollout = Kind::new("argoproj.io", "Rollout");
    let asked = [application.clone(), rollout, Kind::new("kyverno.io", "ClusterPolicy")];
    let inventory = capture(&server, &asking(&asked)).await.unwrap();
    let read = find(&inventory, "Application", None);
    assert_eq!((read.status, read.items), (ReadStatus::Complete, 1));
    assert_eq!(read.resource, "argoproj.io/v2/applications");
    let shop = inventory.get(&application, "team-a", "shop").unwrap();
    assert_eq!(shop.body().str_at(&["apiVersion"]), Some("argoproj.io/v2"));
    // Another kind of the group, and a group that is not there.
    assert_eq!(find(&inventory, "Rollout", None).status, ReadStatus::NotServed);
    assert_eq!(find(&inventory, "ClusterPolicy", None).status, ReadStatus::NotServed);
    let paths = server.paths();
    assert!(!paths.iter().any(|path| path.contains("v1alpha1")), "{paths:?}");
    let kyverno: Vec<_> = paths.iter().filter(|path| path.contains("kyverno")).collect();
    assert_eq!(kyverno, ["/apis/kyverno.io"], "only whether it is there");
}

#[tokio::test]
async fn a_custom_kind_of_a_group_that_cannot_be_discovered_is_not_taken_for_absent() {
    let broken = [
        // The server behind the group does not answer.
        ok(r#"{"kind":"APIGroupDiscoveryList","items":[{"metadata":{"name":"argoproj.io"},
            "versions":[{"version":"v1alpha1","freshness":"Stale","resources":[]}]}]}"#),
        status(500, "", "no groups today"),
        status(403, "", "groups are forbidden"),
    ];
    for answer in broken {
        let answer = Mutex::new(answer);
        let server = Server::start(move |request| match request.path.as_str() {
            "/apis" => match answer.lock().unwrap().as_ref() {
                Some(Reply::Json(code, headers, body)) => {
                    Some(Reply::Json(*code, headers, body.clone()))
                }
                _ => None,
            },
            _ => None,
        })
        .await;
        let application = Kind::new("argoproj.io", "Application");
        let inventory =
            capture(&server, &asking(std::slice::from_ref(&application))).await.unwrap();
        let read = find(&inventory, "Application", None);
        assert_eq!(read.status, ReadStatus::Failed, "{read:?}");
        assert!(read.message.is_some());
        assert!(matches!(inventory.knows(&application, None), Knowledge::Missing(_)));
    }
}

#[tokio::test]
async fn the_moment_of_reading_is_kept_and_moves_with_a_refresh() {
    let server = nodes(&["a"], |_| config(0)).await;
    let before = jiff::Timestamp::now().as_second();
    let connection = server.connect().await;
    let (live, mut events) = Live::spawn(connection, request(&["Pod"]));
    let mut moments = Vec::new();
    for _ in 0..2 {
        let mut last = None;
        until(&mut events, |event| match event {
            LiveEvent::Inventory(inventory) => {
                last.clone_from(&inventory.source.read_at);
                None
            }
            other => loaded(other),
        })
        .await;
        moments.push(last.unwrap());
        tokio::time::sleep(Duration::from_millis(1100)).await;
        live.refresh();
    }
    for moment in &moments {
        assert!(moment.ends_with('Z') && !moment.contains('.'), "{moment}");
        let read: jiff::Timestamp = moment.parse().unwrap();
        assert!(read.as_second() >= before && read <= jiff::Timestamp::now());
    }
    assert!(moments[0] < moments[1], "{moments:?}");
}

/// A server with something of everything, and credentials in it.
async fn something_of_everything() -> Server {
    Server::start(|request| {
        let node = request.path.starts_with("/api/v1/nodes/");
        match request.path.as_str() {
            "/api" => ok(aggregated(&[(
                "",
                "v1",
                &[("nodes", "Node", false), ("secrets", "Secret", true)],
            )])),
            "/apis" => {
                ok(aggregated(&[("argoproj.io", "v1", &[("applications", "Application", true)])]))
            }
            "/api/v1/nodes" => ok(list("Node", "5", "", &[item("a", ""), item("b", "")])),
            "/api/v1/nodes/b/proxy/configz" => status(403, "", "forbidden"),
            _ if node => ok(r#"{"kubeletconfig":{"staticPodURL":"https://u:hunter2@host/pods",
                "staticPodURLHeader":{"Authorization":["Bearer hunter2"]}}}"#),
            "/flagz" => ok(r#"{"kind":"Flagz","flags":{"etcd-servers":"[https://u:hunter2@etcd]",
                "service-account-key-file":"/pki/sa.pub","authorization-mode":"[Node,RBAC]"}}"#),
            "/apis/argoproj.io/v1/applications" => {
                ok(list("Application", "5", "", &[item("shop", "team-a")]))
            }
            "/api/v1/secrets" if request.query.contains("type%3DOpaque") => {
                ok(list("PartialObjectMetadata", "5", "", &[item("s", "team-a")]))
            }
            _ => None,
        }
    })
    .await
}

#[tokio::test]
async fn a_snapshot_answers_as_the_cluster_did() {
    let server = something_of_everything().await;
    let application = Kind::new("argoproj.io", "Application");
    let wanted = [
        flagz(),
        kubelet_configuration(),
        application.clone(),
        Kind::new("kyverno.io", "Policy"),
        Kind::new("", "Secret"),
    ];
    let asked = ReadRequest { configz: true, secret_metadata: true, ..asking(&wanted) };
    let inventory = capture(&server, &asked).await.unwrap();
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("s.plim");
    plimsoll::source::snapshot::save(
        &inventory,
        &Captured::default(),
        &path,
        "2001-01-01T00:00:00Z",
    )
    .unwrap();
    let loaded = plimsoll::source::snapshot::load(&path).unwrap();
    assert_eq!(loaded.reads, inventory.reads);
    assert_eq!(loaded.source.read_at, inventory.source.read_at);
    for kind in &wanted {
        assert_eq!(loaded.knows(kind, None), inventory.knows(kind, None), "{kind}");
        assert_eq!(loaded.of(kind).len(), inventory.of(kind).len(), "{kind}");
        for (one, other) in loaded.of(kind).iter().zip(inventory.of(kind)) {
            assert_eq!(one.id, other.id);
        }
    }
    let text = format!("{:?}", loaded.objects().collect::<Vec<_>>());
    assert!(!text.contains("hunter2"), "{text}");
    let flags = only(&loaded, &flagz());
    assert_eq!(flags.body().str_at(&["flags", "authorization-mode"]), Some("Node,RBAC"));
    assert_eq!(
        flags.body().str_at(&["flags", "service-account-key-file"]),
        Some("/pki/sa.pub"),
        "a file name is no credential"
    );
    let secret = loaded.get(&Kind::new("", "Secret"), "team-a", "s").unwrap();
    assert_eq!(secret.body().str_at(&["type"]), Some("Opaque"));
    assert!(loaded.get(&application, "team-a", "shop").is_some());
}
