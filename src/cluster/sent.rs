//! The credentials that this process uses, so that nobody reads them in what a server, a proxy or a plugin
//! says: some repeat what was sent to them. [`said`] is the way for all such texts.

use std::sync::{Mutex, MutexGuard, PoisonError};

use k8s_openapi::ByteString;
use kube::config::{AuthInfo, Config, ExecConfig};
use serde_json::Value;

use crate::text::masking::names::{is_flag_of_one, is_name_of_one, names_one};
use crate::text::masking::{LEAST, MASK};
use crate::text::{clean, cut_chars, mask};

/// Longest text of a server or plugin that is shown, in characters.
const LONGEST: usize = 600;
/// Most credentials that are kept: of those that were renewed the last ones.
const MOST: usize = 256;
/// Fewest characters of a line of a key that is known again.
const LINE: usize = 32;

/// Those in use in this process, the last ones last. There may be several connections.
static IN_USE: Mutex<Vec<Box<str>>> = Mutex::new(Vec::new());

fn in_use() -> MutexGuard<'static, Vec<Box<str>>> {
    // Only whole texts are ever added.
    IN_USE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A text that a server, a proxy or a plugin wrote, as it may be shown: without the credentials in use and
/// whatever else looks like one, bounded, and with nothing that a terminal obeys.
pub(super) fn said(text: &str) -> String {
    let mut text = text.trim().to_owned();
    {
        let known = in_use();
        let mut found: Vec<&str> =
            known.iter().map(|c| &**c).filter(|c| text.contains(*c)).collect();
        // One may be part of another.
        found.sort_unstable_by_key(|credential| std::cmp::Reverse(credential.len()));
        for credential in found {
            text = text.split(credential).collect::<Vec<_>>().join(MASK);
        }
    }
    // Before it is cut: half a credential would not be known for one.
    cut_chars(&clean(&mask(&text)), LONGEST).into_owned()
}

fn note(credential: &str) {
    let credential = credential.trim();
    // Shorter ones are words that stand anywhere.
    if credential.len() < LEAST || MASK.contains(credential) {
        return;
    }
    let mut all = in_use();
    all.retain(|known| **known != *credential);
    all.push(credential.into());
    let over = all.len().saturating_sub(MOST);
    all.drain(..over);
}

/// Notes what is sent, or stands for it, in a configuration with credentials.
pub(super) fn of_config(config: &Config) {
    of_user(&config.auth_info);
    let proxy = config.proxy_url.as_ref().and_then(|url| url.authority());
    if let Some((user, _)) = proxy.and_then(|authority| authority.as_str().rsplit_once('@')) {
        let (name, password) = user.split_once(':').unwrap_or_default();
        pair(name, password);
    }
}

fn of_user(user: &AuthInfo) {
    // The text of a secret comes out where a kubeconfig is written.
    let entry = serde_json::to_value(user).unwrap_or_default();
    let text = |key: &str| entry.get(key).and_then(Value::as_str);
    text("token").into_iter().for_each(note);
    if let Some(password) = text("password") {
        pair(text("username").unwrap_or_default(), password);
    }
    if let Some(key) = text("client-key-data") {
        note(key);
        let plain = serde_json::from_value::<ByteString>(Value::from(key)).unwrap_or_default();
        lines(&String::from_utf8_lossy(&plain.0));
    }
    let given = entry.get("auth-provider").and_then(|provider| provider.get("config"));
    let given = given.and_then(Value::as_object).into_iter().flatten();
    given.filter(|(key, _)| is_name_of_one(key)).filter_map(|(_, v)| v.as_str()).for_each(note);
}

/// Notes what a plugin is given that it may repeat: the values of variables and flags for credentials.
pub(super) fn of_plugin(plugin: &ExecConfig) {
    for entry in plugin.env.iter().flatten() {
        let text = |key: &str| entry.get(key).map(String::as_str).unwrap_or_default();
        if names_one(text("name")) {
            note(text("value"));
        }
    }
    let mut flag = "";
    for argument in plugin.args.iter().flatten() {
        match argument.split_once('=') {
            Some((name, value)) if is_name_of_one(name) => note(value),
            _ if is_flag_of_one(flag) => note(argument),
            _ => {}
        }
        flag = argument;
    }
}

/// The password, and the pair as it is sent.
fn pair(name: &str, password: &str) {
    note(password);
    let pair = serde_json::to_value(ByteString(format!("{name}:{password}").into_bytes()));
    pair.ok().as_ref().and_then(Value::as_str).into_iter().for_each(note);
}

/// The long lines of a key: somebody may show part of it.
fn lines(key: &str) {
    key.lines().filter(|line| line.len() >= LINE && !line.starts_with('-')).for_each(note);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn user(json: serde_json::Value) -> AuthInfo {
        serde_json::from_value(json).unwrap()
    }

    #[test]
    fn what_was_sent_is_masked_in_what_comes_back() {
        of_user(&user(serde_json::json!({
            "token": "senttokenabcdef", "username": "ann", "password": "sent pass(word",
            "client-key-data": "LS0tLS1CRUdJTiBYLS0tLS0KQUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWZnaGlqCg==",
        })));
        for text in [
            "you sent senttokenabcdef, which is old",
            "you sent sent pass(word, which is wrong",
            "you sent YW5uOnNlbnQgcGFzcyh3b3Jk as pair",
            "a key: ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghij",
        ] {
            let shown = said(text);
            assert!(shown.contains(MASK), "{shown}");
            for part in ["senttoken", "sent pass", "YW5u", "ABCDEFGH"] {
                assert!(!shown.contains(part), "{shown}");
            }
        }
    }

    #[test]
    fn what_a_plugin_was_given_is_masked_in_what_it_says() {
        let plugin = ExecConfig {
            args: Some(
                ["--client-secret=givenarg1", "--password", "givenarg2", "-v"]
                    .map(str::to_owned)
                    .to_vec(),
            ),
            env: Some(vec![
                [("name", "AZURE_CLIENT_SECRET"), ("value", "givenenv3")]
                    .map(|(k, v)| (k.to_owned(), v.to_owned()))
                    .into(),
            ]),
            ..ExecConfig::default()
        };
        of_plugin(&plugin);
        assert_eq!(said("no: givenarg1 givenarg2 givenenv3"), format!("no: {MASK} {MASK} {MASK}"));
    }

    #[test]
    fn what_looks_like_a_credential_is_masked_without_having_been_sent() {
        let shown =
            said("denied: password=abcdef1 redis://:abcdef2@h Authorization: Bearer abcdefgh");
        assert_eq!(
            shown,
            format!("denied: password={MASK} redis://{MASK}@h Authorization: Bearer {MASK}")
        );
    }

    #[test]
    fn a_long_message_is_cut() {
        assert_eq!(said(&"x".repeat(5000)).chars().count(), 601);
        assert_eq!(said("a\u{1b}[31m\n"), "a\\u{1b}[31m");
        let end = format!("{} token={}", "x".repeat(590), "y1".repeat(40));
        assert!(!said(&end).contains("y1"), "{}", said(&end));
    }
}
