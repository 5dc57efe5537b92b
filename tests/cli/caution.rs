//! Kubeconfigs that were made to do harm, and pipes in the place of files: nothing is run unseen, read without end,
//! waited for or believed without a word.

use std::path::Path;
use std::time::{Duration, Instant};

use super::sandbox::{Run, Sandbox};

/// A kubeconfig of one context with this cluster and this user.
fn config(cluster: &str, user: &str) -> String {
    format!(
        "apiVersion: v1\nkind: Config\ncurrent-context: prod\ncontexts: [{{name: prod, context: {{cluster: c, user: u}}}}]\nclusters: [{{name: c, cluster: {{{cluster}}}}}]\nusers: [{{name: u, user: {{{user}}}}}]\n"
    )
}

const CLOSED: &str = "server: \"https://127.0.0.1:1\"";

/// Refused soon, with status 3.
#[track_caller]
fn refused(sandbox: &Sandbox, words: &[&str]) -> Run {
    let begun = Instant::now();
    let run = sandbox.run(&["scan", "--kubeconfig", "kubeconfig", "--check", "host-port"]);
    run.refuses(3, words);
    assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", begun.elapsed());
    assert!(!run.err.contains("hunter2"), "{}", run.err);
    assert!(!run.err.contains('\u{1b}') && !run.err.contains('\u{202e}'), "{}", run.err);
    run
}

#[cfg(unix)]
#[test]
fn only_the_plugin_of_the_chosen_context_runs_and_is_shown_first() {
    let sandbox = Sandbox::new();
    let plugin = |name: &str| {
        format!(
            "{{name: {name}, user: {{exec: {{apiVersion: client.authentication.k8s.io/v1, command: /bin/sh, args: [-c, \"echo ran > {name}.ran; exit 1\", \"--token=hunter2\", \"a\\e[2J\\u202e\"], env: [{{name: \"SOME\\e\", value: hunter2}}], interactiveMode: Never}}}}}}"
        )
    };
    let text = format!(
        "apiVersion: v1\nkind: Config\ncurrent-context: b\ncontexts: [{{name: a, context: {{cluster: c, user: a}}}}, {{name: b, context: {{cluster: c, user: b}}}}]\nclusters: [{{name: c, cluster: {{{CLOSED}}}}}]\nusers: [{}, {}]\n",
        plugin("a"),
        plugin("b")
    );
    sandbox.write("kubeconfig", text);
    let run = sandbox.run(&["scan", "--kubeconfig", "kubeconfig", "--context", "a"]);
    run.refuses(3, &["to log in, the kubeconfig has this run: /bin/sh -c", "a.ran", "SOME"]);
    assert!(!run.err.contains("hunter2") && !run.err.contains('\u{1b}'), "{}", run.err);
    let (shown, failed) = (run.err.find("has this run"), run.err.find("did not log in"));
    assert!(shown.is_some() && shown < failed, "{}", run.err);
    assert!(sandbox.path("a.ran").exists(), "the plugin of the chosen context ran");
    assert!(!sandbox.path("b.ran").exists(), "no other plugin ran");
}

#[test]
fn a_kubeconfig_that_is_huge_deep_or_a_bomb_is_refused() {
    let sandbox = Sandbox::new();
    let mut bomb = "apiVersion: v1\nkind: Config\na: &a [x,x,x,x,x,x,x,x,x,x]\n".to_owned();
    for (from, to) in ('a'..'j').zip('b'..'k') {
        let items = vec![format!("*{from}"); 10].join(",");
        bomb.push_str(&format!("{to}: &{to} [{items}]\n"));
    }
    bomb.push_str("contexts: *j\n");
    sandbox.write("kubeconfig", bomb);
    let words = ["cannot read the kubeconfig kubeconfig:", "stands for far more", "its aliases"];
    let run = refused(&sandbox, &words);
    assert!(!run.err.contains("budget") && !run.err.contains("nodes"), "{}", run.err);
    let deep = format!("apiVersion: v1\nusers: {}{}\n", "[".repeat(50_000), "]".repeat(50_000));
    sandbox.write("kubeconfig", deep);
    refused(&sandbox, &["cannot read the kubeconfig kubeconfig"]);
    sandbox.write("kubeconfig", "apiVersion: &a v1\nkind: *b\nusers: &u [*u]\n");
    refused(&sandbox, &["cannot read the kubeconfig kubeconfig"]);
    sandbox.write("kubeconfig", b"\xff\xfea");
    refused(&sandbox, &["it is no UTF-16 text"]);
    sandbox.write("kubeconfig", b"a: \xff\n");
    refused(&sandbox, &["it is no UTF-8 text"]);
    std::fs::File::create(sandbox.path("kubeconfig")).unwrap().set_len(17 << 20).unwrap();
    refused(&sandbox, &["it is larger than 16 MiB"]);
}

