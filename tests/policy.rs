//! The dependency policy of deny.toml, enforced without network: licences, sources, duplicates.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
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

/// Whether an SPDX expression can be met with allowed licences. AND binds stronger than OR; older
/// crates write a slash for OR.
fn allowed(expression: &str, allow: &BTreeSet<String>) -> Result<bool, String> {
    let spaced = expression.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
    let mut words: Vec<&str> = spaced.split_whitespace().rev().collect();
    let met = any(&mut words, allow)?;
    if words.is_empty() { Ok(met) } else { Err(format!("what is `{}`?", words.pop().unwrap())) }
}

fn any(words: &mut Vec<&str>, allow: &BTreeSet<String>) -> Result<bool, String> {
    let mut met = all(words, allow)?;
    while words.pop_if(|word| *word == "OR").is_some() {
        met |= all(words, allow)?;
    }
    Ok(met)
}

fn all(words: &mut Vec<&str>, allow: &BTreeSet<String>) -> Result<bool, String> {
    let mut met = one(words, allow)?;
    while words.pop_if(|word| *word == "AND").is_some() {
        met &= one(words, allow)?;
    }
    Ok(met)
}

fn one(words: &mut Vec<&str>, allow: &BTreeSet<String>) -> Result<bool, String> {
    match words.pop() {
        Some("(") => {
            let met = any(words, allow)?;
            if words.pop() == Some(")") { Ok(met) } else { Err("a bracket is open".to_owned()) }
        }
        Some(")" | "OR" | "AND" | "WITH") | None => Err("a licence is missing".to_owned()),
        Some(licence) => {
            let mut name = licence.to_owned();
            if words.pop_if(|word| *word == "WITH").is_some() {
                let exception = words.pop().ok_or("an exception is missing")?;
                name = format!("{name} WITH {exception}");
            }
            Ok(allow.contains(&name))
        }
    }
}

#[test]
fn expressions_are_read_as_they_bind() {
    let allow: BTreeSet<String> =
        ["MIT", "ISC", "Apache-2.0 WITH LLVM-exception"].map(str::to_owned).into();
    for (expression, met) in [
        ("MIT", true),
        ("GPL-3.0", false),
        ("MIT/GPL-3.0", true),
        ("GPL-3.0 OR MIT AND ISC", true),
        ("MIT AND GPL-3.0 OR GPL-2.0", false),
        ("(MIT OR GPL-3.0) AND GPL-2.0", false),
        ("(MIT OR GPL-3.0) AND ISC", true),
        ("Apache-2.0 WITH LLVM-exception", true),
        ("Apache-2.0", false),
    ] {
        assert_eq!(allowed(expression, &allow), Ok(met), "{expression}");
    }
    for broken in ["", "MIT OR", "(MIT", "MIT)", "MIT ISC", "MIT WITH"] {
        assert!(allowed(broken, &allow).is_err(), "{broken}");
    }
}

/// Licences that are allowed to single crates, by their names.
fn exceptions(policy: &toml::Table) -> BTreeMap<String, BTreeSet<String>> {
    let list = policy["licenses"]["exceptions"].as_array().unwrap();
    let each = list.iter().map(|entry| {
        let allow = entry["allow"].as_array().unwrap().iter();
        let allow = allow.map(|licence| licence.as_str().unwrap().to_owned()).collect();
        (entry["crate"].as_str().unwrap().to_owned(), allow)
    });
    each.collect()
}

#[test]
fn licences_and_bans_hold() {
    let policy = policy();
    let allow = words(&policy, "licenses", "allow");
    let exceptions = exceptions(&policy);
    let mut idle: BTreeSet<&String> = exceptions.keys().collect();
    let banned: BTreeSet<&str> = policy["bans"]["deny"]
        .as_array()
        .unwrap()
        .iter()
        .map(|ban| {
            assert!(ban["reason"].as_str().is_some_and(|r| r.len() > 10), "{ban} needs a reason");
            ban["crate"].as_str().unwrap()
        })
        .collect();
    let mut wrong = Vec::new();
    for package in packages() {
        let name = package["name"].as_str().unwrap();
        let licence = package["license"].as_str().unwrap_or("");
        match allowed(licence, &allow) {
            Ok(true) => {}
            Ok(false) => {
                let own = exceptions.get(name).map(|own| own.union(&allow).cloned().collect());
                if own.is_some_and(|own| allowed(licence, &own) == Ok(true)) {
                    idle.retain(|excepted| *excepted != name);
                } else {
                    wrong.push(format!("{name}: licence `{licence}` is not allowed"));
                }
            }
            Err(why) => wrong.push(format!("{name}: licence `{licence}`: {why}")),
        }
        if banned.contains(name) {
            wrong.push(format!("{name}: banned"));
        }
    }
    wrong.extend(idle.iter().map(|name| format!("{name}: the exception is no longer needed")));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_crate_comes_from_the_registry_with_its_checksum() {
    // Those of tests and other systems too: they run where the program is made.
    let policy = policy();
    let registries = words(&policy, "sources", "allow-registry");
    for word in ["unknown-registry", "unknown-git"] {
        assert_eq!(policy["sources"][word].as_str(), Some("deny"));
    }
    let lock: toml::Table = toml::from_str(include_str!("../Cargo.lock")).unwrap();
    let mut wrong = Vec::new();
    for package in lock["package"].as_array().unwrap() {
        let name = package["name"].as_str().unwrap();
        let text = |key: &str| package.get(key).and_then(toml::Value::as_str).unwrap_or("");
        let known =
            text("source").strip_prefix("registry+").is_some_and(|r| registries.contains(r));
        // Our own are here: the program, and what may stand beside it in the repository.
        let own = text("source").is_empty() && name.starts_with("plimsoll");
        if !(own || known && text("checksum").len() == 64) {
            wrong.push(format!("{name}: comes from `{}`", text("source")));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn no_dependency_takes_any_version() {
    let manifest: toml::Table = toml::from_str(include_str!("../Cargo.toml")).unwrap();
    for section in ["dependencies", "build-dependencies", "dev-dependencies"] {
        for (name, dependency) in manifest[section].as_table().unwrap() {
            let version = dependency.as_str().or_else(|| dependency.get("version")?.as_str());
            let version = version.unwrap_or_else(|| panic!("{name} has no version"));
            assert!(!version.contains('*'), "{name}: `{version}`");
        }
    }
}

#[test]
fn exceptions_have_written_reasons() {
    // Not every table of deny.toml has a field for it: there a comment stands before the entry.
    let text = include_str!("../deny.toml");
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    let mut seen = 0;
    for pair in lines.windows(2) {
        if pair[1].starts_with("{ allow") {
            assert!(pair[0].starts_with('#'), "no reason before `{}`", pair[1]);
            seen += 1;
        }
    }
    let policy = policy();
    assert_eq!(seen, exceptions(&policy).len());
    for ignored in policy["advisories"]["ignore"].as_array().unwrap() {
        let reason = ignored.get("reason").and_then(toml::Value::as_str).unwrap_or("");
        assert!(reason.len() > 20, "{ignored} needs a reason");
    }
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
