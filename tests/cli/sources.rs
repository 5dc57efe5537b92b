//! Files, directories, standard input, lists, snapshots, the demo; open and closed world.

use serde_json::Value;

use super::sandbox::{BROKEN, Sandbox, WEB, findings, status};

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
    let moments = [&scan["startedAt"], &scan["source"]["readAt"], &scan["finishedAt"]];
    let moments = moments.map(|at| at.as_str().expect("it says when"));
    assert!(moments.is_sorted(), "{moments:?}");
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
fn objects_with_one_name_are_all_judged() {
    let sandbox = Sandbox::new();
    let fine = WEB.replace("privileged: true", "privileged: false");
    assert_ne!(fine, WEB);
    sandbox.write("dev/web.yaml", WEB);
    sandbox.write("prod/web.yaml", &fine);
    for order in [["dev", "prod"], ["prod", "dev"]] {
        let args = ["-f", order[0], order[1], "--check", "privileged-container"];
        let scan = sandbox.json(&args);
        assert_eq!(findings(&scan), [PRIVILEGED]);
        assert_eq!(scan["findings"][0]["file"], "dev/web.yaml");
        let problem = &scan["problems"][0];
        let first = format!("{}/web.yaml", order[0]);
        assert_eq!((&problem["file"], &problem["line"]), (&first.into(), &1.into()));
        let message = problem["message"].as_str().unwrap();
        assert!(
            message.contains(&format!(
                "Deployment/pay/web stands here and in {}/web.yaml:1",
                order[1]
            )),
            "{message}"
        );
    }
    // Nothing is left open by it, and what is on both is one finding.
    let gate = ["scan", "-f", "dev", "prod", "--check", "host-port", "--fail-on", "low"];
    let run = sandbox.run(&[&gate[..], &["--require-complete"]].concat());
    assert_eq!(run.status, 0, "{}", run.err);
    sandbox.write("prod/web.yaml", WEB);
    let scan = sandbox.json(&["-f", "dev", "prod", "--check", "privileged-container"]);
    assert_eq!(findings(&scan), [PRIVILEGED]);
    // Whom pods run as is told by a name.
    let account = "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: a, namespace: pay}\n";
    sandbox.write("dev/sa.yaml", account);
    sandbox.write("prod/sa.yaml", format!("{account}automountServiceAccountToken: false\n"));
    let run = sandbox.run(&gate);
    assert_eq!(run.status, 1, "{}", run.err);
    assert!(run.err.contains("what refers to it is not assessed"), "{}", run.err);
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
