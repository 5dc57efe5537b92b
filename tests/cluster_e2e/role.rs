//! Roles as `plimsoll role` prints them, held against the API server: they suffice, and nothing of
//! them can be left out. The server grants nobody the right to ask for its version and for what it
//! serves, as hardened clusters do.

use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use plimsoll::cluster::{ConnectOptions, Pod, ReadRequest, connect, read};
use plimsoll::model::kinds::{Kind, lookup};
use plimsoll::model::read::ReadStatus;
use plimsoll::text::locate;
use serde_json::{Value, json};

use crate::binary::{Audited, Scan, plimsoll, scan};
use crate::fixture::{Admin, Fixture};
use crate::people::certificate;
use crate::rights::missing;
use crate::world::{World, go};

const RBAC: &str = "/apis/rbac.authorization.k8s.io/v1";

/// A server that grants nothing by itself, and serves two custom kinds that checks look at. Tests
/// have it one after the other: what they grant is part of what is assessed.
fn hardened() -> (MutexGuard<'static, ()>, &'static Fixture) {
    static TURN: Mutex<()> = Mutex::new(());
    // A test that failed leaves roles behind, no half-made state.
    (TURN.lock().unwrap_or_else(PoisonError::into_inner), server())
}

fn server() -> &'static Fixture {
    static SERVER: OnceLock<Fixture> = OnceLock::new();
    SERVER.get_or_init(|| {
        let fixture = Fixture::start();
        go(async {
            let world = World(fixture.admin().await);
            world.fill().await;
            for name in ["system:discovery", "system:public-info-viewer", "system:basic-user"] {
                world.0.delete(&format!("{RBAC}/clusterrolebindings/{name}")).await;
            }
            definition(&world.0, "Policy", "policies", "Namespaced").await;
            definition(&world.0, "ClusterPolicy", "clusterpolicies", "Cluster").await;
            let secret = json!({"apiVersion": "v1", "kind": "Secret", "type": "Opaque",
                "metadata": {"name": "s"}, "stringData": {"password": "hunter2"}});
            world.0.create("/api/v1/namespaces/shop/secrets", &secret).await;
        });
        fixture
    })
}

