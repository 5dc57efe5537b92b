//! However it ends, the terminal is what it was before.

use crate::pty::{Launch, Pty};
use crate::world::World;

/// Every mode that was set is unset after it was set, and the settings are the old ones.
fn assert_restored(pty: &Pty) {
    let raw = pty.raw();
    for (what, set, unset) in [
        ("the alternate screen", "\x1b[?1049h", "\x1b[?1049l"),
        ("the hidden cursor", "\x1b[?25l", "\x1b[?25h"),
        ("bracketed paste", "\x1b[?2004h", "\x1b[?2004l"),
        ("focus reports", "\x1b[?1004h", "\x1b[?1004l"),
    ] {
        let set = last(&raw, set).unwrap_or_else(|| panic!("{what} was never set"));
        let unset = last(&raw, unset).unwrap_or_else(|| panic!("{what} was never left"));
        assert!(set < unset, "{what} is still set at the end");
    }
    assert!(last(&raw, "\x1b[?1000h").is_none(), "the mouse was captured");
    assert!(last(&raw, "\x1b]0;").is_none() && last(&raw, "\x1b]2;").is_none(), "a title was set");
    assert!(!raw.contains(&0x07), "the bell rang");
    assert!(pty.modes_restored(), "the terminal is not as it was: raw mode?");
    pty.with_screen(|screen| {
        assert!(!screen.alternate_screen() && !screen.hide_cursor() && !screen.bracketed_paste());
    });
}

fn last(raw: &[u8], wanted: &str) -> Option<usize> {
    raw.windows(wanted.len()).rposition(|bytes| bytes == wanted.as_bytes())
}

#[test]
fn quitting_gives_the_terminal_back() {
    let world = World::new();
    let mut pty = world.open();
    pty.send("q");
    assert_eq!(pty.wait_exit(), 0);
    assert_restored(&pty);
    assert_eq!(pty.text().trim(), "", "nothing is left on the shell's screen");
}

#[test]
fn control_c_quits_and_twice_it_asks_nothing() {
    let world = World::new();
    let mut pty = world.open();
    pty.send("\x03");
    assert_eq!(pty.wait_exit(), 0);
    assert_restored(&pty);

    let many = world.write("many.yaml", &crate::world::many(400));
    let mut pty = world.start(&["-f", &many]);
    pty.wait_for("big");
    pty.send(":x");
    pty.wait_for("Command");
    pty.send("\x03\x03");
    assert_eq!(pty.wait_exit(), 0);
    assert_restored(&pty);
}

#[test]
fn signals_give_the_terminal_back() {
    for signal in ["TERM", "HUP", "INT", "QUIT"] {
        let world = World::new();
        let mut pty = world.open();
        pty.signal(signal);
        assert_eq!(pty.wait_exit(), 0, "after SIG{signal}");
        assert_restored(&pty);
        world.session();
    }
}

/// Modes that are set only when they are asked for are undone, too.
#[test]
fn mouse_and_title_are_given_back() {
    for way in ["quit", "signal"] {
        let world = World::new();
        world.write("config/config.toml", "mouse = true\ntitle = true\n");
        let mut pty = world.open();
        pty.wait("the title", |_| last(&pty.raw(), "\x1b]2;plimsoll: m.yaml\x1b\\").is_some());
        assert_eq!(
            pty.with_screen(vt100::Screen::mouse_protocol_mode),
            vt100::MouseProtocolMode::PressRelease
        );
        if way == "quit" {
            pty.send("q");
        } else {
            pty.signal("TERM");
        }
        assert_eq!(pty.wait_exit(), 0);
        let raw = pty.raw();
        for (what, set, unset) in [
            ("the mouse", "\x1b[?1000h", "\x1b[?1000l"),
            ("its form", "\x1b[?1006h", "\x1b[?1006l"),
            ("the title", "\x1b[22;2t", "\x1b[23;2t"),
        ] {
            let set = last(&raw, set).unwrap_or_else(|| panic!("{what} was never set"));
            assert!(last(&raw, unset).is_some_and(|at| at > set), "{what} is still set");
        }
        assert!(!raw.contains(&0x07), "the bell rang");
    }
}

/// What is waited for while the screen is up is a message of the screen's, and nothing is written across it.
#[test]
fn a_pipe_that_brings_nothing_is_waited_for_in_the_messages() {
    let world = World::new();
    let pipe = world.path("pipe");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let pty = world.start(&["-f", "pipe"]);
    pty.wait_for("waiting for pipe: it is a pipe");
    assert!(!pty.text().contains("plimsoll: waiting"), "{}", pty.text());
    std::fs::write(pipe, crate::world::MANIFEST).unwrap();
    pty.wait_for(crate::world::DONE);
    assert!(!String::from_utf8_lossy(&pty.raw()).contains("plimsoll: "), "{}", pty.text());
}

