//! Credential plugins: run once, without a terminal, with a time limit.
//!
//! `kube` can run them too, but several times per client and without a limit, so this does.

use std::collections::{BTreeMap, HashMap};
use std::io::Result as IoResult;
use std::process::{ExitStatus, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use kube::config::ExecConfig;
use serde::Deserialize;
use tokio::io::{AsyncRead, AsyncReadExt as _};
use tokio::process::{Child, Command};
use tokio::sync::Notify;
use tokio::time::{sleep, timeout};

use super::credentials::{NO_TOKEN, token};
use super::error::{Trouble, UserError};
use super::sent::{self, said};

/// An answer of more bytes is none.
const MOST: usize = 1 << 20;
/// How long its pipes may stay open when it has ended: what it started may hold them.
const GRACE: Duration = Duration::from_millis(500);

/// How plugins are run.
#[derive(Clone, Copy, Debug)]
pub(super) struct How {
    /// Longest that one may run.
    pub limit: Duration,
    /// In a process group of its own, so that what it started ends with it. It can then not read from
    /// the terminal: not for a plugin that may ask for a password there.
    pub apart: bool,
}

/// Plugins under way in this process: the number of each, and whether it is apart.
static ALL: Mutex<BTreeMap<u32, bool>> = Mutex::new(BTreeMap::new());

fn all() -> MutexGuard<'static, BTreeMap<u32, bool>> {
    // Whoever died while holding it has left a whole map behind.
    ALL.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A plugin under way. When this goes before it ended it is ended, with what it started if it is apart.
struct Running {
    child: Child,
    /// Its number, for as long as nobody waited for its end: then it may be another's.
    pid: Option<u32>,
}

impl Running {
    fn start(command: &mut Command, apart: bool) -> IoResult<Self> {
        // Held over the start, so that whoever ends all of them misses none.
        let mut all = all();
        let child = command.kill_on_drop(true).spawn()?;
        let pid = child.id();
        all.extend(pid.map(|pid| (pid, apart)));
        Ok(Self { child, pid })
    }

    /// Waits for its end, and takes what it prints. An error if it prints without one.
    async fn end(&mut self, out: &mut Vec<u8>, err: &mut Vec<u8>) -> IoResult<ExitStatus> {
        let (stdout, stderr) = (self.child.stdout.take(), self.child.stderr.take());
        let over = Notify::new();
        let waiting = async {
            let status = self.child.wait().await?;
            if let Some(pid) = self.pid.take() {
                all().remove(&pid);
            }
            over.notify_one();
            IoResult::Ok(status)
        };
        let late = async {
            over.notified().await;
            sleep(GRACE).await;
            IoResult::Ok(())
        };
        let answer = async {
            collect(stdout, out).await;
            if out.len() < MOST { Ok(()) } else { Err(std::io::Error::other(too_much())) }
        };
        let words = async {
            collect(stderr, err).await;
            IoResult::Ok(())
        };
        let reading = async {
            tokio::select! {
                read = async { tokio::try_join!(answer, words).map(|_| ()) } => read,
                done = late => done,
            }
        };
        tokio::try_join!(waiting, reading).map(|(status, ())| status)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some((pid, apart)) = self.pid.and_then(|pid| all().remove_entry(&pid)) {
            kill(pid, apart);
        }
    }
}

/// Ends every credential plugin that is under way: this process is about to end.
pub fn end_plugins() {
    end(|_| true);
}

/// Ends the plugins with certain numbers.
fn end(which: impl Fn(u32) -> bool) {
    all().retain(|pid, apart| {
        let goes_on = !which(*pid);
        if !goes_on {
            kill(*pid, *apart);
        }
        goes_on
    });
}

#[cfg(unix)]
fn kill(pid: u32, apart: bool) {
    use rustix::process::{Pid, Signal, kill_process, kill_process_group};
    let Some(pid) = i32::try_from(pid).ok().and_then(Pid::from_raw) else { return };
    // Already gone is as good as ended.
    let _ =
        if apart { kill_process_group(pid, Signal::KILL) } else { kill_process(pid, Signal::KILL) };
}

/// Elsewhere it ends when its handle goes.
#[cfg(not(unix))]
fn kill(_pid: u32, _apart: bool) {}

/// What a plugin hands out.
#[derive(Clone, Default)]
pub(super) struct Credential {
    pub token: Option<String>,
    /// PEM certificate and key.
    pub certificate: Option<(String, String)>,
    pub expires: Option<jiff::Timestamp>,
}

#[derive(Deserialize)]
struct PluginAnswer {
    status: Option<PluginStatus>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PluginStatus {
    expiration_timestamp: Option<String>,
    token: Option<String>,
    client_certificate_data: Option<String>,
    client_key_data: Option<String>,
}

/// Runs the plugin; dropping the future ends it.
pub(super) async fn run(config: ExecConfig, how: How) -> Result<Credential, UserError> {
    sent::of_plugin(&config);
    let hint = config.install_hint.as_deref();
    let name = config.command.clone().filter(|name| !name.is_empty());
    let name = name.ok_or_else(|| failed("(none)", "the entry names no command", hint))?;
    let failed = |why: &str| failed(&name, why, hint);
    let mut command = command(&config, &name, how.apart).map_err(|why| failed(&why))?;
    let mut running = Running::start(&mut command, how.apart)
        .map_err(|error| failed(&format!("it cannot be started: {error}")))?;
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let status = timeout(how.limit, running.end(&mut out, &mut err)).await;
    let status = status.map_err(|_| late_error(&name, how.limit, hint))?;
    let status = status.map_err(|error| failed(&error.to_string()))?;
    if !status.success() {
        let words = said(&String::from_utf8_lossy(&err));
        let why = if words.is_empty() { status.to_string() } else { format!("{status}: {words}") };
        return Err(failed(&why));
    }
    credential(&out).map_err(|why| failed(&said(&why)))
}

fn too_much() -> String {
    format!("it printed more than {} MiB, which is no answer, and was ended", MOST >> 20)
}

fn command(config: &ExecConfig, name: &str, apart: bool) -> Result<Command, String> {
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
    #[cfg(unix)]
    if apart {
        command.process_group(0);
    }
    #[cfg(not(unix))]
    let _ = apart;
    Ok(command)
}

/// Reads a pipe to its end, at most [`MOST`] bytes of it. One that breaks, and an end that is not waited
/// for, leave what was read.
async fn collect(pipe: Option<impl AsyncRead + Unpin>, into: &mut Vec<u8>) {
    let Some(pipe) = pipe else { return };
    let mut pipe = pipe.take(MOST as u64);
    while matches!(pipe.read_buf(into).await, Ok(1..)) {}
}

pub(super) fn credential(answer: &[u8]) -> Result<Credential, String> {
    // kubectl accepts YAML here too.
    let text = std::str::from_utf8(answer).map_err(|_| "its answer is no text".to_owned())?;
    let parsed: PluginAnswer =
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
    let token = match &status.token {
        None => None,
        Some(text) => {
            let token =
                token(text).ok_or_else(|| format!("what it answered as token is {NO_TOKEN}"))?;
            Some(token.to_owned())
        }
    };
    Ok(Credential { token, certificate, expires })
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

pub(super) fn failed(name: &str, why: &str, hint: Option<&str>) -> UserError {
    let next = hint.map_or_else(
        || "Run it in a terminal to log in or to see what it says, then retry.".to_owned(),
        |hint| format!("The kubeconfig says: {}", said(hint)),
    );
    UserError::new(
        Trouble::Credentials,
        format!("the credential plugin {name:?} did not log in"),
        why,
        next,
    )
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use std::time::Instant;

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
            let own = dir.path().join("own");
            let (told, itself) = (file.display(), own.display());
            let script = format!("echo $$ > {itself}; sleep 1000 & echo $! > {told}; wait");
            let limit = if end == "late" { 1 } else { 100 };
            let run = tokio::spawn(run(plugin(&script), how(Duration::from_secs(limit))));
            assert!(until(|| is_there(&file)).await, "{end}: it never began");
            match end {
                "dropped" => run.abort(),
                // Those of tests that run beside this one go on.
                "all" => {
                    let own: u32 = std::fs::read_to_string(&own).unwrap().trim().parse().unwrap();
                    super::end(|pid| pid == own);
                }
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
    async fn what_a_plugin_leaves_behind_does_not_keep_its_answer() {
        let answer = r#"{"kind":"ExecCredential","status":{"token":"abc"}}"#;
        let script = format!("sleep 5 & echo '{answer}'");
        let begun = Instant::now();
        let credential = run(plugin(&script), how(Duration::from_secs(10))).await.ok().unwrap();
        assert_eq!(credential.token.as_deref(), Some("abc"));
        assert!(begun.elapsed() < Duration::from_secs(4), "it waited for the pipe");
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

    #[test]
    fn a_token_is_one_line_without_the_space_around_it() {
        let answer = |token: &str| {
            let answer = serde_json::json!({ "status": { "token": token } });
            credential(answer.to_string().as_bytes())
        };
        let token = |text: &str| answer(text).ok().and_then(|credential| credential.token);
        assert_eq!(token("abc\n").as_deref(), Some("abc"));
        for hostile in ["a\nb", "a\u{1}b", "gr\u{fc}n", "a\u{7f}b", " ", ""] {
            assert!(answer(hostile).is_err(), "{hostile:?}");
        }
        assert!(answer("a\nb").err().unwrap().contains("no token: one line"));
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
