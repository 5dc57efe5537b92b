//! Bytes on the line: colours, sizes, idleness, frames.

use std::time::Duration;

use crate::pty::Pty;
use crate::world::World;

const BEGIN: &str = "\x1b[?2026h";
const END: &str = "\x1b[?2026l";

/// Colour codes in what was written: SGR parameters 30-49 and 90-107.
fn colour_codes(raw: &str) -> Vec<String> {
    let sequences = raw.split("\x1b[").skip(1).filter_map(|rest| {
        let end = rest.find(|c: char| c.is_ascii_alphabetic())?;
        rest[end..].starts_with('m').then(|| rest[..end].to_owned())
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
    for view in ["1", "2", "3", "4", "5", "6", "7", "8", "4\r", "?"] {
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
    assert_eq!(pty.text().matches("plimsoll").count(), 1);
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
    pty.send("tested small\r\r\r");
    pty.wait_for("1 finding: accepted");
}

/// Clock ticks used so far, and how often a thread gave up the processor by itself.
fn spent(pty: &Pty) -> (u64, u64) {
    let pid = pty.pid();
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    let fields: Vec<&str> = stat.rsplit(") ").next().unwrap().split(' ').collect();
    let ticks = fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap();
    let mut switches = 0;
    for task in std::fs::read_dir(format!("/proc/{pid}/task")).unwrap() {
        let status = std::fs::read_to_string(task.unwrap().path().join("status")).unwrap();
        let line = status.lines().find(|l| l.starts_with("voluntary_ctxt_switches")).unwrap();
        switches += line.split_whitespace().last().unwrap().parse::<u64>().unwrap();
    }
    (ticks, switches)
}

#[test]
#[cfg(target_os = "linux")]
fn an_idle_workbench_does_nothing_at_all() {
    let world = World::new();
    let pty = world.start(&["demo"]);
    pty.wait_for(crate::world::DONE);
    // The message goes at its own deadline; threads of the pool go to sleep after their own.
    pty.wait_gone(crate::world::DONE);
    let mut before = spent(&pty);
    let deadline = std::time::Instant::now() + Duration::from_secs(30);
    loop {
        std::thread::sleep(Duration::from_secs(1));
        let now = spent(&pty);
        if now == before || std::time::Instant::now() > deadline {
            break;
        }
        before = now;
    }
    pty.forget();
    let before = spent(&pty);
    std::thread::sleep(Duration::from_secs(5));
    let after = spent(&pty);
    assert_eq!(after.0 - before.0, 0, "clock ticks in five idle seconds");
    // A pool thread may retire once in that time; a tick of any kind would show tens.
    assert!(after.1 - before.1 <= 2, "{} wake-ups in five idle seconds", after.1 - before.1);
    assert!(pty.raw().is_empty(), "something was written");
}

#[test]
fn frames_are_whole_and_moving_writes_little() {
    let world = World::new();
    let mut pty = world.open();
    pty.send("4");
    pty.wait("the first finding", |_| pty.row().contains("runs privileged"));
    pty.settle();
    let all = String::from_utf8_lossy(&pty.raw()).into_owned();
    let modes = all.find(BEGIN).expect("frames are synchronized");
    let mut rest = &all[modes..];
    while let Some(frame) = rest.strip_prefix(BEGIN) {
        let end = frame.find(END).expect("every frame ends");
        assert!(!frame[..end].contains(BEGIN), "a frame within a frame");
        rest = &frame[end + END.len()..];
    }
    assert_eq!(rest, "", "something was written outside a frame");

    for _ in 0..5 {
        let row = pty.row();
        pty.forget();
        pty.send("j");
        pty.wait("the next row", |_| pty.row() != row);
        pty.settle();
        let raw = pty.raw();
        assert!(!String::from_utf8_lossy(&raw).contains("\x1b[2J"), "the screen was cleared");
        // The pane beside the list shows another finding each time, which is most of it.
        assert!(raw.len() < 8 * 1024, "{} bytes for one row", raw.len());
    }
    pty.send("5");
    pty.wait_for("privileged-container");
    pty.settle();
}

#[test]
fn moving_one_row_in_a_plain_list_is_two_rows_of_bytes() {
    let world = World::new();
    let mut pty = world.open();
    pty.send("3");
    pty.wait_for("Standards: Baseline");
    pty.send("/baseline\r\r");
    pty.wait_for("Host Namespaces");
    pty.settle();
    for _ in 0..5 {
        let row = pty.row();
        pty.forget();
        pty.send("j");
        pty.wait("the next row", |_| pty.row() != row);
        pty.settle();
        assert!(pty.raw().len() < 2 * 1024, "{} bytes for one row", pty.raw().len());
    }
}
