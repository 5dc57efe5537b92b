//! The dependency policy of deny.toml, enforced without network: licences, sources, duplicates.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test that meets what it does not expect shall fail"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use serde_json::Value;

fn policy() -> toml::Table {
    toml::from_str(include_str!("../deny.toml")).expect("deny.toml is TOML")
}

fn words(policy: &toml::Table, section: &str, key: &str) -> BTreeSet<String> {
    let list = policy[section][key].as_array().unwrap();
    list.iter().map(|v| v.as_str().unwrap().to_owned()).collect()
}

/// Packages that the release is made of, for Linux: what is linked or run at build.
fn packages() -> Vec<Value> {
    let output = Command::new(env!("CARGO"))
        .args([
            "metadata",
            "--format-version",
            "1",
            "--locked",
            "--filter-platform",
            "x86_64-unknown-linux-gnu",
        ])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let nodes = metadata["resolve"]["nodes"].as_array().unwrap();
    let edges: BTreeMap<&str, &Value> =
        nodes.iter().map(|n| (n["id"].as_str().unwrap(), &n["deps"])).collect();
    let mut reached = BTreeSet::new();
    let mut open = vec![metadata["resolve"]["root"].as_str().unwrap()];
    while let Some(id) = open.pop() {
        if !reached.insert(id) {
            continue;
        }
        for dep in edges[id].as_array().unwrap() {
            let shipped = dep["dep_kinds"].as_array().unwrap().iter().any(|k| k["kind"] != "dev");
            if shipped {
                open.push(dep["pkg"].as_str().unwrap());
            }
        }
    }
    let all = metadata["packages"].as_array().unwrap();
    all.iter().filter(|p| reached.contains(p["id"].as_str().unwrap())).cloned().collect()
}

/// Whether an SPDX expression can be met with allowed licences.
fn allowed(expression: &str, allow: &BTreeSet<String>) -> bool {
    let text = expression.replace('/', " OR ").replace(['(', ')'], " ");
    text.split(" OR ").any(|choice| choice.split(" AND ").all(|l| allow.contains(l.trim())))
        || text.split(" AND ").all(|part| part.split(" OR ").any(|l| allow.contains(l.trim())))
}

#[test]
fn licences_sources_and_bans_hold() {
    let policy = policy();
    let allow = words(&policy, "licenses", "allow");
    let banned: BTreeSet<&str> = policy["bans"]["deny"]
        .as_array()
        .unwrap()
        .iter()
        .map(|b| b["crate"].as_str().unwrap())
        .collect();
    let mut wrong = Vec::new();
    for package in packages() {
        let name = package["name"].as_str().unwrap();
        let licence = package["license"].as_str().unwrap_or("none");
        if !allowed(licence, &allow) {
            wrong.push(format!("{name}: licence `{licence}` is not allowed"));
        }
        let source = package["source"].as_str().unwrap_or("");
        if name != "plimsoll" && !source.starts_with("registry+") {
            wrong.push(format!("{name}: comes from `{source}`, not from the registry"));
        }
        if banned.contains(name) {
            wrong.push(format!("{name}: banned"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_crate_has_one_version_or_a_written_reason() {
    let policy = policy();
    let mut reasons: BTreeMap<String, bool> = BTreeMap::new();
    for skip in policy["bans"]["skip"].as_array().unwrap() {
        let reason = skip["reason"].as_str().expect("an exception needs a reason");
        assert!(reason.len() > 10, "an exception needs a reason that says something");
        reasons.insert(skip["crate"].as_str().unwrap().to_owned(), false);
    }
    let mut versions: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for package in packages() {
        let text = |key: &str| package[key].as_str().unwrap().to_owned();
        versions.entry(text("name")).or_default().insert(text("version"));
    }
    let mut wrong = Vec::new();
    for (name, found) in versions.iter().filter(|(_, found)| found.len() > 1) {
        let mut excused = 0;
        for version in found {
            if let Some(used) = reasons.get_mut(&format!("{name}@{version}")) {
                *used = true;
                excused += 1;
            }
        }
        if excused + 1 < found.len() {
            wrong.push(format!("{name} has versions {found:?} and no written reason"));
        }
    }
    wrong.extend(
        reasons
            .iter()
            .filter(|(_, used)| !**used)
            .map(|(name, _)| format!("{name}: the exception is no longer needed")),
    );
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
