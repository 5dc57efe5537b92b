//! A directory of its own for each test, and the binary run in it with an empty environment.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use serde_json::Value;

/// Two workloads and a document that is no YAML, from line 20.
pub const WEB: &str = "\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  namespace: pay
  labels: {app: web}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata:
      labels: {app: web}
    spec:
      hostNetwork: true
      containers:
      - name: app
        image: nginx
        securityContext:
          privileged: true
---
apiVersion: v1
kind: Pod
metadata:
  name: lone
  namespace: shop
spec:
  containers:
  - name: c
    image: busybox
";

/// A document that no parser takes.
pub const BROKEN: &str = "---\na: [1\n";

/// Where one test plays.
pub struct Sandbox {
    dir: tempfile::TempDir,
}

/// What became of one run of the binary.
pub struct Run {
    pub status: i32,
    pub out: String,
    pub err: String,
}

impl Sandbox {
    pub fn new() -> Self {
        Self { dir: tempfile::tempdir().unwrap() }
    }

    /// A sandbox with one manifest, `web.yaml`.
    pub fn with_web() -> Self {
        let sandbox = Self::new();
        sandbox.write("web.yaml", WEB);
        sandbox
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, content).unwrap();
        path
    }

    pub fn data(&self) -> PathBuf {
        self.path("data")
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_plimsoll"));
        command
            .args(args)
            .current_dir(self.dir.path())
            .env_clear()
            .env("PLIMSOLL_CONFIG_DIR", self.path("config"))
            .env("PLIMSOLL_DATA_DIR", self.data())
            .env("KUBECONFIG", self.path("no-kubeconfig"))
            .env("HOME", self.path("home"))
            .env("USER", "ada");
        command
    }

    /// Under way, its output left alone; its messages can be read.
    pub fn start(&self, args: &[&str]) -> std::process::Child {
        let mut command = self.command(args);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        command.spawn().unwrap()
    }

    pub fn run(&self, args: &[&str]) -> Run {
        self.pipe(args, b"")
    }

    /// With this on standard input.
    pub fn pipe(&self, args: &[&str], input: &[u8]) -> Run {
        Self::watch(self.command(args), args, input)
    }

    /// With more in its environment.
    pub fn run_in(&self, args: &[&str], variables: &[(&str, &str)]) -> Run {
        let mut command = self.command(args);
        command.envs(variables.iter().copied());
        Self::watch(command, args, b"")
    }

    fn watch(mut command: Command, args: &[&str], input: &[u8]) -> Run {
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut stdin = child.stdin.take().unwrap();
        let input = input.to_vec();
        // A child that ends without reading everything is a result, not a fault of the test.
        let writer = std::thread::spawn(move || drop(stdin.write_all(&input)));
        let output = child.wait_with_output().unwrap();
        writer.join().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("output is UTF-8");
        let run = Run {
            status: output.status.code().expect("ended by itself"),
            out: text(output.stdout),
            err: text(output.stderr),
        };
        assert!(!run.err.contains("panicked"), "{args:?}: {}", run.err);
        assert!(!run.err.contains("RUST_BACKTRACE"), "{args:?}: {}", run.err);
        run
    }

    /// A scan as JSON that ends with status 0 and says nothing on stderr.
    pub fn json(&self, args: &[&str]) -> Value {
        let run = self.run(&[&["scan", "-o", "json"], args].concat());
        assert_eq!((run.status, &*run.err), (0, ""), "{args:?}");
        run.json()
    }
}

impl Run {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|e| panic!("{e}: {}", self.out))
    }

    /// Ends with this status, prints nothing on stdout and says all this on stderr.
    #[track_caller]
    pub fn refuses(&self, status: i32, says: &[&str]) {
        assert_eq!(self.status, status, "{}", self.err);
        assert_eq!(self.out, "", "{}", self.err);
        for word in says {
            assert!(self.err.contains(word), "no `{word}` in: {}", self.err);
        }
    }
}

/// A scan of the demo as JSON, made once for all tests.
pub fn demo_text() -> &'static str {
    static TEXT: OnceLock<String> = OnceLock::new();
    TEXT.get_or_init(|| {
        let run = Sandbox::new().run(&["scan", "-o", "json", "--demo"]);
        assert_eq!((run.status, &*run.err), (0, ""));
        run.out
    })
}

/// The same, parsed.
pub fn demo() -> &'static Value {
    static SCAN: OnceLock<Value> = OnceLock::new();
    SCAN.get_or_init(|| serde_json::from_str(demo_text()).unwrap())
}

/// Findings as `check Kind/namespace/name path`, in their order.
pub fn findings(scan: &Value) -> Vec<String> {
    let text = |v: &Value| v.as_str().unwrap_or_default().to_owned();
    let each = scan["findings"].as_array().unwrap().iter().map(|f| {
        let o = &f["object"];
        let parts = [&o["kind"], &o["namespace"], &o["name"]].map(text).join("/");
        format!("{} {parts} {}", text(&f["check"]), text(&f["path"]))
    });
    each.collect()
}

/// Status of a control.
pub fn status(scan: &Value, framework: &str, control: &str) -> String {
    let all = scan["frameworks"].as_array().unwrap();
    let framework = all.iter().find(|f| f["id"] == framework).expect("the framework is judged");
    let controls = framework["controls"].as_array().unwrap();
    let control = controls.iter().find(|c| c["id"] == control).expect("the control is judged");
    control["status"].as_str().unwrap().to_owned()
}

/// Compares with `tests/snapshots/cli-<name>.snap`.
pub fn snapshot(name: &str, text: &str) {
    let name = format!("cli-{name}");
    insta::with_settings!({
        prepend_module_to_snapshot => false, snapshot_path => "../snapshots", omit_expression => true
    }, {
        insta::assert_snapshot!(name, text);
    });
}

/// A path as text.
pub fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}
