//! Several clusters side by side, in the real binary against clusters that answer and one that does not.

use crate::cluster::{Made, kubeconfig};
use crate::world::World;

#[test]
fn clusters_are_read_compared_opened_and_come_back_to() {
    let world = World::new();
    let eu = Made::new("v1.35.1").deployment("web", true).start();
    let us = Made::new("v1.33.2").deployment("web", false).without("rolebindings").start();
    let all = [("prod-eu", &*eu.server), ("prod-us", &*us.server), ("gone", "http://127.0.0.1:9")];
    let file = world.write("kc", &kubeconfig(&all, "{token: x}"));
    let mut pty = world.start(&["--kubeconfig", &file, "--contexts", "all"]);
    pty.wait_for("2 of 3 judged, 1 not read");
    let text = pty.text();
    assert!(text.contains("✖ not read") && text.contains("v1.35.1"), "{text}");
    pty.send("G");
    pty.wait_for("Check that the cluster runs");
    pty.send("\t");
    pty.wait_for("≠");
    pty.send("gg");
    pty.wait_for("rests on edition 2.0.1");
    pty.send("\t");
    pty.wait_for("Fails in some, not in others");
    pty.wait_for("prod-eu (1)");
    pty.send("\t\tj");
    pty.wait_for("▸  prod-us");
    pty.send("\r");
    pty.wait_for("What to mend first");
    pty.wait_for("prod-us");
    // Whoever leaves while a run is under way is asked first.
    pty.wait_for("The run took");
    pty.send("\x1b");
    // A key right behind Esc would be read as one with Alt.
    pty.settle();
    pty.wait_for("Clusters  Frameworks");
    pty.send("R");
    pty.wait_for("2 of 3 judged, 1 not read");
    pty.send("q");
    assert_eq!(pty.wait_exit(), 0);
}
