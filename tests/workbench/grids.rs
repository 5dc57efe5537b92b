//! The matrix of attack techniques, the heat map and the scorecards of tenants, in the real binary.

use crate::pty::Pty;
use crate::world::{DONE, World};

fn demo(world: &World) -> Pty {
    let pty = world.start(&["demo"]);
    pty.wait_for(DONE);
    pty
}

#[test]
fn the_matrix_moves_in_four_directions_and_opens_the_findings_behind_a_cell() {
    let world = World::new();
    let mut pty = demo(&world);
    pty.send("5");
    pty.wait_for("MITRE ATT&CK, Containers matrix");
    pty.wait_for("exposed");
    pty.wait_for("Initial Access");
    let text = pty.text();
    assert!(text.contains("critical") && text.contains("not assessed"), "{text}");
    pty.send("l");
    pty.settle();
    pty.send("m");
    pty.wait_for("mitigations");
    pty.wait_for("some hold");
    pty.send("m\t");
    pty.wait_for("Threat Matrix for Kubernetes");
    pty.send("\t");
    pty.wait_for("MITRE ATT&CK");
    pty.send("/Escape\r");
    pty.wait_for("T1611");
    pty.send("\r");
    pty.wait_for("T1611 Escape to Host");
    pty.wait_for("open findings");
    pty.send("\x1b");
    pty.wait_for("hidden; esc clears");
}

#[test]
fn the_heat_map_opens_what_it_counts() {
    let world = World::new();
    let mut pty = demo(&world);
    pty.send("gh");
    pty.wait_for("cluster-wide");
    pty.wait_for("CIS 2.0.1");
    pty.send("l\r");
    pty.wait_for("CIS 2.0.1 in ");
    pty.wait_for("severity");
    pty.send("\x1b");
    pty.wait_for("cluster-wide");
}

#[test]
fn tenants_have_scorecards() {
    let world = World::new();
    let profile = "title = \"Old things\"\nnamespaces = [\"legacy\"]\nframeworks = [\"pss-baseline\"]\n\
                   [threshold]\nfail-on = \"critical\"\n";
    world.write("config/profiles/legacy.toml", profile);
    let mut pty = demo(&world);
    pty.send("gt");
    pty.wait_for("Old things");
    pty.wait_for("not met");
    pty.send("\r");
    pty.wait_for("PSS base");
    pty.send("\x1b");
    pty.wait_for("threshold");
    pty.send("\x1b");
    pty.wait_for("What to mend first");
}
