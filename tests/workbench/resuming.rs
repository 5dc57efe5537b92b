//! Sessions: taken up again, carried over, shared.

use plimsoll::model::decision::DecisionState;

use crate::cluster::{Made, kubeconfig};
use crate::pty::Pty;
use crate::world::{DONE, MANIFEST, RESUMED, World, decide_first};

fn quit(mut pty: Pty) {
    pty.send("q");
    assert_eq!(pty.wait_exit(), 0);
}

#[test]
fn a_session_is_taken_up_from_the_start_screen() {
    let world = World::new();
    let mut pty = world.open();
    decide_first(&mut pty);
    quit(pty);

    let mut pty = world.start(&[]);
    pty.wait_for("Resume a session");
    pty.wait_for("m.yaml");
    pty.send("gg");
    pty.wait("the session", |_| pty.row().starts_with("m.yaml"));
    pty.send("\r");
    pty.wait_for(RESUMED);
    pty.wait_for("session m.yaml");
    // It says of which run this is, and stays.
    pty.wait_for("Frameworks · run 1, ");
    pty.send("4");
    pty.wait_for("Reason   known");
    pty.send("\r");
    pty.wait_for("◀ fails");
    pty.send("\x1b");
    pty.wait_gone("◀ fails");
    quit(pty);
    assert_eq!(world.store().list().unwrap().len(), 1, "another session was begun");
    assert_eq!(world.session().state().runs.len(), 1, "nobody asked for a run");
}

#[test]
fn a_session_that_is_taken_up_runs_when_it_is_asked_to() {
    let world = World::new();
    quit(world.open());
    let id = world.session().id().to_owned();
    let mut pty = world.start(&["-f", "m.yaml", "--session", &id]);
    pty.wait_for(RESUMED);
    // The open session is none to open once more.
    pty.send("9");
    pty.wait_for("m.yaml (this one)");
    pty.send("j\r");
    pty.wait_for("This session is open already");
    assert_eq!(world.session().state().runs.len(), 1, "nobody asked for a run");
    pty.send("rr");
    pty.wait_for(DONE);
    assert_eq!(world.run(2).number, 2);
    quit(pty);
    // Other checks than those of the last run are a wish.
    let args = ["-f", "m.yaml", "--session", &id, "--framework", "pss-baseline"];
    let pty = world.assessed(&args);
    assert_eq!(world.run(3).selection.frameworks, ["pss-baseline"]);
    quit(pty);
}

#[test]
fn a_check_that_is_off_and_was_run_beside_everything_is_run_with_a_part_after_it_is_taken_up() {
    let world = World::new();
    let mut pty = world.assessed(&["-f", "m.yaml"]);
    let opt_in = "cpu-limit-present";
    assert!(!world.run(1).result.checks.contains_key(opt_in));
    pty.send(&format!(":{opt_in}\r"));
    pty.wait_for("It has not run");
    let run = |pty: &mut crate::pty::Pty, letter: &str| {
        pty.send("r");
        pty.wait_for("is added to");
        pty.send(letter);
        pty.wait_gone("is added to");
    };
    run(&mut pty, "t");
    let second = world.run(2);
    assert!(second.result.checks.contains_key(opt_in));
    assert_eq!(second.selection.beside.checks, [opt_in]);
    let id = world.session().id().to_owned();
    quit(pty);

    let mut pty = world.start(&["-f", "m.yaml", "--session", &id]);
    pty.wait_for(RESUMED);
    run(&mut pty, "f");
    let third = world.run(3);
    assert!(third.result.checks.contains_key(opt_in), "{:?}", third.selection);
    assert_eq!(third.selection, second.selection);
    // What the start asked for is run alone when that is asked for.
    run(&mut pty, "r");
    assert!(world.run(4).selection.beside.is_empty());
    quit(pty);
}

#[test]
fn a_session_of_another_cluster_reads_that_cluster() {
    let world = World::new();
    let eu = Made::new("v1.35.1").deployment("web", true).start();
    let us = Made::new("v1.33.2").deployment("shop", false).start();
    let file = kubeconfig(&[("eu", &*eu.server), ("us", &*us.server)], "{token: x}");
    let file = world.write("kc", &file);
    let pty = world.assessed(&["--kubeconfig", &file, "--context", "eu"]);
    quit(pty);
    // The command line names one cluster, and the session is of the other.
    let mut pty = world.assessed(&["--kubeconfig", &file, "--context", "us"]);
    pty.send(":deployments\r");
    pty.wait("its objects", |_| pty.row().contains("shop"));
    pty.send("9");
    pty.wait_for("begun (UTC)");
    pty.send("G");
    pty.wait("the session", |_| pty.row().starts_with("eu"));
    pty.send("\r");
    pty.wait_for(RESUMED);
    pty.send(":deployments\r");
    pty.wait("the objects of the session's cluster", |_| pty.row().contains("web"));
    assert!(!pty.text().contains("shop"), "{}", pty.text());
    quit(pty);
}

