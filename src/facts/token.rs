//! Whether a pod holds a token of its service account.

use super::kind::SERVICE_ACCOUNT;
use super::unknown::{Draft, Fact, Reads};
use super::workload::Workload;
use crate::model::inventory::Inventory;
use crate::model::node::Node;

/// The volume that the admission plugin adds to live pods.
const AUTOMATIC_VOLUME: &str = "kube-api-access-";

/// `facts.token` of a pod or template.
///
/// The pod's own `automountServiceAccountToken` decides, else that of its account, else true. A
/// missing account counts as one that says nothing. Mirror pods cannot have one.
pub(crate) fn of(inventory: &Inventory, reads: &Reads, pod: Workload<'_>) -> Fact {
    let mut draft = Draft::default();
    let mirror = pod.object.is_mirror_pod();
    let account = pod.account();
    draft.set("mirror", mirror);
    draft.set("account", account);
    draft.set("explicit", has_own_projection(pod.spec));
    let own = pod.spec.get("automountServiceAccountToken").and_then(Node::as_bool);
    if mirror {
        draft.set("mounted", false);
        draft.set("source", "pod");
        return draft.finish();
    }
    if let Some(own) = own {
        draft.set("mounted", own);
        draft.set("source", "pod");
        return draft.finish();
    }
    let namespace = pod.object.namespace();
    let found = inventory.get(&SERVICE_ACCOUNT, namespace, account);
    if found.is_none()
        && let Err(missing) = reads.list(&SERVICE_ACCOUNT, Some(namespace))
    {
        draft.put("mounted", Err::<bool, _>(missing));
        return draft.finish();
    }
    let by_account =
        found.and_then(|a| a.body().get("automountServiceAccountToken").and_then(Node::as_bool));
    draft.set("mounted", by_account.unwrap_or(true));
    draft.set("source", if by_account.is_some() { "account" } else { "default" });
    draft.finish()
}

/// Whether a volume of the pod's own asks for a token, beside the automatic one.
fn has_own_projection(spec: &Node) -> bool {
    spec.list_at(&["volumes"]).iter().any(|volume| {
        let automatic = volume.str_at(&["name"]).is_some_and(|n| n.starts_with(AUTOMATIC_VOLUME));
        let sources = volume.list_at(&["projected", "sources"]);
        !automatic && sources.iter().any(|source| source.get("serviceAccountToken").is_some())
    })
}
