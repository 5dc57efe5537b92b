//! The bill of materials: it fits the schema of `CycloneDX`, names what ships and nothing else, and is the
//! same each time.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;
use std::sync::OnceLock;

use serde_json::Value;

use super::{bom, notices, root};

const TARGET: &str = "x86_64-unknown-linux-gnu";

fn made() -> &'static Value {
    static MADE: OnceLock<Value> = OnceLock::new();
    MADE.get_or_init(|| bom::make(TARGET).unwrap())
}

/// A schema of `tests/schemas`.
fn schema(name: &str) -> Value {
    let path = root().join("tests/schemas").join(format!("{name}.json.zst"));
    serde_json::from_slice(&zstd::decode_all(&*std::fs::read(path).unwrap()).unwrap()).unwrap()
}

/// Gives the schemas that the main one names.
struct Shelf;

impl jsonschema::Retrieve for Shelf {
    fn retrieve(
        &self,
        uri: &jsonschema::Uri<String>,
    ) -> Result<Value, Box<dyn std::error::Error + Send + Sync>> {
        match uri.as_str() {
            "http://cyclonedx.org/schema/spdx.schema.json" => Ok(schema("cyclonedx-spdx")),
            "http://cyclonedx.org/schema/jsf-0.82.schema.json" => Ok(schema("cyclonedx-jsf-0.82")),
            other => Err(format!("nobody asked for {other}").into()),
        }
    }
}

fn wrong(bom: &Value) -> Vec<String> {
    let validator =
        jsonschema::options().with_retriever(Shelf).build(&schema("cyclonedx-1.6")).unwrap();
    let errors = validator.iter_errors(bom).take(5);
    errors.map(|error| format!("{}: {error:.300}", error.instance_path())).collect()
}

#[test]
fn it_fits_the_schema() {
    let mut bom = made().clone();
    bom::belongs_to(&mut bom, b"a binary");
    bom::made_at(&mut bom, "1700000000").unwrap();
    bom::number(&mut bom);
    assert_eq!(wrong(&bom), Vec::<String>::new());
    assert_eq!(bom["metadata"]["timestamp"], "2023-11-14T22:13:20Z");
    assert!(bom::made_at(&mut bom, "yesterday").is_err());
    // And the schema is one that looks.
    bom["components"][1]["hashes"][0]["content"] = "no digest".into();
    bom["components"][2]["type"] = "thing".into();
    assert!(wrong(&bom).len() >= 2);
}

fn key(component: &Value) -> (String, String) {
    let text = |key: &str| component[key].as_str().unwrap().to_owned();
    (text("name"), text("version"))
}

#[test]
fn every_part_is_locked_licensed_and_connected() {
    let bom = made();
    let lock: toml::Table =
        toml::from_str(&std::fs::read_to_string(root().join("Cargo.lock")).unwrap()).unwrap();
    let locked: BTreeMap<(String, String), String> = lock["package"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|package| {
            let text = |key: &str| Some(package.get(key)?.as_str()?.to_owned());
            Some(((text("name")?, text("version")?), text("checksum")?))
        })
        .collect();
    let components = bom["components"].as_array().unwrap();
    let mut names = BTreeSet::new();
    for component in components {
        assert!(names.insert(component["bom-ref"].as_str().unwrap()), "{component}");
        let licence = component["licenses"][0]["expression"].as_str().unwrap();
        assert!(!licence.is_empty() && !licence.contains('/'), "{component}");
        if component["name"] != "rust-std" {
            assert_eq!(component["hashes"][0]["content"], *locked[&key(component)], "{component}");
        }
    }
    // From the program every part is reached, and nothing else is named.
    let graph: BTreeMap<&str, Vec<&str>> = bom["dependencies"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| {
            let on = entry["dependsOn"].as_array().into_iter().flatten();
            (entry["ref"].as_str().unwrap(), on.map(|r| r.as_str().unwrap()).collect())
        })
        .collect();
    let program = bom["metadata"]["component"]["bom-ref"].as_str().unwrap();
    let mut reached = BTreeSet::new();
    let mut open = vec![program];
    while let Some(name) = open.pop() {
        if reached.insert(name) {
            open.extend(&graph[name]);
        }
    }
    reached.remove(program);
    assert_eq!(reached, names);
}

#[test]
fn it_names_what_ships_and_nothing_else() {
    let all: BTreeSet<String> =
        made()["components"].as_array().unwrap().iter().map(|c| key(c).0).collect();
    for name in ["kube-client", "ratatui", "ring", "zstd-sys", "cel", "rust-std"] {
        assert!(all.contains(name), "{name} is missing");
    }
    // Tests, build scripts, macros, other systems, and features that only tests switch on.
    for name in
        ["insta", "proptest", "jsonschema", "cc", "syn", "serde_derive", "windows-sys", "chrono"]
    {
        assert!(!all.contains(name), "{name} is not in the binary");
    }
    // Whoever knows the graph without asking for features cannot know less.
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--locked", "--format-version", "1", "--filter-platform", TARGET])
        .current_dir(root())
        .output()
        .unwrap();
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let known: BTreeSet<String> =
        metadata["packages"].as_array().unwrap().iter().map(|p| key(p).0).collect();
    let unknown: Vec<&String> = all.difference(&known).filter(|n| *n != "rust-std").collect();
    assert_eq!(unknown, Vec::<&String>::new());
}

