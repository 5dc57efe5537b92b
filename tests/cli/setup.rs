//! `plimsoll setup`: man pages and completions installed, renewed and taken away.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::sandbox::{Run, Sandbox, text};

/// All files below a directory, with their contents.
fn tree(dir: &Path) -> BTreeMap<String, String> {
    fn walk(dir: &Path, root: &Path, out: &mut BTreeMap<String, String>) {
        for entry in std::fs::read_dir(dir).into_iter().flatten() {
            let path = entry.unwrap().path();
            if path.is_dir() && !path.is_symlink() {
                walk(&path, root, out);
            } else {
                let name = path.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
                out.insert(name, std::fs::read_to_string(&path).unwrap_or_default());
            }
        }
    }
    let mut out = BTreeMap::new();
    walk(dir, dir, &mut out);
    out
}

fn setup(sandbox: &Sandbox, shell: &str, args: &[&str]) -> Run {
    sandbox.run_in(&[&["setup"], args].concat(), &[("SHELL", shell), ("PATH", "/usr/bin:/bin")])
}

const BASH: &str = ".local/share/bash-completion/completions/plimsoll";
const ZSH: &str = ".local/share/zsh/site-functions/_plimsoll";
const FISH: &str = ".config/fish/completions/plimsoll.fish";
const MAN: &str = ".local/share/man/man1/plimsoll.1";

#[test]
fn one_command_installs_for_the_shell_of_the_user() {
    let sandbox = Sandbox::new();
    let home = sandbox.path("home");
    let dry = setup(&sandbox, "/bin/bash", &["--dry-run"]);
    assert_eq!(dry.status, 0, "{}", dry.err);
    assert!(dry.out.contains(&format!("would write {}", text(&home.join(BASH)))), "{}", dry.out);
    assert_eq!(tree(&home), BTreeMap::new());

    let first = setup(&sandbox, "/bin/bash", &[]);
    assert_eq!(first.status, 0, "{}", first.err);
    let files = tree(&home);
    assert!(files.contains_key(BASH) && files.contains_key(MAN), "{files:?}");
    assert!(!files.contains_key(ZSH) && !files.contains_key(FISH));
    // It did what the dry run said, and says where each file is.
    assert_eq!(first.out, dry.out.replace("would write", "wrote"));
    let pages = files.keys().filter(|file| file.contains("man/man1/")).count();
    let man = home.join(".local/share/man/man1");
    let lines = [
        format!("wrote {pages} man pages in {}", text(&man)),
        format!("wrote {}", text(&home.join(BASH))),
    ];
    assert_eq!(first.out.lines().collect::<Vec<_>>(), lines);
    assert!(files.keys().any(|file| file.ends_with("man1/plimsoll-sessions-decisions-export.1")));
    assert!(first.err.starts_with("\nleft to do:\n  bash: "), "{}", first.err);
    assert!(first.err.contains("bash-completion") && first.err.contains("man -M"), "{}", first.err);

    let again = setup(&sandbox, "/bin/bash", &[]);
    assert_eq!(again.status, 0);
    assert!(again.out.lines().all(|line| line.starts_with("unchanged ")), "{}", again.out);
    assert_eq!(tree(&home), files);
}

#[test]
fn shells_are_chosen_and_everything_is_taken_away() {
    let sandbox = Sandbox::new();
    let home = sandbox.path("home");
    let all = setup(&sandbox, "", &["--shell", "bash,zsh,fish", "--kubectl"]);
    assert_eq!(all.status, 0, "{}", all.err);
    let files = tree(&home);
    for file in [BASH, ZSH, FISH, MAN, ".local/bin/kubectl_complete-plimsoll"] {
        assert!(files.contains_key(file), "{file}: {files:?}");
    }
    let link = std::fs::read_link(home.join(".local/bin/kubectl-plimsoll")).unwrap();
    assert_eq!(link, Path::new(env!("CARGO_BIN_EXE_plimsoll")).canonicalize().unwrap());
    assert!(all.err.contains("fpath=(") && all.err.contains("on the PATH"), "{}", all.err);
    #[cfg(unix)]
    for (file, mode) in
        [(BASH, 0o644), (MAN, 0o644), (".local/bin/kubectl_complete-plimsoll", 0o755)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let is = home.join(file).metadata().unwrap().permissions().mode() & 0o777;
        // Whoever runs the tests may keep more from others.
        assert_eq!((is & !mode, is & 0o600), (0, 0o600), "{file}");
    }
    // What is not ours survives, and a page of an earlier version goes.
    let mark = files[MAN].lines().next().unwrap().to_owned();
    sandbox.write("home/.local/share/man/man1/plimsoll-old.1", format!("{mark}\nold\n"));
    sandbox.write("home/.local/share/man/man1/other.1", "other");
    let away = setup(&sandbox, "", &["--remove"]);
    assert_eq!(away.status, 0, "{}", away.err);
    let left: Vec<String> = tree(&home).into_keys().collect();
    assert_eq!(left, [".local/share/man/man1/other.1"]);
    assert!(away.out.contains(" man pages from "), "{}", away.out);
    // Directories that were made for it go with it.
    let dirs = |dir: &str| home.join(dir).exists();
    assert!(!dirs(".local/bin") && !dirs(".config") && !dirs(".local/share/zsh"));
    let nothing = setup(&sandbox, "", &["--remove"]);
    assert_eq!((nothing.status, &*nothing.out, &*nothing.err), (0, "", ""));
}

