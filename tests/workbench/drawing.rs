//! Bytes on the line: colours, sizes, idleness, frames.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use crate::pty::Pty;
use crate::world::World;

const BEGIN: &str = "\x1b[?2026h";
const END: &str = "\x1b[?2026l";

/// Colour codes in what was written: SGR parameters 30-49 and 90-107.
fn colour_codes(raw: &str) -> Vec<String> {
    let sequences = raw.split("\x1b[").skip(1).filter_map(|rest| {
        let (numbers, _) = rest.split_once('m')?;
        numbers.chars().all(|c| c.is_ascii_digit() || ";:".contains(c)).then(|| numbers.to_owned())
    });
    let coloured = |text: &String| {
        let number = |part: &str| part.split(':').next().and_then(|n| n.parse::<u32>().ok());
        text.split(';')
            .filter_map(number)
            .any(|n| (30..=49).contains(&n) || (90..=107).contains(&n))
    };
    sequences.filter(coloured).collect()
}

#[test]
fn without_colour_the_selection_and_severity_still_show() {
    let world = World::new();
    // A theme of colours is chosen, too: what the environment says of the terminal wins.
    let mut pty = world.start_as(&["-f", "m.yaml", "--theme", "dark"], |l| l.env("NO_COLOR", "1"));
    pty.wait_for(crate::world::DONE);
    pty.send("4");
    pty.wait("the first finding", |_| pty.row().contains("runs privileged"));
    pty.send("?");
    pty.wait_for("Keys here");
    pty.send("\x1b");
    pty.wait_gone("Keys here");
    let raw = String::from_utf8_lossy(&pty.raw()).into_owned();
    assert_eq!(colour_codes(&raw), Vec::<String>::new());
    pty.with_screen(|screen| {
        let (rows, columns) = screen.size();
        let (rows, columns) = (rows.get(), columns.get());
        let at = |row, column| screen.cell(row, column).unwrap();
        let row = (0..rows).find(|row| (0..4).any(|c| at(*row, c).contents() == "▸")).unwrap();
        assert!((0..columns).any(|c| at(row, c).inverse()), "the selected row is like the others");
        assert!((0..columns).any(|c| at(row + 1, c).bold()), "a high severity is not bold");
        assert!(!(0..columns).any(|c| at(row + 1, c).inverse()));
    });
}

#[test]
fn colours_are_those_the_terminal_has() {
    let world = World::new();
    for (term, colorterm, wanted, never) in [
        ("xterm-256color", "truecolor", "38;2;", "38;5;"),
        ("xterm-256color", "", "38;5;", "38;2;"),
        ("xterm", "", "\x1b[3", "38;2;"),
    ] {
        let pty = world.start_as(&["-f", "m.yaml", "--theme", "dark"], |l| {
            l.env("TERM", term).env("COLORTERM", colorterm)
        });
        pty.wait_for(crate::world::DONE);
        let raw = String::from_utf8_lossy(&pty.raw()).into_owned();
        assert!(raw.contains(wanted), "{term} {colorterm}: {wanted} is missing");
        assert!(!raw.contains(never), "{term} {colorterm}: {never} is written");
    }
}

#[test]
fn resize_storms_and_tiny_sizes_are_survived() {
    let world = World::new();
    let mut pty = world.open();
    let sizes = [(40, 10), (20, 5), (200, 60), (1, 1), (2, 40), (300, 3), (80, 24), (10, 10)];
    for view in ["1", "2", "3", "4", "5", "6", "7", "8", "9", "0", "gc", "4\r", "?"] {
        pty.send(view);
        for (columns, rows) in sizes {
            pty.resize(columns, rows);
        }
    }
    pty.send("\x1b");
    pty.resize(120, 40);
    pty.settle();
    pty.send("1");
    pty.wait_for("What to mend first");
    // The last size is the one that is drawn, and nothing of the others is left.
    pty.wait("a footer in the last line", |text| {
        text.lines().last().is_some_and(|line| line.contains("? help"))
    });
    let text = pty.text();
    assert_eq!(text.matches("plimsoll").count(), 1, "leftovers or holes:\n{text}");
    pty.resize(20, 5);
    pty.wait("a word about the size", |text| !text.contains("What to mend first"));
    pty.resize(80, 24);
    pty.wait_for("What to mend first");
    pty.send("q");
    assert_eq!(pty.wait_exit(), 0);
}

#[test]
fn the_whole_way_works_at_80_by_24() {
    let world = World::new();
    let mut pty = world.start_as(&["-f", "m.yaml"], |l| l.size(80, 24));
    pty.wait_for(crate::world::DONE);
    pty.send("4");
    pty.wait_for("runs privileged");
    pty.send("\r");
    pty.wait_for("◀ fails");
    pty.send("\t");
    pty.wait_for("Fix");
    pty.send("a");
    pty.wait_for("Accept the risk");
    pty.send("tested small\r\r\r\r");
    pty.wait_for("saved: 1 finding accepted");
}

