//! Sources that cannot be read at all: status 3, with what happened, why, and what to do.

use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::binary::{Audited, Done, Scan, plimsoll};
use crate::fixture::Fixture;
use crate::people::certificate;
use crate::world::{World, go, shared};

fn refused(kubeconfig: &Path) -> Done {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("result.json");
    let done = plimsoll(&[
        "scan",
        "--kubeconfig",
        kubeconfig.to_str().unwrap(),
        "-o",
        "json",
        "--output-file",
        file.to_str().unwrap(),
    ]);
    assert_eq!(done.stdout, "");
    assert!(!file.exists(), "nothing was read, so nothing is reported");
    done
}

/// What, why and what next, each said.
fn explained(done: &Done, words: &[&str]) {
    assert_eq!(done.status, 3, "{}", done.stderr);
    for word in words {
        assert!(done.stderr.contains(word), "{word:?} is not said: {}", done.stderr);
    }
    assert!(
        !done.stderr.contains("panicked") && !done.stderr.contains('\u{1b}'),
        "{}",
        done.stderr
    );
}

#[test]
#[ignore = "needs the API server fixture; tests/run runs it"]
fn wrong_tokens_and_expired_certificates_say_to_log_in_again() {
    let fixture = shared();
    let _audited = Audited::new(fixture);
    let users: [(&str, Value); 2] = [
        ("token", json!({"token": "not-a-token"})),
        ("expired", certificate(fixture, "only-shop", "shoppers", true)),
    ];
    for (name, user) in users {
        let kubeconfig = fixture.changed(&format!("{name}-refused.json"), |config| {
            config["users"][0]["user"] = user;
        });
        let done = refused(&kubeconfig);
        explained(
            &done,
            &["cannot read the cluster at", &fixture.url, "Unauthorized", "log in again"],
        );
        assert!(!done.stderr.contains("not-a-token"), "{}", done.stderr);
        // Trying again would not help.
        assert!(done.took < Duration::from_secs(20), "{name}: {:?}", done.took);
    }
}

#[test]
#[ignore = "needs the API server fixture; tests/run runs it"]
fn a_token_works_until_it_is_revoked_and_a_server_that_is_down_is_told_soon() {
    let fixture = Fixture::start();
    let audited = Audited::new(&fixture);
    let accounts = "/api/v1/namespaces/default/serviceaccounts";
    let world = go(async {
        let world = World(fixture.admin().await);
        world.account("default", "robot").await;
        world
    });
    let asked =
        json!({"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {}});
    let answer = go(world.0.create(&format!("{accounts}/robot/token"), &asked));
    let token = answer["status"]["token"].as_str().unwrap();
    let kubeconfig = fixture.changed("robot.json", |config| {
        config["users"][0]["user"] = json!({"token": token});
    });
    let args = ["scan", "--kubeconfig", kubeconfig.to_str().unwrap(), "-o", "json"];
    let done = plimsoll(&args);
    // It gets in, and may read nothing.
    assert_eq!(done.status, 3, "{}", done.stderr);
    assert!(done.stderr.contains("nothing could be read"), "{}", done.stderr);
    let robot = Scan(serde_json::from_str(&done.stdout).unwrap());
    let nodes = robot.list("reads").iter().find(|r| r["resource"] == "v1/nodes").unwrap();
    let why = nodes["message"].as_str().unwrap();
    assert!(why.contains("system:serviceaccount:default:robot"), "{why}");

    go(world.0.delete(&format!("{accounts}/robot")));
    // The server remembers tokens for some seconds.
    let begun = Instant::now();
    let done = loop {
        let args = ["scan", "--kubeconfig", kubeconfig.to_str().unwrap()];
        let done = plimsoll(&args);
        if done.stderr.contains("Unauthorized") || begun.elapsed() > Duration::from_secs(60) {
            break done;
        }
        std::thread::sleep(Duration::from_millis(500));
    };
    explained(&done, &["cannot read the cluster at", "Unauthorized", "log in again"]);
    assert!(!done.stderr.contains(token), "the token is printed");

    drop(audited);
    let home = tempfile::tempdir().unwrap();
    let copy = home.path().join("kubeconfig");
    std::fs::copy(&fixture.kubeconfig, &copy).unwrap();
    let url = fixture.url.clone();
    drop(fixture);
    let done = refused(&copy);
    explained(
        &done,
        &["cannot read the cluster at", &url, "refused", "Check that the cluster runs"],
    );
    assert!(done.took < Duration::from_secs(20), "{:?}", done.took);
    let file = home.path().join("cluster.snapshot");
    let args = ["snapshot", "--kubeconfig", copy.to_str().unwrap(), "--output-file"];
    let done = plimsoll(&[&args[..], &[file.to_str().unwrap()]].concat());
    explained(&done, &["cannot read the cluster at"]);
    assert!(!file.exists());
}
