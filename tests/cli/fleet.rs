//! Several clusters side by side: one that cannot be read spoils nothing and passes nothing.

use serde_json::Value;

use super::cluster::{Made, kubeconfig};
use super::sandbox::{Run, Sandbox};

/// Nobody listens there.
const DOWN: &str = "http://127.0.0.1:9";

/// Two clusters that answer, of two versions, and one that is down, in the kubeconfig `kc`.
fn sandbox() -> Sandbox {
    let sandbox = Sandbox::new();
    let eu = Made::new("v1.35.1").deployment("web", true).deployment("db", false).start();
    let us = Made::new("v1.33.2").deployment("web", false).without("rolebindings").start();
    let all = [("prod-eu", &*eu.server), ("prod-us", &*us.server), ("gone", DOWN)];
    sandbox.write("kc", kubeconfig(&all, "{token: sekrit-token}"));
    sandbox
}

fn scan(sandbox: &Sandbox, args: &[&str]) -> Run {
    sandbox.run(&[&["scan", "--kubeconfig", "kc", "--request-timeout", "5s"], args].concat())
}

fn cluster<'a>(document: &'a Value, name: &str) -> &'a Value {
    let all = document["clusters"].as_array().unwrap();
    all.iter().find(|c| c["name"] == name).unwrap()
}

#[test]
fn every_cluster_has_its_figures_and_one_that_is_down_has_none() {
    let sandbox = sandbox();
    let run = scan(&sandbox, &["--contexts", "all", "-o", "json"]);
    assert_eq!(run.status, 0, "{}", run.err);
    for word in ["gone was not read", "127.0.0.1:9", "Check that the cluster runs"] {
        assert!(run.err.contains(word), "no `{word}` in {}", run.err);
    }
    let document = run.json();
    assert_eq!(document["schema"], "plimsoll.fleet/v1");
    let summary = &document["summary"];
    assert_eq!((&summary["asked"], &summary["read"]), (&3.into(), &2.into()));
    assert_eq!(summary["unread"], serde_json::json!(["gone"]));
    let gone = cluster(&document, "gone");
    assert_eq!(
        (&gone["status"], &gone["scan"], &gone["figures"]),
        (&"unread".into(), &Value::Null, &Value::Null)
    );
    assert!(gone["error"]["next"].as_str().unwrap().contains("Check"), "{gone}");
    let us = cluster(&document, "prod-us");
    assert_eq!(us["scan"]["schema"], "plimsoll.scan/v1");
    assert_eq!(us["scan"]["source"]["kubernetes"], "v1.33.2");
    let missing = us["figures"]["reads"]["missing"].as_array().unwrap();
    assert!(missing.iter().any(|r| r["resource"].as_str().unwrap().ends_with("/rolebindings")));
    // The scan inside is the one that would be made alone.
    let alone = scan(&sandbox, &["--context", "prod-eu", "-o", "json"]).json();
    let inside = &cluster(&document, "prod-eu")["scan"];
    for part in ["findings", "checks", "notAssessed", "frameworks"] {
        assert_eq!(inside[part], alone[part], "{part}");
    }
}

#[test]
fn what_differs_is_what_fails_in_some_only_and_editions_are_not_set_equal() {
    let sandbox = sandbox();
    let document = scan(&sandbox, &["--contexts", "prod-*", "-o", "json"]).json();
    let differs = document["summary"]["differences"].as_array().unwrap();
    let of = |check: &str| differs.iter().find(|d| d["check"] == check);
    let privileged = of("privileged-container").expect("it fails in prod-eu only");
    assert_eq!(privileged["certain"], true);
    let stands: Vec<(&str, &str)> = privileged["clusters"]
        .as_array()
        .unwrap()
        .iter()
        .map(|c| (c["cluster"].as_str().unwrap(), c["standing"].as_str().unwrap()))
        .collect();
    assert_eq!(stands, [("prod-eu", "fail"), ("prod-us", "pass")]);
    // A Deployment without limits is in both.
    assert!(of("memory-limit-missing").is_none() && of("resources-limits-missing").is_none());
    let families = document["summary"]["frameworks"].as_array().unwrap();
    let cis = families.iter().find(|f| f["family"] == "cis-kubernetes").unwrap();
    assert_eq!((&cis["comparable"], cis["editions"].as_array().unwrap().len()), (&false.into(), 2));
    let table = scan(&sandbox, &["--contexts", "prod-*"]);
    for word in [
        "What differs",
        "prod-eu (1)",
        "are not comparable",
        "Not read in prod-us:",
        "rolebindings: forbidden",
    ] {
        assert!(table.out.contains(word), "no `{word}` in {}", table.out);
    }
}

