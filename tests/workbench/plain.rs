//! Plain mode: no alternate screen, nothing drawn over, the whole way by lines.

use std::io::Write as _;
use std::process::{Command, Stdio};

use plimsoll::model::decision::DecisionState;

use crate::cluster::{Made, kubeconfig};
use crate::world::World;

/// Sequences that move the cursor, colour, or clear.
fn escapes(raw: &[u8]) -> usize {
    String::from_utf8_lossy(raw).matches('\x1b').count()
}

#[test]
fn a_person_works_line_by_line_on_a_terminal_that_only_prints() {
    let world = World::new();
    let mut pty = world.start_as(&["-f", "m.yaml"], |l| l.env("TERM", "dumb"));
    pty.wait_for("help tells the commands");
    pty.wait_for("The run took");
    pty.wait_for("What to mend first:");
    pty.send("findings\r");
    pty.wait_for("1. critical, pay/web, Deployment, container app runs privileged");
    pty.send("1\r");
    pty.wait_for("this one fails: ");
    pty.wait_for("Check: privileged-container");
    pty.send("accept\r");
    pty.wait_for("Reason (required: why):");
    pty.send("not reachable\r30d\rGrace\r\r");
    pty.wait_for("Done: saved: 1 finding accepted");
    pty.send("run all checks\r");
    // What was told first has scrolled away by now.
    let runs =
        |pty: &crate::pty::Pty| String::from_utf8_lossy(&pty.raw()).matches("The run took").count();
    pty.wait("two runs", |_| runs(&pty) >= 2);
    pty.send("report markdown\r");
    pty.wait_for("report written to");
    pty.send("quit\r");
    assert_eq!(pty.wait_exit(), 0);
    let raw = pty.raw();
    assert_eq!(escapes(&raw), 0, "{:?}", String::from_utf8_lossy(&raw));
    assert!(!raw.contains(&0x07) && !raw.contains(&0x08), "a bell or a backspace");
    // Nothing is rewritten: every carriage return belongs to a line end.
    let text = String::from_utf8_lossy(&raw).into_owned();
    assert!(!text.replace("\r\n", "\n").contains('\r'), "a line was drawn over: {text:?}");
    assert!(pty.modes_restored());
    let session = world.session();
    let decision = session.state().ledger.decisions.values().next().unwrap().clone();
    assert_eq!(decision.state, DecisionState::Accepted);
}

