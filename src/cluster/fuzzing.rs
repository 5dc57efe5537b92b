//! What a server, a plugin or a kubeconfig may answer, for the fuzz targets in `tests/fuzz`: these
//! parsers are reached through a connection otherwise. No part of the library's interface.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use super::api_resource::ApiResource;
use super::format::Formats;
use super::kubeconfig::Loaded;
use super::proxy::Environment;
use super::request::{HttpAnswer, PROTOBUF};
use super::{configz, exec, flagz, page, protobuf, watch};
use crate::model::kinds;
use crate::model::node::Node;
use crate::model::object::Object;

fn target(word: &str) -> Option<ApiResource> {
    kinds::lookup(word).map(ApiResource::assumed)
}

/// A page of a list; how many objects it has.
///
/// # Panics
/// When something of a Secret is kept, or the head is read in two ways.
#[must_use]
pub fn list_page(bytes: &[u8]) -> Option<usize> {
    let head = page::head(bytes);
    let secrets = page::parse(bytes, &target("secrets")?, Some("Opaque")).ok();
    let pods = page::parse(bytes, &target("pods")?, None).ok()?;
    if let Some(head) = head {
        assert_eq!(head, pods.head, "the head that is read ahead is that of the page");
    }
    for secret in secrets.iter().flat_map(|page| &page.objects) {
        let data = secret.body().get("data").or_else(|| secret.body().get("stringData"));
        assert!(data.is_none(), "nothing that a Secret holds is kept");
    }
    Some(pods.objects.len())
}

/// What a page of a list of a built-in kind comes to: its objects as JSON, and what it says of itself.
///
/// # Errors
/// Why it cannot be read.
pub fn list_of(
    resource: &str,
    bytes: Vec<u8>,
    is_protobuf: bool,
) -> Result<(Vec<String>, String), String> {
    let target = target(resource).ok_or("no such kind")?;
    let answer = HttpAnswer { bytes, is_protobuf };
    let head = page::head_of(&answer);
    let page = page::read(&answer, &target, None).map_err(|fault| fault.to_string())?;
    assert_eq!(head.as_ref(), Some(&page.head), "the head that is read ahead is that of the page");
    let json = |object: &Arc<Object>| {
        let tree: &Node = object.body();
        serde_json::to_string(tree).map_err(|error| error.to_string())
    };
    let objects = page.objects.iter().map(json).collect::<Result<_, _>>()?;
    Ok((objects, format!("{head:?}, without {}", page.rejected)))
}

/// A page in protobuf of whichever built-in kind it says it is of; the trees of its objects. A refusal
/// in protobuf is looked at too.
#[must_use]
pub fn binary_page(bytes: &[u8]) -> Vec<Node> {
    let _ = protobuf::status(bytes);
    let read = |builtin: &kinds::Builtin| {
        let answer = HttpAnswer { bytes: bytes.to_vec(), is_protobuf: true };
        let page = page::read(&answer, &ApiResource::assumed(builtin), None).ok()?;
        assert_eq!(page::head_of(&answer), Some(page.head), "the head that is read ahead");
        Some(page.objects.iter().map(|object| Node::clone(object.body())).collect())
    };
    kinds::BUILTINS.iter().find_map(read).unwrap_or_default()
}

/// Whether lists of that resource are asked for in protobuf.
#[must_use]
pub fn is_protobuf(resource: &str) -> bool {
    target(resource).is_some_and(|target| Formats::default().of(&target) == PROTOBUF)
}

/// A line of a watch; whether it is an event.
#[must_use]
pub fn watch_line(line: &[u8]) -> bool {
    watch::is_event(line)
}

/// What a credential plugin wrote; whether there are credentials in it.
#[must_use]
pub fn credential(answer: &[u8]) -> bool {
    exec::credential(answer).is_ok()
}

/// What a component says of its flags, and a kubelet of its configuration.
pub fn components(answer: &[u8]) {
    let _ = flagz::understood(answer);
    let _ = configz::object(answer, "node");
}

/// A kubeconfig; the names of its contexts.
#[must_use]
pub fn kubeconfig(bytes: &[u8]) -> Option<Vec<String>> {
    let path = PathBuf::from("/nowhere/config");
    let config = super::kubeconfig::parse(&path, bytes).ok()?;
    let loaded = Loaded { config, files: vec![path], origins: BTreeMap::new() };
    let contexts = loaded.contexts();
    if let Ok(chosen) = loaded.choose(None) {
        let _ = loaded.check(&chosen, None, None);
        let used = (&*chosen.cluster, chosen.user.as_deref().unwrap_or_default());
        let _ = loaded.check_fields(&chosen, used, false);
    }
    let _ = loaded.choose(Some("some"));
    Some(contexts.all.into_iter().map(|context| context.name).collect())
}

/// Settings of proxies.
pub fn proxy(server: &str, own: &str, none: &str) {
    let Ok(server) = server.parse() else { return };
    let environment = Environment {
        http: Some(own.to_owned()),
        https: Some(own.to_owned()),
        none: Some(none.to_owned()),
    };
    let _ = environment.proxy(&server, None);
    let _ = environment.proxy(&server, Some(own));
}
