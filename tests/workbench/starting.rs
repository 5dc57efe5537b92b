//! The first screen, with and without a cluster.

use std::time::{Duration, Instant};

use crate::cluster::{Made, SERVED, kubeconfig};
use crate::world::{BINARY, DONE, World};

#[test]
fn the_first_frame_waits_for_no_server() {
    let world = World::new();
    // A server that takes the connection and never says a word.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let config = std::fs::read_to_string(world.kubeconfig()).unwrap();
    let address = silent.local_addr().unwrap().to_string();
    let config = world.write("kubeconfig", &config.replace("127.0.0.1:9", &address));
    let begun = Instant::now();
    let mut pty = world.start(&["--kubeconfig", &config]);
    pty.wait_for("plimsoll");
    // The promise is 100 ms; a debug build on a shared machine gets some grace.
    let taken = begun.elapsed();
    assert!(taken < Duration::from_secs(5), "the first frame took {taken:?}");
    pty.wait_for("connecting");
    pty.send("?");
    pty.wait_for("Keys here");
    pty.send("\x1b");
    pty.wait_gone("Keys here");
    pty.send("q");
    assert_eq!(pty.wait_exit(), 0);
}

#[test]
fn an_unreachable_server_is_explained_and_the_demo_is_a_way_in() {
    let world = World::new();
    let config = world.kubeconfig();
    let mut pty = world.start(&["--kubeconfig", &config, "--context", "dead"]);
    pty.wait_for("✖ no connection");
    let text = pty.text();
    assert!(text.contains("127.0.0.1:9"), "it does not say which server:\n{text}");
    // What, why and what next stand on the screen, and the other ways in are offered at once.
    pty.wait_for("─ Cluster ─");
    pty.wait_for("other");
    let text = pty.text();
    for wanted in ["cannot read the cluster", "refused", "Check that the cluster runs"] {
        assert!(text.contains(wanted), "{wanted} is missing:\n{text}");
    }
    let text = pty.text();
    assert!(text.contains("demo"), "the demo is no way in:\n{text}");
    pty.send("demo\r");
    pty.wait_for(DONE);
    pty.wait_for("demo");
}

#[test]
fn the_start_screen_lists_contexts_and_opens_one() {
    let world = World::new();
    let config = world.kubeconfig();
    let mut pty = world.start_as(&[], |l| l.env("KUBECONFIG", &config));
    pty.wait_for("dead");
    let text = pty.text();
    assert!(text.contains("other") && text.contains("Demo"), "{text}");
    pty.send("/other");
    pty.wait_gone("dead");
    pty.send("\r\r");
    pty.wait_for("✖ no connection");
}

#[test]
fn the_start_screen_begins_at_the_current_context_or_the_last_session() {
    let world = World::new();
    let named: Vec<String> = (0..30).map(|n| format!("prod-{n:02}")).collect();
    let all: Vec<(&str, &str)> = named.iter().map(|n| (&**n, "http://127.0.0.1:9")).collect();
    let text = kubeconfig(&all, "{token: x}");
    let config = world.write("kc", &format!("{text}current-context: prod-27\n"));
    let start = || world.start_as(&[], |l| l.env("KUBECONFIG", &config));
    let mut pty = start();
    pty.wait("the current context", |_| pty.row().contains("prod-27"));
    pty.send("\x1b[A");
    pty.wait("the one above", |_| pty.row().contains("prod-26"));
    pty.send("q");
    assert_eq!(pty.wait_exit(), 0);
    world.open().send("q");
    world.run(1);
    let pty = start();
    pty.wait("the session", |_| pty.row().contains("m.yaml"));
}

#[test]
fn a_missing_kubeconfig_says_so_and_what_to_do() {
    let world = World::new();
    let mut pty = world.start(&[]);
    pty.wait_for("No kubeconfig");
    let text = pty.text();
    for wanted in ["no-kubeconfig", "--kubeconfig", "--file", "Demo"] {
        assert!(text.contains(wanted), "{wanted} is missing:\n{text}");
    }
    pty.send("G\r");
    pty.wait_for(DONE);
}

#[test]
fn a_broken_kubeconfig_is_named_with_its_line() {
    let world = World::new();
    let config = world.write("broken", "apiVersion: v1\nclusters:\n- name: [\n");
    let pty = world.start_as(&[], |l| l.env("KUBECONFIG", &config));
    pty.wait_for("Cannot read the kubeconfig");
    let text = pty.text();
    assert!(text.contains("broken:") && text.contains("Demo"), "{text}");
}

