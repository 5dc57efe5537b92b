//! A good citizen of the terminal: mouse, links, title, cursor, themes, sizes, editors.

use std::time::{Duration, Instant};

use crate::pty::Pty;
use crate::world::{DONE, World, first_finding, written};

const BEGIN: &str = "\x1b[?2026h";

/// Column and row, from 1, of a text on the screen.
fn place(pty: &Pty, text: &str) -> (usize, usize) {
    let screen = pty.text();
    let row = screen.lines().position(|line| line.contains(text)).expect("the text is there");
    let line = screen.lines().nth(row).unwrap();
    let before = line.split(text).next().unwrap();
    (before.chars().count() + 1, row + 1)
}

/// Presses and releases the first button on a text.
fn click(pty: &mut Pty, text: &str) {
    let (column, row) = place(pty, text);
    pty.send(&format!("\x1b[<0;{column};{row}M\x1b[<0;{column};{row}m"));
}

#[test]
fn the_mouse_is_taken_by_one_key_and_released_by_it() {
    let world = World::new();
    let mut pty = world.open();
    assert!(!written(&pty).contains("\x1b[?1000h"), "the mouse was taken unasked");
    pty.send("T");
    pty.wait_for("T release mouse");
    assert_eq!(
        pty.with_screen(vt100::Screen::mouse_protocol_mode),
        vt100::MouseProtocolMode::PressRelease
    );
    click(&mut pty, "4 Findings");
    pty.wait("the first finding", |_| pty.row().contains("runs privileged"));
    pty.send("\x1b[<65;20;10M");
    pty.wait("another row", |_| !pty.row().contains("runs privileged"));
    pty.send("\x1b[<64;20;10M");
    pty.wait("the first row", |_| pty.row().contains("runs privileged"));
    click(&mut pty, "container app runs privileged");
    pty.wait_for("◀ fails");
    click(&mut pty, "findings");
    pty.wait_gone("◀ fails");
    pty.send("T");
    pty.wait_gone("release mouse");
    assert_eq!(pty.with_screen(vt100::Screen::mouse_protocol_mode), vt100::MouseProtocolMode::None);
}

#[test]
fn redraw_paints_everything_anew() {
    let world = World::new();
    let mut pty = world.open();
    first_finding(&mut pty);
    pty.send(":redraw");
    pty.wait_for("Paint everything anew");
    pty.settle();
    pty.forget();
    pty.send("\r");
    pty.wait_gone("Paint everything anew");
    pty.settle();
    let raw = written(&pty);
    assert!(raw.contains("\x1b[2J"), "nothing was cleared");
    // Tabs, rows and the footer did not change, and are written all the same.
    for text in ["Overview", "pay/web", "help"] {
        assert!(raw.contains(text), "{text} was not painted");
    }
}

#[test]
fn a_burst_of_sizes_is_drawn_a_few_times_and_the_focus_stays() {
    let world = World::new();
    let mut pty = world.open();
    first_finding(&mut pty);
    pty.send("j");
    pty.wait("the next row", |_| !pty.row().contains("runs privileged"));
    let row = pty.row().chars().take(30).collect::<String>();
    pty.send("/");
    pty.settle();
    pty.forget();
    let begun = Instant::now();
    let sizes = 60;
    for n in 0..sizes {
        pty.resize(100 + n % 40, 30 + n % 10);
        std::thread::sleep(Duration::from_millis(2));
    }
    pty.resize(120, 40);
    let taken = begun.elapsed();
    pty.settle();
    let frames = written(&pty).matches(BEGIN).count();
    // No more than one in 16 ms, and one at the end; a size that is seen late adds another.
    let most = usize::try_from(taken.as_millis() / 16).unwrap() + 4;
    assert!(frames <= most, "{frames} frames for {sizes} sizes in {taken:?}");
    assert!(frames >= 1);
    assert!(pty.row().starts_with(&row), "the cursor is on another row: {}", pty.row());
    // What is typed still goes where it went.
    pty.send("zzz");
    pty.wait_for("/ zzz");
    pty.send("\x1b");
    pty.wait_for("container app runs privileged");
}

