//! Which frameworks are judged, what is said of the others, and how clauses are looked up.

use serde_json::{Value, json};

use super::sandbox::{Sandbox, status};

fn head(id: &str, family: &str, version: &str, rest: &str) -> String {
    format!(
        "id='{id}'\nfamily='{family}'\ntitle='{id}'\npublisher='p'\nversion='{version}'\nurl='https://x.example/'\n{rest}\n"
    )
}

fn control(id: &str, check: &str, rest: &str) -> String {
    format!(
        "[[control]]\nid='{id}'\ntitle='T {id}'\nassessment='partial'\nquestion='q?'\n{rest}\nchecks=[{{id='{check}', strength='full', because='it says so'}}]\n"
    )
}

/// A family of two editions, a managed benchmark, a matrix, and a workload to judge.
fn world() -> Sandbox {
    let sandbox = Sandbox::with_web();
    let self_managed = |range: &str| {
        format!(
            "provider='self-managed'\nkubernetes='{range}'\nlevels=['L1', 'L2']\ncumulative=true"
        )
    };
    let old = head("bench-1.9", "bench", "1.9", &self_managed(">=1.30, <1.32"))
        + &control("5.1", "privileged-container", "levels=['L1']");
    let new = head("bench-1.10", "bench", "1.10", &self_managed(">=1.34, <1.36"))
        + &control("5.2", "privileged-container", "levels=['L2']\naliases=['5.1']")
        + &control("5.3", "host-port", "levels=['L1']\nbaselines={ fedramp=['low', 'high'] }");
    let eks = head("managed", "cloud", "1", "provider='eks'")
        + &control("1", "host-network-namespace", "");
    let matrix = head("attacks", "attacks", "18", "kind='matrix'")
        + &control("T1", "privileged-container", "tactics=['Execution']")
        + &control("T1.001", "host-pid-namespace", "parent='T1'");
    for (name, text) in [("a", old), ("b", new), ("c", eks), ("d", matrix)] {
        sandbox.write(&format!("own/frameworks/{name}.toml"), text);
    }
    sandbox
}

fn scan(sandbox: &Sandbox, version: &str, args: &[&str]) -> Value {
    let fixed = ["-f", "web.yaml", "--checks-dir", "own", "--kube-version", version];
    sandbox.json(&[&fixed, args].concat())
}

