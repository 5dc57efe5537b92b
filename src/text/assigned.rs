//! Credentials that are told by what stands before them: a name and a sign, a flag, a scheme. Their own
//! shape says nothing, so that only whole objects go through here, not every text.

use std::borrow::Cow;
use std::sync::OnceLock;

use regex::{Captures, Regex};

use super::clean::{MASK, mask};

/// Ends of names under which a credential is expected.
const WORDS: &str = "password|passwd|passphrase|passwort|pwd|secret|token|api[_.-]?key|access[_.-]?key|secret[_.-]?key|private[_.-]?key|encryption[_.-]?key|signing[_.-]?key|master[_.-]?key|account[_.-]?key|auth[_.-]?key|app[_.-]?key|credentials?|connection[_.-]?string";

/// Fewest characters of a credential.
const LEAST: usize = 4;

fn compiled(once: &'static OnceLock<Regex>, pattern: impl Fn() -> String) -> &'static Regex {
    once.get_or_init(|| {
        Regex::new(&pattern()).unwrap_or_else(|error| unreachable!("a pattern of ours: {error}"))
    })
}

/// Whether a text can hold any of them at all: most cannot, and are told from those that can by this.
fn may_hold(text: &str) -> bool {
    static ANY: OnceLock<Regex> = OnceLock::new();
    compiled(&ANY, || {
        "(?i)pass|pwd|secret|token|key|credential|connection|auth|LS0tLS1CRUdJTi|-u|-p".to_owned()
    })
    .is_match(text)
}

/// `name: value`, `name=value`, also within quotes.
fn assigned() -> &'static Regex {
    static PATTERN: OnceLock<Regex> = OnceLock::new();
    compiled(&PATTERN, || {
        format!(r#"(?i)((?:{WORDS})["']?\s*[:=]\s*["']?)([^\s"'#,;&()\[\]{{}}]{{{LEAST},}})"#)
    })
}

/// `--password value` within one text.
fn flagged() -> &'static Regex {
    static PATTERN: OnceLock<Regex> = OnceLock::new();
    compiled(&PATTERN, || {
        format!(r#"(?i)((?:^|\s)--?[a-z0-9_.-]*(?:{WORDS})\s+["']?)([^\s"'-][^\s"']{{3,}})"#)
    })
}

/// What is a credential whatever it looks like: after a scheme of HTTP, of a registry, of Redis, of curl.
fn schemes() -> &'static Regex {
    static PATTERN: OnceLock<Regex> = OnceLock::new();
    compiled(&PATTERN, || {
        let shapes = [
            r"(?:(?:bearer|basic|token)\s+)([0-9a-z+/._~=-]{8,})",
            r#""auth"\s*:\s*"([0-9a-z+/=]{8,})"#,
            r#"(?:^|\s)(?:requirepass|masterauth)\s+["']?([^\s"'$<{]{4,})"#,
            r"(?:^|\s)(?:-u|--user)[ =][^\s:$]+:([^\s$<{]{4,})",
        ];
        format!("(?im){}", shapes.join("|"))
    })
}

/// A private key in base64.
fn keys() -> &'static Regex {
    static PATTERN: OnceLock<Regex> = OnceLock::new();
    compiled(&PATTERN, || {
        "LS0tLS1CRUdJTi(?:BSU0EgUFJJVkFURSBLR|BQUklWQVRFIEtFW|BFQyBQUklWQVRFIEtFW|BPUEVOU1NIIFBSSVZBVEUgS0VZ|BFTkNSWVBURUQgUFJJVkFURSBLR)[0-9A-Za-z+/=]*".to_owned()
    })
}

/// The password that database clients take right after `-p`.
fn glued() -> &'static Regex {
    static PATTERN: OnceLock<Regex> = OnceLock::new();
    compiled(&PATTERN, || r#"((?:^|\s)-p)([^\s=/:"'$<{-][^\s=/:"']{3,})"#.to_owned())
}

/// Whether a value stands for a credential and is none: a reference, a path, a number, a word of a
/// configuration.
fn is_harmless(value: &str) -> bool {
    static PATTERN: OnceLock<Regex> = OnceLock::new();
    value.len() < LEAST
        || value.contains(MASK)
        || compiled(&PATTERN, || {
            r"(?i)^[/.~$<{%*!&@|]|^[a-z][a-z0-9+.-]*:/|^(arn:|projects/|vault:|secretref:|secretkeyref|enc\[)|\$\(|\$\{|\{\{|^[0-9]+(ms|s|m|h|d)?$|^(true|false|none|null|undefined|enabled|disabled|required|optional|auto|default|external|bearer|basic|opaque|string|integer|boolean|object|bytes)$|^[x*.#-]+$|^([a-z0-9-]+/)?[a-z0-9.-]+-(secret|secrets|token|tokens|tls|cert|certs|credential|credentials|creds|key|keys|auth|password|passwords|config)$"
                .to_owned()
        })
        .is_match(value)
}

/// Whether a value is a credential if it stands under a name that says so.
#[must_use]
pub fn may_be_one(value: &str) -> bool {
    !is_harmless(value)
}

