//! A resource as the server serves it: where to list it and what its objects are called.

use std::fmt::Write as _;

use crate::model::kinds::{Builtin, Kind};
use crate::model::naming::{is_group, is_label};

/// One resource of one version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ApiResource {
    /// Kind with group.
    pub kind: Kind,
    /// Version served and used.
    pub version: String,
    /// Name in URLs.
    pub plural: String,
    /// Whether its objects live in namespaces.
    pub namespaced: bool,
    /// Whether the server offers to watch it.
    pub watchable: bool,
}

impl ApiResource {
    /// Where a built-in kind is expected when discovery does not say.
    pub(super) fn assumed(builtin: &Builtin) -> Self {
        Self {
            kind: builtin.kind(),
            version: builtin.version.to_owned(),
            plural: builtin.plural.to_owned(),
            namespaced: builtin.namespaced,
            watchable: true,
        }
    }

    /// Whether its names are such that they can only be names: they become parts of the paths that
    /// are asked for, and whoever chose them must not choose the path.
    pub(super) fn is_sound(&self) -> bool {
        let (group, version) = (&*self.kind.group, &*self.version);
        (group.is_empty() || is_group(group))
            && is_label(version)
            && is_label(&self.plural)
            && is_label(&self.kind.kind.to_ascii_lowercase())
    }

    /// `apps/v1`, or `v1`.
    pub(super) fn api_version(&self) -> String {
        if self.kind.group.is_empty() {
            self.version.clone()
        } else {
            format!("{}/{}", self.kind.group, self.version)
        }
    }

    /// `apps/v1/deployments`, as reads name it.
    pub(super) fn resource(&self) -> String {
        format!("{}/{}", self.api_version(), self.plural)
    }

    /// `deployments.apps`, as messages and rights name it.
    pub(super) fn words(&self) -> String {
        if self.kind.group.is_empty() {
            self.plural.clone()
        } else {
            format!("{}.{}", self.plural, self.kind.group)
        }
    }

    /// Whether these are Leases, each of which changes every few seconds.
    pub(super) fn is_lease(&self) -> bool {
        &*self.kind.group == "coordination.k8s.io" && &*self.kind.kind == "Lease"
    }

    /// Whether these are Secrets, of which only metadata may be asked.
    pub(super) fn is_secret(&self) -> bool {
        self.kind.group.is_empty() && &*self.kind.kind == "Secret"
    }

    /// The path of the list, in one namespace or in the whole cluster. What may not be asked for is held up
    /// at the gate.
    pub(super) fn path(&self, namespace: Option<&str>) -> String {
        let mut path = match &*self.kind.group {
            "" => "/api/".to_owned(),
            group => format!("/apis/{}/", escape(group)),
        };
        path.push_str(&escape(&self.version));
        if let Some(namespace) = namespace.filter(|_| self.namespaced) {
            path.push_str("/namespaces/");
            path.push_str(&escape(namespace));
        }
        path.push('/');
        path.push_str(&escape(&self.plural));
        path
    }
}

/// Percent-encodes a value for a path segment or query.
pub(super) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            // Writing into a String cannot fail.
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::kinds::lookup;

    #[test]
    fn names_that_would_lead_elsewhere_are_none() {
        let target = |group: &str, version: &str, plural: &str, kind: &str| ApiResource {
            kind: Kind::new(group, kind),
            version: version.to_owned(),
            plural: plural.to_owned(),
            namespaced: true,
            watchable: true,
        };
        assert!(target("", "v1", "pods", "Pod").is_sound());
        assert!(target("a-b.example.invalid", "v1beta1", "things", "Thing").is_sound());
        for odd in [
            target("x", "v1", "../../../../api/v1/secrets", "Thing"),
            target("../x", "v1", "things", "Thing"),
            target("x..y", "v1", "things", "Thing"),
            target("x", "v1/../..", "things", "Thing"),
            target("x", "", "things", "Thing"),
            target("x", "v1", "secrets?x=", "Thing"),
            target("x", "v1", "%2e%2e", "Thing"),
            target("x", "v1", "..", "Thing"),
            target("x", "v1", "things", "a/b"),
            target("x", "v1", &"x".repeat(64), "Thing"),
        ] {
            assert!(!odd.is_sound(), "{odd:?}");
        }
    }

    #[test]
    fn paths_are_those_of_the_api() {
        let pods = ApiResource::assumed(lookup("pods").unwrap());
        assert_eq!(pods.path(None), "/api/v1/pods");
        assert_eq!(pods.path(Some("a/b")), "/api/v1/namespaces/a%2Fb/pods");
        let roles = ApiResource::assumed(lookup("clusterroles").unwrap());
        assert_eq!(roles.path(Some("x")), "/apis/rbac.authorization.k8s.io/v1/clusterroles");
        assert_eq!(roles.words(), "clusterroles.rbac.authorization.k8s.io");
    }
}
