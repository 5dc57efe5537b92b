//! Files that people and other tools write.

use std::path::Path;
use std::sync::{Arc, OnceLock};

use plimsoll::app::keymap::Keymap;
use plimsoll::assess::Content;
use plimsoll::checks::{Library, run_examples};
use plimsoll::config::file::Config;
use plimsoll::config::keys::KeyFile;
use plimsoll::config::profile::Profile;
use plimsoll::config::theme::Themes;
use plimsoll::frameworks::Set;
use plimsoll::imports::{self, Given};
use plimsoll::model::inventory::Problem;
use plimsoll::source::files::{self, Options};
use plimsoll::text::{clean, locate};
use plimsoll::triage::kubescape::Exceptions;
use plimsoll::triage::{DecisionFile, FileError};

/// Every check and framework that ships.
pub fn content() -> &'static Content {
    static CONTENT: OnceLock<Content> = OnceLock::new();
    CONTENT.get_or_init(|| Content {
        opt_in: ["secret-key-count"].map(str::to_owned).into(),
        ..Content::builtin()
    })
}

/// Manifests: read, and looked at by every fact and check.
pub fn manifests(data: &[u8]) {
    let Some(text) = super::text(data) else { return };
    for document in locate::documents(text) {
        if let Err(error) = &document.node {
            assert!(error.line >= 1 && error.column >= 1, "{error:?}");
        }
    }
    let inventory =
        files::from_text("f.yaml", text, &Options { complete: true, kube_version: None });
    // Four MiB of aliases, six bytes for each as JSON; and what a cluster adds by itself.
    super::bounded(super::held(&inventory), text.len(), 25 << 20);
    for problem in &inventory.problems {
        placed(problem);
    }
    if inventory.objects().next().is_some() {
        super::shown::reports(&Arc::new(inventory));
    }
}

fn placed(problem: &Problem) {
    assert!(!problem.message.is_empty(), "{problem:?}");
    assert!(problem.line.is_none() || problem.file.is_some(), "{problem:?}");
    super::harmless(&clean(&problem.message));
}

/// A check: read, compiled, and run on its own examples.
pub fn check(data: &[u8]) {
    static LIBRARY: OnceLock<Library> = OnceLock::new();
    let library = LIBRARY.get_or_init(Library::default);
    let Some(text) = super::text(data) else { return };
    match library.understand(Path::new("own/c.toml"), "own", "c", text) {
        Err(problem) => placed(&problem),
        Ok(check) => {
            for outcome in run_examples(&Arc::new(check)) {
                let _ = outcome.holds();
            }
        }
    }
}

/// A framework, held to what is asked of those that ship.
pub fn framework(data: &[u8]) {
    let Some(text) = super::text(data) else { return };
    let mut set = Set::default();
    set.add_strictly("f.toml", text);
    set.add("g.toml", text);
    set.problems.iter().for_each(placed);
}

/// Configuration, keys, profiles and themes.
pub fn settings(data: &[u8]) {
    let Some(text) = super::text(data) else { return };
    if let Err(error) = Config::parse("config.toml", text) {
        assert!(error.to_string().starts_with("config.toml:"), "{error}");
    }
    if let Err(error) = Profile::parse(Path::new("team.toml"), text) {
        assert!(error.to_string().starts_with("team.toml:"), "{error}");
    }
    if let Ok(file) = KeyFile::parse(text) {
        let _ = Keymap::with(&file);
    }
    let mut themes = Themes::default();
    themes.add_file("mine", "themes/mine.toml", text);
    let _ = themes.get("mine");
}

/// Decisions, in our format and in Kubescape's.
pub fn decisions(data: &[u8]) {
    let Some(text) = super::text(data) else { return };
    let told = |errors: &[FileError]| {
        assert!(!errors.is_empty());
        assert!(errors.iter().all(|error| error.line >= 1 && error.column >= 1), "{errors:?}");
    };
    if let Err(errors) = DecisionFile::parse("d.toml", text) {
        told(&errors);
    }
    if let Err(errors) = Exceptions::parse("e.json", text) {
        told(&errors);
    }
}

/// Results of other tools.
pub fn imports(data: &[u8]) {
    let given = Given {
        name: "results",
        bytes: data,
        node: Some("node-a"),
        tool: None,
        changed: None,
        now: "2026-11-24T12:00:00Z",
    };
    match imports::read(&given) {
        Ok(import) => {
            assert!(!import.results.is_empty() || !import.objects.is_empty());
            let text = serde_json::to_vec(&import.results).expect("results are JSON");
            super::bounded(text.len(), data.len(), 1 << 20);
        }
        Err(error) => assert!(error.to_string().starts_with("results"), "{error}"),
    }
}