async fn definition(admin: &Admin, kind: &str, plural: &str, scope: &str) {
    let schema = json!({"openAPIV3Schema": {"type": "object",
        "x-kubernetes-preserve-unknown-fields": true}});
    let body = json!({"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
        "metadata": {"name": format!("{plural}.kyverno.io")},
        "spec": {"group": "kyverno.io", "scope": scope,
            "names": {"kind": kind, "plural": plural, "singular": kind.to_lowercase()},
            "versions": [{"name": "v1", "served": true, "storage": true, "schema": schema}]}});
    admin.create("/apis/apiextensions.k8s.io/v1/customresourcedefinitions", &body).await;
    let path = format!("/apis/kyverno.io/v1/{plural}");
    while !admin.found(&path).await {
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
}

/// What the command prints, as a list of objects.
fn printed(args: &[&str]) -> Vec<Value> {
    let done = plimsoll(&[&["role", "-o", "json"], args].concat());
    assert_eq!(done.status, 0, "{args:?}: {}", done.stderr);
    let list: Value = serde_json::from_str(&done.stdout).unwrap();
    list["items"].as_array().unwrap().clone()
}

/// Where objects of this kind are created.
fn place(object: &Value) -> String {
    let text = |v: &Value| v.as_str().unwrap_or_default().to_owned();
    let (version, kind) = (text(&object["apiVersion"]), text(&object["kind"]));
    let builtin = Kind::of(&version, &kind).builtin().unwrap();
    let root = if version.contains('/') { "apis" } else { "api" };
    let namespace = object["metadata"]["namespace"].as_str();
    let inside = namespace.map(|n| format!("namespaces/{n}/")).unwrap_or_default();
    format!("/{root}/{version}/{inside}{}?fieldValidation=Strict", builtin.plural)
}

/// Creates objects; the server takes no field that it does not know.
async fn apply(admin: &Admin, objects: &[Value]) {
    for object in objects {
        admin.create(&place(object), object).await;
    }
}

/// Every resource of the reads that did not bring everything, as `group/plural`, or the path.
fn refused(scan: &Scan) -> BTreeSet<String> {
    missing(scan).iter().map(|read| resource(read.split('@').next().unwrap())).collect()
}

/// `apps/v1/deployments` as `apps/deployments`.
fn resource(read: &str) -> String {
    match read.split('/').collect::<Vec<_>>()[..] {
        ["", ..] => read.to_owned(),
        [_, plural] => format!("/{plural}"),
        [group, _, plural] => format!("{group}/{plural}"),
        _ => panic!("no read: {read}"),
    }
}

/// Every resource or path of some objects, as `group/plural`.
fn granted(objects: &[Value]) -> BTreeSet<String> {
    let text = |v: &Value| v.as_str().unwrap().to_owned();
    let mut all = BTreeSet::new();
    for rule in objects.iter().flat_map(|o| o["rules"].as_array().into_iter().flatten()) {
        let paths = rule["nonResourceURLs"].as_array().into_iter().flatten();
        all.extend(paths.map(text));
        let on = rule["resources"].as_array().into_iter().flatten();
        all.extend(on.map(|r| format!("{}/{}", text(&rule["apiGroups"][0]), text(r))));
    }
    all
}

/// The objects without the right on one resource or path.
fn without(objects: &[Value], name: &str) -> Vec<Value> {
    let mut objects = objects.to_vec();
    for object in &mut objects {
        let Some(rules) = object.get_mut("rules").and_then(Value::as_array_mut) else { continue };
        for rule in rules.iter_mut() {
            let group = rule["apiGroups"][0].as_str().map(|group| format!("{group}/"));
            for list in ["resources", "nonResourceURLs"] {
                let prefix = group.clone().filter(|_| list == "resources").unwrap_or_default();
                if let Some(on) = rule.get_mut(list).and_then(Value::as_array_mut) {
                    on.retain(|one| format!("{prefix}{}", one.as_str().unwrap()) != name);
                }
            }
        }
        let empty = |rule: &Value| {
            ["resources", "nonResourceURLs"]
                .iter()
                .all(|list| rule[*list].as_array().is_none_or(Vec::is_empty))
        };
        rules.retain(|rule| !empty(rule));
    }
    objects
}

/// Gives the objects another name, and another user.
fn renamed(objects: &[Value], name: &str) -> Vec<Value> {
    let mut objects = objects.to_vec();
    for object in &mut objects {
        object["metadata"]["name"] = name.into();
        if object["kind"].as_str().unwrap().ends_with("Binding") {
            object["roleRef"]["name"] = name.into();
            object["subjects"][0]["name"] = name.into();
        }
    }
    objects
}

/// Selections, each with a name for the user who has its role.
const SELECTIONS: &[(&str, &[&str])] = &[
    ("role-all", &[]),
    ("role-framework", &["--framework", "nsa-cisa"]),
    ("role-control", &["--control", "pss-baseline/privileged"]),
    ("role-check", &["--check", "rbac-wildcard-all"]),
    ("role-team", &["-n", "shop"]),
    ("role-teams", &["-n", "shop,pay", "--framework", "pss-restricted"]),
    ("role-object", &["deploy/web", "-n", "shop"]),
    ("role-secrets", &["--allow", "secret-metadata"]),
];

#[test]
#[ignore = "needs the API server fixture; tests/run runs it"]
fn with_its_role_a_selection_is_refused_nothing_and_finds_what_the_administrator_finds() {
    let (_turn, fixture) = hardened();
    let audited = Audited::with_secrets(fixture);
    for (name, args) in SELECTIONS {
        let objects = printed(&[args, &["--name", name, "--bind-user", name][..]].concat());
        go(async { apply(&fixture.admin().await, &objects).await });
    }
    for (name, args) in SELECTIONS {
        let part =
            scan(&fixture.kubeconfig, &[args, &["--as", name, "--require-complete"][..]].concat());
        assert_eq!(missing(&part), BTreeSet::new(), "{name}");
        assert!(part.list("reads").len() > 3, "{name}");
        let full = scan(&fixture.kubeconfig, args);
        for what in ["findings", "notAssessed", "checks", "frameworks", "evidence"] {
            assert_eq!(part.0[what], full.0[what], "{name}: {what}");
        }
    }
    secrets_were_listed_without_their_data(&audited);
}

/// What the log says of Secrets: lists of metadata by whoever was allowed, and nothing more.
fn secrets_were_listed_without_their_data(audited: &Audited<'_>) {
    let mut lists = 0;
    for event in audited.requests() {
        if event["objectRef"]["resource"] != "secrets" {
            continue;
        }
        assert_eq!(event["verb"], "list", "{event}");
        let who = event["impersonatedUser"]["username"].as_str().unwrap_or("administrator");
        assert!(["role-secrets", "administrator"].contains(&who), "{event}");
        let answer = &event["responseObject"];
        assert_eq!(answer["kind"], "PartialObjectMetadataList", "{event}");
        // Of types that nobody uses the list is null.
        let items: Vec<&Value> = answer["items"].as_array().into_iter().flatten().collect();
        assert!(items.iter().all(|item| item["data"].is_null() && item["stringData"].is_null()));
        assert!(!answer.to_string().contains("aHVudGVyMg"), "{event}");
        lists += items.len();
    }
    assert!(lists > 0, "no answer held a Secret");
}

/// Scans without each right of a role in turn: exactly the reads that are named after it are
/// refused. Returns how many rights were tried.
fn each_right_is_needed(fixture: &Fixture, name: &str, args: &[&str]) -> usize {
    let objects = printed(&[args, &["--name", name, "--bind-user", name]].concat());
    let full = scan(&fixture.kubeconfig, args);
    let served: BTreeSet<String> = full
        .list("reads")
        .iter()
        .filter(|read| read["status"] == "complete")
        .map(|read| resource(read["resource"].as_str().unwrap()))
        .collect();
    let mut tried = 0;
    let mut wrong = Vec::new();
    for (at, right) in granted(&objects).into_iter().enumerate() {
        let path = right.starts_with("/api");
        // Kinds that nobody installed are not asked for, and this server tells everything at once.
        if !served.contains(&right) && !path || right.ends_with('*') {
            continue;
        }
        tried += 1;
        let user = format!("{name}-{at}");
        let rest = renamed(&without(&objects, &right), &user);
        go(async { apply(&fixture.admin().await, &rest).await });
        let part = scan(&fixture.kubeconfig, &[args, &["--as", &user]].concat());
        let mut lost = refused(&part);
        if right == "/apis" {
            // Where built-in kinds are served is known; where others are, only the server tells.
            // Reads that have no place are named by their kind.
            let kind = |name: &str| name.starts_with(|c: char| c.is_ascii_uppercase());
            lost.retain(|name| !name.rsplit('/').next().is_some_and(kind));
        }
        if lost != BTreeSet::from([right.clone()]) {
            wrong.push(format!("without {right}: {lost:?}"));
        }
    }
    assert!(wrong.is_empty(), "{name}: {}", wrong.join("\n"));
    tried
}

#[test]
#[ignore = "needs the API server fixture; tests/run runs it"]
fn without_any_one_right_exactly_the_reads_that_are_named_after_it_are_refused() {
    let (_turn, fixture) = hardened();
    let _audited = Audited::with_secrets(fixture);
    // Most built-in kinds, two custom ones, the version, the two roots of the API and /flagz.
    assert!(each_right_is_needed(fixture, "less-all", &[]) > 40);
    let team = ["-n", "shop", "--framework", "pss-restricted"];
    assert!(each_right_is_needed(fixture, "less-team", &team) > 10);
    let secrets = ["--check", "service-account-token-long-lived", "--allow", "secret-metadata"];
    assert!(each_right_is_needed(fixture, "less-secrets", &secrets) >= 5);
}

#[test]
#[ignore = "needs the API server fixture; tests/run runs it"]
fn the_command_asks_a_cluster_only_what_it_serves() {
    let (_turn, fixture) = hardened();
    let audited = Audited::with_secrets(fixture);
    let asker = fixture.changed("asker.json", |config| {
        config["users"][0]["user"] = certificate(fixture, "asker", "system:masters", false);
    });
    let kubeconfig = asker.to_str().unwrap();
    let found = printed(&["--discover", "--kubeconfig", kubeconfig]);
    let guessed = printed(&[]);
    let (found, guessed) = (granted(&found), granted(&guessed));
    assert!(found.contains("kyverno.io/policies") && found.contains("kyverno.io/clusterpolicies"));
    // What is guessed is called what the server calls it, and the server lacks most custom kinds.
    assert!(found.is_subset(&guessed), "{:?}", found.difference(&guessed));
    assert!(!found.contains("cert-manager.io/certificates"), "{found:?}");
    assert!(guessed.contains("cert-manager.io/certificates"), "{guessed:?}");
    let every =
        granted(&printed(&["--discover", "--kubeconfig", kubeconfig, "--allow", "all-kinds"]));
    assert!(
        every.contains("coordination.k8s.io/leases") && !every.contains("/secrets"),
        "{every:?}"
    );
    let asked: BTreeSet<String> = audited
        .requests()
        .iter()
        .filter(|event| event["user"]["username"] == "asker")
        .map(|event| event["requestURI"].as_str().unwrap().to_owned())
        .collect();
    // Groups that the lists lack are asked whether they are there, and nothing in them is.
    let other: Vec<&String> = asked
        .iter()
        .filter(|uri| !matches!(uri.as_str(), "/api" | "/apis"))
        .filter(|uri| uri.strip_prefix("/apis/").is_none_or(|group| group.contains('/')))
        .collect();
    assert_eq!(other, [""; 0]);
    assert!(asked.contains("/api") && asked.contains("/apis"), "{asked:?}");
}

#[test]
#[ignore = "needs the API server fixture; tests/run runs it"]
fn the_role_of_one_namespace_alone_gives_a_useful_scan() {
    // Of its own: what is granted here must not be seen by the tests that share a server.
    let fixture = Fixture::start();
    go(async { World(fixture.admin().await).fill().await });
    let _audited = Audited::new(&fixture);
    let args = ["-n", "shop"];
    let name = ["--name", "shop-alone", "--bind-user", "shop-alone"];
    let objects = printed(&[&args[..], &name, &["--namespaced"]].concat());
    assert!(objects.iter().all(|o| o["metadata"]["namespace"] == "shop"), "{objects:#?}");
    go(async { apply(&fixture.admin().await, &objects).await });
    let part = scan(&fixture.kubeconfig, &["-n", "shop", "--as", "shop-alone"]);
    // Refused is what the cluster role would have granted, and nothing in the namespace.
    let whole = printed(&args);
    let wide =
        granted(&whole.into_iter().filter(|o| o["kind"] == "ClusterRole").collect::<Vec<_>>());
    let lost = refused(&part);
    assert!(lost.is_subset(&wide), "{:?}", lost.difference(&wide));
    assert!(lost.contains("/nodes") && lost.contains("/namespaces"), "{lost:?}");
    for read in part.list("reads").iter().filter(|read| read["namespace"] == "shop") {
        assert!(["complete", "not-asked"].contains(&read["status"].as_str().unwrap()), "{read}");
    }
    let full = scan(&fixture.kubeconfig, &args);
    crate::rights::nothing_is_decided_otherwise(&full, &part, "shop-alone");
    assert_eq!(part.only("privileged-container")["instances"], 3);
    assert_eq!(part.control("pss-baseline/privileged")["status"], "fail");
    let passes = part.controls().iter().filter(|(_, c)| c["status"] == "pass").count();
    assert!(passes > 3, "{passes}");
}

/// The objects of the example, in the order of its files.
fn example() -> Vec<(Value, String)> {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/examples/cronjob");
    let mut files: Vec<_> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| file.extension().is_some_and(|e| e == "yaml"));
    files.sort();
    let text = |file: &std::path::PathBuf| std::fs::read_to_string(file).unwrap();
    let parts = files
        .iter()
        .flat_map(|file| text(file).split("\n---\n").map(str::to_owned).collect::<Vec<_>>());
    let read = |text: &str| locate::documents(text).remove(0).node.unwrap().to_json();
    parts.map(|text| (read(&text), text)).collect()
}

