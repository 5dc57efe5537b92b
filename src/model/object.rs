//! One Kubernetes API object.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::kinds::{Builtin, Kind};
use super::node::Node;

/// Names an object: kind, namespace and name.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ObjectRef {
    /// `apps/v1`.
    pub api_version: Box<str>,
    /// `Deployment`.
    pub kind: Box<str>,
    /// None for cluster-scoped objects.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub namespace: Option<Box<str>>,
    /// The object's name.
    pub name: Box<str>,
}

impl ObjectRef {
    /// Kind with group, without version.
    #[must_use]
    pub fn group_kind(&self) -> Kind {
        Kind::of(&self.api_version, &self.kind)
    }
}

impl fmt::Display for ObjectRef {
    /// `Deployment/pay/web`, `ClusterRole/admin`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.namespace {
            Some(namespace) => write!(f, "{}/{}/{}", self.kind, namespace, self.name),
            None => write!(f, "{}/{}", self.kind, self.name),
        }
    }
}

/// An owner reference of an object.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OwnerRef {
    /// `apps/v1`.
    pub api_version: Box<str>,
    /// `ReplicaSet`.
    pub kind: Box<str>,
    /// The owner's name, in the same namespace or cluster-scoped.
    pub name: Box<str>,
    /// Whether it is the managing controller.
    #[serde(default)]
    pub controller: bool,
}

/// Where in a file an object was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileOrigin {
    /// Path as given by the user, `-` for stdin.
    pub file: Arc<str>,
    /// Line of every field of the document.
    pub lines: Arc<super::lines::LineIndex>,
}

/// One object of an inventory: a row of what lists need, and its body.
#[derive(Clone, Debug, PartialEq)]
pub struct Object {
    /// What it is called.
    pub id: ObjectRef,
    /// uid, empty when the source gives none. Only to tell a replaced object from a changed one.
    pub uid: Box<str>,
    /// Resource version, empty when the source gives none.
    pub version: Box<str>,
    /// Owners as stored.
    pub owners: Vec<OwnerRef>,
    /// RFC 3339 creation time, empty when unknown.
    pub created: Box<str>,
    /// `status.phase` where there is one.
    pub phase: Option<Box<str>>,
    /// Where it stands in a file, for source `files`.
    pub origin: Option<FileOrigin>,
    /// What is known of its kind, if that is built in.
    builtin: Option<&'static Builtin>,
    body: Arc<Node>,
}

