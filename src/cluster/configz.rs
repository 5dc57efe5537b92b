//! configz: the configuration that each kubelet runs with, asked of every node through the API
//! server. Only with `--allow configz`: the right behind it, get on nodes/proxy, also lets its
//! holder run commands in every pod of the node.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use futures::StreamExt as _;
use tokio::time::timeout;

use super::api_resource::escape;
use super::connect::Connection;
use super::error::RequestFault;
use super::list::{ListResult, millis};
use super::request::{JSON, Notify};
use crate::model::key::Key;
use crate::model::node::{Map, Node};
use crate::model::object::Object;
use crate::model::read::ReadStatus;

const API_VERSION: &str = "kubelet.config.k8s.io/v1beta1";
/// Nodes asked at once.
const AT_ONCE: usize = 4;
/// Longest wait for one node, its tries included: a node that is gone must not hold up the rest.
const LIMIT: Duration = Duration::from_secs(10);
/// After so many nodes in a row that do not answer the remaining ones are not asked.
const MOST_IN_VAIN: usize = 20;
/// Nodes whose reasons stand in the message.
const NAMED: usize = 3;
/// Headers that the kubelet sends to fetch static pods; they may hold credentials.
const HEADERS: &str = "staticPodURLHeader";
/// What stands in their place, as everywhere.
const MASK: &str = crate::text::masking::MASK;

/// The nodes of the cluster, as far as they could be listed.
#[derive(Clone, Debug)]
pub(super) struct Nodes {
    pub names: Vec<String>,
    pub status: ReadStatus,
    pub message: Option<String>,
}

/// Why a node gave no configuration.
enum NoAnswer {
    Fault(RequestFault),
    NotAsked,
}

/// Asks every node.
pub(super) async fn configz(
    connection: &Connection,
    nodes: &Nodes,
    notify: Notify<'_>,
) -> ListResult {
    let begun = Instant::now();
    if nodes.names.is_empty() && !nodes.status.proves_absence() {
        let why = nodes.message.as_deref().unwrap_or_else(|| nodes.status.word());
        let message = format!("the nodes to ask are not known: {why}");
        return ListResult::without(nodes.status, Some(message));
    }
    let limit = connection.inner.timeout.map_or(LIMIT, |given| given.min(LIMIT));
    let in_vain = AtomicUsize::new(0);
    let in_vain = &in_vain;
    let asked = futures::stream::iter(nodes.names.clone()).map(|name| async move {
        if in_vain.load(Ordering::Relaxed) >= MOST_IN_VAIN {
            return (name, Err(NoAnswer::NotAsked));
        }
        let url = format!("/api/v1/nodes/{}/proxy/configz", escape(&name));
        let answer = timeout(limit, connection.get(&url, JSON, notify)).await;
        let answer = answer.unwrap_or(Err(RequestFault::Timeout(limit)));
        let answer = answer.and_then(|bytes| object(&bytes, &name)).map_err(NoAnswer::Fault);
        match &answer {
            Ok(_) => in_vain.store(0, Ordering::Relaxed),
            Err(_) => drop(in_vain.fetch_add(1, Ordering::Relaxed)),
        }
        (name, answer)
    });
    let mut answers: Vec<_> = asked.buffer_unordered(AT_ONCE).collect().await;
    answers.sort_by(|(a, _), (b, _)| a.cmp(b));
    let mut tally = NodeAnswers::default();
    for (name, answer) in answers {
        tally.count(&name, answer);
    }
    let mut listed = tally.listed(nodes);
    listed.millis = millis(begun);
    listed
}

/// What the nodes answered.
#[derive(Default)]
struct NodeAnswers {
    objects: Vec<Arc<Object>>,
    reasons: Vec<String>,
    refused: usize,
    not_asked: usize,
}

