//! Credentials that are told by their own shape, as issuers document them.

use std::borrow::Cow;
use std::sync::OnceLock;

use regex::{Captures, Regex};

use super::{MASK, compiled, replaced};

/// Shapes that begin where a word does.
const TOKENS: &[&str] = &[
    r"(?:AKIA|ASIA)[0-9A-Z]{16}",
    r"gh[pousr]_[0-9A-Za-z]{36,}",
    r"github_pat_[0-9A-Za-z_]{30,}",
    r"glpat-[0-9A-Za-z_\-]{20,}",
    r"xox[abeoprs]-[0-9A-Za-z\-]{10,}",
    r"npm_[0-9A-Za-z]{36,}",
    r"dckr_pat_[0-9A-Za-z_\-]{20,}",
    r"hvs\.[0-9A-Za-z_\-]{24,}",
    r"[rs]k_live_[0-9A-Za-z]{16,}",
    r"sk-(?:ant|proj|svcacct)-[0-9A-Za-z_\-]{20,}",
    r"SG\.[0-9A-Za-z_\-]{16,}\.[0-9A-Za-z_\-]{16,}",
    r"AIza[0-9A-Za-z_\-]{35}",
    r"eyJ[0-9A-Za-z_\-]{8,}\.[0-9A-Za-z_\-]{8,}\.[0-9A-Za-z_\-]*",
];

/// Longest name with a password in an address, in bytes.
const MOST: usize = 2_000;

/// Beginnings of private keys in base64, behind that of `-----BEGIN`.
const PACKED: &str = "BSU0EgUFJJVkFURSBLR|BEU0EgUFJJVkFURSBLR|BQR1AgUFJJVkFURSBLR|BQUklWQVRFIEtFW|BFQyBQUklWQVRFIEtFW|BPUEVOU1NIIFBSSVZBVEUgS0VZ|BFTkNSWVBURUQgUFJJVkFURSBLR";

fn pattern() -> &'static Regex {
    static PATTERN: OnceLock<Regex> = OnceLock::new();
    compiled(&PATTERN, || {
        let label = "[A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----";
        let packed = "[0-9A-Za-z+/=]";
        let gap = r"(?:\s|\\n|\\r)+";
        let shapes = [
            format!("(^|[^0-9A-Za-z])(?:{})", TOKENS.join("|")),
            r"(hooks\.slack\.com/services/)T[0-9A-Za-z]+/B[0-9A-Za-z]+/[0-9A-Za-z]{8,}".to_owned(),
            // To its end, whatever stands in it; without one, to the end of the text.
            format!(r"-----BEGIN {label}(?s:.*?)(?:-----END {label}|\z)"),
            // The same in base64, in lines of some length or in one.
            format!(
                r"LS0tLS1CRUdJTi(?:{PACKED}){packed}*(?:(?:{gap}{packed}{{40,}})+(?:{gap}[0-9A-Za-z+/]+={{1,2}})?)?"
            ),
        ];
        shapes.join("|")
    })
}

/// Masks what looks like a credential by itself, and what is one in an address.
pub(super) fn masked(text: &str) -> Cow<'_, str> {
    let kept = |found: &Captures<'_>| {
        let whole = found.get(0)?;
        let head = found.get(1).or_else(|| found.get(2));
        Some(head.map_or_else(|| whole.start(), |head| head.end())..whole.end())
    };
    match replaced(text, pattern(), kept) {
        Cow::Borrowed(text) => addresses(text),
        Cow::Owned(text) => Cow::Owned(addresses(&text).into_owned()),
    }
}

/// Masks names with passwords, and tokens, that stand in addresses.
fn addresses(text: &str) -> Cow<'_, str> {
    let (mut out, mut done) = (String::new(), 0);
    for (at, sign) in text.match_indices("://") {
        let begins = at + sign.len();
        let Some(length) = text.get(begins..).and_then(user) else { continue };
        if begins < done {
            continue;
        }
        out.push_str(text.get(done..begins).unwrap_or_default());
        out.push_str(MASK);
        done = begins + length;
    }
    if done == 0 {
        return Cow::Borrowed(text);
    }
    out.push_str(text.get(done..).unwrap_or_default());
    Cow::Owned(out)
}

