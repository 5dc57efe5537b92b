//! What the program says on standard error while it waits for somebody else.

use super::*;
use std::io::BufRead as _;
use std::process::{Child, Command, Stdio};

/// Longer than anything is waited for before it is told.
const TOLD: Duration = Duration::from_secs(40);

/// A scan of a server in a process of its own, which is ended with this.
struct Scan {
    child: Child,
    lines: std::sync::mpsc::Receiver<String>,
    _home: tempfile::TempDir,
}

impl Scan {
    fn of(kubeconfig: &std::path::Path) -> Self {
        let home = tempfile::tempdir().unwrap();
        let mut child = Command::new(env!("CARGO_BIN_EXE_plimsoll"))
            .args(["scan", "--check", "privileged-container", "--kubeconfig"])
            .arg(kubeconfig)
            .env("PLIMSOLL_DATA_DIR", home.path())
            .env("PLIMSOLL_CONFIG_DIR", home.path())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let told = std::io::BufReader::new(child.stderr.take().unwrap());
        let (sender, lines) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            told.lines()
                .map_while(Result::ok)
                .take_while(|line| sender.send(line.clone()).is_ok())
                .count()
        });
        Self { child, lines, _home: home }
    }

    /// The first line with some words, and those before it.
    fn line(&self, words: &str) -> (String, Vec<String>) {
        let begun = Instant::now();
        let mut before = Vec::new();
        while let Ok(line) = self.lines.recv_timeout(TOLD.saturating_sub(begun.elapsed())) {
            if line.contains(words) {
                return (line, before);
            }
            before.push(line);
        }
        panic!("no `{words}` after {:?} in {before:#?}", begun.elapsed());
    }
}

impl Drop for Scan {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn a_plugin_that_takes_its_time_is_named_while_it_is_waited_for() {
    let server = Server::start(|_| None).await;
    let exec = "{exec: {apiVersion: client.authentication.k8s.io/v1, command: sleep, args: [\"30\"], \
                interactiveMode: Never}}";
    let begun = Instant::now();
    let scan = Scan::of(&server.kubeconfig(exec, None));
    let (line, before) = scan.line("waiting for the credential plugin");
    for says in ["replay: ", "\"sleep\"", "at most ", "log in"] {
        assert!(line.contains(says), "no `{says}` in {line}");
    }
    assert!(begun.elapsed() >= Duration::from_secs(3), "one that answers at once is not named");
    // What is run was said before it ran.
    assert!(before.iter().any(|line| line.contains("has this run: sleep 30")), "{before:?}");
    assert_eq!(server.paths(), [""; 0], "nothing is asked without credentials");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reading_to_which_nothing_comes_says_what_it_waits_for() {
    let server =
        Server::start(|request| (request.path == "/api/v1/pods").then_some(Reply::Mute)).await;
    let scan = Scan::of(&server.kubeconfig("{token: abc}", None));
    let (line, _) = scan.line("still reading");
    for says in ["plimsoll: still reading replay: ", " lists, ", ", waiting for pods"] {
        assert!(line.contains(says), "no `{says}` in {line}");
    }
}