impl NodeAnswers {
    fn count(&mut self, name: &str, answer: Result<Arc<Object>, NoAnswer>) {
        match answer {
            Ok(object) => self.objects.push(object),
            Err(NoAnswer::NotAsked) => self.not_asked += 1,
            Err(NoAnswer::Fault(fault)) => {
                let refused = matches!(fault.code(), Some(403));
                self.refused += usize::from(refused);
                let word = if refused { "forbidden, " } else { "" };
                self.reasons.push(format!("{name}: {word}{fault}"));
            }
        }
    }

    fn listed(self, nodes: &Nodes) -> ListResult {
        let (answered, all) = (self.objects.len(), nodes.names.len());
        let status = if answered == all {
            let whole = nodes.status.proves_absence();
            if whole { ReadStatus::Complete } else { ReadStatus::Partial }
        } else if answered > 0 {
            ReadStatus::Partial
        } else if self.refused == self.reasons.len() {
            ReadStatus::Forbidden
        } else {
            ReadStatus::Failed
        };
        let mut message = format!("{answered} of {all} nodes answered");
        let named = self.reasons.iter().take(NAMED);
        named.for_each(|reason| message.push_str(&format!("; {reason}")));
        let rest = self.reasons.len().saturating_sub(NAMED);
        if rest > 0 {
            message.push_str(&format!("; and {rest} more"));
        }
        if self.not_asked > 0 {
            let n = self.not_asked;
            message.push_str(&format!("; {n} not asked after {MOST_IN_VAIN} in a row in vain"));
        }
        if !nodes.status.proves_absence() {
            message.push_str("; not every node is known");
        }
        let message = Some(message).filter(|_| status != ReadStatus::Complete);
        ListResult { objects: self.objects, ..ListResult::without(status, message) }
    }
}

/// The configuration of one node, its fields at the top.
pub(super) fn object(bytes: &[u8], node: &str) -> Result<Arc<Object>, RequestFault> {
    let odd = |why: String| RequestFault::Unparsable(why);
    let answer = Node::from_json(bytes).map_err(|error| odd(error.to_string()))?;
    let config = answer.get("kubeletconfig").and_then(Node::as_map).cloned();
    let config = config.ok_or_else(|| odd("it holds no kubeletconfig".to_owned()))?;
    let mut entries = vec![
        (Key::new("apiVersion"), Node::str(API_VERSION)),
        (Key::new("kind"), Node::str("KubeletConfiguration")),
        (Key::new("metadata"), Node::map([("name", Node::str(node))])),
    ];
    for (key, value) in config.into_entries() {
        match key.as_str() {
            "apiVersion" | "kind" | "metadata" => {}
            HEADERS => entries.push((key, without_values(&value))),
            _ => entries.push((key, value)),
        }
    }
    Object::new(Node::Map(Map::new(entries))).map(Arc::new).map_err(|error| odd(error.to_string()))
}

/// Header names stay, what they hold does not.
fn without_values(headers: &Node) -> Node {
    let names = headers.as_map().into_iter().flat_map(Map::iter);
    Node::map(names.map(|(name, _)| (name, Node::list(vec![Node::str(MASK)]))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fields_stand_at_the_top_and_header_values_are_gone() {
        let answer = br#"{"kubeletconfig":{"kind":"X","readOnlyPort":10255,
            "staticPodURLHeader":{"Authorization":["Bearer hunter2"]},
            "authentication":{"anonymous":{"enabled":false}}}}"#;
        let object = object(answer, "node-a").unwrap();
        assert_eq!(
            object.body().to_json(),
            serde_json::json!({"apiVersion": API_VERSION, "kind": "KubeletConfiguration",
                "metadata": {"name": "node-a"}, "readOnlyPort": 10255,
                "staticPodURLHeader": {"Authorization": [MASK]},
                "authentication": {"anonymous": {"enabled": false}}})
        );
        assert_eq!(object.kind(), crate::model::kinds::kubelet_configuration());
    }

    #[test]
    fn what_is_no_configuration_is_refused() {
        for answer in ["<html>", "{}", r#"{"kubeletconfig":null}"#, r#"{"kubeletconfig":[]}"#] {
            assert!(object(answer.as_bytes(), "a").is_err(), "{answer}");
        }
    }
}