#[test]
fn the_cursor_is_shown_in_inputs_and_stands_where_is_typed() {
    let world = World::new();
    let mut pty = world.open();
    let hidden = |pty: &Pty| pty.with_screen(vt100::Screen::hide_cursor);
    first_finding(&mut pty);
    assert!(hidden(&pty), "a cursor in a list");
    pty.send("\r");
    pty.wait_for("◀ fails");
    assert!(hidden(&pty), "a cursor in a text");
    pty.send("\x1b");
    pty.wait_gone("◀ fails");
    for (open, typed) in [("/", "web"), (":", "over"), ("a", "because"), ("?", "note")] {
        pty.send(open);
        pty.settle();
        pty.send(typed);
        pty.wait_for(typed);
        pty.settle();
        let (row, column) = pty.with_screen(vt100::Screen::cursor_position);
        assert!(!hidden(&pty), "no cursor after {open}");
        let before: String =
            pty.with_screen(|s| s.rows(0, column).nth(usize::from(row))).unwrap_or_default();
        assert!(before.ends_with(typed), "after {open} it stands behind {before:?}");
        pty.send("\x1b");
        pty.settle();
        assert!(hidden(&pty), "the cursor stays after {open}");
    }
}

const MINE: &str =
    "about = \"mine\"\ninherits = \"terminal\"\n[roles]\ntitle = { fg = \"#123456\" }\n";

#[test]
fn a_theme_is_read_again_and_a_broken_one_keeps_the_old() {
    let world = World::new();
    let file = world.write("config/themes/mine.toml", MINE);
    world.write("config/config.toml", "theme = \"mine\"\n");
    let mut pty = world.start_as(&["-f", "m.yaml"], |l| l.env("COLORTERM", "truecolor"));
    pty.wait_for(DONE);
    let shows = |pty: &Pty, colour: &str| written(pty).contains(&format!("38;2;{colour}"));
    pty.wait("the colour", |_| shows(&pty, "18;52;86"));
    // By a signal.
    std::fs::write(&file, MINE.replace("#123456", "#010203")).unwrap();
    pty.signal("USR1");
    pty.wait("the new colour", |_| shows(&pty, "1;2;3"));
    // When the terminal gains the focus.
    std::fs::write(&file, MINE.replace("#123456", "#040506")).unwrap();
    pty.send("\x1b[O\x1b[I");
    pty.wait("the next colour", |_| shows(&pty, "4;5;6"));
    pty.settle();
    // A broken one is named with its line, and changes nothing.
    std::fs::write(&file, MINE.replace("#123456", "no-colour")).unwrap();
    pty.send("\x1b[O\x1b[I");
    pty.wait_for("mine.toml:4:");
    pty.settle();
    pty.forget();
    pty.send(":redraw\r");
    pty.wait("the old colour", |_| shows(&pty, "4;5;6"));
    // Said once, and not at every look.
    pty.send("gl");
    pty.wait_for("     ✖ a file is broken");
    let said = |pty: &Pty| pty.text().matches("     ✖ a file is broken").count();
    let before = said(&pty);
    pty.send("\x1b[O\x1b[I\x1b[O\x1b[I");
    pty.settle();
    assert_eq!(said(&pty), before, "{}", pty.text());
    std::fs::write(&file, MINE.replace("#123456", "#070809")).unwrap();
    pty.send(":reload\r");
    pty.wait("the mended colour", |_| shows(&pty, "7;8;9"));
}

#[test]
fn keys_are_read_again_and_broken_ones_keep_the_old() {
    let world = World::new();
    let mut pty = world.open();
    let file = world.write("config/keys.toml", "[global]\nhelp = \"H\"\n");
    pty.send("\x1b[I");
    pty.wait_for("H help");
    std::fs::write(&file, "[screen]\nrun = \"n\"\n").unwrap();
    pty.send("\x1b[I");
    pty.wait_for("keys.toml:2:");
    pty.wait_for("means both");
    pty.wait_for("H help");
    // Who asks is told again, and no word of success covers it.
    pty.send(":reload\r");
    pty.settle();
    pty.wait_for("keys.toml:2:");
    assert!(!pty.text().contains("were read again"), "{}", pty.text());
    std::fs::write(&file, "[global]\nhelp = \"H\"\n").unwrap();
    pty.send(":reload\r");
    pty.wait_for("were read again");
}

