//! `/flagz`: every flag of the API server with its final value, kept as an object.
//!
//! From 1.35 on it is JSON, with a media type of its own; before, text whose separator the server
//! draws by lot, which is read only where nothing better is offered.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

use serde::Deserialize;

use super::connect::Connection;
use super::error::RequestFault;
use super::list::{ListResult, millis};
use super::request::Notify;
use crate::model::kinds::FLAGZ;
use crate::model::node::Node;
use crate::model::object::Object;
use crate::model::read::ReadStatus;

/// The version that the object is kept in, whichever was answered.
const API_VERSION: &str = "config.k8s.io/v1beta1";
/// Whose flags the API server shows.
const COMPONENT: &str = "kube-apiserver";
/// The JSON versions, newest first.
const JSON: [&str; 2] = [
    "application/json;v=v1beta1;g=config.k8s.io;as=Flagz",
    "application/json;v=v1alpha1;g=config.k8s.io;as=Flagz",
];
const TEXT: &str = "text/plain";

/// Asks for the flags in the best form that the server offers.
pub(super) async fn flagz(connection: &Connection, notify: Notify<'_>) -> ListResult {
    let begun = Instant::now();
    let mut listed = match flags(connection, notify).await.and_then(|flags| object(&flags)) {
        Ok(object) => {
            ListResult { objects: vec![object], ..ListResult::without(ReadStatus::Complete, None) }
        }
        Err(fault) => {
            let status = match fault.code() {
                Some(404) => ReadStatus::NotServed,
                Some(403) => ReadStatus::Forbidden,
                _ => ReadStatus::Failed,
            };
            ListResult::without(status, Some(fault.to_string()))
        }
    };
    listed.millis = millis(begun);
    listed
}

type Flags = BTreeMap<String, String>;

async fn flags(connection: &Connection, notify: Notify<'_>) -> Result<Flags, RequestFault> {
    for accept in JSON {
        match connection.get(FLAGZ, accept, notify).await {
            Ok(bytes) => return structured(&bytes),
            Err(fault) if fault.code() == Some(406) => {}
            Err(fault) => return Err(fault),
        }
    }
    text(&connection.get(FLAGZ, TEXT, notify).await?)
}

fn object(flags: &Flags) -> Result<Arc<Object>, RequestFault> {
    let flags = flags.iter().map(|(name, value)| (name.as_str(), Node::str(unlisted(value))));
    let body = Node::map([
        ("apiVersion", Node::str(API_VERSION)),
        ("kind", Node::str("Flagz")),
        ("metadata", Node::map([("name", Node::str(COMPONENT))])),
        ("flags", Node::map(flags)),
    ]);
    Object::new(body).map(Arc::new).map_err(|error| RequestFault::Unparsable(error.to_string()))
}

/// A list as it is given on a command line: `[A,B]` is `A,B`.
fn unlisted(value: &str) -> &str {
    value.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(value)
}

/// Both forms of an answer, as far as the fuzz target needs them.
pub(super) fn understood(bytes: &[u8]) -> Option<Arc<Object>> {
    let flags = structured(bytes).or_else(|_| text(bytes)).ok()?;
    object(&flags).ok()
}

#[derive(Deserialize)]
struct FlagzAnswer {
    #[serde(default)]
    kind: String,
    flags: Flags,
}

fn structured(bytes: &[u8]) -> Result<Flags, RequestFault> {
    let answer: FlagzAnswer = serde_json::from_slice(bytes)
        .map_err(|error| RequestFault::Unparsable(error.to_string()))?;
    if answer.kind != "Flagz" {
        return Err(RequestFault::Unparsable(format!("expected Flagz, found {:?}", answer.kind)));
    }
    Ok(answer.flags)
}

/// The text form: a heading, an empty line, then one flag a line, name and value parted by `=`,
/// `:` or a blank, the same one throughout. A line that begins otherwise continues a value.
fn text(bytes: &[u8]) -> Result<Flags, RequestFault> {
    let odd = |why: &str| RequestFault::Unparsable(format!("{why} where flags were expected"));
    let whole = std::str::from_utf8(bytes).map_err(|_| odd("no text"))?;
    let whole = whole.trim_matches('\n');
    let body = whole.split_once("\n\n").map_or(whole, |(_, body)| body).trim_matches('\n');
    let name = |line: &str| {
        let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-_.".contains(c);
        line.find(|c| !fits(c)).filter(|end| *end > 0)
    };
    let first = body.lines().next().unwrap_or_default();
    let separator = name(first).and_then(|end| first.get(end..)?.chars().next());
    let separator = separator.filter(|c| "=: ".contains(*c)).ok_or_else(|| odd("other text"))?;
    let mut flags: Vec<(String, String)> = Vec::new();
    for line in body.lines() {
        let parts = name(line).and_then(|end| line.split_at_checked(end));
        match parts.and_then(|(flag, rest)| Some((flag, rest.strip_prefix(separator)?))) {
            Some((flag, value)) => flags.push((flag.to_owned(), value.trim().to_owned())),
            None => {
                if let Some((_, value)) = flags.last_mut() {
                    value.push('\n');
                    value.push_str(line);
                }
            }
        }
    }
    Ok(flags.into_iter().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_separator_of_the_text_form_is_understood() {
        for separator in [":", ": ", "=", " "] {
            let answer = format!(
                "\nkube-apiserver flags\nWarning: This endpoint is not meant to be read.\n\n\
                 anonymous-auth{separator}false\nauthorization-mode{separator}[Node,RBAC]\n\
                 etcd-servers{separator}[https://127.0.0.1:2379]\ntoken-auth-file{separator}\n"
            );
            let flags = text(answer.as_bytes()).unwrap();
            assert_eq!(flags.len(), 4, "{separator:?}: {flags:?}");
            assert_eq!(flags["etcd-servers"], "[https://127.0.0.1:2379]");
            let object = object(&flags).unwrap();
            let value = |flag| object.body().str_at(&["flags", flag]).unwrap().to_owned();
            assert_eq!(value("authorization-mode"), "Node,RBAC");
            assert_eq!(value("anonymous-auth"), "false");
            assert_eq!(value("token-auth-file"), "");
        }
    }

    #[test]
    fn what_shows_no_flags_is_refused() {
        for answer in ["", "<html>sorry</html>", "Welcome to nginx!", "\u{1}"] {
            assert!(text(answer.as_bytes()).is_err(), "{answer:?}");
        }
        for answer in ["{}", "[]", r#"{"kind":"Statusz","flags":{}}"#, r#"{"kind":"Flagz"}"#] {
            assert!(structured(answer.as_bytes()).is_err(), "{answer}");
        }
    }
}
