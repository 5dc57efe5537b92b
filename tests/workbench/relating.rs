//! Who may do what, and who reaches whom, in the demo cluster.

use crate::world::World;

#[test]
fn a_subject_leads_to_the_line_of_its_binding_and_back() {
    let world = World::new();
    let mut pty = world.start(&["demo"]);
    pty.wait_for(crate::world::DONE);
    pty.send("6");
    pty.wait_for("all verbs on all resources");
    pty.send("/ci-deployer\r");
    pty.wait_for("hidden; esc clears");
    pty.send("\r");
    pty.wait_for("Rights");
    pty.wait_for("ClusterRoleBinding/ci-deployer");
    pty.send("\r");
    pty.wait_for("◀ here");
    let text = pty.text();
    let line = text.lines().find(|line| line.contains("◀ here")).expect("the line is marked");
    assert!(line.contains("ServiceAccount") || line.contains("ci-deployer"), "{line}");
    pty.send("\x1b");
    pty.wait_gone("◀ here");
    pty.send("\x1b");
    pty.wait_for("hidden; esc clears");
    pty.send(":who-can get secrets in pay\r");
    pty.wait_for("Who can get secrets in pay");
    pty.wait_for("temporary-admin");
}

#[test]
fn a_namespace_leads_to_its_workloads_and_what_may_reach_them() {
    let world = World::new();
    let mut pty = world.start(&["demo"]);
    pty.wait_for(crate::world::DONE);
    pty.send("7");
    pty.wait_for("isolated in");
    pty.send("/ns:pay\r\r");
    pty.wait_for("Workloads");
    pty.wait_for("Policies");
    pty.send("\r");
    pty.wait_for("Who may come in");
    pty.wait_for("Where it may go");
    pty.send("\x1b");
    pty.wait_gone("Who may come in");
    pty.send("\x1b");
    pty.wait_for("hidden; esc clears");
}
