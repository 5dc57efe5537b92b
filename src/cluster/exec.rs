//! Credential plugins: run once, without a terminal, with a time limit.
//!
//! `kube` can run them too, but several times per client and without a limit, so this does.

use std::collections::HashMap;
use std::io::Read;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak, mpsc};
use std::time::{Duration, Instant};

use kube::config::ExecConfig;
use serde::Deserialize;
use tokio::sync::oneshot;

use super::error::{Trouble, UserError, cut};
use crate::text::mask;

/// An answer of more bytes is none.
const MOST: usize = 1 << 20;

/// How plugins are run.
#[derive(Clone, Copy, Debug)]
pub(super) struct How {
    /// Longest that one may run.
    pub limit: Duration,
    /// In a process group of its own, so that what it started ends with it. It can then not read from
    /// the terminal: not for a plugin that may ask for a password there.
    pub apart: bool,
}

/// A plugin under way, which may be ended from elsewhere.
#[derive(Default)]
struct Running(Mutex<Stage>);

#[derive(Clone, Copy, Default)]
enum Stage {
    #[default]
    Before,
    /// Under this number, which is its own for as long as nobody waited for its end.
    On {
        pid: u32,
        apart: bool,
    },
    Over,
}

/// Everything that is under way in this process.
static ALL: Mutex<Vec<Weak<Running>>> = Mutex::new(Vec::new());

impl Running {
    fn new() -> Arc<Self> {
        let new = Arc::<Self>::default();
        let mut all = ALL.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|running| running.strong_count() > 0);
        all.push(Arc::downgrade(&new));
        new
    }

    fn stage(&self) -> MutexGuard<'_, Stage> {
        // Whoever died while holding it has left a whole value behind.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Starts it, unless it was ended before it began.
    fn start(&self, command: &mut Command, apart: bool) -> std::io::Result<Child> {
        let mut stage = self.stage();
        if matches!(*stage, Stage::Over) {
            return Err(std::io::ErrorKind::Interrupted.into());
        }
        let child = command.spawn()?;
        *stage = Stage::On { pid: child.id(), apart };
        Ok(child)
    }

    /// How it ended, if it has.
    fn ended(&self, child: &mut Child) -> std::io::Result<Option<ExitStatus>> {
        let mut stage = self.stage();
        let status = child.try_wait()?;
        if status.is_some() {
            // From here on its number may be another's.
            *stage = Stage::Over;
        }
        Ok(status)
    }

    /// Ends it, and what it started if it is apart.
    fn end(&self) {
        let mut stage = self.stage();
        if let Stage::On { pid, apart } = std::mem::replace(&mut *stage, Stage::Over) {
            kill(pid, apart);
        }
    }
}

/// Ends a plugin when nobody waits for it any more.
struct Guard(Arc<Running>);

impl Drop for Guard {
    fn drop(&mut self) {
        self.0.end();
    }
}

/// Ends every credential plugin that is under way: this process is about to end.
pub fn end_plugins() {
    let all = ALL.lock().unwrap_or_else(PoisonError::into_inner);
    all.iter().filter_map(Weak::upgrade).for_each(|running| running.end());
}

#[cfg(unix)]
fn kill(pid: u32, apart: bool) {
    use rustix::process::{Pid, Signal, kill_process, kill_process_group};
    let Some(pid) = i32::try_from(pid).ok().and_then(Pid::from_raw) else { return };
    // Already gone is as good as ended.
    let _ =
        if apart { kill_process_group(pid, Signal::KILL) } else { kill_process(pid, Signal::KILL) };
}

/// Elsewhere the thread that waits for it ends it.
#[cfg(not(unix))]
fn kill(_pid: u32, _apart: bool) {}

#[cfg(unix)]
fn set_apart(command: &mut Command) {
    use std::os::unix::process::CommandExt as _;
    command.process_group(0);
}

#[cfg(not(unix))]
fn set_apart(_command: &mut Command) {}

/// What a plugin hands out.
#[derive(Clone, Default)]
pub(super) struct Credential {
    pub token: Option<String>,
    /// PEM certificate and key.
    pub certificate: Option<(String, String)>,
    pub expires: Option<jiff::Timestamp>,
}

