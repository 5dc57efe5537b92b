//! Embeds the library: of every check the metadata and of every framework the content as JSON, read
//! at every start, and the full text of every file, compressed, for what is asked for.

use std::collections::BTreeMap;
use std::error::Error;
use std::path::{Path, PathBuf};
use std::{env, fs};

use serde_json::{Value, json};

type Outcome<T> = Result<T, Box<dyn Error>>;

fn main() -> Outcome<()> {
    println!("cargo::rerun-if-changed=checks");
    println!("cargo::rerun-if-changed=build.rs");
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?).join("checks");
    let out = PathBuf::from(env::var("OUT_DIR")?);
    let files = check_files(&root)?;
    let metadata: Vec<Value> =
        files.iter().map(|(name, text)| metadata(name, text)).collect::<Outcome<_>>()?;
    fs::write(out.join("checks.json"), serde_json::to_vec(&metadata)?)?;
    let texts = serde_json::to_vec(&files)?;
    fs::write(out.join("checks.zst"), zstd::encode_all(texts.as_slice(), 19)?)?;
    let frameworks = toml_files(&root.join("frameworks"))?;
    let lines: Vec<String> =
        frameworks.iter().map(|(name, text)| content(name, text)).collect::<Outcome<_>>()?;
    fs::write(out.join("frameworks.txt"), lines.join("\n"))?;
    let texts = serde_json::to_vec(&frameworks)?;
    fs::write(out.join("frameworks.zst"), zstd::encode_all(texts.as_slice(), 19)?)?;
    Ok(())
}

/// A framework as one line: its file, a tab, and its content as JSON, which has no line breaks.
fn content(name: &str, text: &str) -> Outcome<String> {
    let table: toml::Table =
        toml::from_str(text).map_err(|error| format!("checks/frameworks/{name}: {error}"))?;
    Ok(format!("{name}\t{}", serde_json::to_string(&table)?))
}

/// Name to text of the files of a directory.
fn toml_files(dir: &Path) -> Outcome<BTreeMap<String, String>> {
    let mut files = BTreeMap::new();
    for file in fs::read_dir(dir)? {
        let file = file?.path();
        if file.extension().is_some_and(|e| e == "toml") {
            let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
            files.insert(name, fs::read_to_string(&file)?);
        }
    }
    Ok(files)
}

/// Path under `checks/` to text, for every theme.
fn check_files(root: &Path) -> Outcome<BTreeMap<String, String>> {
    let mut files = BTreeMap::new();
    if !root.is_dir() {
        return Ok(files);
    }
    for theme in fs::read_dir(root)? {
        let theme = theme?.path();
        let name = theme.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if !theme.is_dir() || name == "frameworks" {
            continue;
        }
        for (file, text) in toml_files(&theme)? {
            files.insert(format!("{name}/{file}"), text);
        }
    }
    Ok(files)
}

/// A file without its examples, of which only the verdicts are kept.
fn metadata(name: &str, text: &str) -> Outcome<Value> {
    let table: toml::Table =
        toml::from_str(text).map_err(|error| format!("checks/{name}: {error}"))?;
    let mut check = serde_json::to_value(table)?;
    let examples = check.as_object_mut().and_then(|c| c.remove("example"));
    let verdicts: Vec<Value> = examples
        .and_then(|e| e.as_array().cloned())
        .unwrap_or_default()
        .iter()
        .filter_map(|example| example.get("verdict").cloned())
        .collect();
    Ok(json!({ "file": name, "verdicts": verdicts, "check": check }))
}
