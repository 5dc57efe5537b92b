//! Drilling down and back, filter, palette, help.

use crate::world::World;

#[test]
fn three_enters_from_a_failed_control_to_the_line_and_three_escapes_back() {
    let world = World::new();
    let mut pty = world.open();
    pty.send("3");
    pty.wait_for("PSS base");
    pty.send("/baseline\r");
    pty.wait_gone("Restricted");
    pty.send("\r");
    pty.wait_for("Host Namespaces");
    pty.go_to("Privileged Containers");
    let row = pty.row();
    assert!(row.contains('✖'), "{row}");

    pty.send("\r");
    pty.wait_for("open finding");
    pty.send("\r");
    pty.wait_for("Controls");
    pty.send("\r");
    pty.wait_for("◀ fails");
    let text = pty.text();
    let line = text.lines().find(|line| line.contains('▶')).expect("the line is marked");
    assert!(line.contains("privileged: true"), "another line is marked: {line}");
    for beside in ["Why", "Fix", "Set securityContext.privileged to", "Patch", "privileged: false"]
    {
        assert!(text.contains(beside), "{beside} does not stand beside it:\n{text}");
    }

    pty.send("\x1b");
    pty.wait_gone("◀ fails");
    pty.send("\x1b");
    pty.wait_for("open finding");
    // What was waited for stands on the page before, too; two Esc at once would be another key.
    pty.settle();
    pty.send("\x1b");
    pty.wait_for("Host Namespaces");
    assert_eq!(pty.row(), row, "the cursor is on another row");
}

#[test]
fn the_offending_line_is_centred_in_a_long_object() {
    let world = World::new();
    let mut long = String::from(
        "apiVersion: v1\nkind: Pod\nmetadata:\n  name: long\n  namespace: pay\nspec:\n  containers:\n",
    );
    for n in 0..120 {
        long += &format!("  - name: c{n:03}\n    image: example.com/app:{n}\n");
    }
    let long = long.replace("c080\n", "c080\n    securityContext:\n      privileged: true\n");
    let file = world.write("long.yaml", &long);
    let mut pty = world.start(&["-f", &file, "--check", "privileged-container"]);
    pty.wait_for(crate::world::DONE);
    pty.send("4");
    pty.wait_for("container c080 runs privileged");
    pty.send("\r");
    pty.wait_for("◀ fails");
    let text = pty.text();
    let at = text.lines().position(|line| line.contains('▶')).unwrap();
    assert!((14..=26).contains(&at), "it stands on line {at} of 40:\n{text}");
}

#[test]
fn a_filter_narrows_as_it_is_typed_survives_drilling_in_and_escape_takes_it_away() {
    let world = World::new();
    let mut pty = world.open();
    pty.send("4");
    pty.wait_for("pay/web");
    pty.send("/ns:shop");
    pty.wait_gone("pay/web");
    pty.send(" host");
    pty.wait("one row", |text| text.matches("shop/cart").count() == 1);
    pty.send("\r\r");
    pty.wait_for("◀ fails");
    pty.send("\x1b");
    pty.wait_gone("◀ fails");
    assert!(!pty.text().contains("pay/web"), "the filter is gone:\n{}", pty.text());
    pty.send("\x1b");
    pty.wait_for("pay/web");
    pty.send("/!ns:shop");
    // The letters may be shown one by one, and each of them filters.
    pty.settle();
    pty.wait_gone("shop/cart");
    pty.send("\x1b");
    pty.settle();
    pty.wait_for("shop/cart");
    pty.send("/zzzz");
    pty.wait_gone("Deployment");
    let text = pty.text();
    assert!(text.contains("hidden by the filter"), "an empty list does not say why:\n{text}");
}

#[test]
fn the_palette_reaches_actions_and_places_and_shows_their_keys() {
    let world = World::new();
    let mut pty = world.open();
    pty.send(":");
    pty.wait_for("Command");
    pty.send("coverage");
    pty.wait("the key beside the name", |text| {
        text.lines().any(|l| l.contains("Go to coverage") && l.contains(" 8 "))
    });
    pty.send("\r");
    pty.wait_for("What could not be assessed");
    pty.wait_for("m.yaml");
    pty.send(":NSA-POD-11\r");
    pty.wait_for("NSA-POD-11 No privileged containers");
    pty.send(":namespace pay\r");
    pty.wait_for("m.yaml › pay");
    pty.send(":cancel\r");
    pty.wait_for("No run is under way");
}

#[test]
fn help_is_about_this_screen_and_can_be_searched() {
    let world = World::new();
    world.write("config/keys.toml", "[global]\nhelp = \"H\"\n\n[screen]\nreport = \"O\"\n");
    let mut pty = world.open();
    pty.wait_for("H help");
    pty.send("4H");
    pty.wait_for("Keys here");
    pty.wait_for("Accept the risk");
    pty.send("report");
    pty.wait_gone("Accept the risk");
    let text = pty.text();
    let line = text.lines().find(|l| l.contains("Write a report")).expect("the key is listed");
    assert!(line.contains("O ") && !line.contains("w "), "not the key in force: {line}");
    pty.send("\x1b");
    pty.wait_gone("Keys here");
    pty.send("1H");
    pty.wait_for("Keys here");
    assert!(!pty.text().contains("Accept the risk"), "a key that means nothing here");
}

#[test]
fn escape_never_quits_and_digits_change_views() {
    let world = World::new();
    let mut pty = world.open();
    for (key, crumb) in [
        ("2", "objects"),
        ("gc", "checks"),
        ("8", "coverage"),
        ("9", "sessions"),
        ("gl", "messages"),
    ] {
        pty.send(key);
        pty.wait(crumb, |t| t.lines().next().is_some_and(|l| l.contains(crumb)));
    }
    for _ in 0..4 {
        pty.send("\x1b");
        pty.settle();
    }
    pty.wait_for("What to mend first");
}

#[test]
fn names_of_kinds_and_a_pod_that_a_workload_made_lead_on_at_80_by_24() {
    let world = World::new();
    let mut pty = world.start_as(&["demo"], |l| l.size(80, 24));
    pty.wait_for(crate::world::DONE);
    pty.send(":po\r");
    pty.wait_for("› Pod");
    pty.send("/image-builder\r");
    pty.wait("a pod of it", |_| pty.row().contains("image-builder-"));
    pty.send("\r");
    pty.wait_for("kept at Deployment/image-builder ⏎");
    pty.send("\r");
    pty.wait_for("Deployment/ci/image-builder");
    pty.send("\r");
    pty.wait_for("tab why and fix");
    pty.wait_for("◀ fails");
    pty.send(":q\r");
    assert_eq!(pty.wait_exit(), 0);
}
