//! A home of its own for each test, the manifests it assesses, and the sessions it leaves.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::sync::{Condvar, Mutex};

use plimsoll::session::{RunRecord, Session, SessionStore};
use tempfile::TempDir;

use crate::pty::{Launch, Pty};

/// The binary under test.
pub const BINARY: &str = env!("CARGO_BIN_EXE_plimsoll");

/// How many tests drive a workbench at a time: more only make each other late.
const SEATS: usize = 2;
static SEATED: Mutex<usize> = Mutex::new(0);
static LEFT: Condvar = Condvar::new();

struct Seat;

impl Seat {
    fn take() -> Self {
        let seated = SEATED.lock().unwrap();
        *LEFT.wait_while(seated, |seated| *seated >= SEATS).unwrap() += 1;
        Self
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        *SEATED.lock().unwrap() -= 1;
        LEFT.notify_one();
    }
}

/// Two workloads: `pay/web` runs privileged, `shop/cart` uses the node's network.
pub const MANIFEST: &str = "\
apiVersion: v1
kind: Namespace
metadata:
  name: pay
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  namespace: pay
spec:
  replicas: 2
  selector:
    matchLabels: {app: web}
  template:
    metadata:
      labels: {app: web}
    spec:
      containers:
      - name: app
        image: registry.example.com/pay/web:1.4.2
        securityContext:
          privileged: true
        ports:
        - containerPort: 8080
---
apiVersion: v1
kind: Namespace
metadata:
  name: shop
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: cart
  namespace: shop
spec:
  selector:
    matchLabels: {app: cart}
  template:
    metadata:
      labels: {app: cart}
    spec:
      hostNetwork: true
      containers:
      - name: cart
        image: registry.example.com/shop/cart:2.0.0
";

/// Said when a run has ended.
pub const DONE: &str = "The run took";

/// Said when a session was taken up and its last run is shown.
pub const RESUMED: &str = "of the session,";

/// A home directory that nobody else uses.
pub struct World {
    home: TempDir,
    _seat: Seat,
}

impl World {
    /// A home with [`MANIFEST`] as `m.yaml` in it.
    pub fn new() -> Self {
        let seat = Seat::take();
        let home = tempfile::tempdir().unwrap();
        let world = Self { home, _seat: seat };
        world.write("m.yaml", MANIFEST);
        world
    }

    /// A path in the home.
    pub fn path(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    /// Writes a file into the home; where it is comes back.
    pub fn write(&self, name: &str, text: &str) -> String {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        path.to_string_lossy().into_owned()
    }

    /// Writes a program into the home; where it is comes back.
    pub fn script(&self, name: &str, text: &str) -> String {
        use std::os::unix::fs::PermissionsExt as _;
        let path = self.write(name, text);
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
        path
    }

    /// A kubeconfig whose server nobody listens at, with the contexts `dead` and `other`.
    pub fn kubeconfig(&self) -> String {
        // The port is bound and never listened on: connecting fails at once, everywhere.
        let mut text =
            "apiVersion: v1\nkind: Config\ncurrent-context: dead\nclusters:\n".to_owned();
        let server = "https://127.0.0.1:9";
        text += &format!("- name: c\n  cluster: {{server: '{server}'}}\n");
        text += "users:\n- name: u\n  user: {token: x}\ncontexts:\n";
        for name in ["dead", "other"] {
            let _ = writeln!(text, "- name: {name}\n  context: {{cluster: c, user: u}}");
        }
        self.write("kubeconfig", &text)
    }

    /// The binary with these arguments.
    pub fn launch(&self, args: &[&str]) -> Launch {
        Launch::new(self.home.path(), args)
    }

    /// A workbench with these arguments.
    pub fn start(&self, args: &[&str]) -> Pty {
        self.launch(args).start(BINARY)
    }

    /// A workbench that is launched in a way of its own.
    pub fn start_as(&self, args: &[&str], shape: impl FnOnce(Launch) -> Launch) -> Pty {
        shape(self.launch(args)).start(BINARY)
    }

    /// A workbench with these arguments, once everything is assessed.
    pub fn assessed(&self, args: &[&str]) -> Pty {
        let pty = self.start(args);
        pty.wait_for(DONE);
        pty
    }

    /// The same on `m.yaml`.
    pub fn open(&self) -> Pty {
        self.assessed(&["-f", "m.yaml"])
    }

    /// The saved sessions.
    pub fn store(&self) -> SessionStore {
        SessionStore::new(&self.path("data"))
    }

    /// The session written last, as it is on disk; a run is shown a little before it is saved.
    pub fn session(&self) -> Session {
        for _ in 0..400 {
            let list = self.store().list().unwrap();
            if let Some(first) = list.first() {
                return self.store().open(&first.id).unwrap();
            }
            std::thread::sleep(std::time::Duration::from_millis(50));
        }
        panic!("no session is saved");
    }

    /// Waits until a condition on the session written last holds.
    pub fn wait_session(&self, what: &str, condition: impl Fn(&Session) -> bool) {
        let deadline = std::time::Instant::now() + std::time::Duration::from_secs(60);
        loop {
            let list = self.store().list().unwrap();
            let found = list.first().and_then(|s| self.store().open(&s.id).ok());
            if found.is_some_and(|session| condition(&session)) {
                return;
            }
            assert!(std::time::Instant::now() < deadline, "waited for {what}");
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
    }

    /// The run of that number, once it is saved.
    pub fn run(&self, number: usize) -> RunRecord {
        self.wait_session("a run to be saved", |s| s.state().runs.len() >= number);
        self.session().latest_run().unwrap().unwrap()
    }
}

/// Goes to the first finding of the manifest.
pub fn first_finding(pty: &mut Pty) {
    pty.send("4");
    pty.wait("the first finding", |_| pty.row().contains("runs privileged"));
}

/// Calls the first finding of the manifest a false positive, for the reason `known`.
pub fn decide_first(pty: &mut Pty) {
    first_finding(pty);
    pty.send("f");
    pty.wait_for("False positive");
    pty.send("known\r\r");
    pty.wait_for("saved: 1 finding as a false positive");
}

/// Everything that was written to the terminal.
pub fn written(pty: &Pty) -> String {
    String::from_utf8_lossy(&pty.raw()).into_owned()
}

/// Many workloads, so that a run takes a while.
pub fn many(count: usize) -> String {
    let mut text = String::new();
    for n in 0..count {
        let _ = write!(
            text,
            "---\napiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: app-{n}\n  namespace: big\n\
             spec:\n  selector:\n    matchLabels: {{app: a{n}}}\n  template:\n    metadata:\n      \
             labels: {{app: a{n}}}\n    spec:\n      containers:\n"
        );
        for container in 0..4 {
            let _ = writeln!(text, "      - name: c{container}\n        image: example.com/a:{n}");
        }
    }
    text
}