#[test]
fn libraries_in_c_are_named_inside_the_crates_that_bring_them() {
    let mut carried = BTreeMap::new();
    for component in made()["components"].as_array().unwrap() {
        for inner in component["components"].as_array().into_iter().flatten() {
            let purl = inner["purl"].as_str().unwrap();
            let (name, version) = key(inner);
            assert_eq!(purl, format!("pkg:generic/{name}@{version}"));
            carried.insert(name, (component["name"].as_str().unwrap(), version));
        }
    }
    let names: Vec<&String> = carried.keys().collect();
    assert_eq!(names, ["mimalloc", "zstd"]);
    let (mimalloc, zstd) = (&carried["mimalloc"], &carried["zstd"]);
    assert_eq!((mimalloc.0, zstd.0), ("libmimalloc-sys", "zstd-sys"));
    // Each says its own version where the crate cannot: in its header, and in the crate's version.
    assert!(mimalloc.1.starts_with("2."), "{mimalloc:?}");
    assert!(zstd.1.starts_with("1."), "{zstd:?}");
    let dirs = bom::sources(TARGET).unwrap();
    let of = |name: &str| dirs.iter().find(|((known, _), _)| known == name).unwrap().1;
    let notes =
        std::fs::read_to_string(of("libmimalloc-sys").join(bom::MIMALLOC).join("readme.md"));
    assert!(notes.unwrap().contains(&format!("v{}", mimalloc.1)), "{mimalloc:?}");
    let header = std::fs::read_to_string(of("zstd-sys").join("zstd/lib/zstd.h")).unwrap();
    let numbers = ["MAJOR", "MINOR", "RELEASE"].map(|part| {
        let start = format!("#define ZSTD_VERSION_{part}");
        header.lines().find_map(|line| line.strip_prefix(&*start)).unwrap().trim().to_owned()
    });
    assert_eq!(numbers.join("."), zstd.1);
}

#[test]
fn it_says_who_made_each_part_and_the_bill() {
    let made = made();
    for part in ["authors", "supplier", "tools"] {
        assert!(!made["metadata"][part].is_null(), "{part}");
    }
    let tools = made["metadata"]["tools"]["components"].as_array().unwrap();
    assert!(tools.iter().any(|tool| tool["name"] == "plimsoll-sbom"), "{tools:?}");
    let mut authors = 0;
    for component in made["components"].as_array().unwrap() {
        let supplier = component["supplier"]["name"].as_str();
        assert!(supplier.is_some_and(|name| !name.is_empty()), "{component}");
        let named = component["authors"].as_array().into_iter().flatten();
        for author in named {
            let name = author["name"].as_str().unwrap();
            assert!(!name.is_empty() && !name.contains(['<', '>']), "{component}");
            authors += 1;
        }
    }
    assert!(authors > 100, "{authors}");
    let ring = made["components"].as_array().unwrap().iter().find(|c| c["name"] == "ring").unwrap();
    assert_eq!(ring["supplier"]["url"][0], "https://github.com/briansmith");
}

#[test]
fn equal_inputs_give_equal_bytes() {
    let mut first = made().clone();
    let mut second = bom::make(TARGET).unwrap();
    for bom in [&mut first, &mut second] {
        bom::belongs_to(bom, b"one");
        bom::number(bom);
    }
    assert_eq!(first.to_string(), second.to_string());
    let number = first["serialNumber"].clone();
    bom::belongs_to(&mut second, b"another");
    second.as_object_mut().unwrap().remove("serialNumber");
    bom::number(&mut second);
    assert_ne!(second["serialNumber"], number);
    let text = first.to_string();
    assert!(!text.contains(root().to_str().unwrap()), "a path of this machine is in it");
}

#[test]
fn licences_are_handed_out_with_their_texts() {
    let dirs = bom::sources(TARGET).unwrap();
    let notices = notices::make(made(), &dirs).unwrap();
    for name in ["ring ", "kube-client ", "option-ext ", "antlr4rust "] {
        assert!(notices.lines().any(|line| line.starts_with(name)), "{name}");
    }
    assert!(notices.contains("Permission is hereby granted, free of charge"));
    // A text that many share is there once.
    let (before, after) = (made()["components"].as_array().unwrap().len() * 10_000, notices.len());
    assert!(after < before / 2, "{after} bytes");
    let dir = tempfile::tempdir().unwrap();
    let bare = [(("ring".to_owned(), ring()), dir.path().to_owned())];
    let alone = notices::make(made(), &bare.into_iter().collect()).unwrap();
    assert!(alone.contains("carry no text of their own:\n\nring "), "{alone}");
}

fn ring() -> String {
    let components = made()["components"].as_array().unwrap();
    key(components.iter().find(|c| c["name"] == "ring").unwrap()).1
}
