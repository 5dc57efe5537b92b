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
            ("3", Text("Pod Security Standards: Baseline")),
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
        steps: &[("5", Text("Initial Access")), ("ll", Text("What it needs"))],
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
        steps: &[("6", Text("Who may do what")), ("", Text("reaches"))],
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
        steps: &[("", Row("inventory-scanner")), ("p", Text("clears "))],
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

/// The picture of that name.
#[allow(dead_code, reason = "the tests look at some of them, the example at all")]
pub fn named(name: &str) -> &'static Shot {
    SHOTS.iter().find(|shot| shot.name == name).expect("a picture has that name")
}

/// Takes a picture of `binary`, at home in `home`.
pub fn take(shot: &Shot, binary: &Path, home: &Path) -> String {
    let (columns, rows) = shot.size;
    let mut pty = Launch::new(home, &["demo", "--theme", "dark"])
        .size(columns, rows)
        .env("COLORTERM", "truecolor")
        .start(&binary.to_string_lossy());
    // How long the run took is said for a while, and is never the same.
    pty.wait_for("The run took");
    pty.wait_gone("The run took");
    for (keys, wait) in shot.steps {
        pty.send(keys);
        reach(&mut pty, *wait);
    }
    pty.settle();
    pty.with_screen(|screen| svg::draw(screen, shot.title))
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