#[test]
fn a_cluster_that_is_down_is_never_a_pass() {
    let sandbox = sandbox();
    let status = |args: &[&str]| scan(&sandbox, args).status;
    // Nothing is asked for: nothing is crossed.
    assert_eq!(status(&["--contexts", "prod-us,gone"]), 0);
    assert_eq!(status(&["--contexts", "prod-us", "--fail-on", "critical"]), 0);
    assert_eq!(status(&["--contexts", "prod-us,gone", "--fail-on", "critical"]), 1);
    assert_eq!(status(&["--contexts", "prod-eu", "--fail-on", "critical"]), 1);
    assert_eq!(status(&["--contexts", "prod-us,gone", "--require-complete"]), 4);
    let partly = scan(&sandbox, &["--contexts", "prod-us", "--require-complete"]);
    assert_eq!(partly.status, 4);
    assert!(
        partly.err.contains(
            "prod-us: rbac.authorization.k8s.io/v1/rolebindings in kube-system, pay: forbidden"
        ),
        "{}",
        partly.err
    );
    let none = scan(&sandbox, &["--contexts", "gone", "-o", "markdown"]);
    assert_eq!(none.status, 3);
    assert!(none.out.contains("## Not read"), "{}", none.out);
}

#[test]
fn many_clusters_that_are_down_are_told_once_and_keep_nobody_waiting() {
    let sandbox = Sandbox::new();
    let made = Made::new("v1.35.1").deployment("web", true).start();
    let names: Vec<String> = (0..40).map(|at| format!("gone-{at:02}")).collect();
    let gone = names.iter().map(|name| (name.as_str(), DOWN));
    let all: Vec<(&str, &str)> = gone.chain([("prod-eu", &*made.server)]).collect();
    sandbox.write("kc", kubeconfig(&all, "{token: sekrit-token}"));
    let begun = std::time::Instant::now();
    let run = scan(&sandbox, &["--contexts", "all"]);
    assert!(begun.elapsed() < std::time::Duration::from_secs(20), "{:?}", begun.elapsed());
    let why =
        "40 clusters were not read: cannot read the cluster at http://127.0.0.1:9: no connection";
    assert!(run.err.contains(why), "{}", run.err);
    assert!(run.err.contains("They are gone-00, gone-01, gone-02 and 37 more."), "{}", run.err);
    assert_eq!(run.err.matches("Connection refused").count(), 1, "{}", run.err);
    assert!(run.out.contains("41 clusters, 40 of them not read"), "{}", run.out);
    assert_eq!(run.out.matches("Connection refused").count(), 1, "{}", run.out);
    assert!(names.iter().all(|name| run.out.contains(&format!("\n  {name}\n"))), "{}", run.out);
    for format in ["markdown", "html"] {
        let run = scan(&sandbox, &["--contexts", "all", "-o", format]);
        assert_eq!(run.out.matches("Connection refused").count(), 1, "{format}");
        let item = |name: &String| match format {
            "html" => format!("<strong>{name}</strong></li>"),
            _ => format!("\n- {name}\n"),
        };
        assert!(names.iter().all(|name| run.out.contains(&item(name))), "{}", run.out);
        // Links lead somewhere.
        let links = run.out.split("href=\"#").skip(1);
        for id in links.filter_map(|rest| rest.split_once('"')).map(|(id, _)| id) {
            assert!(run.out.contains(&format!("id=\"{id}\"")), "{id}");
        }
    }
}

#[test]
fn what_makes_no_sense_for_several_is_refused_before_anything_is_read() {
    let sandbox = sandbox();
    let refuses = |args: &[&str], words: &[&str]| scan(&sandbox, args).refuses(2, words);
    refuses(&["--contexts", "prod-uz"], &["unknown context \"prod-uz\"", "Did you mean"]);
    refuses(&["--contexts", "stage-*"], &["no context fits", "prod-eu, prod-us, gone"]);
    refuses(
        &["--contexts", "all", "-o", "sarif"],
        &["sarif is about one cluster", "--output-dir", "html"],
    );
    refuses(&["--contexts", "all", "--session", "last"], &["--session new"]);
    refuses(&["--contexts", "all", "--baseline", "x"], &["no session `x`"]);
    refuses(&["--contexts", "all", "--import", "x"], &["CLUSTER=FILE", "prod-eu, prod-us, gone"]);
    scan(&sandbox, &["--contexts", "all", "--import", "gone=x"]).refuses(3, &["x: "]);
    refuses(&["--contexts", "all", "--profile", "all"], &["one profile at a time"]);
    refuses(&["--contexts", "all", "--profile", "a,b"], &["one profile at a time"]);
    refuses(&["--contexts", "all", "--context", "gone"], &["cannot be used with"]);
    refuses(&["--contexts", "all", "--snapshots", "x"], &["choose one"]);
    refuses(&["--context", "gone", "--output-dir", "d"], &["--output-file"]);
}

