//! Bundles: made, checked by somebody else, and tampered with.

use std::collections::BTreeMap;
use std::io::Read as _;

use serde_json::Value;

use super::sandbox::{Run, Sandbox};
use super::sessions::session;

/// A bundle of a session, and who signed it.
fn bundled(sandbox: &Sandbox) -> (Vec<u8>, String) {
    session(sandbox, "prod \u{1b}[31m");
    let made = sandbox.run(&["sessions", "bundle", "last", "--output-file", "b.tar"]);
    assert_eq!((made.status, &*made.out), (0, ""), "{}", made.err);
    let key = sandbox.run(&["sessions", "key"]);
    assert_eq!(key.status, 0, "{}", key.err);
    let fingerprint = key.err.trim().trim_start_matches("fingerprint ").to_owned();
    assert!(fingerprint.starts_with("sha256:") && made.err.contains(&fingerprint), "{}", made.err);
    sandbox.write("key.pem", key.out);
    (std::fs::read(sandbox.path("b.tar")).unwrap(), fingerprint)
}

/// What any tar program finds in it.
fn members(bundle: &[u8]) -> BTreeMap<String, Vec<u8>> {
    let mut archive = tar::Archive::new(bundle);
    let entries = archive.entries().unwrap().map(|entry| {
        let mut entry = entry.unwrap();
        let path = entry.path().unwrap().to_str().unwrap().to_owned();
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).unwrap();
        (path.strip_prefix("plimsoll-bundle/").unwrap().to_owned(), bytes)
    });
    entries.collect()
}

fn json(bytes: &[u8]) -> Value {
    serde_json::from_slice(bytes).unwrap()
}

/// On a computer that has nothing but the bundle and a configuration that is broken.
fn elsewhere(bundle: &[u8], args: &[&str]) -> Run {
    let sandbox = Sandbox::new();
    sandbox.write("config/config.toml", "what = is this");
    sandbox.write("b.tar", bundle);
    sandbox.run(&[&["verify", "b.tar"], args].concat())
}

#[test]
fn a_bundle_is_checked_by_somebody_who_has_nothing_else() {
    let sandbox = Sandbox::new();
    let (bundle, fingerprint) = bundled(&sandbox);
    let key = sandbox.path("key.pem");
    let fits = elsewhere(&bundle, &["--public-key", super::sandbox::text(&key)]);
    assert_eq!((fits.status, &*fits.err), (0, ""));
    for word in [
        "b.tar fits",
        "prod \\u{1b}[31m",
        "files, web.yaml",
        "4 entries",
        "1 accepted",
        &format!("{fingerprint}, the key that was given"),
    ] {
        assert!(fits.out.contains(word), "no `{word}` in {}", fits.out);
    }
    let alone = elsewhere(&bundle, &[]);
    assert_eq!(alone.status, 0);
    assert!(alone.out.contains("whose key that is, nothing here proves"), "{}", alone.out);
    let json = elsewhere(&bundle, &["--json"]).json();
    assert_eq!(json["fits"], true);
    assert_eq!((&json["signer"], &json["trusted"]), (&fingerprint.into(), &false.into()));
    assert_eq!(json["about"]["decisions"]["accepted"], 1);
}

#[test]
fn a_bundle_holds_everything_that_the_manifest_names() {
    let sandbox = Sandbox::new();
    let (bundle, _) = bundled(&sandbox);
    let members = members(&bundle);
    let names: Vec<&str> = members.keys().map(String::as_str).collect();
    for name in [
        "manifest.json",
        "manifest.sig",
        "signer.pem",
        "session/journal.jsonl",
        "session/runs/1.json.zst",
        "reads.json",
        "content.json",
        "reports/report.json",
        "reports/report.md",
    ] {
        assert!(names.contains(&name), "no {name} in {names:?}");
    }
    let manifest = json(&members["manifest.json"]);
    assert_eq!(manifest["schema"], "plimsoll.bundle/v1");
    assert_eq!(manifest["members"].as_array().unwrap().len() + 3, members.len());
    let report = json(&members["reports/report.json"]);
    super::document::validate(&report);
    assert_eq!(report["findings"][0]["decision"], "accepted");
    let content = json(&members["content.json"]);
    assert_eq!(content["digest"], manifest["content"]);
    assert!(content["frameworks"].as_array().unwrap().iter().any(|f| f["id"] == "pss-baseline"));
    assert_eq!(json(&members["reads.json"])[0]["run"], 1);
}

