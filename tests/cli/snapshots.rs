//! Snapshots of whole sources: they answer as these did, and hold no credential.

use serde_json::Value;

use super::sandbox::{Sandbox, WEB, demo, findings};

/// Credentials of kinds that the capture itself would not recognise by their shape.
const LEAKY: &str = r#"
apiVersion: v1
kind: ConfigMap
metadata:
  name: settings
  namespace: pay
  annotations: {"example.com/hook": "https://hooks.slack.com/services/T0AB12/B0CD34/abcdefgh12345678"}
data:
  db.password: tr0ub4dor3
  app.properties: "user = app\nclient_secret = q8w7e6r5t4y3\n"
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: leaky, namespace: pay}
spec:
  selector: {matchLabels: {app: leaky}}
  template:
    metadata: {labels: {app: leaky}}
    spec:
      containers:
      - name: app
        image: registry.example.com/leaky:1
        args: ["--verbose", "--db-password=tr0ub4dor3"]
        env: [{name: DB_PASSWORD, value: tr0ub4dor3}, {name: NPM, value: npm_0123456789abcdefghijABCDEFGHIJ012345}]
"#;

#[test]
fn a_snapshot_answers_as_its_source_did() {
    let sandbox = Sandbox::with_web();
    for (source, name) in [(&["--demo"][..], "demo.plim"), (&["-f", "web.yaml"], "files.plim")] {
        let run = sandbox.run(&[&["snapshot", "--output-file", name], source].concat());
        assert_eq!((run.status, &*run.out), (0, ""), "{}", run.err);
        assert!(run.err.contains(name), "{}", run.err);
        let before = if source == ["--demo"] { demo().clone() } else { sandbox.json(source) };
        let after = sandbox.json(&["--snapshot", name]);
        assert_eq!(after["source"]["files"], serde_json::json!([name]));
        assert_eq!(without_files(&before), without_files(&after));
    }
    let again = sandbox.run(&["snapshot", "--demo", "--output-file", "demo.plim"]);
    again.refuses(2, &["demo.plim exists"]);
}

#[test]
fn credentials_are_found_in_a_capture_that_no_longer_holds_them() {
    let sandbox = Sandbox::new();
    sandbox.write("leaky.yaml", LEAKY);
    let before = sandbox.json(&["-f", "leaky.yaml"]);
    let secret = [
        "credential-in-annotation",
        "credential-in-command-args",
        "credential-in-configmap",
        "credential-literal-in-env",
    ];
    for check in secret {
        let found = before["findings"].as_array().unwrap().iter().any(|f| f["check"] == check);
        assert!(found, "{check} finds nothing");
    }
    let run = sandbox.run(&["snapshot", "-f", "leaky.yaml", "--output-file", "leaky.plim"]);
    assert_eq!(run.status, 0, "{}", run.err);
    let after = sandbox.json(&["--snapshot", "leaky.plim"]);
    assert_eq!(without_files(&before), without_files(&after));
    let plain = zstd::decode_all(std::fs::File::open(sandbox.path("leaky.plim")).unwrap()).unwrap();
    let plain = String::from_utf8(plain).unwrap();
    for value in ["tr0ub4dor3", "q8w7e6r5t4y3", "npm_0123", "abcdefgh12345678"] {
        assert!(!plain.contains(value), "{value} is in the capture");
    }
    // A capture of the capture passes on what was found.
    let again = ["snapshot", "--snapshot", "leaky.plim", "--output-file", "again.plim"];
    assert_eq!(sandbox.run(&again).status, 0);
    assert_eq!(without_files(&before), without_files(&sandbox.json(&["--snapshot", "again.plim"])));
    // By other patterns than those of the capture nothing can be said.
    let config = "[params.credential-in-configmap]\ncredential_names = [\"*password\"]\n";
    sandbox.write("other.toml", config);
    let other = sandbox.json(&["--snapshot", "leaky.plim", "--config", "other.toml"]);
    let of = |check: &str| {
        let list = other["findings"].as_array().unwrap();
        list.iter().filter(|f| f["check"] == check).count()
    };
    assert_eq!((of(secret[2]), of(secret[3])), (0, 2));
    let gaps = other["notAssessed"].as_array().unwrap();
    let gap = gaps.iter().find(|g| g["check"] == secret[2] && g["read"] == "snapshot").unwrap();
    assert!(gap["reason"].as_str().unwrap().contains("take it again"), "{gap}");
}

