//! Who may import whom. The table is the architecture; ARCHITECTURE.md explains it.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test that meets what it does not expect shall fail"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Module, the modules of ours that it may use, the crates that it may use.
const TABLE: &[(&str, &[&str], &[&str])] = &[
    ("model", &[], &["serde", "serde_json", "rustc_hash", "smol_str", "thiserror"]),
    ("handwritten", &[], &[]),
    ("fresh", &[], &["thiserror"]),
    ("packed", &[], &["zstd"]),
    (
        "text",
        &["model"],
        &[
            "serde",
            "serde_json",
            "granit_parser",
            "unicode_width",
            "unicode_segmentation",
            "regex",
            "thiserror",
        ],
    ),
    (
        "facts",
        &["model", "text"],
        &["serde", "serde_json", "toml", "regex", "rustc_hash", "thiserror"],
    ),
    (
        "checks",
        &["model", "text", "facts", "source", "handwritten"],
        // base64: certificates that webhooks are trusted by are written in it.
        &[
            "base64",
            "cel",
            "jiff",
            "regex",
            "regex_syntax",
            "rayon",
            "rustc_hash",
            "serde",
            "serde_json",
            "sha2",
            "thiserror",
            "toml",
            "zstd",
        ],
    ),
    ("frameworks", &["model", "text"], &["serde", "serde_json", "thiserror", "toml", "zstd"]),
    ("config", &["model", "text", "handwritten"], &["directories", "serde", "thiserror", "toml"]),
    (
        "session",
        &["model", "text", "fresh", "packed"],
        &["rayon", "rustix", "serde", "serde_json", "sha2", "thiserror", "ulid", "zstd"],
    ),
    (
        "bundle",
        &["model", "text", "session", "fresh", "packed"],
        &["pem", "ring", "serde", "serde_json", "sha2", "thiserror", "zstd"],
    ),
    (
        "report",
        // facts: who may do what and who reaches whom are facts, and reports of their own. rayon: the
        // findings of a document are laid out on all cores.
        &["model", "text", "facts", "frameworks", "imports", "session"],
        &["jiff", "rayon", "serde", "serde_json", "thiserror", "uuid"],
    ),
    ("imports", &["model", "text", "frameworks"], &["jiff", "serde_json", "sha2", "thiserror"]),
    (
        "source",
        &["model", "text", "fresh", "packed"],
        &["rayon", "serde", "serde_json", "thiserror", "toml", "zstd"],
    ),
    ("triage", &["model", "text"], &["jiff", "regex", "serde", "thiserror", "toml"]),
    (
        "assess",
        // triage: which annotations a run keeps, because other tools heed them.
        &[
            "model",
            "text",
            "facts",
            "checks",
            "frameworks",
            "imports",
            "session",
            "report",
            "triage",
        ],
        // jiff: how many days findings are old, each of which rayon makes an object of.
        &["jiff", "rayon", "sha2", "thiserror"],
    ),
    (
        "app",
        &[
            "model",
            "text",
            "facts",
            "checks",
            "frameworks",
            "imports",
            "config",
            "source",
            "report",
            "triage",
        ],
        &["fuzzy_matcher", "jiff", "serde", "thiserror", "unicode_segmentation"],
    ),
    (
        "cluster",
        &["model", "text", "handwritten"],
        // base64: bytes stand in protobuf as they are, and so in JSON.
        &[
            "base64",
            "futures",
            "http",
            "http_body",
            "http_body_util",
            "hyper",
            "hyper_util",
            "jiff",
            "k8s_openapi",
            "kube",
            "rustc_hash",
            "rustix",
            "serde",
            "serde_json",
            "serde_saphyr",
            "thiserror",
            "tokio",
            "tower",
        ],
    ),
    (
        "ui",
        &["model", "text", "facts", "checks", "frameworks", "config", "app", "triage"],
        &["ratatui", "unicode_segmentation"],
    ),
    (
        "term",
        &["app", "config", "fresh"],
        &["base64", "crossterm", "rustix", "thiserror", "tokio", "ulid"],
    ),
    (
        "runtime",
        ALL,
        &["anyhow", "crossterm", "futures", "jiff", "ratatui", "serde_json", "thiserror", "tokio"],
    ),
    (
        "cli",
        ALL,
        &[
            "anyhow",
            "clap",
            "clap_complete",
            "clap_mangen",
            "serde_json",
            "thiserror",
            "tokio",
            "toml",
        ],
    ),
];

