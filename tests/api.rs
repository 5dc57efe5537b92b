//! The live source against a real API server.
//!
//! Needs the fixture of `tests/cluster`: `$PLIMSOLL_FIXTURE` names its binary, or
//! `tests/fixture.sh` builds it. Run with `cargo test --test api -- --ignored`.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "helpers of tests may panic"
)]

#[path = "api/binary.rs"]
mod binary;
#[path = "api/compaction.rs"]
mod compaction;
#[path = "support/events.rs"]
mod events;
#[path = "api/faults.rs"]
mod faults;
#[path = "api/fixture.rs"]
mod fixture;
#[path = "api/gate.rs"]
mod gate;
#[path = "api/imports.rs"]
mod imports;
#[path = "api/objects.rs"]
mod objects;
#[path = "api/psa.rs"]
mod psa;
#[path = "api/reports.rs"]
mod reports;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use events::{find, until};
use fixture::Fixture;
use plimsoll::cluster::connect::AGENT;
use plimsoll::cluster::{
    ConnectOptions, Live, LiveEvent, Liveness, ReadRequest, Trouble, connect, managed, read,
};
use plimsoll::model::inventory::{Inventory, Knowledge};
use plimsoll::model::kinds::{BUILTINS, Builtin, Kind, flagz, kubelet_configuration};
use plimsoll::model::node::Node;
use plimsoll::model::object::ObjectRef;
use plimsoll::model::read::ReadStatus;
use serde_json::{Value, json};

const SOON: Duration = Duration::from_secs(40);

fn kind(group: &str, kind: &str) -> Kind {
    Kind::new(group, kind)
}

fn everything() -> ReadRequest {
    ReadRequest { kinds: BUILTINS.iter().map(Builtin::kind).collect(), ..ReadRequest::default() }
}

async fn capture(options: &ConnectOptions, request: &ReadRequest) -> Inventory {
    let connection = connect(options).await.unwrap();
    let reading = read(&connection, request, |_| ());
    tokio::time::timeout(SOON, reading).await.expect("it hangs").unwrap()
}

fn loaded(event: &LiveEvent) -> Option<()> {
    matches!(event, LiveEvent::Loaded).then_some(())
}

#[tokio::test]
#[ignore = "needs a real API server"]
async fn every_built_in_kind_is_listed() {
    let fixture = Fixture::shared();
    let admin = fixture.admin().await;
    admin.namespace("browse").await;
    admin.config_map("browse", "settings").await;
    admin.deployment("browse", "web").await;
    let mut request = everything();
    request.kinds.push(kind("cilium.io", "CiliumNetworkPolicy"));
    let inventory = capture(&fixture.options(), &request).await;
    for builtin in BUILTINS.iter().filter(|builtin| builtin.kind != "Secret") {
        let read = find(&inventory, builtin.kind, None);
        assert_eq!(read.status, ReadStatus::Complete, "{read:?}");
        assert_eq!(read.resource, builtin.resource());
    }
    assert_eq!(find(&inventory, "Secret", None).status, ReadStatus::NotAsked);
    assert_eq!(find(&inventory, "CiliumNetworkPolicy", None).status, ReadStatus::NotServed);
    let web = inventory.get(&kind("apps", "Deployment"), "browse", "web").unwrap();
    assert_eq!(web.body().str_at(&["apiVersion"]), Some("apps/v1"));
    assert!(web.pod_spec().is_some());
    let settings = inventory.get(&kind("", "ConfigMap"), "browse", "settings").unwrap();
    let text = format!("{:?}", settings.body());
    assert!(!text.contains("managedFields") && !text.contains("last-applied"), "{text}");
    assert!(inventory.get(&kind("rbac.authorization.k8s.io", "ClusterRole"), "", "view").is_some());
    let system = admin.get("/api/v1/namespaces/kube-system").await;
    assert_eq!(inventory.source.cluster_uid.as_deref(), system["metadata"]["uid"].as_str());
    let version = admin.get("/version").await;
    assert_eq!(inventory.source.kubernetes.as_deref(), version["gitVersion"].as_str());
    assert!(inventory.source.minor().is_some());
}