#[test]
fn names_of_contexts_may_have_any_length_and_a_comma() {
    let sandbox = Sandbox::new();
    let made = Made::new("v1.35.1").deployment("web", true).start();
    let long = "x".repeat(5_000);
    let all = [("prod-eu", &*made.server), (&*long, &*made.server), ("comma", DOWN)];
    let text = kubeconfig(&all, "{token: sekrit-token}");
    sandbox.write("kc", text.replace("- name: comma\n", "- name: \"a,b\"\n"));
    for format in ["table", "markdown"] {
        let run = scan(&sandbox, &["--contexts", "prod-eu,x*", "-o", format]);
        assert_eq!(run.status, 0, "{}", run.err);
        assert!(run.out.contains("xxx…xxx"), "{}", run.out);
        // Sentences and headings name it in full, once.
        let row = |line: &&str| {
            ["CLUSTER ", "FRAMEWORK ", "prod-eu  ", "| "].iter().any(|head| line.starts_with(head))
        };
        let rows = run.out.lines().filter(row);
        let widest = rows.map(|row| row.chars().count()).max().unwrap();
        assert!(widest < 500, "{format}: {widest}");
    }
    let comma = scan(&sandbox, &["--contexts", "a,b"]);
    assert_eq!(comma.status, 3, "{}", comma.err);
    assert!(comma.err.contains("plimsoll: a,b was not read"), "{}", comma.err);
    let twice = scan(&sandbox, &["--contexts", "a,b", "--contexts", "prod-eu", "-o", "json"]);
    assert_eq!(twice.json()["summary"]["asked"], 2);
    let mistyped = scan(&sandbox, &["--contexts", "prod-eu,b,c"]);
    mistyped.refuses(2, &["unknown context \"b\"", "Known: prod-eu, xxx", "\"a,b\"."]);
}