/// Whether what stands under a name is a credential: the name ends in a word for one.
#[must_use]
pub fn is_name_of_one(name: &str) -> bool {
    static PATTERN: OnceLock<Regex> = OnceLock::new();
    compiled(&PATTERN, || format!("(?i)(?:{WORDS})$")).is_match(name)
}

/// Whether an argument is a flag whose value, a credential, is the next one.
#[must_use]
pub fn is_flag_of_one(argument: &str) -> bool {
    argument.starts_with('-') && !argument.contains('=') && is_name_of_one(argument)
}

/// Masks values that look like credentials, by their shape or by what stands before them.
#[must_use]
pub fn mask_assigned(text: &str) -> Cow<'_, str> {
    let by_shape = mask(text);
    if !may_hold(&by_shape) {
        return by_shape;
    }
    let keep = |found: &Captures<'_>| found.get(0).map_or("", |m| m.as_str()).to_owned();
    let part =
        |found: &Captures<'_>, at: usize| found.get(at).map_or("", |m| m.as_str()).to_owned();
    let valued = |found: &Captures<'_>| {
        if is_harmless(&part(found, 2)) { keep(found) } else { format!("{}{MASK}", part(found, 1)) }
    };
    let glued_to = |found: &Captures<'_>| {
        let value = part(found, 2);
        let odd = value.chars().any(|c| c.is_ascii_digit() || c.is_ascii_uppercase());
        if odd && !is_harmless(&value) { format!("{}{MASK}", part(found, 1)) } else { keep(found) }
    };
    let schemed = |found: &Captures<'_>| {
        let secret = (1..=4).map(|at| part(found, at)).find(|part| !part.is_empty());
        let secret = secret.unwrap_or_default();
        let whole = keep(found);
        // A sentence may speak of basic authentication.
        let odd = secret.chars().any(|c| c.is_ascii_digit()) || !part(found, 1).eq(&secret);
        match whole.strip_suffix(&secret) {
            Some(head) if odd && !secret.contains(MASK) => format!("{head}{MASK}"),
            _ => whole,
        }
    };
    let text = keys().replace_all(&by_shape, MASK).into_owned();
    let text = schemes().replace_all(&text, schemed).into_owned();
    let text = assigned().replace_all(&text, valued).into_owned();
    let text = flagged().replace_all(&text, valued).into_owned();
    let masked = glued().replace_all(&text, glued_to).into_owned();
    if masked == *by_shape { by_shape } else { Cow::Owned(masked) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_before_a_value_tells_a_credential() {
        for (text, shown) in [
            ("Bearer HdrSecret88", "Bearer ••••••"),
            ("password: AnnSecret55", "password: ••••••"),
            ("--password=ArgSecret33", "--password=••••••"),
            ("-pPwdSecret66", "-p••••••"),
            ("mysql -uroot -pPwdSecret66 -h db", "mysql -uroot -p•••••• -h db"),
            ("tool --db-password hunter2 -v", "tool --db-password •••••• -v"),
            ("Server=a;Password=ConnSecret11;", "Server=a;Password=••••••;"),
            ("a=b\ndb.password=CfgSecret-9999\nc=d", "a=b\ndb.password=••••••\nc=d"),
            (r#"{"auths":{"r":{"auth":"dXNlcjpwYXNz"}}}"#, r#"{"auths":{"r":{"auth":"••••••"}}}"#),
            ("port 6379\nrequirepass foobared1", "port 6379\nrequirepass ••••••"),
            ("curl -u admin:hunter22 https://x", "curl -u admin:•••••• https://x"),
            ("Authorization: Basic dXNlcjpwYXNz1", "Authorization: Basic ••••••"),
            ("postgres://u:hunter2@db/x?token=abcd1", "postgres://••••••@db/x?token=••••••"),
        ] {
            assert_eq!(mask_assigned(text), shown);
            assert_eq!(mask_assigned(shown), shown, "masked once is masked");
        }
    }

    #[test]
    fn what_only_speaks_of_credentials_stays() {
        for text in [
            "--token-auth-file=/etc/kubernetes/tokens.csv",
            "--service-account-private-key-file=/etc/sa.key",
            "--authentication-token-webhook=true",
            "--password=$(DB_PASSWORD)",
            "secretName: web-tls",
            "token: true",
            "password: ${PASSWORD}",
            "pullSecret: registry-credentials",
            "basic authentication is off",
            "-p8080",
            "-profile",
            "-u user",
            "the token expires",
            "LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0t",
        ] {
            assert_eq!(mask_assigned(text), text);
        }
    }

    #[test]
    fn flags_and_names_of_credentials() {
        assert!(is_flag_of_one("--password") && is_flag_of_one("-api-key"));
        assert!(!is_flag_of_one("--password=x") && !is_flag_of_one("--token-auth-file"));
        assert!(is_name_of_one("DB_PASSWORD") && !is_name_of_one("secretName"));
        assert!(may_be_one("hunter2") && !may_be_one("/etc/key") && !may_be_one("true"));
    }
}