#[cfg(unix)]
#[test]
fn pipes_and_devices_are_not_waited_for() {
    let sandbox = Sandbox::new();
    let made = std::process::Command::new("mkfifo").arg(sandbox.path("pipe")).status().unwrap();
    assert!(made.success());
    let pipe = sandbox.path("pipe").display().to_string();
    for path in [pipe.as_str(), "/dev/zero"] {
        let ca = format!("{CLOSED}, certificate-authority: {path}");
        for (cluster, user, key) in [
            (ca.as_str(), String::new(), "certificate-authority"),
            (CLOSED, format!("tokenFile: {path}"), "tokenFile"),
            (CLOSED, format!("client-certificate: {path}, client-key-data: eA=="), "client-cert"),
            (CLOSED, format!("client-certificate-data: eA==, client-key: {path}"), "client-key"),
        ] {
            sandbox.write("kubeconfig", config(cluster, &user));
            refused(&sandbox, &[path, key, "no regular file"]);
        }
    }
    let run = sandbox.run(&["scan", "--kubeconfig", "/dev/zero"]);
    run.refuses(3, &["larger than 16 MiB"]);
    // The same file, as a path relative to the kubeconfig, and large.
    std::fs::File::create(sandbox.path("large")).unwrap().set_len(2 << 20).unwrap();
    sandbox.write("kubeconfig", config(CLOSED, "tokenFile: large"));
    refused(&sandbox, &["large", "tokenFile", "larger than 1024 KiB"]);
    assert!(Path::new(&pipe).exists());
}

/// A pipe where one of our own files is expected is no reason to wait; one that somebody names is said to be
/// waited for.
#[cfg(unix)]
#[test]
fn pipes_in_the_place_of_files_are_named() {
    let sandbox = Sandbox::with_web();
    let pipe = |name: &str| {
        let made = std::process::Command::new("mkfifo").arg(sandbox.path(name)).status().unwrap();
        assert!(made.success());
    };
    let scan = ["scan", "-f", "web.yaml", "--check", "host-port", "--session", "new"];
    assert_eq!(sandbox.run(&scan).status, 0);
    let sessions = std::fs::read_dir(sandbox.data().join("sessions")).unwrap();
    let session = sessions.map(|entry| entry.unwrap().path()).next().unwrap();
    assert_eq!(sandbox.run(&scan).status, 0);
    std::fs::remove_file(session.join("journal.jsonl")).unwrap();
    let journal = session.join("journal.jsonl");
    assert!(std::process::Command::new("mkfifo").arg(&journal).status().unwrap().success());
    let list = sandbox.run(&["sessions", "list"]);
    let said = format!("{}{}", list.out, list.err);
    assert!(said.contains("it is no regular file"), "{said}");
    assert_eq!(list.out.matches("web.yaml").count(), 1, "the other one is there: {}", list.out);
    sandbox.run(&["verify", super::sandbox::text(&session)]).refuses(3, &["no regular file"]);

    std::fs::create_dir_all(sandbox.path("config")).unwrap();
    pipe("config/keys.toml");
    sandbox.run(&["config", "check"]).refuses(2, &["keys.toml", "it is no regular file"]);
    pipe("config/config.toml");
    sandbox.run(&["scan", "-f", "web.yaml"]).refuses(2, &["config.toml", "it is no regular file"]);
    std::fs::remove_file(sandbox.path("config/config.toml")).unwrap();

    pipe("named");
    for args in [
        &["--config", "named", "scan", "-f", "web.yaml"][..],
        &["scan", "-f", "web.yaml", "--decisions", "named"],
        &["scan", "--snapshot", "named"],
        &["verify", "named"],
        &["scan", "--kubeconfig", "named"],
        &["scan", "--kubeconfig", "named", "--contexts", "a,b"],
        &["role", "--discover", "--kubeconfig", "named"],
        &["doctor", "--kubeconfig", "named"],
        &["scan", "-f", "web.yaml", "--profile", "./named"],
        &["scan", "-f", "web.yaml", "--import", "named"],
        &["import", "--session", "last", "cp-1=named"],
    ] {
        let mut child = sandbox.start(args);
        let mut line = String::new();
        let err = child.stderr.take().unwrap();
        let heard = std::io::BufRead::read_line(&mut std::io::BufReader::new(err), &mut line);
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(
            heard.is_ok()
                && line.contains("waiting for ")
                && line.contains("named: it is a pipe, and nothing was written into it yet"),
            "{args:?}: {line}"
        );
    }
}

