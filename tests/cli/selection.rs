//! What is assessed: frameworks, controls, checks, namespaces, labels, one object.

use super::sandbox::{Sandbox, findings};

const HOST: [&str; 2] = ["--check", "root-filesystem-writable"];

fn names(sandbox: &Sandbox, args: &[&str]) -> Vec<String> {
    let all = [&["-f", "web.yaml"], &HOST[..], args].concat();
    let found = findings(&sandbox.json(&all));
    found.iter().map(|f| f.split(' ').nth(1).unwrap().to_owned()).collect()
}

#[test]
fn namespaces_labels_and_objects_narrow_what_is_judged() {
    let sandbox = Sandbox::with_web();
    let (web, lone) = ("Deployment/pay/web", "Pod/shop/lone");
    for (args, found) in [
        (&[][..], &[web, lone][..]),
        (&["-A"], &[web, lone]),
        (&["-n", "pay"], &[web]),
        (&["-n", "pay,shop"], &[web, lone]),
        (&["-n", "pay", "-n", "shop"], &[web, lone]),
        (&["-l", "app=web"], &[web]),
        (&["-l", "app!=web"], &[lone]),
        (&["-l", "!app"], &[lone]),
        (&["-l", "app in (web, api)"], &[web]),
        (&["deploy/web"], &[web]),
        (&["deployments/web"], &[web]),
        (&["pod/lone", "-n", "shop"], &[lone]),
    ] {
        // KIND/NAME stands before -f, which takes every path after it.
        let (before, after): (Vec<&str>, Vec<&str>) = args.iter().partition(|a| a.contains('/'));
        let mut all: Vec<&str> = before;
        all.extend(["-f", "web.yaml"]);
        all.extend(HOST);
        all.extend(after);
        let scan = findings(&sandbox.json(&all));
        let scan: Vec<&str> = scan.iter().map(|f| f.split(' ').nth(1).unwrap()).collect();
        assert_eq!(scan, found, "{args:?}");
    }
    assert_eq!(names(&sandbox, &["-n", "pay"]), [web]);
}

#[test]
fn a_selection_that_matches_nothing_does_not_look_clean() {
    let sandbox = Sandbox::with_web();
    let scan = |args: &[&str]| sandbox.run(&[&["scan"], args, &["-f", "web.yaml"]].concat());
    scan(&["deploy/wbe"]).refuses(2, &["no Deployment `wbe`"]);
    scan(&["deploy/web", "-n", "shop"]).refuses(2, &["no Deployment `web` in shop"]);
    scan(&["web"]).refuses(2, &["`web` names no object", "deploy/web"]);
    scan(&["deplyo/web"]).refuses(2, &["no kind `deplyo`", "did you mean `deploy`?"]);
    scan(&["deploy/"]).refuses(2, &["names no object"]);
    sandbox.run(&["scan", "--demo", "deploy/none-such"]).refuses(2, &["none-such"]);
    for (args, says) in [
        (["-n", "none-such"], "nothing here is in namespace `none-such`"),
        (["-l", "app=none-such"], "no object fits the selection"),
    ] {
        let run = scan(&args);
        assert_eq!(run.status, 0);
        assert!(run.err.contains(says), "{args:?}: {}", run.err);
        assert_eq!(run.err.lines().count(), 1, "{}", run.err);
    }
    assert!(scan(&["-n", "pay,none-such"]).err.contains("namespace `none-such`"));
}

#[test]
fn unknown_ids_end_with_2_and_a_suggestion() {
    let sandbox = Sandbox::with_web();
    let scan = |args: &[&str]| sandbox.run(&[&["scan", "-f", "web.yaml"], args].concat());
    for (args, says) in [
        (["--check", "privilegd-container"], "did you mean `privileged-container`?"),
        (["--check", "zzzzzzzzz"], "`plimsoll checks list` shows them"),
        (["--framework", "pss-baselin"], "did you mean `pss-baseline`?"),
        (["--framework", "nsa"], "did you mean `nsa-cisa`?"),
        (["--framework", "iso-27001"], "`plimsoll frameworks list` shows them"),
        (["--framework", "pss-baseline:L1"], "it has no levels"),
        (["--control", "pss-baseline/privilegd"], "did you mean `privileged`?"),
        (["--control", "pss-baselin/privileged"], "did you mean `pss-baseline`?"),
        (["--control", "privileged"], "write FRAMEWORK/ID"),
        (["--selector", "a b"], "`a b` is no label selector"),
    ] {
        scan(&args).refuses(2, &[says]);
    }
}

