//! Archives that somebody made to hurt.

use super::*;

/// An archive of one member whose header was changed by hand, the checksum made to fit.
fn alone(change: impl Fn(&mut tar::Header), content: &[u8]) -> Vec<u8> {
    let mut header = tar::Header::new_ustar();
    header
        .as_mut_bytes()
        .copy_from_slice(&archive::header(MANIFEST, content.len() as u64).unwrap());
    change(&mut header);
    header.set_cksum();
    let mut out = header.as_bytes().to_vec();
    out.extend_from_slice(content);
    out.resize(out.len().div_ceil(512) * 512 + 1024, 0);
    out
}

fn named(path: &str) -> Vec<u8> {
    alone(
        |header| {
            let name = &mut header.as_ustar_mut().unwrap().name;
            *name = [0; 100];
            name[..path.len()].copy_from_slice(path.as_bytes());
        },
        b"{}",
    )
}

#[test]
fn names_that_lead_elsewhere_are_refused() {
    for path in [
        "/etc/passwd",
        "../manifest.json",
        "plimsoll-bundle/../../x",
        "plimsoll-bundle/./x",
        "plimsoll-bundle//x",
        "plimsoll-bundle/a\\..\\b",
        "plimsoll-bundle/C:x",
        "plimsoll-bundle/.ssh",
        "plimsoll-bundle/\u{1b}[31m",
        "plimsoll-bundle/",
        "manifest.json",
        "",
    ] {
        let found = unfit(&named(path), None);
        assert!(found.why.contains("no member of such a name"), "{path}: {found}");
        assert!(!found.to_string().contains('\u{1b}'), "{found}");
    }
}

#[test]
fn anything_but_a_plain_file_is_refused() {
    use tar::EntryType as Kind;
    for (kind, word) in [
        (Kind::Symlink, "symbolic link"),
        (Kind::Link, "hard link"),
        (Kind::Directory, "directory"),
        (Kind::Char, "device"),
        (Kind::Block, "device"),
        (Kind::Fifo, "pipe"),
        (Kind::XHeader, "extension"),
        (Kind::XGlobalHeader, "extension"),
        (Kind::GNULongName, "extension"),
        (Kind::GNUSparse, "sparse"),
        (Kind::Continuous, "unknown kind"),
    ] {
        let found = unfit(&alone(|header| header.set_entry_type(kind), b"{}"), None);
        assert!(found.why.contains(word), "{kind:?}: {found}");
    }
}

#[test]
fn sizes_are_not_believed() {
    // 8 GiB in the header, nothing behind it: nothing of that size is set aside.
    let huge = archive::header(MANIFEST, archive::MAX_SIZE).unwrap();
    let found = unfit(&huge, None);
    assert!(found.why.contains("more than it can have"), "{found}");
    let mut beyond = alone(|_| {}, b"");
    beyond[124] = 0x80;
    assert!(unfit(&beyond, None).why.contains("header"));
    let short = archive::header(MANIFEST, 5000).unwrap();
    assert!(unfit(&[short, b"{}".to_vec()].concat(), None).why.contains("cut"));
}

#[test]
fn a_run_that_unpacks_to_more_than_any_run_has_is_refused() {
    let packed = zstd::encode_all(&*vec![b' '; 4 << 20], 19).unwrap();
    assert!(packed.len() < 2000);
    let error = RunHead::read(&*packed, 1).unwrap_err();
    assert!(error.contains("more than 1000 times its size"), "{error}");
    // Nor may such a thing follow a run that is one.
    let mut text = RunRecord { number: 1, ..run() }.to_text().unwrap();
    text.resize(text.len() + (4 << 20), b' ');
    let packed = zstd::encode_all(&*text, 19).unwrap();
    let error = RunHead::read(&*packed, 1).unwrap_err();
    assert!(error.contains("more than 1000 times its size"), "{error}");
    // Lists in lists without end are no reason to fall over.
    let deep = zstd::encode_all("[".repeat(1 << 20).as_bytes(), 3).unwrap();
    assert!(RunHead::read(&*deep, 1).unwrap_err().contains("no run"));
    assert!(RunHead::read(&b"no zstd"[..], 1).is_err());
}

#[test]
fn what_is_no_archive_is_no_bundle() {
    let text = "x".repeat(4000);
    for bytes in [b"".as_slice(), b"PK\x03\x04", &[0; 2000], text.as_bytes()] {
        assert!(matches!(verify(bytes, None), Err(VerifyError::Unreadable(_))));
    }
}

#[test]
fn what_is_compared_stands_behind_all_runs() {
    let mut world = world();
    world.session.record_run(run(), "ada").unwrap();
    let text = br#"{"startedAt": "", "findings": [], "checks": []}"#.to_vec();
    let at = |members: &Members, name: &str| members.iter().position(|m| m.0 == name).unwrap();
    let reads = br#"[{"run": 1, "reads": []}]"#.to_vec();
    for (path, text) in [("reports/report.json", text.clone()), ("reads.json", reads)] {
        let forged = forged(&world.made(), &world.key, |_, members| {
            let behind = at(members, "session/runs/1.json.zst") + 1;
            members.insert(behind, (path.to_owned(), text.clone()));
        });
        let found = unfit(&forged, Some(world.key.public()));
        assert_eq!(
            (&*found.member, found.why.contains("before session/runs/2.json.zst")),
            (path, true)
        );
    }
    let last = forged(&world.made(), &world.key, |_, members| {
        members.push(("reports/report.json".to_owned(), text.clone()));
    });
    assert_eq!(verify(&*last, None).unwrap().compared, ["reports/report.json"]);
}

#[test]
fn a_key_has_one_text() {
    let world = world();
    let bytes = world.made();
    let mut members = unpack(&bytes);
    members[2].1.extend_from_slice(b"-----BEGIN PUBLIC KEY-----\nanother one\n");
    assert_eq!(unfit(&pack(&members), None).member, SIGNER);
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(300))]
    #[test]
    fn noise_is_refused_without_falling_over(
        noise in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..3000),
        at in 0usize..20_000,
    ) {
        use std::sync::OnceLock;
        static BUNDLE: OnceLock<Vec<u8>> = OnceLock::new();
        let mut bytes = BUNDLE.get_or_init(|| world().made()).clone();
        assert!(verify(&*noise, None).is_err());
        let at = at % bytes.len();
        let end = (at + noise.len()).min(bytes.len());
        bytes.splice(at..end, noise.iter().copied());
        if &bytes != BUNDLE.get().unwrap() {
            assert!(verify(&*bytes, None).is_err());
        }
    }
}

#[test]
fn every_name_of_a_bundle_is_plain() {
    let names: BTreeSet<String> = unpack(&world().made()).into_iter().map(|m| m.0).collect();
    assert!(names.iter().all(|name| archive::is_plain(name)), "{names:?}");
}
