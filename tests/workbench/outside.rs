//! What reaches the world outside: clipboard, reports, pager and editor, job control, paste.

use base64::Engine as _;

use crate::pty::Pty;
use crate::world::{DONE, World, decide_first, first_finding, written};

#[test]
fn copying_is_osc_52_and_says_what_was_copied() {
    let world = World::new();
    let mut pty = world.open();
    first_finding(&mut pty);
    pty.send("y");
    pty.wait_for("Copy");
    pty.send("p");
    pty.wait_for("Copied: field path");
    let path = "spec.template.spec.containers[0].securityContext.privileged";
    let payload = base64::engine::general_purpose::STANDARD.encode(path);
    assert!(written(&pty).contains(&format!("\x1b]52;c;{payload}\x07")));
    assert!(!written(&pty).contains("\x1bPtmux;"));
}

#[test]
fn copying_passes_through_tmux() {
    let world = World::new();
    let mut pty = world
        .start_as(&["-f", "m.yaml"], |l| l.env("TMUX", "/tmp/x,1,0").env("TERM", "tmux-256color"));
    pty.wait_for(DONE);
    first_finding(&mut pty);
    pty.send("yk");
    pty.wait_for("Copied: kind/namespace/name");
    let payload = base64::engine::general_purpose::STANDARD.encode("Deployment/pay/web");
    assert!(written(&pty).contains(&format!("\x1bPtmux;\x1b\x1b]52;c;{payload}\x07\x1b\\")));
}

#[test]
fn a_report_follows_the_ascii_switch_as_a_scan_does_and_names_the_environment() {
    let world = World::new();
    world.write("config/config.toml", "[contexts.demo]\nlabel = \"PRODUCTION\"\n");
    let mut pty = world.assessed(&["demo", "--ascii"]);
    for (key, ending) in [("m", "md"), ("j", "json")] {
        pty.send(&format!("w{key}\x15{ending}.{ending}\r"));
        pty.wait("the report", |_| world.path(&format!("{ending}.{ending}")).exists());
        pty.settle();
        let text = std::fs::read_to_string(world.path(&format!("{ending}.{ending}"))).unwrap();
        assert!(text.is_ascii(), "{ending}");
    }
    let text = std::fs::read_to_string(world.path("md.md")).unwrap();
    assert!(text.contains("| Environment | PRODUCTION |"), "{text}");
}

#[test]
fn the_session_is_written_as_a_bundle_that_is_checked_offline() {
    let world = World::new();
    let mut pty = world.open();
    decide_first(&mut pty);
    pty.send("w");
    pty.wait_for("Write a report");
    pty.send("b");
    pty.wait_for("Write a bundle");
    pty.send("\x15evidence.tar\r");
    pty.wait_for("bundle of 1 run written to");
    let bundle = world.path("evidence.tar");
    let verify = || {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_plimsoll"));
        command.arg("verify").arg(&bundle).output().unwrap()
    };
    let verified = verify();
    assert!(verified.status.success(), "{}", String::from_utf8_lossy(&verified.stderr));
    let told = String::from_utf8_lossy(&verified.stdout).into_owned();
    assert!(told.contains("1 false-positive"), "{told}");

    // Never over another file, and changed by one bit it is refused.
    pty.send("wb\x15evidence.tar\r");
    pty.wait_for("nothing is overwritten");
    let mut bytes = std::fs::read(&bundle).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&bundle, bytes).unwrap();
    assert!(!verify().status.success());
}

