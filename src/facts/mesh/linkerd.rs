//! Linkerd: which namespaces it takes in, and where its proxies refuse plain text.

use std::collections::BTreeSet;

use crate::facts::kind::{NAMESPACE, POD};
use crate::facts::unknown::{Answer, Reads, open_question};
use crate::model::inventory::Inventory;
use crate::model::node::Node;
use crate::model::object::Object;

/// Annotation with the default for incoming traffic.
pub(super) const LINKERD_POLICY: &str = "config.linkerd.io/default-inbound-policy";
/// The same default as the proxy sees it.
pub(super) const LINKERD_ENV: &str = "LINKERD2_PROXY_INBOUND_DEFAULT_POLICY";
/// Defaults that refuse plain text.
const STRICT: [&str; 3] = ["all-authenticated", "cluster-authenticated", "deny"];

/// The default of a proxy for incoming traffic, if its container says it.
pub(super) fn inbound_policy(container: &Node) -> Option<&str> {
    let env = container.list_at(&["env"]).iter();
    let mut found = env.filter(|variable| variable.str_at(&["name"]) == Some(LINKERD_ENV));
    found.next().and_then(|variable| variable.str_at(&["value"]))
}

/// Whether Linkerd is told to take the pods of a namespace into the mesh.
pub(super) fn marks(namespace: &Object) -> bool {
    matches!(namespace.annotation("linkerd.io/inject"), Some("enabled" | "ingress"))
}

/// Whether plain text is refused in a namespace: by its annotation, or by each of the proxies that were
/// `seen` in it, by their defaults.
pub(super) fn strict(
    inventory: &Inventory,
    reads: &Reads,
    name: &str,
    seen: Option<&BTreeSet<String>>,
) -> Answer<bool> {
    let object = inventory.get(&NAMESPACE, "", name);
    if let Some(policy) = object.and_then(|ns| ns.annotation(LINKERD_POLICY)) {
        return Ok(STRICT.contains(&policy));
    }
    let seen = seen.filter(|seen| !seen.contains(""));
    let Some(seen) = seen else {
        let reason = format!("no default inbound policy of Linkerd is visible in {name}");
        return Err(open_question("inbound policy", Some(name), reason));
    };
    let strict = seen.iter().all(|policy| STRICT.contains(&&**policy));
    if strict {
        reads.list(&POD, Some(name))?;
    }
    Ok(strict)
}