/// How much of an address, behind its scheme, is a name with a password or a token.
fn user(rest: &str) -> Option<usize> {
    let ends = |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '`' | '<' | '>');
    let near = (0..=MOST.min(rest.len())).rev().find_map(|end| rest.get(..end))?;
    let near = near.get(..near.find("://").unwrap_or(near.len()))?;
    let word = near.get(..near.find(ends).unwrap_or(near.len()))?;
    let ends = ["\\\"", "\\n"].into_iter().filter_map(|end| word.find(end)).min();
    let word = word.get(..ends.unwrap_or(word.len()))?;
    let host = word.get(..word.find(['/', '?', '#']).unwrap_or(word.len()))?;
    if let Some(at) = host.rfind('@') {
        return host.get(..at).filter(|user| is_credential(user)).map(str::len);
    }
    // A password may hold a `/`; a port is no password, and an address of IPv6 no name.
    let (name, port) = host.split_once(':')?;
    let is_port = port.bytes().all(|byte| byte.is_ascii_digit()) || port.starts_with(['$', '{']);
    if is_port || name.starts_with('[') {
        return None;
    }
    let at = word.rfind('@')?;
    word.get(..at).filter(|user| is_credential(user)).map(str::len)
}

/// Whether what stands before the host is more than a name.
fn is_credential(user: &str) -> bool {
    static REFERENCE: OnceLock<Regex> = OnceLock::new();
    if let Some((_, password)) = user.split_once(':') {
        let reference =
            || r"^(?:\$\([^()]*\)|\$\{[^{}]*\}|\{\{[^{}]*\}\}|\$[A-Za-z_]+)?$".to_owned();
        return !compiled(&REFERENCE, reference).is_match(password);
    }
    let sign = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '~' | '%');
    user.len() >= 16 && user.chars().all(sign) && user.bytes().any(|b| b.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::super::mask;
    use super::*;

    #[test]
    fn keys_go_to_their_end() {
        let pem = "a\n-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,AA\n\nMIIEpA\n-----END RSA PRIVATE KEY-----\nb";
        assert_eq!(mask(pem), format!("a\n{MASK}\nb"));
        let pgp =
            "-----BEGIN PGP PRIVATE KEY BLOCK-----\n\nlQdGBS\n-----END PGP PRIVATE KEY BLOCK-----";
        assert_eq!(mask(pgp), MASK);
        assert_eq!(mask("x -----BEGIN PRIVATE KEY-----\nMIIE-cut"), format!("x {MASK}"));
        let lines = "LS0tLS1CRUdJTiBSU0EgUFJJVkFURSBLRVktLS0tLQpNSUlFcEFJQkFBS0NBUUVBc2VjcmV0MDAx\nc2VjcmV0MDAyc2VjcmV0MDAyc2VjcmV0MDAyc2VjcmV0MDAyc2VjcmV0MDAy\nc2VjcmV0MDAz==\nb: 1";
        assert_eq!(mask(lines), format!("{MASK}\nb: 1"));
        let certificate = "LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0t";
        assert_eq!(mask(certificate), certificate);
    }

    #[test]
    fn credentials_in_addresses_are_masked_and_addresses_stay() {
        for (text, shown) in [
            ("redis://:hunter2@redis:6379/0", "redis://••••••@redis:6379/0"),
            ("postgres://u:p/x@db/app", "postgres://••••••@db/app"),
            ("postgres://u:a@b@db/app", "postgres://••••••@db/app"),
            ("amqp://u:a:b@mq", "amqp://••••••@mq"),
            ("https://abcdefgh12345678@github.com/x", "https://••••••@github.com/x"),
            ("r://:aaa@h1,r://:bbb@h2", "r://••••••@h1,r://••••••@h2"),
            (
                "https://hooks.slack.com/services/T0000/B0000/abcdefgh1",
                "https://hooks.slack.com/services/••••••",
            ),
        ] {
            assert_eq!(mask(text), shown);
            assert_eq!(mask(shown), shown, "masked once is masked");
        }
        for text in [
            "https://a.example.com/@scope/x",
            "oci://r:5000/a@sha256:00",
            "ssh://git@github.com/x",
            "http://[::1]:80/a@b",
            "postgres://$(USER):$(PASS)@db",
            "http://h:{{ .port }}/a@b",
            "https://user@example.com",
            "http://a \"b:c@d\"",
        ] {
            assert_eq!(mask(text), text);
        }
    }

    #[test]
    fn tokens_are_known_by_their_prefix() {
        for token in [
            "sk-proj-abcdefghijklmnopqrstuvwxyz012345",
            "sk_live_abcdefghijklmnop1",
            "AKIAABCDEFGHIJKLMNOP",
            "github_pat_ABCDEFGHIJKLMNO_abcdefghijklmnopqrst",
            "hvs.abcdefghijklmnopqrstuvwxyz",
            "npm_abcdefghijklmnopqrstuvwxyz0123456789",
            "glpat-abcdefghijklmnopqrst",
            "SG.abcdefghijklmnop.abcdefghijklmnop",
            "eyJhbGciOiJSUzI1.eyJzdWIiOiIx.c2ln",
        ] {
            assert_eq!(mask(&format!("x_{token} y")), format!("x_{MASK} y"));
        }
        for text in ["task-proj-abcdefghijklmnopqrstuvwxyz", "npm_config_registry", "nothing here"]
        {
            assert_eq!(mask(text), text);
        }
    }
}
