//! What becomes of a watched cluster while the real server changes under it.

use super::*;
use std::path::Path;

fn pods() -> ReadRequest {
    let kinds = vec![
        kind("", "ConfigMap"),
        kind("apiextensions.k8s.io", "CustomResourceDefinition"),
        kind("example.invalid", "Thing"),
    ];
    ReadRequest { kinds, ..ReadRequest::default() }
}

fn inventory<T>(
    mut wanted: impl FnMut(&Inventory) -> Option<T>,
) -> impl FnMut(&LiveEvent) -> Option<T> {
    move |event| match event {
        LiveEvent::Inventory(inventory) => wanted(inventory),
        _ => None,
    }
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap().flatten() {
        let (path, target) = (entry.path(), to.join(entry.file_name()));
        let sort = entry.file_type().unwrap();
        if sort.is_dir() {
            copy(&path, &target);
        } else if sort.is_file() {
            std::fs::copy(path, target).unwrap();
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a real API server"]
async fn a_definition_that_is_installed_brings_its_kind_and_takes_it_again() {
    let fixture = Fixture::start();
    let admin = fixture.admin().await;
    admin.namespace("things").await;
    let connection = connect(&fixture.options()).await.unwrap();
    let (_live, mut events) = Live::spawn(connection, pods());
    until(&mut events, loaded).await;
    let definition = json!({"apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition", "metadata": {"name": "things.example.invalid"},
        "spec": {"group": "example.invalid", "scope": "Namespaced",
            "names": {"plural": "things", "singular": "thing", "kind": "Thing"},
            "versions": [{"name": "v1", "served": true, "storage": true, "schema":
                {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": true}}}]}});
    let definitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
    admin.create(definitions, &definition).await;
    let thing = kind("example.invalid", "Thing");
    let status = |i: &Inventory| find(i, "Thing", None).status;
    until(&mut events, inventory(|i| (status(i) == ReadStatus::Complete).then_some(()))).await;
    let body =
        json!({"apiVersion": "example.invalid/v1", "kind": "Thing", "metadata": {"name": "one"}});
    admin.create("/apis/example.invalid/v1/namespaces/things/things", &body).await;
    until(&mut events, inventory(|i| (i.of(&thing).len() == 1).then_some(()))).await;
    admin.delete(&format!("{definitions}/things.example.invalid")).await;
    until(
        &mut events,
        inventory(|i| {
            (status(i) == ReadStatus::NotServed).then(|| assert!(i.of(&thing).is_empty()))
        }),
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a real API server"]
async fn a_right_that_is_taken_away_takes_its_objects_once_the_watch_ends() {
    let fixture = Fixture::start();
    let admin = fixture.admin().await;
    admin.namespace("taken").await;
    admin.config_map("taken", "settings").await;
    admin.role("maps", &[("", "configmaps"), ("", "namespaces")]).await;
    admin.bind("maps", "passing", None).await;
    let options = ConnectOptions { impersonate: Some("passing".to_owned()), ..fixture.options() };
    let (live, mut events) = Live::spawn(connect(&options).await.unwrap(), pods());
    until(&mut events, loaded).await;
    let bindings = "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings";
    admin.delete(&format!("{bindings}/passing-maps")).await;
    // The server goes on answering a watch that is open; a new one is refused.
    tokio::time::sleep(Duration::from_secs(1)).await;
    live.wake();
    until(
        &mut events,
        inventory(|i| {
            let forbidden = find(i, "ConfigMap", None).status == ReadStatus::Forbidden;
            forbidden.then(|| assert!(i.of(&kind("", "ConfigMap")).is_empty()))
        }),
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a real API server"]
async fn a_server_restored_from_a_backup_is_what_it_is_now() {
    let fixture = Fixture::start();
    let backup = tempfile::tempdir().unwrap();
    fixture.admin().await.namespace("times").await;
    fixture.admin().await.config_map("times", "old").await;
    let state = fixture.state();
    let fixture = fixture.restart(|| copy(&state, backup.path()));
    let (_live, mut events) = Live::spawn(connect(&fixture.options()).await.unwrap(), pods());
    until(&mut events, loaded).await;
    let has = |i: &Inventory, name: &str| i.get(&kind("", "ConfigMap"), "times", name).is_some();
    for n in 0..20 {
        fixture.admin().await.config_map("times", &format!("new-{n}")).await;
    }
    until(&mut events, inventory(|i| has(i, "new-19").then_some(()))).await;
    let state = fixture.state();
    let _fixture = fixture.restart(|| {
        std::fs::remove_dir_all(&state).unwrap();
        copy(backup.path(), &state);
    });
    until(
        &mut events,
        inventory(|i| (!has(i, "new-0") && !has(i, "new-19")).then(|| assert!(has(i, "old")))),
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a real API server"]
async fn an_authority_that_is_replaced_is_read_anew_from_the_kubeconfig() {
    let fixture = Fixture::start();
    fixture.admin().await.namespace("trust").await;
    let (_live, mut events) = Live::spawn(connect(&fixture.options()).await.unwrap(), pods());
    until(&mut events, loaded).await;
    let before = std::fs::read_to_string(&fixture.kubeconfig).unwrap();
    // Another authority, other certificates of server and client, in the same file.
    let pki = fixture.state().join("pki");
    let fixture = fixture.restart(|| std::fs::remove_dir_all(pki).unwrap());
    assert_ne!(before, std::fs::read_to_string(&fixture.kubeconfig).unwrap());
    fixture.admin().await.config_map("trust", "later").await;
    let later = |i: &Inventory| i.get(&kind("", "ConfigMap"), "trust", "later").is_some();
    until(&mut events, inventory(|i| later(i).then_some(()))).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a real API server"]
async fn a_restart_takes_no_right_away_from_a_user_whose_rights_come_by_roles() {
    let fixture = Fixture::start();
    let admin = fixture.admin().await;
    admin.namespace("kept").await;
    admin.config_map("kept", "settings").await;
    admin.role("maps", &[("", "configmaps"), ("", "namespaces")]).await;
    admin.bind("maps", "staying", None).await;
    let options = ConnectOptions { impersonate: Some("staying".to_owned()), ..fixture.options() };
    let (_live, mut events) = Live::spawn(connect(&options).await.unwrap(), pods());
    until(&mut events, loaded).await;
    let whole = |i: &Inventory| {
        let there = |name: &str| find(i, name, None).status == ReadStatus::Complete;
        let settings = i.get(&kind("", "ConfigMap"), "kept", "settings").is_some();
        there("ConfigMap") && there("Namespace") && settings
    };
    // It is back so soon that the loss may not even be noticed.
    let fixture = fixture.restart(|| ());
    fixture.admin().await.config_map("kept", "later").await;
    let kept = |event: &LiveEvent| match event {
        LiveEvent::Inventory(i) => assert!(whole(i), "{:#?}", i.reads),
        LiveEvent::Liveness(Liveness::NotWatched(kinds)) => {
            assert!(kinds.keys().all(|kind| &*kind.kind != "ConfigMap"), "{kinds:?}");
        }
        _ => {}
    };
    until(&mut events, |event| {
        kept(event);
        let LiveEvent::Inventory(i) = event else { return None };
        i.get(&kind("", "ConfigMap"), "kept", "later").map(|_| ())
    })
    .await;
    // A server that has just been started refuses for a moment, once it answers.
    let rest = async {
        while let Some(event) = events.recv().await {
            kept(&event);
        }
    };
    let _ = tokio::time::timeout(Duration::from_secs(8), rest).await;
}
