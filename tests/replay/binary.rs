//! Lists in protobuf: what is understood, and what is asked for again as JSON.

use super::*;

const ACCEPT: &str = "application/vnd.kubernetes.protobuf, application/json";

/// A field with these bytes, which are few.
fn field(number: u8, bytes: &[u8]) -> Vec<u8> {
    [vec![number << 3 | 2, u8::try_from(bytes.len()).unwrap()], bytes.to_vec()].concat()
}

/// What is around every answer.
fn enveloped(kind: &str, raw: &[u8]) -> Vec<u8> {
    assert!(raw.len() < 1 << 14, "two bytes hold its length");
    let length =
        [u8::try_from(raw.len() & 0x7f).unwrap() | 0x80, u8::try_from(raw.len() >> 7).unwrap()];
    let meta = [field(1, b"v1"), field(2, kind.as_bytes())].concat();
    [b"k8s\0", &*field(1, &meta), &[0x12], &length, raw, &[0x1a, 0, 0x22, 0]].concat()
}

/// A page of pods in the namespace `team-a`, with more in the last one's spec.
fn pods(next: &str, names: &[&str], more: &[u8]) -> Vec<u8> {
    let head = [field(2, b"9"), field(3, next.as_bytes())].concat();
    let pod = |name: &&str| {
        let metadata = [field(1, name.as_bytes()), field(3, b"team-a")].concat();
        field(2, &[field(1, &metadata), field(2, more), field(3, b"")].concat())
    };
    enveloped(
        "PodList",
        &[field(1, &head), names.iter().map(pod).collect::<Vec<_>>().concat()].concat(),
    )
}

fn binary(body: Vec<u8>) -> Option<Reply> {
    Some(Reply::Binary(200, body))
}

fn is_binary(request: &Request) -> bool {
    request.header("accept") == Some(ACCEPT)
}

/// A server that lists pods in protobuf where it is asked to, and else two other ones in JSON.
async fn serving(protobuf: impl Fn(&Request) -> Option<Reply> + Send + Sync + 'static) -> Server {
    Server::start(move |request| match request.path.as_str() {
        "/api/v1/pods" if request.is_watch() => None,
        "/api/v1/pods" if is_binary(request) => protobuf(request),
        "/api/v1/pods" => {
            assert_eq!(request.header("accept"), Some("application/json"));
            ok(list("Pod", "9", "", &[item("x", "team-a"), item("y", "team-a")]))
        }
        _ => None,
    })
    .await
}

/// Reads pods twice over one connection: what came, how often protobuf and how often JSON was asked
/// for, and what was told meanwhile.
async fn twice(server: &Server) -> (Inventory, (usize, usize), Vec<String>) {
    let connection = server.connect().await;
    let mut notes = Vec::new();
    let mut last = None;
    for _ in 0..2 {
        let told = |progress: &Progress| notes.extend(progress.note.clone());
        last = Some(read(&connection, &request(&["Pod"]), told).await.unwrap());
    }
    let asked = |binary: bool| {
        server.count(|request| request.path == "/api/v1/pods" && is_binary(request) == binary)
    };
    (last.unwrap(), (asked(true), asked(false)), notes)
}

#[tokio::test]
async fn pages_in_protobuf_are_read_to_the_last() {
    let server = serving(|request| match request.part("continue") {
        None => binary(pods("p2", &["a", "b"], &field(10, b"node-1"))),
        Some("p2") => binary(pods("", &["c"], &field(10, b"node-1"))),
        Some(_) => status(400, "", "bad continue"),
    })
    .await;
    let (inventory, asked, notes) = twice(&server).await;
    assert_eq!(names(&inventory, "Pod"), ["Pod/team-a/a", "Pod/team-a/b", "Pod/team-a/c"]);
    assert_eq!(find(&inventory, "Pod", None).status, ReadStatus::Complete);
    let pod = inventory.get(&Kind::new("", "Pod"), "team-a", "c").unwrap();
    let json = serde_json::json!({"apiVersion": "v1", "kind": "Pod", "status": {},
        "metadata": {"name": "c", "namespace": "team-a"}, "spec": {"nodeName": "node-1"}});
    assert_eq!(pod.body().to_json(), json);
    assert_eq!((asked, notes), ((4, 0), Vec::<String>::new()));
}

#[tokio::test]
async fn a_field_that_is_not_known_has_the_whole_list_asked_for_again_as_json() {
    let server = serving(|request| match request.part("continue") {
        None => binary(pods("p2", &["a", "b"], b"")),
        // Field 31 of a pod's spec is the last that is known to nobody here.
        Some(_) => binary(pods("", &["c"], &[0xfa, 0x3f, 1, b'?'])),
    })
    .await;
    let (inventory, asked, notes) = twice(&server).await;
    assert_eq!(names(&inventory, "Pod"), ["Pod/team-a/x", "Pod/team-a/y"]);
    let read = find(&inventory, "Pod", None);
    assert_eq!((read.status, read.items, &read.message), (ReadStatus::Complete, 2, &None));
    // Two pages, then JSON, and JSON the next time.
    assert_eq!(asked, (2, 2));
    let why = "pods: the answer in protobuf is not understood: core.v1.PodSpec has a field 1023, which is \
               not known; asked for again as JSON";
    assert_eq!(notes, [why]);
}