/// A scan without what says which files it came from and when.
fn without_files(scan: &Value) -> Value {
    let mut scan = scan.clone();
    for key in ["source", "startedAt", "finishedAt"] {
        scan.as_object_mut().unwrap().remove(key);
    }
    for finding in scan["findings"].as_array_mut().unwrap() {
        for key in ["file", "line"] {
            finding.as_object_mut().unwrap().remove(key);
        }
    }
    scan
}

#[test]
fn what_is_no_snapshot_is_refused() {
    let sandbox = Sandbox::with_web();
    let load = |path: &str| sandbox.run(&["scan", "--snapshot", path]);
    load("web.yaml").refuses(3, &["web.yaml", "plimsoll snapshot"]);
    load("none.plim").refuses(3, &["none.plim", "No such file"]);
    // Cut short: what is missing must not look like a small cluster.
    assert_eq!(sandbox.run(&["snapshot", "-f", "web.yaml", "--output-file", "web.plim"]).status, 0);
    let whole = std::fs::read(sandbox.path("web.plim")).unwrap();
    sandbox.write("half.plim", &whole[..whole.len() / 2]);
    load("half.plim").refuses(3, &["half.plim"]);
}

#[cfg(unix)]
#[test]
fn a_snapshot_is_for_its_owner_only_and_holds_no_credential() {
    use std::os::unix::fs::PermissionsExt as _;
    let sandbox = Sandbox::new();
    let secret = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  containers:\n  - name: c\n    image: i\n    env: [{name: DB_PASSWORD, value: hunter2}]\n---\napiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData: {k: hunter3}\n";
    sandbox.write("a.yaml", secret);
    let run = sandbox.run(&["snapshot", "-f", "a.yaml", "--output-file", "a.plim"]);
    assert_eq!(run.status, 0, "{}", run.err);
    let path = sandbox.path("a.plim");
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    let plain = zstd::decode_all(std::fs::File::open(&path).unwrap()).unwrap();
    let plain = String::from_utf8(plain).unwrap();
    assert!(plain.contains("DB_PASSWORD"), "{plain}");
    assert!(!plain.contains("hunter"), "{plain}");
}

/// A snapshot out of which objects were taken, or a read, must not answer as the cluster did.
#[test]
fn a_snapshot_that_contradicts_itself_proves_nothing() {
    let sandbox = Sandbox::new();
    assert_eq!(sandbox.run(&["snapshot", "--demo", "--output-file", "s.plim"]).status, 0);
    let text = zstd::decode_all(std::fs::File::open(sandbox.path("s.plim")).unwrap()).unwrap();
    let text = String::from_utf8(text).unwrap();
    let records = || text.lines().map(|line| (line, serde_json::from_str::<Value>(line).unwrap()));
    let write = |name: &str, keep: &mut dyn FnMut(&Value) -> bool| {
        let kept: String =
            records().filter(|(_, r)| keep(r)).map(|(l, _)| format!("{l}\n")).collect();
        sandbox.write(name, zstd::encode_all(kept.as_bytes(), 1).unwrap());
    };
    let is_binding = |r: &Value| r["type"] == "object" && r["body"]["kind"] == "RoleBinding";
    let mut nth = 0;
    write("fewer.plim", &mut |r| {
        nth += usize::from(is_binding(r));
        !is_binding(r) || nth > 1
    });
    write("untold.plim", &mut |r| !(r["type"] == "read" && r["kind"] == "RoleBinding"));
    let scan = |name: &str| sandbox.run(&["scan", "-o", "json", "--snapshot", name]);
    let whole = scan("s.plim");
    assert!(!whole.err.contains("snapshot says"), "{}", whole.err);
    for (name, says) in
        [("fewer.plim", "were read and holds"), ("untold.plim", "none of its reads tells of")]
    {
        let run = scan(name);
        assert!(
            run.err.contains(&format!("plimsoll: {name}: ")) && run.err.contains(says),
            "{}",
            run.err
        );
        let json = run.json();
        let read = json["reads"].as_array().unwrap().iter();
        let mut of = read.filter(|r| r["resource"] == "rbac.authorization.k8s.io/v1/rolebindings");
        let read = of.next().unwrap();
        assert_eq!(read["status"], "partial", "{read}");
        assert!(read["message"].as_str().unwrap().contains(says), "{read}");
        assert_ne!(json["notAssessed"], whole.json()["notAssessed"]);
        let complete = sandbox.run(&["scan", "--snapshot", name, "--require-complete"]);
        assert_eq!(complete.status, 4, "{}", complete.err);
    }
}

