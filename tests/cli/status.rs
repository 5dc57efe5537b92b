//! Exit statuses and their order; what goes to stdout and what to stderr.

use super::sandbox::{BROKEN, Sandbox, WEB};

#[test]
fn a_threshold_counts_findings_from_its_severity_up() {
    let sandbox = Sandbox::with_web();
    let scan = |check: &str, severity: &str| {
        sandbox.run(&["scan", "-f", "web.yaml", "--check", check, "--fail-on", severity]).status
    };
    // critical, medium, low, and one that finds nothing.
    for (check, statuses) in [
        ("privileged-container", [1, 1, 1, 1, 1]),
        ("seccomp-profile-missing", [0, 0, 1, 1, 1]),
        ("default-service-account-used", [0, 0, 0, 1, 1]),
        ("host-port", [0, 0, 0, 0, 0]),
    ] {
        let severities = ["critical", "high", "medium", "low", "info"];
        assert_eq!(severities.map(|s| scan(check, s)), statuses, "{check}");
    }
    let without = sandbox.run(&["scan", "-f", "web.yaml"]);
    assert_eq!(without.status, 0);
}

#[test]
fn findings_of_the_platform_cross_no_threshold_unless_included() {
    // kube-proxy as kubeadm installs it runs privileged on the network of the node.
    let proxy = "apiVersion: apps/v1\nkind: DaemonSet\nmetadata: {name: kube-proxy, namespace: kube-system, labels: {k8s-app: kube-proxy}}\nspec:\n  selector: {matchLabels: {k8s-app: kube-proxy}}\n  template:\n    metadata: {labels: {k8s-app: kube-proxy}}\n    spec:\n      hostNetwork: true\n      serviceAccountName: kube-proxy\n      containers:\n      - name: kube-proxy\n        image: registry.k8s.io/kube-proxy:v1.35.0\n        securityContext: {privileged: true}\n";
    let sandbox = Sandbox::new();
    sandbox.write("proxy.yaml", proxy);
    let args = ["-f", "proxy.yaml", "--framework", "pss-baseline", "--fail-on", "info"];
    let scan = |more: &[&str]| sandbox.run(&[&["scan", "-o", "json"], &args[..], more].concat());
    let left_out = scan(&[]);
    assert_eq!(left_out.status, 0, "{}", left_out.out);
    let findings = &left_out.json()["findings"];
    assert_eq!(findings[0]["platform"], true, "{findings}");
    assert_eq!(left_out.json()["frameworks"][0]["counts"]["fail"], 0);
    let included = scan(&["--include-platform"]);
    assert_eq!(included.status, 1);
    assert!(included.json()["frameworks"][0]["counts"]["fail"].as_u64() > Some(0));
    // A name alone is not enough: anybody can call a workload kube-proxy.
    sandbox.write("fake.yaml", proxy.replace("registry.k8s.io/kube-proxy:v1.35.0", "evil/miner"));
    let fake = sandbox.run(&["scan", "-f", "fake.yaml", "--fail-on", "critical"]);
    assert_eq!(fake.status, 1, "{}", fake.out);
}

#[test]
fn a_missing_read_ends_with_4_only_where_it_was_asked_for() {
    let sandbox = Sandbox::new();
    sandbox.write("web.yaml", format!("{WEB}{BROKEN}"));
    let scan = |more: &[&str]| sandbox.run(&[&["scan", "-f", "web.yaml"], more].concat());
    assert_eq!(scan(&[]).status, 0);
    let missing = scan(&["--require-complete"]);
    assert_eq!(missing.status, 4);
    assert!(missing.err.contains("web.yaml: partial"), "{}", missing.err);
    assert!(missing.out.contains("privileged-container"), "the result is printed all the same");
    // Secrets are off in the demo unless allowed: that is no missing read.
    assert_eq!(sandbox.run(&["scan", "--demo", "--require-complete"]).status, 0);
}