/// Why a tree is no object.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotAnObject {
    /// The document is a list or a scalar.
    #[error("expected a Kubernetes object, found {0}")]
    NotAMap(&'static str),
    /// A required field is missing or no string.
    #[error("the object has no `{0}`")]
    Missing(&'static str),
}

impl Object {
    /// Reads the row out of a tree. `apiVersion` and `kind` must be present in the tree.
    ///
    /// # Errors
    /// When the tree lacks what every object has.
    pub fn new(body: Node) -> Result<Self, NotAnObject> {
        if body.as_map().is_none() {
            return Err(NotAnObject::NotAMap(match body {
                Node::Null => "nothing",
                Node::List(_) => "a list",
                _ => "a plain value",
            }));
        }
        let text = |keys: &[&str]| body.str_at(keys).filter(|s| !s.is_empty());
        let api_version = text(&["apiVersion"]).ok_or(NotAnObject::Missing("apiVersion"))?;
        let kind = text(&["kind"]).ok_or(NotAnObject::Missing("kind"))?;
        let name = text(&["metadata", "name"]).or_else(|| text(&["metadata", "generateName"]));
        let name = name.ok_or(NotAnObject::Missing("metadata.name"))?;
        let builtin = Kind::of(api_version, kind).builtin();
        let namespace = match (text(&["metadata", "namespace"]), builtin) {
            (_, Some(b)) if !b.namespaced => None,
            (None, Some(_)) => Some("default"),
            (given, _) => given,
        };
        let id = ObjectRef {
            api_version: api_version.into(),
            kind: kind.into(),
            namespace: namespace.map(Into::into),
            name: name.into(),
        };
        let owned = |keys: &[&str]| text(keys).unwrap_or_default().into();
        Ok(Self {
            id,
            uid: owned(&["metadata", "uid"]),
            version: owned(&["metadata", "resourceVersion"]),
            created: owned(&["metadata", "creationTimestamp"]),
            phase: text(&["status", "phase"]).map(Into::into),
            owners: body
                .list_at(&["metadata", "ownerReferences"])
                .iter()
                .filter_map(owner)
                .collect(),
            origin: None,
            builtin,
            body: Arc::new(body),
        })
    }

    /// The object's tree.
    #[must_use]
    pub fn body(&self) -> &Arc<Node> {
        &self.body
    }

    /// Kind with group.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.id.group_kind()
    }

    /// What is known of its kind, if that is built in.
    #[must_use]
    pub fn builtin(&self) -> Option<&'static Builtin> {
        self.builtin
    }

    /// Whether it is of a kind, told without making the kind's name.
    #[must_use]
    pub fn is(&self, kind: &Kind) -> bool {
        kind.is_of(&self.id.api_version, &self.id.kind)
    }

    /// Namespace, empty for cluster-scoped objects.
    #[must_use]
    pub fn namespace(&self) -> &str {
        self.id.namespace.as_deref().unwrap_or_default()
    }

    /// The owner that manages it, if any.
    #[must_use]
    pub fn controller(&self) -> Option<&OwnerRef> {
        self.owners.iter().find(|o| o.controller)
    }

    /// A label's value.
    #[must_use]
    pub fn label(&self, key: &str) -> Option<&str> {
        self.body.str_at(&["metadata", "labels", key])
    }

    /// An annotation's value.
    #[must_use]
    pub fn annotation(&self, key: &str) -> Option<&str> {
        self.body.str_at(&["metadata", "annotations", key])
    }

    /// The pod spec and where it stands, for workload kinds.
    #[must_use]
    pub fn pod_spec(&self) -> Option<(&'static [&'static str], &Node)> {
        let path = self.builtin?.pod_spec;
        if path.is_empty() {
            return None;
        }
        Some((path, self.body.at(path)?))
    }

    /// Whether this is a mirror of a static pod: kept by a kubelet, not by the API server.
    #[must_use]
    pub fn is_mirror_pod(&self) -> bool {
        &*self.id.kind == "Pod" && self.annotation("kubernetes.io/config.mirror").is_some()
    }
}

fn owner(node: &Node) -> Option<OwnerRef> {
    Some(OwnerRef {
        api_version: node.str_at(&["apiVersion"])?.into(),
        kind: node.str_at(&["kind"])?.into(),
        name: node.str_at(&["name"])?.into(),
        controller: node.get("controller").and_then(Node::as_bool).unwrap_or(false),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(json: &str) -> Result<Object, NotAnObject> {
        Object::new(Node::from_json(json.as_bytes()).unwrap())
    }

    #[test]
    fn a_cluster_scoped_kind_has_no_namespace_and_a_namespaced_one_defaults() {
        let role = parse(
            r#"{"apiVersion":"rbac.authorization.k8s.io/v1","kind":"ClusterRole","metadata":{"name":"a","namespace":"x"}}"#,
        );
        assert_eq!(role.unwrap().id.to_string(), "ClusterRole/a");
        let pod = parse(r#"{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a"}}"#).unwrap();
        assert_eq!(pod.id.to_string(), "Pod/default/a");
    }

    #[test]
    fn says_what_is_missing() {
        assert_eq!(
            parse(r#"{"kind":"Pod"}"#).unwrap_err().to_string(),
            "the object has no `apiVersion`"
        );
        assert_eq!(
            parse("[]").unwrap_err().to_string(),
            "expected a Kubernetes object, found a list"
        );
    }
}