#[test]
fn a_snapshot_of_manifests_keeps_all_objects_of_one_name() {
    let sandbox = Sandbox::new();
    let fine = WEB.replace("privileged: true", "privileged: false");
    sandbox.write("dev/web.yaml", WEB);
    sandbox.write("prod/web.yaml", fine);
    let nameless = "apiVersion: v1\nkind: Pod\nmetadata: {generateName: a-, namespace: pay}\nspec: {containers: [{name: c, image: i}]}\n";
    sandbox.write("made.yaml", format!("{nameless}---\n{nameless}"));
    for order in [["dev", "prod"], ["prod", "dev"]] {
        let name = format!("{}.plim", order[0]);
        let args = ["snapshot", "-f", order[0], order[1], "made.yaml", "--output-file", &name];
        let taken = sandbox.run(&args);
        assert_eq!(taken.status, 0, "{}", taken.err);
        let check = ["--check", "privileged-container"];
        let files = sandbox.json(&[&["-f", order[0], order[1], "made.yaml"], &check[..]].concat());
        let kept = sandbox.json(&[&["--snapshot", &name], &check[..]].concat());
        assert_eq!(findings(&kept), findings(&files), "{order:?}");
        assert_eq!(kept["checks"], files["checks"], "{order:?}");
    }
}

#[test]
fn that_most_lists_failed_is_said_beside_the_result() {
    let sandbox = Sandbox::new();
    let header = r#"{"type":"header","schema":"plimsoll.snapshot/v1","created":"","tool":"0","source":{"kind":"live","context":"c","server":null,"clusterUid":null,"kubernetes":null,"files":[]}}"#;
    let read = |(kind, resource, status): (&str, &str, &str)| {
        format!(
            r#"{{"type":"read","group":"","kind":"{kind}","resource":"v1/{resource}","namespace":null,"status":"{status}","items":0,"message":null,"millis":1}}"#
        )
    };
    let scan = |reads: &[(&str, &str, &str)]| {
        let lines = std::iter::once(header.to_owned()).chain(reads.iter().copied().map(read));
        let text = lines.collect::<Vec<_>>().join("\n");
        let name = format!("{}.plim", reads.len());
        sandbox.write(&name, zstd::encode_all(text.as_bytes(), 3).unwrap());
        sandbox.run(&["scan", "--snapshot", &name, "--check", "privileged-container"])
    };
    let all = [
        ("Pod", "pods", "complete"),
        ("Service", "services", "failed"),
        ("ConfigMap", "configmaps", "complete"),
        // Not asked for, and refused: no list that failed.
        ("Node", "nodes", "not-asked"),
        ("Namespace", "namespaces", "failed"),
        ("ServiceAccount", "serviceaccounts", "failed"),
    ];
    let half = scan(&all[..5]);
    assert_eq!(half.status, 0, "{}", half.err);
    assert!(!half.err.contains("lists failed"), "half of them: {}", half.err);
    let most = scan(&all);
    assert_eq!(most.status, 0, "{}", most.err);
    let told = "plimsoll: 3 of 5 lists failed; what needs them is not assessed\n";
    assert!(most.err.contains(told), "{}", most.err);
    assert!(!most.out.contains("lists failed"), "{}", most.out);
}
