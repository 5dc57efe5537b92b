//! Credentials that are told by what stands before them: a name and a sign, a flag, a scheme.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::OnceLock;

use regex::{Captures, Regex};

use super::names::{has_word, is_flag_of_one, is_name_of_one, may_be_one, name};
use super::{compiled, replaced};

/// Longest word in which the end of a value is looked for, in bytes.
const MOST: usize = 4_000;

/// Masks what stands behind the name of a credential.
pub(super) fn masked(text: &str) -> Cow<'_, str> {
    let mut text = Cow::Borrowed(text);
    for (pattern, value) in [
        (schemes(), schemed as fn(&str, &Captures<'_>) -> Option<Range<usize>>),
        (elements(), element),
        (assigned(), valued),
        (flagged(), flag),
        (glued(), glued_to),
    ] {
        let next = replaced(&text, pattern, |found| value(&text, found));
        if let Cow::Owned(next) = next {
            text = Cow::Owned(next);
        }
    }
    text
}

/// What is a credential whatever it looks like: after a scheme of HTTP, of a registry, of Redis, of curl.
fn schemes() -> &'static Regex {
    static PATTERN: OnceLock<Regex> = OnceLock::new();
    compiled(&PATTERN, || {
        let quote = r#"[\\"']*"#;
        let shapes = [
            format!(
                r#"authorization{quote}[ \t]*[:=][ \t]*{quote}(?P<scheme>(?:bearer|basic|token|digest|negotiate)[ \t]+)?(?P<header>[^\s"'\\,;]{{4,}})"#
            ),
            format!(
                r#"(?:^|[^a-z0-9_-])(?:set-)?cookie{quote}:\s*{quote}(?P<cookie>[^\s"'\\][^"'\\\n]{{3,}})"#
            ),
            r"(?:bearer|basic)[ \t]+(?P<bearer>[0-9a-z+/._~=-]{8,})".to_owned(),
            r"token[ \t]+(?P<token>[0-9a-z+/._~=-]{20,})".to_owned(),
            format!(r#"["']auth{quote}\s*:\s*{quote}(?P<auth>[0-9a-z+/=]{{8,}})"#),
            r#"(?:^|\s)(?:requirepass|masterauth)[ \t]+["']?(?P<redis>[^\s"'$<{]{4,})"#.to_owned(),
            r#"(?:^|\s)(?:-u|--user)[ =]["']?[^\s:$"']+:(?P<user>[^\s$<{"']{4,})"#.to_owned(),
            r#"sshpass[ \t]+-p[ \t]*["']?(?P<ssh>[^\s"'$<{]{4,})"#.to_owned(),
            r"(?:^|\s)login\s+\S+\s+password[ \t]+(?P<netrc>\S{4,})".to_owned(),
            // A line of a `.pgpass`: host, port, database, user, password. A colon in them is escaped; times
            // have no letters.
            {
                let part = r#"(?:\\[:\\]|[^\s:\\"'`])"#;
                format!(
                    r#"(?:^|[\s"'`]|\\n){part}*[a-z*./]{part}*:(?:[0-9]{{2,5}}|\*):{part}+:{part}+:(?P<pgpass>{part}{{4,}})(?:$|[\s"'`]|\\n)"#
                )
            },
        ];
        format!("(?im){}", shapes.join("|"))
    })
}

/// What stands in an element of XML. Looked for by itself: an element that does not end reaches over all
/// that follows, and whatever else stands there.
fn elements() -> &'static Regex {
    static PATTERN: OnceLock<Regex> = OnceLock::new();
    compiled(&PATTERN, || {
        format!(
            r"(?i)<{}(?:\s[^<>]*)?>\s*(?:<!\[cdata\[)?(?P<element>[^<>\s\]][^<>\]]{{2,}}[^<>\s\]])",
            name()
        )
    })
}

fn element(_: &str, found: &Captures<'_>) -> Option<Range<usize>> {
    let element = found.name("element")?;
    may_be_one("password", element.as_str()).then(|| element.range())
}