const ALL: &[&str] = &[
    "model",
    "handwritten",
    "fresh",
    "packed",
    "text",
    "facts",
    "checks",
    "frameworks",
    "imports",
    "config",
    "session",
    "bundle",
    "report",
    "source",
    "triage",
    "assess",
    "app",
    "cluster",
    "ui",
    "term",
    "runtime",
];

/// Files that may touch the file system below `runtime` and `cli`.
const FILE_SYSTEM: &[&str] =
    &["handwritten", "fresh", "session", "bundle", "source", "config", "checks", "cluster", "term"];

/// Adds the files below a directory whose name ends like this.
fn walk(dir: &Path, end: &str, out: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            walk(&path, end, out);
        } else if path.extension().is_some_and(|e| e == end) {
            out.push(path);
        }
    }
}

fn sources() -> Vec<PathBuf> {
    let mut out = Vec::new();
    walk(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), "rs", &mut out);
    out.sort();
    out
}

/// The code that ships: without comments, literals and what follows the first `#[cfg(test)]`.
fn code(path: &Path) -> String {
    let text = std::fs::read_to_string(path).unwrap();
    let shipped = text.split("#[cfg(test)]\nmod tests").next().unwrap().to_owned();
    let no_comments = |line: &str| {
        let at = line.find("//").unwrap_or(line.len());
        line[..at].to_owned()
    };
    shipped.lines().map(no_comments).collect::<Vec<_>>().join("\n")
}

fn module_of(path: &Path) -> String {
    let relative = path.strip_prefix(Path::new(env!("CARGO_MANIFEST_DIR")).join("src")).unwrap();
    let first = relative.components().next().unwrap().as_os_str().to_string_lossy().into_owned();
    first.trim_end_matches(".rs").to_owned()
}

fn is_test_file(path: &Path) -> bool {
    let name = path.file_stem().unwrap().to_string_lossy();
    name == "tests" || name == "testing" || path.components().any(|c| c.as_os_str() == "tests")
}

/// Every word that stands before `::` in the code and is the name of a crate or of `crate::x`.
fn uses(code: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut before = String::new();
    let chars = code.char_indices();
    for (at, c) in chars {
        if c.is_alphanumeric() || c == '_' {
            before.push(c);
            continue;
        }
        if c == ':' && code[at..].starts_with("::") {
            let start = at - before.len();
            let nested = code[..start].ends_with("::");
            let ours = code[..start].ends_with("crate::");
            if ours {
                found.insert(format!("crate::{before}"));
            } else if !nested && !before.is_empty() {
                found.insert(before.clone());
            }
        }
        before.clear();
    }
    // `use crate::{a, b::c}` and `crate::module` at the end of a path.
    for part in code.split("crate::").skip(1) {
        let word: String = part.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
        if !word.is_empty() {
            found.insert(format!("crate::{word}"));
        }
    }
    found
}

fn crates() -> BTreeSet<String> {
    let manifest: toml::Table =
        toml::from_str(include_str!("../Cargo.toml")).expect("the manifest is TOML");
    manifest["dependencies"].as_table().unwrap().keys().map(|k| k.replace('-', "_")).collect()
}