#[test]
fn a_report_is_written_for_the_owner_and_nothing_is_overwritten() {
    use std::os::unix::fs::PermissionsExt as _;
    let world = World::new();
    let mut pty = world.open();
    decide_first(&mut pty);
    let reports = |ending: &str| {
        let mut found: Vec<_> = std::fs::read_dir(world.path(""))
            .unwrap()
            .map(|e| e.unwrap().path())
            .filter(|p| p.extension().is_some_and(|e| e == ending))
            .collect();
        found.sort();
        found
    };
    pty.send("w");
    pty.wait_for("Write a report");
    pty.send("j");
    pty.wait_for("Write a report: json");
    pty.send("\r");
    pty.wait_for("report written to");
    let first = reports("json");
    assert_eq!(first.len(), 1);
    assert_eq!(std::fs::metadata(&first[0]).unwrap().permissions().mode() & 0o777, 0o600);
    let json: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(&first[0]).unwrap()).unwrap();
    assert_eq!(json["schema"], "plimsoll.scan/v1");
    let decided = json["findings"].as_array().unwrap().iter();
    assert_eq!(decided.filter(|f| f["decision"] == "false-positive").count(), 1);
    let kept = std::fs::read(&first[0]).unwrap();

    pty.send("wj\r");
    pty.wait("the second file", |_| reports("json").len() == 2);
    // Where somebody wants it: a directory, a file, and never over another one.
    std::fs::create_dir(world.path("audit")).unwrap();
    pty.send("wj\x15audit\r");
    let dir = world.path("audit");
    let inside = || std::fs::read_dir(&dir).unwrap().count();
    pty.wait("the file in the directory", |_| inside() == 1);
    pty.send("wj\x15audit/mine.json\r");
    pty.wait("the file of that name", |_| dir.join("mine.json").exists());
    pty.wait_for("audit/mine.json");
    pty.send("wj\x15audit/mine.json\r");
    pty.wait_for("nothing is overwritten unasked");
    assert_eq!(inside(), 2);
    // The form is there again, for another name.
    pty.send("\x1b");
    pty.wait_gone("Write a report");
    pty.send("wm\r");
    // It is there before it is whole.
    pty.wait("the Markdown", |_| {
        let text = reports("md").first().map(|path| std::fs::read_to_string(path).unwrap());
        text.is_some_and(|text| text.contains("known"))
    });
    assert_eq!(reports("md").len(), 1);
    assert_eq!(std::fs::read(&first[0]).unwrap(), kept);
    // Whoever leaves at once gets the file all the same.
    pty.send("wj\x15audit/last.json\rq");
    assert_eq!(pty.wait_exit(), 0);
    assert!(dir.join("last.json").exists());
}

#[test]
fn the_pager_gets_the_terminal_the_line_and_every_key() {
    let world = World::new();
    let pager = world.script(
        "pager",
        "#!/bin/sh\nstty -a >\"$HOME/modes\"\nls -l \"$2\" >\"$HOME/copy\"\necho \"pager at $1\"\n\
         sed -n \"${1#+}p\" \"$2\"\nread -r line\nprintf %s \"$line\" >\"$HOME/typed\"\n",
    );
    let mut pty = world.start_as(&["-f", "m.yaml"], |l| {
        l.env("PAGER", &pager).env("EDITOR", &pager).env("HOME", &world.path("").to_string_lossy())
    });
    pty.wait_for(DONE);
    first_finding(&mut pty);
    pty.send("\r");
    pty.wait_for("▶ 23");
    // The pager has a copy of the object, the editor the file that it stands in.
    for (key, line, file) in [("v", 18, "-r--------"), ("e", 23, "-rw")] {
        pty.forget();
        pty.send(key);
        pty.wait_for(&format!("pager at +{line}"));
        pty.wait_for("privileged: true");
        assert!(!pty.with_screen(vt100::Screen::alternate_screen), "not the terminal as it was");
        let words = format!("every key of it, by {key}");
        pty.send(&format!("{words}\r"));
        pty.wait_for("◀ fails");
        assert_eq!(std::fs::read_to_string(world.path("typed")).unwrap(), words);
        assert!(std::fs::read_to_string(world.path("modes")).unwrap().contains(" icanon"));
        let listed = std::fs::read_to_string(world.path("copy")).unwrap();
        assert!(listed.starts_with(file), "{listed}");
        let copy = listed.split_whitespace().last().unwrap().to_owned();
        let path = std::path::Path::new(&copy);
        assert!(copy.ends_with("m.yaml") || !path.exists(), "the copy is left behind");
        pty.wait("nothing of the pager", |text| !text.contains("pager at"));
    }
    // Keys are ours again.
    pty.send("\x1b");
    pty.wait_gone("◀ fails");
    // A check that is built in stands in no file: the editor has a copy, too, from the list already.
    pty.send("gc");
    pty.wait_for("fail");
    pty.forget();
    pty.send("e");
    pty.wait_for("pager at +1");
    pty.send("\r");
    pty.wait("nothing of the pager", |text| !text.contains("pager at"));
    let listed = std::fs::read_to_string(world.path("copy")).unwrap();
    assert!(listed.starts_with("-r--------") && listed.contains(".toml"), "{listed}");
}

#[test]
fn interrupting_the_pager_does_not_end_the_workbench() {
    let world = World::new();
    let pager = world.script(
        "pager",
        "#!/bin/sh\ntrap 'echo interrupted; exit 0' INT\necho pager runs\nwhile :; do sleep 0.1; done\n",
    );
    let mut pty = world.start_as(&["-f", "m.yaml"], |l| l.env("PAGER", &pager));
    pty.wait_for(DONE);
    first_finding(&mut pty);
    pty.send("\r");
    pty.wait_for("◀ fails");
    pty.send("v");
    pty.wait_for("pager runs");
    pty.send("\x03");
    pty.wait_for("◀ fails");
    pty.send("\x1b");
    pty.wait_gone("◀ fails");
    pty.send("q");
    assert_eq!(pty.wait_exit(), 0);
}

