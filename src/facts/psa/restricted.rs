//! The checks that level restricted adds.

use super::baseline::{bad_profile, proc_mount, profile_type};
use super::{Check, Level, Pod, Violations};
use crate::model::node::Node;
use crate::model::path::FieldPath;

macro_rules! check {
    ($id:literal, [$($from:literal => $rule:expr),+] $(, over $over:literal)?) => {
        Check {
            id: $id,
            level: Level::Restricted,
            versions: &[$(($from, $rule)),+],
            overrides: &[$($over)?],
        }
    };
}

/// All of them, by id.
pub(super) const CHECKS: &[Check] = &[
    check!("allowPrivilegeEscalation", [8 => escalation, 25 => |p, out| on_linux(p, out, escalation)]),
    check!("capabilities_restricted",
        [22 => capabilities, 25 => |p, out| on_linux(p, out, capabilities)], over "capabilities_baseline"),
    check!("procMount_restricted", [35 => proc_mount], over "procMount"),
    check!("restrictedVolumes", [0 => volumes], over "hostPathVolumes"),
    check!("runAsNonRoot", [0 => non_root, 35 => |p, out| as_host_user(p, out, non_root)]),
    check!("runAsUser", [23 => user_zero, 35 => |p, out| as_host_user(p, out, user_zero)]),
    check!("seccompProfile_restricted",
        [19 => seccomp, 25 => |p, out| on_linux(p, out, seccomp)], over "seccompProfile_baseline"),
];

/// The volume sources that are allowed.
pub(super) const VOLUMES: [&str; 9] = [
    "configMap",
    "csi",
    "downwardAPI",
    "emptyDir",
    "ephemeral",
    "image",
    "persistentVolumeClaim",
    "projected",
    "secret",
];

fn on_linux(pod: &Pod<'_>, out: &mut Violations, rule: fn(&Pod<'_>, &mut Violations)) {
    if !pod.is_windows() {
        rule(pod, out);
    }
}

fn as_host_user(pod: &Pod<'_>, out: &mut Violations, rule: fn(&Pod<'_>, &mut Violations)) {
    if !pod.has_user_namespace() {
        rule(pod, out);
    }
}

fn escalation(pod: &Pod<'_>, out: &mut Violations) {
    for container in &pod.containers {
        let allowed = container.security("allowPrivilegeEscalation").and_then(Node::as_bool);
        if allowed != Some(false) {
            out.security(container, "allowPrivilegeEscalation");
        }
    }
}

fn capabilities(pod: &Pod<'_>, out: &mut Violations) {
    for container in &pod.containers {
        let list = |field| {
            container.security("capabilities").map(|c| c.list_at(&[field])).unwrap_or_default()
        };
        let path = container.path.field("securityContext").field("capabilities");
        if !list("drop").iter().any(|item| item.as_str() == Some("ALL")) {
            out.container(container, path.field("drop"));
        }
        if list("add").iter().any(|item| item.as_str() != Some("NET_BIND_SERVICE")) {
            out.container(container, path.field("add"));
        }
    }
}

/// A volume with only a name is an emptyDir, by the API server's default. A source that is not
/// known is not allowed.
fn volumes(pod: &Pod<'_>, out: &mut Violations) {
    for (at, volume) in pod.spec.list_at(&["volumes"]).iter().enumerate() {
        let keys = volume.as_map().into_iter().flat_map(crate::model::node::Map::iter);
        for (key, _) in keys.filter(|(key, _)| *key != "name" && !VOLUMES.contains(key)) {
            out.spec(FieldPath::default().field("volumes").index(at).field(key));
        }
    }
}

/// `runAsUser` is not looked at, and Windows is not exempt.
fn non_root(pod: &Pod<'_>, out: &mut Violations) {
    let by_pod = pod.security("runAsNonRoot").and_then(Node::as_bool);
    if by_pod == Some(false) {
        out.pod_security("runAsNonRoot");
    }
    for container in &pod.containers {
        let own = container.security("runAsNonRoot").and_then(Node::as_bool);
        if own.or(by_pod) != Some(true) {
            out.security(container, "runAsNonRoot");
        }
    }
}

fn user_zero(pod: &Pod<'_>, out: &mut Violations) {
    let is_zero = |node: Option<&Node>| node.and_then(Node::as_int) == Some(0);
    if is_zero(pod.security("runAsUser")) {
        out.pod_security("runAsUser");
    }
    for container in &pod.containers {
        if is_zero(container.security("runAsUser")) {
            out.security(container, "runAsUser");
        }
    }
}

fn seccomp(pod: &Pod<'_>, out: &mut Violations) {
    let by_pod = pod.security("seccompProfile");
    if bad_profile(by_pod) {
        out.spec(profile_type("seccompProfile"));
    }
    for container in &pod.containers {
        let effective = container.security("seccompProfile").or(by_pod);
        if effective.is_none() || bad_profile(effective) {
            out.container(container, container.path.join(&profile_type("seccompProfile")));
        }
    }
}
