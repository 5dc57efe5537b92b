//! What changes in a real cluster flips on the screen.

use std::path::Path;
use std::time::{Duration, Instant};

use plimsoll::session::{Session, SessionStore};
use serde_json::{Value, json};

use crate::binary::Audited;
use crate::pty::Pty;
use crate::workbench::{filled, open, ready};
use crate::world::{World, go, hardened};

const PROBED: &str = "/apis/apps/v1/namespaces/shop/deployments/probed";

/// Longest time from a change to its sign on the screen, on a machine that does much beside.
const SOON: Duration = Duration::from_secs(4);

/// Longer than the rest after a judgement.
const QUIET: Duration = Duration::from_millis(2_500);

fn privileged(on: bool) -> Value {
    let mut container = hardened("probed")["containers"][0].clone();
    if on {
        container["securityContext"] = json!({"privileged": true});
    }
    json!({"spec": {"template": {"spec": {"containers": [container]}}}})
}

/// Changes the Deployment and waits until the screen says so; how long that took.
fn flip(pty: &Pty, world: &World, on: bool, seen: impl Fn(&str) -> bool) -> Duration {
    let change = privileged(on);
    let begun = Instant::now();
    go(world.0.patch(PROBED, &change));
    pty.wait("the change on the screen", seen);
    begun.elapsed()
}

fn is_listed(screen: &str) -> bool {
    screen.lines().any(|line| line.contains("shop/probed") && line.contains("critical"))
}

fn session(home: &Path) -> Session {
    let store = SessionStore::new(&home.join("data"));
    let all = store.list().unwrap();
    assert_eq!(all.len(), 1);
    store.open(&all[0].id).unwrap()
}

#[test]
#[ignore = "needs the API server fixture; tests/run runs it"]
fn a_finding_flips_on_the_screen_and_waits_while_it_is_frozen() {
    let (fixture, world) = filled();
    let _audited = Audited::new(&fixture);
    let home = tempfile::tempdir().unwrap();
    let mut pty = open(home.path(), &fixture.kubeconfig, &[]);
    ready(&pty);
    pty.send("4");
    pty.wait_for("› findings");
    pty.send("/probed sev:critical\r");
    pty.wait_for("hidden by the filter");

    // No key is pressed from here on: the finding comes, marked, and goes.
    let mut took = Vec::new();
    for _ in 0..3 {
        // After a judgement it rests; what is measured is a change in a quiet cluster.
        std::thread::sleep(QUIET);
        took.push(flip(&pty, &world, true, is_listed));
        assert!(pty.text().contains("live +"), "{}", pty.text());
        std::thread::sleep(QUIET);
        took.push(flip(&pty, &world, false, |screen| !is_listed(screen)));
    }
    took.sort();
    println!("from the change to the screen: {took:?}");
    assert!(took.iter().all(|took| *took < SOON), "{took:?}");

    // Frozen, the change waits and is counted.
    pty.send("F");
    pty.wait_for("frozen");
    flip(&pty, &world, true, |screen| screen.contains("frozen · 1 change waiting"));
    std::thread::sleep(Duration::from_millis(1_500));
    assert!(!is_listed(&pty.text()), "{}", pty.text());
    pty.send("F");
    pty.wait("the change let in", is_listed);
    assert!(!pty.text().contains("frozen"), "{}", pty.text());

    // What is open and mended says so, and esc leads back.
    pty.send("\r");
    pty.wait_for("securityContext:");
    flip(&pty, &world, false, |screen| screen.contains("(it is fixed)"));
    pty.send("\x1b");
    pty.wait_for("hidden by the filter");

    // Following wrote nothing: the session has the one run. Comparing makes what is seen another.
    flip(&pty, &world, true, is_listed);
    pty.send("C");
    pty.wait_for("› comparison");
    pty.wait_for("shop/probed");
    pty.send("q");
    assert_eq!(pty.wait_exit(), 0);
    let runs: Vec<usize> =
        session(home.path()).state().runs.iter().map(|run| run.findings).collect();
    assert_eq!(runs.len(), 2, "{runs:?}");
    assert!(runs[1] > runs[0], "{runs:?}");
}

#[test]
#[ignore = "needs the API server fixture; tests/run runs it"]
fn what_rests_on_a_binding_flips_with_it_and_lines_tell_it() {
    let (fixture, world) = filled();
    let _audited = Audited::new(&fixture);
    let home = tempfile::tempdir().unwrap();
    let mut pty = open(home.path(), &fixture.kubeconfig, &["--plain"]);
    pty.wait_for("The run took");
    let body = json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRoleBinding",
        "metadata": {"name": "flip-admin"}, "roleRef": {"kind": "ClusterRole",
        "name": "cluster-admin", "apiGroup": "rbac.authorization.k8s.io"},
        "subjects": [{"kind": "ServiceAccount", "name": "web", "namespace": "shop"}]});
    let bindings = "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings";
    go(world.0.create(bindings, &body));
    pty.wait("a line of what is new", |screen| {
        screen.contains("new finding") && screen.contains(" since ")
    });
    go(world.0.delete(&format!("{bindings}/flip-admin")));
    pty.wait("a line of what is gone", |screen| {
        screen.contains("finding gone") || screen.contains("findings gone")
    });
    pty.send("quit\r");
    assert_eq!(pty.wait_exit(), 0);
    assert_eq!(session(home.path()).state().runs.len(), 1, "following saves nothing");
}

#[test]
#[ignore = "needs the API server fixture; tests/run runs it"]
fn a_session_that_is_taken_up_is_followed_from_its_last_run() {
    let (fixture, world) = filled();
    let _audited = Audited::new(&fixture);
    let home = tempfile::tempdir().unwrap();
    let mut pty = open(home.path(), &fixture.kubeconfig, &[]);
    ready(&pty);
    pty.send("q");
    assert_eq!(pty.wait_exit(), 0);
    let before = session(home.path()).state().runs.len();
    assert_eq!(before, 1);
    // While nobody looked something got worse.
    go(world.0.patch(PROBED, &privileged(true)));
    let id = SessionStore::new(&home.path().join("data")).list().unwrap()[0].id.clone();

    let mut pty = open(home.path(), &fixture.kubeconfig, &["--session", &id]);
    pty.wait("the cluster again", |screen| screen.contains("◉ live"));
    pty.send("4");
    pty.wait_for("› findings");
    pty.send("/probed sev:critical\r");
    pty.wait("what came since the run", is_listed);
    assert!(pty.text().contains("live +"), "it is told from the run: {}", pty.text());
    // What changes from here on is seen as in a session that was begun now.
    std::thread::sleep(QUIET);
    flip(&pty, &world, false, |screen| !is_listed(screen));
    std::thread::sleep(QUIET);
    flip(&pty, &world, true, is_listed);
    pty.send("q");
    assert_eq!(pty.wait_exit(), 0);
    assert_eq!(session(home.path()).state().runs.len(), before, "following saves nothing");
}
