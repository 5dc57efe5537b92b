//! The script that makes the files of a release. The program that it packs is a small stand-in: that of
//! the tests is large, and writes the man pages and completions.

use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::Path;
use std::process::Command;

use sha2::{Digest as _, Sha256};

use super::{root, script, text};

const BINARY: &str = env!("CARGO_BIN_EXE_plimsoll");
const PROGRAM: &str = "#!/bin/sh\necho stand-in\n";

fn version() -> &'static str {
    env!("CARGO_PKG_VERSION")
}

fn host() -> String {
    let rustc = Command::new("rustc").arg("-vV").output().unwrap();
    let told = text(&rustc.stdout);
    told.lines().find_map(|line| line.strip_prefix("host: ")).unwrap().to_owned()
}

fn digest(bytes: impl AsRef<[u8]>) -> String {
    Sha256::digest(bytes).iter().map(|b| format!("{b:02x}")).collect()
}

/// Makes a release of this binary in a directory.
fn make(dir: &Path, name: &str) -> std::path::PathBuf {
    let out = dir.join(name);
    let (bom, notices) = (dir.join("bom.json"), dir.join("notices.txt"));
    let program = dir.join("program");
    std::fs::write(&program, PROGRAM).unwrap();
    #[cfg(unix)]
    std::fs::set_permissions(&program, std::os::unix::fs::PermissionsExt::from_mode(0o700))
        .unwrap();
    std::fs::write(&bom, format!("{{\"content\": \"{}\"}}\n", digest(PROGRAM))).unwrap();
    std::fs::write(&notices, "terms\n").unwrap();
    let path = |path: &Path| path.to_str().unwrap().to_owned();
    let [program, out_path, bom, notices] = [&program, &out, &bom, &notices].map(|p| path(p));
    let mut args = vec!["--binary", &program, "--helper", BINARY, "--out", &out_path];
    args.extend(["--bom", &bom, "--notices", &notices]);
    let made = script("release.sh", &args);
    assert!(made.status.success(), "{}{}", text(&made.stdout), text(&made.stderr));
    assert!(text(&made.stdout).contains("links "), "{}", text(&made.stdout));
    out
}

/// Path to content and mode.
fn unpack(archive: &Path) -> BTreeMap<String, (u32, Vec<u8>)> {
    let packed = std::fs::File::open(archive).unwrap();
    let plain = Command::new("gzip").arg("-dc").stdin(packed).output().unwrap();
    let mut archive = tar::Archive::new(&*plain.stdout);
    let mut files = BTreeMap::new();
    for entry in archive.entries().unwrap() {
        let mut entry = entry.unwrap();
        let header = entry.header().clone();
        assert_eq!((header.uid().unwrap(), header.gid().unwrap()), (0, 0));
        assert_eq!(header.mtime().unwrap(), 1_700_000_000);
        if header.entry_type().is_dir() {
            continue;
        }
        let mut content = Vec::new();
        entry.read_to_end(&mut content).unwrap();
        let path = entry.path().unwrap().to_str().unwrap().to_owned();
        files.insert(path, (header.mode().unwrap() & 0o777, content));
    }
    files
}

#[test]
fn an_archive_holds_the_program_and_what_belongs_to_it() {
    let gnu = Command::new("tar").arg("--version").output();
    if !gnu.is_ok_and(|told| String::from_utf8_lossy(&told.stdout).contains("GNU")) {
        eprintln!("DID NOT RUN: there is no GNU tar");
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let out = make(dir.path(), "one");
    let name = format!("plimsoll-{}-{}", version(), host());
    let archive = out.join(format!("{name}.tar.gz"));
    let files = unpack(&archive);
    let program = &files[&format!("{name}/plimsoll")];
    assert_eq!(program.0, 0o755);
    assert!(program.1 == PROGRAM.as_bytes(), "another program");
    assert_eq!(files[&format!("{name}/LICENSE")].1, std::fs::read(root().join("LICENSE")).unwrap());
    assert_eq!(files[&format!("{name}/THIRD-PARTY.txt")].1, b"terms\n");
    for file in [
        "README.md",
        "CHANGELOG.md",
        "share/man/man1/plimsoll.1",
        "share/man/man1/plimsoll-sessions-list.1",
        "share/bash-completion/completions/plimsoll",
        "share/zsh/site-functions/_plimsoll",
        "share/fish/vendor_completions.d/plimsoll.fish",
    ] {
        assert_eq!(files[&format!("{name}/{file}")].0, 0o644, "{file}");
    }
    // What the sums say is so, and they are of everything.
    let sums = std::fs::read_to_string(out.join("SHA256SUMS")).unwrap();
    let mut named = Vec::new();
    for line in sums.lines() {
        let (digest, file) = line.split_once("  ").unwrap();
        let bytes = std::fs::read(out.join(file)).unwrap();
        assert_eq!(self::digest(bytes), digest, "{file}");
        named.push(file.to_owned());
    }
    named.sort();
    assert_eq!(named, [format!("{name}.cdx.json"), format!("{name}.tar.gz")]);
    // Made again from the same, it is the same.
    let again = make(dir.path(), "two").join(format!("{name}.tar.gz"));
    assert!(std::fs::read(archive).unwrap() == std::fs::read(again).unwrap(), "other bytes");
}

#[test]
fn wrong_words_are_refused_before_anything_is_made() {
    let dir = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = dir.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let (bom, notices) =
        (file("bom.json", "{\"content\": \"0123\"}"), file("notices.txt", "terms"));
    let out = dir.path().join("out");
    let out = out.to_str().unwrap();
    let packed = ["--out", out, "--binary", BINARY];
    for (args, why) in [
        (vec!["--frob", "x"], "no option --frob"),
        (vec!["--target"], "--target wants a value"),
        (vec!["--out", out, "--binary", "no-such-program"], "no-such-program"),
        (vec!["--out", out, "--binary", dir.path().to_str().unwrap()], "there is no program"),
        ([&packed[..], &["--target", "sparc-sun-solaris"]].concat(), "give --helper"),
        ([&packed[..], &["--bom", &bom]].concat(), "belong together"),
        ([&packed[..], &["--bom", &bom, "--notices", "no-such-file"]].concat(), "no file"),
        ([&packed[..], &["--bom", &bom, "--notices", &notices]].concat(), "of another program"),
    ] {
        let made = script("release.sh", &args);
        assert_eq!(made.status.code(), Some(2), "{args:?}");
        assert!(text(&made.stderr).contains(why), "{args:?}: {}", text(&made.stderr));
        assert!(!Path::new(out).exists(), "{args:?}");
    }
}

#[test]
fn paths_are_those_of_where_it_is_called() {
    let dir = tempfile::tempdir().unwrap();
    let made = Command::new("bash")
        .arg(root().join("packaging/release.sh"))
        .args(["--binary", "program", "--bom", "bom.json", "--notices", "notices.txt"])
        .args(["--helper", BINARY, "--out", "out"])
        .env("SOURCE_DATE_EPOCH", "1700000000")
        .current_dir({
            make(dir.path(), "before");
            dir.path()
        })
        .output()
        .unwrap();
    assert!(made.status.success(), "{}", text(&made.stderr));
    let before = std::fs::read(dir.path().join("before/SHA256SUMS")).unwrap();
    assert!(before == std::fs::read(dir.path().join("out/SHA256SUMS")).unwrap());
}
