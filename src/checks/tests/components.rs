//! Command lines of the control plane that leave open what is set.

use super::*;
use crate::model::finding::CheckCounts;

fn pod(component: &str, command: &str) -> String {
    format!(
        "---
apiVersion: v1
kind: Pod
metadata: {{name: {component}-a, namespace: kube-system, annotations: {{kubernetes.io/config.mirror: x}}}}
spec:
  nodeName: a
  containers:
    - {{name: {component}, image: x, command: {command}}}
"
    )
}

/// What the checks of the library that look at components come to, by their ids.
fn assessed(yaml: &str) -> RunResult {
    let library = Library::builtin();
    let checks: Vec<Arc<Check>> = library
        .checks
        .values()
        .filter(|check| check.target.scope == super::super::scope::Scope::Component)
        .cloned()
        .collect();
    assert!(checks.len() > 50);
    let mut world = World::of(yaml);
    world.source.kubernetes = Some("v1.34.1".to_owned());
    world.run_in(&checks, &RunScope::default())
}

const OPEN: CheckCounts = CheckCounts {
    pass: 0,
    fail: 0,
    platform_fail: 0,
    error: 0,
    not_assessed: 1,
    not_applicable: 0,
};

#[test]
fn several_flags_in_one_argument_pass_no_check_and_fail_none() {
    let plain = r#"["kube-apiserver", "--audit-log-path=/a", "--request-timeout=10s"]"#;
    let slip = r#"["kube-apiserver", "--request-timeout=10s",
        "--audit-log-path=/a --audit-log-maxage=30 --profiling=false --anonymous-auth=false"]"#;
    let (plain, slip) =
        (assessed(&pod("kube-apiserver", plain)), assessed(&pod("kube-apiserver", slip)));
    let mut open: Vec<&str> = Vec::new();
    for (id, counts) in &slip.checks {
        if *counts == plain.checks[id] {
            continue;
        }
        assert_eq!((counts.pass, counts.fail, counts.error), (0, 0, 0), "{id}");
        open.push(id);
    }
    // Those that look at any of the four, or at what the version makes of a flag that is not set; all
    // others come to what they came to.
    assert_eq!(
        open,
        [
            "apiserver-anonymous-auth",
            "apiserver-audit-enabled",
            "apiserver-audit-log-maxage",
            "apiserver-audit-log-maxbackup",
            "apiserver-audit-log-maxsize",
            "apiserver-audit-log-path",
            "apiserver-profiling",
        ]
    );
    let gap = slip.not_assessed.iter().find(|gap| *gap.check == *"apiserver-profiling").unwrap();
    assert_eq!(
        gap.missing.reason,
        "the argument at spec.containers[0].command[2] is not one flag with its value, so what \
         kube-apiserver makes of --audit-log-path, --audit-log-maxage, --profiling, --anonymous-auth is \
         not known"
    );
}

#[test]
fn what_a_shell_fills_in_leaves_every_flag_open() {
    let line =
        r#"["sh", "-c", "exec kube-apiserver --profiling=false --anonymous-auth=false $MORE"]"#;
    let result = assessed(&pod("kube-apiserver", line));
    let decided = result.checks.iter().filter(|(_, counts)| counts.pass + counts.fail > 0);
    assert_eq!(decided.map(|(id, _)| &**id).collect::<Vec<_>>(), [] as [&str; 0]);
}

#[test]
fn what_the_server_leaves_open_is_open_for_a_check_that_sees_it_beside_etcd() {
    let etcd = pod("etcd", r#"["etcd", "--trusted-ca-file=/etcd/ca.crt", "--auto-tls=false"]"#);
    let told = |server: &str| {
        let result = assessed(&format!("{etcd}{}", pod("kube-apiserver", server)));
        (result.checks["etcd-unique-ca"], result.checks["etcd-auto-tls"])
    };
    let (unique, auto) = told(r#"["kube-apiserver", "--client-ca-file=/ca.crt"]"#);
    assert_eq!((unique.pass, auto.pass), (1, 1));
    let (unique, auto) =
        told(r#"["kube-apiserver", "--client-ca-file=/ca.crt --profiling=false"]"#);
    assert_eq!((unique, auto.pass), (OPEN, 1));
}
