//! The pictures of the README: how each of them is reached in the real binary on the demo cluster.

use std::path::Path;

use crate::pty::{Launch, Pty};
use crate::svg;

/// A picture.
pub struct Shot {
    /// The name of its file, without the ending.
    pub name: &'static str,
    /// What it shows, for those who cannot see it.
    pub title: &'static str,
    /// Columns and rows.
    pub size: (u16, u16),
    /// Keys, and the text or the row that shows that they were taken.
    steps: &'static [(&'static str, Wait)],
}

#[derive(Clone, Copy)]
enum Wait {
    /// This text is on the screen.
    Text(&'static str),
    /// The cursor stands on a row with this text; it is moved down to it.
    Row(&'static str),
    /// This text has gone from the screen.
    Gone(&'static str),
}
use Wait::{Gone, Row, Text};

const LARGE: (u16, u16) = (120, 40);
const SMALL: (u16, u16) = (80, 24);

const PRIVILEGED: &[(&str, Wait)] = &[
    ("4", Text("severity")),
    ("/image-builder privileged\r", Text("hidden; esc clears")),
    ("\r", Text("◀ fails")),
];

/// All of them.
pub const SHOTS: &[Shot] = &[
    Shot { name: "overview", title: "The overview of the demo cluster", size: LARGE, steps: &[] },
    Shot { name: "overview-80x24", title: "The overview in 80 columns", size: SMALL, steps: &[] },
    Shot {
        name: "framework",
        title: "The controls of a framework, each with its status and why it has it",
        size: LARGE,
        steps: &[
            ("3", Text("PSS base")),
            ("/Hardening\r\r", Text("NSA-POD-01")),
            ("", Row("NSA-POD-11")),
        ],
    },
    Shot {
        name: "finding",
        title: "A finding: the offending line, why it matters, and the patch that mends it",
        size: LARGE,
        steps: PRIVILEGED,
    },
    Shot {
        name: "finding-80x24",
        title: "A finding in 80 columns",
        size: SMALL,
        steps: PRIVILEGED,
    },
    Shot {
        name: "findings",
        title: "Findings grouped by check",
        size: LARGE,
        steps: &[("4", Text("severity")), ("b", Text("⊟")), ("z", Gone("⊟"))],
    },
    Shot {
        name: "objects",
        title: "Kinds of objects with their findings and how they were read",
        size: LARGE,
        steps: &[("2", Text("ServiceAccount"))],
    },
    Shot {
        name: "matrix",
        title: "The matrix of attack techniques, each shaded by the worst of what it needs and finds",
        size: LARGE,
        steps: &[("5", Text("Initial Access")), ("lllG", Text("T1611 Escape to Host"))],
    },
    Shot {
        name: "heat-map",
        title: "Frameworks and namespaces: how many controls fail where, by the worst finding",
        size: LARGE,
        steps: &[("gh", Text("cluster-wide")), ("l", Text("controls fail by what"))],
    },
    Shot {
        name: "coverage",
        title: "What was read, what could not be, and which controls rest on it",
        size: LARGE,
        steps: &[("8", Text("What could not be assessed")), ("\t", Text("Reads"))],
    },
    Shot {
        name: "access",
        title: "Who may do what: every subject, the worst right first",
        size: LARGE,
        steps: &[("6", Text("worst")), ("", Text("Path"))],
    },
    Shot {
        name: "network",
        title: "Which pods are isolated, namespace by namespace",
        size: LARGE,
        steps: &[("7", Text("isolated in"))],
    },
    Shot {
        name: "decision",
        title: "Accepting a risk, with a reason, until a day",
        size: LARGE,
        steps: &[
            ("4", Text("severity")),
            ("/image-builder privileged\r", Text("hidden; esc clears")),
            ("\r", Text("◀ fails")),
            ("a", Text("Accept the risk")),
            ("builds move to rootless builders in spring", Text("in spring")),
            ("\r\x152027-04-30", Text("2027-04-30")),
            ("\rgrace", Text("grace")),
        ],
    },
    Shot {
        name: "preview",
        title: "What the patches of a workload come to together, before anybody applies them",
        size: LARGE,
        steps: &[("", Row("legacy/inv")), ("p", Text("Clears"))],
    },
    Shot {
        name: "palette",
        title: "Every command, place and check by name",
        size: LARGE,
        steps: &[(":", Text("Command")), ("priv", Text("› priv"))],
    },
    Shot {
        name: "help",
        title: "The keys that work on this screen",
        size: LARGE,
        steps: &[("4", Text("severity")), ("?", Text("Keys here"))],
    },
];

/// A recorded walk through the workbench.
pub struct Tour {
    /// The name of its file, without the ending.
    #[allow(dead_code, reason = "the example looks at it, the tests do not")]
    pub name: &'static str,
    /// What it shows.
    pub title: &'static str,
    /// Columns and rows.
    pub size: (u16, u16),
    /// Texts that its last frame shows.
    #[allow(dead_code, reason = "the tests look at it, the example does not")]
    pub ends_with: &'static [&'static str],
    /// Keys, what shows that they were taken, and how many seconds that is looked at.
    steps: &'static [(&'static str, Wait, f64)],
}

