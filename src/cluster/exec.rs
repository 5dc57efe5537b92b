//! Credential plugins: run once, without a terminal, with a time limit.
//!
//! `kube` can run them too, but several times per client and without a limit, so this does.

use std::collections::HashMap;
use std::io::Read;
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use kube::config::ExecConfig;
use serde::Deserialize;
use tokio::sync::oneshot;

use super::error::{Trouble, UserError, cut};
use crate::text::mask;

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

/// Runs the plugin on a thread of its own; dropping the future kills it.
pub(super) async fn run(config: ExecConfig, limit: Duration) -> Result<Credential, UserError> {
    let name = config.command.clone().unwrap_or_default();
    let (sender, receiver) = oneshot::channel();
    std::thread::spawn(move || {
        let mut sender = sender;
        let result = run_blocking(&config, limit, &mut sender);
        // The receiver is gone when nobody waits any more.
        let _ = sender.send(result);
    });
    receiver.await.unwrap_or_else(|_| Err(failed(&name, "it was interrupted", None)))
}

fn run_blocking<T>(
    config: &ExecConfig,
    limit: Duration,
    waiting: &mut oneshot::Sender<T>,
) -> Result<Credential, UserError> {
    let name = config.command.clone().filter(|name| !name.is_empty());
    let hint = config.install_hint.as_deref();
    let name = name.ok_or_else(|| failed("(none)", "the entry names no command", hint))?;
    let mut child = command(config, &name)
        .map_err(|why| failed(&name, &why, hint))?
        .spawn()
        .map_err(|error| failed(&name, &format!("it cannot be started: {error}"), hint))?;
    let (out, err) = (collect(child.stdout.take()), collect(child.stderr.take()));
    let deadline = Instant::now() + limit;
    let status = loop {
        match child.try_wait() {
            Ok(Some(status)) => break status,
            Ok(None) if Instant::now() < deadline && !waiting.is_closed() => {
                std::thread::sleep(Duration::from_millis(15));
            }
            Ok(None) => {
                // Already gone is as good as killed.
                let _ = child.kill();
                let _ = child.wait();
                return Err(late(&name, limit, hint));
            }
            Err(error) => return Err(failed(&name, &error.to_string(), hint)),
        }
    };
    // A grandchild may hold the pipes open; what came by now is what there is.
    let grace = Duration::from_millis(500);
    if !status.success() {
        let words = err.recv_timeout(grace).unwrap_or_default();
        let why = format!("{status}: {}", cut(&mask(&String::from_utf8_lossy(&words))));
        return Err(failed(&name, &why, hint));
    }
    let answer = out.recv_timeout(grace).unwrap_or_default();
    credential(&answer).map_err(|why| failed(&name, &why, hint))
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

/// Reads a pipe to its end on a thread, at most 1 MiB of it.
fn collect(pipe: Option<impl Read + Send + 'static>) -> mpsc::Receiver<Vec<u8>> {
    let (sender, receiver) = mpsc::channel();
    if let Some(pipe) = pipe {
        std::thread::spawn(move || {
            let mut bytes = Vec::new();
            // A pipe that breaks early leaves what was read.
            let _ = pipe.take(1 << 20).read_to_end(&mut bytes);
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
fn late(name: &str, limit: Duration, hint: Option<&str>) -> UserError {
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

#[cfg(all(test, unix))]
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

    #[tokio::test]
    async fn a_token_comes_out_and_the_plugin_is_told_it_is_not_interactive() {
        let script = r#"case "$KUBERNETES_EXEC_INFO" in *'"interactive":false'*) ;; *) exit 3;; esac
            echo '{"kind":"ExecCredential","status":{"token":"abc","expirationTimestamp":"2030-01-01T00:00:00Z"}}'"#;
        let credential = run(plugin(script), Duration::from_secs(10)).await.ok().unwrap();
        assert_eq!(credential.token.as_deref(), Some("abc"));
        assert!(credential.expires.is_some());
    }

    #[tokio::test]
    async fn a_plugin_that_hangs_is_killed_and_one_that_fails_is_quoted() {
        let begun = Instant::now();
        let error = run(plugin("sleep 30"), Duration::from_millis(200)).await.err().unwrap();
        assert!(begun.elapsed() < Duration::from_secs(5));
        assert!(error.why.contains("no answer within 0.2 s, so it was ended"), "{error}");
        assert!(error.what.contains("/bin/sh") && error.next.contains("Log in with it"), "{error}");
        let error = run(plugin("echo log in first >&2; exit 1"), Duration::from_secs(10)).await;
        let error = error.err().unwrap();
        assert!(error.why.contains("log in first"), "{error}");
    }

    #[tokio::test]
    async fn a_missing_plugin_shows_the_install_hint() {
        let mut config = plugin("");
        config.command = Some("/nonexistent/plugin".into());
        config.install_hint = Some("brew install it".into());
        let error = run(config, Duration::from_secs(1)).await.err().unwrap();
        assert_eq!(error.trouble, Trouble::Credentials);
        assert!(error.next.contains("brew install it"), "{error}");
    }
}
