use super::*;
use crate::model::inventory::Knowledge;
use crate::model::read::ReadStatus;
use crate::source::files;

fn inventory() -> Inventory {
    let text = "apiVersion: v1\nkind: Pod\nmetadata: {name: a, namespace: x}\nspec:\n  containers:\n  - name: c\n    env: [{name: API_TOKEN, value: abc}]\n";
    let mut inventory = files::from_text("a.yaml", text, &files::Options::default());
    inventory.reads = vec![Read {
        resource: "v1/pods".into(),
        kind: Some(Kind::new("", "Pod")),
        namespace: Some("x".into()),
        status: ReadStatus::Complete,
        items: 1,
        message: None,
        millis: Some(3),
    }];
    inventory
}

#[test]
fn comes_back_with_its_reads_and_without_credentials() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("s.plim");
    save(&inventory(), &Captured::default(), &path, "2026-01-01T00:00:00Z").unwrap();
    let loaded = load(&path).unwrap();
    let kind = Kind::new("", "Pod");
    assert_eq!(loaded.knows(&kind, Some("x")), Knowledge::Complete);
    assert_ne!(loaded.knows(&kind, Some("y")), Knowledge::Complete);
    let text = format!("{:?}", loaded.of(&kind)[0].body());
    assert!(!text.contains("abc"), "{text}");
    assert!(matches!(save(&loaded, &Captured::default(), &path, ""), Err(NewFileError::Exists(_))));
}

#[test]
fn captures_of_the_first_version_are_read_as_they_were_meant() {
    let header = r#"{"type":"header","schema":"plimsoll.snapshot/v1","created":"2026-02-01T00:00:00Z",
        "tool":"0.1.0","source":{"kind":"files","context":null,"server":null,"clusterUid":null,
        "kubernetes":null,"files":["a.yaml"]},"provider":"gke","complete":true,
        "read_at":"2026-01-01T00:00:00Z"}"#;
    let loaded = read("old.plim", header.replace('\n', "").as_bytes()).unwrap();
    assert!(loaded.source.closed_world);
    assert_eq!(loaded.source.provider, "gke");
    assert_eq!(loaded.source.read_at.as_deref(), Some("2026-01-01T00:00:00Z"));
    let mut inventory = inventory();
    inventory.source = loaded.source.clone();
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("s.plim");
    save(&inventory, &Captured::default(), &path, "2026-03-01T00:00:00Z").unwrap();
    let again = load(&path).unwrap();
    let files = again.source.files.clone();
    assert_eq!(SourceInfo { files, ..loaded.source }, again.source);
}

#[test]
fn what_is_no_snapshot_is_refused_with_a_place() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("s.plim");
    let text = zstd::encode_all(&b"{\"type\":\"header\"}\n"[..], 1).unwrap();
    std::fs::write(&path, text).unwrap();
    assert!(load(&path).unwrap_err().to_string().contains("line 1"));
    std::fs::write(&path, "plain").unwrap();
    assert!(load(&path).is_err());
}
/// Every byte of a small file in turn: some other reading of the cluster must never come out.
#[test]
fn what_was_damaged_or_cut_is_never_read_as_something_else() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("s.plim");
    save(&inventory(), &Captured::default(), &path, "2026-01-01T00:00:00Z").unwrap();
    let whole = std::fs::read(&path).unwrap();
    let text = |loaded: &Inventory| {
        let all: Vec<_> = loaded.objects().map(|o| format!("{:?}", o.body())).collect();
        format!("{:?} {:?} {all:?}", loaded.source, loaded.reads)
    };
    let sound = text(&load(&path).unwrap());
    for at in 0..whole.len() {
        let mut bytes = whole.clone();
        bytes[at] ^= 0x10;
        std::fs::write(&path, &bytes).unwrap();
        if let Ok(loaded) = load(&path) {
            assert_eq!(text(&loaded), sound, "byte {at}");
        }
        std::fs::write(&path, &whole[..at]).unwrap();
        assert!(load(&path).is_err(), "cut at {at}");
    }
    let mut last = whole.clone();
    *last.last_mut().unwrap() ^= 1;
    std::fs::write(&path, &last).unwrap();
    let error = load(&path).unwrap_err().to_string();
    assert!(error.contains("damaged or changed"), "{error}");
    std::fs::write(&path, [whole.clone(), whole].concat()).unwrap();
    let error = load(&path).unwrap_err().to_string();
    assert!(error.contains("another snapshot begins"), "{error}");
    let error = load(dir.path()).unwrap_err().to_string();
    assert!(!error.contains("line 1"), "{error}");
}