#[test]
fn the_first_status_that_applies_is_the_one() {
    let sandbox = Sandbox::with_web();
    sandbox.write("part.yaml", format!("{WEB}{BROKEN}"));
    sandbox.write("checks/own/bad.toml", "id = \"bad\"\n");
    let all = ["--require-complete", "--fail-on", "info"];
    let scan = |more: &[&str]| sandbox.run(&[&["scan"], more, &all[..]].concat()).status;
    assert_eq!(scan(&["-f", "web.yaml"]), 1);
    // 4 before 1.
    assert_eq!(scan(&["-f", "part.yaml"]), 4);
    // 3 before 4 and 1.
    assert_eq!(scan(&["-f", "none.yaml"]), 3);
    // 2 before everything.
    assert_eq!(scan(&["-f", "part.yaml", "--checks-dir", "checks"]), 2);
    assert_eq!(scan(&["-f", "none.yaml", "--checks-dir", "checks"]), 2);
    assert_eq!(scan(&["-f", "none.yaml", "--check", "nonsense"]), 2);
}

#[test]
fn an_output_file_is_never_overwritten_and_is_for_its_owner_only() {
    let sandbox = Sandbox::with_web();
    let args = ["scan", "-f", "web.yaml", "-o", "json", "--output-file", "out.json"];
    let run = sandbox.run(&args);
    assert_eq!((run.status, &*run.out), (0, ""), "{}", run.err);
    let path = sandbox.path("out.json");
    let before = std::fs::read(&path).unwrap();
    serde_json::from_slice::<serde_json::Value>(&before).unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
    sandbox.run(&args).refuses(2, &["out.json exists", "nothing is overwritten"]);
    assert_eq!(std::fs::read(&path).unwrap(), before);
    let nowhere = ["scan", "-f", "web.yaml", "--output-file", "none/out.json"];
    sandbox
        .run(&nowhere)
        .refuses(2, &["none/out.json", "No such file", "make the directory none first"]);
    // It is said before the source is read.
    let early = ["scan", "-f", "none.yaml", "--output-file", "out.json"];
    sandbox.run(&early).refuses(2, &["out.json exists"]);
}

#[test]
fn stdout_carries_only_what_was_asked_for() {
    let sandbox = Sandbox::with_web();
    for format in ["table", "json", "markdown"] {
        let run = sandbox.run(&["scan", "-f", "web.yaml", "-o", format, "--fail-on", "critical"]);
        assert_eq!((run.status, &*run.err), (1, ""), "{format}");
        assert!(run.out.contains("privileged-container"), "{format}");
        assert!(!run.out.contains('\x1b'), "{format}");
    }
    let always = sandbox.run(&["scan", "-f", "web.yaml", "--color", "always", "-o", "json"]);
    assert!(!always.out.contains('\x1b'));
}

#[test]
fn without_a_terminal_there_is_never_a_workbench() {
    let sandbox = Sandbox::with_web();
    for args in [&[][..], &["demo"], &["-f", "web.yaml"], &["--demo"], &["--session", "last"]] {
        let run = sandbox.run(args);
        run.refuses(2, &["needs a terminal", "plimsoll scan"]);
    }
}

