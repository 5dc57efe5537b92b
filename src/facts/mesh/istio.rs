//! Istio: which namespaces it takes in, and where it requires mutual TLS.

use crate::facts::kind::PEER_AUTHENTICATION;
use crate::facts::platform::addons::image_fits;
use crate::facts::unknown::{Answer, Reads};
use crate::facts::workload::Workload;
use crate::model::inventory::Inventory;
use crate::model::node::Node;
use crate::model::object::Object;

/// Where Istio's mesh-wide settings live.
const ISTIO_ROOT: &str = "istio-system";

/// Whether a Deployment is Istio's control plane.
pub(super) fn runs_pilot(deployment: &Object) -> bool {
    Workload::of(deployment).is_some_and(|workload| {
        workload
            .containers()
            .any(|container| image_fits("pilot", container.str_at(&["image"]).unwrap_or_default()))
    })
}

/// Whether Istio is told to take the pods of a namespace into the mesh.
pub(super) fn marks(namespace: &Object) -> bool {
    let injection = namespace.label("istio-injection");
    let revision = namespace.label("istio.io/rev").is_some_and(|rev| !rev.is_empty());
    injection == Some("enabled")
        || revision && injection != Some("disabled")
        || namespace.label("istio.io/dataplane-mode") == Some("ambient")
}

/// Whether mutual TLS is required in a namespace, and no policy for some of its workloads lifts it.
pub(super) fn strict(inventory: &Inventory, reads: &Reads, namespace: &str) -> Answer<bool> {
    let all = inventory.in_namespace(&PEER_AUTHENTICATION, namespace);
    let lifts = |policy: &Object| {
        let lax = |mode: Option<&str>| matches!(mode, Some("PERMISSIVE" | "DISABLE"));
        let ports = policy.body().at(&["spec", "portLevelMtls"]).and_then(Node::as_map);
        let by_port =
            ports.is_some_and(|ports| ports.iter().any(|(_, p)| lax(p.str_at(&["mode"]))));
        by_port || lax(policy.body().str_at(&["spec", "mtls", "mode"]))
    };
    if all.iter().any(|policy| has_selector(policy) && lifts(policy)) {
        return Ok(false);
    }
    reads.list(&PEER_AUTHENTICATION, Some(namespace))?;
    if let Some(mode) = default_mode(inventory, namespace) {
        return Ok(mode == "STRICT");
    }
    reads.list(&PEER_AUTHENTICATION, Some(ISTIO_ROOT))?;
    Ok(default_mode(inventory, ISTIO_ROOT) == Some("STRICT"))
}

/// The mode that holds for a whole namespace: that of its oldest `PeerAuthentication` without a
/// selector, unless it is unset.
fn default_mode<'a>(inventory: &'a Inventory, namespace: &str) -> Option<&'a str> {
    let all = inventory.in_namespace(&PEER_AUTHENTICATION, namespace).iter();
    let oldest = all
        .filter(|policy| !has_selector(policy))
        .min_by_key(|policy| (policy.created.clone(), policy.id.name.clone()))?;
    let mode = oldest.body().str_at(&["spec", "mtls", "mode"]);
    mode.filter(|mode| !mode.is_empty() && *mode != "UNSET")
}

fn has_selector(policy: &Object) -> bool {
    let selector = policy.body().at(&["spec", "selector", "matchLabels"]);
    selector.and_then(Node::as_map).is_some_and(|labels| !labels.is_empty())
}
