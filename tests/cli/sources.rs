//! Files, directories, standard input, lists, snapshots, the demo; open and closed world.

use serde_json::Value;

use super::sandbox::{BROKEN, Sandbox, WEB, demo, findings, status};

const PRIVILEGED: &str = "privileged-container Deployment/pay/web spec.template.spec.containers[0].securityContext.privileged";

#[test]
fn a_file_a_directory_and_standard_input_give_the_same_findings() {
    let sandbox = Sandbox::with_web();
    sandbox.write("k8s/sub/web.yml", WEB);
    sandbox.write("k8s/notes.txt", "no manifest");
    sandbox.write("k8s/.hidden/web.yaml", WEB);
    let file = sandbox.json(&["-f", "web.yaml"]);
    let directory = sandbox.json(&["-f", "k8s"]);
    let piped = sandbox.pipe(&["scan", "-o", "json", "-f", "-"], WEB.as_bytes()).json();
    assert!(findings(&file).contains(&PRIVILEGED.to_owned()), "{:?}", findings(&file));
    assert_eq!(findings(&file), findings(&directory));
    assert_eq!(findings(&file), findings(&piped));
    assert_eq!(directory["source"]["files"], serde_json::json!(["k8s/sub/web.yml"]));
    assert_eq!(piped["source"]["files"], serde_json::json!(["-"]));
    assert_eq!(piped["findings"][0]["file"], "-");
}

#[test]
fn findings_on_files_carry_file_and_line() {
    let sandbox = Sandbox::with_web();
    let scan = sandbox.json(&["-f", "web.yaml", "--check", "privileged-container"]);
    let finding = &scan["findings"][0];
    assert_eq!((&finding["file"], &finding["line"]), (&"web.yaml".into(), &18.into()));
    // A field that is missing has the line of its nearest ancestor: `- name: c`.
    let scan = sandbox.json(&["-f", "web.yaml", "--check", "root-filesystem-writable", "pod/lone"]);
    let finding = &scan["findings"][0];
    assert_eq!((&finding["missing"], &finding["line"]), (&true.into(), &27.into()));
}

#[test]
fn items_of_a_list_are_objects_with_their_own_lines() {
    let sandbox = Sandbox::new();
    let list = "apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Pod\n  metadata: {name: a}\n  spec:\n    hostNetwork: true\n    containers: [{name: c, image: i}]\n";
    sandbox.write("list.yaml", list);
    let scan = sandbox.json(&["-f", "list.yaml", "--check", "host-network-namespace"]);
    assert_eq!(findings(&scan), ["host-network-namespace Pod/default/a spec.hostNetwork"]);
    assert_eq!(scan["findings"][0]["line"], 8);
    // `kubectl get pods -o json` leaves kind and apiVersion of the items in place or out.
    let json = r#"{"apiVersion":"v1","kind":"PodList","items":[{"metadata":{"name":"b"},"spec":{"hostNetwork":true,"containers":[]}}]}"#;
    let piped = ["scan", "-o", "json", "--check", "host-network-namespace", "-f", "-"];
    let scan = sandbox.pipe(&piped, json.as_bytes()).json();
    assert_eq!(findings(&scan), ["host-network-namespace Pod/default/b spec.hostNetwork"]);
}

#[test]
fn a_reason_of_a_file_says_what_is_wrong_there_and_a_scan_when_it_was_read() {
    let sandbox = Sandbox::new();
    sandbox.write("web.yaml", format!("{WEB}{BROKEN}"));
    let args = ["scan", "-f", "web.yaml", "--framework", "pss-baseline"];
    let text = sandbox.run(&args).out;
    let mut lines = text.lines().skip_while(|line| !line.contains("1 document is not assessed ("));
    let (_, why) = (lines.next().expect(&text), lines.next().expect(&text));
    assert!(why.starts_with("    web.yaml:30:"), "{text}");
    let scan = sandbox.json(&args[1..]);
    let read = scan["source"]["readAt"].as_str().expect("it says when");
    assert!(read <= scan["startedAt"].as_str().unwrap(), "{read}");
}

