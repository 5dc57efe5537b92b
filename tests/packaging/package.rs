//! The published crate: it holds what the binary is made of, and nothing that it can do without.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::root;

/// Files of the crate, as cargo would pack them.
fn packed() -> BTreeSet<String> {
    let output = Command::new(env!("CARGO"))
        .args(["package", "--list", "--allow-dirty", "--offline"])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().lines().map(|line| line.replace('\\', "/")).collect()
}

fn files(dir: &Path, out: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { files(&path, out) } else { out.push(path) }
    }
}

fn below(dir: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    files(&root().join(dir), &mut found);
    found
}

/// The path of a file in the crate.
fn named(path: &Path) -> String {
    let clean: PathBuf = path.components().fold(PathBuf::new(), |mut out, part| {
        if part.as_os_str() == ".." {
            out.pop();
        } else {
            out.push(part);
        }
        out
    });
    clean.strip_prefix(root()).unwrap().to_str().unwrap().to_owned()
}

#[test]
fn everything_that_is_compiled_in_is_packed() {
    let packed = packed();
    let mut embedded = 0;
    for source in below("src") {
        assert!(packed.contains(&named(&source)), "{} is missing", source.display());
        if source.extension().is_none_or(|ending| ending != "rs") {
            continue;
        }
        let text = std::fs::read_to_string(&source).unwrap();
        // What only tests read stays away, as the tests do.
        let test = source.components().any(|part| part.as_os_str() == "tests")
            || source.file_name().is_some_and(|name| name == "tests.rs" || name == "testing.rs");
        let shipped = text.split("#[cfg(test)]\nmod tests").next().unwrap();
        if test {
            continue;
        }
        for part in
            shipped.split("include_str!(\"").chain(shipped.split("include_bytes!(\"")).skip(1)
        {
            let Some((path, _)) = part.split_once("\")") else { continue };
            let path = source.parent().unwrap().join(path);
            if path.is_file() {
                assert!(packed.contains(&named(&path)), "{} is missing", path.display());
                embedded += 1;
            }
        }
    }
    assert!(embedded > 20, "{embedded}");
    for file in below("checks").iter().chain(&below("themes")) {
        assert!(packed.contains(&named(file)), "{} is missing", file.display());
    }
    for file in ["build.rs", "Cargo.toml", "Cargo.lock", "LICENSE", "README.md", "CHANGELOG.md"] {
        assert!(packed.contains(file), "{file} is missing");
    }
}

#[test]
fn nothing_else_is_packed() {
    const PARTS: [&str; 6] = ["src", "checks", "themes", "docs", "build.rs", "deny.toml"];
    const FILES: [&str; 9] = [
        ".cargo_vcs_info.json",
        "ARCHITECTURE.md",
        "CHANGELOG.md",
        "CONTRIBUTING.md",
        "Cargo.lock",
        "Cargo.toml",
        "Cargo.toml.orig",
        "LICENSE",
        "README.md",
    ];
    let mut size = 0;
    for file in packed() {
        let part = file.split('/').next().unwrap();
        assert!(PARTS.contains(&part) || FILES.contains(&&*file), "{file} is packed");
        size += std::fs::metadata(root().join(&file)).map_or(0, |meta| meta.len());
    }
    // The registry takes 10 MB compressed. Text such as this packs to a fifth.
    assert!(size < 20_000_000, "{size} bytes");
}

/// What a Dockerfile copies into its first stage, by where it comes from.
fn copied(dockerfile: &str) -> Vec<String> {
    let copies = dockerfile.lines().filter_map(|line| line.strip_prefix("COPY "));
    let sources = copies.filter(|line| !line.starts_with("--from")).flat_map(|line| {
        let mut words: Vec<&str> = line.split_whitespace().collect();
        words.pop();
        words
    });
    sources.map(str::to_owned).collect()
}

#[test]
fn the_image_is_built_from_all_that_it_takes() {
    let dockerfile =
        std::fs::read_to_string(root().join("docs/examples/cronjob/Dockerfile")).unwrap();
    let context = tempfile::tempdir().unwrap();
    let sources = copied(&dockerfile);
    for source in &sources {
        let mut found = Vec::new();
        let path = root().join(source);
        if path.is_dir() {
            files(&path, &mut found);
        } else {
            found.push(path);
        }
        for file in found {
            let copy = context.path().join(named(&file));
            std::fs::create_dir_all(copy.parent().unwrap()).unwrap();
            std::fs::copy(&file, &copy).unwrap();
        }
    }
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--locked", "--offline", "--no-deps", "--format-version", "1"])
        .current_dir(context.path())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    // What is compiled in beside the sources: everything of the crate that these directories hold.
    for dir in ["src", "checks", "themes"] {
        assert!(sources.iter().any(|source| source == dir), "{dir} is not copied");
    }
    assert!(context.path().join("build.rs").exists());
    // Who hands the image on needs the terms of what is in it, and the tool that gathers them.
    let last = dockerfile.rsplit("\nFROM ").next().unwrap();
    for file in ["/src/LICENSE", "/src/THIRD-PARTY.txt", "/src/target/dist/plimsoll"] {
        assert!(last.contains(file), "{file} is not in the image");
    }
    assert!(
        dockerfile.contains("--profile dist") && dockerfile.contains("--notices THIRD-PARTY.txt")
    );
    assert!(context.path().join("examples/sbom/main.rs").exists());
}
