//! The example of a job that writes reports: what its containers may take together, and the script by
//! which it makes room.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use super::{root, text};

/// The template of its pods.
fn pod() -> Value {
    let file = root().join("docs/examples/cronjob/4-cronjob.yaml");
    let mut job: Value = serde_saphyr::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
    job["spec"]["jobTemplate"]["spec"]["template"]["spec"].take()
}

fn containers(pod: &Value) -> impl Iterator<Item = &Value> {
    ["initContainers", "containers"].iter().flat_map(|part| pod[part].as_array().unwrap())
}

/// Mebibytes of `64Mi` and `2Gi`.
fn mib(quantity: &Value) -> u64 {
    let text = quantity.as_str().unwrap();
    let (number, unit) = text.split_at(text.len() - 2);
    number.parse::<u64>().unwrap() * if unit == "Gi" { 1024 } else { 1 }
}

fn names(dir: &Path) -> BTreeSet<String> {
    let each = std::fs::read_dir(dir).unwrap();
    each.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

#[test]
fn two_of_its_pods_fit_into_the_quota() {
    let pod = pod();
    let most = containers(&pod).map(|c| mib(&c["resources"]["limits"]["memory"])).max().unwrap();
    let text = std::fs::read_to_string(root().join("docs/examples/cronjob/1-namespace.yaml"));
    let text = text.unwrap();
    let quota = text.split("\n---\n").find(|part| part.contains("kind: ResourceQuota")).unwrap();
    let quota: Value = serde_saphyr::from_str(quota).unwrap();
    assert_eq!(mib(&quota["spec"]["hard"]["limits.memory"]), 2 * most);
}

#[test]
fn one_container_has_a_token_and_all_are_locked() {
    let pod = pod();
    let with_token = containers(&pod).filter(|container| {
        let mounts = container["volumeMounts"].as_array().unwrap();
        mounts.iter().any(|mount| mount["name"] == "token")
    });
    let with_token: Vec<&Value> = with_token.map(|container| &container["name"]).collect();
    assert_eq!(with_token, ["scan"]);
    for container in containers(&pod) {
        assert_eq!(container["securityContext"]["readOnlyRootFilesystem"], true, "{container}");
        assert_eq!(container["securityContext"]["capabilities"]["drop"][0], "ALL", "{container}");
    }
}

#[test]
fn earlier_reports_are_packed_and_the_oldest_go() {
    let pod = pod();
    let tidy = containers(&pod).next().unwrap();
    let command = tidy["command"].as_array().unwrap().iter().map(|word| word.as_str().unwrap());
    let command: Vec<&str> = command.collect();
    let dir = tempfile::tempdir().unwrap();
    let run = || {
        let mut shell = Command::new(command[0]);
        shell.args(&command[1..]).env("KEEP", "2").current_dir(dir.path());
        let done = shell.output().unwrap();
        assert!(done.status.success() && done.stderr.is_empty(), "{}", text(&done.stderr));
    };
    // An empty volume, on the first night.
    run();
    assert_eq!(names(dir.path()), BTreeSet::new());
    for (night, kind) in [(1, "json"), (1, "html"), (2, "json"), (3, "json"), (3, "html")] {
        let name = format!("2026010{night}T021705Z.{kind}");
        std::fs::write(dir.path().join(name), "a report\n").unwrap();
    }
    // What a run that was ended half way left of packing.
    std::fs::write(dir.path().join("20260103T021705Z.json.gz"), "ha").unwrap();
    std::fs::write(dir.path().join("mine.json"), "not a report").unwrap();
    run();
    let left = [
        "20260101T021705Z.html.gz",
        "20260102T021705Z.json.gz",
        "20260103T021705Z.html.gz",
        "20260103T021705Z.json.gz",
        "mine.json",
    ];
    assert_eq!(names(dir.path()), left.map(str::to_owned).into());
    let packed = std::fs::File::open(dir.path().join("20260103T021705Z.json.gz")).unwrap();
    let plain = Command::new("gzip").arg("-dc").stdin(packed).output().unwrap();
    assert_eq!(text(&plain.stdout), "a report\n");
}
