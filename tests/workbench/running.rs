//! Checks run on demand: exactly what was asked for, and stopped when asked to.

use crate::pty::Pty;
use crate::world::{DONE, World, many};

/// Chooses an entry of the run menu by its letter, after `label` stands in it.
fn run(pty: &mut Pty, label: &str, letter: &str) {
    pty.send("r");
    pty.wait_for("All checks");
    pty.wait_for(label);
    pty.send(letter);
    pty.wait_gone("All checks");
}

#[test]
fn everything_a_framework_a_control_and_what_failed() {
    let world = World::new();
    let mut pty = world.open();
    assert_eq!(world.run(1).selection, plimsoll::session::run::Selection::default());
    run(&mut pty, "everywhere", "r");
    assert_eq!(world.run(2).selection.frameworks, Vec::<String>::new());

    pty.send("3");
    pty.wait_for("Standards: Baseline");
    pty.send("/baseline\r");
    pty.wait_gone("Restricted");
    run(&mut pty, "Only pss-baseline", "t");
    assert_eq!(world.run(3).selection.frameworks, ["pss-baseline"]);

    pty.send("\r");
    pty.wait_for("Host Namespaces");
    pty.send("j");
    pty.wait("a control", |_| pty.row().contains("Privileged Containers"));
    run(&mut pty, "Only control privileged", "t");
    let record = world.run(4);
    assert_eq!(record.selection.controls, ["pss-baseline/privileged"]);
    // What was not run again is still shown.
    assert!(record.result.findings.iter().any(|f| &*f.check == "host-network-namespace"));

    run(&mut pty, "Those that failed", "f");
    assert!(world.run(5).selection.checks.iter().any(|id| id == "privileged-container"));
}

#[test]
fn a_check_marked_checks_a_namespace_and_a_workload() {
    let world = World::new();
    let mut pty = world.open();
    pty.send("5");
    pty.wait_for("host-network-namespace");
    pty.send("/host-network-namespace\r");
    pty.wait_gone("privileged-container");
    run(&mut pty, "Only host-network-namespace", "t");
    assert_eq!(world.run(2).selection.checks, ["host-network-namespace"]);

    pty.send(" \x1b");
    pty.wait_for("1 marked");
    pty.send("/privileged-container\r");
    pty.wait("the other check", |_| pty.row().contains("privileged-container"));
    pty.send(" ");
    pty.wait_for("2 marked");
    run(&mut pty, "The 2 marked", "t");
    assert_eq!(world.run(3).selection.checks, ["host-network-namespace", "privileged-container"]);

    pty.send("2");
    pty.wait_for("Deployment");
    pty.send("\r");
    pty.wait_for("cart");
    pty.send("/cart\r");
    pty.wait_gone("web ");
    run(&mut pty, "Only on Deployment/shop/cart", "t");
    let selection = world.run(4).selection;
    assert_eq!(selection.object.as_deref(), Some("Deployment/cart"));
    assert_eq!(selection.namespaces, ["shop"]);

    pty.send("1");
    pty.wait_for("What to mend first");
    pty.send("\t\t\t");
    pty.wait("a namespace", |_| pty.row().starts_with("pay") || pty.row().starts_with("shop"));
    run(&mut pty, "Only in", "t");
    assert!(["pay", "shop"].contains(&world.run(5).selection.namespaces.join(" ").as_str()));
}

#[test]
fn the_chosen_namespace_is_the_scope() {
    let world = World::new();
    let mut pty = world.open();
    pty.send("n");
    pty.wait_for("all namespaces");
    pty.send("shop\r");
    pty.wait_for("m.yaml › shop");
    pty.send("4");
    pty.wait_for("Deployment shop/cart");
    assert!(!pty.text().contains("Deployment pay/web"));
    run(&mut pty, "in shop", "r");
    assert_eq!(world.run(2).selection.namespaces, ["shop"]);
}

#[test]
fn a_run_shows_how_far_it_is_and_stops_when_asked() {
    let world = World::new();
    let file = world.write("many.yaml", &many(1_500));
    let mut pty = world.start(&["-f", &file]);
    pty.wait("a run under way", |text| text.contains("x stop") || text.contains("running"));
    pty.send("4");
    pty.wait("findings ahead of the end", |text| text.contains("Deployment big/app-"));
    pty.send("x");
    pty.wait_for("The run was stopped");
    assert!(!pty.text().contains(DONE));
    pty.send("q");
    assert_eq!(pty.wait_exit(), 0);
    let saved = world.store().list().unwrap();
    assert!(saved.iter().all(|s| s.state.as_ref().unwrap().runs.is_empty()), "half a run is saved");
}