#[test]
#[ignore = "needs the API server fixture; tests/run runs it"]
fn the_cronjob_is_accepted_and_its_account_may_read_all_that_it_asks_for() {
    let (_turn, fixture) = hardened();
    let _audited = Audited::with_secrets(fixture);
    let objects = example();
    assert!(objects.len() >= 7, "{}", objects.len());
    let token = go(async {
        let admin = fixture.admin().await;
        for (object, text) in &objects {
            let (status, answer) =
                admin.answer("POST", &place(object), "application/yaml", text.clone()).await;
            assert!(status.is_success(), "{text}\n{answer}");
        }
        admitted(&admin, &objects).await;
        let asked =
            json!({"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {}});
        let path = "/api/v1/namespaces/plimsoll/serviceaccounts/plimsoll/token";
        admin.create(path, &asked).await["status"]["token"].as_str().unwrap().to_owned()
    });
    let kubeconfig = fixture.changed("cronjob.json", |config| {
        config["users"][0]["user"] = json!({"token": token});
    });
    let part = scan(&kubeconfig, &["--require-complete"]);
    assert_eq!(missing(&part), BTreeSet::new());
    assert!(!part.of("privileged-container").is_empty());
    inside_a_pod(fixture, &token);
}

/// Pods of the `CronJob` are admitted to its namespace, which refuses others.
async fn admitted(admin: &Admin, objects: &[(Value, String)]) {
    let job = objects.iter().map(|(object, _)| object).find(|o| o["kind"] == "CronJob").unwrap();
    let mut pod = job["spec"]["jobTemplate"]["spec"]["template"].clone();
    pod["apiVersion"] = "v1".into();
    pod["kind"] = "Pod".into();
    pod["metadata"]["name"] = "try".into();
    let path = "/api/v1/namespaces/plimsoll/pods?dryRun=All&fieldValidation=Strict";
    let try_it = |pod: &Value| admin.answer("POST", path, "application/json", pod.to_string());
    let (status, answer) = try_it(&pod).await;
    assert!(status.is_success(), "{answer}");
    pod["spec"]["initContainers"][0]["securityContext"]["runAsUser"] = 0.into();
    let (status, answer) = try_it(&pod).await;
    assert!(status.as_u16() == 403 && answer.contains("PodSecurity"), "{answer}");
}

/// Without a kubeconfig the mounted account is used, and its token is read again when it is renewed.
fn inside_a_pod(fixture: &Fixture, token: &str) {
    let config: Value =
        serde_json::from_slice(&std::fs::read(fixture.changed("ca.json", |_| ())).unwrap())
            .unwrap();
    let cluster = &config["clusters"][0]["cluster"];
    let authority = if let Some(data) = cluster["certificate-authority-data"].as_str() {
        use base64::Engine as _;
        base64::engine::general_purpose::STANDARD.decode(data).unwrap()
    } else {
        std::fs::read(cluster["certificate-authority"].as_str().unwrap()).unwrap()
    };
    let mount = tempfile::tempdir().unwrap();
    std::fs::write(mount.path().join("ca.crt"), authority).unwrap();
    std::fs::write(mount.path().join("token"), token).unwrap();
    std::fs::write(mount.path().join("namespace"), "plimsoll").unwrap();
    let port = fixture.url.rsplit(':').next().unwrap().trim_end_matches('/').parse().unwrap();
    let pod = Pod { host: "127.0.0.1".to_owned(), port, mount: mount.path().to_owned() };
    let request = ReadRequest {
        kinds: ["pods", "nodes", "cronjobs", "clusterroles", "networkpolicies"]
            .map(|name| lookup(name).unwrap().kind())
            .to_vec(),
        ..ReadRequest::default()
    };
    let inventory = go(async {
        let options = ConnectOptions { pod: Some(pod), ..ConnectOptions::default() };
        let connection = connect(&options).await.unwrap();
        assert_eq!(
            (connection.context(), connection.namespace()),
            ("in-cluster", Some("plimsoll"))
        );
        read(&connection, &request, |_| ()).await.unwrap()
    });
    let fine = [ReadStatus::Complete, ReadStatus::NotServed, ReadStatus::NotAsked];
    let odd: Vec<_> = inventory.reads.iter().filter(|r| !fine.contains(&r.status)).collect();
    assert!(odd.is_empty(), "{odd:#?}");
    assert_eq!(inventory.of(&Kind::new("batch", "CronJob")).len(), 1);
}