#[test]
fn the_same_state_makes_the_same_bundle_and_never_over_a_file() {
    let sandbox = Sandbox::new();
    let (bundle, _) = bundled(&sandbox);
    let args = ["sessions", "bundle", "last", "--output-file", "b.tar"];
    sandbox.run(&args).refuses(2, &["b.tar exists", "nothing is overwritten"]);
    assert_eq!(std::fs::read(sandbox.path("b.tar")).unwrap(), bundle);
    let again = sandbox.run(&["sessions", "bundle", "last", "--output-file", "c.tar"]);
    assert_eq!(again.status, 0, "{}", again.err);
    assert_eq!(std::fs::read(sandbox.path("c.tar")).unwrap(), bundle);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        for path in [sandbox.path("b.tar"), sandbox.data().join("keys/signing.pem")] {
            assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        }
    }
}

#[test]
fn what_does_not_fit_is_named() {
    let sandbox = Sandbox::new();
    let (bundle, _) = bundled(&sandbox);
    let at = |text: &str| {
        let found = bundle.windows(text.len()).rposition(|w| w == text.as_bytes());
        found.unwrap_or_else(|| panic!("no {text}"))
    };
    // In the journal, where the chain tells the entry; the name of the approver stands there last.
    let journal = bundle.windows(8).position(|w| w == b"\"grace\",").unwrap();
    for (at, words) in [
        (journal + 2, ["session/journal.jsonl, entry 3", "changed after it was written"]),
        (at("# Compliance"), ["reports/report.md", "its sha256 is not the one in the manifest"]),
        (at("\"schema\": \"plimsoll.bundle"), ["manifest.sig", "not a signature of manifest.json"]),
        (bundle.len() - 1, ["after its end", ""]),
    ] {
        let mut changed = bundle.clone();
        changed[at] ^= 1;
        let run = elsewhere(&changed, &[]);
        assert_eq!((run.status, &*run.err), (1, ""), "{}", run.out);
        assert!(run.out.starts_with("b.tar does not fit"), "{}", run.out);
        for word in words {
            assert!(run.out.contains(word), "no `{word}` in {}", run.out);
        }
        let json = elsewhere(&changed, &["--json"]).json();
        assert_eq!(json["fits"], false);
    }
    let cut = elsewhere(&bundle[..bundle.len() - 700], &[]);
    assert_eq!(cut.status, 1);
    assert!(cut.out.contains("it was cut"), "{}", cut.out);
}

#[test]
fn another_key_is_not_the_one_that_is_trusted() {
    let sandbox = Sandbox::new();
    let (bundle, _) = bundled(&sandbox);
    let other = Sandbox::new();
    let key = other.run(&["sessions", "key"]).out;
    let path = other.write("key.pem", key);
    let refused = elsewhere(&bundle, &["--public-key", super::sandbox::text(&path)]);
    assert_eq!(refused.status, 1, "{}", refused.err);
    assert!(refused.out.contains("not with the one given"), "{}", refused.out);
    let none = other.write("none.pem", "hello");
    elsewhere(&bundle, &["--public-key", super::sandbox::text(&none)])
        .refuses(2, &["none.pem: this is no ed25519 public key"]);
}

#[test]
fn what_cannot_be_read_is_no_bundle() {
    let sandbox = Sandbox::new();
    sandbox.run(&["verify", "none.tar"]).refuses(3, &["none.tar: "]);
    sandbox.write("text", "x".repeat(2000));
    sandbox.run(&["verify", "text"]).refuses(3, &["text: this is no bundle"]);
    sandbox.write("empty", "");
    sandbox.run(&["verify", "empty"]).refuses(3, &["empty: this is no bundle"]);
    std::fs::create_dir(sandbox.path("dir")).unwrap();
    sandbox.run(&["verify", "dir"]).refuses(3, &["no directory of a session"]);
    sandbox.run(&["verify"]).refuses(2, &["<BUNDLE>"]);
}

#[test]
fn the_directory_of_a_session_is_checked_without_a_signature() {
    let sandbox = Sandbox::new();
    let held = session(&sandbox, "prod");
    let dir = held.dir().to_owned();
    let dir = super::sandbox::text(&dir);
    let fits = sandbox.run(&["verify", dir]);
    assert_eq!((fits.status, &*fits.err), (0, ""));
    assert!(fits.out.contains("signed by  nobody") && fits.out.contains(held.id()), "{}", fits.out);
    sandbox.write("key.pem", sandbox.run(&["sessions", "key"]).out);
    sandbox.run(&["verify", dir, "--public-key", "key.pem"]).refuses(2, &["nothing is signed"]);
    std::fs::remove_file(held.dir().join("runs/1.json.zst")).unwrap();
    let run = sandbox.run(&["verify", dir]);
    assert_eq!(run.status, 1);
    assert!(run.out.contains("runs/1.json.zst"), "{}", run.out);
}

