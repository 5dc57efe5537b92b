//! What the API server makes for itself, and the leases by which it and the kubelets say that they live.

use super::nodes::AGE;
use super::stamp::{NOW, draw, hex, metadata, time};
use super::tree::{merge, node};
use super::world::{CONTROL_PLANE, NODES, World};
use crate::model::kinds::Kind;
use crate::model::node::Node;

/// Suggested flow schemas with their priority level and precedence, as they are of this version.
const FLOWS: [(&str, &str, i64); 13] = [
    ("exempt", "exempt", 1),
    ("probes", "exempt", 2),
    ("system-leader-election", "leader-election", 100),
    ("endpoint-controller", "workload-high", 150),
    ("workload-leader-election", "leader-election", 200),
    ("system-node-high", "node-high", 400),
    ("system-nodes", "system", 500),
    ("kube-controller-manager", "workload-high", 800),
    ("kube-scheduler", "workload-high", 800),
    ("kube-system-service-accounts", "workload-high", 900),
    ("service-accounts", "workload-low", 9000),
    ("global-default", "global-default", 9900),
    ("catch-all", "catch-all", 10_000),
];

/// Priority levels with their shares; none for the one that is exempt.
const LEVELS: [(&str, Option<i64>); 8] = [
    ("exempt", None),
    ("leader-election", Some(10)),
    ("workload-high", Some(40)),
    ("node-high", Some(40)),
    ("system", Some(30)),
    ("workload-low", Some(100)),
    ("global-default", Some(20)),
    ("catch-all", Some(5)),
];

/// Where leases are listed, if that is what is asked.
pub(super) fn resource(kind: &Kind) -> Option<String> {
    let lease = &*kind.group == "coordination.k8s.io" && &*kind.kind == "Lease";
    lease.then(|| "coordination.k8s.io/v1/leases".to_owned())
}

/// Adds them.
pub(crate) fn add(world: &mut World) {
    for (name, level, precedence) in FLOWS {
        world.add(node!({
            "apiVersion": "flowcontrol.apiserver.k8s.io/v1",
            "kind": "FlowSchema",
            "metadata": (metadata("FlowSchema", "", name, AGE)),
            "spec": {
                "priorityLevelConfiguration": { "name": level },
                "matchingPrecedence": precedence,
            },
        }));
    }
    for (name, shares) in LEVELS {
        let spec = match shares {
            None => node!({ "type": "Exempt" }),
            Some(shares) => node!({
                "type": "Limited",
                "limited": { "nominalConcurrencyShares": shares },
            }),
        };
        world.add(node!({
            "apiVersion": "flowcontrol.apiserver.k8s.io/v1",
            "kind": "PriorityLevelConfiguration",
            "metadata": (metadata("PriorityLevelConfiguration", "", name, AGE)),
            "spec": spec,
        }));
    }
    for (index, name) in NODES.iter().enumerate() {
        world.add(lease("kube-node-lease", name, 40, false));
        if index < CONTROL_PLANE {
            let name = format!("apiserver-{}", hex(26, &["apiserver", name]));
            world.add(lease("kube-system", &name, 3600, true));
        }
    }
}

/// A lease that its holder renewed a few seconds ago.
fn lease(namespace: &str, name: &str, seconds: i64, server: bool) -> Node {
    let labels = node!({ "labels": { "apiserver.kubernetes.io/identity": "kube-apiserver" } });
    let own = metadata("Lease", namespace, name, AGE);
    node!({
        "apiVersion": "coordination.k8s.io/v1",
        "kind": "Lease",
        "metadata": (if server { merge(own, &labels) } else { own }),
        "spec": {
            "holderIdentity": name,
            "leaseDurationSeconds": seconds,
            "renewTime": (time(NOW - draw(9, &["renewed", name]))),
        },
    })
}