#[test]
fn broken_keys_are_told_at_the_start_and_the_run_does_not_cover_it() {
    let world = World::new();
    world.write("config/keys.toml", "[global]\nhlep = \"?\"\n");
    let pty = world.start_as(&["-f", "m.yaml"], |l| l);
    pty.wait("the run's end", |_| !world.session().state().runs.is_empty());
    pty.settle();
    pty.wait_for("keys.toml:2:1");
    assert!(!pty.text().contains("The run took"), "{}", pty.text());
}

#[test]
fn a_theme_that_is_tried_on_is_seen_at_once() {
    let world = World::new();
    let mut pty = world.start_as(&["-f", "m.yaml"], |l| l.env("COLORTERM", "truecolor"));
    pty.wait_for(DONE);
    pty.settle();
    pty.forget();
    pty.send(":theme\r");
    pty.wait_for("Theme ─");
    assert!(!written(&pty).contains("48;2;"), "another ground before anything was chosen");
    pty.send("light");
    pty.wait("a light ground", |_| written(&pty).contains("48;2;"));
    pty.send("\x1b");
    pty.wait_gone("Theme ─");
    pty.settle();
    pty.forget();
    pty.send(":redraw\r");
    pty.settle();
    assert!(!written(&pty).contains("48;2;"), "it is still on after Esc");
}

const ASKED: &str = "\x1b]11;?";

#[test]
fn the_ground_is_asked_for_when_that_is_wanted() {
    for (reply, light) in [("rgb:ffff/ffff/ffff", true), ("rgb:1010/1010/1010", false)] {
        let world = World::new();
        world.write("config/config.toml", "theme = \"auto\"\n");
        let mut pty = world.start_as(&["-f", "m.yaml"], |l| l.env("COLORTERM", "truecolor"));
        pty.wait("the question", |_| written(&pty).contains(ASKED));
        pty.send(&format!("\x1b]11;{reply}\x1b\\\x1b[?62;22c"));
        pty.wait_for(DONE);
        pty.settle();
        // Late or in time, an answer is no keys: the overview is still there.
        assert!(pty.text().contains("What to mend first"), "{}", pty.text());
        // The answer may have come too late for a machine this busy; then neither is worn.
        let worn = grounds(&pty);
        assert!(worn.is_empty() || worn.iter().all(|l| *l == light), "{reply}: {worn:?}");
    }
}

/// The grounds that were written: whether each is light.
fn grounds(pty: &Pty) -> Vec<bool> {
    let raw = written(pty);
    let colours = raw.split("48;2;").skip(1).map(|rest| {
        let numbers: String =
            rest.chars().take_while(|c| c.is_ascii_digit() || *c == ';').collect();
        let sum: u32 = numbers.split(';').take(3).filter_map(|n| n.parse::<u32>().ok()).sum();
        sum > 384
    });
    let mut all: Vec<bool> = colours.collect();
    all.dedup();
    all
}