#[tokio::test]
#[ignore = "needs a real API server"]
async fn long_lists_come_in_pages_and_whole() {
    let fixture = Fixture::shared();
    let admin = fixture.admin().await;
    admin.namespace("pages").await;
    for n in 0..1100 {
        admin.config_map("pages", &format!("c{n}")).await;
    }
    let request = ReadRequest {
        kinds: vec![kind("", "ConfigMap")],
        namespaces: Some(vec!["pages".into()]),
        ..ReadRequest::default()
    };
    let inventory = capture(&fixture.options(), &request).await;
    assert_eq!(inventory.of(&kind("", "ConfigMap")).len(), 1100);
    let log = std::fs::read_to_string(&fixture.audit).unwrap();
    let pages = log
        .lines()
        .filter(|line| line.contains(AGENT) && line.contains("/namespaces/pages/configmaps?"))
        .count();
    assert_eq!(pages, 3);
}

#[tokio::test]
#[ignore = "needs a real API server"]
async fn custom_kinds_are_listed_where_the_server_serves_them() {
    let fixture = Fixture::shared();
    let admin = fixture.admin().await;
    admin.namespace("custom").await;
    let schema = json!({"openAPIV3Schema": {"type": "object",
        "x-kubernetes-preserve-unknown-fields": true}});
    let crd = json!({"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
        "metadata": {"name": "gadgets.example.com"}, "spec": {"group": "example.com",
        "scope": "Namespaced", "names": {"plural": "gadgets", "kind": "Gadget"},
        "versions": [{"name": "v1beta3", "served": true, "storage": true, "schema": schema}]}});
    admin.create("/apis/apiextensions.k8s.io/v1/customresourcedefinitions", &crd).await;
    let request = ReadRequest { kinds: vec![kind("example.com", "Gadget")], ..everything() };
    let mut inventory = capture(&fixture.options(), &request).await;
    // The server takes a moment to serve a new kind.
    for _ in 0..100 {
        if find(&inventory, "Gadget", None).status == ReadStatus::Complete {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
        inventory = capture(&fixture.options(), &request).await;
    }
    let gadget = json!({"apiVersion": "example.com/v1beta3", "kind": "Gadget",
        "metadata": {"name": "one"}, "spec": {"size": 3}});
    admin.create("/apis/example.com/v1beta3/namespaces/custom/gadgets", &gadget).await;
    let inventory = capture(&fixture.options(), &request).await;
    assert_eq!(find(&inventory, "Gadget", None).resource, "example.com/v1beta3/gadgets");
    let one = inventory.get(&kind("example.com", "Gadget"), "custom", "one").unwrap();
    assert_eq!(one.body().at(&["spec", "size"]).and_then(Node::as_int), Some(3));
}

#[tokio::test]
#[ignore = "needs a real API server"]
async fn a_user_of_one_namespace_sees_that_namespace() {
    let fixture = Fixture::shared();
    let admin = fixture.admin().await;
    admin.namespace("mine").await;
    admin.namespace("theirs").await;
    admin.config_map("mine", "a").await;
    admin.config_map("theirs", "b").await;
    admin.deployment("mine", "web").await;
    // Not the role `view`: a controller fills it, and none runs here.
    let all = [("", "namespaces"), ("", "configmaps"), ("apps", "deployments")];
    admin.role("reader", &all).await;
    admin.bind("reader", "only-mine", Some("mine")).await;
    let kubeconfig = fixture.changed("mine.json", |config| {
        config["contexts"][0]["context"]["namespace"] = "mine".into();
    });
    let options = ConnectOptions {
        kubeconfig: Some(kubeconfig),
        impersonate: Some("only-mine".into()),
        ..fixture.options()
    };
    let inventory = capture(&options, &everything()).await;
    assert_eq!(find(&inventory, "ConfigMap", None).status, ReadStatus::Forbidden);
    assert_eq!(find(&inventory, "ConfigMap", Some("mine")).status, ReadStatus::Complete);
    assert_eq!(find(&inventory, "Node", None).status, ReadStatus::Forbidden);
    assert_eq!(find(&inventory, "Role", Some("mine")).status, ReadStatus::Forbidden);
    assert!(inventory.get(&kind("", "ConfigMap"), "mine", "a").is_some());
    assert!(inventory.get(&kind("", "ConfigMap"), "theirs", "b").is_none());
    assert!(inventory.get(&kind("apps", "Deployment"), "mine", "web").is_some());
    assert!(inventory.get(&kind("", "Namespace"), "", "mine").is_some());
    assert_eq!(inventory.knows(&kind("", "ConfigMap"), Some("mine")), Knowledge::Complete);
    let why = find(&inventory, "Node", None).message.clone().unwrap();
    assert!(why.contains("only-mine"), "the server's words: {why}");

    // The same user, watching: changes in the one namespace arrive.
    let connection = connect(&options).await.unwrap();
    let (_live, mut events) = Live::spawn(connection, everything());
    until(&mut events, loaded).await;
    admin.config_map("mine", "later").await;
    until(&mut events, |event| match event {
        LiveEvent::Inventory(i) => i.get(&kind("", "ConfigMap"), "mine", "later").map(|_| ()),
        _ => None,
    })
    .await;
}

#[tokio::test]
#[ignore = "needs a real API server"]
async fn a_denied_kind_is_a_gap_and_the_rest_is_whole() {
    let fixture = Fixture::shared();
    let admin = fixture.admin().await;
    admin.namespace("gaps").await;
    admin.config_map("gaps", "a").await;
    let all = [("", "namespaces"), ("", "configmaps"), ("", "pods")];
    admin.role("no-deployments", &all).await;
    admin.bind("no-deployments", "auditor", None).await;
    let options = ConnectOptions { impersonate: Some("auditor".into()), ..fixture.options() };
    let request = ReadRequest {
        kinds: vec![kind("", "ConfigMap"), kind("apps", "Deployment"), kind("", "Pod")],
        ..ReadRequest::default()
    };
    let inventory = capture(&options, &request).await;
    assert_eq!(find(&inventory, "ConfigMap", None).status, ReadStatus::Complete);
    assert_eq!(find(&inventory, "Pod", None).status, ReadStatus::Complete);
    assert_eq!(find(&inventory, "Deployment", None).status, ReadStatus::Forbidden);
    let Knowledge::Missing(missing) = inventory.knows(&kind("apps", "Deployment"), Some("gaps"))
    else {
        panic!("absence must not be concluded")
    };
    assert!(missing.reason.contains("forbidden"), "{missing:?}");
}

#[tokio::test]
#[ignore = "needs a real API server"]
async fn changes_are_seen_as_they_happen() {
    let fixture = Fixture::shared();
    let admin = fixture.admin().await;
    admin.namespace("flips").await;
    admin.deployment("flips", "web").await;
    let connection = connect(&fixture.options()).await.unwrap();
    let (_live, mut events) = Live::spawn(connection, everything());
    until(&mut events, loaded).await;
    let privileged = |inventory: &Arc<Inventory>| {
        let web = inventory.get(&kind("apps", "Deployment"), "flips", "web")?;
        let container = web.pod_spec()?.1.list_at(&["containers"]).first()?;
        container.at(&["securityContext", "privileged"])?.as_bool()
    };
    for wanted in [true, false] {
        let path = "/apis/apps/v1/namespaces/flips/deployments/web";
        let container = json!({"name": "c", "image": "registry.invalid/a:1",
            "securityContext": {"privileged": wanted}});
        let body = json!({"spec": {"template": {"spec": {"containers": [container]}}}});
        admin.patch(path, &body).await;
        until(&mut events, |event| match event {
            LiveEvent::Inventory(i) => (privileged(i) == Some(wanted)).then_some(()),
            _ => None,
        })
        .await;
    }
    admin.delete("/apis/apps/v1/namespaces/flips/deployments/web").await;
    until(&mut events, |event| match event {
        LiveEvent::Inventory(i) => {
            i.get(&kind("apps", "Deployment"), "flips", "web").is_none().then_some(())
        }
        _ => None,
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a real API server"]
async fn a_restarted_server_is_found_again_and_nothing_is_lost() {
    let fixture = Fixture::start();
    fixture.admin().await.namespace("before").await;
    let connection = connect(&fixture.options()).await.unwrap();
    let (_live, mut events) = Live::spawn(connection, everything());
    until(&mut events, loaded).await;
    let (stopped, gone) = std::sync::mpsc::channel::<()>();
    let restarting = tokio::task::spawn_blocking(move || {
        fixture.restart(|| gone.recv_timeout(SOON).expect("nobody noticed that the server is gone"))
    });
    until(&mut events, |event| match event {
        LiveEvent::Inventory(i) => {
            assert!(i.get(&kind("", "Namespace"), "", "before").is_some(), "data must stay");
            None
        }
        LiveEvent::Liveness(Liveness::Stale { retry_at, .. }) => retry_at.map(|_| ()),
        _ => None,
    })
    .await;
    stopped.send(()).unwrap();
    let fixture = restarting.await.unwrap();
    until(&mut events, |event| {
        matches!(event, LiveEvent::Liveness(Liveness::Live | Liveness::NotWatched(_))).then_some(())
    })
    .await;
    fixture.admin().await.namespace("after").await;
    until(&mut events, |event| match event {
        LiveEvent::Inventory(i) => {
            let both = ["before", "after"].map(|name| i.get(&kind("", "Namespace"), "", name));
            both.iter().all(Option::is_some).then_some(())
        }
        _ => None,
    })
    .await;
}

#[tokio::test]
#[ignore = "needs a real API server"]
async fn wrong_credentials_and_a_wrong_authority_are_told_apart() {
    let fixture = Fixture::shared();
    let expired = fixture.changed("expired.json", |config| {
        config["users"][0]["user"] = json!({"token": "expired"});
    });
    let options = ConnectOptions { kubeconfig: Some(expired), ..fixture.options() };
    let error = read(&connect(&options).await.unwrap(), &everything(), |_| ()).await.unwrap_err();
    assert_eq!(error.trouble, Trouble::Unauthorized, "{error}");

    let foreign = fixture.changed("foreign.json", |config| {
        let cluster = config["clusters"][0]["cluster"].as_object_mut().unwrap();
        cluster.remove("certificate-authority-data");
        cluster.remove("certificate-authority");
    });
    let options = ConnectOptions { kubeconfig: Some(foreign), ..fixture.options() };
    let error = read(&connect(&options).await.unwrap(), &everything(), |_| ()).await.unwrap_err();
    assert_eq!(error.trouble, Trouble::Tls, "{error}");
    assert!(error.next.contains("certificate-authority"), "{error}");
}

/// What the server's audit log says of our requests.
fn ours(fixture: &Fixture) -> Vec<Value> {
    let log = std::fs::read_to_string(&fixture.audit).unwrap();
    let events = log.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    events.filter(|event| event["userAgent"] == AGENT).collect()
}

#[tokio::test]
#[ignore = "needs a real API server"]
async fn the_flags_of_the_server_are_read_where_they_may_be() {
    let fixture = Fixture::shared();
    let request = ReadRequest { kinds: vec![flagz()], ..ReadRequest::default() };
    let inventory = capture(&fixture.options(), &request).await;
    let read = find(&inventory, "Flagz", None);
    assert_eq!(read.status, ReadStatus::Complete, "{read:?}");
    let flags = inventory.get(&flagz(), "", "kube-apiserver").unwrap();
    let flag = |name| flags.body().str_at(&["flags", name]);
    assert_eq!(flag("authorization-mode"), Some("Node,RBAC"));
    assert_eq!(flag("allow-privileged"), Some("true"));
    assert_eq!(flag("profiling"), Some("true"), "a flag that nobody set has its default");
    assert!(inventory.source.read_at.is_some());

    let options = ConnectOptions { impersonate: Some("nobody".into()), ..fixture.options() };
    let inventory = capture(&options, &request).await;
    assert_eq!(find(&inventory, "Flagz", None).status, ReadStatus::Forbidden);
}

#[tokio::test]
#[ignore = "needs a real API server"]
async fn kubelets_are_asked_through_the_server_only_when_allowed() {
    let fixture = Fixture::start();
    let admin = fixture.admin().await;
    for name in ["node-a", "node-b"] {
        let node = json!({"apiVersion": "v1", "kind": "Node", "metadata": {"name": name},
            "status": {"addresses": [{"type": "InternalIP", "address": "127.0.0.1"}],
                "daemonEndpoints": {"kubeletEndpoint": {"Port": 1}}}});
        admin.create("/api/v1/nodes", &node).await;
    }
    let proxied = || {
        let uri = |event: Value| event["requestURI"].as_str().unwrap_or_default().to_owned();
        let all = ours(&fixture).into_iter().map(uri).filter(|uri| uri.contains("/proxy"));
        all.collect::<BTreeSet<String>>()
    };
    let mut request = everything();
    request.kinds.extend([flagz(), kubelet_configuration()]);
    request.all_kinds = true;
    let inventory = capture(&fixture.options(), &request).await;
    assert_eq!(find(&inventory, "KubeletConfiguration", None).status, ReadStatus::NotAsked);
    assert_eq!(proxied(), BTreeSet::new());

    request.configz = true;
    let inventory = capture(&fixture.options(), &request).await;
    let read = find(&inventory, "KubeletConfiguration", None);
    // No kubelet runs here.
    assert_eq!((read.status, read.items), (ReadStatus::Failed, 0), "{read:?}");
    let message = read.message.as_deref().unwrap();
    assert!(message.starts_with("0 of 2 nodes answered; node-a: "), "{message}");
    let asked = ["node-a", "node-b"].map(|name| format!("/api/v1/nodes/{name}/proxy/configz"));
    assert_eq!(proxied(), BTreeSet::from(asked));

    // Who may list nodes but not reach through them.
    admin.role("nodes", &[("", "nodes"), ("", "namespaces")]).await;
    admin.bind("nodes", "looker", None).await;
    let options = ConnectOptions { impersonate: Some("looker".into()), ..fixture.options() };
    let request = ReadRequest { kinds: vec![kubelet_configuration()], ..request };
    let inventory = capture(&options, &request).await;
    let read = find(&inventory, "KubeletConfiguration", None);
    assert_eq!(read.status, ReadStatus::Forbidden, "{read:?}");
    for event in ours(&fixture) {
        let verb = event["verb"].as_str().unwrap();
        assert!(["get", "list"].contains(&verb), "{event}");
    }
}

#[tokio::test]
#[ignore = "needs a real API server"]
async fn the_audit_log_shows_only_reading() {
    let fixture = Fixture::start();
    let admin = fixture.admin().await;
    admin.namespace("audited").await;
    let secret = json!({"apiVersion": "v1", "kind": "Secret", "type": "Opaque",
        "metadata": {"name": "s", "annotations": {"hint": "hunter2"}},
        "stringData": {"password": "hunter2"}});
    admin.create("/api/v1/namespaces/audited/secrets", &secret).await;
    let mut request = ReadRequest { secret_metadata: true, all_kinds: true, ..everything() };
    request.kinds.extend([flagz(), kubelet_configuration()]);
    let connection = connect(&fixture.options()).await.unwrap();
    let (live, mut events) = Live::spawn(connection, request);
    let mut last = None;
    until(&mut events, |event| match event {
        LiveEvent::Inventory(i) => {
            last = Some(Arc::clone(i));
            None
        }
        other => loaded(other),
    })
    .await;
    let inventory = last.unwrap();
    let secret = inventory.get(&kind("", "Secret"), "audited", "s").unwrap();
    assert_eq!(secret.body().str_at(&["type"]), Some("Opaque"));
    assert!(!format!("{:?}", secret.body()).contains("hunter2"));
    let lease = find(&inventory, "Lease", None);
    assert_eq!(lease.status, ReadStatus::Complete, "a kind that only the server named");
    admin.config_map("audited", "change").await;
    until(&mut events, |event| match event {
        LiveEvent::Inventory(i) => i.get(&kind("", "ConfigMap"), "audited", "change").map(|_| ()),
        _ => None,
    })
    .await;
    live.refresh();
    until(&mut events, loaded).await;
    drop(live);
    // A user without rights takes the other paths.
    let options = ConnectOptions { impersonate: Some("nobody".into()), ..fixture.options() };
    let nothing = capture(&options, &everything()).await;
    assert_eq!(find(&nothing, "Pod", None).status, ReadStatus::Forbidden);

    let events = ours(&fixture);
    let verbs: BTreeSet<&str> = events.iter().filter_map(|event| event["verb"].as_str()).collect();
    assert_eq!(verbs, BTreeSet::from(["get", "list", "watch"]));
    let mut found = 0;
    for event in &events {
        let uri = event["requestURI"].as_str().unwrap();
        assert!(!uri.contains("/proxy") && !uri.contains("/exec"), "{uri}");
        if event["objectRef"]["resource"] == "secrets" {
            // Never a single one, never a watch, and every list narrowed to a type and without
            // bodies.
            assert_eq!(event["verb"], "list", "{event}");
            assert!(uri.contains("fieldSelector=type"), "{uri}");
            let answer = &event["responseObject"];
            assert_eq!(answer["kind"], "PartialObjectMetadataList", "{event}");
            let items = answer["items"].as_array().map(Vec::as_slice).unwrap_or_default();
            assert!(items.iter().all(|item| item.get("data").is_none()), "{event}");
            found += items.len();
        }
    }
    assert!(found > 0, "no answer held a Secret");
    let lists = events.iter().filter(|event| event["verb"] == "list").count();
    assert!(lists >= BUILTINS.len(), "{lists}");
}

/// Whoever may do everything in one namespace, and nothing in the cluster, has names looked up one by one. An API
/// server decodes a path before it looks where it leads: `pay%2Fsecrets` got as a namespace is the list of its Secrets.
#[tokio::test]
#[ignore = "needs a real API server"]
async fn no_name_leads_to_what_is_in_secrets() {
    let fixture = Fixture::start();
    let admin = fixture.admin().await;
    admin.namespace("pay").await;
    let secret = json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "dbs"},
        "stringData": {"password": "hunter2"}});
    admin.create("/api/v1/namespaces/pay/secrets", &secret).await;
    admin.bind("cluster-admin", "dev", Some("pay")).await;
    // The trap is there: this is what must not be asked.
    let way = admin.pass("/api/v1/namespaces/pay%2Fsecrets", "application/json").await.unwrap();
    assert!(way.status().is_success(), "the server does not decode before it routes any more");

    let dev = ConnectOptions { impersonate: Some("dev".into()), ..fixture.options() };
    let odd =
        ["pay/secrets", "pay/secrets/dbs", "../x", "a b", "A_b", "pay%2Fsecrets", "%2F", ".."];
    let namespaces = Some(odd.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>());
    let request = ReadRequest { namespaces, configz: true, ..everything() };
    let inventory = capture(&dev, &request).await;
    for place in odd {
        let read = find(&inventory, "Namespace", Some(place));
        assert_eq!(read.status, ReadStatus::Failed, "{read:?}");
    }
    let connection = connect(&dev).await.unwrap();
    let (live, mut events) = Live::spawn(connection.clone(), request);
    until(&mut events, loaded).await;
    live.refresh();
    until(&mut events, loaded).await;
    drop(live);
    for place in odd {
        let kubeconfig = fixture.changed("hostile", |config| {
            config["contexts"][0]["context"]["namespace"] = place.into();
        });
        let options = ConnectOptions { kubeconfig: Some(kubeconfig), ..dev.clone() };
        let error = connect(&options).await.err().unwrap();
        assert_eq!(error.trouble, Trouble::Kubeconfig, "{error}");
        for (namespace, name) in [(Some(place), "web"), (Some("pay"), place), (None, place)] {
            let kind = if namespace.is_some() { "Pod" } else { "Namespace" };
            let (namespace, name) = (namespace.map(Into::into), name.into());
            let id = ObjectRef { api_version: "v1".into(), kind: kind.into(), namespace, name };
            assert!(managed(&connection, &id).await.is_err(), "{id}");
        }
    }
    // With leave, names are listed and nothing else.
    let request = ReadRequest {
        namespaces: Some(vec!["pay".into()]),
        secret_metadata: true,
        kinds: vec![kind("", "Secret")],
        ..ReadRequest::default()
    };
    let inventory = capture(&dev, &request).await;
    assert!(inventory.get(&kind("", "Secret"), "pay", "dbs").is_some());

    secrets_were_listed_and_nothing_more(&fixture);
}

/// Each path that was asked for is one of names, and Secrets were only listed in `pay`, as metadata.
fn secrets_were_listed_and_nothing_more(fixture: &Fixture) {
    let mut lists = 0;
    for event in ours(fixture) {
        let uri = event["requestURI"].as_str().unwrap();
        let path = uri.split('?').next().unwrap();
        // A blank may stand in the name of an object, as far as a path is concerned.
        let plain = path.replace("/pods/a%20b", "");
        assert!(!plain.contains('%') && !plain.contains(".."), "{uri}");
        if event["objectRef"]["resource"] == "secrets" {
            assert_eq!(event["verb"], "list", "{event}");
            assert_eq!(path, "/api/v1/namespaces/pay/secrets");
            assert_eq!(event["responseObject"]["kind"], "PartialObjectMetadataList", "{event}");
            lists += 1;
        }
    }
    assert!(lists > 0);
}