/// From what stands there to a finding, what its patch comes to, a decision and the report.
pub const TOUR: Tour = Tour {
    name: "tour",
    title: "Plimsoll: from a framework to a finding, its patch, a decision and the report",
    size: (100, 30),
    ends_with: &["NSA/CISA", "Write a report", "for code scanning"],
    steps: &[
        ("", Text("What to mend first"), 4.0),
        ("3", Text("PSS restr"), 2.5),
        ("/Hardening\r", Text("hidden; esc clears"), 1.5),
        ("\r", Text("NSA-POD-01"), 2.5),
        ("", Row("NSA-POD-11"), 2.0),
        ("\r", Text("Checks"), 3.0),
        ("", Row("image-builder"), 2.0),
        ("\r", Text("◀ fails"), 4.0),
        ("\t", Text("Triage"), 5.0),
        ("p", Text("Clears"), 5.0),
        ("\x1b", Text("Triage"), 1.5),
        ("a", Text("Accept the risk"), 2.0),
        ("builds move to rootless builders in spring", Text("in spring"), 2.5),
        ("\r\x152027-04-30", Text("2027-04-30"), 2.0),
        ("\rgrace", Text("grace"), 1.5),
        ("\r\r", Text("saved: 1 finding accepted"), 3.0),
        ("1", Text("What to mend first"), 2.5),
        ("", Gone("saved:"), 1.0),
        ("w", Text("Write a report"), 4.0),
    ],
};

/// The picture of that name.
#[allow(dead_code, reason = "the tests look at some of them, the example at all")]
pub fn named(name: &str) -> &'static Shot {
    SHOTS.iter().find(|shot| shot.name == name).expect("a picture has that name")
}

/// Takes a picture of `binary`, at home in `home`.
pub fn take(shot: &Shot, binary: &Path, home: &Path) -> String {
    let mut pty = start(shot.size, binary, home);
    for (keys, wait) in shot.steps {
        pty.send(keys);
        reach(&mut pty, *wait);
    }
    pty.settle();
    pty.with_screen(|screen| svg::draw(screen, shot.title))
}

/// Records the tour of `binary`, at home in `home`: a file in the second version of asciicast, with
/// an event for each step. It begins with the first frame as it stands; what follows is what the
/// program wrote.
pub fn record(tour: &Tour, binary: &Path, home: &Path) -> String {
    let mut pty = start(tour.size, binary, home);
    let (columns, rows) = tour.size;
    let head = serde_json::json!({
        "version": 2,
        "width": columns,
        "height": rows,
        "title": tour.title,
        "env": {"TERM": "xterm-256color"},
    });
    let mut out = format!("{head}\n");
    let mut at = 0.0;
    let mut first = true;
    for (keys, wait, seconds) in tour.steps {
        pty.forget();
        pty.send(keys);
        reach(&mut pty, *wait);
        pty.settle();
        let written = if first {
            pty.with_screen(vt100::Screen::state_formatted)
        } else {
            String::from_utf8_lossy(&pty.raw()).into_owned()
        };
        let event = serde_json::json!([at, "o", written]);
        out.push_str(&format!("{event}\n"));
        first = false;
        at += seconds;
    }
    // Without an event at the end, the last frame would be gone at once.
    let last = serde_json::json!([at, "o", ""]);
    out.push_str(&format!("{last}\n"));
    out
}

/// The demo when its first run is over.
fn start((columns, rows): (u16, u16), binary: &Path, home: &Path) -> Pty {
    let pty = Launch::new(home, &["demo", "--theme", "dark"])
        .size(columns, rows)
        .env("COLORTERM", "truecolor")
        .start(&binary.to_string_lossy());
    // How long the run took is said for a while, and is never the same.
    pty.wait_for("The run took");
    pty.wait_gone("The run took");
    pty
}

fn reach(pty: &mut Pty, wait: Wait) {
    match wait {
        Text(text) => pty.wait_for(text),
        Gone(text) => pty.wait_gone(text),
        Row(text) => {
            pty.wait_for(text);
            pty.go_to(text);
        }
    }
}