#[test]
fn a_broken_document_is_reported_with_its_place_and_the_others_are_assessed() {
    let sandbox = Sandbox::new();
    sandbox.write("web.yaml", format!("{WEB}{BROKEN}"));
    let scan = sandbox.json(&["-f", "web.yaml", "--framework", "pss-baseline"]);
    assert!(findings(&scan).contains(&PRIVILEGED.to_owned()));
    let problem = &scan["problems"][0];
    assert_eq!(problem["kind"], "document");
    assert_eq!((&problem["file"], &problem["line"]), (&"web.yaml".into(), &30.into()));
    assert!(problem["column"].is_u64());
    assert_eq!(scan["reads"][0]["status"], "partial");
    // What could not be read may be what a check would find: nothing passes.
    let guide = scan["frameworks"].as_array().unwrap().iter().find(|f| f["id"] == "pss-baseline");
    for control in guide.unwrap()["controls"].as_array().unwrap() {
        assert!(
            ["fail", "not-assessed", "not-applicable"]
                .contains(&control["status"].as_str().unwrap()),
            "{control}"
        );
    }
    assert_eq!(status(&scan, "pss-baseline", "privileged"), "fail");
    assert_eq!(status(&scan, "pss-baseline", "hostPorts"), "not-assessed");
}

#[test]
fn what_holds_no_object_at_all_is_a_source_that_could_not_be_read() {
    let sandbox = Sandbox::new();
    sandbox.write("broken.yaml", "a: [1\n");
    sandbox.write("empty.yaml", "# nothing\n---\n");
    sandbox.write("values.yaml", "replicas: 3\n");
    sandbox.write("none/notes.txt", "");
    let scan = |path: &str| sandbox.run(&["scan", "--fail-on", "info", "-f", path]);
    scan("broken.yaml").refuses(3, &["broken.yaml:1:4"]);
    scan("empty.yaml").refuses(3, &["no object in empty.yaml"]);
    scan("values.yaml").refuses(3, &["values.yaml:1:1", "apiVersion"]);
    scan("none").refuses(3, &["no .yaml, .yml or .json file under none"]);
    scan("missing.yaml").refuses(3, &["missing.yaml", "No such file"]);
    sandbox.pipe(&["scan", "-f", "-"], b"").refuses(3, &["no object in standard input"]);
    // An empty list is an answer.
    let list = br#"{"apiVersion":"v1","kind":"List","items":[]}"#;
    assert_eq!(sandbox.pipe(&["scan", "-f", "-"], list).status, 0);
}

#[test]
fn of_two_objects_with_one_name_the_lost_one_is_reported() {
    let sandbox = Sandbox::new();
    sandbox.write("base/web.yaml", WEB);
    sandbox.write("prod/web.yaml", WEB);
    let scan = sandbox.json(&["-f", "base", "prod", "--check", "privileged-container"]);
    assert_eq!(findings(&scan), [PRIVILEGED]);
    assert_eq!(scan["findings"][0]["file"], "prod/web.yaml");
    let problem = &scan["problems"][0];
    assert_eq!((&problem["file"], &problem["line"]), (&"base/web.yaml".into(), &1.into()));
    let message = problem["message"].as_str().unwrap();
    assert!(message.contains("Deployment/pay/web"), "{message}");
    assert!(message.contains("prod/web.yaml:1"), "{message}");
    // One of them was not looked at: a gate says which.
    let gate = ["scan", "-f", "base", "prod", "--check", "host-port", "--fail-on", "low"];
    let run = sandbox.run(&gate);
    assert_eq!(run.status, 1, "{}", run.err);
    assert!(run.err.contains("base/web.yaml:1:1: Deployment/pay/web stands here"), "{}", run.err);
}

/// Read names of what a scan could not decide for lack of a list.
fn missing_reads(scan: &Value) -> Vec<&str> {
    let gaps = scan["notAssessed"].as_array().unwrap().iter();
    gaps.map(|g| g["read"].as_str().unwrap()).collect()
}

#[test]
fn files_are_an_open_world_unless_said_otherwise() {
    let sandbox = Sandbox::with_web();
    let check = ["-f", "web.yaml", "--check", "netpol-pod-not-selected"];
    let open = sandbox.json(&check);
    assert_eq!(findings(&open), Vec::<String>::new());
    assert!(missing_reads(&open).contains(&"networkpolicies"), "{}", open["notAssessed"]);
    assert_eq!(open["checks"][0]["pass"], 0);
    let closed = sandbox.json(&[&check[..], &["--complete"]].concat());
    // A pod on the network of its node is out of reach of policies.
    assert_eq!(findings(&closed), ["netpol-pod-not-selected Pod/shop/lone metadata.labels"]);
    assert_eq!(closed["notAssessed"], serde_json::json!([]));
}

