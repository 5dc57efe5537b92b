//! The one vocabulary of credentials: names under which one stands, and values that only seem to be one.

use std::sync::OnceLock;

use regex::Regex;

use super::{LEAST, MASK, compiled};

/// Ends of names under which a credential is expected.
const WORDS: &str = "password|passwd|passphrase|passwort|pwd|secret|token|api[_.-]?key|access[_.-]?key|secret[_.-]?key|private[_.-]?key|encryption[_.-]?key|signing[_.-]?key|master[_.-]?key|account[_.-]?key|auth[_.-]?key|app[_.-]?key|credentials?|connection[_.-]?string|(?:^|[^a-z])pass|(?-i:[a-z0-9]Pass)";

/// What may follow on such a word without making it another: `password_prod`, `token2`.
const TAIL: &str = "(?:[_.-]?(?:[0-9]{1,2}|value|plain|plaintext|text|base64|b64|prod|production|dev|test|staging|old|new|current|previous|primary|secondary))?";

/// Headers of HTTP that hold one.
const HEADERS: &str = "authorization|proxy[_-]authorization|cookie|set[_-]cookie";

/// Letters of a name.
const LETTER: &str = "[a-z0-9_.-]";

/// A pattern for a name of a credential, to be part of another.
pub(super) fn name() -> String {
    format!("{LETTER}*(?:{WORDS}){TAIL}")
}

/// Whether what stands under a name is a credential: the name ends in a word for one, and is no known
/// name of something else.
#[must_use]
pub fn is_name_of_one(name: &str) -> bool {
    static PATTERN: OnceLock<Regex> = OnceLock::new();
    compiled(&PATTERN, || format!("(?i)(?:{WORDS}){TAIL}$|^(?:{HEADERS})$")).is_match(name)
        && !is_harmless_name(name)
}

/// Whether a word for a credential stands anywhere in a name: those of variables are free.
#[must_use]
pub fn names_one(name: &str) -> bool {
    static PATTERN: OnceLock<Regex> = OnceLock::new();
    compiled(&PATTERN, || format!("(?i){WORDS}|^(?:{HEADERS})$")).is_match(name)
}

/// Whether an argument is a flag whose value, a credential, is the next one.
#[must_use]
pub fn is_flag_of_one(argument: &str) -> bool {
    argument.starts_with('-') && !argument.contains('=') && is_name_of_one(argument)
}

/// Names that end in such a word and hold none: places in a list, marks of language models, references.
fn is_harmless_name(name: &str) -> bool {
    static PATTERN: OnceLock<Regex> = OnceLock::new();
    compiled(&PATTERN, || {
        "(?i)(?:no|allow_empty)_password$|(?:next|page|continue|continuation|pad|eos|bos|unk|mask|sep|initial[_-]?cluster)[_-]?token$|(?:pull|existing|tls|ca|cert|certificate|source|target|ref)[_.-]?secret$".to_owned()
    })
    .is_match(name)
}

/// Whether a value is a credential if it stands under this name.
#[must_use]
pub fn may_be_one(name: &str, value: &str) -> bool {
    !is_harmless(name, value)
}

/// Whether a text under the name of a credential is one. A file that was made into an entry ends with a
/// new line; of several lines one that is a single word may be it.
#[must_use]
pub fn holds_one(name: &str, text: &str) -> bool {
    let text = text.trim();
    if text.contains('\n') { has_word(name, text) } else { may_be_one(name, text) }
}

/// Whether a line of a text is a single word that is a credential under this name.
pub(super) fn has_word(name: &str, text: &str) -> bool {
    let mut lines = text.lines().map(str::trim);
    lines.any(|line| !line.contains(char::is_whitespace) && may_be_one(name, line))
}

