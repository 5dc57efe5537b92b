//! Credentials in objects: under a name, as the value of a variable, behind a flag.

use std::borrow::Cow;

use super::names::{holds_one, is_flag_of_one, is_name_of_one, may_be_one, names_one};
use super::{LEAST, MASK, mask};
use crate::model::key::Key;
use crate::model::node::{Map, Node};

/// A tree in which every text that looks like a credential is masked, by itself or by the name it stands
/// under. Only texts change: maps, lists, numbers and truths stay, and masked once more so does all.
#[must_use]
pub fn mask_tree(node: Node) -> Node {
    match node {
        Node::Str(text) => match mask(&text) {
            Cow::Borrowed(_) => Node::Str(text),
            Cow::Owned(masked) => Node::str(&masked),
        },
        Node::List(items) => Node::list(list(&items)),
        Node::Map(map) => {
            let name = map.get("name").or_else(|| map.get("key")).and_then(Node::as_str);
            let name = name.filter(|name| names_one(name)).map(str::to_owned);
            let entries = map.into_entries().into_iter();
            let masked = entries.map(|(key, value)| entry(key, value, name.as_deref()));
            Node::Map(Map::new(masked.collect()))
        }
        other => other,
    }
}

/// An entry of a map; `variable` is what the map names, if that is a credential.
fn entry(key: Key, value: Node, variable: Option<&str>) -> (Key, Node) {
    let is_one = match &value {
        // `{name: DB_PASSWORD, value: …}`: the value is the credential.
        Node::Str(text) if key.as_str() == "value" => {
            variable.is_some_and(|name| is_value_of_one(name, text))
        }
        Node::Str(text) => {
            is_name_of_one(key.as_str()) && holds_one(key.as_str(), text)
                || key.as_str() == "auth" && is_packed(text)
        }
        _ => false,
    };
    let value = if is_one { Node::str(MASK) } else { mask_tree(value) };
    (key, value)
}

/// Whether the value of a variable is a credential: whatever it is, if the name says no more than that.
fn is_value_of_one(name: &str, text: &str) -> bool {
    let short = !text.is_empty() && text.len() < LEAST && is_name_of_one(name);
    short || holds_one(name, text)
}

/// Whether a text is a name and a password as registries take them.
fn is_packed(text: &str) -> bool {
    let sign = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=');
    let odd = |byte: u8| byte.is_ascii_digit() || byte == b'=';
    text.len() >= 8 && text.bytes().all(sign) && text.bytes().any(odd)
}

fn list(items: &[Node]) -> Vec<Node> {
    let words: Vec<&str> = items.iter().map(|item| item.as_str().unwrap_or_default()).collect();
    let masked = items.iter().zip(mask_words(&words)).map(|(item, word)| match (item, word) {
        (Node::Str(_), Cow::Borrowed(_)) => item.clone(),
        (Node::Str(_), Cow::Owned(word)) => Node::str(&word),
        (item, _) => mask_tree(item.clone()),
    });
    masked.collect()
}

/// The words of a command line, with credentials masked in each, and those that a flag before them tells.
#[must_use]
pub fn mask_words<'w>(words: &[&'w str]) -> Vec<Cow<'w, str>> {
    let before =
        |at: usize, back: usize| at.checked_sub(back).and_then(|at| words.get(at)).copied();
    let masked = words.iter().enumerate().map(|(at, word)| {
        let flag = before(at, 1).unwrap_or_default();
        let given = !word.starts_with('-') && is_flag_of_one(flag) && may_be_one(flag, word);
        let ssh = flag == "-p" && before(at, 2).is_some_and(|word| word.ends_with("sshpass"));
        let user = matches!(flag, "-u" | "--user").then(|| word.split_once(':')).flatten();
        match user {
            _ if given || ssh => Cow::Owned(MASK.to_owned()),
            Some((name, password)) if is_password(password) => Cow::Owned(format!("{name}:{MASK}")),
            _ => mask(word),
        }
    });
    masked.collect()
}

