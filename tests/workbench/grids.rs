//! The matrix of attack techniques, the heat map and the scorecards of tenants, in the real binary.

use crate::world::{BINARY, World};

#[test]
fn the_matrix_moves_in_four_directions_and_opens_the_findings_behind_a_cell() {
    let world = World::new();
    let mut pty = world.assessed(&["demo"]);
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
    let mut pty = world.assessed(&["demo"]);
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
    let mut pty = world.assessed(&["demo"]);
    pty.send("gt");
    pty.wait_for("Old things");
    pty.wait_for("not met");
    pty.send("\r");
    pty.wait_for("tenants › Old things");
    pty.wait_for("41 %");
    pty.send("\x1b");
    pty.wait_gone("tenants › Old things");
    pty.settle();
    pty.send("\x1b");
    pty.wait_for("What to mend first");
}

#[test]
fn the_overview_scores_the_namespace_that_is_chosen_as_a_scan_of_it_does() {
    let world = World::new();
    let mut pty = world.assessed(&["demo"]);
    pty.send("nshop\r");
    pty.wait_for("Frameworks · shop alone");
    let args = ["scan", "--demo", "-n", "shop", "--framework", "nsa-cisa", "-o", "json"];
    let scan = std::process::Command::new(BINARY)
        .args(args)
        .env("PLIMSOLL_DATA_DIR", world.path("data"))
        .env("PLIMSOLL_CONFIG_DIR", world.path("config"))
        .output()
        .unwrap();
    let scan: serde_json::Value = serde_json::from_slice(&scan.stdout).unwrap();
    let score = &scan["frameworks"][0]["score"];
    let percent = |end: &str| (score[end].as_f64().unwrap() * 100.0).floor();
    pty.wait_for(&format!("{:.0}–{:.0} %", percent("worst"), percent("best")));
    pty.send("3");
    pty.wait_for("Statuses in shop alone");
    pty.send("n0");
    pty.wait_gone("Statuses in shop alone");
}