#[test]
fn an_error_after_the_terminal_was_taken_can_be_read() {
    let world = World::new();
    // Sessions cannot be kept where a file stands.
    world.write("data", "not a directory");
    let mut pty = world.start(&["-f", "m.yaml"]);
    pty.wait("an answer", |text| text.contains("data") || text.contains("The run took"));
    pty.send("q");
    pty.wait_exit();
    assert!(pty.modes_restored(), "raw mode is left behind");
    pty.with_screen(|screen| assert!(!screen.alternate_screen() && !screen.hide_cursor()));
}

/// What the next test runs in a terminal: the modes of the workbench, and a panic somewhere else.
#[test]
#[ignore = "ends its process: run by a_panic_anywhere_gives_the_terminal_back"]
fn panic_in_the_workbench_s_terminal() {
    let _guard = plimsoll::term::Guard::enter().unwrap();
    std::thread::spawn(|| panic!("the plates have sprung a leak")).join().unwrap_err();
    println!("the workbench went on");
}

#[test]
fn a_panic_anywhere_gives_the_terminal_back() {
    let world = World::new();
    let this = std::env::current_exe().unwrap();
    let args =
        ["--ignored", "--nocapture", "--exact", "leaving::panic_in_the_workbench_s_terminal"];
    let mut pty = Launch::new(&world.path(""), &args).start(&this.to_string_lossy());
    assert_eq!(pty.wait_exit(), 101);
    assert_restored(&pty);
    let text = pty.text();
    assert!(text.contains("the plates have sprung a leak"), "the message is gone:\n{text}");
    assert!(!text.contains("the workbench went on"), "half a workbench went on:\n{text}");
}

/// What the next test kills: whoever owns a terminal with a workbench in it that the terminal does not
/// control, so that nobody sends it a signal. Says when nothing moves on the screen any more.
#[cfg(target_os = "linux")]
#[test]
#[ignore = "waits to be killed: run by a_terminal_that_goes_without_a_signal_ends_the_workbench"]
fn owns_a_terminal_until_it_is_killed() {
    let home = std::path::PathBuf::from(std::env::var_os("HOME").unwrap());
    let script =
        format!("setsid -w sh -c 'echo $$ > pid; exec {} -f m.yaml'", crate::world::BINARY);
    let pty = Launch::new(&home, &["-c", &script]).start("/bin/sh");
    pty.wait_for("The run took");
    pty.settle();
    std::fs::write(home.join("settled"), "").unwrap();
    std::thread::sleep(std::time::Duration::from_secs(120));
}

#[cfg(target_os = "linux")]
#[test]
fn a_terminal_that_goes_without_a_signal_ends_the_workbench() {
    use std::time::{Duration, Instant};

    let world = World::new();
    let name = "leaving::owns_a_terminal_until_it_is_killed";
    let mut owner = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--ignored", "--exact", name])
        .env("HOME", world.path(""))
        .stdout(std::process::Stdio::null())
        .spawn()
        .unwrap();
    let begun = Instant::now();
    while !std::path::Path::new(&world.path("settled")).exists() {
        assert!(begun.elapsed() < Duration::from_secs(60), "it never came up");
        assert!(owner.try_wait().unwrap().is_none(), "it ended by itself");
        std::thread::sleep(Duration::from_millis(20));
    }
    owner.kill().unwrap();
    owner.wait().unwrap();
    let pid = std::fs::read_to_string(world.path("pid")).unwrap();
    let stat = format!("/proc/{}/stat", pid.trim());
    // One that ended and that nobody waited for is a zombie.
    let is_there = || std::fs::read_to_string(&stat).is_ok_and(|stat| !stat.contains(") Z "));
    let killed = Instant::now();
    while is_there() {
        assert!(killed.elapsed() < Duration::from_secs(20), "it goes on without a terminal");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn without_a_terminal_there_is_no_workbench() {
    let world = World::new();
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_plimsoll"))
        .args(["-f", "m.yaml"])
        .current_dir(world.path(""))
        .env("PLIMSOLL_DATA_DIR", world.path("data"))
        .stdin(std::process::Stdio::null())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(output.stdout.is_empty());
    assert!(String::from_utf8_lossy(&output.stderr).contains("plimsoll scan"));
}
