//! What a binary needs of the machine it runs on.

use std::process::Command;

use super::{script, text};

const BINARY: &str = env!("CARGO_BIN_EXE_plimsoll");

#[cfg(target_os = "linux")]
#[test]
fn only_the_system_s_own_libraries_are_linked() {
    // TLS, compression and the terminal are compiled in: what is handed out runs where glibc is.
    const KNOWN: [&str; 8] =
        ["linux-vdso", "linux-gate", "libc", "libm", "libgcc_s", "libpthread", "libdl", "librt"];
    // What the linker of a developer preloads is none of the binary's.
    let output = Command::new("ldd").arg(BINARY).env_remove("LD_PRELOAD").output();
    let Ok(output) = output else {
        eprintln!("DID NOT RUN: there is no ldd");
        return;
    };
    let list = text(&output.stdout);
    let names: Vec<&str> = list.split_whitespace().filter(|word| word.contains(".so")).collect();
    assert!(names.iter().any(|name| name.starts_with("libc.so")), "{list}");
    for name in names {
        let name = name.rsplit('/').next().unwrap();
        let known = KNOWN.contains(&name.split(".so").next().unwrap()) || name.starts_with("ld-");
        assert!(known, "{name} is linked: {list}");
    }
}

#[test]
fn size_and_links_are_told() {
    let told = script("size.sh", &[BINARY]);
    let out = text(&told.stdout);
    assert!(told.status.success(), "{out}{}", text(&told.stderr));
    let size = std::fs::metadata(BINARY).unwrap().len();
    assert!(out.contains(&format!("size      {size} bytes")), "{out}");
    assert!(out.lines().any(|line| line.starts_with("links ")), "{out}");
    let none = script("size.sh", &["no-such-program"]);
    assert_eq!(none.status.code(), Some(2));
    assert!(text(&none.stderr).contains("no-such-program"));
}
