//! The texts of licences that a binary has to be handed out with: of every crate that is linked in.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::bom::{Key, MIMALLOC};

/// Beginnings of the names of files with terms, in capitals.
const NAMES: [&str; 5] = ["LICENSE", "LICENCE", "COPYING", "NOTICE", "UNLICENSE"];

/// Names and versions of the crates of a bill of materials, with the texts of their licences.
///
/// # Errors
/// When a file cannot be read.
pub fn make(bom: &Value, dirs: &BTreeMap<Key, PathBuf>) -> Result<String, String> {
    let mut out = String::from(
        "Plimsoll is licensed under Apache-2.0 (see LICENSE). The binary contains the crates below and the\n\
         Rust standard library (MIT OR Apache-2.0); here are their terms, as each crate states them.\n",
    );
    let components = bom["components"].as_array().ok_or("a bill without components")?;
    // Most crates share a text: it is printed once, with everybody whose it is.
    let mut texts: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut bare = Vec::new();
    for component in components {
        let text = |key: &str| component[key].as_str().unwrap_or_default().to_owned();
        let key = (text("name"), text("version"));
        let Some(dir) = dirs.get(&key) else { continue };
        let licence = component["licenses"][0]["expression"].as_str().unwrap_or_default();
        let who = format!("{} {} ({licence})", key.0, key.1);
        let files = terms(dir)?;
        if files.is_empty() {
            bare.push(who.clone());
        }
        for file in files {
            let bytes =
                std::fs::read(&file).map_err(|error| format!("{}: {error}", file.display()))?;
            let text = String::from_utf8_lossy(&bytes).replace("\r\n", "\n").trim().to_owned();
            let owners = texts.entry(text).or_default();
            if !owners.contains(&who) {
                owners.push(who.clone());
            }
        }
    }
    let rule = "=".repeat(100);
    let mut texts: Vec<(String, Vec<String>)> = texts.into_iter().collect();
    texts.sort_by(|(_, a), (_, b)| a.cmp(b));
    for (text, owners) in texts {
        out.push_str(&format!("\n{rule}\n{}\n\n{text}\n", owners.join("\n")));
    }
    if !bare.is_empty() {
        let list = bare.join("\n");
        out.push_str(&format!("\n{rule}\nCrates that carry no text of their own:\n\n{list}\n"));
    }
    Ok(out)
}

/// The files with terms in the directory of a crate.
fn terms(dir: &Path) -> Result<Vec<PathBuf>, String> {
    let read =
        |dir: &Path| std::fs::read_dir(dir).map_err(|error| format!("{}: {error}", dir.display()));
    let mut files: Vec<PathBuf> = read(dir)?.filter_map(Result::ok).map(|e| e.path()).collect();
    // The one crate that keeps the terms of what it compiles in from elsewhere away from its own.
    let bundled = dir.join(MIMALLOC);
    if bundled.is_dir() {
        files.extend(read(&bundled)?.filter_map(Result::ok).map(|e| e.path()));
    }
    files.retain(|file| {
        let name = file.file_name().unwrap_or_default().to_string_lossy().to_uppercase();
        file.is_file() && NAMES.iter().any(|start| name.starts_with(start))
    });
    files.sort();
    Ok(files)
}
