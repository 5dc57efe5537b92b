//! What is being built: the objects so far, and which addresses are taken.

use std::sync::Arc;

use crate::model::node::Node;
use crate::model::object::Object;

/// Names of the nodes: three of the control plane, then six workers.
pub(crate) const NODES: [&str; 9] = [
    "cp-1", "cp-2", "cp-3", "worker-1", "worker-2", "worker-3", "worker-4", "worker-5", "worker-6",
];
/// How many of them belong to the control plane.
pub(crate) const CONTROL_PLANE: usize = 3;

/// The objects of the demo.
#[derive(Default)]
pub(crate) struct World {
    objects: Vec<Arc<Object>>,
    pods: [u32; NODES.len()],
    services: u32,
}

impl World {
    /// Adds an object.
    pub(crate) fn add(&mut self, body: Node) {
        let object = Object::new(body);
        let object = object.expect("every body made here has apiVersion, kind and a name");
        self.objects.push(Arc::new(object));
    }

    /// Everything that was added.
    pub(crate) fn into_objects(self) -> Vec<Arc<Object>> {
        self.objects
    }

    /// A fresh address for a pod on a node; the node's own for the host's network.
    pub(crate) fn address(&mut self, node: usize, host: bool) -> String {
        if host {
            return node_address(node);
        }
        let taken = self.pods.get_mut(node).map_or(0, |taken| {
            *taken += 1;
            *taken
        });
        format!("10.244.{node}.{}", taken + 9)
    }

    /// A fresh address for a service.
    pub(crate) fn service_address(&mut self) -> String {
        self.services += 1;
        format!("10.96.{}.{}", 16 + self.services / 200, 10 + self.services % 200)
    }
}

/// The name of a node.
pub(crate) fn node_name(node: usize) -> &'static str {
    NODES.get(node).copied().unwrap_or(NODES[0])
}

/// The address of a node in the machine network.
pub(crate) fn node_address(node: usize) -> String {
    format!("10.20.0.{}", 11 + node)
}