fn ids(scan: &Value, list: &str) -> Vec<String> {
    let all = scan[list].as_array().unwrap().iter();
    all.map(|f| f["id"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn by_default_the_editions_that_fit_are_judged_and_the_others_are_named() {
    let sandbox = world();
    let found = scan(&sandbox, "1.35", &[]);
    let judged = ids(&found, "frameworks");
    assert!(judged.contains(&"bench-1.10".to_owned()), "{judged:?}");
    assert!(judged.contains(&"attacks".to_owned()) && judged.contains(&"nsa-cisa".to_owned()));
    let left = ids(&found, "frameworksNotJudged");
    assert!(left.contains(&"bench-1.9".to_owned()) && left.contains(&"managed".to_owned()));
    let of = |id: &str| found["frameworks"].as_array().unwrap().iter().find(|f| f["id"] == id);
    let because = of("bench-1.10").unwrap()["chosenBecause"].as_str().unwrap().to_owned();
    assert!(because.contains("provider is not known") && because.contains("1.35"), "{because}");
    assert_eq!(of("nsa-cisa").unwrap()["chosenBecause"], "fits every cluster");
}

#[test]
fn outside_every_edition_the_nearest_is_named_and_judged_only_by_its_id() {
    let sandbox = world();
    let found = scan(&sandbox, "1.37", &[]);
    assert!(!ids(&found, "frameworks").iter().any(|id| id.starts_with("bench")));
    let left = found["frameworksNotJudged"].as_array().unwrap();
    let reason = left.iter().find(|n| n["family"] == "bench").unwrap()["reason"].as_str().unwrap();
    assert!(reason.starts_with("no benchmark for Kubernetes 1.37 here; nearest is bench-1.10"));
    for format in ["table", "markdown"] {
        let args =
            ["scan", "-f", "web.yaml", "--checks-dir", "own", "--kube-version", "1.37", "-o"];
        let run = sandbox.run(&[&args[..], &[format]].concat());
        let text = run.out.replace('\\', "");
        assert!(text.contains("no benchmark for Kubernetes 1.37 here"), "{text}");
        assert!(text.contains("cloud: written for other providers"), "{text}");
    }
    let by_id = scan(&sandbox, "1.37", &["--framework", "bench-1.10:L2"]);
    let judged = &by_id["frameworks"][0];
    assert_eq!((&judged["id"], &judged["level"]), (&json!("bench-1.10"), &json!("L2")));
    assert_eq!(judged["note"], "written for Kubernetes >=1.34, <1.36; this server is 1.37");
}

#[test]
fn a_family_that_does_not_fit_must_not_look_like_one_that_is_met() {
    let sandbox = world();
    let args = ["scan", "-f", "web.yaml", "--checks-dir", "own", "--kube-version", "1.37"];
    let run = sandbox.run(&[&args[..], &["--framework", "bench", "-o", "json"]].concat());
    assert_eq!(run.status, 2);
    assert!(run.err.contains("not judged: bench: no benchmark for Kubernetes 1.37"), "{}", run.err);
    assert_eq!(run.json()["frameworks"], json!([]));
    assert_eq!(run.json()["checks"], json!([]), "nothing runs for what is not judged");
    let run = sandbox.run(&[&args[..], &["--framework", "cloud"]].concat());
    assert_eq!(run.status, 2);
    assert!(run.err.contains("the provider of this cluster is not known"), "{}", run.err);
}

#[test]
fn a_family_takes_the_edition_that_fits_with_its_own_checks_and_numbers() {
    let sandbox = world();
    let old = scan(&sandbox, "1.31", &["--framework", "bench"]);
    assert_eq!(ids(&old, "frameworks"), ["bench-1.9"]);
    assert_eq!(ids(&old, "checks"), ["privileged-container"]);
    let new = scan(&sandbox, "1.35", &["--framework", "bench:all"]);
    assert_eq!(ids(&new, "frameworks"), ["bench-1.10"]);
    assert_eq!(ids(&new, "checks"), ["host-port", "privileged-container"]);
    assert_eq!(status(&new, "bench-1.10", "5.2"), "fail");
    // The old number is found in the new edition, whatever level its control has.
    let one = scan(&sandbox, "1.35", &["--control", "bench/5.1"]);
    assert_eq!(ids(&one["frameworks"][0], "controls"), ["5.2"]);
    sandbox
        .run(&["scan", "-f", "web.yaml", "--checks-dir", "own", "--framework", "bench:L3"])
        .refuses(2, &["framework `bench` has no level `L3`; it has L1, L2"]);
}

#[test]
fn techniques_are_exposed_or_mitigated_and_have_no_score() {
    let sandbox = world();
    let found = scan(&sandbox, "1.35", &["--framework", "attacks"]);
    super::document::validate(&found);
    assert_eq!(status(&found, "attacks", "T1"), "exposed");
    assert_eq!(status(&found, "attacks", "T1.001"), "mitigated");
    let args = ["scan", "-f", "web.yaml", "--checks-dir", "own", "--framework", "attacks"];
    let table = sandbox.run(&args).out;
    assert!(table.contains("MATRIX"), "{table}");
    assert!(!table.contains("WORST-BEST"), "{table}");
}

#[test]
fn clauses_are_looked_up_by_check_and_by_control() {
    let sandbox = world();
    let cross = |what: &str| {
        sandbox.run(&["frameworks", "crosswalk", what, "--json", "--checks-dir", "own"]).json()
    };
    let of_check = cross("privileged-container");
    let clauses: Vec<String> = of_check["clauses"]
        .as_array()
        .unwrap()
        .iter()
        .map(|c| [&c["framework"], &c["control"]].map(|v| v.as_str().unwrap()).join("/"))
        .collect();
    for clause in ["attacks/T1", "bench-1.10/5.2", "bench-1.9/5.1", "pss-baseline/privileged"] {
        assert!(clauses.contains(&clause.to_owned()), "{clauses:?}");
    }
    let of_control = cross("attacks/T1");
    assert_eq!(of_control["deciding"], json!(["privileged-container"]));
    let shared = of_control["shared"].as_array().unwrap();
    assert!(
        shared.iter().any(|s| s["framework"] == "pss-baseline" && s["control"] == "privileged")
    );
    let text = sandbox.run(&["frameworks", "crosswalk", "bench/5.3", "--checks-dir", "own"]).out;
    assert!(text.contains("pss-baseline") && text.contains("host-port"), "{text}");
    sandbox
        .run(&["frameworks", "crosswalk", "privileged-containr"])
        .refuses(2, &["did you mean `privileged-container`?"]);
}

#[test]
fn frameworks_and_controls_are_shown_as_data_too() {
    let sandbox = world();
    let show = |args: &[&str]| {
        sandbox
            .run(&[&["frameworks", "show", "--checks-dir", "own", "--json"], args].concat())
            .json()
    };
    let family = show(&["bench"]);
    assert_eq!(family["id"], "bench-1.10");
    assert_eq!(family["counts"]["controls"], 2);
    assert_eq!(family["controls"].as_array().unwrap().len(), 2);
    let control = show(&["bench", "5.3"]);
    assert_eq!(control["baselines"]["fedramp"], json!(["low", "high"]));
    assert_eq!(control["checks"][0]["because"], "it says so");
    assert_eq!(show(&["bench", "5.1"])["id"], "5.2");
    let check =
        sandbox.run(&["checks", "show", "host-port", "--json", "--checks-dir", "own"]).json();
    let clauses = check["clauses"].as_array().unwrap();
    assert!(clauses.iter().any(|c| c["framework"] == "bench-1.10" && c["strength"] == "full"));
    let list = sandbox.run(&["frameworks", "list", "--json", "--checks-dir", "own"]).json();
    assert!(list.as_array().unwrap().iter().any(|f| f["kubernetes"] == ">=1.34, <1.36"));
}

#[test]
fn the_tester_holds_framework_files_to_what_ships() {
    let sandbox = Sandbox::new();
    let text = head("mine", "mine", "1", "") + &control("1", "privileged-container", "");
    sandbox.write("own/frameworks/mine.toml", &text);
    let good = sandbox.run(&["checks", "test", "own"]);
    assert_eq!((good.status, good.out.contains("1 framework,")), (0, true), "{}", good.out);
    sandbox.write("own/frameworks/mine.toml", text.replace("privileged-container", "privilegd"));
    let unknown = sandbox.run(&["checks", "test", "own/frameworks/mine.toml"]);
    assert_eq!(unknown.status, 2);
    assert!(unknown.out.contains("own/frameworks/mine.toml:8:1: control `1`: there is no check"));
    let planned = text.replace("because=", "planned=true, because=");
    sandbox.write("own/frameworks/mine.toml", planned);
    let planned = sandbox.run(&["checks", "test", "own/frameworks"]);
    assert_eq!(planned.status, 1, "{}", planned.out);
    assert!(planned.out.contains("not `planned` any more"), "{}", planned.out);
}