#[test]
fn a_key_of_ones_own_signs_and_an_open_one_does_not() {
    let sandbox = Sandbox::new();
    session(&sandbox, "prod");
    // The example of RFC 8410, as openssl writes a key.
    let rfc = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n-----END PRIVATE KEY-----\n";
    let path = sandbox.write("own.pem", rfc);
    let mode = |mode: u32| {
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
        }
    };
    let args = ["sessions", "bundle", "last", "--output-file", "b.tar", "--key", "own.pem"];
    if cfg!(unix) {
        mode(0o644);
        sandbox.run(&args).refuses(2, &["own.pem: others may read this private key"]);
        assert!(!sandbox.path("b.tar").exists());
    }
    mode(0o600);
    let made = sandbox.run(&args);
    assert_eq!(made.status, 0, "{}", made.err);
    assert!(!sandbox.data().join("keys").exists(), "no other key was made");
    let public = sandbox.run(&["sessions", "key", "--key", "own.pem"]).out;
    assert!(public.contains("MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE="));
    sandbox.write("public.pem", public);
    assert_eq!(sandbox.run(&["verify", "b.tar", "--public-key", "public.pem"]).status, 0);
    std::fs::write(&path, "-----BEGIN RSA PRIVATE KEY-----").unwrap();
    let args = ["sessions", "bundle", "last", "--output-file", "c.tar", "--key", "own.pem"];
    sandbox.run(&args).refuses(2, &["no ed25519 private key", "openssl genpkey"]);
}

#[test]
fn a_session_that_is_damaged_or_without_a_run() {
    let sandbox = Sandbox::new();
    let held = session(&sandbox, "prod");
    let run = held.dir().join("runs/1.json.zst");
    let whole = std::fs::read(&run).unwrap();
    std::fs::write(&run, "x").unwrap();
    let args = ["sessions", "bundle", "last", "--output-file", "b.tar"];
    sandbox.run(&args).refuses(2, &["1.json.zst", "changed after it was written"]);
    assert!(!sandbox.path("b.tar").exists());
    // The rest of the session is shown all the same, and what is damaged is said.
    let show = sandbox.run(&["sessions", "show", "last"]);
    assert_eq!(show.status, 0);
    assert!(show.out.contains("accepted"), "{}", show.out);
    assert!(show.err.contains("damaged: ") && show.err.contains("1.json.zst"), "{}", show.err);
    std::fs::write(&run, whole).unwrap();
    // Somebody else has it open: what it holds can be bundled.
    let made = sandbox.run(&args);
    assert_eq!(made.status, 0, "{}", made.err);
    drop(held);
    let empty = Sandbox::new();
    let store = plimsoll::session::SessionStore::new(&empty.data());
    store.create(plimsoll::session::SessionMeta::default(), "ada", "2026-01-01T00:00:00Z").unwrap();
    let made = empty.run(&args);
    assert_eq!(made.status, 0, "{}", made.err);
    assert_eq!(empty.run(&["verify", "b.tar"]).status, 0);
}

#[test]
fn a_bundle_that_was_packed_anew_is_told_from_one_that_was_changed() {
    let sandbox = Sandbox::new();
    drop(session(&sandbox, "prod"));
    assert_eq!(sandbox.run(&["sessions", "bundle", "last", "--output-file", "b.tar"]).status, 0);
    let whole = std::fs::read(sandbox.path("b.tar")).unwrap();
    let repacked = |with_directory: bool| {
        let mut out = tar::Builder::new(Vec::new());
        if with_directory {
            let mut head = tar::Header::new_ustar();
            head.set_entry_type(tar::EntryType::Directory);
            head.set_size(0);
            head.set_mode(0o755);
            out.append_data(&mut head, "plimsoll-bundle/", std::io::empty()).unwrap();
        }
        for entry in tar::Archive::new(&whole[..]).entries().unwrap() {
            let mut entry = entry.unwrap();
            let path = entry.path().unwrap().into_owned();
            let mut head = tar::Header::new_ustar();
            head.set_entry_type(tar::EntryType::Regular);
            head.set_size(entry.size());
            head.set_mode(0o644);
            head.set_mtime(1_700_000_000);
            out.append_data(&mut head, path, &mut entry).unwrap();
        }
        out.into_inner().unwrap()
    };
    for (with_directory, says) in [
        (true, "plimsoll-bundle/: it is a directory, "),
        (false, "manifest.json: its header in the archive is not as it was written (other mode, "),
    ] {
        sandbox.write("c.tar", repacked(with_directory));
        let run = sandbox.run(&["verify", "c.tar"]);
        assert_eq!(run.status, 1);
        assert!(run.out.contains(says), "{}", run.out);
        assert!(run.out.contains("packed anew"), "{}", run.out);
    }
}

#[test]
fn a_public_key_does_not_sign() {
    let sandbox = Sandbox::new();
    drop(session(&sandbox, "prod"));
    let public = sandbox.run(&["sessions", "key"]).out;
    sandbox.write("public.pem", public);
    let args = ["sessions", "bundle", "last", "--output-file", "c.tar", "--key", "public.pem"];
    sandbox.run(&args).refuses(2, &["public.pem: this is a public key"]);
}
