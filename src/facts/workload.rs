//! The pod inside a workload: its spec, its metadata, its containers.

use crate::model::node::Node;
use crate::model::object::Object;

static NOTHING: Node = Node::Null;

/// The lists of a pod spec that hold containers.
pub(crate) const CONTAINER_LISTS: [&str; 3] =
    ["initContainers", "containers", "ephemeralContainers"];

/// A pod, or the template of a workload.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Workload<'a> {
    /// The object it was read from.
    pub(crate) object: &'a Object,
    /// The pod spec; null when the object has none.
    pub(crate) spec: &'a Node,
    /// Metadata of the pod or the template.
    pub(crate) metadata: &'a Node,
}

impl<'a> Workload<'a> {
    /// The pod of this object, for workload kinds. One without a pod spec counts as an empty one.
    pub(crate) fn of(object: &'a Object) -> Option<Self> {
        let path = object.builtin()?.pod_spec;
        let (_, parent) = path.split_last()?;
        let body: &Node = object.body();
        let outer = body.at(parent).unwrap_or(&NOTHING);
        Some(Self {
            object,
            spec: outer.get("spec").unwrap_or(&NOTHING),
            metadata: outer.get("metadata").unwrap_or(&NOTHING),
        })
    }

    /// Whether it is a pod rather than a template.
    pub(crate) fn is_pod(&self) -> bool {
        &*self.object.id.kind == "Pod"
    }

    /// Whether it is a pod that has run to its end.
    pub(crate) fn is_finished(&self) -> bool {
        self.is_pod() && matches!(self.object.phase.as_deref(), Some("Succeeded" | "Failed"))
    }

    /// The account it runs as: `serviceAccountName`, else the deprecated `serviceAccount`, else
    /// `default`, as the admission plugin of the API server fills it in.
    pub(crate) fn account(&self) -> &'a str {
        let field = |name| self.spec.str_at(&[name]).filter(|text| !text.is_empty());
        field("serviceAccountName").or_else(|| field("serviceAccount")).unwrap_or("default")
    }

    /// Whether it shares the node's network.
    pub(crate) fn host_network(&self) -> bool {
        self.spec.get("hostNetwork").and_then(Node::as_bool).unwrap_or(false)
    }

    /// Labels by which selectors see it.
    pub(crate) fn labels(&self) -> &'a Node {
        self.metadata.get("labels").unwrap_or(&NOTHING)
    }

    /// Every container of every list.
    pub(crate) fn containers(&self) -> impl Iterator<Item = &'a Node> + use<'a> {
        let spec = self.spec;
        CONTAINER_LISTS.into_iter().flat_map(move |list| spec.list_at(&[list]))
    }
}