/// Lines in, text out, without any terminal.
fn script(world: &World, args: &[&str], lines: &str) -> (i32, String) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_plimsoll"))
        .args(args)
        .current_dir(world.path(""))
        .env("PLIMSOLL_DATA_DIR", world.path("data"))
        .env("PLIMSOLL_CONFIG_DIR", world.path("config"))
        .env("KUBECONFIG", world.path("none"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(lines.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    (output.status.code().unwrap(), text)
}

#[test]
fn a_script_browses_runs_explains_and_reports() {
    let world = World::new();
    let lines = "objects\nframeworks\nfindings\nfilter sev:critical\n1\nback\nchecks\n\
                 run all checks\ncoverage\nreport json\nhelp\n";
    let (status, text) = script(&world, &["--plain", "-f", "m.yaml"], lines);
    assert_eq!(status, 0, "{text}");
    for wanted in [
        "> objects",
        "Pod Security Standards: Baseline",
        "container app runs privileged",
        "this one fails: ",
        "Fix: ",
        "report written to",
        "quit: Leave the program.",
    ] {
        assert!(text.contains(wanted), "{wanted} is missing:\n{text}");
    }
    // Every line waited for what was asked before it: the second run, too.
    assert_eq!(text.matches("The run took").count(), 2, "{text}");
    assert_eq!(escapes(text.as_bytes()), 0);
    assert!(text.is_ascii(), "only the words of the cluster may be other than ASCII: {text}");
}

#[test]
fn what_is_saved_last_is_told_before_it_ends() {
    let world = World::new();
    let lines = "findings\naccept 2\nknown\n30d\n\n\nfilter zzz\nquit\n";
    let (status, text) = script(&world, &["--plain", "-f", "m.yaml"], lines);
    assert_eq!(status, 0, "{text}");
    assert!(text.contains("saved: 1 finding accepted"), "{text}");
    assert_eq!(world.session().state().ledger.decided_by_people(), 1);
}

#[test]
fn a_bundle_that_a_script_asks_for_is_there_when_it_ends() {
    let world = World::new();
    let lines = "report bundle x.tar\nobjects\nquit\n";
    let (status, text) = script(&world, &["--plain", "-f", "m.yaml"], lines);
    assert_eq!(status, 0, "{text}");
    assert!(text.contains("Done: bundle of 1 run written to"), "{text}");
    assert!(world.path("x.tar").exists());
}

#[test]
fn a_script_waits_for_a_cluster_as_it_does_for_files() {
    let world = World::new();
    let made = Made::new("v1.35.1").deployment("web", true).start();
    let text = kubeconfig(&[("eu", &*made.server)], "{token: x}");
    let file = world.write("kc", &format!("{text}current-context: eu\n"));
    let lines = "findings\nfilter container runs privileged\n1\nquit\n";
    let (status, text) = script(&world, &["--plain", "--kubeconfig", &file], lines);
    assert_eq!(status, 0, "{text}");
    assert!(text.contains("this one fails: "), "{text}");
    assert!(!text.contains("connecting"), "{text}");
}

#[test]
fn the_start_screen_is_told_with_the_current_context() {
    let world = World::new();
    let named: Vec<String> = (0..30).map(|n| format!("prod-{n:02}")).collect();
    let all: Vec<(&str, &str)> = named.iter().map(|n| (&**n, "http://127.0.0.1:9")).collect();
    let text = kubeconfig(&all, "{token: x}");
    let config = world.write("none", &format!("{text}current-context: prod-27\n"));
    assert!(config.ends_with("none"), "{config}");
    let (status, text) = script(&world, &["--plain"], "quit\n");
    assert_eq!(status, 0, "{text}");
    let (told, _) = text.split_once("> quit").unwrap();
    for wanted in
        ["Clusters of the kubeconfig:", "\n1. prod-00", "Cursor: 28. prod-27", ", current"]
    {
        assert!(told.contains(wanted), "{wanted} is missing:\n{text}");
    }
}

#[test]
fn a_terminal_that_can_do_nothing_works_by_lines_in_a_pipe_too() {
    let world = World::new();
    let dumb = |term: &str| {
        let mut child = Command::new(env!("CARGO_BIN_EXE_plimsoll"))
            .args(["-f", "m.yaml"])
            .current_dir(world.path(""))
            .env("PLIMSOLL_DATA_DIR", world.path("data"))
            .env("PLIMSOLL_CONFIG_DIR", world.path("config"))
            .env("TERM", term)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(b"findings\nquit\n").unwrap();
        child.wait_with_output().unwrap()
    };
    let told = dumb("dumb");
    let text = String::from_utf8_lossy(&told.stdout).into_owned();
    assert!(told.status.success() && text.contains("container app runs privileged"), "{text}");
    let refused = String::from_utf8_lossy(&dumb("xterm").stderr).into_owned();
    assert!(refused.contains("--plain works line by line"), "{refused}");
}

#[test]
fn plain_output_of_commands_is_told_and_not_aligned() {
    let world = World::new();
    let (status, text) = script(&world, &["--plain", "scan", "-f", "m.yaml"], "");
    assert_eq!(status, 0);
    let row = text.lines().find(|line| line.contains("privileged-container")).unwrap();
    assert!(row.starts_with("severity: critical; check: privileged-container; object: "), "{row}");
    assert!(text.contains("framework: pss-baseline"), "{text}");
    assert!(!text.contains("   "), "something is aligned:\n{text}");
    let (_, text) = script(&world, &["--plain", "frameworks", "list"], "");
    assert!(text.lines().all(|line| line.contains(": ")), "{text}");
    // The configuration says it once and for all.
    world.write("config/config.toml", "plain = true\n");
    let (status, text) = script(&world, &["-f", "m.yaml"], "findings\nquit\n");
    assert_eq!(status, 0);
    assert!(text.contains("container app runs privileged"), "{text}");
}

#[test]
fn words_of_the_command_line_lead_on_and_none_is_swallowed() {
    let world = World::new();
    let lines = "open nsa-cisa\nfindings\nfilter zzz\nfilter\nmark wonky\nexceptions\nexport\ncancel\n\
                 attest\nquit\n";
    let (status, text) = script(&world, &["--plain", "-f", "m.yaml"], lines);
    assert_eq!(status, 0, "{text}");
    let after = |line: &str| {
        let (_, rest) = text.split_once(&format!("> {line}\n")).unwrap();
        rest.split("\n> ").next().unwrap().to_owned()
    };
    assert!(after("open nsa-cisa").contains("NSA"), "{}", after("open nsa-cisa"));
    assert!(after("filter zzz").contains("filter takes it away."), "{}", after("filter zzz"));
    assert!(!text.contains("esc "), "there is no such key:\n{text}");
    assert!(after("mark wonky").contains("`wonky` was not heeded"), "{}", after("mark wonky"));
    assert!(after("exceptions").contains("review"), "{}", after("exceptions"));
    assert!(after("export").contains("choose from"), "{}", after("export"));
    assert!(after("attest").contains("Answer "), "{}", after("attest"));
}

#[test]
fn a_script_is_told_who_may_do_what_once_it_is_worked_out() {
    let world = World::new();
    let lines = "access\nnetwork\nsessions\nquit\n";
    let (status, text) = script(&world, &["--plain", "demo"], lines);
    assert_eq!(status, 0, "{text}");
    let after = |line: &str| {
        let (_, rest) = text.split_once(&format!("> {line}\n")).unwrap();
        rest.split("\n> ").next().unwrap().to_owned()
    };
    for view in ["access", "network", "sessions"] {
        let told = after(view);
        let first = told.lines().next().unwrap();
        assert!(first.contains(" rows. "), "{view}: {told}");
        assert!(!told.contains("being worked out") && !told.contains("Nothing here"), "{told}");
    }
    assert!(after("access").contains("reaches cluster"), "{}", after("access"));
    assert!(after("network").contains("deny in no"), "{}", after("network"));
    assert!(after("sessions").contains("(this one)"), "{}", after("sessions"));
}