#[test]
fn an_unknown_context_is_named_with_those_that_exist() {
    let world = World::new();
    let config = world.kubeconfig();
    let pty = world.start(&["--kubeconfig", &config, "--context", "nowhere"]);
    pty.wait_for("nowhere");
    pty.wait_for("✖ no connection");
    let text = pty.text();
    assert!(text.contains("dead") && text.contains("other"), "what exists is not said:\n{text}");
}

#[test]
fn manifests_come_from_standard_input_and_keys_from_the_terminal() {
    let world = World::new();
    let command = format!("cat m.yaml | {BINARY} -f -");
    let mut pty = world.launch(&["-c", &command]).start("/bin/sh");
    pty.wait_for(DONE);
    pty.send("4");
    pty.wait_for("container app runs privileged");
    pty.send("\r");
    // The line in what was piped in.
    pty.wait_for("-:23");
    pty.send("q");
    assert_eq!(pty.wait_exit(), 0);
}

#[test]
fn a_screen_is_forced_and_forbidden_by_name() {
    let world = World::new();
    // A terminal that says it can do nothing works line by line, unless somebody knows better.
    let dumb = |launch: crate::pty::Launch| launch.env("TERM", "dumb");
    let mut pty = world.start_as(&["-f", "m.yaml", "--tui"], dumb);
    pty.wait_for(DONE);
    assert!(pty.raw().windows(8).any(|part| part == b"\x1b[?1049h"), "there is no screen");
    pty.send("q");
    assert_eq!(pty.wait_exit(), 0);
    // In a terminal, where a workbench would open: what a scan prints, and the end.
    let mut pty = world.start(&["-f", "m.yaml", "--no-tui"]);
    assert_eq!(pty.wait_exit(), 0);
    // Most of it has gone by.
    let printed = String::from_utf8_lossy(&pty.raw()).into_owned();
    assert!(printed.contains("runs privileged") && printed.contains("FRAMEWORK"), "{printed}");
    assert!(!pty.raw().windows(8).any(|part| part == b"\x1b[?1049h"), "there is a screen");
}

#[test]
fn where_no_list_may_be_read_every_screen_says_so_and_nothing_is_saved() {
    let world = World::new();
    let shut = SERVED.iter().fold(Made::new("v1.35.1"), |made, served| made.without(served.2));
    let server = shut.start().server;
    let file = world.write("kc", &kubeconfig(&[("shut", &*server)], "{token: x}"));
    let mut pty = world.start(&["--kubeconfig", &file, "--context", "shut"]);
    pty.wait_for("no run was made: no list could be read");
    pty.wait_for("v1.35.1  ? nothing may be read");
    pty.wait_for("Nothing may be read: all 8 lists were refused.");
    for view in ["2", "3", "4", "5", "6", "7", "8"] {
        pty.send(view);
        pty.wait_for("Nothing may be read");
        pty.wait_for("? nothing may be read");
    }
    let text = pty.text();
    assert!(!text.contains("live"), "it looks as if it were followed:\n{text}");
    // Whoever asks for a run is told the same, and what there is to see.
    pty.send("4rr");
    pty.wait_for("names every read and what it lacks");
    pty.send("q");
    assert_eq!(pty.wait_exit(), 0);
    assert!(world.store().list().unwrap().is_empty(), "something was saved");
}

#[test]
fn what_is_run_for_the_user_that_was_asked_for_is_seen_before_it_is_run() {
    let world = World::new();
    let users = "users:\n- name: u\n  user: {exec: {apiVersion: client.authentication.k8s.io/v1, \
                 command: login-of-u}}\n- name: ops\n  user: {exec: {apiVersion: \
                 client.authentication.k8s.io/v1, command: login-of-ops}}\n";
    let config = std::fs::read_to_string(world.kubeconfig()).unwrap();
    let config = config.replace("users:\n- name: u\n  user: {token: x}\n", users);
    let config = world.write("kubeconfig", &config);
    // Other clusters are offered at once: the first is the one that was named.
    let mut pty = world.start(&["--kubeconfig", &config, "--context", "dead", "--user", "ops"]);
    pty.wait_for("Runs for its credentials: login-of-ops");
    // What is said of a context is not meant for another one.
    pty.send("\x1b[B");
    pty.wait_for("Runs for its credentials: login-of-u");
}