fn schemed(_: &str, found: &Captures<'_>) -> Option<Range<usize>> {
    let digit = |text: &str| text.bytes().any(|byte| byte.is_ascii_digit());
    let capital = |text: &str| text.bytes().any(|byte| byte.is_ascii_uppercase());
    let hexadecimal = |text: &str| text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let group = |name| found.name(name);
    // Without a scheme it may be a word of a configuration.
    let header = group("header").filter(|value| {
        group("scheme").is_some() || digit(value.as_str()) && !reference(value.as_str())
    });
    let certain = ["cookie", "redis", "ssh", "netrc"].into_iter().find_map(group);
    let certain = certain.filter(|value| !reference(value.as_str()));
    // Sentences speak of basic authentication and of the token of some account.
    let bearer = group("bearer").filter(|value| digit(value.as_str()));
    let auth = group("auth").filter(|value| digit(value.as_str()) || capital(value.as_str()));
    let token = group("token").filter(|value| {
        let text = value.as_str();
        digit(text) && (capital(text) || hexadecimal(text)) && !text.contains('/')
    });
    let user = group("user").filter(|value| !value.as_str().bytes().all(|b| b.is_ascii_digit()));
    let line = group("pgpass").filter(|value| may_be_one("password", value.as_str()));
    [header, certain, bearer, token, auth, user, line]
        .into_iter()
        .flatten()
        .next()
        .map(|m| m.range())
}

/// Whether a text only names where the credential comes from.
fn reference(text: &str) -> bool {
    text.starts_with("$(")
        || text.starts_with("${")
        || text.starts_with("{{")
        || text.starts_with('<')
}

/// A name with the sign behind it; the value begins where this ends.
fn assigned() -> &'static Regex {
    static PATTERN: OnceLock<Regex> = OnceLock::new();
    compiled(&PATTERN, || {
        // In YAML the value may stand in the next line, as a block or by itself.
        let next = r"(?:[|>][+-]?[0-9]?[ \t]*)?\r?\n[ \t]+";
        format!(
            r#"(?i)(?P<name>{})\\*["']?[ \t]*(?::=|=>|==|=|:[ \t]*(?P<next>{next})?)[ \t]*"#,
            name()
        )
    })
}

fn valued(text: &str, found: &Captures<'_>) -> Option<Range<usize>> {
    let name = found.name("name")?.as_str();
    // Before its value is looked for, which may be long.
    if !is_name_of_one(name.trim_start_matches(['-', '.'])) {
        return None;
    }
    let from = found.get(0)?.end();
    if let Some(next) = found.name("next") {
        let (mark, indent) = next.as_str().split_once('\n')?;
        if mark.starts_with(['|', '>']) {
            let block = from..from + block(text.get(from..)?, indent);
            return Some(block)
                .filter(|block| text.get(block.clone()).is_some_and(|text| has_word(name, text)));
        }
    }
    let range = value(text, from, found.name("next").is_some())?;
    Some(range).filter(|range| text.get(range.clone()).is_some_and(|text| is_one(name, text)))
}

/// Whether a value is a credential. One that is longer than any path or reference is masked as a whole:
/// to look at all of it again and again would take for ever.
fn is_one(name: &str, value: &str) -> bool {
    value.len() >= MOST || may_be_one(name, value)
}

/// How long a block of YAML is: the lines that stand as deep as its first.
fn block(rest: &str, indent: &str) -> usize {
    let mut length = 0;
    for (nth, line) in rest.split_inclusive('\n').enumerate() {
        if nth > 0 && !line.starts_with(indent) && !line.trim().is_empty() {
            break;
        }
        length += line.len();
    }
    rest.get(..length).map_or(0, |block| block.trim_end().len())
}

/// Where the value is that begins here: within its quotes, or up to what separates it from others.
fn value(text: &str, from: usize, next_line: bool) -> Option<Range<usize>> {
    let rest = text.get(from..)?;
    let slashes = rest.len() - rest.trim_start_matches('\\').len();
    let quote = rest.get(slashes..)?.chars().next().filter(|c| matches!(c, '"' | '\''));
    if let Some(quote) = quote {
        let within = rest.get(slashes + 1..)?;
        let length = closing(within, quote, slashes);
        // What stands in the next line with a sign behind it is another name.
        let behind = within.get(length..)?.trim_start_matches(['\\', quote]);
        let begins = from + slashes + 1;
        return Some(begins..begins + length)
            .filter(|_| !next_line || !behind.trim_start().starts_with(':'));
    }
    let ends = |c: char| c.is_whitespace() || matches!(c, '"' | '\'');
    let near = (0..=MOST.min(rest.len())).rev().find_map(|end| rest.get(..end))?;
    let last = (near.len() == rest.len()).then_some(rest.len());
    let Some(end) = near.find(ends).or(last) else {
        // Nobody looks where in so long a word a value ends.
        return Some(from..from + rest.find(ends).unwrap_or(rest.len()));
    };
    let word = rest.get(..end)?;
    if next_line && (word.ends_with(':') || word.starts_with(['-', '#'])) {
        return None;
    }
    let word = word.get(..separator(word))?;
    let word = word.trim_end_matches([')', ']', '}', ',', ';', '&', '\\']);
    (!word.is_empty()).then(|| from..from + word.len())
}