#[derive(Deserialize)]
struct Answer {
    status: Option<Status>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Status {
    expiration_timestamp: Option<String>,
    token: Option<String>,
    client_certificate_data: Option<String>,
    client_key_data: Option<String>,
}

/// Runs the plugin on a thread of its own; dropping the future ends it.
pub(super) async fn run(config: ExecConfig, how: How) -> Result<Credential, UserError> {
    let name = config.command.clone().unwrap_or_default();
    let (sender, receiver) = oneshot::channel();
    let running = Running::new();
    let _guard = Guard(Arc::clone(&running));
    std::thread::spawn(move || {
        // The receiver is gone when nobody waits any more.
        let _ = sender.send(run_blocking(&config, how, &running));
    });
    receiver.await.unwrap_or_else(|_| Err(failed(&name, "it was interrupted", None)))
}

fn run_blocking(config: &ExecConfig, how: How, running: &Running) -> Result<Credential, UserError> {
    let name = config.command.clone().filter(|name| !name.is_empty());
    let hint = config.install_hint.as_deref();
    let name = name.ok_or_else(|| failed("(none)", "the entry names no command", hint))?;
    let mut command = command(config, &name).map_err(|why| failed(&name, &why, hint))?;
    if how.apart {
        set_apart(&mut command);
    }
    let mut child = running
        .start(&mut command, how.apart)
        .map_err(|error| failed(&name, &format!("it cannot be started: {error}"), hint))?;
    let (out, err) = (collect(child.stdout.take()), collect(child.stderr.take()));
    let deadline = Instant::now() + how.limit;
    let mut answer = None;
    let status = loop {
        answer = answer.or_else(|| out.try_recv().ok());
        let endless = answer.as_ref().is_some_and(|answer| answer.len() >= MOST);
        let late = Instant::now() >= deadline;
        match running.ended(&mut child) {
            Ok(Some(status)) if !endless => break status,
            Ok(None) if !endless && !late => std::thread::sleep(Duration::from_millis(15)),
            done => {
                running.end();
                // Already gone is as good as ended.
                let _ = child.kill();
                let _ = child.wait();
                return Err(match done {
                    Err(error) => failed(&name, &error.to_string(), hint),
                    Ok(_) if endless => failed(&name, &too_much(), hint),
                    Ok(_) => late_error(&name, how.limit, hint),
                });
            }
        }
    };
    // A grandchild may hold the pipes open; what came by now is what there is.
    let grace = Duration::from_millis(500);
    let answer = answer.or_else(|| out.recv_timeout(grace).ok()).unwrap_or_default();
    if answer.len() >= MOST {
        return Err(failed(&name, &too_much(), hint));
    }
    if !status.success() {
        let words = err.recv_timeout(grace).unwrap_or_default();
        let words = cut(&mask(&String::from_utf8_lossy(&words)));
        let why = if words.is_empty() { status.to_string() } else { format!("{status}: {words}") };
        return Err(failed(&name, &why, hint));
    }
    credential(&answer).map_err(|why| failed(&name, &why, hint))
}

fn too_much() -> String {
    format!("it printed more than {} MiB, which is no answer, and was ended", MOST >> 20)
}

fn command(config: &ExecConfig, name: &str) -> Result<Command, String> {
    let mut command = Command::new(name);
    command.args(config.args.iter().flatten());
    let pair = |entry: &HashMap<String, String>| {
        Some((entry.get("name")?.clone(), entry.get("value")?.clone()))
    };
    command.envs(config.env.iter().flatten().filter_map(pair));
    let mut spec = serde_json::json!({ "interactive": false });
    if config.provide_cluster_info
        && let Some(cluster) = &config.cluster
        && let Some(spec) = spec.as_object_mut()
    {
        let cluster = serde_json::to_value(cluster).map_err(|error| error.to_string())?;
        spec.insert("cluster".to_owned(), cluster);
    }
    let info = serde_json::json!({
        "apiVersion": config.api_version,
        "kind": "ExecCredential",
        "spec": spec,
    });
    command.env("KUBERNETES_EXEC_INFO", info.to_string());
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    Ok(command)
}

/// Reads a pipe to its end on a thread, at most [`MOST`] bytes of it.
fn collect(pipe: Option<impl Read + Send + 'static>) -> mpsc::Receiver<Vec<u8>> {
    let (sender, receiver) = mpsc::channel();
    if let Some(pipe) = pipe {
        std::thread::spawn(move || {
            let mut bytes = Vec::new();
            // A pipe that breaks early leaves what was read.
            let _ = pipe.take(MOST as u64).read_to_end(&mut bytes);
            // The receiver is gone when the time limit was reached.
            let _ = sender.send(bytes);
        });
    }
    receiver
}

pub(super) fn credential(answer: &[u8]) -> Result<Credential, String> {
    // kubectl accepts YAML here too.
    let text = std::str::from_utf8(answer).map_err(|_| "its answer is no text".to_owned())?;
    let parsed: Answer =
        serde_saphyr::from_str(text).map_err(|_| "its answer is no ExecCredential".to_owned())?;
    let status = parsed.status.ok_or("its answer has no status")?;
    let expires = match status.expiration_timestamp {
        None => None,
        Some(text) => Some(text.parse().map_err(|_| format!("bad expirationTimestamp {text:?}"))?),
    };
    let certificate = status.client_certificate_data.zip(status.client_key_data);
    if status.token.is_none() && certificate.is_none() {
        return Err("its answer has neither a token nor a certificate".to_owned());
    }
    Ok(Credential { token: status.token, certificate, expires })
}

/// It was ended: somebody has to do what it waits for.
fn late_error(name: &str, limit: Duration, hint: Option<&str>) -> UserError {
    let why = format!(
        "no answer within {} s, so it was ended; it may wait for a login in a browser, or want a \
         terminal",
        limit.as_secs_f32()
    );
    let mut error = failed(name, &why, hint);
    if hint.is_none() {
        "Log in with it in a terminal first, so that it answers at once, then retry."
            .clone_into(&mut error.next);
    }
    error
}

fn failed(name: &str, why: &str, hint: Option<&str>) -> UserError {
    let next = hint.map_or_else(
        || "Run it in a terminal to log in or to see what it says, then retry.".to_owned(),
        |hint| format!("The kubeconfig says: {}", cut(hint)),
    );
    UserError::new(
        Trouble::Credentials,
        format!("the credential plugin {name:?} gave no credentials"),
        why,
        next,
    )
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use super::*;

    fn plugin(script: &str) -> ExecConfig {
        ExecConfig {
            api_version: Some("client.authentication.k8s.io/v1".into()),
            command: Some("/bin/sh".into()),
            args: Some(vec!["-c".into(), script.into()]),
            ..ExecConfig::default()
        }
    }

    fn how(limit: Duration) -> How {
        How { limit, apart: true }
    }

    /// Whether the process whose number a plugin wrote there is still at work.
    fn is_there(file: &std::path::Path) -> bool {
        let Ok(pid) = std::fs::read_to_string(file) else { return false };
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", pid.trim()));
        // One that ended and was not waited for by whoever took it over.
        stat.is_ok_and(|stat| !stat.contains(") Z "))
    }

    async fn until(holds: impl Fn() -> bool) -> bool {
        for _ in 0..500 {
            if holds() {
                return true;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        false
    }

    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn a_plugin_ends_with_what_it_started_when_it_is_late_dropped_or_this_process_ends() {
        let dir = tempfile::tempdir().unwrap();
        for end in ["late", "dropped", "all"] {
            let file = dir.path().join(end);
            let script = format!("sleep 1000 & echo $! > {}; wait", file.display());
            let limit = if end == "late" { 1 } else { 100 };
            let run = tokio::spawn(run(plugin(&script), how(Duration::from_secs(limit))));
            assert!(until(|| is_there(&file)).await, "{end}: it never began");
            match end {
                "dropped" => run.abort(),
                "all" => end_plugins(),
                _ => {}
            }
            assert!(until(|| !is_there(&file)).await, "{end}: what it started goes on");
            assert!(!matches!(run.await, Ok(Ok(_))), "{end}");
        }
    }

    #[tokio::test]
    async fn a_plugin_that_prints_without_end_is_ended_and_that_is_said() {
        let deaf = format!("trap '' PIPE; while :; do echo {}; done 2>/dev/null", "y".repeat(4000));
        for script in ["yes", &deaf] {
            let error = run(plugin(script), how(Duration::from_secs(30))).await.err().unwrap();
            assert!(error.why.contains("it printed more than 1 MiB"), "{error}");
        }
        let error = run(plugin("exit 7"), how(Duration::from_secs(10))).await.err().unwrap();
        assert_eq!(error.why, "exit status: 7");
    }

    #[tokio::test]
    async fn a_token_comes_out_and_the_plugin_is_told_it_is_not_interactive() {
        let script = r#"case "$KUBERNETES_EXEC_INFO" in *'"interactive":false'*) ;; *) exit 3;; esac
            echo '{"kind":"ExecCredential","status":{"token":"abc","expirationTimestamp":"2030-01-01T00:00:00Z"}}'"#;
        let credential = run(plugin(script), how(Duration::from_secs(10))).await.ok().unwrap();
        assert_eq!(credential.token.as_deref(), Some("abc"));
        assert!(credential.expires.is_some());
    }

    #[tokio::test]
    async fn a_plugin_that_hangs_is_killed_and_one_that_fails_is_quoted() {
        let begun = Instant::now();
        let error = run(plugin("sleep 30"), how(Duration::from_millis(200))).await.err().unwrap();
        assert!(begun.elapsed() < Duration::from_secs(5));
        assert!(error.why.contains("no answer within 0.2 s, so it was ended"), "{error}");
        assert!(error.what.contains("/bin/sh") && error.next.contains("Log in with it"), "{error}");
        let error =
            run(plugin("echo log in first >&2; exit 1"), how(Duration::from_secs(10))).await;
        let error = error.err().unwrap();
        assert!(error.why.contains("log in first"), "{error}");
    }

    #[tokio::test]
    async fn a_missing_plugin_shows_the_install_hint() {
        let mut config = plugin("");
        config.command = Some("/nonexistent/plugin".into());
        config.install_hint = Some("brew install it".into());
        let error = run(config, how(Duration::from_secs(1))).await.err().unwrap();
        assert_eq!(error.trouble, Trouble::Credentials);
        assert!(error.next.contains("brew install it"), "{error}");
    }
}