#[test]
fn what_the_pager_is_told_last_is_not_heard_when_it_has_ended() {
    let world = World::new();
    let pager =
        world.script("pager", "#!/bin/sh\necho pager runs\nkill -INT $PPID\nkill -QUIT $PPID\n");
    let mut pty = world.start_as(&["-f", "m.yaml"], |l| l.env("PAGER", &pager));
    pty.wait_for(DONE);
    first_finding(&mut pty);
    pty.send("\r");
    pty.wait_for("◀ fails");
    for _ in 0..20 {
        pty.forget();
        pty.send("v");
        pty.wait("the pager", |_| written(&pty).contains("pager runs"));
        pty.wait_for("◀ fails");
    }
    // Signals are heard again, and who was told to end meanwhile ends.
    let pager = world.script("pager", "#!/bin/sh\necho pager runs\nkill -TERM $PPID\n");
    assert!(pager.ends_with("pager"));
    pty.send("v");
    assert_eq!(pty.wait_exit(), 0);
    assert!(pty.modes_restored());
}

#[test]
#[cfg(target_os = "linux")]
fn a_pager_that_stops_stops_the_workbench_with_it() {
    let world = World::new();
    // What a terminal sends by the key does not stop those whom no shell waits for.
    let text =
        "#!/bin/sh\nfor time in 1 2; do echo pager runs; kill -s STOP $$; done\nread -r line\n";
    let pager = world.script("pager", text);
    let mut pty = world.start_as(&["-f", "m.yaml"], |l| l.env("PAGER", &pager));
    pty.wait_for(DONE);
    first_finding(&mut pty);
    pty.send("\r");
    pty.wait_for("◀ fails");
    pty.send("v");
    for _ in 0..2 {
        pty.wait_for("pager runs");
        pty.wait("a stopped process", |_| state_of(&pty) == "T");
        pty.signal_job("CONT");
    }
    pty.send("\r");
    pty.wait_for("◀ fails");
    pty.send("\x1b");
    pty.wait_gone("◀ fails");
}

#[test]
fn a_pager_that_does_not_exist_is_said_to() {
    let world = World::new();
    let mut pty = world.start_as(&["-f", "m.yaml"], |l| l.env("PAGER", "no-such-pager-here"));
    pty.wait_for(DONE);
    first_finding(&mut pty);
    pty.send("\r");
    pty.wait_for("◀ fails");
    pty.send("v");
    pty.wait_for("no-such-pager-here");
    pty.wait_for("◀ fails");
}

#[cfg(target_os = "linux")]
fn state_of(pty: &Pty) -> String {
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", pty.pid())).unwrap();
    stat.rsplit(") ").next().unwrap().chars().next().unwrap().to_string()
}

#[test]
#[cfg(target_os = "linux")]
fn control_z_stops_with_a_sane_terminal_and_repaints_by_itself() {
    let world = World::new();
    let mut pty = world.open();
    first_finding(&mut pty);
    for by_signal in [false, true] {
        pty.settle();
        pty.forget();
        if by_signal {
            pty.signal("TSTP");
        } else {
            pty.send("\x1a");
        }
        pty.wait("a stopped process", |_| state_of(&pty) == "T");
        pty.settle();
        assert!(pty.modes_restored(), "the shell gets a terminal in raw mode");
        pty.with_screen(|screen| {
            assert!(!screen.alternate_screen() && !screen.hide_cursor());
        });
        pty.forget();
        pty.signal("CONT");
        pty.wait_for("container app runs privileged");
        assert!(pty.with_screen(vt100::Screen::alternate_screen));
        assert!(!pty.modes_restored(), "raw mode is not set again");
    }
    pty.send("j");
    pty.wait("keys that work again", |_| {
        pty.row().contains("host") || pty.row().contains("network")
    });
}

#[test]
fn pasted_text_never_runs_actions_and_goes_into_inputs_as_one_edit() {
    let world = World::new();
    let mut pty = world.open();
    first_finding(&mut pty);
    let row = pty.row();
    pty.send("\x1b[200~jjfiq:quit\rDq\x1b[201~");
    pty.settle();
    assert_eq!(pty.row(), row, "pasted text moved the cursor");
    assert!(world.session().state().ledger.decisions.is_empty(), "pasted text decided something");
    pty.send("f");
    pty.wait_for("False positive");
    pty.send("\x1b[200~two\nlines\x1b[201~");
    pty.wait_for("two lines");
    assert!(world.session().state().ledger.decisions.is_empty(), "a pasted line end was an Enter");
    pty.send("\r\r");
    pty.wait_for("saved: 1 finding as a false positive");
    let session = world.session();
    let reason = session.state().ledger.decisions.values().next().unwrap().reason.clone();
    assert_eq!(reason.as_deref(), Some("two lines"));
}