/// Clock ticks used so far, and how often each thread gave up the processor by itself.
#[cfg(target_os = "linux")]
fn spent(pty: &Pty) -> (u64, BTreeMap<PathBuf, u64>) {
    let proc = PathBuf::from(format!("/proc/{}", pty.pid()));
    let stat = std::fs::read_to_string(proc.join("stat")).unwrap();
    let fields: Vec<&str> = stat.rsplit(") ").next().unwrap().split(' ').collect();
    let ticks = fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap();
    let tasks = std::fs::read_dir(proc.join("task")).unwrap().map(|task| task.unwrap().path());
    let switches = tasks.filter_map(|task| {
        // A thread may end between the two looks.
        let status = std::fs::read_to_string(task.join("status")).ok()?;
        let line = status.lines().find(|l| l.starts_with("voluntary_ctxt_switches"))?;
        Some((task, line.split_whitespace().last()?.parse().ok()?))
    });
    (ticks, switches.collect())
}

#[test]
#[cfg(target_os = "linux")]
fn an_idle_workbench_does_nothing_at_all() {
    let world = World::new();
    let pty = world.start(&["demo"]);
    pty.wait_for(crate::world::DONE);
    pty.wait_gone(crate::world::DONE);
    // Threads of the pool retire once, seconds after their last work. Whatever comes again and
    // again shows in every window.
    let mut windows = Vec::new();
    // Two in a row: ten seconds.
    let quiet = |windows: &[(u64, u64, usize)]| windows.ends_with(&[(0, 0, 0); 2]);
    while windows.len() < 6 && !quiet(&windows) {
        windows.push(idle(&pty));
    }
    let quiet = quiet(&windows);
    assert!(quiet, "ticks, wake-ups and bytes in five seconds each: {windows:?}");
}

/// Clock ticks, wake-ups and bytes written in five seconds without a key.
#[cfg(target_os = "linux")]
fn idle(pty: &Pty) -> (u64, u64, usize) {
    pty.forget();
    let (ticks, switches) = spent(pty);
    std::thread::sleep(Duration::from_secs(5));
    let (ticks_after, switches_after) = spent(pty);
    let woken = switches_after.iter().map(|(task, n)| n - switches.get(task).unwrap_or(&0)).sum();
    (ticks_after - ticks, woken, pty.raw().len())
}

#[test]
fn frames_are_whole_and_moving_writes_little() {
    let world = World::new();
    let mut pty = world.open();
    pty.send("4");
    pty.wait("the first finding", |_| pty.row().contains("runs privileged"));
    pty.settle();
    let all = String::from_utf8_lossy(&pty.raw()).into_owned();
    let (_, mut rest) = all.split_once(BEGIN).expect("frames are synchronized");
    loop {
        let (frame, after) = rest.split_once(END).expect("every frame ends");
        assert!(!frame.contains(BEGIN), "a frame within a frame");
        let Some((between, next)) = after.split_once(BEGIN) else {
            rest = after;
            break;
        };
        assert_eq!(between, "", "something was written outside a frame");
        rest = next;
    }
    assert_eq!(rest, "", "something was written outside a frame");
}

/// Bytes written for a step down, the most of five.
fn step(pty: &mut Pty) -> usize {
    let mut most = 0;
    for _ in 0..5 {
        let row = pty.row();
        pty.settle();
        pty.forget();
        pty.send("j");
        pty.wait("the next row", |_| pty.row() != row);
        pty.settle();
        let raw = pty.raw();
        assert!(!String::from_utf8_lossy(&raw).contains("\x1b[2J"), "the screen was cleared");
        most = most.max(raw.len());
    }
    most
}

#[test]
fn moving_one_row_writes_little() {
    let world = World::new();
    let mut pty = world.open();
    let plain = step(&mut pty);
    // Beside these lists stands a pane about the row, which is another one each time.
    pty.send("4");
    pty.wait("the first finding", |_| pty.row().contains("runs privileged"));
    let findings = step(&mut pty);
    pty.send("gc");
    pty.wait_for("checks");
    let checks = step(&mut pty);
    eprintln!("bytes for one row: {plain} plain, {findings} findings, {checks} checks");
    assert!(plain < 1024, "{plain} bytes for one row");
    // Nearly all of it is the text of the other finding.
    assert!(checks < 2 * 1024, "{checks} bytes for one row");
    assert!(findings < 2 * 1024, "{findings} bytes for one row");
}
