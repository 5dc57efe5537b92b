//! Clusters that cannot be reached: status 3, and what, why and next in plain words.

use std::net::TcpListener;
use std::time::{Duration, Instant};

use super::cluster::{self, Made};
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
        ("empty", &["no current-context", "It holds no context"]),
        ("nowhere", &["unknown context \"test\"", "Known: prod"]),
        ("nobody", &["unknown user \"nobody\""]),
        ("plugin", &["no-such-helper", "cannot be started"]),
        ("closed", &["https://127.0.0.1:1", "refused", "Check that the cluster runs"]),
    ] {
        says(&scan(&["--kubeconfig", file]), words);
    }
    let closed = |args: &[&str]| scan(&[&["--kubeconfig", "closed"], args].concat());
    // What was named and is not there is wrong usage, as with --contexts.
    for option in ["--context", "--contexts"] {
        closed(&[option, "prdo"]).refuses(2, &["unknown context \"prdo\"", "prod"]);
    }
    closed(&["--cluster", "x"]).refuses(2, &["unknown cluster \"x\""]);
    closed(&["--user", "x"]).refuses(2, &["unknown user \"x\""]);
    closed(&["--context", "a\u{1b}[31m"]).refuses(2, &["\"a\\u{1b}[31m\""]);
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

/// What an entry holds or names and cannot be used is told by its name.
#[test]
fn an_entry_that_cannot_be_used_is_named() {
    let sandbox = Sandbox::new();
    let cluster =
        |more: &str| config("https://127.0.0.1:1").replace("server:", &format!("{more}, server:"));
    let user = |entry: &str| config("https://127.0.0.1:1").replace("token: sekrit-token", entry);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let silent = format!("http://{}", listener.local_addr().unwrap());
    for (text, words) in [
        (
            cluster("certificate-authority: /nonexistent/ca.crt"),
            vec!["the certificate-authority of the kubeconfig, /nonexistent/ca.crt"],
        ),
        (
            cluster("certificate-authority-data: \"!!\""),
            vec!["certificate-authority-data of the cluster \"c\"", "no base64"],
        ),
        (
            user("client-certificate-data: \"!!\""),
            vec!["client-certificate-data of the user \"u\""],
        ),
        (
            cluster("proxy-url: \"http://ann:hunter2@127.0.0.1:9\""),
            vec!["through the proxy", "127.0.0.1:9 (proxy-url in the kubeconfig)", "refused"],
        ),
        (
            cluster(&format!("proxy-url: \"{silent}\"")),
            vec!["no answer for 10 s", "through the proxy", "(proxy-url in the kubeconfig)"],
        ),
        (user("tokenFile: nothing"), vec!["tokenFile", "it holds no token"]),
        (user(r#"token: "a\nb""#), vec!["the token of this context", "it is no token: one line"]),
        (
            user(&format!("client-certificate-data: {V1}, client-key-data: {V1_KEY}")),
            vec!["cannot show the client certificate of this context", "version 1", "-extfile"],
        ),
    ] {
        sandbox.write("kc", text);
        sandbox.write("nothing", "\n");
        let begun = Instant::now();
        let run = sandbox.run(&["scan", "--kubeconfig", "kc"]);
        says(&run, &words);
        assert!(
            !run.err.contains("hunter2") && !run.err.contains("peer certificate"),
            "{}",
            run.err
        );
        assert!(begun.elapsed() < Duration::from_secs(15), "{words:?}: {:?}", begun.elapsed());
    }
}

/// A client certificate of X.509 version 1, as `openssl x509 -req` makes it, and its key: of nobody.
const V1: &str = "LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCk1JSUJHRENCdmdJVUFhKzcrcHBVNzVPMlpFTERENG1OeEtiSHVQOHdDZ1lJS29aSXpqMEVBd0l3RFRFTE1Ba0cKQTFVRUF3d0NZMkV3SUJjTk1qWXhNVEkzTWpNeE5UVTFXaGdQTWpFeU5qRXhNRE15TXpFMU5UVmFNQTR4RERBSwpCZ05WQkFNTUEyRnViakJaTUJNR0J5cUdTTTQ5QWdFR0NDcUdTTTQ5QXdFSEEwSUFCRm5Tdmw1UjlYM2FGVWNlCjlVOFJvcGQ1WklRVDFBWFI4OTJLTGo4TWNXMk5LQTZYeWJ2WFBrS2xMNW1OZmJRSHRjTFFUclNtWERCOVRSeXgKTTlxbkJza3dDZ1lJS29aSXpqMEVBd0lEU1FBd1JnSWhBSVcvUU5TdVBjS3BxM1VzbXB5VDl1b3J2MG9nYk9PdgoxdHQzTGZ2a283V0xBaUVBc2FyS0p1eUpYSjkxWDJCSyt6S0VJM09RSlpkcEhMb1AyYWs3Z1F5UTFEUT0KLS0tLS1FTkQgQ0VSVElGSUNBVEUtLS0tLQo=";
const V1_KEY: &str = "LS0tLS1CRUdJTiBQUklWQVRFIEtFWS0tLS0tCk1JR0hBZ0VBTUJNR0J5cUdTTTQ5QWdFR0NDcUdTTTQ5QXdFSEJHMHdhd0lCQVFRZ3dvcncyWHI3QTB4MlRCaXAKRnFlTXN3TXUwSlhxa0M5aVMrZTRWelV5ZnhhaFJBTkNBQVJaMHI1ZVVmVjkyaFZISHZWUEVhS1hlV1NFRTlRRgowZlBkaWk0L0RIRnRqU2dPbDhtNzF6NUNwUytaalgyMEI3WEMwRTYwcGx3d2ZVMGNzVFBhcHdiSgotLS0tLUVORCBQUklWQVRFIEtFWS0tLS0tCg==";

/// Whoever may read nothing has not read an empty cluster.
#[test]
fn a_cluster_that_shows_nothing_is_one_that_could_not_be_read() {
    let sandbox = Sandbox::new();
    let mut made = Made::new("v1.35.1");
    for (.., plural, _, _) in cluster::SERVED {
        made = made.without(plural);
    }
    let shut = made.start();
    sandbox.write("kc", cluster::kubeconfig(&[("shut", &*shut.server)], "{token: t}"));
    for args in [
        &["snapshot", "--output-file", "s.plim"][..],
        &["network"],
        &["access"],
        &["network", "-o", "json"],
    ] {
        let run = sandbox.run(&[args, &["--kubeconfig", "kc", "--context", "shut"]].concat());
        says(
            &run,
            &[
                "nothing could be read: ",
                " lists failed, and the others were refused",
                "is forbidden",
                "-n",
                "plimsoll role",
            ],
        );
    }
    assert!(!sandbox.path("s.plim").exists());
}

/// A plugin that waits for somebody ends with the scan that waits for it, and with it what it started.
#[cfg(target_os = "linux")]
#[test]
fn a_credential_plugin_ends_with_the_process_that_runs_it() {
    let sandbox = Sandbox::new();
    let script = "sleep 1000 & echo $! > pid.new; mv pid.new pid; wait";
    let entry = format!(
        "exec: {{apiVersion: client.authentication.k8s.io/v1, command: /bin/sh, args: [-c, \"{script}\"], interactiveMode: Never}}"
    );
    sandbox.write("kc", config("https://127.0.0.1:1").replace("token: sekrit-token", &entry));
    let pid = sandbox.path("pid");
    let mut child = sandbox.start(&["scan", "--kubeconfig", "kc"]);
    let begun = Instant::now();
    while !pid.exists() {
        assert!(begun.elapsed() < Duration::from_secs(20), "the plugin never began");
        std::thread::sleep(Duration::from_millis(10));
    }
    let stat = format!("/proc/{}/stat", std::fs::read_to_string(&pid).unwrap().trim());
    let is_there = || std::fs::read_to_string(&stat).is_ok_and(|text| !text.contains(") Z "));
    assert!(is_there());
    let own = child.id().to_string();
    assert!(std::process::Command::new("kill").args(["-TERM", &own]).status().unwrap().success());
    assert_eq!(child.wait().unwrap().code(), Some(128 + 15));
    let begun = Instant::now();
    while is_there() {
        assert!(begun.elapsed() < Duration::from_secs(10), "what the plugin started goes on");
        std::thread::sleep(Duration::from_millis(10));
    }
}
