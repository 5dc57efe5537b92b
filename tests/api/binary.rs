//! Lists in protobuf are what the same lists are in JSON.

use std::process::Command;

use http_body_util::BodyExt as _;
use plimsoll::cluster::fuzzing;

use super::fixture::{Admin, program};
use super::gate::Gate;
use super::objects::objects;
use super::*;

const PROTOBUF: &str = "application/vnd.kubernetes.protobuf";
const KEPT: &str = include_str!("../../src/cluster/protobuf/fields.txt");

/// What the program prints, or none if it was built without the types of Kubernetes.
#[allow(clippy::print_stderr, reason = "what did not run must not look as if it had")]
fn fixture(args: &[&str]) -> Option<Vec<u8>> {
    let done = Command::new(program()).args(args).output().unwrap();
    let error = String::from_utf8_lossy(&done.stderr);
    if error.contains("without -tags launcher") {
        eprintln!("{args:?} was NOT checked: {error}");
        return None;
    }
    assert!(done.status.success(), "{args:?}: {error}");
    Some(done.stdout)
}

#[test]
#[ignore = "needs a real API server"]
fn the_kept_table_of_fields_is_that_of_the_types() {
    let Some(printed) = fixture(&["-fields"]) else { return };
    let printed = String::from_utf8(printed).unwrap();
    let differs = printed.lines().zip(KEPT.lines()).find(|(now, kept)| now != kept);
    assert!(
        printed == KEPT,
        "src/cluster/protobuf/fields.txt is not what it was made of: {differs:?}"
    );
}

/// Objects of every kind, with every field, with none, and with what chance gives them.
#[test]
#[ignore = "needs a real API server"]
fn every_field_of_every_kind_comes_as_it_does_in_json() {
    let dir = tempfile::tempdir().unwrap();
    let Some(_) = fixture(&["-samples", dir.path().to_str().unwrap()]) else { return };
    for builtin in BUILTINS.iter().filter(|builtin| fuzzing::is_protobuf(builtin.plural)) {
        let name = format!("{}_{}", builtin.api_version().replace('/', "_"), builtin.kind);
        let file = |end: &str| std::fs::read(dir.path().join(format!("{name}.{end}"))).unwrap();
        same(builtin.plural, file("pb"), file("json"));
    }
}

/// Fails where a list in protobuf is not, to the order of the keys, what it is in JSON. Tells how many
/// objects it has.
fn same(resource: &str, protobuf: Vec<u8>, json: Vec<u8>) -> usize {
    let protobuf = fuzzing::list_of(resource, protobuf, true);
    let (found, head) = protobuf.unwrap_or_else(|error| panic!("{resource}: {error}"));
    let (wanted, wanted_head) = fuzzing::list_of(resource, json, false).unwrap();
    assert_eq!(head, wanted_head, "{resource}");
    assert_eq!(found.len(), wanted.len(), "{resource}");
    for (found, wanted) in found.iter().zip(wanted) {
        if *found != wanted {
            let at = found.bytes().zip(wanted.bytes()).take_while(|(a, b)| a == b).count();
            let from = |text: &str| {
                let part = text.as_bytes().iter().skip(at.saturating_sub(80)).take(240);
                String::from_utf8_lossy(&part.copied().collect::<Vec<u8>>()).into_owned()
            };
            panic!("{resource}:\n{}\nin place of\n{}", from(found), from(&wanted));
        }
    }
    found.len()
}

async fn body(admin: &Admin, path: &str, accept: &str) -> Vec<u8> {
    let response = admin.pass(path, accept).await.unwrap();
    assert!(response.status().is_success(), "{path}: {}", response.status());
    assert_eq!(response.headers()["content-type"], accept, "{path}");
    response.into_body().collect().await.unwrap().to_bytes().to_vec()
}

fn path(builtin: &Builtin) -> String {
    let root = if builtin.group.is_empty() { "/api" } else { "/apis" };
    format!("{root}/{}/{}", builtin.api_version(), builtin.plural)
}

#[tokio::test]
#[ignore = "needs a real API server"]
async fn a_server_lists_the_same_in_protobuf_and_in_json() {
    let fixture = Fixture::start();
    let admin = fixture.admin().await;
    admin.namespace("both").await;
    for (path, object) in objects() {
        admin.create(path, &object).await;
    }
    let (mut kinds, mut empty) = (0, Vec::new());
    for builtin in BUILTINS.iter().filter(|builtin| fuzzing::is_protobuf(builtin.plural)) {
        let path = path(builtin);
        let binary = body(&admin, &path, PROTOBUF).await;
        // An object of the server's own, as its leases are, may have changed in between.
        let json = body(&admin, &path, "application/json").await;
        kinds += 1;
        if same(builtin.plural, binary, json) == 0 {
            empty.push(builtin.kind);
        }
    }
    assert_eq!(kinds, BUILTINS.len() - 2, "Secrets and definitions of custom kinds stay JSON");
    assert_eq!(empty, ["CertificateSigningRequest"], "lists without any object prove little");
}

#[tokio::test]
#[ignore = "needs a real API server"]
async fn a_scan_reads_protobuf_and_sees_what_json_has() {
    let fixture = Fixture::start();
    let admin = fixture.admin().await;
    admin.namespace("both").await;
    for (path, object) in objects() {
        admin.create(path, &object).await;
    }
    let gate = Gate::to(&fixture, Box::new(|_| Box::pin(async {}))).await;
    let inventory = capture(&gate.options(&fixture), &everything()).await;
    let pod = inventory.get(&kind("", "Pod"), "both", "full").unwrap();
    let mut told = admin.get("/api/v1/namespaces/both/pods/full").await;
    told["metadata"].as_object_mut().unwrap().remove("managedFields");
    assert_eq!(pod.body().to_json(), told);
    for builtin in BUILTINS.iter().filter(|builtin| builtin.kind != "Secret") {
        assert_eq!(find(&inventory, builtin.kind, None).status, ReadStatus::Complete);
        let lists = gate.passed(&format!("{}?limit=500", path(builtin)));
        let media =
            if fuzzing::is_protobuf(builtin.plural) { PROTOBUF } else { "application/json" };
        assert!(!lists.is_empty() && lists.iter().all(|list| list.media == media), "{lists:?}");
    }
    // What is refused is refused in words.
    let options = ConnectOptions { impersonate: Some("nobody".into()), ..fixture.options() };
    let inventory = capture(&options, &everything()).await;
    let pods = find(&inventory, "Pod", None);
    assert_eq!(pods.status, ReadStatus::Forbidden);
    assert!(pods.message.as_deref().is_some_and(|words| words.contains("nobody")), "{pods:?}");
}
