//! What a server, a plugin or a kubeconfig may answer, for the fuzz targets in `tests/fuzz`: these
//! parsers are reached through a connection otherwise. No part of the library's interface.

use std::path::PathBuf;

use super::kubeconfig::Loaded;
use super::proxy::Environment;
use super::target::Target;
use super::{configz, exec, flagz, page, watch};
use crate::model::kinds;

fn target(word: &str) -> Option<Target> {
    kinds::lookup(word).map(Target::assumed)
}

/// A page of a list; how many objects it has.
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
    let loaded = Loaded { config, files: vec![path] };
    let contexts = loaded.contexts();
    if let Ok(chosen) = loaded.choose(None) {
        let _ = loaded.check(&chosen, None, None);
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