#[test]
fn frameworks_controls_and_checks_add_up_and_none_is_judged_twice() {
    let sandbox = Sandbox::with_web();
    let judged = |args: &[&str]| -> Vec<(String, usize)> {
        let scan = sandbox.json(&[&["-f", "web.yaml"], args].concat());
        let all = scan["frameworks"].as_array().unwrap().iter();
        all.map(|f| (f["id"].as_str().unwrap().into(), f["controls"].as_array().unwrap().len()))
            .collect()
    };
    let one = |id: &str, n: usize| vec![(id.to_owned(), n)];
    assert_eq!(judged(&["--framework", "pss-baseline"]), one("pss-baseline", 12));
    assert_eq!(judged(&["--framework", "pss-baseline,pss-baseline"]), one("pss-baseline", 12));
    assert_eq!(judged(&["--control", "pss-baseline/privileged"]), one("pss-baseline", 1));
    let both = ["--framework", "pss-baseline", "--control", "pss-baseline/privileged"];
    assert_eq!(judged(&both), one("pss-baseline", 12));
    assert_eq!(judged(&["--check", "host-port"]), []);
    let scan = sandbox.json(&["-f", "web.yaml", "--check", "host-port,privileged-container"]);
    let ran: Vec<&str> =
        scan["checks"].as_array().unwrap().iter().map(|c| c["id"].as_str().unwrap()).collect();
    assert_eq!(ran, ["host-port", "privileged-container"]);
}

#[test]
fn a_control_that_rests_on_checks_that_were_not_run_is_not_assessed() {
    let sandbox = Sandbox::with_web();
    // A narrowed scope leaves out what looks at the whole cluster.
    let scan = sandbox.json(&["--demo", "-n", "shop", "--framework", "nsa-cisa"]);
    let left_out = scan["notAssessed"].as_array().unwrap().iter();
    assert!(left_out.clone().any(|g| g["read"] == "selection"), "{}", scan["notAssessed"]);
}

/// The status of every control that was judged.
fn statuses(sandbox: &Sandbox, args: &[&str]) -> Vec<(String, String)> {
    let scan = sandbox.run(&[&["scan"], args, &["-o", "json"]].concat());
    let json: serde_json::Value = serde_json::from_str(&scan.out).expect("JSON");
    let mut all = Vec::new();
    for framework in json["frameworks"].as_array().unwrap() {
        for control in framework["controls"].as_array().unwrap() {
            let text = |key: &str| control[key].as_str().unwrap().to_owned();
            all.push((text("id"), text("status")));
        }
    }
    all
}

/// The API server, cluster roles and their bindings are not in a namespace: what they decide is open.
#[test]
fn a_namespace_passes_nothing_that_the_cluster_decides() {
    let sandbox = Sandbox::with_web();
    let controls = [
        "cis-kubernetes-2.0.1/1.2.1",
        "cis-kubernetes-2.0.1/2.1",
        "cis-kubernetes-2.0.1/5.1.1",
        "cis-kubernetes-2.0.1/5.1.10",
        "hipaa-security-rule/164.308(a)(4)(i)",
        "pci-dss-4.0.1/7.3.3",
    ];
    let chosen = controls.join(",");
    for narrow in [&["-n", "pay"][..], &["-l", "app=none-such"]] {
        let all = statuses(&sandbox, &[&["--demo", "--control", &chosen], narrow].concat());
        assert_eq!(all.len(), controls.len());
        for (id, status) in all {
            assert!(
                ["not-assessed", "fail"].contains(&status.as_str()),
                "{narrow:?} {id}: {status}"
            );
        }
    }
    let decided = statuses(
        &sandbox,
        &["--demo", "--control", "cis-kubernetes-2.0.1/1.2.1", "-n", "kube-system"],
    );
    assert!(["pass", "fail"].contains(&decided[0].1.as_str()), "{decided:?}");
}

#[test]
fn a_config_map_mitigates_no_technique_of_attack() {
    let sandbox = Sandbox::with_web();
    sandbox.write(
        "cm.yaml",
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: b}\ndata: {a: b}\n",
    );
    for framework in ["mitre-containers", "microsoft-threat-matrix"] {
        let all = statuses(&sandbox, &["-f", "cm.yaml", "--framework", framework]);
        assert!(all.len() > 30, "{framework}");
        let mitigated = all.iter().filter(|(_, status)| status == "mitigated");
        assert_eq!(mitigated.count(), 0, "{framework}");
    }
}
