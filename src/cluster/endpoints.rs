//! What no list brings: the API server's `/flagz` and the kubelets' configz, kept as objects.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::StreamExt as _;
use serde::Deserialize;

use super::connect::Connection;
use super::error::Fault;
use super::list::Listed;
use super::request::{JSON, METADATA, Notify};
use super::target::escape;
use crate::model::node::Node;
use crate::model::object::Object;
use crate::model::read::ReadStatus;

/// The forms of `/flagz` that carry every flag with its value, the newest first.
const FLAGZ: [&str; 3] = [
    "application/json;v=v1beta1;g=config.k8s.io;as=Flagz",
    "application/json;v=v1alpha1;g=config.k8s.io;as=Flagz",
    "text/plain",
];
/// Kubelets asked at once.
const NODES_AT_ONCE: usize = 4;
/// How long one kubelet may take to answer.
const PATIENCE: Duration = Duration::from_secs(20);
/// Why configz is not read.
pub(super) const NOT_ALLOWED: &str = "configz is read only with --allow configz: it needs \
     nodes/proxy, which also lets its holder run commands in pods";

#[derive(Deserialize)]
struct Flagz {
    flags: BTreeMap<String, Node>,
}

/// Every flag of the API server that answers, from `/flagz`.
pub(super) async fn flagz(connection: &Connection, notify: Notify<'_>) -> Listed {
    let begun = Instant::now();
    let mut listed = Listed::without(ReadStatus::Failed, None);
    for accept in FLAGZ {
        match connection.get("/flagz", accept, notify).await {
            Ok(bytes) => {
                if let Some(object) = flags_of(&bytes, accept).and_then(flagz_object) {
                    listed = Listed::without(ReadStatus::Complete, None);
                    listed.objects.push(Arc::new(object));
                } else {
                    let what = "/flagz answers in a form that is not known".to_owned();
                    listed = Listed::without(ReadStatus::Failed, Some(what));
                }
                break;
            }
            // The server does not speak this form: the next one.
            Err(fault) if fault.code() == Some(406) => {
                listed = Listed::without(ReadStatus::Failed, Some(fault.to_string()));
            }
            Err(fault) => {
                listed = Listed::without(status_of(&fault), Some(fault.to_string()));
                break;
            }
        }
    }
    // What may not be asked here is not asked for elsewhere.
    listed.denied = false;
    listed.millis = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
    listed
}

fn status_of(fault: &Fault) -> ReadStatus {
    match fault.code() {
        Some(401 | 403) => ReadStatus::Forbidden,
        Some(404) => ReadStatus::NotServed,
        _ => ReadStatus::Failed,
    }
}

/// Flags by name, from either form.
fn flags_of(bytes: &[u8], accept: &str) -> Option<Vec<(String, String)>> {
    if accept == "text/plain" {
        let text = std::str::from_utf8(bytes).ok()?;
        let pairs = text.lines().filter_map(|line| line.trim().split_once('='));
        let pairs: Vec<(String, String)> =
            pairs.map(|(name, value)| (name.trim().to_owned(), plain(value))).collect();
        return (!pairs.is_empty()).then_some(pairs);
    }
    let answer: Flagz = serde_json::from_slice(bytes).ok()?;
    let text =
        |value: &Node| value.as_str().map_or_else(|| plain(&value.to_json().to_string()), plain);
    Some(answer.flags.iter().map(|(name, value)| (name.clone(), text(value))).collect())
}

/// Lists stand in square brackets.
fn plain(value: &str) -> String {
    let value = value.trim();
    value.strip_prefix('[').and_then(|v| v.strip_suffix(']')).unwrap_or(value).to_owned()
}

fn flagz_object(flags: Vec<(String, String)>) -> Option<Object> {
    let flags = Node::map(flags.iter().map(|(name, value)| (&**name, Node::str(value))));
    Object::new(Node::map([
        ("apiVersion", Node::str("config.k8s.io/v1beta1")),
        ("kind", Node::str("Flagz")),
        ("metadata", Node::map([("name", Node::str("kube-apiserver"))])),
        ("flags", flags),
    ]))
    .ok()
}

#[derive(Deserialize)]
struct Names {
    items: Vec<Item>,
}

#[derive(Deserialize)]
struct Item {
    metadata: Metadata,
}