#[test]
fn wrong_usage_says_what_was_probably_meant() {
    let sandbox = Sandbox::with_web();
    for (args, says) in [
        (&["sacn"][..], "did you mean `scan`"),
        (&["scan", "-f", "web.yaml", "--fail-on", "bad"], "critical, high, medium, low, info"),
        (&["scan", "-f", "web.yaml", "-o", "yaml"], "table, json, markdown"),
        (&["scan", "-f", "web.yaml", "--request-timeout", "soon"], "30s or 2m"),
        (&["scan", "--complete"], "--file"),
        (&["scan", "-f", "web.yaml", "--demo"], "cannot be used with"),
        (&["scan", "-n", "a", "-A", "--demo"], "cannot be used with"),
        (&["--context", "x", "scan", "--demo"], "stands before `scan`"),
        (&["scan", "-f", "web.yaml", "deploy/web"], "put `deploy/web` before -f"),
        (&["access", "-f", "web.yaml", "sa/shop/cart"], "put `sa/shop/cart` before -f"),
        (&["access", "-f", "web.yaml", "User/ada"], "put `User/ada` before -f"),
        (&["network", "-f", "web.yaml", "deploy/web"], "put `deploy/web` before -f"),
        (&["--config", "none.toml", "scan", "--demo"], "none.toml"),
        (&["scan", "--demo", "--allow", "everything"], "configz, secret-metadata, all-kinds"),
        (&["scan", "--demo", "--allow", "Configz"], "invalid value"),
        (&["scan", "--demo", "--allow", "configz,dry-run"], "not available in this version"),
        (&["--demo", "--allow", "secret-bodies"], "not available in this version"),
        (
            &["snapshot", "--allow", "dry-run", "--output-file", "s"],
            "not available in this version",
        ),
    ] {
        let run = sandbox.run(args);
        assert!(run.status == 2 || run.status == 3, "{args:?}: {}", run.status);
        run.refuses(run.status, &[says]);
    }
}

#[test]
fn global_options_stand_before_or_after_the_command() {
    let sandbox = Sandbox::with_web();
    let before = sandbox.run(&["--ascii", "--color", "never", "scan", "-f", "web.yaml"]);
    let after = sandbox.run(&["scan", "-f", "web.yaml", "--ascii", "--color", "never"]);
    assert_eq!((before.status, before.out), (0, after.out));
}

#[cfg(unix)]
#[test]
fn a_reader_that_goes_away_is_no_error_and_a_full_disk_is_one() {
    let sandbox = Sandbox::with_web();
    let plimsoll = env!("CARGO_BIN_EXE_plimsoll");
    let shell = |line: String| {
        let mut command = std::process::Command::new("bash");
        command.args(["-c", &line]).current_dir(sandbox.path("")).env_clear();
        command.env("PATH", "/usr/bin:/bin").env("HOME", sandbox.path("home")).output().unwrap()
    };
    let run = shell(format!("{plimsoll} scan --demo | head -1; echo ${{PIPESTATUS[0]}} >&2"));
    assert_eq!(String::from_utf8_lossy(&run.stderr).trim(), "0");
    if std::path::Path::new("/dev/full").exists() {
        let run = shell(format!("{plimsoll} scan -f web.yaml >/dev/full"));
        assert_eq!(run.status.code(), Some(2), "1 would say that a threshold was crossed");
        let said = String::from_utf8_lossy(&run.stderr).into_owned();
        assert!(said.contains("cannot write to standard output: No space"), "{said}");
    }
}

#[test]
fn severities_are_in_colour_where_colour_is_asked_for() {
    let sandbox = Sandbox::with_web();
    let scan = |more: &[&str]| sandbox.run(&[&["scan", "-f", "web.yaml"], more].concat()).out;
    let plain = scan(&[]);
    assert!(!plain.contains('\u{1b}'), "a pipe has no colours");
    for choice in ["auto", "never", "256"] {
        assert_eq!(scan(&["--color", choice]), plain, "{choice}");
    }
    let tinted = scan(&["--color", "always"]);
    assert!(tinted.contains("\u{1b}[1;31mcritical\u{1b}[0m "), "{tinted}");
    let json = ["--color", "always", "-o", "json"];
    assert!(!scan(&json).contains('\u{1b}'));
    let file = scan(&["--color", "always", "--output-file", "t.txt"]);
    assert_eq!(file, "");
    assert_eq!(std::fs::read_to_string(sandbox.path("t.txt")).unwrap(), plain);
}

#[cfg(unix)]
#[test]
fn a_report_may_go_nowhere() {
    let sandbox = Sandbox::with_web();
    let args = ["scan", "-f", "web.yaml", "--fail-on", "critical", "--output-file", "/dev/null"];
    let run = sandbox.run(&args);
    assert_eq!((run.status, &*run.out), (1, ""), "{}", run.err);
}
