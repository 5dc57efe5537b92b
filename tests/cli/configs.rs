//! Configuration, keys and themes: a corpus of good and bad files. A bad file says in its comments
//! what is to be said of it: `# expect: LINE:COLUMN: message`.

use std::path::{Path, PathBuf};

use super::sandbox::{Sandbox, text};

fn corpus(part: &str) -> Vec<PathBuf> {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/configs").join(part);
    let mut files: Vec<PathBuf> = std::fs::read_dir(dir)
        .unwrap()
        .map(|e| e.unwrap().path())
        .filter(|p| p.is_file())
        .collect();
    files.sort();
    assert!(!files.is_empty(), "{part}");
    files
}

/// What a bad file is expected to be told, with this as its name.
fn expected(file: &Path, name: &str) -> Vec<String> {
    let text = std::fs::read_to_string(file).unwrap();
    let lines = text.lines().filter_map(|l| l.strip_prefix("# expect: "));
    let expected: Vec<String> = lines.map(|l| format!("{name}:{l}")).collect();
    assert!(!expected.is_empty(), "{} expects nothing", file.display());
    expected
}

#[test]
fn good_configurations_are_taken() {
    let sandbox = Sandbox::with_web();
    for file in corpus("good") {
        let run = sandbox.run(&["--config", text(&file), "config", "check"]);
        assert_eq!(run.status, 0, "{}: {}", file.display(), run.err);
        let scan = ["scan", "-f", "web.yaml", "--check", "host-port", "--config", text(&file)];
        assert_eq!(sandbox.run(&scan).status, 0, "{}", file.display());
    }
}

#[test]
fn bad_configurations_are_refused_with_line_and_column() {
    let sandbox = Sandbox::with_web();
    for file in corpus("bad") {
        let run = sandbox.run(&["--config", text(&file), "config", "check"]);
        run.refuses(2, &[]);
        let said: Vec<&str> = run.err.lines().collect();
        assert_eq!(said, expected(&file, text(&file)), "{}", file.display());
    }
}

#[test]
fn what_concerns_the_checks_stops_a_scan_too() {
    let sandbox = Sandbox::with_web();
    for file in ["unknown-key", "not-toml", "param-unknown-check", "opt-in-unknown"] {
        let file = corpus("bad").into_iter().find(|f| f.file_stem().unwrap() == file).unwrap();
        let run = sandbox.run(&["scan", "-f", "web.yaml", "--config", text(&file)]);
        let expected = expected(&file, text(&file));
        run.refuses(2, &expected.iter().map(String::as_str).collect::<Vec<_>>());
    }
}

#[test]
fn keys_and_themes_have_their_places_too() {
    for file in corpus("bad/keys") {
        let sandbox = Sandbox::new();
        let path = sandbox.write("config/keys.toml", std::fs::read(&file).unwrap());
        let run = sandbox.run(&["config", "check"]);
        run.refuses(2, &[]);
        let said: Vec<&str> = run.err.lines().collect();
        assert_eq!(said, expected(&file, text(&path)), "{}", file.display());
    }
    for file in corpus("bad/themes") {
        let sandbox = Sandbox::new();
        let path = sandbox.write("config/themes/mine.toml", std::fs::read(&file).unwrap());
        let run = sandbox.run(&["config", "check"]);
        run.refuses(2, &[]);
        let said: Vec<&str> = run.err.lines().collect();
        assert_eq!(said, expected(&file, text(&path)), "{}", file.display());
    }
}

#[test]
fn init_writes_a_file_that_holds_and_never_overwrites() {
    let sandbox = Sandbox::new();
    let run = sandbox.run(&["config", "init"]);
    assert_eq!((run.status, &*run.out), (0, ""));
    let path = sandbox.path("config/config.toml");
    assert!(run.err.contains(text(&path)), "{}", run.err);
    let sample = std::fs::read_to_string(&path).unwrap();
    assert_eq!(sandbox.run(&["config", "check"]).status, 0);
    sandbox.run(&["config", "init"]).refuses(2, &["config.toml exists", "nothing is overwritten"]);
    // Everything in it can be switched on by taking the sign away.
    let on = |line: &str| match line.strip_prefix('#') {
        Some(rest) if !rest.starts_with(' ') => format!("{rest}\n"),
        _ => format!("{line}\n"),
    };
    sandbox.write("config/config.toml", sample.lines().map(on).collect::<String>());
    let run = sandbox.run(&["config", "check"]);
    assert_eq!(run.status, 0, "{}", run.err);
}

#[test]
fn path_names_every_place_and_works_when_the_configuration_is_broken() {
    let sandbox = Sandbox::new();
    sandbox.write("config/config.toml", "[[[");
    let run = sandbox.run(&["config", "path"]);
    assert_eq!((run.status, &*run.err), (0, ""));
    let root = text(&sandbox.path("")).trim_end_matches('/').to_owned();
    let shown = run.out.replace(&root, "ROOT");
    super::sandbox::snapshot("config-path", &shown);
    for args in [&["completions", "bash"][..], &["man"], &["--help"]] {
        assert_eq!(sandbox.run(args).status, 0, "{args:?}");
    }
    sandbox.run(&["checks", "list"]).refuses(2, &["config.toml:1:3"]);
    sandbox.write("config/config.toml", b"theme = \"\xff\"\n");
    sandbox.run(&["checks", "list"]).refuses(2, &["config.toml", "UTF-8"]);
}

#[test]
fn parameters_and_opt_ins_of_the_configuration_apply() {
    let sandbox = Sandbox::new();
    let pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  containers: []\n  volumes:\n  - name: t\n    projected: {sources: [{serviceAccountToken: {path: t, audience: x, expirationSeconds: 7200}}]}\n";
    sandbox.write("a.yaml", pod);
    let count = || {
        let check = ["-f", "a.yaml", "--check", "projected-token-lifetime-excessive"];
        sandbox.json(&check)["findings"].as_array().unwrap().len()
    };
    assert_eq!(count(), 1);
    let relaxed = "[params.projected-token-lifetime-excessive]\nmax_token_seconds = 7200\n";
    sandbox.write("config/config.toml", relaxed);
    assert_eq!(count(), 0);
}

#[test]
fn a_home_that_is_no_absolute_path_is_none() {
    let sandbox = Sandbox::with_web();
    let run = |home: &str| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_plimsoll"));
        command.args(["scan", "-f", "web.yaml"]).current_dir(sandbox.path("")).env_clear();
        command.env("HOME", home).output().unwrap()
    };
    let refused = run("rel\u{1b}");
    assert_eq!(refused.status.code(), Some(2));
    let said = String::from_utf8(refused.stderr).unwrap();
    assert!(said.contains("which is no absolute path: set PLIMSOLL_CONFIG_DIR"), "{said}");
    assert!(!said.contains('\u{1b}'), "{said}");
    let names: Vec<_> = std::fs::read_dir(sandbox.path("")).unwrap().collect();
    assert_eq!(names.len(), 1, "nothing but the manifest is here: {names:?}");
    // A place that cannot be made is named.
    sandbox.write("file", "");
    let init = sandbox.run(&["--config", "file/config.toml", "config", "init"]);
    init.refuses(init.status, &["cannot make file: "]);
    let home = sandbox.path("home");
    assert_eq!(run(home.to_str().unwrap()).status.code(), Some(0));
}