#[test]
fn with_files_no_control_that_rests_on_absence_passes() {
    let sandbox = Sandbox::with_web();
    let scan = sandbox.json(&["-f", "web.yaml"]);
    let gaps: Vec<&str> = scan["notAssessed"]
        .as_array()
        .unwrap()
        .iter()
        .map(|g| g["check"].as_str().unwrap())
        .collect();
    let undecided: Vec<&Value> = scan["checks"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|c| c["notAssessed"].as_u64() > Some(0))
        .collect();
    assert!(undecided.len() > 5, "{undecided:?}");
    for check in &undecided {
        assert!(gaps.contains(&check["id"].as_str().unwrap()), "{check} has no reason");
    }
    // No control passes for which a deciding check is undecided anywhere.
    let shown = sandbox.run(&["frameworks", "show", "nsa-cisa"]).out;
    let guide = scan["frameworks"].as_array().unwrap().iter().find(|f| f["id"] == "nsa-cisa");
    for control in guide.unwrap()["controls"].as_array().unwrap() {
        let id = control["id"].as_str().unwrap();
        let row = shown.lines().find(|l| l.split_whitespace().next() == Some(id)).unwrap();
        if control["status"] == "pass" {
            for check in &undecided {
                let check = check["id"].as_str().unwrap();
                assert!(!row.split_whitespace().any(|w| w == check), "{id} rests on {check}");
            }
        }
    }
}

#[test]
fn complete_is_not_believed_of_files_that_could_not_all_be_read() {
    let sandbox = Sandbox::new();
    sandbox.write("web.yaml", format!("{WEB}{BROKEN}"));
    let args = ["-f", "web.yaml", "--complete", "--check", "netpol-pod-not-selected"];
    let scan = sandbox.json(&args);
    assert_eq!(findings(&scan), Vec::<String>::new());
    let said = scan["problems"].as_array().unwrap().iter();
    assert!(said.clone().any(|p| p["message"].as_str().unwrap().contains("not taken as complete")));
    // The values of a chart beside the manifests take nothing away.
    sandbox.write("chart/web.yaml", WEB);
    sandbox.write("chart/values.yaml", "replicas: 3\n");
    let scan = sandbox.json(&["-f", "chart", "--complete", "--check", "netpol-pod-not-selected"]);
    assert_eq!(findings(&scan).len(), 1);
    assert_eq!(scan["problems"].as_array().unwrap().len(), 1);
}

#[test]
fn the_kubernetes_version_decides_which_rules_of_pod_security_apply() {
    let sandbox = Sandbox::with_web();
    let judge = |version: &str| {
        sandbox.json(&["-f", "web.yaml", "--framework", "pss-baseline", "--kube-version", version])
    };
    // Probes of other hosts are forbidden from 1.34 on.
    let old = judge("1.31");
    assert_eq!(old["source"]["kubernetes"], "v1.31");
    assert_eq!(status(&old, "pss-baseline", "hostProbesAndHostLifecycle"), "not-applicable");
    let new = judge("v1.34.2");
    assert_eq!(new["source"]["kubernetes"], "v1.34.2");
    assert_eq!(status(&new, "pss-baseline", "hostProbesAndHostLifecycle"), "pass");
    for wrong in ["new", "2.0", "1", "1.x"] {
        let run = sandbox.run(&["scan", "-f", "web.yaml", "--kube-version", wrong]);
        run.refuses(2, &["--kube-version", wrong, "1.31"]);
    }
}

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