#[test]
fn odd_servers_and_proxies_are_refused_and_passwords_in_them_not_shown() {
    let sandbox = Sandbox::new();
    for (server, word) in [
        ("file:///etc/passwd", "\"file:///etc/passwd\" is no address with https:// or http://"),
        ("ftp://ann:hunter2@a.invalid", "@a.invalid\" is no address with https:// or http://"),
        ("unix:/run/x.sock", "\"unix:/run/x.sock\" is no address with"),
        ("-rf", "\"-rf\" is no address with"),
    ] {
        sandbox.write("kubeconfig", config(&format!("server: \"{server}\""), "token: t"));
        refused(&sandbox, &[word]);
    }
    sandbox.write("kubeconfig", config("server: \"https://ann:hunter2@127.0.0.1:1\"", "token: t"));
    refused(&sandbox, &["the name and password in the address", "https://127.0.0.1:1"]);
    for (proxy, word) in [
        ("file:///x", "\"file:///x\" is no address"),
        ("gopher://a:1", "\"gopher://a:1\" is no address with http:// or https:// or socks5://"),
        ("http://ann:hunter2@bad host:1", "@bad host:1\" is no address"),
    ] {
        let cluster = format!("server: \"https://192.0.2.1\", proxy-url: \"{proxy}\"");
        sandbox.write("kubeconfig", config(&cluster, "token: t"));
        let what = "proxy-url of the cluster \"c\" in kubeconfig cannot be used";
        refused(&sandbox, &[what, word, "Write it as http://HOST:PORT"]);
    }
}

/// The file, the entry, the field and its value, not what a library says of it.
#[test]
fn a_field_that_cannot_be_used_is_named_with_its_value() {
    let sandbox = Sandbox::new();
    let server = |text: &str| config(&format!("server: \"{text}\""), "token: t");
    let user = |entry: &str| config(CLOSED, &format!("token: t, {entry}"));
    let not_sent = "cannot be sent: a header holds";
    for (text, words) in [
        (
            server("https://a\\eb"),
            ["server of the cluster \"c\" in kubeconfig", "\"https://a\\u{1b}b\" is no address"],
        ),
        (server(""), ["server of the cluster \"c\" in kubeconfig", "it is not set"]),
        (
            user("as: \"ev\\r\\nil\""),
            ["as of the user \"u\" in kubeconfig", "\"ev\\r\\nil\" cannot be sent"],
        ),
        (user("as: a, as-groups: [b, \"c\\n\"]"), ["as-groups of the user \"u\"", not_sent]),
        (user("as: a, as-uid: \"\\0\""), ["as-uid of the user \"u\"", not_sent]),
        (user("as: a, as-user-extra: {k: [\"\\x07\"]}"), ["as-user-extra of the user", not_sent]),
    ] {
        sandbox.write("kubeconfig", text);
        let run = refused(&sandbox, &words);
        for inside in ["invalid uri", "parse header", "invalid format"] {
            assert!(!run.err.contains(inside), "{}", run.err);
        }
    }
    sandbox.write("kubeconfig", config(CLOSED, "token: t"));
    for (args, what) in [
        (&["--as", "ev\r\nil"][..], "--as cannot be used"),
        (&["--as", "ann", "--as-group", "g\n"], "--as-group cannot be used"),
    ] {
        let run = sandbox.run(&[&["scan", "--kubeconfig", "kubeconfig"], args].concat());
        assert!(run.status != 0 && run.err.contains(what), "{}", run.err);
        assert!(run.err.contains(not_sent) && !run.err.contains("parse header"), "{}", run.err);
    }
    // What the command line says instead is not looked at.
    sandbox.write("kubeconfig", user("as: \"ev\\nil\""));
    let run = sandbox.run(&["scan", "--kubeconfig", "kubeconfig", "--as", "ann"]);
    run.refuses(3, &["https://127.0.0.1:1"]);
}

#[test]
fn a_server_that_is_believed_unseen_is_named() {
    let sandbox = Sandbox::new();
    let insecure = format!("{CLOSED}, insecure-skip-tls-verify: true");
    sandbox.write("kubeconfig", config(&insecure, "token: t"));
    refused(&sandbox, &["without a look at its certificate (insecure-skip-tls-verify)"]);
    sandbox.write("kubeconfig", config(CLOSED, "token: t"));
    let run = refused(&sandbox, &["https://127.0.0.1:1"]);
    assert!(!run.err.contains("insecure"), "{}", run.err);
    sandbox.write("ca.pem", "-----BEGIN CERTIFICATE-----\n");
    for authority in ["certificate-authority: ca.pem", "certificate-authority-data: YQ=="] {
        let both = format!("{insecure}, {authority}");
        sandbox.write("kubeconfig", config(&both, "token: t"));
        refused(&sandbox, &["two things of whom to believe", "insecure-skip-tls-verify"]);
    }
}
