//! Checks run on demand: what was asked for with what is shown, and stopped when asked to.

use std::collections::BTreeSet;
use std::sync::Arc;

use plimsoll::assess::{self, Content};
use plimsoll::checks::Silent;
use plimsoll::model::finding::{CheckCounts, Finding, Gap, RunResult};
use plimsoll::session::RunRecord;
use plimsoll::session::run::Selection;
use plimsoll::source::files;

use crate::pty::Pty;
use crate::world::{World, many};

/// Chooses an entry of the run menu by its letter, after `label` stands in it.
fn run(pty: &mut Pty, label: &str, letter: &str) {
    pty.send("r");
    pty.wait_for("All checks");
    pty.wait_for(label);
    pty.send(letter);
    pty.wait_gone("All checks");
}

/// The checks whose results a saved run holds.
fn checks(record: &RunRecord) -> Vec<&str> {
    record.result.checks.keys().map(|id| &**id).collect()
}

#[test]
fn everything_a_framework_a_control_and_what_failed() {
    let world = World::new();
    // One check at first, so that whatever else has a result was run on demand.
    let mut pty = world.assessed(&["-f", "m.yaml", "--check", "host-network-namespace"]);
    assert_eq!(checks(&world.run(1)), ["host-network-namespace"]);

    pty.send("3");
    pty.wait_for("PSS base");
    pty.send("/baseline\r\r");
    pty.wait_for("Host Namespaces");
    pty.go_to("Privileged Containers");
    run(&mut pty, "Control privileged", "t");
    assert_eq!(checks(&world.run(2)), ["host-network-namespace", "privileged-container"]);

    run(&mut pty, "2 checks, everywhere", "f");
    assert_eq!(checks(&world.run(3)), ["host-network-namespace", "privileged-container"]);

    pty.send("\x1b");
    pty.wait("the framework", |_| pty.row().contains("PSS base"));
    run(&mut pty, "t PSS base", "t");
    let record = world.run(4);
    let baseline = checks(&record);
    assert!(baseline.len() > 8 && !baseline.contains(&"run-as-non-root-not-enforced"));
    assert!(baseline.contains(&"host-port"), "{baseline:?}");

    run(&mut pty, "All checks", "r");
    let record = world.run(5);
    assert_eq!(checks(&record), ["host-network-namespace"], "all is what the start asked for");
}

#[test]
fn a_check_under_the_cursor() {
    let world = World::new();
    let mut pty = world.assessed(&["-f", "m.yaml", "--check", "host-ipc-namespace"]);
    pty.send("gc");
    pty.wait_for("Container runs privileged");
    pty.send("/node network\r");
    pty.wait("the check", |_| pty.row().contains("Pod uses the node network"));
    run(&mut pty, "t host-network-namespace", "t");
    assert_eq!(checks(&world.run(2)), ["host-ipc-namespace", "host-network-namespace"]);
}

/// Filters the list to a check, marks it, and takes the filter away again.
fn mark(pty: &mut Pty, title: &str, marked: usize) {
    pty.send(&format!("/{title}\r"));
    pty.wait("the check alone", |text| {
        text.contains("hidden; esc clears") && pty.row().contains(title)
    });
    pty.send(" ");
    pty.wait_for(&format!("{marked} marked"));
    pty.send("\x1b");
    // However long the list is: what is said below it does not scroll.
    pty.wait("all checks, and the marks", |text| {
        text.contains(&format!("{marked} marked; esc clears"))
    });
}

#[test]
fn the_marked_checks_and_no_others() {
    let world = World::new();
    let mut pty = world.assessed(&["-f", "m.yaml", "--check", "host-ipc-namespace"]);
    pty.send("gc");
    pty.wait_for("Container runs privileged");
    mark(&mut pty, "Container runs privileged", 1);
    mark(&mut pty, "Pod uses the node network", 2);
    run(&mut pty, "The 2 marked", "t");
    let wanted = ["host-ipc-namespace", "host-network-namespace", "privileged-container"];
    assert_eq!(checks(&world.run(2)), wanted);
    // Marks that were cleared are not run.
    pty.send("\x1b");
    pty.wait_gone("marked");
    // A message may have hidden the marks before: Esc and the next key must not come as one.
    pty.settle();
    pty.send("r");
    pty.wait_for("All checks");
    pty.wait("the entries without marks", |text| !text.contains("marked"));
}

#[test]
fn one_namespace_and_one_workload() {
    let world = World::new();
    let places = |record: &RunRecord| {
        let place = |f: &Arc<Finding>| f.object.as_ref().unwrap().to_string();
        record.result.findings.iter().map(place).collect::<BTreeSet<String>>()
    };
    let mut pty = world.assessed(&["-f", "m.yaml", "-n", "none"]);
    assert!(places(&world.run(1)).is_empty());

    pty.send("2");
    pty.wait_for("Deployment");
    pty.send("/Deployment\r\r");
    pty.wait_for("cart");
    pty.send("/cart\r");
    pty.wait("the workload", |_| pty.row().contains("cart"));
    run(&mut pty, "On Deployment/shop/cart", "t");
    // With the namespace that was asked for at first: one run has both, and nothing of others.
    let second = world.run(2);
    assert_eq!(second.selection.namespaces, ["none", "shop"]);
    assert!(places(&second).contains("Deployment/shop/cart"));
    assert!(!places(&second).contains("Deployment/pay/web"));

    pty.send("1");
    pty.wait_for("What to mend first");
    pty.send("/pay\rG");
    pty.wait("a namespace", |_| pty.row().starts_with("pay"));
    run(&mut pty, "In pay", "t");
    let both = ["Deployment/pay/web".to_owned(), "Deployment/shop/cart".to_owned()];
    assert!(both.iter().all(|place| places(&world.run(3)).contains(place)));
}

