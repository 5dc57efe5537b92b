//! The binary as a user runs it, with what it printed; and what the server's audit log says of it.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use plimsoll::cluster::connect::AGENT;
use serde_json::Value;

use crate::fixture::Fixture;

pub const BINARY: &str = env!("CARGO_BIN_EXE_plimsoll");

/// What a run of the binary came to.
pub struct Done {
    pub status: i32,
    pub stdout: String,
    pub stderr: String,
    pub took: Duration,
}

/// Runs the binary with these arguments, at home in a folder of its own.
pub fn plimsoll(args: &[&str]) -> Done {
    let home = tempfile::tempdir().unwrap();
    let begun = Instant::now();
    let output: Output = Command::new(BINARY)
        .args(args)
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("HOME", home.path())
        .env("PLIMSOLL_DATA_DIR", home.path().join("data"))
        .env("PLIMSOLL_CONFIG_DIR", home.path().join("config"))
        .env("KUBECONFIG", home.path().join("none"))
        .stdin(Stdio::null())
        .output()
        .unwrap();
    Done {
        status: output.status.code().unwrap(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
        took: begun.elapsed(),
    }
}

/// A scan in JSON that must succeed.
pub fn scan(kubeconfig: &Path, args: &[&str]) -> Scan {
    let kubeconfig = kubeconfig.to_str().unwrap();
    let done = plimsoll(&[&["scan", "--kubeconfig", kubeconfig, "-o", "json"], args].concat());
    assert_eq!(done.status, 0, "{args:?}: {}", done.stderr);
    Scan(serde_json::from_str(&done.stdout).unwrap())
}

/// The document of a scan.
pub struct Scan(pub Value);

impl Scan {
    pub fn list(&self, name: &str) -> &[Value] {
        self.0[name].as_array().unwrap()
    }

    /// Findings of a check that are not of the platform.
    pub fn of<'a>(&'a self, check: &'a str) -> Vec<&'a Value> {
        let own = |f: &&Value| f["check"] == check && f["platform"] == false;
        self.list("findings").iter().filter(own).collect()
    }

    /// The one finding of a check that is not of the platform.
    pub fn only<'a>(&'a self, check: &'a str) -> &'a Value {
        let found = self.of(check);
        assert_eq!(found.len(), 1, "{check}: {found:#?}");
        found[0]
    }

    /// Why a check could not decide, as `read in namespace: reason`.
    pub fn gaps(&self, check: &str) -> Vec<&Value> {
        self.list("notAssessed").iter().filter(|gap| gap["check"] == check).collect()
    }

    /// Every control of every framework, as `framework/id`.
    pub fn controls(&self) -> Vec<(String, &Value)> {
        let framework = |f: &'static str, v: &Value| v[f].as_str().unwrap().to_owned();
        self.list("frameworks")
            .iter()
            .flat_map(|f| f["controls"].as_array().unwrap().iter().map(move |c| (f, c)))
            .map(|(f, c)| (format!("{}/{}", framework("id", f), framework("id", c)), c))
            .collect()
    }

    pub fn control(&self, name: &str) -> &Value {
        let all = self.controls();
        all.iter().find(|(id, _)| id == name).unwrap_or_else(|| panic!("no control {name}")).1
    }

    /// The document without what differs between two scans of the same thing.
    pub fn timeless(mut self) -> Value {
        for name in ["startedAt", "finishedAt"] {
            self.0[name].take();
        }
        self.0["source"]["readAt"].take();
        for read in self.0["reads"].as_array_mut().unwrap() {
            read.as_object_mut().unwrap().remove("millis");
        }
        self.0
    }
}

/// Checks, when a test is over, what the server was asked: only reading, by a sender that gives its
/// name, and never for Secrets unless the test allows it. The log is that of the server, so the
/// last test to end has looked at what all of them did.
pub struct Audited<'a> {
    fixture: &'a Fixture,
    secrets: bool,
}

impl<'a> Audited<'a> {
    pub fn new(fixture: &'a Fixture) -> Self {
        Self { fixture, secrets: false }
    }

    pub fn with_secrets(fixture: &'a Fixture) -> Self {
        Self { fixture, secrets: true }
    }

    /// What the binary asked so far.
    pub fn requests(&self) -> Vec<Value> {
        self.events().filter(|event| event["userAgent"] == AGENT).collect()
    }

    fn events(&self) -> impl Iterator<Item = Value> {
        let log = std::fs::read_to_string(&self.fixture.audit).unwrap();
        let lines: Vec<String> = log.lines().map(str::to_owned).collect();
        lines.into_iter().filter_map(|line| serde_json::from_str(&line).ok())
    }
}

impl Drop for Audited<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            return;
        }
        let requests = self.requests();
        assert!(!requests.is_empty(), "the binary asked nothing");
        let verbs: BTreeSet<&str> = requests.iter().filter_map(|e| e["verb"].as_str()).collect();
        assert!(verbs.is_subset(&BTreeSet::from(["get", "list", "watch"])), "{verbs:?}");
        // Only the binary acts as these, so all that they asked must bear its name.
        for event in self.events().filter(|event| event["userAgent"] != AGENT) {
            let name = event["user"]["username"].as_str().unwrap_or_default();
            let robot = name == "only-shop" || name.starts_with("system:serviceaccount:");
            assert!(!robot && event["impersonatedUser"].is_null(), "{event}");
        }
        for event in &requests {
            let uri = event["requestURI"].as_str().unwrap();
            let object = &event["objectRef"];
            assert!(object["subresource"].is_null(), "{uri}");
            assert!(self.secrets || object["resource"] != "secrets", "{uri}");
        }
    }
}
