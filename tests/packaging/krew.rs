//! The manifest by which krew installs the plugin, held against krew's rules in our own words: what its
//! own checker refuses, and what its naming guide asks for.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::{root, script, text};

fn archives(dir: &Path, targets: &[&str]) {
    for target in targets {
        std::fs::write(dir.join(format!("plimsoll-1.2.3-{target}.tar.gz")), target).unwrap();
    }
}

fn manifest(dir: &Path) -> Value {
    let args =
        ["v1.2.3", "https://example.com/v1.2.3/", "https://example.com", dir.to_str().unwrap()];
    let made = script("krew.sh", &args);
    assert!(made.status.success(), "{}", text(&made.stderr));
    serde_saphyr::from_str(&text(&made.stdout)).unwrap()
}

fn word<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().filter(|text| !text.is_empty()).unwrap_or_else(|| panic!("no {key}"))
}

#[test]
fn it_has_what_krew_asks_for() {
    let dir = tempfile::tempdir().unwrap();
    archives(dir.path(), &["x86_64-unknown-linux-gnu", "aarch64-apple-darwin"]);
    let manifest = manifest(dir.path());
    assert_eq!(word(&manifest, "apiVersion"), "krew.googlecontainertools.github.com/v1alpha2");
    assert_eq!(word(&manifest, "kind"), "Plugin");
    // A plugin is named without kubectl, in small letters; the file of the index is named alike.
    assert_eq!(word(&manifest["metadata"], "name"), "plimsoll");
    let spec = &manifest["spec"];
    let version = word(spec, "version").strip_prefix('v').expect("a version begins with v");
    assert_eq!(version.split('.').filter(|part| part.parse::<u32>().is_ok()).count(), 3);
    assert!(word(spec, "homepage").starts_with("https://"));
    // Shown in a list: one line, short, without a full stop.
    let short = word(spec, "shortDescription");
    assert!(
        short.chars().count() <= 50 && !short.contains('\n') && !short.ends_with('.'),
        "{short}"
    );
    assert!(word(spec, "description").lines().all(|line| line.chars().count() <= 100));
    let platforms = spec["platforms"].as_array().unwrap();
    assert_eq!(platforms.len(), 2);
    let mut chosen = BTreeSet::new();
    for platform in platforms {
        let labels = platform["selector"]["matchLabels"].as_object().unwrap();
        let keys: Vec<&str> = labels.keys().map(String::as_str).collect();
        assert_eq!(keys, ["arch", "os"]);
        assert!(chosen.insert(
            labels.clone().into_iter().map(|(k, v)| (k, v.to_string())).collect::<Vec<_>>()
        ));
        let uri = word(platform, "uri");
        let file = uri.strip_prefix("https://example.com/v1.2.3/").unwrap();
        let bytes = std::fs::read(dir.path().join(file)).unwrap();
        let digest: String = Sha256::digest(&bytes).iter().map(|b| format!("{b:02x}")).collect();
        assert_eq!(word(platform, "sha256"), digest);
        // `bin` is what is there after the files were moved; no path leads out of the directory.
        let files = platform["files"].as_array().unwrap();
        let bin = word(platform, "bin");
        assert!(files.iter().any(|file| word(file, "from").rsplit('/').next() == Some(bin)));
        for file in files {
            for path in [word(file, "from"), word(file, "to")] {
                assert!(!path.contains("..") && !path.starts_with('/'), "{path}");
            }
        }
    }
}

#[test]
fn dependencies_are_looked_over_for_what_is_shipped() {
    let script = std::fs::read_to_string(root().join("packaging/krew.sh")).unwrap();
    let list = script.split("<<'TARGETS'\n").nth(1).unwrap().split("\nTARGETS\n").next().unwrap();
    let shipped: BTreeSet<&str> =
        list.lines().map(|line| line.split(' ').next().unwrap()).collect();
    let policy = std::fs::read_to_string(root().join("deny.toml")).unwrap();
    let policy: toml::Table = toml::from_str(&policy).unwrap();
    let targets = policy["graph"]["targets"].as_array().unwrap();
    let looked_over: BTreeSet<&str> = targets.iter().map(|t| t.as_str().unwrap()).collect();
    assert_eq!(looked_over, shipped);
}

#[test]
fn what_cannot_be_a_manifest_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().to_str().unwrap();
    let (url, home) = ("https://example.com", "https://example.com");
    let refuses = |args: &[&str], why: &str| {
        let made = script("krew.sh", args);
        assert_eq!(made.status.code(), Some(2), "{args:?}");
        assert!(made.stdout.is_empty(), "{args:?}");
        assert!(text(&made.stderr).contains(why), "{args:?}: {}", text(&made.stderr));
    };
    refuses(&["1.2.3", url, home, path], "no plimsoll-1.2.3-TARGET.tar.gz");
    archives(dir.path(), &["x86_64-unknown-linux-gnu"]);
    refuses(&["latest", url, home, path], "`latest` is no version");
    refuses(&["1.2.3", "http://example.com", home, path], "no https address");
    refuses(&["1.2.3", url, "https://a\nb: c", path], "no https address");
    refuses(&["1.2.3"], "packaging/krew.sh VERSION URL HOMEPAGE DIRECTORY");
}