#[tokio::test]
async fn what_is_no_protobuf_after_all_is_asked_for_again_as_json() {
    let whole = pods("", &["a", "b"], b"");
    let cut = whole[..whole.len() - 9].to_vec();
    let other = enveloped("SecretList", &field(1, b""));
    for body in [cut, other, Vec::new(), b"k8s\0".to_vec(), vec![0xff; 4096], b"{}".to_vec()] {
        let answer = body.clone();
        let server = serving(move |_| binary(answer.clone())).await;
        let (inventory, asked, _) = twice(&server).await;
        assert_eq!(names(&inventory, "Pod"), ["Pod/team-a/x", "Pod/team-a/y"], "{body:?}");
        assert_eq!(asked, (1, 2), "{body:?}");
    }
}

#[tokio::test]
async fn who_refuses_protobuf_is_asked_for_json() {
    for code in [406, 415] {
        let server = serving(move |_| status(code, "", "only JSON here")).await;
        let (inventory, asked, notes) = twice(&server).await;
        assert_eq!(names(&inventory, "Pod"), ["Pod/team-a/x", "Pod/team-a/y"]);
        assert_eq!((asked, notes.len()), ((1, 2), 1), "{notes:?}");
    }
}

#[tokio::test]
async fn who_answers_in_json_all_the_same_is_understood() {
    let server = serving(|_| ok(list("Pod", "9", "", &[item("j", "team-a")]))).await;
    let (inventory, asked, notes) = twice(&server).await;
    assert_eq!(names(&inventory, "Pod"), ["Pod/team-a/j"]);
    assert_eq!((asked, notes), ((2, 0), Vec::<String>::new()));
}

#[tokio::test]
async fn nothing_is_proven_where_neither_can_be_read() {
    let server = Server::start(|request| match request.path.as_str() {
        "/api/v1/pods" if is_binary(request) => binary(b"k8s\0\xff".to_vec()),
        "/api/v1/pods" => ok("{\"kind\":\"PodL"),
        _ => None,
    })
    .await;
    let inventory = capture(&server, &request(&["Pod"])).await.unwrap();
    assert_eq!(find(&inventory, "Pod", None).status, ReadStatus::Failed);
    assert!(matches!(inventory.knows(&Kind::new("", "Pod"), None), Knowledge::Missing(_)));
}

#[tokio::test]
async fn a_refusal_in_protobuf_says_why() {
    let refusal = [field(2, b"Failure"), field(3, b"pods are not for you"), field(4, b"Forbidden")];
    let refusal = enveloped("Status", &refusal.concat());
    let server = Server::start(move |request| {
        (request.path.ends_with("/pods")).then(|| Reply::Binary(403, refusal.clone()))
    })
    .await;
    let inventory = capture(&server, &request(&["Pod"])).await.unwrap();
    let read = find(&inventory, "Pod", None);
    assert_eq!(read.status, ReadStatus::Forbidden);
    assert_eq!(read.message.as_deref(), Some("pods are not for you (HTTP 403)"));
}

#[tokio::test]
async fn neither_secrets_nor_kinds_of_others_are_asked_for_in_protobuf() {
    let served = || {
        super::server::aggregated(&[
            ("apps", "v1", &[("deployments", "Deployment", true)]),
            ("apps", "v1beta2", &[("daemonsets", "DaemonSet", true)]),
            ("example.invalid", "v1", &[("things", "Thing", true)]),
        ])
    };
    let server = Server::start(move |request| match request.path.as_str() {
        "/apis" => ok(served()),
        "/apis/example.invalid/v1/things" => ok(list("Thing", "5", "", &[])),
        "/apis/apps/v1beta2/daemonsets" => {
            ok(super::server::list_of("apps/v1beta2", "DaemonSet", "5", "", &[]))
        }
        _ => None,
    })
    .await;
    let words = ["Pod", "Secret", "Deployment.apps", "DaemonSet.apps", "Thing.example.invalid"];
    let request = ReadRequest { secret_metadata: true, ..request(&words) };
    capture(&server, &request).await.unwrap();
    let asked: std::collections::BTreeSet<String> = server
        .log
        .lock()
        .unwrap()
        .iter()
        .filter(|r| is_binary(r))
        .map(|r| r.path.clone())
        .collect();
    let wanted = ["/api/v1/namespaces", "/api/v1/pods", "/apis/apps/v1/deployments"];
    let wanted = wanted.map(str::to_owned);
    assert_eq!(asked, wanted.into());
}