#[test]
fn decisions_carry_over_when_the_manifest_has_changed() {
    let world = World::new();
    let mut pty = world.open();
    decide_first(&mut pty);
    quit(pty);
    let id = world.session().id().to_owned();

    // A sidecar before it, another image, more replicas: the finding is the same one.
    let sidecar = "      containers:\n      - name: proxy\n        image: example.com/proxy:1\n      - name: app\n";
    let changed = MANIFEST
        .replace("      containers:\n      - name: app\n", sidecar)
        .replace("web:1.4.2", "web:1.5.0")
        .replace("replicas: 2", "replicas: 5");
    assert_ne!(changed, MANIFEST);
    world.write("m.yaml", &changed);
    let mut pty = world.start(&["-f", "m.yaml", "--session", &id]);
    pty.wait_for(RESUMED);
    pty.send("rr");
    pty.wait_for(DONE);
    pty.send("4");
    pty.wait("the first finding", |_| pty.row().contains("runs privileged"));
    pty.wait_for("Reason   known");
    let text = pty.text();
    assert!(text.contains("m.yaml:25"), "the place is the old one:\n{text}");
    pty.wait_for("container proxy");
    let record = world.run(2);
    assert!(record.result.findings.iter().any(|f| f.container.as_deref() == Some("proxy")));
}

#[test]
fn a_run_again_settles_what_was_mended_and_is_compared_with_the_run_before() {
    let world = World::new();
    quit(world.open());
    let session = world.session();
    let (id, first) = (session.id().to_owned(), session.latest_run().unwrap().unwrap());
    drop(session);
    let privileged = first.result.findings.iter().find(|f| &*f.check == "privileged-container");
    let print = privileged.unwrap().fingerprint.clone();

    world.write("m.yaml", &MANIFEST.replace("privileged: true", "privileged: false"));
    let mut pty = world.start(&["-f", "m.yaml", "--session", &id]);
    pty.wait_for(RESUMED);
    pty.send("rr");
    pty.wait_for("Since run 1 (");
    world.run(2);
    pty.send("C");
    pty.wait_for("comparison");
    pty.wait_for("After:");
    pty.send("/status:fixed privileged\r");
    pty.wait_for("container app runs privileged");
    quit(pty);
    let decision = world.session().state().ledger.decisions.get(print.as_str()).cloned();
    assert_eq!(decision.map(|d| d.state), Some(DecisionState::Fixed));
}

#[test]
fn the_second_process_reads_only_and_says_who_writes() {
    let world = World::new();
    let mut first = world.open();
    let id = world.session().id().to_owned();
    let mut second = world.start(&["-f", "m.yaml", "--session", &id]);
    // Who writes is said at once, and what is said of its last run does not cover it.
    second.wait_for("run 1, ");
    second.wait_for("the session is read-only");
    second.wait_for("it is open elsewhere");
    second.wait_for(&format!("{}", first.pid()));
    second.send("4");
    second.wait("the first finding", |_| second.row().contains("runs privileged"));
    second.send("i");
    second.wait_for(&format!("{}", first.pid()));
    let text = second.text();
    assert!(text.contains("nothing can be saved"), "{text}");
    decide_first(&mut first);
    quit(second);
    quit(first);
    assert_eq!(world.session().state().ledger.decisions.len(), 1);
    assert_eq!(world.session().state().runs.len(), 1, "the reader saved a run");
}

#[test]
fn a_new_session_begins_without_decisions_and_the_old_one_is_kept() {
    let world = World::new();
    let mut pty = world.open();
    decide_first(&mut pty);
    pty.send(":new-session\r");
    pty.wait_gone("Reason   known");
    quit(pty);
    let list = world.store().list().unwrap();
    let mut decisions: Vec<usize> =
        list.iter().map(|s| s.state.as_ref().unwrap().ledger.decisions.len()).collect();
    decisions.sort_unstable();
    assert_eq!(decisions, [0, 1]);
}

#[test]
fn files_that_are_gone_are_said_to_be_gone() {
    let world = World::new();
    let pty = world.open();
    quit(pty);
    std::fs::remove_file(world.path("m.yaml")).unwrap();
    let id = world.session().id().to_owned();
    let mut pty = world.start(&["--session", &id]);
    pty.wait_for("cannot be read again");
    pty.wait_for("m.yaml");
    // What the last run found is still there.
    pty.send("4");
    pty.wait_for("container app runs privileged");
}

#[test]
fn a_session_whose_run_is_damaged_opens_without_it() {
    let world = World::new();
    let mut pty = world.open();
    decide_first(&mut pty);
    quit(pty);
    let run = world.session().dir().join("runs/1.json.zst");
    std::fs::write(run, "x").unwrap();

    let mut pty = world.start(&[]);
    pty.wait_for("Resume a session");
    pty.send("gg");
    pty.wait("the session", |_| pty.row().starts_with("m.yaml"));
    pty.send("\r");
    pty.wait_for("session m.yaml");
    // What was decided is whole, and the next run is saved beside the damaged one.
    world.wait_session("a run to be saved", |s| s.state().runs.len() >= 2);
    pty.send("4");
    pty.wait_for("Reason   known");
    quit(pty);
    let session = world.session();
    assert_eq!(session.damaged().len(), 1);
    assert_eq!(session.latest_run().unwrap().unwrap().number, 2);
}