/// Whether a value stands for a credential and is none: a reference, a path, a number, a word of a
/// configuration, the name of a Secret.
fn is_harmless(name: &str, value: &str) -> bool {
    static PATTERN: OnceLock<Regex> = OnceLock::new();
    static PASSWORD: OnceLock<Regex> = OnceLock::new();
    static NUMBER: OnceLock<Regex> = OnceLock::new();
    static SECRET: OnceLock<Regex> = OnceLock::new();
    static REFERENCE: OnceLock<Regex> = OnceLock::new();
    static HEXADECIMAL: OnceLock<Regex> = OnceLock::new();
    let harmless = || {
        let shapes = [
            // Paths, addresses, and what curl reads from a file.
            r"^@?(?:/|\.{1,2}/|~/)|^[a-z]:\\|^[a-z][a-z0-9+.-]*:/",
            // References of stores, of shells, of templates.
            r"^(?:arn:|projects/|vault:|secretref:|secretkeyref|enc\[|\{cipher\})",
            r"\$\(|\$\{|\{\{|^\$[a-z_]|^<[^<>]*>$|^%\(?[a-z_]+\)?[s%]?$|^!(?:vault|ref|sub|getatt|env|secret)$",
            // Words.
            r"^(?:true|false|none|null|nil|undefined|enabled|disabled|required|optional|auto|default|external|bearer|basic|jwt|opaque|string|integer|boolean|object|bytes|username|user|expired|invalid|missing|unknown|revoked|denied|rejected|malformed)$",
            r"^[x*.#-]+$",
            // Names of Secrets, and of what they hold.
            r"^(?:[a-z0-9-]+/)?[a-z0-9.-]+-(?:secret|secrets|token|tokens|tls|cert|certs|credential|credentials|creds|key|keys|auth|password|passwords|config)$",
            r"^(?:tls|ca)\.(?:crt|key)$",
        ];
        format!("(?i){}|^(?:{WORDS})$", shapes.join("|"))
    };
    let of_password = || compiled(&PASSWORD, || "(?i)pass|pwd".to_owned()).is_match(name);
    let number = || compiled(&NUMBER, || "^(?:[0-9]{1,9}|[0-9]+(?:ms|s|m|h|d))$".to_owned());
    let of_secret = || {
        let ends = compiled(&SECRET, || "(?i)(?:secret|credentials?)$".to_owned());
        let refers = compiled(&REFERENCE, || "^[a-z0-9.-]*[/-][a-z0-9./-]*$".to_owned());
        let random = compiled(&HEXADECIMAL, || "^[0-9a-f-]{24,}$".to_owned());
        ends.is_match(name) && refers.is_match(value) && !random.is_match(value)
    };
    value.len() < LEAST
        || is_mask(value)
        || (number().is_match(value) && !of_password())
        || compiled(&PATTERN, harmless).is_match(value)
        || of_secret()
}

/// Whether a text is nothing but the mask, with the size of what it stands for or without.
#[must_use]
pub fn is_mask(text: &str) -> bool {
    let Some(rest) = text.strip_prefix(MASK) else { return false };
    let size = rest.strip_prefix(" (").and_then(|rest| rest.strip_suffix(" bytes)"));
    rest.is_empty() || size.is_some_and(|size| size.bytes().all(|byte| byte.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_credentials_are_told_from_names_of_other_things() {
        for name in [
            "DB_PASSWORD",
            "dbPassword",
            "dbPass",
            "DB_PASS",
            "db.pass",
            "pass",
            "password_prod",
            "token2",
            "api_key",
            "X-Api-Key",
            "clientSecret",
            "restuserkey_token",
            "Authorization",
            "connectionString",
        ] {
            assert!(is_name_of_one(name), "{name}");
        }
        for name in [
            "secretName",
            "secretKeyRef",
            "passwordSecretRef",
            "tokenFile",
            "serviceAccountTokenPath",
            "tokenExpirationSeconds",
            "bypass",
            "compass",
            "next_token",
            "imagePullSecret",
            "existingSecret",
            "tokens",
            "key",
            "secretRef",
            "passwordPolicy",
        ] {
            assert!(!is_name_of_one(name), "{name}");
        }
        assert!(is_flag_of_one("--password") && is_flag_of_one("-api-key"));
        assert!(!is_flag_of_one("--password=x") && !is_flag_of_one("--token-auth-file"));
        assert!(names_one("TOKEN_URL") && !names_one("LOG_LEVEL"));
    }

    #[test]
    fn values_that_only_seem_to_be_credentials_are_known() {
        for value in [
            "hunter2", "!abc123", "@abc123", "&abc1", "*abc1", "%abc12", "~abc12", "|abcd", "{abcd",
        ] {
            assert!(may_be_one("password", value), "{value}");
        }
        for value in [
            "/etc/key",
            "./key",
            "true",
            "$(DB)",
            "${DB}",
            "$DB",
            "{{ .Values.x }}",
            "<password>",
            "https://x",
            "web-tls",
            "team-a/web-credentials",
            "password",
            "tls.key",
            "****",
            "••••••",
            "•••••• (12 bytes)",
        ] {
            assert!(!may_be_one("password", value), "{value}");
        }
        assert!(may_be_one("password", "12345678") && !may_be_one("token", "3600"));
        assert!(!may_be_one("secret", "team-a-db") && may_be_one("secret", "hunter2"));
        assert!(may_be_one("clientSecret", "0f8fad5b-d9cb-469f-a165-70867728950e"));
        assert!(holds_one("token", "abcd1\n") && !holds_one("token", "it is\nin the vault\n"));
    }
}
