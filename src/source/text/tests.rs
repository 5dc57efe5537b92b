use super::*;

#[test]
fn what_may_never_end_is_told_apart() {
    let why = |path: &Path| endless(&std::fs::metadata(path).unwrap());
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("a.yaml");
    std::fs::write(&file, "a: 1").unwrap();
    assert_eq!((why(&file), why(dir.path())), (None, None));
    // As the system's own files are, which look like any other, and some of which block.
    std::fs::write(&file, "").unwrap();
    assert!(why(&file).unwrap().contains("does not say how long"));
    assert!(why(Path::new("/dev/zero")).unwrap().contains("it is a device"));
    let pipe = dir.path().join("pipe");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    assert!(why(&pipe).unwrap().starts_with("it is a pipe"));
}
