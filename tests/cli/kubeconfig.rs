//! Clusters that cannot be reached: status 3, and what, why and next in plain words.

use std::net::TcpListener;
use std::time::{Duration, Instant};

use super::sandbox::{Run, Sandbox};

fn config(server: &str) -> String {
    format!(
        "apiVersion: v1\nkind: Config\ncurrent-context: prod\ncontexts: [{{name: prod, context: {{cluster: c, user: u}}}}]\nclusters: [{{name: c, cluster: {{server: \"{server}\"}}}}]\nusers: [{{name: u, user: {{token: sekrit-token}}}}]\n"
    )
}

#[track_caller]
fn says(run: &Run, words: &[&str]) {
    run.refuses(3, words);
    assert!(!run.err.contains("sekrit-token"), "{}", run.err);
    assert!(!run.err.contains("stack backtrace"), "{}", run.err);
    // What and why on the first line, what to do on the next.
    assert!(run.err.lines().count() >= 2, "{}", run.err);
}

#[test]
fn a_kubeconfig_that_is_missing_broken_or_lacks_what_it_names() {
    let sandbox = Sandbox::new();
    let closed = config("https://127.0.0.1:1");
    sandbox.write("closed", &closed);
    sandbox.write("broken", "a: [1\n");
    sandbox.write("empty", "");
    sandbox.write("nowhere", closed.replace("current-context: prod", "current-context: test"));
    sandbox.write("nobody", closed.replace("user: u}", "user: nobody}"));
    let plugin = "exec: {apiVersion: client.authentication.k8s.io/v1, command: no-such-helper, interactiveMode: Never}";
    sandbox.write("plugin", closed.replace("token: sekrit-token", plugin));
    let scan = |args: &[&str]| sandbox.run(&[&["scan"], args].concat());
    says(&scan(&[]), &["no kubeconfig found", "no-kubeconfig", "$KUBECONFIG", "plimsoll demo"]);
    for (file, words) in [
        ("none", &["none", "does not exist", "--kubeconfig"][..]),
        ("broken", &["broken:1:4"]),
        ("empty", &["no current-context"]),
        ("nowhere", &["unknown context \"test\"", "Known: prod"]),
        ("nobody", &["unknown user \"nobody\""]),
        ("plugin", &["no-such-helper", "cannot be started"]),
        ("closed", &["https://127.0.0.1:1", "refused", "Check that the cluster runs"]),
    ] {
        says(&scan(&["--kubeconfig", file]), words);
    }
    let closed = |args: &[&str]| scan(&[&["--kubeconfig", "closed"], args].concat());
    says(&closed(&["--context", "prdo"]), &["unknown context \"prdo\"", "prod"]);
    says(&closed(&["--cluster", "x"]), &["unknown cluster \"x\""]);
    says(&closed(&["--user", "x"]), &["unknown user \"x\""]);
    says(&closed(&["--context", "a\u{1b}[31m"]), &["\"a\\u{1b}[31m\""]);
    closed(&["--as-group", "x"]).refuses(2, &["--as <USER>"]);
    let run = sandbox.run(&["snapshot", "--kubeconfig", "closed", "--output-file", "s.plim"]);
    says(&run, &["https://127.0.0.1:1"]);
    assert!(!sandbox.path("s.plim").exists(), "no file of a cluster that was not read");
}

#[test]
fn a_server_that_never_answers_is_given_up() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let server = format!("http://{}", listener.local_addr().unwrap());
    let sandbox = Sandbox::new();
    sandbox.write("silent", config(&server));
    let start = Instant::now();
    let run = sandbox.run(&["scan", "--kubeconfig", "silent", "--request-timeout", "1s"]);
    says(&run, &[&server, "no answer for 1 s"]);
    // Five tries of a second each and the waits between them.
    assert!(start.elapsed() < Duration::from_secs(30), "{:?}", start.elapsed());
}

#[test]
fn the_doctor_says_what_the_terminal_can_do_and_where_files_are() {
    let sandbox = Sandbox::new();
    let run = sandbox.run(&["doctor", "--demo", "--color", "256", "--ascii"]);
    let line = |name: &str| {
        let found = run.out.lines().find(|line| line.split_whitespace().next() == Some(name));
        found.unwrap_or_else(|| panic!("no line {name}:\n{}", run.out)).to_owned()
    };
    assert!(line("plimsoll").contains(env!("CARGO_PKG_VERSION")));
    assert!(line("terminal").contains("no, TERM ") && line("terminal").contains("NO_COLOR"));
    assert!(line("colours").ends_with(" 256"), "{}", line("colours"));
    assert!(line("shown").contains("ASCII only yes"), "{}", line("shown"));
    for (name, part) in [("config", "config"), ("data", "data"), ("log", "plimsoll.log")] {
        assert!(line(name).contains(part), "{}", line(name));
    }
    // Told as sentences, its table has no columns.
    let plain = sandbox.run(&["doctor", "--demo", "--plain"]).out;
    assert!(plain.contains("line by line yes") && plain.contains("platform: "), "{plain}");
}

#[test]
fn the_doctor_says_what_is_wrong() {
    let sandbox = Sandbox::new();
    let run = sandbox.run(&["doctor"]);
    assert_eq!((run.status, &*run.err), (3, ""));
    for word in ["no kubeconfig found", "no-kubeconfig", " checks, ", "unset", "ada"] {
        assert!(run.out.contains(word), "no `{word}` in {}", run.out);
    }
    sandbox.write("closed", config("https://127.0.0.1:1"));
    let run = sandbox.run(&["doctor", "--kubeconfig", "closed"]);
    assert_eq!(run.status, 3);
    assert!(run.out.contains("1, current prod"), "{}", run.out);
    assert!(run.out.contains("refused"), "{}", run.out);
    assert!(!run.out.contains("sekrit-token"));
    // With a source that answers it is content.
    let run = sandbox.run(&["doctor", "--demo"]);
    assert_eq!(run.status, 0, "{}", run.out);
    for word in ["--allow secret-metadata", "`list secrets`", "--allow configz", "run commands"] {
        assert!(run.out.contains(word), "no `{word}` in {}", run.out);
    }
}