/// Whether what stands behind a user's name is a password and no number of a group.
fn is_password(text: &str) -> bool {
    text.len() >= LEAST && !text.bytes().all(|b| b.is_ascii_digit()) && may_be_one("password", text)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    fn shown(json: &Value) -> Value {
        mask_tree(Node::from(json)).to_json()
    }

    #[test]
    fn what_stands_under_the_name_of_a_credential_is_masked_in_every_map() {
        let found = shown(&json!({
            "spec": {"password": "hunter2", "adminPassword": "abcd", "auth": {"token": "xyz123"},
                "users": [{"name": "root", "password": "hunter2"}], "config": {"api_key": "k3y-1"}},
            "parameters": {"secretKey": "a1b2c3", "type": "gp3"},
            "csi": {"volumeAttributes": {"token": "t0ken"}},
            "headers": {"Authorization": "abcdef", "Accept": "text/html"},
            "auths": {"r": {"auth": "dXNlcjpwYXNz1w=="}},
            "env": [{"name": "DB_PASS", "value": "x"}, {"key": "password", "value": "hunter2"}],
            "command": ["sshpass", "-p", "abcd", "curl", "-u", "me:hunter2"],
        }));
        assert_eq!(
            found,
            json!({
                "spec": {"password": MASK, "adminPassword": MASK, "auth": {"token": MASK},
                    "users": [{"name": "root", "password": MASK}], "config": {"api_key": MASK}},
                "parameters": {"secretKey": MASK, "type": "gp3"},
                "csi": {"volumeAttributes": {"token": MASK}},
                "headers": {"Authorization": MASK, "Accept": "text/html"},
                "auths": {"r": {"auth": MASK}},
                "env": [{"name": "DB_PASS", "value": MASK}, {"key": "password", "value": MASK}],
                "command": ["sshpass", "-p", MASK, "curl", "-u", format!("me:{MASK}")],
            })
        );
    }

    #[test]
    fn references_and_settings_stay() {
        let settings = json!({
            "automountServiceAccountToken": false, "tokenExpirationSeconds": 3600,
            "secretName": "db", "secretKeyRef": {"name": "db", "key": "password"},
            "passwordSecretRef": {"name": "db", "key": "pw"}, "tokenFile": "/var/run/token",
            "imagePullSecrets": [{"name": "regcred"}], "existingSecret": "db", "secretKey": "password",
            "credentials": ["a", "b"], "tokens": ["abcd"], "secret": "team-a/db", "password": "${DB}",
            "env": [{"name": "TOKEN_URL", "value": "https://a/b"}, {"name": "API_TOKEN", "value": "true"},
                {"name": "DB_PASSWORD", "value": ""}, {"name": "KEY_TTL", "value": "3600"}],
            "type": "kubernetes.io/service-account-token", "auth": "basic",
            "args": ["--token-auth-file", "/etc/x", "--user", "1000:1000"],
        });
        assert_eq!(shown(&settings), settings);
    }

    #[test]
    fn variables_named_like_credentials_lose_their_values() {
        for (name, value) in [
            ("DB_PASSWORD", "x"),
            ("MY_TOKEN_HERE", "abcd1"),
            ("MYSQL_PWD", "abc"),
            ("Cookie", "a=b;c=d"),
        ] {
            let found = shown(&json!({"name": name, "value": value}));
            assert_eq!(found, json!({"name": name, "value": MASK}));
        }
    }

    /// Places for a secret, by what tells it there.
    fn planted(secret: &str) -> Vec<Value> {
        vec![
            json!({"password": secret}),
            json!({"a": {"client-secret": secret, "b": 1}}),
            json!({"env": [{"name": "API_TOKEN", "value": secret}]}),
            json!({"args": ["--password", secret]}),
            json!({"args": [format!("--password={secret}"), "-v"]}),
            json!({"x": format!("redis://:{secret}@h:1/0")}),
            json!({"x": format!("{{\"password\":\"{secret}\",\"b\":1}}")}),
            json!({"x": format!("a: 1\npassword: {secret}\nb: 2")}),
            json!({"x": format!("Authorization: Bearer {secret}")}),
            json!([["sh", "-c", format!("tool --password {secret} -v")]]),
        ]
    }

    fn same_shape(a: &Value, b: &Value) -> bool {
        match (a, b) {
            (Value::Array(a), Value::Array(b)) => {
                a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same_shape(a, b))
            }
            (Value::Object(a), Value::Object(b)) => {
                a.keys().eq(b.keys()) && a.values().zip(b.values()).all(|(a, b)| same_shape(a, b))
            }
            (Value::String(_), Value::String(_)) => true,
            (a, b) => a == b,
        }
    }

    proptest! {
        #[test]
        fn no_planted_secret_is_shown(secret in "Q[a-zA-Z0-9!#%&*+.~^()?_-]{4,12}9x", deep in 0_usize..4) {
            for mut tree in planted(&secret) {
                for _ in 0..deep {
                    tree = json!({"spec": [tree, "other", 7]});
                }
                let found = shown(&tree);
                prop_assert!(!found.to_string().contains(secret.get(..5).unwrap()), "{tree} became {found}");
                prop_assert!(same_shape(&tree, &found), "{tree} became {found}");
                prop_assert_eq!(shown(&found), found);
            }
        }

        #[test]
        fn masked_once_is_masked(text in r#"(password|token|-p|: ?|=|"|'|\\|\n|  |://|@|a|1|Z|Bearer |,|;|\||••••••|<|>|--secret ){0,14}"#) {
            let masked = mask(&text).into_owned();
            prop_assert_eq!(mask(&masked), masked.as_str());
        }
    }
}