#[test]
fn a_file_of_somebody_else_is_left_unless_it_is_asked_for() {
    let sandbox = Sandbox::new();
    let own = sandbox.write(&format!("home/{BASH}"), "complete -W mine plimsoll\n");
    let refused = setup(&sandbox, "/bin/bash", &[]);
    assert_eq!(refused.status, 2);
    for word in [text(&own), "left as it is", "--force"] {
        assert!(refused.err.contains(word), "{word}: {}", refused.err);
    }
    assert_eq!(std::fs::read_to_string(&own).unwrap(), "complete -W mine plimsoll\n");
    // The rest is there.
    assert!(sandbox.path("home").join(MAN).is_file());
    let away = setup(&sandbox, "", &["--remove"]);
    assert_eq!((away.status, own.is_file()), (2, true), "{}", away.err);
    let forced = setup(&sandbox, "/bin/bash", &["--force"]);
    assert_eq!(forced.status, 0, "{}", forced.err);
    assert!(forced.out.contains(&format!("replaced {}", text(&own))), "{}", forced.out);
    assert!(std::fs::read_to_string(&own).unwrap().contains("plimsoll completions bash"));
}

#[test]
fn a_place_that_cannot_be_written_is_named() {
    let sandbox = Sandbox::new();
    sandbox.write("home/.local", "a file");
    let run = setup(&sandbox, "/bin/bash", &[]);
    assert_eq!(run.status, 2);
    assert!(run.err.contains(MAN), "{}", run.err);
    let nowhere = sandbox.run_in(&["setup"], &[("HOME", ""), ("SHELL", "/bin/bash")]);
    nowhere.refuses(2, &["no home directory", "--prefix"]);
}

#[test]
fn a_shell_that_is_not_known_still_gets_man_pages() {
    let sandbox = Sandbox::new();
    let run = setup(&sandbox, "/usr/bin/nu", &[]);
    assert_eq!(run.status, 0);
    assert!(run.err.contains("--shell"), "{}", run.err);
    assert!(sandbox.path("home").join(MAN).is_file());
    setup(&sandbox, "", &["--shell", "nu"]).refuses(2, &["bash", "zsh", "fish"]);
}

#[test]
fn packagers_get_a_tree_under_their_prefix() {
    let sandbox = Sandbox::new();
    let prefix = sandbox.path("stage/usr");
    let args = ["--prefix", text(&prefix), "--shell", "bash,zsh,fish", "--kubectl"];
    let run = setup(&sandbox, "", &args);
    assert_eq!((run.status, &*run.err), (0, ""));
    let files = tree(&prefix);
    for file in [
        "share/man/man1/plimsoll-scan.1",
        "share/bash-completion/completions/plimsoll",
        "share/zsh/site-functions/_plimsoll",
        "share/fish/vendor_completions.d/plimsoll.fish",
        "bin/kubectl_complete-plimsoll",
    ] {
        assert!(files.contains_key(file), "{file}");
    }
    // The program will stand beside its link.
    assert_eq!(
        std::fs::read_link(prefix.join("bin/kubectl-plimsoll")).unwrap(),
        PathBuf::from("plimsoll")
    );
    assert!(!sandbox.path("home").exists());
    assert!(!files.values().any(|content| content.contains(text(&prefix))));
}

#[test]
fn what_is_installed_is_what_the_readers_take() {
    let sandbox = Sandbox::new();
    let prefix = sandbox.path("p");
    let args = ["--prefix", text(&prefix), "--shell", "bash,zsh,fish", "--kubectl"];
    assert_eq!(setup(&sandbox, "", &args).status, 0);
    let share = prefix.join("share");
    for (program, check, file) in [
        ("bash", "-n", "bash-completion/completions/plimsoll"),
        ("zsh", "-n", "zsh/site-functions/_plimsoll"),
        ("fish", "-n", "fish/vendor_completions.d/plimsoll.fish"),
        ("sh", "-n", "../bin/kubectl_complete-plimsoll"),
    ] {
        takes(program, &[check], &share.join(file));
    }
    for page in std::fs::read_dir(share.join("man/man1")).unwrap() {
        let page = page.unwrap().path();
        takes("mandoc", &["-T", "lint", "-W", "error"], &page);
        let Some(output) = takes("man", &["--warnings", "-l", "-Tutf8"], &page) else { continue };
        assert_eq!(output.1, "", "{}", page.display());
        let name = page.file_stem().unwrap().to_str().unwrap().to_uppercase();
        assert!(output.0.contains(&name), "{}", output.0);
    }
}

/// Has a program read a file, if it is there: what it printed and what it complained of.
fn takes(program: &str, args: &[&str], file: &Path) -> Option<(String, String)> {
    let mut command = std::process::Command::new(program);
    command.args(args).arg(file).env("LC_ALL", "C.UTF-8").env("MANWIDTH", "100");
    let output = command.stdin(std::process::Stdio::null()).output().ok()?;
    let all =
        [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    assert!(output.status.success(), "{program} {}: {all:?}", file.display());
    let [out, err] = all;
    Some((out, err))
}