#[test]
fn a_file_for_each_cluster_and_nothing_is_overwritten() {
    let sandbox = sandbox();
    let args = ["--contexts", "all", "-o", "html", "--output-dir", "reports"];
    let first = scan(&sandbox, &args);
    assert_eq!(first.status, 0, "{}", first.err);
    assert!(first.out.contains("3 clusters, 1 of them not read"), "{}", first.out);
    let names = || {
        let mut names: Vec<String> = std::fs::read_dir(sandbox.path("reports"))
            .unwrap()
            .map(|e| e.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    };
    assert_eq!(names(), ["fleet.html", "prod-eu.html", "prod-us.html"]);
    let page = std::fs::read_to_string(sandbox.path("reports/fleet.html")).unwrap();
    assert!(
        page.contains("href=\"./prod-us.html\"") && page.contains("Not read: nothing is known")
    );
    assert_eq!(scan(&sandbox, &args).status, 0);
    assert_eq!(names().len(), 6, "the second ones have names of their own");
    let sarif = scan(&sandbox, &["--contexts", "prod-*", "-o", "sarif", "--output-dir", "s"]);
    assert_eq!(sarif.status, 0, "{}", sarif.err);
    assert!(sandbox.path("s/prod-eu.sarif").exists() && !sandbox.path("s/fleet.sarif").exists());
}

#[test]
fn a_table_names_the_cluster_in_each_row_and_the_one_that_is_down_has_a_row() {
    let sandbox = sandbox();
    let run = scan(&sandbox, &["--contexts", "all", "-o", "csv"]);
    let mut reader = csv::ReaderBuilder::new().from_reader(run.out.as_bytes());
    let at = reader.headers().unwrap().iter().position(|h| h == "cluster").unwrap();
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    let of = |name: &str| rows.iter().filter(|row| &row[at] == name).collect::<Vec<_>>();
    assert!(!of("prod-eu").is_empty() && !of("prod-us").is_empty());
    let [gone] = of("gone")[..] else { panic!("{rows:?}") };
    assert!(&gone[0] == "unread" && gone.iter().any(|cell| cell.starts_with("not read: ")));
    let plain = scan(&sandbox, &["--contexts", "all", "--plain"]);
    assert!(plain.out.contains("cluster: gone; kubernetes: not read."), "{}", plain.out);
}

#[test]
fn each_cluster_gets_a_session_of_its_own() {
    let sandbox = sandbox();
    let run = scan(&sandbox, &["--contexts", "all", "--session", "new"]);
    assert_eq!(run.status, 0, "{}", run.err);
    let list = sandbox.run(&["sessions", "list"]).out;
    assert_eq!(
        list.matches("prod-eu").count().min(1) + list.matches("prod-us").count().min(1),
        2,
        "{list}"
    );
    assert!(!list.contains("gone"), "{list}");
    assert_eq!(run.err.matches("saved as run 1 of session").count(), 2, "{}", run.err);
}

#[test]
fn programs_for_credentials_are_named_before_they_run_and_each_context_runs_its_own() {
    let sandbox = Sandbox::new();
    let made = Made::new("v1.35.1").start();
    let exec = "{exec: {apiVersion: client.authentication.k8s.io/v1, command: no-such-helper, args: [get-token], interactiveMode: Never}}";
    let text = kubeconfig(&[("a", &*made.server), ("b", &*made.server)], exec);
    // One of the two has a token of its own.
    let text = text.replace("contexts:", "- name: t\n  user: {token: x}\ncontexts:");
    sandbox.write("kc", text.replace("cluster: c-b, user: u", "cluster: c-b, user: t"));
    let run = scan(&sandbox, &["--contexts", "a,b", "-o", "json"]);
    let first = run.err.lines().next().unwrap();
    assert_eq!(first, "plimsoll: a runs for its credentials: no-such-helper get-token");
    assert!(!run.err.contains("b runs"), "{}", run.err);
    let document = run.json();
    assert_eq!(cluster(&document, "a")["status"], "unread");
    assert_eq!(cluster(&document, "b")["status"], "read");
}

#[test]
fn snapshots_stand_side_by_side_like_clusters() {
    let sandbox = snapshots();
    sandbox.write("broken.plim", "no snapshot");
    let run = sandbox.run(&[
        "scan",
        "--snapshots",
        "prod-eu.plim",
        "prod-us.plim",
        "broken.plim",
        "-o",
        "json",
    ]);
    assert_eq!(run.status, 0, "{}", run.err);
    let document = run.json();
    assert_eq!(cluster(&document, "broken")["status"], "unread");
    let differs = document["summary"]["differences"].as_array().unwrap();
    assert!(differs.iter().any(|d| d["check"] == "privileged-container"));
    for format in ["markdown", "html"] {
        let run =
            sandbox.run(&["scan", "--snapshots", "prod-eu.plim", "prod-us.plim", "-o", format]);
        assert!(run.out.contains("What differs") && run.out.contains("prod-us"), "{format}");
    }
}

#[test]
fn names_of_contexts_are_hostile_too() {
    let sandbox = Sandbox::new();
    let made = Made::new("v1.35.1").deployment("web", true).start();
    let text = kubeconfig(&[("x", &*made.server)], "{token: x}")
        .replace("- name: x\n", "- name: \"<b>a\\e[31m|../../x\"\n");
    sandbox.write("kc", text);
    for format in ["table", "markdown", "html", "csv", "json"] {
        let run = scan(&sandbox, &["--contexts", "*", "-o", format]);
        assert_eq!(run.status, 0, "{format}: {}", run.err);
        assert!(!run.out.contains('\u{1b}') && !run.err.contains('\u{1b}'), "{format}");
        let plain = matches!(format, "table" | "csv" | "json");
        assert!(plain || !run.out.contains("<b>a"), "{format}");
    }
    let run = scan(&sandbox, &["--contexts", "*", "-o", "json", "--output-dir", "d"]);
    assert_eq!(run.status, 0, "{}", run.err);
    let mut names: Vec<String> = std::fs::read_dir(sandbox.path("d"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    assert_eq!(names, ["b-a--31m-..-..-x.json", "fleet.json"]);
}

/// The program that a context runs is said once, before anything runs.
#[cfg(unix)]
#[test]
fn a_credential_plugin_is_named_once() {
    let sandbox = Sandbox::new();
    let user = "{exec: {apiVersion: client.authentication.k8s.io/v1, command: no-such-helper, interactiveMode: Never}}";
    sandbox.write("kc", kubeconfig(&[("one", DOWN), ("two", DOWN)], user));
    let run = scan(&sandbox, &["--contexts", "all"]);
    assert_eq!(run.status, 3, "{}", run.err);
    for name in ["one", "two"] {
        let told = format!("{name} runs for its credentials: no-such-helper");
        assert_eq!(run.err.matches(&told).count(), 1, "{}", run.err);
    }
    assert!(!run.err.contains("the kubeconfig has this run"), "{}", run.err);
}

/// Snapshots of two clusters, `prod-eu.plim` and `prod-us.plim`, which have the same web server in `pay` but
/// for its privileges.
fn snapshots() -> Sandbox {
    let sandbox = sandbox();
    for name in ["prod-eu", "prod-us"] {
        let file = format!("{name}.plim");
        let args = ["snapshot", "--kubeconfig", "kc", "--context", name, "--output-file", &file];
        let run = sandbox.run(&args);
        assert_eq!(run.status, 0, "{}", run.err);
    }
    sandbox
}

const BOTH: [&str; 4] = ["scan", "--snapshots", "prod-eu.plim", "prod-us.plim"];

fn both(sandbox: &Sandbox, args: &[&str]) -> Run {
    sandbox.run(&[&BOTH, args].concat())
}

#[test]
fn what_is_in_none_of_the_clusters_is_no_pass_and_what_is_in_one_is_said_of_the_others() {
    let sandbox = snapshots();
    let nowhere = |args: &[&str], says: &str| {
        let run = both(&sandbox, args);
        assert_eq!(run.status, 2, "{args:?}: {}", run.err);
        assert!(run.err.contains(says), "no `{says}` in {}", run.err);
    };
    nowhere(&["-n", "prdo"], "there is no namespace `prdo` in any of the clusters");
    nowhere(&["-l", "app=typo", "--fail-on", "low"], "no object of any of the clusters fits");
    let object = |name: &str, more: &[&str]| {
        sandbox
            .run(&[&["scan", name, "--snapshots", "prod-eu.plim", "prod-us.plim"], more].concat())
    };
    let none = object("deploy/none", &[]);
    assert_eq!(none.status, 2, "{}", none.err);
    assert!(none.err.contains("there is no deploy/none in any of the clusters"), "{}", none.err);
    assert_eq!(both(&sandbox, &["-l", "app=typo"]).status, 0, "nobody relies on it");
    // Only one of them has this.
    let one = object("deploy/db", &["--fail-on", "critical"]);
    assert!(one.err.contains("prod-us: no object fits the selection"), "{}", one.err);
    assert_ne!(one.status, 2, "{}", one.err);
    // It may be in the one that was not read.
    let more = ["scan", "--snapshots", "prod-eu.plim", "gone.plim", "-n", "prdo"];
    assert_eq!(sandbox.run(&more).status, 0);
    assert_eq!(sandbox.run(&[&more[..], &["--fail-on", "low"]].concat()).status, 1);
}

#[test]
fn each_cluster_is_compared_with_the_last_run_of_its_own_session() {
    let sandbox = snapshots();
    let none = both(&sandbox, &["--baseline", "last", "--fail-on-new"]);
    assert_eq!(none.status, 1, "nobody can say that nothing is new: {}", none.err);
    assert!(none.err.contains("prod-eu: compared with no earlier run"), "{}", none.err);
    let begun = both(&sandbox, &["--session", "new"]);
    assert_eq!(begun.status, 0, "{}", begun.err);
    let run = both(&sandbox, &["--baseline", "last", "--fail-on-new", "-o", "json"]);
    assert_eq!(run.status, 0, "{}", run.err);
    let document = run.json();
    for name in ["prod-eu", "prod-us"] {
        let baseline = &cluster(&document, name)["scan"]["baseline"];
        assert_eq!(
            (&baseline["run"], &baseline["totals"]["new"]),
            (&1.into(), &0.into()),
            "{name}"
        );
        assert!(baseline["totals"]["unchanged"].as_u64().unwrap() > 0, "{name}");
    }
    let table = both(&sandbox, &["--baseline", "last"]).out;
    assert_eq!(table.matches("\nSince ").count(), 2, "{table}");
    let markdown = both(&sandbox, &["--baseline", "last", "-o", "markdown"]).out;
    assert_eq!(markdown.matches("\nSince ").count(), 2, "{markdown}");
}

#[test]
fn a_session_that_is_named_is_the_baseline_of_the_cluster_that_it_is_of() {
    let sandbox = snapshots();
    for file in ["prod-eu.plim", "prod-us.plim"] {
        let run = sandbox.run(&["scan", "--snapshot", file, "--session", "new"]);
        assert_eq!(run.status, 0, "{}", run.err);
    }
    let sessions = sandbox.run(&["sessions", "list"]).out;
    let ids: Vec<&str> = sessions
        .split_whitespace()
        .filter(|word| word.len() >= 10 && word.chars().all(|c| c.is_ascii_alphanumeric()))
        .filter(|word| word.starts_with("01"))
        .collect();
    assert_eq!(ids.len(), 2, "{sessions}");
    let of_us = ids[0];
    let run = both(&sandbox, &["--baseline", of_us, "-o", "json"]);
    assert_eq!(run.status, 0, "{}", run.err);
    let document = run.json();
    let compared = ["prod-eu", "prod-us"]
        .map(|name| cluster(&document, name)["scan"].get("baseline").is_some_and(|b| !b.is_null()));
    assert_eq!(compared, [false, true]);
    let wrong = sandbox.run(&["scan", "--snapshots", "prod-eu.plim", "--baseline", of_us]);
    assert_eq!(wrong.status, 2, "{}", wrong.err);
    assert!(wrong.err.contains("is of none of the clusters"), "{}", wrong.err);
}

#[test]
fn an_import_is_of_the_cluster_in_front_of_it() {
    let sandbox = snapshots();
    sandbox.write("cp.json", include_bytes!("../imports/cp-1.json"));
    let run = both(&sandbox, &["--import", "prod-us=cp-1=cp.json", "-o", "json"]);
    assert_eq!(run.status, 0, "{}", run.err);
    let document = run.json();
    let count = |name: &str| cluster(&document, name)["scan"]["imports"].as_array().unwrap().len();
    assert_eq!((count("prod-eu"), count("prod-us")), (0, 1));
}

#[test]
fn a_profile_is_judged_in_each_cluster_and_one_that_lacks_it_is_no_pass() {
    let sandbox = snapshots();
    let profile = |limit: &str, namespace: &str| {
        let text = format!(
            "namespaces = [\"{namespace}\"]\nframeworks = [\"pss-baseline\"]\n[threshold]\nfail-on = \"{limit}\"\n"
        );
        sandbox.write("config/profiles/team.toml", text);
    };
    profile("critical", "*");
    let run = both(&sandbox, &["--profile", "team"]);
    assert_eq!(run.status, 1, "prod-eu runs something privileged: {}", run.err);
    assert!(run.out.contains("Threshold in prod-eu: not met"), "{}", run.out);
    assert!(run.out.contains("Threshold in prod-us: "), "{}", run.out);
    let document = both(&sandbox, &["--profile", "team", "-o", "json"]).json();
    let card = &cluster(&document, "prod-eu")["scan"]["profile"];
    assert_eq!(card["profile"], "team", "{card}");
    profile("critical", "nowhere");
    let run = both(&sandbox, &["--profile", "team"]);
    assert_eq!(run.status, 3, "nothing of any cluster was judged: {}", run.err);
    assert!(run.err.contains("no namespace here belongs to profile `team`"), "{}", run.err);
}

#[test]
fn pod_security_is_judged_by_the_version_of_each_cluster_and_said_so() {
    let sandbox = sandbox();
    let args = ["--contexts", "prod-eu,prod-us,gone", "--framework", "pss-baseline"];
    let document = scan(&sandbox, &[&args[..], &["-o", "json"]].concat()).json();
    let row = &document["summary"]["frameworks"][0];
    assert_eq!(row["editions"], serde_json::json!(["1.33", "1.35"]));
    assert_eq!(row["comparable"], false);
    let rests = |at: usize| row["cells"][at]["rests"].as_str().unwrap();
    assert!(rests(0).starts_with("edition 1.35"), "{}", rests(0));
    assert!(rests(1).starts_with("edition 1.33"), "{}", rests(1));
    let table = scan(&sandbox, &args).out;
    assert!(table.contains("their scores are not comparable"), "{table}");
    // What is not known of a cluster that was not read is not left out.
    let differs = document["summary"]["differences"].as_array().unwrap();
    let gone = |d: &Value| d["clusters"].as_array().unwrap()[2].clone();
    assert!(!differs.is_empty());
    assert!(differs.iter().all(|d| gone(d)["standing"] == "not-read"), "{differs:?}");
    assert!(table.contains("gone (not read)"), "{table}");
}