#[derive(Deserialize)]
struct Metadata {
    name: String,
}

/// The running configuration of every node's kubelet.
pub(super) async fn configz(connection: &Connection, notify: Notify<'_>) -> Listed {
    let begun = Instant::now();
    let mut listed = match node_names(connection, notify).await {
        Ok(names) => kubelets(connection, names, notify).await,
        Err(fault) => {
            let why = format!("which nodes there are is not known: {fault}");
            Listed::without(status_of(&fault), Some(why))
        }
    };
    listed.denied = false;
    listed.millis = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
    listed
}

async fn node_names(connection: &Connection, notify: Notify<'_>) -> Result<Vec<String>, Fault> {
    let bytes = connection.get("/api/v1/nodes", METADATA, notify).await?;
    let names: Names =
        serde_json::from_slice(&bytes).map_err(|error| Fault::Unparsable(error.to_string()))?;
    Ok(names.items.into_iter().map(|item| item.metadata.name).collect())
}

async fn kubelets(connection: &Connection, names: Vec<String>, notify: Notify<'_>) -> Listed {
    let all = names.len();
    let asked = futures::stream::iter(names).map(|name| async move {
        let answer = tokio::time::timeout(PATIENCE, kubelet(connection, &name, notify)).await;
        let answer = answer.unwrap_or_else(|_| Err(Fault::Timeout(PATIENCE)));
        (name, answer)
    });
    let answers: Vec<_> = asked.buffer_unordered(NODES_AT_ONCE).collect().await;
    let mut listed = Listed::without(ReadStatus::Complete, None);
    let mut refused = 0;
    let mut first: Option<(String, String)> = None;
    for (name, answer) in answers {
        match answer {
            Ok(object) => listed.objects.push(Arc::new(object)),
            Err(fault) => {
                refused += usize::from(fault.is_forbidden());
                let earlier = first.as_ref().is_some_and(|(known, _)| *known < name);
                if !earlier {
                    first = Some((name, fault.to_string()));
                }
            }
        }
    }
    let answered = listed.objects.len();
    if let Some((name, why)) = first {
        listed.status = match (answered, refused) {
            (0, n) if n == all => ReadStatus::Forbidden,
            (0, _) => ReadStatus::Failed,
            _ => ReadStatus::Partial,
        };
        listed.message = Some(format!("{answered} of {all} nodes answered; {name}: {why}"));
    }
    listed
}

async fn kubelet(connection: &Connection, name: &str, notify: Notify<'_>) -> Result<Object, Fault> {
    let url = format!("/api/v1/nodes/{}/proxy/configz", escape(name));
    let bytes = connection.get(&url, JSON, notify).await?;
    let unparsable = |what: String| Fault::Unparsable(what);
    let answer = Node::from_json(&bytes).map_err(|error| unparsable(error.to_string()))?;
    let config = answer.get("kubeletconfig").and_then(Node::as_map);
    let config = config.ok_or_else(|| unparsable("it has no kubeletconfig".to_owned()))?;
    let own = |key: &&str| !matches!(*key, "apiVersion" | "kind" | "metadata");
    let head = [
        ("apiVersion", Node::str("kubelet.config.k8s.io/v1beta1")),
        ("kind", Node::str("KubeletConfiguration")),
        ("metadata", Node::map([("name", Node::str(name))])),
    ];
    let fields = config.iter().filter(|(key, _)| own(key)).map(|(k, v)| (k, v.clone()));
    Object::new(Node::map(head.into_iter().chain(fields)))
        .map_err(|error| unparsable(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_of_flagz_say_the_same() {
        let json = br#"{"kind":"Flagz","flags":{"anonymous-auth":"true","authorization-mode":"[Node,RBAC]"}}"#;
        let text = b"\nkube-apiserver flags\nanonymous-auth=true\nauthorization-mode=[Node,RBAC]\n";
        let expected = [("anonymous-auth", "true"), ("authorization-mode", "Node,RBAC")];
        let expected = expected.map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(flags_of(json, FLAGZ[0]).unwrap(), expected);
        assert_eq!(flags_of(text, "text/plain").unwrap(), expected);
        assert_eq!(flags_of(b"<html>", FLAGZ[0]), None);
        assert_eq!(flags_of(b"nothing here", "text/plain"), None);
    }
}