/// A text of snapshot lines: a header of such a source, then these.
fn lines(kind: &str, lines: &[&str]) -> Result<Inventory, SnapshotError> {
    let header = format!(
        r#"{{"type":"header","schema":"{SCHEMA}","created":"","tool":"0","source":{{"kind":"{kind}","context":null,"server":null,"clusterUid":null,"kubernetes":null,"files":[]}}}}"#
    );
    let text = [&[&*header], lines].concat().join("\n");
    read("s.plim", text.as_bytes())
}

#[test]
fn nothing_is_in_a_snapshot_twice() {
    let pod = r#"{"type":"object","body":{"apiVersion":"v1","kind":"Pod","metadata":{"name":"p","namespace":"n"}}}"#;
    let read = r#"{"type":"read","group":"","kind":"Pod","resource":"v1/pods","namespace":null,"status":"complete","items":1,"message":null,"millis":1}"#;
    let found = r#"{"type":"match","object":{"apiVersion":"v1","kind":"Pod","namespace":"n","name":"p"},"found":{"check":"c","element":"","path":"spec","item":"whole","place":null,"case":null,"severity":"high"}}"#;
    assert!(lines("live", &[read, found, pod]).is_ok());
    for (line, what) in
        [(pod, "Pod/n/p"), (read, "the read of v1/pods"), (found, "the match of c in Pod/n/p")]
    {
        let error = lines("live", &[line, line]).unwrap_err().to_string();
        let told = format!("s.plim, line 3: {what} stands here a second time");
        assert!(error.starts_with(&told), "{error}");
    }
    // Of manifests all is kept, and each is judged.
    assert_eq!(lines("files", &[pod, pod]).unwrap().len(), 2);
}

/// What takes gigabytes when it is read packs to a few kilobytes.
#[test]
fn a_small_file_comes_to_little() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("s.plim");
    save(&inventory(), &Captured::default(), &path, "2026-01-01T00:00:00Z").unwrap();
    let sound = zstd::decode_all(&*std::fs::read(&path).unwrap()).unwrap();
    let within = packed::Within { free: 1 << 20, times: 10, lines: 1000 };
    assert!(load_within(&path, within).is_ok());
    let bomb = |name: usize| {
        format!(
            "{{\"type\":\"object\",\"body\":{{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\
             \"metadata\":{{\"name\":\"c{name}\"}},\"data\":{{\"a\":\"{}\"}}}}}}\n",
            "x".repeat(100_000)
        )
    };
    let heavy: String = (0..60).map(bomb).collect();
    let many: String = (0..10_000).map(|_| "{}\n").collect();
    for (text, told) in [(heavy, "more than 10 times its size"), (many, "more lines than")] {
        let packed = zstd::encode_all(&*[&*sound, text.as_bytes()].concat(), 3).unwrap();
        assert!(packed.len() < 20_000, "{}", packed.len());
        std::fs::write(&path, packed).unwrap();
        let error = load_within(&path, within).unwrap_err().to_string();
        assert!(error.contains(told), "{error}");
    }
}

#[test]
fn a_snapshot_tells_of_no_more_reads_than_clusters_have() {
    let header = format!(
        r#"{{"type":"header","schema":"{SCHEMA}","created":"","tool":"0","source":{{"kind":"live","context":null,"server":null,"clusterUid":null,"kubernetes":null,"files":[]}}}}"#
    );
    let read = |at: usize| {
        format!(
            r#"{{"type":"read","group":"","kind":"Pod","resource":"v1/pods","namespace":"n{at}","status":"forbidden","items":0,"message":null,"millis":1}}"#
        )
    };
    let lines: Vec<String> = std::iter::once(header).chain((0..2_000).map(read)).collect();
    let text = lines.join("\n");
    assert_eq!(read_with("s.plim", text.as_bytes(), 2_000).unwrap().reads.len(), 2_000);
    let error = read_with("s.plim", text.as_bytes(), 1_999).unwrap_err().to_string();
    assert!(
        error.starts_with("s.plim, line 2001: it tells of more than 1999 reads, which is the most"),
        "{error}"
    );
}