#[test]
fn a_check_that_is_added_in_a_namespace_looks_wherever_the_others_do() {
    let world = World::new();
    let mut pty = world.assessed(&["-f", "m.yaml", "--check", "host-network-namespace"]);
    pty.send("n");
    pty.wait_for("all namespaces");
    pty.send("shop\r");
    pty.wait_for("m.yaml › shop");
    pty.send("4");
    pty.wait_for("shop/cart");
    pty.send(":privileged-container\r");
    pty.wait_for("It has not run");
    pty.send("gc");
    pty.wait_for("Container runs privileged");
    pty.send("/runs privileged\r");
    pty.wait("the check", |_| pty.row().contains("Container runs privileged"));
    run(&mut pty, "in shop", "t");
    // A run that says nothing of a place did not look there: what is saved is of one scope.
    let second = world.run(2);
    let counts = second.result.checks["privileged-container"];
    assert_eq!((counts.fail, counts.pass), (1, 1), "{:?}", second.selection);
    assert!(second.selection.namespaces.is_empty());
}

const HOST: &str = "\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: pay}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      hostPID: true
      containers: [{name: app, image: example.com/web:1}]
";

const REST: &str = "\
apiVersion: v1
kind: Namespace
metadata: {name: pay}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: settings, namespace: shop}
data: {a: b}
";

/// What checks came to and what is not assessed, but for how old findings are: that is of the session.
type Told = (Vec<(String, CheckCounts)>, Vec<Gap>, Vec<String>);

fn told(result: &RunResult) -> Told {
    let ages = "finding-overdue";
    let checks = result.checks.iter().filter(|(id, _)| &***id != ages);
    let gaps = result.not_assessed.iter().filter(|gap| &*gap.check != ages);
    (
        checks.map(|(id, counts)| (id.to_string(), *counts)).collect(),
        gaps.cloned().collect(),
        result.findings.iter().map(|f| f.fingerprint.clone()).collect(),
    )
}

/// What a run of everything on a manifest that is all there is comes to.
fn from_nothing(text: &str) -> RunResult {
    let content = Content::builtin();
    let mut inventory = files::from_text("b.yaml", text, &files::Options::default());
    inventory.source.closed_world = true;
    let facts = content.facts(Arc::new(inventory));
    let chosen = content.choose(&Selection::default()).unwrap();
    let chosen = content.fit(chosen, assess::cluster(&facts));
    content.run(&content.plan(&chosen), &chosen, &facts, &Silent)
}

#[test]
fn a_part_that_runs_again_leaves_a_run_that_tells_what_a_run_of_everything_tells() {
    let world = World::new();
    world.write("dir/a.yaml", HOST);
    world.write("dir/b.yaml", REST);
    let mut pty = world.assessed(&["-f", "dir", "--complete"]);
    let first = world.run(1);
    assert!(first.result.checks["host-pid-namespace"].fail > 0);

    pty.send("/pay\rG");
    pty.wait("a namespace", |_| pty.row().starts_with("pay"));
    run(&mut pty, "In pay", "t");
    let second = world.run(2);
    assert_eq!(told(&second.result), told(&first.result), "nothing changed");
    assert_eq!(second.selection, first.selection);

    std::fs::remove_file(world.path("dir/a.yaml")).unwrap();
    run(&mut pty, "In pay", "t");
    let third = world.run(3);
    assert_eq!(third.result.checks["host-pid-namespace"].pass, 0, "there is nothing to look at");
    assert_eq!(told(&third.result), told(&from_nothing(REST)));
}

#[test]
fn a_run_shows_how_far_it_is_and_stops_when_asked() {
    let world = World::new();
    let file = world.write("many.yaml", &many(3_000));
    let mut pty = world.start(&["-f", &file]);
    pty.wait("a run under way", |text| text.contains(" running "));
    let text = pty.text();
    let line = text.lines().find(|line| line.contains(" running ")).unwrap();
    let part = |word: &str| {
        word.split_once('/')
            .is_some_and(|(n, m)| n.parse::<u32>().is_ok() && m.parse::<u32>().is_ok())
    };
    assert!(
        line.split(' ').any(part) && format!("{line} ").contains(" s "),
        "not how far, nor how long: {line}"
    );
    pty.send("x");
    pty.wait_for("The run was stopped");
    pty.send("q");
    assert_eq!(pty.wait_exit(), 0);
    let saved = world.store().list().unwrap();
    assert!(saved.iter().all(|s| s.state.as_ref().unwrap().runs.is_empty()), "half a run is saved");
}