/// Where the quote that closes a value is, with no more backslashes before it than the opening one has;
/// without one, the end of the line.
fn closing(text: &str, quote: char, slashes: usize) -> usize {
    let mut before = 0;
    for (at, c) in text.char_indices() {
        match c {
            '\n' => return at,
            '\\' => before += 1,
            c if c == quote && before <= slashes => return at - before,
            _ => before = 0,
        }
    }
    text.len()
}

/// Where a word goes on with another name and value; its length where it does not. Passwords may hold
/// what separates them elsewhere.
fn separator(word: &str) -> usize {
    static NEXT: OnceLock<Regex> = OnceLock::new();
    let next = || r"(?i)^[,;&{\[]*(?:$|[a-z_][a-z0-9_.-]*[:=])".to_owned();
    let begins =
        |at: &usize| word.get(at + 1..).is_some_and(|rest| compiled(&NEXT, next).is_match(rest));
    let mut signs = word.match_indices([',', ';', '&']).map(|(at, _)| at);
    signs.find(begins).unwrap_or(word.len())
}

/// `--password value` within one text.
fn flagged() -> &'static Regex {
    static PATTERN: OnceLock<Regex> = OnceLock::new();
    compiled(&PATTERN, || format!(r#"(?i)(?:^|\s|["'])(?P<name>--?{})[ \t]+"#, name()))
}

fn flag(text: &str, found: &Captures<'_>) -> Option<Range<usize>> {
    let name = found.name("name")?.as_str();
    let range = value(text, found.get(0)?.end(), false)?;
    let value = text.get(range.clone())?;
    let given = is_flag_of_one(name) && !value.starts_with('-') && is_one(name, value);
    given.then_some(range)
}

/// The password that database clients take right after `-p`.
fn glued() -> &'static Regex {
    static PATTERN: OnceLock<Regex> = OnceLock::new();
    compiled(&PATTERN, || r#"(?:^|\s)-p["']?([^\s=/:"'$<{-][^\s=/:"']{3,})"#.to_owned())
}

fn glued_to(_: &str, found: &Captures<'_>) -> Option<Range<usize>> {
    let value = found.get(1)?;
    let odd = value.as_str().bytes().any(|b| b.is_ascii_digit() || b.is_ascii_uppercase());
    let port = value.as_str().bytes().all(|b| b.is_ascii_digit());
    (odd && !port && may_be_one("password", value.as_str())).then(|| value.range())
}

#[cfg(test)]
mod tests {
    use super::super::mask;

    #[test]
    fn what_stands_before_a_value_tells_a_credential() {
        for (text, shown) in [
            ("Bearer HdrSecret88", "Bearer ••••••"),
            ("Authorization: Bearer abcdefghij", "Authorization: Bearer ••••••"),
            ("password: AnnSecret55", "password: ••••••"),
            ("--password=ArgSecret33", "--password=••••••"),
            ("--pass=ArgSecret33", "--pass=••••••"),
            ("-pPwdSecret66", "-p••••••"),
            ("mysql -uroot -pPwdSecret66 -h db", "mysql -uroot -p•••••• -h db"),
            ("mysql --password='a b c' x", "mysql --password='••••••' x"),
            ("sshpass -p abcdef ssh x", "sshpass -p •••••• ssh x"),
            ("tool --db-password hunter2 -v", "tool --db-password •••••• -v"),
            ("Server=a;Password=ConnSecret11;", "Server=a;Password=••••••;"),
            ("AccountName=a;AccountKey=abc+/==;End=x", "AccountName=a;AccountKey=••••••;End=x"),
            ("a=b\ndb.password=CfgSecret-9999\nc=d", "a=b\ndb.password=••••••\nc=d"),
            (r#"{"auths":{"r":{"auth":"dXNlcjpwYXNz"}}}"#, r#"{"auths":{"r":{"auth":"••••••"}}}"#),
            ("port 6379\nrequirepass foobared1", "port 6379\nrequirepass ••••••"),
            ("curl -u admin:hunter22 https://x", "curl -u admin:•••••• https://x"),
            ("curl -H \"X-Api-Key: abc123\" x", "curl -H \"X-Api-Key: ••••••\" x"),
            ("Cookie: session=abc123", "Cookie: ••••••"),
            ("Authorization: Basic dXNlcjpwYXNz1", "Authorization: Basic ••••••"),
            ("postgres://u:hunter2@db/x?token=abcd1", "postgres://••••••@db/x?token=••••••"),
            ("machine a login me password hunter2", "machine a login me password ••••••"),
            ("# db\ndb:5432:app:me:hunter2\n", "# db\ndb:5432:app:me:••••••\n"),
            ("*:*:*:me:hun\\:ter2", "*:*:*:me:••••••"),
            ("echo 'db:5432:*:me:hunter2' > ~/.pgpass", "echo 'db:5432:*:me:••••••' > ~/.pgpass"),
            ("<password>hunter2</password>", "<password>••••••</password>"),
            (
                "<token>https://idp.example/app\nAuthorization: Bearer hunter2hunter2\n<b>",
                "<token>https://idp.example/app\nAuthorization: Bearer ••••••\n<b>",
            ),
            (r#"{\"password\":\"hunter2\",\"a\":1}"#, r#"{\"password\":\"••••••\",\"a\":1}"#),
            (r#"{"password":"ab cd","a":"b"}"#, r#"{"password":"••••••","a":"b"}"#),
            ("password: >-\n  hunter2\nx: y", "password: >-\n  ••••••\nx: y"),
            ("password:\n    hunter2", "password:\n    ••••••"),
            ("a: 1\npass: hunter2", "a: 1\npass: ••••••"),
            ("export DB_PASS=hunter2", "export DB_PASS=••••••"),
            ("password_prod: hunter2", "password_prod: ••••••"),
            ("Authorization: Bearer\npassword: hunter2", "Authorization: Bearer\npassword: ••••••"),
            ("password=a;token=bcdef", "password=a;token=••••••"),
            ("password=hunter2;token=bcdef", "password=••••••;token=••••••"),
        ] {
            assert_eq!(mask(text), shown);
            assert_eq!(mask(shown), shown, "masked once is masked");
        }
    }

    #[test]
    fn a_password_may_hold_any_sign() {
        for secret in [
            "!abc123",
            "@abc123",
            "ab&abc123",
            "abc#abc123",
            "abcd,abc123",
            "abcd(abc123",
            "a;b;c1",
            "12345678",
        ] {
            assert_eq!(mask(&format!("password: {secret}")), "password: ••••••");
            assert_eq!(mask(&format!("x password={secret} y")), "x password=•••••• y");
        }
    }

    #[test]
    fn a_long_hostile_text_takes_no_longer_than_its_length() {
        assert_eq!(mask(&"password=/".repeat(20_000)), "password=••••••");
        let words = "password=\"/x ".repeat(20_000);
        assert_eq!(mask(&mask(&words)), mask(&words));
        let addresses = "://a:b".repeat(20_000);
        assert_eq!(mask(&addresses), addresses);
    }

    #[test]
    fn what_only_speaks_of_credentials_stays() {
        for text in [
            "--token-auth-file=/etc/kubernetes/tokens.csv",
            "--service-account-private-key-file=/etc/sa.key",
            "--authentication-token-webhook=true",
            "--feature-gates=BoundServiceAccountToken=false,Other=true",
            "--password=$(DB_PASSWORD)",
            "secretName: web-tls",
            "token: true",
            "password: ${PASSWORD}",
            "pullSecret: registry-credentials",
            "secret:\n  name: web",
            "token:\n  - abcdef",
            "tokenSecret:\n  \"name\": web",
            "password:\nother: abcdef",
            "basic authentication is off",
            "the token authentication.k8s.io knows",
            "the service account token team-a/deployer-token-abc12 is old",
            "next_token=abcdef1",
            "-p8080",
            "-profile",
            "-u user",
            "docker run --user 1000:1000 x",
            "the token expires",
            "token: expired",
            "authorization:\n  mode: Webhook",
            "authorization: AlwaysAllow",
            "password: |\n  It is in the vault.",
            "00:11:22:33:44:55",
            "arn:aws:iam::123456789012:role/web",
            "1:30:00:00:0000 and 10:15:30:45",
            "db:5432:app:me:$(PASSWORD)",
            "db:5432:app:me",
        ] {
            assert_eq!(mask(text), text);
        }
    }
}
