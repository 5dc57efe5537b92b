//! Manifests change under the workbench: `R` reads them again, and a run never tells of what nobody read.

use plimsoll::session::RunRecord;

use crate::pty::Pty;
use crate::world::{BINARY, DONE, MANIFEST, RESUMED, World};

const NEW: &str = "\
apiVersion: v1
kind: Pod
metadata: {name: probe, namespace: shop}
spec:
  hostPID: true
  containers: [{name: probe, image: example.com/probe:1}]
";

/// A directory with the manifest of the world in it.
fn directory(world: &World) -> Pty {
    world.write("dir/m.yaml", MANIFEST);
    world.assessed(&["-f", "dir"])
}

fn mended() -> String {
    MANIFEST.replace("privileged: true", "privileged: false")
}

fn has(record: &RunRecord, check: &str) -> bool {
    record.result.findings.iter().any(|finding| &*finding.check == check)
}

/// To the second, as records have it: the next moment is another one.
fn another_second() {
    std::thread::sleep(std::time::Duration::from_millis(1_100));
}

#[test]
fn a_run_reads_the_files_again_and_says_when() {
    let world = World::new();
    let mut pty = directory(&world);
    let first = world.run(1);
    assert!(has(&first, "privileged-container") && !has(&first, "host-pid-namespace"));
    let read = first.source.read_at.clone().unwrap();
    assert!(read <= first.started, "{read} {}", first.started);

    another_second();
    world.write("dir/m.yaml", &mended());
    world.write("dir/new.yaml", NEW);
    pty.send("rr");
    let second = world.run(2);
    assert!(!has(&second, "privileged-container"), "what was mended is still found");
    assert!(has(&second, "host-pid-namespace"), "a new file was not read");
    assert_eq!(second.source.files, ["dir/m.yaml", "dir/new.yaml"]);
    let again = second.source.read_at.unwrap();
    assert!(again > first.finished && again <= second.started, "{again} {}", second.started);
    // It goes by what was named, whatever files are in it.
    pty.wait_for("session dir");
}

#[test]
fn refresh_reads_again_and_says_that_the_run_is_of_what_was_before() {
    let world = World::new();
    let mut pty = directory(&world);
    pty.send("4/privileged\r");
    pty.wait_for("hidden; esc clears");
    let row = pty.row();
    world.write("dir/m.yaml", &format!("# one line more\n{}", mended()));
    pty.send("R");
    pty.wait_for("Read again: 1 object changed");
    pty.wait_for("files changed since the run");
    assert_eq!(pty.row(), row, "the cursor moved");
    assert_eq!(world.session().state().runs.len(), 1, "reading makes no run");
    // The finding is of the run, the text of the file as it is now.
    pty.send("\r");
    pty.wait_for("▶ 24");
    pty.wait_for("privileged: false");
    // Together with what follows, escape would be another key.
    pty.send("\x1b");
    pty.wait_gone("▶ 24");
    pty.send("rr");
    pty.wait_gone("files changed since the run");
    assert!(!has(&world.run(2), "privileged-container"));
    pty.send("R");
    pty.wait_for("Read again: nothing is different.");
}

#[test]
fn what_cannot_be_read_again_is_told_and_no_run_is_made_of_it() {
    let world = World::new();
    let mut pty = directory(&world);
    let text = std::fs::read_to_string(world.path("dir/m.yaml")).unwrap();
    std::fs::remove_dir_all(world.path("dir")).unwrap();
    pty.send("rr");
    pty.wait_for("no run was made");
    pty.wait_for("✖ stale");
    pty.send("4");
    pty.wait_for("container app runs privileged");
    assert_eq!(world.session().state().runs.len(), 1);
    world.write("dir/m.yaml", &text);
    pty.send("R");
    pty.wait_for("Read again: nothing is different.");
    pty.wait_for("◉ files");
    pty.send("rr");
    world.run(2);
}

#[test]
fn what_the_editor_changed_is_read_again() {
    let world = World::new();
    let editor = world.script(
        "editor",
        "#!/bin/sh\nfor file; do :; done\nsed -i.bak 's/privileged: true/privileged: false/' \"$file\"\n",
    );
    let mut pty = world.start_as(&["-f", "m.yaml"], |l| l.env("EDITOR", &editor));
    pty.wait_for(DONE);
    pty.send("4");
    pty.wait("the first finding", |_| pty.row().contains("runs privileged"));
    pty.send("\r");
    pty.wait_for("▶ 23");
    pty.send("e");
    pty.wait_for("Read again: 1 object changed");
    pty.wait_for("privileged: false");
}

#[test]
fn standard_input_is_read_once_and_says_so() {
    let world = World::new();
    let command = format!("cat m.yaml | {BINARY} -f -");
    let mut pty = world.launch(&["-c", &command]).start("/bin/sh");
    pty.wait_for(DONE);
    pty.wait_for("standard input");
    let first = world.run(1);
    pty.send("R");
    pty.wait_for("Standard input can be read only once");
    another_second();
    pty.send("rr");
    let second = world.run(2);
    assert_eq!(second.source.read_at, first.source.read_at, "it says when it was read");
    assert!(second.started > first.started);
}

#[test]
fn a_snapshot_is_read_again_and_the_demo_is_not() {
    let world = World::new();
    let capture = |from: &str| {
        let mut command = std::process::Command::new(BINARY);
        let _ = std::fs::remove_file(world.path("s.plim"));
        let args = ["snapshot", "-f", from, "--output-file", "s.plim"];
        let done = command.args(args).current_dir(world.path("")).output().unwrap();
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    };
    capture("m.yaml");
    let mut pty = world.assessed(&["--snapshot", "s.plim"]);
    world.write("n.yaml", &mended());
    capture("n.yaml");
    pty.send("R");
    pty.wait_for("Read again: ");
    pty.wait_for("files changed since the run");
    pty.send(":demo\r");
    pty.wait_gone("files changed since the run");
    pty.wait_for(DONE);
    pty.send("R");
    pty.wait_for("The demo is built in and does not change.");
}

#[test]
fn a_session_that_was_taken_up_reads_its_files_again() {
    let world = World::new();
    let mut pty = directory(&world);
    pty.send("q");
    assert_eq!(pty.wait_exit(), 0);
    let id = world.session().id().to_owned();
    let mut pty = world.start(&["--session", &id]);
    pty.wait_for(RESUMED);
    world.write("dir/m.yaml", &mended());
    pty.send("rr");
    assert!(!has(&world.run(2), "privileged-container"));
}

#[test]
fn a_directory_that_is_named_again_is_the_same_source_and_says_that_it_changed() {
    let world = World::new();
    let mut pty = directory(&world);
    pty.send("q");
    assert_eq!(pty.wait_exit(), 0);
    world.write("dir/new.yaml", NEW);
    let pty = world.start(&["-f", "dir", "--session", "last"]);
    pty.wait_for(RESUMED);
    pty.wait_for("files changed since the run");
    assert_eq!(world.session().state().runs.len(), 1, "nobody asked for a run");
}