/// A pipe that nobody writes into is named after a while, and read when somebody does.
#[cfg(unix)]
#[test]
fn a_pipe_without_a_writer_is_said_to_be_waited_for() {
    use std::io::BufRead as _;
    use std::process::{Command, Stdio};
    let sandbox = Sandbox::new();
    let pipe = sandbox.path("pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let mut child = Command::new(env!("CARGO_BIN_EXE_plimsoll"))
        .args(["scan", "-o", "json", "-f"])
        .arg(&pipe)
        .env("PLIMSOLL_DATA_DIR", sandbox.path("data"))
        .env("PLIMSOLL_CONFIG_DIR", sandbox.path("config"))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let ((said, hear), late) = (std::sync::mpsc::channel(), pipe.clone());
    let writer = std::thread::spawn(move || {
        // It is written in any case: a program that says nothing must not hang the test.
        let heard = hear.recv_timeout(std::time::Duration::from_secs(60)).is_ok();
        std::fs::write(late, WEB).unwrap();
        heard
    });
    let mut line = String::new();
    std::io::BufReader::new(child.stderr.take().unwrap()).read_line(&mut line).unwrap();
    let waits = format!("waiting for {}: it is a pipe, and nothing was written", pipe.display());
    if line.contains(&waits) {
        said.send(()).unwrap();
    }
    assert!(writer.join().unwrap(), "{line}");
    let done = child.wait_with_output().unwrap();
    assert!(done.status.success());
    let scan: Value = serde_json::from_slice(&done.stdout).unwrap();
    assert!(findings(&scan).contains(&PRIVILEGED.to_owned()), "{:?}", findings(&scan));
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

/// A workload that names no account, and a binding of somebody else.
const OPEN: &str = "apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: open}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers: [{name: app, image: registry.example.com/web:1}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: eve}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: view}
subjects: [{kind: User, apiGroup: rbac.authorization.k8s.io, name: eve}]
";

#[test]
fn a_control_does_not_pass_by_checks_that_had_nothing_to_look_at() {
    let sandbox = Sandbox::new();
    sandbox.write("app.yaml", OPEN);
    let control = ["-f", "app.yaml", "--control", "cis-kubernetes-2.0.1/5.1.5"];
    let open = sandbox.json(&control);
    assert_eq!(status(&open, "cis-kubernetes-2.0.1", "5.1.5"), "not-assessed");
    let text = open["frameworks"].to_string();
    assert!(text.contains("the files may not show all serviceaccounts"), "{text}");
    // Where the files are everything, every namespace has a default account all the same.
    let closed = sandbox.json(&[&control[..], &["--complete"]].concat());
    assert_eq!(status(&closed, "cis-kubernetes-2.0.1", "5.1.5"), "fail");
    let account = "default-service-account-automount-enabled ServiceAccount/open/default \
                   automountServiceAccountToken";
    assert!(findings(&closed).contains(&account.to_owned()), "{:?}", findings(&closed));
    let told = closed["reads"].to_string();
    assert!(told.contains("every namespace has one"), "{told}");
    // One that is there is taken as it is written.
    let account = "---\napiVersion: v1\nkind: ServiceAccount\nmetadata: {name: default, namespace: \
                   open}\nautomountServiceAccountToken: false\n";
    sandbox.write("app.yaml", format!("{OPEN}{account}"));
    let closed = sandbox.json(&[&control[..], &["--complete"]].concat());
    assert_eq!(status(&closed, "cis-kubernetes-2.0.1", "5.1.5"), "pass");
    assert!(!closed["reads"].to_string().contains("every namespace has one"));
}

#[test]
fn nothing_is_mitigated_in_a_namespace_that_is_not_there() {
    let sandbox = Sandbox::new();
    let run = sandbox.run(&["scan", "--demo", "-n", "nosuch", "-o", "json"]);
    assert_eq!(run.status, 2, "{}", run.err);
    let scan = run.json();
    for framework in scan["frameworks"].as_array().unwrap() {
        for control in framework["controls"].as_array().unwrap() {
            let status = control["status"].as_str().unwrap();
            assert!(!["pass", "mitigated"].contains(&status), "{} {control}", framework["id"]);
        }
    }
}

#[test]
fn the_demo_leaves_unasked_only_what_takes_an_opt_in() {
    const OPT_IN: [&str; 2] = ["v1/secrets", "nodes/proxy/configz"];
    let sandbox = Sandbox::new();
    let scan = sandbox.json(&["--demo"]);
    let list = |name: &str| scan[name].as_array().unwrap().clone();
    let reads = list("reads").into_iter().filter(|read| read["status"] == "not-asked");
    let reads: Vec<Value> = reads.map(|read| read["resource"].clone()).collect();
    assert_eq!(reads, OPT_IN);
    let gaps = list("notAssessed");
    let unasked: Vec<&Value> = gaps
        .iter()
        .filter(|gap| gap["reason"].as_str().unwrap().contains("not asked for"))
        .collect();
    let opt_in =
        |gap: &&&Value| OPT_IN.iter().any(|read| read.rsplit('/').next() == gap["read"].as_str());
    assert_eq!(unasked.iter().find(|gap| !opt_in(gap)), None);
    assert!(gaps.len() > 5, "{gaps:?}");
}