#[test]
fn a_terminal_that_never_answers_costs_no_time_and_multiplexers_are_not_asked() {
    let world = World::new();
    world.write("config/config.toml", "theme = \"auto\"\n");
    let begun = Instant::now();
    let mut pty = world.start(&["-f", "m.yaml"]);
    pty.wait_for("plimsoll");
    assert!(begun.elapsed() < Duration::from_secs(5));
    pty.wait_for(DONE);
    assert!(written(&pty).contains(ASKED));
    // The answer comes after all: it is no keys.
    pty.send("\x1b]11;rgb:4444/5555/6666\x1b\\");
    pty.settle();
    assert!(pty.text().contains("What to mend first"), "the answer was taken for keys");
    drop(pty);
    for (name, value, term) in
        [("TMUX", "/tmp/x,1,0", "tmux-256color"), ("STY", "1.pts", "screen-256color")]
    {
        let pty = world.start_as(&["-f", "m.yaml"], |l| l.env(name, value).env("TERM", term));
        pty.wait_for(DONE);
        assert!(!written(&pty).contains(ASKED), "{name}: asked unasked");
        drop(pty);
        world.write("config/config.toml", "theme = \"auto\"\nbackground = \"ask\"\n");
        let pty = world.start_as(&["-f", "m.yaml"], |l| l.env(name, value).env("TERM", term));
        pty.wait_for(DONE);
        assert!(written(&pty).contains(ASKED), "{name}: not asked although wanted");
        world.write("config/config.toml", "theme = \"auto\"\n");
    }
    // What is said outright needs no question.
    world.write("config/config.toml", "theme = \"auto\"\nbackground = \"light\"\n");
    let pty = world.start_as(&["-f", "m.yaml"], |l| l.env("COLORTERM", "truecolor"));
    pty.wait_for(DONE);
    assert!(!written(&pty).contains(ASKED));
    assert_eq!(grounds(&pty).first(), Some(&true));
}

#[test]
fn addresses_are_links_where_the_terminal_may_know_them() {
    let world = World::new();
    for (term, wanted) in [("xterm-256color", true), ("linux", false)] {
        let mut pty = world.start_as(&["-f", "m.yaml"], |l| l.env("TERM", term).size(200, 60));
        pty.wait_for(DONE);
        first_finding(&mut pty);
        pty.send("\r");
        pty.wait_for("Read on");
        pty.settle();
        // The address itself stands there either way.
        assert!(pty.text().contains("https://"));
        assert_eq!(written(&pty).contains("\x1b]8;;https://"), wanted, "{term}");
    }
}

#[test]
fn visual_comes_before_editor_and_a_size_changed_meanwhile_is_seen() {
    let world = World::new();
    let editor = world.script("visual", "#!/bin/sh\necho visual runs\nread -r line\n");
    let mut pty = world
        .start_as(&["-f", "m.yaml"], |l| l.env("VISUAL", &editor).env("EDITOR", "no-such-editor"));
    pty.wait_for(DONE);
    first_finding(&mut pty);
    pty.send("\r");
    pty.wait_for("◀ fails");
    pty.send("e");
    pty.wait_for("visual runs");
    pty.resize(80, 24);
    pty.send("\r");
    pty.wait_for("◀ fails");
    pty.settle();
    let text = pty.text();
    assert!(text.lines().nth(23).is_some_and(|line| line.contains("? help")), "{text}");
    // At 80 columns the text has the screen to itself.
    assert!(!text.contains("Fix  "), "the layout is that of the old size:\n{text}");
}

#[test]
fn the_log_is_a_file_of_the_owner_and_says_what_happened() {
    use std::os::unix::fs::PermissionsExt as _;
    let world = World::new();
    let mut pty = world.open();
    pty.send("q");
    assert_eq!(pty.wait_exit(), 0);
    let path = world.path("data/log/plimsoll.log");
    let log = std::fs::read_to_string(&path).unwrap();
    assert!(log.contains("start: plimsoll ") && log.contains("run: "), "{log}");
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    let config = world.kubeconfig();
    let mut pty = world.start(&["--kubeconfig", &config, "--context", "dead"]);
    pty.wait_for("✖ no connection");
    // The other contexts are offered at once; letters are typed there.
    pty.wait_for("─ Cluster ─");
    pty.send("\x1b");
    pty.wait_gone("─ Cluster ─");
    pty.send("q");
    assert_eq!(pty.wait_exit(), 0);
    let log = std::fs::read_to_string(&path).unwrap();
    assert!(log.contains("error: ") && log.contains("127.0.0.1:9"), "{log}");
    assert!(log.lines().count() < 15, "{log}");
}