#[test]
fn modules_use_only_what_stands_in_the_table() {
    let crates = crates();
    let table: BTreeMap<&str, (&[&str], &[&str])> =
        TABLE.iter().map(|(m, ours, theirs)| (*m, (*ours, *theirs))).collect();
    let mut wrong = Vec::new();
    for path in sources().iter().filter(|p| !is_test_file(p)) {
        let module = module_of(path);
        if matches!(module.as_str(), "lib" | "main") {
            continue;
        }
        let Some((ours, theirs)) = table.get(module.as_str()) else {
            wrong.push(format!("{}: module `{module}` is in no layer", path.display()));
            continue;
        };
        for used in uses(&code(path)) {
            if let Some(other) = used.strip_prefix("crate::") {
                let known = table.contains_key(other);
                if known && other != module && !ours.contains(&other) {
                    wrong.push(format!("{}: may not use `crate::{other}`", path.display()));
                }
            } else if crates.contains(&used) && !theirs.contains(&used.as_str()) {
                wrong.push(format!("{}: may not use the crate `{used}`", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_core_knows_neither_clock_nor_files_nor_terminal() {
    let mut wrong = Vec::new();
    for path in sources().iter().filter(|p| !is_test_file(p)) {
        let (module, code) = (module_of(path), code(path));
        let mut ban = |word: &str, what: &str| {
            if code.contains(word) {
                wrong.push(format!("{}: {what} (`{word}`)", path.display()));
            }
        };
        let pure =
            ["model", "text", "facts", "frameworks", "imports", "report", "triage", "app", "ui"];
        if pure.contains(&module.as_str()) {
            ban("Instant::now", "time comes in as a value");
            ban("SystemTime::now", "time comes in as a value");
            ban("std::env", "the environment comes in as a value");
        }
        if !FILE_SYSTEM.contains(&module.as_str())
            && !["runtime", "cli", "main", "lib"].contains(&&*module)
        {
            ban("std::fs", "no file system here");
        }
        // crossterm has one user, and no back door through ratatui.
        ban("ratatui::crossterm", "use crossterm, in `term` only");
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Lines that only systems like Unix compile: what stands behind `#[cfg(unix)]`.
fn behind_cfg(code: &str) -> Vec<bool> {
    let mut depth = 0_usize;
    let (mut pending, mut covered): (bool, Option<usize>) = (false, None);
    let mut out = Vec::new();
    for line in code.lines() {
        let trimmed = line.trim();
        if covered.is_none() && trimmed.starts_with("#[cfg(unix)]") {
            pending = true;
            out.push(true);
            continue;
        }
        if pending && !trimmed.is_empty() && !trimmed.starts_with("#[") {
            (pending, covered) = (false, Some(depth));
        }
        out.push(covered.is_some());
        depth += line.matches(['{', '(']).count();
        depth = depth.saturating_sub(line.matches(['}', ')']).count());
        let ends = trimmed.ends_with([';', '}', ',']);
        if ends && covered.is_some_and(|from| depth <= from) {
            covered = None;
        }
    }
    out
}

#[test]
fn what_only_unix_has_stands_in_the_terminal_layer_and_behind_cfg() {
    // The name of the host, for the lock of a session; the end of what a credential plugin started.
    const EXCEPT: &[&str] = &["src/session/lock.rs", "src/cluster/exec.rs"];
    let mut wrong = Vec::new();
    let mut seen = 0;
    for path in sources().iter().filter(|p| !is_test_file(p)) {
        let (module, code) = (module_of(path), code(path));
        let free = behind_cfg(&code);
        for (at, line) in code.lines().enumerate() {
            // Rights of files exist elsewhere in another form: each place says them for Unix.
            let rights = line.contains("os::unix::fs");
            let system = ["rustix::", "signal::unix", "libc::", "/dev/tty", "/proc/"];
            let special = system.iter().any(|word| line.contains(word));
            if !rights && !special {
                continue;
            }
            seen += 1;
            let place = format!("{}:{}", path.display(), at + 1);
            if !free[at] {
                wrong.push(format!("{place}: not behind #[cfg(unix)]: {}", line.trim()));
            }
            if special && module != "term" && !EXCEPT.iter().any(|e| path.ends_with(e)) {
                wrong.push(format!("{place}: belongs into `term`: {}", line.trim()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(seen > 10, "the test looks at nothing");
    let sample = "#[cfg(unix)]\nfn a() {\n    rustix::b();\n}\nrustix::c();\n";
    assert_eq!(behind_cfg(sample), [true, true, true, true, false]);
}

#[test]
fn files_are_made_in_one_place() {
    let mut wrong = Vec::new();
    let mut seen = 0;
    for path in sources().iter().filter(|p| !is_test_file(p)) {
        let code = code(path);
        for word in ["create_new(", "OpenOptionsExt", "DirBuilder", "fs::write(", "File::create("] {
            match (code.contains(word), path.ends_with("src/fresh.rs")) {
                (true, true) => seen += 1,
                // The disk of sessions has a file of one name made anew by rules of its own.
                (true, false) if !path.ends_with("src/session/disk.rs") => {
                    wrong.push(format!("{}: `{word}`; see `fresh`", path.display()));
                }
                _ => {}
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(seen, 3, "the test looks at nothing");
}

/// A pipe in the place of a file of a session would be waited for without end.
#[test]
fn files_of_sessions_are_opened_where_pipes_are_refused() {
    let of_sessions = |path: &&PathBuf| module_of(path) == "session" && !is_test_file(path);
    let all = sources();
    let mut opens = 0;
    for path in all.iter().filter(of_sessions) {
        let code = code(path);
        for word in ["File::open(", "fs::read(", "fs::read_to_string("] {
            assert!(!code.contains(word), "{}: `{word}`; see `fresh::open`", path.display());
        }
        opens += code.matches("fresh::open(").count();
    }
    assert!(opens >= 5, "the test looks at nothing");
}

#[test]
fn no_sign_needs_a_font_of_its_own() {
    let mut wrong = Vec::new();
    for path in sources() {
        let odd = |c: &char| matches!(u32::from(*c), 0xE000..=0xF8FF | 0xF_0000.. | 0x2800..=0x28FF | 0x1_F000..=0x1_FFFF);
        if !is_test_file(&path)
            && let Some(c) = code(&path).chars().find(odd)
        {
            wrong.push(format!("{}: U+{:X}", path.display(), u32::from(c)));
        }
    }
    assert!(wrong.is_empty(), "private glyphs, Braille or emoji: {}", wrong.join(", "));
}

#[test]
fn nothing_in_the_cluster_module_can_write() {
    let (mut wrong, mut made, mut sent) = (Vec::new(), Vec::new(), Vec::new());
    let all = sources();
    for path in all.iter().filter(|p| module_of(p) == "cluster" && !is_test_file(p)) {
        let code = code(path);
        for (at, _) in code.match_indices("Request::") {
            // Such as `ReadRequest`, which is what to read.
            let longer = code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_');
            match code[at..].starts_with("Request::get(") {
                _ if longer => {}
                true => made.push(path),
                false => wrong.push(format!("{}: a request that is no `get`", path.display())),
            }
        }
        sent.extend(code.match_indices("client.send(").map(|_| path));
        // Whatever else of the crates makes or sends a request.
        for word in [
            "Method::",
            "Api::",
            "Api<",
            ".request(",
            ".request_text(",
            ".request_stream(",
            ".oneshot(",
            ".call(",
            ".create(",
            ".patch(",
            ".replace(",
            ".delete(",
            "delete_collection",
        ] {
            if code.contains(word) {
                wrong.push(format!("{}: `{word}`", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let place = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/cluster/request.rs");
    assert_eq!(made, [&place], "requests are made in one place");
    assert_eq!(sent, [&place], "and sent from one");
    let made = code(&place);
    let gate = made.find("gate::pass(url, accept)?;").expect("every request passes the gate");
    assert!(made.find("Request::get(").is_some_and(|request| gate < request), "before it is made");
}

#[test]
fn every_module_of_the_table_exists() {
    let found: BTreeSet<String> = sources().iter().map(|p| module_of(p)).collect();
    for (module, _, _) in TABLE {
        assert!(found.contains(*module), "`{module}` stands in the table and nowhere else");
    }
}

/// The modules of the picture in ARCHITECTURE.md, row by row from the top.
fn rows_of_the_map() -> Vec<Vec<&'static str>> {
    let map = include_str!("../ARCHITECTURE.md");
    let picture = map.split("## Layers").nth(1).and_then(|rest| rest.split("```").nth(1)).unwrap();
    let names = |row: &'static str| row.trim().split("   ").next().unwrap().split_whitespace();
    picture.lines().filter(|row| !row.trim().is_empty()).map(|row| names(row).collect()).collect()
}

#[test]
fn the_map_has_every_module_above_what_it_uses() {
    let rows = rows_of_the_map();
    let row_of = |module: &str| rows.iter().position(|row| row.contains(&module));
    let shown: usize = rows.iter().map(Vec::len).sum();
    assert_eq!(shown, TABLE.len(), "the map and the table have the same modules, each once");
    for (module, uses, _) in TABLE {
        let row = row_of(module).unwrap_or_else(|| panic!("`{module}` is not on the map"));
        for used in uses.iter().filter(|used| *used != module) {
            let below = row_of(used).is_some_and(|other| other > row);
            assert!(below, "`{used}` does not stand below `{module}`, which may use it");
        }
    }
}

/// Every page of the documentation, and those at the root.
fn pages() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut out: Vec<PathBuf> =
        ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md"].map(|name| root.join(name)).into();
    walk(&root.join("docs"), "md", &mut out);
    out.sort();
    out
}

#[test]
fn links_between_pages_lead_somewhere() {
    let (mut wrong, mut seen) = (Vec::new(), 0);
    for page in pages() {
        let text = std::fs::read_to_string(&page).unwrap();
        for (at, _) in text.match_indices("](") {
            let target = text[at + 2..].split(')').next().unwrap();
            let file = target.split('#').next().unwrap();
            if target.contains("://") || file.is_empty() {
                continue;
            }
            seen += 1;
            if !page.parent().unwrap().join(file).exists() {
                wrong.push(format!("{}: {target}", page.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(seen > 50, "{seen}");
}

#[test]
fn what_pages_name_of_the_code_is_there() {
    let known: BTreeSet<&str> = TABLE.iter().map(|(module, ..)| *module).collect();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let all = sources();
    let (mut wrong, mut seen) = (Vec::new(), 0);
    let ours = |page: &Path| {
        page.ends_with("ARCHITECTURE.md") || page.parent().unwrap().ends_with("internals")
    };
    for page in pages().iter().filter(|page| ours(page)) {
        let text = std::fs::read_to_string(page).unwrap();
        for name in text.split('`').skip(1).step_by(2) {
            let Some((module, rest)) = name.split_once("::") else { continue };
            if !known.contains(module) {
                continue;
            }
            seen += 1;
            // The part behind the module is one of its files, or something that its code declares.
            let next = rest.split("::").next().unwrap();
            let word = next.trim_end_matches(|c: char| !c.is_alphanumeric() && c != '_');
            let word = word.split('(').next().unwrap();
            let file = root.join("src").join(module).join(format!("{word}.rs"));
            let declared = || {
                let kinds = ["fn", "struct", "enum", "trait", "type", "mod", "const"];
                let declares = |code: &str| {
                    kinds.iter().any(|kind| code.contains(&format!("pub {kind} {word}")))
                };
                let own = |path: &&PathBuf| module_of(path) == module;
                all.iter().filter(own).any(|path| declares(&code(path)))
            };
            if !word.is_empty() && !file.exists() && !declared() {
                wrong.push(format!("{}: `{name}`", page.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(seen > 50, "{seen}");
}
